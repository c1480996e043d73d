//! Converts the bytes of a file to the UTF-8 text of its logs: decompresses `.gz` and `.zip`, decodes UTF-16. The type
//! is determined by the first bytes, not by the name.

use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};

/// Archives up to this size are read into memory, so that their directory is used; larger ones are read from the front.
const IN_MEMORY: u64 = 64 << 20;
/// What a packed log may unpack to: logs shrink to a twentieth or a fiftieth, and bombs to a thousandth.
const MOST_GROWTH: u64 = 200;
const FREE_GROWTH: u64 = 16 << 20;
/// Members of an archive that are read.
const MOST_MEMBERS: usize = 100_000;
/// Characters of a member's name that are kept.
const NAME: usize = 260;

/// Takes a text, and the name of the member it is. An error is about what could not be read; `false` ends it all.
pub(super) type Each<'e> = dyn FnMut(&mut dyn Read, Option<&str>) -> io::Result<bool> + 'e;

/// Trouble with one part of a file, in words.
pub(super) struct Trouble {
    pub(super) member: Option<String>,
    pub(super) words: String,
}

/// Hands each text in a file to `each` with the name of the member it is, if the file is an archive. `each` returns an error only for
/// what it could not read, and `false` to stop. What cannot be unpacked is passed to `trouble`; an error is about the file itself.
pub(super) fn texts(
    mut file: Box<dyn Read + Send>,
    size: u64,
    each: &mut Each<'_>,
    trouble: &mut dyn FnMut(Trouble),
) -> io::Result<()> {
    let mut head = [0; 4];
    let (got, error) = read_full(&mut file, &mut head);
    let head = head.get(..got).unwrap_or_default();
    let whole = Again { head, error, rest: &mut file };
    let most = size.saturating_mul(MOST_GROWTH).saturating_add(FREE_GROWTH);
    match head {
        [0x1F, 0x8B, ..] => {
            let mut bounded = Bounded { inner: MultiGzDecoder::new(whole), left: most, cut: false };
            let done = decoded(&mut bounded, None, each);
            if bounded.cut {
                trouble(Trouble { member: None, words: bomb(most) });
            } else if let Err(error) = done {
                trouble(Trouble { member: None, words: format!("cannot be decompressed further: {error}") });
            }
            Ok(())
        }
        b"PK\x03\x04" => {
            zip(whole, size, most, each, trouble);
            Ok(())
        }
        _ => decoded(&mut { whole }, None, each).map(drop),
    }
}

fn bomb(most: u64) -> String {
    format!("decompresses to more than {} MiB, which no log does: the rest was not read", most >> 20)
}

/// The members of an archive.
fn zip(mut whole: impl Read, size: u64, mut most: u64, each: &mut Each<'_>, trouble: &mut dyn FnMut(Trouble)) {
    let of_archive = |words: String| Trouble { member: None, words };
    let limit = most;
    if size > IN_MEMORY {
        for _ in 0..MOST_MEMBERS {
            match zip::read::read_zipfile_from_stream(&mut whole) {
                Ok(Some(mut member)) => {
                    if !one_member(&mut member, limit, &mut most, each, trouble) {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => return trouble(of_archive(format!("cannot be decompressed further: {error}"))),
            }
        }
        return trouble(of_archive(format!("more than {MOST_MEMBERS} members: the rest was not read")));
    }
    let mut bytes = Vec::new();
    if let Err(error) = whole.take(IN_MEMORY).read_to_end(&mut bytes) {
        return trouble(of_archive(error.to_string()));
    }
    let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return trouble(of_archive(format!("is not a complete archive: {error}"))),
    };
    for at in 0..archive.len().min(MOST_MEMBERS) {
        match archive.by_index(at) {
            Ok(mut member) => {
                if !one_member(&mut member, limit, &mut most, each, trouble) {
                    return;
                }
            }
            Err(error) => trouble(of_archive(format!("member {} cannot be decompressed: {error}", at + 1))),
        }
    }
    if archive.len() > MOST_MEMBERS {
        trouble(of_archive(format!("more than {MOST_MEMBERS} members: the rest was not read")));
    }
}

/// Reads one member; `false` ends the archive.
fn one_member<R: Read>(
    member: &mut zip::read::ZipFile<'_, R>,
    limit: u64,
    left: &mut u64,
    each: &mut Each<'_>,
    trouble: &mut dyn FnMut(Trouble),
) -> bool {
    if member.is_dir() {
        return true;
    }
    let name: String = match member.name() {
        Ok(name) => name.chars().take(NAME).collect(),
        Err(_) => "a member whose name is not valid text".to_owned(),
    };
    let mut bounded = Bounded { inner: member, left: *left, cut: false };
    let done = decoded(&mut bounded, Some(&name), each);
    *left = bounded.left;
    if bounded.cut {
        trouble(Trouble { member: Some(name), words: bomb(limit) });
        return false;
    }
    match done {
        Ok(go_on) => go_on,
        Err(error) => {
            trouble(Trouble { member: Some(name), words: format!("cannot be decompressed further: {error}") });
            true
        }
    }
}

/// Hands a text on as UTF-8.
fn decoded(text: &mut dyn Read, member: Option<&str>, each: &mut Each<'_>) -> io::Result<bool> {
    let mut head = [0; 512];
    let (got, error) = read_full(text, &mut head);
    let head = head.get(..got).unwrap_or_default();
    let (encoding, mark) = match wide(head) {
        Some((encoding, mark)) => (Some(encoding), mark),
        // The mark of UTF-8 would stand before the first column's name.
        None => (None, if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }),
    };
    let mut whole = Again { head: head.get(mark..).unwrap_or_default(), error, rest: text };
    if encoding.is_none() {
        return each(&mut whole, member);
    }
    let mut decoder =
        encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(encoding).bom_override(false).build(whole);
    each(&mut decoder, member)
}

/// Which UTF-16 a text is, if it is one, and how long its mark is: by the mark, or, without one, by every other byte of its
/// start being zero.
fn wide(head: &[u8]) -> Option<(&'static encoding_rs::Encoding, usize)> {
    match head {
        [0xFF, 0xFE, ..] => return Some((encoding_rs::UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => return Some((encoding_rs::UTF_16BE, 2)),
        _ => {}
    }
    let pairs = || head.chunks_exact(2).take(32);
    let count = pairs().count();
    let most = |test: fn(&[u8]) -> bool| count >= 4 && pairs().filter(|pair| test(pair)).count() * 10 >= count * 9;
    if most(|pair| pair[0] != 0 && pair[1] == 0) {
        Some((encoding_rs::UTF_16LE, 0))
    } else if most(|pair| pair[0] == 0 && pair[1] != 0) {
        Some((encoding_rs::UTF_16BE, 0))
    } else {
        None
    }
}

/// Reads until the buffer is full, the input ends or an error comes, which is given with what came before it.
pub(super) fn read_full(input: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
        match input.read(free) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Bytes that were read ahead, what came of it, and what is still to be read.
struct Again<'a> {
    head: &'a [u8],
    error: Option<io::Error>,
    rest: &'a mut dyn Read,
}

impl Read for Again<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(buffer),
        }
    }
}

/// Ends with an error where a bomb would go on.
struct Bounded<R> {
    inner: R,
    left: u64,
    cut: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        match self.left.checked_sub(got as u64) {
            Some(left) => {
                self.left = left;
                Ok(got)
            }
            None => {
                self.cut = true;
                Err(io::Error::other("too large"))
            }
        }
    }
}
