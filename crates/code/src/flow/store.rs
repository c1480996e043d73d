//! Assignments to variables, fields and elements.

use super::operators::mixed;
use super::value::{Constant, TaintFlags, Value};
use super::{Analyzer, MAX_ELEMENTS, NodeId, Punct, Symbol, Types, VarId, types};
use crate::code::api_model::Platform;
use crate::code::tree::{List, MAX_FIELDS, Node, NodeClass};

impl<'f> Analyzer<'f> {
    /// Takes a value into a variable. `weak` keeps what the variable's content is known to be from being believed.
    pub(super) fn set(&mut self, at: NodeId, var: VarId, value: Value, weak: bool) {
        self.put(at, var, value, weak, false);
    }

    /// As [`Analyzer::set`]; `inside` where the value goes into the object that the variable holds.
    fn put(&mut self, at: NodeId, var: VarId, value: Value, weak: bool, inside: bool) {
        let function = self.tree.nodes[at as usize].function;
        let mut step = value.step;
        let interesting =
            value.flags.intersects(TaintFlags::TAINT | TaintFlags::BUILT | TaintFlags::SELECTED | TaintFlags::STORED);
        if interesting {
            step = self.step(at, Some(var), value.step);
        }
        let state = &mut self.states[var as usize];
        state.assigned = state.assigned.saturating_add(1);
        let mut constant = value.constant;
        if weak && constant != state.constant && state.assigned > 1 {
            constant = Constant::Unknown;
        }
        state.constant = constant;
        state.function = function;
        state.bound = false;
        if state.intrinsic {
            return;
        }
        if interesting && matches!(self.tree.node(at), Node::Assign(..) | Node::Each(..)) {
            let own = if inside { &mut state.filled } else { &mut state.own };
            *own = (own.0 | value.flags, step);
        }
        let before = state.value;
        let mut after = before.or(Value { step, ..value });
        after.constant = Constant::Unknown;
        if before.flags.intersects(TaintFlags::TAINT) && before.step.is_some() {
            after.step = before.step;
        }
        // A variable's own class is what it was declared with.
        if after.flags != before.flags || after.types != before.types || after.names != before.names {
            self.changed = true;
        }
        state.value = after;
    }

    /// The variable that a chain of members and elements starts with. A name space or a class is none; a field of a class is.
    pub(super) fn root(&self, mut node: NodeId) -> Option<VarId> {
        for _ in 0..super::LONGEST_CHAIN {
            match self.tree.node(node) {
                Node::Name(var) => return (!self.is_static(var)).then_some(var),
                Node::Member(of, symbol) => {
                    if self.is_self(of) || self.names_class(of) {
                        return self.fields(node, of, symbol).first().copied();
                    }
                    // What other files declare, and name spaces, have members of their own.
                    if let Some(field) = self.tree.field_of(node)
                        && self.begins_elsewhere(of)
                    {
                        return Some(field);
                    }
                    node = of;
                }
                Node::Call(of, _) | Node::Index(of, _) | Node::Cast(_, of) | Node::Init(of, _) => node = of,
                _ => return None,
            }
        }
        None
    }

    /// Whether a chain of members and elements is longer than its beginning is looked for.
    fn is_longer_chain(&self, mut node: NodeId) -> bool {
        for _ in 0..super::LONGEST_CHAIN {
            match self.tree.node(node) {
                Node::Member(of, _)
                | Node::Call(of, _)
                | Node::Index(of, _)
                | Node::Cast(_, of)
                | Node::Init(of, _) => {
                    node = of;
                }
                _ => return false,
            }
        }
        true
    }

    /// The variables that a member may be: the field of its object's class; every field of that name where the class is not
    /// known; none where it is not of this file.
    pub(super) fn fields(&self, member: NodeId, of: NodeId, symbol: Symbol) -> &'f [VarId] {
        let tree = self.tree;
        match tree.fields.get(member as usize) {
            Some(field @ Some(_)) => field.as_slice(),
            // `Page.x` of a page.
            _ if self.is_self(of) => tree.scopes.get(&(0, symbol)).map_or(&[], std::slice::from_ref),
            _ if tree.class_of(of) == NodeClass::Unknown => {
                let fields = tree.by_field.get(&symbol).map_or(&[][..], |fields| fields);
                if fields.len() > MAX_FIELDS { &[] } else { fields }
            }
            _ => &[],
        }
    }

    /// Whether a chain of members begins with a name that only other files declare.
    fn begins_elsewhere(&self, mut node: NodeId) -> bool {
        for _ in 0..super::LONGEST_CHAIN {
            match self.tree.node(node) {
                Node::Name(var) => return self.is_elsewhere(var),
                Node::Member(of, _) => node = of,
                _ => return false,
            }
        }
        false
    }

    /// Whether a node is the name of a class of this file.
    pub(super) fn names_class(&self, node: NodeId) -> bool {
        let NodeClass::Declared(class) = self.tree.class_of(node) else { return false };
        match self.tree.node(node) {
            Node::Name(var) => self.is_static(var),
            Node::Member(_, symbol) => {
                symbol == self.tree.functions[class as usize].symbol && self.tree.is_undeclared_path(node)
            }
            _ => false,
        }
    }

    /// Whether a node is the object itself: `this`, `me`, `Page`.
    pub(super) fn is_self(&self, node: NodeId) -> bool {
        match self.tree.node(node) {
            Node::Name(var) => {
                let var = &self.tree.vars[var as usize];
                !var.declared
                    && matches!(
                        self.interner.name(var.symbol),
                        b"this" | b"me" | b"base" | b"mybase" | b"myclass" | b"page" | b"$this" | b"self" | b"static"
                    )
            }
            _ => false,
        }
    }

    /// `target = value` in all its forms. `weak`: the target takes one of several values.
    pub(super) fn store(&mut self, at: NodeId, mut target: NodeId, value: Value, weak: bool) {
        // Taken as another class it is the same; malicious code has any number of casts.
        while let Node::Cast(_, of) = self.tree.node(target) {
            target = of;
        }
        match self.tree.node(target) {
            Node::Name(var) => self.set(at, var, value, weak),
            Node::Member(of, symbol) if self.is_self(of) || self.names_class(of) => {
                for &var in self.fields(target, of, symbol) {
                    self.set(at, var, value, weak);
                }
            }
            Node::Member(of, symbol) => self.store_member(at, target, of, symbol, value),
            // `list($a, $b) = value`, `[$a, $b] = value`
            Node::Call(of, list) if self.is_list(of) => {
                let tree = self.tree;
                for &item in tree.list(list) {
                    self.store_item(at, item, value);
                }
            }
            Node::Array(list) => {
                let tree = self.tree;
                for &item in tree.list(list) {
                    self.store_item(at, item, value);
                }
            }
            Node::Index(of, list) | Node::Call(of, list) => self.store_element(at, target, (of, list), value),
            _ => {}
        }
    }

    /// `of.member = value`
    fn store_member(&mut self, at: NodeId, target: NodeId, of: NodeId, symbol: Symbol, value: Value) {
        let own = self.of(of);
        if let Some(meaning) = self.meaning(symbol) {
            for (receiver, sink) in &meaning.setters {
                if receiver.intersects(own.types) {
                    self.event(*sink, at, value, own, own.types, 1);
                }
            }
        }
        // A field of an object of this file.
        let fields = self.fields(target, of, symbol);
        for &field in fields {
            self.set(at, field, value, true);
        }
        let ambiguous = || self.tree.by_field.get(&symbol).is_some_and(|fields| fields.len() > MAX_FIELDS);
        self.flow.ambiguous |= fields.is_empty() && value.flags.intersects(TaintFlags::TAINT) && ambiguous();
        let mut value = value;
        if self.platform == Platform::Php {
            self.php_keep_member(symbol, value);
            value.flags = mixed(value.flags);
        }
        // Where it is known whose field that is, nothing else of the object changes.
        let field = self.tree.field_of(target).and_then(|field| self.tree.vars.get(field as usize));
        let external = field.map(|var| self.tree.functions[var.function as usize].external);
        if external.is_none_or(|external| external && !self.begins_elsewhere(of)) {
            self.fill(at, of, value);
        }
    }

    /// `of[index] = value`, in Basic `of(index) = value`.
    fn store_element(&mut self, at: NodeId, target: NodeId, (of, list): (NodeId, List), value: Value) {
        if let Some((var, key)) = self.element(of, list) {
            let known = self.elements.len() < MAX_ELEMENTS;
            if known || self.elements.contains_key(&(var, key)) {
                let mut value = value;
                if value.flags.intersects(TaintFlags::TAINT) {
                    value.step = self.step(at, Some(var), value.step);
                }
                let old = self.elements.insert((var, key), value);
                if let Some(old) = old {
                    let mut both = old.or(value);
                    both.constant = value.constant;
                    self.changed |= both.flags != old.flags || both.types != old.types;
                    self.elements.insert((var, key), both);
                } else {
                    self.changed = true;
                }
            } else {
                self.flow.truncated |= value.flags.intersects(TaintFlags::TAINT);
            }
            if self.of(of).types.intersects(types::STORE) {
                return;
            }
        }
        let mut value = value;
        if self.platform == Platform::Php && self.php_keep_entry(target, value) {
            value.flags = mixed(value.flags);
        }
        self.fill(at, of, value);
    }

    /// Whether a call is PHP's list of variables that take values.
    fn is_list(&self, callee: NodeId) -> bool {
        self.platform == Platform::Php
            && matches!(self.tree.node(callee), Node::Name(var)
                if self.interner.name(self.tree.vars[var as usize].symbol) == b"list")
    }

    /// One of several variables takes its part of a value.
    fn store_item(&mut self, at: NodeId, item: NodeId, value: Value) {
        let value = Value { constant: Constant::Unknown, ..value };
        match self.tree.node(item) {
            Node::Name(var) => self.set(at, var, value, true),
            Node::Member(..) | Node::Index(..) => self.fill(at, item, value),
            Node::Binary(Punct::Lambda, _, item) => {
                if let Node::Name(var) = self.tree.node(item) {
                    self.set(at, var, value, true);
                }
            }
            _ => {}
        }
    }

    /// A value goes into an object, and so into the variable that holds it.
    pub(super) fn fill(&mut self, at: NodeId, object: NodeId, value: Value) {
        let Some(var) = self.root(object) else {
            self.flow.truncated |= value.flags.intersects(TaintFlags::TAINT) && self.is_longer_chain(object);
            return;
        };
        if self.states[var as usize].intrinsic {
            return;
        }
        let kept = self.states[var as usize].constant;
        let (function, assigned) = (self.states[var as usize].function, self.states[var as usize].assigned);
        let value = Value { constant: Constant::Unknown, types: Types::empty(), ..value };
        self.put(at, var, value, true, true);
        let state = &mut self.states[var as usize];
        state.assigned = assigned;
        state.function = function;
        state.constant = if matches!(kept, Constant::List(_)) { Constant::Unknown } else { kept };
    }

    /// The variable and the place of an element with a constant index.
    pub(super) fn element(&self, of: NodeId, list: List) -> Option<(VarId, u64)> {
        // `Session("x")` is the same by whatever way it is reached.
        let store = self.of(of).types.intersects(types::STORE).then(|| self.store_name(of));
        let var = if store.is_some() { 0 } else { self.root(of)? };
        let mut key = 0xCBF2_9CE4_8422_2325u64;
        let items = self.tree.list(list);
        if items.is_empty() || items.len() > 4 {
            return None;
        }
        let mut mix = |byte: u8| key = (key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        store.unwrap_or_default().iter().for_each(|&byte| mix(byte));
        for &item in items {
            match self.of(item).constant {
                Constant::Number(number) => number.to_string().bytes().for_each(&mut mix),
                Constant::Text(text) => {
                    let bytes = self.flow.texts.bytes(text);
                    bytes[..bytes.len().min(256)].iter().for_each(|b| mix(b.to_ascii_lowercase()));
                }
                _ => return None,
            }
            mix(b',');
        }
        Some((var, key))
    }

    /// What a store is called.
    fn store_name(&self, mut of: NodeId) -> &'static [u8] {
        const STORES: &[&[u8]] =
            &[b"application", b"cache", b"viewstate", b"items", b"tempdata", b"viewbag", b"viewdata"];
        for _ in 0..4 {
            let name = match self.tree.node(of) {
                Node::Name(var) => self.interner.name(self.tree.vars[var as usize].symbol),
                Node::Member(_, symbol) => self.interner.name(symbol),
                _ => b"",
            };
            if let Some(store) = STORES.iter().find(|store| **store == name) {
                return store;
            }
            match self.tree.node(of) {
                Node::Member(inner, _) | Node::Call(inner, _) | Node::Cast(_, inner) => of = inner,
                _ => break,
            }
        }
        b"session"
    }
}
