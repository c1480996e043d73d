//! A file as the checks of places see it, and which place it is in.

use crate::catalogue::ExchangeFolder;
use crate::model::file_types::{self, FileType};
use crate::model::{Artefact, CheckInfo, Location, Reason, Role};

/// Whether a file, by its path below the installation folder, lies in a logon folder.
pub(in crate::detect) fn in_a_logon_folder(relative: &str) -> bool {
    ExchangeFolder::Logon.holds(relative)
}

/// A file of server code, as the checks of places see it.
pub(super) struct Seen<'a> {
    pub(super) artefact: &'a Artefact,
    pub(super) extension: String,
    pub(super) locations: Vec<Location>,
}

impl Seen<'_> {
    pub(super) fn is(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.extension.as_str())
    }

    pub(super) fn file_type(&self) -> FileType {
        file_types::of_extension(&self.extension)
    }

    pub(super) fn reason(&self, check: &CheckInfo, score: u8, title: impl Into<String>) -> Reason {
        Reason::new(check, score, title, self.locations.clone())
    }
}

/// Whether the place lies in a folder of Exchange that IIS serves.
pub(super) fn in_exchange_web(artefact: &Artefact) -> bool {
    artefact.place.role == Role::Exchange && ExchangeFolder::Served.holds(&artefact.place.relative)
}

/// Whether the place lies in a logon folder of Exchange, or below one.
pub(super) fn in_logon_folder(artefact: &Artefact) -> bool {
    artefact.place.role == Role::Exchange && in_a_logon_folder(&artefact.place.relative)
}
