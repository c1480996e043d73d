//! Volumes and disks of this machine that are read from their devices.

use crate::error::{Error, Result};
use crate::evidence::device::{self, NotRaw};
use crate::evidence::{Directory, Evidence, Image, NtfsVolume, image::NotOpened};
use crate::host;
use crate::model::{Problem, ProblemKind, ServerPath};
use std::path::{Path, PathBuf};

/// A drive of this server.
pub(super) struct Drive {
    pub(super) source: Box<dyn Evidence>,
    /// Whether it is read from its device.
    pub(super) is_raw: bool,
    /// The same in words, for the head of the report.
    pub(super) words: String,
    /// Why it is not, where that is a gap.
    pub(super) problem: Option<Problem>,
}

/// Opens a drive of this server from its device where that holds NTFS, else as the system shows it, which `drive` is.
pub(super) fn open_drive(letter: char, at: &Path, drive: Directory) -> Result<Drive> {
    // The whole $MFT is read here, on a server at work.
    host::background_io();
    let name = at.display();
    let through_windows = |drive: Directory, why: &dyn std::fmt::Display| Drive {
        source: Box::new(drive),
        is_raw: false,
        words: format!("no: {letter}: is read through Windows, because {why}"),
        problem: None,
    };
    match device::open_volume(at) {
        Ok(volume) => {
            let source = Box::new(NtfsVolume::of_drive(volume, at, drive));
            Ok(Drive { source, is_raw: true, words: format!("yes: {letter}: is read from {name}"), problem: None })
        }
        // Without the right to open a device it fails here, not after hours of a scan that would lack it.
        Err(NotRaw::Refused(why)) => {
            let message = format!("--raw: {name} cannot be opened: {why}; run as an administrator, or without --raw");
            Err(Error::Usage(message))
        }
        Err(NotRaw::FileSystem(why)) => Ok(through_windows(drive, &why)),
        Err(NotRaw::Damaged(why)) => {
            let what = format!("the volume was read through Windows, not from its device: {why}");
            let problem = Some(Problem::at(ProblemKind::FileUnreadable, &ServerPath::analysis(at), what));
            Ok(Drive { problem, ..through_windows(drive, &why) })
        }
    }
}

/// Whether a device is the drive that this machine's Windows runs from.
pub(super) fn is_system_drive(path: &Path) -> bool {
    let drive = device::drive_of(path).map(|letter| PathBuf::from(format!(r"{letter}:\")));
    drive.is_some() && drive == host::system_drive()
}

/// Opens a device that was named.
pub(super) fn open_device(path: &Path) -> Result<Image> {
    if is_system_drive(path) {
        host::background_io();
    }
    Image::of_device(path).map_err(|error| match error {
        NotOpened::Failed(source) => Error::Target { path: path.to_owned(), source },
        NotOpened::Refused(why) => Error::Usage(format!("{}: {why}", path.display())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plain file stands for the device.
    #[test]
    fn a_drive_is_read_from_its_device_or_through_the_system_and_the_head_says_which() {
        let folder = tempfile::tempdir().expect("made");
        let device = folder.path().join("device");
        let open =
            || open_drive('C', &device, Directory::open(folder.path(), ServerPath::drive('C')).expect("a folder"));
        let is_raw = |drive: &Drive| {
            let source = drive.source.sources().remove(0);
            assert_eq!(drive.is_raw, source.gives.contains(&"deleted files"));
            drive.is_raw
        };
        // Without the right to open it there is no scan that lacks it in silence.
        let Err(Error::Usage(refused)) = open() else { panic!("opened") };
        assert!(refused.contains("administrator") && refused.contains("device"), "{refused}");

        std::fs::write(&device, [0; 65_536]).expect("written");
        let opened = open().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.words, "no: C: is read through Windows, because it is not an NTFS volume");
        assert!(opened.problem.is_none() && !is_raw(&opened));

        let text = include_str!("../../fixtures/images/volume.ntfs.gz.b64").split_whitespace().collect::<String>();
        let packed = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64");
        let mut volume = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut volume).expect("gzip");
        std::fs::write(&device, &volume).expect("written");
        let opened = open().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.words, format!("yes: C: is read from {}", device.display()));
        assert!(opened.problem.is_none() && is_raw(&opened));

        volume[512..].fill(0);
        std::fs::write(&device, &volume).expect("written");
        let opened = open().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.problem.as_ref().map(|problem| problem.kind), Some(ProblemKind::FileUnreadable));
        assert!(opened.words.starts_with("no: C:") && !is_raw(&opened), "{}", opened.words);
    }
}
