//! The digests that an image holds, against its disk.

use crate::{Disk, StoredHashes};
use md5::{Digest, Md5};
use sha1::Sha1;
use std::io;
use std::ops::ControlFlow;

/// What the digests of a disk are, of those that its image holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What the image holds.
    pub stored: StoredHashes,
    /// What its disk has. `None`: not stored, so not computed.
    pub computed: StoredHashes,
}

impl Verified {
    /// Whether all stored digests are those of the disk.
    pub fn is_sound(&self) -> bool {
        self.stored == self.computed
    }
}

/// Reads the whole disk and computes the digests that its image holds; `progress` gets the bytes done and the total, and may
/// stop it. `None`: the image has no digests, or it was stopped.
///
/// # Errors
/// The first bytes that cannot be read.
pub fn verify(disk: &Disk, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> io::Result<Option<Verified>> {
    let stored = disk.hashes;
    if stored == StoredHashes::default() {
        return Ok(None);
    }
    let (mut md5, mut sha1) = (stored.md5.map(|_| Md5::new()), stored.sha1.map(|_| Sha1::new()));
    let mut buffer = vec![0; 1 << 20];
    let length = disk.data.len();
    let mut at = 0;
    while at < length {
        if progress(at, length).is_break() {
            return Ok(None);
        }
        let read = disk.data.read_at(&mut buffer, at)?;
        let part = buffer.get(..read).filter(|part| !part.is_empty()).ok_or(io::ErrorKind::UnexpectedEof)?;
        if let Some(md5) = &mut md5 {
            md5.update(part);
        }
        if let Some(sha1) = &mut sha1 {
            sha1.update(part);
        }
        at += part.len() as u64;
    }
    let computed =
        StoredHashes { md5: md5.map(|md5| md5.finalize().into()), sha1: sha1.map(|sha1| sha1.finalize().into()) };
    Ok(Some(Verified { stored, computed }))
}
