//! Evidence of exploitation in logs, and what the logs cover.

use super::facts::{number, short, span};
use super::finding::LeftOut;
use super::servers::Servers;
use crate::case::{Case, Entry, Run};
use crate::record::{HitBody, SpanRecord, Text};
use crate::text::{bytes, grouped};
use serde::Serialize;
use std::collections::HashMap;

/// The longest line of a log that is shown, in characters.
const LONGEST: usize = 400;
/// Gaps of a log that are listed.
const GAPS: usize = 20;

/// What stands between the findings and the log hits.
#[derive(Serialize)]
pub(super) struct Between {
    several: bool,
    left_out: LeftOut,
    hits: usize,
}

impl Between {
    pub(super) fn new(servers: &Servers, left_out: LeftOut, hits: usize) -> Self {
        Self { several: servers.several(), left_out, hits }
    }
}

/// A log hit, and the same one of other servers: the same time, client and words.
pub(super) struct Same<'c> {
    entry: &'c Entry<HitBody>,
    count: u64,
    servers: Vec<usize>,
}

/// The log hits of all runs.
pub(super) fn most_urgent_first<'c>(case: &'c Case, servers: &Servers) -> Vec<Same<'c>> {
    let mut hits: Vec<Same> = Vec::new();
    let mut known = HashMap::new();
    for run in &case.runs {
        let server = servers.of_run(run);
        for entry in &run.hits {
            let (event, hit) = (&entry.head.event, &entry.body.hit);
            let key =
                (event.start.map(|time| time.0), event.end.map(|time| time.0), &hit.client, &hit.title, &hit.check);
            let at = *known.entry(key).or_insert(hits.len());
            match hits.get_mut(at) {
                // Two of one server are two.
                Some(same) if !same.servers.contains(&server) => {
                    same.count = same.count.saturating_add(hit.count);
                    same.servers.push(server);
                }
                _ => hits.push(Same { entry, count: hit.count, servers: vec![server] }),
            }
        }
    }
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.entry.body.level.0), hit.entry.head.timestamp));
    hits
}

/// A log hit.
#[derive(Serialize)]
pub(super) struct Hit<'c> {
    several: bool,
    level: &'static str,
    when: String,
    servers: String,
    title: &'c str,
    check: &'c str,
    stage: &'static str,
    cves: &'c [Text],
    client: &'c str,
    count: String,
    patch_level: &'c str,
    lines: Vec<LogLine<'c>>,
    /// Lines that are not shown.
    left_out: usize,
}

#[derive(Serialize)]
struct LogLine<'c> {
    path: String,
    text: std::borrow::Cow<'c, str>,
}

impl<'c> Hit<'c> {
    pub(super) fn new(servers: &Servers<'c>, same: &Same<'c>, with_lines: bool) -> Self {
        let Entry { head, body } = same.entry;
        let hit = &body.hit;
        let shown = if with_lines { hit.locations.as_slice() } else { &[] };
        let line = |line: &'c crate::record::LineRecord| LogLine {
            path: match &line.member {
                Some(member) => format!("{} > {member}:{}", line.path, line.line),
                None => format!("{}:{}", line.path, line.line),
            },
            text: super::environment::bounded(&line.excerpt, LONGEST),
        };
        Self {
            several: servers.several(),
            level: body.level.0.name(),
            when: span(head.event.start, head.event.end),
            servers: servers.line(&same.servers),
            title: &hit.title,
            check: &hit.check,
            stage: hit.stage.0.words(),
            cves: &hit.cves,
            client: hit.client.as_deref().unwrap_or_default(),
            count: grouped(same.count),
            patch_level: hit.patch_level.as_deref().unwrap_or_default(),
            lines: shown.iter().map(line).collect(),
            left_out: hit.locations.len() - shown.len(),
        }
    }
}

/// What the logs of a run cover.
#[derive(Serialize)]
pub(super) struct Coverage<'c> {
    server: &'c str,
    spans: Vec<Span<'c>>,
}

/// What one kind of log covers.
#[derive(Serialize)]
struct Span<'c> {
    kind: &'c str,
    folder: &'c str,
    files: String,
    size: String,
    first: String,
    last: String,
    gaps: u64,
    /// Gaps, clock rollbacks and deleted logs, in words.
    notes: Vec<String>,
}

/// What the logs of each run cover; runs that read none are not among them.
pub(super) fn coverage<'c>(case: &'c Case, servers: &Servers<'c>) -> Vec<Coverage<'c>> {
    let of_run = |run: &'c Run| {
        let spans = run.log_coverage.as_ref()?.iter().map(Span::from).collect();
        Some(Coverage { server: servers.name(servers.of_run(run)), spans })
    };
    case.runs.iter().filter_map(of_run).collect()
}

impl<'c> From<&'c SpanRecord> for Span<'c> {
    fn from(span: &'c SpanRecord) -> Self {
        let mut notes = Vec::new();
        for gap in span.gaps.iter().take(GAPS) {
            notes.push(format!("gap from {} to {}", short(Some(gap.from)), short(Some(gap.to))));
        }
        more(&mut notes, span.gaps_count, span.gaps.len().min(GAPS), "gaps");
        for back in span.clock_rollbacks.iter().take(GAPS) {
            notes.push(format!("clock rollback from {} to {}", short(Some(back.from)), short(Some(back.to))));
        }
        more(&mut notes, span.clock_rollbacks_count, span.clock_rollbacks.len().min(GAPS), "clock rollbacks");
        for path in span.deleted.iter().take(GAPS) {
            notes.push(format!("deleted log, read: {path}"));
        }
        more(&mut notes, span.deleted_count, span.deleted.len().min(GAPS), "deleted logs that were read");
        for log in span.deleted_not_read.iter().take(GAPS) {
            notes.push(format!("deleted log, not read: {} (content left: {})", log.path, log.remains.0.name()));
        }
        more(
            &mut notes,
            span.deleted_not_read_count,
            span.deleted_not_read.len().min(GAPS),
            "deleted logs that were not read",
        );
        Self {
            kind: &span.kind,
            folder: span.folder.as_deref().unwrap_or_default(),
            files: grouped(span.files),
            size: bytes(span.bytes),
            first: short(span.first),
            last: short(span.last),
            gaps: span.gaps_count,
            notes,
        }
    }
}

/// Says how many there are beside those that are listed.
fn more(notes: &mut Vec<String>, count: u64, listed: usize, what: &str) {
    let more = count.saturating_sub(listed as u64);
    if more > 0 {
        notes.push(format!("{} more {what}", grouped(more)));
    }
}

/// `3 files`, of the counts of a run.
pub(super) fn counted(count: u64, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| number(count, one, many))
}
