//! Devices of this machine, opened for reading only: volumes (`\\.\C:`) and disks (`\\.\PhysicalDrive0`, `/dev/sdb`).

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

use crate::model::ServerPath;
use crate::watch::{self, What};
use shellsift_disk::shadow::{ShadowError, Shadows};
use shellsift_disk::{Aligned, LocalFile, ReadAt};
use shellsift_ntfs::{Unopened, Volume};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whether a path is that of a device that holds volumes: a block device, or on Windows a path of the device namespace.
pub fn is_device(path: &Path) -> bool {
    watch::ask(What::Stat, &named(path), || Ok(platform::is_device(path))).unwrap_or(false)
}

/// The device of a drive of this machine: `\\.\C:`.
pub fn of_drive(letter: char) -> PathBuf {
    PathBuf::from(format!(r"\\.\{letter}:"))
}

/// The drive that a device is: `C` of `\\.\C:`.
pub fn drive_of(device: &Path) -> Option<char> {
    let name = device.to_str()?.strip_prefix(r"\\.\")?.strip_suffix(':')?;
    let letter = name.chars().next().filter(|letter| letter.is_ascii_alphabetic() && name.len() == 1)?;
    Some(letter.to_ascii_uppercase())
}

fn named(device: &Path) -> ServerPath {
    ServerPath::analysis(&std::path::absolute(device).unwrap_or_else(|_| device.to_owned()))
}

/// Opens a device as bytes at positions. It is read by whole sectors, and each of these reads is registered as one of a file is.
pub(super) fn open(device: &Path) -> io::Result<Arc<dyn ReadAt>> {
    let named = named(device);
    let opened = watch::ask(What::Open, &named, || {
        let (file, length) = platform::open(device)?;
        Ok(LocalFile::with_length(file, length))
    })?;
    Ok(Arc::new(over(Arc::new(opened), named)))
}

/// Whole sectors of a device, each read of them registered.
pub(super) fn over(device: Arc<dyn ReadAt>, named: ServerPath) -> Aligned<Registered> {
    Aligned::new(Registered { device, named })
}

/// So much of a device does not answer where one read of it does not: a bad sector is not to cost the whole disk, and the places around
/// it that are tried then are not to be waited for one by one.
const PLACE: u64 = 64 << 10;

/// A device whose reads are registered, each with its place.
pub(super) struct Registered {
    device: Arc<dyn ReadAt>,
    named: ServerPath,
}

impl ReadAt for Registered {
    fn len(&self) -> u64 {
        self.device.len()
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let place = self.named.join(&format!("offset {}", at / PLACE * PLACE));
        watch::ask(What::Read, &place, || self.device.read_at(buffer, at))
    }
}

/// Why a drive is not read from its device.
#[derive(Debug, thiserror::Error)]
pub enum NotRaw {
    /// The system does not open it: the right is missing, or it is held.
    #[error("it cannot be opened: {0}")]
    Refused(io::Error),
    /// It has another file system than NTFS.
    #[error("{0}")]
    FileSystem(Unopened),
    /// It cannot be read, or what leads to its files is damaged.
    #[error("{0}")]
    Damaged(Unopened),
}

/// The volume of a drive, with its shadow copies. That these cannot be listed is no reason not to read the volume.
pub struct DriveVolume {
    pub(super) volume: Volume,
    pub(super) shadows: Result<Option<Shadows>, ShadowError>,
}

/// Opens the volume of a drive of this server from its device, for [`NtfsVolume::of_drive`](crate::NtfsVolume::of_drive).
///
/// # Errors
/// Why that cannot be; what is damaged inside of the volume is among its problems.
pub fn open_volume(device: &Path) -> Result<DriveVolume, NotRaw> {
    let data = open(device).map_err(NotRaw::Refused)?;
    let volume = Volume::open(Arc::clone(&data)).map_err(|error| match error {
        Unopened::NotNtfs | Unopened::BitLocker | Unopened::Refs => NotRaw::FileSystem(error),
        Unopened::Damaged(_) | Unopened::Io(_) => NotRaw::Damaged(error),
    })?;
    Ok(DriveVolume { volume, shadows: Shadows::open(data) })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Directory, Evidence, NtfsVolume};
    use base64::Engine;
    use std::io::Read;

    /// The volume of `fixtures/images` (make.sh there says what is on it).
    pub(in super::super) fn test_volume() -> Vec<u8> {
        let path = format!("{}/../../fixtures/images/volume.ntfs.gz.b64", env!("CARGO_MANIFEST_DIR"));
        let text: String = std::fs::read_to_string(path).expect("a fixture").split_whitespace().collect();
        let packed = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).expect("gzip");
        bytes
    }

    #[test]
    fn drives_have_devices() {
        assert_eq!(drive_of(&of_drive('D')), Some('D'));
        assert_eq!(drive_of(Path::new(r"\\.\c:")), Some('C'));
        for other in [r"\\.\PhysicalDrive0", r"\\.\C:\x", r"C:", "/dev/sdb", r"\\.\:", r"\\.\1:"] {
            assert_eq!(drive_of(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn a_file_and_a_folder_are_no_devices() {
        let folder = tempfile::tempdir().expect("made");
        let file = folder.path().join("disk.raw");
        std::fs::write(&file, [0; 512]).expect("written");
        for path in [file.as_path(), folder.path(), Path::new("/dev/null"), Path::new("/dev/there-is-none")] {
            assert!(!is_device(path), "{}", path.display());
        }
        assert!(open(&folder.path().join("none")).is_err());
    }

    /// A plain file stands for the device, so that no root is needed.
    #[test]
    fn the_volume_of_a_drive_is_read_from_its_device_and_names_of_this_machine_lead_to_it() {
        let folder = tempfile::tempdir().expect("made");
        let device = folder.path().join("device");
        std::fs::write(&device, test_volume()).expect("written");
        let drive = folder.path().join("drive");
        std::fs::create_dir_all(drive.join("inetpub")).expect("made");
        let root = ServerPath::drive('C');
        let directory = Directory::open(&drive, root.clone()).expect("a folder");
        let volume = NtfsVolume::of_drive(open_volume(&device).expect("opened"), &device, directory);

        let source = volume.sources().remove(0);
        assert_eq!((source.kind.as_str(), &source.shown_as), ("live NTFS, raw device", &root));
        assert_eq!(source.analysis_path, device.display().to_string());
        assert!(source.gives.contains(&"$FILE_NAME times") && !source.lacks.is_empty());
        let mut text = String::new();
        let page = root.join_all(r"inetpub\wwwroot\aspnet_client\page.aspx");
        volume.open(&page).expect("there").reader.read_to_string(&mut text).expect("text");
        assert!(text.starts_with("<%@"), "{text}");
        let mut deleted = 0;
        volume.deleted(&|_| true, &mut |_| deleted += 1);
        assert!(deleted > 0);
        let local = drive.canonicalize().expect("there").join("inetpub").join("out.jsonl");
        assert_eq!(volume.holds(&local), Some(root.join_all(r"inetpub\out.jsonl")));
    }

    #[test]
    fn what_is_no_ntfs_is_told_apart_from_what_is_damaged_or_refused() {
        let folder = tempfile::tempdir().expect("made");
        let device = folder.path().join("device");
        let opened = || open_volume(&device).map(drop).expect_err("no volume");
        assert!(matches!(opened(), NotRaw::Refused(error) if error.kind() == io::ErrorKind::NotFound));
        std::fs::write(&device, [0; 65_536]).expect("written");
        assert!(matches!(opened(), NotRaw::FileSystem(Unopened::NotNtfs)));
        let mut refs = vec![0; 65_536];
        refs[3..11].copy_from_slice(b"ReFS\0\0\0\0");
        std::fs::write(&device, refs).expect("written");
        assert_eq!(opened().to_string(), "it is a ReFS volume");
        let mut damaged = test_volume();
        damaged[512..].fill(0);
        std::fs::write(&device, damaged).expect("written");
        assert!(matches!(opened(), NotRaw::Damaged(_)));
    }
}
