//! The output of `shellsift scan --shadow list`: the shadow copies of the volumes.

use super::sites::{head, not_examined};
use super::text::plain;
use crate::model::{AnalysisResults, ShadowCopy};
use std::io::{self, Write};

/// Prints the shadow copies, those of a volume together.
pub fn shadow_copies(results: &AnalysisResults, copies: &[ShadowCopy], out: &mut dyn Write) -> io::Result<()> {
    head(&results.sources, &results.discovered, out)?;
    if copies.is_empty() {
        writeln!(out, "\nno volume has a shadow copy")?;
    } else {
        writeln!(out, "\nVOLUME  NUMBER  {:<28}  {:<38}  STORED  MACHINE", "CREATED", "ID")?;
    }
    for copy in copies {
        let created = copy.created.map_or_else(|| "-".to_owned(), |time| time.to_string());
        writeln!(
            out,
            "{:<6}  {:>6}  {created:<28}  {:<38}  {:<6}  {}",
            plain(copy.volume.as_str()),
            copy.number,
            plain(&copy.id),
            if copy.stored { "yes" } else { "no" },
            plain(copy.machine.as_deref().unwrap_or("-"))
        )?;
    }
    not_examined(&results.problems, out)
}
