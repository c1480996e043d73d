//! What PHP does in its own way: functions called by names that are values, variables that hold what a request brings, files
//! that are run.

use super::value::{Constant, TaintFlags, Value};
use super::{Follower, Node, NodeId, Punct, Symbol, Types, VarId, types};
use crate::code::api_model::php::CALLERS;
use crate::code::api_model::{Effect, Method, Sink, Tongue, meaning_in};
use crate::code::tree::{FunctionId, List, Tree};
use std::collections::HashSet;

/// How many nodes a program has that is small.
const SMALL: usize = 4000;

/// The longest name that a function is looked up by.
const LONGEST_NAME: usize = 128;

/// The variables that `++` and `--` are applied to.
pub(super) fn counted(tree: &Tree) -> HashSet<VarId> {
    let stepped = tree.nodes.iter().filter_map(|placed| match placed.node {
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

impl<'f> Follower<'f> {
    /// A name where its value is asked for, if it is not just a variable.
    pub(super) fn php_name(&mut self, at: NodeId, var: VarId) -> Option<Value> {
        let interner = self.interner;
        let known = &self.tree.vars[var as usize];
        let name = interner.name(known.symbol);
        if let Some(value) = self.php_global_value(at, name) {
            return Some(value);
        }
        match name {
            b"__file__" | b"__dir__" => Some(Value { flags: TaintFlags::PLACE, ..Value::default() }),
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
            types::ITEMS => TaintFlags::PLACE,
            _ => return None,
        };
        let step = if kinds == types::ITEMS { 0 } else { self.step(at, None, 0) };
        let types = if kinds == types::REQUEST { types::ITEMS } else { kinds };
        Some(Value { flags, step, types, ..Value::default() })
    }

    /// An element of a variable that PHP itself fills.
    pub(super) fn php_index(&mut self, at: NodeId, of: NodeId, list: List) -> Option<Value> {
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
                    let step = self.step(at, None, 0);
                    Value { flags: TaintFlags::NAME | TaintFlags::WHOLE, step, ..Value::default() }
                }
                b"size" | b"error" => Value::default(),
                // Where the upload lies is not for the asker to say.
                b"tmp_name" => Value { flags: own.flags - TaintFlags::WHOLE, ..own },
                _ => own,
            });
        }
        None
    }

    /// A member of an object of which only some are request data.
    pub(super) fn php_entry(&self, own: Value, symbol: Symbol) -> Value {
        let known = self.keys.get(&hash(self.interner.name(symbol))).copied();
        known.unwrap_or(entry(own))
    }

    /// The place of a key in the table of all keys.
    fn php_key(&self, key: Constant) -> Option<u64> {
        match key {
            Constant::Text(text) => Some(hash(self.flow.texts.bytes(text))),
            Constant::Number(number) => Some(hash(number.to_string().as_bytes())),
            _ => None,
        }
    }

    /// Remembers what stands under a key. Gives whether the key is known.
    pub(super) fn php_keep(&mut self, key: Constant, value: Value) -> bool {
        let Some(key) = self.php_key(key) else { return false };
        self.keep_at(key, value);
        true
    }

    /// Remembers a value under the nearest key that is known of where it is put. Gives whether there is one.
    pub(super) fn php_keep_entry(&mut self, mut target: NodeId, value: Value) -> bool {
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

    /// As [`Follower::php_keep`], for a member of an object.
    pub(super) fn php_keep_member(&mut self, symbol: Symbol, value: Value) {
        self.keep_at(hash(self.interner.name(symbol)), value);
    }

    fn keep_at(&mut self, key: u64, value: Value) {
        let before = self.keys.get(&key).copied();
        let after = before.map_or(value, |before| before.or(value));
        let grown = before.is_none_or(|before| before.flags != after.flags || before.types != after.types);
        if grown && before.is_none() && self.keys.len() >= super::MAX_ELEMENTS {
            self.flow.cut |= value.flags.intersects(TaintFlags::TAINT);
            return;
        }
        self.changed |= grown;
        self.keys.insert(key, after);
    }

    /// What is known of a value that is used: in a large program an entry of a list that is taken whichever it is says nothing
    /// of what the others hold.
    pub(super) fn php_sure(&self, value: Value) -> Value {
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
        self.tongue == Tongue::Php && functions.len() > 1 && self.tree.nodes.len() > SMALL
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
        let whole = callee.flags.intersects(TaintFlags::LEADS) && callee.flags.intersects(TaintFlags::ENDS);
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
        let nameless = tree.by_name.get(&Symbol::MAX);
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
            match method.does {
                Effect::Acts(act, ..) => {
                    self.event(act, at, data, Value::default(), types::METHOD, 1);
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

    /// What a function of PHP itself does; `None` for a name that is none.
    fn php_built_in(&mut self, at: NodeId, name: &[u8], list: List) -> Option<Value> {
        let method = bare(name)?;
        if let Some((_, which, data)) = CALLERS.iter().find(|(caller, ..)| caller.as_bytes() == name) {
            return Some(self.php_caller(at, list, *which, *data));
        }
        let first = self.argument(list, 0);
        let second = self.argument(list, 1);
        let plain =
            |value: Value| Value { constant: Constant::Unknown, types: Types::empty(), names: Types::empty(), ..value };
        match name {
            b"$$" => {
                let name = self.flow.texts.text(first.constant).map(<[u8]>::to_vec);
                let found = name.and_then(|name| self.php_variable_named(at, &name));
                return Some(found.unwrap_or(plain(first)));
            }
            b"include" | b"include_once" | b"require" | b"require_once" => {
                let wrapped = self.flow.texts.text(first.constant).is_some_and(|path| {
                    let head = path[..path.len().min(24)].to_ascii_lowercase();
                    head.starts_with(b"php://input")
                });
                if wrapped || first.types.intersects(types::POSTED) {
                    let step = self.step(at, None, 0);
                    let data = Value { flags: TaintFlags::DATA, step, ..Value::default() };
                    self.event(Sink::Evaluate, at, data, Value::default(), Types::empty(), 1);
                } else {
                    self.event(Sink::Include, at, first, Value::default(), Types::empty(), 1);
                }
                return Some(Value { flags: TaintFlags::STORED, ..Value::default() });
            }
            // A test of something is no text that is run.
            b"assert"
                if first.constant == Constant::Unknown
                    && !first
                        .flags
                        .intersects(TaintFlags::DATA | TaintFlags::BUILT | TaintFlags::REMOTE | TaintFlags::CHOSEN) =>
            {
                return Some(Value::default());
            }
            b"dl" => {
                if first.flags.intersects(TaintFlags::DATA) {
                    self.event(Sink::Load, at, first, Value::default(), Types::empty(), list.count);
                }
                return Some(Value::default());
            }
            b"assert" | b"eval" | b"create_function" => {
                let code = if name == b"create_function" {
                    // Either of its arguments becomes code.
                    Value { constant: second.constant, ..first.or(second) }
                } else {
                    first
                };
                self.event(Sink::Evaluate, at, code, Value::default(), Types::empty(), list.count);
                return Some(Value { constant: Constant::Unknown, ..self.given.get(&at).copied().unwrap_or_default() });
            }
            b"preg_replace" | b"mb_ereg_replace" | b"ereg_replace" => {
                let text = self.argument(list, 2);
                let pattern = if name == b"mb_ereg_replace" { self.argument(list, 3) } else { first };
                let runs = name != b"ereg_replace" && self.evaluates(pattern.constant, name == b"preg_replace");
                // The pattern itself comes with the request.
                let asked = |number: usize| {
                    self.tree.list(list).get(number).is_some_and(|&node| {
                        matches!(self.tree.node(node), Node::Index(of, _) if self.of(of).types.intersects(types::ITEMS))
                            && self.of(node).flags.intersects(TaintFlags::DATA)
                    })
                };
                if runs || name == b"preg_replace" && asked(0) && asked(1) {
                    let code = Value { constant: second.constant, ..second.or(text) };
                    self.event(Sink::Evaluate, at, code, Value::default(), Types::empty(), list.count);
                }
                let value = second.or(text);
                let cut = if value.flags.intersects(TaintFlags::TAINT) { TaintFlags::empty() } else { TaintFlags::CUT };
                // Of a constant that is known this is a decoder; templates are made so, too.
                let decodes = matches!((text.constant, second.constant), (Constant::Text(_), Constant::Text(_)));
                let long = if decodes { TaintFlags::empty() } else { TaintFlags::LONG };
                return Some(Value { flags: (value.flags - long) | cut, ..plain(value) });
            }
            b"file_get_contents" | b"file" | b"readfile" | b"fopen" | b"gzopen" | b"copy" => {
                if let Some(value) = self.php_opened(at, name, first, second, list) {
                    return Some(value);
                }
            }
            b"fread" | b"fgets" | b"fgetc" | b"stream_get_contents" | b"gzread" => {
                if first.types.intersects(types::NET_STREAM) {
                    self.event(Sink::Receive, at, Value::default(), first, first.types, list.count);
                    return Some(Value { flags: TaintFlags::STORED | TaintFlags::REMOTE, ..Value::default() });
                }
                if first.types.intersects(types::BODY) {
                    return Some(Value { types: Types::empty(), ..first });
                }
                return Some(Value {
                    flags: super::rows::chosen(first.flags) | TaintFlags::STORED,
                    ..Value::default()
                });
            }
            b"fwrite" | b"fputs" | b"gzwrite" => {
                if first.types.intersects(types::NET_STREAM) {
                    self.event(Sink::Send, at, second, first, first.types, list.count);
                } else if first.types.intersects(types::PIPE) {
                    self.event(Sink::Start, at, second, first, first.types, list.count);
                } else if first.types.intersects(types::FILE_STREAM) {
                    self.event(
                        Sink::Write,
                        at,
                        Value { types: Types::empty(), ..first },
                        second,
                        first.types,
                        list.count,
                    );
                }
                return Some(Value::default());
            }
            b"move_uploaded_file" => {
                let own = second.types | types::POSTED;
                self.event(Sink::Save, at, second, first, own, list.count);
                return Some(Value::default());
            }
            b"extract" | b"parse_str" | b"mb_parse_str" | b"import_request_variables" => {
                let request = name == b"import_request_variables";
                if name != b"extract" && list.count > 1 && !request {
                    if let Some(&target) = self.tree.list(list).get(1) {
                        self.store(at, target, plain(first), true);
                    }
                } else if first.flags.intersects(TaintFlags::DATA) || request {
                    let function = self.tree.nodes[at as usize].function;
                    let step = if first.step == 0 { self.step(at, None, 0) } else { first.step };
                    if self.extracted.insert(function, step).is_none() {
                        self.changed = true;
                    }
                }
                return Some(Value::default());
            }
            b"preg_match" | b"preg_match_all" => {
                if let Some(&target) = self.tree.list(list).get(2) {
                    self.store(at, target, plain(second), true);
                }
                return Some(Value::default());
            }
            b"exec" if list.count > 1 => {
                if let Some(&target) = self.tree.list(list).get(1) {
                    self.store(at, target, Value { flags: TaintFlags::STORED, ..Value::default() }, true);
                }
            }
            b"curl_setopt" | b"curl_setopt_array" => {
                if let Some(&target) = self.tree.list(list).first() {
                    let address = list.count < 3
                        || match self.tree.list(list).get(1).map(|&option| self.tree.node(option)) {
                            Some(Node::Name(var)) => {
                                self.interner.name(self.tree.vars[var as usize].symbol) == b"curlopt_url"
                            }
                            _ => false,
                        };
                    if address {
                        let value = self.argument(list, list.count.saturating_sub(1) as usize);
                        self.fill(at, target, plain(value));
                    }
                }
                return Some(Value::default());
            }
            b"curl_exec" | b"curl_multi_getcontent" => {
                self.event(Sink::Fetch, at, plain(first), Value::default(), first.types, list.count);
                let flags = TaintFlags::STORED | TaintFlags::REMOTE | TaintFlags::WHOLE;
                return Some(Value { flags, ..Value::default() });
            }
            b"getenv" => {
                let name = self.flow.texts.text(first.constant).map(<[u8]>::to_ascii_lowercase).unwrap_or_default();
                if name.starts_with(b"http_") && name != b"http_host" || name == b"query_string" {
                    let step = self.step(at, None, 0);
                    return Some(Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() });
                }
                return Some(Value::default());
            }
            b"basename" => {
                return Some(Value { flags: first.flags - TaintFlags::LEADS, ..plain(first) });
            }
            b"dirname" | b"realpath" => return Some(plain(first)),
            b"array" if list.count == 0 => {
                return Some(Value { constant: self.flow.texts.add_list(Vec::new()), ..Value::default() });
            }
            _ => {}
        }
        Some(self.does(at, method, None, list, true))
    }

    /// A function that calls the one it is given.
    fn php_caller(&mut self, at: NodeId, list: List, which: u8, data: u8) -> Value {
        let callee = self.argument(list, which as usize);
        let items = self.tree.list(list);
        let given = match data {
            254 => &items[items.len().min(which as usize + 1)..],
            255 => &items[..items.len().min(which as usize)],
            one => items.get(one as usize..one as usize + 1).unwrap_or_default(),
        };
        let mut value = Value::default();
        for (number, &node) in given.iter().enumerate() {
            let next = self.of(node);
            value = if number == 0 { next } else { value.or(next) };
        }
        let value = Value { types: Types::empty(), names: Types::empty(), ..value };
        self.php_callback(at, callee, value)
    }

    /// Whether a pattern has the letter that makes code of what is put in.
    fn evaluates(&self, pattern: Constant, delimited: bool) -> bool {
        let Some(pattern) = self.flow.texts.text(pattern) else { return false };
        if !delimited {
            return pattern.contains(&b'e');
        }
        let pattern = pattern.trim_ascii();
        let Some(&open) = pattern.first() else { return false };
        let close = match open {
            b'(' => b')',
            b'{' => b'}',
            b'[' => b']',
            b'<' => b'>',
            b if b.is_ascii_alphanumeric() || b == b'\\' => return false,
            other => other,
        };
        let Some(end) = memchr::memrchr(close, &pattern[1..]) else { return false };
        let letters = &pattern[end + 2..];
        letters.contains(&b'e') && letters.iter().all(|b| b.is_ascii_alphabetic() || b.is_ascii_whitespace())
    }

    /// What is opened by a constant path that is no file's: what the request holds, or another computer.
    fn php_opened(&mut self, at: NodeId, name: &[u8], path: Value, second: Value, list: List) -> Option<Value> {
        let head = self.flow.texts.text(path.constant).map(|path| path[..path.len().min(16)].to_ascii_lowercase());
        let head = head.unwrap_or_default();
        if head.starts_with(b"php://input") {
            let step = self.step(at, None, 0);
            let data =
                Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, types: types::BODY, ..Value::default() };
            if name == b"copy" {
                self.event(Sink::Write, at, second, data, Types::empty(), list.count);
            }
            return Some(data);
        }
        let remote = head.starts_with(b"http://") || head.starts_with(b"https:/") || head.starts_with(b"ftp://");
        if name == b"copy" {
            // An upload that is copied is saved; what another computer gives is, too.
            if path.types.intersects(types::POSTED) {
                self.event(Sink::Save, at, second, path, types::POSTED, list.count);
                return Some(Value::default());
            }
            if remote {
                self.event(Sink::Download, at, second, path, Types::empty(), list.count);
                return Some(Value::default());
            }
            return None;
        }
        if remote {
            self.event(Sink::Fetch, at, path, Value::default(), Types::empty(), list.count);
            let flags = TaintFlags::STORED | TaintFlags::REMOTE | TaintFlags::WHOLE;
            return Some(Value { flags, ..Value::default() });
        }
        if path.types.intersects(types::POSTED) {
            return Some(Value { types: types::BODY, flags: path.flags | TaintFlags::WHOLE, ..path });
        }
        if matches!(name, b"fopen" | b"gzopen") {
            let mode = self.flow.texts.text(second.constant);
            let reads = mode.is_some_and(|mode| mode.first() == Some(&b'r') && !mode.contains(&b'+'));
            if reads {
                self.event(Sink::Read, at, path, second, types::FILE_STREAM, list.count);
                let flags = super::rows::chosen(path.flags) | TaintFlags::STORED;
                return Some(Value { flags, step: path.step, types: types::FILE_STREAM, ..Value::default() });
            }
            self.event(Sink::Write, at, path, Value::default(), types::FILE_STREAM, list.count);
            return Some(Value { types: types::FILE_STREAM, ..path });
        }
        None
    }

    /// What an operator makes of two texts, byte by byte.
    pub(super) fn php_bytes(&mut self, sign: Punct, left: Constant, right: Constant) -> Option<Constant> {
        let (left, right) = (self.flow.texts.text(left)?, self.flow.texts.text(right)?);
        let pairs = left.iter().zip(right);
        let mut out: Vec<u8> = match sign {
            Punct::Xor => pairs.map(|(l, r)| l ^ r).collect(),
            Punct::BitAnd => pairs.map(|(l, r)| l & r).collect(),
            Punct::BitOr => pairs.map(|(l, r)| l | r).collect(),
            _ => return None,
        };
        if sign == Punct::BitOr {
            let longer = if left.len() > right.len() { left } else { right };
            out.extend_from_slice(&longer[out.len()..]);
        }
        Some(self.flow.texts.add(&out))
    }

    /// What `~` and `++` make of a text.
    pub(super) fn php_unary(&mut self, sign: Punct, of: Constant) -> Option<Constant> {
        let text = self.flow.texts.text(of)?;
        let out = match sign {
            Punct::Not => text.iter().map(|b| !b).collect(),
            Punct::Step => next_text(text)?,
            _ => return None,
        };
        Some(self.flow.texts.add(&out))
    }
}

/// What is known of an entry that nothing was put into, by the list it stands in.
fn entry(own: Value) -> Value {
    let flags = own.flags - (TaintFlags::TAINT | TaintFlags::BUILT | TaintFlags::WHOLE | TaintFlags::MIXED);
    Value { constant: Constant::Unknown, flags, step: 0, ..own }
}

/// A number for a key, in whatever case.
fn hash(key: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3);
    key.iter().take(256).fold(0xCBF2_9CE4_8422_2325, mix)
}

/// The row of a function of PHP itself.
fn bare(name: &[u8]) -> Option<&'static Method> {
    meaning_in(Tongue::Php, name)?.methods.iter().find(|method| method.on.is_empty()).copied()
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
