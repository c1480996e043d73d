//! Statements of C# and JScript.

use super::super::op::Op;
use super::Compiler;
use crate::code::structure::Language;
use crate::code::token::{Kind, Punct, Symbol, Token};

impl Compiler<'_> {
    pub(super) fn braces_statement(&mut self, token: Token) {
        if token.kind == Kind::Punct(Punct::OpenBrace) {
            return self.block();
        }
        if token.kind == Kind::Punct(Punct::OpenIndex) && self.language == Language::CSharp {
            // Attributes.
            self.at = self.closing().map_or(self.at + 1, |close| close + 1);
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
            b"if" => self.if_statement(),
            b"while" => self.while_loop(),
            b"do" => self.do_loop(),
            b"for" | b"foreach" => self.braces_for(),
            b"switch" | b"lock" | b"with" | b"using" | b"catch" | b"fixed" => self.head_statement(),
            b"case" | b"default" => {
                while self.at < self.tokens.len() && !self.is(Punct::Colon) && !self.is_end() {
                    self.at += 1;
                }
                self.at += 1;
            }
            b"return" => self.return_statement(),
            b"throw" => self.skip(),
            b"break" => {
                self.at += 1;
                self.break_loop();
            }
            b"continue" => self.continue_loop(),
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
            _ if !script && self.declared().is_some() => self.declaration(),
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

    fn if_statement(&mut self) {
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

    fn while_loop(&mut self) {
        self.at += 1;
        let id = self.begin_loop();
        let top = self.here();
        self.condition();
        let test = self.push(Op::LoopTest(0, id));
        self.statement();
        self.end_loop(id, top, Some(test));
    }

    fn do_loop(&mut self) {
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

    /// A statement with something in brackets in front of its body: what is declared there is kept.
    fn head_statement(&mut self) {
        self.at += 1;
        if self.is(Punct::Open) {
            let end = self.closing().map_or(self.tokens.len(), |close| close + 1);
            self.at += 1;
            if self.declared().is_some() {
                self.statement();
            }
            self.at = end;
        } else {
            self.skip();
        }
    }

    fn return_statement(&mut self) {
        self.at += 1;
        if self.is_end() {
            self.push(Op::Unknown);
        } else {
            self.expression(0);
        }
        self.push(Op::Return);
        self.end_of_statement();
    }

    fn continue_loop(&mut self) {
        self.at += 1;
        if let Some(id) = self.loops.last().map(|l| l.id) {
            let at = self.push(Op::Break(0, id));
            if let Some(inner) = self.loops.last_mut() {
                inner.nexts.push(at);
            }
        }
    }

    /// A method, a property or a variable behind its class.
    fn declaration(&mut self) {
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
            self.at = self.closing().map_or(self.at + 1, |close| close + 1);
        } else {
            self.declarators();
            self.end_of_statement();
        }
    }

    pub(super) fn end_of_statement(&mut self) {
        if self.language == Language::JScript && self.token(0).is_some_and(|token| token.line) {
            return;
        }
        if !self.is_end() && !self.is(Punct::OpenBrace) {
            self.skip();
        }
        self.take(Punct::Semicolon);
    }

    pub(super) fn block(&mut self) {
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
    pub(super) fn condition(&mut self) {
        if !self.is(Punct::Open) {
            self.push(Op::Unknown);
            return;
        }
        let end = self.closing().map_or(self.tokens.len(), |close| close + 1);
        self.at += 1;
        self.expression(0);
        self.at = end;
    }

    /// `a = 1, b = 2`
    pub(super) fn declarators(&mut self) {
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
    pub(super) fn declared(&self) -> Option<usize> {
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
    pub(super) fn opens_body(&self, ahead: usize) -> bool {
        let behind = self.bracket_pairs.closing(self.at + ahead).and_then(|close| self.tokens.get(close + 1));
        behind.is_some_and(|token| token.kind == Kind::Punct(Punct::OpenBrace))
    }

    pub(super) fn braces_for(&mut self) {
        let each = self.word(0) == b"foreach" || self.word(1) == b"each";
        self.at += 1;
        if self.word(0) == b"each" {
            self.at += 1;
        }
        if !self.is(Punct::Open) {
            return self.skip();
        }
        let end = self.closing().map_or(self.tokens.len(), |close| close + 1);
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

    pub(super) fn comma_expressions(&mut self) {
        loop {
            self.expression(0);
            self.push(Op::Pop);
            if !self.take(Punct::Comma) {
                break;
            }
        }
    }

    pub(super) fn script_function(&mut self, name: Option<Symbol>) {
        let parameters = self.parameters();
        // The class of what it gives.
        if self.take(Punct::Colon) {
            while !self.is_end() && !self.is(Punct::OpenBrace) {
                self.at += 1;
            }
        }
        self.body(name, parameters);
    }

    pub(super) fn body(&mut self, name: Option<Symbol>, parameters: Vec<Symbol>) {
        while !self.is_end() && !self.is(Punct::OpenBrace) {
            self.at += 1;
        }
        if !self.is(Punct::OpenBrace) {
            return;
        }
        self.function(name, parameters, Self::block);
    }
}
