//! Marvin32, the hash that guards log entries (new format): a keyed hash by Microsoft, published with .NET (`Marvin.cs`, MIT).
//! The key is the one that M. Suhanov's specification of regf names.

/// The key of log entries: the bytes 82 EF 4D 88 7A 4E 55 C5.
const KEY: (u32, u32) = (0x884D_EF82, 0xC555_4E7A);

/// The hash of bytes.
pub(crate) fn marvin32(bytes: &[u8]) -> u64 {
    let (mut low, mut high) = KEY;
    let mut mix = |word: u32| {
        low = low.wrapping_add(word);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
    };
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        mix(u32::from_le_bytes(*word));
    }
    // What is left, and a one behind it.
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    mix(u32::from_le_bytes(last));
    mix(0);
    u64::from(high) << 32 | u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out from the published algorithm with the key of log entries.
    #[test]
    fn every_byte_and_the_length_count() {
        let hashes: Vec<u64> = (0..9).map(|length| marvin32(&vec![0; length])).collect();
        let mut distinct = hashes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), hashes.len(), "zeros count");
        assert_ne!(marvin32(b"regf"), marvin32(b"regg"));
        assert_eq!(marvin32(b"regf"), marvin32(b"regf"));
    }
}
