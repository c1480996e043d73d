//! UTF-7 (RFC 2152), which ASP.NET and classic ASP read where the configuration or the page selects it; decoded in
//! place.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const DECODER: Decoder = Decoder {
    name: "utf7",
    about: "+...- with base64 of UTF-16, at least half of it ASCII, with a < or % of a page, or four letters",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

/// The least weight of a text's sequences for which they are undone.
const ENOUGH: u32 = 4;

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    if weight(bytes) < ENOUGH {
        return;
    }
    let mut done = 0;
    for (at, end) in sequences(bytes) {
        if !layer.copy(bytes, done, at) {
            return;
        }
        if end == at + 1 {
            layer.push(b"+", at, at + 2);
        }
        let mut from = at + 1;
        let mut pending = Vec::new();
        for (to, c) in characters(bytes, at + 1, end) {
            let mut text = [0; 4];
            let c = c.encode_utf8(&mut text).as_bytes();
            pending.extend_from_slice(c);
            if !layer.push(&pending, from, to) {
                return;
            }
            pending.clear();
            from = to;
        }
        done = end + usize::from(bytes.get(end) == Some(&b'-'));
    }
    layer.copy(bytes, done, bytes.len());
}

/// How much speaks for undoing the sequences, as soon as it is enough: ASCII in a sequence, which nobody needs to encode.
fn weight(bytes: &[u8]) -> u32 {
    let mut weight = 0;
    for (at, end) in sequences(bytes) {
        // The first character of ASCII in a sequence is written with an A and one of A to H.
        if !matches!(bytes.get(at + 1..at + 3), Some([b'A', b'A'..=b'H'])) {
            continue;
        }
        let (mut ascii, mut count, mut opening, mut letters) = (0, 0, false, 0);
        for (_, c) in characters(bytes, at + 1, end).take(64) {
            count += 1;
            ascii += u32::from(matches!(c, ' '..='~' | '\t' | '\r' | '\n'));
            opening |= matches!(c, '<' | '%');
            letters += u32::from(c.is_ascii_alphanumeric());
        }
        // A `-` behind it, and nothing but ASCII in it: one letter of a word may be all that is encoded.
        if ascii == count && letters > 0 && bytes.get(end) == Some(&b'-') {
            weight += ENOUGH;
        }
        // In base64 of anything else ASCII is rare.
        if ascii * 2 >= count {
            weight += if opening { ENOUGH } else { letters.min(ENOUGH) };
        }
        if weight >= ENOUGH {
            break;
        }
    }
    weight
}

/// The sequences of a text: the place of each `+`, and where the base64 behind it ends. It is whole UTF-16 with no bits set
/// behind it, or empty, with a `-`, for the `+` itself.
fn sequences(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut read_to = 0;
    memchr::memchr_iter(b'+', bytes).filter_map(move |at| {
        // A `+` amid base64 is a part of it.
        if at < read_to {
            return None;
        }
        let body = &bytes[at + 1..];
        let length = body.iter().take_while(|byte| value(**byte).is_some()).count();
        read_to = at + 1 + length;
        if length == 0 {
            return (body.first() == Some(&b'-')).then_some((at, at + 1));
        }
        let spare = length * 6 % 16;
        let last = value(body[length - 1])?;
        let whole = length >= 3 && spare < 6 && last & ((1 << spare) - 1) == 0;
        let fine = whole && characters(bytes, at + 1, read_to).all(|(_, c)| c != char::REPLACEMENT_CHARACTER);
        fine.then_some((at, read_to))
    })
}

/// The characters that base64 between two places holds, each with the place where it ends.
fn characters(bytes: &[u8], from: usize, end: usize) -> impl Iterator<Item = (usize, char)> {
    let digits = &bytes[from..end];
    let units = (0..digits.len() * 6 / 16).map(move |index| {
        let (first, last) = (index * 16 / 6, (index * 16 + 15) / 6);
        let bits =
            digits[first..=last].iter().fold(0u32, |bits, digit| bits << 6 | u32::from(value(*digit).unwrap_or(0)));
        (bits >> ((last + 1) * 6 - (index + 1) * 16)) as u16
    });
    let mut index = 0;
    char::decode_utf16(units).map(move |c| {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        index += c.len_utf16();
        (from + (index * 16).div_ceil(6).min(end - from), c)
    })
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
