//! Folders on Linux and other Unix systems.

use super::{Created, Each, Facts, Kind, Offers, Opened};
use crate::evidence::{Content, Stream};
use crate::model::server_path::escape_name;
use crate::model::{Attributes, Timestamp};
use rustix::fs::{OFlags, StatVfsMountFlags};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What the file system of a mounted folder vouches for.
///
/// Numbers: linux/magic.h, and fs/ntfs3, fs/smb of the kernel.
pub(super) fn offers(folder: &Path) -> Offers {
    let (name, evidence) = match file_system(folder) {
        Some(0x7366_746e) => ("ntfs (kernel ntfs3)", Some(Created::Metadata)),
        Some(0x5346_544e) => ("ntfs (kernel)", Some(Created::Metadata)),
        Some(0x6573_5546) if ntfs3g_created(folder).is_some() => ("ntfs (ntfs-3g)", Some(Created::Ntfs3g)),
        Some(0xff53_4d42 | 0xfe53_4d42) => ("network share (smb)", Some(Created::Metadata)),
        Some(0x6573_5546) => ("fuse", None),
        Some(0xef53) => ("copy on ext4", None),
        Some(0x0102_1994) => ("copy on tmpfs", None),
        Some(0x9123_683e) => ("copy on btrfs", None),
        Some(0x5846_5342) => ("copy on xfs", None),
        Some(0x794c_7630) => ("copy on overlayfs", None),
        Some(0x2fc1_2fc1) => ("copy on zfs", None),
        _ => ("copy on another file system", None),
    };
    Offers {
        kind: name.to_owned(),
        created: evidence.unwrap_or(Created::No),
        changed_and_accessed: evidence.is_some(),
        // Of a copy only the times of links move, which are the copy's own.
        moves_access_times: evidence.is_some() && !keeps_access_times(folder),
        streams: (!shows_streams(folder, evidence)).then_some(match evidence {
            Some(Created::Metadata) => "no alternate data streams (this driver does not show them; ntfs-3g does)",
            Some(_) => "no alternate data streams; mount it with -o streams_interface=windows",
            None => "only alternate data streams that the copy preserved as user.* attributes",
        }),
        inode: matches!(evidence, Some(created) if created == Created::Ntfs3g || name.starts_with("ntfs")),
    }
}

/// Whether the folder is mounted so that reading changes no access time.
fn keeps_access_times(folder: &Path) -> bool {
    let flags = rustix::fs::statvfs(folder).map(|found| found.f_flag);
    flags.is_ok_and(|flags| flags.intersects(StatVfsMountFlags::RDONLY | StatVfsMountFlags::NOATIME))
}

/// Whether alternate data streams are seen in full: only ntfs-3g shows them, unless that is disabled.
#[cfg(target_os = "linux")]
fn shows_streams(folder: &Path, evidence: Option<Created>) -> bool {
    let unsupported = |error| error == rustix::io::Errno::OPNOTSUPP;
    let room = &mut [0u8; 512][..];
    evidence == Some(Created::Ntfs3g)
        && !(rustix::fs::llistxattr(folder, &mut *room).is_err_and(unsupported)
            && rustix::fs::lgetxattr(folder, STREAMS_LIST, &mut *room).is_err_and(unsupported))
}

#[cfg(not(target_os = "linux"))]
fn shows_streams(_: &Path, _: Option<Created>) -> bool {
    false
}

/// The other file systems that are mounted below a folder, by the mount points of proc_pid_mountinfo(5).
#[cfg(target_os = "linux")]
pub(super) fn mounted_inside(folder: &Path) -> Vec<PathBuf> {
    std::fs::read("/proc/self/mountinfo").map_or_else(|_| Vec::new(), |mounts| inside(&mounts, folder))
}

#[cfg(target_os = "linux")]
fn inside(mounts: &[u8], folder: &Path) -> Vec<PathBuf> {
    let score = mounts.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
    let mut inside: Vec<PathBuf> = score
        .map(|point| PathBuf::from(OsStr::from_bytes(&unescaped(point))))
        .filter(|point| point != folder && point.starts_with(folder))
        .collect();
    inside.sort();
    inside.dedup();
    // Of the root of a machine, its own virtual file systems are no news.
    inside.retain(|point| {
        folder.parent().is_some() || !["/proc", "/sys", "/dev", "/run"].iter().any(|own| point.starts_with(own))
    });
    inside.truncate(100);
    inside
}

#[cfg(not(target_os = "linux"))]
pub(super) fn mounted_inside(_: &Path) -> Vec<PathBuf> {
    Vec::new()
}

/// Blanks and backslashes stand there as three octal digits.
#[cfg(target_os = "linux")]
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, more @ ..] = rest {
        let octal = more.get(..3).filter(|digits| *first == b'\\' && digits.iter().all(|b| (b'0'..=b'7').contains(b)));
        match octal {
            Some(digits) => {
                out.push(digits.iter().fold(0u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0')));
                rest = &more[3..];
            }
            None => {
                out.push(*first);
                rest = more;
            }
        }
    }
    out
}

#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statfs(folder).ok()?;
    // The field's width differs by architecture; the magic numbers are 32 bits.
    Some(found.f_type as u64 & 0xffff_ffff)
}

#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> Option<u64> {
    None
}

/// The creation time that ntfs-3g keeps in an extended attribute: a FILETIME in the byte order of the machine
/// (ntfs-3g(8), "NTFS Timestamps").
#[cfg(target_os = "linux")]
pub(super) fn ntfs3g_created(local_path: &Path) -> Option<Timestamp> {
    let mut ticks = [0u8; 8];
    match rustix::fs::lgetxattr(local_path, "system.ntfs_crtime", &mut ticks[..]) {
        Ok(8) => Timestamp::from_filetime(u64::from_ne_bytes(ticks)),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn ntfs3g_created(_: &Path) -> Option<Timestamp> {
    None
}

/// FILE_ATTRIBUTE_* bits, which ntfs-3g and ntfs3 give as an extended attribute.
#[cfg(target_os = "linux")]
pub(super) fn attributes(local_path: &dyn Fn() -> PathBuf, offers: &Offers) -> Attributes {
    if !offers.kind.starts_with("ntfs") {
        return Attributes::default();
    }
    let mut bits = [0u8; 4];
    match rustix::fs::lgetxattr(local_path(), "system.ntfs_attrib", &mut bits[..]) {
        Ok(4) => Attributes(u32::from_ne_bytes(bits)),
        _ => Attributes::default(),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn attributes(_: &dyn Fn() -> PathBuf, _: &Offers) -> Attributes {
    Attributes::default()
}

/// The short name that ntfs-3g keeps in an extended attribute (ntfs-3g(8), "Windows-filename compatibility").
#[cfg(target_os = "linux")]
pub(super) fn short_name(local_path: &Path) -> Option<String> {
    let mut name = [0u8; 64];
    let length = rustix::fs::lgetxattr(local_path, "system.ntfs_dos_name", &mut name[..]).ok()?;
    let name = name.get(..length)?.split(|byte| *byte == 0).next()?;
    (!name.is_empty()).then(|| escape_name(OsStr::from_bytes(name)))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn short_name(_: &Path) -> Option<String> {
    None
}

/// The tag of a reparse point, which ntfs-3g gives as an extended attribute: the first field of REPARSE_DATA_BUFFER ([MS-FSCC] 2.1.2.2).
#[cfg(target_os = "linux")]
pub(super) fn reparse_tag(local_path: &Path) -> Option<u32> {
    let data = whole(|room| rustix::fs::lgetxattr(local_path, "system.ntfs_reparse_data", room)).ok()?;
    data.first_chunk().map(|tag| u32::from_le_bytes(*tag))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn reparse_tag(_: &Path) -> Option<u32> {
    None
}

/// A volume by a name that only the system knows: none here.
pub(super) fn drive_of_volume(_: &str) -> Option<String> {
    None
}

/// The attribute in which ntfs-3g lists the names of streams if it is mounted with `streams_interface=windows`; they are opened
/// as `file:stream` then. With `xattr`, its default, each is an attribute `user.stream` (ntfs-3g(8), "Alternate Data Streams").
#[cfg(target_os = "linux")]
const STREAMS_LIST: &str = "ntfs.streams.list";
/// What attributes and their names may take (XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h).
#[cfg(target_os = "linux")]
const MAX_BYTES: usize = 64 << 10;

#[cfg(target_os = "linux")]
pub(super) fn streams(local_path: &Path) -> io::Result<Vec<Stream>> {
    let mut streams = Vec::new();
    let mut add = |name: &[u8], size: u64| {
        if !name.is_empty() {
            streams.push(Stream { name: escape_name(OsStr::from_bytes(name)), size });
        }
    };
    match whole(|room| rustix::fs::llistxattr(local_path, room)) {
        Ok(names) => {
            for name in names.split(|byte| *byte == 0) {
                if let Some(stream) = name.strip_prefix(b"user.") {
                    let content = whole(|room| rustix::fs::lgetxattr(local_path, OsStr::from_bytes(name), room));
                    add(stream, content.map_or(0, |content| content.len() as u64));
                }
            }
        }
        Err(rustix::io::Errno::OPNOTSUPP) => {}
        Err(error) => return Err(error.into()),
    }
    // Where the attribute is not known this is one call more, which fails at once.
    if let Ok(names) = whole(|room| rustix::fs::lgetxattr(local_path, STREAMS_LIST, room)) {
        for name in names.split(|byte| *byte == 0) {
            let size = std::fs::symlink_metadata(of_stream(local_path, OsStr::from_bytes(name)))
                .map_or(0, |found| found.len());
            add(name, size);
        }
    }
    Ok(streams)
}

/// What a call for attributes gives, which most often is nothing.
#[cfg(target_os = "linux")]
fn whole(mut call: impl FnMut(&mut [u8]) -> rustix::io::Result<usize>) -> rustix::io::Result<Vec<u8>> {
    let mut few = [0u8; 512];
    match call(&mut few) {
        Ok(length) => Ok(few.get(..length).unwrap_or_default().to_vec()),
        Err(rustix::io::Errno::RANGE) => {
            let mut many = vec![0u8; MAX_BYTES];
            let length = call(&mut many)?;
            many.truncate(length);
            Ok(many)
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn streams(_: &Path) -> io::Result<Vec<Stream>> {
    Ok(Vec::new())
}

/// `file:stream`
fn of_stream(local_path: &Path, name: &OsStr) -> PathBuf {
    let mut path = local_path.as_os_str().to_owned();
    path.push(":");
    path.push(name);
    path.into()
}

pub(super) fn open_stream(local_path: &Path, name: &OsStr) -> io::Result<Content> {
    #[cfg(target_os = "linux")]
    {
        let attribute = [b"user.", name.as_bytes()].concat();
        let attribute = OsStr::from_bytes(&attribute);
        if let Ok(bytes) = whole(|room| rustix::fs::lgetxattr(local_path, attribute, room)) {
            let size = bytes.len() as u64;
            return Ok(Content {
                reader: Box::new(io::Cursor::new(bytes)),
                size,
                changed: None,
                inode: None,
                holes: 0,
            });
        }
    }
    let opened = open(&of_stream(local_path, name))?;
    let size = opened.file.metadata()?.len();
    Ok(Content { reader: Box::new(opened.file), size, changed: None, inode: None, holes: 0 })
}

/// Lists a folder, without changing its access time where the owner allows that. It was a folder when it was listed; a link by
/// now would lead elsewhere.
///
/// Not walkdir, which asks for each file's metadata by its whole path: relative to the open folder, as here, it takes half the
/// time. Not std, whose folders are opened without O_NOATIME.
#[cfg(target_os = "linux")]
pub(super) fn list(local_path: &Path, each: Each<'_>) -> io::Result<()> {
    use rustix::fs::{Dir, FileType};
    let careful = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let open = |flags: OFlags| OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(local_path);
    let folder = match open(careful | OFlags::NOATIME) {
        // O_NOATIME belongs to the owner and to root (open(2)).
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => open(careful)?,
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "no longer a folder"));
        }
        other => other?,
    };
    // The folder's entries are read through one handle, their metadata through the other.
    let of_names = rustix::io::dup(&folder)?;
    for item in Dir::new(of_names)? {
        let item = item?;
        let name = item.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            continue;
        }
        let facts = || facts_at(&folder, Path::new(OsStr::from_bytes(name)));
        let is_file = match item.file_type() {
            FileType::RegularFile => true,
            FileType::Unknown => facts().is_ok_and(|facts| facts.kind == Kind::File),
            _ => false,
        };
        each(OsStr::from_bytes(name), is_file, &facts)?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn list(local_path: &Path, each: Each<'_>) -> io::Result<()> {
    if !std::fs::symlink_metadata(local_path)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "no longer a folder"));
    }
    for item in std::fs::read_dir(local_path)? {
        let item = item?;
        let is_file = item.file_type().is_ok_and(|kind| kind.is_file());
        each(&item.file_name(), is_file, &|| Ok(of_metadata(&item.metadata()?)))?;
    }
    Ok(())
}

/// What the system says of one path, links not followed.
#[cfg(target_os = "linux")]
pub(super) fn facts(local_path: &Path) -> io::Result<Facts> {
    facts_at(rustix::fs::CWD, local_path)
}

#[cfg(target_os = "linux")]
fn facts_at(folder: impl std::os::fd::AsFd, name: &Path) -> io::Result<Facts> {
    use rustix::fs::{AtFlags, FileType, StatxFlags, statx};
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    let found = match statx(folder.as_fd(), name, flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME) {
        // A kernel or a sandbox without statx.
        Err(rustix::io::Errno::NOSYS) => {
            let found = rustix::fs::statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)?;
            let time = |seconds: i64, nanos: u64| Some(Timestamp::new(seconds, u32::try_from(nanos).unwrap_or(0)));
            return Ok(Facts {
                kind: kind(FileType::from_raw_mode(found.st_mode as _)),
                size: found.st_size as u64,
                created: None,
                modified: time(found.st_mtime as i64, found.st_mtime_nsec as u64),
                accessed: time(found.st_atime as i64, found.st_atime_nsec as u64),
                changed: time(found.st_ctime as i64, found.st_ctime_nsec as u64),
                inode: Some(found.st_ino),
                attributes: Attributes::default(),
            });
        }
        found => found?,
    };
    let has = |flag: StatxFlags| found.stx_mask & flag.bits() != 0;
    let time = |time: rustix::fs::StatxTimestamp| Some(Timestamp::new(time.tv_sec, time.tv_nsec));
    Ok(Facts {
        kind: kind(FileType::from_raw_mode(u32::from(found.stx_mode))),
        size: found.stx_size,
        created: if has(StatxFlags::BTIME) { time(found.stx_btime) } else { None },
        modified: time(found.stx_mtime),
        accessed: time(found.stx_atime),
        changed: time(found.stx_ctime),
        inode: Some(found.stx_ino),
        attributes: Attributes::default(),
    })
}

#[cfg(target_os = "linux")]
fn kind(of: rustix::fs::FileType) -> Kind {
    use rustix::fs::FileType;
    match of {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Other("fifo"),
        FileType::Socket => Kind::Other("socket"),
        _ => Kind::Other("device"),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn facts(local_path: &Path) -> io::Result<Facts> {
    Ok(of_metadata(&std::fs::symlink_metadata(local_path)?))
}

#[cfg(not(target_os = "linux"))]
fn of_metadata(metadata: &std::fs::Metadata) -> Facts {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let of = metadata.file_type();
    Facts {
        kind: match () {
            () if of.is_file() => Kind::File,
            () if of.is_dir() => Kind::Folder,
            () if of.is_symlink() => Kind::Link,
            () if of.is_fifo() => Kind::Other("fifo"),
            () if of.is_socket() => Kind::Other("socket"),
            () => Kind::Other("device"),
        },
        size: metadata.len(),
        created: metadata.created().ok().map(Into::into),
        modified: metadata.modified().ok().map(Into::into),
        accessed: metadata.accessed().ok().map(Into::into),
        changed: Some(Timestamp::new(metadata.ctime(), u32::try_from(metadata.ctime_nsec()).unwrap_or(0))),
        inode: Some(metadata.ino()),
        attributes: Attributes::default(),
    }
}

pub(super) fn verbatim(local_path: PathBuf) -> PathBuf {
    local_path
}

/// Opens without following a link at the end, without waiting for a FIFO's writer and, where the owner allows it, without
/// changing the access time.
pub(super) fn open(local_path: &Path) -> io::Result<Opened> {
    let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let first = careful | OFlags::NOATIME;
    #[cfg(not(target_os = "linux"))]
    let first = careful;
    let with = |flags: OFlags| OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(local_path);
    let file = match with(first) {
        // O_NOATIME belongs to the owner and to root (open(2)).
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => with(careful)?,
        other => other?,
    };
    Ok(Opened { file, changed: None, inode: None })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_inside_a_target_is_reported() {
        let mounts = b"22 1 8:1 / / rw - ext4 /dev/a rw\n30 22 0:5 / /case/C ro - fuseblk /dev/b ro\n\
            31 30 8:1 /x /case/C/a\\040b rw - ext4 /dev/a rw\n32 22 8:1 / /case/Cx rw - ext4 /dev/a rw\n\
            33 22 0:3 / /proc rw - proc proc rw\n";
        let score = |folder: &str| inside(mounts, Path::new(folder));
        assert_eq!(score("/case/C"), [PathBuf::from("/case/C/a b")]);
        assert_eq!(score("/case/C/a b"), [""; 0].map(PathBuf::from));
        assert_eq!(score("/").len(), 3, "but for what the system itself has mounted");
        assert_eq!(unescaped(b"a\\134\\b\\9"), b"a\\\\b\\9");
    }

    #[test]
    fn what_a_mount_shows_as_a_link_and_is_none_is_reported_as_what_it_is() {
        use crate::evidence::{Directory, Evidence, Listed, directory};
        use crate::model::{EntryKind, ServerPath};
        let folder = tempfile::tempdir().expect("a folder");
        for (name, target) in [
            ("packed.aspx", "unsupported reparse tag 0x80000017"),
            ("once.aspx", "unsupported reparse tag 0x80000013"),
            ("far.aspx", "unsupported reparse tag 0x9000301a"),
            ("link.aspx", "unsupported.aspx"),
        ] {
            std::os::unix::fs::symlink(target, folder.path().join(name)).expect("made");
        }
        let root = ServerPath::drive('C');
        let evidence = Directory::open(folder.path(), root.clone()).expect("opened");
        let mut kinds = std::collections::BTreeMap::new();
        let take = &mut |listed| {
            if let Listed::Entry(entry) = listed {
                kinds.insert(entry.name, entry.kind);
            }
        };
        evidence.list(&root, &|_| true, take).expect("listed");
        assert_eq!(kinds["packed.aspx"], EntryKind::Other("WOF-compressed file"));
        assert_eq!(kinds["once.aspx"], EntryKind::Other("deduplicated file"));
        assert_eq!(kinds["far.aspx"], EntryKind::Other("cloud placeholder"));
        assert_eq!(kinds["link.aspx"], EntryKind::Link { target: Some("unsupported.aspx".to_owned()) });
        let stat = evidence.stat(&root.join("packed.aspx")).expect("there");
        assert!(matches!(stat.kind, EntryKind::Other(what) if directory::unread(what).is_some()));
    }

    #[test]
    fn streams_that_a_copy_keeps_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x.txt");
        std::fs::write(&file, b"content").expect("written");
        let set = rustix::fs::setxattr(&file, "user.x.aspx", b"inert", rustix::fs::XattrFlags::empty());
        if set.is_err() {
            return; // a file system without attributes
        }
        let found = streams(&file).expect("listed");
        assert_eq!(found, [Stream { name: "x.aspx".to_owned(), size: 5 }]);
        let mut text = String::new();
        let mut content = open_stream(&file, OsStr::new("x.aspx")).expect("opened");
        io::Read::read_to_string(&mut content.reader, &mut text).expect("read");
        assert_eq!((text.as_str(), content.size), ("inert", 5));
        assert!(open_stream(&file, OsStr::new("y")).is_err());
    }

    #[test]
    fn listing_a_folder_leaves_its_access_time() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("x"), b"").expect("written");
        let old = rustix::fs::Timespec { tv_sec: 1_000_000_000, tv_nsec: 0 };
        let times = rustix::fs::Timestamps { last_access: old, last_modification: old };
        rustix::fs::utimensat(rustix::fs::CWD, folder.path(), &times, rustix::fs::AtFlags::empty()).expect("set");
        let mut names = Vec::new();
        list(folder.path(), &mut |name, is_file, facts| {
            names.push((name.to_owned(), is_file, facts().expect("there").size));
            Ok(())
        })
        .expect("listed");
        assert_eq!(names, [("x".into(), true, 0)]);
        let after = facts(folder.path()).expect("there").accessed.expect("a time");
        assert_eq!(after.seconds(), 1_000_000_000);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("link")).expect("made");
        assert!(list(&folder.path().join("link"), &mut |_, _, _| Ok(())).is_err(), "a link is not followed");
    }
}
