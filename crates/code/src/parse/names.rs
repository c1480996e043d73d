//! Names, classes and new objects.

use super::words::Word;
use super::{Around, Kind, Language, List, NAMELESS, Node, Operator, Parser, Punct, Symbol, Token};

impl Parser<'_> {
    /// `For x = 0 To 9`: what x begins with is not what it stays.
    pub(super) fn counted(&mut self, token: Token) {
        let last = self.tree.nodes.last().map(|spanned| spanned.node);
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
        if declares && self.language == Language::JScript && self.is_punct(1, Punct::Colon) {
            self.at += 1;
            let class = self.class_name();
            self.tree.declare(token.value, self.function, class, true);
        }
    }

    /// `value is Class name`: the name takes the value. `false` if this is no such test.
    pub(super) fn pattern(&mut self) -> bool {
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
                Kind::Name if class.is_none() || self.is_punct(0, Punct::Dot) => class = Some(token.value),
                Kind::Punct(Punct::Dot) if class.is_some() => {}
                _ => break,
            }
            self.at += 1;
        }
        if self.is_punct(1, Punct::Less)
            && let Some(end) = self.type_arguments(self.at + 1)
        {
            self.at = end;
        }
        // (Of T), and the brackets of an array.
        if self.basic() && self.is_punct(1, Punct::Open) && matches!(self.name_at(2), b"of") {
            self.at = self.bracket_pairs.closing(self.at + 1).unwrap_or(self.at);
        }
        while self.is_punct(1, Punct::OpenIndex) && self.is_punct(2, Punct::CloseIndex) {
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
        if self.is_punct(1, Punct::Open) {
            self.at += 1;
            self.open(Around::New(class), token.start);
        } else if self.is_punct(1, Punct::OpenIndex) {
            // The size of an array; its elements may follow.
            self.at = self.bracket_pairs.closing(self.at + 1).unwrap_or(self.at + 1);
            self.array_or_object(class, token, end);
        } else {
            self.array_or_object(class, token, end);
        }
    }

    /// The current token ends `new Class` or `new Class[n]`.
    pub(super) fn array_or_object(&mut self, class: Symbol, token: Token, end: u32) {
        let array = class == NAMELESS || self.is_punct(0, Punct::CloseIndex);
        if array && self.is_punct(1, Punct::OpenBrace) {
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
        if self.is_punct(ahead, Punct::OpenBrace)
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
}
