//! What an output format is.

use crate::Case;
use crate::model::AnalysisResults;
use std::io::{self, Write};

/// How a format may draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether blocks are written, for a terminal or a file, instead of one line per finding.
    pub terminal: bool,
    /// Whether levels are coloured.
    pub colour: bool,
    /// Whether every problem is listed.
    pub verbose: bool,
    /// How many characters a line may have, where the output has a width.
    pub width: Option<usize>,
}

/// Writes finished results.
#[derive(Clone, Copy)]
pub enum Draw {
    /// From the values of a run that has just ended.
    Results(fn(&AnalysisResults, Style, &mut dyn Write) -> io::Result<()>),
    /// From records.
    Case(fn(&Case, Style, &mut dyn Write) -> io::Result<()>),
}

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
