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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::tests::records;
    use crate::{CaseReader, Diff, FORMATS, diff_jsonl, diff_table, write_case};

    /// A disk that is full after some bytes.
    struct Full {
        room: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match bytes.len().min(self.room) {
                0 if !bytes.is_empty() => Err(io::ErrorKind::StorageFull.into()),
                count => {
                    self.room -= count;
                    Ok(count)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn case() -> Case {
        let text: String = records().iter().map(|record| format!("{record}\n")).collect();
        let mut reader = CaseReader::default();
        reader.add("x", text.as_bytes()).expect("an output");
        reader.done()
    }

    /// Some hundred places. An output that has the time of its writing is not always of the same length, by a few bytes.
    fn fails_everywhere(what: &str, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) {
        let mut whole = Vec::new();
        write(&mut whole).expect("memory");
        let most = whole.len() / 10 * 9;
        for room in (0..most.max(1)).step_by((most / 300).max(1)) {
            assert!(write(&mut Full { room }).is_err(), "{what} with room for {room} bytes");
        }
        write(&mut Full { room: usize::MAX }).expect(what);
    }

    #[test]
    fn a_disk_that_is_full_at_any_byte_is_an_error_in_every_format() {
        let case = case();
        let mut drawn = 0;
        for format in FORMATS {
            if let Some(draw) = format.write {
                fails_everywhere(format.id, &|out| draw(&case, Style::default(), out));
                drawn += 1;
            }
        }
        assert!(drawn > 0);
        fails_everywhere("jsonl", &|out| write_case(&case, out));
        let diff = Diff::new(&Case::default(), &case);
        fails_everywhere("diff as a table", &|out| diff_table(&diff, true, out));
        fails_everywhere("diff as JSONL", &|out| diff_jsonl(&diff, out));
    }
}
