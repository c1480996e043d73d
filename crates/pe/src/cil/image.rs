//! The layout of a file with a CLI header: sections, metadata streams.
//!
//! Layouts: Microsoft's PE format specification; ECMA-335, 6th edition, II.24 and II.25.

use crate::bytes::Bytes;
use crate::headers::{Headers, Sections, stored_range};
use object::pe::IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR;
use std::ops::Range;

/// Metadata has five streams; obfuscators add some.
const MAX_STREAMS: usize = 32;

/// A program with a CLI header.
pub(super) struct Image<'b> {
    pub(super) bytes: Bytes<'b>,
    sections: Sections<'b>,
    pub(super) tables: &'b [u8],
    pub(super) strings: &'b [u8],
    pub(super) user_strings: &'b [u8],
    pub(super) blobs: &'b [u8],
    /// Where the signature of the strong name is; empty if there is none.
    pub(super) signature: Range<usize>,
    /// Where the resources begin that are in the file.
    pub(super) resources: Option<usize>,
    /// What is broken about it, the first thing that was met.
    pub(super) broken: Option<String>,
}

/// What a file is by its headers.
pub(super) enum Opened<'b> {
    /// It has no CLI header.
    Other,
    /// It has one, and its metadata cannot be found: why.
    Broken(String),
    Assembly(Image<'b>),
}

impl<'b> Image<'b> {
    pub(super) fn open(file: &'b [u8]) -> Opened<'b> {
        let Some((cli, sections)) = cli_header(file) else { return Opened::Other };
        let mut image = Self {
            bytes: Bytes(file),
            sections,
            tables: &[],
            strings: &[],
            user_strings: &[],
            blobs: &[],
            signature: 0..0,
            resources: None,
            broken: None,
        };
        if sections.iter().any(|section| stored_range(section).end > file.len()) {
            image.note("a section extends beyond the end of the file");
        }
        match image.metadata(cli) {
            Some(()) if !image.tables.is_empty() => Opened::Assembly(image),
            _ => Opened::Broken("its CLI header does not point to metadata".to_owned()),
        }
    }

    /// The first thing that is broken is kept.
    pub(super) fn note(&mut self, what: &str) {
        self.broken.get_or_insert_with(|| what.to_owned());
    }

    /// Where an address of the loaded image is stored, if the file goes so far.
    pub(super) fn offset(&self, address: u32) -> Option<usize> {
        let stored = self.sections.stored(address)?;
        (stored < self.bytes.0.len()).then_some(stored)
    }

    fn metadata(&mut self, cli: u32) -> Option<()> {
        let header = self.offset(cli)?;
        let root = self.offset(self.bytes.u32(header + 8)?)?;
        if let (Some(address), Some(length)) = (self.bytes.u32(header + 32), self.bytes.u32(header + 36))
            && let Some(at) = self.offset(address)
        {
            self.signature = at..at.saturating_add(length as usize);
        }
        self.resources = self.bytes.u32(header + 24).filter(|at| *at != 0).and_then(|at| self.offset(at));
        if self.bytes.take(root, 4)? != b"BSJB" {
            return None;
        }
        let version = usize::try_from(self.bytes.u32(root + 12)?).ok()?;
        let mut at = root.checked_add(16)?.checked_add(version)?.checked_add(4)?;
        let count = usize::from(self.bytes.u16(at - 2)?);
        for _ in 0..count.min(MAX_STREAMS) {
            let Some((offset, length, name)) = self.stream(at) else {
                self.note("its list of metadata streams is truncated");
                break;
            };
            at += 8 + (name.len() + 1).next_multiple_of(4);
            let start = root.saturating_add(offset);
            let there = self.bytes.0.get(start..).unwrap_or_default();
            let content = &there[..length.min(there.len())];
            if content.len() < length {
                self.note("a metadata stream extends beyond the end of the file");
            }
            // Of two streams of one name the runtime takes the first.
            let place = match name {
                b"#~" | b"#-" => &mut self.tables,
                b"#Strings" => &mut self.strings,
                b"#US" => &mut self.user_strings,
                b"#Blob" => &mut self.blobs,
                _ => continue,
            };
            if place.is_empty() {
                *place = content;
            }
        }
        Some(())
    }

    fn stream(&self, at: usize) -> Option<(usize, usize, &'b [u8])> {
        let (offset, length) = (self.bytes.u32(at)? as usize, self.bytes.u32(at + 4)? as usize);
        let name = self.bytes.0.get(at + 8..)?;
        let name = &name[..name.len().min(32)];
        let end = name.iter().position(|&byte| byte == 0)?;
        Some((offset, length, &name[..end]))
    }
}

/// The address of the CLI header, and the sections that are there; `None` if it is no such program.
fn cli_header(file: &[u8]) -> Option<(u32, Sections<'_>)> {
    let headers = Headers::read(file).ok()?;
    let (address, _) = headers.directory(IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR)?;
    (address != 0).then(|| (address, headers.sections()))
}
