//! The locations of a behaviour: the sink, the source, and the names on the data flow between them.

use super::facts::Trigger;
use crate::code::reading::Reading;
use crate::code::tree::NodeId;
use crate::decode::View;
use crate::detect::piece;
use crate::model::{Location, LocationRole};

/// How much text a location shows.
const EXCERPT: usize = 160;
/// How much text a name on the data flow shows.
const NAME: usize = 48;
/// How many names of the data flow are kept.
const NAMES: usize = 8;

/// The locations, the strongest sink first, and the data flow to it.
pub(super) fn of(reading: &Reading, view: &View<'_>, shown: &[Trigger]) -> (Vec<Location>, Vec<String>) {
    // What is no event has no data flow.
    if let Some(first) = shown.first().filter(|first| !matches!(first, Trigger::Event(_))) {
        let range = first.range(reading).unwrap_or(0..0);
        return (vec![piece(view, range, EXCERPT, Some(LocationRole::Sink))], Vec::new());
    }
    let events: Vec<_> = shown.iter().filter_map(|trigger| trigger.event(reading)).collect();
    let Some(first) = events.first() else { return (Vec::new(), Vec::new()) };
    let mut locations = vec![node(reading, view, first.node, LocationRole::Sink)];
    let mut path = Vec::new();
    let step = first.main.step.or(first.second.step);
    let flow = reading.data_flow(step);
    for (number, step) in flow.iter().enumerate() {
        let role = if number == 0 { LocationRole::Source } else { LocationRole::Step };
        if locations.len() < 6 {
            let next = node(reading, view, step.node, role);
            if !locations.iter().any(|known| known.offset == next.offset && known.excerpt == next.excerpt) {
                locations.push(next);
            }
        }
        let name = match step.var {
            Some(var) => reading.tree.vars.get(var as usize).map(|var| reading.interner.name(var.symbol)),
            None => None,
        };
        let name = match name {
            Some(name) => shorten(name),
            None => text(reading, view, step.node),
        };
        if path.last() != Some(&name) && path.len() < NAMES && !name.is_empty() {
            path.push(name);
        }
    }
    if !path.is_empty() {
        let callee = reading.callee(first);
        let sink = if callee.is_empty() { text(reading, view, first.node) } else { shorten(callee) };
        if path.last() != Some(&sink) {
            path.push(sink);
        }
    }
    for event in &events[1..] {
        let next = node(reading, view, event.node, LocationRole::Sink);
        if !locations.iter().any(|known| known.offset == next.offset) {
            locations.push(next);
        }
    }
    (locations, path)
}

/// The data flow to the strongest sink and that sink, as places in the view; empty where there is no flow.
pub(super) fn data_flow(reading: &Reading, shown: &[Trigger]) -> Vec<usize> {
    let Some(event) = shown.first().and_then(|first| first.event(reading)) else { return Vec::new() };
    let step = event.main.step.or(event.second.step);
    let flow = reading.data_flow(step);
    let sink = (!flow.is_empty()).then_some(event.node);
    flow.iter().map(|step| step.node).chain(sink).map(|node| reading.range(node).start).collect()
}

fn node(reading: &Reading, view: &View<'_>, node: NodeId, role: LocationRole) -> Location {
    piece(view, reading.range(node), EXCERPT, Some(role))
}

/// The text of a node, blanks drawn together.
fn text(reading: &Reading, view: &View<'_>, node: NodeId) -> String {
    let range = reading.range(node);
    let bytes = view.bytes.get(range.start..range.end.min(range.start + 4 * NAME)).unwrap_or_default();
    shorten(bytes)
}

fn shorten(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * NAME)]);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(NAME) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
