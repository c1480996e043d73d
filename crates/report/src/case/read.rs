//! Reads the JSONL output of earlier runs back.

use super::Case;
use super::build::Builder;
use crate::record::{Record, SCHEMA};
use crate::text::{plain, truncate};
use serde::Deserialize;
use std::collections::HashMap;
use std::io::{self, BufRead, Read};

/// The longest line that is read, in bytes. A finding has tens of kilobytes at most.
const LONGEST: u64 = 16 << 20;
/// Messages about records of one input that could not be read.
const MESSAGES: usize = 5;
/// Columns of what such a message quotes.
const QUOTED: usize = 200;

/// Why an input cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It could not be read to its end.
    #[error("{name}: {source}")]
    Io {
        /// The input.
        name: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// It is no JSONL output of shellsift, or of another schema.
    #[error("{name}: {why}")]
    Foreign {
        /// The input.
        name: String,
        /// What it is instead.
        why: String,
    },
}

/// What every record of any version has.
#[derive(Deserialize)]
struct Outline {
    event: Module,
    shellsift: Version,
}

#[derive(Deserialize)]
struct Module {
    module: String,
}

#[derive(Deserialize)]
struct Version {
    schema: String,
    #[serde(default)]
    record: String,
}

/// Reads inputs into one case, one after the other.
#[derive(Default)]
pub struct CaseReader {
    builder: Builder,
    unread: Vec<String>,
    /// How many records of an input could not be read.
    failed: HashMap<String, u64>,
}

impl CaseReader {
    /// A reader that keeps the files without a finding (`--all`) too: their paths and hashes.
    pub fn keeping_files() -> Self {
        let mut reader = Self::default();
        reader.builder.keeps_files = true;
        reader
    }

    /// Adds one input, line by line. What of it cannot be read is a gap of the case; an input that is no output of shellsift, or
    /// that has another schema, is an error.
    pub fn add(&mut self, name: &str, mut input: impl BufRead) -> Result<(), ReadError> {
        let (mut records, mut failed, mut number) = (0_u64, 0_u64, 0_u64);
        let mut first = None;
        let mut line = Vec::new();
        loop {
            line.clear();
            let io_error = |source| ReadError::Io { name: name.to_owned(), source };
            let read = (&mut input).take(LONGEST).read_until(b'\n', &mut line).map_err(io_error)?;
            if read == 0 {
                break;
            }
            number += 1;
            let is_whole = line.last() == Some(&b'\n');
            if !is_whole && read as u64 == LONGEST {
                skip_line(&mut input).map_err(io_error)?;
            }
            if number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
                line.drain(..3);
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice::<Record>(&line) {
                Ok(record) if record.event.module == "shellsift" && record.shellsift.schema == SCHEMA => {
                    self.builder.add(record, line.len() as u64, name);
                    records += 1;
                }
                Ok(_) => return Err(foreign(name, &line)),
                Err(error) => {
                    failed += 1;
                    let why = self.failed(name, &line, records, is_whole, &error)?;
                    if failed <= MESSAGES as u64 {
                        self.unread.push(format!("{name}, line {number}: {why}"));
                    }
                    first.get_or_insert(format!("line {number}: {why}"));
                }
            }
        }
        if records == 0 {
            let why = first.unwrap_or_else(|| "contains no record of shellsift".to_owned());
            return Err(ReadError::Foreign { name: name.to_owned(), why });
        }
        if failed > 0 {
            *self.failed.entry(name.to_owned()).or_default() += failed;
        }
        if failed > MESSAGES as u64 {
            self.unread.push(format!("{name}: {} more lines could not be read", failed - MESSAGES as u64));
        }
        Ok(())
    }

    /// Why a line is no record; an error where the whole input is another thing.
    fn failed(
        &self,
        name: &str,
        line: &[u8],
        records: u64,
        is_whole: bool,
        error: &serde_json::Error,
    ) -> Result<String, ReadError> {
        if line.len() as u64 >= LONGEST {
            return Ok(format!("longer than {} MiB", LONGEST >> 20));
        }
        let outline = serde_json::from_slice::<Outline>(line).ok();
        match outline {
            Some(outline) if outline.event.module != "shellsift" || outline.shellsift.schema != SCHEMA => {
                Err(foreign(name, line))
            }
            Some(outline) => {
                Ok(format!("not understood ({}): {}", quoted(&outline.shellsift.record), quoted(&error.to_string())))
            }
            // The first line decides what the input is; a record that was cut, whether it is one.
            None if records == 0 && is_whole => Err(foreign(name, line)),
            None if !is_whole => Ok("the output was cut in the middle of a record".to_owned()),
            None => Ok(format!("not a record of shellsift: {}", quoted(&error.to_string()))),
        }
    }

    /// The case, with what is missing in it.
    pub fn done(self) -> Case {
        let mut case = self.builder.done(&self.failed);
        case.unread.splice(0..0, self.unread);
        for run in case.runs.iter().filter(|run| run.end.is_none()) {
            let named = if run.input.is_empty() { run.server() } else { &run.input };
            case.unread.push(format!("{named}: the output ends before the end of the run {}", quoted(&run.scan_id)));
        }
        case
    }
}

/// Text of an input that a message quotes.
fn quoted(text: &str) -> String {
    truncate(&plain(text), QUOTED)
}

/// What an input is that is none of ours.
fn foreign(name: &str, line: &[u8]) -> ReadError {
    let why = match serde_json::from_slice::<Outline>(line) {
        Ok(outline) if outline.event.module == "shellsift" => format!(
            "has records of schema {}, and this version reads schema {SCHEMA}",
            quoted(&outline.shellsift.schema)
        ),
        // As Windows PowerShell writes what it redirects.
        _ if line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF") => {
            "is UTF-16: write the output with -o, not with > of PowerShell, or convert it to UTF-8".to_owned()
        }
        _ => "is not a JSONL output of shellsift".to_owned(),
    };
    ReadError::Foreign { name: name.to_owned(), why }
}

/// Reads on to the end of a line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                input.consume(at + 1);
                return Ok(());
            }
            None => {
                let length = buffer.len();
                input.consume(length);
            }
        }
    }
}

#[cfg(test)]
mod tests;
