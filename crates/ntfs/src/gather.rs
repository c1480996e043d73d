//! The records of a file, and streams put together from them.

use crate::bitmap::Bitmap;
use crate::boot::Boot;
use crate::bytes::{fix_up, is_name};
use crate::error::Unread;
use crate::packed::Packed;
use crate::plain::Plain;
use crate::runs::{self, NOWHERE, Run};
use crate::segment::{Body, Clusters, Segment, flag};
use crate::stream::Stream;
use shellsift_disk::{ReadAt, read_exact_at};
use std::sync::Arc;

/// An attribute that names others is not longer than this on volumes of Windows (256 KiB); what is longer is not read.
const LONGEST_ATTRIBUTE: u64 = 1 << 20;

/// Records that continue one file, and their bytes. An attribute list of Windows names fewer.
const PARTS: usize = 10_000;
const PART_BYTES: usize = 40 << 20;
/// Runs of one stream: 48 MiB of them. Windows can write no file in more fragments with records of 1024 bytes.
const RUNS: usize = 2 << 20;

/// The base record of a file and those that continue it, their sectors put right.
pub(crate) struct Segments(pub(crate) Vec<Vec<u8>>);

impl Segments {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Segment<'_>> {
        self.0.iter().map(|bytes| Segment(bytes))
    }

    pub(crate) fn has(&self, kind: u32) -> bool {
        self.iter().any(|segment| segment.attributes().any(|attribute| attribute.kind == kind))
    }
}

/// Where the content of an attribute lies, put together.
pub(crate) struct Found {
    pub(crate) flags: u16,
    pub(crate) unit: u8,
    pub(crate) size: u64,
    pub(crate) valid: u64,
    pub(crate) place: Place,
    /// Part of where it lies is not known.
    pub(crate) has_gap: bool,
}

pub(crate) enum Place {
    Resident(Vec<u8>),
    Runs(Vec<Run>),
}

/// The volume, as reading of clusters needs it.
#[derive(Clone)]
pub(crate) struct Disk {
    pub(crate) source: Arc<dyn ReadAt>,
    pub(crate) boot: Boot,
}

impl Disk {
    /// No cluster of a stream has a higher number: its position would not fit.
    fn limit(&self) -> u64 {
        (u64::MAX >> 1) / self.boot.cluster
    }

    /// Puts an attribute together from its parts.
    pub(crate) fn find(&self, segments: &Segments, kind: u32, name: &[u16]) -> Result<Found, Unread> {
        let mut parts: Vec<(u16, Clusters<'_>)> = Vec::new();
        for attribute in segments.iter().flat_map(|segment| segment.attributes()) {
            if attribute.kind != kind || !is_name(attribute.name, name) {
                continue;
            }
            match attribute.body {
                Body::Clusters(clusters) => parts.push((attribute.flags, clusters)),
                Body::Resident(content) if parts.is_empty() => {
                    let (size, place) = (content.len() as u64, Place::Resident(content.to_vec()));
                    return Ok(Found { flags: attribute.flags, unit: 0, size, valid: size, place, has_gap: false });
                }
                Body::Resident(_) => {}
            }
        }
        parts.sort_by_key(|part| part.1.first);
        let Some((flags, first)) = parts.first().copied() else { return Err(Unread::NoStream) };
        if first.first != 0 {
            return Err(Unread::Damaged("the record with its beginning is missing"));
        }
        let (mut runs, mut next, mut has_gap) = (Vec::new(), 0, false);
        for (_, part) in parts {
            if part.first < next {
                continue; // said twice
            }
            if runs.len() >= RUNS {
                // What follows is listed nowhere: an error where it is read.
                has_gap = true;
                break;
            }
            if part.first > next && part.first <= self.limit() {
                runs.push(Run { first: next, count: part.first - next, place: NOWHERE });
                has_gap = true;
            }
            has_gap |= runs::decode(part.pairs, part.first, self.limit(), &mut runs).is_err();
            next = runs.last().map_or(0, Run::end).max(part.first.min(self.limit()));
        }
        let (size, valid) = (first.size, first.valid);
        has_gap |= next.saturating_mul(self.boot.cluster) < size.min(valid);
        has_gap |= runs.iter().any(|run| run.place == NOWHERE);
        Ok(Found { flags, unit: first.unit, size, valid, place: Place::Runs(runs), has_gap })
    }

    /// The bytes of it, with those of a deleted file only as far as its clusters are free in `free_in`.
    pub(crate) fn stream(&self, found: Found, free_in: Option<Arc<Bitmap>>) -> Result<Stream, Unread> {
        if found.flags & flag::ENCRYPTED != 0 {
            return Err(Unread::Encrypted);
        }
        let runs = match found.place {
            Place::Resident(content) => return Ok(Stream::resident(content)),
            Place::Runs(runs) => runs,
        };
        let packed = found.flags & flag::COMPRESSED;
        let plain = Plain {
            source: Arc::clone(&self.source),
            cluster: self.boot.cluster,
            runs,
            size: found.size,
            valid: found.valid,
            free_in,
        };
        match (packed, found.unit) {
            (0, _) | (1, 0) => Ok(Stream::plain(plain)),
            (1, unit) => Packed::new(plain, unit)
                .map(Stream::packed)
                .ok_or(Unread::Damaged("the unit of its compression is impossible")),
            _ => Err(Unread::Damaged("it is compressed in a way that is not known")),
        }
    }

    /// All bytes of a short attribute.
    pub(crate) fn read(&self, segments: &Segments, kind: u32, name: &[u16]) -> Result<Vec<u8>, Unread> {
        let stream = self.stream(self.find(segments, kind, name)?, None)?;
        if stream.len() > LONGEST_ATTRIBUTE {
            return Err(Unread::Damaged("an attribute of it is impossibly long"));
        }
        let mut bytes = vec![0; usize::try_from(stream.len()).unwrap_or_default()];
        read_exact_at(&stream, &mut bytes, 0)?;
        Ok(bytes)
    }

    /// Reads the records of a file; `parts` are the numbers of those that continue it. The second value says whether there are too many.
    pub(crate) fn segments(
        &self,
        mft: &Plain,
        number: u64,
        mut parts: impl Iterator<Item = u64>,
    ) -> Result<(Segments, bool), Unread> {
        let mut records = vec![self.segment(mft, number)?];
        for part in parts.by_ref().take(PARTS.min(PART_BYTES / self.boot.record)) {
            // One that cannot be read any more, or continues another file by now, shows as a gap.
            let continues = |record: &Vec<u8>| Segment(record).base().is_some_and(|base| base.number == number);
            records.extend(self.segment(mft, part).ok().filter(continues));
        }
        Ok((Segments(records), parts.next().is_some()))
    }

    /// One record out of the `$MFT`.
    pub(crate) fn segment(&self, mft: &Plain, number: u64) -> Result<Vec<u8>, Unread> {
        let size = self.boot.record;
        let at = number.checked_mul(size as u64).filter(|at| *at < mft.size).ok_or(Unread::NoRecord)?;
        let mut record = vec![0; size];
        mft.read_whole(&mut record, at).map_err(|broken| Unread::Io(broken.into()))?;
        checked(record)
    }
}

/// A record with its sectors put right.
pub(crate) fn checked(mut record: Vec<u8>) -> Result<Vec<u8>, Unread> {
    if !Segment(&record).has_signature() {
        return Err(match record.iter().any(|byte| *byte != 0) {
            true => Unread::Damaged("its record is damaged"),
            false => Unread::NoRecord,
        });
    }
    fix_up(&mut record).map_err(Unread::Damaged)?;
    Ok(record)
}
