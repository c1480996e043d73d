//! The file system's own record of a file.

use super::words::{Time, Times, Word};
use crate::model::{Entry, Remains};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

/// A record of the MFT: its number, how often it was used, the times of $FILE_NAME, whether it is free, and the named streams.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct NtfsRecord {
    /// The number of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<u64>,
    /// How often the record was used anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u16>,
    /// The times of $FILE_NAME, which programs cannot set.
    #[serde(skip_serializing_if = "Option::is_none")]
    name_created: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_modified: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_changed: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_accessed: Option<Time>,
    /// Whether the record is free: the file was deleted.
    deleted: bool,
    /// How much of the content of a deleted file is left. Of a file that is not deleted: the finding is in the slack of its record.
    #[serde(skip_serializing_if = "Option::is_none")]
    remains: Option<Word<Remains>>,
    /// The other paths of the file (hard links).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    other_names: Vec<String>,
    /// When the volume was formatted.
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_created: Option<Time>,
    /// The named streams: `file.aspx:stream`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    streams: Vec<StreamRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct StreamRecord {
    name: String,
    size: u64,
}

impl NtfsRecord {
    /// `None` where the source does not read it.
    pub(in crate::report) fn of(entry: &Entry, times: &mut Times) -> Option<Self> {
        let ntfs = entry.ntfs.as_ref()?;
        let own = &ntfs.name_times;
        let streams = ntfs.streams.iter();
        Some(Self {
            entry: entry.inode,
            sequence: ntfs.sequence,
            name_created: times.take("shellsift.ntfs.name_created", own.created),
            name_modified: times.take("shellsift.ntfs.name_modified", own.modified),
            name_changed: times.take("shellsift.ntfs.name_changed", own.changed),
            name_accessed: times.take("shellsift.ntfs.name_accessed", own.accessed),
            deleted: ntfs.deleted,
            remains: ntfs.remains.map(Word),
            other_names: ntfs.other_names.clone(),
            volume_created: times.take("shellsift.ntfs.volume_created", ntfs.volume_created),
            streams: streams.map(|stream| StreamRecord { name: stream.name.clone(), size: stream.size }).collect(),
        })
    }
}
