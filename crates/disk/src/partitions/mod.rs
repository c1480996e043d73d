//! Partitions of a disk: MBR with logical ones, GPT, or one volume without a table. GPT after the UEFI specification 2.10, chapter 5;
//! types and signatures after Microsoft's documents of `PARTITION_INFORMATION_GPT` and file systems.

mod file_system;
mod gpt;
mod mbr;
mod slot;

#[cfg(test)]
pub(crate) mod tests;

use crate::bytes::{has, le16, le64};
use crate::{ReadAt, Window};
use slot::Slot;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

pub use file_system::of_another_system;
pub use slot::{FileSystem, Type};

/// What a disk is divided into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partitions {
    /// How.
    pub table: Table,
    /// The sector size that the table counts in, in bytes.
    pub sector: u32,
    /// In the order of the table, logical ones behind the others.
    pub list: Vec<Partition>,
    /// What is wrong with the table or a volume, each a sentence that follows the name of the disk.
    pub problems: Vec<String>,
}

/// The kind of a partition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Master boot record.
    Mbr,
    /// GUID partition table.
    Gpt,
    /// None: the disk is one volume, or nothing that is known here.
    None,
}

/// A partition, or a volume without a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its slot in the table from 1 on; logical ones from 5 on; 1 for a volume without a table.
    pub number: u32,
    /// In bytes from the start of the disk.
    pub start: u64,
    /// In bytes, as many as the disk has of them.
    pub length: u64,
    /// Its type according to the table.
    pub kind: Type,
    /// Its name in a GPT.
    pub name: String,
    /// The value under which `HKLM\SYSTEM\MountedDevices` holds its drive letter: of an MBR the signature of the disk and the start in bytes
    /// (4 + 8 bytes, little-endian), of a GPT `DMIO:ID:` and the id of the partition (8 + 16 bytes).
    pub mounted_device: Option<Vec<u8>>,
    /// By its boot sector, not by its type.
    pub file_system: FileSystem,
}

impl Partition {
    /// Its bytes.
    pub fn data(&self, disk: &Arc<dyn ReadAt>) -> Arc<dyn ReadAt> {
        Arc::new(Window::new(Arc::clone(disk), self.start, self.length))
    }
}

/// Finds the partitions of a disk. A disk without table and without a volume that is known has none.
///
/// # Errors
/// What the source says of its first sectors.
pub fn partitions(disk: &Arc<dyn ReadAt>) -> io::Result<Partitions> {
    let mut first = [0; 512];
    disk.read_at(&mut first, 0)?;
    let mut found = Partitions { table: Table::None, sector: 512, list: Vec::new(), problems: Vec::new() };
    let bare = file_system::of_volume(&**disk)?;
    let (mbr, has_gpt_entry) = (mbr::entries(&first), mbr::announces_gpt(&first));
    // A last partition that ends with the disk has its copy of a boot sector where that of a bare volume would be.
    let is_by_copy = bare == FileSystem::Ntfs && first.get(3..11) != Some(b"NTFS    ") && !mbr.is_empty();
    if matches!(bare, FileSystem::Unknown | FileSystem::Ext | FileSystem::Other(_)) || is_by_copy {
        let gpt = gpt::read(disk, has_gpt_entry, &mut found.problems);
        match gpt {
            Some(gpt) if has_gpt_entry || mbr.is_empty() => {
                if !has_gpt_entry {
                    found.problems.push("its MBR does not announce the GPT that it has".to_owned());
                }
                (found.table, found.sector) = (Table::Gpt, gpt.sector);
                add(disk, gpt.slots, &mut found);
                return Ok(found);
            }
            Some(_) => found
                .problems
                .push("it has a GPT that its MBR does not announce; the MBR is taken, as Windows does".to_owned()),
            None => {}
        }
        if !mbr.is_empty() {
            let (sector, slots) = mbr::read(disk, &first, &mut found.problems);
            (found.table, found.sector) = (Table::Mbr, sector);
            add(disk, slots, &mut found);
            return Ok(found);
        }
    }
    // A boot sector may hold a table as well, and show one disk to Windows and another one here.
    if bare != FileSystem::Unknown && !is_by_copy && mbr::leads_to_a_volume(disk, &first) {
        found.problems.push(
            "its first sector is the boot sector of a volume, which is read, and also a partition table with volumes, which are not"
                .to_owned(),
        );
    }
    let whole =
        Slot { number: 1, start: 0, length: disk.len(), kind: Type::Whole, name: String::new(), mounted_device: None };
    add(disk, vec![whole], &mut found);
    found.list.retain(|partition| partition.file_system != FileSystem::Unknown);
    Ok(found)
}

/// Takes the entries of a table that are on the disk.
fn add(disk: &Arc<dyn ReadAt>, slots: Vec<Slot>, found: &mut Partitions) {
    let size = disk.len();
    let mut starts = BTreeMap::new();
    for Slot { number, start, mut length, kind, name, mounted_device } in slots {
        if let Some(other) = starts.insert(start, number) {
            found
                .problems
                .push(format!("its partition {number} begins where its partition {other} does: not read twice"));
            starts.insert(start, other);
            continue;
        }
        if start >= size {
            found.problems.push(format!("its partition {number} begins beyond its end"));
            continue;
        }
        if length > size - start {
            found.problems.push(format!(
                "its partition {number} has {length} bytes, and only {} of them are there",
                size - start
            ));
            length = size - start;
        }
        let volume = Window::new(Arc::clone(disk), start, length);
        let by_sector = file_system::of_volume(&volume).unwrap_or_else(|error| {
            found.problems.push(format!("the boot sector of its partition {number} cannot be read: {error}"));
            FileSystem::Unknown
        });
        let file_system = match file_system::of_type(kind) {
            // A volume of a dynamic disk that begins here can be read as far as it goes on here.
            Some(FileSystem::DynamicDisk) if by_sector != FileSystem::Unknown => {
                found
                    .problems
                    .push(format!("its partition {number} is of a dynamic disk: its volume may go on elsewhere"));
                by_sector
            }
            Some(by_type) => by_type,
            None => by_sector,
        };
        if file_system == FileSystem::Ntfs {
            found.problems.extend(ntfs_problem(&volume, number));
        }
        found.list.push(Partition { number, start, length, kind, name, mounted_device, file_system });
    }
}

/// A volume that is larger than its partition was cut.
fn ntfs_problem(volume: &dyn ReadAt, number: u32) -> Option<String> {
    let mut boot = [0; 512];
    volume.read_at(&mut boot, 0).ok()?;
    if !has(&boot, 3, b"NTFS    ") {
        return Some(format!(
            "the boot sector of the volume in its partition {number} is damaged; its copy at the end is there"
        ));
    }
    let bytes = le64(&boot, 40).saturating_mul(u64::from(le16(&boot, 11)));
    let length = volume.len();
    (bytes > length)
        .then(|| format!("the volume in its partition {number} has {bytes} bytes, and only {length} of them are there"))
}
