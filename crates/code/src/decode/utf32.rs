//! UTF-32, which ASP.NET accepts by byte order mark or configuration.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const DECODER: Decoder = Decoder {
    name: "utf32",
    about: "a byte order mark FF FE 00 00 or 00 00 FE FF, or text with four bytes per character, in either byte order",
    effort: Effort::Quick,
    wide: true,
    decode,
};

/// How many characters without a mark are judged.
const JUDGED: usize = 1024;

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    if !input.stored {
        return;
    }
    let (start, unit): (usize, fn([u8; 4]) -> u32) = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => (4, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, ..] => (4, u32::from_be_bytes),
        _ if looks_so(bytes, u32::from_le_bytes) => (0, u32::from_le_bytes),
        _ if looks_so(bytes, u32::from_be_bytes) => (0, u32::from_be_bytes),
        _ => return,
    };
    let mut at = start;
    while let Some(&four) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
        let c = char::from_u32(unit(four)).unwrap_or(char::REPLACEMENT_CHARACTER);
        if !layer.push(c.encode_utf8(&mut [0; 4]).as_bytes(), at, at + 4) {
            return;
        }
        at += 4;
    }
}

/// Whether the first characters are characters, and some of them ASCII.
fn looks_so(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> bool {
    // Every character has a byte of zero, and no text of ASCII has.
    if memchr::memchr(0, &bytes[..bytes.len().min(4 * JUDGED)]).is_none() {
        return false;
    }
    let (mut plain, mut good, mut all) = (0, 0, 0);
    for four in bytes.as_chunks::<4>().0.iter().take(JUDGED) {
        let code = unit(*four);
        all += 1;
        good += usize::from(code != 0 && char::from_u32(code).is_some());
        plain += usize::from((0x20..0x7F).contains(&code));
    }
    plain >= 4 && good * 10 >= all * 9
}

#[cfg(test)]
mod tests {
    use crate::decode::{Effort, views};

    #[test]
    fn text_of_four_bytes_a_character_is_read_in_either_order() {
        let text = "<%@ Page Language=\"C#\" %> 上 𝄞";
        let of = |unit: fn(u32) -> [u8; 4], mark: bool| -> Vec<u8> {
            let mark = mark.then_some('\u{FEFF}');
            mark.into_iter().chain(text.chars()).flat_map(|c| unit(u32::from(c))).collect()
        };
        for (unit, mark) in [(u32::to_le_bytes as fn(u32) -> [u8; 4], true), (u32::to_be_bytes, true)]
            .into_iter()
            .flat_map(|(unit, _)| [(unit, true), (unit, false)])
        {
            let bytes = of(unit, mark);
            let views = views(&bytes, 0, Effort::Quick).views;
            assert!(
                views.iter().any(|view| view.encodings == "utf32" && &view.bytes[..] == text.as_bytes()),
                "mark: {mark}"
            );
        }
        for other in [&b"<%@ Page Language=\"C#\" %>"[..], &[0; 64], &[1, 0, 0, 0].repeat(20), b"\x89PNG\0\0\0\r"] {
            assert_eq!(views(other, 0, Effort::Quick).views.len(), 1, "{other:?}");
        }
    }
}
