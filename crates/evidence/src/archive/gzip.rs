//! A gzip stream as bytes at positions. Formats: RFC 1952 and RFC 1951.
//!
//! Deflate can only be read from its start. The pass that looks for the members of a tar archive keeps the state of the decoder now and
//! then; reading goes on from the nearest one, or from where another reading stopped, and what it comes by is kept for a while, since the
//! files of a folder lie together and are read in the order of their names. Memory is bounded (below 60 MiB): with more than [`MOST`]
//! states every second one is dropped and the distance doubles.

use crate::evidence::Refused;
use crate::model::ProblemKind;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use shellsift_disk::{ReadAt, read_exact_at};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// The window of deflate.
const WINDOW: usize = 32 << 10;
/// How much is read of the packed bytes at once.
const PIECE: usize = 64 << 10;
/// How far states are apart at first, in unpacked bytes.
const DISTANCE: u64 = 512 << 10;
/// How many states are kept, of 43 KiB each.
pub(super) const MOST: usize = 512;
/// How much is unpacked at most between two states, where a disk image is read: some 50 ms.
pub(super) const FARTHEST: u64 = 16 << 20;
/// What is unpacked is kept in pieces of this size, so many of them.
const CHUNK: u64 = 256 << 10;
const CHUNKS: usize = 128;
/// How many readings are kept where they stopped.
const PARKED: usize = 8;
/// From so much on a stream that unpacks to more than [`super::unpack::RATIO`] times its size is not read on.
const LAVISH: u64 = if cfg!(test) { 8 << 20 } else { 4 << 30 };

/// A decoder at some place of the stream: what goes on from there.
#[derive(Clone)]
struct State {
    inflate: Box<DecompressorOxide>,
    window: Box<[u8]>,
    /// Where the next byte goes in the window.
    turn: usize,
    /// Where the next packed byte lies.
    packed: u64,
    /// How much was unpacked before.
    at: u64,
    phase: Phase,
    /// Whether it is deflate alone, without the headers of gzip.
    bare: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Header,
    Body,
    Trailer,
    End,
}

/// Packed bytes that were read ahead.
#[derive(Default)]
struct Ahead {
    bytes: Vec<u8>,
    at: u64,
}

impl Ahead {
    /// What lies at this place; nothing at the end.
    fn from(&mut self, source: &dyn ReadAt, at: u64) -> io::Result<&[u8]> {
        let here = at.checked_sub(self.at).and_then(|skip| usize::try_from(skip).ok());
        let skip = match here.filter(|skip| *skip < self.bytes.len()) {
            Some(skip) => skip,
            None => {
                self.bytes.resize(PIECE, 0);
                let count = source.read_at(&mut self.bytes, at)?;
                self.bytes.truncate(count);
                self.at = at;
                0
            }
        };
        Ok(self.bytes.get(skip..).unwrap_or_default())
    }
}

fn damaged(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl State {
    fn new(bare: bool) -> Self {
        Self {
            inflate: Box::default(),
            window: vec![0; WINDOW].into(),
            turn: 0,
            packed: 0,
            at: 0,
            phase: if bare { Phase::Body } else { Phase::Header },
            bare,
        }
    }

    /// Unpacks some more: where it lies in the window. Nothing at the end, and where only the phase changed.
    fn step(&mut self, source: &dyn ReadAt, ahead: &mut Ahead) -> io::Result<std::ops::Range<usize>> {
        match self.phase {
            Phase::Header => {
                self.packed = match header(source, self.packed)? {
                    Some(body) => body,
                    None => {
                        self.phase = Phase::End;
                        return Ok(0..0);
                    }
                };
                *self.inflate = DecompressorOxide::default();
                self.phase = Phase::Body;
                Ok(0..0)
            }
            Phase::Body => {
                let input = ahead.from(source, self.packed)?;
                let is_end = input.is_empty();
                let flags = if is_end { 0 } else { TINFL_FLAG_HAS_MORE_INPUT };
                let (status, taken, given) = decompress(&mut self.inflate, input, &mut self.window, self.turn, flags);
                let range = self.turn..self.turn + given;
                self.packed += taken as u64;
                self.at += given as u64;
                self.turn = (self.turn + given) % WINDOW;
                match status {
                    TINFLStatus::Done => self.phase = if self.bare { Phase::End } else { Phase::Trailer },
                    TINFLStatus::HasMoreOutput => {}
                    TINFLStatus::NeedsMoreInput if !is_end => {}
                    // What was unpacked before the damage is given; the next step says the rest.
                    _ if given > 0 => {}
                    TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                        return Err(damaged("the archive is truncated"));
                    }
                    _ => return Err(damaged("the archive is damaged: its compressed data cannot be unpacked")),
                }
                Ok(range)
            }
            Phase::Trailer => {
                self.packed = self.packed.saturating_add(8);
                self.phase = if self.packed < source.len() { Phase::Header } else { Phase::End };
                Ok(0..0)
            }
            Phase::End => Ok(0..0),
        }
    }
}

/// Where the packed bytes of a member of the stream begin; `None` where there is no further member.
fn header(source: &dyn ReadAt, at: u64) -> io::Result<Option<u64>> {
    let mut fixed = [0; 10];
    if read_exact_at(source, &mut fixed, at).is_err() {
        return if at == 0 { Err(damaged("the archive is truncated")) } else { Ok(None) };
    }
    if !fixed.starts_with(b"\x1f\x8b\x08") {
        // Padding, or what somebody appended.
        return if at == 0 { Err(damaged("it is not compressed with gzip")) } else { Ok(None) };
    }
    let [.., flags, _, _, _, _, _, _] = fixed;
    let mut next = at + 10;
    let mut two = [0; 2];
    if flags & 4 != 0 {
        read_exact_at(source, &mut two, next)?;
        next += 2 + u64::from(u16::from_le_bytes(two));
    }
    // Name and comment, each up to a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            next = behind_zero(source, next)?;
        }
    }
    Ok(Some(next + if flags & 2 != 0 { 2 } else { 0 }))
}

/// The place behind the next zero, which no name needs 64 KiB for. Read in small pieces: a stream may have millions of headers.
fn behind_zero(source: &dyn ReadAt, from: u64) -> io::Result<u64> {
    let mut text = [0; 256];
    for at in (from..).step_by(text.len()).take(PIECE / text.len()) {
        let count = source.read_at(&mut text, at)?;
        let text = text.get(..count).unwrap_or_default();
        match memchr::memchr(0, text) {
            Some(end) => return Ok(at + end as u64 + 1),
            None if text.is_empty() => break,
            None => {}
        }
    }
    Err(damaged("it has a gzip header that does not end"))
}

/// The first pass over a stream: forward only, keeping states.
pub(super) struct Scan {
    source: Arc<dyn ReadAt>,
    state: State,
    ahead: Ahead,
    /// What was unpacked and not taken yet, in the window.
    left: std::ops::Range<usize>,
    points: Vec<State>,
    /// How many of them are kept.
    most: usize,
    distance: u64,
    /// Whether it is a disk image, which is mostly zeros.
    is_image: bool,
    sum: flate2::Crc,
    /// What is wrong with the stream, though it could be read.
    pub(super) wrong: Option<&'static str>,
}

impl Scan {
    /// Over a gzip stream; `bare`: over one of deflate alone.
    pub(super) fn new(source: Arc<dyn ReadAt>, bare: bool) -> Self {
        let state = State::new(bare);
        Self {
            source,
            points: vec![state.clone()],
            state,
            ahead: Ahead::default(),
            left: 0..0,
            most: MOST,
            distance: DISTANCE,
            is_image: false,
            sum: flate2::Crc::new(),
            wrong: None,
        }
    }

    /// Of a disk image, with so many states instead of [`MOST`], and a share of what is kept unpacked like that of the states.
    pub(super) fn with_states(self, most: usize) -> Self {
        Self { most: most.clamp(2, MOST), is_image: true, ..self }
    }

    /// Makes sure that something is left to be taken; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        while self.left.is_empty() {
            if self.state.phase == Phase::End {
                return Ok(false);
            }
            if !self.is_image && self.state.at > LAVISH && self.state.at / super::unpack::RATIO > self.state.packed {
                let message = "unpacks to more than 250 times its size: the rest was not read";
                return Err(io::Error::other(Refused(ProblemKind::PartiallyExamined, message)));
            }
            let before = self.state.phase;
            if before == Phase::Trailer {
                self.check();
            }
            self.left = self.state.step(self.source.as_ref(), &mut self.ahead)?;
            self.sum.update(self.state.window.get(self.left.clone()).unwrap_or_default());
            self.keep();
        }
        Ok(true)
    }

    /// Holds the sum at the end of a member against its content.
    fn check(&mut self) {
        let mut stored = [0; 8];
        let truncated = read_exact_at(self.source.as_ref(), &mut stored, self.state.packed).is_err();
        if truncated {
            self.wrong = Some("is truncated: its checksum is missing");
        } else if stored.first_chunk().is_some_and(|sum| u32::from_le_bytes(*sum) != self.sum.sum()) {
            self.wrong = Some("is damaged: its checksum does not match");
        }
        self.sum.reset();
    }

    fn keep(&mut self) {
        let last = self.points.last().map_or(0, |point| point.at);
        if self.state.phase != Phase::Body || self.state.at - last < self.distance {
            return;
        }
        self.points.push(self.state.clone());
        if self.points.len() > self.most {
            let mut odd = false;
            self.points.retain(|_| {
                odd = !odd;
                odd
            });
            self.distance *= 2;
        }
    }

    /// Goes through the rest of the stream.
    pub(super) fn finish_pass(&mut self) -> io::Result<()> {
        super::tar::Forward::skip(self, u64::MAX)
    }

    /// Goes through the rest of a stream that should have so many bytes.
    pub(super) fn pass_up_to(&mut self, size: u64) -> io::Result<()> {
        super::tar::Forward::skip(self, size.saturating_add(1))?;
        match self.state.at > size {
            true => Err(damaged("it unpacks to more than the archive says")),
            false => Ok(()),
        }
    }

    /// How many packed bytes were read, how many came out of them, and their CRC-32.
    pub(super) fn passed(&self) -> (u64, u64, u32) {
        (self.state.packed, self.state.at, self.sum.sum())
    }

    /// The stream as it was found, up to here.
    pub(super) fn finish(self) -> Unpacked {
        let length = self.state.at;
        Unpacked {
            source: self.source,
            points: self.points,
            kept: (CHUNKS * self.most / MOST).max(4),
            length,
            parked: Mutex::default(),
            chunks: Mutex::default(),
        }
    }
}

impl super::tar::Forward for Scan {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() && self.fill()? {
            let count = self.left.len().min(buffer.len() - done);
            let from = self.state.window.get(self.left.start..self.left.start + count).unwrap_or_default();
            buffer.get_mut(done..done + count).unwrap_or_default().copy_from_slice(from);
            self.left.start += count;
            done += count;
        }
        Ok(done)
    }

    fn skip(&mut self, mut count: u64) -> io::Result<()> {
        while count > 0 && self.fill()? {
            let some = self.left.len().min(usize::try_from(count).unwrap_or(usize::MAX));
            self.left.start += some;
            count -= some as u64;
        }
        Ok(())
    }

    fn position(&self) -> u64 {
        self.state.at - self.left.len() as u64
    }
}

/// A stream that was passed once: bytes at positions.
pub(super) struct Unpacked {
    source: Arc<dyn ReadAt>,
    points: Vec<State>,
    /// How many chunks are kept.
    kept: usize,
    length: u64,
    parked: Mutex<Vec<Reading>>,
    /// What was unpacked last, the oldest first, by its number.
    chunks: Mutex<VecDeque<(u64, Arc<Vec<u8>>)>>,
}

/// A reading that stopped, with what it has unpacked and nobody took yet.
struct Reading {
    state: State,
    ahead: Ahead,
    left: std::ops::Range<usize>,
}

impl Reading {
    /// The place of the next byte.
    fn at(&self) -> u64 {
        self.state.at - self.left.len() as u64
    }
}

impl Unpacked {
    /// The reading that comes nearest to a place from before.
    fn reading(&self, at: u64) -> Reading {
        let point = self.points.partition_point(|point| point.at <= at).checked_sub(1);
        let point = point.and_then(|point| self.points.get(point));
        let nearest = point.map_or(0, |point| point.at);
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        let fit = parked.iter().enumerate().filter(|(_, reading)| (nearest..=at).contains(&reading.at()));
        if let Some((index, _)) = fit.max_by_key(|(_, reading)| reading.at()) {
            return parked.remove(index);
        }
        drop(parked);
        let bare = self.points.first().is_some_and(|point| point.bare);
        let state = point.cloned().unwrap_or_else(|| State::new(bare));
        Reading { state, ahead: Ahead::default(), left: 0..0 }
    }

    fn park(&self, reading: Reading) {
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        if parked.len() >= PARKED {
            parked.remove(0);
        }
        parked.push(reading);
    }
}

impl Unpacked {
    fn known(&self, number: u64) -> Option<Arc<Vec<u8>>> {
        let chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        chunks.iter().rev().find(|(known, _)| *known == number).map(|(_, bytes)| Arc::clone(bytes))
    }

    fn keep(&self, number: u64, bytes: Vec<u8>) -> Arc<Vec<u8>> {
        let bytes = Arc::new(bytes);
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        if chunks.len() >= self.kept {
            chunks.pop_front();
        }
        chunks.push_back((number, Arc::clone(&bytes)));
        bytes
    }

    /// A piece of the stream, with those before it that have to be unpacked to come to it.
    fn chunk(&self, number: u64) -> io::Result<Arc<Vec<u8>>> {
        if let Some(known) = self.known(number) {
            return Ok(known);
        }
        let mut reading = self.reading(number * CHUNK);
        let mut piece = Vec::new();
        // The piece in which a reading goes on is not whole.
        let mut begin = reading.at().next_multiple_of(CHUNK);
        loop {
            if reading.left.is_empty() {
                if reading.state.phase == Phase::End || reading.state.at >= self.length {
                    break;
                }
                reading.left = reading.state.step(self.source.as_ref(), &mut reading.ahead)?;
                continue;
            }
            let at = reading.at();
            if at < begin {
                let before = usize::try_from(begin - at).unwrap_or(usize::MAX).min(reading.left.len());
                reading.left.start += before;
                continue;
            }
            let room = usize::try_from(begin + CHUNK - at).unwrap_or(0).min(reading.left.len());
            let from = reading.left.start;
            piece.extend_from_slice(reading.state.window.get(from..from + room).unwrap_or_default());
            reading.left.start += room;
            if piece.len() as u64 == CHUNK {
                let kept = self.keep(begin / CHUNK, std::mem::take(&mut piece));
                if begin / CHUNK >= number {
                    self.park(reading);
                    return Ok(kept);
                }
                begin += CHUNK;
            }
        }
        // It was longer when it was passed first.
        if begin / CHUNK != number {
            return Err(damaged("the archive became shorter while it was read"));
        }
        Ok(self.keep(number, piece))
    }
}

impl ReadAt for Unpacked {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let most = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        let mut done = 0;
        while done < most {
            let here = at + done as u64;
            let piece = self.chunk(here / CHUNK)?;
            let piece = usize::try_from(here % CHUNK).ok().and_then(|skip| piece.get(skip..)).unwrap_or_default();
            let count = piece.len().min(most - done);
            if count == 0 {
                break;
            }
            buffer
                .get_mut(done..done + count)
                .unwrap_or_default()
                .copy_from_slice(piece.get(..count).unwrap_or_default());
            done += count;
        }
        Ok(done)
    }
}
