//! Files without a finding, of which `scan --all` writes records: what is new, gone or of other content, where both cases have them.

use super::{Change, ChangeKind, Diff, FileHash, State, Thing, listed};
use crate::case::{Case, ExaminedFile};
use crate::model::server_path::fold;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The files of one host.
#[derive(Default)]
struct Files<'c> {
    /// Those without a finding, by their keys.
    examined: BTreeMap<String, &'c ExaminedFile>,
    /// The folded paths of those with a finding.
    found: BTreeSet<String>,
    /// The name of the host.
    name: &'c str,
}

/// What a file is known by: its path, and of a file of no listing, of which several can have had one path, its record.
fn key(file: &ExaminedFile) -> String {
    let path = fold(&file.path);
    match &file.apart {
        Some(id) => format!("{path}\0{id}"),
        None => path,
    }
}

/// The files of each host, by its name in lower case; under no name where there is one host.
fn hosts(case: &Case, by_host: bool) -> HashMap<String, Files<'_>> {
    let mut hosts: HashMap<String, Files<'_>> = HashMap::new();
    for run in &case.runs {
        let name = if by_host { run.server().to_lowercase() } else { String::new() };
        let files = hosts.entry(name).or_default();
        files.name = if by_host { run.server() } else { "" };
        // Of several runs of one server the last one counts.
        files.examined.extend(run.files.iter().map(|file| (key(file), file)));
        files.found.extend(run.findings.iter().chain(&run.suppressed).map(|finding| fold(finding.path())));
    }
    hosts
}

impl Diff {
    /// Compares the files of the hosts of which both cases have records of files without a finding.
    pub(super) fn compare_files(&mut self, older: &Case, newer: &Case, by_host: bool) {
        let (before, after) = (hosts(older, by_host), hosts(newer, by_host));
        let mut names: Vec<&String> = before.keys().filter(|name| after.contains_key(*name)).collect();
        names.sort();
        let mut only: [Vec<&str>; 2] = Default::default();
        for (old, new) in names.iter().filter_map(|name| Some((before.get(*name)?, after.get(*name)?))) {
            match (old.examined.is_empty(), new.examined.is_empty()) {
                (false, false) => self.files_of_host(old, new),
                (true, true) => {}
                (is_only_newer, _) => only[usize::from(is_only_newer)].push(new.name),
            }
        }
        for (which, other, hosts) in [("older", "newer", &only[0]), ("newer", "older", &only[1])] {
            if !hosts.is_empty() {
                let of = if hosts.iter().all(|name| name.is_empty()) {
                    String::new()
                } else {
                    format!(" of {}", listed(hosts))
                };
                self.notes.push(format!(
                    "files without a finding{of} are not compared: only the {which} results have records of them, the {other} were \
                     made without scan --all"
                ));
            }
        }
        self.files_of_findings(&before, &after, by_host);
    }

    fn files_of_host(&mut self, old: &Files<'_>, new: &Files<'_>) {
        let mut same = 0;
        let mut changes = Vec::new();
        let mut add = |kind, file: &ExaminedFile, before: Option<FileHash>, after: Option<FileHash>| {
            changes.push(Change {
                kind,
                thing: Thing::File,
                host: new.name.to_owned(),
                name: file.path.to_string(),
                before: before.map(state),
                after: after.map(state),
                without_finding: None,
            });
        };
        for (key, file) in &new.examined {
            match old.examined.get(key) {
                Some(known) if known.sha256 == file.sha256 => same += 1,
                Some(known) => add(ChangeKind::Changed, file, Some(known.sha256), Some(file.sha256)),
                // It is listed as a finding that is gone.
                None if old.found.contains(key) => {}
                None => add(ChangeKind::New, file, None, Some(file.sha256)),
            }
        }
        let is_left = |key: &String| new.examined.contains_key(key) || new.found.contains(key);
        for (_, file) in old.examined.iter().filter(|(key, _)| !is_left(key)) {
            add(ChangeKind::Gone, file, Some(file.sha256), None);
        }
        self.changes.append(&mut changes);
        *self.files_same.get_or_insert(0) += same;
    }

    /// Says of findings that are new or gone what is known of their files in the other case.
    fn files_of_findings(
        &mut self,
        before: &HashMap<String, Files<'_>>,
        after: &HashMap<String, Files<'_>>,
        by_host: bool,
    ) {
        for change in self.changes.iter_mut().filter(|change| change.thing == Thing::Finding) {
            let other = match change.kind {
                ChangeKind::New => before,
                ChangeKind::Gone => after,
                ChangeKind::Changed => continue,
            };
            let host = if by_host { change.host.to_lowercase() } else { String::new() };
            let file = other.get(&host).and_then(|files| files.examined.get(&fold(&change.name)));
            change.without_finding = file.map(|file| file.sha256);
        }
    }
}

fn state(sha256: FileHash) -> State {
    State { sha256: sha256.map(hex::encode), ..State::default() }
}
