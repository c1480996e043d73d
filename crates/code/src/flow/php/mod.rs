//! PHP specifics: functions called by computed names, superglobals, includes.

mod built_in;
mod entries;

use super::operators::numeric;
use super::value::{Constant, TaintFlags, Value};
use super::{Analyzer, Node, NodeId, Punct, Symbol, Types, VarId, types};
use crate::code::api_model::{Effect, Method, Platform, Sink, meaning_in};
use crate::code::token::NAMELESS;
use crate::code::tree::{FunctionId, List, Tree};
use std::collections::HashSet;

/// How many nodes a program has that is small.
const SMALL: usize = 4000;

/// The longest name that a function is looked up by.
const LONGEST_NAME: usize = 128;

/// The variables that `++` and `--` are applied to.
pub(super) fn counted(tree: &Tree) -> HashSet<VarId> {
    let stepped = tree.nodes.iter().filter_map(|spanned| match spanned.node {
        Node::Unary(Punct::Step, of) => Some(of),
        _ => None,
    });
    stepped
        .filter_map(|of| match tree.node(of) {
            Node::Name(var) => Some(var),
            _ => None,
        })
        .collect()
}

/// What a variable of PHP is from the beginning.
pub(super) fn intrinsic(name: &[u8]) -> Option<Types> {
    Some(match name {
        b"$_get"
        | b"$_post"
        | b"$_request"
        | b"$_cookie"
        | b"$http_raw_post_data"
        | b"$http_post_vars"
        | b"$http_get_vars"
        | b"$http_cookie_vars" => types::REQUEST,
        b"$_files" | b"$http_post_files" => types::POSTED,
        b"$_server" | b"$http_server_vars" => types::ITEMS,
        b"$_session" => types::STORE,
        b"$this" | b"self" | b"static" | b"parent" => types::CONTEXT,
        _ => return None,
    })
}

impl<'f> Analyzer<'f> {
    /// A name where its value is asked for, if it is not just a variable.
    pub(super) fn php_name(&mut self, at: NodeId, var: VarId) -> Option<Value> {
        let interner = self.interner;
        let known = &self.tree.vars[var as usize];
        let name = interner.name(known.symbol);
        if let Some(value) = self.php_global_value(at, name) {
            return Some(value);
        }
        match name {
            b"__file__" | b"__dir__" => Some(Value { flags: TaintFlags::PAGE_PATH, ..Value::default() }),
            b"php_eol" => Some(Value { constant: self.flow.texts.add(b"\n"), ..Value::default() }),
            b"directory_separator" => Some(Value { constant: self.flow.texts.add(b"/"), ..Value::default() }),
            _ if name.starts_with(b"$") => {
                let state = &self.states[var as usize];
                let function = self.tree.nodes[at as usize].function;
                let step = *self.extracted.get(&function)?;
                let parameter = self.tree.functions.get(function as usize)?.parameters.contains(&var);
                let nothing = state.before == 0 && state.assigned == 0 && !parameter;
                nothing.then(|| Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() })
            }
            _ => None,
        }
    }

    /// The value of a variable that is the same everywhere.
    fn php_global_value(&mut self, at: NodeId, name: &[u8]) -> Option<Value> {
        let kinds = intrinsic(name)?;
        let flags = match kinds {
            types::REQUEST | types::POSTED => TaintFlags::DATA | TaintFlags::WHOLE,
            types::ITEMS => TaintFlags::PAGE_PATH,
            _ => return None,
        };
        let step = if kinds == types::ITEMS { None } else { self.step(at, None, None) };
        let types = if kinds == types::REQUEST { types::ITEMS } else { kinds };
        Some(Value { flags, step, types, ..Value::default() })
    }

    /// The variable that a text names: `$$x`, `${"x"}`, `$GLOBALS["x"]`.
    fn php_variable_named(&mut self, at: NodeId, name: &[u8]) -> Option<Value> {
        let name = name.get(..LONGEST_NAME).unwrap_or(name);
        let full = [b"$", name].concat();
        if let Some(value) = self.php_global_value(at, &full.to_ascii_lowercase()) {
            return Some(value);
        }
        let symbol = self.interner.find(&full)?;
        let function = self.tree.nodes[at as usize].function;
        let scopes = &self.tree.scopes;
        let var = scopes.get(&(function, symbol)).or_else(|| scopes.get(&(0, symbol))).copied()?;
        Some(self.variable(var, function))
    }

    pub(super) fn call_php(&mut self, at: NodeId, callee: NodeId, list: List) -> Value {
        match self.tree.node(callee) {
            Node::Name(var) => {
                let (tree, interner) = (self.tree, self.interner);
                let symbol = tree.vars[var as usize].symbol;
                let name = interner.name(symbol);
                if name.starts_with(b"$") && name != b"$$" {
                    if let Some(functions) = tree.by_name.get(&symbol) {
                        return self.call_local(at, functions, list, None);
                    }
                    let callee = self.of(callee);
                    return self.php_dynamic(at, callee, list);
                }
                let symbol = tree.aliases.get(&symbol).copied().unwrap_or(symbol);
                self.php_function(at, symbol, list)
            }
            Node::Member(of, symbol) => {
                let own = self.of(of);
                if own.types.intersects(types::METHOD)
                    && matches!(self.interner.name(symbol), b"invoke" | b"invokeargs" | b"call")
                {
                    return self.php_dynamic(at, own, list);
                }
                self.call_member(at, callee, of, symbol, list)
            }
            _ => {
                let callee = self.of(callee);
                self.php_dynamic(at, callee, list)
            }
        }
    }

    /// A function by its name. What PHP itself has cannot be taken by a function of the page.
    fn php_function(&mut self, at: NodeId, symbol: Symbol, list: List) -> Value {
        let (tree, interner) = (self.tree, self.interner);
        let name = interner.name(symbol);
        if let Some(value) = self.php_built_in(at, name, list) {
            return value;
        }
        match tree.by_name.get(&symbol) {
            Some(functions) if !self.php_ambiguous(functions) => self.call_local(at, functions, list, None),
            // What a function of another file makes of request data is not known: most of them clean it.
            _ => Value::default(),
        }
    }

    /// Whether a large program of PHP has several functions of a name, each in a class of its own: which one is called is not
    /// known.
    pub(super) fn php_ambiguous(&self, functions: &[FunctionId]) -> bool {
        self.platform == Platform::Php && functions.len() > 1 && self.tree.nodes.len() > SMALL
    }

    /// A function whose name is a value.
    fn php_dynamic(&mut self, at: NodeId, callee: Value, list: List) -> Value {
        if let Some(name) = self.php_callable(callee.constant) {
            if let Some(value) = self.php_built_in(at, &name, list) {
                return value;
            }
            let tree = self.tree;
            return match self.interner.find(&name).and_then(|symbol| tree.by_name.get(&symbol)) {
                Some(functions) => self.call_local(at, functions, list, None),
                None => Value::default(),
            };
        }
        let data = self.all(list);
        self.php_unknown(at, callee, data)
    }

    /// The name of a function that a constant is: in lower case, without its class or name space.
    fn php_callable(&self, constant: Constant) -> Option<Vec<u8>> {
        let text = self.flow.texts.text(constant)?;
        let last = text.rsplit(|&b| b == b':' || b == b'\\').next().unwrap_or(text);
        (last.len() <= LONGEST_NAME).then(|| last.trim_ascii().to_ascii_lowercase())
    }

    /// A call of something that is not known, with this.
    fn php_unknown(&mut self, at: NodeId, callee: Value, data: Value) -> Value {
        let whole = callee.flags.intersects(TaintFlags::AT_START) && callee.flags.intersects(TaintFlags::AT_END);
        let named = callee.flags.intersects(TaintFlags::DATA | TaintFlags::NAME)
            && (!callee.flags.intersects(TaintFlags::MIXED) || self.tree.nodes.len() <= SMALL);
        if named && whole && data.flags.intersects(TaintFlags::DATA) {
            let flags = callee.flags | TaintFlags::DATA;
            let called = Value { constant: Constant::Unknown, flags, ..callee };
            self.event(Sink::Evaluate, at, called, data, types::METHOD, 1);
        } else if named && whole
            || callee.flags.intersects(TaintFlags::BUILT) && !callee.flags.intersects(TaintFlags::MIXED)
        {
            self.event(Sink::Reflect, at, callee, data, types::METHOD, 1);
        }
        let value = Value { constant: Constant::Unknown, types: Types::empty(), names: Types::empty(), ..data };
        if callee.constant == Constant::Unknown && !callee.flags.intersects(TaintFlags::TAINT | TaintFlags::BUILT) {
            return value.or(self.php_nameless(at, value));
        }
        value
    }

    /// A function without a name, or an object that can be called like one, is given this. In a large program it is not known
    /// which.
    fn php_nameless(&mut self, at: NodeId, data: Value) -> Value {
        let tree = self.tree;
        let mut value = Value::default();
        if tree.nodes.len() > SMALL {
            return value;
        }
        let invoked = self.interner.find(b"__invoke").and_then(|symbol| tree.by_name.get(&symbol));
        let nameless = tree.by_name.get(&NAMELESS);
        for &function in invoked.into_iter().chain(nameless).flatten().filter(|&&function| function != 0) {
            let called = &tree.functions[function as usize];
            for &parameter in &called.parameters {
                self.set(at, parameter, data, true);
            }
            value = value.or(self.variable(called.result, function));
        }
        value
    }

    /// A function that is given as an argument is called with this.
    fn php_callback(&mut self, at: NodeId, callee: Value, data: Value) -> Value {
        let Some(name) = self.php_callable(callee.constant) else {
            // An object and its method, or a function as it stands.
            let list = matches!(callee.constant, Constant::List(_));
            return if list { Value::default() } else { self.php_unknown(at, callee, data) };
        };
        if let Some(method) = bare(&name) {
            match method.effect {
                Effect::Sink(sink, ..) => {
                    self.event(sink, at, data, Value::default(), types::METHOD, 1);
                    return Value { constant: Constant::Unknown, ..data };
                }
                Effect::Folds(how) => {
                    let constant = self.fold_each(how, data.constant);
                    return Value { constant, ..data };
                }
                Effect::Sanitizes => return Value::default(),
                _ => return Value { constant: Constant::Unknown, ..data },
            }
        }
        let tree = self.tree;
        let Some(functions) = self.interner.find(&name).and_then(|symbol| tree.by_name.get(&symbol)) else {
            return Value::default();
        };
        let mut value = Value::default();
        for &function in functions {
            let called = &tree.functions[function as usize];
            for &parameter in &called.parameters {
                self.set(at, parameter, Value { constant: Constant::Unknown, ..data }, true);
            }
            value = value.or(self.variable(called.result, function));
        }
        value
    }

    /// What an operator makes of two texts, byte by byte.
    pub(super) fn php_bytes(&mut self, punct: Punct, left: Constant, right: Constant) -> Option<Constant> {
        let (left, right) = (self.flow.texts.text(left)?, self.flow.texts.text(right)?);
        let pairs = left.iter().zip(right);
        let mut out: Vec<u8> = match punct {
            Punct::Xor => pairs.map(|(l, r)| l ^ r).collect(),
            Punct::BitAnd => pairs.map(|(l, r)| l & r).collect(),
            Punct::BitOr => pairs.map(|(l, r)| l | r).collect(),
            _ => return None,
        };
        if punct == Punct::BitOr {
            let longer = if left.len() > right.len() { left } else { right };
            out.extend_from_slice(&longer[out.len()..]);
        }
        Some(self.flow.texts.add(&out))
    }

    /// What an operator in front of a value makes of it, where that is not what other languages make of it.
    pub(super) fn php_operator(&mut self, punct: Punct, of: Value) -> Option<Value> {
        if let Some(constant) = self.php_unary(punct, of.constant) {
            return Some(Value { constant, ..of });
        }
        match punct {
            Punct::Not => Some(Value { constant: Constant::Unknown, flags: of.flags | TaintFlags::BUILT, ..of }),
            Punct::Step => Some(Value { constant: Constant::Unknown, flags: numeric(of.flags), ..of }),
            // The keys of what a loop goes over.
            Punct::At => {
                let named = of.flags.intersects(TaintFlags::DATA);
                let named = if named { TaintFlags::NAME | TaintFlags::WHOLE } else { TaintFlags::empty() };
                let mixed = of.flags & TaintFlags::MIXED;
                Some(Value { flags: named | mixed, step: of.step, ..Value::default() })
            }
            _ => None,
        }
    }

    /// What `~` and `++` make of a text.
    fn php_unary(&mut self, punct: Punct, of: Constant) -> Option<Constant> {
        let text = self.flow.texts.text(of)?;
        let out = match punct {
            Punct::Not => text.iter().map(|b| !b).collect(),
            Punct::Step => next_text(text)?,
            _ => return None,
        };
        Some(self.flow.texts.add(&out))
    }
}

/// The row of a function of PHP itself.
fn bare(name: &[u8]) -> Option<&'static Method> {
    meaning_in(Platform::Php, name)?.methods.iter().find(|method| method.receiver.is_empty()).copied()
}

/// The text after this one: `a` gives `b`, `Az` gives `Ba`.
fn next_text(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > 64 || !text.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut next = text.to_vec();
    for at in (0..next.len()).rev() {
        match next[at] {
            b'z' => next[at] = b'a',
            b'Z' => next[at] = b'A',
            byte => {
                next[at] = byte + 1;
                return Some(next);
            }
        }
    }
    let first = if next[0] == b'a' { b'a' } else { b'A' };
    next.insert(0, first);
    Some(next)
}
