//! Computes what functions on constants give. Characters are those of UTF-8, or bytes where a text is not UTF-8.

use super::value::{Constant, LONGEST, MOST, Texts};
use crate::code::api_model::Fold;
use crate::code::structure::Language;
use crate::model::percent::{self, Escapes};

/// The value of a function of constants; `own` is the object of a method.
pub(super) fn fold(
    fold: Fold,
    own: Option<Constant>,
    arguments: &[Constant],
    language: Language,
    texts: &mut Texts,
) -> Constant {
    apply(fold, own, arguments, language, texts).unwrap_or(Constant::Unknown)
}

fn apply(
    fold: Fold,
    own: Option<Constant>,
    arguments: &[Constant],
    language: Language,
    texts: &mut Texts,
) -> Option<Constant> {
    if texts.is_spent() {
        return None;
    }
    let known_own = own.filter(|own| *own != Constant::Unknown);
    // Reading a long text again and again counts, or a page of a thousand calls could cost a thousand times its length. That
    // goes for every argument: what is looked for and what is put between is read too.
    for constant in own.iter().chain(arguments) {
        texts.spent += match *constant {
            Constant::Text(text) => texts.bytes(text).len() / 8,
            Constant::List(list) => texts.list(list).len(),
            _ => 0,
        };
    }
    // The text or list that is worked on, and the other arguments. `Strings.Replace(x, ...)` and `"".Concat(x)` have it
    // as their first.
    let (first, rest) = match known_own {
        Some(own) => (own, arguments),
        None => (*arguments.first()?, arguments.get(1..).unwrap_or_default()),
    };
    if own.is_some() && known_own.is_none() && !takes_argument(fold) {
        return None;
    }
    let number = |at: usize| rest.get(at).and_then(|c| as_number(*c, texts));
    match fold {
        Fold::Chr => character(as_number(first, texts)?, texts),
        Fold::ByteChr => Some(texts.add(&[as_number(first, texts)?.rem_euclid(256) as u8])),
        Fold::Asc => Some(Constant::Number(code_at(texts.text(first)?, 0)?)),
        Fold::Number => Some(Constant::Number(as_number_of_base(first, rest.first().copied(), texts)?)),
        Fold::HexText => {
            let hex = format!("{:X}", as_number(first, texts)?);
            Some(texts.add(hex.as_bytes()))
        }
        Fold::Spaces => repeat(b" ", as_number(first, texts)?, texts),
        Fold::Repeat => {
            let what = rest.first().copied()?;
            let count = as_number(first, texts)?;
            let unit = match what {
                Constant::Number(code) => char_bytes(code)?,
                what => texts.text(what)?.to_vec(),
            };
            repeat(&unit, count, texts)
        }
        Fold::Replace => {
            let (from, to) = (*rest.first()?, *rest.get(1)?);
            let (from, to) = (texts.written(from)?, texts.written(to)?);
            replace(first, from, to, texts)
        }
        Fold::Mid => {
            let start = usize::try_from(number(0)?.checked_sub(1)?).ok()?;
            let count = rest.get(1).map(|c| as_number(*c, texts));
            let count = match count {
                Some(count) => usize::try_from(count?).ok()?,
                None => usize::MAX,
            };
            part(first, start, count, texts)
        }
        Fold::Substring => {
            let script = language == Language::JScript;
            let length = match first {
                Constant::Text(text) => characters(texts.bytes(text)),
                _ => return None,
            };
            let mut start = number(0)?;
            if start < 0 {
                start += length as i64;
            }
            let start = usize::try_from(start).unwrap_or(0);
            let count = match rest.get(1) {
                Some(second) => {
                    let second = as_number(*second, texts)?;
                    // JScript's substring and slice name the end, its substr is told apart by being shorter than it.
                    let count = if script && second >= start as i64 { second - start as i64 } else { second };
                    usize::try_from(count).unwrap_or(0)
                }
                None => usize::MAX,
            };
            part(first, start, count, texts)
        }
        Fold::Left => part(first, 0, usize::try_from(number(0)?).ok()?, texts),
        Fold::Right => {
            let length = characters(texts.text(first)?);
            let count = usize::try_from(number(0)?).ok()?.min(length);
            part(first, length - count, count, texts)
        }
        Fold::Reverse if language == Language::Php && matches!(first, Constant::Text(_)) => {
            let turned: Vec<u8> = texts.text(first)?.iter().rev().copied().collect();
            Some(texts.add(&turned))
        }
        Fold::Reverse => reverse(first, texts),
        Fold::Split => {
            let text = texts.text(first)?.to_vec();
            let by = match rest.first() {
                Some(Constant::List(list)) => texts.list(*list).first().copied(),
                Some(by) => Some(*by),
                None => None,
            };
            let by = match by {
                Some(by) => texts.text(by)?.to_vec(),
                None => b" ".to_vec(),
            };
            split(&text, &by, texts)
        }
        Fold::Join => {
            let (list, separator) = match (first, rest.first().copied()) {
                (Constant::List(_), by) => (first, by),
                // String.Join(separator, list)
                (by, Some(list @ Constant::List(_))) => (list, Some(by)),
                _ => return None,
            };
            let default = match language {
                Language::VbScript | Language::VisualBasic => &b" "[..],
                Language::Php => b"",
                _ => b",",
            };
            let by = match separator {
                Some(by) => texts.text(by)?.to_vec(),
                None => default.to_vec(),
            };
            join(list, &by, texts)
        }
        Fold::JoinSelf => {
            let by = match rest.first() {
                Some(by) => texts.text(*by)?.to_vec(),
                None => b",".to_vec(),
            };
            join(first, &by, texts)
        }
        Fold::Array => Some(texts.add_list(arguments.to_vec())),
        Fold::Lower => {
            let text = texts.text(first)?.to_ascii_lowercase();
            Some(texts.add(&text))
        }
        Fold::Upper => {
            let text = texts.text(first)?.to_ascii_uppercase();
            Some(texts.add(&text))
        }
        Fold::Trim => {
            if !rest.is_empty() {
                return None;
            }
            let text = texts.text(first)?.trim_ascii().to_vec();
            Some(texts.add(&text))
        }
        Fold::Same => Some(first),
        Fold::ToString => texts.written(first),
        Fold::Unescape => {
            let text = unescape(texts.text(first)?);
            Some(texts.add(&text))
        }
        Fold::UrlDecode => {
            let text = unescape(texts.text(first)?);
            Some(texts.add(&text))
        }
        Fold::HtmlDecode => {
            let text = texts.text(first)?;
            if text.contains(&b'&') {
                return None;
            }
            Some(first)
        }
        Fold::FromBase64 => {
            let bytes = base64(texts.text(first)?)?;
            Some(texts.add(&bytes))
        }
        Fold::CharAt => part(first, usize::try_from(number(0)?).ok()?, 1, texts),
        Fold::CodeAt => {
            let at = usize::try_from(number(0).unwrap_or(0)).ok()?;
            Some(Constant::Number(code_at(texts.text(first)?, at)?))
        }
        Fold::CharArray => {
            let text = String::from_utf8_lossy(texts.text(first)?).into_owned();
            if text.len() > MOST {
                return None;
            }
            let items = text.chars().map(|c| texts.add(c.encode_utf8(&mut [0; 4]).as_bytes())).collect();
            Some(texts.add_list(items))
        }
        Fold::FromCodes => from_codes(first, rest, texts),
        Fold::Format => format(first, rest, texts),
        Fold::Concat => {
            let mut all = match first {
                Constant::List(_) => join(first, b"", texts)?,
                other => texts.written(other)?,
            };
            for next in rest {
                let next = match next {
                    Constant::List(_) => join(*next, b"", texts)?,
                    other => *other,
                };
                all = texts.join(all, next);
            }
            Some(all)
        }
        Fold::Remove => {
            let text = String::from_utf8_lossy(texts.text(first)?).into_owned();
            let start = usize::try_from(number(0)?).ok()?;
            let count = match rest.get(1) {
                Some(count) => usize::try_from(as_number(*count, texts)?).ok()?,
                None => usize::MAX,
            };
            let kept: String = text
                .chars()
                .enumerate()
                .filter(|(at, _)| *at < start || *at >= start.saturating_add(count))
                .map(|(_, c)| c)
                .collect();
            Some(texts.add(kept.as_bytes()))
        }
        Fold::Insert => {
            let text = String::from_utf8_lossy(texts.text(first)?).into_owned();
            let at = usize::try_from(number(0)?).ok()?;
            let piece = String::from_utf8_lossy(texts.text(*rest.get(1)?)?).into_owned();
            let mut all: String = text.chars().take(at).collect();
            all.push_str(&piece);
            all.extend(text.chars().skip(at));
            Some(texts.add(all.as_bytes()))
        }
        Fold::Length => match first {
            Constant::Text(text) => Some(Constant::Number(characters(texts.bytes(text)) as i64)),
            Constant::List(list) => Some(Constant::Number(texts.list(list).len() as i64)),
            _ => None,
        },
        Fold::Rot13 => {
            let turn = |b: &u8| match b {
                b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
                b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
                _ => *b,
            };
            let turned: Vec<u8> = texts.text(first)?.iter().map(turn).collect();
            Some(texts.add(&turned))
        }
        Fold::Inflate => {
            let inflated = crate::decode::inflate(texts.text(first)?, LONGEST)?;
            Some(texts.add(&inflated))
        }
        Fold::FromHex => {
            let bytes = from_hex(texts.text(first)?)?;
            Some(texts.add(&bytes))
        }
        Fold::Pack => {
            let letters = texts.text(first)?;
            let made = match letters.first()? {
                b'H' => from_hex(texts.text(*rest.first()?)?)?,
                b'c' | b'C' => {
                    let codes: Option<Vec<u8>> =
                        rest.iter().map(|c| Some(as_number(*c, texts)?.rem_euclid(256) as u8)).collect();
                    codes?
                }
                _ => return None,
            };
            Some(texts.add(&made))
        }
        Fold::ReplaceIn => {
            let (to, subject) = (*rest.first()?, *rest.get(1)?);
            let subject = texts.written(subject)?;
            match first {
                Constant::List(list) => {
                    let list = texts.list(list).to_vec();
                    let mut all = subject;
                    for (at, from) in list.into_iter().take(256).enumerate() {
                        let to = match to {
                            Constant::List(list) => texts.list(list).get(at).copied(),
                            one => Some(one),
                        };
                        let to = match to {
                            Some(to) => texts.written(to)?,
                            None => texts.add(b""),
                        };
                        let from = texts.written(from)?;
                        all = replace(all, from, to, texts)?;
                    }
                    Some(all)
                }
                from => {
                    let (from, to) = (texts.written(from)?, texts.written(to)?);
                    replace(subject, from, to, texts)
                }
            }
        }
        Fold::Translate => {
            let (from, to) = (texts.text(*rest.first()?)?, texts.text(*rest.get(1)?)?);
            let mut table: [u8; 256] = std::array::from_fn(|at| at as u8);
            for (from, to) in from.iter().zip(to) {
                table[*from as usize] = *to;
            }
            let made: Vec<u8> = texts.text(first)?.iter().map(|b| table[*b as usize]).collect();
            Some(texts.add(&made))
        }
        Fold::Substr => {
            let bytes = texts.text(first)?;
            let length = bytes.len() as i64;
            let start = number(0)?;
            let start = if start < 0 { (length + start).max(0) } else { start.min(length) };
            let end = match rest.get(1) {
                None => length,
                Some(count) => match as_number(*count, texts)? {
                    count if count < 0 => length.saturating_add(count),
                    count => start.saturating_add(count).min(length),
                },
            };
            let piece = bytes.get(start as usize..end.max(start) as usize)?.to_vec();
            Some(texts.add(&piece))
        }
        Fold::SubstringTo => {
            let start = usize::try_from(number(0)?).ok()?;
            let count = match rest.get(1) {
                Some(end) => usize::try_from(as_number(*end, texts)?).ok()?.checked_sub(start)?,
                None => usize::MAX,
            };
            part(first, start, count, texts)
        }
        Fold::Explode => {
            let (by, text) = (texts.text(first)?.to_vec(), texts.text(*rest.first()?)?.to_vec());
            if by.is_empty() {
                return None;
            }
            split(&text, &by, texts)
        }
        Fold::BaseConvert => {
            let base =
                |at: usize| number(at).and_then(|base| u32::try_from(base).ok()).filter(|b| (2..=36).contains(b));
            let (from, to) = (base(0)?, base(1)?);
            let text = texts.written(first)?;
            let mut value = u64::from_str_radix(std::str::from_utf8(texts.text(text)?).ok()?, from).ok()?;
            let mut digits = Vec::new();
            loop {
                digits.push(char::from_digit((value % u64::from(to)) as u32, to)? as u8);
                value /= u64::from(to);
                if value == 0 {
                    break;
                }
            }
            digits.reverse();
            Some(texts.add(&digits))
        }
        Fold::Printed => printed(first, rest, texts),
        Fold::RepeatText => {
            let unit = texts.text(first)?.to_vec();
            repeat(&unit, number(0)?, texts)
        }
        Fold::Unknown => None,
    }
}

/// Bytes written in hexadecimal.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| (b as char).to_digit(16).map(|digit| digit as u8);
    text.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// `sprintf("%s%c", a, b)`; nothing else is read in a pattern.
fn printed(pattern: Constant, values: &[Constant], texts: &mut Texts) -> Option<Constant> {
    let text = texts.text(pattern)?.to_vec();
    let mut values = values.iter();
    let mut out = Vec::new();
    let mut rest = &text[..];
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let (&kind, behind) = rest.split_first()?;
        rest = behind;
        match kind {
            b'%' => out.push(b'%'),
            b'c' => out.push(as_number(*values.next()?, texts)?.rem_euclid(256) as u8),
            b's' | b'd' => {
                let value = texts.written(*values.next()?)?;
                out.extend_from_slice(texts.text(value)?);
            }
            _ => return None,
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(texts.add(&out))
}

/// Functions of a class that have their text as an argument: `Convert.FromBase64String(x)`.
fn takes_argument(fold: Fold) -> bool {
    !matches!(
        fold,
        Fold::Replace
            | Fold::Substring
            | Fold::SubstringTo
            | Fold::JoinSelf
            | Fold::CharAt
            | Fold::CodeAt
            | Fold::Trim
            | Fold::ToString
            | Fold::Lower
            | Fold::Upper
            | Fold::CharArray
            | Fold::Length
            | Fold::Remove
    )
}

/// A constant as a number: `"65"`, `"&H41"`, `"0x41"`.
pub(super) fn as_number(constant: Constant, texts: &Texts) -> Option<i64> {
    match constant {
        Constant::Number(number) => Some(number),
        Constant::Text(text) => parse_number(texts.bytes(text)),
        _ => None,
    }
}

fn parse_number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (digits, base) = match text.get(..2) {
        Some("&H" | "&h" | "0x" | "0X") => (&text[2..], 16),
        Some("&O" | "&o") => (&text[2..], 8),
        _ => (text, 10),
    };
    i64::from_str_radix(digits.trim_end_matches('&'), base).ok()
}

fn as_number_of_base(constant: Constant, base: Option<Constant>, texts: &Texts) -> Option<i64> {
    match (base, texts.text(constant)) {
        (Some(Constant::Number(base @ (2 | 8 | 16))), Some(text)) => {
            let text = std::str::from_utf8(text).ok()?.trim().trim_start_matches("0x");
            i64::from_str_radix(text, base as u32).ok()
        }
        _ => as_number(constant, texts),
    }
}

fn char_bytes(code: i64) -> Option<Vec<u8>> {
    // A negative code is a character above 32767, as AscW gives it.
    let code = if (-32768..0).contains(&code) { code + 65536 } else { code };
    let c = char::from_u32(u32::try_from(code).ok()?)?;
    Some(c.to_string().into_bytes())
}

/// The text of one character.
pub(super) fn character(code: i64, texts: &mut Texts) -> Option<Constant> {
    let bytes = char_bytes(code)?;
    Some(texts.add(&bytes))
}

fn characters(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| text.chars().count())
}

/// The code of the character at a place.
pub(super) fn code_at(text: &[u8], at: usize) -> Option<i64> {
    match std::str::from_utf8(text) {
        Ok(text) if !text.is_ascii() => text.chars().nth(at).map(|c| i64::from(u32::from(c))),
        _ => text.get(at).map(|&byte| i64::from(byte)),
    }
}

/// A part of a text, counted in characters.
pub(super) fn part(text: Constant, start: usize, count: usize, texts: &mut Texts) -> Option<Constant> {
    let bytes = texts.text(text)?;
    let piece = match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_ascii() => text.chars().skip(start).take(count).collect::<String>().into_bytes(),
        _ => {
            let start = start.min(bytes.len());
            bytes[start..start.saturating_add(count).min(bytes.len())].to_vec()
        }
    };
    Some(texts.add(&piece))
}

fn repeat(unit: &[u8], count: i64, texts: &mut Texts) -> Option<Constant> {
    let count = usize::try_from(count).ok()?;
    if unit.len().saturating_mul(count) > LONGEST {
        return None;
    }
    Some(texts.add(&unit.repeat(count)))
}

fn replace(text: Constant, from: Constant, to: Constant, texts: &mut Texts) -> Option<Constant> {
    // A long text that is looked for costs as much as one that is looked through, and more a byte.
    texts.spent += texts.text(from)?.len();
    let (bytes, from, to) = (texts.text(text)?, texts.text(from)?, texts.text(to)?);
    if from.is_empty() {
        return None;
    }
    if from.len() > bytes.len() {
        return Some(text);
    }
    let text = bytes;
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for at in memchr::memmem::find_iter(text, from) {
        out.extend_from_slice(&text[done..at]);
        out.extend_from_slice(to);
        done = at + from.len();
        if out.len() > LONGEST {
            return None;
        }
    }
    out.extend_from_slice(&text[done..]);
    Some(texts.add(&out))
}

fn reverse(constant: Constant, texts: &mut Texts) -> Option<Constant> {
    match constant {
        Constant::Text(text) => {
            let bytes = texts.bytes(text);
            let turned = match std::str::from_utf8(bytes) {
                Ok(text) => text.chars().rev().collect::<String>().into_bytes(),
                Err(_) => bytes.iter().rev().copied().collect(),
            };
            Some(texts.add(&turned))
        }
        Constant::List(list) => {
            let turned = texts.list(list).iter().rev().copied().collect();
            Some(texts.add_list(turned))
        }
        _ => None,
    }
}

fn split(text: &[u8], by: &[u8], texts: &mut Texts) -> Option<Constant> {
    let mut items = Vec::new();
    if by.is_empty() {
        for piece in text.chunks(1).take(MOST + 1) {
            items.push(texts.add(piece));
        }
        return Some(texts.add_list(items));
    }
    texts.spent += by.len();
    let mut done = 0;
    for at in memchr::memmem::find_iter(text, by) {
        items.push(texts.add(&text[done..at]));
        done = at + by.len();
        if items.len() > MOST {
            return None;
        }
    }
    items.push(texts.add(&text[done..]));
    Some(texts.add_list(items))
}

fn join(list: Constant, by: &[u8], texts: &mut Texts) -> Option<Constant> {
    let Constant::List(list) = list else { return None };
    let mut out = Vec::new();
    for (at, item) in texts.list(list).iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(by);
        }
        match *item {
            Constant::Text(text) => out.extend_from_slice(texts.bytes(text)),
            Constant::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
            _ => return None,
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(texts.add(&out))
}

/// `String.fromCharCode(1, 2)`, `GetString(bytes)`, `new string(characters)`.
pub(super) fn from_codes(first: Constant, rest: &[Constant], texts: &mut Texts) -> Option<Constant> {
    let mut items: Vec<Constant> = match first {
        Constant::List(list) => texts.list(list).to_vec(),
        Constant::Text(_) if rest.is_empty() || !matches!(rest[0], Constant::Text(_)) => return Some(first),
        other => vec![other],
    };
    if !matches!(first, Constant::List(_)) {
        items.extend_from_slice(rest);
    }
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Constant::Number(code) => out.extend(char_bytes(code)?),
            Constant::Text(text) => out.extend_from_slice(texts.bytes(text)),
            _ => return None,
        }
    }
    if out.len() > LONGEST {
        return None;
    }
    Some(texts.add(&out))
}

/// `String.Format("{0}{1}", a, b)`.
fn format(pattern: Constant, values: &[Constant], texts: &mut Texts) -> Option<Constant> {
    let text = texts.text(pattern)?.to_vec();
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'{' if text.get(at + 1) == Some(&b'{') => {
                out.push(b'{');
                at += 2;
            }
            b'}' => {
                out.push(b'}');
                at += if text.get(at + 1) == Some(&b'}') { 2 } else { 1 };
            }
            b'{' => {
                let end = at + text[at..].iter().take(24).position(|&b| b == b'}')?;
                let digits = text[at + 1..end].iter().take_while(|b| b.is_ascii_digit()).count();
                let index: usize = std::str::from_utf8(&text[at + 1..at + 1 + digits]).ok()?.parse().ok()?;
                let value = match (values.first(), values.len()) {
                    (Some(Constant::List(list)), 1) => *texts.list(*list).get(index)?,
                    _ => *values.get(index)?,
                };
                let value = texts.written(value)?;
                out.extend_from_slice(texts.text(value)?);
                at = end + 1;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(texts.add(&out))
}

/// Undoes `%41` and `%u0041`.
pub(in crate::code) fn unescape(text: &[u8]) -> Vec<u8> {
    percent::decode(text, Escapes::BytesAndUnits).unwrap_or_else(|| text.to_vec())
}

pub(in crate::code) use crate::decode::base64_text as base64;
