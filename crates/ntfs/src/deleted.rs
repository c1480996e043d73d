//! Deleted files, and how much of their content is left.

use crate::error::Unread;
use crate::gather::{Place, Segments};
use crate::names::Path;
use crate::record::{Record, StreamInfo};
use crate::reparse::Reparse;
use crate::segment::{flag, kind};
use crate::table::mark;
use crate::volume::Volume;
use crate::wof;

/// How much of a stream of a deleted file is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It lies in the record, or all its clusters are free and no other deleted file lists them.
    Whole,
    /// Some of its clusters are in use by something else, or not known.
    Partial {
        /// Clusters that are in use by something else.
        in_use: u64,
        /// Clusters that it had.
        clusters: u64,
    },
    /// All of its clusters are in use by something else.
    Overwritten,
    /// Another deleted file lists some of its clusters too, or what tells it is damaged.
    Unknown,
}

/// A deleted file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its record.
    pub record: Record,
    /// Where its names lay, in the order of the names.
    pub paths: Vec<Path>,
    /// Its streams, in the order of the record.
    pub streams: Vec<(StreamInfo, State)>,
}

impl Volume {
    /// The numbers of records that are not in use and still have a name, ascending.
    pub fn deleted(&self) -> impl Iterator<Item = u64> {
        self.table.numbers(|row| row.is(mark::NAMED) && !row.is(mark::IN_USE))
    }

    /// What is left of a deleted file or folder. Of one in use all is.
    ///
    /// # Errors
    /// Why its record is not read.
    pub fn deleted_file(&self, number: u64) -> Result<Deleted, Unread> {
        let record = self.record(number)?;
        let (segments, _) = self.segments(number)?;
        let paths = record.names.iter().map(|name| self.path_in(name.parent, name.units.clone())).collect();
        let packed: Vec<u16> = wof::STREAM.encode_utf16().collect();
        let streams = record.streams.iter().map(|stream| {
            // The content of a file that Windows compressed lies in another stream.
            let is_packed = stream.name.is_empty() && matches!(record.reparse, Some(Reparse::Compressed(_)));
            let name = if is_packed { &packed } else { &stream.name };
            let state = if record.in_use { State::Whole } else { self.state(&segments, name) };
            (stream.clone(), state)
        });
        let streams = streams.collect();
        Ok(Deleted { record, paths, streams })
    }

    fn state(&self, segments: &Segments, name: &[u16]) -> State {
        let Ok(found) = self.disk().find(segments, kind::DATA, name) else { return State::Unknown };
        let Place::Runs(runs) = found.place else { return State::Whole };
        let Some(bitmap) = self.bitmap() else { return State::Unknown };
        // Clusters behind the end of the content do not matter, but for packed ones.
        let needed = match found.flags & flag::COMPRESSED {
            0 => found.size.min(found.valid).div_ceil(self.facts().cluster),
            _ => u64::MAX,
        };
        let (mut clusters, mut in_use, mut shared) = (0_u64, 0_u64, self.table.claims.left_out);
        for run in runs.iter().filter(|run| run.first < needed) {
            let count = run.count.min(needed - run.first);
            let Some(place) = run.first_cluster() else { continue };
            let Some(used) = bitmap.in_use(place, count) else { return State::Unknown };
            clusters = clusters.saturating_add(count);
            in_use = in_use.saturating_add(used);
            shared |= self.table.claims.is_shared(place, count);
        }
        match (clusters, in_use) {
            (1.., used) if used == clusters => State::Overwritten,
            (_, 1..) => State::Partial { in_use, clusters },
            _ if found.has_gap => State::Partial { in_use, clusters },
            _ if shared => State::Unknown,
            _ => State::Whole,
        }
    }
}
