//! Where files come from: the only code that touches the examined machine, and it only reads.

pub mod directory;
pub mod memory;
mod resolve;

pub use directory::Directory;
pub use memory::Memory;
pub use resolve::Resolver;

use crate::model::{Entry, ProblemKind, ServerPath, Source, Timestamp};
use std::io::{self, Read};

/// A source of files. Three verbs: name it, list it, open it; hashing, limits and copying are built on these.
pub trait Evidence: Send + Sync {
    /// What the evidence is, a part a volume or folder, with what it can and cannot tell.
    fn sources(&self) -> Vec<Source>;

    /// Hands every name in `folder` to `each`, in no particular order, links not followed.
    ///
    /// Of a file whose name `wanted` refuses, only its being there is told ([`Listed::NameOnly`]), which spares asking for
    /// its metadata. An `Err` is about the folder; trouble with one name comes as [`Listed::Failed`].
    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()>;

    /// What a listing would say about this one path.
    fn stat(&self, path: &ServerPath) -> io::Result<Entry>;

    /// Opens a regular file for reading from its start. Never follows a link, never changes the file or its times.
    fn open(&self, file: &ServerPath) -> io::Result<Content>;
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
    /// The size at the moment of opening.
    pub size: u64,
    /// The change time of its record, where only an open handle tells it.
    pub changed: Option<Timestamp>,
    /// The number of its record, where only an open handle tells it.
    pub inode: Option<u64>,
}

/// Which kind of trouble an error with a file is.
pub fn classify(error: &io::Error) -> ProblemKind {
    #[cfg(windows)]
    match error.raw_os_error() {
        // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        Some(32 | 33) => return ProblemKind::FileLocked,
        // ERROR_VIRUS_INFECTED, ERROR_VIRUS_DELETED
        Some(225 | 226) => return ProblemKind::FileBlocked,
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::NotFound => ProblemKind::FileVanished,
        _ => ProblemKind::FileUnreadable,
    }
}
