//! The items of an action, by what its row lists.

use super::evidence::Index;
use super::item::Found;
use super::results::Results;
use super::table::{Lists, Row, Tables};
use super::{accounts, evidence, files, logs, server};

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
