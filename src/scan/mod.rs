//! The way of a file from start to end: survey, read, decode, look, weigh. And the workers that walk it.

mod compiled;
mod neighbours;
mod read;
mod stock;
mod survey;

pub use read::{Digests, Reader};
pub use stock::Stock;
pub use survey::{Skipped, Survey, single, survey};

use crate::catalogue::HashList;
use crate::decode::{self, Effort};
use crate::detect::{DetectorSet, Knowledge, Marks, Sight};
use crate::evidence::{Container, Evidence, Holds, classify};
use crate::model::place::kind;
use crate::model::{
    Artefact, BaselineStatus, Coverage, Examined, Finding, Problem, ProblemKind, Reason, ReasonKind, Role,
};
use crate::targets::{Plan, Reacher};
use crate::verdict;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How a scan is done.
pub struct Settings<'s> {
    /// Worker threads, at least one.
    pub threads: usize,
    /// Files larger than this are looked at in their first and last halves of it.
    pub max_size: u64,
    /// The detectors to run, by id.
    pub detectors: &'s [&'static str],
    /// Files of these hashes are known good.
    pub allowed: &'s HashList,
    /// The share of the time, in percent, that a worker may work.
    pub cpu_limit: u8,
    /// Set from outside to stop early.
    pub interrupted: &'s AtomicBool,
    /// Called by each worker when it starts.
    pub on_worker: fn(),
}

/// What is scanned, and with what.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    /// Where the files come from.
    pub evidence: &'j dyn Evidence,
    /// The areas, for places and URLs.
    pub plan: &'j Plan,
    /// The files.
    pub survey: &'j Survey,
    /// The stock tables, where files are compared with them.
    pub stock: Option<&'j Stock>,
    /// What detectors know.
    pub knowledge: &'j Knowledge,
    /// How.
    pub settings: &'j Settings<'j>,
}

/// What is told while a scan runs.
pub enum Event {
    /// A suspicious file.
    Finding(Box<Finding>),
    /// Something that could not be examined.
    Problem(Problem),
    /// A file that was examined without a finding; only told when asked for.
    Clean(Box<Artefact>),
}

/// Counts for a progress display, updated by the workers.
#[derive(Debug, Default)]
pub struct Counters {
    /// Files finished.
    pub files: AtomicU64,
    /// Bytes read.
    pub bytes: AtomicU64,
    /// Findings so far.
    pub findings: AtomicU64,
}

/// How far workers may run ahead of the oldest unfinished file; bounds what waits to be told in order.
const WINDOW: usize = 4096;
/// How many files a worker takes at once. It hands them on together, or as soon as there is something to tell.
const BATCH: usize = 32;

/// Examines every surveyed file and tells each event to `tell`, in the order of the survey whatever the number of threads.
/// `tell` returning `false` ends the scan, since nobody listens any more. `tell_clean` asks for [`Event::Clean`].
pub fn scan(job: &Job<'_>, counters: &Counters, tell_clean: bool, tell: &mut dyn FnMut(Event) -> bool) -> Coverage {
    let Job { survey, settings, .. } = *job;
    let mut coverage = survey.coverage.clone();
    let next = AtomicUsize::new(0);
    let told = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let stopping = || stop.load(Ordering::Relaxed) || settings.interrupted.load(Ordering::Relaxed);
    let large = std::sync::Mutex::new(());
    let reacher = Reacher::new(job.evidence, job.plan);
    let total = survey.len();

    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel::<(usize, Vec<Outcome>)>();
        for _ in 0..settings.threads.max(1) {
            let sender = sender.clone();
            let (next, told, stopping, large, reacher) = (&next, &told, &stopping, &large, &reacher);
            scope.spawn(move || {
                (settings.on_worker)();
                let mut worker = Worker::new(*job, large, reacher, tell_clean);
                loop {
                    while next.load(Ordering::Relaxed) > told.load(Ordering::Acquire) + WINDOW && !stopping() {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    let from = next.fetch_add(BATCH, Ordering::Relaxed);
                    if from >= total {
                        break;
                    }
                    let mut first = from;
                    let mut outcomes = Vec::with_capacity(BATCH);
                    for at in from..(from + BATCH).min(total) {
                        if stopping() {
                            break;
                        }
                        let begin = Instant::now();
                        let outcome = worker.examine_safely(at);
                        counters.files.fetch_add(1, Ordering::Relaxed);
                        counters.bytes.fetch_add(outcome.bytes, Ordering::Relaxed);
                        counters.findings.fetch_add(u64::from(outcome.finding.is_some()), Ordering::Relaxed);
                        let hurry = outcome.tells_something() || outcome.bytes > survey::LARGE;
                        outcomes.push(outcome);
                        if hurry {
                            let done = std::mem::take(&mut outcomes);
                            if sender.send((first, done)).is_err() {
                                return;
                            }
                            first = at + 1;
                        }
                        if settings.cpu_limit < 100 {
                            let share = f64::from(settings.cpu_limit.max(1)) / 100.0;
                            std::thread::sleep(begin.elapsed().mul_f64(1.0 / share - 1.0));
                        }
                    }
                    if !outcomes.is_empty() && sender.send((first, outcomes)).is_err() || stopping() {
                        break;
                    }
                }
            });
        }
        drop(sender);

        // Outcomes come in as they are done and go out in order.
        let mut waiting: BTreeMap<usize, Vec<Outcome>> = BTreeMap::new();
        let mut due = 0;
        for (from, outcomes) in receiver {
            waiting.insert(from, outcomes);
            while let Some(outcomes) = waiting.remove(&due) {
                due += outcomes.len();
                told.store(due, Ordering::Release);
                for outcome in outcomes {
                    if !account(outcome, &mut coverage, tell) {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
        // After an interruption there may be holes: what was examined behind them still counts.
        for outcome in waiting.into_values().flatten() {
            account(outcome, &mut coverage, tell);
        }
    });
    let done = coverage.examined + coverage.known_good + coverage.partly + coverage.failed + coverage.skipped_total();
    coverage.not_reached = coverage.surveyed.saturating_sub(done);
    coverage
}

/// Adds one file to the counts and tells what there is to tell.
fn account(outcome: Outcome, coverage: &mut Coverage, tell: &mut dyn FnMut(Event) -> bool) -> bool {
    coverage.bytes += outcome.bytes;
    match outcome.end {
        End::Examined => coverage.examined += 1,
        End::KnownGood => coverage.known_good += 1,
        End::Partly => coverage.partly += 1,
        End::Failed => coverage.failed += 1,
    }
    coverage.archives += u64::from(outcome.archive);
    let mut listening = true;
    for problem in outcome.problems {
        listening &= tell(Event::Problem(problem));
    }
    if let Some(finding) = outcome.finding {
        listening &= tell(Event::Finding(finding));
    }
    if let Some(clean) = outcome.clean {
        listening &= tell(Event::Clean(clean));
    }
    listening
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Examined,
    KnownGood,
    Partly,
    Failed,
}

/// What became of one file.
struct Outcome {
    end: End,
    /// Whether it is an archive, whose content nobody looked at.
    archive: bool,
    bytes: u64,
    finding: Option<Box<Finding>>,
    clean: Option<Box<Artefact>>,
    problems: Vec<Problem>,
}

impl Outcome {
    fn tells_something(&self) -> bool {
        self.finding.is_some() || self.clean.is_some() || !self.problems.is_empty()
    }
}

struct Worker<'w> {
    job: Job<'w>,
    /// Held while a large file is in memory, so that there is one at a time whatever the number of threads.
    large: &'w std::sync::Mutex<()>,
    reacher: &'w Reacher<'w>,
    tell_clean: bool,
    reader: Reader,
    detectors: DetectorSet<'w>,
}

impl<'w> Worker<'w> {
    fn new(job: Job<'w>, large: &'w std::sync::Mutex<()>, reacher: &'w Reacher<'w>, tell_clean: bool) -> Self {
        let reader = Reader::new(job.settings.max_size);
        let detectors = DetectorSet::new(job.knowledge, job.settings.detectors);
        Self { job, large, reacher, tell_clean, reader, detectors }
    }

    /// A panic while one file is examined is a problem of that file, not the end of the run.
    fn examine_safely(&mut self, at: usize) -> Outcome {
        match catch_unwind(AssertUnwindSafe(|| self.examine(at))) {
            Ok(outcome) => outcome,
            Err(_) => {
                // Whatever state the panic left behind is thrown away.
                self.reader = Reader::new(self.job.settings.max_size);
                self.detectors = DetectorSet::new(self.job.knowledge, self.job.settings.detectors);
                let message = "internal error while this file was examined; please report it";
                let problem = Problem::at(ProblemKind::DetectorStopped, &self.job.survey.path(at), message);
                Outcome {
                    end: End::Failed,
                    archive: false,
                    bytes: 0,
                    finding: None,
                    clean: None,
                    problems: vec![problem],
                }
            }
        }
    }

    fn examine(&mut self, at: usize) -> Outcome {
        let mut artefact = self.job.survey.artefact(at, self.job.plan);
        let size = artefact.entry.size;
        let _one_at_a_time = (size > survey::LARGE).then(|| self.large.lock().unwrap_or_else(|held| held.into_inner()));
        let content = match self.job.evidence.open(&artefact.path) {
            Ok(content) => content,
            Err(error) => {
                artefact.examined = Examined::MetadataOnly;
                return self.unreadable(artefact, &error);
            }
        };
        artefact.entry.times.changed = artefact.entry.times.changed.or(content.changed);
        artefact.entry.inode = artefact.entry.inode.or(content.inode);
        let read = match self.reader.read(content, self.job.settings.interrupted) {
            Ok(read) => read,
            Err(error) => {
                // What came before the error is looked at: a bad sector must not hide the rest of a page.
                artefact.examined = Examined::UpTo(self.reader.pieces().map(|(_, piece)| piece.len() as u64).sum());
                return self.unreadable(artefact, &error);
            }
        };
        artefact.hashes = read.hashes.clone();
        artefact.examined = read.examined;
        let bytes = read.bytes;
        let mut problems = Vec::new();
        if bytes != size {
            let message = format!("{size} bytes when listed, {bytes} when read");
            problems.push(Problem::at(ProblemKind::FileChanged, &artefact.path, message));
        }
        artefact.comparison = self.job.stock.and_then(|stock| stock.compare(&artefact));
        let stock = artefact.comparison.as_ref().is_some_and(|c| c.status == BaselineStatus::KnownGood);
        let digests = self.digests(&artefact, stock);
        self.reader.add(&mut artefact.hashes, digests);
        // A digest that can be made to collide clears nothing.
        let sha256 = artefact.hashes.sha256.as_deref();
        let allowed = sha256.is_some_and(|hash| self.job.settings.allowed.get(hash).is_some());
        // A list of hostile hashes is stronger than what clears a file, be it the tables or a list.
        let hostile = artefact.hashes.all().any(|hash| self.job.knowledge.hostile.get(hash).is_some());
        if (allowed || stock) && !hostile {
            let clean = self.tell_clean.then(|| Box::new(artefact));
            return Outcome { end: End::KnownGood, archive: false, bytes, finding: None, clean, problems };
        }
        if let Examined::Ends(each) = artefact.examined {
            let message = format!("hashed whole; only its first and last {} MiB were looked at", each >> 20);
            problems.push(Problem::at(ProblemKind::PartlyExamined, &artefact.path, message));
        }

        let begin = self.reader.pieces().next().map_or(&[][..], |(_, piece)| piece);
        let container = Container::of(&artefact.entry.name, begin);
        if let Some(container) = container.filter(|container| container.holds == Holds::Disk) {
            let message =
                format!("{}: nothing that lies in it was examined; mount it read-only and scan that", container.name);
            problems.push(Problem::at(ProblemKind::ImageNotOpened, &artefact.path, message));
        }
        let archive = container.is_some_and(|container| container.holds == Holds::Files);
        // An application that a Java server runs out of its archive is code that is served.
        let application = ["war", "ear"].contains(&crate::model::server_path::extension(&artefact.entry.name).as_str());
        if archive && application && artefact.place.role == Role::WebRoot {
            let message = "an application that is served as an archive: nothing that lies in it was examined; unpack it and scan that";
            problems.push(Problem::at(ProblemKind::PartlyExamined, &artefact.path, message));
        }

        let mut marks = Marks { problems, ..Marks::default() };
        for (start, piece) in self.reader.pieces() {
            look(&mut self.detectors, &artefact, piece, start, &mut marks);
        }
        let Marks { mut reasons, problems, signed } = marks;
        reasons.extend(self.job.plan.noted.get(&artefact.path).into_iter().flatten().cloned());
        artefact.signed = signed;
        let end = if artefact.examined == Examined::Whole { End::Examined } else { End::Partly };
        if reasons.is_empty() {
            let clean = self.tell_clean.then(|| Box::new(artefact));
            return Outcome { end, archive, bytes, finding: None, clean, problems };
        }
        self.reader.complete(&mut artefact.hashes);
        self.place(&mut artefact);
        let finding = verdict::weigh(artefact, reasons).map(Box::new);
        Outcome { end, archive, bytes, finding, clean: None, problems }
    }

    /// The digests beside SHA-256 that are needed before anybody looks: for every file what the user's lists hold; for
    /// server code, and SHA-1 for programs, what the built-in list holds (its MD5 are of pages), but not for stock.
    fn digests(&self, artefact: &Artefact, stock: bool) -> Digests {
        let hostile = &self.job.knowledge.hostile;
        let name = &artefact.entry.name;
        let every = self.job.knowledge.every_digest;
        let code = !stock && kind::is_server_code(name);
        let program = !stock && kind::is_program(name);
        Digests { sha1: hostile.has_sha1() && (every || code || program), md5: hostile.has_md5() && (every || code) }
    }

    /// Says how the web server reaches a file or, of what ASP.NET left of a page, reached that page.
    fn place(&self, artefact: &mut Artefact) {
        artefact.place.reach = self.reacher.reach(&artefact.path);
        let page = artefact.compiled.as_ref().map(|page| page.virtual_path.clone());
        artefact.place.url = artefact.place.reach.first().map(|reach| reach.url.clone()).or(page);
    }

    /// A file whose content could not be had, or not to its end: its name, its place and what was read are judged all the
    /// same, and that the system's antivirus forbids to open it is a reason by itself.
    fn unreadable(&mut self, mut artefact: Artefact, error: &std::io::Error) -> Outcome {
        let kind = classify(error);
        let mut message = error.to_string();
        if kind == ProblemKind::FileLocked {
            let modified = artefact.entry.times.modified.map_or(String::new(), |time| format!(", modified {time}"));
            message.push_str(&format!("; {} bytes{modified}", artefact.entry.size));
        }
        let problem = Problem::at(kind, &artefact.path, message.clone());
        let mut marks = Marks { problems: vec![problem], ..Marks::default() };
        if kind == ProblemKind::FileBlocked {
            marks.reasons.push(Reason {
                id: "access/blocked".to_owned(),
                kind: ReasonKind::Access,
                points: 60,
                title: format!("the system's antivirus forbids to open it: {message}"),
                proof: Vec::new(),
                rule: None,
                path: Vec::new(),
            });
        }
        if artefact.examined == Examined::MetadataOnly {
            self.detectors.look(&artefact, &Sight::new(&[]), &mut marks);
        } else {
            for (start, piece) in self.reader.pieces() {
                look(&mut self.detectors, &artefact, piece, start, &mut marks);
            }
        }
        self.place(&mut artefact);
        let finding = verdict::weigh(artefact, marks.reasons).map(Box::new);
        Outcome { end: End::Failed, archive: false, bytes: 0, finding, clean: None, problems: marks.problems }
    }
}

/// Libraries up to this size are read as code: those that intruders bring have less than 200 KB, and large ones of a vendor
/// would take seconds each.
const LIBRARY: u64 = 1 << 20;
/// What ASP.NET compiled is read up to this size: all pages of one folder may share an assembly.
const COMPILED: u64 = 8 << 20;

/// Whether the code of a program is worth reading, should it be of .NET. The copies of libraries that ASP.NET keeps beside what it
/// compiled have the names of those.
fn is_worth_reading(artefact: &Artefact) -> bool {
    let name = artefact.entry.name.to_ascii_lowercase();
    let compiled = artefact.place.role == Role::AspnetTemp && name.starts_with("app_");
    artefact.entry.size <= if compiled { COMPILED } else { LIBRARY } && artefact.examined == Examined::Whole
}

/// Decodes a piece of a file and lets the detectors look. Every encoding is tried on what IIS may run: files that are named
/// like server code, and texts with a mark of it. A page that is hidden in any other file does not run there.
fn look(detectors: &mut DetectorSet<'_>, artefact: &Artefact, piece: &[u8], start: u64, marks: &mut Marks) {
    let look = |views: decode::Views<'_>, detectors: &mut DetectorSet<'_>, marks: &mut Marks| {
        if !views.cut.is_empty() {
            let bounds: Vec<String> = views.cut.iter().map(ToString::to_string).collect();
            let problem = Problem::at(ProblemKind::DecodingCut, &artefact.path, bounds.join("; "));
            // One for a file, though its ends are decoded each by itself.
            match marks.problems.iter_mut().find(|known| known.kind == problem.kind) {
                Some(known) if known.message != problem.message => known.message += &format!("; {}", problem.message),
                Some(_) => {}
                None => marks.problems.push(problem),
            }
        }
        if let Some(why) = views.broken {
            marks.problems.push(Problem::at(ProblemKind::ProgramBroken, &artefact.path, why));
        }
        detectors.look(artefact, &Sight::new(&views.views), marks);
    };
    if !kind::is_web(&artefact.entry.name) {
        let quick = decode::views(piece, start, Effort::Quick);
        let sight = Sight::new(&quick.views);
        if sight.is_program() && is_worth_reading(artefact) && decode::cil::is_assembly(piece) {
            drop(sight);
            return look(decode::views(piece, start, Effort::Program), detectors, marks);
        }
        if quick.cut.is_empty() && (sight.is_program() || !sight.may_be_a_page(&artefact.entry.name)) {
            detectors.look(artefact, &sight, marks);
            return;
        }
        if sight.is_program() {
            drop(sight);
            return look(quick, detectors, marks);
        }
    }
    look(decode::views(piece, start, Effort::Thorough), detectors, marks);
}
