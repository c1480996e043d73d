//! Content of members, streamed and bounded.

use super::found::ProblemLog;
use crate::evidence::Refused;
use crate::model::{ProblemKind, ServerPath};
use shellsift_disk::ReadAt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// From so much on a member that unpacks to more than [`RATIO`] times its size is watched, and of it no more than [`LAVISH`] is read,
/// nor more than [`LAVISH_IN_ALL`] of all of them. Text and logs pack to a fiftieth; deflate ends at a 1032nd.
const ALWAYS_READ: u64 = 1 << 20;
const LAVISH: u64 = 1 << 30;
pub(super) const LAVISH_IN_ALL: u64 = if cfg!(test) { 16 << 20 } else { 16 << 30 };
pub(super) const RATIO: u64 = 250;

/// The bytes of a source between two places.
pub(super) struct Span {
    bytes: Arc<dyn ReadAt>,
    at: u64,
    end: u64,
}

impl Span {
    pub(super) fn new(bytes: Arc<dyn ReadAt>, at: u64, length: u64) -> Self {
        Self { bytes, at, end: at.saturating_add(length) }
    }
}

impl Read for Span {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.bytes.read_at(buffer.get_mut(..most).unwrap_or_default(), self.at)?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside of it"));
        }
        self.at += count as u64;
        Ok(count)
    }
}

/// What a reading shares with its archive.
pub(super) struct Guard {
    pub(super) path: ServerPath,
    pub(super) problem_log: Arc<Mutex<ProblemLog>>,
    pub(super) lavish: Arc<AtomicU64>,
}

impl Guard {
    fn note(&self, kind: ProblemKind, what: &'static str) {
        self.problem_log.lock().unwrap_or_else(PoisonError::into_inner).note(kind, &self.path, what);
    }
}

/// The content of a member, held against what the archive says of it.
pub(super) struct Checked<R> {
    inner: R,
    size: u64,
    packed: u64,
    check: Option<u32>,
    read: u64,
    sum: flate2::Crc,
    done: bool,
    guard: Guard,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(inner: R, size: u64, packed: u64, check: Option<u32>, guard: Guard) -> Self {
        Self { inner, size, packed, check, read: 0, sum: flate2::Crc::new(), done: false, guard }
    }

    /// Counts what is out of all proportion to its packed size.
    fn afford(&self, count: u64) -> io::Result<()> {
        if self.read <= ALWAYS_READ || self.read / RATIO <= self.packed {
            return Ok(());
        }
        let in_all = self.guard.lavish.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        if self.read > LAVISH || in_all > LAVISH_IN_ALL {
            let message = "unpacks to more than 250 times its size: the rest was not read";
            return Err(io::Error::other(Refused(ProblemKind::PartiallyExamined, message)));
        }
        Ok(())
    }

    fn end(&mut self) {
        if self.done {
            return;
        }
        self.done = true;
        if self.read != self.size {
            self.guard.note(ProblemKind::FileUnreadable, "is not as long as the archive states");
        } else if self.check.is_some_and(|check| check != self.sum.sum()) {
            self.guard.note(ProblemKind::FileUnreadable, "is damaged in the archive: its checksum does not match");
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 {
            if !buffer.is_empty() {
                self.end();
            }
            return Ok(0);
        }
        self.read += count as u64;
        if self.check.is_some() {
            self.sum.update(buffer.get(..count).unwrap_or_default());
        }
        self.afford(count as u64)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard {
            path: ServerPath::drive('C').join("x"),
            problem_log: Arc::default(),
            lavish: Arc::new(AtomicU64::new(LAVISH_IN_ALL - (2 << 20))),
        }
    }

    #[test]
    fn what_unpacks_out_of_all_proportion_is_left_at_a_bound() {
        let zeros = io::repeat(0).take(10 << 30);
        let mut bomb = Checked::new(zeros, 10 << 30, 1 << 10, None, guard());
        let error = io::copy(&mut bomb, &mut io::sink()).expect_err("too much");
        assert_eq!(crate::evidence::classify(&error), ProblemKind::PartiallyExamined);
        assert!(bomb.read < ALWAYS_READ + (4 << 20), "{}", bomb.read);
        let mut fair = Checked::new(io::repeat(0).take(ALWAYS_READ * 2), ALWAYS_READ * 2, 1 << 20, None, guard());
        assert_eq!(io::copy(&mut fair, &mut io::sink()).expect("read"), ALWAYS_READ * 2);
    }

    #[test]
    fn a_wrong_size_and_a_wrong_checksum_are_reported_and_the_content_is_given() {
        for (size, check, expected) in
            [(5, Some(0x3610_a686), 0), (4, Some(0x3610_a686), 1), (9, None, 1), (5, Some(1), 1), (5, None, 0)]
        {
            let guard = guard();
            let problem_log = Arc::clone(&guard.problem_log);
            let mut text = String::new();
            let mut member = Checked::new(&b"hello"[..], size, 5, check, guard);
            member.read_to_string(&mut text).expect("read");
            assert_eq!(text, "hello");
            let all = problem_log.lock().expect("free").all(&ServerPath::drive('C'));
            assert_eq!(all.len(), expected, "{size} {check:?} {all:?}");
        }
        let short: Arc<dyn ReadAt> = Arc::new(b"abc".to_vec());
        let error = io::copy(&mut Span::new(short, 1, 9), &mut io::sink()).expect_err("cut");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
