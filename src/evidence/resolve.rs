//! Finds paths that a configuration names, as Windows would: without case.

use super::{Evidence, Listed};
use crate::model::server_path::same_name;
use crate::model::{EntryKind, ServerPath};
use std::cell::RefCell;
use std::collections::HashMap;

/// A path that a name stands for, and whether it is a folder.
type Match = (ServerPath, bool);

/// Resolves paths component by component and remembers what it found.
pub struct Resolver<'e> {
    evidence: &'e dyn Evidence,
    known: RefCell<HashMap<(ServerPath, String), Vec<Match>>>,
}

impl<'e> Resolver<'e> {
    /// A resolver over this evidence.
    pub fn new(evidence: &'e dyn Evidence) -> Self {
        Self { evidence, known: RefCell::default() }
    }

    /// Every folder that `path` names. Where two names differ only in case, which a Linux copy can hold, both count. A
    /// link on the way ends that way: on a mount it would lead into the analyst's own machine.
    pub fn folders(&self, path: &ServerPath) -> Vec<ServerPath> {
        self.resolve(path, true)
    }

    /// Every regular file that `path` names.
    pub fn files(&self, path: &ServerPath) -> Vec<ServerPath> {
        self.resolve(path, false)
    }

    fn resolve(&self, path: &ServerPath, want_folder: bool) -> Vec<ServerPath> {
        let Some(letter) = path.drive_letter() else { return self.below(vec![path.clone()], &[], want_folder) };
        let names: Vec<&str> = path.names().collect();
        self.below(vec![ServerPath::drive(letter)], &names, want_folder)
    }

    /// Every folder at `names` (backslashes between them) below `root`.
    pub fn folders_below(&self, root: &ServerPath, names: &str) -> Vec<ServerPath> {
        let names: Vec<&str> = names.split('\\').filter(|name| !name.is_empty()).collect();
        self.below(vec![root.clone()], &names, true)
    }

    /// Every regular file at `names` (backslashes between them) below `root`.
    pub fn files_below(&self, root: &ServerPath, names: &str) -> Vec<ServerPath> {
        let names: Vec<&str> = names.split('\\').filter(|name| !name.is_empty()).collect();
        self.below(vec![root.clone()], &names, false)
    }

    fn below(&self, roots: Vec<ServerPath>, names: &[&str], want_folder: bool) -> Vec<ServerPath> {
        let Some((last, way)) = names.split_last() else {
            return roots.into_iter().filter(|root| want_folder && self.exists(root)).collect();
        };
        let mut here = roots;
        for name in way {
            here = self.step(&here, name, true);
        }
        self.step(&here, last, want_folder)
    }

    fn exists(&self, root: &ServerPath) -> bool {
        self.evidence.stat(root).is_ok_and(|entry| entry.kind == EntryKind::Folder)
    }

    fn step(&self, folders: &[ServerPath], name: &str, want_folder: bool) -> Vec<ServerPath> {
        let mut found = Vec::new();
        for folder in folders {
            let key = (folder.clone(), crate::model::server_path::fold(name));
            let mut known = self.known.borrow_mut();
            let matches = known.entry(key).or_insert_with(|| {
                let mut matches = Vec::new();
                // A folder that cannot be listed holds nothing that can be found; the survey reports it as such.
                let _ = self.evidence.list(folder, &|n| same_name(n, name), &mut |listed| {
                    if let Listed::Entry(entry) = listed
                        && same_name(&entry.name, name)
                        && matches!(entry.kind, EntryKind::Folder | EntryKind::File)
                    {
                        matches.push((folder.join(&entry.name), entry.kind == EntryKind::Folder));
                    }
                });
                matches.sort();
                matches
            });
            found.extend(
                matches.iter().filter(|(_, is_folder)| *is_folder == want_folder).map(|(path, _)| path.clone()),
            );
        }
        found
    }
}
