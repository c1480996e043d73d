//! Facts of a server from its registry hives: [`software`] and [`system`]. What is not there is empty; nothing is guessed.
//!
//! Texts are the attacker's where the hive is: they are cut to [`MAX_TEXT`] characters, and lists to [`MAX_LIST`] entries, which
//! becomes one of the hive's problems.

mod software;
mod system;

use crate::{Hive, Key, ValueData};

pub use software::{Exchange, Exclusion, ExclusionKind, ExclusionSource, Iis, Product, Software, Windows, software};
pub use system::{Device, Mounted, System, TimeZone, system};

/// Characters that are kept of a text: the longest path that Windows allows.
pub const MAX_TEXT: usize = 32_767;
/// Entries that are kept of a list.
pub const MAX_LIST: usize = 10_000;

/// A text that is not empty, without control characters and blanks around it.
fn text(key: Key<'_>, name: &str) -> Option<String> {
    match key.value(name)?.data() {
        ValueData::Text(text) | ValueData::Expand(text) => clean(&text),
        _ => None,
    }
}

fn clean(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(key: Key<'_>, name: &str) -> Option<u32> {
    u32::try_from(key.value(name)?.data().number()?).ok()
}

/// Adds to a list, which has an end.
fn push<T>(hive: &Hive, list: &mut Vec<T>, entry: T, what: &str) {
    if list.len() < MAX_LIST {
        list.push(entry);
    } else {
        hive.report(&format!("more than {MAX_LIST} {what}: the rest is omitted"));
    }
}
