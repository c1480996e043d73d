//! What a file system remembers of a file beside the file itself.

use super::{Entry, ServerPath, Timestamp};

/// A file that was deleted, what is left in the slack of a record, or a file of a shadow copy that the volume has no more or not like
/// that ([`super::NtfsRecord::shadow`]), as far as the file system still knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedFile {
    /// Where it was. Below `$OrphanFiles` in the root of the volume where its folder is not known any more.
    pub path: ServerPath,
    /// Its metadata; `ntfs` says what is left of it.
    pub entry: Entry,
    /// The number of its record, by which it is opened: its path may be that of another file by now.
    pub record: u64,
    /// Whether it is what follows the last attribute of a record in use: remains of what the record held before.
    pub is_slack: bool,
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
