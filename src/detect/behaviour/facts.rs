//! What the behaviours ask of a page that was read.

use crate::code::flow::Event;
use crate::code::flow::value::{Constant, Traits};
use crate::code::know::{Act, Types};
use crate::code::reading::Reading;

/// A page, and its uses of capabilities.
pub struct Facts<'r> {
    /// The page.
    pub reading: &'r Reading,
    /// The text it was read from.
    pub text: &'r [u8],
}

/// What shows a behaviour: places in the events of the page, the strongest first. Empty if it is not there.
pub type Shown = Vec<usize>;

/// How many places are shown.
pub const MOST_SHOWN: usize = 4;

impl<'r> Facts<'r> {
    /// All events.
    pub fn events(&self) -> &'r [Event] {
        &self.reading.flow.events
    }

    /// The places of events of these kinds for which something holds.
    pub fn where_(&self, acts: &[Act], holds: impl Fn(&Event) -> bool) -> Shown {
        let events = self.events().iter().enumerate();
        let found = events.filter(|(_, event)| acts.contains(&event.act) && holds(event)).map(|(at, _)| at);
        found.take(MOST_SHOWN).collect()
    }

    /// Whether there is such an event.
    pub fn any(&self, acts: &[Act], holds: impl Fn(&Event) -> bool) -> bool {
        self.events().iter().any(|event| acts.contains(&event.act) && holds(event))
    }

    /// The constant text of what matters most in an event.
    pub fn constant(&self, event: &Event) -> Option<&'r [u8]> {
        match event.main.constant {
            Constant::Text(text) => Some(self.reading.flow.texts.bytes(text)),
            _ => None,
        }
    }

    /// Whether what matters most is request data.
    pub fn is_data(event: &Event) -> bool {
        event.main.traits.has(Traits::DATA)
    }

    /// Whether request data, or bytes made of it, are what matters most.
    pub fn is_bytes(event: &Event) -> bool {
        event.main.traits.has(Traits::DATA.and(Traits::NUMBER))
    }

    /// Whether the object of an event is of a kind.
    pub fn own(event: &Event, types: Types) -> bool {
        event.own.meets(types)
    }
}
