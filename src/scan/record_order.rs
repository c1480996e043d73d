//! The order of MFT records. NTFS takes the first free record for a new file, so files of one time have numbers near each other: a file
//! whose creation time is far before those of all records around its own got that time later.

use super::file::{Files, Folder};
use crate::model::Timestamp;
use crate::model::place::kind;
use std::collections::HashMap;

/// How many records on each side are compared.
const AROUND: usize = 8;
/// How far apart their numbers may be.
const NEAR: u64 = 512;
/// How much later all of them were created.
const LATE: i64 = 30 * 86_400;

/// The server code that was created long before all files whose records are around its own, with the earliest of their creation times.
pub(super) fn late<'s>(folders: &[Folder], files: &Files, name: &dyn Fn(u32) -> &'s str) -> HashMap<u32, Timestamp> {
    let volumes: Vec<Option<char>> = folders.iter().map(|folder| folder.path.drive_letter()).collect();
    let volume = |at: u32| volumes.get(files.folder(at) as usize).copied().flatten();
    let is_known = |at: &u32| files.inode(*at) != 0 && files.time(*at, 0).is_some() && volume(*at).is_some();
    // Four bytes a file, since there can be millions.
    let mut records: Vec<u32> = files.all().filter(is_known).collect();
    let record = |at: u32| (volume(at), files.inode(at));
    records.sort_unstable_by_key(|at| (record(*at), *at));
    records.dedup_by_key(|at| record(*at));
    let created = |at: u32| files.time(at, 0).map_or(0, |(seconds, _)| seconds);
    let mut late = HashMap::new();
    for (at, &file) in records.iter().enumerate().skip(AROUND) {
        if !kind::is_server_code(name(file)) {
            continue;
        }
        let Some(around) = records.get(at - AROUND..=at + AROUND) else { break };
        let own = record(file);
        let is_near = |other: &u32| record(*other).0 == own.0 && record(*other).1.abs_diff(own.1) <= NEAR;
        if !around.iter().all(is_near) {
            continue;
        }
        let others = around.iter().filter(|other| **other != file);
        let Some(first) = others.map(|other| created(*other)).min() else { continue };
        if first.saturating_sub(created(file)) > LATE {
            late.insert(file, Timestamp::new(first, 0));
        }
    }
    late
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Role, ServerPath, Times};
    use crate::scan::file::File;

    /// Files of one folder: record number and creation time in days.
    fn files(list: &[(u64, i64)]) -> Files {
        list.iter()
            .map(|(inode, days)| {
                let times = Times { created: Some(Timestamp::new(days * 86_400, 0)), ..Times::default() };
                File { inode: *inode, times, ..File::default() }
            })
            .collect()
    }

    fn found(list: &[(u64, i64)]) -> usize {
        let path = ServerPath::drive('C').join("w");
        let folder = Folder { path: path.clone(), role: Role::WebRoot, base: path, named: None, names: 0, logs: 0 };
        late(&[folder], &files(list), &|_| "x.aspx").len()
    }

    #[test]
    fn an_old_file_among_new_records_is_found() {
        let mut list: Vec<(u64, i64)> = (0..40).map(|n| (1_000 + n, 700 + n as i64 % 3)).collect();
        assert_eq!(found(&list), 0, "all of one time");
        list[20].1 = 100;
        assert_eq!(found(&list), 1);
        // A second old one beside it: an installer sets the times of all its files.
        list[21].1 = 101;
        assert_eq!(found(&list), 0);
        list[21].1 = 700;
        list[20].1 = 690;
        assert_eq!(found(&list), 0, "some days");
        // New files in old records are what every volume has.
        let reused: Vec<(u64, i64)> = (0..40).map(|n| (1_000 + n, if n == 20 { 900 } else { 100 })).collect();
        assert_eq!(found(&reused), 0);
        // Records that are far apart say nothing.
        let apart: Vec<(u64, i64)> = (0..40).map(|n| (1_000 * n, if n == 20 { 100 } else { 700 })).collect();
        assert_eq!(found(&apart), 0);
    }
}
