//! Alternate data streams of web files. An include, a handler or a script can read `page.txt:code` like any file, and
//! no listing shows it.

use super::worker::{Worker, look};
use crate::detect::ScanResults;
use crate::detect::location::checks as location;
use crate::evidence::{Content, Stream, classify};
use crate::model::{Artefact, Examined, Location, Problem, ProblemKind, Reason, ReasonKind, Role};
use std::io::Read;

/// How many streams of one file are read, and how much of each. Code has kilobytes.
pub(super) const MOST: usize = 64;
const LARGEST: u64 = 8 << 20;
/// The lowest score of the reasons of a stream: there is no legitimate purpose for code in one.
const LOWEST_SCORE: u8 = 75;

/// The streams that Windows, browsers and other systems attach, as they begin when folded: where a file came from, its icon, what
/// Office, macOS and servers of files keep beside it. Their content is read all the same.
const OF_THE_SYSTEM: &[&str] = &[
    "zone.identifier",
    "smartscreen",
    "favicon",
    "encryptable",
    "afp_",
    "com.apple.",
    "com.dropbox.",
    "summaryinformation",
    "\u{5}summaryinformation",
    "\u{5}documentsummaryinformation",
    "{4c8cc155-6c1e-11d1-8e41-00c04fb9386d}",
    "oecustomproperty",
    "xdg.",
    "dosattrib",
    "mime_type",
    "ms-properties",
    "win32app",
    "$",
    "fork.",
    "baloo.",
];

impl Worker<'_> {
    /// The reasons from the streams of a file of a site or of Exchange, one per stream. Code and executables are reported as what
    /// they are; others only if they are of no known kind.
    pub(super) fn streams(&mut self, artefact: &mut Artefact) -> (Vec<Reason>, Vec<Problem>) {
        let (mut reasons, mut problems) = (Vec::new(), Vec::new());
        if !matches!(artefact.place.role, Role::Exchange | Role::WebRoot | Role::DropFolder | Role::Unknown) {
            return (reasons, problems);
        }
        let path = self.job.survey.opens(&artefact.path);
        let streams = match self.job.evidence.streams(&path) {
            Ok(streams) => streams,
            Err(error) => {
                let message = format!("its alternate data streams could not be listed: {error}");
                problems.push(Problem::at(classify(&error), &artefact.path, message));
                return (reasons, problems);
            }
        };
        if let Some(more) = streams.len().checked_sub(MOST).filter(|more| *more > 0) {
            let message = format!("{more} alternate data streams above the limit were not read");
            problems.push(Problem::at(ProblemKind::PartiallyExamined, &artefact.path, message));
        }
        if !streams.is_empty() {
            artefact.entry.ntfs.get_or_insert_default().streams = streams.iter().take(MOST).cloned().collect();
        }
        for stream in streams.iter().take(MOST) {
            match self.stream(artefact, &path, stream, &mut problems) {
                Ok(reason) => reasons.extend(reason),
                Err(error) => {
                    let message = format!("its alternate data stream \"{}\" could not be read: {error}", stream.name);
                    problems.push(Problem::at(classify(&error), &artefact.path, message));
                }
            }
        }
        (reasons, problems)
    }

    fn stream(
        &mut self,
        artefact: &Artefact,
        path: &crate::model::ServerPath,
        stream: &Stream,
        problems: &mut Vec<Problem>,
    ) -> std::io::Result<Option<Reason>> {
        let content = self.job.evidence.open_stream(path, &stream.name)?;
        self.stream_content(artefact, stream, content, problems)
    }

    /// What the content of a stream shows.
    pub(super) fn stream_content(
        &mut self,
        artefact: &Artefact,
        stream: &Stream,
        content: Content,
        problems: &mut Vec<Problem>,
    ) -> std::io::Result<Option<Reason>> {
        let mut bytes = Vec::new();
        if let Err(error) = content.reader.take(LARGEST + 1).read_to_end(&mut bytes) {
            // What came before it, and behind it as zeros, is scanned as it is of a file.
            if bytes.is_empty() {
                return Err(error);
            }
            let message = format!("its alternate data stream \"{}\" could not be read: {error}", stream.name);
            problems.push(Problem::at(classify(&error), &artefact.path, message));
        }
        if bytes.len() as u64 > LARGEST {
            bytes.truncate(LARGEST as usize);
            let message = format!(
                "its alternate data stream \"{}\" has {} bytes, of which the first {} MiB were scanned",
                stream.name,
                stream.size,
                LARGEST >> 20
            );
            problems.push(Problem::at(ProblemKind::PartiallyExamined, &artefact.path, message));
        }
        // As a file of the stream's name: what is called `.aspx` is read as a page, what is not by its content.
        let mut own = artefact.clone();
        own.entry.name.clone_from(&stream.name);
        own.entry.size = bytes.len() as u64;
        own.entry.kind = crate::model::EntryKind::File;
        own.place.relative = format!("{}:{}", artefact.place.relative, crate::model::server_path::fold(&stream.name));
        (own.examined, own.comparison, own.neighbours) = (Examined::Whole, None, None);
        let mut results = ScanResults::default();
        look(&mut self.detectors, &own, &bytes, 0, &[], &mut results);
        problems.extend(results.problems);
        results.reasons.retain(|reason| reason.kind != ReasonKind::Timestamp);
        let strongest = results.reasons.iter().max_by_key(|reason| reason.score);
        let name = &stream.name;
        let is_program = bytes.starts_with(b"MZ");
        let (score, title, proof) = match strongest {
            Some(reason) if reason.score >= 20 => (
                reason.score.max(LOWEST_SCORE),
                format!("code in its alternate data stream \"{name}\": {}", reason.title),
                reason.locations.clone(),
            ),
            _ if is_program => {
                (LOWEST_SCORE, format!("an executable in its alternate data stream \"{name}\""), Vec::new())
            }
            _ if is_of_the_system(name) || bytes.is_empty() => return Ok(None),
            _ => (
                20,
                format!("an alternate data stream \"{name}\" of {} bytes, of unknown type", stream.size),
                Vec::new(),
            ),
        };
        let locations = proof.into_iter().map(|proof| Location { line: None, ..proof }).collect();
        Ok(Some(Reason::new(&location::ALTERNATE_DATA_STREAM, score, title, locations)))
    }
}

fn is_of_the_system(name: &str) -> bool {
    let name = crate::model::server_path::fold(name);
    OF_THE_SYSTEM.iter().any(|known| name.starts_with(known))
}
