//! The bytes of a hive: its cells by their places, and what was found damaged in them.

use shellsift_disk::numbers::u32_at;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The largest hive that is read.
pub(crate) const MAX_BYTES: u64 = 512 << 20;
/// Bytes of the header; places of cells count from its end.
pub(crate) const HEADER: usize = 4_096;
/// The part of the header that its checksum covers, and that a log repeats.
const SECTOR: usize = 512;
/// Where a place leads nowhere.
pub(crate) const NOWHERE: u32 = u32::MAX;
/// The shortest key: its name is empty.
const NODE: usize = 0x4C;
/// Problems that are kept; the rest is counted.
const MOST_PROBLEMS: usize = 100;
/// Places of one problem that are kept.
const MOST_PLACES: usize = 1_000;
/// Work that may be done on any hive; beyond it, a part of its size. A key, a value, and 64 bytes of a name or of data are one each.
const LEAST_WORK: u64 = 1 << 20;

/// What was found damaged so far: each fact once, in the order of finding it, with the places where it holds.
#[derive(Default)]
struct Problems {
    listed: Vec<(String, BTreeSet<u32>)>,
    left_out: u64,
}

impl Problems {
    fn add(&mut self, what: &str, place: Option<u32>) {
        let at = self.listed.iter().position(|(listed, _)| listed == what);
        if at.is_none() && self.listed.len() >= MOST_PROBLEMS {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let at = at.unwrap_or_else(|| {
            self.listed.push((what.to_owned(), BTreeSet::new()));
            self.listed.len() - 1
        });
        if let (Some(place), Some((_, places))) = (place, self.listed.get_mut(at))
            && places.len() < MOST_PLACES
        {
            places.insert(place);
        }
    }

    fn texts(&self) -> Vec<String> {
        let text = |(what, places): &(String, BTreeSet<u32>)| {
            let Some(first) = places.first().map(|place| u64::from(*place) + HEADER as u64) else {
                return what.clone();
            };
            match places.len() {
                1 => format!("{what} (at {first})"),
                MOST_PLACES => format!("{what} (at {first} and at least {} other places)", MOST_PLACES - 1),
                2 => format!("{what} (at {first} and at another place)"),
                count => format!("{what} (at {first} and {} other places)", count - 1),
            }
        };
        let mut texts: Vec<String> = self.listed.iter().map(text).collect();
        if self.left_out > 0 {
            texts.push(format!("{} more problems in its structure", self.left_out));
        }
        texts
    }
}

/// The bytes of a hive, of which some may be lost.
pub(crate) struct Cells {
    pub(crate) bytes: Vec<u8>,
    /// Bytes of the file that could not be read.
    pub(crate) unreadable: Vec<Range<usize>>,
    problems: Mutex<Problems>,
    /// Work that may still be done: keys share lists and values share data as often as the file says.
    left: AtomicU64,
}

impl Cells {
    pub(crate) fn new(bytes: Vec<u8>, unreadable: Vec<Range<usize>>) -> Self {
        let left = AtomicU64::new(LEAST_WORK + bytes.len() as u64 / 4);
        Self { bytes, unreadable, problems: Mutex::default(), left }
    }

    /// Takes the work for a key or a value with so many bytes; `false`, and a problem, where no more may be done. A hive in order is
    /// read several times over before that; one whose keys all share the longest list would take hours.
    pub(crate) fn spend(&self, bytes: usize) -> bool {
        let cost = 1 + bytes as u64 / 64;
        let took = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok();
        if !took {
            self.left.store(0, Ordering::Relaxed);
            self.report("its keys share lists, or its values data, so often that the rest was not read");
        }
        took
    }

    /// What a log has written over is known again.
    pub(crate) fn forget_unreadable(&mut self, mut written: Vec<Range<usize>>) {
        if self.unreadable.is_empty() {
            return;
        }
        written.sort_unstable_by_key(|part| part.start);
        let mut left = Vec::new();
        let mut next = written.iter().peekable();
        for gap in std::mem::take(&mut self.unreadable) {
            let mut start = gap.start;
            while let Some(part) = next.peek() {
                if part.start >= gap.end {
                    break;
                }
                if part.start > start {
                    left.push(start..part.start);
                }
                start = start.max(part.end);
                if part.end >= gap.end {
                    break;
                }
                next.next();
            }
            if start < gap.end {
                left.push(start..gap.end);
            }
        }
        self.unreadable = left;
    }

    /// What has been found damaged so far, as [`crate::Hive::problems`] reports it.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).texts()
    }

    /// A problem of the hive as a whole.
    pub(crate) fn report(&self, problem: &str) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).add(problem, None);
    }

    /// A problem at a cell.
    pub(crate) fn report_at(&self, place: u32, what: &str) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).add(what, Some(place));
    }

    /// How many keys there can be at most.
    pub(crate) fn most_keys(&self) -> usize {
        self.bytes.len() / NODE
    }

    /// The content of a cell; if it cannot be read, that is reported, and `what` names what it should hold.
    pub(crate) fn cell(&self, place: u32, what: &str) -> Option<&[u8]> {
        let cell = self.look(place);
        if cell.is_none() {
            self.report_at(place, &format!("{what} is outside the hive or in unreadable bytes"));
        }
        cell
    }

    /// The content of a cell: in use, or marked as free, which a torn hive can leave of one in use.
    pub(crate) fn look(&self, place: u32) -> Option<&[u8]> {
        let at = HEADER.checked_add(place as usize)?;
        let size = (u32_at(&self.bytes, at)? as i32).unsigned_abs() as usize;
        let end = at.checked_add(size)?;
        let cell = self.bytes.get(at.checked_add(4)?..end)?;
        let gap = self.unreadable.partition_point(|gap| gap.end <= at);
        let lost = self.unreadable.get(gap).is_some_and(|gap| gap.start < end);
        (place.is_multiple_of(8) && !lost).then_some(cell)
    }
}

/// Whether a cell is that of a key.
pub(crate) fn is_node(cell: &[u8]) -> bool {
    cell.starts_with(b"nk") && cell.len() >= NODE
}

/// Whether the checksum of a header is right: 508 bytes, xor of its words, with 0 and -1 left out.
pub(crate) fn is_checked(header: &[u8]) -> bool {
    let Some(sector) = header.get(..SECTOR) else { return false };
    let (words, _) = sector.as_chunks::<4>();
    let sum = words.iter().take(127).fold(0, |sum, word| sum ^ u32::from_le_bytes(*word));
    let sum = match sum {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    };
    u32_at(sector, 508) == Some(sum)
}
