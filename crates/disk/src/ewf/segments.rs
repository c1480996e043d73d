//! Walks the sections of all segments of an image.

use super::header;
use super::names::segment;
use super::table::{Span, Table};
use crate::ReadAt;
use crate::bytes::{damaged, le16, le32, le64, plain, read_vec, sixteen};
use crate::error::{Unopened, Why, failed, unopened};
use crate::files::{beside, split};
use crate::image::{Fact, StoredHashes};
use crate::opening::Opening;
use std::io;
use std::sync::Arc;

/// What the segments of an image hold, up to the first that is missing or damaged.
#[derive(Default)]
pub(super) struct Set {
    pub(super) segments: Vec<Arc<dyn ReadAt>>,
    pub(super) tables: Vec<Table>,
    pub(super) geometry: Option<Geometry>,
    pub(super) facts: Vec<Fact>,
    pub(super) hashes: StoredHashes,
    pub(super) is_smart: bool,
    /// Why it was not read to its end.
    pub(super) cut: Option<String>,
    /// What is odd about its sections although they were followed.
    pub(super) odd: Option<String>,
    set_id: [u8; 16],
    sections: usize,
    has_wide_header: bool,
    /// How many header sections were unpacked.
    headers: usize,
}

/// The volume section: the geometry of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) chunks: u32,
    pub(super) sectors_per_chunk: u32,
    pub(super) sector: u32,
    pub(super) sectors: u64,
}

const FILE_HEADER: u64 = 13;
const SECTION: usize = 76;
/// Sections of an image; EnCase needs three for 512 MiB.
const SECTIONS: usize = 400_000;
/// Header sections that are unpacked in search of one that says something: writers make three.
const HEADERS: usize = 16;
/// Ranges of unreadable sectors that are counted.
const ERRORS: usize = 1 << 16;

/// How a segment ends.
enum End {
    /// Another one follows.
    Next,
    /// It was the last one.
    Done,
}

impl Set {
    pub(super) fn read(opening: &mut Opening<'_>, name: &str, first: Arc<dyn ReadAt>) -> Result<Self, Unopened> {
        let head = read_vec(&*first, 0, FILE_HEADER as usize, "its header").map_err(|error| failed(name, &error))?;
        let number = le16(&head, 9);
        if number != 1 {
            let which = segment(split(name).1, 1).map_or(String::new(), |first| format!(", {first}"));
            let reason = format!("it is segment {number} of an image; specify the first one{which}");
            return Err(unopened(name, Why::Unsupported, reason));
        }
        let mut set = Self::default();
        let mut source = first;
        loop {
            set.segments.push(Arc::clone(&source));
            let number = u32::try_from(set.segments.len()).unwrap_or(u32::MAX);
            let file = segment(split(name).1, number).unwrap_or_else(|| split(name).1.to_owned());
            match set.segment(opening, name, &*source) {
                Ok(End::Done) => return Ok(set),
                Ok(End::Next) => {}
                Err(error) => {
                    set.cut =
                        Some(if number == 1 { error.to_string() } else { format!("in its segment {file} {error}") });
                    return Ok(set);
                }
            }
            let Some(next) = segment(split(name).1, number + 1) else {
                set.cut =
                    Some("it has more segments, but their names cannot be derived: its own is not NAME.E01".to_owned());
                return Ok(set);
            };
            match set.next(opening, &beside(name, &next), number + 1) {
                Ok(next) => source = next,
                Err(reason) => {
                    set.cut = Some(format!("its segment {next} {reason}"));
                    return Ok(set);
                }
            }
        }
    }

    fn next(&self, opening: &mut Opening<'_>, name: &str, number: u32) -> Result<Arc<dyn ReadAt>, String> {
        let source = opening.file(name).map_err(|error| match error.why {
            Why::Missing => "is missing".to_owned(),
            _ => format!("cannot be read: {}", error.reason),
        })?;
        let head = read_vec(&*source, 0, FILE_HEADER as usize, "its header")
            .map_err(|error| format!("cannot be read: {error}"))?;
        if !head.starts_with(b"EVF\x09\r\n\xff\0") || u32::from(le16(&head, 9)) != number {
            return Err("is not the next segment of this image".to_owned());
        }
        Ok(source)
    }

    /// Walks the sections of a segment.
    fn segment(&mut self, opening: &mut Opening<'_>, name: &str, file: &dyn ReadAt) -> io::Result<End> {
        let mut at = FILE_HEADER;
        let (mut chunks, mut last_table) = (None, None);
        loop {
            self.sections += 1;
            if self.sections > SECTIONS {
                return Err(damaged("it has more sections than is plausible"));
            }
            let section = read_vec(file, at, SECTION, "a section")?;
            if section.get(..72).map(adler2::adler32_slice) != Some(le32(&section, 72)) {
                return Err(damaged(format!("the header of the section at {at} does not match its checksum")));
            }
            let kind =
                section.get(..16).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
            if &*kind != b"table2"
                && let Some(error) = last_table.take()
            {
                return Err(error);
            }
            match &*kind {
                b"next" => return Ok(End::Next),
                b"done" => return Ok(End::Done),
                _ => {}
            }
            let (next, size) = (le64(&section, 16), le64(&section, 24));
            if next > file.len() {
                return Err(damaged(format!("it is truncated: the section at {at} ends beyond the file")));
            }
            if next < at + SECTION as u64 {
                return Err(damaged(format!("the section at {at} does not say where the next one is")));
            }
            // Two chains in one image, one by sizes and one by offsets, would show two programs two disks.
            if size != 0 && at.checked_add(size) != Some(next) && self.odd.is_none() {
                self.odd = Some(format!(
                    "the size of its section at {at} contradicts the place of the next one, which is followed"
                ));
            }
            let span = Span { at: at + SECTION as u64, end: next };
            match &*kind {
                b"sectors" => chunks = Some(span),
                b"table" => last_table = self.table(file, span, chunks),
                b"table2" => self.copy(file, span, chunks, last_table.take())?,
                _ => self.other(&kind, opening, name, file, span)?,
            }
            at = next;
        }
    }

    fn chunks(&self) -> u64 {
        self.tables.last().map_or(0, |table| table.first_chunk + u64::from(table.count))
    }

    /// Takes a table; its error stands until the copy is read.
    fn table(&mut self, file: &dyn ReadAt, span: Span, chunks: Option<Span>) -> Option<io::Error> {
        match Table::read(file, span, chunks, self.segments.len() - 1, self.chunks()) {
            Ok(table) => self.tables.push(table),
            Err(error) => return Some(error),
        }
        None
    }

    fn copy(
        &mut self,
        file: &dyn ReadAt,
        span: Span,
        chunks: Option<Span>,
        failed: Option<io::Error>,
    ) -> io::Result<()> {
        match (Table::read(file, span, chunks, self.segments.len() - 1, self.chunks()), failed) {
            (Ok(table), Some(_)) => self.tables.push(table),
            (Err(_), Some(error)) => return Err(error),
            (Ok(table), None) => {
                if let Some(last) = self.tables.last_mut().filter(|last| last.matches(&table)) {
                    last.copy_at = Some(table.offsets_at());
                }
            }
            (Err(_), None) => {}
        }
        Ok(())
    }

    fn other(
        &mut self,
        kind: &[u8],
        opening: &mut Opening<'_>,
        name: &str,
        file: &dyn ReadAt,
        span: Span,
    ) -> io::Result<()> {
        let size = usize::try_from(span.end - span.at).unwrap_or(usize::MAX);
        match kind {
            b"volume" | b"disk" | b"data" => {
                self.volume(opening, name, &read_vec(file, span.at, size.min(1052), "its volume section")?)
            }
            b"header" | b"header2" if self.headers >= HEADERS => {}
            b"header" if self.facts.is_empty() && size <= header::PACKED => {
                self.headers += 1;
                self.facts = header::facts(&read_vec(file, span.at, size, "its header section")?, false);
            }
            b"header2" if !self.has_wide_header && size <= header::PACKED => {
                self.headers += 1;
                self.facts = header::facts(&read_vec(file, span.at, size, "its header section")?, true);
                self.has_wide_header = !self.facts.is_empty();
            }
            b"hash" | b"digest" => {
                // An MD5, and in the second a SHA-1; zeros where there is none.
                let length = if kind == b"hash" { 36 } else { 80 };
                let bytes = read_vec(file, span.at, length, "its stored hash")?;
                self.check(opening, name, &bytes, "stored hash");
                self.md5(opening, name, sixteen(&bytes, 0));
                let sha1: Option<[u8; 20]> = bytes.get(16..36).and_then(|part| part.try_into().ok());
                let sha1 = sha1.filter(|sha1| kind == b"digest" && *sha1 != [0; 20]);
                self.hashes.sha1 = sha1.or(self.hashes.sha1);
            }
            b"error2" => unreadable(
                opening,
                name,
                &read_vec(file, span.at, size.min(520 + 8 * ERRORS), "its list of read errors")?,
            ),
            b"incomplete" => self.odd = Some("it is marked as incomplete".to_owned()),
            _ => {}
        }
        Ok(())
    }

    /// Tells that a section does not match the Adler-32 at its end. Logicube writes zeros there.
    fn check(&self, opening: &mut Opening<'_>, name: &str, bytes: &[u8], what: &str) {
        let end = bytes.len().saturating_sub(4);
        let (own, sum) = (bytes.get(..end).unwrap_or_default(), le32(bytes, end));
        if sum != 0 && adler2::adler32_slice(own) != sum {
            opening.problem(name, format!("its {what} does not match its checksum"));
        }
    }

    fn md5(&mut self, opening: &mut Opening<'_>, name: &str, md5: [u8; 16]) {
        match self.hashes.md5 {
            _ if md5 == [0; 16] => {}
            Some(other) if other != md5 => {
                opening.problem(name, "it contains two different MD5 hashes of its disk".to_owned())
            }
            _ => self.hashes.md5 = Some(md5),
        }
    }

    /// What a volume section says; a data section repeats it in the later segments.
    fn volume(&mut self, opening: &mut Opening<'_>, name: &str, bytes: &[u8]) {
        let is_short = bytes.len() < 1052;
        let sectors = if is_short { u64::from(le32(bytes, 16)) } else { le64(bytes, 16) };
        let geometry =
            Geometry { chunks: le32(bytes, 4), sectors_per_chunk: le32(bytes, 8), sector: le32(bytes, 12), sectors };
        let id = if is_short { [0; 16] } else { sixteen(bytes, 64) };
        if self.geometry.is_none() {
            let end = if is_short { 94 } else { 1052 };
            self.check(opening, name, bytes.get(..end).unwrap_or(bytes), "volume section");
            (self.geometry, self.set_id) = (Some(geometry), id);
            self.is_smart = is_short;
        } else if id != self.set_id && id != [0; 16] && self.set_id != [0; 16] {
            let number = self.segments.len();
            opening.problem(name, format!("its segment {number} is of another acquisition by its set identifier"));
            self.set_id = id;
        }
    }
}

/// Sectors that could not be read when the image was made are stored as zeros.
fn unreadable(opening: &mut Opening<'_>, name: &str, bytes: &[u8]) {
    let count = (le32(bytes, 0) as usize).min(bytes.len().saturating_sub(520) / 8);
    let (mut sectors, mut first) = (0u64, None);
    for entry in bytes.get(520..).unwrap_or_default().chunks_exact(8).take(count) {
        first = first.or(Some(le32(entry, 0)));
        sectors += u64::from(le32(entry, 4));
    }
    if let Some(first) = first {
        let text = format!(
            "{sectors} sectors could not be read when it was acquired and are zeros in it, the first is {first}"
        );
        opening.problem(name, plain(&text));
    }
}
