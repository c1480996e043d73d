//! What the change journal of a volume tells of server code: pages that no longer exist, and times that were set.

use crate::detect::ScanResults;
use crate::evidence::{BinItem, Evidence};
use crate::model::place::kind;
use crate::model::{
    Artefact, CheckInfo, DeletedFile, Entry, Examined, FileEvent, FileHistory, FoundIn, Location, NtfsRecord, Problem,
    ProblemKind, Reason, Remains, Role, ServerPath, TimelineEvent, TimelineKind, Times, Timestamp,
};
use crate::targets::Plan;
use std::collections::{HashMap, HashSet};

pub(super) const PAGE_DELETED: CheckInfo = CheckInfo {
    id: "deleted/page_in_journal",
    title: "server code that no longer exists",
    score: 20,
    looks_for: "Server code in web folders that the change journal records as deleted and of which no MFT record is left.",
    why: "Intruders remove their pages when they are done. A page that was created and deleted within a day was not part of an \
          installation.",
    benign_look_alikes: "Updates and deployments replace pages; editors write a temporary page and rename it.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

pub(super) const TIMES_SET: CheckInfo = CheckInfo {
    id: "timestamp/times_set",
    title: "its times or attributes were set after it was created",
    score: 8,
    looks_for: "A record of the change journal with the reason BASIC_INFO_CHANGE, later than the creation time that the file has now \
                by more than a day.",
    why: "Timestomping leaves this record.",
    benign_look_alikes: "Copy tools and archivers set the times of what they write; setting an attribute is recorded alike.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

/// The score of a page that was created and deleted within [`SHORT`].
const SHORT_LIVED: u8 = 45;
const SHORT: f64 = 86_400.0;
/// How many pages that no longer exist are findings: an update deletes hundreds.
const MOST: usize = 1_000;
/// How many events of files are in the timeline.
const EVENTS: usize = 2_000;

/// What the journals say.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// By volume, number and sequence of the record.
    files: HashMap<(Option<char>, u64, u16), FileHistory>,
    /// Pages of which nothing else is left.
    pub(super) vanished: Vec<(Artefact, Vec<Reason>)>,
    /// What happened to server code that no longer exists.
    pub(super) events: Vec<TimelineEvent>,
}

/// Reads the journals of the evidence for server code. `deleted` are the files whose record is left.
pub(super) fn read(
    evidence: &dyn Evidence,
    plan: &Plan,
    deleted: &[(DeletedFile, Artefact)],
    problems: &mut Vec<Problem>,
) -> Journal {
    let in_area = |path: &ServerPath| plan.areas.iter().any(|area| path.below(&area.path).is_some());
    let histories = evidence.histories(&|path| kind::is_server_code(path.name()) && in_area(path));
    let histories = histories.unwrap_or_else(|error| {
        let message = format!("the change journal ($UsnJrnl) could not be read: {error}");
        problems.push(Problem::general(ProblemKind::LogDamaged, message));
        Vec::new()
    });
    let is_whole = |file: &&DeletedFile| matches!(file.found_in, FoundIn::Record | FoundIn::ShadowCopy);
    let of_records = deleted.iter().map(|(file, _)| file).filter(is_whole);
    let records: HashSet<(Option<char>, u64)> =
        of_records.map(|file| (file.path.drive_letter(), file.record)).collect();
    let mut journal = Journal::default();
    for history in histories {
        // A record of a recycle bin has the extension of the page that it is about.
        if BinItem::of(&history.path).is_some_and(|item| item.is_record()) {
            continue;
        }
        let letter = history.path.drive_letter();
        let is_deleted = !history.exists && history.first(&FileEvent::Deleted).is_some();
        if is_deleted && in_area(&history.path) {
            journal.events.extend(events(&history));
            if !records.contains(&(letter, history.record.0)) && journal.vanished.len() < MOST {
                journal.vanished.push(vanished(&history, plan));
            }
        }
        journal.files.insert((letter, history.record.0, history.record.1), history);
    }
    if journal.events.len() > EVENTS {
        journal.events.sort_by_key(|event| event.time);
        journal.events.truncate(EVENTS);
    }
    journal
}

/// How long a file existed, where the journal tells both ends.
fn lifetime(history: &FileHistory) -> Option<f64> {
    let (from, to) = (history.first(&FileEvent::Created)?, history.first(&FileEvent::Deleted)?);
    Some((to.seconds() - from.seconds()) as f64)
}

fn vanished(history: &FileHistory, plan: &Plan) -> (Artefact, Vec<Reason>) {
    let (role, base) = plan
        .area_of(&history.path)
        .map_or((Role::Unknown, history.path.clone()), |area| (area.role, area.base.clone()));
    let ntfs = NtfsRecord {
        sequence: Some(history.record.1),
        deleted: true,
        remains: Some(Remains::Unknown),
        ..NtfsRecord::default()
    };
    let times = Times { created: history.first(&FileEvent::Created), ..Times::default() };
    let entry = Entry {
        times,
        inode: Some(history.record.0),
        ntfs: Some(Box::new(ntfs)),
        ..Entry::file(history.path.name(), 0)
    };
    let place = plan.place(&history.path, role, &base);
    let artefact = Artefact { examined: Examined::MetadataOnly, ..Artefact::new(history.path.clone(), entry, place) };
    let lived = lifetime(history).filter(|lived| *lived <= SHORT);
    let (score, title) = match lived {
        Some(seconds) => (
            SHORT_LIVED,
            format!("server code that no longer exists; it was deleted {seconds:.0} s after its creation"),
        ),
        None => (PAGE_DELETED.score, PAGE_DELETED.title.to_owned()),
    };
    (
        artefact,
        vec![Reason::new(&PAGE_DELETED, score, title, vec![Location::without_place("change journal", story(history))])],
    )
}

/// `created 2021-03-03T06:00:00Z, deleted 2021-03-03T06:00:40Z`
fn story(history: &FileHistory) -> String {
    let parts: Vec<String> =
        history.events.iter().take(12).map(|(time, event)| format!("{} {time}", words(event))).collect();
    parts.join(", ")
}

fn words(event: &FileEvent) -> String {
    match event {
        FileEvent::Created => "created".to_owned(),
        FileEvent::RenamedFrom(path) if path.is_empty() => "renamed".to_owned(),
        FileEvent::RenamedFrom(path) => format!("renamed from {path}"),
        FileEvent::Overwritten => "overwritten".to_owned(),
        FileEvent::StreamChanged => "stream changed".to_owned(),
        FileEvent::TimesSet => "times or attributes set".to_owned(),
        FileEvent::Deleted => "deleted".to_owned(),
    }
}

fn events(history: &FileHistory) -> Vec<TimelineEvent> {
    let created = history
        .first(&FileEvent::Created)
        .map(|time| (time, TimelineKind::FileCreated, "(created, by the change journal)"));
    let deleted =
        history.first(&FileEvent::Deleted).map(|time| (time, TimelineKind::FileDeleted, "(by the change journal)"));
    let event = |(time, what, note): (Timestamp, TimelineKind, &str)| TimelineEvent {
        time,
        what,
        words: format!("{} {note}", history.path),
    };
    created.into_iter().chain(deleted).map(event).collect()
}

impl Journal {
    /// Whether it has a file, by its record, of which another structure has the name.
    pub(super) fn knows(&self, file: &DeletedFile) -> bool {
        let sequence = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.sequence).unwrap_or_default();
        self.files.contains_key(&(file.path.drive_letter(), file.record, sequence))
    }

    /// What the journal says about a file that exists.
    pub(super) fn reasons(&self, artefact: &Artefact, results: &mut ScanResults) {
        let (Some(number), Some(ntfs)) = (artefact.entry.inode, &artefact.entry.ntfs) else { return };
        let key = (artefact.path.drive_letter(), number, ntfs.sequence.unwrap_or_default());
        let Some(history) = self.files.get(&key) else { return };
        let set =
            history.events.iter().filter(|(_, event)| *event == FileEvent::TimesSet).map(|(time, _)| *time).next_back();
        if let (Some(set), Some(created)) = (set, artefact.entry.times.created)
            && created.plus_seconds(SHORT) < set
        {
            let line = format!("set {set}; created {created}; {}", story(history));
            let locations = vec![Location::without_place("change journal", line)];
            results.reasons.push(Reason::new(&TIMES_SET, TIMES_SET.score, TIMES_SET.title, locations));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> ServerPath {
        ServerPath::drive('C').join_all(r"inetpub\wwwroot\x.aspx")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(1_614_800_000 + seconds, 0)
    }

    fn history(events: &[(i64, FileEvent)], exists: bool) -> FileHistory {
        let events = events.iter().map(|(time, event)| (at(*time), event.clone())).collect();
        FileHistory { path: path(), record: (40, 3), exists, events }
    }

    #[test]
    fn a_page_of_forty_seconds_scores_more_than_one_that_was_always_there() {
        let plan = Plan::default();
        let (artefact, reasons) =
            vanished(&history(&[(0, FileEvent::Created), (40, FileEvent::Deleted)], false), &plan);
        assert_eq!((reasons[0].score, artefact.entry.times.created), (SHORT_LIVED, Some(at(0))));
        assert!(reasons[0].title.contains("40 s"));
        let (_, reasons) = vanished(&history(&[(40, FileEvent::Deleted)], false), &plan);
        assert_eq!(reasons[0].score, PAGE_DELETED.score);
        let long = [(0, FileEvent::Created), (200_000, FileEvent::Deleted)];
        assert_eq!(vanished(&history(&long, false), &plan).1[0].score, PAGE_DELETED.score);
    }

    #[test]
    fn times_that_were_set_long_after_the_creation_that_they_claim_are_reported() {
        let mut journal = Journal::default();
        let events = history(&[(0, FileEvent::Created), (5, FileEvent::TimesSet)], true);
        journal.files.insert((Some('C'), 40, 3), events);
        let said = |created: i64, record: u64| {
            let ntfs = NtfsRecord { sequence: Some(3), ..NtfsRecord::default() };
            let times = Times { created: Some(at(created)), ..Times::default() };
            let entry = Entry { times, inode: Some(record), ntfs: Some(Box::new(ntfs)), ..Entry::file("x.aspx", 1) };
            let place = Plan::default().place(&path(), Role::WebRoot, &path());
            let mut results = ScanResults::default();
            journal.reasons(&Artefact::new(path(), entry, place), &mut results);
            results.reasons.len()
        };
        assert_eq!(said(-400 * 86_400, 40), 1);
        assert_eq!(said(0, 40), 0, "its own time");
        assert_eq!(said(-400 * 86_400, 41), 0, "another record");
    }
}
