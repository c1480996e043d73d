//! Deleted logs: those of which all is left are read with the others, the others are named as not read.

use super::recognise::{content_begins_as_log, is_name_of_server};
use super::sources::Sources;
use crate::evidence::Evidence;
use crate::model::server_path::extension;
use crate::model::{DeletedFile, Problem, ProblemKind, Remains, ServerPath};

/// How many are read. A server that deletes its logs after a month has some hundreds whose records are still there.
const MOST: usize = 10_000;

/// Adds the deleted text logs of a server, by names that nothing else has.
pub(super) fn add(evidence: &dyn Evidence, sources: &mut Sources, problems: &mut Vec<Problem>) {
    let wanted = |path: &ServerPath| is_name_of_server(path.name()) && extension(path.name()) != "evtx";
    let (whole, not_read) = find(evidence, &wanted, problems);
    sources.not_read.extend(not_read);
    for file in whole {
        // Its clusters may have been in other use and be free again.
        let content = evidence.open_deleted(&file, None);
        match content.is_ok_and(content_begins_as_log) {
            true => sources.add_deleted(file),
            false => sources.not_read.push((file.path, Remains::Whole)),
        }
    }
}

/// The deleted files whose path is wanted: those of which all is left, and the paths of the others.
pub(super) fn find(
    evidence: &dyn Evidence,
    wanted: &dyn Fn(&ServerPath) -> bool,
    problems: &mut Vec<Problem>,
) -> (Vec<DeletedFile>, Vec<(ServerPath, Remains)>) {
    let (mut whole, mut not_read, mut omitted) = (Vec::new(), Vec::new(), 0_u64);
    evidence.deleted(wanted, &mut |file| {
        let remains = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.remains).unwrap_or(Remains::Unknown);
        if whole.len() + not_read.len() >= MOST {
            omitted += 1;
        } else if remains == Remains::Whole && file.entry.size > 0 {
            whole.push(file);
        } else if file.entry.size > 0 {
            not_read.push((file.path, remains));
        }
    });
    if omitted > 0 {
        let message = format!("{omitted} deleted logs above the limit were not read");
        problems.push(Problem::general(ProblemKind::LogResultsTruncated, message));
    }
    whole.sort_by(|a, b| (&a.path, a.record).cmp(&(&b.path, b.record)));
    not_read.sort();
    (whole, not_read)
}
