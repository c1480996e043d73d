//! `$Bitmap`: which clusters are in use.

use crate::bytes::fitting;
use shellsift_disk::{ReadAt, read_exact_at};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Bytes that are read at once.
const BLOCK: u64 = 8192;
/// Clusters per block.
const CLUSTERS: u64 = 8 * BLOCK;

pub(crate) struct Bitmap {
    content: Box<dyn ReadAt>,
    last: Mutex<Block>,
    /// By block: clusters in use in the blocks before; `None` from the first block on that cannot be read.
    sums: OnceLock<Vec<u64>>,
}

#[derive(Default)]
struct Block {
    number: Option<u64>,
    bytes: Vec<u8>,
}

impl Bitmap {
    pub(crate) fn new(content: impl ReadAt + 'static) -> Self {
        Self { content: Box::new(content), last: Mutex::default(), sums: OnceLock::new() }
    }

    /// A block; `None` if it cannot be read.
    fn block(&self, number: u64) -> Option<MutexGuard<'_, Block>> {
        let mut block = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if block.number != Some(number) {
            block.number = None;
            let start = number.checked_mul(BLOCK)?;
            block.bytes.resize(BLOCK as usize, 0);
            let there = fitting(&block.bytes, self.content.len().saturating_sub(start));
            block.bytes.truncate(there);
            read_exact_at(&*self.content, &mut block.bytes, start).ok().filter(|()| there > 0)?;
            block.number = Some(number);
        }
        Some(block)
    }

    /// Whether a cluster is in use, and of how many from there on, at most `limit`, that is so too. `None` if that cannot be read.
    pub(crate) fn state(&self, cluster: u64, limit: u64) -> (Option<bool>, u64) {
        let Some(block) = self.block(cluster / CLUSTERS) else {
            return (None, (CLUSTERS - cluster % CLUSTERS).min(limit).max(1));
        };
        let bit = |inside: u64| {
            let byte = usize::try_from(inside / 8).ok().and_then(|at| block.bytes.get(at))?;
            Some(byte >> (inside % 8) & 1 != 0)
        };
        let inside = cluster % CLUSTERS;
        let first = bit(inside);
        let mut same = 1;
        while same < limit && inside + same < CLUSTERS && bit(inside + same) == first {
            same += 1;
        }
        (first, same)
    }

    /// How many of these clusters are in use; `None` if that cannot be read.
    pub(crate) fn in_use(&self, first: u64, count: u64) -> Option<u64> {
        self.before(first.checked_add(count)?)?.checked_sub(self.before(first)?)
    }

    /// How many clusters before this one are in use.
    fn before(&self, cluster: u64) -> Option<u64> {
        let sums = self.sums.get_or_init(|| {
            let mut sums = vec![0];
            let mut sum = 0;
            for number in 0..self.content.len().div_ceil(BLOCK) {
                let Some(block) = self.block(number) else { break };
                sum += ones(&block.bytes);
                sums.push(sum);
            }
            sums
        });
        let sum = *sums.get(usize::try_from(cluster / CLUSTERS).ok()?)?;
        let inside = cluster % CLUSTERS;
        if inside == 0 {
            return Some(sum);
        }
        let block = self.block(cluster / CLUSTERS)?;
        let whole = usize::try_from(inside / 8).ok()?;
        let rest = match inside % 8 {
            0 => 0,
            bits => (block.bytes.get(whole)? & ((1 << bits) - 1)).count_ones(),
        };
        Some(sum + ones(block.bytes.get(..whole)?) + u64::from(rest))
    }
}

fn ones(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(byte.count_ones())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_in_use_are_counted_and_found() {
        let mut bytes = vec![0; 20_000];
        bytes[0] = 0b1111_0000;
        bytes[8191] = 0x80;
        bytes[8192] = 0x03;
        let bitmap = Bitmap::new(bytes);
        assert_eq!(bitmap.state(0, 100), (Some(false), 4));
        assert_eq!(bitmap.state(4, 2), (Some(true), 2));
        assert_eq!(bitmap.state(4, 100), (Some(true), 4));
        assert_eq!(bitmap.in_use(0, 8), Some(4));
        assert_eq!(bitmap.in_use(65535, 3), Some(3));
        assert_eq!(bitmap.in_use(65536, 100_000 - 65536), Some(2));
        assert_eq!(bitmap.in_use(0, 160_001), None, "behind its end");
        assert_eq!(bitmap.state(160_000, 5).0, None);
        assert_eq!(bitmap.in_use(5, u64::MAX), None);
    }
}
