//! On how many servers a file is: what one of forty has is worth a look, what all have is most likely part of a product.

use super::servers::Servers;
use crate::case::{Entry, Run};
use crate::record::FindingBody;
use std::collections::{HashMap, HashSet};

/// The servers that have a content, or a path.
#[derive(Default)]
pub(super) struct Rarity {
    hashes: HashMap<String, HashSet<usize>>,
    paths: HashMap<String, HashSet<usize>>,
}

/// Where else a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// Servers with this content; 0 where the content is not known.
    pub(super) content: usize,
    /// Servers with a finding at this path.
    pub(super) path: usize,
}

impl Rarity {
    pub(super) fn of(servers: &Servers, list: &[(&Run, &Entry<FindingBody>)]) -> Self {
        let mut rarity = Self::default();
        // On one server everything is on one server.
        if servers.names.len() > 1 {
            for (run, finding) in list {
                let server = servers.of_run(run);
                if let Some(hash) = sha256(finding) {
                    rarity.hashes.entry(hash.to_lowercase()).or_default().insert(server);
                }
                rarity.paths.entry(finding.path().to_lowercase()).or_default().insert(server);
            }
        }
        rarity
    }

    /// Of this file.
    pub(super) fn spread(&self, finding: &Entry<FindingBody>) -> Spread {
        let servers =
            |map: &HashMap<String, HashSet<usize>>, key: &str| map.get(&key.to_lowercase()).map_or(0, HashSet::len);
        Spread {
            content: sha256(finding).map_or(0, |hash| servers(&self.hashes, hash)),
            path: servers(&self.paths, finding.path()),
        }
    }
}

/// The digest of a finding's file.
pub(super) fn sha256(finding: &Entry<FindingBody>) -> Option<&str> {
    finding.head.file.as_ref()?.hash.as_ref()?.sha256.as_deref()
}
