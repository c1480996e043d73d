//! What changed in applicationHost.config, by the copies that IIS keeps.
//!
//! The Application Host Helper Service looks every two minutes whether the file has changed and then puts a copy of it, as it
//! is after the change, into the next folder `CFGHISTORY_<number>` (IIS.net, "Configuration History"). A copy keeps the
//! modified time of the file, so that is when its state was written.

use super::iis::{self, Iis};
use crate::config::Document;
use crate::config::server::{Server, Variables};
use crate::evidence::{Evidence, Listed, Resolver, classify};
use crate::model::server_path::fold;
use crate::model::{ConfigChange, EntryKind, Problem, ProblemKind, ServerPath, Timestamp};
use std::collections::BTreeMap;

/// How many copies are compared, the newest of them; IIS keeps ten unless told otherwise.
const MAX_COPIES: usize = 200;
/// How many changes are told.
const MAX_CHANGES: usize = 2_000;
/// How many things of one state are compared.
const MAX_THINGS: usize = 50_000;
/// Characters of a value that a change tells of.
const MAX_VALUE: usize = 300;
/// Where the copies lie unless the configuration says otherwise.
const FOLDER: &str = r"%SystemDrive%\inetpub\history";

/// The changes from each kept copy to the next, and from the last one to the file in use, in order. Two states are in memory
/// at a time. Copies that cannot be read, or not as a whole, are reported.
pub fn history(evidence: &dyn Evidence, iis: &Iis, problems: &mut Vec<Problem>) -> Vec<ConfigChange> {
    let Some(config) = &iis.config else { return Vec::new() };
    let mut files = copies(evidence, iis, config, problems);
    files.push(config.clone());
    let mut changes = Vec::new();
    let mut before: Option<(State, Option<Timestamp>)> = None;
    for file in files {
        let document = match iis::document(evidence, &file) {
            Ok(document) => document,
            Err(error) => {
                problems.push(Problem::at(classify(&error), &file, error.to_string()));
                continue;
            }
        };
        if file != *config
            && let Some(why) = iis::trouble(&document, false)
        {
            // What a broken copy lacks was not removed.
            problems.push(Problem::at(ProblemKind::ConfigBroken, &file, why));
            continue;
        }
        let written = evidence.stat(&file).ok().and_then(|entry| entry.times.modified);
        let state = state(&document);
        if let Some((earlier, time)) = &before {
            for words in differences(earlier, &state) {
                if changes.len() >= MAX_CHANGES {
                    let message = format!("more than {MAX_CHANGES} changes of the configuration: the rest was left");
                    problems.push(Problem::at(ProblemKind::PartlyExamined, &file, message));
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
        let message = format!("copies of the configuration lie in \"{configured}\", which names no folder of a volume");
        problems.push(Problem::at(ProblemKind::VolumeNotGiven, config, message));
        return Vec::new();
    };
    let resolver = Resolver::new(evidence);
    let mut numbered: Vec<(u64, ServerPath)> = Vec::new();
    for folder in resolver.folders(&folder) {
        let listed = evidence.list(&folder, &|_| false, &mut |listed| {
            if let Listed::Entry(entry) = listed
                && entry.kind == EntryKind::Folder
                && let Some(number) = fold(&entry.name).strip_prefix("cfghistory_").and_then(|text| text.parse().ok())
            {
                numbered.push((number, folder.join(&entry.name)));
            }
        });
        if let Err(error) = listed {
            problems.push(Problem::at(ProblemKind::FolderUnreadable, &folder, error.to_string()));
        }
    }
    numbered.sort();
    if let Some(more) = numbered.len().checked_sub(MAX_COPIES).filter(|more| *more > 0) {
        let message = format!("{more} older copies of the configuration were left: {MAX_COPIES} are compared");
        problems.push(Problem::at(ProblemKind::PartlyExamined, &folder, message));
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
        let text = |name: &str| element.attribute(name);
        let place = || match document.location(at) {
            None | Some("" | ".") => String::new(),
            Some(path) => format!(" at {path}"),
        };
        let within = |names: &[&str]| document.ends_with(at, names);
        match element.name.as_str() {
            "add" if within(&["globalModules", "add"]) => {
                add("native module", text("name").to_owned(), text("image").to_owned());
            }
            "filter" if within(&["isapiFilters", "filter"]) => {
                add("ISAPI filter", format!("{}{}", text("name"), place()), text("path").to_owned());
            }
            "add" if within(&["system.webServer", "modules", "add"]) => {
                add("module", format!("{}{}", text("name"), place()), text("type").to_owned());
            }
            "add" if within(&["system.webServer", "handlers", "add"]) => {
                let parts = ["path", "verb", "type", "modules", "scriptProcessor"];
                let parts: Vec<&str> = parts.into_iter().map(text).filter(|part| !part.is_empty()).collect();
                add("handler", format!("{}{}", text("name"), place()), parts.join(" "));
            }
            _ => {}
        }
    }
    state
}

/// What differs, in words: first what was added, then what was changed, then what is gone.
fn differences(earlier: &State, later: &State) -> Vec<String> {
    let value = |value: &String| match cut(value) {
        value if value.is_empty() => String::new(),
        value => format!(" -> {value}"),
    };
    let mut added = Vec::new();
    let mut changed = Vec::new();
    for ((what, name), new) in later {
        match earlier.get(&(*what, name.clone())) {
            None => added.push(format!("{what} {} was added{}", cut(name), value(new))),
            Some(old) if old != new => {
                changed.push(format!("{what} {} was changed from \"{}\" to \"{}\"", cut(name), cut(old), cut(new)));
            }
            Some(_) => {}
        }
    }
    let gone = earlier.keys().filter(|key| !later.contains_key(*key));
    let gone: Vec<String> = gone.map(|(what, name)| format!("{what} {} was removed", cut(name))).collect();
    added.into_iter().chain(changed).chain(gone).take(MAX_CHANGES + 1).collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
