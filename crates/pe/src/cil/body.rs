//! The IL of one method as statements. A symbolic stack holds the text of values; at branches they are assigned to
//! variables, so that merged values have one name.

use super::head::Body;
use super::image::Image;
use super::instruction::{Instruction, instruction};
use super::names::{Names, Signature, identifier};
use super::opcodes::*;
use super::tables::{FIELD, TYPE_DEF, TYPE_REF, TYPE_SPEC, Token};
use super::text::{literal, number_literal};
use super::work::Work;
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

/// A statement, and the range of IL it came from.
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
        // How many values are on the stack at the targets of branches.
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
            // Long names cost several steps.
            let spent = self.names.spent.take() / 64;
            if !self.work.charge(spent) {
                break;
            }
            let mut leads = false;
            for target in next.targets(self.code) {
                let Some(target) = usize::try_from(target).ok().filter(|target| *target > next.at) else { continue };
                if !leads && !matches!(next.code, LEAVE | LEAVE_S) {
                    self.meet();
                }
                leads = true;
                let depth = if matches!(next.code, LEAVE | LEAVE_S) { 0 } else { self.stack.len() };
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
        self.broken |= at < self.code.len() && !self.work.truncated;
        self.leave();
    }

    /// The targets of branches.
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

    pub(super) fn emit(&mut self, text: String) {
        if self.work.room(text.len()) {
            self.statements.push(Statement { from: self.from, to: self.to.max(self.from), text });
            self.from = self.to;
        }
    }

    /// An expression whose value nobody wants, if it does something.
    fn drop_value(&mut self, value: String) {
        if value.contains('(') && value.len() > 2 {
            self.emit(format!("{value};"));
        }
    }

    /// Ends a run of instructions: what is on the stack is not needed any more.
    fn leave(&mut self) {
        while !self.stack.is_empty() {
            let value = self.pop();
            self.drop_value(value);
        }
    }

    /// Puts what is on the stack into the variables in which branches meet.
    fn meet(&mut self) {
        let mut values = Vec::with_capacity(self.stack.len());
        while !self.stack.is_empty() {
            values.push(self.pop());
        }
        for (at, value) in values.into_iter().rev().enumerate() {
            let name = format!("s{at}");
            if value != name {
                self.emit(format!("{name} = {value};"));
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
        self.emit(format!("var {name} = {value};"));
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
            LDARG_0..=STLOC_S | LDARG..=STLOC => self.variable(next),
            LDNULL..=LDC_R8 | LDSTR | LDTOKEN | LDFTN | LDVIRTFTN | ARGLIST | SIZEOF => self.constant(next, token),
            LDFLD..=STSFLD => self.access_field(next.code, token),
            NEWARR..=STELEM => self.access_array(next.code, token),
            DUP => self.duplicate(),
            POP => {
                let value = self.pop();
                self.drop_value(value);
            }
            CALL | CALLVIRT => self.call(token, next.code == CALLVIRT),
            NEWOBJ => self.create(token),
            CALLI => {
                let signature = self.names.pointed(token);
                self.pop();
                self.pop_many(signature.parameters + usize::from(signature.has_this));
                if signature.returns {
                    self.push("_".to_owned());
                }
            }
            RET if !self.stack.is_empty() => {
                let value = self.pop();
                self.emit(format!("return {value};"));
            }
            THROW => {
                let value = self.pop();
                self.emit(format!("throw {value};"));
            }
            BRFALSE_S | BRTRUE_S | BRFALSE | BRTRUE | SWITCH => {
                let value = self.pop();
                if value.contains('(') {
                    self.emit(format!("if ({value}) {{ }}"));
                }
            }
            BEQ_S..=BLT_UN_S | BEQ..=BLT_UN => {
                let values = self.pop_many(2);
                if values.iter().any(|value| value.contains('(')) {
                    self.emit(format!("if ({}) {{ }}", values.join(" == ")));
                }
            }
            ADD..=SHR_UN | ADD_OVF..=SUB_OVF_UN | CEQ..=CLT_UN => self.binary(next.code),
            LDIND_I1..=LDIND_REF | LDOBJ | UNBOX | UNBOX_ANY | CASTCLASS | ISINST => self.cast(next.code, token),
            NEG | NOT | CKFINITE => self.cast(next.code, token),
            CONV_I1..=CONV_U8 | CONV_R_UN | CONV_OVF_I1_UN..=BOX => self.cast(next.code, token),
            CONV_OVF_I1..=CONV_OVF_U8 | CONV_U2..=CONV_OVF_U | CONV_U => self.cast(next.code, token),
            STIND_REF..=STIND_R8 | STOBJ | STIND_I | CPOBJ => {
                let value = self.pop();
                let target = self.pop();
                self.emit(format!("{target} = {value};"));
            }
            LOCALLOC | REFANYTYPE | REFANYVAL | MKREFANY => {
                self.pop();
                self.push("_".to_owned());
            }
            ENDFILTER | INITOBJ => drop(self.pop()),
            CPBLK | INITBLK => drop(self.pop_many(3)),
            _ => {}
        }
    }

    /// Arguments and local variables.
    fn variable(&mut self, next: Instruction) {
        let (short, long) = (next.value & 0xFF, next.value & 0xFFFF);
        match next.code {
            LDARG_0..=LDARG_3 => self.load_argument(usize::from(next.code - LDARG_0)),
            LDARG_S | LDARGA_S => self.load_argument(short as usize),
            LDARG | LDARGA => self.load_argument(long as usize),
            STARG_S => self.store_argument(short as usize),
            STARG => self.store_argument(long as usize),
            LDLOC_0..=LDLOC_3 => self.push(format!("l{}", next.code - LDLOC_0)),
            LDLOC_S | LDLOCA_S => self.push(format!("l{short}")),
            LDLOC | LDLOCA => self.push(format!("l{long}")),
            STLOC_0..=STLOC_3 => self.store_local(i64::from(next.code - STLOC_0)),
            STLOC_S => self.store_local(short),
            STLOC => self.store_local(long),
            _ => {}
        }
    }

    /// Constants, texts, and the names of types, fields and functions.
    fn constant(&mut self, next: Instruction, token: Token) {
        let text = match next.code {
            LDNULL => "null".to_owned(),
            LDC_I4_M1..=LDC_I4_8 => (i64::from(next.code) - i64::from(LDC_I4_0)).to_string(),
            LDC_I4_S..=LDC_I8 => next.value.to_string(),
            LDC_R4 | LDC_R8 => "0.5".to_owned(),
            LDSTR => literal(self.names.tables.literal(token.row)),
            LDTOKEN => match token.table {
                TYPE_DEF | TYPE_REF | TYPE_SPEC => format!("typeof({})", self.names.type_of(token)),
                FIELD => format!("#{}", token.row),
                _ => "_".to_owned(),
            },
            LDFTN | LDVIRTFTN => {
                let member = self.names.member(token);
                let object = if next.code == LDVIRTFTN { self.pop() } else { member.owner };
                format!("{object}.{}", identifier(&member.name))
            }
            _ => "_".to_owned(),
        };
        self.push(text);
    }

    fn access_field(&mut self, code: u16, token: Token) {
        match code {
            LDFLD | LDFLDA => {
                let object = self.pop();
                let name = self.field(token);
                self.push(format!("{object}.{name}"));
            }
            STFLD => {
                let value = self.pop();
                let object = self.pop();
                let name = self.field(token);
                self.emit(format!("{object}.{name} = {value};"));
            }
            LDSFLD | LDSFLDA => {
                let name = self.static_field(token);
                self.push(name);
            }
            STSFLD => {
                let value = self.pop();
                let name = self.static_field(token);
                self.emit(format!("{name} = {value};"));
            }
            _ => {}
        }
    }

    fn access_array(&mut self, code: u16, token: Token) {
        match code {
            NEWARR => {
                let length = self.pop();
                let of = self.names.type_of(token);
                self.stack.push(Item::Array(of, length, Vec::new()));
            }
            LDLEN => {
                let array = self.pop();
                self.push(format!("{array}.Length"));
            }
            LDELEMA..=LDELEM_REF | LDELEM => {
                let index = self.pop();
                let array = self.pop();
                self.push(format!("{array}[{index}]"));
            }
            _ => self.store_element(),
        }
    }

    fn store_argument(&mut self, at: usize) {
        let value = self.pop();
        let name = self.argument(at);
        self.emit(format!("{name} = {value};"));
    }

    fn load_argument(&mut self, at: usize) {
        let name = self.argument(at);
        self.push(name);
    }

    fn store_local(&mut self, at: i64) {
        let value = self.pop();
        self.emit(format!("l{at} = {value};"));
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
        self.emit(format!("{array}[{index}] = {value};"));
    }

    /// What leaves a value what it is, but for its type.
    fn cast(&mut self, code: u16, token: Token) {
        let value = self.pop();
        let value = match code {
            NEG => format!("(-{value})"),
            NOT => format!("(~{value})"),
            CASTCLASS | ISINST | UNBOX | UNBOX_ANY => {
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
            ADD | ADD_OVF | ADD_OVF_UN => "+",
            SUB | SUB_OVF | SUB_OVF_UN => "-",
            MUL | MUL_OVF | MUL_OVF_UN => "*",
            DIV | DIV_UN => "/",
            REM | REM_UN => "%",
            AND => "&",
            OR => "|",
            XOR => "^",
            SHL => "<<",
            SHR | SHR_UN => ">>",
            CGT | CGT_UN => ">",
            CLT | CLT_UN => "<",
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
