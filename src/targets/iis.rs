//! Sites, applications and virtual directories from applicationHost.config.

use crate::evidence::{Evidence, Resolver};
use crate::model::{Problem, ProblemKind, ServerPath};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::io::{BufReader, Read};

/// What is read of one configuration file. Real ones have 100 KB to 2 MB; the bound keeps a planted one from filling
/// memory.
const MAX_CONFIG: u64 = 16 << 20;
/// How many sites, applications, virtual directories and pools together are kept.
const MAX_ITEMS: usize = 20_000;

/// What the web server serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Iis {
    /// The configuration file it was read from.
    pub config: Option<ServerPath>,
    /// In the order of the file.
    pub sites: Vec<Site>,
    /// The identity of each application pool by name.
    pub pools: BTreeMap<String, String>,
    /// Where shared configuration points, if it is switched on.
    pub redirected_to: Option<String>,
    /// The folder above the log folders of sites that name none, as configured.
    pub default_logs: String,
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
    /// that, of `siteDefaults`; empty where neither says.
    pub logs: String,
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
}

/// What a configured physical path turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Physical {
    /// These folders of the evidence; more than one where names differ only in case.
    Folders(Vec<ServerPath>),
    /// An absolute path that is not there.
    Missing(ServerPath),
    /// On a drive that was not given, or no local path at all.
    NotGiven,
}

impl Application {
    /// The URL path of one of its virtual directories.
    pub fn url(&self, folder: &VirtualDirectory) -> String {
        let url = format!("{}/{}", self.path.trim_end_matches('/'), folder.path.trim_start_matches('/'));
        if url.len() > 1 { url.trim_end_matches('/').to_owned() } else { url }
    }
}

impl Iis {
    /// Every folder of the evidence that is served, with the URL path it is served at.
    pub fn mappings(&self) -> impl Iterator<Item = (&ServerPath, String)> {
        self.sites.iter().flat_map(|site| &site.applications).flat_map(|application| {
            application.folders.iter().flat_map(move |folder| {
                let paths: &[ServerPath] = match &folder.physical {
                    Physical::Folders(paths) => paths,
                    _ => &[],
                };
                paths.iter().map(move |path| (path, application.url(folder)))
            })
        })
    }

    /// The numbers of sites, applications and virtual directories.
    pub fn counts(&self) -> (usize, usize, usize) {
        let applications = self.sites.iter().map(|site| site.applications.len()).sum();
        let folders = self.sites.iter().flat_map(|site| &site.applications).map(|app| app.folders.len()).sum();
        (self.sites.len(), applications, folders)
    }
}

/// Reads a configuration file. What was understood before a break is kept, and the break reported.
pub fn read(evidence: &dyn Evidence, config: &ServerPath, problems: &mut Vec<Problem>) -> Iis {
    let content = match evidence.open(config) {
        Ok(content) => content,
        Err(error) => {
            problems.push(Problem::at(crate::evidence::classify(&error), config, error.to_string()));
            return Iis::default();
        }
    };
    let larger = content.size > MAX_CONFIG;
    // Decoded by its byte order mark; UTF-8 without one, as IIS writes it.
    let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding_rs::UTF_8))
        .bom_override(true)
        .build(content.reader.take(MAX_CONFIG));
    let (mut iis, broken) = parse(BufReader::new(decoded));
    iis.config = Some(config.clone());
    for site in iis.sites.iter_mut().filter(|site| site.logs.is_empty()) {
        site.logs.clone_from(&iis.default_logs);
    }
    if larger {
        let message = format!("larger than {} MiB: only what comes before was read", MAX_CONFIG >> 20);
        problems.push(Problem::at(ProblemKind::ConfigBroken, config, message));
    } else if let Some(message) = broken {
        problems.push(Problem::at(ProblemKind::ConfigBroken, config, message));
    }
    iis
}

/// Parses the XML text; the second value says where and why it broke off.
fn parse(text: impl std::io::BufRead) -> (Iis, Option<String>) {
    let mut iis = Iis::default();
    let mut reader = Reader::from_reader(text);
    let mut buffer = Vec::new();
    let mut pool = String::new();
    let mut seen_root = false;
    let mut depth = 0u64;
    let mut items = 0usize;
    let mut in_defaults = false;
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => return (iis, Some(format!("not well-formed at byte {}: {error}", reader.error_position()))),
        };
        let element = match &event {
            Event::Eof if !seen_root => return (iis, Some("not an XML document".to_owned())),
            Event::Eof if depth > 0 => return (iis, Some("ends inside an element".to_owned())),
            Event::Eof => return (iis, None),
            Event::DocType(_) => {
                return (iis, Some("has a document type declaration, which IIS never writes".to_owned()));
            }
            Event::Start(element) => {
                depth += 1;
                element
            }
            Event::Empty(element) => element,
            Event::End(element) => {
                in_defaults &= element.local_name().as_ref() != "siteDefaults";
                depth = depth.saturating_sub(1);
                continue;
            }
            _ => continue,
        };
        seen_root = true;
        let name = element.local_name();
        if matches!(name.as_ref(), "site" | "application" | "virtualDirectory" | "add" | "binding") {
            items += 1;
            if items > MAX_ITEMS {
                return (
                    iis,
                    Some(format!("more than {MAX_ITEMS} sites, applications and folders: the rest was left")),
                );
            }
        }
        match name.as_ref() {
            "site" => iis.sites.push(Site {
                id: attribute(element, "id"),
                name: attribute(element, "name"),
                ..Site::default()
            }),
            "siteDefaults" => in_defaults = true,
            "logFile" if in_defaults => iis.default_logs = attribute(element, "directory"),
            "logFile" => {
                if let Some(site) = iis.sites.last_mut() {
                    site.logs = attribute(element, "directory");
                }
            }
            "binding" => {
                if let Some(site) = iis.sites.last_mut() {
                    let text =
                        format!("{} {}", attribute(element, "protocol"), attribute(element, "bindingInformation"));
                    site.bindings.push(text);
                }
            }
            "application" => {
                if let Some(site) = iis.sites.last_mut() {
                    site.applications.push(Application {
                        path: attribute(element, "path"),
                        pool: attribute(element, "applicationPool"),
                        folders: Vec::new(),
                    });
                }
            }
            "virtualDirectory" => {
                if let Some(application) = iis.sites.last_mut().and_then(|site| site.applications.last_mut()) {
                    application.folders.push(VirtualDirectory {
                        path: attribute(element, "path"),
                        configured: attribute(element, "physicalPath"),
                        physical: Physical::NotGiven,
                    });
                }
            }
            // applicationPools/add; other lists' <add> elements have no processModel inside.
            "add" => pool = attribute(element, "name"),
            "processModel" if !pool.is_empty() => {
                let kind = attribute(element, "identityType");
                let user = attribute(element, "userName");
                let identity = if user.is_empty() { kind } else { user };
                if !identity.is_empty() {
                    iis.pools.insert(pool.clone(), identity);
                }
            }
            "configurationRedirection" if attribute(element, "enabled").eq_ignore_ascii_case("true") => {
                iis.redirected_to = Some(attribute(element, "path"));
            }
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok())
        .map(|value| value.into_owned())
        .unwrap_or_default()
}

/// The variables that a physical path may name.
#[derive(Clone, Debug)]
pub struct Variables(Vec<(&'static str, String)>);

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
        ]
        .into_iter()
        .map(|(name, path)| (name, format!("{drive}{path}")))
        .collect();
        if let Some(exchange) = exchange {
            variables.push(("exchangeinstallpath", exchange.as_str().to_owned()));
        }
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

/// Finds the physical folders of every virtual directory and reports those that are not there.
pub fn locate(
    iis: &mut Iis,
    variables: &Variables,
    resolver: &Resolver<'_>,
    drives: &[char],
    problems: &mut Vec<Problem>,
) {
    for site in &mut iis.sites {
        for application in &mut site.applications {
            let urls: Vec<String> = application.folders.iter().map(|folder| application.url(folder)).collect();
            for (folder, url) in application.folders.iter_mut().zip(urls) {
                let expanded = variables.expand(&folder.configured);
                let name = || format!("virtual directory {url} of site \"{}\"", site.name);
                folder.physical = match ServerPath::from_windows(&expanded) {
                    Some(path) if path.drive_letter().is_some_and(|letter| drives.contains(&letter)) => {
                        let folders = resolver.folders(&path);
                        if folders.is_empty() {
                            let message = format!("{} points here, but the folder does not exist", name());
                            problems.push(Problem::at(ProblemKind::FolderMissing, &path, message));
                            Physical::Missing(path)
                        } else {
                            Physical::Folders(folders)
                        }
                    }
                    Some(path) => {
                        let message = format!("{} lies on a volume that was not given", name());
                        problems.push(Problem::at(ProblemKind::VolumeNotGiven, &path, message));
                        Physical::NotGiven
                    }
                    None => {
                        let message = format!(
                            "{} points to \"{}\", which names no folder of a given volume",
                            name(),
                            folder.configured
                        );
                        problems.push(Problem::general(ProblemKind::VolumeNotGiven, message));
                        Physical::NotGiven
                    }
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    const CONFIG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration><system.applicationHost>
 <applicationPools><add name="P"><processModel identityType="LocalSystem" /></add></applicationPools>
 <sites>
  <site name="Default &amp; Site" id="1">
   <application path="/" applicationPool="P"><virtualDirectory path="/" physicalPath="%SystemDrive%\INETPUB\wwwroot" /></application>
   <application path="/owa"><virtualDirectory path="/" physicalPath="C:\Gone" /><virtualDirectory path="/sub" physicalPath="\\server\share" /></application>
   <application path="/d"><virtualDirectory path="/" physicalPath="D:\x" /></application>
   <bindings><binding protocol="http" bindingInformation="*:80:" /></bindings>
  </site>
 </sites></system.applicationHost></configuration>"#;

    fn read_text(bytes: &[u8]) -> (Iis, Vec<Problem>) {
        let evidence = Memory::new().file(r"C:\a.config", bytes);
        let mut problems = Vec::new();
        let path = ServerPath::from_windows(r"C:\a.config").expect("absolute");
        (read(&evidence, &path, &mut problems), problems)
    }

    #[test]
    fn sites_pools_bindings_and_folders_are_read() {
        let (iis, problems) = read_text(CONFIG.as_bytes());
        assert_eq!(problems, []);
        assert_eq!(iis.counts(), (1, 3, 4));
        assert_eq!((iis.sites[0].name.as_str(), iis.sites[0].id.as_str()), ("Default & Site", "1"));
        assert_eq!(iis.sites[0].bindings, ["http *:80:"]);
        assert_eq!(iis.pools.get("P").map(String::as_str), Some("LocalSystem"));
        let app = &iis.sites[0].applications[1];
        assert_eq!(app.url(&app.folders[1]), "/owa/sub");
        assert_eq!(app.url(&app.folders[0]), "/owa");
    }

    #[test]
    fn folders_are_found_without_case_and_missing_ones_are_said() {
        let evidence = Memory::new().folder(r"C:\inetpub\wwwroot").folder(r"C:\Inetpub\WWWroot");
        let (mut iis, _) = read_text(CONFIG.as_bytes());
        let mut problems = Vec::new();
        locate(&mut iis, &Variables::new('C', None), &Resolver::new(&evidence), &['C'], &mut problems);
        let Physical::Folders(folders) = &iis.sites[0].applications[0].folders[0].physical else { panic!("not found") };
        assert_eq!(folders.len(), 2, "names that differ only in case both count: {folders:?}");
        let kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, [ProblemKind::FolderMissing, ProblemKind::VolumeNotGiven, ProblemKind::VolumeNotGiven]);
    }

    #[test]
    fn utf16_is_read_like_utf8() {
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(CONFIG.replace("UTF-8", "UTF-16").encode_utf16().flat_map(u16::to_le_bytes));
        let (iis, problems) = read_text(&wide);
        assert_eq!(problems, []);
        assert_eq!(iis.counts(), (1, 3, 4));
    }

    #[test]
    fn broken_files_keep_what_came_before_and_say_where() {
        let cut = &CONFIG[..CONFIG.find("<application path=\"/d\"").expect("there")];
        for text in [
            cut.to_owned(),
            format!("{cut}<<<"),
            "MZ\0\0 no xml".into(),
            String::new(),
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{CONFIG}"),
        ] {
            let (iis, problems) = read_text(text.as_bytes());
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(problems[0].kind, ProblemKind::ConfigBroken);
            assert!(iis.sites.len() <= 1);
        }
        assert_eq!(read_text(cut.as_bytes()).0.sites[0].applications.len(), 2);
    }

    #[test]
    fn a_configuration_without_end_is_bounded() {
        let mut huge = CONFIG.replace("</sites></system.applicationHost></configuration>", "").into_bytes();
        huge.resize(100 << 20, b' ');
        let (iis, problems) = read_text(&huge);
        assert_eq!(iis.sites.len(), 1);
        assert!(problems[0].message.contains("16 MiB"));
        let many =
            format!("<a><sites><site name='s' id='1'/>{}</sites></a>", "<application path='/'/>".repeat(MAX_ITEMS + 5));
        let (iis, problems) = read_text(many.as_bytes());
        assert!(iis.sites[0].applications.len() <= MAX_ITEMS && problems.len() == 1);
    }

    #[test]
    fn variables_are_expanded_and_unknown_ones_stay() {
        let exchange = ServerPath::from_windows(r"D:\Ex\V15").expect("absolute");
        let variables = Variables::new('C', Some(&exchange));
        assert_eq!(variables.expand(r"%WinDir%\System32\RpcProxy"), r"C:\Windows\System32\RpcProxy");
        assert_eq!(variables.expand(r"%ExchangeInstallPath%\x"), r"D:\Ex\V15\x");
        assert_eq!(variables.expand(r"%nope%\100%"), r"%nope%\100%");
    }
}
