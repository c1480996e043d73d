//! Characters, their codes, and numbers as text.

use super::super::value::{Constant, Texts};
use crate::model::percent::{self, Escapes};

/// Bytes written in hexadecimal.
pub(in super::super) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| (b as char).to_digit(16).map(|digit| digit as u8);
    text.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

pub(in super::super) fn parse_number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (digits, base) = match text.get(..2) {
        Some("&H" | "&h" | "0x" | "0X") => (&text[2..], 16),
        Some("&O" | "&o") => (&text[2..], 8),
        _ => (text, 10),
    };
    i64::from_str_radix(digits.trim_end_matches('&'), base).ok()
}

/// A constant as a number: `"65"`, `"&H41"`, `"0x41"`.
pub(in super::super) fn as_number(constant: Constant, texts: &Texts) -> Option<i64> {
    match constant {
        Constant::Number(number) => Some(number),
        Constant::Text(text) => parse_number(texts.bytes(text)),
        _ => None,
    }
}

pub(in super::super) fn as_number_of_base(constant: Constant, base: Option<Constant>, texts: &Texts) -> Option<i64> {
    match (base, texts.text(constant)) {
        (Some(Constant::Number(base @ (2 | 8 | 16))), Some(text)) => {
            let text = std::str::from_utf8(text).ok()?.trim().trim_start_matches("0x");
            i64::from_str_radix(text, base as u32).ok()
        }
        _ => as_number(constant, texts),
    }
}

pub(in super::super) fn char_bytes(code: i64) -> Option<Vec<u8>> {
    // A negative code is a character above 32767, as AscW gives it.
    let code = if (-32768..0).contains(&code) { code + 65536 } else { code };
    let c = char::from_u32(u32::try_from(code).ok()?)?;
    Some(c.to_string().into_bytes())
}

/// The text of one character.
pub(in super::super) fn character(code: i64, texts: &mut Texts) -> Option<Constant> {
    let bytes = char_bytes(code)?;
    Some(texts.add(&bytes))
}

pub(in super::super) fn characters(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| text.chars().count())
}

/// The code of the character at a place.
pub(in super::super) fn code_at(text: &[u8], at: usize) -> Option<i64> {
    match std::str::from_utf8(text) {
        Ok(text) if !text.is_ascii() => text.chars().nth(at).map(|c| i64::from(u32::from(c))),
        _ => text.get(at).map(|&byte| i64::from(byte)),
    }
}

/// Undoes `%41` and `%u0041`.
pub(crate) fn unescape(text: &[u8]) -> Vec<u8> {
    percent::decode(text, Escapes::BytesAndUnits).unwrap_or_else(|| text.to_vec())
}

pub(crate) use crate::decode::base64_text as base64;
