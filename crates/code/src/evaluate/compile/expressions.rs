//! Expressions of all languages.

use super::super::op::Op;
use super::{Compiler, DEEPEST, MOST_ARGUMENTS, Shape};
use crate::code::structure::Language;
use crate::code::token::{Kind, Punct, Symbol, Token};

impl Compiler<'_> {
    pub(super) fn argument(&mut self, noted: bool) {
        let Some(token) = self.token(0) else { return };
        // `name := value` of Basic.
        if self.basic() && self.symbol(0).is_some() && self.is_at(1, Punct::Colon) {
            self.at += 2;
        }
        if self.is(Punct::Comma) {
            self.push(Op::Unknown);
            return;
        }
        let shape = self.expression(0);
        if noted && shape != Shape::Value {
            self.push(Op::Note(self.place_of(token)));
        }
    }

    /// The arguments between the brackets here.
    pub(super) fn arguments(&mut self, close: Punct, noted: bool) -> u8 {
        let end = self.closing().unwrap_or(self.tokens.len());
        self.at += 1;
        let mut count = 0u8;
        while self.at < end && !self.is(close) {
            let before = self.at;
            if count < MOST_ARGUMENTS {
                self.argument(noted);
                count += 1;
            }
            if !self.take(Punct::Comma) && self.at < end {
                // Broken, or more than an expression: on to the next one.
                while self.at < end && !self.is(Punct::Comma) {
                    self.at = self.closing().filter(|&close| close > self.at).map_or(self.at + 1, |close| close + 1);
                }
                self.take(Punct::Comma);
            }
            if self.at == before {
                break;
            }
        }
        self.at = (end + 1).min(self.tokens.len());
        count
    }

    /// An expression whose operators bind at least so strongly.
    pub(super) fn expression(&mut self, least: u8) -> Shape {
        if self.depth >= DEEPEST {
            self.push(Op::Unknown);
            self.skip_operand();
            return Shape::Value;
        }
        self.depth += 1;
        let shape = self.binary(least);
        self.depth -= 1;
        shape
    }

    pub(super) fn skip_operand(&mut self) {
        while !self.is_end() && !self.is(Punct::Comma) && !self.is(Punct::Close) && !self.is(Punct::CloseIndex) {
            self.at = self.closing().filter(|&close| close > self.at).map_or(self.at + 1, |close| close + 1);
        }
    }

    pub(super) fn binary(&mut self, least: u8) -> Shape {
        let mut shape = self.unary();
        loop {
            let Some(token) = self.token(0) else { return shape };
            let punct = match token.kind {
                Kind::Punct(Punct::Assign) if self.basic() => Punct::Equal,
                Kind::Punct(Punct::Assign | Punct::AddAssign | Punct::OtherAssign) if !self.basic() && least == 0 => {
                    self.assign(shape);
                    return Shape::Value;
                }
                Kind::Punct(Punct::Question) if least == 0 => {
                    self.at += 1;
                    let id = self.id();
                    let test = self.push(Op::Test(0, id));
                    self.expression(0);
                    let first = self.push(Op::EndFirst(0, id));
                    self.land(test);
                    self.take(Punct::Colon);
                    // Where both ways are gone the second one's value is kept.
                    self.expression(0);
                    self.land(first);
                    self.push(Op::EndTest(id));
                    return Shape::Value;
                }
                Kind::Punct(punct) => punct,
                Kind::Name if !token.verbatim => match (self.basic(), self.interner.name(token.value)) {
                    (true, b"mod") => Punct::Remainder,
                    (true, b"xor") => Punct::Xor,
                    (true, b"and" | b"andalso") => Punct::And,
                    (true, b"or" | b"orelse") => Punct::Or,
                    (true, b"is") => Punct::Equal,
                    (false, b"as" | b"is" | b"instanceof" | b"in") => {
                        self.at += 1;
                        self.chain(false);
                        self.push(Op::Pop);
                        shape = Shape::Value;
                        continue;
                    }
                    _ => return shape,
                },
                _ => return shape,
            };
            let bind = if self.basic() && punct == Punct::Xor { 1 } else { level(punct) };
            if bind == 0 || bind < least {
                return shape;
            }
            self.at += 1;
            self.expression(bind + 1);
            self.push(Op::Binary(punct));
            shape = Shape::Value;
        }
    }

    pub(super) fn unary(&mut self) -> Shape {
        let Some(token) = self.token(0) else {
            self.push(Op::Unknown);
            return Shape::Value;
        };
        match token.kind {
            Kind::Punct(Punct::Not) => {
                self.at += 1;
                self.expression(30);
                self.push(Op::Not);
                Shape::Value
            }
            Kind::Punct(Punct::Subtract) => {
                self.at += 1;
                self.expression(30);
                self.push(Op::Minus);
                Shape::Value
            }
            Kind::Punct(Punct::Add) => {
                self.at += 1;
                self.expression(30)
            }
            Kind::Punct(Punct::Step) => {
                let down = self.text.get(token.start as usize) == Some(&b'-');
                self.at += 1;
                let shape = self.chain(false);
                if let Shape::Name(symbol) = shape {
                    self.push(Op::Number(1.0));
                    self.push(Op::Binary(if down { Punct::Subtract } else { Punct::Add }));
                    self.push(Op::Store(symbol));
                }
                Shape::Value
            }
            Kind::Name if self.basic() && self.word(0) == b"not" => {
                self.at += 1;
                self.expression(6);
                self.push(Op::Not);
                Shape::Value
            }
            Kind::Name if !self.basic() && matches!(self.word(0), b"typeof" | b"void" | b"delete" | b"await") => {
                self.at += 1;
                self.expression(30);
                self.push(Op::Pop);
                self.push(Op::Unknown);
                Shape::Value
            }
            Kind::Punct(Punct::Open) if !self.basic() => match self.cast() {
                Some((class, end)) => {
                    self.at = end;
                    self.expression(30);
                    self.push(Op::Cast(class));
                    Shape::Value
                }
                None => self.chain(false),
            },
            _ => self.chain(false),
        }
    }

    /// `(class)` in front of an operand.
    pub(super) fn cast(&self) -> Option<(Symbol, usize)> {
        let close = self.closing()?;
        if close - self.at > 6 || close < self.at + 2 {
            return None;
        }
        let mut class = None;
        for token in &self.tokens[self.at + 1..close] {
            match token.kind {
                Kind::Name => class = Some(token.value),
                Kind::Punct(Punct::Dot | Punct::OpenIndex | Punct::CloseIndex) => {}
                _ => return None,
            }
        }
        let class = class?;
        let plain = matches!(
            self.interner.name(class),
            b"char" | b"byte" | b"int" | b"string" | b"long" | b"short" | b"object" | b"uint" | b"ushort" | b"double"
        );
        let next = self.tokens.get(close + 1)?.kind;
        let fits = match next {
            Kind::Name => !matches!(self.interner.name(self.tokens[close + 1].value), b"is" | b"as" | b"in"),
            Kind::Literal | Kind::Number => true,
            Kind::Punct(Punct::Open | Punct::Not | Punct::Subtract) => plain,
            _ => false,
        };
        fits.then_some((class, close + 1))
    }

    /// An operand with what hangs on it. `statement`: brackets behind a name may be an element that is set.
    pub(super) fn chain(&mut self, statement: bool) -> Shape {
        let Some(token) = self.token(0) else {
            self.push(Op::Unknown);
            return Shape::Value;
        };
        let place = self.place_of(token);
        let mut shape = Shape::Value;
        match token.kind {
            Kind::Number => {
                self.at += 1;
                self.push(token.number().map_or(Op::Unknown, |number| Op::Number(f64::from(number))));
            }
            Kind::Literal => {
                self.at += 1;
                let single = self.language == Language::CSharp && self.text.get(token.start as usize) == Some(&b'\'');
                self.push(if single { Op::Char(token.value) } else { Op::Literal(token.value) });
            }
            Kind::Punct(Punct::Open) => {
                let end = self.closing().map_or(self.tokens.len(), |close| close + 1);
                self.at += 1;
                self.expression(0);
                self.at = end;
            }
            Kind::Punct(Punct::OpenIndex | Punct::OpenBrace) => self.items(),
            Kind::Name if !self.basic() && self.word(0) == b"function" => {
                self.at += 1;
                let name = self.symbol(0);
                self.at += usize::from(name.is_some());
                let name = self.bound.take().or(name);
                self.script_function(name);
                self.push(Op::Unknown);
            }
            Kind::Name if self.word(0) == b"new" => {
                self.at += 1;
                self.new_object(place);
                shape = Shape::Made;
            }
            Kind::Name => {
                self.at += 1;
                shape = self.name(token, place, statement);
            }
            _ => {
                // Nothing that has a value; what ends the expression stays.
                if !self.is_end()
                    && !matches!(
                        token.kind,
                        Kind::Punct(Punct::Close | Punct::CloseIndex | Punct::Comma | Punct::Colon)
                    )
                {
                    self.at += 1;
                }
                self.push(Op::Unknown);
                return Shape::Value;
            }
        }
        self.hang(shape, place)
    }

    /// A name, called or with an index or by itself.
    pub(super) fn name(&mut self, token: Token, place: u32, statement: bool) -> Shape {
        let symbol = token.value;
        if self.is(Punct::Open) {
            let noted = self.reaches_sink(symbol);
            let count = self.arguments(Punct::Close, noted);
            self.push(Op::Call(symbol, count, place));
            return if statement && self.basic() && self.is(Punct::Assign) { Shape::Element } else { Shape::Made };
        }
        if self.is(Punct::OpenIndex) {
            let count = self.arguments(Punct::CloseIndex, false);
            self.push(Op::ElementOf(symbol, count));
            return Shape::Element;
        }
        // A method of a variable.
        if self.is(Punct::Dot)
            && let Some(member) = self.symbol(1)
            && self.is_at(2, Punct::Open)
        {
            self.at += 2;
            let noted = self.reaches_sink(member);
            let count = self.arguments(Punct::Close, noted);
            self.push(Op::MethodOf(symbol, member, count, place));
            return Shape::Made;
        }
        self.push(Op::Load(symbol));
        if self.is(Punct::Step) && !self.basic() {
            let down = self.token(0).is_some_and(|t| self.text.get(t.start as usize) == Some(&b'-'));
            self.at += 1;
            self.push(Op::Load(symbol));
            self.push(Op::Number(1.0));
            self.push(Op::Binary(if down { Punct::Subtract } else { Punct::Add }));
            self.push(Op::Store(symbol));
            self.push(Op::Pop);
            return Shape::Value;
        }
        Shape::Name(symbol)
    }

    /// Members, calls and elements behind an operand.
    pub(super) fn hang(&mut self, mut shape: Shape, place: u32) -> Shape {
        loop {
            if self.is(Punct::Dot)
                && let Some(member) = self.symbol(1)
            {
                self.at += 2;
                if self.is(Punct::Open) {
                    let noted = self.reaches_sink(member);
                    let count = self.arguments(Punct::Close, noted);
                    self.push(Op::Method(member, count, place));
                } else {
                    self.push(Op::Member(member));
                }
                shape = Shape::Made;
            } else if self.is(Punct::OpenIndex) || self.is(Punct::Open) && shape != Shape::Value {
                let close = if self.is(Punct::Open) { Punct::Close } else { Punct::CloseIndex };
                let count = self.arguments(close, false);
                self.push(Op::Element(count));
                shape = Shape::Made;
            } else if self.is(Punct::Step) && !self.basic() && shape != Shape::Value {
                self.at += 1;
            } else {
                return shape;
            }
        }
    }

    /// `[a, b]` or `{a, b}`.
    pub(super) fn items(&mut self) {
        let end = self.closing().unwrap_or(self.tokens.len());
        self.at += 1;
        let mut count = 0u16;
        while self.at < end {
            let before = self.at;
            if count < u16::MAX {
                self.expression(0);
                count += 1;
            }
            while self.at < end && !self.is(Punct::Comma) {
                self.at = self.closing().filter(|&close| close > self.at).map_or(self.at + 1, |close| close + 1);
            }
            self.take(Punct::Comma);
            if self.at == before {
                break;
            }
        }
        self.at = (end + 1).min(self.tokens.len());
        self.push(Op::List(count));
    }

    /// Behind `new`.
    pub(super) fn new_object(&mut self, place: u32) {
        let mut class = None;
        while let Some(symbol) = self.symbol(0) {
            class = Some(symbol);
            self.at += 1;
            if !(self.is(Punct::Dot) && self.symbol(1).is_some()) {
                break;
            }
            self.at += 1;
        }
        if self.is(Punct::Less) {
            while self.at < self.tokens.len() && !self.is(Punct::Greater) && !self.is_end() {
                self.at += 1;
            }
            self.at += 1;
        }
        if self.is(Punct::OpenIndex) {
            // An array; its size says nothing but how long it is.
            let end = self.closing().map_or(self.tokens.len(), |close| close + 1);
            self.at += 1;
            if !self.is(Punct::CloseIndex) && !self.is(Punct::Comma) {
                self.expression(0);
            } else {
                self.push(Op::Number(0.0));
            }
            self.at = end;
            if self.is(Punct::OpenBrace) {
                self.push(Op::Pop);
                return self.items();
            }
            self.push(Op::NewArray);
            return;
        }
        let Some(class) = class else {
            if self.is(Punct::OpenBrace) {
                self.items();
            } else {
                self.push(Op::Unknown);
            }
            return;
        };
        let mut count = 0;
        if self.is(Punct::Open) {
            let noted = self.reaches_sink(class) || self.interner.name(class) == b"activexobject";
            count = self.arguments(Punct::Close, noted);
        }
        self.push(Op::New(class, count, place));
        if self.is(Punct::OpenBrace) && !self.basic() {
            self.items();
            self.push(Op::Pop);
        }
    }
}

/// How strongly an operator binds; 0 for what is none.
pub(super) fn level(punct: Punct) -> u8 {
    match punct {
        Punct::Coalesce => 1,
        Punct::Or => 2,
        Punct::And => 3,
        Punct::BitOr => 7,
        Punct::Xor => 8,
        Punct::BitAnd => 9,
        Punct::Equal | Punct::NotEqual | Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual => 10,
        Punct::ShiftLeft | Punct::ShiftRight => 12,
        Punct::Concat => 13,
        Punct::Add | Punct::Subtract => 14,
        Punct::Remainder => 16,
        Punct::IntDivide => 17,
        Punct::Multiply | Punct::Divide => 18,
        Punct::Power => 20,
        _ => 0,
    }
}
