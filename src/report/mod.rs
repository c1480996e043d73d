//! Writes what a run found: one writer per format over the finished results, and JSONL, which is written as the run goes.

mod checks;
mod csv;
mod explain;
mod frame;
mod health;
mod jsonl;
mod logs;
mod record;
mod shadow;
mod sites;
mod table;
pub mod text;

pub use checks::{CheckRow, check, check_list, check_list_jsonl};
pub use explain::explain;
pub use health::health;
pub use jsonl::{JsonlWriter, SCHEMA};
pub use logs::{log_coverage, log_hits, log_lines, log_requests, logs};
pub use shadow::shadow_copies;
pub use sites::sites;

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
pub type Draw = fn(&AnalysisResults, Style, &mut dyn Write) -> io::Result<()>;

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

/// Every format.
pub const FORMATS: &[Format] = &[table::FORMAT, jsonl::FORMAT, csv::FORMAT];

/// The format of this id.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// The format that a file's extension stands for; `txt` is a table.
pub fn format_of(extension: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.extension == extension || format.id == extension)
}
