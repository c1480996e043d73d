//! The effects of functions and members, by the rows of the API model.

mod folded;
mod sinks;

pub(super) use folded::textual;

use super::operators::numeric;
use super::value::{Constant, TaintFlags, Value};
use super::words::names_password;
use super::{Analyzer, Node, NodeId, Types, types};
use crate::code::api_model::{Effect, Method, Sink};
use crate::code::tree::List;

impl Analyzer<'_> {
    /// Applies a row of the table. `own` is the object before the dot; `called`: as a call with these arguments, or as a
    /// property.
    pub(super) fn apply(
        &mut self,
        at: NodeId,
        method: &'static Method,
        own: Option<(NodeId, Value)>,
        list: List,
        called: bool,
    ) -> Value {
        let object = own.map_or(Value::default(), |(_, value)| value);
        // What an object was made with is in what it gives; of an object that every page has nothing is.
        let plain = if self.is_page_object(object) { Value::default() } else { object };
        match method.effect {
            // `context.Request("x")` of Basic.
            Effect::Propagates if called && list.count > 0 && method.returns == types::REQUEST => {
                self.request_data(at, list)
            }
            Effect::Propagates => self.propagated(at, method, plain, list),
            Effect::Sanitizes => Value { types: method.returns, ..Value::default() },
            Effect::Source => self.source(at, method, own.map(|(of, _)| of), list, called),
            Effect::SourceName => {
                let step = self.step(at, None, None);
                Value { flags: TaintFlags::NAME | TaintFlags::WHOLE, step, ..Value::default() }
            }
            Effect::Place if called && list.count > 0 && method.returns.intersects(types::ITEMS) => {
                self.server_variable(at, list)
            }
            Effect::Place => {
                let own = matches!(
                    method.name,
                    "physicalpath" | "path" | "filepath" | "currentexecutionfilepath" | "localpath"
                );
                let own = if own { TaintFlags::THIS_PAGE } else { TaintFlags::empty() };
                Value { flags: TaintFlags::PAGE_PATH | own, types: method.returns, ..Value::default() }
            }
            Effect::Stored => {
                let net = types::XML_HTTP | types::WEB_REQUEST | types::WEB_RESPONSE | types::WEB_CLIENT;
                let remote = if method.receiver.intersects(net) { TaintFlags::REMOTE } else { TaintFlags::empty() };
                let flags = chosen(plain.flags) | TaintFlags::STORED | remote;
                Value { flags, step: plain.step, types: method.returns, ..Value::default() }
            }
            Effect::Sink(Sink::Setting, ..) if !called => Value { types: method.returns, ..Value::default() },
            Effect::Sink(sink, ..) if !called && sink != Sink::Key && sink != Sink::Output => {
                self.result_of(method, plain, list)
            }
            Effect::Sink(sink, main, second) => self.reach_sink(at, method, sink, (main, second), object, list),
            Effect::Folds(how) => self.folded(how, method, own.map(|(_, value)| value), list, self.tree.language(at)),
            Effect::AppendsTo => {
                let all = self.all(list);
                if let Some((of, _)) = own {
                    self.fill(at, of, Value { types: Types::empty(), ..all });
                }
                Value { types: method.returns, ..plain.or(all) }
            }
            Effect::Keep => {
                self.keep(list);
                Value::default()
            }
            Effect::Recall => self.kept(list).and_then(|key| self.elements.get(&key).copied()).unwrap_or_default(),
            Effect::CopiesTo => self.copied(at, plain, list),
        }
    }

    /// What an object and all arguments hold.
    fn result_of(&mut self, method: &'static Method, plain: Value, list: List) -> Value {
        let all = self.all(list);
        Value { constant: Constant::Unknown, types: method.returns, names: Types::empty(), ..plain.or(all) }
    }

    /// A value that holds what the object and the arguments hold.
    fn propagated(&mut self, at: NodeId, method: &'static Method, plain: Value, list: List) -> Value {
        let mut value = self.result_of(method, plain, list);
        // Whose method it is.
        if matches!(method.name, "getmethod" | "getmethods" | "getdeclaredmethod") {
            let name = self.flow.texts.text(self.argument(list, 0).constant);
            if name.is_some_and(|name| name.starts_with(b"RegisterVirtualPathProvider")) {
                self.event(Sink::Provide, at, plain, Value::default(), plain.types, list.count);
            }
            value.types |= plain.types & (types::RUNNERS | types::ASSEMBLY);
        }
        // Without its folders a name does not say where.
        if method.name.starts_with("getfilename")
            || method.name == "combine" && !self.argument(list, 0).flags.intersects(TaintFlags::AT_START)
        {
            value.flags -= TaintFlags::AT_START;
        }
        if list.count == 0 {
            return value;
        }
        let last = self.argument(list, list.count as usize - 1);
        value.flags = (value.flags - TaintFlags::TAIL) | (last.flags & TaintFlags::TAIL);
        if list.count == 1 {
            value.constant = last.constant;
        }
        if method.name == "mappath" {
            value.flags |= TaintFlags::MAPPED;
            // Beside the page, or the root of the site.
            if self
                .flow
                .texts
                .text(last.constant)
                .is_some_and(|path| matches!(path, b"" | b"." | b"./" | b".\\" | b"~" | b"~/" | b"/" | b"../" | b".."))
            {
                value.flags |= TaintFlags::PAGE_PATH;
            }
        }
        value
    }

    /// Request data. `of` is the object that it is asked of.
    fn source(&mut self, at: NodeId, method: &'static Method, of: Option<NodeId>, list: List, called: bool) -> Value {
        let step = self.step(at, None, None);
        if method.returns.intersects(types::POSTED) && !called {
            return Value { flags: TaintFlags::DATA, step, types: method.returns, ..Value::default() };
        }
        // What is received goes into the buffer too.
        if matches!(method.name, "receiveasync" | "receive")
            && let Some(&buffer) = self.tree.list(list).first()
        {
            let value = Value { flags: TaintFlags::DATA, step, ..Value::default() };
            self.fill(at, buffer, value);
            // new ArraySegment<byte>(buffer)
            if let Node::New(_, inner) = self.tree.node(buffer)
                && let Some(&inner) = self.tree.list(inner).first()
            {
                self.fill(at, inner, value);
            }
        }
        let mut flags = TaintFlags::DATA | TaintFlags::WHOLE | self.secret(of, list);
        if matches!(method.name, "form" | "params") && !called {
            flags |= TaintFlags::FORM;
        }
        Value { flags, step, types: method.returns, ..Value::default() }
    }

    /// The second argument is kept under the name that is the first.
    fn keep(&mut self, list: List) {
        let Some(key) = self.kept(list) else { return };
        let mut value = self.argument(list, 1);
        if let Some(old) = self.elements.get(&key) {
            value = old.or(value);
            self.changed |= value.flags != old.flags || value.types != old.types;
        } else {
            self.changed = true;
        }
        if self.elements.len() < super::MAX_ELEMENTS || self.elements.contains_key(&key) {
            self.elements.insert(key, value);
        } else {
            self.flow.truncated |= value.flags.intersects(TaintFlags::TAINT);
        }
    }

    /// The object goes into the first argument.
    fn copied(&mut self, at: NodeId, plain: Value, list: List) -> Value {
        if let Some(&target) = self.tree.list(list).first() {
            let file = self.of(target);
            if file.types.intersects(types::FILE_STREAM | types::WRITER) {
                // A file keeps the flags of its path.
                self.event(Sink::Write, at, file, plain, file.types, list.count);
                return Value::default();
            }
            if file.types.intersects(types::RESPONSE) {
                self.event(Sink::Output, at, plain, Value::default(), file.types, list.count);
            }
            self.fill(at, target, plain);
            // A buffer may be wrapped on the way.
            for &argument in self.tree.list(list).iter().take(2) {
                if let Node::Call(_, inner) | Node::New(_, inner) = self.tree.node(argument)
                    && let Some(&inner) = self.tree.list(inner).first()
                {
                    self.fill(at, inner, plain);
                }
            }
        }
        Value { flags: numeric(plain.flags), step: plain.step, ..Value::default() }
    }

    /// Where an entry of a session is kept, by the name that is its first argument.
    fn kept(&self, list: List) -> Option<(super::VarId, u64)> {
        let name = self.flow.texts.text(self.argument(list, 0).constant)?;
        let mix = |key: u64, byte: &u8| (key ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        Some((super::VarId::MAX, name.iter().take(256).fold(0xCBF2_9CE4_8422_2325, mix)))
    }

    pub(super) fn server_variable(&mut self, at: NodeId, list: List) -> Value {
        let name = self.argument(list, 0).constant;
        let name = self.flow.texts.text(name).map(<[u8]>::to_ascii_lowercase);
        let own = if name.as_deref().is_some_and(is_own_path) { TaintFlags::THIS_PAGE } else { TaintFlags::empty() };
        let chosen = name.is_some_and(|name| {
            name.starts_with(b"http_") && name != b"http_host"
                || matches!(&name[..], b"query_string" | b"all_http" | b"path_info" | b"all_raw")
        });
        if chosen {
            let step = self.step(at, None, None);
            return Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() };
        }
        Value { flags: TaintFlags::PAGE_PATH | own, ..Value::default() }
    }

    /// Whether this element, or this control, is a field for a password.
    pub(super) fn secret(&self, of: Option<NodeId>, list: List) -> TaintFlags {
        let named = match self.tree.list(list).first() {
            Some(_) => self.flow.texts.text(self.argument(list, 0).constant).is_some_and(names_password),
            // A control: `txtPassword.Text`.
            None => match of.map(|of| self.tree.node(of)) {
                Some(Node::Name(var)) => names_password(self.interner.name(self.tree.vars[var as usize].symbol)),
                Some(Node::Member(_, symbol)) => names_password(self.interner.name(symbol)),
                _ => false,
            },
        };
        if named { TaintFlags::SECRET } else { TaintFlags::empty() }
    }
}

/// Whether a server variable of this name in lower case gives the path of this very page.
pub(super) fn is_own_path(name: &[u8]) -> bool {
    matches!(name, b"script_name" | b"path_translated" | b"url")
}

/// Whether request data, or bytes made of it, are in a value.
pub(super) fn holds_data(flags: TaintFlags) -> bool {
    flags.intersects(TaintFlags::DATA | TaintFlags::NUMBER)
}

/// What is read from a place keeps of the place's name. Which of the files below a folder of its own a page takes is not for
/// the client to choose freely.
pub(super) fn chosen(flags: TaintFlags) -> TaintFlags {
    let kept = flags
        - (TaintFlags::TAINT
            | TaintFlags::WHOLE
            | TaintFlags::TAIL
            | TaintFlags::DERIVED
            | TaintFlags::SECRET
            | TaintFlags::FORM);
    let own = flags.intersects(TaintFlags::MAPPED) && !flags.intersects(TaintFlags::AT_START);
    if flags.intersects(TaintFlags::TAINT) && !own { kept | TaintFlags::SELECTED } else { kept }
}
