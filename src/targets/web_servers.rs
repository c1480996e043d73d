//! Web servers beside IIS: Apache, nginx, Tomcat and its kin, PHP, bundles of them (XAMPP, WAMP, Laragon), Linux inside Windows. Their
//! folders are found by their names within the first levels of a volume and by the services that run them, their roots by their own
//! configuration. What they serve is a web root as those of IIS are; a root outside of the evidence is a gap.

use super::autostart::{self, Ground, tokens};
use super::{Plan, add, say};
use crate::config::Document;
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
/// Folders in which folders of web servers lie as well.
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
pub(super) fn add_roots(ground: &Ground<'_, '_>, root: &ServerPath, programs: &[String], plan: &mut Plan) {
    let mut servers: BTreeSet<ServerPath> = BTreeSet::new();
    for names in AROUND {
        let around = if names.is_empty() { vec![root.clone()] } else { ground.resolver.folders_below(root, names) };
        for around in around {
            let children = ground.resolver.folders_in(&around);
            servers.extend(children.into_iter().filter(|folder| is_server(&fold(folder.name()), names)));
        }
    }
    let mut found = Found::default();
    for program in programs {
        of_service(ground, program, &mut servers, &mut found);
        bases(ground, program, &mut servers);
    }
    for server in &servers {
        search(ground, server, &mut found, plan);
    }
    linux(ground, root, &mut found, plan);
    disks(ground, root, plan);
    configurations(ground, &mut found, plan);
    // Further instances, which their configuration names.
    for _ in 0..4 {
        let new: Vec<ServerPath> = found.bases.difference(&servers).cloned().collect();
        if new.is_empty() {
            break;
        }
        for server in &new {
            search(ground, server, &mut found, plan);
        }
        servers.extend(new);
        configurations(ground, &mut found, plan);
    }
    let found_any = !found.roots.is_empty();
    for folder in found.roots {
        let known = plan.areas.iter().any(|area| {
            area.every_file && area.role == Role::WebRoot && (folder == area.path || folder.below(&area.path).is_some())
        });
        if !known {
            add(plan, folder.clone(), Role::WebRoot, &folder, true);
        }
    }
    if found_any {
        let names: Vec<String> = servers.iter().map(ToString::to_string).take(10).collect();
        say(
            plan,
            "web server",
            format!("beside IIS: {}", if names.is_empty() { "Linux".to_owned() } else { names.join(", ") }),
        );
    }
}

/// Whether a folder is one of a web server, by its name. In `inetpub` and the like of IIS only what is no folder of IIS.
fn is_server(name: &str, around: &str) -> bool {
    // `wwwroot` of IIS is known; `www` and `htdocs` at the root of a volume are served by somebody.
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
fn of_service(ground: &Ground<'_, '_>, line: &str, servers: &mut BTreeSet<ServerPath>, found: &mut Found) {
    let tokens = tokens(line);
    let is_program = |token: &&String| {
        let name = token.rsplit('\\').next().unwrap_or_default();
        PROGRAMS.iter().any(|program| name.starts_with(program))
    };
    let Some(program) = tokens.iter().find(is_program).filter(|_| !line.contains(r"\windows\system32\")) else {
        return;
    };
    for file in ground.files(program) {
        let parent = file.parent();
        let up = parent.as_ref().filter(|parent| fold(parent.name()) == "bin").and_then(ServerPath::parent);
        servers.extend(up.or(parent).filter(|folder| folder.parent().is_some()));
    }
    for token in &tokens {
        let extension = crate::model::server_path::extension(token);
        if matches!(extension.as_str(), "conf" | "xml" | "ini" | "caddyfile") {
            ground.files(token).into_iter().for_each(|file| found.config(file));
        }
        // What a program for scripts is given lies in the folder that it serves.
        if matches!(extension.as_str(), "js" | "mjs" | "py" | "php" | "jar" | "war") {
            let folders = ground.files(token).into_iter().filter_map(|file| file.parent());
            found.roots.extend(folders.filter(|folder| folder.parent().is_some()));
        }
    }
}

/// Roots and configuration in the folder of a server.
fn search(ground: &Ground<'_, '_>, server: &ServerPath, found: &mut Found, plan: &mut Plan) {
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
            let message = "a web server with more folders than are searched for what it serves";
            plan.problems.push(Problem::at(ProblemKind::PartlyExamined, server, message));
            return;
        }
        let listed = ground.evidence.list(&folder, &is_config, &mut |listed| {
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

/// Whether a file starts a server, and may say which folder is its base.
fn is_starter(name: &str) -> bool {
    const STARTERS: &[&str] =
        &["setenv", "catalina", "startup", "start", "service", "standalone", "run", "jetty", "tomcat"];
    let script = name.ends_with(".bat") || name.ends_with(".cmd") || name.ends_with(".ps1");
    script && STARTERS.iter().any(|starter| name.contains(starter)) || name == "start.ini" || name == "setenv.sh"
}

/// The folders that a text, folded and with variables put in, names as those of a server: an instance of Tomcat and its like lies
/// elsewhere than its program does.
fn bases(ground: &Ground<'_, '_>, text: &str, into: &mut BTreeSet<ServerPath>) {
    const NAMES: &[&str] = &[
        "catalina_base",
        "catalina.base",
        "catalina_home",
        "catalina.home",
        "jetty_base",
        "jetty.base",
        "jetty_home",
        "jetty.home",
        "jboss.server.base.dir",
        "jboss_base_dir",
        "jboss_home",
        "jboss.home.dir",
        "tomcat_home",
        "domain_home",
        "weblogic.rootdirectory",
        "serverroot",
        "srvroot",
        "com.sun.aas.instanceroot",
    ];
    for name in NAMES {
        for (at, _) in text.match_indices(name).take(50) {
            let rest = &text[at + name.len()..];
            let line = rest.split(['\r', '\n']).next().unwrap_or_default();
            let value = line.trim_start_matches([' ', '\t', '=', ':', '"', '\'', ',']);
            let quoted = value.len() < line.len() && line[..line.len() - value.len()].contains(['"', '\'']);
            // Without quotation marks a path may hold blanks; options end it.
            let end = if quoted {
                value.find(['"', '\''])
            } else {
                value.find(['"', '\'', ';', '<', '#']).or(value.find(" -"))
            };
            let value = value[..end.unwrap_or(value.len())].trim().trim_end_matches('\\');
            let path = ServerPath::from_windows(value).filter(|path| path.parent().is_some());
            let given = path.filter(|path| path.drive_letter().is_some_and(|letter| ground.drives.contains(&letter)));
            if into.len() < 200
                && let Some(path) = given
            {
                into.extend(ground.resolver.folders(&path));
            }
        }
    }
}

/// Tells that a disk of Linux was not opened, once.
pub(super) fn disk_of_linux(image: &ServerPath, plan: &mut Plan) {
    let message = "the disk of a Linux inside Windows: nothing that lies in it was examined";
    let problem = Problem::at(ProblemKind::ImageNotOpened, image, message);
    if !plan.problems.contains(&problem) {
        plan.problems.push(problem);
    }
}

/// Disks of Linux, and of containers, that lie where no account keeps them: within the first folders of the volume.
fn disks(ground: &Ground<'_, '_>, root: &ServerPath, plan: &mut Plan) {
    const NOT_HERE: &[&str] = &[
        "windows",
        "users",
        "program files",
        "program files (x86)",
        "$recycle.bin",
        "system volume information",
        "recovery",
        "documents and settings",
        "windowsimagebackup",
        "perflogs",
        "inetpub",
    ];
    const MOST: usize = 3_000;
    let is_disk = |name: &str| {
        let name = fold(name);
        let image = name.ends_with(".vhdx") || name.ends_with(".vhd");
        image
            && ["ext4", "docker", "wsl", "ubuntu", "debian", "linux", "podman", "rancher", "swap"]
                .iter()
                .any(|of| name.contains(of))
    };
    let mut waiting: Vec<(ServerPath, u8)> = ground
        .resolver
        .folders_in(root)
        .into_iter()
        .filter(|folder| !NOT_HERE.contains(&fold(folder.name()).as_str()))
        .map(|folder| (folder, 0))
        .collect();
    let mut looked = 0;
    while let Some((folder, depth)) = waiting.pop() {
        looked += 1;
        if looked > MOST {
            break;
        }
        let mut images = Vec::new();
        // One that cannot be listed is told where it counts.
        let _ = ground.evidence.list(&folder, &is_disk, &mut |listed| {
            if let Listed::Entry(entry) = listed {
                match entry.kind {
                    EntryKind::File if is_disk(&entry.name) => images.push(folder.join(&entry.name)),
                    EntryKind::Folder if depth < 2 => waiting.push((folder.join(&entry.name), depth + 1)),
                    _ => {}
                }
            }
        });
        for image in images.into_iter().filter(|image| !fold(image.name()).contains("swap")) {
            disk_of_linux(&image, plan);
        }
    }
}

/// Linux inside Windows: its web folders as they lie in the file system of its first version; of its second one a disk image.
fn linux(ground: &Ground<'_, '_>, root: &ServerPath, found: &mut Found, plan: &mut Plan) {
    for users in ground.resolver.folders_below(root, "Users") {
        for user in ground.resolver.folders_in(&users) {
            let mut stores = Vec::new();
            for packages in ground.resolver.folders_below(&user, r"AppData\Local\Packages") {
                for package in ground.resolver.folders_in(&packages) {
                    stores.extend(ground.resolver.folders_below(&package, "LocalState"));
                }
            }
            for names in [r"AppData\Local\wsl", r"AppData\Local\Docker\wsl", r"AppData\Local\lxss"] {
                for folder in ground.resolver.folders_below(&user, names) {
                    stores.extend(ground.resolver.folders_in(&folder));
                    stores.push(folder);
                }
            }
            for store in stores {
                for name in ["ext4.vhdx", "docker_data.vhdx"] {
                    for image in ground.resolver.files_below(&store, name) {
                        disk_of_linux(&image, plan);
                    }
                }
                for rootfs in ground.resolver.folders_below(&store, "rootfs") {
                    for web in [r"var\www", "srv", r"usr\share\nginx", r"opt", r"usr\local\apache2", r"var\lib\tomcat9"]
                    {
                        found.roots.extend(ground.resolver.folders_below(&rootfs, web));
                    }
                }
            }
        }
    }
}

/// Reads configuration files, and those that they include.
fn configurations(ground: &Ground<'_, '_>, found: &mut Found, plan: &mut Plan) {
    while let Some(file) = found.configs.get(found.read).cloned() {
        found.read += 1;
        let Some(text) = autostart::read(ground.evidence, &file, plan) else { continue };
        let name = fold(file.name());
        bases(ground, &ground.plain(&text), &mut found.bases);
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
                let path = ground.plain(&value).trim_end_matches('\\').to_owned();
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
                What::Root => served(ground, &file, &value, full(), found, plan),
                What::Include => includes(ground, &full(), found),
                What::Loaded => extension_of_php(ground, &file, &value, plan),
                What::Prepended => {
                    let files: Vec<ServerPath> = full().iter().flat_map(|path| ground.resolver.files(path)).collect();
                    let sign = autostart::Sign::prepended();
                    autostart::note(plan, &file, &[sign], "PHP ", &value);
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
        let message = format!("more than {MOST_CONFIGS} files of configuration: what others serve is not known");
        plan.problems.push(Problem::at(ProblemKind::PartlyExamined, file, message));
    }
}

/// A library that PHP loads by its whole path. Those of its makers lie in its own folder.
fn extension_of_php(ground: &Ground<'_, '_>, file: &ServerPath, value: &str, plan: &mut Plan) {
    let path = ground.plain(value);
    let own = file.parent().map_or(String::new(), |folder| format!("{}\\", folder.folded()));
    if path.get(1..3) != Some(":\\") && !path.starts_with("\\\\") || path.starts_with(&own) {
        return;
    }
    // XAMPP and its like keep what belongs together in folders beside each other.
    let strangers = path.split('\\').nth(1) != own.split('\\').nth(1);
    let sign = ground.place(&path, &[]).into_iter().next().or(strangers.then(autostart::Sign::extension));
    autostart::note(plan, file, sign.as_slice(), "PHP loads a library, that is, ", value);
    for library in ground.files(&path) {
        if !plan.files.contains(&library) {
            plan.files.push(library);
        }
    }
}

fn served(
    ground: &Ground<'_, '_>,
    file: &ServerPath,
    value: &str,
    paths: Vec<ServerPath>,
    found: &mut Found,
    plan: &mut Plan,
) {
    let given = |path: &ServerPath| path.drive_letter().is_some_and(|letter| ground.drives.contains(&letter));
    for path in &paths {
        if given(path) {
            // A whole volume is served: its folders are examined as far as they are known otherwise.
            found.roots.extend(ground.resolver.folders(path).into_iter().filter(|folder| folder.parent().is_some()));
        }
    }
    if paths.is_empty() && value.starts_with(['\\', '/']) && value.len() > 2 && value[1..].starts_with(['\\', '/'])
        || paths.len() == 1 && !paths.iter().any(given)
    {
        let message = format!("{file} serves \"{value}\", which lies on no volume that was given");
        plan.problems.push(Problem::at(ProblemKind::VolumeNotGiven, file, message));
    }
}

/// Files that a pattern names: one star in the name of a file, or of the folder above it.
fn includes(ground: &Ground<'_, '_>, paths: &[ServerPath], found: &mut Found) {
    for path in paths {
        ground.resolver.files(path).into_iter().for_each(|file| found.config(file));
        let Some(parent) = path.parent() else { continue };
        let name = fold(path.name());
        let folders = match parent.name().contains('*') {
            true => parent
                .parent()
                .into_iter()
                .flat_map(|above| ground.resolver.folders(&above))
                .flat_map(|above| ground.resolver.folders_in(&above))
                .collect(),
            false => ground.resolver.folders(&parent),
        };
        if !name.contains('*') && !parent.name().contains('*') {
            // A folder that is included as a whole.
            let whole = ground.resolver.folders(path);
            whole.iter().for_each(|folder| matching(ground, folder, "*", found));
            continue;
        }
        folders.iter().for_each(|folder| matching(ground, folder, &name, found));
    }
}

fn matching(ground: &Ground<'_, '_>, folder: &ServerPath, pattern: &str, found: &mut Found) {
    let (front, back) = pattern.split_once('*').unwrap_or((pattern, ""));
    let mut files = Vec::new();
    let listed = ground.evidence.list(folder, &|_| true, &mut |listed| {
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
        ground.resolver.refused(folder, &error);
    }
    files.sort();
    files.into_iter().for_each(|file| found.config(file));
}

/// What a line of configuration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Root,
    Include,
    Prepended,
    Loaded,
}

/// The folders and files that configuration of Apache, nginx, lighttpd, Caddy or PHP names.
fn of_lines(text: &str) -> Vec<(What, String)> {
    let mut found = Vec::new();
    let mut defined: Vec<(String, String)> = Vec::new();
    for line in statements(text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let words = words(line.trim_start_matches(['<', '{', '}', ' ']).trim_end_matches('>'));
        let Some(first) = words.first().map(|word| fold(word)) else { continue };
        let put = |value: &str| {
            let mut value = value.to_owned();
            for (name, text) in &defined {
                value = value.replace(&format!("${{{name}}}"), text);
                value = value.replace(&format!("${name}"), text);
            }
            // What follows a variable of a request is not known: the folder above it is.
            let end = value.find(['$', '%', '(']).unwrap_or(value.len());
            let known = &value[..end];
            if end < value.len() {
                known.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder).to_owned()
            } else {
                value
            }
        };
        let at = |at: usize| words.get(at).map(|value| put(value)).filter(|value| !value.is_empty());
        let (what, value) = match first.as_str() {
            "define" | "set" if words.len() > 2 => {
                let value = put(&words[2]);
                if defined.len() < 100 && value.len() < 1_000 {
                    defined.push((words[1].trim_start_matches('$').to_owned(), value));
                }
                continue;
            }
            "documentroot" | "root" | "directory" | "virtualdocumentroot" | "virtualscriptalias" => {
                (What::Root, if words.get(1).is_some_and(|word| word == "*") { at(2) } else { at(1) })
            }
            "server.document-root" | "document-root" => (What::Root, at(1)),
            "alias" | "scriptalias" | "aliasmatch" | "scriptaliasmatch" | "wsgiscriptalias" => {
                (What::Root, at(2).or(at(1)))
            }
            "include" | "includeoptional" | "import" => (What::Include, words.get(1).map(|value| value.to_owned())),
            "auto_prepend_file" | "auto_append_file" => (What::Prepended, at(1)),
            "extension" | "zend_extension" | "zend_extension_ts" | "extension_dir" | "loadmodule" | "load_module" => {
                (What::Loaded, if first == "loadmodule" { at(2) } else { at(1) })
            }
            "php_value" | "php_admin_value" | "fastcgi_param" | "setenv" => {
                let named = words.iter().position(|word| {
                    fold(word).starts_with("auto_prepend_file") || fold(word).starts_with("auto_append_file")
                });
                (What::Prepended, named.and_then(|named| at(named + 1)))
            }
            _ => continue,
        };
        if let Some(value) = value.filter(|value| !matches!(fold(value).as_str(), "none" | "off" | "\\" | "/")) {
            found.push((what, value));
        }
        if found.len() > 5_000 {
            break;
        }
    }
    found
}

/// The statements of a configuration: a line each for Apache and PHP, with what continues it; for nginx and its like they end at `;` and
/// braces, and may be many on one line or one on many.
fn statements(text: &str) -> Vec<String> {
    const CARRIED: &[&str] = &["root", "alias", "include", "server.document-root", "set"];
    let mut statements = Vec::new();
    let mut own = String::new();
    let mut continued = String::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(part) =
            line.strip_suffix('\\').filter(|_| continued.len() < 65_536 && !line.starts_with(['#', ';']))
        {
            // The path of a folder may end so as well: it stays a statement of its own.
            statements.push(line.to_owned());
            continued.push_str(part);
            continued.push(' ');
            continue;
        }
        let line = std::mem::take(&mut continued) + line;
        let mut quote = None;
        let mut before = ' ';
        let mut depth = 0;
        for c in line.chars() {
            match quote {
                Some(mark) if c == mark => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                // A comment ends with its line.
                None if c == '#' && before.is_whitespace() => break,
                // Of a variable: `${X}`, `%{X}`, `{$X}`.
                None if c == '{' && matches!(before, '$' | '%') => depth += 1,
                None if c == '}' && depth > 0 => depth -= 1,
                None if matches!(c, ';' | '{' | '}') => {
                    statements.push(std::mem::take(&mut own));
                    before = ' ';
                    continue;
                }
                None => {}
            }
            own.push(c);
            before = c;
        }
        match CARRIED.contains(&own.trim()) {
            true => own.push(' '),
            false => statements.push(std::mem::take(&mut own)),
        }
    }
    statements.push(own);
    statements
}

/// The words of a line of configuration, without quotation marks and what ends it.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(own) if c == own => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() || matches!(c, '=' | ';' | '{') => words.push(std::mem::take(&mut word)),
            None if c == '#' && word.is_empty() => break,
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The folders that server.xml, or a context of Tomcat, names.
fn of_tomcat(text: &str) -> Vec<(What, String)> {
    let document = Document::parse(text);
    let mut found = Vec::new();
    for element in &document.elements {
        let attribute = match element.name.as_str() {
            "Host" => "appBase",
            "Context" => "docBase",
            "PreResources" | "PostResources" | "JarResources" | "Resources" => "base",
            "location" | "content" | "fs-archive" => "path",
            _ => continue,
        };
        let value = element.attribute(attribute);
        let value = value.rsplit('}').next().unwrap_or_default().trim_start_matches(['/', '\\']).to_owned();
        let whole = element.attribute(attribute);
        let value = if whole.contains('}') { value } else { whole.to_owned() };
        if !value.is_empty() && found.len() < 1_000 {
            found.push((What::Root, value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_server_name_what_they_serve() {
        let text = "# DocumentRoot \"C:/no\"\r\nDefine SRVROOT \"C:/Apache24\"\r\nDocumentRoot \"${SRVROOT}/htdocs\"\r\n\
                    Alias /x \"D:/x y/\"\r\nInclude conf/extra/*.conf\r\n<Directory \"E:/z\">\r\n\
                    VirtualDocumentRoot C:/vhosts/%0/docs\r\n  root C:/nginx/html; # x\r\nauto_prepend_file = \"C:\\p.txt\"\r\n\
                    php_admin_value auto_append_file none\r\nserver.document-root = \"F:/l\"\r\n\troot * G:/caddy\r\n";
        let found: Vec<(What, String)> = of_lines(text);
        let of =
            |kind| found.iter().filter(|(what, _)| *what == kind).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        assert_eq!(
            of(What::Root),
            ["C:/Apache24/htdocs", "D:/x y/", "E:/z", "C:/vhosts", "C:/nginx/html", "F:/l", "G:/caddy"]
        );
        assert_eq!((of(What::Include), of(What::Prepended)), (vec!["conf/extra/*.conf"], vec![r"C:\p.txt"]));
    }

    #[test]
    fn statements_of_nginx_stand_on_one_line_or_on_many() {
        let text = "http { include sites/*.conf; server { listen 80; root C:/a; # root C:/no;\n location /q/ { alias \"D:/b c/\"; } } }\n\
                    root\n   E:/c;\nset $top F:/d;\nroot $top/w;\nDocumentRoot \\\n  \"G:/e\"\nextension=C:\\x.dll\nextension=curl\n";
        let found: Vec<(What, String)> = of_lines(text);
        let of =
            |kind| found.iter().filter(|(what, _)| *what == kind).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        assert_eq!(of(What::Include), ["sites/*.conf"]);
        assert_eq!(of(What::Root), ["C:/a", "D:/b c/", "E:/c", "F:/d/w", "G:/e"]);
        assert_eq!(of(What::Loaded), [r"C:\x.dll", "curl"]);
    }

    #[test]
    fn contexts_of_tomcat_name_what_they_serve() {
        let text = r#"<Server><Service><Engine><Host appBase="webapps"><Context path="" docBase="D:\app"/></Host><Host appBase="${catalina.base}/other"/></Engine></Service></Server>"#;
        let values: Vec<String> = of_tomcat(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["webapps", r"D:\app", "other"]);
    }
}
