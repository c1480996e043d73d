//! Web servers other than IIS: Apache, nginx, Tomcat and derivatives, PHP, bundles (XAMPP, WAMP, Laragon), WSL. They
//! are found by folder names within the first levels of a volume and by services, their roots by their configuration.
//! Their roots are treated like IIS web roots; a root outside the evidence is a gap.

use super::autostart::{self, VolumeContext, tokens};
use super::linux::{disks, linux};
use super::plan::Plan;
use super::served::{What, of_lines, of_tomcat};
use super::tomcat::{bases, compiled_pages, is_starter};
use crate::evidence::Listed;
use crate::model::server_path::fold;
use crate::model::{EntryKind, Problem, ProblemKind, Role, ServerPath};
use std::collections::BTreeSet;

/// Names that folders of web servers begin with, folded.
const SERVERS: &[&str] = &[
    "xampp",
    "wamp",
    "laragon",
    "apache",
    "httpd",
    "nginx",
    "openresty",
    "tomcat",
    "php",
    "uwamp",
    "easyphp",
    "appserv",
    "bitnami",
    "jboss",
    "wildfly",
    "jetty",
    "glassfish",
    "payara",
    "weblogic",
    "websphere",
    "resin",
    "lighttpd",
    "caddy",
    "abyss",
    "ampps",
    "openserver",
    "ospanel",
    "usbwebserver",
    "mamp",
    "vertrigo",
    "wpnxm",
    "zend",
    "coldfusion",
    "lucee",
    "railo",
    "server2go",
    "webserver",
    "www",
    "htdocs",
    "webapps",
    "jakarta",
    "tomee",
    "wwwroot",
    "openlitespeed",
    "hiawatha",
    "cherokee",
    "mongrel",
];
/// Folders in which folders of web servers are as well.
const AROUND: &[&str] = &[
    "",
    "Program Files",
    "Program Files (x86)",
    r"Program Files\Apache Software Foundation",
    r"Program Files (x86)\Apache Software Foundation",
    r"Program Files\Apache Group",
    r"Program Files (x86)\Apache Group",
    "tools",
    "apps",
    "opt",
    "server",
    "web",
    "inetpub",
    r"Program Files\Red Hat",
    r"Oracle\Middleware",
    "ProgramData",
];
/// Folders that such servers serve by default.
const ROOTS: &[&str] = &[
    "htdocs",
    "www",
    "html",
    "webapps",
    "wwwroot",
    "webroot",
    "public_html",
    "cgi-bin",
    "deployments",
    "autodeploy",
    "deploy",
];
/// Programs of web servers, folded.
const PROGRAMS: &[&str] = &[
    "httpd.exe",
    "apache.exe",
    "nginx.exe",
    "tomcat",
    "php-cgi.exe",
    "php.exe",
    "caddy.exe",
    "lighttpd.exe",
    "node.exe",
    "jetty",
    "openresty.exe",
    "prunsrv",
    "commons-daemon",
    "wildfly",
    "python.exe",
    "pythonw.exe",
    "hiawatha.exe",
    "abyssws.exe",
];
/// How deep a folder of a server is searched for roots and configuration, and how many folders and files at most.
const DEPTH: usize = 4;
const MOST_FOLDERS: usize = 4_000;
const MOST_CONFIGS: usize = 500;

/// Adds what web servers beside IIS serve. `programs` are the command lines of services, folded.
pub(super) fn add_roots(volume: &VolumeContext<'_, '_>, root: &ServerPath, programs: &[String], plan: &mut Plan) {
    let mut servers: BTreeSet<ServerPath> = BTreeSet::new();
    for names in AROUND {
        let around = if names.is_empty() { vec![root.clone()] } else { volume.resolver.folders_below(root, names) };
        for around in around {
            let children = volume.resolver.folders_in(&around);
            servers.extend(children.into_iter().filter(|folder| is_server(&fold(folder.name()), names)));
        }
    }
    let mut found = Found::default();
    for program in programs {
        of_service(volume, program, &mut servers, &mut found);
        bases(volume, program, &mut servers);
    }
    for server in &servers {
        search(volume, server, &mut found, plan);
        compiled_pages(volume, server, plan);
    }
    linux(volume, root, &mut found.roots, plan);
    disks(volume, root, plan);
    configurations(volume, &mut found, plan);
    // Further instances, which their configuration names.
    for _ in 0..4 {
        let new: Vec<ServerPath> = found.bases.difference(&servers).cloned().collect();
        if new.is_empty() {
            break;
        }
        for server in &new {
            search(volume, server, &mut found, plan);
            compiled_pages(volume, server, plan);
        }
        servers.extend(new);
        configurations(volume, &mut found, plan);
    }
    let found_any = !found.roots.is_empty();
    for folder in found.roots {
        let known = plan.areas.iter().any(|area| {
            area.every_file && area.role == Role::WebRoot && (folder == area.path || folder.below(&area.path).is_some())
        });
        if !known {
            plan.add_area(folder.clone(), Role::WebRoot, &folder, true);
        }
    }
    if found_any {
        let names: Vec<String> = servers.iter().map(ToString::to_string).take(10).collect();
        plan.report(
            "web server",
            format!("beside IIS: {}", if names.is_empty() { "Linux".to_owned() } else { names.join(", ") }),
        );
    }
}

/// Whether a folder is one of a web server, by its name. In `inetpub` and the like of IIS only what is no folder of IIS.
fn is_server(name: &str, around: &str) -> bool {
    // `wwwroot` of IIS is known; `www` and `htdocs` at the root of a volume are served by some server.
    if around == "inetpub" {
        return SERVERS.iter().any(|server| name.starts_with(server)) && name != "wwwroot";
    }
    SERVERS.iter().any(|server| name.starts_with(server))
}

/// What is found of servers.
#[derive(Default)]
struct Found {
    roots: BTreeSet<ServerPath>,
    configs: Vec<ServerPath>,
    /// How many of them were read.
    read: usize,
    /// Folders that they name as those of a server.
    bases: BTreeSet<ServerPath>,
}

impl Found {
    fn config(&mut self, file: ServerPath) {
        if self.configs.len() < MOST_CONFIGS && !self.configs.contains(&file) {
            self.configs.push(file);
        }
    }
}

/// The folder of a server that a service runs, and the configuration that it is given.
fn of_service(volume: &VolumeContext<'_, '_>, line: &str, servers: &mut BTreeSet<ServerPath>, found: &mut Found) {
    let tokens = tokens(line);
    let is_program = |token: &&String| {
        let name = token.rsplit('\\').next().unwrap_or_default();
        PROGRAMS.iter().any(|program| name.starts_with(program))
    };
    let Some(program) = tokens.iter().find(is_program).filter(|_| !line.contains(r"\windows\system32\")) else {
        return;
    };
    for file in volume.files(program) {
        let parent = file.parent();
        let up = parent.as_ref().filter(|parent| fold(parent.name()) == "bin").and_then(ServerPath::parent);
        servers.extend(up.or(parent).filter(|folder| folder.parent().is_some()));
    }
    for token in &tokens {
        let extension = crate::model::server_path::extension(token);
        if matches!(extension.as_str(), "conf" | "xml" | "ini" | "caddyfile") {
            volume.files(token).into_iter().for_each(|file| found.config(file));
        }
        // What a program for scripts is given is in the folder that it serves.
        if matches!(extension.as_str(), "js" | "mjs" | "py" | "php" | "jar" | "war") {
            let folders = volume.files(token).into_iter().filter_map(|file| file.parent());
            found.roots.extend(folders.filter(|folder| folder.parent().is_some()));
        }
    }
}

/// Roots and configuration in the folder of a server.
fn search(volume: &VolumeContext<'_, '_>, server: &ServerPath, found: &mut Found, plan: &mut Plan) {
    let is_root = |name: &str| ROOTS.contains(&fold(name).as_str());
    if is_root(server.name()) {
        found.roots.insert(server.clone());
        return;
    }
    let mut waiting = vec![(server.clone(), 0)];
    let mut listed_folders = 0;
    while let Some((folder, depth)) = waiting.pop() {
        listed_folders += 1;
        if listed_folders > MOST_FOLDERS {
            let message = "a web server with more folders than are searched";
            plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, server, message));
            return;
        }
        let listed = volume.evidence.list(&folder, &is_config, &mut |listed| {
            if let Listed::Entry(entry) = listed {
                let path = folder.join(&entry.name);
                match entry.kind {
                    EntryKind::Folder if is_root(&entry.name) => {
                        found.roots.insert(path);
                    }
                    EntryKind::Folder if depth < DEPTH => waiting.push((path, depth + 1)),
                    EntryKind::File if is_config(&entry.name) => found.config(path),
                    _ => {}
                }
            }
        });
        if let Err(error) = listed {
            plan.problems.push(Problem::at(ProblemKind::FolderUnreadable, &folder, error.to_string()));
        }
    }
}

/// Whether a file in the folder of a server may be configuration that says what it serves.
fn is_config(name: &str) -> bool {
    let name = fold(name);
    name.ends_with(".conf")
        || matches!(name.as_str(), "server.xml" | "context.xml" | "php.ini" | ".user.ini" | "caddyfile")
        || name.ends_with(".xml") && !name.starts_with("pom")
        || is_starter(&name)
}

/// Reads configuration files, and those that they include.
fn configurations(volume: &VolumeContext<'_, '_>, found: &mut Found, plan: &mut Plan) {
    while let Some(file) = found.configs.get(found.read).cloned() {
        found.read += 1;
        let Some(text) = autostart::read(volume.evidence, &file, plan) else { continue };
        let name = fold(file.name());
        bases(volume, &volume.plain(&text), &mut found.bases);
        let values = match () {
            () if is_starter(&name) => Vec::new(),
            () if name.ends_with(".xml") => of_tomcat(&text),
            () => of_lines(&text),
        };
        // What a path is relative to: the folder of the server, above that of its configuration.
        let folder = file.parent().unwrap_or_else(|| file.clone());
        let above = folder.parent().unwrap_or_else(|| folder.clone());
        for (what, value) in values {
            let full = || {
                let path = volume.plain(&value).trim_end_matches('\\').to_owned();
                let of_drive = ServerPath::from_windows(&path);
                match of_drive {
                    Some(path) => vec![path],
                    // Apache takes it from ServerRoot, nginx from its prefix, Tomcat from its base.
                    None if path.starts_with('\\') => Vec::new(),
                    None => [&folder, &above]
                        .into_iter()
                        .chain(above.parent().as_ref())
                        .map(|base| base.join_all(&path))
                        .collect(),
                }
            };
            match what {
                What::Root => served(volume, &file, &value, full(), found, plan),
                What::Include => includes(volume, &full(), found),
                What::Loaded => extension_of_php(volume, &file, &value, plan),
                What::Prepended => {
                    let files: Vec<ServerPath> = full().iter().flat_map(|path| volume.resolver.files(path)).collect();
                    let hit = autostart::CheckHit::prepended();
                    autostart::note(plan, &file, &[hit], "PHP ", &value);
                    for script in files {
                        if !plan.files.contains(&script) {
                            plan.files.push(script);
                        }
                    }
                }
            }
        }
    }
    if found.configs.len() >= MOST_CONFIGS
        && let Some(file) = found.configs.last()
    {
        let message = format!("more than {MOST_CONFIGS} configuration files: what the others serve is unknown");
        plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, file, message));
    }
}

/// A library that PHP loads by its whole path. Those that ship with PHP are in its own folder.
fn extension_of_php(volume: &VolumeContext<'_, '_>, file: &ServerPath, value: &str, plan: &mut Plan) {
    let path = volume.plain(value);
    let own = file.parent().map_or(String::new(), |folder| format!("{}\\", folder.folded()));
    if path.get(1..3) != Some(":\\") && !path.starts_with("\\\\") || path.starts_with(&own) {
        return;
    }
    // XAMPP and its like keep what belongs together in folders beside each other.
    let elsewhere = path.split('\\').nth(1) != own.split('\\').nth(1);
    let hit = volume.place(&path, &[]).into_iter().next().or(elsewhere.then(autostart::CheckHit::extension));
    autostart::note(plan, file, hit.as_slice(), "PHP loads an extension, that is, ", value);
    for library in volume.files(&path) {
        if !plan.files.contains(&library) {
            plan.files.push(library);
        }
    }
}

fn served(
    volume: &VolumeContext<'_, '_>,
    file: &ServerPath,
    value: &str,
    paths: Vec<ServerPath>,
    found: &mut Found,
    plan: &mut Plan,
) {
    let is_provided = |path: &ServerPath| path.drive_letter().is_some_and(|letter| volume.drives.contains(&letter));
    for path in &paths {
        if is_provided(path) {
            // A whole volume is served: its folders are examined as far as they are known otherwise.
            found.roots.extend(volume.resolver.folders(path).into_iter().filter(|folder| folder.parent().is_some()));
        }
    }
    if paths.is_empty() && value.starts_with(['\\', '/']) && value.len() > 2 && value[1..].starts_with(['\\', '/'])
        || paths.len() == 1 && !paths.iter().any(is_provided)
    {
        let message = format!("{file} serves \"{value}\", which is on no volume that was provided");
        plan.problems.push(Problem::at(ProblemKind::VolumeNotProvided, file, message));
    }
}

/// Files that a pattern names: one star in the name of a file, or of the folder above it.
fn includes(volume: &VolumeContext<'_, '_>, paths: &[ServerPath], found: &mut Found) {
    for path in paths {
        volume.resolver.files(path).into_iter().for_each(|file| found.config(file));
        let Some(parent) = path.parent() else { continue };
        let name = fold(path.name());
        let folders = match parent.name().contains('*') {
            true => parent
                .parent()
                .into_iter()
                .flat_map(|above| volume.resolver.folders(&above))
                .flat_map(|above| volume.resolver.folders_in(&above))
                .collect(),
            false => volume.resolver.folders(&parent),
        };
        if !name.contains('*') && !parent.name().contains('*') {
            // A folder that is included as a whole.
            let whole = volume.resolver.folders(path);
            whole.iter().for_each(|folder| matching(volume, folder, "*", found));
            continue;
        }
        folders.iter().for_each(|folder| matching(volume, folder, &name, found));
    }
}

fn matching(volume: &VolumeContext<'_, '_>, folder: &ServerPath, pattern: &str, found: &mut Found) {
    let (front, back) = pattern.split_once('*').unwrap_or((pattern, ""));
    let mut files = Vec::new();
    let listed = volume.evidence.list(folder, &|_| true, &mut |listed| {
        if let Listed::Entry(entry) = listed
            && entry.kind == EntryKind::File
        {
            let name = fold(&entry.name);
            if name.starts_with(front) && name.ends_with(back) {
                files.push(folder.join(&entry.name));
            }
        }
    });
    if let Err(error) = listed {
        volume.resolver.refused(folder, &error);
    }
    files.sort();
    files.into_iter().for_each(|file| found.config(file));
}
