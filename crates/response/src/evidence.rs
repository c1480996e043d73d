//! Findings and hits by the checks behind them.

use super::item::{counted, item};
use super::remedy::{Remedy, remedy};
use super::results::Results;
use super::table::matches;
use shellsift_model::{ActionItem, Finding, Level, LogHit, Reason, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// Reasons from this score on are worth an action by themselves; weaker ones only support others.
const WORTH_ACTION: u8 = 30;
/// Titles of reasons that an item quotes.
const TITLES: usize = 3;

/// The findings and hits of a run, the most urgent first, and where each check is among them.
pub(crate) struct Index<'r> {
    /// Findings of level medium and above.
    pub(crate) findings: Vec<&'r Finding>,
    /// What is to be done about each of them.
    pub(crate) remedies: Vec<Remedy>,
    /// The findings that have a reason of a check.
    of_reason: BTreeMap<&'r str, BTreeSet<usize>>,
    /// Hits of level low and above.
    pub(crate) hits: Vec<&'r LogHit>,
    /// The hits of a check.
    of_check: BTreeMap<&'r str, Vec<usize>>,
}

impl<'r> Index<'r> {
    pub(crate) fn new(results: &Results<'r>) -> Self {
        let mut findings: Vec<&Finding> =
            results.findings.iter().filter(|finding| finding.level >= Level::Medium).collect();
        findings.sort_by(|a, b| {
            let by_urgency = b.level.cmp(&a.level).then_with(|| b.score.total_cmp(&a.score));
            by_urgency.then_with(|| a.artefact.path.cmp(&b.artefact.path))
        });
        let mut of_reason: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (at, finding) in findings.iter().enumerate() {
            for reason in finding.reasons.iter().filter(|reason| reason.score >= WORTH_ACTION) {
                of_reason.entry(&reason.id).or_default().insert(at);
            }
        }
        let all = results.logs.map_or(&[][..], |logs| &logs.hits);
        let mut hits: Vec<&LogHit> = all.iter().filter(|hit| hit.level >= Level::Low).collect();
        hits.sort_by(|a, b| {
            let by_urgency = b.level.cmp(&a.level).then(b.stage.cmp(&a.stage));
            by_urgency.then(a.first.cmp(&b.first)).then_with(|| a.key().cmp(&b.key()))
        });
        let mut of_check: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, hit) in hits.iter().enumerate() {
            of_check.entry(hit.check).or_default().push(at);
        }
        let remedies = findings.iter().map(|finding| remedy(finding)).collect();
        Self { findings, remedies, of_reason, hits, of_check }
    }

    /// The findings with this remedy.
    pub(crate) fn with(&self, remedy: Remedy) -> impl Iterator<Item = &'r Finding> + '_ {
        let all = self.findings.iter().zip(&self.remedies);
        all.filter(move |(_, other)| **other == remedy).map(|(finding, _)| *finding)
    }
}

/// Whether a hit shows that something was done, or reached the back end; a refused attempt does not.
pub(crate) fn shows_effect(hit: &LogHit) -> bool {
    hit.level >= Level::Medium || hit.level == Level::Low && hit.stage >= Stage::DataRead
}

/// Findings and hits of these checks, findings first.
pub(crate) fn of_checks(index: &Index<'_>, checks: &[String]) -> Vec<ActionItem> {
    let is_wanted = |id: &str| matches(checks, id);
    let places: BTreeSet<usize> =
        index.of_reason.iter().filter(|(id, _)| is_wanted(id)).flat_map(|(_, places)| places).copied().collect();
    let found = places.into_iter().filter_map(|at| {
        let finding = index.findings.get(at)?;
        Some(of_reasons(finding, |reason| is_wanted(&reason.id)))
    });
    let places: BTreeSet<usize> =
        index.of_check.iter().filter(|(id, _)| is_wanted(id)).flat_map(|(_, places)| places).copied().collect();
    let hits = places.into_iter().filter_map(|at| index.hits.get(at)).filter(|hit| shows_effect(hit));
    found.chain(hits.map(|hit| of_hit(hit))).collect()
}

/// Configuration and definitions, by the reasons that are none of `others`.
pub(crate) fn to_correct(index: &Index<'_>, others: &[String]) -> Vec<ActionItem> {
    let is_left = |reason: &Reason| reason.score >= WORTH_ACTION && !matches(others, &reason.id);
    let found = index.with(Remedy::Correct).filter(|finding| finding.reasons.iter().any(is_left));
    found.map(|finding| of_reasons(finding, is_left)).collect()
}

/// Requests that are not known to have failed or to have succeeded.
pub(crate) fn attempts(index: &Index<'_>) -> Vec<ActionItem> {
    let is_attempt = |hit: &&&LogHit| matches!(hit.stage, Stage::Attempt | Stage::ReachedBackend);
    index.hits.iter().filter(is_attempt).map(|hit| of_hit(hit)).collect()
}

/// `path: title; title`.
fn of_reasons(finding: &Finding, is_wanted: impl Fn(&Reason) -> bool) -> ActionItem {
    let path = finding.artefact.path.to_string();
    let mut titles: Vec<&str> = Vec::new();
    for reason in finding.reasons.iter().filter(|reason| reason.score >= WORTH_ACTION && is_wanted(reason)) {
        if !titles.contains(&reason.title.as_str()) {
            titles.push(&reason.title);
        }
    }
    let more = titles.len().saturating_sub(TITLES);
    let more = if more > 0 { format!("; {more} more") } else { String::new() };
    titles.truncate(TITLES);
    item(format!("{path}: {}{more}", titles.join("; ")), path)
}

/// `title, by client, first time, 3 lines`.
fn of_hit(hit: &LogHit) -> ActionItem {
    let client = if hit.client.is_empty() { String::new() } else { format!(", by {}", hit.client) };
    let first = hit.first.map_or(String::new(), |time| format!(", first {time}"));
    item(format!("{}{client}{first}, {}", hit.title, counted(hit.count, "line")), hit.check)
}
