//! EWF: the E01 images of EnCase, FTK Imager, linen and others, and the S01 of SMART. After ASR Data's "Expert Witness Compression
//! Format" and libewf's format document "Expert Witness Compression Format (EWF)". Its second version (Ex01) is recognised and not read.
//!
//! A chunk that does not match its checksum is an error, as are the chunks of a missing segment; those before it are read.

mod header;
mod names;
mod segments;
mod table;

#[cfg(test)]
mod tests;

use crate::ReadAt;
use crate::bytes::damaged;
use crate::cache::Own;
use crate::error::{Unopened, Why, failed, unopened};
use crate::inflate::inflate;
use crate::mapped::{Content, Mapped, Mapping};
use crate::opening::{Container, Opening};
use segments::Set;
use std::io;
use std::sync::Arc;
use table::Table;

/// EnCase offers chunks of up to 32,768 sectors.
const CHUNK: u64 = 16 << 20;

/// The disk of an EWF image.
struct Ewf {
    segments: Vec<Arc<dyn ReadAt>>,
    tables: Vec<Table>,
    /// Bytes of a chunk, the last of which may be shorter.
    chunk: u64,
    length: u64,
    /// How many chunks can be had.
    chunks: u64,
    /// Why there are no more.
    rest: String,
    unpacked: Own,
    entries: Own,
}

/// Opens the image whose first segment is `first`.
pub(crate) fn open(opening: &mut Opening<'_>, name: &str, first: Arc<dyn ReadAt>) -> Result<Container, Unopened> {
    let set = Set::read(opening, name, first)?;
    let geometry = set
        .geometry
        .ok_or_else(|| unopened(name, Why::Damaged, "it has no volume section, which says how large the disk is"))?;
    let bad = |reason: &str| unopened(name, Why::Damaged, reason);
    let chunk = u64::from(geometry.sectors_per_chunk)
        .checked_mul(u64::from(geometry.sector))
        .filter(|chunk| (1..=CHUNK).contains(chunk));
    let chunk = chunk.ok_or_else(|| bad("the size of its chunks is not possible"))?;
    let all = u64::from(geometry.chunks) * chunk;
    let length = match geometry.sectors {
        0 => all,
        sectors => sectors
            .checked_mul(u64::from(geometry.sector))
            .filter(|length| *length <= i64::MAX as u64)
            .ok_or_else(|| bad("the size of its disk is not possible"))?,
    };
    let chunks = set.tables.last().map_or(0, |table| table.first_chunk + u64::from(table.count));
    let wanted = length.div_ceil(chunk);
    let is_cut = set.cut.is_some();
    let rest = set.cut.unwrap_or_else(|| "its tables list fewer chunks than the disk has".to_owned());
    if chunks < wanted {
        opening.problem(
            name,
            format!("{rest}; of {wanted} chunks {chunks} are there, and what lies behind them cannot be read"),
        );
    } else if is_cut {
        opening.problem(name, format!("{rest}; all chunks of the disk are there"));
    }
    if let Some(odd) = set.odd {
        opening.problem(name, odd);
    }
    if wanted > 0 && chunks == 0 {
        return Err(failed(name, &damaged(rest)));
    }
    let kind = if set.is_smart { "S01" } else { "E01" };
    let ewf = Ewf {
        segments: set.segments,
        tables: set.tables,
        chunk,
        length,
        chunks,
        rest,
        unpacked: opening.caches.unpacked(),
        entries: opening.caches.tables(),
    };
    Ok(Container { facts: set.facts, hashes: set.hashes, ..Container::new(Arc::new(Mapped(ewf)), kind) })
}

impl Ewf {
    /// Unpacks a chunk.
    fn unpack(&self, number: u64) -> io::Result<Vec<u8>> {
        let bad = |what: &str| {
            let (first, last) = (number * self.chunk, ((number + 1) * self.chunk).min(self.length));
            damaged(format!("its chunk {number} (bytes {first} to {last} of the disk) {what}"))
        };
        let index = self.tables.partition_point(|table| table.first_chunk <= number);
        let table = index.checked_sub(1).and_then(|index| self.tables.get(index)).filter(|_| number < self.chunks);
        let Some(table) = table else { return Err(damaged(self.rest.clone())) };
        let file = self.segments.get(table.segment).ok_or_else(|| bad("lies in no segment"))?;
        let entries = self.entries.get_or(index as u64, || table.entries(&**file))?;
        // More than the longest that deflate makes of what it cannot pack.
        let longest = self.chunk + self.chunk / 8 + 1024;
        let place =
            table.place(&entries, number - table.first_chunk, longest).ok_or_else(|| bad("is outside its section"))?;
        let size = usize::try_from(place.length).map_err(|_| bad("is too long"))?;
        let stored = crate::bytes::read_vec(&**file, place.at, size, &format!("its chunk {number}"))?;
        let whole = usize::try_from(self.chunk).unwrap_or(usize::MAX);
        let wanted = usize::try_from(self.length - number * self.chunk).unwrap_or(usize::MAX).min(whole);
        if place.is_packed {
            let bytes = inflate(&stored, true, whole)
                .ok_or_else(|| bad("cannot be unpacked, or does not match its checksum"))?;
            return if bytes.len() >= wanted { Ok(bytes) } else { Err(bad("is too short")) };
        }
        sealed(stored, wanted, whole).ok_or_else(|| bad("does not match its checksum"))
    }
}

/// A chunk that is stored as it is, with the Adler-32 of its bytes behind them. The last one of a disk may be short, or filled up.
fn sealed(mut stored: Vec<u8>, wanted: usize, whole: usize) -> Option<Vec<u8>> {
    let own = stored.len().saturating_sub(4);
    for size in [own, wanted, whole] {
        if (wanted..=whole).contains(&size)
            && let (Some(bytes), Some(sum)) = (stored.get(..size), stored.get(size..size + 4))
            && adler2::adler32_slice(bytes).to_le_bytes() == *sum
        {
            stored.truncate(size);
            return Some(stored);
        }
    }
    None
}

impl Mapping for Ewf {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, _: u64) -> io::Result<(Content<'_>, u64)> {
        let (number, within) = (at / self.chunk, at % self.chunk);
        let bytes = self.unpacked.get_or(number, || self.unpack(number))?;
        let from = usize::try_from(within).unwrap_or(usize::MAX);
        Ok((Content::Unpacked(bytes, from), self.chunk - within))
    }
}
