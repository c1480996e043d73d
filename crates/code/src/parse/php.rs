//! PHP-specific syntax.

use super::words::Word;
use super::{Around, Attributes, Kind, NAMELESS, Node, Operator, Parser, Punct, Symbol, Token};
use crate::code::tree::VarId;

/// How many tokens a function's result may have between its parameters and its body.
const RESULT_REACH: usize = 32;

/// Whether a variable of this name is the same everywhere.
fn is_everywhere(name: &[u8]) -> bool {
    matches!(
        name,
        b"$_get"
            | b"$_post"
            | b"$_request"
            | b"$_cookie"
            | b"$_files"
            | b"$_server"
            | b"$_session"
            | b"$_env"
            | b"$globals"
            | b"$this"
    )
}

impl Parser<'_> {
    /// The variable, function, class or constant of this name. A variable belongs to the function it stands in.
    pub(super) fn php_variable(&mut self, symbol: Symbol) -> VarId {
        let name = self.interner.name(symbol);
        if !name.starts_with(b"$") {
            return self.tree.declare(symbol, 0, None, self.declaring);
        }
        if is_everywhere(name) {
            return self.tree.declare(symbol, 0, None, false);
        }
        self.tree.declare(symbol, self.function, None, true)
    }

    /// `include value`, `echo value, value`.
    pub(super) fn php_prefix(&mut self, token: Token) {
        if self.after {
            self.adjacent(token);
        }
        let var = self.tree.declare(token.value, 0, None, false);
        let callee = self.push_node(Node::Name(var), token.start, token.end);
        self.operators.push((Operator::Apply(callee), token.start));
        self.after = false;
        if self.interner.name(token.value) == b"echo" {
            self.echo = Some(callee);
        }
    }

    /// `global $a, $b;`
    pub(super) fn php_global(&mut self) {
        self.end_statement();
        while let Some(Kind::Name | Kind::Punct(Punct::Comma)) = self.kind(1) {
            self.at += 1;
            let Token { kind: Kind::Name, value, .. } = self.tokens[self.at] else { continue };
            let outer = self.tree.declare(value, 0, None, true);
            if self.function != 0 {
                self.tree.scopes.insert((self.function, value), outer);
            }
        }
    }

    /// `collection as $value`, `collection as $key => $value`.
    pub(super) fn php_as(&mut self, token: Token) {
        if !self.after {
            return;
        }
        self.reduce_all();
        if self.operands.len() > self.frame().operands
            && let Some(collection) = self.operands.pop()
        {
            self.operators.push((Operator::Of(collection), token.start));
            self.each = Some(collection);
        }
        self.after = false;
    }

    /// `key => value` of a list or a loop, and the arms of `match`.
    pub(super) fn php_arrow(&mut self, token: Token) {
        let frame = self.frame();
        if frame.around.holds_statements() {
            self.end_statement();
            return;
        }
        if frame.around == Around::Control {
            // What was read is the key: it takes the keys, and what follows the values.
            if let Some(collection) = self.each
                && self.operators.len() > frame.operators
            {
                let keys = self.push_node(Node::Unary(Punct::At, collection), token.start, token.start);
                if let Some((Operator::Of(of), _)) = self.operators.last_mut() {
                    *of = keys;
                }
            }
            self.reduce_all();
            self.operands.truncate(frame.operands);
            if let Some(collection) = self.each {
                self.operators.push((Operator::Of(collection), token.start));
            }
        } else {
            self.reduce_all();
            if self.after && self.operands.len() > frame.operands {
                let key = self.operands.pop().unwrap_or_default();
                self.operators.push((Operator::Key(key), token.start));
            }
        }
        self.after = false;
    }

    /// `use A\B as C, D;` of a file, `use A, B { ... }` of a class.
    pub(super) fn php_use(&mut self) {
        self.end_statement();
        let mut long = None;
        while let Some(token) = self.tokens.get(self.at + 1).copied() {
            match token.kind {
                Kind::Name if self.interner.name(token.value) == b"as" => {
                    if let (Some(long), Some(Token { kind: Kind::Name, value, .. })) =
                        (long, self.tokens.get(self.at + 2).copied())
                    {
                        self.alias(value, long);
                    }
                }
                Kind::Name => long = Some(token.value),
                Kind::Punct(Punct::Comma) => long = None,
                _ => break,
            }
            self.at += 1;
        }
    }

    /// `function name(parameters): Result {`, a function as a value with `use (...)`, and `fn (parameters) => value`.
    pub(super) fn php_function(&mut self, token: Token) {
        let short = self.interner.name(token.value) == b"fn";
        let frame = self.frame();
        let value = !frame.around.holds_statements() || self.operators.len() > frame.operators;
        if self.after {
            self.adjacent(token);
        }
        let mut ahead = 1;
        if self.is_punct(ahead, Punct::BitAnd) {
            ahead += 1;
        }
        let mut symbol = NAMELESS;
        if let Some(Token { kind: Kind::Name, value, .. }) = self.tokens.get(self.at + ahead).copied() {
            symbol = value;
            ahead += 1;
        }
        let open = self.at + ahead;
        let Some(close) = self.bracket_pairs.closing(open).filter(|_| self.is_punct(ahead, Punct::Open)) else {
            return self.plain(token);
        };
        if symbol == NAMELESS {
            symbol = self.bound_name();
        }
        let function = self.tree.define(symbol, self.function, Attributes::default());
        self.parameters(function, open, close);
        self.at = close;
        if short {
            // Its value is read as a part of the function around it.
            let own: Vec<VarId> = self.tree.functions[function as usize].parameters.clone();
            let own = own.iter().map(|&var| self.tree.vars[var as usize].symbol).collect::<Vec<_>>();
            let own = own.into_iter().map(|symbol| self.tree.declare(symbol, self.function, None, true)).collect();
            self.tree.functions[function as usize].parameters = own;
            let ahead = (1..RESULT_REACH).find(|&ahead| self.is_punct(ahead, Punct::Lambda));
            self.at += ahead.unwrap_or(0);
            self.after = false;
            return;
        }
        if self.name_at(1) == b"use"
            && self.is_punct(2, Punct::Open)
            && let Some(close) = self.bracket_pairs.closing(self.at + 2)
        {
            let open = self.at + 2;
            for at in open..close {
                if let Token { kind: Kind::Name, value, .. } = self.tokens[at] {
                    let outer = self.php_variable(value);
                    self.tree.scopes.insert((function, value), outer);
                }
            }
            self.at = close;
        }
        let mut ahead = 1;
        while ahead < RESULT_REACH
            && matches!(
                self.kind(ahead),
                Some(
                    Kind::Name
                        | Kind::Punct(
                            Punct::Colon | Punct::Question | Punct::BitOr | Punct::BitAnd | Punct::Open | Punct::Close
                        )
                )
            )
        {
            ahead += 1;
        }
        self.at += ahead - 1;
        if self.is_punct(1, Punct::OpenBrace) {
            self.at += 1;
            let back = self.function;
            self.function = function;
            self.push_node(Node::Function(function), token.start, token.end);
            self.open(Around::Block(value), token.start);
            if let Some(frame) = self.frames.last_mut() {
                frame.back = Some(back);
            }
        }
    }

    /// Whether brackets around this name are a cast: `(string) $x`.
    pub(super) fn php_cast(&self, class: Symbol, close: usize) -> bool {
        let next = self.tokens.get(close + 1).map(|token| token.kind);
        matches!(
            self.interner.name(class),
            b"int"
                | b"integer"
                | b"float"
                | b"double"
                | b"real"
                | b"bool"
                | b"boolean"
                | b"string"
                | b"binary"
                | b"array"
                | b"object"
                | b"unset"
        ) && matches!(
            next,
            Some(
                Kind::Name
                    | Kind::Literal
                    | Kind::Number
                    | Kind::Punct(Punct::Open | Punct::Subtract | Punct::Not | Punct::At | Punct::OpenIndex)
            )
        )
    }

    /// Whether a word is a modifier here, or the class itself: `static::name()`, `static function`.
    pub(super) fn php_is_class(&self, word: Word) -> bool {
        word == Word::Skip && self.is_punct(1, Punct::Dot)
    }
}
