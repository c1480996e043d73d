//! Taint analysis, from source to sink: goes over a program's nodes in order, a few times until nothing new is learnt, and keeps for each
//! what its value is made of. Branches and loops are not distinguished: what may reach, counts.

mod calls;
mod effects;
pub(super) mod fold;
mod members;
mod names;
mod nodes;
mod objects;
mod operators;
mod php;
mod store;
pub mod value;
pub(crate) mod words;

use super::api_model::{Meaning, Platform, Sink, Types, types};
use super::evaluate::Computed;
use super::structure::Language;
use super::token::{Interner, Punct, Symbol};
use super::tree::{ByNumber, FunctionId, Node, NodeId, Tree, VarId};
use std::collections::{HashMap, HashSet};
use value::{Constant, StepId, TaintFlags, Texts, Value};

/// A sink that is reached.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Which sink.
    pub sink: Sink,
    /// Where.
    pub node: NodeId,
    /// What matters most: the code, the command, the path.
    pub main: Value,
    /// What else does: the content of a file, the object.
    pub second: Value,
    /// The kinds of the object whose method it is.
    pub receiver: Types,
    /// How many arguments there are.
    pub arguments: u32,
}

/// A step of a data flow.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Where.
    pub node: NodeId,
    /// The variable that took it, if one did.
    pub var: Option<VarId>,
    /// The step before.
    pub from: Option<StepId>,
}

/// What is known of a program.
#[derive(Debug, Default)]
pub struct Flow {
    /// The value of each node.
    pub values: Vec<Value>,
    /// Sinks that are reached, in the order of the program.
    pub events: Vec<Event>,
    /// Steps, by [`StepId`].
    pub steps: Vec<Step>,
    /// Constants.
    pub texts: Texts,
    /// Constants that are run as code where they are one of several: by the node that runs them.
    pub several: Vec<(NodeId, Constant)>,
    /// Whether a budget ended before the work did.
    pub truncated: bool,
    /// Whether more has one name than is distinguished, where it may matter: any large library has that.
    pub ambiguous: bool,
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
/// How many elements of arrays and entries of sessions are distinguished.
const MAX_ELEMENTS: usize = 1 << 16;

/// How much work following may be: what it takes is subtracted.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// How many bytes of constants may be made in each of the first passes, and in all that follow them.
    pub constants: usize,
    /// How many nodes may be looked at in passes behind the first ones.
    pub visits: usize,
}

/// Follows the values of a program until nothing new is learnt, or until the work is used up, which [`Flow::truncated`] reports. `classic` says
/// that it is classic ASP, which knows no classes of .NET.
pub fn analyze(
    tree: &Tree,
    interner: &Interner,
    seeds: &[Seed],
    classic: bool,
    work: &mut Work,
    computed: &Computed,
) -> Flow {
    let mut analyzer = Analyzer {
        tree,
        interner,
        classic,
        computed,
        platform: tree.languages.first().map_or(Platform::Windows, |(_, language)| Platform::of(*language)),
        extracted: ByNumber::default(),
        keys: HashMap::new(),
        counted: HashSet::new(),
        meanings: Vec::new(),
        states: vec![State::default(); tree.vars.len()],
        elements: HashMap::new(),
        flow: Flow { texts: Texts::new(work.constants), ..Flow::default() },
        steps_of: [vec![None; tree.nodes.len()], vec![None; tree.nodes.len()]],
        changed: false,
        literals: vec![None; interner.literals.len()],
        given: HashMap::new(),
        taken: ByNumber::default(),
        bases: HashMap::new(),
        left: work.visits,
        passes: 0,
    };
    analyzer.begin(seeds);
    loop {
        analyzer.flow.texts.keep_spent(analyzer.passes >= PASSES);
        analyzer.pass();
        analyzer.passes += 1;
        if !analyzer.changed {
            break;
        }
        if analyzer.passes >= PASSES {
            // Every name may learn from the one behind it, as often as there are names: no number of passes is enough.
            let cost = tree.nodes.len().max(1);
            if analyzer.left < cost || analyzer.flow.texts.is_spent() {
                analyzer.flow.truncated = true;
                break;
            }
            analyzer.left -= cost;
        }
    }
    work.visits = analyzer.left;
    analyzer.flow.ambiguous |= tree.truncated;
    analyzer.flow.truncated |= analyzer.flow.texts.is_spent();
    analyzer.flow
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
    /// What assignments put into it, but for what calls bind to a parameter; and the step that led there.
    own: (TaintFlags, Option<StepId>),
    /// What assignments put into the object that it holds.
    filled: (TaintFlags, Option<StepId>),
    /// Whether the last thing that was done to it was to put something in front of it: `x = "folder/" & x`.
    bound: bool,
    /// An object that every page has: its own members change nothing about it.
    intrinsic: bool,
}

struct Analyzer<'f> {
    tree: &'f Tree,
    interner: &'f Interner,
    classic: bool,
    computed: &'f Computed,
    platform: Platform,
    /// Functions of PHP whose variables a request fills, and where it comes from.
    extracted: ByNumber<FunctionId, Option<StepId>>,
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
    steps_of: [Vec<Option<StepId>>; 2],
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

impl Analyzer<'_> {
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
        let step = self.step(at, None, None);
        for &parameter in &function.parameters {
            let var = &tree.vars[parameter as usize];
            let types = var.class.map_or(Types::empty(), |class| self.class(class));
            let value = Value { flags: TaintFlags::DATA | TaintFlags::WHOLE, step, types, ..Value::default() };
            self.set(at, parameter, value, true);
        }
    }

    /// The step at a node: where data comes in, or where a variable takes it. A node keeps the first of each that it gets.
    pub(super) fn step(&mut self, node: NodeId, var: Option<VarId>, from: Option<StepId>) -> Option<StepId> {
        let steps = &mut self.steps_of[usize::from(var.is_some())];
        let known = steps.get(node as usize).copied().flatten();
        if known.is_some() {
            return known;
        }
        let step = Some(StepId::new(self.flow.steps.len()));
        self.flow.steps.push(Step { node, var, from });
        if let Some(known) = steps.get_mut(node as usize) {
            *known = step;
        }
        step
    }

    pub(super) fn event(
        &mut self,
        sink: Sink,
        node: NodeId,
        main: Value,
        second: Value,
        receiver: Types,
        arguments: u32,
    ) {
        let (main, second) = match self.platform {
            Platform::Php => (self.php_sure(main), self.php_sure(second)),
            _ => (main, second),
        };
        if sink == Sink::Evaluate && main.constant == Constant::Unknown {
            self.one_of_several(node);
        }
        if self.flow.events.len() < MAX_EVENTS {
            self.flow.events.push(Event { sink, node, main, second, receiver, arguments });
        } else {
            self.flow.truncated = true;
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
            self.flow.truncated |= *more || room < constants.len();
        }
    }

    pub(super) fn variable(&mut self, var: VarId, function: FunctionId) -> Value {
        let state = &self.states[var as usize];
        let known = state.before <= 1 && state.assigned <= 1 || state.function == function && state.assigned > 0;
        let mut value = state.value;
        if state.bound && state.function == function {
            value.flags -= TaintFlags::AT_START;
        }
        Value { constant: if known { state.constant } else { Constant::Unknown }, ..value }
    }
}
