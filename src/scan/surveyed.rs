//! The result of the survey: every file to examine, with its metadata.

use super::compiled_pages::CompiledPages;
use super::file::{File, Folder, NO_TIME};
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

/// Every file to examine, with its metadata. About 100 bytes a file beside its name: a server can have millions.
#[derive(Debug, Default)]
pub struct Survey {
    pub(super) folders: Vec<Folder>,
    pub(super) names: String,
    pub(super) files: Vec<File>,
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
        self.files.iter().map(|file| file.size).sum()
    }

    /// Every file in the order of examination: its folder, its name, its size.
    pub fn names(&self) -> impl Iterator<Item = (&ServerPath, &str, u64)> {
        self.order.iter().map(|&at| {
            let file = &self.files[at as usize];
            (&self.folders[file.folder as usize].path, self.name(file), file.size)
        })
    }

    /// Those of `files` that were met on the walk.
    pub(super) fn met(&self, files: &[ServerPath]) -> HashSet<ServerPath> {
        let parents: HashSet<ServerPath> = files.iter().filter_map(ServerPath::parent).collect();
        let wanted: HashSet<&ServerPath> = files.iter().collect();
        let inside: Vec<bool> = self.folders.iter().map(|folder| parents.contains(&folder.path)).collect();
        let near = self.files.iter().filter(|file| inside[file.folder as usize]);
        near.map(|file| self.folders[file.folder as usize].path.join(self.name(file)))
            .filter(|path| wanted.contains(path))
            .collect()
    }

    pub(super) fn file(&self, at: usize) -> &File {
        &self.files[self.order[at] as usize]
    }

    pub(super) fn name(&self, file: &File) -> &str {
        &self.names[file.name_at..file.name_at + file.name_length as usize]
    }

    /// The path of the file at a place in the order of examination.
    pub fn path(&self, at: usize) -> ServerPath {
        let file = self.file(at);
        self.folders[file.folder as usize].path.join(self.name(file))
    }

    /// Whether the source has more of that file than its listing, which only a question for the file gives: it is asked when the file is
    /// examined, since a server can have millions.
    pub(super) fn has_record(&self, at: usize) -> bool {
        self.file(at).has_record
    }

    /// That file as an artefact whose content nobody has read yet, without its record in the MFT.
    pub fn artefact(&self, at: usize, plan: &Plan) -> Artefact {
        let file = self.file(at);
        let folder = &self.folders[file.folder as usize];
        let path = folder.path.join(self.name(file));
        let kind = match self.linked.get(&path) {
            Some(to) => EntryKind::Link { target: Some(to.to_string()) },
            None => EntryKind::File,
        };
        let named = folder.named.as_ref().map(|folder| folder.join(self.name(file)));
        Artefact {
            entry: Entry {
                name: self.name(file).to_owned(),
                kind,
                size: file.size,
                times: self.times(self.order[at]),
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
                .neighbours(folder, file, &self.files)
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
        let file = self.file(at);
        self.folders[file.folder as usize].named.as_ref().map(|folder| folder.join(self.name(file)))
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
        let files = self.files.iter().enumerate();
        let inside = files.filter(move |(_, file)| self.folders[file.folder as usize].role == role);
        inside.map(|(at, file)| (at as u32, file.folder, self.name(file)))
    }

    /// The name of a file by its place among all files.
    pub(super) fn file_name(&self, file: u32) -> &str {
        self.name(&self.files[file as usize])
    }

    /// The times of a file by its place among all files.
    pub(super) fn times(&self, file: u32) -> Times {
        let file = &self.files[file as usize];
        let time = |n: usize| (file.nanos[n] != NO_TIME).then(|| Timestamp::new(file.seconds[n], file.nanos[n]));
        Times { created: time(0), modified: time(1), changed: time(2), accessed: time(3) }
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
        for file in self.files.iter().filter(|file| is_bin.get(file.folder as usize) == Some(&true)) {
            folders.entry(file.folder).or_default().push(self.name(file).to_owned());
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
        let met = self.files.iter().filter(|file| loads::is_configuration(self.name(file)));
        let met = met.map(|file| self.folders[file.folder as usize].path.join(self.name(file)));
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
        let times = [entry.times.created, entry.times.modified, entry.times.changed, entry.times.accessed];
        let name_at = self.names.len();
        self.names.push_str(&entry.name);
        self.files.push(File {
            folder,
            attributes: entry.attributes.0,
            name_at,
            name_length: entry.name.len() as u32,
            seconds: times.map(|time| time.map_or(0, Timestamp::seconds)),
            nanos: times.map(|time| time.map_or(NO_TIME, Timestamp::nanos)),
            size: entry.size,
            inode: entry.inode.unwrap_or(0),
            has_record: entry.ntfs.is_some(),
            is_set_back: entry.ntfs.as_ref().is_some_and(|ntfs| ntfs.is_set_back(entry.times.created)),
        });
        self.coverage.surveyed += 1;
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
        let names = &self.names;
        let name = |file: &File| &names[file.name_at..file.name_at + file.name_length as usize];
        self.files[first..].sort_unstable_by(|a, b| name(a).cmp(name(b)));
    }

    pub(super) fn sort(&mut self) {
        let class = |file: &File| match file.size > LARGE {
            true => 2,
            false if kind::is_web(self.name(file)) => 0,
            false => 1,
        };
        let mut order: Vec<u32> = Vec::with_capacity(self.files.len());
        for wanted in 0..3 {
            order.extend((0..self.files.len() as u32).filter(|&at| class(&self.files[at as usize]) == wanted));
        }
        self.order = order;
    }

    /// Computes the statistics of the files in one folder.
    pub(super) fn compare(&mut self) {
        let name = |file: &File| &self.names[file.name_at..file.name_at + file.name_length as usize];
        self.crowds = FolderTimes::of(&self.folders, &self.files, &name, Timestamp::now());
        self.late_records = record_order::late(&self.folders, &self.files, &name);
    }
}
