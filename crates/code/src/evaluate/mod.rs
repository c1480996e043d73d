//! Evaluates what a page computes from its own constants: loops and functions that turn one text into another.
//! Requests, files and objects are unknown, and unknown values are skipped. So a decoder yields its payload and nothing
//! else happens. Bounded by steps; calls and code are kept on explicit stacks.

mod compile;
mod computed;
mod functions;
mod machine;
mod names;
mod op;
mod operators;
#[cfg(test)]
mod tests;
mod value;

use super::lex::Tokens;
use super::token::Interner;
pub use computed::Computed;

/// Runs the constant part of a program, for at most so many steps.
pub fn evaluate(tokens: &Tokens, text: &[u8], interner: &mut Interner, steps: usize) -> Computed {
    if !names::is_worth_it(tokens, interner) {
        return Computed::default();
    }
    let mut program = op::Program::default();
    compile::program(&tokens.tokens, text, interner, &mut program, None, false);
    machine::Machine::new(program, interner, steps).run()
}
