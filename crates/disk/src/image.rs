//! A disk out of an image, and what the image says of it.

use crate::ReadAt;
use std::sync::Arc;

/// A disk out of an image.
pub struct Disk {
    /// Its bytes, from sector 0 on. What is missing or damaged of the image is an error where it is read.
    pub data: Arc<dyn ReadAt>,
    /// What it was read from, as a person calls it: "E01", "raw, split", "differencing VHDX".
    pub kind: &'static str,
    /// The files that were opened for it, the image first: segments, extents, parents.
    pub parts: Vec<Part>,
    /// Facts that the image records about itself, in its order.
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

/// A fact that an image stores about itself, verbatim.
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
