//! The headers of a PE file, the only reader of them: directories, sections, and where an address is stored. Structures and their
//! names: Microsoft, "PE Format"; their fields are crate `object`'s, which has no alignment to ask for.
//!
//! Its parsers of whole files are not used: they refuse a file that is cut, or whose optional header is smaller than its list of
//! directories, which Windows loads.

use object::LittleEndian as LE;
use object::pe::{
    self, IMAGE_DIRECTORY_ENTRY_SECURITY, IMAGE_NT_OPTIONAL_HDR32_MAGIC, IMAGE_NT_OPTIONAL_HDR64_MAGIC,
    ImageDataDirectory, ImageDosHeader, ImageFileHeader, ImageNtHeaders32, ImageNtHeaders64, ImageSectionHeader,
};
use object::pod::Pod;
use object::read::ReadRef;
use std::mem::offset_of;
use std::ops::Range;

/// How many sections are read: Windows loads no more than 96.
const MAX_SECTIONS: usize = 96;

pub(crate) const CUT: &str = "the file ends inside its headers";

/// The headers of a program.
pub struct Headers<'a> {
    file: &'a [u8],
    coff: &'a ImageFileHeader,
    /// Where the optional header begins.
    optional: usize,
    /// Where the section table begins.
    table: usize,
    /// Where the directories begin, and how many there are.
    directories: (usize, u32),
    sections: Sections<'a>,
}

/// The part of the section table that is there.
#[derive(Clone, Copy)]
pub(crate) struct Sections<'a> {
    all: &'a [ImageSectionHeader],
    is_whole: bool,
}

/// A structure of the file, if all of it is there.
fn structure<T: Pod>(file: &[u8], at: usize) -> Option<&T> {
    file.read_at(at as u64).ok()
}

impl<'a> Headers<'a> {
    /// Reads them.
    ///
    /// # Errors
    /// Why they are none, or what is broken or truncated.
    pub fn read(file: &'a [u8]) -> Result<Self, &'static str> {
        if !file.starts_with(b"MZ") {
            return Err("it is not an executable: the MZ header is missing");
        }
        let dos: &ImageDosHeader = structure(file, 0).ok_or(CUT)?;
        let header = dos.nt_headers_offset() as usize;
        match file.get(header..header.saturating_add(4)) {
            Some(b"PE\0\0") => {}
            Some(_) => return Err("it has no PE header"),
            None => return Err(CUT),
        }
        let optional = header + offset_of!(ImageNtHeaders32, optional_header);
        let coff: &ImageFileHeader = structure(file, header + offset_of!(ImageNtHeaders32, file_header)).ok_or(CUT)?;
        let magic: &object::U16<LE> = structure(file, optional).ok_or(CUT)?;
        let directories = match magic.get(LE) {
            IMAGE_NT_OPTIONAL_HDR32_MAGIC => header + size_of::<ImageNtHeaders32>(),
            IMAGE_NT_OPTIONAL_HDR64_MAGIC => header + size_of::<ImageNtHeaders64>(),
            _ => return Err("its optional header has an unknown type"),
        };
        // The last field of either optional header.
        let count: &object::U32<LE> = structure(file, directories - 4).ok_or(CUT)?;
        let table = optional + usize::from(coff.size_of_optional_header.get(LE));
        let sections = Sections::read(file, table, coff.number_of_sections.get(LE).into());
        Ok(Self { file, coff, optional, table, directories: (directories, count.get(LE)), sections })
    }

    /// Whether the COFF header calls it a library.
    pub(crate) fn is_library(&self) -> bool {
        self.coff.characteristics.get(LE) & pe::IMAGE_FILE_DLL != 0
    }

    /// Where a directory's entry is, if there is one.
    fn directory_at(&self, number: usize) -> Option<usize> {
        let (start, count) = self.directories;
        (number < count as usize).then_some(start + number * size_of::<ImageDataDirectory>())
    }

    /// A directory (`object::pe::IMAGE_DIRECTORY_ENTRY_...`): address and size, zeros where there is none. The one of certificates
    /// has a place in the file instead of an address. `None` where the file ends before it.
    pub(crate) fn directory(&self, number: usize) -> Option<(u32, u32)> {
        let Some(at) = self.directory_at(number) else { return Some((0, 0)) };
        let entry: &ImageDataDirectory = structure(self.file, at)?;
        Some((entry.virtual_address.get(LE), entry.size.get(LE)))
    }

    /// The sections that are there, in the order of their table.
    pub(crate) fn sections(&self) -> Sections<'a> {
        self.sections
    }

    /// Where each section is stored in the file, which may end before, in the order of their table: 96 at most.
    ///
    /// # Errors
    /// Where the file ends before the table does.
    pub fn stored_sections(&self) -> Result<Vec<Range<usize>>, &'static str> {
        Ok(self.sections.whole()?.iter().map(stored_range).collect())
    }

    /// The places of a file that signing it changes, and where its parts end; `None` where they are not inside the file as they
    /// should be.
    pub fn signing(&self) -> Option<Signing> {
        let count = usize::from(self.coff.number_of_sections.get(LE));
        let end = self.table + count * size_of::<ImageSectionHeader>();
        if count > MAX_SECTIONS || end > self.file.len() {
            return None;
        }
        let checksum = self.optional + CHECKSUM;
        let entry = self.directory_at(IMAGE_DIRECTORY_ENTRY_SECURITY)?;
        let table = match self.directory(IMAGE_DIRECTORY_ENTRY_SECURITY)? {
            (0, 0) => self.file.len()..self.file.len(),
            (at, size) => {
                // What is behind the table is covered by no signature.
                let at = at as usize;
                (at >= end && at.checked_add(size as usize)? == self.file.len()).then_some(at..self.file.len())?
            }
        };
        // They ascend, so that what is between them can be hashed in one pass.
        (checksum + 4 <= entry && entry + 8 <= self.table).then_some(Signing { checksum, entry, end, table })
    }
}

/// Where the checksum is in either optional header.
const CHECKSUM: usize = offset_of!(pe::ImageOptionalHeader32, check_sum);
const _: () = assert!(CHECKSUM == offset_of!(pe::ImageOptionalHeader64, check_sum));

impl<'a> Sections<'a> {
    fn read(file: &'a [u8], table: usize, count: usize) -> Self {
        let there = file.len().saturating_sub(table) / size_of::<ImageSectionHeader>();
        let count = count.min(MAX_SECTIONS);
        let all = file.read_slice_at(table as u64, count.min(there)).unwrap_or_default();
        Self { all, is_whole: there >= count }
    }

    /// Those that are there.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a ImageSectionHeader> {
        self.all.iter()
    }

    /// All of them.
    ///
    /// # Errors
    /// Where the file ends before the table does.
    pub(crate) fn whole(self) -> Result<Self, &'static str> {
        if self.is_whole { Ok(self) } else { Err("the file ends inside its section table") }
    }

    /// The first section whose stored bytes hold this address of the loaded program, and how far into them it is.
    pub(crate) fn holding(self, address: u32) -> Option<(&'a ImageSectionHeader, u32)> {
        self.iter().find_map(|section| {
            let into = address.checked_sub(section.virtual_address.get(LE))?;
            (into < section.size_of_raw_data.get(LE)).then_some((section, into))
        })
    }

    /// Where an address of the loaded program is stored, which the file may not reach.
    pub(crate) fn stored(self, address: u32) -> Option<usize> {
        let (section, into) = self.holding(address)?;
        usize::try_from(section.pointer_to_raw_data.get(LE).checked_add(into)?).ok()
    }
}

/// Where a section is stored in the file, which may end before.
pub(crate) fn stored_range(section: &ImageSectionHeader) -> Range<usize> {
    let start = section.pointer_to_raw_data.get(LE) as usize;
    start..start.saturating_add(section.size_of_raw_data.get(LE) as usize)
}

/// The places of a file that signing it changes, in ascending order.
pub struct Signing {
    /// Where the four bytes of the checksum are.
    pub checksum: usize,
    /// Where the eight bytes are that name the certificate table.
    pub entry: usize,
    /// Where the section table ends.
    pub end: usize,
    /// The certificate table: the end of the file.
    pub table: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Pe;

    #[test]
    fn directories_outside_of_the_optional_header_are_read_as_windows_does_and_nothing_signed_is_believed() {
        let mut file = Pe { managed: true, signed: true, ..Pe::default() }.build();
        assert!(Headers::read(&file).expect("headers").signing().is_some());
        // An optional header that claims to end before its list of directories, over which the section table then is.
        let size = 0x40 + 4 + offset_of!(ImageFileHeader, size_of_optional_header);
        file[size] -= 8;
        let headers = Headers::read(&file).expect("headers");
        assert_eq!(headers.directory(pe::IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR), Some((0x1000, 72)));
        file[size] = 96;
        let headers = Headers::read(&file).expect("headers");
        assert!(headers.signing().is_none());
    }

    #[test]
    fn of_overlapping_sections_the_first_that_stores_the_address_counts() {
        let file = Pe::library(&["RegisterModule"]).build();
        let headers = Headers::read(&file).expect("headers");
        let sections = headers.sections().whole().expect("whole");
        let length = file.len() - 0x200;
        assert_eq!(sections.stored(0x1000), Some(0x200));
        assert_eq!(sections.stored(0x1000 + length as u32 - 1), Some(file.len() - 1));
        assert_eq!(sections.stored(0x1000 + length as u32), None);
        assert_eq!(sections.stored(0xFFF), None);
        let cut = &file[..headers.table + 39];
        let sections = Headers::read(cut).expect("headers").sections();
        assert_eq!(sections.iter().count(), 0);
        assert!(sections.whole().is_err());
    }
}
