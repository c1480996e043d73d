//! What to do now.

use super::page::Page;
use crate::case::Case;
use crate::record::ActionRecord;
use crate::text::grouped;
use std::io;

/// Items of an action without `-v`.
const ITEMS: usize = 3;
/// Links of an action without `-v`.
const LINKS: usize = 2;

/// The steps of the response, in their order.
pub(super) fn actions(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let actions = case.actions();
    if actions.is_empty() {
        return Ok(());
    }
    page.line("what to do now")?;
    for (at, action) in actions.iter().enumerate() {
        page.text(&format!("{:>3}. ", at + 1), &action.title)?;
        one(action, page)?;
    }
    page.line("")
}

fn one(action: &ActionRecord, page: &mut Page<'_>) -> io::Result<()> {
    const MARGIN: &str = "     ";
    let is_all = page.verbose() || page.width == usize::MAX;
    if !action.description.is_empty() {
        page.text(MARGIN, &action.description)?;
    }
    let shown = if is_all { action.items.len() } else { ITEMS };
    for item in action.items.iter().take(shown) {
        // The path of the finding is in the text of most items.
        let finding = item.finding.as_ref().filter(|finding| !item.description.contains(finding.as_str()));
        let finding = finding.map_or(String::new(), |finding| format!(" [{finding}]"));
        page.text("     - ", &format!("{}{finding}", item.description))?;
    }
    let hidden = (action.items.len().saturating_sub(shown) as u64).saturating_add(action.items_omitted);
    if hidden > 0 {
        let hidden = grouped(hidden);
        page.line(&format!("       and {hidden} more: -v or another format lists them"))?;
    }
    let links = if is_all { action.references.len() } else { LINKS };
    action.references.iter().take(links).try_for_each(|link| page.text(MARGIN, link))
}
