//! A worker: examines one file at a time, from opening it to its finding.

use super::surveyed::LARGE;
use super::{Digests, Job, Reader, included, programs, recycle_bins};
use crate::decode::{self, Effort, Joined};
use crate::detect::location::checks as location;
use crate::detect::{DetectorSet, ScanContext, ScanResults};
use crate::evidence::{Holds, Kind, classify};
use crate::model::place::kind;
use crate::model::server_path::extension;
use crate::model::{
    Artefact, BaselineStatus, CheckInfo, DeletedFile, EntryKind, Examined, Finding, Problem, ProblemKind, Reason, Role,
    ServerPath, Times,
};
use crate::targets::UrlMap;
use crate::verdict;
use crate::watch::crew::Turn;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(super) const BLOCKED_BY_ANTIVIRUS: CheckInfo = CheckInfo {
    id: "access/blocked_by_antivirus",
    title: "the system's antivirus blocks access to the file",
    score: 60,
    looks_for: "Files whose opening the operating system refuses because of its antivirus.",
    why: "The antivirus has already classified the file as malicious.",
    benign_look_alikes: "False positives of the antivirus, test files.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

/// What is examined beside the files of the survey.
pub(super) struct Beside {
    pub(super) artefact: Artefact,
    /// The path by which it was reached.
    pub(super) named: ServerPath,
    pub(super) kind: BesideKind,
}

pub(super) enum BesideKind {
    /// A link in a web folder, whose name and place are all there is to see: what it leads to is surveyed by itself.
    Link,
    /// A folder with alternate data streams.
    Folder,
    /// A deleted file.
    Deleted(Box<DeletedFile>),
    /// A page that only the change journal records, and its history.
    Vanished(Vec<Reason>),
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Examined,
    KnownGood,
    Partially,
    Failed,
    /// A link or folder, which is no file of the survey.
    Beside,
}

/// What became of one file.
pub(super) struct Outcome {
    pub(super) end: End,
    /// Whether it is an archive, whose content was not examined.
    pub(super) archive: bool,
    pub(super) bytes: u64,
    pub(super) finding: Option<Box<Finding>>,
    pub(super) clean: Option<Box<Artefact>>,
    pub(super) problems: Vec<Problem>,
}

impl Outcome {
    pub(super) fn has_report(&self) -> bool {
        self.finding.is_some() || self.clean.is_some() || !self.problems.is_empty()
    }
}

pub(super) struct Worker<'w> {
    pub(super) job: Job<'w>,
    /// Held while a large file is in memory, so that there is one at a time whatever the number of threads.
    large: &'w Turn,
    url_map: &'w UrlMap<'w>,
    report_clean: bool,
    pub(super) reader: Reader,
    pub(super) detectors: DetectorSet<'w>,
    finder: included::Finder<'w>,
}

impl<'w> Worker<'w> {
    pub(super) fn new(job: Job<'w>, large: &'w Turn, url_map: &'w UrlMap<'w>, report_clean: bool) -> Self {
        let reader = Reader::new(job.settings.max_size);
        let detectors = DetectorSet::new(job.knowledge, job.settings.detectors);
        let finder = included::Finder::new(job.evidence, job.plan, url_map);
        Self { job, large, url_map, report_clean, reader, detectors, finder }
    }

    /// A panic while one file is examined is a problem of that file, not the end of the run. `None` if the run is to end.
    pub(super) fn safely(
        &mut self,
        path: &ServerPath,
        examine: impl FnOnce(&mut Self) -> Option<Outcome>,
    ) -> Option<Outcome> {
        match catch_unwind(AssertUnwindSafe(|| examine(self))) {
            Ok(outcome) => outcome,
            Err(_) => {
                // Whatever state the panic left behind is thrown away.
                self.reader = Reader::new(self.job.settings.max_size);
                self.detectors = DetectorSet::new(self.job.knowledge, self.job.settings.detectors);
                let message = "internal error while this file was examined; please report it";
                let problem = Problem::at(ProblemKind::DetectorAborted, path, message);
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

    /// Checks a link, the streams of a folder, or a deleted file. None of them counts as a file of the survey.
    pub(super) fn beside(&mut self, beside: &Beside, stopping: &dyn Fn() -> bool) -> Option<Outcome> {
        let mut artefact = beside.artefact.clone();
        let mut results = ScanResults::default();
        match &beside.kind {
            BesideKind::Link => self.detectors.look(&artefact, &ScanContext::new(&[]), &mut results),
            BesideKind::Folder => (results.reasons, results.problems) = self.streams(&mut artefact),
            BesideKind::Deleted(file) => return self.deleted(file, &artefact, stopping),
            BesideKind::Vanished(reasons) => {
                self.detectors.look(&artefact, &ScanContext::new(&[]), &mut results);
                results.reasons.extend(reasons.iter().cloned());
            }
        }
        artefact.place.reach = self.url_map.reach(&beside.named);
        artefact.place.url = artefact.place.reach.first().map(|reach| reach.url.clone());
        let finding = verdict::score_finding(artefact, results.reasons).map(Box::new);
        Some(Outcome { end: End::Beside, archive: false, bytes: 0, finding, clean: None, problems: results.problems })
    }

    /// A file with all its times, its record in the MFT and, of a recycle bin, with the place that it was deleted from.
    fn artefact(&self, at: usize) -> Artefact {
        let survey = self.job.survey;
        let mut artefact = survey.artefact(at, self.job.plan);
        if survey.is_asked_again(at)
            && let Ok(entry) = self.job.evidence.stat(&survey.opens(&artefact.path))
        {
            let Times { changed, accessed, .. } = entry.times;
            artefact.entry.times = Times { changed, accessed, ..artefact.entry.times };
            artefact.entry.ntfs = entry.ntfs;
        }
        survey.recycled.apply(&mut artefact, self.job.plan);
        artefact
    }

    pub(super) fn examine(&mut self, at: usize, stopping: &dyn Fn() -> bool) -> Option<Outcome> {
        let mut artefact = self.artefact(at);
        tracing::debug!(path = %artefact.path, "examining");
        let size = artefact.entry.size;
        let large = self.large;
        let _one_at_a_time = if size > LARGE { Some(large.take(stopping)?) } else { None };
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
                // What came before the error is scanned: a bad sector must not hide the rest of a page.
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
        let cleared = self.is_cleared(&mut artefact);
        let (streams, stream_problems) = self.streams(&mut artefact);
        problems.extend(stream_problems);
        let plain = artefact.entry.kind == EntryKind::File && streams.is_empty();
        if plain && cleared {
            let clean = self.report_clean.then(|| Box::new(artefact));
            return Some(Outcome { end: End::KnownGood, archive: false, bytes, finding: None, clean, problems });
        }
        problems.extend(truncated(&artefact, holes));
        let begin = self.reader.pieces().next().map_or(&[][..], |(_, piece)| piece);
        let container = Kind::of(&artefact.entry.name, begin);
        problems.extend(container.and_then(|container| unopened(&artefact, container)));
        let archive = container.is_some_and(|container| container.holds == Holds::Files);
        let ScanResults { mut reasons, problems, signed } = self.detect(&artefact, cleared, streams, problems);
        artefact.signed = signed;
        let end = if artefact.examined == Examined::Whole { End::Examined } else { End::Partially };
        if reasons.is_empty() {
            let clean = self.report_clean.then(|| Box::new(artefact));
            return Some(Outcome { end, archive, bytes, finding: None, clean, problems });
        }
        self.reader.complete(&mut artefact.hashes);
        reasons.extend(self.place(at, &mut artefact));
        let finding = verdict::score_finding(artefact, reasons).map(Box::new);
        Some(Outcome { end, archive, bytes, finding, clean: None, problems })
    }

    /// Compares the file with the baseline and the lists; whether it is known good. Adds the digests that the lists need.
    pub(super) fn is_cleared(&mut self, artefact: &mut Artefact) -> bool {
        artefact.comparison = self.job.baseline.and_then(|baseline| baseline.compare(artefact));
        let known_good = artefact.comparison.as_ref().is_some_and(|c| c.status == BaselineStatus::KnownGood);
        let digests = self.digests(artefact, known_good);
        self.reader.add(&mut artefact.hashes, digests);
        // A digest that can be made to collide clears nothing.
        let sha256 = artefact.hashes.sha256.as_deref();
        let allowed = sha256.is_some_and(|hash| self.job.settings.allowed.get(hash).is_some());
        // A list of malicious hashes overrides what clears a file, be it the baseline or a list.
        let malicious = artefact.hashes.all().any(|hash| self.job.knowledge.malicious.get(hash).is_some());
        (allowed || known_good) && !malicious
    }

    /// Runs the detectors over what was read of a file; over its name and location only if its content is known good.
    fn detect(
        &mut self,
        artefact: &Artefact,
        cleared: bool,
        streams: Vec<Reason>,
        mut problems: Vec<Problem>,
    ) -> ScanResults {
        let begin = self.reader.pieces().next().map_or(&[][..], |(_, piece)| piece);
        let taken = included::taken(artefact, begin, &self.finder);
        problems.extend(taken.problems);
        let mut results = ScanResults { problems, ..ScanResults::default() };
        if !cleared {
            for (start, piece) in self.reader.pieces() {
                let joined = if start == 0 { &taken.pieces[..] } else { &[] };
                look(&mut self.detectors, artefact, piece, start, joined, &mut results);
            }
            included::leave_out(&taken.known, &mut results.reasons);
        } else {
            self.detectors.look(artefact, &ScanContext::new(&[]), &mut results);
        }
        if !cleared {
            self.job.survey.journal.reasons(artefact, &mut results);
        }
        results.reasons.extend(streams);
        results.reasons.extend(self.job.plan.noted.get(&artefact.path).into_iter().flatten().cloned());
        results.reasons.extend(recycle_bins::reason(artefact).filter(|_| !results.reasons.is_empty()));
        results
    }

    /// The digests beside SHA-256 that are needed before the detectors run: for every file those in the user's lists; for
    /// server code, and SHA-1 for executables, those in the built-in list (its MD5 are of pages), unless it is known good.
    fn digests(&self, artefact: &Artefact, known_good: bool) -> Digests {
        let malicious = &self.job.knowledge.malicious;
        let name = &artefact.entry.name;
        let every = self.job.knowledge.every_digest;
        let code = !known_good && kind::is_server_code(name);
        let program = !known_good && kind::is_program(name);
        Digests {
            sha1: malicious.has_sha1() && (every || code || program),
            md5: malicious.has_md5() && (every || code),
        }
    }

    /// Adds the URLs by which the web server reaches a file or, for what ASP.NET left of a page, reached that page; and the link
    /// that leads to it, as a reason.
    fn place(&self, at: usize, artefact: &mut Artefact) -> Option<Reason> {
        artefact.place.reach = self.url_map.reach(&artefact.path);
        let named = self.job.survey.named(at);
        if let Some(named) = &named {
            let known: Vec<String> = artefact.place.reach.iter().map(|reach| reach.url.clone()).collect();
            let more = self.url_map.reach(named).into_iter().filter(|reach| !known.contains(&reach.url));
            artefact.place.reach.extend(more);
        }
        let page = artefact.compiled.as_ref().map(|page| page.virtual_path.clone());
        artefact.place.url = artefact.place.reach.first().map(|reach| reach.url.clone()).or(page);
        named.filter(|named| *named != artefact.path).map(|named| {
            let title = format!("a link leads here: the server also sees it as {named}");
            Reason::new(&location::REACHED_THROUGH_LINK, 0, title, Vec::new())
        })
    }

    /// A file whose content could not be read, or not to its end: its name, its location and what was read are checked
    /// anyway, and that the system's antivirus forbids to open it is a reason by itself.
    fn unreadable(&mut self, at: usize, mut artefact: Artefact, error: &std::io::Error) -> Outcome {
        let kind = classify(error);
        let mut message = error.to_string();
        if kind == ProblemKind::FileLocked {
            let modified = artefact.entry.times.modified.map_or(String::new(), |time| format!(", modified {time}"));
            message.push_str(&format!("; {} bytes{modified}", artefact.entry.size));
        }
        let problem = Problem::at(kind, &artefact.path, message.clone());
        let mut results = ScanResults { problems: vec![problem], ..ScanResults::default() };
        if kind == ProblemKind::FileBlocked {
            let title = format!("the system's antivirus blocks access to the file: {message}");
            let check = &BLOCKED_BY_ANTIVIRUS;
            results.reasons.push(Reason::new(check, check.score, title, Vec::new()));
        }
        if artefact.examined == Examined::MetadataOnly {
            self.detectors.look(&artefact, &ScanContext::new(&[]), &mut results);
        } else {
            for (start, piece) in self.reader.pieces() {
                look(&mut self.detectors, &artefact, piece, start, &[], &mut results);
            }
        }
        // Its streams may be readable all the same: that a file is encrypted hides no code in them.
        let path = self.job.survey.opens(&artefact.path);
        if self.job.evidence.streams(&path).is_ok_and(|streams| !streams.is_empty()) {
            let (reasons, problems) = self.streams(&mut artefact);
            results.reasons.extend(reasons);
            results.problems.extend(problems);
        }
        let behind = self.place(at, &mut artefact);
        results.reasons.extend(behind.filter(|_| !results.reasons.is_empty()));
        let finding = verdict::score_finding(artefact, results.reasons).map(Box::new);
        Outcome { end: End::Failed, archive: false, bytes: 0, finding, clean: None, problems: results.problems }
    }
}

/// The problem of a file of which only the ends were scanned. `holes` are its bytes that no disk holds.
fn truncated(artefact: &Artefact, holes: u64) -> Option<Problem> {
    let Examined::Ends(each) = artefact.examined else { return None };
    let message = match holes {
        0 => format!("hashed completely; only the first and last {} MiB were scanned", each >> 20),
        _ => format!(
            "{holes} of its {} bytes are holes and were skipped, so it was not hashed; of the rest at \
             most the first and last {} MiB were scanned",
            artefact.entry.size,
            each >> 20
        ),
    };
    Some(Problem::at(ProblemKind::PartiallyExamined, &artefact.path, message))
}

/// The problem of a disk image among the files, and of an application that a Java server runs out of its archive.
fn unopened(artefact: &Artefact, container: &Kind) -> Option<Problem> {
    if container.holds == Holds::Disk {
        let message = format!("{}: its content was not examined; mount it read-only and scan that", container.name);
        return Some(Problem::at(ProblemKind::ImageNotOpened, &artefact.path, message));
    }
    let application = ["war", "ear"].contains(&extension(&artefact.entry.name).as_str());
    (application && artefact.place.role == Role::WebRoot).then(|| {
        let message = "an application served from an archive: its content was not examined; unpack it and scan that";
        Problem::at(ProblemKind::PartiallyExamined, &artefact.path, message)
    })
}

/// Decodes a piece of a file and runs the detectors. Every encoding is tried on what IIS may run: files that are named like
/// server code, and text with a server-code marker. A page that is hidden in any other file does not run there.
pub(super) fn look(
    detectors: &mut DetectorSet<'_>,
    artefact: &Artefact,
    piece: &[u8],
    start: u64,
    joined: &[Joined],
    results: &mut ScanResults,
) {
    let look = |views: decode::Views<'_>, detectors: &mut DetectorSet<'_>, results: &mut ScanResults| {
        if !views.limits_reached.is_empty() {
            let bounds: Vec<String> = views.limits_reached.iter().map(ToString::to_string).collect();
            let problem = Problem::at(ProblemKind::DecodingTruncated, &artefact.path, bounds.join("; "));
            // One for a file, though its ends are decoded each by itself.
            match results.problems.iter_mut().find(|known| known.kind == problem.kind) {
                Some(known) if known.message != problem.message => known.message += &format!("; {}", problem.message),
                Some(_) => {}
                None => results.problems.push(problem),
            }
        }
        if let Some(why) = views.broken {
            results.problems.push(Problem::at(ProblemKind::ExecutableMalformed, &artefact.path, why));
        }
        detectors.look(artefact, &ScanContext::new(&views.views), results);
    };
    if !kind::is_web(&artefact.entry.name) {
        let quick = decode::views(piece, start, Effort::Quick);
        let context = ScanContext::new(&quick.views);
        if context.begins_as_program() && programs::is_worth_reading(piece) {
            drop(context);
            return look(decode::views(piece, start, Effort::Program), detectors, results);
        }
        let name = &artefact.entry.name;
        let page = || !joined.is_empty() || context.may_be_a_page(name);
        if quick.limits_reached.is_empty() && (context.is_program(name) || !page()) {
            detectors.look(artefact, &context, results);
            return;
        }
        if context.is_program(name) {
            drop(context);
            return look(quick, detectors, results);
        }
    }
    look(decode::views_with(piece, start, Effort::Thorough, joined), detectors, results);
}
