//! Registry hives, written for tests: text values and keys, as far as the reader goes.
#![allow(dead_code, unreachable_pub)] // a module of several test binaries

/// A key with its values (text) and the keys below it.
#[derive(Default)]
pub struct Written {
    pub name: String,
    pub values: Vec<(String, String)>,
    pub keys: Vec<Written>,
}

impl Written {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Sets a value of the key at a path, which is made.
    pub fn set(mut self, path: &str, value: &str, text: &str) -> Self {
        let mut key = &mut self;
        for name in path.split('\\').filter(|name| !name.is_empty()) {
            let at = key.keys.iter().position(|own| own.name == name).unwrap_or_else(|| {
                key.keys.push(Written::new(name));
                key.keys.len() - 1
            });
            key = &mut key.keys[at];
        }
        key.values.push((value.to_owned(), text.to_owned()));
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut cells = Vec::new();
        let root = key(self, &mut cells);
        let mut bytes = vec![0; 4_096];
        bytes[..4].copy_from_slice(b"regf");
        bytes[0x24..0x28].copy_from_slice(&root.to_le_bytes());
        bytes.extend(cells);
        bytes
    }
}

fn cell(content: &[u8], cells: &mut Vec<u8>) -> u32 {
    let place = cells.len() as u32;
    let size = (content.len() + 4).next_multiple_of(8);
    cells.extend((-(size as i32)).to_le_bytes());
    cells.extend_from_slice(content);
    cells.resize(place as usize + size, 0);
    place
}

fn key(written: &Written, cells: &mut Vec<u8>) -> u32 {
    let keys: Vec<u32> = written.keys.iter().map(|below| key(below, cells)).collect();
    let values: Vec<u32> = written
        .values
        .iter()
        .map(|(name, text)| {
            let data: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            let place = cell(&data, cells);
            let mut value = b"vk".to_vec();
            value.extend((name.len() as u16).to_le_bytes());
            value.extend((data.len() as u32).to_le_bytes());
            value.extend(place.to_le_bytes());
            value.extend(1u32.to_le_bytes());
            value.extend(1u16.to_le_bytes());
            value.extend([0, 0]);
            value.extend(name.bytes());
            cell(&value, cells)
        })
        .collect();
    let mut list = b"li".to_vec();
    list.extend((keys.len() as u16).to_le_bytes());
    keys.iter().for_each(|place| list.extend(place.to_le_bytes()));
    let list = cell(&list, cells);
    let of_values: Vec<u8> = values.iter().flat_map(|place| place.to_le_bytes()).collect();
    let of_values = cell(&of_values, cells);
    let mut node = vec![0; 0x4C];
    node[..2].copy_from_slice(b"nk");
    node[2] = 0x20;
    node[0x14..0x18].copy_from_slice(&(keys.len() as u32).to_le_bytes());
    node[0x1C..0x20].copy_from_slice(&list.to_le_bytes());
    node[0x24..0x28].copy_from_slice(&(values.len() as u32).to_le_bytes());
    node[0x28..0x2C].copy_from_slice(&of_values.to_le_bytes());
    node[0x48..0x4A].copy_from_slice(&(written.name.len() as u16).to_le_bytes());
    node.extend(written.name.bytes());
    cell(&node, cells)
}
