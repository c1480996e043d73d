//! Reads the event logs and crash reports of a server with several workers.

use super::{Context, Survey, examine as examine_log, is_event_log, wer};
use crate::evidence::Evidence;
use crate::logs::{HitAggregator, Throttle, aggregate, examine};
use crate::model::{LogReport, LogSpan, Problem, ProblemKind, ServerPath};
use crate::watch::crew::{self, Hand, Told};
use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

/// How many holes of a kind of log are kept, the longest ones.
const HOLES: usize = 10;

/// What is read, and with what.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    /// Where the files come from.
    pub evidence: &'j dyn Evidence,
    /// The files.
    pub survey: &'j Survey,
    /// What events are judged by.
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
    /// A log if its content says so. What it covers, and damage in it, are told of the logs alone that are looked for.
    Other,
}

#[derive(Default)]
struct WorkerOutput {
    aggregate: HitAggregator,
    spans: Vec<LogSpan>,
    problems: Vec<(usize, Problem)>,
}

/// Reads all of them and adds what they show, and what they cover, to what text logs told. What could not be read is told in
/// the order of the files. Threads that the evidence does not answer are left behind.
pub fn add(job: &Job<'static>, report: &mut LogReport, tell: &mut dyn FnMut(examine::Event<'_>)) {
    let of = |files: &'static [(ServerPath, u64)], kind| files.iter().map(move |(path, _)| (path, kind));
    let survey = job.survey;
    let files: Vec<(&ServerPath, What)> = of(&survey.logs, What::Log)
        .chain(of(&survey.reports, What::Report))
        .chain(of(&survey.others, What::Other))
        .collect();
    let (own, numbers) = (*job, files.clone());
    let work = move |hand: &Hand<'static, WorkerOutput>| work(&own, &numbers, hand);
    let mut all = WorkerOutput::default();
    let mut news = examine::News::default();
    let left = crew::run((job.threads, &crew::detached), files.len(), job.interrupted, work, &mut |at, told| {
        match told {
            Told::Done(one) => {
                news.tell(&one.aggregate, tell);
                all.aggregate.merge(one.aggregate);
                all.spans.extend(one.spans);
                all.problems.extend(one.problems);
            }
            // What is said of the log itself comes when it is read again, up to where there was no answer.
            Told::Silent(problem) if problem.path.as_ref() == files.get(at).map(|(path, _)| *path) => {}
            Told::Silent(problem) | Told::Left(Some(problem)) => all.problems.push((at, problem)),
            Told::Stuck | Told::Left(None) => {}
        }
        true
    });
    if left > 0 && !job.interrupted.load(Ordering::Relaxed) {
        let message = format!("{left} event logs were not read to their end");
        all.problems.push((0, Problem::general(ProblemKind::LogDamaged, message)));
    }
    all.problems.sort_by(|a, b| (a.0, &a.1.message).cmp(&(b.0, &b.1.message)));
    all.problems.into_iter().for_each(|(_, problem)| tell(examine::Event::Problem(problem)));
    let (hits, beyond) = all.aggregate.into_hits();
    report.hits.extend(hits);
    report.hits.sort_by(|a, b| (a.first.is_none(), a.first, b.stage).cmp(&(b.first.is_none(), b.first, a.stage)));
    report.hits_omitted += beyond;
    aggregate::left_out("event logs", beyond).into_iter().for_each(|problem| tell(examine::Event::Problem(problem)));
    report.spans.extend(joined(all.spans));
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
                    own.spans.push(examine_log(job.evidence, path, job.context, &mut own.aggregate, &mut problems));
                }
                What::Report => wer::examine(job.evidence, path, &mut own.aggregate, &mut problems),
                What::Other if is_log(job.evidence, path) => {
                    examine_log(job.evidence, path, job.context, &mut own.aggregate, &mut Vec::new());
                }
                What::Other => {}
            }))
        });
        if read.is_err() {
            let message = "internal error while this log was read; please report it";
            problems.push(Problem::at(ProblemKind::DetectorStopped, path, message));
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

/// A log with its archived parts is one span.
fn joined(spans: Vec<LogSpan>) -> impl Iterator<Item = LogSpan> {
    let mut kinds: BTreeMap<String, LogSpan> = BTreeMap::new();
    for span in spans {
        match kinds.get_mut(&span.kind) {
            None => {
                kinds.insert(span.kind.clone(), span);
            }
            Some(own) => {
                own.files += span.files;
                own.bytes += span.bytes;
                own.first = [own.first, span.first].into_iter().flatten().min();
                own.last = own.last.max(span.last);
                own.gaps.extend(span.gaps);
                own.gaps_count += span.gaps_count;
                let length =
                    |hole: &(crate::model::Timestamp, crate::model::Timestamp)| hole.1.seconds() - hole.0.seconds();
                own.gaps.sort_by(|a, b| length(b).cmp(&length(a)).then(a.cmp(b)));
                own.gaps.truncate(HOLES);
            }
        }
    }
    kinds.into_values()
}
