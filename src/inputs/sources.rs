//! The evidence of an earlier run, opened again from the sources that its results name.

use super::{Inputs, add, open};
use crate::cli::Targets;
use crate::error::Result;
use crate::evidence::{Kind, device};
use crate::host;
use crate::model::ServerPath;
use crate::targets::{Target, TargetKind};
use std::path::{Path, PathBuf};

/// Opens sources, each by its path on this machine and its path on the server. Gives also those that are not there, in words.
pub fn open_sources(sources: &[(String, String)]) -> Result<(Inputs, Vec<String>)> {
    let (mut targets, mut folders, mut missing) = (Targets::default(), Vec::new(), Vec::new());
    for (path, shown_as) in sources {
        let local = Path::new(path);
        let Some(name) = ServerPath::from_shown(shown_as) else {
            missing.push(format!("{path}: {shown_as} is no path of a server"));
            continue;
        };
        let letter = name.drive_letter().filter(|_| name.parent().is_none());
        if local.is_dir() {
            folders.push((local.to_owned(), name));
        } else if let Some(container) = container(local) {
            // One partition of an image has the letter that it had then.
            let letter = letter.filter(|_| is_partition(path));
            if let Some(letter) = letter {
                targets.map.push(format!("{path}={letter}:\\"));
            }
            // An image in an archive is opened with the archive.
            let is_mapped = letter.is_some() && is_directly_in(path, &container);
            if !is_mapped && !targets.targets.contains(&container) {
                targets.targets.push(container);
            }
        } else {
            missing.push(format!("{path} is not there"));
        }
    }
    let mut opened = match targets.targets.is_empty() && targets.map.is_empty() {
        true => Inputs::default(),
        false => open(&targets)?,
    };
    for (folder, name) in folders {
        opened.live |= host::system_drive().is_some_and(|drive| drive == folder);
        add(&mut opened.evidence, Kind::folder(), &folder, name.clone())?;
        opened.places.push(folder.canonicalize().unwrap_or(folder));
        opened.targets.push(Target { path: name, kind: TargetKind::Folder });
    }
    Ok((opened, missing))
}

/// Whether a source is a partition of an image: `disk.E01#2`.
fn is_partition(path: &str) -> bool {
    path.rsplit_once('#').is_some_and(|(_, number)| number.parse::<u32>().is_ok())
}

/// Whether the image of a partition is this file itself.
fn is_directly_in(path: &str, container: &Path) -> bool {
    path.rsplit_once('#').is_some_and(|(image, _)| Path::new(image) == container)
}

/// The file or device that a source is, or is in: `disk.E01` of `disk.E01#2`, `case.zip` of `case.zip/C`.
fn container(path: &Path) -> Option<PathBuf> {
    let is_one = |path: &Path| path.is_file() || device::is_device(path);
    if is_one(path) {
        return Some(path.to_owned());
    }
    let image = path.to_str().and_then(|text| text.rsplit_once('#')).map(|(image, _)| PathBuf::from(image));
    let image = image.unwrap_or_else(|| path.to_owned());
    image.ancestors().find(|path| is_one(path)).map(Path::to_owned)
}
