//! Disk images and partition tables: an input is an image; behind a mark there may be a second file, its next segment and its parent.

use shellsift_disk::{NamedFiles, ReadAt, open_all, partitions};
use std::sync::Arc;

const MARK: &[u8] = b"\n--- next file ---\n";
const NAMES: &[&str] = &["a.E01", "a.E02"];
/// Names of parents and extents, which the input has to know.
const OTHERS: &[&str] = &["base", "base.vhd", "base.vhdx", "base.vmdk", "base.qcow2", "a-flat.vmdk", "a-s001.vmdk"];

/// Any image is opened or refused with a reason; what is read of a disk is the same each time, and its partitions lie on it.
pub fn disk(data: &[u8]) {
    let at = memchr::memmem::find(data, MARK);
    let (first, second) = at.map_or((data, data), |at| (&data[..at], &data[at + MARK.len()..]));
    let second: Arc<dyn ReadAt> = Arc::new(second.to_vec());
    let mut files = NamedFiles::new().with(NAMES[0], Arc::new(first.to_vec()));
    for name in NAMES.iter().skip(1).chain(OTHERS) {
        files = files.with(name, Arc::clone(&second));
    }
    let disks = match open_all(&files, NAMES[0]) {
        Ok(disks) => disks,
        Err(error) => return assert!(!error.reason.is_empty()),
    };
    for disk in disks {
        let length = disk.data.len();
        let (mut once, mut again) = (vec![0; 40 << 10], vec![1; 40 << 10]);
        for at in [0, length / 3, length.saturating_sub(5000), length] {
            let read = disk.data.read_at(&mut once, at);
            let second = disk.data.read_at(&mut again, at);
            assert_eq!(read.as_ref().ok(), second.as_ref().ok());
            if let Ok(read) = read {
                assert_eq!(read as u64, (length - at).min(once.len() as u64));
                assert_eq!(once[..read], again[..read]);
            }
        }
        let Ok(found) = partitions(&disk.data) else { continue };
        assert!(found.list.len() <= 1024);
        assert!(found.list.iter().all(|part| part.start <= length && part.length <= length - part.start));
    }
}
