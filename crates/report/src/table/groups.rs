//! Findings that say the same: of one content, or for the same reasons.

use crate::case::{Case, Entry, Run};
use crate::model::Level;
use crate::record::{FindingBody, Time};
use std::collections::HashMap;

/// A finding and the server that it is of.
#[derive(Clone, Copy)]
pub(super) struct Found<'c> {
    pub(super) run: &'c Run,
    pub(super) finding: &'c Entry<FindingBody>,
}

/// Findings of one level that have the same content or the same reasons, the most urgent first.
pub(super) struct Group<'c> {
    /// The one that is shown.
    pub(super) first: Found<'c>,
    pub(super) others: Vec<Found<'c>>,
    /// Whether all have the same content.
    pub(super) same_content: bool,
}

impl<'c> Found<'c> {
    pub(super) fn level(&self) -> Level {
        self.finding.body.level.0
    }

    pub(super) fn sha256(&self) -> Option<&'c str> {
        self.finding.head.file.as_ref()?.hash.as_ref()?.sha256.as_deref()
    }

    fn reasons(&self) -> Vec<(&'c str, &'c str)> {
        self.finding.body.reasons.iter().map(|reason| (reason.id.as_str(), reason.title.as_str())).collect()
    }
}

impl<'c> Group<'c> {
    fn of(first: Found<'c>) -> Self {
        Self { first, others: Vec::new(), same_content: true }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Found<'c>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The first and the last request for any of the files.
    pub(super) fn requested(&self) -> Option<(Time, Time)> {
        let requests = || self.all().filter_map(|found| found.finding.body.file_requests.as_ref());
        let first = requests().filter_map(|requests| requests.first).min()?;
        Some((first, requests().filter_map(|requests| requests.last).max().unwrap_or(first)))
    }
}

/// All findings of all servers, the most urgent first.
pub(super) fn findings(case: &Case) -> Vec<Found<'_>> {
    let mut all: Vec<Found<'_>> = Vec::new();
    for run in &case.runs {
        all.extend(run.findings.iter().map(|finding| Found { run, finding }));
    }
    if case.runs.len() > 1 {
        all.sort_by(|a, b| {
            let level = b.level().cmp(&a.level());
            let score = b.finding.body.score.total_cmp(&a.finding.body.score);
            level.then(score).then_with(|| a.finding.path().cmp(b.finding.path()))
        });
    }
    all
}

/// The reasons of a finding: id and title.
type Reasons<'c> = Vec<(&'c str, &'c str)>;

/// Findings put together: first those of the same content, and of what remains those with the same reasons.
pub(super) fn groups<'c>(all: &[Found<'c>]) -> Vec<Group<'c>> {
    let mut of_content: HashMap<(Level, &str), usize> = HashMap::new();
    let mut by_content: Vec<Group<'c>> = Vec::new();
    for found in all {
        let next = by_content.len();
        let place = found.sha256().map_or(next, |hash| *of_content.entry((found.level(), hash)).or_insert(next));
        match by_content.get_mut(place) {
            Some(group) => group.others.push(*found),
            None => by_content.push(Group::of(*found)),
        }
    }
    let mut of_reasons: HashMap<(Level, Reasons), usize> = HashMap::new();
    let mut groups: Vec<Group<'c>> = Vec::new();
    for mut group in by_content {
        let next = groups.len();
        let place = *of_reasons.entry((group.first.level(), group.first.reasons())).or_insert(next);
        match groups.get_mut(place) {
            Some(known) => {
                known.others.push(group.first);
                known.others.append(&mut group.others);
                known.same_content = false;
            }
            None => groups.push(group),
        }
    }
    groups
}
