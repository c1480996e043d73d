//! Log discovery: logs of each Exchange installation, IIS logs in configured folders and elsewhere on a volume,
//! http.sys logs, or loose folders. Names and sizes only.

use super::format::Kind;
use super::text::begins;
use crate::evidence::{Evidence, Led, Listed, Resolver, classify, not_followed};
use crate::model::place::kind::is_web;
use crate::model::server_path::{extension, same_name};
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use crate::targets::Plan;
use crate::targets::iis::not_there;
use std::collections::HashSet;

/// The folders of the front-end proxy's logs, one a protocol.
pub(super) const PROTOCOLS: &[&str] =
    &["Autodiscover", "Eas", "Ecp", "Ews", "Mapi", "Oab", "Owa", "OwaCalendar", "PowerShell", "Rest", "RpcHttp"];
/// Those of which a server of 2013 has none.
const NOT_EVERYWHERE: &[&str] = &["OwaCalendar", "Rest", "Mapi"];

/// The other logs of an installation: folder and kind.
const FOLDERS: &[(&str, Kind, &str)] = &[
    (r"Logging\ECP\Server", Kind::EcpServer, "ECP Server"),
    (r"Logging\ECP\Activity", Kind::EcpActivity, "ECP Activity"),
    (r"Logging\OABGeneratorLog", Kind::OabGenerator, "OABGeneratorLog"),
    (r"Logging\Ews", Kind::Ews, "EWS"),
    (r"Logging\CmdletInfra\Powershell-Proxy\Cmdlet", Kind::Cmdlet, "CmdletInfra Powershell-Proxy Cmdlet"),
    (r"Logging\CmdletInfra\LocalPowerShell\Cmdlet", Kind::Cmdlet, "CmdletInfra LocalPowerShell Cmdlet"),
    (r"Logging\CmdletInfra\Powershell-Proxy\Http", Kind::PowerShellHttp, "CmdletInfra Powershell-Proxy Http"),
    (r"Logging\CosmosQueue\audit", Kind::Audit, "CosmosQueue audit"),
];

/// Files that are kept. A server has some ten thousands; half a million take 40 MB.
const MOST_FILES: usize = 4_000_000;
const MOST_FOLDERS: usize = 200_000;
/// How deep folders are walked.
const DEPTH: usize = 32;

/// A folder where logs are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The name in reports.
    pub label: String,
    /// What lies there.
    pub kind: Kind,
    /// The folder; `None` if it is missing.
    pub folder: Option<ServerPath>,
}

/// The logs to read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    folders: Vec<ServerPath>,
    files: Vec<File>,
    /// Where logs were looked for.
    pub expected: Vec<Expected>,
    /// Event logs that lie among loose logs.
    pub events: Vec<ServerPath>,
    /// Bytes of all files, as listed.
    pub bytes: u64,
    beyond: u64,
}

#[derive(Clone, Debug)]
struct File {
    folder: u32,
    /// Whether its name is none that a log has: that it is no log is nothing to be told.
    unsure: bool,
    name: Box<str>,
}

/// Whether a file is a log, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// It is none.
    No,
    /// Its content says.
    Unsure,
    Yes,
}

impl Sources {
    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The path of a file.
    pub fn path(&self, at: usize) -> Option<ServerPath> {
        let file = self.files.get(at)?;
        Some(self.folder(at)?.join(&file.name))
    }

    /// The folder of a file.
    pub(super) fn folder(&self, at: usize) -> Option<&ServerPath> {
        self.folders.get(self.files.get(at)?.folder as usize)
    }

    /// Whether a file is one of the front-end proxy's, by its name or folder: those are read last.
    pub(super) fn is_proxy(&self, at: usize) -> bool {
        let by_name = self.files.get(at).is_some_and(|file| begins(&file.name, "HttpProxy"));
        by_name || self.folder(at).is_some_and(|folder| folder.names().any(|name| same_name(name, "HttpProxy")))
    }

    /// Whether the name of a file is none that a log has.
    pub(super) fn is_unsure(&self, at: usize) -> bool {
        self.files.get(at).is_some_and(|file| file.unsure)
    }

    fn add(&mut self, folder: &ServerPath, name: &str, size: u64, unsure: bool) {
        let known = self.folders.last() == Some(folder);
        if self.files.len() >= MOST_FILES || !known && self.folders.len() >= MOST_FOLDERS {
            self.beyond += 1;
            return;
        }
        if !known {
            self.folders.push(folder.clone());
        }
        let folder = u32::try_from(self.folders.len() - 1).unwrap_or(u32::MAX);
        self.files.push(File { folder, unsure, name: name.into() });
        self.bytes = self.bytes.saturating_add(size);
    }

    /// Adds what lies in a folder and, to a depth, below, walking without recursion. `wanted` chooses by name.
    fn walk(
        &mut self,
        evidence: &dyn Evidence,
        resolver: &Resolver<'_>,
        root: &ServerPath,
        most: usize,
        wanted: &dyn Fn(&str) -> Wanted,
        problems: &mut Vec<Problem>,
    ) {
        self.walk_beside((evidence, resolver), root, most, &[], wanted, problems);
    }

    /// The same without the folders `done`.
    fn walk_beside(
        &mut self,
        (evidence, resolver): (&dyn Evidence, &Resolver<'_>),
        root: &ServerPath,
        most: usize,
        done: &[ServerPath],
        wanted: &dyn Fn(&str) -> Wanted,
        problems: &mut Vec<Problem>,
    ) {
        let named = |name: &str| wanted(name) != Wanted::No;
        let mut waiting = vec![(root.clone(), 0)];
        // Folders that links lead to: each is walked once, and none that lies below the folder itself.
        let mut behind = Vec::new();
        while let Some((folder, depth)) = waiting.pop() {
            let mut names: Vec<(String, u64)> = Vec::new();
            let mut below = Vec::new();
            let mut at_links = Vec::new();
            let listed = evidence.list(&folder, &named, &mut |listed| match listed {
                Listed::Entry(entry) => match entry.kind {
                    EntryKind::File if named(&entry.name) => names.push((entry.name, entry.size)),
                    EntryKind::Folder => below.push(folder.join(&entry.name)),
                    EntryKind::Link { target } => at_links.push((entry.name, target)),
                    EntryKind::Other(what) if named(&entry.name) => {
                        let message = format!("a {what} in place of a log; it is not opened");
                        problems.push(Problem::at(ProblemKind::LogDamaged, &folder.join(&entry.name), message));
                    }
                    EntryKind::File | EntryKind::Other(_) => {}
                },
                Listed::NameOnly => {}
                Listed::Failed(name, error) => {
                    problems.push(Problem::at(classify(&error), &folder.join(&name), error.to_string()));
                }
            });
            if let Err(error) = listed {
                let problem = Problem::at(ProblemKind::FolderUnreadable, &folder, error.to_string());
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            for (name, target) in at_links {
                let link = folder.join(&name);
                match resolver.lead(&link, target.as_deref()) {
                    Led::File(to) if named(&name) || named(to.name()) => match (evidence.stat(&to), to.parent()) {
                        (Ok(entry), _) if extension(&name) == "evtx" => {
                            debug_assert!(entry.kind == EntryKind::File);
                            self.events.push(to);
                        }
                        (Ok(entry), Some(parent)) => {
                            let unsure = wanted(&name) != Wanted::Yes && wanted(to.name()) != Wanted::Yes;
                            self.add(&parent, to.name(), entry.size, unsure);
                        }
                        (Err(error), _) => problems.push(Problem::at(classify(&error), &to, error.to_string())),
                        (Ok(_), None) => {}
                    },
                    Led::File(_) => {}
                    Led::Folder(to) if to.below(root).is_some() || behind.contains(&to) => {}
                    Led::Folder(to) => {
                        behind.push(to.clone());
                        below.push(to);
                    }
                    Led::Away(away) if most > 0 && !away.is_nothing() => {
                        problems.push(Problem::at(away.kind, &link, not_followed(target.as_deref(), &away)));
                    }
                    Led::Away(_) => {}
                }
            }
            names.sort_unstable();
            for (name, size) in names {
                if extension(&name) == "evtx" {
                    self.events.push(folder.join(&name));
                } else {
                    self.add(&folder, &name, size, wanted(&name) == Wanted::Unsure);
                }
            }
            below.retain(|folder| !done.contains(folder));
            below.sort_unstable();
            if depth < most {
                waiting.extend(below.into_iter().rev().map(|folder| (folder, depth + 1)));
            } else if most > 0 && !below.is_empty() {
                problems.push(Problem::at(
                    ProblemKind::FolderUnreadable,
                    &folder,
                    "too deep: the folders below were not searched",
                ));
            }
        }
    }

    /// Leaves of the files from a place on those whose name is that of a log, or whose first lines are those of one.
    fn drop_strangers(&mut self, evidence: &dyn Evidence, from: usize) {
        let folders = &self.folders;
        let mut at = 0;
        self.files.retain(|file| {
            at += 1;
            let path = || folders.get(file.folder as usize).map(|folder| folder.join(&file.name));
            at <= from || !file.unsure || path().is_some_and(|path| super::reader::begins_as_log(evidence, &path))
        });
    }

    /// Leaves of the files from a place on those that are not known, once each.
    fn drop_known(&mut self, from: usize, mut known: HashSet<ServerPath>) {
        let folders = &self.folders;
        let mut at = 0;
        self.files.retain(|file| {
            at += 1;
            let path = || folders.get(file.folder as usize).map(|folder| folder.join(&file.name));
            at <= from || path().is_some_and(|path| known.insert(path))
        });
    }

    /// Takes in what was found elsewhere.
    pub fn join(&mut self, other: Self) {
        let shift = self.folders.len() as u32; // both are bounded far below
        self.folders.extend(other.folders);
        self.files.extend(other.files.into_iter().map(|file| File { folder: file.folder + shift, ..file }));
        self.expected.extend(other.expected);
        self.events.extend(other.events);
        self.bytes += other.bytes;
    }

    fn finish(mut self, problems: &mut Vec<Problem>) -> Self {
        if self.beyond > 0 {
            let message = format!("more than {MOST_FILES} log files: {} were not read", self.beyond);
            problems.push(Problem::general(ProblemKind::LogDamaged, message));
        }
        self.folders.shrink_to_fit();
        self.files.shrink_to_fit();
        self
    }
}

/// The logs of the server that a plan describes: `roots` are the roots of its volumes.
pub fn survey(evidence: &dyn Evidence, plan: &Plan, roots: &[ServerPath], problems: &mut Vec<Problem>) -> Sources {
    let resolver = &Resolver::new(evidence);
    let mut sources = Sources::default();
    plan.exchange.iter().for_each(|root| exchange(evidence, resolver, root, &mut sources, problems));
    iis(evidence, resolver, plan, roots, &mut sources, problems);
    for root in roots {
        for folder in resolver.folders_below(root, r"Windows\System32\LogFiles\HTTPERR") {
            sources.walk(evidence, resolver, &folder, DEPTH, &in_log_folder, problems);
            sources.expected.push(Expected { label: "HTTPERR".to_owned(), kind: Kind::HttpErr, folder: Some(folder) });
        }
    }
    resolver.report(problems);
    sources.finish(problems)
}

/// The logs of an installation.
fn exchange(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    installation: &ServerPath,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) {
    let protocols = PROTOCOLS.iter().map(|name| {
        let optional = NOT_EVERYWHERE.contains(name);
        (format!(r"Logging\HttpProxy\{name}"), Kind::HttpProxy, format!("HttpProxy {name}"), optional)
    });
    let others = FOLDERS.iter().map(|(folder, kind, label)| ((*folder).to_owned(), *kind, (*label).to_owned(), false));
    let mut known = Vec::new();
    for (below, kind, label, optional) in protocols.chain(others) {
        let folders = resolver.folders_below(installation, &below);
        if folders.is_empty() && !optional {
            sources.expected.push(Expected { label: label.clone(), kind, folder: None });
        }
        for folder in folders {
            sources.walk(evidence, resolver, &folder, DEPTH, &in_log_folder, problems);
            known.push(folder.clone());
            sources.expected.push(Expected { label: label.clone(), kind, folder: Some(folder) });
        }
    }
    // Protocols that are new to us.
    for parent in resolver.folders_below(installation, r"Logging\HttpProxy") {
        for folder in resolver.folders_in(&parent) {
            if !known.contains(&folder) {
                sources.walk(evidence, resolver, &folder, DEPTH, &in_log_folder, problems);
                known.push(folder);
            }
        }
    }
    // A log that was moved to another folder of logs: under the name that it has, or under that of a page.
    for folder in resolver.folders_below(installation, "Logging") {
        sources.walk_beside((evidence, resolver), &folder, DEPTH, &known, &elsewhere_among_logs, problems);
    }
}

/// The folders of IIS's logs: `W3SVC<id>` below the folder that the configuration names, or below the one it has by default.
fn iis(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    plan: &Plan,
    roots: &[ServerPath],
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) {
    const DEFAULT: &str = r"inetpub\logs\LogFiles";
    /// Where IIS 6 wrote them.
    const OLD: &str = r"Windows\System32\LogFiles";
    let drives: Vec<char> = roots.iter().filter_map(ServerPath::drive_letter).collect();
    let mut done: Vec<ServerPath> = Vec::new();
    // Folders that hold one folder a site.
    let mut parents: Vec<ServerPath> = Vec::new();
    let add = |folder: ServerPath,
               label: String,
               sources: &mut Sources,
               done: &mut Vec<ServerPath>,
               problems: &mut Vec<Problem>| {
        if !done.contains(&folder) {
            sources.walk(evidence, resolver, &folder, DEPTH, &in_log_folder, problems);
            sources.expected.push(Expected { label, kind: Kind::W3c, folder: Some(folder.clone()) });
            done.push(folder);
        }
    };
    // Each Windows has a configuration, whose variables are its own.
    let sites = plan.servers().flat_map(|iis| {
        let own = iis.system;
        let system = own.or(drives.first().copied()).unwrap_or('C');
        iis.sites.iter().map(move |site| (site, system))
    });
    for (site, system) in sites {
        let variables = plan.variables(system);
        let label = format!("IIS W3SVC{}", site.id);
        let mut folders = Vec::new();
        if site.logs.is_empty() {
            for root in roots {
                folders.extend(resolver.folders_below(root, &format!(r"{DEFAULT}\W3SVC{}", site.id)));
            }
        } else {
            let configured = variables.expand(&site.logs);
            match ServerPath::from_configured(&configured, system) {
                Some(path) if path.drive_letter().is_some_and(|letter| drives.contains(&letter)) => {
                    if resolver.folders(&path).is_empty() {
                        let (kind, what) = not_there(&site.logs, &configured, &variables);
                        if kind == ProblemKind::PathUnresolved {
                            let message = format!("the log folder of site \"{}\" {what}", site.name);
                            problems.push(Problem::at(kind, &path, message));
                        }
                    }
                    folders.extend(resolver.folders(&path.join_all(&format!("W3SVC{}", site.id))));
                    parents.extend(resolver.folders(&path));
                }
                Some(path) => {
                    let message = format!("logs of site \"{}\" lie on a volume that was not provided", site.name);
                    problems.push(Problem::at(ProblemKind::VolumeNotGiven, &path, message));
                }
                None => {
                    let message = format!(
                        "logs of site \"{}\" go to \"{}\", which is not a folder on a provided volume",
                        site.name, site.logs
                    );
                    problems.push(Problem::general(ProblemKind::VolumeNotGiven, message));
                }
            }
        }
        if folders.is_empty() {
            sources.expected.push(Expected { label: label.clone(), kind: Kind::W3c, folder: None });
        }
        folders.into_iter().for_each(|folder| add(folder, label.clone(), sources, &mut done, problems));
    }
    // Sites that are gone from the configuration, or a configuration that is not there; one file for all sites
    // (`centralLogFileMode`), which lies in `W3SVC`.
    let mut configured = parents.clone();
    for root in roots {
        parents.extend([DEFAULT, OLD].iter().flat_map(|parent| resolver.folders_below(root, parent)));
        // A configuration says where the logs of today are; without one more of the volume is asked.
        parents.extend(elsewhere(resolver, root, if plan.iis.is_some() { 3 } else { 5 }));
    }
    parents.sort();
    parents.dedup();
    for parent in parents {
        let folders = resolver.folders_in(&parent);
        sources.walk(evidence, resolver, &parent, 0, &name_of_server, problems);
        for folder in folders.into_iter().filter(is_of_site) {
            let label = format!("IIS {}", folder.name());
            add(folder, label, sources, &mut done, problems);
        }
    }
    // A log that was moved beside the folders of the sites, whatever it is called now.
    let before = sources.files.len();
    let known: HashSet<ServerPath> = (0..before).filter_map(|at| sources.path(at)).collect();
    for root in roots {
        for folder in resolver.folders_below(root, r"inetpub\logs") {
            let others =
                resolver.folders_below(root, DEFAULT).into_iter().flat_map(|folder| resolver.folders_in(&folder));
            let done: Vec<ServerPath> = done.iter().cloned().chain(others.filter(is_of_other_service)).collect();
            sources.walk_beside((evidence, resolver), &folder, DEPTH, &done, &|_| Wanted::Unsure, problems);
        }
    }
    // Of a folder that the configuration names, which others may use as well, what begins as a log.
    let from = sources.files.len();
    configured.sort();
    configured.dedup();
    for folder in configured.iter().filter(|folder| folder.parent().is_some()) {
        sources.walk_beside((evidence, resolver), folder, DEPTH, &done, &|_| Wanted::Unsure, problems);
    }
    sources.drop_strangers(evidence, from);
    sources.drop_known(before, known);
    if !sources.expected.iter().any(|expected| expected.kind == Kind::W3c)
        && !plan.exchange.is_empty()
        && !roots.is_empty()
    {
        sources.expected.push(Expected { label: "IIS".to_owned(), kind: Kind::W3c, folder: None });
    }
}

/// Whether a folder is that of a site's logs, by its name: `W3SVC1`.
fn is_of_site(folder: &ServerPath) -> bool {
    begins(folder.name(), "W3SVC") && folder.name()["W3SVC".len()..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a folder is that of the logs of another service of IIS: `FTPSVC2`.
fn is_of_other_service(folder: &ServerPath) -> bool {
    ["FTPSVC", "MSFTPSVC", "SMTPSVC", "NNTPSVC"].iter().any(|name| begins(folder.name(), name))
}

/// Folders of no name that is known, within the first levels of a volume, that hold logs of sites.
fn elsewhere(resolver: &Resolver<'_>, root: &ServerPath, levels: usize) -> Vec<ServerPath> {
    /// What a volume has much of, and no such folder.
    const NOT_THERE: &[&str] = &[
        "windows",
        "users",
        "programdata",
        "program files",
        "program files (x86)",
        "inetpub",
        "$recycle.bin",
        "system volume information",
        "documents and settings",
        "recovery",
        "config.msi",
        "$winreagent",
        "$windows.~bt",
        "$windows.~ws",
        "$extend",
    ];
    let mut found = Vec::new();
    let mut level = vec![root.clone()];
    for _ in 0..levels {
        let mut next = Vec::new();
        for folder in level {
            let below = resolver.folders_in(&folder);
            if below.iter().any(is_of_site) {
                found.push(folder);
                continue;
            }
            next.extend(
                below.into_iter().filter(|folder| !NOT_THERE.iter().any(|name| same_name(folder.name(), name))),
            );
        }
        level = next;
    }
    found
}

/// Files under a name that the logs of servers have, in folders of anything, and such files themselves.
pub fn named(evidence: &dyn Evidence, paths: &[ServerPath], problems: &mut Vec<Problem>) -> Sources {
    let mut sources = Sources::default();
    let resolver = &Resolver::new(evidence);
    // What cannot be listed or asked is told by the survey of files.
    let mut told = Vec::new();
    for path in paths {
        match evidence.stat(path) {
            Ok(entry) if entry.kind == EntryKind::Folder => {
                sources.walk(evidence, resolver, path, DEPTH, &name_of_server, &mut told);
            }
            Ok(entry) if !is_name_of_server(&entry.name) => {}
            Ok(entry) if extension(&entry.name) == "evtx" => sources.events.push(path.clone()),
            Ok(entry) => {
                path.parent().into_iter().for_each(|folder| sources.add(&folder, path.name(), entry.size, false))
            }
            Err(_) => {}
        }
    }
    sources.finish(problems)
}

/// Loose logs: files, and what lies in folders under a name that logs have.
pub fn loose(evidence: &dyn Evidence, paths: &[ServerPath], problems: &mut Vec<Problem>) -> Sources {
    let mut sources = Sources::default();
    let resolver = &Resolver::new(evidence);
    for path in paths {
        match evidence.stat(path) {
            Ok(entry) => match entry.kind {
                EntryKind::Folder => {
                    let before = sources.files.len();
                    let by_name = |name: &str| if is_log_name(name) { Wanted::Yes } else { Wanted::Unsure };
                    sources.walk(evidence, resolver, path, DEPTH, &by_name, problems);
                    sources.drop_strangers(evidence, before);
                }
                EntryKind::File if extension(&entry.name) == "evtx" => sources.events.push(path.clone()),
                EntryKind::File => match path.parent() {
                    Some(folder) => sources.add(&folder, path.name(), entry.size, false),
                    None => problems.push(Problem::at(ProblemKind::FileUnreadable, path, "is not a file in a folder")),
                },
                _ => problems.push(Problem::at(ProblemKind::FileUnreadable, path, "is neither a file nor a folder")),
            },
            Err(error) => problems.push(Problem::at(classify(&error), path, error.to_string())),
        }
    }
    sources.finish(problems)
}

/// Whether a file in a folder of logs is one: whatever it is called, but pages are looked at elsewhere, and of what has the name of one
/// the content says whether it is a log that somebody called so.
fn in_log_folder(name: &str) -> Wanted {
    if is_web(name) || is_document(name) { Wanted::Unsure } else { Wanted::Yes }
}

/// Whether a file is a table or text of Office by its name.
pub(super) fn is_office(name: &str) -> bool {
    ["xlsx", "xlsm", "docx", "pptx"].contains(&extension(name).as_str())
}

/// Whether a file is somebody's text or table by its name, as they lie among logs: a log may be called so, and then has the head of one.
fn is_document(name: &str) -> bool {
    const DOCUMENTS: &[&str] = &[
        "txt", "md", "rtf", "csv", "xls", "xlsx", "xlsm", "doc", "docx", "ppt", "pptx", "pdf", "ini", "url", "lnk",
        "ps1", "bat", "cmd", "png", "jpg", "db", "msg", "eml",
    ];
    let extension = extension(name);
    let stem = name.get(..name.len() - extension.len()).unwrap_or_default();
    DOCUMENTS.contains(&extension.as_str()) && !is_name_of_server(&format!("{stem}log"))
}

/// Whether a file in another folder of Exchange's logs is one of those that are read.
fn elsewhere_among_logs(name: &str) -> Wanted {
    if is_web(name) || is_name_of_server(name) && extension(name) != "evtx" { Wanted::Unsure } else { Wanted::No }
}

fn name_of_server(name: &str) -> Wanted {
    if is_name_of_server(name) { Wanted::Yes } else { Wanted::No }
}

/// Whether a file is a log of a server by a name that nothing else has: `u_ex210303.log`, `HttpProxy_2021030306-1.LOG`.
fn is_name_of_server(name: &str) -> bool {
    let behind = |start: &str| begins(name, start).then(|| name.get(start.len()..).unwrap_or_default());
    let digits = |rest: &str, least: usize| rest.bytes().take_while(u8::is_ascii_digit).count() >= least;
    let numbered = |start: &str, least: usize| behind(start).is_some_and(|rest| digits(rest, least));
    match extension(name).as_str() {
        "evtx" => true,
        "log" => {
            ["u_ex", "u_in", "u_nc", "ex"].iter().any(|start| numbered(start, 4))
                || numbered("httperr", 1)
                || [
                    "HttpProxy_",
                    "ECPServer",
                    "ECPActivity_",
                    "OABGeneratorLog",
                    "Ews_",
                    "Rps_Cmdlet",
                    "Rps_Http",
                    "audit",
                ]
                .iter()
                .any(|start| numbered(start, 2) || behind(start).is_some_and(|rest| rest.starts_with('_')))
        }
        _ => false,
    }
}

/// Whether a file may be a log, or a rotated or packed one, by its name.
fn is_log_name(name: &str) -> bool {
    let extension = extension(name);
    ["log", "txt", "csv", "gz", "zip", "bak", "old", "evtx", "tmp"].contains(&extension.as_str())
        || !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_digit())
}
