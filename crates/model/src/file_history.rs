//! What a file system remembers of a file beside the file itself.

use super::{Entry, ServerPath, Timestamp};
use std::sync::Arc;

/// A file that no listing shows and of which a file system still knows: deleted, lost, of a shadow copy ([`super::NtfsRecord::shadow`]), or
/// what its structures hold of its past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedFile {
    /// Where it was. Below `$OrphanFiles` in the root of the volume where its folder is not known any more.
    pub path: ServerPath,
    /// Its metadata; `ntfs` says what is left of it.
    pub entry: Entry,
    /// The number of its record, by which it is opened: its path may be that of another file by now.
    pub record: u64,
    /// What tells of it.
    pub found_in: FoundIn,
}

impl DeletedFile {
    /// Whether its name and times are all that is left: there is nothing to open.
    pub fn is_name_only(&self) -> bool {
        matches!(self.found_in, FoundIn::FolderIndex { .. } | FoundIn::LogFile { content: None })
    }
}

/// Which structure of a file system tells of a file that no listing shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundIn {
    /// Its record, which is not in use.
    Record,
    /// Its record, which is in use, though no folder that leads to it is left.
    Orphan,
    /// What follows the last attribute of a record in use: remains of what the record held before.
    Slack,
    /// A shadow copy of the volume, which today has no such file at its path, or another one.
    ShadowCopy,
    /// The index of its folder, which has its name and times alone.
    FolderIndex {
        /// Whether the entry is in use: the file exists, and its record is damaged.
        in_use: bool,
    },
    /// The journal of the file system itself (`$LogFile`).
    LogFile {
        /// What was written into its record; without it the journal has its name and times alone.
        content: Option<Arc<[u8]>>,
    },
}

/// What the recycle bin says of a file in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recycled {
    /// Where the file was.
    pub original: ServerPath,
    /// The security identifier (SID) of the user who deleted it, by the name of the folder it lies in.
    pub user: Option<String>,
    /// When it was deleted.
    pub time: Option<Timestamp>,
}

/// The history of one file from a change journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHistory {
    /// Its last path that the journal knows.
    pub path: ServerPath,
    /// The number of its record and how often that was used: together one file.
    pub record: (u64, u16),
    /// Whether the file still exists, under whatever name.
    pub exists: bool,
    /// What happened, in order. Content that was only added is left out.
    pub events: Vec<(Timestamp, FileEvent)>,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileEvent {
    /// It was created.
    Created,
    /// It was renamed or moved from this path.
    RenamedFrom(String),
    /// Its content was overwritten or truncated.
    Overwritten,
    /// A named stream was added, written or removed.
    StreamChanged,
    /// Its times or attributes were set (`BASIC_INFO_CHANGE`).
    TimesSet,
    /// It was deleted.
    Deleted,
}

impl FileHistory {
    /// When something happened to it for the first time.
    pub fn first(&self, what: &FileEvent) -> Option<Timestamp> {
        self.events.iter().find(|(_, event)| event == what).map(|(time, _)| *time)
    }
}
