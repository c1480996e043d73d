//! Values of keys, and their data.

use crate::bytes::wide;
use crate::cells::Cells;
use shellsift_disk::numbers::{u16_at, u32_at, u64_at, units};

/// The flag of a value whose name has one byte a character.
const LATIN_NAME: u16 = 1;
/// The bit of a size that says that the data lies in the place of its position.
const RESIDENT: u32 = 0x8000_0000;
/// What one cell holds of data that lies in several.
const SEGMENT: usize = 16_344;
/// Data that is read of a value. Windows advises 1 MB at most.
const MOST_DATA: usize = 16 << 20;

/// The values of a key.
pub struct Values<'h> {
    cells: &'h Cells,
    list: &'h [u8],
}

impl<'h> Values<'h> {
    pub(crate) fn new(cells: &'h Cells, count: u32, place: u32) -> Self {
        if count == 0 {
            return Self { cells, list: &[] };
        }
        let cell = cells.cell(place, "a list of values").unwrap_or_default();
        let length = (count as usize).saturating_mul(4);
        if length > cell.len() {
            cells.report_at(place, "a list of values is truncated");
        }
        Self { cells, list: &cell[..length.min(cell.len())] }
    }
}

impl<'h> Iterator for Values<'h> {
    type Item = Value<'h>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let place = u32_at(self.list, 0)?;
            self.list = &self.list[4..];
            match self.cells.cell(place, "a value") {
                Some(cell) if cell.starts_with(b"vk") && cell.len() >= 0x14 => {
                    let name = usize::from(u16_at(cell, 2).unwrap_or_default());
                    return self.cells.spend(name).then_some(Value { cells: self.cells, place, cell });
                }
                Some(_) => self.cells.report_at(place, "a value is overwritten"),
                None => {}
            }
            if !self.cells.spend(0) {
                return None;
            }
        }
    }
}

/// A value of a key.
#[derive(Clone, Copy)]
pub struct Value<'h> {
    cells: &'h Cells,
    place: u32,
    cell: &'h [u8],
}

/// What a value holds, by its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueData {
    /// Text (REG_SZ), to its first zero.
    Text(String),
    /// Text with `%variables%` (REG_EXPAND_SZ), to its first zero.
    Expand(String),
    /// Several texts (REG_MULTI_SZ), to the first empty one.
    Texts(Vec<String>),
    /// A number (REG_DWORD, of either order of bytes).
    Dword(u32),
    /// A number (REG_QWORD).
    Qword(u64),
    /// Bytes (REG_BINARY), and those of all other types, and of numbers that have not the length of their type.
    Bytes(Vec<u8>),
}

impl ValueData {
    /// What bytes hold, by the number of their type (1 REG_SZ, 4 REG_DWORD, ...): as the registry of a running Windows gives both.
    pub fn new(kind: u32, bytes: Vec<u8>) -> Self {
        match (kind, bytes.len()) {
            (1, _) => Self::Text(first_text(&bytes)),
            (2, _) => Self::Expand(first_text(&bytes)),
            (7, _) => Self::Texts(texts(&bytes)),
            (4, 4) => Self::Dword(u32_at(&bytes, 0).unwrap_or_default()),
            (5, 4) => Self::Dword(u32_at(&bytes, 0).unwrap_or_default().swap_bytes()),
            (11, 8) => Self::Qword(u64_at(&bytes, 0).unwrap_or_default()),
            _ => Self::Bytes(bytes),
        }
    }

    /// Text as it is, texts with a line for each, numbers in decimal, and bytes as UTF-16 in which control characters become line
    /// ends: a text that hides in them is found.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) | Self::Expand(text) => text.clone(),
            Self::Texts(texts) => texts.join("\n"),
            Self::Dword(number) => number.to_string(),
            Self::Qword(number) => number.to_string(),
            Self::Bytes(bytes) => {
                let text = wide(bytes).replace(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER, "\n");
                text.trim_matches('\n').to_owned()
            }
        }
    }

    /// The number in it, if it holds one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Dword(number) => Some(u64::from(*number)),
            Self::Qword(number) => Some(*number),
            _ => None,
        }
    }
}

impl Value<'_> {
    /// Its name, empty for the default value of its key. An unpaired surrogate in it becomes U+FFFD.
    pub fn name(&self) -> String {
        let length = usize::from(u16_at(self.cell, 2).unwrap_or_default());
        let name = self.cell.get(0x14..).unwrap_or_default();
        if length > name.len() {
            self.cells.report_at(self.place, "the name of a value is truncated");
        }
        let name = &name[..length.min(name.len())];
        match u16_at(self.cell, 0x10).unwrap_or_default() & LATIN_NAME {
            0 => wide(name),
            _ => name.iter().map(|&byte| char::from(byte)).collect(),
        }
    }

    /// The number of its type: 1 REG_SZ, 3 REG_BINARY, 4 REG_DWORD, ...
    pub fn kind(&self) -> u32 {
        u32_at(self.cell, 0xC).unwrap_or_default()
    }

    /// Its bytes, at most 16 MiB; what is lost of them is reported among the hive's problems.
    pub fn bytes(&self) -> Vec<u8> {
        let size = u32_at(self.cell, 4).unwrap_or_default();
        let length = (size & !RESIDENT) as usize;
        if size & RESIDENT != 0 {
            return self.cell.get(8..8 + length.min(4)).unwrap_or_default().to_vec();
        }
        if length == 0 {
            return Vec::new();
        }
        if length > MOST_DATA {
            self.cells.report_at(self.place, "a value has more than 16 MiB, which are read of it");
        }
        // A list of segments that are lost costs as much as one of segments that are there.
        if !self.cells.spend(length.min(MOST_DATA)) {
            return Vec::new();
        }
        let bytes = self.stored(length.min(MOST_DATA));
        if bytes.len() < length.min(MOST_DATA) {
            self.cells.report_at(self.place, "the data of a value is truncated");
        }
        bytes
    }

    /// Data in a cell of its own, or in several that a list names.
    fn stored(&self, length: usize) -> Vec<u8> {
        let place = u32_at(self.cell, 8).unwrap_or_default();
        let Some(cell) = self.cells.cell(place, "the data of a value") else { return Vec::new() };
        if length <= SEGMENT || cell.len() >= length || !cell.starts_with(b"db") {
            return cell[..length.min(cell.len())].to_vec();
        }
        let list =
            u32_at(cell, 4).and_then(|list| self.cells.cell(list, "the list of a value's data")).unwrap_or_default();
        let mut data = Vec::new();
        for at in 0..usize::from(u16_at(cell, 2).unwrap_or_default()) {
            let segment = u32_at(list, 4 * at).and_then(|place| self.cells.cell(place, "a part of a value's data"));
            // What follows a lost part would be returned at a wrong position.
            let Some(segment) = segment else { break };
            let wanted = (length - data.len()).min(SEGMENT);
            data.extend_from_slice(&segment[..wanted.min(segment.len())]);
            if wanted > segment.len() || data.len() == length {
                break;
            }
        }
        data
    }

    /// What it holds, by its type.
    pub fn data(&self) -> ValueData {
        ValueData::new(self.kind(), self.bytes())
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Value")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("position", &self.place)
            .finish()
    }
}

fn first_text(bytes: &[u8]) -> String {
    let length = units(bytes).position(|unit| unit == 0).unwrap_or(bytes.len() / 2);
    wide(&bytes[..2 * length])
}

/// Texts that zeros part, to an empty one.
fn texts(bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 2 {
        let length = units(rest).position(|unit| unit == 0).unwrap_or(rest.len() / 2);
        if length == 0 {
            break;
        }
        texts.push(wide(&rest[..2 * length]));
        rest = rest.get(2 * length + 2..).unwrap_or_default();
    }
    texts
}
