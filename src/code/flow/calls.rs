//! Calls, members, elements and new objects.

use super::fold::fold;
use super::value::{Constant, Traits, Value};
use super::{Follower, Language, Node, NodeId, Symbol, Types, numeric, types};
use crate::code::know::methods::{ANY, MAKERS};
use crate::code::know::{Act, Arg, Does, Fold, Method, bare_in};
use crate::code::tree::{FunctionId, List};

/// Objects whose methods run programs.
const RUN_BY_NAME: Types = types::WSH.and(types::SHELL_APP).and(types::WMI_PROCESS);

/// JScript.NET's conversion to a character.
static CHAR: Method = Method { name: "char", on: Types::NONE, gives: Types::NONE, does: Does::Folds(Fold::Chr) };

/// Objects that are streams: what reads from them gives what is in them, not what they are called.
const STREAMS: Types = types::BODY
    .and(types::MEMORY)
    .and(types::GZIP)
    .and(types::NET_STREAM)
    .and(types::WEB_RESPONSE)
    .and(types::WEB_REQUEST)
    .and(types::PIPE)
    .and(types::POSTED)
    .and(types::BUILDER)
    .and(types::FILE_STREAM)
    .and(types::RESPONSE)
    .and(types::READER)
    .and(types::CRYPTO);

impl Follower<'_> {
    fn all(&self, list: List) -> Value {
        let mut all = Value::default();
        for &item in self.tree.list(list) {
            let item = self.of(item);
            all = all.or(Value { types: Types::NONE, names: Types::NONE, ..item });
        }
        all.constant = Constant::Unknown;
        all
    }

    fn argument(&self, list: List, at: usize) -> Value {
        self.tree.list(list).get(at).map_or(Value::default(), |&node| self.of(node))
    }

    fn pick(&self, arg: Arg, own: Value, list: List) -> Value {
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

    pub(super) fn member(&mut self, at: NodeId, of: NodeId, symbol: Symbol) -> Value {
        let function = self.tree.nodes[at as usize].function;
        let mut found = Value::default();
        if self.is_self(of)
            && let Some(var) = self.global(symbol)
        {
            found = self.variable(var, function);
            if self.tree.vars[var as usize].declared || found.traits != Traits::default() {
                return found;
            }
        }
        let own = self.of(of);
        if let Some(meaning) = self.meaning(symbol) {
            for method in &meaning.methods {
                let fits = method.on.meets(own.types) && method.on != ANY;
                // What must be called says nothing by being named.
                let acts = matches!(
                    method.does,
                    Does::Acts(act, ..) if !matches!(act, Act::Setting | Act::Key | Act::Output)
                );
                if fits && !acts {
                    let mut value = self.does(at, method, Some((of, own)), List::default(), false);
                    value.types = value.types.and(found.types);
                    return value;
                }
                if method.name == "length" && method.on == ANY {
                    return self.does(at, method, Some((of, own)), List::default(), false);
                }
            }
            // A class in a name space: System.Diagnostics.Process.
            if !self.classic
                && !own.traits.has(Traits::TAINT)
                && own.types.is_empty()
                && !meaning.class.is_empty()
                && self.is_path(of)
            {
                return Value { types: meaning.class, ..Value::default() };
            }
        }
        // The text of a control that only the page's other half declares.
        if !self.classic
            && matches!(self.lexicon.name(symbol), b"text")
            && let Node::Name(var) = self.tree.node(of)
            && !self.tree.vars[var as usize].declared
            && self.states[var as usize].before == 0
            && own.types.is_empty()
            // The name space System.Text.
            && self.lexicon.name(self.tree.vars[var as usize].symbol) != b"system"
        {
            let step = self.step(at, None, 0);
            return Value { traits: Traits::DATA.and(Traits::WHOLE), step, ..Value::default() };
        }
        // A field of an object whose class is in this file.
        if let Some(var) = self.global(symbol)
            && self.tree.vars[var as usize].declared
            && !self.states[var as usize].intrinsic
        {
            let field = self.variable(var, function);
            found = found.or(field);
        }
        if self.is_page_object(own) {
            return Value { traits: found.traits, step: found.step, types: found.types, ..Value::default() };
        }
        let class = self.meaning(symbol).map_or(Types::NONE, |meaning| meaning.class);
        let context = match self.lexicon.name(symbol) {
            b"request" => types::REQUEST,
            b"response" => types::RESPONSE,
            b"session" => types::STORE,
            b"server" if own.types.meets(types::CONTEXT) => types::SERVER,
            _ => Types::NONE,
        };
        let _ = class;
        let value = found.or(Value { constant: Constant::Unknown, types: context, names: Types::NONE, ..own });
        Value { constant: Constant::Unknown, types: value.types.and(context), ..value }
    }

    /// Whether a value is one of the objects that every page has, of which an unknown member says nothing.
    fn is_page_object(&self, value: Value) -> bool {
        let objects = types::REQUEST.and(types::RESPONSE).and(types::SERVER).and(types::CONTEXT).and(types::CONTROL);
        value.types.meets(objects) && !value.traits.has(Traits::TAINT)
    }

    /// Whether a node is a chain of plain names.
    fn is_path(&self, mut node: NodeId) -> bool {
        for _ in 0..8 {
            match self.tree.node(node) {
                Node::Name(var) => return !self.tree.vars[var as usize].declared,
                Node::Member(of, _) => node = of,
                _ => return false,
            }
        }
        false
    }

    pub(super) fn call(&mut self, at: NodeId, callee: NodeId, list: List) -> Value {
        let language = self.tree.language(at);
        match self.tree.node(callee) {
            Node::Name(var) => {
                let symbol = self.tree.vars[var as usize].symbol;
                let state = self.states[var as usize];
                if let Some(functions) = self.tree.by_name.get(&symbol)
                    && !state.intrinsic
                {
                    if self.is_native(functions) {
                        return self.call_native(at, symbol, list);
                    }
                    return self.call_local(at, functions, list, None);
                }
                if state.intrinsic && state.value.types.meets(types::REQUEST) {
                    return self.from_request(at, list);
                }
                let used =
                    state.assigned > 0 || state.before > 0 || state.intrinsic || self.tree.vars[var as usize].declared;
                if used {
                    return self.call_value(at, callee, list);
                }
                if let Some(meaning) = self.meaning(symbol)
                    && let Some(method) = meaning.methods.iter().find(|method| method.on.is_empty())
                    && bare_in(method, language, self.classic)
                {
                    return self.does(at, method, None, list, true);
                }
                if !state.value.types.is_empty() && !self.classic {
                    // A conversion: JScript's String(x).
                    let all = self.all(list);
                    return Value { types: state.value.types, constant: self.argument(list, 0).constant, ..all };
                }
                if language == Language::JScript && self.lexicon.name(symbol) == b"char" {
                    return self.folded(Fold::Chr, &CHAR, None, list, language);
                }
                // typeof(Class), GetType(Class)
                if !self.classic && matches!(self.lexicon.name(symbol), b"typeof" | b"gettype") && list.count == 1 {
                    let class = self.argument(list, 0);
                    return Value { types: class.types.and(types::CLASS), ..Value::default() };
                }
                // CallByName(object, "Run", kind, x)
                if self.lexicon.name(symbol) == b"callbyname" && self.argument(list, 0).types.meets(types::RUNNERS) {
                    let (own, all) = (self.argument(list, 0), self.all(list));
                    self.event(Act::Start, at, all, Value::default(), own.types, list.count);
                }
                // CType(x, Class)
                if matches!(self.lexicon.name(symbol), b"ctype" | b"directcast" | b"trycast") {
                    let (value, class) = (self.argument(list, 0), self.argument(list, 1));
                    return Value { types: value.types.and(class.types), ..value };
                }
                self.unknown_call(Value::default(), list)
            }
            Node::Member(of, symbol) => self.call_member(at, callee, of, symbol, list, language),
            // `object["Run"](x)` of JScript.
            Node::Index(of, name) if language == Language::JScript && name.count == 1 => {
                let own = self.of(of);
                let name = self.argument(name, 0).constant;
                let name = self.flow.texts.text(name).map(<[u8]>::to_ascii_lowercase);
                let meaning = name.and_then(|name| crate::code::know::meaning(&name));
                let method = meaning.and_then(|meaning| {
                    meaning.methods.iter().find(|method| method.on != ANY && method.on.meets(own.types)).copied()
                });
                match method {
                    Some(method) => self.does(at, method, Some((of, own)), list, true),
                    None => self.call_value(at, callee, list),
                }
            }
            _ => self.call_value(at, callee, list),
        }
    }

    /// A call of what an expression gives.
    fn call_value(&mut self, at: NodeId, callee: NodeId, list: List) -> Value {
        if self.of(callee).types.meets(types::JSCRIPT_EVAL) && list.count > 0 {
            let code = self.argument(list, 0);
            self.event(Act::Evaluate, at, code, Value::default(), types::JSCRIPT_EVAL, list.count);
            return Value { constant: Constant::Unknown, ..code };
        }
        self.element_of(at, callee, list)
    }

    fn call_member(
        &mut self,
        at: NodeId,
        callee: NodeId,
        of: NodeId,
        symbol: Symbol,
        list: List,
        language: Language,
    ) -> Value {
        let own = self.of(of);
        let meaning = self.meaning(symbol);
        if let Some(meaning) = meaning {
            let mut found: Option<Value> = None;
            for method in &meaning.methods {
                if method.on == ANY || !method.on.meets(own.types) {
                    continue;
                }
                let next = self.does(at, method, Some((of, own)), list, true);
                found = Some(match found {
                    None => next,
                    Some(value) => Value { constant: value.constant, ..value.or(next) },
                });
            }
            if let Some(value) = found {
                return value;
            }
        }
        if own.types.is_empty() || self.is_self(of) {
            if let Some(functions) = self.tree.by_name.get(&symbol) {
                if self.is_native(functions) {
                    return self.call_native(at, symbol, list);
                }
                return self.call_local(at, functions, list, Some(own));
            }
        }
        if let Some(meaning) = meaning
            && let Some(method) = meaning.methods.iter().find(|method| method.on == ANY)
        {
            return self.does(at, method, Some((of, own)), list, true);
        }
        if let Some(functions) = self.tree.by_name.get(&symbol)
            && !own.types.meets(types::REQUEST.and(types::RESPONSE))
        {
            return self.call_local(at, functions, list, Some(own));
        }
        let value = self.of(callee);
        let _ = language;
        // In Basic a property with an index looks like a call.
        if value.types.meets(types::ITEMS.and(types::STORE).and(types::POSTED)) {
            return self.element_of(at, callee, list);
        }
        // Anonymous pages' helper: Page.Request and its kin are known; of other methods of the page nothing is.
        self.unknown_call(Value { constant: Constant::Unknown, ..value }, list)
    }

    fn is_native(&self, functions: &[FunctionId]) -> bool {
        functions.iter().any(|&function| self.tree.functions[function as usize].attributes.native)
    }

    /// A function of a library of the system.
    fn call_native(&mut self, at: NodeId, symbol: Symbol, list: List) -> Value {
        let known = self.meaning(symbol).and_then(|meaning| meaning.methods.iter().find(|method| method.on.is_empty()));
        if let Some(method) = known {
            return self.does(at, method, None, list, true);
        }
        let all = self.all(list);
        self.event(Act::Native, at, all, Value::default(), Types::NONE, list.count);
        Value { constant: Constant::Unknown, ..all }
    }

    /// What may come out of a function that nothing is known of: what went in.
    fn unknown_call(&mut self, own: Value, list: List) -> Value {
        let all = self.all(list);
        let mut value = own.or(all);
        if all.traits.has(Traits::TAINT) {
            value.traits = value.traits.and(Traits::DERIVED);
        }
        value.traits = value.traits.without(Traits::PAGE_NAME.and(Traits::SHELL));
        Value { constant: Constant::Unknown, names: own.names, types: own.types, ..value }
    }

    fn from_request(&mut self, at: NodeId, list: List) -> Value {
        let _ = list;
        let step = self.step(at, None, 0);
        Value { traits: Traits::DATA.and(Traits::WHOLE), step, types: types::ITEMS, ..Value::default() }
    }

    fn call_local(&mut self, at: NodeId, functions: &[FunctionId], list: List, own: Option<Value>) -> Value {
        let tree = self.tree;
        let mut value = Value::default();
        let mut first = true;
        let fits = |function: FunctionId| tree.functions[function as usize].parameters.len() >= list.count as usize;
        let any = functions.iter().any(|&function| fits(function));
        for &function in functions {
            if any && !fits(function) {
                continue;
            }
            let called = &tree.functions[function as usize];
            for (number, &parameter) in called.parameters.iter().enumerate() {
                let Some(&node) = tree.list(list).get(number) else { break };
                let argument = self.of(node);
                let mut argument = Value { types: argument.types, ..argument };
                argument.constant = self.of(node).constant;
                if let Constant::Text(text) = argument.constant
                    && self.flow.texts.bytes(text).len() >= 3
                {
                    let taken = self.taken.entry(parameter).or_default();
                    let known =
                        |&known: &Constant| self.flow.texts.text(known) == self.flow.texts.text(argument.constant);
                    if taken.len() < super::MAX_TAKEN && !taken.iter().any(known) {
                        taken.push(argument.constant);
                    }
                }
                self.set(at, parameter, argument, true);
                // A stream that the function fills.
                let inside = self.states[parameter as usize].value;
                if inside.traits.has(Traits::TAINT)
                    && !argument.traits.has(Traits::TAINT)
                    && argument.types.meets(STREAMS)
                {
                    self.fill(at, node, inside);
                }
            }
            let result = called.result;
            let returned = self.variable(result, function);
            value = if first { returned } else { value.or(returned) };
            first = false;
        }
        let _ = own;
        if value.traits.has(Traits::TAINT) {
            value.step = if value.step == 0 { self.all(list).step } else { value.step };
        }
        value
    }

    /// `of(index)` or `of[index]`.
    pub(super) fn element_of(&mut self, at: NodeId, of: NodeId, list: List) -> Value {
        let own = self.of(of);
        if let Some(element) = self.element(of, list)
            && let Some(&value) = self.elements.get(&element)
        {
            if own.types.meets(types::STORE) {
                return value;
            }
            let constant = value.constant;
            return Value { constant, ..value.or(Value { constant, ..own }) };
        }
        // Which server variable it is decides.
        if own.traits.has(Traits::PLACE) && own.types.meets(types::ITEMS) {
            let name = self.argument(list, 0).constant;
            let name = self.flow.texts.text(name).map(<[u8]>::to_ascii_lowercase);
            let chosen = name.as_deref().is_none_or(|name| {
                name.starts_with(b"http_") && name != b"http_host"
                    || matches!(name, b"query_string" | b"all_http" | b"path_info")
            });
            if chosen && name.is_some() {
                let step = self.step(at, None, 0);
                return Value { traits: Traits::DATA.and(Traits::WHOLE), step, ..Value::default() };
            }
            return Value { traits: Traits::PLACE, ..Value::default() };
        }
        if own.types.meets(types::STRINGS) {
            let name = self.argument(list, 0);
            self.event(Act::Setting, at, name, own, own.types, list.count);
        }
        if own.types.meets(types::REQUEST) {
            return self.from_request(at, list);
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
        let traits = if pieces { own.traits.and(Traits::CUT) } else { own.traits };
        Value { constant: constant.unwrap_or_default(), traits, ..own }
    }

    pub(super) fn index(&mut self, at: NodeId, of: NodeId, list: List) -> Value {
        // `obj["member"]` of JScript.
        if self.tree.language(at) == Language::JScript
            && let Constant::Text(text) = self.argument(list, 0).constant
        {
            let name = self.flow.texts.bytes(text);
            if name.len() < 40 && !self.of(of).types.meets(types::REQUEST.and(types::ITEMS).and(types::STORE)) {
                let folded = name.to_ascii_lowercase();
                if folded == b"eval" || folded == b"execscript" {
                    return Value { names: types::JSCRIPT_EVAL, types: types::JSCRIPT_EVAL, ..Value::default() };
                }
            }
        }
        self.element_of(at, of, list)
    }

    pub(super) fn make(&mut self, at: NodeId, class: Symbol, list: List) -> Value {
        let all = self.all(list);
        let name = self.lexicon.name(class);
        let first = self.argument(list, 0);
        if self.tree.language(at) == Language::JScript {
            match name {
                b"activexobject" => return self.create(at, first),
                b"function" => {
                    let last = self.argument(list, (list.count as usize).saturating_sub(1));
                    self.event(Act::Evaluate, at, last, all, Types::NONE, list.count);
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
        let mut types = if self.classic { Types::NONE } else { self.class(class) };
        // JavaScriptSerializer with a type resolver.
        if name == b"javascriptserializer" && first.types.meets(types::DESERIALISER) {
            types = types::DESERIALISER;
        }
        if name == b"string" {
            let constants: Vec<Constant> = self.tree.list(list).iter().map(|&n| self.of(n).constant).collect();
            let constant = match constants.first() {
                Some(&first) => super::fold::from_codes(first, &[], &mut self.flow.texts).unwrap_or_default(),
                None => Constant::Unknown,
            };
            return Value { constant, traits: textual(all.traits), ..all };
        }
        let mut value = Value { constant: Constant::Unknown, types, ..all };
        // What is read from a file that the request names is not what the request holds.
        if types.meets(types::READER.and(types::FILE_STREAM)) && !first.types.meets(STREAMS) {
            // One that is written keeps its path.
            let written = types.meets(types::FILE_STREAM) && self.opens_for_writing(list);
            value.traits = if written { first.traits } else { chosen(value.traits) };
            value.types = value.types.and(Types::NONE);
        }
        if let Some(functions) = self.tree.by_name.get(&class) {
            // The constructor of a class of this file.
            self.call_local(at, functions, list, None);
        }
        if types.is_empty() && all.traits.has(Traits::TAINT) {
            value.traits = value.traits.and(Traits::DERIVED);
        }
        self.made_with(at, types, value, list);
        value
    }

    /// An object was made: some kinds act by that.
    fn made_with(&mut self, at: NodeId, types: Types, value: Value, list: List) {
        for (on, act, main, second) in MAKERS {
            if on.meets(types) {
                let (main, second) = (self.pick(*main, value, list), self.pick(*second, value, list));
                // A reader or writer of a stream opens no file.
                if matches!(act, Act::Read | Act::Write) && main.types.meets(STREAMS) {
                    continue;
                }
                if *act == Act::Start && list.count == 0 {
                    continue;
                }
                let act = if *act == Act::Read && self.opens_for_writing(list) { Act::Write } else { *act };
                self.event(act, at, main, second, types, list.count);
            }
        }
    }

    /// Whether the arguments say that a file is opened to be written: `FileMode.Create`, and of FSO 2 and 8.
    fn opens_for_writing(&self, list: List) -> bool {
        let items = self.tree.list(list);
        items.iter().skip(1).take(3).any(|&item| match self.tree.node(item) {
            Node::Member(_, symbol) => matches!(
                self.lexicon.name(symbol),
                b"create" | b"createnew" | b"append" | b"truncate" | b"write" | b"forwriting" | b"forappending"
            ),
            Node::Name(var) => {
                matches!(self.lexicon.name(self.tree.vars[var as usize].symbol), b"forwriting" | b"forappending")
            }
            _ => false,
        }) || items.get(1).is_some_and(|&mode| matches!(self.of(mode).constant, Constant::Number(2 | 8)))
    }

    /// An object with an initialiser.
    pub(super) fn made(&mut self, at: NodeId, value: Value) {
        if value.types.meets(types::START_INFO) {
            self.event(Act::Start, at, value, Value::default(), value.types, 1);
        }
        if value.types.meets(types::SQL_COMMAND) {
            self.event(Act::SqlRun, at, value, Value::default(), value.types, 1);
        }
    }

    pub(super) fn cast(&mut self, class: Symbol, of: NodeId) -> Value {
        let value = self.of(of);
        let name = self.lexicon.name(class);
        match name {
            b"char" => {
                let constant = match value.constant {
                    Constant::Number(code) => super::fold::character(code, &mut self.flow.texts).unwrap_or_default(),
                    other => other,
                };
                let mut traits = textual(value.traits);
                if constant == Constant::Unknown && !traits.has(Traits::TAINT) {
                    traits = traits.and(Traits::BUILT);
                }
                Value { constant, traits, ..value }
            }
            b"int" | b"byte" | b"long" | b"short" | b"uint" | b"double" => {
                Value { traits: numeric(value.traits), ..value }
            }
            _ => {
                let types = if self.classic { Types::NONE } else { self.class(class) };
                Value { types: value.types.and(types), ..value }
            }
        }
    }

    /// An object made from a ProgID, a CLSID or a moniker.
    fn create(&mut self, at: NodeId, name: Value) -> Value {
        let mut kinds = name.names;
        let bytes = self.flow.texts.text(name.constant).map(<[u8]>::to_vec);
        if let Some(bytes) = &bytes {
            kinds = kinds.and(types::moniker(bytes));
        }
        if kinds.meets(types::SCRIPTLET) {
            self.event(Act::Evaluate, at, name, Value::default(), kinds, 1);
        }
        self.event(Act::Create, at, name, Value::default(), kinds, 1);
        if bytes.is_none() && kinds.is_empty() {
            kinds = types::UNKNOWN_COM;
        }
        Value { types: kinds, ..Value::default() }
    }

    /// Applies a row of the table. `called`: as a call with these arguments, or as a property.
    pub(super) fn does(
        &mut self,
        at: NodeId,
        method: &'static Method,
        own: Option<(NodeId, Value)>,
        list: List,
        called: bool,
    ) -> Value {
        let language = self.tree.language(at);
        let object = own.map_or(Value::default(), |(_, value)| value);
        let all = self.all(list);
        // What an object was made with is in what it gives; of an object that every page has nothing is.
        let plain = if self.is_page_object(object) { Value::default() } else { object };
        let both = Value { constant: Constant::Unknown, types: method.gives, names: Types::NONE, ..plain.or(all) };
        match method.does {
            // `context.Request("x")` of Basic.
            Does::Pass if called && list.count > 0 && method.gives == types::REQUEST => self.from_request(at, list),
            Does::Pass => {
                let mut value = both;
                // Whose method it is.
                if matches!(method.name, "getmethod" | "getmethods") {
                    let name = self.flow.texts.text(self.argument(list, 0).constant);
                    if name.is_some_and(|name| name.starts_with(b"RegisterVirtualPathProvider")) {
                        self.event(Act::Provide, at, plain, Value::default(), plain.types, list.count);
                    }
                    value.types = value.types.and(plain.types.only(types::RUNNERS.and(types::ASSEMBLY)));
                }
                // Without its folders a name does not say where.
                if method.name.starts_with("getfilename")
                    || method.name == "combine" && !self.argument(list, 0).traits.has(Traits::LEADS)
                {
                    value.traits = value.traits.without(Traits::LEADS);
                }
                if list.count > 0 {
                    let last = self.argument(list, list.count as usize - 1);
                    value.traits = value.traits.without(Traits::PAGE_NAME).and(last.traits.only(Traits::PAGE_NAME));
                    if list.count == 1 {
                        value.constant = last.constant;
                    }
                    if method.name == "mappath" {
                        value.traits = value.traits.and(Traits::MAPPED);
                    }
                    // Beside the page, or the root of the site.
                    if method.name == "mappath"
                        && self.flow.texts.text(last.constant).is_some_and(|path| {
                            matches!(path, b"" | b"." | b"./" | b".\\" | b"~" | b"~/" | b"/" | b"../" | b"..")
                        })
                    {
                        value.traits = value.traits.and(Traits::PLACE);
                    }
                }
                value
            }
            Does::Clean => Value { types: method.gives, ..Value::default() },
            Does::Source => {
                if method.gives.meets(types::POSTED) && !called {
                    let step = self.step(at, None, 0);
                    return Value { traits: Traits::DATA, step, types: method.gives, ..Value::default() };
                }
                let step = self.step(at, None, 0);
                // What is received goes into the buffer too.
                if matches!(method.name, "receiveasync" | "receive")
                    && let Some(&buffer) = self.tree.list(list).first()
                {
                    let value = Value { traits: Traits::DATA, step, ..Value::default() };
                    self.fill(at, buffer, value);
                    // new ArraySegment<byte>(buffer)
                    if let Node::New(_, inner) = self.tree.node(buffer)
                        && let Some(&inner) = self.tree.list(inner).first()
                    {
                        self.fill(at, inner, value);
                    }
                }
                Value { traits: Traits::DATA.and(Traits::WHOLE), step, types: method.gives, ..Value::default() }
            }
            Does::SourceName => {
                let step = self.step(at, None, 0);
                Value { traits: Traits::NAME.and(Traits::WHOLE), step, ..Value::default() }
            }
            Does::Place => {
                let value = Value { traits: Traits::PLACE, types: method.gives, ..Value::default() };
                if called && list.count > 0 && method.gives.meets(types::ITEMS) {
                    return self.server_variable(at, list);
                }
                value
            }
            Does::Stored => {
                let net = types::XML_HTTP.and(types::WEB_REQUEST).and(types::WEB_RESPONSE).and(types::WEB_CLIENT);
                let remote = if method.on.meets(net) { Traits::REMOTE } else { Traits::default() };
                Value {
                    traits: chosen(plain.traits).and(Traits::STORED).and(remote),
                    step: plain.step,
                    types: method.gives,
                    ..Value::default()
                }
            }
            Does::Acts(act, main, second) => {
                if act == Act::Setting && !called {
                    return Value { types: method.gives, ..Value::default() };
                }
                if !called && act != Act::Key && act != Act::Output {
                    return both;
                }
                self.act(at, method, act, (main, second), object, list)
            }
            Does::Folds(how) => self.folded(how, method, own.map(|(_, value)| value), list, language),
            Does::Fill => {
                if let Some((of, _)) = own {
                    let value = Value { types: Types::NONE, ..all };
                    self.fill(at, of, value);
                }
                Value { types: method.gives, ..plain.or(all) }
            }
            Does::Pour => {
                if let Some(&target) = self.tree.list(list).first() {
                    let file = self.of(target);
                    if file.types.meets(types::FILE_STREAM.and(types::WRITER)) {
                        // A file keeps the traits of its path.
                        self.event(Act::Write, at, file, plain, file.types, list.count);
                        return Value::default();
                    }
                    if file.types.meets(types::RESPONSE) {
                        self.event(Act::Output, at, plain, Value::default(), file.types, list.count);
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
                Value { traits: numeric(plain.traits), step: plain.step, ..Value::default() }
            }
        }
    }

    fn server_variable(&mut self, at: NodeId, list: List) -> Value {
        let name = self.argument(list, 0).constant;
        let name = self.flow.texts.text(name).map(<[u8]>::to_ascii_lowercase);
        let chosen = name.is_some_and(|name| {
            name.starts_with(b"http_") && name != b"http_host"
                || matches!(&name[..], b"query_string" | b"all_http" | b"path_info" | b"all_raw")
        });
        if chosen {
            let step = self.step(at, None, 0);
            return Value { traits: Traits::DATA.and(Traits::WHOLE), step, ..Value::default() };
        }
        Value { traits: Traits::PLACE, ..Value::default() }
    }

    fn act(
        &mut self,
        at: NodeId,
        method: &'static Method,
        act: Act,
        args: (Arg, Arg),
        object: Value,
        list: List,
    ) -> Value {
        let (main, mut second) = (self.pick(args.0, object, list), self.pick(args.1, object, list));
        // Request.SaveAs: the whole of it.
        if act == Act::Save && object.types.meets(types::REQUEST) {
            second.traits = second.traits.and(Traits::DATA);
        }
        if act == Act::Create {
            let mut value = self.create(at, main);
            if method.name.starts_with("gettype") {
                value.types = value.types.and(types::CLASS);
            }
            return value;
        }
        // Activator.CreateInstance(type) gives what the type is.
        if method.name == "createinstance" && main.types.meets(types::CLASS) {
            self.event(act, at, main, second, object.types, list.count);
            return Value {
                types: main.types.and(types::METHOD),
                traits: main.traits,
                step: main.step,
                ..Value::default()
            };
        }
        // A method of what starts programs or loads libraries, called by reflection.
        if act == Act::Reflect && matches!(method.name, "invoke" | "invokemember") {
            let all = self.all(list);
            if object.types.meets(types::RUNNERS) {
                self.event(Act::Start, at, all, Value::default(), object.types, list.count);
            }
            if object.types.meets(types::ASSEMBLY) && bytes_of(all.traits) {
                self.event(Act::Load, at, all, Value::default(), object.types, list.count);
            }
        }
        // A set of records that opens its own connection.
        if act == Act::SqlRun && method.name == "open" && second.is_data() && second.traits.has(Traits::LEADS) {
            self.event(Act::SqlConnect, at, second, Value::default(), object.types, list.count);
        }
        let writes = act == Act::Read && matches!(method.name, "open" | "opentextfile") && self.opens_for_writing(list);
        let act = if writes { Act::Write } else { act };
        self.event(act, at, main, second, object.types, list.count);
        let all = self.all(list);
        // An object that runs programs, called by the name of its method.
        let runner = object.types.and(second.types).and(self.argument(list, 3).types);
        if act == Act::Reflect && matches!(method.name, "invokemember" | "callbyname") && runner.meets(RUN_BY_NAME) {
            self.event(Act::Start, at, all, second, runner, list.count);
        }
        match act {
            // What a file, a program or another computer gives is not request data, though request data chose it.
            Act::Read | Act::List | Act::Fetch | Act::Start | Act::SqlRun | Act::RegistryRead | Act::Receive => {
                if act == Act::Receive
                    && let Some(&buffer) = self.tree.list(list).first()
                {
                    let value = Value { traits: Traits::STORED, ..Value::default() };
                    self.fill(at, buffer, value);
                }
                let entries = types::FSO_FILE.and(types::TEXT_STREAM).and(types::FILE_INFO).and(types::SHELL_APP);
                let file = method.gives.meets(entries);
                let mut traits = if file { main.traits } else { chosen(main.traits).and(Traits::STORED) };
                // Request data in a statement does not choose among all files.
                if act == Act::SqlRun {
                    traits = traits.without(Traits::CHOSEN);
                }
                if matches!(act, Act::Fetch | Act::Receive) {
                    traits = traits.and(Traits::REMOTE);
                }
                Value { traits, step: main.step, types: method.gives, ..Value::default() }
            }
            Act::Output | Act::Send => Value { types: method.gives, ..Value::default() },
            // What the code gives, if it could be read.
            Act::Evaluate if self.given.contains_key(&at) => {
                let name = self.flow.texts.text(main.constant).map(|name| name.trim_ascii().to_ascii_lowercase());
                let given = self.given.get(&at).copied().unwrap_or_default();
                let object = name.and_then(|name| super::intrinsic(&name, self.classic)).unwrap_or_default();
                Value { types: given.types.and(object), ..given }
            }
            _ => {
                let mut value = main.or(all);
                value.constant = Constant::Unknown;
                value.types = method.gives;
                value.names = Types::NONE;
                value
            }
        }
    }

    fn folded(
        &mut self,
        how: Fold,
        method: &'static Method,
        own: Option<Value>,
        list: List,
        language: Language,
    ) -> Value {
        let constants: Vec<Constant> =
            self.tree.list(list).iter().take(4096).map(|&node| self.of(node).constant).collect();
        let object = own.filter(|own| !self.is_page_object(*own));
        let constant = fold(how, object.map(|own| own.constant), &constants, language, &mut self.flow.texts);
        let all = self.all(list);
        let plain = object.unwrap_or_default();
        let mut value = plain.or(all);
        value.constant = constant;
        value.types = method.gives;
        value.names = if how == Fold::Array || how == Fold::Split || how == Fold::Same {
            self.tree.list(list).iter().fold(plain.names, |names, &node| names.and(self.of(node).names))
        } else {
            plain.names
        };
        value.traits = match how {
            Fold::Length => numeric(plain.traits).without(Traits::NUMBER.and(Traits::BUILT)),
            Fold::Number | Fold::Asc | Fold::CodeAt => numeric(value.traits),
            Fold::Chr | Fold::FromCodes | Fold::CharAt => textual(value.traits),
            _ => value.traits,
        };
        let known = constant != Constant::Unknown;
        if known {
            if let Constant::Text(text) = constant {
                let bytes = self.flow.texts.bytes(text);
                value.traits = value.traits.without(Traits::PAGE_NAME.and(Traits::BLOB));
                if bytes.len() <= 1 << 16 {
                    value.traits = value.traits.and(super::text_traits(bytes));
                }
                value.names = types::moniker(bytes);
                if how == Fold::FromBase64 {
                    value.traits = value.traits.and(Traits::DECODED);
                }
            }
        } else if !value.traits.has(Traits::TAINT) {
            if builds(how) {
                value.traits = value.traits.and(Traits::BUILT);
            } else if cuts(how) {
                value.traits = value.traits.and(Traits::CUT);
            }
        }
        value
    }
}

/// Whether what this gives is text that a decoder makes, where its input is not known.
fn builds(how: Fold) -> bool {
    matches!(how, Fold::Chr | Fold::Reverse | Fold::FromCodes | Fold::FromBase64 | Fold::Unescape | Fold::CharAt)
}

/// Whether what this gives is a piece, or is put together from pieces.
fn cuts(how: Fold) -> bool {
    matches!(how, Fold::Replace | Fold::Mid | Fold::Substring | Fold::Left | Fold::Right | Fold::Split | Fold::Join)
}

/// Whether request data, or bytes made of it, are in a value.
fn bytes_of(traits: Traits) -> bool {
    traits.has(Traits::DATA.and(Traits::NUMBER))
}

/// What text made of numbers keeps of them.
fn textual(traits: Traits) -> Traits {
    if traits.has(Traits::NUMBER) { traits.without(Traits::NUMBER).and(Traits::DATA) } else { traits }
}

/// What is read from a place keeps of the place's name.
fn chosen(traits: Traits) -> Traits {
    let kept = traits.without(Traits::TAINT.and(Traits::WHOLE).and(Traits::PAGE_NAME).and(Traits::DERIVED));
    if traits.has(Traits::TAINT) { kept.and(Traits::CHOSEN) } else { kept }
}
