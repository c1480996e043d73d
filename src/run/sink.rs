//! Output files: never inside the evidence, by any path, and always with whole records.

use super::draft::{Draft, careful, sync};
use super::syslog::Syslog;
use crate::error::{Error, Result};
use crate::inputs::Inputs;
use crate::settings::{Destination, Receiver};
use crate::targets::Plan;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

/// Nothing is written below a target: not even our own results.
pub(super) fn refuse_evidence(destinations: &[Destination], opened: &Inputs, plan: &Plan) -> Result<()> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for file in destinations.iter().filter_map(|destination| destination.file.as_ref()) {
        let place = refuse_one(file, opened, plan)?;
        if seen.contains(&place) {
            return Err(Error::Usage(format!("{} is used for two outputs", file.display())));
        }
        seen.push(place);
    }
    if destinations.iter().any(Destination::is_standard_output) {
        refuse_standard_output(opened, plan)?;
    }
    Ok(())
}

/// As [`refuse_evidence`], for standard output: a shell may have led it to a file there.
pub(super) fn refuse_standard_output(opened: &Inputs, plan: &Plan) -> Result<()> {
    #[cfg(target_os = "linux")]
    if let Ok(place) = std::fs::read_link("/proc/self/fd/1")
        && place.is_absolute()
        && std::fs::metadata(&place).is_ok_and(|metadata| metadata.is_file())
        && is_evidence(&place, opened, plan)
    {
        return Err(evidence("standard output"));
    }
    let _ = (opened, plan);
    Ok(())
}

/// As [`refuse_evidence`], of results that are read back: no output takes the place of one of them.
pub(super) fn refuse_inputs(destinations: &[Destination], inputs: &[PathBuf]) -> Result<()> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for file in destinations.iter().filter_map(|destination| destination.file.as_ref()) {
        let place = refuse_input(file, inputs)?;
        if seen.contains(&place) {
            return Err(Error::Usage(format!("{} is used for two outputs", file.display())));
        }
        seen.push(place);
    }
    Ok(())
}

/// As [`refuse_inputs`], for one file. Gives the path that it really has.
pub(super) fn refuse_input(file: &Path, inputs: &[impl AsRef<Path>]) -> Result<PathBuf> {
    let place = place(file)?;
    let is_it = |input: &Path| input.canonicalize().is_ok_and(|input| input == place) || is_same(&place, input);
    match inputs.iter().any(|input| is_it(input.as_ref())) {
        true => Err(Error::Usage(format!("{} is one of the inputs: choose another name", file.display()))),
        false => Ok(place),
    }
}

/// As [`refuse_evidence`], for one file. Gives the path that it really has.
pub(super) fn refuse_one(file: &Path, opened: &Inputs, plan: &Plan) -> Result<PathBuf> {
    let place = place(file)?;
    if is_evidence(&place, opened, plan) { Err(evidence(&file.display().to_string())) } else { Ok(place) }
}

fn evidence(what: &str) -> Error {
    Error::Usage(format!("{what} is inside the evidence, which is never written to"))
}

/// The path of an output without links on the way. A link in its own place is not followed: it could lead anywhere, and by the time
/// it is opened elsewhere than when it was looked at. Only what is no file at all (a pipe, a terminal, a device) may be reached by
/// one, as `/dev/fd/3` does it.
fn place(file: &Path) -> Result<PathBuf> {
    let failed = |source| Error::Output { to: file.display().to_string(), source };
    let absolute = std::path::absolute(file).map_err(failed)?;
    let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(Error::Usage(format!("{} is not a file", file.display())));
    };
    let place = parent.canonicalize().map_err(failed)?.join(name);
    match std::fs::symlink_metadata(&place) {
        Ok(metadata) if metadata.is_file() || is_stream(&metadata) => Ok(place),
        Ok(metadata) if metadata.is_dir() => Err(Error::Usage(format!("{} is a folder", file.display()))),
        Ok(_) if std::fs::metadata(&place).is_ok_and(|metadata| is_stream(&metadata)) => Ok(place),
        Ok(metadata) => {
            let why = match metadata.is_symlink() {
                true => "a link, and results are not written through one: name the file itself",
                false => "neither a file nor a stream",
            };
            Err(Error::Usage(format!("{} is {why}", file.display())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(place),
        Err(source) => Err(failed(source)),
    }
}

#[cfg(unix)]
fn is_stream(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    // A block device is a disk, and maybe the one that is examined.
    metadata.file_type().is_char_device() || metadata.file_type().is_fifo() || metadata.file_type().is_socket()
}

#[cfg(not(unix))]
fn is_stream(_: &Metadata) -> bool {
    false
}

/// Whether a path without links lies in what is examined.
fn is_evidence(place: &Path, opened: &Inputs, plan: &Plan) -> bool {
    let name = opened.evidence.name_of(place);
    // On the live server every disk is evidence, and results must go somewhere; there the folders that are examined whole are
    // meant.
    if opened.live {
        return name
            .is_some_and(|name| plan.areas.iter().any(|area| area.every_file && name.below(&area.path).is_some()));
    }
    name.is_some_and(|name| opened.targets.iter().any(|target| name.below(&target.path).is_some()))
        || opened
            .places
            .iter()
            .any(|evidence| place.starts_with(evidence) || is_same(place, evidence) || is_on(place, evidence))
        || inside(place, &opened.places)
}

/// Whether two names are of one file.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    id(one).is_some_and(|one| id(other) == Some(one))
}

#[cfg(not(unix))]
fn is_same(_: &Path, _: &Path) -> bool {
    false
}

/// Whether a path lies on the file system of a device, or of a partition of it: `/sys/dev/block` has the partitions of a disk below it.
#[cfg(target_os = "linux")]
fn is_on(place: &Path, device: &Path) -> bool {
    use rustix::fs::{major, minor};
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let in_sys =
        |number: u64| Path::new("/sys/dev/block").join(format!("{}:{}", major(number), minor(number))).canonicalize();
    let Ok(device) = std::fs::metadata(device) else { return false };
    let Some(Ok(folder)) = place.parent().map(std::fs::metadata) else { return false };
    device.file_type().is_block_device()
        && in_sys(device.rdev()).is_ok_and(|disk| in_sys(folder.dev()).is_ok_and(|part| part.starts_with(disk)))
}

#[cfg(not(target_os = "linux"))]
fn is_on(_: &Path, _: &Path) -> bool {
    false
}

/// Whether a path lies in one of these folders by another way: the same file system may be mounted at several places, whole or
/// in part (bind mounts). What each mount shows of which file system says `/proc/self/mountinfo` (proc(5)).
#[cfg(target_os = "linux")]
fn inside(place: &Path, folders: &[PathBuf]) -> bool {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return false };
    let at = |path: &Path| {
        let mut best: Option<(usize, String, PathBuf)> = None;
        for line in mounts.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let [_, _, device, root, point, ..] = fields[..] else { continue };
            let (root, point) = (unescaped(root), unescaped(point));
            let Ok(below) = path.strip_prefix(&point) else { continue };
            let length = point.as_os_str().len();
            // Of two at one place the later one is seen.
            if best.as_ref().is_none_or(|(known, ..)| length >= *known) {
                best = Some((length, device.to_owned(), root.join(below)));
            }
        }
        best.map(|(_, device, path)| (device, path))
    };
    let Some((device, within)) = at(place) else { return false };
    folders.iter().filter_map(|folder| at(folder)).any(|(other, folder)| device == other && within.starts_with(folder))
}

#[cfg(not(target_os = "linux"))]
fn inside(_: &Path, _: &[PathBuf]) -> bool {
    false
}

/// A path of mountinfo, in which blanks and their kin are spelled in octal.
#[cfg(target_os = "linux")]
fn unescaped(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match octal.filter(|_| first == b'\\') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

/// Creates an output. `streamed` if what is written are records, of which none must be left in half; anything else gets its name when
/// it is complete ([`Sink::finish`]).
pub(super) fn create(file: &Path, force: bool, streamed: bool) -> Result<Sink> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            return Error::Usage(format!("{} exists; --force overwrites it", file.display()));
        }
        Error::Output { to: file.display().to_string(), source }
    };
    let place = place(file)?;
    let there = std::fs::symlink_metadata(&place).ok();
    if there.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        // A pipe or a device, which `place` has looked at.
        let file = OpenOptions::new().write(true).open(&place).map_err(failed)?;
        return Ok(Sink::of(file, false));
    }
    if let Some(metadata) = &there {
        if !force {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        refuse_other_names(file, metadata)?;
    }
    if !streamed {
        let (opened, draft) = Draft::create(&place, force).map_err(failed)?;
        return Ok(Sink { draft: Some(draft), ..Sink::of(opened, false) });
    }
    if there.is_none() {
        return careful().create_new(true).open(&place).map(|file| Sink::of(file, true)).map_err(failed);
    }
    if cfg!(not(unix)) {
        // Another name of the file may lie in the evidence: this one is taken away, and the file itself left alone.
        std::fs::remove_file(&place).map_err(failed)?;
        return careful().create_new(true).open(&place).map(|file| Sink::of(file, true)).map_err(failed);
    }
    let opened = careful().open(&place).map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    refuse_other_names(file, &metadata)?;
    opened.set_len(0).map_err(failed)?;
    Ok(Sink::of(opened, true))
}

/// What is overwritten has one name, and that one is no other's.
fn refuse_other_names(file: &Path, metadata: &Metadata) -> Result<()> {
    if metadata.is_file() && !has_other_names(metadata) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{} is a file of several names (hard links), one of which may be inside the evidence: choose another name",
        file.display()
    )))
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// An opened output.
pub(super) struct Sink {
    out: Out,
    /// What of it can still be cut off, and where the last whole record ends.
    records: bool,
    at: u64,
    whole: u64,
    /// The name that it gets when it is complete.
    draft: Option<Draft>,
    /// The size that the process may give a file. The system would kill for a byte more (SIGXFSZ, setrlimit(2)).
    most: Option<u64>,
}

enum Out {
    /// A regular file.
    File(File),
    /// What has no size.
    Stream(File),
    Receiver(Syslog),
    Screen(io::Stdout),
}

impl Sink {
    fn of(file: File, records: bool) -> Self {
        let mut file = file;
        let metadata = file.metadata().ok().filter(Metadata::is_file);
        let Some(metadata) = metadata else {
            return Self { out: Out::Stream(file), records: false, at: 0, whole: 0, draft: None, most: None };
        };
        let at = file.stream_position().unwrap_or(0).max(metadata.len());
        Self { out: Out::File(file), records, at, whole: at, draft: None, most: most() }
    }

    /// Standard output, which a shell may have led to a file.
    pub(super) fn standard_output(records: bool) -> Self {
        #[cfg(unix)]
        if let Ok(own) = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned() {
            let file = File::from(own);
            if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                return Self::of(file, records);
            }
        }
        Self { out: Out::Screen(io::stdout()), records, at: 0, whole: 0, draft: None, most: None }
    }

    /// Ends it: a file that was written beside its place gets its name now, and what is sent has to arrive.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match (self.draft, self.out) {
            (_, Out::Receiver(syslog)) => syslog.close(),
            (Some(draft), Out::File(file) | Out::Stream(file)) => draft.finish(file),
            (None, Out::File(file)) => sync(&file),
            (_, Out::Stream(_) | Out::Screen(_)) => Ok(()),
        }
    }

    /// A syslog receiver, which takes lines of this format.
    pub(super) fn receiver(to: &Receiver, format: &str) -> io::Result<Self> {
        let out = Out::Receiver(Syslog::connect(to, format)?);
        Ok(Self { out, records: false, at: 0, whole: 0, draft: None, most: None })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.most.is_some_and(|most| self.at + bytes.len() as u64 > most) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it reached the file size limit (ulimit -f)"));
        }
        match &mut self.out {
            Out::File(file) | Out::Stream(file) => file.write(bytes),
            Out::Receiver(syslog) => syslog.write(bytes),
            Out::Screen(out) => out.write(bytes),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.put(bytes) {
            Ok(count) => {
                self.at += count as u64;
                Ok(count)
            }
            Err(error) => {
                // A disk that is full takes half a record; half a record is none.
                if let (true, Out::File(file)) = (self.records && self.at > self.whole, &self.out) {
                    let _ = file.set_len(self.whole);
                }
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Out::Screen(out) = &mut self.out {
            out.flush()?;
        }
        self.whole = self.at;
        Ok(())
    }
}

impl Seek for Sink {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        match &mut self.out {
            Out::File(file) => {
                self.at = file.seek(to)?;
                Ok(self.at)
            }
            Out::Stream(_) | Out::Screen(_) | Out::Receiver(_) => Err(io::ErrorKind::NotSeekable.into()),
        }
    }
}

#[cfg(unix)]
fn most() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current
}

#[cfg(not(unix))]
fn most() -> Option<u64> {
    None
}
