//! Deviations of a web server from a default Exchange installation: additional sites, applications and virtual
//! directories, default ones that point elsewhere, physical paths where no web content belongs, pools with more
//! privileges.
//!
//! Antivirus, archives and certificate services add applications of their own to real servers: an addition is listed, and
//! only its place can convict it.

use super::bounded;
use super::server::{Application, Server, Site, Variables, VirtualDirectory};
use crate::model::ServerPath;
use crate::model::device_names::device_in;
use crate::model::drop_folders::{self, Found};
use crate::model::server_path::{fold, same_name};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// One virtual directory of a default server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultSiteRow {
    /// The site's name.
    pub site: String,
    /// The URL path of the application.
    pub application: String,
    /// The URL path of the virtual directory below the application's.
    pub folder: String,
    /// The pool that the application names; empty for none.
    pub pool: String,
    /// The physical path, with `<ExchangeInstallPath>` for the installation and `%variables%`.
    pub physical: String,
}

/// The virtual directories of default servers, by what they are looked up with. An application has one row per role and product
/// that differ in it.
#[derive(Clone, Debug, Default)]
pub struct DefaultSites {
    rows: Vec<DefaultSiteRow>,
    by_place: HashMap<(String, String, String), Vec<usize>>,
    sites: BTreeSet<String>,
    applications: BTreeSet<(String, String)>,
    pools: BTreeSet<String>,
}

impl DefaultSites {
    /// The map of these rows.
    pub fn new(rows: impl IntoIterator<Item = DefaultSiteRow>) -> Self {
        let mut map = Self::default();
        for row in rows {
            let key = (fold(&row.site), fold(&row.application), fold(&row.folder));
            map.sites.insert(key.0.clone());
            map.applications.insert((key.0.clone(), key.1.clone()));
            map.pools.insert(fold(&row.pool));
            map.by_place.entry(key).or_default().push(map.rows.len());
            map.rows.push(row);
        }
        map
    }

    /// How many virtual directories there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every row, in the order of the table.
    pub fn rows(&self) -> impl Iterator<Item = &DefaultSiteRow> {
        self.rows.iter()
    }

    fn at(&self, site: &str, application: &str, folder: &str) -> Vec<&DefaultSiteRow> {
        let found = self.by_place.get(&(fold(site), fold(application), fold(folder)));
        found.into_iter().flatten().filter_map(|at| self.rows.get(*at)).collect()
    }
}

/// One departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The check: `path_is_device_name`. Stable.
    pub id: &'static str,
    /// How grave it is, from 0 to 100, on the scale of docs/verdict.md.
    pub score: u8,
    /// What deviates, in words; names as the file has them.
    pub words: String,
    /// The element: its start tag in the text of the file, in bytes.
    pub range: Range<usize>,
}

/// Every id of a deviation.
pub const IDS: &[&str] = &[
    "site_added",
    "application_added",
    "virtual_directory_added",
    "default_path_changed",
    "default_pool_changed",
    "app_pool_localsystem",
    "path_outside_known_roots",
    "path_drop_folder",
    "path_unc",
    "path_device_namespace",
    "path_reserved_device_name",
    "deviations_truncated",
];

/// How many deviations are reported, those with the highest scores; a server of a hoster has a few hundred additions.
const MAX_DEVIATIONS: usize = 1_000;
/// Characters of a physical path that are reported.
const MAX_SHOWN: usize = 300;
/// The placeholder for the installation folder in the default sites.
const INSTALLATION: &str = "<exchangeinstallpath>";

/// Compares a server with the default sites. `installations` are Exchange folders known from elsewhere, besides the one that the default
/// virtual directories themselves point to. Where these point to none, the server has no Exchange, or one that the map does
/// not know, as 2010: then only places are judged. `system` is the letter of the drive that Windows lies on.
pub fn deviations(
    server: &Server,
    defaults: &DefaultSites,
    system: char,
    installations: &[ServerPath],
) -> Vec<Deviation> {
    let variables = Variables::new(system, installations.first());
    let mut exchange: BTreeSet<String> = pointed_to(server, defaults, &variables).into_iter().collect();
    if !exchange.is_empty() {
        exchange.extend(installations.iter().map(ServerPath::folded));
    }
    let mut judge = Judge { server, defaults, exchange, system, variables, found: Vec::new(), left: 0 };
    for site in &server.sites {
        judge.site(site);
    }
    judge.pools();
    judge.reported()
}

/// Keeps as many as are reported, those with the highest scores, in the order of the file, and counts the others.
fn keep_the_gravest(found: &mut Vec<Deviation>) -> usize {
    let Some(more) = found.len().checked_sub(MAX_DEVIATIONS) else { return 0 };
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(found[at].score), at));
    let mut kept = vec![false; found.len()];
    order[..MAX_DEVIATIONS].iter().for_each(|&at| kept[at] = true);
    let mut kept = kept.into_iter();
    found.retain(|_| kept.next() == Some(true));
    more
}

/// The installation folder of Exchange according to most default virtual directories, if at least three agree: a planted one of
/// a default name must not make its own folder a default one.
fn pointed_to(server: &Server, defaults: &DefaultSites, variables: &Variables) -> Option<String> {
    let mut votes: BTreeMap<String, usize> = BTreeMap::new();
    for (site, application, folder) in all(server) {
        let Some(path) = ServerPath::from_windows(&variables.expand(&folder.configured)) else { continue };
        let path = path.folded();
        for row in defaults.at(&site.name, &application.path, &folder.path) {
            let physical = fold(&row.physical);
            let Some(tail) = physical.strip_prefix(INSTALLATION) else { continue };
            if let Some(root) = path.strip_suffix(tail) {
                *votes.entry(root.to_owned()).or_default() += 1;
                break;
            }
        }
    }
    votes.into_iter().filter(|(_, count)| *count >= 3).max_by_key(|(_, count)| *count).map(|(root, _)| root)
}

fn all(server: &Server) -> impl Iterator<Item = (&Site, &Application, &VirtualDirectory)> {
    server.sites.iter().flat_map(|site| {
        let applications = site.applications.iter();
        applications
            .flat_map(move |application| application.folders.iter().map(move |folder| (site, application, folder)))
    })
}

struct Judge<'j> {
    server: &'j Server,
    defaults: &'j DefaultSites,
    /// The installations, folded.
    exchange: BTreeSet<String>,
    system: char,
    variables: Variables,
    found: Vec<Deviation>,
    /// How many were left out, since there are many graver ones.
    left: usize,
}

impl Judge<'_> {
    fn reported(mut self) -> Vec<Deviation> {
        self.left += keep_the_gravest(&mut self.found);
        if self.left > 0 {
            let words = format!("{} more deviations, none more serious, are not listed", self.left);
            let range = self.found.last().map_or(0..0, |last| last.range.clone());
            self.found.push(Deviation { id: "deviations_truncated", score: 10, words, range });
        }
        self.found
    }

    fn report(&mut self, id: &'static str, score: u8, range: &Range<usize>, words: String) {
        self.found.push(Deviation { id, score, words, range: range.clone() });
        if self.found.len() >= 4 * MAX_DEVIATIONS {
            self.left += keep_the_gravest(&mut self.found);
        }
    }

    fn has_exchange(&self) -> bool {
        !self.exchange.is_empty()
    }

    fn site(&mut self, site: &Site) {
        let is_default = self.defaults.sites.contains(&fold(&site.name));
        if self.has_exchange() && !is_default {
            let words = format!("site \"{}\" is not part of a default Exchange installation", site.name);
            self.report("site_added", 10, &site.range, words);
        }
        for application in &site.applications {
            let key = (fold(&site.name), fold(&application.path));
            let known = self.defaults.applications.contains(&key);
            if self.has_exchange() && is_default && !known {
                let words = format!(
                    "application {} of site \"{}\" is not part of a default Exchange installation",
                    application.path, site.name
                );
                self.report("application_added", 10, &application.range, words);
            }
            if self.has_exchange() && known {
                self.pool(site, application);
            }
            for folder in &application.folders {
                self.folder(site, application, folder, known);
            }
        }
    }

    fn pool(&mut self, site: &Site, application: &Application) {
        let rows = self.defaults.at(&site.name, &application.path, "/");
        // An application that names no pool is in the default one, which runs no Exchange application on any default server.
        let fits = rows.is_empty() || rows.iter().any(|row| same_name(&row.pool, &application.pool));
        let default = rows.iter().any(|row| row.pool.is_empty()) && same_name(&application.pool, "DefaultAppPool");
        if !fits && !default {
            let expected: BTreeSet<&str> = rows.iter().map(|row| or_default(&row.pool)).collect();
            let words = format!(
                "default application {} of site \"{}\" runs in pool {}, by default in {}",
                application.path,
                site.name,
                or_default(&application.pool),
                expected.into_iter().collect::<Vec<_>>().join(" or ")
            );
            self.report("default_pool_changed", 25, &application.range, words);
        }
    }

    fn folder(&mut self, site: &Site, application: &Application, folder: &VirtualDirectory, application_known: bool) {
        let url = application.url(folder);
        let shown = bounded(&folder.configured, MAX_SHOWN);
        let what = format!("virtual directory {url} of site \"{}\" -> {shown}", site.name);
        let expanded = self.variables.expand(&folder.configured);
        let path = ServerPath::from_windows(&expanded);
        let rows = self.defaults.at(&site.name, &application.path, &folder.path);
        if self.has_exchange() {
            if rows.is_empty() && application_known {
                let words = format!("{what}: not part of a default Exchange installation");
                self.report("virtual_directory_added", 15, &folder.range, words);
            }
            if !rows.is_empty() && !rows.iter().any(|row| self.fits(row, path.as_ref())) {
                let words = format!("default {what}, by default {}", rows[0].physical);
                self.report("default_path_changed", 50, &folder.range, words);
            }
        }
        self.place(&what, &expanded, path.as_ref(), folder);
    }

    /// Whether a path is the one of a row.
    fn fits(&self, row: &DefaultSiteRow, path: Option<&ServerPath>) -> bool {
        let Some(path) = path else { return false };
        let path = path.folded();
        match fold(&row.physical).strip_prefix(INSTALLATION) {
            Some(tail) => path.strip_suffix(tail).is_some_and(|root| self.exchange.contains(root)),
            None => {
                let defaults = ServerPath::from_windows(&self.variables.expand(&row.physical));
                defaults.is_some_and(|defaults| defaults.folded() == path)
            }
        }
    }

    /// What a physical path shows by itself.
    fn place(&mut self, what: &str, expanded: &str, path: Option<&ServerPath>, folder: &VirtualDirectory) {
        let range = &folder.range;
        if let Some(name) = device_in(expanded) {
            let name = bounded(name, MAX_SHOWN);
            let words =
                format!("{what}: \"{name}\" is a reserved DOS device name, accessible only through a \\\\?\\ path");
            self.report("path_reserved_device_name", 90, range, words);
        }
        let slashes = expanded.trim().replace('/', "\\");
        if slashes.starts_with(r"\\?\") || slashes.starts_with(r"\\.\") || slashes.starts_with(r"\??\") {
            let words =
                format!("{what}: a path in the device namespace, which bypasses the normalisation of Windows names");
            self.report("path_device_namespace", 60, range, words);
        } else if slashes.starts_with(r"\\") {
            let words = format!("{what}: content comes from a remote host, or from this one by its network name");
            self.report("path_unc", 30, range, words);
        }
        let Some(path) = path else { return };
        let folded = path.folded();
        let below: Vec<String> = path.names().map(fold).collect();
        if let Some((folder, score)) = drop_folders::find(&below.join("\\"), Found::VirtualDirectory) {
            let words = format!("{what}: in {}, where no web content belongs", folder.name);
            self.report("path_drop_folder", score, range, words);
        } else if self.has_exchange() && !self.in_known_root(&folded) {
            let words = format!("{what}: outside the folders of Exchange, IIS and installed programs");
            self.report("path_outside_known_roots", 10, range, words);
        }
    }

    fn in_known_root(&self, folded: &str) -> bool {
        let drive = format!("{}:", self.system.to_ascii_lowercase());
        let below =
            |root: &str| folded.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'));
        let roots = [r"\inetpub", r"\program files", r"\program files (x86)", r"\windows\system32\rpcproxy"];
        // Certificate services, their enrolment pages and WSUS keep their pages here.
        let services = [r"\windows\system32\certsrv", r"\windows\systemdata\ces", r"\windows\systemdata\cep"];
        self.exchange.iter().any(|root| below(root))
            || roots.iter().chain(&services).any(|root| below(&format!("{drive}{root}")))
    }

    fn pools(&mut self) {
        if !self.has_exchange() {
            return;
        }
        for pool in self.server.pools.values() {
            let is_system = ["LocalSystem", r"NT AUTHORITY\SYSTEM"].iter().any(|name| same_name(&pool.identity, name));
            if is_system && !self.defaults.pools.contains(&fold(&pool.name)) {
                let words = format!(
                    "pool {} runs as LocalSystem and is not part of a default Exchange installation",
                    pool.name
                );
                self.report("app_pool_localsystem", 20, &pool.range, words);
            }
        }
    }
}

fn or_default(pool: &str) -> &str {
    if pool.is_empty() { "the default pool" } else { pool }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    const EXCHANGE: &str = r"C:\Program Files\Microsoft\Exchange Server\V15";

    fn defaults() -> DefaultSites {
        let row = |application: &str, pool: &str, physical: &str| DefaultSiteRow {
            site: "Default Web Site".to_owned(),
            application: application.to_owned(),
            folder: "/".to_owned(),
            pool: pool.to_owned(),
            physical: physical.to_owned(),
        };
        DefaultSites::new([
            row("/", "", r"%SystemDrive%\inetpub\wwwroot"),
            row("/owa", "OwaPool", r"<ExchangeInstallPath>\FrontEnd\HttpProxy\owa"),
            row("/ecp", "EcpPool", r"<ExchangeInstallPath>\FrontEnd\HttpProxy\ecp"),
            row("/EWS", "EwsPool", r"<ExchangeInstallPath>\FrontEnd\HttpProxy\EWS"),
            row("/OAB", "OabPool", r"<ExchangeInstallPath>\FrontEnd\HttpProxy\OAB"),
        ])
    }

    /// A default server with this put into its root application, into its first site, and beside its sites and pools.
    fn server(folders: &str, applications: &str, sites: &str, pools: &str) -> String {
        let application = |path: &str, pool: &str, folder: &str| {
            format!(
                r#"<application path="{path}" applicationPool="{pool}"><virtualDirectory path="/" physicalPath="{EXCHANGE}\FrontEnd\HttpProxy\{folder}"/></application>"#
            )
        };
        format!(
            r#"<configuration><applicationPools><add name="OwaPool"><processModel identityType="LocalSystem"/></add>{pools}</applicationPools><sites><site name="Default Web Site"><application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot"/>{folders}</application>{}{}{}{}{applications}</site>{sites}</sites></configuration>"#,
            application("/owa", "OwaPool", "owa"),
            application("/ecp", "EcpPool", "ecp"),
            application("/EWS", "EwsPool", "EWS"),
            application("/oab", "OabPool", "OAB"),
        )
    }

    fn reported(text: &str) -> Vec<(&'static str, String)> {
        let found = deviations(&Server::of(&Document::parse(text)), &defaults(), 'C', &[]);
        found.into_iter().map(|deviation| (deviation.id, text[deviation.range].to_owned())).collect()
    }

    fn ids(text: &str) -> Vec<&'static str> {
        reported(text).into_iter().map(|(id, _)| id).collect()
    }

    fn folder(physical: &str) -> String {
        server(&format!(r#"<virtualDirectory path="/help" physicalPath="{physical}"/>"#), "", "", "")
    }

    #[test]
    fn a_default_server_deviates_in_nothing_wherever_exchange_is_installed() {
        let defaults = server("", "", "", "");
        assert_eq!(ids(&defaults), [""; 0]);
        assert_eq!(ids(&defaults.replace(EXCHANGE, r"e:\mail")), [""; 0]);
    }

    #[test]
    fn what_is_added_is_listed_and_convicts_nobody() {
        let vendor = r#"<application path="/vendor"><virtualDirectory path="/" physicalPath="C:\Program Files\Vendor\web"/></application>"#;
        let text = server("", vendor, "", "");
        assert_eq!(reported(&text), [("application_added", r#"<application path="/vendor">"#.to_owned())]);
        let site = format!(r#"<site name="Vendor">{vendor}</site>"#);
        assert_eq!(ids(&server("", "", &site, "")), ["site_added"]);
        assert_eq!(ids(&folder(r"C:\inetpub\help")), ["virtual_directory_added"]);
        let many =
            deviations(&Server::of(&Document::parse(&server("", &vendor.repeat(30), "", ""))), &defaults(), 'C', &[]);
        assert!(many.iter().all(|deviation| deviation.score <= 15), "{many:?}");
    }

    #[test]
    fn places_without_web_content_are_reported_and_others_are_not() {
        let drop = "path_drop_folder";
        let outside = "path_outside_known_roots";
        for (physical, expected) in [
            (r"C:\ProgramData\x", &[drop][..]),
            (r"%ALLUSERSPROFILE%\x", &[drop]),
            (r"C:\Users\All Users\x", &[drop]),
            (r"C:\Users\Public\x", &[drop]),
            (r"C:\Windows\Temp", &[drop]),
            (r"C:/windows/TEMP/", &[drop]),
            (r"D:\$Recycle.Bin\S-1-5-18", &[drop]),
            (r"C:\PerfLogs\a", &[drop]),
            (r"C:\Temp", &[drop]),
            (r"C:\Users\adm\AppData\Local\Temp\1", &[drop]),
            (r"C:\inetpub\wwwroot\..\..\ProgramData\x", &[drop]),
            (r"C:\ProgramDataX", &[outside]),
            (r"D:\web", &[outside]),
            (r"C:\Windows\System32", &[outside]),
            (r"C:\", &[outside]),
            (r"C:\Program Files (x86)\Vendor", &[]),
            (r"C:\inetpub\temp", &[]),
            (r"C:\Windows\system32\CertSrv\en-US", &[]),
            (r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\x", &[]),
            (r"\\server\share", &["path_unc"]),
            (r"\\127.0.0.1\c$\inetpub", &["path_unc"]),
            (r"\\?\C:\inetpub\x", &["path_device_namespace"]),
            (r"\\.\C:\ProgramData\x", &["path_device_namespace", drop]),
            (r"\\?\C:\ProgramData\COM1\", &["path_reserved_device_name", "path_device_namespace", drop]),
            (r"C:\ProgramData\COM1", &["path_reserved_device_name", drop]),
            (r"C:\inetpub\aux.x\y", &["path_reserved_device_name"]),
        ] {
            let found = ids(&folder(physical));
            assert_eq!(found[0], "virtual_directory_added", "{physical}");
            assert_eq!(found[1..], *expected, "{physical}");
        }
    }

    #[test]
    fn default_names_that_point_elsewhere_or_run_in_another_pool_are_reported() {
        let text = server("", "", "", "");
        let moved = text.replace(r"HttpProxy\ecp", r"HttpProxy\owa");
        assert_eq!(ids(&moved), ["default_path_changed"]);
        let away = text.replace(&format!(r"{EXCHANGE}\FrontEnd\HttpProxy\OAB"), r"D:\copy\FrontEnd\HttpProxy\OAB");
        assert_eq!(ids(&away), ["default_path_changed", "path_outside_known_roots"]);
        let elsewhere = [ServerPath::from_windows(r"D:\copy").expect("absolute")];
        assert_eq!(
            deviations(&Server::of(&Document::parse(&away)), &defaults(), 'C', &elsewhere),
            [],
            "one more installation"
        );
        let root = text.replace(r"inetpub\wwwroot", r"inetpub\other");
        assert_eq!(ids(&root), ["default_path_changed"]);
        let pool = text.replace(r#"path="/ecp" applicationPool="EcpPool""#, r#"path="/ecp" applicationPool="OwaPool""#);
        assert_eq!(ids(&pool), ["default_pool_changed"]);
        let named =
            text.replace(r#"<application path="/">"#, r#"<application path="/" applicationPool="DefaultAppPool">"#);
        assert_eq!(ids(&named), [""; 0], "the default pool by its name");
    }

    #[test]
    fn a_pool_with_all_rights_is_reported_unless_it_is_a_default_one() {
        let pool = |identity: &str| {
            ids(&server("", "", "", &format!(r#"<add name="P"><processModel identityType="{identity}"/></add>"#)))
        };
        assert_eq!(pool("LocalSystem"), ["app_pool_localsystem"]);
        assert_eq!(pool("ApplicationPoolIdentity"), [""; 0]);
        let named = r#"<add name="P"><processModel identityType="SpecificUser" userName="nt authority\system"/></add>"#;
        assert_eq!(ids(&server("", "", "", named)), ["app_pool_localsystem"]);
    }

    #[test]
    fn without_exchange_only_places_are_judged() {
        let site = |physical: &str| {
            format!(
                r#"<sites><site name="Shop"><application path="/"><virtualDirectory path="/" physicalPath="{physical}"/></application></site></sites>"#
            )
        };
        assert_eq!(ids(&site(r"D:\shop")), [""; 0]);
        assert_eq!(ids(&site(r"C:\Users\All Users\x")), ["path_drop_folder"]);
    }

    #[test]
    fn an_exchange_that_the_map_does_not_know_is_not_measured_by_it() {
        // Exchange 2010 has one site, and the applications of that in ClientAccess.
        let text = server("", "", "", "").replace(r"FrontEnd\HttpProxy", "ClientAccess").replace("V15", "V14");
        let known = [ServerPath::from_windows(r"C:\Program Files\Microsoft\Exchange Server\V14").expect("absolute")];
        assert_eq!(deviations(&Server::of(&Document::parse(&text)), &defaults(), 'C', &known), []);
        // Two that agree are too few to say where Exchange lies.
        let few = server("", "", "", "").replace(r"HttpProxy\ecp", "x").replace(r"HttpProxy\EWS", "y");
        assert_eq!(ids(&few), [""; 0]);
    }

    #[test]
    fn there_is_an_end_to_what_is_reported() {
        let folders = r#"<virtualDirectory path="/x" physicalPath="C:\ProgramData\NUL"/>"#.repeat(5_000);
        let found = deviations(&Server::of(&Document::parse(&server(&folders, "", "", ""))), &defaults(), 'C', &[]);
        assert_eq!(found.len(), MAX_DEVIATIONS + 1);
        assert!(
            found.last().is_some_and(|last| last.id == "deviations_truncated" && last.words.contains("more")),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_grave_is_reported_wherever_it_stands() {
        let many = r#"<virtualDirectory path="/x" physicalPath="C:\odd"/>"#.repeat(6_000);
        let grave = r#"<virtualDirectory path="/y" physicalPath="C:\Windows\Temp\NUL"/>"#;
        let found =
            deviations(&Server::of(&Document::parse(&server(&(many + grave), "", "", ""))), &defaults(), 'C', &[]);
        assert!(found.len() == MAX_DEVIATIONS + 1 && found.iter().any(|one| one.score >= 90), "{}", found.len());
    }
}
