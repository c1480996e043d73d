//! A hive in memory: how it is opened with its logs, its header and its bins.
//!
//! The layout follows M. Suhanov's specification of regf (CC BY 4.0, github.com/msuhanov/regf) and libregf's description: a header of
//! 4096 bytes, then bins of cells; places count from the end of the header.

use crate::cells::{Cells, HEADER, MAX_BYTES, NOWHERE, is_node};
use crate::error::HiveError;
use crate::key::Key;
use crate::log::{self, Recovery};
use shellsift_disk::ReadAt;
use shellsift_disk::numbers::{u16_at, u32_at, u64_at};
use std::ops::Range;

/// What is read at once, and how finely around bytes that cannot be read.
const PIECE: usize = 1 << 20;
const PAGE: usize = 4_096;
/// What a bin begins with.
const BIN: &[u8] = b"hbin";
/// The flag of a root key.
const ROOT_FLAG: u16 = 0x04;

/// A hive in memory, with its logs replayed.
pub struct Hive {
    cells: Cells,
    root: u32,
    last_written: u64,
    recovery: Recovery,
}

impl Hive {
    /// The largest hive that is read. Windows allows 2 GB; SOFTWARE, the largest one of a server, has up to 200 MB.
    pub const MAX_BYTES: u64 = MAX_BYTES;

    /// What the names of a hive's transaction logs end in, behind its own name. Windows Vista and later write the first two.
    pub const LOGS: [&str; 3] = [".LOG1", ".LOG2", ".LOG"];

    /// Whether a hive of these bytes was not written to its end, or its header does not say so: only then its logs are needed.
    pub fn needs_logs(bytes: &[u8]) -> bool {
        log::is_dirty(bytes)
    }

    /// Takes a hive and its transaction logs (`.LOG1`, `.LOG2` or `.LOG`, in any order; empty ones do no harm) and replays the logs if
    /// the hive was not written to its end.
    ///
    /// # Errors
    /// Only where nothing can be read of it: see [`HiveError`].
    pub fn new(bytes: Vec<u8>, logs: &[&[u8]]) -> Result<Self, HiveError> {
        Self::from_parts(bytes, Vec::new(), logs)
    }

    /// Reads a hive and its logs. Bytes of the hive that cannot be read are a problem of the keys and values in them; a log that cannot
    /// be read is not replayed, which is a problem too.
    ///
    /// # Errors
    /// As [`Hive::new`], and where no byte of the hive can be read.
    pub fn read(source: &dyn ReadAt, logs: &[&dyn ReadAt]) -> Result<Self, HiveError> {
        if source.len() > Self::MAX_BYTES {
            return Err(HiveError::TooLarge(source.len()));
        }
        let (bytes, unreadable) = read_what_can_be(source)?;
        let mut read = Vec::new();
        let mut problems = Vec::new();
        for (number, log) in logs.iter().enumerate() {
            let length = usize::try_from(log.len().min(Self::MAX_BYTES)).unwrap_or(0);
            let mut bytes = vec![0; length];
            match shellsift_disk::read_exact_at(*log, &mut bytes, 0) {
                Ok(()) => read.push(bytes),
                Err(error) => problems.push(format!("transaction log {} cannot be read: {error}", number + 1)),
            }
        }
        let logs: Vec<&[u8]> = read.iter().map(Vec::as_slice).collect();
        let hive = Self::from_parts(bytes, unreadable, &logs)?;
        problems.into_iter().for_each(|problem| hive.report(&problem));
        Ok(hive)
    }

    fn from_parts(bytes: Vec<u8>, unreadable: Vec<Range<usize>>, logs: &[&[u8]]) -> Result<Self, HiveError> {
        if bytes.len() as u64 > Self::MAX_BYTES {
            return Err(HiveError::TooLarge(bytes.len() as u64));
        }
        let signed = bytes.starts_with(b"regf");
        if !signed && !bytes.get(HEADER..).is_some_and(|bins| bins.starts_with(BIN)) {
            return Err(HiveError::NotAHive);
        }
        if signed
            && matches!(u32_at(&bytes, 28), Some(1 | 2 | 6))
            && !bytes.get(HEADER..).is_some_and(|b| b.starts_with(BIN))
        {
            return Err(HiveError::Log);
        }
        let mut hive = Self {
            cells: Cells::new(bytes, unreadable),
            root: NOWHERE,
            last_written: 0,
            recovery: Recovery::NotNeeded,
        };
        let replayed = log::replay(&mut hive.cells.bytes, logs);
        hive.cells.forget_unreadable(replayed.written);
        hive.recovery = replayed.recovery;
        replayed.problems.into_iter().for_each(|problem| hive.report(&problem));
        hive.last_written = u64_at(&hive.cells.bytes, 12).unwrap_or_default();
        hive.check_extent();
        hive.root = hive.find_root().ok_or(HiveError::NoRoot)?;
        Ok(hive)
    }

    fn check_extent(&self) {
        for gap in &self.cells.unreadable {
            self.report(&format!("bytes {} to {} cannot be read", gap.start, gap.end));
        }
        if self.cells.bytes.starts_with(b"regf") && matches!(u32_at(&self.cells.bytes, 24), Some(0..=2)) {
            self.report("it is of a version before Windows NT 4, whose keys may not be read");
        }
        let stated = u32_at(&self.cells.bytes, 40).unwrap_or_default() as usize;
        let present = self.cells.bytes.len().saturating_sub(HEADER);
        if stated > present {
            self.report(&format!("it is truncated: {present} of {stated} bytes of its bins are there"));
        }
        self.check_bins(if stated == 0 { present } else { stated.min(present) });
    }

    /// Bins tell where they begin; one that does not is overwritten or torn.
    fn check_bins(&self, length: usize) {
        let bins = &self.cells.bytes[HEADER.min(self.cells.bytes.len())..];
        let (mut at, mut bad) = (0, 0_u64);
        let mut first = None;
        while at < length {
            let head = bins.get(at..).filter(|head| head.starts_with(BIN));
            let size = head.filter(|head| u32_at(head, 4) == u32::try_from(at).ok()).and_then(|head| u32_at(head, 8));
            match size.map(|size| size as usize).filter(|size| *size > 0 && size.is_multiple_of(PAGE)) {
                Some(size) => at = at.saturating_add(size),
                None => {
                    bad += 1;
                    first.get_or_insert(at);
                    at += PAGE;
                }
            }
        }
        if let Some(first) = first {
            self.report(&format!("{bad} pages of 4096 bytes belong to no bin, the first at {}", first + HEADER));
        }
    }

    /// The root key that the header names, or else the first one by its flag.
    fn find_root(&self) -> Option<u32> {
        let named = u32_at(&self.cells.bytes, 36).filter(|_| self.cells.bytes.starts_with(b"regf"));
        if let Some(named) = named.filter(|place| self.cells.look(*place).is_some_and(is_node)) {
            return Some(named);
        }
        let mut place = 0_u32;
        loop {
            let cell = self.cells.look(place);
            if cell.is_some_and(|cell| is_node(cell) && u16_at(cell, 2).is_some_and(|flags| flags & ROOT_FLAG != 0)) {
                self.report(&format!(
                    "its header names no root key: the one at {} is taken",
                    u64::from(place) + HEADER as u64
                ));
                return Some(place);
            }
            place = place.checked_add(8).filter(|place| (*place as usize) < self.cells.bytes.len())?;
        }
    }

    /// The root key.
    pub fn root(&self) -> Key<'_> {
        Key::new(&self.cells, self.root, 0)
    }

    /// The key at a path below the root, names parted by `\`, without case.
    pub fn at(&self, path: &str) -> Option<Key<'_>> {
        self.root().at(path)
    }

    /// Whether the hive was written to its end, and what its logs added.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// When the header was last written, as FILETIME (100 ns since 1601-01-01 UTC); Windows 8.1 and later do not keep it up.
    pub fn last_written(&self) -> u64 {
        self.last_written
    }

    /// What has been found damaged, in opening and in all that was read since: each fact once, in words that follow the hive's name,
    /// in the order of finding; at most 100 and how many more. Places are positions in the file.
    pub fn problems(&self) -> Vec<String> {
        self.cells.problems()
    }

    pub(crate) fn report(&self, problem: &str) {
        self.cells.report(problem);
    }
}

/// What of a source can be read, with zeros for the rest, which is named.
fn read_what_can_be(source: &dyn ReadAt) -> Result<(Vec<u8>, Vec<Range<usize>>), HiveError> {
    let length = usize::try_from(source.len()).map_err(|_| HiveError::TooLarge(source.len()))?;
    let mut bytes = vec![0; length];
    let mut gaps: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (number, piece) in bytes.chunks_mut(PIECE).enumerate() {
        let start = number * PIECE;
        if shellsift_disk::read_exact_at(source, piece, start as u64).is_ok() {
            continue;
        }
        for (page_number, page) in piece.chunks_mut(PAGE).enumerate() {
            let at = start + page_number * PAGE;
            if let Err(error) = shellsift_disk::read_exact_at(source, page, at as u64) {
                page.fill(0);
                last = Some(error);
                match gaps.last_mut().filter(|gap| gap.end == at) {
                    Some(gap) => gap.end = at + page.len(),
                    None => gaps.push(at..at + page.len()),
                }
            }
        }
    }
    match last {
        Some(error) if gaps.iter().map(Range::len).sum::<usize>() == length => Err(error.into()),
        _ => Ok((bytes, gaps)),
    }
}
