//! Runs the steps. What is not known makes what is made of it unknown, and of a branch on it both ways are gone.

use super::compile::{self, Op, Program};
use super::functions;
use super::value::{LONGEST, Value, bytes};
use super::{Computed, MOST_BYTES, MOST_TEXTS, RUNS};
use crate::code::lex::{Tokens, lex};
use crate::code::structure::{BlockKind, Language};
use crate::code::token::{Interner, Punct, Symbol};
use std::collections::HashMap;
use std::rc::Rc;

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
        self.found.cut |= self.left == 0;
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
        let ids = target.ids as usize;
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

    fn known(&self, name: Symbol) -> Option<&Value> {
        let frame = self.frames.last()?;
        frame.locals.get(&name).or_else(|| self.globals.get(&name))
    }

    /// The place of a variable, which is made if it is not there.
    fn variable(&mut self, name: Symbol) -> Option<&mut Value> {
        let frame = self.frames.last_mut()?;
        if frame.locals.contains_key(&name) {
            return frame.locals.get_mut(&name);
        }
        if frame.global || self.globals.contains_key(&name) {
            return Some(self.globals.entry(name).or_default());
        }
        Some(frame.locals.entry(name).or_default())
    }

    fn jump(&mut self, to: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at = to;
        }
    }

    /// A branch or loop whose way is not known begins.
    fn begin_open(&mut self, id: u32) {
        if let Some(open) = self.frames.last_mut().and_then(|frame| frame.open.get_mut(id as usize))
            && !*open
        {
            *open = true;
            self.open += 1;
        }
    }

    fn end_open(&mut self, id: u32) {
        if let Some(open) = self.frames.last_mut().and_then(|frame| frame.open.get_mut(id as usize))
            && *open
        {
            *open = false;
            self.open = self.open.saturating_sub(1);
        }
    }

    fn is_open(&self, id: u32) -> bool {
        self.frames.last().and_then(|frame| frame.open.get(id as usize)).copied().unwrap_or(false)
    }

    fn step(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(&op) = self.program.routines.get(frame.routine).and_then(|routine| routine.code.get(frame.at)) else {
            return self.leave();
        };
        frame.at += 1;
        match op {
            Op::Number(number) => self.stack.push(Value::Number(number)),
            Op::Literal(literal) => {
                let value = self.literal(literal);
                self.stack.push(value);
            }
            Op::Char(literal) => {
                let value = match self.literal(literal) {
                    Value::Text(text) if text.len() == 1 => Value::Char(text[0]),
                    other => other,
                };
                self.stack.push(value);
            }
            Op::Unknown => self.stack.push(Value::Unknown),
            Op::Load(name) => self.load(name),
            Op::Store(name) => {
                let value = self.stack.last().cloned().unwrap_or_default();
                if let Some(variable) = self.variable(name) {
                    *variable = value;
                }
            }
            Op::Declare(name) => {
                let empty = if self.basic() { Value::text(b"") } else { Value::Unknown };
                if let Some(frame) = self.frames.last_mut() {
                    let names = if frame.global { &mut self.globals } else { &mut frame.locals };
                    names.entry(name).or_insert(empty);
                }
            }
            Op::StoreField(name) => {
                let value = self.pop();
                let object = self.pop();
                if object.is_unknown()
                    && let Some(field) = self.globals.get_mut(&name)
                {
                    *field = value;
                }
                self.stack.push(Value::Unknown);
            }
            Op::Append(name, numbers) => self.append(name, numbers),
            Op::Element(count) => {
                let indexes = self.pop_many(count);
                let object = self.pop();
                self.stack.push(element(&object, &indexes).unwrap_or_default());
            }
            Op::ElementOf(name, count) => {
                let indexes = self.pop_many(count);
                let value = self.known(name).and_then(|object| element(object, &indexes)).unwrap_or_default();
                let value = self.as_character(value);
                self.stack.push(value);
            }
            Op::SetElement(name, count) => {
                let value = self.pop();
                let indexes = self.pop_many(count);
                self.set_element(name, &indexes, value.clone());
                self.stack.push(value);
            }
            Op::AlterElement(name, count, sign) => {
                let value = self.pop();
                let indexes = self.pop_many(count);
                let before = self.known(name).and_then(|object| element(object, &indexes)).unwrap_or_default();
                let basic = self.basic();
                let value = binary(sign, &before, &value, basic).unwrap_or_default();
                self.set_element(name, &indexes, value.clone());
                self.stack.push(value);
            }
            Op::Call(name, count, place) => self.call(name, count, place),
            Op::Method(name, count, place) => {
                let arguments = self.pop_many(count);
                let object = self.pop();
                self.method(name, &object, arguments, place);
            }
            Op::MethodOf(variable, name, count, place) => {
                let arguments = self.pop_many(count);
                self.method_of(variable, name, arguments, place);
            }
            Op::Member(member) => {
                let object = self.pop();
                let name = self.interner.name(member);
                let value = match name {
                    b"length" | b"count" => functions::call(name, Some(&object), &[], false, false),
                    // `x.Value`, `x.Text` of what is not an object.
                    _ => None,
                };
                let value = if object.is_unknown() { self.globals.get(&member).cloned() } else { value };
                self.stack.push(value.unwrap_or_default());
            }
            Op::New(class, count, place) => self.make(class, count, place),
            Op::List(count) => {
                let base = self.frames.last().map_or(0, |frame| frame.base);
                let from = self.stack.len().saturating_sub(usize::from(count)).max(base);
                let items = self.stack.split_off(from);
                self.spend(items.len() / PIECE);
                self.stack.push(Value::list(items));
            }
            Op::Binary(sign) => {
                let right = self.pop();
                let left = self.pop();
                let basic = self.basic();
                self.spend((left.size() + right.size()) / PIECE);
                self.stack.push(binary(sign, &left, &right, basic).unwrap_or_default());
            }
            Op::Not => {
                let value = self.pop();
                let basic = self.basic();
                let value = match (basic, value) {
                    (true, Value::Number(number)) => Value::Number(!(number as i64) as f64),
                    (false, value) => value.holds().map_or(Value::Unknown, |holds| Value::Number(f64::from(!holds))),
                    _ => Value::Unknown,
                };
                self.stack.push(value);
            }
            Op::Minus => {
                let value = self.pop().number().map_or(Value::Unknown, |number| Value::Number(-number));
                self.stack.push(value);
            }
            Op::Cast(class) => {
                let value = self.pop();
                let value = self.cast(class, value);
                self.stack.push(value);
            }
            Op::Pop => {
                self.pop();
            }
            Op::Test(to, id) | Op::LoopTest(to, id) => match self.pop().holds() {
                Some(true) => {}
                Some(false) => self.jump(to),
                None => self.begin_open(id),
            },
            Op::EndFirst(to, id) => {
                if !self.is_open(id) {
                    self.jump(to);
                }
            }
            Op::EndTest(id) | Op::EndLoop(id) => self.end_open(id),
            Op::BeginLoop(id) => {
                self.end_open(id);
                let open = self.open;
                if let Some(depth) = self.frames.last_mut().and_then(|frame| frame.depth_at.get_mut(id as usize)) {
                    *depth = open;
                }
            }
            Op::LoopBack(to, id) => {
                if !self.is_open(id) {
                    self.jump(to);
                }
            }
            Op::Break(to, id) => {
                let depth = self.frames.last().and_then(|frame| frame.depth_at.get(id as usize)).copied();
                // A way out that may not be taken is not taken.
                if depth == Some(self.open) {
                    self.jump(to);
                }
            }
            Op::SetSlot(slot) => {
                let value = self.pop();
                if let Some(slot) = self.frames.last_mut().and_then(|frame| frame.slots.get_mut(slot as usize)) {
                    *slot = value;
                }
            }
            Op::Slot(slot) => {
                let value = self.slot(slot);
                self.stack.push(value);
            }
            Op::ForTest(name, slot, to, id) => {
                let (value, limit, by) =
                    (self.known(name).and_then(Value::number), self.slot(slot).number(), self.slot(slot + 1).number());
                match (value, limit, by) {
                    (Some(value), Some(limit), Some(by)) => {
                        if by >= 0.0 && value > limit || by < 0.0 && value < limit {
                            self.jump(to);
                        }
                    }
                    _ => {
                        if let Some(variable) = self.variable(name) {
                            *variable = Value::Unknown;
                        }
                        self.begin_open(id);
                    }
                }
            }
            Op::ForStep(name, slot, to, id) => {
                if !self.is_open(id) {
                    let by = self.slot(slot + 1).number().unwrap_or(1.0);
                    if let Some(variable) = self.variable(name) {
                        *variable = variable.number().map_or(Value::Unknown, |number| Value::Number(number + by));
                    }
                    self.jump(to);
                }
            }
            Op::EachTest(name, slot, to, id) => {
                let at = self.slot(slot + 1).number().unwrap_or(0.0) as usize;
                let (known, next) = match self.slot_ref(slot) {
                    Some(Value::List(list)) => (true, list.get(at).cloned()),
                    Some(Value::Text(text)) => (true, text.get(at).map(|&c| Value::Char(c))),
                    _ => (false, None),
                };
                match (known, next) {
                    (true, None) => self.jump(to),
                    (known, next) => {
                        if !known {
                            self.begin_open(id);
                        }
                        if let Some(variable) = self.variable(name) {
                            *variable = next.unwrap_or_default();
                        }
                        if let Some(slot) =
                            self.frames.last_mut().and_then(|frame| frame.slots.get_mut(slot as usize + 1))
                        {
                            *slot = Value::Number(at as f64 + 1.0);
                        }
                    }
                }
            }
            Op::Return => {
                let value = self.pop();
                let depth = self.frames.last().map_or(0, |frame| frame.depth);
                let certain = self.open == depth;
                if let Some(frame) = self.frames.last_mut()
                    && !value.is_unknown()
                {
                    frame.result = value;
                }
                if certain {
                    self.leave();
                }
            }
            Op::End => self.leave(),
            Op::Note(place) => {
                if let Some(Value::Text(text)) = self.stack.last()
                    && text.len() >= 3
                    && !self.found.values.contains_key(&place)
                    && self.kept + text.len() <= MOST_BYTES
                {
                    self.kept += text.len() + 64;
                    self.left = self.left.saturating_sub(text.len() / PIECE);
                    self.found.values.insert(place, bytes(text));
                }
            }
        }
        if self.stack.len() > 1 << 16 {
            self.left = 0;
        }
    }

    fn slot_ref(&self, slot: u32) -> Option<&Value> {
        self.frames.last().and_then(|frame| frame.slots.get(slot as usize))
    }

    fn slot(&self, slot: u32) -> Value {
        self.slot_ref(slot).cloned().unwrap_or_default()
    }

    fn literal(&mut self, literal: u32) -> Value {
        let at = literal as usize;
        if self.literals.len() <= at {
            self.literals.resize(at + 1, None);
        }
        if let Some(value) = &self.literals[at] {
            return value.clone();
        }
        let text = self.interner.literal(literal);
        let value = Value::text(text);
        let cost = text.len() / PIECE;
        self.literals[at] = Some(value.clone());
        self.spend(cost);
        value
    }

    /// In C# an element of a text is a character.
    fn as_character(&self, value: Value) -> Value {
        match value {
            Value::Text(text) if text.len() == 1 && self.language() == Language::CSharp => Value::Text(text),
            other => other,
        }
    }

    fn load(&mut self, name: Symbol) {
        if let Some(value) = self.known(name) {
            let value = value.clone();
            self.stack.push(value);
            return;
        }
        // A function of Basic without arguments.
        if self.basic()
            && let Some(&routine) = self.program.by_name.get(&name)
            && self.program.routines[routine].parameters.is_empty()
            && self.frames.len() < DEEPEST
            && !self.is_known_to_give_nothing(routine, &[])
        {
            return self.enter(routine, Vec::new(), false, self.code());
        }
        let value = match self.interner.name(name) {
            b"vbcrlf" | b"vbnewline" => Value::text(b"\r\n"),
            b"vbcr" => Value::text(b"\r"),
            b"vblf" => Value::text(b"\n"),
            b"vbtab" => Value::text(b"\t"),
            b"vbnullstring" | b"empty" => Value::text(b""),
            b"true" => Value::Number(if self.basic() { -1.0 } else { 1.0 }),
            b"false" => Value::Number(0.0),
            _ => Value::Unknown,
        };
        self.stack.push(value);
    }

    fn code(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.code)
    }

    fn append(&mut self, name: Symbol, numbers: bool) {
        let value = self.pop();
        let basic = self.basic();
        let fresh = self.known(name).is_none();
        let Some(variable) = self.variable(name) else { return };
        let mut cost = 0;
        let both = numbers
            && matches!(variable, Value::Number(_) | Value::Char(_))
            && matches!(value, Value::Number(_) | Value::Char(_));
        // A variable of Basic that nothing was put into is empty text.
        let done = match (&mut *variable, value.written()) {
            _ if both => binary(Punct::Add, variable, &value, basic),
            (Value::Text(text), Some(more)) if text.len() + more.len() <= LONGEST => {
                cost = more.len() / PIECE + if Rc::strong_count(text) > 1 { text.len() / PIECE } else { 0 };
                Rc::make_mut(text).extend_from_slice(&more);
                self.spend(cost);
                self.stack.push(Value::Unknown);
                return;
            }
            (Value::Unknown, Some(more)) if basic && fresh => Some(Value::Text(more)),
            (before, Some(_)) => binary(if numbers { Punct::Add } else { Punct::Concat }, before, &value, basic),
            _ => None,
        };
        *variable = done.unwrap_or_default();
        self.spend(cost);
        self.stack.push(Value::Unknown);
    }

    fn set_element(&mut self, name: Symbol, indexes: &[Value], value: Value) {
        let [index] = indexes else { return };
        let at = index.whole().and_then(|at| usize::try_from(at).ok()).filter(|at| *at < 1 << 16);
        let Some(variable) = self.variable(name) else { return };
        let mut cost = 0;
        match (variable, at) {
            (Value::List(list), Some(at)) => {
                if Rc::strong_count(list) > 1 {
                    cost = list.len() / PIECE;
                }
                let list = Rc::make_mut(list);
                if list.len() <= at {
                    cost += (at - list.len()) / PIECE;
                    list.resize(at + 1, Value::Unknown);
                }
                list[at] = value;
            }
            // `Dim a(9)` makes a list when it is filled.
            (variable @ Value::Unknown, Some(at)) => {
                cost = at / PIECE;
                let mut list = vec![Value::Unknown; at + 1];
                list[at] = value;
                *variable = Value::list(list);
            }
            (variable @ Value::List(_), None) => *variable = Value::Unknown,
            _ => {}
        }
        self.spend(cost);
    }

    fn call(&mut self, name: Symbol, count: u8, place: u32) {
        let arguments = self.pop_many(count);
        // An element, in Basic.
        if self.basic()
            && let Some(object @ (Value::List(_) | Value::Text(_))) = self.known(name)
            && !self.program.by_name.contains_key(&name)
        {
            let value = element(object, &arguments).unwrap_or_default();
            self.stack.push(value);
            return;
        }
        if let Some(&routine) = self.program.by_name.get(&name) {
            if self.frames.len() >= DEEPEST || self.is_known_to_give_nothing(routine, &arguments) {
                self.stack.push(Value::Unknown);
                return;
            }
            return self.enter(routine, arguments, false, self.code());
        }
        self.builtin(name, None, arguments, place);
    }

    /// Whether a call has nothing to work on, and the function was called so before: pages call their functions from
    /// everywhere, and most have nothing to do with constants.
    fn is_known_to_give_nothing(&self, routine: usize, arguments: &[Value]) -> bool {
        let nothing = arguments.iter().all(Value::is_unknown);
        nothing && self.called.get(routine).is_some_and(|&called| called >= 2)
    }

    fn method_of(&mut self, variable: Symbol, name: Symbol, arguments: Vec<Value>, place: u32) {
        let word = self.interner.name(name);
        let fills = matches!(word, b"append" | b"push" | b"add" | b"write" | b"appendline");
        if fills && let [value] = &arguments[..] {
            let list = matches!(self.known(variable), Some(Value::List(_)));
            if list {
                let value = value.clone();
                if let Some(Value::List(list)) = self.variable(variable)
                    && list.len() < 1 << 16
                {
                    Rc::make_mut(list).push(value);
                }
            } else if matches!(self.known(variable), Some(Value::Text(_))) {
                self.stack.push(value.clone());
                self.append(variable, false);
                self.stack.pop();
            }
            self.stack.push(Value::Unknown);
            return;
        }
        let object = self.known(variable).cloned().unwrap_or_default();
        self.method(name, &object, arguments, place);
    }

    fn method(&mut self, name: Symbol, object: &Value, arguments: Vec<Value>, place: u32) {
        if object.is_unknown()
            && let Some(&routine) = self.program.by_name.get(&name)
            && self.frames.len() < DEEPEST
            && !self.is_known_to_give_nothing(routine, &arguments)
        {
            return self.enter(routine, arguments, false, self.code());
        }
        self.builtin(name, Some(object), arguments, place);
    }

    fn builtin(&mut self, name: Symbol, object: Option<&Value>, arguments: Vec<Value>, place: u32) {
        let word = self.interner.name(name);
        let language = self.language();
        // `Execute` is a method of databases too, and `Eval` of C# binds data.
        let bare = matches!(word, b"execute" | b"executeglobal" | b"eval" | b"settimeout");
        let runs = RUNS.contains(&word)
            && !(bare && (language == Language::CSharp || object.is_some() && word.starts_with(b"execute")));
        if runs {
            let value = word == b"eval";
            return self.run_code(place, arguments, value);
        }
        let (basic, script) = (self.basic(), language == Language::JScript);
        let result = functions::call(word, object, &arguments, basic, script);
        let sizes = object.iter().map(|o| o.size()).chain(arguments.iter().map(Value::size));
        let looks =
            matches!(word, b"replace" | b"split" | b"join" | b"instr" | b"indexof" | b"reverse" | b"strreverse");
        let more = if looks { arguments.get(usize::from(object.is_none())).map_or(1, Value::size) } else { 1 };
        // Taking one character out of a text does not read it.
        let piece = matches!(word, b"mid" | b"charat" | b"charcodeat" | b"substr" | b"substring" | b"len" | b"length");
        let cost = if piece { result.as_ref().map_or(0, Value::size) } else { sizes.sum::<usize>() * more };
        self.spend(cost / PIECE);
        self.stack.push(result.unwrap_or_default());
    }

    /// A text is run as code: it is kept, and run.
    fn run_code(&mut self, place: u32, arguments: Vec<Value>, value: bool) {
        let Some(Value::Text(text)) = arguments.iter().find(|argument| matches!(argument, Value::Text(_))) else {
            self.stack.push(Value::Unknown);
            return;
        };
        let code = bytes(text);
        let kept = self.found.runs.entry(place).or_default();
        let known = kept.contains(&code);
        if !known && kept.len() < MOST_TEXTS && self.kept + code.len() <= MOST_BYTES {
            self.kept += code.len() + 64;
            kept.push(code.clone());
        }
        self.spend(code.len() / PIECE + 16);
        let depth = self.code();
        if depth >= DEEPEST_CODE || self.frames.len() >= DEEPEST || self.tokens >= MOST_TOKENS || self.left == 0 {
            self.stack.push(Value::Unknown);
            return;
        }
        let language = self.language();
        let mut tokens = Tokens::default();
        let room = MOST_TOKENS - self.tokens;
        lex(&code, 0..code.len(), language, BlockKind::Statements, self.interner, &mut tokens, room);
        self.tokens += tokens.tokens.len();
        self.spend(tokens.tokens.len());
        let expression = value && self.basic();
        let routine =
            compile::program(&tokens.tokens, &code, self.interner, &mut self.program, Some(place), expression);
        self.called.resize(self.program.routines.len(), 1);
        let (global, locals) = match self.frames.last() {
            Some(frame) => (frame.global, if frame.global { HashMap::new() } else { frame.locals.clone() }),
            None => (true, HashMap::new()),
        };
        // The value of an expression is what it leaves.
        if value
            && let Some(routine) = self.program.routines.get_mut(routine)
            && let [.., last, Op::End] = &mut routine.code[..]
            && matches!(last, Op::Pop)
        {
            *last = Op::Return;
        }
        self.enter(routine, Vec::new(), global, depth + 1);
        if let Some(frame) = self.frames.last_mut() {
            frame.locals = locals;
        }
    }

    fn make(&mut self, class: Symbol, count: u8, place: u32) {
        let arguments = self.pop_many(count);
        if class == Symbol::MAX {
            // `new byte[n]`
            let length = arguments.first().and_then(Value::whole).and_then(|n| usize::try_from(n).ok());
            let value = match length {
                Some(length) if length <= 1 << 16 => {
                    self.spend(length / PIECE);
                    Value::list(vec![Value::Number(0.0); length])
                }
                _ => Value::Unknown,
            };
            self.stack.push(value);
            return;
        }
        let script = self.language() == Language::JScript;
        let value = match self.interner.name(class) {
            b"function" if script => return self.run_code(place, arguments, false),
            b"array" if script => Value::list(arguments),
            b"list" | b"arraylist" => Value::list(Vec::new()),
            b"stringbuilder" => match arguments.first() {
                Some(text @ Value::Text(_)) => text.clone(),
                _ => Value::text(b""),
            },
            b"string" => match arguments.first() {
                Some(Value::List(list)) => functions::from_codes(list).unwrap_or_default(),
                Some(text @ Value::Text(_)) => text.clone(),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        };
        self.stack.push(value);
    }

    fn cast(&self, class: Symbol, value: Value) -> Value {
        let wrap = |bits: u32| {
            let whole = value.whole()?;
            Some(Value::Number((whole & ((1i64 << bits) - 1)) as f64))
        };
        match self.interner.name(class) {
            b"char" => functions::call(b"tochar", None, std::slice::from_ref(&value), false, false).unwrap_or_default(),
            b"byte" => wrap(8).unwrap_or_default(),
            b"ushort" => wrap(16).unwrap_or_default(),
            b"int" | b"long" | b"short" | b"uint" | b"sbyte" => match value.whole() {
                Some(whole) => Value::Number(whole as f64),
                None => Value::Unknown,
            },
            _ => value,
        }
    }
}

/// An element of a list or a text.
fn element(object: &Value, indexes: &[Value]) -> Option<Value> {
    let [index] = indexes else { return None };
    let at = usize::try_from(index.whole()?).ok()?;
    match object {
        Value::List(list) => list.get(at).cloned(),
        Value::Text(text) => text.get(at).map(|&c| Value::Char(c)),
        _ => None,
    }
}

fn binary(sign: Punct, left: &Value, right: &Value, basic: bool) -> Option<Value> {
    let truth = |holds: bool| Some(Value::Number(if holds { if basic { -1.0 } else { 1.0 } } else { 0.0 }));
    let texts = matches!(left, Value::Text(_)) || matches!(right, Value::Text(_));
    match sign {
        Punct::Concat => {
            // An empty variable is empty text.
            let text = |value: &Value| value.written();
            let (left, right) = (text(left)?, text(right)?);
            return join(&left, &right);
        }
        Punct::Add if texts && !(basic && matches!((left, right), (Value::Number(_), _) | (_, Value::Number(_)))) => {
            let (left, right) = (left.written()?, right.written()?);
            return join(&left, &right);
        }
        Punct::Equal | Punct::NotEqual if texts && !(basic && left.number().is_some() && right.number().is_some()) => {
            let same = left.written()? == right.written()?;
            return truth(same == (sign == Punct::Equal));
        }
        Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual
            if matches!((left, right), (Value::Text(_), Value::Text(_))) =>
        {
            let order = left.written()?.cmp(&right.written()?);
            return truth(match sign {
                Punct::Less => order.is_lt(),
                Punct::Greater => order.is_gt(),
                Punct::LessEqual => order.is_le(),
                _ => order.is_ge(),
            });
        }
        // `a && b` where one is known not to hold.
        Punct::And if left.holds() == Some(false) || right.holds() == Some(false) => return truth(false),
        Punct::Or if left.holds() == Some(true) || right.holds() == Some(true) => return truth(true),
        Punct::And | Punct::Or if !basic => {
            let (left, right) = (left.holds()?, right.holds()?);
            return truth(if sign == Punct::And { left && right } else { left || right });
        }
        Punct::Coalesce => return Some(if left.is_unknown() { right.clone() } else { left.clone() }),
        _ => {}
    }
    let (l, r) = (left.number()?, right.number()?);
    let whole =
        |value: f64| (value.abs() < 9e15).then_some(if basic { value.round_ties_even() } else { value.trunc() } as i64);
    let number = |value: f64| value.is_finite().then_some(Value::Number(value));
    match sign {
        Punct::Add => number(l + r),
        Punct::Subtract => number(l - r),
        Punct::Multiply => number(l * r),
        Punct::Divide if r != 0.0 => number(l / r),
        Punct::IntDivide => Some(Value::Number(whole(l)?.checked_div(whole(r)?)? as f64)),
        Punct::Remainder => Some(Value::Number(whole(l)?.checked_rem(whole(r)?)? as f64)),
        Punct::Power => number(l.powf(r)),
        Punct::Xor => Some(Value::Number((whole(l)? ^ whole(r)?) as f64)),
        Punct::BitAnd | Punct::And => Some(Value::Number((whole(l)? & whole(r)?) as f64)),
        Punct::BitOr | Punct::Or => Some(Value::Number((whole(l)? | whole(r)?) as f64)),
        Punct::ShiftLeft => Some(Value::Number(whole(l)?.checked_shl(u32::try_from(whole(r)?).ok()?)? as i32 as f64)),
        Punct::ShiftRight => Some(Value::Number(whole(l)?.checked_shr(u32::try_from(whole(r)?).ok()?)? as f64)),
        Punct::Equal => truth(l == r),
        Punct::NotEqual => truth(l != r),
        Punct::Less => truth(l < r),
        Punct::Greater => truth(l > r),
        Punct::LessEqual => truth(l <= r),
        Punct::GreaterEqual => truth(l >= r),
        _ => None,
    }
}

fn join(left: &[char], right: &[char]) -> Option<Value> {
    if left.len() + right.len() > LONGEST {
        return None;
    }
    Some(Value::chars([left, right].concat()))
}
