//! Files that no listing shows, where the source knows of them: deleted files, files of shadow copies, files that no folder leads to, what is
//! left in the slack of records, in the indexes of folders and in `$LogFile`. They are examined like files and are no files of the
//! survey: nothing resolves to them.

use super::Worker;
use super::journal::Journal;
use super::recycle_bins;
use super::streams;
use super::worker::{End, Outcome, look};
use crate::detect::{ScanContext, ScanResults};
use crate::evidence::{Evidence, classify};
use crate::model::place::kind;
use crate::model::{
    Artefact, CheckInfo, DeletedFile, Examined, FoundIn, Hashes, InShadow, Location, Problem, ProblemKind, Reason,
    Remains, Role, ServerPath, ShadowCopy, Since, Timestamp,
};
use crate::targets::{Area, Plan};
use crate::verdict;
use std::collections::{HashMap, HashSet};
use std::io;

pub(super) const DELETED_FILE: CheckInfo = CheckInfo {
    id: "deleted/file",
    title: "the file was deleted",
    score: 0,
    looks_for: "Deleted files of web folders whose record is still in the MFT.",
    why: "Intruders remove their pages when they are done. States how much of the content is left; adds nothing to a score.",
    benign_look_alikes: "Updates replace pages, and delete the old ones.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

pub(super) const RECORD_SLACK: CheckInfo = CheckInfo {
    id: "deleted/record_slack",
    title: "remains in the slack of an MFT record",
    score: 0,
    looks_for: "Bytes behind the last attribute of the MFT record of a page.",
    why: "A small file is stored in its record; what it contained before it was replaced can be left there.",
    benign_look_alikes: "Every record that was used before has slack.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

pub(super) const SHADOW_DELETED: CheckInfo = CheckInfo {
    id: "deleted/file_in_shadow_copy",
    title: "the file was deleted or moved after a shadow copy was created",
    score: 0,
    looks_for: "Files of web folders in a shadow copy of the volume whose path has no file today (--shadow).",
    why: "Intruders remove their pages when they are done; a shadow copy still has them whole. Adds nothing to a score.",
    benign_look_alikes: "Updates replace pages, and delete the old ones.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

pub(super) const EARLIER_VERSION: CheckInfo = CheckInfo {
    id: "deleted/earlier_version",
    title: "an earlier version of the file, in a shadow copy",
    score: 0,
    looks_for: "Files of web folders in a shadow copy of the volume whose content or times are others today (--shadow).",
    why: "Intruders add their code to pages of the server and take it out again, or set the times of what they wrote. Adds nothing to \
          a score.",
    benign_look_alikes: "Updates and administrators change pages.",
    attack: &["T1070"],
    ..CheckInfo::EMPTY
};

pub(super) const ORPHANED: CheckInfo = CheckInfo {
    id: "deleted/orphaned",
    title: "no folder leads to the file",
    score: 0,
    looks_for: "Files in use of which the MFT record of a folder above them is damaged or in use by another file.",
    why: "No listing shows such a file, though all of its content is there. States where it was found; adds nothing to a score.",
    benign_look_alikes: "A damaged volume.",
    attack: &["T1564"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_FILE: CheckInfo = CheckInfo {
    id: "deleted/log_file_content",
    title: "content that was once written into an MFT record, by $LogFile",
    score: 0,
    looks_for: "Content of small pages in the file system's own journal ($LogFile) that no MFT record holds any more.",
    why: "A small file is stored in its record, and $LogFile has what was written there: the page before it was replaced or deleted.",
    benign_look_alikes: "Every volume in use has some.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

pub(super) const NAME_ONLY: CheckInfo = CheckInfo {
    id: "deleted/name_only",
    title: "server code of which only the name is left",
    score: 20,
    looks_for: "Names of server code that only the index of a web folder or $LogFile still holds: they are neither in an MFT record \
                nor in the change journal.",
    why: "Intruders remove their pages when they are done. The name, its times and its size are what is left.",
    benign_look_alikes: "Updates and deployments replace pages; editors write a temporary page and rename it.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

/// How many deleted files are examined. The record of a deleted file is the first that is used anew, so there are thousands.
const MOST: usize = 50_000;
/// The score of a deleted page of which nothing else is known.
const NOT_JUDGED: u8 = 5;
/// How many files of shadow copies are examined: an update changes thousands.
const MOST_IN_COPIES: usize = 50_000;
/// How much of one is read.
const LARGEST: u64 = 64 << 20;

/// A file that no listing has, with its place in the plan.
pub(super) type Remembered = (DeletedFile, Artefact);

/// The deleted files of the plan's areas: every file of web folders, elsewhere those that are named like server code.
pub(super) fn files(evidence: &dyn Evidence, plan: &Plan, problems: &mut Vec<Problem>) -> Vec<Remembered> {
    let mut files = Vec::new();
    let mut omitted = 0_u64;
    let wanted = |path: &ServerPath| is_wanted(plan, path);
    let mut add = |file: DeletedFile| {
        // Remains of a record, an index or a journal matter for server code only.
        let is_whole_file = matches!(file.found_in, FoundIn::Record | FoundIn::Orphan);
        if !is_whole_file && !kind::is_server_code(file.path.name()) {
            return;
        }
        if files.len() == MOST {
            omitted += 1;
            return;
        }
        files.push(placed(plan, file));
    };
    // Files in use come first: the bound is not for them.
    if let Err(error) = evidence.remnants(&wanted, &mut add) {
        let message = format!("the journal of the file system ($LogFile) could not be read: {error}");
        problems.push(Problem::general(ProblemKind::LogDamaged, message));
    }
    evidence.deleted(&wanted, &mut add);
    if omitted > 0 {
        let message = format!("{omitted} deleted files above the limit were not examined");
        problems.push(Problem::general(ProblemKind::PartiallyExamined, message));
    }
    files
}

/// Leaves out names of which the change journal or a record knows more, and the second of two structures that hold the same name.
pub(super) fn leave_out_known(files: &mut Vec<Remembered>, journal: &Journal) {
    let is_whole = |file: &DeletedFile| matches!(file.found_in, FoundIn::Record | FoundIn::ShadowCopy);
    let of_records = files.iter().map(|(file, _)| file).filter(|file| is_whole(file)).map(|file| &file.path);
    let known = journal.vanished.iter().map(|(artefact, _)| &artefact.path).chain(of_records);
    let mut seen: HashSet<String> = known.map(ServerPath::folded).collect();
    files.retain(|(file, _)| !file.is_name_only() || !journal.knows(file) && seen.insert(file.path.folded()));
}

fn is_wanted(plan: &Plan, path: &ServerPath) -> bool {
    let in_web_folder = |area: &Area| area.every_file && matches!(area.role, Role::WebRoot | Role::Exchange);
    kind::is_web(path.name()) || plan.area_of(path).is_some_and(in_web_folder)
}

fn placed(plan: &Plan, file: DeletedFile) -> Remembered {
    let (role, base) = match plan.area_of(&file.path) {
        Some(area) => (area.role, area.base.clone()),
        None => (Role::Unknown, file.path.parent().unwrap_or_else(|| file.path.clone())),
    };
    let place = plan.place(&file.path, role, &base);
    let artefact = Artefact::new(file.path.clone(), file.entry.clone(), place);
    (file, artefact)
}

/// By what a file of one copy is that of another: path, record, use of the record, size, times.
type Version = (ServerPath, u64, Option<u16>, u64, [Option<Timestamp>; 3]);

fn version(file: &DeletedFile) -> Version {
    let times = &file.entry.times;
    let sequence = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.sequence);
    (file.path.clone(), file.record, sequence, file.entry.size, [times.created, times.modified, times.changed])
}

/// What differs in shadow copies from the volumes as they are: the same files as of [`files`], each version once, with the newest copy
/// that has it.
pub(super) fn in_shadow_copies(
    evidence: &dyn Evidence,
    plan: &Plan,
    copies: &[ShadowCopy],
    problems: &mut Vec<Problem>,
) -> Vec<Remembered> {
    let mut files: Vec<Remembered> = Vec::new();
    let mut known: HashMap<Version, usize> = HashMap::new();
    let mut omitted = 0_u64;
    let mut newest_first: Vec<&ShadowCopy> = copies.iter().collect();
    newest_first.sort_by_key(|copy| std::cmp::Reverse((copy.created, copy.number)));
    for copy in newest_first {
        let read = evidence.in_shadow_copy(copy, &|path| is_wanted(plan, path), &mut |file| {
            let version = version(&file);
            if let Some((_, artefact)) = known.get(&version).and_then(|at| files.get_mut(*at)) {
                let shadow = artefact.entry.ntfs.as_mut().and_then(|ntfs| ntfs.shadow.as_mut());
                shadow.into_iter().for_each(|shadow| shadow.also_in.push(copy.number));
            } else if files.len() == MOST_IN_COPIES {
                omitted += 1;
            } else {
                known.insert(version, files.len());
                files.push(placed(plan, file));
            }
        });
        match read {
            Ok(found) => problems.extend(found),
            Err(error) => {
                let message = format!("the {} was not examined: {error}", copy.in_words());
                problems.push(Problem::at(ProblemKind::ImageNotOpened, &copy.volume, message));
            }
        }
    }
    if omitted > 0 {
        let message = format!("{omitted} files of shadow copies above the limit were not examined");
        problems.push(Problem::general(ProblemKind::PartiallyExamined, message));
    }
    files
}

impl Worker<'_> {
    /// Examines what is left of a deleted file, or a file of a shadow copy. That of a deleted file not all is left is no gap: the
    /// finding says so.
    pub(super) fn deleted(
        &mut self,
        file: &DeletedFile,
        artefact: &Artefact,
        stopping: &dyn Fn() -> bool,
    ) -> Option<Outcome> {
        let mut artefact = artefact.clone();
        let shadow = artefact.entry.ntfs.as_ref().and_then(|ntfs| ntfs.shadow.clone());
        let remains = match (&shadow, &artefact.entry.ntfs) {
            (Some(_), _) => Remains::Whole,
            _ if file.found_in == FoundIn::Orphan => Remains::Whole,
            (None, ntfs) => ntfs.as_ref().and_then(|ntfs| ntfs.remains).unwrap_or(Remains::Unknown),
        };
        let mut results = ScanResults::default();
        let (mut bytes, mut cleared) = (0, false);
        let mut unread = None;
        let read = match file.is_name_only() {
            true => Err(io::ErrorKind::NotFound.into()),
            false => self.read_deleted(file),
        };
        match read {
            Err(_) | Ok(Err(_)) if stopping() => return None,
            Ok(hashes) if remains != Remains::Overwritten => {
                bytes = self.reader.pieces().map(|(_, piece)| piece.len() as u64).sum();
                artefact.examined = if hashes.is_ok() { Examined::Whole } else { Examined::UpTo(bytes) };
                match hashes {
                    Ok(hashes) => artefact.hashes = hashes,
                    Err(error) => unread = Some(error),
                }
                cleared = self.is_known_good(&mut artefact);
                if !cleared {
                    if artefact.examined == Examined::Whole {
                        self.reader.complete(&mut artefact.hashes);
                    }
                    for (start, piece) in self.reader.pieces() {
                        look(&mut self.detectors, &artefact, piece, start, &[], &mut results);
                    }
                }
            }
            read => {
                unread = read.err();
                artefact.examined = Examined::MetadataOnly;
                self.detectors.look(&artefact, &ScanContext::new(&[]), &mut results);
            }
        }
        if let Some(error) = unread {
            results.problems.push(Problem::at(classify(&error), &artefact.path, error.to_string()));
        }
        self.streams_of_deleted(file, &artefact, &mut results);
        match &shadow {
            Some(shadow) => results.problems.iter_mut().for_each(|problem| {
                problem.message = format!("{}: {}", shadow.in_words(), problem.message);
            }),
            // A file in use that is not read is a gap.
            None if file.found_in == FoundIn::Orphan => {}
            // What is wrong with the remains of a page is no problem of the server's.
            None => results.problems.clear(),
        }
        // Of a file that is known good its streams alone are reported.
        if cleared && results.reasons.is_empty() {
            return Some(Outcome { bytes, problems: results.problems, ..NOTHING_FOUND });
        }
        results.reasons.extend(reason(file, remains, shadow.as_deref(), !results.reasons.is_empty()));
        results.reasons.extend(recycle_bins::reason(&artefact).filter(|_| !results.reasons.is_empty()));
        let finding = verdict::score_finding(artefact, results.reasons).map(Box::new);
        Some(Outcome { bytes, finding, problems: results.problems, ..NOTHING_FOUND })
    }

    /// Whether a file that was read whole is known good. What it is today is compared with the baseline, not what it was: how it compares
    /// is not reported.
    fn is_known_good(&mut self, artefact: &mut Artefact) -> bool {
        let is_known = artefact.examined == Examined::Whole && self.is_cleared(artefact);
        artefact.comparison = None;
        is_known
    }

    fn streams_of_deleted(&mut self, file: &DeletedFile, artefact: &Artefact, results: &mut ScanResults) {
        let streams = artefact.entry.ntfs.as_ref().map(|ntfs| ntfs.streams.clone()).unwrap_or_default();
        if let Some(more) = streams.len().checked_sub(streams::MOST).filter(|more| *more > 0) {
            let message = format!("{more} alternate data streams above the limit were not read");
            results.problems.push(Problem::at(ProblemKind::PartiallyExamined, &artefact.path, message));
        }
        for stream in streams.iter().take(streams::MOST) {
            let content = self.job.evidence.open_deleted(file, Some(&stream.name));
            let reason =
                content.and_then(|content| self.stream_content(artefact, stream, content, &mut results.problems));
            match reason {
                Ok(reason) => results.reasons.extend(reason),
                Err(error) => {
                    let message = format!("its alternate data stream \"{}\" could not be read: {error}", stream.name);
                    results.problems.push(Problem::at(classify(&error), &artefact.path, message));
                }
            }
        }
    }

    /// Reads it. The inner error: it was opened, and parts of it are not there any more.
    fn read_deleted(&mut self, file: &DeletedFile) -> io::Result<io::Result<Hashes>> {
        let content = self.job.evidence.open_deleted(file, None)?;
        if content.size > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 64 MiB and was not read"));
        }
        Ok(self.reader.read(content, self.job.settings.interrupted).map(|read| read.hashes))
    }
}

const NOTHING_FOUND: Outcome =
    Outcome { end: End::Beside, archive: false, bytes: 0, finding: None, clean: None, problems: Vec::new() };

/// Where the file was found; `None` where there is nothing to report.
fn reason(file: &DeletedFile, remains: Remains, shadow: Option<&InShadow>, has_others: bool) -> Option<Reason> {
    if let Some(shadow) = shadow {
        let check = match shadow.since {
            Since::Deleted | Since::Moved => &SHADOW_DELETED,
            Since::Changed | Since::TimesChanged => &EARLIER_VERSION,
        };
        return has_others.then(|| Reason::new(check, check.score, shadow.in_words(), Vec::<Location>::new()));
    }
    let number = file.record;
    let is_code = kind::is_server_code(file.path.name());
    let (check, title) = match &file.found_in {
        // That of a shadow copy says so itself.
        FoundIn::Record | FoundIn::ShadowCopy => {
            (&DELETED_FILE, format!("the file was deleted (MFT record {number}); {}", left(remains)))
        }
        FoundIn::Orphan => (&ORPHANED, format!("no folder leads to the file (MFT record {number}), which is in use")),
        FoundIn::Slack => (
            &RECORD_SLACK,
            format!(
                "found in the slack of MFT record {number}: what the record contained before, not the present file"
            ),
        ),
        FoundIn::LogFile { content: Some(_) } => (
            &LOG_FILE,
            format!("found in $LogFile: what was once written into MFT record {number}, not its present content"),
        ),
        FoundIn::LogFile { content: None } => {
            (&NAME_ONLY, "server code that no longer exists, of which only $LogFile has the name".to_owned())
        }
        FoundIn::FolderIndex { in_use: false } => (
            &NAME_ONLY,
            "server code that no longer exists, of which only the index of its folder has the name".to_owned(),
        ),
        FoundIn::FolderIndex { in_use: true } => {
            (&NAME_ONLY, "server code that the index of its folder lists and of which no MFT record is left".to_owned())
        }
    };
    // What can no longer be judged is reported, at a level that is not shown by default.
    let score = match file.found_in {
        _ if file.is_name_only() => check.score,
        FoundIn::Record if !has_others && is_code && remains != Remains::Whole => NOT_JUDGED,
        _ => check.score,
    };
    (has_others || score > 0).then(|| Reason::new(check, score, title, Vec::<Location>::new()))
}

fn left(remains: Remains) -> &'static str {
    match remains {
        Remains::Whole => "all of its content is left",
        Remains::Partial => "part of its content is left, the rest was overwritten",
        Remains::Overwritten => "its content was overwritten",
        Remains::Unknown => "whether its content is its own is not known",
    }
}
