//! A bounded cache of unpacked chunks and pieces of tables, for several threads.

use crate::bytes::damaged;
use crate::{ReadAt, read_exact_at};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Chunks by number. A shard holds few of them, so it is searched one by one, and nothing is unpacked while one is locked: two
/// threads may unpack the same chunk at once, none waits for another.
pub(crate) struct Cache {
    shards: Vec<Mutex<Shard>>,
    /// How many bytes a shard holds; one chunk always.
    budget: usize,
}

#[derive(Default)]
struct Shard {
    held: Vec<Held>,
    size: usize,
    clock: u64,
}

struct Held {
    key: u64,
    used: u64,
    bytes: Arc<Vec<u8>>,
}

const SHARDS: usize = 8;
const PER_SHARD: usize = 128;

impl Cache {
    /// For about `budget` bytes in chunks of up to `chunk` bytes.
    pub(crate) fn new(budget: usize, chunk: usize) -> Self {
        let shards = (budget / chunk.max(1)).clamp(1, SHARDS);
        Self { shards: (0..shards).map(|_| Mutex::default()).collect(), budget: budget / shards }
    }

    /// The chunk `key`: the one that is held, or what `make` gives.
    pub(crate) fn get_or(&self, key: u64, make: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Arc<Vec<u8>>> {
        let shard = usize::try_from(key % self.shards.len().max(1) as u64).unwrap_or(0);
        let Some(shard) = self.shards.get(shard) else { return make().map(Arc::new) };
        if let Some(bytes) = shard.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(bytes);
        }
        let bytes = Arc::new(make()?);
        shard.lock().unwrap_or_else(PoisonError::into_inner).put(key, &bytes, self.budget);
        Ok(bytes)
    }
}

impl Shard {
    fn get(&mut self, key: u64) -> Option<Arc<Vec<u8>>> {
        let held = self.held.iter_mut().find(|held| held.key == key)?;
        self.clock += 1;
        held.used = self.clock;
        Some(Arc::clone(&held.bytes))
    }

    fn put(&mut self, key: u64, bytes: &Arc<Vec<u8>>, budget: usize) {
        if self.held.iter().any(|held| held.key == key) {
            return;
        }
        while !self.held.is_empty() && (self.size.saturating_add(bytes.len()) > budget || self.held.len() >= PER_SHARD)
        {
            let oldest = self.held.iter().enumerate().min_by_key(|(_, held)| held.used).map_or(0, |(index, _)| index);
            self.size -= self.held.swap_remove(oldest).bytes.len();
        }
        self.clock += 1;
        self.size += bytes.len();
        self.held.push(Held { key, used: self.clock, bytes: Arc::clone(bytes) });
    }
}

/// Tables of a file, read by the page: their size does not matter.
pub(crate) struct Pages {
    source: Arc<dyn ReadAt>,
    cache: Cache,
}

const PAGE: usize = 16 << 10;
const PAGES: usize = 2 << 20;

impl Pages {
    pub(crate) fn new(source: Arc<dyn ReadAt>) -> Self {
        Self { source, cache: Cache::new(PAGES, PAGE) }
    }

    pub(crate) fn source(&self) -> &dyn ReadAt {
        &*self.source
    }

    /// Fills the buffer from `at` on.
    ///
    /// # Errors
    /// "WHAT lies outside of the file", and what the source says.
    pub(crate) fn fill(&self, buffer: &mut [u8], at: u64, what: &str) -> io::Result<()> {
        let outside = || damaged(format!("{what} lies outside of the file"));
        let length = self.source.len();
        if at.checked_add(buffer.len() as u64).is_none_or(|end| end > length) {
            return Err(outside());
        }
        let mut done = 0;
        while done < buffer.len() {
            let position = at + done as u64;
            let start = position - position % PAGE as u64;
            let page = self.cache.get_or(start, || {
                let size = usize::try_from(length - start).unwrap_or(PAGE).min(PAGE);
                let mut bytes = vec![0; size];
                read_exact_at(&*self.source, &mut bytes, start)?;
                Ok(bytes)
            })?;
            let from = usize::try_from(position - start)
                .ok()
                .and_then(|from| page.get(from..))
                .filter(|rest| !rest.is_empty());
            let (Some(from), Some(into)) = (from, buffer.get_mut(done..)) else { return Err(outside()) };
            let count = from.len().min(into.len());
            into[..count].copy_from_slice(&from[..count]);
            done += count;
        }
        Ok(())
    }

    pub(crate) fn le32(&self, at: u64, what: &str) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes, at, what)?;
        Ok(u32::from_le_bytes(bytes))
    }

    pub(crate) fn be32(&self, at: u64, what: &str) -> io::Result<u32> {
        self.le32(at, what).map(u32::swap_bytes)
    }

    pub(crate) fn le64(&self, at: u64, what: &str) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes, at, what)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub(crate) fn be64(&self, at: u64, what: &str) -> io::Result<u64> {
        self.le64(at, what).map(u64::swap_bytes)
    }

    /// The bit `number` of a bitmap of `bits` bits at `at`, and how many bits from there on are alike, of at most `wanted` (and 4,096
    /// at once). `first_is_high`: whether a byte begins with its highest bit.
    pub(crate) fn bits(&self, bitmap: Bitmap, number: u64, wanted: u64) -> io::Result<(bool, u64)> {
        let end = bitmap.bits.min(number.saturating_add(wanted.clamp(1, 4096)));
        let (first, last) = (number / 8, end.div_ceil(8).max(number / 8 + 1));
        let mut bytes = [0; 520];
        let size = usize::try_from(last - first).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get_mut(..size) else { return Err(damaged("its bitmap is too long")) };
        let at = bitmap.at.checked_add(first).ok_or_else(|| damaged("its bitmap lies outside of the file"))?;
        self.fill(bytes, at, "its bitmap")?;
        let bit = |number: u64| {
            let byte =
                usize::try_from(number / 8 - first).ok().and_then(|index| bytes.get(index)).copied().unwrap_or(0);
            let place = if bitmap.first_is_high { 7 - number % 8 } else { number % 8 };
            byte >> place & 1 == 1
        };
        let is_set = bit(number);
        let alike = (number + 1..end).take_while(|next| bit(*next) == is_set).count() as u64;
        Ok((is_set, alike + 1))
    }
}

/// Where a bitmap lies and how it counts.
#[derive(Clone, Copy)]
pub(crate) struct Bitmap {
    pub(crate) at: u64,
    pub(crate) bits: u64,
    pub(crate) first_is_high: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_bounded_and_the_oldest_goes() {
        let cache = Cache::new(30, 10);
        let get = |key| cache.get_or(key, || Ok(vec![key as u8; 10])).expect("made");
        assert_eq!(cache.shards.len(), 3);
        for key in 0..100 {
            assert_eq!(*get(key), vec![key as u8; 10]);
        }
        let held: usize = cache.shards.iter().map(|shard| shard.lock().expect("free").size).sum();
        assert_eq!(held, 30);
        assert!(cache.get_or(99, || Err(damaged("not held"))).is_ok());
        assert!(cache.get_or(0, || Err(damaged("not held"))).is_err());
        let large = Cache::new(5, 10);
        assert_eq!(large.get_or(1, || Ok(vec![1; 10])).expect("made").len(), 10, "one chunk is always held");
    }

    #[test]
    fn tables_are_read_across_pages_and_not_behind_the_end() {
        let bytes: Vec<u8> = (0..PAGE + 6).map(|n| n as u8).collect();
        let pages = Pages::new(Arc::new(bytes));
        assert_eq!(pages.le32(PAGE as u64 - 2, "it").expect("read"), 0x0100_fffe);
        assert_eq!(pages.be32(PAGE as u64 - 2, "it").expect("read"), 0xfeff_0001);
        assert!(pages.le64(PAGE as u64 - 2, "it").is_ok());
        assert_eq!(pages.le64(PAGE as u64 - 1, "it").expect_err("outside").to_string(), "it lies outside of the file");
        assert!(pages.be64(u64::MAX, "it").is_err());
    }

    #[test]
    fn runs_of_bits() {
        let pages = Pages::new(Arc::new(vec![0b1100_0000, 0xff, 0b0000_0001]));
        let high = Bitmap { at: 0, bits: 24, first_is_high: true };
        assert_eq!(pages.bits(high, 0, 100).expect("read"), (true, 2));
        assert_eq!(pages.bits(high, 2, 100).expect("read"), (false, 6));
        assert_eq!(pages.bits(high, 8, 3).expect("read"), (true, 3));
        let low = Bitmap { at: 0, bits: 24, first_is_high: false };
        assert_eq!(pages.bits(low, 0, 100).expect("read"), (false, 6));
        assert_eq!(pages.bits(low, 6, 100).expect("read"), (true, 11));
        assert_eq!(pages.bits(low, 17, 100).expect("read"), (false, 7));
        assert!(pages.bits(Bitmap { at: 2, ..low }, 9, 1).is_err());
    }
}
