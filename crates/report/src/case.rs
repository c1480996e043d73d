//! Everything that one or more runs found, as records: what every format but JSONL is written from, whether the run has just
//! ended or its JSONL output is read back.

mod files;
mod gaps;
mod read;
#[cfg(test)]
pub(crate) mod sample;

pub use files::{FileState, FileUse, RunFile, RunFiles, RunSource};
pub(crate) use gaps::Gap;
pub use read::{CaseReader, ReadError};

use crate::Recorder;
use crate::model::{AnalysisResults, Level, Outcome, Subject, TechniquesOf};
use crate::record::{
    ActionRecord, BaselineRecord, Body, Client, CoverageRecord, EndBody, ErrorMessage, Event, File, FindingBody,
    HealthRecord, HitBody, Host, ImplausibleTime, Labels, Observer, ProblemRecord, Record, Related, RequestsRecord,
    Rule, RunRecord, ShadowCopyRecord, SiteRecord, SpanRecord, Threat, Time, TimelineRecord, Url, User, Vulnerability,
};
use std::collections::{BTreeSet, HashMap};

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
    /// Records of files without a finding (`--all`), which are counted and not kept.
    pub(crate) examined: u64,
    /// The end of the run with its verdict; `None` where the output ends before.
    pub(crate) end: Option<EndBody>,
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
    pub(crate) implausible_times: Vec<ImplausibleTime>,
}

impl Case {
    /// The results of a run that has just ended. `techniques_of`: the table of checks.
    pub fn of_results(results: &AnalysisResults, techniques_of: TechniquesOf) -> Self {
        let recorder = Recorder::new(results.run.clone(), results.sources.clone(), techniques_of);
        let mut case = Builder::default();
        let mut add = |record| case.add(record, "");
        add(recorder.start(&results.discovered));
        results.findings.iter().for_each(|finding| add(recorder.finding(finding, false)));
        results.problems.iter().for_each(|problem| add(recorder.problem(problem)));
        if let Some(logs) = &results.logs {
            logs.hits.iter().for_each(|hit| add(recorder.hit(hit, false)));
            logs.requests.iter().for_each(|requests| add(recorder.requests(requests)));
            add(recorder.log_coverage(&logs.spans));
        }
        results.health.iter().for_each(|health| add(recorder.health(health)));
        results.timeline.iter().for_each(|event| add(recorder.timeline_event(event)));
        results.coverage.iter().for_each(|coverage| add(recorder.coverage(coverage, &results.skipped)));
        add(if results.judged {
            recorder.end(&results.summary)
        } else {
            recorder.end_without_verdict(&results.summary)
        });
        let mut case = case.done();
        for run in &mut case.runs {
            run.omitted = Omitted {
                findings: results.findings_omitted,
                problems: results.problems_omitted,
                timeline: results.timeline_omitted,
                hits: results.logs.as_ref().map(|logs| logs.hits_omitted).unwrap_or_default(),
            };
        }
        case
    }

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
        let levels = self.runs.iter().flat_map(|run| {
            let findings = run.findings.iter().map(|finding| finding.body.level.0);
            findings.chain(run.hits.iter().map(|hit| hit.body.level.0))
        });
        levels.into_iter().any(|found| found >= level)
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
        for run in &self.runs {
            for action in run.actions() {
                let mut action = action.clone();
                if several {
                    let server = run.server();
                    action
                        .items
                        .iter_mut()
                        .for_each(|item| item.description = format!("{server}: {}", item.description));
                }
                match merged.iter_mut().find(|known| known.id == action.id) {
                    Some(known) => {
                        known.items.append(&mut action.items);
                        known.items_omitted = known.items_omitted.saturating_add(action.items_omitted);
                        action.references.retain(|reference| !known.references.contains(reference));
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
    pub(crate) fn servers(&self) -> Vec<&str> {
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

    /// The verdict; `None` of a run that does not judge, and of one that was cut short.
    pub(crate) fn verdict(&self) -> Option<Outcome> {
        Some(self.end.as_ref()?.summary.as_ref()?.verdict.0)
    }
}

/// The place of a record in its list, by its run, its kind and its id: of one id the last record counts.
type Places = HashMap<(usize, &'static str, String), usize>;

/// Puts records together, run by run.
#[derive(Default)]
pub(crate) struct Builder {
    case: Case,
    /// The place of a run, by its id.
    runs: HashMap<String, usize>,
    places: Places,
}

impl Builder {
    /// Adds a record that was read from this input.
    pub(crate) fn add(&mut self, record: Record, input: &str) {
        let Record { timestamp, ecs: _, message, event, host, observer, labels, .. } = record;
        let Record { file, url, rule, threat, error, source, user, vulnerability, related, shellsift, .. } = record;
        let case = &mut self.case;
        let at = *self.runs.entry(shellsift.scan_id).or_insert_with_key(|scan_id| {
            case.runs.push(Run { scan_id: scan_id.clone(), input: input.to_owned(), ..Run::default() });
            case.runs.len() - 1
        });
        let Some(run) = case.runs.get_mut(at) else { return };
        if run.input != input {
            let note = format!("{} and {input} are outputs of the same run and are taken as one", run.input);
            if !case.notes.contains(&note) {
                case.notes.push(note);
            }
        }
        run.host = host.or(run.host.take());
        run.labels = labels.or(run.labels.take());
        run.observer = Some(observer);
        let head = Head {
            timestamp,
            message,
            event,
            file,
            url,
            rule,
            threat,
            error,
            source,
            user,
            vulnerability,
            related,
            implausible_times: shellsift.implausible_times,
        };
        let (places, of) = (&mut self.places, (at, shellsift.body.name()));
        match shellsift.body {
            Body::ScanStart(body) => run.start = Some(body.run),
            Body::Finding(body) => put(&mut run.findings, places, of, head, *body),
            Body::Examined(_) => run.examined += 1,
            Body::Problem(body) => put(&mut run.problems, places, of, head, body.problem),
            Body::Coverage(body) => run.coverage = Some(body.coverage),
            Body::LogHit(body) => put(&mut run.hits, places, of, head, body),
            Body::FileRequests(body) => put(&mut run.requests, places, of, head, body.requests),
            Body::LogCoverage(body) => run.log_coverage = Some(body.log_coverage),
            Body::Health(body) => put(&mut run.health, places, of, head, body.health),
            Body::TimelineEvent(body) => put(&mut run.timeline, places, of, head, body.timeline_event),
            Body::ShadowCopy(body) => put(&mut run.shadow_copies, places, of, head, body.shadow_copy),
            Body::Site(body) => put(&mut run.sites, places, of, head, body.site),
            Body::Comparison(body) => put(&mut run.comparisons, places, of, head, body.baseline),
            Body::ScanEnd(body) => run.end = Some(body),
        }
    }

    /// All of them, in order.
    pub(crate) fn done(mut self) -> Case {
        for run in &mut self.case.runs {
            run.findings.sort_by(|a, b| {
                let level = b.body.level.0.cmp(&a.body.level.0);
                level.then(b.body.score.total_cmp(&a.body.score)).then_with(|| a.path().cmp(b.path()))
            });
            run.timeline.sort_by_key(|event| event.head.timestamp);
        }
        self.case
    }
}

/// Puts a record into its list, in the place of an earlier one of the same id.
fn put<B>(list: &mut Vec<Entry<B>>, places: &mut Places, of: (usize, &'static str), head: Head, body: B) {
    let next = list.len();
    let place = *places.entry((of.0, of.1, head.event.id.clone())).or_insert(next);
    let entry = Entry { head, body };
    match list.get_mut(place) {
        Some(earlier) => *earlier = entry,
        None => list.push(entry),
    }
}

impl<B> Entry<B> {
    /// The path of the file that the record is about; empty where it is about none.
    pub(crate) fn path(&self) -> &str {
        self.head.file.as_ref().map(|file| file.path.as_str()).unwrap_or_default()
    }
}
