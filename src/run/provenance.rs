//! Provenance of a run: program, command line, rule set and reference data.

use crate::model::Provenance;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io;

/// What a run is made with.
#[derive(Default)]
pub(super) struct Equipment {
    /// The signatures in words; empty where none run.
    pub(super) signatures: String,
    /// The detectors by id.
    pub(super) detectors: Vec<&'static str>,
    /// The hash of the rules in use.
    pub(super) rules_sha256: Option<String>,
    /// The newest release date in the tables of builds.
    pub(super) reference_data: Option<String>,
}

/// What makes this run reproducible. `program`: what [`program`] gave; `rules`: the hash of the rules in use; `reference_data`: the
/// newest release date in the tables of builds.
pub(super) fn provenance(program: Option<String>, rules: Option<String>, reference_data: Option<String>) -> Provenance {
    Provenance { command_line: own_command_line(), program_sha256: program, rules_sha256: rules, reference_data }
}

/// The arguments of this process, as a POSIX shell would take them.
pub(super) fn own_command_line() -> String {
    command_line(std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()))
}

/// The arguments as a POSIX shell would take them.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = arguments.map(|argument| quoted(&argument)).collect();
    quoted.join(" ")
}

fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// SHA-256 of the file of this program, lower-case hexadecimal; some 35 MB are read.
pub(super) fn program() -> Option<String> {
    let mut file = File::open(std::env::current_exe().ok()?).ok()?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut buffer) {
            Ok(0) => return Some(hex::encode(hasher.finalize())),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_would_take_them_apart() {
        let arguments = ["shellsift", "scan", "/mnt/case 7", "--map", r"/mnt/d=D:\", "it's", ""];
        let line = command_line(arguments.into_iter().map(str::to_owned));
        assert_eq!(line, r"shellsift scan '/mnt/case 7' --map '/mnt/d=D:\' 'it'\''s' ''");
    }

    #[test]
    fn the_program_file_is_hashed() {
        assert_eq!(program().map(|hash| hash.len()), Some(64));
    }
}
