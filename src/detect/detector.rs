//! What a detector is, and what it knows in advance.

use super::rule_set::Signatures;
use crate::catalogue::{BaselineNames, HashList};
use crate::code::context::ScanContext;
use crate::config::cache::ConfigCache;
use crate::model::{Artefact, ScanResults, Window};
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
