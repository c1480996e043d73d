//! One run: open the evidence, scan it, write what was found.

mod baseline;
mod explain;
mod health;
mod lanes;
mod outputs;
mod rules;
mod story;

use explain::explain_verb;
use outputs::{Kept, Writers, create};
use rules::{check_rules, list_rules};

use crate::catalogue;
use crate::cli::{self, Cli, ProfileName, RulesVerb, Verb};
use crate::detect::Knowledge;
use crate::detect::signatures::Signatures;
use crate::error::{Error, Result};
use crate::evidence::{Evidence, directory};
use crate::logs;
use crate::model::{
    ConfigChange, Discovered, Health, Level, Problem, ProblemKind, Report, RunInfo, Summary, Timestamp, Window,
};
use crate::progress::{Bar, Now};
use crate::report;
use crate::scan::{self, Counters, Event};
use crate::settings::{self, Opened};
use crate::targets::{self, Plan};
use crate::verdict::{COUNTS, Scope};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    let begin = Instant::now();
    let started = Timestamp::now();
    let detectors = settings::detectors(&options.level.detectors, &options.level.without)?;
    let max_size = settings::parse_size(&options.load.size.max_size)?;
    let window = settings::window(&options.times)?;
    let opened = settings::open(&options.targets)?;
    let host = options.output.host.clone().or_else(|| if opened.live { directory::host_name() } else { None });
    let destinations = settings::destinations(&options.output, host.as_deref(), &started.to_string()[..19])?;

    let files = || destinations.iter().filter_map(|destination| destination.file.as_ref());
    refuse_inside_evidence(files(), &opened, &Plan::default())?;
    let (threads, live) = workers(&options.load.threads, &opened);
    let interrupted = interruption();

    // Loading the rules, unpacking the tables and walking the folders do not wait for each other.
    let (loaded, tables, builds, (mut plan, survey, mut problems)) = std::thread::scope(|scope| {
        let loading =
            scope.spawn(|| load(&options.rules, &options.lists, &detectors, options.load.size.timeout, window));
        let facts = options.lanes.facts.facts.as_deref();
        let builds = scope.spawn(move || (!options.lanes.no_health).then(|| health::tables(facts)).transpose());
        let plan = discover(&opened);
        let exchange = !plan.exchange.is_empty();
        let (lists, ids) = (&options.lists, &detectors);
        let unpacking = scope.spawn(move || stock_tables(exchange, lists, ids));
        let walked = walk(plan, &opened, interrupted);
        (loading.join(), unpacking.join(), builds.join(), walked)
    });
    refuse_inside_evidence(files(), &opened, &plan)?;
    let tables = tables.map_err(|_| Error::Internal("the stock tables could not be unpacked".to_owned()))??;
    let stock = tables.map(|tables| scan::Stock::new(&opened.evidence, &plan, &survey, tables, interrupted));
    for words in stock.iter().flat_map(baseline::in_words) {
        plan.discovered.push(Discovered { what: "stock", words });
    }
    let loaded = loaded.map_err(|_| Error::Internal("the rules could not be compiled".to_owned()))??;
    let Loaded { knowledge, allowed, problems: loading_problems, words, lists } = loaded;
    plan.discovered.extend(lists);
    let facts = options.lanes.facts.facts.as_deref();
    plan.discovered.extend(settings::further_lists(&options.rules.paths, &options.lists.baselines, facts));
    let builds = builds.map_err(|_| Error::Internal("the tables of builds could not be unpacked".to_owned()))??;
    let (builds, unusable) = builds.map_or((None, Vec::new()), |(tables, rows)| (Some(tables), rows));
    problems.splice(0..0, loading_problems.into_iter().chain(unusable));

    let run = run_info(&options.output, started, &opened, host, (words, detectors.clone()));
    let sources = opened.evidence.sources();
    let mut writers = Writers::open(destinations, options.output.force, &run, &sources)?;
    writers.start(&plan);

    let mut kept = Kept::new(settings::level(options.level.min_level));
    for problem in problems {
        kept.problem(problem, &mut writers);
    }
    let counters = Arc::new(Counters::default());
    let bar = (!options.output.quiet && io::stderr().is_terminal()).then(|| {
        let counters = counters.clone();
        Bar::start("files", survey.len() as u64, survey.bytes(), move || Now {
            files: counters.files.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            found: Some(counters.findings.load(Ordering::Relaxed)),
        })
    });
    let settings = scan::Settings {
        threads,
        max_size,
        cpu_limit: options.load.threads.cpu_limit,
        detectors: &detectors,
        allowed: &allowed,
        interrupted,
        on_worker: if live { directory::lower_priority } else { || {} },
    };
    let job = scan::Job {
        evidence: &opened.evidence,
        plan: &plan,
        survey: &survey,
        stock: stock.as_ref(),
        knowledge: &knowledge,
        settings: &settings,
    };
    let coverage = scan::scan(&job, &counters, options.output.all, &mut |event| {
        match event {
            Event::Finding(finding) => kept.finding(*finding, &mut writers),
            Event::Problem(problem) => kept.problem(problem, &mut writers),
            Event::Clean(artefact) => writers.journal(|journal| journal.clean(&artefact)),
        }
        writers.anyone_listens()
    });
    drop(bar);

    let ground = lanes::Ground {
        opened: &opened,
        plan: &plan,
        threads,
        interrupted,
        pace: logs::Pace::new(options.load.threads.cpu_limit, settings.on_worker),
        quiet: options.output.quiet,
    };
    let mut problems = Vec::new();
    let told = lanes::tell(&ground, options.lanes.no_logs, builds.as_ref(), &survey, &mut kept, &mut |problem| {
        problems.push(problem);
    });
    problems.into_iter().for_each(|problem| kept.problem(problem, &mut writers));
    kept.told(&told, &mut writers);

    let interrupted = interrupted.load(Ordering::Relaxed);
    let fail_on = settings::level(options.level.verdict.fail_on);
    let gap_is_known = kept.tally.problems.keys().any(|kind| kind.leaves_a_gap());
    if coverage.surveyed == coverage.skipped_total() + coverage.archives && !gap_is_known {
        let message = match coverage.archives {
            0 => "the target holds no file that can be examined".to_owned(),
            _ => "the target holds nothing but archives: unpack them and scan the folder".to_owned(),
        };
        kept.problem(Problem::general(ProblemKind::NothingToExamine, message), &mut writers);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let no_baseline: Vec<String> = stock.iter().flat_map(baseline::without_baseline).collect();
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
    opened: &Opened,
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
fn workers(options: &cli::Threads, opened: &Opened) -> (usize, bool) {
    let live = match options.profile {
        Some(profile) => profile == ProfileName::Live,
        None => opened.live,
    };
    if live {
        directory::lower_priority();
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = options.threads.unwrap_or(if live { cores.div_ceil(4).min(2) } else { cores }).clamp(1, 256);
    (threads, live)
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
fn exit_code(report: &Report, fail_on: Level, exit_zero: bool) -> Exit {
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

/// The areas of the targets.
fn discover(opened: &Opened) -> Plan {
    targets::discover(&opened.evidence, &opened.given, &opened.drives, opened.live)
}

/// Every file in the areas.
fn walk(plan: Plan, opened: &Opened, interrupted: &AtomicBool) -> (Plan, scan::Survey, Vec<Problem>) {
    let mut problems = plan.problems.clone();
    let survey = scan::survey(&opened.evidence, &plan, interrupted, &mut problems);
    (plan, survey, problems)
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

/// Set by Ctrl-C and its kin, for the rest of the process.
fn interruption() -> &'static AtomicBool {
    static INTERRUPTED: AtomicBool = AtomicBool::new(false);
    // A second handler, in a process that runs this twice, is refused; the first one serves.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code())); // asked twice: at once
        }
    });
    &INTERRUPTED
}

/// Tells runs apart: the start, the process and the evidence.
fn scan_id(started: Timestamp, opened: &Opened) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    hasher.update(format!("{started} {}", std::process::id()));
    for source in opened.evidence.sources() {
        hasher.update(source.analysis_path);
    }
    hex::encode(&hasher.finalize()[..8])
}

/// Nothing is written below a target: not even our own results.
fn refuse_inside_evidence<'p>(files: impl Iterator<Item = &'p PathBuf>, opened: &Opened, plan: &Plan) -> Result<()> {
    for file in files {
        // On the live server every disk is evidence, and results must go somewhere; there the folders that are examined
        // whole are meant.
        let inside = opened.evidence.name_of(file).is_some_and(|name| match opened.live {
            true => plan.areas.iter().any(|area| area.every_file && name.below(&area.path).is_some()),
            false => opened.given.iter().any(|given| name.below(&given.path).is_some()),
        });
        if inside {
            return Err(Error::Usage(format!("{} lies in the evidence, which is never written to", file.display())));
        }
    }
    Ok(())
}

fn sites_verb(options: &cli::Sites) -> Result<Exit> {
    let opened = settings::open(&options.targets)?;
    let plan = targets::discover(&opened.evidence, &opened.given, &opened.drives, opened.live);
    let mut problems = plan.problems.clone();
    let changes: Vec<ConfigChange> =
        plan.servers().flat_map(|iis| targets::history(&opened.evidence, iis, &mut problems)).collect();
    let reacher = targets::Reacher::new(&opened.evidence, &plan);
    print(|out| report::sites(&opened.evidence.sources(), &plan, &reacher, &changes, &problems, out))?;
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
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out)
        .and_then(|()| out.flush())
        .map_err(|source| Error::Output { to: "standard output".to_owned(), source })
}
