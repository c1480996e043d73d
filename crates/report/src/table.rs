//! The table: blocks on a terminal or in a file, one line per finding in a pipe.

use super::text::{bytes, cell, code, grouped, plain, truncate, wrap};
use super::{Draw, Format, Style};
use crate::model::{
    AnalysisResults, Artefact, BaselineStatus, Coverage, Disposition, Endpoint, Finding, Level, Location, Outcome,
    Problem, Reason, ReasonKind, RequestSummary, TimelineKind, Timestamp,
};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "table",
    extension: "txt",
    about: "blocks for a terminal or a file; in a pipe one line per finding",
    findings_only: false,
    write: Some(Draw::Results(write)),
};

/// What of the discovered is in a pipe too: which server it is, its shadow copies, and what the run was given.
const IN_A_PIPE: &[&str] = &["windows", "time zone", "shadow", "list"];
/// How many reasons of a finding are shown.
const REASONS_SHOWN: usize = 6;
/// How many ways to reach a file are shown.
const REACHES_SHOWN: usize = 3;
/// How many problems are shown without `-v`.
const PROBLEMS_SHOWN: usize = 12;
/// How many events of the timeline are shown without `-v`.
const EVENTS_SHOWN: usize = 120;
/// How many files that were created one after the other are shown without `-v`.
const FILES_SHOWN: usize = 3;
/// Where the text of an event begins.
const EVENT: usize = 54;
/// Where the text of a reason begins.
const MARGIN: usize = 18;
/// Under the level and the score.
const INDENT: &str = "             ";

fn write(report: &AnalysisResults, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.terminal { blocks(report, style, out) } else { lines(report, style, out) }
}

fn lines(report: &AnalysisResults, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "LEVEL\tSCORE\tBASELINE\tPATH\tSIZE\tCREATED\tMODIFIED\tSHA256\tURL\tWHY")?;
    for finding in &report.findings {
        let artefact = &finding.artefact;
        let times = &artefact.entry.times;
        let dash = || "-".to_owned();
        let why: Vec<String> =
            finding.reasons.iter().map(|reason| format!("{} {}", reason.score, reason.title)).collect();
        writeln!(
            out,
            "{}\t{:.0}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            finding.level,
            finding.score.floor(),
            artefact.comparison.as_ref().map_or("-", |comparison| comparison.status.name()),
            cell(artefact.path.as_str()),
            artefact.entry.size,
            times.created.map_or_else(dash, |time| time.to_string()),
            times.modified.map_or_else(dash, |time| time.to_string()),
            artefact.hashes.sha256.clone().unwrap_or_else(dash),
            artefact.place.url.as_deref().map_or_else(dash, cell),
            cell(&why.join(" | "))
        )?;
    }
    // A pipe has no width: nothing is wrapped, and nothing is cut.
    let style = Style { width: None, ..style };
    let mut rest = Vec::new();
    for (word, text) in head_of_run(report) {
        writeln!(rest, "{word:<11}{text}")?;
    }
    for line in report.discovered.iter().filter(|discovered| IN_A_PIPE.contains(&discovered.what)) {
        writeln!(rest, "{:<11}{}", line.what, plain(&line.words))?;
    }
    if report.findings_omitted > 0 {
        writeln!(rest, "{} more findings are in the JSONL output only (-f jsonl)", grouped(report.findings_omitted))?;
    }
    super::log_lines(report, out)?;
    if let Some(logs) = report.logs.as_ref().filter(|_| report.coverage.is_none() || style.verbose) {
        super::log_coverage(logs, &mut rest)?;
    }
    timeline(report, style, &mut rest)?;
    end(report, style, &mut rest)?;
    for line in String::from_utf8_lossy(&rest).lines().filter(|line| !line.is_empty()) {
        writeln!(out, "# {line}")?;
    }
    Ok(())
}

fn blocks(report: &AnalysisResults, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (word, text) in head_of_run(report) {
        writeln!(out, "{word:<11}{text}")?;
    }
    for source in &report.sources {
        let named = if source.analysis_path == source.shown_as.as_str() {
            String::new()
        } else {
            format!(" as {}", plain(source.shown_as.as_str()))
        };
        let gives = (!source.gives.is_empty()).then(|| source.gives.join(", "));
        let times = gives.into_iter().chain(source.lacks.iter().cloned()).collect::<Vec<_>>().join("; ");
        writeln!(out, "{:<11}{}{named}   {}", "evidence", plain(&source.analysis_path), source.kind)?;
        writeln!(out, "{:<11}{times}", "times")?;
    }
    for discovered in &report.discovered {
        writeln!(out, "{:<11}{}", discovered.what, plain(&discovered.words))?;
    }
    writeln!(out)?;
    for finding in &report.findings {
        block(finding, style, out)?;
        writeln!(out)?;
    }
    if report.findings_omitted > 0 {
        writeln!(out, "{} more findings are in the JSONL output only (-f jsonl)\n", grouped(report.findings_omitted))?;
    }
    logs(report, style, out)?;
    timeline(report, style, out)?;
    end(report, style, out)
}

/// Who made the run: program, knowledge, command line, host.
fn head_of_run(report: &AnalysisResults) -> Vec<(&'static str, String)> {
    let (run, made) = (&report.run, &report.run.provenance);
    let hashes = [("program", &made.program_sha256), ("rules", &made.rules_sha256)];
    let mut identity: Vec<String> =
        hashes.iter().filter_map(|(what, hash)| Some(format!("{what} sha256 {}", hash.as_ref()?))).collect();
    identity.extend(made.reference_data.as_ref().map(|date| format!("reference data {date}")));
    identity.push(format!("schema {}", super::SCHEMA));
    let ended = run.started.plus_seconds(report.summary.seconds);
    let mut lines = vec![
        ("shellsift", format!("{}   {}", run.version, run.signatures).trim_end().to_owned()),
        ("identity", identity.join("   ")),
        ("command", plain(&made.command_line)),
        ("run", format!("started {}   ended {ended}", run.started)),
    ];
    if let Some(host) = &run.host {
        let source = run.host_source.map_or(String::new(), |source| format!("   from {source}"));
        lines.push(("host", format!("{}{source}", plain(host))));
    }
    lines
}

/// The reasons that are shown: that the file is no file of today, whatever it scores; the strongest of each kind, since five rules about
/// one line say less than one rule and the place of the file; and then the strongest of the others.
fn most_relevant(reasons: &[Reason]) -> Vec<&Reason> {
    let first_of_kind = |at: &usize| !reasons[..*at].iter().any(|earlier| earlier.kind == reasons[*at].kind);
    let (mut first, rest): (Vec<usize>, Vec<usize>) = (0..reasons.len()).partition(first_of_kind);
    first.sort_by_key(|at| reasons[*at].kind != ReasonKind::Deleted);
    let mut shown: Vec<usize> = first.into_iter().chain(rest).take(REASONS_SHOWN).collect();
    shown.sort_unstable();
    shown.into_iter().map(|at| &reasons[at]).collect()
}

pub(super) fn block(finding: &Finding, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let artefact = &finding.artefact;
    let entry = &artefact.entry;
    let head = format!("{:<8} {:>3.0}", finding.level.name().to_uppercase(), finding.score.floor());
    writeln!(out, "{} {}   {}", paint(finding.level, &head, style), plain(artefact.path.as_str()), bytes(entry.size))?;
    let mut times = Vec::new();
    for (name, time) in [
        ("created", entry.times.created),
        ("modified", entry.times.modified),
        ("changed", entry.times.changed),
        ("accessed", entry.times.accessed),
    ] {
        times.extend(time.map(|time| format!("{name} {time}")));
    }
    let in_a_row = if room(style, INDENT.len()) < 80 { 1 } else { 2 };
    for pair in times.chunks(in_a_row) {
        writeln!(out, "{INDENT}{}", pair.join("   "))?;
    }
    let attributes: Vec<&str> = entry.attributes.names().into_iter().filter(|name| *name != "archive").collect();
    if !attributes.is_empty() {
        writeln!(out, "{INDENT}attributes {}", attributes.join(", "))?;
    }
    match &artefact.hashes.sha256 {
        Some(sha256) => writeln!(out, "{INDENT}sha256 {sha256}")?,
        None => writeln!(out, "{INDENT}content could not be read completely, no hash")?,
    }
    for line in reached(artefact) {
        let mut margin = INDENT.to_owned();
        for text in wrap(&line, room(style, INDENT.len())) {
            writeln!(out, "{margin}{text}")?;
            margin = format!("{INDENT}       ");
        }
    }
    let mut facts = Vec::new();
    // An unknown build is reported once, at the top.
    let comparison = artefact.comparison.as_ref().filter(|c| c.status != BaselineStatus::NoBaseline);
    facts.extend(comparison.map(|comparison| format!("baseline  {}", plain(&comparison.in_words()))));
    facts.extend(artefact.signed.as_ref().map(|signed| plain(&signed.to_string())));
    facts.extend(finding.patch.as_ref().map(|patch| format!("build  {}", plain(patch))));
    facts.extend(finding.requests.as_ref().map(request_words));
    for text in facts.iter().flat_map(|fact| wrap(fact, room(style, INDENT.len()))) {
        writeln!(out, "{INDENT}{text}")?;
    }
    reasons(finding, style, out)
}

/// The reasons of a finding, each with the line that shows it.
fn reasons(finding: &Finding, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut shown: Vec<(&str, Option<u64>)> = Vec::new();
    for reason in most_relevant(&finding.reasons) {
        let proof = reason.locations.first();
        let line = proof.and_then(|proof| proof.line).map_or(String::new(), |line| format!("   line {line}"));
        let encodings = proof
            .map(|proof| proof.encodings.as_str())
            .filter(|encodings| !matches!(*encodings, "stored" | "name" | "times"));
        let encodings = encodings.map_or(String::new(), |encodings| format!(" ({encodings})"));
        let text = format!("{}{line}{encodings}", plain(&reason.title));
        let mut margin = format!("{INDENT}{:>3}  ", reason.score);
        for text in wrap(&text, room(style, MARGIN)) {
            writeln!(out, "{margin}{text}")?;
            margin = " ".repeat(MARGIN);
        }
        if reason.path.len() > 1 {
            let flow = format!("data flow: {}", plain(&reason.path.join(" -> ")));
            for text in wrap(&flow, room(style, MARGIN)) {
                writeln!(out, "{:MARGIN$}{text}", "")?;
            }
        }
        // The same line for the next reason would only hide the next finding.
        let is_new = |proof: &&Location| match proof.line {
            Some(_) => !shown.contains(&(&proof.encodings, proof.line)),
            None => proof.encodings == "times",
        };
        if let Some(proof) = proof.filter(is_new) {
            writeln!(out, "{:MARGIN$}| {}", "", truncate(&code(&proof.excerpt), room(style, MARGIN + 2)))?;
            shown.push((&proof.encodings, proof.line));
        }
    }
    if finding.reasons.len() > REASONS_SHOWN {
        writeln!(out, "{INDENT}     and {} more", finding.reasons.len() - REASONS_SHOWN)?;
    }
    Ok(())
}

/// `requests 12 by 3 clients, FIRST to LAST`
fn request_words(requests: &RequestSummary) -> String {
    let clients = if requests.clients == 1 { "client" } else { "clients" };
    let time = |time: Option<Timestamp>| time.map_or("time unknown".to_owned(), |time| time.to_string());
    let times = if requests.count == 1 {
        time(requests.first)
    } else {
        format!("{} to {}", time(requests.first), time(requests.last))
    };
    format!("requests {} by {} {clients}, {times}", grouped(requests.count), grouped(requests.clients))
}

/// The ways in which the web server reaches a file, a line each.
fn reached(artefact: &Artefact) -> Vec<String> {
    let reach = &artefact.place.reach;
    let is_deleted = artefact.entry.ntfs.as_ref().is_some_and(|ntfs| ntfs.deleted);
    let mut lines: Vec<String> = reach.iter().take(REACHES_SHOWN).map(|reach| one_reach(reach, is_deleted)).collect();
    match (&artefact.place.url, reach.len().saturating_sub(REACHES_SHOWN)) {
        (Some(url), _) if reach.is_empty() => lines.push(format!("url    {}", plain(url))),
        (_, 0) => {}
        (_, more) => lines.push(format!("       and {more} more")),
    }
    lines
}

fn one_reach(reach: &Endpoint, is_deleted: bool) -> String {
    let (verb, what) = match &reach.runs {
        Disposition::By(handler) if is_deleted => ("executed at", handler.clone()),
        Disposition::By(handler) => ("executes at", handler.clone()),
        Disposition::Sent => ("static at", "served as a static file".to_owned()),
        Disposition::Refused(why) => ("denied at", why.clone()),
        Disposition::Unknown(why) => ("reachable at", format!("handling unknown: {why}")),
    };
    let identity = if reach.identity.is_empty() { String::new() } else { format!(" ({})", plain(&reach.identity)) };
    let who =
        if reach.authentication.is_empty() { String::new() } else { format!("   {}", reach.authentication.join(", ")) };
    let (url, what, pool, site) = (plain(&reach.url), plain(&what), plain(&reach.pool), plain(&reach.site));
    format!("{verb}  {url}   {what}   pool {pool}{identity}{who}   site {site}")
}

/// How many characters are left beside a margin; no bound where the output has no width.
fn room(style: Style, margin: usize) -> usize {
    style.width.map_or(usize::MAX, |width| width.saturating_sub(margin).max(30))
}

/// What was found in logs. Their coverage is listed where only logs were read, or on demand; the verdict sums it up.
fn logs(report: &AnalysisResults, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(logs) = &report.logs else { return Ok(()) };
    if logs.spans.iter().any(|span| span.files > 0) {
        super::log_hits(logs, style.width, out)?;
        super::log_requests(logs, style.width, out)?;
    }
    if report.coverage.is_none() || style.verbose {
        super::log_coverage(logs, out)?;
    }
    writeln!(out)
}

/// The timeline.
fn timeline(report: &AnalysisResults, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !report.timeline.is_empty() {
        writeln!(out, "timeline")?;
        let shown = if style.verbose { report.timeline.len() } else { EVENTS_SHOWN };
        let mut files = 0;
        for (at, event) in report.timeline.iter().enumerate().take(shown) {
            files = if event.what == TimelineKind::FileCreated { files + 1 } else { 0 };
            if files > FILES_SHOWN && !style.verbose {
                let last = report.timeline.get(at + 1).is_none_or(|next| next.what != TimelineKind::FileCreated);
                if last {
                    let more = files - FILES_SHOWN;
                    writeln!(out, "{:EVENT$}and {more} more, the last at {}", "", event.time)?;
                }
                continue;
            }
            let mut margin = format!("  {}  {:<21} ", event.time, event.what.words());
            for text in wrap(&plain(&event.words), room(style, EVENT)) {
                writeln!(out, "{margin}{text}")?;
                margin = " ".repeat(EVENT);
            }
        }
        let hidden = report.timeline.len().saturating_sub(shown) as u64 + report.timeline_omitted;
        if hidden > 0 {
            writeln!(out, "  and {} more; -v or -f jsonl lists them", grouped(hidden))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Problems, counts and the verdict.
fn end(report: &AnalysisResults, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let shown = if style.verbose { report.problems.len() } else { PROBLEMS_SHOWN };
    for problem in report.problems.iter().take(shown) {
        let mut margin = "";
        for text in wrap(&problem_line(problem), room(style, 11)) {
            writeln!(out, "{margin}{text}")?;
            margin = "           ";
        }
    }
    let hidden = report.problems.len().saturating_sub(shown) as u64 + report.problems_omitted;
    if hidden > 0 {
        writeln!(out, "{:<11}{} more; -v or -f jsonl lists them", "problem", grouped(hidden))?;
    }
    if !report.problems.is_empty() {
        writeln!(out)?;
    }
    if let Some(coverage) = &report.coverage {
        counts(coverage, report.summary.seconds, out)?;
    }
    let summary = &report.summary;
    let level = match summary.outcome {
        Outcome::Compromised => Level::Critical,
        Outcome::Exposed => Level::High,
        Outcome::Suspicious | Outcome::Incomplete => Level::Medium,
        Outcome::Attempted => Level::Low,
        Outcome::NothingFound => Level::Info,
    };
    let word = summary.outcome.words(summary.subject).to_uppercase();
    let mut margin = format!("{}  ", paint(level, &word, style));
    for text in wrap(&plain(&summary.words), room(style, INDENT.len())) {
        writeln!(out, "{margin}{text}")?;
        margin = INDENT.to_owned();
    }
    if let Some(logs) = &summary.logs {
        for text in wrap(&plain(logs), room(style, INDENT.len())) {
            writeln!(out, "{INDENT}{text}")?;
        }
    }
    for patch in &summary.patch {
        for text in wrap(&format!("patch  {}", plain(patch)), room(style, INDENT.len())) {
            writeln!(out, "{INDENT}{text}")?;
        }
    }
    for line in &summary.no_baseline {
        for text in wrap(&format!("baseline  {}", plain(line)), room(style, INDENT.len())) {
            writeln!(out, "{INDENT}{text}")?;
        }
    }
    if let Some(omitted) = report.logs.as_ref().map(|logs| logs.hits_omitted).filter(|omitted| *omitted > 0) {
        writeln!(out, "{INDENT}logs   {} matching lines were omitted: too many to keep", grouped(omitted))?;
    }
    if let Some(gaps) = &summary.gaps {
        writeln!(out, "{INDENT}incomplete: {gaps}")?;
    }
    Ok(())
}

/// What became of the files.
fn counts(coverage: &Coverage, seconds: f64, out: &mut dyn Write) -> io::Result<()> {
    let mut counts = vec![
        format!("examined {}", grouped(coverage.examined)),
        format!("known good {}", grouped(coverage.known_good)),
        format!("partially {}", grouped(coverage.partially_examined)),
    ];
    let kinds: Vec<String> = coverage.skipped.iter().map(|(why, count)| format!("{count} {why}")).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    counts.push(format!("skipped {}{kinds}", grouped(coverage.skipped_total())));
    counts.push(format!("failed {}", grouped(coverage.failed)));
    if coverage.not_reached > 0 {
        counts.push(format!("not reached {}", grouped(coverage.not_reached)));
    }
    let rate = format!("{:.1} s, {}", seconds, bytes(coverage.bytes));
    writeln!(out, "{}   of {} files   {rate}", counts.join("   "), grouped(coverage.surveyed))?;
    if coverage.names_only > 0 {
        let names = grouped(coverage.names_only);
        writeln!(out, "{names} other files are in folders where only web file types are scanned")?;
    }
    if coverage.archives > 0 {
        let (archives, were) = (
            grouped(coverage.archives),
            if coverage.archives == 1 { "is an archive, which was" } else { "are archives, which were" },
        );
        writeln!(out, "{archives} of them {were} not unpacked")?;
    }
    Ok(())
}

fn problem_line(problem: &Problem) -> String {
    let gap = if problem.kind.leaves_a_gap() { "problem" } else { "note" };
    match &problem.path {
        Some(path) => format!("{gap:<11}{}: {}", plain(path.as_str()), plain(&problem.message)),
        None => format!("{gap:<11}{}", plain(&problem.message)),
    }
}

/// Colour marks the level alone.
fn paint(level: Level, text: &str, style: Style) -> String {
    if !style.colour {
        return text.to_owned();
    }
    let code = match level {
        Level::Critical => "1;31",
        Level::High => "31",
        Level::Medium => "33",
        Level::Low => "36",
        Level::Info => "2",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReasonKind;

    #[test]
    fn each_kind_of_reason_is_shown_however_many_of_another_kind_are_stronger() {
        let reason = |id: &str, kind, score| Reason {
            id: id.to_owned(),
            kind,
            score,
            title: String::new(),
            locations: Vec::new(),
            rule: None,
            path: Vec::new(),
        };
        let mut reasons: Vec<Reason> =
            (0..9).map(|n| reason(&format!("s{n}"), ReasonKind::Signature, 90 - n)).collect();
        reasons.push(reason("p", ReasonKind::Location, 70));
        let shown: Vec<&str> = most_relevant(&reasons).iter().map(|reason| reason.id.as_str()).collect();
        assert_eq!(shown, ["s0", "s1", "s2", "s3", "s4", "p"]);
        assert_eq!(most_relevant(&reasons[..2]).len(), 2);
        assert!(most_relevant(&[]).is_empty());
    }
}
