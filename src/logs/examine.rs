//! Reads the logs with several workers and merges their results.

use super::aggregate::{self, HitAggregator};
use super::checks::cmdlets::KnownFolders;
use super::checks::{Known, LOG_CHECKS, Pages};
use super::coverage::Coverage;
use super::format::Kind;
use super::needles::{Needle, Search};
use super::reader::Worker;
use super::requests::Requests;
use super::survey::Sources;
use super::throttle::Throttle;
use crate::evidence::Evidence;
use crate::model::{Level, LogHit, LogReport, Problem, ProblemKind, ServerPath};
use crate::targets::Exists;
use crate::watch::crew::{self, Hand, Told};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Problems that are kept until they are told.
const MOST_PROBLEMS: usize = 10_000;

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
    pub places: &'j KnownFolders,
    /// Workers, at least one.
    pub threads: usize,
    /// Set from outside to stop early.
    pub interrupted: &'j AtomicBool,
    /// How politely they work.
    pub throttle: Throttle,
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
pub(super) struct Shared<'t> {
    pub(super) job: Job<'t>,
    pub(super) known: Known<'t>,
    pub(super) pages: Pages<'t>,
    searches: Vec<Search>,
    /// For the lines of which the query matters.
    pub(super) words: Search,
    /// Ids of requests for found files.
    pub(super) ids: OnceLock<HashMap<u128, u32>>,
    /// The files and URLs that numbers stand for.
    pub(super) found: Vec<(&'t ServerPath, &'t str)>,
}

impl Shared<'_> {
    pub(super) fn search(&self, kind: Kind) -> Option<&Search> {
        self.searches.get(kind as usize)
    }
}

/// What one worker, or all of them, found.
#[derive(Default)]
pub(super) struct WorkerOutput {
    pub(super) aggregate: HitAggregator,
    pub(super) coverage: Coverage,
    pub(super) requests: Requests,
    /// With the number of the file.
    pub(super) problems: Vec<(usize, Problem)>,
    pub(super) problems_omitted: u64,
}

impl WorkerOutput {
    pub(super) fn problem(&mut self, file: usize, problem: Problem) {
        self.problems.push((file, problem));
        if self.problems.len() >= 2 * MOST_PROBLEMS {
            self.bound();
        }
    }

    /// Keeps the first ones by file and words: which ones these are follows from no order.
    fn bound(&mut self) {
        self.problems.sort_by(|a, b| (a.0, &a.1.message).cmp(&(b.0, &b.1.message)));
        self.problems_omitted += self.problems.len().saturating_sub(MOST_PROBLEMS) as u64;
        self.problems.truncate(MOST_PROBLEMS);
    }

    fn merge(&mut self, other: Self) {
        self.aggregate.merge(other.aggregate);
        self.coverage.merge(other.coverage);
        self.requests.merge(other.requests);
        other.problems.into_iter().for_each(|(file, problem)| self.problem(file, problem));
        self.problems_omitted += other.problems_omitted;
    }
}

/// What is told while logs are read.
pub enum Event<'e> {
    /// What could not be read.
    Problem(Problem),
    /// A hit that nobody knew of yet, as far as it is known; it may become more, and what it is in the end is in the report.
    Hit(&'e LogHit),
}

/// Reads all logs and says what they show and what they cover. What could not be read is told to `tell`, in the order of the
/// files. Logs of the front-end proxy are read last, since requests for found files are looked up in them by their id.
///
/// All threads have ended when it returns, and so it waits even for a read that hangs; [`examine_detached`] does not.
pub fn examine(job: &Job<'_>, tell: &mut dyn FnMut(Problem)) -> LogReport {
    std::thread::scope(|scope| {
        let spawn = |work| std::thread::Builder::new().spawn_scoped(scope, work).map(drop);
        read(job, &spawn, &mut |event| {
            if let Event::Problem(problem) = event {
                tell(problem);
            }
        })
    })
}

/// As [`examine`], but what hangs is left behind, and hits are told as they are made.
pub fn examine_detached(job: &Job<'static>, tell: &mut dyn FnMut(Event<'_>)) -> LogReport {
    read(job, &crew::detached, tell)
}

fn read<'j>(job: &Job<'j>, spawn: crew::Spawn<'_, 'j>, tell: &mut dyn FnMut(Event<'_>)) -> LogReport {
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
        let lenses = LOG_CHECKS.iter().filter(|lens| lens.kinds.contains(kind));
        let needles: Vec<Needle> = lenses.flat_map(|lens| lens.needles).copied().collect();
        Search::new(&needles)
    });
    let tools = Arc::new(Shared {
        job: *job,
        known: Known { places: job.places },
        pages: Pages::new(urls, job.exists),
        searches: searches.collect(),
        words: Search::new(&LOG_CHECKS.iter().flat_map(|lens| lens.words).copied().collect::<Vec<_>>()),
        ids: OnceLock::new(),
        found,
    });
    let (proxied, others): (Vec<usize>, Vec<usize>) = (0..job.sources.len()).partition(|&at| job.sources.is_proxy(at));
    let mut all = WorkerOutput::default();
    let mut news = News::default();
    run(&tools, spawn, others, &mut all, &mut |hits| news.tell(hits, tell));
    let _ = tools.ids.set(all.requests.take_ids());
    run(&tools, spawn, proxied, &mut all, &mut |hits| news.tell(hits, tell));

    all.bound();
    all.problems.into_iter().for_each(|(_, problem)| tell(Event::Problem(problem)));
    if all.problems_omitted > 0 {
        let message = format!("{} more problems with logs, not listed individually", all.problems_omitted);
        tell(Event::Problem(Problem::general(ProblemKind::LogDamaged, message)));
    }
    let (hits, hits_omitted) = all.aggregate.into_hits();
    let (requests, ids_cut) = all.requests.into_list();
    if ids_cut {
        let message = format!(
            "more than {} requests for files found: the others were not looked up in the front-end proxy logs",
            super::requests::MOST_IDS
        );
        tell(Event::Problem(Problem::general(ProblemKind::LogsCut, message)));
    }
    all.coverage
        .cut()
        .into_iter()
        .for_each(|words| tell(Event::Problem(Problem::general(ProblemKind::LogsCut, words))));
    aggregate::left_out("text logs", hits_omitted).into_iter().for_each(|problem| tell(Event::Problem(problem)));
    let (spans, builds) = all.coverage.into_spans(&job.sources.expected);
    LogReport { hits, hits_omitted, requests, spans, builds }
}

/// Which hits were told already.
#[derive(Default)]
pub(super) struct News(BTreeMap<Level, HashSet<String>>);

/// How many hits of each level are told before the end. What comes after them is told there: a flood of probes holds back none that
/// weighs more.
const MOST_NEWS: usize = 20_000;

impl News {
    /// Tells those that are new.
    pub(super) fn tell(&mut self, aggregate: &HitAggregator, tell: &mut dyn FnMut(Event<'_>)) {
        for hit in aggregate.hits() {
            let told = self.0.entry(hit.level).or_default();
            if told.len() < MOST_NEWS && told.insert(hit.key().join("\0")) {
                tell(Event::Hit(hit));
            }
        }
    }
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
fn run<'j>(
    tools: &Arc<Shared<'j>>,
    spawn: crew::Spawn<'_, 'j>,
    files: Vec<usize>,
    all: &mut WorkerOutput,
    news: &mut dyn FnMut(&HitAggregator),
) {
    let job = tools.job;
    let (own, numbers) = (tools.clone(), files.clone());
    let work = move |hand: &Hand<'j, WorkerOutput>| {
        (job.throttle.on_worker)();
        let mut worker = Worker::new(&own);
        while let Some(at) = hand.next() {
            if let Some(&file) = numbers.get(at) {
                worker.file_safely(file);
            }
            job.counters.files.fetch_add(1, Ordering::Relaxed);
            hand.done(at, std::mem::take(&mut worker.gathered), true);
        }
    };
    let left = crew::run((job.threads, spawn), files.len(), job.interrupted, work, &mut |at, told| {
        let file = files.get(at).copied().unwrap_or_default();
        match told {
            Told::Done(gathered) => {
                news(&gathered.aggregate);
                all.merge(gathered);
            }
            // What is said of the log itself comes when it is read again, up to where there was no answer.
            Told::Silent(problem) if problem.path == job.sources.path(file) => {}
            Told::Silent(problem) | Told::Left(Some(problem)) => all.problem(file, problem),
            Told::Died => {
                let path = job.sources.path(file);
                let problem = |path: &ServerPath| Problem::at(ProblemKind::DetectorStopped, path, crew::DIED);
                all.problem(
                    file,
                    path.as_ref().map_or_else(|| Problem::general(ProblemKind::DetectorStopped, crew::DIED), problem),
                );
            }
            Told::Stuck | Told::Left(None) => {}
        }
        true
    });
    if let Some(problem) = left.problem("logs", ProblemKind::LogDamaged)
        && !job.interrupted.load(Ordering::Relaxed)
    {
        all.problem(0, problem);
    }
}
