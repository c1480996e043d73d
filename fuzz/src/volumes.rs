//! An NTFS volume whose records are the input.

use shellsift_disk::ReadAt;
use shellsift_ntfs::{Stream, Volume};
use std::sync::Arc;

/// Bytes of a record, and of a cluster.
const RECORD: usize = 1024;
/// Records of the volume; clusters with content follow them.
const RECORDS: usize = 48;
/// Where the `$MFT` starts.
const MFT: usize = 1;

/// A boot sector, and the record of the `$MFT` itself: without them there is nothing to read.
fn frame() -> (Vec<u8>, Vec<u8>) {
    let mut boot = b"\xEB\x52\x90NTFS    \x00\x02\x02".to_vec();
    boot.resize(40, 0);
    for value in [2 * 128, MFT as u64, 1000] {
        boot.extend(value.to_le_bytes());
    }
    boot.extend([0xF6, 0, 0, 0, 0xF6, 0, 0, 0]);
    boot.resize(RECORD, 0);
    let mut first = b"FILE\x30\0\x03\0".to_vec();
    first.resize(16, 0);
    first.extend([1, 0, 1, 0, 56, 0, 1, 0]);
    first.resize(56, 0);
    first.extend([0x80, 0, 0, 0, 72, 0, 0, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
    first.resize(56 + 32, 0);
    first.extend([64, 0, 0, 0, 0, 0, 0, 0]);
    for _ in 0..3 {
        first.extend(((RECORDS * RECORD) as u64).to_le_bytes());
    }
    first.extend([0x11, RECORDS as u8, MFT as u8, 0, 0, 0, 0, 0]);
    first.extend([0xFF; 4]);
    first.resize(RECORD, 0);
    (boot, first)
}

/// Marks the sectors of a record as of one write, or nothing behind the first check would be reached.
fn seal(record: &mut [u8]) {
    if record.starts_with(b"FILE") {
        record[4..8].copy_from_slice(&[48, 0, 3, 0]);
        for sector in 1..=2 {
            let end = [record[512 * sector - 2], record[512 * sector - 1]];
            record[48 + 2 * sector..50 + 2 * sector].copy_from_slice(&end);
            record[512 * sector - 2..512 * sector].copy_from_slice(&[9, 9]);
        }
        record[48..50].copy_from_slice(&[9, 9]);
    }
}

/// Reads some pieces of a stream: no piece is longer than asked for, and broken ranges go on.
fn read(stream: &Stream) {
    let mut buffer = vec![0; 70_000];
    let mut at = 0;
    for _ in 0..64 {
        at = match stream.read_some(&mut buffer, at) {
            Ok(0) => break,
            Ok(read) => at + read as u64,
            Err(broken) => {
                assert!(broken.range.start <= at && at < broken.range.end);
                broken.range.end
            }
        };
    }
    if let Some(data) = stream.next_data(at) {
        assert!(at <= data.start && data.start < data.end && data.end <= stream.len());
    }
    assert_eq!(stream.read_at(&mut buffer, stream.len()).ok(), Some(0));
}

/// A volume is opened, or refused, and all of it can be asked for; what hangs below the root is a tree.
pub fn ntfs(data: &[u8]) {
    let (mut image, first) = frame();
    image.extend(first);
    image.extend(data.iter().take(120 * RECORD));
    image.resize(image.len().next_multiple_of(RECORD).max((MFT + RECORDS + 8) * RECORD), 0);
    image[MFT * RECORD..(MFT + RECORDS) * RECORD].chunks_exact_mut(RECORD).for_each(seal);
    let source: Arc<dyn ReadAt> = Arc::new(image);
    let Ok(volume) = Volume::open(source) else { return };
    let (mut folders, mut seen) = (vec![volume.root()], 0);
    while let Some(folder) = folders.pop() {
        seen += 1;
        assert!(seen <= RECORDS, "a loop");
        let below = volume.children(folder).filter(|name| volume.entry(name.number).is_some_and(|entry| entry.folder));
        let mut below: Vec<_> = below.map(|name| name.number).collect();
        below.sort_unstable();
        below.dedup();
        folders.extend(below);
    }
    for number in volume.numbers().chain(volume.deleted()) {
        let names: Vec<_> = volume.names(number).collect();
        for name in &names {
            assert!(volume.path_of_name(name).parts.len() <= RECORDS + 1);
            let found = volume.find(name.parent.number, name.units);
            let is_child = volume.children(name.parent.number).any(|child| child == *name);
            assert!(!is_child || found.is_some());
        }
        let _ = (volume.slack(number), volume.path_of(number), volume.remnants(number));
        let Ok(file) = volume.deleted_file(number) else { continue };
        assert_eq!(file.streams.len(), file.record.streams.len());
        for stream in &file.record.streams {
            let opened = [volume.open_stream(number, &stream.name), volume.open_deleted(number, &stream.name)];
            opened.iter().flatten().for_each(read);
        }
    }
}
