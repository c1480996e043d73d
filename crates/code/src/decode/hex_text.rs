//! Bytes written as pairs of hex digits: in a row, with `-`, `:`, a comma or white space between, or each with `0x` or `&H`
//! before it.

use super::layer::{Input, Layer};
use super::{Decoder, Effort, literals, plausible};

pub(super) const DECODER: Decoder = Decoder {
    name: "hex",
    about: "17 or more bytes as pairs of hex digits that contain text, an executable or compressed data, with uniform \
            separators, in lines or in concatenated strings",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    let mut at = 0;
    while at < bytes.len() {
        let first = bytes[at];
        if !WORD[usize::from(first)] && first != b'&' {
            at += 1;
            continue;
        }
        let digits = bytes[at..].iter().take_while(|byte| WORD[usize::from(**byte)]).count();
        if digits > 0 && !first.is_ascii_hexdigit() {
            at += digits;
            continue;
        }
        // One `0x` before many bytes, as in SQL.
        if digits > 6 && prefix(&bytes[at..]) > 0 {
            at += 2;
            continue;
        }
        let Some(style) = Style::at(bytes, at, digits) else {
            at += digits.max(1);
            continue;
        };
        let mut walk = Walk { bytes, at, style, first: true };
        let mut head = Vec::with_capacity(plausible::PACKED_HEAD);
        while head.len() < plausible::HEAD
            && let Some((_, _, byte)) = walk.next()
        {
            head.push(byte);
        }
        let mut sensible = head.len() >= plausible::SHORTEST && plausible::is_plain(&head);
        if !sensible && (head.len() == plausible::HEAD || plausible::is_marked_packed(&head)) {
            while head.len() < plausible::PACKED_HEAD
                && let Some((_, _, byte)) = walk.next()
            {
                head.push(byte);
            }
            sensible = plausible::is_packed(&head);
        }
        if !sensible {
            at = walk.at.max(at + digits.max(1));
            continue;
        }
        let mut walk = Walk { bytes, at, style, first: true };
        let mut begun = false;
        while let Some((from, to, byte)) = walk.next() {
            if !begun && !layer.part(from) || !layer.push(&[byte], from, to) {
                return;
            }
            begun = true;
        }
        at = walk.at.max(at + 1);
    }
}

/// Letters and digits.
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        word[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    word
};

/// How the pairs are distinguished.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Bare,
    /// This byte between any two.
    Separated(u8),
    /// `0x` or `&H` before each, whatever is between.
    Marked,
}

impl Style {
    /// How pairs are written that begin here, at the start of a word of `length` letters and digits.
    fn at(bytes: &[u8], at: usize, length: usize) -> Option<Self> {
        let rest = &bytes[at..];
        if prefix(rest) > 0 {
            return Some(Style::Marked);
        }
        let pair = rest.len() > 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
        match length {
            2 if pair && b"-:, ;".contains(&rest[2]) => Some(Style::Separated(rest[2])),
            4.. if pair && length.is_multiple_of(2) => Some(Style::Bare),
            _ => None,
        }
    }
}

/// The length of a mark that says that hex digits follow.
fn prefix(rest: &[u8]) -> usize {
    match rest {
        [b'0', b'x' | b'X', digit, ..] | [b'&', b'H' | b'h', digit, ..] if digit.is_ascii_hexdigit() => 2,
        _ => 0,
    }
}

/// The bytes that begin at a place, written in one style.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    style: Style,
    first: bool,
}

/// How much white space and commas may lie between two bytes.
const LONGEST_GAP: usize = 64;

impl Walk<'_> {
    /// Where the next byte begins and ends, and the byte.
    fn next(&mut self) -> Option<(usize, usize, u8)> {
        let mut at = if self.first { self.at } else { self.gap()? };
        self.first = false;
        let from = at;
        if self.style == Style::Marked {
            match prefix(self.bytes.get(at..)?) {
                0 => return None,
                length => at += length,
            }
        }
        let high = digit(*self.bytes.get(at)?)?;
        let low = self.bytes.get(at + 1).and_then(|byte| digit(*byte));
        let (byte, to) = match (low, self.style) {
            (Some(low), _) => (high << 4 | low, at + 2),
            (None, Style::Marked) => (high, at + 1),
            (None, _) => return None,
        };
        // A third digit makes it a larger number.
        if self.style != Style::Bare && self.bytes.get(to).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        self.at = to;
        Some((from, to, byte))
    }

    /// Where the next byte would begin.
    fn gap(&self) -> Option<usize> {
        let (bytes, at) = (self.bytes, self.at);
        let next = *bytes.get(at)?;
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        let skip = |from: usize, what: &dyn Fn(&u8) -> bool| {
            from + bytes[from..].iter().take(LONGEST_GAP).take_while(|byte| what(byte)).count()
        };
        Some(match self.style {
            Style::Bare if next.is_ascii_hexdigit() => at,
            Style::Bare => literals::next_piece(bytes, at, 1).or_else(|| literals::next_line(bytes, at))?,
            // The last of a line may go without the mark.
            Style::Separated(mark) if next == mark => skip(at + 1, &blank),
            Style::Separated(_) if matches!(next, b'\r' | b'\n') => skip(at, &blank),
            Style::Separated(_) => literals::next_piece(bytes, at, 1)?,
            // VBA ends its numbers with `&`.
            Style::Marked => skip(at + usize::from(next == b'&'), &|byte| blank(byte) || b",;_".contains(byte)),
        })
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}
