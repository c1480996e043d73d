//! The result of the survey: every file to examine, with its metadata.

use super::compiled_pages::CompiledPages;
use super::file::{File, Files, Folder};
use super::journal::Journal;
use super::neighbours::FolderTimes;
use super::record_order;
use super::recycle_bins::RecycleBins;
use crate::evidence::{BinItem, CrossedLink, Evidence, is_of_windows};
use crate::model::place::kind;
use crate::model::{
    Artefact, Attributes, Coverage, DeletedFile, Entry, EntryKind, Examined, FolderStats, Hashes, Problem, ProblemKind,
    Role, ServerPath, Skipped, SourceState, TimelineEvent, Times, Timestamp,
};
use crate::targets::Plan;
use crate::targets::loads::{self, Referenced};
use std::collections::{HashMap, HashSet};

/// Files larger than this come last, one at a time, so that they hold up no finding and no memory.
pub(super) const LARGE: u64 = 8 << 20;
/// How many skipped names are kept for the report; all are counted.
const SKIPPED_KEPT: usize = 1000;
/// How many links of web folders are reported.
pub(super) const LINKS_KEPT: usize = 10_000;
const TOO_MANY_LINKS: &str = "too many links to list: the rest was followed but not listed";

/// Every file to examine, with its metadata. 20 bytes a file beside its name and what its source has of it: a server can have millions.
#[derive(Debug, Default)]
pub struct Survey {
    pub(super) folders: Vec<Folder>,
    pub(super) names: String,
    pub(super) files: Files,
    /// Server code first, large files last, each in the order of the walk.
    pub(super) order: Vec<u32>,
    pub(super) crowds: FolderTimes,
    /// Files with an old creation time among records of later ones: the earliest time of those.
    pub(super) late_records: HashMap<u32, Timestamp>,
    pub(super) compiled: CompiledPages,
    pub(super) referenced: Referenced,
    /// What the walk counts; the rest is filled in by the scan.
    pub coverage: Coverage,
    /// Links and devices, the first of them.
    pub skipped: Vec<Skipped>,
    /// Links in web folders, and those on the way to them, beside those that stand for a file.
    pub(super) links: Vec<Link>,
    /// Files that are links, and the files whose content they give.
    pub(super) linked: HashMap<ServerPath, ServerPath>,
    /// Of them, those in web folders, which are judged as links with their content.
    pub(super) linked_in_web: HashSet<ServerPath>,
    /// Web folders that have alternate data streams, or may have.
    pub(super) with_streams: Vec<Link>,
    /// Deleted files of web folders, where the source knows of them.
    pub(super) deleted: Vec<(DeletedFile, Artefact)>,
    /// What the change journals record about server code.
    pub(super) journal: Journal,
    /// What the recycle bins say of files in them.
    pub(super) recycled: RecycleBins,
}

/// A link that is worth a judgement of its own.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Its path.
    pub(super) path: ServerPath,
    /// The path by which it was reached.
    pub(super) named: ServerPath,
    /// Its listing, with the place it leads to for its target, if that is known.
    pub(super) entry: Entry,
    pub(super) role: Role,
    pub(super) base: ServerPath,
}

impl Survey {
    /// How many files there are to examine.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is nothing to examine.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Their sizes together.
    pub fn bytes(&self) -> u64 {
        self.files.all().map(|at| self.files.size(at)).sum()
    }

    /// Every file in the order of examination: its folder, its name, its size.
    pub fn names(&self) -> impl Iterator<Item = (&ServerPath, &str, u64)> {
        self.order
            .iter()
            .map(|&at| (&self.folders[self.files.folder(at) as usize].path, self.file_name(at), self.files.size(at)))
    }

    /// Those of `files` that were met on the walk.
    pub(super) fn met(&self, files: &[ServerPath]) -> HashSet<ServerPath> {
        let parents: HashSet<ServerPath> = files.iter().filter_map(ServerPath::parent).collect();
        let wanted: HashSet<&ServerPath> = files.iter().collect();
        let inside: Vec<bool> = self.folders.iter().map(|folder| parents.contains(&folder.path)).collect();
        let near = self.files.all().filter(|at| inside[self.files.folder(*at) as usize]);
        near.map(|at| self.path_of(at)).filter(|path| wanted.contains(path)).collect()
    }

    pub(super) fn file(&self, at: usize) -> File {
        self.files.get(self.order[at])
    }

    /// The path of a file by its place among all files.
    fn path_of(&self, file: u32) -> ServerPath {
        self.folder(self.files.folder(file)).join(self.file_name(file))
    }

    /// The path of the file at a place in the order of examination.
    pub fn path(&self, at: usize) -> ServerPath {
        self.path_of(self.order[at])
    }

    /// Whether the source has more of that file than its listing, which only a question for the file gives: it is asked when the file is
    /// examined, since a server can have millions.
    pub(super) fn has_record(&self, at: usize) -> bool {
        self.file(at).has_record
    }

    /// That file as an artefact whose content nobody has read yet, without its record in the MFT and the times that come with it.
    pub fn artefact(&self, at: usize, plan: &Plan) -> Artefact {
        let file = self.file(at);
        let folder = &self.folders[file.folder as usize];
        let name = self.file_name(self.order[at]);
        let path = folder.path.join(name);
        let kind = match self.linked.get(&path) {
            Some(to) => EntryKind::Link { target: Some(to.to_string()) },
            None => EntryKind::File,
        };
        let named = folder.named.as_ref().map(|folder| folder.join(name));
        Artefact {
            entry: Entry {
                name: name.to_owned(),
                kind,
                size: file.size,
                times: file.times,
                inode: (file.inode != 0).then_some(file.inode),
                ntfs: None,
                attributes: Attributes(file.attributes),
            },
            place: plan.place(named.as_ref().unwrap_or(&path), folder.role, &folder.base),
            loaded_as: [plan.loaded.of(&path), self.referenced.loaded.of(&path)].concat(),
            signed: None,
            recycled: None,
            path,
            neighbours: self
                .crowds
                .neighbours(folder, self.order[at], &self.files)
                .map(|stats| FolderStats { records_from: self.late_records.get(&self.order[at]).copied(), ..stats }),
            hashes: Hashes::default(),
            examined: Examined::Whole,
            comparison: None,
            compiled: self.compiled.about(self.order[at]).cloned(),
        }
    }

    /// The file to open for one of the walk: where that is a link, the file it leads to.
    pub fn opens(&self, path: &ServerPath) -> ServerPath {
        self.linked.get(path).map_or_else(|| path.clone(), ServerPath::clone)
    }

    /// The path by which the file at a place in the order of examination was reached, where a link leads to its folder.
    pub fn named(&self, at: usize) -> Option<ServerPath> {
        let at = self.order[at];
        self.folders[self.files.folder(at) as usize].named.as_ref().map(|folder| folder.join(self.file_name(at)))
    }

    /// The links in web folders, as artefacts without content, each with the path by which it was reached.
    pub fn links<'s>(&'s self, plan: &'s Plan) -> impl Iterator<Item = (Artefact, ServerPath)> + 's {
        self.artefacts(&self.links, plan)
    }

    /// The web folders with alternate data streams, likewise.
    pub fn folders_with_streams<'s>(&'s self, plan: &'s Plan) -> impl Iterator<Item = (Artefact, ServerPath)> + 's {
        self.artefacts(&self.with_streams, plan)
    }

    pub(super) fn artefacts<'s>(
        &'s self,
        links: &'s [Link],
        plan: &'s Plan,
    ) -> impl Iterator<Item = (Artefact, ServerPath)> + 's {
        links.iter().map(|link| {
            let place = plan.place(&link.named, link.role, &link.base);
            let file = Artefact::new(link.path.clone(), link.entry.clone(), place);
            let artefact = Artefact { examined: Examined::MetadataOnly, ..file };
            (artefact, link.named.clone())
        })
    }

    /// Every file of the folders of a role, in the order of the walk: its place among all files, its folder's, its name.
    pub(super) fn in_role(&self, role: Role) -> impl Iterator<Item = (u32, u32, &str)> {
        let inside = self.files.all().map(|at| (at, self.files.folder(at)));
        let inside = inside.filter(move |(_, folder)| self.folders[*folder as usize].role == role);
        inside.map(|(at, folder)| (at, folder, self.file_name(at)))
    }

    /// The name of a file by its place among all files.
    pub(super) fn file_name(&self, file: u32) -> &str {
        self.files.name(file, &self.names)
    }

    /// The times of a file by its place among all files.
    pub(super) fn times(&self, file: u32) -> Times {
        self.files.times(file)
    }

    /// A folder of the walk.
    pub(super) fn folder(&self, folder: u32) -> &ServerPath {
        &self.folders[folder as usize].path
    }

    /// The path of a folder below the root of its area, with backslashes.
    pub(super) fn relative(&self, folder: u32) -> String {
        let folder = &self.folders[folder as usize];
        folder.named.as_ref().unwrap_or(&folder.path).windows_below(&folder.base).unwrap_or_default()
    }

    /// What change journals and recycle bins tell of server code that was deleted.
    pub fn deletion_events(&self) -> Vec<TimelineEvent> {
        self.journal.events.iter().chain(&self.recycled.events).cloned().collect()
    }

    /// The files that were met in recycle bins: their folder and their names.
    pub(super) fn in_recycle_bins(&self) -> Vec<(ServerPath, Vec<String>)> {
        let mut folders: HashMap<u32, Vec<String>> = HashMap::new();
        let is_bin: Vec<bool> =
            self.folders.iter().map(|folder| BinItem::of(&folder.path.join("-")).is_some()).collect();
        for at in self.files.all().filter(|at| is_bin.get(self.files.folder(*at) as usize) == Some(&true)) {
            folders.entry(self.files.folder(at)).or_default().push(self.file_name(at).to_owned());
        }
        let mut found: Vec<_> =
            folders.into_iter().map(|(at, names)| (self.folders[at as usize].path.clone(), names)).collect();
        found.sort();
        found
    }

    /// The compiled pages that Temporary ASP.NET Files show, in the order of time: when, the URL path, and what became of the
    /// source.
    pub fn compiled_pages(&self) -> Vec<(Timestamp, String, SourceState)> {
        self.compiled.timeline()
    }

    #[cfg(test)]
    pub(super) fn compiled_for_tests(&self) -> impl Iterator<Item = &crate::model::Compiled> {
        self.compiled.pages()
    }

    /// What the configuration files that were met, and those of the plan, draw in.
    pub(super) fn find_referenced(
        &self,
        evidence: &dyn Evidence,
        plan: &Plan,
        problems: &mut Vec<Problem>,
    ) -> Referenced {
        let met = self.files.all().filter(|at| loads::is_configuration(self.file_name(*at)));
        let met = met.map(|at| self.path_of(at));
        let mut configs: Vec<ServerPath> = met.collect();
        configs.extend(plan.files.iter().filter(|file| loads::is_configuration(file.name())).cloned());
        configs.sort();
        configs.dedup();
        loads::find_referenced(evidence, plan, configs, problems)
    }

    pub(super) fn add_link(&mut self, link: Link, problems: &mut Vec<Problem>) {
        if self.links.len() < LINKS_KEPT {
            self.links.push(link);
        } else if self.links.len() == LINKS_KEPT && !problems.iter().any(|known| known.message == TOO_MANY_LINKS) {
            problems.push(Problem::at(ProblemKind::PathUnresolved, &link.path, TOO_MANY_LINKS));
        }
    }

    /// Adds a link that discovery went through on the way to what is examined.
    pub(super) fn crossed(&mut self, path: &ServerPath, crossed: &CrossedLink) {
        let Some(base) = path.parent() else { return };
        let EntryKind::Link { target } = &crossed.entry.kind else { return };
        let known = self.links.iter().any(|link| link.path == *path) || self.linked_in_web.contains(path);
        if known || is_of_windows(path, target.as_deref()) || self.links.len() >= LINKS_KEPT {
            return;
        }
        let target = crossed.leads_to.as_ref().map(ServerPath::to_string).or_else(|| target.clone());
        let entry = Entry { kind: EntryKind::Link { target }, ..crossed.entry.clone() };
        self.links.push(Link { path: path.clone(), named: path.clone(), entry, role: Role::WebRoot, base });
    }

    pub(super) fn add_file(&mut self, folder: u32, entry: &Entry) {
        let name_at = self.names.len();
        self.names.push_str(&entry.name);
        // The other two times are asked for with the record.
        let times = match entry.ntfs.is_some() {
            true => Times { changed: None, accessed: None, ..entry.times },
            false => entry.times,
        };
        let is_taken = self.files.push(&File {
            folder,
            attributes: entry.attributes.0,
            name_at,
            name_length: entry.name.len() as u32,
            times,
            size: entry.size,
            inode: entry.inode.unwrap_or(0),
            has_record: entry.ntfs.is_some(),
            is_set_back: entry.ntfs.as_ref().is_some_and(|ntfs| ntfs.is_set_back(entry.times.created)),
        });
        self.coverage.surveyed += 1;
        // Four billion files: no memory holds their names. The count says that some were not reached.
        debug_assert!(is_taken, "more files than a survey holds");
    }

    pub(super) fn skip(&mut self, path: ServerPath, why: &'static str, target: Option<String>) {
        self.coverage.surveyed += 1;
        *self.coverage.skipped.entry(why).or_default() += 1;
        if self.skipped.len() < SKIPPED_KEPT {
            self.skipped.push(Skipped { path, why, target });
        }
    }

    /// Puts the files from this one on, all of one folder, in the order of their names.
    pub(super) fn sort_names_from(&mut self, first: usize) {
        self.files.sort_from(first as u32, &self.names);
    }

    pub(super) fn sort(&mut self) {
        let class = |at: u32| match self.files.size(at) > LARGE {
            true => 2,
            false if kind::is_web(self.file_name(at)) => 0,
            false => 1,
        };
        let mut order: Vec<u32> = Vec::with_capacity(self.files.len());
        for wanted in 0..3 {
            order.extend(self.files.all().filter(|&at| class(at) == wanted));
        }
        self.order = order;
    }

    /// Computes the statistics of the files in one folder.
    pub(super) fn compare(&mut self) {
        let name = |file: u32| self.files.name(file, &self.names);
        self.crowds = FolderTimes::of(&self.folders, &self.files, &name, Timestamp::now());
        self.late_records = record_order::late(&self.folders, &self.files, &name);
    }
}
