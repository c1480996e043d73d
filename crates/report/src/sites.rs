//! The output of `shellsift sites`: what was discovered.

use super::text::plain;
use crate::model::overview::{ApplicationOverview, FolderState, Overview, SiteOverview};
use crate::model::{ConfigChange, Discovered, Problem, Source, Timestamp};
use std::io::{self, Write};

/// Prints the installations, sites, applications, virtual directories and examined folders, what differs from the default
/// configuration of Exchange, and what changed.
pub fn sites(
    sources: &[Source],
    discovered: &[Discovered],
    overview: &Overview,
    changes: &[ConfigChange],
    problems: &[Problem],
    out: &mut dyn Write,
) -> io::Result<()> {
    head(sources, discovered, out)?;
    overview.sites.iter().try_for_each(|site| one_site(site, out))?;
    if !overview.deviations.is_empty() {
        writeln!(out, "\ndeviations from the default configuration of Exchange")?;
    }
    for (score, words) in &overview.deviations {
        writeln!(out, "  {score:>3}  {}", plain(words))?;
    }
    history(changes, out)?;
    writeln!(out, "\nexamined")?;
    for area in &overview.areas {
        let files = if area.every_file { "every file" } else { "web file types" };
        writeln!(out, "  {files:<15} {:<24} {}", area.role.words(), plain(area.path.as_str()))?;
    }
    not_examined(problems, out)
}

/// The sources, and what they turned out to be.
pub(super) fn head(sources: &[Source], discovered: &[Discovered], out: &mut dyn Write) -> io::Result<()> {
    for source in sources {
        let (path, shown_as) = (plain(&source.analysis_path), plain(source.shown_as.as_str()));
        writeln!(out, "{:<11}{path} as {shown_as}   {}", "evidence", source.kind)?;
    }
    for line in discovered {
        writeln!(out, "{:<11}{}", line.what, plain(&line.words))?;
    }
    Ok(())
}

fn one_site(site: &SiteOverview, out: &mut dyn Write) -> io::Result<()> {
    let folder = if site.logs.is_empty() { String::new() } else { format!("{}\\", plain(&site.logs)) };
    writeln!(out, "\nsite {}  {}   logs {folder}W3SVC{}", plain(&site.id), plain(&site.name), plain(&site.id))?;
    for binding in &site.bindings {
        writeln!(out, "  binding  {}", plain(binding))?;
    }
    site.applications.iter().try_for_each(|application| one_application(application, out))
}

fn one_application(application: &ApplicationOverview, out: &mut dyn Write) -> io::Result<()> {
    let details = application.pool_details.join(", ");
    let pool = if details.is_empty() { application.pool.clone() } else { format!("{} ({details})", application.pool) };
    let who = application.authentication.join(", ");
    let who = if who.is_empty() { String::new() } else { format!("   {who}") };
    writeln!(out, "  {:<34} {}{who}", plain(&application.path), plain(&pool))?;
    for (url, state) in &application.folders {
        let place = match state {
            FolderState::Found(path) => plain(path.as_str()),
            FolderState::Missing(path) => format!("{}   does not exist", plain(path.as_str())),
            FolderState::NotProvided(configured) => format!("{}   not provided", plain(configured)),
        };
        writeln!(out, "    {:<32} {place}", plain(url))?;
    }
    Ok(())
}

/// What changed, under one line for each pair of states.
fn history(changes: &[ConfigChange], out: &mut dyn Write) -> io::Result<()> {
    if !changes.is_empty() {
        writeln!(out, "\nconfiguration changes, from IIS configuration history")?;
    }
    let time = |time: Option<Timestamp>| time.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string());
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

/// What could not be examined, a line each.
pub(super) fn not_examined(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    if !problems.is_empty() {
        writeln!(out, "\nnot examined")?;
    }
    for problem in problems {
        let path = problem.path.as_ref().map(|path| format!("{}: ", plain(path.as_str()))).unwrap_or_default();
        writeln!(out, "  {path}{}", plain(&problem.message))?;
    }
    Ok(())
}
