//! What an output format is.

use crate::Case;
use std::io::{self, Write};

/// How a format may draw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether blocks are written, for a terminal or a file, instead of one line per finding.
    pub terminal: bool,
    /// Whether levels are coloured.
    pub colour: bool,
    /// Whether everything is shown: each finding in full, every problem, every event.
    pub verbose: bool,
    /// Whether only the end is shown: counts and gaps, the summary table, what to do now, the verdict.
    pub summary: bool,
    /// How many characters a line may have, where the output has a width.
    pub width: Option<usize>,
    /// Where the other outputs of the run lie.
    pub outputs: Vec<String>,
}

/// Writes the results of one or more runs.
pub type Draw = fn(&Case, Style, &mut dyn Write) -> io::Result<()>;

/// A format that can be chosen.
pub struct Format {
    /// What `--format` calls it.
    pub id: &'static str,
    /// The extension of its files.
    pub extension: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// Whether it contains findings and nothing else, so that commands without findings refuse it.
    pub findings_only: bool,
    /// Writes the finished results; `None` for JSONL, which is written record by record.
    pub write: Option<Draw>,
}
