//! What functions of the languages give for known arguments.

use super::value::{LONGEST, Value, bytes};
use crate::code::flow::fold;
use std::rc::Rc;

fn code_of(number: i64) -> Option<char> {
    // A negative code is a character above 32767, as AscW gives it.
    let number = if (-32768..0).contains(&number) { number + 65536 } else { number };
    char::from_u32(u32::try_from(number).ok()?)
}

fn part(text: &[char], start: i64, count: i64) -> Value {
    let start = usize::try_from(start).unwrap_or(0).min(text.len());
    let count = usize::try_from(count).unwrap_or(0).min(text.len() - start);
    Value::chars(text[start..start + count].to_vec())
}

fn find(text: &[char], what: &[char], from: usize) -> Option<usize> {
    if what.is_empty() {
        return (from <= text.len()).then_some(from);
    }
    let last = text.len().checked_sub(what.len())?;
    (from..=last).find(|&at| text[at..at + what.len()] == *what)
}

fn replace(text: &[char], from: &[char], to: &[char]) -> Option<Value> {
    if from.is_empty() {
        return Some(Value::Text(Rc::new(text.to_vec())));
    }
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while at < text.len() {
        if text[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(Value::chars(out))
}

fn split(text: &[char], by: &[char]) -> Value {
    let (mut items, mut from) = (Vec::new(), 0);
    if by.is_empty() {
        return Value::list(text.iter().map(|&c| Value::chars(vec![c])).collect());
    }
    while let Some(at) = find(text, by, from) {
        items.push(Value::chars(text[from..at].to_vec()));
        from = at + by.len();
    }
    items.push(Value::chars(text[from..].to_vec()));
    Value::list(items)
}

fn join(items: &[Value], by: &[char]) -> Option<Value> {
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(by);
        }
        out.extend_from_slice(&item.written()?);
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(Value::chars(out))
}

/// Characters by their codes: `String.fromCharCode(1, 2)`, `GetString(bytes)`, `new string(characters)`.
pub(super) fn from_codes(items: &[Value]) -> Option<Value> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::Char(c) => out.push(*c),
            Value::Text(text) => out.extend_from_slice(text),
            other => out.push(code_of(other.whole()?)?),
        }
    }
    Some(Value::chars(out))
}

/// The value of a function or method with this name in lower case; `own` is what stands before the dot.
pub(super) fn call(name: &[u8], own: Option<&Value>, arguments: &[Value], basic: bool, script: bool) -> Option<Value> {
    // `x.Replace(a, b)` and `Replace(x, a, b)`; `Strings.Replace(x, a, b)` has an object that is not known.
    let own = own.filter(|own| !own.is_unknown());
    let (first, rest) = match own {
        Some(own) => (own, arguments),
        None => (arguments.first()?, arguments.get(1..).unwrap_or_default()),
    };
    let text = || match first {
        Value::Text(_) | Value::Char(_) => first.written(),
        Value::Number(_) if basic => first.written(),
        _ => None,
    };
    let whole = |at: usize| rest.get(at).and_then(Value::whole);
    let written = |at: usize| rest.get(at).and_then(Value::written);
    let number = |n: i64| Some(Value::Number(n as f64));
    match name {
        b"chr" | b"chrw" | b"chrb" | b"tochar" => match first {
            Value::Char(_) => Some(first.clone()),
            _ => {
                let c = code_of(first.whole()?)?;
                Some(if name == b"tochar" { Value::Char(c) } else { Value::chars(vec![c]) })
            }
        },
        b"asc" | b"ascw" | b"ascb" => number(i64::from(u32::from(*text()?.first()?))),
        b"mid" | b"midb" => {
            let count = if rest.len() > 1 { whole(1)? } else { i64::MAX };
            Some(part(&text()?, whole(0)?.checked_sub(1)?, count))
        }
        b"left" | b"leftb" => Some(part(&text()?, 0, whole(0)?)),
        b"right" | b"rightb" => {
            let text = text()?;
            let count = whole(0)?.clamp(0, text.len() as i64);
            Some(part(&text, text.len() as i64 - count, count))
        }
        b"len" | b"lenb" => number(text()?.len() as i64),
        b"length" | b"count" => match first {
            Value::List(list) => number(list.len() as i64),
            _ => number(text()?.len() as i64),
        },
        b"ubound" | b"getupperbound" => match first {
            Value::List(list) => number(list.len() as i64 - 1),
            _ => None,
        },
        b"lbound" => number(0),
        b"replace" => {
            let (from, to) = (written(0)?, written(1)?);
            let text = text()?;
            if script {
                // JScript replaces the first one.
                let at = find(&text, &from, 0);
                let Some(at) = at else { return Some(Value::Text(text)) };
                let mut out = text[..at].to_vec();
                out.extend_from_slice(&to);
                out.extend_from_slice(&text[at + from.len()..]);
                return Some(Value::chars(out));
            }
            replace(&text, &from, &to)
        }
        b"split" => {
            let by = match rest.first() {
                Some(Value::List(list)) => list.first()?.written()?,
                Some(by) => by.written()?,
                None => Rc::new(vec![' ']),
            };
            Some(split(&text()?, &by))
        }
        b"join" => match (first, rest.first()) {
            (Value::List(list), Some(by)) => join(list, &by.written()?),
            (Value::List(list), None) => join(list, if basic { &[' '] } else { &[','] }),
            // String.Join(separator, list)
            (by, Some(Value::List(list))) => join(list, &by.written()?),
            _ => None,
        },
        b"strreverse" | b"reverse" => match first {
            Value::List(list) => Some(Value::list(list.iter().rev().cloned().collect())),
            _ => Some(Value::chars(text()?.iter().rev().copied().collect())),
        },
        b"ucase" | b"toupper" | b"touppercase" | b"toupperinvariant" => {
            Some(Value::chars(text()?.iter().map(char::to_ascii_uppercase).collect()))
        }
        b"lcase" | b"tolower" | b"tolowercase" | b"tolowerinvariant" => {
            Some(Value::chars(text()?.iter().map(char::to_ascii_lowercase).collect()))
        }
        b"trim" | b"ltrim" | b"rtrim" if rest.is_empty() => {
            let text: String = text()?.iter().collect();
            Some(Value::chars(text.trim().chars().collect()))
        }
        b"cint" | b"clng" | b"cbyte" | b"toint32" | b"toint16" | b"tobyte" | b"toint64" | b"parseint" | b"parse"
        | b"number" => match (whole(0), first) {
            (Some(base @ (2 | 8 | 16)), Value::Text(text)) => {
                let text: String = text.iter().collect();
                number(i64::from_str_radix(text.trim().trim_start_matches("0x"), base as u32).ok()?)
            }
            _ if basic => Some(Value::Number(first.number()?.round_ties_even())),
            _ => number(first.whole()?),
        },
        b"int" | b"fix" | b"floor" => Some(Value::Number(first.number()?.floor())),
        b"cdbl" | b"csng" | b"val" => Some(Value::Number(first.number()?)),
        b"abs" => Some(Value::Number(first.number()?.abs())),
        b"cstr" | b"tostring" if rest.is_empty() => match first {
            // Of characters in an array nothing is told but where it lies.
            Value::List(_) => None,
            _ => first.written().map(Value::Text),
        },
        b"hex" => Some(Value::text(format!("{:X}", first.whole()?).as_bytes())),
        b"space" => Some(Value::chars(vec![' '; usize::try_from(first.whole()?).ok().filter(|n| *n <= LONGEST)?])),
        b"string" if basic => {
            let count = usize::try_from(first.whole()?).ok().filter(|n| *n <= LONGEST)?;
            let what = match rest.first()? {
                Value::Number(_) => code_of(whole(0)?)?,
                other => *other.written()?.first()?,
            };
            Some(Value::chars(vec![what; count]))
        }
        b"instr" => match (first, rest) {
            // InStr([start,] text, what)
            (Value::Number(start), [text, what, ..]) => {
                let from = (*start as usize).saturating_sub(1);
                number(find(&text.written()?, &what.written()?, from).map_or(0, |at| at as i64 + 1))
            }
            (_, [what, ..]) => number(find(&text()?, &what.written()?, 0).map_or(0, |at| at as i64 + 1)),
            _ => None,
        },
        b"indexof" => number(find(&text()?, &written(0)?, 0).map_or(-1, |at| at as i64)),
        b"charat" | b"chars" => Some(part(&text()?, whole(0)?, 1)),
        b"charcodeat" => {
            let at = usize::try_from(whole(0).unwrap_or(0)).ok()?;
            number(i64::from(u32::from(*text()?.get(at)?)))
        }
        b"substr" => Some(part(&text()?, whole(0)?, if rest.len() > 1 { whole(1)? } else { i64::MAX })),
        b"substring" | b"slice" => {
            let text = text()?;
            let start = whole(0)?;
            match rest.len() {
                0 | 1 => Some(part(&text, start, i64::MAX)),
                // JScript names the end.
                _ if script => Some(part(&text, start.min(whole(1)?), whole(1)?.abs_diff(start) as i64)),
                _ => Some(part(&text, start, whole(1)?)),
            }
        }
        b"concat" => {
            let mut out = first.written()?.to_vec();
            for next in rest {
                out.extend_from_slice(&next.written()?);
            }
            Some(Value::chars(out))
        }
        b"array" => Some(Value::list(arguments.to_vec())),
        b"fromcharcode" => from_codes(arguments),
        b"getstring" | b"getchars" => match first {
            Value::List(list) => from_codes(list),
            _ => None,
        },
        b"tochararray" => Some(Value::list(text()?.iter().map(|&c| Value::Char(c)).collect())),
        b"getbytes" => {
            let text = arguments.first()?.written()?;
            Some(Value::list(bytes(&text).iter().map(|&b| Value::Number(f64::from(b))).collect()))
        }
        b"frombase64string" => {
            let decoded = fold::base64(&bytes(&text()?))?;
            Some(Value::list(decoded.iter().map(|&b| Value::Number(f64::from(b))).collect()))
        }
        b"unescape" | b"decodeuricomponent" | b"decodeuri" | b"urldecode" | b"unescapedatastring" => {
            Some(Value::text(&fold::unescape(&bytes(&text()?))))
        }
        _ => None,
    }
}
