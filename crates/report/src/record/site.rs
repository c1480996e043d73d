//! A site of the web server's configuration.

use crate::model::overview::{ApplicationOverview, FolderState, SiteOverview};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SiteBody {
    pub(crate) site: SiteRecord,
}

/// A site of IIS.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SiteRecord {
    /// The id that names its log folder.
    pub(crate) id: String,
    pub(crate) name: String,
    /// The folder above its log folder as configured; absent where it is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logs: Option<String>,
    /// `http *:80:`
    pub(crate) bindings: Vec<String>,
    pub(crate) applications: Vec<ApplicationRecord>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ApplicationRecord {
    /// The URL path it starts at.
    pub(crate) path: String,
    pub(crate) pool: String,
    /// What is known of the pool, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) pool_details: Vec<String>,
    /// The authentication methods that are enabled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) authentication: Vec<String>,
    pub(crate) virtual_directories: Vec<DirectoryRecord>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct DirectoryRecord {
    /// The URL path.
    pub(crate) url: String,
    /// The folder on the server; as configured where it is not provided.
    pub(crate) path: String,
    pub(crate) state: DirectoryState,
}

/// Whether the folder of a virtual directory exists.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum DirectoryState {
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
