//! What must hold of programs.

use super::decode::cil;
use super::pe::shape;
use super::signing::{authenticode, strong_name};

/// What is understood is bounded, and of a file cut short no more is understood than of the whole.
pub fn pe_shape(data: &[u8]) {
    let Some(whole) = shape::read(data, data.len() as u64) else { return };
    assert!(whole.exports.len() <= 4096);
    let half = &data[..data.len() / 2];
    if let Some(part) = shape::read(half, data.len() as u64) {
        assert!(part.exports.len() <= whole.exports.len());
    }
}

/// A signature that holds is of all that is there: not of the same file with one byte more.
pub fn signed(data: &[u8]) {
    let strong = |data: &[u8]| cil::strong_name(data).is_some_and(|name| strong_name::verify(data, &name).is_ok());
    let windows = |data: &[u8]| authenticode::verify(data, |_| true).is_ok();
    let longer = [data, &[1]].concat();
    assert!(!(strong(data) && strong(&longer)));
    assert!(!(windows(data) && windows(&longer)));
}
