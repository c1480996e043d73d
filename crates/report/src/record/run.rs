//! The run itself: its start, its problems, its coverage, its end.

use super::server::ServerRecord;
use super::words::{Text, Time, Times, Word, is_zero, texts};
use crate::model::{
    Action, ActionItem, Coverage, Discovered, Level, Outcome, Problem, ProblemKind, RunInfo, Skipped, Source, Subject,
    Summary, SuppressedCounts,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Three decimals.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct StartBody {
    pub(crate) run: RunRecord,
}

/// Who ran what, with which knowledge, on which evidence.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct RunRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<Time>,
    /// The arguments, quoted for a POSIX shell.
    pub(crate) command_line: String,
    /// Of the program file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program_sha256: Option<String>,
    /// Over all rules in use, built-in and user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rules_sha256: Option<String>,
    /// The newest release date in the reference data of builds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference_data: Option<String>,
    /// Where `host.name` is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_source: Option<Text>,
    /// What the registry of the examined server says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<ServerRecord>,
    pub(crate) signatures: String,
    pub(crate) detectors: Vec<Text>,
    pub(crate) discovered: Vec<DiscoveredRecord>,
    pub(crate) sources: Vec<SourceRecord>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct DiscoveredRecord {
    pub(crate) kind: Text,
    pub(crate) description: String,
}

/// Where evidence comes from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SourceRecord {
    /// On the analysis machine.
    pub(crate) analysis_path: String,
    /// On the server.
    pub(crate) server_path: String,
    pub(crate) kind: String,
    /// The times that are original.
    pub(crate) times: Vec<Text>,
    /// What is not available, and why.
    pub(crate) limitations: Vec<String>,
}

impl StartBody {
    pub(crate) fn new(run: &RunInfo, sources: &[Source], discovered: &[Discovered], times: &mut Times) -> Self {
        let made = run.provenance.clone();
        let run = RunRecord {
            started: times.take("shellsift.run.started", run.started),
            command_line: made.command_line,
            program_sha256: made.program_sha256,
            rules_sha256: made.rules_sha256,
            reference_data: made.reference_data,
            host_source: run.host_source.map(Text::from),
            server: ServerRecord::new(&run.server, times),
            signatures: run.signatures.clone(),
            detectors: texts(&run.detectors),
            discovered: discovered
                .iter()
                .map(|line| DiscoveredRecord { kind: line.what.into(), description: line.words.clone() })
                .collect(),
            sources: sources
                .iter()
                .map(|source| SourceRecord {
                    analysis_path: source.analysis_path.clone(),
                    server_path: source.shown_as.to_string(),
                    kind: source.kind.clone(),
                    times: texts(&source.gives),
                    limitations: source.lacks.clone(),
                })
                .collect(),
        };
        Self { run }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ProblemBody {
    pub(crate) problem: ProblemRecord,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ProblemRecord {
    pub(crate) kind: Word<ProblemKind>,
    /// Whether it leaves something unexamined.
    pub(crate) gap: bool,
}

impl From<&Problem> for ProblemBody {
    fn from(problem: &Problem) -> Self {
        Self { problem: ProblemRecord { kind: Word(problem.kind), gap: problem.kind.leaves_a_gap() } }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct CoverageBody {
    pub(crate) coverage: CoverageRecord,
}

/// `surveyed` is the sum of `examined`, `known_good`, `partially_examined`, `failed`, `not_reached` and all of `skipped`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct CoverageRecord {
    pub(crate) surveyed: u64,
    pub(crate) examined: u64,
    pub(crate) known_good: u64,
    pub(crate) partially_examined: u64,
    /// Not opened, by what they are: `link`, `device`.
    pub(crate) skipped: Vec<Counted>,
    pub(crate) failed: u64,
    pub(crate) not_reached: u64,
    /// Files in folders where only web file types are scanned; not part of `surveyed`.
    pub(crate) names_only: u64,
    pub(crate) folders: u64,
    pub(crate) bytes: u64,
    /// Archives among the files that were read, whose content was not unpacked.
    pub(crate) archives: u64,
    /// Links and devices, the first thousand of them.
    pub(crate) not_followed: Vec<SkippedRecord>,
}

/// How often a value occurs.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Counted {
    pub(crate) value: String,
    pub(crate) count: u64,
}

/// A list of values with their counts, the most frequent first. Values of the evidence are never names of fields.
pub(crate) fn counted<'v>(values: impl Iterator<Item = (&'v str, u64)>) -> Vec<Counted> {
    let mut list: Vec<Counted> = values.map(|(value, count)| Counted { value: value.to_owned(), count }).collect();
    list.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    list
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SkippedRecord {
    pub(crate) path: String,
    pub(crate) kind: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
}

impl CoverageBody {
    pub(crate) fn new(coverage: &Coverage, skipped: &[Skipped]) -> Self {
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
                    kind: skipped.why.into(),
                    target: skipped.target.clone(),
                })
                .collect(),
        };
        Self { coverage }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct EndBody {
    /// Whether everything could be examined.
    pub(crate) complete: bool,
    /// The verdict; absent for verbs that do not judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<SummaryRecord>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SummaryRecord {
    pub(crate) verdict: Word<Outcome>,
    /// What the verdict is about.
    #[serde(default = "server")]
    pub(crate) subject: Word<Subject>,
    pub(crate) description: String,
    pub(crate) interrupted: bool,
    /// What was not examined, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gaps: Option<String>,
    /// How many at each level, those below the reported one included.
    pub(crate) findings: Vec<LevelCount>,
    /// Signs of exploitation in logs at each level; absent where no logs were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_hits: Option<Vec<LevelCount>>,
    /// What the logs cover, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logs: Option<String>,
    /// The patch level in words, one line an installation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) patch_level: Vec<String>,
    /// The installations whose build is in no baseline, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) no_baseline: Vec<String>,
    /// What the user's list suppressed, which is in none of the counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suppressed: Option<SuppressedCountsRecord>,
    /// What to do now, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) actions: Vec<ActionRecord>,
    pub(crate) problems: Vec<KindCount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<Time>,
    pub(crate) ended: Time,
    pub(crate) seconds: f64,
}

impl SummaryRecord {
    /// The verdict and its sentence.
    pub(crate) fn in_words(&self) -> String {
        format!("{}: {}", self.verdict.0.words(self.subject.0), self.description)
    }
}

/// The subject of outputs that do not name it.
fn server() -> Word<Subject> {
    Word(Subject::Server)
}

/// How much the user's list suppressed. The records of it have the field `suppressed`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SuppressedCountsRecord {
    pub(crate) findings: u64,
    pub(crate) log_hits: u64,
    /// How many of both for each reason.
    pub(crate) reasons: Vec<Counted>,
}

impl SuppressedCountsRecord {
    /// `None` where nothing is suppressed.
    pub(crate) fn of(counts: &SuppressedCounts) -> Option<Self> {
        let reasons = counts.reasons.iter().map(|(reason, count)| (reason.as_str(), *count));
        (counts.findings > 0 || counts.log_hits > 0).then(|| Self {
            findings: counts.findings,
            log_hits: counts.log_hits,
            reasons: counted(reasons),
        })
    }
}

impl From<SuppressedCountsRecord> for SuppressedCounts {
    fn from(record: SuppressedCountsRecord) -> Self {
        let reasons = record.reasons.into_iter().map(|reason| (reason.value, reason.count)).collect();
        Self { findings: record.findings, log_hits: record.log_hits, reasons }
    }
}

/// A step of the response.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ActionRecord {
    pub(crate) id: String,
    /// Its place among the actions, the first to do lowest.
    pub(crate) order: u32,
    pub(crate) title: String,
    /// Why, and how.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// What it is to be done to, the most urgent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) items: Vec<ActionItemRecord>,
    /// Items that were too many to list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) items_omitted: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<String>,
}

/// What an action is to be done to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ActionItemRecord {
    pub(crate) description: String,
    /// The path of the file of the finding behind it, or the check of a log hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) finding: Option<String>,
}

impl From<&Action> for ActionRecord {
    fn from(action: &Action) -> Self {
        let item =
            |item: &ActionItem| ActionItemRecord { description: item.text.clone(), finding: item.finding.clone() };
        Self {
            id: action.id.clone(),
            order: action.order,
            title: action.title.clone(),
            description: action.why.clone(),
            items: action.items.iter().map(item).collect(),
            items_omitted: action.items_omitted,
            references: action.references.clone(),
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct LevelCount {
    pub(crate) value: Word<Level>,
    pub(crate) count: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct KindCount {
    pub(crate) value: Word<ProblemKind>,
    pub(crate) count: u64,
}

impl EndBody {
    pub(crate) fn new(run: &RunInfo, summary: &Summary, times: &mut Times) -> Self {
        let levels = |counts: &[u64; 5]| -> Vec<LevelCount> {
            Level::ALL
                .iter()
                .zip(counts)
                .map(|(level, count)| LevelCount { value: Word(*level), count: *count })
                .collect()
        };
        let record = SummaryRecord {
            verdict: Word(summary.outcome),
            subject: Word(summary.subject),
            description: summary.words.clone(),
            interrupted: summary.interrupted,
            gaps: summary.gaps.clone(),
            findings: levels(&summary.by_level),
            log_hits: summary.logs.is_some().then(|| levels(&summary.hits_by_level)),
            logs: summary.logs.clone(),
            patch_level: summary.patch.clone(),
            no_baseline: summary.no_baseline.clone(),
            suppressed: SuppressedCountsRecord::of(&summary.suppressed),
            actions: summary.actions.iter().map(ActionRecord::from).collect(),
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
    pub(crate) fn without_verdict(summary: &Summary) -> Self {
        Self { complete: summary.gaps.is_none(), summary: None }
    }
}
