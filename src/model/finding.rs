//! A suspicious file and why it is one.

use super::{Artefact, CheckInfo};
use std::fmt;

/// How urgent a finding is. Ordered: `Info` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Look when there is time.
    Low,
    /// Suspicious.
    Medium,
    /// Very probably hostile.
    High,
    /// As good as certain.
    Critical,
}

impl Level {
    /// All levels from the least to the most urgent.
    pub const ALL: [Level; 5] = [Level::Info, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The stable name in records and options.
    pub fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which detector family a reason comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// A YARA rule.
    Signature,
    /// What its server code does.
    Behaviour,
    /// What differs from stock.
    Baseline,
    /// Where the file is, or what it is called there.
    Location,
    /// The digest of its content.
    Hash,
    /// What happened when it was opened or read.
    Access,
    /// When it was created or last written.
    Timestamp,
    /// A name or a path that is known from an intrusion.
    Indicator,
    /// What ASP.NET left of it when it was compiled.
    Compiled,
    /// What a configuration file makes the server do.
    Config,
    /// What runs by itself: tasks, services, run keys, scripts.
    Autostart,
}

impl ReasonKind {
    /// The stable name in records.
    pub fn name(self) -> &'static str {
        match self {
            ReasonKind::Signature => "signature",
            ReasonKind::Behaviour => "behaviour",
            ReasonKind::Baseline => "baseline",
            ReasonKind::Location => "location",
            ReasonKind::Hash => "hash",
            ReasonKind::Access => "access",
            ReasonKind::Timestamp => "timestamp",
            ReasonKind::Indicator => "indicator",
            ReasonKind::Compiled => "compiled",
            ReasonKind::Config => "config",
            ReasonKind::Autostart => "autostart",
        }
    }

    /// Every kind.
    pub const ALL: [ReasonKind; 11] = [
        ReasonKind::Signature,
        ReasonKind::Behaviour,
        ReasonKind::Baseline,
        ReasonKind::Location,
        ReasonKind::Hash,
        ReasonKind::Access,
        ReasonKind::Timestamp,
        ReasonKind::Indicator,
        ReasonKind::Compiled,
        ReasonKind::Config,
        ReasonKind::Autostart,
    ];

    /// The kind of a check, by the area of its id; `None` for checks of logs, which make hits and no reasons.
    pub fn of(check: &CheckInfo) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == check.area())
    }

    /// Whether it is about settings of the server rather than about a file of its content.
    pub fn is_configuration(self) -> bool {
        matches!(self, ReasonKind::Config | ReasonKind::Autostart)
    }
}

/// One reason to suspect a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The id of its check: `behaviour/eval_request_input`, `signature/<rule>`.
    pub id: String,
    /// The family.
    pub kind: ReasonKind,
    /// 0 to 100: how sure this reason alone makes us.
    pub score: u8,
    /// One line for a person.
    pub title: String,
    /// What was seen, and where in the stored file.
    pub locations: Vec<Location>,
    /// The rule behind it, for signatures and hash lists.
    pub rule: Option<RuleRef>,
    /// The way of request data through names of the code, from where it comes in to what it reaches. Raw: names are whatever
    /// the page calls them.
    pub path: Vec<String>,
}

impl Reason {
    /// What a check found: this much, in these words, here.
    pub fn new(check: &CheckInfo, score: u8, title: impl Into<String>, locations: Vec<Location>) -> Self {
        let kind = ReasonKind::of(check).unwrap_or(ReasonKind::Signature);
        Self { id: check.id.to_owned(), kind, score, title: title.into(), locations, rule: None, path: Vec::new() }
    }
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule's name.
    pub name: String,
    /// The file or family it belongs to.
    pub ruleset: String,
    /// Where to read more, if the rule says.
    pub reference: Option<String>,
    /// Whether the user gave it: then it is not overruled.
    pub given: bool,
}

/// A piece of the file that shows a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Where it starts in the stored file, in bytes.
    pub offset: u64,
    /// How many stored bytes it covers.
    pub length: u64,
    /// The decodings between the stored bytes and the excerpt, outermost first: `stored`, `utf16le`,
    /// `base64>utf16le`.
    pub encodings: String,
    /// The line that an editor shows for it in the file, from 1.
    pub line: Option<u64>,
    /// The decoded text around it, cut to a readable length. Raw: it may hold any character.
    pub excerpt: String,
    /// What this place is to a way of data through code, if it is on one.
    pub role: Option<LocationRole>,
}

impl Location {
    /// No place in the content, but something that is known of the whole file, in words: `label` says what (`name`, `times`).
    pub fn of_file(label: &str, excerpt: impl Into<String>) -> Self {
        let (encodings, excerpt) = (label.to_owned(), excerpt.into());
        Self { offset: 0, length: 0, encodings, line: None, excerpt, role: None }
    }
}

/// What a place in code is to a way of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationRole {
    /// Where it comes in.
    Source,
    /// Where a name takes it.
    Step,
    /// What it reaches.
    Sink,
}

impl LocationRole {
    /// The stable name in records.
    pub fn name(self) -> &'static str {
        match self {
            LocationRole::Source => "source",
            LocationRole::Step => "step",
            LocationRole::Sink => "sink",
        }
    }
}

/// A file with its reasons, weighed.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The file.
    pub artefact: Artefact,
    /// Why, the strongest reason first.
    pub reasons: Vec<Reason>,
    /// 0 to 100, by the formula of docs/verdict.md.
    pub score: f64,
    /// The build of the installation when the file was born, and where that is known from, in words; filled in by the run where it is known.
    pub patch: Option<String>,
    /// The level that the score and the reasons allow.
    pub level: Level,
}

impl Finding {
    /// A stable id of this finding: the same file with the same content and reasons has it in every run.
    pub fn id(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hasher = Sha256::new();
        hasher.update(self.artefact.path.folded());
        hasher.update(b"\0");
        hasher.update(self.artefact.hashes.sha256.as_deref().unwrap_or_default());
        for reason in &self.reasons {
            hasher.update(b"\0");
            hasher.update(&reason.id);
        }
        hex::encode(&hasher.finalize()[..8])
    }
}
