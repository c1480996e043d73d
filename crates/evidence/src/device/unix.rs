//! Devices on Linux and other Unix systems.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

pub(super) fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_block_device())
}

/// The device and its length in bytes. The metadata of a block device says 0; its end is where it is.
pub(super) fn open(device: &Path) -> io::Result<(File, u64)> {
    let mut file = File::open(device)?;
    let length = file.seek(SeekFrom::End(0))?;
    Ok((file, length))
}
