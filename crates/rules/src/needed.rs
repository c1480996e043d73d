//! A fast look for the words without which no rule hits.

use aho_corasick::packed::Searcher;
use shellsift_yara::{MetaValue, Rules};
use std::collections::BTreeSet;

/// The words of which a view holds one if any of some rules hits it: each rule says in its metadata, as `needs`, a word without
/// which its condition cannot hold, or several words (`a|b`) of which one is there. They are few, so the vector search takes
/// them at once and is many times as fast as YARA-X with all patterns of the rules. Where a rule says nothing, or there are more
/// words than the search takes, every view may be hit.
pub struct Needed(Option<Searcher>);

impl Needed {
    /// The words of these rules, one byte or two bytes a letter.
    pub fn of(rules: &Rules) -> Self {
        let mut words = BTreeSet::new();
        for rule in rules.iter() {
            let needs = rule.metadata().find_map(|(key, value)| match value {
                MetaValue::String(words) if key == "needs" => Some(words),
                _ => None,
            });
            let Some(needs) = needs else { return Self(None) };
            for word in needs.split('|') {
                words.insert(word.as_bytes().to_vec());
                words.insert(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
            }
        }
        Self(Searcher::new(words))
    }

    /// Whether a rule may hit these bytes.
    pub fn may_hit(&self, bytes: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|words| words.find(bytes).is_some())
    }
}
