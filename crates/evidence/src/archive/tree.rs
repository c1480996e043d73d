//! The names of an archive as folders, compactly: two million of them have to fit. Nothing here depends on a format.

use std::cmp::Ordering;

/// How many members are kept.
pub(crate) const MOST: usize = 2_000_000;
/// How many nodes are kept: members, and folders that only their names speak of.
const MOST_NODES: usize = 2 * MOST;
/// How many bytes all names may have together.
const MOST_TEXT: usize = 512 << 20;
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

/// Collects names; they become a [`Tree`] when all are known.
#[derive(Default)]
pub(crate) struct Builder {
    items: Vec<Item>,
    text: String,
}

struct Item {
    start: u32,
    length: u32,
    own: u32,
    is_folder: bool,
}

/// Folders and files by name. A node is a number; 0 is the root.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    children: Vec<u32>,
    text: String,
    /// How many members had a name that another one has.
    pub(crate) twins: usize,
}

#[derive(Clone)]
struct Node {
    start: u32,
    length: u32,
    own: u32,
    /// Its children: from where and how many.
    first: u32,
    count: u32,
    is_folder: bool,
}

/// What stands between two names in the text: no escaped name has one.
const SEPARATOR: char = '/';

impl Builder {
    /// Adds the member number `own` under these escaped names; none at all is the root itself.
    pub(crate) fn add<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str> + Clone,
        own: u32,
        is_folder: bool,
    ) -> Result<(), Refused> {
        let (mut length, mut depth) = (0usize, 0);
        for name in names.clone() {
            length += name.len() + 1;
            depth += 1;
            if depth > DEPTH || length > LONGEST {
                return Err(Refused::TooDeep);
            }
        }
        if self.items.len() >= MOST || self.text.len() + length > MOST_TEXT {
            return Err(Refused::Full);
        }
        let start = self.text.len() as u32; // below 2^32 by MOST_TEXT
        for (at, name) in names.enumerate() {
            if at > 0 {
                self.text.push(SEPARATOR);
            }
            self.text.push_str(name);
        }
        self.items.push(Item { start, length: self.text.len() as u32 - start, own, is_folder });
        Ok(())
    }

    /// How many names were taken.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    fn path(&self, item: &Item) -> &str {
        slice(&self.text, item.start, item.length)
    }

    /// All names as folders. The second of two members with one name gets another: `x.aspx` becomes `x<#7>.aspx`, by its number, which no
    /// escaped name can be.
    pub(crate) fn finish(mut self) -> Tree {
        let mut items = std::mem::take(&mut self.items);
        items.sort_unstable_by(|a, b| by_folders(self.path(a), self.path(b)).then(a.own.cmp(&b.own)));
        let mut laid = Laid::new(self.text);
        for item in &items {
            laid.lay(item);
        }
        laid.finish()
    }
}

/// The order in which what lies in a folder follows it at once.
fn by_folders(a: &str, b: &str) -> Ordering {
    let key = |byte: u8| if byte == SEPARATOR as u8 { 0 } else { byte };
    a.bytes().map(key).cmp(b.bytes().map(key))
}

fn slice(text: &str, start: u32, length: u32) -> &str {
    text.get(start as usize..(start as usize).saturating_add(length as usize)).unwrap_or_default()
}

/// Nodes on their way, laid in the order of folders.
struct Laid {
    nodes: Vec<Node>,
    parents: Vec<u32>,
    text: String,
    /// The folders that are open, the root first.
    open: Vec<u32>,
    /// The file that was laid last.
    last: Option<u32>,
    twins: usize,
    /// The folders whose children are no longer in order.
    renamed: Vec<u32>,
}

impl Laid {
    fn new(text: String) -> Self {
        let root = Node { start: 0, length: 0, own: NONE, first: 0, count: 0, is_folder: true };
        Self { nodes: vec![root], parents: vec![0], text, open: vec![0], last: None, twins: 0, renamed: Vec::new() }
    }

    fn name(&self, node: u32) -> &str {
        let Some(node) = self.nodes.get(node as usize) else { return "" };
        slice(&self.text, node.start, node.length)
    }

    fn lay(&mut self, item: &Item) {
        let end = item.start + item.length;
        let mut start = item.start;
        let mut depth = 1;
        if item.length == 0 {
            self.take_for_folder(0, item.own, item.is_folder);
            return;
        }
        loop {
            let rest = slice(&self.text, start, end.saturating_sub(start));
            let length = rest.find(SEPARATOR).unwrap_or(rest.len()) as u32;
            let is_last = start + length >= end;
            let is_open = self.open.get(depth).is_some_and(|open| self.name(*open) == slice(&self.text, start, length));
            if is_open && is_last {
                let open = self.open.get(depth).copied().unwrap_or(0);
                if item.is_folder {
                    self.take_for_folder(open, item.own, true);
                } else {
                    let parent = self.open.get(depth - 1).copied().unwrap_or(0);
                    let node = self.push(parent, start, length, item.own, false);
                    self.rename(node);
                }
                return;
            }
            if !is_open {
                self.open.truncate(depth);
                let parent = self.open.last().copied().unwrap_or(0);
                // A file that has the name of what comes now: a second file, or a folder after all.
                let twin = self.last.filter(|last| {
                    self.parents.get(*last as usize) == Some(&parent)
                        && self.name(*last) == slice(&self.text, start, length)
                });
                let is_folder = !is_last || item.is_folder;
                if self.nodes.len() >= MOST_NODES {
                    return;
                }
                let own = if is_last { item.own } else { NONE };
                let node = self.push(parent, start, length, own, is_folder);
                if is_folder {
                    self.open.push(node);
                    if let Some(twin) = twin {
                        self.rename(twin);
                    }
                } else if twin.is_some() {
                    self.rename(node);
                } else {
                    self.last = Some(node);
                }
                if is_last {
                    return;
                }
            }
            start += length + 1;
            depth += 1;
        }
    }

    fn push(&mut self, parent: u32, start: u32, length: u32, own: u32, is_folder: bool) -> u32 {
        let node = self.nodes.len() as u32; // below 2^32 by MOST_NODES, and one more for each of MOST
        self.nodes.push(Node { start, length, own, first: 0, count: 0, is_folder });
        self.parents.push(parent);
        node
    }

    /// Gives a folder that is known by others its own member.
    fn take_for_folder(&mut self, node: u32, own: u32, is_folder: bool) {
        if let Some(node) = self.nodes.get_mut(node as usize).filter(|node| is_folder && node.own == NONE) {
            node.own = own;
        }
    }

    fn rename(&mut self, node: u32) {
        let own = self.nodes.get(node as usize).map_or(NONE, |node| node.own);
        let name = self.name(node);
        let at = name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len());
        let name = format!("{}<#{own}>{}", &name[..at], &name[at..]);
        self.twins += 1;
        let Ok(start) = u32::try_from(self.text.len()) else { return };
        self.text.push_str(&name);
        if let Some(node) = self.nodes.get_mut(node as usize) {
            (node.start, node.length) = (start, name.len() as u32);
        }
        let parent = self.parents.get(node as usize).copied().unwrap_or(0);
        if self.renamed.last() != Some(&parent) {
            self.renamed.push(parent);
        }
    }

    fn finish(self) -> Tree {
        let Self { mut nodes, parents, text, twins, mut renamed, .. } = self;
        for parent in parents.iter().skip(1) {
            if let Some(parent) = nodes.get_mut(*parent as usize) {
                parent.count += 1;
            }
        }
        let mut next = 0;
        for node in &mut nodes {
            node.first = next;
            next += node.count;
            node.count = 0;
        }
        let mut children = vec![0u32; next as usize];
        for (node, parent) in parents.iter().enumerate().skip(1) {
            let Some(parent) = nodes.get_mut(*parent as usize) else { continue };
            if let Some(child) = children.get_mut((parent.first + parent.count) as usize) {
                *child = node as u32;
            }
            parent.count += 1;
        }
        renamed.sort_unstable();
        renamed.dedup();
        let mut tree = Tree { nodes, children, text, twins };
        for parent in renamed {
            tree.sort(parent);
        }
        tree
    }
}

impl Tree {
    fn sort(&mut self, folder: u32) {
        let Some(Node { first, count, .. }) = self.nodes.get(folder as usize).cloned() else { return };
        let range = first as usize..(first + count) as usize;
        let mut children = self.children.get(range.clone()).unwrap_or_default().to_vec();
        children.sort_unstable_by(|a, b| self.name(*a).cmp(self.name(*b)));
        if let Some(into) = self.children.get_mut(range) {
            into.copy_from_slice(&children);
        }
    }

    /// The node at these escaped names, to the letter.
    pub(crate) fn find<'n>(&self, names: impl Iterator<Item = &'n str>) -> Option<u32> {
        let mut here = 0;
        for name in names.filter(|name| !name.is_empty()) {
            let children = self.children(here);
            let at = children.binary_search_by(|child| self.name(*child).cmp(name)).ok()?;
            here = children.get(at).copied()?;
        }
        Some(here)
    }

    /// What lies in a folder, by name.
    pub(crate) fn children(&self, node: u32) -> &[u32] {
        let Some(node) = self.nodes.get(node as usize) else { return &[] };
        self.children.get(node.first as usize..(node.first + node.count) as usize).unwrap_or_default()
    }

    /// The escaped name.
    pub(crate) fn name(&self, node: u32) -> &str {
        let Some(node) = self.nodes.get(node as usize) else { return "" };
        slice(&self.text, node.start, node.length)
    }

    /// Whether it is a folder.
    pub(crate) fn is_folder(&self, node: u32) -> bool {
        self.nodes.get(node as usize).is_some_and(|node| node.is_folder)
    }

    /// The number of its member; `None` for a folder that only names of others speak of.
    pub(crate) fn own(&self, node: u32) -> Option<u32> {
        self.nodes.get(node as usize).map(|node| node.own).filter(|own| *own != NONE)
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
            for child in tree.children(node).iter().rev() {
                let folder = tree.is_folder(*child);
                let path = format!("{path}{}{}", tree.name(*child), if folder { "/" } else { "" });
                open.push((*child, path));
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
        assert_eq!(builder.len(), 1);
        assert_eq!(builder.add(std::iter::empty(), 2, true), Ok(()), "the root itself");
        assert_eq!(builder.finish().own(0), Some(2));
    }
}
