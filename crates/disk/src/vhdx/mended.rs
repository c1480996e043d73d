//! A file as it is after the changes in its log. Of the changed sectors only their places in the log are held.

use crate::bytes::le32;
use crate::read_at::there;
use crate::{ReadAt, read_exact_at};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// Bytes of a sector of the log.
pub(super) const SECTOR: u64 = 4096;

/// The file, and what the log changes in it.
pub(super) struct Mended {
    file: Arc<dyn ReadAt>,
    /// The changed sectors, by their place in the file.
    sectors: BTreeMap<u64, Patch>,
    /// The ranges that become zeros, start and end, none touching another. What is in `sectors` came later.
    zeros: BTreeMap<u64, u64>,
    length: u64,
    flushed: u64,
    pub(super) entries: usize,
}

/// A sector of 4 KiB in the log: its first eight and last four bytes make way for the marks of a log and stand elsewhere.
pub(super) struct Patch {
    /// Where the sector lies in the file.
    pub(super) at: u64,
    pub(super) leading: [u8; 8],
    pub(super) trailing: [u8; 4],
}

impl Mended {
    /// `last`: how long the file has to be; `flushed`: how long it was surely.
    pub(super) fn new(file: Arc<dyn ReadAt>, last: u64, flushed: u64) -> Self {
        let length = file.len().max(last);
        Self { file, sectors: BTreeMap::new(), zeros: BTreeMap::new(), length, flushed, entries: 0 }
    }

    pub(super) fn summary(&self) -> String {
        format!("replayed: {} entries, {} sectors of 4 KiB", self.entries, self.sectors.len())
    }

    /// How much shorter the file is than it was when the log was written.
    pub(super) fn truncation(&self) -> Option<String> {
        let length = self.file.len();
        (length < self.flushed).then(|| {
            format!(
                "it is truncated: according to its log it has at least {} bytes, here it has {length}",
                self.flushed
            )
        })
    }

    pub(super) fn add(&mut self, offset: u64, patch: Patch) {
        self.length = self.length.max(offset.saturating_add(SECTOR));
        self.sectors.insert(offset, patch);
    }

    /// Makes a range zeros and says how many ranges there are. `None`: it ends behind all numbers.
    pub(super) fn add_zeros(&mut self, start: u64, length: u64) -> Option<usize> {
        let (mut start, mut end) = (start, start.checked_add(length)?);
        if length == 0 {
            return Some(self.zeros.len());
        }
        let changed: Vec<u64> = self.sectors.range(start..end).map(|(offset, _)| *offset).collect();
        for offset in changed {
            self.sectors.remove(&offset);
        }
        while let Some((&other, &other_end)) =
            self.zeros.range(..=end).next_back().filter(|(_, other_end)| **other_end >= start)
        {
            (start, end) = (start.min(other), end.max(other_end));
            self.zeros.remove(&other);
        }
        self.zeros.insert(start, end);
        Some(self.zeros.len())
    }

    fn sector(&self, patch: &Patch) -> io::Result<[u8; SECTOR as usize]> {
        let mut bytes = [0; SECTOR as usize];
        read_exact_at(&*self.file, &mut bytes, patch.at)?;
        bytes[..8].copy_from_slice(&patch.leading);
        let trailing = le32(&patch.trailing, 0).to_le_bytes();
        bytes[SECTOR as usize - 4..].copy_from_slice(&trailing);
        Ok(bytes)
    }
}

/// The part of `buffer`, which holds the bytes from `at` on, that lies in a range; and where in the range it begins.
fn overlap(buffer: &mut [u8], at: u64, start: u64, end: u64) -> Option<(&mut [u8], usize)> {
    let from = start.max(at);
    let to = end.min(at.saturating_add(buffer.len() as u64));
    let range = usize::try_from(from - at).ok()?..usize::try_from(to.checked_sub(at)?).ok()?;
    Some((buffer.get_mut(range)?, usize::try_from(from - start).ok()?))
}

impl ReadAt for Mended {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = there(self.length, buffer.len(), at);
        let Some(buffer) = buffer.get_mut(..count).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let read = self.file.read_at(buffer, at)?;
        // A log may make the file longer: what it does not fill is zeros.
        buffer.get_mut(read..).unwrap_or_default().fill(0);
        let end = at.saturating_add(count as u64);
        let first = self.zeros.range(..=at).next_back().map_or(at, |(start, _)| *start);
        for (start, stop) in self.zeros.range(first..end) {
            if let Some((part, _)) = overlap(buffer, at, *start, *stop) {
                part.fill(0);
            }
        }
        for (start, patch) in self.sectors.range(at - at % SECTOR..end) {
            let sector = self.sector(patch)?;
            if let Some((part, from)) = overlap(buffer, at, *start, start.saturating_add(SECTOR)) {
                let own = sector.get(from..).and_then(|rest| rest.get(..part.len()));
                part.copy_from_slice(own.ok_or(io::ErrorKind::InvalidData)?);
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_changes_win_and_ranges_are_joined() {
        let mut file = vec![9; 3 * 4096];
        file[8192..].fill(5);
        let mut mended = Mended::new(Arc::new(file), 6 * 4096, 4 * 4096);
        let patch = || Patch { at: 8192, leading: *b"leading!", trailing: *b"last" };
        mended.add(0, patch());
        assert_eq!(mended.add_zeros(0, 4096), Some(1));
        assert_eq!(mended.add_zeros(4096, 0), Some(1));
        mended.add(4096, patch());
        assert_eq!(mended.add_zeros(4 * 4096, 4096), Some(2));
        assert_eq!(mended.add_zeros(4096 * 3, 4096), Some(2));
        assert_eq!(mended.add_zeros(0, u64::MAX), Some(1));
        mended.add(4096, patch());
        assert_eq!(mended.add_zeros(1, u64::MAX), None);
        let mut bytes = vec![1; 20];
        assert_eq!(mended.read_at(&mut bytes, 4090).expect("read"), 20);
        assert_eq!(&bytes, b"\0\0\0\0\0\0leading!\x05\x05\x05\x05\x05\x05");
        assert_eq!(mended.read_at(&mut bytes, 8188).expect("read"), 20);
        assert_eq!(&bytes[..6], b"last\0\0");
        assert_eq!((mended.len(), mended.truncation().is_some()), (6 * 4096, true));
    }
}
