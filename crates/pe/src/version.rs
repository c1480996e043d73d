//! The version resource of an executable, shown by Explorer under Details.
//!
//! Formats: Microsoft, "PE Format" (the .rsrc section: three levels of tables, type, name, language) and
//! "VS_VERSIONINFO structure" (blocks of length, value length, kind, key, value and inner blocks, each on four bytes).

use super::headers::{CUT, Headers, stored_range};
use object::LittleEndian as LE;
use object::pe::{IMAGE_DIRECTORY_ENTRY_RESOURCE, ImageSectionHeader};
use object::read::pe::{ResourceDirectory, ResourceDirectoryEntryData, ResourceNameOrId};
use std::fmt;
use std::io::{self, Read};

/// Headers and section table are at the start of a file.
const HEADERS: u64 = 64 << 10;
/// Resources further into a file than this are not looked for. The largest library of Exchange has less than this.
const DEEPEST: u64 = 64 << 20;
/// As much as is read of a resource section.
const SECTION: u64 = 16 << 20;
/// As many inner blocks as are looked at in one block. A version resource has about twelve strings.
const BLOCKS: usize = 256;
/// The longest text that is kept, in characters.
const TEXT: usize = 64;
/// The type of a version resource (RT_VERSION).
const RT_VERSION: u16 = 16;

const TABLES_BROKEN: Unread = Unread::Broken("its resource tables are truncated or broken");
const BLOCK_CUT: Unread = Unread::Broken("its version resource is truncated or broken");

/// The version that a program claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The file version as numbers (VS_FIXEDFILEINFO).
    pub file: [u16; 4],
    /// The product version as numbers.
    pub product: [u16; 4],
    /// The file version as text (`15.02.0721.013`); empty if the resource has none. Raw, at most 64 characters.
    pub file_text: String,
    /// The product version as text.
    pub product_text: String,
    /// The packer whose section names the file has.
    pub packer: Option<&'static str>,
}

/// Why no version could be read.
#[derive(Debug)]
pub enum Unread {
    /// The file could not be read.
    Io(io::Error),
    /// It is no program, is truncated, or its structures point outside of it; the message follows the file's name.
    Broken(&'static str),
}

// Written out, because the macro that would write it takes longer to build than this crate.
impl fmt::Display for Unread {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(to),
            Self::Broken(why) => why.fmt(to),
        }
    }
}

impl std::error::Error for Unread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Broken(_) => None,
        }
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads the version of a program from its first byte on. Needs its headers and its resource section; of what is between
/// nothing is kept, and no more than 80 MiB are read.
pub fn read(reader: &mut dyn Read) -> Result<Version, Unread> {
    let mut head = Vec::new();
    Read::take(&mut *reader, HEADERS).read_to_end(&mut head)?;
    let (resources, packer) = locate(&head)?;
    let section = resources.load(head, reader)?;
    let mut version = decode(resources.find(&section)?)?;
    version.packer = packer;
    Ok(version)
}

/// Where the resources are.
struct Resources {
    /// Where the section begins in the file, and its length there.
    at: u64,
    length: u64,
    /// Its address when loaded.
    address: u32,
    /// Where the resource tables begin in it.
    root: usize,
}

fn locate(head: &[u8]) -> Result<(Resources, Option<&'static str>), Unread> {
    let headers = Headers::read(head).map_err(Unread::Broken)?;
    let directory = headers.directory(IMAGE_DIRECTORY_ENTRY_RESOURCE).ok_or(Unread::Broken(CUT))?;
    let sections = headers.sections().whole().map_err(Unread::Broken)?;
    let packer = sections.iter().find_map(packer);
    if directory.0 == 0 {
        return Err(Unread::Broken("it has no resources"));
    }
    let held = sections.holding(directory.0);
    let (section, root) = held.ok_or(Unread::Broken("its resources are in none of its sections"))?;
    let stored = stored_range(section);
    let address = section.virtual_address.get(LE);
    let resources = Resources { at: stored.start as u64, length: stored.len() as u64, address, root: root as usize };
    Ok((resources, packer))
}

fn packer(section: &ImageSectionHeader) -> Option<&'static str> {
    const PACKERS: [(&[u8], &str); 3] = [(b"UPX", "UPX"), (b".aspack", "ASPack"), (b".MPRESS", "MPRESS")];
    PACKERS.iter().find(|(name, _)| section.raw_name().starts_with(name)).map(|(_, packer)| *packer)
}

impl Resources {
    /// The section's bytes, as many of them as the file has.
    fn load(&self, head: Vec<u8>, reader: &mut dyn Read) -> Result<Vec<u8>, Unread> {
        if self.at > DEEPEST {
            return Err(Unread::Broken("its resources are beyond the first 64 MiB"));
        }
        let length = self.length.min(SECTION);
        let read = head.len() as u64;
        let mut section: Vec<u8> = match usize::try_from(self.at).ok().filter(|at| *at < head.len()) {
            Some(at) => head.get(at..).unwrap_or_default().to_vec(),
            None => {
                io::copy(&mut Read::take(&mut *reader, self.at.saturating_sub(read)), &mut io::sink())?;
                Vec::new()
            }
        };
        Read::take(reader, length.saturating_sub(section.len() as u64)).read_to_end(&mut section)?;
        section.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(section)
    }

    /// The version resource: the first language of the first name of its type. Three steps down, never more, so tables that
    /// point at each other lead nowhere.
    fn find<'s>(&self, section: &'s [u8]) -> Result<&'s [u8], Unread> {
        let tables = section.get(self.root..).ok_or(TABLES_BROKEN)?;
        let directory = ResourceDirectory::new(tables);
        let types = directory.root().map_err(|_| TABLES_BROKEN)?;
        let is_version = |id: ResourceNameOrId| id.id() == Some(RT_VERSION);
        let entry = types.entries.iter().find(|entry| is_version(entry.name_or_id()));
        let entry = entry.ok_or(Unread::Broken("it has no version resource"))?;
        let mut found = entry.data(directory).map_err(|_| TABLES_BROKEN)?;
        for _ in 0..2 {
            let ResourceDirectoryEntryData::Table(table) = found else { return Err(TABLES_BROKEN) };
            let first = table.entries.first().ok_or(TABLES_BROKEN)?;
            found = first.data(directory).map_err(|_| TABLES_BROKEN)?;
        }
        let ResourceDirectoryEntryData::Data(data) = found else { return Err(TABLES_BROKEN) };
        let start = data.offset_to_data.get(LE).checked_sub(self.address).map(u64::from);
        let length = u64::from(data.size.get(LE));
        let outside =
            Unread::Broken("its version resource is outside the resource section, possibly because of a packer");
        let start = start.filter(|start| start.saturating_add(length) <= self.length).ok_or(outside)?;
        let range = usize::try_from(start).ok().zip(usize::try_from(start.saturating_add(length)).ok());
        range.and_then(|(start, end)| section.get(start..end)).ok_or(BLOCK_CUT)
    }
}

/// One block of a version resource.
struct Block<'d> {
    key: String,
    value: &'d [u8],
    inner: &'d [u8],
}

impl<'d> Block<'d> {
    /// Takes a block off the front of `data`.
    fn take(data: &mut &'d [u8]) -> Result<Self, Unread> {
        let length = usize::from(word(data, 0)?);
        let body = data.get(..length).filter(|body| body.len() >= 6).ok_or(BLOCK_CUT)?;
        let is_text = word(body, 4)? == 1;
        let mut key = String::new();
        let mut at = 6;
        loop {
            let unit = word(body, at)?;
            at += 2;
            match unit {
                0 => break,
                // Every key that matters is ASCII; another one only has to differ from them.
                unit => key.push(char::from_u32(unit.into()).unwrap_or('?')),
            }
        }
        let start = aligned(at).min(length);
        let value_length = usize::from(word(body, 2)?) * if is_text { 2 } else { 1 };
        let end = (start + value_length).min(length); // some linkers count the bytes of a text
        let value = body.get(start..end).unwrap_or_default();
        let inner = body.get(aligned(end).min(length)..).unwrap_or_default();
        *data = data.get(aligned(length)..).unwrap_or_default();
        Ok(Self { key, value, inner })
    }

    /// The blocks in this one. Padding ends them.
    fn blocks(&self) -> Result<Vec<Block<'d>>, Unread> {
        let mut data = self.inner;
        let mut blocks = Vec::new();
        while blocks.len() < BLOCKS && data.len() >= 2 && word(data, 0)? != 0 {
            blocks.push(Block::take(&mut data)?);
        }
        Ok(blocks)
    }

    fn text(&self) -> String {
        let units = self.value.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        char::decode_utf16(units.take_while(|unit| *unit != 0))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .take(TEXT)
            .collect()
    }
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(4)
}

fn word(data: &[u8], at: usize) -> Result<u16, Unread> {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk).ok_or(BLOCK_CUT)?;
    Ok(u16::from_le_bytes(*bytes))
}

/// Reads a version resource.
fn decode(mut data: &[u8]) -> Result<Version, Unread> {
    let root = Block::take(&mut data)?;
    let fixed = |at| word(root.value, at);
    if root.key != "VS_VERSION_INFO" || (fixed(0)?, fixed(2)?) != (0x04BD, 0xFEEF) || root.value.len() < 52 {
        return Err(BLOCK_CUT);
    }
    // Each pair of numbers is stored with its lower half first.
    let mut version = Version {
        file: [fixed(10)?, fixed(8)?, fixed(14)?, fixed(12)?],
        product: [fixed(18)?, fixed(16)?, fixed(22)?, fixed(20)?],
        file_text: String::new(),
        product_text: String::new(),
        packer: None,
    };
    for strings in root.blocks()?.iter().filter(|block| block.key == "StringFileInfo") {
        for table in strings.blocks()? {
            for string in table.blocks()? {
                let place = match string.key.as_str() {
                    "FileVersion" => &mut version.file_text,
                    "ProductVersion" => &mut version.product_text,
                    _ => continue,
                };
                if place.is_empty() {
                    *place = string.text();
                }
            }
        }
    }
    Ok(version)
}

#[cfg(test)]
#[path = "../../../tests/suite/support/version.rs"]
mod inert_program;

#[cfg(test)]
mod tests {
    use super::inert_program::{Program, program};
    use super::*;

    fn of(bytes: &[u8]) -> Result<Version, String> {
        read(&mut &*bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_and_texts_are_read_of_either_width() {
        for wide in [true, false] {
            let bytes = Program { wide, ..Program::of([15, 2, 721, 13]) }.bytes();
            let version = of(&bytes).expect("a version");
            assert_eq!((version.file, version.product), ([15, 2, 721, 13], [15, 2, 721, 13]));
            assert_eq!((version.file_text.as_str(), version.packer), ("15.02.0721.013", None));
            assert_eq!(version.product_text, "15.02.0721.013");
        }
    }

    #[test]
    fn numbers_and_text_may_differ_and_both_are_given() {
        let bytes = Program { text: Some("15.02.0721.002".to_owned()), ..Program::of([15, 2, 721, 13]) }.bytes();
        let version = of(&bytes).expect("a version");
        assert_eq!((version.file, version.file_text.as_str()), ([15, 2, 721, 13], "15.02.0721.002"));
        let bytes = Program { text: None, ..Program::of([15, 2, 721, 13]) }.bytes();
        assert_eq!(of(&bytes).expect("a version").file_text, "");
    }

    #[test]
    fn a_truncated_program_is_refused_or_still_has_its_whole_version() {
        let whole = program([15, 2, 721, 13]);
        let end = inert_program::end_of_version(&whole);
        for cut in (0..whole.len()).step_by(16).chain(end - 5..whole.len()) {
            match of(&whole[..cut]) {
                Ok(version) => {
                    assert!(cut >= end, "{cut}");
                    assert_eq!(version.file, [15, 2, 721, 13], "{cut}");
                }
                Err(words) => assert!(
                    cut < end && (words.starts_with("it") || words.starts_with("the file ends")),
                    "{cut}: {words}"
                ),
            }
        }
    }

    #[test]
    fn resources_deep_in_a_file_are_found_and_too_deep_ones_are_not() {
        let far = Program { before: 3 << 20, ..Program::of([15, 2, 721, 13]) }.bytes();
        assert_eq!(of(&far).expect("a version").file, [15, 2, 721, 13]);
        let head = &Program { claimed_at: Some((64 << 20) + 512), ..Program::of([1, 2, 3, 4]) }.bytes();
        assert_eq!(of(head).expect_err("too deep"), "its resources are beyond the first 64 MiB");
    }

    #[test]
    fn tables_that_point_at_themselves_end() {
        let mut bytes = program([1, 2, 3, 4]);
        let root = inert_program::SECTION_AT;
        // The only entry of the root, and of every table below, leads back to the root.
        bytes[root + 20..root + 24].copy_from_slice(&0x8000_0000_u32.to_le_bytes());
        assert_eq!(of(&bytes).expect_err("a circle"), "its resource tables are truncated or broken");
    }

    #[test]
    fn no_single_wrong_byte_does_harm() {
        let whole = program([15, 2, 721, 13]);
        for at in 0..inert_program::end_of_version(&whole) {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                if let Ok(version) = of(&bytes) {
                    assert!(version.file_text.chars().count() <= TEXT, "{at}");
                }
            }
        }
    }

    #[test]
    fn packed_programs_are_recognised() {
        let bytes = Program { section: *b"UPX2\0\0\0\0", ..Program::of([1, 2, 3, 4]) }.bytes();
        assert_eq!(of(&bytes).expect("a version").packer, Some("UPX"));
        let mut bytes = program([1, 2, 3, 4]);
        bytes[inert_program::SECTION_AT + 72..][..4].copy_from_slice(&0x0070_0000_u32.to_le_bytes());
        assert!(of(&bytes).expect_err("elsewhere").contains("outside"));
    }

    #[test]
    fn other_files_are_refused() {
        assert!(of(b"").expect_err("empty").contains("not an executable"));
        assert!(
            of(b"shellsift fixture: stand-in for bin/ExSetup.exe\r\n").expect_err("text").contains("not an executable")
        );
        let mut bytes = program([1, 2, 3, 4]);
        bytes[inert_program::SECTION_AT + 16] = 3; // pictures instead of a version
        assert_eq!(of(&bytes).expect_err("no version"), "it has no version resource");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_broken_program() {
        struct Refuses;
        impl Read for Refuses {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        assert!(matches!(read(&mut Refuses), Err(Unread::Io(_))));
    }
}
