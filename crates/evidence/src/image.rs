//! Disk images and virtual disks, and the NTFS volumes on them.

use super::device;
use super::local::Beside;
use crate::model::{Problem, ProblemKind, ServerPath};
use shellsift_disk::shadow::{ShadowError, Shadows};
use shellsift_disk::{self as disk, Disk, FileSystem, Files, Partition, ReadAt, StoredHashes, Type, Why};
use shellsift_ntfs::Volume;
use shellsift_registry::facts::Device;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// EFI system partition, as its type is stored: {C12A7328-F81F-11D2-BA4B-00A0C93EC93B} (UEFI 2.10, 5.3.3).
const EFI_SYSTEM: [u8; 16] = *b"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b";
/// The same in an MBR.
const EFI_SYSTEM_MBR: u8 = 0xEF;
/// How many volumes of an image are read. Partitions may overlap, so that a small disk has a thousand.
const MOST_VOLUMES: usize = 64;
/// Why a volume is not read that BitLocker encrypts, and what to do.
const ENCRYPTED: &str = "it is encrypted with BitLocker, which is not supported: decrypt the image (dislocker) and scan that, or unlock \
the drive and image it again";

/// A disk image that was opened.
pub struct Image {
    /// As it was given; of one in an archive, that of the archive and its name there.
    path: PathBuf,
    /// Its files on this machine.
    files: Vec<PathBuf>,
    disks: Vec<Disk>,
    /// Its NTFS volumes.
    pub(crate) volumes: Vec<ImageVolume>,
    /// What is wrong with it, and which of its volumes are not read.
    problems: Vec<String>,
}

/// An NTFS volume of an image.
pub(crate) struct ImageVolume {
    pub(crate) volume: Arc<Volume>,
    /// Its shadow copies, if it was prepared for them.
    pub(crate) shadows: Option<Arc<Shadows>>,
    /// The number of its partition; `None` of an image that is one volume.
    pub(crate) number: Option<u32>,
    /// As the server's list of volumes names it.
    pub(crate) device: Option<Device>,
    pub(crate) kind: String,
    pub(crate) letter: Option<char>,
    /// A collector left volumes on it, which are examined in its place.
    pub(crate) is_collection: bool,
}

/// Why an image was not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The system does not give it.
    #[error(transparent)]
    Failed(#[from] io::Error),
    /// What is missing or wrong, to follow what it is.
    #[error("{0}")]
    Refused(String),
}

impl Image {
    /// Opens an image of this machine. Its volumes have no letters yet: [`crate::drives::join`].
    ///
    /// # Errors
    /// What says which file is missing or damaged, or that no volume of it can be read.
    pub fn open(path: &Path) -> Result<Self, NotOpened> {
        let (files, name) = Beside::of(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut image = Self::open_in(&files, &name, path.to_owned())?;
        image.files = image.parts().map(|part| folder.join(part)).collect();
        Ok(image)
    }

    /// Opens an image out of files that are no files of this machine by themselves; `path` is where it is shown to be.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn open_in(files: &dyn Files, name: &str, path: PathBuf) -> Result<Self, NotOpened> {
        let disks = disk::open_all(files, name).map_err(|error| match error.why {
            Why::Unreadable => NotOpened::Failed(io::Error::other(error)),
            _ => NotOpened::Refused(error.to_string()),
        })?;
        let mut image = Self { path, files: Vec::new(), disks: Vec::new(), volumes: Vec::new(), problems: Vec::new() };
        for disk in disks {
            image.problems.extend(disk.problems.iter().cloned());
            let container = format!("disk image ({})", disk.kind);
            image.add_volumes(&disk, &container)?;
            image.disks.push(disk);
        }
        image.with_volumes()
    }

    /// Opens a device of this machine as the image that it is: a disk, or a volume. Whatever it begins or ends with, it is the disk itself.
    /// The volume of a drive has the letter of that.
    ///
    /// # Errors
    /// What the system says, or that no volume of it can be read.
    pub fn of_device(path: &Path) -> Result<Self, NotOpened> {
        let data = device::open(path)?;
        let (parts, facts, problems) = (Vec::new(), Vec::new(), Vec::new());
        let disk = Disk { data, kind: "raw", parts, facts, hashes: StoredHashes::default(), problems };
        let (files, disks, volumes, problems) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut image = Self { path: path.to_owned(), files, disks, volumes, problems };
        image.add_volumes(&disk, "raw device")?;
        image.disks.push(disk);
        if let Some(letter) = device::drive_of(path) {
            image.map(0, letter);
        }
        image.with_volumes()
    }

    /// Refuses an image without a volume that can be read.
    fn with_volumes(self) -> Result<Self, NotOpened> {
        match (self.volumes.is_empty(), self.problems.is_empty()) {
            (false, _) => Ok(self),
            (true, true) => Err(NotOpened::Refused("it has no volume".to_owned())),
            (true, false) => Err(NotOpened::Refused(self.problems.join("; "))),
        }
    }

    /// The names of the files that it was opened from, beside each other: itself, segments, extents, parents.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.disks.iter().flat_map(|disk| &disk.parts).map(|part| part.name.as_str())
    }

    fn add_volumes(&mut self, disk: &Disk, container: &str) -> io::Result<()> {
        let table = disk::partitions(&disk.data)?;
        self.problems.extend(table.problems.iter().cloned());
        for partition in &table.list {
            let number = (partition.kind != Type::Whole).then_some(partition.number);
            let which = match number {
                Some(number) => format!("partition {number}"),
                None => "the volume".to_owned(),
            };
            let reason = match partition.file_system {
                FileSystem::Ntfs if self.volumes.len() >= MOST_VOLUMES => {
                    format!("only the first {MOST_VOLUMES} NTFS volumes of an image are read")
                }
                FileSystem::Ntfs => match open_volume(partition.data(&disk.data)) {
                    Ok((volume, shadows)) => {
                        let kind = match number {
                            Some(number) => format!("NTFS, partition {number} of a {container}"),
                            None => format!("NTFS, {container}"),
                        };
                        let device = partition.mounted_device.as_deref().map(Device::new);
                        let shadows = shadows.unwrap_or_else(|error| {
                            self.problems.push(format!("the shadow copies of {which} cannot be listed: {error}"));
                            None
                        });
                        self.volumes.push(ImageVolume {
                            volume: Arc::new(volume),
                            shadows: shadows.map(Arc::new),
                            number,
                            device,
                            kind,
                            letter: None,
                            is_collection: false,
                        });
                        continue;
                    }
                    Err(error) => error.to_string(),
                },
                FileSystem::Reserved => continue,
                // No server keeps its files there.
                _ if is_efi_system(partition) => continue,
                FileSystem::Unknown => "its file system is not known".to_owned(),
                FileSystem::BitLocker | FileSystem::BitLockerToGo => ENCRYPTED.to_owned(),
                other => format!("{} is not supported", other.name()),
            };
            let size = partition.length >> 20;
            self.problems.push(format!("{which} ({size} MiB) was not examined: {reason}"));
        }
        Ok(())
    }

    /// Where it is on this machine.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its files on this machine: itself, segments, extents, parents. None of an image in an archive.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Gives the volume of a partition (0: of an image that is one volume) a drive letter; `false` if it has no such volume.
    pub fn map(&mut self, number: u32, letter: char) -> bool {
        let mut volumes = self.volumes.iter_mut();
        let found = volumes.find(|volume| volume.number.unwrap_or(0) == number);
        found.map(|volume| volume.letter = Some(letter)).is_some()
    }

    /// Compares the stored digests of its disks with those of their content, which is read whole: a line each, and whether they
    /// match.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn verify(&self) -> io::Result<Vec<(String, bool)>> {
        let mut lines = Vec::new();
        for disk in &self.disks {
            let Some(verified) = disk::verify(disk, &mut |_, _| ControlFlow::Continue(()))? else {
                lines.push(("the image stores no digest of its disk".to_owned(), true));
                continue;
            };
            let pairs = [
                ("MD5", verified.stored.md5.map(hex), verified.computed.md5.map(hex)),
                ("SHA-1", verified.stored.sha1.map(hex), verified.computed.sha1.map(hex)),
            ];
            for (name, stored, computed) in pairs {
                let Some(stored) = stored else { continue };
                let matches = computed.as_ref() == Some(&stored);
                let line = match computed {
                    Some(computed) if !matches => format!("stored {name} {stored} does not match the disk: {computed}"),
                    _ => format!("stored {name} {stored} matches the disk"),
                };
                lines.push((line, matches));
            }
        }
        Ok(lines)
    }

    /// What it says of itself, a line each: case data, tools, digests.
    pub fn facts(&self) -> Vec<String> {
        let facts = self.disks.iter().flat_map(|disk| &disk.facts);
        facts.map(|fact| format!("{}: {}", fact.name, fact.value)).collect()
    }

    /// The name of a volume on this machine: `disk.E01#2`.
    pub(crate) fn name_of(&self, volume: &ImageVolume) -> String {
        match volume.number {
            Some(number) => format!("{}#{number}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    /// Its own path, as problems have it.
    pub(crate) fn shown_path(&self) -> ServerPath {
        std::path::absolute(&self.path).map_or_else(|_| ServerPath::analysis(&self.path), |p| ServerPath::analysis(&p))
    }

    /// Its problems, each with the path of the image.
    pub(crate) fn problems_at_path(&self) -> Vec<Problem> {
        let path = self.shown_path();
        self.problems.iter().map(|what| Problem::at(ProblemKind::ImageNotOpened, &path, what.clone())).collect()
    }
}

/// A volume and its shadow copies. That these cannot be listed is no reason not to read the volume.
fn open_volume(
    data: Arc<dyn ReadAt>,
) -> Result<(Volume, Result<Option<Shadows>, ShadowError>), shellsift_ntfs::Unopened> {
    let volume = Volume::open(Arc::clone(&data))?;
    Ok((volume, Shadows::open(data)))
}

fn hex<const N: usize>(digest: [u8; N]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_efi_system(partition: &Partition) -> bool {
    partition.kind == Type::Gpt(EFI_SYSTEM) || partition.kind == Type::Mbr(EFI_SYSTEM_MBR)
}

#[cfg(test)]
mod tests;
