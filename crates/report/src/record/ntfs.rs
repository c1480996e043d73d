//! The file system's own record of a file.

use super::words::{Time, Times, Word};
use crate::model::{Entry, InShadow, Remains, Since};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A record of the MFT: its number, how often it was used, the times of $FILE_NAME, whether it is free, and the named streams.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct NtfsRecord {
    /// The number of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<u64>,
    /// How often the record was used anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sequence: Option<u16>,
    /// The times of $FILE_NAME, which programs cannot set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name_created: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name_modified: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name_changed: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name_accessed: Option<Time>,
    /// Whether the record is free: the file was deleted. Of a file of a shadow copy: whether it was deleted since.
    pub(crate) deleted: bool,
    /// How much of the content of a deleted file is left. Of a file that is not deleted: the finding is in the slack of its record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remains: Option<Word<Remains>>,
    /// The other paths of the file (hard links).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) other_names: Vec<String>,
    /// When the volume was formatted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume_created: Option<Time>,
    /// Of a file that was read out of a shadow copy: which one, and what became of the file since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shadow: Option<ShadowRecord>,
    /// The named streams: `file.aspx:stream`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) streams: Vec<StreamRecord>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct StreamRecord {
    pub(crate) name: String,
    pub(crate) size: u64,
}

/// A shadow copy that a file was read out of.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ShadowRecord {
    /// The id of the copy, as `vssadmin` lists it.
    pub(crate) id: String,
    /// Its number on the volume of the file, from 1, the oldest first.
    pub(crate) number: u32,
    /// When the copy was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Time>,
    /// The numbers of other copies that have the same version of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also_in: Vec<u32>,
    /// How the file differs from the volume as it is.
    pub(crate) since: Word<Since>,
    /// Of a file that was moved, its path today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path_today: Option<String>,
}

impl ShadowRecord {
    fn new(shadow: &InShadow, times: &mut Times) -> Self {
        Self {
            id: shadow.id.clone(),
            number: shadow.number,
            created: times.take("shellsift.ntfs.shadow.created", shadow.created),
            also_in: shadow.also_in.clone(),
            since: Word(shadow.since),
            path_today: shadow.today.as_ref().map(ToString::to_string),
        }
    }
}

impl NtfsRecord {
    /// `None` where the source does not read it.
    pub(crate) fn of(entry: &Entry, times: &mut Times) -> Option<Self> {
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
            shadow: ntfs.shadow.as_ref().map(|shadow| ShadowRecord::new(shadow, times)),
            streams: streams.map(|stream| StreamRecord { name: stream.name.clone(), size: stream.size }).collect(),
        })
    }
}
