//! `verify`: whether a package or a JSONL output is as it was written.

use super::exit::Exit;
use super::outputs::print;
use super::sign;
use crate::cli;
use crate::error::{Error, Result};
use crate::report::text::{grouped, plain};
use shellsift_package::{
    ChainCheck, NotAPackage, PackageCheck, SignatureError, check_chain, check_package, check_signature, public_keys,
};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// What was found, as it is printed.
#[derive(Default)]
struct Found {
    lines: Vec<String>,
    differs: bool,
    is_cut: bool,
}

impl Found {
    fn say(&mut self, what: &str, words: impl AsRef<str>) {
        self.lines.push(format!("{what:<11} {}", plain(words.as_ref())));
    }

    fn differs(&mut self, words: impl AsRef<str>) {
        self.differs = true;
        self.say("DIFFERS", words);
    }
}

pub(super) fn verify_verb(options: &cli::Verify) -> Result<Exit> {
    let mut found = Found::default();
    let failed = |source| Error::Input { path: options.file.clone(), source };
    let mut head = Vec::new();
    open(&options.file)?.take(4).read_to_end(&mut head).map_err(failed)?;
    let is_signed = signature(options, &mut found)?;
    let kind = if matches!(&head[..], b"PK\x03\x04" | b"PK\x05\x06") {
        package(options, &mut found)?;
        "package"
    } else {
        let check = check_chain(BufReader::new(open(&options.file)?)).map_err(failed)?;
        chain(&options.file, &check, is_signed, &mut found)?;
        "output"
    };
    let (exit, verdict) = match () {
        () if found.differs => (Exit::Found, "is not as it was written"),
        () if found.is_cut => (Exit::Incomplete, "is incomplete: its end is missing or damaged"),
        () => (Exit::Clean, "is whole"),
    };
    found.say(if exit == Exit::Clean { "OK" } else { "NOT OK" }, format!("this {kind} {verdict}"));
    print(|out| found.lines.iter().try_for_each(|line| writeln!(out, "{line}")))?;
    Ok(exit)
}

fn open(path: &Path) -> Result<File> {
    let failed = |source| Error::Input { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_file() {
        true => Ok(file),
        false => Err(Error::Usage(format!("{} is not a file", path.display()))),
    }
}

/// Checks the signature, if there is one. Gives whether the file is signed.
fn signature(options: &cli::Verify, found: &mut Found) -> Result<bool> {
    let beside = sign::of(&options.file);
    let is_there = beside.try_exists().map_err(|source| Error::Input { path: beside.clone(), source })?;
    let path = match &options.signature {
        Some(path) => path.clone(),
        None if is_there => beside,
        None if options.key.is_some() => {
            return Err(Error::Usage(format!("--key: there is no signature {}", beside.display())));
        }
        None => return Ok(false),
    };
    let trusted = match &options.key {
        Some(file) => {
            let wrong = |why: SignatureError| Error::Usage(format!("--key {}: {why}", file.display()));
            Some(public_keys(&sign::read(file)?).map_err(wrong)?)
        }
        None => None,
    };
    if trusted.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::Usage("--key: the file has no ssh-ed25519 key that may sign files".to_owned()));
    }
    match check_signature(&sign::read(&path)?, BufReader::new(open(&options.file)?)) {
        Ok(key) if trusted.as_ref().is_some_and(|keys| !keys.contains(&key)) => {
            found.differs(format!("signed by {}, which is none of the keys of --key", key.fingerprint()));
        }
        Ok(key) => {
            let whose =
                if trusted.is_some() { "a key of --key" } else { "compare it with a key that you know, or give --key" };
            found.say("signature", format!("by {} ({whose})", key.fingerprint()));
        }
        Err(SignatureError::Wrong) => found.differs("the signature does not fit the content"),
        Err(error) => return Err(Error::Usage(format!("{}: {error}", path.display()))),
    }
    Ok(true)
}

fn chain(path: &Path, check: &ChainCheck, is_signed: bool, found: &mut Found) -> Result<()> {
    if check.linked == 0 {
        return match is_signed {
            true => Ok(()),
            false => Err(Error::Usage(format!(
                "{} is no package, and has neither a hash chain (--chain) nor a signature (--sign): there is nothing to verify it against",
                path.display()
            ))),
        };
    }
    check.faults.iter().for_each(|fault| found.differs(fault));
    found.is_cut = !check.is_ended;
    found.say("records", format!("{} of {} linked", grouped(check.linked), grouped(check.lines)));
    found.say(
        "chain",
        format!("{} (anybody can compute it: compare it with the value noted then, or sign)", check.value),
    );
    if found.is_cut {
        found.say("end", "the last record is not the end of a run (scan_end)");
    }
    Ok(())
}

fn package(options: &cli::Verify, found: &mut Found) -> Result<()> {
    let check = match check_package(BufReader::new(open(&options.file)?), &options.password.password) {
        Ok(check) => check,
        Err(NotAPackage::Cut(why)) => {
            found.is_cut = true;
            found.say("end", format!("the list of members is missing or damaged: {why}"));
            return Ok(());
        }
        Err(NotAPackage::Io(source)) => return Err(Error::Input { path: options.file.clone(), source }),
        Err(error) => return Err(Error::Usage(format!("{}: {error}", options.file.display()))),
    };
    describe(&check, found);
    Ok(())
}

fn describe(check: &PackageCheck, found: &mut Found) {
    let manifest = &check.manifest;
    let made = &manifest.made;
    let by = [("case", &made.case), ("examiner", &made.examiner)];
    let by: Vec<String> = by.iter().filter_map(|(what, value)| Some(format!("{what} {}", value.as_ref()?))).collect();
    found.say(
        "made",
        [vec![manifest.created.clone(), format!("{} {}", made.tool.name, made.tool.version)], by].concat().join(", "),
    );
    check.differences.iter().for_each(|difference| found.differs(difference));
    if check.differences_count > check.differences.len() as u64 {
        found.differs(format!("{} more", check.differences_count - check.differences.len() as u64));
    }
    found.say(
        "members",
        format!("{} of {} as in the manifest", grouped(check.whole), grouped(manifest.members.len() as u64)),
    );
    if check.changed_before > 0 {
        found
            .say("note", format!("{} had another content than when they were examined", grouped(check.changed_before)));
    }
    if !manifest.not_collected.is_empty() {
        let count = grouped(manifest.not_collected.len() as u64);
        found.say("note", format!("{count} files could not be collected; the manifest names them"));
    }
}
