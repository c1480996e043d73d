//! Statements of VBScript and Visual Basic.

use super::super::op::{BranchId, Op, StepIndex};
use super::{Compiler, MOST_ARGUMENTS, Shape};
use crate::code::token::{Kind, Punct, Token};

impl Compiler<'_> {
    /// Statements up to one of these words.
    pub(super) fn basic_block(&mut self, ends: &[&[u8]]) {
        while self.at < self.tokens.len() && !ends.contains(&self.word(0)) {
            let before = self.at;
            self.statement();
            if self.at == before {
                self.at += 1;
            }
        }
    }

    /// Passes over `end if` and the like.
    pub(super) fn end_word(&mut self) {
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

    pub(super) fn basic_statement(&mut self) {
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
    pub(super) fn basic_declaration(&mut self) {
        while let Some(symbol) = self.symbol(0) {
            self.at += 1;
            if self.is(Punct::Open) {
                self.at = self.closing().map_or(self.at + 1, |close| close + 1);
            } else {
                self.push(Op::Declare(symbol));
            }
            if self.word(0) == b"as" {
                self.at += 1;
                while !self.is_end() && !self.is(Punct::Assign) && !self.is(Punct::Comma) {
                    self.at = self.closing().map_or(self.at + 1, |close| close + 1);
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
        let id = self.id();
        let test = self.basic_condition(id);
        let block = self.token(0).is_none_or(|token| matches!(token.kind, Kind::End | Kind::Block | Kind::Output));
        let firsts = if block { self.if_block(id, test) } else { self.if_line(id, test) };
        for first in firsts {
            self.land(first);
        }
        self.push(Op::EndTest(id));
    }

    /// `condition then`; gives the jump to what comes if it does not hold.
    fn basic_condition(&mut self, id: BranchId) -> StepIndex {
        self.expression(0);
        let test = self.push(Op::Test(0, id));
        while !self.is_end() && self.word(0) != b"then" {
            self.at += 1;
        }
        if self.word(0) == b"then" {
            self.at += 1;
        }
        test
    }

    /// `if` on one line, behind `then`. Gives the jumps to its end.
    fn if_line(&mut self, id: BranchId, test: StepIndex) -> Vec<StepIndex> {
        let mut firsts = Vec::new();
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
        firsts
    }

    /// `if` on several lines, behind `then`. Gives the jumps to its end.
    fn if_block(&mut self, id: BranchId, test: StepIndex) -> Vec<StepIndex> {
        let (mut firsts, mut test) = (Vec::new(), Some(test));
        loop {
            self.basic_block(&[b"end", b"else", b"elseif"]);
            match self.word(0) {
                b"elseif" => {
                    firsts.push(self.push(Op::EndFirst(0, id)));
                    self.land(test);
                    self.at += 1;
                    self.expression(0);
                    test = Some(self.push(Op::Test(0, id)));
                    if self.word(0) == b"then" {
                        self.at += 1;
                    }
                }
                b"else" => {
                    firsts.push(self.push(Op::EndFirst(0, id)));
                    self.land(test);
                    test = None;
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
        firsts
    }

    /// Statements up to the end of the line or `else`.
    pub(super) fn one_line(&mut self) {
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

    pub(super) fn basic_for(&mut self) {
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

    pub(super) fn basic_do(&mut self) {
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

    pub(super) fn basic_select(&mut self) {
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

    pub(super) fn basic_function(&mut self) {
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
    pub(super) fn basic_expression(&mut self) {
        let Some(token) = self.token(0) else { return };
        let begin = self.here();
        // `f (a) & b` of VBScript gives f one argument.
        if self.symbol(0).is_some() && self.is_at(1, Punct::Open) {
            self.at += 1;
            let behind = self.closing().and_then(|close| self.tokens.get(close + 1)).map(|token| token.kind);
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
    pub(super) fn bare_call(&mut self, token: Token, begin: usize, shape: Shape) {
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
        let noted = matches!(called, Some(Op::Call(name, ..) | Op::Method(name, ..) | Op::MethodOf(_, name, ..)) if self.reaches_sink(name));
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
}
