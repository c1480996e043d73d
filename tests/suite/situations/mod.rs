//! How an intruder who knows this program could try to evade it: each situation is set up on the clean fixture server and must end
//! in a finding or a named gap, never in exit code 0. `docs/evasion.md` is generated from these tables.
#![allow(unreachable_pub)] // a module of a test binary

use crate::support::{self, finding, of_kind, problems, reasons, records};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

mod assemblies;
mod code;
mod configuration;
mod left_out;
mod paths;
mod places;
mod running;

/// One evasion attempt, and its benign look-alike.
pub struct Situation {
    /// `area/what`, unique.
    pub id: &'static str,
    /// What the intruder does, in a sentence without its full stop.
    pub what: &'static str,
    /// Sets it up on the clean server.
    pub plant: fn(&Server),
    /// Arguments beside `scan TARGET -q -f jsonl`.
    pub more: &'static [&'static str],
    /// The expected result.
    pub answer: Answer,
    /// The closest benign look-alike on ordinary servers, which must add neither a finding at medium or above nor a gap.
    pub ordinary: Option<fn(&Server)>,
}

/// The expected result of a situation.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// A finding at this path (of the server) for this reason, at this level or above.
    Finding { path: &'static str, reason: &'static str, level: &'static str },
    /// A hit in the logs by this check.
    Hit { check: &'static str },
    /// A gap of this kind; the message or path holds these words.
    Gap { kind: &'static str, words: &'static str },
    /// The run is refused (exit 2) with these words.
    Refused { words: &'static str },
    /// Covered by another test of this repository (file and function, or script).
    Elsewhere { test: &'static str, says: &'static str },
    /// Not visible in files, or not read; the reason.
    OutOfScope { why: &'static str },
}

/// The clean fixture server on a disk of its own.
pub struct Server {
    folder: tempfile::TempDir,
}

/// The Exchange folder on the fixture server.
pub const EXCHANGE: &str = r"C:\Program Files\Microsoft\Exchange Server\V15";
/// The folder of OWA's sign-in pages.
pub const AUTH: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth";
/// The configuration of IIS.
pub const APPLICATION_HOST: &str = r"C:\Windows\System32\inetsrv\config\applicationHost.config";

impl Server {
    fn clean() -> Self {
        let folder = support::folder();
        support::fixture::unpack(&support::fixture::server("clean_2019"), folder.path()).unwrap();
        Self { folder }
    }

    /// The root of its volume.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Where a path of the server (`C:\...`) lies here.
    pub fn at(&self, path: &str) -> PathBuf {
        let below = path.strip_prefix(r"C:\").unwrap_or_else(|| panic!("not below C: {path}"));
        self.root().join(below.replace('\\', "/"))
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Plants the inert page, which is found wherever pages are looked at.
    pub fn shell(&self, path: &str) {
        self.write(path, support::stand_in());
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap()
    }

    /// Replaces one text in a file by another; panics where it is not there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Removes a file or a folder with all in it.
    pub fn remove(&self, path: &str) {
        let path = self.at(path);
        if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
    }

    /// Moves a file or a folder.
    pub fn rename(&self, from: &str, to: &str) {
        std::fs::create_dir_all(self.at(to).parent().unwrap()).unwrap();
        std::fs::rename(self.at(from), self.at(to)).unwrap();
    }

    /// Makes a symbolic link, as ntfs-3g shows junctions and mount points. `target` as it stands in the link.
    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    /// Scans it; returns the exit code, the records and standard error.
    fn scan(&self, more: &[&str]) -> (i32, Vec<Value>, String) {
        let more: Vec<String> =
            more.iter().map(|one| one.replace("ROOT", &self.root().display().to_string())).collect();
        let mut command = support::program();
        command.arg("scan").arg(self.root()).args(["-q", "-f", "jsonl"]).args(more);
        let ran = support::Ran::from(command.output().unwrap());
        (ran.code, records(&ran.out), ran.err)
    }
}

/// Every table, by area.
fn tables() -> [(&'static str, &'static [&'static [Situation]]); 7] {
    [
        ("Path resolution and links", paths::SITUATIONS),
        ("Configuration", configuration::SITUATIONS),
        ("Code outside web pages: logs, autostart, other web servers", places::SITUATIONS),
        ("Assemblies and included code", assemblies::SITUATIONS),
        ("Code analysis", code::SITUATIONS),
        ("Denial of service against the scanner", &[running::SITUATIONS]),
        ("Known limits", &[left_out::SITUATIONS]),
    ]
}

const LEVELS: [&str; 5] = ["info", "low", "medium", "high", "critical"];

fn rank(level: &str) -> usize {
    LEVELS.iter().position(|one| *one == level).unwrap_or_else(|| panic!("no level {level}"))
}

/// The difference from the expected result.
fn wrong(situation: &Situation) -> Option<String> {
    if matches!(situation.answer, Answer::Elsewhere { .. } | Answer::OutOfScope { .. }) {
        return None;
    }
    let server = Server::clean();
    (situation.plant)(&server);
    let (code, records, err) = server.scan(situation.more);
    let fault = judge(situation, code, &records, &err);
    if fault.is_some() {
        return fault;
    }
    let server = Server::clean();
    situation.ordinary?(&server);
    let (code, records, _) = server.scan(situation.more);
    let loud: Vec<String> = of_kind(&records, "finding")
        .iter()
        .filter(|one| rank(one["shellsift"]["level"].as_str().unwrap()) >= rank("medium"))
        .map(|one| format!("{} {:?}", one["file"]["path"], reasons(one)))
        .collect();
    (code != 0 || !loud.is_empty())
        .then(|| format!("its benign look-alike ends with {code}: {loud:?} {:?}", of_kind(&records, "problem")))
}

fn judge(situation: &Situation, code: i32, records: &[Value], err: &str) -> Option<String> {
    let seen = || {
        let findings: Vec<String> = of_kind(records, "finding")
            .iter()
            .map(|one| format!("{} {} {:?}", one["file"]["path"], one["shellsift"]["level"], reasons(one)))
            .collect();
        format!("exit {code}, findings {findings:?}, problems {:?} {err}", of_kind(records, "problem"))
    };
    let fits = match situation.answer {
        Answer::Finding { path, reason, level } => finding(records, path).is_some_and(|one| {
            reasons(one).contains(&reason) && rank(one["shellsift"]["level"].as_str().unwrap()) >= rank(level)
        }),
        Answer::Hit { check } => of_kind(records, "log_hit").iter().any(|hit| hit.to_string().contains(check)),
        Answer::Gap { kind, words } => {
            code != 0
                && problems(records).iter().any(|one| one == kind)
                && of_kind(records, "problem")
                    .iter()
                    .any(|one| one["shellsift"]["problem"]["kind"] == kind && one.to_string().contains(words))
        }
        Answer::Refused { words } => code == 2 && err.contains(words),
        Answer::Elsewhere { .. } | Answer::OutOfScope { .. } => true,
    };
    (!fits).then(|| format!("{:?} expected; {}", situation.answer, seen()))
}

/// Runs a table on both cores and reports every failure at once.
fn all_are_seen(tables: &[&[Situation]]) {
    let table: Vec<&Situation> = tables.iter().copied().flatten().collect();
    let next = AtomicUsize::new(0);
    let faults = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(situation) = table.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(fault) = wrong(situation) {
                        faults.lock().unwrap().push(format!("{}: {fault}", situation.id));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), table.len(), faults.join("\n"));
}

#[test]
fn situations_of_paths_are_seen() {
    all_are_seen(paths::SITUATIONS);
}

#[test]
fn situations_of_configuration_are_seen() {
    all_are_seen(configuration::SITUATIONS);
}

#[test]
fn situations_of_places_are_seen() {
    all_are_seen(places::SITUATIONS);
}

#[test]
fn situations_of_assemblies_are_seen() {
    all_are_seen(assemblies::SITUATIONS);
}

#[test]
fn situations_of_code_are_seen() {
    all_are_seen(code::SITUATIONS);
}

#[test]
fn situations_of_running_are_seen() {
    all_are_seen(&[running::SITUATIONS]);
}

#[test]
fn the_inert_page_is_found_and_the_server_is_clean_without_it() {
    let server = Server::clean();
    assert_eq!(server.scan(&[]).0, 0);
    server.shell(&format!(r"{AUTH}\errorFE2.aspx"));
    let (code, records, _) = server.scan(&[]);
    assert!(code == 1 && finding(&records, &format!(r"{AUTH}\errorFE2.aspx")).is_some());
}

#[test]
fn every_situation_has_its_own_name_and_what_is_shown_elsewhere_is_there() {
    let mut ids = std::collections::BTreeSet::new();
    for situation in tables().into_iter().flat_map(|(_, tables)| tables.iter().copied().flatten()) {
        assert!(ids.insert(situation.id), "{} twice", situation.id);
        assert!(situation.what.len() > 10 && !situation.what.ends_with('.'), "{}", situation.id);
        if let Answer::Elsewhere { test, .. } = situation.answer {
            let (file, name) = test.split_once("::").unwrap_or((test, ""));
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
            assert!(text.is_ok_and(|text| text.contains(name)), "{}: no {test}", situation.id);
        }
    }
}

#[test]
fn the_document_of_evasion_is_as_the_tables_say() {
    let mut text = String::from(
        "# Evasion attempts and their results\n\n\
         Generated from `tests/suite/situations/` with `UPDATE_GOLDEN=1 cargo test --locked`.\n\n\
         Each line is set up on the clean fixture server and scanned. The result is a finding, a log hit, or a gap: a named \
         problem with which a run never ends with exit code 0. Attempts that leave nothing in files, or in files that are not read, \
         are out of scope, with the reason. Where ordinary servers have something similar, that is set up too and must stay silent.\n",
    );
    for (title, tables) in tables() {
        let _ = write!(text, "\n## {title}\n\n| id | evasion attempt | result |\n|---|---|---|\n");
        for Situation { id, what, answer, .. } in tables.iter().copied().flatten() {
            let what = what.replace('|', "\\|");
            let _ = match *answer {
                Answer::Finding { reason, level, .. } => {
                    writeln!(text, "| {id} | {what} | finding `{reason}`, {level} or above |")
                }
                Answer::Hit { check } => writeln!(text, "| {id} | {what} | log hit `{check}` |"),
                Answer::Gap { kind, .. } => writeln!(text, "| {id} | {what} | gap `{kind}` |"),
                Answer::Refused { words } => writeln!(text, "| {id} | {what} | refused: {words} |"),
                Answer::Elsewhere { test, says } => writeln!(text, "| {id} | {what} | {says} (`{test}`) |"),
                Answer::OutOfScope { why } => writeln!(text, "| {id} | {what} | out of scope: {why} |"),
            };
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/evasion.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stored == text, "docs/evasion.md is out of date; regenerate it with UPDATE_GOLDEN=1");
}
