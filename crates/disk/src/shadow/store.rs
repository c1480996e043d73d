//! The store of a shadow copy: its description, its blocks, and which blocks it did not use.

use super::block::{BLOCK, ENTRY, HEAD, read_block};
use super::copy::{Guid, ShadowCopy};
use crate::ReadAt;
use crate::numbers::{u16_at, u32_at, u64_at};
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};

/// Blocks of all stores that are held at once: 64 GiB of data.
pub(super) const MOST_BLOCKS: usize = 4 << 20;
/// Blocks of a list that are read: entries of twice as many blocks as are held.
const MOST_LISTED: usize = 16 << 10;
/// Bytes of a bitmap that are kept.
const MOST_BITMAP: usize = 32 << 20;
/// An entry of the list of blocks.
const DESCRIPTOR: usize = 32;
/// A part of a block that an overlay replaces.
const SECTOR: u64 = 512;

const FORWARDER: u32 = 1;
const OVERLAY: u32 = 2;
const NOT_USED: u32 = 4;

/// Where the parts of a store lie on the volume: an entry of kind 3 of the catalog.
pub(super) struct Places {
    blocks: u64,
    header: u64,
    bitmap: u64,
    previous: u64,
}

impl Places {
    pub(super) fn new(entry: &[u8; ENTRY]) -> Self {
        let at = |at| u64_at(entry, at).unwrap_or_default();
        Self { blocks: at(8), header: at(32), bitmap: at(48), previous: at(72) }
    }
}

/// Adds the header of its store to a copy.
pub(super) fn describe(volume: &dyn ReadAt, places: &Places, copy: &mut ShadowCopy) -> Result<(), &'static str> {
    let block = read_block(volume, places.header, 4)?;
    let about = &block[HEAD..];
    let guid = |at: usize| about.get(at..).and_then(|rest| rest.first_chunk()).copied().map(Guid);
    copy.id = guid(16);
    copy.set = guid(32);
    copy.attributes = u32_at(about, 56);
    let machine = u16_at(about, 64).and_then(|length| about.get(66..66 + usize::from(length)));
    let units = machine.unwrap_or_default().chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let machine: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| !c.is_control())
        .collect();
    copy.machine = Some(machine).filter(|machine| !machine.is_empty());
    Ok(())
}

/// A block that was kept.
struct Block {
    /// Where it lies on the volume, or which block of the next store or the volume it is.
    at: u64,
    forward: bool,
    /// The block is nothing but its overlay.
    bare: bool,
    /// Sectors of it that lie elsewhere: where, and which.
    overlay: Option<(u64, u32)>,
}

/// Where a part of a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// On the volume.
    At(u64),
    /// At another position, in the next store.
    Forward(u64),
}

/// The lists of a store.
pub(super) struct Store {
    blocks: HashMap<u64, Block>,
    /// The blocks that forwarders lead to, with the block that leads there.
    reverse: HashMap<u64, u64>,
    /// A bit for each block that the copy did not use.
    bitmap: Vec<u8>,
    previous: Option<Vec<u8>>,
}

impl Store {
    /// Reads the lists of a store that may hold this many blocks. Which ones a copy did not use counts for the newest one alone.
    pub(super) fn read(volume: &dyn ReadAt, places: &Places, most: usize, newest: bool) -> Result<Self, &'static str> {
        let mut store = Self { blocks: HashMap::new(), reverse: HashMap::new(), bitmap: Vec::new(), previous: None };
        chain(volume, places.blocks, 3, |block| {
            let (entries, _) = block.as_chunks::<DESCRIPTOR>();
            entries.iter().filter(|entry| **entry != [0; DESCRIPTOR]).try_for_each(|entry| store.add(entry, most))?;
            Ok(true)
        })?;
        if !newest {
            return Ok(store);
        }
        store.bitmap = read_bitmap(volume, places.bitmap)?;
        if places.previous != 0 {
            store.previous = Some(read_bitmap(volume, places.previous)?);
        }
        Ok(store)
    }

    /// How many blocks it holds in memory.
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The numbers of the blocks that it replaces.
    pub(super) fn originals(&self) -> impl Iterator<Item = u64> {
        self.blocks.keys().copied()
    }

    /// Adds a descriptor; later ones change what earlier ones of the same block say.
    fn add(&mut self, entry: &[u8; DESCRIPTOR], most: usize) -> Result<(), &'static str> {
        let at = |at| u64_at(entry, at).unwrap_or_default();
        let (mut original, relative, place) = (at(0), at(8), at(16));
        let (flags, bitmap) = (u32_at(entry, 24).unwrap_or_default(), u32_at(entry, 28).unwrap_or_default());
        if flags & NOT_USED != 0 {
            return Ok(());
        }
        if !original.is_multiple_of(BLOCK) {
            return Err("an entry of its list of blocks is overwritten");
        }
        original /= BLOCK;
        let (overlay, forward) = (flags & OVERLAY != 0, flags & FORWARDER != 0);
        if !overlay && let Some(leads_here) = self.reverse.remove(&original) {
            // What was to be read from here lies here now.
            original = leads_here;
        }
        if forward && original.checked_mul(BLOCK) == Some(relative) {
            return Ok(());
        }
        if self.blocks.len() >= most {
            return Err("with it more than 64 GiB of blocks are kept");
        }
        let mut new = match overlay {
            true => Block { at: 0, forward: false, bare: true, overlay: Some((place, bitmap)) },
            false => Block { at: if forward { relative } else { place }, forward, bare: false, overlay: None },
        };
        match self.blocks.entry(original) {
            Entry::Vacant(vacant) => drop(vacant.insert(new)),
            Entry::Occupied(mut occupied) => {
                let known = occupied.get_mut();
                match (overlay, known.overlay.as_mut()) {
                    (true, Some((_, sectors))) => *sectors |= bitmap,
                    (true, None) => known.overlay = new.overlay,
                    (false, _) => {
                        new.overlay = known.overlay.take();
                        *known = new;
                    }
                }
                if overlay {
                    return Ok(());
                }
            }
        }
        if forward {
            self.reverse.insert(relative / BLOCK, original);
        }
        Ok(())
    }

    /// Where the bytes at a position are, if the store has them, and how many bytes that answer is good for. Overlays count for the
    /// copy's own store alone.
    pub(super) fn find(&self, at: u64, own: bool) -> (u64, Option<Found>) {
        let inside = at % BLOCK;
        let Some(block) = self.blocks.get(&(at / BLOCK)) else { return (BLOCK - inside, None) };
        let found = || match (block.bare, block.forward) {
            (true, _) => None,
            (false, true) => Some(Found::Forward(block.at.saturating_add(inside))),
            (false, false) => Some(Found::At(block.at.saturating_add(inside))),
        };
        let Some((place, sectors)) = block.overlay.filter(|_| own) else { return (BLOCK - inside, found()) };
        let sector = inside / SECTOR;
        let part = SECTOR - inside % SECTOR;
        if sectors >> sector & 1 != 0 { (part, Some(Found::At(place.saturating_add(inside)))) } else { (part, found()) }
    }

    /// Whether the newest copy did not use a block that nothing else tells of.
    pub(super) fn is_unused(&self, at: u64) -> bool {
        let number = at / BLOCK;
        let set = |bitmap: &[u8]| {
            let byte = usize::try_from(number / 8).ok().and_then(|byte| bitmap.get(byte)).copied().unwrap_or_default();
            byte >> (number % 8) & 1 != 0
        };
        !self.reverse.contains_key(&number) && set(&self.bitmap) && self.previous.as_deref().is_none_or(set)
    }
}

fn read_bitmap(volume: &dyn ReadAt, first: u64) -> Result<Vec<u8>, &'static str> {
    // No larger than the volume has blocks.
    let most = usize::try_from((volume.len() / BLOCK).div_ceil(8)).unwrap_or(MOST_BITMAP).min(MOST_BITMAP);
    let mut bitmap = Vec::new();
    chain(volume, first, 6, |block| {
        let wanted = most.saturating_sub(bitmap.len()).min(block.len());
        bitmap.extend_from_slice(&block[..wanted]);
        Ok(bitmap.len() < most)
    })?;
    Ok(bitmap)
}

/// Goes through blocks that name the next one each, until there is none or `each` has enough.
fn chain(
    volume: &dyn ReadAt,
    first: u64,
    kind: u32,
    mut each: impl FnMut(&[u8]) -> Result<bool, &'static str>,
) -> Result<(), &'static str> {
    let mut seen = HashSet::new();
    let mut at = first;
    while at != 0 {
        if !seen.insert(at) || seen.len() > MOST_LISTED {
            return Err("a list leads back to itself or has no end");
        }
        let block = read_block(volume, at, kind)?;
        if !each(&block[HEAD..])? {
            break;
        }
        at = u64_at(&block, 40).unwrap_or_default();
    }
    Ok(())
}
