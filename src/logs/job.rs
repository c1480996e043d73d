//! What the workers that read text logs share, and what each of them returns.

use super::aggregate::HitAggregator;
use super::checks::cmdlets::KnownFolders;
use super::checks::{Known, LOG_CHECKS, PathClassifier};
use super::coverage::Coverage;
use super::format::Kind;
use super::needles::{Needle, Search};
use super::requests::Requests;
use super::sources::Sources;
use super::text::clean_path;
use super::throttle::Throttle;
use crate::evidence::Evidence;
use crate::model::{Problem, ServerPath};
use crate::targets::Exists;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Problems that are kept until they are reported.
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
    /// Whether a script is on disk, by its URL path: decoded, in lower case, with single slashes.
    pub exists: &'j (dyn Fn(&str) -> Exists + Sync),
    /// The server's Exchange installations, and the folders that its web server serves.
    pub folders: &'j KnownFolders,
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
    pub(super) pages: PathClassifier<'t>,
    searches: Vec<Search>,
    /// For the lines of which the query matters.
    pub(super) words: Search,
    /// Ids of requests for found files.
    pub(super) ids: OnceLock<HashMap<u128, u32>>,
    /// The files and URLs that numbers stand for.
    pub(super) found: Vec<(&'t ServerPath, &'t str)>,
}

impl<'t> Shared<'t> {
    pub(super) fn new(job: Job<'t>) -> Self {
        let mut found = Vec::new();
        let mut urls: HashMap<String, Vec<u32>> = HashMap::new();
        for (path, reached_at) in job.found {
            for url in reached_at {
                let Ok(number) = u32::try_from(found.len()) else { break };
                found.push((path, url.as_str()));
                urls.entry(clean_path(url)).or_default().push(number);
            }
        }
        let searches = KINDS.iter().map(|kind| {
            let checks = LOG_CHECKS.iter().filter(|check| check.kinds.contains(kind));
            let needles: Vec<Needle> = checks.flat_map(|check| check.needles).copied().collect();
            Search::new(&needles)
        });
        Self {
            job,
            known: Known { folders: job.folders },
            pages: PathClassifier::new(urls, job.exists),
            searches: searches.collect(),
            words: Search::new(&LOG_CHECKS.iter().flat_map(|check| check.words).copied().collect::<Vec<_>>()),
            ids: OnceLock::new(),
            found,
        }
    }

    pub(super) fn search(&self, kind: Kind) -> Option<&Search> {
        self.searches.get(kind as usize)
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
    pub(super) fn bound(&mut self) {
        self.problems.sort_by(|a, b| (a.0, &a.1.message).cmp(&(b.0, &b.1.message)));
        self.problems_omitted += self.problems.len().saturating_sub(MOST_PROBLEMS) as u64;
        self.problems.truncate(MOST_PROBLEMS);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.aggregate.merge(other.aggregate);
        self.coverage.merge(other.coverage);
        self.requests.merge(other.requests);
        other.problems.into_iter().for_each(|(file, problem)| self.problem(file, problem));
        self.problems_omitted += other.problems_omitted;
    }
}
