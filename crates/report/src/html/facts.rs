//! Lists of names and values.

use crate::record::{Counted, Time};
use crate::text::grouped;
use serde::Serialize;

/// A name and its value.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    name: &'static str,
    value: String,
    /// What else there is to say of the value.
    note: String,
    /// Whether the value is to be copied: a hash.
    copy: bool,
}

/// Names and values, in order.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a value, unless it is empty.
    pub(super) fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.add_with(name, value, "");
    }

    /// Adds a value with a note.
    pub(super) fn add_with(&mut self, name: &'static str, value: impl Into<String>, note: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push(Fact { name, value, note: note.into(), copy: false });
        }
    }

    /// Adds a value to be copied.
    pub(super) fn add_hash(&mut self, name: &'static str, value: Option<&String>) {
        if let Some(value) = value {
            self.0.push(Fact { name, value: value.clone(), note: String::new(), copy: true });
        }
    }

    /// Adds a time with all the precision of its source.
    pub(super) fn add_time(&mut self, name: &'static str, time: Option<Time>) {
        if let Some(time) = time {
            self.add(name, time.to_string());
        }
    }
}

/// A time to the second, without the letters of RFC 3339; empty where there is none.
pub(super) fn short(time: Option<Time>) -> String {
    time.map(|time| short_text(&time.to_string())).unwrap_or_default()
}

/// The same of its text.
pub(super) fn short_text(time: &str) -> String {
    time.get(..19).unwrap_or(time).replace('T', " ")
}

/// A span of time; its beginning alone where it has no length.
pub(super) fn span(first: Option<Time>, last: Option<Time>) -> String {
    let (first, last) = (short(first), short(last));
    if last.is_empty() || first == last { first } else { format!("{first} to {last}") }
}

/// Counted values in a line: `POST (3), GET (1)`.
pub(super) fn counts(list: &[Counted], most: usize) -> String {
    let mut parts: Vec<String> =
        list.iter().take(most).map(|one| format!("{} ({})", one.value, grouped(one.count))).collect();
    if list.len() > most {
        parts.push(format!("and {} more", list.len() - most));
    }
    parts.join(", ")
}

/// A number of things: `1 file`, `3 files`.
pub(super) fn number(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A link, if it is one that a browser may be given: addresses of rules and actions can be of a user's rules or another run.
pub(super) fn link(address: &str) -> Option<String> {
    let safe = address.starts_with("https://") && address.len() <= 500 && !address.contains(char::is_whitespace);
    safe.then(|| address.to_owned())
}
