//! What other tools read: exchange formats for threat intelligence and code scanning, and rules.

mod facts;
mod json;
pub(crate) mod misp;
mod rules;
pub(crate) mod sarif;
pub(crate) mod stix;
#[cfg(test)]
mod test_case;
mod uuid;

pub use rules::{Exported, RuleLanguage, export_rules};
