//! A shadow copy of a volume.

use super::words::{Time, Times};
use crate::model::ShadowCopy;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ShadowCopyBody {
    shadow_copy: ShadowCopyRecord,
}

/// A shadow copy.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct ShadowCopyRecord {
    /// The root of its volume on the server.
    volume: String,
    /// Its number on this volume, from 1, the oldest first: the value for `--shadow`.
    number: u32,
    /// As `vssadmin` lists it.
    id: String,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Time>,
    /// The size of the volume at that time, in bytes.
    volume_size: u64,
    /// The machine that created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    /// Whether its blocks are on the volume: only then it can be scanned.
    stored: bool,
}

impl ShadowCopyBody {
    pub(in crate::report) fn new(copy: &ShadowCopy, times: &mut Times) -> Self {
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
