//! The header of a 7z archive. Format: `7zFormat.txt` and `Methods.txt` of the LZMA SDK (Igor Pavlov, public domain).
//!
//! The header lies packed at the end and is read whole, up to a bound; nothing is allocated by a number that it gives but by how much of
//! it is left.

use super::blocks::{Block, Blocks, Coder};
use super::found::Found;
use super::member::{How, Member, Stamp, Why};
use super::{names, tree};
use crate::model::{ProblemKind, Times, Timestamp};
use shellsift_disk::{ReadAt, read_exact_at};
use std::io::{self, Read};
use std::sync::Arc;

const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";
/// How long a header may be, packed and unpacked: that of two million members.
const LONGEST: u64 = 512 << 20;
/// How often a header may be packed.
const LAYERS: usize = 4;
/// What one block may be made of; BCJ2 with its three coders is four.
const MOST_CODERS: usize = 8;
const MOST_STREAMS: usize = 16;
/// How many blocks, and how many packed streams and members in them, are read: a header of zeros packs to nothing, and each takes memory.
const MOST_BLOCKS: usize = 500_000;
const MOST_PARTS: usize = 4_000_000;

/// Bytes that are read forward, of a header.
struct Fields<'b>(&'b [u8]);

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its header is damaged")
}

impl<'b> Fields<'b> {
    fn byte(&mut self) -> io::Result<u8> {
        let (first, rest) = self.0.split_first().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    fn bytes(&mut self, count: usize) -> io::Result<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        Ok(self.bytes(4)?.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)))
    }

    fn u64(&mut self) -> io::Result<u64> {
        Ok(self.bytes(8)?.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    /// A number of one to nine bytes: as many further ones as the first has leading ones.
    fn number(&mut self) -> io::Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut value = 0u64;
        for at in 0..more {
            value |= u64::from(self.byte()?) << (8 * at);
        }
        let high = u64::from(first) & (0x7f >> more.min(7));
        Ok(if more < 7 { value | high << (8 * more) } else { value })
    }

    /// A number of things of which each takes at least `bits` of what is left.
    fn count(&mut self, bits: usize) -> io::Result<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| damaged())?;
        if count.saturating_mul(bits) > self.0.len().saturating_mul(8) { Err(damaged()) } else { Ok(count) }
    }

    /// So many bits, of which the first `kept` are kept.
    fn bits(&mut self, count: usize, kept: usize) -> io::Result<Vec<bool>> {
        let bytes = self.bytes(count.div_ceil(8))?;
        Ok((0..count.min(kept)).map(|at| bytes.get(at / 8).is_some_and(|byte| byte & 0x80 >> (at % 8) != 0)).collect())
    }

    /// Bits, or a byte that says that all are set.
    fn some(&mut self, count: usize, kept: usize) -> io::Result<Vec<bool>> {
        if self.byte()? != 0 { Ok(vec![true; count.min(kept)]) } else { self.bits(count, kept) }
    }

    fn digests(&mut self, count: usize) -> io::Result<Vec<Option<u32>>> {
        let some = self.some(count, usize::MAX)?;
        some.into_iter().map(|is| if is { self.u32().map(Some) } else { Ok(None) }).collect()
    }
}

/// The members of a block: size and sum.
type Parts = Vec<(u64, Option<u32>)>;

/// The streams of a part of the header.
#[derive(Default)]
struct Streams {
    blocks: Vec<Block>,
    /// For each block its members.
    parts: Vec<Parts>,
}

/// Reads the header of an archive: its members, and the blocks that they lie in.
pub(super) fn read(bytes: &Arc<dyn ReadAt>, found: &mut Found) -> io::Result<Blocks> {
    let mut start = [0; 32];
    read_exact_at(bytes.as_ref(), &mut start, 0).map_err(|_| damaged())?;
    if !start.starts_with(MAGIC) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a 7z archive"));
    }
    let mut fields = Fields(start.get(12..).unwrap_or_default());
    let (offset, length, sum) = (fields.u64()?, fields.u64()?, fields.u32()?);
    if length == 0 {
        return Ok(Blocks::new(Arc::clone(bytes), Vec::new()));
    }
    let at = offset.checked_add(32).filter(|at| at.checked_add(length).is_some_and(|end| end <= bytes.len()));
    let at =
        at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "its header is beyond its end: it is truncated"))?;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its header is too long to be read"));
    }
    let mut header = vec![0; usize::try_from(length).map_err(|_| damaged())?];
    read_exact_at(bytes.as_ref(), &mut header, at)?;
    if !is_sum(&header, Some(sum)) {
        return Err(damaged());
    }
    for _ in 0..LAYERS {
        let mut fields = Fields(&header);
        match fields.byte()? {
            1 => return members(&mut fields, bytes, found),
            0x17 => header = unpacked(&mut fields, bytes)?,
            _ => return Err(damaged()),
        }
    }
    Err(damaged())
}

fn is_sum(bytes: &[u8], sum: Option<u32>) -> bool {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    sum.is_none_or(|sum| sum == crc.sum())
}

/// A header that is packed as a block.
fn unpacked(fields: &mut Fields<'_>, bytes: &Arc<dyn ReadAt>) -> io::Result<Vec<u8>> {
    let streams = streams(fields)?;
    let block = streams.blocks.first().ok_or_else(damaged)?;
    let (size, sum) = streams.parts.first().and_then(|parts| parts.first()).copied().ok_or_else(damaged)?;
    if block.refused() == Some(Why::Encrypted) {
        let why = "its names are encrypted; unpack it with its password and scan the folder: 7z x -p FILE -oFOLDER";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    if size > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its header is too long to be read"));
    }
    let mut header = Vec::new();
    block.reader(bytes)?.take(size).read_to_end(&mut header)?;
    if header.len() as u64 == size && is_sum(&header, sum) { Ok(header) } else { Err(damaged()) }
}

fn streams(fields: &mut Fields<'_>) -> io::Result<Streams> {
    let mut packed = (0, Vec::new());
    let mut streams = Streams::default();
    loop {
        match fields.byte()? {
            0 => break,
            6 => packed = pack_info(fields)?,
            7 => streams.blocks = blocks(fields)?,
            8 => streams.parts = parts(fields, &streams.blocks)?,
            _ => return Err(damaged()),
        }
    }
    if streams.parts.is_empty() {
        streams.parts = streams.blocks.iter().map(|block| vec![(block.size(), block.sum)]).collect();
    }
    // Packed streams follow each other, those of a block together.
    let (mut at, mut sizes) = (packed.0, packed.1.into_iter());
    for block in &mut streams.blocks {
        for place in &mut block.packed {
            let size = sizes.next().ok_or_else(damaged)?;
            *place = (at, size);
            at = at.checked_add(size).ok_or_else(damaged)?;
        }
    }
    Ok(streams)
}

fn few(count: usize, most: usize) -> io::Result<usize> {
    match count > most {
        true => {
            Err(io::Error::new(io::ErrorKind::InvalidData, "it has more members than can be read: unpack it first"))
        }
        false => Ok(count),
    }
}

/// Where the packed streams begin, and their sizes.
fn pack_info(fields: &mut Fields<'_>) -> io::Result<(u64, Vec<u64>)> {
    let at = fields.number()?.checked_add(32).ok_or_else(damaged)?;
    let count = few(fields.count(8)?, MOST_PARTS)?;
    let mut sizes = Vec::new();
    loop {
        match fields.byte()? {
            0 => return Ok((at, sizes)),
            9 => sizes = (0..count).map(|_| fields.number()).collect::<io::Result<_>>()?,
            0x0a => drop(fields.digests(count)?),
            _ => return Err(damaged()),
        }
    }
}

fn blocks(fields: &mut Fields<'_>) -> io::Result<Vec<Block>> {
    let mut blocks = Vec::new();
    loop {
        match fields.byte()? {
            0 => return Ok(blocks),
            0x0b => {
                let count = few(fields.count(16)?, MOST_BLOCKS)?;
                if fields.byte()? != 0 {
                    return Err(damaged()); // kept elsewhere, which no archiver writes
                }
                blocks = (0..count).map(|_| block(fields)).collect::<io::Result<_>>()?;
            }
            0x0c => {
                for coder in blocks.iter_mut().flat_map(|block: &mut Block| &mut block.coders) {
                    coder.size = fields.number()?;
                }
            }
            0x0a => {
                let sums = fields.digests(blocks.len())?;
                for (block, sum) in blocks.iter_mut().zip(sums) {
                    block.sum = sum;
                }
            }
            _ => return Err(damaged()),
        }
    }
}

/// The coders of a block and what goes where.
fn block(fields: &mut Fields<'_>) -> io::Result<Block> {
    let mut block = Block::default();
    let coders = fields.count(16)?;
    if coders == 0 || coders > MOST_CODERS {
        return Err(damaged());
    }
    block.coders.reserve_exact(coders);
    let mut streams = 0;
    for _ in 0..coders {
        let flags = fields.byte()?;
        let id = fields.bytes(usize::from(flags & 0x0f))?.iter().fold(0u64, |id, byte| id << 8 | u64::from(*byte));
        let (inputs, outputs) = if flags & 0x10 != 0 { (fields.count(0)?, fields.count(0)?) } else { (1, 1) };
        let length = if flags & 0x20 != 0 { fields.count(8)? } else { 0 };
        let properties = fields.bytes(length)?.to_vec();
        streams += inputs;
        if outputs != 1 || inputs == 0 || streams > MOST_STREAMS || flags & 0xc0 != 0 {
            return Err(damaged());
        }
        block.coders.push(Coder { id, inputs, properties, size: 0 });
    }
    for _ in 1..coders {
        let (input, output) = (fields.count(0)?, fields.count(0)?);
        block.bound.push((input, output));
    }
    let packed = streams.checked_sub(coders - 1).filter(|packed| *packed > 0).ok_or_else(damaged)?;
    if packed == 1 {
        let free = (0..streams).find(|input| block.bound.iter().all(|(bound, _)| bound != input));
        block.inputs.push(free.ok_or_else(damaged)?);
    } else {
        block.inputs.reserve_exact(packed);
        for _ in 0..packed {
            block.inputs.push(fields.count(0)?);
        }
    }
    block.packed = vec![(0, 0); packed];
    Ok(block)
}

/// The sizes and sums of the members of each block.
fn parts(fields: &mut Fields<'_>, blocks: &[Block]) -> io::Result<Vec<Parts>> {
    let mut counts = vec![1usize; blocks.len()];
    let mut kind = fields.byte()?;
    if kind == 0x0d {
        for count in &mut counts {
            *count = usize::try_from(fields.number()?).map_err(|_| damaged())?;
        }
        // Each but the last of a block has its size in what follows.
        let more: usize = counts.iter().fold(0, |all, count| all.saturating_add(count.saturating_sub(1)));
        if few(more, MOST_PARTS)? > fields.0.len() {
            return Err(damaged());
        }
        kind = fields.byte()?;
    }
    let mut parts: Vec<Parts> = Vec::new();
    for (block, count) in blocks.iter().zip(&counts) {
        let mut left = block.size();
        let mut sizes = Vec::new();
        for at in 0..*count {
            let size = if at + 1 == *count {
                left
            } else if kind == 9 {
                fields.number()?
            } else {
                return Err(damaged());
            };
            left = left.checked_sub(size).ok_or_else(damaged)?;
            sizes.push((size, None));
        }
        parts.push(sizes);
    }
    if kind == 9 {
        kind = fields.byte()?;
    }
    while kind != 0 {
        if kind != 0x0a {
            return Err(damaged());
        }
        // Where a block has one member, its sum is that of the block if that has one.
        let is_known = |block: &Block, parts: &[(u64, Option<u32>)]| parts.len() == 1 && block.sum.is_some();
        let unknown = || blocks.iter().zip(&parts).filter(|(block, parts)| !is_known(block, parts));
        let count = unknown().map(|(_, parts)| parts.len()).sum();
        let mut sums = fields.digests(count)?.into_iter();
        for (block, parts) in blocks.iter().zip(&mut parts) {
            let known = is_known(block, parts);
            for (_, sum) in parts {
                *sum = if known { block.sum } else { sums.next().flatten() };
            }
        }
        kind = fields.byte()?;
    }
    Ok(parts)
}

/// Of how many files the properties are kept: one more than members are taken.
const KEPT: usize = tree::MOST + 1;

/// The properties of the files.
#[derive(Default)]
struct Files<'b> {
    names: &'b [u8],
    empty: Vec<bool>,
    empty_file: Vec<bool>,
    /// written, created, read
    times: [Vec<u64>; 3],
    attributes: Vec<u32>,
}

fn members(fields: &mut Fields<'_>, bytes: &Arc<dyn ReadAt>, found: &mut Found) -> io::Result<Blocks> {
    let mut main = Streams::default();
    loop {
        match fields.byte()? {
            0 => break,
            2 => {
                while fields.byte()? != 0 {
                    let length = fields.count(8)?;
                    fields.bytes(length)?;
                }
            }
            3 => drop(streams(fields)?),
            4 => main = streams(fields)?,
            5 => {
                let count = fields.count(8)?;
                let files = files(fields, count)?;
                take(&files, count, &main, bytes.len(), found);
            }
            _ => return Err(damaged()),
        }
    }
    Ok(Blocks::new(Arc::clone(bytes), main.blocks))
}

fn files<'b>(fields: &mut Fields<'b>, count: usize) -> io::Result<Files<'b>> {
    let mut files = Files::default();
    loop {
        let kind = fields.byte()?;
        if kind == 0 {
            return Ok(files);
        }
        let length = fields.count(8)?;
        let mut inner = Fields(fields.bytes(length)?);
        match kind {
            0x0e => files.empty = inner.bits(count, KEPT)?,
            0x0f => files.empty_file = inner.bits(files.empty.iter().filter(|is| **is).count(), KEPT)?,
            0x11 => {
                inner.byte()?;
                files.names = inner.0;
            }
            0x12..=0x14 => {
                let some = inner.some(count, KEPT)?;
                inner.byte()?;
                let times =
                    some.into_iter().map(|is| if is { inner.u64() } else { Ok(0) }).collect::<io::Result<_>>()?;
                let [written, created, read] = &mut files.times;
                *(match kind {
                    0x12 => created,
                    0x13 => read,
                    _ => written,
                }) = times;
            }
            0x15 => {
                let some = inner.some(count, KEPT)?;
                inner.byte()?;
                files.attributes =
                    some.into_iter().map(|is| if is { inner.u32() } else { Ok(0) }).collect::<io::Result<_>>()?;
            }
            _ => {} // padding, comments, and what is not needed
        }
    }
}

fn take(files: &Files<'_>, count: usize, main: &Streams, length: u64, found: &mut Found) {
    let mut names = files.names.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let mut parts = main.parts.iter().enumerate().flat_map(|(block, parts)| {
        let mut at = 0u64;
        parts.iter().map(move |(size, sum)| {
            let begin = at;
            at = at.saturating_add(*size);
            (block, begin, *size, *sum)
        })
    });
    let refused: Vec<Option<Why>> =
        main.blocks.iter().map(|block| block.refused().or_else(|| block.lies_outside(length))).collect();
    let mut empties = 0;
    for own in 0..count.min(KEPT) {
        let mut name: Vec<u16> = Vec::new();
        for unit in names.by_ref().take_while(|unit| *unit != 0) {
            // What is longer is refused, and the next name begins behind it.
            if name.len() <= tree::LONGEST {
                name.push(unit);
            }
        }
        let attributes = files.attributes.get(own).copied().unwrap_or(0);
        // The upper half is the mode of Unix where this bit is set; S_IFLNK.
        let is_link = attributes & 0x8000 != 0 && attributes >> 28 == 0o12;
        let mut member =
            Member { at: 0, packed: 0, size: 0, modified: Stamp::NONE, check: None, block: 0, how: How::Stored };
        if files.empty.get(own).copied().unwrap_or(false) {
            let is_file = files.empty_file.get(empties).copied().unwrap_or(false);
            empties += 1;
            member.how = if is_file { How::Stored } else { How::Folder };
        } else if let Some((block, at, size, check)) = parts.next() {
            let how = refused.get(block).copied().flatten().map_or(How::Block, How::Not);
            let packed = main.blocks.get(block).map_or(0, |block| block.share(size));
            member = Member { at, size, check, packed, block: block as u32, how, ..member };
        } else {
            member.how = How::Not(Why::Outside);
        }
        let time = |list: &Vec<u64>| list.get(own).copied().and_then(Timestamp::from_filetime);
        let [written, created, read] = &files.times;
        member.modified = Stamp::of_time(time(written));
        let taken = names::taken(&utf8(&name), true);
        let before = found.members.len();
        if !found.add(&taken, member) {
            return;
        }
        if found.members.len() > before {
            found.set_times(Times { created: time(created), accessed: time(read), ..Times::default() });
            if is_link {
                found.set_target(String::new());
            }
        }
    }
    if count > KEPT {
        let message = format!("has {count} members: only the first {KEPT} were read");
        let root = found.root.clone();
        found.problem_log.once(ProblemKind::PartiallyExamined, &root, message);
    }
}

/// UTF-16 as UTF-8, where a surrogate that has no other becomes the three bytes that WTF-8 has for it.
fn utf8(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => {
                let unit = lone.unpaired_surrogate();
                bytes.extend([0xe0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3f) as u8, 0x80 | (unit & 0x3f) as u8]);
            }
        }
    }
    bytes
}
