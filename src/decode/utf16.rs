//! UTF-16 with or without a byte order mark.

use super::Decoder;
use super::view::Layer;

pub(super) const LITTLE_ENDIAN: Decoder = Decoder {
    name: "utf16le",
    about: "a byte order mark FF FE, or text whose every other byte is zero, from the second on",
    decode: |bytes| decode(bytes, [0xFF, 0xFE], 1, u16::from_le_bytes),
};

pub(super) const BIG_ENDIAN: Decoder = Decoder {
    name: "utf16be",
    about: "a byte order mark FE FF, or text whose every other byte is zero, from the first on",
    decode: |bytes| decode(bytes, [0xFE, 0xFF], 0, u16::from_be_bytes),
};

/// How many view bytes lie between two checkpoints.
const STEP: usize = 4096;

fn decode(bytes: &[u8], mark: [u8; 2], zero_at: usize, unit: fn([u8; 2]) -> u16) -> Option<Layer> {
    let marked = bytes.starts_with(&mark);
    if !marked && !looks_wide(bytes, zero_at) {
        return None;
    }
    let body = if marked { &bytes[2..] } else { bytes };
    let start = (bytes.len() - body.len()) as u64;
    let mut text = String::with_capacity(body.len() / 2 + 16);
    let mut checkpoints = vec![(0, start)];
    let mut stored = start;
    let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    for c in char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if checkpoints.last().is_some_and(|(view, _)| text.len() - view >= STEP) {
            checkpoints.push((text.len(), stored));
        }
        text.push(c);
        stored += width(c);
    }
    Some(Layer { bytes: text.into_bytes(), checkpoints, width })
}

fn width(c: char) -> u64 {
    2 * c.len_utf16() as u64
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
    use crate::decode::views;
    use proptest::prelude::*;

    fn wide(text: &str, mark: bool) -> Vec<u8> {
        let mark = if mark { vec![0xFF, 0xFE] } else { vec![] };
        mark.into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn wide_text_gets_a_second_view_with_and_without_a_mark() {
        for mark in [true, false] {
            let bytes = wide("<%@ Page Language=\"C#\" %>", mark);
            let views = views(&bytes, 0);
            assert_eq!(views.len(), 2, "mark: {mark}");
            assert_eq!((views[1].trail.as_str(), &views[1].bytes[..8]), ("utf16le", &b"<%@ Page"[..]));
        }
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain("abc".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(&views(&big, 0)[1].bytes[..], b"abc");
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
            assert_eq!(views(bytes, 0).len(), 1, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_position_leads_back_to_its_character(text in "[a-zäß€𝄞<]{20,200}", repeat in 1usize..40, start in 0u64..1000) {
            let text = text.repeat(repeat);
            let bytes = wide(&text, true);
            let views = views(&bytes, start);
            let view = &views[1];
            prop_assert_eq!(&view.bytes[..], text.as_bytes());
            for (at, c) in text.char_indices().step_by(37) {
                let stored = (view.stored_offset(at) - start) as usize;
                let mut units = [0; 2];
                let units = c.encode_utf16(&mut units);
                prop_assert_eq!(&bytes[stored..stored + 2], &units[0].to_le_bytes()[..]);
            }
        }
    }
}
