//! Names and keywords.

use super::words::Word;
use super::{Around, Kind, Language, List, NAMELESS, Node, Operator, Parser, Punct, Symbol, Token};

impl Parser<'_> {
    pub(super) fn name(&mut self, token: Token) {
        let word = if token.verbatim { Word::Plain } else { self.word(token.value) };
        let basic = self.basic();
        // Behind a dot every word is a name; the dot reads it.
        match word {
            Word::Plain => self.plain(token),
            Word::Skip if self.language == Language::Php && self.php_is_class(word) => self.plain(token),
            Word::Skip => {
                if self.after && !basic {
                    self.end_statement();
                }
                if basic && self.after {
                    self.plain(token);
                }
            }
            // `If(a, b, c)` of Visual Basic where a value is expected.
            Word::Statement
                if self.language == Language::VisualBasic
                    && !self.after
                    && self.is_sign(1, Punct::Open)
                    && self.name_at(0) == b"if"
                    && self.is_inside() =>
            {
                self.plain(token);
            }
            Word::Statement => {
                self.end_statement();
                if basic && matches!(self.name_at(0), b"on" | b"option") {
                    self.skip_statement();
                } else if basic && self.name_at(0) == b"to" {
                    self.counted(token);
                }
                self.condition = basic && matches!(self.name_at(0), b"if" | b"elseif" | b"while" | b"until");
            }
            Word::Case => self.end_statement(),
            Word::Control => {
                self.end_statement();
                if self.is_sign(1, Punct::Open) {
                    self.at += 1;
                    self.open(Around::Control, token.start);
                } else if self.word_at(1) == Word::Plain && self.is_sign(2, Punct::Open) {
                    // `for each (`, `await foreach (`.
                    self.at += 2;
                    self.open(Around::Control, token.start);
                }
            }
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
            Word::Namespace => {
                self.end_statement();
                self.name_space();
                while matches!(self.kind(1), Some(Kind::Name | Kind::Punct(Punct::Dot))) {
                    self.at += 1;
                }
            }
            Word::Class => self.class(token),
            Word::Function if self.language == Language::Php => self.php_function(token),
            Word::Function => self.script_function(token),
            Word::Prefix => self.php_prefix(token),
            Word::Global => self.php_global(),
            Word::Routine => self.routine(token),
            Word::Property => self.property(token),
            Word::Delegate => self.delegate(token),
            Word::In => {
                if self.after {
                    self.operator(Operator::Each, token);
                }
            }
            Word::As if self.language == Language::Php => self.php_as(token),
            Word::As => self.as_class(token),
            Word::Is => {
                if self.after && !self.pattern() {
                    self.operator(Operator::Binary(Punct::Equal), token);
                }
            }
            Word::Operator(sign) => {
                if self.after {
                    self.operator(Operator::Binary(sign), token);
                }
            }
            Word::Not => {
                if self.after {
                    self.adjacent(token);
                }
                self.operators.push((Operator::Unary(Punct::Not), token.start));
                self.after = false;
            }
            Word::End => self.end_word(),
            Word::Exit => {
                self.end_statement();
                if self.kind(1) == Some(Kind::End) && self.word_at(2) == Word::Routine {
                    self.at += 1;
                }
                if self.kind(1) == Some(Kind::Name) {
                    self.at += 1;
                }
            }
            Word::With => {
                self.end_statement();
                // The object is read as a bare call's argument is, and kept when the statement ends.
                let callee = self.push_node(Node::Empty, token.start, token.end);
                self.open(Around::Bare(callee), token.start);
                self.withs.push(None);
            }
            Word::External => {
                self.end_statement();
                self.skip_statement();
            }
            Word::Inherits => {
                self.end_statement();
                let mut bases = Vec::new();
                while matches!(self.kind(1), Some(Kind::Name | Kind::Punct(Punct::Dot | Punct::Comma))) {
                    self.at += 1;
                    if self.kind(0) == Some(Kind::Name) && !self.is_sign(1, Punct::Dot) {
                        bases.push(self.tokens[self.at].value);
                    }
                }
                if let Some(class) = self.tree.classes.last_mut() {
                    class.bases.extend(bases);
                }
            }
            Word::Redim => {
                self.end_statement();
                self.declaring = true;
            }
            Word::Value => {
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
        }
    }

    /// `For x = 0 To 9`: what x begins with is not what it stays.
    pub(super) fn counted(&mut self, token: Token) {
        let last = self.tree.nodes.last().map(|placed| placed.node);
        if let Some(Node::Assign(target, _, false)) = last
            && let Node::Name(_) = self.tree.node(target)
        {
            let unknown = self.push_node(Node::Empty, token.start, token.start);
            self.push_node(Node::Assign(target, unknown, false), token.start, token.start);
        }
    }

    /// `i++` and `++i`: i is not what it was.
    pub(super) fn counts(&mut self, token: Token) {
        let target = match self.tokens.get(self.at + 1).copied() {
            _ if self.after => self.operands.last().copied(),
            Some(Token { kind: Kind::Name, value, .. }) => {
                let var = match self.language {
                    Language::Php => self.php_variable(value),
                    _ => self.tree.variable(value, self.function),
                };
                Some(self.push_node(Node::Name(var), token.start, token.end))
            }
            _ => None,
        };
        if let Some(target) = target
            && let Node::Name(_) = self.tree.node(target)
        {
            if self.language == Language::Php {
                // Letters are counted, too.
                let next = self.push_node(Node::Unary(Punct::Step, target), token.start, token.end);
                self.push_node(Node::Assign(target, next, false), token.start, token.end);
                return;
            }
            let unknown = self.push_node(Node::Empty, token.start, token.end);
            self.push_node(Node::Assign(target, unknown, true), token.start, token.end);
        }
    }

    /// A name that is no keyword.
    pub(super) fn plain(&mut self, token: Token) {
        if self.after {
            let newline = self.language == Language::JScript && token.line;
            if self.sharp() && self.declaration(token) {
                return;
            }
            if newline {
                self.end_statement();
            } else {
                self.adjacent(token);
            }
        }
        let frame = self.frame();
        // An assignment is the statement's first operator, or one before it is `in`: looking further would cost the square of
        // a long expression.
        let declares = self.declaring
            && frame.around.holds_statements()
            && !self.waiting(frame).iter().take(2).any(|(operator, _)| matches!(operator, Operator::Assign(_)));
        let var = if self.language == Language::Php {
            self.php_variable(token.value)
        } else if declares {
            self.tree.declare(token.value, self.function, frame.class, true)
        } else {
            self.tree.variable(token.value, self.function)
        };
        self.operand(Node::Name(var), token.start, token.end);
        // JScript.NET: `var x : Class`.
        if declares && self.language == Language::JScript && self.is_sign(1, Punct::Colon) {
            self.at += 1;
            let class = self.class_name();
            self.tree.declare(token.value, self.function, class, true);
        }
    }

    /// `value is Class name`: the name takes the value. `false` if this is no such test.
    fn pattern(&mut self) -> bool {
        let before = self.at;
        let class = self.class_name();
        if class.is_some()
            && let Some(Token { kind: Kind::Name, value, start, end, .. }) = self.tokens.get(self.at + 1).copied()
            && self.word_at(1) == Word::Plain
            && !matches!(self.interner.name(value), b"and" | b"or" | b"when" | b"not")
        {
            self.reduce_to(12);
            if let Some(of) = self.operands.pop() {
                self.at += 1;
                let var = self.tree.declare(value, self.function, class, true);
                let name = self.push_node(Node::Name(var), start, end);
                let from = self.place(of).0;
                self.push_node(Node::Assign(name, of, false), from, end);
                self.operand(Node::Empty, from, end);
                return true;
            }
        }
        self.at = before;
        false
    }

    /// The last part of a dotted name behind the current token, type arguments and brackets passed over.
    pub(super) fn class_name(&mut self) -> Option<Symbol> {
        let mut class = None;
        while let Some(token) = self.tokens.get(self.at + 1) {
            match token.kind {
                Kind::Name if class.is_none() || self.is_sign(0, Punct::Dot) => class = Some(token.value),
                Kind::Punct(Punct::Dot) if class.is_some() => {}
                _ => break,
            }
            self.at += 1;
        }
        if self.is_sign(1, Punct::Less)
            && let Some(end) = self.type_arguments(self.at + 1)
        {
            self.at = end;
        }
        // (Of T), and the brackets of an array.
        if self.basic() && self.is_sign(1, Punct::Open) && matches!(self.name_at(2), b"of") {
            self.at = self.bracket_pairs.closing(self.at + 1).unwrap_or(self.at);
        }
        while self.is_sign(1, Punct::OpenIndex) && self.is_sign(2, Punct::CloseIndex) {
            self.at += 2;
        }
        class
    }

    /// The place of the `>` that closes the type arguments which `<` at this place opens, if that is what it opens.
    pub(super) fn type_arguments(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in open..(open + 40).min(self.tokens.len()) {
            match self.tokens[at].kind {
                Kind::Punct(Punct::Less) => depth += 1,
                Kind::Punct(Punct::Greater) => {
                    depth -= 1;
                    if depth == 0 {
                        let next = self.tokens.get(at + 1).map(|token| token.kind);
                        let fits = !matches!(next, Some(Kind::Literal | Kind::Number | Kind::Other));
                        return (fits && at > open + 1).then_some(at);
                    }
                }
                Kind::Name
                | Kind::Punct(Punct::Dot | Punct::Comma | Punct::OpenIndex | Punct::CloseIndex | Punct::Question) => {}
                _ => return None,
            }
        }
        None
    }

    pub(super) fn new_object(&mut self, token: Token) {
        if self.after {
            self.adjacent(token);
        }
        let class = self.class_name();
        let end = self.tokens.get(self.at).map_or(token.end, |token| token.end);
        let class = class.unwrap_or(NAMELESS);
        if self.is_sign(1, Punct::Open) {
            self.at += 1;
            self.open(Around::New(class), token.start);
        } else if self.is_sign(1, Punct::OpenIndex) {
            // The size of an array; its elements may follow.
            self.at = self.bracket_pairs.closing(self.at + 1).unwrap_or(self.at + 1);
            self.array_or_object(class, token, end);
        } else {
            self.array_or_object(class, token, end);
        }
    }

    /// The current token ends `new Class` or `new Class[n]`.
    pub(super) fn array_or_object(&mut self, class: Symbol, token: Token, end: u32) {
        let array = class == NAMELESS || self.is_sign(0, Punct::CloseIndex);
        if array && self.is_sign(1, Punct::OpenBrace) {
            self.at += 1;
            self.open(Around::List, token.start);
            return;
        }
        // Of an array only its elements matter.
        let node = if array { Node::Empty } else { Node::New(class, List::default()) };
        self.operand(node, token.start, end);
        self.initialiser();
    }

    /// `{ ... }` or `With { ... }` behind a new object.
    pub(super) fn initialiser(&mut self) {
        let ahead = 1 + usize::from(self.basic() && matches!(self.name_at(1), b"with" | b"from"));
        if self.is_sign(ahead, Punct::OpenBrace)
            && let Some(&object) = self.operands.last()
            && matches!(self.tree.node(object), Node::New(..))
        {
            self.at += ahead;
            let start = self.place(object).0;
            if matches!(self.language, Language::Java | Language::Php) {
                // Members of a class without a name.
                self.open(Around::Body, start);
                return;
            }
            self.operands.pop();
            self.open(Around::Init(object), start);
        }
    }

    pub(super) fn using(&mut self, token: Token) {
        self.end_statement();
        if self.is_sign(1, Punct::Open) {
            self.at += 1;
            self.open(Around::Control, token.start);
        } else if self.is_sign(2, Punct::Assign) && self.kind(1) == Some(Kind::Name) {
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
        if self.is_sign(2, Punct::Assign) && self.kind(1) == Some(Kind::Name) {
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
        if self.is_sign(1, Punct::Open) && self.is_sign(2, Punct::Close) {
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
