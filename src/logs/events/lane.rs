//! Reads the event logs and crash reports of a server with several workers.

use super::{Context, Survey, examine, wer};
use crate::evidence::Evidence;
use crate::logs::{Ledger, Pace, ledger};
use crate::model::{LogReport, LogSpan, Problem, ProblemKind, ServerPath};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many holes of a kind of log are kept, the longest ones.
const HOLES: usize = 10;

/// What is read, and with what.
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
    pub pace: Pace,
}

#[derive(Default)]
struct Gathered {
    ledger: Ledger,
    spans: Vec<LogSpan>,
    problems: Vec<(usize, Problem)>,
}

/// Reads all of them and adds what they show, and what they cover, to what text logs told. What could not be read is told in
/// the order of the files.
pub fn add(job: &Job<'_>, report: &mut LogReport, tell: &mut dyn FnMut(Problem)) {
    let files: Vec<(&ServerPath, bool)> = job.survey.logs.iter().map(|(path, _)| (path, true)).collect();
    let reports = job.survey.reports.iter().map(|(path, _)| (path, false));
    let files: Vec<(&ServerPath, bool)> = files.into_iter().chain(reports).collect();
    let next = AtomicUsize::new(0);
    let gathered: Vec<Gathered> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..job.threads.clamp(1, files.len().max(1))).map(|_| scope.spawn(|| work(job, &files, &next))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let mut all = Gathered::default();
    for one in gathered {
        all.ledger.merge(one.ledger);
        all.spans.extend(one.spans);
        all.problems.extend(one.problems);
    }
    all.problems.sort_by(|a, b| (a.0, &a.1.message).cmp(&(b.0, &b.1.message)));
    all.problems.into_iter().for_each(|(_, problem)| tell(problem));
    let (hits, beyond) = all.ledger.into_hits();
    report.hits.extend(hits);
    report.hits.sort_by(|a, b| (a.first.is_none(), a.first, b.grade).cmp(&(b.first.is_none(), b.first, a.grade)));
    report.hits_beyond += beyond;
    ledger::left_out("event logs", beyond).into_iter().for_each(tell);
    report.spans.extend(joined(all.spans));
    if job.survey.has_folder {
        let missing = job.survey.missing.iter();
        report.spans.extend(missing.map(|log| LogSpan { kind: (*log).to_owned(), ..LogSpan::default() }));
    }
}

fn work(job: &Job<'_>, files: &[(&ServerPath, bool)], next: &AtomicUsize) -> Gathered {
    (job.pace.on_worker)();
    let mut own = Gathered::default();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(&(path, is_log)) = files.get(at) else { break };
        if job.interrupted.load(Ordering::Relaxed) {
            break;
        }
        let mut problems = Vec::new();
        let read = job.pace.work(|| {
            catch_unwind(AssertUnwindSafe(|| match is_log {
                true => own.spans.push(examine(job.evidence, path, job.context, &mut own.ledger, &mut problems)),
                false => wer::examine(job.evidence, path, &mut own.ledger, &mut problems),
            }))
        });
        if read.is_err() {
            let message = "internal error while this log was read; please report it";
            problems.push(Problem::at(ProblemKind::DetectorStopped, path, message));
        }
        own.problems.extend(problems.into_iter().map(|problem| (at, problem)));
    }
    own
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
                own.holes.extend(span.holes);
                own.holes_count += span.holes_count;
                let length =
                    |hole: &(crate::model::Timestamp, crate::model::Timestamp)| hole.1.seconds() - hole.0.seconds();
                own.holes.sort_by(|a, b| length(b).cmp(&length(a)).then(a.cmp(b)));
                own.holes.truncate(HOLES);
            }
        }
    }
    kinds.into_values()
}
