//! The table: blocks on a terminal or in a file, one line per finding in a pipe; of one server or of several together.
//!
//! The end of a screen is what is read first, so it has what matters most: counts and gaps, the summary, what to do now, the verdict,
//! and where the outputs lie.

mod actions;
mod beside;
mod block;
mod end;
mod groups;
mod head;
mod logs;
mod page;
mod pipe;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;

use super::{Case, Format, Style};
use crate::model::Level;
use crate::text::grouped;
use groups::{Found, Group};
use page::Page;
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "table",
    extension: "txt",
    about: "blocks for a terminal or a file; in a pipe one line per finding",
    findings_only: false,
    write: Some(write),
};

/// Lines of a whole screen, as far as its findings can be brought into them: those that are less urgent are shown in two lines each or
/// in one.
const SCREEN: usize = 230;
/// Findings that are shown in blocks or in two lines without `-v`.
const FINDINGS: usize = 150;
/// Findings of level low that are shown without `-v`.
const LOW: usize = 15;
/// Findings that are shown in full whatever the length.
const IN_FULL: usize = 3;

fn write(case: &Case, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.terminal { screen(case, &style, out) } else { pipe::pipe(case, &style, out) }
}

fn screen(case: &Case, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let all = groups::findings(case);
    let groups = groups::groups(&all);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut page = Page::new(style, &mut after);
    if !style.summary {
        head::head(case, &mut Page::new(style, &mut before))?;
        logs::logs(case, &mut page)?;
        timeline::timeline(case, &mut page)?;
    }
    end(case, &groups, &mut page)?;
    out.write_all(&before)?;
    if !style.summary {
        let other_lines = before.iter().chain(&after).filter(|byte| **byte == b'\n').count();
        findings(case, &all, &groups, other_lines, &mut Page::new(style, out))?;
    }
    out.write_all(&after)
}

fn end(case: &Case, groups: &[Group<'_>], page: &mut Page<'_>) -> io::Result<()> {
    end::counts_and_gaps(case, page)?;
    summary::servers(case, page)?;
    summary::summary(case, groups, page)?;
    beside::across(case, page)?;
    beside::suppressed(case, page)?;
    actions::actions(case, page)?;
    end::verdict(case, page)?;
    end::outputs(page)
}

/// The findings. `other_lines`: those of the screen that show something else.
fn findings(
    case: &Case,
    all: &[Found<'_>],
    groups: &[Group<'_>],
    other_lines: usize,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let several = case.servers().len() > 1;
    if page.verbose() {
        for found in all {
            block::whole(found.run, found.finding, several, page)?;
            page.line("")?;
        }
    } else {
        in_brief(groups, several, other_lines, page)?;
    }
    let omitted = case.runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.omitted.findings));
    if omitted > 0 {
        page.line(&format!("{} more findings are in the JSONL output only (-f jsonl)\n", grouped(omitted)))?;
    }
    Ok(())
}

fn in_brief(groups: &[Group<'_>], several: bool, other_lines: usize, page: &mut Page<'_>) -> io::Result<()> {
    let (blocks, rest): (Vec<&Group<'_>>, Vec<&Group<'_>>) =
        groups.iter().partition(|group| block::has_block(group.first.level()));
    let (low, info): (Vec<&Group<'_>>, Vec<&Group<'_>>) =
        rest.into_iter().partition(|group| group.first.level() == Level::Low);
    let shown = blocks.len().min(FINDINGS);
    // Two lines for each, and what is left of the screen for the first ones.
    let reserved = other_lines + 2 * shown + low.len().min(LOW) + 4;
    // Of a screen that is too long all the same, the least urgent ones are a line each.
    let one_line_from = shown.saturating_sub(reserved.saturating_sub(SCREEN));
    let mut left = SCREEN.saturating_sub(reserved);
    let mut in_full = true;
    for (at, group) in blocks.iter().take(shown).enumerate() {
        let lines = block::block(group, several, page);
        let more = lines.len().saturating_sub(1);
        in_full = in_full && (at < IN_FULL || more <= left);
        if in_full {
            left = left.saturating_sub(more);
            lines.iter().try_for_each(|line| page.line(line))?;
            page.line("")?;
        } else if at >= one_line_from {
            page.line(&block::line(group, several, page))?;
        } else {
            block::brief(group, several, page).iter().try_for_each(|line| page.line(line))?;
        }
    }
    if !in_full {
        page.line("")?;
    }
    let hidden = blocks.len().saturating_sub(shown);
    if hidden > 0 {
        page.line(&format!(
            "{} more of level medium or above: -v or any file format lists them",
            grouped(hidden as u64)
        ))?;
    }
    for group in low.iter().take(LOW) {
        page.line(&block::line(group, several, page))?;
    }
    let number = |groups: &[&Group<'_>]| groups.iter().map(|group| 1 + group.others.len() as u64).sum::<u64>();
    let low_hidden = number(low.get(LOW..).unwrap_or_default());
    let mut counted = Vec::new();
    counted.extend((low_hidden > 0).then(|| format!("{} more of level low", grouped(low_hidden))));
    counted.extend((!info.is_empty()).then(|| format!("{} of level info", grouped(number(&info)))));
    if !counted.is_empty() {
        page.line(&format!("{}: -v lists them", counted.join(", ")))?;
    }
    if !blocks.is_empty() {
        page.line("all reasons of a file, with its code: shellsift explain FILE, or -v")?;
    }
    if groups.is_empty() { Ok(()) } else { page.line("") }
}
