//! A finding as text: all of it, six lines of it, or two.

use super::groups::{Found, Group};
use super::page::{GAP, Page, count, fitted, short};
use crate::case::{Entry, Run};
use crate::model::{BaselineStatus, Level, ReasonKind};
use crate::record::{DispositionName, EndpointRecord, FindingBody, LocationRecord, ReasonRecord, Time};
use crate::text::{bytes, code, columns, grouped, plain, shorten, truncate};
use std::collections::BTreeSet;
use std::io;

/// Lines of a block.
pub(super) const LINES: usize = 6;
/// Where the lines under the level begin.
const INDENT: &str = "         ";
/// Where the text of a reason begins.
const REASON: &str = "             ";
/// From this width on, every block says how to see more; all of them together do so below the last one.
const WIDE: usize = 90;
/// Columns of a reason that are worth a place beside something else.
const READABLE: usize = 24;

/// `CRITICAL  98 MAIL01  C:\x.aspx   1,461 B`: the path is never broken, whatever the width.
pub(super) fn head(found: Found<'_>, several: bool, page: &Page<'_>) -> String {
    let (head, used) = marked(found, several, page);
    let size = found.finding.head.file.as_ref().and_then(|file| file.size).map_or(String::new(), bytes);
    let fits = !size.is_empty() && used + GAP.len() + columns(&size) <= page.width;
    if fits { format!("{head}{GAP}{size}") } else { head }
}

/// `CRITICAL  98 MAIL01  C:\x.aspx`, and how many columns that takes.
fn marked(found: Found<'_>, several: bool, page: &Page<'_>) -> (String, usize) {
    let body = &found.finding.body;
    let level = body.level.0;
    let mark = page.paint(level, &format!("{:<8} {:>3.0}", level.name().to_uppercase(), body.score.floor()));
    let server = if several { format!("{}  ", plain(found.run.server())) } else { String::new() };
    let path = plain(found.finding.path());
    let used = REASON.len() + columns(&server) + columns(&path);
    (format!("{mark} {server}{path}"), used)
}

/// A finding in two lines.
pub(super) fn brief(group: &Group<'_>, several: bool, page: &Page<'_>) -> Vec<String> {
    let found = group.first;
    let room = page.room(INDENT.len());
    let hash = found.sha256().map(|hash| format!("sha256 {hash}")).filter(|hash| hash.len() + READABLE * 2 <= room);
    let hash = hash.map_or(String::new(), |hash| format!("{hash}{GAP}"));
    let mut more = Vec::new();
    more.extend(
        Some(count(group.others.len() as u64, "file like it", "files like it")).filter(|_| !group.others.is_empty()),
    );
    more.extend(more_reasons(&found.finding.body.reasons, 1));
    let more = if more.is_empty() { String::new() } else { format!("{GAP}(+ {})", more.join(", ")) };
    let reason = found.finding.body.reasons.first().map(in_a_line).unwrap_or_default();
    let reason = shorten(&reason, room.saturating_sub(hash.len() + more.len()).max(READABLE));
    vec![head(found, several, page), format!("{INDENT}{hash}{reason}{more}")]
}

/// A finding in one line.
pub(super) fn line(group: &Group<'_>, several: bool, page: &Page<'_>) -> String {
    let found = group.first;
    let more = match group.others.len() {
        0 => String::new(),
        more => format!("{GAP}+ {more} like it"),
    };
    let (head, used) = marked(found, several, page);
    let room = page.width.saturating_sub(used + more.len() + GAP.len());
    match found.finding.body.reasons.first().filter(|_| room >= READABLE / 2) {
        Some(reason) => format!("{head}{GAP}{}{more}", shorten(&plain(&reason.title), room)),
        None => format!("{head}{more}"),
    }
}

/// A finding in at most six lines: head, times, hash, URL and requests, two reasons with a line of code, and where there is more.
pub(super) fn block(group: &Group<'_>, several: bool, page: &Page<'_>) -> Vec<String> {
    let found = group.first;
    let Entry { body, .. } = found.finding;
    let room = page.room(INDENT.len());
    let also = also(group, several, room);
    let mut pieces = vec![times(found.finding, room), hash(found)];
    pieces.extend(reached(body, room));
    pieces.retain(|piece| !piece.is_empty());
    // Without the requests, which the summary has too, where they leave no room for the reasons.
    let with_requests: Vec<String> = pieces.iter().cloned().chain(requests(body)).collect();
    let least = if also.is_some() { 4 } else { 3 };
    let mut lines = fitted(&with_requests, room);
    if lines.len() + least > LINES {
        lines = fitted(&pieces, room);
    }
    lines.extend(also);
    let left = LINES.saturating_sub(1 + lines.len());
    lines.extend(reasons(body, left, room));
    std::iter::once(head(found, several, page)).chain(lines.iter().map(|line| format!("{INDENT}{line}"))).collect()
}

/// `created TIME   modified TIME`
fn times(finding: &Entry<FindingBody>, room: usize) -> String {
    let Some(file) = &finding.head.file else { return String::new() };
    let all =
        [("created", file.created), ("modified", file.mtime), ("changed", file.ctime), ("accessed", file.accessed)];
    let mut text = String::new();
    for (name, time) in all {
        let Some(time) = time else { continue };
        let piece = format!("{name} {}", short(time.0));
        // Created and modified in every width; the others beside them.
        if text.is_empty() {
            text = piece;
        } else if columns(&text) + GAP.len() + columns(&piece) <= room {
            text = format!("{text}{GAP}{piece}");
        }
    }
    text
}

fn hash(found: Found<'_>) -> String {
    match found.sha256() {
        Some(hash) => format!("sha256 {}", plain(hash)),
        None => "content could not be read completely, no hash".to_owned(),
    }
}

/// `executes at /owa/auth/x.aspx and 3 more`: where the server executes the file, or else what it does with it.
fn reached(body: &FindingBody, room: usize) -> Option<String> {
    let is_deleted = body.state.ntfs.as_ref().is_some_and(|ntfs| ntfs.deleted);
    let executes = |endpoint: &&EndpointRecord| matches!(endpoint.disposition, DispositionName::Executes);
    let first = body.reachable.iter().find(executes).or(body.reachable.first())?;
    let (verb, _) = disposition(first, is_deleted);
    let more = match body.reachable.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let url = shorten(&plain(&first.url), room.saturating_sub(verb.len() + 1 + more.len()));
    Some(format!("{verb} {url}{more}"))
}

/// What the server does with a request, and by which handler or why.
fn disposition(endpoint: &EndpointRecord, is_deleted: bool) -> (&'static str, String) {
    let reason = || endpoint.reason.clone().unwrap_or_default();
    match endpoint.disposition {
        DispositionName::Executes => {
            (if is_deleted { "executed at" } else { "executes at" }, endpoint.handler.clone().unwrap_or_default())
        }
        DispositionName::StaticFile => ("static at", "served as a static file".to_owned()),
        DispositionName::Denied => ("denied at", reason()),
        DispositionName::Unknown => ("reachable at", format!("handling unknown: {}", reason())),
    }
}

/// `3 requests by 1 client, FIRST to LAST`
fn requests(body: &FindingBody) -> Option<String> {
    let requests = body.file_requests.as_ref()?;
    let time = |time: Option<Time>| time.map_or("time unknown".to_owned(), |time| short(time.0));
    let times = match requests.count {
        1 => time(requests.first),
        _ => format!("{} to {}", time(requests.first), time(requests.last)),
    };
    let (all, clients) = (count(requests.count, "request", "requests"), count(requests.clients, "client", "clients"));
    Some(format!("{all} by {clients}, {times}"))
}

/// `also, with the same content: C:\y.aspx, MAIL02 C:\x.aspx and 36 more`
fn also(group: &Group<'_>, several: bool, room: usize) -> Option<String> {
    if group.others.is_empty() {
        return None;
    }
    let (server, path) = (group.first.run.server(), group.first.finding.path());
    let mut text = format!("also, with the same {}:", if group.same_content { "content" } else { "reasons" });
    let mut seen = BTreeSet::new();
    let others =
        group.others.iter().map(|other| name(*other, server, path, several)).filter(|name| seen.insert(name.clone()));
    let others: Vec<String> = others.collect();
    for (at, other) in others.iter().enumerate() {
        let left = others.len() - at;
        let rest = format!(" and {} more", grouped(left as u64));
        let comma = if at > 0 { "," } else { "" };
        let needed = columns(&text) + 2 + columns(other) + if left > 1 { rest.len() } else { 0 };
        // A path is shown whole or not at all.
        if needed > room && (at > 0 || left > 1) {
            let rest = if at > 0 { rest } else { format!(" {}", count(left as u64, "file", "files")) };
            return Some(format!("{text}{rest}"));
        }
        text.push_str(&format!("{comma} {other}"));
    }
    Some(text)
}

/// What distinguishes a finding from another: its server, its path, or both.
fn name(other: Found<'_>, server: &str, path: &str, several: bool) -> String {
    let (its_server, its_path) = (plain(other.run.server()), plain(other.finding.path()));
    match (several && other.run.server() != server, other.finding.path() == path) {
        (true, true) => its_server,
        (true, false) => format!("{its_server} {its_path}"),
        _ => its_path,
    }
}

/// The strongest reason, and with it the strongest of another kind: five rules about one line say less than one rule and the place of the
/// file. That the file is no file of today comes before every other kind.
fn two_of(reasons: &[ReasonRecord]) -> (Option<&ReasonRecord>, Option<&ReasonRecord>) {
    let Some((first, rest)) = reasons.split_first() else { return (None, None) };
    let deleted = rest.iter().find(|reason| reason.kind.0 == ReasonKind::Deleted);
    let other = rest.iter().find(|reason| reason.kind.0 != first.kind.0);
    (Some(first), deleted.or(other).or(rest.first()))
}

/// `95 executes request input (eval)   line 17`
fn in_a_line(reason: &ReasonRecord) -> String {
    let line = reason.locations.first().and_then(|location| location.line);
    let line = line.map_or(String::new(), |line| format!("{GAP}line {line}"));
    let flow = if reason.data_flow.len() > 1 { format!(": {}", reason.data_flow.join(" -> ")) } else { String::new() };
    format!("{:>3} {}{line}", reason.score, plain(&format!("{}{flow}", reason.title)))
}

/// `9 more reasons`
fn more_reasons(reasons: &[ReasonRecord], shown: usize) -> Option<String> {
    let more = reasons.len().saturating_sub(shown);
    (more > 0).then(|| count(more as u64, "more reason", "more reasons"))
}

/// Two reasons with a line of code, in so many lines.
fn reasons(body: &FindingBody, lines: usize, room: usize) -> Vec<String> {
    let (Some(first), second) = two_of(&body.reasons) else { return Vec::new() };
    let excerpt = [Some(first), second].into_iter().flatten().find_map(excerpt);
    let how = if room >= WIDE { ": shellsift explain FILE" } else { "" };
    let more = more_reasons(&body.reasons, 2).map(|more| format!("{more}{how}"));
    let one = |reason: &ReasonRecord, room: usize| shorten(&in_a_line(reason), room);
    let code = excerpt.map(|excerpt| format!("    | {}", code(&excerpt)));
    let with_more = |text: String| match &more {
        Some(more) => {
            let text = truncate(&text, room.saturating_sub(columns(more) + GAP.len()).max(READABLE));
            format!("{text}{GAP}{more}")
        }
        None => truncate(&text, room),
    };
    match (lines, second, code) {
        (0, ..) => Vec::new(),
        (1, None, _) => vec![with_more(in_a_line(first))],
        (1, Some(second), _) => {
            let of_more = more.as_ref().map_or(0, |more| columns(more) + GAP.len());
            vec![with_more(pair(first, second, room.saturating_sub(of_more)))]
        }
        (2, Some(second), Some(code)) => vec![pair(first, second, room), with_more(code)],
        (_, None, Some(code)) => vec![one(first, room), truncate(&code, room)],
        (_, None, None) => vec![one(first, room)],
        (_, Some(second), None) => vec![one(first, room), with_more(in_a_line(second))],
        (3, Some(second), Some(code)) => vec![one(first, room), truncate(&code, room), with_more(in_a_line(second))],
        (_, Some(second), Some(code)) => {
            let mut all = vec![one(first, room), truncate(&code, room), one(second, room)];
            all.extend(more.map(|more| format!("    {more}")));
            all
        }
    }
}

/// Two reasons in a line; of those that do not fit, each gets its share.
fn pair(first: &ReasonRecord, second: &ReasonRecord, room: usize) -> String {
    let (first, second) = (in_a_line(first), in_a_line(second));
    let (a, b) = (columns(&first), columns(&second));
    let room = room.saturating_sub(GAP.len());
    if a + b <= room {
        return format!("{first}{GAP}{second}");
    }
    let half = room / 2;
    let of_second = if b <= half { b } else { half.max(room.saturating_sub(a)) };
    format!("{}{GAP}{}", truncate(&first, room.saturating_sub(of_second)), truncate(&second, of_second))
}

/// The line that shows a reason.
fn excerpt(reason: &ReasonRecord) -> Option<String> {
    let shows = |location: &&LocationRecord| {
        (location.line.is_some() || location.encodings == "times") && !location.excerpt.trim().is_empty()
    };
    reason.locations.iter().find(shows).map(|location| location.excerpt.trim_start().to_owned())
}

/// A finding with all that is known of it.
pub(super) fn whole(run: &Run, finding: &Entry<FindingBody>, several: bool, page: &mut Page<'_>) -> io::Result<()> {
    let Entry { head: record, body } = finding;
    page.line(&head(Found { run, finding }, several, page))?;
    if let Some(file) = &record.file {
        let times =
            [("created", file.created), ("modified", file.mtime), ("changed", file.ctime), ("accessed", file.accessed)];
        let times: Vec<String> =
            times.iter().filter_map(|(name, time)| Some(format!("{name} {}", time.as_ref()?))).collect();
        page.pieces(INDENT, &times)?;
        let attributes: Vec<&str> =
            file.attributes.iter().map(AsRef::as_ref).filter(|name| *name != "archive").collect();
        if !attributes.is_empty() {
            page.text(INDENT, &format!("attributes {}", attributes.join(", ")))?;
        }
    }
    page.line(&format!("{INDENT}{}", hash(Found { run, finding })))?;
    let is_deleted = body.state.ntfs.as_ref().is_some_and(|ntfs| ntfs.deleted);
    for endpoint in &body.reachable {
        endpoint_line(endpoint, is_deleted, page)?;
    }
    if let Some(url) = record.url.as_ref().filter(|_| body.reachable.is_empty()) {
        page.text(INDENT, &format!("url    {}", url.path))?;
    }
    let mut facts = Vec::new();
    // An unknown build is reported once, at the top.
    let baseline = body.state.baseline.as_ref().filter(|baseline| baseline.status.0 != BaselineStatus::NoBaseline);
    facts.extend(baseline.map(|baseline| {
        let build = baseline.build.as_ref().map_or(String::new(), |build| format!("; compared with build {build}"));
        let path = baseline.baseline_path.as_ref();
        let path = path.map_or(String::new(), |path| format!("; the baseline has this content at {path}"));
        format!("baseline  {}{build}{path}", baseline.status.0)
    }));
    facts.extend(record.file.as_ref().and_then(|file| Some(file.code_signature.as_ref()?.status.clone())));
    facts.extend(body.patch_level.as_ref().map(|patch| format!("build  {patch}")));
    if let Some(requests) = &body.file_requests {
        let time = |time: Option<Time>| time.map_or("time unknown".to_owned(), |time| time.to_string());
        let clients = count(requests.clients, "client", "clients");
        let times = format!("{} to {}", time(requests.first), time(requests.last));
        facts.push(format!("requests {} by {clients}, {times}", grouped(requests.count)));
    }
    facts.iter().try_for_each(|fact| page.text(INDENT, fact))?;
    let mut shown = BTreeSet::new();
    body.reasons.iter().try_for_each(|reason| whole_reason(reason, &mut shown, page))
}

fn endpoint_line(endpoint: &EndpointRecord, is_deleted: bool, page: &mut Page<'_>) -> io::Result<()> {
    let (verb, what) = disposition(endpoint, is_deleted);
    let mut pieces = vec![format!("{verb}  {}", plain(&endpoint.url)), plain(&what)];
    let identity = endpoint.identity.as_ref().map_or(String::new(), |identity| format!(" ({identity})"));
    pieces.push(plain(&format!("pool {}{identity}", endpoint.pool)));
    pieces.extend((!endpoint.authentication.is_empty()).then(|| plain(&endpoint.authentication.join(", "))));
    pieces.push(plain(&format!("site {}", endpoint.site)));
    pieces.retain(|piece| !piece.is_empty());
    page.pieces(INDENT, &pieces)
}

/// A reason with its data flow, and the line that shows it: the same line for the next reason would only hide the next finding.
fn whole_reason<'f>(
    reason: &'f ReasonRecord,
    shown: &mut BTreeSet<(&'f str, Option<u64>)>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let location = reason.locations.first();
    let line = location.and_then(|location| location.line).map_or(String::new(), |line| format!("{GAP}line {line}"));
    let encodings = location.map(|location| location.encodings.as_str());
    let encodings = encodings.filter(|encodings| !matches!(*encodings, "stored" | "name" | "times"));
    let encodings = encodings.map_or(String::new(), |encodings| format!(" ({encodings})"));
    page.text(&format!("{INDENT}{:>3} ", reason.score), &format!("{}{line}{encodings}", reason.title))?;
    if reason.data_flow.len() > 1 {
        page.text(REASON, &format!("data flow: {}", reason.data_flow.join(" -> ")))?;
    }
    let is_new = location.is_some_and(|location| match location.line {
        Some(_) => shown.insert((&location.encodings, location.line)),
        None => location.encodings == "times",
    });
    match location.filter(|_| is_new) {
        Some(location) => {
            let excerpt = truncate(&code(&location.excerpt), page.room(REASON.len() + 2));
            page.line(&format!("{REASON}| {excerpt}"))
        }
        None => Ok(()),
    }
}

/// Whether a level has blocks of its own, and not lines.
pub(super) fn has_block(level: Level) -> bool {
    level >= Level::Medium
}
