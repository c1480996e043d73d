//! Unpacks one chunk.

use flate2::{Decompress, FlushDecompress, Status};
use std::cell::RefCell;

thread_local! {
    /// The state has 40 KiB, more than a small chunk.
    static STATE: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Unpacks up to `size` bytes of deflate, `zlib`: with its header and its checksum. `None`: damaged, or more than that many.
pub(crate) fn inflate(packed: &[u8], zlib: bool, size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; size];
    let (status, read) = STATE.with_borrow_mut(|state| {
        state.reset(zlib);
        let status = state.decompress(packed, &mut bytes, FlushDecompress::Finish).ok()?;
        Some((status, usize::try_from(state.total_out()).ok()?))
    })?;
    let is_whole = status == Status::StreamEnd;
    // The end of the stream may be missing where the size is known: QEMU writes chunks like that.
    if !is_whole && (zlib || read != size) {
        return None;
    }
    bytes.truncate(read);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::inflate;
    use flate2::Compression;
    use std::io::Write;

    #[test]
    fn chunks_are_whole_or_nothing() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&[7; 1000]).expect("packed");
        let mut packed = encoder.finish().expect("packed");
        assert_eq!(inflate(&packed, true, 1000), Some(vec![7; 1000]));
        assert_eq!(inflate(&packed, true, 2000), Some(vec![7; 1000]));
        assert_eq!(inflate(&packed, true, 999), None);
        assert_eq!(inflate(&packed[..packed.len() - 5], true, 1000), None);
        assert_eq!(inflate(&packed[2..], false, 1000), Some(vec![7; 1000]));
        let last = packed.len() - 1;
        packed[last] ^= 1;
        assert_eq!(inflate(&packed, true, 1000), None, "its checksum");
        assert_eq!(inflate(b"", true, 10), None);
    }
}
