//! The web server's configuration: applicationHost.config, and the location of its virtual directories in the evidence.

use crate::config::cache::{ConfigCache, ConfigFile, Unreadable};
use crate::config::{Document, MAX_BYTES, scopes::ConfigScopes, server::MAX_ITEMS, server::Server};
use crate::evidence::{Evidence, Resolver, classify, is_unanswered};
use crate::model::{Problem, ProblemKind, ServerPath};
use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

pub use crate::config::server::{Application, Physical, Pool, Site, Variables, VirtualDirectory};

/// What the web server serves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iis {
    /// The configuration file it was read from.
    pub config: Option<ServerPath>,
    /// The volume of the Windows whose server it is; none where nothing says so.
    pub system: Option<char>,
    /// Its sites and pools.
    pub server: Server,
    /// Its handlers, request filters and ways of authentication.
    pub layers: ConfigScopes,
}

impl Deref for Iis {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Iis {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}

impl Iis {
    /// The folders that applications are in, each with its `bin`.
    pub fn application_folders(&self) -> impl Iterator<Item = &ServerPath> {
        let applications = self.sites.iter().flat_map(|site| &site.applications);
        let roots = applications.flat_map(|application| application.folders.iter().filter(|folder| folder.path == "/"));
        roots.flat_map(|folder| folder.physical.folders())
    }

    /// Every folder of the evidence that is served, with the URL path it is served at.
    pub fn mappings(&self) -> impl Iterator<Item = (&ServerPath, String)> {
        self.sites.iter().flat_map(|site| &site.applications).flat_map(|application| {
            application.folders.iter().flat_map(move |folder| {
                folder.physical.folders().iter().map(move |path| (path, application.url(folder)))
            })
        })
    }
}

/// Reads a configuration file. What was understood before a break is kept, and the break reported.
pub fn read(evidence: &dyn Evidence, configs: &ConfigCache, config: &ServerPath, problems: &mut Vec<Problem>) -> Iis {
    match whole(evidence, configs, config) {
        Ok(file) => {
            let document = &file.document;
            let iis = Iis {
                config: Some(config.clone()),
                system: config.drive_letter(),
                server: Server::of(document),
                layers: ConfigScopes::of(document),
            };
            if let Some(message) = trouble(document, iis.server.truncated) {
                problems.push(Problem::at(ProblemKind::ConfigMalformed, config, message));
            }
            iis
        }
        Err(error) => {
            if configs.first_report(config) {
                problems.push(Problem::at(error.kind, config, error.message));
            }
            Iis::default()
        }
    }
}

/// A configuration file, of which no more than [`MAX_BYTES`] are read; parsed once a run.
pub(super) fn document(
    evidence: &dyn Evidence,
    configs: &ConfigCache,
    config: &ServerPath,
) -> Result<Arc<ConfigFile>, Unreadable> {
    if let Some(known) = configs.get(config) {
        return known;
    }
    let mut bytes = Vec::new();
    // One byte more shows that there is more.
    let read = evidence.open(config).map(|file| file.reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    match read {
        Ok(Ok(_)) => Ok(configs.parse(config, &bytes)),
        Ok(Err(error)) => {
            let mut document = configs.parse_part(&bytes);
            document.broken = Some(format!("could not be read after byte {}: {error}", bytes.len()));
            Ok(Arc::new(ConfigFile::joined(document)))
        }
        Err(error) => {
            let unreadable = Unreadable { kind: classify(&error), message: error.to_string() };
            // Evidence that does not answer now may answer another thread.
            if !is_unanswered(&error) {
                configs.fail(config, unreadable.clone());
            }
            Err(unreadable)
        }
    }
}

/// How many sections of one file may be in files of their own; IIS has some eighty.
const MAX_PARTS: usize = 200;

/// The elements of a configuration file, with those of the sections that are in files of their own.
pub(super) fn whole(
    evidence: &dyn Evidence,
    configs: &ConfigCache,
    config: &ServerPath,
) -> Result<Arc<ConfigFile>, Unreadable> {
    let file = document(evidence, configs, config)?;
    if file.document.sources().is_empty() {
        return Ok(file);
    }
    let mut whole = file.document.clone();
    let resolver = Resolver::new(evidence);
    let folder = config.parent().unwrap_or_else(|| config.clone());
    for (at, (section, written)) in whole.sources().into_iter().enumerate() {
        // IIS takes a path below the file's own folder.
        let below = written.replace('/', "\\");
        let path = ServerPath::from_windows(&format!("{folder}\\{below}"));
        let files = path.map_or_else(|| resolver.files_below(&folder, &below), |path| resolver.files(&path));
        match files.first().filter(|_| at < MAX_PARTS).map(|file| document(evidence, configs, file)) {
            Some(Ok(part)) => whole.put_in(section, part.document.clone()),
            _ => {
                let name = &whole.elements[section].name;
                let why = format!("the section {name} is in \"{written}\", which was not read");
                whole.broken.get_or_insert(why);
            }
        }
    }
    Ok(Arc::new(ConfigFile::joined(whole)))
}

/// What keeps a document from being understood as a whole.
pub(super) fn trouble(document: &Document, truncated: bool) -> Option<String> {
    let many =
        truncated.then(|| format!("more than {MAX_ITEMS} sites, applications and folders: the rest was not read"));
    let kind = document.has_document_type.then(|| "has a document type declaration, which IIS never writes".to_owned());
    document.broken.clone().or(many).or(kind)
}

/// The kind of problem that a path of a configuration is which is not there: one that is spelled so that Windows may find it
/// where this program does not is a gap.
pub fn not_there(configured: &str, expanded: &str, variables: &Variables) -> (ProblemKind, &'static str) {
    match ServerPath::is_plainly_spelled(expanded.trim()) && !variables.guesses(configured) {
        true => (ProblemKind::FolderMissing, "does not exist"),
        false => (ProblemKind::PathUnresolved, "was not found under this name; check it on the server"),
    }
}

/// Finds the physical folders of every virtual directory and reports those that are not there. Gives the files that stand in the
/// place of a folder.
pub fn locate(
    iis: &mut Iis,
    variables: &Variables,
    resolver: &Resolver<'_>,
    drives: &[char],
    problems: &mut Vec<Problem>,
) -> Vec<ServerPath> {
    let mut in_place = Vec::new();
    let system = variables.system();
    for site in &mut iis.server.sites {
        for application in &mut site.applications {
            let urls: Vec<String> = application.folders.iter().map(|folder| application.url(folder)).collect();
            for (folder, url) in application.folders.iter_mut().zip(urls) {
                let expanded = variables.expand(&folder.configured);
                let name = || format!("virtual directory {url} of site \"{}\"", site.name);
                folder.physical = match ServerPath::from_configured(&expanded, system) {
                    Some(path) if path.drive_letter().is_some_and(|letter| drives.contains(&letter)) => {
                        let folders = resolver.folders(&path);
                        if folders.is_empty() {
                            let files = resolver.files(&path);
                            let (kind, what) = match files.is_empty() {
                                true => not_there(&folder.configured, &expanded, variables),
                                false => (ProblemKind::PathUnresolved, "is a file, despite its name"),
                            };
                            in_place.extend(files);
                            let spelled = match kind {
                                ProblemKind::FolderMissing => String::new(),
                                _ => format!(" (as \"{}\")", folder.configured),
                            };
                            let message = format!("{} points here{spelled}, but the folder {what}", name());
                            problems.push(Problem::at(kind, &path, message));
                            Physical::Missing(path)
                        } else {
                            Physical::Folders(folders)
                        }
                    }
                    Some(path) => {
                        let message = format!("{} is on a volume that was not provided", name());
                        problems.push(Problem::at(ProblemKind::VolumeNotProvided, &path, message));
                        Physical::NotGiven
                    }
                    None => {
                        let message = format!(
                            "{} points to \"{}\", which is not a folder on a provided volume",
                            name(),
                            folder.configured
                        );
                        problems.push(Problem::general(ProblemKind::VolumeNotProvided, message));
                        Physical::NotGiven
                    }
                };
            }
        }
    }
    in_place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::evidence::memory::Fault;

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
        (read(&evidence, &ConfigCache::default(), &path, &mut problems), problems)
    }

    #[test]
    fn sites_pools_bindings_and_folders_are_read() {
        let (iis, problems) = read_text(CONFIG.as_bytes());
        assert_eq!(problems, []);
        assert_eq!(iis.counts(), (1, 3, 4));
        assert_eq!((iis.sites[0].name.as_str(), iis.sites[0].id.as_str()), ("Default & Site", "1"));
        assert_eq!(iis.sites[0].bindings, ["http *:80:"]);
        assert_eq!(iis.pool("p").map(|pool| pool.identity.as_str()), Some("LocalSystem"));
        let app = &iis.sites[0].applications[1];
        assert_eq!(app.url(&app.folders[1]), "/owa/sub");
        assert_eq!(app.url(&app.folders[0]), "/owa");
    }

    #[test]
    fn folders_are_found_without_case_and_missing_ones_are_reported() {
        let evidence = Memory::new().folder(r"C:\inetpub\wwwroot").folder(r"C:\Inetpub\WWWroot");
        let (mut iis, _) = read_text(CONFIG.as_bytes());
        let mut problems = Vec::new();
        locate(&mut iis, &Variables::new('C', None), &Resolver::new(&evidence), &['C'], &mut problems);
        let Physical::Folders(folders) = &iis.sites[0].applications[0].folders[0].physical else { panic!("not found") };
        assert_eq!(folders.len(), 2, "names that differ only in case both count: {folders:?}");
        let kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, [ProblemKind::FolderMissing, ProblemKind::VolumeNotProvided, ProblemKind::VolumeNotProvided]);
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
        let truncated = &CONFIG[..CONFIG.find("<application path=\"/d\"").expect("there")];
        for text in [
            truncated.to_owned(),
            format!("{truncated}<<<"),
            "MZ\0\0 no xml".into(),
            String::new(),
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{CONFIG}"),
        ] {
            let (iis, problems) = read_text(text.as_bytes());
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(problems[0].kind, ProblemKind::ConfigMalformed);
            assert!(iis.sites.len() <= 1);
        }
        assert_eq!(read_text(truncated.as_bytes()).0.sites[0].applications.len(), 2);
    }

    #[test]
    fn a_read_error_keeps_what_came_before() {
        let evidence =
            Memory::new().file(r"C:\a.config", CONFIG.as_bytes()).fault(r"C:\a.config", Fault::BreakAfter(700));
        let mut problems = Vec::new();
        let path = ServerPath::from_windows(r"C:\a.config").expect("absolute");
        let iis = read(&evidence, &ConfigCache::default(), &path, &mut problems);
        assert_eq!((iis.sites.len(), problems.len()), (1, 1));
        assert!(problems[0].message.contains("after byte 700"), "{problems:?}");
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
