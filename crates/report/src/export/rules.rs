//! What was found, as rules for the rest of the fleet: content as YARA, names as Sigma.

mod found;
mod sigma;
#[cfg(test)]
mod tests;
mod yara;

use crate::case::Case;
use crate::model::Level;
use crate::text::plain;
pub use found::Exported;
pub(super) use found::name_is_common;
use std::io::{self, Write};

/// The language of exported rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleLanguage {
    /// YARA: one rule for each content.
    Yara,
    /// Sigma: paths, and URLs at which found files execute.
    Sigma,
}

/// Writes the findings of at least this level as rules.
pub fn export_rules(
    case: &Case,
    language: RuleLanguage,
    min_level: Level,
    out: &mut dyn Write,
) -> io::Result<Exported> {
    let unread = case.unread.iter().map(|text| plain(text)).collect();
    let exported = Exported { unread, ..Exported::default() };
    match language {
        RuleLanguage::Yara => yara::write(case, min_level, exported, out),
        RuleLanguage::Sigma => sigma::write(case, min_level, exported, out),
    }
}
