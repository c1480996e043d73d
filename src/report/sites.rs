//! The text of `shellsift sites`: what was discovered.

use super::text::plain;
use crate::model::{Problem, Source};
use crate::targets::iis::Physical;
use crate::targets::{Area, Plan};
use std::io::{self, Write};

/// Prints the installations, sites, applications, virtual directories and areas of a plan.
pub fn sites(sources: &[Source], plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
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
    if let Some(iis) = &plan.iis {
        for site in &iis.sites {
            writeln!(out, "\nsite {}  {}   logs W3SVC{}", plain(&site.id), plain(&site.name), plain(&site.id))?;
            for binding in &site.bindings {
                writeln!(out, "  binding  {}", plain(binding))?;
            }
            for application in &site.applications {
                let identity = iis
                    .pools
                    .get(&application.pool)
                    .map_or(String::new(), |identity| format!(" ({})", plain(identity)));
                let pool =
                    if application.pool.is_empty() { "default pool".to_owned() } else { plain(&application.pool) };
                writeln!(out, "  {:<34} {pool}{identity}", plain(&application.path))?;
                for folder in &application.folders {
                    let url = plain(&application.url(folder));
                    match &folder.physical {
                        Physical::Folders(paths) => {
                            for path in paths {
                                writeln!(out, "    {url:<32} {}", plain(path.as_str()))?;
                            }
                        }
                        Physical::Missing(path) => {
                            writeln!(out, "    {url:<32} {}   does not exist", plain(path.as_str()))?
                        }
                        Physical::NotGiven => writeln!(out, "    {url:<32} {}   not given", plain(&folder.configured))?,
                    }
                }
            }
        }
    }
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
    problems(&plan.problems, out)
}

fn problems(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    if !problems.is_empty() {
        writeln!(out, "\nnot examined")?;
    }
    for problem in problems {
        let path = problem.path.as_ref().map(|path| format!("{}: ", plain(path.as_str()))).unwrap_or_default();
        writeln!(out, "  {path}{}", plain(&problem.message))?;
    }
    Ok(())
}
