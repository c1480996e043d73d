//! Errors that make rules unusable.

use std::path::PathBuf;

/// An error that leaves no rules to go on with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule file could not be read.
    #[error("{path}: {source}")]
    Input {
        /// As the user gave it.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// No usable rule is left of what the user gave.
    #[error("{0}")]
    Rules(String),
    /// A defect of this program.
    #[error("internal error: {0}")]
    Internal(String),
}

/// The result of what can leave no rules.
pub type Result<T> = std::result::Result<T, Error>;
