//! Log discovery: logs of each Exchange installation, IIS logs in configured folders and elsewhere on a volume,
//! http.sys logs, or loose folders. Names and sizes only.

use super::deleted;
use super::format::Kind;
use super::recognise::{Wanted, elsewhere_among_logs, in_log_folder, is_log_name, is_name_of_server, name_of_server};
use super::sources::{DEPTH, Expected, Sources};
use super::text::begins;
use crate::evidence::{Evidence, Resolver, classify};
use crate::model::server_path::{extension, same_name};
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use crate::targets::Plan;
use crate::targets::iis::{Site, not_there};
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

/// The logs of the server that a plan describes: `roots` are the roots of its volumes.
pub fn survey(evidence: &dyn Evidence, plan: &Plan, roots: &[ServerPath], problems: &mut Vec<Problem>) -> Sources {
    let resolver = &Resolver::new(evidence);
    let mut sources = Sources::default();
    plan.exchange.iter().for_each(|root| exchange(evidence, resolver, root, &mut sources, problems));
    let (configured, done) = (Vec::new(), Vec::new());
    IisSearch { evidence, resolver, plan, roots, sources: &mut sources, problems, done, configured }.run();
    for root in roots {
        for folder in resolver.folders_below(root, r"Windows\System32\LogFiles\HTTPERR") {
            sources.walk((evidence, resolver), &folder, DEPTH, &in_log_folder, problems);
            sources.expected.push(Expected { label: "HTTPERR".to_owned(), kind: Kind::HttpErr, folder: Some(folder) });
        }
    }
    resolver.report(problems);
    deleted::add(evidence, &mut sources, problems);
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
            sources.walk((evidence, resolver), &folder, DEPTH, &in_log_folder, problems);
            known.push(folder.clone());
            sources.expected.push(Expected { label: label.clone(), kind, folder: Some(folder) });
        }
    }
    // Protocols that are new to us.
    for parent in resolver.folders_below(installation, r"Logging\HttpProxy") {
        for folder in resolver.folders_in(&parent) {
            if !known.contains(&folder) {
                sources.walk((evidence, resolver), &folder, DEPTH, &in_log_folder, problems);
                known.push(folder);
            }
        }
    }
    // A log that was moved to another folder of logs: under the name that it has, or under that of a page.
    for folder in resolver.folders_below(installation, "Logging") {
        sources.walk_beside((evidence, resolver), &folder, DEPTH, &known, &elsewhere_among_logs, problems);
    }
}

/// Where IIS writes its logs by default.
pub(super) const DEFAULT: &str = r"inetpub\logs\LogFiles";
/// Where IIS 6 wrote them.
const OLD: &str = r"Windows\System32\LogFiles";

/// The search for the logs of IIS: `W3SVC<id>` below the folder that the configuration names, or below the default one.
struct IisSearch<'s, 'e> {
    evidence: &'e dyn Evidence,
    resolver: &'s Resolver<'e>,
    plan: &'s Plan,
    roots: &'s [ServerPath],
    sources: &'s mut Sources,
    problems: &'s mut Vec<Problem>,
    /// The folders that were walked.
    done: Vec<ServerPath>,
    /// The folders that the configuration names; each holds one folder a site.
    configured: Vec<ServerPath>,
}

impl IisSearch<'_, '_> {
    fn run(mut self) {
        let first = self.roots.iter().find_map(ServerPath::drive_letter);
        // Each Windows has a configuration, whose variables are its own.
        let plan = self.plan;
        for iis in plan.servers() {
            let system = iis.system.or(first).unwrap_or('C');
            iis.sites.iter().for_each(|site| self.site(site, system));
        }
        self.unconfigured();
        self.moved();
        let has_w3c = self.sources.expected.iter().any(|expected| expected.kind == Kind::W3c);
        if !has_w3c && !plan.exchange.is_empty() && !self.roots.is_empty() {
            self.sources.expected.push(Expected { label: "IIS".to_owned(), kind: Kind::W3c, folder: None });
        }
    }

    fn add(&mut self, folder: ServerPath, label: String) {
        if !self.done.contains(&folder) {
            self.sources.walk((self.evidence, self.resolver), &folder, DEPTH, &in_log_folder, self.problems);
            self.sources.expected.push(Expected { label, kind: Kind::W3c, folder: Some(folder.clone()) });
            self.done.push(folder);
        }
    }

    /// The logs of a configured site.
    fn site(&mut self, site: &Site, system: char) {
        let label = format!("IIS W3SVC{}", site.id);
        let folders = if site.logs.is_empty() {
            let below = format!(r"{DEFAULT}\W3SVC{}", site.id);
            self.roots.iter().flat_map(|root| self.resolver.folders_below(root, &below)).collect()
        } else {
            self.configured_folders(site, system)
        };
        if folders.is_empty() {
            self.sources.expected.push(Expected { label: label.clone(), kind: Kind::W3c, folder: None });
        }
        folders.into_iter().for_each(|folder| self.add(folder, label.clone()));
    }

    /// The folders of a site's logs where the configuration says where they are.
    fn configured_folders(&mut self, site: &Site, system: char) -> Vec<ServerPath> {
        let variables = self.plan.variables(system);
        let configured = variables.expand(&site.logs);
        let was_provided = |path: &ServerPath| {
            path.drive_letter().is_some_and(|letter| self.roots.iter().any(|root| root.drive_letter() == Some(letter)))
        };
        match ServerPath::from_configured(&configured, system) {
            Some(path) if was_provided(&path) => {
                let parents = self.resolver.folders(&path);
                if parents.is_empty() {
                    let (kind, what) = not_there(&site.logs, &configured, &variables);
                    if kind == ProblemKind::PathUnresolved {
                        let message = format!("the log folder of site \"{}\" {what}", site.name);
                        self.problems.push(Problem::at(kind, &path, message));
                    }
                }
                self.configured.extend(parents);
                self.resolver.folders(&path.join_all(&format!("W3SVC{}", site.id)))
            }
            Some(path) => {
                let message = format!("logs of site \"{}\" are on a volume that was not provided", site.name);
                self.problems.push(Problem::at(ProblemKind::VolumeNotProvided, &path, message));
                Vec::new()
            }
            None => {
                let message = format!(
                    "logs of site \"{}\" go to \"{}\", which is not a folder on a provided volume",
                    site.name, site.logs
                );
                self.problems.push(Problem::general(ProblemKind::VolumeNotProvided, message));
                Vec::new()
            }
        }
    }

    /// Sites that are gone from the configuration, or a configuration that is not there; one file for all sites
    /// (`centralLogFileMode`), which is in `W3SVC`.
    fn unconfigured(&mut self) {
        let mut parents = self.configured.clone();
        // A configuration says where the logs of today are; without one more of the volume is searched.
        let levels = if self.plan.iis.is_some() { 3 } else { 5 };
        for root in self.roots {
            parents.extend([DEFAULT, OLD].iter().flat_map(|parent| self.resolver.folders_below(root, parent)));
            parents.extend(elsewhere(self.resolver, root, levels));
        }
        parents.sort();
        parents.dedup();
        for parent in parents {
            let folders = self.resolver.folders_in(&parent);
            self.sources.walk((self.evidence, self.resolver), &parent, 0, &name_of_server, self.problems);
            for folder in folders.into_iter().filter(is_of_site) {
                let label = format!("IIS {}", folder.name());
                self.add(folder, label);
            }
        }
    }

    /// Logs that were moved out of the folders of the sites.
    fn moved(&mut self) {
        let walk = (self.evidence, self.resolver);
        let unsure = |_: &str| Wanted::Unsure;
        // A log that was moved beside the folders of the sites, whatever it is called now.
        let before = self.sources.len();
        let known: HashSet<ServerPath> = (0..before).filter_map(|at| self.sources.path(at)).collect();
        for root in self.roots {
            for folder in self.resolver.folders_below(root, r"inetpub\logs") {
                let others = self.resolver.folders_below(root, DEFAULT).into_iter();
                let others = others.flat_map(|folder| self.resolver.folders_in(&folder)).filter(is_of_other_service);
                let done: Vec<ServerPath> = self.done.iter().cloned().chain(others).collect();
                self.sources.walk_beside(walk, &folder, DEPTH, &done, &unsure, self.problems);
            }
        }
        // Of a folder that the configuration names, which others may use as well, what begins as a log.
        let from = self.sources.len();
        self.configured.sort();
        self.configured.dedup();
        for folder in self.configured.iter().filter(|folder| folder.parent().is_some()) {
            self.sources.walk_beside(walk, folder, DEPTH, &self.done, &unsure, self.problems);
        }
        self.sources.keep_logs(self.evidence, from);
        self.sources.drop_known(before, known);
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
    // What cannot be listed or read is reported by the survey of files.
    let mut reported = Vec::new();
    for path in paths {
        match evidence.stat(path) {
            Ok(entry) if entry.kind == EntryKind::Folder => {
                sources.walk((evidence, resolver), path, DEPTH, &name_of_server, &mut reported);
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

/// Loose logs: files, and what is in folders under a name that logs have.
pub fn loose(evidence: &dyn Evidence, paths: &[ServerPath], problems: &mut Vec<Problem>) -> Sources {
    let mut sources = Sources::default();
    let resolver = &Resolver::new(evidence);
    for path in paths {
        match evidence.stat(path) {
            Ok(entry) => match entry.kind {
                EntryKind::Folder => {
                    let before = sources.len();
                    let by_name = |name: &str| if is_log_name(name) { Wanted::Yes } else { Wanted::Unsure };
                    sources.walk((evidence, resolver), path, DEPTH, &by_name, problems);
                    sources.keep_logs(evidence, before);
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
