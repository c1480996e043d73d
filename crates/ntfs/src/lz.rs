//! What the compressions have in common: repeating what is there already, and codes of Huffman.

/// Repeats `length` bytes from `distance` before `at` on; they may reach into what they make. `None` where they do not fit.
pub(crate) fn repeat(out: &mut [u8], at: usize, distance: usize, length: usize) -> Option<()> {
    let from = at.checked_sub(distance)?;
    let end = at.checked_add(length).filter(|end| *end <= out.len())?;
    if distance >= length {
        out.copy_within(from..from + length, at);
    } else {
        if distance == 0 {
            return None;
        }
        let mut done = at;
        while done < end {
            // Each turn doubles what can be taken at once.
            let some = (done - from).min(end - done);
            out.copy_within(from..from + some, done);
            done += some;
        }
    }
    Some(())
}

/// Bits as both packers write them: words of 16 bits, little-endian, the highest bit first; bytes and words may lie between them.
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, the first one on top.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, held: 0, count: 0 }
    }

    /// Takes words until there are `wanted` bits, at most 32. Behind the end there are zeros, which decoders look at but never use:
    /// what they give is bounded by the size of what comes out.
    pub(crate) fn need(&mut self, wanted: u32) {
        while self.count < wanted {
            let word = match self.bytes.get(self.at..) {
                Some(&[low, high, ..]) => u16::from_le_bytes([low, high]),
                _ => 0,
            };
            self.at = self.at.saturating_add(2);
            self.held |= u64::from(word) << (48 - self.count);
            self.count += 16;
        }
    }

    /// The next bits without taking them; they are there already.
    pub(crate) fn peek(&self, count: u32) -> u32 {
        if count == 0 { 0 } else { (self.held >> (64 - count)) as u32 }
    }

    pub(crate) fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count = self.count.saturating_sub(count);
    }

    /// Takes up to 32 bits.
    pub(crate) fn take(&mut self, count: u32) -> u32 {
        self.need(count);
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// How many words are read behind the end.
    pub(crate) fn is_past_end(&self) -> bool {
        self.at > self.bytes.len().saturating_add(8)
    }

    /// The next byte that lies between the words.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    /// Bytes that lie between the words.
    pub(crate) fn slice(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    /// Gives the bits up to the next word up.
    pub(crate) fn align(&mut self) {
        self.need(1);
        (self.held, self.count) = (0, 0);
    }
}

/// Longest code.
const LONGEST: usize = 16;
/// Codes of up to this length are looked up at once.
const DIRECT: u32 = 10;

/// A canonical code of Huffman: shorter codes first, then by symbol.
#[derive(Default)]
pub(crate) struct Code {
    /// By the first bits: the symbol and the length, 0 for longer ones.
    direct: Vec<(u16, u8)>,
    /// Symbols by code.
    symbols: Vec<u16>,
    /// By length: the first code behind those of this length, as 16 bits, and where in `symbols` the codes of the length start
    /// less their first code.
    limits: [u32; LONGEST + 1],
    starts: [u32; LONGEST + 1],
    longest: u32,
}

impl Code {
    /// Makes the code from the length of each symbol's code, 0 where it has none. An empty code is none that decodes.
    ///
    /// # Errors
    /// `None` if there are more codes than fit, or fewer.
    pub(crate) fn make(&mut self, lengths: &[u8]) -> Option<()> {
        let mut counts = [0_u32; LONGEST + 1];
        for length in lengths {
            *counts.get_mut(usize::from(*length))? += 1;
        }
        counts[0] = 0;
        self.longest = counts.iter().rposition(|count| *count != 0).unwrap_or_default() as u32;
        self.symbols.clear();
        self.symbols.resize(lengths.len(), 0);
        self.direct.clear();
        self.direct.resize(1 << DIRECT, (0, 0));
        let (mut code, mut index) = (0_u32, 0_u32);
        let mut next = [0_u32; LONGEST + 1];
        for length in 1..=LONGEST {
            let count = *counts.get(length)?;
            code <<= 1;
            // May be negative: it is only added to codes of this length.
            *self.starts.get_mut(length)? = index.wrapping_sub(code);
            *next.get_mut(length)? = index;
            code += count;
            index += count;
            if code > 1 << length {
                return None;
            }
            *self.limits.get_mut(length)? = code << (LONGEST - length);
        }
        if self.longest > 0 && code != 1 << LONGEST {
            return None;
        }
        for (symbol, length) in (0_u16..).zip(lengths) {
            if *length == 0 {
                continue;
            }
            let place = next.get_mut(usize::from(*length))?;
            *self.symbols.get_mut(*place as usize)? = symbol;
            let code = place.wrapping_sub(*self.starts.get(usize::from(*length))?);
            *place += 1;
            let length = u32::from(*length);
            if length <= DIRECT {
                let first = (code << (DIRECT - length)) as usize;
                let places = first..first + (1 << (DIRECT - length));
                self.direct.get_mut(places)?.fill((symbol, length as u8));
            }
        }
        Some(())
    }

    /// The next symbol.
    pub(crate) fn next(&self, bits: &mut Bits<'_>) -> Option<u16> {
        bits.need(LONGEST as u32);
        let &(symbol, length) = self.direct.get(bits.peek(DIRECT) as usize)?;
        if length != 0 {
            bits.skip(u32::from(length));
            return Some(symbol);
        }
        let code = bits.peek(LONGEST as u32);
        let length = (DIRECT + 1..=self.longest)
            .find(|length| self.limits.get(*length as usize).is_some_and(|limit| code < *limit))?;
        let index = (code >> (LONGEST as u32 - length)).wrapping_add(*self.starts.get(length as usize)?);
        bits.skip(length);
        self.symbols.get(index as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_reach_into_what_they_make_and_never_out() {
        let mut out = *b"ab........";
        repeat(&mut out, 2, 2, 5).expect("fits");
        assert_eq!(&out, b"abababa...");
        repeat(&mut out, 7, 1, 3).expect("fits");
        assert_eq!(&out, b"abababaaaa");
        for (at, distance, length) in [(2, 3, 1), (2, 0, 1), (8, 1, 3), (1, 1, usize::MAX)] {
            assert!(repeat(&mut out, at, distance, length).is_none());
        }
    }

    #[test]
    fn codes_are_canonical_and_whole() {
        let mut code = Code::default();
        // lengths 2, 1, 3, 3: codes 10, 0, 110, 111
        code.make(&[2, 1, 3, 3]).expect("whole");
        let mut bits = Bits::new(&[0b1110_0000, 0b0101_1011]); // 0 10 110 111 ...
        let read: Vec<_> = (0..4).map(|_| code.next(&mut bits)).collect();
        assert_eq!(read, [Some(1), Some(0), Some(2), Some(3)]);
        assert!(code.make(&[1, 1, 1]).is_none(), "too many");
        assert!(code.make(&[1, 2]).is_none(), "too few");
        let lengths: Vec<u8> = (1..=15).chain([15]).collect();
        code.make(&lengths).expect("long codes");
        let mut bits = Bits::new(&[0xFF, 0xFF, 0xF8, 0xFF]); // fifteen ones, fourteen ones, 0
        assert_eq!((code.next(&mut bits), code.next(&mut bits)), (Some(15), Some(14)));
    }
}
