//! The text of `shellsift sites`: what was discovered.

use super::text::plain;
use crate::model::{ConfigChange, Problem, Source, Timestamp};
use crate::targets::iis::{Application, Iis, Physical, Site};
use crate::targets::{Area, Plan, UrlMap};
use std::io::{self, Write};

/// Prints the installations, sites, applications, virtual directories and areas of a plan, what departs from a stock Exchange
/// and what changed.
pub fn sites(
    sources: &[Source],
    plan: &Plan,
    reacher: &UrlMap<'_>,
    changes: &[ConfigChange],
    problems: &[Problem],
    out: &mut dyn Write,
) -> io::Result<()> {
    for source in sources {
        writeln!(
            out,
            "{:<11}{} as {}   {}",
            "evidence",
            plain(&source.analysis_path),
            plain(source.shown_as.as_str()),
            source.kind
        )?;
    }
    for discovered in &plan.discovered {
        writeln!(out, "{:<11}{}", discovered.what, plain(&discovered.words))?;
    }
    for iis in plan.servers() {
        for site in &iis.sites {
            one_site(iis, site, reacher, out)?;
        }
    }
    let deviations = plan.deviations();
    if !deviations.is_empty() {
        writeln!(out, "\ndeparts from a stock Exchange")?;
    }
    for departure in &deviations {
        writeln!(out, "  {:>3}  {}", departure.score, plain(&departure.words))?;
    }
    history(changes, out)?;
    writeln!(out, "\nexamined")?;
    for area in &plan.areas {
        // One that lies in another which examines as much needs no line of its own.
        let inside =
            |other: &&Area| *other != area && area.path.below(&other.path).is_some_and(|below| !below.is_empty());
        if plan.areas.iter().filter(inside).any(|other| other.every_file || !area.every_file) {
            continue;
        }
        let files = if area.every_file { "every file" } else { "web kinds" };
        writeln!(out, "  {files:<11} {:<24} {}", area.role.name(), plain(area.path.as_str()))?;
    }
    not_examined(problems, out)
}

fn one_site(iis: &Iis, site: &Site, reacher: &UrlMap<'_>, out: &mut dyn Write) -> io::Result<()> {
    let folder = if site.logs.is_empty() { String::new() } else { format!("{}\\", plain(&site.logs)) };
    writeln!(out, "\nsite {}  {}   logs {folder}W3SVC{}", plain(&site.id), plain(&site.name), plain(&site.id))?;
    for binding in &site.bindings {
        writeln!(out, "  binding  {}", plain(binding))?;
    }
    for application in &site.applications {
        let who = reacher.authentication(site, application);
        let who = if who.is_empty() { String::new() } else { format!("   {}", who.join(", ")) };
        writeln!(out, "  {:<34} {}{who}", plain(&application.path), plain(&pool(iis, site, application)))?;
        for folder in &application.folders {
            let url = plain(&application.url(folder));
            match &folder.physical {
                Physical::Folders(paths) => {
                    for path in paths {
                        writeln!(out, "    {url:<32} {}", plain(path.as_str()))?;
                    }
                }
                Physical::Missing(path) => writeln!(out, "    {url:<32} {}   does not exist", plain(path.as_str()))?,
                Physical::NotGiven => writeln!(out, "    {url:<32} {}   not given", plain(&folder.configured))?,
            }
        }
    }
    Ok(())
}

/// A pool with what is known of it: its account, its version of .NET, and what is unusual about it.
fn pool(iis: &Iis, site: &Site, application: &Application) -> String {
    let name = iis.pool_of(site, application);
    let Some(pool) = iis.pool(name) else { return format!("{name} (not configured)") };
    let mut known = Vec::new();
    if !pool.identity.is_empty() {
        known.push(pool.identity.clone());
    }
    match pool.runtime.as_deref() {
        Some("") => known.push("no .NET".to_owned()),
        Some(version) => known.push(format!(".NET {version}")),
        None => {}
    }
    if pool.is_32_bit {
        known.push("32-bit".to_owned());
    }
    if pool.is_classic {
        known.push("classic pipeline".to_owned());
    }
    if known.is_empty() { name.to_owned() } else { format!("{name} ({})", known.join(", ")) }
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
