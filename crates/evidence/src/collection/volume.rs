//! A volume of a server, put together of what a collector left of it: names as the server had them, times and hashes of its records.

use super::Holdings;
use super::compared::Compared;
use super::held::{Held, More, What};
use super::root::Root;
use crate::archive::ProblemLog;
use crate::archive::tree::Tree;
use crate::evidence::{Content, Evidence, Listed};
use crate::model::{Attributes, Entry, EntryKind, NtfsRecord, Problem, ServerPath, Source, Times};
use crate::overlay::NOT_PROVIDED;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// A path below a root.
pub(super) fn below(root: &ServerPath, path: &str) -> ServerPath {
    path.split('/').filter(|name| !name.is_empty()).fold(root.clone(), |path, name| path.join(name))
}

/// What is said of a volume as a source.
pub(super) struct Head {
    pub(super) kind: String,
    pub(super) analysis_path: String,
    pub(super) lacks: Vec<String>,
    /// What concerns the whole collection; its first volume has it.
    pub(super) holdings: Option<Holdings>,
}

/// What a volume is as a source, with what it can and cannot tell.
pub(super) fn source(held: &Held, shown_as: &ServerPath, head: &Head) -> Source {
    let mut gives = Vec::new();
    let mut lacks = Vec::new();
    let all = held.files().count();
    for (at, name) in ["created", "modified", "changed", "accessed"].into_iter().enumerate() {
        let has = held.files().filter(|own| held.has_time(*own, at)).count();
        if has > 0 {
            gives.push(name);
        }
        match all - has {
            0 => {}
            missing if missing == all => lacks.push(format!("no {name} times")),
            missing => lacks.push(format!("no {name} time of {missing} of {all} files")),
        }
    }
    let has_name_times = |own| held.name_times(own) != Times::default();
    if !held.files().any(has_name_times) {
        lacks.push("no $FILE_NAME times".to_owned());
    }
    lacks.extend(head.lacks.iter().cloned());
    Source {
        analysis_path: head.analysis_path.clone(),
        shown_as: shown_as.clone(),
        kind: head.kind.clone(),
        gives,
        lacks,
    }
}

/// A volume.
pub(super) struct Volume {
    pub(super) inner: Arc<dyn Evidence>,
    pub(super) shown_as: ServerPath,
    pub(super) names: Names,
    pub(super) source: Source,
    pub(super) holdings: Option<Holdings>,
    pub(super) problem_log: Arc<Mutex<ProblemLog>>,
}

/// The names of a volume.
#[allow(clippy::large_enum_variant)] // one of each volume
pub(super) enum Names {
    /// They are those of the source below this folder, which has an index of them.
    AsInside(ServerPath),
    /// They are others, lie in several places, or records say more of them.
    Own {
        roots: Vec<Root>,
        held: Held,
        /// The paths of files that are called otherwise in the collection.
        text: String,
        tree: Tree,
        /// Whether the source is an index, which is asked for the times of the listing.
        is_index: bool,
    },
}

/// A name of a volume with names of its own.
struct Found<'v> {
    held: &'v Held,
    tree: &'v Tree,
    node: u32,
    /// Its number.
    own: Option<u32>,
    /// Where it lies in the collection.
    inside: ServerPath,
    /// Whether the source is an index.
    is_index: bool,
}

impl Found<'_> {
    fn what(&self) -> Option<What> {
        self.own.and_then(|own| self.held.kind(own))
    }

    fn more(&self) -> Option<&More> {
        self.own.and_then(|own| self.held.more(own))
    }

    fn kind(&self) -> EntryKind {
        if self.tree.is_folder(self.node) {
            return EntryKind::Folder;
        }
        match self.what() {
            Some(What::Link) => EntryKind::Link { target: self.more().and_then(|more| more.target.clone()) },
            Some(What::Other) => EntryKind::Other(self.more().and_then(|more| more.what).unwrap_or("unknown")),
            _ => EntryKind::File,
        }
    }

    fn entry(&self, inner: &dyn Evidence) -> Entry {
        let listed = if self.is_index { inner.stat(&self.inside).ok() } else { None };
        let times = self.own.map(|own| self.held.times(own, listed.as_ref())).unwrap_or_default();
        let name_times = self.own.map(|own| self.held.name_times(own)).unwrap_or_default();
        let ntfs =
            (name_times != Times::default()).then(|| Box::new(NtfsRecord { name_times, ..NtfsRecord::default() }));
        let size = self.own.filter(|_| self.what() == Some(What::File)).map_or(0, |own| self.held.size(own));
        Entry {
            name: self.tree.name(self.node).to_owned(),
            kind: self.kind(),
            size,
            times,
            inode: None,
            attributes: Attributes::default(),
            ntfs,
        }
    }
}

impl Volume {
    /// The names of a path below the root, in its separator.
    fn rest<'p>(&self, path: &'p ServerPath) -> io::Result<&'p str> {
        let rest = path.below_exactly(&self.shown_as);
        rest.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, NOT_PROVIDED))
    }

    /// The path in the source of one that is called there as here.
    fn translated(&self, root: &ServerPath, path: &ServerPath) -> io::Result<ServerPath> {
        let names = self.rest(path)?.split(path.separator()).filter(|name| !name.is_empty());
        Ok(names.fold(root.clone(), |path, name| path.join(name)))
    }

    /// A name of a volume with names of its own.
    fn found(&self, path: &ServerPath) -> io::Result<Found<'_>> {
        let Names::Own { tree, .. } = &self.names else { return Err(io::ErrorKind::NotFound.into()) };
        let node = tree.find(self.rest(path)?.split(path.separator()));
        let node = node.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        self.at(node, path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn at(&self, node: u32, path: &ServerPath) -> Option<Found<'_>> {
        let Names::Own { roots, held, text, tree, is_index } = &self.names else { return None };
        let own = tree.own(node);
        let inside = own.and_then(|own| {
            let origin = held.origin(own, text);
            let root = &roots.get(usize::from(origin.root))?.path;
            if let Some(path) = origin.path {
                let names = path.split(root.separator()).filter(|name| !name.is_empty());
                return Some(names.fold(root.clone(), |path, name| path.join(name)));
            }
            // Where a folder has its name, the tree added its number.
            let rest = path.below_exactly(&self.shown_as).unwrap_or_default().replace(&format!("<#{own}>"), "");
            let names = rest.split(path.separator()).filter(|name| !name.is_empty());
            Some(names.fold(root.clone(), |path, name| path.join(name)))
        });
        let inside = inside.unwrap_or_else(|| self.shown_as.clone());
        Some(Found { held, tree, node, own, inside, is_index: *is_index })
    }
}

impl Evidence for Volume {
    fn sources(&self) -> Vec<Source> {
        vec![self.source.clone()]
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let tree = match &self.names {
            Names::AsInside(root) => return self.inner.list(&self.translated(root, folder)?, wanted, each),
            Names::Own { tree, .. } => tree,
        };
        let node = self.found(folder)?.node;
        if !tree.is_folder(node) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for child in tree.children(node) {
            let name = tree.name(child);
            let Some(found) = self.at(child, &folder.join(name)) else { continue };
            if found.kind() == EntryKind::File && !wanted(name) {
                each(Listed::NameOnly);
            } else {
                each(Listed::Entry(found.entry(self.inner.as_ref())));
            }
        }
        Ok(())
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let entry = match &self.names {
            Names::AsInside(root) => self.inner.stat(&self.translated(root, path)?)?,
            Names::Own { .. } => self.found(path)?.entry(self.inner.as_ref()),
        };
        Ok(Entry { name: path.name().to_owned(), ..entry })
    }

    fn is_index(&self, folder: &ServerPath) -> bool {
        match &self.names {
            Names::AsInside(root) => self.inner.is_index(root),
            Names::Own { is_index, .. } => *is_index && folder.below_exactly(&self.shown_as).is_some(),
        }
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        if let Names::AsInside(root) = &self.names {
            return self.inner.open(&self.translated(root, file)?);
        }
        let found = self.found(file)?;
        if found.kind() != EntryKind::File {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let content = self.inner.open(&found.inside)?;
        let content = Content { changed: None, inode: None, ..content };
        let hash = found.own.and_then(|own| found.held.hash(own));
        match (found.more(), hash) {
            (Some(More { pieces: Some(pieces), .. }), _) => {
                let (size, holes) = pieces.lengths();
                Ok(Content { reader: Box::new(pieces.read(content.reader)), size, holes, ..content })
            }
            (_, Some(hash)) => {
                let reader = Compared::new(content.reader, hash, file.clone(), Arc::clone(&self.problem_log));
                Ok(Content { reader: Box::new(reader), ..content })
            }
            _ => Ok(content),
        }
    }

    fn remarks(&self) -> Vec<String> {
        if self.holdings.is_some() { self.inner.remarks() } else { Vec::new() }
    }

    fn problems(&self) -> Vec<Problem> {
        let Some(holdings) = &self.holdings else { return Vec::new() };
        let root = holdings.volumes.first().or(holdings.others.first()).unwrap_or(&self.shown_as);
        let own = self.problem_log.lock().unwrap_or_else(PoisonError::into_inner).all(root);
        self.inner.problems().into_iter().chain(own).collect()
    }

    fn holdings(&self) -> Vec<Holdings> {
        self.holdings.iter().cloned().collect()
    }
}
