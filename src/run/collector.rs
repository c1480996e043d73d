//! Collects the results of a run, and is the only channel for problems.

use super::actions;
use super::enrich::{self, Later};
use super::outputs::Writers;
use super::timeline;
use crate::catalogue::builds::Tables;
use crate::model::{
    AnalysisResults, Artefact, Coverage, Discovered, Finding, Health, Level, LogHit, LogReport, Problem, ProblemKind,
    RunInfo, ServerPath, Skipped, Source, Subject, Summary, Suppressed, TimelineEvent,
};
use crate::report::Suppressions;
use crate::verdict::{Scope, Tally};
use crate::watch;
use std::collections::{BTreeSet, HashSet};

/// Findings that are kept, and as many again of level info; evidence made of nothing but webshells must not fill memory. JSONL has
/// all of them.
const FINDINGS_KEPT: usize = 50_000;
/// Problems likewise.
const PROBLEMS_KEPT: usize = 10_000;
/// Findings from this level on are what logs, patch level and timeline are about.
const OF_INTEREST: Level = Level::Low;

/// What a run has found.
#[derive(Default)]
pub(super) struct Collector {
    tally: Tally,
    findings: Vec<Finding>,
    /// Those of level info.
    lesser: Vec<Finding>,
    /// Findings of each level that were too many to keep.
    omitted: [u64; 5],
    /// The user's list of what is known, and the host that its rows may be about.
    suppressions: Option<(Suppressions, Option<String>)>,
    suppressed: Vec<(Finding, Suppressed)>,
    suppressed_hits: Vec<(LogHit, Suppressed)>,
    problems: Vec<Problem>,
    problems_omitted: u64,
    /// What the evidence did not answer about.
    silent: BTreeSet<ServerPath>,
    /// Folders and links of which a problem was reported.
    reported: HashSet<(ProblemKind, ServerPath)>,
    pub(super) coverage: Option<Coverage>,
    pub(super) logs: Option<LogReport>,
    pub(super) health: Vec<Health>,
    timeline: Vec<TimelineEvent>,
    timeline_omitted: u64,
    /// What findings may gain after they were written.
    pub(super) later: Later,
    /// Problems from before the outputs were open.
    early: Vec<Problem>,
    pub(super) writers: Option<Writers>,
}

impl Collector {
    /// From here on things are written as they are found.
    pub(super) fn begin(&mut self, writers: Writers) {
        self.writers = Some(writers);
        for problem in std::mem::take(&mut self.early) {
            self.problem(problem);
        }
    }

    /// What the user's list has is set aside from here on. `host`: the name of the examined host.
    pub(super) fn suppress(&mut self, list: Option<Suppressions>, host: Option<String>) {
        self.suppressions = list.map(|list| (list, host));
    }

    /// Why the user's list suppresses a finding.
    fn why_suppressed(&self, finding: &Finding) -> Option<Suppressed> {
        let (list, host) = self.suppressions.as_ref()?;
        let artefact = &finding.artefact;
        list.file(host.as_deref(), &artefact.path.to_string(), artefact.hashes.sha256.as_deref()).cloned()
    }

    /// Sets aside the hits that the user's list suppresses, before anything is made of them.
    fn suppress_hits(&mut self) {
        let (Some((list, host)), Some(logs)) = (&self.suppressions, &mut self.logs) else { return };
        for hit in std::mem::take(&mut logs.hits) {
            match list.client(host.as_deref(), &hit.client).cloned() {
                Some(what) => {
                    self.tally.suppressed.add_hit(&what.reason);
                    self.suppressed_hits.push((hit, what));
                }
                None => logs.hits.push(hit),
            }
        }
    }

    fn write(&mut self, write: impl FnOnce(&mut Writers)) {
        if let Some(writers) = &mut self.writers {
            write(writers);
        }
    }

    /// Whether any output is left.
    pub(super) fn is_any_output_left(&self) -> bool {
        self.writers.as_ref().is_some_and(Writers::is_any_left)
    }

    /// A suspicious file. Whatever is listed in the end, all of them are kept and counted.
    pub(super) fn finding(&mut self, finding: Finding) {
        if let Some(what) = self.why_suppressed(&finding) {
            self.tally.suppressed.add_finding(&what.reason);
            self.write(|writers| writers.record(|recorder| recorder.suppressed_finding(&finding, &what)));
            if self.suppressed.len() < FINDINGS_KEPT {
                self.suppressed.push((finding, what));
            }
            return;
        }
        self.tally.add_finding(&finding);
        let list = if finding.level >= OF_INTEREST { &mut self.findings } else { &mut self.lesser };
        let is_kept = list.len() < FINDINGS_KEPT;
        let preliminary = is_kept && finding.level >= OF_INTEREST && self.later.may_add_to(&finding);
        self.writers.iter_mut().for_each(|writers| writers.finding(&finding, preliminary));
        match is_kept {
            true => list.push(finding),
            false => self.omitted[finding.level as usize] += 1,
        }
    }

    /// A file that was examined without a finding.
    pub(super) fn clean(&mut self, artefact: &Artefact) {
        self.write(|writers| writers.record(|recorder| recorder.clean(artefact)));
    }

    /// Something that could not be examined: every stage reports it here.
    pub(super) fn problem(&mut self, problem: Problem) {
        let Some(writers) = &mut self.writers else { return self.early.push(problem) };
        // What had no answer is reported by whoever waited for it, and by whoever got that error after that.
        let is_silence = problem.kind == ProblemKind::ReadTimedOut || watch::is_said_of_silence(&problem.message);
        if is_silence
            && let Some(path) = &problem.path
            && !self.silent.insert(path.clone())
        {
            return;
        }
        // Several stages list the same folders and follow the same links: each problem with one is reported once.
        let is_of_a_path = matches!(problem.kind, ProblemKind::FolderUnreadable | ProblemKind::PathUnresolved);
        if is_of_a_path
            && let Some(path) = &problem.path
            && !self.reported.insert((problem.kind, path.clone()))
        {
            return;
        }
        self.tally.add_problem(problem.kind);
        writers.record(|recorder| recorder.problem(&problem));
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        } else {
            self.problems_omitted += 1;
        }
    }

    /// What was reported before the outputs were open.
    pub(super) fn early(&self) -> &[Problem] {
        &self.early
    }

    /// Whether anything was reported that leaves a gap.
    pub(super) fn has_a_gap(&self) -> bool {
        self.tally.problems.keys().any(|kind| kind.leaves_a_gap())
    }

    /// How many problems there are so far.
    pub(super) fn problems(&self) -> usize {
        self.problems.len()
    }

    /// Puts what the workers found in order, since it comes as it is found: findings, and the problems behind the first `before`.
    pub(super) fn settle(&mut self, before: usize) {
        self.findings.sort_by(|a, b| a.artefact.path.cmp(&b.artefact.path));
        self.lesser.sort_by(|a, b| a.artefact.path.cmp(&b.artefact.path));
        self.suppressed.sort_by(|a, b| a.0.artefact.path.cmp(&b.0.artefact.path));
        let of_scan = self.problems.get_mut(before..).unwrap_or_default();
        of_scan.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    }

    /// The findings that logs, patch level and timeline are about.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// A hit as far as it is known while logs are being read.
    pub(super) fn hit_so_far(&mut self, hit: &LogHit) {
        let list = self.suppressions.as_ref();
        if list.is_some_and(|(list, host)| list.client(host.as_deref(), &hit.client).is_some()) {
            // It is written as what it is when all logs are read.
            return;
        }
        self.write(|writers| writers.record(|recorder| recorder.hit(hit, true)));
    }

    /// Adds to findings and hits what is known only when all stages have ended, and puts everything in time order. `further` are
    /// the events of other sources.
    pub(super) fn enrich(&mut self, tables: Option<&Tables>, mut further: Vec<TimelineEvent>) {
        self.suppress_hits();
        let hits = self.logs.as_mut().map_or(&mut [][..], |logs| &mut logs.hits);
        if let Some(tables) = tables {
            further.extend(enrich::patch_levels(tables, &self.health, hits, &mut self.findings));
        }
        let requests = self.logs.as_ref().map_or(&[][..], |logs| &logs.requests);
        enrich::requests(requests, &mut self.findings);
        (self.timeline, self.timeline_omitted) = timeline::build(&self.findings, self.logs.as_ref(), further);
    }

    /// Writes what came after the findings, and each finding that was preliminary once more: of one `event.id` the last record counts.
    pub(super) fn close(&mut self, skipped: &[Skipped]) {
        let Some(writers) = &mut self.writers else { return };
        for finding in self.findings.iter().filter(|finding| self.later.may_add_to(finding)) {
            writers.finding(finding, false);
        }
        for (hit, what) in &self.suppressed_hits {
            writers.record(|recorder| recorder.suppressed_hit(hit, what));
        }
        if let Some(logs) = &self.logs {
            for hit in &logs.hits {
                self.tally.add_hit(hit);
                writers.record(|recorder| recorder.hit(hit, false));
            }
            for requests in &logs.requests {
                writers.record(|recorder| recorder.requests(requests));
            }
            writers.record(|recorder| recorder.log_coverage(&logs.spans));
        }
        for health in &self.health {
            writers.record(|recorder| recorder.health(health));
        }
        for event in &self.timeline {
            writers.record(|recorder| recorder.timeline_event(event));
        }
        if let Some(coverage) = &self.coverage {
            writers.record(|recorder| recorder.coverage(coverage, skipped));
        }
    }

    /// What the actions are about.
    pub(super) fn found(&self) -> actions::Found<'_> {
        actions::Found {
            findings: &self.findings,
            logs: self.logs.as_ref(),
            health: &self.health,
            problems: &self.problems,
            problems_omitted: self.problems_omitted,
        }
    }

    /// The verdict on all of it.
    pub(super) fn summary(&self, subject: Subject, interrupted: bool, no_baseline: &[String], seconds: f64) -> Summary {
        let logs = self.logs.as_ref().map(|logs| logs.spans.as_slice());
        let scope = Scope { subject, files: self.coverage.as_ref(), logs, interrupted, no_baseline };
        self.tally.conclude(scope, self.health.iter().map(Health::in_words).collect(), seconds)
    }

    /// The finished results, the findings of each level that were too many to keep, and the outputs.
    pub(super) fn into_results(
        mut self,
        run: RunInfo,
        sources: Vec<Source>,
        discovered: Vec<Discovered>,
        summary: Summary,
    ) -> (AnalysisResults, [u64; 5], Option<Writers>) {
        self.findings.append(&mut self.lesser);
        self.findings.sort_by(|a, b| {
            b.level.cmp(&a.level).then(b.score.total_cmp(&a.score)).then_with(|| a.artefact.path.cmp(&b.artefact.path))
        });
        let results = AnalysisResults {
            run,
            sources,
            discovered,
            findings: self.findings,
            suppressed: self.suppressed,
            suppressed_hits: self.suppressed_hits,
            findings_omitted: self.omitted.iter().sum(),
            problems: self.problems,
            problems_omitted: self.problems_omitted,
            coverage: self.coverage,
            skipped: Vec::new(),
            logs: self.logs,
            health: self.health,
            timeline: self.timeline,
            timeline_omitted: self.timeline_omitted,
            judged: false,
            summary,
        };
        (results, self.omitted, self.writers)
    }
}
