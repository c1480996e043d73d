//! The names of an archive as folders, compactly: two million of them have to fit. Nothing here depends on a format.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::Range;

/// How many members are kept.
pub(crate) const MOST: usize = 2_000_000;
/// How many nodes are kept: members, and folders that only their names speak of.
const MOST_NODES: usize = 2 * MOST;
/// How many bytes all names may have together.
const MOST_TEXT: usize = 512 << 20;
/// How many bytes the paths of all folders may have together: whoever walks the archive has these, not only the names.
const MOST_PATHS: usize = 128 << 20;
/// How many folders a name may lead through; Windows' longest paths have fewer.
pub(crate) const DEPTH: usize = 128;
/// How many bytes the name of one member may have: the longest path of Windows (32,767 units) as UTF-8.
pub(crate) const LONGEST: usize = 3 * 32_767;

/// No member: a folder that only the names of others speak of.
pub(crate) const NONE: u32 = u32::MAX;

/// Why a name was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There are too many, or they are too long together; neither is any further one.
    Full,
    /// It leads through too many folders, or is too long.
    TooDeep,
}

/// Collects names; they become a [`Tree`] when all are known. Each name is kept once, not the paths: most members share their folders.
#[derive(Default)]
pub(crate) struct Builder {
    text: Text,
    /// The first is the root, whatever it says of its parent.
    folders: Vec<Named>,
    files: Vec<Named>,
    /// Folders by the hash of their parent and name.
    known: HashMap<u64, u32>,
    hasher: RandomState,
    /// The folders of the name that came last: the next one mostly lies there too.
    open: Vec<u32>,
    /// How many bytes the paths of all folders have.
    paths: usize,
}

/// A name in a folder.
struct Named {
    parent: u32,
    name: u32,
    own: u32,
}

/// Names one behind the other, each with its length in front: a name is found by one number.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Bits of a length that one character has, and what the others that are not the last have beside them.
    const BITS: u32 = 6;
    const MORE: u8 = 1 << Self::BITS;

    /// `None` if the text is full.
    fn push(&mut self, name: &str) -> Option<u32> {
        let at = u32::try_from(self.0.len()).ok()?;
        let mut length = name.len();
        while length >= usize::from(Self::MORE) {
            self.0.push(char::from((length % usize::from(Self::MORE)) as u8 | Self::MORE));
            length >>= Self::BITS;
        }
        self.0.push(char::from(length as u8));
        self.0.push_str(name);
        Some(at)
    }

    fn get(&self, at: u32) -> &str {
        let mut at = at as usize;
        let (mut length, mut shift) = (0usize, 0);
        while let Some(byte) = self.0.as_bytes().get(at) {
            at += 1;
            length |= usize::from(byte & (Self::MORE - 1)) << shift;
            shift += Self::BITS;
            if byte & Self::MORE == 0 || shift > 24 {
                break;
            }
        }
        self.0.get(at..at.saturating_add(length)).unwrap_or_default()
    }
}

/// Folders and files by name. A node is a number; 0 is the root, and what lies in a folder has numbers one after the other.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    folders: Vec<Place>,
    text: Text,
    /// How many members had a name that another one has.
    pub(crate) twins: usize,
}

struct Node {
    name: u32,
    /// Of a file its member, of a folder its number with [`FOLDER`].
    is: u32,
}

const FOLDER: u32 = 1 << 31;

/// What lies in a folder, and its own member.
#[derive(Clone)]
struct Place {
    first: u32,
    count: u32,
    own: u32,
}

impl Builder {
    /// Adds the member number `own` under these escaped names; none at all is the root itself. Numbers ascend.
    pub(crate) fn add<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str> + Clone,
        own: u32,
        is_folder: bool,
    ) -> Result<(), Refused> {
        let names = names.filter(|name| !name.is_empty());
        let (mut length, mut depth) = (0usize, 0);
        for name in names.clone() {
            length += name.len() + 1;
            depth += 1;
            if depth > DEPTH || length > LONGEST {
                return Err(Refused::TooDeep);
            }
        }
        if self.folders.is_empty() {
            self.folders.push(Named { parent: 0, name: self.text.push("").ok_or(Refused::Full)?, own: NONE });
        }
        let nodes = self.folders.len() + self.files.len();
        if own as usize >= MOST || nodes + depth > MOST_NODES || self.text.0.len() + length > MOST_TEXT {
            return Err(Refused::Full);
        }
        let (mut here, mut at, mut path) = (0, 0, 0);
        for name in names {
            at += 1;
            path += name.len() + 1;
            if at < depth || is_folder {
                let known = self.folders.len();
                here = self.folder(here, name, at - 1).ok_or(Refused::Full)?;
                self.paths += if self.folders.len() > known { path } else { 0 };
                if self.paths > MOST_PATHS {
                    return Err(Refused::Full);
                }
            } else {
                let name = self.text.push(name).ok_or(Refused::Full)?;
                self.files.push(Named { parent: here, name, own });
            }
        }
        if is_folder && let Some(folder) = self.folders.get_mut(here as usize).filter(|folder| folder.own == NONE) {
            folder.own = own;
        }
        Ok(())
    }

    /// The folder of this name in another one, which is so many folders below the root; a new one if there is none.
    fn folder(&mut self, parent: u32, name: &str, depth: usize) -> Option<u32> {
        let is = |folders: &[Named], text: &Text, at: u32| {
            folders.get(at as usize).is_some_and(|folder| folder.parent == parent && text.get(folder.name) == name)
        };
        if let Some(open) = self.open.get(depth).filter(|open| is(&self.folders, &self.text, **open)) {
            return Some(*open);
        }
        let mut key = self.hasher.hash_one((parent, name));
        // Two names of one hash are possible, though nobody will meet them.
        let found = loop {
            match self.known.get(&key) {
                Some(at) if is(&self.folders, &self.text, *at) => break *at,
                Some(_) => key = key.wrapping_add(1),
                None => {
                    let at = self.folders.len() as u32; // below 2^32 by MOST_NODES
                    self.folders.push(Named { parent, name: self.text.push(name)?, own: NONE });
                    self.known.insert(key, at);
                    break at;
                }
            }
        };
        self.open.truncate(depth);
        self.open.push(found);
        Some(found)
    }

    /// How many names of files were taken.
    #[cfg(test)]
    pub(crate) fn files(&self) -> usize {
        self.files.len()
    }

    /// All names as folders. The second of two members with one name gets another: `x.aspx` becomes `x<#7>.aspx`, by its number, which no
    /// escaped name can be.
    pub(crate) fn finish(self) -> Tree {
        let Self { mut text, folders, mut files, .. } = self;
        let by_name = |text: &Text, a: &Named, b: &Named| {
            a.parent.cmp(&b.parent).then_with(|| text.get(a.name).cmp(text.get(b.name))).then(a.own.cmp(&b.own))
        };
        files.sort_unstable_by(|a, b| by_name(&text, a, b));
        let mut order: Vec<u32> = (1..folders.len() as u32).collect();
        let folder = |at: &u32| folders.get(*at as usize);
        order.sort_unstable_by(|a, b| match (folder(a), folder(b)) {
            (Some(a), Some(b)) => by_name(&text, a, b),
            _ => Ordering::Equal,
        });
        let twins = rename_twins(&mut text, &mut files, order.iter().filter_map(folder));
        if twins > 0 {
            files.sort_unstable_by(|a, b| by_name(&text, a, b));
        }
        lay(text, &folders, &files, &order, twins)
    }
}

/// Gives files another name that have that of a folder or of a file before them, and says how many. Both are in order.
fn rename_twins<'f>(text: &mut Text, files: &mut [Named], folders: impl Iterator<Item = &'f Named>) -> usize {
    let mut folders = folders.peekable();
    let mut twins = 0;
    let mut last: Option<(u32, u32)> = None;
    for file in files {
        let before = |text: &Text, folder: &&Named| {
            let by_folder = folder.parent.cmp(&file.parent);
            by_folder.then_with(|| text.get(folder.name).cmp(text.get(file.name))) == Ordering::Less
        };
        while folders.next_if(|folder| before(text, folder)).is_some() {}
        let is_same = |parent: u32, name: u32| parent == file.parent && text.get(name) == text.get(file.name);
        let is_twin = folders.peek().is_some_and(|folder| is_same(folder.parent, folder.name))
            || last.is_some_and(|(parent, name)| is_same(parent, name));
        last = Some((file.parent, file.name));
        if is_twin {
            twins += 1;
            let name = text.get(file.name);
            let (stem, rest) = name.split_at(name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len()));
            let name = format!("{stem}<#{}>{rest}", file.own);
            file.name = text.push(&name).unwrap_or(file.name);
        }
    }
    twins
}

/// Nodes of what is in order: those of each folder one after the other.
fn lay(text: Text, folders: &[Named], files: &[Named], order: &[u32], twins: usize) -> Tree {
    let mut places: Vec<Place> = folders.iter().map(|folder| Place { first: 0, count: 0, own: folder.own }).collect();
    if places.is_empty() {
        places.push(Place { first: 0, count: 0, own: NONE });
    }
    let mut nodes = Vec::with_capacity(1 + order.len() + files.len());
    nodes.push(Node { name: u32::MAX, is: FOLDER });
    let (mut files, mut order) = (files.iter().peekable(), order.iter().peekable());
    let folder = |at: &u32| folders.get(*at as usize);
    loop {
        let next_folder = order.peek().copied().and_then(folder);
        let is_folder = match (next_folder, files.peek()) {
            (None, None) => break,
            (None, Some(_)) => false,
            (Some(_), None) => true,
            (Some(folder), Some(file)) => (folder.parent, text.get(folder.name)) <= (file.parent, text.get(file.name)),
        };
        let (named, is) = match is_folder {
            true => (next_folder, order.next().map_or(FOLDER, |at| FOLDER | *at)),
            false => {
                let file = files.next();
                (file, file.map_or(0, |file| file.own))
            }
        };
        let Some(named) = named else { break };
        if let Some(place) = places.get_mut(named.parent as usize) {
            if place.count == 0 {
                place.first = nodes.len() as u32; // below 2^32 by MOST_NODES
            }
            place.count += 1;
        }
        nodes.push(Node { name: named.name, is });
    }
    Tree { nodes, folders: places, text, twins }
}

impl Tree {
    fn place(&self, node: u32) -> Option<&Place> {
        let node = self.nodes.get(node as usize).filter(|node| node.is & FOLDER != 0)?;
        self.folders.get((node.is & !FOLDER) as usize)
    }

    /// The node at these escaped names, to the letter.
    pub(crate) fn find<'n>(&self, names: impl Iterator<Item = &'n str>) -> Option<u32> {
        let mut here = 0;
        for name in names.filter(|name| !name.is_empty()) {
            let children = self.children(here);
            let nodes = self.nodes.get(children.start as usize..children.end as usize)?;
            let at = nodes.binary_search_by(|node| self.text.get(node.name).cmp(name)).ok()?;
            here = children.start + at as u32;
        }
        Some(here)
    }

    /// What lies in a folder, by name.
    pub(crate) fn children(&self, node: u32) -> Range<u32> {
        self.place(node).map_or(0..0, |place| place.first..place.first + place.count)
    }

    /// The escaped name.
    pub(crate) fn name(&self, node: u32) -> &str {
        self.nodes.get(node as usize).map_or("", |node| self.text.get(node.name))
    }

    /// Whether it is a folder.
    pub(crate) fn is_folder(&self, node: u32) -> bool {
        self.place(node).is_some()
    }

    /// The number of its member; `None` for a folder that only names of others speak of.
    pub(crate) fn own(&self, node: u32) -> Option<u32> {
        let file = || self.nodes.get(node as usize).map(|node| node.is);
        self.place(node).map(|place| place.own).or_else(file).filter(|own| *own != NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Tree {
        let mut builder = Builder::default();
        for (own, name) in names.iter().enumerate() {
            let path = name.trim_end_matches('/');
            builder.add(path.split('/'), own as u32, path.len() < name.len()).expect("taken");
        }
        builder.finish()
    }

    /// All paths with the numbers of their members, folders with a slash.
    fn all(tree: &Tree) -> Vec<String> {
        let mut out = Vec::new();
        let mut open = vec![(0, String::new())];
        while let Some((node, path)) = open.pop() {
            for child in tree.children(node).rev() {
                let folder = tree.is_folder(child);
                let path = format!("{path}{}{}", tree.name(child), if folder { "/" } else { "" });
                open.push((child, path));
            }
            if node != 0 {
                out.push(format!("{path}{}", tree.own(node).map_or(String::new(), |own| format!(" {own}"))));
            }
        }
        out
    }

    #[test]
    fn names_become_folders_and_are_found_again() {
        let tree = tree(&["b/x.aspx", "a-b", "a/z", "b/", "a/y/q", "a.txt"]);
        assert_eq!(all(&tree), ["a/", "a/y/", "a/y/q 4", "a/z 2", "a-b 1", "a.txt 5", "b/ 3", "b/x.aspx 0"]);
        assert_eq!(tree.find("a/y/q".split('/')).and_then(|node| tree.own(node)), Some(4));
        assert_eq!(tree.find("".split('/')), Some(0));
        assert_eq!(tree.find("a/Y/q".split('/')), None, "to the letter");
        assert_eq!(tree.find("a/y/q/r".split('/')), None);
        assert_eq!(tree.twins, 0);
    }

    #[test]
    fn the_second_of_a_name_is_kept_under_another() {
        let twice = tree(&["w/x.aspx", "w/a", "w/x.aspx", "w/x.aspx", "w/z", "w/.x", "w/.x"]);
        assert_eq!(
            all(&twice),
            ["w/", "w/.x 5", "w/.x<#6> 6", "w/a 1", "w/x.aspx 0", "w/x<#2>.aspx 2", "w/x<#3>.aspx 3", "w/z 4"]
        );
        assert_eq!(twice.twins, 3);
        for name in ["w/x<#3>.aspx", "w/z", "w/.x<#6>"] {
            assert!(twice.find(name.split('/')).is_some(), "{name}");
        }
        // A file and a folder of one name, in any order.
        for names in [&["d", "d/x"][..], &["d/x", "d"], &["d/", "d", "d/x"], &["d", "d/", "d/x"]] {
            let tree = tree(names);
            let found = all(&tree);
            assert!(tree.find("d/x".split('/')).is_some() && found.len() == 3, "{names:?}: {found:?}");
            assert!(found.iter().any(|path| path.starts_with("d<#")), "{found:?}");
        }
        assert_eq!(all(&tree(&["D/x", "d/x"])).len(), 4, "case twins stay");
    }

    #[test]
    fn names_are_bounded() {
        let mut builder = Builder::default();
        let deep = vec!["a"; DEPTH + 1];
        assert_eq!(builder.add(deep.iter().copied(), 0, false), Err(Refused::TooDeep));
        assert_eq!(builder.add(deep[1..].iter().copied(), 0, false), Ok(()));
        let long = "n".repeat(LONGEST);
        assert_eq!(builder.add([long.as_str()].into_iter(), 1, false), Err(Refused::TooDeep));
        assert_eq!(builder.files(), 1);
        assert_eq!(builder.add(std::iter::empty(), 2, true), Ok(()), "the root itself");
        assert_eq!(builder.finish().own(0), Some(2));
        // Folders of a long name: whoever walks them holds their paths.
        let mut builder = Builder::default();
        let long = "n".repeat(LONGEST - 10);
        let name = |own: u32| own.to_string();
        let taken =
            (0..2000).take_while(|own| builder.add([&*long, &name(*own)].into_iter(), *own, true).is_ok()).count();
        assert!((1000..1400).contains(&taken), "{taken}");
        assert_eq!(builder.add([&*long, "x"].into_iter(), 2001, true), Err(Refused::Full));
    }
}
