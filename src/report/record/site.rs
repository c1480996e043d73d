//! The record of a site, as the configuration of the web server describes it.

use crate::model::WebSite;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct SiteRecord {
    pub(in crate::report) id: String,
    pub(in crate::report) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::report) logs: String,
    pub(in crate::report) bindings: Vec<String>,
    pub(in crate::report) applications: Vec<ApplicationRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ApplicationRecord {
    pub(in crate::report) path: String,
    /// Its application pool and what is known of it.
    pub(in crate::report) pool: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) authentication: Vec<String>,
    pub(in crate::report) virtual_directories: Vec<FolderRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct FolderRecord {
    pub(in crate::report) url: String,
    pub(in crate::report) path: String,
    /// `present`, `missing` or `not_provided`.
    pub(in crate::report) state: &'static str,
}

impl From<&WebSite> for SiteRecord {
    fn from(site: &WebSite) -> Self {
        let applications = site.applications.iter().map(|application| ApplicationRecord {
            path: application.path.clone(),
            pool: application.pool.clone(),
            authentication: application.authentication.clone(),
            virtual_directories: application
                .folders
                .iter()
                .map(|folder| FolderRecord {
                    url: folder.url.clone(),
                    path: folder.path.clone(),
                    state: folder.state.name(),
                })
                .collect(),
        });
        Self {
            id: site.id.clone(),
            name: site.name.clone(),
            logs: site.logs.clone(),
            bindings: site.bindings.clone(),
            applications: applications.collect(),
        }
    }
}
