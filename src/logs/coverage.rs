//! Log coverage, by the times in their lines: first, last, and gaps.

use super::format::Kind;
use crate::catalogue::builds::Build;
use crate::model::intervals::Intervals;
use crate::model::{BuildSeen, LogSpan, Remains, ServerPath, Timestamp};
use std::collections::BTreeMap;

/// Folders that are listed one by one.
const MOST_SPANS: usize = 5_000;
/// Gaps and clock rollbacks that are listed.
const MOST_LISTED: usize = 20;
/// Builds that are listed.
const MOST_BUILDS: usize = 500;
/// Seconds without a line that make a gap, where a server at work always writes: its own health probes ask every
/// folder of the front end every few minutes.
const SILENCE: i64 = 6 * 3600;
/// Seconds that the clock may go back from one line to the next: lines are written when a request ends.
pub(super) const BACK: i64 = 2 * 3600;
/// Times before 2000 and from 2100 on are no times of a log of Exchange.
const SENSIBLE: std::ops::Range<i64> = 946_684_800..4_102_444_800;

/// Whether a log can have been written then.
pub(super) fn sensible(time: Timestamp) -> bool {
    SENSIBLE.contains(&time.seconds())
}

/// The times of one file, or of many.
#[derive(Clone, Debug, Default)]
pub(super) struct Hours {
    times: Intervals,
    clock_rollbacks: Vec<(Timestamp, Timestamp)>,
    rollback_count: u64,
}

impl Hours {
    pub(super) fn note(&mut self, time: Timestamp) {
        self.times.note(time);
    }

    /// The clock went back between two lines of a file.
    pub(super) fn clock_rollback(&mut self, from: Timestamp, to: Timestamp) {
        self.rollback_count += 1;
        self.clock_rollbacks.push((from, to));
        if self.clock_rollbacks.len() > 2 * MOST_LISTED {
            self.clock_rollbacks.sort_unstable();
            self.clock_rollbacks.truncate(MOST_LISTED);
        }
    }

    fn merge(&mut self, other: Self) {
        self.times.merge(other.times);
        self.rollback_count += other.rollback_count;
        self.clock_rollbacks.extend(other.clock_rollbacks);
        self.clock_rollbacks.sort_unstable();
        self.clock_rollbacks.truncate(MOST_LISTED);
    }
}

#[derive(Debug, Default)]
struct Span {
    path: Option<ServerPath>,
    files: u64,
    bytes: u64,
    hours: Hours,
    /// Deleted files among them, the first ones, and how many there are.
    deleted: Vec<ServerPath>,
    deleted_count: u64,
}

impl Span {
    fn add(&mut self, other: Self) {
        // The least of several spellings, so that it is the same however many workers there are.
        self.path = [self.path.take(), other.path].into_iter().flatten().min();
        self.files += other.files;
        self.bytes += other.bytes;
        self.hours.merge(other.hours);
        self.deleted_count += other.deleted_count;
        if !other.deleted.is_empty() {
            self.deleted.extend(other.deleted);
            self.deleted.sort();
            self.deleted.truncate(LogSpan::MOST_DELETED);
        }
    }
}

/// What all files together cover.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// By kind and folder.
    spans: BTreeMap<(Kind, String), Span>,
    builds: BTreeMap<(String, Kind), (Timestamp, Timestamp)>,
    /// The files of folders that are too many to be listed one by one.
    rest: Option<Span>,
    /// Whether builds were too many.
    builds_truncated: bool,
    /// Deleted logs that were not read, or not to their end, and how much of each is left.
    not_read: Vec<(ServerPath, Remains)>,
}

impl Coverage {
    /// Adds a text that was read, and its file where that was deleted.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        folder: &ServerPath,
        bytes: u64,
        hours: Hours,
        deleted: Option<ServerPath>,
    ) {
        let deleted_count = u64::from(deleted.is_some());
        let deleted = deleted.into_iter().collect();
        let span = Span { path: Some(folder.clone()), files: 1, bytes, hours, deleted, deleted_count };
        self.join((kind, folder.folded()), span);
    }

    /// Adds a deleted log that was not read.
    pub(super) fn not_read(&mut self, path: &ServerPath, remains: Remains) {
        self.not_read.push((path.clone(), remains));
    }

    /// Adds what was read in a folder. Where there are too many folders the last of them are one, by their names: the same ones in
    /// whatever order they come.
    fn join(&mut self, key: (Kind, String), span: Span) {
        self.spans.entry(key).or_default().add(span);
        if self.spans.len() > MOST_SPANS
            && let Some((_, last)) = self.spans.pop_last()
        {
            self.rest.get_or_insert_default().add(last);
        }
    }

    /// What bounds left out, in words.
    pub(super) fn truncations(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.rest.is_some() {
            words.push(format!(
                "logs are in more than {MOST_SPANS} folders: the coverage of the others is summarised in one line"
            ));
        }
        if self.builds_truncated {
            words.push(format!("logs name more than {MOST_BUILDS} builds: the others were omitted"));
        }
        let truncated = self.spans.values().filter_map(|span| span.path.as_ref().zip(span.hours.times.truncated()));
        words.extend(truncated.map(|(path, why)| format!("logs in {path} have {why}")));
        words
    }

    /// A build was named by a log of this kind, in lines of these times.
    pub(super) fn build(&mut self, build: String, kind: Kind, first: Timestamp, last: Timestamp) {
        let key = (build, kind);
        let seen = self.builds.entry(key).or_insert((first, last));
        *seen = (seen.0.min(first), seen.1.max(last));
        if self.builds.len() > MOST_BUILDS {
            self.builds.pop_last();
            self.builds_truncated = true;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.builds_truncated |= other.builds_truncated;
        self.not_read.extend(other.not_read);
        if let Some(rest) = other.rest {
            self.rest.get_or_insert_default().add(rest);
        }
        other.spans.into_iter().for_each(|(key, span)| self.join(key, span));
        for ((build, kind), (first, last)) in other.builds {
            self.build(build, kind, first, last);
        }
    }

    /// The spans, those of `expected` folders of which no file was read among them, by kind and folder.
    pub(super) fn into_spans(self, expected: &[super::Expected]) -> (Vec<LogSpan>, Vec<BuildSeen>) {
        let mut spans: Vec<LogSpan> = Vec::new();
        for expected in expected {
            let found = expected
                .folder
                .as_ref()
                .filter(|folder| !self.spans.keys().any(|(_, other)| is_in(other, &folder.folded())));
            if expected.folder.is_none() || found.is_some() {
                spans.push(LogSpan {
                    kind: expected.label.clone(),
                    folder: expected.folder.clone(),
                    ..LogSpan::default()
                });
            }
        }
        let rest = self.rest.map(|rest| ((Kind::Other, String::new()), rest));
        for ((kind, _), span) in self.spans.into_iter().chain(rest) {
            let silence = if matches!(kind, Kind::W3c | Kind::HttpProxy | Kind::Ews) { SILENCE } else { i64::MAX };
            let (gaps, gaps_count) = span.hours.times.gaps(silence, MOST_LISTED);
            spans.push(LogSpan {
                kind: label(kind, span.path.as_ref(), expected),
                folder: span.path,
                files: span.files,
                bytes: span.bytes,
                first: span.hours.times.first(),
                last: span.hours.times.last(),
                gaps,
                gaps_count,
                clock_rollbacks: span.hours.clock_rollbacks,
                clock_rollbacks_count: span.hours.rollback_count,
                deleted: span.deleted,
                deleted_count: span.deleted_count,
                ..LogSpan::default()
            });
        }
        add_not_read(self.not_read, &mut spans);
        spans.sort_by(|a, b| (&a.kind, &a.folder).cmp(&(&b.kind, &b.folder)));
        let mut builds: Vec<BuildSeen> = self
            .builds
            .into_iter()
            .map(|((build, kind), (first, last))| BuildSeen {
                build,
                first: Some(first),
                last: Some(last),
                source: format!("{} logs", kind.name()),
            })
            .collect();
        builds.sort_by(|a, b| (a.first, &a.build, &a.source).cmp(&(b.first, &b.build, &b.source)));
        (spans, builds)
    }
}

/// Names deleted logs that were not read beside what was read in their folders.
pub(super) fn add_not_read(files: Vec<(ServerPath, Remains)>, spans: &mut Vec<LogSpan>) {
    let of_span = |(at, span): (usize, &LogSpan)| span.folder.as_ref().map(|folder| (folder.folded(), at));
    // Of several kinds in one folder the first.
    let mut known: BTreeMap<String, usize> = spans.iter().enumerate().rev().filter_map(of_span).collect();
    for (path, remains) in files {
        let Some(folder) = path.parent() else { continue };
        let at = *known.entry(folder.folded()).or_insert_with(|| {
            let name = folder.name();
            let kind = if super::text::begins(name, "W3SVC") { format!("IIS {name}") } else { name.to_owned() };
            spans.push(LogSpan { kind, folder: Some(folder), ..LogSpan::default() });
            spans.len() - 1
        });
        if let Some(span) = spans.get_mut(at) {
            span.add_not_read(path, remains);
        }
    }
}

fn is_in(folder: &str, root: &str) -> bool {
    folder
        .strip_prefix(root.trim_end_matches('\\'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\\', '/']))
}

/// `HttpProxy Ecp`, `IIS W3SVC1`: the kind, and the folder's own name where it says more.
fn label(kind: Kind, folder: Option<&ServerPath>, expected: &[super::Expected]) -> String {
    let known = folder.and_then(|folder| expected.iter().find(|expected| expected.folder.as_ref() == Some(folder)));
    let name = folder.map(ServerPath::name).unwrap_or_default();
    match known {
        Some(known) if known.kind == kind => known.label.clone(),
        _ => match kind {
            Kind::HttpProxy if super::survey::PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
                format!("HttpProxy {name}")
            }
            Kind::W3c if super::text::begins(name, "W3SVC") => format!("IIS {name}"),
            kind => kind.name().to_owned(),
        },
    }
}

/// `15.02.0721.002` as `15.2.721.2`; `None` for what is no build of Exchange, and for 15.0.0.0, which logs of the control panel
/// and of agents always say.
pub(super) fn build(version: &str) -> Option<String> {
    let build = Build::parse(version)?;
    matches!(build.0, [8..=99, minor, number, _] if minor > 0 || number > 0).then(|| build.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_do_not_depend_on_the_order_of_files() {
        let at = |hour: i64, second: i64| Timestamp::new(1_614_754_800 + 3600 * hour + second, 0);
        let of = |times: &[Timestamp]| {
            let mut hours = Hours::default();
            times.iter().for_each(|&time| hours.note(time));
            hours
        };
        let folder = ServerPath::drive('C').join("W3SVC1");
        let (a, b) = (of(&[at(0, 5), at(0, 9), at(1, 0)]), of(&[at(10, 0), at(11, 7)]));
        for (first, second) in [(a.clone(), b.clone()), (b, a)] {
            let mut coverage = Coverage::default();
            coverage.add(Kind::W3c, &folder, 1, first, None);
            let mut other = Coverage::default();
            other.add(Kind::W3c, &folder, 2, second, None);
            coverage.merge(other);
            let (spans, _) = coverage.into_spans(&[]);
            assert_eq!((spans[0].kind.as_str(), spans[0].files, spans[0].bytes), ("IIS W3SVC1", 2, 3));
            assert_eq!((spans[0].first, spans[0].last), (Some(at(0, 5)), Some(at(11, 7))));
            assert_eq!((&spans[0].gaps[..], spans[0].gaps_count), (&[(at(1, 0), at(10, 0))][..], 1));
        }
    }

    #[test]
    fn only_builds_of_exchange_count() {
        assert_eq!(build("15.02.0721.002").as_deref(), Some("15.2.721.2"));
        for no in ["15.00.0000.000", "15.0.0.0", "1.0", "", "a.b.c.d", "15.1.2.3.4", "15.99999999999.1.1"] {
            assert_eq!(build(no), None, "{no}");
        }
    }
}
