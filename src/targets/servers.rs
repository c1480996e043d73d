//! Web server configurations of a Windows volume: IIS, its redirection, and IIS Express of each user.

use super::iis::{self, Iis, Variables};
use super::plan::Plan;
use crate::config::Document;
use crate::evidence::{Evidence, Listed, Resolver};
use crate::model::server_path::{fold, same_name};
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use std::collections::HashSet;

/// The folder of IIS's configuration, below a Windows volume.
const FOLDER: &str = r"Windows\System32\inetsrv\config";
/// The file that holds it.
const FILE: &str = "applicationHost.config";
/// What is on a volume where IIS is installed.
const IIS_BINARIES: &[&str] = &[
    r"Windows\System32\inetsrv\w3wp.exe",
    r"Windows\System32\inetsrv\w3core.dll",
    r"Windows\System32\inetsrv\iiscore.dll",
    r"Windows\System32\inetsrv\inetinfo.exe",
    r"Windows\System32\inetsrv\appcmd.exe",
];
/// Folders of a user's documents.
const DOCUMENTS: &[&str] = &["Documents", r"OneDrive\Documents", "My Documents"];
/// Folders in which each folder is that of a user.
const USERS: &[&str] = &["Users", r"Windows\ServiceProfiles"];
/// Accounts whose folder is elsewhere.
const SYSTEM_USERS: &[&str] = &[r"Windows\System32\config\systemprofile", r"Windows\SysWOW64\config\systemprofile"];
/// Where users of Visual Studio have their projects, and common folders for them.
const PROJECTS: &[&str] = &[
    r"source\repos",
    r"Documents\source\repos",
    r"Documents\Visual Studio 2015\Projects",
    r"Documents\Visual Studio 2017\Projects",
    r"Documents\Visual Studio 2019\Projects",
    r"Documents\Visual Studio 2022\Projects",
    "Projects",
    "repos",
    "source",
    "git",
    "src",
    "dev",
];
/// How deep below those folders projects are, and how many folders are searched.
const PROJECT_DEPTH: usize = 3;
const MAX_PROJECTS: usize = 2_000;
/// What IIS Express starts with for a user who has no configuration yet.
const TEMPLATES: &[&str] = &[
    r"Program Files\IIS Express\config\templates\PersonalWebServer",
    r"Program Files (x86)\IIS Express\config\templates\PersonalWebServer",
];
/// Where IIS writes what each pool works with.
const POOLS: &str = r"inetpub\temp\appPools";
/// How many pools are read.
const MAX_POOLS: usize = 2_000;

/// The configurations of a volume, read, each with the file that it was read from. What is missing goes to the plan's problems.
pub(super) fn configured(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    drives: &[char],
    plan: &mut Plan,
) -> Vec<(Iis, ServerPath)> {
    let mut found = Vec::new();
    let redirected = redirection(evidence, resolver, root, drives, plan);
    for config in resolver.files_below(root, &format!(r"{FOLDER}\{FILE}")) {
        let mut iis = iis::read(evidence, &plan.configs, &config, &mut plan.problems);
        // It may be redirected in the file itself.
        let own = iis.redirected_to.take();
        iis.redirected_to = redirected.as_ref().map(|(path, _)| path.clone()).or(own);
        found.push((iis, config));
    }
    if found.is_empty() {
        missing(evidence, resolver, root, plan);
    }
    // IIS keeps at least the defaults of sites there, and a server without a site serves nothing.
    for (iis, config) in found.iter().filter(|(iis, _)| iis.sites.is_empty() && iis.redirected_to.is_none()) {
        let is_reported = plan.problems.iter().any(|one| one.path.as_ref() == Some(config));
        if iis.config.is_some() && !is_reported {
            let message = "names no site: what the server serves is unknown; earlier versions are in inetpub\\history";
            plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, config, message));
        }
    }
    // What programs of 32 bits find in the place of it.
    for config in resolver.files_below(root, &format!(r"Windows\SysWOW64\inetsrv\config\{FILE}")) {
        if !found.iter().any(|(_, known)| *known == config) {
            plan.files.push(config.clone());
            found.push((iis::read(evidence, &plan.configs, &config, &mut plan.problems), config));
        }
    }
    for config in redirected.into_iter().flat_map(|(_, files)| files) {
        if !found.iter().any(|(_, known)| *known == config) {
            plan.files.push(config.clone());
            found.push((iis::read(evidence, &plan.configs, &config, &mut plan.problems), config));
        }
    }
    let of_all = USERS.iter().flat_map(|names| resolver.folders_below(root, names));
    let mut users: Vec<ServerPath> = of_all.flat_map(|users| resolver.folders_in(&users)).collect();
    users.extend(SYSTEM_USERS.iter().flat_map(|names| resolver.folders_below(root, names)));
    for user in &users {
        for documents in DOCUMENTS.iter().flat_map(|names| resolver.folders_below(user, names)) {
            for config in resolver.files_below(&documents, &format!(r"IISExpress\config\{FILE}")) {
                plan.files.push(config.clone());
                found.push((iis::read(evidence, &plan.configs, &config, &mut plan.problems), config));
            }
        }
    }
    users.push(root.clone());
    for config in of_projects(resolver, &users) {
        plan.files.push(config.clone());
        found.push((iis::read(evidence, &plan.configs, &config, &mut plan.problems), config));
    }
    for config in TEMPLATES.iter().flat_map(|names| resolver.files_below(root, &format!(r"{names}\{FILE}"))) {
        let mut iis = iis::read(evidence, &plan.configs, &config, &mut plan.problems);
        // Its own site is in the user's folder.
        keep(&mut iis, |_, path| !path.to_ascii_lowercase().contains("%iis_"));
        plan.files.push(config.clone());
        found.push((iis, config));
    }
    found
}

/// The configurations of IIS Express that are with projects (`.vs\config`, `.vs\NAME\config`).
fn of_projects(resolver: &Resolver<'_>, users: &[ServerPath]) -> Vec<ServerPath> {
    let mut found = Vec::new();
    let roots = users.iter().flat_map(|user| PROJECTS.iter().flat_map(|names| resolver.folders_below(user, names)));
    let mut level: Vec<ServerPath> = roots.collect();
    let mut searched = 0;
    for depth in 0..=PROJECT_DEPTH {
        let mut next = Vec::new();
        for folder in level {
            searched += 1;
            if searched > MAX_PROJECTS {
                return found;
            }
            for kept in resolver.folders_below(&folder, ".vs") {
                let folders = std::iter::once(kept.clone()).chain(resolver.folders_in(&kept).into_iter().take(100));
                found.extend(folders.flat_map(|kept| resolver.files_below(&kept, &format!(r"config\{FILE}"))));
            }
            if depth < PROJECT_DEPTH {
                let below = resolver.folders_in(&folder);
                next.extend(below.into_iter().filter(|folder| {
                    let name = fold(folder.name());
                    !name.starts_with('.') && !matches!(name.as_str(), "node_modules" | "packages" | "bin" | "obj")
                }));
            }
        }
        level = next;
    }
    found.sort();
    found.dedup();
    found
}

/// Leaves out every virtual directory that is not wanted, by its site and address and by its path, and what holds no other.
fn keep(iis: &mut Iis, wanted: impl Fn(&str, &str) -> bool) {
    for site in &mut iis.server.sites {
        let name = fold(&site.name);
        for application in &mut site.applications {
            let urls: Vec<String> = application.folders.iter().map(|folder| application.url(folder)).collect();
            let mut urls = urls.into_iter();
            application.folders.retain(|folder| {
                let url = urls.next().unwrap_or_default();
                wanted(&format!("{name} {}", fold(&url)), &folder.configured)
            });
        }
        site.applications.retain(|application| !application.folders.is_empty());
    }
    iis.server.sites.retain(|site| !site.applications.is_empty());
}

/// What the worker processes serve by the copies that they read (`inetpub\temp\appPools\NAME\NAME.config`), and the configuration
/// of IIS does not name any more; and what they load beyond it, as a problem. Microsoft, "IIS 7.0 and above: application pool
/// isolation" (learn.microsoft.com): each worker process reads the copy that was made for its pool.
pub(super) fn of_pools(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    plan: &mut Plan,
) -> Vec<(Iis, ServerPath)> {
    let mut found = Vec::new();
    let key = |site: &str, path: &str| format!("{site}|{}", fold(path.trim_end_matches('\\')));
    let mut known: HashSet<String> = HashSet::new();
    for site in plan.servers().flat_map(|iis| &iis.sites) {
        for application in &site.applications {
            let folders = application.folders.iter();
            known.extend(folders.map(|folder| {
                key(&format!("{} {}", fold(&site.name), fold(&application.url(folder))), &folder.configured)
            }));
        }
    }
    let mut loaded: Option<HashSet<String>> = None;
    let pools = resolver.folders_below(root, POOLS).into_iter().flat_map(|pools| resolver.folders_in(&pools));
    for pool in pools.take(MAX_POOLS) {
        for config in resolver.files_below(&pool, &format!("{}.config", pool.name())) {
            // One that is broken is reported when it is examined.
            let mut iis = iis::read(evidence, &plan.configs, &config, &mut Vec::new());
            keep(&mut iis, |site, path| !known.contains(&key(site, path)));
            let configs: Vec<ServerPath> = plan.servers().filter_map(|iis| iis.config.clone()).collect();
            let images =
                |config: &ServerPath| iis::whole(evidence, &plan.configs, config).map(|file| images_of(&file.document));
            let loaded = loaded.get_or_insert_with(|| configs.iter().flat_map(images).flatten().collect());
            if !configs.is_empty()
                && let Ok(own) = images(&config)
                && let Some(more) = own.iter().filter(|image| !loaded.contains(*image)).min()
            {
                let message = format!(
                    "the application pool uses a copy of the configuration that loads code not named in the main \
                     configuration: {more}"
                );
                plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, &config, message));
            }
            if !iis.sites.is_empty() {
                // Its old states are those of the server's own.
                iis.config = None;
                found.push((iis, config));
            }
        }
    }
    found
}

/// What a configuration loads into every request: its modules, filters and handlers, folded.
fn images_of(document: &Document) -> HashSet<String> {
    const LISTS: &[(&[&str], &[&str])] = &[
        (&["globalModules", "add"], &["image"]),
        (&["isapiFilters", "filter"], &["path"]),
        (&["modules", "add"], &["type"]),
        (&["httpModules", "add"], &["type"]),
        (&["handlers", "add"], &["path", "type", "scriptProcessor"]),
        (&["httpHandlers", "add"], &["path", "type"]),
    ];
    let elements = document.elements.iter().enumerate();
    let images = elements.filter_map(|(at, element)| {
        let (_, attributes) = LISTS.iter().find(|(list, _)| document.ends_with(at, list))?;
        let values: Vec<&str> = attributes.iter().map(|name| element.attribute(name)).collect();
        (!values.concat().is_empty()).then(|| fold(values.join(" ").trim()))
    });
    images.take(20_000).collect()
}

/// The variables that paths of a configuration may name: IIS Express has some of its own.
pub(super) fn variables_of(config: &ServerPath, variables: &Variables) -> Variables {
    let express =
        config.parent().and_then(|folder| folder.parent()).filter(|folder| same_name(folder.name(), "IISExpress"));
    let documents = express.as_ref().and_then(ServerPath::parent);
    match (express, documents) {
        (Some(home), Some(documents)) => variables
            .with("iis_user_home", home.to_string())
            .with("iis_sites_home", documents.join("My Web Sites").to_string()),
        // That of a project: what belongs to the user is in the user's folder.
        _ => match config.folded().contains(r"\.vs\").then(|| user_of(config)).flatten() {
            Some(user) => variables
                .with("iis_user_home", user.join_all(r"Documents\IISExpress").to_string())
                .with("iis_sites_home", user.join_all(r"Documents\My Web Sites").to_string()),
            None => variables.clone(),
        },
    }
}

/// The folder of the user in which a file is.
fn user_of(file: &ServerPath) -> Option<ServerPath> {
    std::iter::successors(file.parent(), ServerPath::parent)
        .find(|folder| folder.parent().is_some_and(|parent| same_name(parent.name(), "Users")))
}

/// Where `redirection.config` says that the configuration is, and the files of it that were provided.
fn redirection(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    drives: &[char],
    plan: &mut Plan,
) -> Option<(String, Vec<ServerPath>)> {
    let mut to = None;
    for folder in resolver.folders_below(root, &format!(r"{FOLDER}\redirection.config")) {
        let message = "is a folder: whether the IIS configuration is redirected is unknown";
        plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, &folder, message));
    }
    for file in resolver.files_below(root, &format!(r"{FOLDER}\redirection.config")) {
        let Some(elsewhere) = iis::read(evidence, &plan.configs, &file, &mut plan.problems).server.redirected_to else {
            continue;
        };
        let variables = plan.variables(root.drive_letter().unwrap_or('C'));
        let path = ServerPath::from_windows(&variables.expand(&elsewhere).replace('/', "\\"));
        // A folder, or the file in it.
        let files: Vec<ServerPath> = path
            .iter()
            .filter(|path| path.drive_letter().is_some_and(|letter| drives.contains(&letter)))
            .flat_map(|path| [resolver.files(&path.join(FILE)), resolver.files(path)].concat())
            .collect();
        if files.is_empty() {
            let message = format!("shared configuration is enabled: the sites are configured in \"{elsewhere}\"");
            plan.problems.push(Problem::at(ProblemKind::VolumeNotProvided, &file, message));
        }
        to = Some((elsewhere, files));
    }
    to
}

/// Reports that IIS is installed without its configuration, with what is in its place.
fn missing(evidence: &dyn Evidence, resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    let folders = resolver.folders_below(root, FOLDER);
    let installed =
        !folders.is_empty() || IIS_BINARIES.iter().any(|names| !resolver.files_below(root, names).is_empty());
    if !installed {
        return;
    }
    let mut instead = Vec::new();
    for folder in &folders {
        // One that cannot be listed is reported by the survey.
        let _ = evidence.list(folder, &|_| true, &mut |listed| {
            if let Listed::Entry(entry) = listed
                && fold(&entry.name).starts_with("applicationhost")
                && instead.len() < 10
            {
                let what = if entry.kind == EntryKind::Folder { " (a folder)" } else { "" };
                instead.push(format!("{}{what}", entry.name));
            }
        });
    }
    instead.sort();
    let instead = if instead.is_empty() { String::new() } else { format!("; beside it: {}", instead.join(", ")) };
    let message = format!(
        "IIS is installed, but its configuration is not there: what it serves and loads is unknown{instead}; copies \
         are in inetpub\\history"
    );
    let folder = folders.first().cloned().unwrap_or_else(|| root.join_all(FOLDER));
    plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, &folder.join(FILE), message));
}

#[cfg(test)]
mod tests {
    use super::super::{Target, discover, recognise};
    use super::*;
    use crate::evidence::Memory;
    use crate::model::Role;

    const SITES: &str = r#"<configuration><sites><site name="s" id="1"><application path="/"><virtualDirectory path="/"
        physicalPath="PATH"/></application></site></sites></configuration>"#;

    fn plan(memory: &Memory) -> Plan {
        let root = ServerPath::drive('C');
        let kind = recognise(memory, &root);
        discover(memory, &[Target { path: root, kind }], &['C'], false)
    }

    fn config(path: &str, physical: &str) -> Memory {
        Memory::new().folder(r"C:\Windows\System32").file(path, SITES.replace("PATH", physical).as_bytes())
    }

    fn serves(plan: &Plan, path: &str) -> bool {
        plan.areas.iter().any(|area| area.role == Role::WebRoot && area.path.as_str() == path)
    }

    #[test]
    fn iis_without_its_configuration_is_a_gap_and_no_iis_is_none() {
        let none = plan(&Memory::new().folder(r"C:\Windows\System32").folder(r"C:\inetpub\wwwroot"));
        assert_eq!(none.problems, []);
        for there in
            [r"C:\Windows\System32\inetsrv\w3wp.exe", r"C:\Windows\System32\inetsrv\config\applicationHost.config.temp"]
        {
            let plan = plan(&Memory::new().file(there, b"x"));
            assert_eq!(
                plan.problems.iter().map(|one| one.kind).collect::<Vec<_>>(),
                [ProblemKind::ConfigMalformed],
                "{there}"
            );
        }
        let folder = plan(&Memory::new().folder(r"C:\Windows\System32\inetsrv\config\applicationHost.config"));
        assert!(folder.problems[0].message.contains("(a folder)"), "{:?}", folder.problems);
    }

    #[test]
    fn a_redirection_inside_the_evidence_is_followed_in_both_forms() {
        for to in [r"D:\..\x", r"C:\shared", r"C:\shared\applicationHost.config", r"%SystemDrive%\shared"] {
            let redirection =
                format!(r#"<configuration><configurationRedirection enabled="1" path="{to}"/></configuration>"#);
            let memory = config(r"C:\shared\applicationHost.config", r"C:\odd")
                .folder(r"C:\odd")
                .file(r"C:\Windows\System32\inetsrv\config\redirection.config", redirection.as_bytes())
                .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", b"<configuration/>");
            let plan = plan(&memory);
            let inside = to.contains("shared");
            assert_eq!(
                (serves(&plan, r"C:\odd"), plan.problems.is_empty()),
                (inside, inside),
                "{to}: {:?}",
                plan.problems
            );
        }
    }

    #[test]
    fn what_a_user_serves_with_iis_express_is_examined() {
        let memory = config(r"C:\Users\u\Documents\IISExpress\config\applicationhost.config", r"%IIS_SITES_HOME%\one")
            .folder(r"C:\Users\u\Documents\My Web Sites\one");
        let plan = plan(&memory);
        assert!(serves(&plan, r"C:\Users\u\Documents\My Web Sites\one"), "{:?}", plan.areas);
        assert!(plan.files.iter().any(|file| file.name() == "applicationhost.config") && plan.problems.is_empty());
    }
}
