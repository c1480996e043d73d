//! A record of the MFT.

use crate::segment::Reference;

/// Times as they are stored: units of 100 ns since 1601, any value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Times {
    /// When the file was made.
    pub created: u64,
    /// When its content was last written.
    pub modified: u64,
    /// When its record was last changed.
    pub changed: u64,
    /// When it was last read, where that is recorded.
    pub accessed: u64,
}

impl Times {
    pub(crate) fn new([created, modified, changed, accessed]: [u64; 4]) -> Self {
        Self { created, modified, changed, accessed }
    }
}

/// What the table knows of a record without reading it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the record.
    pub number: u64,
    /// Which use of the record it is.
    pub sequence: u16,
    /// Whether the record is in use; otherwise its file is deleted.
    pub in_use: bool,
    /// Whether it is a folder.
    pub folder: bool,
    /// `FILE_ATTRIBUTE_*` of `$STANDARD_INFORMATION`.
    pub attributes: u32,
    /// The times of `$STANDARD_INFORMATION`.
    pub times: Times,
    /// The size of the unnamed stream, where there is one.
    pub size: u64,
    /// Whether it has streams with names.
    pub has_streams: bool,
    /// The tag of its reparse point; 0 where it does not lie in the record.
    pub reparse_tag: Option<u32>,
    /// Whether there is more than a few bytes behind its last attribute.
    pub has_slack: bool,
}

/// Trouble with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The first record that it is about; `None` where it is about the volume.
    pub number: Option<u64>,
    /// How many records in a row it is about.
    pub count: u64,
    /// Whether a file is in the record: it says so itself, or the bits of the `$MFT` do. Also where neither can be read.
    pub in_use: bool,
    /// A name that a torn record seems to have, and the folder it seems to lie in.
    pub name: Option<(Reference, Vec<u16>)>,
    /// What is wrong, to follow a name.
    pub reason: &'static str,
}
