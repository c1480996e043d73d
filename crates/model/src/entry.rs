//! One entry of a folder listing.

use super::named::named;
use super::{InShadow, Timestamp};

/// One name in a folder with everything its listing gives, taken before the file is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, escaped as in [`super::ServerPath`].
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes, for a file.
    pub size: u64,
    /// The times that this source vouches for.
    pub times: Times,
    /// The file's number in its file system: on NTFS the MFT record number.
    pub inode: Option<u64>,
    /// Windows attributes, where the source has them.
    pub attributes: Attributes,
    /// More from the MFT record of the file, if the source reads it.
    pub ntfs: Option<Box<NtfsRecord>>,
}

impl Entry {
    /// A file of which nothing is known but its name and its size in bytes.
    pub fn file(name: impl Into<String>, size: u64) -> Self {
        Self {
            name: name.into(),
            kind: EntryKind::File,
            size,
            times: Times::default(),
            inode: None,
            attributes: Attributes::default(),
            ntfs: None,
        }
    }
}

/// What a source that reads NTFS by itself says of a file beside its times ($STANDARD_INFORMATION) and the number of its record.
/// Sources that ask the operating system know at most the named streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NtfsRecord {
    /// How often the record was used anew: together with its number it names one file.
    pub sequence: Option<u16>,
    /// The times of $FILE_NAME, which programs cannot set: an older $STANDARD_INFORMATION was set back.
    pub name_times: Times,
    /// Whether the record is free: the file was deleted.
    pub deleted: bool,
    /// The named streams, `file.aspx:stream`.
    pub streams: Vec<NamedStream>,
    /// The other paths of the file (hard links), as text. At most some dozens.
    pub other_names: Vec<String>,
    /// Of a deleted file, how much of its content is left.
    pub remains: Option<Remains>,
    /// When the volume was formatted.
    pub volume_created: Option<Timestamp>,
    /// Of a file that was read out of a shadow copy: which one, and how it differs from the volume as it is.
    pub shadow: Option<Box<InShadow>>,
}

impl NtfsRecord {
    /// Whether a creation time is before the one of $FILE_NAME, by more than tools round.
    pub fn is_set_back(&self, created: Option<Timestamp>) -> bool {
        matches!((created, self.name_times.created), (Some(own), Some(name)) if own.plus_seconds(2.0) < name)
    }
}

/// How much of the content of a deleted file is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remains {
    /// All of it, as far as the volume says: its clusters are free.
    Whole,
    /// Some of its clusters are in use by another file.
    Partial,
    /// All of its clusters are in use by other files.
    Overwritten,
    /// Its name and times alone are known, or nothing says whose its clusters are.
    Unknown,
}

named!(Remains {
    Whole => "whole",
    Partial => "partial",
    Overwritten => "overwritten",
    Unknown => "unknown",
});

/// An alternate data stream of a file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedStream {
    /// Its name, escaped, without the colon before it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// The kinds of thing a name can stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, junction or other reparse point. Never followed.
    Link {
        /// Where it points, as stored, if that could be read.
        target: Option<String>,
    },
    /// A FIFO, socket or device node. Never opened.
    Other(&'static str),
}

/// The times of a file. `None` is "this source does not have it", never "not read".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// When the file was created ($STANDARD_INFORMATION).
    pub created: Option<Timestamp>,
    /// When its content was last written.
    pub modified: Option<Timestamp>,
    /// When its record was last changed; on NTFS the MFT change time.
    pub changed: Option<Timestamp>,
    /// When it was last read.
    pub accessed: Option<Timestamp>,
}

/// FILE_ATTRIBUTE_* bits (MS-FSCC 2.6); zero where the source has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub u32);

impl Attributes {
    const NAMES: [(u32, &'static str); 8] = [
        (0x1, "readonly"),
        (0x2, "hidden"),
        (0x4, "system"),
        (0x20, "archive"),
        (0x100, "temporary"),
        (0x400, "reparse_point"),
        (0x800, "compressed"),
        (0x4000, "encrypted"),
    ];

    /// The set attributes by the names that Elastic Common Schema uses.
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, name)| *name).collect()
    }
}
