//! Server volumes inside a folder, as written by collection tools: `C\...` (KAPE, CyLR), `uploads/auto/C%3A/...` and
//! `uploads/ntfs/%5C%5C.%5CC%3A/...` (Velociraptor), `fs/C:/...` and `sysvol/...` (acquire). Sources:
//! Velocidex/velociraptor utils/sanitize.go, fox-it/acquire collector.py, orlikoski/CyLR Archive.cs, dissect.target's
//! loaders.

mod compared;
mod gathered;
mod held;
mod holdings;
mod layout;
mod names;
mod open;
mod recorded;
mod root;
mod rows;
mod sparse;
mod volume;

pub use holdings::{Asked, Holdings};
pub use layout::collected_volume;
pub use open::open_within;

use super::kind::{Candidate, Collected, Detect, Holds, Kind, Opened, Unopened};
use super::{Directory, Evidence, Overlay};
use crate::model::ServerPath;
use std::sync::Arc;

/// Volumes as collectors of evidence leave them.
pub(super) const KIND: Kind = Kind {
    id: "collection",
    name: "a triage collection",
    holds: Holds::Disk,
    advice: "",
    detect: Detect::Layout(layout::volumes),
    open: open_folder,
};

/// Opens a folder in which the volumes of a server lie.
fn open_folder(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    let inner: Arc<dyn Evidence> = Arc::new(Directory::open(candidate.path, candidate.shown_as.clone())?);
    let volumes = open::open(&inner, &candidate.volumes, &candidate.path.display().to_string())?;
    Ok(Opened::Volumes(volumes))
}

/// Opens a folder of an archive that is the root of a volume itself: that of C, since nothing says another.
pub(crate) fn open_volume(
    inner: &Arc<dyn Evidence>,
    root: &ServerPath,
    analysis_path: &str,
) -> Result<Overlay, Unopened> {
    let volume = Collected { letter: 'C', path: root.clone(), host: root.clone() };
    open::open(inner, &[volume], analysis_path)
}

#[cfg(test)]
#[path = "collection/tests.rs"]
mod opened;
