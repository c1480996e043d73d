//! What Microsoft says of exclusions of an antivirus on a server, from `signatures/windows/antivirus_exclusions.csv`.

use crate::model::server_path::fold;
use crate::model::{ExcludedKind, ExclusionAdvice};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../signatures/windows/antivirus_exclusions.csv");

/// A row: an exclusion of which Microsoft says something.
#[derive(Clone, Debug)]
pub struct KnownExclusion {
    /// A path with variables, an extension or the name of a process, folded.
    pub value: String,
    /// Which of them.
    pub kind: ExcludedKind,
    /// What is said of it.
    pub advice: ExclusionAdvice,
    /// What it adds to a finding, 0 to 100.
    pub score: u8,
}

/// Every row, in the order of the table.
pub fn known_exclusions() -> &'static [KnownExclusion] {
    static ROWS: LazyLock<Vec<KnownExclusion>> = LazyLock::new(|| TABLE.lines().skip(1).filter_map(row).collect());
    &ROWS
}

fn row(line: &str) -> Option<KnownExclusion> {
    let &[value, kind, advice, score, _source] = line.split(',').collect::<Vec<&str>>().as_slice() else { return None };
    Some(KnownExclusion {
        value: fold(value),
        kind: ExcludedKind::ALL.iter().copied().find(|one| one.name() == kind)?,
        advice: ExclusionAdvice::ALL.iter().copied().find(|one| one.name() == advice)?,
        score: score.parse().ok().filter(|score| *score <= 100)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_read_and_has_a_source() {
        assert_eq!(known_exclusions().len(), TABLE.lines().count() - 1);
        assert!(TABLE.lines().all(|line| !line.ends_with(',')));
        let distinct: BTreeSet<_> = known_exclusions().iter().map(|row| (row.kind, row.value.as_str())).collect();
        assert_eq!(distinct.len(), known_exclusions().len(), "a row is there twice");
    }

    #[test]
    fn what_microsoft_recommends_adds_nothing_and_what_it_withdrew_is_no_finding() {
        for row in known_exclusions() {
            let expected = match row.advice {
                ExclusionAdvice::Recommended => 0..=0,
                ExclusionAdvice::FormerlyRecommended => 1..=24,
                ExclusionAdvice::Risky => 25..=50,
                ExclusionAdvice::Other => panic!("{}: a row says something", row.value),
            };
            assert!(expected.contains(&row.score), "{}", row.value);
        }
    }
}
