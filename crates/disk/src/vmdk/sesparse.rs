//! seSparse: the sparse extents of ESX 6.5 and later, with grains of 4 KiB and entries of 64 bits.

use super::beneath::{Beneath, SECTOR};
use crate::ReadAt;
use crate::bytes::{damaged, le64, read_vec};
use crate::cache::{Caches, Pages};
use crate::mapped::{Content, Mapping};
use std::io;
use std::sync::Arc;

const MAGIC: u64 = 0xcafe_babe;
const VOLATILE_MAGIC: u64 = 0xcafe_cafe;
const VERSION: u64 = 0x0000_0002_0000_0001;
const ALLOCATED_TABLE: u64 = 0x1000_0000_0000_0000;

/// The disk in such an extent.
pub(super) struct SeSparse {
    pages: Pages,
    grain: u64,
    /// Bytes of a grain table.
    table: u64,
    directory_at: u64,
    tables_at: u64,
    grains_at: u64,
    length: u64,
    beneath: Beneath,
}

impl SeSparse {
    pub(super) fn new(source: Arc<dyn ReadAt>, beneath: Beneath, caches: &Caches) -> io::Result<Self> {
        let bytes = read_vec(&*source, 0, 512, "its header")?;
        let field = |index: usize| le64(&bytes, 8 * index);
        if field(0) != MAGIC {
            return Err(damaged("it is not a seSparse extent"));
        }
        if field(1) != VERSION {
            let reason = format!("version {:#x} of seSparse is not supported", field(1));
            return Err(io::Error::new(io::ErrorKind::Unsupported, reason));
        }
        let place =
            |index: usize| field(index).checked_mul(SECTOR).ok_or_else(|| damaged("its header has impossible offsets"));
        let volatile = read_vec(&*source, place(10)?, 512, "its second header")?;
        if le64(&volatile, 0) != VOLATILE_MAGIC {
            return Err(damaged("its second header is damaged"));
        }
        if le64(&volatile, 24) != 0 {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "it was not closed, and replaying its journal is not supported",
            ));
        }
        let (grain, table) = (place(3)?, place(4)?);
        let length = place(2)?;
        let is_possible =
            (512..=16 << 20).contains(&grain) && (512..=16 << 20).contains(&table) && length <= i64::MAX as u64;
        if !is_possible {
            return Err(damaged("its header has impossible sizes"));
        }
        let (directory_at, tables_at, grains_at) = (place(16)?, place(18)?, place(24)?);
        let tables = length.div_ceil(grain).div_ceil(table / 8);
        if tables.checked_mul(8).and_then(|size| size.checked_add(directory_at)).is_none_or(|end| end > source.len()) {
            return Err(damaged("its grain directory is outside the file"));
        }
        Ok(Self {
            pages: Pages::new(source, caches),
            grain,
            table,
            directory_at,
            tables_at,
            grains_at,
            length,
            beneath,
        })
    }
}

impl Mapping for SeSparse {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, _: u64) -> io::Result<(Content<'_>, u64)> {
        let (number, within) = (at / self.grain, at % self.grain);
        let entries = self.table / 8;
        let (table, index) = (number / entries, number % entries);
        let entry = self.pages.le64(self.directory_at + 8 * table, "its grain directory")?;
        if entry == 0 {
            let left = (entries - index) * self.grain - within;
            return Ok((self.beneath.at(at), left.min(self.length - at)));
        }
        if entry & 0xffff_ffff_0000_0000 != ALLOCATED_TABLE {
            return Err(damaged("its grain directory has an entry that is not possible"));
        }
        let outside = || damaged("its grain tables are outside the file");
        let table_at = (entry & 0xffff_ffff)
            .checked_mul(self.table)
            .and_then(|offset| offset.checked_add(self.tables_at))
            .ok_or_else(outside)?;
        let place = table_at.checked_add(8 * index).ok_or_else(outside)?;
        let entry = self.pages.le64(place, "its grain table")?;
        let left = self.grain - within;
        Ok(match entry >> 60 {
            0 => (self.beneath.at(at), left),
            // Unmapped by the guest, or zeros.
            1 | 2 => (Content::Zeros, left),
            3 => {
                // The number of the grain: its upper twelve bits come first in the entry.
                let grain = (entry & 0x0fff_0000_0000_0000) >> 48 | (entry & 0x0000_ffff_ffff_ffff) << 12;
                let start = grain.checked_mul(self.grain).and_then(|offset| offset.checked_add(self.grains_at));
                let start = start
                    .and_then(|start| start.checked_add(within))
                    .ok_or_else(|| damaged("its grains are outside the file"))?;
                (Content::Stored(self.pages.source(), start), left)
            }
            _ => return Err(damaged(format!("its grain {number} is in a state that is not possible"))),
        })
    }
}
