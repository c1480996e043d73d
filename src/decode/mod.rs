//! Undoes encodings, so that detectors need not: every layer is a [`View`] that remembers its trail and where in the stored
//! bytes it came from.

mod utf16;
mod view;

pub use view::{Origin, View};

/// One encoding that may lie over a text.
pub struct Decoder {
    /// Its name in trails.
    pub name: &'static str,
    /// What it looks for, for `docs/adding.md`.
    pub about: &'static str,
    /// Gives the decoded layer if the bytes are encoded so. Linear in time; the output is at most three times the input.
    decode: fn(&[u8]) -> Option<view::Layer>,
}

/// Every decoder, in the order they are tried.
pub const DECODERS: &[Decoder] = &[utf16::LITTLE_ENDIAN, utf16::BIG_ENDIAN];

/// The views of a piece of a file: the stored bytes, and each layer that a decoder finds in them.
///
/// `start` is where the piece begins in the stored file.
pub fn views(stored: &[u8], start: u64) -> Vec<View<'_>> {
    let mut views = vec![View::stored(stored, start)];
    for decoder in DECODERS {
        if let Some(layer) = (decoder.decode)(stored) {
            views.push(View::decoded(decoder.name, layer, start));
        }
    }
    views
}
