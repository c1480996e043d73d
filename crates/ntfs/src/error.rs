//! Why a volume, a file or a range of it is not read. Each message follows the name of what it is about.

use std::io;
use std::ops::Range;

/// Why a volume is not opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// There is no boot sector of NTFS.
    #[error("it is not an NTFS volume")]
    NotNtfs,
    /// The volume is encrypted.
    #[error("it is encrypted with BitLocker")]
    BitLocker,
    /// The file system of newer servers, which is another one.
    #[error("it is a ReFS volume")]
    Refs,
    /// What leads to the files is damaged.
    #[error("{0}")]
    Damaged(&'static str),
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Why a record or a stream is not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// No such record, or one that was never used.
    #[error("there is no such record")]
    NoRecord,
    /// Only of a volume that is in use: the file was deleted after the volume was opened, or there is another one in its record.
    #[error("it was deleted while the volume was examined")]
    Reused,
    /// The record has no stream of that name.
    #[error("it has no such stream")]
    NoStream,
    /// Encrypted by EFS: the key is not on the volume.
    #[error("it is encrypted (EFS)")]
    Encrypted,
    /// Its content lies in the chunk store.
    #[error("it is deduplicated: its content is in the chunk store of the volume")]
    Deduplicated,
    /// Its content is not on this machine.
    #[error("it is a placeholder: its content is in the cloud")]
    Cloud,
    /// Windows takes its content out of an archive.
    #[error("its content is in a WIM archive")]
    InWim,
    /// It is packed in a way that is not known.
    #[error("it is compressed with algorithm {0} of the Windows Overlay Filter, which is not known")]
    Algorithm(u32),
    /// A filter of Windows keeps its content elsewhere.
    #[error("its content is stored elsewhere by a Windows filter driver (reparse tag {0:#010x})")]
    Filter(u32),
    /// Structures of it make no sense.
    #[error("{0}")]
    Damaged(&'static str),
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A range of a stream that cannot be had, inside an [`io::Error`] or by itself.
#[derive(Debug, thiserror::Error)]
#[error("bytes {} to {} cannot be read: {reason}", range.start, range.end)]
pub struct Broken {
    /// Positions in the stream. What follows may be readable.
    pub range: Range<u64>,
    /// Why.
    pub reason: String,
}

impl From<Broken> for io::Error {
    fn from(broken: Broken) -> Self {
        Self::new(io::ErrorKind::InvalidData, broken)
    }
}
