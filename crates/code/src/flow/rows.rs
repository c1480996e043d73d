//! What the rows of the table do.

use super::calls::RUN_BY_NAME;
use super::fold::fold;
use super::value::{Constant, TaintFlags, Value};
use super::words::names_password;
use super::{Follower, Language, Node, NodeId, Types, numeric, types};
use crate::code::api_model::{Arg, Effect, Fold, Method, Sink, meaning_in};
use crate::code::tree::List;

impl Follower<'_> {
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
        let both = Value { constant: Constant::Unknown, types: method.gives, names: Types::empty(), ..plain.or(all) };
        match method.does {
            // `context.Request("x")` of Basic.
            Effect::Propagates if called && list.count > 0 && method.gives == types::REQUEST => {
                self.request_data(at, list)
            }
            Effect::Propagates => {
                let mut value = both;
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
                    || method.name == "combine" && !self.argument(list, 0).flags.intersects(TaintFlags::LEADS)
                {
                    value.flags -= TaintFlags::LEADS;
                }
                if list.count > 0 {
                    let last = self.argument(list, list.count as usize - 1);
                    value.flags = (value.flags - TaintFlags::TAIL) | (last.flags & TaintFlags::TAIL);
                    if list.count == 1 {
                        value.constant = last.constant;
                    }
                    if method.name == "mappath" {
                        value.flags |= TaintFlags::MAPPED;
                    }
                    // Beside the page, or the root of the site.
                    if method.name == "mappath"
                        && self.flow.texts.text(last.constant).is_some_and(|path| {
                            matches!(path, b"" | b"." | b"./" | b".\\" | b"~" | b"~/" | b"/" | b"../" | b"..")
                        })
                    {
                        value.flags |= TaintFlags::PLACE;
                    }
                }
                value
            }
            Effect::Sanitizes => Value { types: method.gives, ..Value::default() },
            Effect::Source => {
                if method.gives.intersects(types::POSTED) && !called {
                    let step = self.step(at, None, 0);
                    return Value { flags: TaintFlags::DATA, step, types: method.gives, ..Value::default() };
                }
                let step = self.step(at, None, 0);
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
                let mut flags = TaintFlags::DATA | TaintFlags::WHOLE | self.secret(own.map(|(of, _)| of), list);
                if matches!(method.name, "form" | "params") && !called {
                    flags |= TaintFlags::FORM;
                }
                Value { flags, step, types: method.gives, ..Value::default() }
            }
            Effect::SourceName => {
                let step = self.step(at, None, 0);
                Value { flags: TaintFlags::NAME | TaintFlags::WHOLE, step, ..Value::default() }
            }
            Effect::Place => {
                let mut value = Value { flags: TaintFlags::PLACE, types: method.gives, ..Value::default() };
                if matches!(
                    method.name,
                    "physicalpath" | "path" | "filepath" | "currentexecutionfilepath" | "localpath"
                ) {
                    value.flags |= TaintFlags::OWN;
                }
                if called && list.count > 0 && method.gives.intersects(types::ITEMS) {
                    return self.server_variable(at, list);
                }
                value
            }
            Effect::Stored => {
                let net = types::XML_HTTP | types::WEB_REQUEST | types::WEB_RESPONSE | types::WEB_CLIENT;
                let remote = if method.on.intersects(net) { TaintFlags::REMOTE } else { TaintFlags::empty() };
                Value {
                    flags: chosen(plain.flags) | TaintFlags::STORED | remote,
                    step: plain.step,
                    types: method.gives,
                    ..Value::default()
                }
            }
            Effect::Acts(act, main, second) => {
                if act == Sink::Setting && !called {
                    return Value { types: method.gives, ..Value::default() };
                }
                if !called && act != Sink::Key && act != Sink::Output {
                    return both;
                }
                self.act(at, method, act, (main, second), object, list)
            }
            Effect::Folds(how) => self.folded(how, method, own.map(|(_, value)| value), list, language),
            Effect::AppendsTo => {
                if let Some((of, _)) = own {
                    let value = Value { types: Types::empty(), ..all };
                    self.fill(at, of, value);
                }
                Value { types: method.gives, ..plain.or(all) }
            }
            Effect::Keep => {
                if let Some(key) = self.kept(list) {
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
                        self.flow.cut |= value.flags.intersects(TaintFlags::TAINT);
                    }
                }
                Value::default()
            }
            Effect::Recall => self.kept(list).and_then(|key| self.elements.get(&key).copied()).unwrap_or_default(),
            Effect::CopiesTo => {
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
        }
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
        let own = if name.as_deref().is_some_and(is_own_path) { TaintFlags::OWN } else { TaintFlags::empty() };
        let chosen = name.is_some_and(|name| {
            name.starts_with(b"http_") && name != b"http_host"
                || matches!(&name[..], b"query_string" | b"all_http" | b"path_info" | b"all_raw")
        });
        if chosen {
            let step = self.step(at, None, 0);
            return Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, ..Value::default() };
        }
        Value { flags: TaintFlags::PLACE | own, ..Value::default() }
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

    pub(super) fn act(
        &mut self,
        at: NodeId,
        method: &'static Method,
        act: Sink,
        args: (Arg, Arg),
        object: Value,
        list: List,
    ) -> Value {
        let (main, mut second) = (self.pick(args.0, object, list), self.pick(args.1, object, list));
        // Request.SaveAs: the whole of it.
        if act == Sink::Save && object.types.intersects(types::REQUEST) {
            second.flags |= TaintFlags::DATA;
        }
        if act == Sink::Create {
            let mut value = self.create(at, main);
            if method.name.starts_with("gettype") {
                value.types |= types::CLASS;
            }
            return value;
        }
        // Activator.CreateInstance(type) gives what the type is.
        if method.name == "createinstance" && main.types.intersects(types::CLASS) {
            self.event(act, at, main, second, object.types, list.count);
            return Value { types: main.types | types::METHOD, flags: main.flags, step: main.step, ..Value::default() };
        }
        // A method of what starts programs or loads libraries, called by reflection.
        if act == Sink::Reflect && matches!(method.name, "invoke" | "invokemember") {
            let all = self.all(list);
            if object.types.intersects(types::RUNNERS) {
                self.event(Sink::Start, at, all, Value::default(), object.types, list.count);
            }
            if object.types.intersects(types::ASSEMBLY) && bytes_of(all.flags) {
                self.event(Sink::Load, at, all, Value::default(), object.types, list.count);
            }
        }
        // A set of records that opens its own connection.
        if act == Sink::SqlRun
            && method.name == "open"
            && second.is_data()
            && second.flags.intersects(TaintFlags::LEADS)
        {
            self.event(Sink::SqlConnect, at, second, Value::default(), object.types, list.count);
        }
        let writes =
            act == Sink::Read && matches!(method.name, "open" | "opentextfile") && self.opens_for_writing(list);
        let act = if writes { Sink::Write } else { act };
        self.event(act, at, main, second, object.types, list.count);
        let all = self.all(list);
        // An object that runs programs, called by the name of its method.
        let runner = object.types | second.types | self.argument(list, 3).types;
        if act == Sink::Reflect
            && matches!(method.name, "invokemember" | "callbyname")
            && runner.intersects(RUN_BY_NAME)
        {
            self.event(Sink::Start, at, all, second, runner, list.count);
        }
        match act {
            // What a file, a program or another computer gives is not request data, though request data chose it.
            Sink::Read | Sink::List | Sink::Fetch | Sink::Start | Sink::SqlRun | Sink::RegistryRead | Sink::Receive => {
                if act == Sink::Receive
                    && let Some(&buffer) = self.tree.list(list).first()
                {
                    let value = Value { flags: TaintFlags::STORED, ..Value::default() };
                    self.fill(at, buffer, value);
                }
                let entries = types::FSO_FILE | types::TEXT_STREAM | types::FILE_INFO | types::SHELL_APP;
                let file = method.gives.intersects(entries);
                let mut flags = if file { main.flags } else { chosen(main.flags) | TaintFlags::STORED };
                // Request data in a statement does not choose among all files.
                if act == Sink::SqlRun {
                    flags -= TaintFlags::CHOSEN;
                }
                if matches!(act, Sink::Fetch | Sink::Receive) {
                    flags |= TaintFlags::REMOTE;
                }
                Value { flags, step: main.step, types: method.gives, ..Value::default() }
            }
            Sink::Output | Sink::Send => Value { types: method.gives, ..Value::default() },
            // What the code gives, if it could be read.
            Sink::Evaluate if self.given.contains_key(&at) => {
                let name = self.flow.texts.text(main.constant).map(|name| name.trim_ascii().to_ascii_lowercase());
                let given = self.given.get(&at).copied().unwrap_or_default();
                let object =
                    name.and_then(|name| super::intrinsic(&name, self.classic, self.tongue)).unwrap_or_default();
                Value { types: given.types | object, ..given }
            }
            _ => {
                let mut value = main.or(all);
                value.constant = Constant::Unknown;
                value.types = method.gives;
                value.names = Types::empty();
                // Class.forName("java.lang.Runtime") is that class.
                if method.name == "forname" {
                    value.types |= self.named_class(main.constant);
                }
                value
            }
        }
    }

    /// The kinds of the class that a constant names in full.
    fn named_class(&self, name: Constant) -> Types {
        let name = self.flow.texts.text(name).unwrap_or_default();
        let last = name.rsplit(|&b| b == b'.').next().unwrap_or_default().to_ascii_lowercase();
        meaning_in(self.tongue, &last).map_or(Types::empty(), |meaning| meaning.class)
    }

    /// What a function makes of each member of a constant list.
    pub(super) fn fold_each(&mut self, how: Fold, list: Constant) -> Constant {
        let Constant::List(list) = list else { return Constant::Unknown };
        let items = self.flow.texts.list(list).to_vec();
        let made = items.iter().map(|item| fold(how, None, &[*item], Language::Php, &mut self.flow.texts)).collect();
        self.flow.texts.add_list(made)
    }

    pub(super) fn folded(
        &mut self,
        how: Fold,
        method: &'static Method,
        own: Option<Value>,
        list: List,
        language: Language,
    ) -> Value {
        let constants: Vec<Constant> =
            self.tree.list(list).iter().take(super::value::MOST).map(|&node| self.of(node).constant).collect();
        let object = own.filter(|own| !self.is_page_object(*own));
        let constant = fold(how, object.map(|own| own.constant), &constants, language, &mut self.flow.texts);
        let all = self.all(list);
        let plain = object.unwrap_or_default();
        let mut value = plain.or(all);
        value.constant = constant;
        value.types = method.gives;
        value.names = if how == Fold::Array || how == Fold::Split || how == Fold::Same {
            self.tree.list(list).iter().fold(plain.names, |names, &node| names | self.of(node).names)
        } else {
            plain.names
        };
        value.flags = match how {
            Fold::Length => numeric(plain.flags) - (TaintFlags::NUMBER | TaintFlags::BUILT),
            Fold::Number | Fold::Asc | Fold::CodeAt => numeric(value.flags),
            Fold::Chr | Fold::ByteChr | Fold::FromCodes | Fold::CharAt => textual(value.flags),
            _ => value.flags,
        };
        value.flags = self.ends_of(how, value.flags, object, &constants, list);
        let known = constant != Constant::Unknown;
        if known {
            if let Constant::Text(text) = constant {
                let bytes = self.flow.texts.bytes(text);
                value.flags -= TaintFlags::TAIL | TaintFlags::BLOB;
                if bytes.len() <= 1 << 16 {
                    value.flags |= super::words::text_flags(bytes);
                }
                value.names = types::moniker(bytes);
                if how == Fold::FromBase64 {
                    value.flags |= TaintFlags::DECODED;
                }
            }
        } else if !value.flags.intersects(TaintFlags::TAINT) {
            if builds(how) {
                value.flags |= TaintFlags::BUILT;
            } else if cuts(how) {
                value.flags = (value.flags - TaintFlags::WHOLE) | TaintFlags::CUT;
            }
        }
        if cuts(how) {
            value.flags -= TaintFlags::OWN;
        }
        value
    }
}

impl Follower<'_> {
    /// Where request data stands in a text that is put together: in front, behind, or between.
    fn ends_of(
        &self,
        how: Fold,
        flags: TaintFlags,
        object: Option<Value>,
        constants: &[Constant],
        list: List,
    ) -> TaintFlags {
        let own = object.filter(|own| own.types.is_empty() || own.flags != TaintFlags::empty());
        let (front, behind) = match how {
            Fold::Format if constants.len() > 1 => {
                let Some(pattern) = self.flow.texts.text(constants[0]) else { return flags };
                let place = |from: usize| -> Option<usize> {
                    let digits = pattern.get(from + 1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    std::str::from_utf8(&pattern[from + 1..from + 1 + digits]).ok()?.parse().ok()
                };
                let value = |from: Option<usize>| from.map_or(Value::default(), |at| self.argument(list, at + 1));
                let front = if pattern.first() == Some(&b'{') { place(0) } else { None };
                let last = pattern.len().saturating_sub(12);
                let behind = match memchr::memrchr(b'{', &pattern[last..]) {
                    Some(open) if pattern.ends_with(b"}") => place(last + open),
                    _ => None,
                };
                // Arguments in one array are not told apart.
                let one = |place: Option<usize>| match place {
                    Some(_) if list.count == 2 => Value { flags, ..Value::default() },
                    place => value(place),
                };
                (one(front), one(behind))
            }
            Fold::Concat => {
                let last = self.argument(list, (list.count as usize).saturating_sub(1));
                match own {
                    Some(own) if list.count > 0 => (own, last),
                    None if list.count > 1 => (self.argument(list, 0), last),
                    _ => return flags,
                }
            }
            Fold::Replace => {
                let text = own.unwrap_or_else(|| self.argument(list, 0));
                if text.constant != Constant::Unknown {
                    return flags;
                }
                (text, text)
            }
            _ => return flags,
        };
        let kept = (front.flags & TaintFlags::LEADS) | (behind.flags & TaintFlags::ENDS);
        (flags - TaintFlags::WHOLE) | (flags & kept)
    }
}

/// Whether what this gives is text that a decoder makes, where its input is not known.
pub(super) fn builds(how: Fold) -> bool {
    matches!(
        how,
        Fold::Chr
            | Fold::ByteChr
            | Fold::Reverse
            | Fold::FromCodes
            | Fold::FromBase64
            | Fold::Unescape
            | Fold::CharAt
            | Fold::Rot13
            | Fold::Inflate
            | Fold::FromHex
            | Fold::Pack
            | Fold::Unknown
    )
}

/// Whether what this gives is a piece, or is put together from pieces.
pub(super) fn cuts(how: Fold) -> bool {
    matches!(
        how,
        Fold::Replace
            | Fold::ReplaceIn
            | Fold::Translate
            | Fold::Mid
            | Fold::Substring
            | Fold::SubstringTo
            | Fold::Substr
            | Fold::Left
            | Fold::Right
            | Fold::Split
            | Fold::Explode
            | Fold::Join
    )
}

/// Whether a server variable of this name in lower case tells where this very page lies.
pub(super) fn is_own_path(name: &[u8]) -> bool {
    matches!(name, b"script_name" | b"path_translated" | b"url")
}

/// Whether request data, or bytes made of it, are in a value.
pub(super) fn bytes_of(flags: TaintFlags) -> bool {
    flags.intersects(TaintFlags::DATA | TaintFlags::NUMBER)
}

/// What text made of numbers keeps of them.
pub(super) fn textual(flags: TaintFlags) -> TaintFlags {
    if flags.intersects(TaintFlags::NUMBER) { (flags - TaintFlags::NUMBER) | TaintFlags::DATA } else { flags }
}

/// What is read from a place keeps of the place's name. Which of the files below a folder of its own a page takes is not for
/// whoever asks to choose freely.
pub(super) fn chosen(flags: TaintFlags) -> TaintFlags {
    let kept = flags
        - (TaintFlags::TAINT
            | TaintFlags::WHOLE
            | TaintFlags::TAIL
            | TaintFlags::DERIVED
            | TaintFlags::SECRET
            | TaintFlags::FORM);
    let own = flags.intersects(TaintFlags::MAPPED) && !flags.intersects(TaintFlags::LEADS);
    if flags.intersects(TaintFlags::TAINT) && !own { kept | TaintFlags::CHOSEN } else { kept }
}
