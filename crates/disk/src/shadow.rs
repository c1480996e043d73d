//! Volume Shadow Copies: earlier states of a volume, kept on the volume itself.
//!
//! The layout follows libyal's description ("Volume Shadow Snapshot (VSS) format"): at 7680 a header that names a catalog, in the catalog
//! for each shadow copy a store with the blocks of 16384 bytes that were written over since. A shadow copy is the present volume, with the
//! blocks of the newest store laid over it, then those of the one before, and so on to its own.

mod block;
mod copy;
mod store;

use crate::numbers::{u32_at, u64_at};
use crate::{ReadAt, read_exact_at};
use block::{BLOCK, ENTRY, HEAD, MAGIC, read_block};
use std::collections::HashSet;
use std::io;
use std::sync::{Arc, OnceLock};
use store::{Places, Store};

pub use copy::{Guid, ShadowCopy};

/// Where the header lies.
const HEADER_AT: u64 = 0x1E00;
/// Blocks of the catalog, and shadow copies, that are looked at; Windows keeps at most 512 of a volume.
const MOST_CATALOG: usize = 1_024;
const MOST_COPIES: usize = 1_024;
/// Problems that are kept.
const MOST_PROBLEMS: usize = 100;

/// Why a shadow copy or the list of them cannot be read, in words that follow its name.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// The bytes of the volume cannot be had.
    #[error("bytes of the volume cannot be read: {0}")]
    Read(#[from] io::Error),
    /// There is none with this number.
    #[error("there is no shadow copy with this number")]
    Missing,
    /// The catalog names it, but not where its blocks lie: it is stored on another volume, or half deleted.
    #[error("the volume does not contain its blocks: they are on another volume or deleted")]
    NotStored,
    /// A list of its store, or of a newer one, that is needed too, is damaged.
    #[error("the store of {0} is damaged: {1}")]
    Damaged(String, &'static str),
}

/// The shadow copies of a volume.
pub struct Shadows {
    inner: Arc<Inner>,
    copies: Vec<ShadowCopy>,
    problems: Vec<String>,
}

struct Inner {
    volume: Arc<dyn ReadAt>,
    /// As the copies, the oldest first.
    stores: Vec<Slot>,
}

/// A store that is read when it is needed for the first time.
struct Slot {
    places: Option<Places>,
    store: OnceLock<Result<Store, &'static str>>,
    name: String,
    size: u64,
}

impl Shadows {
    /// Looks for shadow copies on a volume; `None` if it was never prepared for them.
    ///
    /// # Errors
    /// Where the bytes of the header cannot be read. What is damaged behind it is a problem, and the rest is listed.
    pub fn open(volume: Arc<dyn ReadAt>) -> Result<Option<Self>, ShadowError> {
        if volume.len() < HEADER_AT + 512 {
            return Ok(None);
        }
        let mut header = [0; 512];
        read_exact_at(&*volume, &mut header, HEADER_AT)?;
        if !header.starts_with(&MAGIC) || u32_at(&header, 20) != Some(1) {
            return Ok(None);
        }
        let mut problems = Vec::new();
        if !matches!(u32_at(&header, 16), Some(1 | 2)) {
            problems.push(format!(
                "shadow copies have version {} of their format, which is not known",
                u32_at(&header, 16).unwrap_or(0)
            ));
        }
        let catalog = u64_at(&header, 48).unwrap_or_default();
        let entries = if catalog == 0 { Vec::new() } else { read_catalog(&*volume, catalog, &mut problems) };
        let entries = joined(&entries, &mut problems);
        let (mut copies, mut stores) = (Vec::new(), Vec::new());
        for (mut copy, places) in entries {
            let name = format!("the shadow copy with store {}", copy.store);
            if let Some(Err(reason)) = places.as_ref().map(|places| store::describe(&*volume, places, &mut copy)) {
                problems.push(format!("{name} cannot be named: {reason}"));
            }
            if copy.size > volume.len() || copy.size == 0 {
                problems.push(format!("{name} states a size of {} bytes, the volume has {}", copy.size, volume.len()));
                copy.size = volume.len();
            }
            stores.push(Slot { places, store: OnceLock::new(), name, size: copy.size });
            copies.push(copy);
        }
        problems.truncate(MOST_PROBLEMS);
        Ok(Some(Self { inner: Arc::new(Inner { volume, stores }), copies, problems }))
    }

    /// The shadow copies, the oldest first.
    pub fn copies(&self) -> &[ShadowCopy] {
        &self.copies
    }

    /// What is damaged in the catalog, each in a sentence; at most 100.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The volume as it was when the copy was made, by its number in [`Shadows::copies`]. Lists of its store and of all newer ones are
    /// held in memory: about 60 bytes for each block of 16 KiB that was written since, of at most 64 GiB.
    ///
    /// # Errors
    /// Where the volume does not hold its blocks, or a list of a store that is needed is damaged.
    pub fn volume(&self, number: usize) -> Result<ShadowVolume, ShadowError> {
        let slots = self.inner.stores.get(number..).filter(|slots| !slots.is_empty()).ok_or(ShadowError::Missing)?;
        // From the newest on, so that what is held in memory is the same whatever copies are asked for.
        let mut left = store::MOST_BLOCKS;
        for (at, slot) in self.inner.stores.iter().enumerate().skip(number).rev() {
            let newest = at + 1 == self.inner.stores.len();
            let places = slot.places.as_ref().ok_or(ShadowError::NotStored)?;
            let store = slot.store.get_or_init(|| Store::read(&*self.inner.volume, places, left, newest));
            let store = store.as_ref().map_err(|reason| ShadowError::Damaged(slot.name.clone(), reason))?;
            left = left.saturating_sub(store.blocks());
        }
        Ok(ShadowVolume { inner: Arc::clone(&self.inner), number, size: slots[0].size })
    }
}

/// A volume as it was: see [`Shadows::volume`].
pub struct ShadowVolume {
    inner: Arc<Inner>,
    number: usize,
    size: u64,
}

/// Where bytes of a shadow copy come from.
enum Origin {
    Volume(u64),
    /// The copy did not use them.
    Unused,
}

impl ShadowVolume {
    /// What may differ from the present volume: blocks that were written since, as ranges of bytes in their order.
    pub fn changed(&self) -> Vec<std::ops::Range<u64>> {
        let mut blocks: Vec<u64> = self.stores().flat_map(|store| store.originals()).collect();
        blocks.sort_unstable();
        let mut ranges: Vec<std::ops::Range<u64>> = Vec::new();
        for start in blocks.into_iter().map(|block| block * BLOCK).filter(|start| *start < self.size) {
            let end = start.saturating_add(BLOCK).min(self.size);
            match ranges.last_mut().filter(|last| start <= last.end) {
                Some(last) => last.end = last.end.max(end),
                None => ranges.push(start..end),
            }
        }
        ranges
    }

    /// Its store and all newer ones.
    fn stores(&self) -> impl Iterator<Item = &Store> {
        let slots = self.inner.stores.get(self.number..).unwrap_or_default();
        slots.iter().filter_map(|slot| slot.store.get()?.as_ref().ok())
    }

    /// Where the bytes at a position come from, and how many from there on.
    fn origin(&self, at: u64, wanted: u64) -> io::Result<(Origin, u64)> {
        let (mut at, mut length) = (at, wanted);
        let mut stores = self.stores().enumerate().peekable();
        while let Some((number, store)) = stores.next() {
            length = length.min(BLOCK - at % BLOCK);
            let (part, found) = store.find(at, number == 0);
            length = length.min(part);
            match (found, stores.peek()) {
                (Some(store::Found::At(place)), _) | (Some(store::Found::Forward(place)), None) => {
                    return Ok((Origin::Volume(place), length));
                }
                (Some(store::Found::Forward(place)), Some(_)) => at = place,
                // Only the newest copy leaves blocks out that it did not use.
                (None, None) if number == 0 && store.is_unused(at) => return Ok((Origin::Unused, length)),
                (None, _) => {}
            }
        }
        Ok((Origin::Volume(at), length))
    }
}

impl ReadAt for ShadowVolume {
    fn len(&self) -> u64 {
        self.size
    }

    /// As libvshadow reads it: blocks that the newest copy did not use are zeros.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        let mut done = 0;
        while done < count {
            let (origin, length) = self.origin(at + done as u64, (count - done) as u64)?;
            let end = usize::try_from(length).unwrap_or(count).saturating_add(done).min(count);
            let part = &mut buffer[done..end];
            match origin {
                Origin::Unused => part.fill(0),
                Origin::Volume(place) => {
                    read_exact_at(&*self.inner.volume, part, place).map_err(|error| match error.kind() {
                        io::ErrorKind::UnexpectedEof => io::Error::new(
                            io::ErrorKind::InvalidData,
                            "a block of the shadow copy is outside the volume",
                        ),
                        _ => error,
                    })?
                }
            }
            done = end;
        }
        Ok(count)
    }
}

/// The entries of the catalog that are in use, by kind 2 or 3.
fn read_catalog(volume: &dyn ReadAt, first: u64, problems: &mut Vec<String>) -> Vec<[u8; ENTRY]> {
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    let mut at = first;
    while at != 0 {
        if !seen.insert(at) || seen.len() > MOST_CATALOG {
            problems.push("the catalog of shadow copies leads back to itself".to_owned());
            break;
        }
        let block = match read_block(volume, at, 2) {
            Ok(block) => block,
            Err(reason) => {
                problems.push(format!("the catalog of shadow copies is damaged at {at}: {reason}"));
                break;
            }
        };
        let (of_block, _) = block[HEAD..].as_chunks::<ENTRY>();
        entries.extend(of_block.iter().filter(|entry| matches!(entry[0], 2 | 3)));
        at = u64_at(&block, 40).unwrap_or_default();
    }
    entries
}

/// Joins what the catalog says of a copy with what it says of its store, and puts the oldest first.
fn joined(entries: &[[u8; ENTRY]], problems: &mut Vec<String>) -> Vec<(ShadowCopy, Option<Places>)> {
    let id = |entry: &[u8; ENTRY]| entry[16..32].first_chunk().copied().map_or(Guid([0; 16]), Guid);
    let mut places: std::collections::HashMap<Guid, Places> = std::collections::HashMap::new();
    for entry in entries.iter().filter(|entry| entry[0] == 3) {
        places.insert(id(entry), Places::new(entry));
    }
    let mut copies = Vec::new();
    let mut seen = HashSet::new();
    for entry in entries.iter().filter(|entry| entry[0] == 2) {
        let store = id(entry);
        if !seen.insert(store) || copies.len() >= MOST_COPIES {
            problems
                .push(format!("the catalog of shadow copies names store {store} twice, or more than {MOST_COPIES}"));
            continue;
        }
        let copy = ShadowCopy {
            store,
            id: None,
            set: None,
            created: u64_at(entry, 48).unwrap_or_default(),
            size: u64_at(entry, 8).unwrap_or_default(),
            attributes: None,
            machine: None,
            stored: places.contains_key(&store),
        };
        copies.push((copy, places.remove(&store)));
    }
    copies.sort_by_key(|(copy, _)| copy.created);
    copies
}

#[cfg(test)]
mod tests;
