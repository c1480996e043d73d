//! Puts the records of one or more runs together.

use super::{Case, Entry, ExaminedFile, Head, Omitted, Run};
use crate::Recorder;
use crate::model::{AnalysisResults, Level, TechniquesOf};
use crate::record::{Body, ExaminedBody, Record};
use crate::text::{plain, truncate};
use std::collections::{HashMap, HashSet};

/// The place of a record in its list, by its run, its kind and its id: of one id the last record counts.
type Places = HashMap<(usize, &'static str, String), usize>;

/// What is kept of all inputs together, in bytes of their text with a share for each record. What is beyond it is counted.
const KEPT: u64 = 1 << 30;
/// The share of a record, whatever its length.
const PER_RECORD: u64 = 2 << 10;
/// The share of a run, however few records it has.
const PER_RUN: u64 = 4 << 10;
/// The share of a file without a finding, beside its path.
const PER_FILE: u64 = 128;
/// Columns of a name in a note.
const NAME: usize = 100;

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
}

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
    /// Whether files without a finding are kept, and not only counted.
    pub(crate) keeps_files: bool,
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
        let key = (shellsift.scan_id, name);
        let path = file.as_ref().map(|file| file.path.as_str()).unwrap_or_default();
        let is_kept = self.is_kept(&shellsift.body, path, length, !self.runs.contains_key(&key));
        let level = match &shellsift.body {
            Body::Finding(body) if body.suppressed.is_none() => Some(body.level.0),
            Body::LogHit(body) if body.suppressed.is_none() => Some(body.level.0),
            _ => None,
        };
        let Some(at) = self.run(key, input, is_kept) else {
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
            Body::Examined(body) => {
                *examined += 1;
                if self.keeps_files {
                    run.files.push(ExaminedFile::of(head, &body));
                }
            }
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
    fn is_kept(&mut self, body: &Body, path: &str, length: u64, is_new_run: bool) -> bool {
        let most = match body {
            Body::ScanStart(_) | Body::Coverage(_) | Body::LogCoverage(_) | Body::ScanEnd(_) => KEPT + KEPT / 4,
            _ => KEPT,
        };
        let cost = match body {
            // A run that has just ended has bounds of its own.
            _ if length == 0 => 0,
            Body::Examined(_) if self.keeps_files => PER_FILE.saturating_add(path.len() as u64),
            Body::Examined(_) => 0,
            _ => length.saturating_add(PER_RECORD),
        };
        let cost = cost.saturating_add(if is_new_run && length > 0 { PER_RUN } else { 0 });
        let is_kept = self.kept.saturating_add(cost) <= most;
        if is_kept {
            self.kept += cost;
        }
        is_kept || cost == 0
    }

    /// The place of the run of this id and host; `None` of a run for which there is no room.
    fn run(&mut self, key: (String, String), input: &str, is_kept: bool) -> Option<usize> {
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
            let [id, one, two] = [&key.0, &*other, &key.1].map(|name| truncate(&plain(name), NAME));
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

impl ExaminedFile {
    fn of(head: Head, body: &ExaminedBody) -> Self {
        let file = head.file.unwrap_or_default();
        let sha256 = file.hash.and_then(|hash| hash.sha256).and_then(|text| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
        });
        let is_apart =
            body.ntfs.as_ref().is_some_and(|ntfs| ntfs.deleted || ntfs.remains.is_some() || ntfs.shadow.is_some());
        let apart = is_apart.then(|| head.event.id.into());
        Self { path: file.path.into(), sha256, apart }
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
