//! The user's list of findings that are known and accepted.

use crate::cli;
use crate::error::{Error, Result};
use crate::model::{Discovered, Timestamp};
use crate::report::Suppressions;
use crate::report::text::plain;
use crate::settings;
use std::io::{self, Write};

/// Reads the list, if there is one. What of it is not applied any more is said on standard error.
pub(super) fn read(options: &cli::Suppress, quiet: bool) -> Result<Option<Suppressions>> {
    Ok(read_list(options, quiet)?.map(|(list, _)| list))
}

/// As [`read`], with what it says of itself for the report.
pub(super) fn read_list(options: &cli::Suppress, quiet: bool) -> Result<Option<(Suppressions, Vec<Discovered>)>> {
    let Some(path) = &options.suppress else { return Ok(None) };
    let bytes = std::fs::read(path).map_err(|source| Error::Input { path: path.clone(), source })?;
    let name = plain(&path.display().to_string());
    let list = Suppressions::parse(&bytes, &name, Timestamp::now()).map_err(|error| Error::Usage(error.to_string()))?;
    let rows = if list.len() == 1 { "row" } else { "rows" };
    let mut lines = vec![settings::used("--suppress", path, &format!(", {} {rows}", list.len()), &bytes)];
    for expired in list.expired() {
        let words = format!("--suppress {name}, {expired}");
        if !quiet {
            // Nobody who listens is no reason not to go on.
            let _ = writeln!(io::stderr(), "shellsift: {words}");
        }
        lines.push(Discovered { what: "list", words });
    }
    Ok(Some((list, lines)))
}
