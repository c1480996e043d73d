//! A suspicious file and why it is one.

use super::Artefact;
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
    /// Where the file lies, or what it is called there.
    Placement,
    /// The digest of its content.
    Hash,
    /// What happened when it was opened or read.
    Access,
    /// When it was created or last written.
    Time,
    /// A name or a path that is known from an intrusion.
    Indicator,
    /// What ASP.NET left of it when it was compiled.
    Compiled,
    /// What a configuration file makes the server do.
    Config,
}

impl ReasonKind {
    /// The stable name in records.
    pub fn name(self) -> &'static str {
        match self {
            ReasonKind::Signature => "signature",
            ReasonKind::Behaviour => "behaviour",
            ReasonKind::Baseline => "baseline",
            ReasonKind::Placement => "placement",
            ReasonKind::Hash => "hash",
            ReasonKind::Access => "access",
            ReasonKind::Time => "time",
            ReasonKind::Indicator => "indicator",
            ReasonKind::Compiled => "compiled",
            ReasonKind::Config => "config",
        }
    }
}

/// One reason to suspect a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Stable id: `signature/<rule>`, `behaviour/<id>`, `baseline/<status>`, `placement/<check>`, `hash/<list>`, `access/<event>`,
    /// `time/<check>`, `indicator/<kind>`, `compiled/<check>`, `config/<check>`.
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
    /// The requests for the file, by whatever URL; filled in by the run where logs have any.
    pub requests: Option<super::RequestSummary>,
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
