//! Pieces of texts, taken out and put together.

use super::super::value::{Constant, LONGEST, MOST, Texts};
use super::codes::{as_number, char_bytes};

/// `sprintf("%s%c", a, b)`; nothing else is read in a pattern.
pub(in super::super) fn printed(pattern: Constant, values: &[Constant], texts: &mut Texts) -> Option<Constant> {
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

/// A part of a text, counted in characters.
pub(in super::super) fn part(text: Constant, start: usize, count: usize, texts: &mut Texts) -> Option<Constant> {
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

pub(in super::super) fn repeat(unit: &[u8], count: i64, texts: &mut Texts) -> Option<Constant> {
    let count = usize::try_from(count).ok()?;
    if unit.len().saturating_mul(count) > LONGEST {
        return None;
    }
    Some(texts.add(&unit.repeat(count)))
}

pub(in super::super) fn replace(text: Constant, from: Constant, to: Constant, texts: &mut Texts) -> Option<Constant> {
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

pub(in super::super) fn reverse(constant: Constant, texts: &mut Texts) -> Option<Constant> {
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

pub(in super::super) fn split(text: &[u8], by: &[u8], texts: &mut Texts) -> Option<Constant> {
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

pub(in super::super) fn join(list: Constant, by: &[u8], texts: &mut Texts) -> Option<Constant> {
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
pub(in super::super) fn from_codes(first: Constant, rest: &[Constant], texts: &mut Texts) -> Option<Constant> {
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
pub(in super::super) fn format(pattern: Constant, values: &[Constant], texts: &mut Texts) -> Option<Constant> {
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
