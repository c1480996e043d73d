//! Reads the logs with several workers and puts together what they found.

use super::checks::cmdlets::Places;
use super::checks::{Known, LENSES, Pages};
use super::coverage::Coverage;
use super::format::Kind;
use super::ledger::{self, Ledger};
use super::needles::{Needle, Search};
use super::pace::Pace;
use super::reader::Worker;
use super::requests::Requests;
use super::survey::Sources;
use crate::evidence::Evidence;
use crate::model::{LogReport, Problem, ProblemKind, ServerPath};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Problems that are kept until they are told.
const MOST_PROBLEMS: usize = 10_000;

/// Whether a script that was asked for lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exists {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The folders that the web server serves are not known, or not all given.
    Unknown,
}

/// What is read, and with what.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    /// Where the files come from.
    pub evidence: &'j dyn Evidence,
    /// The logs.
    pub sources: &'j Sources,
    /// Files that were found suspicious, each with the URL paths that reach it.
    pub found: &'j [(ServerPath, Vec<String>)],
    /// Whether a script lies on disk, by its URL path: decoded, in lower case, with single slashes.
    pub exists: &'j (dyn Fn(&str) -> Exists + Sync),
    /// The server's Exchange installations, and the folders that its web server hands out.
    pub places: &'j Places,
    /// Workers, at least one.
    pub threads: usize,
    /// Set from outside to stop early.
    pub interrupted: &'j AtomicBool,
    /// How politely they work.
    pub pace: Pace,
    /// Counts for a progress display.
    pub counters: &'j Counters,
}

/// Counts for a progress display, updated by the workers.
#[derive(Debug, Default)]
pub struct Counters {
    /// Files finished.
    pub files: AtomicU64,
    /// Bytes read, unpacked.
    pub bytes: AtomicU64,
}

/// What all workers share.
pub(super) struct Tools<'t> {
    pub(super) job: Job<'t>,
    pub(super) known: Known<'t>,
    pub(super) pages: Pages<'t>,
    searches: Vec<Search>,
    /// For the lines of which the query matters.
    pub(super) words: Search,
    /// Ids of requests for found files.
    pub(super) ids: HashMap<u128, u32>,
    /// The files and URLs that numbers stand for.
    pub(super) found: Vec<(&'t ServerPath, &'t str)>,
}

impl Tools<'_> {
    pub(super) fn search(&self, kind: Kind) -> Option<&Search> {
        self.searches.get(kind as usize)
    }
}

/// What one worker, or all of them, found.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) ledger: Ledger,
    pub(super) coverage: Coverage,
    pub(super) requests: Requests,
    /// With the number of the file.
    pub(super) problems: Vec<(usize, Problem)>,
    pub(super) problems_beyond: u64,
}

impl Gathered {
    pub(super) fn problem(&mut self, file: usize, problem: Problem) {
        self.problems.push((file, problem));
        if self.problems.len() >= 2 * MOST_PROBLEMS {
            self.bound();
        }
    }

    /// Keeps the first ones by file and words: which ones these are follows from no order.
    fn bound(&mut self) {
        self.problems.sort_by(|a, b| (a.0, &a.1.message).cmp(&(b.0, &b.1.message)));
        self.problems_beyond += self.problems.len().saturating_sub(MOST_PROBLEMS) as u64;
        self.problems.truncate(MOST_PROBLEMS);
    }

    fn merge(&mut self, other: Self) {
        self.ledger.merge(other.ledger);
        self.coverage.merge(other.coverage);
        self.requests.merge(other.requests);
        other.problems.into_iter().for_each(|(file, problem)| self.problem(file, problem));
        self.problems_beyond += other.problems_beyond;
    }
}

/// Reads all logs and says what they show and what they cover. What could not be read is told to `tell`, in the order of the
/// files. Logs of the front-end proxy are read last, since requests for found files are looked up in them by their id.
pub fn examine(job: &Job<'_>, tell: &mut dyn FnMut(Problem)) -> LogReport {
    let mut found = Vec::new();
    let mut urls: HashMap<String, Vec<u32>> = HashMap::new();
    for (path, reached_at) in job.found {
        for url in reached_at {
            let Ok(number) = u32::try_from(found.len()) else { break };
            found.push((path, url.as_str()));
            urls.entry(super::text::clean_path(url)).or_default().push(number);
        }
    }
    let searches = KINDS.iter().map(|kind| {
        let lenses = LENSES.iter().filter(|lens| lens.kinds.contains(kind));
        let needles: Vec<Needle> = lenses.flat_map(|lens| lens.needles).copied().collect();
        Search::new(&needles)
    });
    let mut tools = Tools {
        job: *job,
        known: Known { places: job.places },
        pages: Pages::new(urls, job.exists),
        searches: searches.collect(),
        words: Search::new(&LENSES.iter().flat_map(|lens| lens.words).copied().collect::<Vec<_>>()),
        ids: HashMap::new(),
        found,
    };
    let (proxied, others): (Vec<usize>, Vec<usize>) = (0..job.sources.len()).partition(|&at| job.sources.is_proxy(at));
    let mut all = Gathered::default();
    run(&tools, &others, &mut all);
    tools.ids = all.requests.take_ids();
    run(&tools, &proxied, &mut all);

    all.bound();
    all.problems.into_iter().for_each(|(_, problem)| tell(problem));
    if all.problems_beyond > 0 {
        let message = format!("{} further problems with logs, not told one by one", all.problems_beyond);
        tell(Problem::general(ProblemKind::LogDamaged, message));
    }
    let (hits, hits_beyond) = all.ledger.into_hits();
    let (requests, ids_cut) = all.requests.into_list();
    if ids_cut {
        let message = format!(
            "more than {} requests for found files: the others were not looked up in the logs of the front-end proxy",
            super::requests::MOST_IDS
        );
        tell(Problem::general(ProblemKind::LogsCut, message));
    }
    all.coverage.cut().into_iter().for_each(|words| tell(Problem::general(ProblemKind::LogsCut, words)));
    ledger::left_out("text logs", hits_beyond).into_iter().for_each(&mut *tell);
    let (spans, builds) = all.coverage.into_spans(&job.sources.expected);
    LogReport { hits, hits_beyond, requests, spans, builds }
}

/// Every kind, at the place of its number.
const KINDS: [Kind; Kind::COUNT] = [
    Kind::HttpProxy,
    Kind::EcpServer,
    Kind::EcpActivity,
    Kind::OabGenerator,
    Kind::Ews,
    Kind::Cmdlet,
    Kind::PowerShellHttp,
    Kind::Audit,
    Kind::W3c,
    Kind::HttpErr,
    Kind::Other,
];

/// Lets the workers read these files.
fn run(tools: &Tools<'_>, files: &[usize], all: &mut Gathered) {
    let next = AtomicUsize::new(0);
    let threads = tools.job.threads.clamp(1, files.len().max(1));
    let gathered: Vec<Gathered> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    (tools.job.pace.on_worker)();
                    let mut worker = Worker::new(tools);
                    while let Some(&at) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if tools.job.interrupted.load(Ordering::Relaxed) {
                            break;
                        }
                        worker.file_safely(at);
                        tools.job.counters.files.fetch_add(1, Ordering::Relaxed);
                    }
                    worker.gathered
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    gathered.into_iter().for_each(|one| all.merge(one));
}
