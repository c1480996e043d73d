//! Little-endian numbers in the structures of disks, NTFS and the registry, whose bytes may end anywhere.

/// The sixteen bits at `at`; `None` behind the end.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

/// The thirty-two bits at `at`; `None` behind the end.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

/// The sixty-four bits at `at`; `None` behind the end.
pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array_at(bytes, at).map(u64::from_le_bytes)
}

/// `N` bytes from `at` on; `None` behind the end.
pub fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The units of UTF-16; half a unit at the end is left out.
pub fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks::<2>().0.iter().copied().map(u16::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_the_bytes_end() {
        let bytes = [1, 2, 3, 4];
        assert_eq!((u16_at(&bytes, 2), u16_at(&bytes, 3), u32_at(&bytes, 0)), (Some(0x0403), None, Some(0x0403_0201)));
        assert_eq!((u64_at(&bytes, 0), u16_at(&bytes, usize::MAX), u16_at(&bytes, 5)), (None, None, None));
        assert_eq!(u64_at(&[1, 0, 0, 0, 0, 0, 0, 2, 9], 0), Some(0x0200_0000_0000_0001));
        assert_eq!(units(b"a\0b\0c").collect::<Vec<_>>(), [0x61, 0x62]);
    }
}
