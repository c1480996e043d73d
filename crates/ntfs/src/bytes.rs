//! What structures of NTFS have in common: times, names, update sequences.

use shellsift_disk::numbers::{array_at, u16_at, u64_at, units};
use std::array;

/// Four times in a row.
pub(crate) fn four_at(bytes: &[u8], at: usize) -> Option<[u64; 4]> {
    let times: [u8; 32] = array_at(bytes, at)?;
    Some(array::from_fn(|k| u64_at(&times, 8 * k).unwrap_or_default()))
}

/// Whether a name in UTF-16 has these units.
pub(crate) fn is_name(bytes: &[u8], name: &[u16]) -> bool {
    bytes.len() == 2 * name.len() && units(bytes).eq(name.iter().copied())
}

/// How much of the buffer `left` bytes fill.
pub(crate) fn fitting(buffer: &[u8], left: u64) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len())
}

/// A record or block of several sectors with the last two bytes of each put back, which a writer replaces by a number (the update
/// sequence), so that a reader sees whether all of its sectors are of one write. The stride is 512 bytes whatever the sector.
///
/// # Errors
/// Why it is torn; the bytes are then as they were.
pub(crate) fn fix_up(block: &mut [u8]) -> Result<(), &'static str> {
    const STRIDE: usize = 512;
    let places = (|| {
        let (at, count) = (usize::from(u16_at(block, 4)?), usize::from(u16_at(block, 6)?));
        let whole = count.checked_sub(1).is_some_and(|strides| strides * STRIDE == block.len());
        (whole && at + 2 * count <= block.len()).then_some((at, array_at::<2>(block, at)?))
    })();
    let Some((mut at, mark)) = places else {
        return Err("its update sequence does not cover it");
    };
    if block.chunks_exact(STRIDE).any(|stride| stride.last_chunk::<2>() != Some(&mark)) {
        return Err("it is torn: its sectors come from different writes");
    }
    for end in (STRIDE..=block.len()).step_by(STRIDE) {
        at += 2;
        let real = array_at::<2>(block, at).unwrap_or(mark);
        if let Some(last) = block.get_mut(end - 2..end) {
            last.copy_from_slice(&real);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_block_stays_as_it_was() {
        let mut block = vec![0; 1024];
        block[4..8].copy_from_slice(&[40, 0, 3, 0]);
        block[40..46].copy_from_slice(&[7, 7, 1, 2, 3, 4]);
        block[510..512].copy_from_slice(&[7, 7]);
        let torn = block.clone();
        assert!(fix_up(&mut block).is_err());
        assert_eq!(block, torn);
        block[1022..].copy_from_slice(&[7, 7]);
        fix_up(&mut block).expect("of one write");
        assert_eq!((&block[510..512], &block[1022..]), (&[1, 2][..], &[3, 4][..]));
        block[6] = 2;
        assert!(fix_up(&mut block).is_err(), "covers only half of it");
    }
}
