//! What to do now.

use super::page::Page;
use crate::case::Case;
use crate::record::{ActionItemRecord, ActionRecord};
use crate::text::grouped;
use std::io;

/// Lines for the items of an action without `-v`: at three in the morning the order and the first names are what is needed.
const ITEMS: usize = 2;

/// The steps of the response, in their order.
pub(super) fn actions(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let actions = case.actions();
    if actions.is_empty() {
        return Ok(());
    }
    let is_all = page.verbose() || page.width == usize::MAX;
    page.line("what to do now")?;
    for (at, action) in actions.iter().enumerate() {
        page.text(&format!("{:>3}. ", at + 1), &action.title)?;
        if is_all { whole(action, page)? } else { brief(action, page)? }
    }
    if !is_all {
        page.line("     why, every item and the pages of Microsoft and CISA: -v, or -f html")?;
    }
    page.line("")
}

/// An action in full: why and how, every item, every link.
fn whole(action: &ActionRecord, page: &mut Page<'_>) -> io::Result<()> {
    const MARGIN: &str = "     ";
    if !action.description.is_empty() {
        page.text(MARGIN, &action.description)?;
    }
    action.items.iter().try_for_each(|item| page.text("     - ", &in_words(item)))?;
    if action.items_omitted > 0 {
        page.line(&format!("       and {} more, which were too many to list", grouped(action.items_omitted)))?;
    }
    action.references.iter().try_for_each(|link| page.text(MARGIN, link))
}

/// The first items of an action, a line each.
fn brief(action: &ActionRecord, page: &mut Page<'_>) -> io::Result<()> {
    let shown = if action.items.len() > ITEMS { ITEMS - 1 } else { ITEMS };
    action.items.iter().take(shown).try_for_each(|item| page.brief("     - ", &in_words(item)))?;
    match (action.items.len().saturating_sub(shown) as u64).saturating_add(action.items_omitted) {
        0 => Ok(()),
        hidden => page.line(&format!("       and {} more", grouped(hidden))),
    }
}

fn in_words(item: &ActionItemRecord) -> String {
    // The path of the finding is in the text of most items.
    let finding = item.finding.as_ref().filter(|finding| !item.description.contains(finding.as_str()));
    let finding = finding.map_or(String::new(), |finding| format!(" [{finding}]"));
    format!("{}{finding}", item.description)
}
