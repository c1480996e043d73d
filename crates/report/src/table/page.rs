//! Where text goes: its width, its margins, its colours.

use crate::Style;
use crate::model::{Level, Timestamp};
use crate::record::Time;
use crate::text::{columns, plain, short_times, shorten, wrap_paths};
use std::io::{self, Write};

/// The width of a file, which has none of its own.
const FILE: usize = 120;
/// No line is planned narrower.
const NARROWEST: usize = 60;
/// Columns of the word in front of a line.
pub(super) const WORD: usize = 11;

/// A page that is written from top to bottom.
pub(super) struct Page<'p> {
    pub(super) style: &'p Style,
    /// Columns of a line; no bound in a pipe.
    pub(super) width: usize,
    out: &'p mut dyn Write,
}

impl<'p> Page<'p> {
    /// For a terminal or a file.
    pub(super) fn new(style: &'p Style, out: &'p mut dyn Write) -> Self {
        Self { style, width: style.width.unwrap_or(FILE).max(NARROWEST), out }
    }

    /// For a pipe: nothing is wrapped, and nothing is cut off.
    pub(super) fn unbounded(style: &'p Style, out: &'p mut dyn Write) -> Self {
        Self { style, width: usize::MAX, out }
    }

    /// Whether everything is shown.
    pub(super) fn verbose(&self) -> bool {
        self.style.verbose
    }

    /// Text with its times as exact as the page is: in full with `-v` and in a pipe.
    pub(super) fn timed(&self, text: &str) -> String {
        if self.verbose() || self.width == usize::MAX { text.to_owned() } else { short_times(text) }
    }

    /// A line of safe text, as it is.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// Text behind a margin; further lines stand under its first.
    pub(super) fn text(&mut self, margin: &str, text: &str) -> io::Result<()> {
        let indent = columns(margin);
        let mut margin = margin;
        let blank = " ".repeat(indent);
        for line in wrap_paths(&plain(text), self.room(indent)) {
            self.line(&format!("{margin}{line}"))?;
            margin = &blank;
        }
        Ok(())
    }

    /// Text behind a word: `evidence   C:\`.
    pub(super) fn fact(&mut self, word: &str, text: &str) -> io::Result<()> {
        self.text(&format!("{word:<WORD$}"), text)
    }

    /// The same in one line, for text that may be shortened.
    pub(super) fn brief(&mut self, margin: &str, text: &str) -> io::Result<()> {
        let text = shorten(&plain(text), self.room(columns(margin)));
        self.line(&format!("{margin}{text}"))
    }

    /// Pieces of text one after the other, broken between them alone.
    pub(super) fn pieces(&mut self, margin: &str, pieces: &[String]) -> io::Result<()> {
        let (indent, mut margin) = (columns(margin), margin.to_owned());
        for line in packed(pieces, self.room(indent)) {
            self.line(&format!("{margin}{line}"))?;
            margin = " ".repeat(indent);
        }
        Ok(())
    }

    /// Columns beside a margin.
    pub(super) fn room(&self, margin: usize) -> usize {
        self.width.saturating_sub(margin).max(20)
    }

    /// Text in the colour of a level.
    pub(super) fn paint(&self, level: Level, text: &str) -> String {
        paint(level, text, self.style)
    }
}

/// Pieces in lines of at most `room` columns, in their order.
fn packed(pieces: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut().filter(|line| columns(line) + GAP.len() + columns(piece) <= room) {
            Some(line) => *line = format!("{line}{GAP}{piece}"),
            None => lines.push(piece.clone()),
        }
    }
    lines
}

/// Pieces in lines of at most `room` columns, each in the first line that has room for it.
pub(super) fn fitted(pieces: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.iter_mut().find(|line| columns(line) + GAP.len() + columns(piece) <= room) {
            Some(line) => *line = format!("{line}{GAP}{piece}"),
            None => lines.push(piece.clone()),
        }
    }
    lines
}

/// Between two pieces.
pub(super) const GAP: &str = "   ";

/// Text padded to a number of columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// `1 file`, `1,234 files`
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", crate::text::grouped(number), if number == 1 { one } else { many })
}

/// A time with the milliseconds that logs have, if it has any.
pub(super) fn short(time: Timestamp) -> String {
    let text = time.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "Z"));
    match fraction.get(..3).filter(|millis| *millis != "000" && fraction.len() > 3) {
        Some(millis) => format!("{whole}.{millis}Z"),
        None => format!("{}Z", whole.trim_end_matches('Z')),
    }
}

/// The same of a time that may not be known.
pub(super) fn short_or_unknown(time: Option<Time>) -> String {
    time.map_or("unknown time".to_owned(), |time| short(time.0))
}

/// A time to the minute: `2021-03-03 06:59`.
pub(super) fn minute(time: Time) -> String {
    time.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

/// Colour marks the level alone.
fn paint(level: Level, text: &str, style: &Style) -> String {
    if !style.colour {
        return text.to_owned();
    }
    let code = match level {
        Level::Critical => "1;31",
        Level::High => "31",
        Level::Medium => "33",
        Level::Low => "36",
        Level::Info => "2",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
