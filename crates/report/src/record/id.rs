//! `event.id`, which identifies records about the same thing.

use crate::model::RunInfo;
use sha2::{Digest, Sha256};

/// Whose evidence it is: the host by its name, or the evidence by its own where no host is known.
pub(crate) struct Owner(String);

impl Owner {
    pub(crate) fn of(run: &RunInfo) -> Self {
        Self(match &run.host {
            Some(host) => format!("host {}", host.to_lowercase()),
            None => format!("evidence {}", run.evidence_id),
        })
    }

    /// The id of what these parts identify, among the records of one kind: the same in every run, whatever rules it has.
    pub(crate) fn id<'p>(&self, kind: &str, parts: impl IntoIterator<Item = &'p str>) -> String {
        let mut hasher = Sha256::new();
        // The length first, so that no part reads like two.
        let mut add = |part: &str| {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(&self.0);
        add(kind);
        parts.into_iter().for_each(add);
        hex::encode(&hasher.finalize()[..16])
    }
}
