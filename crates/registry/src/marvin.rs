//! Marvin32, the hash that guards log entries (new format): a keyed hash by Microsoft, published with .NET (`Marvin.cs`, MIT).
//! The key is the one that M. Suhanov's specification of regf names.

/// The key of log entries, 0x82EF4D887A4E55C5: its lower and its upper half.
const KEY: (u32, u32) = (0x7A4E_55C5, 0x82EF_4D88);

/// The hash of bytes, as an entry of a transaction log stores that of its content and that of its header.
pub fn marvin32(bytes: &[u8]) -> u64 {
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

    #[test]
    fn hashes_are_those_of_another_implementation() {
        assert_eq!(marvin32(b"HvLE"), 0x914527932cf336dd);
        assert_eq!(marvin32(b""), 0xb39efca403966e08);
    }
}
