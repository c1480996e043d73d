//! What tests of all formats share.

use crate::{Disk, NamedFiles, open_all, partitions};
use std::sync::Arc;

pub(crate) fn files(list: &[(&str, Vec<u8>)]) -> NamedFiles {
    list.iter().fold(NamedFiles::new(), |files, (name, bytes)| files.with(name, Arc::new(bytes.clone())))
}

/// Opens the first of these files.
pub(crate) fn opened(list: &[(&str, Vec<u8>)]) -> Disk {
    crate::open(&files(list), list[0].0).unwrap_or_else(|error| panic!("{error}"))
}

/// Why the first of these files is not opened.
pub(crate) fn refused(list: &[(&str, Vec<u8>)]) -> String {
    match crate::open(&files(list), list[0].0) {
        Ok(disk) => panic!("opened as {}", disk.kind),
        Err(error) => error.to_string(),
    }
}

/// The whole disk.
pub(crate) fn bytes(disk: &Disk) -> Vec<u8> {
    let mut bytes = vec![0x55; usize::try_from(disk.data.len()).expect("small")];
    let read = disk.data.read_at(&mut bytes, 0).expect("readable");
    assert_eq!(read, bytes.len());
    // The same in odd pieces.
    let mut piece = vec![0; 777];
    for at in (0..bytes.len()).step_by(777) {
        let read = disk.data.read_at(&mut piece, at as u64).expect("readable");
        assert_eq!(piece[..read], bytes[at..at + read]);
    }
    bytes
}

/// What reading at a place fails with.
pub(crate) fn error_at(disk: &Disk, at: u64) -> String {
    disk.data.read_at(&mut [0; 16], at).expect_err("unreadable").to_string()
}

/// Bytes that differ from each other, with the boot sector of a volume in front.
pub(crate) fn volume(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491u32;
    let mut bytes: Vec<u8> = (0..length)
        .map(|index| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if index / 4096 % 3 == 1 { 0 } else { (state >> 24) as u8 }
        })
        .collect();
    bytes[..512].fill(0);
    bytes[3..11].copy_from_slice(b"NTFS    ");
    bytes[510..512].copy_from_slice(b"\x55\xaa");
    bytes
}

/// Alters and cuts the file at `index` of the list in many ways: whatever happens, it ends without a panic.
pub(crate) fn survives(list: &[(&str, Vec<u8>)], index: usize, positions: impl Iterator<Item = usize>) {
    let base = files(list);
    let original = list[index].1.clone();
    let attempt = |bytes: Vec<u8>| {
        let files = list.iter().fold(NamedFiles::new(), |files, (name, _)| {
            let data = crate::Files::open(&base, name).expect("there");
            files.with(name, data)
        });
        let files = files.with(list[index].0, Arc::new(bytes));
        let Ok(disks) = open_all(&files, list[0].0) else { return };
        for disk in disks {
            let mut buffer = vec![0; 16 << 10];
            let end = disk.data.len();
            for at in [0, end / 2, end.saturating_sub(9000), end.saturating_sub(1), end, u64::MAX] {
                let _ = disk.data.read_at(&mut buffer, at);
            }
            let _ = partitions(&disk.data);
        }
    };
    for at in positions {
        let Some(byte) = original.get(at).copied() else { continue };
        for value in [0, 1, 0x7f, 0xff, byte ^ 0x80, byte.wrapping_add(1)] {
            let mut bytes = original.clone();
            bytes[at] = value;
            attempt(bytes);
        }
        let mut wide = original.clone();
        let end = (at + 8).min(wide.len());
        wide[at..end].fill(0xff);
        attempt(wide);
    }
    for size in [0, 1, 3, 511, 512, 513, original.len() / 3, original.len() / 2, original.len().saturating_sub(1)] {
        attempt(original.get(..size).unwrap_or(&original).to_vec());
    }
}
