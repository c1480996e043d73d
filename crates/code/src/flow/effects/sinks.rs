//! Sinks, and the values that they return.

use super::super::calls::RUN_BY_NAME;
use super::super::names::intrinsic;
use super::super::value::{Constant, TaintFlags, Value};
use super::super::{Analyzer, NodeId, Types, types};
use super::{chosen, holds_data};
use crate::code::api_model::{Arg, Method, Sink, meaning_in};
use crate::code::tree::List;

impl Analyzer<'_> {
    pub(in super::super) fn reach_sink(
        &mut self,
        at: NodeId,
        method: &'static Method,
        sink: Sink,
        args: (Arg, Arg),
        object: Value,
        list: List,
    ) -> Value {
        let (main, mut second) = (self.pick(args.0, object, list), self.pick(args.1, object, list));
        // Request.SaveAs: the whole of it.
        if sink == Sink::Save && object.types.intersects(types::REQUEST) {
            second.flags |= TaintFlags::DATA;
        }
        if sink == Sink::Create {
            let mut value = self.create(at, main);
            if method.name.starts_with("gettype") {
                value.types |= types::CLASS;
            }
            return value;
        }
        // Activator.CreateInstance(type) gives what the type is.
        if method.name == "createinstance" && main.types.intersects(types::CLASS) {
            self.event(sink, at, main, second, object.types, list.count);
            return Value { types: main.types | types::METHOD, flags: main.flags, step: main.step, ..Value::default() };
        }
        // A method of what starts programs or loads libraries, called by reflection.
        if sink == Sink::Reflect && matches!(method.name, "invoke" | "invokemember") {
            let all = self.all(list);
            if object.types.intersects(types::RUNNERS) {
                self.event(Sink::Start, at, all, Value::default(), object.types, list.count);
            }
            if object.types.intersects(types::ASSEMBLY) && holds_data(all.flags) {
                self.event(Sink::Load, at, all, Value::default(), object.types, list.count);
            }
        }
        // A set of records that opens its own connection.
        if sink == Sink::SqlRun
            && method.name == "open"
            && second.is_data()
            && second.flags.intersects(TaintFlags::AT_START)
        {
            self.event(Sink::SqlConnect, at, second, Value::default(), object.types, list.count);
        }
        let writes =
            sink == Sink::Read && matches!(method.name, "open" | "opentextfile") && self.opens_for_writing(list);
        let sink = if writes { Sink::Write } else { sink };
        self.event(sink, at, main, second, object.types, list.count);
        let all = self.all(list);
        // An object that runs programs, called by the name of its method.
        let runner = object.types | second.types | self.argument(list, 3).types;
        if sink == Sink::Reflect
            && matches!(method.name, "invokemember" | "callbyname")
            && runner.intersects(RUN_BY_NAME)
        {
            self.event(Sink::Start, at, all, second, runner, list.count);
        }
        self.sink_value(at, method, sink, main, all, list)
    }

    /// What a use of a capability gives.
    fn sink_value(
        &mut self,
        at: NodeId,
        method: &'static Method,
        sink: Sink,
        main: Value,
        all: Value,
        list: List,
    ) -> Value {
        match sink {
            // What a file, a program or another computer gives is not request data, though request data chose it.
            Sink::Read | Sink::List | Sink::Fetch | Sink::Start | Sink::SqlRun | Sink::RegistryRead | Sink::Receive => {
                self.fetched(at, method, sink, main, list)
            }
            Sink::Output | Sink::Send => Value { types: method.returns, ..Value::default() },
            // What the code gives, if it could be read.
            Sink::Evaluate if self.given.contains_key(&at) => {
                let name = self.flow.texts.text(main.constant).map(|name| name.trim_ascii().to_ascii_lowercase());
                let given = self.given.get(&at).copied().unwrap_or_default();
                let object = name.and_then(|name| intrinsic(&name, self.classic, self.platform)).unwrap_or_default();
                Value { types: given.types | object, ..given }
            }
            _ => {
                let mut value = main.or(all);
                value.constant = Constant::Unknown;
                value.types = method.returns;
                value.names = Types::empty();
                // Class.forName("java.lang.Runtime") is that class.
                if method.name == "forname" {
                    value.types |= self.named_class(main.constant);
                }
                value
            }
        }
    }

    /// What a file, a program or another computer gives.
    fn fetched(&mut self, at: NodeId, method: &'static Method, sink: Sink, main: Value, list: List) -> Value {
        if sink == Sink::Receive
            && let Some(&buffer) = self.tree.list(list).first()
        {
            let value = Value { flags: TaintFlags::STORED, ..Value::default() };
            self.fill(at, buffer, value);
        }
        let entries = types::FSO_FILE | types::TEXT_STREAM | types::FILE_INFO | types::SHELL_APP;
        let file = method.returns.intersects(entries);
        let mut flags = if file { main.flags } else { chosen(main.flags) | TaintFlags::STORED };
        // Request data in a statement does not choose among all files.
        if sink == Sink::SqlRun {
            flags -= TaintFlags::SELECTED;
        }
        if matches!(sink, Sink::Fetch | Sink::Receive) {
            flags |= TaintFlags::REMOTE;
        }
        Value { flags, step: main.step, types: method.returns, ..Value::default() }
    }

    /// The kinds of the class that a constant names in full.
    pub(in super::super) fn named_class(&self, name: Constant) -> Types {
        let name = self.flow.texts.text(name).unwrap_or_default();
        let last = name.rsplit(|&b| b == b'.').next().unwrap_or_default().to_ascii_lowercase();
        meaning_in(self.platform, &last).map_or(Types::empty(), |meaning| meaning.class)
    }
}
