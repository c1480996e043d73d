//! Resolves configured paths as Windows does: without case, through links, by 8.3 names, without what Win32 drops from
//! a name; and records what could not be checked.

use super::links::{self, Away, Way};
use super::short_names;
use super::{Evidence, Listed, classify};
use crate::model::server_path::{fold, same_name};
use crate::model::{Entry, EntryKind, Problem, ProblemKind, ServerPath};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

/// How many links one path may lead through: what Windows allows (MAXIMUM_REPARSE_COUNT of ntifs.h is 63).
const MAX_LINKS: u8 = 63;
/// How many ways one path may have, where names are ambiguous.
const MAX_WAYS: usize = 1_000;
/// How many links and problems are remembered.
const MAX_KEPT: usize = if cfg!(test) { 50 } else { 10_000 };

/// What a name stands for.
#[derive(Clone, Debug)]
struct Match {
    path: ServerPath,
    kind: EntryKind,
}

/// A link that a path led through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossedLink {
    /// Its listing.
    pub entry: Entry,
    /// Where it leads, if that can be examined.
    pub leads_to: Option<ServerPath>,
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Led {
    /// A folder of the evidence.
    Folder(ServerPath),
    /// A regular file of the evidence.
    File(ServerPath),
    /// Something that is neither, or nothing that can be examined.
    Away(Away),
}

/// What a name in a folder stands for.
type Known = HashMap<(ServerPath, String), Arc<[Match]>>;

/// Resolves paths component by component and remembers what it found. The paths it gives have no link in them.
pub struct Resolver<'e> {
    evidence: &'e dyn Evidence,
    known: RefCell<Known>,
    unlistable: RefCell<HashMap<ServerPath, bool>>,
    problems_found: RefCell<BTreeMap<(ServerPath, ProblemKind), String>>,
    /// How many problems were met when enough were remembered.
    omitted: Cell<usize>,
    crossed: RefCell<BTreeMap<ServerPath, CrossedLink>>,
    reached: RefCell<HashMap<ServerPath, ServerPath>>,
}

/// A path on its way: where it is, by which names it came there, and what is left of it, the last name first.
struct Walk {
    here: ServerPath,
    named: ServerPath,
    left: Vec<String>,
    links: u8,
    /// The links it went through and what their targets left to go, so that the end of each is known.
    open: Vec<(ServerPath, usize)>,
}

impl<'e> Resolver<'e> {
    /// A resolver over this evidence.
    pub fn new(evidence: &'e dyn Evidence) -> Self {
        Self {
            evidence,
            known: RefCell::default(),
            unlistable: RefCell::default(),
            problems_found: RefCell::default(),
            omitted: Cell::new(0),
            crossed: RefCell::default(),
            reached: RefCell::default(),
        }
    }

    /// Every folder that `path` names. Where two names differ only in case, which a Linux copy can hold, both count.
    pub fn folders(&self, path: &ServerPath) -> Vec<ServerPath> {
        self.resolve(path, true)
    }

    /// Every regular file that `path` names.
    pub fn files(&self, path: &ServerPath) -> Vec<ServerPath> {
        self.resolve(path, false)
    }

    fn resolve(&self, path: &ServerPath, want_folder: bool) -> Vec<ServerPath> {
        let Some(letter) = path.drive_letter() else { return self.below(path, &[], want_folder) };
        let names: Vec<&str> = path.names().collect();
        self.below(&ServerPath::drive(letter), &names, want_folder)
    }

    /// Every folder at `names` (backslashes between them) below `root`.
    pub fn folders_below(&self, root: &ServerPath, names: &str) -> Vec<ServerPath> {
        let names: Vec<&str> = names.split('\\').filter(|name| !name.is_empty()).collect();
        self.below(root, &names, true)
    }

    /// Every regular file at `names` (backslashes between them) below `root`.
    pub fn files_below(&self, root: &ServerPath, names: &str) -> Vec<ServerPath> {
        let names: Vec<&str> = names.split('\\').filter(|name| !name.is_empty()).collect();
        self.below(root, &names, false)
    }

    /// The folders in a folder, sorted, with those that links in it lead to. One that cannot be listed is a problem.
    pub fn folders_in(&self, folder: &ServerPath) -> Vec<ServerPath> {
        let (mut folders, mut at_links, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let listed = self.evidence.list(folder, &|_| false, &mut |listed| match listed {
            Listed::Entry(Entry { name, kind: EntryKind::Folder, .. }) => folders.push(folder.join(&name)),
            Listed::Entry(entry) if matches!(entry.kind, EntryKind::Link { .. }) => at_links.push(entry),
            Listed::Failed(name, error) => failed.push((name, error)),
            Listed::Entry(_) | Listed::NameOnly => {}
        });
        if let Err(error) = listed {
            self.refused(folder, &error);
        }
        for (name, error) in failed {
            self.problem(&folder.join(&name), classify(&error), error.to_string());
        }
        let named = self.reached_as(folder).unwrap_or_else(|| folder.clone());
        if named != *folder {
            let mut reached = self.reached.borrow_mut();
            for child in &folders {
                reached.entry(child.clone()).or_insert_with(|| named.join(child.name()));
            }
        }
        for entry in at_links {
            let path = folder.join(&entry.name);
            let EntryKind::Link { target } = &entry.kind else { continue };
            match self.lead(&path, target.as_deref()) {
                Led::Folder(to) => {
                    if !links::is_of_windows(&path, target.as_deref()) {
                        self.reached.borrow_mut().entry(to.clone()).or_insert_with(|| named.join(&entry.name));
                    }
                    folders.push(to);
                }
                Led::File(_) => {}
                Led::Away(away) if !links::is_of_windows(&path, target.as_deref()) => {
                    self.not_followed(&path, target.as_deref(), &away);
                }
                Led::Away(_) => {}
            }
        }
        folders.sort();
        folders.dedup();
        folders
    }

    /// What a link leads to in the end.
    pub fn lead(&self, link: &ServerPath, target: Option<&str>) -> Led {
        let Way { from, names } = match links::way(self.evidence, link, target, &|path| self.exists(path)) {
            Ok(way) => way,
            Err(away) => return Led::Away(away),
        };
        let names: Vec<String> = names.into_iter().rev().collect();
        let walk = Walk { named: from.clone(), here: from, left: names, links: 1, open: Vec::new() };
        let (mut found, mut away) = (Vec::new(), None);
        self.go(walk, &mut found, &mut |_, why| away = Some(why));
        let folder = found.iter().find(|end| end.kind == EntryKind::Folder);
        let file = found.iter().find(|end| end.kind == EntryKind::File);
        match (folder, file) {
            (Some(end), _) => Led::Folder(end.path.clone()),
            (_, Some(end)) => Led::File(end.path.clone()),
            _ => Led::Away(away.unwrap_or(if found.is_empty() { Away::UNRESOLVED } else { Away::CLOSED })),
        }
    }

    /// The name under which a path of this resolver was asked for, where links led to it from there.
    pub fn reached_as(&self, path: &ServerPath) -> Option<ServerPath> {
        self.reached.borrow().get(path).cloned()
    }

    /// The links that paths led through, by name.
    pub fn crossed(&self) -> Vec<(ServerPath, CrossedLink)> {
        self.crossed.borrow().iter().map(|(path, crossed)| (path.clone(), crossed.clone())).collect()
    }

    /// Adds what kept this resolver from looking, each once.
    pub fn report(&self, problems: &mut Vec<Problem>) {
        for ((path, kind), message) in self.problems_found.borrow().iter() {
            if !problems.iter().any(|known| known.kind == *kind && known.path.as_ref() == Some(path)) {
                problems.push(Problem::at(*kind, path, message.clone()));
            }
        }
        let omitted = self.omitted.take();
        if omitted > 0 {
            let message = format!("{omitted} more paths were not resolved, which are not listed");
            problems.push(Problem::general(ProblemKind::PathUnresolved, message));
        }
    }

    /// Remembers a folder that could not be listed; one that is not there holds nothing.
    pub fn refused(&self, folder: &ServerPath, error: &io::Error) {
        let gone = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
        self.unlistable.borrow_mut().insert(folder.clone(), !gone);
        if !gone {
            self.problem(folder, ProblemKind::FolderUnreadable, error.to_string());
        }
    }

    fn problem(&self, path: &ServerPath, kind: ProblemKind, message: String) {
        let mut problems_found = self.problems_found.borrow_mut();
        let key = (path.clone(), kind);
        if problems_found.len() < MAX_KEPT || problems_found.contains_key(&key) {
            problems_found.entry(key).or_insert(message);
        } else {
            self.omitted.set(self.omitted.get() + 1);
        }
    }

    /// Remembers a link that leads to nothing that can be examined.
    pub fn not_followed(&self, link: &ServerPath, target: Option<&str>, away: &Away) {
        self.problem(link, away.kind, not_followed(target, away));
    }

    fn below(&self, root: &ServerPath, names: &[&str], want_folder: bool) -> Vec<ServerPath> {
        if names.is_empty() {
            return if want_folder && self.exists(root) { vec![root.clone()] } else { Vec::new() };
        }
        let left = names.iter().rev().map(|name| (*name).to_owned()).collect();
        let named = self.reached_as(root).unwrap_or_else(|| root.clone());
        let walk = Walk { here: root.clone(), named, left, links: 0, open: Vec::new() };
        let mut found = Vec::new();
        self.go(walk, &mut found, &mut |link, away| {
            // One that is not in `crossed` is no link of the evidence, but a name that every Windows has.
            if let Some(EntryKind::Link { target }) =
                self.crossed.borrow().get(link).map(|crossed| crossed.entry.kind.clone())
            {
                self.not_followed(link, target.as_deref(), &away);
            }
        });
        let wanted = if want_folder { EntryKind::Folder } else { EntryKind::File };
        let mut paths: Vec<ServerPath> = Vec::new();
        for end in found.into_iter().filter(|end| end.kind == wanted) {
            if !paths.contains(&end.path) {
                paths.push(end.path);
            }
        }
        paths
    }

    /// Goes all ways of a path to their ends. `away` gets each link that leads to nothing, by the first one on the way.
    fn go(&self, walk: Walk, found: &mut Vec<Match>, away: &mut dyn FnMut(&ServerPath, Away)) {
        let mut waiting = vec![walk];
        let mut ways = 0;
        while let Some(mut walk) = waiting.pop() {
            ways += 1;
            if ways > MAX_WAYS {
                let message = format!("more than {MAX_WAYS} ways to resolve a path through here");
                self.problem(&walk.here, ProblemKind::PathUnresolved, message);
                return;
            }
            for (link, _) in walk.open.iter().filter(|(_, left)| *left == walk.left.len()) {
                if let Some(crossed) = self.crossed.borrow_mut().get_mut(link) {
                    crossed.leads_to.get_or_insert_with(|| walk.here.clone());
                }
            }
            let Some(name) = walk.left.pop() else {
                self.end(&walk, EntryKind::Folder, &walk.here.clone(), &walk.named.clone(), found);
                continue;
            };
            if name == "." {
                waiting.push(walk);
                continue;
            }
            if name == ".." {
                match walk.here.parent() {
                    Some(parent) => {
                        walk.here = parent;
                        waiting.push(walk);
                    }
                    None => self.lost(&walk, links::above_the_root(), away),
                }
                continue;
            }
            let matches = self.step(&walk.here, &name);
            if matches.is_empty() {
                let closed = self.unlistable.borrow().get(&walk.here).copied().unwrap_or(false);
                self.lost(&walk, if closed { Away::CLOSED } else { Away::UNRESOLVED }, away);
            }
            // The last one pushed is taken first.
            for found_here in matches.iter().rev() {
                // The names of a link's target are none by which the path was asked for.
                let of_a_target = walk.open.iter().any(|(_, left)| walk.left.len() >= *left);
                let named = if of_a_target { walk.named.clone() } else { walk.named.join(found_here.path.name()) };
                match &found_here.kind {
                    EntryKind::Folder => waiting.push(Walk {
                        here: found_here.path.clone(),
                        named,
                        left: walk.left.clone(),
                        links: walk.links,
                        open: walk.open.clone(),
                    }),
                    EntryKind::Link { target } => {
                        let followed = self.follow(&walk, &found_here.path, named, target.as_deref(), away);
                        waiting.extend(followed);
                    }
                    kind => {
                        // It is there and has content: whoever asked for it must not take it for missing.
                        if let EntryKind::Other(what) = kind
                            && let Some(why) = crate::directory::unread(what)
                        {
                            self.problem(&found_here.path, ProblemKind::FileUnreadable, why.to_owned());
                        }
                        if walk.left.is_empty() {
                            self.end(&walk, kind.clone(), &found_here.path, &named, found);
                        }
                    }
                }
            }
        }
    }

    fn end(&self, walk: &Walk, kind: EntryKind, path: &ServerPath, named: &ServerPath, found: &mut Vec<Match>) {
        for (link, _) in &walk.open {
            if let Some(crossed) = self.crossed.borrow_mut().get_mut(link) {
                crossed.leads_to.get_or_insert_with(|| path.clone());
            }
        }
        // Nobody asked for what a link that was met leads to.
        let was_asked_for = usize::from(walk.links) == walk.open.len();
        if was_asked_for && named != path {
            let mut reached = self.reached.borrow_mut();
            if reached.len() < MAX_KEPT {
                reached.entry(path.clone()).or_insert_with(|| named.clone());
            }
        }
        found.push(Match { path: path.clone(), kind });
    }

    fn lost(&self, walk: &Walk, why: Away, away: &mut dyn FnMut(&ServerPath, Away)) {
        // Where a link led to nothing, the link is to blame; where its target is there and what lies below is not, nothing is.
        match walk.open.iter().find(|(_, left)| walk.left.len() >= *left) {
            Some((link, _)) => away(link, why),
            None if usize::from(walk.links) > walk.open.len() => away(&walk.here, why), // all of it is the target of one
            None => {}
        }
    }

    fn follow(
        &self,
        walk: &Walk,
        link: &ServerPath,
        named: ServerPath,
        target: Option<&str>,
        away: &mut dyn FnMut(&ServerPath, Away),
    ) -> Option<Walk> {
        if let Ok(entry) = self.evidence.stat(link) {
            let mut crossed = self.crossed.borrow_mut();
            if crossed.len() < MAX_KEPT {
                crossed.entry(link.clone()).or_insert(CrossedLink { entry, leads_to: None });
            }
        }
        if walk.links >= MAX_LINKS {
            away(link, Away::LOOP);
            return None;
        }
        match links::way(self.evidence, link, target, &|path| self.exists(path)) {
            Ok(Way { from, names }) => {
                let mut left = walk.left.clone();
                let mut open = walk.open.clone();
                open.push((link.clone(), left.len()));
                left.extend(names.into_iter().rev());
                Some(Walk { here: from, named, left, links: walk.links + 1, open })
            }
            Err(why) => {
                away(link, why);
                None
            }
        }
    }

    fn exists(&self, root: &ServerPath) -> bool {
        match self.evidence.stat(root) {
            Ok(entry) => entry.kind == EntryKind::Folder,
            Err(error) => {
                if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
                    self.problem(root, classify(&error), error.to_string());
                }
                false
            }
        }
    }

    /// What a name in a folder stands for: as it is, else as Win32 reads it.
    fn step(&self, folder: &ServerPath, name: &str) -> Arc<[Match]> {
        let key = (folder.clone(), fold(name));
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let mut matches = self.named(folder, name);
        let meant = as_win32_reads(name);
        if matches.is_empty() && meant != name && !meant.is_empty() {
            matches = self.named(folder, meant);
        }
        // A short name without `~` was set by hand, and only some sources have it.
        if matches.is_empty()
            && short_names::may_be(meant)
            && (meant.contains('~') || self.evidence.knows_short_names())
        {
            matches = self.by_short_name(folder, meant);
        }
        if matches.is_empty()
            && let Some(to) = links::of_old_name(&folder.join(meant))
        {
            matches.push(Match { path: folder.join(meant), kind: EntryKind::Link { target: Some(to) } });
        }
        let matches: Arc<[Match]> = matches.into();
        self.known.borrow_mut().insert(key, matches.clone());
        matches
    }

    fn named(&self, folder: &ServerPath, name: &str) -> Vec<Match> {
        let mut matches = Vec::new();
        let mut refused = self.unlistable.borrow().contains_key(folder);
        if !refused {
            let mut failed = None;
            let listed = self.evidence.list(folder, &|n| same_name(n, name), &mut |listed| match listed {
                Listed::Entry(entry) if same_name(&entry.name, name) => {
                    matches.push(Match { path: folder.join(&entry.name), kind: entry.kind });
                }
                Listed::Failed(its, error) if same_name(&its, name) => failed = Some((its, error)),
                _ => {}
            });
            if let Err(error) = listed {
                refused = true;
                self.refused(folder, &error);
            }
            if let Some((its, error)) = failed {
                refused = true;
                self.problem(&folder.join(&its), classify(&error), error.to_string());
            }
        }
        // Whoever may not list a folder may still go through it.
        if refused
            && matches.is_empty()
            && let Ok(entry) = self.evidence.stat(&folder.join(name))
        {
            matches.push(Match { path: folder.join(name), kind: entry.kind });
        }
        matches.sort_by(|a, b| a.path.cmp(&b.path));
        matches
    }

    /// The names whose short name this can be; all of them, where it can be that of several.
    fn by_short_name(&self, folder: &ServerPath, name: &str) -> Vec<Match> {
        let mut matches = Vec::new();
        let guessed = name.contains('~');
        let listed = self.evidence.list(folder, &|long| guessed && short_names::fits(long, name), &mut |listed| {
            if let Listed::Entry(entry) = listed {
                let path = folder.join(&entry.name);
                let fits = match self.evidence.short_name(&path) {
                    Some(short) => same_name(&short, name),
                    None => guessed && short_names::fits(&entry.name, name),
                };
                if fits {
                    matches.push(Match { path, kind: entry.kind });
                }
            }
        });
        if let Err(error) = listed {
            self.refused(folder, &error);
        }
        // The system itself knows every short name.
        if matches.is_empty()
            && let Ok(entry) = self.evidence.stat(&folder.join(name))
        {
            matches.push(Match { path: folder.join(name), kind: entry.kind });
        }
        matches.sort_by(|a, b| a.path.cmp(&b.path));
        matches
    }
}

/// The message about a link that leads to nothing that can be examined.
pub fn not_followed(target: Option<&str>, away: &Away) -> String {
    match target.filter(|target| !target.is_empty()) {
        Some(target) => format!("a link that was not followed: it leads to \"{target}\", {}", away.why),
        None => format!("a link that was not followed, {}", away.why),
    }
}

/// A name as Win32 reads it: without the dots and blanks at its end, and without the stream of a folder or file that it is
/// (`$INDEX_ALLOCATION`, `$DATA`; [MS-FSCC] 2.1.5). Another stream is none of the folder's.
fn as_win32_reads(name: &str) -> &str {
    let bare = match name.split_once(':') {
        Some((bare, stream)) => {
            let known = ["$i30:$index_allocation", ":$index_allocation", "$i30", ":$data", ":$bitmap"];
            if known.contains(&stream.to_ascii_lowercase().as_str()) { bare } else { return name }
        }
        None => name,
    };
    bare.trim_end_matches(['.', ' '])
}

#[cfg(test)]
mod tests;
