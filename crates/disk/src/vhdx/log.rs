//! The log: changes of metadata that were not written to their place yet. [MS-VHDX] 2.3.

use super::header::Header;
use super::mended::{Mended, Patch, SECTOR};
use super::span::Span;
use crate::ReadAt;
use crate::bytes::{Crc32c, damaged, has, le32, le64, read_vec, sixteen};
use std::io;
use std::sync::Arc;

/// Hyper-V makes logs of 1 MiB.
const LONGEST: u64 = 64 << 20;
const ZEROS: usize = 100_000;

/// An entry that is whole.
struct Entry {
    /// The sector of the log it begins at, and how many it has.
    at: u64,
    sectors: u64,
    sequence: u64,
    /// The sector of the first entry that has to be replayed together with this one.
    tail: u64,
    descriptors: u32,
    flushed: u64,
    last: u64,
}

/// The log as a ring of sectors.
struct Ring<'r> {
    file: &'r dyn ReadAt,
    log: Span,
    id: [u8; 16],
    sectors: u64,
    /// How many sectors may still be summed: entries that claim to be long would otherwise be read over and over.
    budget: u64,
}

/// The state of the log.
pub(super) enum Replayed {
    /// It is empty.
    Clean,
    /// It should hold something, and nothing in it is whole.
    Lost,
    /// The file as it is after the changes.
    Mended(Mended),
}

/// Finds what was to be written and mends the file by it, in memory.
pub(super) fn replay(source: &Arc<dyn ReadAt>, header: &Header) -> io::Result<Replayed> {
    if header.log_id == [0; 16] {
        return Ok(Replayed::Clean);
    }
    let log = header.log;
    let is_possible = log.length > 0 && log.length.is_multiple_of(SECTOR) && log.length <= LONGEST;
    if !is_possible || log.at.checked_add(log.length).is_none_or(|end| end > source.len()) {
        return Err(damaged("its log is outside the file, or has an impossible size"));
    }
    let sectors = log.length / SECTOR;
    let mut ring = Ring { file: &**source, log, id: header.log_id, sectors, budget: 4 * sectors };
    let Some(entries) = ring.active()? else { return Ok(Replayed::Lost) };
    let (flushed, last) = entries.last().map_or((0, 0), |head| (head.flushed, head.last));
    let mut mended = Mended::new(Arc::clone(source), last, flushed);
    for entry in &entries {
        ring.apply(entry, &mut mended)?;
        mended.entries += 1;
    }
    Ok(Replayed::Mended(mended))
}

impl Ring<'_> {
    fn sector(&self, number: u64) -> io::Result<Vec<u8>> {
        read_vec(self.file, self.place(number), SECTOR as usize, "its log")
    }

    /// Where a sector of the log lies in the file.
    fn place(&self, number: u64) -> u64 {
        self.log.at + (number % self.sectors) * SECTOR
    }

    /// The entries to replay, of the sequence that is valid and ends with the highest number. A sequence: entries one behind the other
    /// whose numbers go up by one. Valid: the last of them names one of them as the first to replay.
    fn active(&mut self) -> io::Result<Option<Vec<Entry>>> {
        let mut best: Option<Vec<Entry>> = None;
        let mut at = 0;
        while at < self.sectors {
            let mut run: Vec<Entry> = Vec::new();
            let mut used = 0;
            while let Some(entry) = self.entry((at + used) % self.sectors)? {
                let follows = run.last().is_none_or(|last| last.sequence.checked_add(1) == Some(entry.sequence));
                if !follows || used + entry.sectors > self.sectors {
                    break;
                }
                used += entry.sectors;
                run.push(entry);
            }
            at += used.max(1);
            let Some(head) = run.last() else { continue };
            let Some(tail) = run.iter().position(|entry| entry.at == head.tail) else { continue };
            let is_newer =
                best.as_ref().and_then(|best| best.last()).is_none_or(|other| other.sequence < head.sequence);
            if is_newer {
                best = Some(run.split_off(tail));
            }
        }
        Ok(best)
    }

    /// The entry at a sector, if there is one that is whole.
    fn entry(&mut self, at: u64) -> io::Result<Option<Entry>> {
        let first = self.sector(at)?;
        if !has(&first, 0, b"loge") || sixteen(&first, 32) != self.id {
            return Ok(None);
        }
        let (length, tail) = (u64::from(le32(&first, 8)), u64::from(le32(&first, 12)));
        let (sequence, descriptors) = (le64(&first, 16), le32(&first, 24));
        let heads = head_sectors(descriptors);
        let is_possible = length % SECTOR == 0 && tail % SECTOR == 0 && tail < self.log.length && sequence > 0;
        let sectors = length / SECTOR;
        if !is_possible || sectors < heads || sectors > self.sectors {
            return Ok(None);
        }
        self.budget = self.budget.checked_sub(sectors).ok_or_else(|| damaged("its log is malformed"))?;
        let mut sum = Crc32c::new();
        sum.add(first.get(..4).unwrap_or_default());
        sum.add(&[0; 4]);
        sum.add(first.get(8..).unwrap_or_default());
        for number in 1..sectors {
            sum.add(&self.sector(at + number)?);
        }
        let is_whole = sum.value() == le32(&first, 4);
        let (flushed, last) = (le64(&first, 48), le64(&first, 56));
        let entry = Entry { at, sectors, sequence, tail: tail / SECTOR, descriptors, flushed, last };
        Ok(is_whole.then_some(entry))
    }

    /// Writes down what an entry changes.
    fn apply(&self, entry: &Entry, mended: &mut Mended) -> io::Result<()> {
        let bad = || damaged("an entry of its log contradicts itself");
        let heads = head_sectors(entry.descriptors);
        let mut data = heads;
        let mut left = entry.descriptors as usize;
        for number in 0..heads {
            let sector = self.sector(entry.at + number)?;
            let start = if number == 0 { 64 } else { 0 };
            for descriptor in sector.get(start..).unwrap_or_default().chunks_exact(32).take(left) {
                left -= 1;
                let offset = le64(descriptor, 16);
                if le64(descriptor, 24) != entry.sequence || !offset.is_multiple_of(SECTOR) || offset > i64::MAX as u64
                {
                    return Err(bad());
                }
                if has(descriptor, 0, b"zero") {
                    let length = le64(descriptor, 8);
                    if !length.is_multiple_of(SECTOR)
                        || mended.add_zeros(offset, length).is_none_or(|ranges| ranges > ZEROS)
                    {
                        return Err(bad());
                    }
                } else if has(descriptor, 0, b"desc") && data < entry.sectors {
                    let stored = self.sector(entry.at + data)?;
                    let sequence = u64::from(le32(&stored, 4)) << 32 | u64::from(le32(&stored, 4092));
                    if !has(&stored, 0, b"data") || sequence != entry.sequence {
                        return Err(bad());
                    }
                    let mut patch = Patch { at: self.place(entry.at + data), leading: [0; 8], trailing: [0; 4] };
                    patch.trailing.copy_from_slice(descriptor.get(4..8).ok_or_else(bad)?);
                    patch.leading.copy_from_slice(descriptor.get(8..16).ok_or_else(bad)?);
                    mended.add(offset, patch);
                    data += 1;
                } else {
                    return Err(bad());
                }
            }
        }
        Ok(())
    }
}

/// The sectors of an entry that hold its header, of 64 bytes, and its descriptors, of 32 bytes each.
fn head_sectors(descriptors: u32) -> u64 {
    (64 + 32 * u64::from(descriptors)).div_ceil(SECTOR)
}
