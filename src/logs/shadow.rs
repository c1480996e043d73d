//! Logs in shadow copies. They are not read, since most of their lines are in the logs of today as well: that some have lines which the
//! volume has no more is a gap.

use super::events;
use super::recognise::is_name_of_server;
use crate::evidence::Evidence;
use crate::model::server_path::extension;
use crate::model::{DeletedFile, Problem, ProblemKind, ServerPath, ShadowCopy, Since};
use std::collections::BTreeMap;

/// Logs that are named.
const NAMED: usize = 3;
/// Logs that are counted.
const MOST: usize = 100_000;

/// Reports the logs of these copies that were deleted or truncated since, and the event logs that went on: their oldest records may be
/// overwritten.
pub fn not_read(evidence: &dyn Evidence, copies: &[ShadowCopy], problems: &mut Vec<Problem>) {
    let mut volumes: BTreeMap<&ServerPath, BTreeMap<ServerPath, u32>> = BTreeMap::new();
    for copy in copies {
        let mut found: Vec<(DeletedFile, Since)> = Vec::new();
        // What cannot be read of a copy is reported by the survey of its files.
        let _ = evidence.in_shadow_copy(copy, &is_log, &mut |file| {
            let since = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.shadow.as_ref()).map(|shadow| shadow.since);
            let since = since.filter(|since| matches!(since, Since::Deleted | Since::Changed));
            if found.len() < MOST
                && let Some(since) = since.filter(|_| file.entry.size > 0)
            {
                found.push((file, since));
            }
        });
        let logs = volumes.entry(&copy.volume).or_default();
        for (file, since) in found {
            // A text log that is longer today goes on from what it was.
            let goes_on = since == Since::Changed
                && extension(file.path.name()) != "evtx"
                && evidence.stat(&file.path).is_ok_and(|today| today.size >= file.entry.size);
            if !goes_on {
                logs.insert(file.path, copy.number);
            }
        }
    }
    for (volume, logs) in volumes.into_iter().filter(|(_, logs)| !logs.is_empty()) {
        let named: Vec<String> =
            logs.iter().take(NAMED).map(|(path, number)| format!("{path} (shadow copy {number})")).collect();
        let more = logs.len().checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!(" and {more} more"));
        let message = format!(
            "logs in shadow copies were not read: {} {} deleted, truncated or overwritten since: {}{}",
            logs.len(),
            if logs.len() == 1 { "was" } else { "were" },
            named.join(", "),
            more.unwrap_or_default()
        );
        problems.push(Problem::at(ProblemKind::LogsSkipped, volume, message));
    }
}

/// Whether a file is one of the logs that are read.
fn is_log(path: &ServerPath) -> bool {
    let name = path.name();
    is_name_of_server(name) && (extension(name) != "evtx" || events::is_wanted(name))
}
