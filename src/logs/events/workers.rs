//! Reads the event logs and crash reports of a server with several workers.

use super::span::Covered;
use super::{Context, Survey, cover, cover_deleted, is_event_log, wer};
use crate::evidence::Evidence;
use crate::logs::coverage::add_not_read;
use crate::logs::{HitAggregator, Throttle, aggregate, examine};
use crate::model::{LogReport, LogSpan, Problem, ProblemKind, Remains, ServerPath};
use crate::watch::crew::{self, Hand, ItemEvent};
use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is read, and with what.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    /// Where the files come from.
    pub evidence: &'j dyn Evidence,
    /// The files.
    pub survey: &'j Survey,
    /// What events are checked with.
    pub context: &'j Context<'j>,
    /// Workers, at least one.
    pub threads: usize,
    /// Set from outside to stop early.
    pub interrupted: &'j AtomicBool,
    /// How politely they work.
    pub throttle: Throttle,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Log,
    Report,
    /// The place of a deleted log in the survey.
    Deleted(usize),
    /// A log if its content says so. What it covers, and damage in it, are reported only for the logs that are searched for.
    Other,
}

#[derive(Default)]
struct WorkerOutput {
    aggregate: HitAggregator,
    spans: Vec<Covered>,
    /// Deleted logs that turned out to be none.
    not_read: Vec<(ServerPath, Remains)>,
    problems: Vec<(usize, Problem)>,
}

/// Reads all of them and adds what they show, and what they cover, to the report of text logs. What could not be read is reported in
/// the order of the files. Threads that the evidence does not answer are left behind.
pub fn add(job: &Job<'static>, report: &mut LogReport, emit: &mut dyn FnMut(examine::Event<'_>)) {
    let of = |files: &'static [(ServerPath, u64)], kind| files.iter().map(move |(path, _)| (path, kind));
    let survey = job.survey;
    let files: Vec<(&ServerPath, What)> = of(&survey.logs, What::Log)
        .chain(of(&survey.reports, What::Report))
        .chain(of(&survey.others, What::Other))
        .chain(survey.deleted.iter().enumerate().map(|(at, file)| (&file.path, What::Deleted(at))))
        .collect();
    let (own, numbers) = (*job, files.clone());
    let work = move |hand: &Hand<'static, WorkerOutput>| work(&own, &numbers, hand);
    let mut all = WorkerOutput::default();
    let mut reported = examine::ReportedHits::default();
    let left = crew::run((job.threads, &crew::detached), files.len(), job.interrupted, work, &mut |at, done| {
        match done {
            ItemEvent::Done(one) => {
                reported.emit(&one.aggregate, emit);
                all.aggregate.merge(one.aggregate);
                all.spans.extend(one.spans);
                all.not_read.extend(one.not_read);
                all.problems.extend(one.problems);
            }
            // What is said of the log itself comes when it is read again, up to where there was no answer.
            ItemEvent::Silent(problem) if problem.path.as_ref() == files.get(at).map(|(path, _)| *path) => {}
            ItemEvent::Silent(problem) | ItemEvent::Left(Some(problem)) => all.problems.push((at, problem)),
            ItemEvent::Died => {
                let path = files.get(at).map(|(path, _)| *path);
                all.problems.extend(path.map(|path| (at, Problem::at(ProblemKind::DetectorAborted, path, crew::DIED))));
            }
            ItemEvent::Stuck | ItemEvent::Left(None) => {}
        }
        true
    });
    if !job.interrupted.load(Ordering::Relaxed) {
        all.problems.extend(left.problem("event logs", ProblemKind::LogDamaged).map(|problem| (0, problem)));
    }
    let logs = joined(all.spans);
    let last = files.len();
    all.problems.extend(logs.iter().flat_map(Covered::missing).map(|problem| (last, problem)));
    all.problems.sort_by(|a, b| (a.0, &a.1.message).cmp(&(b.0, &b.1.message)));
    all.problems.into_iter().for_each(|(_, problem)| emit(examine::Event::Problem(problem)));
    let (hits, omitted) = all.aggregate.into_hits();
    report.hits.extend(hits);
    report.hits.sort_by(|a, b| (a.first.is_none(), a.first, b.stage).cmp(&(b.first.is_none(), b.first, a.stage)));
    report.hits_omitted += omitted;
    aggregate::omitted_problem("event logs", omitted)
        .into_iter()
        .for_each(|problem| emit(examine::Event::Problem(problem)));
    let mut spans: Vec<LogSpan> = logs.into_iter().map(Covered::into_log).collect();
    all.not_read.extend(job.survey.deleted_not_read.iter().cloned());
    all.not_read.sort();
    add_not_read(all.not_read, &mut spans);
    report.spans.extend(spans);
    if job.survey.has_folder {
        let missing = job.survey.missing.iter();
        report.spans.extend(missing.map(|log| LogSpan { kind: (*log).to_owned(), ..LogSpan::default() }));
    }
}

fn work(job: &Job<'_>, files: &[(&ServerPath, What)], hand: &Hand<'_, WorkerOutput>) {
    (job.throttle.on_worker)();
    while let Some(at) = hand.next() {
        let Some(&(path, what)) = files.get(at) else { break };
        let mut own = WorkerOutput::default();
        let mut problems = Vec::new();
        let read = job.throttle.work(|| {
            catch_unwind(AssertUnwindSafe(|| match what {
                What::Log => {
                    own.spans.push(cover(job.evidence, path, job.context, &mut own.aggregate, &mut problems));
                }
                What::Deleted(at) => {
                    let Some(file) = job.survey.deleted.get(at) else { return };
                    match cover_deleted(job.evidence, file, job.context, &mut own.aggregate) {
                        Ok(covered) => own.spans.push(covered),
                        Err(remains) => own.not_read.push((file.path.clone(), remains)),
                    }
                }
                What::Report => wer::examine(job.evidence, path, &mut own.aggregate, &mut problems),
                What::Other if is_log(job.evidence, path) => {
                    cover(job.evidence, path, job.context, &mut own.aggregate, &mut Vec::new());
                }
                What::Other => {}
            }))
        });
        if read.is_err() {
            let message = "internal error while this log was read; please report it";
            problems.push(Problem::at(ProblemKind::DetectorAborted, path, message));
        }
        own.problems.extend(problems.into_iter().map(|problem| (at, problem)));
        hand.done(at, own, true);
    }
}

/// Whether a file begins as an event log does.
fn is_log(evidence: &dyn Evidence, path: &ServerPath) -> bool {
    let mut start = [0; 8];
    let read = evidence.open(path).and_then(|mut content| content.reader.read_exact(&mut start));
    read.is_ok() && is_event_log(&start)
}

/// A log with its archived parts is one.
fn joined(files: Vec<Covered>) -> Vec<Covered> {
    let mut kinds: BTreeMap<String, Covered> = BTreeMap::new();
    for file in files {
        match kinds.get_mut(&file.log.kind) {
            None => drop(kinds.insert(file.log.kind.clone(), file)),
            Some(own) => own.add(file),
        }
    }
    kinds.into_values().collect()
}
