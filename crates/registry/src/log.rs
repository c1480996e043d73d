//! Transaction logs, replayed in memory: what was changed and not yet written to the hive. Both formats as in M. Suhanov's
//! specification of regf: entries with hashes (`HvLE`, Windows 8.1 and later), and pages behind a bitmap (`DIRT`, before).

use crate::cells::{HEADER, MAX_BYTES, is_checked};
use crate::marvin::marvin32;
use shellsift_disk::numbers::{u32_at, u64_at};
use std::ops::Range;

/// The first part of a log is its header, and entries are of whole sectors.
const SECTOR: usize = 512;
/// An entry before its list of pages.
const ENTRY: usize = 40;
const PAGE: u32 = 4_096;

/// Whether a hive was written to its end, and what its logs added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It was written to its end; its logs hold nothing newer.
    NotNeeded,
    /// Its logs were replayed.
    Replayed {
        /// Entries that were applied, or logs of the old format.
        entries: u64,
        /// Pages that were written over.
        pages: u64,
    },
    /// It was not written to its end, and no log of it is there: its newest changes are missing, or half of them.
    Incomplete,
}

/// What came of the logs.
pub(crate) struct Replayed {
    pub(crate) recovery: Recovery,
    pub(crate) problems: Vec<String>,
    /// What was written over, as ranges of the hive.
    pub(crate) written: Vec<Range<usize>>,
}

/// A log with a valid header.
struct Log<'l> {
    bytes: &'l [u8],
    number: usize,
    entries: bool,
    sequence: u32,
    last_written: u64,
}

/// Whether a hive was not written to its end, as far as its header can be trusted.
pub(crate) fn is_dirty(hive: &[u8]) -> bool {
    !(hive.starts_with(b"regf") && is_checked(hive) && u32_at(hive, 4) == u32_at(hive, 8))
}

/// Applies the logs to a hive that was not written to its end.
pub(crate) fn replay(hive: &mut Vec<u8>, logs: &[&[u8]]) -> Replayed {
    let mut replayed = Replayed { recovery: Recovery::NotNeeded, problems: Vec::new(), written: Vec::new() };
    let valid = hive.starts_with(b"regf") && is_checked(hive);
    let (first, second) = (u32_at(hive, 4).unwrap_or_default(), u32_at(hive, 8).unwrap_or_default());
    if !valid {
        replayed.problems.push("its header is damaged: its checksum is wrong".to_owned());
    } else if first == second {
        return replayed;
    }
    let logs: Vec<Log<'_>> =
        logs.iter().enumerate().filter_map(|(at, log)| header(log, at + 1, &mut replayed)).collect();
    let (mut entries, mut pages) = (0, 0);
    let (new, old): (Vec<Log<'_>>, Vec<Log<'_>>) = logs.into_iter().partition(|log| log.entries);
    for log in chain(new, valid.then_some(second)) {
        let (of_log, written) = apply_entries(hive, &log, &mut replayed);
        entries += of_log;
        pages += written;
    }
    if entries == 0 {
        let since = u64_at(hive, 12).filter(|_| valid).unwrap_or_default();
        // The newest one: a second log repeats what the first one should have written, and adds to it.
        let newest =
            old.into_iter().filter(|log| log.last_written >= since).max_by_key(|log| (log.last_written, log.sequence));
        if let Some(written) = newest.and_then(|log| apply_pages(hive, &log, &mut replayed)) {
            entries += 1;
            pages += written;
        }
    }
    replayed.recovery = match entries {
        0 if valid || first != second => {
            replayed.problems.push(format!(
                "it was not written to its end (sequence numbers {first} and {second}) and no transaction log continues it: \
                 its newest changes may be missing"
            ));
            Recovery::Incomplete
        }
        0 => Recovery::Incomplete,
        entries => Recovery::Replayed { entries, pages },
    };
    replayed
}

/// A log, if it has a valid header. Empty ones, and those of zeros, are as they should be.
fn header<'l>(bytes: &'l [u8], number: usize, replayed: &mut Replayed) -> Option<Log<'l>> {
    let sector = bytes.get(..SECTOR)?;
    if sector.iter().all(|byte| *byte == 0) {
        return None;
    }
    let kind = u32_at(sector, 28)?;
    let sequence = u32_at(sector, 4)?;
    if !sector.starts_with(b"regf")
        || !is_checked(sector)
        || !matches!(kind, 1 | 2 | 6)
        || u32_at(sector, 8) != Some(sequence)
    {
        replayed.problems.push(format!("transaction log {number} has no valid header and was not replayed"));
        return None;
    }
    Some(Log { bytes, number, entries: kind == 6, sequence, last_written: u64_at(sector, 12)? })
}

/// The logs to apply, in their order. To a hive whose header is valid belong those from its own number on; without it only the newest.
fn chain(mut logs: Vec<Log<'_>>, second: Option<u32>) -> Vec<Log<'_>> {
    logs.sort_by_key(|log| log.sequence);
    match second {
        Some(second) => {
            logs.retain(|log| log.sequence >= second);
            // A log that follows another one begins where that one ends.
            let mut next = None;
            logs.retain(|log| {
                let follows = next.is_none_or(|next| next == log.sequence);
                if follows {
                    next = Some(log.sequence.wrapping_add(u32::try_from(Entries::of(log).count()).unwrap_or(u32::MAX)));
                }
                follows
            });
            logs
        }
        None => logs
            .into_iter()
            .max_by_key(|log| u64::from(log.sequence) + Entries::of(log).count() as u64)
            .into_iter()
            .collect(),
    }
}

/// An entry whose hashes are right.
struct Entry<'l> {
    bytes: &'l [u8],
    bins: u32,
}

/// The entries of a log that follow each other, to the first one that is none.
struct Entries<'l> {
    bytes: &'l [u8],
    at: usize,
    sequence: u32,
    /// The next one begins as it should, but is torn.
    torn: bool,
}

impl<'l> Entries<'l> {
    fn of(log: &Log<'l>) -> Self {
        Self { bytes: log.bytes, at: SECTOR, sequence: log.sequence, torn: false }
    }
}

impl<'l> Iterator for Entries<'l> {
    type Item = Entry<'l>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..).filter(|_| !self.torn)?;
        // What does not continue the numbers is left of an earlier use of the file.
        if !rest.starts_with(b"HvLE") || u32_at(rest, 12)? != self.sequence {
            return None;
        }
        self.torn = true;
        let size = u32_at(rest, 4)? as usize;
        let bytes = rest.get(..size).filter(|_| size >= SECTOR && size.is_multiple_of(SECTOR))?;
        let bins = u32_at(bytes, 16)?;
        let right = u64_at(bytes, 24) == Some(marvin32(bytes.get(ENTRY..)?))
            && u64_at(bytes, 32) == Some(marvin32(bytes.get(..32)?));
        if !right || !bins.is_multiple_of(PAGE) || u64::from(bins) > MAX_BYTES - HEADER as u64 {
            return None;
        }
        self.torn = false;
        self.at = self.at.checked_add(size)?;
        self.sequence = self.sequence.wrapping_add(1);
        Some(Entry { bytes, bins })
    }
}

/// Applies the entries of a log, and says how many, and how many pages they had.
fn apply_entries(hive: &mut Vec<u8>, log: &Log<'_>, replayed: &mut Replayed) -> (u64, u64) {
    let (mut count, mut pages) = (0, 0);
    let mut entries = Entries::of(log);
    for entry in entries.by_ref() {
        let Some(written) = apply_entry(hive, log, &entry, replayed) else {
            let number = log.sequence.wrapping_add(count as u32);
            replayed.problems.push(format!(
                "entry {number} of transaction log {} names pages outside of it, or parts of sectors",
                log.number
            ));
            return (count, pages);
        };
        count += 1;
        pages += written;
        take_header(hive, log, Some(entry.bins));
    }
    if entries.torn {
        let after = entries.sequence;
        replayed
            .problems
            .push(format!("transaction log {} is damaged from its entry {after} on, which is missing", log.number));
    }
    (count, pages)
}

fn apply_entry(hive: &mut Vec<u8>, log: &Log<'_>, entry: &Entry<'_>, replayed: &mut Replayed) -> Option<u64> {
    let count = u32_at(entry.bytes, 20)? as usize;
    let mut data = ENTRY.checked_add(count.checked_mul(8)?)?;
    for page in 0..count {
        let (place, size) =
            (u32_at(entry.bytes, ENTRY + 8 * page)?, u32_at(entry.bytes, ENTRY + 8 * page + 4)? as usize);
        // Pages are of whole sectors: thousands of a byte each would take more memory than the log.
        let end = data.checked_add(size).filter(|_| size.is_multiple_of(SECTOR))?;
        write(hive, place as usize, entry.bytes.get(data..end)?, log, replayed)?;
        data = end;
    }
    Some(count as u64)
}

/// Applies a log of the old format: a bit for each 512 bytes of bins, and behind the bits the pages whose bit is set.
fn apply_pages(hive: &mut Vec<u8>, log: &Log<'_>, replayed: &mut Replayed) -> Option<u64> {
    let bins = u32_at(log.bytes, 40)? as usize;
    let vector = log.bytes.get(SECTOR..).filter(|rest| rest.starts_with(b"DIRT"))?;
    let Some(bits) = vector.get(4..4 + (bins / SECTOR).div_ceil(8)) else {
        replayed.problems.push(format!("transaction log {} is truncated and was not replayed", log.number));
        return None;
    };
    let mut data = SECTOR + (4 + bits.len()).next_multiple_of(SECTOR);
    let mut pages = 0;
    for (at, byte) in bits.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        for bit in (0..8).filter(|bit| byte & 1 << bit != 0) {
            let page = log.bytes.get(data..data + SECTOR);
            if page.and_then(|page| write(hive, (8 * at + bit) * SECTOR, page, log, replayed)).is_none() {
                replayed
                    .problems
                    .push(format!("transaction log {} is truncated: not all of its pages are there", log.number));
                take_header(hive, log, None);
                return Some(pages);
            }
            data += SECTOR;
            pages += 1;
        }
    }
    take_header(hive, log, None);
    Some(pages)
}

/// Writes a page, which may make the hive longer: by no more than the log has bytes.
fn write(hive: &mut Vec<u8>, place: usize, page: &[u8], log: &Log<'_>, replayed: &mut Replayed) -> Option<()> {
    let start = HEADER.checked_add(place)?;
    let end = start.checked_add(page.len())?;
    if end > hive.len().saturating_add(log.bytes.len()) || end as u64 > MAX_BYTES {
        return None;
    }
    if end > hive.len() {
        hive.resize(end, 0);
    }
    hive.get_mut(start..end)?.copy_from_slice(page);
    if page.is_empty() {
        return Some(());
    }
    match replayed.written.last_mut().filter(|last| last.end == start) {
        Some(last) => last.end = end,
        None => replayed.written.push(start..end),
    }
    Some(())
}

/// The log's header is the hive's newest one.
fn take_header(hive: &mut [u8], log: &Log<'_>, bins: Option<u32>) {
    if let (Some(header), Some(newest)) = (hive.get_mut(..SECTOR), log.bytes.get(..SECTOR)) {
        header.copy_from_slice(newest);
        header[28..32].fill(0);
        if let Some(bins) = bins {
            header[40..44].copy_from_slice(&bins.to_le_bytes());
        }
    }
}
