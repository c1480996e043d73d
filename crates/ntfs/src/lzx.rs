//! LZX as WIM files and the Windows Overlay Filter use it: chunks of 32 KiB, each by itself, calls of x86 always translated.
//! Source: Microsoft, \[MS-PATCH\] (LZX DELTA), the LZX specification of the Cabinet SDK, and what wimlib documents of the differences
//! of WIM.

use crate::lz::{Bits, Code, repeat};

/// What a chunk becomes, but for the last one.
pub(crate) const CHUNK: usize = 32768;

const LITERALS: usize = 256;
/// Positions of a window of 32 KiB are in 30 slots, each with 8 headers of lengths.
const SLOTS: usize = 30;
const MAIN: usize = LITERALS + 8 * SLOTS;
const LENGTHS: usize = 249;
const PRE: usize = 20;
/// Calls are translated as if the file had this size.
const FILE: i32 = 12_000_000;

/// What a decoder keeps between blocks.
#[derive(Default)]
pub(crate) struct Decoder {
    main: Code,
    length: Code,
    aligned: Code,
    pre: Code,
}

/// Lengths of codes, which each block writes as differences to those of the block before.
struct Lengths {
    main: [u8; MAIN],
    length: [u8; LENGTHS],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Verbatim,
    Aligned,
}

impl Decoder {
    /// Unpacks one chunk; `None` if it is damaged.
    pub(crate) fn unpack(&mut self, packed: &[u8], out: &mut [u8]) -> Option<()> {
        let mut bits = Bits::new(packed);
        let mut lengths = Lengths { main: [0; MAIN], length: [0; LENGTHS] };
        let mut recent = [1_usize; 3];
        let mut at = 0;
        while at < out.len() {
            let kind = bits.take(3);
            let size = if bits.take(1) == 1 { CHUNK } else { bits.take(16) as usize };
            let end = at.checked_add(size).filter(|end| *end <= out.len() && size > 0)?;
            match kind {
                1 | 2 => {
                    let block = if kind == 2 { Block::Aligned } else { Block::Verbatim };
                    self.read_codes(&mut bits, block, &mut lengths)?;
                    self.compressed(&mut bits, block, out.get_mut(..end)?, at, &mut recent)?;
                }
                3 => plain(&mut bits, out.get_mut(at..end)?, &mut recent)?,
                _ => return None,
            }
            if bits.is_past_end() {
                return None;
            }
            at = end;
        }
        translate_calls(out);
        Some(())
    }

    fn read_codes(&mut self, bits: &mut Bits<'_>, block: Block, lengths: &mut Lengths) -> Option<()> {
        if block == Block::Aligned {
            let mut aligned = [0; 8];
            for length in &mut aligned {
                *length = bits.take(3) as u8;
            }
            self.aligned.make(&aligned)?;
        }
        let (literals, matches) = lengths.main.split_at_mut_checked(LITERALS)?;
        read_lengths(bits, &mut self.pre, literals)?;
        read_lengths(bits, &mut self.pre, matches)?;
        self.main.make(&lengths.main)?;
        read_lengths(bits, &mut self.pre, &mut lengths.length)?;
        self.length.make(&lengths.length)
    }

    fn compressed(
        &self,
        bits: &mut Bits<'_>,
        block: Block,
        out: &mut [u8],
        mut at: usize,
        recent: &mut [usize; 3],
    ) -> Option<()> {
        while at < out.len() {
            let symbol = self.main.next(bits)?;
            if let Ok(literal) = u8::try_from(symbol) {
                *out.get_mut(at)? = literal;
                at += 1;
                continue;
            }
            let header = usize::from(symbol & 7);
            let slot = u32::from((symbol - 256) >> 3);
            let length = header + 2 + if header == 7 { usize::from(self.length.next(bits)?) } else { 0 };
            let distance = match slot {
                0..=2 => {
                    recent.swap(0, slot as usize);
                    recent[0]
                }
                _ => {
                    let distance = self.distance(bits, block, slot)?;
                    *recent = [distance, recent[0], recent[1]];
                    distance
                }
            };
            repeat(out, at, distance, length)?;
            at += length;
            if bits.is_past_end() {
                return None;
            }
        }
        Some(())
    }

    /// A distance that is none of the recent ones: the base of its slot and the bits that follow.
    fn distance(&self, bits: &mut Bits<'_>, block: Block, slot: u32) -> Option<usize> {
        // Slots 4 and 5 have one bit, 6 and 7 two, and so on; slot 3 starts at 3, or 1 when the three recent ones are left out.
        let extra = (slot / 2).saturating_sub(1);
        let base = if slot < 4 { slot } else { (2 + (slot & 1)) << extra };
        let rest = if block == Block::Aligned && extra >= 3 {
            let upper = bits.take(extra - 3) << 3;
            upper + u32::from(self.aligned.next(bits)?)
        } else {
            bits.take(extra)
        };
        usize::try_from((base + rest).checked_sub(2)?).ok()
    }
}

/// Reads lengths of codes, themselves packed: each as a difference to what it was, or a run of them.
fn read_lengths(bits: &mut Bits<'_>, pre: &mut Code, lengths: &mut [u8]) -> Option<()> {
    let mut of_pre = [0; PRE];
    for length in &mut of_pre {
        *length = bits.take(4) as u8;
    }
    pre.make(&of_pre)?;
    let differs = |old: u8, symbol: u16| u8::try_from((u16::from(old) + 17).checked_sub(symbol)? % 17).ok();
    let mut at = 0;
    while at < lengths.len() {
        let (count, value) = match pre.next(bits)? {
            17 => (4 + bits.take(4) as usize, 0),
            18 => (20 + bits.take(5) as usize, 0),
            19 => {
                let count = 4 + bits.take(1) as usize;
                let symbol = pre.next(bits).filter(|symbol| *symbol < 17)?;
                (count, differs(*lengths.get(at)?, symbol)?)
            }
            symbol => (1, differs(*lengths.get(at)?, symbol)?),
        };
        // A run may say more than there are left, as decoders of Windows take it.
        let end = (at + count).min(lengths.len());
        lengths.get_mut(at..end)?.fill(value);
        at = end;
    }
    Some(())
}

/// A block that is not packed: the recent distances, then its bytes, and one more where it would end inside a word.
fn plain(bits: &mut Bits<'_>, out: &mut [u8], recent: &mut [usize; 3]) -> Option<()> {
    bits.align();
    for distance in recent.iter_mut() {
        let stored = bits.slice(4)?.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))?;
        *distance = usize::try_from(stored).ok().filter(|distance| *distance != 0)?;
    }
    out.copy_from_slice(bits.slice(out.len())?);
    if !out.len().is_multiple_of(2) {
        bits.byte();
    }
    Some(())
}

/// Puts the targets of calls back, which the packer made absolute.
fn translate_calls(out: &mut [u8]) {
    let last = out.len().saturating_sub(10);
    let mut at = 0;
    while let Some(found) = out.get(at..last).and_then(|bytes| bytes.iter().position(|byte| *byte == 0xE8)) {
        let call = at + found;
        at = call + 5;
        let Some(target) = out.get_mut(call + 1..call + 5) else { return };
        let (Ok(position), Some(stored)) = (i32::try_from(call), target.first_chunk::<4>()) else { return };
        let absolute = i32::from_le_bytes(*stored);
        let relative = if (0..FILE).contains(&absolute) {
            absolute - position
        } else if absolute < 0 && absolute >= -position {
            absolute + FILE
        } else {
            continue;
        };
        target.copy_from_slice(&relative.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_relative_again() {
        let mut out = [0_u8; 40];
        out[3] = 0xE8;
        out[4..8].copy_from_slice(&20_i32.to_le_bytes());
        out[10] = 0xE8;
        out[11..15].copy_from_slice(&(-4_i32).to_le_bytes());
        out[20] = 0xE8;
        out[21..25].copy_from_slice(&FILE.to_le_bytes());
        out[35] = 0xE8; // too near to the end
        translate_calls(&mut out);
        assert_eq!(out[4..8], 17_i32.to_le_bytes());
        assert_eq!(out[11..15], (FILE - 4).to_le_bytes());
        assert_eq!(out[21..25], FILE.to_le_bytes());
        assert_eq!(out[36..40], [0; 4]);
        translate_calls(&mut out[..5]);
    }

    /// Bits in words of 16, the highest first.
    #[derive(Default)]
    struct Writer {
        out: Vec<u8>,
        word: u32,
        count: u32,
    }

    impl Writer {
        fn bits(&mut self, value: u32, count: u32) {
            for bit in (0..count).rev() {
                self.word = self.word << 1 | (value >> bit & 1);
                self.count += 1;
                if self.count == 16 {
                    self.out.extend((self.word as u16).to_le_bytes());
                    (self.word, self.count) = (0, 0);
                }
            }
        }

        /// Lengths of which one symbol says each: `low` for the first `lows` of them, then one more.
        fn lengths(&mut self, low: u32, lows: usize, all: usize) {
            let (of_low, of_high) = (17 - low, 16 - low);
            (0..PRE as u32).for_each(|symbol| self.bits(u32::from(symbol == of_low || symbol == of_high), 4));
            (0..all).for_each(|at| self.bits(u32::from(at < lows), 1));
        }

        /// A block with codes of 8 bits for 16 main symbols and 9 for the others, 7 for 7 lengths and 8 for the others.
        fn start(&mut self, kind: u32, size: u32) {
            self.bits(kind, 3);
            self.bits(0, 1);
            self.bits(size, 16);
            if kind == 2 {
                (0..8).for_each(|_| self.bits(3, 3));
            }
            self.lengths(8, 16, LITERALS);
            self.lengths(8, 0, MAIN - LITERALS);
            self.lengths(7, 7, LENGTHS);
        }

        fn main(&mut self, symbol: u32) {
            if symbol < 16 { self.bits(symbol, 8) } else { self.bits(symbol + 16, 9) }
        }

        fn repeat(&mut self, slot: u32, length: u32) {
            let header = (length - 2).min(7);
            self.main(256 + 8 * slot + header);
            if header == 7 {
                let symbol = length - 9;
                if symbol < 7 { self.bits(symbol, 7) } else { self.bits(symbol + 7, 8) }
            }
        }

        fn end(mut self) -> Vec<u8> {
            self.bits(0, 16);
            self.out
        }
    }

    #[test]
    fn literals_and_repeats_of_all_kinds() {
        for kind in [1, 2] {
            let mut writer = Writer::default();
            let mut wanted: Vec<u8> = (0..60).map(|at| at * 4 + 3).collect();
            // slot and the bits behind it, and what they are: the recent distances are 1, 1, 1 at first
            let repeats: [(u32, u32, u32, usize, u32); 7] = [
                (0, 0, 0, 1, 2),
                (6, 1, 2, 7, 8),    // base 8, two bits
                (8, 5, 3, 19, 9),   // base 16, three bits
                (1, 0, 0, 7, 16),   // the second one of 19, 7, 1
                (2, 0, 0, 1, 257),  // the third one of 7, 19, 1
                (9, 7, 3, 29, 100), // base 24
                (3, 0, 0, 1, 5),
            ];
            let total = wanted.len() as u32 + repeats.iter().map(|repeat| repeat.4).sum::<u32>();
            writer.start(kind, total);
            wanted.iter().for_each(|byte| writer.main(u32::from(*byte)));
            for (slot, bits, count, distance, length) in repeats {
                writer.repeat(slot, length);
                // The last three bits are a symbol of the aligned code, which is its number here.
                writer.bits(bits, count);
                for _ in 0..length {
                    wanted.push(wanted[wanted.len() - distance]);
                }
            }
            let packed = writer.end();
            let mut out = vec![0; wanted.len()];
            Decoder::default().unpack(&packed, &mut out).expect("sound");
            assert_eq!(out, wanted);
            let mut longer = vec![0; wanted.len() + 1];
            assert!(Decoder::default().unpack(&packed, &mut longer).is_none());
            assert!(Decoder::default().unpack(&packed[..packed.len() / 2], &mut out).is_none());
        }
    }

    #[test]
    fn a_block_that_is_not_packed() {
        // 011 (plain), 0, size 5, up to the word; distances 1, 1, 1; five bytes and one to fill
        let mut packed = vec![0b0000_0000, 0b0110_0000, 0b0000_0000, 0b0101_0000];
        for _ in 0..3 {
            packed.extend([1, 0, 0, 0]);
        }
        packed.extend(b"hello\0");
        let mut out = [0; 5];
        Decoder::default().unpack(&packed, &mut out).expect("sound");
        assert_eq!(&out, b"hello");
        for length in 0..packed.len() - 1 {
            assert!(Decoder::default().unpack(&packed[..length], &mut out).is_none(), "{length}");
        }
    }

    #[test]
    fn a_block_that_is_not_packed_behind_one_that_is() {
        // However many bits are held when the first block ends.
        for literals in 1..40 {
            let mut writer = Writer::default();
            writer.start(1, literals);
            (0..literals).for_each(|at| writer.main(at % 13));
            writer.bits(3, 3);
            writer.bits(0, 1);
            writer.bits(5, 16);
            writer.bits(0, 16 - writer.count);
            let mut packed = writer.out;
            for _ in 0..3 {
                packed.extend([1, 0, 0, 0]);
            }
            packed.extend(b"hello\0");
            let mut out = vec![0; literals as usize + 5];
            Decoder::default().unpack(&packed, &mut out).unwrap_or_else(|| panic!("{literals}"));
            assert!(out.ends_with(b"hello") && out[0] == 0, "{literals}");
        }
    }
}
