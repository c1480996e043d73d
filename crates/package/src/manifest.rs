//! The manifest of a package.

use serde::{Deserialize, Serialize};

/// The name of the manifest in the package, its last member.
pub const MANIFEST: &str = "MANIFEST.json";
/// The same hashes for `sha256sum -c`.
pub const SUMS: &str = "SHA256SUMS";
/// What `format` of a manifest is.
pub const FORMAT: &str = "shellsift-package-1";

/// What is in a package, from where, by whom.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// When the package was made, RFC 3339, by the clock of the analysis machine.
    pub created: String,
    /// By which program and by whom.
    #[serde(flatten)]
    pub made: Provenance,
    /// The results that say what was collected.
    pub inputs: Vec<Input>,
    /// The runs in them.
    pub scans: Vec<Scan>,
    /// Whether everything that was to be collected is here, whole.
    pub complete: bool,
    /// Every member but this manifest and [`SUMS`].
    pub members: Vec<Member>,
    /// What could not be collected.
    pub not_collected: Vec<NotCollected>,
    /// What else there is to know, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What made a package or a run, and for which case.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Provenance {
    /// The program.
    pub tool: Tool,
    /// Its arguments, quoted for a POSIX shell.
    pub command_line: String,
    /// The case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The name of the examiner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examiner: Option<String>,
}

/// A program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Of the program file, lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A JSONL output.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Input {
    /// Its path on the analysis machine.
    pub path: String,
    /// What was read.
    #[serde(flatten)]
    pub content: Content,
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Content {
    /// In bytes.
    pub size: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// A run whose findings were collected.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Scan {
    /// Identifies the run.
    pub scan_id: String,
    /// The name of the server.
    pub host: String,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// By which program and by whom.
    #[serde(flatten)]
    pub made: Provenance,
    /// What was read.
    pub sources: Vec<ScanSource>,
}

/// Where evidence comes from.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ScanSource {
    /// On the analysis machine.
    pub analysis_path: String,
    /// On the server.
    pub server_path: String,
    /// `NTFS, partition 3 of a disk image (raw)`
    pub kind: String,
    /// The times that are original.
    pub times: Vec<String>,
    /// What is not available, and why.
    pub limitations: Vec<String>,
}

/// Why a file is in the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The results themselves.
    Results,
    /// The file of a finding.
    Finding,
    /// Configuration of the application that a finding's file belongs to.
    Configuration,
    /// A log with a sign of exploitation, or with requests for a finding's file.
    Log,
    /// A file in the folder of a finding.
    Neighbour,
}

/// What is in the package beside what was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The file is what it was when it was found.
    Same,
    /// It is another.
    Different,
    /// There is no hash of it to compare with.
    NotKnown,
}

/// A file that is to be in a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Wanted {
    /// Why.
    pub kind: Kind,
    /// Where it is on the server; of results, on the analysis machine.
    pub server_path: String,
    /// The run whose results name it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scan_id: String,
    /// The hash that the result has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examined_sha256: Option<String>,
}

/// A member.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Member {
    /// Its name in the package.
    pub name: String,
    /// The file.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// The source that it was read from: the path on the analysis machine.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What is in the package.
    #[serde(flatten)]
    pub content: Content,
    /// Whether all of the file is in the package.
    pub complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The hash that the result has, compared with that of the content.
    pub comparison: Comparison,
    /// The times that the source vouches for, as it has them now.
    pub times: Times,
    /// The times of $FILE_NAME, if the source reads them.
    #[serde(default, skip_serializing_if = "Times::is_empty")]
    pub name_times: Times,
    /// By the names that Elastic Common Schema uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// The number in the file system; on NTFS of the MFT record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inode: Option<u64>,
    /// How often the MFT record was used anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u16>,
    /// Of a file that no listing shows: `deleted`, or the shadow copy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// The level of the finding.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// The strongest reason of the finding, or which results led here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Member {
    /// A whole member, of which nothing is known but what was wanted and what was written.
    pub fn new(name: String, wanted: Wanted, content: Content) -> Self {
        let comparison = match &wanted.examined_sha256 {
            None => Comparison::NotKnown,
            Some(examined) if examined.eq_ignore_ascii_case(&content.sha256) => Comparison::Same,
            Some(_) => Comparison::Different,
        };
        Self {
            name,
            wanted,
            source: String::new(),
            content,
            complete: true,
            error: None,
            comparison,
            times: Times::default(),
            name_times: Times::default(),
            attributes: Vec::new(),
            inode: None,
            sequence: None,
            state: String::new(),
            level: String::new(),
            reason: String::new(),
        }
    }

    /// Whether all of the file is there, as it was examined.
    pub fn is_as_examined(&self) -> bool {
        self.complete && self.comparison != Comparison::Different
    }
}

/// Times, RFC 3339 in UTC with the precision of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Times {
    /// When the file was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When its content was last written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// When its record was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// When it was last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessed: Option<String>,
}

impl Times {
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What could not be collected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct NotCollected {
    /// The file.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Why not.
    pub reason: String,
}
