//! What to do about results, and how long logs are kept: `signatures/response/`.

use super::{ACTIONS, LOG_RETENTION, unpack_text};
use crate::response::Tables;
use std::sync::LazyLock;

/// The tables of the response.
pub fn response() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| {
        let tables = Tables::parse(&unpack_text(ACTIONS), &unpack_text(LOG_RETENTION));
        tables.expect("the embedded tables are well-formed, a test reads them")
    });
    &TABLES
}

#[cfg(test)]
mod tests {
    use crate::catalogue::rows_of;
    use crate::response::{Lists, MODIFIED};

    #[test]
    fn every_row_is_read() {
        let tables = super::response();
        assert_eq!(tables.rows.len(), rows_of(include_str!("../../signatures/response/actions.csv")));
        let retention = include_str!("../../signatures/response/log_retention.csv");
        assert_eq!(tables.retention.len(), rows_of(retention));
        let mut reader = csv::Reader::from_reader(retention.as_bytes());
        assert!(reader.records().all(|row| row.is_ok_and(|row| row.get(2).is_some_and(|source| !source.is_empty()))));
    }

    #[test]
    fn every_kind_of_list_is_used() {
        for (name, lists) in Lists::ALL {
            assert!(super::response().rows.iter().any(|row| row.lists == *lists), "{name}");
        }
    }

    #[test]
    fn every_rule_that_is_named_is_one() {
        let rules = crate::catalogue::rule_facts();
        let named =
            super::response().rows.iter().flat_map(|row| &row.of).map(String::as_str).chain(MODIFIED.iter().copied());
        for id in named.filter_map(|id| id.strip_prefix("signature/")) {
            let is_named = |name: &str| id.strip_suffix('*').map_or(name == id, |start| name.starts_with(start));
            assert!(rules.iter().any(|rule| is_named(rule.name)), "signature/{id}");
        }
    }
}
