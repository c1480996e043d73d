//! Bytes at positions, without a cursor that readers would share.

use std::fs::File;
use std::io;
use std::sync::Arc;

/// Bytes at positions: an image file, the disk in a container, a partition, a snapshot. Never written to.
pub trait ReadAt: Send + Sync {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Reads bytes from `at` on and says how many: all that fit into `buffer`, fewer only at the end, none behind it. Bytes that
    /// cannot be had are an error, never zeros.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Fills the buffer from `at` on.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] where there are fewer bytes, and the error of the source.
pub fn read_exact_at(source: &dyn ReadAt, buffer: &mut [u8], at: u64) -> io::Result<()> {
    match source.read_at(buffer, at)? {
        read if read == buffer.len() => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// How many of `wanted` bytes there are from `at` on, of `length` in all.
pub(crate) fn there(length: u64, wanted: usize, at: u64) -> usize {
    usize::try_from(length.saturating_sub(at)).unwrap_or(usize::MAX).min(wanted)
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = there(ReadAt::len(self), buffer.len(), at);
        if let (Some(into), Ok(at)) = (buffer.get_mut(..count).filter(|into| !into.is_empty()), usize::try_from(at)) {
            into.copy_from_slice(&self[at..at + count]);
        }
        Ok(count)
    }
}

/// A file of this machine, opened for reading, with the length it had then.
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    length: u64,
}

impl LocalFile {
    /// Takes an open file.
    ///
    /// # Errors
    /// What the system says of its length.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self::with_length(file, length))
    }

    /// Takes an open file, or a device, whose length is known.
    pub fn with_length(file: File, length: u64) -> Self {
        Self { file, length }
    }

    #[cfg(unix)]
    fn read_some(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, at)
    }

    #[cfg(windows)]
    fn read_some(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, at)
    }
}

impl ReadAt for LocalFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = there(self.length, buffer.len(), at);
        let mut done = 0;
        while done < count {
            match self.read_some(&mut buffer[done..count], at + done as u64) {
                Ok(0) => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the file became shorter while it was read",
                    ));
                }
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }
}

/// A part of a source.
pub struct Window {
    source: Arc<dyn ReadAt>,
    start: u64,
    length: u64,
}

impl Window {
    /// The `length` bytes from `start` on, as many as the source has of them.
    pub fn new(source: Arc<dyn ReadAt>, start: u64, length: u64) -> Self {
        let length = source.len().saturating_sub(start).min(length);
        Self { source, start, length }
    }
}

impl ReadAt for Window {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match there(self.length, buffer.len(), at) {
            0 => Ok(0),
            count => self.source.read_at(&mut buffer[..count], self.start + at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_end_where_the_source_ends_and_never_wrap() {
        let bytes: Arc<dyn ReadAt> = Arc::new(b"0123456789".to_vec());
        let part = Window::new(bytes, 4, 100);
        assert_eq!((ReadAt::len(&part), part.is_empty()), (6, false));
        let mut buffer = [0; 4];
        assert_eq!(part.read_at(&mut buffer, 3).expect("read"), 3);
        assert_eq!(&buffer[..3], b"789");
        assert_eq!(part.read_at(&mut buffer, u64::MAX).expect("read"), 0);
        assert_eq!(read_exact_at(&part, &mut buffer, 3).expect_err("short").kind(), io::ErrorKind::UnexpectedEof);
        read_exact_at(&part, &mut buffer, 0).expect("four bytes");
        assert_eq!(&buffer, b"4567");
    }

    #[test]
    fn a_file_is_read_at_positions() {
        let mut file = tempfile::NamedTempFile::new().expect("made");
        std::io::Write::write_all(&mut file, b"0123456789").expect("written");
        let local = LocalFile::new(File::open(file.path()).expect("opened")).expect("a length");
        let mut buffer = [0; 4];
        assert_eq!(local.read_at(&mut buffer, 8).expect("read"), 2);
        assert_eq!(&buffer[..2], b"89");
        file.as_file().set_len(5).expect("cut");
        assert!(local.read_at(&mut buffer, 4).is_err(), "it became shorter");
    }
}
