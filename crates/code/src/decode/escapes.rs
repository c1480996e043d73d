//! Escapes of JavaScript, C#, JSON and URLs, decoded in place so that the surrounding text stays.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const DECODER: Decoder = Decoder {
    name: "escapes",
    about: "\\uXXXX, \\u{X}, \\UXXXXXXXX, \\xNN, %uXXXX and %NN for letters or digits, which do not need escaping, or \
            for the opening of a page",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

/// The least weight of a text's escapes for which they are undone.
const ENOUGH: u32 = 4;

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    if weight(bytes) < ENOUGH {
        return;
    }
    let mut done = 0;
    let mut run_to = 0;
    for at in memchr::memchr2_iter(b'\\', b'%', bytes) {
        if at < done {
            continue;
        }
        let Some(escape) = escape(bytes, at, at == run_to && at > 0) else { continue };
        let mut text = [0; 4];
        if !layer.copy(bytes, done, at) || !layer.push(escape.write(&mut text), at, escape.end) {
            return;
        }
        (done, run_to) = (escape.end, escape.end);
    }
    layer.copy(bytes, done, bytes.len());
}

/// How much speaks for undoing the escapes, as soon as it is enough.
fn weight(bytes: &[u8]) -> u32 {
    let mut weight = 0;
    let (mut done, mut run_to, mut opening) = (0, 0, None);
    for at in memchr::memchr2_iter(b'\\', b'%', bytes) {
        if at < done {
            continue;
        }
        let escape = escape(bytes, at, at == run_to && at > 0);
        let is = |sign: char| escape.as_ref().is_some_and(|escape| escape.is(sign));
        // An escaped `<` before a `%`, escaped or not.
        if Some(at) == opening && (escape.is_none() && bytes[at] == b'%' || is('%')) {
            weight += ENOUGH;
        }
        if let Some(escape) = &escape {
            weight += match escape.what {
                What::Character(c) if c.is_ascii_alphanumeric() => ENOUGH,
                What::Byte(byte) if byte.is_ascii_alphanumeric() => 2,
                What::UrlByte(byte) if byte.is_ascii_alphanumeric() => 1,
                // An escape below this one.
                _ if is('\\') && matches!(bytes.get(escape.end), Some(b'u' | b'U' | b'x')) => 2,
                _ => 0,
            };
            opening = is('<').then_some(escape.end);
            (done, run_to) = (escape.end, escape.end);
        }
        if weight >= ENOUGH {
            break;
        }
    }
    weight
}

struct Escape {
    what: What,
    end: usize,
}

enum What {
    Character(char),
    Byte(u8),
    UrlByte(u8),
}

impl Escape {
    fn is(&self, sign: char) -> bool {
        match self.what {
            What::Character(c) => c == sign,
            What::Byte(byte) | What::UrlByte(byte) => char::from(byte) == sign,
        }
    }

    fn write<'t>(&self, text: &'t mut [u8; 4]) -> &'t [u8] {
        match self.what {
            What::Character(c) => c.encode_utf8(text).as_bytes(),
            What::Byte(byte) | What::UrlByte(byte) => {
                text[0] = byte;
                &text[..1]
            }
        }
    }
}

/// The escape that begins here. `in_run` says that one ended here.
fn escape(bytes: &[u8], at: usize, in_run: bool) -> Option<Escape> {
    let rest = &bytes[at..];
    let character =
        |code: u32, length: usize| Some(Escape { what: What::Character(char::from_u32(code)?), end: at + length });
    match *rest.get(..2)? {
        [b'\\', b'x'] => Some(Escape { what: What::Byte(hex(rest, 2, 2)? as u8), end: at + 4 }),
        [b'\\', b'u'] if rest.get(2) == Some(&b'{') => {
            let digits = rest[3..].iter().take(7).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let closed = (1..7).contains(&digits) && rest.get(3 + digits) == Some(&b'}');
            if closed { character(hex(rest, 3, digits)?, digits + 4) } else { None }
        }
        [b'\\', b'u'] => {
            let high = hex(rest, 2, 4)?;
            let low = rest.get(6..8).filter(|next| next == b"\\u").and_then(|_| hex(rest, 8, 4));
            match (high, low) {
                (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
                    character(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), 12)
                }
                _ => character(high, 6),
            }
        }
        [b'\\', b'U'] => character(hex(rest, 2, 8)?, 10),
        [b'%', b'u' | b'U'] => character(hex(rest, 2, 4)?, 6),
        [b'%', _] => {
            let byte = hex(rest, 1, 2)? as u8;
            // `<%call`, `'%ab%'` and `50%` are no escapes: one that stands alone must be a letter or a digit.
            let next = rest.get(3) == Some(&b'%') && hex(rest, 4, 2).is_some();
            let alone = byte.is_ascii_alphanumeric() && at.checked_sub(1).and_then(|at| bytes.get(at)) != Some(&b'<');
            let opens = at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'<');
            (in_run || next && !opens || alone).then_some(Escape { what: What::UrlByte(byte), end: at + 3 })
        }
        _ => None,
    }
}

/// The number that so many hex digits say.
fn hex(rest: &[u8], from: usize, digits: usize) -> Option<u32> {
    let digits = rest.get(from..from + digits)?;
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}
