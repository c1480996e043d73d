//! Errors that end a run. A failure on one item of the evidence is a [`crate::model::Problem`] instead.

use std::path::PathBuf;

/// An error that leaves nothing to go on with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// A target could not be opened at all.
    #[error("no such target: {path}: {source}")]
    Target {
        /// As the user gave it.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A file that the user named (rules, indicators) could not be read.
    #[error("{path}: {source}")]
    Input {
        /// As the user gave it.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// No usable rule is left of what the user gave.
    #[error("{0}")]
    Rules(String),
    /// A result could not be written.
    #[error("cannot write {to}: {source}")]
    Output {
        /// The file, or `standard output`.
        to: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The run was stopped before there were any results.
    #[error("interrupted: {0}")]
    Interrupted(&'static str),
    /// The evidence does not answer.
    #[error("{0}")]
    Silent(String),
    /// The system does not let the process have what it needs.
    #[error("{0}")]
    Limit(String),
    /// A defect of this program.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Error::Interrupted(_)) { 130 } else { 2 }
    }

    /// Whether the reader of standard output has gone away, which needs no message.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Error::Output { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

impl From<shellsift_rules::Error> for Error {
    fn from(error: shellsift_rules::Error) -> Self {
        match error {
            shellsift_rules::Error::Input { path, source } => Error::Input { path, source },
            shellsift_rules::Error::Rules(message) => Error::Rules(message),
            shellsift_rules::Error::Internal(message) => Error::Internal(message),
        }
    }
}

/// The result of what can end a run.
pub type Result<T> = std::result::Result<T, Error>;
