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
    page.line("ACROSS SERVERS")?;
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
        for run in &case.runs {
            let findings = run
                .suppressed
                .iter()
                .map(|finding| (finding.body.level.0, finding.path(), finding.body.suppressed.as_ref()));
            let hits = run.suppressed_hits.iter().map(|hit| {
                let client = hit.body.hit.client.as_deref().unwrap_or_default();
                (hit.body.level.0, client, hit.body.suppressed.as_ref())
            });
            for (level, what, why) in findings.chain(hits) {
                let reason = why.map(|why| why.reason.as_str()).unwrap_or_default();
                let until = why.and_then(|why| why.expires.as_deref()).map(|day| format!(" (until {day})"));
                let until = until.unwrap_or_default();
                page.text("  ", &format!("{}: {level} {what}: {reason}{until}", run.server()))?;
            }
        }
    }
    page.line("")
}
