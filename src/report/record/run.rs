//! The run itself: its start, its problems, its coverage, its end.

use super::server::ServerRecord;
use super::words::{Time, Times, Word};
use crate::model::{Coverage, Discovered, Level, Outcome, Problem, ProblemKind, RunInfo, Skipped, Source, Summary};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

/// Three decimals.
pub(in crate::report) fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct StartBody {
    run: RunRecord,
}

/// Who ran what, with which knowledge, on which evidence.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct RunRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Time>,
    /// The arguments, quoted for a POSIX shell.
    command_line: String,
    /// Of the program file.
    #[serde(skip_serializing_if = "Option::is_none")]
    program_sha256: Option<String>,
    /// Over all rules in use, built-in and user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules_sha256: Option<String>,
    /// The newest release date in the reference data of builds.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_data: Option<String>,
    /// Where `host.name` is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_source: Option<&'static str>,
    /// What the registry of the examined server says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<ServerRecord>,
    signatures: String,
    detectors: Vec<&'static str>,
    discovered: Vec<DiscoveredRecord>,
    sources: Vec<SourceRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct DiscoveredRecord {
    kind: &'static str,
    description: String,
}

/// Where evidence comes from.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SourceRecord {
    /// On the analysis machine.
    analysis_path: String,
    /// On the server.
    server_path: String,
    kind: String,
    /// The times that are original.
    times: Vec<&'static str>,
    /// What is not available, and why.
    limitations: Vec<String>,
}

impl StartBody {
    pub(in crate::report) fn new(
        run: &RunInfo,
        sources: &[Source],
        discovered: &[Discovered],
        times: &mut Times,
    ) -> Self {
        let made = run.provenance.clone();
        let run = RunRecord {
            started: times.take("shellsift.run.started", run.started),
            command_line: made.command_line,
            program_sha256: made.program_sha256,
            rules_sha256: made.rules_sha256,
            reference_data: made.reference_data,
            host_source: run.host_source,
            server: ServerRecord::new(&run.server, times),
            signatures: run.signatures.clone(),
            detectors: run.detectors.clone(),
            discovered: discovered
                .iter()
                .map(|line| DiscoveredRecord { kind: line.what, description: line.words.clone() })
                .collect(),
            sources: sources
                .iter()
                .map(|source| SourceRecord {
                    analysis_path: source.analysis_path.clone(),
                    server_path: source.shown_as.to_string(),
                    kind: source.kind.clone(),
                    times: source.gives.clone(),
                    limitations: source.lacks.clone(),
                })
                .collect(),
        };
        Self { run }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ProblemBody {
    problem: ProblemRecord,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct ProblemRecord {
    kind: Word<ProblemKind>,
    /// Whether it leaves something unexamined.
    gap: bool,
}

impl From<&Problem> for ProblemBody {
    fn from(problem: &Problem) -> Self {
        Self { problem: ProblemRecord { kind: Word(problem.kind), gap: problem.kind.leaves_a_gap() } }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct CoverageBody {
    coverage: CoverageRecord,
}

/// `surveyed` is the sum of `examined`, `known_good`, `partially_examined`, `failed`, `not_reached` and all of `skipped`.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct CoverageRecord {
    surveyed: u64,
    examined: u64,
    known_good: u64,
    partially_examined: u64,
    /// Not opened, by what they are: `link`, `device`.
    skipped: Vec<Counted>,
    failed: u64,
    not_reached: u64,
    /// Files in folders where only web file types are scanned; not part of `surveyed`.
    names_only: u64,
    folders: u64,
    bytes: u64,
    /// Archives among the files that were read, whose content was not unpacked.
    archives: u64,
    /// Links and devices, the first thousand of them.
    not_followed: Vec<SkippedRecord>,
}

/// How often a value occurs.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Counted {
    value: String,
    count: u64,
}

/// A list of values with their counts, the most frequent first. Values of the evidence are never names of fields.
pub(in crate::report) fn counted<'v>(values: impl Iterator<Item = (&'v str, u64)>) -> Vec<Counted> {
    let mut list: Vec<Counted> = values.map(|(value, count)| Counted { value: value.to_owned(), count }).collect();
    list.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    list
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SkippedRecord {
    path: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

impl CoverageBody {
    pub(in crate::report) fn new(coverage: &Coverage, skipped: &[Skipped]) -> Self {
        let coverage = CoverageRecord {
            surveyed: coverage.surveyed,
            examined: coverage.examined,
            known_good: coverage.known_good,
            partially_examined: coverage.partially_examined,
            skipped: counted(coverage.skipped.iter().map(|(why, count)| (*why, *count))),
            failed: coverage.failed,
            not_reached: coverage.not_reached,
            names_only: coverage.names_only,
            folders: coverage.folders,
            bytes: coverage.bytes,
            archives: coverage.archives,
            not_followed: skipped
                .iter()
                .map(|skipped| SkippedRecord {
                    path: skipped.path.to_string(),
                    kind: skipped.why,
                    target: skipped.target.clone(),
                })
                .collect(),
        };
        Self { coverage }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct EndBody {
    /// Whether everything could be examined.
    complete: bool,
    /// The verdict; absent for verbs that do not judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<SummaryRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SummaryRecord {
    verdict: Word<Outcome>,
    description: String,
    interrupted: bool,
    /// What was not examined, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    gaps: Option<String>,
    /// How many at each level, those below the reported one included.
    findings: Vec<LevelCount>,
    /// Signs of exploitation in logs at each level; absent where no logs were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_hits: Option<Vec<LevelCount>>,
    /// What the logs cover, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<String>,
    /// The patch level in words, one line an installation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    patch_level: Vec<String>,
    /// The installations whose build is in no baseline, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    no_baseline: Vec<String>,
    problems: Vec<KindCount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Time>,
    ended: Time,
    seconds: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct LevelCount {
    value: Word<Level>,
    count: u64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct KindCount {
    value: Word<ProblemKind>,
    count: u64,
}

impl EndBody {
    pub(in crate::report) fn new(run: &RunInfo, summary: &Summary, times: &mut Times) -> Self {
        let levels = |counts: &[u64; 5]| -> Vec<LevelCount> {
            Level::ALL
                .iter()
                .zip(counts)
                .map(|(level, count)| LevelCount { value: Word(*level), count: *count })
                .collect()
        };
        let record = SummaryRecord {
            verdict: Word(summary.outcome),
            description: summary.words.clone(),
            interrupted: summary.interrupted,
            gaps: summary.gaps.clone(),
            findings: levels(&summary.by_level),
            log_hits: summary.logs.is_some().then(|| levels(&summary.hits_by_level)),
            logs: summary.logs.clone(),
            patch_level: summary.patch.clone(),
            no_baseline: summary.no_baseline.clone(),
            problems: summary
                .problems
                .iter()
                .map(|(kind, count)| KindCount { value: Word(*kind), count: *count })
                .collect(),
            started: times.take("shellsift.summary.started", run.started),
            ended: Time::now(),
            seconds: rounded(summary.seconds),
        };
        Self { complete: summary.gaps.is_none(), summary: Some(record) }
    }

    /// Of a verb that shows and does not judge.
    pub(in crate::report) fn without_verdict(summary: &Summary) -> Self {
        Self { complete: summary.gaps.is_none(), summary: None }
    }
}
