//! LZNT1, the compression of NTFS: chunks that become 4096 bytes each. Source: Microsoft, \[MS-XCA\] 2.5.

/// What a chunk becomes.
pub(crate) const CHUNK: usize = 4096;

/// Unpacks `packed` into `out`, zeros behind its end. Returns the damaged chunks as bits, the lowest bit for the
/// first one: their content is unknown. `out` has 64 chunks at most.
pub(crate) fn unpack(mut packed: &[u8], out: &mut [u8]) -> u64 {
    let mut damaged = 0;
    let mut chunks = out.chunks_mut(CHUNK).enumerate();
    for (index, chunk) in chunks.by_ref() {
        let bit = 1_u64.checked_shl(index as u32).unwrap_or_default();
        let header = match packed.split_first_chunk::<2>() {
            Some((header, rest)) => {
                packed = rest;
                u16::from_le_bytes(*header)
            }
            None => 0,
        };
        if header == 0 {
            chunk.fill(0);
            break;
        }
        let length = usize::from(header & 0x0FFF) + 1;
        let Some((body, rest)) = packed.split_at_checked(length) else {
            // What follows a chunk without an end lies nowhere.
            return damaged | !bit.wrapping_sub(1);
        };
        packed = rest;
        let there = if header & 0x8000 == 0 { copied(body, chunk) } else { unpack_chunk(body, chunk) };
        match there.and_then(|there| chunk.get_mut(there..)) {
            Some(rest) => rest.fill(0),
            None => damaged |= bit,
        }
    }
    for (_, chunk) in chunks {
        chunk.fill(0);
    }
    damaged
}

fn copied(body: &[u8], chunk: &mut [u8]) -> Option<usize> {
    let length = body.len().min(chunk.len());
    chunk.get_mut(..length)?.copy_from_slice(body.get(..length)?);
    Some(length)
}

/// Unpacks one chunk and says how many bytes it became; `None` if it refers to what is not there.
fn unpack_chunk(body: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut body = body.iter();
    let mut at = 0;
    while let Some(&flags) = body.next() {
        for bit in 0..8 {
            let Some(&low) = body.next() else { return Some(at) };
            if flags >> bit & 1 == 0 {
                *out.get_mut(at)? = low;
                at += 1;
                continue;
            }
            let pair = u16::from_le_bytes([low, *body.next()?]);
            // The more is there already, the more bits belong to the distance.
            let of_distance = u16::BITS - (u16::try_from(at.checked_sub(1)?).ok()? >> 4).leading_zeros();
            let distance = usize::from(pair >> 12_u32.checked_sub(of_distance)?) + 1;
            let length = usize::from(pair & (0x0FFF >> of_distance)) + 3;
            crate::lz::repeat(out, at, distance, length)?;
            at += length;
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        // [MS-XCA] 3.3: 142 bytes of text become 88
        let text = b"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0";
        let packed = [
            0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20, 0x41, 0x00, 0x10, 0xa2, 0x47, 0x01, 0xa0, 0x45,
            0x20, 0x44, 0x00, 0x08, 0x45, 0x01, 0x50, 0x79, 0x00, 0xc0, 0x45, 0x20, 0x05, 0x24, 0x13, 0x88, 0x05, 0xb4,
            0x02, 0x4a, 0x44, 0xef, 0x03, 0x58, 0x02, 0x8c, 0x09, 0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00,
            0x04, 0x01, 0x18, 0x90, 0x00,
        ];
        let mut out = [0xFF; 2 * CHUNK];
        assert_eq!(unpack(&packed, &mut out), 0);
        assert_eq!(&out[..text.len()], text);
        assert!(out[text.len()..].iter().all(|byte| *byte == 0), "zeros behind the end");
    }

    #[test]
    fn a_damaged_chunk_leaves_the_others() {
        let mut packed = vec![0x03, 0xB0, 0x02, b'a', 0xFF, 0xFF]; // refers to 4 KiB before the beginning
        packed.extend([0x01, 0x30, b'o', b'k']);
        let mut out = [0xFF; 3 * CHUNK];
        assert_eq!(unpack(&packed, &mut out), 1);
        assert_eq!(&out[CHUNK..CHUNK + 3], b"ok\0");
        assert_eq!(unpack(&[0xFF, 0x3F, 1], &mut out), !0, "no end");
        assert_eq!(unpack(&[], &mut out), 0);
        assert!(out.iter().all(|byte| *byte == 0));
    }
}
