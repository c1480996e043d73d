//! The coverage of an event log and its archived parts: times and record numbers. A log is a ring buffer: its chunks
//! are in no order of time.

use crate::model::intervals::Intervals;
use crate::model::{LogSpan, Problem, ProblemKind, ServerPath, Timestamp};

/// Gaps that are reported one by one.
const GAPS: usize = 10;
/// Missing parts of one log that are reported one by one.
const MISSING: usize = 10;
/// Times before 1995 or after 2100 are no event's: nothing that writes this format is older (the year 2007 in truth), and a
/// clock that wrong covers nothing.
const PLAUSIBLE: std::ops::Range<i64> = 788_918_400..4_102_444_800;

/// Whether an event can have happened then.
pub(super) fn is_plausible(time: Timestamp) -> bool {
    PLAUSIBLE.contains(&time.seconds())
}

/// After how many seconds without an event something is missing; `None` for logs that are silent for days by nature. On a
/// server with Exchange the three logs of Windows have many events an hour.
fn silence(kind: &str) -> Option<i64> {
    matches!(kind, "Application.evtx" | "Security.evtx" | "System.evtx").then_some(86_400)
}

/// What was seen of one file, or of many.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    times: Intervals,
    /// Records whose time cannot be.
    pub(super) out_of_range: u64,
    /// The first and the last number of a record of one file. Windows counts on through archived parts and when a log is cleared.
    records: Option<(u64, u64)>,
}

impl Span {
    /// Takes the time of a record.
    pub(super) fn see(&mut self, time: Option<Timestamp>) {
        match time.filter(|time| is_plausible(*time)) {
            Some(time) => self.times.note(time),
            None => self.out_of_range += 1,
        }
    }

    /// Takes the number of a record, as its header has it.
    pub(super) fn number(&mut self, number: u64) {
        let (first, last) = self.records.unwrap_or((number, number));
        self.records = Some((first.min(number), last.max(number)));
    }
}

/// What a file, or all files of one log, cover.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    /// Kind, folder, number and size of the files; times and gaps are filled in at the end.
    pub(super) log: LogSpan,
    pub(super) span: Span,
    /// What each file has, by its path.
    parts: Vec<Part>,
}

/// One file of a log.
#[derive(Clone, Debug)]
struct Part {
    path: ServerPath,
    records: (u64, u64),
    times: (Timestamp, Timestamp),
}

impl Covered {
    pub(super) fn new(log: LogSpan, path: &ServerPath, span: Span) -> Self {
        let times = span.times.first().zip(span.times.last());
        let part = span.records.zip(times).map(|(records, times)| Part { path: path.clone(), records, times });
        Self { log, span, parts: part.into_iter().collect() }
    }

    /// Adds another file of the same log.
    pub(super) fn add(&mut self, other: Self) {
        self.log.files += other.log.files;
        self.log.bytes += other.log.bytes;
        // Each file brings itself at most.
        other.log.deleted.into_iter().for_each(|path| self.log.add_deleted(path));
        self.span.times.merge(other.span.times);
        self.parts.extend(other.parts);
    }

    /// The records that are missing between two files of a log that follow each other in time: an archived part was deleted or was
    /// not collected. Numbers that start again say nothing.
    pub(super) fn missing(&self) -> Vec<Problem> {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by(|a, b| (a.times, a.records, &a.path).cmp(&(b.times, b.records, &b.path)));
        let mut missing = Vec::new();
        // The part with the highest number so far, since parts may overlap.
        let mut before: Option<&Part> = None;
        for part in parts {
            if let Some(known) = before
                && part.records.0 > known.records.1.saturating_add(1)
                && part.times.0 >= known.times.1
            {
                let (first, last) = (known.records.1 + 1, part.records.0 - 1);
                let message = format!(
                    "records {first} to {last} of {}, between {} and {}, are in no file: an archived part of this log is missing",
                    self.log.kind, known.times.1, part.times.0
                );
                missing.push(Problem::at(ProblemKind::LogDamaged, &part.path, message));
            }
            // Numbers that start again: the log was recreated.
            let anew = before.is_none_or(|known| part.records.1 > known.records.1 || part.times.0 > known.times.1);
            if anew {
                before = Some(part);
            }
        }
        if let Some(more) = missing.len().checked_sub(MISSING).filter(|more| *more > 0) {
            missing.truncate(MISSING);
            let message = format!("{more} more parts of {} are missing", self.log.kind);
            missing.push(Problem::general(ProblemKind::LogDamaged, message));
        }
        missing
    }

    /// First and last time, the longest gaps in order of time, and how many gaps there are.
    pub(super) fn into_log(self) -> LogSpan {
        let Self { mut log, span, .. } = self;
        if let Some(silence) = silence(&log.kind) {
            (log.gaps, log.gaps_count) = span.times.gaps(silence, GAPS);
        }
        log.first = span.times.first();
        log.last = span.times.last();
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_600_000_000;

    fn at(hour: i64) -> Timestamp {
        Timestamp::new(START + hour * 3_600, 0)
    }

    fn covered(kind: &str, name: &str, hours: &[i64], records: Option<(u64, u64)>) -> Covered {
        let mut span = Span::default();
        hours.iter().for_each(|hour| span.see(Some(at(*hour))));
        records.into_iter().flat_map(|(first, last)| [first, last]).for_each(|number| span.number(number));
        let log = LogSpan { kind: kind.to_owned(), files: 1, ..LogSpan::default() };
        Covered::new(log, &ServerPath::drive('C').join(name), span)
    }

    #[test]
    fn gaps_count_only_where_silence_is_unusual() {
        let log = covered("System.evtx", "a", &[100, 101, 140, 0, 1, 30, 10], None).into_log();
        assert_eq!((log.first, log.last), (Some(at(0)), Some(at(140))));
        assert_eq!((log.gaps, log.gaps_count), (vec![(at(30), at(100)), (at(101), at(140))], 2));
        let log = covered("x.evtx", "a", &[0, 1_000], None).into_log();
        assert_eq!((log.first, log.last, log.gaps_count), (Some(at(0)), Some(at(1_000)), 0));
    }

    #[test]
    fn times_that_cannot_be_cover_nothing() {
        let mut span = Span::default();
        span.see(Timestamp::from_filetime(1));
        span.see(Timestamp::from_filetime(u64::MAX));
        span.see(None);
        assert_eq!((span.out_of_range, span.times.first()), (3, None));
    }

    #[test]
    fn a_missing_part_is_reported_and_parts_that_follow_each_other_are_not() {
        let join = |parts: &[(&'static str, [i64; 2], (u64, u64))]| {
            let mut all =
                parts.iter().map(|(name, hours, records)| covered("Security.evtx", name, hours, Some(*records)));
            let mut first = all.next().expect("one at least");
            all.for_each(|part| first.add(part));
            first
        };
        let whole = join(&[("c", [20, 30], (201, 250)), ("a", [0, 10], (1, 100)), ("b", [10, 20], (101, 200))]);
        assert_eq!(whole.missing(), []);
        assert_eq!(whole.into_log().gaps_count, 0);
        let gap = join(&[("c", [90, 95], (201, 250)), ("a", [0, 10], (1, 100))]);
        let missing = gap.missing();
        assert_eq!(missing.len(), 1);
        assert!(missing[0].message.contains("records 101 to 200 of Security.evtx"), "{missing:?}");
        assert_eq!(gap.into_log().gaps, [(at(10), at(90))], "the gap between two files is one of the log");
        // Overlapping copies, and a log that was recreated.
        for silent in [
            join(&[("a", [0, 30], (1, 300)), ("b", [5, 10], (50, 100)), ("c", [30, 40], (301, 310))]),
            join(&[("a", [0, 10], (500, 600)), ("b", [11, 20], (1, 100)), ("c", [21, 30], (101, 110))]),
            join(&[("a", [0, 10], (1, 100))]),
        ] {
            assert_eq!(silent.missing(), []);
        }
        let many: Vec<_> =
            (0..40).map(|n| ("x", [n * 10, n * 10 + 5], (n as u64 * 100 + 1, n as u64 * 100 + 10))).collect();
        assert_eq!(join(&many).missing().len(), MISSING + 1, "bounded");
    }
}
