//! The headers of a tar archive, in one pass forward. Formats: POSIX.1-2017 pax (ustar, pax headers), GNU tar's manual ("Basic Tar Format",
//! "Sparse Formats"), libarchive's tar(5) for `LIBARCHIVE.creationtime`.

use super::found::Found;
use super::member::{How, Member, Stamp, Why};
use super::names::{self, Taken};
use super::pax::Pax;
use crate::evidence::classify;
use crate::model::{ProblemKind, Times, Timestamp};
use shellsift_disk::ReadAt;
use std::io;

pub(super) const BLOCK: usize = 512;
/// How long a header of names and times may be.
const LONGEST: u64 = 1 << 20;
/// How many blocks of zeros are looked through for a further archive behind the end of one.
const ZEROS: usize = 4096;

/// Bytes that are read forward, once.
pub(super) trait Forward {
    /// Fills the buffer as far as there are bytes.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
    /// Leaves bytes out; at the end there are none.
    fn skip(&mut self, count: u64) -> io::Result<()>;
    /// How many bytes were read or left out.
    fn position(&self) -> u64;
}

/// A source of bytes at positions, read forward.
pub(super) struct Plain<'b> {
    pub(super) bytes: &'b dyn ReadAt,
    pub(super) at: u64,
}

impl Forward for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        self.at = self.at.saturating_add(count);
        Ok(())
    }

    fn position(&self) -> u64 {
        self.at
    }
}

/// The fields of a header block.
struct Header<'b>(&'b [u8; BLOCK]);

impl Header<'_> {
    fn text(&self, at: usize, length: usize) -> &[u8] {
        let field = self.0.get(at..at + length).unwrap_or_default();
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// A number in octal digits, or big-endian behind a byte of 0x80 or 0xff; `None` if it is neither or does not fit.
    fn number(&self, at: usize, length: usize) -> Option<i64> {
        let field = self.0.get(at..at + length)?;
        if let Some(first @ (0x80 | 0xff)) = field.first() {
            let sign = if *first == 0xff { -1i128 } else { 0 };
            let value = field.iter().skip(1).fold(sign, |value, byte| (value << 8) | i128::from(*byte));
            return i64::try_from(value).ok();
        }
        let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
        if text.is_empty() { Some(0) } else { i64::from_str_radix(text, 8).ok() }
    }

    /// The sum of all bytes, the field of the sum taken for blanks; old archives have it of signed bytes.
    fn is_right(&self) -> bool {
        let Some(stored) = self.number(148, 8) else { return false };
        let without = |at: usize, byte: u8| if (148..156).contains(&at) { b' ' } else { byte };
        let unsigned: i64 = self.0.iter().enumerate().map(|(at, byte)| i64::from(without(at, *byte))).sum();
        let signed: i64 = self.0.iter().enumerate().map(|(at, byte)| i64::from(without(at, *byte) as i8)).sum();
        stored == unsigned || stored == signed
    }

    /// The name, with what ustar has of it in front.
    fn name(&self) -> Vec<u8> {
        let name = self.text(0, 100);
        let prefix = if self.0.get(257..263) == Some(b"ustar\0") { self.text(345, 155) } else { &[] };
        if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
    }
}

/// Whether a file begins like a tar archive.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.first_chunk::<BLOCK>().is_some_and(|block| {
        let header = Header(block);
        block.iter().any(|byte| *byte != 0) && header.is_right()
    })
}

/// Looks through an archive. What is damaged or cut ends it, with a problem; what came before stays.
pub(super) fn read(from: &mut dyn Forward, found: &mut Found) -> io::Result<()> {
    let mut walk = Walk { pax: Pax::default(), all: Pax::default(), is_first: true };
    loop {
        match walk.next(from, found) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) if walk.is_first || crate::is_unanswered(&error) => return Err(error),
            Err(error) => {
                let kind = match classify(&error) {
                    ProblemKind::FileUnreadable | ProblemKind::FileVanished => ProblemKind::PartiallyExamined,
                    kind => kind,
                };
                let root = found.root.clone();
                let message = format!("{error}; what follows at byte {} was not read", from.position());
                found.problem_log.once(kind, &root, message);
                return Ok(());
            }
        }
    }
}

struct Walk {
    /// What the headers before a member say of it.
    pax: Pax,
    /// What a header says of all that follow.
    all: Pax,
    is_first: bool,
}

impl Walk {
    /// Takes the next header; `false` at the end.
    fn next(&mut self, from: &mut dyn Forward, found: &mut Found) -> io::Result<bool> {
        let mut block = [0; BLOCK];
        let mut zeros = 0;
        loop {
            let count = from.read(&mut block)?;
            if count == 0 {
                return match zeros {
                    0 if self.is_first => Err(damaged("it is empty")),
                    // A member without its end, or an archive without one: nothing says that this is all of it.
                    0 => Err(damaged("the archive has no end: it is truncated")),
                    _ => Ok(false),
                };
            }
            if count < BLOCK {
                return Err(damaged("the archive is truncated"));
            }
            if block.iter().any(|byte| *byte != 0) {
                break;
            }
            zeros += 1;
            if zeros > ZEROS {
                return Ok(false);
            }
        }
        let header = Header(&block);
        if !header.is_right() {
            return Err(damaged(if zeros > 0 {
                "the archive is followed by data that is not a tar archive"
            } else {
                "a header of the archive is damaged"
            }));
        }
        self.is_first = false;
        let size = header.number(124, 12).and_then(|size| u64::try_from(size).ok());
        let size = size.ok_or_else(|| damaged("a header of the archive has an impossible size"))?;
        match block[156] {
            kind @ (b'x' | b'X' | b'g') => {
                let text = long(from, size)?;
                let into = if kind == b'g' { &mut self.all } else { &mut self.pax };
                if !into.take(&text) {
                    let root = found.root.clone();
                    let what = "has a malformed pax header, which was ignored";
                    found.problem_log.note(ProblemKind::PartiallyExamined, &root, what);
                }
                Ok(true)
            }
            b'L' => {
                self.pax.name = Some(until_zero(long(from, size)?));
                Ok(true)
            }
            b'K' => {
                self.pax.link = Some(until_zero(long(from, size)?));
                Ok(true)
            }
            _ => {
                let pax = std::mem::take(&mut self.pax).or(&self.all);
                member(&header, pax, size, from, found)
            }
        }
    }
}

fn damaged(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The content of a header that describes the next member.
fn long(from: &mut dyn Forward, size: u64) -> io::Result<Vec<u8>> {
    if size > LONGEST {
        return Err(damaged("a header of the archive is longer than any name can be"));
    }
    let mut text = vec![0; usize::try_from(size).unwrap_or(0)];
    if from.read(&mut text)? < text.len() {
        return Err(damaged("the archive is truncated"));
    }
    from.skip(padding(size))?;
    Ok(text)
}

fn until_zero(mut text: Vec<u8>) -> Vec<u8> {
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    text.truncate(end);
    text
}

fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

/// Takes a member and passes by its content.
fn member(header: &Header<'_>, pax: Pax, size: u64, from: &mut dyn Forward, found: &mut Found) -> io::Result<bool> {
    let kind = header.0[156];
    let raw = pax.name.clone().unwrap_or_else(|| header.name());
    let mut taken: Taken = names::taken(&raw, false);
    let how = match kind {
        b'0' | 0 | b'7' if taken.is_folder && kind != b'7' => How::Folder,
        _ if pax.is_sparse || kind == b'S' => How::Not(Why::Sparse),
        b'0' | 0 | b'7' => How::Stored,
        b'1' => How::HardLink,
        b'2' => How::Link,
        b'3' | b'4' | b'6' => How::Device,
        b'5' | b'D' => How::Folder,
        b'M' => How::Not(Why::Outside),
        b'V' => return pass(from, size).map(|()| true), // the label of the volume
        // POSIX: an unknown kind is a file.
        _ => How::Stored,
    };
    taken.is_folder = how == How::Folder;
    // Links and devices have no content, whatever their size says (pax, "typeflag").
    let stored = if matches!(how, How::Link | How::Device) || kind == b'5' { 0 } else { pax.size.unwrap_or(size) };
    if kind == b'S' {
        extensions(header, from)?;
    }
    let seconds = header.number(136, 12).filter(|seconds| *seconds != 0).map(|seconds| Timestamp::new(seconds, 0));
    let modified = Stamp::of_time(pax.times.modified.or(seconds));
    let size = pax.real_size.unwrap_or(stored);
    let entry = Member { at: from.position(), packed: stored, size, modified, check: None, block: 0, how };
    let before = found.members.len();
    if !found.add(&taken, entry) {
        return Ok(false);
    }
    if found.members.len() > before {
        found.set_times(Times { modified: None, ..pax.times });
        if matches!(how, How::Link | How::HardLink) {
            let target = pax.link.unwrap_or_else(|| header.text(157, 100).to_vec());
            let target = match how {
                How::HardLink => names::taken(&target, false).names.join("/"),
                _ => String::from_utf8_lossy(&target).into_owned(),
            };
            found.set_target(target);
        }
    }
    pass(from, stored)?;
    Ok(true)
}

fn pass(from: &mut dyn Forward, size: u64) -> io::Result<()> {
    from.skip(size.saturating_add(padding(size)))
}

/// Passes by the blocks that go on with the map of a sparse file of old GNU tar.
fn extensions(header: &Header<'_>, from: &mut dyn Forward) -> io::Result<()> {
    let mut more = header.0[482] != 0;
    while more {
        let mut block = [0; BLOCK];
        if from.read(&mut block)? < BLOCK {
            return Err(damaged("the archive is truncated"));
        }
        more = block[504] != 0;
    }
    Ok(())
}

/// Files that are second names of others get the content of these, also through further hard links.
pub(super) fn follow_hard_links(found: &mut Found, find: &dyn Fn(&str) -> Option<u32>) {
    const STEPS: usize = 8;
    let links: Vec<u32> = found.targets.keys().copied().collect();
    for own in links {
        let is_hard = |member: Option<Member>| member.is_some_and(|member| member.how == How::HardLink);
        if !is_hard(found.members.get(own)) {
            continue;
        }
        let mut here = own;
        for _ in 0..STEPS {
            let Some(next) = found.targets.get(&here).and_then(|target| find(target)) else { break };
            here = next;
            if !is_hard(found.members.get(here)) {
                break;
            }
        }
        let to = found.members.get(here).filter(|to| !matches!(to.how, How::HardLink | How::Folder));
        if let (Some(to), Some(Member { modified, .. })) = (to, found.members.get(own)) {
            found.members.set(own, Member { modified, ..to });
        }
    }
}
