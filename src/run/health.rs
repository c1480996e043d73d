//! `shellsift health`.

use super::sink::refuse_standard_output;
use super::steps::{self, keep, opened, planned};
use super::{Exit, print};
use crate::catalogue::{self, builds::Table, builds::Tables};
use crate::cli;
use crate::detect::config;
use crate::error::{Error, Result};
use crate::evidence::{Evidence, Resolver};
use crate::model::{Health, Problem, ProblemKind, ServerPath, Timestamp};
use crate::report::{self, Style};
use crate::targets::{self, Plan};
use crate::watch::Errand;
use crate::{health, logs, settings};
use std::io::{self, IsTerminal};
use std::path::Path;

/// How many rules of one file are told.
const MITIGATIONS: usize = 20;

/// The built-in tables with the user's own rows (`--facts DIR`), and the rows that could not be used.
pub(super) fn tables(facts: Option<&Path>) -> Result<(Tables, Vec<Problem>)> {
    let mut tables = catalogue::exchange_builds();
    let mut problems = Vec::new();
    let Some(folder) = facts else { return Ok((tables, problems)) };
    let mut found = false;
    for (table, name) in Table::ALL {
        let path = folder.join(name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(Error::Input { path, source }),
        };
        found = true;
        problems.extend(tables.add(table, &String::from_utf8_lossy(&bytes), &path.display().to_string()));
    }
    if !found {
        let names: Vec<&str> = Table::ALL.iter().map(|(_, name)| *name).collect();
        return Err(Error::Usage(format!(
            "--facts {}: the folder holds none of {}",
            folder.display(),
            names.join(", ")
        )));
    }
    Ok((tables, problems))
}

/// Rewrite rules of Microsoft's against attacks in the `web.config` files of the folders that the web server serves.
pub(super) fn mitigations(evidence: &dyn Evidence, plan: &Plan) -> Vec<String> {
    let resolver = Resolver::new(evidence);
    let mut folders: Vec<_> = plan.servers().flat_map(|iis| iis.mappings()).map(|(folder, _)| folder.clone()).collect();
    folders.sort();
    folders.dedup();
    let mut words = Vec::new();
    for file in folders.iter().flat_map(|folder| resolver.files_below(folder, "web.config")) {
        // One that cannot be read is reported by the scan of the files.
        if let Ok(read) = targets::config_file(evidence, plan, &file) {
            let found = config::mitigations(&read.document);
            words.extend(found.iter().take(MITIGATIONS).map(|rule| format!("{file}: {}", rule.in_words())));
        }
    }
    words
}

pub(super) fn health_verb(options: &cli::Health) -> Result<Exit> {
    let options: &'static cli::Health = keep(options.clone());
    let (tables, mut problems) = tables(options.facts.as_deref())?;
    let opened = opened(|| settings::open(&options.targets), &mut problems)?;
    let (plan, tables): (&'static Plan, &'static Tables) = (keep(planned(opened, &mut problems)?), keep(tables));
    refuse_standard_output(opened, plan)?;
    let closed =
        |problem: &&Problem| matches!(problem.kind, ProblemKind::FolderUnreadable | ProblemKind::PathUnresolved);
    problems.extend(plan.problems.iter().filter(closed).cloned());
    let examined = Errand::start(move || {
        let rules = mitigations(&opened.evidence, plan);
        let sources = logs::survey(&opened.evidence, plan, &[], &mut Vec::new());
        let seen = logs::builds(&opened.evidence, &sources);
        let examine = |root: &ServerPath| {
            let (mut health, problems) = health::examine(&opened.evidence, root, tables, &seen, Timestamp::now());
            health.mitigations.clone_from(&rules);
            (health, problems)
        };
        plan.exchange.iter().map(examine).collect::<Vec<_>>()
    });
    let mut all = Vec::new();
    for (health, more) in steps::done(examined.wait(&mut problems))? {
        all.push(health);
        problems.extend(more);
    }
    if all.is_empty() {
        // Why there is none may stand here: a registry that names a folder on another volume.
        problems.extend(plan.problems.iter().filter(|problem| !closed(problem)).cloned());
        problems.push(Problem::general(ProblemKind::NothingToExamine, "the target holds no installation of Exchange"));
    }
    let terminal = io::stdout().is_terminal();
    let width = if terminal { terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)) } else { None };
    let style = Style { terminal, colour: false, verbose: options.verbose, width };
    print(|out| report::health(&all, &problems, style, out))?;
    Ok(exit(&all, &problems))
}

/// An open flaw that is known to be exploited outweighs what could not be read.
fn exit(all: &[Health], problems: &[Problem]) -> Exit {
    let gap = problems.iter().any(|problem| problem.kind.leaves_a_gap());
    match () {
        () if all.iter().any(|health| health.open.iter().any(|flaw| flaw.exploited)) => Exit::Found,
        // Without a level nothing was held against the tables.
        () if gap || all.iter().any(|health| health.level.is_none()) => Exit::Incomplete,
        () => Exit::Clean,
    }
}
