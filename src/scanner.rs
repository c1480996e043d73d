//! Scans from inside another program: one buffer or one folder, with the built-in rules, lists and baseline.

use crate::catalogue::{self, HashList};
use crate::cli;
use crate::detect::{DETECTORS, Knowledge, signatures::Signatures};
use crate::error::Result;
use crate::evidence::{Evidence, Memory};
use crate::inputs;
use crate::model::{Coverage, Finding, Problem, ServerPath};
use crate::scan::{self, BaselineMatcher, Counters, Event, Job, Settings};
use crate::targets::{self, Target, TargetKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Files larger than this are examined in their first and last halves of it, as the program does.
const MAX_SIZE: u64 = 64 << 20;
/// How long the rules may take for one view of one file.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Examines files with every detector. Compiled rules and tables are loaded once; scans share them.
///
/// Logs and patch levels are not examined: see [`crate::logs`] and [`crate::health`].
pub struct Scanner {
    knowledge: Knowledge,
    allowed: HashList,
    detectors: Vec<&'static str>,
    threads: usize,
}

/// What a scan has found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The suspicious files, the highest score first.
    pub findings: Vec<Finding>,
    /// What could not be examined. Without an entry here, every file was.
    pub problems: Vec<Problem>,
    /// How many files were examined, skipped, known.
    pub coverage: Coverage,
}

impl Scanner {
    /// A scanner with the built-in rules. Errors if the system has no thread or memory for them.
    pub fn new() -> Result<Self> {
        Ok(Self::with_rules(&[])?.0)
    }

    /// A scanner with the built-in rules and those of `paths`: YARA sources, or folders of them. Rules that do not compile are
    /// left out and named in the problems; errors if none is left, or if a file cannot be read.
    pub fn with_rules(paths: &[PathBuf]) -> Result<(Self, Vec<Problem>)> {
        let (signatures, problems) = Signatures::compile(true, paths)?;
        let knowledge = Knowledge {
            signatures: Some(signatures),
            malicious: catalogue::malicious_hashes(),
            ..Knowledge::new(TIMEOUT)
        };
        let detectors = DETECTORS.iter().map(|detector| detector.id).collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok((Self { knowledge, allowed: HashList::default(), detectors, threads }, problems))
    }

    /// How many threads examine files; as many as there are processors, if not set.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Examines one buffer by its name and content alone, as a file of unknown origin.
    pub fn buffer(&self, name: &str, bytes: &[u8]) -> Scan {
        let path = ServerPath::drive('C').join(name);
        let evidence = Memory::new().file(path.as_str(), bytes);
        self.evidence(&evidence, &[Target { path, kind: TargetKind::File }], &[])
    }

    /// Examines one folder: the root of a server's volume or a mounted image, an Exchange installation, or any other folder,
    /// recognised by what lies in it. Errors if it cannot be opened.
    pub fn folder(&self, folder: &Path) -> Result<Scan> {
        let targets = cli::Targets { targets: vec![folder.to_owned()], ..cli::Targets::default() };
        let opened = inputs::open(&targets)?;
        Ok(self.evidence(&opened.evidence, &opened.targets, &opened.drives))
    }

    /// Examines these targets of any evidence; `drives` are the letters of the volumes that are there.
    pub fn evidence(&self, evidence: &dyn Evidence, targets: &[Target], drives: &[char]) -> Scan {
        let interrupted = AtomicBool::new(false);
        let mut plan = targets::discover(evidence, targets, drives, false);
        let mut problems = std::mem::take(&mut plan.problems);
        let survey = scan::survey(evidence, &plan, &interrupted, &mut problems);
        let baseline = (!plan.exchange.is_empty()).then(|| {
            let baseline = catalogue::baseline::Baseline { tables: vec![catalogue::baseline::built_in()] };
            BaselineMatcher::new(evidence, &plan, &survey, baseline, &interrupted)
        });
        let settings = Settings {
            threads: self.threads,
            max_size: MAX_SIZE,
            cpu_limit: 100,
            detectors: &self.detectors,
            allowed: &self.allowed,
            interrupted: &interrupted,
            on_worker: || {},
        };
        let knowledge = &self.knowledge;
        let job =
            Job { evidence, plan: &plan, survey: &survey, baseline: baseline.as_ref(), knowledge, settings: &settings };
        let mut findings = Vec::new();
        let coverage = scan::scan(&job, &Counters::default(), false, &mut |event| {
            match event {
                Event::Finding(finding) => findings.push(*finding),
                Event::Problem(problem) => problems.push(problem),
                Event::Clean(_) => {}
            }
            true
        });
        findings.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.artefact.path.cmp(&b.artefact.path)));
        Scan { findings, problems, coverage }
    }
}
