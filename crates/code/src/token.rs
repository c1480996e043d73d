//! Tokens of server code, with their names and texts.

use std::collections::HashMap;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword; the value is its [`Symbol`].
    Name,
    /// A number; [`Token::number`] gives it.
    Number,
    /// A string or character literal, escapes undone; the value is its place in [`Interner::literals`].
    Literal,
    /// A literal of another kind: a date, a regular expression, a markup literal.
    Other,
    /// An operator or bracket.
    Punct(Punct),
    /// The end of a statement: in Basic a line end or a colon.
    End,
    /// A block of statements or members begins; the value is its language's number.
    Block,
    /// A block that writes its expression begins.
    Output,
    /// A block that binds its expression to data begins.
    Binding,
}

/// Operators and brackets, the same for all languages.
#[allow(missing_docs)] // each says what it is
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Punct {
    Open,
    Close,
    OpenIndex,
    CloseIndex,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    Dot,
    Question,
    Coalesce,
    Assign,
    AddAssign,
    OtherAssign,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    IntDivide,
    Remainder,
    Power,
    Concat,
    And,
    Or,
    Xor,
    BitAnd,
    BitOr,
    Not,
    ShiftLeft,
    ShiftRight,
    Step,
    Lambda,
    At,
}

/// A piece of code: what it is and which bytes of the text it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Whether a line end lies in front of it.
    pub line: bool,
    /// Whether a name is written so that no keyword is meant: `@class` of C#, `[class]` of Basic.
    pub verbatim: bool,
    /// Symbol, number or literal.
    pub value: u32,
    /// Where it begins in the text.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// The value of a number token that is no whole number of 32 bits.
pub(super) const NOT_WHOLE: u32 = u32::MAX;

impl Token {
    /// The number that it is, if it is a whole one of 32 bits.
    pub fn number(&self) -> Option<u32> {
        (self.kind == Kind::Number && self.value != NOT_WHOLE).then_some(self.value)
    }
}

/// A name. What a name can mean is looked up in lower case, so that no way of writing hides it.
pub type Symbol = u32;

/// The symbol of a function or a class without a name.
pub const NAMELESS: Symbol = Symbol::MAX;

/// The names and literals of a file.
#[derive(Debug, Default)]
pub struct Interner {
    symbols: HashMap<Box<[u8]>, Symbol>,
    names: Vec<Box<[u8]>>,
    /// The bytes of all literals.
    pub bytes: Vec<u8>,
    /// Where each literal lies in `bytes`.
    pub literals: Vec<(u32, u32)>,
}

impl Interner {
    /// The symbol of a name: in whatever case, or in languages that distinguish `a` from `A` (`exact`) one for each way it is written.
    pub fn symbol(&mut self, name: &[u8], exact: bool) -> Symbol {
        if exact && name.iter().any(u8::is_ascii_uppercase) {
            if let Some(&symbol) = self.symbols.get(name) {
                return symbol;
            }
            let symbol = self.names.len() as Symbol;
            self.symbols.insert(name.into(), symbol);
            self.names.push(name.to_ascii_lowercase().into());
            return symbol;
        }
        let mut short = [0; 64];
        let long;
        let folded: &[u8] = if name.len() <= short.len() {
            let short = &mut short[..name.len()];
            short.copy_from_slice(name);
            short.make_ascii_lowercase();
            short
        } else {
            long = name.to_ascii_lowercase();
            &long
        };
        if let Some(&symbol) = self.symbols.get(folded) {
            return symbol;
        }
        let symbol = self.names.len() as Symbol;
        self.symbols.insert(folded.into(), symbol);
        self.names.push(folded.into());
        symbol
    }

    /// Whether a symbol is written in lower case, or in a language to which case says nothing: keywords of the others are.
    pub fn is_lower(&self, symbol: Symbol) -> bool {
        self.symbols.get(self.name(symbol)) == Some(&symbol)
    }

    /// The symbol of a name, as it is written or in lower case, if the file has it.
    pub fn find(&self, name: &[u8]) -> Option<Symbol> {
        self.symbols.get(name).or_else(|| self.symbols.get(&name.to_ascii_lowercase()[..])).copied()
    }

    /// The name of a symbol, in lower case.
    pub fn name(&self, symbol: Symbol) -> &[u8] {
        self.names.get(symbol as usize).map_or(&[], |name| name)
    }

    /// All names, in lower case.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.names.iter().map(|name| &**name)
    }

    /// How many symbols there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no symbol yet.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The bytes of a literal.
    pub fn literal(&self, at: u32) -> &[u8] {
        let (start, end) = self.literals.get(at as usize).copied().unwrap_or_default();
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Ends the literal whose bytes were pushed from `start` on.
    pub(super) fn close(&mut self, start: usize) -> u32 {
        self.literals.push((start as u32, self.bytes.len() as u32));
        self.literals.len() as u32 - 1
    }
}
