//! What the journal of the file system itself (`$LogFile`) tells of files that no record tells of: names, and content that lay in records.

use super::remnants::{FOLDER, Named};
use super::{NtfsVolume, unread};
use crate::model::wide_name::escape_units;
use crate::model::{DeletedFile, FoundIn, Remains, ServerPath};
use memchr::memmem;
use shellsift_disk::ReadAt;
use shellsift_ntfs::Times;
use shellsift_ntfs::logfile::{Content, ContentPart, Geometry, LogFile, NameChange, NameChangeKind, NoLogFile};
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

/// The journal, in the root of a volume.
const LOG_FILE: &str = "$LogFile";
/// The kind of a short name (8.3).
const DOS: u8 = 2;
/// What fits into a record: its content is compared with what was written into it.
const RESIDENT: u64 = 64 << 10;
/// Fewer bytes hold no code.
const SHORTEST: usize = 8;

impl NtfsVolume {
    pub(super) fn logged(
        &self,
        wanted: &dyn Fn(&ServerPath) -> bool,
        each: &mut dyn FnMut(DeletedFile),
    ) -> io::Result<()> {
        let Some(number) = self.volume.find_path(LOG_FILE) else { return Ok(()) };
        let stream = self.volume.open_stream(number, &[]).map_err(unread)?;
        let facts = self.volume.facts();
        let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
        let geometry = Geometry { cluster: size(facts.cluster), record: size(facts.record) };
        let log = match LogFile::read(&stream, geometry) {
            Ok(log) => log,
            // As it is made, and after a repair.
            Err(NoLogFile::Empty) => return Ok(()),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        drop(stream);
        let names = Names::of(&log);
        self.names_of_log(&names, wanted, each);
        self.content_of_log(&log, &names, wanted, each);
        match log.truncated {
            true => Err(io::Error::other("it tells more than is kept: names or content above the limit were left out")),
            false => Ok(()),
        }
    }

    /// Files whose name the log has and that exist no more.
    fn names_of_log(&self, names: &Names<'_>, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        let mut folders = HashMap::new();
        for ((number, sequence), change) in names.last() {
            if self.is_known(number, sequence, &change.name) {
                continue;
            }
            let path = self.path_of_change(change, &mut folders);
            if wanted(&path) {
                let found_in = FoundIn::LogFile { content: None };
                each(self.named(path, &of_change(change, number, Some(sequence)), true, found_in));
            }
        }
    }

    /// Content that was written into the records of files, where no record has it any more.
    fn content_of_log(
        &self,
        log: &LogFile,
        names: &Names<'_>,
        wanted: &dyn Fn(&ServerPath) -> bool,
        each: &mut dyn FnMut(DeletedFile),
    ) {
        let mut folders = HashMap::new();
        let mut seen: HashSet<(u64, &[u8])> = HashSet::new();
        for content in &log.content {
            let is_of_file = match &content.part {
                ContentPart::Whole { stream } => stream.is_empty(),
                ContentPart::Part { .. } => true,
            };
            // What a record held before anything was written there are zeros.
            let is_blank = content.bytes.len() < SHORTEST || content.bytes.iter().all(|byte| *byte == 0);
            if !is_of_file || is_blank {
                continue;
            }
            let change = names.of_content(content);
            let path = match change {
                Some(change) => Some(self.path_of_change(change, &mut folders)),
                None => self.path_of_record(content.record),
            };
            let Some(path) = path.filter(|path| wanted(path)) else { continue };
            if !seen.insert((content.record, &content.bytes)) || self.has(content.record, &content.bytes) {
                continue;
            }
            each(self.written(path, content, change));
        }
    }

    /// What was written into a record, as a file.
    fn written(&self, path: ServerPath, content: &Content, change: Option<&NameChange>) -> DeletedFile {
        let known = self.volume.entry(content.record);
        let sequence = change.and_then(|change| change.file).map(|file| file.sequence);
        let sequence = sequence.or(known.map(|known| known.sequence));
        let file = match change {
            Some(change) => of_change(change, content.record, sequence),
            None => Named {
                number: Some(content.record),
                sequence,
                times: Times::default(),
                size: 0,
                attributes: known.map_or(0, |known| known.attributes),
            },
        };
        let file = Named { size: content.bytes.len() as u64, ..file };
        let is_there = known.is_some_and(|known| known.in_use && Some(known.sequence) == sequence);
        let found_in = FoundIn::LogFile { content: Some(Arc::from(content.bytes.as_slice())) };
        let mut written = self.named(path, &file, !is_there, found_in);
        if let Some(ntfs) = &mut written.entry.ntfs {
            ntfs.remains = Some(match content.part {
                ContentPart::Whole { .. } => Remains::Whole,
                ContentPart::Part { .. } => Remains::Partial,
            });
        }
        written
    }

    /// Whether a record has these bytes, as content or behind its attributes: then they are examined there.
    fn has(&self, number: u64, bytes: &[u8]) -> bool {
        let content = self.volume.open_stream(number, &[]).ok().filter(|stream| stream.len() <= RESIDENT);
        let content = content.and_then(|stream| {
            let mut content = vec![0; usize::try_from(stream.len()).ok()?];
            shellsift_disk::read_exact_at(&stream, &mut content, 0).ok()?;
            Some(content)
        });
        let holds = |content: &[u8]| memmem::find(content, bytes).is_some();
        content.is_some_and(|content| holds(&content)) || self.volume.slack(number).is_ok_and(|slack| holds(&slack))
    }

    /// The path of a record that is no folder's.
    fn path_of_record(&self, number: u64) -> Option<ServerPath> {
        self.volume.entry(number).filter(|known| !known.folder)?;
        self.volume.names(number).next().map(|name| self.shown(&self.volume.path_of_name(&name)))
    }

    fn path_of_change(&self, change: &NameChange, folders: &mut HashMap<(u64, u16), ServerPath>) -> ServerPath {
        let parent = change.parent;
        let folder = folders.entry((parent.number, parent.sequence)).or_insert_with(|| self.folder_path(parent));
        folder.join(&escape_units(&change.name))
    }
}

fn of_change(change: &NameChange, number: u64, sequence: Option<u16>) -> Named {
    let [created, modified, changed, accessed] = change.times;
    let times = Times { created, modified, changed, accessed };
    Named { number: Some(number), sequence, times, size: change.size, attributes: change.attributes }
}

/// The names of files that a log tells of, by their records.
struct Names<'l> {
    /// In the order of the log.
    of_record: HashMap<u64, Vec<&'l NameChange>>,
}

impl<'l> Names<'l> {
    fn of(log: &'l LogFile) -> Self {
        let mut of_record: HashMap<u64, Vec<&NameChange>> = HashMap::new();
        for change in log.names.iter().filter(|change| change.space != DOS && change.attributes & FOLDER == 0) {
            if let Some(file) = change.file {
                of_record.entry(file.number).or_default().push(change);
            }
        }
        Self { of_record }
    }

    /// The last name of each file, by the number of its record and how often that was used. A name that was taken away counts only if no
    /// other one was given before: a file that is renamed has the new one.
    fn last(&self) -> Vec<((u64, u16), &'l NameChange)> {
        let mut last: HashMap<(u64, u16), &NameChange> = HashMap::new();
        for change in self.of_record.values().flatten() {
            let Some(file) = change.file else { continue };
            let key = (file.number, file.sequence);
            let is_same = |other: &&NameChange| other.parent == change.parent && other.name == change.name;
            match last.get(&key) {
                Some(known) if change.kind == NameChangeKind::Removed && !is_same(known) => {}
                _ => drop(last.insert(key, change)),
            }
        }
        let mut last: Vec<_> = last.into_iter().collect();
        last.sort_by_key(|(key, _)| *key);
        last
    }

    /// The name that the file of a record had when something was written into it.
    fn of_content(&self, content: &Content) -> Option<&'l NameChange> {
        let changes = self.of_record.get(&content.record)?;
        let before = changes.partition_point(|change| change.lsn <= content.lsn);
        let (before, after) = changes.split_at(before);
        // Where the log begins in the life of the file, the name by which it goes on; a new file is another one.
        let next = after.first().filter(|change| change.kind != NameChangeKind::Created);
        before.last().or(next).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shellsift_ntfs::Reference;

    fn change(lsn: u64, kind: NameChangeKind, file: (u64, u16), name: &str) -> NameChange {
        NameChange {
            lsn,
            transaction: 0,
            kind,
            file: Some(Reference { number: file.0, sequence: file.1 }),
            parent: Reference { number: 5, sequence: 5 },
            name: name.encode_utf16().collect(),
            space: 3,
            times: [0; 4],
            size: 0,
            attributes: 0x20,
        }
    }

    fn content(lsn: u64) -> Content {
        Content { lsn, record: 40, part: ContentPart::Whole { stream: Vec::new() }, bytes: Vec::new() }
    }

    #[test]
    fn content_has_the_name_that_its_record_had_then() {
        use NameChangeKind::{Added, Created, Removed};
        let mut short = change(1, Added, (40, 1), "OLD~1.ASP");
        short.space = DOS;
        let names = vec![
            short,
            change(10, Removed, (40, 1), "old.aspx"),
            change(20, Created, (40, 2), "new.tmp"),
            change(30, Added, (40, 2), "new.aspx"),
            change(31, Removed, (40, 2), "new.tmp"),
            change(40, Removed, (41, 7), "gone.aspx"),
        ];
        let log = LogFile { names, ..LogFile::default() };
        let names = Names::of(&log);
        let name = |lsn| names.of_content(&content(lsn)).map(|change| String::from_utf16_lossy(&change.name));
        assert_eq!(name(5).as_deref(), Some("old.aspx"), "the log begins behind the creation");
        assert_eq!(name(20).as_deref(), Some("new.tmp"));
        assert_eq!(name(30).as_deref(), Some("new.aspx"));
        let last: Vec<_> =
            names.last().iter().map(|(key, change)| (*key, String::from_utf16_lossy(&change.name))).collect();
        let expected = [((40, 1), "old.aspx"), ((40, 2), "new.aspx"), ((41, 7), "gone.aspx")];
        assert_eq!(last, expected.map(|(key, name)| (key, name.to_owned())));
        let created = LogFile { names: vec![change(9, Created, (40, 3), "later.aspx")], ..LogFile::default() };
        assert!(Names::of(&created).of_content(&content(5)).is_none(), "of the file before");
    }
}
