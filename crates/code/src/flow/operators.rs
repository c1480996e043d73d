//! Effects of operators on values.

use super::value::{Constant, TaintFlags, Value};
use super::words::text_flags;
use super::{Analyzer, NodeId, Platform, Punct, Types, fold, types};

impl Analyzer<'_> {
    /// Two texts in a row.
    pub(super) fn joined(&mut self, left: Value, right: Value) -> Value {
        let mut value = left.or(right);
        value.constant = match (left.constant, right.constant) {
            (Constant::Number(l), Constant::Number(r)) => Constant::Number(l.saturating_add(r)),
            (Constant::Unknown, _) | (_, Constant::Unknown) => Constant::Unknown,
            (Constant::List(_), Constant::Text(_)) | (Constant::Text(_), Constant::List(_))
                if self.platform == Platform::Php =>
            {
                // A list as a text is a word to take letters from.
                value.flags |= TaintFlags::BUILT;
                Constant::Unknown
            }
            (l, r) => self.flow.texts.join(l, r),
        };
        // Of a long text nothing is asked: it grows, and would be read again each time.
        let blank = |value: Value| {
            self.flow.texts.text(value.constant).is_some_and(|text| text.len() <= 64 && text.trim_ascii().is_empty())
        };
        let here = self.platform == Platform::Php && matches!(self.flow.texts.text(left.constant), Some(b"./"));
        let (empty, nothing) = (blank(left) || here, blank(right));
        let mut flags = value.flags - (TaintFlags::WHOLE | TaintFlags::TAIL);
        if left.flags.intersects(TaintFlags::AT_START) || empty && right.flags.intersects(TaintFlags::AT_START) {
            flags |= TaintFlags::AT_START;
        }
        let ends = self.flow.texts.text(right.constant).is_some_and(|text| text.is_empty());
        if right.flags.intersects(TaintFlags::AT_END) || nothing && left.flags.intersects(TaintFlags::AT_END) {
            flags |= TaintFlags::AT_END;
        }
        flags |= right.flags & TaintFlags::TAIL;
        if ends {
            flags |= left.flags & TaintFlags::TAIL;
        }
        if let Constant::Text(text) = value.constant {
            let bytes = self.flow.texts.bytes(text);
            // Short texts are looked at again: they may name something only now.
            if bytes.len() <= 64 {
                flags = (flags - (TaintFlags::PAGE_NAME | TaintFlags::PROGRAM)) | text_flags(bytes);
                value.names |= types::moniker(bytes);
            } else {
                let text = |value: Value| self.flow.texts.text(value.constant).unwrap_or_default();
                if text(left).ends_with(b"<") && text(right).starts_with(b"%") {
                    flags |= TaintFlags::CODE;
                }
            }
        }
        value.flags = flags;
        value.types = Types::empty();
        value
    }

    pub(super) fn binary(&mut self, punct: Punct, left: NodeId, right: NodeId) -> Value {
        let (left, mut right) = (self.of(left), self.of(right));
        match punct {
            // An entry of a list of PHP.
            Punct::Lambda => {
                self.php_keep(left.constant, right);
                right.flags = mixed(right.flags);
                right
            }
            Punct::Add | Punct::Concat => {
                if punct == Punct::Concat
                    && let (Constant::Number(_), Constant::Number(_)) = (left.constant, right.constant)
                {
                    let written = self.flow.texts.written(left.constant).unwrap_or_default();
                    return self.joined(Value { constant: written, ..left }, right);
                }
                self.joined(left, right)
            }
            Punct::Equal | Punct::NotEqual | Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual => {
                Value::default()
            }
            Punct::And | Punct::Or => {
                // `x || y` of JScript is one of them.
                let value = left.or(right);
                Value { constant: Constant::Unknown, ..value }
            }
            _ => {
                if self.platform == Platform::Php
                    && let Some(constant) = self.php_bytes(punct, left.constant, right.constant)
                {
                    let value = Value { constant, types: Types::empty(), names: Types::empty(), ..left.or(right) };
                    return Value { flags: value.flags, ..value };
                }
                let number = |value: Value| fold::as_number(value.constant, &self.flow.texts);
                let constant = match (number(left), number(right)) {
                    (Some(l), Some(r)) => arithmetic(punct, l, r).map_or(Constant::Unknown, Constant::Number),
                    _ => Constant::Unknown,
                };
                let both = left.or(right);
                let mut flags = numeric(both.flags);
                if punct == Punct::Xor && constant == Constant::Unknown {
                    flags |= TaintFlags::BUILT;
                }
                Value { constant, flags, types: Types::empty(), names: Types::empty(), ..both }
            }
        }
    }
}

fn arithmetic(punct: Punct, left: i64, right: i64) -> Option<i64> {
    match punct {
        Punct::Subtract => left.checked_sub(right),
        Punct::Multiply => left.checked_mul(right),
        Punct::Divide if right != 0 && left.checked_rem(right)? == 0 => left.checked_div(right),
        Punct::IntDivide => left.checked_div(right),
        Punct::Remainder => left.checked_rem(right),
        Punct::Xor => Some(left ^ right),
        Punct::BitAnd => Some(left & right),
        Punct::BitOr => Some(left | right),
        Punct::ShiftLeft => left.checked_shl(u32::try_from(right).ok()?),
        Punct::ShiftRight => left.checked_shr(u32::try_from(right).ok()?),
        Punct::Power => left.checked_pow(u32::try_from(right).ok()?),
        _ => None,
    }
}

/// What a number keeps of what it was made from.
pub(super) fn numeric(flags: TaintFlags) -> TaintFlags {
    let kept = flags & (TaintFlags::BUILT | TaintFlags::STORED | TaintFlags::NUMBER | TaintFlags::SELECTED);
    if flags.intersects(TaintFlags::DATA) { kept | TaintFlags::NUMBER } else { kept }
}

/// Traits of an entry, where it stands in a list.
pub(super) fn mixed(flags: TaintFlags) -> TaintFlags {
    if flags.intersects(TaintFlags::TAINT | TaintFlags::BUILT) { flags | TaintFlags::MIXED } else { flags }
}
