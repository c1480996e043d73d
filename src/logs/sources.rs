//! The logs to read: the files of folders that were walked, by name and size.

use super::format::Kind;
use super::recognise::{self, Wanted};
use super::text::begins;
use crate::evidence::{Content, Evidence, Led, Listed, Resolver, classify, not_followed};
use crate::model::server_path::{extension, same_name};
use crate::model::{DeletedFile, EntryKind, Problem, ProblemKind, Remains, ServerPath};
use std::collections::HashSet;
use std::io;

/// Files that are kept. A server has some ten thousands; half a million take 40 MB.
const MOST_FILES: usize = 4_000_000;
const MOST_FOLDERS: usize = 200_000;
/// How deep folders are walked.
pub(super) const DEPTH: usize = 32;

/// A folder where logs are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The name in reports.
    pub label: String,
    /// What is there.
    pub kind: Kind,
    /// The folder; `None` if it is missing.
    pub folder: Option<ServerPath>,
}

/// The logs to read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    folders: Vec<ServerPath>,
    files: Vec<File>,
    /// Where logs were looked for.
    pub expected: Vec<Expected>,
    /// Event logs that are among loose logs.
    pub events: Vec<ServerPath>,
    /// Bytes of all files, as listed.
    pub bytes: u64,
    /// Deleted logs that are not read, and how much of each is left.
    pub(super) not_read: Vec<(ServerPath, Remains)>,
    omitted: u64,
}

#[derive(Clone, Debug)]
struct File {
    folder: u32,
    /// Whether its name is none that a log has: that it is no log is not a problem.
    unsure: bool,
    name: Box<str>,
    /// The file, where it was deleted.
    deleted: Option<Box<DeletedFile>>,
}

/// What folders are walked with.
pub(super) type Walk<'w, 'e> = (&'w dyn Evidence, &'w Resolver<'e>);

impl Sources {
    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The path of a file.
    pub fn path(&self, at: usize) -> Option<ServerPath> {
        let file = self.files.get(at)?;
        Some(self.folder(at)?.join(&file.name))
    }

    /// Opens a file, a deleted one by its record.
    pub(super) fn open(&self, at: usize, evidence: &dyn Evidence) -> io::Result<Content> {
        match self.deleted(at) {
            Some(file) => evidence.open_deleted(file, None),
            None => evidence.open(&self.path(at).ok_or(io::ErrorKind::NotFound)?),
        }
    }

    /// The file, where it was deleted.
    pub fn deleted(&self, at: usize) -> Option<&DeletedFile> {
        self.files.get(at)?.deleted.as_deref()
    }

    /// The folder of a file.
    pub(super) fn folder(&self, at: usize) -> Option<&ServerPath> {
        self.folders.get(self.files.get(at)?.folder as usize)
    }

    /// Whether a file is one of the front-end proxy's, by its name or folder: those are read last.
    pub(super) fn is_proxy(&self, at: usize) -> bool {
        let by_name = self.files.get(at).is_some_and(|file| begins(&file.name, "HttpProxy"));
        by_name || self.folder(at).is_some_and(|folder| folder.names().any(|name| same_name(name, "HttpProxy")))
    }

    /// Whether the name of a file is none that a log has.
    pub(super) fn is_unsure(&self, at: usize) -> bool {
        self.files.get(at).is_some_and(|file| file.unsure)
    }

    pub(super) fn add(&mut self, folder: &ServerPath, name: &str, size: u64, unsure: bool) {
        let known = self.folders.last() == Some(folder);
        if self.files.len() >= MOST_FILES || !known && self.folders.len() >= MOST_FOLDERS {
            self.omitted += 1;
            return;
        }
        if !known {
            self.folders.push(folder.clone());
        }
        let folder = u32::try_from(self.folders.len() - 1).unwrap_or(u32::MAX);
        self.files.push(File { folder, unsure, name: name.into(), deleted: None });
        self.bytes = self.bytes.saturating_add(size);
    }

    /// Adds a deleted file, or one out of a shadow copy.
    pub fn add_deleted(&mut self, file: DeletedFile) {
        let Some(folder) = file.path.parent() else { return };
        let before = self.files.len();
        self.add(&folder, file.path.name(), file.entry.size, false);
        if let Some(added) = self.files.get_mut(before) {
            added.deleted = Some(Box::new(file));
        }
    }

    /// Adds what is in a folder and, to a depth, below, walking without recursion. `wanted` chooses by name.
    pub(super) fn walk(
        &mut self,
        walk: Walk<'_, '_>,
        root: &ServerPath,
        most: usize,
        wanted: &dyn Fn(&str) -> Wanted,
        problems: &mut Vec<Problem>,
    ) {
        self.walk_beside(walk, root, most, &[], wanted, problems);
    }

    /// The same without the folders `done`.
    pub(super) fn walk_beside(
        &mut self,
        (evidence, resolver): Walk<'_, '_>,
        root: &ServerPath,
        most: usize,
        done: &[ServerPath],
        wanted: &dyn Fn(&str) -> Wanted,
        problems: &mut Vec<Problem>,
    ) {
        let mut waiting = vec![(root.clone(), 0)];
        // Folders that links lead to: each is walked once, and none that is below the folder itself.
        let mut behind: Vec<ServerPath> = Vec::new();
        while let Some((folder, depth)) = waiting.pop() {
            let mut content = FolderContent::list(evidence, &folder, wanted, problems);
            for (name, target) in content.links {
                let link = folder.join(&name);
                match resolver.lead(&link, target.as_deref()) {
                    Led::File(to) => self.add_linked(evidence, &name, to, wanted, problems),
                    Led::Folder(to) if to.below(root).is_some() || behind.contains(&to) => {}
                    Led::Folder(to) => {
                        behind.push(to.clone());
                        content.folders.push(to);
                    }
                    Led::Away(away) if most > 0 && !away.is_nothing() => {
                        problems.push(Problem::at(away.kind, &link, not_followed(target.as_deref(), &away)));
                    }
                    Led::Away(_) => {}
                }
            }
            content.files.sort_unstable();
            for (name, size) in content.files {
                if extension(&name) == "evtx" {
                    self.events.push(folder.join(&name));
                } else {
                    self.add(&folder, &name, size, wanted(&name) == Wanted::Unsure);
                }
            }
            let mut below = content.folders;
            below.retain(|folder| !done.contains(folder));
            below.sort_unstable();
            if depth < most {
                waiting.extend(below.into_iter().rev().map(|folder| (folder, depth + 1)));
            } else if most > 0 && !below.is_empty() {
                let message = "too deep: the folders below were not searched";
                problems.push(Problem::at(ProblemKind::FolderUnreadable, &folder, message));
            }
        }
    }

    /// Adds the file that a link leads to, if either has the name of a log.
    fn add_linked(
        &mut self,
        evidence: &dyn Evidence,
        name: &str,
        to: ServerPath,
        wanted: &dyn Fn(&str) -> Wanted,
        problems: &mut Vec<Problem>,
    ) {
        if wanted(name) == Wanted::No && wanted(to.name()) == Wanted::No {
            return;
        }
        match (evidence.stat(&to), to.parent()) {
            (Ok(entry), _) if extension(name) == "evtx" => {
                debug_assert!(entry.kind == EntryKind::File);
                self.events.push(to);
            }
            (Ok(entry), Some(parent)) => {
                let unsure = wanted(name) != Wanted::Yes && wanted(to.name()) != Wanted::Yes;
                self.add(&parent, to.name(), entry.size, unsure);
            }
            (Err(error), _) => problems.push(Problem::at(classify(&error), &to, error.to_string())),
            (Ok(_), None) => {}
        }
    }

    /// Keeps of the files from a place on those whose name or first lines are those of a log.
    pub(super) fn keep_logs(&mut self, evidence: &dyn Evidence, from: usize) {
        let folders = &self.folders;
        let mut at = 0;
        self.files.retain(|file| {
            at += 1;
            let path = || folders.get(file.folder as usize).map(|folder| folder.join(&file.name));
            at <= from || !file.unsure || path().is_some_and(|path| recognise::begins_as_log(evidence, &path))
        });
    }

    /// Keeps of the files from a place on those that are not known, once each.
    pub(super) fn drop_known(&mut self, from: usize, mut known: HashSet<ServerPath>) {
        let folders = &self.folders;
        let mut at = 0;
        self.files.retain(|file| {
            at += 1;
            let path = || folders.get(file.folder as usize).map(|folder| folder.join(&file.name));
            at <= from || path().is_some_and(|path| known.insert(path))
        });
    }

    /// Takes in what was found elsewhere.
    pub fn join(&mut self, other: Self) {
        let shift = self.folders.len() as u32; // both are bounded far below
        self.folders.extend(other.folders);
        self.files.extend(other.files.into_iter().map(|file| File { folder: file.folder + shift, ..file }));
        self.expected.extend(other.expected);
        self.events.extend(other.events);
        self.not_read.extend(other.not_read);
        self.bytes += other.bytes;
    }

    pub(super) fn finish(mut self, problems: &mut Vec<Problem>) -> Self {
        if self.omitted > 0 {
            let message = format!("more than {MOST_FILES} log files: {} were not read", self.omitted);
            problems.push(Problem::general(ProblemKind::LogDamaged, message));
        }
        self.folders.shrink_to_fit();
        self.files.shrink_to_fit();
        self
    }
}

/// What a folder holds: files by name and size, folders, and links with their targets.
#[derive(Default)]
struct FolderContent {
    files: Vec<(String, u64)>,
    folders: Vec<ServerPath>,
    links: Vec<(String, Option<String>)>,
}

impl FolderContent {
    fn list(
        evidence: &dyn Evidence,
        folder: &ServerPath,
        wanted: &dyn Fn(&str) -> Wanted,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let named = |name: &str| wanted(name) != Wanted::No;
        let mut content = Self::default();
        let listed = evidence.list(folder, &named, &mut |listed| match listed {
            Listed::Entry(entry) => match entry.kind {
                EntryKind::File if named(&entry.name) => content.files.push((entry.name, entry.size)),
                EntryKind::Folder => content.folders.push(folder.join(&entry.name)),
                EntryKind::Link { target } => content.links.push((entry.name, target)),
                EntryKind::Other(what) if named(&entry.name) => {
                    let message = format!("a {what} in place of a log; it is not opened");
                    problems.push(Problem::at(ProblemKind::LogDamaged, &folder.join(&entry.name), message));
                }
                EntryKind::File | EntryKind::Other(_) => {}
            },
            Listed::NameOnly => {}
            Listed::Failed(name, error) => {
                problems.push(Problem::at(classify(&error), &folder.join(&name), error.to_string()));
            }
        });
        if let Err(error) = listed {
            let problem = Problem::at(ProblemKind::FolderUnreadable, folder, error.to_string());
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        content
    }
}
