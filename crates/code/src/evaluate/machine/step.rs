//! One step of the machine.

use super::super::computed::MOST_BYTES;
use super::super::functions;
use super::super::op::{BranchId, Op, Slot, StepIndex};
use super::super::operators::{binary, element};
use super::super::value::{Value, bytes};
use super::{Machine, PIECE};
use crate::code::token::{Punct, Symbol};

/// How many values may wait on the stack; code that leaves more is broken.
const MAX_STACK: usize = 1 << 16;

impl Machine<'_> {
    /// Runs the next step of the innermost call.
    pub(super) fn step(&mut self) {
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
            Op::Char(literal) => self.character(literal),
            Op::Unknown => self.stack.push(Value::Unknown),
            Op::Load(name) => self.load(name),
            Op::Store(name) => {
                let value = self.stack.last().cloned().unwrap_or_default();
                self.assign(name, value);
            }
            Op::Declare(name) => self.declare(name),
            Op::StoreField(name) => self.store_field(name),
            Op::Append(name, numbers) => self.append(name, numbers),
            Op::Element(count) => self.element(count),
            Op::ElementOf(name, count) => self.element_of(name, count),
            Op::SetElement(name, count) => self.put_element(name, count),
            Op::AlterElement(name, count, punct) => self.alter_element(name, count, punct),
            Op::Call(name, count, place) => self.call(name, count, place),
            Op::Method(name, count, place) => self.method_of_value(name, count, place),
            Op::MethodOf(variable, name, count, place) => {
                let arguments = self.pop_many(count);
                self.method_of(variable, name, arguments, place);
            }
            Op::Member(member) => self.member(member),
            Op::New(class, count, place) => self.make(class, count, place),
            Op::NewArray => self.new_array(),
            Op::List(count) => self.list(count),
            Op::Binary(punct) => self.binary(punct),
            Op::Not => self.not(),
            Op::Minus => self.minus(),
            Op::Cast(class) => {
                let value = self.pop();
                let value = self.cast(class, value);
                self.stack.push(value);
            }
            Op::Pop => drop(self.pop()),
            Op::Test(to, id) | Op::LoopTest(to, id) => self.test(to, id),
            Op::EndFirst(to, id) | Op::LoopBack(to, id) => {
                if !self.is_open(id) {
                    self.jump(to);
                }
            }
            Op::EndTest(id) | Op::EndLoop(id) => self.end_open(id),
            Op::BeginLoop(id) => self.begin_loop(id),
            Op::Break(to, id) => self.break_loop(to, id),
            Op::SetSlot(slot) => {
                let value = self.pop();
                self.set_slot(slot, value);
            }
            Op::Slot(slot) => {
                let value = self.slot(slot);
                self.stack.push(value);
            }
            Op::ForTest(name, slot, to, id) => self.for_test(name, slot, to, id),
            Op::ForStep(name, slot, to, id) => self.for_step(name, slot, to, id),
            Op::EachTest(name, slot, to, id) => self.each_test(name, slot, to, id),
            Op::Return => self.return_value(),
            Op::End => self.leave(),
            Op::Note(place) => self.note(place),
        }
        if self.stack.len() > MAX_STACK {
            self.left = 0;
        }
    }

    fn assign(&mut self, name: Symbol, value: Value) {
        if let Some(variable) = self.variable(name) {
            *variable = value;
        }
    }

    /// The element of a value on the stack.
    fn element(&mut self, count: u8) {
        let indexes = self.pop_many(count);
        let object = self.pop();
        self.stack.push(element(&object, &indexes).unwrap_or_default());
    }

    /// The element of a variable, which is not copied for it.
    fn element_of(&mut self, name: Symbol, count: u8) {
        let indexes = self.pop_many(count);
        let value = self.known(name).and_then(|object| element(object, &indexes)).unwrap_or_default();
        self.stack.push(value);
    }

    fn put_element(&mut self, name: Symbol, count: u8) {
        let value = self.pop();
        let indexes = self.pop_many(count);
        self.set_element(name, &indexes, value.clone());
        self.stack.push(value);
    }

    fn method_of_value(&mut self, name: Symbol, count: u8, place: u32) {
        let arguments = self.pop_many(count);
        let object = self.pop();
        self.method(name, &object, arguments, place);
    }

    fn minus(&mut self) {
        let value = self.pop().number().map_or(Value::Unknown, |number| Value::Number(-number));
        self.stack.push(value);
    }

    /// A literal of C# in single quotes.
    fn character(&mut self, literal: u32) {
        let value = match self.literal(literal) {
            Value::Text(text) if text.len() == 1 => Value::Char(text[0]),
            other => other,
        };
        self.stack.push(value);
    }

    fn declare(&mut self, name: Symbol) {
        let empty = if self.basic() { Value::text(b"") } else { Value::Unknown };
        if let Some(frame) = self.frames.last_mut() {
            let names = if frame.global { &mut self.globals } else { &mut frame.locals };
            names.entry(name).or_insert(empty);
        }
    }

    fn store_field(&mut self, name: Symbol) {
        let value = self.pop();
        let object = self.pop();
        if object.is_unknown()
            && let Some(field) = self.globals.get_mut(&name)
        {
            *field = value;
        }
        self.stack.push(Value::Unknown);
    }

    fn alter_element(&mut self, name: Symbol, count: u8, punct: Punct) {
        let value = self.pop();
        let indexes = self.pop_many(count);
        let before = self.known(name).and_then(|object| element(object, &indexes)).unwrap_or_default();
        let basic = self.basic();
        let value = binary(punct, &before, &value, basic).unwrap_or_default();
        self.set_element(name, &indexes, value.clone());
        self.stack.push(value);
    }

    fn member(&mut self, member: Symbol) {
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

    fn list(&mut self, count: u16) {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        let from = self.stack.len().saturating_sub(usize::from(count)).max(base);
        let items = self.stack.split_off(from);
        self.spend(items.len() / PIECE);
        self.stack.push(Value::list(items));
    }

    fn binary(&mut self, punct: Punct) {
        let right = self.pop();
        let left = self.pop();
        let basic = self.basic();
        self.spend((left.size() + right.size()) / PIECE);
        self.stack.push(binary(punct, &left, &right, basic).unwrap_or_default());
    }

    fn not(&mut self) {
        let value = self.pop();
        let value = match (self.basic(), value) {
            (true, Value::Number(number)) => Value::Number(!(number as i64) as f64),
            (false, value) => value.holds().map_or(Value::Unknown, |holds| Value::Number(f64::from(!holds))),
            _ => Value::Unknown,
        };
        self.stack.push(value);
    }

    fn test(&mut self, to: StepIndex, id: BranchId) {
        match self.pop().holds() {
            Some(true) => {}
            Some(false) => self.jump(to),
            None => self.begin_open(id),
        }
    }

    fn begin_loop(&mut self, id: BranchId) {
        self.end_open(id);
        let open = self.open;
        if let Some(depth) = self.frames.last_mut().and_then(|frame| frame.depth_at.get_mut(id as usize)) {
            *depth = open;
        }
    }

    fn break_loop(&mut self, to: StepIndex, id: BranchId) {
        let depth = self.frames.last().and_then(|frame| frame.depth_at.get(id as usize)).copied();
        // A way out that may not be taken is not taken.
        if depth == Some(self.open) {
            self.jump(to);
        }
    }

    fn for_test(&mut self, name: Symbol, slot: Slot, to: StepIndex, id: BranchId) {
        let value = self.known(name).and_then(Value::number);
        match (value, self.slot(slot).number(), self.slot(slot + 1).number()) {
            (Some(value), Some(limit), Some(by)) => {
                if by >= 0.0 && value > limit || by < 0.0 && value < limit {
                    self.jump(to);
                }
            }
            _ => {
                self.assign(name, Value::Unknown);
                self.begin_open(id);
            }
        }
    }

    fn for_step(&mut self, name: Symbol, slot: Slot, to: StepIndex, id: BranchId) {
        if self.is_open(id) {
            return;
        }
        let by = self.slot(slot + 1).number().unwrap_or(1.0);
        if let Some(variable) = self.variable(name) {
            *variable = variable.number().map_or(Value::Unknown, |number| Value::Number(number + by));
        }
        self.jump(to);
    }

    fn each_test(&mut self, name: Symbol, slot: Slot, to: StepIndex, id: BranchId) {
        let at = self.slot(slot + 1).number().unwrap_or(0.0) as usize;
        let (known, next) = match self.slot_ref(slot) {
            Some(Value::List(list)) => (true, list.get(at).cloned()),
            Some(Value::Text(text)) => (true, text.get(at).map(|&c| Value::Char(c))),
            _ => (false, None),
        };
        if known && next.is_none() {
            return self.jump(to);
        }
        if !known {
            self.begin_open(id);
        }
        self.assign(name, next.unwrap_or_default());
        self.set_slot(slot + 1, Value::Number(at as f64 + 1.0));
    }

    fn return_value(&mut self) {
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

    /// Keeps the text on top of the stack as the value of the argument that begins at `place`.
    fn note(&mut self, place: u32) {
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
