//! For a pipe: a line per finding, per hit and per requested file with all that is known of them, and the rest in lines that begin with
//! `#`.

use super::page::Page;
use super::{actions, end, head, logs, timeline};
use crate::Style;
use crate::case::{Case, Run};
use crate::record::{Counted, File, LineRecord, Time};
use crate::text::{cell, grouped};
use std::io::{self, Write};

const COLUMNS: &str = "LEVEL\tSCORE\tBASELINE\tPATH\tSIZE\tCREATED\tMODIFIED\tSHA256\tURL\tWHY";
const HIT_COLUMNS: &str = "LOG\tLEVEL\tSTAGE\tCHECK\tCLIENT\tFIRST\tLAST\tCOUNT\tCVES\tPATCH_LEVEL\tTITLE\tLOCATIONS";
const REQUEST_COLUMNS: &str = "REQUESTS\tPATH\tURL\tCOUNT\tFIRST\tLAST\tFIRST_SUCCESS\tLAST_SUCCESS\tMETHODS\tSTATUSES\t\
                               CLIENTS\tUSER_AGENTS\tLOCATIONS";

/// All of it, or only the end.
pub(super) fn pipe(case: &Case, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = Vec::new();
    let mut page = Page::unbounded(style, &mut rest);
    if !style.summary {
        lines(case, out)?;
        head::in_a_pipe(case, &mut page)?;
        let omitted = case.runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.omitted.findings));
        if omitted > 0 {
            page.line(&format!("{} more findings are in the JSONL output only (-f jsonl)", grouped(omitted)))?;
        }
        if style.verbose || case.runs.iter().all(|run| run.coverage.is_none()) {
            logs::coverage(case, &mut page)?;
        }
        timeline::in_a_pipe(case, &mut page)?;
    }
    end::counts_and_gaps(case, &mut page)?;
    super::summary::servers(case, &mut page)?;
    super::beside::across(case, &mut page)?;
    super::beside::suppressed(case, &mut page)?;
    actions::actions(case, &mut page)?;
    end::verdict(case, &mut page)?;
    end::outputs(&mut page)?;
    for line in String::from_utf8_lossy(&rest).lines().filter(|line| !line.is_empty()) {
        writeln!(out, "# {line}")?;
    }
    Ok(())
}

/// The server, in a column of its own where there are several.
fn server(run: &Run, several: bool) -> String {
    if several { format!("\t{}", cell(run.server())) } else { String::new() }
}

fn time(time: Option<Time>) -> String {
    time.map_or("-".to_owned(), |time| time.to_string())
}

fn text(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { cell(text) }
}

fn locations(lines: &[LineRecord]) -> String {
    text(&lines.iter().map(location).collect::<Vec<_>>().join(" | "))
}

/// `C:\a.log (member) line 7 2021-03-03T06:59:21.3071234Z: GET /`
fn location(line: &LineRecord) -> String {
    let member = line.member.as_deref().map_or(String::new(), |member| format!(" ({member})"));
    let time = line.time.map_or(String::new(), |time| format!(" {time}"));
    format!("{}{member}{} {}{time}: {}", line.path, line.if_deleted(), line.number(), line.excerpt)
}

fn lines(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let several = case.servers().len() > 1;
    let host = if several { "\tHOST" } else { "" };
    writeln!(out, "{COLUMNS}{host}")?;
    for found in super::groups::findings(case) {
        let (head, body) = (&found.finding.head, &found.finding.body);
        let nothing = File::default();
        let file = head.file.as_ref().unwrap_or(&nothing);
        let why: Vec<String> = body.reasons.iter().map(|reason| format!("{} {}", reason.score, reason.title)).collect();
        let cells = [
            body.level.0.name().to_owned(),
            format!("{:.0}", body.score.floor()),
            body.state.baseline.as_ref().map_or("-", |baseline| baseline.status.0.name()).to_owned(),
            cell(&file.path),
            file.size.map_or("-".to_owned(), |size| size.to_string()),
            time(file.created),
            time(file.mtime),
            text(found.sha256().unwrap_or_default()),
            text(head.url.as_ref().map(|url| url.path.as_str()).unwrap_or_default()),
            cell(&why.join(" | ")),
        ];
        writeln!(out, "{}{}", cells.join("\t"), server(found.run, several))?;
    }
    hit_lines(case, host, several, out)?;
    request_lines(case, host, several, out)
}

fn hit_lines(case: &Case, host: &str, several: bool, out: &mut dyn Write) -> io::Result<()> {
    if case.runs.iter().any(|run| !run.hits.is_empty()) {
        writeln!(out, "{HIT_COLUMNS}{host}")?;
    }
    for run in &case.runs {
        for hit in &run.hits {
            let (event, record) = (&hit.head.event, &hit.body.hit);
            let cells = [
                hit.body.level.0.name().to_owned(),
                record.stage.0.name().to_owned(),
                text(&record.check),
                text(record.client.as_deref().unwrap_or_default()),
                time(event.start),
                time(event.end),
                record.count.to_string(),
                text(&record.cves.join(" ")),
                text(record.patch_level.as_deref().unwrap_or_default()),
                text(&record.title),
                locations(&record.locations),
            ];
            writeln!(out, "log\t{}{}", cells.join("\t"), server(run, several))?;
        }
    }
    Ok(())
}

fn request_lines(case: &Case, host: &str, several: bool, out: &mut dyn Write) -> io::Result<()> {
    if case.runs.iter().any(|run| !run.requests.is_empty()) {
        writeln!(out, "{REQUEST_COLUMNS}{host}")?;
    }
    for run in &case.runs {
        for requests in &run.requests {
            let (head, body) = (&requests.head, &requests.body);
            let values = |list: &[Counted]| {
                let list: Vec<String> = list.iter().map(|one| format!("{} ({})", one.value, one.count)).collect();
                text(&list.join(" | "))
            };
            let cells = [
                text(requests.path()),
                text(head.url.as_ref().map(|url| url.path.as_str()).unwrap_or_default()),
                body.count.to_string(),
                time(head.event.start),
                time(head.event.end),
                time(body.first_success),
                time(body.last_success),
                values(&body.methods),
                values(&body.statuses),
                values(&body.clients),
                values(&body.user_agents),
                locations(&body.locations),
            ];
            writeln!(out, "requests\t{}{}", cells.join("\t"), server(run, several))?;
        }
    }
    Ok(())
}
