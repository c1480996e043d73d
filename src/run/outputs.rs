//! What a run writes, and what it keeps for that.

use super::sink::{Sink, create};
use crate::cli::{self, Colour};
use crate::error::{Error, Result};
use crate::model::{
    AnalysisResults, Coverage, Finding, Health, Level, LogReport, Problem, ProblemKind, RunInfo, ServerPath,
    TimelineEvent,
};
use crate::report::{Format, Journal, Style};
use crate::settings::Destination;
use crate::targets::Plan;
use crate::verdict::Tally;
use crate::watch;
use std::collections::{BTreeSet, HashSet};
use std::io::{self, BufWriter, IsTerminal, Write};

/// Findings that formats other than the journal can hold; evidence made of nothing but webshells must not fill memory.
pub(super) const FINDINGS_KEPT: usize = 50_000;
/// Problems likewise.
pub(super) const PROBLEMS_KEPT: usize = 10_000;
/// Findings from this level on are told to logs, patch level and timeline, whatever is shown: `--min-level` is about what is listed.
const ASKED_ABOUT: Level = Level::Low;

/// What is kept for the formats that are drawn at the end, and what the verdict needs.
pub(super) struct Collector {
    pub(super) tally: Tally,
    min_level: Level,
    /// Those that are asked about, shown or not.
    findings: Vec<Finding>,
    /// Those below, where they are shown.
    lesser: Vec<Finding>,
    findings_omitted: u64,
    problems: Vec<Problem>,
    problems_omitted: u64,
    /// What the evidence did not answer about.
    silent: BTreeSet<ServerPath>,
    /// Folders and links that trouble was told of.
    told_paths: HashSet<(ProblemKind, ServerPath)>,
}

impl Collector {
    pub(super) fn new(min_level: Level) -> Self {
        Self {
            tally: Tally::default(),
            min_level,
            findings: Vec::new(),
            lesser: Vec::new(),
            findings_omitted: 0,
            problems: Vec::new(),
            problems_omitted: 0,
            silent: BTreeSet::new(),
            told_paths: HashSet::new(),
        }
    }

    pub(super) fn finding(&mut self, finding: Finding, writers: &mut Writers) {
        self.tally.add_finding(&finding);
        let shown = finding.level >= self.min_level;
        if shown {
            writers.journal(|journal| journal.finding(&finding, false));
        }
        let list = match finding.level >= ASKED_ABOUT {
            true => &mut self.findings,
            false if shown => &mut self.lesser,
            false => return,
        };
        if list.len() < FINDINGS_KEPT {
            list.push(finding);
        } else {
            self.findings_omitted += u64::from(shown);
        }
    }

    pub(super) fn problem(&mut self, problem: Problem, writers: &mut Writers) {
        // What had no answer is said by whoever waited for it, and by whoever was told so after that.
        let is_silence = problem.kind == ProblemKind::ReadTimedOut || watch::is_said_of_silence(&problem.message);
        if is_silence
            && let Some(path) = &problem.path
            && !self.silent.insert(path.clone())
        {
            return;
        }
        // Several stages list the same folders and follow the same links: each trouble with one is told once.
        let is_of_a_path = matches!(problem.kind, ProblemKind::FolderUnreadable | ProblemKind::PathUnresolved);
        if is_of_a_path
            && let Some(path) = &problem.path
            && !self.told_paths.insert((problem.kind, path.clone()))
        {
            return;
        }
        self.tally.add_problem(problem.kind);
        writers.journal(|journal| journal.problem(&problem));
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        } else {
            self.problems_omitted += 1;
        }
    }

    /// How many problems there are so far.
    pub(super) fn problems(&self) -> usize {
        self.problems.len()
    }

    /// Puts what a scan told in order, since it is told as it is made: findings, and the problems behind the first `before`.
    pub(super) fn settle(&mut self, before: usize) {
        self.findings.sort_by(|a, b| a.artefact.path.cmp(&b.artefact.path));
        self.lesser.sort_by(|a, b| a.artefact.path.cmp(&b.artefact.path));
        let of_scan = self.problems.get_mut(before..).unwrap_or_default();
        of_scan.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    }

    /// The findings that logs, patch level and timeline are about: the same whatever is shown.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Says of each finding what the patch level was when its file was born.
    pub(super) fn date(&mut self, patch: impl Fn(&Finding) -> Option<String>) {
        for finding in &mut self.findings {
            finding.patch = patch(finding);
        }
    }

    /// Takes in what the other lanes told.
    pub(super) fn told(&mut self, told: &Told, writers: &mut Writers) {
        if let Some(logs) = &told.logs {
            for hit in &logs.hits {
                self.tally.add_hit(hit);
                writers.journal(|journal| journal.hit(hit, false));
            }
            for requests in &logs.requests {
                writers.journal(|journal| journal.requests(requests));
            }
            writers.journal(|journal| journal.log_coverage(&logs.spans));
        }
        for health in &told.health {
            writers.journal(|journal| journal.health(health));
        }
        for event in &told.timeline {
            writers.journal(|journal| journal.timeline_event(event));
        }
    }

    pub(super) fn into_report(
        mut self,
        run: RunInfo,
        sources: Vec<crate::model::Source>,
        plan: &Plan,
        coverage: Option<Coverage>,
        told: Told,
        summary: crate::model::Summary,
    ) -> AnalysisResults {
        self.findings.retain(|finding| finding.level >= self.min_level);
        self.findings.append(&mut self.lesser);
        self.findings.sort_by(|a, b| {
            b.level.cmp(&a.level).then(b.score.total_cmp(&a.score)).then_with(|| a.artefact.path.cmp(&b.artefact.path))
        });
        AnalysisResults {
            run,
            sources,
            discovered: plan.discovered.clone(),
            findings: self.findings,
            findings_omitted: self.findings_omitted,
            problems: self.problems,
            problems_omitted: self.problems_omitted,
            coverage,
            logs: told.logs,
            health: told.health,
            timeline: told.timeline,
            timeline_omitted: told.timeline_omitted,
            summary,
        }
    }
}

/// What the lanes beside the scan told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) logs: Option<LogReport>,
    pub(super) health: Vec<Health>,
    pub(super) timeline: Vec<TimelineEvent>,
    pub(super) timeline_omitted: u64,
}

/// The outputs of a run. One that fails is closed and named at the end; the others go on.
pub(super) struct Writers {
    journal: Option<(Journal<Box<dyn Write>>, String)>,
    drawn: Vec<(&'static Format, Option<Sink>, String)>,
    failed: Option<Error>,
}

impl Writers {
    pub(super) fn open(
        destinations: Vec<Destination>,
        force: bool,
        run: &RunInfo,
        sources: &[crate::model::Source],
    ) -> Result<Self> {
        let mut writers = Self { journal: None, drawn: Vec::new(), failed: None };
        for Destination { format, file } in destinations {
            let name = file.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
            let opened = file.map(|path| create(&path, force, format.write.is_none())).transpose()?;
            if format.write.is_some() {
                writers.drawn.push((format, opened, name));
                continue;
            }
            if writers.journal.is_some() {
                return Err(Error::Usage("one journal at a time".to_owned()));
            }
            let out: Box<dyn Write> = Box::new(opened.unwrap_or_else(|| Sink::standard_output(true)));
            writers.journal = Some((Journal::new(out, run.clone(), sources.to_vec()), name));
        }
        Ok(writers)
    }

    /// Writes the first record of the journal, with what was discovered.
    pub(super) fn start(&mut self, plan: &Plan) {
        self.journal(|journal| journal.start(&plan.discovered));
    }

    /// Writes to the journal, if there is one.
    pub(super) fn journal(&mut self, write: impl FnOnce(&mut Journal<Box<dyn Write>>) -> io::Result<()>) {
        if let Some((journal, name)) = &mut self.journal
            && let Err(source) = write(journal)
        {
            self.failed = Some(Error::Output { to: name.clone(), source });
            self.journal = None;
        }
    }

    /// Whether any output is left.
    pub(super) fn anyone_listens(&self) -> bool {
        self.journal.is_some() || !self.drawn.is_empty()
    }

    /// Why nobody listens any more.
    pub(super) fn failure(self) -> Error {
        self.failed.unwrap_or_else(|| Error::Internal("no output".to_owned()))
    }

    /// Draws the formats that need the whole report.
    pub(super) fn finish(self, report: &AnalysisResults, options: &cli::Output) -> Result<()> {
        let mut failed = self.failed;
        for (format, file, name) in self.drawn {
            let Some(write) = format.write else { continue };
            let on_screen = file.is_none();
            let terminal = io::stdout().is_terminal();
            let style = Style {
                terminal: !on_screen || terminal,
                colour: on_screen && wants_colour(options.color, terminal),
                verbose: options.verbose,
                width: if on_screen {
                    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
                } else {
                    None
                },
            };
            let mut out = BufWriter::new(file.unwrap_or_else(|| Sink::standard_output(false)));
            if let Err(source) = write(report, style, &mut out).and_then(|()| out.flush()) {
                failed.get_or_insert(Error::Output { to: name, source });
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

pub(super) fn wants_colour(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
