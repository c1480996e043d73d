//! The header and its extensions.

use super::cluster::Method;
use crate::ReadAt;
use crate::bytes::{be32, be64, damaged, has, plain, read_vec};
use crate::image::Fact;
use std::io;

/// The header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) cluster_bits: u32,
    pub(super) length: u64,
    pub(super) table_at: u64,
    pub(super) table_entries: u32,
    pub(super) is_extended: bool,
    pub(super) is_marked_corrupt: bool,
    pub(super) method: Method,
    pub(super) backing: Option<String>,
    pub(super) backing_is_raw: bool,
    pub(super) data_file: Option<String>,
    snapshots: u32,
}

const CORRUPT: u64 = 1 << 1;
const DATA_FILE: u64 = 1 << 2;
const METHOD: u64 = 1 << 3;
const EXTENDED: u64 = 1 << 4;
/// The first says only that counts may be wrong that nobody here reads.
const KNOWN: u64 = 1 | CORRUPT | DATA_FILE | METHOD | EXTENDED;

const BACKING_FORMAT: u32 = 0xe279_2aca;
const DATA_FILE_NAME: u32 = 0x4441_5441;

impl Header {
    pub(super) fn read(source: &dyn ReadAt) -> io::Result<Self> {
        let unsupported = |reason: String| io::Error::new(io::ErrorKind::Unsupported, reason);
        let first = read_vec(source, 0, 72, "its header")?;
        let version = be32(&first, 4);
        if !has(&first, 0, b"QFI\xfb") || !matches!(version, 2 | 3) {
            return Err(unsupported(format!("version {version} of QCOW is not supported")));
        }
        if be32(&first, 32) != 0 {
            return Err(unsupported("it is encrypted".to_owned()));
        }
        let cluster_bits = be32(&first, 20);
        if !(9..=21).contains(&cluster_bits) {
            return Err(damaged(format!("its clusters of 2^{cluster_bits} bytes are not possible")));
        }
        let mut header = Self {
            version,
            cluster_bits,
            length: be64(&first, 24),
            table_entries: be32(&first, 36),
            table_at: be64(&first, 40),
            is_extended: false,
            is_marked_corrupt: false,
            method: Method::Deflate,
            backing: None,
            backing_is_raw: false,
            data_file: None,
            snapshots: be32(&first, 60),
        };
        if header.length > i64::MAX as u64 {
            return Err(damaged("the size of its disk is not possible"));
        }
        let mut extensions_at = 72;
        let mut has_data_file = false;
        if version == 3 {
            let second = read_vec(source, 72, 32, "its header")?;
            let features = be64(&second, 0);
            if features & !KNOWN != 0 {
                return Err(unsupported(format!("it has features, {:#x}, that are not known", features & !KNOWN)));
            }
            extensions_at = u64::from(be32(&second, 28));
            if !(104..=1 << cluster_bits).contains(&extensions_at) || extensions_at % 8 != 0 {
                return Err(damaged("the length of its header is not possible"));
            }
            header.is_marked_corrupt = features & CORRUPT != 0;
            header.is_extended = features & EXTENDED != 0;
            if header.is_extended && cluster_bits < 14 {
                return Err(damaged("its clusters are too small for parts"));
            }
            has_data_file = features & DATA_FILE != 0;
            if features & METHOD != 0 {
                let method = read_vec(source, 104, 1, "its header")?;
                header.method = match *method {
                    [0] => Method::Deflate,
                    [1] => Method::Zstd,
                    _ => return Err(unsupported("its packing method is not known".to_owned())),
                };
            }
        }
        header.extensions(source, extensions_at, has_data_file)?;
        let (at, size) = (be64(&first, 8), be32(&first, 16));
        if at != 0 && size != 0 {
            if size > 1023 {
                return Err(damaged("the name of its backing file is longer than is possible"));
            }
            let name = read_vec(source, at, size as usize, "the name of its backing file")?;
            header.backing = Some(plain(&String::from_utf8_lossy(&name)));
        }
        Ok(header)
    }

    /// Reads the extensions behind the header, which end in the first cluster.
    fn extensions(&mut self, source: &dyn ReadAt, at: u64, has_data_file: bool) -> io::Result<()> {
        let end = source.len().min(1 << self.cluster_bits).min(64 << 10);
        let size = usize::try_from(end.saturating_sub(at)).unwrap_or(0);
        let bytes = read_vec(source, at, size, "its header")?;
        let mut rest = &*bytes;
        while rest.len() >= 8 {
            let (kind, length) = (be32(rest, 0), be32(rest, 4) as usize);
            let Some(value) = rest.get(8..).and_then(|rest| rest.get(..length)).filter(|_| kind != 0) else { break };
            match kind {
                BACKING_FORMAT => self.backing_is_raw = value == b"raw",
                DATA_FILE_NAME => self.data_file = Some(plain(&String::from_utf8_lossy(value))),
                _ => {}
            }
            rest = rest.get(8 + length.next_multiple_of(8)..).unwrap_or_default();
        }
        if !has_data_file {
            self.data_file = None;
        } else if self.data_file.is_none() {
            return Err(damaged("it does not contain the name of its data file"));
        }
        Ok(())
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact { name: "version", value: self.version.to_string() }];
        if self.snapshots > 0 {
            facts.push(Fact { name: "snapshots inside, not read", value: self.snapshots.to_string() });
        }
        facts
    }
}
