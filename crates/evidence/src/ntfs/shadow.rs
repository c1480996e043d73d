//! Shadow copies of a volume: which there are, and which of their files the volume has no more, or not like that.

use super::{NAMES, NtfsVolume};
use crate::evidence::Content;
use crate::model::place::kind;
use crate::model::wide_name::unescape_units;
use crate::model::{
    DeletedFile, EntryKind, FoundIn, InShadow, NamedStream, Problem, ProblemKind, ServerPath, ShadowCopy, Since,
    Timestamp,
};
use shellsift_disk::ReadAt;
use shellsift_disk::shadow::ShadowError;
use shellsift_ntfs::{Entry, Name, Namespace, Stream, Volume};
use std::io;
use std::sync::Arc;

/// Larger files are not compared byte by byte: one whose times differ counts as changed.
const LARGEST: u64 = 64 << 20;
/// How much is compared at once.
const PIECE: usize = 256 << 10;
/// How many damaged records of a copy are named.
const PROBLEMS: usize = 20;

impl NtfsVolume {
    pub(super) fn list_copies(&self, problems: &mut Vec<Problem>) -> Vec<ShadowCopy> {
        let Some(copies) = &self.copies else { return Vec::new() };
        let damaged = copies.shadows.problems().iter();
        problems.extend(damaged.map(|problem| Problem::at(ProblemKind::ImageNotOpened, &self.root, problem.clone())));
        let numbered = (1..).zip(copies.shadows.copies());
        let copies = numbered.map(|(number, copy)| ShadowCopy {
            volume: self.root.clone(),
            number,
            id: copy.id.unwrap_or(copy.store).to_string(),
            created: Timestamp::from_filetime(copy.created),
            size: copy.size,
            machine: copy.machine.clone(),
            stored: copy.stored,
        });
        copies.collect()
    }

    /// The volume as it was.
    fn copy(&self, number: u32) -> io::Result<Arc<NtfsVolume>> {
        let copies = self.copies.as_ref().ok_or(io::ErrorKind::NotFound)?;
        copies.get(number, |shadows| {
            let at = number.checked_sub(1).and_then(|at| usize::try_from(at).ok()).ok_or(io::ErrorKind::NotFound)?;
            let source = shadows.volume(at).map_err(|error| match error {
                ShadowError::Read(error) => error,
                other => io::Error::other(other),
            })?;
            let volume = Volume::open(Arc::new(source)).map_err(io::Error::other)?;
            let (path, kind) = (self.source.analysis_path.clone(), self.source.kind.clone());
            Ok(NtfsVolume::new(Arc::new(volume), self.root.clone(), path, kind, None))
        })
    }

    /// The files of a copy that differ from the volume as it is, and what could not be compared.
    pub(super) fn each_in_copy(
        &self,
        copy: &ShadowCopy,
        wanted: &dyn Fn(&ServerPath) -> bool,
        each: &mut dyn FnMut(DeletedFile),
    ) -> io::Result<Vec<Problem>> {
        let then = self.copy(copy.number)?;
        let mut problems = self.problems_of_copy(&then);
        for number in then.volume.numbers() {
            let Some(old) = then.volume.entry(number).filter(|entry| !entry.folder) else { continue };
            let Some((name, path)) = self.name_to_compare(&then, number, wanted) else { continue };
            let Some((since, today)) = self.since(&then, &old, &path) else { continue };
            match then.entry_of(&name) {
                Ok(mut entry) if entry.kind == EntryKind::File => {
                    let ntfs = entry.ntfs.get_or_insert_default();
                    ntfs.deleted = since == Since::Deleted;
                    ntfs.streams = then.user_streams(&old).unwrap_or_default();
                    ntfs.shadow = Some(Box::new(InShadow {
                        number: copy.number,
                        id: copy.id.clone(),
                        created: copy.created,
                        also_in: Vec::new(),
                        since,
                        today,
                    }));
                    each(DeletedFile { path, entry, record: number, found_in: FoundIn::ShadowCopy });
                }
                Ok(_) => {}
                Err(error) => problems.push(Problem::at(crate::classify(&error), &path, error.to_string())),
            }
        }
        for problem in &mut problems {
            problem.message = format!("in the {}: {}", copy.in_words(), problem.message);
        }
        Ok(problems)
    }

    /// Damaged records of a copy that the volume itself has not.
    fn problems_of_copy(&self, then: &NtfsVolume) -> Vec<Problem> {
        let of_today: Vec<Problem> = self.volume.problems().iter().filter_map(|one| self.problem(one)).collect();
        let all = then.volume.problems().iter().filter_map(|one| then.problem(one));
        let mut own: Vec<Problem> = all.filter(|problem| !of_today.contains(problem)).collect();
        let more = (own.len().saturating_sub(PROBLEMS) as u64).saturating_add(then.volume.problems_left_out());
        own.truncate(PROBLEMS);
        if more > 0 {
            let message = format!("{more} more records of its $MFT are damaged");
            own.push(Problem::at(ProblemKind::FileUnreadable, &self.root, message));
        }
        own
    }

    /// The wanted name of a file of a copy: the first that no file has today, else the first.
    fn name_to_compare<'v>(
        &self,
        then: &'v NtfsVolume,
        number: u64,
        wanted: &dyn Fn(&ServerPath) -> bool,
    ) -> Option<(Name<'v>, ServerPath)> {
        let names = then.volume.names(number).filter(|name| name.space != Namespace::Dos).take(NAMES);
        let mut names: Vec<_> = names
            .map(|name| {
                let path = then.shown(&then.volume.path_of_name(&name));
                (name, path)
            })
            .filter(|(_, path)| wanted(path))
            .collect();
        let gone = names.iter().position(|(_, path)| self.find(path).is_err()).unwrap_or(0);
        (gone < names.len()).then(|| names.swap_remove(gone))
    }

    /// What became of a file of a copy, and its path today if it was moved; `None` if it is as it was.
    fn since(&self, then: &NtfsVolume, old: &Entry, path: &ServerPath) -> Option<(Since, Option<ServerPath>)> {
        let is_same = |now: &Entry| now.in_use && now.sequence == old.sequence && !now.folder;
        let same = self.volume.entry(old.number).filter(is_same);
        let today = same.map(|now| self.shown(&self.volume.path_of(now.number)));
        // The file that has the path, whether it is the same one or took its place. One below a folder that is not known is not found.
        let at_path = self.find(path).ok().and_then(|number| self.volume.entry(number)).filter(|now| !now.folder);
        let Some(now) = at_path.or(same.filter(|_| today.as_ref() == Some(path))) else {
            return Some((if same.is_some() { Since::Moved } else { Since::Deleted }, today));
        };
        if self.is_link(now.number, now.reparse_tag) {
            return Some((Since::Changed, None));
        }
        self.difference(then, old, &now, kind::is_server_code(path.name())).map(|since| (since, None))
    }

    /// How a file differs from one of a copy. The content of server code is compared even if nothing else says that it was written,
    /// because times can be set back.
    fn difference(&self, then: &NtfsVolume, old: &Entry, now: &Entry, is_code: bool) -> Option<Since> {
        if old.size != now.size {
            return Some(Since::Changed);
        }
        let streams = then.user_streams(old);
        if streams != self.user_streams(now) {
            return Some(Since::Changed);
        }
        let is_written = (old.number, old.sequence) != (now.number, now.sequence)
            || (old.times.modified, old.times.changed) != (now.times.modified, now.times.changed);
        if is_written || is_code {
            match self.has_same_content(then, old, now, &streams.unwrap_or_default()) {
                Some(false) => return Some(Since::Changed),
                None if is_written => return Some(Since::Changed),
                _ => {}
            }
        }
        let times = |entry: &Entry| (entry.times.created, entry.times.modified);
        (times(old) != times(now)).then_some(Since::TimesChanged)
    }

    /// The named streams of a file but for those of the file system; `None` where its record cannot be read.
    fn user_streams(&self, entry: &Entry) -> Option<Vec<NamedStream>> {
        if !entry.has_streams {
            return Some(Vec::new());
        }
        Some(Self::named_streams(&self.volume.record(entry.number).ok()?))
    }

    /// Whether content and streams have the same bytes; `None` where that cannot be said.
    fn has_same_content(&self, then: &NtfsVolume, old: &Entry, now: &Entry, streams: &[NamedStream]) -> Option<bool> {
        let named = streams.iter().map(|stream| unescape_units(&stream.name));
        for name in std::iter::once(Vec::new()).chain(named) {
            let (then, now) = (then.volume.open_stream(old.number, &name), self.volume.open_stream(now.number, &name));
            if !has_same_bytes(&then.ok()?, &now.ok()?)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Opens a file of a copy.
    pub(super) fn open_in_copy(&self, shadow: &InShadow, record: u64, stream: &[u16]) -> io::Result<Content> {
        let then = self.copy(shadow.number)?;
        Ok(then.content(then.volume.open_stream(record, stream).map_err(super::unread)?))
    }
}

fn has_same_bytes(then: &Stream, now: &Stream) -> Option<bool> {
    if then.len() != now.len() {
        return Some(false);
    }
    if then.len() > LARGEST {
        return None;
    }
    let size = usize::try_from(then.len()).unwrap_or(PIECE).min(PIECE);
    let (mut one, mut other) = (vec![0; size], vec![0; size]);
    let mut at = 0;
    while at < then.len() {
        let read = then.read_at(&mut one, at).ok()?;
        if now.read_at(&mut other, at).ok()? != read || one.get(..read) != other.get(..read) {
            return Some(false);
        }
        if read == 0 {
            return None;
        }
        at += read as u64;
    }
    Some(true)
}
