//! The web server in applicationHost.config: sites, bindings, applications, virtual directories, pools.

use super::log_file::LogFile;
use super::{Document, Element, bounded};
use crate::model::ServerPath;
use crate::model::server_path::{fold, same_name};
use std::collections::BTreeMap;
use std::ops::Range;

/// How many sites, applications, virtual directories, bindings and pools together are kept.
pub const MAX_ITEMS: usize = 20_000;
/// Characters that are kept of a name or a URL path; IIS takes no longer ones.
const MAX_NAME: usize = 1_024;
/// Characters that are kept of a physical path; Windows takes no longer ones.
const MAX_PATH: usize = 32_768;

/// What the web server serves, and as whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// In the order of the file.
    pub sites: Vec<Site>,
    /// The application pools by folded name.
    pub pools: BTreeMap<String, Pool>,
    /// The pool of applications that name none; empty if not configured.
    pub default_pool: String,
    /// The folder above the log folders of sites that name none, as configured.
    pub default_logs: String,
    /// Where the copies of earlier configurations lie, as configured; empty if not configured.
    pub history: String,
    /// Where shared configuration points, if it is switched on.
    pub redirected_to: Option<String>,
    /// Whether there were more than [`MAX_ITEMS`]; the rest was left.
    pub truncated: bool,
}

/// One web site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The id that names its log folder (`W3SVC1`).
    pub id: String,
    /// The name.
    pub name: String,
    /// `http *:80:` and so on.
    pub bindings: Vec<String>,
    /// Its applications.
    pub applications: Vec<Application>,
    /// The folder above its log folder as configured, `%variables%` and all: `logFile/@directory` of the site or, failing
    /// that, of `siteDefaults`; empty if neither is configured.
    pub logs: String,
    /// When it starts a new log file.
    pub log_file: LogFile,
    /// The pool of its applications that name none; empty if not configured.
    pub default_pool: String,
    /// Its start tag in the text of the file, in bytes.
    pub range: Range<usize>,
}

/// One application of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    /// The URL path it starts at.
    pub path: String,
    /// The application pool, if one is named.
    pub pool: String,
    /// Its virtual directories.
    pub folders: Vec<VirtualDirectory>,
    /// Its start tag in the text of the file, in bytes.
    pub range: Range<usize>,
}

/// One virtual directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualDirectory {
    /// The URL path below the application's.
    pub path: String,
    /// The physical path as configured.
    pub configured: String,
    /// What became of it.
    pub physical: Physical,
    /// Its start tag in the text of the file, in bytes.
    pub range: Range<usize>,
}

/// What a configured physical path turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Physical {
    /// These folders of the evidence; more than one where names differ only in case.
    Folders(Vec<ServerPath>),
    /// An absolute path that is not there.
    Missing(ServerPath),
    /// On a drive that was not provided, or no local path at all.
    NotGiven,
}

impl Physical {
    /// The folders of the evidence.
    pub fn folders(&self) -> &[ServerPath] {
        match self {
            Self::Folders(folders) => folders,
            _ => &[],
        }
    }
}

/// One application pool. What is not configured comes from `applicationPoolDefaults`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// The name.
    pub name: String,
    /// The account: the user name where one is given, else the kind of identity (`LocalSystem`); empty if not configured.
    pub identity: String,
    /// The version of .NET (`v4.0`); `Some("")` for a pool without managed code, `None` if not configured.
    pub runtime: Option<String>,
    /// Whether it runs 32-bit code on 64-bit Windows; off unless configured.
    pub is_32_bit: bool,
    /// Whether it has the pipeline of IIS 6; the integrated one unless configured.
    pub is_classic: bool,
    /// Its start tag in the text of the file, in bytes.
    pub range: Range<usize>,
}

impl Application {
    /// The URL path of one of its virtual directories.
    pub fn url(&self, folder: &VirtualDirectory) -> String {
        let url = format!("{}/{}", self.path.trim_end_matches('/'), folder.path.trim_start_matches('/'));
        if url.len() > 1 { url.trim_end_matches('/').to_owned() } else { url }
    }
}

/// A file while it is read.
struct Reading<'d> {
    document: &'d Document,
    server: Server,
    defaults: Settings,
    pools: Vec<(Pool, Settings)>,
    /// The `logFile` of `siteDefaults`.
    log_file: LogFile,
    /// How many sites, applications, virtual directories, bindings and pools there were.
    items: usize,
    /// The elements that are open, by their places: the last of each kind is the only one that later elements are in.
    site: Option<usize>,
    application: Option<usize>,
    pool: Option<usize>,
}

impl<'d> Reading<'d> {
    fn of(document: &'d Document) -> Self {
        let (server, defaults, pools) = (Server::default(), Settings::default(), Vec::new());
        let log_file = LogFile::default();
        Self { document, server, defaults, pools, log_file, items: 0, site: None, application: None, pool: None }
    }

    fn within(&self, at: usize, names: &[&str]) -> bool {
        self.document.ends_with(at, names)
    }

    /// The element around the one around this.
    fn grandparent(&self, element: &Element) -> Option<usize> {
        element.parent.and_then(|parent| self.document.elements[parent].parent)
    }

    /// Counts what is kept; whether that is too much.
    fn is_full(&mut self, at: usize, element: &Element) -> bool {
        let kept = match element.name.as_str() {
            "site" | "application" | "virtualDirectory" | "binding" => true,
            "add" => self.within(at, &["applicationPools", "add"]),
            _ => false,
        };
        self.items += usize::from(kept);
        kept && self.items > MAX_ITEMS
    }

    /// An element of sites; `false` for any other.
    fn site(&mut self, at: usize, element: &Element) -> bool {
        let (parent, range) = (element.parent, element.range.clone());
        let in_site = self.site.is_some() && self.site == parent;
        match element.name.as_str() {
            "site" if self.within(at, &["sites", "site"]) => {
                self.site = Some(at);
                self.application = None;
                let (id, name) = (text(element, "id"), text(element, "name"));
                self.server.sites.push(Site { id, name, range, ..Site::default() });
            }
            "application" if in_site => {
                self.application = Some(at);
                if let Some(site) = self.server.sites.last_mut() {
                    let (path, pool) = (text(element, "path"), text(element, "applicationPool"));
                    site.applications.push(Application { path, pool, folders: Vec::new(), range });
                }
            }
            "virtualDirectory" if self.application.is_some() && self.application == parent => {
                if let Some(application) = self.server.sites.last_mut().and_then(|site| site.applications.last_mut()) {
                    let (path, configured) = (text(element, "path"), text(element, "physicalPath"));
                    let physical = Physical::NotGiven;
                    application.folders.push(VirtualDirectory { path, configured, physical, range });
                }
            }
            "binding" if self.site.is_some() && self.site == self.grandparent(element) => {
                if let Some(site) = self.server.sites.last_mut() {
                    site.bindings.push(format!(
                        "{} {}",
                        text(element, "protocol"),
                        text(element, "bindingInformation")
                    ));
                }
            }
            "logFile" if self.within(at, &["siteDefaults", "logFile"]) => {
                self.server.default_logs = text(element, "directory");
                self.log_file = LogFile::of(element);
            }
            "logFile" if in_site => {
                if let Some(site) = self.server.sites.last_mut() {
                    site.logs = text(element, "directory");
                    site.log_file = LogFile::of(element);
                }
            }
            "applicationDefaults" if self.within(at, &["sites", "applicationDefaults"]) => {
                self.server.default_pool = text(element, "applicationPool");
            }
            "applicationDefaults" if in_site => {
                if let Some(site) = self.server.sites.last_mut() {
                    site.default_pool = text(element, "applicationPool");
                }
            }
            _ => return false,
        }
        true
    }

    /// An element of application pools, or a setting of the server.
    fn pool(&mut self, at: usize, element: &Element) {
        match element.name.as_str() {
            "add" if self.within(at, &["applicationPools", "add"]) => {
                self.pool = Some(at);
                let mut settings = Settings::default();
                settings.read(element);
                let (name, range) = (text(element, "name"), element.range.clone());
                self.pools.push((Pool { name, range, ..Pool::default() }, settings));
            }
            "applicationPoolDefaults" => self.defaults.read(element),
            "processModel" if self.within(at, &["applicationPoolDefaults", "processModel"]) => {
                self.defaults.read(element);
            }
            "processModel"
                if self.pool.is_some() && (self.pool == element.parent || self.pool == self.grandparent(element)) =>
            {
                if let Some((_, settings)) = self.pools.last_mut() {
                    settings.read(element);
                }
            }
            "configHistory" => self.server.history = text(element, "path"),
            "configurationRedirection" if element.is_on("enabled") => {
                self.server.redirected_to = Some(text(element, "path"));
            }
            _ => {}
        }
    }
}

/// An attribute of an element, within bounds.
fn text(element: &Element, name: &str) -> String {
    let most = if name == "physicalPath" { MAX_PATH } else { MAX_NAME };
    bounded(element.attribute(name), most).to_owned()
}

/// The pool that the schema of IIS gives applications for which no configuration names one.
const SCHEMA_POOL: &str = "DefaultAppPool";

impl Server {
    /// Reads a file. Elements are recognised by their names wherever they are below `sites` and `applicationPools`.
    pub fn of(document: &Document) -> Self {
        let mut reading = Reading::of(document);
        for (at, element) in document.elements.iter().enumerate() {
            if reading.is_full(at, element) {
                reading.server.truncated = true;
                break;
            }
            if !reading.site(at, element) {
                reading.pool(at, element);
            }
        }
        let Reading { mut server, defaults, pools, log_file, .. } = reading;
        for site in &mut server.sites {
            if site.logs.is_empty() {
                site.logs.clone_from(&server.default_logs);
            }
            site.log_file = std::mem::take(&mut site.log_file).or(&log_file);
        }
        for (pool, own) in pools {
            let pool = own.or(&defaults).complete(pool);
            server.pools.entry(fold(&pool.name)).or_insert(pool);
        }
        server
    }

    /// The name of the pool that an application of a site runs in.
    pub fn pool_of<'s>(&'s self, site: &'s Site, application: &'s Application) -> &'s str {
        let named = [&application.pool, &site.default_pool, &self.default_pool];
        named.into_iter().find(|name| !name.is_empty()).map_or(SCHEMA_POOL, String::as_str)
    }

    /// A pool by its name, compared without case.
    pub fn pool(&self, name: &str) -> Option<&Pool> {
        self.pools.get(&fold(name))
    }

    /// The numbers of sites, applications and virtual directories.
    pub fn counts(&self) -> (usize, usize, usize) {
        let applications = self.sites.iter().map(|site| site.applications.len()).sum();
        let folders = self.sites.iter().flat_map(|site| &site.applications).map(|app| app.folders.len()).sum();
        (self.sites.len(), applications, folders)
    }
}

/// Settings of a pool or of the pool defaults, each only if configured.
#[derive(Clone, Debug, Default)]
struct Settings {
    kind: Option<String>,
    user: Option<String>,
    runtime: Option<String>,
    is_32_bit: Option<bool>,
    is_classic: Option<bool>,
}

impl Settings {
    fn read(&mut self, element: &super::Element) {
        for (name, value) in &element.attributes {
            let text = || Some(bounded(value, MAX_NAME).to_owned());
            match name.as_str() {
                "identityType" => self.kind = text(),
                "userName" if !value.is_empty() => self.user = text(),
                "managedRuntimeVersion" => self.runtime = text(),
                "enable32BitAppOnWin64" => self.is_32_bit = Some(same_name(value, "true")),
                "managedPipelineMode" => self.is_classic = Some(same_name(value, "classic")),
                _ => {}
            }
        }
    }

    fn or(self, defaults: &Self) -> Self {
        // A user name belongs to the kind of identity that stands beside it.
        let own = self.kind.is_some() || self.user.is_some();
        let (kind, user) = if own { (self.kind, self.user) } else { (defaults.kind.clone(), defaults.user.clone()) };
        Self {
            kind,
            user,
            runtime: self.runtime.or_else(|| defaults.runtime.clone()),
            is_32_bit: self.is_32_bit.or(defaults.is_32_bit),
            is_classic: self.is_classic.or(defaults.is_classic),
        }
    }

    fn complete(self, pool: Pool) -> Pool {
        // A user name counts only beside the kind that takes one; IIS leaves old ones standing.
        let specific = self.kind.as_deref().is_none_or(|kind| same_name(kind, "SpecificUser"));
        let identity = match (self.user.filter(|_| specific), self.kind) {
            (Some(user), _) => user,
            (None, kind) => kind.unwrap_or_default(),
        };
        Pool {
            identity,
            runtime: self.runtime,
            is_32_bit: self.is_32_bit.unwrap_or(false),
            is_classic: self.is_classic.unwrap_or(false),
            ..pool
        }
    }
}

/// The variables that a physical path may name.
#[derive(Clone, Debug)]
pub struct Variables(Vec<(&'static str, String)>);

/// Those whose value is that of a default installation, and not the same on every server.
const GUESSED: &[&str] =
    &["homedrive", "homepath", "temp", "tmp", "userprofile", "appdata", "localappdata", "driverdata"];

impl Variables {
    /// Those of a server whose Windows lies on `system` and whose Exchange lies at `exchange`.
    pub fn new(system: char, exchange: Option<&ServerPath>) -> Self {
        let drive = format!("{system}:");
        let mut variables: Vec<(&'static str, String)> = [
            ("systemdrive", ""),
            ("systemroot", r"\Windows"),
            ("windir", r"\Windows"),
            ("programfiles", r"\Program Files"),
            ("programw6432", r"\Program Files"),
            ("programfiles(x86)", r"\Program Files (x86)"),
            ("commonprogramfiles", r"\Program Files\Common Files"),
            ("programdata", r"\ProgramData"),
            ("allusersprofile", r"\ProgramData"),
            ("public", r"\Users\Public"),
            ("commonprogramfiles(x86)", r"\Program Files (x86)\Common Files"),
            ("commonprogramw6432", r"\Program Files\Common Files"),
            ("homedrive", ""),
            ("homepath", r"\Windows\System32\config\systemprofile"),
            ("temp", r"\Windows\Temp"),
            ("tmp", r"\Windows\Temp"),
            ("userprofile", r"\Windows\System32\config\systemprofile"),
            ("appdata", r"\Windows\System32\config\systemprofile\AppData\Roaming"),
            ("localappdata", r"\Windows\System32\config\systemprofile\AppData\Local"),
            ("driverdata", r"\Windows\System32\Drivers\DriverData"),
        ]
        .into_iter()
        .map(|(name, path)| (name, if name == "homepath" { path.to_owned() } else { format!("{drive}{path}") }))
        .collect();
        if let Some(exchange) = exchange {
            variables.push(("exchangeinstallpath", exchange.as_str().to_owned()));
        }
        Self(variables)
    }

    /// The drive that Windows lies on.
    pub fn system(&self) -> char {
        self.expand("%SystemDrive%").chars().next().filter(char::is_ascii_alphabetic).unwrap_or('C')
    }

    /// Whether a text names a variable whose value is only likely, or none that is known.
    pub fn guesses(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        GUESSED.iter().any(|name| text.contains(&format!("%{name}%"))) || self.expand(&text).contains('%')
    }

    /// The same with one more, by its name in lower case, which counts before the others.
    #[must_use]
    pub fn with(&self, name: &'static str, value: String) -> Self {
        let mut variables = self.0.clone();
        variables.insert(0, (name, value));
        Self(variables)
    }

    /// The text with its `%variables%` put in; unknown ones stay as they are.
    pub fn expand(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('%') {
            out.push_str(&rest[..start]);
            let body = &rest[start + 1..];
            let value = body.find('%').and_then(|end| {
                let name = body[..end].to_ascii_lowercase();
                self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (end, value))
            });
            match value {
                Some((end, value)) => {
                    out.push_str(value);
                    rest = &body[end + 1..];
                }
                None => {
                    out.push('%');
                    rest = body;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Server {
        Server::of(&Document::parse(text))
    }

    fn pool(own: &str, defaults: &str) -> Pool {
        let text = format!(
            "<c><applicationPools><add name='P'{own}</add><add name='Q'/><applicationPoolDefaults{defaults}</applicationPoolDefaults></applicationPools></c>"
        );
        server(&text).pool("p").expect("there").clone()
    }

    #[test]
    fn a_pool_takes_from_the_defaults_what_it_does_not_say() {
        let defaults =
            " managedRuntimeVersion='v4.0' enable32BitAppOnWin64='true'><processModel identityType='NetworkService'/>";
        let known = pool("><recycling/>", defaults);
        assert_eq!((known.identity.as_str(), known.runtime.as_deref()), ("NetworkService", Some("v4.0")));
        assert!(known.is_32_bit && !known.is_classic);
        let own = " managedRuntimeVersion='' managedPipelineMode='Classic' enable32BitAppOnWin64='false'><processModel identityType='LocalSystem'/>";
        let known = pool(own, defaults);
        assert_eq!((known.identity.as_str(), known.runtime.as_deref()), ("LocalSystem", Some("")));
        assert!(!known.is_32_bit && known.is_classic);
        let bare = pool(">", ">");
        assert_eq!((bare.identity.as_str(), bare.runtime), ("", None), "nothing says it");
    }

    #[test]
    fn a_user_name_is_the_identity_only_where_it_is_used() {
        let user = |kind: &str| pool(&format!("><processModel {kind} userName='D\\svc'/>"), ">").identity;
        assert_eq!(user("identityType='SpecificUser'"), r"D\svc");
        assert_eq!(user("identityType='LocalSystem'"), "LocalSystem", "an old name left standing");
        let defaults = "><processModel identityType='SpecificUser' userName='D\\all'/>";
        assert_eq!(pool(">", defaults).identity, r"D\all");
        assert_eq!(pool("><processModel identityType='LocalService'/>", defaults).identity, "LocalService");
    }

    #[test]
    fn the_pool_of_an_application_is_its_own_its_sites_that_of_all_or_the_schemas() {
        let text = |site: &str, all: &str| {
            format!(
                "<c><sites><site name='s'><application path='/' applicationPool='Own'/><application path='/x'/>{site}</site>{all}</sites></c>"
            )
        };
        let of = |text: &str, at: usize| {
            let server = server(text);
            server.pool_of(&server.sites[0], &server.sites[0].applications[at]).to_owned()
        };
        let (site, all) =
            ("<applicationDefaults applicationPool='Site'/>", "<applicationDefaults applicationPool='All'/>");
        assert_eq!(of(&text(site, all), 0), "Own");
        assert_eq!(of(&text(site, all), 1), "Site");
        assert_eq!(of(&text("", all), 1), "All");
        assert_eq!(of(&text("", ""), 1), "DefaultAppPool");
    }

    #[test]
    fn a_long_name_is_not_told_with_each_thing_in_it() {
        let long = "ü".repeat(2 << 20);
        let text = format!(
            "<c><sites><site name='{long}'><application path='/'><virtualDirectory path='/{long}' physicalPath='C:\\{long}'/></application></site></sites>\
            <applicationPools><add name='P'/><applicationPoolDefaults><processModel identityType='{long}'/></applicationPoolDefaults></applicationPools></c>"
        );
        let server = server(&text);
        let folder = &server.sites[0].applications[0].folders[0];
        let lengths =
            [&server.sites[0].name, &folder.path, &folder.configured, &server.pool("P").expect("there").identity]
                .map(|text| text.chars().count());
        assert_eq!(lengths, [MAX_NAME, MAX_NAME, MAX_PATH, MAX_NAME]);
    }

    #[test]
    fn elements_outside_of_their_place_are_nothing() {
        let text = "<c><application path='/lost'/><virtualDirectory path='/lost' physicalPath='C:\\x'/>\
            <sites><site name='s'><bindings><binding protocol='http' bindingInformation='*:80:'/></bindings></site>\
            <binding protocol='lost'/><application path='/lost'><virtualDirectory path='/'/></application></sites></c>";
        let server = server(text);
        assert_eq!(server.counts(), (1, 0, 0));
        assert_eq!(server.sites[0].bindings, ["http *:80:"]);
        assert_eq!(&text[server.sites[0].range.clone()], "<site name='s'>");
    }

    #[test]
    fn log_folders_and_history_are_as_configured() {
        let text = "<c><configHistory enabled='true' path='D:\\h'/><sites><site name='a'><logFile directory='E:\\l'/></site>\
            <site name='b'/><siteDefaults><logFile directory='F:\\l'/></siteDefaults></sites></c>";
        let server = server(text);
        assert_eq!((server.sites[0].logs.as_str(), server.sites[1].logs.as_str()), (r"E:\l", r"F:\l"));
        assert_eq!(server.history, r"D:\h");
    }
}
