//! Reads of whole sectors, for devices: a disk or a volume gives nothing else. Rules of Windows for its volume handles: the position, the
//! length and the buffer lie on borders of sectors ("File Buffering", Microsoft).

use crate::cache::{Caches, Own};
use crate::read_at::there;
use crate::{ReadAt, read_exact_at};
use std::io;

/// Every read begins and ends at a multiple of this, or at the end: a multiple of all sector sizes that disks have (512, 4,096).
const SECTOR: usize = 4096;
/// What is read where less is asked for. It is kept, in a bounded cache.
const BLOCK: usize = 64 << 10;
/// What is read at once where more is asked for. It is not kept.
const PIECE: usize = 1 << 20;

/// A source that gives only whole sectors, read at any position.
pub struct Aligned<S> {
    source: S,
    blocks: Own,
}

impl<S: ReadAt> Aligned<S> {
    /// Over a source whose length is a multiple of its sector size.
    pub fn new(source: S) -> Self {
        Self { source, blocks: Caches::new().unpacked() }
    }

    /// Reads whole sectors from `start` on, up to `end` or the end of the source, and hands them to `take`.
    fn sectors<T>(&self, start: u64, end: u64, take: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let length = usize::try_from(end.min(self.source.len()).saturating_sub(start)).unwrap_or(usize::MAX);
        let mut room = vec![0; length.saturating_add(SECTOR)];
        let skip = room.as_ptr().align_offset(SECTOR);
        let buffer = room.get_mut(skip..).and_then(|rest| rest.get_mut(..length)).ok_or(io::ErrorKind::OutOfMemory)?;
        read_exact_at(&self.source, buffer, start)?;
        Ok(take(buffer))
    }

    /// Reads what lies in one block, of the cache where it is there.
    fn small(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let block = BLOCK as u64;
        let (number, start) = (at / block, at / block * block);
        let skip = usize::try_from(at - start).unwrap_or(usize::MAX);
        let count = into.len().min(BLOCK.saturating_sub(skip));
        let Some(into) = into.get_mut(..count) else { return Ok(0) };
        match self.blocks.get_or(number, || self.sectors(start, start.saturating_add(block), <[u8]>::to_vec)) {
            Ok(held) => copy(&held, skip, into),
            // A bad sector: what was asked for may be another one of the block.
            Err(_) => self.large(into, at),
        }
    }

    /// Reads a piece from the source.
    fn large(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let sector = SECTOR as u64;
        let start = at / sector * sector;
        let count = into.len().min(PIECE - SECTOR);
        let Some(into) = into.get_mut(..count) else { return Ok(0) };
        let end = at.saturating_add(count as u64).div_ceil(sector).saturating_mul(sector);
        let skip = usize::try_from(at - start).unwrap_or(usize::MAX);
        self.sectors(start, end, |sectors| copy(sectors, skip, into))?
    }
}

fn copy(from: &[u8], skip: usize, into: &mut [u8]) -> io::Result<usize> {
    let part = from.get(skip..).and_then(|rest| rest.get(..into.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
    into.copy_from_slice(part);
    Ok(into.len())
}

impl<S: ReadAt> ReadAt for Aligned<S> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = there(self.len(), buffer.len(), at);
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..count).filter(|rest| !rest.is_empty()) {
            let at = at + done as u64;
            done += if rest.len() >= BLOCK { self.large(rest, at)? } else { self.small(rest, at)? };
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A disk that refuses what Windows would refuse, and the sectors that are bad.
    struct Device {
        bytes: Vec<u8>,
        sector: usize,
        bad: Option<u64>,
        reads: AtomicUsize,
    }

    impl Device {
        fn new(length: usize, sector: usize) -> Self {
            let bytes = (0..length).map(|at| (at / 7 + at / 4096) as u8).collect();
            Self { bytes, sector, bad: None, reads: AtomicUsize::new(0) }
        }
    }

    impl ReadAt for Device {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            let sector = self.sector as u64;
            let is_whole = at.is_multiple_of(sector) && buffer.len().is_multiple_of(self.sector);
            assert!(is_whole && !buffer.is_empty(), "{} bytes at {at}", buffer.len());
            assert!((buffer.as_ptr() as usize).is_multiple_of(self.sector), "the buffer lies across sectors");
            assert!(at + buffer.len() as u64 <= self.len() && buffer.len() <= PIECE);
            if self.bad.is_some_and(|bad| (at..at + buffer.len() as u64).contains(&(bad * sector))) {
                return Err(io::Error::other("bad sector"));
            }
            self.bytes.read_at(buffer, at)
        }
    }

    /// Reads at a position and compares with what is there.
    fn same(aligned: &Aligned<Device>, at: usize, length: usize) {
        let mut buffer = vec![0x55; length];
        let read = aligned.read_at(&mut buffer, at as u64).expect("read");
        let expected = aligned.source.bytes.get(at..).unwrap_or_default();
        assert_eq!(read, expected.len().min(length), "{length} at {at}");
        assert!(buffer[..read] == expected[..read], "{length} at {at}");
    }

    #[test]
    fn any_position_is_read_by_whole_sectors() {
        for sector in [512, 4096] {
            // Not a whole number of blocks, and with sectors of 512 bytes not of 4,096 either.
            let aligned = Aligned::new(Device::new((3 << 20) + 5 * sector, sector));
            let end = aligned.source.bytes.len();
            for at in [0, 1, 511, 512, 4095, 4096, BLOCK - 1, BLOCK, PIECE - 3, end - 5000, end - 513, end - 1] {
                for length in [1, 2, 511, 512, 4097, BLOCK - 1, BLOCK, BLOCK + 1, PIECE, PIECE + 1, 2 * PIECE + 777] {
                    same(&aligned, at, length);
                }
            }
            same(&aligned, end, 4096);
            assert_eq!(aligned.read_at(&mut [0; 8], u64::MAX).expect("read"), 0);
            assert_eq!(aligned.read_at(&mut [], 5).expect("read"), 0);
        }
    }

    #[test]
    fn small_reads_of_one_block_cost_one_read_and_what_is_kept_is_bounded() {
        let aligned = Aligned::new(Device::new(40 << 20, 512));
        let reads = || aligned.source.reads.load(Ordering::Relaxed);
        for at in (0..BLOCK).step_by(1000) {
            same(&aligned, at, 900.min(BLOCK - at));
        }
        assert_eq!(reads(), 1);
        for at in (0..40 << 20).step_by(BLOCK) {
            same(&aligned, at, 100);
        }
        let before = reads();
        assert_eq!(before, (40 << 20) / BLOCK);
        // 40 MiB are more than is kept: the first blocks are read again.
        same(&aligned, 0, 100);
        assert_eq!(reads(), before + 1);
        same(&aligned, 5, 100);
        assert_eq!(reads(), before + 1);
    }

    #[test]
    fn a_bad_sector_costs_what_lies_around_it_within_4_kib_and_no_more() {
        let mut device = Device::new(1 << 20, 512);
        device.bad = Some(100); // bytes 51,200 to 51,712, in the first block
        let aligned = Aligned::new(device);
        for at in (0..BLOCK).step_by(SECTOR) {
            let read = aligned.read_at(&mut [0; SECTOR], at as u64);
            match at / SECTOR == 51_200 / SECTOR {
                true => assert_eq!(read.expect_err("bad").to_string(), "bad sector"),
                false => same(&aligned, at, SECTOR),
            }
        }
        same(&aligned, BLOCK, BLOCK);
        assert!(aligned.read_at(&mut [0; BLOCK], 0).is_err());
    }
}
