//! The patch-level stage, and the command `health`, which runs only discovery and this stage.

use super::exit::Exit;
use super::pipeline::{Pipeline, Request};
use super::provenance::Equipment;
use super::steps::keep;
use crate::catalogue::{self, builds::Table, builds::Tables};
use crate::cli;
use crate::detect::config;
use crate::error::{Error, Result};
use crate::evidence::{Evidence, Resolver};
use crate::inputs::{self, Inputs};
use crate::model::{BuildSeen, Health, Level, Problem, ProblemKind, ServerPath, Timestamp};
use crate::report;
use crate::targets::{self, Plan};
use crate::{health, logs};
use std::io;
use std::path::Path;

/// How many mitigations of one file are listed.
const MITIGATIONS: usize = 20;

/// The built-in tables with the user's own rows (`--data-dir`), and the rows that could not be used.
pub(super) fn tables(data_dir: Option<&Path>) -> Result<(Tables, Vec<Problem>)> {
    let mut tables = catalogue::exchange_builds();
    let mut problems = Vec::new();
    let Some(folder) = data_dir else { return Ok((tables, problems)) };
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
            "--data-dir {}: the folder contains none of {}",
            folder.display(),
            names.join(", ")
        )));
    }
    Ok((tables, problems))
}

/// Rewrite rules of Microsoft's against attacks in the `web.config` files of the folders that the web server serves.
fn mitigations(evidence: &dyn Evidence, plan: &Plan) -> Vec<String> {
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

/// The build of an installation by the registry of its server.
fn registered<'p>(plan: &'p Plan, root: &ServerPath) -> Option<&'p str> {
    let is_root = |path: &str| ServerPath::from_windows(path).is_some_and(|path| path.folded() == root.folded());
    plan.server.exchange.iter().find(|setup| is_root(&setup.path)).and_then(|setup| setup.build.as_deref())
}

/// The patch level of each installation. `seen` is what logs say of builds over time.
fn examine(
    inputs: &Inputs,
    plan: &Plan,
    tables: &Tables,
    seen: &[BuildSeen],
    problems: &mut Vec<Problem>,
) -> Vec<Health> {
    let evidence = &inputs.evidence;
    let rules = mitigations(evidence, plan);
    let level = |root: &ServerPath| {
        let (mut one, more) = health::examine(evidence, root, tables, seen, registered(plan, root), Timestamp::now());
        one.mitigations.clone_from(&rules);
        problems.extend(more);
        one
    };
    plan.exchange.iter().map(level).collect()
}

/// The patch level of each installation, with what the logs that were read say of builds.
pub(super) fn patch_levels(run: &mut Pipeline, tables: &'static Tables) -> Result<()> {
    let (inputs, plan) = (run.inputs, run.plan);
    let seen = run.collector.logs.as_ref().map_or(Vec::new(), |logs| logs.builds.clone());
    let all = run.step("reading the patch level", move |problems| examine(inputs, plan, tables, &seen, problems))?;
    run.collector.health = all.unwrap_or_default();
    Ok(())
}

pub(super) fn health_verb(options: &cli::Health) -> Result<Exit> {
    let options: &'static cli::Health = keep(options.clone());
    let (tables, unusable) = tables(options.data.data_dir.as_deref())?;
    let tables: &'static Tables = keep(tables);
    let mut run = Pipeline::open(Request {
        targets: &options.examined.targets,
        output: &options.examined.output,
        timeout: options.examined.timeout.timeout,
        open: inputs::open,
        is_partial_worth_it: false,
        has_findings: false,
    })?;
    unusable.into_iter().for_each(|problem| run.collector.problem(problem));
    run.discover()?;
    let until = Some(tables.until().to_owned());
    run.begin(Equipment { reference_data: until, ..Equipment::default() }, Level::Info)?;
    let closed =
        |problem: &Problem| matches!(problem.kind, ProblemKind::FolderUnreadable | ProblemKind::PathUnresolved);
    run.report_plan(closed);
    let (inputs, plan) = (run.inputs, run.plan);
    let all = run.step("reading the patch level", move |problems| {
        let sources = logs::survey(&inputs.evidence, plan, &[], &mut Vec::new());
        let seen = logs::builds(&inputs.evidence, &sources);
        examine(inputs, plan, tables, &seen, problems)
    })?;
    run.collector.health = all.unwrap_or_default();
    if run.collector.health.is_empty() {
        // Why there is none may stand here: a registry that names a folder on another volume.
        run.report_plan(|problem| !closed(problem));
        let none = Problem::general(ProblemKind::NothingToExamine, "the target contains no Exchange installation");
        run.collector.problem(none);
    }
    let done = run.conclude(&[], &[], false)?;
    let exit = Exit::of_patch_level(&done.results.health, &done.results.problems);
    done.write(Some(&|results, style, out| report::health(&results.health, &results.problems, style, out)))?;
    Ok(exit)
}
