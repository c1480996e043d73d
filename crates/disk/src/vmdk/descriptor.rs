//! The descriptor: a text that names the extents and the parent.

use crate::bytes::{damaged, plain};
use std::io;

/// The descriptor.
#[derive(Debug)]
pub(super) struct Descriptor {
    pub(super) cid: u32,
    /// All ones: no parent.
    pub(super) parent_cid: u32,
    pub(super) create_type: String,
    pub(super) parent: Option<String>,
    pub(super) extents: Vec<Extent>,
}

/// A part of the disk: `RW 4192256 SPARSE "disk-s001.vmdk"`, `RW 83886080 FLAT "disk-flat.vmdk" 0`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) sectors: u64,
    pub(super) kind: String,
    pub(super) file: String,
    /// Where it begins in its file, in sectors.
    pub(super) offset: u64,
}

/// A disk of 64 TiB in extents of 2 GiB.
const EXTENTS: usize = 1 << 15;

impl Descriptor {
    pub(super) fn parse(bytes: &[u8]) -> io::Result<Self> {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let bytes = bytes.get(..end).unwrap_or_default();
        // Older products write the code page of their system; names in ASCII are read in any case.
        let text = std::str::from_utf8(bytes)
            .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned);
        let mut descriptor =
            Self { cid: u32::MAX, parent_cid: u32::MAX, create_type: String::new(), parent: None, extents: Vec::new() };
        let id = |value: &str| {
            u32::from_str_radix(value, 16).map_err(|_| damaged("its descriptor has a content id that is not a number"))
        };
        for line in text.lines().map(str::trim) {
            if let Some(extent) = Extent::parse(line) {
                descriptor.extents.push(extent?);
                if descriptor.extents.len() > EXTENTS {
                    return Err(damaged("its descriptor has more extents than is plausible"));
                }
                continue;
            }
            let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
            let value = plain(value.trim().trim_matches('"'));
            match key.trim().to_ascii_lowercase().as_str() {
                "cid" => descriptor.cid = id(&value)?,
                "parentcid" => descriptor.parent_cid = id(&value)?,
                "createtype" => descriptor.create_type = value,
                "parentfilenamehint" => descriptor.parent = Some(value),
                key if key.starts_with("encryption.") => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, "it is encrypted"));
                }
                _ => {}
            }
        }
        if descriptor.extents.is_empty() {
            return Err(damaged("its descriptor names no extent"));
        }
        Ok(descriptor)
    }
}

impl Extent {
    /// `None`: the line is about something else.
    fn parse(line: &str) -> Option<io::Result<Self>> {
        let (access, rest) = line.split_once(char::is_whitespace)?;
        if !["RW", "RDONLY", "NOACCESS"].contains(&access) {
            return None;
        }
        let (sectors, rest) = rest.trim_start().split_once(char::is_whitespace)?;
        let sectors = sectors.parse().ok()?;
        if access == "NOACCESS" {
            return Some(Err(damaged("one of its extents is marked as not accessible")));
        }
        let rest = rest.trim_start();
        let (kind, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (file, rest) = match rest.trim_start().strip_prefix('"') {
            Some(rest) => rest.split_once('"').unwrap_or((rest, "")),
            None => ("", ""),
        };
        let offset = rest.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Some(Ok(Self { sectors, kind: plain(kind), file: plain(file), offset }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_name_extents_and_parents() {
        let text = b"# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID = 1a2b3c4d\r\ncreateType=\"vmfs\"\n\
            parentFileNameHint=\"C:\\vm\\a b.vmdk\"\n# Extent\nRW 12 VMFS \"d \xfc-flat.vmdk\" 7\nRW 5 ZERO\nRDONLY 3 SPARSE \"x\"\n\
            ddb.adapterType = \"ide\"\nRW x FLAT\n\0RW 9 FLAT \"behind\"";
        let descriptor = Descriptor::parse(text).expect("parsed");
        assert_eq!((descriptor.cid, descriptor.parent_cid), (0xffff_fffe, 0x1a2b_3c4d));
        assert_eq!(descriptor.parent.as_deref(), Some(r"C:\vm\a b.vmdk"));
        let extent =
            |sectors, kind: &str, file: &str, offset| Extent { sectors, kind: kind.into(), file: file.into(), offset };
        let expected =
            [extent(12, "VMFS", "d \u{fc}-flat.vmdk", 7), extent(5, "ZERO", "", 0), extent(3, "SPARSE", "x", 0)];
        assert_eq!(descriptor.extents, expected);
        for wrong in ["", "CID=xyz", "RW 1 ZERO\nencryption.keySafe = \"x\"", "NOACCESS 1 FLAT \"x\"", "RW 1"] {
            assert!(Descriptor::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
