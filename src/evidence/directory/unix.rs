//! Folders on Linux and other Unix systems.

use super::{Created, Offers, Opened};
use crate::model::{Attributes, Timestamp};
use rustix::fs::{OFlags, StatVfsMountFlags};
use std::fs::{Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
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
        link_targets: evidence.is_none() || keeps_access_times(folder),
        inode: matches!(evidence, Some(created) if created == Created::Ntfs3g || name.starts_with("ntfs")),
    }
}

/// Whether the folder is mounted so that reading changes no access time.
fn keeps_access_times(folder: &Path) -> bool {
    let flags = rustix::fs::statvfs(folder).map(|found| found.f_flag);
    flags.is_ok_and(|flags| flags.intersects(StatVfsMountFlags::RDONLY | StatVfsMountFlags::NOATIME))
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
pub(super) fn ntfs3g_created(local: &Path) -> Option<Timestamp> {
    let mut ticks = [0u8; 8];
    match rustix::fs::lgetxattr(local, "system.ntfs_crtime", &mut ticks[..]) {
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
pub(super) fn attributes(local: &dyn Fn() -> PathBuf, _: &Metadata, offers: &Offers) -> Attributes {
    if !offers.kind.starts_with("ntfs") {
        return Attributes::default();
    }
    let mut bits = [0u8; 4];
    match rustix::fs::lgetxattr(local(), "system.ntfs_attrib", &mut bits[..]) {
        Ok(4) => Attributes(u32::from_ne_bytes(bits)),
        _ => Attributes::default(),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn attributes(_: &dyn Fn() -> PathBuf, _: &Metadata, _: &Offers) -> Attributes {
    Attributes::default()
}

pub(super) fn is_reparse_point(_: &Metadata) -> bool {
    false // ntfs-3g and ntfs3 show reparse points as symbolic links
}

pub(super) fn inode(metadata: &Metadata) -> Option<u64> {
    Some(metadata.ino())
}

pub(super) fn changed(metadata: &Metadata) -> Option<Timestamp> {
    Some(Timestamp::new(metadata.ctime(), u32::try_from(metadata.ctime_nsec()).unwrap_or(0)))
}

pub(super) fn other_kind(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "fifo"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }
}

pub(super) fn verbatim(local: PathBuf) -> PathBuf {
    local
}

/// Opens without following a link at the end, without waiting for a FIFO's writer and, where the owner allows it, without
/// changing the access time.
pub(super) fn open(local: &Path) -> io::Result<Opened> {
    let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let first = careful | OFlags::NOATIME;
    #[cfg(not(target_os = "linux"))]
    let first = careful;
    let with = |flags: OFlags| OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(local);
    let file = match with(first) {
        // O_NOATIME belongs to the owner and to root (open(2)).
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => with(careful)?,
        other => other?,
    };
    Ok(Opened { file, changed: None, inode: None })
}

/// The drives of this machine: none, it is no Windows.
pub fn drives() -> Vec<(char, PathBuf)> {
    Vec::new()
}

/// The drive that this machine's Windows runs from: none.
pub fn system_drive() -> Option<PathBuf> {
    None
}

/// A text of the registry: none.
pub fn registry_text(_: &str, _: &str) -> Option<String> {
    None
}

/// The name of this machine.
pub fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// Asks for less CPU for the calling thread; what the system refuses is left as it is.
pub fn lower_priority() {
    let _ = rustix::process::nice(10);
}
