//! Which configurations of web servers a Windows volume has: that of IIS, the one that it is redirected to, and those of IIS Express,
//! one a user.

use super::Plan;
use super::iis::{self, Iis, Variables};
use crate::evidence::{Evidence, Listed, Resolver};
use crate::model::server_path::{fold, same_name};
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};

/// The folder of IIS's configuration, below a Windows volume.
const FOLDER: &str = r"Windows\System32\inetsrv\config";
/// The file that holds it.
const FILE: &str = "applicationHost.config";
/// What lies on a volume where IIS is installed.
const SIGNS: &[&str] = &[
    r"Windows\System32\inetsrv\w3wp.exe",
    r"Windows\System32\inetsrv\w3core.dll",
    r"Windows\System32\inetsrv\iiscore.dll",
    r"Windows\System32\inetsrv\inetinfo.exe",
    r"Windows\System32\inetsrv\appcmd.exe",
];
/// Folders of a user that hold his documents.
const DOCUMENTS: &[&str] = &["Documents", r"OneDrive\Documents", "My Documents"];

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
        let mut iis = iis::read(evidence, &config, &mut plan.problems);
        // It may be redirected in the file itself.
        let own = iis.redirected_to.take();
        iis.redirected_to = redirected.as_ref().map(|(path, _)| path.clone()).or(own);
        found.push((iis, config));
    }
    if found.is_empty() {
        missing(evidence, resolver, root, plan);
    }
    for config in redirected.into_iter().flat_map(|(_, files)| files) {
        if !found.iter().any(|(_, known)| *known == config) {
            plan.files.push(config.clone());
            found.push((iis::read(evidence, &config, &mut plan.problems), config));
        }
    }
    for user in resolver.folders_below(root, "Users").iter().flat_map(|users| resolver.folders_in(users)) {
        for documents in DOCUMENTS.iter().flat_map(|names| resolver.folders_below(&user, names)) {
            for config in resolver.files_below(&documents, &format!(r"IISExpress\config\{FILE}")) {
                plan.files.push(config.clone());
                found.push((iis::read(evidence, &config, &mut plan.problems), config));
            }
        }
    }
    found
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
        _ => variables.clone(),
    }
}

/// Where `redirection.config` says that the configuration lies, and the files of it that were given.
fn redirection(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    drives: &[char],
    plan: &mut Plan,
) -> Option<(String, Vec<ServerPath>)> {
    let mut to = None;
    for file in resolver.files_below(root, &format!(r"{FOLDER}\redirection.config")) {
        let Some(elsewhere) = iis::read(evidence, &file, &mut plan.problems).server.redirected_to else { continue };
        let variables = Variables::new(root.drive_letter().unwrap_or('C'), plan.exchange.first());
        let path = ServerPath::from_windows(&variables.expand(&elsewhere).replace('/', "\\"));
        // A folder, or the file in it.
        let files: Vec<ServerPath> = path
            .iter()
            .filter(|path| path.drive_letter().is_some_and(|letter| drives.contains(&letter)))
            .flat_map(|path| [resolver.files(&path.join(FILE)), resolver.files(path)].concat())
            .collect();
        if files.is_empty() {
            let message = format!("shared configuration is switched on: the sites are configured in \"{elsewhere}\"");
            plan.problems.push(Problem::at(ProblemKind::VolumeNotGiven, &file, message));
        }
        to = Some((elsewhere, files));
    }
    to
}

/// Says that IIS is there and its configuration is not, with what lies in its place.
fn missing(evidence: &dyn Evidence, resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    let folders = resolver.folders_below(root, FOLDER);
    let installed = !folders.is_empty() || SIGNS.iter().any(|names| !resolver.files_below(root, names).is_empty());
    if !installed {
        return;
    }
    let mut instead = Vec::new();
    for folder in &folders {
        // One that cannot be listed is told by the survey.
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
        "IIS is installed, and its configuration is not there: what it serves and loads is not known{instead}; copies lie in \
         inetpub\\history"
    );
    let folder = folders.first().cloned().unwrap_or_else(|| root.join_all(FOLDER));
    plan.problems.push(Problem::at(ProblemKind::ConfigBroken, &folder.join(FILE), message));
}

#[cfg(test)]
mod tests {
    use super::super::{Given, discover, recognise};
    use super::*;
    use crate::evidence::Memory;
    use crate::model::Role;

    const SITES: &str = r#"<configuration><sites><site name="s" id="1"><application path="/"><virtualDirectory path="/"
        physicalPath="PATH"/></application></site></sites></configuration>"#;

    fn plan(memory: &Memory) -> Plan {
        let root = ServerPath::drive('C');
        let shape = recognise(memory, &root);
        discover(memory, &[Given { path: root, shape }], &['C'], false)
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
                [ProblemKind::ConfigBroken],
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
