//! What reaches what: goes over a program's nodes in order, a few times until nothing new is learnt, and keeps for each
//! what its value is made of. Branches and loops are not told apart: what may reach, counts.

mod calls;
pub(super) mod fold;
mod objects;
mod php;
mod rows;
mod store;
pub mod value;
pub(crate) mod words;

use super::api_model::{self, Meaning, Sink, Tongue, Types, types};
use super::evaluate::Computed;
use super::structure::Language;
use super::token::{Interner, Punct, Symbol};
use super::tree::{ByNumber, FunctionId, NOTHING, Node, NodeId, Tree, VarId};
use std::collections::{HashMap, HashSet};
use value::{Constant, TaintFlags, Texts, Value};
use words::text_flags;

/// A use of a capability.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What is used.
    pub act: Sink,
    /// Where.
    pub node: NodeId,
    /// What matters most: the code, the command, the path.
    pub main: Value,
    /// What else does: the content of a file, the object.
    pub second: Value,
    /// What the object is, by the name it is called by.
    pub own: Types,
    /// How many arguments there are.
    pub arguments: u32,
}

/// A step on the way of a value.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Where.
    pub node: NodeId,
    /// The variable that took it, if one did.
    pub var: Option<VarId>,
    /// The step before; 0 for none.
    pub from: u32,
}

/// What is known of a program.
#[derive(Debug, Default)]
pub struct Flow {
    /// The value of each node.
    pub values: Vec<Value>,
    /// Capabilities used, in the order of the program.
    pub events: Vec<Event>,
    /// Steps; number 0 stands for none.
    pub steps: Vec<Step>,
    /// Constants.
    pub texts: Texts,
    /// Constants that are run as code where they are one of several: by the node that runs them.
    pub several: Vec<(NodeId, Constant)>,
    /// Whether a budget ended before the work did.
    pub cut: bool,
    /// Whether more has one name than is told apart, where it may matter: any large library has that.
    pub many: bool,
}

/// A name that is known before the code is read: a control or an object of the page.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// Its name.
    pub symbol: Symbol,
    /// What it is.
    pub types: Types,
}

/// How often the program is gone over whatever its size, should each time teach something.
const PASSES: usize = 4;
/// How often something can become known of a variable's content, or unknown again, before that is no reason to go on.
const TURNS: u8 = 4;
/// How many capabilities are kept.
const MAX_EVENTS: usize = 20_000;
/// How many constants of a parameter are kept.
const MAX_TAKEN: usize = 4096;
/// How many of them are kept for the places that run them.
const MAX_SEVERAL: usize = 16_384;
/// How many members and elements lie between a name and what is put into it.
const LONGEST_CHAIN: usize = 64;
/// How many elements of arrays and entries of sessions are told apart.
const MAX_ELEMENTS: usize = 1 << 16;

/// How much work following may be: what it takes is subtracted.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// How many bytes of constants may be made in each of the first passes, and in all that follow them.
    pub constants: usize,
    /// How many nodes may be looked at in passes behind the first ones.
    pub visits: usize,
}

/// Follows the values of a program until nothing new is learnt, or until the work is used up, which is told. `classic` says
/// that it is classic ASP, which knows no classes of .NET.
pub fn follow(
    tree: &Tree,
    interner: &Interner,
    seeds: &[Seed],
    classic: bool,
    work: &mut Work,
    computed: &Computed,
) -> Flow {
    let mut follower = Follower {
        tree,
        interner,
        classic,
        computed,
        tongue: tree.languages.first().map_or(Tongue::Windows, |(_, language)| Tongue::of(*language)),
        extracted: ByNumber::default(),
        keys: HashMap::new(),
        counted: HashSet::new(),
        meanings: Vec::new(),
        states: vec![State::default(); tree.vars.len()],
        elements: HashMap::new(),
        flow: Flow {
            texts: Texts::new(work.constants),
            steps: vec![Step { node: 0, var: None, from: 0 }],
            ..Flow::default()
        },
        steps_of: [vec![0; tree.nodes.len()], vec![0; tree.nodes.len()]],
        changed: false,
        literals: vec![None; interner.literals.len()],
        given: HashMap::new(),
        taken: ByNumber::default(),
        bases: HashMap::new(),
        left: work.visits,
        passes: 0,
    };
    follower.begin(seeds);
    loop {
        follower.flow.texts.keep_spent(follower.passes >= PASSES);
        follower.pass();
        follower.passes += 1;
        if !follower.changed {
            break;
        }
        if follower.passes >= PASSES {
            // Every name may learn from the one behind it, as often as there are names: no number of passes is enough.
            let cost = tree.nodes.len().max(1);
            if follower.left < cost || follower.flow.texts.is_spent() {
                follower.flow.cut = true;
                break;
            }
            follower.left -= cost;
        }
    }
    work.visits = follower.left;
    follower.flow.many |= tree.cut;
    follower.flow.cut |= follower.flow.texts.is_spent();
    follower.flow
}

/// What is known of a variable.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Of all that was ever assigned.
    value: Value,
    /// What was assigned last.
    constant: Constant,
    /// In which function.
    function: FunctionId,
    /// How often in this pass, and in the one before.
    assigned: u32,
    before: u32,
    /// Whether its content was known when the pass before ended, and how often that has changed.
    known: bool,
    turns: u8,
    /// What assignments put into it, but for what calls bind to a parameter; and the way of that.
    own: (TaintFlags, u32),
    /// What assignments put into the object that it holds.
    filled: (TaintFlags, u32),
    /// Whether the last thing that was done to it was to put something in front of it: `x = "folder/" & x`.
    bound: bool,
    /// An object that every page has: its own members change nothing about it.
    intrinsic: bool,
}

struct Follower<'f> {
    tree: &'f Tree,
    interner: &'f Interner,
    classic: bool,
    computed: &'f Computed,
    tongue: Tongue,
    /// Functions of PHP whose variables a request fills, and where it comes from.
    extracted: ByNumber<FunctionId, u32>,
    /// Variables of PHP that are counted: what they begin with is not what they stay.
    counted: HashSet<VarId>,
    /// What stands under a key of any list or object of PHP: that a name is the same elsewhere is likely enough.
    keys: HashMap<u64, Value>,
    /// By symbol.
    meanings: Vec<Option<&'static Meaning>>,
    states: Vec<State>,
    elements: HashMap<(VarId, u64), Value>,
    flow: Flow,
    /// Steps by node: where data comes in, and where a variable takes it.
    steps_of: [Vec<u32>; 2],
    changed: bool,
    literals: Vec<Option<Value>>,
    /// What code inside constants gave in the pass before, by the node that runs it.
    given: HashMap<NodeId, Value>,
    /// Constants that parameters take from different calls.
    taken: ByNumber<VarId, Taken>,
    /// What the classes of this file are made from, however far up.
    bases: HashMap<Symbol, Types>,
    /// How many nodes may still be looked at behind the first passes.
    left: usize,
    /// Which pass this is.
    passes: usize,
}

/// The constants that one parameter takes.
#[derive(Debug, Default)]
struct Taken {
    constants: Vec<Constant>,
    /// What they hold, so that the same one is kept once.
    known: HashSet<u64>,
    /// Whether there were more.
    more: bool,
    /// In which pass one came last, and in how many passes one came.
    pass: usize,
    turns: u8,
}

impl Follower<'_> {
    pub(super) fn begin(&mut self, seeds: &[Seed]) {
        let names = (0..self.interner.len()).map(|at| self.interner.name(at as Symbol));
        self.meanings = names.map(|name| api_model::meaning_in(self.tongue, name)).collect();
        self.bases = bases(self.tree, &self.meanings);
        for (at, var) in self.tree.vars.iter().enumerate() {
            let name = self.interner.name(var.symbol);
            let class = var.class.map_or(Types::empty(), |class| self.class(class));
            let state = &mut self.states[at];
            state.value.types = class;
            if !var.declared && !self.tree.functions[var.function as usize].foreign {
                if let Some(types) = intrinsic(name, self.classic, self.tongue) {
                    state.value.types = types;
                    state.intrinsic = true;
                } else if !self.classic {
                    // The class itself, for what is called on it.
                    state.value.types = class_of(self.tree, &self.meanings, &self.bases, var.symbol);
                }
            }
        }
        if self.tongue == Tongue::Php {
            self.counted = php::counted(self.tree);
        }
        for seed in seeds {
            if let Some(&var) = self.tree.scopes.get(&(0, seed.symbol)) {
                self.states[var as usize].value.types = seed.types;
            }
        }
    }

    /// Whether a name means a name space or a class: what is put into something below it does not go into all of it.
    pub(super) fn is_static(&self, var: VarId) -> bool {
        let (known, state) = (&self.tree.vars[var as usize], &self.states[var as usize]);
        self.is_elsewhere(var)
            && (self.is_name_space(known.symbol)
                || !state.value.types.is_empty()
                || self.tree.aliases.contains_key(&known.symbol)
                || self.tree.has_class(known.symbol))
    }

    /// Whether nothing declares a name and nothing is assigned to it: only other files can say what it is.
    pub(super) fn is_elsewhere(&self, var: VarId) -> bool {
        let (known, state) = (&self.tree.vars[var as usize], &self.states[var as usize]);
        !(self.classic || known.declared || state.intrinsic || state.assigned > 0 || state.before > 0)
    }

    pub(super) fn is_name_space(&self, name: Symbol) -> bool {
        matches!(self.interner.name(name), b"system" | b"microsoft" | b"my" | b"global")
            || self.tree.namespaces.contains_key(&name)
    }

    /// The kinds of a class by its name.
    pub(super) fn class(&self, symbol: Symbol) -> Types {
        class_of(self.tree, &self.meanings, &self.bases, symbol)
    }

    pub(super) fn meaning(&self, symbol: Symbol) -> Option<&'static Meaning> {
        self.meanings.get(symbol as usize).copied().flatten()
    }

    pub(super) fn pass(&mut self) {
        self.changed = false;
        self.flow.events.clear();
        self.flow.several.clear();
        self.flow.values.clear();
        self.flow.values.reserve_exact(self.tree.nodes.len());
        for state in &mut self.states {
            state.before = state.assigned;
            state.assigned = 0;
            state.bound = false;
            if state.before > 1 {
                state.constant = Constant::Unknown;
            }
        }
        for at in 0..self.tree.nodes.len() {
            let value = self.value(at as NodeId);
            let value = self.computed(at as NodeId, value);
            self.flow.values.push(value);
        }
        // A constant may be handed on from name to name, too. Of one that grows each time nothing new is learnt.
        for state in &mut self.states {
            let known = state.constant != Constant::Unknown && state.assigned <= 1;
            if known != state.known && state.turns < TURNS {
                state.turns += 1;
                self.changed = true;
            }
            state.known = known;
        }
        for &(at, last) in &self.tree.nested {
            let mut value = Value { constant: Constant::Unknown, ..self.of(last) };
            let before = self.given.get(&at).copied();
            value = before.map_or(value, |before| Value { constant: Constant::Unknown, ..before.or(value) });
            if before != Some(value) {
                self.given.insert(at, value);
                self.changed = true;
            }
        }
    }

    pub(super) fn of(&self, node: NodeId) -> Value {
        self.flow.values.get(node as usize).copied().unwrap_or_default()
    }

    pub(super) fn value(&mut self, at: NodeId) -> Value {
        match self.tree.node(at) {
            Node::Empty => Value::default(),
            Node::Number(number) => {
                let constant = match number {
                    NOTHING => self.flow.texts.add(b""),
                    u32::MAX => Constant::Unknown,
                    _ => Constant::Number(i64::from(number)),
                };
                Value { constant, ..Value::default() }
            }
            Node::Text(literal) => self.literal(literal),
            Node::Name(var) => {
                if self.tongue == Tongue::Php
                    && let Some(value) = self.php_name(at, var)
                {
                    return value;
                }
                let mut value = self.variable(var, self.tree.nodes[at as usize].function);
                if matches!(value.constant, Constant::Number(_)) && self.counted.contains(&var) {
                    value.constant = Constant::Unknown;
                }
                // JScript's own eval, taken as a value.
                if self.tree.language(at) == Language::JScript
                    && !self.tree.vars[var as usize].declared
                    && self.interner.name(self.tree.vars[var as usize].symbol) == b"eval"
                {
                    return Value { types: types::JSCRIPT_EVAL, ..value };
                }
                if value.constant == Constant::Unknown
                    && !self.tree.vars[var as usize].declared
                    && let Some(text) = known_constant(self.interner.name(self.tree.vars[var as usize].symbol))
                {
                    return Value { constant: self.flow.texts.add(text), ..value };
                }
                value
            }
            Node::Member(of, symbol) => self.member(at, of, symbol),
            Node::Call(callee, list) => self.call(at, callee, list),
            Node::Index(of, list) => self.index(at, of, list),
            Node::New(class, list) => self.make(at, class, list),
            Node::Array(list) => {
                let mut value = Value::default();
                let mut constants = Vec::new();
                for &item in self.tree.list(list) {
                    let item = self.of(item);
                    constants.push(item.constant);
                    value = value.or(Value { constant: Constant::Unknown, types: Types::empty(), ..item });
                }
                value.constant = self.flow.texts.add_list(constants);
                value
            }
            Node::Init(object, list) => {
                let mut value = self.of(object);
                for &item in self.tree.list(list) {
                    let item = self.of(item);
                    value = value.or(Value { types: Types::empty(), names: Types::empty(), ..item });
                }
                value.constant = Constant::Unknown;
                self.made(at, value);
                value
            }
            Node::Binary(sign, left, right) => self.binary(sign, left, right),
            Node::Either(left, right) => {
                let (left, right) = (self.of(left), self.of(right));
                let value = left.or(right);
                // `a ?? "x"`: the constant, where it is the only one.
                let constant = if left.constant == Constant::Unknown { right.constant } else { left.constant };
                Value {
                    constant: if value.flags.intersects(TaintFlags::TAINT) { Constant::Unknown } else { constant },
                    ..value
                }
            }
            Node::Unary(sign, of) => {
                let of = self.of(of);
                if self.tongue == Tongue::Php {
                    if let Some(constant) = self.php_unary(sign, of.constant) {
                        return Value { constant, ..of };
                    }
                    if sign == Punct::Not {
                        return Value { constant: Constant::Unknown, flags: of.flags | TaintFlags::BUILT, ..of };
                    }
                    if sign == Punct::Step {
                        return Value { constant: Constant::Unknown, flags: numeric(of.flags), ..of };
                    }
                    // The keys of what a loop goes over.
                    if sign == Punct::At {
                        let named = if of.flags.intersects(TaintFlags::DATA) {
                            TaintFlags::NAME | TaintFlags::WHOLE
                        } else {
                            TaintFlags::empty()
                        };
                        let mixed = of.flags & TaintFlags::MIXED;
                        return Value { flags: named | mixed, step: of.step, ..Value::default() };
                    }
                }
                let constant = match (sign, of.constant) {
                    (Punct::Subtract, Constant::Number(number)) => Constant::Number(number.saturating_neg()),
                    (Punct::Not, Constant::Number(number)) => Constant::Number(!number),
                    _ => Constant::Unknown,
                };
                Value { constant, flags: numeric(of.flags), ..of }
            }
            Node::Cast(class, of) => self.cast(class, of),
            Node::Assign(target, value, more) => self.assign(at, target, value, more),
            Node::Each(target, collection) => {
                let mut value = self.of(collection);
                value.constant = Constant::Unknown;
                self.store(at, target, value, true);
                // The accounts of a computer or a directory are gone through.
                if value.types.intersects(types::ADSI) {
                    self.event(Sink::Account, at, value, Value::default(), value.types, 0);
                }
                value
            }
            Node::Return(function, value) => {
                let value = self.of(value);
                if let Some(function) = self.tree.functions.get(function as usize) {
                    let result = function.result;
                    self.set(at, result, value, false);
                }
                value
            }
            Node::Output(value) => {
                let value = self.of(value);
                self.event(Sink::Output, at, value, Value::default(), Types::empty(), 1);
                Value::default()
            }
            Node::Class(_) => {
                self.event(Sink::Define, at, Value::default(), Value::default(), Types::empty(), 0);
                Value::default()
            }
            Node::Function(function) => {
                self.enter(at, function);
                Value::default()
            }
        }
    }

    /// A value with the content that running the page's own decoders gave it, where nothing else is known of it.
    fn computed(&mut self, at: NodeId, value: Value) -> Value {
        if value.constant != Constant::Unknown
            || self.computed.values.is_empty()
            || value.flags.intersects(TaintFlags::TAINT)
            || !matches!(self.tree.node(at), Node::Name(_) | Node::Call(..) | Node::Member(..) | Node::Index(..))
        {
            return value;
        }
        let start = self.tree.nodes[at as usize].start;
        let Some(bytes) = self.computed.values.get(&start) else { return value };
        let flags = (value.flags - TaintFlags::TAIL) | text_flags(bytes);
        Value { constant: self.flow.texts.add(bytes), flags, names: types::moniker(bytes), ..value }
    }

    /// A function that is called from outside has request data in its parameters.
    pub(super) fn enter(&mut self, at: NodeId, function: FunctionId) {
        let tree = self.tree;
        let Some(function) = tree.functions.get(function as usize) else { return };
        let name = self.interner.name(function.symbol);
        let promised = tree
            .by_name
            .get(&function.symbol)
            .is_some_and(|same| same.iter().any(|&other| tree.functions[other as usize].attributes.remote));
        let called = matches!(name, b"onmessage" | b"raisecallbackevent" | b"onmessageasync" | b"raisepostbackevent");
        if !(function.attributes.remote || promised || called) {
            return;
        }
        let step = self.step(at, None, 0);
        for &parameter in &function.parameters {
            let var = &tree.vars[parameter as usize];
            let types = var.class.map_or(Types::empty(), |class| self.class(class));
            let value = Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, types, ..Value::default() };
            self.set(at, parameter, value, true);
        }
    }

    pub(super) fn step(&mut self, node: NodeId, var: Option<VarId>, from: u32) -> u32 {
        let known = self.steps_of[usize::from(var.is_some())].get(node as usize).copied().unwrap_or(0);
        if known != 0 {
            return known;
        }
        let step = self.flow.steps.len() as u32;
        self.flow.steps.push(Step { node, var, from });
        if let Some(known) = self.steps_of[usize::from(var.is_some())].get_mut(node as usize) {
            *known = step;
        }
        step
    }

    pub(super) fn event(&mut self, act: Sink, node: NodeId, main: Value, second: Value, own: Types, arguments: u32) {
        let (main, second) = match self.tongue {
            Tongue::Php => (self.php_sure(main), self.php_sure(second)),
            _ => (main, second),
        };
        if act == Sink::Evaluate && main.constant == Constant::Unknown {
            self.one_of_several(node);
        }
        if self.flow.events.len() < MAX_EVENTS {
            self.flow.events.push(Event { act, node, main, second, own, arguments });
        } else {
            self.flow.cut = true;
        }
    }

    /// Keeps what a parameter that is run as code is called with.
    pub(super) fn one_of_several(&mut self, node: NodeId) {
        let (Node::Call(_, list) | Node::New(_, list)) = self.tree.node(node) else { return };
        let Some(&first) = self.tree.list(list).first() else { return };
        let Node::Name(var) = self.tree.node(first) else { return };
        if let Some(Taken { constants, more, .. }) = self.taken.get(&var) {
            let room = MAX_SEVERAL.saturating_sub(self.flow.several.len());
            self.flow.several.extend(constants.iter().map(|&constant| (node, constant)).take(room));
            self.flow.cut |= *more || room < constants.len();
        }
    }

    pub(super) fn literal(&mut self, literal: u32) -> Value {
        if let Some(Some(value)) = self.literals.get(literal as usize) {
            return *value;
        }
        let bytes = self.interner.literal(literal);
        let constant = self.flow.texts.add(bytes);
        let value = Value { constant, flags: text_flags(bytes), names: types::moniker(bytes), ..Value::default() };
        if let Some(known) = self.literals.get_mut(literal as usize)
            && constant != Constant::Unknown
        {
            *known = Some(value);
        }
        value
    }

    pub(super) fn variable(&mut self, var: VarId, function: FunctionId) -> Value {
        let state = &self.states[var as usize];
        let known = state.before <= 1 && state.assigned <= 1 || state.function == function && state.assigned > 0;
        let mut value = state.value;
        if state.bound && state.function == function {
            value.flags -= TaintFlags::LEADS;
        }
        Value { constant: if known { state.constant } else { Constant::Unknown }, ..value }
    }

    pub(super) fn assign(&mut self, at: NodeId, target: NodeId, from: NodeId, more: bool) -> Value {
        let mut value = self.of(from);
        if more {
            let before = self.of(target);
            value = self.joined(before, value);
        }
        self.store(at, target, value, false);
        if let Node::Name(var) = self.tree.node(target)
            && !value.flags.intersects(TaintFlags::LEADS)
            && self.puts_in_front(from, var)
        {
            self.states[var as usize].bound = true;
        }
        value
    }

    /// Whether an expression is what a variable holds with something in front of it, and perhaps something behind.
    fn puts_in_front(&self, mut node: NodeId, var: VarId) -> bool {
        for _ in 0..8 {
            let Node::Binary(Punct::Concat | Punct::Add, left, right) = self.tree.node(node) else { return false };
            if matches!(self.tree.node(right), Node::Name(name) if name == var) {
                return true;
            }
            node = left;
        }
        false
    }

    /// Two texts in a row.
    pub(super) fn joined(&mut self, left: Value, right: Value) -> Value {
        let mut value = left.or(right);
        value.constant = match (left.constant, right.constant) {
            (Constant::Number(l), Constant::Number(r)) => Constant::Number(l.saturating_add(r)),
            (Constant::Unknown, _) | (_, Constant::Unknown) => Constant::Unknown,
            (Constant::List(_), Constant::Text(_)) | (Constant::Text(_), Constant::List(_))
                if self.tongue == Tongue::Php =>
            {
                // A list as a text is a word to take letters from.
                value.flags |= TaintFlags::BUILT;
                Constant::Unknown
            }
            (l, r) => self.flow.texts.join(l, r),
        };
        // Of a long text nothing is asked: it grows, and would be read again each time.
        let blank = |value: Value| {
            self.flow.texts.text(value.constant).is_some_and(|text| text.len() <= 64 && text.trim_ascii().is_empty())
        };
        let here = self.tongue == Tongue::Php && matches!(self.flow.texts.text(left.constant), Some(b"./"));
        let (empty, nothing) = (blank(left) || here, blank(right));
        let mut flags = value.flags - (TaintFlags::WHOLE | TaintFlags::TAIL);
        if left.flags.intersects(TaintFlags::LEADS) || empty && right.flags.intersects(TaintFlags::LEADS) {
            flags |= TaintFlags::LEADS;
        }
        let ends = self.flow.texts.text(right.constant).is_some_and(|text| text.is_empty());
        if right.flags.intersects(TaintFlags::ENDS) || nothing && left.flags.intersects(TaintFlags::ENDS) {
            flags |= TaintFlags::ENDS;
        }
        flags |= right.flags & TaintFlags::TAIL;
        if ends {
            flags |= left.flags & TaintFlags::TAIL;
        }
        if let Constant::Text(text) = value.constant {
            let bytes = self.flow.texts.bytes(text);
            // Short texts are looked at again: they may name something only now.
            if bytes.len() <= 64 {
                flags = (flags - (TaintFlags::PAGE_NAME | TaintFlags::PROGRAM)) | text_flags(bytes);
                value.names |= types::moniker(bytes);
            } else {
                let text = |value: Value| self.flow.texts.text(value.constant).unwrap_or_default();
                if text(left).ends_with(b"<") && text(right).starts_with(b"%") {
                    flags |= TaintFlags::CODE;
                }
            }
        }
        value.flags = flags;
        value.types = Types::empty();
        value
    }

    pub(super) fn binary(&mut self, sign: Punct, left: NodeId, right: NodeId) -> Value {
        let (left, mut right) = (self.of(left), self.of(right));
        match sign {
            // An entry of a list of PHP.
            Punct::Lambda => {
                self.php_keep(left.constant, right);
                right.flags = mixed(right.flags);
                right
            }
            Punct::Add | Punct::Concat => {
                if sign == Punct::Concat
                    && let (Constant::Number(_), Constant::Number(_)) = (left.constant, right.constant)
                {
                    let written = self.flow.texts.written(left.constant).unwrap_or_default();
                    return self.joined(Value { constant: written, ..left }, right);
                }
                self.joined(left, right)
            }
            Punct::Equal | Punct::NotEqual | Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual => {
                Value::default()
            }
            Punct::And | Punct::Or => {
                // `x || y` of JScript is one of them.
                let value = left.or(right);
                Value { constant: Constant::Unknown, ..value }
            }
            _ => {
                if self.tongue == Tongue::Php
                    && let Some(constant) = self.php_bytes(sign, left.constant, right.constant)
                {
                    let value = Value { constant, types: Types::empty(), names: Types::empty(), ..left.or(right) };
                    return Value { flags: value.flags, ..value };
                }
                let number = |value: Value| fold::as_number(value.constant, &self.flow.texts);
                let constant = match (number(left), number(right)) {
                    (Some(l), Some(r)) => arithmetic(sign, l, r).map_or(Constant::Unknown, Constant::Number),
                    _ => Constant::Unknown,
                };
                let both = left.or(right);
                let mut flags = numeric(both.flags);
                if sign == Punct::Xor && constant == Constant::Unknown {
                    flags |= TaintFlags::BUILT;
                }
                Value { constant, flags, types: Types::empty(), names: Types::empty(), ..both }
            }
        }
    }
}

fn arithmetic(sign: Punct, left: i64, right: i64) -> Option<i64> {
    match sign {
        Punct::Subtract => left.checked_sub(right),
        Punct::Multiply => left.checked_mul(right),
        Punct::Divide if right != 0 && left.checked_rem(right)? == 0 => left.checked_div(right),
        Punct::IntDivide => left.checked_div(right),
        Punct::Remainder => left.checked_rem(right),
        Punct::Xor => Some(left ^ right),
        Punct::BitAnd => Some(left & right),
        Punct::BitOr => Some(left | right),
        Punct::ShiftLeft => left.checked_shl(u32::try_from(right).ok()?),
        Punct::ShiftRight => left.checked_shr(u32::try_from(right).ok()?),
        Punct::Power => left.checked_pow(u32::try_from(right).ok()?),
        _ => None,
    }
}

/// Traits of an entry, where it stands in a list.
fn mixed(flags: TaintFlags) -> TaintFlags {
    if flags.intersects(TaintFlags::TAINT | TaintFlags::BUILT) { flags | TaintFlags::MIXED } else { flags }
}

/// What a number keeps of what it was made from.
fn numeric(flags: TaintFlags) -> TaintFlags {
    let kept = flags & (TaintFlags::BUILT | TaintFlags::STORED | TaintFlags::NUMBER | TaintFlags::CHOSEN);
    if flags.intersects(TaintFlags::DATA) { kept | TaintFlags::NUMBER } else { kept }
}

/// Constants of the Basics by their names.
fn known_constant(name: &[u8]) -> Option<&'static [u8]> {
    Some(match name {
        b"vbcrlf" | b"vbnewline" => b"\r\n",
        b"vbcr" => b"\r",
        b"vblf" => b"\n",
        b"vbtab" => b"\t",
        b"vbnullchar" => b"\0",
        b"vbnullstring" => b"",
        _ => return None,
    })
}

/// Objects that every page has.
fn intrinsic(name: &[u8], classic: bool, tongue: Tongue) -> Option<Types> {
    match tongue {
        Tongue::Windows => {}
        Tongue::Php => return php::intrinsic(name),
        Tongue::Java => {
            return Some(match name {
                b"request" => types::REQUEST,
                b"response" | b"out" => types::RESPONSE,
                b"session" => types::STORE,
                b"pagecontext" | b"application" | b"config" => types::CONTEXT,
                b"this" | b"super" => Types::empty(),
                _ => return None,
            });
        }
    }
    Some(match name {
        b"request" => types::REQUEST,
        b"response" => types::RESPONSE,
        b"server" => types::SERVER,
        b"session" | b"application" => types::STORE,
        b"viewstate" | b"cache" | b"tempdata" | b"viewbag" | b"viewdata" if !classic => types::STORE,
        b"context" | b"httpcontext" | b"objectcontext" => types::CONTEXT,
        b"page" | b"this" | b"me" | b"base" | b"mybase" if !classic => types::CONTEXT,
        _ => return None,
    })
}

fn class_of(
    tree: &Tree,
    meanings: &[Option<&'static Meaning>],
    bases: &HashMap<Symbol, Types>,
    symbol: Symbol,
) -> Types {
    let symbol = tree.aliases.get(&symbol).copied().unwrap_or(symbol);
    // A class of this file is what it is made from.
    bases.get(&symbol).copied().unwrap_or_else(|| meant(meanings, symbol))
}

fn meant(meanings: &[Option<&'static Meaning>], symbol: Symbol) -> Types {
    meanings.get(symbol as usize).copied().flatten().map_or(Types::empty(), |meaning| meaning.class)
}

/// What the classes of this file are made from: all their parts, and the classes of this file between them and a known one.
/// What a class is goes to those that are made from it once it grows, so a circle of classes ends.
fn bases(tree: &Tree, meanings: &[Option<&'static Meaning>]) -> HashMap<Symbol, Types> {
    let mut known: HashMap<Symbol, Types> = tree.classes.iter().map(|class| (class.symbol, Types::empty())).collect();
    let mut below: HashMap<Symbol, Vec<Symbol>> = HashMap::new();
    let mut fresh: Vec<Symbol> = Vec::new();
    for class in &tree.classes {
        for &base in &class.bases {
            let base = tree.aliases.get(&base).copied().unwrap_or(base);
            if known.contains_key(&base) && base != class.symbol {
                below.entry(base).or_default().push(class.symbol);
            }
            // By its name alone it may be a known class as well: `class Process : System.Diagnostics.Process`.
            let types =
                if base == class.symbol || !known.contains_key(&base) { meant(meanings, base) } else { Types::empty() };
            if let Some(all) = known.get_mut(&class.symbol)
                && !all.contains(types)
            {
                *all |= types;
                fresh.push(class.symbol);
            }
        }
    }
    while let Some(base) = fresh.pop() {
        let types = known.get(&base).copied().unwrap_or_default();
        for class in below.get(&base).into_iter().flatten() {
            if let Some(all) = known.get_mut(class)
                && !all.contains(types)
            {
                *all |= types;
                fresh.push(*class);
            }
        }
    }
    known
}
