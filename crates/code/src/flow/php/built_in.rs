//! The functions of PHP itself that need more than a row of the table.

use super::super::value::{Constant, TaintFlags, Value};
use super::super::{Analyzer, Node, NodeId, Types, effects, types};
use super::bare;
use crate::code::api_model::Sink;
use crate::code::api_model::php::CALLERS;
use crate::code::tree::List;

/// What makes code of the text that `assert` is called with.
const ASSERTED: TaintFlags =
    TaintFlags::DATA.union(TaintFlags::BUILT).union(TaintFlags::REMOTE).union(TaintFlags::SELECTED);
/// What comes from another computer.
const FETCHED: TaintFlags = TaintFlags::STORED.union(TaintFlags::REMOTE).union(TaintFlags::WHOLE);

/// A value whose constant is not known, and which is no object.
fn plain(value: Value) -> Value {
    Value { constant: Constant::Unknown, types: Types::empty(), names: Types::empty(), ..value }
}

impl Analyzer<'_> {
    /// What a function of PHP itself does; `None` for a name that is none.
    pub(in super::super) fn php_built_in(&mut self, at: NodeId, name: &[u8], list: List) -> Option<Value> {
        let method = bare(name)?;
        if let Some((_, which, data)) = CALLERS.iter().find(|(caller, ..)| caller.as_bytes() == name) {
            return Some(self.php_caller(at, list, *which, *data));
        }
        let (first, second) = (self.argument(list, 0), self.argument(list, 1));
        match name {
            b"$$" => {
                let name = self.flow.texts.text(first.constant).map(<[u8]>::to_vec);
                let found = name.and_then(|name| self.php_variable_named(at, &name));
                return Some(found.unwrap_or(plain(first)));
            }
            b"include" | b"include_once" | b"require" | b"require_once" => return Some(self.php_include(at, first)),
            // A test of something is no text that is run.
            b"assert" if first.constant == Constant::Unknown && !first.flags.intersects(ASSERTED) => {
                return Some(Value::default());
            }
            b"assert" | b"eval" => return Some(self.php_evaluate(at, first, list)),
            b"create_function" => {
                // Either argument becomes code.
                let both = Value { constant: second.constant, ..first.or(second) };
                return Some(self.php_evaluate(at, both, list));
            }
            b"dl" => {
                if first.flags.intersects(TaintFlags::DATA) {
                    self.event(Sink::Load, at, first, Value::default(), Types::empty(), list.count);
                }
                return Some(Value::default());
            }
            b"preg_replace" | b"mb_ereg_replace" | b"ereg_replace" => return Some(self.php_replaced(at, name, list)),
            b"file_get_contents" | b"file" | b"readfile" | b"fopen" | b"gzopen" | b"copy" => {
                if let Some(value) = self.php_opened(at, name, first, second, list) {
                    return Some(value);
                }
            }
            b"fread" | b"fgets" | b"fgetc" | b"stream_get_contents" | b"gzread" => {
                return Some(self.php_read(at, first, list));
            }
            b"fwrite" | b"fputs" | b"gzwrite" => {
                self.php_write(at, first, second, list);
                return Some(Value::default());
            }
            b"move_uploaded_file" => {
                self.event(Sink::Save, at, second, first, second.types | types::POSTED, list.count);
                return Some(Value::default());
            }
            b"extract" | b"parse_str" | b"mb_parse_str" | b"import_request_variables" => {
                self.php_extract(at, name, first, list);
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
                self.php_curl_option(at, list);
                return Some(Value::default());
            }
            b"curl_exec" | b"curl_multi_getcontent" => {
                self.event(Sink::Fetch, at, plain(first), Value::default(), first.types, list.count);
                return Some(Value { flags: FETCHED, ..Value::default() });
            }
            b"getenv" => return Some(self.php_environment(at, first)),
            b"basename" => return Some(Value { flags: first.flags - TaintFlags::AT_START, ..plain(first) }),
            b"dirname" | b"realpath" => return Some(plain(first)),
            b"array" if list.count == 0 => {
                return Some(Value { constant: self.flow.texts.add_list(Vec::new()), ..Value::default() });
            }
            _ => {}
        }
        Some(self.apply(at, method, None, list, true))
    }

    /// A text that is run as code.
    fn php_evaluate(&mut self, at: NodeId, code: Value, list: List) -> Value {
        self.event(Sink::Evaluate, at, code, Value::default(), Types::empty(), list.count);
        Value { constant: Constant::Unknown, ..self.given.get(&at).copied().unwrap_or_default() }
    }

    /// A file that is run, or what the request holds in its place.
    fn php_include(&mut self, at: NodeId, path: Value) -> Value {
        let wrapped = self.flow.texts.text(path.constant).is_some_and(|path| {
            let head = path[..path.len().min(24)].to_ascii_lowercase();
            head.starts_with(b"php://input")
        });
        if wrapped || path.types.intersects(types::POSTED) {
            let step = self.step(at, None, None);
            let data = Value { flags: TaintFlags::DATA, step, ..Value::default() };
            self.event(Sink::Evaluate, at, data, Value::default(), Types::empty(), 1);
        } else {
            self.event(Sink::Include, at, path, Value::default(), Types::empty(), 1);
        }
        Value { flags: TaintFlags::STORED, ..Value::default() }
    }

    /// A text with what a pattern matches replaced, which some patterns make code of.
    fn php_replaced(&mut self, at: NodeId, name: &[u8], list: List) -> Value {
        let (first, second, text) = (self.argument(list, 0), self.argument(list, 1), self.argument(list, 2));
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
        let truncated =
            if value.flags.intersects(TaintFlags::TAINT) { TaintFlags::empty() } else { TaintFlags::SPLICED };
        // Of a constant that is known this is a decoder; templates are made so, too.
        let decodes = matches!((text.constant, second.constant), (Constant::Text(_), Constant::Text(_)));
        let long = if decodes { TaintFlags::empty() } else { TaintFlags::LONG };
        Value { flags: (value.flags - long) | truncated, ..plain(value) }
    }

    /// What is read from an open file or connection.
    fn php_read(&mut self, at: NodeId, file: Value, list: List) -> Value {
        if file.types.intersects(types::NET_STREAM) {
            self.event(Sink::Receive, at, Value::default(), file, file.types, list.count);
            return Value { flags: TaintFlags::STORED | TaintFlags::REMOTE, ..Value::default() };
        }
        if file.types.intersects(types::BODY) {
            return Value { types: Types::empty(), ..file };
        }
        Value { flags: effects::chosen(file.flags) | TaintFlags::STORED, ..Value::default() }
    }

    /// What is written to an open file, connection or program.
    fn php_write(&mut self, at: NodeId, file: Value, content: Value, list: List) {
        if file.types.intersects(types::NET_STREAM) {
            self.event(Sink::Send, at, content, file, file.types, list.count);
        } else if file.types.intersects(types::PIPE) {
            self.event(Sink::Start, at, content, file, file.types, list.count);
        } else if file.types.intersects(types::FILE_STREAM) {
            self.event(Sink::Write, at, Value { types: Types::empty(), ..file }, content, file.types, list.count);
        }
    }

    /// Variables are made of the entries of a list or a query.
    fn php_extract(&mut self, at: NodeId, name: &[u8], from: Value, list: List) {
        let request = name == b"import_request_variables";
        if name != b"extract" && list.count > 1 && !request {
            if let Some(&target) = self.tree.list(list).get(1) {
                self.store(at, target, plain(from), true);
            }
        } else if from.flags.intersects(TaintFlags::DATA) || request {
            let function = self.tree.nodes[at as usize].function;
            let step = from.step.or_else(|| self.step(at, None, None));
            if self.extracted.insert(function, step).is_none() {
                self.changed = true;
            }
        }
    }

    /// The address that a connection of cURL is for goes into it.
    fn php_curl_option(&mut self, at: NodeId, list: List) {
        let items = self.tree.list(list);
        let Some(&target) = items.first() else { return };
        let address = list.count < 3
            || match items.get(1).map(|&option| self.tree.node(option)) {
                Some(Node::Name(var)) => self.interner.name(self.tree.vars[var as usize].symbol) == b"curlopt_url",
                _ => false,
            };
        if address {
            let value = self.argument(list, list.count.saturating_sub(1) as usize);
            self.fill(at, target, plain(value));
        }
    }

    /// A variable of the environment: those that a web server makes of the request are request data.
    fn php_environment(&mut self, at: NodeId, name: Value) -> Value {
        let name = self.flow.texts.text(name.constant).map(<[u8]>::to_ascii_lowercase).unwrap_or_default();
        if name.starts_with(b"http_") && name != b"http_host" || name == b"query_string" {
            let step = self.step(at, None, None);
            return Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() };
        }
        Value::default()
    }

    /// A function that calls the one it is given.
    pub(in super::super) fn php_caller(&mut self, at: NodeId, list: List, which: u8, data: u8) -> Value {
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
    pub(in super::super) fn evaluates(&self, pattern: Constant, delimited: bool) -> bool {
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
    pub(in super::super) fn php_opened(
        &mut self,
        at: NodeId,
        name: &[u8],
        path: Value,
        second: Value,
        list: List,
    ) -> Option<Value> {
        let head = self.flow.texts.text(path.constant).map(|path| path[..path.len().min(16)].to_ascii_lowercase());
        let head = head.unwrap_or_default();
        if head.starts_with(b"php://input") {
            let step = self.step(at, None, None);
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
            return Some(Value { flags: FETCHED, ..Value::default() });
        }
        if path.types.intersects(types::POSTED) {
            return Some(Value { types: types::BODY, flags: path.flags | TaintFlags::WHOLE, ..path });
        }
        if matches!(name, b"fopen" | b"gzopen") {
            let mode = self.flow.texts.text(second.constant);
            let reads = mode.is_some_and(|mode| mode.first() == Some(&b'r') && !mode.contains(&b'+'));
            if reads {
                self.event(Sink::Read, at, path, second, types::FILE_STREAM, list.count);
                let flags = effects::chosen(path.flags) | TaintFlags::STORED;
                return Some(Value { flags, step: path.step, types: types::FILE_STREAM, ..Value::default() });
            }
            self.event(Sink::Write, at, path, Value::default(), types::FILE_STREAM, list.count);
            return Some(Value { types: types::FILE_STREAM, ..path });
        }
        None
    }
}
