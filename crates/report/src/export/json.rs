//! JSON that is written piece by piece, and that shows what it holds: whatever cannot be seen is escaped, which changes no value.

use crate::text::is_printable;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Writes a value without line breaks.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Visible)).map_err(io::Error::other)?;
    out.write_all(&text)
}

/// Writes an object up to its end, so that further members can follow: `{"a":1`.
pub(super) fn open(members: &Map<String, Value>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    members.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Visible)).map_err(io::Error::other)?;
    text.pop();
    out.write_all(&text)
}

/// An array of which each element is a line.
pub(super) struct List<'w> {
    out: &'w mut dyn Write,
    is_empty: bool,
}

impl<'w> List<'w> {
    /// Begins a further member of an open object: `,"name":[`.
    pub(super) fn member(name: &str, out: &'w mut dyn Write) -> io::Result<Self> {
        write!(out, ",\n\"{name}\":[")?;
        Ok(Self { out, is_empty: true })
    }

    /// Adds an element.
    pub(super) fn add(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        write(value, self.out)
    }

    /// Ends the array.
    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"]")
    }
}

/// The members of an object literal.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Adds a member, unless there is no value for it.
pub(super) fn set(to: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Value::Object(members), Some(value)) = (to, value) {
        members.insert(name.to_owned(), value.into());
    }
}

/// Controls, bidirectional and zero-width characters are written as `\u202e`.
struct Visible;

impl serde_json::ser::Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, mut text: &str) -> io::Result<()> {
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return out.write_all(text.as_bytes());
        }
        while let Some((at, hidden)) = text.char_indices().find(|(_, c)| !is_printable(*c)) {
            let (before, rest) = text.split_at(at);
            out.write_all(before.as_bytes())?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            text = rest.get(hidden.len_utf8()..).unwrap_or_default();
        }
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_stays_what_it_is() {
        let text = "a\u{202e}b\u{200b}\u{e0041}\"\\\u{7}ü\u{85}";
        let mut out = Vec::new();
        write(&text, &mut out).expect("memory");
        let written = String::from_utf8(out).expect("UTF-8");
        assert_eq!(written, "\"a\\u202eb\\u200b\\udb40\\udc41\\\"\\\\\\u0007ü\\u0085\"");
        assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), text);
    }
}
