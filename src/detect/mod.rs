//! Detectors: each examines one file. One module per detector, registered in [`DETECTORS`].

pub mod baseline;
pub mod behaviour;
pub mod compiled;
pub mod config;
mod detector;
pub mod indicators;
pub mod known_hash;
pub mod location;
pub mod publisher;
mod rule_set;
pub mod signatures;
pub mod timestamps;

pub use crate::code::context::ScanContext;
use crate::code::context::piece;
pub use crate::model::ScanResults;
use crate::model::{Artefact, CheckInfo};
pub use detector::{Detect, Detector, Knowledge};

/// Every detector, in the order they look. Times come behind the others: a window raises what those reported; and
/// last whether a known publisher vouches for it.
pub const DETECTORS: &[Detector] = &[
    known_hash::DETECTOR,
    signatures::DETECTOR,
    behaviour::DETECTOR,
    location::DETECTOR,
    baseline::DETECTOR,
    indicators::DETECTOR,
    compiled::DETECTOR,
    config::DETECTOR,
    timestamps::DETECTOR,
    publisher::DETECTOR,
];

/// Every check of the detectors, but for the built-in rules.
pub fn checks() -> impl Iterator<Item = &'static CheckInfo> {
    let tables = [
        location::checks::ALL,
        baseline::CHECKS,
        indicators::CHECKS,
        known_hash::CHECKS,
        compiled::CHECKS,
        timestamps::CHECKS,
    ];
    behaviour::checks().chain(tables.into_iter().flatten().copied()).chain(config::checks())
}

/// The detectors of one worker.
pub struct DetectorSet<'k> {
    detectors: Vec<Box<dyn Detect + 'k>>,
}

impl<'k> DetectorSet<'k> {
    /// Those of `ids`.
    pub fn new(knowledge: &'k Knowledge, ids: &[&str]) -> Self {
        let chosen = DETECTORS.iter().filter(|detector| ids.contains(&detector.id));
        Self { detectors: chosen.map(|detector| (detector.build)(knowledge)).collect() }
    }

    /// Lets every detector look.
    pub fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        for detector in &mut self.detectors {
            detector.look(artefact, context, results);
        }
    }
}

#[cfg(test)]
pub(crate) mod test_support {
    use super::*;
    use crate::model::{Entry, Place, Role, ServerPath};
    use std::time::Duration;

    /// An artefact of this name at this place, 100 bytes large.
    pub(crate) fn artefact(name: &str, role: Role, relative: &str) -> Artefact {
        let path = ServerPath::drive('C').join(name);
        Artefact::new(path, Entry::file(name, 100), Place::new(role, relative))
    }

    /// An artefact at a path in which `|` stands between the area's root and the rest.
    pub(crate) fn artefact_at(role: Role, path: &str) -> Artefact {
        let (root, relative) = path.split_once('|').expect("a bar between root and rest");
        let root = ServerPath::from_windows(root).expect("absolute");
        let path = relative.split('\\').fold(root, |path, name| path.join(name));
        let mut file = artefact(path.name(), role, &crate::model::server_path::fold(relative));
        file.path = path;
        file
    }

    /// The results of one detector for these bytes.
    pub(crate) fn results(
        detector: &Detector,
        knowledge: &Knowledge,
        artefact: &Artefact,
        bytes: &[u8],
    ) -> ScanResults {
        let mut results = ScanResults::default();
        let views = crate::decode::views(bytes, 0, crate::decode::Effort::Thorough).views;
        (detector.build)(knowledge).look(artefact, &ScanContext::new(&views), &mut results);
        results
    }

    /// No rules, no hashes.
    pub(crate) fn knowledge() -> Knowledge {
        Knowledge::new(Duration::from_secs(10))
    }
}
