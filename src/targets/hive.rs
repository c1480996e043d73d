//! Reads a registry hive (`regf`), as far as services and autostart entries need it. The layout follows libregf's
//! description and M. Suhanov's specification of the format. The file is attacker-controlled: every offset and number
//! is checked, there is no recursion, and all work is bounded.

/// What is read of a hive. SYSTEM has 10 to 30 MB, SOFTWARE up to 150 MB.
pub(super) const MAX_BYTES: u64 = 320 << 20;
/// The block that the file begins with; offsets count from its end.
const BASE: usize = 4_096;
/// Keys that are looked at in one list, and lists in a list of lists.
const MOST_KEYS: usize = 100_000;
/// Values of a key.
const MOST_VALUES: usize = 2_000;
/// Bytes of a value.
const MOST_DATA: usize = 256 << 10;
/// A segment of a value that is larger than one cell.
const SEGMENT: usize = 16_344;

/// A hive in memory.
pub struct Hive<'h> {
    bytes: &'h [u8],
}

/// A key, by the place of its cell.
#[derive(Clone, Copy, Debug)]
pub struct Key(u32);

impl<'h> Hive<'h> {
    /// A hive; `None` if it does not begin as one.
    pub fn new(bytes: &'h [u8]) -> Option<Self> {
        bytes.starts_with(b"regf").then_some(Self { bytes }).filter(|hive| hive.root().is_some())
    }

    /// Its root.
    pub fn root(&self) -> Option<Key> {
        let key = Key(number(self.bytes, 0x24)?);
        self.node(key).map(|_| key)
    }

    /// The key at a path below another one, without case.
    pub fn at(&self, from: Key, path: &str) -> Option<Key> {
        path.split('\\').try_fold(from, |key, name| {
            self.keys(key).find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, key)| key)
        })
    }

    /// The keys right below a key.
    pub fn keys(&self, key: Key) -> impl Iterator<Item = (String, Key)> + '_ {
        let list = self.node(key).filter(|node| number(node, 0x14).is_some_and(|count| count > 0));
        let mut lists = list.and_then(|node| number(node, 0x1C)).into_iter().collect::<Vec<u32>>();
        // A list of lists has one level.
        if let Some((b"ri", places)) = lists.first().and_then(|list| self.list(*list)) {
            lists = places;
        }
        let places = lists.into_iter().filter_map(|list| self.list(list)).filter(|(kind, _)| *kind != b"ri");
        let places = places.flat_map(|(_, places)| places).take(MOST_KEYS);
        places.filter_map(|place| Some((self.name(Key(place))?, Key(place))))
    }

    /// A value of a key as text: of several texts, all of them, a line each. Numbers are written out.
    pub fn text(&self, key: Key, name: &str) -> Option<String> {
        self.values(key).find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, text)| text)
    }

    /// The bytes of a value.
    pub fn bytes_of(&self, key: Key, name: &str) -> Option<Vec<u8>> {
        self.raw(key).find(|(own, ..)| own.eq_ignore_ascii_case(name)).map(|(_, _, data)| data)
    }

    /// The values of a key with their text.
    pub fn values(&self, key: Key) -> impl Iterator<Item = (String, String)> + '_ {
        self.raw(key).map(|(name, kind, data)| match kind {
            4 => (name, number(&data, 0).unwrap_or_default().to_string()),
            // Texts, lists of texts, and binary values, in which texts are looked for.
            _ => (name, wide(&data)),
        })
    }

    fn raw(&self, key: Key) -> impl Iterator<Item = (String, u32, Vec<u8>)> + '_ {
        let node = self.node(key);
        let count = node.and_then(|node| number(node, 0x24)).unwrap_or(0) as usize;
        let list = node.and_then(|node| number(node, 0x28)).and_then(|list| self.cell(list)).unwrap_or_default();
        (0..count.min(MOST_VALUES)).map_while(move |at| number(list, 4 * at)).filter_map(|place| self.value(place))
    }

    fn value(&self, place: u32) -> Option<(String, u32, Vec<u8>)> {
        let cell = self.cell(place)?;
        if !cell.starts_with(b"vk") {
            return None;
        }
        let name = label(cell.get(0x14..)?.get(..usize::from(short(cell, 2)?))?, short(cell, 0x10)? & 1 != 0);
        let (size, kind) = (number(cell, 4)?, number(cell, 0xC)?);
        let inline = size & 0x8000_0000 != 0;
        let size = (size & 0x7FFF_FFFF) as usize;
        let data = match inline {
            true => cell.get(8..8 + size.min(4))?.to_vec(),
            false => self.data(number(cell, 8)?, size.min(MOST_DATA))?,
        };
        Some((name, kind, data))
    }

    fn data(&self, place: u32, size: usize) -> Option<Vec<u8>> {
        let cell = self.cell(place)?;
        if size <= SEGMENT || !cell.starts_with(b"db") {
            return Some(cell.get(..size.min(cell.len()))?.to_vec());
        }
        let list = self.cell(number(cell, 4)?)?;
        let mut data = Vec::new();
        for at in 0..usize::from(short(cell, 2)?) {
            let segment = self.cell(number(list, 4 * at)?)?;
            data.extend_from_slice(segment.get(..segment.len().min(SEGMENT))?);
            if data.len() >= size {
                break;
            }
        }
        data.truncate(size);
        Some(data)
    }

    fn name(&self, key: Key) -> Option<String> {
        let node = self.node(key)?;
        Some(label(node.get(0x4C..)?.get(..usize::from(short(node, 0x48)?))?, short(node, 2)? & 0x20 != 0))
    }

    fn node(&self, key: Key) -> Option<&'h [u8]> {
        self.cell(key.0).filter(|cell| cell.starts_with(b"nk") && cell.len() >= 0x4C)
    }

    /// The kind of a list of keys, and the places in it.
    fn list(&self, place: u32) -> Option<(&'h [u8; 2], Vec<u32>)> {
        let cell = self.cell(place)?;
        let kind: &[u8; 2] = cell.first_chunk()?;
        let step = match kind {
            b"lf" | b"lh" => 8,
            b"li" | b"ri" => 4,
            _ => return None,
        };
        let count = usize::from(short(cell, 2)?);
        Some((kind, (0..count).map_while(|at| number(cell, 4 + step * at)).collect()))
    }

    /// The content of a cell in use, or of one that is not: what was deleted is not reached from the root.
    fn cell(&self, place: u32) -> Option<&'h [u8]> {
        let at = BASE.checked_add(place as usize)?;
        let size = (number(self.bytes, at)? as i32).unsigned_abs() as usize;
        self.bytes.get(at + 4..at.checked_add(size)?)
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn label(bytes: &[u8], latin: bool) -> String {
    if latin { bytes.iter().map(|&byte| char::from(byte)).collect() } else { wide(bytes).trim_end().to_owned() }
}

/// UTF-16 as text; what parts texts of a list, and what is no text, becomes a line end.
pub(super) fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\n')).collect();
    let text: String = text.chars().map(|c| if c.is_control() { '\n' } else { c }).collect();
    text.trim_matches('\n').to_owned()
}

#[cfg(test)]
#[path = "../../tests/suite/support/hive.rs"]
mod written;

#[cfg(test)]
mod tests {
    use super::written::Written;
    use super::*;

    fn sample() -> Vec<u8> {
        Written::new("ROOT")
            .text(r"ControlSet001\Services\A", "ImagePath", r"C:\a.exe")
            .text(r"ControlSet001\Services\A\Parameters", "ServiceDll", r"C:\ä.dll")
            .text(r"ControlSet001\Services\B", "ImagePath", r"C:\b.exe")
            .bytes()
    }

    #[test]
    fn keys_and_values_are_found_without_case() {
        let bytes = sample();
        let hive = Hive::new(&bytes).expect("a hive");
        let services = hive.at(hive.root().expect("root"), r"controlset001\SERVICES").expect("services");
        let names: Vec<String> = hive.keys(services).map(|(name, _)| name).collect();
        assert_eq!(names, ["A", "B"]);
        let parameters = hive.at(services, r"a\parameters").expect("parameters");
        assert_eq!(hive.text(parameters, "servicedll").as_deref(), Some(r"C:\ä.dll"));
        assert!(hive.at(services, "C").is_none() && hive.text(parameters, "x").is_none());
    }

    #[test]
    fn no_damage_makes_it_stop() {
        let whole = sample();
        assert!(Hive::new(b"").is_none() && Hive::new(b"regf").is_none() && Hive::new(&whole[..4_000]).is_none());
        for at in 4..whole.len() {
            for value in [0, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let Some(hive) = Hive::new(&bytes) else { continue };
                let Some(root) = hive.root() else { continue };
                // Loops end where they are not followed: three levels, as the readers of services go.
                for (_, key) in hive.keys(root).take(10) {
                    let _ = hive.values(key).count();
                    for (_, key) in hive.keys(key).take(10) {
                        let _ = hive.values(key).count();
                    }
                }
                let _ = hive.at(root, r"ControlSet001\Services\A\Parameters");
            }
        }
    }
}
