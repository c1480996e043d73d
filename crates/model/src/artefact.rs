//! One examined file, as detectors and reports see it.

use super::{Comparison, Compiled, Entry, FolderStats, Place, Recycled, ServerPath, Signed};

/// A file with all that is known about it before anybody judges it.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// The server's own path.
    pub path: ServerPath,
    /// What the listing said: size, times, attributes, taken before the file was opened.
    pub entry: Entry,
    /// What its folder is to the server.
    pub place: Place,
    /// Statistics of the files around it, in folders of a site or of Exchange that hold server code.
    pub neighbours: Option<FolderStats>,
    /// Digests of the whole content.
    pub hashes: Hashes,
    /// How much of it was looked at.
    pub examined: Examined,
    /// How it compares with the baseline, once its digest is known; `None` if there is nothing to compare it with.
    pub comparison: Option<Comparison>,
    /// The page that was compiled into it, or that it describes: for `.compiled` files and their assemblies.
    pub compiled: Option<Compiled>,
    /// As what a configuration loads it into the web server: `native module X`, `ISAPI filter X`; raw.
    pub loaded_as: Vec<String>,
    /// The known publisher that has signed it, where there was a reason to ask and the signature is valid.
    pub signed: Option<Signed>,
    /// Of a file in a recycle bin, what that says of it: its place is then that of where it was.
    pub recycled: Option<Box<Recycled>>,
}

impl Artefact {
    /// A file that is examined whole, before anything is known of its content.
    pub fn new(path: ServerPath, entry: Entry, place: Place) -> Self {
        Self {
            path,
            entry,
            place,
            neighbours: None,
            hashes: Hashes::default(),
            examined: Examined::Whole,
            comparison: None,
            compiled: None,
            loaded_as: Vec::new(),
            signed: None,
            recycled: None,
        }
    }
}

/// Lower-case hexadecimal digests of a file's whole content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// Absent only where the content could not be read.
    pub sha256: Option<String>,
    /// For findings, and where an indicator list asks for it.
    pub sha1: Option<String>,
    /// For findings, and where an indicator list asks for it.
    pub md5: Option<String>,
}

impl Hashes {
    /// The digests that are there.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        [&self.sha256, &self.sha1, &self.md5].into_iter().flatten()
    }
}

/// How far a file was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Examined {
    /// Every byte.
    Whole,
    /// Hashed whole; this many bytes at the start and as many at the end were looked at.
    Ends(u64),
    /// This many bytes, up to a read error; without digests.
    UpTo(u64),
    /// Not at all: the content could not be read.
    MetadataOnly,
}
