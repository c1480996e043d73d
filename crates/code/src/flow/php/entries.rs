//! Entries of lists and members of objects, by their keys.

use super::super::value::{Constant, TaintFlags, Value};
use super::super::{Analyzer, MAX_ELEMENTS, Node, NodeId, Symbol, types};
use super::SMALL;
use crate::code::tree::List;

impl Analyzer<'_> {
    /// An element of a variable that PHP itself fills.
    pub(in super::super) fn php_index(&mut self, at: NodeId, of: NodeId, list: List) -> Option<Value> {
        let own = self.of(of);
        let index = self.argument(list, 0).constant;
        if own.flags.intersects(TaintFlags::MIXED)
            && let Some(key) = self.php_key(index)
        {
            let known = self.element(of, list).and_then(|element| self.elements.get(&element).copied());
            let known = known.or_else(|| self.keys.get(&key).copied());
            return Some(known.unwrap_or(entry(own)));
        }
        let key = self.flow.texts.text(index).map(<[u8]>::to_ascii_lowercase)?;
        if let Node::Name(var) = self.tree.node(of) {
            match self.interner.name(self.tree.vars[var as usize].symbol) {
                b"$globals" => return self.php_variable_named(at, &key),
                b"$_files" | b"$http_post_files" => return Some(own),
                _ => {}
            }
        }
        if own.types.intersects(types::POSTED) {
            return Some(match &key[..] {
                b"name" | b"full_path" => {
                    let step = self.step(at, None, None);
                    Value { flags: TaintFlags::NAME | TaintFlags::WHOLE, step, ..Value::default() }
                }
                b"size" | b"error" => Value::default(),
                // The client does not choose where the upload lies.
                b"tmp_name" => Value { flags: own.flags - TaintFlags::WHOLE, ..own },
                _ => own,
            });
        }
        None
    }

    /// A member of an object of which only some are request data.
    pub(in super::super) fn php_entry(&self, own: Value, symbol: Symbol) -> Value {
        let known = self.keys.get(&hash(self.interner.name(symbol))).copied();
        known.unwrap_or(entry(own))
    }

    /// The place of a key in the table of all keys.
    pub(in super::super) fn php_key(&self, key: Constant) -> Option<u64> {
        match key {
            Constant::Text(text) => Some(hash(self.flow.texts.bytes(text))),
            Constant::Number(number) => Some(hash(number.to_string().as_bytes())),
            _ => None,
        }
    }

    /// Remembers what stands under a key. Gives whether the key is known.
    pub(in super::super) fn php_keep(&mut self, key: Constant, value: Value) -> bool {
        let Some(key) = self.php_key(key) else { return false };
        self.keep_at(key, value);
        true
    }

    /// Remembers a value under the nearest key that is known of where it is put. Gives whether there is one.
    pub(in super::super) fn php_keep_entry(&mut self, mut target: NodeId, value: Value) -> bool {
        for _ in 0..8 {
            match self.tree.node(target) {
                Node::Index(of, list) => {
                    if self.php_keep(self.argument(list, 0).constant, value) {
                        return true;
                    }
                    target = of;
                }
                Node::Member(of, symbol) if !self.is_self(of) => {
                    self.php_keep_member(symbol, value);
                    return true;
                }
                _ => return false,
            }
        }
        false
    }

    /// As [`Analyzer::php_keep`], for a member of an object.
    pub(in super::super) fn php_keep_member(&mut self, symbol: Symbol, value: Value) {
        self.keep_at(hash(self.interner.name(symbol)), value);
    }

    pub(in super::super) fn keep_at(&mut self, key: u64, value: Value) {
        let before = self.keys.get(&key).copied();
        let after = before.map_or(value, |before| before.or(value));
        let grown = before.is_none_or(|before| before.flags != after.flags || before.types != after.types);
        if grown && before.is_none() && self.keys.len() >= MAX_ELEMENTS {
            self.flow.truncated |= value.flags.intersects(TaintFlags::TAINT);
            return;
        }
        self.changed |= grown;
        self.keys.insert(key, after);
    }

    /// What is known of a value that is used: in a large program an entry of a list that is taken whichever it is says nothing
    /// of what the others hold.
    pub(in super::super) fn php_sure(&self, value: Value) -> Value {
        if self.tree.nodes.len() <= SMALL {
            return value;
        }
        // Nor does it say that somewhere a long text was cut up.
        let value = Value { flags: value.flags - TaintFlags::LONG, ..value };
        if value.flags.intersects(TaintFlags::MIXED) {
            Value { constant: value.constant, ..entry(value) }
        } else {
            value
        }
    }
}

/// What is known of an entry that nothing was put into, by the list it stands in.
pub(in super::super) fn entry(own: Value) -> Value {
    let flags = own.flags - (TaintFlags::TAINT | TaintFlags::BUILT | TaintFlags::WHOLE | TaintFlags::MIXED);
    Value { constant: Constant::Unknown, flags, step: None, ..own }
}

/// A number for a key, in whatever case.
pub(in super::super) fn hash(key: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3);
    key.iter().take(256).fold(0xCBF2_9CE4_8422_2325, mix)
}
