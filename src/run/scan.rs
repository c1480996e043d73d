//! `scan`: discover, survey, examine, logs, patch level, enrich, and one verdict on all of it.

use super::baseline;
use super::enrich::{self, Later};
use super::exit::Exit;
use super::health;
use super::knowledge::{self, Loaded};
use super::logs;
use super::pipeline::{Pipeline, Request, Workers};
use super::provenance::Equipment;
use super::shadow_list::list;
use super::steps::{Step, keep, log};
use super::suppress;
use crate::cli::{self, ShadowChoice};
use crate::error::Result;
use crate::inputs;
use crate::model::place::kind::{is_for_browsers, is_web};
use crate::model::{Discovered, Problem, ProblemKind};
use crate::progress::{Now, Total};
use crate::scan::{self, BaselineMatcher, Counters, Event, Survey};
use crate::settings;
use std::sync::atomic::Ordering;
use std::time::Instant;

pub(super) fn scan_verb(options: &cli::Scan) -> Result<Exit> {
    let options: &'static cli::Scan = keep(options.clone());
    if options.shadow.shadow == Some(ShadowChoice::List) {
        return list(options);
    }
    let detectors: &'static [&'static str] =
        keep(settings::detectors(&options.level.detectors, &options.level.without)?).as_slice();
    let max_size = settings::parse_size("--max-size", &options.load.size.max_size)?;
    let window = settings::window(&options.times)?;
    let data_dir = options.stages.data.data_dir.as_deref();
    let timeout = options.load.size.timeout;
    let suppressions = suppress::read_list(&options.suppress, options.output.quiet)?;

    let mut run = Pipeline::open(Request {
        targets: &options.targets,
        output: &options.output,
        timeout,
        open: inputs::open,
        is_partial_worth_it: true,
        has_findings: true,
    })?;
    run.shadow.choose(options.shadow.shadow.as_ref())?;
    if !run.shadow.chosen.is_empty() {
        let problems = std::mem::take(&mut run.shadow.problems);
        problems.into_iter().for_each(|problem| run.collector.problem(problem));
    }
    let workers = run.workers(&options.load.threads)?;

    // Loading the rules, unpacking the tables and walking the folders do not wait for each other.
    let loading = Step::start("loading the rules", move |_| {
        knowledge::load(&options.rules, &options.lists, detectors, timeout, window)
    });
    let builds = Step::start("unpacking the tables of builds", move |_| {
        (!options.stages.no_health).then(|| health::tables(data_dir)).transpose()
    });
    run.discover()?;
    let tables = baseline::start_tables(run.plan, &options.lists.baselines, detectors);
    let walk = run.start_survey();
    let mut loaded = run.wait(loading)?.transpose()?;
    if let Some(loaded) = &mut loaded {
        loaded.knowledge.configs = Some(run.plan.configs.clone());
    }
    let builds = run.wait(builds)?.transpose()?.flatten();
    let mut lists = Vec::new();
    if let Some(loaded) = &loaded {
        lists.clone_from(&loaded.lists);
        loaded.problems.iter().for_each(|problem| run.collector.problem(problem.clone()));
    }
    let (builds, unusable) = builds.map_or((None, Vec::new()), |(tables, rows)| (Some(keep(tables)), rows));
    unusable.into_iter().for_each(|problem| run.collector.problem(problem));

    let survey = run.survey(walk)?;
    let baseline = baseline::installed_builds(&mut run, survey, tables, &options.lists.baselines)?;
    let lines = baseline.iter().flat_map(|baseline| baseline::in_words(baseline));
    run.discovered.extend(lines.map(|words| Discovered { what: "baseline", words }));
    run.discovered.extend(lists);
    run.suppress(suppressions);
    run.discovered.extend(settings::further_lists(&options.rules.paths, &options.lists.baselines, data_dir));
    let until = builds.map(|tables| tables.until().to_owned());
    let equipment = match &loaded {
        Some(loaded) => loaded.equipment(detectors, until),
        None => Equipment { signatures: "no signatures".to_owned(), reference_data: until, ..Equipment::default() },
    };
    run.begin(equipment, settings::level(options.level.min_level))?;
    run.collector.later =
        Later { requests: !options.stages.no_logs, patch_level: builds.is_some() && !run.plan.exchange.is_empty() };

    let job = Examine { survey, baseline, loaded: loaded.map(keep), detectors, max_size, workers };
    examine(&mut run, &job, options)?;
    logs::of_server(&mut run, workers, options.stages.no_logs)?;
    if let Some(tables) = builds {
        health::patch_levels(&mut run, tables)?;
    }
    let mut events = logs::configuration_changes(&mut run)?;
    events.extend(enrich::compiled(survey.compiled_pages()));
    events.extend(survey.deletion_events());
    run.collector.enrich(builds, events);
    report_nothing_to_examine(&mut run, survey);

    let no_baseline: Vec<String> = baseline.iter().flat_map(|baseline| baseline::without_baseline(baseline)).collect();
    let done = run.conclude(&survey.skipped, &no_baseline, true)?;
    let fail_on = settings::level(options.level.verdict.fail_on);
    let exit = Exit::of_verdict(&done.results, fail_on, options.level.verdict.exit_zero);
    done.write(None)?;
    Ok(exit)
}

/// What the files are examined with.
struct Examine {
    survey: &'static Survey,
    baseline: Option<&'static BaselineMatcher>,
    /// `None` where the run was stopped before it was loaded.
    loaded: Option<&'static Loaded>,
    detectors: &'static [&'static str],
    max_size: u64,
    workers: Workers,
}

/// Every file of the survey. What is found is written as it is found.
fn examine(run: &mut Pipeline, with: &Examine, options: &'static cli::Scan) -> Result<()> {
    let Examine { survey, workers, .. } = *with;
    let Some(loaded) = with.loaded else {
        run.collector.coverage = Some(scan::not_reached(survey));
        return Ok(());
    };
    let counters: &'static Counters = keep(Counters::default());
    let total = Total { what: "files", files: survey.len() as u64, bytes: survey.bytes() };
    run.progress.read("examining", total, move || Now::Reading {
        files: counters.files.load(Ordering::Relaxed),
        bytes: counters.bytes.load(Ordering::Relaxed),
        found: Some(counters.findings.load(Ordering::Relaxed)),
    });
    let settings = keep(scan::Settings {
        threads: workers.threads,
        max_size: with.max_size,
        cpu_limit: options.load.threads.cpu_limit,
        detectors: with.detectors,
        allowed: &loaded.allowed,
        interrupted: run.interrupted,
        on_worker: workers.on_worker,
    });
    let job = scan::Job {
        evidence: &run.inputs.evidence,
        plan: run.plan,
        survey,
        baseline: with.baseline,
        knowledge: &loaded.knowledge,
        settings,
    };
    let collector = &mut run.collector;
    let before = collector.problems();
    let begin = Instant::now();
    let min_level = settings::level(options.level.min_level);
    let coverage = scan::scan_detached(&job, counters, options.all, &mut |event| {
        match event {
            Event::Finding(finding) => {
                // Every examined file has a record, also one whose finding is not listed.
                if options.all && finding.level < min_level {
                    collector.clean(&finding.artefact);
                }
                collector.finding(*finding);
            }
            Event::Problem(problem) => collector.problem(problem),
            Event::Clean(artefact) => collector.clean(&artefact),
        }
        collector.is_any_output_left()
    });
    run.progress.clear();
    log("examining the files", begin);
    collector.settle(before);
    collector.coverage = Some(coverage);
    match collector.writers.as_mut().filter(|writers| !writers.is_any_left()) {
        Some(writers) => Err(writers.failure()),
        None => Ok(()),
    }
}

/// An empty target must not pass for a clean one, nor a folder of collections: archives are opened as targets, not inside a folder.
fn report_nothing_to_examine(run: &mut Pipeline, survey: &Survey) {
    let Some(coverage) = &run.collector.coverage else { return };
    let is_empty = coverage.surveyed == coverage.skipped_total();
    let is_of_archives =
        coverage.archives > 0 && !survey.names().any(|(_, name, _)| is_web(name) || is_for_browsers(name));
    if (is_empty || is_of_archives) && !run.is_interrupted() && !run.collector.has_a_gap() {
        let message = match is_of_archives {
            false => "the target contains no file that can be examined",
            true => {
                "the target contains archives, which were not opened, and no page: scan each archive as a target of its own"
            }
        };
        run.collector.problem(Problem::general(ProblemKind::NothingToExamine, message));
    }
}
