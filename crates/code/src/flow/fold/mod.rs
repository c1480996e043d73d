//! Constant folding of functions. Characters are those of UTF-8, or bytes where a text is not UTF-8.

mod codes;
mod pieces;

pub(super) use codes::{as_number, character, code_at};
pub(crate) use codes::{base64, unescape};
pub(super) use pieces::{from_codes, part};

use super::value::{Constant, LONGEST, MOST, Texts};
use crate::code::api_model::Fold;
use crate::code::structure::Language;
use codes::{as_number_of_base, char_bytes, characters, from_hex};
use pieces::{format, join, printed, repeat, replace, reverse, split};

/// The value of a function of constants; `own` is the object of a method.
pub(super) fn fold(
    fold: Fold,
    own: Option<Constant>,
    arguments: &[Constant],
    language: Language,
    texts: &mut Texts,
) -> Constant {
    if texts.is_spent() {
        return Constant::Unknown;
    }
    // Reading a long text again and again counts, or a page of a thousand calls could cost a thousand times its length. That
    // goes for every argument: what is looked for and what is put between is read too.
    for constant in own.iter().chain(arguments) {
        texts.spent += match *constant {
            Constant::Text(text) => texts.bytes(text).len() / 8,
            Constant::List(list) => texts.list(list).len(),
            _ => 0,
        };
    }
    let known_own = own.filter(|own| *own != Constant::Unknown);
    if own.is_some() && known_own.is_none() && !takes_argument(fold) {
        return Constant::Unknown;
    }
    let (first, rest) = match (known_own, arguments) {
        (Some(own), _) => (own, arguments),
        (None, [first, rest @ ..]) => (*first, rest),
        (None, []) => return Constant::Unknown,
    };
    let call = Call { first, rest, arguments, language };
    call.apply(fold, texts).unwrap_or(Constant::Unknown)
}

/// A call of a function of constants.
struct Call<'c> {
    /// The text or list that is worked on. `Strings.Replace(x, ...)` and `"".Concat(x)` have it as their first argument.
    first: Constant,
    /// The other arguments.
    rest: &'c [Constant],
    /// All arguments as they were written.
    arguments: &'c [Constant],
    language: Language,
}

impl Call<'_> {
    fn apply(&self, fold: Fold, texts: &mut Texts) -> Option<Constant> {
        let (first, rest) = (self.first, self.rest);
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
            Fold::Repeat => self.repeat_character(texts),
            Fold::RepeatText => {
                let unit = texts.text(first)?.to_vec();
                repeat(&unit, self.number(0, texts)?, texts)
            }
            Fold::Replace => {
                let (from, to) = (*rest.first()?, *rest.get(1)?);
                let (from, to) = (texts.written(from)?, texts.written(to)?);
                replace(first, from, to, texts)
            }
            Fold::ReplaceIn => self.replace_in(texts),
            Fold::Translate => self.translate(texts),
            Fold::Mid => {
                let start = usize::try_from(self.number(0, texts)?.checked_sub(1)?).ok()?;
                part(first, start, self.count(1, texts)?, texts)
            }
            Fold::Substring => self.substring(texts),
            Fold::SubstringTo => self.substring_to(texts),
            Fold::Substr => self.substr(texts),
            Fold::Left => part(first, 0, usize::try_from(self.number(0, texts)?).ok()?, texts),
            Fold::Right => self.right(texts),
            Fold::Reverse if self.language == Language::Php && matches!(first, Constant::Text(_)) => {
                self.map(texts, |text| text.iter().rev().copied().collect())
            }
            Fold::Reverse => reverse(first, texts),
            Fold::Split => self.split(texts),
            Fold::Explode => self.explode(texts),
            Fold::Join => self.join(texts),
            Fold::JoinSelf => self.join_self(texts),
            Fold::Array => Some(texts.add_list(self.arguments.to_vec())),
            Fold::Lower => self.map(texts, <[u8]>::to_ascii_lowercase),
            Fold::Upper => self.map(texts, <[u8]>::to_ascii_uppercase),
            Fold::Trim if rest.is_empty() => self.map(texts, |text| text.trim_ascii().to_vec()),
            Fold::Trim | Fold::Unknown => None,
            Fold::Same => Some(first),
            Fold::ToString => texts.written(first),
            Fold::Unescape | Fold::UrlDecode => self.map(texts, unescape),
            Fold::HtmlDecode => (!texts.text(first)?.contains(&b'&')).then_some(first),
            Fold::FromBase64 => self.decode(texts, base64),
            Fold::Rot13 => self.map(texts, |text| text.iter().map(rot13).collect()),
            Fold::Inflate => self.decode(texts, |text| crate::decode::inflate(text, LONGEST)),
            Fold::FromHex => self.decode(texts, from_hex),
            Fold::Pack => self.pack(texts),
            Fold::CharAt => part(first, usize::try_from(self.number(0, texts)?).ok()?, 1, texts),
            Fold::CodeAt => {
                let at = usize::try_from(self.number(0, texts).unwrap_or(0)).ok()?;
                Some(Constant::Number(code_at(texts.text(first)?, at)?))
            }
            Fold::CharArray => self.characters(texts),
            Fold::FromCodes => from_codes(first, rest, texts),
            Fold::Format => format(first, rest, texts),
            Fold::Printed => printed(first, rest, texts),
            Fold::Concat => self.concat(texts),
            Fold::Remove => self.remove(texts),
            Fold::Insert => self.insert(texts),
            Fold::Length => self.length(texts),
            Fold::BaseConvert => self.base_convert(texts),
        }
    }

    /// An argument behind the text, as a number.
    fn number(&self, at: usize, texts: &Texts) -> Option<i64> {
        self.rest.get(at).and_then(|constant| as_number(*constant, texts))
    }

    /// An argument that says how many: all, where it is left out.
    fn count(&self, at: usize, texts: &Texts) -> Option<usize> {
        match self.rest.get(at) {
            Some(count) => usize::try_from(as_number(*count, texts)?).ok(),
            None => Some(usize::MAX),
        }
    }

    /// The text, made into another one.
    fn map(&self, texts: &mut Texts, make: impl FnOnce(&[u8]) -> Vec<u8>) -> Option<Constant> {
        self.decode(texts, |text| Some(make(text)))
    }

    /// The text, made into another one if it can be.
    fn decode(&self, texts: &mut Texts, make: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Option<Constant> {
        let made = make(texts.text(self.first)?)?;
        Some(texts.add(&made))
    }

    /// `String(3, "a")`
    fn repeat_character(&self, texts: &mut Texts) -> Option<Constant> {
        let what = self.rest.first().copied()?;
        let count = as_number(self.first, texts)?;
        let unit = match what {
            Constant::Number(code) => char_bytes(code)?,
            what => texts.text(what)?.to_vec(),
        };
        repeat(&unit, count, texts)
    }

    /// `Substring(start, count)`, and JScript's `substring(start, end)`.
    fn substring(&self, texts: &mut Texts) -> Option<Constant> {
        let Constant::Text(text) = self.first else { return None };
        let length = characters(texts.bytes(text));
        let mut start = self.number(0, texts)?;
        if start < 0 {
            start += length as i64;
        }
        let start = usize::try_from(start).unwrap_or(0);
        let count = match self.rest.get(1) {
            Some(second) => {
                let second = as_number(*second, texts)?;
                // JScript's substring and slice name the end, its substr is recognised by being shorter than it.
                let end = self.language == Language::JScript && second >= start as i64;
                let count = if end { second - start as i64 } else { second };
                usize::try_from(count).unwrap_or(0)
            }
            None => usize::MAX,
        };
        part(self.first, start, count, texts)
    }

    /// Java's `substring(start, end)`.
    fn substring_to(&self, texts: &mut Texts) -> Option<Constant> {
        let start = usize::try_from(self.number(0, texts)?).ok()?;
        let count = match self.rest.get(1) {
            Some(end) => usize::try_from(as_number(*end, texts)?).ok()?.checked_sub(start)?,
            None => usize::MAX,
        };
        part(self.first, start, count, texts)
    }

    /// The last characters of a text.
    fn right(&self, texts: &mut Texts) -> Option<Constant> {
        let length = characters(texts.text(self.first)?);
        let count = usize::try_from(self.number(0, texts)?).ok()?.min(length);
        part(self.first, length - count, count, texts)
    }

    /// The characters of a text, or the items of a list.
    fn length(&self, texts: &Texts) -> Option<Constant> {
        let length = match self.first {
            Constant::Text(text) => characters(texts.bytes(text)),
            Constant::List(list) => texts.list(list).len(),
            _ => return None,
        };
        Some(Constant::Number(length as i64))
    }

    /// PHP's `substr($text, start, count)`: in bytes, from the end where a number is negative.
    fn substr(&self, texts: &mut Texts) -> Option<Constant> {
        let bytes = texts.text(self.first)?;
        let length = bytes.len() as i64;
        let start = self.number(0, texts)?;
        let start = if start < 0 { (length + start).max(0) } else { start.min(length) };
        let end = match self.rest.get(1) {
            None => length,
            Some(count) => match as_number(*count, texts)? {
                count if count < 0 => length.saturating_add(count),
                count => start.saturating_add(count).min(length),
            },
        };
        let piece = bytes.get(start as usize..end.max(start) as usize)?.to_vec();
        Some(texts.add(&piece))
    }

    fn split(&self, texts: &mut Texts) -> Option<Constant> {
        let text = texts.text(self.first)?.to_vec();
        let by = match self.rest.first() {
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

    /// PHP's `explode($by, $text)`.
    fn explode(&self, texts: &mut Texts) -> Option<Constant> {
        let (by, text) = (texts.text(self.first)?.to_vec(), texts.text(*self.rest.first()?)?.to_vec());
        if by.is_empty() { None } else { split(&text, &by, texts) }
    }

    /// `list.join(separator)` of JScript.
    fn join_self(&self, texts: &mut Texts) -> Option<Constant> {
        let by = match self.rest.first() {
            Some(by) => texts.text(*by)?.to_vec(),
            None => b",".to_vec(),
        };
        join(self.first, &by, texts)
    }

    fn join(&self, texts: &mut Texts) -> Option<Constant> {
        let (list, separator) = match (self.first, self.rest.first().copied()) {
            (Constant::List(_), by) => (self.first, by),
            // String.Join(separator, list)
            (by, Some(list @ Constant::List(_))) => (list, Some(by)),
            _ => return None,
        };
        let default = match self.language {
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

    fn characters(&self, texts: &mut Texts) -> Option<Constant> {
        let text = String::from_utf8_lossy(texts.text(self.first)?).into_owned();
        if text.len() > MOST {
            return None;
        }
        let items = text.chars().map(|c| texts.add(c.encode_utf8(&mut [0; 4]).as_bytes())).collect();
        Some(texts.add_list(items))
    }

    fn concat(&self, texts: &mut Texts) -> Option<Constant> {
        let mut all = match self.first {
            Constant::List(_) => join(self.first, b"", texts)?,
            other => texts.written(other)?,
        };
        for next in self.rest {
            let next = match next {
                Constant::List(_) => join(*next, b"", texts)?,
                other => *other,
            };
            all = texts.join(all, next);
        }
        Some(all)
    }

    fn remove(&self, texts: &mut Texts) -> Option<Constant> {
        let text = String::from_utf8_lossy(texts.text(self.first)?).into_owned();
        let start = usize::try_from(self.number(0, texts)?).ok()?;
        let end = start.saturating_add(self.count(1, texts)?);
        let kept = text.chars().enumerate().filter(|(at, _)| *at < start || *at >= end);
        let kept: String = kept.map(|(_, c)| c).collect();
        Some(texts.add(kept.as_bytes()))
    }

    fn insert(&self, texts: &mut Texts) -> Option<Constant> {
        let text = String::from_utf8_lossy(texts.text(self.first)?).into_owned();
        let at = usize::try_from(self.number(0, texts)?).ok()?;
        let piece = String::from_utf8_lossy(texts.text(*self.rest.get(1)?)?).into_owned();
        let mut all: String = text.chars().take(at).collect();
        all.push_str(&piece);
        all.extend(text.chars().skip(at));
        Some(texts.add(all.as_bytes()))
    }

    /// PHP's `pack("H*", $hex)` and `pack("C*", $code, ...)`.
    fn pack(&self, texts: &mut Texts) -> Option<Constant> {
        let letters = texts.text(self.first)?;
        let made = match letters.first()? {
            b'H' => from_hex(texts.text(*self.rest.first()?)?)?,
            b'c' | b'C' => {
                let codes: Option<Vec<u8>> =
                    self.rest.iter().map(|c| Some(as_number(*c, texts)?.rem_euclid(256) as u8)).collect();
                codes?
            }
            _ => return None,
        };
        Some(texts.add(&made))
    }

    /// PHP's `str_replace($from, $to, $subject)`, whose first two may be lists.
    fn replace_in(&self, texts: &mut Texts) -> Option<Constant> {
        let (to, subject) = (*self.rest.first()?, *self.rest.get(1)?);
        let subject = texts.written(subject)?;
        let Constant::List(list) = self.first else {
            let (from, to) = (texts.written(self.first)?, texts.written(to)?);
            return replace(subject, from, to, texts);
        };
        let list = texts.list(list).to_vec();
        let mut all = subject;
        for (at, from) in list.into_iter().take(MAX_REPLACED).enumerate() {
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

    /// PHP's `strtr($text, $from, $to)`, byte by byte.
    fn translate(&self, texts: &mut Texts) -> Option<Constant> {
        let (from, to) = (texts.text(*self.rest.first()?)?, texts.text(*self.rest.get(1)?)?);
        let mut table: [u8; 256] = std::array::from_fn(|at| at as u8);
        for (from, to) in from.iter().zip(to) {
            table[*from as usize] = *to;
        }
        self.map(texts, |text| text.iter().map(|b| table[*b as usize]).collect())
    }

    /// PHP's `base_convert($number, from, to)`.
    fn base_convert(&self, texts: &mut Texts) -> Option<Constant> {
        let base = |at: usize| {
            let base = self.number(at, texts).and_then(|base| u32::try_from(base).ok());
            base.filter(|base| (2..=36).contains(base))
        };
        let (from, to) = (base(0)?, base(1)?);
        let text = texts.written(self.first)?;
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
}

/// How many texts of a list are replaced in one call.
const MAX_REPLACED: usize = 256;

fn rot13(byte: &u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        _ => *byte,
    }
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
