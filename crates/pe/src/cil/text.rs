//! Literals of C#.

use std::fmt::Write;

/// How much of a literal is written.
const MAX_LITERAL: usize = 1 << 18;

/// A string literal. What could end it, or the script around it, is written as its number.
pub(super) fn literal(units: impl Iterator<Item = u16>) -> String {
    let mut text = String::from("\"");
    for c in char::decode_utf16(units.take(MAX_LITERAL)) {
        match c.map_err(|error| error.unpaired_surrogate()) {
            Ok('\n') => text.push_str("\\n"),
            Ok('\r') => text.push_str("\\r"),
            Ok('\t') => text.push_str("\\t"),
            Ok(c @ ('"' | '\\')) => text.extend(['\\', c]),
            Ok(c @ ('<' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}')) => {
                unit(&mut text, c as u32)
            }
            Ok(c) => text.push(c),
            Err(lone) => unit(&mut text, u32::from(lone)),
        }
    }
    text.push('"');
    text
}

fn unit(text: &mut String, number: u32) {
    // Writing to a string does not fail.
    let _ = write!(text, "\\u{number:04x}");
}

/// A number as the character that it stands for, where it is a plain one.
pub(super) fn number_literal(number: &str) -> String {
    match number.parse::<u8>() {
        Ok(byte @ (b' '..=b'&' | b'('..=b';' | b'='..=b'[' | b']'..=b'~')) => format!("'{}'", byte as char),
        _ => number.to_owned(),
    }
}
