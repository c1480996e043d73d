//! Keys, and the lists that name the keys below them.

use crate::bytes::wide;
use crate::cells::{Cells, HEADER, NOWHERE, is_node};
use crate::value::{Value, Values};
use shellsift_disk::numbers::{u16_at, u32_at, u64_at, units};
use std::collections::HashSet;

/// Levels below the root that are followed; Windows allows 512.
const DEEPEST: u16 = 512;
/// The flag of a key whose name has one byte a character.
const LATIN_NAME: u16 = 0x20;

/// A key of a hive.
#[derive(Clone, Copy)]
pub struct Key<'h> {
    cells: &'h Cells,
    place: u32,
    depth: u16,
}

impl<'h> Key<'h> {
    pub(crate) fn new(cells: &'h Cells, place: u32, depth: u16) -> Self {
        Self { cells, place, depth }
    }

    fn node(self) -> &'h [u8] {
        self.cells.cell(self.place, "a key").filter(|cell| is_node(cell)).unwrap_or_default()
    }

    /// Its name. An unpaired surrogate in it becomes U+FFFD.
    pub fn name(self) -> String {
        let (name, latin) = self.raw_name().unwrap_or_default();
        if latin { name.iter().map(|&byte| char::from(byte)).collect() } else { wide(name) }
    }

    /// The bytes of the name, and whether each is a character.
    fn raw_name(self) -> Option<(&'h [u8], bool)> {
        let node = self.node();
        let name = node.get(0x4C..)?;
        let length = usize::from(u16_at(node, 0x48)?);
        if length > name.len() {
            self.cells.report_at(self.place, "the name of a key is truncated");
        }
        Some((&name[..length.min(name.len())], u16_at(node, 2)? & LATIN_NAME != 0))
    }

    /// When it, one of its values or the list of its keys was last changed, as FILETIME (100 ns since 1601-01-01 UTC).
    pub fn last_written(self) -> u64 {
        u64_at(self.node(), 4).unwrap_or_default()
    }

    /// How many levels it lies below the root.
    pub fn depth(self) -> u16 {
        self.depth
    }

    /// Where it lies in the file: the same for the same key.
    pub fn position(self) -> u64 {
        u64::from(self.place) + HEADER as u64
    }

    /// The keys right below it, in the order of its list.
    pub fn keys(self) -> Keys<'h> {
        Keys::below(self)
    }

    /// The key of this name right below it, without case.
    pub fn key(self, name: &str) -> Option<Self> {
        self.keys().find(|key| {
            key.raw_name().is_some_and(|(own, latin)| match latin {
                true => same(own.iter().map(|&byte| char::from(byte)), name.chars()),
                false => {
                    same(char::decode_utf16(units(own)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)), name.chars())
                }
            })
        })
    }

    /// The key at a path below it, names parted by `\`, without case.
    pub fn at(self, path: &str) -> Option<Self> {
        path.split('\\').filter(|name| !name.is_empty()).try_fold(self, Self::key)
    }

    /// Its values, in the order of its list.
    pub fn values(self) -> Values<'h> {
        let node = self.node();
        let count = u32_at(node, 0x24).unwrap_or_default();
        Values::new(self.cells, count, u32_at(node, 0x28).unwrap_or(NOWHERE))
    }

    /// The value of this name, without case; the name of the default value is empty.
    pub fn value(self, name: &str) -> Option<Value<'h>> {
        self.values().find(|value| same(value.name().chars(), name.chars()))
    }

    /// A value as text: see [`crate::ValueData::to_text`].
    pub fn text(self, name: &str) -> Option<String> {
        Some(self.value(name)?.data().to_text())
    }

    /// All keys from this one down, each once, whatever loops there are.
    pub fn walk(self) -> impl Iterator<Item = Key<'h>> {
        let mut seen = HashSet::from([self.place]);
        let mut lists = vec![self.keys()];
        // A list that many keys share is run through for each of them.
        let mut left = self.cells.most_keys().saturating_mul(4);
        std::iter::once(self).chain(std::iter::from_fn(move || {
            loop {
                let Some(key) = lists.last_mut()?.next() else {
                    lists.pop();
                    continue;
                };
                left = left.checked_sub(1)?;
                if seen.insert(key.place) {
                    lists.push(key.keys());
                    return Some(key);
                }
                self.cells.report_at(key.place, "two lists name the same key");
            }
        }))
    }
}

impl std::fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("name", &self.name()).field("position", &self.position()).finish()
    }
}

/// Whether two names are the same but for case, character by character as the registry does it.
pub(crate) fn same(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> bool {
    let upper = |c: char| {
        let mut upper = c.to_uppercase();
        // Where one character becomes several, the registry leaves it as it is.
        match (upper.next(), upper.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    };
    one.map(upper).eq(other.map(upper))
}

/// The keys right below a key.
pub struct Keys<'h> {
    cells: &'h Cells,
    /// Lists that are still to be read, the next one last.
    lists: Vec<u32>,
    /// The list that is being read: its elements, and the bytes of one.
    elements: &'h [u8],
    step: usize,
    left: usize,
    depth: u16,
}

impl<'h> Keys<'h> {
    fn below(key: Key<'h>) -> Self {
        let node = key.node();
        let none = Self { cells: key.cells, lists: Vec::new(), elements: &[], step: 4, left: 0, depth: 0 };
        let list = u32_at(node, 0x1C).filter(|list| *list != NOWHERE);
        let Some(list) = list.filter(|_| u32_at(node, 0x14).is_some_and(|count| count > 0)) else { return none };
        let Some(depth) = key.depth.checked_add(1).filter(|depth| *depth <= DEEPEST) else {
            key.cells.report_at(key.place, "keys are nested more than 512 deep");
            return none;
        };
        Self { lists: none.lists_of(list), left: key.cells.most_keys(), depth, ..none }
    }

    /// The lists that a list of lists names, each once, or the list itself. There is one level of lists of lists.
    fn lists_of(&self, list: u32) -> Vec<u32> {
        let Some(cell) = self.cells.cell(list, "a list of keys").filter(|cell| cell.starts_with(b"ri")) else {
            return vec![list];
        };
        let count = usize::from(u16_at(cell, 2).unwrap_or_default());
        if !self.cells.spend(4 * count) {
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut lists: Vec<u32> =
            (0..count).map_while(|at| u32_at(cell, 4 + 4 * at)).filter(|list| seen.insert(*list)).collect();
        if lists.len() < count {
            self.cells.report_at(list, "a list of lists of keys is truncated or names a list twice");
        }
        lists.reverse();
        lists
    }

    fn open(&mut self, list: u32) {
        let Some(cell) = self.cells.cell(list, "a list of keys") else { return };
        self.step = match cell.first_chunk() {
            Some(b"lf" | b"lh") => 8,
            Some(b"li") => 4,
            _ => {
                self.cells.report_at(list, "a list of keys is overwritten");
                return;
            }
        };
        let elements = cell.get(4..).unwrap_or_default();
        let length = usize::from(u16_at(cell, 2).unwrap_or_default()) * self.step;
        if length > elements.len() {
            self.cells.report_at(list, "a list of keys is truncated");
        }
        self.elements = &elements[..length.min(elements.len())];
    }
}

impl<'h> Iterator for Keys<'h> {
    type Item = Key<'h>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(place) = u32_at(self.elements, 0) else {
                self.elements = &[];
                let list = self.lists.pop()?;
                if !self.cells.spend(0) {
                    return None;
                }
                self.open(list);
                continue;
            };
            self.elements = self.elements.get(self.step..).unwrap_or_default();
            self.left = self.left.checked_sub(1)?;
            match self.cells.cell(place, "a key") {
                Some(cell) if is_node(cell) => {
                    let key = Key::new(self.cells, place, self.depth);
                    let name = key.raw_name().map_or(0, |(name, _)| name.len());
                    return self.cells.spend(name).then_some(key);
                }
                Some(_) => self.cells.report_at(place, "a key is overwritten"),
                None => {}
            }
            // A list of what is lost costs as much as one of what is there: many keys may share it.
            if !self.cells.spend(0) {
                return None;
            }
        }
    }
}
