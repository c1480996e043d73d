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

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes what the specification says: bits go into words that are set aside before the bytes that follow them.
    struct Writer {
        out: Vec<u8>,
        places: [usize; 2],
        word: u32,
        count: u32,
    }

    impl Writer {
        /// All symbols have codes of 9 bits, which are their numbers.
        fn new() -> Self {
            let out = [vec![0x99; 256], vec![0; 4]].concat();
            Self { out, places: [256, 258], word: 0, count: 0 }
        }

        fn bits(&mut self, value: u32, count: u32) {
            for bit in (0..count).rev() {
                self.word = self.word << 1 | (value >> bit & 1);
                self.count += 1;
                if self.count == 16 {
                    self.out[self.places[0]..self.places[0] + 2].copy_from_slice(&(self.word as u16).to_le_bytes());
                    self.places = [self.places[1], self.out.len()];
                    self.out.extend([0, 0]);
                    (self.word, self.count) = (0, 0);
                }
            }
        }

        fn repeat(&mut self, distance: u32, length: u32) {
            let of_distance = distance.ilog2();
            self.bits(256 + (of_distance << 4) + (length - 3).min(15), 9);
            let rest = length - 3;
            if rest >= 15 {
                if rest - 15 < 255 {
                    self.out.push((rest - 15) as u8);
                } else {
                    self.out.push(255);
                    self.out.extend((rest as u16).to_le_bytes());
                }
            }
            self.bits(distance - (1 << of_distance), of_distance);
        }

        fn end(mut self) -> Vec<u8> {
            self.bits(0, 16 - self.count);
            self.out
        }
    }

    #[test]
    fn literals_and_repeats_of_all_lengths() {
        let mut writer = Writer::new();
        let mut wanted = b"shellsift".to_vec();
        wanted.iter().for_each(|byte| writer.bits(u32::from(*byte), 9));
        for (distance, length) in [(9, 3), (1, 17), (4, 18), (20, 40), (3, 272), (5, 273), (100, 600)] {
            writer.repeat(distance as u32, length);
            for _ in 0..length {
                wanted.push(wanted[wanted.len() - distance]);
            }
            writer.bits(u32::from(b'.'), 9);
            wanted.push(b'.');
        }
        let packed = writer.end();
        let mut out = vec![0; wanted.len()];
        let mut code = Code::default();
        unpack(&packed, &mut out, &mut code).expect("sound");
        assert_eq!(out, wanted);
        // a chunk that ends early, and one that refers to before its beginning
        assert!(unpack(&packed[..270], &mut out, &mut code).is_none());
        let mut writer = Writer::new();
        writer.repeat(1, 3);
        assert!(unpack(&writer.end(), &mut out, &mut code).is_none());
        assert!(unpack(&[0x11; 300], &mut out, &mut code).is_none(), "too many codes");
        assert!(unpack(&[], &mut out, &mut code).is_none());
    }
}
