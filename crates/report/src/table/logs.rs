//! What was found in logs: what each client did in time order, over all servers, who requested the files that were found, and what
//! the logs cover.

use super::page::{GAP, Page, count, short, short_or_unknown};
use crate::case::{Case, Entry, Run};
use crate::model::{Level, Remains, Stage};
use crate::record::{Counted, GapRecord, HitBody, RequestsRecord, SpanRecord, Time};
use crate::text::{bytes, columns, grouped, plain};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

/// Clients that are shown, the most successful first; scans of the whole Internet bring thousands.
const CLIENTS: usize = 40;
/// Hits of one client that are shown.
const HITS: usize = 40;
/// The same without `-v`.
const CLIENTS_BRIEF: usize = 4;
const HITS_BRIEF: usize = 2;
/// Values of a kind that are shown.
const VALUES: usize = 4;
/// Gaps and clock rollbacks that are shown of one folder.
const GAPS: usize = 3;
/// Where the text of a hit begins.
const HIT: usize = 36;

/// A hit and the server that it is of.
type Hit<'c> = (&'c Run, &'c Entry<HitBody>);

/// Whether only logs were read, so that there is nothing else to show.
fn logs_alone(run: &Run) -> bool {
    run.coverage.is_none() && run.log_coverage.is_some()
}

/// All of it; the coverage only where it was asked for, since the end sums it up.
pub(super) fn logs(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    if case.runs.iter().all(|run| run.log_coverage.is_none() && run.hits.is_empty()) {
        return Ok(());
    }
    let full = page.verbose() || case.runs.iter().all(logs_alone);
    hits(case, full, page)?;
    if full {
        requests(case, page)?;
        coverage(case, page)?;
    } else {
        let requested = case.runs.iter().map(|run| run.requests.len()).sum::<usize>();
        if requested > 0 {
            let files = count(requested as u64, "file found was", "files found were");
            page.line(&format!("{files} requested: the summary has the times, -v the clients and user agents"))?;
        }
    }
    page.line("")
}

fn level(hit: Hit<'_>) -> Level {
    hit.1.body.level.0
}

fn first(hits: &[Hit<'_>]) -> Option<Time> {
    hits.iter().filter_map(|hit| hit.1.head.event.start).min()
}

/// What each client did, those that came furthest first; or that nothing was found, and in which time.
fn hits(case: &Case, full: bool, page: &mut Page<'_>) -> io::Result<()> {
    let mut clients: BTreeMap<&str, Vec<Hit<'_>>> = BTreeMap::new();
    for run in &case.runs {
        for hit in &run.hits {
            clients.entry(hit.body.hit.client.as_deref().unwrap_or_default()).or_default().push((run, hit));
        }
    }
    if !clients.values().flatten().any(|hit| level(*hit) > Level::Info) {
        page.line(&nothing_found(case))?;
    }
    let mut clients: Vec<(&str, Vec<Hit<'_>>)> = clients.into_iter().collect();
    let worst = |hits: &[Hit<'_>]| hits.iter().map(|hit| level(*hit)).max();
    clients.sort_by_cached_key(|(name, hits)| (std::cmp::Reverse(worst(hits)), first(hits), name.to_string()));
    let all = clients.len();
    if !full {
        // What proves nothing by itself is counted only.
        clients.retain(|(_, hits)| worst(hits) >= Some(Level::Low));
    }
    let limit = if full { CLIENTS } else { CLIENTS_BRIEF };
    if !full && !clients.is_empty() {
        page.line(&format!("logs: {}", in_numbers(case, all)))?;
    }
    for (at, (client, hits)) in clients.iter().take(limit).enumerate() {
        if full && at > 0 {
            page.line("")?;
        }
        one_client(client, hits.clone(), full, page)?;
    }
    let hidden = all.saturating_sub(clients.len().min(limit)) as u64;
    if hidden > 0 && full {
        page.line(&format!(
            "\n{} more clients at the same stage or below are in the JSONL output only",
            grouped(hidden)
        ))?;
    } else if hidden > 0 && !clients.is_empty() {
        page.line(&format!(
            "  {} at the same stage or below: -v lists them",
            count(hidden, "more client", "more clients")
        ))?;
    }
    Ok(())
}

/// `28 signs of exploitation by 5 addresses and 3 accounts`
fn in_numbers(case: &Case, clients: usize) -> String {
    let entries = || case.runs.iter().flat_map(|run| &run.hits);
    let addresses: BTreeSet<_> = entries().filter_map(|hit| Some(hit.head.source.as_ref()?.ip)).collect();
    let of_accounts = entries().filter(|hit| hit.head.user.is_some()).filter_map(|hit| hit.body.hit.client.as_deref());
    let accounts: BTreeSet<&str> = of_accounts.collect();
    let mut by = Vec::new();
    if !addresses.is_empty() {
        by.push(count(addresses.len() as u64, "address", "addresses"));
    }
    if !accounts.is_empty() {
        by.push(count(accounts.len() as u64, "account", "accounts"));
    }
    let by = if by.is_empty() { count(clients as u64, "client", "clients") } else { by.join(" and ") };
    let notes = entries().filter(|hit| hit.body.level.0 == Level::Info).count();
    let signs = entries().count().saturating_sub(notes);
    let notes = if notes > 0 { format!(", and {} for information", grouped(notes as u64)) } else { String::new() };
    format!("{} by {by}{notes}", count(signs as u64, "sign of exploitation", "signs of exploitation"))
}

fn nothing_found(case: &Case) -> String {
    let spans = || case.runs.iter().filter_map(|run| run.log_coverage.as_ref()).flatten();
    let first = spans().filter_map(|span| span.first).min();
    match (first, spans().filter_map(|span| span.last).max()) {
        (Some(first), Some(last)) => {
            format!("no exploitation found in the logs, which cover {} to {}", short(first.0), short(last.0))
        }
        _ => "no log line could be read: exploitation cannot be ruled out".to_owned(),
    }
}

fn one_client(client: &str, mut hits: Vec<Hit<'_>>, full: bool, page: &mut Page<'_>) -> io::Result<()> {
    let furthest = hits.iter().max_by_key(|hit| (level(**hit), hit.1.body.hit.stage.0));
    let furthest = furthest.map_or(Stage::Context, |hit| hit.1.body.hit.stage.0);
    let client = if client.is_empty() { "client not logged".to_owned() } else { plain(client) };
    let lines = hits.iter().fold(0u64, |sum, hit| sum.saturating_add(hit.1.body.hit.count));
    let servers: BTreeSet<String> = hits.iter().map(|hit| hit.0.server().to_lowercase()).collect();
    let on = if servers.len() > 1 { format!("{GAP}on {} servers", servers.len()) } else { String::new() };
    let head = format!("{client}{GAP}{}{GAP}{}{on}", furthest.words(), count(lines, "line", "lines"));
    if !full {
        page.brief("  ", &head)?;
        return in_brief(hits, page);
    }
    page.line(&head)?;
    hits.sort_by_key(|hit| in_time(hit.1));
    hits.iter().take(HITS).try_for_each(|hit| self::hit(*hit, servers.len() > 1, page))?;
    match hits.len().saturating_sub(HITS) {
        0 => Ok(()),
        more => page.line(&format!("  and {} more in the JSONL output", grouped(more as u64))),
    }
}

/// What is the same on several servers, with the first hit and the number of servers.
type Same<'c> = (Hit<'c>, BTreeSet<String>);

/// The most serious hits in time order, each once for all servers.
fn in_brief<'c>(mut hits: Vec<Hit<'c>>, page: &mut Page<'_>) -> io::Result<()> {
    hits.sort_by_key(|hit| in_time(hit.1));
    let all = hits.len();
    let mut places: HashMap<(Level, Stage, &str), usize> = HashMap::new();
    let mut same: Vec<Same<'c>> = Vec::new();
    for hit in hits {
        let next = same.len();
        let record = &hit.1.body.hit;
        let place = *places.entry((level(hit), record.stage.0, &record.title)).or_insert(next);
        if place == next {
            same.push((hit, BTreeSet::new()));
        }
        if let Some((_, servers)) = same.get_mut(place) {
            servers.insert(hit.0.server().to_lowercase());
        }
    }
    same.sort_by_key(|(hit, _)| std::cmp::Reverse((level(*hit), hit.1.body.hit.stage.0)));
    same.truncate(HITS_BRIEF);
    same.sort_by_key(|(hit, _)| in_time(hit.1));
    let shown: usize = same.iter().map(|(_, servers)| servers.len()).sum();
    same.iter().try_for_each(|(hit, servers)| hit_in_a_line(*hit, servers.len(), page))?;
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => page.line(&format!("    and {} more", grouped(more as u64))),
    }
}

fn in_time(hit: &Entry<HitBody>) -> (bool, Option<Time>, Stage) {
    let first = hit.head.event.start;
    (first.is_none(), first, hit.body.hit.stage.0)
}

/// `    2021-03-03T06:49:46.210Z CRITICAL ProxyLogon: obtained an ECP session   CVE-2021-26855`
fn hit_in_a_line((_, hit): Hit<'_>, servers: usize, page: &mut Page<'_>) -> io::Result<()> {
    let padded = format!("{:<8}", hit.body.level.0.name().to_uppercase());
    let level = page.paint(hit.body.level.0, &padded);
    let server = if servers > 1 { format!("on {servers} servers: ") } else { String::new() };
    let time = short_or_unknown(hit.head.event.start);
    let cves = hit.body.hit.cves.first().map_or(String::new(), |cve| format!("{GAP}{}", plain(cve)));
    let used = 4 + 24 + 1 + padded.len() + 1 + columns(&server) + columns(&cves);
    let title = crate::text::shorten(&plain(&hit.body.hit.title), page.room(used));
    page.line(&format!("    {time:<24} {level} {server}{title}{cves}"))
}

fn hit((run, hit): Hit<'_>, several: bool, page: &mut Page<'_>) -> io::Result<()> {
    let record = &hit.body.hit;
    let level = hit.body.level.0.name().to_uppercase();
    let server = if several { format!("{}: ", run.server()) } else { String::new() };
    let time = short_or_unknown(hit.head.event.start);
    page.text(&format!("  {time:<24} {level:<8} "), &format!("{server}{}", record.title))?;
    let margin = " ".repeat(HIT);
    let mut details = vec![record.stage.0.words().to_owned()];
    if record.count > 1 {
        let last = hit.head.event.end.map_or(String::new(), |last| format!(", the last {}", short(last.0)));
        details.push(format!("{} times{last}", grouped(record.count)));
    }
    if !record.cves.is_empty() {
        details.push(record.cves.join(", "));
    }
    details.extend(record.patch_level.clone());
    page.text(&margin, &details.join("; "))?;
    if let Some(line) = record.locations.first() {
        let member = line.member.as_deref().map_or(String::new(), |member| format!(" ({member})"));
        page.text(&margin, &format!("{}{member}{}, {}", line.path, line.if_deleted(), line.number()))?;
        page.brief(&margin, &line.excerpt)?;
    }
    Ok(())
}

/// Who requested each found file.
fn requests(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    if case.runs.iter().all(|run| run.requests.is_empty()) {
        return Ok(());
    }
    page.line("\nrequests for the files found")?;
    let several = case.servers().len() > 1;
    for run in &case.runs {
        for requests in &run.requests {
            let server = if several { format!("{}  ", plain(run.server())) } else { String::new() };
            page.line(&format!("\n  {server}{}", plain(requests.path())))?;
            one_file(requests, page)?;
        }
    }
    Ok(())
}

fn one_file(requests: &Entry<RequestsRecord>, page: &mut Page<'_>) -> io::Result<()> {
    let Entry { head, body } = requests;
    let margin = |name: &str| format!("    {name:<12}");
    let url = head.url.as_ref().map(|url| url.path.as_str()).unwrap_or_default();
    let (first, last) = (short_or_unknown(head.event.start), short_or_unknown(head.event.end));
    let number = count(body.count, "request", "requests");
    page.text(&margin("requested"), &format!("{number} for {url}, {first} to {last}"))?;
    match (body.first_success, body.last_success) {
        (Some(first), Some(last)) => {
            page.line(&format!("{}{} to {}", margin("succeeded"), short(first.0), short(last.0)))?;
        }
        _ => page.line(&format!("{}never", margin("succeeded")))?,
    }
    for (name, values) in [
        ("methods", &body.methods),
        ("statuses", &body.statuses),
        ("clients", &body.clients),
        ("user agents", &body.user_agents),
    ] {
        let value = |counted: &Counted| format!("{} ({})", counted.value, grouped(counted.count));
        let mut text = values.iter().take(VALUES).map(value).collect::<Vec<_>>().join(", ");
        let more = values.len().saturating_sub(VALUES);
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        page.brief(&margin(name), &text)?;
    }
    if body.matched_by_request_id > 0 {
        let matched = grouped(body.matched_by_request_id);
        page.line(&format!("{}{matched} of them matched by request id", margin("HttpProxy")))?;
    }
    Ok(())
}

/// What the logs cover, and what is missing.
pub(super) fn coverage(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let several = case.servers().len() > 1;
    for run in &case.runs {
        let Some(spans) = &run.log_coverage else { continue };
        page.line(&if several { format!("\nlogs of {}", plain(run.server())) } else { "\nlogs".to_owned() })?;
        let width = spans.iter().map(|span| columns(&plain(&span.kind))).max().unwrap_or(0).min(40);
        spans.iter().try_for_each(|span| one_span(span, width, page))?;
        if spans.is_empty() {
            page.line("  none")?;
        }
    }
    Ok(())
}

fn one_span(span: &SpanRecord, width: usize, page: &mut Page<'_>) -> io::Result<()> {
    let margin = format!("  {}{GAP}", super::page::padded(&plain(&span.kind), width));
    let Some(folder) = &span.folder else { return page.text(&margin, "missing") };
    let text = match (span.first, span.last) {
        (Some(first), Some(last)) => {
            let files = count(span.files, "file", "files");
            format!("{} to {}{GAP}{files}, {}{GAP}{folder}", short(first.0), short(last.0), bytes(span.bytes))
        }
        _ if span.files == 0 => format!("empty{GAP}{folder}"),
        _ => format!("no line with a timestamp{GAP}{folder}"),
    };
    page.text(&margin, &text)?;
    let margin = " ".repeat(columns(&margin));
    let gap = |what: &str, gap: &GapRecord| format!("{what} {} to {}", short(gap.from.0), short(gap.to.0));
    let gaps = span.gaps.iter().map(|one| gap("gap from", one)).collect();
    let rollbacks = span.clock_rollbacks.iter().map(|one| gap("clock rollback from", one)).collect();
    let read = span.deleted.iter().map(|path| format!("deleted, read: {path}")).collect();
    let not_read = span.deleted_not_read.iter().map(|log| {
        let why = match log.remains.0 {
            Remains::Whole => "its content is no log any more",
            Remains::Partial => "part of it was overwritten",
            Remains::Overwritten => "it was overwritten",
            Remains::Unknown => "whether its content is its own is not known",
        };
        format!("deleted, not read ({why}): {}", log.path)
    });
    let all: [(Vec<String>, u64); 4] = [
        (gaps, span.gaps_count),
        (rollbacks, span.clock_rollbacks_count),
        (read, span.deleted_count),
        (not_read.collect(), span.deleted_not_read_count),
    ];
    for (lines, number) in all {
        lines.iter().take(GAPS).try_for_each(|line| page.text(&margin, line))?;
        let more = number.saturating_sub(lines.len().min(GAPS) as u64);
        if more > 0 {
            page.line(&format!("{margin}and {} more of these", grouped(more)))?;
        }
    }
    Ok(())
}
