//! Lexers: one for brace languages, one for the Basic languages, one for PHP. Each makes one pass over the text,
//! whatever its content.

mod basic;
mod braces;
mod lexer;
mod php;

use super::structure::{BlockKind, Language};
use super::token::{Interner, Kind};
use lexer::Lexer;
pub use lexer::Tokens;
pub(super) use php::opening as php_opening;
use std::ops::Range;

/// Reads one block of code, adding to `tokens` until there are `budget` of them. Token positions are those of `text`.
pub fn lex(
    text: &[u8],
    range: Range<usize>,
    language: Language,
    kind: BlockKind,
    interner: &mut Interner,
    tokens: &mut Tokens,
    budget: usize,
) {
    let end = range.end.min(text.len());
    let start = range.start.min(end);
    let goes_on = std::mem::take(&mut tokens.open_comment) && kind != BlockKind::Members;
    let mut lexer = Lexer { text: &text[..end], at: start, line: true, language, interner, tokens, budget };
    let kind = match kind {
        BlockKind::Statements | BlockKind::Members => Kind::Block,
        BlockKind::Output => Kind::Output,
        BlockKind::Binding => Kind::Binding,
    };
    lexer.add(kind, start, language as u32);
    // A block begins a line as far as `#if` is concerned. In JScript a line end may end a statement, a block does not.
    lexer.line = language == Language::CSharp;
    if goes_on {
        lexer.end_comment();
    }
    match language {
        Language::CSharp | Language::JScript | Language::Java => braces::run(&mut lexer),
        Language::Php => php::run(&mut lexer),
        Language::VisualBasic | Language::VbScript => basic::run(&mut lexer),
    }
}

#[cfg(test)]
mod tests;
