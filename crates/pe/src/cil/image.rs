//! The layout of a file with a CLI header: sections, metadata streams.
//!
//! Layouts: Microsoft's PE format specification; ECMA-335, 6th edition, II.24 and II.25.

use std::ops::Range;

/// Little-endian numbers at any position; `None` past the end.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(super) fn take(self, at: usize, length: usize) -> Option<&'b [u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    pub(super) fn u8(self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(at, 2)?.try_into().ok()?))
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(at, 4)?.try_into().ok()?))
    }

    pub(super) fn u64(self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(at, 8)?.try_into().ok()?))
    }
}

/// A stretch of the image as it is loaded and as it is stored.
struct Section {
    address: u32,
    stored: u32,
    length: u32,
}

/// The Windows loader takes no more sections than these.
const MAX_SECTIONS: usize = 96;
/// Metadata has five streams; obfuscators add some.
const MAX_STREAMS: usize = 32;

/// A program with a CLI header.
pub(super) struct Image<'b> {
    pub(super) bytes: Bytes<'b>,
    sections: Vec<Section>,
    pub(super) tables: &'b [u8],
    pub(super) strings: &'b [u8],
    pub(super) user_strings: &'b [u8],
    pub(super) blobs: &'b [u8],
    /// Where the signature of the strong name lies; empty if there is none.
    pub(super) signature: Range<usize>,
    /// Where the resources begin that lie in the file.
    pub(super) resources: Option<usize>,
    /// What is broken about it, the first thing that was met.
    pub(super) broken: Option<String>,
}

/// What a file's headers say.
pub(super) enum Opened<'b> {
    /// It has no CLI header.
    Other,
    /// It has one, and its metadata cannot be found: why.
    Broken(String),
    Assembly(Image<'b>),
}

/// The 15th entry of the data directories, and what an entry takes.
const CLI_ENTRY: (u32, usize) = (14, 8);

impl<'b> Image<'b> {
    pub(super) fn open(file: &'b [u8]) -> Opened<'b> {
        let bytes = Bytes(file);
        let Some((cli, sections)) = headers(bytes) else { return Opened::Other };
        let mut image = Self {
            bytes,
            sections,
            tables: &[],
            strings: &[],
            user_strings: &[],
            blobs: &[],
            signature: 0..0,
            resources: None,
            broken: None,
        };
        let ends = |section: &Section| u64::from(section.stored) + u64::from(section.length);
        if image.sections.iter().any(|section| ends(section) > file.len() as u64) {
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
        let stored = self.sections.iter().find_map(|section| {
            let into = address.checked_sub(section.address).filter(|into| *into < section.length)?;
            usize::try_from(section.stored.checked_add(into)?).ok()
        })?;
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

/// The address of the CLI header, and the sections; `None` if it is no such program.
fn headers(bytes: Bytes<'_>) -> Option<(u32, Vec<Section>)> {
    if bytes.take(0, 2)? != b"MZ" {
        return None;
    }
    let pe = usize::try_from(bytes.u32(0x3C)?).ok()?;
    if bytes.take(pe, 4)? != b"PE\0\0" {
        return None;
    }
    let count = usize::from(bytes.u16(pe + 6)?);
    let optional = pe + 24;
    let directories = match bytes.u16(optional)? {
        0x10B => optional + 96,
        0x20B => optional + 112,
        _ => return None,
    };
    if bytes.u32(directories - 4)? <= CLI_ENTRY.0 {
        return None;
    }
    let cli = bytes.u32(directories + CLI_ENTRY.0 as usize * CLI_ENTRY.1).filter(|cli| *cli != 0)?;
    let first = optional + usize::from(bytes.u16(pe + 20)?);
    let section = |at: usize| {
        let [_, address, length, stored] = [8, 12, 16, 20].map(|field| bytes.u32(first + at * 40 + field));
        Some(Section { address: address?, stored: stored?, length: length? })
    };
    Some((cli, (0..count.min(MAX_SECTIONS)).map_while(section).collect()))
}
