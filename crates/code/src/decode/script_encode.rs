//! Microsoft's Script Encoder: `VBScript.Encode` and `JScript.Encode`, block by block in place, so that the page around the
//! blocks stays.
//!
//! A block is `#@~^`, the length of its body in characters as six base64 characters and `==`, the body, its checksum as six
//! base64 characters and `==`, and `^#~@`. In the body each character of ASCII stands for another one by one of three
//! alphabets, chosen in a fixed order of 64; `@` begins the five escapes of what a page may not hold. Characters outside
//! ASCII stand for themselves and are not counted in the order; in a page of two-byte characters neither is their second
//! byte, even if it looks like ASCII. The checksum is the sum of the ASCII characters.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const DECODER: Decoder = Decoder {
    name: "vbscript.encode",
    about: "blocks of Microsoft's Script Encoder, #@~^......== to ......==^#~@",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

const BEGIN: &[u8] = b"#@~^";
const END: &[u8] = b"==^#~@";
/// The begin mark, the length and `==`.
const HEADER: usize = 12;
/// The checksum, in front of the end mark.
const CHECKSUM: usize = 6;

/// How the tab and the characters from the space on are written in the three alphabets.
#[rustfmt::skip]
const ALPHABETS: [[u8; 3]; 97] = [
    [0x64, 0x37, 0x69], [0x50, 0x7E, 0x2C], [0x22, 0x5A, 0x65], [0x4A, 0x45, 0x72], [0x61, 0x3A, 0x5B], [0x5E, 0x79, 0x66],
    [0x5D, 0x59, 0x75], [0x5B, 0x27, 0x4C], [0x42, 0x76, 0x45], [0x60, 0x63, 0x76], [0x23, 0x62, 0x2A], [0x65, 0x4D, 0x43],
    [0x5F, 0x51, 0x33], [0x7E, 0x53, 0x42], [0x4F, 0x52, 0x20], [0x52, 0x20, 0x63], [0x7A, 0x26, 0x4A], [0x21, 0x54, 0x5A],
    [0x46, 0x71, 0x38], [0x20, 0x2B, 0x79], [0x26, 0x66, 0x32], [0x63, 0x2A, 0x57], [0x2A, 0x58, 0x6C], [0x76, 0x7F, 0x2B],
    [0x47, 0x7B, 0x46], [0x25, 0x30, 0x52], [0x2C, 0x31, 0x4F], [0x29, 0x6C, 0x3D], [0x69, 0x49, 0x70], [0x3F, 0x3F, 0x3F],
    [0x27, 0x78, 0x7B], [0x3F, 0x3F, 0x3F], [0x67, 0x5F, 0x51], [0x3F, 0x3F, 0x3F], [0x62, 0x29, 0x7A], [0x41, 0x24, 0x7E],
    [0x5A, 0x2F, 0x3B], [0x66, 0x39, 0x47], [0x32, 0x33, 0x41], [0x73, 0x6F, 0x77], [0x4D, 0x21, 0x56], [0x43, 0x75, 0x5F],
    [0x71, 0x28, 0x26], [0x39, 0x42, 0x78], [0x7C, 0x46, 0x6E], [0x53, 0x4A, 0x64], [0x48, 0x5C, 0x74], [0x31, 0x48, 0x67],
    [0x72, 0x36, 0x7D], [0x6E, 0x4B, 0x68], [0x70, 0x7D, 0x35], [0x49, 0x5D, 0x22], [0x3F, 0x6A, 0x55], [0x4B, 0x50, 0x3A],
    [0x6A, 0x69, 0x60], [0x2E, 0x23, 0x6A], [0x7F, 0x09, 0x71], [0x28, 0x70, 0x6F], [0x35, 0x65, 0x49], [0x7D, 0x74, 0x5C],
    [0x24, 0x2C, 0x5D], [0x2D, 0x77, 0x27], [0x54, 0x44, 0x59], [0x37, 0x3F, 0x25], [0x7B, 0x6D, 0x7C], [0x3D, 0x7C, 0x23],
    [0x6C, 0x43, 0x6D], [0x34, 0x38, 0x28], [0x6D, 0x5E, 0x31], [0x4E, 0x5B, 0x39], [0x2B, 0x6E, 0x7F], [0x30, 0x57, 0x36],
    [0x6F, 0x4C, 0x54], [0x74, 0x34, 0x34], [0x6B, 0x72, 0x62], [0x4C, 0x25, 0x4E], [0x33, 0x56, 0x30], [0x56, 0x73, 0x5E],
    [0x3A, 0x68, 0x73], [0x78, 0x55, 0x09], [0x57, 0x47, 0x4B], [0x77, 0x32, 0x61], [0x3B, 0x35, 0x24], [0x44, 0x2E, 0x4D],
    [0x2F, 0x64, 0x6B], [0x59, 0x4F, 0x44], [0x45, 0x3B, 0x21], [0x5C, 0x2D, 0x37], [0x68, 0x41, 0x53], [0x36, 0x61, 0x58],
    [0x58, 0x7A, 0x48], [0x79, 0x22, 0x2E], [0x09, 0x60, 0x50], [0x75, 0x6B, 0x2D], [0x38, 0x4E, 0x29], [0x55, 0x3D, 0x3F],
    [0x51, 0x67, 0x2F],
];

/// Which alphabet a character is written in, by its place.
#[rustfmt::skip]
const ORDER: [u8; 64] = [
    1, 2, 0, 1, 2, 0, 2, 0, 0, 2, 0, 2, 1, 0, 2, 0, 1, 0, 2, 0, 1, 1, 2, 0, 0, 2, 1, 0, 2, 0, 0, 2,
    1, 1, 0, 2, 0, 2, 0, 1, 0, 1, 1, 2, 0, 1, 0, 2, 1, 0, 2, 0, 1, 1, 2, 0, 0, 1, 1, 2, 0, 1, 0, 2,
];

/// What each byte stands for in each alphabet; itself if it is none of its letters.
const PLAIN: [[u8; 128]; 3] = {
    let mut plain = [[0; 128]; 3];
    let mut alphabet = 0;
    while alphabet < 3 {
        let mut byte = 0;
        while byte < 128 {
            plain[alphabet][byte] = byte as u8;
            byte += 1;
        }
        let mut row = 0;
        while row < ALPHABETS.len() {
            let written = ALPHABETS[row][alphabet] as usize;
            // `<`, `>` and `@` have no letter of their own.
            if !matches!(row, 29 | 31 | 33) {
                plain[alphabet][written] = if row == 0 { b'\t' } else { 31 + row as u8 };
            }
            row += 1;
        }
        alphabet += 1;
    }
    plain
};

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    let mut done = 0;
    for at in memchr::memmem::find_iter(bytes, BEGIN) {
        if at < done {
            continue;
        }
        let Some(block) = Block::at(bytes, at) else { continue };
        if !layer.copy(bytes, done, at) || !block.write(layer) {
            return;
        }
        done = block.end;
    }
    if done > 0 {
        layer.copy(bytes, done, bytes.len());
    }
}

struct Block<'b> {
    body: &'b [u8],
    /// Where the body begins.
    start: usize,
    /// Where the block ends.
    end: usize,
    pairs: bool,
}

impl<'b> Block<'b> {
    fn at(bytes: &'b [u8], at: usize) -> Option<Self> {
        let header = bytes.get(at..at + HEADER)?;
        base64_number(&header[4..10])?;
        let start = at + HEADER;
        // Its end mark ends a block, whatever its length says; a block whose end is missing goes on to the next one.
        let rest = &bytes[start..];
        let next = memchr::memmem::find(rest, BEGIN).unwrap_or(rest.len());
        let (body, end, checksum) = match memchr::memmem::find(&rest[..next], END) {
            Some(mark) => {
                let body = &rest[..mark.saturating_sub(CHECKSUM)];
                (body, start + mark + END.len(), base64_number(&rest[body.len()..mark]))
            }
            None => (&rest[..next], start + next, None),
        };
        let pairs = !body.is_ascii() && {
            let sum = |pairs| {
                let mut sum = 0u32;
                each(body, pairs, |plain, _, encoded| {
                    sum = sum.wrapping_add(if encoded { u32::from(plain) } else { 0 });
                    true
                });
                sum
            };
            match checksum {
                Some(checksum) if sum(false) == checksum => false,
                Some(checksum) if sum(true) == checksum => true,
                _ => std::str::from_utf8(body).is_err(),
            }
        };
        Some(Self { body, start, end, pairs })
    }

    fn write(&self, layer: &mut Layer) -> bool {
        let mut text = Vec::with_capacity(4096);
        let (mut from, mut to, mut length) = (self.start, self.start, 0);
        let fits = each(self.body, self.pairs, |plain, taken, _| {
            // Characters of one length are written together.
            if taken != length || text.len() >= 4096 {
                if !layer.push(&text, from, to) {
                    return false;
                }
                text.clear();
                (from, length) = (to, taken);
            }
            text.push(plain);
            to += taken;
            true
        });
        fits && layer.push(&text, from, to)
    }
}

/// Gives each plain byte of a body, how many bytes it took, and whether it was encoded, until it is stopped.
fn each(body: &[u8], pairs: bool, mut give: impl FnMut(u8, usize, bool) -> bool) -> bool {
    let (mut at, mut turn) = (0, 0);
    while let Some(byte) = body.get(at) {
        let next = body.get(at + 1).copied();
        let (plain, taken, encoded) = match (byte, next) {
            (0x80.., _) => (*byte, 1, false),
            (b'@', Some(b'&')) => (b'\n', 2, true),
            (b'@', Some(b'#')) => (b'\r', 2, true),
            (b'@', Some(b'*')) => (b'>', 2, true),
            (b'@', Some(b'!')) => (b'<', 2, true),
            (b'@', Some(b'$')) => (b'@', 2, true),
            // No letter is a line end: somebody wrapped the text at a blank, which is one.
            (b'\r', Some(b'\n')) => (PLAIN[usize::from(ORDER[turn % 64])][usize::from(b' ')], 2, true),
            _ => (PLAIN[usize::from(ORDER[turn % 64])][usize::from(*byte)], 1, true),
        };
        if !give(plain, taken, encoded) {
            return false;
        }
        at += taken;
        turn += usize::from(encoded);
        if pairs
            && !encoded
            && let Some(second) = next
        {
            if !give(second, 1, false) {
                return false;
            }
            at += 1;
        }
    }
    true
}

/// The number that six characters of base64 hold, least byte first.
fn base64_number(digits: &[u8]) -> Option<u32> {
    let digits: &[u8; 6] = digits.try_into().ok()?;
    let mut bits = 0u64;
    for digit in digits {
        bits = bits << 6 | u64::from(super::base64::value(*digit)?);
    }
    let bytes = (bits >> 4).to_be_bytes();
    Some(u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]))
}

/// The body of a block that holds this text.
#[cfg(test)]
pub(super) fn encode(text: &str) -> String {
    let mut body = String::new();
    let mut turn = 0;
    for c in text.chars() {
        match c {
            '\n' => body.push_str("@&"),
            '\r' => body.push_str("@#"),
            '>' => body.push_str("@*"),
            '<' => body.push_str("@!"),
            '@' => body.push_str("@$"),
            '\t' | ' '..='\x7F' => {
                let row = (c as usize).saturating_sub(31);
                body.push(char::from(ALPHABETS[row][usize::from(ORDER[turn % 64])]));
            }
            c => body.push(c),
        }
        turn += usize::from(c.is_ascii());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alphabet_writes_each_character_by_a_letter_of_its_own() {
        for alphabet in 0..3 {
            let rows = ALPHABETS.iter().enumerate().filter(|(row, _)| ![29, 31, 33].contains(row));
            let mut letters: Vec<u8> = rows.map(|(_, letters)| letters[alphabet]).collect();
            letters.sort();
            letters.dedup();
            assert_eq!(letters.len(), 94);
            assert!(!letters.iter().any(|letter| b"<>@\r\n".contains(letter)));
        }
    }
}
