//! `$LogFile`, the journal of the file system itself: the newest changes of records and folders, among them names of files that no longer
//! exist and content that lay in their records.
//!
//! The layout is as the Linux-NTFS project (`logfile.h`) and M. Suhanov's dfir_ntfs tell it: two restart pages, copies of the newest pages, and
//! a ring of pages with records. A record begins with a number that tells its position, so that every record vouches for its place: pages are
//! gone through one by one, and nothing depends on the restart pages being whole.

mod changes;

pub use changes::{Content, ContentPart, Geometry, NameChange, NameChangeKind};

use changes::Operation;
use shellsift_disk::numbers::{u16_at, u32_at, u64_at};
use shellsift_disk::{ReadAt, read_exact_at};
use std::collections::HashSet;

/// The size of a page, the only one that Windows writes.
const PAGE: usize = 4_096;
/// Bytes of a sector, the last two of which are guarded.
const STRIDE: usize = 512;
/// A record before its data, and where records begin in a page, unless the restart pages tell otherwise.
const HEAD: usize = 48;
const DATA: usize = 64;
/// Data of one record that is read: table dumps are longer, and are of no use here.
const MOST_DATA: usize = 64 << 10;
/// Pages of the ring that are read: 4 GiB, the most that Windows makes.
const MOST_PAGES: u64 = 1 << 20;
/// What is kept: distinct records, names, bytes of content.
const MOST_RECORDS: usize = 2_000_000;
const MOST_NAMES: usize = 200_000;
const MOST_CONTENT: usize = 32 << 20;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoLogFile {
    /// It is filled with 0xFF or zeros: as it is made, or after `chkdsk`.
    #[error("it is empty")]
    Empty,
    /// It has neither restart pages nor pages with records.
    #[error("it is not the $LogFile of NTFS")]
    NotALogFile,
    /// Pages of another size than 4096.
    #[error("it has pages of {0} bytes; pages of 4096 are read")]
    PageSize(u32),
    /// Its bytes cannot be had.
    #[error("its bytes cannot be read: {0}")]
    Read(#[from] std::io::Error),
}

/// Content of the log in the order of its sequence numbers: the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFile {
    /// Names that were given and taken away.
    pub names: Vec<NameChange>,
    /// Content that was written into records.
    pub content: Vec<Content>,
    /// Records of the log that were read.
    pub records: u64,
    /// Pages that are torn or cannot be read.
    pub damaged: u64,
    /// There was more than is kept: 200,000 names, 32 MiB of content.
    pub truncated: bool,
}

impl LogFile {
    /// Reads a log.
    ///
    /// # Errors
    /// Where it is no log or an empty one. What is damaged in it is counted.
    pub fn read(source: &dyn ReadAt, geometry: Geometry) -> Result<Self, NoLogFile> {
        let ring = Ring::open(source)?;
        let mut log = Self::default();
        let mut seen = HashSet::new();
        let mut room = MOST_CONTENT;
        for number in 2..ring.pages {
            let page = match ring.page(number) {
                Ok(page) => page,
                Err(Unread::Empty) => continue,
                Err(Unread::Damaged) => {
                    log.damaged += 1;
                    continue;
                }
            };
            ring.records(&page, |record| {
                if seen.len() < MOST_RECORDS && seen.insert(record.lsn) {
                    log.add(&record, geometry, &mut room);
                }
            });
        }
        log.records = seen.len() as u64;
        log.truncated |= seen.len() >= MOST_RECORDS;
        if seen.is_empty() && !ring.restarted {
            return Err(NoLogFile::NotALogFile);
        }
        log.names.sort_by_key(|change| change.lsn);
        log.content.sort_by_key(|content| content.lsn);
        Ok(log)
    }

    fn add(&mut self, record: &Logged, geometry: Geometry, room: &mut usize) {
        let Some(operation) = Operation::new(&record.data, geometry) else { return };
        for change in operation.names(record.lsn, record.transaction) {
            match self.names.len() < MOST_NAMES {
                true => self.names.push(change),
                false => self.truncated = true,
            }
        }
        for content in operation.content(record.lsn) {
            // A little for the entry itself, or empty ones had no end.
            match room.checked_sub(content.bytes.len() + 64) {
                Some(left) => {
                    *room = left;
                    self.content.push(content);
                }
                None => self.truncated = true,
            }
        }
    }
}

/// A record of the log.
struct Logged {
    lsn: u64,
    transaction: u32,
    data: Vec<u8>,
}

/// A page, with its guarded bytes put back.
struct Page {
    bytes: Vec<u8>,
    /// Where it lies in the ring, which copies of the newest pages tell.
    position: u64,
}

enum Unread {
    Empty,
    Damaged,
}

/// The log as a ring of pages.
struct Ring<'s> {
    source: &'s dyn ReadAt,
    /// Whether a restart page is whole.
    restarted: bool,
    /// Bits of a number that tell the position, in units of 8 bytes.
    position_bits: u32,
    head: usize,
    data: usize,
    /// The first page of the ring: before it are the restart pages and copies of the newest pages.
    first: u64,
    pages: u64,
}

impl<'s> Ring<'s> {
    fn open(source: &'s dyn ReadAt) -> Result<Self, NoLogFile> {
        let pages = (source.len() / PAGE as u64).min(MOST_PAGES);
        let position_bits = u64::BITS.saturating_sub(source.len().leading_zeros()).saturating_sub(3).max(1);
        let mut ring = Self { source, restarted: false, position_bits, head: HEAD, data: DATA, first: 4, pages };
        let mut empty = true;
        for number in 0..2 {
            let mut bytes = vec![0; PAGE];
            match read_exact_at(source, &mut bytes, number * PAGE as u64) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(NoLogFile::NotALogFile),
                Err(error) if number == 1 && !ring.restarted => return Err(error.into()),
                Err(_) => continue,
            }
            empty &= bytes.iter().all(|byte| *byte == 0xFF) || bytes.iter().all(|byte| *byte == 0);
            if matches!(bytes.first_chunk(), Some(b"RSTR" | b"CHKD")) && unguard(&mut bytes) && !ring.restarted {
                ring.restart(&bytes)?;
            }
        }
        if empty { Err(NoLogFile::Empty) } else { Ok(ring) }
    }

    /// Takes over what a restart page tells, where it can be right.
    fn restart(&mut self, page: &[u8]) -> Result<(), NoLogFile> {
        self.restarted = true;
        if let Some(size) = u32_at(page, 20).filter(|size| *size as usize != PAGE) {
            return Err(NoLogFile::PageSize(size));
        }
        // 2 restart pages and 2 copies, or 32 copies since version 2 (Windows 8).
        self.first = if u16_at(page, 28).is_some_and(|major| major >= 2) { 34 } else { 4 };
        let area = u16_at(page, 24).and_then(|at| page.get(usize::from(at)..)).unwrap_or_default();
        if let Some(bits) = u32_at(area, 16).filter(|bits| (20..=50).contains(bits)) {
            self.position_bits = 64 - bits;
        }
        let multiple = |at: usize, least: usize| {
            u16_at(area, at)
                .map(usize::from)
                .filter(|size| *size >= least && *size < PAGE / 2 && size.is_multiple_of(8))
        };
        self.head = multiple(36, HEAD).unwrap_or(HEAD);
        self.data = multiple(38, 48).unwrap_or(DATA);
        Ok(())
    }

    fn page(&self, number: u64) -> Result<Page, Unread> {
        let at = number.checked_mul(PAGE as u64).ok_or(Unread::Empty)?;
        let mut bytes = vec![0; PAGE];
        read_exact_at(self.source, &mut bytes, at).map_err(|_| Unread::Damaged)?;
        match bytes.first_chunk() {
            Some(b"RCRD") => {}
            Some(b"CHKD" | b"BAAD") => return Err(Unread::Damaged),
            // What was never written.
            _ => return Err(Unread::Empty),
        }
        if !unguard(&mut bytes) {
            return Err(Unread::Damaged);
        }
        let position = match (number < self.first, self.first) {
            (false, _) => Some(at),
            (true, 4) => u64_at(&bytes, 8),
            (true, _) => u32_at(&bytes, 60).map(u64::from),
        };
        let position = position.filter(|at| at.is_multiple_of(PAGE as u64) && *at >= self.first * PAGE as u64);
        Ok(Page { bytes, position: position.ok_or(Unread::Damaged)? })
    }

    /// The records that begin in a page.
    fn records(&self, page: &Page, mut tell: impl FnMut(Logged)) {
        let mut at = self.data;
        while let Some(head) = page.bytes.get(at..at + self.head) {
            match self.record(page, at, head) {
                Some((record, end)) => {
                    tell(record);
                    at = end;
                }
                None => at += 8,
            }
        }
    }

    /// The record at a place of a page, if one begins there, and where the next one can begin.
    fn record(&self, page: &Page, at: usize, head: &[u8]) -> Option<(Logged, usize)> {
        let lsn = u64_at(head, 0)?;
        let place = (page.position + at as u64) / 8;
        let mask = u64::MAX >> (64 - self.position_bits.min(63));
        let length = u32_at(head, 24)? as usize;
        if lsn & mask != place & mask || lsn == 0 || !matches!(u32_at(head, 32)?, 1 | 2) || !length.is_multiple_of(8) {
            return None;
        }
        let start = at + self.head;
        let end = start.checked_add(length)?;
        let mut data = page.bytes.get(start..end.min(PAGE))?.to_vec();
        let wanted = length.min(MOST_DATA);
        data.truncate(wanted);
        // The rest follows in the next pages of the ring.
        let mut next = page.position / PAGE as u64;
        while data.len() < wanted {
            next = if next + 1 < self.pages { next + 1 } else { self.first };
            let Ok(more) = self.page(next) else { break };
            let part = more.bytes.get(self.data..)?;
            data.extend_from_slice(&part[..part.len().min(wanted - data.len())]);
        }
        Some((Logged { lsn, transaction: u32_at(head, 36)?, data }, end))
    }
}

/// Puts back the last two bytes of each sector; false where a sector was not written with the others.
fn unguard(page: &mut [u8]) -> bool {
    let (Some(at), Some(count)) = (u16_at(page, 4).map(usize::from), u16_at(page, 6).map(usize::from)) else {
        return false;
    };
    if count != page.len() / STRIDE + 1 || at + 2 * count > STRIDE - 2 {
        return false;
    }
    let guard = page[at..at + 2].to_vec();
    for sector in 1..count {
        let last = sector * STRIDE - 2;
        if page[last..last + 2] != guard {
            return false;
        }
        page.copy_within(at + 2 * sector..at + 2 * sector + 2, last);
    }
    true
}

#[cfg(test)]
mod tests;
