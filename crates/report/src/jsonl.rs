//! The JSONL output: one JSON object per line, Elastic Common Schema names, own data below `shellsift`. Each record is
//! flushed, so a killed run loses at most the record in flight. Described in docs/output.md, with its schema in
//! docs/schema/.

use super::Format;
use super::record::Record;
use serde::Serialize;
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "jsonl",
    extension: "jsonl",
    about: "one JSON object per line with Elastic Common Schema names, written as findings are made",
    findings_only: false,
    write: None,
};

/// Writes a record as one line.
pub fn write_record(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    write_line(record_line(record)?, out)
}

/// A record as a line, without a line break.
pub fn record_line(record: &Record) -> io::Result<Vec<u8>> {
    json_line(record)
}

/// A value as JSON in one line, whatever a reader takes for the end of a line, without a line break.
pub(super) fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut line, OneLine)).map_err(io::Error::other)?;
    Ok(line)
}

/// Writes a line and its break, and flushes it.
pub fn write_line(mut line: Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// JSON in which nothing is left that any reader takes for the end of a line: NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR, which
/// JSON allows as they are, are escaped too.
struct OneLine;

impl serde_json::ser::Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, mut text: &str) -> io::Result<()> {
        while let Some(at) = text.find(['\u{85}', '\u{2028}', '\u{2029}']) {
            let (before, rest) = text.split_at(at);
            let end = rest.chars().next().unwrap_or_default();
            write!(out, "{before}\\u{:04x}", u32::from(end))?;
            text = &rest[end.len_utf8()..];
        }
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chain is added to the text of a line: there the value has to be what a reader of records takes for it.
    #[test]
    fn a_chain_value_is_the_last_member_of_a_line() {
        let end = format!(",\"chain\":\"{}\"}}}}", "a".repeat(64));
        for record in crate::recorder::tests::records() {
            let mut record: Record = serde_json::from_value(record).expect("a record");
            record.number(7);
            let plain = record_line(&record).expect("a line");
            assert!(plain.ends_with(b"}}"));
            let linked = [&plain[..plain.len() - 2], end.as_bytes()].concat();
            let read: Record = serde_json::from_slice(&linked).expect("a record");
            assert_eq!(read.shellsift.chain, Some("a".repeat(64)));
            assert_eq!((read.event.sequence, record_line(&read).expect("a line")), (Some(7), linked));
        }
    }
}
