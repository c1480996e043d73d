//! What the checks of times share.

use crate::model::{CheckInfo, Location, Reason};

/// Whether more than a tenth of the others show the same.
pub(super) fn common(count: u32, of: u32) -> bool {
    u64::from(count) * 10 > u64::from(of)
}

pub(super) fn reason(check: &CheckInfo, line: String) -> Reason {
    Reason::new(check, check.score, check.title, vec![Location::without_place("times", line)])
}
