//! What the user's list suppresses is set aside: it is counted and listed apart, and the verdict follows the rest.

use super::{Case, Entry, Run};
use crate::model::server_path::fold;
use crate::model::{Level, Outcome, Suppressed, SuppressedCounts, TimelineKind};
use crate::record::{FindingBody, HitBody, LevelCount, SuppressedCountsRecord, SuppressedRecord};
use crate::suppress::Suppressions;
use std::collections::HashSet;

/// The reason that shows that a server is exposed to anyone, and not that anyone used it: as the verdict of a run has it.
const EXPOSURE: &str = "config/machine_key_disclosed";
/// What one reason needs for level high (docs/verdict.md).
const STRONG: u8 = 60;

impl Case {
    /// What is suppressed: the run, the level, the file or client, and why.
    pub(crate) fn suppressed_entries(&self) -> impl Iterator<Item = (&Run, Level, &str, &SuppressedRecord)> {
        self.runs.iter().flat_map(|run| {
            let findings =
                run.suppressed.iter().map(|finding| (finding.body.level.0, finding.path(), &finding.body.suppressed));
            let hits = run.suppressed_hits.iter().map(|hit| {
                (hit.body.level.0, hit.body.hit.client.as_deref().unwrap_or_default(), &hit.body.suppressed)
            });
            findings.chain(hits).filter_map(move |(level, what, why)| Some((run, level, what, why.as_ref()?)))
        })
    }

    /// Sets aside what the list has.
    pub fn suppress(&mut self, list: &Suppressions) {
        self.runs.iter_mut().for_each(|run| run.suppress(list));
    }

    /// How many findings and log hits are suppressed, by this list or when the run was made.
    pub fn suppressed(&self) -> u64 {
        self.runs.iter().map(|run| (run.suppressed.len() + run.suppressed_hits.len()) as u64).sum()
    }
}

impl Run {
    fn suppress(&mut self, list: &Suppressions) {
        let host = self.host.as_ref().and_then(|host| host.name.clone());
        let host = host.as_deref();
        let (files, hits) = (self.suppressed.len(), self.suppressed_hits.len());
        for mut finding in std::mem::take(&mut self.findings) {
            let sha256 = finding.head.file.as_ref().and_then(|file| file.hash.as_ref()?.sha256.as_deref());
            match list.file(host, finding.path(), sha256) {
                Some(what) => {
                    finding.body.suppressed = Some(what.into());
                    self.suppressed.push(finding);
                }
                None => self.findings.push(finding),
            }
        }
        for mut hit in std::mem::take(&mut self.hits) {
            match hit.body.hit.client.as_deref().and_then(|client| list.client(host, client)) {
                Some(what) => {
                    hit.body.suppressed = Some(what.into());
                    self.suppressed_hits.push(hit);
                }
                None => self.hits.push(hit),
            }
        }
        let (files, hits) = (self.suppressed.split_off(files), self.suppressed_hits.split_off(hits));
        if !files.is_empty() || !hits.is_empty() {
            self.without(&files, &hits);
            self.suppressed.extend(files);
            self.suppressed_hits.extend(hits);
        }
    }

    /// Takes these out of everything that was made from them.
    fn without(&mut self, files: &[Entry<FindingBody>], hits: &[Entry<HitBody>]) {
        let shown: HashSet<String> = self.findings.iter().map(|finding| fold(finding.path())).collect();
        let mut gone: HashSet<String> = files.iter().map(|finding| fold(finding.path())).collect();
        gone.retain(|path| !shown.contains(path));
        let urls: HashSet<String> = {
            let of_gone = self.requests.iter().filter(|requests| gone.contains(&fold(requests.path())));
            of_gone.filter_map(|requests| requests.head.url.as_ref()).map(|url| url.path.clone()).collect()
        };
        self.requests.retain(|requests| !gone.contains(&fold(requests.path())));
        // An event names its file before the time that it is about, and its page before what is said of it.
        self.timeline.retain(|event| {
            let words = event.body.description.as_str();
            let before = |separator: &str| words.rsplit_once(separator).map(|(before, _)| before);
            let is_of_file = before(" (").is_some_and(|path| gone.contains(&fold(path)));
            let is_of_page = [", ", " no longer"].into_iter().filter_map(before).any(|url| urls.contains(url));
            !is_of_file && !is_of_page
        });
        let clients: HashSet<&str> = hits.iter().filter_map(|hit| hit.body.hit.client.as_deref()).collect();
        self.timeline.retain(|event| {
            let is_of_hit =
                matches!(event.body.kind.0, TimelineKind::Exploited | TimelineKind::Suspicious | TimelineKind::Attempt);
            let client =
                event.body.description.rsplit_once(" by ").map(|(_, rest)| rest.split(", ").next().unwrap_or(rest));
            !(is_of_hit && client.is_some_and(|client| clients.contains(client)))
        });
        let hidden = [
            files.iter().map(|one| one.body.level.0).collect::<Vec<_>>(),
            hits.iter().map(|one| one.body.level.0).collect(),
        ];
        let mut counts = SuppressedCounts::default();
        let reasons = files.iter().filter_map(|one| one.body.suppressed.as_ref());
        reasons.for_each(|what| counts.add_finding(&what.reason));
        let reasons = hits.iter().filter_map(|one| one.body.suppressed.as_ref());
        reasons.for_each(|what| counts.add_hit(&what.reason));
        self.judge(&hidden, &gone, counts);
    }

    /// The verdict without what is hidden: the levels of findings, and of hits.
    fn judge(&mut self, hidden: &[Vec<Level>; 2], gone: &HashSet<String>, suppressed: SuppressedCounts) {
        let exposed = self.findings.iter().filter(|finding| is_exposure(finding)).count() as u64;
        let Some(end) = &mut self.end else { return };
        let Some(summary) = &mut end.summary else { return };
        let hits = summary.log_hits.as_mut();
        for (counts, levels) in [Some(&mut summary.findings), hits].into_iter().flatten().zip(hidden) {
            for level in levels {
                let of_level = counts.iter_mut().find(|count| count.value.0 == *level);
                of_level.into_iter().for_each(|count| count.count = count.count.saturating_sub(1));
            }
        }
        for action in &mut summary.actions {
            let before = action.items.len();
            let is_gone = |path: &str| gone.contains(&fold(path));
            action.items.retain(|item| !item.finding.as_deref().is_some_and(is_gone));
            // One that was about nothing else is done.
            action.order = if before > 0 && action.items.is_empty() { u32::MAX } else { action.order };
        }
        summary.actions.retain(|action| action.order != u32::MAX);
        let from = |counts: &[LevelCount], level: Level| {
            counts.iter().filter(|count| count.value.0 >= level).map(|count| count.count).sum::<u64>()
        };
        let files = |level| from(&summary.findings, level);
        let hits = |level| summary.log_hits.as_deref().map_or(0, |hits| from(hits, level));
        let some = |n: u64, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        let malicious = files(Level::High).saturating_sub(exposed);
        let (outcome, words) = match () {
            () if malicious > 0 => {
                let exploited = if hits(Level::High) > 0 { "exploited, as the logs show, and " } else { "" };
                let words = format!("{exploited}{} (high confidence)", some(malicious, "malicious file"));
                (Outcome::Compromised, words)
            }
            () if hits(Level::High) > 0 => (Outcome::Compromised, "exploited, as the logs show".to_owned()),
            () if files(Level::Medium) > exposed => {
                (Outcome::Suspicious, format!("{} to review", some(files(Level::Medium) - exposed, "file")))
            }
            () if hits(Level::Medium) > 0 => {
                (Outcome::Suspicious, "the logs show activity that needs review".to_owned())
            }
            () if exposed > 0 => {
                (Outcome::Exposed, format!("{} the server to anyone", some(exposed, "finding exposing")))
            }
            () if hits(Level::Low) > 0 => {
                (Outcome::Attempted, "attempts in the logs, none known to have succeeded".to_owned())
            }
            () if end.complete => (Outcome::NothingFound, "nothing else found".to_owned()),
            () => (Outcome::Incomplete, "nothing else found in what could be examined".to_owned()),
        };
        // What only counted below the verdict does not change it.
        if hidden.iter().flatten().any(|level| *level >= Level::Medium) {
            summary.verdict.0 = outcome;
            summary.description = words;
            if matches!(outcome, Outcome::NothingFound | Outcome::Incomplete) {
                summary.actions.clear();
            }
        }
        if let Some(words) = suppressed.in_words() {
            summary.description = format!("{}; {words}", summary.description);
        }
        let before = summary.suppressed.take().map(SuppressedCounts::from);
        summary.suppressed = SuppressedCountsRecord::of(&before.unwrap_or_default().and(suppressed));
        if let Some(head) = self.heads.get_mut("scan_end") {
            head.message = format!("{}: {}", summary.verdict.0.name(), summary.description);
        }
    }
}

/// Whether a finding of level high or above is of that level only because of what exposes the server.
fn is_exposure(finding: &Entry<FindingBody>) -> bool {
    let reasons = &finding.body.reasons;
    finding.body.level.0 >= Level::High
        && reasons.iter().any(|reason| reason.id == EXPOSURE)
        && !reasons.iter().any(|reason| reason.id != EXPOSURE && reason.score >= STRONG)
}

impl From<&Suppressed> for SuppressedRecord {
    fn from(what: &Suppressed) -> Self {
        Self { reason: what.reason.clone(), expires: what.expires.clone() }
    }
}

#[cfg(test)]
mod tests;
