//! The layout of a PE file: headers, directories, sections. Structures and their names: Microsoft, "PE Format".

use std::ops::Range;

/// How many sections are read: Windows loads no more than 96.
const MAX_SECTIONS: usize = 96;

/// The number of the directory that names the certificate table.
const CERTIFICATES: u32 = 4;

pub(super) const CUT: &str = "the file ends inside its headers";

/// Bytes with reads that cannot leave them.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Bytes<'_> {
    pub(super) fn u16(self, at: usize) -> Option<u16> {
        let bytes = self.0.get(at..at.checked_add(2)?)?;
        Some(u16::from_le_bytes(bytes.try_into().ok()?))
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// A stretch of the program as it is loaded and as it is stored.
pub(super) struct Section {
    pub(super) address: u32,
    pub(super) size: u32,
    pub(super) stored_at: u32,
    pub(super) stored: u32,
}

impl Section {
    /// Where it lies in the file, which may end before.
    pub(super) fn range(&self) -> Range<usize> {
        let start = self.stored_at as usize;
        start..start.saturating_add(self.stored as usize)
    }
}

/// The headers of a program.
pub(super) struct Headers<'a> {
    bytes: Bytes<'a>,
    /// Where the COFF header begins.
    coff: usize,
    /// Where the optional header begins.
    optional: usize,
    /// Where the section table begins.
    table: usize,
    /// Where the directories begin, and how many there are.
    directories: (usize, u32),
}

impl<'a> Headers<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self, &'static str> {
        let bytes = Bytes(file);
        let header = bytes.u32(0x3C).ok_or(CUT)? as usize;
        match file.get(header..header.saturating_add(4)) {
            Some(b"PE\0\0") => {}
            Some(_) => return Err("it has no PE header"),
            None => return Err(CUT),
        }
        let coff = header.saturating_add(4);
        let optional = coff.saturating_add(20);
        let size = bytes.u16(coff.saturating_add(16)).ok_or(CUT)? as usize;
        let directories = match bytes.u16(optional).ok_or(CUT)? {
            0x10B => optional.saturating_add(96),
            0x20B => optional.saturating_add(112),
            _ => return Err("its optional header has an unknown type"),
        };
        let count = bytes.u32(directories.saturating_sub(4)).ok_or(CUT)?;
        let table = optional.saturating_add(size);
        Ok(Self { bytes, coff, optional, table, directories: (directories, count) })
    }

    /// The flags of the COFF header.
    pub(super) fn characteristics(&self) -> Result<u16, &'static str> {
        self.bytes.u16(self.coff.saturating_add(18)).ok_or(CUT)
    }

    /// Where a directory's entry lies, if there is one.
    fn directory_at(&self, number: u32) -> Option<usize> {
        let at = self.directories.0.saturating_add((number as usize).saturating_mul(8));
        (number < self.directories.1 && at.saturating_add(8) <= self.table).then_some(at)
    }

    /// A directory: address and size, zeros where there is none. The one of certificates has a place in the file instead of an
    /// address. `None` where the file ends before it.
    pub(super) fn directory(&self, number: u32) -> Option<(u32, u32)> {
        let Some(at) = self.directory_at(number) else { return Some((0, 0)) };
        Some((self.bytes.u32(at)?, self.bytes.u32(at.checked_add(4)?)?))
    }

    /// The sections that are there, in the order of their table.
    pub(super) fn sections(&self) -> Result<Vec<Section>, &'static str> {
        let count = self.section_count()?.min(MAX_SECTIONS);
        let section = |number: usize| {
            let at = self.table.saturating_add(40 * number);
            let field = |offset: usize| {
                self.bytes.u32(at.saturating_add(offset)).ok_or("the file ends inside its section table")
            };
            Ok(Section { size: field(8)?, address: field(12)?, stored: field(16)?, stored_at: field(20)? })
        };
        (0..count).map(section).collect()
    }

    fn section_count(&self) -> Result<usize, &'static str> {
        Ok(self.bytes.u16(self.coff.saturating_add(2)).ok_or(CUT)? as usize)
    }

    /// The places of a file that signing it changes, and where its parts end; `None` where they do not lie inside the file as
    /// they should.
    pub(super) fn signing(&self) -> Option<Signing> {
        let file = self.bytes.0;
        let count = self.section_count().ok().filter(|count| *count <= MAX_SECTIONS)?;
        let end = self.table.checked_add(40 * count).filter(|end| *end <= file.len())?;
        let checksum = self.optional.checked_add(64)?;
        let entry = self.directory_at(CERTIFICATES)?;
        let table = match self.directory(CERTIFICATES)? {
            (0, 0) => file.len()..file.len(),
            (at, size) => {
                // What lies behind the table is covered by no signature.
                let at = at as usize;
                (at >= end && at.checked_add(size as usize)? == file.len()).then_some(at..file.len())?
            }
        };
        // They ascend, so that what lies between them can be hashed in one pass.
        (checksum + 4 <= entry && entry + 8 <= end).then_some(Signing { checksum, entry, end, table })
    }
}

/// The places of a file that signing it changes, in ascending order.
pub(super) struct Signing {
    /// Where the four bytes of the checksum are.
    pub(super) checksum: usize,
    /// Where the eight bytes are that name the certificate table.
    pub(super) entry: usize,
    /// Where the section table ends.
    pub(super) end: usize,
    /// The certificate table: the end of the file.
    pub(super) table: Range<usize>,
}
