//! The value of each kind of node.

use super::names::known_constant;
use super::operators::numeric;
use super::value::{Constant, TaintFlags, Value};
use super::words::text_flags;
use super::{Analyzer, Language, Node, NodeId, Platform, Punct, Sink, Types, VarId, types};
use crate::code::tree::{FunctionId, List};

impl Analyzer<'_> {
    /// The value of a node, whose operands have theirs.
    pub(super) fn value(&mut self, at: NodeId) -> Value {
        match self.tree.node(at) {
            Node::Empty => Value::default(),
            Node::Number(number) => {
                let constant = number.map_or(Constant::Unknown, |number| Constant::Number(i64::from(number)));
                Value { constant, ..Value::default() }
            }
            Node::Nothing => Value { constant: self.flow.texts.add(b""), ..Value::default() },
            Node::Text(literal) => self.literal(literal),
            Node::Name(var) => self.name(at, var),
            Node::Member(of, symbol) => self.member(at, of, symbol),
            Node::Call(callee, list) => self.call(at, callee, list),
            Node::Index(of, list) => self.index(at, of, list),
            Node::New(class, list) => self.make(at, class, list),
            Node::Array(list) => self.array(list),
            Node::Init(object, list) => self.initialised(at, object, list),
            Node::Binary(punct, left, right) => self.binary(punct, left, right),
            Node::Either(left, right) => self.either(left, right),
            Node::Unary(punct, of) => self.unary(punct, of),
            Node::Cast(class, of) => self.cast(class, of),
            Node::Assign(target, value, more) => self.assign(at, target, value, more),
            Node::Each(target, collection) => self.each(at, target, collection),
            Node::Return(function, value) => self.returned(at, function, value),
            Node::Output(value) => {
                let value = self.of(value);
                self.event(Sink::Output, at, value, Value::default(), Types::empty(), 1);
                Value::default()
            }
            Node::Class(_) => {
                self.event(Sink::Define, at, Value::default(), Value::default(), Types::empty(), 0);
                Value::default()
            }
            Node::Function(function) => {
                self.enter(at, function);
                Value::default()
            }
        }
    }

    /// A name where its value is asked for.
    fn name(&mut self, at: NodeId, var: VarId) -> Value {
        if self.platform == Platform::Php
            && let Some(value) = self.php_name(at, var)
        {
            return value;
        }
        let mut value = self.variable(var, self.tree.nodes[at as usize].function);
        if matches!(value.constant, Constant::Number(_)) && self.counted.contains(&var) {
            value.constant = Constant::Unknown;
        }
        // JScript's own eval, taken as a value.
        if self.tree.language(at) == Language::JScript
            && !self.tree.vars[var as usize].declared
            && self.interner.name(self.tree.vars[var as usize].symbol) == b"eval"
        {
            return Value { types: types::JSCRIPT_EVAL, ..value };
        }
        if value.constant == Constant::Unknown
            && !self.tree.vars[var as usize].declared
            && let Some(text) = known_constant(self.interner.name(self.tree.vars[var as usize].symbol))
        {
            return Value { constant: self.flow.texts.add(text), ..value };
        }
        value
    }

    /// A list of values.
    fn array(&mut self, list: List) -> Value {
        let mut value = Value::default();
        let mut constants = Vec::new();
        for &item in self.tree.list(list) {
            let item = self.of(item);
            constants.push(item.constant);
            value = value.or(Value { constant: Constant::Unknown, types: Types::empty(), ..item });
        }
        value.constant = self.flow.texts.add_list(constants);
        value
    }

    /// An object and what its initialiser holds.
    fn initialised(&mut self, at: NodeId, object: NodeId, list: List) -> Value {
        let mut value = self.of(object);
        for &item in self.tree.list(list) {
            let item = self.of(item);
            value = value.or(Value { types: Types::empty(), names: Types::empty(), ..item });
        }
        value.constant = Constant::Unknown;
        self.made(at, value);
        value
    }

    /// One of two values.
    fn either(&self, left: NodeId, right: NodeId) -> Value {
        let (left, right) = (self.of(left), self.of(right));
        let value = left.or(right);
        // `a ?? "x"`: the constant, where it is the only one.
        let constant = if left.constant == Constant::Unknown { right.constant } else { left.constant };
        Value {
            constant: if value.flags.intersects(TaintFlags::TAINT) { Constant::Unknown } else { constant },
            ..value
        }
    }

    /// An operator in front of its operand.
    fn unary(&mut self, punct: Punct, of: NodeId) -> Value {
        let of = self.of(of);
        if self.platform == Platform::Php
            && let Some(value) = self.php_operator(punct, of)
        {
            return value;
        }
        let constant = match (punct, of.constant) {
            (Punct::Subtract, Constant::Number(number)) => Constant::Number(number.saturating_neg()),
            (Punct::Not, Constant::Number(number)) => Constant::Number(!number),
            _ => Constant::Unknown,
        };
        Value { constant, flags: numeric(of.flags), ..of }
    }

    /// A variable takes each element of a collection.
    fn each(&mut self, at: NodeId, target: NodeId, collection: NodeId) -> Value {
        let mut value = self.of(collection);
        value.constant = Constant::Unknown;
        self.store(at, target, value, true);
        // The accounts of a computer or a directory are gone through.
        if value.types.intersects(types::ADSI) {
            self.event(Sink::Account, at, value, Value::default(), value.types, 0);
        }
        value
    }

    /// What a function gives back.
    fn returned(&mut self, at: NodeId, function: FunctionId, value: NodeId) -> Value {
        let value = self.of(value);
        if let Some(function) = self.tree.functions.get(function as usize) {
            let result = function.result;
            self.set(at, result, value, false);
        }
        value
    }

    /// A value with the content that running the page's own decoders gave it, where nothing else is known of it.
    pub(super) fn computed(&mut self, at: NodeId, value: Value) -> Value {
        if value.constant != Constant::Unknown
            || self.computed.values.is_empty()
            || value.flags.intersects(TaintFlags::TAINT)
            || !matches!(self.tree.node(at), Node::Name(_) | Node::Call(..) | Node::Member(..) | Node::Index(..))
        {
            return value;
        }
        let start = self.tree.nodes[at as usize].start;
        let Some(bytes) = self.computed.values.get(&start) else { return value };
        let flags = (value.flags - TaintFlags::TAIL) | text_flags(bytes);
        Value { constant: self.flow.texts.add(bytes), flags, names: types::moniker(bytes), ..value }
    }

    pub(super) fn literal(&mut self, literal: u32) -> Value {
        if let Some(Some(value)) = self.literals.get(literal as usize) {
            return *value;
        }
        let bytes = self.interner.literal(literal);
        let constant = self.flow.texts.add(bytes);
        let value = Value { constant, flags: text_flags(bytes), names: types::moniker(bytes), ..Value::default() };
        if let Some(known) = self.literals.get_mut(literal as usize)
            && constant != Constant::Unknown
        {
            *known = Some(value);
        }
        value
    }

    pub(super) fn assign(&mut self, at: NodeId, target: NodeId, from: NodeId, more: bool) -> Value {
        let mut value = self.of(from);
        if more {
            let before = self.of(target);
            value = self.joined(before, value);
        }
        self.store(at, target, value, false);
        if let Node::Name(var) = self.tree.node(target)
            && !value.flags.intersects(TaintFlags::AT_START)
            && self.puts_in_front(from, var)
        {
            self.states[var as usize].bound = true;
        }
        value
    }

    /// Whether an expression is what a variable holds with something in front of it, and perhaps something behind.
    pub(super) fn puts_in_front(&self, mut node: NodeId, var: VarId) -> bool {
        for _ in 0..8 {
            let Node::Binary(Punct::Concat | Punct::Add, left, right) = self.tree.node(node) else { return false };
            if matches!(self.tree.node(right), Node::Name(name) if name == var) {
                return true;
            }
            node = left;
        }
        false
    }
}
