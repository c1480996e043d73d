//! VHD: fixed, dynamic and differencing disks of Virtual PC, Hyper-V and Azure. After Microsoft's "Virtual Hard Disk Image Format
//! Specification" 1.0. Numbers are big-endian.

use crate::bytes::{be32, be64, damaged, guid, has, plain, read_vec, sixteen, utc, utf16};
use crate::cache::{Bitmap, Caches, Pages};
use crate::error::{Unopened, failed};
use crate::image::Fact;
use crate::mapped::{Content, Mapped, Mapping, Parent, Plain, beneath};
use crate::opening::{Container, Identity, Opening};
use crate::{ReadAt, raw};
use std::io;
use std::sync::Arc;

const SECTOR: u64 = 512;
/// Its times count from 2000 on.
const YEAR_2000: u64 = 946_684_800;
const FIXED: u32 = 2;
const DYNAMIC: u32 = 3;
const DIFFERENCING: u32 = 4;
const UNUSED: u32 = u32::MAX;
/// The block size is 2 MiB nearly everywhere; its bitmap is looked at in pieces.
const BLOCK: u64 = 256 << 20;
/// The longest path of a parent.
const PATH: u32 = 64 << 10;

/// The fields of a footer.
struct Footer {
    bytes: Vec<u8>,
    /// Where the file ends before it.
    end: u64,
    is_sound: bool,
}

impl Footer {
    /// The footer at the end, or its copy in front where that one is damaged.
    fn read(source: &dyn ReadAt) -> io::Result<Self> {
        let length = source.len();
        let mut found: Option<Self> = None;
        for (at, size, end) in [
            (length.checked_sub(512), 512, length.saturating_sub(512)),
            (length.checked_sub(511), 511, length.saturating_sub(511)),
            (Some(0), 512, length),
        ] {
            let Some(at) = at else { continue };
            let Ok(mut bytes) = read_vec(source, at, size, "its footer") else { continue };
            bytes.resize(512, 0);
            if !has(&bytes, 0, b"conectix") {
                continue;
            }
            let is_sound = matches_sum(&bytes, 64);
            if is_sound || found.is_none() {
                found = Some(Self { bytes, end, is_sound });
            }
            if is_sound {
                break;
            }
        }
        found.ok_or_else(|| damaged("its footer is missing"))
    }
}

/// The ones' complement of the sum of all bytes but those of the checksum.
fn matches_sum(bytes: &[u8], at: usize) -> bool {
    let sum = |part: Option<&[u8]>| {
        part.unwrap_or_default().iter().fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte)))
    };
    !sum(bytes.get(..at)).wrapping_add(sum(bytes.get(at + 4..))) == be32(bytes, at)
}

/// Opens a disk and its parents.
pub(crate) fn open(opening: &mut Opening<'_>, name: &str, source: Arc<dyn ReadAt>) -> Result<Container, Unopened> {
    let bad = |error: io::Error| failed(name, &error);
    let footer = Footer::read(&*source).map_err(bad)?;
    if !footer.is_sound {
        opening.problem(name, "its footer does not match its checksum".to_owned());
    }
    let (kind, length) = (be32(&footer.bytes, 60), be64(&footer.bytes, 48));
    let id = sixteen(&footer.bytes, 68);
    let facts = facts(&footer.bytes);
    let (data, name_of_kind): (Arc<dyn ReadAt>, _) = match kind {
        // Its end is there, so what is missing was in front: a volume that was copied out of it, say. Or somebody wrote such an end into
        // an unused sector of a disk, to have less of it read.
        FIXED if length != footer.end => {
            let end = footer.end;
            let text = format!("it ends like a VHD of {length} bytes and has {end}; it is taken as a raw image");
            opening.problem(name, text);
            let data = whole(source, end);
            raw::check(name, &data)?;
            (data, "raw")
        }
        // The others begin with a copy of their footer, which no disk does.
        DYNAMIC | DIFFERENCING
            if !begins_like_a_vhd(&*source).map_err(bad)?
                && raw::check(name, &whole(Arc::clone(&source), source.len())).is_ok() =>
        {
            opening.problem(name, "it ends like a VHD and begins like a disk; it is taken as a raw image".to_owned());
            let length = source.len();
            (whole(source, length), "raw")
        }
        FIXED => (Arc::new(Mapped(Plain { source, start: 0, length })), "fixed VHD"),
        DYNAMIC | DIFFERENCING => {
            let header = Header::read(&*source, be64(&footer.bytes, 16), length).map_err(bad)?;
            if !header.is_sound {
                opening.problem(name, "its header does not match its checksum".to_owned());
            }
            let parent = match kind {
                DIFFERENCING => {
                    let paths = header.parents(&*source).map_err(bad)?;
                    let wanted = Identity::Vhd(sixteen(&header.bytes, 40));
                    Some(opening.parent(name, &paths, &|identity| identity == wanted, false)?)
                }
                _ => None,
            };
            let kind = if parent.is_some() { "differencing VHD" } else { "dynamic VHD" };
            (Arc::new(Mapped(Vhd::new(source, &header, length, parent, &opening.caches))), kind)
        }
        other => return Err(bad(damaged(format!("its type of disk, {other}, is not known")))),
    };
    Ok(Container { identity: Identity::Vhd(id), facts, ..Container::new(data, name_of_kind) })
}

fn whole(source: Arc<dyn ReadAt>, length: u64) -> Arc<dyn ReadAt> {
    Arc::new(Mapped(Plain { source, start: 0, length }))
}

fn begins_like_a_vhd(source: &dyn ReadAt) -> io::Result<bool> {
    let mut first = [0; 8];
    Ok(source.read_at(&mut first, 0)? == first.len() && &first == b"conectix")
}

fn facts(footer: &[u8]) -> Vec<Fact> {
    let creator = plain(&String::from_utf8_lossy(footer.get(28..32).unwrap_or_default()));
    vec![
        Fact { name: "made with", value: creator },
        Fact { name: "made", value: utc(YEAR_2000 + u64::from(be32(footer, 24))) },
        Fact { name: "disk id", value: guid(&sixteen(footer, 68)) },
    ]
}

/// The header of a dynamic or differencing disk.
struct Header {
    bytes: Vec<u8>,
    is_sound: bool,
    table_at: u64,
    block: u64,
}

impl Header {
    fn read(source: &dyn ReadAt, at: u64, length: u64) -> io::Result<Self> {
        let bytes = read_vec(source, at, 1024, "its header")?;
        if !has(&bytes, 0, b"cxsparse") {
            return Err(damaged("its header is not where its footer points"));
        }
        let (entries, block) = (be32(&bytes, 28), u64::from(be32(&bytes, 32)));
        if block == 0 || block % SECTOR != 0 || block > BLOCK {
            return Err(damaged(format!("its block size of {block} bytes is not possible")));
        }
        if u64::from(entries) < length.div_ceil(block) {
            return Err(damaged("its block table is too short for its disk"));
        }
        let table_at = be64(&bytes, 16);
        let end = table_at.checked_add(4 * length.div_ceil(block));
        if end.is_none_or(|end| end > source.len()) {
            return Err(damaged("its block table is outside the file"));
        }
        Ok(Self { is_sound: matches_sum(&bytes, 36), table_at, block, bytes })
    }

    /// What it calls its parent: paths for Windows, relative ones first, and the name in the header.
    fn parents(&self, source: &dyn ReadAt) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        for wanted in [b"W2ru", b"W2ku", b"MacX"] {
            for locator in self.bytes.get(576..576 + 8 * 24).unwrap_or_default().chunks_exact(24) {
                let (length, at) = (be32(locator, 8), be64(locator, 16));
                if !has(locator, 0, wanted) || length == 0 || length > PATH {
                    continue;
                }
                let Ok(text) = read_vec(source, at, length as usize, "the name of its parent") else { continue };
                paths.push(match wanted {
                    b"MacX" => plain(&String::from_utf8_lossy(&text)),
                    _ => plain(&utf16(&text, false)),
                });
            }
        }
        paths.push(plain(&utf16(self.bytes.get(64..576).unwrap_or_default(), true)));
        paths.retain(|path| !path.is_empty());
        Ok(paths)
    }
}

/// A dynamic or differencing disk.
struct Vhd {
    pages: Pages,
    table_at: u64,
    block: u64,
    /// Bytes of the bitmap in front of each block.
    bitmap: u64,
    length: u64,
    parent: Option<Parent>,
}

impl Vhd {
    fn new(source: Arc<dyn ReadAt>, header: &Header, length: u64, parent: Option<Parent>, caches: &Caches) -> Self {
        let bitmap = (header.block / SECTOR).div_ceil(8).next_multiple_of(SECTOR);
        Self {
            pages: Pages::new(source, caches),
            table_at: header.table_at,
            block: header.block,
            bitmap,
            length,
            parent,
        }
    }
}

impl Mapping for Vhd {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, wanted: u64) -> io::Result<(Content<'_>, u64)> {
        let (number, within) = (at / self.block, at % self.block);
        let left = self.block - within;
        let entry = self.pages.be32(self.table_at + 4 * number, "its block table")?;
        if entry == UNUSED {
            return Ok((beneath(self.parent.as_ref(), at), left));
        }
        let start = u64::from(entry) * SECTOR;
        let data = start + self.bitmap + within;
        if self.parent.is_none() {
            // The bitmap of a dynamic disk tells which sectors were ever written; the others are zeros in the file.
            return Ok((Content::Stored(self.pages.source(), data), left));
        }
        let bitmap = Bitmap { at: start, bits: self.block / SECTOR, first_is_high: true };
        let (is_own, sectors) = self.pages.bits(bitmap, within / SECTOR, wanted / SECTOR + 1)?;
        let reach = (sectors * SECTOR - within % SECTOR).min(left);
        Ok((if is_own { Content::Stored(self.pages.source(), data) } else { beneath(self.parent.as_ref(), at) }, reach))
    }
}

#[cfg(test)]
pub(crate) mod tests;
