//! What the user's list suppresses is set aside: it is counted and listed apart, and the verdict follows the rest.

use super::verdict::Counts;
use super::{Case, Entry, Run};
use crate::model::server_path::fold;
use crate::model::{Level, Outcome, Suppressed, SuppressedCounts, TimelineKind};
use crate::record::{FindingBody, HitBody, SummaryRecord, SuppressedCountsRecord, SuppressedRecord};
use crate::suppress::Suppressions;
use std::collections::HashSet;

/// Whether an action, by its id, applies to a verdict.
type Applies<'a> = &'a dyn Fn(&str, Outcome) -> bool;

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

    /// Sets aside what the list has. `applies`: the actions that a verdict has.
    pub fn suppress(&mut self, list: &Suppressions, applies: &dyn Fn(&str, Outcome) -> bool) {
        self.runs.iter_mut().for_each(|run| run.suppress(list, applies));
    }

    /// How many findings and log hits are suppressed, by this list or when the run was made.
    pub fn suppressed(&self) -> u64 {
        self.runs.iter().map(|run| (run.suppressed.len() + run.suppressed_hits.len()) as u64).sum()
    }
}

impl Run {
    fn suppress(&mut self, list: &Suppressions, applies: Applies<'_>) {
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
            self.without(&files, &hits, applies);
            self.suppressed.extend(files);
            self.suppressed_hits.extend(hits);
        }
    }

    /// Takes these out of everything that was made from them.
    fn without(&mut self, files: &[Entry<FindingBody>], hits: &[Entry<HitBody>], applies: Applies<'_>) {
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
        let mut counts = SuppressedCounts::default();
        let reasons = files.iter().filter_map(|one| one.body.suppressed.as_ref());
        reasons.for_each(|what| counts.add_finding(&what.reason));
        let reasons = hits.iter().filter_map(|one| one.body.suppressed.as_ref());
        reasons.for_each(|what| counts.add_hit(&what.reason));
        let hidden = [
            files.iter().map(|one| one.body.level.0).collect::<Vec<_>>(),
            hits.iter().map(|one| one.body.level.0).collect(),
        ];
        self.judge(&hidden, &gone, &clients, counts, applies);
    }

    /// The verdict without what is hidden: the levels of findings, and of hits.
    fn judge(
        &mut self,
        hidden: &[Vec<Level>; 2],
        gone: &HashSet<String>,
        clients: &HashSet<&str>,
        suppressed: SuppressedCounts,
        applies: Applies<'_>,
    ) {
        let Some(mut end) = self.end.take() else { return };
        if let Some(summary) = &mut end.summary {
            let hits = summary.log_hits.as_mut();
            for (counts, levels) in [Some(&mut summary.findings), hits].into_iter().flatten().zip(hidden) {
                for level in levels {
                    let of_level = counts.iter_mut().find(|count| count.value.0 == *level);
                    of_level.into_iter().for_each(|count| count.count = count.count.saturating_sub(1));
                }
            }
            summary.actions.retain_mut(|action| {
                let before = action.items.len();
                action.items.retain(|item| {
                    let is_gone = item.finding.as_deref().is_some_and(|path| gone.contains(&fold(path)));
                    let client = item.description.split_once(": ").map_or("", |(client, _)| client);
                    !is_gone && !clients.contains(client)
                });
                // One that was about nothing else is done.
                before == 0 || !action.items.is_empty() || action.items_omitted > 0
            });
            // What only counted below the verdict does not change it.
            let decided = match summary.verdict.0 {
                Outcome::Attempted => Level::Low,
                _ => Level::Medium,
            };
            if hidden.iter().flatten().any(|level| *level >= decided) {
                let counts = Counts::of_summary(self, &summary.findings, summary.log_hits.as_deref());
                (summary.verdict.0, summary.description) = counts.verdict(end.complete);
                summary.actions.retain(|action| applies(&action.id, summary.verdict.0));
            }
            self.count_suppressed(summary, suppressed);
        }
        self.end = Some(end);
    }

    /// Says how much is suppressed, now and before.
    fn count_suppressed(&mut self, summary: &mut SummaryRecord, suppressed: SuppressedCounts) {
        let before = summary.suppressed.take().map(SuppressedCounts::from).unwrap_or_default();
        // The sentence says it once, with all of it.
        if let Some(words) = before.in_words()
            && let Some(length) = summary.description.strip_suffix(&format!("; {words}")).map(str::len)
        {
            summary.description.truncate(length);
        }
        let all = before.and(suppressed);
        if let Some(words) = all.in_words() {
            summary.description = format!("{}; {words}", summary.description);
        }
        summary.suppressed = SuppressedCountsRecord::of(&all);
        if let Some(head) = self.heads.get_mut("scan_end") {
            head.message = summary.in_words();
        }
    }
}

impl From<&Suppressed> for SuppressedRecord {
    fn from(what: &Suppressed) -> Self {
        Self { reason: what.reason.clone(), expires: what.expires.clone() }
    }
}

#[cfg(test)]
mod tests;
