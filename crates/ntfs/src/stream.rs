//! The content of a stream as bytes at positions.

use crate::error::Broken;
use crate::packed::Packed;
use crate::plain::Plain;
use crate::wof::Wof;
use shellsift_disk::ReadAt;
use std::fmt;
use std::io;
use std::ops::Range;

/// The content of a stream, read when it is asked for. Reads of more than 64 KiB spare copies.
pub struct Stream(Kind);

enum Kind {
    Resident(Vec<u8>),
    Plain(Plain),
    Packed(Packed),
    Wof(Box<Wof>),
}

impl Stream {
    pub(crate) fn resident(content: Vec<u8>) -> Self {
        Self(Kind::Resident(content))
    }

    pub(crate) fn plain(plain: Plain) -> Self {
        Self(Kind::Plain(plain))
    }

    pub(crate) fn packed(packed: Packed) -> Self {
        Self(Kind::Packed(packed))
    }

    pub(crate) fn wof(wof: Wof) -> Self {
        Self(Kind::Wof(Box::new(wof)))
    }

    /// Reads bytes from `at` on up to the next place that is broken, a hole or a fragment: more than none, but at the end.
    ///
    /// # Errors
    /// What is broken at `at`, and where it ends. Go on at the end of its range.
    pub fn read_some(&self, buffer: &mut [u8], at: u64) -> Result<usize, Broken> {
        if buffer.is_empty() || at >= self.len() {
            return Ok(0);
        }
        match &self.0 {
            Kind::Resident(content) => {
                let rest = usize::try_from(at).ok().and_then(|at| content.get(at..)).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                buffer.iter_mut().zip(rest).for_each(|(into, byte)| *into = *byte);
                Ok(count)
            }
            Kind::Plain(plain) => plain.read_some(buffer, at),
            Kind::Packed(packed) => packed.read_some(buffer, at),
            Kind::Wof(wof) => wof.read_some(buffer, at),
        }
    }

    /// The next range from `at` on whose bytes are stored: what lies between such ranges are zeros. `None` if only zeros follow.
    /// Of a compressed stream it may be all of it.
    pub fn next_data(&self, at: u64) -> Option<Range<u64>> {
        match &self.0 {
            Kind::Plain(plain) => plain.next_data(at),
            _ => (at < self.len()).then(|| at..self.len()),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl ReadAt for Stream {
    fn len(&self) -> u64 {
        match &self.0 {
            Kind::Resident(content) => content.len() as u64,
            Kind::Plain(plain) => plain.size,
            Kind::Packed(packed) => packed.size(),
            Kind::Wof(wof) => wof.size(),
        }
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_some(rest, at.saturating_add(done as u64))? {
                0 => break,
                read => done += read,
            }
        }
        Ok(done)
    }
}
