//! Where files come from: a live drive, a mounted image, a copy ([`Directory`]), or a tree written down in a test ([`Memory`]). The
//! only code that touches the examined machine, and it only reads.
//!
//! ```
//! use shellsift_evidence::{Evidence, Memory};
//! use shellsift_model::ServerPath;
//! use std::io::Read;
//!
//! let evidence = Memory::new().file(r"C:\inetpub\wwwroot\default.aspx", b"a page");
//! let path = ServerPath::drive('C').join_all(r"inetpub\wwwroot\default.aspx");
//! let mut text = String::new();
//! evidence.open(&path).unwrap().reader.read_to_string(&mut text).unwrap();
//! assert_eq!(text, "a page");
//! ```

pub mod archive;
mod by_name;
mod collection;
mod container;
pub mod device;
pub mod directory;
pub mod drives;
pub mod image;
mod kind;
mod links;
mod local;
pub mod memory;
mod ntfs;
mod overlay;
mod recycle_bin;
mod resolve;
mod short_names;
pub mod watch;

pub use crate::watch::is_unanswered;
pub use archive::{Archive, images_in};
pub use collection::{Asked, Holdings, collected_volume, open_within};
pub use container::KINDS;
pub use directory::Directory;
pub use image::Image;
pub use kind::{Candidate, Collected, Holds, Kind, Layout, Opened, Unopened};
pub use links::{Away, is_of_windows};
pub use memory::Memory;
pub use ntfs::NtfsVolume;
pub use overlay::Overlay;
pub use recycle_bin::BinItem;
pub use resolve::{CrossedLink, Led, Resolver, not_followed};

use crate as evidence;
pub use crate::model::NamedStream as Stream;
use crate::model::{DeletedFile, Entry, FileHistory, Problem, ProblemKind, ServerPath, ShadowCopy, Source, Timestamp};
use shellsift_model as model;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A source of files. Three verbs: name it, list it, open it; hashing, limits and copying are built on these.
pub trait Evidence: Send + Sync {
    /// What the evidence is, one source per volume or folder, with the times it has and its limitations.
    fn sources(&self) -> Vec<Source>;

    /// Hands every name in `folder` to `each`, in no particular order, links not followed.
    ///
    /// A file whose name `wanted` refuses is only counted ([`Listed::NameOnly`]), which saves reading its metadata. An `Err` is
    /// about the folder; an error of one name is [`Listed::Failed`].
    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()>;

    /// What a listing would say about this one path.
    fn stat(&self, path: &ServerPath) -> io::Result<Entry>;

    /// Opens a regular file for reading from its start. Never follows a link, never changes the file or its times.
    fn open(&self, file: &ServerPath) -> io::Result<Content>;

    /// Whether it has an index of all names in this folder and below in memory: listings are in the order of names, and asking for one of
    /// them again costs next to nothing.
    fn is_index(&self, folder: &ServerPath) -> bool {
        let _ = folder;
        false
    }

    /// What to know before anything is read, a line each: where reading leaves a trace, what else is walked.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// What is known to be wrong with the evidence itself, beside what its files and folders say when they are asked: parts that are
    /// damaged, sums that do not match. Asked again at the end of a run, it may say more, since some is only seen in reading.
    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Of a collection, what was collected, a row for each server; nothing for sources that hold whole volumes.
    fn holdings(&self) -> Vec<Holdings> {
        Vec::new()
    }

    /// The name in the evidence of where a link in `folder` leads whose target is a path of the analysis machine: below one of
    /// its folders, or a volume that the system knows by another name. By text alone: nothing is followed.
    fn locate(&self, folder: &ServerPath, target: &str) -> Option<ServerPath> {
        let _ = (folder, target);
        None
    }

    /// The path of the analysis machine that such a target means, where it means one.
    fn local_target(&self, folder: &ServerPath, target: &str) -> Option<PathBuf> {
        let _ = (folder, target);
        None
    }

    /// The name in the evidence of a path of the analysis machine; `None` if it lies in none of its folders. By text alone.
    fn holds(&self, local_path: &Path) -> Option<ServerPath> {
        let _ = local_path;
        None
    }

    /// Whether names can be looked up by their short form: because the system resolves it, or because [`Self::short_name`]
    /// returns it.
    fn knows_short_names(&self) -> bool {
        false
    }

    /// The short name (8.3) of a file or folder, if the source has it.
    fn short_name(&self, path: &ServerPath) -> Option<String> {
        let _ = path;
        None
    }

    /// Files that were deleted and whose record is still there, where the source knows of them: those whose path is wanted, in no
    /// particular order. They are no part of any listing and are found under no path.
    fn deleted(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        let _ = (wanted, each);
    }

    /// What other structures than records of deleted files tell of files that no listing shows: files in use that no folder leads to,
    /// the slack of records, names in the indexes of web folders, the journal of the file system (`$LogFile`). Those whose path is
    /// wanted; a folder is taken for a web folder where any name in it is wanted. `Err` where something of it could not be read.
    fn remnants(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) -> io::Result<()> {
        let _ = (wanted, each);
        Ok(())
    }

    /// Opens what is left of a deleted file, or of one of its streams. Bytes that belong to another file by now are not returned:
    /// they read as zeros, and reading ends with an error that says so. A file of a shadow
    /// copy is read out of the copy.
    fn open_deleted(&self, file: &DeletedFile, stream: Option<&str>) -> io::Result<Content> {
        let _ = (file, stream);
        Err(io::ErrorKind::NotFound.into())
    }

    /// The shadow copies of its volumes, those of each with the oldest first. What is damaged in the list of them goes to `problems`.
    fn shadow_copies(&self, problems: &mut Vec<Problem>) -> Vec<ShadowCopy> {
        let _ = problems;
        Vec::new()
    }

    /// The files of a shadow copy that differ from the volume as it is, of those whose path in the copy is wanted: deleted or moved
    /// since, with other content, with other times. Like deleted files they are found under no path. Gives what could not be compared;
    /// `Err` if the copy cannot be read.
    fn in_shadow_copy(
        &self,
        copy: &ShadowCopy,
        wanted: &dyn Fn(&ServerPath) -> bool,
        each: &mut dyn FnMut(DeletedFile),
    ) -> io::Result<Vec<Problem>> {
        let _ = (copy, wanted, each);
        Err(io::ErrorKind::NotFound.into())
    }

    /// The history of the wanted files from a change journal. `Err` where there is one that cannot be read.
    fn histories(&self, wanted: &dyn Fn(&ServerPath) -> bool) -> io::Result<Vec<FileHistory>> {
        let _ = wanted;
        Ok(Vec::new())
    }

    /// The alternate data streams of a file or folder. Empty where it has none, and where the source cannot show them, which
    /// [`Source::lacks`] says.
    fn streams(&self, path: &ServerPath) -> io::Result<Vec<Stream>> {
        let _ = path;
        Ok(Vec::new())
    }

    /// Opens one of those streams for reading from its start.
    fn open_stream(&self, path: &ServerPath, name: &str) -> io::Result<Content> {
        let _ = (path, name);
        Err(io::ErrorKind::NotFound.into())
    }
}

/// One name of a listing.
#[derive(Debug)]
pub enum Listed {
    /// A name with its metadata.
    Entry(Entry),
    /// A regular file that the caller did not want.
    NameOnly,
    /// A name, escaped, whose metadata could not be had.
    Failed(String, io::Error),
}

/// An opened file.
pub struct Content {
    /// The bytes.
    pub reader: Box<dyn Read + Send>,
    /// The size at the moment of opening, without the holes that are left out.
    pub size: u64,
    /// The change time of its record, if only an open handle has it.
    pub changed: Option<Timestamp>,
    /// The number of its record, if only an open handle has it.
    pub inode: Option<u64>,
    /// How much of the file are holes that the reader leaves out; not zero only of very large files.
    pub holes: u64,
}

/// Why a source refused a file, inside an [`io::Error`], where no code of the operating system says it.
#[derive(Debug, thiserror::Error)]
#[error("{1}")]
pub struct Refused(pub ProblemKind, pub &'static str);

/// The kind of problem that an error with a file is.
pub fn classify(error: &io::Error) -> ProblemKind {
    if let Some(Refused(kind, _)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return *kind;
    }
    if crate::watch::is_silence(error) {
        return ProblemKind::ReadTimedOut;
    }
    let of_windows = if cfg!(windows) { error.raw_os_error().and_then(windows_refusal) } else { None };
    of_windows.unwrap_or(match error.kind() {
        io::ErrorKind::NotFound => ProblemKind::FileVanished,
        _ => ProblemKind::FileUnreadable,
    })
}

/// The kinds of refusal that Windows reports by code (winerror.h).
fn windows_refusal(code: i32) -> Option<ProblemKind> {
    match code {
        32 | 33 => Some(ProblemKind::FileLocked), // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        225 | 226 => Some(ProblemKind::FileBlocked), // ERROR_VIRUS_INFECTED, ERROR_VIRUS_DELETED
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_windows_are_distinguished() {
        assert_eq!(windows_refusal(225), Some(ProblemKind::FileBlocked));
        assert_eq!(windows_refusal(32), Some(ProblemKind::FileLocked));
        assert_eq!(windows_refusal(5), None);
        let planted = io::Error::other(Refused(ProblemKind::FileLocked, "held"));
        assert_eq!(classify(&planted), ProblemKind::FileLocked);
        assert_eq!(classify(&io::ErrorKind::NotFound.into()), ProblemKind::FileVanished);
        assert_eq!(classify(&io::ErrorKind::PermissionDenied.into()), ProblemKind::FileUnreadable);
    }
}
