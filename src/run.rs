//! One run: open the evidence, scan it, write what was found.

mod baseline;
mod explain;
mod health;
mod lanes;
mod limits;
mod outputs;
mod rules;
mod sink;
mod steps;
mod timeline;

use explain::explain_verb;
use outputs::{Collector, Writers};
use rules::{check_rules, list_rules};
use sink::{Sink, refuse_evidence, refuse_standard_output};
use steps::{interruption, keep, opened, opened_or_stopped, planned, walk};

use crate::catalogue;
use crate::cli::{self, Cli, ProfileName, RulesVerb, Verb};
use crate::detect::Knowledge;
use crate::detect::signatures::Signatures;
use crate::error::{Error, Result};
use crate::evidence::Evidence;
use crate::host;
use crate::logs;
use crate::model::{
    AnalysisResults, ConfigChange, Discovered, Health, Level, Problem, ProblemKind, RunInfo, Summary, Timestamp, Window,
};
use crate::progress::{Bar, Now};
use crate::report;
use crate::scan::{self, Counters, Event};
use crate::settings::{self, Inputs};
use crate::targets::{self, Plan};
use crate::verdict::{COUNTS, Scope};
use crate::watch::{self, Errand};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Complete, and nothing found.
    Clean,
    /// Something was found, at or above the level that the user asked about.
    Found,
    /// Nothing at or above that level, but not everything could be examined.
    Incomplete,
    /// Complete; something was found, all of it below that level.
    Below,
    /// Stopped from outside; what was found so far is written.
    Interrupted,
    /// The user's own input has faults that were asked for (`rules check`).
    Faults,
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Found => 1,
            Exit::Faults => 2,
            Exit::Incomplete => 3,
            Exit::Below => 4,
            Exit::Interrupted => 130,
        }
    }
}

/// Does what the command line says.
pub fn run(cli: &Cli) -> Result<Exit> {
    limits::threads(1)?;
    match &cli.verb {
        Verb::Scan(options) => scan_verb(options),
        Verb::Explain(options) => explain_verb(options),
        Verb::Logs(options) => lanes::logs_verb(options),
        Verb::Sites(options) => sites_verb(options),
        Verb::Health(options) => health::health_verb(options),
        Verb::Rules(RulesVerb::List(options)) => list_rules(options),
        Verb::Rules(RulesVerb::Check { paths }) => check_rules(paths),
        Verb::Baseline(verb) => baseline::baseline_verb(verb),
        Verb::Completions { shell } => completions(*shell),
        Verb::Man => man(),
    }
}

fn scan_verb(options: &cli::Scan) -> Result<Exit> {
    let options: &'static cli::Scan = keep(options.clone());
    let begin = Instant::now();
    let started = Timestamp::now();
    let detectors: &'static [&'static str] =
        keep(settings::detectors(&options.level.detectors, &options.level.without)?).as_slice();
    let max_size = settings::parse_size(&options.load.size.max_size)?;
    let window = settings::window(&options.times)?;
    watch::wait_at_most(Duration::from_secs(options.load.size.timeout));
    let interrupted = interruption();
    let mut problems = Vec::new();
    let opened = opened_or_stopped(|| settings::open(&options.targets), &options.targets, &mut problems)?;
    notices(opened, options.output.quiet);
    let host = options.output.host.clone().or_else(|| if opened.live { host::host_name() } else { None });
    let destinations = settings::destinations(&options.output, host.as_deref(), &started.to_string()[..19])?;
    refuse_evidence(&destinations, opened, &Plan::default())?;
    let (threads, live) = workers(&options.load.threads, opened)?;

    // Loading the rules, unpacking the tables and walking the folders do not wait for each other.
    let loading =
        Errand::start(move || load(&options.rules, &options.lists, detectors, options.load.size.timeout, window));
    let builds = Errand::start(move || {
        (!options.lanes.no_health).then(|| health::tables(options.lanes.facts.facts.as_deref())).transpose()
    });
    let mut plan = planned(opened, &mut problems)?;
    let tables = Errand::start({
        let exchange = !plan.exchange.is_empty();
        move || stock_tables(exchange, &options.lists, detectors)
    });
    let survey = walk(&plan, opened, &mut problems)?;
    refuse_evidence(&destinations, opened, &plan)?;
    let tables = steps::unless_stopped(tables.wait(&mut problems), "the stock tables could not be unpacked")?;
    let stock = match tables.transpose()?.flatten() {
        Some(tables) => steps::stock(opened, &plan, survey, tables, options, detectors, &mut problems)?,
        None => None,
    };
    for words in stock.iter().flat_map(|stock| baseline::in_words(stock)) {
        plan.discovered.push(Discovered { what: "stock", words });
    }
    let loaded = steps::unless_stopped(loading.wait(&mut problems), "the rules could not be compiled")?.transpose()?;
    plan.discovered.extend(loaded.iter().flat_map(|loaded| loaded.lists.iter().cloned()));
    let facts = options.lanes.facts.facts.as_deref();
    plan.discovered.extend(settings::further_lists(&options.rules.paths, &options.lists.baselines, facts));
    let plan: &'static Plan = keep(plan);
    let builds = steps::unless_stopped(builds.wait(&mut problems), "the tables of builds could not be unpacked")?;
    let (builds, unusable) =
        builds.transpose()?.flatten().map_or((None, Vec::new()), |(tables, rows)| (Some(tables), rows));
    let mut words = "no signatures".to_owned();
    let loaded = loaded.map(|loaded| {
        words.clone_from(&loaded.words);
        problems.splice(0..0, loaded.problems.iter().cloned().chain(unusable));
        keep(loaded)
    });

    let run = run_info(&options.output, started, opened, host, (words, detectors.to_vec()));
    let sources = opened.evidence.sources();
    let mut writers = Writers::open(destinations, options.output.force, &run, &sources)?;
    writers.start(plan);

    let mut kept = Collector::new(settings::level(options.level.min_level));
    for problem in problems {
        kept.problem(problem, &mut writers);
    }
    let before = kept.problems();
    let counters: &'static Counters = keep(Counters::default());
    let bar = (!options.output.quiet && io::stderr().is_terminal()).then(|| {
        Bar::start("files", survey.len() as u64, survey.bytes(), move || Now {
            files: counters.files.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            found: Some(counters.findings.load(Ordering::Relaxed)),
        })
    });
    let on_worker = if live { host::lower_priority } else { || {} };
    let coverage = loaded.map_or_else(
        || scan::not_reached(survey),
        |loaded| {
            let settings = keep(scan::Settings {
                threads,
                max_size,
                cpu_limit: options.load.threads.cpu_limit,
                detectors,
                allowed: &loaded.allowed,
                interrupted,
                on_worker,
            });
            let job =
                scan::Job { evidence: &opened.evidence, plan, survey, stock, knowledge: &loaded.knowledge, settings };
            scan::scan_detached(&job, counters, options.output.all, &mut |event| {
                match event {
                    Event::Finding(finding) => kept.finding(*finding, &mut writers),
                    Event::Problem(problem) => kept.problem(problem, &mut writers),
                    Event::Clean(artefact) => writers.journal(|journal| journal.clean(&artefact)),
                }
                writers.anyone_listens()
            })
        },
    );
    drop(bar);
    kept.settle(before);
    if !writers.anyone_listens() {
        return Err(writers.failure());
    }

    let ground = lanes::RunContext {
        opened,
        plan,
        threads,
        interrupted,
        throttle: logs::Throttle::new(options.load.threads.cpu_limit, on_worker),
        quiet: options.output.quiet,
    };
    let builds = builds.map(keep);
    let told = lanes::tell(ground, options.lanes.no_logs, builds, survey, &mut kept, &mut writers);
    kept.told(&told, &mut writers);

    let interrupted = interrupted.load(Ordering::Relaxed);
    let fail_on = settings::level(options.level.verdict.fail_on);
    let gap_is_known = interrupted || kept.tally.problems.keys().any(|kind| kind.leaves_a_gap());
    if coverage.surveyed == coverage.skipped_total() + coverage.archives && !gap_is_known {
        let message = match coverage.archives {
            0 => "the target holds no file that can be examined".to_owned(),
            _ => "the target holds nothing but archives: unpack them and scan the folder".to_owned(),
        };
        kept.problem(Problem::general(ProblemKind::NothingToExamine, message), &mut writers);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let no_baseline: Vec<String> = stock.iter().flat_map(|stock| baseline::without_baseline(stock)).collect();
    let logs = told.logs.as_ref().map(|logs| logs.spans.as_slice());
    let scope = Scope { files: Some(&coverage), logs, interrupted, no_baseline: &no_baseline };
    let summary = kept.tally.conclude(scope, told.health.iter().map(Health::in_words).collect(), seconds);
    writers.journal(|journal| journal.coverage(&coverage, &survey.skipped));
    writers.journal(|journal| journal.end(&summary));
    let report = kept.into_report(run, sources, plan, Some(coverage), told, summary);
    writers.finish(&report, &options.output)?;
    Ok(exit_code(&report, fail_on, options.level.verdict.exit_zero))
}

/// Who runs what. `with` are the signatures in words and the detectors; empty where none run.
fn run_info(
    output: &cli::Output,
    started: Timestamp,
    opened: &Inputs,
    host: Option<String>,
    with: (String, Vec<&'static str>),
) -> RunInfo {
    RunInfo {
        scan_id: scan_id(started, opened),
        version: env!("CARGO_PKG_VERSION"),
        started,
        host,
        case: output.case_id.clone(),
        examiner: output.examiner.clone(),
        signatures: with.0,
        detectors: with.1,
    }
}

/// How many threads work, and whether they do it politely, with low priority: as on a server at work.
fn workers(options: &cli::Threads, opened: &Inputs) -> Result<(usize, bool)> {
    let live = match options.profile {
        Some(profile) => profile == ProfileName::Live,
        None => opened.live,
    };
    if live {
        host::lower_priority();
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = options.threads.unwrap_or(if live { cores.div_ceil(4).min(2) } else { cores }).clamp(1, 256);
    Ok((limits::threads(threads)?, live))
}

/// The stock tables, where there is an Exchange installation to compare with them and the detector runs. The user's are read
/// in any case, since a broken one is to be known.
fn stock_tables(
    exchange: bool,
    lists: &cli::Lists,
    detectors: &[&str],
) -> Result<Option<catalogue::baseline::Baseline>> {
    let own = baseline::own_tables(&lists.baselines)?;
    Ok((exchange && detectors.contains(&"baseline")).then(|| baseline::with_built_in(own)))
}

/// Zero is never said of what somebody has to look at, wherever the user draws the line.
fn exit_code(report: &AnalysisResults, fail_on: Level, exit_zero: bool) -> Exit {
    let Summary { by_level, hits_by_level, .. } = &report.summary;
    let found =
        |level: Level| by_level[level as usize..].iter().chain(&hits_by_level[level as usize..]).sum::<u64>() > 0;
    match () {
        () if report.summary.interrupted => Exit::Interrupted,
        () if exit_zero => Exit::Clean,
        () if found(fail_on) => Exit::Found,
        () if report.summary.gaps.is_some() => Exit::Incomplete,
        () if found(COUNTS) => Exit::Below,
        () => Exit::Clean,
    }
}

/// What detectors know, and how to say so.
struct Loaded {
    knowledge: Knowledge,
    allowed: catalogue::HashList,
    problems: Vec<Problem>,
    words: String,
    /// The user's hash lists.
    lists: Vec<Discovered>,
}

fn load(
    rules: &cli::Rules,
    lists: &cli::Lists,
    detectors: &[&str],
    timeout: u64,
    window: Option<Window>,
) -> Result<Loaded> {
    let settings::HashLists { hostile: own_hostile, allowed, mut problems, used } = settings::hash_lists(lists)?;
    let mut signatures = None;
    let mut words = "no signatures".to_owned();
    if detectors.contains(&"signatures") && !(rules.no_builtin_rules && rules.paths.is_empty()) {
        let (compiled, passed_over) = Signatures::compile(!rules.no_builtin_rules, &rules.paths)?;
        problems.extend(passed_over);
        let (families, techniques) = (compiled.families, compiled.techniques);
        words = format!("signatures: {families} families, {techniques} techniques, {} rules", compiled.list().len());
        signatures = Some(compiled);
    }
    let every_digest = !own_hostile.is_empty();
    let mut hostile =
        if detectors.contains(&"known-hash") { catalogue::hostile_hashes() } else { catalogue::HashList::default() };
    hostile.extend(own_hostile);
    if !hostile.is_empty() {
        words.push_str(&format!(", {} known hashes", hostile.len()));
    }
    let timeout = Duration::from_secs(timeout);
    let stock_names = catalogue::stock_names();
    let knowledge = Knowledge { signatures, hostile, every_digest, stock_names, window, timeout };
    Ok(Loaded { knowledge, allowed, problems, words, lists: used })
}

/// Tells runs apart: the start, the process and the evidence.
fn scan_id(started: Timestamp, opened: &Inputs) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    hasher.update(format!("{started} {}", std::process::id()));
    for source in opened.evidence.sources() {
        hasher.update(source.analysis_path);
    }
    hex::encode(&hasher.finalize()[..8])
}

/// Says, before anything is read, where reading leaves a trace and what else is walked.
fn notices(opened: &Inputs, quiet: bool) {
    let lines = if quiet { Vec::new() } else { opened.evidence.notices() };
    for line in lines {
        // Nobody who listens is no reason not to scan.
        let _ = writeln!(io::stderr(), "shellsift: {}", report::text::plain(&line));
    }
}

fn sites_verb(options: &cli::Sites) -> Result<Exit> {
    let options: &'static cli::Sites = keep(options.clone());
    let mut problems = Vec::new();
    let opened = opened(|| settings::open(&options.targets), &mut problems)?;
    let plan: &'static Plan = keep(planned(opened, &mut problems)?);
    refuse_standard_output(opened, plan)?;
    problems.extend(plan.problems.iter().cloned());
    let told = Errand::start(|| {
        let mut problems = Vec::new();
        let changes: Vec<ConfigChange> =
            plan.servers().flat_map(|iis| targets::history(&opened.evidence, iis, &mut problems)).collect();
        (changes, problems)
    });
    let (changes, more) = steps::done(told.wait(&mut problems))?;
    problems.extend(more);
    let text = Errand::start({
        let problems = problems.clone();
        move || {
            let reacher = targets::UrlMap::new(&opened.evidence, plan);
            let mut text = Vec::new();
            report::sites(&opened.evidence.sources(), plan, &reacher, &changes, &problems, &mut text).map(|()| text)
        }
    });
    let text = steps::done(text.wait(&mut problems))?.map_err(|error| Error::Internal(error.to_string()))?;
    print(|out| out.write_all(&text))?;
    Ok(if problems.iter().any(|problem| problem.kind.leaves_a_gap()) { Exit::Incomplete } else { Exit::Clean })
}

fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    use clap::CommandFactory;
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "shellsift", &mut text);
    print(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

fn man() -> Result<Exit> {
    use clap::CommandFactory;
    let page = clap_mangen::Man::new(Cli::command());
    print(|out| page.render(&mut &mut *out))?;
    Ok(Exit::Clean)
}

/// Writes to standard output.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::new(Sink::standard_output(false));
    write(&mut out)
        .and_then(|()| out.flush())
        .map_err(|source| Error::Output { to: "standard output".to_owned(), source })
}
