//! The results of earlier runs, read back from their JSONL outputs.

use crate::error::{Error, Result};
use crate::report::{Case, CaseReader, ReadError};
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

/// Reads these outputs into one case.
pub(super) fn read_case(paths: &[PathBuf]) -> Result<Case> {
    let mut reader = CaseReader::default();
    for path in paths {
        let failed = |source| Error::Input { path: path.clone(), source };
        let file = File::open(path).map_err(failed)?;
        reader.add(&path.display().to_string(), BufReader::new(file)).map_err(|error| match error {
            ReadError::Io { source, .. } => failed(source),
            foreign @ ReadError::Foreign { .. } => Error::Usage(foreign.to_string()),
        })?;
    }
    Ok(reader.done())
}
