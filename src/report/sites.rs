//! The text of `shellsift sites`: what was discovered.

use super::text::plain;
use crate::model::{AnalysisResults, ConfigChange, FolderState, Problem, SiteMap, Timestamp, WebSite};
use std::io::{self, Write};

/// Prints the installations, sites, applications, virtual directories and areas, what deviates from a default Exchange and what
/// changed.
pub fn sites(results: &AnalysisResults, map: &SiteMap, out: &mut dyn Write) -> io::Result<()> {
    for source in &results.sources {
        writeln!(
            out,
            "{:<11}{} as {}   {}",
            "evidence",
            plain(&source.analysis_path),
            plain(source.shown_as.as_str()),
            source.kind
        )?;
    }
    for discovered in &results.discovered {
        writeln!(out, "{:<11}{}", discovered.what, plain(&discovered.words))?;
    }
    map.sites.iter().try_for_each(|site| one_site(site, out))?;
    if !map.deviations.is_empty() {
        writeln!(out, "\ndeviates from a default Exchange installation")?;
    }
    for (score, words) in &map.deviations {
        writeln!(out, "  {score:>3}  {}", plain(words))?;
    }
    history(&map.changes, out)?;
    writeln!(out, "\nexamined")?;
    for area in &map.areas {
        let files = if area.every_file { "every file" } else { "web file types" };
        writeln!(out, "  {files:<14} {:<24} {}", area.role.name(), plain(area.path.as_str()))?;
    }
    not_examined(&results.problems, out)
}

fn one_site(site: &WebSite, out: &mut dyn Write) -> io::Result<()> {
    let folder = if site.logs.is_empty() { String::new() } else { format!("{}\\", plain(&site.logs)) };
    writeln!(out, "\nsite {}  {}   logs {folder}W3SVC{}", plain(&site.id), plain(&site.name), plain(&site.id))?;
    for binding in &site.bindings {
        writeln!(out, "  binding  {}", plain(binding))?;
    }
    for application in &site.applications {
        let who = &application.authentication;
        let who = if who.is_empty() { String::new() } else { format!("   {}", who.join(", ")) };
        writeln!(out, "  {:<34} {}{who}", plain(&application.path), plain(&application.pool))?;
        for folder in &application.folders {
            let state = match folder.state {
                FolderState::Present => "",
                FolderState::Missing => "   does not exist",
                FolderState::NotProvided => "   not provided",
            };
            writeln!(out, "    {:<32} {}{state}", plain(&folder.url), plain(&folder.path))?;
        }
    }
    Ok(())
}

/// What changed, under one line for each pair of states.
fn history(changes: &[ConfigChange], out: &mut dyn Write) -> io::Result<()> {
    if !changes.is_empty() {
        writeln!(out, "\nconfiguration changed, by its kept copies")?;
    }
    let time = |time: Option<Timestamp>| time.map_or_else(|| "a time not known".to_owned(), |time| time.to_string());
    let mut last = None;
    for change in changes {
        if last != Some((change.between, &change.copy)) {
            let (after, until) = change.between;
            writeln!(out, "  after {}, until {}   {}", time(after), time(until), plain(change.copy.as_str()))?;
            last = Some((change.between, &change.copy));
        }
        writeln!(out, "    {}", plain(&change.words))?;
    }
    Ok(())
}

fn not_examined(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    if !problems.is_empty() {
        writeln!(out, "\nnot examined")?;
    }
    for problem in problems {
        let path = problem.path.as_ref().map(|path| format!("{}: ", plain(path.as_str()))).unwrap_or_default();
        writeln!(out, "  {path}{}", plain(&problem.message))?;
    }
    Ok(())
}
