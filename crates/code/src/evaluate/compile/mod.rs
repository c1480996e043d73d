//! Compiles tokens to instructions of the stack machine. Constructs other than expressions, branches, loops and
//! functions are skipped, and so is excessive nesting.

mod assignments;
mod basic;
mod braces;
mod expressions;

use super::names::RUNS;
use super::op::{BranchId, Op, Program, Routine, StepIndex};
use crate::code::api_model::{self, Effect};
use crate::code::parse::{BracketPairs, bracket_pairs};
use crate::code::structure::Language;
use crate::code::token::{Interner, Kind, Punct, Symbol, Token};

/// How deep statements and expressions nest.
const DEEPEST: usize = 40;
const MOST_ROUTINES: usize = 4096;
const MOST_ARGUMENTS: u8 = 250;

/// Compiles tokens into a new function of the program, whose number it gives. `place` is where they stand if they are the text
/// of a constant; `value` says that they are an expression of Basic.
pub(super) fn program(
    tokens: &[Token],
    text: &[u8],
    interner: &Interner,
    program: &mut Program,
    place: Option<u32>,
    value: bool,
) -> usize {
    let number = program.routines.len();
    program.routines.push(Routine::default());
    let mut compiler = Compiler {
        tokens,
        bracket_pairs: bracket_pairs(tokens),
        interner,
        text,
        at: 0,
        language: Language::CSharp,
        program,
        now: Routine::default(),
        loops: Vec::new(),
        depth: 0,
        place,
        bound: None,
        trying: false,
    };
    if value {
        // The start of the block says its language.
        compiler.statement();
        compiler.expression(0);
        compiler.push(Op::Return);
        compiler.at = tokens.len();
    }
    while compiler.at < tokens.len() {
        let before = compiler.at;
        compiler.statement();
        if compiler.at == before {
            compiler.at += 1;
        }
    }
    let mut done = std::mem::take(&mut compiler.now);
    done.language = Some(compiler.language);
    done.code.push(Op::End);
    compiler.program.routines[number] = done;
    number
}

struct Loop {
    id: BranchId,
    breaks: Vec<StepIndex>,
    nexts: Vec<StepIndex>,
}

struct Compiler<'c> {
    tokens: &'c [Token],
    bracket_pairs: BracketPairs,
    interner: &'c Interner,
    text: &'c [u8],
    at: usize,
    language: Language,
    program: &'c mut Program,
    now: Routine,
    loops: Vec<Loop>,
    depth: usize,
    place: Option<u32>,
    /// The variable that takes the function which is read.
    bound: Option<Symbol>,
    /// Whether what is compiled may be compiled again, so that nothing inside is tried twice as well.
    trying: bool,
}

/// What an expression was, where that matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Value,
    /// A variable by itself; it was loaded at this step.
    Name(Symbol),
    Element,
    /// A call or a member.
    Made,
}

impl Compiler<'_> {
    fn basic(&self) -> bool {
        matches!(self.language, Language::VbScript | Language::VisualBasic)
    }

    fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn is(&self, punct: Punct) -> bool {
        self.is_at(0, punct)
    }

    fn is_at(&self, ahead: usize, punct: Punct) -> bool {
        self.token(ahead).is_some_and(|token| token.kind == Kind::Punct(punct))
    }

    fn take(&mut self, punct: Punct) -> bool {
        let is = self.is(punct);
        self.at += usize::from(is);
        is
    }

    /// The name ahead in lower case; nothing for what is no name, or is written as no keyword.
    fn word(&self, ahead: usize) -> &[u8] {
        match self.token(ahead) {
            Some(Token { kind: Kind::Name, verbatim: false, value, .. }) => self.interner.name(value),
            _ => &[],
        }
    }

    fn symbol(&self, ahead: usize) -> Option<Symbol> {
        self.token(ahead).filter(|token| token.kind == Kind::Name).map(|token| token.value)
    }

    fn place_of(&self, token: Token) -> u32 {
        self.place.unwrap_or(token.start)
    }

    /// The token that closes the bracket here.
    fn closing(&self) -> Option<usize> {
        self.bracket_pairs.closing(self.at)
    }

    fn push(&mut self, op: Op) -> StepIndex {
        self.now.code.push(op);
        self.now.code.len() - 1
    }

    fn here(&self) -> StepIndex {
        self.now.code.len()
    }

    fn id(&mut self) -> BranchId {
        self.now.branches += 1;
        self.now.branches - 1
    }

    /// The jump at a step, if there is one, leads here.
    fn land(&mut self, at: impl Into<Option<StepIndex>>) {
        let Some(at) = at.into() else { return };
        let to = self.here();
        if let Some(
            Op::Test(target, _)
            | Op::EndFirst(target, _)
            | Op::LoopTest(target, _)
            | Op::LoopBack(target, _)
            | Op::Break(target, _)
            | Op::ForTest(_, _, target, _)
            | Op::ForStep(_, _, target, _)
            | Op::EachTest(_, _, target, _),
        ) = self.now.code.get_mut(at)
        {
            *target = to;
        }
    }

    fn is_end(&self) -> bool {
        match self.token(0).map(|token| token.kind) {
            None | Some(Kind::End | Kind::Block | Kind::Output | Kind::Binding) => true,
            Some(Kind::Punct(Punct::Semicolon | Punct::CloseBrace)) => !self.basic(),
            _ => self.basic() && self.word(0) == b"else",
        }
    }

    /// Passes over the rest of a statement.
    fn skip(&mut self) {
        while !self.is_end() {
            self.at = match self.closing() {
                Some(close) if close > self.at => close + 1,
                _ => self.at + 1,
            };
        }
    }

    fn statement(&mut self) {
        let Some(token) = self.token(0) else { return };
        match token.kind {
            Kind::Block | Kind::Output | Kind::Binding => {
                self.language = match token.value {
                    0 => Language::CSharp,
                    1 => Language::VisualBasic,
                    2 => Language::JScript,
                    _ => Language::VbScript,
                };
                self.at += 1;
                return;
            }
            Kind::End | Kind::Punct(Punct::Semicolon) => {
                self.at += 1;
                return;
            }
            _ => {}
        }
        if self.depth >= DEEPEST {
            self.skip();
            return;
        }
        self.depth += 1;
        if self.basic() {
            self.basic_statement()
        } else {
            self.braces_statement(token)
        }
        self.depth -= 1;
    }

    /// The names between the brackets here, which are passed over.
    fn parameters(&mut self) -> Vec<Symbol> {
        let mut parameters = Vec::new();
        if !self.is(Punct::Open) {
            return parameters;
        }
        let end = self.closing().unwrap_or(self.tokens.len());
        let sharp = self.language == Language::CSharp;
        let (mut name, mut done) = (None, false);
        for at in self.at + 1..end {
            let token = self.tokens[at];
            match token.kind {
                Kind::Punct(Punct::Comma) => {
                    parameters.extend(name.take());
                    done = false;
                }
                Kind::Punct(Punct::Assign | Punct::Colon) => done = true,
                Kind::Name if !done => {
                    let word = self.interner.name(token.value);
                    if matches!(word, b"byval" | b"byref" | b"optional" | b"ref" | b"out" | b"params" | b"this") {
                    } else if word == b"as" && !sharp {
                        done = true;
                    } else if sharp || name.is_none() {
                        name = Some(token.value);
                    }
                }
                _ => {}
            }
        }
        parameters.extend(name);
        parameters.truncate(usize::from(MOST_ARGUMENTS));
        self.at = (end + 1).min(self.tokens.len());
        parameters
    }

    fn function(&mut self, name: Option<Symbol>, parameters: Vec<Symbol>, body: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.now);
        let loops = std::mem::take(&mut self.loops);
        self.now.name = name;
        self.now.parameters = parameters;
        body(self);
        self.push(Op::End);
        let mut done = std::mem::replace(&mut self.now, outer);
        done.language = Some(self.language);
        self.loops = loops;
        if self.program.routines.len() < MOST_ROUTINES {
            if let Some(name) = name {
                self.program.by_name.insert(name, self.program.routines.len());
            }
            self.program.routines.push(done);
        }
    }

    fn begin_loop(&mut self) -> BranchId {
        let id = self.id();
        self.push(Op::BeginLoop(id));
        self.loops.push(Loop { id, breaks: Vec::new(), nexts: Vec::new() });
        id
    }

    /// What `continue` jumps to is here.
    fn nexts(&mut self) {
        let nexts = self.loops.last_mut().map(|l| std::mem::take(&mut l.nexts)).unwrap_or_default();
        for next in nexts {
            self.land(next);
        }
    }

    fn end_loop(&mut self, id: BranchId, top: StepIndex, test: Option<StepIndex>) {
        self.nexts();
        self.push(Op::LoopBack(top, id));
        self.finish_loop(id, test);
    }

    fn finish_loop(&mut self, id: BranchId, test: Option<StepIndex>) {
        self.land(test);
        let done = self.loops.pop();
        for at in done.map(|l| l.breaks).unwrap_or_default() {
            self.land(at);
        }
        self.push(Op::EndLoop(id));
    }

    fn break_loop(&mut self) {
        if let Some(id) = self.loops.last().map(|l| l.id) {
            let at = self.push(Op::Break(0, id));
            if let Some(inner) = self.loops.last_mut() {
                inner.breaks.push(at);
            }
        }
    }

    /// The collection was compiled; gives the loop, its top, and its test.
    fn each(&mut self, symbol: Symbol) -> (BranchId, StepIndex, StepIndex) {
        let slot = self.now.slots;
        self.now.slots += 2;
        self.push(Op::SetSlot(slot));
        self.push(Op::Number(0.0));
        self.push(Op::SetSlot(slot + 1));
        let id = self.begin_loop();
        let top = self.here();
        let test = self.push(Op::EachTest(symbol, slot, 0, id));
        (id, top, test)
    }

    /// Whether a function of this name uses a capability.
    fn reaches_sink(&self, name: Symbol) -> bool {
        let name = self.interner.name(name);
        // What is run is kept by the call that runs it.
        !RUNS.contains(&name)
            && api_model::meaning(name).is_some_and(|meaning| {
                !meaning.class.is_empty()
                    || meaning.methods.iter().any(|method| matches!(method.effect, Effect::Sink(..)))
            })
    }
}
