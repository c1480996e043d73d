//! The processing of a file: survey, read, decode, detect, score; and the workers that do it.

mod classes;
mod compiled;
mod compiled_pages;
mod file;
mod included;
mod neighbours;
mod php_includes;
mod programs;
mod read;
mod stock;
mod streams;
mod survey;
mod surveyed;

pub use read::{Digests, Reader};
pub use stock::Stock;
pub use survey::{single, survey};
pub use surveyed::Survey;

use crate::catalogue::HashList;
use crate::decode::{self, Effort, Joined};
use crate::detect::location::checks as location;
use crate::detect::{DetectorSet, Knowledge, ScanContext, ScanResults};
use crate::evidence::{Evidence, Holds, Kind, classify};
use crate::model::place::kind;
use crate::model::{
    Artefact, BaselineStatus, CheckInfo, Coverage, EntryKind, Examined, Finding, Problem, ProblemKind, Reason, Role,
    ServerPath,
};
use crate::targets::{Plan, UrlMap};
use crate::verdict;
use crate::watch::crew::{self, Hand, Told, Turn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The checks of this file.
pub(crate) const CHECKS: &[&CheckInfo] = &[&BLOCKED_BY_ANTIVIRUS];

const BLOCKED_BY_ANTIVIRUS: CheckInfo = CheckInfo {
    id: "access/blocked_by_antivirus",
    title: "the system's antivirus blocks access to the file",
    score: 60,
    looks_for: "Files whose opening the operating system refuses because of its antivirus.",
    why: "The antivirus has already classified the file as malicious.",
    benign_look_alikes: "False positives of the antivirus, test files.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

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

/// Examines every surveyed file and tells each event to `tell`, as it is made. `tell` returning `false` ends the scan, since
/// nobody listens any more. `tell_clean` asks for [`Event::Clean`]. All threads have ended when it returns, and so it waits
/// even for a read that hangs; [`scan_detached`] does not.
pub fn scan(job: &Job<'_>, counters: &Counters, tell_clean: bool, tell: &mut dyn FnMut(Event) -> bool) -> Coverage {
    std::thread::scope(|scope| {
        let spawn = |work| std::thread::Builder::new().spawn_scoped(scope, work).map(drop);
        collect(job, counters, tell_clean, &spawn, tell)
    })
}

/// As [`scan`], but what hangs is left behind: a file whose reading has no answer is told and left, and so is one that is
/// under way when the scan is interrupted.
pub fn scan_detached(
    job: &Job<'static>,
    counters: &'static Counters,
    tell_clean: bool,
    tell: &mut dyn FnMut(Event) -> bool,
) -> Coverage {
    collect(job, counters, tell_clean, &crew::detached, tell)
}

/// What is said of the files where none was examined.
pub fn not_reached(survey: &Survey) -> Coverage {
    let mut coverage = survey.coverage.clone();
    coverage.not_reached = coverage.surveyed - (coverage.failed + coverage.skipped_total()).min(coverage.surveyed);
    coverage
}

fn collect<'j>(
    job: &Job<'j>,
    counters: &'j Counters,
    tell_clean: bool,
    spawn: crew::Spawn<'_, 'j>,
    tell: &mut dyn FnMut(Event) -> bool,
) -> Coverage {
    let Job { survey, settings, .. } = *job;
    let mut coverage = survey.coverage.clone();
    let (large, reacher) = (Turn::default(), UrlMap::new(job.evidence, job.plan));
    let job = *job;
    // Behind the files come the links and the folders with streams.
    let links = survey.links(job.plan).map(|(artefact, named)| Beside { artefact, named, is_link: true });
    let folders =
        survey.folders_with_streams(job.plan).map(|(artefact, named)| Beside { artefact, named, is_link: false });
    let beside: Arc<Vec<Beside>> = Arc::new(links.chain(folders).collect());
    let all = beside.clone();
    let path = move |at: usize| match at.checked_sub(survey.len()) {
        None => survey.path(at),
        Some(at) => all[at].artefact.path.clone(),
    };
    let total = survey.len() + beside.len();
    let work = move |hand: &Hand<'j, Outcome>| {
        (settings.on_worker)();
        let mut worker = Worker::new(job, &large, &reacher, tell_clean);
        while let Some(at) = hand.next() {
            let begin = Instant::now();
            let done = match at.checked_sub(survey.len()) {
                None => worker.safely(&survey.path(at), |worker| worker.examine(at, &|| hand.stopping())),
                Some(at) => worker
                    .safely(&beside[at].artefact.path, |worker| Some(worker.beside(&beside[at])))
                    .map(|outcome| Outcome { end: End::Beside, ..outcome }),
            };
            let Some(outcome) = done else { break };
            counters.files.fetch_add(u64::from(at < survey.len()), Ordering::Relaxed);
            counters.bytes.fetch_add(outcome.bytes, Ordering::Relaxed);
            counters.findings.fetch_add(u64::from(outcome.finding.is_some()), Ordering::Relaxed);
            let hurry = outcome.tells_something() || outcome.bytes > surveyed::LARGE;
            hand.done(at, outcome, hurry);
            if settings.cpu_limit < 100 {
                let share = f64::from(settings.cpu_limit.max(1)) / 100.0;
                rest(begin.elapsed().mul_f64(1.0 / share - 1.0), &|| hand.stopping());
            }
        }
    };
    let mut listening = true;
    let left = crew::run((settings.threads, spawn), total, settings.interrupted, work, &mut |at, told| {
        listening &= match told {
            Told::Done(outcome) => account(outcome, &mut coverage, tell),
            // What is said of the file itself comes when it is done again, with what its name and its begin show.
            Told::Silent(problem) | Told::Left(Some(problem)) if problem.path.as_ref() != Some(&path(at)) => {
                tell(Event::Problem(problem))
            }
            Told::Left(Some(problem)) => tell(Event::Problem(problem)),
            Told::Stuck => {
                let message = "examination was stopped after a quarter of an hour; please report it";
                tell(Event::Problem(Problem::at(ProblemKind::DetectorStopped, &path(at), message)))
            }
            Told::Died => tell(Event::Problem(Problem::at(ProblemKind::DetectorStopped, &path(at), crew::DIED))),
            Told::Silent(_) | Told::Left(None) => true,
        };
        listening
    });
    let done = coverage.examined
        + coverage.known_good
        + coverage.partially_examined
        + coverage.failed
        + coverage.skipped_total();
    coverage.not_reached = coverage.surveyed.saturating_sub(done);
    if listening && !settings.interrupted.load(Ordering::Relaxed) {
        if coverage.not_reached > 0 {
            let message = format!("{} files were not reached", coverage.not_reached);
            tell(Event::Problem(Problem::general(ProblemKind::DetectorStopped, message)));
        }
        let dead = crew::Rest { open: 0, ..left };
        if let Some(problem) = dead.problem("files", ProblemKind::DetectorStopped) {
            tell(Event::Problem(problem));
        }
    }
    coverage
}

/// A link in a web folder, whose name and place are all there is to see (what it leads to is surveyed by itself), or a folder with
/// alternate data streams.
struct Beside {
    artefact: Artefact,
    /// The path by which it was reached.
    named: ServerPath,
    is_link: bool,
}

/// Rests, but not while the run is to end.
fn rest(time: Duration, stopping: &dyn Fn() -> bool) {
    let until = Instant::now() + time;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero() && !stopping()) {
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
}

/// Adds one file to the counts and tells what there is to tell.
fn account(outcome: Outcome, coverage: &mut Coverage, tell: &mut dyn FnMut(Event) -> bool) -> bool {
    coverage.bytes += outcome.bytes;
    match outcome.end {
        End::Examined => coverage.examined += 1,
        End::KnownGood => coverage.known_good += 1,
        End::Partly => coverage.partially_examined += 1,
        End::Failed => coverage.failed += 1,
        End::Beside => {}
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
    /// It is no file of the survey.
    Beside,
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
    large: &'w Turn,
    reacher: &'w UrlMap<'w>,
    tell_clean: bool,
    reader: Reader,
    detectors: DetectorSet<'w>,
    finder: included::Finder<'w>,
}

impl<'w> Worker<'w> {
    fn new(job: Job<'w>, large: &'w Turn, reacher: &'w UrlMap<'w>, tell_clean: bool) -> Self {
        let reader = Reader::new(job.settings.max_size);
        let detectors = DetectorSet::new(job.knowledge, job.settings.detectors);
        let finder = included::Finder::new(job.evidence, job.plan, reacher);
        Self { job, large, reacher, tell_clean, reader, detectors, finder }
    }

    /// A panic while one file is examined is a problem of that file, not the end of the run. `None` if the run is to end.
    fn safely(&mut self, path: &ServerPath, examine: impl FnOnce(&mut Self) -> Option<Outcome>) -> Option<Outcome> {
        match catch_unwind(AssertUnwindSafe(|| examine(self))) {
            Ok(outcome) => outcome,
            Err(_) => {
                // Whatever state the panic left behind is thrown away.
                self.reader = Reader::new(self.job.settings.max_size);
                self.detectors = DetectorSet::new(self.job.knowledge, self.job.settings.detectors);
                let message = "internal error while this file was examined; please report it";
                let problem = Problem::at(ProblemKind::DetectorStopped, path, message);
                Some(Outcome {
                    end: End::Failed,
                    archive: false,
                    bytes: 0,
                    finding: None,
                    clean: None,
                    problems: vec![problem],
                })
            }
        }
    }

    /// Judges a link, or the streams of a folder. Neither counts as a file of the survey.
    fn beside(&mut self, beside: &Beside) -> Outcome {
        let mut artefact = beside.artefact.clone();
        let mut marks = ScanResults::default();
        if beside.is_link {
            self.detectors.look(&artefact, &ScanContext::new(&[]), &mut marks);
        } else {
            (marks.reasons, marks.problems) = self.streams(&mut artefact);
        }
        artefact.place.reach = self.reacher.reach(&beside.named);
        artefact.place.url = artefact.place.reach.first().map(|reach| reach.url.clone());
        let finding = verdict::score_finding(artefact, marks.reasons).map(Box::new);
        Outcome { end: End::Beside, archive: false, bytes: 0, finding, clean: None, problems: marks.problems }
    }

    fn examine(&mut self, at: usize, stopping: &dyn Fn() -> bool) -> Option<Outcome> {
        let mut artefact = self.job.survey.artefact(at, self.job.plan);
        tracing::debug!(path = %artefact.path, "examining");
        let size = artefact.entry.size;
        let large = self.large;
        let _one_at_a_time = if size > surveyed::LARGE { Some(large.take(stopping)?) } else { None };
        let content = match self.job.evidence.open(&self.job.survey.opens(&artefact.path)) {
            Ok(content) => content,
            Err(_) if stopping() => return None,
            Err(error) => {
                artefact.examined = Examined::MetadataOnly;
                return Some(self.unreadable(at, artefact, &error));
            }
        };
        artefact.entry.times.changed = artefact.entry.times.changed.or(content.changed);
        artefact.entry.inode = artefact.entry.inode.or(content.inode);
        let holes = content.holes;
        let read = match self.reader.read(content, self.job.settings.interrupted) {
            Ok(read) => read,
            Err(_) if stopping() => return None,
            Err(error) => {
                // What came before the error is looked at: a bad sector must not hide the rest of a page.
                artefact.examined = Examined::UpTo(self.reader.pieces().map(|(_, piece)| piece.len() as u64).sum());
                return Some(self.unreadable(at, artefact, &error));
            }
        };
        artefact.hashes = read.hashes.clone();
        artefact.examined = read.examined;
        let bytes = read.bytes;
        let mut problems = Vec::new();
        if bytes + holes != size {
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
        let (streams, stream_problems) = self.streams(&mut artefact);
        problems.extend(stream_problems);
        let plain = artefact.entry.kind == EntryKind::File && streams.is_empty();
        let cleared = (allowed || stock) && !hostile;
        if plain && cleared {
            let clean = self.tell_clean.then(|| Box::new(artefact));
            return Some(Outcome { end: End::KnownGood, archive: false, bytes, finding: None, clean, problems });
        }
        if let Examined::Ends(each) = artefact.examined {
            let message = match holes {
                0 => format!("hashed completely; only the first and last {} MiB were scanned", each >> 20),
                _ => format!(
                    "{holes} of its {size} bytes are holes and were skipped, so it was not hashed; of the rest at \
                     most the first and last {} MiB were scanned",
                    each >> 20
                ),
            };
            problems.push(Problem::at(ProblemKind::PartlyExamined, &artefact.path, message));
        }

        let begin = self.reader.pieces().next().map_or(&[][..], |(_, piece)| piece);
        let container = Kind::of(&artefact.entry.name, begin);
        if let Some(container) = container.filter(|container| container.holds == Holds::Disk) {
            let message = format!("{}: its content was not examined; mount it read-only and scan that", container.name);
            problems.push(Problem::at(ProblemKind::ImageNotOpened, &artefact.path, message));
        }
        let archive = container.is_some_and(|container| container.holds == Holds::Files);
        // An application that a Java server runs out of its archive is code that is served.
        let application = ["war", "ear"].contains(&crate::model::server_path::extension(&artefact.entry.name).as_str());
        if archive && application && artefact.place.role == Role::WebRoot {
            let message =
                "an application served from an archive: its content was not examined; unpack it and scan that";
            problems.push(Problem::at(ProblemKind::PartlyExamined, &artefact.path, message));
        }

        let taken = included::taken(&artefact, begin, &self.finder);
        problems.extend(taken.problems);
        let mut marks = ScanResults { problems, ..ScanResults::default() };
        if !cleared {
            for (start, piece) in self.reader.pieces() {
                let joined = if start == 0 { &taken.pieces[..] } else { &[] };
                look(&mut self.detectors, &artefact, piece, start, joined, &mut marks);
            }
            included::leave_out(&taken.known, &mut marks.reasons);
        } else {
            self.detectors.look(&artefact, &ScanContext::new(&[]), &mut marks);
        }
        marks.reasons.extend(streams);
        let ScanResults { mut reasons, problems, signed } = marks;
        reasons.extend(self.job.plan.noted.get(&artefact.path).into_iter().flatten().cloned());
        artefact.signed = signed;
        let end = if artefact.examined == Examined::Whole { End::Examined } else { End::Partly };
        if reasons.is_empty() {
            let clean = self.tell_clean.then(|| Box::new(artefact));
            return Some(Outcome { end, archive, bytes, finding: None, clean, problems });
        }
        self.reader.complete(&mut artefact.hashes);
        reasons.extend(self.place(at, &mut artefact));
        let finding = verdict::score_finding(artefact, reasons).map(Box::new);
        Some(Outcome { end, archive, bytes, finding, clean: None, problems })
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

    /// Says how the web server reaches a file or, of what ASP.NET left of a page, reached that page; and through which link.
    fn place(&self, at: usize, artefact: &mut Artefact) -> Option<Reason> {
        artefact.place.reach = self.reacher.reach(&artefact.path);
        let named = self.job.survey.named(at);
        if let Some(named) = &named {
            let known: Vec<String> = artefact.place.reach.iter().map(|reach| reach.url.clone()).collect();
            let more = self.reacher.reach(named).into_iter().filter(|reach| !known.contains(&reach.url));
            artefact.place.reach.extend(more);
        }
        let page = artefact.compiled.as_ref().map(|page| page.virtual_path.clone());
        artefact.place.url = artefact.place.reach.first().map(|reach| reach.url.clone()).or(page);
        named.filter(|named| *named != artefact.path).map(|named| {
            let title = format!("a link leads here: the server also sees it as {named}");
            Reason::new(&location::REACHED_THROUGH_LINK, 0, title, Vec::new())
        })
    }

    /// A file whose content could not be had, or not to its end: its name, its place and what was read are judged all the
    /// same, and that the system's antivirus forbids to open it is a reason by itself.
    fn unreadable(&mut self, at: usize, mut artefact: Artefact, error: &std::io::Error) -> Outcome {
        let kind = classify(error);
        let mut message = error.to_string();
        if kind == ProblemKind::FileLocked {
            let modified = artefact.entry.times.modified.map_or(String::new(), |time| format!(", modified {time}"));
            message.push_str(&format!("; {} bytes{modified}", artefact.entry.size));
        }
        let problem = Problem::at(kind, &artefact.path, message.clone());
        let mut marks = ScanResults { problems: vec![problem], ..ScanResults::default() };
        if kind == ProblemKind::FileBlocked {
            let title = format!("the system's antivirus blocks access to the file: {message}");
            let check = &BLOCKED_BY_ANTIVIRUS;
            marks.reasons.push(Reason::new(check, check.score, title, Vec::new()));
        }
        if artefact.examined == Examined::MetadataOnly {
            self.detectors.look(&artefact, &ScanContext::new(&[]), &mut marks);
        } else {
            for (start, piece) in self.reader.pieces() {
                look(&mut self.detectors, &artefact, piece, start, &[], &mut marks);
            }
        }
        let behind = self.place(at, &mut artefact);
        marks.reasons.extend(behind.filter(|_| !marks.reasons.is_empty()));
        let finding = verdict::score_finding(artefact, marks.reasons).map(Box::new);
        Outcome { end: End::Failed, archive: false, bytes: 0, finding, clean: None, problems: marks.problems }
    }
}

/// Decodes a piece of a file and lets the detectors look. Every encoding is tried on what IIS may run: files that are named
/// like server code, and texts with a mark of it. A page that is hidden in any other file does not run there.
fn look(
    detectors: &mut DetectorSet<'_>,
    artefact: &Artefact,
    piece: &[u8],
    start: u64,
    joined: &[Joined],
    marks: &mut ScanResults,
) {
    let look = |views: decode::Views<'_>, detectors: &mut DetectorSet<'_>, marks: &mut ScanResults| {
        if !views.limits_reached.is_empty() {
            let bounds: Vec<String> = views.limits_reached.iter().map(ToString::to_string).collect();
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
        detectors.look(artefact, &ScanContext::new(&views.views), marks);
    };
    if !kind::is_web(&artefact.entry.name) {
        let quick = decode::views(piece, start, Effort::Quick);
        let sight = ScanContext::new(&quick.views);
        if sight.begins_as_program() && programs::is_worth_reading(piece) {
            drop(sight);
            return look(decode::views(piece, start, Effort::Program), detectors, marks);
        }
        let name = &artefact.entry.name;
        let page = || !joined.is_empty() || sight.may_be_a_page(name);
        if quick.limits_reached.is_empty() && (sight.is_program(name) || !page()) {
            detectors.look(artefact, &sight, marks);
            return;
        }
        if sight.is_program(name) {
            drop(sight);
            return look(quick, detectors, marks);
        }
    }
    look(decode::views_with(piece, start, Effort::Thorough, joined), detectors, marks);
}
