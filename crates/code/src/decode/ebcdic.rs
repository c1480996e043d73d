//! EBCDIC, which ASP.NET reads where `fileEncoding` in the configuration is `IBM037` or a similar code page, and
//! classic ASP where a page declares such a code page: nothing in the stored bytes looks like code. The common part of
//! the Latin code pages and the specifics of three of them are decoded (IBM, "Code page 37", "500" and "1047").

use super::layer::{Input, Layer};
use super::{Decoder, Effort};

pub(super) const US: Decoder = Decoder {
    name: "ebcdic037",
    about: "text with page markers in EBCDIC (code page 37)",
    effort: Effort::Thorough,
    wide: true,
    decode: |input, layer| decode(input, layer, &[(0x4F, '|'), (0x5A, '!'), (0xB0, '^'), (0xBA, '['), (0xBB, ']')]),
};

pub(super) const INTERNATIONAL: Decoder = Decoder {
    name: "ebcdic500",
    about: "the same in the international code page (500)",
    effort: Effort::Thorough,
    wide: true,
    decode: |input, layer| {
        decode(input, layer, &[(0x4A, '['), (0x4F, '!'), (0x5A, ']'), (0x5F, '^'), (0xBB, '|')]);
    },
};

pub(super) const OPEN: Decoder = Decoder {
    name: "ebcdic1047",
    about: "the same in the code page for open systems (1047)",
    effort: Effort::Thorough,
    wide: true,
    decode: |input, layer| decode(input, layer, &[(0x4F, '|'), (0x5A, '!'), (0x5F, '^'), (0xAD, '['), (0xBD, ']')]),
};

fn decode(input: &Input<'_>, layer: &mut Layer, own: &[(u8, char)]) {
    let bytes = input.bytes;
    // Its letters lie where ASCII has none.
    if !input.stored || bytes.is_ascii() || !holds_opening(bytes) {
        return;
    }
    let mut table = ['\0'; 256];
    for (byte, c) in table.iter_mut().enumerate() {
        let byte = byte as u8;
        // A letter of its own for each that is no plain one.
        *c = common(byte).unwrap_or_else(|| char::from_u32(0x100 + u32::from(byte)).unwrap_or(' '));
    }
    for &(byte, c) in own {
        table[usize::from(byte)] = c;
    }
    for (at, &byte) in bytes.iter().enumerate() {
        if !layer.push(table[usize::from(byte)].encode_utf8(&mut [0; 4]).as_bytes(), at, at + 1) {
            return;
        }
    }
}

/// What every Latin code page of EBCDIC has.
fn common(byte: u8) -> Option<char> {
    Some(match byte {
        0x05 => '\t',
        0x0D => '\r',
        0x15 => '\u{85}',
        0x25 => '\n',
        0x40 => ' ',
        0x4B => '.',
        0x4C => '<',
        0x4D => '(',
        0x4E => '+',
        0x50 => '&',
        0x5B => '$',
        0x5C => '*',
        0x5D => ')',
        0x5E => ';',
        0x60 => '-',
        0x61 => '/',
        0x6B => ',',
        0x6C => '%',
        0x6D => '_',
        0x6E => '>',
        0x6F => '?',
        0x79 => '`',
        0x7A => ':',
        0x7B => '#',
        0x7C => '@',
        0x7D => '\'',
        0x7E => '=',
        0x7F => '"',
        0x81..=0x89 => char::from(byte - 0x81 + b'a'),
        0x91..=0x99 => char::from(byte - 0x91 + b'j'),
        0xA1 => '~',
        0xA2..=0xA9 => char::from(byte - 0xA2 + b's'),
        0xC0 => '{',
        0xC1..=0xC9 => char::from(byte - 0xC1 + b'A'),
        0xD0 => '}',
        0xD1..=0xD9 => char::from(byte - 0xD1 + b'J'),
        0xE0 => '\\',
        0xE2..=0xE9 => char::from(byte - 0xE2 + b'S'),
        0xF0..=0xF9 => char::from(byte - 0xF0 + b'0'),
        _ => return None,
    })
}

/// How many openings are looked at, and how far behind each.
const MAX_OPENINGS: usize = 4096;
const LOOK: usize = 200;

/// Whether text of EBCDIC follows the opening of a block, a directive or a script: letters, which lie where ASCII has none.
fn holds_opening(bytes: &[u8]) -> bool {
    // `<%`, `<s`, `<S`, `@{`, `@(`; code from end to end begins with `using`, `public` or a comment.
    let opens = |pair: &[u8]| {
        matches!(
            pair,
            [0x4C, 0x6C | 0xA2 | 0xE2] | [0x7C, 0xC0 | 0x4D] | [0xA4, 0xA2] | [0x97, 0xA4] | [0x61, 0x61 | 0x5C]
        )
    };
    let places = memchr::memchr3_iter(0x4C, 0x7C, 0xA4, bytes).chain(memchr::memchr2_iter(0x97, 0x61, bytes));
    places.filter(|&at| bytes.get(at..at + 2).is_some_and(opens)).take(MAX_OPENINGS).any(|at| {
        let behind = &bytes[at..bytes.len().min(at + LOOK)];
        let high =
            behind.iter().filter(|byte| !byte.is_ascii() && common(**byte).is_some_and(|c| c.is_ascii_alphanumeric()));
        let plain = behind.iter().filter(|byte| common(**byte).is_some());
        behind.len() >= 12 && high.count() * 3 >= behind.len() && plain.count() * 10 >= behind.len() * 8
    })
}

#[cfg(test)]
mod tests {
    use super::common;
    use crate::decode::{Effort, views};

    fn written(text: &str) -> Vec<u8> {
        text.chars().map(|c| (0..=255).find(|byte| common(*byte) == Some(c)).unwrap_or(0x6F)).collect()
    }

    #[test]
    fn a_page_in_ebcdic_is_read_and_others_are_no_such_page() {
        let text = "<%@ Page Language=\"C#\" %>\n<% Response.Write(Request(\"none\")); %>";
        let bytes = written(text);
        let all = views(&bytes, 0, Effort::Thorough).views;
        assert!(all.iter().any(|view| view.encodings == "ebcdic037" && &view.bytes[..] == text.as_bytes()));
        for other in
            [&b"<%@ Page Language=\"C#\" %> All illnesses"[..], "All 上一 <% 变量 %>".as_bytes(), b"Ll|\x81\x82", b""]
        {
            assert!(
                views(other, 0, Effort::Thorough).views.iter().all(|view| !view.encodings.contains("ebcdic")),
                "{other:?}"
            );
        }
    }
}
