//! What could not be examined: one item, reported and counted, never the end of the run.

use super::ServerPath;
use super::named::named;

/// Why something was not, or not wholly, examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A folder could not be listed.
    FolderUnreadable,
    /// A file could not be opened or read.
    FileUnreadable,
    /// A read of the evidence timed out.
    ReadTimedOut,
    /// A file that another process holds without sharing.
    FileLocked,
    /// The operating system or its antivirus refused the content.
    FileBlocked,
    /// A file was gone when it was opened.
    FileVanished,
    /// A file had another size when it had been read.
    FileChanged,
    /// Only parts of a file were scanned.
    PartiallyExamined,
    /// A limit truncated the decoding of a file.
    DecodingTruncated,
    /// A limit truncated the analysis of a file's code.
    CodeAnalysisTruncated,
    /// A detector could not finish with a file.
    DetectorAborted,
    /// A configuration file of the server could not be understood.
    ConfigMalformed,
    /// A log is damaged, or its format is not known: parts of it were not read.
    LogDamaged,
    /// A limit truncated the results from logs.
    LogResultsTruncated,
    /// Logs that exist were not read, because of an option or because they are in a shadow copy.
    LogsSkipped,
    /// The structure of an executable is malformed.
    ExecutableMalformed,
    /// A row of reference data could not be used.
    ReferenceDataInvalid,
    /// A folder that the configuration names is on a volume that was not provided.
    VolumeNotProvided,
    /// A folder that the configuration names is not there.
    FolderMissing,
    /// A folder that the configuration names is not in the collection: nothing is known of it.
    NotCollected,
    /// A path that a link or a configuration names could not be resolved as Windows does.
    PathUnresolved,
    /// A disk image, in which files lie that were not examined.
    ImageNotOpened,
    /// A disk image whose content does not match the digests that it stores.
    ImageDamaged,
    /// Nothing was found to examine.
    NothingToExamine,
    /// A rule of the user's could not be used.
    RuleInvalid,
    /// A line of an indicator list could not be used.
    IndicatorInvalid,
}

named!(ProblemKind {
    FolderUnreadable => "folder_unreadable",
    FileUnreadable => "file_unreadable",
    ReadTimedOut => "read_timed_out",
    FileLocked => "file_locked",
    FileBlocked => "file_blocked",
    FileVanished => "file_vanished",
    FileChanged => "file_changed",
    PartiallyExamined => "partially_examined",
    DecodingTruncated => "decoding_truncated",
    CodeAnalysisTruncated => "code_analysis_truncated",
    DetectorAborted => "detector_aborted",
    ConfigMalformed => "config_malformed",
    LogDamaged => "log_damaged",
    LogResultsTruncated => "log_results_truncated",
    LogsSkipped => "logs_skipped",
    ExecutableMalformed => "executable_malformed",
    ReferenceDataInvalid => "reference_data_invalid",
    VolumeNotProvided => "volume_not_provided",
    FolderMissing => "folder_missing",
    NotCollected => "not_collected",
    PathUnresolved => "path_unresolved",
    ImageNotOpened => "image_not_opened",
    ImageDamaged => "image_damaged",
    NothingToExamine => "nothing_to_examine",
    RuleInvalid => "rule_invalid",
    IndicatorInvalid => "indicator_invalid",
});

impl ProblemKind {
    /// Whether such a problem means that not everything was examined.
    pub fn leaves_a_gap(self) -> bool {
        !matches!(self, Self::FolderMissing)
    }

    /// The kinds, in the words of a verdict: `1 file could not be read`.
    pub fn in_words(self, count: usize) -> String {
        let (one, many) = match self {
            Self::FolderUnreadable => ("folder could not be listed", "folders could not be listed"),
            Self::FileUnreadable => ("file could not be read", "files could not be read"),
            Self::ReadTimedOut => ("read timed out", "reads timed out"),
            Self::FileLocked => ("file was locked", "files were locked"),
            Self::FileBlocked => ("file was blocked by the system", "files were blocked by the system"),
            Self::FileVanished => ("file disappeared", "files disappeared"),
            Self::FileChanged => ("file changed while it was read", "files changed while they were read"),
            Self::PartiallyExamined => ("file was partially examined", "files were partially examined"),
            Self::DecodingTruncated => ("file was partially decoded", "files were partially decoded"),
            Self::CodeAnalysisTruncated => ("file's code was partially analysed", "files' code was partially analysed"),
            Self::DetectorAborted => ("detector was aborted", "detectors were aborted"),
            Self::ConfigMalformed => ("configuration file is malformed", "configuration files are malformed"),
            Self::LogDamaged => ("log was partially read", "logs were partially read"),
            Self::LogResultsTruncated => ("limit truncated the log results", "limits truncated the log results"),
            Self::LogsSkipped => ("set of logs was not read", "sets of logs were not read"),
            Self::ExecutableMalformed => ("executable is malformed", "executables are malformed"),
            Self::ReferenceDataInvalid => ("row of reference data is invalid", "rows of reference data are invalid"),
            Self::VolumeNotProvided => {
                ("folder is on a volume that was not provided", "folders are on volumes that were not provided")
            }
            Self::FolderMissing => ("configured folder does not exist", "configured folders do not exist"),
            Self::NotCollected => ("configured folder was not collected", "configured folders were not collected"),
            Self::PathUnresolved => ("path could not be resolved", "paths could not be resolved"),
            Self::ImageNotOpened => ("disk image was not opened", "disk images were not opened"),
            Self::ImageDamaged => ("disk image does not match its digests", "disk images do not match their digests"),
            Self::NothingToExamine => ("target contains nothing to examine", "targets contain nothing to examine"),
            Self::RuleInvalid => ("rule is invalid", "rules are invalid"),
            Self::IndicatorInvalid => ("line of an indicator list is invalid", "lines of indicator lists are invalid"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// One thing that went wrong and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The kind of problem.
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
