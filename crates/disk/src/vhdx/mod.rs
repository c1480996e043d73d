//! VHDX: fixed, dynamic and differencing disks of Hyper-V. After Microsoft's [MS-VHDX] 7.0. A log that was not written back yet is
//! replayed in memory.

mod header;
mod log;
mod mended;
mod metadata;
mod span;

#[cfg(test)]
pub(crate) mod tests;

use crate::ReadAt;
use crate::bytes::damaged;
use crate::cache::{Bitmap, Caches, Pages};
use crate::error::{Unopened, failed};
use crate::image::Fact;
use crate::mapped::{Content, Mapped, Mapping, Parent, beneath};
use crate::opening::{Container, Identity, Opening};
use header::{Header, Regions};
use log::Replayed;
use metadata::Metadata;
use span::{MIB, Span};
use std::io;
use std::sync::Arc;

/// Sectors per bitmap block of 1 MiB.
const CHUNK: u64 = 1 << 23;

/// Opens a disk and its parents.
pub(crate) fn open(opening: &mut Opening<'_>, name: &str, source: Arc<dyn ReadAt>) -> Result<Container, Unopened> {
    let bad = |error: io::Error| failed(name, &error);
    let header = Header::read(&*source).map_err(bad)?;
    let replayed = log::replay(&source, &header).map_err(bad)?;
    let mut facts = header.facts(&*source);
    let file: Arc<dyn ReadAt> = match replayed {
        Replayed::Clean => source,
        Replayed::Lost => {
            let text = "it was not closed, and no whole entry is in its log: its last changes may be missing";
            opening.problem(name, text.to_owned());
            source
        }
        Replayed::Mended(mended) => {
            facts.push(Fact { name: "log", value: mended.summary() });
            if let Some(cut) = mended.truncation() {
                opening.problem(name, cut);
            }
            Arc::new(mended)
        }
    };
    let regions = Regions::read(&*file).map_err(bad)?;
    let metadata = Metadata::read(&*file, regions.metadata).map_err(bad)?;
    let parent = match &metadata.parent {
        Some(locator) => {
            let is_the_one = |identity| matches!(identity, Identity::Vhdx(id) if locator.ids.contains(&id));
            Some(opening.parent(name, &locator.paths, &is_the_one, false)?)
        }
        None => None,
    };
    let kind = match (&parent, metadata.is_fixed) {
        (Some(_), _) => "differencing VHDX",
        (None, true) => "fixed VHDX",
        (None, false) => "dynamic VHDX",
    };
    let disk = Vhdx::new(file, regions.table, &metadata, parent, &opening.caches).map_err(bad)?;
    let identity = Identity::Vhdx(header.data_write);
    Ok(Container { identity, facts, ..Container::new(Arc::new(Mapped(disk)), kind) })
}

/// The disk of a VHDX.
struct Vhdx {
    pages: Pages,
    table_at: u64,
    block: u64,
    sector: u64,
    /// Blocks per bitmap block.
    ratio: u64,
    length: u64,
    parent: Option<Parent>,
}

impl Vhdx {
    fn new(
        file: Arc<dyn ReadAt>,
        table: Span,
        metadata: &Metadata,
        parent: Option<Parent>,
        caches: &Caches,
    ) -> io::Result<Self> {
        let (block, sector, length) = (metadata.block, metadata.sector, metadata.length);
        let ratio = CHUNK * sector / block;
        let blocks = length.div_ceil(block);
        let entries = match parent {
            Some(_) => blocks.div_ceil(ratio).saturating_mul(ratio + 1),
            None => blocks + blocks.saturating_sub(1) / ratio,
        };
        let size = entries.checked_mul(8).filter(|size| *size <= table.length);
        let size = size.ok_or_else(|| damaged("its block table is too short for its disk"))?;
        if table.at.checked_add(size).is_none_or(|end| end > file.len()) {
            return Err(damaged("its block table is outside the file"));
        }
        Ok(Self { pages: Pages::new(file, caches), table_at: table.at, block, sector, ratio, length, parent })
    }

    /// A state and a place in the file.
    fn entry(&self, number: u64) -> io::Result<(u64, u64)> {
        let entry = self.pages.le64(self.table_at + 8 * number, "its block table")?;
        Ok((entry & 7, (entry >> 20) * MIB))
    }
}

impl Mapping for Vhdx {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, wanted: u64) -> io::Result<(Content<'_>, u64)> {
        let (number, within) = (at / self.block, at % self.block);
        let left = self.block - within;
        let (state, place) = self.entry(number + number / self.ratio)?;
        let stored = || -> io::Result<Content<'_>> {
            // Windows puts nothing there, so such an entry is damage.
            if place < MIB {
                return Err(damaged(format!("its block table has block {number} at no possible place")));
            }
            Ok(Content::Stored(self.pages.source(), place.saturating_add(within)))
        };
        match state {
            // Not present.
            0 => Ok((beneath(self.parent.as_ref(), at), left)),
            // Undefined, zero, unmapped: what was there must not be given, and nothing of the parent.
            1..=3 => Ok((Content::Zeros, left)),
            6 => Ok((stored()?, left)),
            7 if self.parent.is_some() => {
                let chunk = number / self.ratio;
                let (state, bitmap) = self.entry(chunk * (self.ratio + 1) + self.ratio)?;
                if state != 6 {
                    return Err(damaged(format!("block {number} is there in part, and its bitmap is missing")));
                }
                let bitmap = Bitmap { at: bitmap, bits: CHUNK, first_is_high: false };
                let first = (number % self.ratio) * (self.block / self.sector) + within / self.sector;
                let (is_own, sectors) = self.pages.bits(bitmap, first, wanted / self.sector + 1)?;
                let reach = (sectors * self.sector - within % self.sector).min(left);
                Ok((if is_own { stored()? } else { beneath(self.parent.as_ref(), at) }, reach))
            }
            other => {
                Err(damaged(format!("its block table has block {number} in a state, {other}, that is not possible")))
            }
        }
    }
}
