//! Files of which no listing and no record of a deleted file tells: those that no folder leads to, the slack of records, names that only the
//! index of a folder holds.

use super::{NtfsVolume, times};
use crate::model::wide_name::escape_units;
use crate::model::{
    Attributes, DeletedFile, Entry, EntryKind, FoundIn, NtfsRecord, Problem, ProblemKind, Remains, ServerPath,
};
use shellsift_ntfs::{Namespace, Remnant, Times, Unread};
use std::io;
use std::ops::Range;

/// The flag of a folder in the attributes of a name.
pub(super) const FOLDER: u32 = 0x1000_0000;
/// A name that is wanted nowhere but where every name is.
const ANY: &str = "-";

/// Which paths are asked for, and who takes what was found.
type Wanted<'w> = &'w dyn Fn(&ServerPath) -> bool;
type Each<'e> = &'e mut dyn FnMut(DeletedFile);

impl NtfsVolume {
    pub(super) fn each_remnant(&self, wanted: Wanted<'_>, each: Each<'_>) -> io::Result<()> {
        self.orphans(wanted, each);
        self.slacks(wanted, each);
        self.names_of_indexes(wanted, each);
        self.logged(wanted, each)
    }

    /// Files in use that no walk from the root meets.
    fn orphans(&self, wanted: Wanted<'_>, each: Each<'_>) {
        for number in self.volume.orphans() {
            let mut names = self.volume.names(number).filter(|name| name.space != Namespace::Dos);
            let Some((name, path)) = names.find_map(|name| {
                let path = self.shown(&self.volume.path_of_name(&name));
                wanted(&path).then_some((name, path))
            }) else {
                continue;
            };
            let Ok(mut entry) = self.entry_of(&name).or_else(|_| self.entry_in_table(number, &path)) else { continue };
            if entry.kind != EntryKind::File {
                continue;
            }
            if self.volume.entry(number).is_some_and(|known| known.has_streams)
                && let Ok(record) = self.volume.record(number)
            {
                entry.ntfs.get_or_insert_default().streams = Self::named_streams(&record);
            }
            each(DeletedFile { path, entry, record: number, found_in: FoundIn::Orphan });
        }
    }

    /// What the table has of a file whose record cannot be read further.
    fn entry_in_table(&self, number: u64, path: &ServerPath) -> io::Result<Entry> {
        let known = self.volume.entry(number).ok_or(io::ErrorKind::NotFound)?;
        let kind = if known.folder { EntryKind::Folder } else { EntryKind::File };
        let times = times(known.times);
        Ok(Entry { kind, times, inode: Some(number), ..Entry::file(path.name(), known.size) })
    }

    fn slacks(&self, wanted: Wanted<'_>, each: Each<'_>) {
        for number in self.volume.numbers() {
            let Some(known) = self.volume.entry(number).filter(|entry| entry.has_slack && !entry.folder) else {
                continue;
            };
            let mut names = self.volume.names(number).filter(|name| name.space != Namespace::Dos);
            let Some(path) =
                names.next().map(|name| self.shown(&self.volume.path_of_name(&name))).filter(|path| wanted(path))
            else {
                continue;
            };
            let Ok(slack) = self.volume.slack(number) else { continue };
            let ntfs =
                NtfsRecord { sequence: Some(known.sequence), remains: Some(Remains::Partial), ..NtfsRecord::default() };
            let entry = Entry {
                inode: Some(number),
                ntfs: Some(Box::new(ntfs)),
                ..Entry::file(path.name(), slack.len() as u64)
            };
            each(DeletedFile { path, entry, record: number, found_in: FoundIn::Slack });
        }
    }

    /// Names that the indexes of web folders hold and no file has.
    fn names_of_indexes(&self, wanted: Wanted<'_>, each: Each<'_>) {
        let damaged = self.damaged_names();
        for number in self.volume.numbers() {
            let Some(known) = self.volume.entry(number).filter(|entry| entry.folder) else { continue };
            let folder = match number == self.volume.root() {
                true => self.root.clone(),
                false => self.shown(&self.volume.path_of(number)),
            };
            if !wanted(&folder.join(ANY)) || self.is_link(number, known.reparse_tag) {
                continue;
            }
            let remnants = match self.volume.remnants(number) {
                Ok(remnants) => remnants,
                Err(Unread::Reused) => continue,
                Err(error) => {
                    self.note(Problem::at(ProblemKind::FolderUnreadable, &folder, error.to_string()));
                    continue;
                }
            };
            for remnant in remnants {
                let path = folder.join(&escape_units(&remnant.units));
                if wanted(&path) && self.is_news(&remnant, &damaged) {
                    each(self.name_of_index(path, &remnant));
                }
            }
        }
    }

    /// Whether nothing else tells of a name of an index: no record in use under another name, no deleted one, no problem.
    fn is_news(&self, remnant: &Remnant, damaged: &[Range<u64>]) -> bool {
        let is_folder = remnant.attributes & FOLDER != 0;
        let Some(record) = remnant.record else { return !is_folder && remnant.space != Namespace::Dos };
        !is_folder
            && remnant.space != Namespace::Dos
            && !self.is_known(record.number, record.sequence, &remnant.units)
            && !damaged
                .get(damaged.partition_point(|range| range.end <= record.number))
                .is_some_and(|range| range.contains(&record.number))
    }

    /// The numbers of damaged records that are problems under their names, ascending.
    fn damaged_names(&self) -> Vec<Range<u64>> {
        let named = self.volume.problems().iter().filter(|problem| problem.in_use && problem.name.is_some());
        let ranges = named.filter_map(|one| Some(one.number?..one.number?.saturating_add(one.count.max(1))));
        let mut ranges: Vec<Range<u64>> = ranges.collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges
    }

    /// Whether the table tells of a file itself: it is in use, under whatever name, or its record is free and still has the name.
    pub(super) fn is_known(&self, number: u64, sequence: u16, name: &[u16]) -> bool {
        let Some(known) = self.volume.entry(number) else { return false };
        match known.in_use {
            true => known.sequence == sequence,
            false => self.volume.names(number).any(|own| own.units == name),
        }
    }

    fn name_of_index(&self, path: ServerPath, remnant: &Remnant) -> DeletedFile {
        let record = remnant.record;
        let file = Named {
            number: record.map(|record| record.number),
            sequence: record.map(|record| record.sequence),
            times: remnant.times,
            size: remnant.size,
            attributes: remnant.attributes,
        };
        self.named(path, &file, !remnant.in_use, FoundIn::FolderIndex { in_use: remnant.in_use })
    }

    /// A file of which a name with its times is left.
    pub(super) fn named(&self, path: ServerPath, file: &Named, deleted: bool, found_in: FoundIn) -> DeletedFile {
        let ntfs = NtfsRecord {
            sequence: file.sequence,
            deleted,
            remains: Some(Remains::Unknown),
            volume_created: self.volume_created(),
            ..NtfsRecord::default()
        };
        let entry = Entry {
            times: times(file.times),
            inode: file.number,
            attributes: Attributes(file.attributes & !FOLDER),
            ntfs: Some(Box::new(ntfs)),
            ..Entry::file(path.name(), file.size)
        };
        DeletedFile { path, entry, record: file.number.unwrap_or_default(), found_in }
    }
}

/// What goes with a name in an index or in `$LogFile`.
pub(super) struct Named {
    pub(super) number: Option<u64>,
    pub(super) sequence: Option<u16>,
    pub(super) times: Times,
    pub(super) size: u64,
    pub(super) attributes: u32,
}
