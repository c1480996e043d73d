//! Files that Windows compressed with its Overlay Filter (`compact /exe`, CompactOS): the unnamed stream is a hole, the stream
//! `WofCompressedData` has a table of where chunks end, then the chunks. Source: Microsoft, \[MS-FSCC\] 2.1.2 and `wofapi.h`
//! (structures), and what libfwnt and the documentation of WIM files say of the table.

use crate::bytes::fitting;
use crate::error::Broken;
use crate::lz::Code;
use crate::{lzx, xpress};
use shellsift_disk::numbers::{u32_at, u64_at};
use shellsift_disk::{ReadAt, read_exact_at};
use std::sync::Mutex;

/// The stream that holds the packed bytes.
pub(crate) const STREAM: &str = "WofCompressedData";

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// XPRESS with Huffman codes, chunks of 4 KiB.
    Xpress4K,
    /// LZX, chunks of 32 KiB.
    Lzx,
    /// XPRESS with Huffman codes, chunks of 8 KiB.
    Xpress8K,
    /// XPRESS with Huffman codes, chunks of 16 KiB.
    Xpress16K,
}

impl Algorithm {
    pub(crate) fn new(stored: u32) -> Option<Self> {
        Some(match stored {
            0 => Self::Xpress4K,
            1 => Self::Lzx,
            2 => Self::Xpress8K,
            3 => Self::Xpress16K,
            _ => return None,
        })
    }

    fn chunk(self) -> u64 {
        match self {
            Self::Xpress4K => 4096,
            Self::Xpress8K => 8192,
            Self::Xpress16K => 16384,
            Self::Lzx => lzx::CHUNK as u64,
        }
    }
}

pub(crate) struct Wof {
    packed: Box<dyn ReadAt>,
    algorithm: Algorithm,
    size: u64,
    last: Mutex<Chunk>,
}

/// The chunk that was unpacked last, and what unpacking needs.
#[derive(Default)]
struct Chunk {
    number: Option<u64>,
    bytes: Vec<u8>,
    failed: Option<String>,
    packed: Vec<u8>,
    code: Code,
    decoder: lzx::Decoder,
    /// A piece of the table, and the first entry in it.
    table: Vec<u8>,
    table_first: Option<u64>,
}

/// Entries of the table that are read at once.
const ENTRIES: u64 = 512;

impl Wof {
    pub(crate) fn new(packed: impl ReadAt + 'static, algorithm: Algorithm, size: u64) -> Self {
        Self { packed: Box::new(packed), algorithm, size, last: Mutex::default() }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn read_some(&self, buffer: &mut [u8], at: u64) -> Result<usize, Broken> {
        let size = self.algorithm.chunk();
        let (number, inside) = (at / size, at % size);
        let mut chunk = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if chunk.number != Some(number) {
            chunk.number = None;
            chunk.failed = self.unpack(number, &mut chunk).err();
            chunk.number = Some(number);
        }
        let end = (number * size).saturating_add(size).min(self.size);
        if let Some(reason) = &chunk.failed {
            return Err(Broken { range: at..end, reason: reason.clone() });
        }
        let count = fitting(buffer, end - at);
        let rest =
            usize::try_from(inside).ok().and_then(|inside| chunk.bytes.get(inside..)?.get(..count)).unwrap_or_default();
        buffer.get_mut(..rest.len()).unwrap_or_default().copy_from_slice(rest);
        Ok(rest.len())
    }

    fn unpack(&self, number: u64, chunk: &mut Chunk) -> Result<(), String> {
        let (start, end) = self.place(number, chunk)?;
        let size = self.algorithm.chunk();
        let unpacked = size.min(self.size - number * size);
        let stored = end.checked_sub(start).filter(|stored| *stored <= unpacked && *stored > 0);
        let Some(stored) = stored else { return Err("the table of its compressed chunks is damaged".into()) };
        let (stored, unpacked) = (usize::try_from(stored).unwrap_or(0), usize::try_from(unpacked).unwrap_or(0));
        let Chunk { bytes, packed, code, decoder, .. } = chunk;
        bytes.resize(unpacked, 0);
        if stored == unpacked {
            return read_exact_at(&*self.packed, bytes, start).map_err(|error| error.to_string());
        }
        packed.resize(stored, 0);
        read_exact_at(&*self.packed, packed, start).map_err(|error| error.to_string())?;
        let (done, name) = match self.algorithm {
            Algorithm::Lzx => (decoder.unpack(packed, bytes), "LZX"),
            _ => (xpress::unpack(packed, bytes, code), "XPRESS"),
        };
        done.ok_or_else(|| format!("they are compressed ({name}), and that is damaged"))
    }

    /// Where a chunk lies in the packed stream.
    fn place(&self, number: u64, chunk: &mut Chunk) -> Result<(u64, u64), String> {
        let size = self.algorithm.chunk();
        let entries = self.size.div_ceil(size).saturating_sub(1);
        let width = if self.size > u64::from(u32::MAX) { 8 } else { 4 };
        let table = entries.checked_mul(width).ok_or("its size is impossible")?;
        let mut entry = |index: u64| -> Result<u64, String> {
            let first = index - index % ENTRIES;
            if chunk.table_first != Some(first) {
                chunk.table_first = None;
                let count = (entries - first).min(ENTRIES) * width;
                chunk.table.resize(usize::try_from(count).unwrap_or_default(), 0);
                read_exact_at(&*self.packed, &mut chunk.table, first * width).map_err(|error| error.to_string())?;
                chunk.table_first = Some(first);
            }
            let at = usize::try_from((index - first) * width).unwrap_or(usize::MAX);
            let stored = if width == 8 { u64_at(&chunk.table, at) } else { u32_at(&chunk.table, at).map(u64::from) };
            let place = stored.and_then(|stored| stored.checked_add(table));
            place.ok_or_else(|| "the table of its compressed chunks is damaged".into())
        };
        let start = if number == 0 { table } else { entry(number - 1)? };
        let end = if number < entries { entry(number)? } else { self.packed.len() };
        Ok((start, end))
    }
}
