//! Binaries and configuration that the web server loads from outside the served folders: found through
//! applicationHost.config and web.config files, and added to the plan file by file.

use super::iis::{self, Variables};
use super::loaded::MAX_IMAGES;
use super::plan::Plan;
use super::servers;
use crate::catalogue::default_config;
use crate::catalogue::default_config::ImageIs;
use crate::config::{Document, LOADED_AS_POOL};
use crate::evidence::{Evidence, Led, Listed, Resolver};
use crate::model::server_path::{extension, fold};
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};

/// How many files are added at most. A real server has about a hundred.
const MAX_FILES: usize = 5_000;

/// Configuration of the worker process and of the services beside it, below a Windows volume.
const RUNTIME: &[&str] = &[
    r"Windows\System32\inetsrv\w3wp.exe.config",
    r"Windows\SysWOW64\inetsrv\w3wp.exe.config",
    r"Windows\System32\inetsrv\WMSvc.exe.config",
    r"Windows\System32\inetsrv\InetMgr.exe.config",
];

/// The folders of the framework, with a folder for each version.
const FRAMEWORKS: &[&str] = &["Framework", "Framework64", "FrameworkArm64"];

/// The configuration of the runtime and of the worker process on a volume, which holds for every site whether or not the
/// configuration of IIS is there.
pub(super) fn runtime(evidence: &dyn Evidence, resolver: &Resolver<'_>, root: &ServerPath) -> Vec<ServerPath> {
    let mut files: Vec<ServerPath> = RUNTIME.iter().flat_map(|names| resolver.files_below(root, names)).collect();
    let config = |name: &str| extension(name) == "config";
    for framework in FRAMEWORKS {
        for folder in resolver.folders_below(root, &format!(r"Windows\Microsoft.NET\{framework}")) {
            for version in resolver.folders_in(&folder) {
                // `aspnet.config`, and those of the compilers.
                list(evidence, resolver, &version, &config, &mut files);
                for folder in resolver.folders_below(&version, "Config") {
                    list(evidence, resolver, &folder, &config, &mut files);
                }
                // What listens for WCF in the older versions.
                for folder in resolver.folders_below(&version, "Windows Communication Foundation") {
                    list(evidence, resolver, &folder, &config, &mut files);
                }
                for folder in resolver.folders_below(&version, r"Config\Browsers") {
                    list(evidence, resolver, &folder, &|name| extension(name) == "browser", &mut files);
                }
            }
        }
    }
    for folder in resolver.folders_below(root, r"Windows\System32\inetsrv\config\schema") {
        list(evidence, resolver, &folder, &|name| extension(name) == "xml", &mut files);
    }
    files
}

/// Adds to the plan what the configuration of IIS in `config` loads. `root` is the volume of that Windows, `drives` are the
/// letters of the volumes that were provided.
pub(super) fn add(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    config: &ServerPath,
    drives: &[char],
    plan: &mut Plan,
) {
    let system = root.drive_letter().unwrap_or('C');
    let variables = servers::variables_of(config, &plan.variables(system))
        .with("iis_bin", format!(r"{system}:\Program Files\IIS Express"));
    let mut files = Vec::new();
    // One that cannot be read is reported with its sites.
    if let Ok(file) = iis::whole(evidence, &plan.configs, config) {
        images(&file.document, &variables, resolver, drives, config, plan, &mut files);
    }
    files.extend(runtime(evidence, resolver, root));
    for installation in plan.exchange.clone() {
        for folder in resolver.folders_below(&installation, "bin") {
            list(evidence, resolver, &folder, &|name| fold(name).ends_with(".exe.config"), &mut files);
        }
    }
    // What shared configuration loads was not read, so nothing can be said to be loaded by none.
    let own = plan.servers().find(|iis| iis.system == root.drive_letter());
    if own.is_none_or(|iis| iis.redirected_to.is_none()) {
        for folder in resolver.folders_below(root, r"Windows\System32\inetsrv") {
            list(evidence, resolver, &folder, &|name| extension(name) == "dll", &mut files);
        }
    }
    files.sort();
    files.dedup();
    files.retain(|file| !plan.files.contains(file));
    if files.len() > MAX_FILES {
        let message = format!("names {} assemblies and files: only {MAX_FILES} are examined", files.len());
        plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, config, message));
        files.truncate(MAX_FILES);
    }
    plan.files.extend(files);
}

/// Native modules, ISAPI filters and the configuration of application pools.
fn images(
    document: &Document,
    variables: &Variables,
    resolver: &Resolver<'_>,
    drives: &[char],
    config: &ServerPath,
    plan: &mut Plan,
    files: &mut Vec<ServerPath>,
) {
    let exchange = plan.exchange_names().first().map(ServerPath::folded);
    let kinds = [
        (["globalModules", "add"], "image", "native module"),
        (["isapiFilters", "filter"], "path", "ISAPI filter"),
        (["applicationPools", "add"], "CLRConfigFile", LOADED_AS_POOL),
    ];
    let mut named = 0;
    for (at, element) in document.elements.iter().enumerate() {
        let Some((_, attribute, what)) = kinds.iter().find(|(path, _, _)| document.ends_with(at, path)) else {
            continue;
        };
        let (name, configured) = (element.attribute("name"), element.attribute(attribute));
        if configured.is_empty() {
            continue;
        }
        named += 1;
        if named > MAX_IMAGES {
            let message = format!("names more than {MAX_IMAGES} modules and filters: the rest was not resolved");
            plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, config, message));
            return;
        }
        // The loader takes another separator and quotes as well.
        let expanded = variables.expand(configured.trim().trim_matches('"')).replace('/', "\\");
        let what = format!("{what} {name}");
        let Some(path) = ServerPath::from_windows(&expanded) else {
            let message =
                format!("the {what} is loaded from \"{configured}\", which is not a file on a provided volume");
            plan.problems.push(Problem::general(ProblemKind::VolumeNotProvided, message));
            continue;
        };
        let found = resolver.files(&path);
        for file in &found {
            plan.loaded.add(file, what.clone());
        }
        // A copy of some folders has no libraries of Windows, which says nothing; one that is not part of a default installation is reported.
        let is_default = default_config().image_is(name, configured, exchange.as_deref()) == ImageIs::Default
            || configured.to_ascii_lowercase().starts_with("%iis_bin%");
        if found.is_empty() && !is_default && *attribute != "CLRConfigFile" {
            let given = path.drive_letter().is_some_and(|letter| drives.contains(&letter));
            let (kind, why) = match given {
                true if iis::not_there(configured, &expanded, variables).0 == ProblemKind::PathUnresolved => {
                    (ProblemKind::PathUnresolved, "but the file was not found under this name")
                }
                true => (ProblemKind::FolderMissing, "but the file does not exist"),
                false => (ProblemKind::VolumeNotProvided, "on a volume that was not provided"),
            };
            plan.problems.push(Problem::at(kind, &path, format!("the {what} is loaded from here, {why}")));
        }
        // A file in an area that is examined whole is examined there.
        files.extend(found.into_iter().filter(|file| !in_a_whole_area(plan, file)));
    }
}

fn in_a_whole_area(plan: &Plan, file: &ServerPath) -> bool {
    plan.areas.iter().any(|area| area.every_file && file.below(&area.path).is_some())
}

fn list(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    folder: &ServerPath,
    wanted: &dyn Fn(&str) -> bool,
    files: &mut Vec<ServerPath>,
) {
    let mut at_links = Vec::new();
    let listed = evidence.list(folder, wanted, &mut |listed| {
        if let Listed::Entry(entry) = listed
            && wanted(&entry.name)
            && files.len() + at_links.len() <= MAX_FILES
        {
            match entry.kind {
                EntryKind::File => files.push(folder.join(&entry.name)),
                EntryKind::Link { target } => at_links.push((folder.join(&entry.name), target)),
                _ => {}
            }
        }
    });
    if let Err(error) = listed {
        resolver.refused(folder, &error);
    }
    for (link, target) in at_links {
        match resolver.lead(&link, target.as_deref()) {
            Led::File(to) => files.push(to),
            Led::Folder(_) => {}
            Led::Away(away) => resolver.not_followed(&link, target.as_deref(), &away),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Target, discover, recognise};
    use super::*;
    use crate::evidence::Memory;

    const CONFIG: &str = r"C:\Windows\System32\inetsrv\config\applicationHost.config";

    fn plan(memory: &Memory) -> Plan {
        let root = ServerPath::drive('C');
        let kind = recognise(memory, &root);
        discover(memory, &[Target { path: root, kind }], &['C'], false)
    }

    fn server(more: &str) -> Memory {
        let config = format!(
            r#"<configuration><sites><site name="s" id="1"><application path="/">
            <virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot"/></application></site></sites>
            <system.webServer><globalModules>
              <add name="UriCacheModule" image="%windir%\System32\inetsrv\cachuri.dll"/>{more}
            </globalModules></system.webServer></configuration>"#
        );
        Memory::new().file(CONFIG, config.as_bytes()).folder(r"C:\inetpub\wwwroot")
    }

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    #[test]
    fn images_are_found_added_and_remembered() {
        let more = r#"<add name="X" image="C:/Odd\x.DLL"/><add name="Y" image="%windir%\System32\inetsrv\y.dll"/>"#;
        let memory = server(more)
            .file(r"C:\odd\X.dll", b"MZ")
            .file(r"C:\Windows\System32\inetsrv\y.dll", b"MZ")
            .file(r"C:\Windows\System32\inetsrv\w3wp.exe.config", b"<configuration/>")
            .file(r"C:\Windows\System32\inetsrv\unlisted.dll", b"MZ")
            .file(r"C:\Windows\System32\inetsrv\readme.txt", b"");
        let plan = plan(&memory);
        let mut files: Vec<String> = plan.files.iter().map(|file| file.folded()).collect();
        files.sort();
        assert_eq!(
            files,
            [
                r"c:\odd\x.dll",
                r"c:\windows\system32\inetsrv\unlisted.dll",
                r"c:\windows\system32\inetsrv\w3wp.exe.config",
                r"c:\windows\system32\inetsrv\y.dll"
            ]
        );
        assert_eq!(plan.loaded.of(&path(r"C:\ODD\x.dll")), ["native module X"]);
        assert_eq!(plan.loaded.of(&path(r"C:\Windows\System32\inetsrv\unlisted.dll")), [""; 0]);
        assert_eq!(plan.problems, []);
        let mut problems = Vec::new();
        let never = std::sync::atomic::AtomicBool::new(false);
        let survey = crate::scan::survey(&memory, &plan, &never, &mut problems);
        let loaded: Vec<Vec<String>> = (0..survey.len()).map(|at| survey.artefact(at, &plan).loaded_as).collect();
        assert_eq!(loaded.iter().filter(|what| !what.is_empty()).count(), 2);
    }

    #[test]
    fn a_library_that_the_walk_takes_for_its_name_is_examined_once() {
        let memory = server("").file(r"C:\Windows\System32\inetsrv\iisddos.dll", b"MZ");
        let plan = plan(&memory);
        assert_eq!(plan.files.len(), 1);
        let never = std::sync::atomic::AtomicBool::new(false);
        let survey = crate::scan::survey(&memory, &plan, &never, &mut Vec::new());
        let found = survey.names().filter(|(_, name, _)| *name == "iisddos.dll").count();
        assert_eq!((found, survey.coverage.surveyed), (1, 2), "beside the configuration");
    }

    #[test]
    fn what_is_missing_or_elsewhere_is_reported_but_for_default_modules() {
        let more = r#"<add name="X" image="C:\gone\x.dll"/><add name="Y" image="D:\y.dll"/><add name="Z" image="\\host\z.dll"/>"#;
        let plan = plan(&server(more));
        let kinds: Vec<ProblemKind> = plan.problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, [ProblemKind::FolderMissing, ProblemKind::VolumeNotProvided, ProblemKind::VolumeNotProvided]);
    }

    #[test]
    fn malicious_lists_are_bounded_and_shared_configuration_leaves_libraries_alone() {
        let many: String = (0..3000).map(|n| format!(r#"<add name="m{n}" image="C:\gone\{n}.dll"/>"#)).collect();
        assert_eq!(plan(&server(&many)).problems.len(), 3000);
        let redirection =
            br#"<configuration><configurationRedirection enabled="true" path="\\host\share"/></configuration>"#;
        let memory = server("")
            .file(r"C:\Windows\System32\inetsrv\config\redirection.config", redirection)
            .file(r"C:\Windows\System32\inetsrv\unlisted.dll", b"MZ");
        assert_eq!(plan(&memory).files, []);
    }
}
