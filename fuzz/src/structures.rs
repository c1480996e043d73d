//! What must hold of programs.

use super::pe::shape;

/// What is understood is bounded, and of a file cut short no more is understood than of the whole.
pub fn pe_shape(data: &[u8]) {
    let Some(whole) = shape::read(data, data.len() as u64) else { return };
    assert!(whole.exports.len() <= 4096);
    let half = &data[..data.len() / 2];
    if let Some(part) = shape::read(half, data.len() as u64) {
        assert!(part.exports.len() <= whole.exports.len());
    }
}
