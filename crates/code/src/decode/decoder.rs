//! What a decoder is.

use super::layer::{Input, Layer};

/// One encoding that may lie over a text.
pub struct Decoder {
    /// Its name in trails.
    pub name: &'static str,
    /// What it looks for, for `docs/adding.md`.
    pub about: &'static str,
    /// The least effort that tries it.
    pub(super) effort: Effort,
    /// Whether what it decodes is how the whole file is written, so that an editor shows the decoded lines.
    pub(super) wide: bool,
    /// Writes the decoded layer if the bytes are, or hold something, encoded so; else writes nothing. Linear in time.
    pub(super) decode: fn(&Input<'_>, &mut Layer),
}

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// How the whole file is written: UTF-16 and UTF-32.
    Quick,
    /// That, and programs as code.
    Program,
    /// Every encoding, and those below it.
    Thorough,
}
