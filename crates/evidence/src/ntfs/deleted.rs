//! What NTFS remembers of files that are no more: records that are not in use, the change journal.

use super::{NtfsVolume, ORPHANED, is_of_the_user, times, unread};
use crate::evidence::Content;
use crate::model::wide_name::{escape_units, unescape_units};
use crate::model::{
    Attributes, DeletedFile, Entry, EntryKind, FileEvent, FileHistory, FoundIn, NamedStream, NtfsRecord, Problem,
    ProblemKind, Remains, ServerPath, Timestamp,
};
use shellsift_ntfs::usn::{self, EventKind, Journal};
use shellsift_ntfs::{Deleted, Namespace, Reference, State};
use std::collections::HashMap;
use std::io::{self, Cursor};
use std::sync::Arc;

/// The change journal, and its stream of records.
const JOURNAL: &str = "$Extend/$UsnJrnl";
const RECORDS: &str = "$J";
/// Events of one file that are kept: an attacker can make any number.
const EVENTS: usize = 200;

fn remains(state: State) -> Remains {
    match state {
        State::Whole => Remains::Whole,
        State::Partial { .. } => Remains::Partial,
        State::Overwritten => Remains::Overwritten,
        State::Unknown => Remains::Unknown,
    }
}

impl NtfsVolume {
    pub(super) fn each_deleted(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        for number in self.volume.deleted() {
            // By the names alone, which are in memory: most deleted files are none of the server's pages.
            let mut names = self.volume.names(number).filter(|name| name.space != Namespace::Dos);
            let Some(path) = names.find_map(|name| {
                let path = self.shown(&self.volume.path_of_name(&name));
                wanted(&path).then_some(path)
            }) else {
                continue;
            };
            if let Some(file) = self.deleted_file(number, path) {
                each(file);
            }
        }
    }

    fn deleted_file(&self, number: u64, path: ServerPath) -> Option<DeletedFile> {
        let Deleted { record, streams, .. } = self.volume.deleted_file(number).ok()?;
        if record.folder {
            return None;
        }
        let content = streams.iter().find(|(stream, _)| stream.name.is_empty());
        let named = streams.iter().filter(|(stream, _)| !stream.name.is_empty());
        let named = named.map(|(stream, _)| NamedStream { name: escape_units(&stream.name), size: stream.size });
        let ntfs = NtfsRecord {
            sequence: Some(record.sequence),
            name_times: record.name().map(|name| times(name.times)).unwrap_or_default(),
            deleted: true,
            streams: named.filter(|stream| is_of_the_user(&stream.name)).collect(),
            other_names: Vec::new(),
            volume_created: self.volume_created(),
            remains: Some(content.map_or(Remains::Unknown, |(_, state)| remains(*state))),
            shadow: None,
        };
        let entry = Entry {
            name: path.name().to_owned(),
            kind: EntryKind::File,
            size: content.map_or(0, |(stream, _)| stream.size),
            times: times(record.times),
            inode: Some(number),
            attributes: Attributes(record.attributes),
            ntfs: Some(Box::new(ntfs)),
        };
        Some(DeletedFile { path, entry, record: number, found_in: FoundIn::Record })
    }

    pub(super) fn open_file(&self, file: &DeletedFile, stream: Option<&str>) -> io::Result<Content> {
        let whole = |bytes: Vec<u8>| {
            let size = bytes.len() as u64;
            Content { reader: Box::new(Cursor::new(bytes)), size, changed: None, inode: None, holes: 0 }
        };
        let name = stream.map(unescape_units).unwrap_or_default();
        match &file.found_in {
            FoundIn::ShadowCopy => match file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.shadow.as_deref()) {
                Some(shadow) => self.open_in_copy(shadow, file.record, &name),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            FoundIn::Slack => Ok(whole(self.volume.slack(file.record).map_err(unread)?)),
            FoundIn::LogFile { content: Some(content) } => Ok(whole(content.to_vec())),
            FoundIn::FolderIndex { .. } | FoundIn::LogFile { content: None } => Err(io::ErrorKind::NotFound.into()),
            FoundIn::Record => Ok(self.content(self.volume.open_deleted(file.record, &name).map_err(unread)?)),
            FoundIn::Orphan => Ok(self.content(self.volume.open_stream(file.record, &name).map_err(unread)?)),
        }
    }

    pub(super) fn journal(&self, wanted: &dyn Fn(&ServerPath) -> bool) -> io::Result<Vec<FileHistory>> {
        let Some(number) = self.volume.find_path(JOURNAL) else { return Ok(Vec::new()) };
        let units: Vec<u16> = RECORDS.encode_utf16().collect();
        let stream = Arc::new(self.volume.open_stream(number, &units).map_err(unread)?);
        let mut allocated = Vec::new();
        let mut at = 0;
        while let Some(range) = stream.next_data(at).filter(|range| range.end > at) {
            at = range.end;
            allocated.push(range);
        }
        let bytes = self.volume.facts().clusters.saturating_mul(self.volume.facts().cluster);
        let journal = Journal::new(stream, allocated).on_volume_of(bytes);
        // A folder has many files: its path is put together once.
        let mut folders: HashMap<(u64, u16), ServerPath> = HashMap::new();
        let mut path = |parent: Reference, name: &[u16]| {
            let folder = folders.entry((parent.number, parent.sequence)).or_insert_with(|| self.folder_path(parent));
            folder.join(&escape_units(name))
        };
        let folded = usn::fold(&journal, |record| !record.is_folder() && wanted(&path(record.parent, &record.name)));
        let at = self.root.join_all(&JOURNAL.replace('/', "\\"));
        let mut damage = folded.skipped.problems();
        if folded.truncated {
            damage.push("it records more files of interest, or events of them, than are kept".to_owned());
        }
        damage.into_iter().for_each(|message| self.note(Problem::at(ProblemKind::LogDamaged, &at, message)));
        let mut histories = Vec::new();
        for history in folded.histories.iter().filter(|history| !history.folder) {
            let Some((name, parent)) = history.last_name() else { continue };
            let own = path(parent, name);
            let known = self.volume.entry(history.file.number);
            let exists = known.is_some_and(|entry| entry.in_use && entry.sequence == history.file.sequence);
            let mut events = Vec::new();
            for event in &history.events {
                let what = match &event.kind {
                    EventKind::Created => FileEvent::Created,
                    EventKind::Renamed { from: Some((name, parent)) } => {
                        FileEvent::RenamedFrom(path(*parent, name).to_string())
                    }
                    EventKind::Renamed { from: None } => FileEvent::RenamedFrom(String::new()),
                    EventKind::Overwritten => FileEvent::Overwritten,
                    EventKind::StreamChanged => FileEvent::StreamChanged,
                    EventKind::BasicInfoChanged => FileEvent::TimesSet,
                    EventKind::Deleted => FileEvent::Deleted,
                    EventKind::Extended | EventKind::LinkChanged => continue,
                };
                // That it was deleted is reported whatever came before.
                let is_wanted = events.len() < EVENTS
                    || what == FileEvent::Deleted && !events.iter().any(|(_, known)| *known == FileEvent::Deleted);
                if let Some(time) = Timestamp::from_filetime(event.time).filter(|_| is_wanted) {
                    events.push((time, what));
                }
            }
            let record = (history.file.number, history.file.sequence);
            histories.push(FileHistory { path: own, record, exists, events });
        }
        Ok(histories)
    }

    pub(super) fn folder_path(&self, folder: Reference) -> ServerPath {
        let held = self.volume.entry(folder.number).is_some_and(|entry| entry.sequence == folder.sequence);
        match held {
            _ if folder.number == self.volume.root() => self.root.clone(),
            true => self.shown(&self.volume.path_of(folder.number)),
            // Its record has another folder or file by now.
            false => self.root.join(ORPHANED),
        }
    }

    /// A damaged record of a file in use; what no file is in is no gap.
    pub(super) fn problem(&self, problem: &shellsift_ntfs::Problem) -> Option<Problem> {
        let Some(number) = problem.number else {
            return Some(Problem::at(
                ProblemKind::FileUnreadable,
                &self.root,
                format!("the volume: {}", problem.reason),
            ));
        };
        if !problem.in_use {
            return None;
        }
        let path = problem.name.as_ref().map(|(parent, name)| self.shown(&self.volume.path_in(*parent, name.clone())));
        let which = match problem.count {
            0 | 1 => format!("record {number} of the $MFT"),
            count => format!("records {number} to {} of the $MFT", number.saturating_add(count - 1)),
        };
        let path = path.unwrap_or_else(|| self.root.clone());
        Some(Problem::at(ProblemKind::FileUnreadable, &path, format!("{which}: {}", problem.reason)))
    }
}
