//! What stands beside the findings: what is the same or rare across servers, and what is suppressed.

use super::page::Page;
use crate::across::Across;
use crate::case::Case;
use crate::text::grouped;
use std::io;

/// What several servers have in common, and what only few of them have.
pub(super) fn across(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let lines = Across::of(case).summary(case);
    if lines.is_empty() {
        return Ok(());
    }
    page.line("across servers")?;
    lines.iter().try_for_each(|line| page.text("  ", line))?;
    page.line("")
}

/// What the user's list suppresses: how much, and with `-v` each with its reason.
pub(super) fn suppressed(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let count = case.suppressed();
    if count == 0 {
        return Ok(());
    }
    let hint = if page.verbose() { "" } else { "; -v lists them" };
    page.line(&format!("SUPPRESSED {}, which count for nothing{hint}", grouped(count)))?;
    if page.verbose() {
        for (run, level, what, why) in case.suppressed_entries() {
            let until = why.expires.as_deref().map(|day| format!(" (until {day})")).unwrap_or_default();
            page.text("  ", &format!("{}: {level} {what}: {}{until}", run.server(), why.reason))?;
        }
    }
    page.line("")
}
