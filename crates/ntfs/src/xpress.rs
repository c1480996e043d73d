//! XPRESS with Huffman codes. Source: Microsoft, \[MS-XCA\] 2.2.

use crate::lz::{Bits, Code, repeat};

const SYMBOLS: usize = 512;

/// Unpacks one chunk; `None` if it is damaged.
pub(crate) fn unpack(packed: &[u8], out: &mut [u8], code: &mut Code) -> Option<()> {
    let (lengths, body) = packed.split_at_checked(SYMBOLS / 2)?;
    let mut unpacked = [0; SYMBOLS];
    for (pair, both) in unpacked.as_chunks_mut::<2>().0.iter_mut().zip(lengths) {
        *pair = [both & 15, both >> 4];
    }
    code.make(&unpacked)?;
    let mut bits = Bits::new(body);
    bits.need(32);
    let mut at = 0;
    while at < out.len() {
        let symbol = code.next(&mut bits)?;
        // The packer writes a word as soon as fewer than 16 bits are left, before the bytes of a length.
        bits.need(16);
        if let Ok(literal) = u8::try_from(symbol) {
            *out.get_mut(at)? = literal;
            at += 1;
            continue;
        }
        let (of_distance, short) = (u32::from(symbol - 256) >> 4, usize::from(symbol & 15));
        let length = if short < 15 { short } else { long_length(&mut bits)? };
        let distance = (1_usize << of_distance) + bits.peek(of_distance) as usize;
        bits.skip(of_distance);
        bits.need(16);
        let length = length.checked_add(3)?;
        repeat(out, at, distance, length)?;
        at += length;
        if bits.is_past_end() {
            return None;
        }
    }
    (!bits.is_past_end()).then_some(())
}

/// A length that does not fit into its symbol: a byte, two bytes, or four.
fn long_length(bits: &mut Bits<'_>) -> Option<usize> {
    let byte = bits.byte()?;
    if byte < 255 {
        return Some(usize::from(byte) + 15);
    }
    let wide = u16::from_le_bytes([bits.byte()?, bits.byte()?]);
    let length = match wide {
        0 => usize::try_from(u32::from_le_bytes([bits.byte()?, bits.byte()?, bits.byte()?, bits.byte()?])).ok()?,
        wide => usize::from(wide),
    };
    (length >= 15).then_some(length)
}
