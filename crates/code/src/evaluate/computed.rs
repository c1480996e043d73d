//! What an evaluation gives, and how much of it is kept.

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
pub(super) const MOST_TEXTS: usize = 16;
/// How many bytes of texts are kept.
pub(super) const MOST_BYTES: usize = 4 << 20;
