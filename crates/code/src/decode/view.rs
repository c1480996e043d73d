//! A layer of a file's content.

use super::cil::Assembly;
use super::layer::Layer;
use super::map::Map;
use std::cell::OnceCell;
use std::ops::{Deref, Range};
use std::rc::Rc;

/// The content of a file, or of a part of it, after some decodings.
pub struct View<'a> {
    /// The decodings between the stored bytes and this view, outermost first, as in `base64>utf16le`; `stored` for none.
    pub encodings: String,
    /// What detectors look at.
    pub bytes: Bytes<'a>,
    /// The pieces that were encoded each by itself.
    pub(super) parts: Vec<Range<u32>>,
    origin: Rc<Origin<'a>>,
}

/// The bytes of a view: those of the file, or decoded ones.
#[derive(Clone)]
pub enum Bytes<'a> {
    /// Stored in the file.
    Stored(&'a [u8]),
    /// Made by a decoder.
    Decoded(Rc<Vec<u8>>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Stored(bytes) => bytes,
            Bytes::Decoded(bytes) => bytes,
        }
    }
}

/// How positions in a view lead back, layer by layer.
struct Origin<'a> {
    way: Way<'a>,
    /// The lines of this text, if they are the lines that an editor shows for the file.
    lines: Option<Lines<'a>>,
}

enum Way<'a> {
    /// Byte for byte, from this position of the file on.
    Stored(u64),
    Decoded(Rc<Origin<'a>>, Map),
    /// A stretch of another view from this position on, behind so many bytes that are not of it.
    Part(Rc<Origin<'a>>, usize, usize),
}

impl Way<'_> {
    /// Where a position of a part lies in the view it is of.
    fn outer(at: usize, from: usize, lead: usize) -> usize {
        from + at.saturating_sub(lead)
    }
}

impl<'a> View<'a> {
    pub(super) fn stored(bytes: &'a [u8], start: u64) -> Self {
        let bytes = Bytes::Stored(bytes);
        let lines = Some(Lines::of(bytes.clone()));
        Self {
            encodings: "stored".to_owned(),
            parts: std::iter::once(0..u32::try_from(bytes.len()).unwrap_or(u32::MAX)).collect(),
            bytes,
            origin: Rc::new(Origin { way: Way::Stored(start), lines }),
        }
    }

    /// What a decoder of this name made of this view. `wide` says that the outer text shows its lines only when it is decoded.
    pub(super) fn decoded(&self, name: &str, layer: Layer, wide: bool) -> Self {
        let stored = matches!(self.origin.way, Way::Stored(_));
        let bytes = Bytes::Decoded(Rc::new(layer.bytes));
        let lines = (stored && wide).then(|| Lines::of(bytes.clone()));
        Self {
            encodings: if stored { name.to_owned() } else { format!("{}>{name}", self.encodings) },
            bytes,
            parts: layer.parts,
            origin: Rc::new(Origin { way: Way::Decoded(self.origin.clone(), layer.map), lines }),
        }
    }

    /// The code of a program in parts of whole classes, each of `least` bytes or of one class that is longer, and none so small
    /// that reading it apart would save nothing. Each is led in as the whole is. Blanks stand for a class of which `keep` does
    /// not hold; a part of nothing else is left out.
    pub fn parts_of_program(&self, least: usize, keep: impl Fn(&[u8]) -> bool) -> Vec<Self> {
        let lead = super::cil::lead(&self.bytes);
        let seams = super::cil::seams(&self.bytes, least);
        let part = |ends: &[usize]| {
            let text = &self.bytes[ends[0]..ends[1]];
            let mut bytes = [&lead[..], text].concat();
            let mut any = false;
            for class in super::cil::seams(text, 1).windows(2) {
                if keep(&text[class[0]..class[1]]) {
                    any = true;
                } else {
                    bytes[lead.len() + class[0]..lead.len() + class[1]].fill(b' ');
                }
            }
            any.then(|| View {
                encodings: self.encodings.clone(),
                parts: std::iter::once(0..bytes.len() as u32).collect(),
                bytes: Bytes::Decoded(Rc::new(bytes)),
                origin: Rc::new(Origin { way: Way::Part(self.origin.clone(), ends[0], lead.len()), lines: None }),
            })
        };
        seams.windows(2).filter_map(part).collect()
    }

    /// Where a position of this view lies in the stored file.
    pub fn stored_offset(&self, at: usize) -> u64 {
        let (mut at, mut origin) = (at, &self.origin);
        loop {
            match &origin.way {
                Way::Stored(start) => return start + at as u64,
                Way::Decoded(outer, map) => (at, origin) = (map.start(at), outer),
                Way::Part(outer, from, lead) => (at, origin) = (Way::outer(at, *from, *lead), outer),
            }
        }
    }

    /// The bytes of the stored file that a range of this view came from.
    pub fn stored_range(&self, start: usize, end: usize) -> Range<u64> {
        let from = self.stored_offset(start);
        let (mut at, mut origin) = (end, &self.origin);
        loop {
            match &origin.way {
                Way::Stored(start) => return from..(start + at as u64).max(from),
                Way::Decoded(outer, map) => (at, origin) = (map.end(at), outer),
                Way::Part(outer, from, lead) => (at, origin) = (Way::outer(at, *from, *lead), outer),
            }
        }
    }

    /// The first position of this view that came from this offset of the stored file, or from behind it.
    pub fn position_of(&self, offset: u64) -> usize {
        let (mut low, mut high) = (0, self.bytes.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.stored_offset(middle) < offset { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The first position whose byte is not a copy of one of the outer text.
    pub fn first_decoded(&self) -> usize {
        match &self.origin.way {
            Way::Stored(_) | Way::Part(..) => 0,
            Way::Decoded(_, map) => map.first_decoded(),
        }
    }

    /// Whether this is the code of a program, written as source.
    pub fn is_program_code(&self) -> bool {
        self.encodings.rsplit('>').next() == Some("cil")
    }

    /// Whether this is another reading of the text that it was made from: every character of ASCII that is in it is there, too,
    /// and only what is a string, a comment or code may differ. Whoever looks for pieces of text has seen them.
    pub fn is_reread(&self) -> bool {
        self.encodings.rsplit('>').next().is_some_and(|last| last.starts_with("two_bytes"))
    }

    /// What the program is whose code this view is, if it is one.
    pub fn assembly(&self) -> Option<Assembly> {
        self.is_program_code().then(|| super::cil::written_as(&self.bytes))
    }

    /// Whether a piece of this view begins as a Windows program does.
    pub fn holds_program(&self) -> bool {
        self.parts.iter().any(|part| self.bytes.get(part.start as usize..).is_some_and(|part| part.starts_with(b"MZ")))
    }

    /// The line, from 1, that a position lies in: the line that an editor shows for the piece of the file. Lines of a UTF-16
    /// file are those of its text; text that was encoded below has the line where its encoded form lies.
    pub fn line(&self, at: usize) -> u64 {
        let (mut at, mut origin) = (at, &self.origin);
        loop {
            if let Some(lines) = &origin.lines {
                return lines.line(at);
            }
            match &origin.way {
                Way::Stored(_) => return 1,
                Way::Decoded(outer, map) => (at, origin) = (map.start(at), outer),
                Way::Part(outer, from, lead) => (at, origin) = (Way::outer(at, *from, *lead), outer),
            }
        }
    }

    /// The text around a range, at most `longest` bytes of it: its line, or as much of it as is text. In a binary file the
    /// bytes around a match would mean nothing to a person.
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

/// A text whose lines are asked for.
struct Lines<'a> {
    bytes: Bytes<'a>,
    /// How many line ends come before each block of [`BLOCK`] bytes; counted when the first line is asked for.
    before: OnceCell<Vec<u64>>,
}

/// The unit in which line ends are counted in advance, so that a thousand locations cost one pass and not a thousand.
const BLOCK: usize = 1 << 16;

impl<'a> Lines<'a> {
    fn of(bytes: Bytes<'a>) -> Self {
        Self { bytes, before: OnceCell::new() }
    }

    fn line(&self, at: usize) -> u64 {
        let count = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as u64;
        let before = self.before.get_or_init(|| {
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
