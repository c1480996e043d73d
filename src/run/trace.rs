//! The log of a run on standard error, with `-v` the stages and with `-vv` each file. Without either nobody listens, and it costs
//! nothing.

use crate::report::text::plain;
use std::io::{self, Write};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts to log. A second run in one process keeps the log of the first.
pub(super) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let subscriber = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(Lines).finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Standard error, by whole lines: a line may name a file of the evidence, whose name may hold any character.
struct Lines;

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        Self
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = line(bytes);
        // Nobody who listens is no reason to stop.
        let _ = io::stderr().write_all(line.as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One line of the log as it may be shown.
fn line(bytes: &[u8]) -> String {
    format!("{}\n", plain(String::from_utf8_lossy(bytes).trim_end_matches('\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_stays_one_line_whatever_the_name_of_a_file_holds() {
        assert_eq!(line(b"examining x\n\x1b[31m.aspx\n"), "examining x<U+000A><U+001B>[31m.aspx\n");
    }
}
