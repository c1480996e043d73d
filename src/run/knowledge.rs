//! The knowledge of the detectors: rules, hashes, names.

use super::provenance::Equipment;
use crate::catalogue;
use crate::cli;
use crate::detect::Knowledge;
use crate::detect::signatures::Signatures;
use crate::error::Result;
use crate::model::{Discovered, Problem, Window};
use crate::settings;
use std::time::Duration;

/// What detectors know, and how to name it.
pub(super) struct Loaded {
    pub(super) knowledge: Knowledge,
    pub(super) allowed: catalogue::HashList,
    pub(super) problems: Vec<Problem>,
    pub(super) words: String,
    /// The user's hash lists.
    pub(super) lists: Vec<Discovered>,
}

impl Loaded {
    /// Who runs with it: `detectors` are in use, `reference_data` is the newest release date in the tables of builds.
    pub(super) fn equipment(&self, detectors: &[&'static str], reference_data: Option<String>) -> Equipment {
        Equipment {
            signatures: self.words.clone(),
            detectors: detectors.to_vec(),
            rules_sha256: self.knowledge.signatures.as_ref().map(|rules| rules.digest()),
            reference_data,
        }
    }
}

/// Compiles the rules and reads the lists. The parsed configuration files are shared once the plan is made.
pub(super) fn load(
    rules: &cli::Rules,
    lists: &cli::Lists,
    detectors: &[&str],
    timeout: u64,
    window: Option<Window>,
) -> Result<Loaded> {
    let settings::HashLists { malicious: own_malicious, allowed, mut problems, used } = settings::hash_lists(lists)?;
    let mut signatures = None;
    let mut words = "no signatures".to_owned();
    if detectors.contains(&"signatures") && !(rules.no_builtin_rules && rules.paths.is_empty()) {
        let (compiled, passed_over) = Signatures::compile(!rules.no_builtin_rules, &rules.paths)?;
        problems.extend(passed_over);
        let (families, techniques) = (compiled.families, compiled.techniques);
        words = format!("signatures: {families} families, {techniques} techniques, {} rules", compiled.list().len());
        signatures = Some(compiled);
    }
    let every_digest = !own_malicious.is_empty();
    let mut malicious =
        if detectors.contains(&"known-hash") { catalogue::malicious_hashes() } else { catalogue::HashList::default() };
    malicious.extend(own_malicious);
    if !malicious.is_empty() {
        words.push_str(&format!(", {} known hashes", malicious.len()));
    }
    let timeout = Duration::from_secs(timeout);
    let baseline_names = catalogue::baseline_names();
    let knowledge = Knowledge { signatures, malicious, every_digest, baseline_names, configs: None, window, timeout };
    Ok(Loaded { knowledge, allowed, problems, words, lists: used })
}
