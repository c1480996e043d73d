//! The head: who ran what, with which knowledge, on which evidence.

use super::page::{GAP, Page, short};
use crate::case::{Case, Run};
use crate::model::Timestamp;
use crate::record::{RunRecord, SourceRecord};
use crate::text::plain;
use std::io;

/// Servers that are named in the head.
const SERVERS: usize = 10;
/// What of the discovered is shown in a pipe: which server it is, its shadow copies, and what the run was given.
const IN_A_PIPE: &[&str] = &["windows", "time zone", "shadow", "list"];
/// What of the discovered is shown without `-v`: what the end says once more is left out.
const BRIEF: &[&str] = &["exchange", "iis", "windows", "time zone", "shadow", "list", "file", "folder"];

/// For a terminal or a file.
pub(super) fn head(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    match &case.runs[..] {
        [run] => of_one(run, page)?,
        runs => {
            let servers = case.servers();
            let shown = servers.iter().take(SERVERS).map(|name| (*name).to_owned()).collect::<Vec<_>>().join(", ");
            let more = servers.len().saturating_sub(SERVERS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            page.fact("shellsift", &format!("{} merged", super::page::count(runs.len() as u64, "run", "runs")))?;
            page.fact("servers", &format!("{}: {shown}{more}", servers.len()))?;
            if page.verbose() {
                for run in runs {
                    page.line("")?;
                    of_one(run, page)?;
                }
            }
        }
    }
    page.line("")
}

fn of_one(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    for (word, text) in identity(run, page.verbose()) {
        // Which program it was is for the record, and not for a screen.
        if page.verbose() || !matches!(word, "identity" | "command") {
            page.fact(word, &text)?;
        }
    }
    let Some(start) = &run.start else { return Ok(()) };
    for source in &start.sources {
        page.fact("evidence", &evidence(source))?;
        let times = source.times.join(", ");
        if page.verbose() {
            let times = [times].into_iter().filter(|times| !times.is_empty()).chain(source.limitations.clone());
            page.fact("times", &times.collect::<Vec<_>>().join("; "))?;
        } else {
            let limits = if source.limitations.is_empty() { "" } else { "; -v has the limitations" };
            page.fact(
                "times",
                &format!("{}{limits}", if times.is_empty() { "none that is original" } else { &times }),
            )?;
        }
    }
    for found in &start.discovered {
        if page.verbose() {
            page.fact(&found.kind, &found.description)?;
        } else if BRIEF.contains(&&*found.kind) {
            page.brief(&format!("{:<width$}", plain(&found.kind), width = super::page::WORD), &found.description)?;
        }
    }
    Ok(())
}

fn evidence(source: &SourceRecord) -> String {
    let named =
        if source.analysis_path == source.server_path { String::new() } else { format!(" as {}", source.server_path) };
    format!("{}{named}{GAP}{}", source.analysis_path, source.kind)
}

/// Who made the run: program, knowledge, command line, host.
fn identity(run: &Run, exact: bool) -> Vec<(&'static str, String)> {
    let version = run.observer.as_ref().map(|observer| observer.version.to_string()).unwrap_or_default();
    let signatures = run.start.as_ref().map(|start| start.signatures.as_str()).unwrap_or_default();
    let mut lines = vec![("shellsift", format!("{version}{GAP}{signatures}").trim_end().to_owned())];
    if let Some(start) = &run.start {
        lines.push(("identity", hashes(start)));
        lines.push(("command", start.command_line.clone()));
    }
    let summary = run.end.as_ref().and_then(|end| end.summary.as_ref());
    let started = run.start.as_ref().and_then(|start| start.started);
    let ended = summary.and_then(|summary| Some(started?.0.plus_seconds(summary.seconds)));
    let text = |time: Timestamp| if exact { time.to_string() } else { short(time) };
    let started = started.map_or("unknown".to_owned(), |time| text(time.0));
    let ended = ended.map_or(String::new(), |time| format!("{GAP}ended {}", text(time)));
    lines.push(("run", format!("started {started}{ended}")));
    if let Some(host) = run.host.as_ref().and_then(|host| host.name.as_ref()) {
        let source = run.start.as_ref().and_then(|start| start.host_source.as_deref());
        lines.push(("host", format!("{host}{}", source.map_or(String::new(), |source| format!("{GAP}from {source}")))));
    }
    lines
}

fn hashes(start: &RunRecord) -> String {
    let hashes = [("program", &start.program_sha256), ("rules", &start.rules_sha256)];
    let mut identity: Vec<String> =
        hashes.iter().filter_map(|(what, hash)| Some(format!("{what} sha256 {}", hash.as_ref()?))).collect();
    identity.extend(start.reference_data.as_ref().map(|date| format!("reference data {date}")));
    identity.push(format!("schema {}", crate::SCHEMA));
    identity.join(GAP)
}

/// For a pipe.
pub(super) fn in_a_pipe(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    for run in &case.runs {
        identity(run, true).iter().try_for_each(|(word, text)| page.fact(word, text))?;
        for found in run.start.iter().flat_map(|start| &start.discovered) {
            if IN_A_PIPE.contains(&&*found.kind) {
                page.fact(&found.kind, &found.description)?;
            }
        }
    }
    Ok(())
}
