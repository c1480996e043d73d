//! In-memory evidence for tests.

use super::{Content, Evidence, Listed, Refused, Stream};
use crate::model::{
    Attributes, DeletedFile, Entry, EntryKind, FoundIn, NtfsRecord, ProblemKind, Remains, ServerPath, Source, Times,
    Timestamp,
};
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

/// Evidence that lies in memory: drive `C:` and whatever else a test puts there. Paths are exact, as on a Linux copy.
#[derive(Clone, Default)]
pub struct Memory {
    nodes: BTreeMap<String, Node>,
    /// Deleted files, and what else no listing shows, with what is left of their content.
    deleted: Vec<(DeletedFile, Arc<[u8]>)>,
}

#[derive(Clone)]
struct Node {
    path: ServerPath,
    kind: EntryKind,
    bytes: Arc<[u8]>,
    times: Times,
    attributes: Attributes,
    fault: Option<Fault>,
    short_name: Option<String>,
    streams: Vec<(String, Arc<[u8]>)>,
}

/// An error that a test plants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Opening, or listing a folder, fails with this kind.
    Refuse(io::ErrorKind),
    /// Opening fails as when the antivirus of the system forbids it.
    Blocked,
    /// Opening fails as when another process holds the file.
    Locked,
    /// A listing has no metadata of it.
    NoMetadata,
    /// Reading fails after this many bytes.
    BreakAfter(usize),
    /// Reading yields this many bytes more than the listing said.
    Grow(usize),
}

impl Memory {
    /// An empty drive `C:`.
    pub fn new() -> Self {
        let mut memory = Self::default();
        memory.put(&ServerPath::drive('C'), EntryKind::Folder, &[]);
        memory
    }

    /// Adds a file with the folders above it. `path` is a Windows path; panics if it is not absolute.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.put(&Self::path(path), EntryKind::File, bytes);
        self
    }

    /// Adds an empty folder.
    #[must_use]
    pub fn folder(mut self, path: &str) -> Self {
        self.put(&Self::path(path), EntryKind::Folder, &[]);
        self
    }

    /// Adds a link.
    #[must_use]
    pub fn link(mut self, path: &str, target: &str) -> Self {
        self.put(&Self::path(path), EntryKind::Link { target: Some(target.to_owned()) }, &[]);
        self
    }

    /// Adds what is neither file, folder nor link.
    #[must_use]
    pub fn other(mut self, path: &str, what: &'static str) -> Self {
        self.put(&Self::path(path), EntryKind::Other(what), &[]);
        self
    }

    /// Sets the creation and modification time of a path that is there.
    #[must_use]
    pub fn times(mut self, path: &str, created: Timestamp, modified: Timestamp) -> Self {
        let key = Self::path(path).as_str().to_owned();
        let node = self.nodes.get_mut(&key).expect("the path was added before");
        node.times = Times { created: Some(created), modified: Some(modified), ..node.times };
        self
    }

    /// Sets only the modification time of a path that is there: its source cannot say when it was created.
    #[must_use]
    pub fn modified(mut self, path: &str, modified: Timestamp) -> Self {
        let key = Self::path(path).as_str().to_owned();
        let node = self.nodes.get_mut(&key).expect("the path was added before");
        node.times = Times { modified: Some(modified), ..Times::default() };
        self
    }

    /// Takes all creation times away, as on a plain copy.
    #[must_use]
    pub fn without_created(mut self) -> Self {
        self.nodes.values_mut().for_each(|node| node.times.created = None);
        self
    }

    /// Sets the FILE_ATTRIBUTE_* bits of a path that is there.
    #[must_use]
    pub fn attributes(mut self, path: &str, bits: u32) -> Self {
        let key = Self::path(path).as_str().to_owned();
        self.nodes.get_mut(&key).expect("the path was added before").attributes = Attributes(bits);
        self
    }

    /// Adds an alternate data stream to a path that is there.
    #[must_use]
    pub fn stream(mut self, path: &str, name: &str, bytes: &[u8]) -> Self {
        let key = Self::path(path).as_str().to_owned();
        let node = self.nodes.get_mut(&key).expect("the path was added before");
        node.streams.push((name.to_owned(), bytes.into()));
        self
    }

    /// Adds a file that no listing shows, and what is left of its content.
    #[must_use]
    pub fn deleted(mut self, path: &str, found_in: FoundIn, remains: Remains, bytes: &[u8]) -> Self {
        let path = Self::path(path);
        let record = 1_000 + self.deleted.len() as u64;
        let deleted = !matches!(found_in, FoundIn::Slack | FoundIn::Orphan);
        let remains = (found_in != FoundIn::Orphan).then_some(remains);
        let ntfs = NtfsRecord { sequence: Some(1), deleted, remains, ..NtfsRecord::default() };
        let size = bytes.len() as u64;
        let entry = Entry { inode: Some(record), ntfs: Some(Box::new(ntfs)), ..Entry::file(path.name(), size) };
        self.deleted.push((DeletedFile { path, entry, record, found_in }, bytes.into()));
        self
    }

    /// Sets the short name of a path that is there, as a source has it.
    #[must_use]
    pub fn short(mut self, path: &str, name: &str) -> Self {
        let key = Self::path(path).as_str().to_owned();
        self.nodes.get_mut(&key).expect("the path was added before").short_name = Some(name.to_owned());
        self
    }

    /// Adds a drive that is empty.
    #[must_use]
    pub fn drive(mut self, letter: char) -> Self {
        self.put(&ServerPath::drive(letter), EntryKind::Folder, &[]);
        self
    }

    /// Plants an error at a path that exists.
    #[must_use]
    pub fn fault(mut self, path: &str, fault: Fault) -> Self {
        let key = Self::path(path).as_str().to_owned();
        self.nodes.get_mut(&key).expect("the path was added before").fault = Some(fault);
        self
    }

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("an absolute Windows path")
    }

    fn put(&mut self, path: &ServerPath, kind: EntryKind, bytes: &[u8]) {
        if let Some(parent) = path.parent()
            && !self.nodes.contains_key(parent.as_str())
        {
            self.put(&parent, EntryKind::Folder, &[]);
        }
        let modified = Some(Timestamp::new(1_577_836_800 + bytes.len() as i64, 123_456_700));
        let node = Node {
            path: path.clone(),
            kind,
            bytes: bytes.into(),
            times: Times { created: modified, modified, ..Times::default() },
            attributes: Attributes(0x20),
            fault: None,
            short_name: None,
            streams: Vec::new(),
        };
        self.nodes.insert(path.as_str().to_owned(), node);
    }

    fn node(&self, path: &ServerPath) -> io::Result<&Node> {
        self.nodes.get(path.as_str()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Node {
    fn entry(&self) -> Entry {
        Entry {
            name: self.path.name().to_owned(),
            kind: self.kind.clone(),
            size: self.bytes.len() as u64,
            times: self.times,
            inode: None,
            ntfs: None,
            attributes: self.attributes,
        }
    }
}

impl Evidence for Memory {
    fn sources(&self) -> Vec<Source> {
        vec![Source {
            analysis_path: "memory".to_owned(),
            shown_as: ServerPath::drive('C'),
            kind: "memory".to_owned(),
            gives: vec!["created", "modified"],
            lacks: vec!["no $FILE_NAME times".to_owned()],
        }]
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let node = self.node(folder)?;
        if let Some(Fault::Refuse(kind)) = node.fault {
            return Err(kind.into());
        }
        if node.kind != EntryKind::Folder {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for child in self.nodes.values().filter(|child| child.path.parent().as_ref() == Some(folder)) {
            if child.fault == Some(Fault::NoMetadata) {
                each(Listed::Failed(child.path.name().to_owned(), io::ErrorKind::PermissionDenied.into()));
            } else if child.kind == EntryKind::File && !wanted(child.path.name()) {
                each(Listed::NameOnly);
            } else {
                each(Listed::Entry(child.entry()));
            }
        }
        Ok(())
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        Ok(self.node(path)?.entry())
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        let node = self.node(file)?;
        let size = node.bytes.len() as u64;
        let bytes = Cursor::new(node.bytes.clone());
        let reader: Box<dyn Read + Send> = match node.fault {
            Some(Fault::Refuse(kind)) => return Err(kind.into()),
            Some(Fault::Blocked) => return Err(io::Error::other(Refused(ProblemKind::FileBlocked, "virus found"))),
            Some(Fault::Locked) => return Err(io::Error::other(Refused(ProblemKind::FileLocked, "in use"))),
            Some(Fault::BreakAfter(n)) => Box::new(bytes.take(n as u64).chain(Broken)),
            Some(Fault::Grow(n)) => Box::new(bytes.chain(io::repeat(b' ').take(n as u64))),
            Some(Fault::NoMetadata) | None => Box::new(bytes),
        };
        Ok(Content { reader, size, changed: None, inode: None, holes: 0 })
    }

    fn deleted(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        let files = self.deleted.iter().map(|(file, _)| file).filter(|file| file.found_in == FoundIn::Record);
        files.filter(|file| wanted(&file.path)).cloned().for_each(each);
    }

    fn remnants(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) -> io::Result<()> {
        let files = self.deleted.iter().map(|(file, _)| file).filter(|file| file.found_in != FoundIn::Record);
        files.filter(|file| wanted(&file.path)).cloned().for_each(each);
        Ok(())
    }

    fn open_deleted(&self, file: &DeletedFile, stream: Option<&str>) -> io::Result<Content> {
        let found = self.deleted.iter().find(|(own, _)| own.record == file.record && stream.is_none());
        let (_, bytes) = found.filter(|_| !file.is_name_only()).ok_or(io::ErrorKind::NotFound)?;
        let reader = Box::new(Cursor::new(bytes.clone()));
        Ok(Content { reader, size: bytes.len() as u64, changed: None, inode: None, holes: 0 })
    }

    fn knows_short_names(&self) -> bool {
        self.nodes.values().any(|node| node.short_name.is_some())
    }

    fn short_name(&self, path: &ServerPath) -> Option<String> {
        self.node(path).ok()?.short_name.clone()
    }

    fn streams(&self, path: &ServerPath) -> io::Result<Vec<Stream>> {
        let streams = self.node(path)?.streams.iter();
        Ok(streams.map(|(name, bytes)| Stream { name: name.clone(), size: bytes.len() as u64 }).collect())
    }

    fn open_stream(&self, path: &ServerPath, name: &str) -> io::Result<Content> {
        let node = self.node(path)?;
        let stream = node.streams.iter().find(|(its, _)| its == name);
        let (_, bytes) = stream.ok_or(io::ErrorKind::NotFound)?;
        let size = bytes.len() as u64;
        let bytes = Cursor::new(bytes.clone());
        let reader: Box<dyn Read + Send> = match node.fault {
            Some(Fault::BreakAfter(n)) => Box::new(bytes.take(n as u64).chain(Broken)),
            _ => Box::new(bytes),
        };
        Ok(Content { reader, size, changed: None, inode: None, holes: 0 })
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("planted read error"))
    }
}
