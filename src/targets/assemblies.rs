//! Sources of assemblies other than the served folders: the global assembly cache, Exchange's own DLLs, Temporary
//! ASP.NET Files, and configured paths.
//!
//! The runtime looks for an assembly in the cache, at a `codeBase` of configuration, and in the folders of the application
//! (Microsoft, "How the Runtime Locates Assemblies"). ASP.NET compiles into the folder of the framework or, where the pool's
//! identity may not write there, into `Temporary ASP.NET Files` of its own folder for temporary files, or wherever
//! `compilation tempDirectory` says (CompilationSection.TempDirectory).

use super::iis::{Variables, document};
use super::modules::runtime;
use super::plan::Plan;
use crate::catalogue::ExchangeFolder;
use crate::evidence::{Evidence, Resolver};
use crate::model::percent::{self, Escapes};
use crate::model::server_path::fold;
use crate::model::{Problem, ProblemKind, Role, ServerPath};
use std::collections::HashSet;

/// The global assembly cache, below a Windows volume: of the runtimes up to 3.5, and of 4. Images that were compiled for the
/// processor (`NativeImages_*`) hold no code that is read.
const CACHES: &[&str] = &[
    r"Windows\assembly\GAC",
    r"Windows\assembly\GAC_32",
    r"Windows\assembly\GAC_64",
    r"Windows\assembly\GAC_MSIL",
    r"Windows\Microsoft.NET\assembly\GAC_32",
    r"Windows\Microsoft.NET\assembly\GAC_64",
    r"Windows\Microsoft.NET\assembly\GAC_MSIL",
];

/// Folders in which each folder is a profile.
const PROFILES: &[&str] = &["Users", r"Windows\ServiceProfiles", "Documents and Settings"];
/// Profiles elsewhere.
const SYSTEM_PROFILES: &[&str] = &[r"Windows\System32\config\systemprofile", r"Windows\SysWOW64\config\systemprofile"];
/// Where a profile has what ASP.NET compiled.
const TEMPORARY: &[&str] = &[
    r"AppData\Local\Temp\Temporary ASP.NET Files",
    r"AppData\LocalLow\Temp\Temporary ASP.NET Files",
    r"Local Settings\Temp\Temporary ASP.NET Files",
];
/// Where a profile has copies of assemblies that the runtime made when it loaded them.
const COPIES: &[&str] = &[r"AppData\Local\assembly", r"Local Settings\Application Data\assembly"];
/// Folders for temporary files that are no profile's.
const SHARED_TEMPORARY: &[&str] = &[r"Windows\Temp\Temporary ASP.NET Files", r"Temp\Temporary ASP.NET Files"];

/// How many configuration files are searched for what they load. A server has some hundreds.
const MAX_CONFIGS: usize = 5_000;
/// How many files configuration may name.
const MAX_NAMED: usize = 5_000;

/// Adds the folders of a Windows volume from which assemblies are loaded.
pub(super) fn of_volume(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    for folder in CACHES.iter().flat_map(|cache| resolver.folders_below(root, cache)) {
        add(plan, folder, Role::Unknown);
    }
    of_profiles(resolver, root, plan);
}

/// Adds what ASP.NET compiled, and the runtime copied, in folders of accounts and for temporary files.
pub(super) fn of_profiles(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    for folder in SHARED_TEMPORARY.iter().flat_map(|names| resolver.folders_below(root, names)) {
        add(plan, folder, Role::AspnetTemp);
    }
    let mut profiles: Vec<ServerPath> =
        SYSTEM_PROFILES.iter().flat_map(|names| resolver.folders_below(root, names)).collect();
    for parent in PROFILES.iter().flat_map(|names| resolver.folders_below(root, names)) {
        profiles.extend(resolver.folders_in(&parent));
    }
    for profile in profiles {
        for (names, role) in
            TEMPORARY.iter().map(|names| (names, Role::AspnetTemp)).chain(COPIES.iter().map(|n| (n, Role::Unknown)))
        {
            for folder in resolver.folders_below(&profile, names) {
                add(plan, folder, role);
            }
        }
    }
}

/// The folders in which ASP.NET keeps what it compiled.
pub(super) fn aspnet_temp(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    for framework in ["Framework", "Framework64"] {
        for parent in resolver.folders_below(root, &format!(r"Windows\Microsoft.NET\{framework}")) {
            for version in resolver.folders_in(&parent) {
                for folder in resolver.folders_below(&version, "Temporary ASP.NET Files") {
                    add(plan, folder, Role::AspnetTemp);
                }
            }
        }
    }
}

/// Adds the folders of an Exchange installation from which libraries are loaded.
pub(super) fn of_exchange(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    for folder in ExchangeFolder::Libraries.folders().flat_map(|names| resolver.folders_below(root, names)) {
        plan.add_area(folder, Role::Exchange, root, true);
    }
}

fn add(plan: &mut Plan, folder: ServerPath, role: Role) {
    plan.add_area(folder.clone(), role, &folder, true);
}

/// Adds what configuration names: where ASP.NET compiles, and assemblies that are outside of their application. `roots` are the
/// volumes of Windows, `drives` the letters that were provided.
pub(super) fn of_configuration(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    roots: &[ServerPath],
    drives: &[char],
    plan: &mut Plan,
) {
    let systems: Vec<char> = roots.iter().filter_map(ServerPath::drive_letter).collect();
    let served = plan.servers().flat_map(|iis| iis.mappings()).map(|(folder, _)| folder.clone());
    let mut served: Vec<ServerPath> = served.collect();
    served.extend(plan.areas.iter().filter(|area| area.role == Role::WebRoot).map(|area| area.path.clone()));
    served.sort();
    served.dedup();
    let mut configs: Vec<ServerPath> = roots.iter().flat_map(|root| runtime(evidence, resolver, root)).collect();
    configs.extend(served.iter().flat_map(|folder| resolver.files_below(folder, "web.config")));
    configs.sort();
    configs.dedup();
    if configs.len() > MAX_CONFIGS {
        let message = format!("{} configuration files: only {MAX_CONFIGS} were checked for assemblies", configs.len());
        plan.problems.push(Problem::general(ProblemKind::PartiallyExamined, message));
        configs.truncate(MAX_CONFIGS);
    }
    let mut named: HashSet<String> = HashSet::new();
    for config in &configs {
        // One that cannot be read is reported when it is examined.
        let Ok(file) = document(evidence, &plan.configs, config) else { continue };
        let document = &file.document;
        // A volume without Windows belongs to the first system.
        let own = config.drive_letter().filter(|letter| systems.contains(letter));
        let variables = plan.variables(own.or(systems.first().copied()).unwrap_or('C'));
        for (at, element) in document.elements.iter().enumerate() {
            if element.name == "compilation" && !element.attribute("tempDirectory").is_empty() {
                temporary(config, element.attribute("tempDirectory"), &variables, resolver, drives, plan);
            } else if document.ends_with(at, &["dependentAssembly", "codeBase"]) {
                let href = element.attribute("href");
                if !href.is_empty() && named.len() < MAX_NAMED && named.insert(fold(&format!("{config}|{href}"))) {
                    code_base(config, href, &variables, resolver, drives, plan);
                }
            }
        }
    }
    if named.len() >= MAX_NAMED {
        let message = format!("configuration names more than {MAX_NAMED} assemblies: the rest was not searched for");
        plan.problems.push(Problem::general(ProblemKind::PartiallyExamined, message));
    }
}

/// `compilation tempDirectory`: what it holds is what ASP.NET compiled.
fn temporary(
    config: &ServerPath,
    configured: &str,
    variables: &Variables,
    resolver: &Resolver<'_>,
    drives: &[char],
    plan: &mut Plan,
) {
    let what = || format!("ASP.NET compiles into \"{configured}\" according to {config}");
    let path = ServerPath::from_windows(&variables.expand(configured));
    let Some(path) = path.filter(|path| path.drive_letter().is_some_and(|letter| drives.contains(&letter))) else {
        let message = format!("{}: it names no folder of a volume that was provided", what());
        plan.problems.push(Problem::at(ProblemKind::VolumeNotProvided, config, message));
        return;
    };
    let folders = resolver.folders(&path);
    if folders.is_empty() {
        let message = format!("{}, but the folder does not exist", what());
        plan.problems.push(Problem::at(ProblemKind::FolderMissing, &path, message));
    }
    for folder in folders {
        add(plan, folder, Role::AspnetTemp);
    }
}

/// `codeBase href`: an assembly by its place, `file:///C:/x/y.dll` or relative to the application.
fn code_base(
    config: &ServerPath,
    href: &str,
    variables: &Variables,
    resolver: &Resolver<'_>,
    drives: &[char],
    plan: &mut Plan,
) {
    let expanded = variables.expand(href.trim());
    let local = expanded.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("file:///")).map(|_| &expanded[8..]);
    let path = match local {
        Some(path) => {
            let decoded = percent::decode_text(path, Escapes::Bytes);
            ServerPath::from_windows(decoded.as_deref().unwrap_or(path))
        }
        None if expanded.contains(':') || expanded.starts_with(['\\', '/']) => ServerPath::from_windows(&expanded),
        // Inside the application, which is examined; above it only by parts that lead up.
        None => config.parent().and_then(|folder| ServerPath::from_windows(&format!("{folder}\\{expanded}"))),
    };
    let Some(path) = path.filter(|path| path.drive_letter().is_some_and(|letter| drives.contains(&letter))) else {
        // A place that setup has not filled in loads nothing.
        if !expanded.contains('%') {
            let message = format!("names an assembly at \"{href}\", which is not on a volume that was provided");
            plan.problems.push(Problem::at(ProblemKind::VolumeNotProvided, config, message));
        }
        return;
    };
    for file in resolver.files(&path) {
        let whole = plan.areas.iter().any(|area| area.every_file && file.below(&area.path).is_some());
        if !whole && !plan.files.contains(&file) {
            plan.files.push(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Target, discover, recognise};
    use super::*;
    use crate::evidence::Memory;

    fn plan(memory: &Memory) -> Plan {
        let root = ServerPath::drive('C');
        let kind = recognise(memory, &root);
        discover(memory, &[Target { path: root, kind }], &['C'], false)
    }

    fn area(plan: &Plan, folder: &str) -> Option<Role> {
        let folder = ServerPath::from_windows(folder).expect("absolute");
        let whole = plan.areas.iter().filter(|area| area.every_file);
        whole.filter(|area| area.path == folder).map(|area| area.role).next()
    }

    #[test]
    fn caches_profiles_and_the_libraries_of_exchange_are_examined_whole() {
        let folders = [
            (r"C:\Windows\assembly\GAC_MSIL", Role::Unknown),
            (r"C:\Windows\Microsoft.NET\assembly\GAC_64", Role::Unknown),
            (r"C:\Users\MSExchangeOWAAppPool\AppData\Local\Temp\Temporary ASP.NET Files", Role::AspnetTemp),
            (r"C:\Windows\ServiceProfiles\NetworkService\AppData\Local\Temp\Temporary ASP.NET Files", Role::AspnetTemp),
            (r"C:\Windows\System32\config\systemprofile\AppData\Local\assembly", Role::Unknown),
            (r"C:\Windows\Temp\Temporary ASP.NET Files", Role::AspnetTemp),
            (r"C:\Ex\V15\TransportRoles\agents", Role::Exchange),
            (r"C:\Ex\V15\bin", Role::Exchange),
        ];
        let mut memory = Memory::new()
            .file(r"C:\Ex\V15\bin\ExSetup.exe", b"")
            .folder(r"C:\Windows\System32")
            .folder(r"C:\Windows\assembly\NativeImages_v4.0.30319_64");
        for (folder, _) in folders {
            memory = memory.folder(folder);
        }
        let plan = plan(&memory);
        for (folder, role) in folders {
            assert_eq!(area(&plan, folder), Some(role), "{folder}");
        }
        assert_eq!(area(&plan, r"C:\Windows\assembly\NativeImages_v4.0.30319_64"), None);
    }

    fn configured(text: &str) -> Memory {
        let host = r#"<configuration><sites><site name="s" id="1"><application path="/">
            <virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot"/></application></site></sites></configuration>"#;
        Memory::new()
            .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", host.as_bytes())
            .file(r"C:\inetpub\wwwroot\web.config", format!("<configuration>{text}</configuration>").as_bytes())
            .file(r"C:\odd place\x.dat", b"MZ")
            .folder(r"C:\odd\temp")
    }

    #[test]
    fn where_configuration_says_that_pages_are_compiled_is_examined_or_named() {
        let one = |folder: &str| {
            plan(&configured(&format!(r#"<system.web><compilation tempDirectory="{folder}"/></system.web>"#)))
        };
        let there = one(r"C:\odd\temp");
        assert_eq!((area(&there, r"C:\odd\temp"), there.problems.len()), (Some(Role::AspnetTemp), 0));
        for (folder, kind) in [
            (r"D:\temp", ProblemKind::VolumeNotProvided),
            (r"\\host\temp", ProblemKind::VolumeNotProvided),
            (r"C:\none", ProblemKind::FolderMissing),
        ] {
            assert_eq!(one(folder).problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [kind], "{folder}");
        }
        assert_eq!(one("").problems, []);
    }

    #[test]
    fn assemblies_that_configuration_names_by_their_place_are_examined_or_named() {
        let one = |href: &str| {
            let binding =
                format!(r#"<dependentAssembly><codeBase version="1.0.0.0" href="{href}"/></dependentAssembly>"#);
            plan(&configured(&format!("<runtime><assemblyBinding>{binding}</assemblyBinding></runtime>")))
        };
        for href in ["file:///C:/odd%20place/x.dat", r"C:\odd place\x.dat", r"..\..\odd place\x.dat"] {
            let plan = one(href);
            assert_eq!((plan.files.len(), &plan.problems[..]), (1, &[][..]), "{href}");
        }
        for href in ["http://host/x.dll", "file://host/share/x.dll", "file:///D:/x.dll", r"\\host\x.dll"] {
            let plan = one(href);
            assert_eq!(plan.problems.len(), 1, "{href}");
            assert_eq!(plan.problems[0].kind, ProblemKind::VolumeNotProvided, "{href}");
        }
        for href in ["bin/x.dll", "file:///%ExchangeInstallDir%bin/x.dll", "file:///C:/none/x.dll"] {
            assert_eq!(one(href).problems, [], "{href}");
        }
    }
}
