//! The journal by file: what happened to each, in order.

use super::{Journal, Reason, Record, Skipped};
use crate::Reference;
use std::collections::{HashMap, HashSet};

/// Files whose history is kept, and events of all of them.
const MOST_FILES: usize = 200_000;
const MOST_EVENTS: usize = 500_000;
/// Events of one file: a log that is written all day has more, and more of them add nothing.
const MOST_OF_FILE: usize = 2_000;

/// What happened to one file, as far as the journal goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The file: the number of its record, and which use of it.
    pub file: Reference,
    /// Whether it is a folder.
    pub folder: bool,
    /// What happened, in the order of the journal.
    pub events: Vec<Event>,
    /// More happened than is kept.
    pub truncated: bool,
}

/// Something that happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The number of its record.
    pub usn: u64,
    /// When, as FILETIME (100 ns since 1601-01-01 UTC).
    pub time: u64,
    /// What.
    pub kind: EventKind,
    /// The name of the file: after a change of the name, the new one.
    pub name: Vec<u16>,
    /// The folder that its name is in.
    pub parent: Reference,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It was created.
    Created,
    /// It was renamed or moved; from what the journal may no longer know.
    Renamed {
        /// The name before, and its folder.
        from: Option<(Vec<u16>, Reference)>,
    },
    /// Its content was written over or cut.
    Overwritten,
    /// Content was added to it.
    Extended,
    /// A named stream was added, written or removed.
    StreamChanged,
    /// Its times or attributes were set.
    BasicInfoChanged,
    /// A hard link was added or removed.
    LinkChanged,
    /// It was deleted.
    Deleted,
}

/// Which reasons are which event, in the order in which one record reports them.
const KINDS: [(Reason, EventKind); 7] = [
    (Reason::FILE_CREATE, EventKind::Created),
    (Reason::DATA_OVERWRITE.union(Reason::DATA_TRUNCATION), EventKind::Overwritten),
    (Reason::DATA_EXTEND, EventKind::Extended),
    (
        Reason::STREAM_CHANGE
            .union(Reason::NAMED_DATA_OVERWRITE)
            .union(Reason::NAMED_DATA_EXTEND)
            .union(Reason::NAMED_DATA_TRUNCATION),
        EventKind::StreamChanged,
    ),
    (Reason::BASIC_INFO_CHANGE, EventKind::BasicInfoChanged),
    (Reason::HARD_LINK_CHANGE, EventKind::LinkChanged),
    (Reason::FILE_DELETE, EventKind::Deleted),
];

impl History {
    /// When it was created, if the journal records it.
    pub fn created(&self) -> Option<u64> {
        self.time_of(&EventKind::Created)
    }

    /// When it was deleted, if the journal records it.
    pub fn deleted(&self) -> Option<u64> {
        self.time_of(&EventKind::Deleted)
    }

    /// The last name that the journal knows, and its folder.
    pub fn last_name(&self) -> Option<(&[u16], Reference)> {
        self.events.last().map(|event| (event.name.as_slice(), event.parent))
    }

    fn time_of(&self, kind: &EventKind) -> Option<u64> {
        self.events.iter().find(|event| event.kind == *kind).map(|event| event.time)
    }
}

/// The histories of the files that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// By the first event of each.
    pub histories: Vec<History>,
    /// Records of the whole journal.
    pub records: u64,
    /// The times of the first and the last record: what the journal covers.
    pub covers: Option<(u64, u64)>,
    /// What of the journal was not read.
    pub skipped: Skipped,
    /// More files or events were asked for than are kept: 200,000 and 500,000.
    pub truncated: bool,
}

/// Collects the histories of all files of which at least one record is wanted: also what happened to them before, under other names.
/// The journal is run through twice.
///
/// A change is reported once from the opening of a file to its close, with the time of its first record; a deletion and a rename are
/// always reported.
pub fn fold(journal: &Journal, mut wanted: impl FnMut(&Record) -> bool) -> Folded {
    let mut folded = Folded::default();
    let mut files = HashSet::new();
    let mut records = journal.records();
    for record in records.by_ref() {
        folded.records += 1;
        folded.covers = Some((folded.covers.map_or(record.time, |(first, _)| first), record.time));
        if wanted(&record) && !files.contains(&record.file) {
            match files.len() < MOST_FILES {
                true => drop(files.insert(record.file)),
                false => folded.truncated = true,
            }
        }
    }
    folded.skipped = records.skipped();
    let mut states: HashMap<Reference, usize> = HashMap::with_capacity(files.len());
    let mut open: Vec<Open> = Vec::new();
    let mut left = MOST_EVENTS;
    for record in journal.records().filter(|record| files.contains(&record.file)) {
        let at = *states.entry(record.file).or_insert_with(|| {
            folded.histories.push(History {
                file: record.file,
                folder: record.is_folder(),
                events: Vec::new(),
                truncated: false,
            });
            open.push(Open::default());
            open.len() - 1
        });
        if let (Some(history), Some(open)) = (folded.histories.get_mut(at), open.get_mut(at)) {
            open.add(history, &record, &mut left);
        }
    }
    folded.truncated |= left == 0;
    folded
}

/// A file between its opening and its close.
#[derive(Default)]
struct Open {
    reported: Reason,
    renamed_from: Option<(Vec<u16>, Reference)>,
}

impl Open {
    fn add(&mut self, history: &mut History, record: &Record, left: &mut usize) {
        let new = record.reason.difference(self.reported);
        let mut report = |kind: EventKind| {
            // That it was deleted is reported whatever came before.
            let is_full = history.events.len() >= MOST_OF_FILE || *left == 0;
            let is_reported = history.events.last().is_some_and(|last| last.kind == EventKind::Deleted);
            if is_full && (kind != EventKind::Deleted || is_reported) {
                history.truncated = true;
                return;
            }
            *left = left.saturating_sub(1);
            let (name, parent) = (record.name.clone(), record.parent);
            history.events.push(Event { usn: record.usn, time: record.time, kind, name, parent });
        };
        if record.reason.contains(Reason::RENAME_OLD_NAME) {
            self.renamed_from.get_or_insert_with(|| (record.name.clone(), record.parent));
        }
        for (reasons, kind) in &KINDS {
            if new.intersects(*reasons) && !self.reported.intersects(*reasons) {
                report(kind.clone());
            }
            // Between what made the file and what was done to it then.
            let renamed = record.reason.contains(Reason::RENAME_NEW_NAME);
            if *kind == EventKind::Created
                && renamed
                && (self.renamed_from.is_some() || new.contains(Reason::RENAME_NEW_NAME))
            {
                report(EventKind::Renamed { from: self.renamed_from.take() });
            }
        }
        self.reported =
            if record.reason.contains(Reason::CLOSE) { Reason::empty() } else { self.reported.union(record.reason) };
    }
}
