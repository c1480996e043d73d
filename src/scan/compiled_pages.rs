//! Compiled pages, as stored in a survey.

use crate::model::{Compiled, SourceState, Timestamp};
use std::collections::HashMap;

/// The compiled pages of a survey.
#[derive(Debug, Default)]
pub(super) struct CompiledPages {
    /// In the order of the walk.
    pub(super) pages: Vec<Compiled>,
    /// By the place of a `.compiled` file or an assembly in the survey's files: which page.
    pub(super) by_file: HashMap<u32, u32>,
}

impl CompiledPages {
    /// What is known of a file, by its place in the survey's files.
    pub(super) fn about(&self, file: u32) -> Option<&Compiled> {
        self.pages.get(*self.by_file.get(&file)? as usize)
    }

    #[cfg(test)]
    pub(super) fn pages(&self) -> impl Iterator<Item = &Compiled> {
        self.pages.iter()
    }

    /// Every page that has a time: when it was compiled, its URL path, and what became of its source. In the order of time.
    pub(super) fn timeline(&self) -> Vec<(Timestamp, String, SourceState)> {
        let pages = self.pages.iter();
        let mut timeline: Vec<_> =
            pages.filter_map(|page| Some((page.time?, page.virtual_path.clone(), page.source.clone()))).collect();
        timeline.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        timeline
    }
}
