//! HTML and XML character references, decoded in place so that the surrounding text stays.
//!
//! A page that only shows code, with `&lt;%` for its openings, is left as it is: what it shows does not run.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const DECODER: Decoder = Decoder {
    name: "entities",
    about: "&#NNN; and &#xNN; for letters or digits, and names such as &lpar; for ASCII punctuation",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

/// The least weight of a text's references for which they are undone.
const ENOUGH: u32 = 4;

/// Names of ASCII characters: <https://html.spec.whatwg.org/multipage/named-characters.html>.
const NAMES: &[(&[u8], u8)] = &[
    (b"Tab", b'\t'),
    (b"NewLine", b'\n'),
    (b"excl", b'!'),
    (b"quot", b'"'),
    (b"QUOT", b'"'),
    (b"num", b'#'),
    (b"dollar", b'$'),
    (b"percnt", b'%'),
    (b"amp", b'&'),
    (b"AMP", b'&'),
    (b"apos", b'\''),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"ast", b'*'),
    (b"midast", b'*'),
    (b"plus", b'+'),
    (b"comma", b','),
    (b"period", b'.'),
    (b"sol", b'/'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"lt", b'<'),
    (b"LT", b'<'),
    (b"equals", b'='),
    (b"gt", b'>'),
    (b"GT", b'>'),
    (b"quest", b'?'),
    (b"commat", b'@'),
    (b"lsqb", b'['),
    (b"lbrack", b'['),
    (b"bsol", b'\\'),
    (b"rsqb", b']'),
    (b"rbrack", b']'),
    (b"Hat", b'^'),
    (b"lowbar", b'_'),
    (b"UnderBar", b'_'),
    (b"grave", b'`'),
    (b"lcub", b'{'),
    (b"lbrace", b'{'),
    (b"vert", b'|'),
    (b"verbar", b'|'),
    (b"VerticalLine", b'|'),
    (b"rcub", b'}'),
    (b"rbrace", b'}'),
];

/// Names that benign pages are full of.
const COMMON: &[u8] = b"\"&'<>";

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    if weight(bytes) < ENOUGH {
        return;
    }
    let mut done = 0;
    for at in memchr::memchr_iter(b'&', bytes) {
        let Some(reference) = reference(bytes, at) else { continue };
        let mut text = [0; 4];
        let text = reference.character.encode_utf8(&mut text).as_bytes();
        if !layer.copy(bytes, done, at) || !layer.push(text, at, reference.end) {
            return;
        }
        done = reference.end;
    }
    layer.copy(bytes, done, bytes.len());
}

/// How much speaks for undoing the references, as soon as it is enough.
fn weight(bytes: &[u8]) -> u32 {
    let mut weight = 0;
    for at in memchr::memchr_iter(b'&', bytes) {
        let Some(Reference { character: c, named, .. }) = reference(bytes, at) else { continue };
        weight += match c {
            c if !named && c.is_ascii_alphanumeric() => 2,
            c if named && c.is_ascii() && !COMMON.contains(&(c as u8)) => 1,
            _ => 0,
        };
        if weight >= ENOUGH {
            break;
        }
    }
    weight
}

struct Reference {
    character: char,
    end: usize,
    named: bool,
}

/// The character reference that begins here. Numbers go without their semicolon, as browsers have it; names do not.
fn reference(bytes: &[u8], at: usize) -> Option<Reference> {
    let rest = bytes.get(at..)?.strip_prefix(b"&")?;
    if let Some(number) = rest.strip_prefix(b"#") {
        let (digits, radix, mark) = match number {
            [b'x' | b'X', digits @ ..] => (digits, 16, 1),
            digits => (digits, 10, 0),
        };
        // Zeros in front may be many; a character has seven digits at most.
        let zeros = digits.iter().take(64).take_while(|digit| **digit == b'0').count();
        let value = |digit: &u8| char::from(*digit).to_digit(radix);
        let count = digits[zeros..].iter().take(8).take_while(|digit| value(digit).is_some()).count();
        let code =
            digits[zeros..zeros + count].iter().filter_map(value).fold(0, |code: u32, digit| code * radix + digit);
        let end = at + 2 + mark + zeros + count;
        let character = char::from_u32(code).filter(|_| (1..8).contains(&count))?;
        let closed = usize::from(bytes.get(end) == Some(&b';'));
        return Some(Reference { character, end: end + closed, named: false });
    }
    let length = rest.iter().take(16).take_while(|byte| byte.is_ascii_alphabetic()).count();
    if rest.get(length) != Some(&b';') {
        return None;
    }
    let (_, byte) = NAMES.iter().find(|(name, _)| *name == &rest[..length])?;
    Some(Reference { character: char::from(*byte), end: at + length + 2, named: true })
}
