//! From tokens to a [`Tree`], for all languages and for broken code: nothing is refused, and what makes no sense ends the
//! expression it stands in. Brackets and operators wait on stacks of their own, so nesting costs no stack of the program's.

#[cfg(test)]
mod tests;
mod words;

use super::structure::Language;
use super::token::{Kind, Lexicon, Sign, Symbol, Token};
use super::tree::{Attributes, Class, FunctionId, List, Node, NodeId, Placed, Tree};
use words::Word;

/// No bracket belongs to this one.
const NONE: u32 = u32::MAX;

/// Reads tokens into a tree, behind what it already holds.
pub fn parse(tokens: &[Token], lexicon: &Lexicon, tree: &mut Tree) {
    if tree.functions.is_empty() {
        tree.define(Symbol::MAX, 0, Attributes::default());
    }
    let mates = mates(tokens);
    let mut parser = Parser {
        tokens,
        mates: &mates,
        lexicon,
        tree,
        at: 0,
        operands: Vec::new(),
        operators: Vec::new(),
        frames: vec![Frame::new(Around::File, 0, 0, 0)],
        after: false,
        language: Language::CSharp,
        function: 0,
        routines: Vec::new(),
        withs: Vec::new(),
        declaring: false,
        attributes: Attributes::default(),
        output: false,
        words: Default::default(),
        ended: 0,
    };
    parser.run();
}

/// For each bracket the place of the one that closes it.
fn mates(tokens: &[Token]) -> Vec<u32> {
    let mut mates = vec![NONE; tokens.len()];
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut counts = [0usize; 3];
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Sign(sign) = token.kind else { continue };
        match sign {
            Sign::Open | Sign::OpenIndex | Sign::OpenBrace => {
                let shape = match sign {
                    Sign::Open => 0,
                    Sign::OpenIndex => 1,
                    _ => 2,
                };
                counts[shape] += 1;
                open.push((at as u32, shape));
            }
            Sign::Close | Sign::CloseIndex | Sign::CloseBrace => {
                let shape = match sign {
                    Sign::Close => 0,
                    Sign::CloseIndex => 1,
                    _ => 2,
                };
                // A bracket that nothing opened closes nothing.
                while counts[shape] > 0 {
                    let Some((from, found)) = open.pop() else { break };
                    counts[found] -= 1;
                    if found == shape {
                        mates[from as usize] = at as u32;
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    mates
}

/// What an open bracket or block belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    File,
    Group,
    /// The brackets of `if (...)`.
    Control,
    Call(NodeId),
    /// The arguments of a Basic call without brackets, up to the end of the statement.
    Bare(NodeId),
    Index(NodeId),
    New(Symbol),
    List,
    Init(NodeId),
    /// Statements in braces; with `true` an operand is left behind it: a function as a value.
    Block(bool),
    /// The body of `=> value` that belongs to a function of its own.
    Arrow,
}

impl Around {
    fn holds_statements(self) -> bool {
        matches!(self, Around::File | Around::Block(_) | Around::Arrow)
    }
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    around: Around,
    operands: usize,
    operators: usize,
    start: u32,
    /// The class of the declaration that is under way.
    class: Option<Symbol>,
    /// The function to go back to when it closes.
    back: Option<FunctionId>,
    /// Where the bracket that closes it stands, if there is one.
    close: u32,
}

impl Frame {
    fn new(around: Around, operands: usize, operators: usize, start: u32) -> Self {
        Self { around, operands, operators, start, class: None, back: None, close: NONE }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Binary(Sign),
    Unary(Sign),
    Cast(Symbol),
    Assign(bool),
    /// `^=` and its kin.
    Alter,
    Each,
    Return,
    Question,
    Either,
}

impl Operator {
    /// How strongly it binds its operands, and whether it takes its right side first.
    fn binds(self, basic: bool) -> (u8, bool) {
        match self {
            Operator::Return => (1, true),
            Operator::Assign(_) | Operator::Alter | Operator::Each => (2, true),
            Operator::Question => (3, true),
            Operator::Either => (3, true),
            Operator::Unary(Sign::Not) if basic => (8, true),
            Operator::Unary(_) | Operator::Cast(_) => (30, true),
            Operator::Binary(sign) => match sign {
                Sign::Coalesce => (5, true),
                Sign::Or => (6, false),
                Sign::And => (7, false),
                Sign::BitOr | Sign::Xor => (9, false),
                Sign::BitAnd => (10, false),
                Sign::Equal | Sign::Different => (11, false),
                Sign::Less | Sign::Greater | Sign::LessEqual | Sign::GreaterEqual => (12, false),
                Sign::ShiftLeft | Sign::ShiftRight => (14, false),
                Sign::Join => (15, false),
                Sign::Add | Sign::Subtract => (16, false),
                Sign::Remainder if basic => (17, false),
                Sign::WholeDivide => (18, false),
                Sign::Multiply | Sign::Divide | Sign::Remainder => (19, false),
                Sign::Power => (20, false),
                _ => (11, false),
            },
        }
    }
}

struct Parser<'p> {
    tokens: &'p [Token],
    mates: &'p [u32],
    lexicon: &'p Lexicon,
    tree: &'p mut Tree,
    at: usize,
    operands: Vec<NodeId>,
    operators: Vec<(Operator, u32)>,
    frames: Vec<Frame>,
    /// Whether the last thing read was an operand.
    after: bool,
    language: Language,
    function: FunctionId,
    /// Functions of Basic that wait for their `End Function`.
    routines: Vec<FunctionId>,
    /// Objects of `With`.
    withs: Vec<NodeId>,
    declaring: bool,
    attributes: Attributes,
    /// Whether the statement is an expression that the page writes.
    output: bool,
    /// What names mean, by language.
    words: [Vec<Option<Word>>; 4],
    /// Where the last token ended.
    ended: u32,
}

impl Parser<'_> {
    fn basic(&self) -> bool {
        matches!(self.language, Language::VbScript | Language::VisualBasic)
    }

    fn net(&self) -> bool {
        matches!(self.language, Language::CSharp | Language::VisualBasic)
    }

    fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    fn is_sign(&self, ahead: usize, sign: Sign) -> bool {
        self.kind(ahead) == Some(Kind::Sign(sign))
    }

    fn word(&mut self, symbol: Symbol) -> Word {
        let words = &mut self.words[self.language as usize];
        if words.len() <= symbol as usize {
            words.resize(self.lexicon.len().max(symbol as usize + 1), None);
        }
        if let Some(word) = words[symbol as usize] {
            return word;
        }
        let name = self.lexicon.name(symbol);
        let word = match self.language {
            Language::CSharp => words::braces(name, false),
            Language::JScript => words::braces(name, true),
            Language::VisualBasic => words::basic(name, true),
            Language::VbScript => words::basic(name, false),
        };
        self.words[self.language as usize][symbol as usize] = Some(word);
        word
    }

    /// The word that a token ahead is; `Plain` for anything else.
    fn word_at(&mut self, ahead: usize) -> Word {
        match self.tokens.get(self.at + ahead) {
            Some(Token { kind: Kind::Name, verbatim: false, value, .. }) => self.word(*value),
            _ => Word::Plain,
        }
    }

    fn name_at(&self, ahead: usize) -> &[u8] {
        match self.tokens.get(self.at + ahead) {
            Some(Token { kind: Kind::Name, value, .. }) => self.lexicon.name(*value),
            _ => &[],
        }
    }

    fn push_node(&mut self, node: Node, start: u32, end: u32) -> NodeId {
        let id = self.tree.nodes.len() as NodeId;
        self.tree.nodes.push(Placed { node, start, end: end.max(start), function: self.function });
        id
    }

    fn operand(&mut self, node: Node, start: u32, end: u32) {
        let id = self.push_node(node, start, end);
        self.operands.push(id);
        self.after = true;
    }

    fn place(&self, node: NodeId) -> (u32, u32) {
        self.tree.nodes.get(node as usize).map_or((0, 0), |placed| (placed.start, placed.end))
    }

    fn list(&mut self, from: usize) -> List {
        let from = from.min(self.operands.len());
        let start = self.tree.lists.len() as u32;
        self.tree.lists.extend_from_slice(&self.operands[from..]);
        self.operands.truncate(from);
        List { start, count: self.tree.lists.len() as u32 - start }
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame::new(Around::File, 0, 0, 0))
    }

    /// The operators of this bracket that wait for their operands.
    fn waiting(&self, frame: Frame) -> &[(Operator, u32)] {
        self.operators.get(frame.operators..).unwrap_or_default()
    }

    /// Whether what follows belongs to an expression that has begun.
    fn is_inside(&self) -> bool {
        let frame = self.frame();
        !frame.around.holds_statements() || !self.waiting(frame).is_empty()
    }

    fn run(&mut self) {
        while let Some(&token) = self.tokens.get(self.at) {
            // A step leaves the parser on the last token it took.
            self.step(token);
            self.ended = self.tokens.get(self.at).map_or(token.end, |last| last.end);
            self.at += 1;
        }
        while self.frames.len() > 1 {
            self.close_frame(self.ended);
        }
        self.end_statement();
    }

    fn step(&mut self, token: Token) {
        match token.kind {
            Kind::Block | Kind::Output | Kind::Binding => {
                if self.basic() || token.kind != Kind::Block || self.output {
                    self.end_statement();
                }
                let language = match token.value {
                    0 => Language::CSharp,
                    1 => Language::VisualBasic,
                    2 => Language::JScript,
                    _ => Language::VbScript,
                };
                if self.language != language || self.tree.languages.is_empty() {
                    self.end_statement();
                    self.language = language;
                    self.tree.languages.push((self.tree.nodes.len() as NodeId, language));
                }
                self.output = token.kind == Kind::Output;
            }
            Kind::End => self.line_end(),
            Kind::Number if self.after && token.line && self.language == Language::JScript => {
                self.end_statement();
                self.operand(Node::Number(token.value), token.start, token.end);
            }
            Kind::Number => {
                self.adjacent(token);
                self.operand(Node::Number(token.value), token.start, token.end);
            }
            Kind::Literal => {
                self.adjacent(token);
                self.operand(Node::Text(token.value), token.start, token.end);
            }
            Kind::Other => {
                self.adjacent(token);
                self.operand(Node::Empty, token.start, token.end);
            }
            Kind::Name => self.name(token),
            Kind::Sign(sign) => self.sign(sign, token),
        }
    }

    /// The end of a line of Basic. Where the language would refuse what follows, a line was wrapped by an editor or a mailer,
    /// and goes on.
    fn line_end(&mut self) {
        loop {
            let frame = self.frame();
            if frame.around.holds_statements() || matches!(frame.around, Around::Bare(_)) {
                break;
            }
            if frame.close != NONE && frame.close as usize > self.at {
                return;
            }
            self.close_frame(self.ended);
        }
        let wrapped = match self.kind(1) {
            Some(Kind::Literal | Kind::Number) => self.after,
            Some(Kind::Sign(
                Sign::Assign
                | Sign::Join
                | Sign::Add
                | Sign::Multiply
                | Sign::Divide
                | Sign::Comma
                | Sign::Close
                | Sign::AddAssign,
            )) => self.after,
            // `Execute` alone on a line is no statement.
            Some(Kind::Name) if self.language == Language::VbScript && self.after => {
                let frame = self.frame();
                self.operands.len() == frame.operands + 1
                    && self.operators.len() == frame.operators
                    && matches!(self.top(), Some(Node::Name(var)) if matches!(
                        self.lexicon.name(self.tree.vars[var as usize].symbol),
                        b"execute" | b"executeglobal" | b"eval"
                    ))
            }
            _ => false,
        };
        if !wrapped {
            self.end_statement();
        }
    }

    /// An operand begins behind another one: a Basic call without brackets, or the next statement.
    fn adjacent(&mut self, token: Token) {
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

    fn open(&mut self, around: Around, start: u32) {
        let mut frame = Frame::new(around, self.operands.len(), self.operators.len(), start);
        if matches!(around, Around::Group | Around::Call(_) | Around::New(_) | Around::List) {
            frame.close = self.mates.get(self.at).copied().unwrap_or(NONE);
        }
        self.frames.push(frame);
        self.after = false;
    }

    fn name(&mut self, token: Token) {
        let word = if token.verbatim { Word::Plain } else { self.word(token.value) };
        let basic = self.basic();
        // Behind a dot every word is a name; the dot reads it.
        match word {
            Word::Plain => self.plain(token),
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
                    && self.is_sign(1, Sign::Open)
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
            }
            Word::Case => self.end_statement(),
            Word::Control => {
                self.end_statement();
                if self.is_sign(1, Sign::Open) {
                    self.at += 1;
                    self.open(Around::Control, token.start);
                } else if self.word_at(1) == Word::Plain && self.is_sign(2, Sign::Open) {
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
            Word::Using => self.using(token),
            Word::Imports => self.imports(),
            Word::Namespace => {
                self.end_statement();
                while matches!(self.kind(1), Some(Kind::Name | Kind::Sign(Sign::Dot))) {
                    self.at += 1;
                }
            }
            Word::Class => self.class(token),
            Word::Function => self.script_function(token),
            Word::Routine => self.routine(token),
            Word::Property => self.property(token),
            Word::Delegate => self.delegate(token),
            Word::In => {
                if self.after {
                    self.operator(Operator::Each, token);
                }
            }
            Word::As => self.as_class(token),
            Word::Is => {
                if self.after {
                    self.operator(Operator::Binary(Sign::Equal), token);
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
                self.operators.push((Operator::Unary(Sign::Not), token.start));
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
                self.withs.push(NONE);
            }
            Word::External => {
                self.end_statement();
                self.skip_statement();
            }
            Word::Inherits => {
                self.end_statement();
                let mut bases = Vec::new();
                while matches!(self.kind(1), Some(Kind::Name | Kind::Sign(Sign::Dot | Sign::Comma))) {
                    self.at += 1;
                    if self.kind(0) == Some(Kind::Name) && !self.is_sign(1, Sign::Dot) {
                        bases.push(self.tokens[self.at].value);
                    }
                }
                if let Some(class) = self.tree.classes.last_mut() {
                    class.bases.extend(bases.into_iter().take(16));
                }
            }
            Word::Redim => {
                self.end_statement();
                self.declaring = true;
            }
        }
    }

    /// `For x = 0 To 9`: what x begins with is not what it stays.
    fn counted(&mut self, token: Token) {
        let last = self.tree.nodes.last().map(|placed| placed.node);
        if let Some(Node::Assign(target, _, false)) = last
            && let Node::Name(_) = self.tree.node(target)
        {
            let unknown = self.push_node(Node::Empty, token.start, token.start);
            self.push_node(Node::Assign(target, unknown, false), token.start, token.start);
        }
    }

    /// `i++` and `++i`: i is not what it was.
    fn counts(&mut self, token: Token) {
        let target = match self.tokens.get(self.at + 1).copied() {
            _ if self.after => self.operands.last().copied(),
            Some(Token { kind: Kind::Name, value, .. }) => {
                let var = self.tree.variable(value, self.function);
                Some(self.push_node(Node::Name(var), token.start, token.end))
            }
            _ => None,
        };
        if let Some(target) = target
            && let Node::Name(_) = self.tree.node(target)
        {
            let unknown = self.push_node(Node::Empty, token.start, token.end);
            self.push_node(Node::Assign(target, unknown, true), token.start, token.end);
        }
    }

    fn skip_statement(&mut self) {
        while self.kind(1).is_some_and(|kind| !matches!(kind, Kind::End | Kind::Block | Kind::Output | Kind::Binding)) {
            self.at += 1;
        }
    }

    /// A name that is no keyword.
    fn plain(&mut self, token: Token) {
        if self.after {
            let newline = self.language == Language::JScript && token.line;
            if self.language == Language::CSharp && self.declaration(token) {
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
        let var = if declares {
            self.tree.declare(token.value, self.function, frame.class, true)
        } else {
            self.tree.variable(token.value, self.function)
        };
        self.operand(Node::Name(var), token.start, token.end);
        // JScript.NET: `var x : Class`.
        if declares && self.language == Language::JScript && self.is_sign(1, Sign::Colon) {
            self.at += 1;
            let class = self.class_name();
            self.tree.declare(token.value, self.function, class, true);
        }
    }

    /// The last part of a dotted name behind the current token, type arguments and brackets passed over.
    fn class_name(&mut self) -> Option<Symbol> {
        let mut class = None;
        while let Some(token) = self.tokens.get(self.at + 1) {
            match token.kind {
                Kind::Name if class.is_none() || self.is_sign(0, Sign::Dot) => class = Some(token.value),
                Kind::Sign(Sign::Dot) if class.is_some() => {}
                _ => break,
            }
            self.at += 1;
        }
        if self.is_sign(1, Sign::Less)
            && let Some(end) = self.type_arguments(self.at + 1)
        {
            self.at = end;
        }
        // (Of T), and the brackets of an array.
        if self.basic() && self.is_sign(1, Sign::Open) && matches!(self.name_at(2), b"of") {
            let mate = self.mates[self.at + 1];
            if mate != NONE {
                self.at = mate as usize;
            }
        }
        while self.is_sign(1, Sign::OpenIndex) && self.is_sign(2, Sign::CloseIndex) {
            self.at += 2;
        }
        class
    }

    /// The place of the `>` that closes the type arguments which `<` at this place opens, if that is what it opens.
    fn type_arguments(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in open..(open + 40).min(self.tokens.len()) {
            match self.tokens[at].kind {
                Kind::Sign(Sign::Less) => depth += 1,
                Kind::Sign(Sign::Greater) => {
                    depth -= 1;
                    if depth == 0 {
                        let next = self.tokens.get(at + 1).map(|token| token.kind);
                        let fits = !matches!(next, Some(Kind::Literal | Kind::Number | Kind::Other));
                        return (fits && at > open + 1).then_some(at);
                    }
                }
                Kind::Name
                | Kind::Sign(Sign::Dot | Sign::Comma | Sign::OpenIndex | Sign::CloseIndex | Sign::Question) => {}
                _ => return None,
            }
        }
        None
    }

    /// `Class name`, `Class name(parameters) {`: what stands before is a class. C# only.
    fn declaration(&mut self, token: Token) -> bool {
        let Some(&top) = self.operands.last() else { return false };
        let class = match self.tree.node(top) {
            Node::Name(var) => self.tree.vars[var as usize].symbol,
            Node::Member(_, symbol) => symbol,
            Node::Index(of, _) => match self.tree.node(of) {
                Node::Name(var) => self.tree.vars[var as usize].symbol,
                Node::Member(_, symbol) => symbol,
                _ => return false,
            },
            _ => return false,
        };
        self.operands.pop();
        let frame = self.frame();
        if let Some(top) = self.frames.last_mut() {
            top.class = Some(class);
        }
        if self.is_sign(1, Sign::Less)
            && let Some(end) = self.type_arguments(self.at + 1)
            && self.tokens.get(end + 1).is_some_and(|token| token.kind == Kind::Sign(Sign::Open))
        {
            self.at = end;
        }
        if self.is_sign(1, Sign::Open) && frame.around.holds_statements() && self.method(token, Some(class)) {
            return true;
        }
        let property =
            frame.around.holds_statements() && (self.is_sign(1, Sign::OpenBrace) || self.is_sign(1, Sign::Lambda));
        let owner = if property { 0 } else { self.function };
        let var = self.tree.declare(token.value, owner, Some(class), true);
        self.operand(Node::Name(var), token.start, token.end);
        if property {
            // What its accessors give back is what it is.
            let attributes = std::mem::take(&mut self.attributes);
            let function = self.tree.define(token.value, self.function, attributes);
            self.tree.functions[function as usize].result = var;
            self.enter_body(function, token);
        }
        true
    }

    /// `name(parameters)` with a body behind it: a function of C#. The current token is the name.
    fn method(&mut self, token: Token, _class: Option<Symbol>) -> bool {
        let open = self.at + 1;
        let mate = self.mates[open];
        if mate == NONE {
            return false;
        }
        let close = mate as usize;
        let behind = self.tokens.get(close + 1).map(|token| token.kind);
        let wanted = matches!(behind, Some(Kind::Sign(Sign::OpenBrace | Sign::Lambda | Sign::Colon)))
            || matches!(self.tokens.get(close + 1), Some(next) if next.kind == Kind::Name && self.lexicon.name(next.value) == b"where")
            || self.attributes != Attributes::default() && behind == Some(Kind::Sign(Sign::Semicolon));
        if !wanted {
            return false;
        }
        let attributes = std::mem::take(&mut self.attributes);
        let function = self.tree.define(token.value, self.function, attributes);
        self.parameters(function, open, close);
        self.at = close;
        if behind != Some(Kind::Sign(Sign::Semicolon)) {
            self.enter_body(function, token);
        }
        true
    }

    /// Goes into a function whose body begins behind the current token.
    fn enter_body(&mut self, function: FunctionId, token: Token) {
        self.end_statement();
        let back = self.function;
        // `: base(...)`, `where T : class`.
        let mut ahead = 1;
        while ahead < 64 && !self.is_sign(ahead, Sign::OpenBrace) && !self.is_sign(ahead, Sign::Lambda) {
            ahead += 1;
        }
        self.function = function;
        self.push_node(Node::Function(function), token.start, token.end);
        if self.is_sign(ahead, Sign::OpenBrace) {
            self.at += ahead;
            self.open(Around::Block(false), token.start);
        } else if self.is_sign(ahead, Sign::Lambda) {
            self.at += ahead;
            self.open(Around::Arrow, token.start);
            self.operators.push((Operator::Return, token.start));
        } else {
            self.function = back;
            return;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.back = Some(back);
        }
    }

    /// Declares the parameters that stand between two brackets.
    fn parameters(&mut self, function: FunctionId, open: usize, close: usize) {
        let basic = self.basic();
        let script = self.language == Language::JScript;
        let (mut depth, mut first, mut last, mut class, mut behind) = (0i32, None, None, None, 0u8);
        let mut at = open + 1;
        loop {
            let token = self.tokens.get(at).filter(|_| at < close);
            let done = token.is_none_or(|token| depth == 0 && token.kind == Kind::Sign(Sign::Comma));
            if done {
                let (name, of) = if basic || script { (first, class) } else { (last, first) };
                if let Some(name) = name
                    && self.tree.functions[function as usize].parameters.len() < 256
                {
                    let var = self.tree.declare(name, function, of, true);
                    self.tree.functions[function as usize].parameters.push(var);
                }
                (depth, first, last, class, behind) = (0, None, None, None, 0);
            }
            let Some(token) = token else { break };
            match token.kind {
                Kind::Sign(Sign::Open | Sign::OpenIndex | Sign::OpenBrace | Sign::Less) => depth += 1,
                Kind::Sign(Sign::Close | Sign::CloseIndex | Sign::CloseBrace | Sign::Greater) => depth -= 1,
                Kind::Sign(Sign::Assign) => behind = 2,
                Kind::Sign(Sign::Colon) if script => behind = 1,
                Kind::Name if depth == 0 && behind < 2 => {
                    let symbol = token.value;
                    let name = self.lexicon.name(symbol);
                    if basic && name == b"as" {
                        behind = 1;
                    } else if behind == 1 {
                        class = Some(symbol);
                    } else if matches!(
                        name,
                        b"byval"
                            | b"byref"
                            | b"optional"
                            | b"paramarray"
                            | b"out"
                            | b"ref"
                            | b"in"
                            | b"params"
                            | b"this"
                    ) {
                    } else if first.is_none() {
                        first = Some(symbol);
                        last = Some(symbol);
                    } else if !basic && !script && self.tokens[at - 1].kind == Kind::Sign(Sign::Dot) && last == first {
                        // The last part of a dotted class.
                        first = Some(symbol);
                        last = Some(symbol);
                    } else if !basic {
                        last = Some(symbol);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn new_object(&mut self, token: Token) {
        if self.after {
            self.adjacent(token);
        }
        let class = self.class_name();
        let end = self.tokens.get(self.at).map_or(token.end, |token| token.end);
        let class = class.unwrap_or(Symbol::MAX);
        if self.is_sign(1, Sign::Open) {
            self.at += 1;
            self.open(Around::New(class), token.start);
        } else if self.is_sign(1, Sign::OpenIndex) {
            // The size of an array; its elements may follow.
            let mate = self.mates[self.at + 1];
            if mate != NONE {
                self.at = mate as usize;
            } else {
                self.at += 1;
            }
            self.array_or_object(class, token, end);
        } else {
            self.array_or_object(class, token, end);
        }
    }

    /// The current token ends `new Class` or `new Class[n]`.
    fn array_or_object(&mut self, class: Symbol, token: Token, end: u32) {
        let array = class == Symbol::MAX || self.is_sign(0, Sign::CloseIndex);
        if array && self.is_sign(1, Sign::OpenBrace) {
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
    fn initialiser(&mut self) {
        let ahead = 1 + usize::from(self.basic() && matches!(self.name_at(1), b"with" | b"from"));
        if self.is_sign(ahead, Sign::OpenBrace)
            && let Some(&object) = self.operands.last()
            && matches!(self.tree.node(object), Node::New(..))
        {
            self.at += ahead;
            self.operands.pop();
            let start = self.place(object).0;
            self.open(Around::Init(object), start);
        }
    }

    fn using(&mut self, token: Token) {
        self.end_statement();
        if self.is_sign(1, Sign::Open) {
            self.at += 1;
            self.open(Around::Control, token.start);
        } else if self.is_sign(2, Sign::Assign) && self.kind(1) == Some(Kind::Name) {
            let short = self.tokens[self.at + 1].value;
            self.at += 2;
            if let Some(long) = self.class_name() {
                self.alias(short, long);
            }
        }
        // Else a namespace, or a declaration `using var x = ...`, which the statement shows.
    }

    fn imports(&mut self) {
        self.end_statement();
        if self.is_sign(2, Sign::Assign) && self.kind(1) == Some(Kind::Name) {
            let short = self.tokens[self.at + 1].value;
            self.at += 2;
            if let Some(long) = self.class_name() {
                self.alias(short, long);
            }
            return;
        }
        while matches!(self.kind(1), Some(Kind::Name | Kind::Sign(Sign::Dot))) {
            self.at += 1;
        }
    }

    fn alias(&mut self, short: Symbol, long: Symbol) {
        if self.tree.aliases.len() < 1024 {
            self.tree.aliases.insert(short, long);
        }
    }

    fn class(&mut self, token: Token) {
        if self.after {
            self.plain(token);
            return;
        }
        self.end_statement();
        let Some(Token { kind: Kind::Name, value: symbol, .. }) = self.tokens.get(self.at + 1).copied() else { return };
        self.at += 1;
        let mut bases = Vec::new();
        if !self.basic() {
            let mut ahead = 1;
            while ahead < 200 {
                match self.kind(ahead) {
                    Some(Kind::Name)
                        if !self.is_sign(ahead + 1, Sign::Dot)
                            && bases.len() < 16
                            && !matches!(self.name_at(ahead), b"where" | b"extends" | b"implements") =>
                    {
                        bases.push(self.tokens[self.at + ahead].value);
                    }
                    Some(
                        Kind::Name
                        | Kind::Sign(
                            Sign::Colon
                            | Sign::Comma
                            | Sign::Dot
                            | Sign::Less
                            | Sign::Greater
                            | Sign::Open
                            | Sign::Close
                            | Sign::OpenIndex
                            | Sign::CloseIndex,
                        ),
                    ) => {}
                    Some(Kind::Sign(Sign::OpenBrace)) => {
                        self.at += ahead;
                        self.open(Around::Block(false), token.start);
                        break;
                    }
                    _ => {
                        self.at += ahead - 1;
                        break;
                    }
                }
                ahead += 1;
            }
        }
        self.attributes = Attributes::default();
        let class = self.tree.classes.len() as u32;
        self.tree.classes.push(Class { symbol, bases });
        self.push_node(Node::Class(class), token.start, token.end);
    }

    /// `function name(parameters) {` of JScript, as a statement or as a value.
    fn script_function(&mut self, token: Token) {
        // `Function(text)` makes one of text; names are folded here, so what stands behind tells.
        if self.is_sign(1, Sign::Open) {
            let close = self.mates[self.at + 1] as usize;
            let body = self.tokens.get(close.saturating_add(1)).map(|token| token.kind);
            if !matches!(body, Some(Kind::Sign(Sign::OpenBrace | Sign::Colon))) {
                return self.plain(token);
            }
        }
        let value = !self.frame().around.holds_statements() || self.operators.len() > self.frame().operators;
        // JScript.NET: `WebMethodAttribute function x(...)`.
        self.attributes = Attributes::default();
        self.read_attributes(self.at.saturating_sub(3), self.at);
        let attributes = std::mem::take(&mut self.attributes);
        if self.after {
            self.end_statement();
        }
        let mut ahead = 1;
        let mut symbol = Symbol::MAX;
        // JScript.NET: `function get X()`.
        while let Some(Token { kind: Kind::Name, value, .. }) = self.tokens.get(self.at + ahead) {
            symbol = *value;
            ahead += 1;
            if ahead > 3 {
                break;
            }
        }
        if !self.is_sign(ahead, Sign::Open) || self.mates[self.at + ahead] == NONE {
            return;
        }
        let open = self.at + ahead;
        let close = self.mates[open] as usize;
        let frame = self.frame();
        // `{ f: function(x)`: the function has the member's name.
        if symbol == Symbol::MAX
            && frame.around == Around::List
            && let [.., name, Token { kind: Kind::Sign(Sign::Colon), .. }] = self.tokens[..self.at]
            && name.kind == Kind::Name
        {
            symbol = name.value;
        }
        // `var f = function(x)`: the function has the variable's name.
        if symbol == Symbol::MAX
            && let [.., (Operator::Assign(_), _)] = *self.waiting(frame)
            && let Some(&target) = self.operands.last()
        {
            symbol = match self.tree.node(target) {
                Node::Name(var) => self.tree.vars[var as usize].symbol,
                Node::Member(_, symbol) => symbol,
                _ => symbol,
            };
        }
        let function = self.tree.define(symbol, self.function, attributes);
        self.parameters(function, open, close);
        self.at = close;
        // A class of the value it gives back: `) : String {`.
        if self.is_sign(1, Sign::Colon) {
            self.at += 1;
            self.class_name();
        }
        if self.is_sign(1, Sign::OpenBrace) {
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

    /// `Function name(parameters) As Class` and `Sub name(parameters)` of Basic.
    fn routine(&mut self, token: Token) {
        if self.after && !self.frame().around.holds_statements() {
            self.reduce_all();
            self.after = false;
        }
        if self.is_sign(1, Sign::Open) {
            // A function as a value: its parameters are local names.
            let mate = self.mates[self.at + 1];
            if mate == NONE {
                return;
            }
            let (open, close) = (self.at + 1, mate as usize);
            let lambda = self.tree.define(Symbol::MAX, self.function, Attributes::default());
            self.parameters(lambda, open, close);
            self.at = close;
            if self.kind(1) == Some(Kind::End) {
                self.routines.push(self.function);
            }
            let names: Vec<Symbol> = self.tree.functions[lambda as usize]
                .parameters
                .iter()
                .map(|&v| self.tree.vars[v as usize].symbol)
                .collect();
            for name in names {
                self.tree.declare(name, self.function, None, true);
            }
            return;
        }
        self.end_statement();
        if self.kind(1) == Some(Kind::End) && self.kind(2) == Some(Kind::Name) {
            self.at += 1;
        }
        let Some(Token { kind: Kind::Name, value: symbol, .. }) = self.tokens.get(self.at + 1).copied() else { return };
        self.at += 1;
        let attributes = std::mem::take(&mut self.attributes);
        let function = self.tree.define(symbol, self.function, attributes);
        // Its own name takes what it gives back.
        let result = self.tree.functions[function as usize].result;
        self.tree.scopes.insert((function, symbol), result);
        if self.basic() && self.is_sign(1, Sign::Open) && self.mates[self.at + 1] != NONE {
            let (open, close) = (self.at + 1, self.mates[self.at + 1] as usize);
            self.parameters(function, open, close);
            self.at = close;
        }
        if self.word_at(1) == Word::As {
            self.at += 1;
            self.class_name();
        }
        // `Handles x.Click`, `Implements a.b`.
        if matches!(self.name_at(1), b"handles" | b"implements") {
            self.skip_statement();
        }
        self.routines.push(self.function);
        self.function = function;
        self.push_node(Node::Function(function), token.start, token.end);
    }

    fn property(&mut self, token: Token) {
        if self.after {
            self.plain(token);
            return;
        }
        // VBScript: `Property Get x`.
        if matches!(self.name_at(1), b"get" | b"let" | b"set") && self.kind(2) == Some(Kind::Name) {
            self.at += 1;
        }
        if self.net() {
            self.end_statement();
            if let Some(Token { kind: Kind::Name, value, .. }) = self.tokens.get(self.at + 1).copied() {
                self.tree.declare(value, 0, None, true);
                self.at += 1;
            }
            self.skip_statement();
        } else {
            self.routine(token);
        }
    }

    /// `delegate (parameters) {`, or a declaration of a class of functions.
    fn delegate(&mut self, token: Token) {
        if self.is_sign(1, Sign::OpenBrace) {
            self.at += 1;
            self.open(Around::Block(true), token.start);
        } else if self.is_sign(1, Sign::Open) && self.mates[self.at + 1] != NONE {
            let (open, close) = (self.at + 1, self.mates[self.at + 1] as usize);
            let behind = self.tokens.get(close + 1).map(|token| token.kind);
            if behind == Some(Kind::Sign(Sign::OpenBrace)) {
                let lambda = self.tree.define(Symbol::MAX, self.function, Attributes::default());
                self.parameters(lambda, open, close);
                let back = self.function;
                self.function = lambda;
                self.at = close + 1;
                self.open(Around::Block(true), token.start);
                if let Some(frame) = self.frames.last_mut() {
                    frame.back = Some(back);
                }
            }
        }
    }

    /// `As Class` of Basic, `as Class` of C#.
    fn as_class(&mut self, token: Token) {
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
        if self.is_sign(1, Sign::Open) && self.is_sign(2, Sign::Close) {
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

    fn end_word(&mut self) {
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
                if let Some(&first) = self.routines.first() {
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

    fn operator(&mut self, operator: Operator, token: Token) {
        let basic = self.basic();
        let (level, right) = operator.binds(basic);
        self.reduce_to(if right { level + 1 } else { level });
        self.operators.push((operator, token.start));
        self.after = false;
    }

    /// Applies the waiting operators of this bracket that bind at least so strongly.
    fn reduce_to(&mut self, level: u8) {
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

    fn reduce_all(&mut self) {
        let base = self.frame().operators;
        while self.operators.len() > base {
            self.reduce();
        }
    }

    fn reduce(&mut self) {
        let Some((operator, start)) = self.operators.pop() else { return };
        let base = self.frame().operands;
        let pop = |parser: &mut Self| {
            if parser.operands.len() > base { parser.operands.pop() } else { None }
        };
        let right = pop(self);
        let single = matches!(operator, Operator::Unary(_) | Operator::Cast(_) | Operator::Return);
        let left = if single { None } else { pop(self) };
        let end = right.map_or(start, |node| self.place(node).1);
        let Some(right) = right else {
            if let Some(left) = left {
                self.operands.push(left);
            }
            return;
        };
        let node = match (operator, left) {
            (Operator::Unary(sign), _) => Node::Unary(sign, right),
            (Operator::Cast(class), _) => Node::Cast(class, right),
            (Operator::Return, _) => Node::Return(self.function, right),
            // Broken: an operator without its left side.
            (_, None) => {
                self.operands.push(right);
                return;
            }
            (Operator::Binary(Sign::Coalesce) | Operator::Either, Some(left)) => Node::Either(left, right),
            // The condition does not matter.
            (Operator::Question, Some(_)) => {
                self.operands.push(right);
                return;
            }
            (Operator::Binary(sign), Some(left)) => Node::Binary(sign, left, right),
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
                let altered = self.push_node(Node::Binary(Sign::Xor, left, right), start, end);
                Node::Assign(left, altered, false)
            }
        };
        let start = left.map_or(start, |left| self.place(left).0.min(start));
        let id = self.push_node(node, start, end);
        self.operands.push(id);
    }

    fn end_statement(&mut self) {
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
        if let Some(top) = self.frames.last_mut() {
            top.class = None;
        }
        if frame.around == Around::Arrow {
            self.close_frame(self.ended);
        }
    }

    /// Ends the innermost bracket, with what was read inside it.
    fn close_frame(&mut self, end: u32) {
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
            Around::Group => {
                // The last of several values: `(a, b)`.
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
            Around::Control => {
                self.operands.truncate(frame.operands);
                self.after = false;
                self.end_statement();
            }
            Around::Call(callee) => {
                let list = self.list(frame.operands);
                self.operand(Node::Call(callee, list), self.place(callee).0, end);
            }
            Around::Bare(callee) => {
                if self.tree.node(callee) == Node::Empty {
                    // `With object`
                    let object = self.operands.get(frame.operands).copied();
                    // What is made here has no name; it gets one that no code can have, to be filled.
                    let object = object.map(|object| match self.tree.node(object) {
                        Node::Name(_) | Node::Member(..) => object,
                        _ => {
                            let symbol = Symbol::MAX - 1 - self.tree.nodes.len() as Symbol;
                            let var = self.tree.variable(symbol, self.function);
                            let name = self.push_node(Node::Name(var), frame.start, end);
                            self.push_node(Node::Assign(name, object, false), frame.start, end);
                            self.push_node(Node::Name(var), frame.start, end)
                        }
                    });
                    if let (Some(object), Some(with)) = (object, self.withs.last_mut()) {
                        *with = object;
                    }
                    self.operands.truncate(frame.operands);
                    self.after = false;
                    return;
                }
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

    fn sign(&mut self, sign: Sign, token: Token) {
        match sign {
            Sign::Open => self.open_bracket(token),
            Sign::OpenIndex => self.open_index(token),
            Sign::OpenBrace => self.open_brace(token),
            Sign::Close => {
                if self.close_to(token, |around| {
                    matches!(around, Around::Group | Around::Control | Around::Call(_) | Around::New(_))
                }) && matches!(self.operands.last().map(|&node| self.tree.node(node)), Some(Node::New(..)))
                {
                    self.initialiser();
                }
            }
            Sign::CloseIndex => {
                self.close_to(token, |around| matches!(around, Around::Index(_) | Around::List));
            }
            Sign::CloseBrace => self.close_brace(token),
            Sign::Comma => {
                self.reduce_all();
                let frame = self.frame();
                if frame.around.holds_statements() {
                    // `int a = 1, b = 2`: the next is declared alike.
                    let (class, declaring) = (frame.class, self.declaring);
                    if frame.around == Around::Arrow {
                        self.end_statement();
                        return;
                    }
                    self.operands.truncate(frame.operands);
                    self.after = false;
                    self.declaring = declaring || class.is_some();
                } else {
                    if !self.after {
                        self.operand(Node::Empty, token.start, token.end);
                    }
                    self.after = false;
                }
            }
            Sign::Semicolon => {
                if matches!(self.frame().around, Around::Control) {
                    // The parts of `for (;;)`.
                    self.reduce_all();
                    let base = self.frame().operands;
                    self.operands.truncate(base);
                    self.after = false;
                    return;
                }
                // A semicolon never stands inside brackets: they were left open.
                while !self.frame().around.holds_statements()
                    && !matches!(self.frame().around, Around::List | Around::Init(_))
                {
                    self.close_frame(token.start);
                }
                self.attributes = Attributes::default();
                self.end_statement();
            }
            Sign::Colon => self.colon(),
            Sign::Dot => self.dot(token),
            Sign::Question if self.after => {
                // A class that may be null: `string? x`.
                let nullable = self.language == Language::CSharp
                    && self.kind(1) == Some(Kind::Name)
                    && matches!(self.kind(2), Some(Kind::Sign(Sign::Assign | Sign::Semicolon | Sign::Close)));
                // `x?[i]`
                let element = self.language == Language::CSharp
                    && self.is_sign(1, Sign::OpenIndex)
                    && self.tokens[self.at + 1].start == token.end;
                if !nullable && !element {
                    self.operator(Operator::Question, token);
                }
            }
            Sign::Assign if self.after => {
                let frame = self.frame();
                let statement = frame.around.holds_statements()
                    && !self.waiting(frame).iter().take(2).any(|(operator, _)| !matches!(operator, Operator::Each));
                let field = matches!(frame.around, Around::Init(_)) && self.waiting(frame).is_empty();
                if !self.basic() || statement || field {
                    self.operator(Operator::Assign(false), token);
                } else {
                    self.operator(Operator::Binary(Sign::Equal), token);
                }
            }
            Sign::AddAssign if self.after => self.operator(Operator::Assign(true), token),
            Sign::OtherAssign if self.after => self.operator(Operator::Alter, token),
            Sign::Step => self.counts(token),
            Sign::Lambda => self.lambda(token),
            Sign::Less if self.after && self.language == Language::CSharp => match self.type_arguments(self.at) {
                Some(end) if matches!(self.top(), Some(Node::Name(_) | Node::Member(..))) => self.at = end,
                _ => self.operator(Operator::Binary(sign), token),
            },
            Sign::Less if !self.after && self.language == Language::VisualBasic => self.basic_attributes(),
            Sign::Coalesce
            | Sign::Equal
            | Sign::Different
            | Sign::Less
            | Sign::Greater
            | Sign::LessEqual
            | Sign::GreaterEqual
            | Sign::Add
            | Sign::Subtract
            | Sign::Multiply
            | Sign::Divide
            | Sign::WholeDivide
            | Sign::Remainder
            | Sign::Power
            | Sign::Join
            | Sign::And
            | Sign::Or
            | Sign::Xor
            | Sign::BitAnd
            | Sign::BitOr
            | Sign::ShiftLeft
            | Sign::ShiftRight
                if self.after =>
            {
                self.operator(Operator::Binary(sign), token);
            }
            Sign::Subtract | Sign::Not => {
                if self.after {
                    self.adjacent(token);
                }
                self.operators.push((Operator::Unary(sign), token.start));
                self.after = false;
            }
            _ => {}
        }
    }

    fn top(&self) -> Option<Node> {
        self.operands.last().map(|&node| self.tree.node(node))
    }

    fn open_bracket(&mut self, token: Token) {
        if self.after {
            let frame = self.frame();
            let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
            if self.language == Language::CSharp
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
            if self.language == Language::VisualBasic && self.name_at(1) == b"of" && self.mates[self.at] != NONE {
                self.at = self.mates[self.at] as usize;
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
        let mate = self.mates[self.at];
        if mate != NONE && !self.basic() {
            let close = mate as usize;
            if self.tokens.get(close + 1).is_some_and(|token| token.kind == Kind::Sign(Sign::Lambda)) {
                let lambda = self.tree.define(Symbol::MAX, self.function, Attributes::default());
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
    fn begins_argument(&self) -> bool {
        let mate = self.mates[self.at];
        if self.language != Language::VbScript || self.declaring || self.output || mate == NONE {
            return false;
        }
        let behind = self.tokens.get(mate as usize + 1).map(|token| token.kind);
        matches!(behind, Some(Kind::Sign(Sign::Comma | Sign::Join | Sign::Add)))
    }

    fn lambda_parameters(&mut self, lambda: FunctionId, open: usize, close: usize) {
        self.parameters(lambda, open, close);
        let names: Vec<(Symbol, Option<Symbol>)> = self.tree.functions[lambda as usize]
            .parameters
            .iter()
            .map(|&var| (self.tree.vars[var as usize].symbol, self.tree.vars[var as usize].class))
            .collect();
        for (name, class) in names {
            self.tree.declare(name, self.function, class.filter(|&class| class != name), true);
        }
    }

    /// The class of a cast that these brackets are.
    fn cast(&self, open: usize, close: usize) -> Option<Symbol> {
        if close - open > 24 || close <= open + 1 {
            return None;
        }
        let mut class = None;
        for (at, token) in self.tokens[open + 1..close].iter().enumerate() {
            match token.kind {
                Kind::Name if at == 0 || self.tokens[open + at].kind != Kind::Name => class = Some(token.value),
                Kind::Sign(
                    Sign::Dot
                    | Sign::Less
                    | Sign::Greater
                    | Sign::OpenIndex
                    | Sign::CloseIndex
                    | Sign::Question
                    | Sign::Comma,
                ) => {}
                _ => return None,
            }
        }
        let class = class?;
        let next = self.tokens.get(close + 1)?;
        let simple = matches!(
            self.lexicon.name(class),
            b"char" | b"byte" | b"int" | b"string" | b"long" | b"short" | b"object" | b"uint" | b"ushort" | b"double"
        );
        let fits = match next.kind {
            Kind::Name => !matches!(self.lexicon.name(next.value), b"is" | b"as" | b"in" | b"instanceof"),
            Kind::Literal | Kind::Number => true,
            Kind::Sign(Sign::Open) => true,
            Kind::Sign(Sign::Not | Sign::Subtract) => simple,
            _ => false,
        };
        // `(x)(y)` is a cast in C# only; JScript calls x.
        (fits && (self.language == Language::CSharp || simple)).then_some(class)
    }

    fn open_index(&mut self, token: Token) {
        if self.after {
            let of = self.operands.pop().unwrap_or_default();
            self.open(Around::Index(of), token.start);
            return;
        }
        let frame = self.frame();
        let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
        let mate = self.mates[self.at];
        if self.language == Language::CSharp && statement && mate != NONE {
            // Attributes.
            let close = mate as usize;
            self.read_attributes(self.at + 1, close);
            self.at = close;
            return;
        }
        self.open(Around::List, token.start);
    }

    fn read_attributes(&mut self, from: usize, to: usize) {
        for token in &self.tokens[from.min(to)..to] {
            if token.kind == Kind::Name {
                match self.lexicon.name(token.value) {
                    b"webmethod"
                    | b"webmethodattribute"
                    | b"operationcontract"
                    | b"operationcontractattribute"
                    | b"scriptmethod"
                    | b"webget"
                    | b"webinvoke"
                    | b"httppost"
                    | b"httpget"
                    | b"httpput" => {
                        self.attributes.remote = true;
                    }
                    b"dllimport" => self.attributes.native = true,
                    _ => {}
                }
            }
        }
    }

    /// `<WebMethod()>` in front of a function of Visual Basic.
    fn basic_attributes(&mut self) {
        let limit = (self.at + 64).min(self.tokens.len());
        let end = (self.at + 1..limit).find(|&at| self.tokens[at].kind == Kind::Sign(Sign::Greater));
        if let Some(end) = end {
            self.read_attributes(self.at + 1, end);
            self.at = end;
        }
    }

    fn open_brace(&mut self, token: Token) {
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

    fn close_brace(&mut self, token: Token) {
        let braces = |around: Around| matches!(around, Around::Block(_) | Around::List | Around::Init(_));
        self.close_to(token, braces);
    }

    /// Closes brackets up to one of this kind. `false` if none is open, or statements lie between.
    fn close_to(&mut self, token: Token, wanted: fn(Around) -> bool) -> bool {
        let brace = token.kind == Kind::Sign(Sign::CloseBrace);
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
            if matches!(self.frame().around, Around::Arrow | Around::Block(_)) {
                self.end_open_statement();
            }
            self.close_frame(token.end);
        }
        true
    }

    /// As [`Parser::end_statement`], without closing an arrow.
    fn end_open_statement(&mut self) {
        self.reduce_all();
        let base = self.frame().operands;
        self.operands.truncate(base);
        self.after = false;
    }

    fn colon(&mut self) {
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

    fn dot(&mut self, token: Token) {
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
            // What belongs to the object itself has a variable of its own.
            if let Node::Name(var) = self.tree.node(of)
                && matches!(self.lexicon.name(self.tree.vars[var as usize].symbol), b"this" | b"me")
            {
                self.tree.declare(value, 0, None, false);
            }
            self.operand(Node::Member(of, value), self.place(of).0, end);
        } else if self.basic() {
            // A member of the object of `With`.
            self.at += 1;
            // In `With .member` the object is one of the block around it; a field of a new object belongs to that.
            let own = matches!(self.frame().around, Around::Init(_));
            let with = self.withs.iter().rev().take(8).copied().find(|&with| with != NONE && !own);
            let of = with.unwrap_or_else(|| self.push_node(Node::Empty, token.start, token.end));
            let id = self.push_node(Node::Member(of, value), token.start, end);
            self.operands.push(id);
            self.after = true;
        }
    }

    /// Whether a dot belongs to the object of `With`, though a name stands in front: `Execute .Form("x")`. A line that goes on
    /// with a dot has more between the two.
    fn starts_with_member(&self, token: Token) -> bool {
        let frame = self.frame();
        let blank = self.at > 0 && (1..=2).contains(&token.start.saturating_sub(self.tokens[self.at - 1].end));
        let statement = frame.around.holds_statements() && self.operators.len() == frame.operators;
        blank
            && statement
            && self.basic()
            && self.operands.len() == frame.operands + 1
            && self.withs.last().is_some_and(|&with| with != NONE)
    }

    fn lambda(&mut self, token: Token) {
        if self.after {
            // `x => ...`: x is a name of this function.
            if let Some(node) = self.operands.pop()
                && let Node::Name(var) = self.tree.node(node)
            {
                let symbol = self.tree.vars[var as usize].symbol;
                self.tree.declare(symbol, self.function, None, true);
            }
        }
        self.after = false;
        if self.is_sign(1, Sign::OpenBrace) {
            self.at += 1;
            self.open(Around::Block(true), token.start);
        }
    }
}
