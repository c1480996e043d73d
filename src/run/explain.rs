//! `explain`: one file, with every view of it.

use super::baseline;
use super::collector::Collector;
use super::exit::Exit;
use super::knowledge::{self, Loaded};
use super::pipeline::{Pipeline, Request};
use super::steps::{Step, interruption, keep};
use crate::cli::{self, Targets};
use crate::decode;
use crate::detect::{DETECTORS, behaviour};
use crate::error::{Error, Result};
use crate::evidence::Evidence;
use crate::inputs::{self, Inputs};
use crate::model::explanation::Explanation;
use crate::model::{Artefact, EntryKind, Finding, Level, Location, Problem, Reason, ServerPath};
use crate::report;
use crate::scan::{self, BaselineMatcher, Counters, Event, Survey};
use crate::settings;
use crate::targets::Plan;
use crate::watch;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub(super) fn explain_verb(options: &cli::Explain) -> Result<Exit> {
    let options: &'static cli::Explain = keep(options.clone());
    interruption();
    watch::wait_at_most(Duration::from_secs(options.size.timeout));
    let max_size = settings::parse_size("--max-size", &options.size.max_size)?;
    let window = settings::window(&options.times)?;
    let ignore = &mut |_: Problem| {};
    let targets = Step::start("looking for the volume of the file", move |_| targets_of(options)).done(ignore)??;
    let targets: &'static Targets = keep(targets);
    let mut run = Pipeline::open(Request {
        targets,
        output: &options.output,
        timeout: options.size.timeout,
        open: inputs::open,
        is_partial_worth_it: false,
        has_findings: true,
    })?;
    run.discover()?;
    let detectors: &'static [&'static str] =
        keep(DETECTORS.iter().map(|detector| detector.id).collect::<Vec<_>>()).as_slice();
    let mut loaded = knowledge::load(&options.rules, &options.lists, detectors, options.size.timeout, window)?;
    loaded.knowledge.configs = Some(run.plan.configs.clone());
    let loaded: &'static Loaded = keep(loaded);
    run.begin(loaded.equipment(detectors, None), Level::Info)?;
    loaded.problems.iter().for_each(|problem| run.collector.problem(problem.clone()));

    let (inputs, plan, interrupted) = (run.inputs, run.plan, run.interrupted);
    let survey = run.step("the survey", move |problems| survey(options, inputs, plan, interrupted, problems))?;
    let (path, survey, baseline) = survey.transpose()?.ok_or(Error::Interrupted("nothing was written"))?;
    let survey: &'static Survey = keep(survey);
    let settings = keep(scan::Settings {
        threads: 1,
        max_size,
        cpu_limit: 100,
        detectors,
        allowed: &loaded.allowed,
        interrupted,
        on_worker: || {},
    });
    let baseline = baseline.map(|baseline| -> &'static BaselineMatcher { keep(baseline) });
    let job = scan::Job { evidence: &inputs.evidence, plan, survey, baseline, knowledge: &loaded.knowledge, settings };
    let (artefact, finding) = match examine(&job, &mut run.collector) {
        Ok(examined) => examined,
        Err(why) => return Err(Error::Target { path: named(options)?.clone(), source: io::Error::other(why) }),
    };
    let is_file = artefact.entry.kind == EntryKind::File;
    let done = run.conclude(&[], &[], false)?;
    let problems = done.results.problems.clone();
    let exit = match &finding {
        Some(finding) if finding.level >= Level::Medium => Exit::Found,
        _ if !is_file || !problems.is_empty() => Exit::Incomplete,
        _ => Exit::Clean,
    };
    let problems = keep(problems);
    let draw = move |_: &mut Vec<Problem>| {
        explanation(inputs, &path, artefact.clone(), finding.as_ref(), problems, max_size, interrupted)
    };
    let explanation = Step::start("reading the file once more", draw).done(ignore)?;
    done.write(Some(&|_, style, out| report::explain(&explanation, &style, out)))?;
    Ok(exit)
}

/// Examines the file: what it is, and the finding if there is one; or why it could not be examined.
fn examine(
    job: &scan::Job<'static>,
    collector: &mut Collector,
) -> std::result::Result<(Artefact, Option<Finding>), String> {
    let (mut finding, mut clean, mut why) = (None, None, None);
    scan::scan_detached(job, keep(Counters::default()), true, &mut |event| {
        match event {
            Event::Finding(found) => {
                collector.finding((*found).clone());
                finding = Some(*found);
            }
            Event::Clean(artefact) => {
                collector.clean(&artefact);
                clean = Some(*artefact);
            }
            Event::Problem(problem) => {
                why.get_or_insert(problem.message.clone());
                collector.problem(problem);
            }
        }
        true
    });
    match (finding, clean) {
        (Some(finding), _) => Ok((finding.artefact.clone(), Some(finding))),
        (None, Some(artefact)) => Ok((artefact, None)),
        (None, None) => Err(why.unwrap_or_else(|| "it could not be examined".to_owned())),
    }
}

/// The file that is to be explained.
fn named(options: &cli::Explain) -> Result<&PathBuf> {
    options.file.as_ref().ok_or_else(|| Error::Usage("no file is named".to_owned()))
}

/// The volume or installation that the file belongs to.
fn targets_of(options: &cli::Explain) -> Result<Targets> {
    let file = named(options)?;
    let metadata = std::fs::symlink_metadata(file).map_err(|source| Error::Target { path: file.clone(), source })?;
    if !metadata.is_file() {
        return Err(Error::Usage(format!("{} is not a regular file", file.display())));
    }
    let root = options.within.clone().or_else(|| settings::root_above(file));
    Ok(Targets { targets: vec![root.unwrap_or_else(|| file.clone())], ..Targets::default() })
}

/// The file by itself, and which build its own installation is.
fn survey(
    options: &cli::Explain,
    inputs: &Inputs,
    plan: &Plan,
    interrupted: &AtomicBool,
    problems: &mut Vec<Problem>,
) -> Result<(ServerPath, Survey, Option<BaselineMatcher>)> {
    let (evidence, file) = (&inputs.evidence, named(options)?);
    let path = evidence.name_of(file).ok_or_else(|| {
        let within = inputs.places.first().map(|place| place.display().to_string()).unwrap_or_default();
        Error::Usage(format!("{} is not inside {within}", file.display()))
    })?;
    let survey = scan::single(evidence, plan, &path, problems);
    let mut own = plan.clone();
    own.exchange.retain(|root| path.below(root).is_some());
    own.areas.retain(|area| own.exchange.iter().any(|root| area.path.below(root).is_some()));
    let tables = baseline::own_tables(&options.lists.baselines)?;
    if own.exchange.is_empty() {
        return Ok((path, survey, None));
    }
    let around = scan::survey(evidence, &own, interrupted, &mut Vec::new());
    let baseline = BaselineMatcher::new(evidence, &own, &around, baseline::with_built_in(tables), interrupted);
    Ok((path, survey, Some(baseline)))
}

/// Everything that is shown. The file is read once more, for what is around each location.
fn explanation(
    inputs: &Inputs,
    path: &ServerPath,
    mut artefact: Artefact,
    finding: Option<&Finding>,
    problems: &[Problem],
    max_size: u64,
    interrupted: &AtomicBool,
) -> Explanation {
    let mut reader = scan::Reader::new(max_size);
    if let Ok(content) = inputs.evidence.open(path)
        && reader.read(content, interrupted).is_ok()
    {
        reader.complete(&mut artefact.hashes);
    }
    let views = |(start, piece)| decode::views(piece, start, decode::Effort::Thorough).views;
    let views: Vec<decode::View<'_>> = reader.pieces().flat_map(views).collect();
    let listings = behaviour::listings(&artefact, &views);
    let context = |location: &Location| decode::context(&views, location);
    let of_reason = |reason: &Reason| reason.locations.iter().map(context).collect();
    let reasons = finding.iter().flat_map(|finding| &finding.reasons);
    Explanation {
        contexts: reasons.map(of_reason).collect(),
        artefact,
        finding: finding.cloned(),
        views: views.iter().map(decode::outline).collect(),
        listings,
        problems: problems.to_vec(),
    }
}
