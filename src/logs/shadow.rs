//! Logs in shadow copies that the volume has no more: deleted, truncated or overwritten since. What a log of today goes on from is not read
//! again, or each of its hits would be counted twice.

use super::events;
use super::recognise::{content_begins_as_log, is_name_of_server};
use crate::evidence::{Content, Evidence};
use crate::model::server_path::extension;
use crate::model::{DeletedFile, Problem, ProblemKind, ServerPath, ShadowCopy, Since};
use std::collections::{BTreeMap, HashSet};
use std::io::Read;

/// Event logs that are named.
const NAMED: usize = 3;
/// How many logs are read.
const MOST: usize = 10_000;
/// How much of a text log is compared with the log of today: its head, and the first requests.
const COMPARED: u64 = 4_096;

/// Logs that only shadow copies have.
#[derive(Default)]
pub struct InShadowCopies {
    /// Text logs, each out of the newest copy that has it.
    pub text: Vec<DeletedFile>,
    /// Event logs that were deleted.
    pub events: Vec<DeletedFile>,
}

/// Finds the logs that only these copies have. `known`: deleted logs that are read anyway. Event logs that were overwritten in part
/// are a gap: most of their records are in the log of today as well.
pub fn find(
    evidence: &dyn Evidence,
    copies: &[ShadowCopy],
    known: &HashSet<ServerPath>,
    problems: &mut Vec<Problem>,
) -> InShadowCopies {
    let mut newest: BTreeMap<ServerPath, (DeletedFile, Since)> = BTreeMap::new();
    let mut omitted = 0_u64;
    for copy in copies {
        // What cannot be read of a copy is reported by the survey of its files.
        let _ = evidence.in_shadow_copy(copy, &is_log, &mut |file| {
            let since = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.shadow.as_ref()).map(|shadow| shadow.since);
            let Some(since) = since.filter(|since| *since != Since::TimesChanged) else { return };
            if file.entry.size == 0 || known.contains(&file.path) {
                return;
            }
            match newest.len() < MOST || newest.contains_key(&file.path) {
                true => drop(newest.insert(file.path.clone(), (file, since))),
                false => omitted += 1,
            }
        });
    }
    if omitted > 0 {
        let message = format!("{omitted} logs in shadow copies above the limit were not read");
        problems.push(Problem::general(ProblemKind::LogResultsTruncated, message));
    }
    let mut found = InShadowCopies::default();
    let mut overwritten = Vec::new();
    for (path, (file, since)) in newest {
        let was = || evidence.open_deleted(&file, None).ok();
        let today = || evidence.open(&path).ok();
        let is_gone = matches!(since, Since::Deleted | Since::Moved);
        match extension(path.name()) == "evtx" {
            true if since == Since::Deleted => found.events.push(file),
            // Windows itself renames a log that is full, and its archived parts are read.
            true if !is_gone && first_records(was()) != first_records(today()) => overwritten.push(path),
            false if (is_gone || begin(was()) != begin(today())) && was().is_some_and(content_begins_as_log) => {
                found.text.push(file);
            }
            _ => {}
        }
    }
    if let Some(first) = overwritten.first() {
        let named = overwritten.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let more = overwritten.len().checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let message =
            format!("event logs in shadow copies have records that were overwritten since and not read: {named}{more}");
        problems.push(Problem::at(ProblemKind::LogsSkipped, first, message));
    }
    found
}

/// Whether a file is one of the logs that are read.
fn is_log(path: &ServerPath) -> bool {
    let name = path.name();
    is_name_of_server(name) && (extension(name) != "evtx" || events::is_wanted(name))
}

fn begin(log: Option<Content>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before an error is enough to see a difference.
    let _ = log.map(|log| log.reader.take(COMPARED).read_to_end(&mut bytes));
    bytes
}

/// The oldest chunk of an event log, and the number of the first record in its chunk 0, which a log that is full overwrites first
/// (libevtx: offsets 8 of the header and of a chunk, which is behind 4,096 bytes).
fn first_records(log: Option<Content>) -> Option<([u8; 8], [u8; 8])> {
    let mut head = [0; 4_096 + 16];
    log?.reader.read_exact(&mut head).ok()?;
    Some((*head.get(8..)?.first_chunk()?, *head.get(4_096 + 8..)?.first_chunk()?))
}
