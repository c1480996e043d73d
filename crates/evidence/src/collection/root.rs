//! Where a part of a volume lies in a collection.

use crate::model::ServerPath;

/// Where a part of a volume lies.
pub(super) struct Root {
    pub(super) path: ServerPath,
    /// Whether its names are escaped as Velociraptor does it.
    pub(super) escaped: bool,
}
