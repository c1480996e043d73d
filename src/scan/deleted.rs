//! Files that were deleted and what is left in the slack of records, where the source knows of them. They are examined like files and
//! are no files of the survey: nothing resolves to them.

use super::Worker;
use super::worker::{End, Outcome, look};
use crate::detect::{ScanContext, ScanResults};
use crate::evidence::Evidence;
use crate::model::place::kind;
use crate::model::{
    Artefact, CheckInfo, DeletedFile, Examined, Hashes, Location, Problem, ProblemKind, Reason, Remains, Role,
    ServerPath,
};
use crate::targets::{Area, Plan};
use crate::verdict;

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

/// How many deleted files are examined. The record of a deleted file is the first that is used anew, so there are thousands.
const MOST: usize = 50_000;
/// The score of a deleted page of which nothing else is known.
const NOT_JUDGED: u8 = 5;
/// How much of one is read.
const LARGEST: u64 = 64 << 20;

/// The deleted files of the plan's areas: every file of web folders, elsewhere those that are named like server code.
pub(super) fn files(evidence: &dyn Evidence, plan: &Plan, problems: &mut Vec<Problem>) -> Vec<(DeletedFile, Artefact)> {
    let mut files = Vec::new();
    let mut omitted = 0_u64;
    let wanted = |path: &ServerPath| {
        let is_code = kind::is_web(path.name());
        is_code
            || area(plan, path)
                .is_some_and(|area| area.every_file && matches!(area.role, Role::WebRoot | Role::Exchange))
    };
    evidence.deleted(&wanted, &mut |file| {
        // The slack of what is no code is none.
        if file.is_slack && !kind::is_server_code(file.path.name()) {
            return;
        }
        if files.len() == MOST {
            omitted += 1;
            return;
        }
        let (role, base) = match area(plan, &file.path) {
            Some(area) => (area.role, area.base.clone()),
            None => (Role::Unknown, file.path.parent().unwrap_or_else(|| file.path.clone())),
        };
        let place = plan.place(&file.path, role, &base);
        let artefact = Artefact::new(file.path.clone(), file.entry.clone(), place);
        files.push((file, artefact));
    });
    if omitted > 0 {
        let message = format!("{omitted} deleted files above the limit were not examined");
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
    /// Examines what is left of a deleted file. That it is not all is no gap: it says so.
    pub(super) fn deleted(
        &mut self,
        file: &DeletedFile,
        artefact: &Artefact,
        stopping: &dyn Fn() -> bool,
    ) -> Option<Outcome> {
        let mut artefact = artefact.clone();
        let remains = artefact.entry.ntfs.as_ref().and_then(|ntfs| ntfs.remains).unwrap_or(Remains::Unknown);
        let mut results = ScanResults::default();
        let mut bytes = 0;
        match self.read_deleted(file) {
            Err(_) if stopping() => return None,
            Ok(hashes) if remains != Remains::Overwritten => {
                bytes = self.reader.pieces().map(|(_, piece)| piece.len() as u64).sum();
                artefact.examined = if hashes.is_some() { Examined::Whole } else { Examined::UpTo(bytes) };
                if let Some(hashes) = hashes {
                    artefact.hashes = hashes;
                    self.reader.complete(&mut artefact.hashes);
                }
                for (start, piece) in self.reader.pieces() {
                    look(&mut self.detectors, &artefact, piece, start, &[], &mut results);
                }
            }
            _ => {
                artefact.examined = Examined::MetadataOnly;
                self.detectors.look(&artefact, &ScanContext::new(&[]), &mut results);
            }
        }
        let streams = artefact.entry.ntfs.as_ref().map(|ntfs| ntfs.streams.clone()).unwrap_or_default();
        for stream in &streams {
            let content = self.job.evidence.open_deleted(file, Some(&stream.name));
            let reason =
                content.and_then(|content| self.stream_content(&artefact, stream, content, &mut results.problems));
            results.reasons.extend(reason.ok().flatten());
        }
        // What is wrong with the remains of a page is no problem of the server's.
        results.problems.clear();
        // What can no longer be judged is reported, at a level that is not shown by default.
        let is_unknown = !file.is_slack && remains != Remains::Whole && kind::is_server_code(file.path.name());
        if !results.reasons.is_empty() || is_unknown {
            let reason = reason(file, remains);
            let score = if results.reasons.is_empty() { NOT_JUDGED } else { reason.score };
            results.reasons.push(Reason { score, ..reason });
        }
        let finding = verdict::score_finding(artefact, results.reasons).map(Box::new);
        Some(Outcome { end: End::Beside, archive: false, bytes, finding, clean: None, problems: results.problems })
    }

    /// Reads it. No digests where parts of it are not there any more.
    fn read_deleted(&mut self, file: &DeletedFile) -> std::io::Result<Option<Hashes>> {
        let content = self.job.evidence.open_deleted(file, None)?;
        if content.size > LARGEST {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        Ok(self.reader.read(content, self.job.settings.interrupted).ok().map(|read| read.hashes))
    }
}

fn reason(file: &DeletedFile, remains: Remains) -> Reason {
    let number = file.record;
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
