//! Opening a disk image: what it is, its files, its parents.

use crate::cache::Caches;
use crate::files::{Files, candidates};
use crate::mapped::Parent;
use crate::recognise::{Format, recognise};
use crate::{ReadAt, ewf, ova, partitions, qcow2, raw, vhd, vhdx, vmdk};
use std::io;
use std::sync::Arc;

/// A disk out of an image.
pub struct Disk {
    /// Its bytes, from sector 0 on. What is missing or damaged of the image is an error where it is read.
    pub data: Arc<dyn ReadAt>,
    /// What it was read from, as a person calls it: "E01", "raw, split", "differencing VHDX".
    pub kind: &'static str,
    /// The files that were opened for it, the image first: segments, extents, parents.
    pub parts: Vec<Part>,
    /// What the image says of itself, in its order.
    pub facts: Vec<Fact>,
    /// The digests of the disk that the image holds: [`crate::verify`] checks them.
    pub hashes: StoredHashes,
    /// What is wrong with the image although it was opened, each a sentence that follows its name: "its segment a.E02 is missing".
    pub problems: Vec<String>,
}

/// A file of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Relative to the folder of the image.
    pub name: String,
    /// In bytes.
    pub length: u64,
}

/// Something that an image says of itself, as it says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Such as "case number", "acquired with".
    pub name: &'static str,
    /// Not checked, and without control characters.
    pub value: String,
}

/// The digests that an image holds of its disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredHashes {
    /// MD5.
    pub md5: Option<[u8; 16]>,
    /// SHA-1.
    pub sha1: Option<[u8; 20]>,
}

/// Why an image was not opened.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct Unopened {
    /// The file: the image, or the part or parent with which the trouble is.
    pub name: String,
    /// What kind of trouble it is.
    pub why: Why,
    /// A text that follows the name: "its parent base.vhdx is missing".
    pub reason: String,
}

/// What kind of trouble kept an image from being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The system does not give it.
    Unreadable,
    /// It is no disk image that is known here.
    Unknown,
    /// It is recognised, and not read by this program.
    Unsupported,
    /// A segment, an extent or a parent is missing.
    Missing,
    /// It contradicts itself or its format.
    Damaged,
    /// A parent is another one than the image was made of.
    Mismatch,
}

/// Opens a disk image by its content; its name only tells what its other files are called.
///
/// # Errors
/// Says what is wrong with which file. An archive of several disks is refused here: [`open_all`].
pub fn open(files: &dyn Files, name: &str) -> Result<Disk, Unopened> {
    let mut disks = open_all(files, name)?;
    match (disks.len(), disks.pop()) {
        (1, Some(disk)) => Ok(disk),
        (count, _) => Err(unopened(name, Why::Unsupported, format!("it holds {count} disks"))),
    }
}

/// Opens all disks of an image: one, but for an OVA with several.
///
/// # Errors
/// As [`open`].
pub fn open_all(files: &dyn Files, name: &str) -> Result<Vec<Disk>, Unopened> {
    let mut opening = Opening::new(files);
    let source = opening.file(name)?;
    if recognise(&*source).map_err(|error| failed(name, &error))? == Format::Tar {
        return ova::open(name, &source, opening.parts);
    }
    opening.parts.clear();
    let container = opening.container(name, false)?;
    Ok(vec![opening.finish(container)])
}

pub(crate) fn unopened(name: &str, why: Why, reason: impl Into<String>) -> Unopened {
    Unopened { name: name.to_owned(), why, reason: reason.into() }
}

/// What an error with the bytes of a file means for its opening.
pub(crate) fn failed(name: &str, error: &io::Error) -> Unopened {
    let why = match error.kind() {
        io::ErrorKind::InvalidData => Why::Damaged,
        io::ErrorKind::UnexpectedEof => Why::Damaged,
        io::ErrorKind::Unsupported => Why::Unsupported,
        _ => Why::Unreadable,
    };
    unopened(name, why, error.to_string())
}

/// How many parents an image may have.
const CHAIN: usize = 32;

/// What is opened for one disk.
pub(crate) struct Opening<'f> {
    pub(crate) files: &'f dyn Files,
    /// The images that are being opened, each the parent of the one before.
    chain: Vec<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) problems: Vec<String>,
    pub(crate) caches: Caches,
}

/// A container that was opened.
pub(crate) struct Container {
    pub(crate) data: Arc<dyn ReadAt>,
    pub(crate) kind: &'static str,
    pub(crate) identity: Identity,
    pub(crate) facts: Vec<Fact>,
    pub(crate) hashes: StoredHashes,
}

/// What a child names its parent by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The format has none.
    None,
    /// The unique id in the footer of a VHD.
    Vhd([u8; 16]),
    /// The DataWriteGuid in the header of a VHDX.
    Vhdx([u8; 16]),
    /// The content id of a VMDK.
    Vmdk(u32),
}

impl Container {
    pub(crate) fn new(data: Arc<dyn ReadAt>, kind: &'static str) -> Self {
        Self { data, kind, identity: Identity::None, facts: Vec::new(), hashes: StoredHashes::default() }
    }
}

impl<'f> Opening<'f> {
    pub(crate) fn new(files: &'f dyn Files) -> Self {
        Self { files, chain: Vec::new(), parts: Vec::new(), problems: Vec::new(), caches: Caches::new() }
    }

    pub(crate) fn finish(self, container: Container) -> Disk {
        let Container { data, kind, facts, hashes, .. } = container;
        Disk { data, kind, parts: self.parts, facts, hashes, problems: self.problems }
    }

    /// Opens one file and writes it down.
    pub(crate) fn file(&mut self, name: &str) -> Result<Arc<dyn ReadAt>, Unopened> {
        let source = self.files.open(name).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => unopened(name, Why::Missing, "it is not there"),
            _ => failed(name, &error),
        })?;
        self.note(name, &*source);
        Ok(source)
    }

    pub(crate) fn note(&mut self, name: &str, source: &dyn ReadAt) {
        self.parts.push(Part { name: name.to_owned(), length: source.len() });
    }

    /// Tells what is wrong; of a parent with its name.
    pub(crate) fn problem(&mut self, name: &str, text: String) {
        let is_parent = self.chain.len() > 1;
        self.problems.push(if is_parent { format!("its parent {name}: {text}") } else { text });
    }

    /// Opens an image. `as_raw`: whatever it looks like, it is the disk itself.
    pub(crate) fn container(&mut self, name: &str, as_raw: bool) -> Result<Container, Unopened> {
        if self.chain.len() > CHAIN {
            return Err(unopened(name, Why::Damaged, format!("its chain of parents is longer than {CHAIN}")));
        }
        if self.chain.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(unopened(name, Why::Damaged, "it is among its own parents"));
        }
        self.chain.push(name.to_owned());
        let opened = self.recognised(name, as_raw);
        self.chain.pop();
        opened
    }

    fn recognised(&mut self, name: &str, as_raw: bool) -> Result<Container, Unopened> {
        let source = self.file(name)?;
        let tell = |source: &Arc<dyn ReadAt>| match as_raw {
            true => Ok(Format::Raw),
            false => recognise(&**source).map_err(|error| failed(name, &error)),
        };
        let first = tell(&source)?;
        if first == Format::Ewf {
            return ewf::open(self, name, source);
        }
        let joined = raw::join(self, name, &source)?;
        let (source, format, is_split) = match joined {
            Some(joined) => {
                let format = tell(&joined)?;
                (joined, format, true)
            }
            None => (source, first, false),
        };
        match format {
            Format::Ewf => Err(unopened(name, Why::Damaged, "its parts are no EWF image together")),
            Format::Vhd => vhd::open(self, name, source),
            Format::Vhdx => vhdx::open(self, name, source),
            Format::VmdkSparse | Format::VmdkDescriptor | Format::VmdkCowd | Format::VmdkSeSparse => {
                vmdk::open(self, name, source, format)
            }
            Format::Qcow2 => qcow2::open(self, name, source),
            Format::Tar => Err(unopened(name, Why::Unsupported, "an archive (tar) is no disk")),
            Format::Unread(what) => {
                Err(unopened(name, Why::Unsupported, format!("{what} is not read by this program")))
            }
            Format::Raw => {
                let kind = if is_split { "raw, split" } else { "raw" };
                if !as_raw {
                    raw::check(name, &source)?;
                }
                Ok(Container::new(source, kind))
            }
        }
    }

    /// Opens the parent of `image`, which says that it lies at one of `paths`, and checks that it is the one. `as_raw`: the image says
    /// that the parent is the disk itself.
    pub(crate) fn parent(
        &mut self,
        image: &str,
        paths: &[String],
        is_the_one: &dyn Fn(Identity) -> bool,
        as_raw: bool,
    ) -> Result<Parent, Unopened> {
        let mut names: Vec<String> = Vec::new();
        for name in paths.iter().flat_map(|path| candidates(image, path)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let said = paths.first().map_or("", String::as_str);
        let mut other = None;
        for name in &names {
            if self.files.open(name).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
                continue;
            }
            let (parts, problems) = (self.parts.len(), self.problems.len());
            let container = self.container(name, as_raw)?;
            if is_the_one(container.identity) {
                return Ok(Parent { name: name.clone(), data: container.data });
            }
            self.parts.truncate(parts);
            self.problems.truncate(problems);
            other = Some(name);
        }
        Err(match (other, names.is_empty()) {
            (Some(name), _) => {
                let reason =
                    format!("its parent {name} is another image than the one it was made of, or was changed since");
                unopened(image, Why::Mismatch, reason)
            }
            (None, true) => {
                unopened(image, Why::Missing, format!("its parent is named {said:?}, which is no file beside it"))
            }
            (None, false) => {
                let looked = names.join(" and ");
                let reason =
                    format!("its parent is missing: it is named {said:?}; looked for beside the image, as {looked}");
                unopened(image, Why::Missing, reason)
            }
        })
    }
}

/// Whether bytes look like a disk: a partition table, or a volume that is known.
pub(crate) fn is_disk(source: &Arc<dyn ReadAt>) -> io::Result<bool> {
    Ok(!partitions::partitions(source)?.list.is_empty())
}
