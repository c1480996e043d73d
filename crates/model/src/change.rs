//! A configuration change of the web server, from saved copies.

use super::{ServerPath, Timestamp};

/// One thing that differs between a copy of the configuration and the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChange {
    /// When the earlier and the later state were written; the change lies between, at the latest at the second. `None` where
    /// the evidence has no time for the file.
    pub between: (Option<Timestamp>, Option<Timestamp>),
    /// The file that first shows the change.
    pub copy: ServerPath,
    /// What was added, removed or changed, in words; names as the file has them.
    pub words: String,
}
