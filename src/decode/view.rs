//! A layer of a file's content.

use std::borrow::Cow;
use std::cell::OnceCell;

/// The content of a file, or of a part of it, after some decodings.
pub struct View<'a> {
    /// The decodings between the stored bytes and this view, outermost first; `stored` for none.
    pub trail: String,
    /// What detectors look at.
    pub bytes: Cow<'a, [u8]>,
    origin: Origin,
    /// How many line ends come before each block of [`BLOCK`] bytes; counted when the first line is asked for.
    lines: OnceCell<Vec<u64>>,
}

/// The unit in which line ends are counted in advance, so that a thousand proofs cost one pass and not a thousand.
const BLOCK: usize = 1 << 16;

/// How positions in a view lead back to the stored file.
pub enum Origin {
    /// Byte for byte, from this position on.
    Stored(u64),
    /// Through a decoder's checkpoints: positions in the view and in the stored bytes, both ascending, relative to `start`.
    Decoded {
        /// Where the decoded bytes begin in the stored file.
        start: u64,
        /// At least the pair (0, first decoded byte).
        checkpoints: Vec<(usize, u64)>,
        /// How many stored bytes a character of the view took.
        width: fn(char) -> u64,
    },
}

/// What a decoder hands back.
pub(super) struct Layer {
    pub(super) bytes: Vec<u8>,
    pub(super) checkpoints: Vec<(usize, u64)>,
    pub(super) width: fn(char) -> u64,
}

impl<'a> View<'a> {
    pub(super) fn stored(bytes: &'a [u8], start: u64) -> Self {
        Self {
            trail: "stored".to_owned(),
            bytes: Cow::Borrowed(bytes),
            origin: Origin::Stored(start),
            lines: OnceCell::new(),
        }
    }

    pub(super) fn decoded(name: &str, layer: Layer, start: u64) -> Self {
        let origin = Origin::Decoded { start, checkpoints: layer.checkpoints, width: layer.width };
        Self { trail: name.to_owned(), bytes: Cow::Owned(layer.bytes), origin, lines: OnceCell::new() }
    }

    /// Where a position of this view lies in the stored file.
    pub fn stored_offset(&self, at: usize) -> u64 {
        match &self.origin {
            Origin::Stored(start) => start + at as u64,
            Origin::Decoded { start, checkpoints, width } => {
                let index = checkpoints.partition_point(|(view, _)| *view <= at).saturating_sub(1);
                let Some(&(view, stored)) = checkpoints.get(index) else { return *start };
                let between = self.bytes.get(view..at.min(self.bytes.len())).unwrap_or_default();
                let skipped: u64 = String::from_utf8_lossy(between).chars().map(width).sum();
                start + stored + skipped
            }
        }
    }

    /// The line, from 1, that a position lies in.
    pub fn line(&self, at: usize) -> u64 {
        let count = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as u64;
        let before = self.lines.get_or_init(|| {
            let mut sums = Vec::with_capacity(self.bytes.len() / BLOCK + 1);
            let mut sum = 0;
            for block in self.bytes.chunks(BLOCK) {
                sums.push(sum);
                sum += count(block);
            }
            sums
        });
        let at = at.min(self.bytes.len());
        let block = at / BLOCK;
        1 + match before.get(block) {
            Some(before) => before + count(&self.bytes[block * BLOCK..at]),
            None => count(&self.bytes[..at]), // the very end of a whole number of blocks
        }
    }

    /// The text around a range, at most `longest` bytes of it: its line, or as much of it as is text. In a binary file the
    /// bytes around a match would tell a person nothing.
    pub fn excerpt(&self, start: usize, end: usize, longest: usize) -> String {
        let bytes = &self.bytes[..];
        let start = start.min(bytes.len());
        let end = end.clamp(start, bytes.len()).min(start + longest);
        let room = (longest - (end - start)) / 2;
        let before = &bytes[start.saturating_sub(room)..start];
        let after = &bytes[end..(end + room).min(bytes.len())];
        let before = String::from_utf8_lossy(before);
        let after = String::from_utf8_lossy(after);
        let found = String::from_utf8_lossy(&bytes[start..end]);
        let before = before.rsplit(ends_text).next().unwrap_or_default();
        let after = after.split(ends_text).next().unwrap_or_default();
        format!("{before}{found}{after}").trim().to_owned()
    }
}

/// A line end, another control character, or what is not UTF-8.
fn ends_text(c: char) -> bool {
    c.is_control() && c != '\t' || c == char::REPLACEMENT_CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_across_blocks() {
        let text = b"x\n".repeat(BLOCK);
        let view = View::stored(&text, 0);
        for at in [0, 1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, usize::MAX] {
            let expected = 1 + text[..at.min(text.len())].iter().filter(|&&byte| byte == b'\n').count() as u64;
            assert_eq!(view.line(at), expected, "{at}");
        }
        assert_eq!(View::stored(&[], 0).line(5), 1);
    }

    #[test]
    fn an_excerpt_stays_in_its_line_and_its_length() {
        let text = b"first line\n  eval(Request)  \nthird";
        let view = View::stored(text, 100);
        let at = 13;
        assert_eq!(view.excerpt(at, at + 4, 80), "eval(Request)");
        assert_eq!((view.line(at), view.stored_offset(at)), (2, 113));
        let binary = View::stored(b"\0\x01PK\xff<% x %>\0\0\0", 0);
        assert_eq!(binary.excerpt(5, 8, 80), "<% x %>");
        let long = [b'a'; 1000];
        assert!(View::stored(&long, 0).excerpt(500, 900, 120).len() <= 120);
        assert_eq!(View::stored(&[], 0).excerpt(5, 9, 10), "");
        assert_eq!(View::stored("äöü".as_bytes(), 0).excerpt(2, 4, 4), "ö");
    }
}
