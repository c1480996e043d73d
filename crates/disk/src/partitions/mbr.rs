//! The master boot record, and the chain of records in an extended partition.

use super::file_system;
use super::slot::{FileSystem, Slot, Type};
use crate::bytes::{has, le32};
use crate::{ReadAt, Window, read_exact_at};
use std::sync::Arc;

/// An entry of a table of four.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    slot: u32,
    kind: u8,
    /// In sectors.
    start: u32,
    count: u32,
    /// Neither active nor inactive.
    is_odd: bool,
}

/// Logical partitions of one disk.
const LOGICAL: usize = 128;

fn is_extended(kind: u8) -> bool {
    matches!(kind, 0x05 | 0x0f | 0x85)
}

/// The used entries of a boot record; none if it is none. An odd one counts: a wrong byte must not hide a volume.
pub(super) fn entries(sector: &[u8]) -> Vec<Entry> {
    let Some(table) = sector.get(446..510).filter(|_| has(sector, 510, b"\x55\xaa")) else { return Vec::new() };
    let mut found = Vec::new();
    for (slot, bytes) in (1..).zip(table.chunks_exact(16)) {
        let (state, kind) = (bytes.first().copied().unwrap_or(0), bytes.get(4).copied().unwrap_or(0));
        let entry = Entry { slot, kind, start: le32(bytes, 8), count: le32(bytes, 12), is_odd: state & 0x7f != 0 };
        if entry.kind != 0 && entry.count > 0 {
            found.push(entry);
        }
    }
    found
}

/// Whether an entry of the record leads to a volume that is known. The code of a boot sector, taken for a table, does not.
pub(super) fn leads_to_a_volume(disk: &Arc<dyn ReadAt>, first: &[u8]) -> bool {
    entries(first).iter().filter(|entry| entry.start > 0).any(|entry| {
        [512, 4096].iter().any(|sector| {
            let (start, length) = (u64::from(entry.start) * sector, u64::from(entry.count) * sector);
            let found = file_system::of_volume(&Window::new(Arc::clone(disk), start, length));
            found.is_ok_and(|found| found != FileSystem::Unknown)
        })
    })
}

/// Whether the record is there to keep others off a GPT.
pub(super) fn announces_gpt(sector: &[u8]) -> bool {
    entries(sector).iter().any(|entry| entry.kind == 0xee)
}

/// The partitions, and the size of the sectors that they are counted in: the record does not tell it, so it is the one by which volumes
/// are found.
pub(super) fn read(disk: &Arc<dyn ReadAt>, first: &[u8], problems: &mut Vec<String>) -> (u32, Vec<Slot>) {
    let volumes = |sector: u64| {
        let is_volume = |entry: &&Entry| {
            let start = u64::from(entry.start) * sector;
            let volume = Window::new(Arc::clone(disk), start, u64::from(entry.count) * sector);
            let found = file_system::of_volume(&volume);
            is_extended(entry.kind) && extended(disk, start).is_some_and(|entries| !entries.is_empty())
                || found.is_ok_and(|found| found != FileSystem::Unknown)
        };
        entries(first).iter().filter(is_volume).count()
    };
    let sector = if volumes(4096) > volumes(512) { 4096 } else { 512 };
    let signature = le32(first, 440);
    let slot = |number, kind, start: u64, count: u32| {
        let mut id = signature.to_le_bytes().to_vec();
        id.extend(start.to_le_bytes());
        let length = u64::from(count) * u64::from(sector);
        Slot { number, start, length, kind: Type::Mbr(kind), name: String::new(), mounted_device: Some(id) }
    };
    let mut slots = Vec::new();
    let mut logical = Vec::new();
    for entry in entries(first) {
        let start = u64::from(entry.start) * u64::from(sector);
        if entry.is_odd {
            problems.push(format!("its partition {} is marked as neither active nor inactive", entry.slot));
        }
        if is_extended(entry.kind) {
            logical.extend(chain(disk, start, u64::from(sector), problems));
        } else {
            slots.push(slot(entry.slot, entry.kind, start, entry.count));
        }
    }
    for (number, (kind, start, count)) in (5..).zip(logical) {
        slots.push(slot(number, kind, start, count));
    }
    (sector, slots)
}

fn extended(disk: &Arc<dyn ReadAt>, at: u64) -> Option<Vec<Entry>> {
    let mut sector = [0; 512];
    read_exact_at(&**disk, &mut sector, at).ok()?;
    has(&sector, 510, b"\x55\xaa").then(|| entries(&sector))
}

/// The logical partitions of an extended one: each record has one of them and the place of the next record.
fn chain(disk: &Arc<dyn ReadAt>, base: u64, sector: u64, problems: &mut Vec<String>) -> Vec<(u8, u64, u32)> {
    let (mut found, mut visited, mut at) = (Vec::new(), Vec::new(), base);
    loop {
        if visited.contains(&at) || visited.len() >= LOGICAL {
            problems.push("the chain of its logical partitions does not end".to_owned());
            return found;
        }
        visited.push(at);
        let Some(entries) = extended(disk, at) else {
            problems.push(format!("the chain of its logical partitions breaks off at byte {at}"));
            return found;
        };
        let mut next = None;
        for entry in entries {
            let start = u64::from(entry.start) * sector;
            if is_extended(entry.kind) {
                next = next.or(Some(base.saturating_add(start)));
            } else if found.len() < LOGICAL {
                found.push((entry.kind, at.saturating_add(start), entry.count));
            } else {
                problems.push(format!("it has more than {LOGICAL} logical partitions: the others are not read"));
                return found;
            }
        }
        match next {
            Some(next) => at = next,
            None => return found,
        }
    }
}
