//! Values during evaluation.

use std::rc::Rc;

/// A value.
#[derive(Clone, Debug, Default)]
pub(super) enum Value {
    /// Not known.
    #[default]
    Unknown,
    /// A number.
    Number(f64),
    /// A character of C#, which counts as a number too.
    Char(char),
    /// A text.
    Text(Rc<Vec<char>>),
    /// An array.
    List(Rc<Vec<Value>>),
}

/// The longest text, and the longest list.
pub(super) const LONGEST: usize = 1 << 19;

impl Value {
    /// A text of bytes: characters of UTF-8, or of Latin 1 where it is not UTF-8.
    pub(super) fn text(bytes: &[u8]) -> Value {
        let chars = match std::str::from_utf8(bytes) {
            Ok(text) => text.chars().collect(),
            Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
        };
        Value::chars(chars)
    }

    pub(super) fn chars(chars: Vec<char>) -> Value {
        if chars.len() > LONGEST { Value::Unknown } else { Value::Text(Rc::new(chars)) }
    }

    pub(super) fn list(items: Vec<Value>) -> Value {
        if items.len() > LONGEST { Value::Unknown } else { Value::List(Rc::new(items)) }
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// As a number: `"65"`, `"&H41"`, `"0x41"`.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Char(c) => Some(f64::from(u32::from(*c))),
            // An empty variable.
            Value::Text(text) if text.is_empty() => Some(0.0),
            Value::Text(text) if text.len() <= 32 => {
                let text: String = text.iter().collect();
                let text = text.trim();
                let based = |digits: &str, base| i64::from_str_radix(digits.trim_end_matches('&'), base).ok();
                match text.get(..2) {
                    Some("&H" | "&h" | "0x" | "0X") => based(&text[2..], 16).map(|n| n as f64),
                    Some("&O" | "&o") => based(&text[2..], 8).map(|n| n as f64),
                    _ => text.parse::<f64>().ok().filter(|n| n.is_finite()),
                }
            }
            _ => None,
        }
    }

    /// As a whole number.
    pub(super) fn whole(&self) -> Option<i64> {
        self.number().filter(|n| n.abs() < 9e15).map(|n| n as i64)
    }

    /// As text.
    pub(super) fn written(&self) -> Option<Rc<Vec<char>>> {
        match self {
            Value::Text(text) => Some(Rc::clone(text)),
            Value::Char(c) => Some(Rc::new(vec![*c])),
            Value::Number(number) => {
                let text = if number.fract() == 0.0 && number.abs() < 1e15 {
                    (*number as i64).to_string()
                } else {
                    number.to_string()
                };
                Some(Rc::new(text.chars().collect()))
            }
            _ => None,
        }
    }

    /// Whether it holds, where that is known.
    pub(super) fn holds(&self) -> Option<bool> {
        match self {
            Value::Number(number) => Some(*number != 0.0),
            Value::Text(text) => Some(!text.is_empty()),
            _ => None,
        }
    }

    /// How much it costs to read it once.
    pub(super) fn size(&self) -> usize {
        match self {
            Value::Text(text) => text.len(),
            Value::List(list) => list.len(),
            _ => 1,
        }
    }
}

/// The bytes of a text.
pub(super) fn bytes(text: &[char]) -> Vec<u8> {
    text.iter().collect::<String>().into_bytes()
}
