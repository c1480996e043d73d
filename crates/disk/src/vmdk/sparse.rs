//! Sparse extents: grains found by a directory of tables, packed or not.

use super::beneath::{Beneath, SECTOR};
use crate::ReadAt;
use crate::bytes::{damaged, has, le16, le32, le64, read_vec};
use crate::cache::{Caches, Own, Pages};
use crate::inflate::inflate;
use crate::mapped::{Content, Mapping};
use std::io;
use std::sync::Arc;

/// The header of an extent.
pub(super) struct Header {
    flags: u32,
    /// In sectors.
    capacity: u64,
    grain: u64,
    entries_per_table: u64,
    /// In sectors; the second may stand in for the first.
    directories: [u64; 2],
    is_packed: bool,
    /// Of a descriptor in the same file: where, and how many bytes.
    pub(super) descriptor: Option<(u64, u64)>,
}

const NEW_LINES: u32 = 1;
const ZEROED_GRAINS: u32 = 1 << 2;
const PACKED: u32 = 1 << 16;
const MARKERS: u32 = 1 << 17;
/// The footer has the position of the directory: when a stream begins, it is not known yet.
const AT_END: u64 = u64::MAX;
/// In bytes. VMware makes grains of 64 KiB.
const GRAIN: u64 = 16 << 20;

impl Header {
    pub(super) fn read(source: &dyn ReadAt) -> io::Result<Self> {
        let header = Self::at(source, 0)?;
        if header.directories[0] != AT_END {
            return Ok(header);
        }
        let at = source.len().checked_sub(1024).ok_or_else(|| damaged("it is too short"))?;
        let footer = Self::at(source, at).map_err(|_| damaged("its footer is missing: the file is truncated"))?;
        Ok(Self { descriptor: header.descriptor, ..footer })
    }

    fn at(source: &dyn ReadAt, at: u64) -> io::Result<Self> {
        let bytes = read_vec(source, at, 512, "its header")?;
        if !has(&bytes, 0, b"KDMV") {
            return Err(damaged("it is not a sparse extent"));
        }
        let (version, flags) = (le32(&bytes, 4), le32(&bytes, 8));
        let unsupported = |reason: String| Err(io::Error::new(io::ErrorKind::Unsupported, reason));
        if !(1..=3).contains(&version) {
            return unsupported(format!("version {version} of sparse extents is not supported"));
        }
        if flags & NEW_LINES != 0 && !has(&bytes, 73, b"\n \r\n") {
            return Err(damaged("it was copied as a text, which altered its line ends"));
        }
        let is_packed = flags & PACKED != 0;
        let method = le16(&bytes, 77);
        if is_packed && method != 1 {
            return unsupported(format!("its compression method {method} is not supported"));
        }
        let (offset, size) = (le64(&bytes, 28), le64(&bytes, 36));
        let descriptor = (offset > 0 && size > 0).then(|| (offset.saturating_mul(SECTOR), size.saturating_mul(SECTOR)));
        let directories = [le64(&bytes, 56), le64(&bytes, 48)];
        let header = Self {
            flags,
            capacity: le64(&bytes, 12),
            grain: le64(&bytes, 20),
            entries_per_table: u64::from(le32(&bytes, 44)),
            directories,
            is_packed,
            descriptor,
        };
        header.checked()
    }

    /// Of an extent that ESX writes for a snapshot.
    pub(super) fn cowd(source: &dyn ReadAt) -> io::Result<Self> {
        let bytes = read_vec(source, 0, 512, "its header")?;
        if !has(&bytes, 0, b"COWD") || le32(&bytes, 4) != 1 {
            return Err(damaged("it is not an extent of an ESX snapshot"));
        }
        let directory = u64::from(le32(&bytes, 20));
        let header = Self {
            flags: 0,
            capacity: u64::from(le32(&bytes, 12)),
            grain: u64::from(le32(&bytes, 16)),
            entries_per_table: 4096,
            directories: [directory; 2],
            is_packed: false,
            descriptor: None,
        };
        header.checked()
    }

    fn checked(self) -> io::Result<Self> {
        let bytes = self.grain.checked_mul(SECTOR).filter(|bytes| (1..=GRAIN).contains(bytes));
        let is_possible =
            bytes.is_some() && (1..=1 << 20).contains(&self.entries_per_table) && self.capacity <= u64::MAX >> 10;
        if is_possible { Ok(self) } else { Err(damaged("its header has impossible sizes")) }
    }
}

/// The disk in a sparse extent.
pub(super) struct Sparse {
    pages: Pages,
    grain: u64,
    entries_per_table: u64,
    directory_at: u64,
    length: u64,
    has_zeroed: bool,
    packing: Option<Packing>,
    unpacked: Own,
    beneath: Beneath,
}

/// How packed grains are stored: behind a marker with their place and size, or as they are.
#[derive(Clone, Copy)]
enum Packing {
    Marked,
    Plain,
}

impl Sparse {
    pub(super) fn new(source: Arc<dyn ReadAt>, header: &Header, beneath: Beneath, caches: &Caches) -> io::Result<Self> {
        let grain = header.grain * SECTOR;
        let length = header.capacity * SECTOR;
        let tables = length.div_ceil(grain).div_ceil(header.entries_per_table);
        let lies_within = |at: &u64| at.checked_add(4 * tables).is_some_and(|end| end <= source.len()) && *at >= SECTOR;
        let mut places = header.directories.iter().filter_map(|sector| sector.checked_mul(SECTOR));
        let directory_at =
            places.find(lies_within).ok_or_else(|| damaged("its grain directory is outside the file"))?;
        let packing =
            header.is_packed.then_some(if header.flags & MARKERS != 0 { Packing::Marked } else { Packing::Plain });
        Ok(Self {
            pages: Pages::new(source, caches),
            grain,
            entries_per_table: header.entries_per_table,
            directory_at,
            length,
            has_zeroed: header.flags & ZEROED_GRAINS != 0,
            packing,
            unpacked: caches.unpacked(),
            beneath,
        })
    }

    fn unpack(&self, number: u64, at: u64, packing: Packing) -> io::Result<Vec<u8>> {
        let bad = |what: &str| damaged(format!("its grain {number} {what}"));
        let source = self.pages.source();
        let (start, size) = match packing {
            Packing::Marked => {
                let marker = read_vec(source, at, 12, &format!("its grain {number}"))?;
                if le64(&marker, 0) != number * (self.grain / SECTOR) {
                    return Err(bad("is marked as another one"));
                }
                (at + 12, u64::from(le32(&marker, 8)))
            }
            Packing::Plain => (at, (self.grain + self.grain / 8 + 1024).min(source.len().saturating_sub(at))),
        };
        if size > 2 * self.grain + 1024 {
            return Err(bad("is longer than is plausible"));
        }
        let stored =
            read_vec(source, start, usize::try_from(size).unwrap_or(usize::MAX), &format!("its grain {number}"))?;
        let bytes = inflate(&stored, true, usize::try_from(self.grain).unwrap_or(usize::MAX));
        let bytes = bytes.ok_or_else(|| bad("cannot be unpacked, or does not match its checksum"))?;
        let wanted = (self.length - number * self.grain).min(self.grain);
        if (bytes.len() as u64) < wanted { Err(bad("is too short")) } else { Ok(bytes) }
    }
}

impl Mapping for Sparse {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, _: u64) -> io::Result<(Content<'_>, u64)> {
        let (number, within) = (at / self.grain, at % self.grain);
        let (table, index) = (number / self.entries_per_table, number % self.entries_per_table);
        let table = u64::from(self.pages.le32(self.directory_at + 4 * table, "its grain directory")?);
        if table == 0 {
            let left = (self.entries_per_table - index) * self.grain - within;
            return Ok((self.beneath.at(at), left.min(self.length - at)));
        }
        let left = self.grain - within;
        let sector = u64::from(self.pages.le32(table * SECTOR + 4 * index, "its grain table")?);
        let place = sector * SECTOR;
        Ok(match (sector, self.packing) {
            (0, _) => (self.beneath.at(at), left),
            (1, _) if self.has_zeroed => (Content::Zeros, left),
            (1, _) => return Err(damaged(format!("its grain {number} is at an impossible position"))),
            (_, Some(packing)) => {
                let bytes = self.unpacked.get_or(number, || self.unpack(number, place, packing))?;
                (Content::Unpacked(bytes, usize::try_from(within).unwrap_or(usize::MAX)), left)
            }
            (_, None) => (Content::Stored(self.pages.source(), place + within), left),
        })
    }
}
