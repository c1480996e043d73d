//! What the page has beside findings and log hits: the verdict, what to do now, patch level, gaps, and how it was obtained.

use super::clients::Clients;
use super::facts::{Facts, link, number, short};
use super::finding::Findings;
use super::limits::{BLOCK, Limits};
use super::logs::{self, Coverage};
use super::servers::Servers;
use super::timeline::{self, Timeline};
use crate::case::{Case, Entry, Run};
use crate::model::{Level, Outcome};
use crate::record::{ActionRecord, CoverageRecord, HealthRecord, RunRecord};
use crate::text::{bytes, grouped, short_times};
use serde::Serialize;

/// Reasons and folders that can be chosen from a list, the most frequent ones.
const CHOICES: usize = 500;
/// Problems that are listed, and links that were not followed.
const PROBLEMS: usize = 5_000;
const LINKS: usize = 200;

/// The page down to its first finding.
#[derive(Serialize)]
pub(super) struct Top<'c> {
    title: String,
    several: bool,
    version: &'c str,
    scanned: String,
    case: String,
    examiner: String,
    runs: Vec<Verdict<'c>>,
    overall: String,
    overall_verdict: &'static str,
    actions: Vec<Action>,
    timeline: Option<Timeline>,
    servers: &'c [&'c str],
    findings: usize,
    /// Findings that are in the page, and how many a block of them has.
    listed: usize,
    block: usize,
    levels: Vec<Choice<'static>>,
    reasons: Vec<Choice<'c>>,
    folders: Vec<Choice<'c>>,
    hits: usize,
    clients: usize,
    problems: usize,
    unread: &'c [String],
    notes: &'c [String],
}

/// The verdict of a run.
#[derive(Serialize)]
struct Verdict<'c> {
    server: &'c str,
    id: &'static str,
    word: String,
    description: String,
    gaps: &'c str,
    patch_level: &'c [String],
    logs: String,
    /// Findings from critical to info.
    counts: Vec<String>,
}

/// A value to filter by.
#[derive(Serialize)]
struct Choice<'c> {
    value: &'c str,
    count: String,
}

/// Items of an action on the page; those of many servers are in the JSONL outputs.
const ITEMS: usize = 500;

/// What to do now.
#[derive(Serialize)]
struct Action {
    title: String,
    why: String,
    /// How many items there are in all.
    count: String,
    items: Vec<Item>,
    items_left_out: u64,
    references: Vec<Reference>,
}

#[derive(Serialize)]
struct Item {
    text: String,
    finding: String,
}

#[derive(Serialize)]
struct Reference {
    text: String,
    link: Option<String>,
}

pub(super) fn top<'c>(
    case: &'c Case,
    servers: &'c Servers<'c>,
    findings: &Findings<'c>,
    clients: usize,
    limits: &Limits,
) -> Top<'c> {
    let mut started: Vec<String> =
        case.runs.iter().filter_map(|run| run.start.as_ref()).map(|run| short(run.started)).collect();
    started.sort();
    let label = |of: fn(&crate::record::Labels) -> Option<&String>| {
        let mut list: Vec<&String> = case.runs.iter().filter_map(|run| of(run.labels.as_ref()?)).collect();
        list.sort();
        list.dedup();
        list.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let choice = |(value, count): &(&'c str, u64)| Choice { value, count: grouped(*count) };
    // Each level with all above it.
    let levels =
        Level::ALL.iter().zip(findings.levels).enumerate().rev().map(|(at, (level, _))| Choice {
            value: level.name(),
            count: grouped(findings.levels.iter().skip(at).sum()),
        });
    let verdict = case.verdict();
    Top {
        title: match servers.names.as_slice() {
            [] => "shellsift report".to_owned(),
            [one] => format!("shellsift report: {one}"),
            several => format!("shellsift report: {} servers", several.len()),
        },
        several: servers.several(),
        version: case
            .runs
            .iter()
            .filter_map(|run| run.observer.as_ref())
            .map(|observer| observer.version.as_ref())
            .max()
            .unwrap_or_default(),
        scanned: match (started.first(), started.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(first), _) => first.clone(),
            _ => String::new(),
        },
        case: label(|labels| labels.case.as_ref()),
        examiner: label(|labels| labels.examiner.as_ref()),
        runs: verdicts(case, servers),
        overall: overall(case),
        overall_verdict: verdict.map(Outcome::name).unwrap_or("none"),
        actions: case.actions().into_iter().map(Action::from).collect(),
        timeline: timeline::timeline(case, servers),
        servers: &servers.names,
        findings: findings.total,
        listed: findings.total.min(limits.findings),
        block: BLOCK,
        levels: levels.collect(),
        reasons: findings.reasons.iter().take(CHOICES).map(choice).collect(),
        folders: findings.folders.iter().take(CHOICES).map(choice).collect(),
        hits: case.runs.iter().map(|run| run.hits.len()).sum(),
        clients,
        problems: case.runs.iter().map(|run| run.problems.len()).sum::<usize>() + case.unread.len(),
        unread: &case.unread,
        notes: &case.notes,
    }
}

/// The verdicts of the runs, the most urgent first.
fn verdicts<'c>(case: &'c Case, servers: &Servers<'c>) -> Vec<Verdict<'c>> {
    let rank = |run: &&Run| Outcome::ALL.iter().position(|outcome| Some(*outcome) == run.verdict());
    let mut runs: Vec<&Run> = case.runs.iter().collect();
    let critical = |run: &Run| run.findings.iter().filter(|finding| finding.body.level.0 >= Level::High).count();
    runs.sort_by_key(|run| (rank(run).unwrap_or(usize::MAX), std::cmp::Reverse(critical(run))));
    let verdict = |run: &'c Run| {
        let summary = run.end.as_ref().and_then(|end| end.summary.as_ref());
        let number = servers.of_run(run);
        let count = |level: &Level| run.findings.iter().filter(|finding| finding.body.level.0 == *level).count();
        Verdict {
            server: servers.name(number),
            id: run.verdict().map(Outcome::name).unwrap_or("none"),
            word: run.verdict().map_or_else(|| "no verdict".to_owned(), |verdict| verdict.name().replace('_', " ")),
            description: summary.map(|summary| short_times(&summary.description)).unwrap_or_default(),
            gaps: match (&run.end, summary) {
                (None, _) => "the output ends before the end of the run",
                (_, Some(summary)) => summary.gaps.as_deref().unwrap_or_default(),
                (Some(_), None) => "",
            },
            patch_level: summary.map(|summary| summary.patch_level.as_slice()).unwrap_or_default(),
            logs: summary.and_then(|summary| summary.logs.as_deref()).map(short_times).unwrap_or_default(),
            counts: Level::ALL.iter().rev().map(|level| grouped(count(level) as u64)).collect(),
        }
    };
    runs.into_iter().map(verdict).collect()
}

/// The verdicts of several runs in a line: `3 compromised, 1 suspicious, 36 nothing found`.
fn overall(case: &Case) -> String {
    let count = |outcome: Option<Outcome>| case.runs.iter().filter(|run| run.verdict() == outcome).count();
    let mut parts: Vec<String> = Outcome::ALL
        .iter()
        .map(|outcome| (outcome.name().replace('_', " "), count(Some(*outcome))))
        .chain([("without a verdict".to_owned(), count(None))])
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let incomplete = case.runs.iter().filter(|run| run.end.as_ref().is_none_or(|end| !end.complete)).count();
    if incomplete > 0 {
        parts.push(format!("{} not complete", number(incomplete as u64, "scan is", "scans are")));
    }
    parts.join(", ")
}

impl From<ActionRecord> for Action {
    fn from(action: ActionRecord) -> Self {
        let item = |item: crate::record::ActionItemRecord| {
            // Most items name their file themselves.
            let finding = item.finding.filter(|finding| !item.description.contains(finding.as_str()));
            Item { text: item.description, finding: finding.unwrap_or_default() }
        };
        let left_out = (action.items.len().saturating_sub(ITEMS) as u64).saturating_add(action.items_omitted);
        Self {
            title: action.title,
            why: action.description,
            count: crate::text::grouped((action.items.len() as u64).saturating_add(action.items_omitted)),
            items: action.items.into_iter().take(ITEMS).map(item).collect(),
            items_left_out: left_out,
            references: action.references.into_iter().map(|text| Reference { link: link(&text), text }).collect(),
        }
    }
}

/// The page below its last log hit.
#[derive(Serialize)]
pub(super) struct Bottom<'c> {
    several: bool,
    hits_left_out: usize,
    coverage: Vec<Coverage<'c>>,
    clients: Clients,
    installations: Vec<Installation<'c>>,
    problems: Vec<ProblemRow<'c>>,
    problems_left_out: usize,
    unread: &'c [String],
    suppressed: Vec<SuppressedRow<'c>>,
    suppressed_left_out: usize,
    counts: Vec<Counts<'c>>,
    runs: Vec<Provenance<'c>>,
}

/// The patch level of an installation.
#[derive(Serialize)]
struct Installation<'c> {
    server: &'c str,
    path: &'c str,
    build: String,
    level: String,
    support: String,
    exploited: Vec<String>,
    others: Vec<String>,
    notes: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct ProblemRow<'c> {
    server: &'c str,
    kind: String,
    gap: bool,
    path: &'c str,
    text: &'c str,
}

/// Rows of what is suppressed.
const SUPPRESSED: usize = 2_000;

/// What the user's list suppresses, and why.
#[derive(Serialize)]
struct SuppressedRow<'c> {
    server: &'c str,
    level: &'static str,
    what: &'c str,
    reason: &'c str,
    until: &'c str,
}

/// The counts of a run: every surveyed file in one.
#[derive(Serialize)]
struct Counts<'c> {
    server: &'c str,
    text: String,
    links: Vec<String>,
    links_left_out: usize,
}

/// How the results of a run were obtained.
#[derive(Serialize)]
struct Provenance<'c> {
    server: &'c str,
    input: &'c str,
    facts: Facts,
}

pub(super) fn bottom<'c>(case: &'c Case, servers: &Servers<'c>, clients: Clients, hits_left_out: usize) -> Bottom<'c> {
    let of_run = |run: &'c Run| run.problems.iter().map(move |problem| (run, problem));
    let problems: Vec<_> = case.runs.iter().flat_map(of_run).collect();
    let problem = |(run, entry): &(&'c Run, &'c Entry<crate::record::ProblemRecord>)| ProblemRow {
        server: servers.label(servers.of_run(run)),
        kind: entry.body.kind.0.name().replace('_', " "),
        gap: entry.body.gap,
        path: entry.path(),
        text: entry.head.error.as_ref().map_or(entry.head.message.as_str(), |error| &error.message),
    };
    let installations = case
        .runs
        .iter()
        .flat_map(|run| run.health.iter().map(|health| Installation::new(servers.name(servers.of_run(run)), health)));
    let suppressed = case.suppressed_entries().take(SUPPRESSED).map(|(run, level, what, why)| SuppressedRow {
        server: servers.label(servers.of_run(run)),
        level: level.name(),
        what,
        reason: &why.reason,
        until: why.expires.as_deref().unwrap_or_default(),
    });
    Bottom {
        several: servers.several(),
        hits_left_out,
        coverage: logs::coverage(case, servers),
        clients,
        installations: installations.collect(),
        problems: problems.iter().take(PROBLEMS).map(problem).collect(),
        problems_left_out: problems.len().saturating_sub(PROBLEMS),
        unread: &case.unread,
        suppressed: suppressed.collect(),
        suppressed_left_out: case.suppressed_entries().skip(SUPPRESSED).count(),
        counts: case.runs.iter().filter_map(|run| Counts::of(run, servers)).collect(),
        runs: case.runs.iter().map(|run| Provenance::of(run, servers)).collect(),
    }
}

impl<'c> Installation<'c> {
    fn new(server: &'c str, entry: &'c Entry<HealthRecord>) -> Self {
        let health = &entry.body;
        let (mut exploited, mut others) = (Vec::new(), Vec::new());
        for one in &health.vulnerabilities {
            let name =
                [Some(&one.cve), one.nickname.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
            let fix = match (&one.fixed_build, &one.fixed_by) {
                (Some(build), Some(by)) => format!("fixed in {build} ({by})"),
                (Some(build), None) => format!("fixed in {build}"),
                (None, _) => "no fix was released for this CU".to_owned(),
            };
            let more =
                [one.caveat.as_ref(), one.condition.as_ref()].into_iter().flatten().map(|text| format!("; {text}"));
            if one.known_exploited {
                exploited.push(format!("{name}: {fix}{}", more.collect::<String>()));
            } else {
                others.push(name);
            }
        }
        let mut notes: Vec<(&'static str, String)> = Vec::new();
        let mut note = |name, list: &[String]| notes.extend(list.iter().map(|text| (name, text.clone())));
        note("install", &health.updates_to_install);
        note("caveat", &health.caveats);
        note("mitigation", &health.mitigations);
        note("not visible in files", &health.conditions);
        let differs = health.builds_seen.iter().filter(|seen| seen.build != health.build);
        let seen: Vec<String> = differs
            .map(|seen| format!("{}, {} {}", seen.build, seen.source, super::facts::span(seen.first, seen.last)))
            .collect();
        note("other build", &seen);
        note("reference data", std::slice::from_ref(&health.reference_data));
        let level = health.level.as_ref();
        Self {
            server,
            path: entry.path(),
            build: match health.build.as_str() {
                "" => "unknown".to_owned(),
                build => format!("{build} ({})", health.source),
            },
            level: level
                .map(|level| {
                    let nearest = if level.nearest { " (the nearest known build)" } else { "" };
                    let words = [&level.product, &level.cumulative_update, &level.update].map(String::as_str).join(" ");
                    format!("{}, released {}{nearest}", words.trim_end(), level.released)
                })
                .unwrap_or_default(),
            support: level
                .filter(|level| !level.end_of_support.is_empty())
                .map(|level| {
                    format!("{} {}", if level.out_of_support { "ended" } else { "until" }, level.end_of_support)
                })
                .unwrap_or_default(),
            exploited,
            others,
            notes,
        }
    }
}

impl<'c> Counts<'c> {
    fn of(run: &'c Run, servers: &Servers<'c>) -> Option<Self> {
        let coverage = run.coverage.as_ref()?;
        let link = |link: &crate::record::SkippedRecord| match &link.target {
            Some(target) => format!("{} {} leads to {target}", link.kind, link.path),
            None => format!("{} {}", link.kind, link.path),
        };
        let mut text = coverage_words(coverage);
        let omitted = [
            (run.omitted.findings, "findings"),
            (run.omitted.problems, "problems"),
            (run.omitted.timeline, "events of the timeline"),
        ];
        for (count, what) in omitted.into_iter().filter(|(count, _)| *count > 0) {
            text.push_str(&format!("; {} {what} were too many to keep: the JSONL output has them", grouped(count)));
        }
        Some(Self {
            server: servers.label(servers.of_run(run)),
            text,
            links: coverage.not_followed.iter().take(LINKS).map(link).collect(),
            links_left_out: coverage.not_followed.len().saturating_sub(LINKS),
        })
    }
}

/// The counts of a run in words.
fn coverage_words(coverage: &CoverageRecord) -> String {
    let skipped: u64 = coverage.skipped.iter().fold(0, |sum, one| sum.saturating_add(one.count));
    let parts = [
        (coverage.examined, "examined"),
        (coverage.known_good, "known good"),
        (coverage.partially_examined, "partially examined"),
        (skipped, "links and devices skipped"),
        (coverage.failed, "could not be read"),
        (coverage.not_reached, "not reached"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    let mut text = format!(
        "{} in {}, {} read: {}",
        number(coverage.surveyed, "file surveyed", "files surveyed"),
        number(coverage.folders, "folder", "folders"),
        bytes(coverage.bytes),
        parts.join(", ")
    );
    if coverage.names_only > 0 {
        text.push_str(&format!(
            "; {} more in folders where only web file types are scanned",
            grouped(coverage.names_only)
        ));
    }
    if coverage.archives > 0 {
        text.push_str(&format!("; {} not unpacked", number(coverage.archives, "archive was", "archives were")));
    }
    text
}

impl<'c> Provenance<'c> {
    fn of(run: &'c Run, servers: &Servers<'c>) -> Self {
        let mut facts = Facts::default();
        if let Some(observer) = &run.observer {
            facts.add("program", format!("{} {}", observer.product, observer.version));
        }
        if let Some(start) = &run.start {
            of_start(&mut facts, start);
        }
        if let Some(summary) = run.end.as_ref().and_then(|end| end.summary.as_ref()) {
            facts.add_with("ended", summary.ended.to_string(), format!("{:.1} seconds", summary.seconds));
        }
        facts.add("scan id", run.scan_id.clone());
        if let Some(labels) = &run.labels {
            facts.add("case", labels.case.clone().unwrap_or_default());
            facts.add("examiner", labels.examiner.clone().unwrap_or_default());
        }
        Self { server: servers.name(servers.of_run(run)), input: &run.input, facts }
    }
}

fn of_start(facts: &mut Facts, start: &RunRecord) {
    facts.add_hash("program SHA-256", start.program_sha256.as_ref());
    facts.add_hash("rules SHA-256", start.rules_sha256.as_ref());
    facts.add("rules", start.signatures.clone());
    facts.add("reference data", start.reference_data.clone().unwrap_or_default());
    facts.add("detectors", start.detectors.join(", "));
    facts.add_with("command line", start.command_line.clone(), "");
    facts.add_time("started", start.started);
    facts.add("host name from", start.host_source.as_deref().unwrap_or_default());
    for source in &start.sources {
        let mut note = vec![source.kind.clone()];
        note.push(match source.times.as_slice() {
            [] => "no original times".to_owned(),
            times => format!("original times: {}", times.join(", ")),
        });
        note.extend(source.limitations.iter().cloned());
        facts.add_with("source", format!("{} as {}", source.analysis_path, source.server_path), note.join("; "));
    }
    for discovered in &start.discovered {
        facts.add_with("discovered", discovered.description.clone(), discovered.kind.clone());
    }
    let Some(server) = &start.server else { return };
    facts.add_time("Windows installed", server.windows_installed);
    facts.add_time("last shutdown", server.last_shutdown);
    if let Some(zone) = &server.time_zone {
        let offsets = [zone.offset.as_deref(), zone.daylight_offset.as_deref()];
        let offsets = offsets.into_iter().flatten().collect::<Vec<_>>().join(", in summer ");
        facts.add_with("time zone", zone.name.as_deref().unwrap_or("without a name"), offsets);
    }
    for exclusion in &server.defender_exclusions {
        let note =
            format!("{}; {}", exclusion.source.0.name().replace('_', " "), exclusion.advice.0.name().replace('_', " "));
        facts.add_with("Defender exclusion", exclusion.value.clone(), note);
    }
}
