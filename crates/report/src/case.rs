//! Everything that one or more runs found, as records: what every format but JSONL is written from, whether the run has just
//! ended or its JSONL output is read back.

mod build;
mod files;
mod gaps;
mod read;
#[cfg(test)]
pub(crate) mod sample;
mod suppress;
mod verdict;

pub use files::{FileState, FileUse, RunFile, RunFiles, RunSource};
pub(crate) use gaps::Gap;
pub use read::{CaseReader, ReadError};

use crate::model::{Level, Outcome, Subject};
use crate::record::{
    ActionRecord, BaselineRecord, Client, CoverageRecord, EndBody, ErrorMessage, Event, File, FindingBody,
    HealthRecord, HitBody, Host, ImplausibleTime, Labels, Observer, ProblemRecord, Related, RequestsRecord, Rule,
    RunRecord, ShadowCopyRecord, SiteRecord, SpanRecord, Threat, Time, TimelineRecord, Url, User, Vulnerability,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The results of one or more runs.
#[derive(Debug, Default)]
pub struct Case {
    /// In the order in which they were given.
    pub(crate) runs: Vec<Run>,
    /// What could not be read back of outputs of earlier runs, in words: each leaves a gap.
    pub(crate) unread: Vec<String>,
    /// What else there is to know of what was read, in words: two outputs of the same run.
    pub(crate) notes: Vec<String>,
}

/// The results of one run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Identifies the run.
    pub(crate) scan_id: String,
    /// The name of the file that it was read from; empty for a run that has just ended.
    pub(crate) input: String,
    pub(crate) host: Option<Host>,
    pub(crate) labels: Option<Labels>,
    /// The program that made the run.
    pub(crate) observer: Option<Observer>,
    /// Who ran what on which evidence; `None` where the output begins later.
    pub(crate) start: Option<RunRecord>,
    /// The most urgent first.
    pub(crate) findings: Vec<Entry<FindingBody>>,
    pub(crate) hits: Vec<Entry<HitBody>>,
    /// Findings that the user's list suppresses: they count for nothing, and are listed apart.
    pub(crate) suppressed: Vec<Entry<FindingBody>>,
    /// Likewise of hits in logs.
    pub(crate) suppressed_hits: Vec<Entry<HitBody>>,
    pub(crate) requests: Vec<Entry<RequestsRecord>>,
    /// In time order.
    pub(crate) timeline: Vec<Entry<TimelineRecord>>,
    pub(crate) problems: Vec<Entry<ProblemRecord>>,
    pub(crate) health: Vec<Entry<HealthRecord>>,
    pub(crate) sites: Vec<Entry<SiteRecord>>,
    pub(crate) shadow_copies: Vec<Entry<ShadowCopyRecord>>,
    pub(crate) comparisons: Vec<Entry<BaselineRecord>>,
    pub(crate) coverage: Option<CoverageRecord>,
    /// What the logs cover; `None` where none were read.
    pub(crate) log_coverage: Option<Vec<SpanRecord>>,
    /// Records of files without a finding (`--all`), which are counted.
    pub(crate) examined: u64,
    /// These files, if the reader keeps them.
    pub(crate) files: Vec<ExaminedFile>,
    /// The end of the run with its verdict; `None` where the output ends before.
    pub(crate) end: Option<EndBody>,
    /// What all kinds of records have, of the records that there is one of in a run, by kind.
    pub(crate) heads: BTreeMap<&'static str, Head>,
    pub(crate) omitted: Omitted,
}

/// What was too much to keep; the JSONL output has it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Omitted {
    pub(crate) findings: u64,
    pub(crate) problems: u64,
    pub(crate) timeline: u64,
    /// Lines of logs.
    pub(crate) hits: u64,
    /// Records of other kinds.
    pub(crate) others: u64,
    /// The highest level of a finding or a log hit among them.
    pub(crate) highest: Option<Level>,
}

/// A file without a finding, as far as it is compared with that of another run.
#[derive(Debug)]
pub(crate) struct ExaminedFile {
    pub(crate) path: Box<str>,
    /// `None` where the content could not be read completely.
    pub(crate) sha256: Option<[u8; 32]>,
    /// The id of its record, if it is a file of no listing: a deleted one, or one of a shadow copy.
    pub(crate) apart: Option<Box<str>>,
}

/// A record of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Entry<B> {
    /// What all kinds of records have.
    pub(crate) head: Head,
    /// What this kind has.
    pub(crate) body: B,
}

/// What all kinds of records have.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// When that which the record is about happened; the time of the record where that is not known.
    pub(crate) timestamp: Time,
    pub(crate) message: String,
    pub(crate) event: Event,
    pub(crate) file: Option<File>,
    pub(crate) url: Option<Url>,
    pub(crate) rule: Option<Rule>,
    pub(crate) threat: Option<Threat>,
    pub(crate) error: Option<ErrorMessage>,
    pub(crate) source: Option<Client>,
    pub(crate) user: Option<User>,
    pub(crate) vulnerability: Option<Vulnerability>,
    pub(crate) related: Related,
    /// Whether a later record of the same id was to come, and did not where it is still set.
    pub(crate) preliminary: bool,
    pub(crate) implausible_times: Vec<ImplausibleTime>,
}

impl Case {
    /// The most urgent verdict of the runs that have one.
    pub fn verdict(&self) -> Option<Outcome> {
        // `Outcome::ALL` is in the order of urgency, but for the last two: what was not examined outweighs that nothing was found.
        let urgency = |outcome: &Outcome| match outcome {
            Outcome::Incomplete => 1,
            Outcome::NothingFound => 0,
            other => 2 + Outcome::ALL.iter().rev().position(|one| one == other).unwrap_or_default(),
        };
        self.runs.iter().filter_map(Run::verdict).max_by_key(urgency)
    }

    /// What the verdict is about: files, where no run looked at a server.
    pub fn subject(&self) -> Subject {
        let mut subjects = self.runs.iter().filter_map(|run| Some(run.end.as_ref()?.summary.as_ref()?.subject.0));
        match subjects.next() {
            Some(first) if first == Subject::Files && subjects.all(|other| other == first) => Subject::Files,
            _ => Subject::Server,
        }
    }

    /// Whether any file or log hit of at least this level was found.
    pub fn has_found(&self, level: Level) -> bool {
        self.runs.iter().any(|run| run.highest().is_some_and(|found| found >= level))
    }

    /// Whether any installation is open to a vulnerability that is known to be exploited, in a run that shows and does not judge.
    pub fn has_known_exploited(&self) -> bool {
        let shown = self.runs.iter().filter(|run| run.verdict().is_none());
        shown.flat_map(|run| &run.health).any(|health| {
            let mut open = health.body.vulnerabilities.iter();
            open.any(|vulnerability| vulnerability.known_exploited)
        })
    }

    /// What could not be read back of outputs of earlier runs, in words.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// What else there is to know of what was read, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many records of files without a finding (`--all`) there are. Only a reader that is asked to keeps them.
    pub fn examined(&self) -> u64 {
        self.runs.iter().map(|run| run.examined).sum()
    }

    /// Sets the labels of all runs, where they are given.
    pub fn label(&mut self, case: Option<&str>, examiner: Option<&str>) {
        for run in self.runs.iter_mut().filter(|_| case.is_some() || examiner.is_some()) {
            let labels = run.labels.get_or_insert(Labels { case: None, examiner: None });
            labels.case = case.map(str::to_owned).or(labels.case.take());
            labels.examiner = examiner.map(str::to_owned).or(labels.examiner.take());
        }
    }

    /// Whether anything was not examined, or could not be read back.
    pub fn has_gaps(&self) -> bool {
        !self.unread.is_empty() || self.runs.iter().any(|run| run.end.as_ref().is_none_or(|end| !end.complete))
    }

    /// What to do now, in order: the actions of all runs, each once with the items of all of them. Items of several servers name
    /// theirs.
    pub(crate) fn actions(&self) -> Vec<ActionRecord> {
        let several = self.servers().len() > 1;
        let mut merged: Vec<ActionRecord> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut links: HashSet<(usize, &str)> = HashSet::new();
        for run in &self.runs {
            for given in run.actions() {
                let mut action = given.clone();
                let place = *places.entry(&given.id).or_insert(merged.len());
                let new_links = given.references.iter().filter(|link| links.insert((place, link.as_str())));
                action.references = new_links.cloned().collect();
                if several {
                    let server = run.server();
                    action
                        .items
                        .iter_mut()
                        .for_each(|item| item.description = format!("{server}: {}", item.description));
                }
                match merged.get_mut(place) {
                    Some(known) => {
                        known.items.append(&mut action.items);
                        known.items_omitted = known.items_omitted.saturating_add(action.items_omitted);
                        known.references.append(&mut action.references);
                    }
                    None => merged.push(action),
                }
            }
        }
        merged.sort_by_key(|action| action.order);
        merged
    }

    /// The names of the servers, each once, in order.
    pub fn servers(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        self.runs.iter().map(Run::server).filter(|name| seen.insert(name.to_lowercase())).collect()
    }
}

impl Run {
    /// The name of the server: that of the host, or what the evidence is called.
    pub(crate) fn server(&self) -> &str {
        let host = self.host.as_ref().and_then(|host| host.name.as_deref());
        let evidence = || Some(self.start.as_ref()?.sources.first()?.analysis_path.as_str());
        host.or_else(evidence).unwrap_or(if self.input.is_empty() { "unknown server" } else { &self.input })
    }

    /// What to do now, in order.
    pub(crate) fn actions(&self) -> &[ActionRecord] {
        self.end
            .as_ref()
            .and_then(|end| end.summary.as_ref())
            .map(|summary| summary.actions.as_slice())
            .unwrap_or_default()
    }

    /// The highest level of what was found, whether or not its record was written (`--min-level`) and kept.
    fn highest(&self) -> Option<Level> {
        let findings = self.findings.iter().map(|finding| finding.body.level.0);
        let kept = findings.chain(self.hits.iter().map(|hit| hit.body.level.0));
        let summary = self.end.as_ref().and_then(|end| end.summary.as_ref());
        let counts =
            summary.into_iter().flat_map(|summary| summary.findings.iter().chain(summary.log_hits.iter().flatten()));
        let counted = counts.filter(|level| level.count > 0).map(|level| level.value.0);
        kept.chain(counted).chain(self.omitted.highest).max()
    }

    /// Of one id the last record counts: what is suppressed in the end is not found as well.
    fn forget_suppressed(&mut self) {
        let ids: HashSet<&str> = self.suppressed.iter().map(|finding| finding.head.event.id.as_str()).collect();
        self.findings.retain(|finding| !ids.contains(finding.head.event.id.as_str()));
        let ids: HashSet<&str> = self.suppressed_hits.iter().map(|hit| hit.head.event.id.as_str()).collect();
        self.hits.retain(|hit| !ids.contains(hit.head.event.id.as_str()));
    }

    /// Takes note of records that are not in what was read: then the run is not complete, whatever its end says.
    fn is_missing(&mut self, what: &str) {
        let Some(end) = &mut self.end else { return };
        end.complete = false;
        let Some(summary) = &mut end.summary else { return };
        summary.gaps = Some(match summary.gaps.take() {
            Some(gaps) => format!("{gaps}, {what}"),
            None => what.to_owned(),
        });
        if summary.verdict.0 == Outcome::NothingFound {
            summary.verdict.0 = Outcome::Incomplete;
            summary.description = "nothing found in the records that could be read back".to_owned();
            if let Some(head) = self.heads.get_mut("scan_end") {
                head.message = summary.in_words();
            }
        }
    }
}

impl<B> Entry<B> {
    /// The path of the file that the record is about; empty where it is about none.
    pub(crate) fn path(&self) -> &str {
        self.head.file.as_ref().map(|file| file.path.as_str()).unwrap_or_default()
    }
}
