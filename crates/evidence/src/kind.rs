//! What a kind of evidence is: how it is recognised, and what opens it. The kinds themselves are listed in `container`.

use super::image::Image;
use super::{Evidence, Overlay};
use crate::model::{Problem, ServerPath};
use std::io;
use std::path::Path;

/// What a kind of evidence holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Volumes, with all that lies on them.
    Disk,
    /// Files.
    Files,
}

/// A kind of evidence: how it is recognised, what it is called, what opens it.
pub struct Kind {
    /// The stable name.
    pub id: &'static str,
    /// What a person calls it, with its article.
    pub name: &'static str,
    /// What lies in it.
    pub holds: Holds,
    /// How its content can be scanned where this program does not open it; `FILE` stands for its path.
    pub advice: &'static str,
    pub(super) detect: Detect,
    /// Opens it: there is no other way from a target to its content.
    pub open: fn(&Candidate<'_>) -> Result<Opened, Unopened>,
}

/// A volume of a server that lies inside a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// Its drive letter.
    pub letter: char,
    /// Where it lies.
    pub path: ServerPath,
    /// The folder of the server it belongs to: a collection can be of several.
    pub host: ServerPath,
}

/// How a kind is recognised.
pub(super) enum Detect {
    /// By how a file begins, or by its name where the format has no mark there.
    Magic(fn(&Head<'_>) -> bool),
    /// By what lies in a folder: the volumes that were collected there.
    Layout(fn(&Layout<'_>) -> Vec<Collected>),
    /// Any folder.
    Folder,
}

/// Something that was given as a target.
pub struct Candidate<'c> {
    /// What it is.
    pub kind: &'static Kind,
    /// Where it lies on the analysis machine.
    pub path: &'c Path,
    /// What its root is called on the examined server.
    pub shown_as: ServerPath,
    /// The volumes that were collected in it.
    pub volumes: Vec<Collected>,
}

impl<'c> Candidate<'c> {
    /// One in which no volumes were found.
    pub fn of(kind: &'static Kind, path: &'c Path, shown_as: &ServerPath) -> Self {
        Self { kind, path, shown_as: shown_as.clone(), volumes: Vec::new() }
    }
}

/// A folder, for kinds that are recognised by what lies in it.
pub struct Layout<'l> {
    /// The evidence it lies in.
    pub evidence: &'l dyn Evidence,
    /// The folder.
    pub folder: &'l ServerPath,
    /// Whether it is the volume of a server, or an installation, by what is in the folder itself.
    pub is_server: bool,
    /// The installations that lie anywhere in it.
    pub installations: &'l dyn Fn() -> Vec<ServerPath>,
}

/// What a target gives when it is opened.
pub enum Opened {
    /// Files, under the name that was asked for.
    Files(Box<dyn Evidence>),
    /// Volumes of a server, under names of their own.
    Volumes(Overlay),
    /// Disk images. Their volumes get their drive letters together with those of the other images of a run: [`crate::drives::join`].
    Images {
        /// The images; at least one.
        images: Vec<Image>,
        /// What to know of the archive that they lie in, a line each.
        notices: Vec<String>,
        /// What is wrong with that archive, and which images of it are not opened.
        problems: Vec<Problem>,
    },
}

/// Why a source was not opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// The system does not give it.
    #[error(transparent)]
    Failed(#[from] io::Error),
    /// It is recognised, and not opened by this program; says what to do instead.
    #[error("{0}")]
    Refused(String),
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &str) -> String {
    if cfg!(windows) { format!("\"{path}\"") } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// The first bytes of a file and, for formats that have no mark of their own there, the extension of its name.
pub(super) struct Head<'h> {
    pub(super) bytes: &'h [u8],
    pub(super) extension: &'h str,
}

/// How much of a file is needed to recognise it: the magic of an ISO 9660 volume is behind sixteen sectors.
pub(super) const HEAD: usize = 34 << 10;

/// With what the packages of documents, libraries and programs begin that are zip files by their form alone (OPC, ODF, JAR, NuGet).
const PACKAGES: &[&[u8]] =
    &[b"[Content_Types].xml", b"_rels/", b"mimetype", b"META-INF/", b"docProps/", b"word/", b"xl/", b"ppt/"];

impl Kind {
    /// Whether it is a file that holds volumes.
    pub fn is_image(&self) -> bool {
        self.holds == Holds::Disk && matches!(self.detect, Detect::Magic(_))
    }

    /// Whether logs are read out of it as it is.
    pub fn may_hold_logs(&self) -> bool {
        matches!(self.id, "gzip" | "zip")
    }

    /// Why the one at `path` is not opened, with what to do instead.
    pub(super) fn refused(&self, path: &Path, why: &str) -> Unopened {
        let advice = self.advice_for(&quoted(&path.display().to_string()));
        Unopened::Refused(format!("{} is {} and cannot be opened ({why}); {advice}", path.display(), self.name))
    }

    /// What to do with the one at `file`, as one would type its path.
    pub fn advice_for(&self, file: &str) -> String {
        let verb = match self.holds {
            Holds::Disk => "mount its volume read-only and scan that",
            Holds::Files => "unpack or mount it and scan the folder",
        };
        format!("{verb}: {}", self.advice.replace("FILE", file))
    }
}

impl Head<'_> {
    pub(super) fn at(&self, offset: usize, magic: &[u8]) -> bool {
        self.bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic))
    }

    pub(super) fn has(&self, text: &[u8]) -> bool {
        memchr::memmem::find(self.bytes, text).is_some()
    }

    pub(super) fn is_zip(&self) -> bool {
        self.at(0, b"PK\x03\x04")
    }

    /// Whether the first member of a zip file is one that packages begin with.
    pub(super) fn is_package(&self) -> bool {
        PACKAGES.iter().any(|name| self.at(30, name))
    }

    /// A sector that a machine could start from: the mark at its end, and a jump or nothing in front.
    pub(super) fn is_boot_sector(&self) -> bool {
        self.at(510, b"\x55\xaa") && matches!(self.bytes.first(), Some(0xeb | 0xe9 | 0))
    }

    /// A partition table that could be one: each entry is active or not, one of them says where something lies, and none lies in
    /// the table itself. The four entries are at 446, sixteen bytes each.
    pub(super) fn is_partitioned(&self) -> bool {
        let Some(table) = self.bytes.get(446..510).filter(|_| self.at(510, b"\x55\xaa")) else { return false };
        let number =
            |entry: &[u8], at: usize| entry[at..at + 4].iter().rev().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
        let mut used = 0;
        for entry in table.chunks_exact(16) {
            match (entry[0], entry[4]) {
                (_, 0) if entry.iter().all(|byte| *byte == 0) => {}
                (0 | 0x80, 1..) if number(entry, 8) > 0 && number(entry, 12) > 0 => used += 1,
                _ => return false,
            }
        }
        used > 0
    }

    /// Whether it begins like a text in UTF-8 or a code page. A sector that was overwritten with one byte is none.
    pub(super) fn is_text(&self) -> bool {
        let begin = &self.bytes[..self.bytes.len().min(512)];
        let ascii = begin.iter().filter(|byte| byte.is_ascii()).count();
        ascii > begin.len() / 8 && begin.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
    }

    pub(super) fn is_disk(&self) -> bool {
        self.is_partitioned() || self.at(512, b"EFI PART") || self.is_boot_sector()
    }
}
