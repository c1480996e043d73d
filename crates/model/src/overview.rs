//! What was discovered on a server, as `sites` shows it.

use super::{Role, ServerPath};

/// The sites, the deviations of their configuration, and the folders that a scan examines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// The sites of every IIS configuration found.
    pub sites: Vec<SiteOverview>,
    /// What differs from the default configuration of Exchange: a score and words; raw.
    pub deviations: Vec<(u8, String)>,
    /// What is examined.
    pub areas: Vec<AreaOverview>,
}

/// A site of IIS. All text is raw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteOverview {
    /// The id that names its log folder.
    pub id: String,
    /// The name.
    pub name: String,
    /// The folder above its log folder as configured; empty where it is the default.
    pub logs: String,
    /// `http *:80:`
    pub bindings: Vec<String>,
    /// Its applications.
    pub applications: Vec<ApplicationOverview>,
}

/// An application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationOverview {
    /// The URL path it starts at.
    pub path: String,
    /// Its application pool.
    pub pool: String,
    /// What is known of the pool: its account, its version of .NET, what is unusual about it.
    pub pool_details: Vec<String>,
    /// The authentication methods that are enabled.
    pub authentication: Vec<String>,
    /// Its virtual directories: the URL path, and where it lies.
    pub folders: Vec<(String, FolderState)>,
}

/// Where a virtual directory lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderState {
    /// Here.
    Found(ServerPath),
    /// Its path does not exist.
    Missing(ServerPath),
    /// On a volume that was not provided: its path as configured.
    NotProvided(String),
}

/// A folder that a scan examines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaOverview {
    /// The folder.
    pub path: ServerPath,
    /// What it is to the server.
    pub role: Role,
    /// Whether every file is examined, or web file types only.
    pub every_file: bool,
}
