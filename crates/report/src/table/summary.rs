//! The summary: a line per finding, and where there are several servers, a line per server before.

use super::end::{summary as summary_of, urgency, verdict_of};
use super::groups::Group;
use super::page::{Page, minute, padded};
use crate::case::{Case, Run};
use crate::model::{Level, Outcome};
use crate::text::{columns, grouped, plain, shorten, shorten_path, truncate};
use std::io;

/// Findings and servers that have a line without `-v`.
const FINDINGS: usize = 12;
const SERVERS: usize = 50;
/// From this width on, requests have a time and not only a day.
const WIDE: usize = 110;

/// A line per server, those with the most urgent verdict first.
pub(super) fn servers(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    if case.runs.len() < 2 {
        return Ok(());
    }
    let mut runs: Vec<&Run> = case.runs.iter().collect();
    runs.sort_by_cached_key(|run| (std::cmp::Reverse((urgency(run), levels(run))), run.server().to_lowercase()));
    let shown = if page.verbose() { runs.len() } else { SERVERS };
    let name = runs.iter().take(shown).map(|run| columns(&plain(run.server()))).max().unwrap_or(0);
    let name = name.clamp(6, (page.width / 3).clamp(12, 40));
    let head = format!("{}  {:<13}  CRITICAL  HIGH  MEDIUM  LOG HITS  PATCH LEVEL", padded("SERVER", name), "VERDICT");
    page.line(&head)?;
    for run in runs.iter().take(shown) {
        let (word, level) = verdict_of(run);
        let verdict = page.paint(level, &format!("{word:<13}"));
        let [critical, high, medium] = levels(run);
        let hits = run.hits.iter().filter(|hit| hit.body.level.0 >= Level::Medium).count();
        let server = padded(&truncate(&plain(run.server()), name), name);
        let row = format!("{server}  {verdict}  {critical:>8}  {high:>4}  {medium:>6}  {hits:>8}  ");
        let used = name + 2 + 13 + 2 + 8 + 2 + 4 + 2 + 6 + 2 + 8 + 2;
        page.line(&format!("{row}{}", truncate(&patch_level(run), page.room(used))))?;
    }
    if runs.len() > shown {
        page.line(&format!("and {} more: -v lists them", grouped((runs.len() - shown) as u64)))?;
    }
    page.line("")
}

/// Findings of the levels critical, high and medium.
fn levels(run: &Run) -> [u64; 3] {
    let counted = summary_of(run).map(|summary| &summary.findings);
    let of = |level: Level| match counted {
        Some(counted) => counted.iter().find(|one| one.value.0 == level).map_or(0, |one| one.count),
        None => run.findings.iter().filter(|finding| finding.body.level.0 == level).count() as u64,
    };
    [of(Level::Critical), of(Level::High), of(Level::Medium)]
}

/// `2019 CU7 Mar21SU, 11 CVEs known to be exploited`
fn patch_level(run: &Run) -> String {
    let Some(health) = run.health.first().map(|health| &health.body) else { return "unknown".to_owned() };
    let level = health.level.as_ref().map_or(health.build.clone(), |level| {
        let product = level.product.trim_start_matches("Exchange Server ");
        format!("{product} {} {}", level.cumulative_update, level.update).trim_end().to_owned()
    });
    let exploited = health.vulnerabilities.iter().filter(|vulnerability| vulnerability.known_exploited).count();
    plain(&match (level.is_empty(), exploited) {
        (true, _) => "unknown".to_owned(),
        (_, 0) => level,
        (_, exploited) => format!("{level}, {exploited} CVEs known to be exploited"),
    })
}

/// Widths of the columns.
struct Columns {
    server: usize,
    file: usize,
    reason: usize,
    /// Of one time; none where no file was requested.
    time: usize,
}

/// A line per finding: level, score, file, first reason, first and last request.
pub(super) fn summary(case: &Case, groups: &[Group<'_>], page: &mut Page<'_>) -> io::Result<()> {
    let groups: Vec<&Group<'_>> = groups.iter().filter(|group| group.first.level() >= Level::Medium).collect();
    if groups.is_empty() {
        return match case.verdict() {
            Some(Outcome::NothingFound | Outcome::Incomplete) | None => Ok(()),
            _ => page.line("no file of level medium or above\n"),
        };
    }
    let shown = if page.verbose() { groups.len() } else { FINDINGS };
    let (shown, hidden) = groups.split_at(shown.min(groups.len()));
    let columns = widths(shown, case.servers().len() > 1, page);
    let server = if columns.server > 0 { padded("SERVER", columns.server + 1) } else { String::new() };
    let requests =
        if columns.time > 0 { format!(" {} LAST", padded("FIRST REQUEST", columns.time)) } else { String::new() };
    let (file, reason) = (padded("FILE", columns.file), padded("REASON", columns.reason));
    page.line(&format!("LEVEL    SCORE {server}{file} {reason}{requests}"))?;
    shown.iter().try_for_each(|group| row(group, &columns, page))?;
    if !hidden.is_empty() {
        page.line(&format!("and {} more, above; -v lists them here too", grouped(hidden.len() as u64)))?;
    }
    page.line("")
}

fn widths(groups: &[&Group<'_>], several: bool, page: &Page<'_>) -> Columns {
    let longest = |of: &dyn Fn(&Group<'_>) -> usize| groups.iter().map(|group| of(group)).max().unwrap_or(0);
    let server = if several { longest(&|group| columns(&server(group))).clamp(6, 20) } else { 0 };
    let time = match groups.iter().any(|group| group.requested().is_some()) {
        true if page.width >= WIDE => 16,
        true => 10,
        false => 0,
    };
    let used =
        8 + 1 + 5 + 1 + if server > 0 { server + 1 } else { 0 } + if time > 0 { 2 * (time.max(13) + 1) } else { 0 };
    let used = used.saturating_sub(if time == 10 { 3 } else { 0 });
    let left = page.width.saturating_sub(used + 1).max(30);
    let file = longest(&|group| columns(&file(group))).clamp(4, left * 11 / 20);
    Columns { server, file, reason: left.saturating_sub(file).min(60), time: if time == 10 { 13 } else { time } }
}

/// The server, or how many of them.
fn server(group: &Group<'_>) -> String {
    let name = group.first.run.server();
    let mut others: Vec<String> = group.others.iter().map(|other| other.run.server().to_lowercase()).collect();
    others.retain(|other| *other != name.to_lowercase());
    others.sort_unstable();
    others.dedup();
    match others.len() {
        0 => plain(name),
        more => format!("{} servers", more + 1),
    }
}

fn file(group: &Group<'_>) -> String {
    let more = match group.others.len() {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    format!("{}{more}", plain(group.first.finding.path()))
}

fn row(group: &Group<'_>, widths: &Columns, page: &mut Page<'_>) -> io::Result<()> {
    let level = group.first.level();
    let score = group.first.finding.body.score.floor();
    let mark = page.paint(level, &format!("{:<8} {score:>5.0}", level.name().to_uppercase()));
    let server = if widths.server > 0 {
        format!("{} ", padded(&truncate(&server(group), widths.server), widths.server))
    } else {
        String::new()
    };
    let file = padded(&shorten_path(&file(group), widths.file), widths.file);
    let reason = group.first.finding.body.reasons.first().map_or("", |reason| reason.title.as_str());
    let reason = padded(&shorten(&plain(reason), widths.reason), widths.reason);
    let requests = match group.requested().filter(|_| widths.time > 0) {
        Some((first, last)) => {
            let digits = if widths.time == 16 { 16 } else { 10 };
            let time = |time| minute(time).chars().take(digits).collect::<String>();
            format!(" {} {}", padded(&time(first), widths.time), time(last))
        }
        None => String::new(),
    };
    page.line(&format!("{mark} {server}{file} {reason}{requests}"))
}
