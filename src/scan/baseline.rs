//! Known-good baselines and the installations compared with them.

use super::Survey;
use crate::catalogue::baseline::{Baseline, Sha256, Votes, is_code_or_logon_script};
use crate::evidence::Evidence;
use crate::model::server_path::fold;
use crate::model::{Artefact, BuildMatch, Comparison, Role, ServerPath};
use crate::targets::Plan;
use sha2::Digest;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// How many assemblies of an installation are compared to find its build.
const PROGRAMS: usize = 64;
/// How many of its pages; Exchange has about a thousand.
const PAGES: usize = 4000;
/// A larger file has no vote.
const LARGEST: u64 = 32 << 20;

/// The known-good baseline, and how well it covers each Exchange installation of the plan.
pub struct BaselineMatcher {
    baseline: Baseline,
    /// The folder of each installation, and how its build matches.
    pub installations: Vec<(ServerPath, BuildMatch)>,
}

impl BaselineMatcher {
    /// Matches each installation with the baseline, by its own assemblies and pages. They are read twice in a scan; the second
    /// time they are in memory.
    pub fn new(
        evidence: &dyn Evidence,
        plan: &Plan,
        survey: &Survey,
        baseline: Baseline,
        interrupted: &AtomicBool,
    ) -> Self {
        let installations = plan.exchange.iter().map(|root| {
            let mut votes = Votes::new(&baseline);
            let (mut programs, mut pages) = (0, 0);
            for (folder, name, size) in survey.names() {
                if interrupted.load(Ordering::Relaxed) {
                    break;
                }
                let Some(inside) = folder.windows_below(root) else { continue };
                let relative = match inside.as_str() {
                    "" => fold(name),
                    inside => fold(&format!("{inside}\\{name}")),
                };
                let is_program = Votes::is_program_of_interest(&relative);
                if !is_program && !is_code_or_logon_script(&relative) || size > LARGEST {
                    continue;
                }
                if !votes.is_baseline_name(&relative) {
                    if !is_program {
                        votes.unknown_name();
                    }
                    continue;
                }
                let count = if is_program { &mut programs } else { &mut pages };
                *count += 1;
                if *count > if is_program { PROGRAMS } else { PAGES } {
                    continue;
                }
                // One that cannot be read has no vote; the scan itself will say so.
                if let Ok(sha256) = digest(evidence, &survey.opens(&folder.join(name))) {
                    if is_program {
                        votes.program(&relative, &sha256);
                    } else {
                        votes.page(&relative, &sha256);
                    }
                }
            }
            (root.clone(), votes.conclude())
        });
        let installations = installations.collect();
        Self { baseline, installations }
    }

    /// Compares a file of an installation, once its digest is known.
    pub fn compare(&self, artefact: &Artefact) -> Option<Comparison> {
        if artefact.place.role != Role::Exchange {
            return None;
        }
        self.compare_digest(&artefact.path, &artefact.place.relative, artefact.hashes.sha256.as_ref()?)
    }

    /// Compares a file by its path, its folded path below the installation folder and its SHA-256 in hexadecimal.
    pub fn compare_digest(&self, path: &ServerPath, relative: &str, sha256: &str) -> Option<Comparison> {
        let mut digest: Sha256 = [0; 32];
        hex::decode_to_slice(sha256, &mut digest).ok()?;
        let (_, build_match) = self.installations.iter().find(|(root, _)| path.below(root).is_some())?;
        Some(self.baseline.compare(relative, &digest, build_match))
    }
}

fn digest(evidence: &dyn Evidence, path: &ServerPath) -> io::Result<Sha256> {
    let mut reader = evidence.open(path)?.reader.take(LARGEST);
    let mut hasher = sha2::Sha256::new();
    let mut chunk = [0; 1 << 14];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(count) => hasher.update(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
