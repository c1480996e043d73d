//! The results of a run as a whole.

use super::named::named;
use super::{
    Action, Finding, Health, LogHit, LogReport, Problem, ProblemKind, ServerInfo, ServerPath, TimelineEvent, Timestamp,
};
use std::collections::BTreeMap;

/// Who ran what, and with which knowledge.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Identifies the run in every record.
    pub scan_id: String,
    /// This program's version.
    pub version: &'static str,
    /// When the run began, by the analysis machine's clock.
    pub started: Timestamp,
    /// The examined host, where it is known.
    pub host: Option<String>,
    /// The case number the user gave.
    pub case: Option<String>,
    /// The examiner the user gave.
    pub examiner: Option<String>,
    /// Where the host's name is from: `--host`, `this machine`, `SYSTEM hive`, `event logs`; `None` where it is not known.
    pub host_source: Option<&'static str>,
    /// What the registry of the examined server says of it.
    pub server: ServerInfo,
    /// Stands for the host in ids where its name is not known: what the evidence is called.
    pub evidence_id: String,
    /// The signatures in use, in words.
    pub signatures: String,
    /// The detectors in use, by id.
    pub detectors: Vec<&'static str>,
    /// Which program with which knowledge made the run.
    pub provenance: Provenance,
}

/// What makes a run reproducible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The arguments as they were typed, quoted for a POSIX shell.
    pub command_line: String,
    /// SHA-256 of the program file, lower-case hexadecimal; `None` where it cannot be read.
    pub program_sha256: Option<String>,
    /// SHA-256 over the rules in use, built-in and user's, lower-case hexadecimal; `None` where no rules run.
    pub rules_sha256: Option<String>,
    /// The newest release date in the reference data of builds: `2026-10-14`; `None` where it is not used.
    pub reference_data: Option<String>,
}

/// One place that evidence comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The folder on the analysis machine.
    pub analysis_path: String,
    /// How its files are named in the report.
    pub shown_as: ServerPath,
    /// What it is: `ntfs (ntfs-3g)`, `ext4`, `live ntfs`.
    pub kind: String,
    /// The times it vouches for.
    pub gives: Vec<&'static str>,
    /// What it cannot give and why, in words.
    pub lacks: Vec<String>,
}

/// What a run covered: every surveyed file ends in exactly one of the counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files that the walk found in the areas to examine.
    pub surveyed: u64,
    /// Read completely and scanned by every detector.
    pub examined: u64,
    /// On the list of known files; hashed, no further look.
    pub known_good: u64,
    /// Hashed whole, scanned in part.
    pub partially_examined: u64,
    /// Not opened, by reason: links, devices.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Could not be read.
    pub failed: u64,
    /// Left when the run was interrupted.
    pub not_reached: u64,
    /// Names seen in folders where only web file types are scanned; not part of `surveyed`.
    pub names_only: u64,
    /// Folders listed.
    pub folders: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Archives among the files that were read: their content was not unpacked.
    pub archives: u64,
}

impl Coverage {
    /// All skipped files.
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// Whether the counts account for every surveyed file.
    pub fn adds_up(&self) -> bool {
        self.surveyed
            == self.examined
                + self.known_good
                + self.partially_examined
                + self.skipped_total()
                + self.failed
                + self.not_reached
    }
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one finding of level high or critical, or logs that show that the server was exploited.
    Compromised,
    /// Findings, or traces in logs, of lower levels only.
    Suspicious,
    /// None of these, but anybody can take over the server: its machine key is publicly disclosed.
    Exposed,
    /// Logs show attempts, none of which is known to have worked; no file was found.
    Attempted,
    /// Everything was examined and nothing found.
    NothingFound,
    /// Nothing found, but not everything could be examined.
    Incomplete,
}

named!(Outcome {
    Compromised => "compromised",
    Suspicious => "suspicious",
    Exposed => "exposed",
    Attempted => "attempted",
    NothingFound => "nothing_found",
    Incomplete => "incomplete",
});

/// What a verdict is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// A server: an installation, a volume, or its logs.
    #[default]
    Server,
    /// Files that were given by themselves: they can be malicious, and nothing is compromised by that.
    Files,
}

named!(Subject { Server => "server", Files => "files" });

impl Outcome {
    /// The verdict in words, in lower case.
    pub fn words(self, subject: Subject) -> &'static str {
        match (self, subject) {
            (Self::Compromised, Subject::Files) => "malicious",
            (Self::NothingFound, _) => "nothing found",
            _ => self.name(),
        }
    }
}

/// Why something that was found is not listed and not judged: the user's list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// The reason that the list gives.
    pub reason: String,
    /// Until when, as the list has it.
    pub expires: Option<String>,
}

/// How much the user's list suppressed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuppressedCounts {
    /// Findings.
    pub findings: u64,
    /// Hits in logs.
    pub log_hits: u64,
    /// How many of both for each reason, of the first reasons.
    pub reasons: BTreeMap<String, u64>,
}

/// How many reasons of suppression are distinguished.
const REASONS: usize = 100;

impl SuppressedCounts {
    /// Counts a finding.
    pub fn add_finding(&mut self, reason: &str) {
        self.findings += 1;
        self.add_reason(reason, 1);
    }

    /// Counts a hit in logs.
    pub fn add_hit(&mut self, reason: &str) {
        self.log_hits += 1;
        self.add_reason(reason, 1);
    }

    fn add_reason(&mut self, reason: &str, count: u64) {
        if self.reasons.len() < REASONS || self.reasons.contains_key(reason) {
            let so_far = self.reasons.entry(reason.to_owned()).or_default();
            *so_far = so_far.saturating_add(count);
        }
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.findings = self.findings.saturating_add(other.findings);
        self.log_hits = self.log_hits.saturating_add(other.log_hits);
        other.reasons.iter().for_each(|(reason, count)| self.add_reason(reason, *count));
        self
    }

    /// `3 findings and 1 log hit suppressed`; `None` where nothing was.
    pub fn in_words(&self) -> Option<String> {
        let some = |count: u64, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            many => Some(format!("{many} {what}s")),
        };
        let parts: Vec<String> =
            [some(self.findings, "finding"), some(self.log_hits, "log hit")].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{} suppressed", parts.join(" and ")))
    }
}

/// The verdict of a run and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The verdict.
    pub outcome: Outcome,
    /// What it is about.
    pub subject: Subject,
    /// Findings by level, the least first, as [`super::Level::ALL`].
    pub by_level: [u64; 5],
    /// Signs of exploitation in logs by level, likewise.
    pub hits_by_level: [u64; 5],
    /// Problems by kind.
    pub problems: BTreeMap<ProblemKind, u64>,
    /// The verdict in words: why this outcome.
    pub words: String,
    /// What the logs cover, in words; `None` where no logs were read.
    pub logs: Option<String>,
    /// The patch level in words, one line an installation.
    pub patch: Vec<String>,
    /// The installations whose build is in no baseline, one line each: deviations are not reported there.
    pub no_baseline: Vec<String>,
    /// What the user's list suppressed: it is in none of the counts above.
    pub suppressed: SuppressedCounts,
    /// What was not examined, in words; empty when everything was.
    pub gaps: Option<String>,
    /// What to do now, in order.
    pub actions: Vec<Action>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Seconds from start to end.
    pub seconds: f64,
}

/// Everything that formats other than JSONL are written from.
#[derive(Clone, Debug)]
pub struct AnalysisResults {
    /// The run.
    pub run: RunInfo,
    /// Where the evidence came from.
    pub sources: Vec<Source>,
    /// What was discovered: installations, sites, areas, in words.
    pub discovered: Vec<Discovered>,
    /// The findings that reach the level asked for, most urgent first.
    pub findings: Vec<Finding>,
    /// The findings that the user's list suppresses, in the order they were met.
    pub suppressed: Vec<(Finding, Suppressed)>,
    /// The hits in logs that it suppresses.
    pub suppressed_hits: Vec<(LogHit, Suppressed)>,
    /// Findings omitted from `findings` because there were too many; the JSONL output has them.
    pub findings_omitted: u64,
    /// The problems, in the order they were met.
    pub problems: Vec<Problem>,
    /// Problems omitted because there were too many; the JSONL output has them.
    pub problems_omitted: u64,
    /// The counts; `None` where no files were looked at.
    pub coverage: Option<Coverage>,
    /// Links and devices that were not followed, the first of them.
    pub skipped: Vec<Skipped>,
    /// What was found in the logs, where they were read.
    pub logs: Option<LogReport>,
    /// The patch level of each installation, where it was asked for.
    pub health: Vec<Health>,
    /// What happened, in time order.
    pub timeline: Vec<TimelineEvent>,
    /// Timeline events omitted because there were too many.
    pub timeline_omitted: u64,
    /// Whether the run ends with the verdict of `summary`: there are verbs that show and do not judge.
    pub judged: bool,
    /// The verdict.
    pub summary: Summary,
}

/// One line about what the target turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// `exchange`, `iis`, `target` ...
    pub what: &'static str,
    /// The words.
    pub words: String,
}

/// A name that is listed, but never opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The name.
    pub path: ServerPath,
    /// What it is: `link`, `fifo`, `socket`, `device`.
    pub why: &'static str,
    /// Where a link points.
    pub target: Option<String>,
}
