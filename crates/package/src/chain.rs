//! The hash chain of a JSONL output. Each line ends with `,"chain":"HEX"}}`: SHA-256 over the chain value of the line before (64
//! lower-case hexadecimal digits; 64 zeros before the first line) followed by this line without `,"chain":"HEX"` and without its line
//! break. Text alone is compared, so a check needs no JSON parser that keeps spelling and order.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, Read};

/// The chain value before the first line.
const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What stands before and after the value at the end of a line.
const HEAD: &[u8] = br#","chain":""#;
const TAIL: &[u8] = br#""}}"#;
/// Hexadecimal digits of a value.
const DIGITS: usize = 64;
/// The longest line that is read, in bytes, as for every reader of the output.
const LONGEST: u64 = 16 << 20;

/// Links lines, in the order in which they are written.
#[derive(Clone, Debug)]
pub struct Chain {
    value: String,
    lines: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self { value: START.to_owned(), lines: 0 }
    }
}

impl Chain {
    /// The number of the next line, from 1.
    pub fn next_number(&self) -> u64 {
        self.lines.saturating_add(1)
    }

    /// The value of the last line.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Adds the value to a line: a JSON object whose last member is an object (`...}}`), without a line break.
    pub fn link(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        if !line.ends_with(b"}}") {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the line is not a record"));
        }
        self.value = next(&self.value, &[line]);
        self.lines = self.lines.saturating_add(1);
        line.truncate(line.len() - 2);
        line.extend_from_slice(HEAD);
        line.extend_from_slice(self.value.as_bytes());
        line.extend_from_slice(TAIL);
        Ok(())
    }
}

/// The value of a line that is in these parts.
fn next(before: &str, line: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(before);
    line.iter().for_each(|part| hasher.update(part));
    hex::encode(hasher.finalize())
}

/// A line without its value, in two parts, and the value.
fn split(line: &[u8]) -> Option<(&[u8], &str)> {
    let rest = line.strip_suffix(TAIL)?;
    let (rest, value) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let value = std::str::from_utf8(value).ok().filter(|value| value.bytes().all(|byte| is_digit(&byte)))?;
    Some((rest.strip_suffix(HEAD)?, value))
}

/// What a check of a chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainCheck {
    /// Lines, empty ones too: nobody but a later hand writes one.
    pub lines: u64,
    /// Lines that have a chain value.
    pub linked: u64,
    /// What does not fit, in words, the first ones; a fault of the chain is named at the first line that shows it.
    pub faults: Vec<String>,
    /// Whether the last line is the record of the end of a run, and of as many lines as there are.
    pub is_ended: bool,
    /// The value of the last line; empty without any.
    pub value: String,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Outline {
    event: Event,
    shellsift: Own,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    sequence: Option<u64>,
}

#[derive(Deserialize)]
struct Own {
    #[serde(default)]
    record: String,
}

/// Reads an output and checks its chain, line by line. Errors only where it cannot be read.
pub fn check_chain(mut input: impl BufRead) -> io::Result<ChainCheck> {
    let mut check = ChainCheck::default();
    let mut value = START.to_owned();
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        if (&mut input).take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(check);
        }
        number = number.saturating_add(1);
        let is_whole = line.pop_if(|byte| *byte == b'\n').is_some();
        if line.len() as u64 >= LONGEST && !is_whole {
            check.fault(format!("line {number}: longer than {} MiB", LONGEST >> 20));
            return Ok(check);
        }
        check.lines = check.lines.saturating_add(1);
        check.is_ended = false;
        let Some((body, found)) = split(&line) else {
            if check.linked > 0 {
                check.fault(match is_whole {
                    true => format!("line {number}: has no chain value"),
                    false => format!("line {number}: is cut"),
                });
            }
            continue;
        };
        if check.linked == 0 && check.lines > 1 {
            check.fault(format!("line {number}: is the first with a chain value"));
        }
        check.linked = check.linked.saturating_add(1);
        if next(&value, &[body, b"}}"]) != found {
            check.fault(format!("line {number}: this line or the one before it was changed, removed, added or moved"));
        }
        value = found.to_owned();
        found.clone_into(&mut check.value);
        match serde_json::from_slice::<Outline>(&line) {
            Ok(outline) => {
                if outline.event.sequence != Some(check.lines) {
                    check.fault(format!("line {number}: event.sequence is not {}", check.lines));
                }
                check.is_ended = outline.shellsift.record == "scan_end" && is_whole;
            }
            Err(_) => check.fault(format!("line {number}: is not a record")),
        }
    }
}

impl ChainCheck {
    /// Keeps the first faults.
    fn fault(&mut self, words: String) {
        if self.faults.len() < 20 {
            self.faults.push(words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64, kind: &str, text: &str) -> Vec<u8> {
        let text = serde_json::to_string(text).expect("JSON");
        format!(r#"{{"message":{text},"event":{{"sequence":{number}}},"shellsift":{{"record":"{kind}"}}}}"#).into()
    }

    /// Three records, one with a text that looks like a chain value.
    fn output() -> Vec<Vec<u8>> {
        let mut chain = Chain::default();
        let malicious = format!("\",\"chain\":\"{START}\"}}}}\n{{");
        let kinds = [("scan_start", "a"), ("finding", malicious.as_str()), ("scan_end", "z")];
        let lines = kinds.into_iter().map(|(kind, text)| {
            let mut line = record(chain.next_number(), kind, text);
            chain.link(&mut line).expect("linked");
            line
        });
        lines.collect()
    }

    fn check(lines: &[Vec<u8>]) -> ChainCheck {
        let mut text = lines.join(&b'\n');
        text.push(b'\n');
        check_chain(&text[..]).expect("read")
    }

    #[test]
    fn an_untouched_output_is_whole_and_its_values_can_be_computed_by_hand() {
        let lines = output();
        let whole = check(&lines);
        assert_eq!((whole.lines, whole.linked, whole.is_ended, whole.faults.len()), (3, 3, true, 0), "{whole:?}");
        let mut by_hand = Sha256::new();
        by_hand.update(START);
        by_hand.update(record(1, "scan_start", "a"));
        let first = hex::encode(by_hand.finalize());
        assert!(lines[0].ends_with(format!(r#","chain":"{first}"}}}}"#).as_bytes()));
        assert!(lines[2].ends_with(format!(r#","chain":"{}"}}}}"#, whole.value).as_bytes()));
        let json: serde_json::Value = serde_json::from_slice(&lines[0]).expect("JSON");
        assert_eq!(json["shellsift"]["chain"], first.as_str());
    }

    #[test]
    fn every_change_is_seen() {
        let lines = output();
        let changed = |from: &str, to: &str| {
            let mut lines = lines.clone();
            lines[1] = String::from_utf8(lines[1].clone()).expect("text").replace(from, to).into();
            check(&lines)
        };
        assert!(!changed("finding", "examined").faults.is_empty());
        assert!(!changed("\"sequence\":2", "\"sequence\": 2").faults.is_empty(), "not even a blank");
        let reordered = check(&[lines[1].clone(), lines[0].clone(), lines[2].clone()]);
        let removed = check(&[lines[0].clone(), lines[2].clone()]);
        let head_cut = check(&lines[1..]);
        let twice = check(&[lines[0].clone(), lines[1].clone(), lines[1].clone(), lines[2].clone()]);
        let added = check(&[lines.clone(), vec![record(4, "problem", "x")]].concat());
        let empty = check(&[lines[0].clone(), Vec::new(), lines[1].clone(), lines[2].clone()]);
        let empty_first = check(&[vec![Vec::new()], lines.clone()].concat());
        let empty_last = check(&[lines.clone(), vec![Vec::new()]].concat());
        for (what, check) in [
            ("moved", reordered),
            ("removed", removed),
            ("head", head_cut),
            ("twice", twice),
            ("added", added),
            ("an empty line", empty),
            ("an empty first line", empty_first),
            ("an empty last line", empty_last),
        ] {
            assert!(!check.faults.is_empty(), "{what}");
        }
    }

    #[test]
    fn a_cut_end_is_seen() {
        let lines = output();
        let cut = check(&lines[..2]);
        assert!(cut.faults.is_empty() && !cut.is_ended);
        let mut text = lines.join(&b'\n');
        assert!(!check_chain(&text[..]).expect("read").is_ended, "the last line break is missing");
        text.truncate(text.len() - 5);
        let cut = check_chain(&text[..]).expect("read");
        assert!(!cut.faults.is_empty() && !cut.is_ended);
    }

    #[test]
    fn an_output_without_a_chain_has_none_and_no_fault() {
        let plain = check(&[record(1, "scan_start", "a"), record(2, "scan_end", "b")]);
        assert_eq!((plain.lines, plain.linked, plain.faults.len()), (2, 0, 0));
        assert_eq!(check_chain(&b""[..]).expect("read"), ChainCheck::default());
        assert!(!check(&[record(1, "scan_start", "a"), output()[1].clone()]).faults.is_empty());
        assert!(check_chain(&[b'x'; 100][..]).expect("read").linked == 0);
    }
}
