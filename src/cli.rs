//! The command line: commands and options.
#![allow(missing_docs)] // clap would print the text of a flattened group or a level's name as help

mod config;

pub use config::parse;

use crate::report;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds webshells on Microsoft Exchange and IIS servers, on a live server or in a disk image; offline and read-only.
#[derive(Debug, Parser)]
#[command(name = "shellsift", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 complete, nothing found; 1 something found at or above --fail-on; 2 could not run; 3 nothing \
found at or above it, but not everything could be examined; 4 complete, everything found is below --fail-on; 130 interrupted.";

/// Default of `--timeout`: seconds to wait for the evidence.
pub const TIMEOUT: u64 = 30;

/// The formats, as the table of them has them.
fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(report::FORMATS.iter().map(|format| PossibleValue::new(format.id).help(format.about)))
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Find webshells and other traces of attackers on this server, in a disk image, a collection, a folder or a single file
    Scan(Box<Scan>),
    /// Show why one file is or is not suspicious: times, hashes, every decoded layer, every reason with its evidence
    Explain(Box<Explain>),
    /// Find evidence of exploitation in the logs of a server or an image, or in loose log files and folders
    Logs(Box<Logs>),
    /// Write the results of earlier runs in any format, those of several servers as one: from JSONL outputs
    Report(Box<Report>),
    /// Show what is new, gone or changed from one JSONL output to a later one; exit code 1 if anything new is found
    Diff(Box<Diff>),
    /// Show what is discovered: Exchange installations, IIS sites, applications and virtual directories
    Sites(Box<Sites>),
    /// Show the patch level: the build, its known vulnerabilities, what to install
    Health(Box<Health>),
    /// Pack the files behind the findings of JSONL outputs, with logs and configuration, into an encrypted ZIP file with a manifest
    Collect(Box<Collect>),
    /// Check a package against its manifest, or a JSONL output against its hash chain and signature
    Verify(Verify),
    /// List every check, check rule files of your own, or export what was found as rules
    #[command(subcommand)]
    Rules(RulesVerb),
    /// Build a known-good baseline, compare a server with one, or show which builds are known
    #[command(subcommand)]
    Baseline(BaselineVerb),
    /// Print the completions of a shell
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// The verbs of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesVerb {
    /// List every check: id, score or level, MITRE ATT&CK techniques, title
    List(RulesList),
    /// Compile rule files and report what is invalid; exit code 2 if anything is
    Check {
        /// Rule files, or folders with .yar and .yara files.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Write hashes and names of found files as YARA or Sigma rules, to search other servers
    Export(RulesExport),
}

/// The verbs of `baseline`.
#[derive(Debug, Subcommand)]
pub enum BaselineVerb {
    /// Write a baseline of every file below FrontEnd and ClientAccess of a server that is known to be clean
    Build(BaselineBuild),
    /// Compare every file of an Exchange installation, DLLs and configuration included, and list what differs
    Check(Box<BaselineCheck>),
    /// List the builds of the built-in baseline, or of these files; exit code 2 if one is malformed
    Info {
        /// Baseline files.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// `baseline build`
#[derive(Clone, Debug, Args)]
pub struct BaselineBuild {
    #[command(flatten)]
    pub targets: Targets,
    /// Name of the build in the baseline [default: the version, if the binaries are those of a known build].
    #[arg(long, value_name = "NAME")]
    pub build: Option<String>,
    /// Write to this file, or - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
}

/// `baseline check`
#[derive(Clone, Debug, Args)]
pub struct BaselineCheck {
    #[command(flatten)]
    pub targets: Targets,
    /// Compare with this baseline as well (repeatable).
    #[arg(long = "baseline", value_name = "FILE")]
    pub baselines: Vec<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

/// `scan`
#[derive(Clone, Debug, Args)]
pub struct Scan {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub shadow: Shadow,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub lists: Lists,
    #[command(flatten)]
    pub times: Times,
    #[command(flatten)]
    pub output: Output,
    /// Write a JSONL record for every examined file as well.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub level: Levels,
    #[command(flatten)]
    pub suppress: Suppress,
    #[command(flatten)]
    pub load: Load,
    #[command(flatten)]
    pub stages: Stages,
}

/// `logs`
#[derive(Clone, Debug, Args)]
pub struct Logs {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub suppress: Suppress,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub verdict: Verdict,
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub timeout: Timeout,
}

/// `report`
#[derive(Clone, Debug, Args)]
pub struct Report {
    /// JSONL outputs, folders that have some (*.jsonl), or - for standard input.
    #[arg(required = true, value_name = "RESULTS")]
    pub results: Vec<PathBuf>,
    #[command(flatten)]
    pub suppress: Suppress,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub verdict: Verdict,
}

/// `diff`
#[derive(Clone, Debug, Args)]
pub struct Diff {
    /// The older JSONL output, or a folder that has some.
    #[arg(value_name = "OLDER")]
    pub older: PathBuf,
    /// The newer one.
    #[arg(value_name = "NEWER")]
    pub newer: PathBuf,
    #[command(flatten)]
    pub suppress: Suppress,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub verdict: Verdict,
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

/// `explain`
#[derive(Clone, Debug, Args)]
pub struct Explain {
    /// The file: its path on this machine.
    #[arg(required_unless_present = "check")]
    pub file: Option<PathBuf>,
    /// Explain a check instead: what it looks for, why it matters, benign look-alikes, MITRE ATT&CK, CVEs, references.
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    pub check: Option<String>,
    /// The volume root or Exchange folder that the file belongs to [default: found above the file].
    #[arg(long, value_name = "TARGET")]
    pub within: Option<PathBuf>,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub lists: Lists,
    #[command(flatten)]
    pub times: Times,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub size: Size,
}

/// `sites`
#[derive(Clone, Debug, Args)]
pub struct Sites {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub timeout: Timeout,
}

/// `health`
#[derive(Clone, Debug, Args)]
pub struct Health {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub data: ReferenceData,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub timeout: Timeout,
}

/// `collect`
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything is in the package, as it was examined; 2 could not run; 3 something is not in it, or is another \
file than the one that was examined; 130 interrupted."
)]
pub struct Collect {
    /// JSONL outputs (FILE.jsonl), and the targets to read the files from [default: the sources that the outputs name].
    #[arg(value_name = "RESULTS|TARGET", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Read a folder of this machine or a partition of a disk image as a volume of the server: /mnt/data=D:\, disk.E01#2=D:\
    #[arg(long, value_name = "PREFIX=D:\\")]
    pub map: Vec<String>,
    /// Write the package to this file.
    #[arg(short, long, value_name = "FILE.zip")]
    pub output: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
    /// Lowest level of the findings and log hits whose files are collected.
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub min_level: LevelName,
    /// Collect the other files in the folders of the findings as well.
    #[arg(long)]
    pub neighbours: bool,
    /// Password of the package. The default only keeps virus scanners from it; names of members are never encrypted.
    #[arg(long, value_name = "TEXT", default_value = PASSWORD)]
    pub password: String,
    /// Files larger than this are not collected.
    #[arg(long, value_name = "SIZE", default_value = "4GiB")]
    pub max_size: String,
    /// Size of all files together, before compression: what exceeds it is not collected.
    #[arg(long, value_name = "SIZE", default_value = "64GiB")]
    pub max_total: String,
    /// Sign the package with this unencrypted OpenSSH key (Ed25519), into FILE.zip.sig.
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Case number, written to the manifest.
    #[arg(long = "case", value_name = "ID")]
    pub case_id: Option<String>,
    /// Name of who makes the package, written to the manifest.
    #[arg(long, value_name = "NAME")]
    pub examiner: Option<String>,
    /// No messages.
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub timeout: Timeout,
}

/// Default of `--password`: the convention for malicious samples.
const PASSWORD: &str = "infected";

/// `verify`
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit codes: 0 whole; 1 differs; 2 could not run; 3 whole as far as it goes, but its end is missing."
)]
pub struct Verify {
    /// A package of `collect`, or a JSONL output made with --chain or --sign.
    pub file: PathBuf,
    /// Password of the package.
    #[arg(long, value_name = "TEXT", default_value = PASSWORD)]
    pub password: String,
    /// Signature file [default: FILE.sig, if it exists].
    #[arg(long, value_name = "FILE.sig")]
    pub signature: Option<PathBuf>,
    /// File with the public keys that may have signed: a .pub, authorized_keys or allowed_signers file of OpenSSH.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
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

/// `rules list`
#[derive(Clone, Debug, Args)]
pub struct RulesList {
    #[command(flatten)]
    pub rules: Rules,
    /// Only checks of these kinds, the part of the id before the slash (repeatable, or separated by commas).
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Format of the list.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub format: ListFormat,
}

/// `rules export`
#[derive(Clone, Debug, Args)]
pub struct RulesExport {
    /// JSONL outputs of earlier runs.
    #[arg(required = true, value_name = "RESULTS")]
    pub results: Vec<PathBuf>,
    /// Language of the rules [default: that of the extension of --output, otherwise yara].
    #[arg(short, long, value_name = "LANGUAGE")]
    pub format: Option<RuleFormat>,
    /// Lowest level of the findings that become rules.
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub min_level: LevelName,
    /// Write to this file, or - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
}

/// The languages of exported rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleFormat {
    /// One rule for each content, by size and SHA-256.
    Yara,
    /// Paths of found files, and URLs at which they execute.
    Sigma,
}

/// How checks are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// One line per check.
    Table,
    /// One JSON object per check.
    Jsonl,
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
    /// Case number, written to every record.
    #[arg(long = "case", value_name = "ID")]
    pub case_id: Option<String>,
    /// Name of the examiner, written to every record.
    #[arg(long, value_name = "NAME")]
    pub examiner: Option<String>,
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
