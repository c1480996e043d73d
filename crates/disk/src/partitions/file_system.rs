//! What lies in a partition, by its boot sector.

use super::slot::{FileSystem, Type};
use crate::ReadAt;
use crate::bytes::{be32, guid, has, le16, le32};
use std::io;

/// 4967D63B-2E29-4AD8-8399-F6A339E3D001, which BitLocker To Go has in a boot sector that is otherwise one of FAT.
const TO_GO: [u8; 16] =
    [0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a, 0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01];

/// What the first bytes of a volume say, or the copy of the boot sector that NTFS has at its end.
pub(super) fn of_volume(volume: &dyn ReadAt) -> io::Result<FileSystem> {
    let mut head = [0; 2048];
    let read = volume.read_at(&mut head, 0)?;
    let at = |offset: usize, magic: &[u8]| head.get(..read).is_some_and(|head| has(head, offset, magic));
    let found = if at(3, b"-FVE-FS-") {
        FileSystem::BitLocker
    } else if at(424, &TO_GO) {
        FileSystem::BitLockerToGo
    } else if at(3, b"NTFS    ") {
        FileSystem::Ntfs
    } else if at(3, b"EXFAT   ") {
        FileSystem::ExFat
    } else if at(3, b"ReFS\0") {
        FileSystem::ReFs
    } else if at(510, b"\x55\xaa") && (at(54, b"FAT12") || at(54, b"FAT16") || at(82, b"FAT32")) {
        FileSystem::Fat
    } else {
        of_another_system(head.get(..read).unwrap_or_default()).unwrap_or(FileSystem::Unknown)
    };
    if found == FileSystem::Unknown && has_ntfs_copy(volume) {
        return Ok(FileSystem::Ntfs);
    }
    Ok(found)
}

/// A volume of Linux or macOS, by its first 2 KiB. None of them has a mark that is long enough alone, so their fields are looked at as
/// well: the kernel's fs/ext4/ext4.h and fs/xfs/libxfs/xfs_format.h, Apple's TN1150 and Apple File System Reference, lvmdiskscan of LVM2.
pub fn of_another_system(head: &[u8]) -> Option<FileSystem> {
    let at = |offset: usize, magic: &[u8]| has(head, offset, magic);
    let block = |size: u32| (512..=65_536).contains(&size) && size.is_power_of_two();
    // Its number of inodes and of blocks, the size of a block, its state, its revision.
    let is_ext = at(1024 + 56, b"\x53\xef")
        && le32(head, 1024) > 0
        && le32(head, 1028) > 0
        && le32(head, 1048) <= 6
        && le16(head, 1082) <= 7
        && le32(head, 1100) <= 1;
    if is_ext {
        Some(FileSystem::Ext)
    } else if at(0, b"XFSB") && block(be32(head, 4)) {
        Some(FileSystem::Other("XFS"))
    } else if at(1024, b"H+\0\x04") || at(1024, b"HX\0\x05") {
        Some(FileSystem::Other("HFS+"))
    } else if at(32, b"NXSB") && block(le32(head, 36)) {
        Some(FileSystem::Other("APFS"))
    } else if at(512, b"LABELONE") && at(536, b"LVM2 001") {
        Some(FileSystem::Other("LVM"))
    } else {
        None
    }
}

/// NTFS keeps a copy of its boot sector in the last sector of the partition. Trouble with that sector says nothing.
fn has_ntfs_copy(volume: &dyn ReadAt) -> bool {
    [512, 4096].iter().any(|size| {
        let mut tail = [0; 512];
        let read = volume.len().checked_sub(*size).map(|at| volume.read_at(&mut tail, at));
        matches!(read, Some(Ok(512))) && has(&tail, 3, b"NTFS    ") && has(&tail, 510, b"\x55\xaa")
    })
}

/// Partitions that are no volumes, by their type.
pub(super) fn of_type(kind: Type) -> Option<FileSystem> {
    match kind {
        Type::Mbr(0x42) => Some(FileSystem::DynamicDisk),
        Type::Gpt(id) => match &*guid(&id) {
            "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D" => Some(FileSystem::StorageSpaces),
            "5808C8AA-7E8F-42E0-85D2-E1E90434CFB3" | "AF9B60A0-1431-4F62-BC68-3311714A69AD" => {
                Some(FileSystem::DynamicDisk)
            }
            "E3C9E316-0B5C-4DB8-817D-F92DF00215AE" => Some(FileSystem::Reserved),
            _ => None,
        },
        _ => None,
    }
}
