//! The directory of a zip file. Format: PKWARE, APPNOTE.TXT 6.3.10; extra fields of Info-ZIP (extended timestamp, Unicode path) by its
//! document `extrafld.txt`, that of NTFS by APPNOTE 4.5.5.
//!
//! Only the directory at the end is read, in one pass; a member's own header is looked at when it is opened.

use super::found::Found;
use super::member::{How, Member, Stamp, Why};
use super::unpack::{LAVISH_IN_ALL, RATIO};
use super::{gzip, names};
use crate::model::{ProblemKind, Times, Timestamp};
use shellsift_disk::{ReadAt, Window, read_exact_at};
use std::io;
use std::sync::Arc;

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const ENTRY_LENGTH: usize = 46;
/// The record at the end with the longest comment.
const LONGEST_END: u64 = 22 + 65_535;
/// How much of the directory is read at once.
const PIECE: usize = 256 << 10;

/// Where the directory lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Directory {
    at: u64,
    length: u64,
    count: u64,
    /// What stands before the archive in its file, by which all places are off.
    shift: u64,
}

/// Little-endian numbers of a record that may be shorter than it should.
struct Fields<'b>(&'b [u8]);

impl Fields<'_> {
    fn u16(&self, at: usize) -> u16 {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u16::from_le_bytes(*bytes))
    }

    fn u32(&self, at: usize) -> u32 {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn u64(&self, at: usize) -> u64 {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

const CUT: &str =
    "it has no zip directory at its end: it is truncated or damaged (zip -FF repairs what can be repaired)";

fn damaged(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Finds the directory from the end of the file; `None` if there is none.
fn directory(bytes: &dyn ReadAt) -> io::Result<Option<Directory>> {
    let length = bytes.len();
    let from = length.saturating_sub(LONGEST_END);
    let mut tail = vec![0; usize::try_from(length - from).unwrap_or(0)];
    read_exact_at(bytes, &mut tail, from)?;
    for at in memchr::memmem::rfind_iter(&tail, END) {
        let record = Fields(tail.get(at..).unwrap_or_default());
        // Its comment ends the file; bytes that somebody appended are no reason to refuse it.
        if record.0.len() < 22 || usize::from(record.u16(20)) + 22 > record.0.len() {
            continue;
        }
        let (disk, count) = (record.u16(4), u64::from(record.u16(10)));
        let (size, offset) = (u64::from(record.u32(12)), u64::from(record.u32(16)));
        let end = from + at as u64;
        let found = Directory { at: offset, length: size, count, shift: 0 };
        let (found, end) = match directory_64(bytes, end) {
            Some((found, end)) => (found, end),
            None if disk != 0 && disk != 0xffff => {
                return Err(damaged(
                    "it is one part of a zip archive that was split; join the parts: zip -s 0 FILE --out WHOLE.zip",
                ));
            }
            None => (found, end),
        };
        let Some(begin) = end.checked_sub(found.length) else { continue };
        // Something may stand before the archive: the program that unpacks it.
        if let Some(shift) = begin.checked_sub(found.at) {
            let mut mark = [0; 4];
            // One without members may stand behind an archive that has some, to hide them.
            let is_there = match found.length {
                0 => !read_at_is(bytes, 0, LOCAL),
                _ => read_exact_at(bytes, &mut mark, begin).is_ok() && mark == *ENTRY,
            };
            if is_there {
                return Ok(Some(Directory { at: begin, shift, ..found }));
            }
        }
        if read_at_is(bytes, found.at, ENTRY) && found.at.checked_add(found.length).is_some_and(|to| to <= end) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn read_at_is(bytes: &dyn ReadAt, at: u64, mark: &[u8]) -> bool {
    let mut read = [0; 4];
    read_exact_at(bytes, &mut read, at).is_ok() && read == *mark
}

/// The directory by the records of zip64, and where the first of these begins.
fn directory_64(bytes: &dyn ReadAt, end: u64) -> Option<(Directory, u64)> {
    let mut locator = [0; 20];
    read_exact_at(bytes, &mut locator, end.checked_sub(20)?).ok()?;
    if !locator.starts_with(LOCATOR_64) {
        return None;
    }
    let stored = Fields(&locator).u64(8);
    let mut record = [0; 56];
    // Its place, or directly before the locator where something stands before the archive.
    for at in [stored, end.checked_sub(76)?] {
        if read_exact_at(bytes, &mut record, at).is_ok() && record.starts_with(END_64) {
            let record = Fields(&record);
            let found = Directory { count: record.u64(32), length: record.u64(40), at: record.u64(48), shift: 0 };
            return Some((found, at));
        }
    }
    None
}

/// Reads the directory. Of an archive without one, which is cut, what can be found without it.
pub(super) fn read(whole: &Arc<dyn ReadAt>, found: &mut Found) -> io::Result<()> {
    let bytes = whole.as_ref();
    let directory = match directory(bytes)? {
        Some(directory) => directory,
        None if salvage(whole, found)? => return Ok(()),
        None => return Err(damaged(CUT)),
    };
    let (mut window, mut used) = (Vec::new(), 0);
    let (mut at, mut left, mut count) = (directory.at, directory.length, 0u64);
    let mut is_full = false;
    while !is_full {
        // The longest entry: three fields of 64 KiB.
        if window.len() - used < ENTRY_LENGTH + 3 * 65_535 && left > 0 {
            window.drain(..used);
            used = 0;
            let more = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let old = window.len();
            window.resize(old + more, 0);
            read_exact_at(bytes, window.get_mut(old..).unwrap_or_default(), at)?;
            at += more as u64;
            left -= more as u64;
        }
        let rest = window.get(used..).unwrap_or_default();
        let Some(entry) = entry_length(rest).and_then(|length| rest.get(..length)) else { break };
        count += 1;
        used += entry.len();
        is_full = !take(entry, &directory, bytes.len(), found);
    }
    let short = "its directory is damaged: members after the damage were not read";
    let root = found.root.clone();
    if is_full {
        // That is reported, and what was taken may overlap all the same.
    } else if used < window.len() || left > 0 {
        found.problem_log.once(ProblemKind::PartiallyExamined, &root, short.to_owned());
    } else if directory.count != count && directory.count != count & 0xffff {
        let message = format!("its directory has {count} members and states {}", directory.count);
        found.problem_log.once(ProblemKind::PartiallyExamined, &root, message);
    }
    refuse_overlaps(found);
    Ok(())
}

/// The length of the entry that begins here.
fn entry_length(window: &[u8]) -> Option<usize> {
    let entry = Fields(window.get(..ENTRY_LENGTH)?);
    let rest = usize::from(entry.u16(28)) + usize::from(entry.u16(30)) + usize::from(entry.u16(32));
    window.starts_with(ENTRY).then_some(ENTRY_LENGTH + rest)
}

/// Takes one entry; `false` where there are too many.
fn take(entry: &[u8], directory: &Directory, file: u64, found: &mut Found) -> bool {
    let fields = Fields(entry);
    let (name_length, extra_length) = (usize::from(fields.u16(28)), usize::from(fields.u16(30)));
    let name = entry.get(ENTRY_LENGTH..ENTRY_LENGTH + name_length).unwrap_or_default();
    let extra = entry.get(ENTRY_LENGTH + name_length..ENTRY_LENGTH + name_length + extra_length).unwrap_or_default();
    let (flags, method) = (fields.u16(8), fields.u16(10));
    let mut more = More::of(extra, [fields.u32(24), fields.u32(20), fields.u32(42)], name);
    let mut taken = names::taken(more.name.take().unwrap_or(name), true);
    let [size, packed, header] = more.sizes;
    let at = header.saturating_add(directory.shift);
    let is_link = fields.0.get(5) == Some(&3) && fields.u32(38) >> 28 == 0o12; // made on Unix; S_IFLNK
    let how = match method {
        // What is a folder by its mode and has content is a file: some archivers unpack it as one.
        _ if taken.is_folder || fields.0.get(5) == Some(&3) && fields.u32(38) >> 28 == 0o04 && size == 0 => How::Folder,
        _ if flags & 1 != 0 || method == 99 => How::Not(Why::Encrypted),
        _ if at.saturating_add(packed) > file => How::Not(Why::Outside),
        method => how(method),
    };
    taken.is_folder = how == How::Folder;
    let modified = Stamp::of_time(more.times.modified);
    if modified == Stamp::NONE && how != How::Folder {
        found.local_times += 1;
    }
    let member = Member { at, packed, size, modified, check: Some(fields.u32(16)), block: 0, how };
    let before = found.members.len();
    if !found.add(&taken, member) {
        return false;
    }
    if found.members.len() > before {
        found.set_times(more.times);
        if is_link {
            // Its content is where it leads, which is read with the rest.
            found.set_target(String::new());
        }
    }
    true
}

/// The extra fields.
struct More<'e> {
    /// Size, packed size, place of the header.
    sizes: [u64; 3],
    times: Times,
    /// The name in UTF-8.
    name: Option<&'e [u8]>,
}

impl<'e> More<'e> {
    fn of(mut extra: &'e [u8], short: [u32; 3], name: &[u8]) -> Self {
        let mut more = Self { sizes: short.map(u64::from), times: Times::default(), name: None };
        while let Some((head, rest)) = extra.split_first_chunk::<4>() {
            let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
            let Some(field) = rest.get(..length) else { break };
            extra = rest.get(length..).unwrap_or_default();
            match u16::from_le_bytes([head[0], head[1]]) {
                0x0001 => {
                    // Those that did not fit, in this order.
                    let mut values = field.chunks_exact(8).map(|value| Fields(value).u64(0));
                    for (size, short) in more.sizes.iter_mut().zip(short) {
                        if short == u32::MAX {
                            *size = values.next().unwrap_or(*size);
                        }
                    }
                }
                0x000a => more.of_ntfs(field),
                0x5455 => {
                    let seconds = |at: usize| i64::from(Fields(field).u32(at) as i32);
                    if field.first().is_some_and(|flags| flags & 1 != 0)
                        && field.len() >= 5
                        && more.times.modified.is_none()
                    {
                        more.times.modified = Some(Timestamp::new(seconds(1), 0));
                    }
                }
                0x7075 if field.len() > 5 && field.first() == Some(&1) => {
                    let mut crc = flate2::Crc::new();
                    crc.update(name);
                    more.name = field.get(5..).filter(|_| crc.sum() == Fields(field).u32(1));
                }
                _ => {}
            }
        }
        more
    }

    /// Times of 100 ns: written, read, created.
    fn of_ntfs(&mut self, field: &[u8]) {
        let mut rest = field.get(4..).unwrap_or_default();
        while let Some((head, after)) = rest.split_first_chunk::<4>() {
            let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
            let Some(value) = after.get(..length) else { return };
            if head[..2] == [1, 0] && length >= 24 {
                let time = |at: usize| Timestamp::from_filetime(Fields(value).u64(at));
                self.times.modified = time(0).or(self.times.modified);
                (self.times.accessed, self.times.created) = (time(8), time(16));
            }
            rest = after.get(length..).unwrap_or_default();
        }
    }
}

/// Members that lie in each other, as in the bombs that unpack to a thousand times more than deflate can: none of them is read.
/// A collector never writes that.
fn refuse_overlaps(found: &mut Found) {
    let mut places: Vec<u32> = (0..found.members.len() as u32).collect();
    // What is not read in any case hides nothing that lies in it, whatever size it claims.
    let is_read = |member: &Member| !matches!(member.how, How::Folder | How::Not(_));
    let at = |found: &Found, own: u32| {
        found.members.get(own).filter(is_read).map_or((0, 0), |member| (member.at, member.packed))
    };
    places.sort_unstable_by_key(|own| at(found, *own).0);
    let (mut end, mut last) = (0u64, None);
    for own in places {
        let (begin, packed) = at(found, own);
        if packed == 0 {
            continue;
        }
        if begin < end {
            for own in [Some(own), last].into_iter().flatten() {
                found.members.set_how(own, How::Not(Why::Overlaps));
            }
        }
        let own_end = begin.saturating_add(30).saturating_add(packed);
        if own_end >= end {
            (end, last) = (own_end, Some(own));
        }
    }
    let overlapping = found.members.hows().filter(|how| *how == How::Not(Why::Overlaps)).count();
    if overlapping > 0 {
        let message = format!("{overlapping} of its members overlap, as in a zip bomb: they are not read");
        let root = found.root.clone();
        found.problem_log.once(ProblemKind::PartiallyExamined, &root, message);
    }
}

/// Where the content of a member begins, by its own header.
pub(super) fn content(bytes: &dyn ReadAt, at: u64) -> io::Result<u64> {
    let mut header = [0; 30];
    read_exact_at(bytes, &mut header, at)?;
    if !header.starts_with(LOCAL) {
        return Err(damaged("has no header at the place that the directory of the archive names"));
    }
    let fields = Fields(&header);
    let begin = at.checked_add(30 + u64::from(fields.u16(26)) + u64::from(fields.u16(28)));
    begin.ok_or_else(|| damaged("is outside the archive"))
}

/// Finds members by their own headers, one after the other from the start, as far as these go. `false` if there is none.
///
/// A writer that could not go back (Velociraptor, and whoever writes to the network) has put sizes behind the content: it is unpacked to
/// find its end.
fn salvage(bytes: &Arc<dyn ReadAt>, found: &mut Found) -> io::Result<bool> {
    let mut at = 0;
    let mut salvage = Salvage::default();
    while let Some(next) = salvage_one(bytes, at, found, &mut salvage)? {
        at = next;
        if salvage.is_full || salvage.lavish > LAVISH_IN_ALL {
            break;
        }
    }
    let count = found.members.len();
    if count > 0 {
        let message = format!(
            "it is truncated: {count} members were found without its directory, the last of them may be truncated{}",
            if salvage.lavish > LAVISH_IN_ALL { "; the rest unpacks to more than 250 times its size" } else { "" }
        );
        let root = found.root.clone();
        found.problem_log.once(ProblemKind::PartiallyExamined, &root, message);
    }
    Ok(count > 0)
}

/// What was found so far without a directory.
#[derive(Default)]
struct Salvage {
    is_full: bool,
    /// How many bytes were unpacked out of all proportion to their packed size.
    lavish: u64,
}

/// Takes the member whose header is here; where the next one would be, or `None` at the end of what can be found.
fn salvage_one(bytes: &Arc<dyn ReadAt>, at: u64, found: &mut Found, salvage: &mut Salvage) -> io::Result<Option<u64>> {
    let mut header = [0; 30];
    if read_exact_at(bytes.as_ref(), &mut header, at).is_err() || !header.starts_with(LOCAL) {
        return Ok(None);
    }
    let fields = Fields(&header);
    let (name_length, extra_length) = (usize::from(fields.u16(26)), usize::from(fields.u16(28)));
    let mut text = vec![0; name_length + extra_length];
    if read_exact_at(bytes.as_ref(), &mut text, at + 30).is_err() {
        return Ok(None);
    }
    let (name, extra) = text.split_at_checked(name_length).unwrap_or_default();
    let begin = at + 30 + text.len() as u64;
    let left = bytes.len().saturating_sub(begin);
    let (flags, method) = (fields.u16(6), fields.u16(8));
    let more = More::of(extra, [fields.u32(22), fields.u32(18), 0], name);
    let [mut size, mut packed, _] = more.sizes;
    let mut check = Some(fields.u32(14));
    let mut next = begin.checked_add(packed);
    if flags & 8 != 0 {
        if method != 8 || flags & 1 != 0 {
            return Ok(None); // nothing says where it ends
        }
        let mut scan = gzip::Scan::new(Arc::new(Window::new(Arc::clone(bytes), begin, left)), true);
        let whole = match scan.finish_pass() {
            Err(error) if crate::is_unanswered(&error) => return Err(error),
            whole => whole,
        };
        let sum;
        (packed, size, sum) = scan.passed();
        salvage.lavish += if size / RATIO > packed { size } else { 0 };
        check = whole.is_ok().then_some(sum);
        next = whole.ok().and_then(|()| behind_descriptor(bytes.as_ref(), begin.saturating_add(packed)));
    } else if packed > left {
        (packed, check, next) = (left, None, None);
    }
    let mut taken = names::taken(more.name.unwrap_or(name), true);
    let how = match method {
        _ if taken.is_folder => How::Folder,
        _ if flags & 1 != 0 || method == 99 => How::Not(Why::Encrypted),
        method => how(method),
    };
    taken.is_folder = how == How::Folder;
    let modified = Stamp::of_time(more.times.modified);
    found.local_times += usize::from(modified == Stamp::NONE && how != How::Folder);
    let before = found.members.len();
    salvage.is_full = !found.add(&taken, Member { at, packed, size, modified, check, block: 0, how });
    if found.members.len() > before {
        found.set_times(more.times);
    }
    Ok(next)
}

/// The place behind what stands behind the content of such a member: a mark that may be missing, its sum, and sizes of four or eight bytes.
fn behind_descriptor(bytes: &dyn ReadAt, at: u64) -> Option<u64> {
    [16, 24, 12, 20]
        .into_iter()
        .filter_map(|length| at.checked_add(length))
        .find(|next| read_at_is(bytes, *next, LOCAL))
}

/// How the content of a member is read, by its method.
fn how(method: u16) -> How {
    match method {
        0 => How::Stored,
        8 => How::Deflated,
        9 => How::Deflated64,
        12 => How::Not(Why::Bzip2),
        14 => How::Not(Why::Lzma),
        20 | 93 => How::Not(Why::Zstd),
        _ => How::Not(Why::Method),
    }
}
