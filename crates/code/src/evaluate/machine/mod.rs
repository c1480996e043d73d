//! Executes the instructions. Results of unknown values are unknown; of a branch on an unknown value both ways are
//! taken.

mod calls;
mod step;
mod variables;

use super::Computed;
use super::op::{BranchId, Program, StepIndex};
use super::value::Value;
use crate::code::structure::Language;
use crate::code::token::{Interner, Symbol};
use std::collections::HashMap;

/// How many calls wait for each other at most.
const DEEPEST: usize = 48;
/// How deep code in constants is run.
const DEEPEST_CODE: usize = 4;
/// How many tokens of code in constants are read.
const MOST_TOKENS: usize = 200_000;
/// How many characters are held by variables of one call before they count twice.
const PIECE: usize = 16;

struct Frame {
    routine: usize,
    at: usize,
    locals: HashMap<Symbol, Value>,
    slots: Vec<Value>,
    /// Whether a branch is gone both ways, or a loop once.
    open: Vec<bool>,
    /// How many such there were when a loop began.
    depth_at: Vec<usize>,
    /// Of the stack.
    base: usize,
    /// How many branches were open when it was called.
    depth: usize,
    /// Whether its names are those of the page.
    global: bool,
    /// How deep in constants its code lies.
    code: usize,
    result: Value,
}

pub(super) struct Machine<'m> {
    program: Program,
    interner: &'m mut Interner,
    globals: HashMap<Symbol, Value>,
    literals: Vec<Option<Value>>,
    frames: Vec<Frame>,
    stack: Vec<Value>,
    /// How many branches are gone both ways.
    open: usize,
    left: usize,
    /// How often each function was called with nothing known.
    called: Vec<u8>,
    kept: usize,
    tokens: usize,
    found: Computed,
}

impl<'m> Machine<'m> {
    pub(super) fn new(program: Program, interner: &'m mut Interner, steps: usize) -> Self {
        Self {
            program,
            interner,
            globals: HashMap::new(),
            literals: Vec::new(),
            frames: Vec::new(),
            stack: Vec::new(),
            open: 0,
            left: steps,
            called: Vec::new(),
            kept: 0,
            tokens: 0,
            found: Computed::default(),
        }
    }

    pub(super) fn run(mut self) -> Computed {
        let steps = self.left;
        self.called = vec![0; self.program.routines.len()];
        self.start(0);
        // What the server calls is called by nothing in the page.
        for routine in 1..self.program.routines.len() {
            if self.called[routine] == 0 && self.left > 0 {
                self.start(routine);
            }
        }
        self.found.steps = steps - self.left;
        self.found.truncated |= self.left == 0;
        self.found
    }

    fn start(&mut self, routine: usize) {
        self.stack.clear();
        self.frames.clear();
        self.open = 0;
        self.enter(routine, Vec::new(), routine == 0, 0);
        while self.left > 0 && !self.frames.is_empty() {
            self.left -= 1;
            self.step();
        }
    }

    fn spend(&mut self, cost: usize) {
        self.left = self.left.saturating_sub(cost);
    }

    fn enter(&mut self, routine: usize, arguments: Vec<Value>, global: bool, code: usize) {
        if let Some(called) = self.called.get_mut(routine) {
            *called = called.saturating_add(1);
        }
        let Some(target) = self.program.routines.get(routine) else { return };
        let mut locals = HashMap::new();
        let mut arguments = arguments.into_iter();
        for &parameter in &target.parameters {
            locals.insert(parameter, arguments.next().unwrap_or_default());
        }
        let basic = matches!(target.language, Some(Language::VbScript | Language::VisualBasic));
        if let Some(name) = target.name
            && basic
        {
            locals.insert(name, Value::text(b""));
        }
        let ids = target.branches as usize;
        self.frames.push(Frame {
            routine,
            at: 0,
            locals,
            slots: vec![Value::Unknown; target.slots as usize],
            open: vec![false; ids],
            depth_at: vec![0; ids],
            base: self.stack.len(),
            depth: self.open,
            global,
            code,
            result: Value::Unknown,
        });
        self.spend(ids / 8 + 8);
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.stack.truncate(frame.base);
        self.open = frame.depth;
        let mut result = frame.result;
        if result.is_unknown()
            && let Some(name) = self.program.routines[frame.routine].name
            && let Some(value) = frame.locals.get(&name)
            && self.basic_of(frame.routine)
        {
            result = value.clone();
        }
        self.stack.push(result);
    }

    fn basic_of(&self, routine: usize) -> bool {
        let language = self.program.routines.get(routine).and_then(|routine| routine.language);
        matches!(language, Some(Language::VbScript | Language::VisualBasic))
    }

    fn language(&self) -> Language {
        let routine = self.frames.last().and_then(|frame| self.program.routines.get(frame.routine));
        routine.and_then(|routine| routine.language).unwrap_or(Language::CSharp)
    }

    fn basic(&self) -> bool {
        matches!(self.language(), Language::VbScript | Language::VisualBasic)
    }

    fn pop(&mut self) -> Value {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        if self.stack.len() > base { self.stack.pop().unwrap_or_default() } else { Value::Unknown }
    }

    fn pop_many(&mut self, count: u8) -> Vec<Value> {
        let mut values: Vec<Value> = (0..count).map(|_| self.pop()).collect();
        values.reverse();
        values
    }

    fn jump(&mut self, to: StepIndex) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at = to;
        }
    }

    /// A branch or loop whose way is not known begins.
    fn begin_open(&mut self, id: BranchId) {
        if let Some(open) = self.frames.last_mut().and_then(|frame| frame.open.get_mut(id as usize))
            && !*open
        {
            *open = true;
            self.open += 1;
        }
    }

    fn end_open(&mut self, id: BranchId) {
        if let Some(open) = self.frames.last_mut().and_then(|frame| frame.open.get_mut(id as usize))
            && *open
        {
            *open = false;
            self.open = self.open.saturating_sub(1);
        }
    }

    fn is_open(&self, id: BranchId) -> bool {
        self.frames.last().and_then(|frame| frame.open.get(id as usize)).copied().unwrap_or(false)
    }

    fn code(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.code)
    }
}
