//! Variables, elements and literals.

use super::super::op::Slot;
use super::super::operators::binary;
use super::super::value::{LONGEST, Value};
use super::{DEEPEST, Machine, PIECE};
use crate::code::token::{Punct, Symbol};
use std::rc::Rc;

impl Machine<'_> {
    pub(super) fn known(&self, name: Symbol) -> Option<&Value> {
        let frame = self.frames.last()?;
        frame.locals.get(&name).or_else(|| self.globals.get(&name))
    }

    /// The place of a variable, which is made if it is not there.
    pub(super) fn variable(&mut self, name: Symbol) -> Option<&mut Value> {
        let frame = self.frames.last_mut()?;
        if frame.locals.contains_key(&name) {
            return frame.locals.get_mut(&name);
        }
        if frame.global || self.globals.contains_key(&name) {
            return Some(self.globals.entry(name).or_default());
        }
        Some(frame.locals.entry(name).or_default())
    }

    pub(super) fn slot_ref(&self, slot: Slot) -> Option<&Value> {
        self.frames.last().and_then(|frame| frame.slots.get(slot as usize))
    }

    pub(super) fn slot(&self, slot: Slot) -> Value {
        self.slot_ref(slot).cloned().unwrap_or_default()
    }

    pub(super) fn set_slot(&mut self, slot: Slot, value: Value) {
        if let Some(slot) = self.frames.last_mut().and_then(|frame| frame.slots.get_mut(slot as usize)) {
            *slot = value;
        }
    }

    pub(super) fn literal(&mut self, literal: u32) -> Value {
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

    pub(super) fn load(&mut self, name: Symbol) {
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

    pub(super) fn append(&mut self, name: Symbol, numbers: bool) {
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

    pub(super) fn set_element(&mut self, name: Symbol, indexes: &[Value], value: Value) {
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
}
