//! The walk: metadata only. It gives the bar its total and the coverage its denominator.

use super::compiled::Leftovers;
use super::neighbours::{FolderTimes, is_log};
use crate::catalogue::bad_names;
use crate::evidence::directory::REPARSE_POINT;
use crate::evidence::{Away, Crossed, Evidence, Led, Listed, Resolver, classify, is_of_windows, not_followed};
use crate::model::place::kind;
use crate::model::server_path::fold;
use crate::model::{
    Artefact, Attributes, Coverage, Entry, EntryKind, Examined, Hashes, NtfsRecord, Problem, ProblemKind, Role,
    ServerPath, SourceState, Times, Timestamp,
};
use crate::targets::loads::{self, Drawn};
use crate::targets::{Area, Plan, is_whole};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Files larger than this come last, one at a time, so that they hold up no finding and no memory.
pub(super) const LARGE: u64 = 8 << 20;
/// How deep folders are followed below an area. Windows paths end at 32,767 characters; real trees have a dozen levels.
const MAX_DEPTH: usize = 512;
/// How many skipped names are kept for the report; all are counted.
const SKIPPED_KEPT: usize = 1000;
/// How many links of web folders are told.
const LINKS_KEPT: usize = 10_000;
/// How many links are followed: a server has some dozens in its web folders, a site's packages some thousands.
const LINKS_FOLLOWED: usize = 100_000;
/// How many folders are added since links lead to them, and how often the walk begins anew for them: a folder behind a link can
/// hold links.
const MOST_BEHIND_LINKS: (usize, usize) = (2_000, 16);

const TOO_MANY_LINKS: &str = "more links than are told one by one: the rest was followed, and not told";

/// Every file to examine, with its metadata. About 100 bytes a file beside its name: a server can have millions.
#[derive(Debug, Default)]
pub struct Survey {
    folders: Vec<Folder>,
    names: String,
    files: Vec<File>,
    /// What sources that read NTFS by themselves say beside, by the place of the name.
    ntfs: HashMap<usize, Box<NtfsRecord>>,
    /// Server code first, large files last, each in the order of the walk.
    order: Vec<u32>,
    crowds: FolderTimes,
    leftovers: Leftovers,
    drawn: Drawn,
    /// What the walk counts; the rest is filled in by the scan.
    pub coverage: Coverage,
    /// Links and devices, the first of them.
    pub skipped: Vec<Skipped>,
    /// Links in web folders, and those on the way to them, beside those that stand for a file.
    links: Vec<Link>,
    /// Files that are links, and the files whose content they give.
    linked: HashMap<ServerPath, ServerPath>,
    /// Of them, those in web folders, which are judged as links with their content.
    linked_in_web: HashSet<ServerPath>,
    /// Web folders that have alternate data streams, or may have.
    with_streams: Vec<Link>,
}

/// A link that is worth a judgement of its own.
#[derive(Clone, Debug)]
struct Link {
    /// Its path.
    path: ServerPath,
    /// The path by which it was reached.
    named: ServerPath,
    /// Its listing, with the place it leads to for its target, if that is known.
    entry: Entry,
    role: Role,
    base: ServerPath,
}

/// A name that is listed, but never opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The name.
    pub path: ServerPath,
    /// What it is: `link`, `fifo`, `socket`, `device`.
    pub why: &'static str,
    /// Where a link points.
    pub target: Option<String>,
}

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: ServerPath,
    pub(super) role: Role,
    pub(super) base: ServerPath,
    /// The path by which it was reached, where a link leads to it.
    pub(super) named: Option<ServerPath>,
    /// Files listed in it, wanted or not.
    pub(super) names: u32,
    /// Of them, logs.
    pub(super) logs: u32,
}

#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) folder: u32,
    attributes: u32,
    name_at: usize,
    name_length: u32,
    pub(super) seconds: [i64; 4],
    /// [`NO_TIME`] where the source has none.
    pub(super) nanos: [u32; 4],
    size: u64,
    /// Zero where the source has none; MFT record 0 is $MFT itself.
    inode: u64,
}

pub(super) const NO_TIME: u32 = u32::MAX;

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
    fn met(&self, files: &[ServerPath]) -> HashSet<ServerPath> {
        let parents: HashSet<ServerPath> = files.iter().filter_map(ServerPath::parent).collect();
        let wanted: HashSet<&ServerPath> = files.iter().collect();
        let inside: Vec<bool> = self.folders.iter().map(|folder| parents.contains(&folder.path)).collect();
        let near = self.files.iter().filter(|file| inside[file.folder as usize]);
        near.map(|file| self.folders[file.folder as usize].path.join(self.name(file)))
            .filter(|path| wanted.contains(path))
            .collect()
    }

    fn file(&self, at: usize) -> &File {
        &self.files[self.order[at] as usize]
    }

    fn name(&self, file: &File) -> &str {
        &self.names[file.name_at..file.name_at + file.name_length as usize]
    }

    /// The path of the file at a place in the order of examination.
    pub fn path(&self, at: usize) -> ServerPath {
        let file = self.file(at);
        self.folders[file.folder as usize].path.join(self.name(file))
    }

    /// That file as an artefact whose content nobody has read yet.
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
                ntfs: self.ntfs.get(&file.name_at).cloned(),
                attributes: Attributes(file.attributes),
            },
            place: plan.place(named.as_ref().unwrap_or(&path), folder.role, &folder.base),
            loaded_as: [plan.loaded.of(&path), self.drawn.loaded.of(&path)].concat(),
            signed: None,
            path,
            neighbours: self.crowds.neighbours(folder, file, &self.files),
            hashes: Hashes::default(),
            examined: Examined::Whole,
            comparison: None,
            compiled: self.leftovers.about(self.order[at]).cloned(),
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

    fn artefacts<'s>(&'s self, links: &'s [Link], plan: &'s Plan) -> impl Iterator<Item = (Artefact, ServerPath)> + 's {
        links.iter().map(|link| {
            let artefact = Artefact {
                path: link.path.clone(),
                entry: link.entry.clone(),
                place: plan.place(&link.named, link.role, &link.base),
                neighbours: None,
                hashes: Hashes::default(),
                examined: Examined::MetadataOnly,
                comparison: None,
                compiled: None,
                loaded_as: Vec::new(),
                signed: None,
            };
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

    /// The compiled pages that Temporary ASP.NET Files tell of, in the order of time: when, the URL path, and what became of the
    /// source.
    pub fn compiled_pages(&self) -> Vec<(Timestamp, String, SourceState)> {
        self.leftovers.timeline()
    }

    #[cfg(test)]
    pub(super) fn leftovers_for_tests(&self) -> impl Iterator<Item = &crate::model::Compiled> {
        self.leftovers.pages()
    }

    /// What the configuration files that were met, and those of the plan, draw in.
    fn draw_in(&self, evidence: &dyn Evidence, plan: &Plan, problems: &mut Vec<Problem>) -> Drawn {
        let met = self.files.iter().filter(|file| loads::is_configuration(self.name(file)));
        let met = met.map(|file| self.folders[file.folder as usize].path.join(self.name(file)));
        let mut configs: Vec<ServerPath> = met.collect();
        configs.extend(plan.files.iter().filter(|file| loads::is_configuration(file.name())).cloned());
        configs.sort();
        configs.dedup();
        loads::draw_in(evidence, plan, configs, problems)
    }

    fn add_folder(&mut self, path: &ServerPath, context: &Context) -> u32 {
        let (role, base) = (context.role, context.base.clone());
        let named = context.alias.is_some().then(|| context.named(path));
        self.folders.push(Folder { path: path.clone(), role, base, named, names: 0, logs: 0 });
        self.folders.len() as u32 - 1
    }

    fn add_link(&mut self, link: Link, problems: &mut Vec<Problem>) {
        if self.links.len() < LINKS_KEPT {
            self.links.push(link);
        } else if self.links.len() == LINKS_KEPT && !problems.iter().any(|known| known.message == TOO_MANY_LINKS) {
            problems.push(Problem::at(ProblemKind::PathUnresolved, &link.path, TOO_MANY_LINKS));
        }
    }

    /// Adds a link that discovery went through on the way to what is examined.
    fn crossed(&mut self, path: &ServerPath, crossed: &Crossed) {
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

    fn add_file(&mut self, folder: u32, entry: &Entry) {
        let times = [entry.times.created, entry.times.modified, entry.times.changed, entry.times.accessed];
        let name_at = self.names.len();
        self.names.push_str(&entry.name);
        if let Some(ntfs) = &entry.ntfs {
            self.ntfs.insert(name_at, ntfs.clone());
        }
        self.files.push(File {
            folder,
            attributes: entry.attributes.0,
            name_at,
            name_length: entry.name.len() as u32,
            seconds: times.map(|time| time.map_or(0, Timestamp::seconds)),
            nanos: times.map(|time| time.map_or(NO_TIME, Timestamp::nanos)),
            size: entry.size,
            inode: entry.inode.unwrap_or(0),
        });
        self.coverage.surveyed += 1;
    }

    fn skip(&mut self, path: ServerPath, why: &'static str, target: Option<String>) {
        self.coverage.surveyed += 1;
        *self.coverage.skipped.entry(why).or_default() += 1;
        if self.skipped.len() < SKIPPED_KEPT {
            self.skipped.push(Skipped { path, why, target });
        }
    }

    /// Puts the files from this one on, all of one folder, in the order of their names.
    fn sort_names_from(&mut self, first: usize) {
        let names = &self.names;
        let name = |file: &File| &names[file.name_at..file.name_at + file.name_length as usize];
        self.files[first..].sort_unstable_by(|a, b| name(a).cmp(name(b)));
    }

    fn sort(&mut self) {
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

    /// Works out what files of one folder say together.
    fn compare(&mut self) {
        let name = |file: &File| &self.names[file.name_at..file.name_at + file.name_length as usize];
        self.crowds = FolderTimes::of(&self.folders, &self.files, &name, Timestamp::now());
    }
}

/// What a folder is while it is walked.
#[derive(Clone)]
struct Context {
    role: Role,
    base: ServerPath,
    every_file: bool,
    /// The folder that a link leads to, and the path by which it was reached.
    alias: Option<Arc<(ServerPath, ServerPath)>>,
}

/// How much a role says about a file.
fn weight(role: Role) -> u8 {
    match role {
        Role::Exchange => 4,
        Role::AspnetTemp => 3,
        Role::WebRoot => 2,
        Role::Unknown => 1,
        Role::DropFolder => 0,
    }
}

impl Context {
    fn of(area: &Area, reached: &HashMap<ServerPath, ServerPath>) -> Self {
        let alias = reached.get(&area.path).map(|named| Arc::new((area.path.clone(), named.clone())));
        Self { role: area.role, base: area.base.clone(), every_file: area.every_file, alias }
    }

    /// The path by which a folder or file of this context was reached.
    fn named(&self, path: &ServerPath) -> ServerPath {
        let Some(alias) = &self.alias else { return path.clone() };
        let Some(below) = path.below_exactly(&alias.0) else { return path.clone() };
        let names = below.split(path.separator()).filter(|name| !name.is_empty());
        names.fold(alias.1.clone(), |path, name| path.join(name))
    }

    /// Whether its files are those of a site or of the web folders of Exchange.
    fn is_web(&self) -> bool {
        self.every_file && matches!(self.role, Role::WebRoot | Role::Exchange)
    }

    /// The context where a further area begins inside this one: what either examines is examined, and the role that says
    /// more about a file wins.
    fn entering(&self, area: &Area, reached: &HashMap<ServerPath, ServerPath>) -> Self {
        // Within one web root the outer base stays: `aspnet_client` must not vanish from the path of a virtual directory
        // that points into it.
        let keep =
            weight(self.role) > weight(area.role) || self.role == area.role && area.base.below(&self.base).is_some();
        let other = Self::of(area, reached);
        let Self { role, base, alias, .. } = if keep { self.clone() } else { other };
        Self { role, base, alias, every_file: self.every_file || area.every_file }
    }
}

/// Walks every area of the plan, and the folders of the evidence that links in them lead to, each under the link's name. What
/// cannot be listed, and links that lead to nothing that can be examined, go to `problems`.
pub fn survey(evidence: &dyn Evidence, plan: &Plan, interrupted: &AtomicBool, problems: &mut Vec<Problem>) -> Survey {
    let resolver = Resolver::new(evidence);
    let mut areas = plan.areas.clone();
    let mut reached = plan.reached_as.clone();
    let mut rounds = 0;
    // A folder behind a link may lie in an area that was walked with less care: the walk begins anew with what it found.
    let mut survey = loop {
        let mut said = Vec::new();
        let mut walker = Walker {
            evidence,
            resolver: &resolver,
            areas: &areas,
            reached: &reached,
            interrupted,
            survey: Survey::default(),
            problems: &mut said,
            behind: Vec::new(),
            links: 0,
        };
        walker.walk_all();
        let (walked, behind) = (walker.survey, walker.behind);
        rounds += 1;
        let full = rounds > MOST_BEHIND_LINKS.1 || reached.len() + behind.len() > MOST_BEHIND_LINKS.0;
        if behind.is_empty() || full || interrupted.load(Ordering::Relaxed) {
            for (area, named) in &behind {
                let message = format!(
                    "a link, which was not followed: it leads to {}, behind more links than are followed",
                    area.path
                );
                said.push(Problem::at(ProblemKind::PathUnresolved, named, message));
            }
            add_new(said, problems);
            break walked;
        }
        for (area, named) in behind {
            reached.entry(area.path.clone()).or_insert(named);
            areas.push(area);
        }
    };
    for (path, crossed) in &plan.crossed {
        survey.crossed(path, crossed);
    }
    survey.drawn = survey.draw_in(evidence, plan, problems);
    // What the web server loads can lie in an area where the walk has taken it for its name.
    let files: Vec<ServerPath> = plan.files.iter().chain(&survey.drawn.files).cloned().collect();
    let met = survey.met(&files);
    for file in files.iter().filter(|file| !met.contains(*file)) {
        add_single(evidence, plan, file, &mut survey, problems);
    }
    survey.sort();
    survey.compare();
    survey.leftovers = Leftovers::of(evidence, plan, &survey, interrupted, problems);
    survey
}

/// Adds problems, without those that discovery has told of the same folder or link.
fn add_new(said: Vec<Problem>, problems: &mut Vec<Problem>) {
    let told = |problem: &Problem| {
        matches!(
            problem.kind,
            ProblemKind::FolderUnreadable | ProblemKind::PathUnresolved | ProblemKind::VolumeNotGiven
        )
    };
    let known: HashSet<(ProblemKind, ServerPath)> =
        problems.iter().filter(|one| told(one)).filter_map(|one| Some((one.kind, one.path.clone()?))).collect();
    problems.extend(
        said.into_iter()
            .filter(|problem| problem.path.as_ref().is_none_or(|path| !known.contains(&(problem.kind, path.clone())))),
    );
}

fn enter(outer: Option<&Context>, areas: &[&Area], reached: &HashMap<ServerPath, ServerPath>) -> Context {
    let mut context = outer.cloned().unwrap_or_else(|| Context::of(areas[0], reached));
    for area in areas {
        context = context.entering(area, reached);
    }
    context
}

/// One walk through all areas.
struct Walker<'w> {
    evidence: &'w dyn Evidence,
    resolver: &'w Resolver<'w>,
    areas: &'w [Area],
    /// By which path a folder that links lead to was reached.
    reached: &'w HashMap<ServerPath, ServerPath>,
    interrupted: &'w AtomicBool,
    survey: Survey,
    problems: &'w mut Vec<Problem>,
    /// Areas that links lead to and that no area covers yet, with the path by which each was reached.
    behind: Vec<(Area, ServerPath)>,
    /// Links met so far.
    links: usize,
}

impl Walker<'_> {
    fn walk_all(&mut self) {
        let mut areas: HashMap<&ServerPath, Vec<&Area>> = HashMap::new();
        for area in self.areas {
            areas.entry(&area.path).or_default().push(area);
        }
        let mut roots: Vec<&ServerPath> = areas.keys().copied().collect();
        roots.sort();
        for root in &roots {
            // An area inside another one is met on that one's walk.
            let inside =
                std::iter::successors(root.parent(), ServerPath::parent).any(|parent| areas.contains_key(&parent));
            if !inside {
                let context = enter(None, &areas[root], self.reached);
                self.walk(&areas, root, context);
            }
        }
    }

    fn walk(&mut self, areas: &HashMap<&ServerPath, Vec<&Area>>, root: &ServerPath, context: Context) {
        let mut stack = vec![(root.clone(), context, 0)];
        while let Some((path, context, depth)) = stack.pop() {
            if self.interrupted.load(Ordering::Relaxed) {
                return;
            }
            self.survey.coverage.folders += 1;
            if context.is_web() {
                self.streams(&path, &context);
            }
            let mut others = Vec::new();
            let (mut names_only, mut failed) = (0, 0);
            let (mut folder, first) = (None, self.survey.files.len());
            let (seen, logs) = (Cell::new(0), Cell::new(0));
            let in_drop_folder = (context.role == Role::DropFolder).then(|| path.folded());
            let takes = |name: &str| {
                context.every_file
                    || kind::is_web(name)
                    || in_drop_folder.as_ref().is_some_and(|folder| bad_names().meet(folder, name))
            };
            let wanted = |name: &str| {
                seen.set(seen.get() + 1);
                logs.set(logs.get() + u32::from(is_log(name)));
                takes(name)
            };
            let (survey, problems) = (&mut self.survey, &mut *self.problems);
            let listed = self.evidence.list(&path, &wanted, &mut |listed| match listed {
                // Straight into the compact form: one folder may hold a million of them.
                Listed::Entry(entry) if entry.kind == EntryKind::File => {
                    let folder = *folder.get_or_insert_with(|| survey.add_folder(&path, &context));
                    survey.add_file(folder, &entry);
                }
                Listed::Entry(entry) => others.push(entry),
                Listed::NameOnly => names_only += 1,
                Listed::Failed(name, error) => {
                    failed += 1;
                    problems.push(Problem::at(classify(&error), &path.join(&name), error.to_string()));
                }
            });
            if let Err(error) = listed {
                self.problems.push(Problem::at(ProblemKind::FolderUnreadable, &path, error.to_string()));
            }
            others.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            for entry in &others {
                if let EntryKind::Link { target } = &entry.kind {
                    self.link(&path, &context, entry, target.as_deref(), &takes, &mut folder);
                }
            }
            if let Some(folder) = folder {
                let folder = &mut self.survey.folders[folder as usize];
                (folder.names, folder.logs) = (seen.get(), logs.get());
            }
            let coverage = &mut self.survey.coverage;
            coverage.names_only += names_only;
            coverage.surveyed += failed;
            coverage.failed += failed;
            self.survey.sort_names_from(first);
            let mut children = Vec::new();
            for entry in others {
                match &entry.kind {
                    EntryKind::File | EntryKind::Link { .. } => {} // taken above
                    EntryKind::Folder if depth == MAX_DEPTH => {
                        let message = format!("nested deeper than {MAX_DEPTH} folders: not followed");
                        self.problems.push(Problem::at(
                            ProblemKind::FolderUnreadable,
                            &path.join(&entry.name),
                            message,
                        ));
                    }
                    EntryKind::Folder => {
                        let child = path.join(&entry.name);
                        let context = match areas.get(&child) {
                            Some(inner) => enter(Some(&context), inner, self.reached),
                            None => context.clone(),
                        };
                        children.push((child, context, depth + 1));
                    }
                    EntryKind::Other(what) => {
                        let path = path.join(&entry.name);
                        if *what == REPARSE_POINT {
                            let message =
                                "its content is kept elsewhere (deduplicated, or a placeholder) and was not fetched";
                            self.problems.push(Problem::at(ProblemKind::FileUnreadable, &path, message));
                        }
                        self.survey.skip(path, what, None);
                    }
                }
            }
            stack.extend(children.into_iter().rev());
        }
    }

    /// Remembers a web folder that has alternate data streams: no listing shows them.
    fn streams(&mut self, path: &ServerPath, context: &Context) {
        let has = match self.evidence.streams(path) {
            Ok(streams) => !streams.is_empty(),
            // It is told of the folder itself, which cannot be listed then.
            Err(_) => false,
        };
        if has
            && self.survey.with_streams.len() < LINKS_KEPT
            && let Ok(entry) = self.evidence.stat(path)
        {
            let (role, base, named) = (context.role, context.base.clone(), context.named(path));
            self.survey.with_streams.push(Link { path: path.clone(), named, entry, role, base });
        }
    }

    /// Follows a link: a file is examined under the link's name, a folder becomes an area under it, and what leads to nothing
    /// that can be examined is a gap wherever a page could lie there.
    fn link(
        &mut self,
        folder: &ServerPath,
        context: &Context,
        entry: &Entry,
        target: Option<&str>,
        takes: &dyn Fn(&str) -> bool,
        index: &mut Option<u32>,
    ) {
        let path = folder.join(&entry.name);
        self.links += 1;
        if self.links > LINKS_FOLLOWED {
            if self.links == LINKS_FOLLOWED + 1 {
                let message =
                    format!("more than {LINKS_FOLLOWED} links: this one and those behind it were not followed");
                self.problems.push(Problem::at(ProblemKind::PathUnresolved, &path, message));
            }
            self.survey.skip(path, "link", target.map(str::to_owned));
            return;
        }
        let led = self.resolver.lead(&path, target);
        if let Led::File(to) = &led {
            let stat = self.evidence.stat(to);
            match stat {
                Ok(found) if found.kind == EntryKind::File && (takes(&entry.name) || takes(to.name())) => {
                    let folder = *index.get_or_insert_with(|| self.survey.add_folder(folder, context));
                    self.survey.add_file(folder, &Entry { name: entry.name.clone(), ..found });
                    if context.is_web() {
                        self.survey.linked_in_web.insert(path.clone());
                    }
                    self.survey.linked.insert(path, to.clone());
                    return;
                }
                Err(error) => self.problems.push(Problem::at(classify(&error), to, error.to_string())),
                Ok(_) => {}
            }
        }
        let leads_to = match &led {
            Led::Folder(to) | Led::File(to) => Some(to.to_string()),
            Led::Away(_) => target.map(str::to_owned),
        };
        match &led {
            Led::Folder(to) => self.behind(&path, context, to),
            Led::File(_) => {}
            Led::Away(away) => {
                if leaves_a_gap(&path, context, target, away) {
                    self.problems.push(Problem::at(away.kind, &path, not_followed(target, away)));
                }
            }
        }
        if context.is_web() {
            let entry = Entry { kind: EntryKind::Link { target: leads_to }, ..entry.clone() };
            let named = context.named(&path);
            let (role, base) = (context.role, context.base.clone());
            self.survey.add_link(Link { path: path.clone(), named, entry, role, base }, self.problems);
        }
        self.survey.skip(path, "link", target.map(str::to_owned));
    }

    /// Makes an area of a folder that a link leads to, unless it is looked at with the same care already.
    fn behind(&mut self, link: &ServerPath, context: &Context, to: &ServerPath) {
        let every_file = context.every_file && !is_whole(to);
        let covers = |area: &Area| {
            to.below(&area.path).is_some()
                && (area.every_file || !every_file)
                && weight(area.role) >= weight(context.role)
        };
        if !self.areas.iter().chain(self.behind.iter().map(|(area, _)| area)).any(covers) {
            let area = Area { path: to.clone(), role: context.role, base: context.base.clone(), every_file };
            self.behind.push((area, context.named(link)));
        }
    }
}

/// Whether a link that leads to nothing that can be examined is a gap: wherever a page, a library or a configuration could lie
/// behind it. What does not exist on a volume that was given is none outside of web folders, and the links that every Windows has
/// are none, nor the folders of mailbox databases, which lie on volumes of their own.
fn leaves_a_gap(link: &ServerPath, context: &Context, target: Option<&str>, away: &Away) -> bool {
    if context.is_web() {
        return true;
    }
    let of_databases = context.role == Role::Exchange
        && context.named(link).windows_below(&context.base).is_some_and(|below| fold(&below).starts_with("mailbox\\"));
    !of_databases && !away.is_nothing() && !is_of_windows(link, target)
}

/// A survey of one file of the evidence, with the place that the plan's areas give it. Server code of a site or of Exchange
/// is seen beside the other files of its area, as in a scan: the area is walked for that, and nothing else of it kept.
pub fn single(evidence: &dyn Evidence, plan: &Plan, file: &ServerPath, problems: &mut Vec<Problem>) -> Survey {
    let mut alone = Survey::default();
    add_single(evidence, plan, file, &mut alone, problems);
    alone.sort();
    if let Some(folder) = alone.folders.first()
        && matches!(folder.role, Role::Exchange | Role::WebRoot)
        && kind::is_server_code(file.name())
    {
        let inside = |area: &&Area| area.path.below(&folder.base).is_some();
        let areas: Vec<Area> = plan.areas.iter().filter(inside).cloned().collect();
        let around = Plan { areas, ..Plan::default() };
        let mut among = survey(evidence, &around, &AtomicBool::new(false), &mut Vec::new());
        if let Some(at) = (0..among.len()).find(|&at| among.path(at) == *file) {
            among.links.clear();
            among.with_streams.clear();
            among.order = vec![among.order[at]];
            among.coverage = alone.coverage;
            among.skipped.clear();
            return among;
        }
    }
    // What ASP.NET left is told by the other files of its folder.
    if let Some(folder) = alone.folders.first()
        && folder.role == Role::AspnetTemp
        && let Some(parent) = file.parent()
    {
        let area = Area { path: parent, role: folder.role, base: folder.base.clone(), every_file: true };
        let around = Plan { areas: vec![area], files: Vec::new(), ..plan.clone() };
        let mut beside = survey(evidence, &around, &AtomicBool::new(false), &mut Vec::new());
        if let Some(at) = (0..beside.len()).find(|&at| beside.path(at) == *file) {
            beside.links.clear();
            beside.with_streams.clear();
            beside.order = vec![beside.order[at]];
            beside.coverage = alone.coverage;
            beside.skipped.clear();
            return beside;
        }
    }
    alone
}

fn add_single(
    evidence: &dyn Evidence,
    plan: &Plan,
    path: &ServerPath,
    survey: &mut Survey,
    problems: &mut Vec<Problem>,
) {
    let parent = path.parent().unwrap_or_else(|| path.clone());
    match evidence.stat(path) {
        Ok(entry) if entry.kind == EntryKind::File => {
            // The areas around it, from the outermost in, as the walk meets them.
            let mut around: Vec<&Area> = plan.areas.iter().filter(|area| parent.below(&area.path).is_some()).collect();
            around.sort_by_key(|area| area.path.as_str().len());
            let context = match around.is_empty() {
                true => Context { role: Role::Unknown, base: parent.clone(), every_file: true, alias: None },
                false => enter(None, &around, &plan.reached_as),
            };
            let folder = survey.add_folder(&parent, &context);
            survey.add_file(folder, &entry);
        }
        Ok(entry) => {
            let why = match entry.kind {
                EntryKind::Other(what) => what,
                _ => "link",
            };
            survey.skip(path.clone(), why, None);
        }
        Err(error) => problems.push(Problem::at(classify(&error), path, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    fn area(path: &str, role: Role, every_file: bool) -> Area {
        let path = ServerPath::from_windows(path).expect("absolute");
        Area { base: path.clone(), path, role, every_file }
    }

    fn run(evidence: &Memory, areas: Vec<Area>) -> (Survey, Vec<String>, Vec<Problem>) {
        let plan = Plan { areas, ..Plan::default() };
        let mut problems = Vec::new();
        let survey = survey(evidence, &plan, &AtomicBool::new(false), &mut problems);
        let files = (0..survey.len())
            .map(|at| {
                let artefact = survey.artefact(at, &plan);
                format!("{} {}", artefact.place.role.name(), artefact.place.relative)
            })
            .collect();
        (survey, files, problems)
    }

    #[test]
    fn an_area_inside_another_is_walked_once_with_the_role_that_says_more() {
        let evidence = Memory::new()
            .file(r"C:\inetpub\notes.txt", b"")
            .file(r"C:\inetpub\old.asp", b"")
            .file(r"C:\inetpub\wwwroot\a.txt", b"")
            .file(r"C:\inetpub\wwwroot\aspnet_client\b.txt", b"");
        let areas = vec![
            area(r"C:\inetpub", Role::DropFolder, false),
            area(r"C:\inetpub\wwwroot", Role::WebRoot, true),
            area(r"C:\inetpub\wwwroot\aspnet_client", Role::WebRoot, true),
        ];
        let (survey, files, problems) = run(&evidence, areas);
        assert_eq!(files, ["drop folder old.asp", "web root a.txt", r"web root aspnet_client\b.txt"]);
        assert_eq!((survey.coverage.surveyed, survey.coverage.names_only, problems.len()), (3, 1, 0));
    }

    #[test]
    fn links_are_counted_not_followed_and_unreadable_folders_are_said() {
        let evidence = Memory::new()
            .link(r"C:\w\loop", r"C:\w")
            .file(r"C:\w\x.aspx", b"")
            .folder(r"C:\w\closed")
            .fault(r"C:\w\closed", crate::evidence::memory::Fault::Refuse(std::io::ErrorKind::PermissionDenied));
        let (survey, files, problems) = run(&evidence, vec![area(r"C:\w", Role::WebRoot, true)]);
        assert_eq!(files.len(), 1);
        assert_eq!(
            survey.skipped,
            [Skipped {
                path: ServerPath::from_windows(r"C:\w\loop").expect("absolute"),
                why: "link",
                target: Some(r"C:\w".to_owned())
            }]
        );
        assert_eq!(problems[0].kind, ProblemKind::FolderUnreadable);
        assert_eq!(survey.coverage.surveyed, 2);
    }

    #[test]
    fn what_is_kept_elsewhere_and_what_has_no_metadata_is_counted_and_said() {
        let evidence = Memory::new()
            .other(r"C:\w\dedup.aspx", REPARSE_POINT)
            .other(r"C:\w\pipe", "fifo")
            .file(r"C:\w\x.aspx", b"")
            .fault(r"C:\w\x.aspx", crate::evidence::memory::Fault::NoMetadata);
        let (survey, files, problems) = run(&evidence, vec![area(r"C:\w", Role::WebRoot, true)]);
        let said: Vec<_> = problems.iter().map(|p| (p.path.as_ref().expect("one").name(), p.kind)).collect();
        let unreadable = ProblemKind::FileUnreadable;
        assert_eq!(
            (files.len(), said),
            (0, vec![("x.aspx", unreadable), ("dedup.aspx", unreadable)]),
            "a FIFO is no gap"
        );
        assert_eq!((survey.coverage.surveyed, survey.coverage.failed, survey.coverage.skipped_total()), (3, 1, 2));
    }

    #[test]
    fn endless_nesting_is_left_at_a_bound() {
        let deep = format!(r"C:\w{}\x.aspx", r"\a".repeat(MAX_DEPTH + 3));
        let evidence = Memory::new().file(&deep, b"");
        let (_, files, problems) = run(&evidence, vec![area(r"C:\w", Role::WebRoot, true)]);
        assert_eq!((files.len(), problems.len()), (0, 1));
    }

    #[test]
    fn server_code_comes_first_and_large_files_last() {
        let evidence = Memory::new()
            .file(r"C:\w\a.bin", &vec![0; LARGE as usize + 1])
            .file(r"C:\w\b.css", b"")
            .file(r"C:\w\z.aspx", b"");
        let (_, files, _) = run(&evidence, vec![area(r"C:\w", Role::WebRoot, true)]);
        assert_eq!(files, ["web root z.aspx", "web root b.css", "web root a.bin"]);
    }

    #[test]
    fn a_surveyed_file_costs_less_than_a_hundred_bytes_beside_its_name() {
        assert!(size_of::<File>() <= 100, "{}", size_of::<File>());
    }
}
