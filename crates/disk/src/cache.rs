//! A bounded cache of unpacked chunks and pieces of tables, for several threads.

use crate::bytes::damaged;
use crate::{ReadAt, read_exact_at};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is kept for one disk, whatever number of extents and parents it has.
#[derive(Clone)]
pub(crate) struct Caches {
    pages: Arc<Cache>,
    unpacked: Arc<Cache>,
    owners: Arc<AtomicU64>,
}

/// Bytes of tables, and of unpacked chunks, that are kept.
const PAGES: usize = 4 << 20;
const UNPACKED: usize = 16 << 20;

impl Caches {
    pub(crate) fn new() -> Self {
        Self { pages: Arc::new(Cache::new(PAGES)), unpacked: Arc::new(Cache::new(UNPACKED)), owners: Arc::default() }
    }

    /// For the unpacked chunks of one more file.
    pub(crate) fn unpacked(&self) -> Own {
        self.own(&self.unpacked)
    }

    /// For the tables of one more file.
    pub(crate) fn tables(&self) -> Own {
        self.own(&self.pages)
    }

    fn own(&self, cache: &Arc<Cache>) -> Own {
        Own { cache: Arc::clone(cache), owner: self.owners.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The part of a cache that one file has.
pub(crate) struct Own {
    cache: Arc<Cache>,
    owner: u64,
}

impl Own {
    /// The chunk `number`: the one that is held, or what `make` gives.
    pub(crate) fn get_or(&self, number: u64, make: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Arc<Vec<u8>>> {
        self.cache.get_or((self.owner, number), make)
    }
}

/// Whose chunk, and its number.
type Key = (u64, u64);

/// Chunks by number. A shard holds few of them, so it is searched one by one, and nothing is unpacked while one is locked: two
/// threads may unpack the same chunk at once, none waits for another.
struct Cache {
    shards: [Mutex<Shard>; SHARDS],
    /// The one chunk that is larger than a shard may be.
    large: Mutex<Shard>,
    /// How many bytes a shard holds.
    budget: usize,
}

#[derive(Default)]
struct Shard {
    held: Vec<Held>,
    size: usize,
    clock: u64,
}

struct Held {
    key: Key,
    used: u64,
    bytes: Arc<Vec<u8>>,
}

const SHARDS: usize = 8;
const PER_SHARD: usize = 128;

fn locked(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    fn new(budget: usize) -> Self {
        Self { shards: Default::default(), large: Mutex::default(), budget: budget / SHARDS }
    }

    fn get_or(&self, key: Key, make: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Arc<Vec<u8>>> {
        let index = key.0.wrapping_mul(5).wrapping_add(key.1) % SHARDS as u64;
        let shard = usize::try_from(index).ok().and_then(|index| self.shards.get(index)).unwrap_or(&self.large);
        if let Some(bytes) = locked(shard).get(key).or_else(|| locked(&self.large).get(key)) {
            return Ok(bytes);
        }
        let bytes = Arc::new(make()?);
        if bytes.len() > self.budget {
            locked(&self.large).put(key, &bytes, 0);
        } else {
            locked(shard).put(key, &bytes, self.budget);
        }
        Ok(bytes)
    }
}

impl Shard {
    fn get(&mut self, key: Key) -> Option<Arc<Vec<u8>>> {
        let held = self.held.iter_mut().find(|held| held.key == key)?;
        self.clock += 1;
        held.used = self.clock;
        Some(Arc::clone(&held.bytes))
    }

    fn put(&mut self, key: Key, bytes: &Arc<Vec<u8>>, budget: usize) {
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
    cache: Own,
}

const PAGE: usize = 16 << 10;

impl Pages {
    pub(crate) fn new(source: Arc<dyn ReadAt>, caches: &Caches) -> Self {
        Self { source, cache: caches.tables() }
    }

    pub(crate) fn source(&self) -> &dyn ReadAt {
        &*self.source
    }

    /// Fills the buffer from `at` on.
    ///
    /// # Errors
    /// "WHAT is outside the file", and the error of the source.
    pub(crate) fn fill(&self, buffer: &mut [u8], at: u64, what: &str) -> io::Result<()> {
        let outside = || damaged(format!("{what} is outside the file"));
        let length = self.source.len();
        if at.checked_add(buffer.len() as u64).is_none_or(|end| end > length) {
            return Err(outside());
        }
        let mut done = 0;
        while done < buffer.len() {
            let position = at + done as u64;
            let number = position / PAGE as u64;
            let start = number * PAGE as u64;
            let page = self.cache.get_or(number, || {
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
        let at = bitmap.at.checked_add(first).ok_or_else(|| damaged("its bitmap is outside the file"))?;
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
        let cache = Cache::new(30 * SHARDS);
        let get = |owner, number| cache.get_or((owner, number), || Ok(vec![number as u8; 10])).expect("made");
        for number in 0..100 {
            assert_eq!(*get(number % 3, number), vec![number as u8; 10]);
        }
        let held: usize = cache.shards.iter().map(|shard| locked(shard).size).sum();
        assert!((100..=30 * SHARDS).contains(&held), "{held}");
        let nothing = || Err(damaged("not held"));
        assert!(cache.get_or((0, 99), nothing).is_ok());
        assert!(cache.get_or((1, 99), nothing).is_err() && cache.get_or((0, 0), nothing).is_err());
        for number in 200..205 {
            assert_eq!(cache.get_or((0, number), || Ok(vec![1; 1000])).expect("made").len(), 1000);
        }
        assert!(cache.get_or((0, 204), nothing).is_ok() && cache.get_or((0, 203), nothing).is_err());
        assert_eq!(locked(&cache.large).size, 1000);
    }

    #[test]
    fn tables_are_read_across_pages_and_not_behind_the_end() {
        let bytes: Vec<u8> = (0..PAGE + 6).map(|n| n as u8).collect();
        let pages = Pages::new(Arc::new(bytes), &Caches::new());
        assert_eq!(pages.le32(PAGE as u64 - 2, "it").expect("read"), 0x0100_fffe);
        assert_eq!(pages.be32(PAGE as u64 - 2, "it").expect("read"), 0xfeff_0001);
        assert!(pages.le64(PAGE as u64 - 2, "it").is_ok());
        assert_eq!(pages.le64(PAGE as u64 - 1, "it").expect_err("outside").to_string(), "it is outside the file");
        assert!(pages.be64(u64::MAX, "it").is_err());
    }

    #[test]
    fn runs_of_bits() {
        let pages = Pages::new(Arc::new(vec![0b1100_0000, 0xff, 0b0000_0001]), &Caches::new());
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
