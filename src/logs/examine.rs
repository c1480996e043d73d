//! Reads the logs with several workers and merges their results.

use super::aggregate::{self, HitAggregator};
use super::job::{Job, Shared, WorkerOutput};
use super::reader::Worker;
use super::requests::MOST_IDS;
use crate::model::{Level, LogHit, LogReport, Problem, ProblemKind, ServerPath};
use crate::watch::crew::{self, Hand, ItemEvent};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What is reported while logs are read.
pub enum Event<'e> {
    /// What could not be read.
    Problem(Problem),
    /// A new hit, as far as it is known; it may gain lines, and its final state is in the report.
    Hit(&'e LogHit),
}

/// Reads all logs and returns what they show and what they cover. What could not be read is passed to `emit`, in the order of the
/// files. Logs of the front-end proxy are read last, since requests for found files are looked up in them by their id.
///
/// All threads have ended when it returns, and so it waits even for a read that hangs; [`examine_detached`] does not.
pub fn examine(job: &Job<'_>, emit: &mut dyn FnMut(Problem)) -> LogReport {
    std::thread::scope(|scope| {
        let spawn = |work| std::thread::Builder::new().spawn_scoped(scope, work).map(drop);
        read(job, &spawn, &mut |event| {
            if let Event::Problem(problem) = event {
                emit(problem);
            }
        })
    })
}

/// As [`examine`], but what hangs is left behind, and hits are reported as they are made.
pub fn examine_detached(job: &Job<'static>, emit: &mut dyn FnMut(Event<'_>)) -> LogReport {
    read(job, &crew::detached, emit)
}

fn read<'j>(job: &Job<'j>, spawn: crew::Spawn<'_, 'j>, emit: &mut dyn FnMut(Event<'_>)) -> LogReport {
    let shared = Arc::new(Shared::new(*job));
    let (proxied, others): (Vec<usize>, Vec<usize>) = (0..job.sources.len()).partition(|&at| job.sources.is_proxy(at));
    let mut all = WorkerOutput::default();
    let mut reported = ReportedHits::default();
    run(&shared, spawn, others, &mut all, &mut |hits| reported.emit(hits, emit));
    let _ = shared.ids.set(all.requests.take_ids());
    run(&shared, spawn, proxied, &mut all, &mut |hits| reported.emit(hits, emit));

    all.bound();
    all.problems.into_iter().for_each(|(_, problem)| emit(Event::Problem(problem)));
    if all.problems_omitted > 0 {
        let message = format!("{} more problems with logs, not listed individually", all.problems_omitted);
        emit(Event::Problem(Problem::general(ProblemKind::LogDamaged, message)));
    }
    let (hits, hits_omitted) = all.aggregate.into_hits();
    let (requests, ids_truncated) = all.requests.into_list();
    if ids_truncated {
        let message = format!(
            "more than {} requests for files found: the others were not looked up in the front-end proxy logs",
            MOST_IDS
        );
        emit(Event::Problem(Problem::general(ProblemKind::LogResultsTruncated, message)));
    }
    all.coverage
        .truncations()
        .into_iter()
        .for_each(|words| emit(Event::Problem(Problem::general(ProblemKind::LogResultsTruncated, words))));
    aggregate::omitted_problem("text logs", hits_omitted).into_iter().for_each(|problem| emit(Event::Problem(problem)));
    job.sources.not_read.iter().for_each(|(path, remains)| all.coverage.not_read(path, *remains));
    let (spans, builds) = all.coverage.into_spans(&job.sources.expected);
    LogReport { hits, hits_omitted, requests, spans, builds }
}

/// Which hits were reported already.
#[derive(Default)]
pub(super) struct ReportedHits(BTreeMap<Level, HashSet<String>>);

/// How many hits of each level are reported before the end. Further ones are reported there: a flood of probes does not delay
/// a more serious hit.
const MOST_EARLY_HITS: usize = 20_000;

impl ReportedHits {
    /// Reports those that are new.
    pub(super) fn emit(&mut self, aggregate: &HitAggregator, emit: &mut dyn FnMut(Event<'_>)) {
        for hit in aggregate.hits() {
            let keys = self.0.entry(hit.level).or_default();
            if keys.len() < MOST_EARLY_HITS && keys.insert(hit.key().join("\0")) {
                emit(Event::Hit(hit));
            }
        }
    }
}

/// Lets the workers read these files.
fn run<'j>(
    shared: &Arc<Shared<'j>>,
    spawn: crew::Spawn<'_, 'j>,
    files: Vec<usize>,
    all: &mut WorkerOutput,
    reported: &mut dyn FnMut(&HitAggregator),
) {
    let job = shared.job;
    let (own, numbers) = (shared.clone(), files.clone());
    let work = move |hand: &Hand<'j, WorkerOutput>| {
        (job.throttle.on_worker)();
        let mut worker = Worker::new(&own);
        while let Some(at) = hand.next() {
            if let Some(&file) = numbers.get(at) {
                worker.file_safely(file);
            }
            job.counters.files.fetch_add(1, Ordering::Relaxed);
            hand.done(at, std::mem::take(&mut worker.output), true);
        }
    };
    let left = crew::run((job.threads, spawn), files.len(), job.interrupted, work, &mut |at, done| {
        let file = files.get(at).copied().unwrap_or_default();
        match done {
            ItemEvent::Done(output) => {
                reported(&output.aggregate);
                all.merge(output);
            }
            // What is said of the log itself comes when it is read again, up to where there was no answer.
            ItemEvent::Silent(problem) if problem.path == job.sources.path(file) => {}
            ItemEvent::Silent(problem) | ItemEvent::Left(Some(problem)) => all.problem(file, problem),
            ItemEvent::Died => {
                let path = job.sources.path(file);
                let problem = |path: &ServerPath| Problem::at(ProblemKind::DetectorAborted, path, crew::DIED);
                all.problem(
                    file,
                    path.as_ref().map_or_else(|| Problem::general(ProblemKind::DetectorAborted, crew::DIED), problem),
                );
            }
            ItemEvent::Stuck | ItemEvent::Left(None) => {}
        }
        true
    });
    if let Some(problem) = left.problem("logs", ProblemKind::LogDamaged)
        && !job.interrupted.load(Ordering::Relaxed)
    {
        all.problem(0, problem);
    }
}
