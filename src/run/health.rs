//! `shellsift health`.

use super::{Exit, print};
use crate::catalogue::{self, builds::Table, builds::Tables};
use crate::cli;
use crate::error::{Error, Result};
use crate::model::{Health, Problem, ProblemKind, Timestamp};
use crate::report::{self, Style};
use crate::{health, settings, targets};
use std::io::{self, IsTerminal};
use std::path::Path;

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

pub(super) fn health_verb(options: &cli::Health) -> Result<Exit> {
    let (tables, mut problems) = tables(options.facts.as_deref())?;
    let opened = settings::open(&options.targets)?;
    let plan = targets::discover(&opened.evidence, &opened.given, &opened.drives, opened.live);
    let mut all = Vec::new();
    for root in &plan.exchange {
        let (health, more) = health::examine(&opened.evidence, root, &tables, &[], Timestamp::now());
        all.push(health);
        problems.extend(more);
    }
    if all.is_empty() {
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
