//! The JSONL output: one JSON object per line, Elastic Common Schema names, own data below `shellsift`. Each record is
//! flushed, so a killed run loses at most the record in flight. Described in docs/output.md, with its schema in
//! docs/schema/.

use super::Format;
use super::case::{Case, Entry, Head, Run};
use super::record::{
    Body, ComparisonBody, CoverageBody, ECS, Ecs, HealthBody, LogCoverageBody, Own, ProblemBody, Record, RequestsBody,
    SCHEMA, ShadowCopyBody, SiteBody, StartBody, TimelineBody,
};
use serde::Serialize;
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "jsonl",
    extension: "jsonl",
    about: "one JSON object per line with Elastic Common Schema names, written as findings are made",
    findings_only: false,
    write: None,
};

/// Writes a record as one line.
pub fn write_record(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    write_line(record_line(record)?, out)
}

/// A record as a line, without a line break.
pub fn record_line(record: &Record) -> io::Result<Vec<u8>> {
    json_line(record)
}

/// A value as JSON in one line, whatever a reader takes for the end of a line, without a line break.
pub(super) fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut line, OneLine)).map_err(io::Error::other)?;
    Ok(line)
}

/// Writes a line and its break, and flushes it.
pub fn write_line(mut line: Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// JSON of any kind as one line, with its break.
pub(crate) fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = json_line(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Writes the records of a case again: run by run, each record once, in an order that depends on nothing but what they say. Records of
/// files without a finding are not among them, since a case does not keep them.
pub fn write_case(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let mut runs: Vec<&Run> = case.runs.iter().collect();
    runs.sort_by_cached_key(|run| {
        let started = run.start.as_ref().and_then(|start| start.started);
        (run.server().to_lowercase(), started, run.scan_id.clone())
    });
    for run in runs {
        for record in records(run) {
            out.write_all(&line(&record)?)?;
        }
    }
    out.flush()
}

/// The records of a run, as it would have written them had it known all of it at its start.
fn records(run: &Run) -> impl Iterator<Item = Record> + '_ {
    let single = |kind: &'static str, body: Option<Body>| record(run, run.heads.get(kind)?, body?);
    let start = run.start.clone().map(|run| Body::ScanStart(Box::new(StartBody { run })));
    let coverage = run.coverage.clone().map(|coverage| Body::Coverage(CoverageBody { coverage }));
    let logs = run.log_coverage.clone().map(|log_coverage| Body::LogCoverage(LogCoverageBody { log_coverage }));
    let end = run.end.clone().map(Body::ScanEnd);
    let findings = all(run, &run.findings, false, |body| Body::Finding(Box::new(body.clone())));
    let suppressed = all(run, &run.suppressed, true, |body| Body::Finding(Box::new(body.clone())));
    let suppressed_hits = all(run, &run.suppressed_hits, true, |body| Body::LogHit(body.clone()));
    let problems = all(run, &run.problems, true, |body| Body::Problem(ProblemBody { problem: body.clone() }));
    let hits = all(run, &run.hits, true, |body| Body::LogHit(body.clone()));
    let requests = all(run, &run.requests, true, |body| Body::FileRequests(RequestsBody { requests: body.clone() }));
    let health = all(run, &run.health, true, |body| Body::Health(Box::new(HealthBody { health: body.clone() })));
    let of_event = |body: &_| Body::TimelineEvent(TimelineBody { timeline_event: Clone::clone(body) });
    let timeline = all(run, &run.timeline, false, of_event);
    let of_copy = |body: &_| Body::ShadowCopy(ShadowCopyBody { shadow_copy: Clone::clone(body) });
    let copies = all(run, &run.shadow_copies, true, of_copy);
    let sites = all(run, &run.sites, true, |body| Body::Site(SiteBody { site: body.clone() }));
    let of_file = |body: &_| Body::Comparison(ComparisonBody { baseline: Clone::clone(body) });
    let comparisons = all(run, &run.comparisons, true, of_file);
    let first = single("scan_start", start)
        .into_iter()
        .chain(findings)
        .chain(suppressed)
        .chain(problems)
        .chain(hits)
        .chain(suppressed_hits)
        .chain(requests);
    let then = single("log_coverage", logs).into_iter().chain(health).chain(timeline).chain(copies).chain(sites);
    let last = single("coverage", coverage).into_iter().chain(single("scan_end", end));
    first.chain(then).chain(comparisons).chain(last)
}

/// The records of one kind. `sort`: those whose list has the order in which they were met.
fn all<'r, B>(
    run: &'r Run,
    list: &'r [Entry<B>],
    sort: bool,
    body: impl Fn(&B) -> Body + 'r,
) -> impl Iterator<Item = Record> + 'r {
    let mut entries: Vec<&Entry<B>> = list.iter().collect();
    if sort {
        entries.sort_by(|a, b| (a.head.event.start, &a.head.event.id).cmp(&(b.head.event.start, &b.head.event.id)));
    }
    entries.into_iter().filter_map(move |entry| record(run, &entry.head, body(&entry.body)))
}

/// A record as it was read, but for what the whole run has.
fn record(run: &Run, head: &Head, body: Body) -> Option<Record> {
    let mut head = head.clone();
    // Its number in a hash chain, which these records are no part of.
    head.event.sequence = None;
    Some(Record {
        timestamp: head.timestamp,
        ecs: Ecs { version: ECS.into() },
        message: head.message,
        event: head.event,
        host: run.host.clone(),
        observer: run.observer.clone()?,
        labels: run.labels.clone(),
        file: head.file,
        url: head.url,
        rule: head.rule,
        threat: head.threat,
        error: head.error,
        source: head.source,
        user: head.user,
        vulnerability: head.vulnerability,
        related: head.related,
        shellsift: Own {
            schema: SCHEMA.into(),
            scan_id: run.scan_id.clone(),
            preliminary: head.preliminary,
            implausible_times: head.implausible_times,
            body,
            chain: None,
        },
    })
}

/// JSON in which nothing is left that any reader takes for the end of a line: NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR, which
/// JSON allows as they are, are escaped too.
struct OneLine;

impl serde_json::ser::Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, mut text: &str) -> io::Result<()> {
        while let Some(at) = text.find(['\u{85}', '\u{2028}', '\u{2029}']) {
            let (before, rest) = text.split_at(at);
            let end = rest.chars().next().unwrap_or_default();
            write!(out, "{before}\\u{:04x}", u32::from(end))?;
            text = &rest[end.len_utf8()..];
        }
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chain is added to the text of a line: there the value has to be what a reader of records takes for it.
    #[test]
    fn a_chain_value_is_the_last_member_of_a_line() {
        let end = format!(",\"chain\":\"{}\"}}}}", "a".repeat(64));
        for record in crate::recorder::tests::records() {
            let mut record: Record = serde_json::from_value(record).expect("a record");
            record.number(7);
            let plain = record_line(&record).expect("a line");
            assert!(plain.ends_with(b"}}"));
            let linked = [&plain[..plain.len() - 2], end.as_bytes()].concat();
            let read: Record = serde_json::from_slice(&linked).expect("a record");
            assert_eq!(read.shellsift.chain, Some("a".repeat(64)));
            assert_eq!((read.event.sequence, record_line(&read).expect("a line")), (Some(7), linked));
        }
    }
}
