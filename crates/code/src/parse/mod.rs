//! Parses tokens to a [`Tree`], for all languages and for broken code: nothing is rejected, and invalid code ends the
//! current expression. Brackets and operators are kept on explicit stacks, so nesting costs no call stack.

mod declarations;
mod keywords;
mod names;
mod php;
mod punctuation;
mod resolve;
mod statements;
#[cfg(test)]
mod tests;
mod words;

use super::structure::Language;
use super::token::{Interner, Kind, NAMELESS, Punct, Symbol, Token};
use super::tree::{Attributes, Class, FunctionId, List, Node, NodeId, Spanned, Tree};
use std::num::NonZeroU32;
use words::Word;

/// Reads tokens into a tree, behind what it already holds.
pub fn parse(tokens: &[Token], interner: &Interner, tree: &mut Tree) {
    if tree.functions.is_empty() {
        tree.define(NAMELESS, 0, Attributes::default());
    }
    let bracket_pairs = bracket_pairs(tokens);
    let mut parser = Parser {
        tokens,
        bracket_pairs: &bracket_pairs,
        interner,
        tree,
        at: 0,
        operands: Vec::new(),
        operators: Vec::new(),
        frames: vec![Frame::new(Around::File, 0, 0, 0)],
        after: false,
        language: Language::CSharp,
        function: 0,
        routines: Vec::new(),
        classes: Vec::new(),
        withs: Vec::new(),
        declaring: false,
        condition: false,
        attributes: Attributes::default(),
        output: false,
        words: Default::default(),
        ended: 0,
        each: None,
        echo: None,
    };
    parser.run();
    resolve::resolve(tree, interner);
}

/// For each bracket that opens, by its token, the token of the one that closes it. That one is never the first.
pub(super) struct BracketPairs(Vec<Option<NonZeroU32>>);

impl BracketPairs {
    /// The number of the token that closes the bracket at a token, if one does.
    pub(super) fn closing(&self, open: usize) -> Option<usize> {
        self.0.get(open).copied().flatten().map(|close| close.get() as usize)
    }
}

/// Pairs the brackets of these tokens.
pub(super) fn bracket_pairs(tokens: &[Token]) -> BracketPairs {
    let mut pairs = vec![None; tokens.len()];
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut counts = [0usize; 3];
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Punct(punct) = token.kind else { continue };
        match punct {
            Punct::Open | Punct::OpenIndex | Punct::OpenBrace => {
                let shape = match punct {
                    Punct::Open => 0,
                    Punct::OpenIndex => 1,
                    _ => 2,
                };
                counts[shape] += 1;
                open.push((at as u32, shape));
            }
            Punct::Close | Punct::CloseIndex | Punct::CloseBrace => {
                let shape = match punct {
                    Punct::Close => 0,
                    Punct::CloseIndex => 1,
                    _ => 2,
                };
                // A bracket that nothing opened closes nothing.
                while counts[shape] > 0 {
                    let Some((from, found)) = open.pop() else { break };
                    counts[found] -= 1;
                    if found == shape {
                        pairs[from as usize] = NonZeroU32::new(at as u32);
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    BracketPairs(pairs)
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
    /// The members of a nameless class, behind the object that is made of it.
    Body,
}

impl Around {
    fn holds_statements(self) -> bool {
        matches!(self, Around::File | Around::Block(_) | Around::Arrow | Around::Body)
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
    close: Option<usize>,
}

impl Frame {
    fn new(around: Around, operands: usize, operators: usize, start: u32) -> Self {
        Self { around, operands, operators, start, class: None, back: None, close: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Binary(Punct),
    Unary(Punct),
    Cast(Symbol),
    Assign(bool),
    /// `^=` and the like.
    Alter,
    Each,
    /// What follows takes each element of this collection.
    Of(NodeId),
    /// A word that is called with what follows: `include`, `echo`.
    Apply(NodeId),
    /// What follows stands in a list under this key.
    Key(NodeId),
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
            Operator::Of(_) | Operator::Apply(_) | Operator::Key(_) => (2, true),
            Operator::Question => (3, true),
            Operator::Either => (3, true),
            Operator::Unary(Punct::Not) if basic => (8, true),
            Operator::Unary(_) | Operator::Cast(_) => (30, true),
            Operator::Binary(punct) => match punct {
                Punct::Coalesce => (5, true),
                Punct::Or => (6, false),
                Punct::And => (7, false),
                Punct::BitOr | Punct::Xor => (9, false),
                Punct::BitAnd => (10, false),
                Punct::Equal | Punct::NotEqual => (11, false),
                Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual => (12, false),
                Punct::ShiftLeft | Punct::ShiftRight => (14, false),
                Punct::Concat => (15, false),
                Punct::Add | Punct::Subtract => (16, false),
                Punct::Remainder if basic => (17, false),
                Punct::IntDivide => (18, false),
                Punct::Multiply | Punct::Divide | Punct::Remainder => (19, false),
                Punct::Power => (20, false),
                _ => (11, false),
            },
        }
    }
}

struct Parser<'p> {
    tokens: &'p [Token],
    bracket_pairs: &'p BracketPairs,
    interner: &'p Interner,
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
    /// Classes of Basic that wait for their `End Class`: what lies around them, and how many routines were open there.
    classes: Vec<(FunctionId, usize)>,
    /// Objects of `With`.
    withs: Vec<Option<NodeId>>,
    declaring: bool,
    /// Whether what is read is the condition of a Basic `If` or `While`, in which `=` compares.
    condition: bool,
    attributes: Attributes,
    /// Whether the statement is an expression that the page writes.
    output: bool,
    /// What names mean, by language.
    words: [Vec<Option<Word>>; 6],
    /// Where the last token ended.
    ended: u32,
    /// The collection that a `foreach` of PHP goes over.
    each: Option<NodeId>,
    /// `echo` of PHP, which takes several values.
    echo: Option<NodeId>,
}

impl Parser<'_> {
    pub(super) fn basic(&self) -> bool {
        matches!(self.language, Language::VbScript | Language::VisualBasic)
    }

    /// C# or Java, which are written alike.
    pub(super) fn sharp(&self) -> bool {
        matches!(self.language, Language::CSharp | Language::Java)
    }

    pub(super) fn net(&self) -> bool {
        matches!(self.language, Language::CSharp | Language::VisualBasic)
    }

    pub(super) fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    pub(super) fn is_punct(&self, ahead: usize, punct: Punct) -> bool {
        self.kind(ahead) == Some(Kind::Punct(punct))
    }

    pub(super) fn word(&mut self, symbol: Symbol) -> Word {
        let words = &mut self.words[self.language as usize];
        if words.len() <= symbol as usize {
            words.resize(self.interner.len().max(symbol as usize + 1), None);
        }
        if let Some(word) = words[symbol as usize] {
            return word;
        }
        let name = self.interner.name(symbol);
        let word = match self.language {
            // `Null` is a name like any other where case counts.
            Language::CSharp | Language::JScript if !self.interner.is_lower(symbol) => Word::Plain,
            Language::CSharp => words::braces(name, false),
            Language::Java => words::java(name),
            Language::Php => words::php(name),
            Language::JScript => words::braces(name, true),
            Language::VisualBasic => words::basic(name, true),
            Language::VbScript => words::basic(name, false),
        };
        self.words[self.language as usize][symbol as usize] = Some(word);
        word
    }

    /// The word that a token ahead is; `Plain` for anything else.
    pub(super) fn word_at(&mut self, ahead: usize) -> Word {
        match self.tokens.get(self.at + ahead) {
            Some(Token { kind: Kind::Name, verbatim: false, value, .. }) => self.word(*value),
            _ => Word::Plain,
        }
    }

    pub(super) fn name_at(&self, ahead: usize) -> &[u8] {
        match self.tokens.get(self.at + ahead) {
            Some(Token { kind: Kind::Name, value, .. }) => self.interner.name(*value),
            _ => &[],
        }
    }

    pub(super) fn push_node(&mut self, node: Node, start: u32, end: u32) -> NodeId {
        let id = self.tree.nodes.len() as NodeId;
        self.tree.nodes.push(Spanned { node, start, end: end.max(start), function: self.function });
        id
    }

    pub(super) fn operand(&mut self, node: Node, start: u32, end: u32) {
        let id = self.push_node(node, start, end);
        self.operands.push(id);
        self.after = true;
    }

    pub(super) fn place(&self, node: NodeId) -> (u32, u32) {
        self.tree.nodes.get(node as usize).map_or((0, 0), |spanned| (spanned.start, spanned.end))
    }

    pub(super) fn list(&mut self, from: usize) -> List {
        let from = from.min(self.operands.len());
        let start = self.tree.lists.len() as u32;
        self.tree.lists.extend_from_slice(&self.operands[from..]);
        self.operands.truncate(from);
        List { start, count: self.tree.lists.len() as u32 - start }
    }

    pub(super) fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame::new(Around::File, 0, 0, 0))
    }

    /// The operators of this bracket that wait for their operands.
    pub(super) fn waiting(&self, frame: Frame) -> &[(Operator, u32)] {
        self.operators.get(frame.operators..).unwrap_or_default()
    }

    /// Whether what follows belongs to an expression that has begun.
    pub(super) fn is_inside(&self) -> bool {
        let frame = self.frame();
        !frame.around.holds_statements() || !self.waiting(frame).is_empty()
    }

    pub(super) fn run(&mut self) {
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

    pub(super) fn step(&mut self, token: Token) {
        match token.kind {
            Kind::Block | Kind::Output | Kind::Binding => {
                if self.basic() || token.kind != Kind::Block || self.output {
                    self.end_statement();
                }
                let language = match token.value {
                    0 => Language::CSharp,
                    1 => Language::VisualBasic,
                    2 => Language::JScript,
                    3 => Language::VbScript,
                    4 => Language::Php,
                    _ => Language::Java,
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
                self.operand(Node::Number(token.number()), token.start, token.end);
            }
            Kind::Number => {
                self.adjacent(token);
                self.operand(Node::Number(token.number()), token.start, token.end);
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
            Kind::Punct(punct) => self.punct(punct, token),
        }
    }

    pub(super) fn open(&mut self, around: Around, start: u32) {
        let mut frame = Frame::new(around, self.operands.len(), self.operators.len(), start);
        if matches!(around, Around::Group | Around::Call(_) | Around::New(_) | Around::List) {
            frame.close = self.bracket_pairs.closing(self.at);
        }
        self.frames.push(frame);
        self.after = false;
    }

    pub(super) fn skip_statement(&mut self) {
        while self.kind(1).is_some_and(|kind| !matches!(kind, Kind::End | Kind::Block | Kind::Output | Kind::Binding)) {
            self.at += 1;
        }
    }

    pub(super) fn top(&self) -> Option<Node> {
        self.operands.last().map(|&node| self.tree.node(node))
    }
}
