//! The input and output of a decoder.

use super::map::Map;
use std::ops::Range;

/// What a decoder looks at.
pub(super) struct Input<'i> {
    pub(super) bytes: &'i [u8],
    /// The pieces that were encoded each by itself; all bytes are one piece in a text that was decoded in place.
    pub(super) parts: &'i [Range<u32>],
    /// Whether these are the bytes of the file itself.
    pub(super) stored: bool,
}

impl<'i> Input<'i> {
    /// The parts, each with its place.
    pub(super) fn parts(&self) -> impl Iterator<Item = (usize, &'i [u8])> {
        let bytes = self.bytes;
        self.parts.iter().filter_map(move |part| {
            let place = part.start as usize..part.end as usize;
            Some((place.start, bytes.get(place)?))
        })
    }
}

/// What a decoder writes: the decoded text, and where each stretch of it came from. Takes no more than there is room for.
pub(super) struct Layer {
    pub(super) bytes: Vec<u8>,
    pub(super) map: Map,
    pub(super) parts: Vec<Range<u32>>,
    /// How large `bytes` may become.
    room: usize,
    /// Whether something did not fit.
    pub(super) full: bool,
    /// Whether there were more parts than are kept apart.
    pub(super) too_many_parts: bool,
    /// Whether there was more code than is read.
    pub(super) code_truncated: bool,
    /// What is broken about what was decoded, in words.
    pub(super) broken: Option<String>,
    fresh: bool,
}

/// How many parts of a layer are kept apart.
pub(super) const MAX_PARTS: usize = 1 << 20;

impl Layer {
    pub(super) fn new(room: usize) -> Self {
        let (bytes, parts) = (Vec::new(), Vec::new());
        Self {
            bytes,
            map: Map::default(),
            parts,
            room,
            full: false,
            too_many_parts: false,
            code_truncated: false,
            broken: None,
            fresh: false,
        }
    }

    /// Notes what is broken; the first is kept.
    pub(super) fn note_broken(&mut self, why: String) {
        self.broken.get_or_insert(why);
    }

    /// Adds decoded bytes that came from `from..to`. `false` if they did not fit: the decoder may as well stop.
    pub(super) fn push(&mut self, decoded: &[u8], from: usize, to: usize) -> bool {
        let fits = decoded.len().min(self.room - self.bytes.len());
        self.full |= fits < decoded.len();
        if fits == 0 {
            return !self.full;
        }
        self.map.push(fits, from, to, std::mem::take(&mut self.fresh));
        self.bytes.extend_from_slice(&decoded[..fits]);
        !self.full
    }

    /// Adds a stretch of the outer text as it is.
    pub(super) fn copy(&mut self, outer: &[u8], from: usize, to: usize) -> bool {
        let fits = (to - from).min(self.room - self.bytes.len());
        self.push(&outer[from..from + fits], from, from + fits);
        self.full |= fits < to - from;
        !self.full
    }

    /// Begins a part: what is pushed from now on came from `from` on and was encoded by itself. A line end keeps parts apart.
    pub(super) fn part(&mut self, from: usize) -> bool {
        let first = self.parts.is_empty();
        if !first {
            let before = self.map.end(self.bytes.len());
            self.fresh = !self.too_many_parts;
            self.push(b"\n", before, from.max(before));
        }
        if self.parts.len() == MAX_PARTS {
            self.too_many_parts = true;
            return !self.full;
        }
        self.fresh = true;
        self.end_part(usize::from(!first));
        let at = self.bytes.len() as u32;
        self.parts.push(at..at);
        !self.full
    }

    /// Closes the last part, without the separator behind it.
    fn end_part(&mut self, separator: usize) {
        let end = self.bytes.len().saturating_sub(separator) as u32;
        if let Some(last) = self.parts.last_mut() {
            last.end = end.max(last.start);
        }
    }

    /// Ends the writing: a layer without parts is one.
    pub(super) fn finish(&mut self) {
        if self.parts.is_empty() {
            self.parts.push(0..0);
        }
        self.end_part(0);
    }
}
