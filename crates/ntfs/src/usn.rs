//! The change journal, `$Extend\$UsnJrnl:$J`: what happened to files, with times and names, also of files that no longer exist.
//!
//! The layout follows Microsoft's documentation of `USN_RECORD_V2`, `V3` and `V4` and of their reasons (winioctl.h): records aligned to
//! 8 bytes, none across a page of 4096 bytes, zeros up to the end of a page. The stream is sparse: Windows frees its beginning, so of
//! 13 GB a few MB are allocated, and only those are read.

mod fold;

pub use fold::{Event, EventKind, Folded, History, fold};

use crate::{Broken, Reference};
use shellsift_disk::numbers::{u16_at, u32_at, u64_at};
use shellsift_disk::{ReadAt, read_exact_at};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// What is read at once, and how finely around bytes that cannot be read.
const PIECE: usize = 1 << 20;
const PAGE: usize = 4_096;
/// A record of version 2 or 3 before its name.
const HEAD_2: usize = 60;
const HEAD_3: usize = 76;
/// A record of version 4 before its extents.
const HEAD_4: usize = 64;

bitflags::bitflags! {
    /// Why a record was written. Reasons add up from the first change of an open file to its close.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Reason: u32 {
        /// Content was written over.
        const DATA_OVERWRITE = 0x0000_0001;
        /// Content was added.
        const DATA_EXTEND = 0x0000_0002;
        /// Content was cut.
        const DATA_TRUNCATION = 0x0000_0004;
        /// A named stream was written over.
        const NAMED_DATA_OVERWRITE = 0x0000_0010;
        /// A named stream was added to.
        const NAMED_DATA_EXTEND = 0x0000_0020;
        /// A named stream was cut.
        const NAMED_DATA_TRUNCATION = 0x0000_0040;
        /// Created.
        const FILE_CREATE = 0x0000_0100;
        /// Deleted.
        const FILE_DELETE = 0x0000_0200;
        /// Extended attributes were changed.
        const EA_CHANGE = 0x0000_0400;
        /// Owner or access rights were changed.
        const SECURITY_CHANGE = 0x0000_0800;
        /// Renamed or moved: this is the name before.
        const RENAME_OLD_NAME = 0x0000_1000;
        /// Renamed or moved: this is the name after.
        const RENAME_NEW_NAME = 0x0000_2000;
        /// The attribute that tells the indexer was changed.
        const INDEXABLE_CHANGE = 0x0000_4000;
        /// Times or attributes were set: also what timestomping does.
        const BASIC_INFO_CHANGE = 0x0000_8000;
        /// A hard link was added or removed.
        const HARD_LINK_CHANGE = 0x0001_0000;
        /// Compressed or unpacked.
        const COMPRESSION_CHANGE = 0x0002_0000;
        /// Encrypted or decrypted.
        const ENCRYPTION_CHANGE = 0x0004_0000;
        /// The object id was changed.
        const OBJECT_ID_CHANGE = 0x0008_0000;
        /// A reparse point was set or removed.
        const REPARSE_POINT_CHANGE = 0x0010_0000;
        /// A named stream was added, renamed or removed.
        const STREAM_CHANGE = 0x0020_0000;
        /// Changed in a transaction.
        const TRANSACTED_CHANGE = 0x0040_0000;
        /// The integrity attribute was changed (ReFS).
        const INTEGRITY_CHANGE = 0x0080_0000;
        /// The storage class was changed.
        const DESIRED_STORAGE_CLASS_CHANGE = 0x0100_0000;
        /// Closed, with all reasons since it was opened.
        const CLOSE = 0x8000_0000;
        // Reasons of later versions are kept.
        const _ = !0;
    }
}

/// A record of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number: where it lies in the stream.
    pub usn: u64,
    /// The file.
    pub file: Reference,
    /// The folder that its name is in.
    pub parent: Reference,
    /// When it was written, as FILETIME (100 ns since 1601-01-01 UTC).
    pub time: u64,
    /// Why it was written.
    pub reason: Reason,
    /// Who changed the file: 0, or a bit for the system's own data management (1), auxiliary data (2), replication (4 and 8).
    pub source: u32,
    /// The file's attributes (FILE_ATTRIBUTE_*).
    pub attributes: u32,
    /// The file's name, without its folder.
    pub name: Vec<u16>,
}

impl Record {
    /// Whether it is a folder's.
    pub fn is_folder(&self) -> bool {
        self.attributes & 0x10 != 0
    }
}

/// What of a journal was not read as records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Bytes that are neither records nor the zeros between them.
    pub damaged: u64,
    /// Bytes that cannot be read.
    pub unreadable: u64,
    /// Records of version 4, which tell changed extents of large files and no name.
    pub ranges: u64,
    /// Records with references of 128 bits, as ReFS has them.
    pub foreign: u64,
}

impl Skipped {
    /// What to say of it, in words that follow the journal's name; nothing where records were only left out by their kind.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.damaged > 0 {
            problems.push(format!("{} bytes in it are not records: events are missing there", self.damaged));
        }
        if self.unreadable > 0 {
            problems.push(format!("{} bytes of it cannot be read: events are missing there", self.unreadable));
        }
        if self.foreign > 0 {
            problems.push(format!("{} records are of another file system than NTFS", self.foreign));
        }
        problems
    }
}

/// A change journal.
pub struct Journal {
    source: Arc<dyn ReadAt>,
    allocated: Vec<Range<u64>>,
    most: u64,
}

impl Journal {
    /// Takes the stream `$J` and which of it is allocated; ranges outside of it, and what of them lies twice, are left out.
    pub fn new(source: Arc<dyn ReadAt>, allocated: impl IntoIterator<Item = Range<u64>>) -> Self {
        let length = source.len();
        let mut ranges: Vec<Range<u64>> =
            allocated.into_iter().map(|range| range.start..range.end.min(length)).collect();
        ranges.retain(|range| range.start < range.end);
        ranges.sort_unstable_by_key(|range| range.start);
        let mut allocated: Vec<Range<u64>> = Vec::new();
        for range in ranges {
            match allocated.last_mut().filter(|last| range.start <= last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None => allocated.push(range),
            }
        }
        Self { source, allocated, most: u64::MAX }
    }

    /// Of a volume of so many bytes: more than those are not read, since clusters that are listed twice are not the journal's.
    #[must_use]
    pub fn on_volume_of(self, bytes: u64) -> Self {
        Self { most: bytes, ..self }
    }

    /// Takes a stream of which all is allocated, or an extracted one without its beginning.
    pub fn whole(source: Arc<dyn ReadAt>) -> Self {
        let length = source.len();
        Self::new(source, std::iter::once(0..length))
    }

    /// Bytes that are read for one run through the records.
    pub fn allocated(&self) -> u64 {
        self.allocated.iter().map(|range| range.end - range.start).sum()
    }

    /// Its records in their order, the oldest first.
    pub fn records(&self) -> Records<'_> {
        Records {
            source: &*self.source,
            ranges: self.allocated.iter().cloned().collect(),
            buffer: Vec::new(),
            at: 0,
            position: 0,
            room: self.most,
            skipped: Skipped::default(),
        }
    }
}

/// The records of a journal: see [`Journal::records`].
pub struct Records<'j> {
    source: &'j dyn ReadAt,
    /// What is still to be read.
    ranges: VecDeque<Range<u64>>,
    /// What is read and not yet returned, from `at` on; it begins at `position` of the stream.
    buffer: Vec<u8>,
    at: usize,
    position: u64,
    /// Bytes that may still be read.
    room: u64,
    skipped: Skipped,
}

/// What lies at a position.
enum Found {
    Record(Record, usize),
    Left(Left, usize),
    Nothing,
}

/// A record that is counted and not returned.
enum Left {
    Ranges,
    Foreign,
}

impl Records<'_> {
    /// What was not read as records so far: all of it at the end.
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// Sees that a whole record lies in the buffer, if there is one.
    fn fill(&mut self) -> bool {
        while self.buffer.len() - self.at < PAGE {
            let Some(range) = self.ranges.front_mut() else { break };
            let end = self.position + self.buffer.len() as u64;
            if self.at == self.buffer.len() {
                self.buffer.clear();
                (self.at, self.position) = (0, range.start);
            } else if end == range.start {
                self.buffer.drain(..self.at);
                self.position += self.at as u64;
                self.at = 0;
            } else {
                // What is left belongs to an earlier range: it is returned first.
                break;
            }
            let left = usize::try_from(range.end - range.start).unwrap_or(PIECE).min(PIECE);
            let Some(room) = self.room.checked_sub(left as u64) else {
                self.skipped.unreadable += self.ranges.drain(..).map(|range| range.end - range.start).sum::<u64>();
                break;
            };
            let from = self.buffer.len();
            self.buffer.resize(from + left, 0);
            if read_exact_at(self.source, &mut self.buffer[from..], range.start).is_ok() {
                range.start += left as u64;
                self.room = room;
            } else {
                let page = left.min(PAGE - (range.start % PAGE as u64) as usize);
                self.buffer.truncate(from + page);
                let mut step = page as u64;
                if let Err(error) = read_exact_at(self.source, &mut self.buffer[from..], range.start) {
                    self.buffer.truncate(from);
                    // A range of terabytes that is listed nowhere is left at once.
                    let broken = error.get_ref().and_then(|error| error.downcast_ref::<Broken>());
                    let end = broken.map_or(0, |broken| broken.range.end - broken.range.end % PAGE as u64);
                    step = end.saturating_sub(range.start).max(step).min(range.end - range.start);
                    self.skipped.unreadable += step;
                }
                range.start += step;
            }
            if range.start >= range.end {
                self.ranges.pop_front();
            }
        }
        self.at < self.buffer.len()
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while self.fill() {
            let rest = &self.buffer[self.at..];
            // Zeros fill pages, and what was freed.
            let zeros = rest.chunks_exact(8).position(|eight| eight != [0; 8]).unwrap_or(rest.len() / 8);
            if zeros > 0 {
                self.at += 8 * zeros;
                continue;
            }
            match read(rest) {
                Found::Record(record, length) => {
                    self.at += length;
                    return Some(record);
                }
                Found::Left(left, length) => {
                    match left {
                        Left::Ranges => self.skipped.ranges += 1,
                        Left::Foreign => self.skipped.foreign += 1,
                    }
                    self.at += length;
                }
                Found::Nothing => {
                    let step = 8.min(rest.len());
                    let damaged = rest[..step].iter().any(|byte| *byte != 0);
                    self.skipped.damaged += if damaged { step as u64 } else { 0 };
                    self.at += step;
                }
            }
        }
        None
    }
}

/// The record that bytes begin with.
fn read(bytes: &[u8]) -> Found {
    read_record(bytes).unwrap_or(Found::Nothing)
}

fn read_record(bytes: &[u8]) -> Option<Found> {
    let length = u32_at(bytes, 0)? as usize;
    let (major, minor) = (u16_at(bytes, 4)?, u16_at(bytes, 6)?);
    let head = match (major, minor) {
        (2, 0) => HEAD_2,
        (3, 0) => HEAD_3,
        (4, 0) => HEAD_4,
        _ => return None,
    };
    if length < head || length > PAGE || !length.is_multiple_of(8) {
        return None;
    }
    let record = bytes.get(..length)?;
    if major == 4 {
        return Some(Found::Left(Left::Ranges, length));
    }
    let wide = major == 3;
    // References of 16 bytes move what is behind them.
    let (parent, rest) = if wide { (24, 40) } else { (16, 24) };
    let name_length = usize::from(u16_at(record, rest + 32)?);
    let name_at = usize::from(u16_at(record, rest + 34)?);
    let name = record.get(name_at..name_at.checked_add(name_length)?)?;
    if name_at < head || name_length == 0 || name_length > 510 || !name_length.is_multiple_of(2) {
        return None;
    }
    if wide && (u64_at(record, 16)? != 0 || u64_at(record, 32)? != 0) {
        return Some(Found::Left(Left::Foreign, length));
    }
    let record = Record {
        usn: u64_at(record, rest)?,
        file: Reference::new(u64_at(record, 8)?),
        parent: Reference::new(u64_at(record, parent)?),
        time: u64_at(record, rest + 8)?,
        reason: Reason::from_bits_retain(u32_at(record, rest + 16)?),
        source: u32_at(record, rest + 20)?,
        attributes: u32_at(record, rest + 28)?,
        name: name.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect(),
    };
    Some(Found::Record(record, length))
}

#[cfg(test)]
#[path = "usn/tests.rs"]
mod tests;
