//! Base64 in strings and lines, in both alphabets, with or without padding, whole or split.
//!
//! Only what is plausible when it is decoded becomes part of the view ([`super::plausible`]): pictures, keys and view state do not.

use super::layer::{Input, Layer};
use super::{Decoder, Effort, literals, plausible};

pub(super) const DECODER: Decoder = Decoder {
    name: "base64",
    about: "24 or more characters of base64 or base64url that contain text, an executable or compressed data, in one \
            piece, in lines or in concatenated strings; shorter ones as complete strings of plain text",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

/// How many characters a line of wrapped base64 has at least.
const SHORTEST_LINE: usize = 32;
/// How many characters a string has at least whose text is short but plain to its end: where the page speaks of base64, and
/// where it does not.
const SHORTEST_STRING: (usize, usize) = (8, 16);
/// How many characters are judged wherever they stand.
const LONG_ENOUGH: usize = 23;
/// How many pieces of a string are tried as its beginning.
const TRIES: usize = 4;

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    let spoken_of = memchr::memmem::find(bytes, b"ase64").is_some();
    let shortest = if spoken_of { SHORTEST_STRING.0 } else { SHORTEST_STRING.1 };
    // The stretch that was read in vain as strings put together, and how often.
    let (mut vain_to, mut vain) = (0, 0);
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(|byte| value(*byte).is_some()).map(|skipped| at + skipped) {
        let length = bytes[start..].iter().take_while(|byte| value(**byte).is_some()).count();
        let end = start + length;
        at = end;
        let mut found = None;
        if goes_on(bytes, end, length) {
            vain = if start < vain_to { vain } else { 0 };
            if vain < TRIES {
                let mut walk = Walk::new(bytes, start, true);
                found = sensible(&mut walk, start, shortest).map(|skip| (skip, true));
                (vain_to, vain) = (vain_to.max(walk.at), vain + 1);
            }
        }
        if found.is_none() && (length >= LONG_ENOUGH || length + 2 >= shortest && is_quoted(bytes, start, end)) {
            found = sensible(&mut Walk::new(bytes, start, false), start, shortest).map(|skip| (skip, false));
        }
        if let Some((skip, joined)) = found {
            let mut walk = Walk::new(bytes, start, joined);
            for _ in 0..skip {
                walk.next();
            }
            if !write(&mut walk, layer) {
                return;
            }
            at = walk.at.max(end);
        }
    }
}

/// Whether a quote begins right before a string of base64, and one ends right behind it and its padding.
fn is_quoted(bytes: &[u8], start: usize, end: usize) -> bool {
    let quote = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| matches!(byte, b'"' | b'\''));
    quote(start.checked_sub(1)) && quote(Some(end + padding(bytes, end)))
}

fn padding(bytes: &[u8], end: usize) -> usize {
    bytes[end..].iter().take(2).take_while(|byte| **byte == b'=').count()
}

/// Whether a string may go on behind its piece that ends here.
fn goes_on(bytes: &[u8], end: usize, length: usize) -> bool {
    match bytes.get(end) {
        Some(b'"' | b'\'') => literals::next_piece(bytes, end, length).is_some(),
        Some(b'\\') if bytes.get(end + 1) == Some(&b'/') => true,
        Some(_) if length >= SHORTEST_LINE => literals::next_line(bytes, end).is_some(),
        _ => false,
    }
}

/// Whether what begins at `start` is plausible when it is decoded, and how many characters are to be left out for that: an
/// alphabet of letters joins with any word before it.
fn sensible(walk: &mut Walk<'_>, start: usize, shortest: usize) -> Option<usize> {
    const COUNT: usize = plausible::HEAD / 3 * 4 + 3;
    let mut values = [0; COUNT];
    let count = read(walk, &mut values);
    let mut decoded = [0; plausible::HEAD];
    if count * 3 / 4 >= plausible::SHORTEST {
        for skip in 0..if count >= 40 { 4 } else { 1 } {
            let length = unpack(&values[skip..count], &mut decoded);
            if plausible::is_plain(&decoded[..length]) {
                return Some(skip);
            }
        }
        // A longer word before it spoils the beginning alone.
        for skip in 0..if count == COUNT { 4 } else { 0 } {
            let length = unpack(&values[skip..count], &mut decoded);
            if plausible::is_ascii_text(&decoded[length / 2..length]) {
                return Some(skip);
            }
        }
        unpack(&values[..count], &mut decoded);
        let packed = (count == COUNT || plausible::is_marked_packed(&decoded)) && is_packed(walk, &values[..count]);
        return packed.then_some(0);
    }
    // A short one must be a whole string, of whole groups, and text to its end.
    let length = count + padding(walk.bytes, walk.at);
    if length < shortest || !length.is_multiple_of(4) || !is_quoted(walk.bytes, start, walk.at) {
        return None;
    }
    let length = unpack(&values[..count], &mut decoded);
    plausible::is_ascii_text(&decoded[..length]).then_some(0)
}

/// Whether something compressed begins with these values and goes on with what `walk` gives.
fn is_packed(walk: &mut Walk<'_>, values: &[u8]) -> bool {
    const COUNT: usize = plausible::PACKED_HEAD / 3 * 4;
    let mut more = [0; COUNT];
    let (head, rest) = more.split_at_mut(values.len());
    head.copy_from_slice(values);
    let count = values.len() + read(walk, rest);
    let mut decoded = [0; plausible::PACKED_HEAD];
    let length = unpack(&more[..count], &mut decoded);
    plausible::is_packed(&decoded[..length])
}

/// Fills `values` from a walk, as far as it goes.
fn read(walk: &mut Walk<'_>, values: &mut [u8]) -> usize {
    let mut count = 0;
    for place in values {
        let Some((_, value)) = walk.next() else { break };
        *place = value;
        count += 1;
    }
    count
}

/// Decodes values into `out`, as far as they go and it reaches; gives the length.
fn unpack(values: &[u8], out: &mut [u8]) -> usize {
    let mut length = 0;
    for group in values.chunks(4) {
        let (bytes, count) = group_of(group);
        for byte in &bytes[..count] {
            let Some(place) = out.get_mut(length) else { return length };
            *place = *byte;
            length += 1;
        }
    }
    length
}

/// The bytes of up to four values, and how many.
fn group_of(values: &[u8]) -> ([u8; 3], usize) {
    let bits = values.iter().fold(0u32, |bits, value| bits << 6 | u32::from(*value)) << (6 * (4 - values.len()));
    ([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8], values.len() * 3 / 4)
}

/// Writes all that `walk` gives as a part of the layer.
fn write(walk: &mut Walk<'_>, layer: &mut Layer) -> bool {
    let mut bytes: Vec<u8> = Vec::with_capacity(4096);
    let (mut from, mut to) = (0, 0); // where the collected bytes come from
    let mut begun = false;
    loop {
        let mut group = [0; 4];
        let mut places = [0; 4];
        let mut count = 0;
        while count < 4 {
            let Some((place, value)) = walk.next() else { break };
            (group[count], places[count]) = (value, place);
            count += 1;
        }
        if count > 0 && !begun {
            begun = true;
            if !layer.part(places[0]) {
                return false;
            }
        }
        let whole = count == 4 && places[3] == places[0] + 3;
        if !whole || places[0] != to || bytes.len() > 4090 {
            if !layer.push(&bytes, from, to) {
                return false;
            }
            bytes.clear();
        }
        if whole {
            if bytes.is_empty() {
                from = places[0];
            }
            bytes.extend_from_slice(&group_of(&group).0);
            to = places[3] + 1;
            continue;
        }
        if count > 1 {
            let (decoded, length) = group_of(&group[..count]);
            to = places[count - 1] + 1;
            if !layer.push(&decoded[..length], places[0], to) {
                return false;
            }
        }
        if count < 4 {
            return true;
        }
    }
}

/// The characters of a string in base64, piece by piece.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    joined: bool,
    alphabet: Option<Alphabet>,
    /// How many characters the piece has so far.
    piece: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Standard,
    Url,
}

impl<'b> Walk<'b> {
    fn new(bytes: &'b [u8], at: usize, joined: bool) -> Self {
        Self { bytes, at, joined, alphabet: None, piece: 0 }
    }

    /// The place of the next character and its value.
    fn next(&mut self) -> Option<(usize, u8)> {
        let mut place = self.at;
        let mut byte = *self.bytes.get(place)?;
        if value(byte).is_none() && self.joined {
            if self.bytes[place..].starts_with(b"\\/") {
                byte = b'/'; // as JSON writes it
                self.at += 1;
            } else {
                let line = || literals::next_line(self.bytes, place).filter(|_| self.piece >= SHORTEST_LINE);
                place = literals::next_piece(self.bytes, place, self.piece).or_else(line)?;
                byte = *self.bytes.get(place)?;
                value(byte)?;
                (self.at, self.piece) = (place, 0);
            }
        }
        let value = value(byte)?;
        let alphabet = match byte {
            b'+' | b'/' => Some(Alphabet::Standard),
            b'-' | b'_' => Some(Alphabet::Url),
            _ => None,
        };
        if alphabet.is_some() {
            if self.alphabet.is_some_and(|known| Some(known) != alphabet) {
                return None;
            }
            self.alphabet = alphabet;
        }
        self.at += 1;
        self.piece += 1;
        Some((place, value))
    }
}

/// What each character stands for in the standard alphabet or that for URLs (RFC 4648).
const VALUES: [u8; 256] = {
    let mut values = [0xFF; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < letters.len() {
        values[letters[at] as usize] = at as u8;
        at += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// Decodes a text that is base64 as a whole, in either alphabet: blanks are passed over, padding ends it, and anything else makes it none.
pub fn decode_text(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text {
        let value = match byte {
            b'=' => break,
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            byte => value(byte)?,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

/// The value of a character in the standard alphabet or that for URLs (RFC 4648).
pub(super) fn value(byte: u8) -> Option<u8> {
    let value = VALUES[byte as usize];
    (value < 64).then_some(value)
}
