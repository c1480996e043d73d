//! One worker: reads files in large blocks, finds candidate lines and runs the checks on those only.
//!
//! Of every other line only this is read: where it ends, whether its date and hour are the previous line's, and, in logs of IIS, its
//! path, which is looked up among the paths seen before.

use super::aggregate::LogLocation;
use super::checks::{LOG_CHECKS, Observations, PathClass, Record};
use super::coverage;
use super::format::{Field, Kind};
use super::job::{Shared, WorkerOutput};
use super::lines::{Columns, LONG, last_record, whole_record};
use super::recognise::is_office;
use super::requests::guid;
use super::stream::{self, read_full};
use super::text_state::{BUILDS, HOUR, Tally, TextState, is_no_text};
use crate::evidence::classify;
use crate::model::{Problem, ProblemKind, Remains, ServerPath};
use std::collections::HashMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A block of a file.
const BLOCK: usize = 512 << 10;
/// Paths whose class is remembered, and how long one may be.
const PATHS: usize = 50_000;
const PATH: usize = 2048;
/// Paths that are looked up first.
const RECENT: usize = 256;
/// A worker.
pub(super) struct Worker<'w> {
    shared: &'w Shared<'w>,
    pub(super) output: WorkerOutput,
    /// Paths of IIS's logs; `None` for those of which no request is checked.
    paths: HashMap<Box<[u8]>, Option<Rc<PathClass>>>,
    /// Those of them that came last, by a hash that costs next to nothing.
    recent: Vec<Option<Recent>>,
    hits: Vec<usize>,
    buffer: Vec<u8>,
}

/// A path and its class.
type Recent = (Box<[u8]>, Option<Rc<PathClass>>);

impl<'w> Worker<'w> {
    pub(super) fn new(shared: &'w Shared<'w>) -> Self {
        Self {
            shared,
            output: WorkerOutput::default(),
            paths: HashMap::new(),
            recent: vec![None; RECENT],
            hits: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Reads a file; a panic is a problem of that file, not the end of the run.
    pub(super) fn file_safely(&mut self, at: usize) {
        let Some(path) = self.shared.job.sources.path(at) else { return };
        if catch_unwind(AssertUnwindSafe(|| self.file(at, &path))).is_err() {
            let message = "internal error while this log was read; please report it";
            self.output.problem(at, Problem::at(ProblemKind::DetectorAborted, &path, message));
        }
    }

    fn file(&mut self, at: usize, path: &ServerPath) {
        let job = self.shared.job;
        let content = match job.sources.open(at, job.evidence) {
            Ok(content) => content,
            Err(_) if job.sources.deleted(at).is_some() => {
                return self.output.coverage.not_read(path, Remains::Unknown);
            }
            Err(error) => return self.output.problem(at, Problem::at(classify(&error), path, error.to_string())),
        };
        let mut troubles = Vec::new();
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(BLOCK, 0);
        let size = content.size;
        let done = stream::texts(
            content.reader,
            size,
            &mut |input, member| self.text(at, path, member, input, &mut buffer),
            &mut |trouble| troubles.push(trouble),
        );
        self.buffer = buffer;
        // A table of Office is an archive as well.
        troubles.retain(|_| !(job.sources.is_unsure(at) && is_office(path.name())));
        if job.sources.deleted(at).is_some() {
            // What is wrong with the remains of a log is no gap in those of the server.
            if !troubles.is_empty() || done.is_err() {
                self.output.coverage.not_read(path, Remains::Partial);
            }
            return;
        }
        for trouble in troubles {
            let member = trouble.member.map_or(String::new(), |name| format!("{name}: "));
            let message = format!("{member}{}", trouble.words);
            self.output.problem(at, Problem::at(ProblemKind::LogDamaged, path, message));
        }
        if let Err(error) = done {
            self.output.problem(at, Problem::at(classify(&error), path, format!("{error}; what came before was read")));
        }
    }

    /// Reads one text to its end, or to an error.
    fn text(
        &mut self,
        file: usize,
        path: &ServerPath,
        member: Option<&str>,
        input: &mut dyn Read,
        buffer: &mut [u8],
    ) -> io::Result<bool> {
        let mut text = TextState::new(file, path, member);
        let mut filled = 0;
        let mut error = None;
        loop {
            let begin = (!self.shared.job.throttle.is_full()).then(Instant::now);
            let (got, trouble) = read_full(input, buffer.get_mut(filled..).unwrap_or_default());
            filled += got;
            text.bytes += got as u64;
            self.shared.job.counters.bytes.fetch_add(got as u64, Ordering::Relaxed);
            let ends = filled < buffer.len();
            error = error.or(trouble);
            let mut data = buffer.get(..filled).unwrap_or_default();
            if text.skipping {
                data = match memchr::memchr(b'\n', data) {
                    Some(end) => {
                        text.skipping = false;
                        data.get(end + 1..).unwrap_or_default()
                    }
                    None => &[],
                };
            }
            let end = if ends { data.len() } else { last_record(data, text.kind()) };
            self.block(data.get(..end).unwrap_or_default(), &mut text);
            let mut rest = data.get(end..).unwrap_or_default();
            if rest.len() >= LONG {
                // Zeros are what a crash leaves; the line is what follows them.
                rest = rest.get(rest.iter().position(|&byte| byte != 0).unwrap_or(rest.len())..).unwrap_or_default();
                if rest.len() >= LONG {
                    self.block(rest.get(..LONG).unwrap_or_default(), &mut text);
                    text.long.add(text.line);
                    text.skipping = true;
                    rest = &[];
                } else {
                    text.zero.add(text.line + 1);
                }
            }
            let left = rest.len();
            let start = filled - data.len() + (data.len() - left);
            buffer.copy_within(start..filled, 0);
            filled = left;
            if let Some(begin) = begin {
                self.shared.job.throttle.rest(begin.elapsed());
            }
            if ends || error.is_some() || self.shared.job.interrupted.load(Ordering::Relaxed) {
                break;
            }
        }
        self.finish(text);
        match error {
            Some(error) => Err(error),
            None => Ok(!self.shared.job.interrupted.load(Ordering::Relaxed)),
        }
    }

    /// Whole lines, the last of which may lack its end.
    fn block(&mut self, block: &[u8], text: &mut TextState<'_>) {
        text.undecodable += u64::from(text.header.layout.is_none() && is_no_text(block));
        let mut from = 0;
        while let Some(rest) = block.get(from..).filter(|rest| !rest.is_empty()) {
            let kind = text.kind();
            let mut hits = std::mem::take(&mut self.hits);
            match kind.and_then(|kind| self.shared.search(kind)) {
                Some(search) => search.find(rest, &mut hits),
                None => hits.clear(),
            }
            let read = self.lines(rest, &hits, kind, text);
            self.hits = hits;
            from += read;
            if read == 0 && text.kind() == kind {
                break;
            }
        }
    }

    /// Reads lines until the kind of the log changes, which a head does, and says how far it came.
    fn lines(&mut self, block: &[u8], hits: &[usize], kind: Option<Kind>, text: &mut TextState<'_>) -> usize {
        let mut hits = hits.iter().copied().peekable();
        let zeros = memchr::memchr(0, block).is_some();
        let mut indexes = text.column_indexes();
        let mut dated: Option<(usize, usize)> = None;
        let mut looked = 0;
        let mut at = 0;
        let ends = memchr::memchr_iter(b'\n', block).chain((block.last() != Some(&b'\n')).then_some(block.len()));
        for end in ends {
            let mut line = block.get(at..end).unwrap_or_default();
            text.line += 1;
            if line.len() > LONG {
                line = line.get(..LONG).unwrap_or_default();
                text.long.add(text.line);
            }
            if let [rest @ .., b'\r'] = line {
                line = rest;
            }
            if zeros && memchr::memchr(0, line).is_some() {
                text.zero.add(text.line);
                line = line.get(line.iter().position(|&byte| byte != 0).unwrap_or(line.len())..).unwrap_or_default();
            }
            let (mut head, mut entered) = (false, false);
            if line.first_chunk::<HOUR>().is_none_or(|hour| Some(hour) != text.hour.as_ref()) {
                if let Some((from, to)) = dated.take() {
                    text.note(block.get(from..to).unwrap_or_default());
                }
                head = text.new_hour(line);
                entered = true;
                if head {
                    if text.kind() != kind {
                        return end + 1;
                    }
                    indexes = text.column_indexes();
                } else if text.kind() != kind {
                    // The columns were derived from this line: it is read again with them.
                    text.line -= 1;
                    return at;
                }
            }
            if text.hour.is_some() && !entered {
                dated = Some((at, end));
            }
            let mut look = false;
            while hits.next_if(|&hit| hit <= end).is_some() {
                look = true;
            }
            let mut class = None;
            if let Some(indexes) = &indexes {
                match indexes.of(line) {
                    Columns::Found(method, stem) => {
                        let stem = if kind == Some(Kind::HttpErr) { before_query(stem) } else { stem };
                        class = self.class(line, method, stem, text);
                        look |= class.is_some();
                    }
                    Columns::Quoted => look = true,
                    Columns::Missing => {}
                }
                if !indexes.blanks && self.shared.ids.get().is_some_and(|ids| !ids.is_empty()) {
                    self.join(line);
                }
            }
            if look && !head && at >= looked {
                looked = self.look(block, (at, at + line.len().max(1)), line, class, text);
            }
            at = end + 1;
        }
        if let Some((from, to)) = dated {
            text.note(block.get(from..to).unwrap_or_default());
        }
        block.len()
    }

    /// What the path of a request is, if that makes its line worth a check.
    fn class(&mut self, line: &[u8], method: &[u8], stem: &[u8], text: &mut TextState<'_>) -> Option<Rc<PathClass>> {
        let slot = slot(stem);
        if let Some(Some((path, class))) = self.recent.get(slot)
            && **path == *stem
        {
            text.notice(class.as_deref(), line);
            return class.as_ref().filter(|class| self.is_wanted(class, line, method)).cloned();
        }
        let class = match self.paths.get(stem) {
            Some(known) => known.clone(),
            None => {
                let class = self.shared.pages.class(&String::from_utf8_lossy(stem));
                let wanted = class.inspect_always || class.inspect_body || class.inspect_query || class.of_exchange;
                let class = wanted.then(|| Rc::new(class));
                if stem.len() <= PATH {
                    if self.paths.len() >= PATHS {
                        self.paths.clear();
                    }
                    self.paths.insert(stem.into(), class.clone());
                }
                class
            }
        };
        if stem.len() <= PATH
            && let Some(entry) = self.recent.get_mut(slot)
        {
            *entry = Some((stem.into(), class.clone()));
        }
        text.notice(class.as_deref(), line);
        class.filter(|class| self.is_wanted(class, line, method))
    }

    /// Whether a line is worth a check, by the class of its path.
    fn is_wanted(&self, class: &PathClass, line: &[u8], method: &[u8]) -> bool {
        let sends = !matches!(method, b"GET" | b"HEAD" | b"OPTIONS" | b"");
        class.inspect_always || class.inspect_body && sends || class.inspect_query && self.query_matters(line)
    }

    /// Whether a line holds a word of a check, or encodes a letter, which needs no encoding and hides one.
    fn query_matters(&self, line: &[u8]) -> bool {
        let hides = |at: usize| match line.get(at + 1..at + 3) {
            Some([b'2', b'5']) | Some([b'u' | b'U', _]) => true,
            Some([b'4' | b'6', low]) => low.is_ascii_hexdigit() && *low != b'0',
            Some([b'5' | b'7', low]) => low.is_ascii_digit() || matches!(low, b'a' | b'A' | b'f' | b'F'),
            _ => false,
        };
        self.shared.words.is_in(line) || memchr::memchr_iter(b'%', line).any(hides)
    }

    /// A line of the front-end proxy whose id is that of a request for a found file.
    fn join(&mut self, line: &[u8]) {
        let id = memchr::memchr(b',', line).and_then(|comma| guid(line.get(comma + 1..)?));
        let number = id.and_then(|id| self.shared.ids.get()?.get(&id)).copied();
        if let Some((number, (path, url))) =
            number.and_then(|number| Some((number, *self.shared.found.get(number as usize)?)))
        {
            self.output.requests.joined(number, path, url);
        }
    }

    /// Splits a record and runs the checks. Returns where it ends, since what is quoted may hold line ends.
    fn look(
        &mut self,
        block: &[u8],
        (from, to): (usize, usize),
        line: &[u8],
        class: Option<Rc<PathClass>>,
        text: &TextState<'_>,
    ) -> usize {
        let Some(layout) = text.header.layout.as_ref() else { return 0 };
        let (mut start, mut end, mut number) = (from, to, text.line);
        if !layout.kind.is_w3c() {
            (start, end, number) = whole_record(block, from, to, number);
        }
        let bytes = if (start, end) == (from, to) { line } else { block.get(start..end).unwrap_or_default() };
        let raw = String::from_utf8_lossy(bytes);
        let raw = raw.trim_end();
        let record = Record {
            layout,
            fields: layout.split(raw),
            raw,
            // A time that no log can have orders nothing.
            time: text.header.time(raw.as_bytes()).filter(|time| coverage::sensible(*time)),
            class: class.as_deref(),
            of_exchange: text.of_exchange || !self.shared.known.folders.exchange.is_empty(),
        };
        let deleted = self.shared.job.sources.deleted(text.file).is_some();
        let location = LogLocation { path: text.path, member: text.member, deleted, line: number };
        for check in LOG_CHECKS.iter().filter(|check| check.kinds.contains(&layout.kind)) {
            (check.run)(
                &record,
                &self.shared.known,
                &mut Observations { aggregate: &mut self.output.aggregate, location },
            );
        }
        let found = class.iter().filter(|_| layout.kind == Kind::W3c).flat_map(|class| &class.found);
        for &number in found {
            if let Some((path, _)) = self.shared.found.get(number as usize) {
                self.output.requests.add(number, path, &record, location);
            }
        }
        end
    }

    /// Enters what is known of a text, and reports what was wrong with it.
    fn finish(&mut self, text: TextState<'_>) {
        let TextState { file, path, member, .. } = text;
        let is_deleted = self.shared.job.sources.deleted(file).is_some();
        let mut problem = |message: String| {
            if is_deleted {
                return;
            }
            let member = member.map_or(String::new(), |name| format!("{name}: "));
            self.output.problem(file, Problem::at(ProblemKind::LogDamaged, path, format!("{member}{message}")));
        };
        let Some(layout) = &text.header.layout else {
            // Under the name of a page, markup, code and text are nothing that is missing; what is packed or encrypted may be.
            if text.bytes > 0
                && !(self.shared.job.sources.is_unsure(file) && text.zero.count == 0 && text.undecodable == 0)
            {
                problem("not a log of a known format".to_owned());
            }
            return;
        };
        if layout.assumed {
            problem("has no header: the usual columns were assumed".to_owned());
        }
        let needed: &[Field] = match layout.kind {
            Kind::W3c => &[Field::Method, Field::Stem, Field::Status, Field::Client],
            Kind::HttpProxy => &[Field::Stem, Field::Anchor, Field::Status],
            _ => &[],
        };
        let missing: Vec<&str> =
            needed.iter().filter(|field| layout.place(**field).is_none()).map(|field| field.words()).collect();
        if !missing.is_empty() {
            problem(format!("has no column for {}: checks that need it did not run", missing.join(", ")));
        }
        let lines =
            |tally: Tally| if tally.count == 1 { "1 line".to_owned() } else { format!("{} lines", tally.count) };
        for (tally, what) in [
            (text.long, format!("longer than {} KiB: only the beginning was read", LONG >> 10)),
            (text.zero, "with zero bytes, as left by a crash".to_owned()),
            (text.senseless, "with an impossible time".to_owned()),
            (text.builds_truncated, format!("below headers that name more than {BUILDS} builds, which were omitted")),
        ] {
            if tally.count > 0 {
                problem(format!("{} {what}; the first is line {}", lines(tally), tally.first));
            }
        }
        // Continued lines are ordinary where text is quoted; in these logs every line has its time.
        if text.undated.count > 0 && (layout.kind.is_w3c() || layout.kind == Kind::HttpProxy) {
            problem(format!("{} without a time; the first is line {}", lines(text.undated), text.undated.first));
        }
        let folder = path.parent().unwrap_or_else(|| path.clone());
        for (build, (first, last)) in text.builds {
            self.output.coverage.build(build, layout.kind, first, last);
        }
        let deleted = is_deleted.then(|| path.clone());
        self.output.coverage.add(layout.kind, &folder, text.bytes, text.hours, deleted);
    }
}

/// The path of an address.
fn before_query(address: &[u8]) -> &[u8] {
    memchr::memchr(b'?', address).map_or(address, |end| address.get(..end).unwrap_or(address))
}

/// Where a path is remembered among the recent ones.
fn slot(path: &[u8]) -> usize {
    let word = |chunk: Option<&[u8; 8]>| chunk.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let ends = word(path.first_chunk()) ^ word(path.last_chunk()).rotate_left(23) ^ path.len() as u64;
    (ends.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize % RECENT
}
