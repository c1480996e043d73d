//! Detects the type of a target and plans the areas to examine.

use super::autostart::VolumeContext;
use super::hives::{self, Registry};
use super::iis::{self, Physical};
use super::installations::installations;
use super::plan::{Plan, report_once};
use super::{assemblies, earlier, exclusions, modules, products, server_info, servers, services, tasks, web_servers};
use crate::catalogue::ExchangeFolder;
use crate::evidence::{Evidence, Resolver};
use crate::model::drop_folders;
use crate::model::server_path::fold;
use crate::model::{Problem, ProblemKind, Role, ServerPath};

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// The root of a volume of a Windows server.
    Volume,
    /// An Exchange installation folder.
    Exchange,
    /// Any folder: checked by content alone.
    Folder,
    /// A single file.
    File,
}

/// A target as it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in the evidence.
    pub path: ServerPath,
    /// What it is.
    pub kind: TargetKind,
}

/// What a folder is, by what is in it.
pub fn recognise(evidence: &dyn Evidence, folder: &ServerPath) -> TargetKind {
    let resolver = Resolver::new(evidence);
    kind_by_content(&resolver, folder).unwrap_or_else(|| match installations(&resolver, folder).is_empty() {
        true => TargetKind::Folder,
        false => TargetKind::Volume,
    })
}

/// Whether a folder is an Exchange installation or the volume of a server, by its own content.
pub fn is_server(evidence: &dyn Evidence, folder: &ServerPath) -> bool {
    kind_by_content(&Resolver::new(evidence), folder).is_some()
}

/// What a folder is by its own content: an installation, the volume of a system or of its web server.
fn kind_by_content(resolver: &Resolver<'_>, folder: &ServerPath) -> Option<TargetKind> {
    let has_folder = |names: &str| !resolver.folders_below(folder, names).is_empty();
    let has_file = |names: &str| !resolver.files_below(folder, names).is_empty();
    if has_file(r"bin\ExSetup.exe") || has_folder(ExchangeFolder::FrontEnd.first()) {
        return Some(TargetKind::Exchange);
    }
    let volume = [r"Windows\System32", r"inetpub\wwwroot", r"inetpub\logs\LogFiles"];
    volume.into_iter().any(has_folder).then_some(TargetKind::Volume)
}

/// The plan for these targets. `drives` are the letters of the volumes that were provided; `live` reads the registry too.
pub fn discover(evidence: &dyn Evidence, targets: &[Target], drives: &[char], live: bool) -> Plan {
    let resolver = Resolver::new(evidence);
    let mut plan = Plan::default();
    let mut volumes = Vec::new();
    for target in targets {
        match target.kind {
            TargetKind::Volume => {
                let registry = hives::read(evidence, &resolver, &target.path, live, &mut plan);
                server_info::add(&registry, &mut plan);
                volume(&resolver, &target.path, &registry, drives, &mut plan);
                volumes.push((target.path.clone(), registry));
            }
            TargetKind::Exchange => add_exchange(&resolver, &target.path, &mut plan),
            TargetKind::Folder => {
                plan.add_area(target.path.clone(), Role::Unknown, &target.path, true);
                plan.report("folder", format!("{}: every file, by content only", target.path));
            }
            TargetKind::File => {
                plan.files.push(target.path.clone());
                plan.report("file", target.path.to_string());
            }
        }
    }
    configured_sites(evidence, &resolver, targets, drives, &mut plan);
    for (root, _) in &volumes {
        let files = modules::runtime(evidence, &resolver, root);
        plan.files.extend(files.into_iter().filter(|file| !plan.files.contains(file)).collect::<Vec<_>>());
    }
    for (root, registry) in &volumes {
        beside(evidence, &resolver, (root, registry), drives, live, &mut plan);
    }
    let roots: Vec<ServerPath> = volumes.into_iter().map(|(root, _)| root).collect();
    assemblies::of_configuration(evidence, &resolver, &roots, drives, &mut plan);
    behind_links(&resolver, &mut plan);
    resolver.report(&mut plan.problems);
    not_collected(evidence, &mut plan.problems);
    plan.areas.sort_by(|a, b| a.path.cmp(&b.path).then(a.role.cmp(&b.role)).then(b.every_file.cmp(&a.every_file)));
    plan.areas.dedup();
    plan
}

/// What is missing in a collection may be on the server: nobody collected it.
fn not_collected(evidence: &dyn Evidence, problems: &mut [Problem]) {
    let holdings = evidence.holdings();
    let is_collected =
        |path: &ServerPath| holdings.iter().any(|one| one.volumes.iter().any(|volume| path.below(volume).is_some()));
    for problem in problems.iter_mut().filter(|problem| problem.kind == ProblemKind::FolderMissing) {
        if problem.path.as_ref().is_some_and(is_collected) {
            problem.kind = ProblemKind::NotCollected;
            problem.message.push_str(" in the collection; it may exist on the server");
        }
    }
}

/// Other web servers, other systems, autostart entries of a volume, and what its virus scanner leaves out.
fn beside(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    (root, registry): (&ServerPath, &Registry),
    drives: &[char],
    live: bool,
    plan: &mut Plan,
) {
    earlier::add_systems(resolver, root, plan);
    let context = VolumeContext::new(evidence, resolver, root, drives, plan);
    let mut programs = services::add(&context, root, registry, live, plan);
    programs.extend(tasks::programs(&VolumeContext::new(evidence, resolver, root, drives, plan), root));
    web_servers::add_roots(&VolumeContext::new(evidence, resolver, root, drives, plan), root, &programs, plan);
    let context = VolumeContext::new(evidence, resolver, root, drives, plan);
    tasks::add(&context, root, plan);
    for (file, software, _) in &registry.software {
        exclusions::check(&context, file, software, plan);
    }
}

/// Remembers which areas links lead to. The path by which one was asked for is its name: files in it are checked under that name.
fn behind_links(resolver: &Resolver<'_>, plan: &mut Plan) {
    for area in &mut plan.areas {
        if let Some(named) = resolver.reached_as(&area.path) {
            report_once(&mut plan.discovered, "link", format!("{named} leads to {}", area.path));
            // Relative paths start from the name of the root, as the names below it do.
            if let Some(base) = resolver.reached_as(&area.base) {
                area.base = base;
            }
            if named.below(&area.base).is_some() {
                plan.reached_as.insert(area.path.clone(), named);
            }
        }
    }
    plan.crossed = resolver.crossed();
}

fn add_exchange(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    if plan.exchange.contains(root) {
        return;
    }
    plan.exchange.push(root.clone());
    plan.report("exchange", root.to_string());
    plan.add_area(root.clone(), Role::Exchange, root, false);
    for web in ExchangeFolder::Web.folders() {
        for folder in resolver.folders_below(root, web) {
            plan.add_area(folder, Role::Exchange, root, true);
        }
    }
    assemblies::of_exchange(resolver, root, plan);
}

/// Where the registry of a Windows says that Exchange is installed, and the root of its default site.
fn by_registry(resolver: &Resolver<'_>, root: &ServerPath, registry: &Registry, drives: &[char], plan: &mut Plan) {
    for (hive, software, _) in &registry.software {
        for setup in &software.exchange {
            let Some(path) = ServerPath::from_windows(&setup.path) else {
                let message = "it lists an Exchange installation, but not by a path of a drive";
                plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, hive, message));
                continue;
            };
            let folders = resolver.folders(&path);
            if folders.is_empty() {
                missing_exchange(&path, drives, plan);
            }
            for folder in folders {
                if is_whole(&folder) {
                    // All of its files would be taken for those of Exchange.
                    let message = format!("it lists {folder} as an Exchange installation: not taken as one");
                    plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, hive, message));
                } else {
                    add_exchange(resolver, &folder, plan);
                }
            }
        }
        let system = root.drive_letter().unwrap_or('C');
        let web_root = software.iis.as_ref().and_then(|iis| iis.web_root.as_ref());
        let path = web_root.map(|path| iis::Variables::new(system, None).expand(path));
        for folder in path.and_then(|path| ServerPath::from_windows(&path)).iter().flat_map(|at| resolver.folders(at)) {
            plan.add_area(folder.clone(), Role::WebRoot, &folder, !is_whole(&folder));
        }
    }
}

/// An installation that the registry lists and the evidence does not have.
fn missing_exchange(path: &ServerPath, drives: &[char], plan: &mut Plan) {
    let is_provided = path.drive_letter().is_some_and(|letter| drives.contains(&letter));
    let (kind, what) = match is_provided {
        true => (ProblemKind::FolderMissing, "the folder does not exist"),
        false => (ProblemKind::VolumeNotProvided, "the volume was not provided"),
    };
    let message = format!("the registry lists an Exchange installation here, but {what}");
    let problem = Problem::at(kind, path, message);
    if !plan.problems.contains(&problem) {
        plan.problems.push(problem);
    }
}

fn volume(resolver: &Resolver<'_>, root: &ServerPath, registry: &Registry, drives: &[char], plan: &mut Plan) {
    by_registry(resolver, root, registry, drives, plan);
    for folder in installations(resolver, root) {
        add_exchange(resolver, &folder, plan);
    }
    for folder in resolver.folders_below(root, r"inetpub\wwwroot") {
        plan.add_area(folder.clone(), Role::WebRoot, &folder, true);
    }
    for drop in drop_folders::all().iter().filter(|drop| drop.surveyed) {
        for folder in resolver.folders_below(root, drop.folder) {
            plan.add_area(folder.clone(), Role::DropFolder, root, false);
        }
    }
    products::add(resolver, root, plan);
    assemblies::of_volume(resolver, root, plan);
    assemblies::aspnet_temp(resolver, root, plan);
}

/// The folders that IIS serves.
fn configured_sites(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    targets: &[Target],
    drives: &[char],
    plan: &mut Plan,
) {
    for target in targets.iter().filter(|target| target.kind == TargetKind::Volume) {
        let system = target.path.drive_letter().unwrap_or('C');
        let variables = plan.variables(system);
        for (mut iis, config) in servers::configured(evidence, resolver, &target.path, drives, plan) {
            iis.system = target.path.drive_letter();
            let variables = servers::variables_of(&config, &variables);
            let files = iis::locate(&mut iis, &variables, resolver, drives, &mut plan.problems);
            plan.files.extend(files);
            for (folder, url) in iis.mappings().map(|(folder, url)| (folder.clone(), url)).collect::<Vec<_>>() {
                add_served(plan, folder, &url);
            }
            let (sites, applications, folders) = iis.counts();
            let away = iis
                .sites
                .iter()
                .flat_map(|site| &site.applications)
                .flat_map(|application| &application.folders)
                .filter(|folder| folder.physical == Physical::NotGiven)
                .count();
            let mut words = format!("{} sites, {} applications, {} virtual directories", sites, applications, folders);
            if away > 0 {
                words.push_str(&format!("; {away} on volumes that were not provided"));
            }
            plan.report("iis", words);
            match &mut plan.iis {
                None => plan.iis = Some(iis),
                Some(_) => plan.other_iis.push(iis),
            }
            modules::add(evidence, resolver, &target.path, &config, drives, plan);
        }
        for (mut iis, config) in servers::of_pools(evidence, resolver, &target.path, plan) {
            iis.system = target.path.drive_letter();
            let files = iis::locate(&mut iis, &variables, resolver, drives, &mut plan.problems);
            plan.files.extend(files);
            for (folder, url) in iis.mappings().map(|(folder, url)| (folder.clone(), url)).collect::<Vec<_>>() {
                add_served(plan, folder, &url);
            }
            plan.report("iis", format!("{config} serves folders that the IIS configuration does not name"));
            plan.other_iis.push(iis);
        }
    }
}

/// Adds a served folder. One that serves a whole volume, or Windows itself, is examined for web file types only: to hash the
/// whole machine would take hours, and the mapping itself is reported.
fn add_served(plan: &mut Plan, folder: ServerPath, url: &str) {
    let whole = is_whole(&folder);
    if whole {
        plan.report("iis", format!("{url} serves all of {folder}: only web file types are scanned here"));
    }
    plan.add_area(folder.clone(), Role::WebRoot, &folder, !whole);
}

/// Whether a folder holds most of a volume.
pub fn is_whole(folder: &ServerPath) -> bool {
    let names: Vec<String> = folder.names().map(fold).collect();
    match names.as_slice() {
        [] => folder.drive_letter().is_some(),
        [one] => matches!(one.as_str(), "windows" | "users" | "program files" | "program files (x86)" | "programdata"),
        [one, two] => one == "windows" && two == "system32",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn plan(evidence: &Memory) -> Plan {
        let root = ServerPath::drive('C');
        let kind = recognise(evidence, &root);
        discover(evidence, &[Target { path: root, kind }], &['C'], false)
    }

    #[test]
    fn an_installation_is_found_wherever_it_is_within_three_levels() {
        for root in [
            r"C:\Program Files\Microsoft\Exchange Server\V15",
            r"C:\Programme\Microsoft\Exchange Server\V14",
            r"C:\Exchange Server\V15",
            r"C:\a\b\c",
        ] {
            let evidence = Memory::new()
                .file(&format!(r"{root}\bin\ExSetup.exe"), b"")
                .folder(&format!(r"{root}\FrontEnd\HttpProxy"));
            assert_eq!(plan(&evidence).exchange, [path(root)], "{root}");
        }
        let deep = Memory::new().file(r"C:\inetpub\wwwroot\a\b\c\bin\ExSetup.exe", b"");
        assert_eq!(plan(&deep).exchange, []);
    }

    #[test]
    fn kinds_of_target_are_distinguished() {
        let install = Memory::new().folder(r"C:\x\FrontEnd\HttpProxy");
        assert_eq!(recognise(&install, &path(r"C:\x")), TargetKind::Exchange);
        assert_eq!(recognise(&Memory::new().folder(r"C:\WINDOWS\system32"), &path(r"C:\")), TargetKind::Volume);
        assert_eq!(recognise(&Memory::new().file(r"C:\x\shell.aspx", b"x"), &path(r"C:\x")), TargetKind::Folder);
    }

    #[test]
    fn web_folders_of_exchange_are_examined_whole_and_the_rest_for_web_file_types() {
        let evidence = Memory::new()
            .folder(r"C:\Ex\V15\FrontEnd\HttpProxy")
            .file(r"C:\Ex\V15\bin\ExSetup.exe", b"")
            .folder(r"C:\Ex\V15\Logging");
        let plan = plan(&evidence);
        let whole: Vec<_> =
            plan.areas.iter().filter(|area| area.every_file).map(|area| area.path.to_string()).collect();
        assert_eq!(whole, [r"C:\Ex\V15\FrontEnd", r"C:\Ex\V15\bin"]);
        assert!(plan.areas.iter().any(|area| area.path == path(r"C:\Ex\V15") && !area.every_file));
    }

    #[test]
    fn the_configuration_above_all_sites_is_examined_without_that_of_iis() {
        let machine = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config";
        let evidence = Memory::new().folder(r"C:\Windows\System32").file(machine, b"<configuration/>");
        assert_eq!(plan(&evidence).files, [path(machine)]);
    }

    #[test]
    fn the_served_folders_of_sharepoint_are_web_roots() {
        let hive = r"C:\Program Files\Common Files\Microsoft Shared\Web Server Extensions";
        let evidence = Memory::new()
            .folder(r"C:\Windows\System32")
            .file(&format!(r"{hive}\16\TEMPLATE\LAYOUTS\settings.aspx"), b"")
            .folder(&format!(r"{hive}\16\ISAPI"))
            .folder(&format!(r"{hive}\16\BIN"))
            .folder(&format!(r"{hive}\15\TEMPLATE\LAYOUTS"))
            .folder(&format!(r"{hive}\wpresources\ISAPI"))
            .folder(&format!(r"{hive}\14\BIN"));
        let plan = plan(&evidence);
        let served = plan.areas.iter().filter(|area| area.role == Role::WebRoot);
        let served: Vec<_> = served.map(|area| (area.path.to_string(), area.every_file)).collect();
        let expected = [
            (r"15\TEMPLATE", false),
            (r"15\TEMPLATE\LAYOUTS", true),
            (r"16\ISAPI", true),
            (r"16\TEMPLATE", false),
            (r"16\TEMPLATE\LAYOUTS", true),
        ];
        assert_eq!(served, expected.map(|(path, every)| (format!(r"{hive}\{path}"), every)));
        let discovered: Vec<_> = plan.discovered.iter().filter(|line| line.what == "sharepoint").collect();
        assert_eq!(discovered.len(), 2);
    }

    #[test]
    fn a_virtual_directory_anywhere_is_examined_and_one_of_a_whole_volume_for_web_file_types() {
        let config = r#"<configuration><sites><site name="s" id="1"><application path="/">
            <virtualDirectory path="/x" physicalPath="C:\ProgramData\COM1"/><virtualDirectory path="/all" physicalPath="C:\"/>
            </application></site></sites></configuration>"#;
        let evidence = Memory::new()
            .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", config.as_bytes())
            .folder(r"C:\ProgramData\COM1");
        let plan = plan(&evidence);
        let area = |p: &str| {
            plan.areas
                .iter()
                .find(|area| area.path == path(p) && area.role == Role::WebRoot)
                .map(|area| area.every_file)
        };
        assert_eq!(area(r"C:\ProgramData\COM1"), Some(true));
        assert_eq!(area(r"C:\"), Some(false));
        let url_map = crate::targets::UrlMap::new(&evidence, &plan);
        let urls = |file| url_map.reach(&path(file)).into_iter().map(|reach| reach.url).collect::<Vec<_>>();
        assert_eq!(urls(r"C:\ProgramData\COM1\a\x.aspx"), ["/x/a/x.aspx", "/all/ProgramData/COM1/a/x.aspx"]);
        assert_eq!(urls(r"D:\y"), [""; 0]);
    }
}
