//! A suspicious file and why it is one.

use super::named::named;
use super::{Artefact, CheckInfo, Level};

/// Which detector family a reason comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// A YARA rule.
    Signature,
    /// What its server code does.
    Behaviour,
    /// What differs from the known-good baseline.
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
    /// That it was deleted, and what the file system still has of it.
    Deleted,
}

named!(ReasonKind {
    Signature => "signature",
    Behaviour => "behaviour",
    Baseline => "baseline",
    Location => "location",
    Hash => "hash",
    Access => "access",
    Timestamp => "timestamp",
    Indicator => "indicator",
    Compiled => "compiled",
    Config => "config",
    Autostart => "autostart",
    Deleted => "deleted",
});

impl ReasonKind {
    /// The kind of a check, by the area of its id; `None` for checks of logs, which make hits and no reasons.
    pub fn of(check: &CheckInfo) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == check.area())
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
    /// The data flow through names of the code, from source to sink. Raw: names are whatever the page calls them.
    pub path: Vec<String>,
}

impl Reason {
    /// What a check found: the score, a line for a person, and the locations, the strongest first.
    pub fn new(check: &CheckInfo, score: u8, title: impl Into<String>, locations: Vec<Location>) -> Self {
        let kind = ReasonKind::of(check).unwrap_or(ReasonKind::Signature);
        Self { id: check.id.to_owned(), kind, score, title: title.into(), locations, rule: None, path: Vec::new() }
    }

    /// The same for a check that no table has, such as a rule of the user: its id is `kind/check`.
    pub fn unlisted(kind: ReasonKind, check: &str, score: u8, title: impl Into<String>) -> Self {
        Self {
            id: format!("{}/{check}", kind.name()),
            kind,
            score,
            title: title.into(),
            locations: Vec::new(),
            rule: None,
            path: Vec::new(),
        }
    }

    /// With what was seen, the strongest first.
    pub fn at(self, locations: Vec<Location>) -> Self {
        Self { locations, ..self }
    }

    /// With the rule behind it.
    pub fn by_rule(self, rule: RuleRef) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// With the way of request data, from where it comes in to what it reaches.
    pub fn along(self, path: Vec<String>) -> Self {
        Self { path, ..self }
    }
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule's name.
    pub name: String,
    /// The file or family it belongs to.
    pub ruleset: String,
    /// The reference of the rule, if it has one.
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
    /// Its role in a data flow, if it is part of one.
    pub role: Option<LocationRole>,
}

impl Location {
    /// Something that stands at no place of the content. `source` says what it is, where the encodings would be: `name`, `times`,
    /// `configuration`.
    pub fn without_place(source: &str, excerpt: impl Into<String>) -> Self {
        Self { offset: 0, length: 0, encodings: source.to_owned(), line: None, excerpt: excerpt.into(), role: None }
    }

    /// The name or the path of the file.
    pub fn of_name(path: impl Into<String>) -> Self {
        Self::without_place("name", path)
    }

    /// The stored bytes of the file, all `length` of them.
    pub fn whole(length: u64, excerpt: impl Into<String>) -> Self {
        Self { length, ..Self::without_place("stored", excerpt) }
    }
}

/// The role of a place in code in a data flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationRole {
    /// Where request input enters.
    Source,
    /// Where it is assigned or passed on.
    Step,
    /// Where it is used.
    Sink,
}

named!(LocationRole { Source => "source", Step => "step", Sink => "sink" });

/// Reasons that show that the server is exposed to anyone, and not that anyone used it.
pub const EXPOSURES: &[&str] = &["config/machine_key_disclosed"];

/// A file with its reasons, scored.
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
