//! Everything that one or more runs found, as records: what every format but JSONL is written from, whether the run has just
//! ended or its JSONL output is read back.

mod files;
mod gaps;
mod read;
#[cfg(test)]
pub(crate) mod sample;
mod suppress;

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
use crate::text::plain;
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
    /// Records of files without a finding (`--all`), which are counted and not kept.
    pub(crate) examined: u64,
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
    /// The results of a run that has just ended. `techniques_of`: the table of checks.
    pub fn of_results(results: &AnalysisResults, techniques_of: TechniquesOf) -> Self {
        let recorder = Recorder::new(results.run.clone(), results.sources.clone(), techniques_of);
        let mut case = Builder::default();
        let mut add = |record| case.add(record, 0, "");
        add(recorder.start(&results.discovered));
        results.findings.iter().for_each(|finding| add(recorder.finding(finding, false)));
        results.suppressed.iter().for_each(|(finding, what)| add(recorder.suppressed_finding(finding, what)));
        results.suppressed_hits.iter().for_each(|(hit, what)| add(recorder.suppressed_hit(hit, what)));
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
        let mut case = case.done(&HashMap::new());
        for run in &mut case.runs {
            run.omitted = Omitted {
                findings: results.findings_omitted,
                problems: results.problems_omitted,
                timeline: results.timeline_omitted,
                hits: results.logs.as_ref().map(|logs| logs.hits_omitted).unwrap_or_default(),
                ..Omitted::default()
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

    /// Records of files without a finding (`--all`), which are counted and not kept.
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
                head.message = format!("{}: {}", summary.verdict.0.name(), summary.description);
            }
        }
    }

    /// The verdict; `None` of a run that does not judge.
    pub(crate) fn verdict(&self) -> Option<Outcome> {
        match &self.end {
            Some(end) => Some(end.summary.as_ref()?.verdict.0),
            None => Some(self.verdict_so_far()),
        }
    }

    /// The verdict on what is left of a run that was cut short: it may have found more.
    fn verdict_so_far(&self) -> Outcome {
        let found = |level| self.findings.iter().any(|finding| finding.body.level.0 >= level);
        match () {
            () if found(Level::High) => Outcome::Compromised,
            () if found(Level::Medium) || self.hits.iter().any(|hit| hit.body.level.0 >= Level::Medium) => {
                Outcome::Suspicious
            }
            () => Outcome::Incomplete,
        }
    }
}

/// The place of a record in its list, by its run, its kind and its id: of one id the last record counts.
type Places = HashMap<(usize, &'static str, String), usize>;

/// What is kept of all inputs together, in bytes of their text with a share for each record. What is beyond it is counted.
const KEPT: u64 = 1 << 30;
/// The share of a record, whatever its length.
const PER_RECORD: u64 = 2 << 10;

/// Puts records together, run by run.
#[derive(Default)]
pub(crate) struct Builder {
    case: Case,
    /// The place of a run, by its id and its host: two servers never are one run, whatever their outputs say.
    runs: HashMap<(String, String), usize>,
    /// The hosts of each id.
    hosts: HashMap<String, String>,
    places: Places,
    /// The inputs of each run, each with the records of files without a finding that it has.
    inputs: HashMap<(usize, String), u64>,
    noted: HashSet<String>,
    kept: u64,
    /// Records beyond the bound of runs that are not kept at all.
    omitted: u64,
    /// Their highest level.
    highest: Option<Level>,
}

impl Builder {
    /// Adds a record that was read from this input, where it has this many bytes.
    pub(crate) fn add(&mut self, record: Record, length: u64, input: &str) {
        let Record { timestamp, ecs: _, message, event, host, observer, labels, .. } = record;
        let Record { file, url, rule, threat, error, source, user, vulnerability, related, shellsift, .. } = record;
        let name =
            host.as_ref().and_then(|host| host.name.as_ref()).map(|name| name.to_lowercase()).unwrap_or_default();
        let is_kept = self.is_kept(&shellsift.body, length);
        let level = match &shellsift.body {
            Body::Finding(body) if body.suppressed.is_none() => Some(body.level.0),
            Body::LogHit(body) if body.suppressed.is_none() => Some(body.level.0),
            _ => None,
        };
        let Some(at) = self.run(shellsift.scan_id, name, input, is_kept) else {
            self.omitted += 1;
            self.highest = self.highest.max(level);
            return;
        };
        let examined = self.inputs.entry((at, input.to_owned())).or_default();
        let Some(run) = self.case.runs.get_mut(at) else { return };
        if !is_kept {
            return run.omitted.add(&shellsift.body, level);
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
            preliminary: shellsift.preliminary,
            implausible_times: shellsift.implausible_times,
        };
        let (places, of) = (&mut self.places, (at, shellsift.body.name()));
        match shellsift.body {
            Body::Finding(body) if body.suppressed.is_some() => {
                put(&mut run.suppressed, places, (at, "suppressed finding"), head, *body);
            }
            Body::LogHit(body) if body.suppressed.is_some() => {
                put(&mut run.suppressed_hits, places, (at, "suppressed log_hit"), head, body);
            }
            Body::Finding(body) => put(&mut run.findings, places, of, head, *body),
            Body::Examined(_) => *examined += 1,
            Body::Problem(body) => put(&mut run.problems, places, of, head, body.problem),
            Body::LogHit(body) => put(&mut run.hits, places, of, head, body),
            Body::FileRequests(body) => put(&mut run.requests, places, of, head, body.requests),
            Body::Health(body) => put(&mut run.health, places, of, head, body.health),
            Body::TimelineEvent(body) => put(&mut run.timeline, places, of, head, body.timeline_event),
            Body::ShadowCopy(body) => put(&mut run.shadow_copies, places, of, head, body.shadow_copy),
            Body::Site(body) => put(&mut run.sites, places, of, head, body.site),
            Body::Comparison(body) => put(&mut run.comparisons, places, of, head, body.baseline),
            single => {
                run.heads.insert(of.1, head);
                match single {
                    Body::ScanStart(body) => run.start = Some(body.run),
                    Body::Coverage(body) => run.coverage = Some(body.coverage),
                    Body::LogCoverage(body) => run.log_coverage = Some(body.log_coverage),
                    Body::ScanEnd(body) => run.end = Some(body),
                    _ => {}
                }
            }
        }
    }

    /// Whether there is room for a record. How a run ended outweighs one finding more.
    fn is_kept(&mut self, body: &Body, length: u64) -> bool {
        let (cost, most) = match body {
            Body::Examined(_) => return true,
            Body::ScanStart(_) | Body::Coverage(_) | Body::LogCoverage(_) | Body::ScanEnd(_) => {
                (length, KEPT + KEPT / 4)
            }
            _ => (length, KEPT),
        };
        // A run that has just ended has bounds of its own.
        let cost = if cost == 0 { 0 } else { cost.saturating_add(PER_RECORD) };
        let is_kept = self.kept.saturating_add(cost) <= most;
        if is_kept {
            self.kept += cost;
        }
        is_kept
    }

    /// The place of the run of this id and host; `None` of a run for which there is no room.
    fn run(&mut self, scan_id: String, host: String, input: &str, is_kept: bool) -> Option<usize> {
        let key = (scan_id, host);
        if let Some(at) = self.runs.get(&key) {
            let first = &self.case.runs.get(*at)?.input;
            if first != input && !self.inputs.contains_key(&(*at, input.to_owned())) {
                let note = format!("{first} and {input} are outputs of the same run and are taken as one");
                if self.noted.insert(note.clone()) {
                    self.case.notes.push(note);
                }
            }
            return Some(*at);
        }
        if !is_kept {
            return None;
        }
        let other = self.hosts.entry(key.0.clone()).or_insert_with(|| key.1.clone());
        if *other != key.1 {
            let (id, one, two) = (plain(&key.0), plain(other), plain(&key.1));
            let note = format!("run {id} has records of two hosts ({one:?} and {two:?}), which are taken as two runs");
            if self.noted.insert(note.clone()) {
                self.case.notes.push(note);
            }
        }
        self.case.runs.push(Run { scan_id: key.0.clone(), input: input.to_owned(), ..Run::default() });
        self.runs.insert(key, self.case.runs.len() - 1);
        Some(self.case.runs.len() - 1)
    }

    /// All of them, in order. `unread`: how many records of an input could not be read.
    pub(crate) fn done(mut self, unread: &HashMap<String, u64>) -> Case {
        let mut missing: HashMap<usize, u64> = HashMap::new();
        for ((at, input), examined) in &self.inputs {
            *missing.entry(*at).or_default() += unread.get(input).copied().unwrap_or_default();
            if let Some(run) = self.case.runs.get_mut(*at) {
                run.examined = run.examined.max(*examined);
            }
        }
        for (at, run) in self.case.runs.iter_mut().enumerate() {
            run.forget_suppressed();
            run.findings.sort_by(|a, b| {
                let level = b.body.level.0.cmp(&a.body.level.0);
                let score = b.body.score.total_cmp(&a.body.score);
                level
                    .then(score)
                    .then_with(|| a.path().cmp(b.path()))
                    .then_with(|| a.head.event.id.cmp(&b.head.event.id))
            });
            run.timeline
                .sort_by(|a, b| (a.head.timestamp, &a.head.event.id).cmp(&(b.head.timestamp, &b.head.event.id)));
            match missing.get(&at) {
                Some(0) | None => {}
                Some(1) => run.is_missing("1 record of the output could not be read back"),
                Some(many) => run.is_missing(&format!("{many} records of the output could not be read back")),
            }
        }
        let omitted: u64 = self.omitted + self.case.runs.iter().map(|run| run.omitted.all()).sum::<u64>();
        if omitted > 0 {
            let words = format!("{omitted} records were not kept: the results are larger than {} MiB", KEPT >> 20);
            self.case.runs.iter_mut().filter(|run| run.omitted.all() > 0).for_each(|run| run.is_missing(&words));
            self.case.unread.push(words);
            let highest = self.highest;
            self.case.runs.iter_mut().take(1).for_each(|run| run.omitted.highest = run.omitted.highest.max(highest));
        }
        self.case
    }
}

impl Omitted {
    fn add(&mut self, body: &Body, level: Option<Level>) {
        self.highest = self.highest.max(level);
        let count = match body {
            Body::Finding(_) => &mut self.findings,
            Body::Problem(_) => &mut self.problems,
            Body::TimelineEvent(_) => &mut self.timeline,
            _ => &mut self.others,
        };
        *count += 1;
    }

    fn all(&self) -> u64 {
        self.findings + self.problems + self.timeline + self.others
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
