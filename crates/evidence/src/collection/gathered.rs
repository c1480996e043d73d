//! Looks through the parts of a volume that a collector left, and puts them together.

use super::Holdings;
use super::held::{Held, IN_PART, Keys};
use super::names::unescaped;
use super::recorded::Recorded;
use super::root::Root;
use super::sparse::{self, Pieces};
use super::volume::{Head, Names, Volume, below, source};
use crate::archive::ProblemLog;
use crate::archive::tree::{Builder, Refused};
use crate::evidence::{Evidence, Listed};
use crate::model::server_path::fold;
use crate::model::{Entry, EntryKind, ProblemKind, ServerPath, Times};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::Read;
use std::sync::{Arc, Mutex};

/// How many bytes the paths in the collection may have together.
const MOST_TEXT: usize = 512 << 20;
/// How many indexes of sparse files are taken in one folder, and how many pieces all of them may have together, of 16 bytes each.
const MOST_INDEXES: usize = 100_000;
const MOST_PIECES: usize = if cfg!(test) { 10 } else { 4 << 20 };

/// What is gathered of a volume before its names are put in order.
pub(super) struct Gathered {
    pub(super) shown_as: ServerPath,
    pub(super) roots: Vec<Root>,
    held: Held,
    text: String,
    names: Builder,
    /// The spelling of folders, by what Windows takes for one name.
    spelled: HashMap<String, String>,
    /// Files by the hash of their folded names, those of the parts that were looked through.
    files: Keys,
    hasher: RandomState,
    /// How many pieces the sparse files have.
    pieces: usize,
    is_full: bool,
    /// Whether the source is an index, which is asked again for what it says of a name.
    is_index: bool,
    /// Whether every name was taken as the source has it, and no record says more of any.
    is_as_inside: bool,
}

impl Gathered {
    /// Looks through the parts of a volume. Of a file in two of them, with one size, the first is taken.
    pub(super) fn of(
        inner: &dyn Evidence,
        shown_as: ServerPath,
        roots: Vec<Root>,
        holdings: &mut Holdings,
        problem_log: &mut ProblemLog,
    ) -> Self {
        let is_index = roots.iter().all(|root| inner.is_index(&root.path));
        let mut gathered = Self {
            shown_as,
            held: Held::default(),
            text: String::new(),
            names: Builder::default(),
            spelled: HashMap::new(),
            files: Keys::default(),
            hasher: RandomState::new(),
            pieces: 0,
            is_full: false,
            is_index,
            is_as_inside: is_index,
            roots: Vec::new(),
        };
        for root in roots {
            gathered.walk(inner, &root, holdings, problem_log);
            gathered.roots.push(root);
            gathered.files.seal();
        }
        gathered
    }

    fn walk(&mut self, inner: &dyn Evidence, root: &Root, holdings: &mut Holdings, problem_log: &mut ProblemLog) {
        let mut open = vec![(root.path.clone(), String::new())];
        while let Some((folder, below)) = open.pop() {
            let indexes = if root.escaped { indexes(inner, &folder) } else { Vec::new() };
            let mut within = Within { folder: &folder, below: &below, root, indexes: &indexes, deeper: Vec::new() };
            let mut entries = Vec::new();
            let listed = inner.list(&folder, &|_| true, &mut |listed| match listed {
                // Of an index they come in order: one folder may hold a million of them.
                Listed::Entry(entry) if self.is_index => self.take(inner, &entry, &mut within, holdings, problem_log),
                Listed::Entry(entry) => entries.push(entry),
                Listed::NameOnly => {}
                Listed::Failed(name, error) => {
                    problem_log.once(crate::classify(&error), &folder.join(&name), error.to_string());
                }
            });
            if let Err(error) = listed {
                problem_log.once(ProblemKind::FolderUnreadable, &folder, error.to_string());
            }
            entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            for entry in &entries {
                self.take(inner, entry, &mut within, holdings, problem_log);
            }
            if self.is_full {
                return;
            }
            // In the order of names, so that of two spellings of a folder the first is the same each time.
            open.extend(within.deeper.into_iter().rev());
        }
    }

    /// Takes an entry of a folder, unless there are too many.
    fn take(
        &mut self,
        inner: &dyn Evidence,
        entry: &Entry,
        within: &mut Within<'_>,
        holdings: &mut Holdings,
        problem_log: &mut ProblemLog,
    ) {
        if self.is_full {
            return;
        }
        let Within { folder, below, root, indexes, .. } = *within;
        let name = if root.escaped { unescaped(&entry.name) } else { entry.name.clone() };
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.kind == EntryKind::Folder {
            let spelled = self.spelled.entry(fold(&path)).or_insert_with(|| path.clone()).clone();
            if spelled == path {
                self.add(folder, entry, &path, root, problem_log);
            } else {
                self.is_as_inside = false;
            }
            within.deeper.push((folder.join(&entry.name), spelled));
        } else if self.add(folder, entry, &path, root, problem_log) && entry.kind == EntryKind::File {
            holdings.count(&path);
            if root.escaped {
                self.take_index(inner, folder, entry, indexes, problem_log);
            }
        }
    }

    /// Takes a name; `false` if another part has it already, or it is one too many.
    fn add(
        &mut self,
        folder: &ServerPath,
        entry: &Entry,
        path: &str,
        root: &Root,
        problem_log: &mut ProblemLog,
    ) -> bool {
        let key = self.hasher.hash_one(fold(path));
        let root_number = self.roots.len() as u16;
        let is_file = entry.kind == EntryKind::File;
        let known = self.files.find(key);
        if is_file && known.is_some_and(|known| self.held.size(known) == entry.size) {
            return false;
        }
        let own = self.held.len() as u32; // below 2^32 by the bound of the tree
        let full = match self.names.add(path.split('/'), own, entry.kind == EntryKind::Folder) {
            Ok(()) => self.text.len() > MOST_TEXT,
            Err(Refused::TooDeep) => {
                self.is_as_inside = false;
                let what = "is nested too deeply, or its path is too long: not read";
                problem_log.note(ProblemKind::PartiallyExamined, &folder.join(&entry.name), what);
                return false;
            }
            Err(Refused::Full) => true,
        };
        if full {
            self.is_full = true;
            self.is_as_inside = false;
            let message = format!("the collection contains more files than the limit: only the first {own} were read");
            problem_log.once(ProblemKind::PartiallyExamined, folder, message);
            return false;
        }
        let inside = folder.join(&entry.name);
        let rest = inside.below_exactly(&root.path).unwrap_or_default();
        // What the tree will call otherwise is asked for by another name.
        let is_same = known.is_none() && !path.contains("<#") && rest.split(inside.separator()).eq(path.split('/'));
        self.held.push(entry, root_number, !self.is_index);
        if !is_same {
            self.held.set_origin(self.text.len(), rest.len());
            self.text.push_str(rest);
        }
        self.is_as_inside &= is_same;
        if is_file {
            self.files.push(key, own);
        }
        true
    }

    /// Reads the index beside a file that was stored without its holes. The file was added last.
    fn take_index(
        &mut self,
        inner: &dyn Evidence,
        folder: &ServerPath,
        entry: &Entry,
        indexes: &[Entry],
        problem_log: &mut ProblemLog,
    ) {
        let name = format!("{}.idx", entry.name);
        let found = indexes.binary_search_by(|other| other.name.cmp(&name)).ok();
        let Some(index) = found.and_then(|at| indexes.get(at)) else { return };
        let mut text = Vec::new();
        let read =
            inner.open(&folder.join(&index.name)).and_then(|c| c.reader.take(sparse::LONGEST).read_to_end(&mut text));
        match Pieces::of(&text).filter(|pieces| read.is_ok() && pieces.stored == entry.size) {
            Some(pieces) if self.pieces + pieces.count() > MOST_PIECES => {
                let what = "was stored as a sparse file, as too many others: it is read as stored, without its holes";
                problem_log.note(ProblemKind::PartiallyExamined, &folder.join(&entry.name), what);
            }
            Some(pieces) => {
                self.pieces += pieces.count();
                let own = self.held.last();
                self.held.set_size(own, pieces.size);
                self.held.more_mut(own).pieces = Some(pieces);
                self.is_as_inside = false;
            }
            // A file of the server may be called so.
            None if text.starts_with(br#"{"ranges""#) => {
                let what =
                    "was stored as a sparse file, and the index of its ranges contradicts it: it is read as stored";
                problem_log.note(ProblemKind::PartiallyExamined, &folder.join(&entry.name), what);
            }
            None => {}
        }
    }

    /// The letter of the volume.
    pub(super) fn letter(&self) -> Option<char> {
        self.shown_as.drive_letter().filter(|_| self.shown_as.parent().is_none())
    }

    /// Takes what a row says of the file with this folded path, which the row calls `spelled`.
    pub(super) fn apply(&mut self, path: &str, spelled: &str, recorded: &Recorded, problem_log: &mut ProblemLog) {
        let find = |path: &str| self.files.find(self.hasher.hash_one(path));
        // KAPE saves the streams of the change journal as files.
        let Some(own) = find(path).or_else(|| find(&path.replace("$usnjrnl:", ""))) else { return };
        self.is_as_inside = false;
        let held = &mut self.held;
        held.record(own, recorded.times);
        let is_sparse = held.more(own).is_some_and(|more| more.pieces.is_some());
        if recorded.name_times != Times::default() {
            held.set_name_times(own, recorded.name_times);
        }
        // The hash of a sparse file is that of the whole or of what is stored, by version.
        if let Some(hash) = recorded.hash.filter(|_| !is_sparse) {
            held.add_hash(own, hash);
        }
        let is_longer = recorded.size.is_some_and(|size| size > held.size(own));
        if is_longer && !is_sparse && held.recorded(own) & IN_PART == 0 {
            held.set_in_part(own);
            let spelled =
                ["\\\\.\\", "\\\\?\\"].iter().find_map(|prefix| spelled.strip_prefix(prefix)).unwrap_or(spelled);
            let path = ServerPath::from_windows(spelled).unwrap_or_else(|| below(&self.shown_as, path));
            problem_log.note(
                ProblemKind::PartiallyExamined,
                &path,
                "was collected in part: the file of the server is longer",
            );
        }
    }

    /// Puts the names in order.
    pub(super) fn finish(self, inner: Arc<dyn Evidence>, head: Head, problem_log: Arc<Mutex<ProblemLog>>) -> Volume {
        let source = source(&self.held, &self.shown_as, &head);
        let Self { shown_as, roots, held, text, names, is_index, .. } = self;
        let names = match roots.as_slice() {
            // The source has it all: only the names of the roots differ.
            [root] if self.is_as_inside => Names::AsInside(root.path.clone()),
            _ => Names::Own { roots, held, text, tree: names.finish(), is_index },
        };
        Volume { inner, shown_as, names, source, holdings: head.holdings, problem_log }
    }

    /// Of how many files there are times and hashes of records.
    pub(super) fn count_recorded(&self, holdings: &mut Holdings) {
        let held = &self.held;
        holdings.with_times += held.files().filter(|own| held.recorded(*own) & !IN_PART != 0).count();
        holdings.with_hash += held.files().filter(|own| held.hash(*own).is_some()).count();
    }
}

/// A folder that is looked through.
struct Within<'w> {
    folder: &'w ServerPath,
    /// Its path in the volume.
    below: &'w str,
    root: &'w Root,
    indexes: &'w [Entry],
    /// The folders in it, with their paths in the volume.
    deeper: Vec<(ServerPath, String)>,
}

/// The indexes of sparse files in a folder, by name.
fn indexes(inner: &dyn Evidence, folder: &ServerPath) -> Vec<Entry> {
    let mut indexes = Vec::new();
    // What cannot be listed is reported when the folder is listed for its files.
    let _ = inner.list(folder, &|name| name.ends_with(".idx"), &mut |listed| {
        if let Listed::Entry(entry) = listed
            && entry.kind == EntryKind::File
            && entry.size <= sparse::LONGEST
            && indexes.len() < MOST_INDEXES
        {
            indexes.push(entry);
        }
    });
    indexes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    indexes
}
