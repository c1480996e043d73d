//! `logs`, and what is done beside looking at files.

use super::Exit;
use crate::cli;
use crate::error::Result;

pub(super) fn logs_verb(_options: &cli::Logs) -> Result<Exit> {
    Ok(Exit::Incomplete)
}
