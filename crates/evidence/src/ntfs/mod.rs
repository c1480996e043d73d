//! A volume of NTFS that is read by this program itself: out of a disk image, a virtual disk, a snapshot, a raw device.

mod copies;
mod deleted;
mod logged;
mod reader;
mod remnants;
mod shadow;

use super::device::DriveVolume;
use super::{Content, Directory, Evidence, Listed, Stream};
use crate::model::server_path::fold;
use crate::model::wide_name::{escape_units, unescape_units};
use crate::model::{
    Attributes, DeletedFile, Entry, EntryKind, FileHistory, NamedStream, NtfsRecord, Problem, ProblemKind, ServerPath,
    ShadowCopy, Source, Times, Timestamp,
};
use copies::Copies;
use reader::Sequential;
use shellsift_disk::shadow::Shadows;
use shellsift_ntfs::{Name, Namespace, Reparse, Unread, Volume};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How many problems that are found in reading are kept.
const NOTED: usize = 1_000;
/// How many other names of a file are kept. Installations link a library a dozen times.
const NAMES: usize = 64;
/// The stream in which the Windows Overlay Filter keeps the content of a file: no stream of the user's.
const COMPRESSED: &str = "WofCompressedData";
/// The streams that an EFS file, an index or the system keeps begin so.
const OF_THE_SYSTEM: char = '$';
/// The folder under which files are shown whose own folder is not known any more, as forensic tools call it.
const ORPHANED: &str = "$OrphanFiles";

/// A volume as evidence.
pub struct NtfsVolume {
    volume: Arc<Volume>,
    root: ServerPath,
    source: Source,
    /// What is wrong with the image that it is in.
    of_image: Vec<Problem>,
    /// Its shadow copies, if it was prepared for them.
    copies: Option<Copies<NtfsVolume>>,
    /// The same volume as the system shows it, where it is a drive of this server.
    drive: Option<Directory>,
    /// What was found wrong in reading.
    noted: Mutex<Vec<Problem>>,
}

impl NtfsVolume {
    /// The volume under the name that the server has for it. `analysis_path` is where it is on this machine, `kind` in what:
    /// `NTFS, disk image (E01)`. `of_image` is what is wrong with the image, for one of its volumes.
    pub fn new(
        volume: Arc<Volume>,
        root: ServerPath,
        analysis_path: String,
        kind: String,
        of_image: Option<Vec<Problem>>,
    ) -> Self {
        let gives = vec!["created", "modified", "changed", "accessed", "$FILE_NAME times", "deleted files"];
        let source = Source { analysis_path, shown_as: root.clone(), kind, gives, lacks: Vec::new() };
        let (of_image, noted) = (of_image.unwrap_or_default(), Mutex::default());
        Self { volume, root, source, of_image, copies: None, drive: None, noted }
    }

    /// The volume of a drive of this server, read from its device ([`device::open_volume`](crate::device::open_volume)). `drive` is the
    /// same as the system shows it: it knows where links that name volumes lead, and which of this machine's files lie on it.
    pub fn of_drive(opened: DriveVolume, device: &Path, drive: Directory) -> Self {
        let (path, kind) = (device.display().to_string(), "live NTFS, raw device".to_owned());
        let (shadows, problem) = match opened.shadows {
            Ok(shadows) => (shadows.map(Arc::new), None),
            Err(error) => (None, Some(format!("its shadow copies cannot be listed: {error}"))),
        };
        let problems = problem.map(|what| vec![Problem::at(ProblemKind::FileUnreadable, drive.root(), what)]);
        let mut live = Self::new(Arc::new(opened.volume), drive.root().clone(), path, kind, problems);
        live.source.lacks.push("what Windows has not written to the disk yet is not seen".to_owned());
        live.with_shadow_copies(shadows).with_drive(Some(drive))
    }

    /// Adds the same volume as the system shows it.
    pub(super) fn with_drive(self, drive: Option<Directory>) -> Self {
        Self { drive, ..self }
    }

    /// The volume with its shadow copies.
    #[must_use]
    pub fn with_shadow_copies(self, shadows: Option<Arc<Shadows>>) -> Self {
        Self { copies: shadows.map(Copies::new), ..self }
    }

    /// The number of the record of a path. Links on the way are not followed.
    fn find(&self, path: &ServerPath) -> io::Result<u64> {
        let below = path.below_exactly(&self.root).ok_or(io::ErrorKind::NotFound)?;
        let mut at = self.volume.root();
        for name in below.split(['\\', '/']).filter(|name| !name.is_empty()) {
            if at != self.volume.root() {
                self.folder(at)?;
            }
            at = self.volume.find(at, &unescape_units(name)).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(at)
    }

    /// Refuses what is no folder, and a folder that is a link.
    fn folder(&self, number: u64) -> io::Result<()> {
        let entry = self.volume.entry(number).ok_or(io::ErrorKind::NotFound)?;
        match entry.folder && !self.is_link(number, entry.reparse_tag) {
            true => Ok(()),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn is_link(&self, number: u64, tag: Option<u32>) -> bool {
        // What no record can be read of may be a link: it is not gone through.
        tag.is_some() && self.volume.record(number).map_or(true, |record| record.reparse.is_some_and(|r| r.is_link()))
    }

    /// The name by which a path ends, as the volume has it: a path may be asked for in another case, and a file may have the same name in
    /// several folders.
    fn name_of(&self, number: u64, path: &ServerPath) -> Option<Name<'_>> {
        let (asked, folder) = (path.name(), path.parent().and_then(|folder| self.find(&folder).ok()));
        let units = unescape_units(asked);
        let names = || self.volume.names(number).filter(|name| Some(name.parent.number) == folder);
        let same = |name: &Name<'_>| fold(&escape_units(name.units)) == fold(asked);
        names().find(|name| name.units == units).or_else(|| names().find(same))
    }

    fn entry_of(&self, name: &Name<'_>) -> io::Result<Entry> {
        let known = self.volume.entry(name.number).ok_or(io::ErrorKind::NotFound)?;
        let reparse = match known.reparse_tag {
            Some(_) => self.volume.record(name.number).map_err(unread)?.reparse,
            None => None,
        };
        let kind = match reparse.filter(Reparse::is_link) {
            Some(link) => EntryKind::Link { target: target(&link) },
            None if known.folder => EntryKind::Folder,
            None => EntryKind::File,
        };
        let ntfs = NtfsRecord {
            sequence: Some(known.sequence),
            name_times: times(name.times),
            other_names: self.other_names(name),
            volume_created: self.volume_created(),
            ..NtfsRecord::default()
        };
        Ok(Entry {
            name: escape_units(name.units),
            kind,
            size: if known.folder { 0 } else { known.size },
            times: times(known.times),
            inode: Some(name.number),
            attributes: Attributes(known.attributes),
            ntfs: Some(Box::new(ntfs)),
        })
    }

    /// When the volume was formatted: its `$MFT` is as old.
    fn volume_created(&self) -> Option<Timestamp> {
        let by_name = || self.volume.names(0).next().and_then(|name| Timestamp::from_filetime(name.times.created));
        Timestamp::from_filetime(self.volume.facts().times.created).or_else(by_name)
    }

    /// The other paths of a file.
    fn other_names(&self, own: &Name<'_>) -> Vec<String> {
        let other =
            |name: &Name<'_>| name.space != Namespace::Dos && (name.parent != own.parent || name.units != own.units);
        let names = self.volume.names(own.number).filter(other).take(NAMES);
        names.map(|name| self.shown(&self.volume.path_of_name(&name)).to_string()).collect()
    }

    /// A path of the volume as the report shows it.
    fn shown(&self, path: &shellsift_ntfs::Path) -> ServerPath {
        let parts: Vec<String> = path.parts.iter().map(|part| escape_units(part)).collect();
        let start = match path.known {
            shellsift_ntfs::Known::Root => self.root.clone(),
            _ => self.root.join(ORPHANED),
        };
        let separator = start.separator().to_string();
        if parts.is_empty() { start } else { start.join(&parts.join(&separator)) }
    }

    /// Keeps what was found wrong in reading, for the end of the run.
    fn note(&self, problem: Problem) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < NOTED && !noted.contains(&problem) {
            noted.push(problem);
        }
    }

    /// The record of a file, whose problems are noted.
    fn record(&self, number: u64, path: &ServerPath) -> io::Result<shellsift_ntfs::Record> {
        let record = self.volume.record(number).map_err(unread)?;
        let known = self.volume.problems().iter().filter(|known| known.number == Some(number));
        let known: Vec<&str> = known.map(|known| known.reason).collect();
        let new: Vec<&str> = record.problems.iter().copied().filter(|reason| !known.contains(reason)).collect();
        if record.in_use && !new.is_empty() {
            let message = format!("record {number} of the $MFT: {}", new.join("; "));
            self.note(Problem::at(ProblemKind::FileUnreadable, path, message));
        }
        Ok(record)
    }

    fn content(&self, stream: shellsift_ntfs::Stream) -> Content {
        let (reader, size, holes) = Sequential::new(stream);
        Content { reader: Box::new(reader), size, changed: None, inode: None, holes }
    }

    /// The named streams of a record, those of the file system left out.
    fn named_streams(record: &shellsift_ntfs::Record) -> Vec<NamedStream> {
        let streams = record.streams.iter().map(|stream| (escape_units(&stream.name), stream.size));
        let own = streams.filter(|(name, _)| is_of_the_user(name));
        own.map(|(name, size)| NamedStream { name, size }).collect()
    }
}

impl Evidence for NtfsVolume {
    fn sources(&self) -> Vec<Source> {
        vec![self.source.clone()]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.of_image.clone();
        problems.extend(self.volume.problems().iter().filter_map(|one| self.problem(one)));
        if self.volume.problems_left_out() > 0 {
            let message = format!("{} more records of its $MFT are damaged", self.volume.problems_left_out());
            problems.push(Problem::at(ProblemKind::FileUnreadable, &self.root, message));
        }
        problems.extend(self.noted.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        problems
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let number = self.find(folder)?;
        if number != self.volume.root() {
            self.folder(number)?;
        }
        let names = self.volume.children(number).filter(|name| name.space != Namespace::Dos);
        // The root contains itself, under the name of a point.
        for name in names.filter(|name| name.number != number) {
            let text = escape_units(name.units);
            let is_file =
                self.volume.entry(name.number).is_some_and(|entry| !entry.folder && entry.reparse_tag.is_none());
            if is_file && !wanted(&text) {
                each(Listed::NameOnly);
                continue;
            }
            match self.entry_of(&name) {
                Ok(entry) if entry.kind == EntryKind::File && !wanted(&text) => each(Listed::NameOnly),
                Ok(entry) => each(Listed::Entry(entry)),
                Err(error) => each(Listed::Failed(text, error)),
            }
        }
        Ok(())
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let number = self.find(path)?;
        let name = match number == self.volume.root() {
            true => self.volume.names(number).next(),
            false => self.name_of(number, path).or_else(|| self.volume.names(number).next()),
        };
        let entry = self.entry_of(&name.ok_or(io::ErrorKind::NotFound)?)?;
        Ok(Entry { name: path.name().to_owned(), ..entry })
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        let number = self.find(file)?;
        let entry = self.volume.entry(number).ok_or(io::ErrorKind::NotFound)?;
        if entry.folder || self.is_link(number, entry.reparse_tag) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(self.content(self.volume.open_stream(number, &[]).map_err(unread)?))
    }

    fn deleted(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        self.each_deleted(wanted, each);
    }

    fn remnants(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) -> io::Result<()> {
        self.each_remnant(wanted, each)
    }

    fn open_deleted(&self, file: &DeletedFile, stream: Option<&str>) -> io::Result<Content> {
        self.open_file(file, stream)
    }

    fn shadow_copies(&self, problems: &mut Vec<Problem>) -> Vec<ShadowCopy> {
        self.list_copies(problems)
    }

    fn in_shadow_copy(
        &self,
        copy: &ShadowCopy,
        wanted: &dyn Fn(&ServerPath) -> bool,
        each: &mut dyn FnMut(DeletedFile),
    ) -> io::Result<Vec<Problem>> {
        self.each_in_copy(copy, wanted, each)
    }

    fn histories(&self, wanted: &dyn Fn(&ServerPath) -> bool) -> io::Result<Vec<FileHistory>> {
        self.journal(wanted)
    }

    fn locate(&self, folder: &ServerPath, target: &str) -> Option<ServerPath> {
        self.drive.as_ref()?.locate(folder, target)
    }

    fn local_target(&self, folder: &ServerPath, target: &str) -> Option<PathBuf> {
        self.drive.as_ref()?.local_target(folder, target)
    }

    fn holds(&self, local: &Path) -> Option<ServerPath> {
        self.drive.as_ref()?.holds(local)
    }

    fn knows_short_names(&self) -> bool {
        true
    }

    fn short_name(&self, path: &ServerPath) -> Option<String> {
        let number = self.find(path).ok()?;
        let own = self.name_of(number, path)?;
        let mut names = self.volume.names(number);
        let short = names.find(|name| name.space == Namespace::Dos && name.parent == own.parent)?;
        Some(escape_units(short.units))
    }

    fn streams(&self, path: &ServerPath) -> io::Result<Vec<Stream>> {
        let number = self.find(path)?;
        if !self.volume.entry(number).is_some_and(|entry| entry.has_streams) {
            return Ok(Vec::new());
        }
        Ok(Self::named_streams(&self.record(number, path)?))
    }

    fn open_stream(&self, path: &ServerPath, name: &str) -> io::Result<Content> {
        let number = self.find(path)?;
        Ok(self.content(self.volume.open_stream(number, &unescape_units(name)).map_err(unread)?))
    }
}

/// Whether a stream is none of those in which the system keeps what belongs to a file.
fn is_of_the_user(stream: &str) -> bool {
    !stream.is_empty() && stream != COMPRESSED && !stream.starts_with(OF_THE_SYSTEM)
}

/// Why content is not to be had, with the kind of problem that it is.
fn unread(error: Unread) -> io::Error {
    match error {
        Unread::Io(error) => error,
        Unread::NoRecord | Unread::Reused | Unread::NoStream => io::Error::new(io::ErrorKind::NotFound, error),
        other => io::Error::other(other),
    }
}

/// Where a link points, as Windows follows it: what the link shows may say another place.
fn target(link: &Reparse) -> Option<String> {
    let text = match link {
        Reparse::Junction { target, .. } | Reparse::SymbolicLink { target, .. } => escape_target(target),
        _ => return None,
    };
    Some(match text.strip_prefix(r"\??\") {
        None => text,
        Some(path) if path.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(r"UNC\")) => {
            format!(r"\\{}", &path[4..])
        }
        Some(path) if path.starts_with("Volume{") => format!(r"\\?\{path}"),
        Some(path) => path.to_owned(),
    })
}

/// A path as text, in which separators stay what they are.
fn escape_target(units: &[u16]) -> String {
    units.split(|unit| *unit == u16::from(b'\\')).map(escape_units).collect::<Vec<_>>().join("\\")
}

/// Times of NTFS, each a FILETIME; zero is one that was never set.
fn times(raw: shellsift_ntfs::Times) -> Times {
    let time = Timestamp::from_filetime;
    Times {
        created: time(raw.created),
        modified: time(raw.modified),
        changed: time(raw.changed),
        accessed: time(raw.accessed),
    }
}
