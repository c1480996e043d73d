//! UTF-16 with or without a byte order mark.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const LITTLE_ENDIAN: Decoder = Decoder {
    name: "utf16le",
    about: "a byte order mark FF FE, or text whose every other byte is zero, from the second on",
    effort: Effort::Quick,
    wide: true,
    decode: |input, layer| decode(input, layer, [0xFF, 0xFE], 1, u16::from_le_bytes),
};

pub(super) const BIG_ENDIAN: Decoder = Decoder {
    name: "utf16be",
    about: "a byte order mark FE FF, or text whose every other byte is zero, from the first on",
    effort: Effort::Quick,
    wide: true,
    decode: |input, layer| decode(input, layer, [0xFE, 0xFF], 0, u16::from_be_bytes),
};

/// Text that is mostly of another script, which a server takes for UTF-16 if the configuration has one.
pub(super) const ANY_LITTLE_ENDIAN: Decoder = Decoder {
    name: "utf16le",
    about: "text of any script with some ASCII characters and no invalid ones",
    effort: Effort::Thorough,
    wide: true,
    decode: |input, layer| any(input, layer, u16::from_le_bytes),
};

pub(super) const ANY_BIG_ENDIAN: Decoder = Decoder {
    name: "utf16be",
    about: "the same in the other byte order",
    effort: Effort::Thorough,
    wide: true,
    decode: |input, layer| any(input, layer, u16::from_be_bytes),
};

/// How many characters of ASCII such a text has at least: less is no code.
const LEAST_PLAIN: usize = 12;

fn any(input: &Input<'_>, layer: &mut Layer, unit: fn([u8; 2]) -> u16) {
    let bytes = input.bytes;
    // A mark, or zeros, say which of the two it is: the decoders above have done it.
    let has_byte_order_mark = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if !input.stored
        || memchr::memchr(0, bytes).is_none()
        || has_byte_order_mark
        || looks_wide(bytes, 0)
        || looks_wide(bytes, 1)
    {
        return;
    }
    let (mut plain, mut odd, mut all) = (0, 0, 0);
    let most = bytes.len() / 2;
    for c in char::decode_utf16(bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair))) {
        all += 1;
        match c {
            Ok(' '..='~' | '\t' | '\r' | '\n') => plain += 1,
            Ok('\0'..' ' | '\u{FFFE}' | '\u{FFFF}') | Err(_) => odd += 1,
            Ok(_) => {}
        }
        // So many that no rest makes up for it: programs and pictures, within their first bytes.
        if odd * 100 > most {
            return;
        }
    }
    if plain >= LEAST_PLAIN && odd * 100 <= all && layer.part(0) {
        text(bytes, 0, layer, unit);
    }
}

fn decode(input: &Input<'_>, layer: &mut Layer, mark: [u8; 2], zero_at: usize, unit: fn([u8; 2]) -> u16) {
    for (start, bytes) in input.parts() {
        let marked = bytes.starts_with(&mark);
        if !marked && !looks_wide(bytes, zero_at) {
            continue;
        }
        let body = if marked { &bytes[2..] } else { bytes };
        let start = start + bytes.len() - body.len();
        if !layer.part(start) || !text(body, start, layer, unit) {
            return;
        }
    }
}

/// Writes the text of `body`, which begins at `start`; stretches of characters of the same length at once.
fn text(body: &[u8], start: usize, layer: &mut Layer, unit: fn([u8; 2]) -> u16) -> bool {
    let mut stretch = String::new();
    let (mut from, mut to, mut length) = (start, start, 0);
    let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    for c in char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if c.len_utf8() != length || stretch.len() >= 4096 {
            if !layer.push(stretch.as_bytes(), from, to) {
                return false;
            }
            stretch.clear();
            (from, length) = (to, c.len_utf8());
        }
        stretch.push(c);
        to += 2 * c.len_utf16();
    }
    layer.push(stretch.as_bytes(), from, to)
}

/// Text in a Latin script without a mark: of the first 4 KiB, two in five bytes at the odd or even places are zero, and
/// hardly any at the others.
fn looks_wide(bytes: &[u8], zero_at: usize) -> bool {
    let head = &bytes[..bytes.len().min(4096) & !1];
    if head.len() < 16 || memchr::memchr(0, head).is_none() {
        return false;
    }
    let pairs = head.len() / 2;
    let zeros = |at: usize| head.chunks_exact(2).filter(|pair| pair[at] == 0).count();
    zeros(zero_at) * 5 >= pairs * 2 && zeros(1 - zero_at) * 50 <= pairs
}

#[cfg(test)]
mod tests {
    use crate::decode::{Effort, Views, views};
    use proptest::prelude::*;

    fn quick(bytes: &[u8], start: u64) -> Views<'_> {
        views(bytes, start, Effort::Quick)
    }

    fn wide(text: &str, mark: bool) -> Vec<u8> {
        let mark = if mark { vec![0xFF, 0xFE] } else { vec![] };
        mark.into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn wide_text_gets_a_second_view_with_and_without_a_mark() {
        for mark in [true, false] {
            let bytes = wide("<%@ Page Language=\"C#\" %>", mark);
            let views = quick(&bytes, 0).views;
            assert_eq!(views.len(), 2, "mark: {mark}");
            assert_eq!((views[1].encodings.as_str(), &views[1].bytes[..8]), ("utf16le", &b"<%@ Page"[..]));
        }
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain("abc".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(&quick(&big, 0).views[1].bytes[..], b"abc");
    }

    #[test]
    fn plain_text_and_binaries_get_one_view() {
        for bytes in [
            &b"<%@ Page Language=\"C#\" %>"[..],
            &[0; 64],
            &[0xFF; 3],
            b"",
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0",
        ] {
            assert_eq!(quick(bytes, 0).views.len(), 1, "{bytes:?}");
        }
    }

    #[test]
    fn lines_are_those_of_the_text() {
        let bytes = wide("上一\n上二\n三", true); // half of the first character is the byte of a line end
        let views = quick(&bytes, 0).views;
        let at = views[1].bytes.len() - 1;
        assert_eq!((views[1].line(0), views[1].line(at)), (1, 3));
    }

    proptest! {
        #[test]
        fn every_position_leads_back_to_its_character(text in "[a-zäß€𝄞<]{20,200}", repeat in 1usize..40, start in 0u64..1000) {
            let text = text.repeat(repeat);
            let bytes = wide(&text, true);
            let views = quick(&bytes, start).views;
            let view = &views[1];
            prop_assert_eq!(&view.bytes[..], text.as_bytes());
            for (at, c) in text.char_indices().step_by(37) {
                let stored = (view.stored_offset(at) - start) as usize;
                let mut units = [0; 2];
                let units = c.encode_utf16(&mut units);
                prop_assert_eq!(&bytes[stored..stored + 2], &units[0].to_le_bytes()[..]);
                let range = view.stored_range(at, at + c.len_utf8());
                prop_assert_eq!(range.end - range.start, 2 * units.len() as u64);
                prop_assert_eq!(view.position_of(range.start), at);
            }
        }
    }
}
