//! The results of earlier runs, read back: what `report`, `diff` and their kin begin with.

use super::steps::interruption;
use crate::error::{Error, Result};
use crate::report::text::plain;
use crate::report::{Case, CaseReader};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// How much is read at once.
const BUFFER: usize = 256 << 10;

/// Reads JSONL outputs into one case: files, folders that have `*.jsonl` files in them, and `-` for standard input.
pub(super) fn read_case(paths: &[PathBuf]) -> Result<Case> {
    read_into(CaseReader::default(), paths)
}

/// As [`read_case`], with a reader that keeps what the verb needs.
pub(super) fn read_into(mut reader: CaseReader, paths: &[PathBuf]) -> Result<Case> {
    let stopped = interruption();
    let mut has_read_input = false;
    for path in files(paths)? {
        let name = plain(&path.display().to_string());
        let input: Box<dyn Read> = if is_standard_input(&path) {
            // Nothing is left of it for a second time.
            if std::mem::replace(&mut has_read_input, true) {
                continue;
            }
            Box::new(io::stdin())
        } else {
            let failed = |source| Error::Input { path: path.clone(), source };
            let file = File::open(&path).map_err(failed)?;
            if file.metadata().map_err(failed)?.is_dir() {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Box::new(file)
        };
        let name = if is_standard_input(&path) { "standard input" } else { &name };
        let read = reader.add(name, BufReader::with_capacity(BUFFER, Stoppable { input, stopped }));
        if stopped.load(Ordering::Relaxed) {
            return Err(Error::Interrupted("nothing was written"));
        }
        read.map_err(|error| Error::Usage(error.to_string()))?;
    }
    Ok(reader.done())
}

/// The files behind these paths, each once: those of a folder by name, not those of folders in it.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let failed = |source| Error::Input { path: path.clone(), source };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if has_extension(&file) && file.is_file() {
                found.push(file);
            }
        }
        if found.is_empty() {
            return Err(Error::Usage(format!("{}: the folder contains no file *.jsonl", path.display())));
        }
        found.sort();
        all.append(&mut found);
    }
    let mut seen = HashSet::new();
    all.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    Ok(all)
}

fn has_extension(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"))
}

/// Whether a path stands for standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Says on standard error what is to be known of results that were read back.
pub(super) fn remark(case: &Case, quiet: bool) {
    if !quiet {
        for line in case.notes().iter().chain(case.unread()) {
            // Nobody who listens is no reason not to write the report.
            let _ = writeln!(io::stderr(), "shellsift: {}", plain(line));
        }
    }
}

/// What is read until the run is stopped.
struct Stoppable {
    input: Box<dyn Read>,
    stopped: &'static AtomicBool,
}

impl Read for Stoppable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        self.input.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_stand_for_their_outputs_and_each_file_is_read_once() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.jsonl", "a.JSONL", "c.txt"] {
            std::fs::write(folder.path().join(name), "").expect("room");
        }
        std::fs::create_dir(folder.path().join("d.jsonl")).expect("room");
        let named = folder.path().join("c.txt");
        let paths = [folder.path().to_owned(), folder.path().join("b.jsonl"), named, PathBuf::from("-")];
        let names: Vec<String> = files(&paths)
            .expect("files")
            .iter()
            .map(|path| path.file_name().map_or("-".into(), |name| name.to_string_lossy().into_owned()))
            .collect();
        assert_eq!(names, ["a.JSONL", "b.jsonl", "c.txt", "-"]);
        let error = files(&[folder.path().join("d.jsonl")]).expect_err("an empty folder").to_string();
        assert!(error.contains("contains no file *.jsonl"), "{error}");
    }

    #[test]
    fn what_is_no_output_ends_the_run_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x.jsonl");
        std::fs::write(&file, "LEVEL\tSCORE\n").expect("room");
        let error = read_case(&[file]).expect_err("no output").to_string();
        assert!(error.contains("x.jsonl: is not a JSONL output of shellsift"), "{error}");
        assert!(read_case(&[folder.path().join("none.jsonl")]).is_err());
    }
}
