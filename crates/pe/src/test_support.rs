//! Minimal PE files for tests.
#![allow(dead_code)] // the tests of the program take a part of it

/// What such a file is to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pe<'a> {
    /// Whether it is one for 64 bits.
    pub(crate) wide: bool,
    /// Whether it is a library.
    pub(crate) library: bool,
    /// Whether it names a header of .NET.
    pub(crate) managed: bool,
    /// Whether it has a certificate table, which contains no signature.
    pub(crate) signed: bool,
    /// What it exports.
    pub(crate) exports: &'a [&'a str],
}

impl<'a> Pe<'a> {
    /// A library for 64 bits that exports these names.
    pub(crate) fn library(exports: &'a [&'a str]) -> Self {
        Self { wide: true, library: true, exports, ..Self::default() }
    }

    /// The bytes.
    pub(crate) fn build(&self) -> Vec<u8> {
        const HEADERS: usize = 0x200;
        const ADDRESS: u32 = 0x1000;
        let mut section = Vec::new();
        let mut export_size = 0;
        if !self.exports.is_empty() {
            section.resize(40 + 4 * self.exports.len(), 0);
            put(&mut section, 24, self.exports.len() as u32);
            put(&mut section, 32, ADDRESS + 40);
            for (number, name) in self.exports.iter().enumerate() {
                let at = ADDRESS + section.len() as u32;
                put(&mut section, 40 + 4 * number, at);
                section.extend(name.bytes());
                section.push(0);
            }
            export_size = section.len() as u32;
        }
        let mut file = vec![0; HEADERS];
        file[..2].copy_from_slice(b"MZ");
        put(&mut file, 0x3C, 0x40);
        file[0x40..0x44].copy_from_slice(b"PE\0\0");
        let machine: u16 = if self.wide { 0x8664 } else { 0x14C };
        file[0x44..0x46].copy_from_slice(&machine.to_le_bytes());
        file[0x46] = 1; // one section
        let directories = if self.wide { 112 } else { 96 };
        let optional_size = directories + 16 * 8;
        file[0x54..0x56].copy_from_slice(&(optional_size as u16).to_le_bytes());
        let kind: u16 = if self.library { 0x2022 } else { 0x0022 };
        file[0x56..0x58].copy_from_slice(&kind.to_le_bytes());
        let optional = 0x58;
        let magic: u16 = if self.wide { 0x20B } else { 0x10B };
        file[optional..optional + 2].copy_from_slice(&magic.to_le_bytes());
        let directories = optional + directories;
        put(&mut file, directories - 4, 16);
        if export_size > 0 {
            put(&mut file, directories, ADDRESS);
            put(&mut file, directories + 4, export_size);
        }
        if self.managed {
            put(&mut file, directories + 14 * 8, ADDRESS);
            put(&mut file, directories + 14 * 8 + 4, 72);
        }
        let table = optional + optional_size;
        file[table..table + 5].copy_from_slice(b".text");
        put(&mut file, table + 8, section.len() as u32);
        put(&mut file, table + 12, ADDRESS);
        put(&mut file, table + 16, section.len() as u32);
        put(&mut file, table + 20, HEADERS as u32);
        file.extend(section);
        if self.signed {
            let at = file.len() as u32;
            put(&mut file, directories + 4 * 8, at);
            put(&mut file, directories + 4 * 8 + 4, 40);
            file.resize(file.len() + 40, 0);
        }
        file
    }
}

fn put(file: &mut [u8], at: usize, value: u32) {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// A library of `fixtures/signed`.
pub(crate) fn signed(name: &str) -> Vec<u8> {
    use base64::Engine;
    // The tests of the program take this file, too.
    let mut folders =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|root| root.join("fixtures/signed"));
    let folder = folders.find(|folder| folder.is_dir()).expect("fixtures/signed");
    let text: String = std::fs::read_to_string(folder.join(format!("{name}.dll.b64")))
        .expect("a fixture")
        .split_whitespace()
        .collect();
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// The SHA-256 of the public key of their strong names, and its token.
pub(crate) const STRONG_NAME_KEY: &str = "9997df9602a73cad3b0cf8163bfefd790bb0a97b36e5cd6a3a85c1d01cb75fb7";
pub(crate) const STRONG_NAME_TOKEN: &str = "59194538b1f74545";
/// The SHA-256 of the authority's key, and the organisation in its certificates.
pub(crate) const AUTHORITY: &str = "751312038e59571bd0cd687d1aeb6734470b3203654fec3f1c45f3f6f3162ead";
pub(crate) const ORGANISATION: &str = "Inert Publisher";
