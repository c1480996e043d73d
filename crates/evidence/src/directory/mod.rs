//! Folders: a live drive, the root of a mounted image, a plain copy.

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;
#[cfg(target_os = "linux")]
mod sparse;

pub use platform::{drives, host_name, lower_priority, registry_text, system_drive};

use super::{Content, Evidence, Listed, Stream};
use crate::model::server_path::{escape_name, unescape_name};
use crate::model::{Attributes, Entry, EntryKind, ServerPath, Source, Times, Timestamp};
use crate::watch::{self, Question, Reads, What};
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Folders of the analysis machine under the names that the examined server has for them.
pub struct Directory {
    mounts: Vec<Mount>,
}

/// One folder and its name on the server.
struct Mount {
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
    /// No folders yet.
    #[must_use]
    pub fn new() -> Self {
        Self { mounts: Vec::new() }
    }

    /// Adds a folder, which is opened under the name `shown_as`. A link to a folder is followed here, and only here: the
    /// user named it. Errors if it cannot be reached.
    pub fn mount(&mut self, folder: &Path, shown_as: ServerPath) -> io::Result<()> {
        let mount = watch::ask(What::Stat, &shown_as.clone(), || {
            let named = std::path::absolute(folder)?;
            let folder = folder.canonicalize()?;
            let offers = platform::offers(&folder);
            let inside = platform::mounted_inside(&folder);
            Ok(Mount { shown_as, folder, named, inside, offers })
        })?;
        self.mounts.push(mount);
        // The longest name first, so that a volume joined below another is met before it.
        self.mounts.sort_by_key(|mount| std::cmp::Reverse(mount.shown_as.as_str().len()));
        Ok(())
    }

    /// What is to be known before anything is read, a line each: where reading moves access times, and what is walked
    /// although it is mounted from elsewhere.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        for mount in &self.mounts {
            let folder = mount.folder.display();
            if mount.offers.moves_access_times {
                notices.push(format!(
                    "{folder} can be written to: reading it can move access times of folders, links and, on some file \
                     systems, files; nothing else is changed. To keep them, mount it read-only: mount -o remount,ro {folder}"
                ));
            }
            for inside in &mount.inside {
                notices
                    .push(format!("{} is mounted inside the target and is examined as a part of it", inside.display()));
            }
        }
        notices
    }

    /// The path on this machine and the mount it lies in.
    fn find(&self, path: &ServerPath) -> io::Result<(PathBuf, &Mount)> {
        for mount in &self.mounts {
            // To the letter: paths of the evidence carry the names that listings gave, and two folders of a Linux machine
            // may differ only in case.
            if let Some(rest) = path.below_exactly(&mount.shown_as) {
                let mut local = mount.folder.clone();
                for name in rest.split(path.separator()).filter(|name| !name.is_empty()) {
                    local.push(unescape_name(name));
                }
                return Ok((platform::verbatim(local), mount));
            }
        }
        Err(io::Error::new(io::ErrorKind::NotFound, "on a volume that was not given"))
    }

    /// The name in the evidence of a path of this machine; `None` if it lies in none of the folders.
    pub fn name_of(&self, local: &Path) -> Option<ServerPath> {
        // The folder's links are resolved, as `mount` did; the file itself may be a link and stays one.
        let absolute = std::path::absolute(local).ok()?;
        let folder = absolute.parent()?.canonicalize().ok()?;
        let mount = self.mounts.iter().filter(|mount| folder.starts_with(&mount.folder));
        let mount = mount.max_by_key(|mount| mount.folder.as_os_str().len())?;
        let below = folder.strip_prefix(&mount.folder).ok()?;
        let names = below.components().map(|component| component.as_os_str()).chain(absolute.file_name());
        Some(names.fold(mount.shown_as.clone(), |path, name| path.join(&escape_name(name))))
    }
}

impl Default for Directory {
    fn default() -> Self {
        Self::new()
    }
}

impl Evidence for Directory {
    fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = self.mounts.iter().map(source).collect();
        sources.sort_by(|a, b| a.shown_as.cmp(&b.shown_as));
        sources
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        let (local, mount) = self.find(folder)?;
        let question = Question::ask(What::List, folder)?;
        let mut names = 0;
        platform::list(&local, &mut |name, is_file, metadata| {
            names += 1;
            question.answered(names)?;
            let name = escape_name(name);
            if is_file && !wanted(&name) {
                each(Listed::NameOnly);
                return Ok(());
            }
            match metadata() {
                Ok(facts) => {
                    let local = || local.join(unescape_name(&name));
                    each(Listed::Entry(entry(&local, name.clone(), facts, &mount.offers)));
                }
                Err(error) => each(Listed::Failed(name, error)),
            }
            Ok(())
        })
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let (local, mount) = self.find(path)?;
        let facts = watch::ask(What::Stat, path, || platform::facts(&local))?;
        Ok(entry(&|| local.clone(), path.name().to_owned(), facts, &mount.offers))
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        let (local, mount) = self.find(file)?;
        let (opened, metadata) = watch::ask(What::Open, file, || {
            let opened = platform::open(&local)?;
            let metadata = opened.file.metadata()?;
            Ok((opened, metadata))
        })?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file any more"));
        }
        let inode = opened.inode.filter(|_| mount.offers.inode);
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

    fn locate(&self, folder: &ServerPath, target: &str) -> Option<ServerPath> {
        if let Some(drive) = platform::drive_of_volume(target) {
            return ServerPath::from_windows(&drive);
        }
        // A relative one is only looked at where it leads out of its volume.
        let path = Path::new(target);
        if !path.has_root() && !self.climbs_out(folder, path) {
            return None;
        }
        let (here, _) = self.find(folder).ok()?;
        let full = normal(&here.join(path));
        let below = |mount: &Mount| {
            let roots = [&mount.folder, &mount.named].into_iter();
            roots
                .filter_map(|root| full.strip_prefix(root).ok().map(|below| (root.as_os_str().len(), below.to_owned())))
                .max()
        };
        let found =
            self.mounts.iter().filter_map(|mount| Some((below(mount)?, mount))).max_by_key(|((length, _), _)| *length);
        let ((_, below), mount) = found?;
        let names = below.components().map(|component| escape_name(component.as_os_str()));
        Some(names.fold(mount.shown_as.clone(), |path, name| path.join(&name)))
    }

    fn knows_short_names(&self) -> bool {
        cfg!(windows) || self.mounts.iter().any(|mount| mount.offers.created == Created::Ntfs3g)
    }

    fn short_name(&self, path: &ServerPath) -> Option<String> {
        let (local, mount) = self.find(path).ok()?;
        (mount.offers.created == Created::Ntfs3g).then(|| platform::short_name(&local)).flatten()
    }

    fn streams(&self, path: &ServerPath) -> io::Result<Vec<Stream>> {
        let (local, _) = self.find(path)?;
        watch::ask(What::Stat, path, || platform::streams(&local))
    }

    fn open_stream(&self, path: &ServerPath, name: &str) -> io::Result<Content> {
        let (local, _) = self.find(path)?;
        let content = watch::ask(What::Open, path, || platform::open_stream(&local, &unescape_name(name)))?;
        Ok(Content { reader: Box::new(Reads::of(content.reader, path)), ..content })
    }
}

impl Directory {
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

fn source(mount: &Mount) -> Source {
    let offers = &mount.offers;
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
        lacks.push(format!("not {}, which here are the copy's own", own.join(", ")));
    }
    lacks.push("no $FILE_NAME times".to_owned());
    lacks.extend(offers.streams.map(str::to_owned));
    Source {
        analysis_path: mount.folder.to_string_lossy().into_owned(),
        shown_as: mount.shown_as.clone(),
        kind: offers.kind.clone(),
        gives,
        lacks,
    }
}

/// What a file is called whose content some filter of the system would have to bring.
pub const REPARSE_POINT: &str = "reparse point";

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

/// `local` gives the path on this machine, which is only needed for what the facts do not hold.
fn entry(local: &dyn Fn() -> PathBuf, name: String, facts: Facts, offers: &Offers) -> Entry {
    let kind = match facts.kind {
        Kind::Reparse => EntryKind::Other(REPARSE_POINT),
        // This moves the access time of the link itself on a volume that can be written to; a link that nobody reads could
        // lead anywhere.
        Kind::Link => EntryKind::Link {
            target: std::fs::read_link(local()).ok().map(|target| target.to_string_lossy().into_owned()),
        },
        Kind::Folder => EntryKind::Folder,
        Kind::File => EntryKind::File,
        Kind::Other(what) => EntryKind::Other(what),
    };
    let created = match offers.created {
        Created::Metadata => facts.created,
        Created::Ntfs3g => platform::ntfs3g_created(&local()),
        Created::No => None,
    };
    let own = offers.changed_and_accessed;
    let times = Times {
        created,
        modified: facts.modified,
        accessed: facts.accessed.filter(|_| own),
        changed: facts.changed.filter(|_| own),
    };
    let attributes = if cfg!(windows) { facts.attributes } else { platform::attributes(local, offers) };
    Entry { name, kind, size: facts.size, times, inode: facts.inode.filter(|_| offers.inode), attributes }
}

/// Takes a name of a listing, whether it is a regular file, and a way to ask for the rest.
type Each<'e> = &'e mut dyn FnMut(&OsStr, bool, &dyn Fn() -> io::Result<Facts>) -> io::Result<()>;

/// An opened file with what its handle tells.
struct Opened {
    file: std::fs::File,
    changed: Option<crate::model::Timestamp>,
    inode: Option<u64>,
}
