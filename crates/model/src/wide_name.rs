//! Names of NTFS, as UTF-16 code units, in the escaped form of [`ServerPath`](super::ServerPath) and back, on any system.

use std::fmt::Write;

/// The escaped form of one name, the same as that of [`super::server_path::escape_name`]: an unpaired surrogate is `<D800>`.
pub fn escape_units(units: &[u16]) -> String {
    let mut text = String::with_capacity(units.len());
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok('<') => text.push_str("<3C>"),
            Ok('\\') => text.push_str("<5C>"),
            Ok('/') => text.push_str("<2F>"),
            Ok(c) => text.push(c),
            Err(lone) => {
                // Writing into a text does not fail.
                let _ = write!(text, "<{:04X}>", lone.unpaired_surrogate());
            }
        }
    }
    text
}

/// The name as NTFS has it; the inverse of [`escape_units`].
pub fn unescape_units(text: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        units.extend(rest[..at].encode_utf16());
        let body = &rest[at + 1..];
        let hex = body.find('>').map(|end| &body[..end]);
        let hex = hex.filter(|hex| matches!(hex.len(), 2 | 4) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match hex.and_then(|hex| Some((hex.len(), u16::from_str_radix(hex, 16).ok()?))) {
            Some((length, unit)) => {
                units.push(unit);
                rest = &body[length + 1..];
            }
            None => {
                units.push(u16::from(b'<'));
                rest = body;
            }
        }
    }
    units.extend(rest.encode_utf16());
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were() {
        let lone = [&[0x61, 0xD83D][..], &"<é😀>/\\.aspx".encode_utf16().collect::<Vec<_>>()].concat();
        let text = escape_units(&lone);
        assert_eq!(text, "a<D83D><3C>é😀><2F><5C>.aspx");
        assert_eq!(unescape_units(&text), lone);
        for plain in ["a<b", "<", "<1>", "<zz>", "<12345>"] {
            assert_eq!(String::from_utf16(&unescape_units(plain)).expect("text"), plain);
        }
        // As the systems escape it, where they can.
        let name = "<é>.aspx";
        let of_system = super::super::server_path::escape_name(std::ffi::OsStr::new(name));
        assert_eq!(escape_units(&name.encode_utf16().collect::<Vec<_>>()), of_system);
    }
}
