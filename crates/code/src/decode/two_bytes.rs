//! Double-byte code pages (932, 936, 949, 950), in which a lead byte consumes the next byte, even a quote, a backslash
//! or a line end. What looks like a string in the bytes can be code to the server. .NET yields one character for an
//! invalid pair (`DBCSCodePageEncoding`), and so does this decoder; which character does not matter.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const DECODER: Decoder = Decoder {
    name: "two_bytes",
    about: "text in a double-byte code page whose lead bytes consume a quote or a line end",
    effort: Effort::Thorough,
    wide: false,
    decode: |input, layer| decode(input, layer, |byte| matches!(byte, 0x81..=0xFE)),
};

pub(super) const JAPANESE: Decoder = Decoder {
    name: "two_bytes_932",
    about: "the same in code page 932, in which some of these bytes are single-byte characters",
    effort: Effort::Thorough,
    wide: false,
    decode: |input, layer| decode(input, layer, |byte| matches!(byte, 0x81..=0x9F | 0xE0..=0xFC)),
};

fn decode(input: &Input<'_>, layer: &mut Layer, begins: fn(u8) -> bool) {
    let bytes = input.bytes;
    // With a mark the server knows better.
    if !input.stored || bytes.is_ascii() || bytes.starts_with(b"\xEF\xBB\xBF") || memchr::memchr(0, bytes).is_some() {
        return;
    }
    if !pairs(bytes, begins).any(|at| matches!(bytes[at + 1], b'"' | b'\'' | b'\\' | b'\n' | b'\r' | b'*' | b'/')) {
        return;
    }
    let mut done = 0;
    for at in pairs(bytes, begins) {
        let code = 0xF_0000 + u32::from(bytes[at]) * 256 + u32::from(bytes[at + 1]);
        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        if !layer.copy(bytes, done, at) || !layer.push(c.encode_utf8(&mut [0; 4]).as_bytes(), at, at + 2) {
            return;
        }
        done = at + 2;
    }
    layer.copy(bytes, done, bytes.len());
}

/// Where the pairs begin.
fn pairs(bytes: &[u8], begins: fn(u8) -> bool) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = at + bytes.get(at..)?.iter().position(|byte| begins(*byte))?;
        at = found + 2;
        (at <= bytes.len()).then_some(found)
    })
}

#[cfg(test)]
mod tests {
    use crate::decode::{Effort, views};

    fn trails(bytes: &[u8]) -> Vec<String> {
        views(bytes, 0, Effort::Thorough).views.into_iter().map(|view| view.encodings).collect()
    }

    #[test]
    fn a_quote_that_is_half_a_character_ends_no_string() {
        for bytes in [&b"x = \"\x81\" + y + \""[..], b"x = \"\x81\\\" + y;", b"// \x81\ny"] {
            assert!(trails(bytes).iter().any(|encodings| encodings == "two_bytes"), "{bytes:?}");
        }
        let bytes = b"x = \"\xB1\x81\\\" + y;";
        assert!(trails(bytes).iter().any(|encodings| encodings == "two_bytes_932"));
        for bytes in [&b"x = \"plain\""[..], "\u{FEFF}x = \"中\" + y".as_bytes(), "x = 中文文 + y".as_bytes()] {
            assert!(trails(bytes).iter().all(|encodings| !encodings.starts_with("two_bytes")), "{bytes:?}");
        }
    }
}
