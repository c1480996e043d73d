//! A gzip stream as bytes at positions. Formats: RFC 1952 and RFC 1951.
//!
//! Deflate can only be read from its start. The pass that looks for the members of a tar archive keeps the state of the decoder every few
//! MiB; reading goes on from the nearest one, or from where another reading stopped. Memory is bounded: with more than [`MOST`] states
//! every second one is dropped and the distance doubles.

use crate::evidence::Refused;
use crate::model::ProblemKind;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use shellsift_disk::{ReadAt, read_exact_at};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// The window of deflate.
const WINDOW: usize = 32 << 10;
/// How much is read of the packed bytes at once.
const PIECE: usize = 64 << 10;
/// How far states are apart at first, in unpacked bytes.
const DISTANCE: u64 = 4 << 20;
/// How many states are kept, of 43 KiB each.
const MOST: usize = 768;
/// How many readings are kept where they stopped.
const PARKED: usize = 8;
/// From so much on a stream that unpacks to more than [`super::unpack::RATIO`] times its size is not read on.
const LAVISH: u64 = 4 << 30;

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
    fn new() -> Self {
        Self {
            inflate: Box::default(),
            window: vec![0; WINDOW].into(),
            turn: 0,
            packed: 0,
            at: 0,
            phase: Phase::Header,
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
                    TINFLStatus::Done => self.phase = Phase::Trailer,
                    TINFLStatus::HasMoreOutput => {}
                    TINFLStatus::NeedsMoreInput if !is_end => {}
                    // What was unpacked before the damage is given; the next step says the rest.
                    _ if given > 0 => {}
                    TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                        return Err(damaged("the archive is cut short"));
                    }
                    _ => return Err(damaged("the archive is damaged: its packed bytes cannot be unpacked")),
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
        return if at == 0 { Err(damaged("the archive is cut short")) } else { Ok(None) };
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

/// The place behind the next zero, which no name needs 64 KiB for.
fn behind_zero(source: &dyn ReadAt, from: u64) -> io::Result<u64> {
    let mut text = vec![0; PIECE];
    let count = source.read_at(&mut text, from)?;
    let end = text.get(..count).and_then(|text| memchr::memchr(0, text));
    end.map(|end| from + end as u64 + 1).ok_or_else(|| damaged("it has a gzip header that does not end"))
}

/// The first pass over a stream: forward only, keeping states.
pub(super) struct Scan {
    source: Arc<dyn ReadAt>,
    state: State,
    ahead: Ahead,
    /// What was unpacked and not taken yet, in the window.
    left: std::ops::Range<usize>,
    points: Vec<State>,
    distance: u64,
    sum: flate2::Crc,
    /// What is wrong with the stream, though it could be read.
    pub(super) wrong: Option<&'static str>,
}

impl Scan {
    pub(super) fn new(source: Arc<dyn ReadAt>) -> Self {
        let state = State::new();
        Self {
            source,
            points: vec![state.clone()],
            state,
            ahead: Ahead::default(),
            left: 0..0,
            distance: DISTANCE,
            sum: flate2::Crc::new(),
            wrong: None,
        }
    }

    /// Makes sure that something is left to be taken; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        while self.left.is_empty() {
            if self.state.phase == Phase::End {
                return Ok(false);
            }
            if self.state.at > LAVISH && self.state.at / super::unpack::RATIO > self.state.packed {
                let message = "unpacks to more than 250 times its size: the rest was not read";
                return Err(io::Error::other(Refused(ProblemKind::PartlyExamined, message)));
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
        let mut told = [0; 8];
        let cut = read_exact_at(self.source.as_ref(), &mut told, self.state.packed).is_err();
        if cut {
            self.wrong = Some("is cut short: its checksum is missing");
        } else if told.first_chunk().is_some_and(|sum| u32::from_le_bytes(*sum) != self.sum.sum()) {
            self.wrong = Some("is damaged: its checksum is another");
        }
        self.sum.reset();
    }

    fn keep(&mut self) {
        let last = self.points.last().map_or(0, |point| point.at);
        if self.state.phase != Phase::Body || self.state.at - last < self.distance {
            return;
        }
        self.points.push(self.state.clone());
        if self.points.len() > MOST {
            let mut odd = false;
            self.points.retain(|_| {
                odd = !odd;
                odd
            });
            self.distance *= 2;
        }
    }

    /// The stream as it was found, up to here.
    pub(super) fn finish(self) -> Unpacked {
        let length = self.state.at;
        Unpacked { source: self.source, points: self.points, length, parked: Mutex::default() }
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
    length: u64,
    parked: Mutex<Vec<Reading>>,
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
        let state = point.cloned().unwrap_or_else(State::new);
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

impl ReadAt for Unpacked {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let most = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let mut reading = self.reading(at);
        let mut done = 0;
        while done < most {
            if reading.left.is_empty() {
                if reading.state.phase == Phase::End {
                    break;
                }
                reading.left = reading.state.step(self.source.as_ref(), &mut reading.ahead)?;
                continue;
            }
            let before = usize::try_from(at - reading.at().min(at)).unwrap_or(usize::MAX).min(reading.left.len());
            if before > 0 {
                reading.left.start += before;
                continue;
            }
            let count = reading.left.len().min(most - done);
            let from = reading.state.window.get(reading.left.start..reading.left.start + count).unwrap_or_default();
            buffer.get_mut(done..done + count).unwrap_or_default().copy_from_slice(from);
            reading.left.start += count;
            done += count;
        }
        self.park(reading);
        Ok(done)
    }
}
