//! What changed from one case to a later one: findings, hits in logs and files that are new, gone or changed.

mod files;
mod write;

pub use write::{diff_jsonl, diff_table};

use crate::case::{Case, Entry, Run};
use crate::model::Level;
use crate::model::server_path::fold;
use crate::record::{BaselineRecord, FindingBody, HitBody, Time};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What changed from one case to a later one.
#[derive(Debug, Default)]
pub struct Diff {
    /// The most urgent first.
    pub(crate) changes: Vec<Change>,
    /// How many findings and hits are the same in both.
    pub(crate) same: u64,
    /// How many files are the same in both; `None` where no files were compared.
    pub(crate) files_same: Option<u64>,
    /// What is to be known of the comparison, in words: other hosts, another version.
    pub(crate) notes: Vec<String>,
    /// What was not examined or could not be read in either, in words.
    pub(crate) gaps: Vec<String>,
}

/// One thing that is not as it was.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) kind: ChangeKind,
    pub(crate) thing: Thing,
    pub(crate) host: String,
    /// The path of a file; the check of a hit.
    pub(crate) name: String,
    /// As it was; `None` where it is new.
    pub(crate) before: Option<State>,
    /// As it is; `None` where it is gone.
    pub(crate) after: Option<State>,
    /// Of a finding that is new or gone, where the other case has the file without a finding: the hash that the file has there.
    pub(crate) without_finding: Option<FileHash>,
}

/// The SHA-256 of a file; `None` where the content could not be read completely.
pub(crate) type FileHash = Option<[u8; 32]>;

/// What became of a thing, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    New,
    Changed,
    Gone,
}

impl ChangeKind {
    /// As records have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Thing {
    Finding,
    LogHit,
    /// A file that differs from the known-good baseline, or that was examined without a finding (`--all`).
    File,
}

impl Thing {
    /// As records have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::LogHit => "log_hit",
            Self::File => "file",
        }
    }
}

/// What of a thing is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) level: Option<Level>,
    pub(crate) score: f64,
    pub(crate) sha256: Option<String>,
    /// The ids of its reasons; the stage of a hit; the status of a file in the baseline.
    pub(crate) reasons: BTreeSet<String>,
    /// What it is, in words.
    pub(crate) title: String,
    /// The client of a hit.
    pub(crate) client: Option<String>,
    /// The sightings of a hit.
    pub(crate) count: u64,
    /// The last of them.
    pub(crate) last: Option<Time>,
}

impl State {
    /// Whether nothing of it is a change. A score moves with every new rule; the level says when that matters.
    fn is_same(&self, other: &Self) -> bool {
        self.level == other.level
            && self.sha256 == other.sha256
            && self.reasons == other.reasons
            && self.last.max(other.last) == self.last
    }
}

impl Change {
    /// The level of what is now, or was.
    pub(crate) fn level(&self) -> Option<Level> {
        self.after.as_ref().or(self.before.as_ref()).and_then(|state| state.level)
    }

    /// The level of what was not known before: something new, with other content, of a higher level, or seen again since.
    fn news(&self) -> Option<Level> {
        let after = self.after.as_ref()?;
        match &self.before {
            None => after.level,
            Some(before) => {
                let is_news = after.level > before.level || after.sha256 != before.sha256 || after.last > before.last;
                after.level.filter(|_| is_news)
            }
        }
    }

    /// Whether the level is higher than it was.
    pub(crate) fn is_raised(&self) -> bool {
        let level = |state: &Option<State>| state.as_ref().and_then(|state| state.level);
        self.kind == ChangeKind::Changed && level(&self.after) > level(&self.before)
    }
}

impl Diff {
    /// From an older case to a newer one.
    pub fn new(older: &Case, newer: &Case) -> Self {
        let mut diff = Self::default();
        let (one, other) = (older.servers(), newer.servers());
        let is_one = one.len() == 1 && other.len() == 1;
        let has_name = |case: &Case| case.runs.iter().all(|run| host_of(run).is_some());
        // Of one server each, of which one has no name, nothing says that they are two.
        let by_host = !(is_one && !(has_name(older) && has_name(newer)));
        let (before, after) = (Things::of(older, by_host), Things::of(newer, by_host));
        diff.compare(before, after);
        diff.compare_files(older, newer, by_host);
        diff.changes.sort_by(|a, b| {
            let order = |change: &Change| (change.kind, std::cmp::Reverse(change.level()), change.thing);
            order(a).cmp(&order(b)).then_with(|| (&a.host, &a.name).cmp(&(&b.host, &b.name)))
        });
        diff.note(older, newer, by_host);
        for (which, case) in [("the older", older), ("the newer", newer)] {
            diff.gaps.extend(case.unread.iter().map(|unread| format!("{which}: {unread}")));
            for run in &case.runs {
                let Some(end) = run.end.as_ref().filter(|end| !end.complete) else { continue };
                let gaps = end.summary.as_ref().and_then(|summary| summary.gaps.as_deref());
                diff.gaps.push(format!("{which}, {}: {}", run.server(), gaps.unwrap_or("not complete")));
            }
        }
        diff
    }

    /// Whether anything new of at least this level was found, or something known was raised to it.
    pub fn has_news(&self, level: Level) -> bool {
        self.changes.iter().any(|change| change.news().is_some_and(|news| news >= level))
    }

    /// Whether something may be missing in either case.
    pub fn has_gaps(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// The changes of a kind: of files, or of findings and hits.
    pub(crate) fn of(&self, kind: ChangeKind, files: bool) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.kind == kind && (change.thing == Thing::File) == files)
    }

    /// How many of them there are.
    pub(crate) fn count(&self, kind: ChangeKind, files: bool) -> u64 {
        self.of(kind, files).count() as u64
    }

    fn compare(&mut self, mut before: Things, mut after: Things) {
        let mut pairs = Vec::new();
        // By what identifies them in every run; then, of what is left, by host, path and content; then by host and path.
        for key in [|one: &Item| one.id.clone(), |one: &Item| one.content_key(), |one: &Item| one.path_key()] {
            let mut old: Vec<Option<Item>> = before.0.drain(..).map(Some).collect();
            let mut known: HashMap<(Thing, String), VecDeque<usize>> = HashMap::new();
            for (at, item) in old.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_ref()?))) {
                known.entry((item.thing, key(item))).or_default().push_back(at);
            }
            let mut left = Vec::new();
            for item in after.0.drain(..) {
                let same = if key(&item).is_empty() { None } else { known.get_mut(&(item.thing, key(&item))) };
                match same.and_then(VecDeque::pop_front).and_then(|at| old.get_mut(at)?.take()) {
                    Some(old) => pairs.push((old, item)),
                    None => left.push(item),
                }
            }
            after.0 = left;
            before.0 = old.into_iter().flatten().collect();
        }
        for (old, new) in pairs {
            let is_file = new.thing == Thing::File;
            match old.state.is_same(&new.state) {
                true if is_file => *self.files_same.get_or_insert(0) += 1,
                true => self.same += 1,
                false => self.changes.push(new.changed_from(Some(old))),
            }
        }
        self.changes.extend(after.0.into_iter().map(|new| new.changed_from(None)));
        self.changes.extend(before.0.into_iter().map(Item::gone));
        if self.changes.iter().any(|change| change.thing == Thing::File) {
            self.files_same.get_or_insert(0);
        }
    }

    fn note(&mut self, older: &Case, newer: &Case, by_host: bool) {
        let names = |case: &Case| case.servers().iter().map(|name| name.to_lowercase()).collect::<BTreeSet<_>>();
        let (one, other) = (names(older), names(newer));
        if one != other && by_host {
            for (which, case, others) in [("older", older, &other), ("newer", newer, &one)] {
                let alone: Vec<&str> =
                    case.servers().into_iter().filter(|name| !others.contains(&name.to_lowercase())).collect();
                if !alone.is_empty() {
                    self.notes.push(format!("different hosts: only the {which} results have {}", listed(&alone)));
                }
            }
        } else if one != other {
            let (one, other) = (listed(&older.servers()), listed(&newer.servers()));
            self.notes.push(format!("{one} and {other} are taken as one host: not both have a name of one"));
        }
        let made =
            |case: &Case, of: fn(&Run) -> Option<String>| case.runs.iter().filter_map(of).collect::<BTreeSet<_>>();
        let version = |run: &Run| run.observer.as_ref().map(|observer| observer.version.to_string());
        let rules = |run: &Run| run.start.as_ref().and_then(|start| start.rules_sha256.clone());
        if made(older, version) != made(newer, version) || made(older, rules) != made(newer, rules) {
            self.notes.push("made by different versions or rules: what is new may have been there before".to_owned());
        }
        let suppressed = |case: &Case| case.runs.iter().map(|run| run.suppressed.len()).sum::<usize>();
        let (before, after) = (suppressed(older), suppressed(newer));
        if before + after > 0 {
            self.notes
                .push(format!("suppressed findings are not compared: {before} in the older, {after} in the newer"));
        }
    }
}

/// One thing of a case.
struct Item {
    thing: Thing,
    id: String,
    host: String,
    name: String,
    state: State,
}

impl Item {
    fn content_key(&self) -> String {
        match &self.state.sha256 {
            Some(sha256) => format!("{}\0{sha256}", self.path_key()),
            None => String::new(),
        }
    }

    fn path_key(&self) -> String {
        let client = self.state.client.as_deref().unwrap_or_default();
        format!("{}\0{}\0{client}", self.host.to_lowercase(), fold(&self.name))
    }

    fn changed_from(self, old: Option<Item>) -> Change {
        let kind = if old.is_some() { ChangeKind::Changed } else { ChangeKind::New };
        let Item { thing, host, name, state, .. } = self;
        Change { kind, thing, host, name, before: old.map(|old| old.state), after: Some(state), without_finding: None }
    }

    fn gone(self) -> Change {
        let Item { thing, host, name, state, .. } = self;
        Change { kind: ChangeKind::Gone, thing, host, name, before: Some(state), after: None, without_finding: None }
    }
}

/// Everything of a case that is compared, each once: of several runs of one server the last one counts.
struct Things(Vec<Item>);

impl Things {
    fn of(case: &Case, by_host: bool) -> Self {
        let mut all: BTreeMap<(Thing, String), Item> = BTreeMap::new();
        for run in &case.runs {
            let host = if by_host { run.server().to_owned() } else { String::new() };
            let mut add = |item: Item| drop(all.insert((item.thing, item.id.clone()), item));
            for finding in &run.findings {
                add(of_finding(finding, &host));
            }
            for hit in &run.hits {
                add(of_hit(hit, &host));
            }
            for file in &run.comparisons {
                add(of_file(file, &host));
            }
        }
        Self(all.into_values().collect())
    }
}

/// Names, the first of many.
fn listed(names: &[&str]) -> String {
    match names {
        [one, two, three, four, five, more @ ..] if !more.is_empty() => {
            format!("{} and {} more", [*one, *two, *three, *four, *five].join(", "), more.len())
        }
        few => few.join(", "),
    }
}

fn host_of(run: &Run) -> Option<&str> {
    run.host.as_ref()?.name.as_deref()
}

fn of_finding(finding: &Entry<FindingBody>, host: &str) -> Item {
    let body = &finding.body;
    let state = State {
        level: Some(body.level.0),
        score: body.score,
        sha256: sha256(finding),
        reasons: body.reasons.iter().map(|reason| reason.id.clone()).collect(),
        title: body.reasons.first().map(|reason| reason.title.clone()).unwrap_or_default(),
        ..State::default()
    };
    item(Thing::Finding, finding, host, finding.path(), state)
}

fn of_hit(hit: &Entry<HitBody>, host: &str) -> Item {
    let record = &hit.body.hit;
    let state = State {
        level: Some(hit.body.level.0),
        reasons: [record.stage.0.name().to_owned()].into(),
        title: record.title.clone(),
        client: record.client.clone(),
        count: record.count,
        last: hit.head.event.end,
        ..State::default()
    };
    item(Thing::LogHit, hit, host, &record.check, state)
}

fn of_file(file: &Entry<BaselineRecord>, host: &str) -> Item {
    let status = file.body.status.0.name().to_owned();
    let state = State { sha256: sha256(file), reasons: [status].into(), ..State::default() };
    item(Thing::File, file, host, file.path(), state)
}

fn item<B>(thing: Thing, entry: &Entry<B>, host: &str, name: &str, state: State) -> Item {
    Item { thing, id: entry.head.event.id.clone(), host: host.to_owned(), name: name.to_owned(), state }
}

fn sha256<B>(entry: &Entry<B>) -> Option<String> {
    entry.head.file.as_ref()?.hash.as_ref()?.sha256.clone()
}

#[cfg(test)]
mod tests;
