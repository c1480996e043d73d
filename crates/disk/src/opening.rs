//! What the formats share while an image is opened: its files, its parents, its facts and problems.

use crate::ReadAt;
use crate::cache::Caches;
use crate::error::{Unopened, Why, failed, unopened};
use crate::files::{Files, candidates};
use crate::image::{Disk, Fact, Part, StoredHashes};
use crate::mapped::Parent;
use std::cmp::Ordering;
use std::io;
use std::sync::Arc;

/// How many parents an image may have.
const CHAIN: usize = 32;
/// How many images are opened in search of them: each may name several files, each of which names several again.
const OPENED: usize = 256;
/// How many problems of one disk are listed.
const PROBLEMS: usize = 1000;

/// Opens an image by its content, whatever its format is; as the disk itself if the last argument says so. It knows all formats, and
/// a format needs it for its parents without knowing the others.
pub(crate) type Recognised = fn(&mut Opening<'_>, &str, bool) -> Result<Container, Unopened>;

/// What is opened for one disk.
pub(crate) struct Opening<'f> {
    pub(crate) files: &'f dyn Files,
    recognised: Recognised,
    /// The images that are being opened, each the parent of the one before.
    chain: Vec<String>,
    /// How many images were opened in all.
    opened: usize,
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
    pub(crate) fn new(files: &'f dyn Files, recognised: Recognised) -> Self {
        let (parts, problems) = (Vec::new(), Vec::new());
        Self { files, recognised, chain: Vec::new(), opened: 0, parts, problems, caches: Caches::new() }
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
        match self.problems.len().cmp(&PROBLEMS) {
            Ordering::Less => self.problems.push(if is_parent { format!("its parent {name}: {text}") } else { text }),
            Ordering::Equal => self.problems.push("it has more problems, which are not listed".to_owned()),
            Ordering::Greater => {}
        }
    }

    /// Opens an image. `as_raw`: whatever it looks like, it is the disk itself.
    pub(crate) fn container(&mut self, name: &str, as_raw: bool) -> Result<Container, Unopened> {
        if self.chain.len() > CHAIN {
            return Err(unopened(name, Why::Damaged, format!("its chain of parents is longer than {CHAIN}")));
        }
        if self.chain.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(unopened(name, Why::Damaged, "it is among its own parents"));
        }
        self.opened += 1;
        if self.opened > OPENED {
            return Err(unopened(name, Why::Damaged, format!("more than {OPENED} images were opened to find parents")));
        }
        self.chain.push(name.to_owned());
        let opened = (self.recognised)(self, name, as_raw);
        self.chain.pop();
        opened
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
                    format!("its parent {name} is not the image that it was created from, or was changed since");
                unopened(image, Why::Mismatch, reason)
            }
            (None, true) => {
                unopened(image, Why::Missing, format!("its parent is named {said:?}, which is not a file next to it"))
            }
            (None, false) => {
                let looked = names.join(" and ");
                let reason =
                    format!("its parent is missing: it is named {said:?}; looked for next to the image, as {looked}");
                unopened(image, Why::Missing, reason)
            }
        })
    }
}
