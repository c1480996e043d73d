//! Members and elements of objects.

use super::value::{Constant, TaintFlags, Value};
use super::{Analyzer, Language, Node, NodeId, Symbol, Types, VarId, types};
use crate::code::api_model::methods::ANY;
use crate::code::api_model::{Effect, Platform, Sink};
use crate::code::tree::List;

impl Analyzer<'_> {
    /// `of.symbol` where its value is asked for.
    pub(super) fn member(&mut self, at: NodeId, of: NodeId, symbol: Symbol) -> Value {
        let function = self.tree.nodes[at as usize].function;
        let mut found = Value::default();
        let fields = self.fields(at, of, symbol);
        if let &[var] = fields
            && (self.is_self(of) || self.names_class(of))
        {
            found = self.variable(var, function);
            if self.tree.vars[var as usize].declared || found.flags != TaintFlags::empty() {
                return found;
            }
        }
        let own = self.of(of);
        if self.platform == Platform::Java && self.interner.name(symbol) == b"class" {
            return own;
        }
        if let Some(value) = self.known_member(at, of, symbol, found.types) {
            return value;
        }
        if own.types.is_empty() && self.is_control_text(of, symbol) {
            let step = self.step(at, None, None);
            return Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() };
        }
        // A field of an object whose class is in this file.
        for &var in fields {
            if !self.states[var as usize].intrinsic {
                let field = self.variable(var, function);
                found = found.or(field);
            }
        }
        if self.is_page_object(own) {
            return Value { flags: found.flags, step: found.step, types: found.types, ..Value::default() };
        }
        let context = match self.interner.name(symbol) {
            _ if self.platform == Platform::Php => Types::empty(),
            b"request" => types::REQUEST,
            b"response" => types::RESPONSE,
            b"session" => types::STORE,
            b"server" if own.types.intersects(types::CONTEXT) => types::SERVER,
            _ => Types::empty(),
        };
        let own = match self.platform {
            Platform::Php if own.flags.intersects(TaintFlags::MIXED) => self.php_entry(own, symbol),
            _ => own,
        };
        let mut value = found.or(Value { constant: Constant::Unknown, types: context, names: Types::empty(), ..own });
        // A member of an object that was made of request data is not the whole of it.
        let partial = self.platform == Platform::Windows && self.tree.language(at) != Language::JScript;
        if !self.classic && own.flags.intersects(TaintFlags::DERIVED) && partial {
            value.flags |= TaintFlags::PART;
        }
        Value { constant: Constant::Unknown, types: value.types | context, ..value }
    }

    /// A member that the API model knows. `found`: the kinds of a field of this name.
    fn known_member(&mut self, at: NodeId, of: NodeId, symbol: Symbol, found: Types) -> Option<Value> {
        let own = self.of(of);
        let meaning = self.meaning(symbol)?;
        for method in &meaning.methods {
            let fits = method.receiver.intersects(own.types) && method.receiver != ANY;
            // What must be called says nothing by being named, and what is only given a value is not read.
            let sinks = matches!(
                method.effect,
                Effect::Sink(sink, ..) if !matches!(sink, Sink::Setting | Sink::Key | Sink::Output)
                    || sink == Sink::Key && self.tree.targets.contains_key(&at)
            );
            if fits && !sinks {
                let mut value = self.apply(at, method, Some((of, own)), List::default(), false);
                value.types |= found;
                return Some(value);
            }
            if method.name == "length" && method.receiver == ANY {
                return Some(self.apply(at, method, Some((of, own)), List::default(), false));
            }
        }
        // A class in a name space: System.Diagnostics.Process.
        if !self.classic
            && !own.flags.intersects(TaintFlags::TAINT)
            && own.types.is_empty()
            && !meaning.class.is_empty()
            && self.tree.is_undeclared_path(of)
        {
            return Some(Value { types: meaning.class, ..Value::default() });
        }
        None
    }

    /// Whether this is the text of a control that only the page's other half declares.
    fn is_control_text(&self, of: NodeId, symbol: Symbol) -> bool {
        let Node::Name(var) = self.tree.node(of) else { return false };
        !self.classic
            && self.platform == Platform::Windows
            && self.interner.name(symbol) == b"text"
            && !self.tree.vars[var as usize].declared
            && self.states[var as usize].before == 0
            // The name space System.Text, and a class.
            && !self.is_static(var)
            && !self.is_enumeration(var)
    }

    /// Whether a name reads as that of an enumeration, `CommandType.Text`, and not as that of a control, `txtType.Text`.
    fn is_enumeration(&self, var: VarId) -> bool {
        let name = self.interner.name(self.tree.vars[var as usize].symbol);
        let control = [&b"tx"[..], b"tb", b"ddl", b"lbl", b"cb", b"drop", b"hid", b"edit", b"select", b"input"];
        name.ends_with(b"type") && !control.iter().any(|prefix| name.starts_with(prefix))
    }

    /// Whether a value is one of the objects that every page has, of which an unknown member means nothing.
    pub(super) fn is_page_object(&self, value: Value) -> bool {
        let objects = types::REQUEST | types::RESPONSE | types::SERVER | types::CONTEXT | types::CONTROL;
        value.types.intersects(objects) && !value.flags.intersects(TaintFlags::TAINT)
    }

    /// `of(index)` or `of[index]`.
    pub(super) fn element_of(&mut self, at: NodeId, of: NodeId, list: List) -> Value {
        let own = self.of(of);
        if let Some(element) = self.element(of, list)
            && let Some(&value) = self.elements.get(&element)
        {
            if own.types.intersects(types::STORE) {
                return value;
            }
            let constant = value.constant;
            return Value { constant, ..value.or(Value { constant, ..own }) };
        }
        // Which server variable it is decides.
        if own.flags.intersects(TaintFlags::PAGE_PATH) && own.types.intersects(types::ITEMS) {
            let name = self.argument(list, 0).constant;
            let name = self.flow.texts.text(name).map(<[u8]>::to_ascii_lowercase);
            let chosen = name.as_deref().is_none_or(|name| {
                name.starts_with(b"http_") && name != b"http_host"
                    || matches!(name, b"query_string" | b"all_http" | b"path_info" | b"php_auth_user" | b"php_auth_pw")
            });
            if chosen && name.is_some() {
                let step = self.step(at, None, None);
                return Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() };
            }
            let own = name.as_deref().is_some_and(super::effects::is_own_path);
            let own = if own { TaintFlags::THIS_PAGE } else { TaintFlags::empty() };
            return Value { flags: TaintFlags::PAGE_PATH | own, ..Value::default() };
        }
        if own.types.intersects(types::STRINGS) {
            let name = self.argument(list, 0);
            self.event(Sink::Setting, at, name, own, own.types, list.count);
        }
        if own.types.intersects(types::REQUEST) {
            return self.request_data(at, list);
        }
        let index = self.argument(list, 0).constant;
        let constant = match (own.constant, index) {
            (Constant::List(list), Constant::Number(number)) => {
                usize::try_from(number).ok().and_then(|at| self.flow.texts.list(list).get(at).copied())
            }
            (Constant::Text(text), Constant::Number(number)) => usize::try_from(number)
                .ok()
                .and_then(|at| super::fold::part(Constant::Text(text), at, 1, &mut self.flow.texts)),
            _ => None,
        };
        // Which of several strings it is is not known; what they name is.
        let pieces = matches!(own.constant, Constant::List(_)) && constant.is_none();
        let mut flags = if pieces { own.flags | TaintFlags::SPLICED } else { own.flags };
        // `Request.Form["password"]`
        if own.types.intersects(types::ITEMS) && own.flags.intersects(TaintFlags::DATA) {
            flags |= self.secret(None, list);
            if index != Constant::Unknown {
                flags -= TaintFlags::FORM;
            }
        }
        Value { constant: constant.unwrap_or_default(), flags, ..own }
    }

    /// `of[index]`.
    pub(super) fn index(&mut self, at: NodeId, of: NodeId, list: List) -> Value {
        if self.platform == Platform::Php
            && let Some(value) = self.php_index(at, of, list)
        {
            return value;
        }
        // `obj["member"]` of JScript.
        if self.tree.language(at) == Language::JScript
            && let Constant::Text(text) = self.argument(list, 0).constant
        {
            let name = self.flow.texts.bytes(text);
            if name.len() < 40 && !self.of(of).types.intersects(types::REQUEST | types::ITEMS | types::STORE) {
                let folded = name.to_ascii_lowercase();
                if folded == b"eval" || folded == b"execscript" {
                    return Value { names: types::JSCRIPT_EVAL, types: types::JSCRIPT_EVAL, ..Value::default() };
                }
            }
        }
        self.element_of(at, of, list)
    }
}
