//! A shadow copy of a volume.

use super::words::{Time, Times};
use crate::model::ShadowCopy;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ShadowCopyBody {
    pub(crate) shadow_copy: ShadowCopyRecord,
}

/// A shadow copy.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ShadowCopyRecord {
    /// The root of its volume on the server.
    pub(crate) volume: String,
    /// Its number on this volume, from 1, the oldest first: the value for `--shadow`.
    pub(crate) number: u32,
    /// As `vssadmin` lists it.
    pub(crate) id: String,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Time>,
    /// The size of the volume at that time, in bytes.
    pub(crate) volume_size: u64,
    /// The machine that created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<String>,
    /// Whether its blocks are on the volume: only then it can be scanned.
    pub(crate) stored: bool,
}

impl ShadowCopyBody {
    pub(crate) fn new(copy: &ShadowCopy, times: &mut Times) -> Self {
        Self {
            shadow_copy: ShadowCopyRecord {
                volume: copy.volume.to_string(),
                number: copy.number,
                id: copy.id.clone(),
                created: times.take("shellsift.shadow_copy.created", copy.created),
                volume_size: copy.size,
                machine: copy.machine.clone(),
                stored: copy.stored,
            },
        }
    }
}
