//! Disk images and virtual disks: the NTFS volumes on them as evidence, under the drive letters that the server gave them.

use super::kind::{Candidate, Kind, Unopened};
use super::local::Beside;
use super::ntfs::NtfsVolume;
use super::{Evidence, Overlay, collection};
use crate::model::{Problem, ProblemKind, ServerPath};
use shellsift_disk::shadow::{ShadowError, Shadows};
use shellsift_disk::{self as disk, Disk, FileSystem, Partition, ReadAt, Type, Why};
use shellsift_ntfs::Volume;
use shellsift_registry::Hive;
use shellsift_registry::facts::{self, Device, Mounted};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// EFI system partition, as its type is stored: {C12A7328-F81F-11D2-BA4B-00A0C93EC93B} (UEFI 2.10, 5.3.3).
const EFI_SYSTEM: [u8; 16] = *b"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b";
/// The same in an MBR.
const EFI_SYSTEM_MBR: u8 = 0xEF;
/// Where Windows keeps its configuration, from the root of its volume.
const HIVES: &str = r"Windows\System32\config";
/// The folder by which the volume of Windows is recognised.
const SYSTEM32: &str = r"Windows\System32";

/// A disk image that was opened.
pub struct Image {
    /// As it was given.
    path: PathBuf,
    folder: PathBuf,
    disks: Vec<Disk>,
    /// Its NTFS volumes.
    volumes: Vec<ImageVolume>,
    /// What is wrong with it, and which of its volumes are not read.
    problems: Vec<String>,
}

/// An NTFS volume of an image.
struct ImageVolume {
    volume: Arc<Volume>,
    /// Its shadow copies, if it was prepared for them.
    shadows: Option<Arc<Shadows>>,
    /// The number of its partition; `None` of an image that is one volume.
    number: Option<u32>,
    /// As the server's list of volumes names it.
    device: Option<Device>,
    kind: String,
    letter: Option<char>,
    /// A collector left volumes on it, which are examined in its place.
    is_collection: bool,
}

/// What a drive letter was taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lettered {
    Given,
    Registry,
    Order,
}

/// The volumes of the images of a run, joined.
pub struct Joined {
    /// The volumes under their drive letters. A collection on a disk brings its own volumes.
    pub evidence: Overlay,
    /// How the drive letters were found, and what the images say of themselves, a line each.
    pub notices: Vec<String>,
    /// What is wrong with images of which no volume is left to say it, because all of it was collections.
    pub problems: Vec<Problem>,
}

impl Image {
    /// Opens an image of this machine. Its volumes have no letters yet: [`join`].
    ///
    /// # Errors
    /// What says which file is missing or damaged, or that no volume of it can be read.
    pub fn open(kind: &Kind, path: &Path) -> Result<Self, Unopened> {
        let (files, name) = Beside::of(path)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let disks = disk::open_all(&files, &name).map_err(|error| match error.why {
            Why::Unreadable => Unopened::Failed(io::Error::other(error)),
            _ => kind.refused(path, &error.to_string()),
        })?;
        let mut image =
            Self { path: path.to_owned(), folder, disks: Vec::new(), volumes: Vec::new(), problems: Vec::new() };
        for disk in disks {
            image.problems.extend(disk.problems.iter().cloned());
            image.add_volumes(&disk)?;
            image.disks.push(disk);
        }
        if image.volumes.is_empty() {
            return Err(match image.problems.is_empty() {
                true => kind.refused(path, "it has no volume"),
                false => kind.refused(path, &image.problems.join("; ")),
            });
        }
        Ok(image)
    }

    fn add_volumes(&mut self, disk: &Disk) -> io::Result<()> {
        let table = disk::partitions(&disk.data)?;
        self.problems.extend(table.problems.iter().cloned());
        for partition in &table.list {
            let number = (partition.kind != Type::Whole).then_some(partition.number);
            let which = match number {
                Some(number) => format!("partition {number}"),
                None => "the volume".to_owned(),
            };
            let reason = match partition.file_system {
                FileSystem::Ntfs => match open_volume(partition.data(&disk.data)) {
                    Ok((volume, shadows)) => {
                        let kind = match number {
                            Some(number) => format!("NTFS, partition {number} of a disk image ({})", disk.kind),
                            None => format!("NTFS, disk image ({})", disk.kind),
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
                other => format!("{} is not read by this program", other.name()),
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

    /// Its files on this machine: itself, segments, extents, parents.
    pub fn files(&self) -> Vec<PathBuf> {
        self.disks.iter().flat_map(|disk| &disk.parts).map(|part| self.folder.join(&part.name)).collect()
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
    fn name_of(&self, volume: &ImageVolume) -> String {
        match volume.number {
            Some(number) => format!("{}#{number}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    /// Its problems, each with the path of the image.
    fn problems_at_path(&self) -> Vec<Problem> {
        let path = std::path::absolute(&self.path)
            .map_or_else(|_| ServerPath::analysis(&self.path), |p| ServerPath::analysis(&p));
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

/// Joins the volumes of the images of one server under its drive letters: those that were given by [`Image::map`], those of its registry,
/// and the others in their order, the volume of Windows as C.
///
/// # Errors
/// What says that there are more volumes than letters, or why a collection on a disk is not opened.
pub fn join(mut images: Vec<Image>, taken: &[char]) -> Result<Joined, Unopened> {
    let mounted: Vec<Mounted> =
        images.iter().flat_map(|image| &image.volumes).flat_map(|one| mounted(&one.volume)).collect();
    let mut taken: Vec<char> = taken.to_vec();
    taken.extend(images.iter().flat_map(|image| &image.volumes).filter_map(|volume| volume.letter));
    let mut joined = Joined { evidence: Overlay::new(), notices: Vec::new(), problems: Vec::new() };
    let mut sources = Vec::new();
    for by in [Lettered::Given, Lettered::Registry, Lettered::Order] {
        for image in &mut images {
            let names: Vec<String> = image.volumes.iter().map(|volume| image.name_of(volume)).collect();
            let extra = if by == Lettered::Given { image.problems_at_path() } else { Vec::new() };
            sources.extend(extra);
            for (volume, name) in image.volumes.iter_mut().zip(names) {
                if by == Lettered::Given {
                    if let Some(collected) = collected(volume, &name) {
                        let collected = collected?;
                        taken.extend(collected.roots().filter_map(ServerPath::drive_letter));
                        joined.evidence.join(collected);
                        volume.is_collection = true;
                    }
                } else if volume.letter.is_none()
                    && !volume.is_collection
                    && let Some((letter, how)) = letter(volume, by, &mounted, &taken)
                {
                    taken.push(letter);
                    volume.letter = Some(letter);
                    joined.notices.push(format!("{name} is drive {letter}: {how}"));
                }
            }
        }
    }
    let mut problems = Some(sources);
    for image in images {
        for volume in image.volumes.iter().filter(|volume| !volume.is_collection) {
            let name = image.name_of(volume);
            match volume.letter {
                Some(letter) => {
                    let root = ServerPath::drive(letter);
                    let source = NtfsVolume::new(
                        Arc::clone(&volume.volume),
                        root.clone(),
                        name,
                        volume.kind.clone(),
                        problems.take(),
                    );
                    let source = source.with_shadow_copies(volume.shadows.clone());
                    joined.evidence.add(root, Box::new(source));
                }
                None => return Err(Unopened::Refused(format!("{name}: there is no drive letter left for it"))),
            }
        }
    }
    joined.problems = problems.unwrap_or_default();
    Ok(joined)
}

/// The volumes that a collector left on a disk, as KAPE does; `None` where there are none.
fn collected(volume: &ImageVolume, name: &str) -> Option<Result<Overlay, Unopened>> {
    let has = |path: &str| volume.volume.find_path(path).is_some();
    if has(SYSTEM32) || has(r"inetpub\wwwroot") {
        return None;
    }
    let root = ServerPath::analysis(Path::new("/")).join(name);
    let inner = NtfsVolume::new(Arc::clone(&volume.volume), root.clone(), name.to_owned(), volume.kind.clone(), None);
    let inner: Arc<dyn Evidence> = Arc::new(inner);
    collection::open_within(&inner, &root, name)
}

fn letter(volume: &ImageVolume, by: Lettered, mounted: &[Mounted], taken: &[char]) -> Option<(char, &'static str)> {
    let free = |letter: &char| !taken.contains(letter);
    match by {
        Lettered::Given => None,
        Lettered::Registry => {
            let device = volume.device.as_ref()?;
            let named = mounted.iter().filter(|entry| entry.device == *device).filter_map(|entry| entry.letter);
            named.filter(free).min().map(|letter| (letter, "by the registry of the server (MountedDevices)"))
        }
        Lettered::Order => {
            let is_system = volume.volume.find_path(SYSTEM32).is_some();
            let first = is_system.then_some('C').filter(free);
            let next = first.or_else(|| ('C'..='Z').find(free));
            let how = match is_system && first.is_some() {
                true => "it has a Windows folder; assign another with --map",
                false => {
                    "by its order, because the registry of the server names no letter for it; assign another with --map"
                }
            };
            next.map(|letter| (letter, how))
        }
    }
}

/// The volumes that the registry of a server lists, if this is its volume of Windows.
fn mounted(volume: &Volume) -> Vec<Mounted> {
    let open = |name: &str| {
        let number = volume.find_path(&format!(r"{HIVES}\{name}"))?;
        volume.open_stream(number, &[]).ok()
    };
    let Some(hive) = open("SYSTEM") else { return Vec::new() };
    let logs: Vec<_> = ["SYSTEM.LOG1", "SYSTEM.LOG2"].into_iter().filter_map(open).collect();
    let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
    Hive::read(&hive, &logs).map(|hive| facts::system(&hive).mounted).unwrap_or_default()
}

/// Opens one image by itself.
pub(super) fn open(candidate: &Candidate<'_>) -> Result<Box<dyn Evidence>, Unopened> {
    let image = Image::open(candidate.kind, candidate.path)?;
    Ok(Box::new(join(vec![image], &[])?.evidence))
}
