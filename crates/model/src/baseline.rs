//! How a file compares with the known-good baseline.

use super::named::named;
use std::fmt;

/// The result of a comparison with the known-good baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BaselineStatus {
    /// This content belongs at this place.
    KnownGood,
    /// Known-good content, at another path.
    Elsewhere,
    /// The path of a baseline file, with content that no known build has there.
    Changed,
    /// No known build has a file of this name here.
    NotStock,
    /// The baseline does not cover the installed build well enough to judge.
    NoBaseline,
}

named!(BaselineStatus {
    KnownGood => "known_good",
    Elsewhere => "known_good_elsewhere",
    Changed => "modified",
    NotStock => "not_in_baseline",
    NoBaseline => "no_baseline",
});

impl BaselineStatus {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::KnownGood => "known good",
            Self::Elsewhere => "known good, but at another path",
            Self::Changed => "modified: content matches no known build",
            Self::NotStock => "not in the baseline",
            Self::NoBaseline => "no baseline for this build",
        }
    }
}

impl fmt::Display for BaselineStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// How well the baseline covers an installation, and so how much a deviation means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildMatch {
    /// Its programs are those of this build, which is in a table.
    Known(String),
    /// Its programs are of no known build, but all pages except a few are those of known builds: an update that brought
    /// new programs and left the pages alone.
    CarriedOver {
        /// Whether so few pages have names that no build ships that each of them says something.
        names_too: bool,
    },
    /// Deviations cannot be judged; the reason in words.
    Unknown(String),
}

/// One file compared with the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The verdict.
    pub status: BaselineStatus,
    /// Whether the build itself is known, or only its pages have been carried over from known ones.
    pub build_known: bool,
    /// The builds that have this content here, or the build that it was compared with.
    pub builds: Option<String>,
    /// What that build has at this place, lower-case hexadecimal.
    pub expected_sha256: Option<String>,
    /// Where the baseline has this content, below the installation folder; `version` stands for a build's folder.
    pub baseline_path: Option<String>,
}

impl Comparison {
    /// The status and what it rests on, in a line.
    pub fn in_words(&self) -> String {
        let of = match (&self.status, &self.builds) {
            (BaselineStatus::KnownGood, Some(builds)) => format!(", as in build {builds}"),
            (_, Some(build)) if self.build_known => format!("; compared with build {build}"),
            _ => String::new(),
        };
        let place = self
            .baseline_path
            .as_ref()
            .map_or(String::new(), |path| format!("; the baseline has this content at {path}"));
        format!("{}{of}{place}", self.status)
    }
}
