//! Evaluates what a page computes from its own constants: loops and functions that turn one text into another.
//! Requests, files and objects are unknown, and unknown values are skipped. So a decoder yields its payload and nothing
//! else happens. Bounded by steps; calls and code are kept on explicit stacks.

mod compile;
mod functions;
mod machine;
mod op;
mod operators;
#[cfg(test)]
mod tests;
mod value;

use super::lex::Tokens;
use super::structure::Language;
use super::token::{Interner, Kind, Punct};
use std::collections::HashMap;

/// What constants were found to become.
#[derive(Debug, Default)]
pub struct Computed {
    /// Texts that are run as code, by where the call that runs them begins.
    pub runs: HashMap<u32, Vec<Vec<u8>>>,
    /// Texts that other capabilities are used with, by where the argument begins.
    pub values: HashMap<u32, Vec<u8>>,
    /// How many steps it took.
    pub steps: usize,
    /// Whether the budget ended before the work did.
    pub truncated: bool,
}

/// How many different texts of one place are kept.
const MOST_TEXTS: usize = 16;
/// How many bytes of texts are kept.
const MOST_BYTES: usize = 4 << 20;

/// Names that run text as code.
const RUNS: &[&[u8]] = &[
    b"execute",
    b"executeglobal",
    b"eval",
    b"addcode",
    b"executestatement",
    b"execscript",
    b"jscriptevaluate",
    b"settimeout",
    b"compileassemblyfromsource",
];
/// Names that use a capability which one text chooses.
const USES: &[&[u8]] = &[
    b"createobject",
    b"getobject",
    b"activexobject",
    b"gettypefromprogid",
    b"gettypefromclsid",
    b"frombase64string",
    b"process",
    b"processstartinfo",
    b"shell",
];
/// Names of functions that turn characters into others.
const TURNS: &[&[u8]] = &[
    b"chr",
    b"chrw",
    b"mid",
    b"asc",
    b"ascw",
    b"fromcharcode",
    b"charcodeat",
    b"charat",
    b"substr",
    b"substring",
    b"split",
    b"replace",
    b"tochar",
    b"char",
    b"tochararray",
    b"strreverse",
    b"append",
    b"array",
    b"join",
];

/// Whether the code has what a decoder needs: something that uses its text, a function that turns characters, and a loop or a
/// function of its own.
fn is_worth_it(tokens: &Tokens, interner: &Interner) -> bool {
    let (mut uses, mut turns, mut repeats) = (false, false, false);
    for name in interner.names() {
        uses |= RUNS.contains(&name) || USES.contains(&name);
        turns |= TURNS.contains(&name);
        repeats |= matches!(name, b"for" | b"while" | b"do" | b"foreach" | b"function");
    }
    // A list that is looked up needs no function, and a method of C# has no word of its own.
    turns |= tokens.tokens.iter().any(|token| token.kind == Kind::Punct(Punct::OpenIndex));
    repeats |= tokens.tokens.iter().any(|token| token.kind == Kind::Block && token.value == Language::CSharp as u32);
    uses && turns && repeats
}

/// Runs the constant part of a program, for at most so many steps.
pub fn evaluate(tokens: &Tokens, text: &[u8], interner: &mut Interner, steps: usize) -> Computed {
    if !is_worth_it(tokens, interner) {
        return Computed::default();
    }
    let mut program = op::Program::default();
    compile::program(&tokens.tokens, text, interner, &mut program, None, false);
    machine::Machine::new(program, interner, steps).run()
}
