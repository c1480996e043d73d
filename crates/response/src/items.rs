//! The items of an action, by what its row lists.

use super::evidence::Index;
use super::table::{Lists, Row, Tables};
use super::{Results, accounts, evidence, files, logs, server};
use shellsift_model::ActionItem;

/// Characters of an item: paths of Windows end at 32,767, and nobody types one that long.
const LONGEST: usize = 2_000;

/// What an action is to be done to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The items, the most urgent first.
    pub(crate) items: Vec<ActionItem>,
    /// Items that are known to exist and were not kept by whoever gathered the results.
    pub(crate) omitted: u64,
}

impl From<Vec<ActionItem>> for Found {
    fn from(items: Vec<ActionItem>) -> Self {
        Self { items, omitted: 0 }
    }
}

/// An item; `finding` is the path of the file or the check behind it.
pub(crate) fn item(text: impl Into<String>, finding: impl Into<String>) -> ActionItem {
    ActionItem { text: shortened(text.into()), finding: Some(finding.into()).filter(|finding| !finding.is_empty()) }
}

/// Text of a bounded length; what was cut is marked.
fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{} ...", &text[..at]),
        None => text,
    }
}

/// `1 request`, `2 requests`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// The items of a row, the most urgent first.
pub(crate) fn of(row: &Row, tables: &Tables, results: &Results<'_>, index: &Index<'_>) -> Found {
    match row.lists {
        Lists::Nothing => Found::default(),
        Lists::Host => server::host(results, index).into(),
        Lists::Volumes => files::volumes(results, index).into(),
        Lists::Logs => logs::folders(results, tables).into(),
        Lists::Files => files::to_remove(results, index).into(),
        Lists::Restore => files::to_restore(results, index).into(),
        Lists::Correct => evidence::to_correct(index, &row.of).into(),
        Lists::Compiled => files::compiled(index).into(),
        Lists::Deleted => files::deleted(index).into(),
        Lists::Review => files::to_review(results, index).into(),
        Lists::Evidence => evidence::of_checks(index, &row.of).into(),
        Lists::Attempts => evidence::attempts(index).into(),
        Lists::Accounts => accounts::accounts(index).into(),
        Lists::Clients => accounts::clients(results, index, false).into(),
        Lists::InternalClients => accounts::clients(results, index, true).into(),
        Lists::Exclusions => server::exclusions(results).into(),
        Lists::Updates => server::updates(results).into(),
        Lists::Vulnerabilities => server::vulnerabilities(results).into(),
        Lists::Unsupported => server::unsupported(results).into(),
        Lists::Gaps => server::gaps(results, &row.of),
        Lists::Interrupted => server::interrupted(results).into(),
        Lists::MissingLogs => logs::missing(results).into(),
        Lists::NoBaseline => server::no_baseline(results).into(),
        Lists::Command => server::command(results).into(),
    }
}
