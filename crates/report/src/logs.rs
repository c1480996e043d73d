//! What was found in logs, as text: what each client did in time order, who requested the files that were found, and what the logs
//! cover. In a pipe, a line for each hit with all that is known of it.

use super::text::{bytes, cell, grouped, plain, truncate};
use crate::model::{
    AnalysisResults, FileRequests, Level, LogHit, LogProof, LogReport, LogSpan, Remains, Stage, Timestamp,
};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Clients that are shown, the most successful first; scans of the whole Internet bring thousands.
const CLIENTS: usize = 40;
/// Hits of one client that are shown.
const HITS: usize = 40;
/// Values of a kind that are shown.
const VALUES: usize = 4;
/// Gaps and clock rollbacks that are shown of one folder.
const GAPS: usize = 3;

/// Prints all of it. `width`: the characters that a line may have; without it nothing is cut.
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
                format!("no exploitation found in the logs, which cover {} to {}", short(first), short(last))
            }
            None => "no log line could be read: exploitation cannot be ruled out".to_owned(),
        };
        writeln!(out, "{words}")?;
    }
    let mut clients: Vec<(&str, Vec<&LogHit>)> = clients.into_iter().collect();
    let worst = |hits: &[&LogHit]| hits.iter().map(|hit| hit.level).max();
    clients.sort_by(|a, b| worst(&b.1).cmp(&worst(&a.1)).then(first(&a.1).cmp(&first(&b.1))));
    for (client, mut hits) in clients.iter().take(CLIENTS).cloned() {
        hits.sort_by_key(|hit| (hit.first.is_none(), hit.first, hit.stage));
        let furthest = hits.iter().max_by_key(|hit| (hit.level, hit.stage)).map_or(Stage::Context, |hit| hit.stage);
        let client = if client.is_empty() { "client not logged".to_owned() } else { plain(client) };
        let lines: u64 = hits.iter().map(|hit| hit.count).sum();
        let lines = if lines == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(lines)) };
        writeln!(out, "\n{client}   {}   {lines}", furthest.words())?;
        for hit in hits.iter().take(HITS) {
            self::hit(hit, width, out)?;
        }
        if hits.len() > HITS {
            writeln!(out, "  and {} more in the JSONL output", grouped((hits.len() - HITS) as u64))?;
        }
    }
    if clients.len() > CLIENTS {
        let more = grouped((clients.len() - CLIENTS) as u64);
        writeln!(out, "\n{more} more clients at the same stage or below are in the JSONL output only")?;
    }
    if report.hits_omitted > 0 {
        writeln!(out, "\n{} further lines were omitted: too many to keep", grouped(report.hits_omitted))?;
    }
    Ok(())
}

fn hit(hit: &LogHit, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let level = hit.level.name().to_ascii_uppercase();
    writeln!(out, "  {:<24} {level:<8} {}", hit.first.map_or("unknown time".to_owned(), short), plain(&hit.title))?;
    let mut details = vec![hit.stage.words().to_owned()];
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
        let deleted = if_deleted(proof);
        writeln!(out, "{:<36}{}{member}{deleted}, line {}", "", plain(proof.path.as_str()), proof.line)?;
        writeln!(out, "{:<36}{}", "", fitted(&plain(&proof.excerpt), width, 36))?;
    }
    Ok(())
}

/// Who requested each found file.
pub fn log_requests(report: &LogReport, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    if report.requests.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nrequests for the files found")?;
    for requests in &report.requests {
        one_file(requests, width, out)?;
    }
    Ok(())
}

fn one_file(requests: &FileRequests, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n  {}", plain(requests.path.as_str()))?;
    let time = |time: Option<Timestamp>| time.map_or("unknown time".to_owned(), short);
    let times =
        if requests.count == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(requests.count)) };
    writeln!(
        out,
        "    {:<12}{times} for {}, {} to {}",
        "requested",
        plain(&requests.url),
        time(requests.first),
        time(requests.last)
    )?;
    match (requests.first_success, requests.last_success) {
        (Some(first), Some(last)) => writeln!(out, "    {:<12}{} to {}", "succeeded", short(first), short(last))?,
        _ => writeln!(out, "    {:<12}never", "succeeded")?,
    }
    for (name, values) in [
        ("methods", &requests.methods),
        ("statuses", &requests.statuses),
        ("clients", &requests.clients),
        ("user agents", &requests.agents),
    ] {
        let mut values: Vec<(&String, &u64)> = values.iter().collect();
        values.sort_by_key(|(value, count)| (std::cmp::Reverse(**count), (*value).clone()));
        let more = values.len().saturating_sub(VALUES);
        let shown = values.iter().take(VALUES).map(|(value, count)| format!("{} ({})", plain(value), grouped(**count)));
        let mut text = shown.collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        writeln!(out, "    {name:<12}{}", fitted(&text, width, 16))?;
    }
    if requests.joined > 0 {
        writeln!(out, "    {:<12}{} of them matched by request id", "HttpProxy", grouped(requests.joined))?;
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
            _ => writeln!(out, "  {kind:<width$}   no line with a timestamp   {folder}")?,
        }
        gaps(span, width, out)?;
        deleted(span, width, out)?;
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

/// Gaps and clock rollbacks.
fn gaps(span: &LogSpan, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (gaps, count, what) in [
        (&span.gaps, span.gaps_count, "gap from"),
        (&span.clock_rollbacks, span.clock_rollbacks_count, "clock rollback from"),
    ] {
        for (from, to) in gaps.iter().take(GAPS) {
            writeln!(out, "  {:<width$}   {what} {} to {}", "", short(*from), short(*to))?;
        }
        let more = count.saturating_sub(gaps.len().min(GAPS) as u64);
        if more > 0 {
            writeln!(out, "  {:<width$}   and {} more of these", "", grouped(more))?;
        }
    }
    Ok(())
}

/// Deleted logs, those that were read and those that were not.
fn deleted(span: &LogSpan, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let read = span.deleted.iter().map(|path| format!("deleted, read: {}", plain(path.as_str())));
    let not_read = span.deleted_not_read.iter().map(|(path, remains)| {
        let why = match remains {
            Remains::Whole => "its content is no log any more",
            Remains::Partial => "part of it was overwritten",
            Remains::Overwritten => "it was overwritten",
            Remains::Unknown => "whether its content is its own is not known",
        };
        format!("deleted, not read ({why}): {}", plain(path.as_str()))
    });
    let all = [(read.collect::<Vec<_>>(), span.deleted_count), (not_read.collect(), span.deleted_not_read_count)];
    for (lines, count) in all {
        for line in lines.iter().take(GAPS) {
            writeln!(out, "  {:<width$}   {line}", "")?;
        }
        let more = count.saturating_sub(lines.len().min(GAPS) as u64);
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

/// Text cut to what is left of the width beside a margin; whole where the output has no width.
fn fitted(text: &str, width: Option<usize>, margin: usize) -> String {
    width.map_or_else(|| text.to_owned(), |width| truncate(text, width.saturating_sub(margin).max(40)))
}

const HIT_COLUMNS: &str = "LOG\tLEVEL\tSTAGE\tCHECK\tCLIENT\tFIRST\tLAST\tCOUNT\tCVES\tPATCH_LEVEL\tTITLE\tLOCATIONS";
const REQUEST_COLUMNS: &str = "REQUESTS\tPATH\tURL\tCOUNT\tFIRST\tLAST\tFIRST_SUCCESS\tLAST_SUCCESS\tMETHODS\tSTATUSES\t\
                               CLIENTS\tUSER_AGENTS\tLOCATIONS";

/// For a pipe: a line for each hit and each requested file, with all that is known of them.
pub fn log_lines(report: &AnalysisResults, out: &mut dyn Write) -> io::Result<()> {
    let Some(logs) = &report.logs else { return Ok(()) };
    let time = |time: Option<Timestamp>| time.map_or("-".to_owned(), |time| time.to_string());
    let text = |text: &str| if text.is_empty() { "-".to_owned() } else { cell(text) };
    let lines = |locations: &[LogProof]| text(&locations.iter().map(location).collect::<Vec<_>>().join(" | "));
    if !logs.hits.is_empty() {
        writeln!(out, "{HIT_COLUMNS}")?;
    }
    for hit in &logs.hits {
        let cells = [
            hit.level.name().to_owned(),
            hit.stage.name().to_owned(),
            hit.check.to_owned(),
            text(&hit.client),
            time(hit.first),
            time(hit.last),
            hit.count.to_string(),
            text(&hit.cves.join(" ")),
            text(hit.patch.as_deref().unwrap_or_default()),
            text(&hit.title),
            lines(&hit.locations),
        ];
        writeln!(out, "log\t{}", cells.join("\t"))?;
    }
    if !logs.requests.is_empty() {
        writeln!(out, "{REQUEST_COLUMNS}")?;
    }
    for requests in &logs.requests {
        let values = |map: &BTreeMap<String, u64>| {
            let list: Vec<String> = map.iter().map(|(value, count)| format!("{value} ({count})")).collect();
            text(&list.join(" | "))
        };
        let cells = [
            text(requests.path.as_str()),
            text(&requests.url),
            requests.count.to_string(),
            time(requests.first),
            time(requests.last),
            time(requests.first_success),
            time(requests.last_success),
            values(&requests.methods),
            values(&requests.statuses),
            values(&requests.clients),
            values(&requests.agents),
            lines(&requests.locations),
        ];
        writeln!(out, "requests\t{}", cells.join("\t"))?;
    }
    Ok(())
}

/// `C:\a.log (member) line 7 2021-03-03T06:59:21.3071234Z: GET /`
fn location(location: &LogProof) -> String {
    let member = location.member.as_deref().map_or(String::new(), |member| format!(" ({member})"));
    let time = location.time.map_or(String::new(), |time| format!(" {time}"));
    format!("{}{member}{} line {}{time}: {}", location.path, if_deleted(location), location.line, location.excerpt)
}

/// What is said behind the name of a log that is deleted.
fn if_deleted(location: &LogProof) -> &'static str {
    if location.deleted { " (deleted log)" } else { "" }
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
    use crate::model::ServerPath;

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
            gaps: vec![(at(0), at(90_000))],
            gaps_count: 5,
            ..LogSpan::default()
        });
        report.spans.push(LogSpan { kind: "HttpProxy Ecp".to_owned(), ..LogSpan::default() });
        report
    }

    #[test]
    fn nothing_found_is_reported_of_the_time_that_is_covered() {
        assert!(text(&LogReport::default()).contains("exploitation cannot be ruled out"));
        let text = text(&covered());
        assert!(
            text.contains(
                "no exploitation found in the logs, which cover 2021-03-03T06:59:20.359Z to 2021-03-04T07:59:20.359Z"
            ),
            "{text}"
        );
        assert!(text.contains("HttpProxy Ecp   missing") && text.contains("and 4 more of these"), "{text}");
    }

    #[test]
    fn clients_come_by_stage_and_lines_are_escaped() {
        let mut report = covered();
        let hit = |client: &str, level: Level, stage: Stage, second: i64| LogHit {
            check: "log/proxylogon",
            cves: &["CVE-2021-26855"],
            stage,
            level,
            title: format!("title {second}\u{1b}[31m"),
            client: client.to_owned(),
            first: Some(at(second)),
            last: Some(at(second)),
            count: 2,
            locations: vec![LogProof {
                path: ServerPath::drive('C').join("a.log"),
                member: Some("m\u{202e}.log".to_owned()),
                deleted: false,
                line: 7,
                time: None,
                excerpt: "x\u{1b}".repeat(500),
            }],
            patch: None,
        };
        report.hits = vec![
            hit("scanner", Level::Low, Stage::Attempt, 1),
            hit("intruder", Level::Critical, Stage::CodeExecutionOrFileWrite, 9),
            hit("intruder", Level::Medium, Stage::ReachedBackend, 5),
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
            text.contains("intruder   code execution or file write   4 lines")
                && text.contains("a.log (m<U+202E>.log), line 7"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() < 130), "{text}");
    }
}
