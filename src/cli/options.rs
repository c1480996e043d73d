//! Groups of options that several commands have.
#![allow(missing_docs)] // as in the parent

use crate::report;
use clap::builder::{NonEmptyStringValueParser, PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, ValueEnum};
use std::path::PathBuf;

/// Default of `--timeout`: seconds to wait for the evidence.
pub const TIMEOUT: u64 = 30;

/// The formats, as the table of them has them.
fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(report::FORMATS.iter().map(|format| PossibleValue::new(format.id).help(format.about)))
}

/// What is known and accepted.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Findings")]
pub struct Suppress {
    /// Suppress what this CSV file lists: sha256, path or client, with a reason and, if wanted, expires and host; it is counted, and
    /// listed with -v.
    #[arg(long, value_name = "FILE")]
    pub suppress: Option<PathBuf>,
}

/// How long to wait for the evidence.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Performance")]
pub struct Timeout {
    /// Seconds to wait for each open, list or read of the evidence.
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

/// The stages besides scanning files.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Stages")]
pub struct Stages {
    /// Skip the logs.
    #[arg(long)]
    pub no_logs: bool,
    /// Skip the patch-level check.
    #[arg(long)]
    pub no_health: bool,
    #[command(flatten)]
    pub data: ReferenceData,
}

/// Reference data.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Reference data")]
pub struct ReferenceData {
    /// Use the newer builds.csv and advisories.csv in this folder as well; their rows replace the built-in ones.
    #[arg(long, value_name = "DIR", alias = "facts")]
    pub data_dir: Option<PathBuf>,
}

/// What shows later that an output is as it was written.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct Integrity {
    /// Link the records of the JSONL output by hashes, so that `verify` sees any change.
    #[arg(long)]
    pub chain: bool,
    /// Sign the JSONL output with this unencrypted OpenSSH key (Ed25519), into FILE.sig, for `verify` and ssh-keygen -Y verify.
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
}

/// Where to look.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Target")]
pub struct Targets {
    /// A disk image, a device, a collector's archive, a volume root, an Exchange folder, any folder, or a file; none on Windows means
    /// this server. Several disk images are the disks of one server.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<PathBuf>,
    /// Add a folder of this machine or a partition of a disk image as a volume of the server: /mnt/data=D:\, disk.E01#2=D:\
    #[arg(long, value_name = "PREFIX=D:\\")]
    pub map: Vec<String>,
    /// Treat the targets as this instead of detecting what they are.
    #[arg(long, value_name = "TYPE", alias = "as")]
    pub target_type: Option<TargetType>,
    /// Verify the digests stored in a disk image, which reads all of it.
    #[arg(long)]
    pub verify_image: bool,
    /// Read each fixed NTFS volume of this server from its device (\\.\C:), read-only: locked files, alternate streams, $FILE_NAME
    /// times, deleted files and the change journal. Windows only, as an administrator; tested under Wine, not on Windows.
    #[arg(long, conflicts_with_all = ["targets", "map", "target_type"])]
    pub raw: bool,
}

/// Shadow copies.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Target")]
pub struct Shadow {
    /// Shadow copies of the volumes of disk images: list them and end, or also scan what differs in them from the volume as it is, in
    /// all of them or in those of these numbers: list, all, 1,3
    #[arg(long, value_name = "list|all|N", value_parser = shadow_choice)]
    pub shadow: Option<ShadowChoice>,
}

/// What is done with shadow copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShadowChoice {
    /// List them and end.
    List,
    /// Scan what differs in all of them.
    All,
    /// In those that have these numbers on their volume.
    Numbers(Vec<u32>),
}

fn shadow_choice(text: &str) -> Result<ShadowChoice, String> {
    match text {
        "list" => Ok(ShadowChoice::List),
        "all" => Ok(ShadowChoice::All),
        _ => {
            let numbers: Option<Vec<u32>> =
                text.split(',').map(|one| one.trim().parse().ok().filter(|number| *number > 0)).collect();
            numbers.map(ShadowChoice::Numbers).ok_or_else(|| "use list, all, or numbers such as 1,3".to_owned())
        }
    }
}

/// What a target can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TargetType {
    /// The root of a volume of a Windows server.
    Volume,
    /// An Exchange installation folder.
    Exchange,
    /// Any folder: every file, by content only.
    Folder,
}

/// Signatures.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Detection")]
pub struct Rules {
    /// Use these YARA rules as well: files, or folders with .yar and .yara files (repeatable).
    #[arg(short = 'r', long = "rules", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Do not use the built-in rules.
    #[arg(long)]
    pub no_builtin_rules: bool,
}

/// Lists of known files.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Detection")]
pub struct Lists {
    /// Hashes of malicious files, one per line: HASH or HASH;score;comment (repeatable).
    #[arg(long, value_name = "PATH")]
    pub iocs: Vec<PathBuf>,
    /// SHA-256 hashes of known-good files, which are not scanned; --iocs takes precedence (repeatable).
    #[arg(long, value_name = "PATH")]
    pub allow_hashes: Vec<PathBuf>,
    /// Compare Exchange folders with this baseline as well, from `baseline build` or in Microsoft's CSV form (repeatable).
    #[arg(long = "baseline", value_name = "FILE")]
    pub baselines: Vec<PathBuf>,
}

/// Times.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Detection")]
pub struct Times {
    /// Raise the score of files created or modified in this time window: 2021-02-26..2021-03-10, dates or RFC 3339 times in UTC,
    /// both ends included; either end may be omitted.
    #[arg(long, value_name = "A..B")]
    pub window: Option<String>,
}

/// What is written where.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Output format (repeatable, or separated by commas) [default: table].
    #[arg(short, long, value_name = "FORMAT", value_delimiter = ',', value_parser = formats())]
    pub format: Vec<String>,
    /// Short for --format jsonl.
    #[arg(long)]
    pub json: bool,
    /// Short for --format html.
    #[arg(long)]
    pub html: bool,
    /// Write to this file or folder, or - for standard output; the nth --output belongs to the nth --format.
    /// tcp://HOST:PORT or udp://HOST:PORT sends cef or jsonl to a syslog receiver.
    #[arg(short, long, value_name = "PATH")]
    pub output: Vec<PathBuf>,
    #[command(flatten)]
    pub integrity: Integrity,
    /// Overwrite existing files.
    #[arg(long)]
    pub force: bool,
    /// Take defaults of options, and profiles, from this TOML file; no file is read unless it is named here.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What that file came to.
    #[arg(skip)]
    pub from_config: Option<ConfigFile>,
    /// Name of the examined host.
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    #[command(flatten)]
    pub labels: Labels,
    /// No progress bar and no messages.
    #[arg(short, long)]
    pub quiet: bool,
    /// Show everything: every problem, event, vulnerability and source; -v also logs the stages to standard error, -vv each file.
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// Of the table show only the end: counts and gaps, the summary, what to do now, the verdict.
    #[arg(long, conflicts_with = "verbose")]
    pub summary: bool,
    /// When to use colour; NO_COLOR is honoured.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

/// Whose results these are.
#[derive(Clone, Debug, Default, Args)]
pub struct Labels {
    /// Case number, written to every record and manifest.
    #[arg(long = "case", value_name = "ID")]
    pub case_id: Option<String>,
    /// Name of the examiner, written to every record and manifest.
    #[arg(long, value_name = "NAME")]
    pub examiner: Option<String>,
}

/// One output of one format.
#[derive(Clone, Debug, Args)]
pub struct OutputFile {
    /// Write to this file, or - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
}

/// The password of a package.
#[derive(Clone, Debug, Args)]
pub struct Password {
    /// Password of the package. The default, the convention for malicious samples, only keeps virus scanners from it; names of members
    /// are never encrypted.
    #[arg(long, value_name = "TEXT", default_value = "infected", value_parser = NonEmptyStringValueParser::new())]
    pub password: String,
}

/// What the verbs that end with a verdict have.
#[derive(Clone, Debug, Args)]
pub struct Judged {
    #[command(flatten)]
    pub suppress: Suppress,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub verdict: Verdict,
}

/// What the verbs that examine a server and judge no files have.
#[derive(Clone, Debug, Args)]
pub struct Examined {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub timeout: Timeout,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Levels.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Findings")]
pub struct Levels {
    /// Lowest level to list; verdict, counts, logs and timeline do not depend on it.
    #[arg(long, value_name = "LEVEL", default_value = "low")]
    pub min_level: LevelName,
    #[command(flatten)]
    pub verdict: Verdict,
    #[arg(long, value_name = "LIST", value_delimiter = ',', help = detectors_help("Run only these detectors"))]
    pub detectors: Vec<String>,
    #[arg(long, value_name = "LIST", value_delimiter = ',', help = detectors_help("Do not run these detectors"))]
    pub without: Vec<String>,
}

/// An option about detectors, with the names of all of them.
fn detectors_help(what: &str) -> String {
    let names: Vec<&str> = crate::detect::DETECTORS.iter().map(|detector| detector.id).collect();
    format!("{what}: {}", names.join(", "))
}

/// The meaning of the exit code.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Exit code")]
pub struct Verdict {
    /// Lowest level for exit code 1; the verdict does not depend on it. Findings at medium or above count as found: if all
    /// of them are below this level, the exit code is 4.
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub fail_on: LevelName,
    /// Exit with 0 regardless of findings and gaps.
    #[arg(long)]
    pub exit_zero: bool,
}

/// The levels by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// How much of the machine is used.
#[derive(Clone, Debug, Args)]
pub struct Load {
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub size: Size,
}

/// Threads and priority.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Performance")]
pub struct Threads {
    /// Worker threads.
    #[arg(short, long, value_name = "N")]
    pub threads: Option<usize>,
    /// Load profile: live (few threads, low priority: for a server in production), lab (all cores), or a profile of the configuration
    /// file [default: live on a live server, lab elsewhere].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// What a profile of the configuration file rests on.
    #[arg(skip)]
    pub base: Option<ProfileName>,
    /// CPU time of each thread, in percent.
    #[arg(long, value_name = "PCT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub cpu_limit: u8,
}

impl Threads {
    /// The load profile that was chosen, by its own name or as that which another one rests on.
    pub fn load_profile(&self) -> Option<ProfileName> {
        self.base.or_else(|| ProfileName::from_str(self.profile.as_deref()?, false).ok())
    }
}

/// A configuration file that was used.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    /// As it was given.
    pub path: PathBuf,
    /// Of its content, in hexadecimal.
    pub sha256: String,
    /// The options that it added, as the command line would have them.
    pub options: Vec<String>,
}

/// Size and time bounds.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Performance")]
pub struct Size {
    /// Of larger files only the first and last SIZE/2 are scanned; they are hashed completely.
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    pub max_size: String,
    /// Seconds to scan one decoded layer of a file, and to wait for each open, list or read of the evidence.
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

/// The profiles by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileName {
    /// Few threads, low CPU and I/O priority: for a server in production.
    Live,
    /// All cores: for an analysis machine.
    Lab,
}
