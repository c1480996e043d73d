//! Looks at one file and says what is wrong with it: one detector a file, each entered in [`DETECTORS`].

pub mod baseline;
pub mod behaviour;
pub mod compiled;
pub mod config;
pub mod indicators;
pub mod known_hash;
pub mod placement;
pub mod publisher;
pub mod signatures;
pub mod timestamps;

use crate::catalogue::{HashList, StockNames};
use crate::code::page::{ServerCode, may_be_a_page, server_code};
use crate::decode::View;
use crate::model::place::kind;
use crate::model::{Artefact, Location, LocationRole, Problem, ProblemKind, Reason, Signed, Window};
use signatures::Signatures;
use std::cell::OnceCell;
use std::ops::Range;
use std::time::Duration;

/// What detectors know in advance; one for all workers.
pub struct Knowledge {
    /// Compiled rules, where the signature detector runs.
    pub signatures: Option<Signatures>,
    /// Hashes of hostile files.
    pub hostile: HashList,
    /// Whether every file needs every digest that `hostile` lists, since the user gave a list; else server code and programs.
    pub every_digest: bool,
    /// Names of stock Exchange pages.
    pub stock_names: StockNames,
    /// The span of time that the user asked about.
    pub window: Option<Window>,
    /// How long the rules may take for one view of one file.
    pub timeout: Duration,
}

/// What detectors say about one file.
#[derive(Debug, Default)]
pub struct ScanResults {
    /// Why it is suspicious.
    pub reasons: Vec<Reason>,
    /// What could not be finished.
    pub problems: Vec<Problem>,
    /// The known publisher that has signed it.
    pub signed: Option<Signed>,
}

/// What detectors look at: the views of a piece of a file, the stored bytes first, and what several of them ask of it.
pub struct ScanContext<'s, 'v> {
    /// The views.
    pub views: &'s [View<'v>],
    code: OnceCell<Vec<Option<ServerCode>>>,
}

impl<'s, 'v> ScanContext<'s, 'v> {
    /// Of these views.
    pub fn new(views: &'s [View<'v>]) -> Self {
        Self { views, code: OnceCell::new() }
    }

    /// The surest mark of server code in each view, searched for once.
    pub fn server_code(&self) -> &[Option<ServerCode>] {
        // A program that is written as a page for the reader is no page.
        let mark = |view: &View<'_>| server_code(&view.bytes).filter(|_| !view.is_program_code());
        self.code.get_or_init(|| self.views.iter().map(mark).collect())
    }

    /// Whether any view can be a page under this name.
    pub fn may_be_a_page(&self, name: &str) -> bool {
        self.server_code().iter().any(|code| may_be_a_page(name, *code))
    }

    /// Whether the stored bytes begin as a Windows program does.
    pub fn begins_as_program(&self) -> bool {
        self.views.first().is_some_and(|view| view.bytes.starts_with(b"MZ"))
    }

    /// Whether the stored bytes are a Windows program that is no page by its name, nor by what it holds. Two letters in front
    /// of a page make no program, and what IIS runs by its name it runs whatever it begins with.
    pub fn is_program(&self, name: &str) -> bool {
        let is_one = self.begins_as_program()
            && self.views.first().is_some_and(|view| has_program_header(&view.bytes))
            && !kind::is_web(name);
        is_one && (kind::is_program(name) || !self.may_be_a_page(name))
    }
}

/// Whether the header that `MZ` opens leads to the header of a program of Windows (Microsoft, "PE Format": the field `e_lfanew`),
/// or to one of the kinds before it.
fn has_program_header(bytes: &[u8]) -> bool {
    let field = bytes.get(0x3C..0x40).and_then(|field| field.try_into().ok()).map(u32::from_le_bytes);
    let header = field.and_then(|at| bytes.get(at as usize..));
    header.is_some_and(|header| [&b"PE\0\0"[..], b"NE", b"LE", b"LX"].iter().any(|mark| header.starts_with(mark)))
}

/// A detector at work; each worker has its own.
pub trait Detect {
    /// Looks at a file, or a piece of one.
    fn look(&mut self, artefact: &Artefact, sight: &ScanContext<'_, '_>, marks: &mut ScanResults);
}

/// A detector that can be chosen.
pub struct Detector {
    /// What `--detectors` and `--without` call it.
    pub id: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// Makes one for a worker.
    pub build: for<'k> fn(&'k Knowledge) -> Box<dyn Detect + 'k>,
}

/// Every detector, in the order they look. Times come behind the others: a window raises what those said something about; and
/// last whether a known publisher vouches for it.
pub const DETECTORS: &[Detector] = &[
    known_hash::DETECTOR,
    signatures::DETECTOR,
    behaviour::DETECTOR,
    placement::DETECTOR,
    baseline::DETECTOR,
    indicators::DETECTOR,
    compiled::DETECTOR,
    config::DETECTOR,
    timestamps::DETECTOR,
    publisher::DETECTOR,
];

/// The detectors of one worker.
pub struct DetectorSet<'k> {
    detectors: Vec<Box<dyn Detect + 'k>>,
}

impl<'k> DetectorSet<'k> {
    /// Those of `ids`.
    pub fn new(knowledge: &'k Knowledge, ids: &[&str]) -> Self {
        let chosen = DETECTORS.iter().filter(|detector| ids.contains(&detector.id));
        Self { detectors: chosen.map(|detector| (detector.build)(knowledge)).collect() }
    }

    /// Lets every detector look.
    pub fn look(&mut self, artefact: &Artefact, sight: &ScanContext<'_, '_>, marks: &mut ScanResults) {
        for detector in &mut self.detectors {
            detector.look(artefact, sight, marks);
        }
    }
}

/// A piece of a view as proof, with at most `longest` bytes of its text.
fn piece(view: &View<'_>, range: Range<usize>, longest: usize, role: Option<LocationRole>) -> Location {
    let stored = view.stored_range(range.start, range.end);
    Location {
        offset: stored.start,
        length: stored.end - stored.start,
        encodings: view.encodings.clone(),
        line: Some(view.line(range.start)),
        excerpt: view.excerpt(range.start, range.end, longest),
        role,
    }
}

/// A problem of a detector with a file.
fn stopped(artefact: &Artefact, message: String) -> Problem {
    Problem::at(ProblemKind::DetectorStopped, &artefact.path, message)
}

#[cfg(test)]
pub(crate) mod test_support {
    use super::*;
    use crate::model::{Attributes, Entry, EntryKind, Examined, Hashes, Place, Role, ServerPath, Times};

    /// An artefact of this name at this place, 100 bytes large.
    pub(crate) fn artefact(name: &str, role: Role, relative: &str) -> Artefact {
        Artefact {
            path: ServerPath::drive('C').join(name),
            entry: Entry {
                name: name.to_owned(),
                kind: EntryKind::File,
                size: 100,
                times: Times::default(),
                inode: None,
                ntfs: None,
                attributes: Attributes::default(),
            },
            place: Place { role, relative: relative.to_owned(), stock_known: true, url: None, reach: Vec::new() },
            neighbours: None,
            hashes: Hashes::default(),
            examined: Examined::Whole,
            comparison: None,
            compiled: None,
            loaded_as: Vec::new(),
            signed: None,
        }
    }

    /// An artefact at a path in which `|` stands between the area's root and the rest.
    pub(crate) fn artefact_at(role: Role, path: &str) -> Artefact {
        let (root, relative) = path.split_once('|').expect("a bar between root and rest");
        let root = ServerPath::from_windows(root).expect("absolute");
        let path = relative.split('\\').fold(root, |path, name| path.join(name));
        let mut file = artefact(path.name(), role, &crate::model::server_path::fold(relative));
        file.path = path;
        file
    }

    /// What one detector says of these bytes.
    pub(crate) fn marks(detector: &Detector, knowledge: &Knowledge, artefact: &Artefact, bytes: &[u8]) -> ScanResults {
        let mut marks = ScanResults::default();
        let views = crate::decode::views(bytes, 0, crate::decode::Effort::Thorough).views;
        (detector.build)(knowledge).look(artefact, &ScanContext::new(&views), &mut marks);
        marks
    }

    /// No rules, no hashes.
    pub(crate) fn knowledge() -> Knowledge {
        Knowledge {
            signatures: None,
            hostile: HashList::default(),
            every_digest: false,
            stock_names: crate::catalogue::stock_names(),
            window: None,
            timeout: Duration::from_secs(10),
        }
    }
}
