//! Little-endian numbers at any position.

/// Bytes with reads that cannot leave them: `None` past the end.
#[derive(Clone, Copy)]
pub struct Bytes<'b>(pub &'b [u8]);

impl<'b> Bytes<'b> {
    /// So many bytes from there on.
    pub fn take(self, at: usize, length: usize) -> Option<&'b [u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    /// The byte there.
    pub fn u8(self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    /// The number of two bytes there.
    pub fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(at, 2)?.try_into().ok()?))
    }

    /// The number of four bytes there.
    pub fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(at, 4)?.try_into().ok()?))
    }

    /// The number of eight bytes there.
    pub fn u64(self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(at, 8)?.try_into().ok()?))
    }
}
