//! What the tables say, for people.

use crate::catalogue::builds::{Release, Tables};
use crate::model::Timestamp;

/// `Exchange2019` in words.
pub(super) fn product_words(product: &str) -> String {
    match product.strip_prefix("Exchange") {
        Some(version) if !version.is_empty() => format!("Exchange Server {}", version.trim()),
        _ => product.to_owned(),
    }
}

/// `2021-03-12`.
pub(super) fn date(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

/// Whether support had ended at a time.
pub(super) fn ended(row: &Release, at: Timestamp) -> bool {
    !row.end_of_support.is_empty() && date(at) > row.end_of_support
}

/// What an update is called: its name, else its article, else its month; empty for the cumulative update itself.
pub(super) fn update_words(row: &Release, tables: &Tables) -> String {
    let is_first = tables.releases().find(|other| (&other.product, &other.cu) == (&row.product, &row.cu));
    match () {
        () if !row.update.is_empty() => row.update.clone(),
        () if is_first.is_none_or(|first| first.build == row.build) => String::new(),
        () if !row.kb.is_empty() => row.kb.clone(),
        () => format!("update of {}", row.released),
    }
}

/// `CU7 Mar21SU`.
pub(super) fn level_words(row: &Release, tables: &Tables) -> String {
    format!("{} {}", row.cu, update_words(row, tables)).trim_end().to_owned()
}
