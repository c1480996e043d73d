//! The volumes of disk images under the drive letters that the server gave them.

use super::image::{Image, ImageVolume};
use super::kind::Unopened;
use super::ntfs::NtfsVolume;
use super::{Directory, Evidence, Overlay, collection, device};
use crate::model::{Problem, ProblemKind, ServerPath};
use shellsift_disk::ReadAt;
use shellsift_ntfs::Volume;
use shellsift_registry::Hive;
use shellsift_registry::facts::{self, Mounted};
use std::path::Path;
use std::sync::Arc;

/// Where Windows keeps its configuration, from the root of its volume.
const HIVES: &str = r"Windows\System32\config";
/// The folder by which the volume of Windows is recognised.
const SYSTEM32: &str = r"Windows\System32";

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

/// Joins the volumes of the images of one server under its drive letters: those that were given by [`Image::map`], those of its registry,
/// and the others in their order, the volume of Windows as C.
///
/// # Errors
/// Why a collection on a disk is not opened.
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
    for image in &images {
        for volume in image.volumes.iter().filter(|volume| !volume.is_collection && volume.letter.is_none()) {
            let message = format!(
                "{} was not examined: there is no drive letter left for it; assign one with --map",
                image.name_of(volume)
            );
            sources.push(Problem::at(ProblemKind::ImageNotOpened, &image.shown_path(), message));
        }
    }
    let mut problems = Some(sources);
    for image in images {
        for volume in image.volumes.iter().filter(|volume| !volume.is_collection) {
            let name = image.name_of(volume);
            let Some(letter) = volume.letter else { continue };
            let root = ServerPath::drive(letter);
            let (inner, kind) = (Arc::clone(&volume.volume), volume.kind.clone());
            let source = NtfsVolume::new(inner, root.clone(), name, kind, problems.take());
            let source = source.with_shadow_copies(volume.shadows.clone());
            let source = source.with_drive(drive(&image, letter));
            joined.evidence.add(root, Box::new(source));
        }
    }
    joined.problems = problems.unwrap_or_default();
    Ok(joined)
}

/// The same volume as the system shows it, of the device of a drive that keeps its letter.
fn drive(image: &Image, letter: char) -> Option<Directory> {
    device::drive_of(image.path()).filter(|own| *own == letter)?;
    Directory::open(Path::new(&format!(r"{letter}:\")), ServerPath::drive(letter)).ok()
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
    let logs: Vec<_> = Hive::LOGS.iter().filter_map(|end| open(&format!("SYSTEM{end}"))).collect();
    let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
    Hive::read(&hive, &logs).map(|hive| facts::system(&hive).mounted).unwrap_or_default()
}
