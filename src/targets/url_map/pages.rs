//! From a URL path to files: the location of the compiled page, and whether the file exists.
//!
//! ASP.NET compiles into `<root>\<application>\<hash>\<hash>\`, where `<application>` is the last name of the application's
//! URL path, or `root`. Several sites have an application of one path (Default Web Site and Exchange Back End both have
//! `/owa`), and all of them compile into a folder of one name.

use super::{SiteMap, UrlMap, key};
use crate::catalogue;
use crate::evidence::{Evidence, Resolver};
use crate::model::ServerPath;
use crate::model::server_path::{escape_name, fold, same_name};
use crate::targets::iis::{Application, Iis, Physical};
use crate::targets::plan::Plan;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::sync::Mutex;

/// How many names a URL path has at most.
const MAX_NAMES: usize = 128;

/// Where the source of a compiled page can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCandidate {
    /// At these names below this folder of the evidence.
    Below(ServerPath, Vec<String>),
    /// Below a folder that the configuration names and the evidence does not have.
    NoFolder(ServerPath),
    /// Below a folder of the evidence, if Exchange was installed as it is by default: there is no configuration to ask.
    Assumed(ServerPath, Vec<String>),
}

/// Whether a script that was requested is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exists {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The folders that the web server serves are not known, or not all provided.
    Unknown,
}

/// The name of the folder that an application compiles into, folded.
fn compiled_into(application: &str) -> String {
    match application.trim_end_matches('/').rsplit('/').next().unwrap_or_default() {
        "" => "root".to_owned(),
        name => fold(name),
    }
}

/// The names of a URL path behind its virtual directory, of which `taken` bytes of the folded path are.
fn rest<'n>(names: &[&'n str], folded: &str, taken: usize) -> Vec<&'n str> {
    let own = folded.get(..taken).unwrap_or_default().split('/').filter(|name| !name.is_empty()).count();
    names.get(own..).unwrap_or_default().to_vec()
}

impl UrlMap<'_> {
    /// Where the page of a URL path can be that was compiled into the folder `application` of `cache`, a folder of Temporary
    /// ASP.NET Files: by the web servers of that volume, and where it has none, by those of every volume.
    ///
    /// # Errors
    /// Why it is unknown.
    pub fn page_candidates(
        &self,
        cache: &ServerPath,
        application: &str,
        url: &str,
    ) -> Result<Vec<PageCandidate>, String> {
        let names: Vec<&str> = url.strip_prefix('/').unwrap_or_default().split('/').collect();
        let plain = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['\\', ':', '\0']);
        if names.len() > MAX_NAMES || !names.iter().all(|name| plain(name)) {
            return Err("its virtual path is not a plain URL path".to_owned());
        }
        let of_volume =
            |iis: &Iis| iis.system.is_none() || cache.drive_letter().is_none() || iis.system == cache.drive_letter();
        let servers: Vec<&Iis> = self.plan.servers().filter(|iis| !iis.sites.is_empty()).collect();
        if servers.is_empty() {
            return assumed(self.plan, application, &names);
        }
        let everywhere = !servers.iter().any(|iis| of_volume(iis));
        let mut elsewhere =
            servers.iter().filter(|iis| everywhere || of_volume(iis)).filter_map(|iis| iis.redirected_to.as_ref());
        // The page itself is no virtual directory.
        let folder = key(&names[..names.len() - 1].join("/"));
        let mut found: Vec<(usize, Vec<PageCandidate>)> = Vec::new();
        for map in self.sites.iter().filter(|map| everywhere || of_volume(map.iis)) {
            if map.iis.redirected_to.is_some() {
                continue; // the server reads another configuration in its place
            }
            let Some((a, f, taken)) = map.resolve(&folder) else { continue };
            let Some((own, directory)) = map.parts(a, f) else { continue };
            if compiled_into(&own.path) != fold(application) {
                continue;
            }
            let rest: Vec<String> =
                rest(&names, &folder, taken).into_iter().map(|name| escape_name(OsStr::new(name))).collect();
            found.push((
                taken,
                match &directory.physical {
                    Physical::Folders(paths) => {
                        paths.iter().map(|path| PageCandidate::Below(path.clone(), rest.clone())).collect()
                    }
                    Physical::Missing(path) => {
                        vec![PageCandidate::NoFolder(rest.iter().fold(path.clone(), |path, name| path.join(name)))]
                    }
                    Physical::NotGiven => {
                        let (url, site) = (own.url(directory), &map.site.name);
                        let at = &directory.configured;
                        return Err(format!("{url} of site \"{site}\" is at \"{at}\", which was not provided"));
                    }
                },
            ));
        }
        // The longest path first.
        found.sort_by_key(|(taken, _)| std::cmp::Reverse(*taken));
        match (found.is_empty(), elsewhere.next()) {
            (false, _) => Ok(found.into_iter().flat_map(|(_, candidates)| candidates).collect()),
            (true, Some(elsewhere)) => Err(format!("the sites are configured elsewhere, in \"{elsewhere}\"")),
            (true, None) => {
                let folder = fold(application);
                Err(format!("no application of the configuration serves it and compiles into \"{folder}\""))
            }
        }
    }
}

/// Looks files up by their URL paths.
pub struct FileLookup<'m> {
    map: UrlMap<'m>,
    /// Its memory is not shared between threads; unknown scripts are few.
    resolver: Mutex<Resolver<'m>>,
}

impl<'m> FileLookup<'m> {
    /// For the sites of a plan.
    pub fn new(evidence: &'m dyn Evidence, plan: &'m Plan) -> Self {
        Self { map: UrlMap::new(evidence, plan), resolver: Mutex::new(Resolver::new(evidence)) }
    }

    /// Whether a file is at this URL path in the folders of some site. Unknown without a configuration, where the folder was not
    /// provided or is not there, as in a copy of parts of a server, and for what SharePoint keeps in its database.
    ///
    /// Of each Windows volume the configuration of IIS itself counts; others, as those of IIS Express, can say that a file is there,
    /// not that it is not.
    pub fn exists(&self, url: &str) -> Exists {
        // A thread whose read hangs keeps the lock for good; others do without the cache.
        let (shared, own);
        let resolver = match self.resolver.try_lock() {
            Ok(lock) => {
                shared = lock;
                &*shared
            }
            Err(_) => {
                own = Resolver::new(self.map.evidence);
                &own
            }
        };
        let folded = key(url);
        let mut answer = None;
        let mut volumes = HashSet::new();
        let mut last: Option<(&Iis, bool)> = None;
        for map in &self.map.sites {
            // Sites of one server follow each other, and the first server of a volume is its own.
            let decides = match last {
                Some((iis, decides)) if std::ptr::eq(iis, map.iis) => decides,
                _ => volumes.insert(map.iis.system),
            };
            last = Some((map.iis, decides));
            let seen = look(map, &folded, resolver);
            match seen {
                Exists::Yes => return Exists::Yes,
                seen if decides && answer != Some(Exists::Unknown) => answer = Some(seen),
                _ => {}
            }
        }
        answer.unwrap_or(Exists::Unknown)
    }
}

/// Whether a site has a file at a URL path, as [`key`] gives it.
fn look(map: &SiteMap<'_>, url: &str, resolver: &Resolver<'_>) -> Exists {
    let Some((application, folder, taken)) = map.resolve(url) else { return Exists::No };
    let Some((_, directory)) = map.parts(application, folder) else { return Exists::No };
    let below = url.get(taken..).unwrap_or_default().trim_start_matches('/').replace('/', "\\");
    match &directory.physical {
        Physical::NotGiven | Physical::Missing(_) => Exists::Unknown,
        Physical::Folders(_) if below.is_empty() => Exists::No,
        Physical::Folders(folders) => {
            if folders.iter().any(|folder| !resolver.files_below(folder, &below).is_empty()) {
                Exists::Yes
            } else if taken == 0 && is_sharepoint(map) {
                Exists::Unknown
            } else {
                Exists::No
            }
        }
    }
}

fn is_sharepoint(map: &SiteMap<'_>) -> bool {
    let urls = |application: &Application| {
        application.folders.iter().any(|folder| fold(&application.url(folder)).starts_with("/_layouts"))
    };
    map.site.applications.iter().any(urls)
}

/// Where a page is on a server whose Exchange is installed as it is by default.
fn assumed(plan: &Plan, application: &str, names: &[&str]) -> Result<Vec<PageCandidate>, String> {
    let application = fold(application);
    let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
    let below = |url: &str| {
        let own: Vec<String> = url.split('/').filter(|name| !name.is_empty()).map(fold).collect();
        (own.len() < names.len() && folded.starts_with(&own)).then(|| {
            let rest = names[own.len()..].iter().map(|name| escape_name(OsStr::new(name)));
            (own.len(), rest.collect::<Vec<String>>())
        })
    };
    let mut found: Vec<(usize, PageCandidate)> = Vec::new();
    let rows = catalogue::default_folders()
        .iter()
        .filter(|row| row.url.len() > 1 && compiled_into(&row.application) == application);
    for row in rows {
        let Some((length, rest)) = below(&row.url) else { continue };
        found.extend(
            plan.exchange.iter().map(|root| (length, PageCandidate::Assumed(root.join_all(&row.folder), rest.clone()))),
        );
    }
    let longest = found.iter().map(|(length, _)| *length).max();
    found.retain(|(length, _)| Some(*length) == longest);
    if application == "root" && found.is_empty() {
        let roots = plan.areas.iter().filter(|area| same_name(area.path.name(), "wwwroot"));
        let (_, rest) = below("").unwrap_or_default();
        found.extend(roots.map(|area| (0, PageCandidate::Assumed(area.path.clone(), rest.clone()))));
    }
    match found.is_empty() {
        true => Err("there is no configuration that shows where it was".to_owned()),
        false => Ok(found.into_iter().map(|(_, candidate)| candidate).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::server::Server;
    use crate::evidence::Memory;
    use crate::targets::iis::{Site, VirtualDirectory};

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn site(applications: &[(&str, &str, Physical)]) -> Site {
        let mut site = Site::default();
        for (application, folder, physical) in applications {
            site.applications.push(Application {
                path: (*application).to_owned(),
                folders: vec![VirtualDirectory {
                    path: (*folder).to_owned(),
                    configured: "configured".to_owned(),
                    physical: physical.clone(),
                    range: 0..0,
                }],
                ..Application::default()
            });
        }
        site
    }

    fn at(folder: &str) -> Physical {
        Physical::Folders(vec![path(folder)])
    }

    fn below(folder: &str, names: &str) -> PageCandidate {
        PageCandidate::Below(path(folder), names.split('/').map(str::to_owned).collect())
    }

    fn iis(system: char, sites: Vec<Site>) -> Iis {
        Iis { server: Server { sites, ..Server::default() }, system: Some(system), ..Iis::default() }
    }

    fn candidates(plan: &Plan, volume: char, application: &str, url: &str) -> Result<Vec<PageCandidate>, String> {
        UrlMap::new(&Memory::new(), plan).page_candidates(&ServerPath::drive(volume).join("cache"), application, url)
    }

    #[test]
    fn every_application_that_compiles_into_the_folder_is_asked_and_no_other() {
        let sites = vec![
            site(&[
                ("/", "/", at(r"C:\www")),
                ("/owa", "/", at(r"C:\front\owa")),
                ("/owa/Calendar", "/", at(r"C:\front\owa")),
            ]),
            site(&[
                ("/", "/", at(r"C:\back")),
                ("/OWA", "/", at(r"C:\back\owa")),
                ("/old", "/", Physical::Missing(path(r"C:\old"))),
            ]),
            site(&[("/far", "/", Physical::NotGiven)]),
        ];
        let plan = Plan { iis: Some(iis('C', sites)), ..Plan::default() };
        let found = |application: &str, url: &str| candidates(&plan, 'C', application, url);
        let both = vec![below(r"C:\front\owa", "auth/x.aspx"), below(r"C:\back\owa", "auth/x.aspx")];
        assert_eq!(found("owa", "/owa/auth/x.aspx"), Ok(both));
        let root = vec![below(r"C:\www", "aspnet_client/x.aspx"), below(r"C:\back", "aspnet_client/x.aspx")];
        assert_eq!(found("root", "/aspnet_client/x.aspx"), Ok(root));
        // `/owa/Calendar` is an application of its own, and compiles elsewhere.
        assert_eq!(found("calendar", "/owa/Calendar/x.aspx"), Ok(vec![below(r"C:\front\owa", "x.aspx")]));
        assert_eq!(found("old", "/old/a/x.aspx"), Ok(vec![PageCandidate::NoFolder(path(r"C:\old\a\x.aspx"))]));
        assert!(found("far", "/far/x.aspx").is_err_and(|why| why.contains("not provided")));
        assert!(found("help", "/help/x.aspx").is_err_and(|why| why.contains("no application")));
        for odd in ["/owa/../x.aspx", "~/x.aspx", "", "/owa/a\\b.aspx", "/owa/c:x.aspx", "/owa//x.aspx"] {
            assert!(found("owa", odd).is_err_and(|why| why.contains("plain URL path")), "{odd}");
        }
        assert!(found("root", &"/a".repeat(1000)).is_err());
    }

    #[test]
    fn each_windows_volume_is_asked_for_its_own_pages() {
        let plan = Plan {
            iis: Some(iis('C', vec![site(&[("/app", "/", at(r"C:\one"))])])),
            other_iis: vec![iis('E', vec![site(&[("/app", "/", at(r"E:\two"))])])],
            ..Plan::default()
        };
        assert_eq!(candidates(&plan, 'C', "app", "/app/x.aspx"), Ok(vec![below(r"C:\one", "x.aspx")]));
        assert_eq!(candidates(&plan, 'E', "app", "/app/x.aspx"), Ok(vec![below(r"E:\two", "x.aspx")]));
        // A folder of another volume that compiled pages were moved to.
        let both = vec![below(r"C:\one", "x.aspx"), below(r"E:\two", "x.aspx")];
        assert_eq!(candidates(&plan, 'T', "app", "/app/x.aspx"), Ok(both));
        let evidence = Memory::new().file(r"E:\two\shell.aspx", b"x").folder(r"C:\one");
        let map = FileLookup::new(&evidence, &plan);
        assert_eq!((map.exists("/app/shell.aspx"), map.exists("/app/gone.aspx")), (Exists::Yes, Exists::No));
    }

    #[test]
    fn without_a_configuration_default_folders_are_an_assumption_and_a_shared_one_is_reported() {
        let plan = Plan { exchange: vec![path(r"D:\V15")], ..Plan::default() };
        let found = candidates(&plan, 'C', "owa", "/owa/auth/x.aspx").expect("assumed");
        let names = vec!["auth".to_owned(), "x.aspx".to_owned()];
        let assumed = |folder: &str| PageCandidate::Assumed(path(folder), names.clone());
        assert_eq!(found, [assumed(r"D:\V15\FrontEnd\HttpProxy\owa"), assumed(r"D:\V15\ClientAccess\owa")]);
        assert!(
            candidates(&Plan::default(), 'C', "owa", "/owa/x.aspx").is_err_and(|why| why.contains("no configuration"))
        );
        let redirected_to = Some(r"\\share\x".to_owned());
        let server = Server { redirected_to, sites: vec![Site::default()], ..Server::default() };
        let plan = Plan { iis: Some(Iis { server, ..Iis::default() }), ..Plan::default() };
        assert!(candidates(&plan, 'C', "owa", "/owa/x.aspx").is_err_and(|why| why.contains("elsewhere")));
    }
}
