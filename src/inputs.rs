//! The evidence of a run, opened from the targets of the command line.

mod raw;
pub mod sources;

use crate::cli::{TargetType, Targets};
use crate::error::{Error, Result};
use crate::evidence::{Candidate, Directory, Image, Kind, Layout, Opened, Overlay, Unopened};
use crate::evidence::{collected_volume, device, drives, images_in};
use crate::host;
use crate::model::{Discovered, Problem, ProblemKind, ServerPath};
use crate::targets::{self, Plan, Target, TargetKind, recognise};
use crate::watch::{self, What};
use std::path::{Path, PathBuf};

/// The evidence of a run.
#[derive(Default)]
pub struct Inputs {
    /// The sources, each a volume or folder.
    pub evidence: Overlay,
    /// What to examine in them.
    pub targets: Vec<Target>,
    /// The drive letters whose volumes were provided.
    pub drives: Vec<char>,
    /// Whether this is the machine we run on.
    pub live: bool,
    /// Where the targets are on this machine, without links on the way.
    pub places: Vec<PathBuf>,
    /// Whether any of the targets is a disk image.
    pub has_images: bool,
    /// How the evidence was opened: drive letters, what images say of themselves, stored digests.
    pub discovered: Vec<Discovered>,
    /// What is wrong with images beside what their volumes say.
    pub problems: Vec<Problem>,
}

impl Inputs {
    /// Nothing of these targets, which are evidence all the same. Asks the evidence for nothing.
    pub fn nothing(targets: &Targets) -> Self {
        let maps = targets.map.iter().filter_map(|text| parse_map(text).ok()).map(|(folder, _)| folder);
        let places = targets.targets.iter().cloned().chain(maps);
        let places = places.filter_map(|path| std::path::absolute(path).ok()).collect();
        Self { places, ..Self::default() }
    }

    /// Whether they are those of a server: a volume, or folders with an installation or a configuration of IIS.
    pub fn are_of_a_server(&self, plan: &Plan) -> bool {
        let volume = self.targets.iter().any(|target| target.kind == TargetKind::Volume);
        volume || !plan.exchange.is_empty() || plan.iis.is_some()
    }

    /// Takes what is to be said of an archive with disk images.
    fn note_archive(&mut self, notices: Vec<String>, problems: Vec<Problem>) {
        self.discovered.extend(notices.into_iter().map(|words| Discovered { what: "image", words }));
        self.problems.extend(problems);
    }

    /// Adds the volumes of a source that has several. A volume without a letter is examined as what it contains.
    fn add_volumes(&mut self, volumes: Overlay) -> Result<()> {
        let roots: Vec<ServerPath> = volumes.roots().cloned().collect();
        for root in &roots {
            if let Some(letter) = root.drive_letter().filter(|_| root.parent().is_none()) {
                if self.drives.contains(&letter) {
                    let message =
                        format!("two volumes would both be {letter}:\\ ; assign one of them with --map FOLDER=X:\\");
                    return Err(Error::Usage(message));
                }
                self.drives.push(letter);
            }
        }
        self.evidence.join(volumes);
        for root in roots {
            let is_volume = root.drive_letter().is_some() && root.parent().is_none();
            let shape = if is_volume { TargetKind::Volume } else { recognise(&self.evidence, &root) };
            self.targets.push(Target { path: root, kind: shape });
        }
        Ok(())
    }
}

/// Opens the targets of whatever looks at files.
pub fn open(targets: &Targets) -> Result<Inputs> {
    open_for(targets, false)
}

/// Opens the targets where logs are read: a packed one is read as it is, and a folder is searched for logs whatever it is.
pub fn open_for_logs(targets: &Targets) -> Result<Inputs> {
    open_for(targets, true)
}

fn open_for(targets: &Targets, logs: bool) -> Result<Inputs> {
    let maps = targets.map.iter().map(|text| parse_map(text)).collect::<Result<Vec<_>>>()?;
    let mut opened = Inputs::default();
    let given = targets.targets.iter().map(PathBuf::as_path).chain(maps.iter().map(|(folder, _)| folder.as_path()));
    for path in given {
        let Ok(named) = std::path::absolute(path) else { continue };
        let place = watch::ask(What::Open, &ServerPath::analysis(&named), || path.canonicalize());
        opened.places.push(place.unwrap_or(named));
    }
    if targets.targets.is_empty() && maps.is_empty() {
        open_this_server(&mut opened, targets.raw)?;
        return Ok(opened);
    }
    let mut images = Vec::new();
    for target in &targets.targets {
        images.extend(open_target(target, &maps, targets.target_type, logs, &mut opened)?);
    }
    for (place, letter) in &maps {
        if let Some((path, number)) = partition_of(place, &images) {
            map_partition(&mut images, &path, number, *letter, &mut opened)?;
        } else if !opened.drives.contains(letter) {
            open_mapped(place, *letter, &mut opened)?;
        }
    }
    opened.has_images = !images.is_empty();
    opened.places.extend(images.iter().flat_map(Image::files).cloned());
    for image in &images {
        describe(image, targets.verify_image, &mut opened);
    }
    let joined = drives::join(images, &opened.drives).map_err(|error| refused(Path::new(""), error))?;
    opened.discovered.extend(joined.notices.into_iter().map(|words| Discovered { what: "drive", words }));
    opened.problems.extend(joined.problems);
    opened.add_volumes(joined.evidence)?;
    Ok(opened)
}

/// What an image says of itself and, where it is asked for, whether its content is what it was.
fn describe(image: &Image, verify: bool, opened: &mut Inputs) {
    let path = image.path().display();
    let facts = image.facts().into_iter().map(|fact| Discovered { what: "image", words: format!("{path}: {fact}") });
    opened.discovered.extend(facts);
    if !verify {
        return;
    }
    let named = std::path::absolute(image.path()).unwrap_or_else(|_| image.path().to_owned());
    let damaged = |what: String| Problem::at(ProblemKind::ImageDamaged, &ServerPath::analysis(&named), what);
    match image.verify() {
        Ok(lines) => {
            for (line, matches) in lines {
                if !matches {
                    opened.problems.push(damaged(line.clone()));
                }
                opened.discovered.push(Discovered { what: "image", words: format!("{path}: {line}") });
            }
        }
        // What can be read of it is examined all the same.
        Err(error) => {
            let what = format!("its content cannot be compared with the digests that it stores: {error}");
            opened.problems.push(damaged(what));
        }
    }
}

/// Adds what `--map` names as a volume of the server.
fn open_mapped(place: &Path, letter: char, opened: &mut Inputs) -> Result<()> {
    let kind = match std::fs::metadata(place).is_ok_and(|metadata| metadata.is_file()) {
        true => container(place)?.ok_or_else(|| Error::Usage(format!("--map {}: not a folder", place.display())))?,
        false => Kind::folder(),
    };
    if kind.is_image() {
        let message = format!(
            "--map {0}: it is {1}; use {0}#NUMBER=X:\\ with the number of a partition",
            place.display(),
            kind.name
        );
        return Err(Error::Usage(message));
    }
    add(&mut opened.evidence, kind, place, ServerPath::drive(letter))?;
    opened.drives.push(letter);
    opened.targets.push(Target { path: ServerPath::drive(letter), kind: TargetKind::Volume });
    Ok(())
}

/// `disk.E01#2`, where no file has that name: the image, and the number of the partition. The image may lie in an archive of the targets:
/// `case.zip/disk.E01#2`.
fn partition_of(place: &Path, images: &[Image]) -> Option<(PathBuf, u32)> {
    let (path, number) = place.to_str()?.rsplit_once('#')?;
    let (path, number) = (Path::new(path), number.parse().ok()?);
    let is_image = path.is_file() || device::is_device(path) || images.iter().any(|image| image.path() == path);
    (!place.exists() && is_image).then(|| (path.to_owned(), number))
}

/// Gives a partition its letter; its image is opened if it is no target already.
fn map_partition(images: &mut Vec<Image>, path: &Path, number: u32, letter: char, opened: &mut Inputs) -> Result<()> {
    let real = path.canonicalize().ok();
    let same = |image: &Image| image.path() == path || real.is_some() && image.path().canonicalize().ok() == real;
    if !images.iter().any(same) && device::is_device(path) {
        images.push(open_device(path, opened)?);
    } else if !images.iter().any(same) {
        let kind = container(path)?.filter(|kind| kind.is_image());
        let kind = kind.ok_or_else(|| Error::Usage(format!("--map {}: not a disk image", path.display())))?;
        let found = open_source(&Candidate::of(kind, path, &ServerPath::analysis(path)))?;
        images.extend(take_images(found, opened)?);
    }
    let found = images.iter_mut().find(|image| same(image)).is_some_and(|image| image.map(number, letter));
    match found {
        true => Ok(()),
        false => Err(Error::Usage(format!("--map {}#{number}: no NTFS volume is there", path.display()))),
    }
}

/// Adds what this path is taken for, under a name of the server.
fn add(evidence: &mut Overlay, kind: &'static Kind, path: &Path, shown_as: ServerPath) -> Result<()> {
    match open_source(&Candidate::of(kind, path, &shown_as))? {
        Opened::Files(source) => evidence.add(shown_as, source),
        Opened::Volumes(_) | Opened::Images { .. } => {
            let message = format!("{} holds volumes of its own: pass it as a target without --map", path.display());
            return Err(Error::Usage(message));
        }
    }
    Ok(())
}

fn open_source(candidate: &Candidate<'_>) -> Result<Opened> {
    (candidate.kind.open)(candidate).map_err(|error| refused(candidate.path, error))
}

fn refused(path: &Path, error: Unopened) -> Error {
    match error {
        Unopened::Failed(source) => Error::Target { path: path.to_owned(), source },
        Unopened::Refused(words) => Error::Usage(words),
    }
}

fn mount(evidence: &mut Overlay, folder: &Path, shown_as: ServerPath) -> Result<()> {
    add(evidence, Kind::folder(), folder, shown_as)
}

/// Opens the fixed drives of this server, from their devices if that is asked for.
fn open_this_server(opened: &mut Inputs, raw: bool) -> Result<()> {
    let drives = host::drives();
    if drives.is_empty() {
        let message = match raw {
            true => {
                "--raw is for a Windows server that this program runs on; elsewhere name a device, such as /dev/sdb"
            }
            false => "no target: name a disk image, a collection, the root of a mounted volume, a folder or a file",
        };
        return Err(Error::Usage(message.to_owned()));
    }
    opened.live = true;
    for (letter, folder) in drives {
        let root = ServerPath::drive(letter);
        // A drive without a readable volume (a card reader) is none of the server's.
        let Ok(drive) = Directory::open(&folder, root.clone()) else { continue };
        if raw {
            let drive = raw::open_drive(letter, &device::of_drive(letter), drive)?;
            opened.has_images |= drive.is_raw;
            opened.discovered.push(Discovered { what: "raw access", words: drive.words });
            opened.problems.extend(drive.problem);
            opened.evidence.add(root.clone(), drive.source);
        } else {
            opened.evidence.add(root.clone(), Box::new(drive));
        }
        opened.drives.push(letter);
        opened.targets.push(Target { path: root, kind: TargetKind::Volume });
    }
    Ok(())
}

/// Opens a device that was named.
fn open_device(path: &Path, opened: &mut Inputs) -> Result<Image> {
    let image = raw::open_device(path)?;
    opened.live |= raw::is_system_drive(path);
    opened.discovered.push(Discovered { what: "raw access", words: format!("yes: {}", path.display()) });
    Ok(image)
}

/// The kind of an image or archive, be it by its name; `None` for any other file. Scanned as a single file, a disk image would end in
/// "nothing found" although nobody looked at the disk.
fn container(file: &Path) -> Result<Option<&'static Kind>> {
    let mut probe = Overlay::new();
    let named = mount_parent(&mut probe, file)?;
    Ok(Kind::of_target_at(&probe, &named))
}

/// Adds the folder of a file, and returns the name of the file in the evidence.
fn mount_parent(evidence: &mut Overlay, file: &Path) -> Result<ServerPath> {
    let at = |source| Error::Target { path: file.to_owned(), source };
    let absolute = std::path::absolute(file).map_err(at)?;
    let Some(parent) = absolute.parent() else {
        return Err(Error::Usage(format!("{} is neither a folder nor a file", file.display())));
    };
    mount(evidence, parent, ServerPath::analysis(parent))?;
    Ok(ServerPath::analysis(&absolute))
}

/// Adds a target as what it is taken for; images are returned, because the letters of their volumes depend on the others.
fn open_target(
    target: &Path,
    maps: &[(PathBuf, char)],
    given: Option<TargetType>,
    logs: bool,
    opened: &mut Inputs,
) -> Result<Vec<Image>> {
    if device::is_device(target) {
        refuse_type(target, given)?;
        return open_device(target, opened).map(|image| vec![image]);
    }
    let absolute = std::path::absolute(target).map_err(|source| Error::Target { path: target.to_owned(), source })?;
    let named = ServerPath::analysis(&absolute);
    let metadata = watch::ask(What::Stat, &named, || std::fs::metadata(target))
        .map_err(|source| Error::Target { path: target.to_owned(), source })?;
    let kind = match metadata.is_dir() {
        true => Kind::folder(),
        false => match container(target)? {
            Some(kind) if !(logs && kind.may_hold_logs()) => kind,
            kind => {
                // A packed log is read as it is; an archive of disk images is what it is for every verb.
                if let Some(found) = kind.and_then(|kind| images_in(&Candidate::of(kind, target, &named))) {
                    refuse_type(target, given)?;
                    return take_images(found.map_err(|error| refused(target, error))?, opened);
                }
                mount_parent(&mut opened.evidence, target)?;
                opened.targets.push(Target { path: named, kind: TargetKind::File });
                return Ok(Vec::new());
            }
        },
    };
    let source = match open_source(&Candidate::of(kind, target, &named))? {
        Opened::Files(source) => source,
        Opened::Volumes(volumes) => {
            refuse_type(target, given)?;
            return opened.add_volumes(volumes).map(|()| Vec::new());
        }
        images @ Opened::Images { .. } => {
            refuse_type(target, given)?;
            return take_images(images, opened);
        }
    };
    let mut probe = Overlay::new();
    probe.add(named.clone(), source);
    let shape = match given {
        Some(TargetType::Volume) => TargetKind::Volume,
        Some(TargetType::Exchange) => TargetKind::Exchange,
        Some(TargetType::Folder) => TargetKind::Folder,
        None if metadata.is_dir() && !logs => match collected(target, &named, &probe)? {
            Some(volumes) => return opened.add_volumes(volumes).map(|()| Vec::new()),
            None => recognised(&probe, &named),
        },
        None => recognised(&probe, &named),
    };
    let shown_as = match shape {
        TargetKind::Volume => ServerPath::drive(letter_of(target, &absolute, &named, maps, opened)?),
        _ => named.clone(),
    };
    match shown_as == named {
        true => opened.evidence.join(probe),
        // A volume is named by its letter, and what was opened is not renamed.
        false => add(&mut opened.evidence, kind, target, shown_as.clone())?,
    }
    // The drive that this machine's own Windows runs from; any other volume here may be an image that somebody mounted.
    opened.live |= shape == TargetKind::Volume && host::system_drive().is_some_and(|drive| drive == absolute);
    opened.targets.push(Target { path: shown_as, kind: shape });
    Ok(Vec::new())
}

/// The images of a target; nothing else is asked for here.
fn take_images(found: Opened, opened: &mut Inputs) -> Result<Vec<Image>> {
    let Opened::Images { images, notices, problems } = found else { return Ok(Vec::new()) };
    opened.note_archive(notices, problems);
    Ok(images)
}

/// Refuses a type for what holds volumes: these are examined as volumes whatever the user takes the target for, and a type that changes
/// nothing would be taken for one that does.
fn refuse_type(target: &Path, given: Option<TargetType>) -> Result<()> {
    let name = match given {
        None | Some(TargetType::Volume) => return Ok(()),
        Some(TargetType::Exchange) => "exchange",
        Some(TargetType::Folder) => "folder",
    };
    let message = format!(
        "--target-type {name}: {} holds the volumes of a server, which are examined as volumes; leave the option out, or mount or unpack \
         it and scan the folder",
        target.display()
    );
    Err(Error::Usage(message))
}

/// The volumes that a collector left in a folder.
fn collected(target: &Path, named: &ServerPath, probe: &Overlay) -> Result<Option<Overlay>> {
    let layout = Layout {
        evidence: probe,
        folder: named,
        is_server: targets::is_server(probe, named),
        installations: &|| targets::installations_in(probe, named),
    };
    let Some((kind, volumes)) = Kind::of_folder(&layout).filter(|(_, volumes)| !volumes.is_empty()) else {
        return Ok(None);
    };
    match open_source(&Candidate { kind, path: target, shown_as: named.clone(), volumes })? {
        Opened::Volumes(volumes) => Ok(Some(volumes)),
        Opened::Files(_) | Opened::Images { .. } => Ok(None),
    }
}

fn recognised(probe: &Overlay, named: &ServerPath) -> TargetKind {
    match recognise(probe, named) {
        // Whatever little of a volume was collected: its name says what it is.
        TargetKind::Folder if named.parent().and(collected_volume(named)).is_some() => TargetKind::Volume,
        kind => kind,
    }
}

/// The drive letter of a folder that is a volume.
fn letter_of(
    target: &Path,
    absolute: &Path,
    named: &ServerPath,
    maps: &[(PathBuf, char)],
    opened: &mut Inputs,
) -> Result<char> {
    let same = |folder: &Path| folder.canonicalize().ok() == absolute.canonicalize().ok();
    let mapped = maps.iter().find(|(folder, _)| same(folder)).map(|(_, letter)| *letter);
    let own = named.parent().is_none().then(|| named.drive_letter()).flatten();
    let letter = mapped.or(own).or(collected_volume(named)).unwrap_or('C');
    if opened.drives.contains(&letter) {
        let message =
            format!("two volumes would both be {letter}:\\ ; assign this one with --map {}=X:\\", target.display());
        return Err(Error::Usage(message));
    }
    opened.drives.push(letter);
    Ok(letter)
}

/// `FOLDER=D:\`, `IMAGE#PARTITION=D:\`
fn parse_map(text: &str) -> Result<(PathBuf, char)> {
    let wrong = || Error::Usage(format!("--map {text}: use FOLDER=D:\\ or IMAGE#PARTITION=D:\\"));
    let (folder, drive) = text.rsplit_once('=').ok_or_else(wrong)?;
    let path = ServerPath::from_windows(drive).ok_or_else(wrong)?;
    match (path.parent(), path.drive_letter()) {
        (None, Some(letter)) if !folder.is_empty() => Ok((PathBuf::from(folder), letter)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_name_a_folder_and_a_drive() {
        assert_eq!(parse_map(r"/mnt/a=b=d:\").expect("a map"), (PathBuf::from("/mnt/a=b"), 'D'));
        for text in ["/mnt", r"=D:\", r"/mnt=D:\x", "/mnt=D", r"/mnt=\\server\share"] {
            assert!(parse_map(text).is_err(), "{text}");
        }
    }
}
