//! Packed clusters.

use crate::ReadAt;
use crate::bytes::{damaged, read_vec};
use crate::inflate::inflate;
use ruzstd::decoding::StreamingDecoder;
use std::io::{self, Read};

/// How clusters are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Deflate,
    Zstd,
}

/// A cluster is at most 2 MiB, so no encoder needs more to look back; a header may ask for 100 MiB.
const WINDOW: u64 = 8 << 20;

/// Unpacks the cluster that an entry of a table tells: the place of its bytes, and how many sectors of 512 bytes they reach into.
pub(super) fn unpack(source: &dyn ReadAt, entry: u64, cluster_bits: u32, method: Method) -> io::Result<Vec<u8>> {
    let place_bits = 62 - (cluster_bits - 8);
    let place = entry & ((1 << place_bits) - 1);
    let sectors = (entry & ((1 << 62) - 1)) >> place_bits;
    let end = ((place & !511).saturating_add((sectors + 1) * 512)).min(source.len());
    let size = end.checked_sub(place).and_then(|size| usize::try_from(size).ok());
    let size = size.ok_or_else(|| damaged("is outside the file"))?;
    let stored = read_vec(source, place, size, "its compressed data")?;
    let whole = 1 << cluster_bits;
    let unpacked = match method {
        Method::Deflate => inflate(&stored, false, whole),
        Method::Zstd => zstd(&stored, whole),
    };
    unpacked.filter(|bytes| bytes.len() == whole).ok_or_else(|| damaged("cannot be unpacked"))
}

fn zstd(stored: &[u8], size: usize) -> Option<Vec<u8>> {
    if window(stored)? > WINDOW {
        return None;
    }
    let mut decoder = StreamingDecoder::new(stored).ok()?;
    let mut bytes = vec![0; size];
    decoder.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// How far a frame says that it looks back (RFC 8878, 3.1.1.1). `None`: no frame.
fn window(frame: &[u8]) -> Option<u64> {
    let frame = frame.strip_prefix(b"\x28\xb5\x2f\xfd")?;
    let (flags, rest) = frame.split_first()?;
    if flags >> 5 & 1 == 0 {
        let window = rest.first()?;
        let base = 1u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    // One segment: as large as the content, whose size follows the id of a dictionary.
    let rest = rest.get(
        match flags & 3 {
            0 => 0,
            1 => 1,
            2 => 2,
            _ => 4,
        }..,
    )?;
    let number = |size: usize| {
        rest.get(..size).map(|bytes| bytes.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    match flags >> 6 {
        0 => number(1),
        1 => number(2).map(|size| size + 256),
        2 => number(4),
        _ => number(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_ask_for_much_memory_are_refused() {
        assert_eq!(window(b"\x28\xb5\x2f\xfd\0\x58"), Some(1 << 21));
        assert_eq!(window(b"\x28\xb5\x2f\xfd\0\x59"), Some((1 << 21) + (1 << 18)));
        assert_eq!(window(b"\x28\xb5\x2f\xfd\x20\x07"), Some(7));
        assert_eq!(window(b"\x28\xb5\x2f\xfd\x60\x01\0"), Some(257));
        assert_eq!(window(b"\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x40"), Some(1 << 62));
        assert_eq!((window(b"\x28\xb5\x2f"), window(b"\x28\xb5\x2f\xfd")), (None, None));
        assert_eq!(zstd(b"\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x40", 100), None);
        // A frame of one stored block of three bytes, and the same cut.
        let frame = b"\x28\xb5\x2f\xfd\x20\x03\x19\0\0abc";
        assert_eq!(zstd(frame, 3).as_deref(), Some(&b"abc"[..]));
        assert_eq!((zstd(frame, 4), zstd(&frame[..10], 3)), (None, None));
    }
}
