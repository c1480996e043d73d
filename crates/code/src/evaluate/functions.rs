//! Results of language functions for known arguments.

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
    let call = Call { first, rest, arguments, basic, script };
    match name {
        b"array" => Some(Value::list(arguments.to_vec())),
        b"fromcharcode" => from_codes(arguments),
        b"length" | b"count" | b"ubound" | b"getupperbound" | b"lbound" | b"split" | b"join" | b"strreverse"
        | b"reverse" | b"getstring" | b"getchars" | b"tochararray" | b"getbytes" | b"frombase64string" => {
            call.of_lists(name)
        }
        b"asc" | b"ascw" | b"ascb" | b"len" | b"lenb" | b"cint" | b"clng" | b"cbyte" | b"toint32" | b"toint16"
        | b"tobyte" | b"toint64" | b"parseint" | b"parse" | b"number" | b"int" | b"fix" | b"floor" | b"cdbl"
        | b"csng" | b"val" | b"abs" | b"instr" | b"indexof" | b"charcodeat" => call.of_numbers(name),
        _ => call.of_texts(name),
    }
}

/// A call with known arguments.
struct Call<'c> {
    /// What is worked on: the object of a method, the first argument of a function.
    first: &'c Value,
    /// The other arguments.
    rest: &'c [Value],
    /// All arguments as they were written.
    arguments: &'c [Value],
    /// Whether the language is a Basic, or JScript.
    basic: bool,
    script: bool,
}

impl Call<'_> {
    fn text(&self) -> Option<Rc<Vec<char>>> {
        match self.first {
            Value::Text(_) | Value::Char(_) => self.first.written(),
            Value::Number(_) if self.basic => self.first.written(),
            _ => None,
        }
    }

    fn whole(&self, at: usize) -> Option<i64> {
        self.rest.get(at).and_then(Value::whole)
    }

    fn written(&self, at: usize) -> Option<Rc<Vec<char>>> {
        self.rest.get(at).and_then(Value::written)
    }

    /// Functions that return a text.
    fn of_texts(&self, name: &[u8]) -> Option<Value> {
        let (first, rest) = (self.first, self.rest);
        match name {
            b"chr" | b"chrw" | b"chrb" | b"tochar" => match first {
                Value::Char(_) => Some(first.clone()),
                _ => {
                    let c = code_of(first.whole()?)?;
                    Some(if name == b"tochar" { Value::Char(c) } else { Value::chars(vec![c]) })
                }
            },
            b"mid" | b"midb" => {
                let count = if rest.len() > 1 { self.whole(1)? } else { i64::MAX };
                Some(part(&self.text()?, self.whole(0)?.checked_sub(1)?, count))
            }
            b"left" | b"leftb" => Some(part(&self.text()?, 0, self.whole(0)?)),
            b"right" | b"rightb" => {
                let text = self.text()?;
                let count = self.whole(0)?.clamp(0, text.len() as i64);
                Some(part(&text, text.len() as i64 - count, count))
            }
            b"replace" => self.replace(),
            b"ucase" | b"toupper" | b"touppercase" | b"toupperinvariant" => {
                Some(Value::chars(self.text()?.iter().map(char::to_ascii_uppercase).collect()))
            }
            b"lcase" | b"tolower" | b"tolowercase" | b"tolowerinvariant" => {
                Some(Value::chars(self.text()?.iter().map(char::to_ascii_lowercase).collect()))
            }
            b"trim" | b"ltrim" | b"rtrim" if rest.is_empty() => {
                let text: String = self.text()?.iter().collect();
                Some(Value::chars(text.trim().chars().collect()))
            }
            b"cstr" | b"tostring" if rest.is_empty() => match first {
                // Of characters in an array nothing is known but where it lies.
                Value::List(_) => None,
                _ => first.written().map(Value::Text),
            },
            b"hex" => Some(Value::text(format!("{:X}", first.whole()?).as_bytes())),
            b"space" => Some(Value::chars(vec![' '; length(first)?])),
            b"string" if self.basic => {
                let what = match rest.first()? {
                    Value::Number(_) => code_of(self.whole(0)?)?,
                    other => *other.written()?.first()?,
                };
                Some(Value::chars(vec![what; length(first)?]))
            }
            b"charat" | b"chars" => Some(part(&self.text()?, self.whole(0)?, 1)),
            b"substr" => {
                let count = if rest.len() > 1 { self.whole(1)? } else { i64::MAX };
                Some(part(&self.text()?, self.whole(0)?, count))
            }
            b"substring" | b"slice" => self.substring(),
            b"concat" => {
                let mut out = first.written()?.to_vec();
                for next in rest {
                    out.extend_from_slice(&next.written()?);
                }
                Some(Value::chars(out))
            }
            b"unescape" | b"decodeuricomponent" | b"decodeuri" | b"urldecode" | b"unescapedatastring" => {
                Some(Value::text(&fold::unescape(&bytes(&self.text()?))))
            }
            _ => None,
        }
    }

    fn replace(&self) -> Option<Value> {
        let (from, to) = (self.written(0)?, self.written(1)?);
        let text = self.text()?;
        if !self.script {
            return replace(&text, &from, &to);
        }
        // JScript replaces the first one.
        let Some(at) = find(&text, &from, 0) else { return Some(Value::Text(text)) };
        let mut out = text[..at].to_vec();
        out.extend_from_slice(&to);
        out.extend_from_slice(&text[at + from.len()..]);
        Some(Value::chars(out))
    }

    fn substring(&self) -> Option<Value> {
        let text = self.text()?;
        let start = self.whole(0)?;
        match self.rest.len() {
            0 | 1 => Some(part(&text, start, i64::MAX)),
            // JScript names the end.
            _ if self.script => Some(part(&text, start.min(self.whole(1)?), self.whole(1)?.abs_diff(start) as i64)),
            _ => Some(part(&text, start, self.whole(1)?)),
        }
    }

    /// Functions that return a number.
    fn of_numbers(&self, name: &[u8]) -> Option<Value> {
        let number = |n: i64| Some(Value::Number(n as f64));
        match name {
            b"asc" | b"ascw" | b"ascb" => number(i64::from(u32::from(*self.text()?.first()?))),
            b"len" | b"lenb" => number(self.text()?.len() as i64),
            b"int" | b"fix" | b"floor" => Some(Value::Number(self.first.number()?.floor())),
            b"cdbl" | b"csng" | b"val" => Some(Value::Number(self.first.number()?)),
            b"abs" => Some(Value::Number(self.first.number()?.abs())),
            b"instr" => match (self.first, self.rest) {
                // InStr([start,] text, what)
                (Value::Number(start), [text, what, ..]) => {
                    let from = (*start as usize).saturating_sub(1);
                    number(find(&text.written()?, &what.written()?, from).map_or(0, |at| at as i64 + 1))
                }
                (_, [what, ..]) => number(find(&self.text()?, &what.written()?, 0).map_or(0, |at| at as i64 + 1)),
                _ => None,
            },
            b"indexof" => number(find(&self.text()?, &self.written(0)?, 0).map_or(-1, |at| at as i64)),
            b"charcodeat" => {
                let at = usize::try_from(self.whole(0).unwrap_or(0)).ok()?;
                number(i64::from(u32::from(*self.text()?.get(at)?)))
            }
            // Conversions.
            _ => match (self.whole(0), self.first) {
                (Some(base @ (2 | 8 | 16)), Value::Text(text)) => {
                    let text: String = text.iter().collect();
                    number(i64::from_str_radix(text.trim().trim_start_matches("0x"), base as u32).ok()?)
                }
                _ if self.basic => Some(Value::Number(self.first.number()?.round_ties_even())),
                _ => number(self.first.whole()?),
            },
        }
    }

    /// Functions that take or return a list.
    fn of_lists(&self, name: &[u8]) -> Option<Value> {
        let number = |n: i64| Some(Value::Number(n as f64));
        match (name, self.first) {
            (b"length" | b"count", Value::List(list)) => number(list.len() as i64),
            (b"length" | b"count", _) => number(self.text()?.len() as i64),
            (b"ubound" | b"getupperbound", Value::List(list)) => number(list.len() as i64 - 1),
            (b"lbound", _) => number(0),
            (b"split", _) => {
                let by = match self.rest.first() {
                    Some(Value::List(list)) => list.first()?.written()?,
                    Some(by) => by.written()?,
                    None => Rc::new(vec![' ']),
                };
                Some(split(&self.text()?, &by))
            }
            (b"join", first) => match (first, self.rest.first()) {
                (Value::List(list), Some(by)) => join(list, &by.written()?),
                (Value::List(list), None) => join(list, if self.basic { &[' '] } else { &[','] }),
                // String.Join(separator, list)
                (by, Some(Value::List(list))) => join(list, &by.written()?),
                _ => None,
            },
            (b"strreverse" | b"reverse", Value::List(list)) => Some(Value::list(list.iter().rev().cloned().collect())),
            (b"strreverse" | b"reverse", _) => Some(Value::chars(self.text()?.iter().rev().copied().collect())),
            (b"getstring" | b"getchars", Value::List(list)) => from_codes(list),
            (b"tochararray", _) => Some(Value::list(self.text()?.iter().map(|&c| Value::Char(c)).collect())),
            (b"getbytes", _) => Some(byte_list(&bytes(&self.arguments.first()?.written()?))),
            (b"frombase64string", _) => Some(byte_list(&fold::base64(&bytes(&self.text()?))?)),
            _ => None,
        }
    }
}

/// How many characters are asked for, if that is no more than a text holds.
fn length(count: &Value) -> Option<usize> {
    usize::try_from(count.whole()?).ok().filter(|count| *count <= LONGEST)
}

fn byte_list(bytes: &[u8]) -> Value {
    Value::list(bytes.iter().map(|&byte| Value::Number(f64::from(byte))).collect())
}
