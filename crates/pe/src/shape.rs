//! Header information of an executable: DLL or EXE, managed or native, signed or not, exports.
//!
//! The file may be the attacker's and truncated anywhere: what was read before the damage is kept, and the damage is reported.
//! Structures and their names: Microsoft, "PE Format".

use super::bytes::Bytes;
use super::headers::{CUT, Headers, Sections};
use object::pe::{
    IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR, IMAGE_DIRECTORY_ENTRY_EXPORT, IMAGE_DIRECTORY_ENTRY_SECURITY,
    ImageExportDirectory,
};
use std::mem::offset_of;

/// How many exported names are kept. The largest libraries of Windows have some thousands.
const MAX_EXPORTS: usize = 4096;
/// How long an exported name may be. Names of C++ have some hundred characters.
const MAX_NAME: usize = 512;

/// Whether a program carries a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// Its headers name no certificate table. A file of Windows can be signed all the same, by a catalogue.
    None,
    /// They name one inside the file. Whether its signature is valid was not verified.
    Present,
    /// They name one that is not inside the file, or is too small to hold anything.
    Broken,
    /// The file ends before the entry.
    Unknown,
}

/// What the headers of a program contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whether it is a library.
    pub is_library: bool,
    /// Whether it holds code of .NET; `None` where the file ends before the entry.
    pub managed: Option<bool>,
    /// Whether it carries a signature.
    pub certificates: Certificates,
    /// What it exports by name, in the order of the table. Raw.
    pub exports: Vec<String>,
    /// Which structure is broken or truncated, if one is.
    pub broken: Option<String>,
}

impl Shape {
    /// Whether it exports this name.
    pub fn exports(&self, name: &str) -> bool {
        self.exports.iter().any(|own| own == name)
    }
}

/// Reads the headers of a program; `None` if it does not begin as one. `size` is that of the whole file, of which `bytes` may
/// be the beginning.
pub fn read(bytes: &[u8], size: u64) -> Option<Shape> {
    if !bytes.starts_with(b"MZ") {
        return None;
    }
    let mut shape = Shape {
        is_library: false,
        managed: None,
        certificates: Certificates::Unknown,
        exports: Vec::new(),
        broken: None,
    };
    if let Err(what) = fill(Bytes(bytes), size, &mut shape) {
        shape.broken = Some(what.to_owned());
    }
    Some(shape)
}

fn fill(bytes: Bytes<'_>, size: u64, shape: &mut Shape) -> Result<(), &'static str> {
    let headers = Headers::read(bytes.0)?;
    shape.is_library = headers.is_library();
    let certificates = headers.directory(IMAGE_DIRECTORY_ENTRY_SECURITY).ok_or(CUT)?;
    shape.certificates = match certificates {
        (0, 0) => Certificates::None,
        (at, length) if length > 8 && u64::from(at) + u64::from(length) <= size => Certificates::Present,
        _ => Certificates::Broken,
    };
    shape.managed = Some(headers.directory(IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR).ok_or(CUT)?.0 != 0);
    let exports = headers.directory(IMAGE_DIRECTORY_ENTRY_EXPORT).ok_or(CUT)?;
    let sections = headers.sections().whole()?;
    if exports.0 != 0 {
        read_exports(bytes, sections, exports.0, shape)?;
    }
    if shape.certificates == Certificates::Broken {
        return Err("its certificate table is not inside the file");
    }
    Ok(())
}

fn read_exports(bytes: Bytes<'_>, sections: Sections<'_>, address: u32, shape: &mut Shape) -> Result<(), &'static str> {
    let cut = "its export table is not inside the file";
    let table = sections.stored(address).ok_or(cut)?;
    let count = bytes.u32(table.saturating_add(offset_of!(ImageExportDirectory, number_of_names))).ok_or(cut)? as usize;
    let names = bytes.u32(table.saturating_add(offset_of!(ImageExportDirectory, address_of_names))).ok_or(cut)?;
    if count == 0 {
        return Ok(());
    }
    let names = sections.stored(names).ok_or(cut)?;
    for number in 0..count.min(MAX_EXPORTS) {
        let address = bytes.u32(names.saturating_add(4 * number)).ok_or(cut)?;
        let at = sections.stored(address).ok_or(cut)?;
        let rest = bytes.0.get(at..).ok_or(cut)?;
        let rest = &rest[..rest.len().min(MAX_NAME)];
        let end = memchr::memchr(0, rest).ok_or("an exported name is not terminated")?;
        shape.exports.push(String::from_utf8_lossy(&rest[..end]).into_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Pe;
    use super::*;

    #[test]
    fn the_headers_of_a_library_are_read() {
        for wide in [false, true] {
            let file = Pe { wide, ..Pe::library(&["RegisterModule", "Other"]) }.build();
            let shape = read(&file, file.len() as u64).expect("a program");
            assert_eq!(
                shape,
                Shape {
                    is_library: true,
                    managed: Some(false),
                    certificates: Certificates::None,
                    exports: vec!["RegisterModule".to_owned(), "Other".to_owned()],
                    broken: None,
                }
            );
            assert!(shape.exports("RegisterModule") && !shape.exports("registermodule"));
        }
        let signed = Pe { signed: true, managed: true, library: false, ..Pe::default() }.build();
        let shape = read(&signed, signed.len() as u64).expect("a program");
        assert_eq!((shape.is_library, shape.managed), (false, Some(true)));
        assert_eq!((shape.certificates, shape.broken), (Certificates::Present, None));
        assert_eq!(read(b"no program", 10), None);
    }

    #[test]
    fn a_certificate_table_outside_of_the_file_is_broken() {
        let signed = Pe { signed: true, ..Pe::default() }.build();
        let shape = read(&signed, signed.len() as u64 - 1).expect("a program");
        assert_eq!(shape.certificates, Certificates::Broken);
        assert!(shape.broken.is_some_and(|words| words.contains("certificate")));
        // The beginning of a large file, of which the end was not read.
        let part = &signed[..signed.len() - 20];
        assert_eq!(read(part, signed.len() as u64).expect("a program").certificates, Certificates::Present);
    }

    #[test]
    fn a_file_truncated_anywhere_gives_what_came_before_and_a_reason() {
        let file = Pe { signed: true, ..Pe::library(&["RegisterModule"]) }.build();
        let whole = read(&file, file.len() as u64).expect("a program");
        assert_eq!(whole.broken, None);
        let mut words = std::collections::BTreeSet::new();
        for end in 2..file.len() {
            let shape = read(&file[..end], end as u64).expect("still begins as one");
            words.extend(shape.broken.clone());
            assert!(shape.broken.is_some(), "cut at {end}");
            assert!(shape.exports.len() <= whole.exports.len());
        }
        assert_eq!(words.len(), 5, "{words:?}");
    }

    #[test]
    fn invalid_numbers_do_no_harm() {
        let file = Pe::library(&["RegisterModule"]).build();
        for at in 0..file.len() {
            for value in [0x00, 0x7F, 0xFF] {
                let mut changed = file.clone();
                for byte in changed.iter_mut().skip(at).take(4) {
                    *byte = value;
                }
                changed[..2].copy_from_slice(b"MZ");
                let shape = read(&changed, changed.len() as u64).expect("begins as one");
                assert!(shape.exports.len() <= MAX_EXPORTS);
            }
        }
    }
}
