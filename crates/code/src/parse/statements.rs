//! The ends of statements and brackets, and pending operators.

use super::words::Word;
use super::{Around, Frame, FunctionId, Kind, Language, List, NAMELESS, Node, Operator, Parser, Punct, Symbol, Token};

impl Parser<'_> {
    /// The end of a line of Basic. Where the language would refuse what follows, a line was wrapped by an editor or a mailer,
    /// and goes on.
    pub(super) fn line_end(&mut self) {
        loop {
            let frame = self.frame();
            if frame.around.holds_statements() || matches!(frame.around, Around::Bare(_)) {
                break;
            }
            if frame.close.is_some_and(|close| close > self.at) {
                return;
            }
            self.close_frame(self.ended);
        }
        let wrapped = match self.kind(1) {
            Some(Kind::Literal | Kind::Number) => self.after,
            Some(Kind::Punct(
                Punct::Assign
                | Punct::Concat
                | Punct::Add
                | Punct::Multiply
                | Punct::Divide
                | Punct::Comma
                | Punct::Close
                | Punct::AddAssign,
            )) => self.after,
            // No statement begins so.
            Some(Kind::Name) if self.language == Language::VbScript && self.after && self.carries_on() => true,
            Some(Kind::Punct(Punct::Open)) => self.language == Language::VbScript && self.after && self.is_callable(),
            // `Execute` alone on a line is no statement, nor is a function of the page that takes something.
            Some(Kind::Name) if self.language == Language::VbScript && self.after => {
                self.is_callable()
                    && match self.top() {
                        Some(Node::Name(var)) => self.wants_more(self.tree.vars[var as usize].symbol),
                        Some(Node::Member(_, symbol)) => takes_something(self.interner.name(symbol)),
                        _ => false,
                    }
            }
            _ => false,
        };
        if !wrapped {
            self.end_statement();
        }
    }

    /// Whether the next line begins with a word that only goes on with what stands before it.
    fn carries_on(&mut self) -> bool {
        matches!(self.word_at(1), Word::In | Word::Operator(_))
    }

    /// Whether the statement is nothing yet but a name or a member.
    fn is_callable(&self) -> bool {
        let frame = self.frame();
        self.operands.len() == frame.operands + 1
            && self.operators.len() == frame.operators
            && matches!(self.top(), Some(Node::Name(_) | Node::Member(..)))
    }

    /// Whether a name by itself is no statement of VBScript.
    fn wants_more(&self, symbol: Symbol) -> bool {
        let takes = |&function: &FunctionId| !self.tree.functions[function as usize].parameters.is_empty();
        matches!(self.interner.name(symbol), b"execute" | b"executeglobal" | b"eval")
            || self.tree.by_name.get(&symbol).is_some_and(|functions| functions.iter().all(takes))
    }

    /// An operand begins behind another one: a Basic call without brackets, or the next statement.
    pub(super) fn adjacent(&mut self, token: Token) {
        if !self.after {
            return;
        }
        let frame = self.frame();
        let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
        if self.basic() && statement && self.operands.len() == frame.operands + 1 {
            let callee = self.operands.pop().unwrap_or_default();
            self.open(Around::Bare(callee), token.start);
        } else if frame.around.holds_statements() {
            self.end_statement();
        } else {
            // Broken code inside brackets: the next item of the list.
            self.reduce_all();
            self.after = false;
        }
    }

    pub(super) fn operator(&mut self, operator: Operator, token: Token) {
        let basic = self.basic();
        let (level, right) = operator.binds(basic);
        self.reduce_to(if right { level + 1 } else { level });
        self.operators.push((operator, token.start));
        self.after = false;
    }

    /// Applies the waiting operators of this bracket that bind at least so strongly.
    pub(super) fn reduce_to(&mut self, level: u8) {
        let base = self.frame().operators;
        let basic = self.basic();
        while self.operators.len() > base {
            let Some(&(operator, _)) = self.operators.last() else { break };
            if operator.binds(basic).0 < level {
                break;
            }
            self.reduce();
        }
    }

    pub(super) fn reduce_all(&mut self) {
        let base = self.frame().operators;
        while self.operators.len() > base {
            self.reduce();
        }
    }

    pub(super) fn reduce(&mut self) {
        let Some((operator, start)) = self.operators.pop() else { return };
        let base = self.frame().operands;
        let pop = |parser: &mut Self| {
            if parser.operands.len() > base { parser.operands.pop() } else { None }
        };
        let right = pop(self);
        let single = matches!(
            operator,
            Operator::Unary(_)
                | Operator::Cast(_)
                | Operator::Return
                | Operator::Of(_)
                | Operator::Apply(_)
                | Operator::Key(_)
        );
        let left = if single { None } else { pop(self) };
        let end = right.map_or(start, |node| self.place(node).1);
        let Some(right) = right else {
            if let Some(left) = left {
                self.operands.push(left);
            }
            return;
        };
        let node = match (operator, left) {
            (Operator::Unary(punct), _) => Node::Unary(punct, right),
            (Operator::Cast(class), _) => Node::Cast(class, right),
            (Operator::Return, _) => Node::Return(self.function, right),
            (Operator::Key(key), _) => Node::Binary(Punct::Lambda, key, right),
            (Operator::Of(collection), _) => Node::Each(right, collection),
            (Operator::Apply(callee), _) => {
                let start = self.tree.lists.len() as u32;
                self.tree.lists.push(right);
                Node::Call(callee, List { start, count: 1 })
            }
            // Broken: an operator without its left side.
            (_, None) => {
                self.operands.push(right);
                return;
            }
            (Operator::Binary(Punct::Coalesce) | Operator::Either, Some(left)) => Node::Either(left, right),
            // The condition does not matter.
            (Operator::Question, Some(_)) => {
                self.operands.push(right);
                return;
            }
            (Operator::Binary(punct), Some(left)) => Node::Binary(punct, left, right),
            (Operator::Assign(more), Some(left)) => {
                if matches!(self.frame().around, Around::Init(_)) {
                    self.operands.push(right);
                    return;
                }
                Node::Assign(left, right, more)
            }
            (Operator::Each, Some(left)) => Node::Each(left, right),
            (Operator::Alter, Some(left)) => {
                let start = self.place(left).0;
                let altered = self.push_node(Node::Binary(Punct::Xor, left, right), start, end);
                Node::Assign(left, altered, false)
            }
        };
        let start = left.map_or(start, |left| self.place(left).0.min(start));
        let id = self.push_node(node, start, end);
        self.operands.push(id);
    }

    pub(super) fn end_statement(&mut self) {
        while let Around::Bare(_) = self.frame().around {
            self.close_frame(self.ended);
        }
        self.reduce_all();
        let frame = self.frame();
        if !frame.around.holds_statements() {
            self.after = self.operands.len() > frame.operands;
            if self.after {
                // A statement inside brackets is broken code: the next item.
                self.after = false;
            }
            return;
        }
        if self.output {
            if let Some(&value) = self.operands.get(frame.operands) {
                let (start, end) = self.place(value);
                self.push_node(Node::Output(value), start, end);
            }
            self.output = false;
        }
        self.operands.truncate(frame.operands);
        self.after = false;
        self.declaring = false;
        self.condition = false;
        self.echo = None;
        if let Some(top) = self.frames.last_mut() {
            top.class = None;
        }
        if frame.around == Around::Arrow {
            self.close_frame(self.ended);
        }
    }

    /// Ends the innermost bracket, with what was read inside it.
    pub(super) fn close_frame(&mut self, end: u32) {
        let frame = self.frame();
        if frame.around == Around::Arrow || frame.around.holds_statements() {
            // Statements are over; `end_statement` would come back here for an arrow.
            self.reduce_all();
            self.operands.truncate(frame.operands);
            self.declaring = false;
        } else {
            self.reduce_all();
        }
        if self.frames.len() > 1 {
            self.frames.pop();
        }
        if let Some(back) = frame.back {
            self.function = back;
        }
        match frame.around {
            Around::File => {}
            Around::Arrow | Around::Block(false) => self.after = false,
            Around::Block(true) => self.operand(Node::Empty, frame.start, end),
            Around::Body => self.after = true,
            Around::Group => self.close_group(frame, end),
            Around::Control => {
                self.operands.truncate(frame.operands);
                self.after = false;
                self.end_statement();
            }
            Around::Bare(callee) if self.tree.node(callee) == Node::Empty => self.close_with(frame, end),
            Around::Call(callee) | Around::Bare(callee) => {
                let list = self.list(frame.operands);
                self.operand(Node::Call(callee, list), self.place(callee).0, end);
            }
            Around::Index(of) => {
                let list = self.list(frame.operands);
                self.operand(Node::Index(of, list), self.place(of).0, end);
            }
            Around::New(class) => {
                let list = self.list(frame.operands);
                self.operand(Node::New(class, list), frame.start, end);
            }
            Around::List => {
                let list = self.list(frame.operands);
                self.operand(Node::Array(list), frame.start, end);
            }
            Around::Init(object) => {
                let list = self.list(frame.operands);
                self.operand(Node::Init(object, list), frame.start, end);
            }
        }
    }

    /// The end of `(a, b)`, whose value is the last of them.
    fn close_group(&mut self, frame: Frame, end: u32) {
        let value = if self.operands.len() > frame.operands { self.operands.last().copied() } else { None };
        self.operands.truncate(frame.operands);
        match value {
            Some(value) => {
                self.operands.push(value);
                self.after = true;
            }
            None => self.operand(Node::Empty, frame.start, end),
        }
    }

    /// The end of `With object`.
    fn close_with(&mut self, frame: Frame, end: u32) {
        let object = self.operands.get(frame.operands).copied();
        // What is made here has no name; it gets one that no code can have, to be filled.
        let object = object.map(|object| match self.tree.node(object) {
            Node::Name(_) | Node::Member(..) => object,
            _ => {
                let symbol = NAMELESS - 1 - self.tree.nodes.len() as Symbol;
                let var = self.tree.variable(symbol, self.function);
                let name = self.push_node(Node::Name(var), frame.start, end);
                self.push_node(Node::Assign(name, object, false), frame.start, end);
                self.push_node(Node::Name(var), frame.start, end)
            }
        });
        if let (Some(object), Some(with)) = (object, self.withs.last_mut()) {
            *with = Some(object);
        }
        self.operands.truncate(frame.operands);
        self.after = false;
    }
}

/// Whether a method of this name is never called without arguments.
fn takes_something(name: &[u8]) -> bool {
    matches!(
        name,
        b"write"
            | b"writeline"
            | b"writetext"
            | b"binarywrite"
            | b"savetofile"
            | b"loadfromfile"
            | b"execute"
            | b"run"
            | b"exec"
            | b"deletefile"
            | b"deletefolder"
            | b"copyfile"
            | b"movefile"
            | b"createfolder"
            | b"addcode"
            | b"executestatement"
            | b"shellexecute"
    )
}
