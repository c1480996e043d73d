//! Changes of applicationHost.config, from the copies that IIS saves.
//!
//! The Application Host Helper Service looks every two minutes whether the file has changed and then puts a copy of it, as it
//! is after the change, into the next folder `CFGHISTORY_<number>` (IIS.net, "Configuration History"). A copy keeps the
//! modified time of the file, so that is when its state was written.

use super::iis::{self, Iis};
use crate::config::Document;
use crate::config::cache::ConfigCache;
use crate::config::server::{Server, Variables};
use crate::evidence::{Evidence, Resolver};
use crate::model::server_path::fold;
use crate::model::{ConfigChange, Problem, ProblemKind, ServerPath, Timestamp};
use std::collections::BTreeMap;

/// How many copies are compared, the newest of them; IIS keeps ten by default.
const MAX_COPIES: usize = 200;
/// How many changes are listed.
const MAX_CHANGES: usize = 2_000;
/// How many things of one state are compared.
const MAX_THINGS: usize = 50_000;
/// Characters of a value that are shown of a change.
const MAX_VALUE: usize = 300;
/// Where the copies are unless the configuration says otherwise.
const FOLDER: &str = r"%SystemDrive%\inetpub\history";

/// The changes from each kept copy to the next, and from the last one to the file in use, in order. Two states are in memory
/// at a time. Copies that cannot be read, or not as a whole, are reported.
pub fn history(
    evidence: &dyn Evidence,
    configs: &ConfigCache,
    iis: &Iis,
    problems: &mut Vec<Problem>,
) -> Vec<ConfigChange> {
    let Some(config) = &iis.config else { return Vec::new() };
    // The copies are of the server's own: IIS Express keeps none.
    let path = config.folded().replace('/', "\\");
    if [r"\iisexpress\", r"\iis express\", r"\.vs\", r"\syswow64\"].iter().any(|part| path.contains(part)) {
        return Vec::new();
    }
    let mut files = copies(evidence, iis, config, problems);
    files.push(config.clone());
    let mut changes = Vec::new();
    let mut before: Option<(State, Option<Timestamp>)> = None;
    for file in files {
        let read = match iis::document(evidence, configs, &file) {
            Ok(read) => read,
            Err(error) => {
                if configs.first_report(&file) {
                    problems.push(Problem::at(error.kind, &file, error.message));
                }
                continue;
            }
        };
        let document = &read.document;
        if file != *config
            && let Some(why) = iis::trouble(document, false)
        {
            // What a broken copy lacks was not removed.
            problems.push(Problem::at(ProblemKind::ConfigMalformed, &file, why));
            continue;
        }
        let written = evidence.stat(&file).ok().and_then(|entry| entry.times.modified);
        let state = state(document);
        if let Some((earlier, time)) = &before {
            for words in differences(earlier, &state) {
                if changes.len() >= MAX_CHANGES {
                    let message = format!("more than {MAX_CHANGES} configuration changes: the rest was omitted");
                    problems.push(Problem::at(ProblemKind::PartiallyExamined, &file, message));
                    return changes;
                }
                changes.push(ConfigChange { between: (*time, written), copy: file.clone(), words });
            }
        }
        before = Some((state, written));
    }
    changes
}

/// The copies, by the number of their folder.
fn copies(evidence: &dyn Evidence, iis: &Iis, config: &ServerPath, problems: &mut Vec<Problem>) -> Vec<ServerPath> {
    let system = config.drive_letter().unwrap_or('C');
    let configured = if iis.history.is_empty() { FOLDER } else { &iis.history };
    let Some(folder) = ServerPath::from_windows(&Variables::new(system, None).expand(configured)) else {
        let message = format!("copies of the configuration are in \"{configured}\", which is not a folder on a volume");
        problems.push(Problem::at(ProblemKind::VolumeNotProvided, config, message));
        return Vec::new();
    };
    let resolver = Resolver::new(evidence);
    let mut numbered: Vec<(u64, ServerPath)> = Vec::new();
    for folder in resolver.folders(&folder) {
        for copy in resolver.folders_in(&folder) {
            let number = fold(copy.name()).strip_prefix("cfghistory_").and_then(|text| text.parse().ok());
            numbered.extend(number.map(|number| (number, copy)));
        }
    }
    resolver.report(problems);
    numbered.sort();
    if let Some(more) = numbered.len().checked_sub(MAX_COPIES).filter(|more| *more > 0) {
        let message = format!("{more} older copies of the configuration were skipped: {MAX_COPIES} are compared");
        problems.push(Problem::at(ProblemKind::PartiallyExamined, &folder, message));
        numbered.drain(..more);
    }
    numbered.iter().flat_map(|(_, folder)| resolver.files_below(folder, "applicationHost.config")).collect()
}

/// Everything that is compared: what it is and its name, and what is said of it.
type State = BTreeMap<(&'static str, String), String>;

fn state(document: &Document) -> State {
    let mut state = State::new();
    let mut add = |what: &'static str, name: String, value: String| {
        if state.len() < MAX_THINGS {
            state.entry((what, name)).or_insert(value);
        }
    };
    let server = Server::of(document);
    for site in &server.sites {
        add("site", format!("\"{}\"", site.name), String::new());
        for binding in &site.bindings {
            add("binding", format!("{binding} of site \"{}\"", site.name), String::new());
        }
        for application in &site.applications {
            let name = format!("{} of site \"{}\"", application.path, site.name);
            add("application", name, format!("pool {}", server.pool_of(site, application)));
            for folder in &application.folders {
                let name = format!("{} of site \"{}\"", application.url(folder), site.name);
                add("virtual directory", name, folder.configured.clone());
            }
        }
    }
    for pool in server.pools.values() {
        add("pool", pool.name.clone(), pool.identity.clone());
    }
    for (at, element) in document.elements.iter().enumerate() {
        let text = |name: &str| shortened(element.attribute(name));
        let place = || match document.location(at) {
            None | Some("" | ".") => String::new(),
            Some(path) => format!(" at {}", shortened(path)),
        };
        let within = |names: &[&str]| document.ends_with(at, names);
        match element.name.as_str() {
            "add" if within(&["globalModules", "add"]) => {
                add("native module", text("name"), text("image"));
            }
            "filter" if within(&["isapiFilters", "filter"]) => {
                add("ISAPI filter", format!("{}{}", text("name"), place()), text("path"));
            }
            "add" if within(&["system.webServer", "modules", "add"]) => {
                add("module", format!("{}{}", text("name"), place()), text("type"));
            }
            "add" if within(&["system.webServer", "handlers", "add"]) => {
                let parts = ["path", "verb", "type", "modules", "scriptProcessor"];
                let parts: Vec<String> = parts.into_iter().map(text).filter(|part| !part.is_empty()).collect();
                add("handler", format!("{}{}", text("name"), place()), parts.join(" "));
            }
            _ => {}
        }
    }
    state
}

/// What differs, in words: first what was added, then what was changed, then what is gone.
fn differences(earlier: &State, later: &State) -> Vec<String> {
    let value = |value: &String| match shortened(value) {
        value if value.is_empty() => String::new(),
        value => format!(" -> {value}"),
    };
    let mut added = Vec::new();
    let mut changed = Vec::new();
    for ((what, name), new) in later {
        match earlier.get(&(*what, name.clone())) {
            None => added.push(format!("{what} {} was added{}", shortened(name), value(new))),
            Some(old) if old != new => {
                changed.push(format!(
                    "{what} {} was changed from \"{}\" to \"{}\"",
                    shortened(name),
                    shortened(old),
                    shortened(new)
                ));
            }
            Some(_) => {}
        }
    }
    let gone = earlier.keys().filter(|key| !later.contains_key(*key));
    let gone: Vec<String> = gone.map(|(what, name)| format!("{what} {} was removed", shortened(name))).collect();
    added.into_iter().chain(changed).chain(gone).take(MAX_CHANGES + 1).collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::evidence::memory::Fault;

    const CONFIG: &str = r"C:\Windows\System32\inetsrv\config\applicationHost.config";

    fn config(folders: &str, identity: &str, modules: &str) -> String {
        format!(
            r#"<configuration><system.applicationHost><applicationPools><add name="P"><processModel identityType="{identity}"/></add></applicationPools>
            <sites><site name="Web" id="1"><application path="/" applicationPool="P"><virtualDirectory path="/" physicalPath="C:\w"/>{folders}</application>
            <bindings><binding protocol="http" bindingInformation="*:80:"/></bindings></site></sites></system.applicationHost>
            <system.webServer><globalModules>{modules}</globalModules></system.webServer></configuration>"#
        )
    }

    fn copy(number: &str) -> String {
        format!(r"C:\inetpub\history\CFGHISTORY_{number}\applicationHost.config")
    }

    /// The changes and problems of a server with these copies, each with its second, and the file in use.
    fn changes(copies: &[(&str, i64, &str)], current: (i64, &str)) -> (Vec<ConfigChange>, Vec<Problem>) {
        let mut evidence = Memory::new();
        for (number, second, text) in copies {
            let path = copy(number);
            evidence = evidence.file(&path, text.as_bytes()).modified(&path, Timestamp::new(*second, 0));
        }
        evidence = evidence.file(CONFIG, current.1.as_bytes()).modified(CONFIG, Timestamp::new(current.0, 0));
        reported(&evidence)
    }

    fn reported(evidence: &Memory) -> (Vec<ConfigChange>, Vec<Problem>) {
        let mut problems = Vec::new();
        let iis = iis::read(
            evidence,
            &ConfigCache::default(),
            &ServerPath::from_windows(CONFIG).expect("absolute"),
            &mut problems,
        );
        let changes = history(evidence, &ConfigCache::default(), &iis, &mut problems);
        (changes, problems)
    }

    fn words(changes: &[ConfigChange]) -> Vec<&str> {
        changes.iter().map(|change| change.words.as_str()).collect()
    }

    #[test]
    fn what_was_added_changed_and_removed_is_reported_with_its_time() {
        let unchanged = config("", "ApplicationPoolIdentity", "");
        let help = r#"<virtualDirectory path="/help" physicalPath="C:\ProgramData\COM1"/>"#;
        let second = config(help, "LocalSystem", r#"<add name="M" image="C:\m.dll"/>"#);
        let third = config("", "LocalSystem", "").replace("*:80:", "*:8080:");
        // By number, not by name: 10 comes after 9.
        let (changes, problems) = changes(&[("10", 200, &second), ("9", 100, &unchanged)], (300, &third));
        assert_eq!(problems, []);
        assert_eq!(
            words(&changes),
            [
                "native module M was added -> C:\\m.dll",
                "virtual directory /help of site \"Web\" was added -> C:\\ProgramData\\COM1",
                "pool P was changed from \"ApplicationPoolIdentity\" to \"LocalSystem\"",
                "binding http *:8080: of site \"Web\" was added",
                "binding http *:80: of site \"Web\" was removed",
                "native module M was removed",
                "virtual directory /help of site \"Web\" was removed",
            ]
        );
        let time = |second| Some(Timestamp::new(second, 0));
        assert_eq!(changes[0].between, (time(100), time(200)));
        assert_eq!(changes[0].copy.as_str(), copy("10"));
        assert_eq!(changes[6].between, (time(200), time(300)));
        assert_eq!(changes[6].copy.as_str(), CONFIG);
    }

    #[test]
    fn equal_copies_and_a_single_file_give_no_change() {
        let unchanged = config("", "LocalSystem", "");
        assert_eq!(changes(&[("1", 1, &unchanged), ("2", 2, &unchanged)], (2, &unchanged)), (Vec::new(), Vec::new()));
        assert_eq!(changes(&[], (2, &unchanged)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn handlers_filters_and_places_are_compared() {
        let unchanged = config("", "LocalSystem", "");
        let more = r#"</globalModules><isapiFilters><filter name="F" path="C:\f.dll"/></isapiFilters><handlers><add name="H" path="*.gif" verb="*" type="T"/></handlers></system.webServer>
            <location path="Web/owa"><system.webServer><handlers><add name="H" path="*.png" verb="GET" type="T"/></handlers><modules><add name="Managed" type="A.B"/></modules></system.webServer></location><system.webServer><globalModules>"#;
        let (changes, _) = changes(&[("1", 1, &unchanged)], (2, &config("", "LocalSystem", more)));
        assert_eq!(
            words(&changes),
            [
                "ISAPI filter F was added -> C:\\f.dll",
                "handler H was added -> *.gif * T",
                "handler H at Web/owa was added -> *.png GET T",
                "module Managed at Web/owa was added -> A.B",
            ]
        );
    }

    #[test]
    fn broken_unreadable_and_too_many_copies_are_reported() {
        let unchanged = config("", "LocalSystem", "");
        let (changes_, problems) =
            changes(&[("1", 1, &unchanged), ("2", 2, &unchanged[..300]), ("x", 3, "")], (3, &unchanged));
        assert_eq!(changes_, [], "what a broken copy lacks was not removed");
        assert_eq!(problems.len(), 1);
        assert_eq!(
            (problems[0].kind, problems[0].path.as_ref().map(ServerPath::as_str)),
            (ProblemKind::ConfigMalformed, Some(copy("2").as_str()))
        );
        let evidence =
            Memory::new().file(CONFIG, unchanged.as_bytes()).file(&copy("1"), b"x").fault(&copy("1"), Fault::Locked);
        assert_eq!(reported(&evidence).1[0].kind, ProblemKind::FileLocked);
        let numbers: Vec<String> = (0..MAX_COPIES + 3).map(|number| number.to_string()).collect();
        let many: Vec<(&str, i64, &str)> =
            numbers.iter().map(|number| (number.as_str(), 1, unchanged.as_str())).collect();
        let (_, problems) = changes(&many, (3, &unchanged));
        assert!(problems.len() == 1 && problems[0].message.contains("3 older copies"), "{problems:?}");
    }

    #[test]
    fn the_folder_is_where_the_configuration_says() {
        let unchanged = config("", "LocalSystem", "");
        let elsewhere = unchanged.replace("<sites>", r#"<configHistory path="%SystemDrive%\h"/><sites>"#);
        let earlier = elsewhere.replace("LocalSystem", "NetworkService");
        let evidence = Memory::new()
            .file(CONFIG, elsewhere.as_bytes())
            .file(r"C:\h\cfghistory_1\ApplicationHost.config", earlier.as_bytes());
        assert_eq!(words(&reported(&evidence).0), ["pool P was changed from \"NetworkService\" to \"LocalSystem\""]);
        let away = unchanged.replace("<sites>", r#"<configHistory path="\\s\h"/><sites>"#);
        let (changes, problems) = reported(&Memory::new().file(CONFIG, away.as_bytes()));
        assert_eq!((changes.len(), problems[0].kind), (0, ProblemKind::VolumeNotProvided));
    }

    #[test]
    fn malicious_names_and_numbers_have_an_end() {
        let long = format!(r#"<virtualDirectory path="/{}" physicalPath="C:\x"/>"#, "ü".repeat(100_000));
        let many: String =
            (0..5_000).map(|n| format!(r#"<virtualDirectory path="/{n}" physicalPath="C:\x"/>"#)).collect();
        let unchanged = config("", "LocalSystem", "");
        let (found, problems) = changes(&[("1", 1, &unchanged)], (2, &config(&(long + &many), "LocalSystem", "")));
        assert_eq!((found.len(), problems.len()), (MAX_CHANGES, 1));
        assert!(found.iter().all(|change| change.words.len() < 3_000));
        // A name that would be listed with everything in its site, or at its path.
        let name = "n".repeat(4 << 20);
        let bindings: String =
            (0..5_000).map(|n| format!(r#"<binding protocol="{n}" bindingInformation=""/>"#)).collect();
        let handlers: String = (0..5_000).map(|n| format!(r#"<add name="{n}" path="*" verb="*"/>"#)).collect();
        let text = config("", "LocalSystem", "")
            .replace(r#""Web""#, &format!("\"{name}\""))
            .replace("<bindings>", &format!("<bindings>{bindings}"));
        let place = format!(
            r#"<location path="{name}"><system.webServer><handlers>{handlers}</handlers></system.webServer></location></configuration>"#
        );
        let (found, _) = changes(&[("1", 1, &unchanged)], (2, &text.replace("</configuration>", &place)));
        assert!(found.len() == MAX_CHANGES && found.iter().all(|change| change.words.len() < 3_000));
    }
}
