//! What the configuration of the web servers says, as `sites` shows it.

use super::{ConfigChange, Role, ServerPath};

/// All that `sites` shows beside what was discovered. Text is raw: whatever the configuration holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteMap {
    /// The sites.
    pub sites: Vec<WebSite>,
    /// What deviates from a default Exchange installation: the score, and the words.
    pub deviations: Vec<(u8, String)>,
    /// What changed, by the copies that IIS keeps of its configuration.
    pub changes: Vec<ConfigChange>,
    /// What is examined.
    pub areas: Vec<ReviewedArea>,
}

/// A folder that is examined with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedArea {
    /// The folder.
    pub path: ServerPath,
    /// What it is to the server.
    pub role: Role,
    /// Whether every file is examined, or web file types only.
    pub every_file: bool,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSite {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The folder of its logs; empty where the configuration names none.
    pub logs: String,
    /// Protocol and address of each binding.
    pub bindings: Vec<String>,
    /// Its applications.
    pub applications: Vec<WebApplication>,
}

/// An application of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebApplication {
    /// Its URL path.
    pub path: String,
    /// Its pool and what is known of it, in words.
    pub pool: String,
    /// The ways of authentication that are on.
    pub authentication: Vec<String>,
    /// Its virtual directories.
    pub folders: Vec<WebFolder>,
}

/// A virtual directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebFolder {
    /// Its URL path.
    pub url: String,
    /// The folder, on the server; as configured where it is not provided.
    pub path: String,
    /// Whether it is there.
    pub state: FolderState,
}

/// Whether a folder that the configuration names is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderState {
    /// It is.
    Present,
    /// It is not.
    Missing,
    /// It is on a volume that was not provided, or no local path.
    NotProvided,
}

impl FolderState {
    /// The stable name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::NotProvided => "not_provided",
        }
    }
}

impl WebFolder {
    /// One that is there.
    pub fn present(url: &str, path: &str) -> Self {
        Self { url: url.to_owned(), path: path.to_owned(), state: FolderState::Present }
    }

    /// One that is not there.
    pub fn missing(url: &str, path: &str) -> Self {
        Self { state: FolderState::Missing, ..Self::present(url, path) }
    }

    /// One of which nothing is known.
    pub fn not_provided(url: &str, path: &str) -> Self {
        Self { state: FolderState::NotProvided, ..Self::present(url, path) }
    }
}
