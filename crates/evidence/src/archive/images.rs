//! Disk images in an archive: `case.zip` with `disk.E01`, the VHDX that KAPE zips.

use super::{Archive, Format, How, gzip};
use crate::evidence::{Candidate, Evidence, Kind, Opened, Unopened};
use crate::image::{Image, NotOpened};
use crate::model::place::kind::is_web;
use crate::model::server_path::extension;
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use shellsift_disk::{Files, ReadAt};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// From so many bytes on a member is looked into, whatever it is called.
const LARGE: u64 = 1 << 20;
/// How many members are looked into. An archive with more large files is none of images.
const MOST: usize = 1_000;
/// How many compressed members are read at a time. Each takes its share of the memory.
const MOST_PACKED: usize = 16;
/// What images and the descriptions of them are called.
const NAMES: &[&str] = &[
    "001", "aff4", "avhd", "avhdx", "bin", "dd", "e01", "ex01", "img", "ova", "qcow", "qcow2", "raw", "s01", "vdi",
    "vhd", "vhdx", "vmdk",
];
/// Kinds that are a disk without a container. They are opened after the others, which may have such files as parts.
const RAW: &[&str] = &["bitlocker", "ntfs", "refs", "gpt", "mbr"];

/// The disk images of an archive; `None` where it holds none, and where pages lie beside them: it is examined as what it is then, and
/// each image in it is a gap.
pub(super) fn of(archive: &Archive, candidate: &Candidate<'_>) -> Option<Result<Opened, Unopened>> {
    let (members, beside) = candidates(archive)?;
    let is_numbered = |path: &ServerPath| extension(path.name()).bytes().all(|byte| byte.is_ascii_digit());
    let mut images: Vec<(bool, ServerPath)> = Vec::new();
    let mut packed = 0;
    let mut others = beside;
    for path in members {
        // A boot floppy is no disk of a server.
        let kind = Kind::at(archive, &path).filter(|kind| kind.is_image() && kind.id != "fat");
        let is_part = kind.is_some() || is_numbered(&path);
        packed += usize::from(is_part && archive.is_deflated(&path));
        match kind {
            Some(kind) => images.push((RAW.contains(&kind.id), path)),
            None => others += usize::from(!is_part),
        }
    }
    if images.is_empty() {
        return None;
    }
    images.sort();
    Some(open(archive, candidate, &images, packed, others))
}

/// Members that may be disk images or parts of them, and how many others there are; `None` where pages are among them.
fn candidates(archive: &Archive) -> Option<(Vec<ServerPath>, usize)> {
    let inner = &archive.inner;
    let (mut members, mut beside) = (Vec::new(), 0);
    let mut open = vec![(0, inner.root.clone())];
    while let Some((node, folder)) = open.pop() {
        for child in inner.tree.children(node) {
            let name = inner.tree.name(child);
            match inner.kind(child) {
                EntryKind::Folder => open.push((child, folder.join(name))),
                EntryKind::File if is_web(name) => return None,
                EntryKind::File => {
                    // Looking into each large member of a solid block would unpack it again and again.
                    let is_large = inner.member(child).is_some_and(|member| member.size >= LARGE);
                    let may_be = NAMES.contains(&extension(name).as_str());
                    match may_be || is_large && inner.format != Format::SevenZip {
                        true if members.len() == MOST => return None,
                        true => members.push(folder.join(name)),
                        false => beside += 1,
                    }
                }
                EntryKind::Link { .. } | EntryKind::Other(_) => {}
            }
        }
    }
    Some((members, beside))
}

fn open(
    archive: &Archive,
    candidate: &Candidate<'_>,
    images: &[(bool, ServerPath)],
    packed: usize,
    others: usize,
) -> Result<Opened, Unopened> {
    let members = Members { archive: archive.clone(), packed, opened: Mutex::default() };
    let mut opened: Vec<(String, Image)> = Vec::new();
    let mut failed: Vec<(String, &ServerPath, String)> = Vec::new();
    for (_, path) in images {
        let name = members.name_of(path);
        if opened.iter().any(|(_, image)| has_part(image, &name)) {
            continue;
        }
        match Image::open_in(&members, &name, candidate.path.join(&name)) {
            Ok(image) => opened.push((name, image)),
            Err(NotOpened::Failed(error)) => failed.push((name, path, error.to_string())),
            Err(NotOpened::Refused(why)) => failed.push((name, path, why)),
        }
    }
    // The parent or segment of one that came after it.
    let is_part = |name: &str| opened.iter().any(|(own, image)| own != name && has_part(image, name));
    failed.retain(|(name, ..)| !is_part(name));
    let parts: Vec<String> = opened.iter().map(|(name, _)| name.clone()).filter(|name| is_part(name)).collect();
    opened.retain(|(name, _)| !parts.contains(name));
    if opened.is_empty() {
        let named =
            |name: &str, why: &str| if why.starts_with(name) { why.to_owned() } else { format!("{name}: {why}") };
        let why: Vec<String> = failed.iter().map(|(name, _, why)| named(name, why)).collect();
        return Err(candidate.kind.refused(candidate.path, &why.join("; ")));
    }
    let mut problems = archive.problems();
    problems.extend(failed.into_iter().map(|(_, path, why)| Problem::at(ProblemKind::ImageNotOpened, path, why)));
    let what = if others == 1 { "file in it is" } else { "files in it are" };
    let notice = format!("{}: {others} other {what} not examined", candidate.path.display());
    let notices = if others > 0 { vec![notice] } else { Vec::new() };
    Ok(Opened::Images { images: opened.into_iter().map(|(_, image)| image).collect(), notices, problems })
}

fn has_part(image: &Image, name: &str) -> bool {
    image.parts().any(|part| part.eq_ignore_ascii_case(name))
}

/// The members of an archive as files beside each other.
struct Members {
    archive: Archive,
    /// How many compressed ones may be read.
    packed: usize,
    /// What was opened: a compressed member is unpacked once for that.
    opened: Mutex<HashMap<ServerPath, Arc<dyn ReadAt>>>,
}

impl Members {
    /// The name of a member, relative to the archive, with `/` between folders.
    fn name_of(&self, path: &ServerPath) -> String {
        let below = path.below_exactly(&self.archive.inner.root).unwrap_or_default();
        let names: Vec<&str> = below.split(path.separator()).filter(|name| !name.is_empty()).collect();
        names.join("/")
    }

    fn path(&self, name: &str) -> ServerPath {
        let names = name.split('/').filter(|part| !part.is_empty());
        names.fold(self.archive.inner.root.clone(), |path, part| path.join(part))
    }
}

impl Files for Members {
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        let path = self.path(name);
        if let Some(known) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&path) {
            return Ok(Arc::clone(known));
        }
        if self.packed > MOST_PACKED && self.archive.is_deflated(&path) {
            let message = format!(
                "it is one of {} compressed files in the archive, which are more than can be read in place: unpack the archive first",
                self.packed
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        let bytes = self.archive.bytes_within(&path, gzip::MOST / self.packed.max(1))?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(path, Arc::clone(&bytes));
        Ok(bytes)
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let inner = &self.archive.inner;
        let node = inner.node(&self.path(folder))?;
        let files = inner.tree.children(node).filter(|child| inner.kind(*child) == EntryKind::File);
        Ok(files.map(|child| inner.tree.name(child).to_owned()).collect())
    }
}

impl Archive {
    fn is_deflated(&self, path: &ServerPath) -> bool {
        self.inner.file(path).is_ok_and(|member| member.how == How::Deflated)
    }
}
