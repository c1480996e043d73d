//! The verdict on what is left of the results of a run, by the rules of docs/verdict.md: of a run that was cut short, and where
//! findings or hits were set aside later. The sentence of a whole run says more.

use super::{Entry, Run};
use crate::model::{EXPOSURES, Level, Outcome, Stage};
use crate::record::{FindingBody, HitBody, LevelCount};

/// What one reason needs for level high (docs/verdict.md).
const STRONG: u8 = 60;

/// What a verdict rests on.
pub(super) struct Counts {
    /// Findings by level, in the order of [`Level::ALL`].
    findings: [u64; 5],
    /// Hits in logs likewise.
    hits: [u64; 5],
    /// Of the findings, those that only show exposure.
    exposed: u64,
    /// Of the hits of level low, those that are no attempt, and that administrators cause as well.
    noted: u64,
}

impl Run {
    /// The verdict; `None` of a run that does not judge.
    pub(crate) fn verdict(&self) -> Option<Outcome> {
        match &self.end {
            Some(end) => Some(end.summary.as_ref()?.verdict.0),
            // What is left of a run that was cut short: it may have found more.
            None => Some(Counts::of_records(self).verdict(false).0),
        }
    }
}

impl Counts {
    /// Of the records of a run.
    pub(super) fn of_records(run: &Run) -> Self {
        let (mut findings, mut hits) = ([0; 5], [0; 5]);
        run.findings.iter().for_each(|finding| findings[finding.body.level.0 as usize] += 1);
        run.hits.iter().for_each(|hit| hits[hit.body.level.0 as usize] += 1);
        Self { findings, hits, ..Self::without_levels(run) }
    }

    /// Of the counts in the summary of a run, which are those of all that was found, whether or not it was written.
    pub(super) fn of_summary(run: &Run, findings: &[LevelCount], hits: Option<&[LevelCount]>) -> Self {
        let counted = |list: &[LevelCount]| {
            let mut counts = [0_u64; 5];
            for one in list {
                let count = &mut counts[one.value.0 as usize];
                *count = count.saturating_add(one.count);
            }
            counts
        };
        Self { findings: counted(findings), hits: counted(hits.unwrap_or_default()), ..Self::without_levels(run) }
    }

    fn without_levels(run: &Run) -> Self {
        let exposed = run.findings.iter().filter(|finding| is_exposure(finding)).count() as u64;
        let noted = run.hits.iter().filter(|hit| is_note(hit)).count() as u64;
        Self { findings: [0; 5], hits: [0; 5], exposed, noted }
    }

    /// The verdict and its sentence. `complete`: whether everything could be examined.
    pub(super) fn verdict(&self, complete: bool) -> (Outcome, String) {
        let from = |counts: &[u64; 5], level: Level| {
            counts[level as usize..].iter().fold(0, |sum: u64, n| sum.saturating_add(*n))
        };
        let (files, hits) = (|level| from(&self.findings, level), |level| from(&self.hits, level));
        let some = |n: u64, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        let exploited = hits(Level::High) > 0;
        let malicious = files(Level::High).saturating_sub(self.exposed);
        let to_review = files(Level::Medium).saturating_sub(self.exposed);
        let open = match self.exposed {
            1 => "1 file exposes the server to anyone".to_owned(),
            many => format!("{many} files expose the server to anyone"),
        };
        let (outcome, words) = match () {
            () if malicious > 0 => {
                let exploited = if exploited { "exploited, as the logs show, and " } else { "" };
                (Outcome::Compromised, format!("{exploited}{} (high confidence)", some(malicious, "malicious file")))
            }
            () if exploited => (Outcome::Compromised, "exploited, as the logs show".to_owned()),
            () if to_review > 0 => (Outcome::Suspicious, format!("{} to review", some(to_review, "file"))),
            () if hits(Level::Medium) > 0 => {
                (Outcome::Suspicious, "the logs show activity that needs review".to_owned())
            }
            () if self.exposed > 0 => return (Outcome::Exposed, open),
            () if hits(Level::Low) > self.noted => {
                (Outcome::Attempted, "attempts in the logs, none known to have succeeded".to_owned())
            }
            () if complete => (Outcome::NothingFound, "nothing else found".to_owned()),
            () => (Outcome::Incomplete, "nothing else found in what could be examined".to_owned()),
        };
        (outcome, if self.exposed > 0 { format!("{words}; {open}") } else { words })
    }
}

/// Whether a finding of level high or above is of that level only because of what exposes the server.
fn is_exposure(finding: &Entry<FindingBody>) -> bool {
    let reasons = &finding.body.reasons;
    finding.body.level.0 >= Level::High
        && reasons.iter().any(|reason| EXPOSURES.contains(&reason.id.as_str()))
        && !reasons.iter().any(|reason| !EXPOSURES.contains(&reason.id.as_str()) && reason.score >= STRONG)
}

/// Whether a hit of level low is about what administrators do as well.
fn is_note(hit: &Entry<HitBody>) -> bool {
    let stage = hit.body.hit.stage.0;
    hit.body.level.0 == Level::Low && matches!(stage, Stage::Context | Stage::ConfigurationChanged | Stage::DataRead)
}
