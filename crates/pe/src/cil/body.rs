//! The IL of one method as statements. A symbolic stack holds the text of values; a branch puts them into variables, so that
//! what meets at its end has one name.

use super::head::Body;
use super::names::{Names, Signature, identifier};
use super::opcodes::{Instruction, instruction};
use super::tables::{FIELD, TYPE_DEF, TYPE_REF, TYPE_SPEC, Token};
use super::text::{literal, number_literal};
use super::{Image, Work};
use std::collections::BTreeMap;

/// How many values a stack holds. Compilers need a dozen.
const MAX_STACK: usize = 256;
/// A longer value is put into a variable, so that values that contain values cost what they are long.
const MAX_VALUE: usize = 1024;
/// How many elements of an array are written.
pub(super) const MAX_ELEMENTS: usize = 4096;

/// A value on the stack.
pub(super) enum Item {
    /// An expression.
    Value(String),
    /// An array that is being filled: the type of its elements, how many there are to be, and those there are.
    Array(String, String, Vec<String>),
    /// The array below it once more.
    Same,
}

/// A statement, and the stretch of IL it came from.
pub(super) struct Statement {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
}

/// Reads the body of one method.
pub(super) struct Reader<'r, 'b> {
    pub(super) image: &'r Image<'b>,
    pub(super) names: &'r Names<'b>,
    pub(super) work: &'r mut Work,
    code: &'b [u8],
    has_this: bool,
    parameters: Vec<String>,
    pub(super) stack: Vec<Item>,
    /// How many variables were made up, and how many of those in which branches meet.
    made: usize,
    pub(super) met: usize,
    pub(super) statements: Vec<Statement>,
    /// Where the statement that is being put together began.
    from: usize,
    to: usize,
    /// Whether an instruction could not be read.
    pub(super) broken: bool,
}

impl<'r, 'b> Reader<'r, 'b> {
    pub(super) fn new(
        image: &'r Image<'b>,
        names: &'r Names<'b>,
        work: &'r mut Work,
        code: &'b [u8],
        signature: &Signature<'b>,
        parameters: Vec<String>,
    ) -> Self {
        let (stack, statements) = (Vec::new(), Vec::new());
        let has_this = signature.has_this;
        Self {
            image,
            names,
            work,
            code,
            has_this,
            parameters,
            stack,
            made: 0,
            met: 0,
            statements,
            from: 0,
            to: 0,
            broken: false,
        }
    }

    /// Goes over the instructions once, in the order they are stored.
    pub(super) fn read(&mut self, body: &Body) {
        // How many values lie on the stack where branches lead.
        let mut depths: BTreeMap<usize, usize> = BTreeMap::new();
        for target in self.targets() {
            depths.insert(target, 0);
        }
        for (start, caught) in &body.handlers {
            if !self.work.step() {
                return;
            }
            depths.insert(*start, usize::from(*caught));
        }
        let mut at = 0;
        let mut falls_through = true;
        while let Some(next) = instruction(self.code, at) {
            if !self.work.step() || self.stack.len() >= MAX_STACK {
                self.broken |= self.stack.len() >= MAX_STACK;
                break;
            }
            if self.stack.is_empty() {
                self.from = at;
            }
            (self.to, at) = (next.end, next.end);
            if let Some(&depth) = depths.get(&next.at) {
                if falls_through && !self.stack.is_empty() {
                    self.meet();
                }
                if !falls_through {
                    self.stack = (0..depth).map(|at| Item::Value(format!("s{at}"))).collect();
                    self.met = self.met.max(depth);
                }
            }
            self.instruction(next);
            // Long names are worth several steps.
            let spent = self.names.spent.take() / 64;
            if !self.work.charge(spent) {
                break;
            }
            let mut leads = false;
            for target in next.targets(self.code) {
                let Some(target) = usize::try_from(target).ok().filter(|target| *target > next.at) else { continue };
                if !leads && !matches!(next.code, 0xDD | 0xDE) {
                    self.meet();
                }
                leads = true;
                let depth = if matches!(next.code, 0xDD | 0xDE) { 0 } else { self.stack.len() };
                if depth > 0 {
                    depths.insert(target, depth);
                }
                if !self.work.step() {
                    break;
                }
            }
            falls_through = !next.ends();
            if !falls_through {
                self.leave();
            }
        }
        self.broken |= at < self.code.len() && !self.work.cut;
        self.leave();
    }

    /// Where branches lead.
    fn targets(&mut self) -> Vec<usize> {
        let mut targets = Vec::new();
        let mut at = 0;
        while let Some(next) = instruction(self.code, at).filter(|_| self.work.step()) {
            at = next.end;
            for target in next.targets(self.code) {
                if !self.work.step() {
                    return targets;
                }
                targets.extend(usize::try_from(target));
            }
        }
        targets
    }

    pub(super) fn say(&mut self, text: String) {
        if self.work.room(text.len()) {
            self.statements.push(Statement { from: self.from, to: self.to.max(self.from), text });
            self.from = self.to;
        }
    }

    /// An expression whose value nobody wants, if it does something.
    fn drop_value(&mut self, value: String) {
        if value.contains('(') && value.len() > 2 {
            self.say(format!("{value};"));
        }
    }

    /// Ends a stretch: what lies on the stack is not asked for any more.
    fn leave(&mut self) {
        while !self.stack.is_empty() {
            let value = self.pop();
            self.drop_value(value);
        }
    }

    /// Puts what lies on the stack into the variables in which branches meet.
    fn meet(&mut self) {
        let mut values = Vec::with_capacity(self.stack.len());
        while !self.stack.is_empty() {
            values.push(self.pop());
        }
        for (at, value) in values.into_iter().rev().enumerate() {
            let name = format!("s{at}");
            if value != name {
                self.say(format!("{name} = {value};"));
            }
            self.stack.push(Item::Value(name));
        }
        self.met = self.met.max(self.stack.len());
    }

    pub(super) fn push(&mut self, value: String) {
        let value = if value.len() > MAX_VALUE { self.keep(value) } else { value };
        self.stack.push(Item::Value(value));
    }

    /// Puts a value into a variable of its own.
    fn keep(&mut self, value: String) -> String {
        self.made += 1;
        let name = format!("t{}", self.made);
        self.say(format!("var {name} = {value};"));
        name
    }

    pub(super) fn pop(&mut self) -> String {
        match self.stack.pop() {
            Some(Item::Value(text)) => text,
            Some(Item::Array(of, length, elements)) if elements.is_empty() => format!("new {of}[{length}]"),
            Some(Item::Array(of, _, elements)) => format!("new {of}[] {{ {} }}", elements.join(", ")),
            // The array gets a name, and both are that.
            Some(Item::Same) => {
                while matches!(self.stack.last(), Some(Item::Same)) {
                    self.stack.pop();
                }
                let below = self.pop();
                let name = self.keep(below);
                self.stack.push(Item::Value(name.clone()));
                name
            }
            None => "_".to_owned(),
        }
    }

    /// The last values, in order; no more than there are.
    pub(super) fn pop_many(&mut self, count: usize) -> Vec<String> {
        let mut values: Vec<String> = (0..count.min(self.stack.len())).map(|_| self.pop()).collect();
        values.reverse();
        values
    }

    fn argument(&mut self, at: usize) -> String {
        match at.checked_sub(usize::from(self.has_this)) {
            None => "this".to_owned(),
            Some(at) => self.parameters.get(at).cloned().unwrap_or_else(|| format!("a{at}")),
        }
    }

    fn instruction(&mut self, next: Instruction) {
        let token = Token::of(next.value as u32);
        match next.code {
            0x02..=0x05 => self.load_argument(usize::from(next.code - 2)),
            0x0E | 0x0F => self.load_argument((next.value & 0xFF) as usize),
            0xFE09 | 0xFE0A => self.load_argument((next.value & 0xFFFF) as usize),
            0x10 | 0xFE0B => {
                let value = self.pop();
                let name =
                    self.argument((next.value & 0xFFFF) as usize & if next.code == 0x10 { 0xFF } else { 0xFFFF });
                self.say(format!("{name} = {value};"));
            }
            0x06..=0x09 => self.push(format!("l{}", next.code - 6)),
            0x11 | 0x12 => self.push(format!("l{}", next.value & 0xFF)),
            0xFE0C | 0xFE0D => self.push(format!("l{}", next.value & 0xFFFF)),
            0x0A..=0x0D => self.store_local(i64::from(next.code - 0x0A)),
            0x13 => self.store_local(next.value & 0xFF),
            0xFE0E => self.store_local(next.value & 0xFFFF),
            0x14 => self.push("null".to_owned()),
            0x15..=0x1E => self.push((i64::from(next.code) - 0x16).to_string()),
            0x1F..=0x21 => self.push(next.value.to_string()),
            0x22 | 0x23 => self.push("0.5".to_owned()),
            0x25 => self.duplicate(),
            0x26 => {
                let value = self.pop();
                self.drop_value(value);
            }
            0x28 | 0x6F => self.call(token, next.code == 0x6F),
            0x73 => self.create(token),
            0x29 => {
                let signature = self.names.pointed(token);
                self.pop();
                self.pop_many(signature.parameters + usize::from(signature.has_this));
                if signature.returns {
                    self.push("_".to_owned());
                }
            }
            0x2A if !self.stack.is_empty() => {
                let value = self.pop();
                self.say(format!("return {value};"));
            }
            0x2C | 0x2D | 0x39 | 0x3A | 0x45 => {
                let value = self.pop();
                if value.contains('(') {
                    self.say(format!("if ({value}) {{ }}"));
                }
            }
            0x2E..=0x37 | 0x3B..=0x44 => {
                let values = self.pop_many(2);
                if values.iter().any(|value| value.contains('(')) {
                    self.say(format!("if ({}) {{ }}", values.join(" == ")));
                }
            }
            0x46..=0x50
            | 0x65
            | 0x66
            | 0x67..=0x6E
            | 0x71
            | 0x76
            | 0x79
            | 0x82..=0x8C
            | 0xA5
            | 0xB3..=0xBA
            | 0xC3
            | 0xD1..=0xD5
            | 0xE0 => self.cast(next.code, token),
            0x74 | 0x75 => self.cast(next.code, token),
            0x51..=0x57 | 0x81 | 0xDF | 0x70 => {
                let value = self.pop();
                let target = self.pop();
                self.say(format!("{target} = {value};"));
            }
            0x58..=0x64 | 0xD6..=0xDB | 0xFE01..=0xFE05 => self.binary(next.code),
            0x72 => self.push(literal(self.names.tables.literal(token.row))),
            0x7A => {
                let value = self.pop();
                self.say(format!("throw {value};"));
            }
            0x7B | 0x7C => {
                let object = self.pop();
                let name = self.field(token);
                self.push(format!("{object}.{name}"));
            }
            0x7D => {
                let value = self.pop();
                let object = self.pop();
                let name = self.field(token);
                self.say(format!("{object}.{name} = {value};"));
            }
            0x7E | 0x7F => {
                let name = self.static_field(token);
                self.push(name);
            }
            0x80 => {
                let value = self.pop();
                let name = self.static_field(token);
                self.say(format!("{name} = {value};"));
            }
            0x8D => {
                let length = self.pop();
                let of = self.names.type_of(token);
                self.stack.push(Item::Array(of, length, Vec::new()));
            }
            0x8E => {
                let array = self.pop();
                self.push(format!("{array}.Length"));
            }
            0x8F..=0x9A | 0xA3 => {
                let index = self.pop();
                let array = self.pop();
                self.push(format!("{array}[{index}]"));
            }
            0x9B..=0xA2 | 0xA4 => self.store_element(),
            0xD0 => {
                let text = match token.table {
                    TYPE_DEF | TYPE_REF | TYPE_SPEC => format!("typeof({})", self.names.type_of(token)),
                    FIELD => format!("#{}", token.row),
                    _ => "_".to_owned(),
                };
                self.push(text);
            }
            0xFE06 | 0xFE07 => {
                let member = self.names.member(token);
                let object = if next.code == 0xFE07 { self.pop() } else { member.owner };
                self.push(format!("{object}.{}", identifier(&member.name)));
            }
            0xFE00 | 0xFE1C => self.push("_".to_owned()),
            0xFE0F | 0xFE1D | 0xC2 | 0xC6 => {
                self.pop();
                self.push("_".to_owned());
            }
            0xFE11 | 0xFE15 => {
                self.pop();
            }
            0xFE17 | 0xFE18 => {
                self.pop_many(3);
            }
            _ => {}
        }
    }

    fn load_argument(&mut self, at: usize) {
        let name = self.argument(at);
        self.push(name);
    }

    fn store_local(&mut self, at: i64) {
        let value = self.pop();
        self.say(format!("l{at} = {value};"));
    }

    fn duplicate(&mut self) {
        match self.stack.last() {
            None => {}
            Some(Item::Array(..) | Item::Same) => self.stack.push(Item::Same),
            Some(Item::Value(_)) => {
                let value = self.pop();
                let plain = value.len() < 64 && !value.contains(['(', '[', '"']);
                let name = if plain { value } else { self.keep(value) };
                self.push(name.clone());
                self.push(name);
            }
        }
    }

    fn store_element(&mut self) {
        let value = self.pop();
        let index = self.pop();
        if let [.., Item::Array(of, _, elements), Item::Same] = &mut self.stack[..]
            && elements.len() < MAX_ELEMENTS
        {
            let character = of == "System.Char";
            elements.push(if character { number_literal(&value) } else { value });
            self.stack.pop();
            return;
        }
        let array = self.pop();
        self.say(format!("{array}[{index}] = {value};"));
    }

    /// What leaves a value what it is, but for its type.
    fn cast(&mut self, code: u16, token: Token) {
        let value = self.pop();
        let value = match code {
            0x65 => format!("(-{value})"),
            0x66 => format!("(~{value})"),
            0x74 | 0x75 | 0x79 | 0xA5 => {
                let name = self.names.type_of(token);
                if name == "object" { value } else { format!("(({name}){value})") }
            }
            _ => value,
        };
        self.push(value);
    }

    fn binary(&mut self, code: u16) {
        let right = self.pop();
        let left = self.pop();
        let sign = match code {
            0x58 | 0xD6 | 0xD7 => "+",
            0x59 | 0xDA | 0xDB => "-",
            0x5A | 0xD8 | 0xD9 => "*",
            0x5B | 0x5C => "/",
            0x5D | 0x5E => "%",
            0x5F => "&",
            0x60 => "|",
            0x61 => "^",
            0x62 => "<<",
            0x63 | 0x64 => ">>",
            0xFE02 | 0xFE03 => ">",
            0xFE04 | 0xFE05 => "<",
            _ => "==",
        };
        self.push(format!("({left} {sign} {right})"));
    }

    fn field(&self, token: Token) -> String {
        let name = self.names.member(token).name;
        // What a property keeps its value in is called by the property's name, which others see.
        let plain = name.strip_prefix('<').and_then(|name| name.strip_suffix(">k__BackingField"));
        identifier(plain.unwrap_or(&name))
    }

    fn static_field(&self, token: Token) -> String {
        format!("{}.{}", self.names.member(token).owner, self.field(token))
    }
}
