//! Blocks of the lists.

use crate::numbers::u32_at;
use crate::{ReadAt, read_exact_at};
use std::io;

/// What the header and all that it leads to begins with.
pub(super) const MAGIC: [u8; 16] =
    [0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52];
/// Bytes of a block.
pub(super) const BLOCK: u64 = 0x4000;
pub(super) const BLOCK_BYTES: usize = 0x4000;
/// Bytes of the header of a block, and of an entry of the catalog.
pub(super) const HEAD: usize = 128;
pub(super) const ENTRY: usize = 128;

/// Reads a block, and sees that it is what it should be.
pub(super) fn read_block(volume: &dyn ReadAt, at: u64, kind: u32) -> Result<Vec<u8>, &'static str> {
    let mut block = vec![0; BLOCK_BYTES];
    read_exact_at(volume, &mut block, at).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => "a list leads outside the volume",
        _ => "bytes of a list cannot be read",
    })?;
    if !block.starts_with(&MAGIC) || u32_at(&block, 20) != Some(kind) {
        return Err("a list leads to a block that is not its own");
    }
    Ok(block)
}
