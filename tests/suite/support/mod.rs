//! Shared by several tests.
#![allow(unreachable_pub)] // a module of a test binary

pub mod evtx;
pub mod fixture;
pub mod hive;
pub mod image;
pub mod schema;
pub mod version;

use serde_json::Value;
use shellsift::detect::{Knowledge, signatures::Signatures};
use shellsift::model::{Artefact, Entry, Place, Role, ServerPath};
use shellsift_registry::marvin32;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

/// A folder that is gone when the test is over.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// An unpacked fixture server, shared by all tests of the process, which only read it.
pub fn server(name: &'static str) -> PathBuf {
    static CLEAN: OnceLock<tempfile::TempDir> = OnceLock::new();
    static COMPROMISED: OnceLock<tempfile::TempDir> = OnceLock::new();
    let cell = if name == "clean_2019" { &CLEAN } else { &COMPROMISED };
    let unpacked = cell.get_or_init(|| {
        let folder = folder();
        fixture::unpack(&fixture::server(name), folder.path()).unwrap();
        folder
    });
    unpacked.path().to_owned()
}

/// The program, not yet started, in a place and an environment of its own.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shellsift"));
    command.env_remove("NO_COLOR").current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// What the program did.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the program with these arguments.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    program().args(arguments).output().unwrap().into()
}

/// Runs a scan of `target` with further arguments and gives its exit code and the records of its journal.
pub fn scan(target: &Path, more: &[&str]) -> (i32, Vec<Value>) {
    let ran = run([&["scan", target.to_str().unwrap(), "-q", "-f", "jsonl"], more].concat());
    assert!(ran.err.is_empty(), "{}", ran.err);
    (ran.code, records(&ran.out))
}

/// The records of a JSONL output, of each `event.id` the last one alone.
pub fn records(jsonl: &str) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let all: Vec<Value> = jsonl.lines().map(parse).collect();
    all.iter().for_each(is_of_known_checks);
    let is_so_far = |record: &Value| record["shellsift"]["preliminary"] == true;
    let settled: std::collections::BTreeSet<String> = all.iter().filter(|one| !is_so_far(one)).map(event_id).collect();
    all.into_iter().filter(|one| !(is_so_far(one) && settled.contains(&event_id(one)))).collect()
}

/// Whatever a run reports is of a check of the catalogue, or of a rule that the test brings.
fn is_of_known_checks(record: &Value) {
    let reasons = record["shellsift"]["reasons"].as_array().into_iter().flatten().map(|reason| &reason["id"]);
    for id in reasons.chain([&record["shellsift"]["hit"]["check"]]).filter_map(Value::as_str) {
        assert!(id.starts_with("signature/") || shellsift::checks::find(id).is_some(), "{id} is no check");
    }
}

fn event_id(record: &Value) -> String {
    record["event"]["id"].to_string()
}

/// The records of one kind.
pub fn of_kind<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    records.iter().filter(|record| record["shellsift"]["record"] == kind).collect()
}

/// The finding at a path.
pub fn finding<'r>(records: &'r [Value], path: &str) -> Option<&'r Value> {
    of_kind(records, "finding").into_iter().find(|record| record["file"]["path"] == path)
}

/// The ids of a finding's reasons.
pub fn reasons(finding: &Value) -> Vec<&str> {
    finding["shellsift"]["reasons"].as_array().unwrap().iter().map(|reason| reason["id"].as_str().unwrap()).collect()
}

/// The kinds of the problems of a journal.
pub fn problems(records: &[Value]) -> Vec<String> {
    of_kind(records, "problem")
        .iter()
        .map(|record| record["shellsift"]["problem"]["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// A page that a built-in rule finds, put together here so that no file of this repository holds it.
pub fn stand_in() -> Vec<u8> {
    let call = ["ev", "al(Req", "uest[\"inert\"],\"uns", "afe\")"].concat();
    format!("<%@ Page Language=\"JScript\" Inherits=\"Shellsift.Inert.NoSuchType\" %>\n<% @@inert@@ {call} %>\n")
        .into_bytes()
}

/// Compares with a golden file; `UPDATE_GOLDEN=1` writes it instead.
pub fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if expected != actual {
        let differ = expected
            .lines()
            .zip(actual.lines())
            .position(|(a, b)| a != b)
            .unwrap_or(expected.lines().count().min(actual.lines().count()));
        panic!(
            "{} differs from line {} on (UPDATE_GOLDEN=1 accepts):\n- {}\n+ {}",
            path.display(),
            differ + 1,
            expected.lines().nth(differ).unwrap_or("<end>"),
            actual.lines().nth(differ).unwrap_or("<end>")
        );
    }
}

/// A file of this name and size in a web folder, of which nothing else is known.
pub fn page(name: &str, size: usize) -> Artefact {
    let path = ServerPath::drive('C').join(name);
    Artefact::new(path, Entry::file(name, size as u64), Place::new(Role::WebRoot, name))
}

/// What detectors know that have these rules and nothing else.
pub fn knowledge(signatures: Option<Signatures>) -> Knowledge {
    Knowledge { signatures, ..Knowledge::new(Duration::from_secs(60)) }
}

/// Scans evidence in memory below `C:\w`, a web root, with the location detector.
pub fn scan_in_memory(
    evidence: &dyn shellsift::evidence::Evidence,
    tell: &mut dyn FnMut(shellsift::scan::Event) -> bool,
) -> shellsift::model::Coverage {
    use shellsift::catalogue::HashList;
    use shellsift::detect::Knowledge;
    use shellsift::model::{Role, ServerPath};
    use shellsift::{scan, targets};
    let root = ServerPath::from_windows(r"C:\w").unwrap();
    let area = targets::Area { path: root.clone(), role: Role::WebRoot, base: root, every_file: true };
    let plan = targets::Plan { areas: vec![area], ..Default::default() };
    let interrupted = std::sync::atomic::AtomicBool::new(false);
    let survey = scan::survey(evidence, &plan, &interrupted, &mut Vec::new());
    let knowledge = Knowledge::new(std::time::Duration::from_secs(5));
    let settings = scan::Settings {
        threads: 2,
        max_size: 1 << 20,
        cpu_limit: 100,
        detectors: &["location"],
        allowed: &HashList::default(),
        interrupted: &interrupted,
        on_worker: || {},
    };
    let job = scan::Job {
        evidence,
        plan: &plan,
        survey: &survey,
        baseline: None,
        knowledge: &knowledge,
        settings: &settings,
    };
    scan::scan(&job, &scan::Counters::default(), false, tell)
}
