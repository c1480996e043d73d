//! Why a finding or a log hit is suppressed.

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why something that was found counts for nothing.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SuppressedRecord {
    /// The reason that the user's list gives.
    pub(crate) reason: String,
    /// Until when, as the list has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}
