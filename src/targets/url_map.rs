//! Maps files to URL paths, and evaluates what the web server does with a request for each.
//!
//! A URL path belongs to the application with the longest path that it starts with, and there to the virtual directory with
//! the longest path; what is in a folder of the same name below another one is not reached by it. Settings are put
//! together along the URL, not along the disk: `/owa/Calendar` inherits what holds for `/owa`.

mod pages;

pub use pages::{Exists, FileLookup, PageCandidate};

use super::iis::{self, Application, Iis, Physical, Site, VirtualDirectory};
use super::plan::Plan;
use crate::config::handling::runs;
use crate::config::scopes::{ConfigScopes, EffectiveConfig, key};
use crate::evidence::{Evidence, Resolver};
use crate::model::server_path::{escape_name, fold};
use crate::model::{Disposition, Endpoint, ServerPath};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::sync::{Arc, Mutex};

/// How many URL paths of one file are reported. A default page has four at most.
const MAX_REACHES: usize = 32;
/// How many virtual directories of one folder are tried.
const MAX_TRIED: usize = 1_000;
/// How many levels a URL may have for its settings to be put together.
const MAX_LEVELS: usize = 64;
/// How many folders' web.config files are remembered, and about how many bytes of them.
const MAX_REMEMBERED: (usize, usize) = (4_096, 32 << 20);

/// Answers how files are reached. Shared by threads; reads a web.config when it is first needed.
pub struct UrlMap<'r> {
    evidence: &'r dyn Evidence,
    plan: &'r Plan,
    sites: Vec<SiteMap<'r>>,
    /// The virtual directories of each served folder, folded, without a final separator: site, application, directory.
    served: HashMap<String, Vec<(usize, usize, usize)>>,
    /// The lengths of these folders' paths: no other beginning of a path needs to be looked up.
    lengths: HashSet<usize>,
    /// The web.config of folders that were asked for.
    configs: Mutex<Remembered>,
}

/// The settings of folders, by their folded paths, and about how many bytes they take.
#[derive(Default)]
struct Remembered {
    by_folder: HashMap<String, Arc<ConfigScopes>>,
    weight: usize,
}

/// A site with its URL space.
struct SiteMap<'r> {
    iis: &'r Iis,
    site: &'r Site,
    applications: Prefixes,
    /// Of each application.
    folders: Vec<Prefixes>,
}

/// URL paths, folded, without slashes at their ends, and what the longest one that a URL starts with stands for.
#[derive(Default)]
struct Prefixes {
    by_path: HashMap<String, usize>,
    lengths: BTreeSet<usize>,
}

impl Prefixes {
    fn of<'p>(paths: impl Iterator<Item = &'p str>) -> Self {
        let mut prefixes = Self::default();
        for (at, path) in paths.enumerate() {
            let path = key(path);
            prefixes.lengths.insert(path.len());
            prefixes.by_path.entry(path).or_insert(at);
        }
        prefixes
    }

    /// The longest path that a folded URL path, without slashes at its ends, starts with: its place and its length.
    fn longest(&self, url: &str) -> Option<(usize, usize)> {
        self.lengths.iter().rev().find_map(|&length| {
            let head = url.get(..length)?;
            let ends = length == 0 || length == url.len() || url[length..].starts_with('/');
            self.by_path.get(head).filter(|_| ends).map(|at| (*at, length))
        })
    }
}

impl<'r> SiteMap<'r> {
    fn new(iis: &'r Iis, site: &'r Site) -> Self {
        let applications = Prefixes::of(site.applications.iter().map(|application| application.path.as_str()));
        let folders = site.applications.iter();
        let folders = folders.map(|app| Prefixes::of(app.folders.iter().map(|folder| folder.path.as_str()))).collect();
        Self { iis, site, applications, folders }
    }

    /// The application and virtual directory that a URL path, as [`key`] gives it, belongs to, and how much of it they take.
    fn resolve(&self, url: &str) -> Option<(usize, usize, usize)> {
        let (application, taken) = self.applications.longest(url)?;
        let rest = url.get(taken..)?.trim_start_matches('/');
        let (folder, more) = self.folders.get(application)?.longest(rest)?;
        Some((application, folder, url.len() - rest.len() + more))
    }

    fn parts(&self, application: usize, folder: usize) -> Option<(&'r Application, &'r VirtualDirectory)> {
        let application = self.site.applications.get(application)?;
        Some((application, application.folders.get(folder)?))
    }
}

impl<'r> UrlMap<'r> {
    /// Answers for the sites of a plan.
    pub fn new(evidence: &'r dyn Evidence, plan: &'r Plan) -> Self {
        let sites: Vec<SiteMap<'r>> =
            plan.servers().flat_map(|iis| iis.sites.iter().map(move |site| SiteMap::new(iis, site))).collect();
        let mut served: HashMap<String, Vec<(usize, usize, usize)>> = HashMap::new();
        for (at, map) in sites.iter().enumerate() {
            for (a, application) in map.site.applications.iter().enumerate() {
                for (f, folder) in application.folders.iter().enumerate() {
                    let Physical::Folders(paths) = &folder.physical else { continue };
                    for path in paths {
                        let path = path.folded().trim_end_matches(path.separator()).to_owned();
                        let known = served.entry(path).or_default();
                        // Folders whose names differ only in case are one to Windows.
                        if known.last() != Some(&(at, a, f)) {
                            known.push((at, a, f));
                        }
                    }
                }
            }
        }
        let lengths = served.keys().map(String::len).collect();
        Self { evidence, plan, sites, served, lengths, configs: Mutex::default() }
    }

    /// Where the file of a URL path is for the sites that serve another file.
    pub fn physical(&self, url: &str, beside: &ServerPath) -> Vec<ServerPath> {
        let folded = beside.folded();
        let ends = folded.match_indices(beside.separator()).map(|(at, _)| at);
        let served = ends.filter_map(|end| self.served.get(&folded[..end])).flatten();
        let sites: BTreeSet<usize> = served.take(MAX_TRIED).map(|(site, ..)| *site).collect();
        let url = url.trim_matches('/');
        let mut found = Vec::new();
        for site in sites {
            // Folded, a path is as long as it was where it has nothing but ASCII; everything else is looked up as it is.
            let map = &self.sites[site];
            let Some((application, folder, taken)) = map.resolve(&key(url)) else { continue };
            let Some((_, folder)) = map.parts(application, folder) else { continue };
            let Physical::Folders(paths) = &folder.physical else { continue };
            let rest = url.get(taken..).unwrap_or_default();
            for path in paths {
                let file = rest.split('/').filter(|name| !name.is_empty()).fold(path.clone(), |at, name| match name {
                    ".." => at.parent().unwrap_or(at),
                    "." => at,
                    name => at.join(&escape_name(OsStr::new(name))),
                });
                found.push(file);
            }
        }
        found.dedup();
        found
    }

    /// Every URL path that reaches a file, the most relevant first: one where it runs before one where it does not, then that
    /// of the deepest virtual directory, then the shortest. Empty where no configuration was found or none serves it.
    pub fn reach(&self, file: &ServerPath) -> Vec<Endpoint> {
        let mut reaches: Vec<(usize, Endpoint)> = Vec::new();
        let folded = file.folded();
        let ends = folded.match_indices(file.separator()).map(|(at, _)| at);
        let ends = ends.filter(|at| self.lengths.contains(at)).collect::<Vec<_>>();
        // From the inside out, so that the bound takes the farthest.
        let candidates = ends.iter().rev().filter_map(|end| Some((*end, self.served.get(&folded[..*end])?)));
        let candidates = candidates.flat_map(|(end, all)| all.iter().map(move |candidate| (end, candidate)));
        for (end, &(at, a, f)) in candidates.take(MAX_TRIED) {
            let Some(map) = self.sites.get(at) else { continue };
            let Some((application, folder)) = map.parts(a, f) else { continue };
            if let Some(reach) = self.reach_by(map, (a, application), (f, folder), file) {
                reaches.push((end, reach));
                if reaches.len() >= MAX_REACHES {
                    break;
                }
            }
        }
        let rank = |runs: &Disposition| match runs {
            Disposition::By(_) => 0,
            Disposition::Unknown(_) => 1,
            Disposition::Sent => 2,
            Disposition::Refused(_) => 3,
        };
        reaches.sort_by_key(|(depth, reach)| (rank(&reach.runs), usize::MAX - depth, reach.url.len()));
        reaches.into_iter().map(|(_, reach)| reach).collect()
    }

    fn reach_by(
        &self,
        map: &SiteMap<'r>,
        (a, application): (usize, &Application),
        (f, folder): (usize, &VirtualDirectory),
        file: &ServerPath,
    ) -> Option<Endpoint> {
        let Physical::Folders(roots) = &folder.physical else { return None };
        let rest = roots.iter().find_map(|root| file.below(root))?;
        let names: Vec<&str> = rest.split(file.separator()).filter(|name| !name.is_empty()).collect();
        let url = format!("{}/{}", application.url(folder).trim_end_matches('/'), names.join("/"));
        let url = if url.starts_with('/') { url } else { format!("/{url}") };
        let (found_application, found_folder, _) = map.resolve(&key(&url))?;
        if (found_application, found_folder) != (a, f) {
            return None; // another one lies over it
        }
        let pool = map.iis.pool_of(map.site, application);
        let settings = self.settings(map, a, &url, true);
        Some(Endpoint {
            site: map.site.name.clone(),
            application: application.path.clone(),
            pool: pool.to_owned(),
            identity: map.iis.pool(pool).map(|pool| pool.identity.clone()).unwrap_or_default(),
            runs: runs(&settings, &url, map.iis.pool(pool)),
            authentication: settings.authentication(),
            url,
        })
    }

    /// The ways of authentication that are on at the root of an application, by the names of the configuration.
    pub fn authentication(&self, site: &Site, application: &Application) -> Vec<String> {
        let map = self.sites.iter().find(|map| std::ptr::eq(map.site, site));
        let Some(map) = map else { return Vec::new() };
        let at = site.applications.iter().position(|own| std::ptr::eq(own, application)).unwrap_or_default();
        self.settings(map, at, &application.path, false).authentication()
    }

    /// What holds at a URL path, of a file or of a folder.
    fn settings(&self, map: &SiteMap<'r>, application: usize, url: &str, is_file: bool) -> EffectiveConfig {
        let root = &map.iis.layers;
        let mut effective = EffectiveConfig::default();
        let uncertainty = map.iis.redirected_to.as_ref().map(|_| "the sites are configured elsewhere".to_owned());
        effective.uncertainty =
            uncertainty.or_else(|| root.broken.as_ref().map(|why| format!("applicationHost.config: {why}")));
        let url = key(url);
        let segments: Vec<&str> = url.split('/').filter(|segment| !segment.is_empty()).collect();
        if segments.len() > MAX_LEVELS {
            effective.uncertainty = Some(format!("the URL has more than {MAX_LEVELS} levels"));
            return effective;
        }
        let own_application = map
            .site
            .applications
            .get(application)
            .map_or(0, |own| key(&own.path).split('/').filter(|segment| !segment.is_empty()).count());
        effective.enter(root, "", true, true, root);
        // The web.config of each level so far, the site's own the first.
        let mut configs: Vec<Arc<ConfigScopes>> = Vec::new();
        let mut place = fold(&map.site.name);
        for level in 0..=segments.len() {
            if let Some(segment) = level.checked_sub(1).and_then(|at| segments.get(at)) {
                place.push('/');
                place.push_str(segment);
            }
            let same_application = own_application <= level;
            effective.enter(root, &place, same_application, true, root);
            for (outer, config) in configs.iter().enumerate().filter(|(_, config)| !config.is_empty()) {
                let below = segments.get(outer..level).unwrap_or_default().join("/");
                effective.enter(config, &below, same_application, false, root);
            }
            // The last level is the file's own, which can only have a `location`.
            if is_file && level == segments.len() {
                break;
            }
            let config = self.config_at(map, segments.get(..level).unwrap_or_default());
            if let Some(why) = &config.broken {
                effective.uncertainty.get_or_insert_with(|| why.clone());
            }
            effective.enter(&config, "", same_application, false, root);
            configs.push(config);
        }
        effective
    }

    /// The web.config of the folder that a URL path leads to; an empty one where there is none. Folders whose names differ
    /// only in case are one to Windows.
    fn config_at(&self, map: &SiteMap<'r>, segments: &[&str]) -> Arc<ConfigScopes> {
        let url = segments.join("/");
        let Some((application, folder, taken)) = map.resolve(&url) else { return Arc::default() };
        let Some((_, directory)) = map.parts(application, folder) else { return Arc::default() };
        let Physical::Folders(roots) = &directory.physical else { return Arc::default() };
        let Some(root) = roots.first() else { return Arc::default() };
        let names = url.get(taken..).unwrap_or_default().replace('/', "\\");
        let place = format!("{}\\{}", root.folded(), names.trim_matches('\\'));
        let lock = || self.configs.lock().unwrap_or_else(|held| held.into_inner());
        if let Some(known) = lock().by_folder.get(&place) {
            return known.clone();
        }
        let resolver = Resolver::new(self.evidence);
        let files = roots.iter().find_map(|root| {
            Some(resolver.files_below(root, &format!("{names}\\web.config"))).filter(|files| !files.is_empty())
        });
        let file = files.as_ref().and_then(|files| files.first());
        let layers = Arc::new(file.map_or_else(ConfigScopes::default, |file| self.read(file)));
        let mut known = lock();
        let weight = layers.weight + place.len();
        if known.by_folder.len() >= MAX_REMEMBERED.0 || known.weight + weight > MAX_REMEMBERED.1 {
            *known = Remembered::default();
        }
        known.weight += weight;
        known.by_folder.insert(place, layers.clone());
        layers
    }

    fn read(&self, file: &ServerPath) -> ConfigScopes {
        match iis::document(self.evidence, &self.plan.configs, file) {
            Ok(read) => {
                let mut layers = ConfigScopes::of(&read.document);
                layers.broken = layers.broken.map(|why| format!("{file}: {why}"));
                layers
            }
            Err(error) => ConfigScopes::unreadable(format!("{file} could not be read: {}", error.message)),
        }
    }
}

#[cfg(test)]
mod tests;
