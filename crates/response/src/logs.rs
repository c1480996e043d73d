//! Logs to preserve, and logs that are missing.

use super::item::{counted, item};
use super::results::Results;
use super::table::Tables;
use shellsift_model::server_path::extension;
use shellsift_model::{ActionItem, Level, LogHit, LogSpan, Remains, ServerPath};
use std::collections::BTreeMap;

/// Folders of logs, those with the most serious hits first.
pub(crate) fn folders(results: &Results<'_>, tables: &Tables) -> Vec<ActionItem> {
    let Some(logs) = results.logs else { return Vec::new() };
    let mut of_place: BTreeMap<String, Vec<&LogHit>> = BTreeMap::new();
    for hit in logs.hits.iter().filter(|hit| hit.level >= Level::Low) {
        let mut places: Vec<String> = hit.locations.iter().filter_map(|proof| place_of(&proof.path)).collect();
        places.sort();
        places.dedup();
        places.into_iter().for_each(|place| of_place.entry(place).or_default().push(hit));
    }
    let mut folders: Vec<(Option<Level>, &LogSpan, &[&LogHit])> = logs
        .spans
        .iter()
        .filter(|span| span.files > 0)
        .map(|span| {
            let place = place_of_span(span).map(|place| place.folded());
            let hits = place.and_then(|place| of_place.get(&place)).map_or(&[][..], Vec::as_slice);
            (hits.iter().map(|hit| hit.level).max(), span, hits)
        })
        .collect();
    folders.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (&a.1.kind, &a.1.folder).cmp(&(&b.1.kind, &b.1.folder))));
    folders.into_iter().map(|(_, span, hits)| folder(span, hits, tables)).collect()
}

/// Where a log lies that a hit is from, folded: an event log is a file, any other one a folder of files.
fn place_of(file: &ServerPath) -> Option<String> {
    let place = if is_event_log(file.name()) { Some(file.clone()) } else { file.parent() };
    place.map(|place| place.folded())
}

fn is_event_log(name: &str) -> bool {
    extension(name) == "evtx"
}

/// The folder of a kind of log; of an event log, which is called like its file, the file.
fn place_of_span(span: &LogSpan) -> Option<ServerPath> {
    let folder = span.folder.as_ref()?;
    Some(if is_event_log(&span.kind) { folder.join(&span.kind) } else { folder.clone() })
}

/// `folder: IIS W3SVC1, 9 files from A to B, 12 hits; IIS starts a new file daily and deletes none`.
fn folder(span: &LogSpan, hits: &[&LogHit], tables: &Tables) -> ActionItem {
    let time = match (span.first, span.last) {
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        _ => String::new(),
    };
    let count = hits.len() as u64;
    let found = if count > 0 { format!(", {}", counted(count, "hit")) } else { String::new() };
    let kept = match (&span.retention, tables.retention_of(&span.kind)) {
        (Some(words), _) => format!("; {words}"),
        // Not what this server is set to.
        (None, Some(words)) => format!("; in general: {words}"),
        (None, None) => String::new(),
    };
    let files = counted(span.files, "file");
    let text = match place_of_span(span) {
        Some(place) if is_event_log(&span.kind) => format!("{place}: events{time}{found}{kept}"),
        Some(place) => format!("{place}: {}, {files}{time}{found}{kept}", span.kind),
        None => format!("{}, {files}{time}{found}{kept}", span.kind),
    };
    let worst = hits.iter().max_by_key(|hit| hit.level).map(|hit| hit.check);
    let folder = span.folder.as_ref().map(ServerPath::to_string);
    item(text, worst.map(str::to_owned).or(folder).unwrap_or_default())
}

/// Logs that are missing, that were deleted, that have gaps or whose clock was set back.
pub(crate) fn missing(results: &Results<'_>) -> Vec<ActionItem> {
    let spans = results.logs.map_or(&[][..], |logs| &logs.spans);
    let (mut broken, mut missing): (Vec<&LogSpan>, Vec<&LogSpan>) = spans
        .iter()
        .filter(|span| span.files == 0 || !faults(span).is_empty())
        .partition(|span| !faults(span).is_empty());
    missing.sort_by(|a, b| (&a.kind, &a.folder).cmp(&(&b.kind, &b.folder)));
    missing.dedup_by(|a, b| a.kind == b.kind);
    broken.sort_by(|a, b| (&a.kind, &a.folder).cmp(&(&b.kind, &b.folder)));
    let words = |span: &LogSpan| {
        let path = span.folder.as_ref().map_or(String::new(), |folder| format!("{folder}: "));
        let faults = faults(span);
        let what = if faults.is_empty() { "missing".to_owned() } else { faults.join(", ") };
        item(
            format!("{path}{}, {what}", span.kind),
            span.folder.as_ref().map_or_else(|| span.kind.clone(), ServerPath::to_string),
        )
    };
    broken.into_iter().chain(missing).map(words).collect()
}

fn faults(span: &LogSpan) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some((from, to)) = span.gaps.iter().max_by_key(|(from, to)| to.seconds().saturating_sub(from.seconds())) {
        faults.push(format!("{}, the longest from {from} to {to}", counted(span.gaps_count, "gap")));
    }
    if span.clock_rollbacks_count > 0 {
        faults.push(counted(span.clock_rollbacks_count, "clock rollback"));
    }
    if span.deleted_not_read_count > 0 {
        let whole = span.deleted_not_read.iter().any(|(_, remains)| *remains != Remains::Overwritten);
        let left = if whole { ", of which something is left" } else { "" };
        faults.push(format!("{} not read{left}", counted(span.deleted_not_read_count, "deleted log")));
    }
    faults
}
