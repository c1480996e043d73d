//! The metadata: sizes, and what the parent is called. [MS-VHDX] 2.6.

use super::span::{MIB, Span};
use crate::ReadAt;
use crate::bytes::{damaged, guid, has, le16, le32, le64, plain, read_vec, sixteen, utf16};
use std::io;

/// The metadata of the disk.
pub(super) struct Metadata {
    pub(super) block: u64,
    pub(super) sector: u64,
    pub(super) length: u64,
    pub(super) is_fixed: bool,
    pub(super) parent: Option<Locator>,
}

/// What the parent is called, and its DataWriteGuid: the newer one and the one before, of which either will do.
#[derive(Default)]
pub(super) struct Locator {
    pub(super) ids: Vec<[u8; 16]>,
    pub(super) paths: Vec<String>,
}

const PARAMETERS: &str = "CAA16737-FA36-4D43-B3B6-33F0AA44E76B";
const LENGTH: &str = "2FA54224-CD1B-4876-B211-5DBED83BF4B8";
const PAGE_83: &str = "BECA12AB-B2E6-4523-93EF-C309E000C746";
const SECTOR: &str = "8141BF1D-A96F-4709-BA47-F233A8FAAB5F";
const PHYSICAL: &str = "CDA348C7-445D-4471-9CC9-E9885251C556";
const PARENT: &str = "A8D35F2D-B30B-454D-ABF7-D3D84834AB0C";
const VHDX_PARENT: &str = "B04AEFB7-D19E-4A81-B789-25B8E9445913";

/// The table in front of the items.
const TABLE: usize = 64 << 10;
/// The longest item; a locator of a few paths is far below.
const ITEM: u32 = 256 << 10;
/// Hyper-V makes disks of up to 64 TiB.
const LONGEST: u64 = 64 << 40;

impl Metadata {
    pub(super) fn read(source: &dyn ReadAt, region: Span) -> io::Result<Self> {
        let table = read_vec(source, region.at, TABLE, "its metadata")?;
        if !has(&table, 0, b"metadata") {
            return Err(damaged("its metadata is not where its region table points"));
        }
        let count = usize::from(le16(&table, 10));
        let (mut parameters, mut length, mut sector, mut locator) = (None, None, None, None);
        for entry in table.get(32..).unwrap_or_default().chunks_exact(32).take(count) {
            let id = guid(&sixteen(entry, 0));
            let (offset, size, flags) = (le32(entry, 16), le32(entry, 20), le32(entry, 24));
            let item = || -> io::Result<Vec<u8>> {
                if size > ITEM || u64::from(offset) + u64::from(size) > region.length {
                    return Err(damaged("an item of its metadata is outside of it"));
                }
                read_vec(source, region.at.saturating_add(u64::from(offset)), size as usize, "an item of its metadata")
            };
            match &*id {
                PARAMETERS => parameters = Some(item()?),
                LENGTH => length = Some(item()?),
                SECTOR => sector = Some(item()?),
                PARENT => locator = Some(item()?),
                PAGE_83 | PHYSICAL => {}
                other if flags & 4 != 0 => {
                    return Err(io::Error::new(
                        io::ErrorKind::Unsupported,
                        format!("it needs metadata, {other}, that is not known"),
                    ));
                }
                _ => {}
            }
        }
        let (Some(parameters), Some(length), Some(sector)) = (parameters, length, sector) else {
            return Err(damaged("its metadata does not contain the sizes of its disk"));
        };
        let (block, flags) = (u64::from(le32(&parameters, 0)), le32(&parameters, 4));
        let (length, sector) = (le64(&length, 0), u64::from(le32(&sector, 0)));
        if !block.is_power_of_two() || !(MIB..=256 * MIB).contains(&block) {
            return Err(damaged(format!("its block size of {block} bytes is not possible")));
        }
        if !matches!(sector, 512 | 4096) || length % sector != 0 || length > LONGEST {
            return Err(damaged(format!("its {length} bytes in sectors of {sector} are not possible")));
        }
        let has_parent = flags & 2 != 0;
        let parent = match (has_parent, locator) {
            (true, Some(locator)) => Some(Locator::read(&locator)?),
            (true, None) => return Err(damaged("its metadata does not name its parent")),
            (false, _) => None,
        };
        Ok(Self { block, sector, length, is_fixed: flags & 1 != 0, parent })
    }
}

impl Locator {
    fn read(bytes: &[u8]) -> io::Result<Self> {
        if guid(&sixteen(bytes, 0)) != VHDX_PARENT {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "its parent is of a kind that is not known"));
        }
        let text = |at: u32, length: u16| {
            let start = at as usize;
            plain(&utf16(bytes.get(start..start.saturating_add(usize::from(length))).unwrap_or_default(), false))
        };
        let (mut locator, mut found) = (Self::default(), Vec::new());
        for entry in bytes.get(20..).unwrap_or_default().chunks_exact(12).take(usize::from(le16(bytes, 18)).min(64)) {
            let (key, value) = (text(le32(entry, 0), le16(entry, 8)), text(le32(entry, 4), le16(entry, 10)));
            match &*key {
                "parent_linkage" | "parent_linkage2" => locator.ids.extend(id(&value)),
                "relative_path" => found.push((0, value)),
                "absolute_win32_path" => found.push((1, value)),
                "volume_path" => found.push((2, value)),
                _ => {}
            }
        }
        found.sort();
        locator.paths = found.into_iter().map(|(_, path)| path).collect();
        if locator.ids.is_empty() {
            return Err(damaged("its metadata does not contain the id of its parent"));
        }
        Ok(locator)
    }
}

/// The bytes of a GUID as it is written: the first three numbers little-endian.
pub(super) fn id(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    if digits.len() != 32 {
        return None;
    }
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let bytes = id("{2dc27766-F623-4200-9D64-115E9BFD4A08}").expect("an id");
        assert_eq!(guid(&bytes), "2DC27766-F623-4200-9D64-115E9BFD4A08");
        assert_eq!((id(""), id("{2dc27766}")), (None, None));
    }
}
