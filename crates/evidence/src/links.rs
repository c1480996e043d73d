//! Link targets: the only module that reads symbolic links, junctions and mount points.
//!
//! Windows stores `\??\C:\folder`, `\??\Volume{guid}\` or a relative path in them ([MS-FSCC] 2.1.2.4 and 2.1.2.5). A Linux mount
//! shows that in its own way: ntfs-3g as an absolute path below its mount folder, or as `unsupported reparse tag` (its
//! reparse.c), ntfs3 as a relative path or with slashes for backslashes (its inode.c); a copy keeps either.

use super::Evidence;
use crate::model::server_path::{escape_name, fold};
use crate::model::{ProblemKind, ServerPath};
use std::ffi::OsStr;

/// Where to go on from a link: these names, from this folder on. A name can be `..`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) from: ServerPath,
    pub(super) names: Vec<String>,
}

/// Why a link leads to nothing that can be examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// The kind of gap that this leaves.
    pub kind: ProblemKind,
    /// In words, after "a link that leads to X": `on a volume that was not provided`.
    pub why: &'static str,
}

impl Away {
    /// Whether the link leads to a place of the evidence where nothing is.
    pub fn is_nothing(&self) -> bool {
        *self == Self::UNRESOLVED
    }

    pub(super) const UNRESOLVED: Self =
        Self { kind: ProblemKind::PathUnresolved, why: "which does not exist in the evidence" };
    pub(super) const LOOP: Self =
        Self { kind: ProblemKind::PathUnresolved, why: "through more links than Windows allows" };
    pub(super) const CLOSED: Self =
        Self { kind: ProblemKind::PathUnresolved, why: "behind a folder or file to which access is denied" };
    const UNREADABLE: Self = Self { kind: ProblemKind::PathUnresolved, why: "because its target cannot be read here" };
    const VOLUME: Self = Self {
        kind: ProblemKind::VolumeNotProvided,
        why: "on a volume that was not provided; mount it and add it with --map FOLDER=X:\\",
    };
    const SHARE: Self = Self { kind: ProblemKind::VolumeNotProvided, why: "on another machine or share" };
    const DEVICE: Self = Self { kind: ProblemKind::PathUnresolved, why: "which is a device" };
    const OUTSIDE: Self = Self { kind: ProblemKind::VolumeNotProvided, why: "outside the evidence" };
}

/// What the target of `link` means. `exists` says whether a folder is there, without following anything.
pub(super) fn way(
    evidence: &dyn Evidence,
    link: &ServerPath,
    target: Option<&str>,
    exists: &dyn Fn(&ServerPath) -> bool,
) -> Result<Way, Away> {
    let target = target.map(|target| target.trim_end_matches('\0')).filter(|target| !target.is_empty());
    let target = target.ok_or(Away::UNREADABLE)?;
    let unified = target.replace('/', "\\");
    let folded = unified.to_ascii_lowercase();
    if folded.starts_with("unsupported reparse") {
        return Err(Away::UNREADABLE);
    }
    let Some(folder) = link.parent() else { return Err(Away::UNREADABLE) };
    let on_a_drive = |text: &str| {
        let path = ServerPath::from_windows(text)?;
        let names = path.names().map(str::to_owned).collect();
        Some((ServerPath::drive(path.drive_letter()?), names))
    };
    // `/C:/folder`, where backslashes became slashes and the prefix went.
    let without_slash = unified.strip_prefix('\\').filter(|rest| rest.as_bytes().get(1) == Some(&b':'));
    if let Some((root, names)) = on_a_drive(without_slash.unwrap_or(&unified)) {
        return if exists(&root) { Ok(Way { from: root, names }) } else { Err(Away::VOLUME) };
    }
    if let Some(place) = evidence.locate(&folder, target) {
        return Ok(below_a_mount(evidence, place, exists));
    }
    let is_volume = folded.contains(r"\volume{") || folded.starts_with("volume{");
    let volume_of_link = || link.drive_letter().map(ServerPath::drive);
    let names = || names(target);
    match () {
        () if is_volume => Err(Away::VOLUME),
        () if folded.starts_with(r"\\?\unc\") || folded.starts_with(r"\??\unc\") => Err(Away::SHARE),
        () if [r"\\?\", r"\\.\", r"\??\", r"\device\", r"\dosdevices\", r"\global??\"]
            .iter()
            .any(|device| folded.starts_with(device)) =>
        {
            Err(Away::DEVICE)
        }
        () if folded.starts_with(r"\\") => Err(Away::SHARE),
        // Absolute on this machine, and not below a folder that was given: taken for a path of the volume, as copies of file
        // systems and Windows' own links of the form `\folder` mean it; what is not there then is outside.
        () if folded.starts_with('\\') => match volume_of_link() {
            Some(root) if names().first().is_some_and(|name| is_there(evidence, &root, name)) => {
                Ok(Way { from: root, names: names() })
            }
            Some(_) if target.starts_with('\\') => Err(Away::UNRESOLVED),
            _ => Err(Away::OUTSIDE),
        },
        () => Ok(Way { from: folder, names: names() }),
    }
}

/// What to do where `..` leads above the root that a link lies in.
pub(super) fn above_the_root() -> Away {
    Away::OUTSIDE
}

/// The names of a path, escaped; `..` stays.
fn names(target: &str) -> Vec<String> {
    let names = target.split(['\\', '/']).filter(|name| !name.is_empty() && *name != ".");
    names.map(|name| escape_name(OsStr::new(name))).collect()
}

fn is_there(evidence: &dyn Evidence, folder: &ServerPath, name: &str) -> bool {
    let mut found = false;
    let _ = evidence.list(folder, &|_| false, &mut |listed| {
        if let super::Listed::Entry(entry) = listed {
            found |= crate::model::server_path::same_name(&entry.name, name);
        }
    });
    found || evidence.stat(&folder.join(name)).is_ok()
}

/// A place as names from the root of its volume. ntfs-3g shows other drives as `.NTFS-3G/X:` in its mount folder.
fn below_a_mount(evidence: &dyn Evidence, place: ServerPath, exists: &dyn Fn(&ServerPath) -> bool) -> Way {
    let sources = evidence.sources();
    let mount = sources.iter().map(|source| &source.shown_as).filter(|root| place.below_exactly(root).is_some());
    let Some(root) = mount.max_by_key(|root| root.as_str().len()).cloned() else {
        return Way { from: place, names: Vec::new() };
    };
    let rest = place.below_exactly(&root).unwrap_or_default();
    let names: Vec<String> = rest.split(root.separator()).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if let [mapped, drive, below @ ..] = names.as_slice()
        && mapped == ".NTFS-3G"
        && let [letter, b':'] = drive.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        let from = ServerPath::drive(char::from(*letter));
        if exists(&from) {
            return Way { from, names: below.to_vec() };
        }
    }
    Way { from: root, names }
}

/// The links that every Windows has, by their path below the drive, for the sake of programs from before Vista (localised ones
/// have names of their own, which are found by where they lead).
const OF_WINDOWS: &[&str] = &[
    r"documents and settings",
    r"programdata\application data",
    r"programdata\desktop",
    r"programdata\documents",
    r"programdata\favorites",
    r"programdata\start menu",
    r"programdata\templates",
    r"users\all users",
    r"users\default user",
    r"users\public\documents\my music",
    r"users\public\documents\my pictures",
    r"users\public\documents\my videos",
];

/// Names of which every Windows has a link or the loader another meaning, for copies that left the links out: path below the drive,
/// and where it leads (`Sysnative`: Microsoft, "File System Redirector").
const OLD_NAMES: &[(&str, &str)] = &[
    (r"documents and settings", "Users"),
    (r"documents and settings\all users", "ProgramData"),
    (r"users\all users", "ProgramData"),
    (r"users\default user", r"Users\Default"),
    (r"programdata\application data", "ProgramData"),
    (r"programdata\desktop", r"Users\Public\Desktop"),
    (r"programdata\documents", r"Users\Public\Documents"),
    (r"programdata\start menu", r"ProgramData\Microsoft\Windows\Start Menu"),
    (r"programdata\templates", r"ProgramData\Microsoft\Windows\Templates"),
    (r"windows\sysnative", r"Windows\System32"),
];

/// Where a name of every Windows leads that a listing does not have.
pub(super) fn of_old_name(path: &ServerPath) -> Option<String> {
    let drive = path.drive_letter()?;
    let below = fold(&path.windows_below(&ServerPath::drive(drive))?);
    let (_, to) = OLD_NAMES.iter().find(|(name, _)| *name == below)?;
    Some(format!("{drive}:\\{to}"))
}

/// Where they lead, by the end of their target.
const TARGETS: &[&str] = &[
    "users",
    "programdata",
    "default",
    "desktop",
    "documents",
    "favorites",
    "start menu",
    "templates",
    "music",
    "pictures",
    "videos",
];

/// Whether a link is one that every Windows has, and leads where that one does.
pub fn is_of_windows(link: &ServerPath, target: Option<&str>) -> bool {
    let below = link.drive_letter().and_then(|letter| link.windows_below(&ServerPath::drive(letter)));
    let target = target.map(|target| fold(target).replace('/', "\\")).unwrap_or_default();
    let last = target.trim_end_matches('\\').rsplit('\\').next().unwrap_or_default();
    below.is_some_and(|below| OF_WINDOWS.contains(&fold(&below).as_str())) && TARGETS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    #[test]
    fn targets_are_read_in_every_form() {
        let evidence = Memory::new().folder(r"C:\ProgramData\x").folder(r"C:\w");
        let exists = |path: &ServerPath| evidence.stat(path).is_ok();
        let leads = |target: &str| {
            way(&evidence, &path(r"C:\w\link"), Some(target), &exists)
                .map(|way| format!("{} {}", way.from, way.names.join("|")))
                .map_err(|away| away.why)
        };
        for target in [
            r"C:\ProgramData\x",
            r"\??\C:\ProgramData\x\",
            r"\\?\C:\ProgramData\x",
            "/??/C:/ProgramData/x",
            "/C:/ProgramData/x",
            r"\ProgramData\x",
            "/ProgramData/x",
            r"\\localhost\c$\ProgramData\x",
            "C:/ProgramData/x\0",
        ] {
            assert_eq!(leads(target).as_deref(), Ok(r"C:\ ProgramData|x"), "{target}");
        }
        assert_eq!(leads(r"..\ProgramData/./x").as_deref(), Ok(r"C:\w ..|ProgramData|x"));
        for (target, away) in [
            (r"D:\x", Away::VOLUME),
            (r"\??\Volume{01234567-0000-0000-0000-100000000000}\", Away::VOLUME),
            (r"\\server\share\x", Away::SHARE),
            (r"\??\UNC\server\share", Away::SHARE),
            (r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x", Away::DEVICE),
            (r"\Device\HarddiskVolume3\x", Away::DEVICE),
            ("/etc/passwd", Away::OUTSIDE),
            ("unsupported reparse tag 0xc0000017", Away::UNREADABLE),
            ("", Away::UNREADABLE),
        ] {
            assert_eq!(leads(target), Err(away.why), "{target}");
        }
        assert!(way(&evidence, &path(r"C:\w\link"), None, &exists).is_err());
    }

    #[test]
    fn the_links_of_windows_are_known_by_where_they_lead() {
        assert!(is_of_windows(&path(r"C:\Documents and Settings"), Some("/mnt/x/Users")));
        assert!(is_of_windows(&path(r"C:\ProgramData\Application Data"), Some(r"C:\ProgramData")));
        assert!(!is_of_windows(&path(r"C:\ProgramData\Application Data"), Some(r"C:\evil")));
        assert!(!is_of_windows(&path(r"C:\inetpub\Templates"), Some(r"C:\ProgramData\Templates")));
    }
}
