//! Scores reasons, and turns findings into one verdict. The formula is docs/verdict.md's.

use crate::model::{
    Artefact, Coverage, Finding, Level, LocationRole, LogHit, LogSpan, Outcome, ProblemKind, Reason, ReasonKind, Stage,
    Summary, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// The combined score of reasons, 0 to 100: `100 * (1 - prod(1 - points_i / 100 / 2^i))`, points sorted high to low and
/// `i` counted from 0. One strong reason decides; each further one moves the rest half as far.
pub fn combined(scores: &[u8]) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let mut doubt = 1.0;
    let mut weight = 1.0;
    for score in sorted {
        doubt *= 1.0 - f64::from(score.min(100)) / 100.0 * weight;
        weight /= 2.0;
    }
    100.0 * (1.0 - doubt)
}

/// The level of a score. Weak reasons do not add up to a strong one: `High` needs one reason of at least 60 points,
/// `Critical` one of at least 75.
pub fn level(score: f64, strongest: u8) -> Level {
    match score {
        s if s >= 90.0 && strongest >= 75 => Level::Critical,
        s if s >= 75.0 && strongest >= 60 => Level::High,
        s if s >= 50.0 => Level::Medium,
        s if s >= 25.0 => Level::Low,
        _ => Level::Info,
    }
}

/// What one reason of configuration needs for `Medium` where there are no others: the configuration of an honest product has
/// several things that few have, and each of them is worth knowing at most. docs/decisions/0017 says why.
const CONFIGURATION_ALONE: u8 = 50;

/// The points that count, of reasons sorted from high to low: behaviours that end in the very same place of the code are one
/// act, told in several ways, and the strongest of them alone counts.
fn counting(reasons: &[&Reason]) -> Vec<u8> {
    let mut acts = BTreeSet::new();
    let mut counts = |reason: &Reason| {
        let sink = reason.locations.iter().find(|proof| proof.role == Some(LocationRole::Sink));
        let act = sink.filter(|_| reason.kind == ReasonKind::Behaviour);
        act.is_none_or(|sink| acts.insert((sink.offset, sink.length, sink.encodings.clone())))
    };
    reasons.iter().filter(|reason| counts(reason)).map(|reason| reason.score).collect()
}

/// The level that reasons make, the strongest first.
fn level_of(reasons: &[&Reason]) -> Level {
    let scores = counting(reasons);
    let strongest = scores.first().copied().unwrap_or_default();
    let alone = reasons
        .iter()
        .all(|reason| reason.score == 0 || reason.kind.is_configuration() || reason.kind == ReasonKind::Timestamp);
    match level(combined(&scores), strongest) {
        Level::Medium if alone && strongest < CONFIGURATION_ALONE => Level::Low,
        level => level,
    }
}

/// Reasons which say that the server is open to anybody, and nothing of anybody who came in.
pub const EXPOSURES: &[&str] = &["config/machine_key_disclosed"];

/// The level of a finding without what only says that the server is open.
pub fn level_of_intrusion(finding: &Finding) -> Level {
    let reasons: Vec<&Reason> =
        finding.reasons.iter().filter(|reason| !EXPOSURES.contains(&reason.id.as_str())).collect();
    if reasons.len() == finding.reasons.len() { finding.level } else { level_of(&reasons) }
}

/// The finding that `reasons` make of a file; `None` without a reason.
pub fn score_finding(artefact: Artefact, mut reasons: Vec<Reason>) -> Option<Finding> {
    // Stable: reasons of equal points keep the order of the detectors.
    reasons.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    reasons.dedup_by(|a, b| a.id == b.id);
    reasons.first()?;
    let all: Vec<&Reason> = reasons.iter().collect();
    let (score, level) = (combined(&counting(&all)), level_of(&all));
    Some(Finding { artefact, reasons, score, level, patch: None, requests: None })
}

/// From this level on something is found: it makes a verdict. What lies below is listed, and the verdict says so.
pub const COUNTS: Level = Level::Medium;

/// What a verdict rests on, gathered while the run goes on.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Findings by level.
    pub by_level: [u64; 5],
    /// Of them, those of level high or above which only say that the server is open to anybody.
    exposed: u64,
    /// What else is to be said of those, by level.
    beside_exposed: [u64; 5],
    /// Signs of exploitation in logs by level.
    pub hits_by_level: [u64; 5],
    /// Problems by kind.
    pub problems: BTreeMap<ProblemKind, u64>,
    /// The finding of level high or above whose file has the earliest creation or, failing that, modification time.
    pub earliest: Option<(Timestamp, &'static str)>,
    exploited: Trace,
    tried: Trace,
    noted: Trace,
}

/// How many checks the verdict names, the first ones in time.
const CHECKS_NAMED: usize = 3;

/// What hits of one weight say together.
#[derive(Clone, Debug, Default)]
struct Trace {
    first: Option<Timestamp>,
    worst: Option<Level>,
    checks: Vec<&'static str>,
    clients: BTreeSet<String>,
}

impl Trace {
    fn add(&mut self, hit: &LogHit) {
        self.first = [self.first, hit.first].into_iter().flatten().min();
        self.worst = self.worst.max(Some(hit.level));
        if !self.checks.contains(&hit.check) {
            self.checks.push(hit.check);
        }
        // An Internet-wide scan has thousands; more need not be told apart.
        if !hit.client.is_empty() && self.clients.len() < 10_000 {
            self.clients.insert(hit.client.clone());
        }
    }

    /// `proxylogon, proxyshell by 3 clients`
    fn in_words(&self) -> String {
        let clients = match self.clients.len() {
            0 => String::new(),
            1 => " by 1 client".to_owned(),
            many => format!(" by {many} clients"),
        };
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
        } else if finding.level >= Level::High {
            let times = &finding.artefact.entry.times;
            let born = times.created.map(|t| (t, "created")).or(times.modified.map(|t| (t, "last modified")));
            if let Some(born) = born
                && self.earliest.is_none_or(|earliest| born.0 < earliest.0)
            {
                self.earliest = Some(born);
            }
        }
    }

    /// Counts a sign of exploitation.
    pub fn add_hit(&mut self, hit: &LogHit) {
        self.hits_by_level[hit.level as usize] += 1;
        match hit.level {
            Level::High | Level::Critical => self.exploited.add(hit),
            // A log that was cleared, rights that were given: no attempt at anything, and what administrators do as well.
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

    /// Findings at or above a level, by what they say of an intrusion.
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
        let logs = covered.map(|covered| covered.unwrap_or_else(|| NO_LOGS.to_owned()));
        Summary {
            outcome,
            by_level: self.by_level,
            hits_by_level: self.hits_by_level,
            problems: self.problems.clone(),
            words,
            logs,
            patch,
            no_baseline: scope.no_baseline.to_vec(),
            gaps,
            interrupted: scope.interrupted,
            seconds,
        }
    }

    /// An open door is worse than nothing found, and no proof that somebody went through it.
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

    /// From the worst to the best: exploited and a shell; a shell; exploited and no shell; something to look at; attempts;
    /// nothing in what could be examined; nothing.
    fn outcome(&self, scope: Scope<'_>, logs: Option<&Option<String>>, gaps: bool) -> (Outcome, String) {
        let files = |n: u64| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        let needing = |n: u64| format!("{} {} review", files(n), if n == 1 { "needs" } else { "need" });
        let found = self.files_from(COUNTS);
        // Nothing is called nothing that a reader finds in the list above.
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
            let malicious =
                if strong == 1 { "1 malicious file".to_owned() } else { format!("{strong} malicious files") };
            let shells = format!("{malicious} (high confidence){more}{earliest}");
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
            return (Outcome::Suspicious, format!("{}, none with high confidence{also}{noted}", needing(found)));
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

/// The time that logs cover, in words; `None` if there is none. Nothing is ever said of a time that they do not cover.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_document_holds() {
        assert_eq!(format!("{:.3}", combined(&[40, 70, 50, 70, 40])), "84.196");
        let document = include_str!("../docs/verdict.md");
        assert!(document.contains("[70, 70, 50, 40, 40]") && document.contains("84.196"));
    }

    #[test]
    fn one_reason_is_its_own_score_and_none_is_zero() {
        assert_eq!(combined(&[]), 0.0);
        assert!((combined(&[70]) - 70.0).abs() < 1e-9);
        assert!((combined(&[100, 100]) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn weak_reasons_never_add_up_to_high() {
        let weak = [59; 30];
        assert!(combined(&weak) > 75.0);
        assert_eq!(level(combined(&weak), 59), Level::Medium);
        assert_eq!(level(combined(&[74, 74, 74, 74]), 74), Level::High);
        assert_eq!(level(95.0, 75), Level::Critical);
    }

    #[test]
    fn levels_change_exactly_at_their_bounds() {
        for (score, expected) in [
            (24.9, Level::Info),
            (25.0, Level::Low),
            (49.9, Level::Low),
            (50.0, Level::Medium),
            (74.9, Level::Medium),
            (75.0, Level::High),
            (89.9, Level::High),
            (90.0, Level::Critical),
        ] {
            assert_eq!(level(score, 100), expected, "{score}");
        }
    }

    fn reason(id: &str, kind: ReasonKind, score: u8) -> Reason {
        let (id, title) = (id.to_owned(), String::new());
        Reason { id, kind, score, title, locations: Vec::new(), rule: None, path: Vec::new() }
    }

    fn finding(reasons: &[(&str, ReasonKind, u8)]) -> Finding {
        let reasons = reasons.iter().map(|(id, kind, score)| reason(id, *kind, *score)).collect();
        let file = crate::detect::test_support::artefact("web.config", crate::model::Role::WebRoot, "web.config");
        score_finding(file, reasons).expect("has reasons")
    }

    #[test]
    fn behaviours_that_end_in_the_same_place_count_once_and_in_two_places_twice() {
        let ends = |id: &str, score: u8, offset: u64, kind: ReasonKind| {
            let sink = crate::model::Location {
                offset,
                length: 4,
                encodings: "stored".to_owned(),
                line: None,
                excerpt: String::new(),
                role: Some(LocationRole::Sink),
            };
            Reason { locations: vec![sink], ..reason(id, kind, score) }
        };
        let level = |second: Reason| {
            let file = crate::detect::test_support::artefact("a.aspx", crate::model::Role::WebRoot, "a.aspx");
            score_finding(file, vec![ends("a", 72, 10, ReasonKind::Behaviour), second]).expect("has reasons").level
        };
        assert_eq!(level(ends("b", 60, 10, ReasonKind::Behaviour)), Level::Medium, "one act, told twice");
        assert_eq!(level(ends("b", 60, 90, ReasonKind::Behaviour)), Level::High, "two acts");
        assert_eq!(level(ends("b", 60, 10, ReasonKind::Signature)), Level::High, "another reader says it, too");
    }

    #[test]
    fn weak_reasons_of_configuration_are_no_medium_together_and_one_strong_one_is() {
        let weak = [("a", ReasonKind::Config, 49), ("b", ReasonKind::Config, 45), ("c", ReasonKind::Timestamp, 30)];
        assert_eq!(finding(&weak).level, Level::Low);
        assert!(finding(&weak).score > 50.0, "the score stays what it is");
        assert_eq!(finding(&[("a", ReasonKind::Config, 50)]).level, Level::Medium);
        let other = [weak[0], weak[1], ("d", ReasonKind::Location, 20)];
        assert_eq!(finding(&other).level, Level::Medium, "something else says it, too");
    }

    #[test]
    fn what_opens_a_door_is_a_check_of_configuration() {
        for id in EXPOSURES {
            assert!(crate::detect::config::checks().any(|check| check.id == *id), "{id}");
        }
    }

    #[test]
    fn an_open_door_is_critical_and_no_compromise() {
        let open = ("config/machine_key_disclosed", ReasonKind::Config, 95);
        let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
        let of = |findings: &[Finding]| {
            let mut tally = Tally::default();
            findings.iter().for_each(|finding| tally.add_finding(finding));
            let summary = conclude(&tally, &coverage, false);
            (summary.outcome, summary.by_level, summary.words)
        };
        let door = finding(&[open, ("config/machine_key_fixed", ReasonKind::Config, 20)]);
        assert_eq!((door.level, level_of_intrusion(&door)), (Level::Critical, Level::Info));
        let (outcome, by_level, words) = of(std::slice::from_ref(&door));
        assert_eq!((outcome, by_level), (Outcome::Exposed, [0, 0, 0, 0, 1]));
        assert!(words.starts_with("1 file exposes the server to anyone"), "{words}");
        let shell = finding(&[("behaviour/x", ReasonKind::Behaviour, 95)]);
        assert_eq!(of(&[door.clone(), shell]).0, Outcome::Compromised);
        let odd = finding(&[("location/x", ReasonKind::Location, 60)]);
        let (outcome, _, words) = of(&[door.clone(), odd]);
        assert_eq!(outcome, Outcome::Suspicious);
        assert!(
            words.starts_with("1 file needs review") && words.ends_with("1 file exposes the server to anyone"),
            "{words}"
        );
        let both = finding(&[open, ("config/static_extension_handler", ReasonKind::Config, 60)]);
        assert_eq!(of(&[both]).0, Outcome::Suspicious, "what else the file says counts as ever");
        let hostile = finding(&[open, ("behaviour/x", ReasonKind::Behaviour, 95)]);
        assert_eq!(of(&[hostile]).0, Outcome::Compromised);
    }

    fn conclude(tally: &Tally, coverage: &Coverage, interrupted: bool) -> Summary {
        let scope = Scope { files: Some(coverage), logs: None, interrupted, no_baseline: &[] };
        tally.conclude(scope, Vec::new(), 0.0)
    }

    #[test]
    fn a_gap_turns_nothing_found_into_incomplete() {
        let mut tally = Tally::default();
        let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
        assert_eq!(conclude(&tally, &coverage, false).outcome, Outcome::NothingFound);
        tally.add_problem(ProblemKind::FolderMissing);
        assert_eq!(conclude(&tally, &coverage, false).outcome, Outcome::NothingFound);
        tally.add_problem(ProblemKind::FileLocked);
        let summary = conclude(&tally, &coverage, false);
        assert_eq!(summary.outcome, Outcome::Incomplete);
        assert_eq!(summary.gaps.as_deref(), Some("1 file was locked"));
        assert_eq!(conclude(&tally, &coverage, true).outcome, Outcome::Incomplete);
    }

    #[test]
    fn an_interruption_is_told_with_what_is_left_of_the_files() {
        let coverage = Coverage { surveyed: 3, examined: 1, not_reached: 2, ..Coverage::default() };
        let gaps = conclude(&Tally::default(), &coverage, true).gaps;
        assert_eq!(gaps.as_deref(), Some("interrupted with 2 files left"));
        let scope = Scope { files: None, logs: Some(&[]), interrupted: true, no_baseline: &[] };
        let summary = Tally::default().conclude(scope, Vec::new(), 0.0);
        assert_eq!((summary.outcome, summary.gaps.as_deref()), (Outcome::Incomplete, Some("interrupted")));
    }

    #[test]
    fn what_is_listed_below_medium_is_never_called_nothing() {
        let coverage = Coverage { surveyed: 9, examined: 9, ..Coverage::default() };
        let words = |low: u64, hits: &[LogHit], gap: bool| {
            let mut tally = Tally { by_level: [5, low, 0, 0, 0], ..Tally::default() };
            hits.iter().for_each(|hit| tally.add_hit(hit));
            if gap {
                tally.add_problem(ProblemKind::FileLocked);
            }
            let summary = conclude(&tally, &coverage, false);
            (summary.outcome, summary.words)
        };
        let tried = [hit(Level::Low, "c", "a", 5)];
        let exploited = [hit(Level::High, "c", "a", 5)];
        for (low, hits, gap, outcome, expected) in [
            (0, &[][..], false, Outcome::NothingFound, "nothing found in 9 files"),
            (1, &[], false, Outcome::NothingFound, "nothing at medium or above found in 9 files; 1 low finding"),
            (
                3,
                &[],
                true,
                Outcome::Incomplete,
                "nothing at medium or above found in what could be examined; 3 low findings",
            ),
            (
                3,
                &tried,
                false,
                Outcome::Attempted,
                "attempts since 1970-01-01T00:00:05.0000000Z (c by 1 client), none known to have succeeded; nothing else at medium or above found; 3 low findings",
            ),
            (
                2,
                &exploited,
                false,
                Outcome::Compromised,
                "exploited since 1970-01-01T00:00:05.0000000Z (c by 1 client), no webshell found; 2 low findings",
            ),
        ] {
            assert_eq!(words(low, hits, gap), (outcome, expected.to_owned()));
        }
    }

    #[test]
    fn a_build_that_no_table_knows_is_said_whatever_the_verdict_and_is_no_gap() {
        let coverage = Coverage { surveyed: 9, examined: 9, ..Coverage::default() };
        let lines = ["C:\\V15: no baseline for this build".to_owned()];
        for (by_level, outcome) in [
            ([0; 5], Outcome::NothingFound),
            ([0, 0, 1, 0, 0], Outcome::Suspicious),
            ([0, 0, 0, 0, 1], Outcome::Compromised),
        ] {
            let tally = Tally { by_level, ..Tally::default() };
            let scope = Scope { files: Some(&coverage), logs: None, interrupted: false, no_baseline: &lines };
            let summary = tally.conclude(scope, Vec::new(), 0.0);
            assert_eq!((summary.outcome, summary.gaps), (outcome, None));
            assert!(summary.words.ends_with("; no baseline for this build"), "{}", summary.words);
            assert_eq!(summary.no_baseline, lines);
        }
    }

    fn hit(level: Level, check: &'static str, client: &str, second: i64) -> LogHit {
        LogHit {
            check,
            cves: &[],
            stage: crate::model::Stage::Attempt,
            level,
            title: String::new(),
            client: client.to_owned(),
            first: Some(Timestamp::new(second, 0)),
            last: None,
            count: 1,
            locations: Vec::new(),
            patch: None,
        }
    }

    /// The ladder of the verdict, each step with its words.
    #[test]
    fn files_and_logs_are_weighed_together() {
        let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
        let span = LogSpan {
            files: 1,
            first: Some(Timestamp::new(0, 0)),
            last: Some(Timestamp::new(9, 0)),
            gaps_count: 1,
            ..LogSpan::default()
        };
        let spans = [span, LogSpan::default()];
        let verdict = |shells: u64, hits: &[LogHit], spans: &[LogSpan]| {
            let mut tally = Tally { by_level: [0, 0, 0, 0, shells], ..Tally::default() };
            hits.iter().for_each(|hit| tally.add_hit(hit));
            let scope = Scope { files: Some(&coverage), logs: Some(spans), interrupted: false, no_baseline: &[] };
            let summary = tally.conclude(scope, Vec::new(), 0.0);
            (summary.outcome, summary.words)
        };
        let exploited = [hit(Level::Critical, "log/proxylogon", "a", 5), hit(Level::High, "log/proxyshell", "b", 4)];
        let tried = [hit(Level::Low, "log/proxylogon", "a", 5)];
        let reached = [hit(Level::Medium, "log/proxylogon", "a", 5)];
        let context = [hit(Level::Info, "log/proxylogon", "a", 5)];
        for (shells, hits, outcome, words) in [
            (
                2,
                &exploited[..],
                Outcome::Compromised,
                "exploited since 1970-01-01T00:00:04.0000000Z (proxylogon, proxyshell by 2 clients), and 2 malicious files (high confidence)",
            ),
            (
                1,
                &[],
                Outcome::Compromised,
                "1 malicious file (high confidence); the available logs do not show the initial access",
            ),
            (
                1,
                &tried,
                Outcome::Compromised,
                "1 malicious file (high confidence); the logs show attempts since 1970-01-01T00:00:05.0000000Z (proxylogon by 1 client), none known to have succeeded",
            ),
            (
                0,
                &exploited,
                Outcome::Compromised,
                "exploited since 1970-01-01T00:00:04.0000000Z (proxylogon, proxyshell by 2 clients), no webshell found",
            ),
            (
                0,
                &reached,
                Outcome::Suspicious,
                "attempts since 1970-01-01T00:00:05.0000000Z (proxylogon by 1 client), some of which may have succeeded",
            ),
            (
                0,
                &tried,
                Outcome::Attempted,
                "attempts since 1970-01-01T00:00:05.0000000Z (proxylogon by 1 client), none known to have succeeded; nothing else found",
            ),
            (
                0,
                &context,
                Outcome::NothingFound,
                "nothing found in 3 files, nor in logs from 1970-01-01T00:00:00.0000000Z to 1970-01-01T00:00:09.0000000Z, with 1 gap; 1 log type is missing",
            ),
        ] {
            assert_eq!(verdict(shells, hits, &spans), (outcome, words.to_owned()));
        }
        let noted = |level| LogHit { stage: Stage::ConfigurationChanged, ..hit(level, "event/log_cleared", "a", 5) };
        let sign =
            "the logs show activity that needs review since 1970-01-01T00:00:05.0000000Z (log_cleared by 1 client)";
        assert_eq!(
            verdict(0, &[noted(Level::Medium)], &spans),
            (Outcome::Suspicious, format!("no exploitation attempt found; {sign}"))
        );
        let (outcome, words) = verdict(0, &[noted(Level::Medium), tried[0].clone()], &spans);
        assert_eq!(outcome, Outcome::Suspicious);
        assert!(words.contains("none known to have succeeded; the logs show activity that needs review"), "{words}");
        let (outcome, words) = verdict(0, &[noted(Level::Low)], &spans);
        assert!(outcome == Outcome::NothingFound && words.ends_with(sign), "{words}");
        let (outcome, words) = verdict(0, &[], &[]);
        assert_eq!(outcome, Outcome::NothingFound);
        assert!(words.contains("exploitation cannot be ruled out"), "{words}");
    }
}
