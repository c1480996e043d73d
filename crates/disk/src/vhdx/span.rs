//! Parts of the file, and the unit that they are counted in.

pub(super) const MIB: u64 = 1 << 20;

/// A part of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) length: u64,
}
