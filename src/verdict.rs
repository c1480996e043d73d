//! Scores reasons, and turns findings into one verdict. The formula is docs/verdict.md's.

mod born;
mod tally;

pub use tally::{Scope, Tally};

use crate::model::{Artefact, EXPOSURES, Finding, Level, LocationRole, Reason, ReasonKind};
use std::collections::BTreeSet;

/// The combined score of reasons, 0 to 100: `100 * (1 - prod(1 - score_i / 100 / 2^i))`, scores sorted high to low and
/// `i` counted from 0. One strong reason decides; each further one moves the rest half as far.
pub fn combined(scores: &[u8]) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let mut uncertainty = 1.0;
    let mut weight = 1.0;
    for score in sorted {
        uncertainty *= 1.0 - f64::from(score.min(100)) / 100.0 * weight;
        weight /= 2.0;
    }
    100.0 * (1.0 - uncertainty)
}

/// The level of a score. Weak reasons do not add up to a strong one: `High` needs one reason of at least 60,
/// `Critical` one of at least 75.
pub fn level(score: f64, strongest: u8) -> Level {
    match score {
        s if s >= 90.0 && strongest >= 75 => Level::Critical,
        s if s >= 75.0 && strongest >= 60 => Level::High,
        s if s >= 50.0 => Level::Medium,
        s if s >= 25.0 => Level::Low,
        _ => Level::Info,
    }
}

/// What one reason of configuration needs for `Medium` where there are no others: the configuration of a legitimate product has
/// several things that few have, and each of them is worth knowing at most. docs/decisions/0017 says why.
const CONFIGURATION_ALONE: u8 = 50;

/// The scores that count, of reasons sorted from high to low: behaviours that end in the very same place of the code are one
/// action seen by several checks, and only the strongest of them counts.
fn counting(reasons: &[&Reason]) -> Vec<u8> {
    let mut acts = BTreeSet::new();
    let mut counts = |reason: &Reason| {
        let sink = reason.locations.iter().find(|proof| proof.role == Some(LocationRole::Sink));
        let act = sink.filter(|_| reason.kind == ReasonKind::Behaviour);
        act.is_none_or(|sink| acts.insert((sink.offset, sink.length, sink.encodings.clone())))
    };
    reasons.iter().filter(|reason| counts(reason)).map(|reason| reason.score).collect()
}

/// The level that reasons make, the strongest first.
fn level_of(reasons: &[&Reason]) -> Level {
    let scores = counting(reasons);
    let strongest = scores.first().copied().unwrap_or_default();
    let alone = reasons
        .iter()
        .all(|reason| reason.score == 0 || reason.kind.is_configuration() || reason.kind == ReasonKind::Timestamp);
    match level(combined(&scores), strongest) {
        Level::Medium if alone && strongest < CONFIGURATION_ALONE => Level::Low,
        level => level,
    }
}

/// The level of a finding without the reasons that only show exposure.
pub fn level_of_intrusion(finding: &Finding) -> Level {
    let reasons: Vec<&Reason> =
        finding.reasons.iter().filter(|reason| !EXPOSURES.contains(&reason.id.as_str())).collect();
    if reasons.len() == finding.reasons.len() { finding.level } else { level_of(&reasons) }
}

/// The finding that `reasons` make of a file; `None` without a reason.
pub fn score_finding(artefact: Artefact, mut reasons: Vec<Reason>) -> Option<Finding> {
    // Stable: reasons of equal scores keep the order of the detectors.
    reasons.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    reasons.dedup_by(|a, b| a.id == b.id);
    reasons.first()?;
    let all: Vec<&Reason> = reasons.iter().collect();
    let (score, level) = (combined(&counting(&all)), level_of(&all));
    Some(Finding { artefact, reasons, score, level, patch: None, requests: None })
}

/// Findings from this level on change the verdict. Lower ones are listed and counted in the verdict line.
pub const COUNTS: Level = Level::Medium;

#[cfg(test)]
mod tests;
