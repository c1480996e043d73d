//! Validated settings with defaults, from the command line.

use crate::catalogue::{HashList, parse_list};
use crate::cli::{self, LevelName, Lists};
use crate::detect::DETECTORS;
use crate::error::{Error, Result};
use crate::evidence::{Directory, Resolver};
use crate::model::{Discovered, Level, Problem, ProblemKind, ServerPath, Window};
use crate::report::{self, Format};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

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

/// The size that an option has, as `64MiB`, `10MB`, `4096`.
pub fn parse_size(option: &str, text: &str) -> Result<u64> {
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
    size.filter(|size| *size > 0).ok_or_else(|| Error::Usage(format!("{option} {text}: use a size such as 64MiB")))
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
    pub malicious: HashList,
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
                all.problems.push(Problem::general(ProblemKind::IndicatorInvalid, format!("{name}:{line}: {why}")));
            }
            all.used.push(used(option, path, &format!(", {} hashes", parsed.list.len()), &bytes));
            let list = if clears { &mut all.allowed } else { &mut all.malicious };
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
pub fn used(option: &str, path: &Path, what: &str, bytes: &[u8]) -> Discovered {
    use sha2::{Digest, Sha256};
    let sha256 = hex::encode(Sha256::digest(bytes));
    Discovered { what: "list", words: format!("{option} {}{what}, sha256 {sha256}", path.display()) }
}

/// One thing to write.
pub struct Destination {
    /// How.
    pub format: &'static Format,
    /// Where; `None` for standard output, unless it is sent.
    pub file: Option<PathBuf>,
    /// Whom it is sent to instead.
    pub receiver: Option<Receiver>,
}

impl Destination {
    /// Whether it is written to standard output.
    pub fn is_standard_output(&self) -> bool {
        self.file.is_none() && self.receiver.is_none()
    }
}

/// A syslog receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// How messages get there.
    pub transport: Transport,
    /// `HOST:PORT`; an IPv6 address in brackets.
    pub address: String,
}

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream, in which nothing is lost unnoticed.
    Tcp,
    /// Datagrams.
    Udp,
}

/// The formats of one event per line, which can be sent.
const SENT: [&str; 2] = ["cef", "jsonl"];

/// The receiver that an output names: `tcp://HOST:PORT` or `udp://HOST:PORT`.
fn receiver(output: &Path) -> Result<Option<Receiver>> {
    let text = output.to_string_lossy();
    let (transport, address) = match text.split_once("://") {
        Some(("tcp", address)) => (Transport::Tcp, address),
        Some(("udp", address)) => (Transport::Udp, address),
        _ => return Ok(None),
    };
    let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).and_then(|(_, port)| port.parse().ok());
    match port {
        Some(1_u16..) if !address.contains(['/', '@', ' ']) => {
            Ok(Some(Receiver { transport, address: address.to_owned() }))
        }
        _ => Err(Error::Usage(format!("--output {text}: use tcp://HOST:PORT or udp://HOST:PORT"))),
    }
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
    for (_, name) in [(output.json, "jsonl"), (output.html, "html")].into_iter().filter(|(is_given, _)| *is_given) {
        let unknown = || Error::Usage(format!("unknown format {name}; available are {}", known()));
        formats.push(report::format(name).ok_or_else(unknown)?);
    }
    if output.output.len() > formats.len() && !formats.is_empty() {
        return Err(Error::Usage("more --output than --format".to_owned()));
    }
    for path in output.output.iter().skip(formats.len()) {
        if receiver(path)?.is_some() {
            let formats = SENT.join(" or ");
            return Err(Error::Usage(format!("{}: choose {formats} with --format", path.display())));
        }
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
        if let Some(receiver) = output.output.get(at).map(|path| receiver(path)).transpose()?.flatten() {
            if !SENT.contains(&format.id) {
                let message = format!("{} is not sent to a syslog receiver: use {}", format.id, SENT.join(" or "));
                return Err(Error::Usage(message));
            }
            destinations.push(Destination { format, file: None, receiver: Some(receiver) });
            continue;
        }
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
            if format.id == "xlsx" && std::io::stdout().is_terminal() {
                let message = format!("{} is no text for a terminal: name a file with --output", format.id);
                return Err(Error::Usage(message));
            }
            on_screen = true;
        }
        destinations.push(Destination { format, file, receiver: None });
    }
    Ok(destinations)
}

/// The format that a path asks for by its extension: without one a table, and never a table where it asks for something else.
fn format_of(path: &Path) -> Result<&'static Format> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let Some(extension) = extension.filter(|_| !path.is_dir()) else { return Ok(&report::FORMATS[0]) };
    // `x.timesketch.jsonl` ends with the extensions of two formats: the longer one counts.
    let before = path.file_stem().map(Path::new).and_then(Path::extension);
    let both = before.map(|before| format!("{}.{extension}", before.to_string_lossy().to_ascii_lowercase()));
    both.and_then(|both| report::format_of(&both)).or_else(|| report::format_of(&extension)).ok_or_else(|| {
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
            assert_eq!(parse_size("--max-size", text).expect("a size"), size, "{text}");
        }
        for text in ["", "x", "0", "-1", "5 parsecs", "99999999999999999999", "18446744073709551615GiB"] {
            let error = parse_size("--max-total", text).expect_err(text).to_string();
            assert!(error.starts_with("--max-total "), "{error}");
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
        for unknown in ["a.xml", "a.PDF", "a.json"] {
            let error = plan(&[], &[unknown]).expect_err("no such format").to_string();
            assert!(error.contains("no format has the extension"), "{error}");
            assert!(plan(&["csv"], &[unknown]).is_ok(), "the format is said");
        }
        assert_eq!(plan(&[], &["a.TXT", "b"]).expect("fits"), ["table:a.TXT", "table:b"]);
        assert!(plan(&["csv"], &["a", "b"]).is_err());
        assert!(plan(&["csv", "table"], &["-", "-"]).is_err());
        assert_eq!(
            plan(&[], &["a.timesketch.JSONL", "b.jsonl"]).expect("fits"),
            ["timesketch:a.timesketch.JSONL", "jsonl:b.jsonl"]
        );
    }

    #[test]
    fn only_events_are_sent_and_only_to_a_receiver_that_is_named() {
        let plan = |format: &[&str], to: &str| {
            let output = cli::Output {
                format: format.iter().map(|format| (*format).to_owned()).collect(),
                output: vec![PathBuf::from(to)],
                ..cli::Output::default()
            };
            destinations(&output, None, "").map(|mut all| (all[0].is_standard_output(), all.remove(0).receiver))
        };
        for format in ["cef", "jsonl"] {
            for (to, transport, address) in [
                ("tcp://127.0.0.1:514", Transport::Tcp, "127.0.0.1:514"),
                ("udp://[::1]:6514", Transport::Udp, "[::1]:6514"),
                ("tcp://siem.example:514", Transport::Tcp, "siem.example:514"),
            ] {
                let expected = Some(Receiver { transport, address: address.to_owned() });
                assert_eq!(plan(&[format], to).expect("fits"), (false, expected));
            }
        }
        for to in ["tcp://", "tcp://x", "tcp://:514", "udp://x:0", "udp://x:65536", "tcp://x:514/y", "tcp://u@x:514"] {
            assert!(plan(&["cef"], to).is_err(), "{to}");
        }
        for format in [&["table"][..], &["csv"], &["xlsx"], &[]] {
            assert!(plan(format, "tcp://127.0.0.1:514").is_err(), "{format:?}");
        }
        assert_eq!(plan(&["cef"], "tcp.cef").expect("a file"), (false, None));
    }

    #[test]
    fn unknown_detectors_and_an_empty_choice_are_refused() {
        let others = crate::detect::DETECTORS.len() - 1;
        assert_eq!(detectors(&[], &["location".to_owned()]).expect("the others are left").len(), others);
        assert!(detectors(&["nose".to_owned()], &[]).is_err());
        assert!(detectors(&["location".to_owned()], &["location".to_owned()]).is_err());
    }
}
