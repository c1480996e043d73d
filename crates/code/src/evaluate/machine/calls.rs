//! Calls, new objects, and code in constants.

use super::super::computed::{MOST_BYTES, MOST_TEXTS};
use super::super::names::RUNS;
use super::super::op::Op;
use super::super::operators::element;
use super::super::value::{Value, bytes};
use super::super::{compile, functions};
use super::{DEEPEST, DEEPEST_CODE, MOST_TOKENS, Machine, PIECE};
use crate::code::lex::{Tokens, lex};
use crate::code::structure::{BlockKind, Language};
use crate::code::token::Symbol;
use std::collections::HashMap;
use std::rc::Rc;

impl Machine<'_> {
    pub(super) fn call(&mut self, name: Symbol, count: u8, place: u32) {
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
    pub(super) fn is_known_to_give_nothing(&self, routine: usize, arguments: &[Value]) -> bool {
        let nothing = arguments.iter().all(Value::is_unknown);
        nothing && self.called.get(routine).is_some_and(|&called| called >= 2)
    }

    pub(super) fn method_of(&mut self, variable: Symbol, name: Symbol, arguments: Vec<Value>, place: u32) {
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

    pub(super) fn method(&mut self, name: Symbol, object: &Value, arguments: Vec<Value>, place: u32) {
        if object.is_unknown()
            && let Some(&routine) = self.program.by_name.get(&name)
            && self.frames.len() < DEEPEST
            && !self.is_known_to_give_nothing(routine, &arguments)
        {
            return self.enter(routine, arguments, false, self.code());
        }
        self.builtin(name, Some(object), arguments, place);
    }

    pub(super) fn builtin(&mut self, name: Symbol, object: Option<&Value>, arguments: Vec<Value>, place: u32) {
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
    pub(super) fn run_code(&mut self, place: u32, arguments: Vec<Value>, value: bool) {
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

    pub(super) fn make(&mut self, class: Symbol, count: u8, place: u32) {
        let arguments = self.pop_many(count);
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

    /// `new byte[n]`
    pub(super) fn new_array(&mut self) {
        let length = self.pop().whole().and_then(|length| usize::try_from(length).ok());
        let value = match length {
            Some(length) if length <= 1 << 16 => {
                self.spend(length / PIECE);
                Value::list(vec![Value::Number(0.0); length])
            }
            _ => Value::Unknown,
        };
        self.stack.push(value);
    }

    pub(super) fn cast(&self, class: Symbol, value: Value) -> Value {
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
