//! What to do now.

use super::page::Page;
use crate::case::Case;
use crate::record::{ActionItemRecord, ActionRecord};
use crate::text::grouped;
use std::io;

/// Items of an action without `-v`: at three in the morning the order and the first names are what is needed.
const ITEMS: usize = 2;
/// The same where there are more actions than `MANY`.
const ITEMS_OF_MANY: usize = 1;
const MANY: usize = 8;

/// The steps of the response, in their order.
pub(super) fn actions(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let actions = case.actions();
    if actions.is_empty() {
        return Ok(());
    }
    let is_all = page.verbose() || page.width == usize::MAX;
    page.line("what to do now")?;
    for (at, action) in actions.iter().enumerate() {
        let title = format!("{:>3}. ", at + 1);
        if is_all {
            page.text(&title, &action.title)?;
            whole(action, page)?;
            continue;
        }
        let items = if actions.len() > MANY { ITEMS_OF_MANY } else { ITEMS };
        let count = (action.items.len() as u64).saturating_add(action.items_omitted);
        let counted = if count > items as u64 { format!(" ({})", grouped(count)) } else { String::new() };
        page.text(&title, &format!("{}{counted}", action.title))?;
        for item in action.items.iter().take(items) {
            let text = page.timed(&in_words(item));
            page.brief("     - ", &text)?;
        }
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

fn in_words(item: &ActionItemRecord) -> String {
    // The path of the finding is in the text of most items.
    let finding = item.finding.as_ref().filter(|finding| !item.description.contains(finding.as_str()));
    let finding = finding.map_or(String::new(), |finding| format!(" [{finding}]"));
    format!("{}{finding}", item.description)
}
