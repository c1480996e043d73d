//! Hives and logs, written for tests.

#[path = "../../../tests/suite/support/hive.rs"]
mod hive;

use crate::marvin::marvin32;
pub(crate) use hive::{List, Written, header, utf16, written};

/// An entry of a log: pages with their places.
pub(crate) fn entry(sequence: u32, bins: u32, pages: &[(u32, &[u8])]) -> Vec<u8> {
    let mut entry = vec![0; 40];
    entry[..4].copy_from_slice(b"HvLE");
    entry[12..16].copy_from_slice(&sequence.to_le_bytes());
    entry[16..20].copy_from_slice(&bins.to_le_bytes());
    entry[20..24].copy_from_slice(&(pages.len() as u32).to_le_bytes());
    for (place, page) in pages {
        entry.extend(place.to_le_bytes());
        entry.extend((page.len() as u32).to_le_bytes());
    }
    pages.iter().for_each(|(_, page)| entry.extend_from_slice(page));
    entry.resize(entry.len().next_multiple_of(512), 0);
    let size = entry.len() as u32;
    entry[4..8].copy_from_slice(&size.to_le_bytes());
    let hash = marvin32(&entry[40..]);
    entry[24..32].copy_from_slice(&hash.to_le_bytes());
    let hash = marvin32(&entry[..32]);
    entry[32..40].copy_from_slice(&hash.to_le_bytes());
    entry
}
