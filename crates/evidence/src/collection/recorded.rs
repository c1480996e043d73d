//! What the records of collectors say of a file.

use super::compared::Hash;
use super::rows;
use crate::model::{Times, Timestamp};

/// What a row of a record says of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    /// created, modified, changed, accessed
    pub(super) times: [Option<Timestamp>; 4],
    pub(super) name_times: Times,
    pub(super) size: Option<u64>,
    pub(super) hash: Option<Hash>,
}

impl Recorded {
    /// Reads a row, and the path it is about.
    pub(super) fn of(row: &rows::Row) -> Option<(&str, Self)> {
        let field =
            |names: &[&str]| names.iter().find_map(|name| row.iter().find(|(its, _)| its == name).map(|(_, v)| v));
        let path = field(&["sourcefile", "vfs_path", "ospath", "fullpath"])?.text()?;
        let time = |names: &[&str]| field(names).and_then(rows::Field::text).and_then(rows::time);
        let hash = |names: &[&str]| field(names).and_then(rows::Field::text).and_then(Hash::of);
        // Of rows of the MFT ($STANDARD_INFORMATION is attribute 0x10, $FILE_NAME 0x30), of files, and of KAPE's log.
        let times = [
            time(&["created0x10", "created", "btime", "createdonutc"]),
            time(&["lastmodified0x10", "modified", "mtime", "modifiedonutc"]),
            time(&["lastrecordchange0x10", "changed", "ctime"]),
            time(&["lastaccess0x10", "lastaccessed", "atime", "lastaccessedonutc"]),
        ];
        let name_times = Times {
            created: time(&["created0x30"]),
            modified: time(&["lastmodified0x30"]),
            changed: time(&["lastrecordchange0x30"]),
            accessed: time(&["lastaccess0x30"]),
        };
        let size = field(&["size", "filesize", "file_size"]).and_then(rows::Field::number);
        let hash = hash(&["sourcefilesha256", "sha256"]).or_else(|| hash(&["sourcefilesha1", "sha1"]));
        Some((path, Self { times, name_times, size, hash }))
    }
}
