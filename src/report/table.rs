//! For the eyes: blocks on a terminal or in a file, one line a finding in a pipe.

use super::text::{bytes, code, cut, grouped, plain, wrap};
use super::{Format, Style};
use crate::model::{Finding, Level, Outcome, Problem, Proof, Report};
use std::io::{self, Write};

pub(super) const FORMAT: Format =
    Format { id: "table", extension: "txt", about: "for the eyes; in a pipe one line a finding", write: Some(write) };

/// How many reasons of a finding are shown.
const REASONS_SHOWN: usize = 6;
/// How many problems are shown without `-v`.
const PROBLEMS_SHOWN: usize = 12;
/// Where the text of a reason begins.
const MARGIN: usize = 18;
/// Under the level and the score.
const INDENT: &str = "             ";

fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.terminal { blocks(report, style, out) } else { lines(report, style, out) }
}

fn lines(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "LEVEL\tSCORE\tPATH\tSIZE\tCREATED\tMODIFIED\tSHA256\tURL\tWHY")?;
    for finding in &report.findings {
        let artefact = &finding.artefact;
        let times = &artefact.entry.times;
        let dash = || "-".to_owned();
        let why: Vec<String> = finding
            .reasons
            .iter()
            .take(3)
            .map(|reason| format!("{} {}", reason.points, plain(&reason.title)))
            .collect();
        writeln!(
            out,
            "{}\t{:.0}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            finding.level,
            finding.score.floor(),
            plain(artefact.path.as_str()),
            artefact.entry.size,
            times.created.map_or_else(dash, |time| time.to_string()),
            times.modified.map_or_else(dash, |time| time.to_string()),
            artefact.hashes.sha256.clone().unwrap_or_else(dash),
            artefact.place.url.as_deref().map_or_else(dash, plain),
            why.join(" | ")
        )?;
    }
    let mut rest = Vec::new();
    end(report, style, &mut rest)?;
    for line in String::from_utf8_lossy(&rest).lines().filter(|line| !line.is_empty()) {
        writeln!(out, "# {line}")?;
    }
    Ok(())
}

fn blocks(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "shellsift {}   {}", report.run.version, report.run.signatures)?;
    for source in &report.sources {
        let named = if source.analysis_path == source.shown_as.as_str() {
            String::new()
        } else {
            format!(" as {}", plain(source.shown_as.as_str()))
        };
        let times = format!("{}; {}", source.gives.join(", "), source.lacks.join("; "));
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
    if report.findings_beyond > 0 {
        writeln!(out, "{} more findings are in the journal only (-f jsonl)\n", grouped(report.findings_beyond))?;
    }
    end(report, style, out)
}

fn block(finding: &Finding, style: Style, out: &mut dyn Write) -> io::Result<()> {
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
        None => writeln!(out, "{INDENT}content not readable to its end, no hash")?,
    }
    if let Some(url) = &artefact.place.url {
        writeln!(out, "{INDENT}url    {}", plain(url))?;
    }
    let mut shown: Vec<(&str, Option<u64>)> = Vec::new();
    for reason in finding.reasons.iter().take(REASONS_SHOWN) {
        let proof = reason.proof.first();
        let line = proof.and_then(|proof| proof.line).map_or(String::new(), |line| format!("   line {line}"));
        let trail =
            proof.map(|proof| proof.trail.as_str()).filter(|trail| !matches!(*trail, "stored" | "name" | "times"));
        let trail = trail.map_or(String::new(), |trail| format!(" ({trail})"));
        let text = format!("{}{line}{trail}", plain(&reason.title));
        let mut margin = format!("{INDENT}{:>3}  ", reason.points);
        for text in wrap(&text, room(style, MARGIN)) {
            writeln!(out, "{margin}{text}")?;
            margin = " ".repeat(MARGIN);
        }
        // The same line for the next reason would only hide the next finding.
        let tells = |proof: &&Proof| match proof.line {
            Some(_) => !shown.contains(&(&proof.trail, proof.line)),
            None => proof.trail == "times",
        };
        if let Some(proof) = proof.filter(tells) {
            writeln!(out, "{:MARGIN$}| {}", "", cut(&code(&proof.excerpt), room(style, MARGIN + 2)))?;
            shown.push((&proof.trail, proof.line));
        }
    }
    if finding.reasons.len() > REASONS_SHOWN {
        writeln!(out, "{INDENT}     and {} more", finding.reasons.len() - REASONS_SHOWN)?;
    }
    Ok(())
}

/// How many characters are left beside a margin; no bound where the output has no width.
fn room(style: Style, margin: usize) -> usize {
    style.width.map_or(usize::MAX, |width| width.saturating_sub(margin).max(30))
}

/// Problems, counts and the verdict.
fn end(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let shown = if style.verbose { report.problems.len() } else { PROBLEMS_SHOWN };
    for problem in report.problems.iter().take(shown) {
        let mut margin = "";
        for text in wrap(&problem_line(problem), room(style, 11)) {
            writeln!(out, "{margin}{text}")?;
            margin = "           ";
        }
    }
    let hidden = report.problems.len().saturating_sub(shown) as u64 + report.problems_beyond;
    if hidden > 0 {
        writeln!(out, "{:<11}{} more; -v or -f jsonl lists them", "problem", grouped(hidden))?;
    }
    if !report.problems.is_empty() {
        writeln!(out)?;
    }
    let coverage = &report.coverage;
    let mut counts = vec![
        format!("examined {}", grouped(coverage.examined)),
        format!("known good {}", grouped(coverage.known_good)),
        format!("partly {}", grouped(coverage.partly)),
    ];
    let kinds: Vec<String> = coverage.skipped.iter().map(|(why, count)| format!("{count} {why}")).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    counts.push(format!("skipped {}{kinds}", grouped(coverage.skipped_total())));
    counts.push(format!("failed {}", grouped(coverage.failed)));
    if coverage.not_reached > 0 {
        counts.push(format!("not reached {}", grouped(coverage.not_reached)));
    }
    let rate = format!("{:.1} s, {}", report.summary.seconds, bytes(coverage.bytes));
    writeln!(out, "{}   of {} files   {rate}", counts.join("   "), grouped(coverage.surveyed))?;
    if coverage.names_only > 0 {
        let names = grouped(coverage.names_only);
        writeln!(out, "{names} other files lie in folders where web kinds alone are examined")?;
    }
    let summary = &report.summary;
    let (word, level) = match summary.outcome {
        Outcome::Compromised => ("COMPROMISED", Level::Critical),
        Outcome::Suspicious => ("SUSPICIOUS", Level::Medium),
        Outcome::NothingFound => ("NOTHING FOUND", Level::Info),
        Outcome::Incomplete => ("INCOMPLETE", Level::Medium),
    };
    writeln!(out, "{}  {}", paint(level, word, style), summary.words)?;
    if let Some(gaps) = &summary.gaps {
        writeln!(out, "{INDENT}not complete: {gaps}")?;
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
