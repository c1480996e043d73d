//! Names of functions that say whether code is worth evaluating, and what runs what it computes.

use crate::code::lex::Tokens;
use crate::code::structure::Language;
use crate::code::token::{Interner, Kind, Punct};

/// Names that run text as code.
pub(super) const RUNS: &[&[u8]] = &[
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
pub(super) fn is_worth_it(tokens: &Tokens, interner: &Interner) -> bool {
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
