//! Object creation and casts.

use super::calls::STREAMS;
use super::effects::{chosen, textual};
use super::operators::numeric;
use super::value::{Constant, TaintFlags, Value};
use super::{Analyzer, Language, Node, NodeId, Symbol, Types, types};
use crate::code::api_model::table::MAKERS;
use crate::code::api_model::{Platform, Sink};
use crate::code::tree::List;

impl Analyzer<'_> {
    pub(super) fn make(&mut self, at: NodeId, class: Symbol, list: List) -> Value {
        let all = self.all(list);
        let name = self.interner.name(class);
        let first = self.argument(list, 0);
        if self.tree.language(at) == Language::JScript {
            match name {
                b"activexobject" => return self.create(at, first),
                b"function" => {
                    let last = self.argument(list, (list.count as usize).saturating_sub(1));
                    self.event(Sink::Evaluate, at, last, all, Types::empty(), list.count);
                    return Value::default();
                }
                b"array" | b"string" => {
                    let constants: Vec<Constant> = self.tree.list(list).iter().map(|&n| self.of(n).constant).collect();
                    let constant = match name {
                        b"array" => self.flow.texts.add_list(constants),
                        _ => constants.first().copied().unwrap_or_default(),
                    };
                    return Value { constant, ..all };
                }
                _ => {}
            }
        }
        if self.platform == Platform::Php {
            return self.make_php(at, class, list, all);
        }
        // The folder and the name below it.
        if self.platform == Platform::Java && name == b"file" && list.count == 2 {
            let second = self.argument(list, 1);
            let types = self.class(class);
            return Value { types, ..self.joined(first, second) };
        }
        let mut types = if self.classic { Types::empty() } else { self.class(class) };
        // JavaScriptSerializer with a type resolver.
        if name == b"javascriptserializer" && first.types.intersects(types::DESERIALISER) {
            types = types::DESERIALISER;
        }
        if name == b"string" {
            let constants: Vec<Constant> = self.tree.list(list).iter().map(|&n| self.of(n).constant).collect();
            let constant = match constants.first() {
                Some(&first) => super::fold::from_codes(first, &[], &mut self.flow.texts).unwrap_or_default(),
                None => Constant::Unknown,
            };
            return Value { constant, flags: textual(all.flags), ..all };
        }
        let mut value = Value { constant: Constant::Unknown, types, ..all };
        // What is read from a file that the request names is not what the request holds.
        if types.intersects(types::READER | types::FILE_STREAM) && !first.types.intersects(STREAMS) {
            // One that is written keeps its path.
            let written = types.intersects(types::FILE_STREAM) && self.opens_for_writing(list);
            value.flags = if written { first.flags } else { chosen(value.flags) };
            value.types |= Types::empty();
        }
        let tree = self.tree;
        if let Some(functions) = tree.by_name.get(&class) {
            // The constructor of a class of this file.
            self.call_local(at, functions, list, None);
        }
        if types.is_empty() && all.flags.intersects(TaintFlags::TAINT) {
            value.flags |= TaintFlags::DERIVED;
        }
        self.made_with(at, types, value, list);
        value
    }

    /// A new object of PHP.
    fn make_php(&mut self, at: NodeId, class: Symbol, list: List, all: Value) -> Value {
        let name = self.interner.name(class);
        let first = self.argument(list, 0);
        if name == b"com" {
            return self.create(at, first);
        }
        let types = self.class(class);
        let tree = self.tree;
        if let Some(functions) = self.interner.find(b"__construct").and_then(|symbol| tree.by_name.get(&symbol))
            && !self.php_ambiguous(functions)
        {
            self.call_local(at, functions, list, None);
        }
        // What a function is that is asked about by its name.
        let constant = if types.intersects(types::METHOD) { first.constant } else { Constant::Unknown };
        let flags = if types.is_empty() { TaintFlags::empty() } else { all.flags };
        let value = Value { constant, flags, types, step: all.step, ..Value::default() };
        self.made_with(at, types, value, list);
        value
    }

    /// An object was made: some kinds act by that.
    pub(super) fn made_with(&mut self, at: NodeId, types: Types, value: Value, list: List) {
        for (receiver, sink, main, second) in MAKERS {
            if receiver.intersects(types) {
                let (main, second) = (self.pick(*main, value, list), self.pick(*second, value, list));
                // A reader or writer of a stream opens no file.
                if matches!(sink, Sink::Read | Sink::Write) && main.types.intersects(STREAMS) {
                    continue;
                }
                if *sink == Sink::Start && list.count == 0 {
                    continue;
                }
                let sink = if *sink == Sink::Read && self.opens_for_writing(list) { Sink::Write } else { *sink };
                self.event(sink, at, main, second, types, list.count);
            }
        }
    }

    /// Whether the arguments say that a file is opened to be written: `FileMode.Create`, and of FSO 2 and 8.
    pub(super) fn opens_for_writing(&self, list: List) -> bool {
        let items = self.tree.list(list);
        items.iter().skip(1).take(3).any(|&item| match self.tree.node(item) {
            Node::Member(_, symbol) => matches!(
                self.interner.name(symbol),
                b"create" | b"createnew" | b"append" | b"truncate" | b"write" | b"forwriting" | b"forappending"
            ),
            Node::Name(var) => {
                matches!(self.interner.name(self.tree.vars[var as usize].symbol), b"forwriting" | b"forappending")
            }
            _ => false,
        }) || items.get(1).is_some_and(|&mode| matches!(self.of(mode).constant, Constant::Number(2 | 8)))
    }

    /// An object with an initialiser.
    pub(super) fn made(&mut self, at: NodeId, value: Value) {
        if value.types.intersects(types::START_INFO) {
            self.event(Sink::Start, at, value, Value::default(), value.types, 1);
        }
        if value.types.intersects(types::SQL_COMMAND) {
            self.event(Sink::SqlRun, at, value, Value::default(), value.types, 1);
        }
    }

    pub(super) fn cast(&mut self, class: Symbol, of: NodeId) -> Value {
        let value = self.of(of);
        let name = self.interner.name(class);
        match name {
            b"char" => {
                let constant = match value.constant {
                    Constant::Number(code) => super::fold::character(code, &mut self.flow.texts).unwrap_or_default(),
                    other => other,
                };
                let mut flags = textual(value.flags);
                if constant == Constant::Unknown && !flags.intersects(TaintFlags::TAINT) {
                    flags |= TaintFlags::BUILT;
                }
                Value { constant, flags, ..value }
            }
            b"int" | b"byte" | b"long" | b"short" | b"uint" | b"double" | b"integer" | b"float" | b"boolean" => {
                Value { flags: numeric(value.flags), ..value }
            }
            _ => {
                let types = if self.classic { Types::empty() } else { self.class(class) };
                Value { types: value.types | types, ..value }
            }
        }
    }

    /// An object made from a ProgID, a CLSID or a moniker.
    pub(super) fn create(&mut self, at: NodeId, name: Value) -> Value {
        let mut kinds = name.names;
        let bytes = self.flow.texts.text(name.constant).map(<[u8]>::to_vec);
        if let Some(bytes) = &bytes {
            kinds |= types::moniker(bytes);
        }
        // A scriptlet that lies in the site is a page like any other.
        let local = name.flags.intersects(TaintFlags::MAPPED | TaintFlags::PAGE_PATH)
            && !name.flags.intersects(TaintFlags::TAINT);
        if kinds.intersects(types::SCRIPTLET) && !local {
            self.event(Sink::Evaluate, at, name, Value::default(), kinds, 1);
        }
        self.event(Sink::Create, at, name, Value::default(), kinds, 1);
        if bytes.is_none() && kinds.is_empty() {
            kinds = types::UNKNOWN_COM;
        }
        Value { types: kinds, ..Value::default() }
    }
}
