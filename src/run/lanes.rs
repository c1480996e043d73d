//! What is done beside looking at files: logs and patch level; and the verb `logs`, which reads logs alone.

use super::health::mitigations;
use super::outputs::{Collector, Told, Writers};
use super::sink::refuse_evidence;
use super::steps::{interruption, keep, opened_or_stopped, planned};
use super::{Exit, exit_code, run_info, timeline, workers};
use crate::catalogue::{self, builds::Tables};
use crate::cli;
use crate::error::Result;
use crate::evidence::Evidence;
use crate::health::{self, History};
use crate::host;
use crate::logs::checks::cmdlets::KnownFolders;
use crate::logs::{self, events};
use crate::model::{
    Finding, Health, Level, LogReport, Moment, Problem, ProblemKind, ServerPath, SourceState, Timestamp,
};
use crate::progress::{Bar, Now};
use crate::scan;
use crate::settings::{self, Inputs};
use crate::targets::{self, Plan, TargetKind};
use crate::verdict::{Scope, level_of_intrusion};
use crate::watch::{self, Errand};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the lanes work on.
#[derive(Clone, Copy)]
pub(super) struct RunContext {
    pub(super) opened: &'static Inputs,
    pub(super) plan: &'static Plan,
    pub(super) threads: usize,
    pub(super) interrupted: &'static AtomicBool,
    /// How politely the workers work.
    pub(super) throttle: logs::Throttle,
    /// Whether no progress is shown.
    pub(super) quiet: bool,
}

/// Reads the logs of the server and tells its patch level, as far as asked for.
pub(super) fn tell(
    ground: RunContext,
    no_logs: bool,
    tables: Option<&'static Tables>,
    survey: &scan::Survey,
    kept: &mut Collector,
    writers: &mut Writers,
) -> Told {
    let mut problems = Vec::new();
    // Logs that nobody had the time to read are not missing.
    let interrupted = ground.interrupted.load(Ordering::Relaxed);
    let sources = if interrupted { None } else { look_for_logs(ground, logs::named, &mut problems) };
    // In a folder of anything the word "missing" would mean nothing.
    let sources = sources.filter(|sources| is_a_server(&ground) || sources.count() > 0);
    if let Some(sources) = sources.as_ref().filter(|sources| no_logs && sources.count() > 0) {
        let message = format!("{} log files were not read: --no-logs was given", sources.count());
        problems.push(Problem::general(ProblemKind::LogsLeftOut, message));
    }
    let sources = sources.filter(|_| !no_logs);
    let found = found(kept.findings());
    let mut logs = sources.map(|sources| read_logs(ground, found, sources, &mut problems, writers));
    let mut health = Vec::new();
    let changes = Errand::start(move || changes(&ground));
    let (changes, more) = changes.wait(&mut problems).unwrap_or_default();
    problems.extend(more);
    let mut further: Vec<Moment> = changes.into_iter().chain(compiled(survey)).collect();
    if let Some(tables) = tables {
        let seen = logs.as_ref().map_or(Vec::new(), |logs| logs.builds.clone());
        let levels = Errand::start(move || {
            let evidence = &ground.opened.evidence;
            let rules = mitigations(evidence, ground.plan);
            let level = |root: &ServerPath| {
                let (mut one, problems) = health::examine(evidence, root, tables, &seen, Timestamp::now());
                one.mitigations.clone_from(&rules);
                (one, problems)
            };
            ground.plan.exchange.iter().map(level).collect::<Vec<_>>()
        });
        for (one, more) in levels.wait(&mut problems).unwrap_or_default() {
            problems.extend(more);
            health.push(one);
        }
        further.extend(date(tables, &health, logs.as_mut(), kept));
    }
    problems.into_iter().for_each(|problem| kept.problem(problem, writers));
    let (story, story_beyond) = timeline::tell(kept.findings(), logs.as_ref(), further);
    Told { logs, health, story, story_beyond }
}

/// What changed in the configuration, by the copies that IIS keeps.
fn changes(ground: &RunContext) -> (Vec<Moment>, Vec<Problem>) {
    let mut problems = Vec::new();
    let servers = ground.plan.servers();
    let changes = servers.flat_map(|iis| targets::history(&ground.opened.evidence, iis, &mut problems));
    let moments = changes
        .filter_map(|change| {
            let (after, until) = change.between;
            let since = after.filter(|_| until.is_some()).map_or(String::new(), |after| format!(" (after {after})"));
            Some(Moment { time: until.or(after)?, what: "configured", words: format!("{}{since}", change.words) })
        })
        .collect();
    (moments, problems)
}

/// Pages that ran and are gone.
fn compiled(survey: &scan::Survey) -> impl Iterator<Item = Moment> {
    let gone = survey.compiled_pages().into_iter().filter(|(.., source)| matches!(source, SourceState::Gone(_)));
    gone.map(|(time, page, _)| Moment { time, what: "compiled", words: format!("{page}, which is gone") })
}

/// Says of each hit, and of each hostile file, what the patch level was at its time; gives the updates over time.
fn date(tables: &Tables, health: &[Health], logs: Option<&mut LogReport>, kept: &mut Collector) -> Vec<Moment> {
    let histories: Vec<(&ServerPath, History<'_>)> =
        health.iter().filter_map(|one| Some((one.root.as_ref()?, History::new(one, tables)))).collect();
    // The installation that a path lies in; the only one, for logs and pages that lie elsewhere.
    let of = |path: Option<&ServerPath>| {
        let own = histories.iter().find(|(root, _)| path.is_some_and(|path| path.below(root).is_some()));
        own.or(histories.first().filter(|_| histories.len() == 1)).map(|(_, history)| history)
    };
    for hit in logs.into_iter().flat_map(|logs| &mut logs.hits) {
        let history = of(hit.locations.first().map(|proof| &proof.path));
        // A check that is about no flaw of Exchange gets the build alone.
        hit.patch = history.zip(hit.first).map(|(history, time)| match hit.cves {
            [] => history.at(time).words,
            cves => history.open_at(time, cves),
        });
    }
    kept.date(|finding| {
        let times = &finding.artefact.entry.times;
        let born = times.created.or(times.modified).filter(|_| level_of_intrusion(finding) >= Level::High)?;
        Some(of(Some(&finding.artefact.path))?.at(born).words)
    });
    histories.iter().flat_map(|(_, history)| history.updates()).collect()
}

/// Whether there is a server, or the volume of one, to ask for its logs.
fn is_a_server(ground: &RunContext) -> bool {
    let volume = ground.opened.given.iter().any(|given| given.shape == TargetKind::Volume);
    volume || !ground.plan.exchange.is_empty() || ground.plan.iis.is_some()
}

/// The logs that there are.
#[derive(Default)]
struct Found {
    text: logs::Sources,
    events: events::Survey,
}

impl Found {
    /// How many files there are.
    fn count(&self) -> usize {
        self.text.len() + self.events.logs.len() + self.events.reports.len()
    }
}

/// Which logs in folders and files that are no part of a server count.
type Loose = fn(&dyn Evidence, &[ServerPath], &mut Vec<Problem>) -> logs::Sources;

/// Looks for the logs of servers, and for those in folders and files that are no part of one. `None` if the run is stopped.
fn look_for_logs(ground: RunContext, loose: Loose, problems: &mut Vec<Problem>) -> Option<Found> {
    let looked = Errand::start(move || {
        let evidence = &ground.opened.evidence;
        let of_shape = |shape: fn(TargetKind) -> bool| -> Vec<ServerPath> {
            ground.opened.given.iter().filter(|given| shape(given.shape)).map(|given| given.path.clone()).collect()
        };
        let volumes = of_shape(|shape| shape == TargetKind::Volume);
        let mut problems = Vec::new();
        let mut text = match is_a_server(&ground) {
            true => logs::survey(evidence, ground.plan, &volumes, &mut problems),
            false => logs::Sources::default(),
        };
        text.join(loose(
            evidence,
            &of_shape(|shape| matches!(shape, TargetKind::Folder | TargetKind::File)),
            &mut problems,
        ));
        let mut events = events::Survey::default();
        for volume in &volumes {
            let more = events::survey(evidence, volume, &mut problems);
            events.logs.extend(more.logs);
            events.reports.extend(more.reports);
            events.others.extend(more.others);
            events.missing.extend(more.missing);
            events.has_folder |= more.has_folder;
        }
        events.logs.extend(text.events.iter().map(|path| (path.clone(), 0)));
        (Found { text, events }, problems)
    });
    let (found, more) = looked.wait(problems).ok()?;
    problems.extend(more);
    Some(found)
}

/// Reads them. Hits are written as they are made.
fn read_logs(
    ground: RunContext,
    found: Vec<(ServerPath, Vec<String>)>,
    Found { text, events }: Found,
    problems: &mut Vec<Problem>,
    writers: &mut Writers,
) -> LogReport {
    let evidence = &ground.opened.evidence;
    let (sources, events) = (keep(text), keep(events));
    let on_disk: &'static logs::OnDisk<'_> = keep(logs::OnDisk::new(evidence, ground.plan));
    let served = ground.plan.servers().flat_map(|iis| iis.mappings()).map(|(folder, _)| folder.clone());
    let places = keep(KnownFolders { web: served.collect(), exchange: ground.plan.exchange_names() });
    let (threads, interrupted) = (ground.threads, ground.interrupted);
    let counters: &'static logs::Counters = keep(logs::Counters::default());
    let bar = (!ground.quiet && io::stderr().is_terminal()).then(|| {
        Bar::start("logs", sources.len() as u64, sources.bytes, move || Now {
            files: counters.files.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            found: None,
        })
    });
    let job = logs::Job {
        evidence,
        sources,
        found: keep(found),
        exists: keep(|url: &str| on_disk.exists(url)),
        places,
        threads,
        interrupted,
        throttle: ground.throttle,
        counters,
    };
    let mut tell = |event: logs::Event<'_>| match event {
        logs::Event::Problem(problem) => problems.push(problem),
        logs::Event::Hit(hit) => writers.journal(|journal| journal.hit(hit, true)),
    };
    let mut report = logs::examine_detached(&job, &mut tell);
    let norms: &'static _ = keep(catalogue::config_norms());
    let is_normal_module: &'static (dyn Fn(&str) -> bool + Sync) = keep(|name: &str| norms.knows_module(name));
    let context = keep(events::Context { places: places.clone(), is_normal_module });
    let job = events::Job { evidence, survey: events, context, threads, interrupted, throttle: ground.throttle };
    events::add(&job, &mut report, &mut tell);
    drop(bar);
    report
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
    let begin = Instant::now();
    let started = Timestamp::now();
    watch::wait_at_most(Duration::from_secs(options.timeout));
    let interrupted = interruption();
    let mut problems = Vec::new();
    let open = || settings::open_for_logs(&options.targets);
    let opened = opened_or_stopped(open, &options.targets, &mut problems)?;
    super::notices(opened, options.output.quiet);
    let host = options.output.host.clone().or_else(|| if opened.live { host::host_name() } else { None });
    let destinations = settings::destinations(&options.output, host.as_deref(), &started.to_string()[..19])?;
    let plan: &'static Plan = keep(planned(opened, &mut problems)?);
    refuse_evidence(&destinations, opened, plan)?;
    let (threads, live) = workers(&options.threads, opened)?;
    let on_worker = if live { host::lower_priority } else { || {} };
    let throttle = logs::Throttle::new(options.threads.cpu_limit, on_worker);
    let run = run_info(&options.output, started, opened, host, (String::new(), Vec::new()));
    let sources = opened.evidence.sources();
    let mut writers = Writers::open(destinations, options.output.force, &run, &sources)?;
    writers.start(plan);
    let mut kept = Collector::new(Level::Info);
    let ground = RunContext { opened, plan, threads, interrupted, throttle, quiet: options.output.quiet };
    // A configuration that could not be read may have named further folders of logs.
    let of_configuration = |path: &ServerPath| path.name().to_ascii_lowercase().ends_with(".config");
    let unread = plan.problems.iter().filter(|one| one.path.as_ref().is_some_and(of_configuration));
    problems.extend(unread.cloned());
    let found = look_for_logs(ground, logs::loose, &mut problems).unwrap_or_default();
    let logs = read_logs(ground, Vec::new(), found, &mut problems, &mut writers);
    let stopped = interrupted.load(Ordering::Relaxed);
    if logs.spans.iter().all(|span| span.files == 0) && !stopped {
        problems.push(Problem::general(ProblemKind::NothingToExamine, "there is no log that can be read"));
    }
    problems.into_iter().for_each(|problem| kept.problem(problem, &mut writers));
    let (story, story_beyond) = timeline::tell(&[], Some(&logs), Vec::new());
    let told = Told { logs: Some(logs), health: Vec::new(), story, story_beyond };
    kept.told(&told, &mut writers);
    let scope = Scope {
        files: None,
        logs: told.logs.as_ref().map(|logs| logs.spans.as_slice()),
        interrupted: stopped,
        no_baseline: &[],
    };
    let fail_on = settings::level(options.verdict.fail_on);
    let summary = kept.tally.conclude(scope, Vec::new(), begin.elapsed().as_secs_f64());
    writers.journal(|journal| journal.end(&summary));
    let report = kept.into_report(run, sources, plan, None, told, summary);
    writers.finish(&report, &options.output)?;
    Ok(exit_code(&report, fail_on, options.verdict.exit_zero))
}
