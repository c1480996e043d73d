//! Tables: where the chunks of a section lie. Read when they are needed, since those of a large disk are large together.

use crate::ReadAt;
use crate::bytes::{damaged, le32, le64, read_vec};
use std::io;

/// The chunks of one section.
#[derive(Debug)]
pub(super) struct Table {
    /// The index of its segment.
    pub(super) segment: usize,
    pub(super) first_chunk: u64,
    pub(super) count: u32,
    /// What the offsets count from.
    base: u64,
    /// Where the offsets lie; and their copy, in a table2.
    offsets_at: u64,
    pub(super) copy_at: Option<u64>,
    /// Whether the Adler-32 of the offsets stands behind them.
    is_sealed: bool,
    /// Where the section of the chunks ends.
    end: u64,
}

/// Where a chunk lies in its segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) length: u64,
    pub(super) is_packed: bool,
}

/// A section of the file: where its data begins and where it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) end: u64,
}

/// The bytes before the offsets: their number, what they count from, and an Adler-32.
const HEADER: u64 = 24;
/// EnCase writes up to 65,534 chunks, others more; a table is held in memory whole.
const ENTRIES: u32 = 1 << 20;

impl Table {
    /// Reads what a table section says of itself. `chunks`: the section that holds the chunks; without one they follow the offsets.
    pub(super) fn read(
        file: &dyn ReadAt,
        section: Span,
        chunks: Option<Span>,
        segment: usize,
        first_chunk: u64,
    ) -> io::Result<Self> {
        let header = read_vec(file, section.at, HEADER as usize, "a table of its chunks")?;
        let sum = header.get(..20).map(adler2::adler32_slice);
        if sum != Some(le32(&header, 20)) {
            return Err(damaged("a table of its chunks does not match its checksum"));
        }
        let (count, base) = (le32(&header, 0), le64(&header, 8));
        if count > ENTRIES {
            return Err(damaged(format!("a table of its chunks has {count} entries, which is not plausible")));
        }
        let offsets_at = section.at + HEADER;
        let end = offsets_at + 4 * u64::from(count);
        if end > section.end {
            return Err(damaged("a table of its chunks is longer than its section"));
        }
        // SMART writes no checksum; where the chunks are in the same section, there is no way to find out whether there is one.
        let is_sealed = chunks.is_some() && end + 4 <= section.end;
        let chunks = chunks.unwrap_or(Span { at: end, end: section.end });
        Ok(Self { segment, first_chunk, count, base, offsets_at, copy_at: None, is_sealed, end: chunks.end })
    }

    /// The same table by its copy, in place of one that could not be read.
    pub(super) fn matches(&self, other: &Self) -> bool {
        (self.count, self.base, self.segment) == (other.count, other.base, other.segment)
    }

    pub(super) fn offsets_at(&self) -> u64 {
        self.offsets_at
    }

    /// The offsets as they are stored, checked, those of the copy where they are damaged; and behind them the number of the first one that
    /// counts 32 bits.
    pub(super) fn entries(&self, file: &dyn ReadAt) -> io::Result<Vec<u8>> {
        let size = 4 * self.count as usize;
        let read = |at| -> io::Result<Vec<u8>> {
            let mut bytes = read_vec(file, at, size + if self.is_sealed { 4 } else { 0 }, "a table of its chunks")?;
            if self.is_sealed {
                let sum = le32(&bytes, size);
                bytes.truncate(size);
                if adler2::adler32_slice(&bytes) != sum {
                    return Err(damaged("a table of its chunks does not match its checksum"));
                }
            }
            Ok(bytes)
        };
        let mut bytes = match (read(self.offsets_at), self.copy_at) {
            (Err(error), Some(copy)) => read(copy).map_err(|_| error)?,
            (result, _) => result?,
        };
        let wide = first_wide(&bytes);
        bytes.extend(wide.to_le_bytes());
        Ok(bytes)
    }

    /// Where a chunk of this table lies; at most `longest` bytes are taken where only the end of the section ends it.
    pub(super) fn place(&self, entries: &[u8], index: u64, longest: u64) -> Option<Place> {
        let index = usize::try_from(index).ok()?;
        let wide = le32(entries, 4 * self.count as usize) as usize;
        let entry = |index: usize| {
            let value = le32(entries, 4 * index);
            match index >= wide {
                true => (u64::from(value), false),
                false => (u64::from(value & 0x7fff_ffff), value >> 31 == 1),
            }
        };
        let (offset, is_packed) = entry(index);
        let at = self.base.checked_add(offset)?;
        let length = match index + 1 == self.count as usize {
            true => self.end.checked_sub(at)?.min(longest),
            false => entry(index + 1).0.checked_sub(offset)?,
        };
        (length > 0 && length <= longest && at.checked_add(length)? <= self.end).then_some(Place {
            at,
            length,
            is_packed,
        })
    }
}

/// EnCase 6.7 lets offsets run past 2 GiB; from there on all 32 bits count, and nothing is packed. Detected by an offset that falls when its
/// highest bit is taken for the mark of a packed chunk, and rises when it is not.
fn first_wide(entries: &[u8]) -> u32 {
    let mut before = 0;
    for (index, entry) in entries.chunks_exact(4).enumerate() {
        let value = le32(entry, 0);
        let narrow = value & 0x7fff_ffff;
        if narrow < before && value > before {
            return u32::try_from(index).unwrap_or(u32::MAX);
        }
        before = narrow;
    }
    u32::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(offsets: &[u32], end: u64) -> (Table, Vec<u8>) {
        let mut entries: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        entries.extend(first_wide(&entries).to_le_bytes());
        let count = offsets.len() as u32;
        (
            Table { segment: 0, first_chunk: 0, count, base: 10, offsets_at: 0, copy_at: None, is_sealed: false, end },
            entries,
        )
    }

    #[test]
    fn offsets_end_where_the_next_begins_and_may_pass_two_gibibytes() {
        let (small, entries) = table(&[0x8000_0005, 20], 50);
        assert_eq!(small.place(&entries, 0, 100), Some(Place { at: 15, length: 15, is_packed: true }));
        assert_eq!(small.place(&entries, 1, 100), Some(Place { at: 30, length: 20, is_packed: false }));
        let (falls, entries) = table(&[20, 5, 30], 50);
        assert_eq!(falls.place(&entries, 0, 100), None);
        let (large, entries) = table(&[0x7fff_fff0, 0x8000_0010, 0x8000_0030], 0x8000_0050);
        assert_eq!(large.place(&entries, 0, 100), Some(Place { at: 0x7fff_fffa, length: 0x20, is_packed: false }));
        assert_eq!(large.place(&entries, 1, 100), Some(Place { at: 0x8000_001a, length: 0x20, is_packed: false }));
        assert_eq!(large.place(&entries, 2, 100), Some(Place { at: 0x8000_003a, length: 0x16, is_packed: false }));
    }
}
