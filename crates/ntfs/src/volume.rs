//! An opened volume.

use crate::bitmap::Bitmap;
use crate::entry::{Entry, Problem};
use crate::error::{Unopened, Unread};
use crate::gather::{Disk, Segments};
use crate::names::{Known, Name, Namespace, Path, UpperCase};
use crate::plain::Plain;
use crate::record::{Record, listed};
use crate::reparse::Reparse;
use crate::scan::{self, Facts};
use crate::segment::{Reference, Segment, kind, number};
use crate::stream::Stream;
use crate::table::{Table, held, mark};
use crate::wof::{self, Wof};
use shellsift_disk::ReadAt;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Folders of a path, and its units: Windows has no longer one. Each of a million files may ask for its own.
const DEEPEST: usize = 1_024;
const LONGEST: usize = 32_767;
/// `FILE_ATTRIBUTE_OFFLINE`, `_RECALL_ON_OPEN`, `_RECALL_ON_DATA_ACCESS`: the content is not here.
const NOT_HERE: u32 = 0x1000 | 0x4_0000 | 0x40_0000;

/// An NTFS volume: its `$MFT` was passed over once, and what is asked for is read then.
pub struct Volume {
    disk: Disk,
    mft: Plain,
    pub(crate) table: Table,
    upper: UpperCase,
    facts: Facts,
    bitmap: Option<Arc<Bitmap>>,
    /// Bytes of indexes that were searched for names that are gone.
    pub(crate) carved: AtomicU64,
}

impl fmt::Debug for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Volume").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Volume {
    /// Opens a volume and passes over its `$MFT`, from front to back.
    ///
    /// # Errors
    /// Why it is no NTFS volume or cannot be opened. What is damaged inside of it is among its [problems](Self::problems).
    pub fn open(source: Arc<dyn ReadAt>) -> Result<Self, Unopened> {
        let mut opened = scan::open(source)?;
        let upper = opened.upper_case();
        opened.table.sort(&upper);
        let facts = opened.facts();
        let bitmap = opened
            .segments(number::BITMAP)
            .and_then(|segments| opened.disk.stream(opened.disk.find(&segments, kind::DATA, &[])?, None));
        let scan::Opened { disk, mft, table } = opened;
        let bitmap = bitmap.ok().map(|stream| Arc::new(Bitmap::new(stream)));
        Ok(Self { disk, mft, table, upper, facts, bitmap, carved: AtomicU64::new(0) })
    }

    /// What is known of the volume as a whole.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What is wrong with the volume and its records.
    pub fn problems(&self) -> &[Problem] {
        &self.table.problems
    }

    /// How many records have problems that are not listed one by one.
    pub fn problems_left_out(&self) -> u64 {
        self.table.problems_left_out
    }

    /// How many records the `$MFT` has room for.
    pub fn record_count(&self) -> u64 {
        self.mft.size / self.disk.boot.record as u64
    }

    /// The numbers of all files and folders in use, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        self.table.numbers(|row| row.is(mark::IN_USE))
    }

    /// The numbers of files and folders in use that no walk from the root through [`children`](Self::children) meets, ascending: the
    /// record of a folder above them is torn or in other use, or they lie in themselves. [`path_of`](Self::path_of) says which.
    pub fn orphans(&self) -> impl Iterator<Item = u64> {
        self.table.orphans()
    }

    /// The number of the topmost folder.
    pub fn root(&self) -> u64 {
        number::ROOT
    }

    /// What the pass kept of a record. Nothing is read.
    pub fn entry(&self, number: u64) -> Option<Entry> {
        self.table.entry(number)
    }

    /// The names in use in a folder, short ones (8.3) also, in no particular order. Nothing is read.
    ///
    /// They are those of the files themselves: a file whose entry is missing in the index of its folder is among them.
    pub fn children(&self, folder: u64) -> impl Iterator<Item = Name<'_>> {
        self.table.children(folder)
    }

    /// The names of a record. Nothing is read.
    pub fn names(&self, number: u64) -> impl Iterator<Item = Name<'_>> {
        self.table.names(number)
    }

    /// The record of a name in a folder without regard to case, as the volume has it; one of exactly this case comes first.
    pub fn find(&self, folder: u64, name: &[u16]) -> Option<u64> {
        self.table.find(folder, name, &self.upper)
    }

    /// The record of a path from the root, its parts separated by `/` or `\`. Links are not followed.
    pub fn find_path(&self, path: &str) -> Option<u64> {
        let mut parts = path.split(['/', '\\']).filter(|part| !part.is_empty());
        parts.try_fold(self.root(), |folder, part| self.find(folder, &part.encode_utf16().collect::<Vec<_>>()))
    }

    /// Where a record lies, by its first name that is not a short one.
    pub fn path_of(&self, number: u64) -> Path {
        if number == self.root() {
            return Path { parts: Vec::new(), known: Known::Root, in_deleted_folder: false };
        }
        match self.long_name(number) {
            Some(name) => self.path_of_name(&name),
            None => Path { parts: Vec::new(), known: Known::NoParent, in_deleted_folder: false },
        }
    }

    fn long_name(&self, number: u64) -> Option<Name<'_>> {
        self.names(number).find(|name| name.space != Namespace::Dos).or_else(|| self.names(number).next())
    }

    /// Where a name lies.
    pub fn path_of_name(&self, name: &Name<'_>) -> Path {
        self.path_in(name.parent, name.units.to_vec())
    }

    /// Where a name in a folder lies, of a record that may be torn.
    pub fn path_in(&self, parent: Reference, name: Vec<u16>) -> Path {
        let mut path = Path { parts: vec![name], known: Known::TooDeep, in_deleted_folder: false };
        let (mut parent, mut seen) = (parent, parent);
        let mut left = LONGEST;
        for depth in 1..DEEPEST {
            if parent.number == self.root() {
                path.known = Known::Root;
                break;
            }
            let Some(row) = self.table.row(parent.number) else {
                path.known = Known::NoParent;
                break;
            };
            let in_use = row.is(mark::IN_USE);
            if (in_use && row.sequence != parent.sequence) || (!in_use && !held(row.sequence, parent.sequence)) {
                path.known = Known::Reused;
                break;
            }
            let Some(name) = self.long_name(parent.number) else {
                path.known = Known::NoParent;
                break;
            };
            let Some(rest) = left.checked_sub(name.units.len() + 1) else { break };
            left = rest;
            path.in_deleted_folder |= !in_use;
            path.parts.push(name.units.to_vec());
            parent = name.parent;
            if parent.number == seen.number {
                path.known = Known::Loop;
                break;
            }
            // Brent: compare with a place that moves on at each power of two.
            if depth.is_power_of_two() {
                seen = parent;
            }
        }
        path.parts.reverse();
        path
    }

    pub(crate) fn segments(&self, number: u64) -> Result<(Segments, bool), Unread> {
        let found = self.disk.segments(&self.mft, number, self.table.parts(number))?;
        // The volume may be in use: what was one file when the `$MFT` was passed over may be another one by now.
        if let (Some(row), Some(base)) = (self.table.row(number), found.0.iter().next())
            && (row.sequence, row.is(mark::IN_USE)) != (base.sequence(), base.in_use())
        {
            return Err(Unread::Reused);
        }
        Ok(found)
    }

    /// Reads all that the records of a file say. A record that continues another one is no file.
    ///
    /// # Errors
    /// Why the record is not read. What is wrong in it is among its problems.
    pub fn record(&self, number: u64) -> Result<Record, Unread> {
        let (segments, left_out) = self.segments(number)?;
        let base = segments.iter().next().filter(|segment| segment.base().is_none()).ok_or(Unread::NoRecord)?;
        let mut record = Record::new(number, base);
        let mut seen = HashSet::new();
        for segment in segments.iter() {
            let mut attributes = segment.attributes();
            attributes.by_ref().for_each(|attribute| record.add(&attribute, &mut seen));
            if !attributes.ended() {
                record.problem("its attributes are damaged: what follows the damage is not read");
            }
        }
        if record.reparse.is_none() && segments.has(kind::REPARSE_POINT) {
            record.reparse = self.reparse(&segments)?;
        }
        if left_out {
            record.problem("more records continue it than are read");
        }
        self.check_list(&segments, &mut record);
        Ok(record)
    }

    /// Whether all records are there that its attribute list names.
    fn check_list(&self, segments: &Segments, record: &mut Record) {
        if !segments.has(kind::ATTRIBUTE_LIST) {
            return;
        }
        let Ok(list) = self.disk.read(segments, kind::ATTRIBUTE_LIST, &[]) else {
            return record.problem("its attribute list cannot be read: parts of it may be missing");
        };
        let parts: HashSet<u64> = self.table.parts(record.number).chain([record.number]).collect();
        if listed(&list).iter().any(|entry| !parts.contains(&entry.holder.number)) {
            record.problem("a record that continues it is missing: parts of it are not known");
        }
    }

    fn reparse(&self, segments: &Segments) -> Result<Option<Reparse>, Unread> {
        if !segments.has(kind::REPARSE_POINT) {
            return Ok(None);
        }
        self.disk.read(segments, kind::REPARSE_POINT, &[]).map(|stored| Some(Reparse::read(&stored)))
    }

    /// Opens a stream of a file or folder, in use or deleted; no name is the content of the file. The content is decompressed.
    ///
    /// # Errors
    /// Why its content cannot be had. What is broken inside of it is an error where it is read.
    pub fn open_stream(&self, number: u64, name: &[u16]) -> Result<Stream, Unread> {
        self.open_in(number, name, None)
    }

    /// Opens a stream of a deleted file. Clusters that are in use by something else since are errors, not foreign bytes.
    ///
    /// # Errors
    /// As of [`Self::open_stream`].
    pub fn open_deleted(&self, number: u64, name: &[u16]) -> Result<Stream, Unread> {
        let in_use = self.entry(number).is_some_and(|entry| entry.in_use);
        let bitmap = self.bitmap.clone().filter(|_| !in_use);
        if bitmap.is_none() && !in_use {
            return Err(Unread::Damaged(
                "it is deleted, and which clusters are in use is not known ($Bitmap is damaged)",
            ));
        }
        self.open_in(number, name, bitmap)
    }

    fn open_in(&self, number: u64, name: &[u16], free_in: Option<Arc<Bitmap>>) -> Result<Stream, Unread> {
        let (segments, _) = self.segments(number)?;
        let found = self.disk.find(&segments, kind::DATA, name)?;
        let reparse = if name.is_empty() { self.reparse(&segments)? } else { None };
        let size = found.size;
        match reparse {
            Some(Reparse::Compressed(Ok(algorithm))) => {
                let name: Vec<u16> = wof::STREAM.encode_utf16().collect();
                let packed = match self.disk.find(&segments, kind::DATA, &name) {
                    Err(Unread::NoStream) => {
                        return Err(Unread::Damaged("its compressed content (WofCompressedData) is missing"));
                    }
                    found => self.disk.stream(found?, free_in)?,
                };
                Ok(Stream::wof(Wof::new(packed, algorithm, size)))
            }
            Some(Reparse::Compressed(Err(algorithm))) => Err(Unread::Algorithm(algorithm)),
            Some(Reparse::InWim) => Err(Unread::InWim),
            Some(Reparse::Deduplicated) => Err(Unread::Deduplicated),
            Some(Reparse::Elsewhere(tag)) => Err(Unread::Filter(tag)),
            Some(Reparse::Cloud) => {
                let stream = self.disk.stream(found, free_in)?;
                let attributes = self.entry(number).map_or(0, |entry| entry.attributes);
                let is_here = attributes & NOT_HERE == 0 && stream.next_data(0).is_some();
                if is_here { Ok(stream) } else { Err(Unread::Cloud) }
            }
            // What it stands for is not known: zeros in its place would pass for its content.
            Some(reparse @ (Reparse::Other(tag) | Reparse::Damaged(tag))) => {
                let stream = self.disk.stream(found, free_in)?;
                let is_here = stream.is_empty() || stream.next_data(0).is_some();
                match (is_here, reparse) {
                    (true, _) => Ok(stream),
                    (false, Reparse::Damaged(_)) => Err(Unread::Damaged("its reparse point is damaged")),
                    (false, _) => Err(Unread::Filter(tag)),
                }
            }
            _ => self.disk.stream(found, free_in),
        }
    }

    /// What lies in a record behind its last attribute: remains of what it said before, such as the content of a file that was
    /// small. Empty where there are only zeros; zeros at the end are left out.
    ///
    /// # Errors
    /// Why the record is not read.
    pub fn slack(&self, number: u64) -> Result<Vec<u8>, Unread> {
        let record = self.disk.segment(&self.mft, number)?;
        let mut attributes = Segment(&record).attributes();
        attributes.by_ref().for_each(drop);
        let start = attributes.at() + if attributes.ended() { 8 } else { 0 };
        let rest = record.get(start..).unwrap_or_default();
        let length = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Ok(rest.get(..length).unwrap_or_default().to_vec())
    }

    /// Whether a folder has a name of exactly these units in use.
    pub(crate) fn has(&self, folder: u64, name: &[u16]) -> bool {
        self.find(folder, name)
            .is_some_and(|number| self.names(number).any(|own| own.parent.number == folder && own.units == name))
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn bitmap(&self) -> Option<&Bitmap> {
        self.bitmap.as_deref()
    }
}
