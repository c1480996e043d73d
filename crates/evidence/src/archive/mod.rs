//! Archives as evidence, without unpacking them to disk: an index of names in memory, content streamed.
//!
//! Everything in an archive may be the attacker's: names cannot lead out of it, their number and length are bounded, what unpacks out of
//! all proportion is left at a bound, members that lie in each other are not read. Whatever is not read is a problem with a reason.
//! `docs/decisions/0043` lists which formats are read by which crate, and why.

mod blocks;
mod columns;
mod found;
mod gzip;
mod images;
mod member;
pub(crate) mod names;
mod open;
mod pax;
mod seven;
mod tar;
pub(crate) mod tree;
mod unpack;
mod zip;

use crate::evidence::{Content, Evidence, Listed, Refused};
use crate::model::{Attributes, Entry, EntryKind, Problem, ProblemKind, ServerPath, Source, Times};
use crate::overlay::NOT_PROVIDED;
use blocks::{Blocks, Part};
use columns::Members;
pub(crate) use columns::Stamps;
pub(crate) use found::ProblemLog;
use found::{Found, MoreTimes};
pub(crate) use member::Stamp;
use member::{How, Member, Why};
pub use open::images_in;
pub(crate) use open::open;
use shellsift_disk::{ReadAt, Window};
use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use tree::Tree;
use unpack::{Checked, Guard, Span};

/// What an archive is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// zip and zip64.
    Zip,
    /// tar: ustar, pax, GNU.
    Tar,
    /// tar, compressed with gzip.
    TarGzip,
    /// 7z.
    SevenZip,
}

impl Format {
    /// What a report calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Zip => "zip archive",
            Self::Tar => "tar archive",
            Self::TarGzip => "tar archive compressed with gzip",
            Self::SevenZip => "7z archive",
        }
    }
}

/// An archive under a name of the evidence: its members lie below that.
#[derive(Clone)]
pub struct Archive {
    inner: Arc<Inner>,
}

struct Inner {
    root: ServerPath,
    source: Source,
    format: Format,
    /// What members lie in: the archive, or what it unpacks to.
    bytes: Arc<dyn ReadAt>,
    /// Of a 7z archive.
    blocks: Option<Arc<Blocks>>,
    tree: Tree,
    members: Members,
    times: MoreTimes,
    targets: HashMap<u32, String>,
    problem_log: Arc<Mutex<ProblemLog>>,
    lavish: Arc<AtomicU64>,
}

impl Archive {
    /// Reads the names in an archive. Its members lie below `root` in the evidence; `analysis_path` is where it lies on this machine.
    ///
    /// What is damaged or too much is left out with a problem ([`Evidence::problems`]).
    ///
    /// # Errors
    /// What the bytes say when they are read, and [`io::ErrorKind::InvalidData`] with the reason where nothing can be read: it is no such
    /// archive, or its directory is missing.
    pub fn open(bytes: Arc<dyn ReadAt>, format: Format, root: ServerPath, analysis_path: &str) -> io::Result<Self> {
        let mut found = Found::new(root);
        let mut blocks = None;
        let bytes: Arc<dyn ReadAt> = match format {
            Format::Zip => {
                zip::read(&bytes, &mut found)?;
                bytes
            }
            Format::SevenZip => {
                blocks = Some(Arc::new(seven::read(&bytes, &mut found)?));
                bytes
            }
            Format::Tar => {
                tar::read(&mut tar::Plain { bytes: bytes.as_ref(), at: 0 }, &mut found)?;
                bytes
            }
            Format::TarGzip => {
                let mut scan = gzip::Scan::new(bytes, false);
                tar::read(&mut scan, &mut found)?;
                if let Some(wrong) = scan.wrong {
                    let root = found.root.clone();
                    found.problem_log.once(ProblemKind::PartiallyExamined, &root, wrong.to_owned());
                }
                Arc::new(scan.finish())
            }
        };
        let tree = std::mem::take(&mut found.names).finish();
        if tree.twins > 0 {
            let message = format!(
                "{} of its members have a name that another one has: each is examined under a name with its number (x<#7>.aspx)",
                tree.twins
            );
            let root = found.root.clone();
            found.problem_log.once(ProblemKind::PathUnresolved, &root, message);
        }
        tar::follow_hard_links(&mut found, &|path| tree.find(path.split('/')).and_then(|node| tree.own(node)));
        let source = source(&found, format, analysis_path);
        let inner = Inner {
            root: found.root,
            source,
            format,
            bytes,
            blocks,
            tree,
            members: found.members,
            times: found.times,
            targets: found.targets,
            problem_log: Arc::new(Mutex::new(found.problem_log)),
            lavish: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner.with_link_targets()) })
    }

    /// Whether a file that begins so is a tar archive.
    pub fn is_tar(head: &[u8]) -> bool {
        tar::is_tar(head)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.inner.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A member as bytes at positions: a disk image that lies in the archive, as KAPE packs its VHDX. One that is compressed with deflate
    /// is unpacked once for that, and then from states that were kept.
    ///
    /// # Errors
    /// What opening it says, and [`io::ErrorKind::Unsupported`] for members of a 7z archive and those compressed otherwise.
    pub fn bytes_of(&self, file: &ServerPath) -> io::Result<Arc<dyn ReadAt>> {
        self.bytes_within(file, gzip::MOST)
    }

    /// The same with at most so many states, [`gzip::MOST`] of them for all members that are read at a time. What is so large that
    /// too much would have to be unpacked between two of them is refused.
    fn bytes_within(&self, file: &ServerPath, states: usize) -> io::Result<Arc<dyn ReadAt>> {
        let inner = &self.inner;
        let member = inner.file(file)?;
        let at = inner.place(&member)?;
        let packed = Window::new(Arc::clone(&inner.bytes), at, member.packed);
        let unpacked = match (member.how, inner.format) {
            (How::Stored, Format::TarGzip) => Some((inner.bytes.len(), gzip::MOST)),
            (How::Stored, _) => None,
            (How::Deflated, _) => Some((member.size, states)),
            _ => {
                let message = "its compression allows no access at any position: unpack the archive first";
                return Err(io::Error::new(io::ErrorKind::Unsupported, message));
            }
        };
        if let Some((size, states)) = unpacked
            && size / gzip::FARTHEST > states as u64
        {
            let most = (gzip::FARTHEST * states as u64) >> 20;
            let message = format!(
                "it is compressed in the archive and larger than {most} MiB unpacked: unpack the archive first"
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        if member.how == How::Stored {
            return Ok(Arc::new(packed));
        }
        let mut scan = gzip::Scan::new(Arc::new(packed), true).with_states(states);
        scan.pass_up_to(member.size)?;
        let (_, _, sum) = scan.passed();
        if member.check.is_some_and(|check| check != sum) {
            let mut log = inner.problem_log.lock().unwrap_or_else(PoisonError::into_inner);
            log.note(ProblemKind::FileUnreadable, file, "is damaged in the archive: its checksum does not match");
        }
        Ok(Arc::new(scan.finish()))
    }

    /// Whether every file in it is encrypted.
    fn is_all_encrypted(&self) -> bool {
        let mut files = self.inner.members.hows().filter(|how| *how != How::Folder);
        files.all(|how| how == How::Not(Why::Encrypted))
    }

    /// The members that are encrypted, at most `most` of their paths.
    pub fn encrypted(&self, most: usize) -> Vec<ServerPath> {
        let mut open = vec![(0, self.inner.root.clone())];
        let mut encrypted = Vec::new();
        while let Some((node, path)) = open.pop() {
            for child in self.inner.tree.children(node) {
                let path = path.join(self.inner.tree.name(child));
                if self.inner.member(child).is_some_and(|member| member.how == How::Not(Why::Encrypted)) {
                    encrypted.push(path.clone());
                }
                if self.inner.tree.is_folder(child) {
                    open.push((child, path));
                }
            }
            if encrypted.len() >= most {
                break;
            }
        }
        encrypted.truncate(most);
        encrypted
    }
}

/// How long the target of a link may be, and how many are read.
const LONGEST_TARGET: u64 = 4096;
const MOST_TARGETS: usize = 10_000;

impl Inner {
    /// Links of a zip or 7z archive have their target as content.
    fn with_link_targets(mut self) -> Self {
        let mut links: Vec<u32> = match self.format {
            Format::Zip | Format::SevenZip => self.targets.keys().copied().collect(),
            Format::Tar | Format::TarGzip => Vec::new(),
        };
        // In the order of the archive: a block of 7z is unpacked once for all of them.
        links.sort_unstable();
        for (count, own) in links.into_iter().enumerate() {
            let Some(member) = self.members.get(own) else { continue };
            let mut target = String::new();
            if member.size <= LONGEST_TARGET && count < MOST_TARGETS {
                let path = self.root.clone();
                let reader = self.reader(member, path);
                let _ = reader.and_then(|reader| reader.take(LONGEST_TARGET).read_to_string(&mut target));
            }
            self.members.set_how(own, How::Link);
            match target.is_empty() {
                true => self.targets.remove(&own),
                false => self.targets.insert(own, target),
            };
        }
        self
    }

    fn node(&self, path: &ServerPath) -> io::Result<u32> {
        let Some(rest) = path.below_exactly(&self.root) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, NOT_PROVIDED));
        };
        self.tree.find(rest.split(path.separator())).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn member(&self, node: u32) -> Option<Member> {
        self.tree.own(node).and_then(|own| self.members.get(own))
    }

    fn kind(&self, node: u32) -> EntryKind {
        if self.tree.is_folder(node) {
            return EntryKind::Folder;
        }
        match self.member(node).map(|member| member.how) {
            Some(How::Link | How::HardLink) => {
                EntryKind::Link { target: self.tree.own(node).and_then(|own| self.targets.get(&own)).cloned() }
            }
            Some(How::Device) => EntryKind::Other("device"),
            _ => EntryKind::File,
        }
    }

    fn entry(&self, node: u32) -> Entry {
        let kind = self.kind(node);
        let member = self.member(node);
        let own = self.tree.own(node);
        let more = own.map(|own| self.times.of(own)).unwrap_or_default();
        Entry {
            name: self.tree.name(node).to_owned(),
            size: member.filter(|_| kind == EntryKind::File).map_or(0, |member| member.size),
            kind,
            times: Times { modified: member.and_then(|member| member.modified.time()), ..more },
            inode: None,
            attributes: Attributes::default(),
            ntfs: None,
        }
    }

    /// The member of a file.
    fn file(&self, path: &ServerPath) -> io::Result<Member> {
        let node = self.node(path)?;
        let member = self.member(node).filter(|_| self.kind(node) == EntryKind::File);
        member.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }

    /// Where the content of a member begins.
    fn place(&self, member: &Member) -> io::Result<u64> {
        match member.how {
            How::Not(why) => Err(io::Error::other(Refused(ProblemKind::FileUnreadable, why.in_words()))),
            _ if self.format == Format::Zip => zip::content(self.bytes.as_ref(), member.at),
            _ => Ok(member.at),
        }
    }

    fn reader(&self, member: Member, path: ServerPath) -> io::Result<Box<dyn Read + Send>> {
        let at = self.place(&member)?;
        let span = Span::new(Arc::clone(&self.bytes), at, member.packed);
        let guard = Guard { path, problem_log: Arc::clone(&self.problem_log), lavish: Arc::clone(&self.lavish) };
        let (size, packed, check) = (member.size, member.packed, member.check);
        Ok(match (member.how, &self.blocks) {
            (How::Block, Some(blocks)) => {
                let part = Part::new(Arc::clone(blocks), member.block, member.at, size);
                Box::new(Checked::new(part, size, packed, check, guard))
            }
            (How::Deflated, _) => {
                let unpacked = flate2::bufread::DeflateDecoder::new(BufReader::with_capacity(16 << 10, span));
                Box::new(Checked::new(unpacked, size, packed, check, guard))
            }
            (How::Deflated64, _) => {
                Box::new(Checked::new(deflate64::Deflate64Decoder::new(span), size, packed, check, guard))
            }
            _ => Box::new(Checked::new(span, size, packed, check, guard)),
        })
    }
}

/// What an archive is as a source, with what it can and cannot tell.
fn source(found: &Found, format: Format, analysis_path: &str) -> Source {
    let files = found.members.hows().filter(|how| *how != How::Folder).count();
    let mut gives: Vec<&str> = found.times.names().collect();
    if found.members.have_modified() {
        gives.insert(usize::from(gives.first() == Some(&"created")), "modified");
    }
    let mut lacks = Vec::new();
    let local = found.local_times;
    if local > 0 {
        let which = if local == files { "its".to_owned() } else { format!("{local} of {files}") };
        lacks.push(format!(
            "{which} files have only local times of an unknown zone, to two seconds (DOS), which are not used"
        ));
    }
    if !gives.contains(&"created") {
        lacks.push("no creation times".to_owned());
    }
    lacks.push("no $FILE_NAME times".to_owned());
    lacks.push("no alternate data streams but those that were packed as files".to_owned());
    Source {
        analysis_path: analysis_path.to_owned(),
        shown_as: found.root.clone(),
        kind: format.in_words().to_owned(),
        gives,
        lacks,
    }
}

impl Evidence for Archive {
    fn sources(&self) -> Vec<Source> {
        vec![self.inner.source.clone()]
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let inner = &self.inner;
        let node = inner.node(folder)?;
        if !inner.tree.is_folder(node) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for child in inner.tree.children(node) {
            if inner.kind(child) == EntryKind::File && !wanted(inner.tree.name(child)) {
                each(Listed::NameOnly);
            } else {
                each(Listed::Entry(inner.entry(child)));
            }
        }
        Ok(())
    }

    fn is_index(&self, _: &ServerPath) -> bool {
        true
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let node = self.inner.node(path)?;
        Ok(Entry { name: path.name().to_owned(), ..self.inner.entry(node) })
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        let member = self.inner.file(file)?;
        let reader = self.inner.reader(member, file.clone())?;
        Ok(Content { reader, size: member.size, changed: None, inode: None, holes: 0 })
    }

    fn problems(&self) -> Vec<Problem> {
        self.inner.problem_log.lock().unwrap_or_else(PoisonError::into_inner).all(&self.inner.root)
    }
}

#[cfg(test)]
pub(crate) mod tests;
