//! The file as a stream: its header, its chunks one at a time, the records in them. Numbers are little-endian.

use super::checks;
use super::event::{Event, from_nanoseconds};
use super::span::{Span, is_plausible};
use crate::model::{Problem, ProblemKind, ServerPath, Timestamp};
use aho_corasick::AhoCorasick;
use evtx::{EvtxChunkData, EvtxRecord, ParserSettings};
use memchr::memmem::{self, Finder};
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

/// The block that the file begins with.
const FILE_HEADER: usize = 4_096;
/// A chunk, whose header is the first 512 bytes.
const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;
const RECORD_HEADER: usize = 24;
/// Bytes of a log that are passed over in search of its last chunk.
const LARGEST: u64 = 64 << 20;
/// Flags of file and chunk: it was not closed; it has no checksums.
const DIRTY: u32 = 1;
const NO_CHECKSUM: u32 = 4;
/// What a chunk begins with.
const MAGIC: &[u8] = b"ElfChnk\0";
/// Said of a chunk that is none.
const OVERWRITTEN: &str = "contains neither a header nor records: it was overwritten";
/// Problems of one file that are reported one by one.
const MOST_LISTED: usize = 10;

/// Whether a file that begins with these bytes is an event log.
pub fn is_event_log(start: &[u8]) -> bool {
    start.starts_with(b"ElfFile\0")
}

/// What went wrong with one file: listed up to a number, then counted.
pub(super) struct ProblemLog<'f> {
    path: &'f ServerPath,
    member: Option<&'f str>,
    listed: Vec<Problem>,
    omitted: usize,
}

impl<'f> ProblemLog<'f> {
    pub(super) fn new(path: &'f ServerPath, member: Option<&'f str>) -> Self {
        Self { path, member, listed: Vec::new(), omitted: 0 }
    }

    fn report(&mut self, message: String) {
        if self.listed.len() >= MOST_LISTED {
            self.omitted += 1;
            return;
        }
        let message = match self.member {
            Some(member) => format!("{member}: {message}"),
            None => message,
        };
        self.listed.push(Problem::at(ProblemKind::LogDamaged, self.path, message));
    }

    /// Hands the problems over.
    pub(super) fn settle(mut self, problems: &mut Vec<Problem>) {
        if self.omitted > 0 {
            let message = format!("{} more places could not be read", self.omitted);
            self.listed.push(Problem::at(ProblemKind::LogDamaged, self.path, message));
        }
        problems.append(&mut self.listed);
    }
}

/// Reads a file to its end, whatever its header counts, and passes on the events that may show something. Gives the number of
/// bytes.
pub(super) fn read(
    reader: &mut dyn Read,
    span: &mut Span,
    problem_log: &mut ProblemLog<'_>,
    each: &mut dyn FnMut(&Event),
) -> u64 {
    let mut header = vec![0; FILE_HEADER];
    let (length, failed) = fill(reader, &mut header);
    let mut bytes = length as u64;
    if let Some(error) = failed {
        problem_log.report(format!("could not be read from the start: {error}"));
        return bytes;
    }
    if !is_event_log(&header) {
        problem_log.report("is not an event log".to_owned());
        return bytes;
    }
    if length < FILE_HEADER {
        problem_log.report("ends inside its header".to_owned());
        return bytes;
    }
    let flags = number(&header, 120);
    if flags & (DIRTY | NO_CHECKSUM) == 0 && number(&header, 124) != evtx::checksum_ieee(&header[..120]) {
        problem_log.report("the file header is damaged; the whole file was read".to_owned());
    }
    // Of a log that was not closed the chunk that is written last has old checksums, which is no damage.
    let checked = flags & DIRTY == 0;
    let counted = u64::from(number(&header, 42) as u16);
    // Chunks without header and records: room that was never used, unless a used chunk follows.
    let mut unknown = Vec::new();
    for place in 0_u64.. {
        let mut chunk = vec![0; CHUNK];
        let (length, failed) = fill(reader, &mut chunk);
        bytes += length as u64;
        let at = format!("chunk {place} (at byte {})", FILE_HEADER as u64 + place * CHUNK as u64);
        if length > 0 && chunk.iter().any(|byte| *byte != 0) {
            if length < CHUNK && failed.is_none() {
                problem_log.report(format!("{at}: the file ends inside it"));
            }
            if !chunk.starts_with(MAGIC) && records(&chunk).next().is_none() {
                unknown.push(at.clone());
                unknown.truncate(MOST_LISTED);
            } else {
                unknown.drain(..).for_each(|at| problem_log.report(format!("{at}: {OVERWRITTEN}")));
                read_chunk(chunk, &at, checked && length == CHUNK, span, problem_log, each);
            }
            if place < counted {
                unknown.drain(..).for_each(|at| problem_log.report(format!("{at}: {OVERWRITTEN}")));
            }
        }
        if let Some(error) = failed {
            problem_log.report(format!("{at}: could not be read further: {error}"));
        }
        if length < CHUNK {
            break;
        }
    }
    match span.out_of_range {
        0 => {}
        1 => problem_log.report("1 record has an impossible time".to_owned()),
        many => problem_log.report(format!("{many} records have an impossible time")),
    }
    bytes
}

/// The computer that the last event of the chunk in use names; `None` where that cannot be read.
pub(super) fn computer(reader: &mut dyn Read) -> Option<String> {
    let mut header = vec![0; FILE_HEADER];
    if fill(reader, &mut header).0 < FILE_HEADER || !is_event_log(&header) {
        return None;
    }
    let before = u64::from(number(&header, 16)) * CHUNK as u64;
    if before > LARGEST || io::copy(&mut reader.take(before), &mut io::sink()).ok()? < before {
        return None;
    }
    let mut chunk = vec![0; CHUNK];
    fill(reader, &mut chunk);
    let path = ServerPath::drive('C');
    let mut silent = ProblemLog::new(&path, None);
    let mut name = None;
    let read = catch_unwind(AssertUnwindSafe(|| {
        render(chunk, &[], "", &mut silent, &mut |event, _| {
            if !event.computer.is_empty() {
                name = Some(event.computer.clone());
            }
        });
    }));
    read.ok().and(name)
}

/// Reads until the buffer is full, the end or an error.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (length, Some(error)),
        }
    }
    (length, None)
}

fn read_chunk(
    mut chunk: Vec<u8>,
    at: &str,
    checked: bool,
    span: &mut Span,
    problem_log: &mut ProblemLog<'_>,
    each: &mut dyn FnMut(&Event),
) {
    if let Some(what) = damage(&chunk, checked) {
        problem_log.report(format!("{at}: {what}"));
    }
    let hidden = reveal(&mut chunk);
    let mut timeless = times(&chunk, span);
    let of_interest = !hidden.is_empty() || is_of_interest(&chunk);
    if !of_interest && timeless.is_empty() {
        return;
    }
    // Damage in records that would not have been read, but for the time of another, is not reported.
    let mut silent = ProblemLog::new(problem_log.path, None);
    let heard = if of_interest { &mut *problem_log } else { &mut silent };
    // The crate is built for damaged logs; should it fail none the less, one chunk is lost and not the run.
    let read = catch_unwind(AssertUnwindSafe(|| {
        render(chunk, &hidden, at, heard, &mut |event, place| {
            if timeless.remove(&place) {
                span.see(event.time);
            }
            if of_interest {
                each(event);
            }
        });
    }));
    span.out_of_range += timeless.len() as u64;
    if read.is_err() {
        problem_log.report(format!("{at}: the parser failed"));
    }
}

/// What is wrong with a chunk as a whole.
fn damage(chunk: &[u8], checked: bool) -> Option<&'static str> {
    if !chunk.starts_with(MAGIC) {
        return Some("has no chunk header; anything that looks like a record was read");
    }
    if !checked || number(chunk, 120) & (DIRTY | NO_CHECKSUM) != 0 {
        return None;
    }
    let header = [&chunk[..120], &chunk[128..CHUNK_HEADER]].concat();
    if number(chunk, 124) != evtx::checksum_ieee(&header) {
        return Some("the header checksum is wrong");
    }
    let records = chunk.get(CHUNK_HEADER..number(chunk, 48) as usize);
    match records {
        Some(records) if number(chunk, 52) == evtx::checksum_ieee(records) => None,
        _ => Some("the record checksum is wrong"),
    }
}

/// Takes the times of the records. Gives the places of those whose header has none: the last record of a log that wevtutil or
/// the Event Viewer exported has the time 0 there, and its own in the event.
fn times(chunk: &[u8], span: &mut Span) -> BTreeSet<usize> {
    // What is behind the used part was written on an earlier pass over the ring: older than what the log covers.
    let end = match number(chunk, 48) as usize {
        end if chunk.starts_with(MAGIC) && (CHUNK_HEADER..=chunk.len()).contains(&end) => end,
        _ => chunk.len(),
    };
    let mut timeless = BTreeSet::new();
    for (at, time) in records(chunk).take_while(|(at, _)| *at < end) {
        span.number(u64::from(number(chunk, at + 12)) << 32 | u64::from(number(chunk, at + 8)));
        match time.filter(|time| is_plausible(*time)) {
            Some(time) => span.see(Some(time)),
            None => {
                timeless.insert(at);
            }
        }
    }
    timeless
}

/// Where records stand, one behind the other or further on, and their times, which their headers say.
fn records(chunk: &[u8]) -> impl Iterator<Item = (usize, Option<Timestamp>)> {
    whole_records(chunk).map(|record| {
        let at = record.start;
        let ticks = u64::from(number(chunk, at + 20)) << 32 | u64::from(number(chunk, at + 16));
        (at, Timestamp::from_filetime(ticks))
    })
}

/// What has the head and the end of a record and is not inside another.
fn whole_records(chunk: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut end = CHUNK_HEADER;
    memmem::find_iter(chunk.get(CHUNK_HEADER..).unwrap_or_default(), b"**\0\0").filter_map(move |hit| {
        let at = CHUNK_HEADER + hit;
        let size = number(chunk, at + 4);
        let last = (size as usize).checked_sub(4).filter(|last| at >= end && *last >= RECORD_HEADER)?;
        // A record ends with its size once more.
        if chunk.get(at.checked_add(last)?..)?.first_chunk() != Some(&size.to_le_bytes()) {
            return None;
        }
        end = at + last + 4;
        Some(at..end)
    })
}

/// Brings out records that are inside another: a tool that takes an event out of a log makes the record before it as long as both
/// and leaves the rest (Fox-IT on eventlogedit of DanderSpritz, 2017). Gives their places.
fn reveal(chunk: &mut [u8]) -> Vec<usize> {
    let mut hidden = Vec::new();
    for record in whole_records(chunk).collect::<Vec<_>>() {
        let inside = record.start + RECORD_HEADER..record.end;
        let Some(bytes) = chunk.get(inside.clone()) else { continue };
        let mut starts = vec![record.start];
        let mut before = record.start;
        for at in memmem::find_iter(bytes, b"**\0\0").map(|hit| inside.start + hit) {
            // It begins where the one before it ended, as that one's end still says.
            if number(chunk, at - 4) as usize == at - before {
                starts.push(at);
                before = at;
            }
        }
        // Each ends where the next begins, the last one with the record; the first says otherwise, and did not once.
        let mut ends = starts.iter().skip(1).zip(starts.iter().skip(2).chain([&record.end]));
        if ends.any(|(at, end)| number(chunk, at + 4) as usize != end - at) {
            continue;
        }
        for pair in starts.windows(2) {
            if let [before, at] = pair {
                chunk[before + 4..before + 8].copy_from_slice(&((at - before) as u32).to_le_bytes());
                hidden.push(*at);
            }
        }
    }
    hidden
}

/// A number of four bytes; zero past the end.
fn number(bytes: &[u8], at: usize) -> u32 {
    let four = at.checked_add(4).and_then(|end| bytes.get(at..end)).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

/// Whether a chunk may hold an event that shows something: first one of the names that such events always hold as they are,
/// each found many times faster than memory is read from a disk; only then the words of the checks, in any case.
fn is_of_interest(chunk: &[u8]) -> bool {
    static SEARCHES: OnceLock<(Vec<Finder<'static>>, AhoCorasick)> = OnceLock::new();
    let wide = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (names, words) = SEARCHES.get_or_init(|| {
        let names = checks::NAMES.iter().map(|name| Finder::new(&wide(name)).into_owned()).collect();
        let words = AhoCorasick::builder().ascii_case_insensitive(true).build(checks::needles().map(wide));
        (names, words.expect("the words are few and short"))
    });
    names.iter().any(|name| name.find(chunk).is_some()) && words.is_match(chunk)
}

/// Passes on every event of a chunk, with the place of its record.
fn render(
    chunk: Vec<u8>,
    hidden: &[usize],
    at: &str,
    problem_log: &mut ProblemLog<'_>,
    each: &mut dyn FnMut(&Event, usize),
) {
    // Records that the header does not count are read as well.
    let settings = Arc::new(ParserSettings::new().recover_records(true).indent(false).num_threads(1));
    let sound = chunk.starts_with(MAGIC)
        && EvtxChunkData::new(chunk.clone(), false).is_ok_and(|mut data| data.parse(Arc::clone(&settings)).is_ok());
    let chunk = if sound { chunk } else { without_header(chunk) };
    let mut data = match EvtxChunkData::new(chunk, false) {
        Ok(data) => data,
        Err(error) => return problem_log.report(format!("{at}: {}", chain(&error))),
    };
    let mut parsed = match data.parse(settings) {
        Ok(parsed) => parsed,
        Err(error) => return problem_log.report(format!("{at}: {}", chain(&error))),
    };
    for record in parsed.iter() {
        let place = record.as_ref().map_or(0, |record| record.binxml_offset as usize);
        match record.and_then(EvtxRecord::into_xml) {
            Ok(rendered) => {
                let time = Some(from_nanoseconds(rendered.timestamp.as_nanosecond()));
                let mut event = Event::read(&rendered.data, rendered.event_record_id, time, rendered.recovered);
                let place = place.saturating_sub(RECORD_HEADER);
                event.hidden = hidden.contains(&place);
                each(&event, place);
            }
            Err(error) => problem_log.report(format!("{at}: {}", chain(&error))),
        }
    }
}

/// The chunk with a header that says nothing: no tables of strings and templates (what they list is found where it is, too),
/// records anywhere. One wrong byte there must not hide a whole chunk.
fn without_header(mut chunk: Vec<u8>) -> Vec<u8> {
    if let Some(header) = chunk.get_mut(..CHUNK_HEADER) {
        header.fill(0);
        header[..8].copy_from_slice(MAGIC);
        header[16..24].fill(0xFF); // the last record's number
        header[32..40].fill(0xFF); // and id
        header[40] = 128; // the size of the header
        header[44..48].copy_from_slice(&(CHUNK as u32).to_le_bytes()); // where the last record lies
        header[48..52].copy_from_slice(&(CHUNK as u32).to_le_bytes()); // where the free space begins
    }
    chunk
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
