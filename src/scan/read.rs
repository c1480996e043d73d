//! Reads a file once, for its digests and for the detectors.

use crate::evidence::{Content, Refused};
use crate::model::{Examined, Hashes, ProblemKind};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// Digests to compute beside SHA-256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    /// SHA-1.
    pub sha1: bool,
    /// MD5.
    pub md5: bool,
}

/// What reading a file gave.
#[derive(Debug)]
pub struct FileRead {
    /// The digests of the whole content.
    pub hashes: Hashes,
    /// How much is kept for detectors.
    pub examined: Examined,
    /// How many bytes were read.
    pub bytes: u64,
}

/// Reads files into buffers that are used again.
pub struct Reader {
    limit: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
    tail_start: u64,
    large: Option<(Sha1, Md5)>,
    /// Whether all of the file was read, so that a digest would be one of it.
    all: bool,
}

/// A buffer larger than this is given back after its file.
const KEEP: usize = 8 << 20;
/// How much of a large file is read at once.
const CHUNK: usize = 1 << 20;
/// How much of a file is read at all. A file of a terabyte would hold a run up for hours.
const MOST: u64 = 64 << 30;
/// How far past its listed size a growing file is followed.
const GROWTH: u64 = 16 << 20;

impl Reader {
    /// A reader that keeps files up to `limit` bytes whole, and of larger ones the first and last half of that.
    pub fn new(limit: u64) -> Self {
        Self { limit, head: Vec::new(), tail: Vec::new(), tail_start: 0, large: None, all: true }
    }

    /// Reads the whole file. The content is in [`Reader::pieces`] until the next call.
    pub fn read(&mut self, content: Content, interrupted: &AtomicBool) -> io::Result<FileRead> {
        for buffer in [&mut self.head, &mut self.tail] {
            buffer.clear();
            if buffer.capacity() > KEEP {
                *buffer = Vec::new();
            }
        }
        self.tail_start = 0;
        self.large = None;
        self.all = content.holes == 0;
        if content.size <= self.limit { self.read_whole(content) } else { self.read_ends(content, interrupted) }
    }

    fn read_whole(&mut self, content: Content) -> io::Result<FileRead> {
        let size = usize::try_from(content.size).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // One byte more than the size, so that the read that finds the end needs no larger buffer.
        // A limit on memory is a problem of this file, not the end of the run.
        self.head.try_reserve_exact(size + 1).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let growth = GROWTH.min(self.limit);
        content.reader.take(content.size + growth).read_to_end(&mut self.head)?;
        if !self.all {
            let examined = Examined::Ends((self.limit / 2).max(1));
            return Ok(FileRead { hashes: Hashes::default(), examined, bytes: self.head.len() as u64 });
        }
        let hashes = Hashes { sha256: Some(hex::encode(Sha256::digest(&self.head))), ..Hashes::default() };
        Ok(FileRead { hashes, examined: Examined::Whole, bytes: self.head.len() as u64 })
    }

    fn read_ends(&mut self, content: Content, interrupted: &AtomicBool) -> io::Result<FileRead> {
        let half = (self.limit / 2).max(1);
        self.tail_start = content.size - half;
        let mut reader = content.reader.take(content.size + GROWTH);
        let (mut sha256, mut sha1, mut md5) = (Sha256::new(), Sha1::new(), Md5::new());
        let mut chunk = vec![0; CHUNK];
        let mut at = 0u64;
        loop {
            if interrupted.load(Ordering::Relaxed) {
                return Err(io::Error::other("interrupted"));
            }
            let count = match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let bytes = &chunk[..count];
            sha256.update(bytes);
            sha1.update(bytes);
            md5.update(bytes);
            if at < half {
                let room = usize::try_from(half - at).unwrap_or(usize::MAX).min(count);
                self.head.extend_from_slice(&bytes[..room]);
            }
            if at + count as u64 > self.tail_start {
                let from = usize::try_from(self.tail_start.saturating_sub(at)).unwrap_or(0).min(count);
                self.tail.extend_from_slice(&bytes[from..]);
            }
            at += count as u64;
            if at > MOST {
                self.all = false;
                let message = "larger than 64 GiB: the rest was not read";
                return Err(io::Error::other(Refused(ProblemKind::PartiallyExamined, message)));
            }
        }
        if !self.all {
            return Ok(FileRead { hashes: Hashes::default(), examined: Examined::Ends(half), bytes: at });
        }
        self.large = Some((sha1, md5));
        let hashes = Hashes { sha256: Some(hex::encode(sha256.finalize())), ..Hashes::default() };
        let mut read = FileRead { hashes, examined: Examined::Ends(half), bytes: at };
        // A list may know a large file by either digest, and they are at hand.
        self.complete(&mut read.hashes);
        Ok(read)
    }

    /// The pieces of the last file that detectors look at, each with its place in the file.
    pub fn pieces(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let tail = (!self.tail.is_empty()).then_some((self.tail_start, self.tail.as_slice()));
        std::iter::once((0, self.head.as_slice())).chain(tail)
    }

    /// Adds the digests that are missing, from the content of the last file.
    pub fn complete(&self, hashes: &mut Hashes) {
        self.add(hashes, Digests { sha1: true, md5: true });
    }

    /// Adds those of these digests that are missing.
    pub fn add(&self, hashes: &mut Hashes, digests: Digests) {
        if !self.all {
            return;
        }
        if digests.sha1 && hashes.sha1.is_none() {
            hashes.sha1 = Some(match &self.large {
                Some((sha1, _)) => hex::encode(sha1.clone().finalize()),
                None => hex::encode(Sha1::digest(&self.head)),
            });
        }
        if digests.md5 && hashes.md5.is_none() {
            hashes.md5 = Some(match &self.large {
                Some((_, md5)) => hex::encode(md5.clone().finalize()),
                None => hex::encode(Md5::digest(&self.head)),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: &[u8], limit: u64) -> (Reader, FileRead) {
        let content = Content {
            reader: Box::new(Cursor::new(bytes.to_vec())),
            size: bytes.len() as u64,
            changed: None,
            inode: None,
            holes: 0,
        };
        let mut reader = Reader::new(limit);
        let read = reader.read(content, &AtomicBool::new(false)).expect("memory");
        (reader, read)
    }

    #[test]
    fn a_file_is_hashed_whole_and_kept_whole_up_to_the_limit() {
        let (reader, read) = read(b"abc", 3);
        assert_eq!(
            read.hashes.sha256.as_deref(),
            Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
        assert_eq!((read.hashes.sha1.as_deref(), read.examined, read.bytes), (None, Examined::Whole, 3));
        assert_eq!(reader.pieces().collect::<Vec<_>>(), [(0, &b"abc"[..])]);
        let mut hashes = read.hashes.clone();
        reader.complete(&mut hashes);
        assert_eq!(hashes.md5.as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(hashes.sha1.as_deref(), Some("a9993e364706816aba3e25717850c26c9cd0d89d"));
    }

    #[test]
    fn of_a_larger_file_both_ends_are_kept_at_their_places_and_the_whole_is_hashed() {
        let bytes: Vec<u8> = (0..3_000_001u32).map(|n| n as u8).collect();
        let (reader, read) = read(&bytes, 2000);
        assert_eq!((read.examined, read.bytes), (Examined::Ends(1000), 3_000_001));
        assert_eq!(read.hashes.sha256, Some(hex::encode(Sha256::digest(&bytes))));
        assert_eq!(read.hashes.md5, Some(hex::encode(Md5::digest(&bytes))));
        let pieces: Vec<_> = reader.pieces().collect();
        assert_eq!(pieces, [(0, &bytes[..1000]), (2_999_001, &bytes[2_999_001..])]);
    }

    #[test]
    fn a_file_without_its_holes_is_looked_at_and_has_no_digest() {
        for size in [10u64, 5000] {
            let bytes = vec![b'x'; size as usize];
            let reader = Box::new(Cursor::new(bytes));
            let content = Content { reader, size, changed: None, inode: None, holes: 1 << 40 };
            let mut reader = Reader::new(2000);
            let read = reader.read(content, &AtomicBool::new(false)).expect("memory");
            let mut hashes = read.hashes.clone();
            reader.complete(&mut hashes);
            assert_eq!((hashes, read.examined, read.bytes), (Hashes::default(), Examined::Ends(1000), size));
            assert_eq!(reader.pieces().next().map(|(_, piece)| piece.len()), Some(size.min(1000) as usize));
        }
    }

    #[test]
    fn a_file_that_never_ends_is_left_after_a_bound() {
        let content = Content { reader: Box::new(io::repeat(b'x')), size: 10, changed: None, inode: None, holes: 0 };
        let read = Reader::new(1 << 20).read(content, &AtomicBool::new(false)).expect("memory");
        assert_eq!(read.bytes, 10 + (1 << 20));
    }
}
