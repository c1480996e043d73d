//! Windows event logs (`.evtx`): read as a stream, chunk by chunk, in constant memory, and checked for exploitation.
//!
//! The layout of file, chunk and record is that of MS-EVEN6 and of libevtx's description; records are rendered by the
//! crate `evtx`. Only chunks that hold one of the words that the checks look for are rendered, since Application.evtx is
//! large and nearly all of it of no interest; the times that a log covers are read from the record headers of all of them.

mod checks;
mod chunk;
mod event;
mod span;
pub mod wer;
mod workers;

pub use checks::{CHECKS, Context};
pub use chunk::is_event_log;
pub use event::Event;
pub use workers::{Job, add};

use crate::evidence::{Evidence, Listed, Resolver, classify};
use crate::logs::coverage::sensible;
use crate::logs::deleted;
use crate::logs::{HitAggregator, LogLocation, Sighting};
use crate::model::server_path::fold;
use crate::model::{DeletedFile, EntryKind, LogSpan, Problem, ProblemKind, Remains, ServerPath};
use span::Covered;
use std::io::Read;

/// The logs that are read, below `Windows\System32\winevt\Logs`.
pub const LOGS: &[&str] = &[
    "Application.evtx",
    "MSExchange Management.evtx",
    "Microsoft-IIS-Configuration%4Operational.evtx",
    "Microsoft-Windows-Windows Defender%4Operational.evtx",
    "Security.evtx",
    "System.evtx",
];

/// Where they are, folded.
const FOLDER: &str = r"windows\system32\winevt\logs";

/// The files of one system volume that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Event logs and their archived parts, with their sizes.
    pub logs: Vec<(ServerPath, u64)>,
    /// Files of the folder of event logs under names that Windows does not give them: a renamed log is still one.
    pub others: Vec<(ServerPath, u64)>,
    /// Reports of programs that crashed; see [`wer`].
    pub reports: Vec<(ServerPath, u64)>,
    /// Deleted event logs of which all is left.
    pub deleted: Vec<DeletedFile>,
    /// Those of which it is not, and how much of each is left.
    pub deleted_not_read: Vec<(ServerPath, Remains)>,
    /// Names of [`LOGS`] that are not there.
    pub missing: Vec<&'static str>,
    /// Whether there is a folder of event logs at all.
    pub has_folder: bool,
}

/// Looks for event logs and crash reports on the volume whose root is `root` (`C:\`).
pub fn survey(evidence: &dyn Evidence, root: &ServerPath, problems: &mut Vec<Problem>) -> Survey {
    let resolver = Resolver::new(evidence);
    let mut survey = Survey::default();
    for folder in resolver.folders_below(root, r"Windows\System32\winevt\Logs") {
        survey.has_folder = true;
        files(evidence, &folder, &is_wanted, &mut survey.logs, problems);
        files(evidence, &folder, &|name| !is_wanted(name) && !is_of_windows(name), &mut survey.others, &mut Vec::new());
    }
    survey.missing = LOGS
        .iter()
        .copied()
        .filter(|log| !survey.logs.iter().any(|(path, _)| path.name().eq_ignore_ascii_case(log)))
        .collect();
    for queue in ["ReportArchive", "ReportQueue"] {
        for folder in resolver.folders_below(root, &format!(r"ProgramData\Microsoft\Windows\WER\{queue}")) {
            for report in resolver.folders_in(&folder) {
                files(
                    evidence,
                    &report,
                    &|name| name.eq_ignore_ascii_case("Report.wer"),
                    &mut survey.reports,
                    problems,
                );
            }
        }
    }
    let is_deleted_log = |path: &ServerPath| {
        let folder = path.parent().and_then(|folder| folder.windows_below(root)).map(|folder| fold(&folder));
        // The folder of one that was deleted with it may not be known any more.
        let is_there = folder.is_some_and(|folder| folder == FOLDER || folder.starts_with("$orphanfiles"));
        is_there && is_wanted(path.name())
    };
    (survey.deleted, survey.deleted_not_read) = deleted::find(evidence, &is_deleted_log, problems);
    resolver.report(problems);
    survey.logs.sort();
    survey.reports.sort();
    survey.others.sort();
    survey
}

/// Whether a file of the folder of event logs is one of [`LOGS`] or an archived part of it
/// (`Archive-Application-2021-03-03-06-59-21-307.evtx`).
pub(super) fn is_wanted(name: &str) -> bool {
    LOGS.contains(&kind_of(name).as_str())
}

/// Whether a file has the name of a channel of the system's parts (`Microsoft-Windows-Bits-Client%4Operational.evtx`), of which there
/// are hundreds.
fn is_of_windows(name: &str) -> bool {
    let folded = fold(name);
    folded.ends_with(".evtx") && (folded.starts_with("microsoft-") || folded.contains("%4"))
}

/// The log that a file belongs to by its name: archived parts to the log they are from. The name itself if it is none of
/// [`LOGS`].
fn kind_of(name: &str) -> String {
    let folded = fold(name);
    let known = LOGS.iter().find(|log| {
        let log = fold(log);
        let stem = log.trim_end_matches(".evtx");
        let archived = folded.strip_prefix("archive-").and_then(|rest| rest.strip_prefix(stem));
        folded == log || archived.is_some_and(|rest| rest.starts_with('-') && rest.ends_with(".evtx"))
    });
    known.map_or_else(|| name.to_owned(), |log| (*log).to_owned())
}

fn files(
    evidence: &dyn Evidence,
    folder: &ServerPath,
    wanted: &dyn Fn(&str) -> bool,
    found: &mut Vec<(ServerPath, u64)>,
    problems: &mut Vec<Problem>,
) {
    list(evidence, folder, wanted, problems, &mut |name, kind, size, problems| match kind {
        EntryKind::File if wanted(name) => found.push((folder.join(name), size)),
        EntryKind::Other(what) if wanted(name) => problems.push(Problem::at(
            ProblemKind::LogDamaged,
            &folder.join(name),
            format!("a {what} in place of a log; it is not opened"),
        )),
        // A link in place of a log is not followed: it could lead anywhere.
        EntryKind::Link { .. } if wanted(name) => problems.push(Problem::at(
            ProblemKind::LogDamaged,
            &folder.join(name),
            "a link in place of a log; it is not followed",
        )),
        _ => {}
    });
}

type Each<'e> = &'e mut dyn FnMut(&str, &EntryKind, u64, &mut Vec<Problem>);

fn list(
    evidence: &dyn Evidence,
    folder: &ServerPath,
    wanted: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Problem>,
    each: Each<'_>,
) {
    let mut failed = Vec::new();
    let listed = evidence.list(folder, wanted, &mut |listed| match listed {
        Listed::Entry(entry) => each(&entry.name, &entry.kind, entry.size, &mut failed),
        Listed::NameOnly => {}
        Listed::Failed(name, error) => {
            failed.push(Problem::at(classify(&error), &folder.join(&name), error.to_string()));
        }
    });
    problems.append(&mut failed);
    if let Err(error) = listed {
        problems.push(Problem::at(ProblemKind::FolderUnreadable, folder, error.to_string()));
    }
}

/// The name of the computer, without its domain, by the event logs of a system volume.
pub fn computer(evidence: &dyn Evidence, root: &ServerPath) -> Option<String> {
    let resolver = Resolver::new(evidence);
    let logs = ["System.evtx", "Application.evtx"].map(|log| format!(r"Windows\System32\winevt\Logs\{log}"));
    let mut files = logs.iter().flat_map(|log| resolver.files_below(root, log));
    let name = files.find_map(|file| chunk::computer(&mut evidence.open(&file).ok()?.reader))?;
    let label: String = name.split('.').next()?.chars().filter(|c| !c.is_control()).take(64).collect();
    Some(label).filter(|label| !label.is_empty())
}

/// Reads one event log of the evidence, enters what it shows, and says what it covers. What cannot be read becomes a problem,
/// a few for each file, and reading goes on behind it.
pub fn examine(
    evidence: &dyn Evidence,
    file: &ServerPath,
    context: &Context<'_>,
    aggregate: &mut HitAggregator,
    problems: &mut Vec<Problem>,
) -> LogSpan {
    cover(evidence, file, context, aggregate, problems).into_log()
}

/// As [`examine`], with what the coverage of several files is put together from.
fn cover(
    evidence: &dyn Evidence,
    file: &ServerPath,
    context: &Context<'_>,
    aggregate: &mut HitAggregator,
    problems: &mut Vec<Problem>,
) -> Covered {
    match evidence.open(file) {
        Ok(mut content) => {
            if content.holes > 0 {
                let message = format!(
                    "{} MiB of it are holes, unlike any event log written by Windows: the original content is unknown",
                    content.holes >> 20
                );
                problems.push(Problem::at(ProblemKind::LogDamaged, file, message));
            }
            cover_stream(&mut content.reader, (file, None, false), context, aggregate, problems)
        }
        Err(error) => {
            problems.push(Problem::at(classify(&error), file, error.to_string()));
            let log = LogSpan { kind: kind_of(file.name()), folder: file.parent(), ..LogSpan::default() };
            Covered::new(log, file, span::Span::default())
        }
    }
}

/// As [`cover`], of a deleted log. What is wrong with what is left of it is no gap; `Err` says that it is no event log any more.
fn cover_deleted(
    evidence: &dyn Evidence,
    file: &DeletedFile,
    context: &Context<'_>,
    aggregate: &mut HitAggregator,
) -> Result<Covered, Remains> {
    let mut start = [0; 8];
    let opened = evidence.open_deleted(file, None).and_then(|mut content| content.reader.read_exact(&mut start));
    opened.map_err(|_| Remains::Unknown)?;
    if !is_event_log(&start) {
        return Err(Remains::Whole);
    }
    let mut content = evidence.open_deleted(file, None).map_err(|_| Remains::Unknown)?;
    let mut covered = cover_stream(&mut content.reader, (&file.path, None, true), context, aggregate, &mut Vec::new());
    covered.log.add_deleted(file.path.clone());
    Ok(covered)
}

/// As [`examine`], of a log that was opened already: `member` is its name inside the archive at `path`, if it is in one.
pub fn examine_stream(
    reader: &mut dyn Read,
    path: &ServerPath,
    member: Option<&str>,
    context: &Context<'_>,
    aggregate: &mut HitAggregator,
    problems: &mut Vec<Problem>,
) -> LogSpan {
    cover_stream(reader, (path, member, false), context, aggregate, problems).into_log()
}

fn cover_stream(
    reader: &mut dyn Read,
    (path, member, deleted): (&ServerPath, Option<&str>, bool),
    context: &Context<'_>,
    aggregate: &mut HitAggregator,
    problems: &mut Vec<Problem>,
) -> Covered {
    let kind = kind_of(member.map_or(path.name(), |member| member.rsplit(['/', '\\']).next().unwrap_or_default()));
    let mut problem_log = chunk::ProblemLog::new(path, member);
    let mut span = span::Span::default();
    let bytes = chunk::read(reader, &mut span, &mut problem_log, &mut |event| {
        for hit in [checks::judge(event, context), checks::edited(event)].into_iter().flatten() {
            aggregate.enter(&Sighting {
                check: hit.shown.check,
                stage: hit.shown.stage,
                level: hit.shown.level,
                title: &hit.shown.title,
                client: &hit.client,
                time: event.time.filter(|time| sensible(*time)),
                location: LogLocation { path, member, deleted, line: event.record },
                excerpt: &hit.excerpt,
            });
        }
    });
    problem_log.settle(problems);
    let log = LogSpan { kind, folder: path.parent(), files: 1, bytes, ..LogSpan::default() };
    Covered::new(log, path, span)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
#[path = "../../../tests/suite/support/evtx.rs"]
mod written;
