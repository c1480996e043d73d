//! The processing of a file: survey, read, decode, detect, score; and the workers that do it.

mod baseline;
mod classes;
mod compiled;
mod compiled_pages;
mod context;
mod deleted;
mod file;
mod included;
mod job;
mod journal;
mod neighbours;
mod php_includes;
mod programs;
mod read;
mod record_order;
mod recycle_bins;
mod recycled;
mod single;
mod streams;
mod survey;
mod surveyed;
mod worker;

pub use baseline::BaselineMatcher;
pub use job::{Job, Settings};
pub use read::{Digests, Reader};
pub use single::single;
pub use survey::{WalkCounters, survey, survey_with_copies};
pub use surveyed::Survey;

use crate::model::{Artefact, CheckInfo, Coverage, Finding, Problem, ProblemKind};
use crate::targets::UrlMap;
use crate::watch::crew::{self, Hand, ItemEvent, Turn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use worker::{Beside, BesideKind, End, Outcome, Worker};

/// The checks of this module.
pub(crate) const CHECKS: &[&CheckInfo] = &[
    &worker::BLOCKED_BY_ANTIVIRUS,
    &deleted::DELETED_FILE,
    &deleted::ORPHANED,
    &deleted::RECORD_SLACK,
    &deleted::LOG_FILE,
    &deleted::NAME_ONLY,
    &recycle_bins::IN_BIN,
    &recycle_bins::BIN_RECORD,
    &deleted::SHADOW_DELETED,
    &deleted::EARLIER_VERSION,
    &journal::PAGE_DELETED,
    &journal::TIMES_SET,
];

/// What a scan reports while it runs.
pub enum Event {
    /// A suspicious file.
    Finding(Box<Finding>),
    /// Something that could not be examined.
    Problem(Problem),
    /// A file that was examined without a finding; only reported on request.
    Clean(Box<Artefact>),
}

/// Counts for a progress display, updated by the workers.
#[derive(Debug, Default)]
pub struct Counters {
    /// Files finished.
    pub files: AtomicU64,
    /// Bytes read.
    pub bytes: AtomicU64,
    /// Findings so far.
    pub findings: AtomicU64,
}

/// Examines every surveyed file and passes each event to `report` as it is made. If `report` returns `false`, the scan ends, since
/// no output is left. `report_clean` requests [`Event::Clean`]. All threads have ended when it returns, so it waits even for a
/// read that hangs; [`scan_detached`] does not.
pub fn scan(job: &Job<'_>, counters: &Counters, report_clean: bool, report: &mut dyn FnMut(Event) -> bool) -> Coverage {
    std::thread::scope(|scope| {
        let spawn = |work| std::thread::Builder::new().spawn_scoped(scope, work).map(drop);
        collect(job, counters, report_clean, &spawn, report)
    })
}

/// As [`scan`], but abandons what hangs: a file that does not answer is reported and left, and so is one that is being examined
/// when the scan is interrupted.
pub fn scan_detached(
    job: &Job<'static>,
    counters: &'static Counters,
    report_clean: bool,
    report: &mut dyn FnMut(Event) -> bool,
) -> Coverage {
    collect(job, counters, report_clean, &crew::detached, report)
}

/// The counts of a scan in which no file was examined.
pub fn not_reached(survey: &Survey) -> Coverage {
    let mut coverage = survey.coverage.clone();
    coverage.not_reached = coverage.surveyed - (coverage.failed + coverage.skipped_total()).min(coverage.surveyed);
    coverage
}

fn collect<'j>(
    job: &Job<'j>,
    counters: &'j Counters,
    report_clean: bool,
    spawn: crew::Spawn<'_, 'j>,
    report: &mut dyn FnMut(Event) -> bool,
) -> Coverage {
    let Job { survey, settings, .. } = *job;
    let mut coverage = survey.coverage.clone();
    let (large, url_map) = (Turn::default(), UrlMap::new(job.evidence, job.plan));
    let job = *job;
    // Behind the files come the links and the folders with streams.
    let links = survey.links(job.plan).map(|(artefact, named)| Beside { artefact, named, kind: BesideKind::Link });
    let folders = survey.folders_with_streams(job.plan).map(|(artefact, named)| Beside {
        artefact,
        named,
        kind: BesideKind::Folder,
    });
    let deleted = survey.deleted.iter().map(|(file, artefact)| Beside {
        artefact: artefact.clone(),
        named: artefact.path.clone(),
        kind: BesideKind::Deleted(Box::new(file.clone())),
    });
    let vanished = survey.journal.vanished.iter().chain(&survey.recycled.gone).map(|(artefact, reasons)| Beside {
        artefact: artefact.clone(),
        named: artefact.path.clone(),
        kind: BesideKind::Vanished(reasons.clone()),
    });
    let beside: Arc<Vec<Beside>> = Arc::new(links.chain(folders).chain(deleted).chain(vanished).collect());
    let all = beside.clone();
    let path = move |at: usize| match at.checked_sub(survey.len()) {
        None => survey.path(at),
        Some(at) => all[at].artefact.path.clone(),
    };
    let total = survey.len() + beside.len();
    let work = move |hand: &Hand<'j, Outcome>| {
        (settings.on_worker)();
        let mut worker = Worker::new(job, &large, &url_map, report_clean);
        while let Some(at) = hand.next() {
            let begin = Instant::now();
            let done = match at.checked_sub(survey.len()) {
                None => worker.safely(&survey.path(at), |worker| worker.examine(at, &|| hand.stopping())),
                Some(at) => worker
                    .safely(&beside[at].artefact.path, |worker| worker.beside(&beside[at], &|| hand.stopping()))
                    .map(|outcome| Outcome { end: End::Beside, ..outcome }),
            };
            let Some(outcome) = done else { break };
            counters.files.fetch_add(u64::from(at < survey.len()), Ordering::Relaxed);
            counters.bytes.fetch_add(outcome.bytes, Ordering::Relaxed);
            counters.findings.fetch_add(u64::from(outcome.finding.is_some()), Ordering::Relaxed);
            let hurry = outcome.has_report() || outcome.bytes > surveyed::LARGE;
            hand.done(at, outcome, hurry);
            if settings.cpu_limit < 100 {
                let share = f64::from(settings.cpu_limit.max(1)) / 100.0;
                rest(begin.elapsed().mul_f64(1.0 / share - 1.0), &|| hand.stopping());
            }
        }
    };
    let mut listening = true;
    let left = crew::run((settings.threads, spawn), total, settings.interrupted, work, &mut |at, event| {
        listening &= match event {
            ItemEvent::Done(outcome) => account(outcome, &mut coverage, report),
            // A problem of the file itself is reported when the file is examined again, with what its name and beginning show.
            ItemEvent::Silent(problem) | ItemEvent::Left(Some(problem)) if problem.path.as_ref() != Some(&path(at)) => {
                report(Event::Problem(problem))
            }
            ItemEvent::Left(Some(problem)) => report(Event::Problem(problem)),
            ItemEvent::Stuck => {
                let message = "examination was stopped after a quarter of an hour; please report it";
                report(Event::Problem(Problem::at(ProblemKind::DetectorAborted, &path(at), message)))
            }
            ItemEvent::Died => report(Event::Problem(Problem::at(ProblemKind::DetectorAborted, &path(at), crew::DIED))),
            ItemEvent::Silent(_) | ItemEvent::Left(None) => true,
        };
        listening
    });
    let done = coverage.examined
        + coverage.known_good
        + coverage.partially_examined
        + coverage.failed
        + coverage.skipped_total();
    coverage.not_reached = coverage.surveyed.saturating_sub(done);
    if listening && !settings.interrupted.load(Ordering::Relaxed) {
        report_unfinished(&coverage, left, report);
    }
    coverage
}

/// Reports the files that no worker examined, although the run was not interrupted, and the workers that died.
fn report_unfinished(coverage: &Coverage, left: crew::Rest, report: &mut dyn FnMut(Event) -> bool) {
    if coverage.not_reached > 0 {
        let message = format!("{} files were not reached", coverage.not_reached);
        report(Event::Problem(Problem::general(ProblemKind::DetectorAborted, message)));
    }
    let dead = crew::Rest { open: 0, ..left };
    if let Some(problem) = dead.problem("files", ProblemKind::DetectorAborted) {
        report(Event::Problem(problem));
    }
}

/// Rests, but not while the run is to end.
fn rest(time: Duration, stopping: &dyn Fn() -> bool) {
    let until = Instant::now() + time;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero() && !stopping()) {
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
}

/// Adds one file to the counts and reports its events.
fn account(outcome: Outcome, coverage: &mut Coverage, report: &mut dyn FnMut(Event) -> bool) -> bool {
    coverage.bytes += outcome.bytes;
    match outcome.end {
        End::Examined => coverage.examined += 1,
        End::KnownGood => coverage.known_good += 1,
        End::Partially => coverage.partially_examined += 1,
        End::Failed => coverage.failed += 1,
        End::Beside => {}
    }
    coverage.archives += u64::from(outcome.archive);
    let mut listening = true;
    for problem in outcome.problems {
        listening &= report(Event::Problem(problem));
    }
    if let Some(finding) = outcome.finding {
        listening &= report(Event::Finding(finding));
    }
    if let Some(clean) = outcome.clean {
        listening &= report(Event::Clean(clean));
    }
    listening
}
