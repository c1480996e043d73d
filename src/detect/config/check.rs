//! What a check of configuration is, and a program as such checks see it.

use super::subject::{Hit, PathClass, Subject, path_class};
use crate::code::context::ScanContext;
use crate::model::{Artefact, CheckInfo, Role};
use crate::pe::shape::{self, Shape};

/// Something that configuration is looked through for.
pub struct Check {
    /// What it is: `config/<what it is>`.
    pub check: CheckInfo,
    pub(super) look: Look,
}

/// What a check looks at.
pub(super) enum Look {
    /// A configuration file.
    File(fn(&Subject<'_>) -> Vec<Hit>),
    /// A program or library.
    Program(fn(&Program<'_>) -> Option<(u8, String)>),
}

/// A program as the checks see it.
pub(super) struct Program<'s> {
    pub(super) artefact: &'s Artefact,
    pub(super) shape: Shape,
    pub(super) path_class: PathClass,
    pub(super) is_default: bool,
    /// Whether it lies where a well-known product puts it.
    pub(super) is_of_a_product: bool,
    /// The stored file as far as it was read, and whether that is all of it.
    pub(super) bytes: &'s [u8],
}

impl<'s> Program<'s> {
    /// The program in a file, if it is one; only its beginning says so.
    pub(super) fn of(artefact: &'s Artefact, context: &'s ScanContext<'_, '_>) -> Option<Self> {
        let view = context.views.first().filter(|view| view.stored_offset(0) == 0)?;
        let shape = shape::read(&view.bytes, artefact.entry.size.max(view.bytes.len() as u64))?;
        let path = artefact.path.folded();
        let root = (artefact.place.role == Role::Exchange)
            .then(|| path.strip_suffix(&artefact.place.relative).map(|root| root.trim_end_matches('\\')))
            .flatten();
        let defaults = crate::catalogue::default_config();
        let is_default = defaults.is_default_image(&path, root);
        let is_of_a_product = defaults.is_of_a_product(&path);
        Some(Self {
            artefact,
            shape,
            path_class: path_class(&path, root),
            is_default,
            is_of_a_product,
            bytes: &view.bytes,
        })
    }

    pub(super) fn is_native(&self) -> bool {
        self.artefact.loaded_as.iter().any(|what| what.starts_with("native module") || what.starts_with("ISAPI filter"))
    }

    pub(super) fn loaded_as(&self) -> &str {
        self.artefact.loaded_as.first().map_or("a module", String::as_str)
    }

    /// What it exports of what makes a module, as evidence.
    pub(super) fn exports(&self) -> String {
        let indicative = self.shape.exports.iter().filter(|name| EXPORTS.contains(&name.as_str()));
        format!("exports {}", indicative.map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}

/// What IIS asks a native module and an ISAPI filter for. Microsoft, IIS native-code API and ISAPI references.
pub(super) const EXPORTS: &[&str] = &["RegisterModule", "HttpFilterProc"];
