//! The disk in a container: pieces of files, of a parent, of unpacked chunks, and zeros.

use crate::ReadAt;
use crate::bytes::damaged;
use crate::read_at::there;
use std::io;
use std::sync::Arc;

/// What lies at a place of the disk.
pub(crate) enum Content<'c> {
    /// Zeros that the format defines, not missing data.
    Zeros,
    /// Bytes of a file, from a position on. All of them have to be there.
    Stored(&'c dyn ReadAt, u64),
    /// What the parent has at this position: zeros behind its end.
    Parent(&'c Parent, u64),
    /// Unpacked bytes, from an index on.
    Unpacked(Arc<Vec<u8>>, usize),
}

/// The disk that a child was made of.
pub(crate) struct Parent {
    /// Its file, for messages.
    pub(crate) name: String,
    pub(crate) data: Arc<dyn ReadAt>,
}

/// How a container lays out its disk.
pub(crate) trait Mapping: Send + Sync {
    fn length(&self) -> u64;

    /// What lies at `at`, and how many bytes it goes on that way, at least one. More than `wanted` need not be looked at.
    fn map(&self, at: u64, wanted: u64) -> io::Result<(Content<'_>, u64)>;
}

/// The disk of such a container.
pub(crate) struct Mapped<M>(pub(crate) M);

impl<M: Mapping> ReadAt for Mapped<M> {
    fn len(&self) -> u64 {
        self.0.length()
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = there(self.0.length(), buffer.len(), at);
        let mut rest = buffer.get_mut(..count).unwrap_or_default();
        let mut position = at;
        while !rest.is_empty() {
            let (content, reach) = self.0.map(position, rest.len() as u64)?;
            let size = usize::try_from(reach).unwrap_or(usize::MAX).min(rest.len());
            if size == 0 {
                return Err(damaged("its tables do not cover this position"));
            }
            let (now, later) = rest.split_at_mut(size);
            copy(&content, now)?;
            position += size as u64;
            rest = later;
        }
        Ok(count)
    }
}

fn copy(content: &Content<'_>, into: &mut [u8]) -> io::Result<()> {
    match content {
        Content::Zeros => into.fill(0),
        Content::Stored(source, at) => {
            if source.read_at(into, *at)? != into.len() {
                return Err(damaged("its data is outside the file"));
            }
        }
        Content::Parent(parent, at) => {
            let named = |error: io::Error| io::Error::new(error.kind(), format!("its parent {}: {error}", parent.name));
            let read = parent.data.read_at(into, *at).map_err(named)?;
            into.get_mut(read..).unwrap_or_default().fill(0);
        }
        Content::Unpacked(bytes, from) => {
            let part = from.checked_add(into.len()).and_then(|end| bytes.get(*from..end));
            into.copy_from_slice(part.ok_or_else(|| damaged("one of its chunks is too short"))?);
        }
    }
    Ok(())
}

/// What a parent or zeros have where a child has nothing.
pub(crate) fn beneath(parent: Option<&Parent>, at: u64) -> Content<'_> {
    parent.map_or(Content::Zeros, |parent| Content::Parent(parent, at))
}

/// Bytes of one file as they are. What the file should have and has not is an error.
pub(crate) struct Plain {
    pub(crate) source: Arc<dyn ReadAt>,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

impl Mapping for Plain {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, _: u64) -> io::Result<(Content<'_>, u64)> {
        let from = self.start.checked_add(at).ok_or_else(|| damaged("its data is outside the file"))?;
        // Up to the end of the file first, so that a read that crosses it fails there and not as a whole.
        let held = self.source.len().saturating_sub(from);
        Ok((
            Content::Stored(&*self.source, from),
            if held == 0 { self.length - at } else { held.min(self.length - at) },
        ))
    }
}

/// Sources one behind the other.
pub(crate) struct Joined {
    /// Each with its start.
    parts: Vec<(u64, Piece)>,
    length: u64,
}

/// A part of a disk.
pub(crate) enum Piece {
    /// As it is in this source.
    Source(Arc<dyn ReadAt>),
    /// Zeros, so many.
    Zeros(u64),
}

impl Joined {
    /// `None`: longer than numbers go.
    pub(crate) fn new(pieces: Vec<Piece>) -> Option<Self> {
        let (mut parts, mut length) = (Vec::with_capacity(pieces.len()), 0u64);
        for piece in pieces {
            let start = length;
            length = length.checked_add(match &piece {
                Piece::Source(source) => source.len(),
                Piece::Zeros(count) => *count,
            })?;
            if length > start {
                parts.push((start, piece));
            }
        }
        Some(Self { parts, length })
    }
}

impl Mapping for Joined {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, _: u64) -> io::Result<(Content<'_>, u64)> {
        let index = self.parts.partition_point(|(start, _)| *start <= at);
        let part = index.checked_sub(1).and_then(|index| self.parts.get(index));
        let (start, piece) = part.ok_or_else(|| damaged("nothing is there"))?;
        let end = self.parts.get(index).map_or(self.length, |(start, _)| *start);
        let content = match piece {
            Piece::Source(source) => Content::Stored(&**source, at - start),
            Piece::Zeros(_) => Content::Zeros,
        };
        Ok((content, end.saturating_sub(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_exact_at;

    #[test]
    fn parts_are_joined_and_zeros_are_reported() {
        let part = |text: &[u8]| Piece::Source(Arc::new(text.to_vec()));
        let pieces = vec![part(b"abc"), part(b""), Piece::Zeros(2), part(b"def")];
        let disk = Mapped(Joined::new(pieces).expect("short"));
        let mut buffer = [1; 20];
        assert_eq!(disk.read_at(&mut buffer, 1).expect("read"), 7);
        assert_eq!(&buffer[..7], b"bc\0\0def");
        assert!(Joined::new(vec![Piece::Zeros(u64::MAX), Piece::Zeros(1)]).is_none());
    }

    #[test]
    fn what_a_file_should_have_and_has_not_is_an_error() {
        let disk = Mapped(Plain { source: Arc::new(b"0123".to_vec()), start: 1, length: 6 });
        let mut buffer = [0; 3];
        read_exact_at(&disk, &mut buffer, 0).expect("there");
        assert_eq!(&buffer, b"123");
        assert!(read_exact_at(&disk, &mut buffer, 1).is_err() && read_exact_at(&disk, &mut buffer, 3).is_err());
    }

    #[test]
    fn a_parent_that_is_shorter_ends_in_zeros() {
        struct Child(Parent);
        impl Mapping for Child {
            fn length(&self) -> u64 {
                6
            }
            fn map(&self, at: u64, wanted: u64) -> io::Result<(Content<'_>, u64)> {
                Ok((Content::Parent(&self.0, at), wanted))
            }
        }
        let disk = Mapped(Child(Parent { name: "base".into(), data: Arc::new(b"abcd".to_vec()) }));
        let mut buffer = [1; 6];
        read_exact_at(&disk, &mut buffer, 0).expect("read");
        assert_eq!(&buffer, b"abcd\0\0");
    }
}
