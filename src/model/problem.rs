//! What could not be examined: one item, reported and counted, never the end of the run.

use super::ServerPath;

/// Why something was not, or not wholly, examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A folder could not be listed.
    FolderUnreadable,
    /// A file could not be opened or read.
    FileUnreadable,
    /// The evidence did not answer in time.
    ReadTimedOut,
    /// A file that another process holds without sharing.
    FileLocked,
    /// The operating system or its antivirus refused the content.
    FileBlocked,
    /// A file was gone when it was opened.
    FileVanished,
    /// A file had another size when it had been read.
    FileChanged,
    /// Only parts of a file were looked at.
    PartlyExamined,
    /// A bound ended the decoding of a file.
    DecodingCut,
    /// A bound ended the reading of a file's code.
    CodeCut,
    /// A detector could not finish with a file.
    DetectorStopped,
    /// A configuration file of the server could not be understood.
    ConfigBroken,
    /// A log is damaged, or its format is not known: parts of it were not read.
    LogDamaged,
    /// A bound ended what is kept of what logs tell.
    LogsCut,
    /// Logs that are there were not read, since that was asked for.
    LogsLeftOut,
    /// The structure of a program is broken.
    ProgramBroken,
    /// A row of a table of facts could not be used.
    FactUnusable,
    /// A folder that the configuration names lies on a volume that was not given.
    VolumeNotGiven,
    /// A folder that the configuration names is not there.
    FolderMissing,
    /// A path that a link or a configuration names could not be resolved as Windows does.
    PathUnresolved,
    /// A disk image, in which files lie that were not examined.
    ImageNotOpened,
    /// Nothing was found to examine.
    NothingToExamine,
    /// A rule of the user's could not be used.
    RuleUnusable,
    /// A line of an indicator list could not be used.
    IndicatorUnusable,
}

impl ProblemKind {
    /// The stable name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::FolderUnreadable => "folder_unreadable",
            Self::FileUnreadable => "file_unreadable",
            Self::ReadTimedOut => "read_timed_out",
            Self::FileLocked => "file_locked",
            Self::FileBlocked => "file_blocked",
            Self::FileVanished => "file_vanished",
            Self::FileChanged => "file_changed",
            Self::PartlyExamined => "partly_examined",
            Self::DecodingCut => "decoding_cut",
            Self::CodeCut => "code_cut",
            Self::DetectorStopped => "detector_stopped",
            Self::ConfigBroken => "config_broken",
            Self::LogDamaged => "log_damaged",
            Self::LogsCut => "logs_cut",
            Self::LogsLeftOut => "logs_left_out",
            Self::ProgramBroken => "program_broken",
            Self::FactUnusable => "fact_unusable",
            Self::VolumeNotGiven => "volume_not_given",
            Self::FolderMissing => "folder_missing",
            Self::PathUnresolved => "path_unresolved",
            Self::ImageNotOpened => "image_not_opened",
            Self::NothingToExamine => "nothing_to_examine",
            Self::RuleUnusable => "rule_unusable",
            Self::IndicatorUnusable => "indicator_unusable",
        }
    }

    /// Whether a run with such a problem can still say that it looked at everything.
    pub fn leaves_a_gap(self) -> bool {
        !matches!(self, Self::FolderMissing)
    }

    /// The kinds, in the words of a verdict: `1 file could not be read`.
    pub fn in_words(self, count: usize) -> String {
        let (one, many) = match self {
            Self::FolderUnreadable => ("folder could not be listed", "folders could not be listed"),
            Self::FileUnreadable => ("file could not be read", "files could not be read"),
            Self::ReadTimedOut => ("read had no answer in time", "reads had no answer in time"),
            Self::FileLocked => ("file was locked", "files were locked"),
            Self::FileBlocked => ("file was refused by the system", "files were refused by the system"),
            Self::FileVanished => ("file vanished", "files vanished"),
            Self::FileChanged => ("file changed while it was read", "files changed while they were read"),
            Self::PartlyExamined => ("file was looked at in part", "files were looked at in part"),
            Self::DecodingCut => ("file was decoded in part", "files were decoded in part"),
            Self::CodeCut => ("file's code was read in part", "files' code was read in part"),
            Self::DetectorStopped => ("detector run was cut short", "detector runs were cut short"),
            Self::ConfigBroken => ("configuration file is broken", "configuration files are broken"),
            Self::LogDamaged => ("log was read in part", "logs were read in part"),
            Self::LogsCut => ("bound cut what logs tell", "bounds cut what logs tell"),
            Self::LogsLeftOut => ("set of logs was not read, by choice", "sets of logs were not read, by choice"),
            Self::ProgramBroken => ("program has a broken structure", "programs have a broken structure"),
            Self::FactUnusable => ("row of a facts table could not be used", "rows of facts tables could not be used"),
            Self::VolumeNotGiven => {
                ("folder lies on a volume that was not given", "folders lie on volumes that were not given")
            }
            Self::FolderMissing => ("configured folder does not exist", "configured folders do not exist"),
            Self::PathUnresolved => ("path could not be resolved", "paths could not be resolved"),
            Self::ImageNotOpened => ("disk image was not opened", "disk images were not opened"),
            Self::NothingToExamine => ("target holds nothing to examine", "targets hold nothing to examine"),
            Self::RuleUnusable => ("rule could not be used", "rules could not be used"),
            Self::IndicatorUnusable => {
                ("line of an indicator list could not be used", "lines of indicator lists could not be used")
            }
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// One thing that went wrong and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble.
    pub kind: ProblemKind,
    /// The file or folder of the evidence, if it is about one.
    pub path: Option<ServerPath>,
    /// What was seen, in words.
    pub message: String,
}

impl Problem {
    /// A problem with one path of the evidence.
    pub fn at(kind: ProblemKind, path: &ServerPath, message: impl Into<String>) -> Self {
        Self { kind, path: Some(path.clone()), message: message.into() }
    }

    /// A problem that has no path in the evidence.
    pub fn general(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, path: None, message: message.into() }
    }
}
