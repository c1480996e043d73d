//! The headers and region tables: [MS-VHDX] 2.2.1 to 2.2.3.

use super::span::{MIB, Span};
use crate::ReadAt;
use crate::bytes::{Crc32c, damaged, guid, has, le16, le32, le64, plain, read_vec, sixteen, utf16};
use crate::image::Fact;
use std::io;

/// The header in force.
pub(super) struct Header {
    pub(super) data_write: [u8; 16],
    /// Zeros: no log to replay.
    pub(super) log_id: [u8; 16],
    pub(super) log: Span,
}

const HEADERS: [u64; 2] = [64 << 10, 128 << 10];
const TABLES: [u64; 2] = [192 << 10, 256 << 10];

impl Header {
    /// The sound one with the higher sequence number.
    pub(super) fn read(source: &dyn ReadAt) -> io::Result<Self> {
        let mut best: Option<(u64, Vec<u8>)> = None;
        for at in HEADERS {
            let Ok(bytes) = read_vec(source, at, 4096, "its header") else { continue };
            let sequence = le64(&bytes, 8);
            if has(&bytes, 0, b"head")
                && Crc32c::seals(&bytes, 4)
                && best.as_ref().is_none_or(|(other, _)| sequence > *other)
            {
                best = Some((sequence, bytes));
            }
        }
        let (_, bytes) = best.ok_or_else(|| damaged("neither of its two headers is sound"))?;
        let (log_version, version) = (le16(&bytes, 64), le16(&bytes, 66));
        if version != 1 {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("version {version} of VHDX is not supported"),
            ));
        }
        let log_id = sixteen(&bytes, 48);
        if log_version != 0 && log_id != [0; 16] {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("version {log_version} of its log is not supported"),
            ));
        }
        let log = Span { at: le64(&bytes, 72), length: u64::from(le32(&bytes, 68)) };
        Ok(Self { data_write: sixteen(&bytes, 32), log_id, log })
    }

    pub(super) fn facts(&self, source: &dyn ReadAt) -> Vec<Fact> {
        let creator =
            read_vec(source, 8, 512, "its header").map(|bytes| plain(&utf16(&bytes, false))).unwrap_or_default();
        vec![Fact { name: "made with", value: creator }, Fact { name: "disk id", value: guid(&self.data_write) }]
    }
}

const BLOCK_TABLE: &str = "2DC27766-F623-4200-9D64-115E9BFD4A08";
const METADATA: &str = "8B7CA206-4790-4B9A-B8FE-575F050F886E";

/// Where the block table and the metadata lie.
pub(super) struct Regions {
    pub(super) table: Span,
    pub(super) metadata: Span,
}

impl Regions {
    pub(super) fn read(source: &dyn ReadAt) -> io::Result<Self> {
        let mut error = None;
        for at in TABLES {
            match read_vec(source, at, 64 << 10, "its region table").and_then(|bytes| Self::parse(&bytes)) {
                Ok(regions) => return Ok(regions),
                Err(other) => error = error.or(Some(other)),
            }
        }
        Err(error.unwrap_or_else(|| damaged("it has no region table")))
    }

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        if !has(bytes, 0, b"regi") || !Crc32c::seals(bytes, 4) {
            return Err(damaged("neither of its two region tables is sound"));
        }
        let count = le32(bytes, 8) as usize;
        if count > 2047 {
            return Err(damaged(format!("its region table has {count} entries, which is not possible")));
        }
        let (mut table, mut metadata) = (None, None);
        for entry in bytes.get(16..).unwrap_or_default().chunks_exact(32).take(count) {
            let span = Span { at: le64(entry, 16), length: u64::from(le32(entry, 24)) };
            match &*guid(&sixteen(entry, 0)) {
                BLOCK_TABLE => table = Some(span),
                METADATA => metadata = Some(span),
                other if le32(entry, 28) & 1 == 1 => {
                    return Err(io::Error::new(
                        io::ErrorKind::Unsupported,
                        format!("it needs a region, {other}, that is not known"),
                    ));
                }
                _ => {}
            }
        }
        let (Some(table), Some(metadata)) = (table, metadata) else {
            return Err(damaged("its region table has no block table or no metadata"));
        };
        if table.at < MIB || metadata.at < MIB {
            return Err(damaged("one of its regions overlaps its headers"));
        }
        Ok(Self { table, metadata })
    }
}
