//! Registry hives, written for tests.
#![allow(dead_code, unreachable_pub)] // a module of several crates and test binaries

use super::marvin32;

/// The block that a hive begins with.
const HEADER: usize = 4_096;

/// A key with its values and the keys below it.
#[derive(Default)]
pub struct Written {
    name: String,
    values: Vec<(String, u32, Vec<u8>)>,
    keys: Vec<Written>,
}

/// What time a key gets, by its name.
pub fn written(name: &str) -> u64 {
    132_592_283_610_000_000 + name.len() as u64
}

pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Which list of keys is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Leaf,
    Fast,
    Hash,
    /// A list of lists of two keys.
    Root,
}

impl Written {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Sets a value of the key at a path, which is made.
    pub fn value(mut self, path: &str, name: &str, kind: u32, data: &[u8]) -> Self {
        let mut key = &mut self;
        for name in path.split('\\').filter(|name| !name.is_empty()) {
            let at = key.keys.iter().position(|own| own.name == name).unwrap_or_else(|| {
                key.keys.push(Self::new(name));
                key.keys.len() - 1
            });
            key = &mut key.keys[at];
        }
        key.values.push((name.to_owned(), kind, data.to_vec()));
        self
    }

    pub fn text(self, path: &str, name: &str, text: &str) -> Self {
        self.value(path, name, 1, &utf16(&format!("{text}\0")))
    }

    pub fn dword(self, path: &str, name: &str, number: u32) -> Self {
        self.value(path, name, 4, &number.to_le_bytes())
    }

    pub fn binary(self, path: &str, name: &str, data: &[u8]) -> Self {
        self.value(path, name, 3, data)
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_with(List::Hash)
    }

    /// The hive: one bin behind the header.
    pub fn bytes_with(&self, list: List) -> Vec<u8> {
        let mut cells = vec![0; 32];
        let root = self.write(list, true, &mut cells);
        let length = (cells.len() + 8).next_multiple_of(4_096);
        let free = length - cells.len();
        cells.extend((free as u32).to_le_bytes());
        cells.resize(length, 0);
        cells[..4].copy_from_slice(b"hbin");
        cells[8..12].copy_from_slice(&(length as u32).to_le_bytes());
        let mut bytes = header(root, length as u32, (1, 1), 0);
        bytes.resize(HEADER, 0);
        bytes.extend(cells);
        bytes
    }

    fn write(&self, list: List, root: bool, cells: &mut Vec<u8>) -> u32 {
        let keys: Vec<u32> = self.keys.iter().map(|below| below.write(list, false, cells)).collect();
        let values: Vec<u8> = self.values.iter().flat_map(|value| write_value(value, cells).to_le_bytes()).collect();
        let list = if keys.is_empty() { u32::MAX } else { write_list(list, &keys, cells) };
        let of_values = if values.is_empty() { u32::MAX } else { cell(&values, cells) };
        let mut node = vec![0; 0x4C];
        let latin = self.name.chars().all(|c| u32::from(c) < 256);
        let name = if latin { self.name.chars().map(|c| c as u8).collect() } else { utf16(&self.name) };
        node[..2].copy_from_slice(b"nk");
        node[2] = if latin { 0x20 } else { 0 } | if root { 0x04 } else { 0 };
        node[4..12].copy_from_slice(&written(&self.name).to_le_bytes());
        node[0x14..0x18].copy_from_slice(&(keys.len() as u32).to_le_bytes());
        node[0x1C..0x20].copy_from_slice(&list.to_le_bytes());
        node[0x24..0x28].copy_from_slice(&(self.values.len() as u32).to_le_bytes());
        node[0x28..0x2C].copy_from_slice(&of_values.to_le_bytes());
        node[0x48..0x4A].copy_from_slice(&(name.len() as u16).to_le_bytes());
        node.extend(name);
        cell(&node, cells)
    }
}

/// A header with its checksum: of a hive (kind 0) or a log.
pub fn header(root: u32, bins: u32, sequence: (u32, u32), kind: u32) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..4].copy_from_slice(b"regf");
    header[4..8].copy_from_slice(&sequence.0.to_le_bytes());
    header[8..12].copy_from_slice(&sequence.1.to_le_bytes());
    header[12..20].copy_from_slice(&5_u64.to_le_bytes());
    header[20..24].copy_from_slice(&1_u32.to_le_bytes());
    header[24..28].copy_from_slice(&5_u32.to_le_bytes());
    header[28..32].copy_from_slice(&kind.to_le_bytes());
    header[36..40].copy_from_slice(&root.to_le_bytes());
    header[40..44].copy_from_slice(&bins.to_le_bytes());
    let sum = header[..508].as_chunks::<4>().0.iter().fold(0, |sum, word| sum ^ u32::from_le_bytes(*word));
    header[508..].copy_from_slice(&sum.to_le_bytes());
    header
}

fn cell(content: &[u8], cells: &mut Vec<u8>) -> u32 {
    let place = cells.len() as u32;
    let size = (content.len() + 4).next_multiple_of(8);
    cells.extend((-(size as i32)).to_le_bytes());
    cells.extend_from_slice(content);
    cells.resize(place as usize + size, 0);
    place
}

fn write_list(kind: List, keys: &[u32], cells: &mut Vec<u8>) -> u32 {
    let (name, keys): (&[u8; 2], Vec<u32>) = match kind {
        List::Leaf => (b"li", keys.to_vec()),
        List::Fast => (b"lf", keys.to_vec()),
        List::Hash => (b"lh", keys.to_vec()),
        List::Root => (b"ri", keys.chunks(2).map(|two| write_list(List::Fast, two, cells)).collect()),
    };
    let mut list = name.to_vec();
    list.extend((keys.len() as u16).to_le_bytes());
    for place in keys {
        list.extend(place.to_le_bytes());
        if matches!(kind, List::Fast | List::Hash) {
            list.extend([0; 4]);
        }
    }
    cell(&list, cells)
}

fn write_value((name, kind, data): &(String, u32, Vec<u8>), cells: &mut Vec<u8>) -> u32 {
    let mut size = data.len() as u32;
    let place = match data.len() {
        0..=4 => {
            size |= 0x8000_0000;
            let mut inline = [0; 4];
            inline[..data.len()].copy_from_slice(data);
            u32::from_le_bytes(inline)
        }
        5..=16_344 => cell(data, cells),
        _ => {
            let parts: Vec<u32> = data.chunks(16_344).map(|part| cell(part, cells)).collect();
            let list: Vec<u8> = parts.iter().flat_map(|place| place.to_le_bytes()).collect();
            let list = cell(&list, cells);
            let head = [&b"db"[..], &(parts.len() as u16).to_le_bytes(), &list.to_le_bytes()].concat();
            cell(&head, cells)
        }
    };
    let latin = name.chars().all(|c| u32::from(c) < 256);
    let text: Vec<u8> = if latin { name.chars().map(|c| c as u8).collect() } else { utf16(name) };
    let mut value = b"vk".to_vec();
    value.extend((text.len() as u16).to_le_bytes());
    value.extend(size.to_le_bytes());
    value.extend(place.to_le_bytes());
    value.extend(kind.to_le_bytes());
    value.extend(u16::from(latin).to_le_bytes());
    value.extend([0, 0]);
    value.extend(text);
    cell(&value, cells)
}

/// An entry of a log: pages with their places.
pub fn entry(sequence: u32, bins: u32, pages: &[(u32, &[u8])]) -> Vec<u8> {
    let mut entry = vec![0; 40];
    entry[..4].copy_from_slice(b"HvLE");
    entry[12..16].copy_from_slice(&sequence.to_le_bytes());
    entry[16..20].copy_from_slice(&bins.to_le_bytes());
    entry[20..24].copy_from_slice(&(pages.len() as u32).to_le_bytes());
    for (place, page) in pages {
        entry.extend(place.to_le_bytes());
        entry.extend((page.len() as u32).to_le_bytes());
    }
    pages.iter().for_each(|(_, page)| entry.extend_from_slice(page));
    entry.resize(entry.len().next_multiple_of(512), 0);
    let size = entry.len() as u32;
    entry[4..8].copy_from_slice(&size.to_le_bytes());
    let hash = marvin32(&entry[40..]);
    entry[24..32].copy_from_slice(&hash.to_le_bytes());
    let hash = marvin32(&entry[..32]);
    entry[32..40].copy_from_slice(&hash.to_le_bytes());
    entry
}

/// A hive that was last written as `old`, and its log, which makes `new` of it. Both need cells of the same sizes.
pub fn torn(old: &Written, new: &Written) -> (Vec<u8>, Vec<u8>) {
    let (mut hive, new) = (old.bytes(), new.bytes());
    assert_eq!(hive.len(), new.len(), "the same cells");
    let number = |at: usize| new[at..at + 4].iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let (root, bins) = (number(36), number(40));
    hive[..512].copy_from_slice(&header(root, bins, (8, 7), 0));
    let mut log = header(root, bins, (8, 8), 6);
    log.extend(entry(8, bins, &[(0, &new[HEADER..])]));
    (hive, log)
}
