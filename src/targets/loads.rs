//! Code and parts referenced by configuration files: assemblies of named classes, and external parts. Assembly
//! resolution is described in [decision 23](../../docs/decisions/0023-trust-by-signature.md).

use super::class_names::{above_exchange, class_is_run, code_bases, runs_code, stands_for_a_class, type_name};
use super::iis;
use super::loaded::Loaded;
use super::plan::Plan;
use crate::catalogue::default_config;
use crate::catalogue::default_config::{TypeIs, TypeName, is_named_like_microsoft, is_of_the_framework};
use crate::config::cache::ConfigFile;
use crate::config::{
    Document, LOADED_ABOVE_EXCHANGE, LOADED_AS_ANY, LOADED_AS_CLASS, LOADED_AS_MICROSOFT, LOADED_AS_PART,
    LOADED_BESIDE_EXCHANGE,
};
use crate::evidence::{Evidence, Listed, Resolver};
use crate::model::server_path::fold;
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// How many configuration files are searched for references. A hosting server has some thousands.
const MAX_CONFIGS: usize = 50_000;
/// How many bytes of them together.
const MAX_READ: u64 = 1 << 30;
/// How many libraries and parts are added to what is examined.
const MAX_FILES: usize = 5_000;
/// How many names of classes and libraries are looked up.
const MAX_NAMES: usize = 1_000_000;
/// How many paths are looked up that configuration names: each is a listing of its folder.
const MAX_PATHS: usize = 10_000;
/// How many classes without a library are looked for in every library of their application.
const MAX_BARE: usize = 1_000;
/// How many libraries of one folder may hold a class without a library.
const MAX_ANY: usize = 200;
/// How many classes and folders of one file are listed.
const MAX_NOWHERE: usize = 8;
/// Characters of a name that are shown.
const MAX_NAME: usize = 200;

/// What was found.
#[derive(Debug, Default)]
pub struct Referenced {
    /// As what configuration loads which file.
    pub loaded: Loaded,
    /// Files outside the surveyed areas.
    pub files: Vec<ServerPath>,
}

/// Whether a file is searched for references.
pub fn is_configuration(name: &str) -> bool {
    let name = fold(name);
    matches!(name.as_str(), "web.config" | "applicationhost.config" | "administration.config" | "machine.config")
        || name.ends_with(".exe.config")
        || name == "aspnet.config"
        || name.ends_with(".browser")
}

/// Searches these configuration files and the parts that they include.
pub fn find_referenced(
    evidence: &dyn Evidence,
    plan: &Plan,
    configs: Vec<ServerPath>,
    problems: &mut Vec<Problem>,
) -> Referenced {
    let mut work = Work::new(evidence, plan);
    if configs.len() > MAX_CONFIGS {
        let message =
            format!("{} configuration files: loaded code was resolved for the first {MAX_CONFIGS} only", configs.len());
        problems.push(Problem::general(ProblemKind::PartiallyExamined, message));
    }
    let mut queue: VecDeque<(ServerPath, ServerPath)> = configs
        .into_iter()
        .take(MAX_CONFIGS)
        .map(|config| {
            let folder = config.parent().unwrap_or_else(|| config.clone());
            (config, folder)
        })
        .collect();
    let mut seen: HashSet<String> = HashSet::new();
    while let Some((config, folder)) = queue.pop_front() {
        // A part is read once for each place that it belongs to.
        if seen.len() < 2 * MAX_CONFIGS && !seen.insert(format!("{}|{}", config.folded(), folder.folded())) {
            continue;
        }
        let Some(read) = work.read(&config) else { continue };
        let parts = work.file(&config, &folder, &read.document);
        queue.extend(parts.into_iter().map(|part| (part, folder.clone())));
        if work.stopped {
            let message = format!(
                "{MAX_NAMES} classes, {MAX_PATHS} paths or {MAX_FILES} files: further code loaded by configuration was not resolved"
            );
            problems.push(Problem::at(ProblemKind::PartiallyExamined, &config, message));
            break;
        }
    }
    problems.append(&mut work.problems);
    work.resolver.report(problems);
    work.referenced
}

/// The files and folders of a folder, by folded name.
#[derive(Default)]
struct Listing {
    files: HashMap<String, ServerPath>,
    folders: HashMap<String, ServerPath>,
}

struct Work<'w> {
    evidence: &'w dyn Evidence,
    resolver: Resolver<'w>,
    plan: &'w Plan,
    /// The folders of applications, folded.
    applications: HashSet<String>,
    /// The folders of sites that have applications of Exchange, folded.
    above_exchange: HashSet<String>,
    /// What folders hold, by their folded paths.
    listed: HashMap<String, Listing>,
    /// The folders of the global cache, by the folded names of the libraries.
    cache: Option<HashMap<String, Vec<ServerPath>>>,
    /// The libraries of it that were looked for, by folded names.
    cached: HashMap<String, Vec<ServerPath>>,
    names: usize,
    paths: usize,
    bare: usize,
    left: u64,
    stopped: bool,
    /// As what each file was reported to be loaded, without the configuration that says so.
    reported: HashSet<String>,
    /// The classes of the file at hand whose libraries are nowhere, and how many there are.
    nowhere: (Vec<String>, usize),
    problems: Vec<Problem>,
    referenced: Referenced,
}

impl<'w> Work<'w> {
    fn new(evidence: &'w dyn Evidence, plan: &'w Plan) -> Self {
        let applications = plan.servers().flat_map(|iis| iis.application_folders()).map(ServerPath::folded).collect();
        Self {
            evidence,
            resolver: Resolver::new(evidence),
            plan,
            applications,
            above_exchange: above_exchange(plan),
            listed: HashMap::new(),
            cache: None,
            cached: HashMap::new(),
            names: 0,
            paths: 0,
            bare: 0,
            left: MAX_READ,
            stopped: false,
            reported: HashSet::new(),
            nowhere: (Vec::new(), 0),
            problems: Vec::new(),
            referenced: Referenced::default(),
        }
    }

    /// Reads a file as far as the bound; nothing where it cannot be read, which is reported when it is examined.
    fn read(&mut self, file: &ServerPath) -> Option<Arc<ConfigFile>> {
        let read = iis::document(self.evidence, &self.plan.configs, file).ok()?;
        self.left = self.left.saturating_sub(read.bytes as u64);
        self.stopped |= self.left == 0;
        Some(read)
    }

    /// Searches one file and returns the parts that it includes.
    fn file(&mut self, config: &ServerPath, folder: &ServerPath, document: &Document) -> Vec<ServerPath> {
        let home = self.home(folder);
        if self.is_above_exchange(folder) {
            self.referenced.loaded.add(config, format!("configuration{LOADED_ABOVE_EXCHANGE}"));
        } else if self.is_above_exchange(&home) && !self.in_exchange(folder) {
            self.referenced.loaded.add(config, format!("configuration{LOADED_BESIDE_EXCHANGE}"));
        }
        let folders = self.folders_of(&home, document);
        let bases = code_bases(document);
        let mut parts = Vec::new();
        let mut reported: HashSet<(&str, &str)> = HashSet::new();
        for (at, element) in document.elements.iter().enumerate() {
            parts.extend(self.parts(config, folder, document, at));
            for (attribute, value) in &element.attributes {
                let Some(name) = type_name(document, at, attribute, value) else { continue };
                if !reported.insert((value.as_str(), element.name.as_str())) {
                    continue;
                }
                self.names += 1;
                self.stopped |= self.names > MAX_NAMES || self.referenced.files.len() > MAX_FILES;
                if self.stopped {
                    return parts;
                }
                let found = self.class(&name, config, &element.name, &home, &folders, &bases);
                if !found && stands_for_a_class(document, at, attribute) {
                    self.is_nowhere(&name, config, &element.name, &home);
                }
            }
        }
        self.report_what_is_nowhere(config);
        self.report_what_it_serves(config, document);
        parts
    }

    /// The folder of the application that a folder belongs to: by the configuration of IIS, or else the next one above that has
    /// both a `web.config` and a `bin`.
    fn home(&mut self, folder: &ServerPath) -> ServerPath {
        let above = || std::iter::successors(Some(folder.clone()), ServerPath::parent);
        if let Some(home) = above().find(|folder| self.applications.contains(&folder.folded())) {
            return home;
        }
        for above in above().take(12) {
            let has = |names: &str| !self.resolver.folders_below(&above, names).is_empty();
            if has("bin") && !self.resolver.files_below(&above, "web.config").is_empty() {
                return above;
            }
        }
        folder.clone()
    }

    /// The folders in which the runtime looks for libraries: `bin`, and those of `probing`.
    fn folders_of(&mut self, home: &ServerPath, document: &Document) -> Vec<ServerPath> {
        let mut folders = self.resolver.folders_below(home, "bin");
        for element in document.elements.iter().filter(|element| element.name == "probing") {
            for part in element.attribute("privatePath").split(';').take(100) {
                let part = part.trim().replace('/', "\\");
                folders.extend(self.resolver.folders_below(home, &part));
            }
        }
        folders.sort();
        folders.dedup();
        folders
    }

    /// What a folder holds, listed once.
    fn listing(&mut self, folder: &ServerPath) -> &Listing {
        let evidence = self.evidence;
        self.listed.entry(folder.folded()).or_insert_with(|| {
            let mut found = Listing::default();
            // One that cannot be listed is reported by the survey.
            let _ = evidence.list(folder, &|_| true, &mut |listed| {
                if let Listed::Entry(entry) = listed
                    && found.files.len() + found.folders.len() < MAX_NAMES
                {
                    let path = folder.join(&entry.name);
                    match entry.kind {
                        EntryKind::File => drop(found.files.insert(fold(&entry.name), path)),
                        EntryKind::Folder => drop(found.folders.insert(fold(&entry.name), path)),
                        _ => {}
                    }
                }
            });
            found
        })
    }

    /// Looks up the library of a class, and says whether one was found or none is looked for.
    fn class(
        &mut self,
        name: &TypeName,
        config: &ServerPath,
        element: &str,
        home: &ServerPath,
        folders: &[ServerPath],
        bases: &HashMap<String, Vec<String>>,
    ) -> bool {
        let is = default_config().type_is(name);
        let shown = crate::config::bounded(&name.class, MAX_NAME);
        let Some(assembly) = &name.assembly else {
            // The runtime asks System.Web first, and then every library of the application.
            if is != TypeIs::Default && (self.in_exchange(home) || self.is_above_exchange(home)) {
                self.bare += 1;
                for folder in folders.iter().filter(|_| self.bare <= MAX_BARE).cloned().collect::<Vec<_>>() {
                    let mut files: Vec<ServerPath> = self.listing(&folder).files.values().cloned().collect();
                    files.sort();
                    for file in files.into_iter().filter(|file| fold(file.name()).ends_with(".dll")).take(MAX_ANY) {
                        self.referenced.loaded.add(&file, format!("{LOADED_AS_ANY} {shown} of {element}"));
                    }
                }
            }
            return true;
        };
        // An assembly with a Microsoft name has to be Microsoft's.
        let microsoft = !matches!(is, TypeIs::Foreign) || is_named_like_microsoft(assembly);
        let start = if microsoft { LOADED_AS_MICROSOFT } else { LOADED_AS_CLASS };
        let above = if self.is_above_exchange(home) { LOADED_ABOVE_EXCHANGE } else { "" };
        let what = format!("{start} {shown} of {element}");
        let wanted = fold(assembly);
        let mut found = Vec::new();
        for folder in folders {
            let names = [format!("{wanted}.dll"), format!("{wanted}.exe")];
            let listing = self.listing(folder);
            found.extend(names.iter().filter_map(|name| listing.files.get(name).cloned()));
            // The runtime looks in a folder of the library's own name as well.
            if let Some(own) = listing.folders.get(&wanted).cloned() {
                let listing = self.listing(&own);
                found.extend(names.iter().filter_map(|name| listing.files.get(name).cloned()));
            }
        }
        // Exchange has a `codeBase` for each of a thousand libraries, which no class of the file needs.
        let redirected = element == "assemblyIdentity";
        for base in bases.get(&wanted).into_iter().flatten().filter(|_| !redirected) {
            found.extend(self.at(home, base));
        }
        if !redirected && !is_of_the_framework(assembly) {
            found.extend(self.in_the_cache(&wanted));
        }
        let any = !found.is_empty();
        for file in found {
            if self.reported.len() < MAX_NAMES && self.reported.insert(format!("{}|{what}{above}", file.folded())) {
                self.referenced.loaded.add(&file, format!("{what} in {config}{above}"));
            }
            self.add(file);
        }
        any
    }

    /// Remembers a class of another product whose library was not found. On an Exchange site it comes from a place that was not examined.
    fn is_nowhere(&mut self, name: &TypeName, config: &ServerPath, element: &str, home: &ServerPath) {
        let Some(assembly) = &name.assembly else { return };
        let server = || self.plan.servers().any(|iis| iis.config.as_ref() == Some(config));
        let watched = self.in_exchange(home)
            || self.is_above_exchange(home)
            || !self.plan.exchange.is_empty() && fold(config.name()) == "applicationhost.config" && server();
        let own = default_config().type_is(name) == TypeIs::Foreign
            && !is_named_like_microsoft(assembly)
            && !is_of_the_framework(assembly);
        if watched && own && class_is_run(element) {
            self.nowhere.1 += 1;
            if self.nowhere.0.len() < MAX_NOWHERE {
                let shown = crate::config::bounded(&name.class, MAX_NAME);
                self.nowhere.0.push(format!("{shown}, {assembly} ({element})"));
            }
        }
    }

    /// Says which classes of a file have no library that was found.
    fn report_what_is_nowhere(&mut self, config: &ServerPath) {
        let (names, count) = std::mem::take(&mut self.nowhere);
        if names.is_empty() {
            return;
        }
        let more = if count > names.len() { format!(" and {} more", count - names.len()) } else { String::new() };
        let message = format!(
            "loads classes from assemblies that are in no folder of the evidence that the runtime searches: {}{more}",
            names.join("; ")
        );
        self.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, config, message));
    }

    /// Reports what is served by a web server configuration that only the survey found.
    fn report_what_it_serves(&mut self, config: &ServerPath, document: &Document) {
        let path = config.folded().replace('/', "\\");
        let known = self.plan.servers().any(|iis| iis.config.as_ref() == Some(config)) || path.contains(r"\history\");
        if known || fold(config.name()) != "applicationhost.config" {
            return;
        }
        let variables = self.plan.variables(config.drive_letter().unwrap_or('C'));
        let mut unseen: Vec<String> = Vec::new();
        for element in document.elements.iter().filter(|element| element.name == "virtualDirectory") {
            let written = variables.expand(element.attribute("physicalPath"));
            self.paths += 1;
            let folders = match ServerPath::from_windows(&written) {
                Some(path) if self.paths <= MAX_PATHS => self.resolver.folders(&path),
                _ => Vec::new(),
            };
            let seen = |folder: &ServerPath| self.plan.areas.iter().any(|area| folder.below(&area.path).is_some());
            unseen.extend(folders.iter().filter(|folder| !seen(folder)).map(ToString::to_string).take(MAX_NOWHERE));
        }
        unseen.sort();
        unseen.dedup();
        if !unseen.is_empty() {
            unseen.truncate(MAX_NOWHERE);
            let message = format!(
                "an IIS configuration in an unusual location serves folders that were not examined: {}",
                unseen.join("; ")
            );
            self.problems.push(Problem::at(ProblemKind::PartiallyExamined, config, message));
        }
    }

    /// Whether applications of Exchange have what is configured in a folder: it is that of a site which has some.
    fn is_above_exchange(&self, folder: &ServerPath) -> bool {
        self.above_exchange.contains(&folder.folded())
    }

    fn in_exchange(&self, folder: &ServerPath) -> bool {
        self.plan.exchange.iter().any(|root| folder.below(root).is_some())
    }

    /// The libraries of this name in the global assembly caches of the Windows volumes.
    fn in_the_cache(&mut self, name: &str) -> Vec<ServerPath> {
        if let Some(known) = self.cached.get(name) {
            return known.clone();
        }
        let resolver = &self.resolver;
        let volumes = self.plan.servers().filter_map(|iis| iis.config.as_ref()?.drive_letter());
        let cache = self.cache.get_or_insert_with(|| {
            let mut cache: HashMap<String, Vec<ServerPath>> = HashMap::new();
            for letter in volumes.collect::<HashSet<char>>() {
                for root in [r"Windows\Microsoft.NET\assembly", r"Windows\assembly"] {
                    for root in resolver.folders_below(&ServerPath::drive(letter), root) {
                        let kinds = resolver.folders_in(&root);
                        for kind in kinds.iter().filter(|kind| fold(kind.name()).starts_with("gac")) {
                            for library in resolver.folders_in(kind) {
                                cache.entry(fold(library.name())).or_default().push(library);
                            }
                        }
                    }
                }
            }
            cache
        });
        let folders = cache.get(name).cloned().unwrap_or_default();
        let versions = folders.iter().flat_map(|folder| self.resolver.folders_in(folder));
        let found: Vec<ServerPath> =
            versions.take(100).flat_map(|folder| self.resolver.files_below(&folder, &format!("{name}.dll"))).collect();
        self.cached.insert(name.to_owned(), found.clone());
        found
    }

    /// The files that a path of the configuration names, from a folder on.
    fn at(&mut self, folder: &ServerPath, written: &str) -> Vec<ServerPath> {
        self.paths += 1;
        if self.paths > MAX_PATHS {
            self.stopped = true;
            return Vec::new();
        }
        let variables = self.plan.variables(folder.drive_letter().unwrap_or('C'));
        let plain = variables.expand(written.trim()).replace('/', "\\");
        let lower = plain.to_ascii_lowercase();
        let plain = match lower.strip_prefix("file:") {
            Some(rest) => plain[plain.len() - rest.len()..].trim_start_matches('\\').to_owned(),
            None => plain,
        };
        if let Some(path) = ServerPath::from_windows(&plain) {
            return self.resolver.files(&path);
        }
        // A folder of the analyst's own has no letter: `..` is resolved by hand.
        let (mut folder, mut names) = (folder.clone(), Vec::new());
        for name in plain.split('\\').filter(|name| !matches!(*name, "" | "." | "~")) {
            match name {
                // Nothing is above a drive.
                ".." if names.is_empty() => folder = folder.parent().unwrap_or(folder),
                ".." => drop(names.pop()),
                name => names.push(name),
            }
        }
        self.resolver.files_below(&folder, &names.join("\\"))
    }

    /// The parts that an element includes.
    fn parts(&mut self, config: &ServerPath, folder: &ServerPath, document: &Document, at: usize) -> Vec<ServerPath> {
        let element = &document.elements[at];
        let file = if element.name == "appSettings" { element.attribute("file") } else { "" };
        let linked = if element.name == "linkedConfiguration" { element.attribute("href") } else { "" };
        let mut parts = Vec::new();
        for written in [element.attribute("configSource"), file, linked] {
            if written.is_empty() {
                continue;
            }
            let found = self.at(folder, written);
            if found.is_empty() && runs_code(&element.name) {
                let shown = crate::config::bounded(written, MAX_NAME);
                let message = format!("the section {} is in \"{shown}\", which is not in the evidence", element.name);
                self.problems.push(Problem::at(ProblemKind::ConfigMalformed, config, message));
            }
            let home = self.home(folder);
            let beside = match () {
                () if self.is_above_exchange(folder) => LOADED_ABOVE_EXCHANGE,
                () if self.is_above_exchange(&home) && !self.in_exchange(folder) => LOADED_BESIDE_EXCHANGE,
                () => "",
            };
            for part in found {
                if part == *config {
                    continue;
                }
                let what = format!("{LOADED_AS_PART}: {} of {config}{beside}", element.name);
                self.referenced.loaded.add(&part, what);
                self.add(part.clone());
                parts.push(part);
            }
        }
        parts
    }

    /// Adds a file to what is examined, unless the walk meets it.
    fn add(&mut self, file: ServerPath) {
        let in_area = self.plan.areas.iter().any(|area| area.every_file && file.below(&area.path).is_some());
        if !in_area && !self.plan.files.contains(&file) && self.referenced.files.len() <= MAX_FILES {
            self.referenced.files.push(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    const EXCHANGE: &str = r"C:\Program Files\Microsoft\Exchange Server\V15";

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    /// As what these files are loaded, of a site with this configuration at `C:\s\web.config`.
    fn referenced(inside: &str, files: &[&str]) -> Vec<(String, Vec<String>)> {
        let text = format!("<configuration>{inside}</configuration>");
        let mut memory = Memory::new().file(r"C:\s\web.config", text.as_bytes());
        for file in files {
            memory = memory.file(file, b"MZ");
        }
        let plan = Plan { exchange: vec![path(EXCHANGE)], ..Plan::default() };
        let referenced = find_referenced(&memory, &plan, vec![path(r"C:\s\web.config")], &mut Vec::new());
        files.iter().map(|file| ((*file).to_owned(), referenced.loaded.of(&path(file)))).collect()
    }

    #[test]
    fn libraries_are_found_where_the_runtime_looks_for_them() {
        let probing = r#"<runtime><assemblyBinding><probing privatePath="lib;more\x"/><dependentAssembly>
            <assemblyIdentity name="Based"/><codeBase version="1.0.0.0" href="file:///C:/else/b.dll"/></dependentAssembly>
            </assemblyBinding></runtime>"#;
        let types = r#"<a type="X.Y, Lib"/><a mappedTagType="X.Z, Far, PublicKeyToken=31bf3856ad364e35"/><a t="B.C, Based"/><a text="no, class here"/>"#;
        let found = referenced(
            &format!("{probing}{types}"),
            &[
                r"C:\s\bin\Lib.DLL",
                r"C:\s\lib\lib.dll",
                r"C:\s\bin\Lib\Lib.dll",
                r"C:\s\more\x\far.dll",
                r"C:\else\b.dll",
                r"C:\s\bin\other.dll",
            ],
        );
        let count: Vec<usize> = found.iter().map(|(_, what)| what.len()).collect();
        assert_eq!(count, [1, 1, 1, 1, 1, 0], "{found:?}");
        assert_eq!(found[0].1, [format!(r"{LOADED_AS_CLASS} X.Y of a in C:\s\web.config")]);
    }

    #[test]
    fn assemblies_with_microsoft_names_are_distinguished() {
        let types = r#"<a type="System.Web.Helper, Evil, PublicKeyToken=31bf3856ad364e35"/><a type="Own.Class, Microsoft.Own"/><a type="Own.Class, Own"/>"#;
        let found = referenced(types, &[r"C:\s\bin\Evil.dll", r"C:\s\bin\Microsoft.Own.dll", r"C:\s\bin\Own.dll"]);
        let microsoft: Vec<bool> = found.iter().map(|(_, what)| what[0].starts_with(LOADED_AS_MICROSOFT)).collect();
        assert_eq!(microsoft, [true, true, false]);
    }

    #[test]
    fn parts_are_followed_wherever_they_lie_and_loops_end() {
        let memory = Memory::new()
            .file(r"C:\s\web.config", br#"<configuration><system.webServer><handlers configSource="cfg\h.txt"/></system.webServer><appSettings file="..\..\secrets.xml"/><handlers configSource="web.config"/></configuration>"#)
            .file(r"C:\s\cfg\h.txt", br#"<handlers configSource="h.txt"><add type="A.B, Lib"/></handlers>"#)
            .file(r"C:\s\bin\lib.dll", b"MZ")
            .file(r"C:\secrets.xml", b"<appSettings/>");
        let referenced = find_referenced(&memory, &Plan::default(), vec![path(r"C:\s\web.config")], &mut Vec::new());
        assert!(referenced.loaded.of(&path(r"C:\s\cfg\h.txt"))[0].starts_with(LOADED_AS_PART));
        assert_eq!(
            referenced.loaded.of(&path(r"C:\s\bin\lib.dll")).len(),
            1,
            "its class is looked up at the place of the whole"
        );
        assert!(referenced.files.contains(&path(r"C:\secrets.xml")), "{:?}", referenced.files);
    }
}
