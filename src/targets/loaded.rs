//! What configuration loads, by file.

use crate::model::ServerPath;
use std::collections::BTreeMap;

/// How many uses of one file are kept.
const MAX_USES: usize = 32;
/// How many images configuration may name; more than a thousand times what a real one does.
pub(super) const MAX_IMAGES: usize = 20_000;

/// What configuration loads, by the folded paths of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded(BTreeMap<String, Vec<String>>);

impl Loaded {
    /// As what configuration loads this file: `native module X`, `ISAPI filter X`, `managed module X`; raw.
    pub fn of(&self, file: &ServerPath) -> Vec<String> {
        if self.0.is_empty() { Vec::new() } else { self.0.get(&file.folded()).cloned().unwrap_or_default() }
    }

    pub(super) fn add(&mut self, file: &ServerPath, what: String) {
        if self.0.len() < MAX_IMAGES {
            let known = self.0.entry(file.folded()).or_default();
            if known.len() < MAX_USES && !known.contains(&what) {
                known.push(what);
            }
        }
    }
}
