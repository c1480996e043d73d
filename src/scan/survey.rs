//! The survey: walks the plan and reads metadata only. It provides the total for the progress bar and the coverage.

use super::context::{Context, add_single, enter, weight};
use super::neighbours::is_log;
use super::surveyed::{LINKS_KEPT, Link, Survey};
use super::{compiled, deleted, journal, recycled};
use crate::catalogue::bad_names;
use crate::evidence::directory::unread;
use crate::evidence::{Away, Evidence, Led, Listed, Resolver, classify, is_of_windows, not_followed};
use crate::model::place::kind;
use crate::model::server_path::fold;
use crate::model::{Coverage, Entry, EntryKind, Problem, ProblemKind, Role, ServerPath, ShadowCopy};
use crate::targets::{Area, Plan, is_whole};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How deep folders are followed below an area. Windows paths end at 32,767 characters; real trees have a dozen levels.
const MAX_DEPTH: usize = 512;
/// How many links are followed: a server has some dozens in its web folders, a site's packages some thousands.
const LINKS_FOLLOWED: usize = 100_000;
/// How many folders are added since links lead to them, and how often the walk begins anew for them: a folder behind a link can
/// hold links.
const MOST_BEHIND_LINKS: (usize, usize) = (2_000, 16);

/// Counts for a progress display, updated by the walk at each folder.
#[derive(Debug, Default)]
pub struct WalkCounters {
    /// Folders listed.
    pub folders: AtomicU64,
    /// Files found.
    pub files: AtomicU64,
}

impl WalkCounters {
    /// The walk begins, maybe anew.
    fn begin(&self) {
        self.show(&Coverage::default());
    }

    fn show(&self, coverage: &Coverage) {
        self.folders.store(coverage.folders, Ordering::Relaxed);
        self.files.store(coverage.surveyed.saturating_add(coverage.names_only), Ordering::Relaxed);
    }
}

/// As [`survey_with_copies`], without shadow copies.
pub fn survey(evidence: &dyn Evidence, plan: &Plan, interrupted: &AtomicBool, problems: &mut Vec<Problem>) -> Survey {
    survey_with_copies(evidence, plan, &[], interrupted, &WalkCounters::default(), problems)
}

/// Walks every area of the plan, and the folders of the evidence that links in them lead to, each under the link's name. What
/// cannot be listed, and links that lead to nothing that can be examined, go to `problems`. Of `copies`, the shadow copies to look
/// into, it finds what differs.
pub fn survey_with_copies(
    evidence: &dyn Evidence,
    plan: &Plan,
    copies: &[ShadowCopy],
    interrupted: &AtomicBool,
    counters: &WalkCounters,
    problems: &mut Vec<Problem>,
) -> Survey {
    let resolver = Resolver::new(evidence);
    let mut areas = plan.areas.clone();
    let mut reached = plan.reached_as.clone();
    let mut rounds = 0;
    // A folder behind a link may lie in an area that was walked with less care: the walk begins anew with what it found.
    let mut survey = loop {
        counters.begin();
        let mut found = Vec::new();
        let mut walker = Walker {
            evidence,
            resolver: &resolver,
            areas: &areas,
            reached: &reached,
            interrupted,
            counters,
            survey: Survey::default(),
            problems: &mut found,
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
                    "a link that was not followed: it leads to {}, through more links than are followed",
                    area.path
                );
                found.push(Problem::at(ProblemKind::PathUnresolved, named, message));
            }
            add_new(found, problems);
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
    survey.referenced = survey.find_referenced(evidence, plan, problems);
    // What the web server loads can lie in an area where the walk has taken it for its name.
    let files: Vec<ServerPath> = plan.files.iter().chain(&survey.referenced.files).cloned().collect();
    let met = survey.met(&files);
    for file in files.iter().filter(|file| !met.contains(*file)) {
        add_single(evidence, plan, file, &mut survey, problems);
    }
    survey.deleted = deleted::files(evidence, plan, problems);
    survey.deleted.extend(deleted::in_shadow_copies(evidence, plan, copies, problems));
    survey.journal = journal::read(evidence, plan, &survey.deleted, problems);
    deleted::leave_out_known(&mut survey.deleted, &survey.journal);
    recycled::read(evidence, plan, &mut survey, problems);
    survey.sort();
    survey.compare();
    survey.compiled = compiled::pages(evidence, plan, &survey, interrupted, problems);
    survey
}

/// Adds problems, without those that discovery has reported for the same folder or link.
fn add_new(found: Vec<Problem>, problems: &mut Vec<Problem>) {
    let is_repeated = |problem: &Problem| {
        matches!(
            problem.kind,
            ProblemKind::FolderUnreadable | ProblemKind::PathUnresolved | ProblemKind::VolumeNotProvided
        )
    };
    let known: HashSet<(ProblemKind, ServerPath)> =
        problems.iter().filter(|one| is_repeated(one)).filter_map(|one| Some((one.kind, one.path.clone()?))).collect();
    problems.extend(
        found
            .into_iter()
            .filter(|problem| problem.path.as_ref().is_none_or(|path| !known.contains(&(problem.kind, path.clone())))),
    );
}

/// One walk through all areas.
struct Walker<'w> {
    evidence: &'w dyn Evidence,
    resolver: &'w Resolver<'w>,
    areas: &'w [Area],
    /// By which path a folder that links lead to was reached.
    reached: &'w HashMap<ServerPath, ServerPath>,
    interrupted: &'w AtomicBool,
    counters: &'w WalkCounters,
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
            self.counters.show(&self.survey.coverage);
            if context.is_web() {
                self.streams(&path, &context);
            }
            let mut others = Vec::new();
            let (mut names_only, mut failed) = (0, 0);
            let (mut folder, first) = (None, self.survey.files.len());
            let (seen, logs) = (Cell::new(0), Cell::new(0));
            let is_index = self.evidence.is_index(&path);
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
                    survey.add_file(folder, &entry, is_index);
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
            for entry in &others {
                let child = path.join(&entry.name);
                if self.is_walked(entry, &child, depth) {
                    let context = match areas.get(&child) {
                        Some(inner) => enter(Some(&context), inner, self.reached),
                        None => context.clone(),
                    };
                    children.push((child, context, depth + 1));
                }
            }
            stack.extend(children.into_iter().rev());
        }
    }

    /// Whether a name of a listing is a folder to walk into. What is neither file, folder nor link is counted.
    fn is_walked(&mut self, entry: &Entry, path: &ServerPath, depth: usize) -> bool {
        match entry.kind {
            EntryKind::File | EntryKind::Link { .. } => {} // taken already
            EntryKind::Folder if depth == MAX_DEPTH => {
                let message = format!("nested deeper than {MAX_DEPTH} folders: not followed");
                self.problems.push(Problem::at(ProblemKind::FolderUnreadable, path, message));
            }
            EntryKind::Folder => return true,
            EntryKind::Other(what) => {
                if let Some(message) = unread(what) {
                    self.problems.push(Problem::at(ProblemKind::FileUnreadable, path, message));
                }
                self.survey.skip(path.clone(), what, None);
            }
        }
        false
    }

    /// Remembers a web folder that has alternate data streams: no listing shows them.
    fn streams(&mut self, path: &ServerPath, context: &Context) {
        let has = match self.evidence.streams(path) {
            Ok(streams) => !streams.is_empty(),
            // It is reported for the folder itself, which cannot be listed then.
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
                    format!("more than {LINKS_FOLLOWED} links: this one and the following ones were not followed");
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
                    let is_index = self.evidence.is_index(to);
                    self.survey.add_file(folder, &Entry { name: entry.name.clone(), ..found }, is_index);
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

#[cfg(test)]
mod tests {
    use super::super::surveyed::LARGE;
    use super::*;
    use crate::evidence::Memory;
    use crate::evidence::directory::REPARSE_POINT;
    use crate::model::Skipped;

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
        assert_eq!(files, ["drop_folder old.asp", "web_root a.txt", r"web_root aspnet_client\b.txt"]);
        assert_eq!((survey.coverage.surveyed, survey.coverage.names_only, problems.len()), (3, 1, 0));
    }

    #[test]
    fn links_are_counted_not_followed_and_unreadable_folders_are_reported() {
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
        assert_eq!(files, ["web_root z.aspx", "web_root b.css", "web_root a.bin"]);
    }
}
