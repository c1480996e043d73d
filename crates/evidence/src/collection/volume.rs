//! A volume of a server, put together of what a collector left of it: names as the server had them, times and hashes of its records.

use super::Holdings;
use super::compared::{Compared, Hash};
use super::names::unescaped;
use super::recorded::Recorded;
use super::sparse::{self, Pieces};
use crate::archive::tree::{Builder, Refused, Tree};
use crate::archive::{ProblemLog, Stamp};
use crate::evidence::{Content, Evidence, Listed};
use crate::model::server_path::fold;
use crate::model::{Attributes, Entry, EntryKind, NtfsRecord, Problem, ProblemKind, ServerPath, Source, Times};
use crate::overlay::NOT_PROVIDED;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// The bit of [`Held::recorded`] that is set when a partial file has been reported.
const IN_PART: u8 = 1 << 7;
/// How many bytes the paths in the collection may have together.
const MOST_TEXT: usize = 512 << 20;

/// Where a part of a volume lies.
pub(super) struct Root {
    pub(super) path: ServerPath,
    /// Whether its names are escaped as Velociraptor does it.
    pub(super) escaped: bool,
}

/// No path: the file is called in the collection as in the volume.
const SAME: u32 = u32::MAX;

/// What is known of one name.
struct Held {
    /// Of a file its path in the collection below the root, or [`SAME`].
    start: u32,
    length: u32,
    root: u16,
    kind: What,
    size: u64,
    /// created, modified, changed, accessed
    times: [Stamp; 4],
    /// Which of them a record of the collector says, by bits.
    recorded: u8,
    /// What few have.
    more: Option<Box<More>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    File,
    Folder,
    Link,
    /// [`More::what`]
    Other,
}

#[derive(Default)]
struct More {
    hash: Option<Hash>,
    pieces: Option<Pieces>,
    name_times: Times,
    target: Option<String>,
    what: Option<&'static str>,
}

/// What is gathered of a volume before its names are put in order.
pub(super) struct Gathered {
    pub(super) shown_as: ServerPath,
    pub(super) roots: Vec<Root>,
    held: Vec<Held>,
    text: String,
    names: Builder,
    /// The spelling of folders, by what Windows takes for one name.
    spelled: HashMap<String, String>,
    /// Files by the hash of their folded names.
    files: HashMap<u64, u32>,
    hasher: RandomState,
    is_full: bool,
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
        let mut gathered = Self {
            shown_as,
            held: Vec::new(),
            text: String::new(),
            names: Builder::default(),
            spelled: HashMap::new(),
            files: HashMap::new(),
            hasher: RandomState::new(),
            is_full: false,
            roots: Vec::new(),
        };
        for root in roots {
            gathered.walk(inner, &root, holdings, problem_log);
            gathered.roots.push(root);
        }
        gathered
    }

    fn walk(&mut self, inner: &dyn Evidence, root: &Root, holdings: &mut Holdings, problem_log: &mut ProblemLog) {
        let mut open = vec![(root.path.clone(), String::new())];
        while let Some((folder, below)) = open.pop() {
            let (mut entries, mut deeper) = (Vec::new(), Vec::new());
            let listed = inner.list(&folder, &|_| true, &mut |listed| match listed {
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
                let name = if root.escaped { unescaped(&entry.name) } else { entry.name.clone() };
                let path = if below.is_empty() { name } else { format!("{below}/{name}") };
                if entry.kind == EntryKind::Folder {
                    let spelled = self.spelled.entry(fold(&path)).or_insert_with(|| path.clone()).clone();
                    if spelled == path {
                        self.add(&folder, entry, &path, root, problem_log);
                    }
                    deeper.push((folder.join(&entry.name), spelled));
                } else if self.add(&folder, entry, &path, root, problem_log) && entry.kind == EntryKind::File {
                    holdings.count(&path);
                    if root.escaped {
                        self.take_index(inner, &folder, entry, &entries, problem_log);
                    }
                }
                if self.is_full {
                    return;
                }
            }
            // In the order of names, so that of two spellings of a folder the first is the same each time.
            open.extend(deeper.into_iter().rev());
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
        if is_file
            && let Some(known) = self.files.get(&key).and_then(|own| self.held.get(*own as usize))
            && known.root != root_number
            && known.size == entry.size
        {
            return false;
        }
        let own = self.held.len() as u32; // below 2^32 by the bound of the tree
        let full = match self.names.add(path.split('/'), own, entry.kind == EntryKind::Folder) {
            Ok(()) => self.text.len() > MOST_TEXT,
            Err(Refused::TooDeep) => {
                let what = "is nested too deeply, or its path is too long: not read";
                problem_log.note(ProblemKind::PartiallyExamined, &folder.join(&entry.name), what);
                return false;
            }
            Err(Refused::Full) => true,
        };
        if full {
            self.is_full = true;
            let message = format!("the collection contains more files than the limit: only the first {own} were read");
            problem_log.once(ProblemKind::PartiallyExamined, folder, message);
            return false;
        }
        let inside = folder.join(&entry.name);
        let rest = inside.below_exactly(&root.path).unwrap_or_default();
        // What the tree will call otherwise is asked for by another name.
        let is_same = !self.files.contains_key(&key)
            && !path.contains("<#")
            && rest.split(inside.separator()).eq(path.split('/'));
        let (start, length) = match is_same || !is_file {
            true => (SAME, 0),
            false => (self.text.len() as u32, rest.len() as u32),
        };
        if start != SAME {
            self.text.push_str(rest);
        }
        let (kind, more) = match &entry.kind {
            EntryKind::File => (What::File, None),
            EntryKind::Folder => (What::Folder, None),
            EntryKind::Link { target } => (What::Link, Some(More { target: target.clone(), ..More::default() })),
            EntryKind::Other(what) => (What::Other, Some(More { what: Some(what), ..More::default() })),
        };
        let Times { created, modified, changed, accessed } = entry.times;
        self.held.push(Held {
            start,
            length,
            root: root_number,
            kind,
            size: entry.size,
            times: [created, modified, changed, accessed].map(Stamp::of_time),
            recorded: 0,
            more: more.map(Box::new),
        });
        if is_file {
            self.files.entry(key).or_insert(own);
        }
        true
    }

    /// Reads the index beside a file that was stored without its holes. The file was added last.
    fn take_index(
        &mut self,
        inner: &dyn Evidence,
        folder: &ServerPath,
        entry: &Entry,
        beside: &[Entry],
        problem_log: &mut ProblemLog,
    ) {
        let name = format!("{}.idx", entry.name);
        let Ok(at) = beside.binary_search_by(|other| other.name.cmp(&name)) else { return };
        let Some(index) = beside.get(at).filter(|index| index.kind == EntryKind::File && index.size <= sparse::LONGEST)
        else {
            return;
        };
        let mut text = Vec::new();
        let read =
            inner.open(&folder.join(&index.name)).and_then(|c| c.reader.take(sparse::LONGEST).read_to_end(&mut text));
        match Pieces::of(&text).filter(|pieces| read.is_ok() && pieces.stored == entry.size) {
            Some(pieces) => {
                if let Some(held) = self.held.last_mut() {
                    held.size = pieces.size;
                    held.more.get_or_insert_default().pieces = Some(pieces);
                }
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
        let find = |path: &str| self.files.get(&self.hasher.hash_one(path)).copied();
        // KAPE saves the streams of the change journal as files.
        let Some(own) = find(path).or_else(|| find(&path.replace("$usnjrnl:", ""))) else { return };
        let Some(held) = self.held.get_mut(own as usize) else { return };
        for (at, (time, recorded)) in held.times.iter_mut().zip(recorded.times).enumerate() {
            // Of several records the first; it knows better than the copy.
            if recorded.is_some() && held.recorded & 1 << at == 0 {
                *time = Stamp::of_time(recorded);
                held.recorded |= 1 << at;
            }
        }
        let is_sparse = held.more.as_ref().is_some_and(|more| more.pieces.is_some());
        if recorded.name_times != Times::default() {
            held.more.get_or_insert_default().name_times = recorded.name_times;
        }
        // The hash of a sparse file is that of the whole or of what is stored, by version.
        if let Some(hash) = recorded.hash.filter(|_| !is_sparse) {
            held.more.get_or_insert_default().hash.get_or_insert(hash);
        }
        if recorded.size.is_some_and(|size| size > held.size) && !is_sparse && held.recorded & IN_PART == 0 {
            held.recorded |= IN_PART;
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
        let Self { shown_as, roots, held, text, names, .. } = self;
        let source = source(&held, &shown_as, &head);
        let holdings = head.holdings;
        Volume { inner, shown_as, roots, held, text, tree: names.finish(), source, holdings, problem_log }
    }

    /// Of how many files there are times and hashes of records.
    pub(super) fn count_recorded(&self, holdings: &mut Holdings) {
        let files = || self.held.iter().filter(|held| held.kind == What::File);
        holdings.with_times += files().filter(|held| held.recorded & !IN_PART != 0).count();
        holdings.with_hash += files().filter(|held| held.more.as_ref().is_some_and(|more| more.hash.is_some())).count();
    }
}

fn below(root: &ServerPath, path: &str) -> ServerPath {
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
fn source(held: &[Held], shown_as: &ServerPath, head: &Head) -> Source {
    let files = || held.iter().filter(|held| held.kind == What::File);
    let mut gives = Vec::new();
    let mut lacks = Vec::new();
    let all = files().count();
    for (at, name) in ["created", "modified", "changed", "accessed"].into_iter().enumerate() {
        let has = files().filter(|held| held.times.get(at).is_some_and(|time| *time != Stamp::NONE)).count();
        if has > 0 {
            gives.push(name);
        }
        match all - has {
            0 => {}
            missing if missing == all => lacks.push(format!("no {name} times")),
            missing => lacks.push(format!("no {name} time of {missing} of {all} files")),
        }
    }
    if !files().any(|held| held.more.as_ref().is_some_and(|more| more.name_times != Times::default())) {
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
    inner: Arc<dyn Evidence>,
    shown_as: ServerPath,
    roots: Vec<Root>,
    held: Vec<Held>,
    text: String,
    tree: Tree,
    source: Source,
    holdings: Option<Holdings>,
    problem_log: Arc<Mutex<ProblemLog>>,
}

impl Volume {
    fn node(&self, path: &ServerPath) -> io::Result<u32> {
        let Some(rest) = path.below_exactly(&self.shown_as) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, NOT_PROVIDED));
        };
        self.tree.find(rest.split(path.separator())).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn held(&self, node: u32) -> Option<&Held> {
        self.tree.own(node).and_then(|own| self.held.get(own as usize))
    }

    /// Where a file lies in the collection.
    fn inside(&self, held: &Held, node: u32, file: &ServerPath) -> ServerPath {
        let Some(root) = self.roots.get(usize::from(held.root)) else { return self.shown_as.clone() };
        let below = |rest: &str, separator: char| {
            let names = rest.split(separator).filter(|name| !name.is_empty());
            names.fold(root.path.clone(), |path, name| path.join(name))
        };
        if held.start == SAME {
            let rest = file.below_exactly(&self.shown_as).unwrap_or_default();
            // Where a folder has its name, the tree added its number.
            let number = format!("<#{}>", self.tree.own(node).unwrap_or_default());
            return below(&rest.replace(&number, ""), file.separator());
        }
        let start = held.start as usize;
        below(self.text.get(start..start + held.length as usize).unwrap_or_default(), root.path.separator())
    }

    fn kind(&self, node: u32) -> EntryKind {
        if self.tree.is_folder(node) {
            return EntryKind::Folder;
        }
        match self.held(node) {
            Some(Held { kind: What::Link, more, .. }) => {
                EntryKind::Link { target: more.as_ref().and_then(|more| more.target.clone()) }
            }
            Some(Held { kind: What::Other, more, .. }) => {
                EntryKind::Other(more.as_ref().and_then(|more| more.what).unwrap_or("unknown"))
            }
            _ => EntryKind::File,
        }
    }

    fn entry(&self, node: u32) -> Entry {
        let held = self.held(node);
        let [created, modified, changed, accessed] = held.map_or([None; 4], |held| held.times.map(Stamp::time));
        let name_times = held.and_then(|held| held.more.as_ref()).map(|more| more.name_times).unwrap_or_default();
        let ntfs =
            (name_times != Times::default()).then(|| Box::new(NtfsRecord { name_times, ..NtfsRecord::default() }));
        Entry {
            name: self.tree.name(node).to_owned(),
            kind: self.kind(node),
            size: held.filter(|held| held.kind == What::File).map_or(0, |held| held.size),
            times: Times { created, modified, changed, accessed },
            inode: None,
            attributes: Attributes::default(),
            ntfs,
        }
    }
}

impl Evidence for Volume {
    fn sources(&self) -> Vec<Source> {
        vec![self.source.clone()]
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let node = self.node(folder)?;
        if !self.tree.is_folder(node) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for child in self.tree.children(node) {
            if self.kind(*child) == EntryKind::File && !wanted(self.tree.name(*child)) {
                each(Listed::NameOnly);
            } else {
                each(Listed::Entry(self.entry(*child)));
            }
        }
        Ok(())
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let node = self.node(path)?;
        Ok(Entry { name: path.name().to_owned(), ..self.entry(node) })
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        let node = self.node(file)?;
        let held = self.held(node).filter(|_| self.kind(node) == EntryKind::File);
        let held = held.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))?;
        let content = self.inner.open(&self.inside(held, node, file))?;
        let content = Content { changed: None, inode: None, ..content };
        match held.more.as_deref() {
            Some(More { pieces: Some(pieces), .. }) => {
                let (size, holes) = pieces.lengths();
                Ok(Content { reader: Box::new(pieces.read(content.reader)), size, holes, ..content })
            }
            Some(More { hash: Some(hash), .. }) => {
                let reader = Compared::new(content.reader, *hash, file.clone(), Arc::clone(&self.problem_log));
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
