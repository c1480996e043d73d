//! What the index of a folder holds of names whose files are gone, or torn. Blocks of an index are filled from the front: what was removed stays
//! behind the entries in use until something is written over it. Source: the documentation of libfsntfs and of the Linux-NTFS project.

use crate::bytes::{fix_up, four_at};
use crate::entry::Times;
use crate::error::Unread;
use crate::gather::Place;
use crate::names::Namespace;
use crate::segment::{Reference, Segment, StoredName, kind};
use crate::stream::Stream;
use crate::volume::Volume;
use shellsift_disk::numbers::{u16_at, u32_at, u64_at, units};
use shellsift_disk::read_exact_at;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// A name in the index of a folder that no file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remnant {
    /// Whether the entry is in use: then there is such a file, and its record is damaged. Else it was there once.
    pub in_use: bool,
    /// The record it had, where the entry still has its number. Another file may use that record by now.
    pub record: Option<Reference>,
    /// Which rules the name obeys.
    pub space: Namespace,
    /// Units of UTF-16.
    pub units: Vec<u16>,
    /// The times of `$STANDARD_INFORMATION`, as the index had them.
    pub times: Times,
    /// How long the content was.
    pub size: u64,
    /// `FILE_ATTRIBUTE_*`, of a folder with 0x10000000.
    pub attributes: u32,
}

/// Bytes of an index that are looked at, which is more than half a million names.
const LONGEST: u64 = 256 << 20;
/// How many names of a folder are returned.
const NAMES: usize = 10_000;
/// Where the numbers of a node lie in a block of an index.
const NODE: usize = 24;
/// What comes before the name in an entry.
const ENTRY: usize = 16;

impl Volume {
    /// The names that the index of a folder holds and that no file in it has, and what it knew of them: of files that are gone, also if
    /// their records are in other use since, and of files whose records are damaged. At most 10,000, out of the first 256 MiB of the index.
    ///
    /// # Errors
    /// Why the folder's record is not read. Blocks that are damaged are left out.
    pub fn remnants(&self, folder: u64) -> Result<Vec<Remnant>, Unread> {
        let row = self.entry(folder).ok_or(Unread::NoRecord)?;
        let mut found = Remnants {
            parent: Reference { number: folder, sequence: row.sequence },
            names: Vec::new(),
            seen: HashMap::new(),
        };
        let (segments, _) = self.segments(folder)?;
        for segment in segments.iter() {
            let mut attributes = segment.attributes();
            attributes.by_ref().for_each(drop);
            found.carve(self, segment.0, attributes.at());
        }
        let i30: Vec<u16> = "$I30".encode_utf16().collect();
        let index = match self.disk().find(&segments, kind::INDEX_ALLOCATION, &i30) {
            Ok(index) if matches!(index.place, Place::Runs(_)) => self.disk().stream(index, None)?,
            _ => return Ok(found.names),
        };
        let size = segments.iter().find_map(|segment| block_size(segment, &i30)).unwrap_or(4096);
        if !self.carve_blocks(&index, size, &mut found) {
            return Err(Unread::Damaged(
                "its index shares clusters with others: it is not searched for names that are gone",
            ));
        }
        Ok(found.names)
    }

    /// `false` where more was read by now than all indexes of a volume can have, and than asking for each of them some times takes.
    fn carve_blocks(&self, index: &Stream, size: usize, found: &mut Remnants) -> bool {
        let most = self.disk().source.len().saturating_mul(4).saturating_add(LONGEST);
        let mut block = vec![0; size];
        let mut at = 0;
        while let Some(data) = index.next_data(at).filter(|data| data.start < LONGEST) {
            at = (data.start / size as u64) * size as u64;
            while at < data.end.min(LONGEST) && found.names.len() < NAMES {
                if self.carved.fetch_add(size as u64, Ordering::Relaxed) > most {
                    return false;
                }
                let sound = read_exact_at(index, &mut block, at).is_ok();
                at += size as u64;
                if !sound || !block.starts_with(b"INDX") || fix_up(&mut block).is_err() {
                    continue;
                }
                let used = u32_at(&block, NODE + 4).map_or(0, |used| used as usize);
                found.carve(self, &block, NODE.saturating_add(used));
            }
            if found.names.len() >= NAMES || at >= LONGEST {
                break;
            }
        }
        true
    }
}

/// The size of the blocks of an index, as its root has it.
fn block_size(segment: Segment<'_>, name: &[u16]) -> Option<usize> {
    let mut roots = segment.attributes().filter(|root| crate::bytes::is_name(root.name, name));
    let size = roots.find_map(|root| u32_at(root.content_of(kind::INDEX_ROOT)?, 8))? as usize;
    (size.is_power_of_two() && (512..=65536).contains(&size)).then_some(size)
}

struct Remnants {
    parent: Reference,
    names: Vec<Remnant>,
    /// Where in `names` a name is.
    seen: HashMap<Vec<u16>, usize>,
}

impl Remnants {
    /// Looks for names of this folder in a block or record, of which the first `used` bytes are in use. Entries start at multiples of
    /// eight.
    fn carve(&mut self, volume: &Volume, block: &[u8], used: usize) {
        for at in (0..block.len()).step_by(8) {
            let content = block.get(at..).filter(|content| u64_at(content, 0).map(Reference::new) == Some(self.parent));
            let Some(content) = content else { continue };
            let Some(name) = StoredName::read(content).filter(|name| !name.name.is_empty() && name.space < 4) else {
                continue;
            };
            let units: Vec<u16> = units(name.name).collect();
            let is_there = volume.has(self.parent.number, &units);
            let is_itself = units == [u16::from(b'.')];
            if is_there || is_itself || units.contains(&0) {
                continue;
            }
            if let Some(before) = self.seen.get(&units).and_then(|before| self.names.get_mut(*before)) {
                before.in_use |= at < used;
                continue;
            }
            if self.names.len() >= NAMES {
                return;
            }
            self.seen.insert(units.clone(), self.names.len());
            // The entry has its length twice: with what comes before the name, and the name's alone.
            let entry = at.checked_sub(ENTRY).and_then(|start| block.get(start..));
            let whole = entry.filter(|entry| {
                let lengths = u16_at(entry, 8).zip(u16_at(entry, 10));
                lengths.is_some_and(|(all, own)| usize::from(own) == 66 + name.name.len() && all >= own)
            });
            self.names.push(Remnant {
                in_use: at < used,
                record: whole.and_then(|entry| u64_at(entry, 0)).map(Reference::new),
                space: Namespace::new(name.space),
                units,
                times: Times::new(four_at(content, 8).unwrap_or_default()),
                size: u64_at(content, 48).unwrap_or_default(),
                attributes: u32_at(content, 56).unwrap_or_default(),
            });
        }
    }
}
