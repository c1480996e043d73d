//! Why an image was not opened.

use std::io;

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
    /// It is recognised, but not supported.
    Unsupported,
    /// A segment, an extent or a parent is missing.
    Missing,
    /// It contradicts itself or its format.
    Damaged,
    /// A parent is another one than the image was made of.
    Mismatch,
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
