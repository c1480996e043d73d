//! Compact representation of files and folders in a survey, since a server can have millions.

use crate::model::{Role, ServerPath};

/// A folder that was walked.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: ServerPath,
    pub(super) role: Role,
    pub(super) base: ServerPath,
    /// The path by which it was reached, where a link leads to it.
    pub(super) named: Option<ServerPath>,
    /// Files listed in it, wanted or not.
    pub(super) names: u32,
    /// Of them, logs.
    pub(super) logs: u32,
}

/// A file with its metadata; its name lies in the text that all names share.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) folder: u32,
    pub(super) attributes: u32,
    pub(super) name_at: usize,
    pub(super) name_length: u32,
    pub(super) seconds: [i64; 4],
    /// [`NO_TIME`] where the source has none.
    pub(super) nanos: [u32; 4],
    pub(super) size: u64,
    /// Zero where the source has none; MFT record 0 is $MFT itself.
    pub(super) inode: u64,
    /// Whether the source has a record of the MFT for it.
    pub(super) has_record: bool,
    /// Whether its creation time is before that of its name in the MFT.
    pub(super) is_set_back: bool,
}

/// Stands for a time that the source does not have.
pub(super) const NO_TIME: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surveyed_file_costs_less_than_a_hundred_bytes_beside_its_name() {
        assert!(size_of::<File>() <= 100, "{}", size_of::<File>());
    }
}
