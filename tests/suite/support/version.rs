//! Creates minimal executables with only a version resource: no code, no entry point, nothing that could run.
#![allow(dead_code, unreachable_pub)] // shared by unit tests and the suite

/// Where the resource section of a stand-in begins, unless something lies before it.
pub const SECTION_AT: usize = 0x200;
const ADDRESS: u32 = 0x1000;
/// Three tables with an entry each, and the entry of the data.
const TABLES: usize = 3 * 24 + 16;

/// A program to be made.
pub struct Program {
    /// The version in numbers.
    pub version: [u16; 4],
    /// The version as text; none leaves the strings away.
    pub text: Option<String>,
    /// PE32+ instead of PE32.
    pub wide: bool,
    /// The name of the section.
    pub section: [u8; 8],
    /// Bytes between headers and section.
    pub before: usize,
    /// Where the headers say that the section begins, if not where it does.
    pub claimed_at: Option<u32>,
}

impl Program {
    /// A program of this version, as Exchange writes it.
    pub fn of(version: [u16; 4]) -> Self {
        let [a, b, c, d] = version;
        let text = Some(format!("{a}.{b:02}.{c:04}.{d:03}"));
        Self { version, text, wide: true, section: *b".rsrc\0\0\0", before: 0, claimed_at: None }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let resource = self.resource();
        let length = (TABLES + resource.len()) as u32;
        let at = self.claimed_at.unwrap_or((SECTION_AT + self.before) as u32);
        let optional: u16 = if self.wide { 240 } else { 224 };

        let mut out = vec![0; 64];
        out[..2].copy_from_slice(b"MZ");
        out[60..].copy_from_slice(&64_u32.to_le_bytes());
        out.extend(b"PE\0\0");
        words(&mut out, &[if self.wide { 0x8664 } else { 0x14c }, 1]);
        longs(&mut out, &[0, 0, 0]);
        words(&mut out, &[optional, 0x2002]); // executable image, library
        let start = out.len();
        words(&mut out, &[if self.wide { 0x20b } else { 0x10b }]);
        out.resize(start + usize::from(optional), 0);
        let directories = start + usize::from(optional) - 16 * 8;
        out[directories - 4..directories].copy_from_slice(&16_u32.to_le_bytes());
        out[directories + 16..directories + 20].copy_from_slice(&ADDRESS.to_le_bytes());
        out[directories + 20..directories + 24].copy_from_slice(&length.to_le_bytes());
        out.extend(self.section);
        longs(&mut out, &[length, ADDRESS, length.next_multiple_of(512), at, 0, 0, 0, 0x4000_0040]);
        out.resize(SECTION_AT + self.before, 0);

        for (id, next) in [(16, 24 | 1 << 31), (1, 48 | 1 << 31), (0x409, 72)] {
            longs(&mut out, &[0, 0, 0]);
            words(&mut out, &[0, 1]);
            longs(&mut out, &[id, next]);
        }
        longs(&mut out, &[ADDRESS + TABLES as u32, resource.len() as u32, 0, 0]);
        out.extend(resource);
        out.resize(out.len().next_multiple_of(512), 0);
        out
    }

    fn resource(&self) -> Vec<u8> {
        let [a, b, c, d] = self.version.map(u32::from);
        let mut fixed = Vec::new();
        let (high, low) = (a << 16 | b, c << 16 | d);
        longs(&mut fixed, &[0xFEEF_04BD, 1 << 16, high, low, high, low, 0x3f, 0, 4, 1, 0, 0, 0]);
        let strings = self.text.iter().map(|text| {
            let string = |key| {
                block(key, 1, &text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<_>>(), &[])
            };
            let table = [string("FileVersion"), string("ProductVersion")];
            block("StringFileInfo", 1, &[], &[block("040904B0", 1, &[], &table)])
        });
        block("VS_VERSION_INFO", 0, &fixed, &strings.collect::<Vec<_>>())
    }
}

/// A program of this version.
pub fn program(version: [u16; 4]) -> Vec<u8> {
    Program::of(version).bytes()
}

/// Where the version resource of a stand-in ends.
pub fn end_of_version(program: &[u8]) -> usize {
    let start = SECTION_AT + TABLES;
    start + usize::from(u16::from_le_bytes([program[start], program[start + 1]]))
}

fn block(key: &str, kind: u16, value: &[u8], inner: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0; 6];
    words(&mut out, &key.encode_utf16().chain([0]).collect::<Vec<_>>());
    pad(&mut out);
    out.extend(value);
    for block in inner {
        pad(&mut out);
        out.extend(block);
    }
    let length = if kind == 1 { value.len() / 2 } else { value.len() };
    let head = [out.len() as u16, length as u16, kind];
    for (at, word) in head.into_iter().enumerate() {
        out[at * 2..at * 2 + 2].copy_from_slice(&word.to_le_bytes());
    }
    out
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

fn words(out: &mut Vec<u8>, values: &[u16]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}

fn longs(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}
