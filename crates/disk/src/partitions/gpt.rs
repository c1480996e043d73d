//! The GUID partition table, and its copy at the end of the disk.

use super::slot::{Slot, Type};
use crate::ReadAt;
use crate::bytes::{has, le32, le64, plain, read_vec, sixteen, utf16};
use std::sync::Arc;

/// The partitions of a GPT.
pub(super) struct Gpt {
    pub(super) sector: u32,
    pub(super) slots: Vec<Slot>,
}

struct Header {
    sector: u64,
    /// In sectors.
    copy: u64,
    entries: u64,
    count: u32,
    size: u32,
    sum: u32,
    is_sound: bool,
}

/// Windows makes 128 entries of 128 bytes.
const ENTRIES: u64 = 1 << 20;
const PARTITIONS: usize = 1024;

impl Header {
    fn read(disk: &dyn ReadAt, at: u64, sector: u64) -> Option<Self> {
        let mut bytes = read_vec(disk, at, 512, "its GPT").ok()?;
        if !has(&bytes, 0, b"EFI PART") {
            return None;
        }
        let (size, sum) = (le32(&bytes, 12) as usize, le32(&bytes, 16));
        bytes.get_mut(16..20)?.fill(0);
        let own = bytes.get(..size).filter(|_| size >= 92);
        let is_sound = own.is_some_and(|own| crc32fast::hash(own) == sum);
        Some(Self {
            sector,
            copy: le64(&bytes, 32),
            entries: le64(&bytes, 72),
            count: le32(&bytes, 80),
            size: le32(&bytes, 84),
            sum: le32(&bytes, 88),
            is_sound,
        })
    }

    /// The entries, and whether they match their checksum.
    fn entries(&self, disk: &dyn ReadAt) -> Option<(Vec<u8>, bool)> {
        let size = u64::from(self.count) * u64::from(self.size);
        if self.size < 128 || !self.size.is_multiple_of(8) || size > ENTRIES {
            return None;
        }
        let bytes =
            read_vec(disk, self.entries.checked_mul(self.sector)?, usize::try_from(size).ok()?, "its GPT").ok()?;
        let is_sound = crc32fast::hash(&bytes) == self.sum;
        Some((bytes, is_sound))
    }
}

/// The table in front where it is sound, or else its copy at the end, or else what is there.
pub(super) fn read(disk: &Arc<dyn ReadAt>, is_announced: bool, problems: &mut Vec<String>) -> Option<Gpt> {
    let end = disk.len();
    let first = [512, 4096].iter().filter_map(|sector| Header::read(&**disk, *sector, *sector));
    let last = [512, 4096].iter().filter_map(|sector| Header::read(&**disk, end.checked_sub(*sector)?, *sector));
    let first: Vec<Header> = first.collect();
    // Where the first one says that the copy is, should there be more behind it.
    let at_alternate =
        first.iter().filter_map(|header| Header::read(&**disk, header.copy.checked_mul(header.sector)?, header.sector));
    let copies: Vec<Header> = last.chain(at_alternate).collect();
    let found: Vec<(bool, Header)> = first
        .into_iter()
        .map(|header| (true, header))
        .chain(copies.into_iter().map(|header| (false, header)))
        .collect();
    let mut damaged = None;
    for (is_first, header) in &found {
        let Some((bytes, is_sound)) = header.entries(&**disk) else { continue };
        if is_sound && header.is_sound {
            if !is_first {
                problems.push("its GPT is damaged; the copy of it is taken".to_owned());
            } else if header.copy.checked_mul(header.sector).is_none_or(|at| at >= end) {
                problems.push("it is shorter than its GPT states: the backup table would be beyond its end".to_owned());
            }
            return Some(Gpt { sector: header.sector as u32, slots: slots(header, &bytes, problems) });
        }
        damaged = damaged.or(Some((header, bytes)));
    }
    // A wrong checksum must not hide a volume.
    if let Some((header, bytes)) = damaged {
        problems.push("its GPT does not match its checksums, nor is there a sound copy of it".to_owned());
        return Some(Gpt { sector: header.sector as u32, slots: slots(header, &bytes, problems) });
    }
    if is_announced {
        problems.push("its MBR announces a GPT, and there is none".to_owned());
    }
    None
}

fn slots(header: &Header, bytes: &[u8], problems: &mut Vec<String>) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (number, entry) in (1..).zip(bytes.chunks_exact(header.size as usize)) {
        let (kind, id) = (sixteen(entry, 0), sixteen(entry, 16));
        if kind == [0; 16] {
            continue;
        }
        if slots.len() == PARTITIONS {
            problems.push(format!("its GPT has more than {PARTITIONS} partitions: the others are not read"));
            break;
        }
        let (first, last) = (le64(entry, 32), le64(entry, 40));
        let mut device = b"DMIO:ID:".to_vec();
        device.extend(id);
        slots.push(Slot {
            number,
            start: first.saturating_mul(header.sector),
            length: last.checked_sub(first).map_or(0, |count| count.saturating_add(1).saturating_mul(header.sector)),
            kind: Type::Gpt(kind),
            name: plain(&utf16(entry.get(56..128).unwrap_or_default(), false)),
            mounted_device: Some(device),
        });
    }
    slots
}
