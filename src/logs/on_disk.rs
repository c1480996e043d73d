//! Whether a script that a log names lies on disk, by the virtual directories of the server.

use super::Exists;
use super::text::begins;
use crate::evidence::{Evidence, Resolver};
use crate::targets::Plan;
use crate::targets::iis::{Iis, Physical};
use std::sync::Mutex;

/// Looks scripts up in the folders that the web server serves.
pub struct OnDisk<'d> {
    evidence: &'d dyn Evidence,
    iis: Option<&'d Iis>,
    /// Its memory is not shared between threads; scripts that nobody knows are few.
    resolver: Mutex<Resolver<'d>>,
}

impl<'d> OnDisk<'d> {
    /// For the sites of a plan.
    pub fn new(evidence: &'d dyn Evidence, plan: &'d Plan) -> Self {
        Self { evidence, iis: plan.iis.as_ref(), resolver: Mutex::new(Resolver::new(evidence)) }
    }

    /// Whether a file lies at this URL path in the folders of some site: of each site, in those of the longest virtual directory that
    /// the path lies in. Unknown without a configuration, where such a folder was not given or is not there, as in a copy of parts of
    /// a server, and for what SharePoint keeps in its database.
    pub fn exists(&self, url: &str) -> Exists {
        let Some(iis) = self.iis.filter(|iis| !iis.sites.is_empty()) else { return Exists::Unknown };
        // A thread that the evidence does not answer keeps the lock for good; whoever cannot have it looks by itself.
        let (shared, own);
        let resolver = match self.resolver.try_lock() {
            Ok(lock) => {
                shared = lock;
                &*shared
            }
            Err(_) => {
                own = Resolver::new(self.evidence);
                &own
            }
        };
        let mut answer = Exists::No;
        for site in &iis.sites {
            let folders = site.applications.iter().flat_map(|application| {
                application.folders.iter().map(move |folder| (application.url(folder), &folder.physical))
            });
            let longest = folders
                .filter_map(|(at, physical)| {
                    let at = at.trim_end_matches('/');
                    let rest = url.get(at.len()..).filter(|rest| begins(url, at) && rest.starts_with('/'))?;
                    Some((at.len(), rest, physical))
                })
                .max_by_key(|(length, ..)| *length);
            let is_sharepoint = || {
                let mut urls = site.applications.iter().flat_map(|a| a.folders.iter().map(move |folder| a.url(folder)));
                urls.any(|url| begins(&url, "/_layouts"))
            };
            match longest {
                Some((at, rest, Physical::Folders(folders))) => {
                    let below = rest.replace('/', "\\");
                    if folders.iter().any(|folder| !resolver.files_below(folder, &below).is_empty()) {
                        return Exists::Yes;
                    }
                    if at == 0 && is_sharepoint() {
                        answer = Exists::Unknown;
                    }
                }
                Some((.., Physical::NotGiven | Physical::Missing(_))) => answer = Exists::Unknown,
                _ => {}
            }
        }
        answer
    }
}
