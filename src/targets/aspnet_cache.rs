//! Temporary ASP.NET Files: where the page of a URL path lies that was compiled there.
//!
//! ASP.NET compiles into `<root>\<application>\<hash>\<hash>\`, where `<application>` is the last name of the application's
//! URL path, or `root`. Several sites have an application of one path (Default Web Site and Exchange Back End both have
//! `/owa`), and all of them compile into a folder of one name.

use super::Plan;
use super::iis::Physical;
pub use super::leftover::{PreservationFile, read};
use crate::model::ServerPath;
use crate::model::server_path::{escape_name, fold, same_name};
use std::collections::HashMap;
use std::ffi::OsStr;

/// How many names a URL path has at most.
const MAX_NAMES: usize = 128;

/// Where a page can lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// At these names below this folder of the evidence.
    Below(ServerPath, Vec<String>),
    /// Below a folder that the configuration names and the evidence does not have.
    NoFolder(ServerPath),
    /// Below a folder of the evidence, if Exchange was installed as it is by default: there is no configuration to ask.
    Assumed(ServerPath, Vec<String>),
}

/// Which folder serves which URL path.
#[derive(Debug, Default)]
pub struct Served {
    by_url: HashMap<String, Vec<Directory>>,
    configured: bool,
    /// Where the sites are really configured, with shared configuration.
    elsewhere: Option<String>,
}

#[derive(Debug)]
struct Directory {
    site: usize,
    /// The name of the folder that its application compiles into, folded.
    folder: String,
    physical: Vec<Spot>,
    /// Why it cannot be looked for.
    away: Option<String>,
}

/// The folders of a default installation below its root by URL path, from CSS-Exchange's ExtendedProtection test data: the
/// front end's first, then the back end's.
const DEFAULT_FOLDERS: &[(&str, &str)] = &[
    ("/owa", r"FrontEnd\HttpProxy\owa"),
    ("/owa", r"ClientAccess\owa"),
    ("/ecp", r"FrontEnd\HttpProxy\ecp"),
    ("/ecp", r"ClientAccess\ecp"),
    ("/ews", r"FrontEnd\HttpProxy\EWS"),
    ("/ews", r"ClientAccess\exchweb\EWS"),
    ("/autodiscover", r"FrontEnd\HttpProxy\Autodiscover"),
    ("/autodiscover", r"ClientAccess\Autodiscover"),
    ("/oab", r"FrontEnd\HttpProxy\OAB"),
    ("/oab", r"ClientAccess\OAB"),
    ("/mapi", r"FrontEnd\HttpProxy\mapi"),
    ("/mapi", r"ClientAccess\mapi"),
    ("/rpc", r"FrontEnd\HttpProxy\rpc"),
    ("/powershell", r"FrontEnd\HttpProxy\PowerShell"),
    ("/powershell", r"ClientAccess\PowerShell-Proxy"),
    ("/microsoft-server-activesync", r"FrontEnd\HttpProxy\sync"),
    ("/microsoft-server-activesync", r"ClientAccess\sync"),
];

impl Served {
    /// Of a plan: its configuration or, without one, the folders of a default installation.
    pub fn new(plan: &Plan) -> Self {
        let mut served = Self::default();
        let Some(iis) = plan.iis.as_ref().filter(|iis| !iis.sites.is_empty()) else {
            served.assume(plan);
            return served;
        };
        served.configured = true;
        served.elsewhere.clone_from(&iis.redirected_to);
        for (site, one) in iis.sites.iter().enumerate() {
            for application in &one.applications {
                let last = application.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                let folder = if last.is_empty() { "root".to_owned() } else { fold(last) };
                for directory in &application.folders {
                    let url = application.url(directory);
                    let (physical, away) = match &directory.physical {
                        Physical::Folders(paths) => {
                            (paths.iter().map(|path| Spot::Below(path.clone(), Vec::new())).collect(), None)
                        }
                        Physical::Missing(path) => (vec![Spot::NoFolder(path.clone())], None),
                        Physical::NotGiven => {
                            let why = format!(
                                "{url} of site \"{}\" lies at \"{}\", which was not given",
                                one.name, directory.configured
                            );
                            (Vec::new(), Some(why))
                        }
                    };
                    let directory = Directory { site, folder: folder.clone(), physical, away };
                    served.by_url.entry(fold(url.trim_end_matches('/'))).or_default().push(directory);
                }
            }
        }
        served
    }

    fn assume(&mut self, plan: &Plan) {
        let mut add = |url: &str, folder: &str, path: ServerPath| {
            let physical = vec![Spot::Assumed(path, Vec::new())];
            let directory = Directory { site: 0, folder: folder.to_owned(), physical, away: None };
            self.by_url.entry(url.to_owned()).or_default().push(directory);
        };
        for root in &plan.exchange {
            for (url, folder) in DEFAULT_FOLDERS {
                add(url, &url[1..], root.join_all(folder));
            }
        }
        for area in plan.areas.iter().filter(|area| same_name(area.path.name(), "wwwroot")) {
            add("", "root", area.path.clone());
        }
    }

    /// Where the page of a URL path can lie that was compiled into a folder of this name.
    ///
    /// # Errors
    /// Why it cannot be said.
    pub fn spots(&self, folder: &str, url: &str) -> Result<Vec<Spot>, String> {
        let names: Vec<&str> = url.strip_prefix('/').unwrap_or_default().split('/').collect();
        let plain = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['\\', ':', '\0']);
        if names.len() > MAX_NAMES || !names.iter().all(|name| plain(name)) {
            return Err("its virtual path is not a plain URL path".to_owned());
        }
        if let Some(elsewhere) = &self.elsewhere {
            return Err(format!("the sites are configured elsewhere, in \"{elsewhere}\""));
        }
        let folder = fold(folder);
        let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let mut sites: Vec<usize> = Vec::new();
        let mut spots = Vec::new();
        // The longest path of a site is the one that counts.
        for length in (0..names.len()).rev() {
            let head: String = folded[..length].iter().flat_map(|name| ["/", name.as_str()]).collect();
            let mut met = Vec::new();
            for directory in self.by_url.get(&head).into_iter().flatten() {
                if sites.contains(&directory.site) {
                    continue;
                }
                met.push(directory.site);
                if directory.folder != folder {
                    continue;
                }
                if let Some(why) = &directory.away {
                    return Err(why.clone());
                }
                let rest = || names[length..].iter().map(|name| escape_name(OsStr::new(name))).collect::<Vec<String>>();
                spots.extend(directory.physical.iter().map(|spot| match spot {
                    Spot::Below(path, _) => Spot::Below(path.clone(), rest()),
                    Spot::Assumed(path, _) => Spot::Assumed(path.clone(), rest()),
                    Spot::NoFolder(path) => {
                        Spot::NoFolder(rest().iter().fold(path.clone(), |path, name| path.join(name)))
                    }
                }));
            }
            sites.extend(met);
        }
        match (spots.is_empty(), self.configured) {
            (false, _) => Ok(spots),
            (true, true) => {
                Err(format!("no application of the configuration serves it and compiles into \"{folder}\""))
            }
            (true, false) => Err("there is no configuration that says where it lay".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::iis::{Application, Iis, Site, VirtualDirectory};
    use super::*;
    use crate::config::server::Server;

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

    fn below(folder: &str, names: &str) -> Spot {
        Spot::Below(path(folder), names.split('/').map(str::to_owned).collect())
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
        let server = Server { sites, ..Server::default() };
        let plan = Plan { iis: Some(Iis { server, ..Iis::default() }), ..Plan::default() };
        let served = Served::new(&plan);
        let both = vec![below(r"C:\front\owa", "auth/x.aspx"), below(r"C:\back\owa", "auth/x.aspx")];
        assert_eq!(served.spots("owa", "/owa/auth/x.aspx"), Ok(both));
        let root = vec![below(r"C:\www", "aspnet_client/x.aspx"), below(r"C:\back", "aspnet_client/x.aspx")];
        assert_eq!(served.spots("root", "/aspnet_client/x.aspx"), Ok(root));
        // `/owa/Calendar` is an application of its own, and compiles elsewhere.
        assert_eq!(served.spots("calendar", "/owa/Calendar/x.aspx"), Ok(vec![below(r"C:\front\owa", "x.aspx")]));
        assert_eq!(served.spots("old", "/old/a/x.aspx"), Ok(vec![Spot::NoFolder(path(r"C:\old\a\x.aspx"))]));
        assert!(served.spots("far", "/far/x.aspx").is_err_and(|why| why.contains("not given")));
        assert!(served.spots("help", "/help/x.aspx").is_err_and(|why| why.contains("no application")));
        for odd in ["/owa/../x.aspx", "~/x.aspx", "", "/owa/a\\b.aspx", "/owa/c:x.aspx", "/owa//x.aspx"] {
            assert!(served.spots("owa", odd).is_err_and(|why| why.contains("plain URL path")), "{odd}");
        }
        assert!(served.spots("root", &"/a".repeat(1000)).is_err());
    }

    #[test]
    fn without_a_configuration_default_folders_are_an_assumption_and_a_shared_one_is_said() {
        let plan = Plan { exchange: vec![path(r"D:\V15")], ..Plan::default() };
        let spots = Served::new(&plan).spots("owa", "/owa/auth/x.aspx").expect("assumed");
        let names = vec!["auth".to_owned(), "x.aspx".to_owned()];
        let assumed = |folder: &str| Spot::Assumed(path(folder), names.clone());
        assert_eq!(spots, [assumed(r"D:\V15\FrontEnd\HttpProxy\owa"), assumed(r"D:\V15\ClientAccess\owa")]);
        assert!(
            Served::new(&Plan::default())
                .spots("owa", "/owa/x.aspx")
                .is_err_and(|why| why.contains("no configuration"))
        );
        let redirected_to = Some(r"\\share\x".to_owned());
        let server = Server { redirected_to, sites: vec![Site::default()], ..Server::default() };
        let iis = Iis { server, ..Iis::default() };
        let plan = Plan { iis: Some(iis), ..Plan::default() };
        assert!(Served::new(&plan).spots("owa", "/owa/x.aspx").is_err_and(|why| why.contains("elsewhere")));
    }
}
