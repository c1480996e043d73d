//! Operators and brackets.

use super::{Around, Attributes, Kind, Language, Node, Operator, Parser, Punct, Symbol, Token};

impl Parser<'_> {
    pub(super) fn punct(&mut self, punct: Punct, token: Token) {
        match punct {
            Punct::Open => self.open_bracket(token),
            Punct::OpenIndex => self.open_index(token),
            Punct::OpenBrace => self.open_brace(token),
            Punct::Close => self.close_round(token),
            Punct::CloseIndex => {
                self.close_to(token, |around| matches!(around, Around::Index(_) | Around::List));
            }
            Punct::CloseBrace => self.close_brace(token),
            Punct::Comma => self.comma(token),
            Punct::Semicolon => self.semicolon(token),
            Punct::Colon => self.colon(),
            Punct::Dot => self.dot(token),
            Punct::Question if self.after => self.question(token),
            Punct::Assign if self.after => self.assign(token),
            Punct::AddAssign if self.after => self.operator(Operator::Assign(true), token),
            Punct::OtherAssign if self.after => self.operator(Operator::Alter, token),
            Punct::Step => self.counts(token),
            Punct::Lambda if self.language == Language::Php => self.php_arrow(token),
            Punct::Lambda => self.lambda(token),
            Punct::Less if self.after && self.sharp() => self.less(token),
            Punct::Less if !self.after && self.language == Language::VisualBasic => self.basic_attributes(),
            Punct::Coalesce
            | Punct::Equal
            | Punct::NotEqual
            | Punct::Less
            | Punct::Greater
            | Punct::LessEqual
            | Punct::GreaterEqual
            | Punct::Add
            | Punct::Subtract
            | Punct::Multiply
            | Punct::Divide
            | Punct::IntDivide
            | Punct::Remainder
            | Punct::Power
            | Punct::Concat
            | Punct::And
            | Punct::Or
            | Punct::Xor
            | Punct::BitAnd
            | Punct::BitOr
            | Punct::ShiftLeft
            | Punct::ShiftRight
                if self.after =>
            {
                self.operator(Operator::Binary(punct), token);
            }
            Punct::Subtract | Punct::Not => self.in_front(punct, token),
            _ => {}
        }
    }

    /// The end of `(...)`, behind which what fills a new object may follow.
    fn close_round(&mut self, token: Token) {
        let round = |around| matches!(around, Around::Group | Around::Control | Around::Call(_) | Around::New(_));
        let closed = self.close_to(token, round);
        let made = matches!(self.operands.last().map(|&node| self.tree.node(node)), Some(Node::New(..)));
        if closed && made {
            self.initialiser();
        }
    }

    fn comma(&mut self, token: Token) {
        self.reduce_all();
        let frame = self.frame();
        if !frame.around.holds_statements() {
            if !self.after {
                self.operand(Node::Empty, token.start, token.end);
            }
            self.after = false;
            return;
        }
        // `int a = 1, b = 2`: the next is declared alike.
        let (class, declaring) = (frame.class, self.declaring);
        if frame.around == Around::Arrow {
            self.end_statement();
            return;
        }
        self.operands.truncate(frame.operands);
        self.after = false;
        self.declaring = declaring || class.is_some();
        if let Some(echo) = self.echo {
            self.operators.push((Operator::Apply(echo), token.start));
        }
    }

    fn semicolon(&mut self, token: Token) {
        if matches!(self.frame().around, Around::Control) {
            // The parts of `for (;;)`.
            self.reduce_all();
            let base = self.frame().operands;
            self.operands.truncate(base);
            self.after = false;
            return;
        }
        // A semicolon never stands inside brackets: they were left open.
        while !self.frame().around.holds_statements() && !matches!(self.frame().around, Around::List | Around::Init(_))
        {
            self.close_frame(token.start);
        }
        self.attributes = Attributes::default();
        self.end_statement();
    }

    /// `?` behind a value.
    fn question(&mut self, token: Token) {
        // A class that may be null: `string? x`.
        let nullable = self.language == Language::CSharp
            && self.kind(1) == Some(Kind::Name)
            && matches!(self.kind(2), Some(Kind::Punct(Punct::Assign | Punct::Semicolon | Punct::Close)));
        // `x?[i]`
        let element = self.language == Language::CSharp
            && self.is_punct(1, Punct::OpenIndex)
            && self.tokens[self.at + 1].start == token.end;
        if !nullable && !element {
            self.operator(Operator::Question, token);
        }
    }

    /// `=` behind a value; in Basic it may compare.
    fn assign(&mut self, token: Token) {
        let frame = self.frame();
        let statement = frame.around.holds_statements()
            && !self.waiting(frame).iter().take(2).any(|(operator, _)| !matches!(operator, Operator::Each));
        let field = matches!(frame.around, Around::Init(_)) && self.waiting(frame).is_empty();
        if !self.basic() || (statement && !self.condition) || field {
            self.operator(Operator::Assign(false), token);
        } else {
            self.operator(Operator::Binary(Punct::Equal), token);
        }
    }

    /// `<` behind a value, which may open the type arguments of a name.
    fn less(&mut self, token: Token) {
        match self.type_arguments(self.at) {
            Some(end) if matches!(self.top(), Some(Node::Name(_) | Node::Member(..))) => self.at = end,
            _ => self.operator(Operator::Binary(Punct::Less), token),
        }
    }

    pub(super) fn open_bracket(&mut self, token: Token) {
        if self.after {
            let frame = self.frame();
            let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
            if self.sharp()
                && statement
                && let Some(Node::Name(_)) = self.top()
                && self.at > 0
                && self.tokens[self.at - 1].kind == Kind::Name
            {
                // A constructor: `Name(parameters) {`.
                self.at -= 1;
                let name = self.tokens[self.at];
                if self.method(name, None) {
                    return;
                }
                self.at += 1;
            }
            // `f(Of Class)(x)`
            if self.language == Language::VisualBasic
                && self.name_at(1) == b"of"
                && let Some(close) = self.bracket_pairs.closing(self.at)
            {
                self.at = close;
                return;
            }
            let callee = self.operands.pop().unwrap_or_default();
            if statement && self.operands.len() == frame.operands && self.begins_argument() {
                self.open(Around::Bare(callee), token.start);
                self.open(Around::Group, token.start);
                return;
            }
            self.open(Around::Call(callee), token.start);
            return;
        }
        // `(Class)value`, `(a, b) => ...`
        if let Some(close) = self.bracket_pairs.closing(self.at)
            && !self.basic()
        {
            if self.tokens.get(close + 1).is_some_and(|token| token.kind == Kind::Punct(Punct::Lambda)) {
                let lambda = self.tree.define_inline(self.bound_name(), self.function);
                let open = self.at;
                self.lambda_parameters(lambda, open, close);
                self.at = close + 1;
                self.lambda(token);
                return;
            }
            if let Some(class) = self.cast(self.at, close) {
                self.at = close;
                self.operators.push((Operator::Cast(class), token.start));
                return;
            }
        }
        self.open(Around::Group, token.start);
    }

    /// Whether the bracket here only begins the first argument of a call without brackets: `f (a), b` and `f (a) & b` of
    /// VBScript.
    pub(super) fn begins_argument(&self) -> bool {
        let Some(close) = self.bracket_pairs.closing(self.at) else { return false };
        if self.language != Language::VbScript || self.declaring || self.output {
            return false;
        }
        let behind = self.tokens.get(close + 1).map(|token| token.kind);
        matches!(behind, Some(Kind::Punct(Punct::Comma | Punct::Concat | Punct::Add)))
    }

    /// The class of a cast that these brackets are.
    pub(super) fn cast(&self, open: usize, close: usize) -> Option<Symbol> {
        if close - open > 24 || close <= open + 1 {
            return None;
        }
        let mut class = None;
        for (at, token) in self.tokens[open + 1..close].iter().enumerate() {
            match token.kind {
                Kind::Name if at == 0 || self.tokens[open + at].kind != Kind::Name => class = Some(token.value),
                Kind::Punct(
                    Punct::Dot
                    | Punct::Less
                    | Punct::Greater
                    | Punct::OpenIndex
                    | Punct::CloseIndex
                    | Punct::Question
                    | Punct::Comma,
                ) => {}
                _ => return None,
            }
        }
        let class = class?;
        let next = self.tokens.get(close + 1)?;
        if self.language == Language::Php {
            return self.php_cast(class, close).then_some(class);
        }
        let simple = matches!(
            self.interner.name(class),
            b"char" | b"byte" | b"int" | b"string" | b"long" | b"short" | b"object" | b"uint" | b"ushort" | b"double"
        );
        let fits = match next.kind {
            Kind::Name => !matches!(self.interner.name(next.value), b"is" | b"as" | b"in" | b"instanceof"),
            Kind::Literal | Kind::Number => true,
            Kind::Punct(Punct::Open) => true,
            Kind::Punct(Punct::Not | Punct::Subtract) => simple,
            _ => false,
        };
        // `(x)(y)` is a cast in C# only; JScript calls x.
        (fits && (self.sharp() || simple)).then_some(class)
    }

    pub(super) fn open_index(&mut self, token: Token) {
        if self.after {
            let of = self.operands.pop().unwrap_or_default();
            self.open(Around::Index(of), token.start);
            return;
        }
        let frame = self.frame();
        let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
        if self.sharp()
            && statement
            && let Some(close) = self.bracket_pairs.closing(self.at)
        {
            // Attributes.
            self.read_attributes(self.at + 1, close);
            self.at = close;
            return;
        }
        self.open(Around::List, token.start);
    }

    pub(super) fn open_brace(&mut self, token: Token) {
        let frame = self.frame();
        let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
        if self.basic() {
            self.open(Around::List, token.start);
        } else if self.after || statement {
            if !frame.around.holds_statements() {
                self.reduce_all();
                self.after = false;
            } else {
                self.end_statement();
            }
            self.open(Around::Block(!frame.around.holds_statements()), token.start);
        } else {
            self.open(Around::List, token.start);
        }
    }

    pub(super) fn close_brace(&mut self, token: Token) {
        let braces =
            |around: Around| matches!(around, Around::Block(_) | Around::List | Around::Init(_) | Around::Body);
        self.close_to(token, braces);
    }

    /// Closes brackets up to one of this kind. `false` if none is open, or statements lie between.
    pub(super) fn close_to(&mut self, token: Token, wanted: fn(Around) -> bool) -> bool {
        let brace = token.kind == Kind::Punct(Punct::CloseBrace);
        let mut depth = None;
        for (above, frame) in self.frames.iter().rev().enumerate() {
            if wanted(frame.around) {
                depth = Some(above);
                break;
            }
            // A round bracket does not reach out of the statements it stands in. Open brackets above a brace are few,
            // or the brackets they belong to close them all.
            if !brace && frame.around.holds_statements() && frame.around != Around::Arrow || above > 1000 {
                break;
            }
        }
        let Some(depth) = depth else { return false };
        for _ in 0..=depth {
            if matches!(self.frame().around, Around::Arrow | Around::Block(_) | Around::Body) {
                self.end_open_statement();
            }
            self.close_frame(token.end);
        }
        true
    }

    /// As [`Parser::end_statement`], without closing an arrow.
    pub(super) fn end_open_statement(&mut self) {
        self.reduce_all();
        let base = self.frame().operands;
        self.operands.truncate(base);
        self.after = false;
    }

    pub(super) fn colon(&mut self) {
        let frame = self.frame();
        let base = frame.operators;
        // From the end: what is passed over is applied below, so that each is passed over once.
        if self.waiting(frame).iter().rev().any(|(operator, _)| *operator == Operator::Question) {
            // The value of the first branch is complete.
            while self.operators.len() > base {
                let Some(&(operator, start)) = self.operators.last() else { break };
                if operator == Operator::Question {
                    self.operators.pop();
                    // Of `condition ? a` only `a` goes on.
                    let floor = self.frame().operands;
                    if self.operands.len() >= floor + 2 {
                        let value = self.operands.pop();
                        self.operands.pop();
                        self.operands.extend(value);
                    }
                    self.operators.push((Operator::Either, start));
                    break;
                }
                self.reduce();
            }
            self.after = false;
            return;
        }
        // `for (Class x : list)` of Java.
        if self.language == Language::Java && self.after && self.frame().around == Around::Control {
            self.reduce_all();
            self.operators.push((Operator::Each, self.ended));
            self.after = false;
            return;
        }
        // A label, a case, the name of an argument or of a value: what stands before it is no value.
        self.reduce_all();
        if self.after {
            let frame = self.frame();
            if frame.around.holds_statements() {
                self.operands.truncate(frame.operands);
            } else if self.operands.len() > frame.operands {
                self.operands.pop();
            }
        }
        self.after = false;
    }

    pub(super) fn dot(&mut self, token: Token) {
        let next = self.tokens.get(self.at + 1).copied();
        let Some(Token { kind: Kind::Name, value, end, .. }) = next else {
            return;
        };
        if self.after && self.starts_with_member(token) {
            self.adjacent(token);
        }
        if self.after {
            let of = self.operands.pop().unwrap_or_default();
            self.at += 1;
            self.operand(Node::Member(of, value), self.place(of).0, end);
        } else if self.basic() {
            // A member of the object of `With`.
            self.at += 1;
            // In `With .member` the object is one of the block around it; a field of a new object belongs to that.
            let own = matches!(self.frame().around, Around::Init(_));
            let with = self.withs.iter().rev().take(64).copied().flatten().next().filter(|_| !own);
            let of = with.unwrap_or_else(|| self.push_node(Node::Empty, token.start, token.end));
            let id = self.push_node(Node::Member(of, value), token.start, end);
            self.operands.push(id);
            self.after = true;
        }
    }

    /// Whether a dot belongs to the object of `With`, though a name stands in front: `Execute .Form("x")`. A line that goes on
    /// with a dot has more between the two.
    pub(super) fn starts_with_member(&self, token: Token) -> bool {
        let frame = self.frame();
        let blank = self.at > 0 && (1..=2).contains(&token.start.saturating_sub(self.tokens[self.at - 1].end));
        let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
        blank
            && statement
            && self.basic()
            && self.operands.len() == frame.operands + 1
            && self.withs.last().is_some_and(Option::is_some)
    }
}
