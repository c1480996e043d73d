//! Opens a volume: finds the `$MFT` and passes over it once.

use crate::bitmap::Bitmap;
use crate::boot::{self, Boot};
use crate::bytes::fitting;
use crate::entry::{Problem, Times};
use crate::error::{Unopened, Unread};
use crate::gather::{Disk, Place, Segments, checked};
use crate::names::UpperCase;
use crate::plain::Plain;
use crate::record::listed;
use crate::runs::{self, Run};
use crate::segment::{Segment, kind, number};
use crate::table::Table;
use shellsift_disk::numbers::{u16_at, units};
use shellsift_disk::{ReadAt, read_exact_at};
use std::sync::Arc;

/// Bytes of the `$MFT` that are read at once.
const PIECE: usize = 1 << 20;

/// What is known of a volume as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its serial number, 64 bits; what Windows shows are the lower 32.
    pub serial: u64,
    /// Its label, units of UTF-16.
    pub label: Vec<u16>,
    /// Bytes of a sector.
    pub sector: u32,
    /// Bytes of a cluster.
    pub cluster: u64,
    /// Bytes of a record of the `$MFT`.
    pub record: u64,
    /// How many clusters it has.
    pub clusters: u64,
    /// The version of NTFS, 3 and 1 since Windows XP.
    pub version: (u8, u8),
    /// Whether it was not unmounted properly, or Windows found it damaged: what was last changed may be in `$LogFile` only.
    pub dirty: bool,
    /// The times of the `$MFT`: when the volume was made.
    pub times: Times,
}

fn volume_problem(table: &mut Table, reason: &'static str) {
    table.problem(Problem { number: None, count: 1, in_use: false, name: None, reason });
}

/// What [`open`] found.
pub(crate) struct Opened {
    pub(crate) disk: Disk,
    pub(crate) mft: Plain,
    pub(crate) table: Table,
}

pub(crate) fn open(source: Arc<dyn ReadAt>) -> Result<Opened, Unopened> {
    let (boot, from_copy) = boot::read(&*source)?;
    let mut table = Table::new(boot.clusters);
    if from_copy {
        volume_problem(&mut table, "its boot sector is damaged: the copy at its end is taken");
    }
    if source.len() / boot.cluster < boot.clusters {
        volume_problem(&mut table, "it is shorter than its boot sector states: what is beyond its end cannot be read");
    }
    let first = |place: u64| {
        let mut record = vec![0; boot.record];
        let at = place.checked_mul(boot.cluster)?;
        read_exact_at(&*source, &mut record, at).ok()?;
        let record = checked(record).ok()?;
        let has_data = Segment(&record).attributes().any(|attribute| attribute.kind == kind::DATA);
        has_data.then_some(record)
    };
    let record = match first(boot.mft) {
        Some(record) => record,
        None => {
            let copy = first(boot.mirror)
                .ok_or(Unopened::Damaged("its $MFT is not where its boot sector points, or is damaged"))?;
            volume_problem(&mut table, "the first record of its $MFT is damaged: the copy in $MFTMirr is taken");
            copy
        }
    };
    let disk = Disk { source, boot };
    let mft = mft(&disk, record, &mut table)?;
    pass(&mft, &boot, &mut table);
    table.join();
    let mut opened = Opened { disk, mft, table };
    opened.look_up_damaged();
    Ok(opened)
}

/// Where the `$MFT` lies. Parts of its run list may be in records of its own, which lie in the part that is known before.
fn mft(disk: &Disk, record: Vec<u8>, table: &mut Table) -> Result<Plain, Unopened> {
    let segments = Segments(vec![record]);
    let damaged = |_| Unopened::Damaged("its $MFT is damaged: its position is unknown");
    let found = disk.find(&segments, kind::DATA, &[]).map_err(damaged)?;
    let (size, Place::Runs(runs)) = (found.size, found.place) else {
        return Err(Unopened::Damaged("its $MFT contains itself"));
    };
    let mut mft =
        Plain { source: Arc::clone(&disk.source), cluster: disk.boot.cluster, runs, size, valid: size, free_in: None };
    if segments.has(kind::ATTRIBUTE_LIST) {
        match disk.read(&segments, kind::ATTRIBUTE_LIST, &[]) {
            Ok(list) => follow_list(disk, &list, &mut mft),
            Err(_) => volume_problem(
                table,
                "the attribute list of its $MFT cannot be read: records after its first part are unknown",
            ),
        }
    }
    let there = disk.source.len() / disk.boot.record as u64;
    let listed = mft.runs.last().map_or(0, Run::end).saturating_mul(disk.boot.cluster);
    if listed < size {
        volume_problem(table, "part of its $MFT is not listed: records behind that are not known");
    }
    // Not more records than fit into the volume, though a run may be listed twice.
    let records = (size.min(listed) / disk.boot.record as u64).min(there).min(u64::from(u32::MAX) - 1);
    mft.size = records * disk.boot.record as u64;
    mft.valid = mft.size;
    Ok(mft)
}

fn follow_list(disk: &Disk, list: &[u8], mft: &mut Plain) {
    let mut parts = listed(list);
    parts.retain(|part| part.kind == kind::DATA && part.holder.number != number::MFT && part.first != 0);
    parts.sort_by_key(|part| part.first);
    for part in parts {
        let next = mft.runs.last().map_or(0, Run::end);
        let Ok(record) = disk.segment(mft, part.holder.number) else { continue };
        for attribute in Segment(&record).attributes() {
            let clusters = attribute.clusters().filter(|_| attribute.kind == kind::DATA && attribute.name.is_empty());
            if let Some(clusters) = clusters.filter(|clusters| clusters.first == next) {
                // What is damaged of it shows as a part that is not listed.
                let _ = runs::decode(clusters.pairs, next, (u64::MAX >> 1) / disk.boot.cluster, &mut mft.runs);
            }
        }
    }
}

/// Reads the `$MFT` from front to back.
fn pass(mft: &Plain, boot: &Boot, table: &mut Table) {
    let size = boot.record as u64;
    let mut buffer = vec![0; PIECE.max(boot.record)];
    let mut at = 0;
    // A hole, which no $MFT has, is not gone through byte by byte.
    while let Some(data) = mft.next_data(at) {
        at = at.max(data.start / size * size);
        let wanted = fitting(&buffer, mft.size - at);
        let (mut done, mut broken) = (0, None);
        while let Some(rest) = buffer.get_mut(done..wanted).filter(|rest| !rest.is_empty()) {
            match mft.read_some(rest, at + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let mut first = at / size;
        for record in buffer.get_mut(..done).unwrap_or_default().chunks_exact_mut(boot.record) {
            if let Ok(number) = u32::try_from(first) {
                // On a volume in use it may be torn because it was being written: then it is whole a moment later.
                table.add(number, record, |record| mft.read_whole(record, first * size).is_ok());
            }
            first += 1;
        }
        at = first * size;
        if broken.is_some() || done < wanted {
            let end = broken.map_or(at, |broken| broken.range.end).div_ceil(size).max(first + 1);
            let reason = "the disk cannot be read there";
            table.problem(Problem { number: Some(first), count: end - first, in_use: false, name: None, reason });
            at = end * size;
        }
    }
}

impl Opened {
    /// Says of damaged records, which cannot say it themselves, whether a file is in them: by the bits of the `$MFT`. Where those cannot be
    /// read, one may be.
    fn look_up_damaged(&mut self) {
        if self.table.problems.iter().all(|problem| problem.in_use || problem.number.is_none()) {
            return;
        }
        let bits = self
            .segments(number::MFT)
            .and_then(|segments| self.disk.stream(self.disk.find(&segments, kind::BITMAP, &[])?, None));
        let bits = bits.ok().map(Bitmap::new);
        for problem in self.table.problems.iter_mut().filter(|problem| !problem.in_use) {
            let Some(first) = problem.number else { continue };
            let used = bits.as_ref().and_then(|bits| bits.in_use(first, problem.count));
            problem.in_use = used.is_none_or(|used| used > 0);
        }
    }

    /// The records of a file.
    pub(crate) fn segments(&self, number: u64) -> Result<Segments, Unread> {
        self.disk.segments(&self.mft, number, self.table.parts(number)).map(|found| found.0)
    }

    pub(crate) fn upper_case(&mut self) -> UpperCase {
        let stored = self.segments(number::UPPER_CASE).and_then(|segments| self.disk.read(&segments, kind::DATA, &[]));
        match stored {
            Ok(stored) if stored.len() == UpperCase::SIZE => UpperCase::new(&stored),
            _ => {
                volume_problem(&mut self.table, "its $UpCase is damaged: names are compared as they commonly are");
                UpperCase::common()
            }
        }
    }

    pub(crate) fn facts(&mut self) -> Facts {
        let boot = self.disk.boot;
        let mut facts = Facts {
            serial: boot.serial,
            sector: boot.sector,
            cluster: boot.cluster,
            record: boot.record as u64,
            clusters: boot.clusters,
            times: self.table.entry(number::MFT).map(|entry| entry.times).unwrap_or_default(),
            ..Facts::default()
        };
        let Ok(segments) = self.segments(number::VOLUME) else {
            volume_problem(&mut self.table, "its $Volume is damaged: label, version and state are not known");
            return facts;
        };
        for attribute in segments.iter().flat_map(|segment| segment.attributes()) {
            if let Some(label) = attribute.content_of(kind::VOLUME_NAME) {
                facts.label = units(label).collect();
            }
            if let Some(content) = attribute.content_of(kind::VOLUME_INFORMATION)
                && let (Some(&[major, minor]), Some(flags)) = (content.get(8..10), u16_at(content, 10))
            {
                facts.version = (major, minor);
                facts.dirty = flags & 1 != 0;
            }
        }
        facts
    }
}
