//! The pipeline of every command that examines evidence: open, discover, its stages, enrich, conclude, write.

use super::actions;
use super::collector::Collector;
use super::limits;
use super::outputs::{Text, Writers};
use super::provenance::{self, Equipment};
use super::shadow::ShadowCopies;
use super::sink::refuse_evidence;
use super::steps::{Step, interruption, keep};
use super::trace;
use crate::cli::{self, ProfileName, Targets};
use crate::error::{Error, Result};
use crate::evidence::Evidence;
use crate::host;
use crate::inputs::Inputs;
use crate::logs::{self, Throttle};
use crate::model::{AnalysisResults, Discovered, Level, Problem, RunInfo, Skipped, Source, Timestamp};
use crate::progress::{Now, Progress};
use crate::report::Suppressions;
use crate::report::text::plain;
use crate::scan::{self, Survey, WalkCounters};
use crate::settings::{self, Destination};
use crate::targets::{self, Plan, TargetKind};
use crate::watch;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a verb wants of the pipeline.
pub(super) struct Request {
    pub(super) targets: &'static Targets,
    pub(super) output: &'static cli::Output,
    /// How long the evidence may take for an answer, in seconds.
    pub(super) timeout: u64,
    /// How the targets are opened.
    pub(super) open: fn(&Targets) -> Result<Inputs>,
    /// Whether a run that is stopped has something to end with: then its JSONL output is closed all the same.
    pub(super) is_partial_worth_it: bool,
    /// Whether the verb has findings, which are all that a CSV output lists.
    pub(super) has_findings: bool,
}

/// A run: what it works on, and what it has found so far.
pub(super) struct Pipeline {
    request: Request,
    begin: Instant,
    started: Timestamp,
    /// What the user says, or this machine: outputs are named after it.
    host: Option<String>,
    destinations: Vec<Destination>,
    /// The evidence.
    pub(super) inputs: &'static Inputs,
    /// What is examined in it.
    pub(super) plan: &'static Plan,
    /// What the targets turned out to be, and what they are compared with.
    pub(super) discovered: Vec<Discovered>,
    /// The shadow copies of the volumes.
    pub(super) shadow: ShadowCopies,
    /// What is found.
    pub(super) collector: Collector,
    /// What the terminal shows.
    pub(super) progress: Progress,
    /// Set when the run is to end.
    pub(super) interrupted: &'static AtomicBool,
    /// The user's list of what is known, until the outputs are open.
    suppressions: Option<Suppressions>,
    run: Option<RunInfo>,
    sources: Vec<Source>,
    /// What was wrong with the sources when they were opened.
    source_problems: Vec<Problem>,
    /// The hash of the program, which is taken while the evidence is opened.
    program: Option<Step<Option<String>>>,
}

impl Pipeline {
    /// Opens the evidence, and makes sure that no output lies in it.
    pub(super) fn open(request: Request) -> Result<Self> {
        trace::start(if request.output.quiet { 0 } else { request.output.verbose });
        let (begin, started) = (Instant::now(), Timestamp::now());
        watch::wait_at_most(Duration::from_secs(request.timeout));
        let interrupted = interruption();
        let mut collector = Collector::default();
        let (targets, open) = (request.targets, request.open);
        let program = Step::start("hashing the program", |_| provenance::program());
        let opened = Step::start("opening the evidence", move |_| open(targets));
        let mut progress = Progress::new(request.output.quiet);
        progress.stage("opening the evidence");
        let opened = match opened.done(&mut |problem| collector.problem(problem)) {
            Err(Error::Interrupted(_)) if request.is_partial_worth_it => Ok(Inputs::nothing(targets)),
            Err(error) => Err(error),
            Ok(opened) => opened,
        };
        progress.clear();
        let inputs: &'static Inputs = keep(opened?);
        if !request.output.quiet {
            for line in &inputs.evidence.remarks() {
                // Nobody who listens is no reason not to scan.
                let _ = writeln!(io::stderr(), "shellsift: {}", plain(line));
            }
        }
        let host = request.output.host.clone().or_else(|| if inputs.live { host::host_name() } else { None });
        let destinations = settings::destinations(request.output, host.as_deref(), &started.to_string()[..19])?;
        let findings_only = destinations.iter().map(|one| one.format).find(|format| format.findings_only);
        if let Some(format) = findings_only.filter(|_| !request.has_findings) {
            let message = format!("{} lists findings, which this verb has none of: use table or jsonl", format.id);
            return Err(Error::Usage(message));
        }
        let source_problems = inputs.evidence.problems();
        source_problems.iter().chain(&inputs.problems).for_each(|problem| collector.problem(problem.clone()));
        let plan: &'static Plan = keep(Plan::default());
        refuse_evidence(&destinations, inputs, plan)?;
        Ok(Self {
            request,
            begin,
            started,
            host,
            destinations,
            inputs,
            plan,
            discovered: Vec::new(),
            shadow: ShadowCopies::of(inputs),
            collector,
            progress,
            interrupted,
            suppressions: None,
            run: None,
            sources: inputs.evidence.sources(),
            source_problems,
            program: Some(program),
        })
    }

    /// Waits for a step. `None` where the run is being stopped and ends with what it has.
    pub(super) fn wait<T: Send + 'static>(&mut self, step: Step<T>) -> Result<Option<T>> {
        let report = &mut |problem| self.collector.problem(problem);
        match self.request.is_partial_worth_it {
            true => step.wait(report),
            false => step.done(report).map(Some),
        }
    }

    /// A step of its own, from start to end. The terminal shows its name.
    pub(super) fn step<T: Send + 'static>(
        &mut self,
        name: &'static str,
        work: impl Fn(&mut Vec<Problem>) -> T + Send + Sync + 'static,
    ) -> Result<Option<T>> {
        self.progress.stage(name);
        let done = self.wait(Step::start(name, work));
        self.progress.clear();
        done
    }

    /// Whether the run is to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// The areas of the targets.
    pub(super) fn discover(&mut self) -> Result<()> {
        let inputs = self.inputs;
        let plan = self.step("discovering", move |_| {
            targets::discover(&inputs.evidence, &inputs.targets, &inputs.drives, inputs.live)
        })?;
        self.plan = keep(plan.unwrap_or_default());
        self.discovered.clone_from(&inputs.discovered);
        self.discovered.extend(self.shadow.in_words());
        if let Some(file) = &self.request.output.from_config {
            let (path, options, sha256) = (file.path.display(), file.options.join(" "), &file.sha256);
            self.discovered
                .push(Discovered { what: "list", words: format!("--config {path}: {options}, sha256 {sha256}") });
        }
        self.discovered.extend(self.plan.discovered.iter().cloned());
        refuse_evidence(&self.destinations, self.inputs, self.plan)?;
        Ok(())
    }

    /// Takes the user's list of what is known, which was read before the evidence was opened.
    pub(super) fn suppress(&mut self, list: Option<(Suppressions, Vec<Discovered>)>) {
        let Some((list, lines)) = list else { return };
        self.discovered.extend(lines);
        self.suppressions = Some(list);
    }

    /// Starts the walk through the areas.
    pub(super) fn start_survey(&mut self) -> Step<Survey> {
        let (inputs, plan, copies) = (self.inputs, self.plan, self.shadow.chosen);
        let counters: &'static WalkCounters = keep(WalkCounters::default());
        self.progress.walk("walking", move || Now::Walking {
            files: counters.files.load(Ordering::Relaxed),
            folders: counters.folders.load(Ordering::Relaxed),
        });
        Step::start("walking the folders", move |problems| {
            scan::survey_with_copies(&inputs.evidence, plan, copies, watch::stopped(), counters, problems)
        })
    }

    /// Every file in the areas, with what could not be listed, here and when the plan was made.
    pub(super) fn survey(&mut self, walk: Step<Survey>) -> Result<&'static Survey> {
        self.report_plan(|_| true);
        let survey = self.wait(walk)?.unwrap_or_default();
        self.progress.clear();
        Ok(keep(survey))
    }

    /// Reports what was missing or broken when the plan was made, of these problems.
    pub(super) fn report_plan(&mut self, which: impl Fn(&Problem) -> bool) {
        let plan = self.plan;
        plan.problems.iter().filter(|problem| which(problem)).for_each(|one| self.collector.problem(one.clone()));
    }

    /// Opens the outputs: from here on things are written as they are found.
    pub(super) fn begin(&mut self, with: Equipment, min_level: Level) -> Result<()> {
        let output = self.request.output;
        let (host, host_source) = self.host_name();
        self.collector.suppress(self.suppressions.take(), host.clone());
        let evidence: Vec<&str> = self.sources.iter().map(|source| source.analysis_path.as_str()).collect();
        // A run whose program cannot be hashed says nothing of it.
        let program = self.program.take().and_then(|step| step.wait(&mut |_| {}).ok().flatten().flatten());
        let run = RunInfo {
            scan_id: self.scan_id(),
            version: env!("CARGO_PKG_VERSION"),
            started: self.started,
            host,
            case: output.labels.case_id.clone(),
            examiner: output.labels.examiner.clone(),
            host_source,
            server: self.plan.server.clone(),
            evidence_id: evidence.join("\0"),
            signatures: with.signatures,
            detectors: with.detectors,
            provenance: provenance::provenance(program, with.rules_sha256, with.reference_data),
        };
        let destinations = std::mem::take(&mut self.destinations);
        let mut writers = Writers::open(destinations, output, &run, &self.sources, min_level)?;
        writers.start(&self.discovered);
        self.run = Some(run);
        self.collector.begin(writers);
        Ok(())
    }

    /// The name of the examined host, and where it is from: what the user says, this machine, or the evidence.
    fn host_name(&self) -> (Option<String>, Option<&'static str>) {
        if self.host.is_some() {
            let source = if self.request.output.host.is_some() { "--host" } else { "this machine" };
            return (self.host.clone(), Some(source));
        }
        if self.plan.server.host_name.is_some() {
            return (self.plan.server.host_name.clone(), Some("SYSTEM hive"));
        }
        let inputs = self.inputs;
        let name = Step::start("looking for the name of the host", move |_| {
            let volumes = inputs.targets.iter().filter(|target| target.kind == TargetKind::Volume);
            volumes.map(|volume| &volume.path).find_map(|root| logs::events::computer(&inputs.evidence, root))
        });
        // What does not answer there is reported when the logs are read.
        let name = name.wait(&mut |_| {}).ok().flatten().flatten();
        let source = name.as_ref().map(|_| "event logs");
        (name, source)
    }

    /// Identifies a run: the start, the process and the evidence.
    fn scan_id(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hasher = Sha256::new();
        hasher.update(format!("{} {}", self.started, std::process::id()));
        self.sources.iter().for_each(|source| hasher.update(&source.analysis_path));
        hex::encode(&hasher.finalize()[..8])
    }

    /// How many threads work, and how: with few of them and low priority on a server at work.
    pub(super) fn workers(&self, options: &cli::Threads) -> Result<Workers> {
        let live = match options.load_profile() {
            Some(profile) => profile == ProfileName::Live,
            None => self.inputs.live,
        };
        if live {
            host::lower_priority();
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = options.threads.unwrap_or(if live { cores.div_ceil(4).min(2) } else { cores }).clamp(1, 256);
        let on_worker: fn() = if live { host::lower_priority } else { || {} };
        let throttle = Throttle::new(options.cpu_limit, on_worker);
        Ok(Workers { threads: limits::threads(threads)?, on_worker, throttle })
    }

    /// Writes the closing records and gives the finished results. `judge`: whether the run ends with a verdict.
    pub(super) fn conclude(mut self, skipped: &[Skipped], no_baseline: &[String], judge: bool) -> Result<Concluded> {
        // What is written to a terminal shows that it is being written.
        match io::stdout().is_terminal() {
            true => self.progress.clear(),
            false => self.progress.stage("writing"),
        }
        // Some of what is wrong with a source is only seen when it is read: digests that do not match.
        let known = std::mem::take(&mut self.source_problems);
        for problem in self.inputs.evidence.problems().into_iter().filter(|problem| !known.contains(problem)) {
            self.collector.problem(problem);
        }
        self.collector.close(skipped);
        let run = self.run.take().ok_or_else(|| Error::Internal("the outputs were not opened".to_owned()))?;
        let subject = actions::subject(self.inputs, self.plan, self.collector.logs.as_ref());
        let seconds = self.begin.elapsed().as_secs_f64();
        let mut summary = self.collector.summary(subject, self.is_interrupted(), no_baseline, seconds);
        if judge {
            summary.actions = actions::of(&self.collector.found(), &run, &summary, self.inputs.has_images);
        }
        if let Some(writers) = &mut self.collector.writers {
            match judge {
                true => writers.record(|recorder| recorder.end(&summary)),
                false => writers.record(|recorder| recorder.end_without_verdict(&summary)),
            }
        }
        let (mut results, omitted, writers) = self.collector.into_results(run, self.sources, self.discovered, summary);
        results.skipped = skipped.to_vec();
        results.judged = judge;
        Ok(Concluded { results, omitted, writers, output: self.request.output, progress: self.progress })
    }
}

/// How the work is shared out.
#[derive(Clone, Copy)]
pub(super) struct Workers {
    pub(super) threads: usize,
    /// Called by each of them when it starts.
    pub(super) on_worker: fn(),
    pub(super) throttle: Throttle,
}

/// A finished run.
pub(super) struct Concluded {
    pub(super) results: AnalysisResults,
    omitted: [u64; 5],
    writers: Option<Writers>,
    output: &'static cli::Output,
    /// Shown until everything is written.
    progress: Progress,
}

impl Concluded {
    /// Draws the formats that need the finished results; `text` is what the verb has in place of the table.
    pub(super) fn write(mut self, text: Option<Text<'_>>) -> Result<()> {
        let written = match self.writers {
            Some(writers) => writers.finish(self.results, &self.omitted, text, self.output),
            None => Ok(()),
        };
        self.progress.clear();
        written
    }
}
