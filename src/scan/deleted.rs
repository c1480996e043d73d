//! Files that were deleted, what is left in the slack of records, and files of shadow copies, where the source knows of them. They are
//! examined like files and are no files of the survey: nothing resolves to them.

use super::Worker;
use super::worker::{End, Outcome, look};
use crate::detect::{ScanContext, ScanResults};
use crate::evidence::{Evidence, classify};
use crate::model::place::kind;
use crate::model::{
    Artefact, CheckInfo, DeletedFile, Examined, Hashes, InShadow, Location, Problem, ProblemKind, Reason, Remains,
    Role, ServerPath, ShadowCopy, Since, Timestamp,
};
use crate::targets::{Area, Plan};
use crate::verdict;
use std::collections::HashMap;
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
    evidence.deleted(&|path| is_wanted(plan, path), &mut |file| {
        // The slack of what is no code is none.
        if file.is_slack && !kind::is_server_code(file.path.name()) {
            return;
        }
        if files.len() == MOST {
            omitted += 1;
            return;
        }
        files.push(placed(plan, file));
    });
    if omitted > 0 {
        let message = format!("{omitted} deleted files above the limit were not examined");
        problems.push(Problem::general(ProblemKind::PartlyExamined, message));
    }
    files
}

fn is_wanted(plan: &Plan, path: &ServerPath) -> bool {
    let in_web_folder = |area: &Area| area.every_file && matches!(area.role, Role::WebRoot | Role::Exchange);
    kind::is_web(path.name()) || area(plan, path).is_some_and(in_web_folder)
}

fn placed(plan: &Plan, file: DeletedFile) -> Remembered {
    let (role, base) = match area(plan, &file.path) {
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
        problems.push(Problem::general(ProblemKind::PartlyExamined, message));
    }
    files
}

/// The innermost area that a path is in.
fn area<'p>(plan: &'p Plan, path: &ServerPath) -> Option<&'p Area> {
    let around = plan.areas.iter().filter(|area| path.below(&area.path).is_some());
    around.max_by_key(|area| area.path.as_str().len())
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
            (None, ntfs) => ntfs.as_ref().and_then(|ntfs| ntfs.remains).unwrap_or(Remains::Unknown),
        };
        let mut results = ScanResults::default();
        let mut bytes = 0;
        let mut unread = None;
        match self.read_deleted(file) {
            Err(_) | Ok(Err(_)) if stopping() => return None,
            Ok(hashes) if remains != Remains::Overwritten => {
                bytes = self.reader.pieces().map(|(_, piece)| piece.len() as u64).sum();
                artefact.examined = if hashes.is_ok() { Examined::Whole } else { Examined::UpTo(bytes) };
                match hashes {
                    Ok(hashes) => artefact.hashes = hashes,
                    Err(error) => unread = Some(error),
                }
                if shadow.is_some() && self.is_known_good(&mut artefact) {
                    return Some(Outcome { bytes, ..NOTHING_FOUND });
                }
                if artefact.examined == Examined::Whole {
                    self.reader.complete(&mut artefact.hashes);
                }
                for (start, piece) in self.reader.pieces() {
                    look(&mut self.detectors, &artefact, piece, start, &[], &mut results);
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
            // What is wrong with the remains of a page is no problem of the server's.
            None => results.problems.clear(),
        }
        // What can no longer be judged is reported, at a level that is not shown by default.
        let is_unknown = !file.is_slack && remains != Remains::Whole && kind::is_server_code(file.path.name());
        if !results.reasons.is_empty() || is_unknown {
            let reason = reason(file, remains, shadow.as_deref());
            let score = if results.reasons.is_empty() { NOT_JUDGED } else { reason.score };
            results.reasons.push(Reason { score, ..reason });
        }
        let finding = verdict::score_finding(artefact, results.reasons).map(Box::new);
        Some(Outcome { bytes, finding, problems: results.problems, ..NOTHING_FOUND })
    }

    /// Whether a file that was read whole is known good. What it is today is compared with the baseline, not what it was.
    fn is_known_good(&mut self, artefact: &mut Artefact) -> bool {
        let is_known = artefact.examined == Examined::Whole && self.is_cleared(artefact);
        artefact.comparison = None;
        is_known
    }

    fn streams_of_deleted(&mut self, file: &DeletedFile, artefact: &Artefact, results: &mut ScanResults) {
        let streams = artefact.entry.ntfs.as_ref().map(|ntfs| ntfs.streams.clone()).unwrap_or_default();
        for stream in &streams {
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

fn reason(file: &DeletedFile, remains: Remains, shadow: Option<&InShadow>) -> Reason {
    let number = file.record;
    if let Some(shadow) = shadow {
        let check = match shadow.since {
            Since::Deleted | Since::Moved => &SHADOW_DELETED,
            Since::Changed | Since::TimesChanged => &EARLIER_VERSION,
        };
        return Reason::new(check, check.score, shadow.in_words(), Vec::<Location>::new());
    }
    if file.is_slack {
        let title = format!(
            "found in the slack of MFT record {number}: what the record contained before, not the present file"
        );
        return Reason::new(&RECORD_SLACK, RECORD_SLACK.score, title, Vec::<Location>::new());
    }
    let left = match remains {
        Remains::Whole => "all of its content is left",
        Remains::Partial => "part of its content is left, the rest was overwritten",
        Remains::Overwritten => "its content was overwritten",
        Remains::Unknown => "whether its content is its own is not known",
    };
    let title = format!("the file was deleted (MFT record {number}); {left}");
    Reason::new(&DELETED_FILE, DELETED_FILE.score, title, Vec::<Location>::new())
}
