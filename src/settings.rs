//! Validated settings with defaults, from the command line.

use crate::catalogue::{HashList, parse_list};
use crate::cli::{self, LevelName, Lists, TargetType, Targets};
use crate::detect::DETECTORS;
use crate::error::{Error, Result};
use crate::evidence::{Candidate, Directory, Evidence, Kind, Layout, Overlay, Resolver, Unopened, collected_volume};
use crate::host;
use crate::model::{Discovered, Level, Problem, ProblemKind, ServerPath, Window};
use crate::report::{self, Format};
use crate::targets::{self, Target, TargetKind, recognise};
use crate::watch::{self, What};
use std::path::{Path, PathBuf};

/// The evidence of a run.
pub struct Inputs {
    /// The sources, each a volume or folder.
    pub evidence: Overlay,
    /// What to examine in them.
    pub targets: Vec<Target>,
    /// The drive letters whose volumes were provided.
    pub drives: Vec<char>,
    /// Whether this is the machine we run on.
    pub live: bool,
    /// Where the targets lie on this machine, without links on the way.
    pub places: Vec<PathBuf>,
}

impl Inputs {
    /// Nothing of these targets, which are evidence all the same. Asks the evidence for nothing.
    pub fn nothing(targets: &Targets) -> Self {
        let maps = targets.map.iter().filter_map(|text| parse_map(text).ok()).map(|(folder, _)| folder);
        let places = targets.targets.iter().cloned().chain(maps);
        let places = places.filter_map(|path| std::path::absolute(path).ok()).collect();
        Self { evidence: Overlay::new(), targets: Vec::new(), drives: Vec::new(), live: false, places }
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
    let mut opened =
        Inputs { evidence: Overlay::new(), targets: Vec::new(), drives: Vec::new(), live: false, places: Vec::new() };
    let given = targets.targets.iter().map(PathBuf::as_path).chain(maps.iter().map(|(folder, _)| folder.as_path()));
    for path in given {
        let Ok(named) = std::path::absolute(path) else { continue };
        let place = watch::ask(What::Open, &ServerPath::analysis(&named), || path.canonicalize());
        opened.places.push(place.unwrap_or(named));
    }
    if targets.targets.is_empty() && maps.is_empty() {
        open_this_server(&mut opened)?;
        return Ok(opened);
    }
    for target in &targets.targets {
        open_target(target, &maps, targets.target_type, logs, &mut opened)?;
    }
    for (folder, letter) in &maps {
        if !opened.drives.contains(letter) {
            let kind = match std::fs::metadata(folder).is_ok_and(|metadata| metadata.is_file()) {
                true => container(folder, false)?
                    .ok_or_else(|| Error::Usage(format!("--map {}: not a folder", folder.display())))?,
                false => Kind::folder(),
            };
            add(&mut opened.evidence, kind, folder, ServerPath::drive(*letter))?;
            opened.drives.push(*letter);
            opened.targets.push(Target { path: ServerPath::drive(*letter), kind: TargetKind::Volume });
        }
    }
    Ok(opened)
}

/// Adds what this path is taken for, under a name of the server.
fn add(evidence: &mut Overlay, kind: &'static Kind, path: &Path, shown_as: ServerPath) -> Result<()> {
    let candidate = Candidate { kind, path, shown_as: shown_as.clone(), volumes: Vec::new() };
    evidence.add(shown_as, open_source(&candidate)?);
    Ok(())
}

fn open_source(candidate: &Candidate<'_>) -> Result<Box<dyn Evidence>> {
    (candidate.kind.open)(candidate).map_err(|error| match error {
        Unopened::Failed(source) => Error::Target { path: candidate.path.to_owned(), source },
        Unopened::Refused(words) => Error::Usage(words),
    })
}

fn mount(evidence: &mut Overlay, folder: &Path, shown_as: ServerPath) -> Result<()> {
    add(evidence, Kind::folder(), folder, shown_as)
}

fn open_this_server(opened: &mut Inputs) -> Result<()> {
    let drives = host::drives();
    if drives.is_empty() {
        return Err(Error::Usage("no target: pass the root of a mounted image, a folder or a file".to_owned()));
    }
    opened.live = true;
    for (letter, root) in drives {
        // A drive without a readable volume (a card reader) is none of the server's.
        if mount(&mut opened.evidence, &root, ServerPath::drive(letter)).is_ok() {
            opened.drives.push(letter);
            opened.targets.push(Target { path: ServerPath::drive(letter), kind: TargetKind::Volume });
        }
    }
    Ok(())
}

/// The kind of an image or archive; `None` for any other file, and for compressed logs that `logs` reads directly. Scanned as a
/// single file, a disk image would end in "nothing found" although nobody looked at the disk.
fn container(file: &Path, logs: bool) -> Result<Option<&'static Kind>> {
    let mut probe = Overlay::new();
    let named = mount_parent(&mut probe, file)?;
    Ok(Kind::at(&probe, &named).filter(|kind| !(logs && kind.may_hold_logs())))
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

/// Adds a target as what it is taken for.
fn open_target(
    target: &Path,
    maps: &[(PathBuf, char)],
    shape: Option<TargetType>,
    logs: bool,
    opened: &mut Inputs,
) -> Result<()> {
    let absolute = std::path::absolute(target).map_err(|source| Error::Target { path: target.to_owned(), source })?;
    let named = ServerPath::analysis(&absolute);
    let metadata = watch::ask(What::Stat, &named, || std::fs::metadata(target))
        .map_err(|source| Error::Target { path: target.to_owned(), source })?;
    let kind = match metadata.is_dir() {
        true => Kind::folder(),
        false => match container(target, logs)? {
            Some(kind) => kind,
            None => {
                mount_parent(&mut opened.evidence, target)?;
                opened.targets.push(Target { path: named, kind: TargetKind::File });
                return Ok(());
            }
        },
    };
    let shape = match shape {
        Some(TargetType::Volume) => TargetKind::Volume,
        Some(TargetType::Exchange) => TargetKind::Exchange,
        Some(TargetType::Folder) => TargetKind::Folder,
        None => {
            let mut probe = Overlay::new();
            add(&mut probe, kind, target, named.clone())?;
            if !logs && metadata.is_dir() {
                let layout = Layout {
                    evidence: &probe,
                    folder: &named,
                    is_server: targets::is_server(&probe, &named),
                    installations: &|| targets::installations_in(&probe, &named),
                };
                if let Some((kind, volumes)) = Kind::of_folder(&layout).filter(|(_, volumes)| !volumes.is_empty()) {
                    open_source(&Candidate { kind, path: target, shown_as: named.clone(), volumes })?;
                }
            }
            match recognise(&probe, &named) {
                // Whatever little of a volume was collected: its name says what it is.
                TargetKind::Folder if named.parent().and(collected_volume(&named)).is_some() => TargetKind::Volume,
                shape => shape,
            }
        }
    };
    let shown_as = match shape {
        TargetKind::Volume => {
            let same = |folder: &Path| folder.canonicalize().ok() == absolute.canonicalize().ok();
            let mapped = maps.iter().find(|(folder, _)| same(folder)).map(|(_, letter)| *letter);
            let own = named.parent().is_none().then(|| named.drive_letter()).flatten();
            let letter = mapped.or(own).or(collected_volume(&named)).unwrap_or('C');
            if opened.drives.contains(&letter) {
                let message = format!(
                    "two volumes would both be {letter}:\\ ; assign this one with --map {}=X:\\",
                    target.display()
                );
                return Err(Error::Usage(message));
            }
            opened.drives.push(letter);
            ServerPath::drive(letter)
        }
        _ => named,
    };
    add(&mut opened.evidence, kind, target, shown_as.clone())?;
    // The drive that this machine's own Windows runs from; any other volume here may be an image that somebody mounted.
    opened.live |= shape == TargetKind::Volume && host::system_drive().is_some_and(|drive| drive == absolute);
    opened.targets.push(Target { path: shown_as, kind: shape });
    Ok(())
}

/// `PREFIX=D:\`
fn parse_map(text: &str) -> Result<(PathBuf, char)> {
    let wrong = || Error::Usage(format!("--map {text}: use FOLDER=D:\\"));
    let (folder, drive) = text.rsplit_once('=').ok_or_else(wrong)?;
    let path = ServerPath::from_windows(drive).ok_or_else(wrong)?;
    match (path.parent(), path.drive_letter()) {
        (None, Some(letter)) if !folder.is_empty() => Ok((PathBuf::from(folder), letter)),
        _ => Err(wrong()),
    }
}

/// The volume root above a file or, failing that, the Exchange folder, recognised by what is in it.
pub fn root_above(file: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(file).ok()?;
    let holds = |folder: &Path, inside: &[&str]| {
        let name = ServerPath::analysis(folder);
        let Ok(probe) = Directory::open(folder, name.clone()) else { return false };
        let resolver = Resolver::new(&probe);
        inside.iter().any(|names| !resolver.folders_below(&name, names).is_empty())
    };
    let above = |inside: &[&str]| absolute.ancestors().skip(1).find(|folder| holds(folder, inside)).map(Path::to_owned);
    above(&[r"Windows\System32", r"inetpub\wwwroot"])
        .or_else(|| above(&[crate::catalogue::ExchangeFolder::FrontEnd.first()]))
}

/// A size as `64MiB`, `10MB`, `4096`.
pub fn parse_size(text: &str) -> Result<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => 0,
    };
    let size = digits.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    size.filter(|size| *size > 0).ok_or_else(|| Error::Usage(format!("--max-size {text}: use a size such as 64MiB")))
}

/// The span of time that is asked about.
pub fn window(times: &cli::Times) -> Result<Option<Window>> {
    let text = times.window.as_ref();
    text.map(|text| Window::parse(text).map_err(|why| Error::Usage(format!("--window {text}: {why}")))).transpose()
}

/// The detectors to run.
pub fn detectors(only: &[String], without: &[String]) -> Result<Vec<&'static str>> {
    // `location` by its name before schema 2.
    let today = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| if name == "placement" { "location".to_owned() } else { name.clone() }).collect()
    };
    let (only, without) = (&today(only), &today(without));
    for name in only.iter().chain(without) {
        if !DETECTORS.iter().any(|detector| detector.id == name) {
            let known: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
            return Err(Error::Usage(format!("unknown detector {name}; available are {}", known.join(", "))));
        }
    }
    let chosen: Vec<&'static str> = DETECTORS
        .iter()
        .map(|detector| detector.id)
        .filter(|id| (only.is_empty() || only.iter().any(|name| name == id)) && !without.iter().any(|name| name == id))
        .collect();
    if chosen.is_empty() {
        return Err(Error::Usage("every detector is disabled".to_owned()));
    }
    Ok(chosen)
}

/// A level by its name on the command line.
pub fn level(name: LevelName) -> Level {
    Level::ALL[name as usize]
}

/// The user's hash lists.
#[derive(Debug, Default)]
pub struct HashLists {
    /// Of malicious files.
    pub hostile: HashList,
    /// Of files that are not examined; SHA-256 only.
    pub allowed: HashList,
    /// The lines that could not be used.
    pub problems: Vec<Problem>,
    /// Which lists these are, for the report.
    pub used: Vec<Discovered>,
}

/// Reads the user's hash lists.
pub fn hash_lists(lists: &Lists) -> Result<HashLists> {
    let mut all = HashLists::default();
    for (paths, option) in [(&lists.iocs, "--iocs"), (&lists.allow_hashes, "--allow-hashes")] {
        for path in paths {
            let bytes = std::fs::read(path).map_err(|source| Error::Input { path: path.clone(), source })?;
            let name = path.display().to_string();
            let mut parsed = parse_list(&String::from_utf8_lossy(&bytes), &name);
            if parsed.list.is_empty() {
                return Err(Error::Usage(format!("{name}: no line contains a hash")));
            }
            let clears = option == "--allow-hashes";
            if clears {
                parsed = parsed.only_sha256();
            }
            for (line, why) in &parsed.bad {
                all.problems.push(Problem::general(ProblemKind::IndicatorUnusable, format!("{name}:{line}: {why}")));
            }
            all.used.push(used(option, path, &format!(", {} hashes", parsed.list.len()), &bytes));
            let list = if clears { &mut all.allowed } else { &mut all.hostile };
            list.extend(parsed.list);
        }
    }
    Ok(all)
}

/// The other files of rules and reference data that are used, each file of a folder by itself: what the result rests on.
pub fn further_lists(rules: &[PathBuf], baselines: &[PathBuf], data_dir: Option<&Path>) -> Vec<Discovered> {
    let data: Vec<PathBuf> = data_dir.map(Path::to_owned).into_iter().collect();
    let mut all = Vec::new();
    for (paths, option) in [(rules, "--rules"), (baselines, "--baseline"), (&data, "--data-dir")] {
        for path in paths {
            let mut files = vec![path.clone()];
            if let Ok(folder) = std::fs::read_dir(path) {
                files = folder.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
                files.sort();
            }
            // One that cannot be read is reported by who uses it.
            all.extend(files.iter().filter_map(|file| Some(used(option, file, "", &std::fs::read(file).ok()?))));
        }
    }
    all
}

/// A list of the user's, with the digest by which it can be found again.
fn used(option: &str, path: &Path, what: &str, bytes: &[u8]) -> Discovered {
    use sha2::{Digest, Sha256};
    let sha256 = hex::encode(Sha256::digest(bytes));
    Discovered { what: "list", words: format!("{option} {}{what}, sha256 {sha256}", path.display()) }
}

/// One thing to write.
pub struct Destination {
    /// How.
    pub format: &'static Format,
    /// Where; `None` for standard output.
    pub file: Option<PathBuf>,
}

/// Whether a path is a name of standard output.
pub fn is_standard_output(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path.as_os_str() == *name)
}

/// What is written where. `host` and `now` name files that have no name.
pub fn destinations(output: &cli::Output, host: Option<&str>, now: &str) -> Result<Vec<Destination>> {
    let mut formats = Vec::new();
    let known = || report::FORMATS.iter().map(|format| format.id).collect::<Vec<_>>().join(", ");
    for name in &output.format {
        formats.push(
            report::format(name)
                .ok_or_else(|| Error::Usage(format!("unknown format {name}; available are {}", known())))?,
        );
    }
    if output.output.len() > formats.len() && !formats.is_empty() {
        return Err(Error::Usage("more --output than --format".to_owned()));
    }
    for path in output.output.iter().skip(formats.len()) {
        formats.push(format_of(path)?);
    }
    if formats.is_empty() {
        formats.push(&report::FORMATS[0]);
    }
    let automatic = |format: &Format| {
        let safe = |text: &str| {
            text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect::<String>()
        };
        PathBuf::from(format!("shellsift_{}_{}.{}", safe(host.unwrap_or("image")), safe(now), format.extension))
    };
    let mut destinations = Vec::new();
    let mut on_screen = false;
    for (at, format) in formats.into_iter().enumerate() {
        let file = match output.output.get(at) {
            Some(path) if is_standard_output(path) => None,
            Some(path) if path.is_dir() => Some(path.join(automatic(format))),
            Some(path) => Some(path.clone()),
            // The first format without a place goes to the screen, every further one to a file of its own.
            None if !on_screen => None,
            None => Some(automatic(format)),
        };
        if file.is_none() {
            if on_screen {
                return Err(Error::Usage("two formats for standard output".to_owned()));
            }
            on_screen = true;
        }
        destinations.push(Destination { format, file });
    }
    Ok(destinations)
}

/// The format that a path asks for by its extension: without one a table, and never a table where it asks for something else.
fn format_of(path: &Path) -> Result<&'static Format> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let Some(extension) = extension.filter(|_| !path.is_dir()) else { return Ok(&report::FORMATS[0]) };
    report::format_of(&extension).ok_or_else(|| {
        let known: Vec<&str> = report::FORMATS.iter().map(|format| format.extension).collect();
        let (path, known) = (path.display(), known.join(", "));
        Error::Usage(format!("{path}: no format has the extension {extension} ({known}); choose one with --format"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_the_units_people_write() {
        for (text, size) in [("64MiB", 64 << 20), ("4096", 4096), ("10mb", 10_000_000), ("1g", 1 << 30)] {
            assert_eq!(parse_size(text).expect("a size"), size, "{text}");
        }
        for text in ["", "x", "0", "-1", "5 parsecs", "99999999999999999999", "18446744073709551615GiB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn maps_name_a_folder_and_a_drive() {
        assert_eq!(parse_map(r"/mnt/a=b=d:\").expect("a map"), (PathBuf::from("/mnt/a=b"), 'D'));
        for text in ["/mnt", r"=D:\", r"/mnt=D:\x", "/mnt=D", r"/mnt=\\server\share"] {
            assert!(parse_map(text).is_err(), "{text}");
        }
    }

    #[test]
    fn formats_and_places_are_paired() {
        let plan = |formats: &[&str], outputs: &[&str]| {
            let output = cli::Output {
                format: formats.iter().map(|f| (*f).to_owned()).collect(),
                output: outputs.iter().map(PathBuf::from).collect(),
                ..cli::Output::default()
            };
            destinations(&output, Some("MAIL 1"), "2021-03-03T06:59:21Z").map(|all| {
                all.iter()
                    .map(|d| {
                        format!("{}:{}", d.format.id, d.file.as_ref().map_or("-".into(), |f| f.display().to_string()))
                    })
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(plan(&[], &[]).expect("fits"), ["table:-"]);
        assert_eq!(plan(&["jsonl"], &["x.log"]).expect("fits"), ["jsonl:x.log"]);
        assert_eq!(
            plan(&["table", "csv"], &[]).expect("fits"),
            ["table:-", "csv:shellsift_MAIL_1_2021-03-03T06_59_21Z.csv"]
        );
        assert_eq!(plan(&[], &["a.csv"]).expect("fits"), ["csv:a.csv"]);
        assert!(plan(&["xml"], &[]).is_err());
        for unknown in ["a.html", "a.XLSX", "a.json"] {
            let error = plan(&[], &[unknown]).expect_err("no such format").to_string();
            assert!(error.contains("no format has the extension"), "{error}");
            assert!(plan(&["csv"], &[unknown]).is_ok(), "the format is said");
        }
        assert_eq!(plan(&[], &["a.TXT", "b"]).expect("fits"), ["table:a.TXT", "table:b"]);
        assert!(plan(&["csv"], &["a", "b"]).is_err());
        assert!(plan(&["csv", "table"], &["-", "-"]).is_err());
    }

    #[test]
    fn unknown_detectors_and_an_empty_choice_are_refused() {
        let others = crate::detect::DETECTORS.len() - 1;
        assert_eq!(detectors(&[], &["location".to_owned()]).expect("the others are left").len(), others);
        assert!(detectors(&["nose".to_owned()], &[]).is_err());
        assert!(detectors(&["location".to_owned()], &["location".to_owned()]).is_err());
    }
}
