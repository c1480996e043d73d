//! Names as text, and back: what text cannot carry stands in angle brackets.

use std::ffi::{OsStr, OsString};

/// The escaped form of one name; see [`ServerPath`](super::ServerPath).
pub fn escape_name(name: &OsStr) -> String {
    let bytes = name.as_encoded_bytes();
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '<' => text.push_str("<3C>"),
                '\\' => text.push_str("<5C>"),
                '/' => text.push_str("<2F>"),
                c => text.push(c),
            }
        }
        let mut rest = chunk.invalid();
        // On Windows an OsStr is WTF-8, where a lone surrogate takes three bytes. `utf8_chunks` hands those bytes out
        // one at a time, so they are put together when the name is read back.
        while let [byte, more @ ..] = rest {
            text.push_str(&format!("<{byte:02X}>"));
            rest = more;
        }
    }
    if cfg!(windows) { join_surrogates(&text) } else { text }
}

/// `<ED><A0><80>` (WTF-8) becomes `<D800>`.
fn join_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<ED><") {
        out.push_str(&rest[..at]);
        let group = rest.get(at..at + 12).unwrap_or(&rest[at..]);
        let second = group.get(5..7).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let third = group.get(9..11).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (second, third) {
            (Some(b @ 0xA0..=0xBF), Some(c @ 0x80..=0xBF)) => {
                let unit = 0xD000 | (u16::from(b) & 0x3F) << 6 | (u16::from(c) & 0x3F);
                out.push_str(&format!("<{unit:04X}>"));
                rest = &rest[at + 12..];
            }
            _ => {
                out.push_str(&rest[at..at + 4]);
                rest = &rest[at + 4..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The name as the file system has it; the inverse of [`escape_name`].
pub fn unescape_name(text: &str) -> OsString {
    let mut units: Vec<Unit> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        units.extend(rest[..at].chars().map(Unit::Char));
        let body = &rest[at + 1..];
        let hex = body
            .find('>')
            .map(|end| &body[..end])
            .filter(|hex| (hex.len() == 2 || hex.len() == 4) && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| Some((hex.len(), u16::from_str_radix(hex, 16).ok()?))) {
            Some((2, byte)) => {
                units.push(Unit::Byte(byte as u8));
                rest = &body[3..];
            }
            Some((_, unit)) => {
                units.push(Unit::Wide(unit));
                rest = &body[5..];
            }
            None => {
                units.push(Unit::Char('<'));
                rest = body;
            }
        }
    }
    units.extend(rest.chars().map(Unit::Char));
    assemble(&units)
}

enum Unit {
    Char(char),
    Byte(u8),
    Wide(u16),
}

#[cfg(unix)]
fn assemble(units: &[Unit]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = Vec::with_capacity(units.len());
    for unit in units {
        match unit {
            Unit::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => bytes.push(*byte),
            Unit::Wide(unit) => {
                // The three-byte form that ntfs-3g and WTF-8 give a lone surrogate.
                bytes.extend([0xE0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3F) as u8, 0x80 | (unit & 0x3F) as u8]);
            }
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(windows)]
fn assemble(units: &[Unit]) -> OsString {
    use std::os::windows::ffi::OsStringExt;
    let mut wide = Vec::with_capacity(units.len());
    for unit in units {
        match unit {
            Unit::Char(c) => wide.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            Unit::Byte(byte) => wide.push(u16::from(*byte)),
            Unit::Wide(unit) => wide.push(*unit),
        }
    }
    OsString::from_wide(&wide)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_are_not_text_survive() {
        use std::os::unix::ffi::OsStrExt;
        let name = OsStr::from_bytes(b"a\xff\\<b>\xed\xa0\x80.aspx");
        let text = escape_name(name);
        assert_eq!(text, "a<FF><5C><3C>b><ED><A0><80>.aspx");
        assert_eq!(unescape_name(&text), name);
    }

    proptest! {
        #[test]
        fn every_name_comes_back(bytes in proptest::collection::vec(1u8..=255, 1..40)) {
            use std::os::unix::ffi::OsStrExt;
            let name = OsStr::from_bytes(&bytes);
            let text = escape_name(name);
            prop_assert!(!text.contains('\\') && !text.contains('/') || bytes.contains(&b'/'));
            prop_assert_eq!(unescape_name(&text), name);
        }
    }
}
