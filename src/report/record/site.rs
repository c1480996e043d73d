//! A site of the web server's configuration.

use crate::model::overview::{ApplicationOverview, FolderState, SiteOverview};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct SiteBody {
    site: SiteRecord,
}

/// A site of IIS.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SiteRecord {
    /// The id that names its log folder.
    id: String,
    name: String,
    /// The folder above its log folder as configured; absent where it is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<String>,
    /// `http *:80:`
    bindings: Vec<String>,
    applications: Vec<ApplicationRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct ApplicationRecord {
    /// The URL path it starts at.
    path: String,
    pool: String,
    /// What is known of the pool, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pool_details: Vec<String>,
    /// The authentication methods that are enabled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    authentication: Vec<String>,
    virtual_directories: Vec<DirectoryRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct DirectoryRecord {
    /// The URL path.
    url: String,
    /// The folder on the server; as configured where it is not provided.
    path: String,
    state: DirectoryState,
}

/// Whether the folder of a virtual directory exists.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
enum DirectoryState {
    Present,
    Missing,
    /// It is on a volume that was not provided, or no local path.
    NotProvided,
}

impl From<&SiteOverview> for SiteBody {
    fn from(site: &SiteOverview) -> Self {
        let site = SiteRecord {
            id: site.id.clone(),
            name: site.name.clone(),
            logs: Some(site.logs.clone()).filter(|logs| !logs.is_empty()),
            bindings: site.bindings.clone(),
            applications: site.applications.iter().map(ApplicationRecord::from).collect(),
        };
        Self { site }
    }
}

impl From<&ApplicationOverview> for ApplicationRecord {
    fn from(application: &ApplicationOverview) -> Self {
        let directory = |(url, state): &(String, FolderState)| {
            let (path, state) = match state {
                FolderState::Found(path) => (path.to_string(), DirectoryState::Present),
                FolderState::Missing(path) => (path.to_string(), DirectoryState::Missing),
                FolderState::NotProvided(configured) => (configured.clone(), DirectoryState::NotProvided),
            };
            DirectoryRecord { url: url.clone(), path, state }
        };
        Self {
            path: application.path.clone(),
            pool: application.pool.clone(),
            pool_details: application.pool_details.clone(),
            authentication: application.authentication.clone(),
            virtual_directories: application.folders.iter().map(directory).collect(),
        }
    }
}
