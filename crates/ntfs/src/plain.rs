//! Content in clusters, neither compressed nor in its record.

use crate::bitmap::Bitmap;
use crate::bytes::fitting;
use crate::error::Broken;
use crate::runs::{self, HOLE, NOWHERE, Run};
use shellsift_disk::ReadAt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Content in clusters as it lies there.
pub(crate) struct Plain {
    pub(crate) source: Arc<dyn ReadAt>,
    pub(crate) cluster: u64,
    /// Ascending; nothing is left out between the first one and the last one.
    pub(crate) runs: Vec<Run>,
    pub(crate) size: u64,
    /// Behind this there are zeros, whatever the clusters hold.
    pub(crate) valid: u64,
    /// Of a deleted file: only clusters that are free are still its own.
    pub(crate) free_in: Option<Arc<Bitmap>>,
}

impl Plain {
    /// Reads up to the next end of a run.
    pub(crate) fn read_some(&self, buffer: &mut [u8], at: u64) -> Result<usize, Broken> {
        let left = self.size.saturating_sub(at);
        if at >= self.valid {
            let count = fitting(buffer, left);
            buffer.get_mut(..count).unwrap_or_default().fill(0);
            return Ok(count);
        }
        let written = self.size.min(self.valid);
        let broken = |end: u64, reason: &str| Broken {
            range: at..end.clamp(at + 1, written.max(at + 1)),
            reason: reason.into(),
        };
        let Some((_, run)) = runs::at(&self.runs, at / self.cluster) else {
            let behind = self.runs.partition_point(|run| run.first <= at / self.cluster);
            let next = self.runs.get(behind).map_or(written, |run| run.first.saturating_mul(self.cluster).min(written));
            return Err(broken(next, "no clusters are listed for them"));
        };
        let end = run.end().saturating_mul(self.cluster).min(written);
        let count = fitting(buffer, end - at);
        let buffer = buffer.get_mut(..count).unwrap_or_default();
        match run.place {
            HOLE => {
                buffer.fill(0);
                Ok(count)
            }
            NOWHERE => Err(broken(end, "the list of clusters is damaged there")),
            place => {
                let inside = at - run.first * self.cluster;
                let position = place.saturating_mul(self.cluster).saturating_add(inside);
                let Some(bitmap) = &self.free_in else { return self.read_disk(buffer, at, position, end) };
                let clusters = (inside % self.cluster + count as u64).div_ceil(self.cluster);
                let (in_use, same) = bitmap.state(place.saturating_add(inside / self.cluster), clusters);
                let end = ((at / self.cluster).saturating_add(same)).saturating_mul(self.cluster).min(end);
                match in_use {
                    Some(false) => {
                        let count = fitting(buffer, end - at);
                        self.read_disk(buffer.get_mut(..count).unwrap_or_default(), at, position, end)
                    }
                    Some(true) => Err(broken(end, "their clusters are in use by something else since")),
                    None => Err(broken(end, "whether their clusters are in use by something else is not known")),
                }
            }
        }
    }

    /// Reads what lies in a row on the disk, as much of it as can be read.
    fn read_disk(&self, buffer: &mut [u8], at: u64, position: u64, end: u64) -> Result<usize, Broken> {
        let there = self.source.len().saturating_sub(position);
        if there == 0 && !buffer.is_empty() {
            return Err(Broken { range: at..end, reason: "their clusters are beyond the end of the volume".into() });
        }
        let count = fitting(buffer, there);
        let buffer = buffer.get_mut(..count).unwrap_or_default();
        let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let whole = |read: usize| if read == count { Ok(count) } else { Err(short()) };
        let Err(error) = self.source.read_at(buffer, position).and_then(whole) else { return Ok(count) };
        // Something of it cannot be read: what stands before is had cluster by cluster.
        let mut done = 0;
        let mut error = error;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let to_cluster = self.cluster - (at + done as u64) % self.cluster;
            let one = fitting(rest, to_cluster);
            match self.source.read_at(rest.get_mut(..one).unwrap_or_default(), position + done as u64) {
                Ok(read) if read == one => done += one,
                Ok(_) => {
                    error = short();
                    break;
                }
                Err(again) => {
                    error = again;
                    break;
                }
            }
        }
        if done > 0 {
            return Ok(done);
        }
        let cluster_end = (at / self.cluster).saturating_add(1).saturating_mul(self.cluster);
        Err(Broken { range: at..cluster_end.min(end), reason: error.to_string() })
    }

    /// Reads all that is asked for.
    pub(crate) fn read_whole(&self, buffer: &mut [u8], at: u64) -> Result<(), Broken> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let position = at.saturating_add(done as u64);
            match self.read_some(rest, position)? {
                0 => return Err(Broken { range: position..position, reason: "it ends before".into() }),
                read => done += read,
            }
        }
        Ok(())
    }

    /// The next range from `at` on whose bytes lie in clusters.
    pub(crate) fn next_data(&self, at: u64) -> Option<Range<u64>> {
        let written = self.size.min(self.valid);
        if at >= written {
            return None;
        }
        let first = self.runs.partition_point(|run| run.end() <= at / self.cluster);
        let mut rest = self.runs.get(first..).unwrap_or_default().iter().skip_while(|run| run.place == HOLE);
        let Some(run) = rest.next() else {
            let listed = self.runs.last().map_or(0, Run::end).saturating_mul(self.cluster);
            return (listed < written).then(|| listed.max(at)..written);
        };
        let mut end = run.end();
        for next in rest.take_while(|next| next.place != HOLE) {
            end = next.end();
        }
        let range = (run.first * self.cluster).max(at)..end.saturating_mul(self.cluster).min(written);
        (!range.is_empty()).then_some(range)
    }
}
