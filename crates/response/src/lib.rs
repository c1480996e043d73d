//! What to do about the results of a run, in the order of an incident response: rows of `signatures/response/actions.csv` that
//! apply to the results, each with what it is to be done to.
//!
//! Pure: no I/O, and the same actions for the same results in whatever order they were found.

mod accounts;
mod evidence;
mod files;
mod item;
mod items;
mod logs;
mod remedy;
mod results;
mod server;
mod table;
#[cfg(test)]
mod tests;

pub use remedy::{MODIFIED, Remedy, remedy};
pub use results::Results;
pub use table::{Lists, Malformed, Retention, Row, Tables};

use evidence::Index;
use shellsift_model::{Action, Outcome, Subject, Summary};

/// Items that an action lists: whoever removes files needs all of them, and nobody works through more than this from a list.
pub const MOST_ITEMS: usize = 200;

/// What to do, the first thing first. Every verdict has actions; each row of the table gives one at most.
pub fn actions(tables: &Tables, results: &Results<'_>) -> Vec<Action> {
    let index = Index::new(results);
    let mut rows: Vec<&Row> = tables.rows.iter().filter(|row| row.is_about(results.summary)).collect();
    rows.sort_by_key(|row| row.order);
    rows.into_iter().filter_map(|row| action(row, tables, results, &index)).collect()
}

/// The action of a row; `None` where there is nothing to do it to.
fn action(row: &Row, tables: &Tables, results: &Results<'_>, index: &Index<'_>) -> Option<Action> {
    let found = items::of(row, tables, results, index);
    if found.items.is_empty() && found.omitted == 0 && row.lists != Lists::Nothing {
        return None;
    }
    let mut items = found.items;
    let more = items.len().saturating_sub(MOST_ITEMS) as u64;
    items.truncate(MOST_ITEMS);
    Some(Action {
        id: row.id.clone(),
        order: row.order,
        title: row.title.clone(),
        why: row.why.clone(),
        items,
        items_omitted: more.saturating_add(found.omitted),
        references: row.references.clone(),
    })
}

impl Row {
    /// Whether it is about such a verdict.
    fn is_about(&self, summary: &Summary) -> bool {
        let outcome = |wanted: &Outcome| *wanted == summary.outcome;
        let subject = |wanted: Subject| wanted == summary.subject;
        (self.verdicts.is_empty() || self.verdicts.iter().any(outcome)) && self.about.is_none_or(subject)
    }
}
