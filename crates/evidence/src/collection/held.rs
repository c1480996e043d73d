//! What is known of the names of a volume that a collector left, by columns: a collection may have millions.

use super::compared::Hash;
use super::sparse::Pieces;
use crate::archive::{Stamp, Stamps};
use crate::model::{Entry, EntryKind, Numbers, Times, Timestamp};
use std::collections::HashMap;

/// The bit of what is recorded that is set when a partial file has been reported.
pub(super) const IN_PART: u8 = 1 << 7;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
    Link,
    /// [`More::what`]
    Other,
}

/// What few names have.
#[derive(Default)]
pub(super) struct More {
    pub(super) pieces: Option<Pieces>,
    pub(super) target: Option<String>,
    pub(super) what: Option<&'static str>,
}

/// The names by their numbers.
#[derive(Default)]
pub(super) struct Held {
    kinds: Vec<What>,
    /// Which times there are, by bits: created, modified, changed, accessed.
    has: Vec<u8>,
    /// The times themselves. Those of the listing only where the source is no index, which is asked again.
    times: [Stamps; 4],
    /// Which of the times a record of the collector says, and [`IN_PART`].
    recorded: Numbers,
    /// The times of the name in the MFT, where a record says them.
    name_times: [Stamps; 4],
    /// The hashes of records, and which of them a name has, plus one.
    hashes: Vec<Hash>,
    hash_at: Numbers,
    sizes: Numbers,
    roots: Numbers,
    /// Of a file that is called otherwise in the collection, where its path below the root begins in the text, plus one; its length.
    starts: Numbers,
    lengths: Numbers,
    more: HashMap<u32, Box<More>>,
}

/// Where a file lies in the collection.
pub(super) struct Origin<'h> {
    pub(super) root: u16,
    /// Its path below the root; `None` where it is called as in the volume.
    pub(super) path: Option<&'h str>,
}

fn stamps(times: Times) -> [Stamp; 4] {
    let Times { created, modified, changed, accessed } = times;
    [created, modified, changed, accessed].map(Stamp::of_time)
}

fn times(stamps: [Stamp; 4]) -> Times {
    let [created, modified, changed, accessed] = stamps.map(Stamp::time);
    Times { created, modified, changed, accessed }
}

impl Held {
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Takes a name of this root. `keeps_times`: its times are not to be had otherwise.
    pub(super) fn push(&mut self, entry: &Entry, root: u16, keeps_times: bool) {
        let own = self.kinds.len() as u32; // below 2^32 by the bound of the tree
        let (kind, more) = match &entry.kind {
            EntryKind::File => (What::File, None),
            EntryKind::Folder => (What::Folder, None),
            EntryKind::Link { target } => (What::Link, Some(More { target: target.clone(), ..More::default() })),
            EntryKind::Other(what) => (What::Other, Some(More { what: Some(what), ..More::default() })),
        };
        self.kinds.push(kind);
        self.more.extend(more.map(|more| (own, Box::new(more))));
        self.sizes.set(own, entry.size);
        self.roots.set(own, u64::from(root));
        let mut has = 0;
        for (at, time) in stamps(entry.times).into_iter().enumerate() {
            has |= u8::from(time != Stamp::NONE) << at;
            if let Some(times) = self.times.get_mut(at).filter(|_| keeps_times) {
                times.set(own, time);
            }
        }
        self.has.push(has);
    }

    /// Says that the path of the last name in the collection is this part of the text.
    pub(super) fn set_origin(&mut self, start: usize, length: usize) {
        let own = self.last();
        self.starts.set(own, start as u64 + 1);
        self.lengths.set(own, length as u64);
    }

    /// The number of the last name.
    pub(super) fn last(&self) -> u32 {
        (self.kinds.len() as u32).saturating_sub(1)
    }

    pub(super) fn kind(&self, own: u32) -> Option<What> {
        self.kinds.get(own as usize).copied()
    }

    pub(super) fn size(&self, own: u32) -> u64 {
        self.sizes.get(own)
    }

    pub(super) fn set_size(&mut self, own: u32, size: u64) {
        self.sizes.set(own, size);
    }

    pub(super) fn more(&self, own: u32) -> Option<&More> {
        self.more.get(&own).map(Box::as_ref)
    }

    pub(super) fn more_mut(&mut self, own: u32) -> &mut More {
        self.more.entry(own).or_default()
    }

    pub(super) fn recorded(&self, own: u32) -> u8 {
        self.recorded.get(own) as u8
    }

    pub(super) fn set_in_part(&mut self, own: u32) {
        self.recorded.set(own, u64::from(self.recorded(own) | IN_PART));
    }

    /// Takes the times that a record says, in the order of [`Self::times`]. Of several records the first; it knows better than the copy.
    pub(super) fn record(&mut self, own: u32, recorded: [Option<Timestamp>; 4]) {
        let Some(has) = self.has.get_mut(own as usize) else { return };
        let mut bits = self.recorded.get(own) as u8;
        for (at, (times, time)) in self.times.iter_mut().zip(recorded).enumerate() {
            if time.is_some() && bits & 1 << at == 0 {
                let time = Stamp::of_time(time);
                times.set(own, time);
                bits |= 1 << at;
                *has = *has & !(1 << at) | u8::from(time != Stamp::NONE) << at;
            }
        }
        self.recorded.set(own, u64::from(bits));
    }

    /// The times of a name: created, modified, changed, accessed. `listed` is what an index says of it, where the source is one.
    pub(super) fn times(&self, own: u32, listed: Option<&Entry>) -> Times {
        let mut all = self.times.each_ref().map(|times| times.get(own));
        if let Some(entry) = listed {
            let recorded = self.recorded(own);
            for (at, (time, listed)) in all.iter_mut().zip(stamps(entry.times)).enumerate() {
                if recorded & 1 << at == 0 {
                    *time = listed;
                }
            }
        }
        times(all)
    }

    /// The times of a name in the MFT, as a record says them.
    pub(super) fn name_times(&self, own: u32) -> Times {
        times(self.name_times.each_ref().map(|times| times.get(own)))
    }

    pub(super) fn set_name_times(&mut self, own: u32, recorded: Times) {
        self.name_times.iter_mut().zip(stamps(recorded)).for_each(|(times, time)| times.set(own, time));
    }

    /// The hash that a record says.
    pub(super) fn hash(&self, own: u32) -> Option<Hash> {
        let at = usize::try_from(self.hash_at.get(own).checked_sub(1)?).ok()?;
        self.hashes.get(at).copied()
    }

    /// Takes the hash of a record; of several the first.
    pub(super) fn add_hash(&mut self, own: u32, hash: Hash) {
        if self.hash_at.get(own) == 0 {
            self.hashes.push(hash);
            self.hash_at.set(own, self.hashes.len() as u64);
        }
    }

    /// Where a name comes from; `text` holds the paths of the collection.
    pub(super) fn origin<'h>(&self, own: u32, text: &'h str) -> Origin<'h> {
        let length = self.lengths.get(own) as usize;
        let start = self.starts.get(own).checked_sub(1).map(|start| start as usize);
        let path = start.map(|start| text.get(start..start.saturating_add(length)).unwrap_or_default());
        Origin { root: self.roots.get(own) as u16, path }
    }

    /// The numbers of all files.
    pub(super) fn files(&self) -> impl Iterator<Item = u32> {
        self.kinds.iter().enumerate().filter(|(_, kind)| **kind == What::File).map(|(own, _)| own as u32)
    }

    /// Whether a name has one of the four times.
    pub(super) fn has_time(&self, own: u32, which: usize) -> bool {
        self.has.get(own as usize).is_some_and(|has| has & 1 << which != 0)
    }
}

/// Files by the hash of their folded paths, twelve bytes each.
#[derive(Default)]
pub(super) struct Keys {
    /// In order, each at least twice as long as the next one.
    runs: Vec<Vec<[u32; 3]>>,
    fresh: Vec<[u32; 3]>,
}

impl Keys {
    /// Takes a file; it is found after the next [`Self::seal`].
    pub(super) fn push(&mut self, hash: u64, own: u32) {
        self.fresh.push([(hash >> 32) as u32, hash as u32, own]);
    }

    /// Makes everything that was taken to be found.
    pub(super) fn seal(&mut self) {
        let mut run = std::mem::take(&mut self.fresh);
        run.sort_unstable();
        while let Some(last) = self.runs.pop_if(|last| last.len() < run.len().saturating_mul(2)) {
            run = [last, run].concat();
            run.sort(); // two ascending runs, which it only merges
        }
        if !run.is_empty() {
            self.runs.push(run);
        }
    }

    /// The first file of this hash.
    pub(super) fn find(&self, hash: u64) -> Option<u32> {
        let key = [(hash >> 32) as u32, hash as u32];
        self.runs.iter().find_map(|run| {
            let at = run.partition_point(|[high, low, _]| [*high, *low] < key);
            run.get(at).filter(|[high, low, _]| [*high, *low] == key).map(|[_, _, own]| *own)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_hash_the_first_of_several() {
        let mut keys = Keys::default();
        let hash = |own: u32| u64::from(own % 300).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for own in 0..1000 {
            keys.push(hash(own), own);
            if own % 7 == 0 {
                keys.seal();
                assert!(keys.runs.windows(2).all(|two| two[0].len() >= 2 * two[1].len()));
            }
        }
        assert_eq!(keys.find(hash(2)), Some(2));
        keys.push(77, 1000);
        assert_eq!(keys.find(77), None, "not yet");
        keys.seal();
        assert!((0..1000).all(|own| keys.find(hash(own)) == Some(own % 300)) && keys.find(77) == Some(1000));
        assert_eq!(keys.find(78), None);
    }

    #[test]
    fn a_record_knows_better_than_the_listing_and_the_first_record_best() {
        let at = |seconds| Some(Timestamp::new(seconds, 0));
        for keeps_times in [true, false] {
            let mut held = Held::default();
            let times = Times { created: at(1), modified: at(2), ..Times::default() };
            let entry = Entry { times, ..Entry::file("x.aspx", 5) };
            held.push(&entry, 3, keeps_times);
            let listed = (!keeps_times).then_some(&entry);
            assert_eq!(held.times(0, listed), times);
            held.record(0, [None, at(7), at(8), None]);
            held.record(0, [None, at(9), None, None]);
            let expected = Times { created: at(1), modified: at(7), changed: at(8), accessed: None };
            assert_eq!(held.times(0, listed), expected);
            assert_eq!([0, 1, 2, 3].map(|which| held.has_time(0, which)), [true, true, true, false]);
            assert_eq!((held.size(0), held.recorded(0), held.origin(0, "abc").root), (5, 0b110, 3));
            assert_eq!(held.origin(0, "abc").path, None);
            held.set_origin(1, 2);
            assert_eq!(held.origin(0, "abc").path, Some("bc"));
        }
    }
}
