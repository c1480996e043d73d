//! Keywords: each does to the statement what it means in its language.

use super::words::Word;
use super::{Around, Kind, Language, Node, Operator, Parser, Punct, Symbol, Token};

impl Parser<'_> {
    /// A name or keyword.
    pub(super) fn name(&mut self, token: Token) {
        let word = if token.verbatim { Word::Plain } else { self.word(token.value) };
        // Behind a dot every word is a name; the dot reads it.
        match word {
            Word::Plain => self.plain(token),
            Word::Skip => self.modifier(token),
            Word::Statement => self.statement_word(token),
            Word::Case => self.end_statement(),
            Word::Control => self.control(token),
            Word::New => self.new_object(token),
            Word::Return => {
                self.end_statement();
                self.operators.push((Operator::Return, token.start));
            }
            Word::Declare => {
                if self.after {
                    self.end_statement();
                }
                self.declaring = true;
            }
            Word::Using if self.language == Language::Php => self.php_use(),
            Word::Using => self.using(token),
            Word::Imports => self.imports(),
            Word::Namespace => self.namespace(),
            Word::Class => self.class(token),
            Word::Function if self.language == Language::Php => self.php_function(token),
            Word::Function => self.script_function(token),
            Word::Prefix => self.php_prefix(token),
            Word::Global => self.php_global(),
            Word::Routine => self.routine(token),
            Word::Property => self.property(token),
            Word::Delegate => self.delegate(token),
            Word::In => self.between(Operator::Each, token),
            Word::As if self.language == Language::Php => self.php_as(token),
            Word::As => self.as_class(token),
            Word::Is => {
                if self.after && !self.pattern() {
                    self.operator(Operator::Binary(Punct::Equal), token);
                }
            }
            Word::Operator(punct) => self.between(Operator::Binary(punct), token),
            Word::Not => self.in_front(Punct::Not, token),
            Word::End => self.end_word(),
            Word::Exit => self.exit(),
            Word::With => self.with(token),
            Word::External => {
                self.end_statement();
                self.skip_statement();
            }
            Word::Inherits => self.inherits(),
            Word::Redim => {
                self.end_statement();
                self.declaring = true;
            }
            Word::Value => self.value_word(token),
        }
    }

    /// A word that is passed over: a modifier, `await`, `Call`.
    fn modifier(&mut self, token: Token) {
        if self.language == Language::Php && self.php_is_class(Word::Skip) {
            return self.plain(token);
        }
        match (self.basic(), self.after) {
            (false, true) => self.end_statement(),
            (true, true) => self.plain(token),
            _ => {}
        }
    }

    /// A word that begins a statement or a part of one.
    fn statement_word(&mut self, token: Token) {
        // `If(a, b, c)` of Visual Basic where a value is expected.
        if self.language == Language::VisualBasic
            && !self.after
            && self.is_punct(1, Punct::Open)
            && self.name_at(0) == b"if"
            && self.is_inside()
        {
            return self.plain(token);
        }
        let basic = self.basic();
        self.end_statement();
        if basic && matches!(self.name_at(0), b"on" | b"option") {
            self.skip_statement();
        } else if basic && self.name_at(0) == b"to" {
            self.counted(token);
        }
        self.condition = basic && matches!(self.name_at(0), b"if" | b"elseif" | b"while" | b"until");
    }

    /// A word that an expression in brackets belongs to.
    fn control(&mut self, token: Token) {
        self.end_statement();
        if self.is_punct(1, Punct::Open) {
            self.at += 1;
            self.open(Around::Control, token.start);
        } else if self.word_at(1) == Word::Plain && self.is_punct(2, Punct::Open) {
            // `for each (`, `await foreach (`.
            self.at += 2;
            self.open(Around::Control, token.start);
        }
    }

    fn namespace(&mut self) {
        self.end_statement();
        self.name_space();
        while matches!(self.kind(1), Some(Kind::Name | Kind::Punct(Punct::Dot))) {
            self.at += 1;
        }
    }

    /// An operator between two values; without one in front the word says nothing.
    fn between(&mut self, operator: Operator, token: Token) {
        if self.after {
            self.operator(operator, token);
        }
    }

    /// An operator in front of a value.
    pub(super) fn in_front(&mut self, punct: Punct, token: Token) {
        if self.after {
            self.adjacent(token);
        }
        self.operators.push((Operator::Unary(punct), token.start));
        self.after = false;
    }

    /// `Exit Sub`, `Resume Next`.
    fn exit(&mut self) {
        self.end_statement();
        if self.kind(1) == Some(Kind::End) && self.word_at(2) == Word::Routine {
            self.at += 1;
        }
        if self.kind(1) == Some(Kind::Name) {
            self.at += 1;
        }
    }

    fn with(&mut self, token: Token) {
        self.end_statement();
        // The object is read as a bare call's argument is, and kept when the statement ends.
        let callee = self.push_node(Node::Empty, token.start, token.end);
        self.open(Around::Bare(callee), token.start);
        self.withs.push(None);
    }

    fn inherits(&mut self) {
        self.end_statement();
        let mut bases = Vec::new();
        while matches!(self.kind(1), Some(Kind::Name | Kind::Punct(Punct::Dot | Punct::Comma))) {
            self.at += 1;
            if self.kind(0) == Some(Kind::Name) && !self.is_punct(1, Punct::Dot) {
                bases.push(self.tokens[self.at].value);
            }
        }
        if let Some(class) = self.tree.classes.last_mut() {
            class.bases.extend(bases);
        }
    }

    /// `true`, `null`, `Nothing`.
    fn value_word(&mut self, token: Token) {
        if self.after && token.line && self.language == Language::JScript {
            self.end_statement();
        } else {
            self.adjacent(token);
        }
        // Whether something is true says nothing; that there is nothing is known.
        let node = match self.name_at(0) {
            b"true" | b"false" => Node::Number(None),
            _ => Node::Nothing,
        };
        self.operand(node, token.start, token.end);
    }

    pub(super) fn using(&mut self, token: Token) {
        self.end_statement();
        if self.is_punct(1, Punct::Open) {
            self.at += 1;
            self.open(Around::Control, token.start);
        } else if self.is_punct(2, Punct::Assign) && self.kind(1) == Some(Kind::Name) {
            let short = self.tokens[self.at + 1].value;
            self.at += 2;
            if let Some(long) = self.class_name() {
                self.alias(short, long);
            }
        } else if matches!(self.kind(2), Some(Kind::Punct(Punct::Dot | Punct::Semicolon))) {
            self.name_space();
        }
        // Else a declaration `using var x = ...`, which the statement shows.
    }

    pub(super) fn imports(&mut self) {
        self.end_statement();
        if self.is_punct(2, Punct::Assign) && self.kind(1) == Some(Kind::Name) {
            let short = self.tokens[self.at + 1].value;
            self.at += 2;
            if let Some(long) = self.class_name() {
                self.alias(short, long);
            }
            return;
        }
        self.name_space();
        while matches!(self.kind(1), Some(Kind::Name | Kind::Punct(Punct::Dot))) {
            self.at += 1;
        }
    }

    /// Keeps the first part of the name of a name space that stands behind the current token.
    fn name_space(&mut self) {
        if let Some(Token { kind: Kind::Name, value, .. }) = self.tokens.get(self.at + 1).copied()
            && self.tree.namespaces.len() < 1024
        {
            self.tree.namespaces.insert(value, ());
        }
    }

    pub(super) fn alias(&mut self, short: Symbol, long: Symbol) {
        if self.tree.aliases.len() < 1024 {
            self.tree.aliases.insert(short, long);
        }
    }

    /// `As Class` of Basic, `as Class` of C#.
    pub(super) fn as_class(&mut self, token: Token) {
        if !self.after {
            return;
        }
        if !self.basic() {
            if let Some(class) = self.class_name() {
                self.reduce_to(30);
                if let Some(of) = self.operands.pop() {
                    let (start, _) = self.place(of);
                    self.operand(Node::Cast(class, of), start, token.end);
                }
            }
            return;
        }
        let target = self.operands.last().copied();
        let new = self.word_at(1) == Word::New;
        if new {
            // `Dim x As New Class(...)`
            self.operators.push((Operator::Assign(false), token.start));
            self.after = false;
            return;
        }
        let class = self.class_name();
        // `As Class()`
        if self.is_punct(1, Punct::Open) && self.is_punct(2, Punct::Close) {
            self.at += 2;
        }
        if let Some(target) = target {
            let of = match self.tree.node(target) {
                // `Dim a() As Class = ...`: the array itself takes the value.
                Node::Call(of, list) => {
                    if self.declaring && list.count == 0 {
                        self.operands.pop();
                        self.operands.push(of);
                    }
                    of
                }
                _ => target,
            };
            if let Node::Name(var) = self.tree.node(of)
                && let Some(known) = self.tree.vars.get_mut(var as usize)
            {
                known.class = class.or(known.class);
            }
        }
    }

    pub(super) fn end_word(&mut self) {
        self.end_statement();
        // VBScript has no `End` by itself.
        if self.language == Language::VbScript && self.kind(1) == Some(Kind::End) && self.kind(2) == Some(Kind::Name) {
            self.at += 1;
        }
        let word = self.word_at(1);
        match word {
            Word::Routine | Word::Property => {
                self.at += 1;
                // The function is left; a class has none of its own.
                if let Some(back) = self.routines.pop() {
                    self.function = back;
                }
            }
            Word::Class | Word::Namespace => {
                self.at += 1;
                if let Some((outer, open)) = self.classes.pop() {
                    self.function = outer;
                    self.routines.truncate(open);
                } else if let Some(&first) = self.routines.first() {
                    self.function = first;
                    self.routines.clear();
                }
            }
            Word::With => {
                self.at += 1;
                self.withs.pop();
            }
            _ if self.kind(1) == Some(Kind::Name) => self.at += 1,
            _ => {}
        }
    }
}
