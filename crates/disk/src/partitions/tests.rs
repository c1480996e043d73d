use super::*;
use crate::testing::volume;

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn found(bytes: &[u8]) -> Partitions {
    let disk: Arc<dyn ReadAt> = Arc::new(bytes.to_vec());
    partitions(&disk).expect("readable")
}

/// A record with these entries: type, start and length in sectors.
fn record(entries: &[(u8, u32, u32)]) -> Vec<u8> {
    let mut bytes = vec![0; 512];
    for (index, (kind, start, count)) in entries.iter().enumerate() {
        let at = 446 + 16 * index;
        bytes[at + 4] = *kind;
        put(&mut bytes, at + 8, &start.to_le_bytes());
        put(&mut bytes, at + 12, &count.to_le_bytes());
    }
    put(&mut bytes, 440, &0x51f7_5000_u32.to_le_bytes());
    put(&mut bytes, 510, b"\x55\xaa");
    bytes
}

fn places(found: &Partitions) -> Vec<(u32, u64, u64)> {
    found.list.iter().map(|partition| (partition.number, partition.start, partition.length)).collect()
}

#[test]
fn primary_and_logical_partitions() {
    let mut disk = vec![0; 100 * 512];
    put(&mut disk, 0, &record(&[(7, 2, 8), (0x0f, 20, 60), (0, 0, 0), (0x83, 90, 20)]));
    put(&mut disk, 2 * 512, &volume(4096));
    put(&mut disk, 20 * 512, &record(&[(7, 1, 9), (5, 30, 20)]));
    put(&mut disk, 50 * 512, &record(&[(0x0b, 1, 5)]));
    let table = found(&disk);
    assert_eq!((table.table, table.sector), (Table::Mbr, 512));
    assert_eq!(places(&table), [(1, 1024, 4096), (4, 46_080, 5120), (5, 10_752, 4608), (6, 26_112, 2560)]);
    assert_eq!(table.problems, ["its partition 4 has 10240 bytes, and only 5120 of them are there"]);
    let first = &table.list[0];
    let mut odd = disk.clone();
    odd[446] = 0x31;
    assert_eq!(found(&odd).list, table.list);
    assert_eq!(found(&odd).problems[0], "its partition 1 is marked as neither active nor inactive");
    let mut dynamic = disk.clone();
    dynamic[446 + 4] = 0x42;
    dynamic[446 + 3 * 16 + 4] = 0x42;
    let file_system_of = found(&dynamic);
    assert_eq!(
        (file_system_of.list[0].file_system, file_system_of.list[1].file_system),
        (FileSystem::Ntfs, FileSystem::DynamicDisk)
    );
    assert!(file_system_of.problems[0].contains("of a dynamic disk"));
    assert_eq!((first.file_system, first.kind.to_string()), (FileSystem::Ntfs, "0x07".into()));
    assert_eq!(first.mounted_device.as_deref(), Some(&b"\x00\x50\xf7\x51\x00\x04\0\0\0\0\0\0"[..]));
    let data: Arc<dyn ReadAt> = Arc::new(disk.clone());
    assert_eq!(first.data(&data).len(), 4096);

    put(&mut disk, 50 * 512, &record(&[(0x0b, 1, 5), (5, 30, 20)]));
    assert!(found(&disk).problems.contains(&"the chain of its logical partitions does not end".to_owned()));
    put(&mut disk, 50 * 512, &[0; 512]);
    assert!(found(&disk).problems.contains(&"the chain of its logical partitions breaks off at byte 25600".to_owned()));
}

#[test]
fn a_record_that_counts_large_sectors() {
    let mut disk = vec![0; 20 * 4096];
    put(&mut disk, 0, &record(&[(7, 2, 4)]));
    put(&mut disk, 2 * 4096, &volume(4 * 4096));
    let table = found(&disk);
    assert_eq!((table.sector, places(&table)), (4096, vec![(1, 8192, 16_384)]));
}

/// A disk of 100 sectors with a GPT: an NTFS volume in sectors 40 to 47.
fn gpt(sector: usize) -> Vec<u8> {
    let mut disk = vec![0; 100 * sector];
    put(&mut disk, 0, &record(&[(0xee, 1, 99)]));
    let mut entries = vec![0; 128 * 128];
    put(
        &mut entries,
        2 * 128,
        &[0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9, 0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7],
    );
    put(&mut entries, 2 * 128 + 16, &[7; 16]);
    put(&mut entries, 2 * 128 + 32, &40u64.to_le_bytes());
    put(&mut entries, 2 * 128 + 40, &47u64.to_le_bytes());
    put(&mut entries, 2 * 128 + 56, b"D\0a\0t\0a\0");
    let header = |own: u64, copy: u64, at: u64| {
        let mut bytes = vec![0; 92];
        put(&mut bytes, 0, b"EFI PART\0\0\x01\0\x5c");
        put(&mut bytes, 24, &own.to_le_bytes());
        put(&mut bytes, 32, &copy.to_le_bytes());
        put(&mut bytes, 72, &at.to_le_bytes());
        put(&mut bytes, 80, &[128, 0, 0, 0, 128]);
        put(&mut bytes, 88, &crc32fast::hash(&entries).to_le_bytes());
        let sum = crc32fast::hash(&bytes);
        put(&mut bytes, 16, &sum.to_le_bytes());
        bytes
    };
    put(&mut disk, sector, &header(1, 99, 2));
    put(&mut disk, 99 * sector, &header(99, 1, 60));
    put(&mut disk, 2 * sector, &entries);
    put(&mut disk, 60 * sector, &entries);
    put(&mut disk, 40 * sector, &volume(8 * sector));
    disk
}

#[test]
fn a_gpt_and_its_copy() {
    for sector in [512, 4096] {
        let sound = gpt(sector);
        let table = found(&sound);
        assert_eq!((table.table, table.sector as usize, table.problems.len()), (Table::Gpt, sector, 0));
        assert_eq!(places(&table), [(3, 40 * sector as u64, 8 * sector as u64)]);
        let volume = &table.list[0];
        assert_eq!((&*volume.name, volume.file_system), ("Data", FileSystem::Ntfs));
        assert_eq!(volume.kind.to_string(), "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7");
        assert_eq!(volume.mounted_device.as_deref(), Some(&[&b"DMIO:ID:"[..], &[7; 16]].concat()[..]));
        for at in [sector + 40, 2 * sector + 300] {
            let mut damaged = sound.clone();
            damaged[at] ^= 1;
            let by_copy = found(&damaged);
            assert_eq!(by_copy.list, table.list);
            assert_eq!(by_copy.problems, ["its GPT is damaged; the copy of it is taken"]);
            damaged[99 * sector] ^= 1;
            assert!(found(&damaged).problems[0].contains("does not match its checksums"));
            assert_eq!(found(&damaged).list.len(), 1);
        }
        let mut longer = sound.clone();
        longer[sector + 60] ^= 1;
        longer.extend(vec![0; 7 * sector]);
        assert_eq!(found(&longer).list, table.list, "the copy is not at the end");
        let cut = &sound[..70 * sector];
        assert!(found(cut).problems[0].contains("shorter than its GPT states"));
        let mut wiped = sound.clone();
        wiped[..512].fill(0);
        assert_eq!((found(&wiped).list, found(&wiped).problems.len()), (table.list.clone(), 1));
        let mut other = sound.clone();
        put(&mut other, 0, &record(&[(7, 40 * (sector / 512) as u32, 8 * (sector / 512) as u32)]));
        assert_eq!((found(&other).table, found(&other).problems.len()), (Table::Mbr, 1));
        let mut none = sound;
        none[sector] = 0;
        none[99 * sector] = 0;
        assert_eq!(found(&none).problems, ["its MBR announces a GPT, and there is none"]);
    }
}

#[test]
fn volumes_are_identified_by_their_boot_sector() {
    let file_system_of = |at: usize, magic: &[u8]| {
        let mut bytes = vec![0; 8192];
        put(&mut bytes, 510, b"\x55\xaa");
        put(&mut bytes, at, magic);
        found(&bytes).list.first().map(|volume| volume.file_system)
    };
    assert_eq!(file_system_of(3, b"NTFS    "), Some(FileSystem::Ntfs));
    assert_eq!(file_system_of(3, b"-FVE-FS-"), Some(FileSystem::BitLocker));
    assert_eq!(
        file_system_of(424, b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01"),
        Some(FileSystem::BitLockerToGo)
    );
    assert_eq!(file_system_of(3, b"EXFAT   "), Some(FileSystem::ExFat));
    assert_eq!(file_system_of(3, b"ReFS\0"), Some(FileSystem::ReFs));
    assert_eq!(file_system_of(82, b"FAT32   "), Some(FileSystem::Fat));
    assert_eq!(file_system_of(32, b"NXSB\0\x10\0\0"), Some(FileSystem::Other("APFS")));
    assert_eq!(file_system_of(32, b"NXSB\0\x11\0\0"), None, "no size of a block");
    assert_eq!(file_system_of(1024, b"H+\0\x04"), Some(FileSystem::Other("HFS+")));
    assert_eq!(file_system_of(1024, b"H+\0\x05"), None);
    assert_eq!(file_system_of(0, b"XFSB\0\0\x10\0"), Some(FileSystem::Other("XFS")));
    assert_eq!(file_system_of(0, b"XFSB\0\0\0\0"), None);
    assert_eq!(
        file_system_of(512, b"LABELONE\x01\0\0\0\0\0\0\0\x01\x02\x03\x04 \0\0\0LVM2 001"),
        Some(FileSystem::Other("LVM"))
    );
    // 128 inodes, 1,024 blocks of 4 KiB; the mark alone may stand anywhere.
    let mut ext = [0; 80];
    (ext[0], ext[5], ext[24]) = (128, 4, 2);
    ext[56..60].copy_from_slice(b"\x53\xef\x01\0");
    assert_eq!(file_system_of(1024, &ext), Some(FileSystem::Ext));
    assert_eq!(file_system_of(1080, b"\x53\xef"), None);
    assert_eq!(file_system_of(3, b"NTFT    "), None);
    // The boot sector is gone, its copy is not.
    let mut bytes = vec![0; 8192];
    put(&mut bytes, 8192 - 512, &volume(512));
    assert_eq!((found(&bytes).list[0].file_system, found(&bytes).problems.len()), (FileSystem::Ntfs, 1));
    let mut cut = volume(8192);
    put(&mut cut, 11, &[0, 2]);
    put(&mut cut, 40, &17u64.to_le_bytes());
    assert_eq!(found(&cut).problems, ["the volume in its partition 1 has 8704 bytes, and only 8192 of them are there"]);
}

#[test]
fn no_alteration_ends_in_a_panic() {
    let mut mbr = vec![0; 100 * 512];
    put(&mut mbr, 0, &record(&[(7, 2, 8), (0x0f, 20, 60)]));
    put(&mut mbr, 20 * 512, &record(&[(7, 1, 9), (5, 30, 20)]));
    for (bytes, positions) in [(gpt(512), (0..2000).step_by(3)), (mbr, (440..512).step_by(1))] {
        for at in positions {
            for size in [1, 8] {
                let mut altered = bytes.clone();
                let end = (at + size).min(altered.len());
                altered[at..end].fill(0xff);
                assert!(found(&altered).list.len() <= 1024);
            }
        }
    }
}

#[test]
fn what_is_left_out_of_a_table_is_reported() {
    let mut disk = gpt(512);
    disk.resize(2000 * 512, 0);
    let mut entries = vec![0; 1025 * 128];
    for (start, entry) in (300u64..).zip(entries.chunks_exact_mut(128)) {
        put(entry, 0, &[0xa2; 16]);
        put(entry, 32, &start.to_le_bytes());
        put(entry, 40, &start.to_le_bytes());
    }
    disk.splice(2 * 512..2 * 512, entries.clone());
    let header = &mut disk[512..1024];
    put(header, 80, &1025u32.to_le_bytes());
    put(header, 88, &crc32fast::hash(&entries).to_le_bytes());
    put(header, 16, &[0; 4]);
    let sum = crc32fast::hash(&header[..92]);
    put(header, 16, &sum.to_le_bytes());
    let table = found(&disk);
    assert_eq!(table.list.len(), 1024);
    assert!(table.problems.contains(&"its GPT has more than 1024 partitions: the others are not read".to_owned()));

    let mut disk = vec![0; 300 * 512];
    put(&mut disk, 0, &record(&[(0x0f, 20, 200)]));
    for number in 0..64 {
        let next = 4 * (number as u32 + 1);
        put(&mut disk, (20 + 4 * number) * 512, &record(&[(7, 1, 1), (7, 2, 1), (7, 3, 1), (5, next, 1)]));
    }
    let table = found(&disk);
    assert_eq!(table.list.len(), 128);
    let text = "it has more than 128 logical partitions: the others are not read";
    assert!(table.problems.iter().any(|problem| problem == text));
}

#[test]
fn a_boot_sector_that_is_a_partition_table_too_is_reported() {
    let mut disk = volume(64 * 512);
    put(&mut disk, 40 * 512, &volume(8 * 512));
    let alone = found(&disk);
    assert_eq!((alone.table, alone.problems.len()), (Table::None, 0));
    put(&mut disk, 446, &record(&[(7, 40, 8)])[446..]);
    let both = found(&disk);
    assert_eq!((both.list, both.problems.len()), (alone.list, 1));
    assert!(both.problems[0].contains("also a partition table with volumes"));
    // The code of a boot sector, taken for a table.
    put(&mut disk, 446, b"A disk read error occurred\0\r\nBOOTMGR is missing\0\r\n");
    assert!(found(&disk).problems.is_empty());
}

#[test]
fn two_partitions_that_begin_at_one_place_are_read_once() {
    let mut disk = vec![0; 64 * 512];
    put(&mut disk, 0, &record(&[(7, 20, 8), (7, 20, 16), (7, 40, 8), (7, 20, 8)]));
    let table = found(&disk);
    assert_eq!(places(&table), [(1, 20 * 512, 8 * 512), (3, 40 * 512, 8 * 512)]);
    let twins =
        ["2", "4"].map(|number| format!("its partition {number} begins where its partition 1 does: not read twice"));
    assert_eq!(table.problems, twins);
}
