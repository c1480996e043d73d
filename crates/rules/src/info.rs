//! The metadata of a rule.

use shellsift_yara::{MetaValue, Rule, Rules};

/// Score of a rule whose metadata gives no `score`; LOKI's default.
const DEFAULT_SCORE: u8 = 70;

/// A rule as `rules list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// The family or file it is from.
    pub ruleset: String,
    /// Its name.
    pub name: String,
    /// The score it gives.
    pub score: u8,
    /// Its description, if it has one.
    pub description: String,
    /// Its reference, if it has one.
    pub reference: Option<String>,
}

/// The rules of a set that can fire by themselves.
pub(crate) fn list(rules: &Rules) -> Vec<RuleInfo> {
    rules.iter().filter(|rule| !rule.is_private()).map(|rule| describe(&rule)).collect()
}

/// The metadata of a rule.
pub(crate) fn describe(rule: &Rule<'_, '_>) -> RuleInfo {
    let mut info = RuleInfo {
        ruleset: rule.namespace().to_owned(),
        name: rule.identifier().to_owned(),
        score: DEFAULT_SCORE,
        description: String::new(),
        reference: None,
    };
    for (key, value) in rule.metadata() {
        match (key, value) {
            ("score", MetaValue::Integer(score)) => info.score = score.clamp(0, 100) as u8,
            ("score", MetaValue::String(score)) => {
                info.score = score.parse().map_or(info.score, |score: u8| score.min(100))
            }
            ("description", MetaValue::String(text)) => info.description = text.to_owned(),
            ("reference", MetaValue::String(text)) if info.reference.is_none() => {
                info.reference = Some(text.to_owned())
            }
            _ => {}
        }
    }
    info
}
