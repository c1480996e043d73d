//! Detectors: each examines one file. One module per detector, registered in [`DETECTORS`].

pub mod baseline;
pub mod behaviour;
pub mod compiled;
pub mod config;
pub mod indicators;
pub mod known_hash;
pub mod location;
pub mod publisher;
mod rule_set;
pub mod signatures;
pub mod timestamps;

use crate::catalogue::{BaselineNames, HashList};
pub use crate::code::context::ScanContext;
use crate::code::context::piece;
use crate::config::cache::ConfigCache;
pub use crate::model::ScanResults;
use crate::model::{Artefact, CheckInfo, Window};
use rule_set::Signatures;
use std::sync::Arc;
use std::time::Duration;

/// What detectors know in advance; one for all workers.
pub struct Knowledge {
    /// Compiled rules, where the signature detector runs.
    pub signatures: Option<Signatures>,
    /// Hashes of malicious files.
    pub malicious: HashList,
    /// Whether every file needs every digest that `malicious` lists, since the user gave a list; else server code and programs.
    pub every_digest: bool,
    /// Names of the pages of a default Exchange.
    pub baseline_names: BaselineNames,
    /// The configuration files that the run has parsed; without it each file is parsed where it is looked at.
    pub configs: Option<Arc<ConfigCache>>,
    /// The span of time that the user asked about.
    pub window: Option<Window>,
    /// How long the rules may take for one view of one file.
    pub timeout: Duration,
}

impl Knowledge {
    /// The names of known Exchange pages and `timeout` for the rules: no rules, no hashes, no window.
    pub fn new(timeout: Duration) -> Self {
        Self {
            signatures: None,
            malicious: HashList::default(),
            every_digest: false,
            baseline_names: crate::catalogue::baseline_names(),
            configs: None,
            window: None,
            timeout,
        }
    }
}

/// A detector at work; each worker has its own.
pub trait Detect {
    /// Looks at a file, or a piece of one.
    fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults);
}

/// A detector that can be chosen.
pub struct Detector {
    /// What `--detectors` and `--without` call it.
    pub id: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// Makes one for a worker.
    pub build: for<'k> fn(&'k Knowledge) -> Box<dyn Detect + 'k>,
}

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
