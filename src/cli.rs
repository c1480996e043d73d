//! The command line: commands and options.
#![allow(missing_docs)] // clap would print the text of a flattened group or a level's name as help

mod config;
mod options;

pub use config::parse;
pub use options::*;

use clap::{Args, Parser, Subcommand, ValueEnum};
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
    #[command(flatten)]
    pub file: OutputFile,
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
    pub judged: Judged,
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
    pub judged: Judged,
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
    pub judged: Judged,
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
    pub examined: Examined,
}

/// `health`
#[derive(Clone, Debug, Args)]
pub struct Health {
    #[command(flatten)]
    pub examined: Examined,
    #[command(flatten)]
    pub data: ReferenceData,
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
    #[command(flatten)]
    pub password: Password,
    /// Files larger than this are not collected.
    #[arg(long, value_name = "SIZE", default_value = "4GiB")]
    pub max_size: String,
    /// Size of all files together, before compression: what exceeds it is not collected.
    #[arg(long, value_name = "SIZE", default_value = "64GiB")]
    pub max_total: String,
    /// Sign the package with this unencrypted OpenSSH key (Ed25519), into FILE.zip.sig.
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    #[command(flatten)]
    pub labels: Labels,
    /// No messages.
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub timeout: Timeout,
}

/// `verify`
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit codes: 0 whole; 1 differs; 2 could not run; 3 its end is missing, or the end of a package is damaged."
)]
pub struct Verify {
    /// A package of `collect`, or a JSONL output made with --chain or --sign.
    pub file: PathBuf,
    #[command(flatten)]
    pub password: Password,
    /// Signature file [default: FILE.sig, if it exists].
    #[arg(long, value_name = "FILE.sig")]
    pub signature: Option<PathBuf>,
    /// File with the public keys that may have signed: a .pub, authorized_keys or allowed_signers file of OpenSSH.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
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
    #[command(flatten)]
    pub file: OutputFile,
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
