//! What is in which sheet.

use super::book::{Column, Sheet};
use super::cell::Cell;
use super::clients;
use crate::case::{Case, Entry, Run};
use crate::model::{Level, Timestamp};
use crate::record::{
    ActionRecord, Counted, FindingBody, HealthRecord, HitBody, LevelCount, ReasonRecord, RequestsRecord, Time,
};
use std::borrow::Cow;

type Rows<'c> = Box<dyn Iterator<Item = Vec<Cell<'c>>> + 'c>;

/// Every sheet, in order.
pub(super) fn all(case: &Case) -> Vec<Sheet<'_>> {
    let summaries: Rows = Box::new(case.runs.iter().map(summary));
    let mut sheets = vec![("summary", SUMMARY, summaries)];
    let actions = case.actions();
    if !actions.is_empty() {
        sheets.push(("what to do now", ACTIONS, Box::new((1..).zip(actions).flat_map(action))));
    }
    sheets.extend([
        ("findings", FINDINGS, of_all(case, |run| &run.findings, finding)),
        ("reasons", REASONS, reasons(case)),
        ("log hits", HITS, of_all(case, |run| &run.hits, hit)),
        ("timeline", TIMELINE, timeline(case)),
        ("clients", CLIENTS, Box::new(clients::rows(case).into_iter())),
        ("requests", REQUESTS, of_all(case, |run| &run.requests, requests)),
        ("gaps", GAPS, gaps(case)),
        ("patch level", PATCH_LEVEL, of_all(case, |run| &run.health, patch_level)),
        ("builds seen", BUILDS, builds(case)),
    ]);
    sheets.into_iter().map(|(name, columns, rows)| Sheet { name, columns, rows }).collect()
}

/// A row per record of all runs.
fn of_all<'c, B>(
    case: &'c Case,
    list: fn(&'c Run) -> &'c Vec<Entry<B>>,
    row: fn(&'c Run, &'c Entry<B>) -> Vec<Cell<'c>>,
) -> Rows<'c> {
    Box::new(case.runs.iter().flat_map(move |run| list(run).iter().map(move |one| row(run, one))))
}

fn optional(text: Option<&str>) -> Cell<'_> {
    Cell::of(text, Cell::text)
}

/// `GET (3), POST (1)`
fn counted(list: &[Counted]) -> Cell<'_> {
    let list: Vec<String> = list.iter().map(|one| format!("{} ({})", one.value, one.count)).collect();
    Cell::text(list.join(", "))
}

const SUMMARY: &[Column] = &[
    ("server", 18),
    ("verdict", 14),
    ("why", 80),
    ("complete", 10),
    ("not examined", 50),
    ("critical", 9),
    ("high", 9),
    ("medium", 9),
    ("low", 9),
    ("info", 9),
    ("log hits, high and above", 12),
    ("patch level", 50),
    ("logs", 50),
    ("case", 14),
    ("examiner", 14),
    ("started (UTC)", 23),
    ("ended (UTC)", 23),
    ("evidence", 50),
    ("command line", 60),
    ("version", 10),
    ("input", 24),
    ("scan id", 18),
];

fn summary(run: &Run) -> Vec<Cell<'_>> {
    let end = run.end.as_ref();
    let summary = end.and_then(|end| end.summary.as_ref());
    let labels = run.labels.as_ref();
    let start = run.start.as_ref();
    let count = |list: &[LevelCount], of: Level| list.iter().find(|one| one.value.0 == of).map_or(0, |one| one.count);
    let findings = |of| Cell::of(summary, |summary| Cell::count(count(&summary.findings, of)));
    let hits = summary.and_then(|summary| summary.log_hits.as_ref());
    let hits = hits.map(|list| count(list, Level::High).saturating_add(count(list, Level::Critical)));
    let lines = |list: &[String]| Cell::text(list.join("; "));
    let evidence = |sources: &[crate::record::SourceRecord]| {
        Cell::text(sources.iter().map(|source| source.analysis_path.as_str()).collect::<Vec<_>>().join("; "))
    };
    let complete = match end {
        Some(end) if end.complete => "yes",
        Some(_) => "no",
        None => "no: the output ends before the end of the run",
    };
    vec![
        Cell::text(run.server()),
        Cell::of(summary, |summary| Cell::text(summary.verdict.0.words(summary.subject.0))),
        Cell::of(summary, |summary| Cell::text(&summary.description)),
        Cell::text(complete),
        optional(summary.and_then(|summary| summary.gaps.as_deref())),
        findings(Level::Critical),
        findings(Level::High),
        findings(Level::Medium),
        findings(Level::Low),
        findings(Level::Info),
        Cell::of(hits, Cell::count),
        Cell::of(summary, |summary| lines(&summary.patch_level)),
        optional(summary.and_then(|summary| summary.logs.as_deref())),
        optional(labels.and_then(|labels| labels.case.as_deref())),
        optional(labels.and_then(|labels| labels.examiner.as_deref())),
        Cell::time(start.and_then(|start| start.started)),
        Cell::time(summary.map(|summary| summary.ended)),
        Cell::of(start, |start| evidence(&start.sources)),
        Cell::of(start, |start| Cell::text(&start.command_line)),
        Cell::of(run.observer.as_ref(), |observer| Cell::text(&*observer.version)),
        Cell::text(&run.input),
        Cell::text(&run.scan_id),
    ]
}

const ACTIONS: &[Column] =
    &[("step", 6), ("what to do", 50), ("why and how", 70), ("to what", 80), ("finding", 60), ("references", 60)];

/// A row per item of an action, with the number of its step, and one for what was too much to list.
fn action<'c>((step, action): (u64, ActionRecord)) -> Vec<Vec<Cell<'c>>> {
    let row = |item: String, finding: Option<String>| {
        vec![
            Cell::count(step),
            Cell::text(action.title.clone()),
            Cell::text(action.description.clone()),
            Cell::text(item),
            Cell::of(finding, Cell::text),
            Cell::text(action.references.join(" ")),
        ]
    };
    let mut rows: Vec<_> =
        action.items.iter().map(|item| row(item.description.clone(), item.finding.clone())).collect();
    if action.items_omitted > 0 {
        rows.push(row(format!("{} more are not listed", action.items_omitted), None));
    }
    if rows.is_empty() {
        rows.push(row(String::new(), None));
    }
    rows
}

const FINDINGS: &[Column] = &[
    ("server", 18),
    ("level", 10),
    ("score", 8),
    ("path", 80),
    ("strongest reason", 60),
    ("reasons", 9),
    ("size", 11),
    ("created (UTC)", 23),
    ("modified (UTC)", 23),
    ("changed (UTC)", 23),
    ("accessed (UTC)", 23),
    ("$FILE_NAME created (UTC)", 25),
    ("$FILE_NAME modified (UTC)", 25),
    ("$FILE_NAME changed (UTC)", 25),
    ("$FILE_NAME accessed (UTC)", 25),
    ("implausible times", 20),
    ("requests", 10),
    ("first request (UTC)", 23),
    ("last request (UTC)", 23),
    ("clients", 9),
    ("executes at", 50),
    ("sha256", 68),
    ("sha1", 44),
    ("md5", 36),
    ("baseline", 14),
    ("patch level then", 40),
    ("techniques", 24),
    ("attributes", 20),
    ("inode", 10),
    ("deleted", 9),
    ("examined", 14),
    ("case", 14),
];

fn finding<'c>(run: &'c Run, finding: &'c Entry<FindingBody>) -> Vec<Cell<'c>> {
    let Entry { head, body } = finding;
    let file = head.file.as_ref();
    let hash = file.and_then(|file| file.hash.as_ref());
    let ntfs = body.state.ntfs.as_ref();
    let requests = body.file_requests.as_ref();
    let implausible: Vec<String> =
        head.implausible_times.iter().map(|time| format!("{}: Unix time {}", time.field, time.unix_time)).collect();
    let techniques = head.threat.as_ref().map(|threat| &threat.technique);
    let techniques = techniques.map(|one| one.subtechnique.as_ref().map_or(&one.id, |ids| &ids.id).join(" "));
    vec![
        Cell::text(run.server()),
        Cell::text(body.level.0.name()),
        Cell::Number(body.score),
        Cell::text(finding.path()),
        Cell::of(body.reasons.first(), |reason| Cell::text(&reason.title)),
        Cell::count(body.reasons.len() as u64),
        Cell::of(file.and_then(|file| file.size), Cell::count),
        Cell::time(file.and_then(|file| file.created)),
        Cell::time(file.and_then(|file| file.mtime)),
        Cell::time(file.and_then(|file| file.ctime)),
        Cell::time(file.and_then(|file| file.accessed)),
        Cell::time(ntfs.and_then(|ntfs| ntfs.name_created)),
        Cell::time(ntfs.and_then(|ntfs| ntfs.name_modified)),
        Cell::time(ntfs.and_then(|ntfs| ntfs.name_changed)),
        Cell::time(ntfs.and_then(|ntfs| ntfs.name_accessed)),
        Cell::text(implausible.join("; ")),
        Cell::of(requests, |requests| Cell::count(requests.count)),
        Cell::time(requests.and_then(|requests| requests.first)),
        Cell::time(requests.and_then(|requests| requests.last)),
        Cell::of(requests, |requests| Cell::count(requests.clients)),
        Cell::text(body.executes_at().collect::<Vec<_>>().join(" ")),
        optional(hash.and_then(|hash| hash.sha256.as_deref())),
        optional(hash.and_then(|hash| hash.sha1.as_deref())),
        optional(hash.and_then(|hash| hash.md5.as_deref())),
        Cell::of(body.state.baseline.as_ref(), |baseline| Cell::text(baseline.status.0.name())),
        optional(body.patch_level.as_deref()),
        Cell::of(techniques, Cell::text),
        Cell::of(file, |file| Cell::text(file.attributes.join(" "))),
        optional(file.and_then(|file| file.inode.as_deref())),
        Cell::of(ntfs, |ntfs| Cell::text(if ntfs.deleted { "yes" } else { "no" })),
        Cell::text(body.state.examined.name()),
        optional(run.labels.as_ref().and_then(|labels| labels.case.as_deref())),
    ]
}

const REASONS: &[Column] = &[
    ("server", 18),
    ("level", 10),
    ("path", 80),
    ("score", 8),
    ("reason", 70),
    ("kind", 12),
    ("check", 34),
    ("rule", 34),
    ("ruleset", 20),
    ("reference", 40),
    ("locations", 10),
    ("first: line", 10),
    ("first: offset", 11),
    ("first: encodings", 20),
    ("first: excerpt", 80),
    ("data flow", 50),
    ("sha256", 68),
];

fn reasons(case: &Case) -> Rows<'_> {
    let findings = case.runs.iter().flat_map(|run| run.findings.iter().map(move |finding| (run, finding)));
    Box::new(findings.flat_map(|(run, finding)| finding.body.reasons.iter().map(move |one| reason(run, finding, one))))
}

fn reason<'c>(run: &'c Run, finding: &'c Entry<FindingBody>, reason: &'c ReasonRecord) -> Vec<Cell<'c>> {
    let rule = reason.rule.as_ref();
    let first = reason.locations.first();
    let hash = finding.head.file.as_ref().and_then(|file| file.hash.as_ref());
    vec![
        Cell::text(run.server()),
        Cell::text(finding.body.level.0.name()),
        Cell::text(finding.path()),
        Cell::count(reason.score.into()),
        Cell::text(&reason.title),
        Cell::text(reason.kind.0.name()),
        Cell::text(&reason.id),
        Cell::of(rule, |rule| Cell::text(&rule.name)),
        Cell::of(rule, |rule| Cell::text(&rule.ruleset)),
        optional(rule.and_then(|rule| rule.reference.as_deref())),
        Cell::count(reason.locations.len() as u64),
        Cell::of(first.and_then(|first| first.line), Cell::count),
        Cell::of(first, |first| Cell::count(first.offset)),
        Cell::of(first, |first| Cell::text(&first.encodings)),
        Cell::of(first, |first| Cell::text(&first.excerpt)),
        Cell::text(reason.data_flow.join(" -> ")),
        optional(hash.and_then(|hash| hash.sha256.as_deref())),
    ]
}

const HITS: &[Column] = &[
    ("server", 18),
    ("level", 10),
    ("stage", 26),
    ("what", 70),
    ("check", 34),
    ("client", 24),
    ("lines", 8),
    ("first (UTC)", 23),
    ("last (UTC)", 23),
    ("CVEs", 30),
    ("patch level then", 40),
    ("first: log", 80),
    ("first: line", 10),
    ("first: text", 80),
];

fn hit<'c>(run: &'c Run, hit: &'c Entry<HitBody>) -> Vec<Cell<'c>> {
    let Entry { head, body: HitBody { level, hit, .. } } = hit;
    let first = hit.locations.first();
    vec![
        Cell::text(run.server()),
        Cell::text(level.0.name()),
        Cell::text(hit.stage.0.words()),
        Cell::text(&hit.title),
        Cell::text(&*hit.check),
        optional(hit.client.as_deref()),
        Cell::count(hit.count),
        Cell::time(head.event.start),
        Cell::time(head.event.end),
        Cell::text(hit.cves.join(" ")),
        optional(hit.patch_level.as_deref()),
        Cell::of(first, |first| Cell::text(format!("{}{}", first.path, first.if_deleted()))),
        Cell::of(first, |first| Cell::count(first.line)),
        Cell::of(first, |first| Cell::text(&first.excerpt)),
    ]
}

const TIMELINE: &[Column] = &[("time (UTC)", 23), ("server", 18), ("event", 22), ("what", 110)];

/// The events of all servers, in time order.
fn timeline(case: &Case) -> Rows<'_> {
    let mut all: Vec<_> = case.runs.iter().flat_map(|run| run.timeline.iter().map(move |event| (run, event))).collect();
    all.sort_by_key(|(_, event)| event.head.timestamp);
    Box::new(all.into_iter().map(|(run, event)| {
        vec![
            Cell::Time(event.head.timestamp),
            Cell::text(run.server()),
            Cell::text(event.body.kind.0.words()),
            Cell::text(&event.body.description),
        ]
    }))
}

const CLIENTS: &[Column] = &[
    ("client", 30),
    ("kind", 10),
    ("server", 18),
    ("servers in all", 9),
    ("level of log hits", 10),
    ("log lines", 10),
    ("stages", 40),
    ("checks", 60),
    ("requests for found files", 12),
    ("found files requested", 12),
    ("first (UTC)", 23),
    ("last (UTC)", 23),
];

const REQUESTS: &[Column] = &[
    ("server", 18),
    ("path", 80),
    ("url", 50),
    ("requests", 10),
    ("first (UTC)", 23),
    ("last (UTC)", 23),
    ("first success (UTC)", 23),
    ("last success (UTC)", 23),
    ("methods", 20),
    ("statuses", 20),
    ("clients", 50),
    ("user agents", 80),
];

fn requests<'c>(run: &'c Run, requests: &'c Entry<RequestsRecord>) -> Vec<Cell<'c>> {
    let Entry { head, body } = requests;
    vec![
        Cell::text(run.server()),
        Cell::text(requests.path()),
        Cell::of(head.url.as_ref(), |url| Cell::text(&url.path)),
        Cell::count(body.count),
        Cell::time(head.event.start),
        Cell::time(head.event.end),
        Cell::time(body.first_success),
        Cell::time(body.last_success),
        counted(&body.methods),
        counted(&body.statuses),
        counted(&body.clients),
        counted(&body.user_agents),
    ]
}

const GAPS: &[Column] =
    &[("server", 18), ("kind", 24), ("path", 80), ("what", 90), ("from (UTC)", 23), ("to (UTC)", 23)];

fn gaps(case: &Case) -> Rows<'_> {
    let times = "times have milliseconds here; the JSONL output has them in full";
    let note = vec![Cell::Empty, Cell::text("note"), Cell::Empty, Cell::text(times)];
    let rows = case.gaps().into_iter().map(|gap| {
        vec![
            Cell::text(gap.server),
            Cell::text(gap.kind),
            Cell::text(gap.path),
            Cell::Text(Cow::Owned(gap.message)),
            Cell::time(gap.from),
            Cell::time(gap.to),
        ]
    });
    Box::new(rows.chain([note]))
}

const PATCH_LEVEL: &[Column] = &[
    ("server", 18),
    ("installation", 50),
    ("build", 14),
    ("from", 24),
    ("product", 24),
    ("cumulative update", 12),
    ("update", 12),
    ("released (UTC)", 23),
    ("end of support (UTC)", 23),
    ("out of support", 10),
    ("CVEs known to be exploited (CISA KEV)", 60),
    ("other CVEs", 40),
    ("updates to install", 60),
    ("mitigations", 40),
    ("caveats", 40),
    ("conditions", 40),
    ("reference data until", 14),
];

fn patch_level<'c>(run: &'c Run, health: &'c Entry<HealthRecord>) -> Vec<Cell<'c>> {
    let body = &health.body;
    let level = body.level.as_ref();
    let cves = |exploited: bool| {
        let those = body.vulnerabilities.iter().filter(|one| one.known_exploited == exploited);
        Cell::text(those.map(|one| one.cve.as_str()).collect::<Vec<_>>().join(" "))
    };
    let joined = |list: &[String]| Cell::text(list.join("; "));
    vec![
        Cell::text(run.server()),
        Cell::text(health.path()),
        Cell::text(&body.build),
        Cell::text(&body.source),
        Cell::of(level, |level| Cell::text(&level.product)),
        Cell::of(level, |level| Cell::text(&level.cumulative_update)),
        Cell::of(level, |level| Cell::text(&level.update)),
        Cell::of(level, |level| date(&level.released)),
        Cell::of(level, |level| date(&level.end_of_support)),
        Cell::of(level, |level| Cell::text(if level.out_of_support { "yes" } else { "no" })),
        cves(true),
        cves(false),
        joined(&body.updates_to_install),
        joined(&body.mitigations),
        joined(&body.caveats),
        joined(&body.conditions),
        Cell::text(&body.reference_data),
    ]
}

/// A day of the reference data, `2021-03-02`.
fn date(text: &str) -> Cell<'_> {
    let time: Option<jiff::Timestamp> = format!("{text}T00:00:00Z").parse().ok();
    let time = time.map(|time| Time(Timestamp::new(time.as_second(), 0))).filter(|time| time.0.is_plausible());
    time.map_or_else(|| Cell::text(text), Cell::Time)
}

const BUILDS: &[Column] =
    &[("server", 18), ("installation", 50), ("build", 14), ("first (UTC)", 23), ("last (UTC)", 23), ("seen in", 60)];

/// The builds that files and logs have, which are the patch level at earlier times.
fn builds(case: &Case) -> Rows<'_> {
    let installations = case.runs.iter().flat_map(|run| run.health.iter().map(move |health| (run, health)));
    Box::new(installations.flat_map(|(run, health)| {
        health.body.builds_seen.iter().map(move |seen| {
            vec![
                Cell::text(run.server()),
                Cell::text(health.path()),
                Cell::text(&seen.build),
                Cell::time(seen.first),
                Cell::time(seen.last),
                Cell::text(&seen.source),
            ]
        })
    }))
}
