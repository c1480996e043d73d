//! The log stage, and the command `logs`, which runs only discovery and this stage.

use super::enrich;
use super::exit::Exit;
use super::pipeline::{Pipeline, Request, Workers};
use super::provenance::Equipment;
use super::steps::{keep, log};
use super::suppress;
use crate::catalogue;
use crate::cli;
use crate::error::Result;
use crate::evidence::Evidence;
use crate::inputs;
use crate::logs::checks::cmdlets::KnownFolders;
use crate::logs::{self, events};
use crate::model::{Finding, Level, Problem, ProblemKind, ServerPath, SourceState, TimelineEvent};
use crate::progress::{Now, Total};
use crate::settings;
use crate::targets::{self, FileLookup, TargetKind};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The logs of the server that is scanned; `leave_out` only counts them.
pub(super) fn of_server(run: &mut Pipeline, workers: Workers, leave_out: bool) -> Result<()> {
    // Logs that nobody had the time to read are not missing.
    let sources = if run.is_interrupted() { None } else { look_for_logs(run, logs::named)? };
    // In a folder of anything the word "missing" would mean nothing.
    let Some(mut sources) = sources.filter(|sources| run.inputs.are_of_a_server(run.plan) || sources.count() > 0)
    else {
        return Ok(());
    };
    let copies = run.shadow.chosen;
    if !leave_out && !copies.is_empty() {
        let inputs = run.inputs;
        let known: HashSet<ServerPath> = sources.deleted().cloned().collect();
        let found = run.step("looking for logs in shadow copies", move |problems| {
            logs::find_in_shadow_copies(&inputs.evidence, copies, &known, problems)
        })?;
        let found = found.unwrap_or_default();
        found.text.into_iter().for_each(|log| sources.text.add_deleted(log));
        sources.events.deleted.extend(found.events);
    }
    match leave_out {
        true if sources.count() > 0 => {
            let message = format!("{} log files were not read: --no-logs is set", sources.count());
            run.collector.problem(Problem::general(ProblemKind::LogsSkipped, message));
        }
        true => {}
        false => read_logs(run, workers, sources),
    }
    Ok(())
}

/// What changed in the configuration, by the copies that IIS keeps.
pub(super) fn configuration_changes(run: &mut Pipeline) -> Result<Vec<TimelineEvent>> {
    let (inputs, plan) = (run.inputs, run.plan);
    let changes = run.step("reading the saved copies of the configuration", move |problems| {
        plan.servers().flat_map(|iis| targets::history(&inputs.evidence, &plan.configs, iis, problems)).collect()
    })?;
    Ok(enrich::changes(changes.unwrap_or_default()))
}

/// The logs that there are.
#[derive(Default)]
struct Found {
    text: logs::Sources,
    events: events::Survey,
}

impl Found {
    /// The paths of the deleted ones.
    fn deleted(&self) -> impl Iterator<Item = &ServerPath> {
        let text = (0..self.text.len()).filter_map(|at| self.text.deleted(at));
        text.chain(&self.events.deleted).map(|file| &file.path)
    }

    /// How many files there are.
    fn count(&self) -> usize {
        self.text.len() + self.events.logs.len() + self.events.reports.len() + self.events.deleted.len()
    }
}

/// Which logs in folders and files that are no part of a server count.
type Loose = fn(&dyn Evidence, &[ServerPath], &mut Vec<Problem>) -> logs::Sources;

/// Looks for the logs of servers, and for those in folders and files that are no part of one. `None` if the run is stopped.
fn look_for_logs(run: &mut Pipeline, loose: Loose) -> Result<Option<Found>> {
    let (inputs, plan) = (run.inputs, run.plan);
    run.step("looking for logs", move |problems| {
        let evidence = &inputs.evidence;
        let of_kind = |kind: fn(TargetKind) -> bool| -> Vec<ServerPath> {
            inputs.targets.iter().filter(|target| kind(target.kind)).map(|target| target.path.clone()).collect()
        };
        let volumes = of_kind(|kind| kind == TargetKind::Volume);
        let mut text = match inputs.are_of_a_server(plan) {
            true => logs::survey(evidence, plan, &volumes, problems),
            false => logs::Sources::default(),
        };
        text.join(loose(evidence, &of_kind(|kind| matches!(kind, TargetKind::Folder | TargetKind::File)), problems));
        let mut events = events::Survey::default();
        for volume in &volumes {
            let more = events::survey(evidence, volume, problems);
            events.logs.extend(more.logs);
            events.reports.extend(more.reports);
            events.others.extend(more.others);
            events.deleted.extend(more.deleted);
            events.deleted_not_read.extend(more.deleted_not_read);
            events.missing.extend(more.missing);
            events.has_folder |= more.has_folder;
        }
        events.logs.extend(text.events.iter().map(|path| (path.clone(), 0)));
        Found { text, events }
    })
}

/// Reads them. Hits are written as they are made.
fn read_logs(run: &mut Pipeline, workers: Workers, Found { text, events }: Found) {
    let (inputs, plan, interrupted) = (run.inputs, run.plan, run.interrupted);
    let evidence = &inputs.evidence;
    let found = found(run.collector.findings());
    let (sources, events) = (keep(text), keep(events));
    let urls: &'static FileLookup<'_> = keep(FileLookup::new(evidence, plan));
    let served = plan.servers().flat_map(|iis| iis.mappings()).map(|(folder, _)| folder.clone());
    let folders = keep(KnownFolders { web: served.collect(), exchange: plan.exchange_names() });
    let Workers { threads, throttle, .. } = workers;
    let counters: &'static logs::Counters = keep(logs::Counters::default());
    let total = Total { what: "logs", files: sources.len() as u64, bytes: sources.bytes };
    run.progress.read("reading logs", total, move || Now::Reading {
        files: counters.files.load(Ordering::Relaxed),
        bytes: counters.bytes.load(Ordering::Relaxed),
        found: None,
    });
    let job = logs::Job {
        evidence,
        sources,
        found: keep(found),
        exists: keep(|url: &str| urls.exists(url)),
        folders,
        threads,
        interrupted,
        throttle,
        counters,
    };
    let collector = &mut run.collector;
    let mut emit = |event: logs::Event<'_>| match event {
        logs::Event::Problem(problem) => collector.problem(problem),
        logs::Event::Hit(hit) => collector.hit_so_far(hit),
    };
    let begin = Instant::now();
    let mut report = logs::examine_detached(&job, &mut emit);
    run.progress.stage("reading event logs");
    let defaults: &'static _ = keep(catalogue::default_config());
    let is_normal_module: &'static (dyn Fn(&str) -> bool + Sync) = keep(|name: &str| defaults.knows_module(name));
    let context = keep(events::Context { folders: folders.clone(), is_normal_module });
    let job = events::Job { evidence, survey: events, context, threads, interrupted, throttle };
    events::add(&job, &mut report, &mut emit);
    logs::add_retention(&mut report.spans, plan, &events.logs);
    run.progress.clear();
    log("reading the logs", begin);
    collector.logs = Some(report);
}

/// The found files with the URL paths that reach them. Of what ASP.NET left of a page that is gone, the page's URL, once.
fn found(findings: &[Finding]) -> Vec<(ServerPath, Vec<String>)> {
    let mut pages = BTreeSet::new();
    let of_page = |finding: &Finding| match &finding.artefact.compiled {
        None => Some(true),
        Some(compiled) if matches!(compiled.source, SourceState::Present(_)) => None,
        Some(_) => Some(false),
    };
    let mut found = Vec::new();
    for finding in findings {
        let Some(is_file) = of_page(finding) else { continue };
        let place = &finding.artefact.place;
        let mut urls: Vec<String> =
            place.reach.iter().map(|reach| reach.url.clone()).chain(place.url.clone()).collect();
        urls.sort();
        urls.dedup();
        urls.retain(|url| is_file || pages.insert(url.to_ascii_lowercase()));
        if !urls.is_empty() {
            found.push((finding.artefact.path.clone(), urls));
        }
    }
    found
}

/// `logs`: the logs of servers, or loose ones.
pub(super) fn logs_verb(options: &cli::Logs) -> Result<Exit> {
    let options: &'static cli::Logs = keep(options.clone());
    let suppressions = suppress::read_list(&options.judged.suppress, options.judged.output.quiet)?;
    let mut run = Pipeline::open(Request {
        targets: &options.targets,
        output: &options.judged.output,
        timeout: options.timeout.timeout,
        open: inputs::open_for_logs,
        is_partial_worth_it: true,
        has_findings: true,
    })?;
    run.discover()?;
    let workers = run.workers(&options.threads)?;
    run.suppress(suppressions);
    run.begin(Equipment::default(), Level::Info)?;
    // A configuration that could not be read may have named further folders of logs.
    let of_configuration = |path: &ServerPath| path.name().to_ascii_lowercase().ends_with(".config");
    run.report_plan(|one| one.path.as_ref().is_some_and(of_configuration));
    let found = look_for_logs(&mut run, logs::loose)?.unwrap_or_default();
    read_logs(&mut run, workers, found);
    let mut spans = run.collector.logs.iter().flat_map(|logs| &logs.spans);
    if spans.all(|span| span.files == 0) && !run.is_interrupted() {
        run.collector.problem(Problem::general(ProblemKind::NothingToExamine, "there is no readable log"));
    }
    run.collector.enrich(None, Vec::new());
    let done = run.conclude(&[], &[], true)?;
    let exit = Exit::of_verdict(
        &done.results,
        settings::level(options.judged.verdict.fail_on),
        options.judged.verdict.exit_zero,
    );
    done.write(None)?;
    Ok(exit)
}
