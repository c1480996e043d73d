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

use super::{Content, Evidence, Listed};
use crate::model::server_path::{escape_name, unescape_name};
use crate::model::{Entry, EntryKind, ServerPath, Source, Times};
use crate::watch::{self, Question, Reads, What};
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Folders of the analysis machine under the names that the examined server has for them.
pub struct Directory {
    mounts: Vec<Mount>,
}

/// One folder and its name on the server.
struct Mount {
    shown_as: ServerPath,
    folder: PathBuf,
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
    /// Whether reading where a link points leaves the evidence as it is: on a Unix volume that can be written to, it moves
    /// the link's access time.
    link_targets: bool,
}

/// Where a creation time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(windows, expect(dead_code, reason = "a Windows volume always has its own birth time"))]
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
        let (folder, offers) = watch::ask(What::Stat, &shown_as, || {
            let folder = folder.canonicalize()?;
            let offers = platform::offers(&folder);
            Ok((folder, offers))
        })?;
        self.mounts.push(Mount { shown_as, folder, offers });
        // The longest name first, so that a volume joined below another is met before it.
        self.mounts.sort_by_key(|mount| std::cmp::Reverse(mount.shown_as.as_str().len()));
        Ok(())
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
        // It was a folder when it was listed; a link by now would lead elsewhere.
        let metadata = std::fs::symlink_metadata(&local)?;
        if !metadata.is_dir() || platform::is_reparse_point(&metadata) {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder any more"));
        }
        // Not walkdir, which asks for each file's metadata by its whole path: relative to the open folder, as here, it
        // takes half the time.
        for item in std::fs::read_dir(&local)? {
            let item = item?;
            names += 1;
            question.answered(names)?;
            let name = escape_name(&item.file_name());
            if item.file_type().is_ok_and(|kind| kind.is_file()) && !wanted(&name) {
                each(Listed::NameOnly);
                continue;
            }
            match item.metadata() {
                Ok(metadata) => {
                    let local = || item.path();
                    each(Listed::Entry(entry(&local, name, &metadata, &mount.offers)));
                }
                Err(error) => each(Listed::Failed(name, error)),
            }
        }
        Ok(())
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        let (local, mount) = self.find(path)?;
        let metadata = watch::ask(What::Stat, path, || std::fs::symlink_metadata(&local))?;
        Ok(entry(&|| local.clone(), path.name().to_owned(), &metadata, &mount.offers))
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

/// `local` gives the path on this machine, which is only needed for what metadata does not hold.
fn entry(local: &dyn Fn() -> PathBuf, name: String, metadata: &Metadata, offers: &Offers) -> Entry {
    let attributes = platform::attributes(local, metadata, offers);
    let kind = if metadata.is_file() && platform::is_reparse_point(metadata) {
        // Deduplicated, compressed by a filter, or a placeholder for something remote: no link, yet not the plain content.
        EntryKind::Other(REPARSE_POINT)
    } else if metadata.file_type().is_symlink() || platform::is_reparse_point(metadata) {
        let target = if offers.link_targets { std::fs::read_link(local()).ok() } else { None };
        EntryKind::Link { target: target.map(|target| target.to_string_lossy().into_owned()) }
    } else if metadata.is_dir() {
        EntryKind::Folder
    } else if metadata.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other(platform::other_kind(metadata))
    };
    let created = match offers.created {
        Created::Metadata => metadata.created().ok().map(Into::into),
        Created::Ntfs3g => platform::ntfs3g_created(&local()),
        Created::No => None,
    };
    let own = offers.changed_and_accessed;
    let times = Times {
        created,
        modified: metadata.modified().ok().map(Into::into),
        accessed: metadata.accessed().ok().map(Into::into).filter(|_| own),
        changed: platform::changed(metadata).filter(|_| own),
    };
    Entry {
        name,
        kind,
        size: metadata.len(),
        times,
        inode: platform::inode(metadata).filter(|_| offers.inode),
        attributes,
    }
}

/// An opened file with what its handle tells.
struct Opened {
    file: std::fs::File,
    changed: Option<crate::model::Timestamp>,
    inode: Option<u64>,
}
