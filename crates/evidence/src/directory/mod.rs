//! Folders: a live drive, the root of a mounted image, a plain copy.

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;
mod reparse;
#[cfg(target_os = "linux")]
mod sparse;

pub use reparse::{REPARSE_POINT, unread};

use super::kind::{Detect, Kind as EvidenceKind, Opened as OpenedKind};
use super::overlay::NOT_PROVIDED;
use super::{Content, Evidence, Holds, Listed, Stream};
use crate::model::server_path::{escape_name, unescape_name};
use crate::model::{Attributes, Entry, EntryKind, ServerPath, Source, Times, Timestamp};
use crate::watch::{self, Question, Reads, What};
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder of this machine.
pub(super) const KIND: EvidenceKind = EvidenceKind {
    id: "directory",
    name: "a folder of this machine: a live drive, a mounted image, a copy",
    holds: Holds::Files,
    advice: "",
    detect: Detect::Folder,
    open: |candidate| {
        let directory = Directory::open(candidate.path, candidate.shown_as.clone())?;
        Ok(OpenedKind::Files(Box::new(directory)))
    },
};

/// A folder of the analysis machine under the name that the examined server has for it.
pub struct Directory {
    shown_as: ServerPath,
    folder: PathBuf,
    /// The same as the user named it, for links whose target is spelled that way.
    named: PathBuf,
    /// Other file systems that are mounted inside it.
    inside: Vec<PathBuf>,
    offers: Offers,
}

/// What a file system can vouch for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offers {
    /// In words, for the report.
    kind: String,
    created: Created,
    /// Whether its change and access times are those of the evidence.
    changed_and_accessed: bool,
    /// Whether its inode numbers are those of the evidence.
    inode: bool,
    /// Whether reading moves access times here, as far as the system decides it.
    moves_access_times: bool,
    /// Whether alternate data streams are seen, and if not or not all, why.
    streams: Option<&'static str>,
}

/// Where a creation time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Created {
    /// The birth time of the file's metadata.
    Metadata,
    /// The extended attribute `system.ntfs_crtime` of ntfs-3g.
    Ntfs3g,
    /// Nowhere: a birth time would be that of the copy.
    No,
}

impl Directory {
    /// Opens a folder under the name `shown_as`. A link to a folder is followed here, and only here: the user named it. Errors
    /// if it cannot be reached.
    pub fn open(folder: &Path, shown_as: ServerPath) -> io::Result<Self> {
        watch::ask(What::Stat, &shown_as.clone(), || {
            let named = std::path::absolute(folder)?;
            let folder = folder.canonicalize()?;
            let offers = platform::offers(&folder);
            let inside = platform::mounted_inside(&folder);
            Ok(Self { shown_as, folder, named, inside, offers })
        })
    }

    /// What its root is called on the examined server.
    pub(super) fn root(&self) -> &ServerPath {
        &self.shown_as
    }

    /// The path on this machine.
    fn find(&self, path: &ServerPath) -> io::Result<PathBuf> {
        // To the letter: paths of the evidence carry the names that listings gave, and two folders of a Linux machine may differ
        // only in case.
        let Some(rest) = path.below_exactly(&self.shown_as) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, NOT_PROVIDED));
        };
        let mut local_path = self.folder.clone();
        for name in rest.split(path.separator()).filter(|name| !name.is_empty()) {
            local_path.push(unescape_name(name));
        }
        Ok(platform::verbatim(local_path))
    }

    /// Whether a relative path from this folder leads above the root of its volume.
    fn climbs_out(&self, folder: &ServerPath, path: &Path) -> bool {
        let mut depth = folder.names().count();
        for component in path.components() {
            match component {
                Component::ParentDir if depth == 0 => return true,
                Component::ParentDir => depth -= 1,
                Component::Normal(_) => depth += 1,
                _ => {}
            }
        }
        false
    }
}

impl Evidence for Directory {
    fn sources(&self) -> Vec<Source> {
        vec![source(self)]
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let local_path = self.find(folder)?;
        let question = Question::ask(What::List, folder)?;
        let mut names = 0;
        platform::list(&local_path, &mut |name, is_file, metadata| {
            names += 1;
            question.answered(names)?;
            let name = escape_name(name);
            if is_file && !wanted(&name) {
                each(Listed::NameOnly);
                return Ok(());
            }
            match metadata() {
                Ok(facts) => {
                    let local_path = || local_path.join(unescape_name(&name));
                    each(Listed::Entry(entry(&local_path, name.clone(), facts, &self.offers)));
                }
                Err(error) => each(Listed::Failed(name, error)),
            }
            Ok(())
        })
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let local_path = self.find(path)?;
        let facts = watch::ask(What::Stat, path, || platform::facts(&local_path))?;
        Ok(entry(&|| local_path.clone(), path.name().to_owned(), facts, &self.offers))
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        let local_path = self.find(file)?;
        let (opened, metadata) = watch::ask(What::Open, file, || {
            let opened = platform::open(&local_path)?;
            let metadata = opened.file.metadata()?;
            Ok((opened, metadata))
        })?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no longer a regular file"));
        }
        let inode = opened.inode.filter(|_| self.offers.inode);
        #[cfg(target_os = "linux")]
        if let Some((data, holes, size)) =
            sparse::data(&opened.file, metadata.len(), std::os::unix::fs::MetadataExt::blocks(&metadata))
        {
            let reader = Box::new(Reads::of(data, file));
            return Ok(Content { reader, size, changed: opened.changed, inode, holes });
        }
        let reader = Box::new(Reads::of(opened.file, file));
        Ok(Content { reader, size: metadata.len(), changed: opened.changed, inode, holes: 0 })
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let folder = self.folder.display();
        if self.offers.moves_access_times {
            remarks.push(format!(
                "{folder} is writable: reading it can update access times of folders, links and, on some file \
                 systems, files; nothing else changes. To preserve them, mount it read-only: mount -o remount,ro \
                 {folder}"
            ));
        }
        for inside in &self.inside {
            remarks.push(format!("{} is mounted inside the target and is examined as part of it", inside.display()));
        }
        remarks
    }

    fn locate(&self, folder: &ServerPath, target: &str) -> Option<ServerPath> {
        match platform::drive_of_volume(target) {
            Some(drive) => ServerPath::from_windows(&drive),
            None => self.holds(&self.local_target(folder, target)?),
        }
    }

    fn local_target(&self, folder: &ServerPath, target: &str) -> Option<PathBuf> {
        // A relative one is only looked at where it leads out of its volume.
        let path = Path::new(target);
        if platform::drive_of_volume(target).is_some() || !path.has_root() && !self.climbs_out(folder, path) {
            return None;
        }
        Some(normal(&self.find(folder).ok()?.join(path)))
    }

    fn holds(&self, local_path: &Path) -> Option<ServerPath> {
        let below = [&self.folder, &self.named].into_iter().filter_map(|root| local_path.strip_prefix(root).ok());
        let below = below.min_by_key(|below| below.as_os_str().len())?;
        let names = below.components().map(|component| escape_name(component.as_os_str()));
        Some(names.fold(self.shown_as.clone(), |path, name| path.join(&name)))
    }

    fn knows_short_names(&self) -> bool {
        cfg!(windows) || self.offers.created == Created::Ntfs3g
    }

    fn short_name(&self, path: &ServerPath) -> Option<String> {
        let local_path = self.find(path).ok()?;
        (self.offers.created == Created::Ntfs3g).then(|| platform::short_name(&local_path)).flatten()
    }

    fn streams(&self, path: &ServerPath) -> io::Result<Vec<Stream>> {
        let local_path = self.find(path)?;
        watch::ask(What::Stat, path, || platform::streams(&local_path))
    }

    fn open_stream(&self, path: &ServerPath, name: &str) -> io::Result<Content> {
        let local_path = self.find(path)?;
        let content = watch::ask(What::Open, path, || platform::open_stream(&local_path, &unescape_name(name)))?;
        Ok(Content { reader: Box::new(Reads::of(content.reader, path)), ..content })
    }
}

/// A path without `.` and `..`, by text alone.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            component => out.push(component),
        }
    }
    out
}

fn source(directory: &Directory) -> Source {
    let offers = &directory.offers;
    let mut gives = vec!["modified"];
    let mut own = Vec::new();
    if offers.created == Created::No {
        own.push("created");
    } else {
        gives.insert(0, "created");
    }
    if offers.changed_and_accessed {
        gives.extend(["changed", "accessed"]);
    } else {
        own.extend(["changed", "accessed"]);
    }
    let mut lacks = Vec::new();
    if !own.is_empty() {
        lacks.push(format!("the other times are the copy's ({})", own.join(", ")));
    }
    lacks.push("no $FILE_NAME times".to_owned());
    lacks.extend(offers.streams.map(str::to_owned));
    Source {
        analysis_path: directory.folder.to_string_lossy().into_owned(),
        shown_as: directory.shown_as.clone(),
        kind: offers.kind.clone(),
        gives,
        lacks,
    }
}

/// What the system says of one name.
struct Facts {
    kind: Kind,
    size: u64,
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
    accessed: Option<Timestamp>,
    changed: Option<Timestamp>,
    inode: Option<u64>,
    /// FILE_ATTRIBUTE_* bits, where they come with the rest.
    attributes: Attributes,
}

/// What a name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Link,
    /// Deduplicated, compressed by a filter, or a placeholder for something remote: no link, yet not the plain content.
    #[cfg_attr(unix, expect(dead_code, reason = "ntfs-3g and ntfs3 show reparse points as symbolic links"))]
    Reparse,
    Other(&'static str),
}

/// `local_path` gives the path on this machine, which is only needed for what the facts do not hold.
fn entry(local_path: &dyn Fn() -> PathBuf, name: String, facts: Facts, offers: &Offers) -> Entry {
    let kind = match facts.kind {
        Kind::Reparse => EntryKind::Other(REPARSE_POINT),
        // This moves the access time of the link itself on a volume that can be written to; a link that nobody reads could
        // lead anywhere.
        Kind::Link => link(&local_path()),
        Kind::Folder => EntryKind::Folder,
        Kind::File => EntryKind::File,
        Kind::Other(what) => EntryKind::Other(what),
    };
    let created = match offers.created {
        Created::Metadata => facts.created,
        Created::Ntfs3g => platform::ntfs3g_created(&local_path()),
        Created::No => None,
    };
    let own = offers.changed_and_accessed;
    let times = Times {
        created,
        modified: facts.modified,
        accessed: facts.accessed.filter(|_| own),
        changed: facts.changed.filter(|_| own),
    };
    let attributes = if cfg!(windows) { facts.attributes } else { platform::attributes(local_path, offers) };
    Entry { name, kind, size: facts.size, times, inode: facts.inode.filter(|_| offers.inode), attributes, ntfs: None }
}

/// A symbolic link, and what a mount shows as one that is none.
fn link(local_path: &Path) -> EntryKind {
    let target = std::fs::read_link(local_path).ok().map(|target| target.to_string_lossy().into_owned());
    // Without a target the tag itself says what it is.
    let filtered = match &target {
        Some(target) => reparse::of_target(target),
        None => platform::reparse_tag(local_path).and_then(reparse::of_tag),
    };
    match filtered {
        Some(what) => EntryKind::Other(what),
        None => EntryKind::Link { target },
    }
}

/// Takes a name of a listing, whether it is a regular file, and a way to ask for the rest.
type Each<'e> = &'e mut dyn FnMut(&OsStr, bool, &dyn Fn() -> io::Result<Facts>) -> io::Result<()>;

/// An opened file with the facts from its handle.
struct Opened {
    file: std::fs::File,
    changed: Option<crate::model::Timestamp>,
    inode: Option<u64>,
}
