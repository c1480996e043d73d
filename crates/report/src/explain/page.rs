//! The screen that a file is explained on.

use super::super::Style;
use super::super::text::{columns, plain, wrap_paths};
use std::io::{self, Write};

/// Where the text goes, and in which colours.
pub(crate) struct Page<'p> {
    pub(crate) style: &'p Style,
    pub(crate) out: &'p mut dyn Write,
}

impl Page<'_> {
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// Text behind a margin; further lines stand under its first.
    pub(crate) fn text(&mut self, margin: &str, text: &str) -> io::Result<()> {
        let indent = columns(margin);
        let room = self.style.width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(30));
        let mut margin = margin.to_owned();
        for line in wrap_paths(&plain(text), room) {
            self.line(&format!("{margin}{line}"))?;
            margin = " ".repeat(indent);
        }
        Ok(())
    }

    /// The number of a reason.
    pub(crate) fn mark(&self, text: &str) -> String {
        self.painted("1;36", text)
    }

    /// What a reason points at.
    pub(crate) fn warn(&self, text: &str) -> String {
        self.painted("31", text)
    }

    pub(crate) fn painted(&self, colour: &str, text: &str) -> String {
        if self.style.colour && !text.is_empty() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
