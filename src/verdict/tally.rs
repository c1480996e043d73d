//! Counts findings, signs in logs and problems while a run goes on, and concludes the verdict from them.

use super::born::born;
use super::{COUNTS, level_of_intrusion};
use crate::model::client::address;
use crate::model::server_path::fold;
use crate::model::{
    Coverage, Finding, Level, LogHit, LogSpan, Outcome, ProblemKind, Stage, Subject, Summary, SuppressedCounts,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What a verdict rests on, gathered while the run goes on.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Findings by level.
    pub by_level: [u64; 5],
    /// Of them, those of level high or above that only show exposure.
    pub(super) exposed: u64,
    /// The level of their other reasons.
    pub(super) beside_exposed: [u64; 5],
    /// Signs of exploitation in logs by level.
    pub hits_by_level: [u64; 5],
    /// Problems by kind.
    pub problems: BTreeMap<ProblemKind, u64>,
    /// What the user's list suppresses, which is counted nowhere else.
    pub suppressed: SuppressedCounts,
    /// The earliest plausible time at which the file of a finding of level high or above came to be or was changed, and which time it
    /// is.
    pub earliest: Option<(Timestamp, &'static str)>,
    pub(super) exploited: Trace,
    pub(super) tried: Trace,
    pub(super) noted: Trace,
}

/// How many checks the verdict names, the first ones in time.
const CHECKS_NAMED: usize = 3;
/// How many addresses, and how many accounts, are distinguished.
const CLIENTS_KEPT: usize = 10_000;

/// What hits of one weight say together.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    first: Option<Timestamp>,
    worst: Option<Level>,
    checks: Vec<&'static str>,
    addresses: BTreeSet<IpAddr>,
    /// Folded: Windows compares names without case.
    accounts: BTreeSet<String>,
}

impl Trace {
    fn add(&mut self, hit: &LogHit) {
        self.first = [self.first, hit.first].into_iter().flatten().min();
        self.worst = self.worst.max(Some(hit.level));
        if !self.checks.contains(&hit.check) {
            self.checks.push(hit.check);
        }
        let client = hit.client.trim();
        // An Internet-wide scan has thousands; more need not be distinguished.
        match address(client) {
            Some(ip) if self.addresses.len() < CLIENTS_KEPT => {
                self.addresses.insert(ip.to_canonical());
            }
            None if !client.is_empty() && self.accounts.len() < CLIENTS_KEPT => {
                self.accounts.insert(fold(client));
            }
            _ => {}
        }
    }

    /// `proxylogon, proxyshell by 3 client addresses and 1 account`
    fn in_words(&self) -> String {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let addresses = counted(self.addresses.len(), "client address", "client addresses");
        let clients = addresses.into_iter().chain(counted(self.accounts.len(), "account", "accounts"));
        let clients = clients.collect::<Vec<_>>().join(" and ");
        let clients = if clients.is_empty() { clients } else { format!(" by {clients}") };
        let names = self.checks.iter().map(|check| check.split_once('/').map_or(*check, |(_, name)| name));
        let shown = names.take(CHECKS_NAMED).collect::<Vec<_>>().join(", ");
        let more = match self.checks.len().saturating_sub(CHECKS_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{shown}{more}{clients}")
    }
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// A server, or files by themselves.
    pub subject: Subject,
    /// What was covered of files; `None` where only logs were read.
    pub files: Option<&'s Coverage>,
    /// What was covered of logs; `None` where none were read.
    pub logs: Option<&'s [LogSpan]>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The installations whose build no table knows, a line each.
    pub no_baseline: &'s [String],
}

impl Tally {
    /// Counts a finding.
    pub fn add_finding(&mut self, finding: &Finding) {
        self.by_level[finding.level as usize] += 1;
        let intrusion = level_of_intrusion(finding);
        if finding.level >= Level::High && intrusion < Level::High {
            self.exposed += 1;
            self.beside_exposed[intrusion as usize] += 1;
        } else if finding.level >= Level::High
            && let Some(born) = born(finding, Timestamp::now())
            && self.earliest.is_none_or(|earliest| born.0 < earliest.0)
        {
            self.earliest = Some(born);
        }
    }

    /// Counts a sign of exploitation.
    pub fn add_hit(&mut self, hit: &LogHit) {
        self.hits_by_level[hit.level as usize] += 1;
        match hit.level {
            Level::High | Level::Critical => self.exploited.add(hit),
            // A cleared log, granted rights: not an attempt, and what administrators do as well.
            Level::Low | Level::Medium => match hit.stage {
                Stage::Context | Stage::ConfigurationChanged | Stage::DataRead => self.noted.add(hit),
                _ => self.tried.add(hit),
            },
            Level::Info => {}
        }
    }

    /// Counts a problem.
    pub fn add_problem(&mut self, kind: ProblemKind) {
        *self.problems.entry(kind).or_default() += 1;
    }

    /// Findings at or above a level, by their level without exposure.
    fn files_from(&self, level: Level) -> u64 {
        let of = |counts: &[u64; 5]| counts[level as usize..].iter().sum::<u64>();
        let exposed = if level <= Level::High { self.exposed } else { self.exposed.min(of(&self.by_level)) };
        of(&self.by_level) - exposed + of(&self.beside_exposed)
    }

    fn hits_from(&self, level: Level) -> u64 {
        self.hits_by_level[level as usize..].iter().sum()
    }

    /// The verdict.
    pub fn conclude(&self, scope: Scope<'_>, patch: Vec<String>, seconds: f64) -> Summary {
        let gaps = self.gaps(scope);
        let covered = scope.logs.map(covered);
        let (outcome, words) = self.outcome(scope, covered.as_ref(), gaps.is_some());
        let (outcome, mut words) = self.with_exposures(outcome, words);
        if !scope.no_baseline.is_empty() {
            words.push_str("; no baseline for this build");
        }
        if let Some(suppressed) = self.suppressed.in_words() {
            words = format!("{words}; {suppressed}");
        }
        let logs = covered.map(|covered| covered.unwrap_or_else(|| NO_LOGS.to_owned()));
        Summary {
            outcome,
            subject: scope.subject,
            by_level: self.by_level,
            hits_by_level: self.hits_by_level,
            problems: self.problems.clone(),
            words,
            logs,
            patch,
            no_baseline: scope.no_baseline.to_vec(),
            actions: Vec::new(),
            suppressed: self.suppressed.clone(),
            gaps,
            interrupted: scope.interrupted,
            seconds,
        }
    }

    /// Exposure is worse than nothing found, and no evidence that anyone used it.
    fn with_exposures(&self, outcome: Outcome, words: String) -> (Outcome, String) {
        let open = match self.exposed {
            0 => return (outcome, words),
            1 => "1 file exposes the server to anyone".to_owned(),
            many => format!("{many} files expose the server to anyone"),
        };
        match outcome {
            Outcome::Compromised | Outcome::Suspicious => (outcome, format!("{words}; {open}")),
            _ => (Outcome::Exposed, format!("{open}; besides: {words}")),
        }
    }

    /// From the worst to the best: exploited and a webshell; a webshell; exploited and no webshell; something to review; attempts;
    /// nothing in what could be examined; nothing.
    fn outcome(&self, scope: Scope<'_>, logs: Option<&Option<String>>, gaps: bool) -> (Outcome, String) {
        let files = |n: u64| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        // A file that was given alone is `the file`: nothing else was looked at.
        let is_only = scope.subject == Subject::Files && scope.files.is_some_and(|coverage| coverage.surveyed == 1);
        let needing = |n: u64| match n {
            1 if is_only => "the file needs review".to_owned(),
            1 => "1 file needs review".to_owned(),
            many => format!("{many} files need review"),
        };
        let found = self.files_from(COUNTS);
        // What is in the list above is not called nothing.
        let (nothing, low) = match self.files_from(Level::Low) - found {
            0 => ("nothing", String::new()),
            1 => ("nothing at medium or above", "; 1 low finding".to_owned()),
            many => ("nothing at medium or above", format!("; {many} low findings")),
        };
        let strong = if found > 0 { self.files_from(Level::High) } else { 0 };
        let exploited = self.hits_from(Level::High) > 0;
        let from = |trace: &Trace| trace.first.map_or(String::new(), |time| format!(" since {time}"));
        let how = format!("exploited{} ({})", from(&self.exploited), self.exploited.in_words());
        let tried = format!("attempts{} ({})", from(&self.tried), self.tried.in_words());
        let noted = match self.noted.checks.is_empty() {
            true => String::new(),
            false => {
                format!("; the logs show activity that needs review{} ({})", from(&self.noted), self.noted.in_words())
            }
        };
        if strong > 0 {
            let earliest =
                self.earliest.map_or(String::new(), |(time, how)| format!("; the earliest was {how} {time}"));
            let more = found.saturating_sub(strong);
            let more = if more > 0 { format!(", {more} more to review") } else { String::new() };
            let malicious = match strong {
                1 if is_only => "the file is malicious (high confidence)".to_owned(),
                1 => "1 malicious file (high confidence)".to_owned(),
                many => format!("{many} malicious files (high confidence)"),
            };
            let shells = format!("{malicious}{more}{earliest}");
            let words = match (exploited, logs) {
                (true, _) => format!("{how}, and {shells}"),
                (false, None) => shells,
                (false, Some(_)) if !self.tried.checks.is_empty() => {
                    format!("{shells}; the logs show {tried}, none known to have succeeded")
                }
                (false, Some(None)) => format!("{shells}; no logs are available that could show the initial access"),
                (false, Some(Some(_))) => format!("{shells}; the available logs do not show the initial access"),
            };
            return (Outcome::Compromised, words);
        }
        let to_look_at = if found > 0 { format!("; {}", needing(found)) } else { String::new() };
        if exploited {
            let shell = if scope.files.is_some() { ", no webshell found" } else { "" };
            let low = if found > 0 { "" } else { &low };
            return (Outcome::Compromised, format!("{how}{shell}{to_look_at}{low}"));
        }
        let also = match self.tried.checks.is_empty() {
            true => String::new(),
            false => format!("; the logs show {tried}"),
        };
        if found > 0 {
            let confidence = if is_only { "nothing in it is of high confidence" } else { "none with high confidence" };
            return (Outcome::Suspicious, format!("{}, {confidence}{also}{noted}", needing(found)));
        }
        let counts = |trace: &Trace| trace.worst.is_some_and(|worst| worst >= COUNTS);
        if counts(&self.tried) {
            return (Outcome::Suspicious, format!("{tried}, some of which may have succeeded{noted}{low}"));
        }
        let known = format!("{tried}, none known to have succeeded");
        if counts(&self.noted) {
            let tried = if self.tried.checks.is_empty() { "no exploitation attempt found" } else { known.as_str() };
            return (Outcome::Suspicious, format!("{tried}{noted}{low}"));
        }
        if !self.tried.checks.is_empty() {
            let rest = nothing.replacen("nothing", "nothing else", 1);
            return (Outcome::Attempted, format!("{known}{noted}; {rest} found{low}"));
        }
        let where_found = match (scope.files, logs) {
            (Some(_), _) if gaps => format!("{nothing} found in what could be examined{low}"),
            (Some(coverage), None) => format!("{nothing} found in {}{low}", files(coverage.surveyed)),
            (Some(coverage), Some(Some(logs))) => {
                format!("{nothing} found in {}, nor in {logs}{low}", files(coverage.surveyed))
            }
            (Some(coverage), Some(None)) => format!("{nothing} found in {}; {NO_LOGS}{low}", files(coverage.surveyed)),
            (None, Some(Some(logs))) => format!("{nothing} found in {logs}"),
            (None, _) => NO_LOGS.to_owned(),
        };
        (if gaps { Outcome::Incomplete } else { Outcome::NothingFound }, format!("{where_found}{noted}"))
    }

    fn gaps(&self, scope: Scope<'_>) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        if scope.interrupted {
            parts.push(match scope.files {
                Some(coverage) => format!("interrupted with {} files left", coverage.not_reached),
                None => "interrupted".to_owned(),
            });
        }
        parts.extend(
            self.problems
                .iter()
                .filter(|(kind, _)| kind.leaves_a_gap())
                .map(|(kind, count)| kind.in_words(*count as usize)),
        );
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

const NO_LOGS: &str = "no logs are available: exploitation cannot be ruled out";

/// The time that logs cover, in words; `None` if there is none. Nothing is claimed about times outside it.
fn covered(spans: &[LogSpan]) -> Option<String> {
    let there = || spans.iter().filter(|span| span.files > 0);
    let first = there().filter_map(|span| span.first).min()?;
    let last = there().filter_map(|span| span.last).max()?;
    let count: u64 = there().map(|span| span.gaps_count).sum();
    let gaps = match count {
        0 => String::new(),
        1 => ", with 1 gap".to_owned(),
        many => format!(", with {many} gaps"),
    };
    let missing = match spans.iter().filter(|span| span.files == 0).count() {
        0 => String::new(),
        1 => "; 1 log type is missing".to_owned(),
        many => format!("; {many} log types are missing"),
    };
    Some(format!("logs from {first} to {last}{gaps}{missing}"))
}
