//! The files behind the results of a case: what an evidence package is made of.

use super::{Case, Entry, Run};
use crate::model::Level;
use crate::model::server_path::fold;
use crate::record::{FindingBody, LineRecord};
use std::collections::HashSet;

/// The files behind one run.
#[derive(Clone, Debug, Default)]
pub struct RunFiles {
    /// Identifies the run.
    pub scan_id: String,
    /// The name of the server.
    pub server: String,
    /// The case number.
    pub case: Option<String>,
    /// Who made the run.
    pub examiner: Option<String>,
    /// The version of the program that made the run.
    pub version: String,
    /// Of the program file.
    pub program_sha256: Option<String>,
    /// When it began, RFC 3339.
    pub started: Option<String>,
    /// Its arguments.
    pub command_line: String,
    /// What was read.
    pub sources: Vec<RunSource>,
    /// What to collect, the most urgent first.
    pub files: Vec<RunFile>,
    /// What these files leave out, in words.
    pub notes: Vec<String>,
}

/// Where the evidence of a run came from.
#[derive(Clone, Debug)]
pub struct RunSource {
    /// On the analysis machine.
    pub analysis_path: String,
    /// On the server.
    pub server_path: String,
    /// `copy on ext4`
    pub kind: String,
    /// The times that are original.
    pub times: Vec<String>,
    /// What is not available, and why.
    pub limitations: Vec<String>,
}

/// Why a file is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileUse {
    /// It has a finding.
    Finding,
    /// It may configure the application that a finding's file belongs to. It need not exist.
    Configuration,
    /// It is a log with a hit, or with requests for a finding's file.
    Log,
}

/// A file of no listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is found under its path.
    Listed,
    /// It is found by its record: deleted, orphaned, or in the slack of a record.
    Deleted,
    /// It is in the shadow copy of this id.
    Shadow(String),
}

/// A file to collect.
#[derive(Clone, Debug)]
pub struct RunFile {
    /// As the record has it: text of the evidence, which may be anything.
    pub path: String,
    /// Why.
    pub used_as: FileUse,
    /// The level of the finding; empty for other files.
    pub level: String,
    /// The strongest reason of the finding, or what led to the file.
    pub reason: String,
    /// Of its content when it was examined.
    pub sha256: Option<String>,
    /// How it is found.
    pub state: FileState,
    /// The number of its MFT record and how often that was used.
    pub record: Option<(u64, Option<u16>)>,
}

impl Case {
    /// The files behind findings and log hits of at least this level, run by run.
    pub fn files(&self, min_level: Level) -> Vec<RunFiles> {
        self.runs.iter().map(|run| of_run(run, min_level)).collect()
    }
}

fn of_run(run: &Run, min_level: Level) -> RunFiles {
    let label =
        |of: fn(&crate::record::Labels) -> &Option<String>| run.labels.as_ref().and_then(|labels| of(labels).clone());
    let start = run.start.as_ref();
    let source = |source: &crate::record::SourceRecord| RunSource {
        analysis_path: source.analysis_path.clone(),
        server_path: source.server_path.clone(),
        kind: source.kind.clone(),
        times: source.times.iter().map(ToString::to_string).collect(),
        limitations: source.limitations.clone(),
    };
    let mut list = List::default();
    let findings: Vec<&Entry<FindingBody>> =
        run.findings.iter().filter(|finding| finding.body.level.0 >= min_level).collect();
    findings.iter().for_each(|finding| list.add(of_finding(finding)));
    let sources: Vec<RunSource> = start.iter().flat_map(|start| &start.sources).map(source).collect();
    for finding in findings.iter().filter(|finding| !finding.body.reachable.is_empty()) {
        configuration(finding.path())
            .for_each(|path| list.add(RunFile::of(path, FileUse::Configuration, finding.path())));
    }
    for drive in sources.iter().map(|source| source.server_path.as_str()).filter(|path| path.ends_with(":\\")) {
        for name in ["applicationHost.config", "redirection.config"] {
            let path = format!(r"{drive}Windows\System32\inetsrv\config\{name}");
            list.add(RunFile::of(path, FileUse::Configuration, "the sites of the server"));
        }
    }
    let more = logs(run, &findings, min_level, &mut list);
    let notes = (more > 0).then(|| {
        format!(
            "{}: {more} log hits and lists of requests have more lines than the results name: logs that hold only the others are not part \
             of the package",
            run.server()
        )
    });
    RunFiles {
        scan_id: run.scan_id.clone(),
        server: run.server().to_owned(),
        case: label(|labels| &labels.case),
        examiner: label(|labels| &labels.examiner),
        version: run.observer.as_ref().map(|observer| observer.version.to_string()).unwrap_or_default(),
        program_sha256: start.and_then(|start| start.program_sha256.clone()),
        started: start.and_then(|start| start.started).map(|time| time.to_string()),
        command_line: start.map(|start| start.command_line.clone()).unwrap_or_default(),
        sources,
        files: list.files,
        notes: notes.into_iter().collect(),
    }
}

/// Adds the logs that are named. Gives how many hits and lists of requests have more lines than are named.
fn logs(run: &Run, findings: &[&Entry<FindingBody>], min_level: Level, list: &mut List) -> u64 {
    let mut more = 0_u64;
    let mut add = |count: u64, lines: &[LineRecord], why: &str| {
        more = more.saturating_add(u64::from(count > lines.len() as u64));
        lines.iter().for_each(|line| list.add(RunFile::of(line.path.clone(), FileUse::Log, why)));
    };
    for hit in run.hits.iter().filter(|hit| hit.body.level.0 >= min_level) {
        add(hit.body.hit.count, &hit.body.hit.locations, &format!("{}: {}", hit.body.hit.check, hit.body.hit.title));
    }
    let found: HashSet<String> = findings.iter().map(|finding| fold(finding.path())).collect();
    for requests in run.requests.iter().filter(|requests| found.contains(&fold(requests.path()))) {
        add(requests.body.count, &requests.body.locations, &format!("requests for {}", requests.path()));
    }
    more
}

fn of_finding(finding: &Entry<FindingBody>) -> RunFile {
    let ntfs = finding.body.state.ntfs.as_ref();
    let is_gone = |ntfs: &crate::record::NtfsRecord| ntfs.deleted || ntfs.remains.is_some();
    let state = match ntfs.and_then(|ntfs| ntfs.shadow.as_ref()) {
        Some(shadow) => FileState::Shadow(shadow.id.clone()),
        None if ntfs.is_some_and(is_gone) => FileState::Deleted,
        None => FileState::Listed,
    };
    let hash = finding.head.file.as_ref().and_then(|file| file.hash.as_ref());
    RunFile {
        level: format!("{:?}", finding.body.level),
        reason: finding.body.reasons.first().map(|reason| reason.title.clone()).unwrap_or_default(),
        sha256: hash.and_then(|hash| hash.sha256.clone()),
        state,
        record: ntfs.and_then(|ntfs| Some((ntfs.entry?, ntfs.sequence))),
        ..RunFile::of(finding.path().to_owned(), FileUse::Finding, "")
    }
}

impl RunFile {
    fn of(path: String, used_as: FileUse, reason: &str) -> Self {
        Self {
            path,
            used_as,
            level: String::new(),
            reason: reason.to_owned(),
            sha256: None,
            state: FileState::Listed,
            record: None,
        }
    }
}

/// Files to collect, each once: the first reason counts.
#[derive(Default)]
struct List {
    files: Vec<RunFile>,
    seen: HashSet<String>,
}

impl List {
    fn add(&mut self, file: RunFile) {
        // Two deleted files can have had one path.
        let apart = match &file.state {
            FileState::Listed => String::new(),
            state => format!("{state:?} {:?}", file.record),
        };
        if !file.path.is_empty() && self.seen.insert(format!("{}\0{apart}", fold(&file.path))) {
            self.files.push(file);
        }
    }
}

/// How many folders above a file are asked for their configuration.
const MOST_FOLDERS: usize = 40;

/// The `web.config` of every folder from that of a file up to the root of its drive: IIS inherits settings down the tree.
fn configuration(path: &str) -> impl Iterator<Item = String> {
    let separator = if path.starts_with('/') { '/' } else { '\\' };
    let folders = path.rmatch_indices(separator).filter_map(move |(at, _)| path.get(..at)).take(MOST_FOLDERS);
    folders.map(move |folder| format!("{folder}{separator}web.config"))
}

#[cfg(test)]
mod tests {
    use crate::model::Level;
    use crate::{Case, CaseReader, FileState, FileUse};
    use serde_json::{Value, json};

    fn case(records: &[Value]) -> Case {
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        let mut reader = CaseReader::default();
        reader.add("a.jsonl", text.as_bytes()).expect("records");
        reader.done()
    }

    fn all() -> Vec<Value> {
        crate::recorder::tests::records()
    }

    #[test]
    fn findings_configuration_and_logs_are_wanted_each_once() {
        let runs = case(&all()).files(Level::Info);
        let [run, ..] = &runs[..] else { panic!("{} runs", runs.len()) };
        let of = |used_as| run.files.iter().filter(move |file| file.used_as == used_as);
        let finding = of(FileUse::Finding).next().expect("a finding");
        assert!(finding.sha256.is_some() && !finding.level.is_empty() && !finding.reason.is_empty(), "{finding:?}");
        assert!(of(FileUse::Log).count() > 0 && !run.command_line.contains('\0') && !run.sources.is_empty());
        let listed = run.files.iter().filter(|file| file.state == FileState::Listed);
        let mut paths: Vec<String> = listed.map(|file| file.path.to_lowercase()).collect();
        let count = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), count);
    }

    #[test]
    fn the_level_chooses_findings_and_their_logs() {
        let records = all();
        let low: Vec<Value> = records
            .into_iter()
            .map(|mut record| {
                if record["shellsift"]["level"].is_string() {
                    record["shellsift"]["level"] = json!("low");
                }
                record
            })
            .collect();
        let runs = case(&low).files(Level::Medium);
        let is_wanted = |used_as| runs[0].files.iter().any(|file| file.used_as == used_as);
        assert!(!is_wanted(FileUse::Finding) && !is_wanted(FileUse::Log));
    }

    #[test]
    fn configuration_is_that_of_the_folder_and_all_above_it() {
        let paths: Vec<String> = super::configuration(r"C:\inetpub\wwwroot\x.aspx").collect();
        assert_eq!(paths, [r"C:\inetpub\wwwroot\web.config", r"C:\inetpub\web.config", r"C:\web.config"]);
        assert_eq!(super::configuration(&r"\a".repeat(10_000)).count(), super::MOST_FOLDERS);
        assert_eq!(super::configuration("").count(), 0);
    }

    #[test]
    fn files_of_no_listing_are_told_apart() {
        let mut records = all();
        let at = records.iter().position(|record| record["shellsift"]["record"] == "finding").expect("a finding");
        let mut add = |id: &str, ntfs: Value| {
            let mut record = records[at].clone();
            record["event"]["id"] = json!(id);
            record["shellsift"]["ntfs"] = ntfs;
            records.push(record);
        };
        add("1", json!({ "entry": 7, "sequence": 2, "deleted": true }));
        add("2", json!({ "entry": 8, "sequence": 2, "deleted": true }));
        add("3", json!({ "entry": 8, "deleted": false, "shadow": { "id": "{s}", "number": 1, "since": "deleted" } }));
        let runs = case(&records).files(Level::Info);
        let states: Vec<&FileState> = runs[0]
            .files
            .iter()
            .filter(|file| file.record.is_some_and(|(entry, _)| entry >= 7))
            .map(|file| &file.state)
            .collect();
        assert_eq!(states.iter().filter(|state| ***state == FileState::Deleted).count(), 2, "{states:?}");
        assert!(states.contains(&&FileState::Shadow("{s}".to_owned())));
    }
}
