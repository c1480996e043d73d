//! What may be typed.
#![allow(missing_docs)] // clap would print the text of a flattened group or a level's name as help

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds webshells on Microsoft Exchange and IIS servers, live or on a mounted image; offline and read-only.
#[derive(Debug, Parser)]
#[command(name = "shellsift", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 complete and nothing found, 1 something found at or above --fail-on, 2 could not run, \
3 nothing found there but not everything could be examined, 4 complete and all that was found is below --fail-on, \
130 interrupted.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Find suspicious files on this server, a mounted image, a folder or a single file
    Scan(Box<Scan>),
    /// Show why one file is or is not suspicious: times, hashes, every view, every reason with its proof
    Explain(Explain),
    /// Find signs of exploitation in the logs of a server, an image, or loose log files and folders
    Logs(Box<Logs>),
    /// Show what is discovered: Exchange installations, IIS sites, applications and folders
    Sites(Sites),
    /// Show the patch level: which build, which known flaws it has, what to install
    Health(Health),
    /// List every check, or check rule files of your own
    #[command(subcommand)]
    Rules(RulesVerb),
    /// Learn a server's stock files, compare a server with them, or show which builds are known
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
    /// Compile rule files and report what cannot be used; exit code 2 if anything
    Check {
        /// Rule files, or folders with .yar and .yara files.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// The verbs of `baseline`.
#[derive(Debug, Subcommand)]
pub enum BaselineVerb {
    /// Write a table of every file below FrontEnd and ClientAccess of a server that is known to be clean
    Build(BaselineBuild),
    /// Compare every file of an Exchange installation, libraries and configuration too, and list what differs
    Check(BaselineCheck),
    /// Show which builds the built-in table knows, or what these files hold; exit code 2 if one is broken
    Info {
        /// Table files.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// `baseline build`
#[derive(Clone, Debug, Args)]
pub struct BaselineBuild {
    #[command(flatten)]
    pub targets: Targets,
    /// What the table calls the build; the version if it is not given and the programs are those of a known build.
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
    /// Compare with this table as well (repeatable).
    #[arg(long = "baseline", value_name = "FILE")]
    pub baselines: Vec<PathBuf>,
}

/// `scan`
#[derive(Clone, Debug, Args)]
pub struct Scan {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub lists: Lists,
    #[command(flatten)]
    pub times: Times,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub level: Levels,
    #[command(flatten)]
    pub load: Load,
    #[command(flatten)]
    pub lanes: Lanes,
}

/// `logs`
#[derive(Clone, Debug, Args)]
pub struct Logs {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub verdict: Verdict,
    #[command(flatten)]
    pub threads: Threads,
    /// Seconds that the evidence may take for an answer: to open, to list, to read.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

/// What is done beside looking at files.
#[derive(Clone, Debug, Default, Args)]
pub struct Lanes {
    /// Do not read logs for signs of exploitation.
    #[arg(long)]
    pub no_logs: bool,
    /// Do not tell the patch level.
    #[arg(long)]
    pub no_health: bool,
    #[command(flatten)]
    pub facts: Facts,
}

/// Tables of facts.
#[derive(Clone, Debug, Default, Args)]
pub struct Facts {
    /// Use newer tables of builds and flaws, builds.csv and advisories.csv in this folder, beside the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub facts: Option<PathBuf>,
}

/// `explain`
#[derive(Clone, Debug, Args)]
pub struct Explain {
    /// The file, as this machine names it.
    #[arg(required_unless_present = "check")]
    pub file: Option<PathBuf>,
    /// Explain a check instead: what it looks for, why it matters, benign look-alikes, MITRE ATT&CK, CVEs, references.
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    pub check: Option<String>,
    /// The volume root or Exchange folder it belongs to; found above the file if it is not given.
    #[arg(long, value_name = "TARGET")]
    pub within: Option<PathBuf>,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub lists: Lists,
    #[command(flatten)]
    pub times: Times,
    #[command(flatten)]
    pub size: Size,
}

/// `sites`
#[derive(Clone, Debug, Args)]
pub struct Sites {
    #[command(flatten)]
    pub targets: Targets,
}

/// `health`
#[derive(Clone, Debug, Args)]
pub struct Health {
    #[command(flatten)]
    pub targets: Targets,
    /// Take builds.csv and advisories.csv of this folder too; their rows win over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub facts: Option<PathBuf>,
    /// Name every open flaw and every source of a build.
    #[arg(short, long)]
    pub verbose: bool,
}

/// Where to look.
#[derive(Clone, Debug, Args)]
pub struct Targets {
    /// A volume root or mounted image, an Exchange folder, any folder, or a file; none on Windows means this server. Disk
    /// images and archives are not opened, but for packed logs: mount or unpack them.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<PathBuf>,
    /// Join a folder of this machine as a volume of the server: /mnt/data=D:\
    #[arg(long, value_name = "PREFIX=D:\\")]
    pub map: Vec<String>,
    /// Take the targets for this instead of recognising them.
    #[arg(long = "as", value_name = "SHAPE")]
    pub shape: Option<ShapeName>,
}

/// What a target can be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShapeName {
    /// The root of a volume of a Windows server.
    Volume,
    /// An Exchange installation folder.
    Exchange,
    /// Any folder: every file, by content alone.
    Folder,
}

/// Signatures.
#[derive(Clone, Debug, Default, Args)]
pub struct Rules {
    /// Use these YARA rules as well: files, or folders with .yar and .yara files (repeatable).
    #[arg(short = 'r', long = "rules", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Leave the built-in rules out.
    #[arg(long)]
    pub no_builtin_rules: bool,
}

/// `rules list`
#[derive(Clone, Debug, Args)]
pub struct RulesList {
    #[command(flatten)]
    pub rules: Rules,
    /// Only checks of these kinds: the part of the id before the slash (repeatable, or with commas).
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Format of the list.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub format: ListFormat,
}

/// How checks are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A line a check.
    Table,
    /// A JSON object a check.
    Jsonl,
}

/// Lists of known files.
#[derive(Clone, Debug, Default, Args)]
pub struct Lists {
    /// Files of these hashes are hostile: HASH, or HASH;score;comment, a line each (repeatable).
    #[arg(long, value_name = "PATH")]
    pub iocs: Vec<PathBuf>,
    /// Files of these SHA-256 hashes are known good and not looked at: no weaker hash clears a file, and --iocs wins (repeatable).
    #[arg(long, value_name = "PATH")]
    pub allow_hashes: Vec<PathBuf>,
    /// Compare Exchange folders with this table as well, from `baseline build` or in Microsoft's CSV form (repeatable).
    #[arg(long = "baseline", value_name = "FILE")]
    pub baselines: Vec<PathBuf>,
}

/// Times.
#[derive(Clone, Debug, Default, Args)]
pub struct Times {
    /// Raise what was created or modified in this span: 2021-02-26..2021-03-10, dates or RFC 3339 times, UTC, ends included;
    /// either end may be left out.
    #[arg(long, value_name = "A..B")]
    pub window: Option<String>,
}

/// What is written where.
#[derive(Clone, Debug, Default, Args)]
pub struct Output {
    /// Format: table, jsonl, csv (repeatable, or with commas).
    #[arg(short, long, value_name = "FORMAT", value_delimiter = ',')]
    pub format: Vec<String>,
    /// Write to this file or folder, or - for standard output; the nth --output goes with the nth --format.
    #[arg(short, long, value_name = "PATH")]
    pub output: Vec<PathBuf>,
    /// Overwrite existing files.
    #[arg(long)]
    pub force: bool,
    /// Write a journal record for every file examined as well.
    #[arg(long)]
    pub all: bool,
    /// Name of the examined host.
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// Case number, for the records.
    #[arg(long = "case", value_name = "ID")]
    pub case_id: Option<String>,
    /// Examiner, for the records.
    #[arg(long, value_name = "NAME")]
    pub examiner: Option<String>,
    /// Neither progress nor messages.
    #[arg(short, long)]
    pub quiet: bool,
    /// List every problem.
    #[arg(short, long)]
    pub verbose: bool,
    /// Colour: auto, always or never; NO_COLOR is honoured.
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
pub struct Levels {
    /// List findings from this level on; the verdict, the counts, logs and timeline are the same whatever is listed.
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

/// What the exit code says.
#[derive(Clone, Debug, Args)]
pub struct Verdict {
    /// Exit with 1 from this level on; the verdict is the same for each. What counts as found is medium and above: if all of
    /// it lies below this level, the exit code is 4.
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub fail_on: LevelName,
    /// Exit with 0 whatever was found, and whatever could not be examined.
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

/// How many do the work, and how politely.
#[derive(Clone, Debug, Args)]
pub struct Threads {
    /// Worker threads.
    #[arg(short, long, value_name = "N")]
    pub threads: Option<usize>,
    /// live: few threads, low CPU and I/O priority; lab: all cores. A live server is recognised.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<ProfileName>,
    /// Let each thread work at most this share of the time.
    #[arg(long, value_name = "PCT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub cpu_limit: u8,
}

/// Size and time bounds.
#[derive(Clone, Debug, Args)]
pub struct Size {
    /// Larger files are hashed whole and looked at in their first and last half of this.
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    pub max_size: String,
    /// Seconds that the rules may take for one view of a file, and the evidence for an answer: to open, to list, to read.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

/// The profiles by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileName {
    /// On a server at work.
    Live,
    /// On an analyst's machine.
    Lab,
}
