//! Statistics of the other files in a folder.

use super::Timestamp;

/// The company that one file of server code keeps. Counts are of the *other* files of its folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FolderStats {
    /// Other files, whether they are examined or only listed.
    pub files: u32,
    /// Of them, logs by their names.
    pub logs: u32,
    /// Its creation time beside theirs; `None` where the source gives it none.
    pub created: Option<TimeStats>,
    /// Its modification time beside theirs.
    pub modified: Option<TimeStats>,
    /// Others of which both times are known.
    pub both: u32,
    /// Of them, created more than half a year after they were last modified: what installers and copies leave.
    pub born_late: u32,
    /// Others whose creation time is before the one in their $FILE_NAME.
    pub set_back: u32,
    /// The earliest creation time of the files whose MFT records are around its own, where all of them were created long after it.
    pub records_from: Option<Timestamp>,
}

/// One time of a file beside the same time of the others in its folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeStats {
    /// Others whose time is known.
    pub known: u32,
    /// Of them, without a fraction of a second.
    pub whole_seconds: u32,
    /// Of them, in the future of the survey or before 1990.
    pub absurd: u32,
    /// Whether this file's own time is.
    pub is_absurd: bool,
    /// Others within 30 days of it.
    pub near: u32,
    /// Others with exactly this time.
    pub same: u32,
    /// Files of the folder, this one included, that share their exact time with another.
    pub shared: u32,
    /// The most files of the folder, this one included, that lie within any 30 days.
    pub densest: u32,
    /// The latest time of the others.
    pub latest: Option<Timestamp>,
    /// Programs and libraries of the whole area within three days of it: an update brings some.
    pub programs: u32,
}
