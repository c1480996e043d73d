//! GB18030, including GBK and GB2312, used by classic ASP pages from China.

use super::layer::{Input, Layer};
use super::{Decoder, Effort};
use encoding_rs::GB18030;

pub(super) const DECODER: Decoder = Decoder {
    name: "gb18030",
    about: "text that is GB18030 rather than UTF-8, with at most one invalid character in fifty",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let bytes = input.bytes;
    if bytes.is_ascii()
        || memchr::memchr(0, bytes).is_some()
        || std::str::from_utf8(bytes).is_ok()
        || !is_gb18030(bytes)
    {
        return;
    }
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut at = 0;
    while at < bytes.len() {
        let plain = bytes[at..].iter().take_while(|byte| byte.is_ascii()).count();
        if !layer.copy(bytes, at, at + plain) {
            return;
        }
        at += plain;
        let Some(character) = first(&bytes[at..]) else { break };
        let mut text = [0; 16];
        // A lead byte alone would wait in the decoder for its second.
        let length = match character {
            [_] => char::REPLACEMENT_CHARACTER.encode_utf8(&mut text).len(),
            _ => decoder.decode_to_utf8(character, &mut text, false).2,
        };
        if !layer.push(&text[..length], at, at + character.len()) {
            return;
        }
        at += character.len();
    }
}

fn is_gb18030(bytes: &[u8]) -> bool {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let (mut good, mut broken, mut at) = (0usize, 0usize, 0);
    while let Some(skipped) = bytes[at..].iter().position(|byte| !byte.is_ascii()) {
        at += skipped;
        let Some(character) = first(&bytes[at..]) else { break };
        let mut text = [0; 16];
        let fine = character.len() > 1 && !decoder.decode_to_utf8(character, &mut text, false).3;
        // A page that is looked at in part may end amid a character.
        let rest = &bytes[at..];
        let is_truncated =
            matches!(rest, [0x81..=0xFE] | [0x81..=0xFE, b'0'..=b'9'] | [0x81..=0xFE, b'0'..=b'9', 0x81..=0xFE]);
        if fine {
            good += 1;
        } else if !is_truncated {
            broken += 1;
            if broken > 16 && broken * 50 > good {
                return false;
            }
        }
        at += character.len();
    }
    good > 0 && broken * 50 <= good
}

/// The bytes of the first character of a text that begins with one outside ASCII; one byte if it is broken.
fn first(bytes: &[u8]) -> Option<&[u8]> {
    let length = match bytes {
        [] => return None,
        [0x81..=0xFE, b'0'..=b'9', 0x81..=0xFE, b'0'..=b'9', ..] => 4,
        [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, ..] => 2,
        _ => 1,
    };
    bytes.get(..length)
}
