//! One run: open the evidence, scan it, write what was found.

mod baseline;

use crate::cli::{self, Cli, Colour, ProfileName, RulesVerb, Verb};
use crate::detect::signatures::Signatures;
use crate::detect::{DETECTORS, Knowledge};
use crate::error::{Error, Result};
use crate::evidence::{Evidence, directory};
use crate::model::{
    Coverage, Discovered, EntryKind, Finding, Level, Problem, ProblemKind, Report, RunInfo, Timestamp, Window,
};
use crate::progress::Bar;
use crate::report::{self, Format, Journal, Style};
use crate::scan::{self, Counters, Event};
use crate::settings::{self, Destination, Opened};
use crate::targets::{self, Plan};
use crate::verdict::Tally;
use crate::{catalogue, decode};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Complete, and nothing at or above the level that counts.
    Clean,
    /// Something was found.
    Found,
    /// Nothing was found, but not everything could be examined.
    Incomplete,
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
            Exit::Interrupted => 130,
        }
    }
}

/// Findings that formats other than the journal can hold; evidence made of nothing but webshells must not fill memory.
const FINDINGS_KEPT: usize = 50_000;
/// Problems likewise.
const PROBLEMS_KEPT: usize = 10_000;

/// Does what the command line says.
pub fn run(cli: &Cli) -> Result<Exit> {
    match &cli.verb {
        Verb::Scan(options) => scan_verb(options),
        Verb::Explain(options) => explain_verb(options),
        Verb::Sites(options) => sites_verb(options),
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
    let live = match options.load.profile {
        Some(profile) => profile == ProfileName::Live,
        None => opened.live,
    };
    if live {
        directory::lower_priority();
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = options.load.threads.unwrap_or(if live { cores.div_ceil(4).min(2) } else { cores }).clamp(1, 256);
    let interrupted = interruption();

    // Compiling the rules and walking the folders do not wait for each other.
    let (loaded, (mut plan, survey, mut problems)) = std::thread::scope(|scope| {
        let loading =
            scope.spawn(|| load(&options.rules, &options.lists, &detectors, options.load.size.timeout, window));
        let walked = walk(&opened, interrupted);
        (loading.join(), walked)
    });
    refuse_inside_evidence(files(), &opened, &plan)?;
    let stock = compare_with_stock(&opened, &plan, &survey, &options.lists, &detectors)?;
    for words in stock.iter().flat_map(baseline::in_words) {
        plan.discovered.push(Discovered { what: "stock", words });
    }
    let loaded = loaded.map_err(|_| Error::Internal("the rules could not be compiled".to_owned()))??;
    let Loaded { knowledge, allowed, problems: loading_problems, words } = loaded;
    problems.splice(0..0, loading_problems);

    let run = RunInfo {
        scan_id: scan_id(started, &opened),
        version: env!("CARGO_PKG_VERSION"),
        started,
        host,
        case: options.output.case_id.clone(),
        examiner: options.output.examiner.clone(),
        signatures: words,
        detectors: detectors.clone(),
    };
    let sources = opened.evidence.sources();
    let mut writers = Writers::open(destinations, options.output.force, &run, &sources)?;
    let discovered: Vec<(String, String)> =
        plan.discovered.iter().map(|line| (line.what.to_owned(), line.words.clone())).collect();
    writers.journal(|journal| journal.start(&discovered));

    let mut kept = Kept::new(settings::level(options.level.min_level));
    for problem in problems {
        kept.problem(problem, &mut writers);
    }
    let counters = Arc::new(Counters::default());
    let bar = (!options.output.quiet && io::stderr().is_terminal())
        .then(|| Bar::start(survey.len() as u64, survey.bytes(), counters.clone()));
    let settings = scan::Settings {
        threads,
        max_size,
        cpu_limit: options.load.cpu_limit,
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

    let interrupted = interrupted.load(Ordering::Relaxed);
    let fail_on = settings::level(options.level.fail_on);
    let gap_is_known = kept.tally.problems.keys().any(|kind| kind.leaves_a_gap());
    if coverage.surveyed == coverage.skipped_total() && !gap_is_known {
        let problem = Problem::general(ProblemKind::NothingToExamine, "the target holds no file that can be examined");
        kept.problem(problem, &mut writers);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let summary = kept.tally.conclude(fail_on, &coverage, interrupted, seconds);
    writers.journal(|journal| journal.coverage(&coverage, &survey.skipped));
    writers.journal(|journal| journal.end(&summary));
    let report = kept.into_report(run, sources, plan, coverage, summary);
    writers.finish(&report, options)?;
    Ok(exit_code(&report, fail_on, options.level.exit_zero))
}

/// The stock tables and the standing of each installation, where there is one and the detector runs.
fn compare_with_stock(
    opened: &Opened,
    plan: &Plan,
    survey: &scan::Survey,
    lists: &cli::Lists,
    detectors: &[&str],
) -> Result<Option<scan::Stock>> {
    let own = baseline::own_tables(&lists.baselines)?;
    if plan.exchange.is_empty() || !detectors.contains(&"baseline") {
        return Ok(None);
    }
    let tables = baseline::with_built_in(own);
    Ok(Some(scan::Stock::new(&opened.evidence, plan, survey, tables, interruption())))
}

fn exit_code(report: &Report, fail_on: Level, exit_zero: bool) -> Exit {
    let found: u64 = report.summary.by_level[fail_on as usize..].iter().sum();
    match () {
        () if report.summary.interrupted => Exit::Interrupted,
        () if exit_zero => Exit::Clean,
        () if found > 0 => Exit::Found,
        () if report.summary.gaps.is_some() => Exit::Incomplete,
        () => Exit::Clean,
    }
}

/// The areas of the targets and every file in them.
fn walk(opened: &Opened, interrupted: &AtomicBool) -> (Plan, scan::Survey, Vec<Problem>) {
    let plan = targets::discover(&opened.evidence, &opened.given, &opened.drives, opened.live);
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
}

fn load(
    rules: &cli::Rules,
    lists: &cli::Lists,
    detectors: &[&str],
    timeout: u64,
    window: Option<Window>,
) -> Result<Loaded> {
    let (own_hostile, allowed, mut problems) = settings::hash_lists(lists)?;
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
    Ok(Loaded { knowledge, allowed, problems, words })
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

/// What is kept for the formats that are drawn at the end, and what the verdict needs.
struct Kept {
    tally: Tally,
    min_level: Level,
    findings: Vec<Finding>,
    findings_beyond: u64,
    problems: Vec<Problem>,
    problems_beyond: u64,
}

impl Kept {
    fn new(min_level: Level) -> Self {
        Self {
            tally: Tally::default(),
            min_level,
            findings: Vec::new(),
            findings_beyond: 0,
            problems: Vec::new(),
            problems_beyond: 0,
        }
    }

    fn finding(&mut self, finding: Finding, writers: &mut Writers) {
        self.tally.add_finding(&finding);
        if finding.level < self.min_level {
            return;
        }
        writers.journal(|journal| journal.finding(&finding));
        if self.findings.len() < FINDINGS_KEPT {
            self.findings.push(finding);
        } else {
            self.findings_beyond += 1;
        }
    }

    fn problem(&mut self, problem: Problem, writers: &mut Writers) {
        self.tally.add_problem(problem.kind);
        writers.journal(|journal| journal.problem(&problem));
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        } else {
            self.problems_beyond += 1;
        }
    }

    fn into_report(
        mut self,
        run: RunInfo,
        sources: Vec<crate::model::Source>,
        plan: Plan,
        coverage: Coverage,
        summary: crate::model::Summary,
    ) -> Report {
        self.findings.sort_by(|a, b| {
            b.level.cmp(&a.level).then(b.score.total_cmp(&a.score)).then_with(|| a.artefact.path.cmp(&b.artefact.path))
        });
        Report {
            run,
            sources,
            discovered: plan.discovered,
            findings: self.findings,
            findings_beyond: self.findings_beyond,
            problems: self.problems,
            problems_beyond: self.problems_beyond,
            coverage,
            summary,
        }
    }
}

/// The outputs of a run. One that fails is closed and named at the end; the others go on.
struct Writers {
    journal: Option<(Journal<Box<dyn Write>>, String)>,
    drawn: Vec<(&'static Format, Option<File>, String)>,
    failed: Option<Error>,
}

impl Writers {
    fn open(
        destinations: Vec<Destination>,
        force: bool,
        run: &RunInfo,
        sources: &[crate::model::Source],
    ) -> Result<Self> {
        let mut writers = Self { journal: None, drawn: Vec::new(), failed: None };
        for Destination { format, file } in destinations {
            let name = file.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
            let opened = file.map(|path| create(&path, force)).transpose()?;
            if format.write.is_some() {
                writers.drawn.push((format, opened, name));
                continue;
            }
            if writers.journal.is_some() {
                return Err(Error::Usage("one journal at a time".to_owned()));
            }
            let out: Box<dyn Write> = match opened {
                Some(file) => Box::new(file),
                None => Box::new(io::stdout()),
            };
            writers.journal = Some((Journal::new(out, run.clone(), sources.to_vec()), name));
        }
        Ok(writers)
    }

    /// Writes to the journal, if there is one.
    fn journal(&mut self, write: impl FnOnce(&mut Journal<Box<dyn Write>>) -> io::Result<()>) {
        if let Some((journal, name)) = &mut self.journal
            && let Err(source) = write(journal)
        {
            self.failed = Some(Error::Output { to: name.clone(), source });
            self.journal = None;
        }
    }

    /// Whether any output is left.
    fn anyone_listens(&self) -> bool {
        self.journal.is_some() || !self.drawn.is_empty()
    }

    /// Draws the formats that need the whole report.
    fn finish(self, report: &Report, options: &cli::Scan) -> Result<()> {
        let mut failed = self.failed;
        for (format, file, name) in self.drawn {
            let Some(write) = format.write else { continue };
            let on_screen = file.is_none();
            let terminal = io::stdout().is_terminal();
            let style = Style {
                terminal: !on_screen || terminal,
                colour: on_screen && wants_colour(options.output.color, terminal),
                verbose: options.output.verbose,
                width: if on_screen {
                    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
                } else {
                    None
                },
            };
            let out: Box<dyn Write> = match file {
                Some(file) => Box::new(file),
                None => Box::new(io::stdout().lock()),
            };
            let mut out = BufWriter::new(out);
            if let Err(source) = write(report, style, &mut out).and_then(|()| out.flush()) {
                failed.get_or_insert(Error::Output { to: name, source });
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

fn wants_colour(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

fn create(path: &PathBuf, force: bool) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(path).map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            return Error::Usage(format!("{} exists; --force overwrites it", path.display()));
        }
        Error::Output { to: path.display().to_string(), source }
    })
}

fn explain_verb(options: &cli::Explain) -> Result<Exit> {
    let max_size = settings::parse_size(&options.size.max_size)?;
    let window = settings::window(&options.times)?;
    let file = &options.file;
    let metadata = std::fs::symlink_metadata(file).map_err(|source| Error::Target { path: file.clone(), source })?;
    if !metadata.is_file() {
        return Err(Error::Usage(format!("{} is not a regular file", file.display())));
    }
    let root = options.within.clone().or_else(|| settings::root_above(file));
    let targets = cli::Targets { targets: vec![root.unwrap_or_else(|| file.clone())], map: Vec::new(), shape: None };
    let opened = settings::open(&targets)?;
    let path = opened
        .evidence
        .name_of(file)
        .ok_or_else(|| Error::Usage(format!("{} does not lie in {}", file.display(), targets.targets[0].display())))?;
    let plan = targets::discover(&opened.evidence, &opened.given, &opened.drives, false);
    let detectors: Vec<&'static str> = DETECTORS.iter().map(|detector| detector.id).collect();
    let Loaded { knowledge, allowed, mut problems, .. } =
        load(&options.rules, &options.lists, &detectors, options.size.timeout, window)?;
    let survey = scan::single(&opened.evidence, &plan, &path, &mut problems);
    let interrupted = interruption();
    // Only the file's own installation is asked for its build.
    let mut own = plan.clone();
    own.exchange.retain(|root| path.below(root).is_some());
    own.areas.retain(|area| own.exchange.iter().any(|root| area.path.below(root).is_some()));
    let around = scan::survey(&opened.evidence, &own, interrupted, &mut Vec::new());
    let stock = compare_with_stock(&opened, &own, &around, &options.lists, &detectors)?;
    let settings = scan::Settings {
        threads: 1,
        max_size,
        cpu_limit: 100,
        detectors: &detectors,
        allowed: &allowed,
        interrupted,
        on_worker: || {},
    };
    let (mut finding, mut clean) = (None, None);
    let job = scan::Job {
        evidence: &opened.evidence,
        plan: &plan,
        survey: &survey,
        stock: stock.as_ref(),
        knowledge: &knowledge,
        settings: &settings,
    };
    scan::scan(&job, &Counters::default(), true, &mut |event| {
        match event {
            Event::Finding(found) => finding = Some(found),
            Event::Clean(artefact) => clean = Some(artefact),
            Event::Problem(problem) => problems.push(problem),
        }
        true
    });
    let artefact = match (&finding, &clean) {
        (Some(finding), _) => finding.artefact.clone(),
        (None, Some(artefact)) => (**artefact).clone(),
        (None, None) => {
            let why = problems.first().map_or("it could not be examined".to_owned(), |problem| problem.message.clone());
            return Err(Error::Target { path: file.clone(), source: io::Error::other(why) });
        }
    };
    // Read once more, for the text around each proof.
    let mut reader = scan::Reader::new(max_size);
    let mut artefact = artefact;
    if let Ok(content) = opened.evidence.open(&path)
        && reader.read(content, interrupted).is_ok()
    {
        reader.complete(&mut artefact.hashes);
    }
    let views = |(start, piece)| decode::views(piece, start, decode::Effort::Thorough).views;
    let views: Vec<decode::View<'_>> = reader.pieces().flat_map(views).collect();
    print(|out| report::explain(&artefact, finding.as_deref(), &views, &problems, out))?;
    Ok(match finding {
        Some(finding) if finding.level >= Level::Medium => Exit::Found,
        _ if artefact.entry.kind != EntryKind::File || !problems.is_empty() => Exit::Incomplete,
        _ => Exit::Clean,
    })
}

fn sites_verb(options: &cli::Sites) -> Result<Exit> {
    let opened = settings::open(&options.targets)?;
    let plan = targets::discover(&opened.evidence, &opened.given, &opened.drives, opened.live);
    print(|out| report::sites(&opened.evidence.sources(), &plan, out))?;
    Ok(if plan.problems.iter().any(|problem| problem.kind.leaves_a_gap()) { Exit::Incomplete } else { Exit::Clean })
}

fn list_rules(options: &cli::Rules) -> Result<Exit> {
    let (signatures, problems) = Signatures::compile(!options.no_builtin_rules, &options.paths)?;
    let mut rules = signatures.list();
    rules.sort_by(|a, b| (&a.ruleset, &a.name).cmp(&(&b.ruleset, &b.name)));
    print(|out| {
        for rule in &rules {
            let plain = report::text::plain;
            writeln!(
                out,
                "{:>3}  {:<44} {}  [{}]",
                rule.points,
                plain(&rule.name),
                plain(&rule.description),
                plain(&rule.ruleset)
            )?;
        }
        writeln!(out, "{} rules", rules.len())?;
        problems.iter().try_for_each(|problem| writeln!(out, "passed over: {}", report::text::plain(&problem.message)))
    })?;
    Ok(Exit::Clean)
}

fn check_rules(paths: &[PathBuf]) -> Result<Exit> {
    let (signatures, problems) = Signatures::compile(false, paths)?;
    print(|out| {
        problems.iter().try_for_each(|problem| writeln!(out, "{}", report::text::plain(&problem.message)))?;
        writeln!(out, "{} rules can be used, {} problems", signatures.list().len(), problems.len())
    })?;
    Ok(if problems.is_empty() { Exit::Clean } else { Exit::Faults })
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
