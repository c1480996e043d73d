//! Reads a stream of an NTFS volume from its start.

use shellsift_disk::ReadAt;
use shellsift_ntfs::Stream;
use std::io::{self, Read};

/// From so many bytes of holes on they are left out, as of sparse files elsewhere: a terabyte of zeros would take hours.
const HOLES: u64 = 8 << 30;
/// How much of a hole is read, and how it is aligned: the chunk of an event log, so that what follows stays where readers expect it.
const PIECE: u64 = 64 << 10;
/// How many pieces of data of one sparse file are read.
const MOST: usize = 1 << 16;

/// The bytes of a stream in order. A range that cannot be read is zeros, so that what follows it is examined as well, and is reported as
/// an error where the stream would end.
pub(super) struct Sequential {
    stream: Stream,
    at: u64,
    /// Where reading ends, and where it goes on: the pieces of data of a file with very large holes, else one piece.
    pieces: Pieces,
    /// The first range that could not be read, and how many bytes in all.
    broken: Option<(String, u64)>,
    /// Up to where the bytes are zeros in place of a range that cannot be read.
    zeros_to: u64,
}

/// Ranges of a stream, in order.
struct Pieces {
    all: Vec<(u64, u64)>,
    next: usize,
}

impl Sequential {
    /// The reader, how many bytes it gives, and how many bytes of holes it leaves out.
    pub(super) fn new(stream: Stream) -> (Self, u64, u64) {
        let size = stream.len();
        let pieces = sparse(&stream, size).unwrap_or_else(|| vec![(0, size)]);
        let is_cut = pieces.len() >= MOST;
        let broken = is_cut.then(|| ("it is in too many fragments: the rest was not read".to_owned(), 0));
        let kept = pieces.iter().map(|(from, to)| to - from).sum();
        let at = pieces.first().map_or(0, |piece| piece.0);
        let reader = Self { stream, at, pieces: Pieces { all: pieces, next: 0 }, broken, zeros_to: 0 };
        (reader, kept, size - kept)
    }

    /// How many bytes of the present piece are left.
    fn left(&mut self) -> u64 {
        loop {
            let Some((from, to)) = self.pieces.all.get(self.pieces.next) else { return 0 };
            self.at = self.at.max(*from);
            if self.at < *to {
                return to - self.at;
            }
            self.pieces.next += 1;
        }
    }
}

impl Read for Sequential {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        if count == 0 {
            return match self.broken.take().filter(|_| left == 0) {
                Some((what, 0)) => Err(io::Error::new(io::ErrorKind::InvalidData, what)),
                Some((what, bytes)) => {
                    let message = format!("{what}; {bytes} bytes were examined as zeros");
                    Err(io::Error::new(io::ErrorKind::InvalidData, message))
                }
                None => Ok(0),
            };
        }
        if self.at < self.zeros_to {
            let count = count.min(usize::try_from(self.zeros_to - self.at).unwrap_or(usize::MAX));
            buffer[..count].fill(0);
            self.at += count as u64;
            return Ok(count);
        }
        match self.stream.read_some(&mut buffer[..count], self.at) {
            Ok(read) => {
                self.at += read as u64;
                Ok(read)
            }
            Err(broken) => {
                let end = broken.range.end.clamp(self.at + 1, self.stream.len());
                let known = self.broken.get_or_insert_with(|| (broken.to_string(), 0));
                known.1 += end - self.at;
                self.zeros_to = end;
                self.read(buffer)
            }
        }
    }
}

/// The pieces of a file with very large holes: its data, and the ends of the holes before them.
fn sparse(stream: &Stream, size: u64) -> Option<Vec<(u64, u64)>> {
    if size < HOLES {
        return None;
    }
    let (mut pieces, mut at, mut kept) = (Vec::new(), 0, 0);
    while let Some(data) = stream.next_data(at).filter(|_| pieces.len() < MOST) {
        // What is left of the hole keeps the alignment of what follows.
        let hole = data.start.saturating_sub(at);
        let from = data.start - (hole % PIECE + if hole >= PIECE { PIECE } else { 0 });
        let to = data.end.min(size);
        pieces.push((from, to));
        kept += to.saturating_sub(from);
        if to <= at {
            break;
        }
        at = to;
    }
    (size - kept.min(size) >= HOLES).then_some(pieces)
}
