//! What lies beneath an extent, and the unit that extents are counted in.

use crate::mapped::{Content, Parent};
use std::sync::Arc;

pub(super) const SECTOR: u64 = 512;

/// The part of the parent that lies beneath an extent.
#[derive(Clone)]
pub(super) struct Beneath {
    pub(super) parent: Option<Arc<Parent>>,
    pub(super) start: u64,
}

impl Beneath {
    pub(super) fn at(&self, at: u64) -> Content<'_> {
        match &self.parent {
            Some(parent) => Content::Parent(parent, self.start.saturating_add(at)),
            None => Content::Zeros,
        }
    }
}
