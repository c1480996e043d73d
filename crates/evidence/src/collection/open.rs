//! Opens the volumes of one server that a collector left, wherever they lie: in a folder, an archive, a disk.

use super::gathered::Gathered;
use super::layout::{NAMED, is_shadow_copy, name_of_a_volume, refuse_hosts, volumes};
use super::names::key;
use super::recorded::Recorded;
use super::root::Root;
use super::volume::Head;
use super::{Holdings, rows};
use crate::archive::ProblemLog;
use crate::evidence::kind::Collected;
use crate::evidence::{Evidence, Layout, Listed, Overlay, Resolver, Unopened};
use crate::model::place::kind::is_web;
use crate::model::server_path::{fold, same_name};
use crate::model::{Entry, EntryKind, ProblemKind, ServerPath};
use std::io::Read;
use std::sync::{Arc, Mutex};

/// How much of one record of a collector is read. That of a million files has 400 MB.
const LONGEST_RECORD: u64 = 2 << 30;
/// How many records are read.
const MOST_RECORDS: usize = 64;
/// How many folders beside the volumes are looked through for pages.
const MOST_BESIDE: usize = if cfg!(test) { 40 } else { 20_000 };

/// Finds what a collector left below `root` and opens it as volumes of a server; `None` where there is nothing of the kind.
/// `analysis_path` is where the evidence lies on this machine.
///
/// # Errors
/// What says why it is not opened: the volumes of several servers, an encrypted collection.
pub fn open_within(
    inner: &Arc<dyn Evidence>,
    root: &ServerPath,
    analysis_path: &str,
) -> Option<Result<Overlay, Unopened>> {
    let resolver = Resolver::new(inner.as_ref());
    let has = |names: &str| !resolver.folders_below(root, names).is_empty();
    let is_server =
        [r"Windows\System32", r"inetpub\wwwroot", r"inetpub\logs\LogFiles", r"FrontEnd\HttpProxy"].into_iter().any(has);
    let installations = || {
        let usual =
            [r"Program Files\Microsoft\Exchange Server\V15", r"Microsoft\Exchange Server\V15", r"Exchange Server\V15"];
        usual.iter().flat_map(|names| resolver.folders_below(root, names)).collect()
    };
    let layout = Layout { evidence: inner.as_ref(), folder: root, is_server, installations: &installations };
    let found = volumes(&layout);
    (!found.is_empty()).then(|| open(inner, &found, analysis_path))
}

/// Opens these volumes, which are of one server.
pub(super) fn open(inner: &Arc<dyn Evidence>, volumes: &[Collected], analysis_path: &str) -> Result<Overlay, Unopened> {
    let Some(first) = volumes.first() else {
        return Err(Unopened::Refused(format!("{analysis_path} contains no volume")));
    };
    let host = &first.host;
    if volumes.iter().any(|volume| volume.host != *host) {
        return Err(refuse_hosts(analysis_path, volumes));
    }
    let resolver = Resolver::new(inner.as_ref());
    let tool = tool(&resolver, inner.as_ref(), host, volumes);
    let mut holdings = Holdings::new(tool, analysis_path.to_owned());
    holdings.host = host_name(inner.as_ref(), host);
    let mut problem_log = ProblemLog::default();
    let mut gathered = Vec::new();
    for (shown_as, roots) in parts(volumes, &others(&resolver, host), &mut holdings) {
        gathered.push(Gathered::of(inner.as_ref(), shown_as, roots, &mut holdings, &mut problem_log));
    }
    read_records(inner.as_ref(), host, &mut gathered, &mut problem_log);
    beside(inner.as_ref(), host, volumes, &holdings.others, &mut problem_log);
    for volume in &gathered {
        volume.count_recorded(&mut holdings);
    }
    let is_assumed = volumes.iter().any(|volume| volume.path == *host);
    Ok(joined(inner, gathered, holdings, problem_log, is_assumed))
}

/// What each volume is put together of: the parts that were copied as files before those read from the raw disk.
fn parts(volumes: &[Collected], others: &[ServerPath], holdings: &mut Holdings) -> Vec<(ServerPath, Vec<Root>)> {
    let root = |path: &ServerPath| Root { path: path.clone(), escaped: fold(path.name()).contains("%3a") };
    let mut parts: Vec<(ServerPath, Vec<Root>)> = Vec::new();
    let is_raw = |volume: &Collected| volume.path.parent().is_some_and(|parent| fold(parent.name()) == "ntfs");
    let mut ordered: Vec<&Collected> = volumes.iter().collect();
    ordered.sort_by_key(|volume| (volume.letter, is_raw(volume)));
    for volume in ordered {
        let shown_as = ServerPath::drive(volume.letter);
        match parts.last_mut().filter(|(known, _)| *known == shown_as) {
            Some((_, roots)) => roots.push(root(&volume.path)),
            None => {
                holdings.volumes.push(shown_as.clone());
                parts.push((shown_as, vec![root(&volume.path)]));
            }
        }
    }
    for other in others {
        holdings.others.push(other.clone());
        parts.push((other.clone(), vec![root(other)]));
    }
    parts
}

/// What was collected and is no volume with a letter: `fs/$fs$/fs0` of acquire, shadow copies of Velociraptor.
fn others(resolver: &Resolver<'_>, host: &ServerPath) -> Vec<ServerPath> {
    let mut others: Vec<ServerPath> =
        resolver.folders_below(host, r"fs\$fs$").iter().flat_map(|fs| resolver.folders_in(fs)).collect();
    for uploads in resolver.folders_below(host, "uploads") {
        for accessor in resolver.folders_in(&uploads) {
            others.extend(resolver.folders_in(&accessor).into_iter().filter(|folder| is_shadow_copy(folder.name())));
        }
    }
    others
}

/// The volumes as one source. `is_assumed`: nothing says that it is C.
fn joined(
    inner: &Arc<dyn Evidence>,
    gathered: Vec<Gathered>,
    holdings: Holdings,
    problem_log: ProblemLog,
    is_assumed: bool,
) -> Overlay {
    let problem_log = Arc::new(Mutex::new(problem_log));
    let container = inner.sources().into_iter().next().map_or_else(String::new, |source| format!(" ({})", source.kind));
    let kind = format!("{} collection{container}", holdings.tool);
    let mut said: Vec<String> = holdings.lacks_in_words().into_iter().collect();
    if is_assumed {
        said.push("the drive letter is not recorded: C: is assumed".to_owned());
    }
    // Why there are no times, where no record makes up for it.
    if holdings.with_times < holdings.files {
        let lacks = inner.sources().into_iter().flat_map(|source| source.lacks);
        said.extend(lacks.filter(|lacks| lacks.contains("(DOS)")));
    }
    if holdings.tool == "acquire" {
        said.push("modified times to some 0.2 microseconds: acquire writes them as floating-point numbers".to_owned());
    }
    let mut holdings = Some(holdings);
    let mut overlay = Overlay::new();
    for volume in gathered {
        let shown_as = volume.shown_as.clone();
        let own = holdings.take();
        let head = Head {
            kind: kind.clone(),
            analysis_path: volume.roots.first().map_or_else(String::new, |root| root.path.to_string()),
            lacks: if own.is_some() { std::mem::take(&mut said) } else { Vec::new() },
            holdings: own,
        };
        overlay.add(shown_as, Box::new(volume.finish(Arc::clone(inner), head, Arc::clone(&problem_log))));
    }
    overlay
}

/// What wrote the collection.
fn tool(resolver: &Resolver<'_>, evidence: &dyn Evidence, host: &ServerPath, volumes: &[Collected]) -> &'static str {
    let files = files_in(evidence, host);
    let is_in = |folder: &str| {
        volumes.iter().any(|volume| volume.path.parent().is_some_and(|parent| same_name(parent.name(), folder)))
    };
    let is_certain = volumes.iter().any(|volume| name_of_a_volume(volume.path.name()).is_certain());
    match () {
        () if ["auto", "ntfs", "file", "lazy_ntfs"].into_iter().any(is_in) => "Velociraptor",
        () if files.iter().any(|file| is_kape(file.name())) => "KAPE",
        () if is_in("fs") || is_certain || volumes.iter().any(|volume| same_name(volume.path.name(), "sysvol")) => {
            "acquire"
        }
        () if volumes.iter().any(|volume| !resolver.files_below(&volume.path, r"Windows\CyLR.log").is_empty()) => {
            "CyLR"
        }
        () => "triage",
    }
}

fn is_kape(name: &str) -> bool {
    let name = fold(name);
    ["_copylog.csv", "_skiplog.csv", "_skiplog.csv.csv", "_consolelog.txt"].iter().any(|end| name.ends_with(end))
}

/// The files in a folder, links not followed.
fn files_in(evidence: &dyn Evidence, folder: &ServerPath) -> Vec<ServerPath> {
    let mut files = Vec::new();
    let _ = evidence.list(folder, &|_| true, &mut |listed| {
        if let Listed::Entry(Entry { name, kind: EntryKind::File, .. }) = listed {
            files.push(folder.join(&name));
        }
    });
    files.sort();
    files
}

/// The name of the server, as Velociraptor writes it.
fn host_name(evidence: &dyn Evidence, host: &ServerPath) -> Option<String> {
    let content = evidence.open(&host.join("client_info.json")).ok()?;
    let mut text = Vec::new();
    content.reader.take(1 << 20).read_to_end(&mut text).ok()?;
    let info: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let os = info.get("os_info").unwrap_or(&info);
    let name = ["hostname", "Hostname", "fqdn", "Fqdn"].iter().find_map(|name| os.get(*name)?.as_str());
    let plain = |name: &str| name.chars().filter(|c| !c.is_control()).take(255).collect::<String>();
    name.map(plain).filter(|name| !name.is_empty())
}

/// The records of a collector with what its files were on the server, those with most first.
fn records(evidence: &dyn Evidence, host: &ServerPath, problem_log: &mut ProblemLog) -> Vec<ServerPath> {
    let says = |path: &ServerPath| {
        let name = fold(path.name());
        let name = name.replace("%2f", "/").replace("<2f>", "/");
        let stem = name.trim_end_matches(".json").trim_end_matches(".csv");
        let is_table = stem.len() < name.len();
        match () {
            () if !is_table => None,
            () if stem.ends_with("all matches metadata") || stem.ends_with("all file metadata") => Some(0),
            () if stem.starts_with("windows.ntfs.mft") => Some(1),
            () if stem.ends_with("/uploads") => Some(2),
            () if stem.ends_with("_copylog") => Some(0),
            () if stem == "uploads" => Some(3),
            () => None,
        }
    };
    // Beside the volumes and, of Velociraptor, the folder of results, where an artifact may have a folder of its own.
    let results = host.join("results");
    let mut folders = vec![host.clone(), results.clone()];
    let _ = evidence.list(&results, &|_| false, &mut |listed| {
        if let Listed::Entry(Entry { name, kind: EntryKind::Folder, .. }) = listed
            && folders.len() < MOST_RECORDS
        {
            folders.push(results.join(&name));
        }
    });
    let mut records: Vec<(i32, ServerPath)> = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        for file in files_in(evidence, folder) {
            // In the folder of an artifact the file is called as the source alone.
            let rank = says(&file).or_else(|| (at > 1 && fold(file.name()).starts_with("uploads.")).then_some(2));
            records.extend(rank.map(|rank| (rank, file)));
        }
    }
    records.sort();
    if let Some((_, omitted)) = records.get(MOST_RECORDS) {
        let message = format!("is one of {} records, of which {MOST_RECORDS} are read", records.len());
        problem_log.once(ProblemKind::PartiallyExamined, omitted, message);
    }
    records.truncate(MOST_RECORDS);
    records.into_iter().map(|(_, file)| file).collect()
}

/// Gives the files what the records say of them.
fn read_records(evidence: &dyn Evidence, host: &ServerPath, gathered: &mut [Gathered], problem_log: &mut ProblemLog) {
    for record in records(evidence, host, problem_log) {
        let mut apply = |row: &rows::Row| {
            let Some((path, recorded)) = Recorded::of(row) else { return };
            let spelled = path;
            let Some((letter, path)) = key(spelled) else { return };
            for volume in gathered.iter_mut().filter(|volume| volume.letter() == Some(letter)) {
                volume.apply(&path, spelled, &recorded, problem_log);
            }
        };
        let mut is_cut = false;
        let read = evidence.open(&record).and_then(|content| {
            let mut reader = content.reader.take(LONGEST_RECORD);
            let bad = if fold(record.name()).ends_with(".csv") {
                rows::csv(&mut reader, &mut apply)
            } else {
                rows::json(&mut reader, &mut apply)
            };
            is_cut = reader.limit() == 0;
            bad
        });
        if is_cut {
            let message = format!("only its first {} MiB are read", LONGEST_RECORD >> 20);
            problem_log.once(ProblemKind::PartiallyExamined, &record, message);
        }
        match read {
            Ok(0) => {}
            Ok(bad) => {
                let message =
                    format!("{bad} of its rows could not be read: the original times of their files are not known");
                problem_log.once(ProblemKind::LogDamaged, &record, message);
            }
            Err(error) => problem_log.once(crate::classify(&error), &record, error.to_string()),
        }
    }
    for file in files_in(evidence, host) {
        let name = fold(file.name());
        if name.ends_with("_skiplog.csv") || name.ends_with("_skiplog.csv.csv") {
            skipped(evidence, &file, problem_log);
        }
    }
}

/// What KAPE did not copy, because it had the content already, or could not.
fn skipped(evidence: &dyn Evidence, log: &ServerPath, problem_log: &mut ProblemLog) {
    let (mut count, mut some) = (0usize, Vec::new());
    let mut each = |row: &rows::Row| {
        let text = |name: &str| row.iter().find(|(its, _)| its == name).and_then(|(_, value)| value.text());
        let Some(path) = text("sourcefile").filter(|path| !path.is_empty()) else { return };
        count += 1;
        if some.len() < NAMED {
            let reason: String = text("reason").unwrap_or_default().chars().take(100).collect();
            let path: String = path.chars().take(260).collect();
            some.push(if reason.is_empty() { path } else { format!("{path} ({reason})") });
        }
    };
    let read = evidence.open(log).and_then(|content| rows::csv(content.reader.take(LONGEST_RECORD), &mut each));
    if let Err(error) = read {
        problem_log.once(crate::classify(&error), log, error.to_string());
    }
    if count > 0 {
        let message = format!(
            "KAPE did not copy {count} files: {}{}",
            some.join(", "),
            if count > some.len() { ", ..." } else { "" }
        );
        problem_log.once(ProblemKind::PartiallyExamined, log, message);
    }
}

/// Pages that lie beside the volumes are of no server, and nobody would look at them: that is said.
fn beside(
    evidence: &dyn Evidence,
    host: &ServerPath,
    volumes: &[Collected],
    others: &[ServerPath],
    problem_log: &mut ProblemLog,
) {
    let mut open = vec![host.clone()];
    open.retain(|host| !volumes.iter().any(|volume| volume.path == *host));
    let mut seen = 0;
    while let Some(folder) = open.pop() {
        seen += 1;
        if seen > MOST_BESIDE {
            let message = format!(
                "is beside the volumes of the collection, and more than {MOST_BESIDE} folders are: not looked through"
            );
            problem_log.once(ProblemKind::PartiallyExamined, &folder, message);
            return;
        }
        let _ = evidence.list(&folder, &|_| true, &mut |listed| {
            let Listed::Entry(entry) = listed else { return };
            let path = folder.join(&entry.name);
            if entry.kind == EntryKind::Folder {
                if !volumes.iter().any(|volume| volume.path == path) && !others.contains(&path) {
                    open.push(path);
                }
            } else if is_web(&entry.name) {
                let what =
                    "is outside the volumes of the collection and was not examined; unpack it and scan its folder";
                problem_log.note(ProblemKind::PartiallyExamined, &path, what);
            }
        });
    }
}
