//! A table of baseline files: path, content and builds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// A SHA-256 digest.
pub type Sha256 = [u8; 32];

/// A release of Exchange, or a server that a table was learnt from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Build {
    /// `15.2.721.2`, or the name that the table's maker gave.
    pub name: String,
    /// `Exchange2019 CU7 Mar21SU`, where it is known.
    pub about: String,
}

/// The builds of a table that a file belongs to, a bit a build.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildSet(Vec<u64>);

impl BuildSet {
    /// Adds a build by its place in the table.
    pub fn insert(&mut self, build: usize) {
        if self.0.len() <= build / 64 {
            self.0.resize(build / 64 + 1, 0);
        }
        self.0[build / 64] |= 1 << (build % 64);
    }

    /// Whether a build is in it.
    pub fn contains(&self, build: usize) -> bool {
        self.0.get(build / 64).is_some_and(|word| word >> (build % 64) & 1 == 1)
    }

    /// The builds, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 64).filter(|&build| self.contains(build))
    }

    /// Whether a build other than this one is in it.
    fn has_another_than(&self, build: Option<usize>) -> bool {
        match build {
            None => self.0.iter().any(|word| *word != 0),
            Some(build) => self.iter().any(|other| other != build),
        }
    }
}

/// One content at one path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Place in the hashes.
    pub(super) hash: u32,
    /// Place in the build sets.
    pub(super) set: u32,
}

/// Known-good files, found by path and by content. The columns are what the packed form holds, in its order.
#[derive(Clone)]
pub struct Table {
    /// The builds it knows, in the order of their bits.
    pub builds: Vec<Build>,
    /// Sorted, 32 bytes each. Those of the built-in table stay where they lie in the program.
    pub(super) hashes: Cow<'static, [u8]>,
    /// Sorted, one after the other.
    pub(super) paths: String,
    /// Where each path ends in `paths`.
    pub(super) path_ends: Vec<u32>,
    /// By path, then by hash.
    pub(super) rows: Vec<Row>,
    /// Where the rows of each path end.
    pub(super) row_ends: Vec<u32>,
    pub(super) sets: Vec<BuildSet>,
    /// The rows in the order of their hashes.
    by_hash: Vec<u32>,
    without: Option<usize>,
}

impl Table {
    pub(super) fn from_columns(
        builds: Vec<Build>,
        hashes: Cow<'static, [u8]>,
        (paths, path_ends): (String, Vec<u32>),
        (rows, row_ends): (Vec<Row>, Vec<u32>),
        sets: Vec<BuildSet>,
    ) -> Self {
        // Rows by hash, by counting: a comparison sort would take longer than all the rest of unpacking.
        let count = hashes.len() / 32;
        let mut starts = vec![0u32; count + 1];
        rows.iter().for_each(|row| starts[row.hash as usize + 1] += 1);
        (0..count).for_each(|at| starts[at + 1] += starts[at]);
        let mut by_hash = vec![0u32; rows.len()];
        for (at, row) in rows.iter().enumerate() {
            by_hash[starts[row.hash as usize] as usize] = at as u32;
            starts[row.hash as usize] += 1;
        }
        Self { builds, hashes, paths, path_ends, rows, row_ends, sets, by_hash, without: None }
    }

    /// From files as they come: a path below the installation folder (normalised by [`super::place`]), a content, a build
    /// by its place in `builds`.
    pub fn from_files(builds: Vec<Build>, files: impl Iterator<Item = (String, Sha256, usize)>) -> Self {
        let mut rows: BTreeMap<(String, Sha256), BuildSet> = BTreeMap::new();
        for (path, hash, build) in files {
            rows.entry((path, hash)).or_default().insert(build);
        }
        let mut hashes: Vec<Sha256> = rows.keys().map(|(_, hash)| *hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let mut sets: Vec<BuildSet> = rows.values().cloned().collect();
        sets.sort_unstable();
        sets.dedup();
        let (mut paths, mut path_ends) = (String::new(), Vec::new());
        let (mut columns, mut row_ends) = (Vec::new(), Vec::new());
        let mut last: Option<&str> = None;
        for ((path, hash), set) in &rows {
            if last != Some(path) {
                if last.is_some() {
                    row_ends.push(columns.len() as u32);
                }
                paths.push_str(path);
                path_ends.push(paths.len() as u32);
                last = Some(path);
            }
            columns.push(Row {
                hash: hashes.binary_search(hash).expect("collected above") as u32,
                set: sets.binary_search(set).expect("collected above") as u32,
            });
        }
        if last.is_some() {
            row_ends.push(columns.len() as u32);
        }
        let hashes = Cow::Owned(hashes.concat());
        Self::from_columns(builds, hashes, (paths, path_ends), (columns, row_ends), sets)
    }

    /// Takes one build out of every answer, as if the table had been made before it came; `None` puts it back.
    pub fn leave_out(&mut self, build: Option<usize>) {
        self.without = build;
    }

    /// How many rows it has: a content at a path.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The place of a build, by its name.
    pub fn build(&self, name: &str) -> Option<usize> {
        self.builds.iter().position(|build| build.name == name)
    }

    fn path(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.path_ends[at - 1] as usize };
        &self.paths[start..self.path_ends[at] as usize]
    }

    fn rows_of(&self, path: &str) -> Range<usize> {
        let found = self.search(self.path_ends.len(), |at| self.path(at).cmp(path));
        found.map_or(0..0, |at| {
            let start = if at == 0 { 0 } else { self.row_ends[at - 1] as usize };
            start..self.row_ends[at] as usize
        })
    }

    fn search(&self, count: usize, compare: impl Fn(usize) -> std::cmp::Ordering) -> Option<usize> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(middle) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn hash_at(&self, at: usize) -> &[u8] {
        &self.hashes[at * 32..at * 32 + 32]
    }

    /// The place of a content among the hashes. They are spread evenly, so a few steps around the place where one is to be
    /// expected are enough, where halving would touch seventeen cache lines.
    pub(super) fn hash_index(&self, hash: &Sha256) -> Option<u32> {
        let count = self.hashes.len() / 32;
        let head = u64::from_be_bytes(hash[..8].try_into().expect("eight bytes"));
        let guess = ((u128::from(head) * count as u128) >> 64) as usize;
        let (mut low, mut high) = (guess, guess);
        let mut step = 16;
        while low > 0 && self.hash_at(low) > hash.as_slice() {
            low = low.saturating_sub(step);
            step *= 2;
        }
        step = 16;
        while high < count && self.hash_at(high) < hash.as_slice() {
            high = (high + step).min(count);
            step *= 2;
        }
        let range = low..(high + 1).min(count);
        let found = self.search(range.len(), |at| self.hash_at(range.start + at).cmp(hash.as_slice()))?;
        Some((range.start + found) as u32)
    }

    fn counts(&self, row: &Row) -> bool {
        self.sets[row.set as usize].has_another_than(self.without)
    }

    /// The builds that ship this content at this path.
    pub fn builds_of(&self, path: &str, hash: &Sha256) -> Option<&BuildSet> {
        self.builds_at(path, self.hash_index(hash)?)
    }

    /// The same, by the content's place.
    pub(super) fn builds_at(&self, path: &str, hash: u32) -> Option<&BuildSet> {
        let row = self.rows[self.rows_of(path)].iter().find(|row| row.hash == hash)?;
        self.counts(row).then(|| &self.sets[row.set as usize])
    }

    /// The builds of a set, without one that is left out.
    pub fn counted<'t>(&'t self, builds: &'t BuildSet) -> impl Iterator<Item = usize> + 't {
        builds.iter().filter(|build| Some(*build) != self.without)
    }

    /// Whether any build ships a file at this path.
    pub fn has_path(&self, path: &str) -> bool {
        self.rows[self.rows_of(path)].iter().any(|row| self.counts(row))
    }

    /// The content that a build has at this path.
    pub fn content(&self, path: &str, build: usize) -> Option<Sha256> {
        let row = self.rows[self.rows_of(path)].iter().find(|row| self.sets[row.set as usize].contains(build))?;
        self.hash_at(row.hash as usize).try_into().ok()
    }

    /// A path at which some build has this content.
    pub fn path_of(&self, hash: &Sha256) -> Option<&str> {
        self.path_at(self.hash_index(hash)?)
    }

    /// The same, by the content's place.
    pub(super) fn path_at(&self, hash: u32) -> Option<&str> {
        let start = self.by_hash.partition_point(|&row| self.rows[row as usize].hash < hash);
        let same = self.by_hash[start..].iter().take_while(|&&row| self.rows[row as usize].hash == hash);
        let row = same.copied().find(|&row| self.counts(&self.rows[row as usize]))?;
        Some(self.path(self.row_ends.partition_point(|&end| end <= row)))
    }

    /// Every row: path, content, builds.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Sha256, &BuildSet)> {
        let mut path = 0;
        self.rows.iter().enumerate().map(move |(at, row)| {
            while self.row_ends[path] as usize <= at {
                path += 1;
            }
            let hash = self.hash_at(row.hash as usize).try_into().expect("32 bytes");
            (self.path(path), hash, &self.sets[row.set as usize])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let build = |name: &str| Build { name: name.to_owned(), about: String::new() };
        let files = [("b", 1, 0), ("a", 1, 0), ("a", 2, 1), ("a", 1, 1), ("c", 3, 70)];
        let builds = (0..71).map(|at| build(&at.to_string())).collect();
        Table::from_files(builds, files.into_iter().map(|(path, hash, at)| (path.to_owned(), [hash; 32], at)))
    }

    #[test]
    fn files_are_found_by_path_and_by_content() {
        let table = table();
        assert_eq!(table.len(), 4);
        let builds = |path, hash| table.builds_of(path, &[hash; 32]).map(|set| set.iter().collect::<Vec<_>>());
        assert_eq!(builds("a", 1), Some(vec![0, 1]));
        assert_eq!(builds("a", 2), Some(vec![1]));
        assert_eq!(builds("c", 3), Some(vec![70]));
        assert_eq!((builds("b", 2), builds("a", 9), builds("d", 1)), (None, None, None));
        assert_eq!(table.path_of(&[2; 32]), Some("a"));
        assert_eq!(table.path_of(&[3; 32]), Some("c"));
        assert_eq!(table.path_of(&[9; 32]), None);
        assert_eq!(table.content("a", 0), Some([1; 32]));
        assert_eq!(table.content("b", 1), None);
        assert!(table.has_path("c") && !table.has_path("cc"));
        let rows: Vec<_> = table.iter().map(|(path, hash, _)| (path.to_owned(), hash[0])).collect();
        assert_eq!(rows, [("a".to_owned(), 1), ("a".to_owned(), 2), ("b".to_owned(), 1), ("c".to_owned(), 3)]);
    }

    #[test]
    fn a_build_can_be_left_out() {
        let mut table = table();
        table.leave_out(Some(0));
        assert_eq!((table.has_path("b"), table.has_path("a")), (false, true));
        assert_eq!(table.path_of(&[1; 32]), Some("a"));
        table.leave_out(Some(70));
        assert_eq!((table.builds_of("c", &[3; 32]), table.has_path("b")), (None, true));
    }

    #[test]
    fn every_content_is_found_however_unevenly_they_are_spread() {
        let content = |n: u32| {
            let mut hash = [if n.is_multiple_of(3) { 0xFF } else { 0 }; 32];
            hash[28..].copy_from_slice(&n.to_be_bytes());
            hash
        };
        let files = (0..500u32).map(|n| (format!("f{n}"), content(n), 0));
        let table = Table::from_files(vec![Build { name: String::new(), about: String::new() }], files);
        for n in 0..500 {
            assert_eq!(table.path_of(&content(n)), Some(format!("f{n}").as_str()));
        }
        for hash in [[0xFF; 32], [0x80; 32], content(500), content(501)] {
            assert_eq!(table.path_of(&hash), None);
        }
    }

    #[test]
    fn an_empty_table_knows_nothing() {
        let table = Table::from_files(Vec::new(), std::iter::empty());
        assert!(table.is_empty() && !table.has_path("") && table.path_of(&[0; 32]).is_none());
    }
}
