//! Sparse files: a terabyte of holes would take hours to read.

use crate::evidence::Refused;
use crate::model::ProblemKind;
use rustix::fs::{SeekFrom, seek};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};

/// From so many bytes of holes on they are left out. What is below costs seconds, and its digest is worth them.
const HOLES: u64 = 8 << 30;
/// A hole is left out in pieces of this size, the chunk of an event log, so that what follows it stays where its readers expect it.
const PIECE: u64 = 64 << 10;
/// How many pieces of data of one file are read.
const MOST: usize = 1 << 16;

/// The data of a file, with what is left of the holes between.
pub(super) struct Data {
    file: File,
    /// From where to where: data, and zeros before it.
    pieces: VecDeque<(u64, u64)>,
    zeros: u64,
    at: u64,
    /// Whether there were more than are read.
    cut: bool,
}

/// A file of which the holes are left out, how much that is, and how much is left; `None` if it has few.
pub(super) fn data(file: &File, size: u64, blocks: u64) -> Option<(Data, u64, u64)> {
    // In units of 512 bytes (stat(2)).
    if size.saturating_sub(blocks.saturating_mul(512)) < HOLES {
        return None;
    }
    let file = file.try_clone().ok()?;
    let (mut pieces, mut at, mut kept, mut cut) = (VecDeque::new(), 0, 0, false);
    while at < size {
        let begin = match seek(&file, SeekFrom::Data(at)) {
            Ok(begin) => begin.clamp(at, size),
            // Behind the last data there is none to be found.
            Err(rustix::io::Errno::NXIO) => size,
            // The file is read as it is, which says what is wrong.
            Err(_) => return None,
        };
        let end = if begin < size { seek(&file, SeekFrom::Hole(begin)).ok()?.clamp(begin, size) } else { size };
        kept += zeros(at, begin) + (end - begin);
        pieces.push_back((begin, end));
        at = end;
        if pieces.len() >= MOST && at < size {
            cut = true;
            break;
        }
        if begin == end {
            break;
        }
    }
    seek(&file, SeekFrom::Start(0)).ok()?;
    let left_out = size - kept.min(size);
    // A file system that knows of no holes says that all is data.
    (left_out >= HOLES / 2).then_some((Data { file, pieces, zeros: 0, at: 0, cut }, left_out, kept))
}

/// How much of a hole is read.
fn zeros(from: u64, to: u64) -> u64 {
    (to - from) % PIECE + if to - from >= PIECE { PIECE } else { 0 }
}

impl Read for Data {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.zeros > 0 {
                let count = usize::try_from(self.zeros).unwrap_or(usize::MAX).min(buffer.len());
                buffer.get_mut(..count).unwrap_or_default().fill(0);
                self.zeros -= count as u64;
                return Ok(count);
            }
            let Some((begin, end)) = self.pieces.front().copied() else {
                let message = "in too many fragments: the rest was not read";
                return if self.cut {
                    Err(io::Error::other(Refused(ProblemKind::PartiallyExamined, message)))
                } else {
                    Ok(0)
                };
            };
            if self.at < begin {
                self.zeros = zeros(self.at, begin);
                self.at = begin;
                seek(&self.file, SeekFrom::Start(begin))?;
                continue;
            }
            if self.at >= end {
                self.pieces.pop_front();
                continue;
            }
            let most = usize::try_from(end - self.at).unwrap_or(usize::MAX).min(buffer.len());
            if most == 0 {
                return Ok(0);
            }
            let count = self.file.read(buffer.get_mut(..most).unwrap_or_default())?;
            if count == 0 {
                return Ok(0); // it has become shorter
            }
            self.at += count as u64;
            return Ok(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn what_lies_between_holes_is_read_and_the_holes_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sparse");
        let mut file = File::options().create(true).truncate(true).read(true).write(true).open(path).expect("a file");
        for (at, text) in [(0u64, "begin"), ((300 << 30) + (4 << 10), "middle"), ((1 << 40) - 3, "end")] {
            file.seek(io::SeekFrom::Start(at)).expect("sought");
            file.write_all(text.as_bytes()).expect("written");
        }
        let metadata = file.metadata().expect("metadata");
        let (mut data, left_out, kept) = data(&file, metadata.len(), metadata.blocks()).expect("holes");
        let mut bytes = Vec::new();
        data.read_to_end(&mut bytes).expect("read");
        assert_eq!((bytes.len() as u64, left_out + kept), (kept, 1 << 40));
        assert!(kept < 1 << 20, "{kept}");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("begin") && text.contains("middle") && text.ends_with("end"));
        let middle = memchr::memmem::find(&bytes, b"middle").expect("there") as u64;
        assert_eq!(middle % PIECE, 4 << 10, "a chunk of an event log stays one");
        let dense = super::data(&file, 5, 8);
        assert!(dense.is_none());
    }
}
