//! The walk: metadata only. It gives the bar its total and the coverage its denominator.

use super::compiled::Leftovers;
use super::neighbours::{Crowds, is_log};
use crate::catalogue::bad_names;
use crate::evidence::directory::REPARSE_POINT;
use crate::evidence::{Evidence, Listed, classify};
use crate::model::place::kind;
use crate::model::{
    Artefact, Attributes, Coverage, Entry, EntryKind, Examined, Hashes, Problem, ProblemKind, Role, ServerPath,
    SourceState, Times, Timestamp,
};
use crate::targets::loads::{self, Drawn};
use crate::targets::{Area, Plan};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// Files larger than this come last, one at a time, so that they hold up no finding and no memory.
pub(super) const LARGE: u64 = 8 << 20;
/// How deep folders are followed below an area. Windows paths end at 32,767 characters; real trees have a dozen levels.
const MAX_DEPTH: usize = 512;
/// How many skipped names are kept for the report; all are counted.
const SKIPPED_KEPT: usize = 1000;

/// Every file to examine, with its metadata. About 100 bytes a file beside its name: a server can have millions.
#[derive(Debug, Default)]
pub struct Survey {
    folders: Vec<Folder>,
    names: String,
    files: Vec<File>,
    /// Server code first, large files last, each in the order of the walk.
    order: Vec<u32>,
    crowds: Crowds,
    leftovers: Leftovers,
    drawn: Drawn,
    /// What the walk counts; the rest is filled in by the scan.
    pub coverage: Coverage,
    /// Links and devices, the first of them.
    pub skipped: Vec<Skipped>,
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
        Artefact {
            entry: Entry {
                name: self.name(file).to_owned(),
                kind: EntryKind::File,
                size: file.size,
                times: self.times(self.order[at]),
                inode: (file.inode != 0).then_some(file.inode),
                attributes: Attributes(file.attributes),
            },
            place: plan.place(&path, folder.role, &folder.base),
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
        folder.path.windows_below(&folder.base).unwrap_or_default()
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
        self.folders.push(Folder { path: path.clone(), role, base, names: 0, logs: 0 });
        self.folders.len() as u32 - 1
    }

    fn add_file(&mut self, folder: u32, entry: &Entry) {
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
        self.crowds = Crowds::of(&self.folders, &self.files, &name, Timestamp::now());
    }
}

/// What a folder is while it is walked.
#[derive(Clone)]
struct Context {
    role: Role,
    base: ServerPath,
    every_file: bool,
}

impl Context {
    fn of(area: &Area) -> Self {
        Self { role: area.role, base: area.base.clone(), every_file: area.every_file }
    }

    /// The context where a further area begins inside this one: what either examines is examined, and the role that says
    /// more about a file wins.
    fn entering(&self, area: &Area) -> Self {
        let weight = |role: Role| match role {
            Role::Exchange => 4,
            Role::AspnetTemp => 3,
            Role::WebRoot => 2,
            Role::Unknown => 1,
            Role::DropFolder => 0,
        };
        // Within one web root the outer base stays: `aspnet_client` must not vanish from the path of a virtual directory
        // that points into it.
        let keep =
            weight(self.role) > weight(area.role) || self.role == area.role && area.base.below(&self.base).is_some();
        let (role, base) = if keep { (self.role, self.base.clone()) } else { (area.role, area.base.clone()) };
        Self { role, base, every_file: self.every_file || area.every_file }
    }
}

/// Walks every area of the plan. What cannot be listed goes to `problems`.
pub fn survey(evidence: &dyn Evidence, plan: &Plan, interrupted: &AtomicBool, problems: &mut Vec<Problem>) -> Survey {
    let mut survey = Survey::default();
    let mut areas: HashMap<&ServerPath, Vec<&Area>> = HashMap::new();
    for area in &plan.areas {
        areas.entry(&area.path).or_default().push(area);
    }
    let mut roots: Vec<&ServerPath> = areas.keys().copied().collect();
    roots.sort();
    for root in &roots {
        // An area inside another one is met on that one's walk.
        let inside = std::iter::successors(root.parent(), ServerPath::parent).any(|parent| areas.contains_key(&parent));
        if !inside {
            let context = enter(None, &areas[root]);
            walk(evidence, &areas, root, context, interrupted, &mut survey, problems);
        }
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

fn enter(outer: Option<&Context>, areas: &[&Area]) -> Context {
    let mut context = outer.cloned().unwrap_or_else(|| Context::of(areas[0]));
    for area in areas {
        context = context.entering(area);
    }
    context
}

fn walk(
    evidence: &dyn Evidence,
    areas: &HashMap<&ServerPath, Vec<&Area>>,
    root: &ServerPath,
    context: Context,
    interrupted: &AtomicBool,
    survey: &mut Survey,
    problems: &mut Vec<Problem>,
) {
    let mut stack = vec![(root.clone(), context, 0)];
    while let Some((path, context, depth)) = stack.pop() {
        if interrupted.load(Ordering::Relaxed) {
            return;
        }
        survey.coverage.folders += 1;
        let mut others = Vec::new();
        let (mut names_only, mut failed) = (0, 0);
        let (mut folder, first) = (None, survey.files.len());
        let (seen, logs) = (Cell::new(0), Cell::new(0));
        let in_drop_folder = (context.role == Role::DropFolder).then(|| path.folded());
        let wanted = |name: &str| {
            seen.set(seen.get() + 1);
            logs.set(logs.get() + u32::from(is_log(name)));
            context.every_file
                || kind::is_web(name)
                || in_drop_folder.as_ref().is_some_and(|folder| bad_names().meet(folder, name))
        };
        let listed = evidence.list(&path, &wanted, &mut |listed| match listed {
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
            problems.push(Problem::at(ProblemKind::FolderUnreadable, &path, error.to_string()));
        }
        if let Some(folder) = folder {
            let folder = &mut survey.folders[folder as usize];
            (folder.names, folder.logs) = (seen.get(), logs.get());
        }
        survey.coverage.names_only += names_only;
        survey.coverage.surveyed += failed;
        survey.coverage.failed += failed;
        survey.sort_names_from(first);
        others.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let mut children = Vec::new();
        for entry in others {
            match &entry.kind {
                EntryKind::File => {} // taken above
                EntryKind::Folder if depth == MAX_DEPTH => {
                    let message = format!("nested deeper than {MAX_DEPTH} folders: not followed");
                    problems.push(Problem::at(ProblemKind::FolderUnreadable, &path.join(&entry.name), message));
                }
                EntryKind::Folder => {
                    let child = path.join(&entry.name);
                    let context = match areas.get(&child) {
                        Some(inner) => enter(Some(&context), inner),
                        None => context.clone(),
                    };
                    children.push((child, context, depth + 1));
                }
                EntryKind::Link { target } => survey.skip(path.join(&entry.name), "link", target.clone()),
                EntryKind::Other(what) => {
                    let path = path.join(&entry.name);
                    if *what == REPARSE_POINT {
                        let message =
                            "its content is kept elsewhere (deduplicated, or a placeholder) and was not fetched";
                        problems.push(Problem::at(ProblemKind::FileUnreadable, &path, message));
                    }
                    survey.skip(path, what, None);
                }
            }
        }
        stack.extend(children.into_iter().rev());
    }
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
                true => Context { role: Role::Unknown, base: parent.clone(), every_file: true },
                false => enter(None, &around),
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
