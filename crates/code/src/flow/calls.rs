//! Calls: which function is meant, and what it does.

use super::value::{Constant, TaintFlags, Value};
use super::{Analyzer, Language, Node, NodeId, Symbol, Types, VarId, types};
use crate::code::api_model::methods::ANY;
use crate::code::api_model::{Arg, Effect, Fold, Method, Platform, Sink, bare_in};
use crate::code::tree::{FunctionId, List, MAX_OUTER, MAX_OVERLOADS, NodeClass};
use std::borrow::Cow;

/// Objects whose methods run programs.
pub(super) const RUN_BY_NAME: Types = types::WSH.union(types::SHELL_APP).union(types::WMI_PROCESS);

/// JScript.NET's conversion to a character.
static CHAR: Method =
    Method { name: "char", receiver: Types::empty(), returns: Types::empty(), effect: Effect::Folds(Fold::Chr) };

/// Objects that are streams: what reads from them gives what is in them, not what they are called.
pub(super) const STREAMS: Types = types::BODY
    .union(types::MEMORY)
    .union(types::GZIP)
    .union(types::NET_STREAM)
    .union(types::WEB_RESPONSE)
    .union(types::WEB_REQUEST)
    .union(types::PIPE)
    .union(types::POSTED)
    .union(types::BUILDER)
    .union(types::FILE_STREAM)
    .union(types::RESPONSE)
    .union(types::READER)
    .union(types::CRYPTO);

impl<'f> Analyzer<'f> {
    pub(super) fn all(&self, list: List) -> Value {
        let mut all = Value::default();
        for &item in self.tree.list(list) {
            let item = self.of(item);
            all = all.or(Value { types: Types::empty(), names: Types::empty(), ..item });
        }
        all.constant = Constant::Unknown;
        all
    }

    pub(super) fn argument(&self, list: List, at: usize) -> Value {
        self.tree.list(list).get(at).map_or(Value::default(), |&node| self.of(node))
    }

    pub(super) fn pick(&self, arg: Arg, own: Value, list: List) -> Value {
        match arg {
            Arg::At(at) => self.argument(list, at as usize),
            Arg::Own => own,
            Arg::All => {
                let mut all = self.all(list);
                // One argument is itself.
                if list.count == 1 {
                    all = self.argument(list, 0);
                }
                all
            }
            Arg::None => Value::default(),
        }
    }

    pub(super) fn call(&mut self, at: NodeId, callee: NodeId, list: List) -> Value {
        if self.platform == Platform::Php {
            return self.call_php(at, callee, list);
        }
        let language = self.tree.language(at);
        match self.tree.node(callee) {
            Node::Name(var) => self.call_name(at, callee, var, list),
            Node::Member(of, symbol) => self.call_member(at, callee, of, symbol, list),
            Node::Index(of, name) if language == Language::JScript && name.count == 1 => {
                self.call_indexed(at, callee, of, name, list)
            }
            _ => self.call_value(at, callee, list),
        }
    }

    /// A call by a name: a function of this file, an object of the page, a conversion, or what the language has.
    fn call_name(&mut self, at: NodeId, callee: NodeId, var: VarId, list: List) -> Value {
        let language = self.tree.language(at);
        let symbol = self.tree.vars[var as usize].symbol;
        let state = self.states[var as usize];
        let class = self.tree.scope(self.tree.nodes[at as usize].function);
        if let Some(functions) = self.functions(class, symbol, true)
            && !state.intrinsic
        {
            if self.is_native(&functions) {
                return self.call_native(at, symbol, list);
            }
            let value = self.call_local(at, &functions, list, None);
            // Of `f = x => ...` the variable has what the expression gives.
            let inline = functions.iter().any(|&function| self.tree.functions[function as usize].inline);
            return if inline { value.or(self.of(callee)) } else { value };
        }
        if state.intrinsic && state.value.types.intersects(types::REQUEST) {
            return self.request_data(at, list);
        }
        let used = state.assigned > 0 || state.before > 0 || state.intrinsic || self.tree.vars[var as usize].declared;
        if used {
            return self.call_value(at, callee, list);
        }
        if let Some(meaning) = self.meaning(symbol)
            && let Some(method) = meaning.methods.iter().find(|method| method.receiver.is_empty())
            && bare_in(method, language, self.classic)
        {
            return self.apply(at, method, None, list, true);
        }
        if !state.value.types.is_empty() && !self.classic {
            // A conversion: JScript's String(x).
            let all = self.all(list);
            return Value { types: state.value.types, constant: self.argument(list, 0).constant, ..all };
        }
        if language == Language::JScript && self.interner.name(symbol) == b"char" {
            return self.folded(Fold::Chr, &CHAR, None, list, language);
        }
        // typeof(Class), GetType(Class)
        if !self.classic && matches!(self.interner.name(symbol), b"typeof" | b"gettype") && list.count == 1 {
            let class = self.argument(list, 0);
            return Value { types: class.types | types::CLASS, ..Value::default() };
        }
        // CallByName(object, "Run", kind, x)
        if self.interner.name(symbol) == b"callbyname" && self.argument(list, 0).types.intersects(types::RUNNERS) {
            let (own, all) = (self.argument(list, 0), self.all(list));
            self.event(Sink::Start, at, all, Value::default(), own.types, list.count);
        }
        // CType(x, Class)
        if matches!(self.interner.name(symbol), b"ctype" | b"directcast" | b"trycast") {
            let (value, class) = (self.argument(list, 0), self.argument(list, 1));
            return Value { types: value.types | class.types, ..value };
        }
        self.unknown_call(Value::default(), list)
    }

    /// `object["Run"](x)` of JScript.
    fn call_indexed(&mut self, at: NodeId, callee: NodeId, of: NodeId, name: List, list: List) -> Value {
        let own = self.of(of);
        let name = self.argument(name, 0).constant;
        let name = self.flow.texts.text(name).map(<[u8]>::to_ascii_lowercase);
        let meaning = name.and_then(|name| crate::code::api_model::meaning(&name));
        let method = meaning.and_then(|meaning| {
            meaning
                .methods
                .iter()
                .find(|method| method.receiver != ANY && method.receiver.intersects(own.types))
                .copied()
        });
        match method {
            Some(method) => self.apply(at, method, Some((of, own)), list, true),
            None => self.call_value(at, callee, list),
        }
    }

    /// A call of what an expression gives.
    pub(super) fn call_value(&mut self, at: NodeId, callee: NodeId, list: List) -> Value {
        if self.of(callee).types.intersects(types::JSCRIPT_EVAL) && list.count > 0 {
            let code = self.argument(list, 0);
            self.event(Sink::Evaluate, at, code, Value::default(), types::JSCRIPT_EVAL, list.count);
            return Value { constant: Constant::Unknown, ..code };
        }
        // A function that is a value may give what it is given. In Basic the same looks like an element.
        let own = self.of(callee);
        let basic = matches!(self.tree.language(at), Language::VbScript | Language::VisualBasic);
        if !basic
            && own.types.is_empty()
            && self.element(callee, list).is_none_or(|key| !self.elements.contains_key(&key))
        {
            return self.unknown_call(own, list);
        }
        self.element_of(at, callee, list)
    }

    pub(super) fn call_member(&mut self, at: NodeId, callee: NodeId, of: NodeId, symbol: Symbol, list: List) -> Value {
        let own = self.of(of);
        let meaning = self.meaning(symbol);
        if let Some(meaning) = meaning {
            let mut found: Option<Value> = None;
            for method in &meaning.methods {
                if method.receiver == ANY || !method.receiver.intersects(own.types) {
                    continue;
                }
                let next = self.apply(at, method, Some((of, own)), list, true);
                found = Some(match found {
                    None => next,
                    Some(value) => Value { constant: value.constant, ..value.or(next) },
                });
            }
            if let Some(value) = found {
                return value;
            }
        }
        let function = self.tree.nodes[at as usize].function;
        let functions = match self.is_self(of) {
            true => self.functions(self.tree.scope(function), symbol, true),
            false => self.functions_of(self.tree.class_of(of), symbol),
        };
        if (own.types.is_empty() || self.is_self(of))
            && let Some(functions) = &functions
        {
            if self.is_native(functions) {
                return self.call_native(at, symbol, list);
            }
            if self.php_ambiguous(functions) {
                return Value::default();
            }
            return self.call_local(at, functions, list, Some(of));
        }
        if let Some(meaning) = meaning
            && let Some(method) = meaning.methods.iter().find(|method| method.receiver == ANY)
        {
            return self.apply(at, method, Some((of, own)), list, true);
        }
        if let Some(functions) = functions
            && !own.types.intersects(types::REQUEST | types::RESPONSE)
            && !self.php_ambiguous(&functions)
        {
            return self.call_local(at, &functions, list, Some(of));
        }
        let value = self.of(callee);
        // In Basic a property with an index looks like a call.
        if value.types.intersects(types::ITEMS | types::STORE | types::POSTED) {
            return self.element_of(at, callee, list);
        }
        // A method of an object of another file: what it makes of request data is not known.
        if self.platform == Platform::Php {
            return Value::default();
        }
        // Anonymous pages' helper: Page.Request and the like are known; of other methods of the page nothing is.
        self.unknown_call(Value { constant: Constant::Unknown, ..value }, list)
    }

    /// The functions of this file that a call on an object of this class may mean, all of that name where it is not known.
    fn functions_of(&self, class: NodeClass, symbol: Symbol) -> Option<Cow<'f, [FunctionId]>> {
        let tree = self.tree;
        let all = tree.by_name.get(&symbol)?;
        match class {
            NodeClass::Unknown => Some(Cow::Borrowed(all)),
            NodeClass::External => {
                let extends = |&&function: &&FunctionId| tree.functions[function as usize].extends;
                let found: Vec<FunctionId> = all.iter().filter(extends).copied().collect();
                (!found.is_empty()).then_some(Cow::Owned(found))
            }
            NodeClass::Declared(class) => self.functions(class, symbol, false),
        }
    }

    /// The functions of this file that a call may mean: those of this class and of related ones. `bare`: called without
    /// an object, in this class, where all of that name may be meant.
    pub(super) fn functions(&self, class: FunctionId, symbol: Symbol, bare: bool) -> Option<Cow<'f, [FunctionId]>> {
        let tree = self.tree;
        let all = tree.by_name.get(&symbol)?;
        let mut found: Vec<FunctionId> = Vec::new();
        for class in tree.related(class) {
            found.extend(tree.members.get(&(class, symbol)).into_iter().flatten());
        }
        let mut outer = class;
        for _ in 0..MAX_OUTER {
            if !found.is_empty() || !bare || outer == 0 {
                break;
            }
            outer = tree.functions.get(outer as usize).map_or(0, |function| function.outer);
            found.extend(tree.members.get(&(outer, symbol)).into_iter().flatten());
        }
        if found.is_empty() {
            if bare {
                return Some(Cow::Borrowed(all));
            }
            found.extend(all.iter().filter(|&&function| tree.functions[function as usize].extends));
        }
        (!found.is_empty()).then_some(Cow::Owned(found))
    }

    pub(super) fn is_native(&self, functions: &[FunctionId]) -> bool {
        functions.iter().any(|&function| self.tree.functions[function as usize].attributes.native)
    }

    /// A function of a library of the system.
    pub(super) fn call_native(&mut self, at: NodeId, symbol: Symbol, list: List) -> Value {
        let known =
            self.meaning(symbol).and_then(|meaning| meaning.methods.iter().find(|method| method.receiver.is_empty()));
        if let Some(method) = known {
            return self.apply(at, method, None, list, true);
        }
        let all = self.all(list);
        self.event(Sink::Native, at, all, Value::default(), Types::empty(), list.count);
        Value { constant: Constant::Unknown, ..all }
    }

    /// What may come out of a function that nothing is known of: what went in.
    pub(super) fn unknown_call(&mut self, own: Value, list: List) -> Value {
        let mut all = self.all(list);
        // What is made of the path of a page below a folder of its own is what lies there: `run(read("apps/" & x & "/a.asp"))`.
        let path = TaintFlags::PAGE_NAME;
        if self.classic && all.flags.intersects(path) && !all.flags.intersects(TaintFlags::AT_START) {
            let brought = TaintFlags::TAINT | TaintFlags::AT_END | TaintFlags::REMOTE | TaintFlags::SELECTED;
            all.flags = (all.flags - brought) | TaintFlags::STORED;
        }
        let mut value = own.or(all);
        if all.flags.intersects(TaintFlags::TAINT) {
            value.flags |= TaintFlags::DERIVED;
        }
        value.flags -= TaintFlags::TAIL | TaintFlags::SHELL;
        Value { constant: Constant::Unknown, names: own.names, types: own.types, ..value }
    }

    /// `Request(name)`.
    pub(super) fn request_data(&mut self, at: NodeId, list: List) -> Value {
        let step = self.step(at, None, None);
        let flags = TaintFlags::DATA | TaintFlags::WHOLE | self.secret(None, list);
        Value { flags, step, types: types::ITEMS, ..Value::default() }
    }

    /// A call of functions of this file. `of` is the object whose method is called.
    pub(super) fn call_local(&mut self, at: NodeId, functions: &[FunctionId], list: List, of: Option<NodeId>) -> Value {
        let tree = self.tree;
        let mut value = Value::default();
        let mut first = true;
        // Of more functions of one name than are distinguished any may be meant.
        if functions.len() >= MAX_OVERLOADS
            && tree.list(list).iter().any(|&node| self.of(node).flags.intersects(TaintFlags::TAINT))
        {
            self.flow.ambiguous = true;
        }
        let fits = |function: FunctionId| tree.functions[function as usize].parameters.len() >= list.count as usize;
        let any = functions.iter().any(|&function| fits(function));
        for &function in functions {
            if any && !fits(function) {
                continue;
            }
            let called = &tree.functions[function as usize];
            // A method of its first argument, unless it is called by the name of its class.
            let first_of = of.filter(|&of| {
                called.extends && tree.kinds.get(of as usize) != Some(&NodeClass::of_scope(called.scope))
            });
            let arguments = first_of.iter().chain(tree.list(list));
            for (&parameter, &node) in called.parameters.iter().zip(arguments) {
                let argument = self.of(node);
                self.take(parameter, argument.constant);
                self.set(at, parameter, argument, true);
                // A variable that the function gives a value, or an object into which it puts one.
                let state = &self.states[parameter as usize];
                let mut back = state.filled;
                if tree.vars[parameter as usize].by_ref && state.own.0 != TaintFlags::empty() {
                    back = (back.0 | state.own.0, state.own.1);
                }
                let (own, step) = back;
                if own.intersects(TaintFlags::TAINT)
                    && !argument.flags.intersects(TaintFlags::TAINT)
                    && let Node::Name(var) = tree.node(node)
                {
                    self.set(at, var, Value { flags: own, step, ..Value::default() }, true);
                }
                // A stream that the function fills.
                let inside = self.states[parameter as usize].value;
                if inside.flags.intersects(TaintFlags::TAINT)
                    && !argument.flags.intersects(TaintFlags::TAINT)
                    && argument.types.intersects(STREAMS)
                {
                    self.fill(at, node, inside);
                }
            }
            let result = called.result;
            let mut returned = self.variable(result, function);
            if called.inline {
                let outer = tree.functions.get(called.outer as usize).map_or(result, |outer| outer.result);
                returned = returned.or(self.variable(outer, function));
            }
            value = if first { returned } else { value.or(returned) };
            first = false;
        }
        if value.flags.intersects(TaintFlags::TAINT) {
            value.step = value.step.or_else(|| self.all(list).step);
        }
        value
    }

    /// Keeps a constant that a parameter is called with.
    fn take(&mut self, parameter: VarId, constant: Constant) {
        if self.flow.texts.text(constant).is_none_or(|text| text.len() < 3) {
            return;
        }
        let print = self.flow.texts.print(constant);
        let taken = self.taken.entry(parameter).or_default();
        if taken.known.contains(&print) {
            return;
        }
        if taken.constants.len() < super::MAX_TAKEN {
            taken.known.insert(print);
            taken.constants.push(constant);
            // What runs it may lie in front of what calls it. One that grows with each pass is no reason to go on.
            if taken.turns == 0 || taken.pass < self.passes && taken.turns < super::TURNS {
                taken.turns += 1;
                self.changed = true;
            }
            taken.pass = self.passes;
        } else {
            taken.more = true;
        }
    }
}
