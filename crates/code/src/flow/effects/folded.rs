//! Functions that make one text of another.

use super::super::fold::fold;
use super::super::operators::numeric;
use super::super::value::{Constant, MOST, TaintFlags, Value};
use super::super::words::text_flags;
use super::super::{Analyzer, Language, types};
use crate::code::api_model::{Fold, Method};
use crate::code::tree::List;

impl Analyzer<'_> {
    /// What a function makes of each member of a constant list.
    pub(in super::super) fn fold_each(&mut self, how: Fold, list: Constant) -> Constant {
        let Constant::List(list) = list else { return Constant::Unknown };
        let items = self.flow.texts.list(list).to_vec();
        let made = items.iter().map(|item| fold(how, None, &[*item], Language::Php, &mut self.flow.texts)).collect();
        self.flow.texts.add_list(made)
    }

    pub(in super::super) fn folded(
        &mut self,
        how: Fold,
        method: &'static Method,
        own: Option<Value>,
        list: List,
        language: Language,
    ) -> Value {
        let constants: Vec<Constant> =
            self.tree.list(list).iter().take(MOST).map(|&node| self.of(node).constant).collect();
        let object = own.filter(|own| !self.is_page_object(*own));
        let constant = fold(how, object.map(|own| own.constant), &constants, language, &mut self.flow.texts);
        let all = self.all(list);
        let plain = object.unwrap_or_default();
        let mut value = plain.or(all);
        value.constant = constant;
        value.types = method.returns;
        value.names = if how == Fold::Array || how == Fold::Split || how == Fold::Same {
            self.tree.list(list).iter().fold(plain.names, |names, &node| names | self.of(node).names)
        } else {
            plain.names
        };
        value.flags = match how {
            Fold::Length => numeric(plain.flags) - (TaintFlags::NUMBER | TaintFlags::BUILT),
            Fold::Number | Fold::Asc | Fold::CodeAt => numeric(value.flags),
            Fold::Chr | Fold::ByteChr | Fold::FromCodes | Fold::CharAt => textual(value.flags),
            _ => value.flags,
        };
        value.flags = self.ends_of(how, value.flags, object, &constants, list);
        let known = constant != Constant::Unknown;
        if known {
            if let Constant::Text(text) = constant {
                let bytes = self.flow.texts.bytes(text);
                value.flags -= TaintFlags::TAIL | TaintFlags::BLOB;
                if bytes.len() <= 1 << 16 {
                    value.flags |= text_flags(bytes);
                }
                value.names = types::moniker(bytes);
                if how == Fold::FromBase64 {
                    value.flags |= TaintFlags::DECODED;
                }
            }
        } else if !value.flags.intersects(TaintFlags::TAINT) {
            if builds(how) {
                value.flags |= TaintFlags::BUILT;
            } else if cuts(how) {
                value.flags = (value.flags - TaintFlags::WHOLE) | TaintFlags::SPLICED;
            }
        }
        if cuts(how) {
            value.flags -= TaintFlags::THIS_PAGE;
        }
        value
    }

    /// Where request data stands in a text that is put together: in front, behind, or between.
    pub(in super::super) fn ends_of(
        &self,
        how: Fold,
        flags: TaintFlags,
        object: Option<Value>,
        constants: &[Constant],
        list: List,
    ) -> TaintFlags {
        let own = object.filter(|own| own.types.is_empty() || own.flags != TaintFlags::empty());
        let (front, behind) = match how {
            Fold::Format if constants.len() > 1 => {
                let Some(pattern) = self.flow.texts.text(constants[0]) else { return flags };
                let place = |from: usize| -> Option<usize> {
                    let digits = pattern.get(from + 1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    std::str::from_utf8(&pattern[from + 1..from + 1 + digits]).ok()?.parse().ok()
                };
                let value = |from: Option<usize>| from.map_or(Value::default(), |at| self.argument(list, at + 1));
                let front = if pattern.first() == Some(&b'{') { place(0) } else { None };
                let last = pattern.len().saturating_sub(12);
                let behind = match memchr::memrchr(b'{', &pattern[last..]) {
                    Some(open) if pattern.ends_with(b"}") => place(last + open),
                    _ => None,
                };
                // Arguments in one array are not distinguished.
                let one = |place: Option<usize>| match place {
                    Some(_) if list.count == 2 => Value { flags, ..Value::default() },
                    place => value(place),
                };
                (one(front), one(behind))
            }
            Fold::Concat => {
                let last = self.argument(list, (list.count as usize).saturating_sub(1));
                match own {
                    Some(own) if list.count > 0 => (own, last),
                    None if list.count > 1 => (self.argument(list, 0), last),
                    _ => return flags,
                }
            }
            Fold::Replace => {
                let text = own.unwrap_or_else(|| self.argument(list, 0));
                if text.constant != Constant::Unknown {
                    return flags;
                }
                (text, text)
            }
            _ => return flags,
        };
        let kept = (front.flags & TaintFlags::AT_START) | (behind.flags & TaintFlags::AT_END);
        (flags - TaintFlags::WHOLE) | (flags & kept)
    }
}

/// Whether what this gives is text that a decoder makes, where its input is not known.
pub(in super::super) fn builds(how: Fold) -> bool {
    matches!(
        how,
        Fold::Chr
            | Fold::ByteChr
            | Fold::Reverse
            | Fold::FromCodes
            | Fold::FromBase64
            | Fold::Unescape
            | Fold::CharAt
            | Fold::Rot13
            | Fold::Inflate
            | Fold::FromHex
            | Fold::Pack
            | Fold::Unknown
    )
}

/// Whether what this gives is a piece, or is put together from pieces.
pub(in super::super) fn cuts(how: Fold) -> bool {
    matches!(
        how,
        Fold::Replace
            | Fold::ReplaceIn
            | Fold::Translate
            | Fold::Mid
            | Fold::Substring
            | Fold::SubstringTo
            | Fold::Substr
            | Fold::Left
            | Fold::Right
            | Fold::Split
            | Fold::Explode
            | Fold::Join
    )
}

/// What text made of numbers keeps of them.
pub(in super::super) fn textual(flags: TaintFlags) -> TaintFlags {
    if flags.intersects(TaintFlags::NUMBER) { (flags - TaintFlags::NUMBER) | TaintFlags::DATA } else { flags }
}
