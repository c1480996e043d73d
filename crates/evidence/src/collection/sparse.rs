//! Files that Velociraptor stored without their holes: what is there lies end to end, and an index beside it (`NAME.idx`) says where each
//! piece belongs. Fields that are zero are left out of it. Format: its `uploads/sparse` and the protobuf `Index`, as JSON.

use crate::evidence::Refused;
use crate::model::ProblemKind;
use std::collections::VecDeque;
use std::io::{self, Read};

/// How long an index may be, and how many pieces it may have.
pub(super) const LONGEST: u64 = 4 << 20;
const MOST: usize = 1 << 16;
/// From so many bytes of holes on they are left out. What is below is filled with zeros, as the server has it.
const HOLES: u64 = 256 << 20;
/// A hole is left out in pieces of this size, so that what follows it stays where readers of chunks expect it.
const PIECE: u64 = 64 << 10;

/// The pieces of a file in order: so many bytes of zeros, then so many that are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pieces {
    list: Vec<(u64, u64)>,
    /// The size of the whole file.
    pub(super) size: u64,
    /// How many bytes are stored.
    pub(super) stored: u64,
}

impl Pieces {
    /// Reads an index; `None` if it is none or contradicts itself.
    pub(super) fn of(index: &[u8]) -> Option<Self> {
        let index: serde_json::Value = serde_json::from_slice(index).ok()?;
        let ranges = index.get("ranges")?.as_array().filter(|ranges| ranges.len() <= MOST)?;
        let mut pieces = Self::default();
        for range in ranges {
            let number = |name: &str| range.get(name).map_or(Some(0), serde_json::Value::as_u64);
            let (at, length) = (number("original_offset")?, number("length")?);
            let (stored_at, stored) = (number("file_offset")?, number("file_length")?);
            let is_next = at >= pieces.size && stored <= length && (stored == 0 || stored_at == pieces.stored);
            if !is_next {
                return None;
            }
            if stored > 0 {
                pieces.list.push((at - pieces.size, stored));
                pieces.size = at.checked_add(stored)?;
                pieces.stored = pieces.stored.checked_add(stored)?;
            }
            let end = at.checked_add(length)?;
            if end > pieces.size {
                pieces.list.push((end - pieces.size, 0));
                pieces.size = end;
            }
        }
        Some(pieces)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    fn leaves_out(&self) -> bool {
        self.size - self.stored >= HOLES
    }

    /// How many bytes are read of it, and how many of its holes are left out.
    pub(super) fn lengths(&self) -> (u64, u64) {
        let kept: u64 = self.list.iter().map(|(hole, stored)| self.zeros(*hole).saturating_add(*stored)).sum();
        (kept, self.size - kept.min(self.size))
    }

    /// How much of a hole is read.
    fn zeros(&self, hole: u64) -> u64 {
        if self.leaves_out() { hole % PIECE + if hole >= PIECE { PIECE } else { 0 } } else { hole }
    }

    /// The whole file, of what is stored of it.
    pub(super) fn read<R: Read>(&self, stored: R) -> Whole<R> {
        let list = self.list.iter().map(|(hole, stored)| (self.zeros(*hole), *stored)).collect();
        Whole { inner: stored, list }
    }
}

/// A file with its holes.
pub(super) struct Whole<R> {
    inner: R,
    list: VecDeque<(u64, u64)>,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some((zeros, stored)) = self.list.front_mut() {
            let most = |left: u64| usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            if *zeros > 0 {
                let count = most(*zeros);
                buffer.get_mut(..count).unwrap_or_default().fill(0);
                *zeros -= count as u64;
                return Ok(count);
            }
            if *stored > 0 {
                let count = most(*stored);
                let count = self.inner.read(buffer.get_mut(..count).unwrap_or_default())?;
                if count == 0 && !buffer.is_empty() {
                    let message = "is shorter than the index of its pieces states";
                    return Err(io::Error::other(Refused(ProblemKind::PartiallyExamined, message)));
                }
                *stored -= count as u64;
                return Ok(count);
            }
            self.list.pop_front();
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_come_back_and_large_ones_are_left_out() {
        let index = br#"{"ranges":[{"file_length":4,"length":4},{"file_offset":4,"original_offset":4,"length":6},
            {"file_offset":4,"original_offset":10,"file_length":4,"length":4}]}"#;
        let pieces = Pieces::of(index).expect("an index");
        assert_eq!((pieces.size, pieces.lengths()), (14, (14, 0)));
        let mut whole = Vec::new();
        pieces.read(&b"HEADtail"[..]).read_to_end(&mut whole).expect("read");
        assert_eq!(whole, b"HEAD\0\0\0\0\0\0tail");
        assert!(pieces.read(&b"HEADta"[..]).read_to_end(&mut whole).is_err(), "shorter than stated");
        // As a real one of a change journal.
        let index = br#"{"ranges":[{"length":9301852160},{"original_offset":9301852160,"length":4430299136},
            {"original_offset":13732151296,"file_length":8,"length":8}]}"#;
        let pieces = Pieces::of(index).expect("an index");
        assert_eq!((pieces.size, pieces.stored), (13_732_151_304, 8));
        let (kept, left_out) = pieces.lengths();
        assert!(kept < 300_000 && kept + left_out == pieces.size, "{kept}");
        let mut whole = Vec::new();
        pieces.read(&b"HEADtail"[..]).read_to_end(&mut whole).expect("read");
        assert_eq!((whole.len() as u64, &whole[whole.len() - 8..]), (kept, &b"HEADtail"[..]));
    }

    #[test]
    fn what_contradicts_itself_is_no_index() {
        for index in [
            &b""[..],
            b"{}",
            br#"{"ranges":7}"#,
            br#"{"ranges":[{"length":-1}]}"#,
            br#"{"ranges":[{"file_length":9,"length":4}]}"#,
            br#"{"ranges":[{"original_offset":8,"length":4},{"original_offset":4,"length":4}]}"#,
            br#"{"ranges":[{"file_offset":7,"file_length":4,"length":4}]}"#,
            br#"{"ranges":[{"original_offset":18446744073709551615,"length":2}]}"#,
            br#"{"ranges":[{"file_length":18446744073709551615,"length":18446744073709551615},
                {"original_offset":18446744073709551615,"file_offset":18446744073709551615,"file_length":1,"length":1}]}"#,
        ] {
            assert_eq!(Pieces::of(index), None, "{}", String::from_utf8_lossy(index));
        }
    }
}
