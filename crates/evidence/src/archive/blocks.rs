//! The blocks of a 7z archive: several members packed as one, which can only be unpacked from its start.
//!
//! A block that fits into memory is unpacked once and kept; of a larger one the readings are kept where they stopped, so that members that
//! are read in the order of the block, or in a few such orders at once, are unpacked once. 7-Zip sorts the members of a block by type and
//! then by path, which a scan that goes by folder meets with one reading a type.

use super::member::Why;
use super::unpack::{RATIO, Span};
use crate::evidence::Refused;
use crate::model::ProblemKind;
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Lzma2Reader, LzmaReader};
use shellsift_disk::ReadAt;
use std::collections::VecDeque;
use std::io::{self, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is kept unpacked, in bytes, one block and all of them.
const SMALL: u64 = 32 << 20;
const KEPT: usize = 96 << 20;
/// What the dictionaries of kept readings may take together, and how many are kept.
const PARKED_BYTES: u64 = 256 << 20;
const PARKED: usize = 8;
/// The largest dictionary that is supported: that of 7-Zip's highest level; and those of all coders of a block (BCJ2 has small ones too).
const DICTIONARY: u32 = 256 << 20;
const DICTIONARIES: u64 = 272 << 20;
/// How many bytes are unpacked in all, beside four times what the blocks have: members that are read in another order than they lie in cost
/// the way to them each time, which millions of them could make a week of.
const AGAIN: u64 = if cfg!(test) { 4 << 20 } else { 64 << 30 };

const COPY: u64 = 0;
const DELTA: u64 = 3;
const X86: u64 = 4;
const ARM64: u64 = 0xa;
const LZMA2: u64 = 0x21;
const LZMA: u64 = 0x03_01_01;
const BCJ: u64 = 0x03_03_01_03;
const BCJ2: u64 = 0x03_03_01_1b;
const DEFLATE: u64 = 0x04_01_08;
const DEFLATE64: u64 = 0x04_01_09;
const BZIP2: u64 = 0x04_02_02;
const ZSTD: u64 = 0x04_f7_11_01;
const AES: u64 = 0x06_f1_07_01;

type Bytes = Box<dyn Read + Send>;

/// One step of unpacking.
#[derive(Clone, Debug, Default)]
pub(super) struct Coder {
    pub(super) id: u64,
    pub(super) inputs: usize,
    pub(super) properties: Vec<u8>,
    /// How many bytes come out of it.
    pub(super) size: u64,
}

/// How a block is unpacked.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) coders: Vec<Coder>,
    /// Which input takes which coder's output.
    pub(super) bound: Vec<(usize, usize)>,
    /// Which inputs take packed bytes, and where these lie.
    pub(super) inputs: Vec<usize>,
    pub(super) packed: Vec<(u64, u64)>,
    pub(super) sum: Option<u32>,
}

impl Block {
    /// The coder whose output is no other's input.
    fn main(&self) -> usize {
        (0..self.coders.len()).find(|coder| self.bound.iter().all(|(_, output)| output != coder)).unwrap_or(0)
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        self.coders.get(self.main()).map_or(0, |coder| coder.size)
    }

    pub(super) fn packed_size(&self) -> u64 {
        self.packed.iter().fold(0, |all, (_, size)| all.saturating_add(*size))
    }

    /// How many of its packed bytes are those of a member of this size, as they would lie there evenly.
    pub(super) fn share(&self, size: u64) -> u64 {
        let share = u128::from(self.packed_size()) * u128::from(size) / u128::from(self.size().max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    }

    /// Why it cannot be unpacked here.
    pub(super) fn refused(&self) -> Option<Why> {
        let has = |id: u64| self.coders.iter().any(|coder| coder.id == id);
        let known = [COPY, DELTA, X86, ARM64, LZMA2, LZMA, BCJ, BCJ2, DEFLATE, DEFLATE64];
        match () {
            () if has(AES) => Some(Why::Encrypted),
            () if has(BZIP2) => Some(Why::Bzip2),
            () if has(ZSTD) => Some(Why::Zstd),
            () if self.coders.iter().any(|coder| !known.contains(&coder.id) || dictionary(coder) > DICTIONARY) => {
                Some(Why::Method)
            }
            () if self.weight() > DICTIONARIES => Some(Why::Method),
            () => None,
        }
    }

    /// Whether its bytes lie outside an archive of this length.
    pub(super) fn lies_outside(&self, length: u64) -> Option<Why> {
        let ends = |(at, size): &(u64, u64)| at.checked_add(*size).is_some_and(|end| end <= length);
        (!self.packed.iter().all(ends)).then_some(Why::Outside)
    }

    /// What dictionaries a reading of it holds.
    fn weight(&self) -> u64 {
        self.coders.iter().map(|coder| u64::from(dictionary(coder))).sum()
    }

    /// The unpacked bytes from the start.
    pub(super) fn reader(&self, bytes: &Arc<dyn ReadAt>) -> io::Result<Bytes> {
        if self.refused().is_some() {
            return Err(damaged());
        }
        self.coder(self.main(), bytes, self.coders.len())
    }

    /// What comes out of a coder. `depth` bounds how many may follow each other: a coder that feeds itself is damage.
    fn coder(&self, at: usize, bytes: &Arc<dyn ReadAt>, depth: usize) -> io::Result<Bytes> {
        let coder = self.coders.get(at).filter(|_| depth > 0).ok_or_else(damaged)?;
        let first: usize = self.coders.iter().take(at).map(|coder| coder.inputs).sum();
        let mut inputs: Vec<Bytes> = Vec::new();
        for input in first..first.saturating_add(coder.inputs) {
            inputs.push(match self.bound.iter().find(|(bound, _)| *bound == input) {
                Some((_, output)) => self.coder(*output, bytes, depth - 1)?,
                None => {
                    let packed = self.inputs.iter().position(|packed| *packed == input).ok_or_else(damaged)?;
                    let (at, length) = self.packed.get(packed).copied().ok_or_else(damaged)?;
                    Box::new(BufReader::with_capacity(64 << 10, Span::new(Arc::clone(bytes), at, length)))
                }
            });
        }
        if coder.id == BCJ2 {
            return if inputs.len() == 4 { Ok(Box::new(Bcj2Reader::new(inputs, coder.size))) } else { Err(damaged()) };
        }
        let input = inputs.pop().filter(|_| inputs.is_empty()).ok_or_else(damaged)?;
        Ok(match coder.id {
            COPY => input,
            LZMA2 => Box::new(Lzma2Reader::new(input, dictionary(coder), None)),
            LZMA => {
                let properties = coder.properties.first().copied().ok_or_else(damaged)?;
                Box::new(LzmaReader::new_with_props(input, coder.size, properties, dictionary(coder), None)?)
            }
            BCJ | X86 => Box::new(BcjReader::new_x86(input, 0)),
            ARM64 => Box::new(BcjReader::new_arm64(input, 0)),
            DELTA => Box::new(DeltaReader::new(input, usize::from(coder.properties.first().copied().unwrap_or(0)) + 1)),
            DEFLATE => Box::new(flate2::read::DeflateDecoder::new(input)),
            DEFLATE64 => Box::new(deflate64::Deflate64Decoder::new(input)),
            _ => return Err(damaged()),
        })
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "is in a damaged block of the archive")
}

/// The dictionary that a coder needs: no more than it gives out.
fn dictionary(coder: &Coder) -> u32 {
    let wanted = match coder.id {
        LZMA2 => match coder.properties.first().copied().unwrap_or(0) {
            bits @ 0..40 => u64::from(2 | bits & 1) << (bits / 2 + 11),
            _ => u64::from(u32::MAX),
        },
        LZMA => coder
            .properties
            .get(1..5)
            .and_then(|size| size.first_chunk())
            .map_or(0, |size| u64::from(u32::from_le_bytes(*size))),
        _ => return 0,
    };
    u32::try_from(wanted.min(coder.size).max(4096)).unwrap_or(u32::MAX)
}

/// All blocks, with what is kept of them.
pub(super) struct Blocks {
    bytes: Arc<dyn ReadAt>,
    list: Vec<Block>,
    kept: Mutex<VecDeque<(u32, Arc<Vec<u8>>)>>,
    parked: Mutex<VecDeque<Reading>>,
    /// How many bytes may still be unpacked to keep a block, or on the way to a member.
    left: AtomicU64,
}

/// An unpacking that stopped.
struct Reading {
    block: u32,
    at: u64,
    reader: Bytes,
    weight: u64,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Blocks {
    pub(super) fn new(bytes: Arc<dyn ReadAt>, list: Vec<Block>) -> Self {
        let plausible = |block: &Block| block.size().min(block.packed_size().saturating_mul(RATIO));
        let all = list.iter().map(plausible).fold(0u64, u64::saturating_add);
        let left = AtomicU64::new(AGAIN.saturating_add(all.saturating_mul(4)));
        Self { bytes, list, kept: Mutex::default(), parked: Mutex::default(), left }
    }

    /// Takes what is about to be unpacked from what may be.
    fn afford(&self, count: u64) -> io::Result<()> {
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count));
        let message =
            "lies in a block of the archive that would have to be unpacked too often: unpack the archive first";
        taken.map(drop).map_err(|_| io::Error::other(Refused(ProblemKind::FileUnreadable, message)))
    }

    /// A block that fits into memory, unpacked; damage in it ends it there, for all its members.
    fn whole(&self, block: u32, of: &Block) -> io::Result<Option<Arc<Vec<u8>>>> {
        if of.size() > SMALL {
            return Ok(None);
        }
        if let Some((_, bytes)) = locked(&self.kept).iter().find(|(known, _)| *known == block) {
            return Ok(Some(Arc::clone(bytes)));
        }
        self.afford(of.size())?;
        let mut bytes = Vec::new();
        match of.reader(&self.bytes)?.take(of.size()).read_to_end(&mut bytes) {
            Err(error) if crate::is_unanswered(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let bytes = Arc::new(bytes);
        let mut kept = locked(&self.kept);
        kept.push_back((block, Arc::clone(&bytes)));
        while kept.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > KEPT {
            kept.pop_front();
        }
        Ok(Some(bytes))
    }

    /// The nearest reading before a place, or a new one.
    fn reading(&self, block: u32, at: u64) -> io::Result<Reading> {
        let mut parked = locked(&self.parked);
        let fit = parked.iter().enumerate().filter(|(_, reading)| reading.block == block && reading.at <= at);
        if let Some((index, _)) = fit.max_by_key(|(_, reading)| reading.at)
            && let Some(reading) = parked.remove(index)
        {
            return Ok(reading);
        }
        drop(parked);
        let of = self.list.get(block as usize).ok_or_else(damaged)?;
        Ok(Reading { block, at: 0, reader: of.reader(&self.bytes)?, weight: of.weight() })
    }

    fn park(&self, reading: Reading) {
        let mut parked = locked(&self.parked);
        parked.push_back(reading);
        while parked.len() > PARKED || parked.iter().map(|reading| reading.weight).sum::<u64>() > PARKED_BYTES {
            parked.pop_front();
        }
    }
}

/// A member in its block.
pub(super) struct Part {
    blocks: Arc<Blocks>,
    block: u32,
    at: u64,
    end: u64,
    whole: Option<Arc<Vec<u8>>>,
    reading: Option<Reading>,
}

impl Part {
    pub(super) fn new(blocks: Arc<Blocks>, block: u32, at: u64, size: u64) -> Self {
        Self { blocks, block, at, end: at.saturating_add(size), whole: None, reading: None }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.whole.is_some() || self.reading.is_some() {
            return Ok(());
        }
        let of = self.blocks.list.get(self.block as usize).ok_or_else(damaged)?;
        self.whole = self.blocks.whole(self.block, of)?;
        if self.whole.is_none() {
            let mut reading = self.blocks.reading(self.block, self.at)?;
            let skip = self.at - reading.at;
            self.blocks.afford(skip)?;
            let skipped = io::copy(&mut reading.reader.by_ref().take(skip), &mut io::sink())?;
            if skipped < skip {
                return Err(damaged());
            }
            reading.at = self.at;
            self.reading = Some(reading);
        }
        Ok(())
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        self.begin()?;
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let count = match (&self.whole, &mut self.reading) {
            (Some(whole), _) => {
                let from = usize::try_from(self.at).ok().and_then(|at| whole.get(at..)).unwrap_or_default();
                let count = from.len().min(most);
                buffer.get_mut(..count).unwrap_or_default().copy_from_slice(from.get(..count).unwrap_or_default());
                count
            }
            (None, Some(reading)) => match reading.reader.read(buffer) {
                Ok(count) => {
                    reading.at += count as u64;
                    count
                }
                Err(error) => {
                    // What is damaged here is damaged for whoever comes after.
                    self.reading = None;
                    return Err(error);
                }
            },
            (None, None) => 0,
        };
        if count == 0 {
            return Err(damaged());
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(reading) = self.reading.take() {
            self.blocks.park(reading);
        }
    }
}
