//! What logs told, for the eyes: what each client did in time order, who asked for the files that were found, and what the logs
//! cover.

use super::text::{bytes, cut, grouped, plain};
use crate::model::{FileRequests, Grade, Level, LogHit, LogReport, LogSpan, Timestamp};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Clients that are shown, the furthest first; scans of the whole Internet bring thousands.
const CLIENTS: usize = 40;
/// Hits of one client that are shown.
const HITS: usize = 40;
/// Values of a kind that are shown.
const VALUES: usize = 4;
/// Holes and jumps that are shown of one folder.
const HOLES: usize = 3;
/// Characters of a line of proof, where the output has no width.
const WIDTH: usize = 160;

/// Prints all of it. `width`: the characters that a line of proof may have.
pub fn logs(report: &LogReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    log_hits(report, width, out)?;
    log_requests(report, width, out)?;
    log_coverage(report, out)
}

/// What each client did, those that came furthest first, each in time order; or that nothing was found, and in which time.
pub fn log_hits(report: &LogReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let mut clients: BTreeMap<&str, Vec<&LogHit>> = BTreeMap::new();
    report.hits.iter().for_each(|hit| clients.entry(&hit.client).or_default().push(hit));
    if !report.hits.iter().any(|hit| hit.level > Level::Info) {
        let words = match span(report) {
            Some((first, last)) => {
                format!("no exploitation found in what the logs cover: {} to {}", short(first), short(last))
            }
            None => "no line of a log could be read, so nothing is known of exploitation".to_owned(),
        };
        writeln!(out, "{words}")?;
    }
    let mut clients: Vec<(&str, Vec<&LogHit>)> = clients.into_iter().collect();
    let worst = |hits: &[&LogHit]| hits.iter().map(|hit| hit.level).max();
    clients.sort_by(|a, b| worst(&b.1).cmp(&worst(&a.1)).then(first(&a.1).cmp(&first(&b.1))));
    for (client, mut hits) in clients.iter().take(CLIENTS).cloned() {
        hits.sort_by_key(|hit| (hit.first.is_none(), hit.first, hit.grade));
        let furthest = hits.iter().max_by_key(|hit| (hit.level, hit.grade)).map_or(Grade::Context, |hit| hit.grade);
        let client = if client.is_empty() { "client not logged".to_owned() } else { plain(client) };
        let lines: u64 = hits.iter().map(|hit| hit.count).sum();
        let lines = if lines == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(lines)) };
        writeln!(out, "\n{client}   {}   {lines}", furthest.words())?;
        for hit in hits.iter().take(HITS) {
            self::hit(hit, width, out)?;
        }
        if hits.len() > HITS {
            writeln!(out, "  and {} more, which the journal has", grouped((hits.len() - HITS) as u64))?;
        }
    }
    if clients.len() > CLIENTS {
        let more = grouped((clients.len() - CLIENTS) as u64);
        writeln!(out, "\n{more} more clients, none of which came further, are in the journal only")?;
    }
    if report.hits_beyond > 0 {
        writeln!(out, "\n{} further lines were too many to keep", grouped(report.hits_beyond))?;
    }
    Ok(())
}

fn hit(hit: &LogHit, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let level = hit.level.name().to_ascii_uppercase();
    writeln!(out, "  {:<24} {level:<8} {}", hit.first.map_or("time not known".to_owned(), short), plain(&hit.title))?;
    let mut details = vec![hit.grade.words().to_owned()];
    if hit.count > 1 {
        let last = hit.last.map_or(String::new(), |last| format!(", the last {}", short(last)));
        details.push(format!("{} times{last}", grouped(hit.count)));
    }
    if !hit.cves.is_empty() {
        details.push(hit.cves.join(", "));
    }
    details.extend(hit.patch.as_deref().map(plain));
    writeln!(out, "{:<36}{}", "", details.join("; "))?;
    if let Some(proof) = hit.locations.first() {
        let member = proof.member.as_deref().map_or(String::new(), |member| format!(" ({})", plain(member)));
        writeln!(out, "{:<36}{}{member}, line {}", "", plain(proof.path.as_str()), proof.line)?;
        let room = width.unwrap_or(WIDTH).saturating_sub(36).max(40);
        writeln!(out, "{:<36}{}", "", cut(&plain(&proof.excerpt), room))?;
    }
    Ok(())
}

/// Who asked for each found file.
pub fn log_requests(report: &LogReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    if report.requests.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nrequests for the files that were found")?;
    for requests in &report.requests {
        one_file(requests, width, out)?;
    }
    Ok(())
}

fn one_file(requests: &FileRequests, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n  {}", plain(requests.path.as_str()))?;
    let time = |time: Option<Timestamp>| time.map_or("time not known".to_owned(), short);
    let times =
        if requests.count == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(requests.count)) };
    writeln!(
        out,
        "    {:<10}{times} for {}, {} to {}",
        "asked",
        plain(&requests.url),
        time(requests.first),
        time(requests.last)
    )?;
    match (requests.first_success, requests.last_success) {
        (Some(first), Some(last)) => writeln!(out, "    {:<10}{} to {}", "succeeded", short(first), short(last))?,
        _ => writeln!(out, "    {:<10}never", "succeeded")?,
    }
    for (name, values) in [
        ("methods", &requests.methods),
        ("statuses", &requests.statuses),
        ("clients", &requests.clients),
        ("agents", &requests.agents),
    ] {
        let mut values: Vec<(&String, &u64)> = values.iter().collect();
        values.sort_by_key(|(value, count)| (std::cmp::Reverse(**count), (*value).clone()));
        let more = values.len().saturating_sub(VALUES);
        let shown = values.iter().take(VALUES).map(|(value, count)| format!("{} ({})", plain(value), grouped(**count)));
        let mut text = shown.collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        writeln!(out, "    {name:<10}{}", cut(&text, width.unwrap_or(WIDTH).saturating_sub(14).max(40)))?;
    }
    if requests.joined > 0 {
        writeln!(out, "    {:<10}{} of them by request id", "HttpProxy", grouped(requests.joined))?;
    }
    Ok(())
}

/// What the logs cover, and what is missing.
pub fn log_coverage(report: &LogReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nlogs")?;
    let width = report.spans.iter().map(|span| plain(&span.kind).chars().count()).max().unwrap_or(0);
    for span in &report.spans {
        let kind = plain(&span.kind);
        let Some(folder) = &span.folder else {
            writeln!(out, "  {kind:<width$}   missing")?;
            continue;
        };
        let folder = plain(folder.as_str());
        match (span.first, span.last) {
            (Some(first), Some(last)) => {
                let files =
                    if span.files == 1 { "1 file".to_owned() } else { format!("{} files", grouped(span.files)) };
                writeln!(
                    out,
                    "  {kind:<width$}   {} to {}   {files}, {}   {folder}",
                    short(first),
                    short(last),
                    bytes(span.bytes)
                )?;
            }
            _ if span.files == 0 => writeln!(out, "  {kind:<width$}   empty   {folder}")?,
            _ => writeln!(out, "  {kind:<width$}   no line with a time   {folder}")?,
        }
        gaps(span, width, out)?;
    }
    if report.spans.is_empty() {
        writeln!(out, "  none")?;
    }
    for build in &report.builds {
        if let (Some(first), Some(last)) = (build.first, build.last) {
            writeln!(
                out,
                "  build {} in {}, {} to {}",
                plain(&build.build),
                plain(&build.source),
                short(first),
                short(last)
            )?;
        }
    }
    Ok(())
}

/// Where a log says nothing, and where its clock went back.
fn gaps(span: &LogSpan, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (gaps, count, what) in
        [(&span.holes, span.holes_count, "nothing from"), (&span.jumps, span.jumps_count, "the clock went back from")]
    {
        for (from, to) in gaps.iter().take(HOLES) {
            writeln!(out, "  {:<width$}   {what} {} to {}", "", short(*from), short(*to))?;
        }
        let more = count.saturating_sub(gaps.len().min(HOLES) as u64);
        if more > 0 {
            writeln!(out, "  {:<width$}   and {} more of these", "", grouped(more))?;
        }
    }
    Ok(())
}

/// The earliest and the latest time of all logs.
fn span(report: &LogReport) -> Option<(Timestamp, Timestamp)> {
    let first = report.spans.iter().filter_map(|span| span.first).min()?;
    Some((first, report.spans.iter().filter_map(|span| span.last).max()?))
}

fn first(hits: &[&LogHit]) -> Option<Timestamp> {
    hits.iter().filter_map(|hit| hit.first).min()
}

/// A time with the milliseconds that logs have, if it has any.
fn short(time: Timestamp) -> String {
    let text = time.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "Z"));
    match fraction.get(..3).filter(|millis| *millis != "000" && fraction.len() > 3) {
        Some(millis) => format!("{whole}.{millis}Z"),
        None => format!("{}Z", whole.trim_end_matches('Z')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LogProof, ServerPath};

    fn text(report: &LogReport) -> String {
        let mut out = Vec::new();
        logs(report, Some(80), &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::new(1_614_754_760 + second, 359_000_000)
    }

    fn covered() -> LogReport {
        let mut report = LogReport::default();
        report.spans.push(LogSpan {
            kind: "IIS W3SVC1".to_owned(),
            folder: Some(ServerPath::drive('C').join("l")),
            files: 1,
            first: Some(at(0)),
            last: Some(at(90_000)),
            holes: vec![(at(0), at(90_000))],
            holes_count: 5,
            ..LogSpan::default()
        });
        report.spans.push(LogSpan { kind: "HttpProxy Ecp".to_owned(), ..LogSpan::default() });
        report
    }

    #[test]
    fn nothing_found_is_said_of_the_time_that_is_covered() {
        assert!(text(&LogReport::default()).contains("nothing is known of exploitation"));
        let text = text(&covered());
        assert!(
            text.contains(
                "no exploitation found in what the logs cover: 2021-03-03T06:59:20.359Z to 2021-03-04T07:59:20.359Z"
            ),
            "{text}"
        );
        assert!(text.contains("HttpProxy Ecp   missing") && text.contains("and 4 more of these"), "{text}");
    }

    #[test]
    fn clients_come_by_how_far_they_came_and_lines_are_made_harmless() {
        let mut report = covered();
        let hit = |client: &str, level: Level, grade: Grade, second: i64| LogHit {
            check: "log/proxylogon",
            cves: &["CVE-2021-26855"],
            grade,
            level,
            title: format!("title {second}\u{1b}[31m"),
            client: client.to_owned(),
            first: Some(at(second)),
            last: Some(at(second)),
            count: 2,
            locations: vec![LogProof {
                path: ServerPath::drive('C').join("a.log"),
                member: Some("m\u{202e}.log".to_owned()),
                line: 7,
                time: None,
                excerpt: "x\u{1b}".repeat(500),
            }],
            patch: None,
        };
        report.hits = vec![
            hit("scanner", Level::Low, Grade::Attempt, 1),
            hit("intruder", Level::Critical, Grade::Written, 9),
            hit("intruder", Level::Medium, Grade::Reached, 5),
        ];
        let text = text(&report);
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
        assert!(
            place("intruder") < place("title 5")
                && place("title 5") < place("title 9")
                && place("title 9") < place("scanner")
        );
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("no exploitation"));
        assert!(
            text.contains("intruder   file written or code run   4 lines")
                && text.contains("a.log (m<U+202E>.log), line 7"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() < 130), "{text}");
    }
}
