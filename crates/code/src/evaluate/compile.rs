//! From tokens to the steps of a machine. What the languages have beside expressions, branches, loops and functions is passed
//! over; so is what nests deeper than a page does.

use super::RUNS;
use crate::code::api_model::{self, Effect};
use crate::code::parse::bracket_pairs;
use crate::code::structure::Language;
use crate::code::token::{Interner, Kind, Punct, Symbol, Token};
use std::collections::HashMap;

/// A step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Number(f64),
    Literal(u32),
    /// A literal of C# in single quotes.
    Char(u32),
    Unknown,
    Load(Symbol),
    Store(Symbol),
    /// The variable is one of this function, and empty in Basic.
    Declare(Symbol),
    /// A field of an object, whose class has its fields among the names of the page.
    StoreField(Symbol),
    /// The last value goes behind what the variable holds; as numbers if both are and `true` is said.
    Append(Symbol, bool),
    Element(u8),
    ElementOf(Symbol, u8),
    SetElement(Symbol, u8),
    /// `a[i] ^= x`
    AlterElement(Symbol, u8, Punct),
    Call(Symbol, u8, u32),
    Method(Symbol, u8, u32),
    /// A method of a variable, which may change what it holds.
    MethodOf(Symbol, Symbol, u8, u32),
    Member(Symbol),
    New(Symbol, u8, u32),
    List(u16),
    Binary(Punct),
    Not,
    Minus,
    Cast(Symbol),
    Pop,
    /// Jumps if the last value does not hold; where that is not known, both ways are gone.
    Test(usize, u32),
    /// Behind the first way.
    EndFirst(usize, u32),
    EndTest(u32),
    BeginLoop(u32),
    /// As `Test`; a loop whose end is not known is gone through once.
    LoopTest(usize, u32),
    LoopBack(usize, u32),
    EndLoop(u32),
    Break(usize, u32),
    SetSlot(u32),
    Slot(u32),
    /// `for variable = slot to slot + 1 step slot + 2`
    ForTest(Symbol, u32, usize, u32),
    ForStep(Symbol, u32, usize, u32),
    /// The next element of the list in a slot, whose place is in the slot behind it.
    EachTest(Symbol, u32, usize, u32),
    Return,
    End,
    /// Keeps the last value by where it stands.
    Note(u32),
}

/// A function.
#[derive(Debug, Default)]
pub(super) struct Routine {
    pub(super) name: Option<Symbol>,
    pub(super) parameters: Vec<Symbol>,
    pub(super) code: Vec<Op>,
    /// Branches and loops.
    pub(super) ids: u32,
    pub(super) slots: u32,
    pub(super) language: Option<Language>,
}

/// All functions; the first is the code outside of them.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) routines: Vec<Routine>,
    pub(super) by_name: HashMap<Symbol, usize>,
}

/// How deep statements and expressions nest.
const DEEPEST: usize = 40;
const MOST_ROUTINES: usize = 4096;
const MOST_ARGUMENTS: u8 = 250;

/// Compiles tokens into a new function of the program, whose number it gives. `place` is where they stand if they are the text
/// of a constant; `value` says that they are an expression of Basic.
pub(super) fn program(
    tokens: &[Token],
    text: &[u8],
    interner: &Interner,
    program: &mut Program,
    place: Option<u32>,
    value: bool,
) -> usize {
    let number = program.routines.len();
    program.routines.push(Routine::default());
    let mut compiler = Compiler {
        tokens,
        bracket_pairs: bracket_pairs(tokens),
        interner,
        text,
        at: 0,
        language: Language::CSharp,
        program,
        now: Routine::default(),
        loops: Vec::new(),
        depth: 0,
        place,
        bound: None,
        trying: false,
    };
    if value {
        // The mark of the block says its language.
        compiler.statement();
        compiler.expression(0);
        compiler.push(Op::Return);
        compiler.at = tokens.len();
    }
    while compiler.at < tokens.len() {
        let before = compiler.at;
        compiler.statement();
        if compiler.at == before {
            compiler.at += 1;
        }
    }
    let mut done = std::mem::take(&mut compiler.now);
    done.language = Some(compiler.language);
    done.code.push(Op::End);
    compiler.program.routines[number] = done;
    number
}

struct Loop {
    id: u32,
    breaks: Vec<usize>,
    nexts: Vec<usize>,
}

struct Compiler<'c> {
    tokens: &'c [Token],
    bracket_pairs: Vec<u32>,
    interner: &'c Interner,
    text: &'c [u8],
    at: usize,
    language: Language,
    program: &'c mut Program,
    now: Routine,
    loops: Vec<Loop>,
    depth: usize,
    place: Option<u32>,
    /// The variable that takes the function which is read.
    bound: Option<Symbol>,
    /// Whether what is compiled may be compiled again, so that nothing inside is tried twice as well.
    trying: bool,
}

/// What an expression was, where that matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Value,
    /// A variable by itself; it was loaded at this step.
    Name(Symbol),
    Element,
    /// A call or a member.
    Made,
}

impl Compiler<'_> {
    fn basic(&self) -> bool {
        matches!(self.language, Language::VbScript | Language::VisualBasic)
    }

    fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn is(&self, sign: Punct) -> bool {
        self.is_at(0, sign)
    }

    fn is_at(&self, ahead: usize, sign: Punct) -> bool {
        self.token(ahead).is_some_and(|token| token.kind == Kind::Punct(sign))
    }

    fn take(&mut self, sign: Punct) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    /// The name ahead in lower case; nothing for what is no name, or is written as no keyword.
    fn word(&self, ahead: usize) -> &[u8] {
        match self.token(ahead) {
            Some(Token { kind: Kind::Name, verbatim: false, value, .. }) => self.interner.name(value),
            _ => &[],
        }
    }

    fn symbol(&self, ahead: usize) -> Option<Symbol> {
        self.token(ahead).filter(|token| token.kind == Kind::Name).map(|token| token.value)
    }

    fn place_of(&self, token: Token) -> u32 {
        self.place.unwrap_or(token.start)
    }

    fn mate(&self) -> Option<usize> {
        self.bracket_pairs.get(self.at).filter(|&&mate| mate != u32::MAX).map(|&mate| mate as usize)
    }

    fn push(&mut self, op: Op) -> usize {
        self.now.code.push(op);
        self.now.code.len() - 1
    }

    fn here(&self) -> usize {
        self.now.code.len()
    }

    fn id(&mut self) -> u32 {
        self.now.ids += 1;
        self.now.ids - 1
    }

    fn land(&mut self, at: usize) {
        let to = self.here();
        if let Some(
            Op::Test(target, _)
            | Op::EndFirst(target, _)
            | Op::LoopTest(target, _)
            | Op::LoopBack(target, _)
            | Op::Break(target, _)
            | Op::ForTest(_, _, target, _)
            | Op::ForStep(_, _, target, _)
            | Op::EachTest(_, _, target, _),
        ) = self.now.code.get_mut(at)
        {
            *target = to;
        }
    }

    fn is_end(&self) -> bool {
        match self.token(0).map(|token| token.kind) {
            None | Some(Kind::End | Kind::Block | Kind::Output | Kind::Binding) => true,
            Some(Kind::Punct(Punct::Semicolon | Punct::CloseBrace)) => !self.basic(),
            _ => self.basic() && self.word(0) == b"else",
        }
    }

    /// Passes over the rest of a statement.
    fn skip(&mut self) {
        while !self.is_end() {
            self.at = match self.mate() {
                Some(mate) if mate > self.at => mate + 1,
                _ => self.at + 1,
            };
        }
    }

    fn statement(&mut self) {
        let Some(token) = self.token(0) else { return };
        match token.kind {
            Kind::Block | Kind::Output | Kind::Binding => {
                self.language = match token.value {
                    0 => Language::CSharp,
                    1 => Language::VisualBasic,
                    2 => Language::JScript,
                    _ => Language::VbScript,
                };
                self.at += 1;
                return;
            }
            Kind::End | Kind::Punct(Punct::Semicolon) => {
                self.at += 1;
                return;
            }
            _ => {}
        }
        if self.depth >= DEEPEST {
            self.skip();
            return;
        }
        self.depth += 1;
        if self.basic() {
            self.basic_statement()
        } else {
            self.braces_statement(token)
        }
        self.depth -= 1;
    }

    // --- Basic

    /// Statements up to one of these words.
    fn basic_block(&mut self, ends: &[&[u8]]) {
        while self.at < self.tokens.len() && !ends.contains(&self.word(0)) {
            let before = self.at;
            self.statement();
            if self.at == before {
                self.at += 1;
            }
        }
    }

    /// Passes over `end if` and its kin.
    fn end_word(&mut self) {
        if self.word(0) == b"end" {
            self.at += 1;
            if matches!(
                self.word(0),
                b"if" | b"select" | b"function" | b"sub" | b"property" | b"with" | b"class" | b"try"
            ) {
                self.at += 1;
            }
        }
    }

    fn basic_statement(&mut self) {
        let word = self.word(0);
        match word {
            b"dim" | b"redim" | b"public" | b"private" | b"protected" | b"friend" | b"shared" | b"static"
            | b"const" => {
                self.at += 1;
                if matches!(self.word(0), b"preserve" | b"default" | b"shared" | b"const" | b"readonly") {
                    self.at += 1;
                }
                if matches!(self.word(0), b"function" | b"sub" | b"property" | b"class") {
                    return self.basic_statement();
                }
                self.basic_declaration();
            }
            b"set" | b"let" | b"call" => {
                self.at += 1;
                self.basic_expression();
            }
            b"if" => self.basic_if(),
            b"for" => self.basic_for(),
            b"while" => {
                self.at += 1;
                let id = self.begin_loop();
                let top = self.here();
                self.expression(0);
                let test = self.push(Op::LoopTest(0, id));
                self.basic_block(&[b"wend", b"end"]);
                if self.word(0) == b"end" {
                    self.at += 1;
                }
                self.at += 1;
                self.end_loop(id, top, Some(test));
            }
            b"do" => self.basic_do(),
            b"select" => self.basic_select(),
            b"function" | b"sub" => self.basic_function(),
            b"property" => {
                self.at += 1;
                self.basic_function();
            }
            b"exit" => {
                self.at += 1;
                match self.word(0) {
                    b"for" | b"do" | b"while" => self.break_loop(),
                    b"function" | b"sub" | b"property" => {
                        self.push(Op::Unknown);
                        self.push(Op::Return);
                    }
                    _ => {}
                }
                self.at += 1;
            }
            b"return" => {
                self.at += 1;
                self.expression(0);
                self.push(Op::Return);
            }
            b"end" => self.end_word(),
            b"on" | b"option" | b"class" | b"with" | b"imports" | b"namespace" | b"inherits" | b"case" | b"loop"
            | b"next" | b"module" => self.skip(),
            b"wend" | b"else" | b"elseif" | b"then" => self.at += 1,
            _ => self.basic_expression(),
        }
    }

    /// `Dim a, b(3)`, `Const x = 1`, `Dim x As String = "..."`.
    fn basic_declaration(&mut self) {
        while let Some(symbol) = self.symbol(0) {
            self.at += 1;
            if self.is(Punct::Open) {
                self.at = self.mate().map_or(self.at + 1, |mate| mate + 1);
            } else {
                self.push(Op::Declare(symbol));
            }
            if self.word(0) == b"as" {
                self.at += 1;
                while !self.is_end() && !self.is(Punct::Assign) && !self.is(Punct::Comma) {
                    self.at = self.mate().map_or(self.at + 1, |mate| mate + 1);
                }
            }
            if self.take(Punct::Assign) {
                self.expression(0);
                self.push(Op::Store(symbol));
                self.push(Op::Pop);
            }
            if !self.take(Punct::Comma) {
                break;
            }
        }
        self.skip();
    }

    fn basic_if(&mut self) {
        self.at += 1;
        self.expression(0);
        let id = self.id();
        let mut test = self.push(Op::Test(0, id));
        let mut firsts = Vec::new();
        while !self.is_end() && self.word(0) != b"then" {
            self.at += 1;
        }
        if self.word(0) == b"then" {
            self.at += 1;
        }
        let block = self.token(0).is_none_or(|token| matches!(token.kind, Kind::End | Kind::Block | Kind::Output));
        if !block {
            // On one line.
            self.one_line();
            if self.word(0) == b"else" {
                firsts.push(self.push(Op::EndFirst(0, id)));
                self.land(test);
                self.at += 1;
                self.one_line();
            } else {
                self.land(test);
            }
            if self.word(0) == b"end" && self.word(1) == b"if" {
                self.end_word();
            }
        } else {
            loop {
                self.basic_block(&[b"end", b"else", b"elseif"]);
                match self.word(0) {
                    b"elseif" => {
                        firsts.push(self.push(Op::EndFirst(0, id)));
                        self.land(test);
                        self.at += 1;
                        self.expression(0);
                        test = self.push(Op::Test(0, id));
                        if self.word(0) == b"then" {
                            self.at += 1;
                        }
                    }
                    b"else" => {
                        firsts.push(self.push(Op::EndFirst(0, id)));
                        self.land(test);
                        test = usize::MAX;
                        self.at += 1;
                        // `else if` on a line of its own nests.
                    }
                    b"end" if self.word(1) == b"if" => {
                        self.end_word();
                        break;
                    }
                    // `End` alone stops the page; what follows may still be reached.
                    b"end" if !matches!(self.word(1), b"function" | b"sub" | b"select" | b"while" | b"class") => {
                        self.at += 1;
                    }
                    _ => break,
                }
            }
            self.land(test);
        }
        for first in firsts {
            self.land(first);
        }
        self.push(Op::EndTest(id));
    }

    /// Statements up to the end of the line or `else`.
    fn one_line(&mut self) {
        loop {
            match self.token(0) {
                None => return,
                Some(Token { kind: Kind::Block | Kind::Output | Kind::Binding, .. }) => return,
                Some(Token { kind: Kind::End, line: true, .. }) => return,
                _ => {}
            }
            if self.word(0) == b"else" || self.word(0) == b"end" && self.word(1) == b"if" {
                return;
            }
            let before = self.at;
            self.statement();
            if self.at == before {
                self.at += 1;
            }
        }
    }

    fn basic_for(&mut self) {
        self.at += 1;
        if self.word(0) == b"each" {
            self.at += 1;
            let Some(symbol) = self.symbol(0) else { return self.skip() };
            self.at += 1;
            while !self.is_end() && self.word(0) != b"in" {
                self.at += 1;
            }
            self.at += 1;
            self.expression(0);
            let (id, top, test) = self.each(symbol);
            self.basic_block(&[b"next", b"end"]);
            self.at += 1;
            self.end_loop(id, top, Some(test));
            return;
        }
        let Some(symbol) = self.symbol(0) else { return self.skip() };
        self.at += 1;
        while !self.is_end() && !self.is(Punct::Assign) {
            self.at += 1;
        }
        self.at += 1;
        self.expression(0);
        self.push(Op::Store(symbol));
        self.push(Op::Pop);
        let slot = self.now.slots;
        self.now.slots += 2;
        if self.word(0) == b"to" {
            self.at += 1;
            self.expression(0);
        } else {
            self.push(Op::Unknown);
        }
        self.push(Op::SetSlot(slot));
        if self.word(0) == b"step" {
            self.at += 1;
            self.expression(0);
        } else {
            self.push(Op::Number(1.0));
        }
        self.push(Op::SetSlot(slot + 1));
        let id = self.begin_loop();
        let top = self.here();
        let test = self.push(Op::ForTest(symbol, slot, 0, id));
        self.basic_block(&[b"next", b"end"]);
        // The variable behind `next`.
        self.at += 1;
        if self.symbol(0).is_some() && self.token(0).is_some_and(|token| !token.line) {
            self.at += 1;
        }
        self.nexts();
        self.push(Op::ForStep(symbol, slot, top, id));
        self.finish_loop(id, Some(test));
    }

    fn basic_do(&mut self) {
        self.at += 1;
        let id = self.begin_loop();
        let top = self.here();
        let mut test = None;
        if matches!(self.word(0), b"while" | b"until") {
            let until = self.word(0) == b"until";
            self.at += 1;
            self.expression(0);
            if until {
                self.push(Op::Not);
            }
            test = Some(self.push(Op::LoopTest(0, id)));
        }
        self.basic_block(&[b"loop", b"end"]);
        self.at += 1;
        self.nexts();
        if matches!(self.word(0), b"while" | b"until") {
            let until = self.word(0) == b"until";
            self.at += 1;
            self.expression(0);
            if until {
                self.push(Op::Not);
            }
            test = Some(self.push(Op::LoopTest(0, id)));
        }
        self.push(Op::LoopBack(top, id));
        self.finish_loop(id, test);
    }

    fn basic_select(&mut self) {
        self.at += 1;
        if self.word(0) == b"case" {
            self.at += 1;
        }
        let slot = self.now.slots;
        self.now.slots += 1;
        self.expression(0);
        self.push(Op::SetSlot(slot));
        self.skip();
        let id = self.id();
        let mut firsts = Vec::new();
        self.basic_block(&[b"case", b"end"]);
        while self.word(0) == b"case" {
            self.at += 1;
            let mut test = None;
            if self.word(0) == b"else" {
                self.at += 1;
            } else {
                let mut more = false;
                loop {
                    self.push(Op::Slot(slot));
                    self.expression(0);
                    self.push(Op::Binary(Punct::Equal));
                    if more {
                        self.push(Op::Binary(Punct::Or));
                    }
                    more = true;
                    if !self.take(Punct::Comma) {
                        break;
                    }
                }
                test = Some(self.push(Op::Test(0, id)));
            }
            self.basic_block(&[b"case", b"end"]);
            firsts.push(self.push(Op::EndFirst(0, id)));
            if let Some(test) = test {
                self.land(test);
            }
        }
        if self.word(1) == b"select" {
            self.end_word();
        }
        for first in firsts {
            self.land(first);
        }
        self.push(Op::EndTest(id));
    }

    fn basic_function(&mut self) {
        self.at += 1;
        if matches!(self.word(0), b"get" | b"let" | b"set") && self.symbol(1).is_some() {
            self.at += 1;
        }
        let Some(name) = self.symbol(0) else { return self.skip() };
        self.at += 1;
        let parameters = self.parameters();
        self.skip();
        self.function(Some(name), parameters, |compiler| {
            loop {
                compiler.basic_block(&[b"end"]);
                if matches!(compiler.word(1), b"function" | b"sub" | b"property")
                    || compiler.at >= compiler.tokens.len()
                {
                    break;
                }
                compiler.end_word();
            }
            compiler.end_word();
        });
    }

    /// A statement that is a call or an assignment.
    fn basic_expression(&mut self) {
        let Some(token) = self.token(0) else { return };
        let begin = self.here();
        // `f (a) & b` of VBScript gives f one argument.
        if self.symbol(0).is_some() && self.is_at(1, Punct::Open) {
            self.at += 1;
            let behind = self.mate().and_then(|mate| self.tokens.get(mate + 1)).map(|token| token.kind);
            self.at -= 1;
            let argument = matches!(
                behind,
                Some(Kind::Punct(Punct::Concat | Punct::Add | Punct::Comma)) | Some(Kind::Literal | Kind::Number)
            );
            if argument {
                self.at += 1;
                return self.bare_call(token, begin, Shape::Name(token.value));
            }
        }
        let shape = self.chain(true);
        if self.is(Punct::Assign) || self.is(Punct::AddAssign) {
            self.assign(shape);
            self.push(Op::Pop);
            self.skip();
            return;
        }
        if !self.is_end() && shape != Shape::Value {
            return self.bare_call(token, begin, shape);
        }
        if let Shape::Name(symbol) = shape {
            // A call without anything.
            self.now.code.truncate(begin);
            self.push(Op::Call(symbol, 0, self.place_of(token)));
        }
        self.push(Op::Pop);
        self.skip();
    }

    /// `name argument, argument`. What is called was compiled last, from `begin` on.
    fn bare_call(&mut self, token: Token, begin: usize, shape: Shape) {
        let place = self.place_of(token);
        let mut called = None;
        match (shape, self.now.code.last().copied()) {
            (Shape::Name(symbol), _) => {
                self.now.code.truncate(begin);
                called = Some(Op::Call(symbol, 0, place));
            }
            (_, Some(Op::Member(member))) => {
                self.now.code.pop();
                called = match self.now.code.last().copied() {
                    Some(Op::Load(symbol)) if self.here() == begin + 1 => {
                        self.now.code.pop();
                        Some(Op::MethodOf(symbol, member, 0, place))
                    }
                    _ => Some(Op::Method(member, 0, place)),
                };
            }
            _ => {}
        }
        let noted = matches!(called, Some(Op::Call(name, ..) | Op::Method(name, ..) | Op::MethodOf(_, name, ..)) if self.acts(name));
        let mut count = 0u8;
        while !self.is_end() && count < MOST_ARGUMENTS {
            self.argument(noted);
            count += 1;
            if !self.take(Punct::Comma) {
                break;
            }
        }
        match called {
            Some(Op::Call(symbol, _, place)) => self.push(Op::Call(symbol, count, place)),
            Some(Op::MethodOf(var, member, _, place)) => self.push(Op::MethodOf(var, member, count, place)),
            Some(Op::Method(member, _, place)) => self.push(Op::Method(member, count, place)),
            _ => {
                for _ in 0..count {
                    self.push(Op::Pop);
                }
                self.here()
            }
        };
        self.push(Op::Pop);
        self.skip();
    }

    // --- languages with braces

    fn braces_statement(&mut self, token: Token) {
        if token.kind == Kind::Punct(Punct::OpenBrace) {
            return self.block();
        }
        if token.kind == Kind::Punct(Punct::OpenIndex) && self.language == Language::CSharp {
            // Attributes.
            self.at = self.mate().map_or(self.at + 1, |mate| mate + 1);
            return;
        }
        if token.kind != Kind::Name {
            if matches!(token.kind, Kind::Punct(Punct::CloseBrace | Punct::Colon | Punct::Comma | Punct::Close)) {
                self.at += 1;
                return;
            }
            self.expression(0);
            self.push(Op::Pop);
            return self.end_of_statement();
        }
        let script = self.language == Language::JScript;
        match self.word(0) {
            b"if" => {
                self.at += 1;
                self.condition();
                let id = self.id();
                let test = self.push(Op::Test(0, id));
                self.statement();
                while self.token(0).is_some_and(|token| token.kind == Kind::Block) {
                    self.statement();
                }
                if self.word(0) == b"else" {
                    self.at += 1;
                    let first = self.push(Op::EndFirst(0, id));
                    self.land(test);
                    self.statement();
                    self.land(first);
                } else {
                    self.land(test);
                }
                self.push(Op::EndTest(id));
            }
            b"while" => {
                self.at += 1;
                let id = self.begin_loop();
                let top = self.here();
                self.condition();
                let test = self.push(Op::LoopTest(0, id));
                self.statement();
                self.end_loop(id, top, Some(test));
            }
            b"do" => {
                self.at += 1;
                let id = self.begin_loop();
                let top = self.here();
                self.statement();
                self.nexts();
                let mut test = None;
                if self.word(0) == b"while" {
                    self.at += 1;
                    self.condition();
                    test = Some(self.push(Op::LoopTest(0, id)));
                }
                self.push(Op::LoopBack(top, id));
                self.finish_loop(id, test);
            }
            b"for" | b"foreach" => self.braces_for(),
            b"switch" | b"lock" | b"with" | b"using" | b"catch" | b"fixed" => {
                self.at += 1;
                if self.is(Punct::Open) {
                    let end = self.mate().map_or(self.tokens.len(), |mate| mate + 1);
                    self.at += 1;
                    if self.declared().is_some() {
                        self.statement();
                    }
                    self.at = end;
                } else {
                    self.skip();
                }
            }
            b"case" | b"default" => {
                while self.at < self.tokens.len() && !self.is(Punct::Colon) && !self.is_end() {
                    self.at += 1;
                }
                self.at += 1;
            }
            b"return" => {
                self.at += 1;
                if self.is_end() {
                    self.push(Op::Unknown);
                } else {
                    self.expression(0);
                }
                self.push(Op::Return);
                self.end_of_statement();
            }
            b"throw" => self.skip(),
            b"break" => {
                self.at += 1;
                self.break_loop();
            }
            b"continue" => {
                self.at += 1;
                if let Some(id) = self.loops.last().map(|l| l.id) {
                    let at = self.push(Op::Break(0, id));
                    if let Some(inner) = self.loops.last_mut() {
                        inner.nexts.push(at);
                    }
                }
            }
            b"try" | b"finally" | b"else" | b"unsafe" | b"public" | b"private" | b"protected" | b"internal"
            | b"static" | b"override" | b"virtual" | b"readonly" | b"sealed" | b"partial" | b"async" => self.at += 1,
            b"class" | b"struct" | b"interface" | b"namespace" | b"package" => {
                while !self.is_end() && !self.is(Punct::OpenBrace) {
                    self.at += 1;
                }
            }
            b"var" | b"let" | b"const" => {
                self.at += 1;
                if self.language == Language::CSharp && self.declared().is_some() {
                    return self.statement();
                }
                self.declarators();
                self.end_of_statement();
            }
            b"function" if script => {
                self.at += 1;
                let name = self.symbol(0);
                self.at += usize::from(name.is_some());
                self.script_function(name);
            }
            _ if !script && self.declared().is_some() => {
                let at = self.declared().unwrap_or(self.at);
                let name = self.tokens[at].value;
                self.at = at;
                if self.is_at(1, Punct::Open) {
                    self.at += 1;
                    let parameters = self.parameters();
                    self.body(Some(name), parameters);
                } else if self.is_at(1, Punct::OpenBrace) {
                    // A property: what its accessors give is not followed.
                    self.at += 1;
                    self.at = self.mate().map_or(self.at + 1, |mate| mate + 1);
                } else {
                    self.declarators();
                    self.end_of_statement();
                }
            }
            // A constructor.
            _ if !script && self.is_at(1, Punct::Open) && self.opens_body(1) => {
                self.at += 1;
                let parameters = self.parameters();
                self.body(None, parameters);
            }
            _ => {
                self.expression(0);
                self.push(Op::Pop);
                self.end_of_statement();
            }
        }
    }

    fn end_of_statement(&mut self) {
        if self.language == Language::JScript && self.token(0).is_some_and(|token| token.line) {
            return;
        }
        if !self.is_end() && !self.is(Punct::OpenBrace) {
            self.skip();
        }
        self.take(Punct::Semicolon);
    }

    fn block(&mut self) {
        self.at += 1;
        while self.at < self.tokens.len() && !self.is(Punct::CloseBrace) {
            let before = self.at;
            self.statement();
            if self.at == before {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    /// `(expression)`
    fn condition(&mut self) {
        if !self.is(Punct::Open) {
            self.push(Op::Unknown);
            return;
        }
        let end = self.mate().map_or(self.tokens.len(), |mate| mate + 1);
        self.at += 1;
        self.expression(0);
        self.at = end;
    }

    /// `a = 1, b = 2`
    fn declarators(&mut self) {
        while let Some(symbol) = self.symbol(0) {
            self.at += 1;
            // JScript.NET: `x : Class`.
            if self.language == Language::JScript && self.take(Punct::Colon) {
                while self.symbol(0).is_some()
                    || self.is(Punct::Dot)
                    || self.is(Punct::OpenIndex)
                    || self.is(Punct::CloseIndex)
                {
                    self.at += 1;
                }
            }
            if self.take(Punct::Assign) {
                self.bound = Some(symbol);
                self.expression(0);
                self.bound = None;
                self.push(Op::Store(symbol));
                self.push(Op::Pop);
            }
            if !self.take(Punct::Comma) {
                break;
            }
        }
    }

    /// Where the name stands if this is `Class name`, `List<int>[] name` and the like.
    fn declared(&self) -> Option<usize> {
        let mut at = self.at;
        let kind = |at: usize| self.tokens.get(at).map(|token| token.kind);
        if kind(at) != Some(Kind::Name)
            || matches!(self.word(0), b"return" | b"new" | b"throw" | b"await" | b"else" | b"in")
        {
            return None;
        }
        at += 1;
        while kind(at) == Some(Kind::Punct(Punct::Dot)) && kind(at + 1) == Some(Kind::Name) {
            at += 2;
        }
        if kind(at) == Some(Kind::Punct(Punct::Less)) {
            let mut depth = 0usize;
            let limit = (at + 24).min(self.tokens.len());
            while at < limit {
                match kind(at)? {
                    Kind::Punct(Punct::Less) => depth += 1,
                    Kind::Punct(Punct::Greater) => depth = depth.saturating_sub(1),
                    Kind::Punct(Punct::ShiftRight) => depth = depth.saturating_sub(2),
                    Kind::Name | Kind::Punct(Punct::Dot | Punct::Comma | Punct::OpenIndex | Punct::CloseIndex) => {}
                    _ => return None,
                }
                at += 1;
                if depth == 0 {
                    break;
                }
            }
        }
        while kind(at) == Some(Kind::Punct(Punct::OpenIndex)) {
            at += 1;
            while kind(at) == Some(Kind::Punct(Punct::Comma)) {
                at += 1;
            }
            if kind(at) != Some(Kind::Punct(Punct::CloseIndex)) {
                return None;
            }
            at += 1;
        }
        let fits = kind(at) == Some(Kind::Name)
            && matches!(
                kind(at + 1),
                Some(Kind::Punct(Punct::Assign | Punct::Semicolon | Punct::Comma | Punct::Open | Punct::OpenBrace))
                    | Some(Kind::Name)
            )
            && !matches!(self.interner.name(self.tokens[at].value), b"is" | b"as" | b"in");
        fits.then_some(at)
    }

    /// Whether a body follows the brackets that open so far ahead.
    fn opens_body(&self, ahead: usize) -> bool {
        let mate = self.bracket_pairs.get(self.at + ahead).copied().unwrap_or(u32::MAX);
        mate != u32::MAX
            && self.tokens.get(mate as usize + 1).is_some_and(|token| token.kind == Kind::Punct(Punct::OpenBrace))
    }

    fn braces_for(&mut self) {
        let each = self.word(0) == b"foreach" || self.word(1) == b"each";
        self.at += 1;
        if self.word(0) == b"each" {
            self.at += 1;
        }
        if !self.is(Punct::Open) {
            return self.skip();
        }
        let end = self.mate().map_or(self.tokens.len(), |mate| mate + 1);
        self.at += 1;
        let inside = (self.at..end).take(12).find(|&at| {
            self.tokens.get(at).is_some_and(|t| t.kind == Kind::Name && self.interner.name(t.value) == b"in")
        });
        if let Some(inside) = inside {
            let Some(symbol) = self.tokens.get(inside - 1).filter(|t| t.kind == Kind::Name).map(|t| t.value) else {
                self.at = end;
                return;
            };
            self.at = inside + 1;
            self.expression(0);
            if !each {
                // `for (i in list)` gives places.
                self.push(Op::Pop);
                self.push(Op::Unknown);
            }
            self.at = end;
            let (id, top, test) = self.each(symbol);
            self.statement();
            self.end_loop(id, top, Some(test));
            return;
        }
        // The first part.
        if !self.is(Punct::Semicolon) {
            let declares = matches!(self.word(0), b"var" | b"let");
            if declares || self.language == Language::CSharp && self.declared().is_some() {
                self.at = if declares { self.at + 1 } else { self.declared().unwrap_or(self.at) };
                self.declarators();
            } else {
                self.comma_expressions();
            }
        }
        self.take(Punct::Semicolon);
        let id = self.begin_loop();
        let top = self.here();
        if self.is(Punct::Semicolon) {
            self.push(Op::Number(1.0));
        } else {
            self.expression(0);
        }
        let test = self.push(Op::LoopTest(0, id));
        self.take(Punct::Semicolon);
        // What is done at the end of each round is compiled behind the body.
        let last = self.at;
        self.at = end;
        self.statement();
        let behind = self.at;
        self.nexts();
        self.at = last;
        if self.at + 1 < end {
            self.comma_expressions();
        }
        self.at = behind;
        self.push(Op::LoopBack(top, id));
        self.finish_loop(id, Some(test));
    }

    fn comma_expressions(&mut self) {
        loop {
            self.expression(0);
            self.push(Op::Pop);
            if !self.take(Punct::Comma) {
                break;
            }
        }
    }

    fn script_function(&mut self, name: Option<Symbol>) {
        let parameters = self.parameters();
        // The class of what it gives.
        if self.take(Punct::Colon) {
            while !self.is_end() && !self.is(Punct::OpenBrace) {
                self.at += 1;
            }
        }
        self.body(name, parameters);
    }

    fn body(&mut self, name: Option<Symbol>, parameters: Vec<Symbol>) {
        while !self.is_end() && !self.is(Punct::OpenBrace) {
            self.at += 1;
        }
        if !self.is(Punct::OpenBrace) {
            return;
        }
        self.function(name, parameters, Self::block);
    }

    // --- for all

    /// The names between the brackets here, which are passed over.
    fn parameters(&mut self) -> Vec<Symbol> {
        let mut parameters = Vec::new();
        if !self.is(Punct::Open) {
            return parameters;
        }
        let end = self.mate().unwrap_or(self.tokens.len());
        let sharp = self.language == Language::CSharp;
        let (mut name, mut done) = (None, false);
        for at in self.at + 1..end {
            let token = self.tokens[at];
            match token.kind {
                Kind::Punct(Punct::Comma) => {
                    parameters.extend(name.take());
                    done = false;
                }
                Kind::Punct(Punct::Assign | Punct::Colon) => done = true,
                Kind::Name if !done => {
                    let word = self.interner.name(token.value);
                    if matches!(word, b"byval" | b"byref" | b"optional" | b"ref" | b"out" | b"params" | b"this") {
                    } else if word == b"as" && !sharp {
                        done = true;
                    } else if sharp || name.is_none() {
                        name = Some(token.value);
                    }
                }
                _ => {}
            }
        }
        parameters.extend(name);
        parameters.truncate(usize::from(MOST_ARGUMENTS));
        self.at = (end + 1).min(self.tokens.len());
        parameters
    }

    fn function(&mut self, name: Option<Symbol>, parameters: Vec<Symbol>, body: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.now);
        let loops = std::mem::take(&mut self.loops);
        self.now.name = name;
        self.now.parameters = parameters;
        body(self);
        self.push(Op::End);
        let mut done = std::mem::replace(&mut self.now, outer);
        done.language = Some(self.language);
        self.loops = loops;
        if self.program.routines.len() < MOST_ROUTINES {
            if let Some(name) = name {
                self.program.by_name.insert(name, self.program.routines.len());
            }
            self.program.routines.push(done);
        }
    }

    fn begin_loop(&mut self) -> u32 {
        let id = self.id();
        self.push(Op::BeginLoop(id));
        self.loops.push(Loop { id, breaks: Vec::new(), nexts: Vec::new() });
        id
    }

    /// What `continue` jumps to is here.
    fn nexts(&mut self) {
        let nexts = self.loops.last_mut().map(|l| std::mem::take(&mut l.nexts)).unwrap_or_default();
        for next in nexts {
            self.land(next);
        }
    }

    fn end_loop(&mut self, id: u32, top: usize, test: Option<usize>) {
        self.nexts();
        self.push(Op::LoopBack(top, id));
        self.finish_loop(id, test);
    }

    fn finish_loop(&mut self, id: u32, test: Option<usize>) {
        if let Some(test) = test {
            self.land(test);
        }
        let done = self.loops.pop();
        for at in done.map(|l| l.breaks).unwrap_or_default() {
            self.land(at);
        }
        self.push(Op::EndLoop(id));
    }

    fn break_loop(&mut self) {
        if let Some(id) = self.loops.last().map(|l| l.id) {
            let at = self.push(Op::Break(0, id));
            if let Some(inner) = self.loops.last_mut() {
                inner.breaks.push(at);
            }
        }
    }

    /// The collection was compiled; gives the loop, its top, and its test.
    fn each(&mut self, symbol: Symbol) -> (u32, usize, usize) {
        let slot = self.now.slots;
        self.now.slots += 2;
        self.push(Op::SetSlot(slot));
        self.push(Op::Number(0.0));
        self.push(Op::SetSlot(slot + 1));
        let id = self.begin_loop();
        let top = self.here();
        let test = self.push(Op::EachTest(symbol, slot, 0, id));
        (id, top, test)
    }

    /// Whether a function of this name uses a capability.
    fn acts(&self, name: Symbol) -> bool {
        let name = self.interner.name(name);
        // What is run is kept by the call that runs it.
        !RUNS.contains(&name)
            && api_model::meaning(name).is_some_and(|meaning| {
                !meaning.class.is_empty()
                    || meaning.methods.iter().any(|method| matches!(method.does, Effect::Acts(..)))
            })
    }

    fn argument(&mut self, noted: bool) {
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
    fn arguments(&mut self, close: Punct, noted: bool) -> u8 {
        let end = self.mate().unwrap_or(self.tokens.len());
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
                    self.at = self.mate().filter(|&mate| mate > self.at).map_or(self.at + 1, |mate| mate + 1);
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

    /// An assignment whose target was compiled last.
    fn assign(&mut self, shape: Shape) {
        let add = self.is(Punct::AddAssign);
        let other = if self.is(Punct::OtherAssign) { self.operator_of_assignment() } else { None };
        self.at += 1;
        match (shape, self.now.code.last().copied()) {
            (Shape::Name(symbol), _) if add => {
                self.now.code.pop();
                self.expression(0);
                self.push(Op::Append(symbol, true));
            }
            (Shape::Name(symbol), _) if other.is_some() => {
                self.expression(0);
                self.push(Op::Binary(other.unwrap_or(Punct::Add)));
                self.push(Op::Store(symbol));
            }
            (Shape::Name(symbol), _) => {
                self.now.code.pop();
                self.assign_name(symbol);
            }
            (Shape::Element, Some(Op::ElementOf(symbol, count) | Op::Call(symbol, count, _))) if count > 0 => {
                self.now.code.pop();
                self.expression(0);
                match (add, other) {
                    (true, _) => self.push(Op::AlterElement(symbol, count, Punct::Add)),
                    (_, Some(sign)) => self.push(Op::AlterElement(symbol, count, sign)),
                    _ => self.push(Op::SetElement(symbol, count)),
                };
            }
            (_, Some(Op::Member(field))) => {
                self.now.code.pop();
                self.expression(0);
                self.push(Op::StoreField(field));
            }
            _ => {
                // Something else of an object.
                self.expression(0);
                self.push(Op::Pop);
            }
        }
    }

    /// `name = name & more` costs what is added.
    fn assign_name(&mut self, symbol: Symbol) {
        let (begin, at) = (self.here(), self.at);
        let sign = self.token(1).map(|token| token.kind);
        if !self.trying
            && self.symbol(0) == Some(symbol)
            && let Some(Kind::Punct(sign @ (Punct::Concat | Punct::Add))) = sign
        {
            self.at += 2;
            self.trying = true;
            self.expression(level(sign));
            self.trying = false;
            if self.is_end() {
                self.push(Op::Append(symbol, sign == Punct::Add));
                return;
            }
            self.now.code.truncate(begin);
            self.at = at;
        }
        self.bound = Some(symbol);
        self.expression(0);
        self.bound = None;
        self.push(Op::Store(symbol));
    }

    /// The operator of `-=` and its kin, which have one token.
    fn operator_of_assignment(&self) -> Option<Punct> {
        let token = self.token(0)?;
        Some(match self.text.get(token.start as usize)? {
            b'-' => Punct::Subtract,
            b'*' => Punct::Multiply,
            b'/' => Punct::Divide,
            b'\\' => Punct::IntDivide,
            b'%' => Punct::Remainder,
            b'^' if self.basic() => Punct::Power,
            b'^' => Punct::Xor,
            b'&' => Punct::BitAnd,
            b'|' => Punct::BitOr,
            b'<' => Punct::ShiftLeft,
            b'>' => Punct::ShiftRight,
            _ => return None,
        })
    }

    /// An expression whose operators bind at least so strongly.
    fn expression(&mut self, least: u8) -> Shape {
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

    fn skip_operand(&mut self) {
        while !self.is_end() && !self.is(Punct::Comma) && !self.is(Punct::Close) && !self.is(Punct::CloseIndex) {
            self.at = self.mate().filter(|&mate| mate > self.at).map_or(self.at + 1, |mate| mate + 1);
        }
    }

    fn binary(&mut self, least: u8) -> Shape {
        let mut shape = self.unary();
        loop {
            let Some(token) = self.token(0) else { return shape };
            let sign = match token.kind {
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
                Kind::Punct(sign) => sign,
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
            let bind = if self.basic() && sign == Punct::Xor { 1 } else { level(sign) };
            if bind == 0 || bind < least {
                return shape;
            }
            self.at += 1;
            self.expression(bind + 1);
            self.push(Op::Binary(sign));
            shape = Shape::Value;
        }
    }

    fn unary(&mut self) -> Shape {
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
    fn cast(&self) -> Option<(Symbol, usize)> {
        let mate = self.mate()?;
        if mate - self.at > 6 || mate < self.at + 2 {
            return None;
        }
        let mut class = None;
        for token in &self.tokens[self.at + 1..mate] {
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
        let next = self.tokens.get(mate + 1)?.kind;
        let fits = match next {
            Kind::Name => !matches!(self.interner.name(self.tokens[mate + 1].value), b"is" | b"as" | b"in"),
            Kind::Literal | Kind::Number => true,
            Kind::Punct(Punct::Open | Punct::Not | Punct::Subtract) => plain,
            _ => false,
        };
        fits.then_some((class, mate + 1))
    }

    /// An operand with what hangs on it. `statement`: brackets behind a name may be an element that is set.
    fn chain(&mut self, statement: bool) -> Shape {
        let Some(token) = self.token(0) else {
            self.push(Op::Unknown);
            return Shape::Value;
        };
        let place = self.place_of(token);
        let mut shape = Shape::Value;
        match token.kind {
            Kind::Number => {
                self.at += 1;
                self.push(if token.value == u32::MAX { Op::Unknown } else { Op::Number(f64::from(token.value)) });
            }
            Kind::Literal => {
                self.at += 1;
                let single = self.language == Language::CSharp && self.text.get(token.start as usize) == Some(&b'\'');
                self.push(if single { Op::Char(token.value) } else { Op::Literal(token.value) });
            }
            Kind::Punct(Punct::Open) => {
                let end = self.mate().map_or(self.tokens.len(), |mate| mate + 1);
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
    fn name(&mut self, token: Token, place: u32, statement: bool) -> Shape {
        let symbol = token.value;
        if self.is(Punct::Open) {
            let noted = self.acts(symbol);
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
            let noted = self.acts(member);
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
    fn hang(&mut self, mut shape: Shape, place: u32) -> Shape {
        loop {
            if self.is(Punct::Dot)
                && let Some(member) = self.symbol(1)
            {
                self.at += 2;
                if self.is(Punct::Open) {
                    let noted = self.acts(member);
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
    fn items(&mut self) {
        let end = self.mate().unwrap_or(self.tokens.len());
        self.at += 1;
        let mut count = 0u16;
        while self.at < end {
            let before = self.at;
            if count < u16::MAX {
                self.expression(0);
                count += 1;
            }
            while self.at < end && !self.is(Punct::Comma) {
                self.at = self.mate().filter(|&mate| mate > self.at).map_or(self.at + 1, |mate| mate + 1);
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
    fn new_object(&mut self, place: u32) {
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
            let end = self.mate().map_or(self.tokens.len(), |mate| mate + 1);
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
            self.push(Op::New(Symbol::MAX, 1, place));
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
            let noted = self.acts(class) || self.interner.name(class) == b"activexobject";
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
fn level(sign: Punct) -> u8 {
    match sign {
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
