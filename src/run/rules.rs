//! `rules`: every check, the user's own rules, and rules made of what was found; `explain --check`: one check.

use super::exit::Exit;
use super::outputs::{print, write_whole};
use super::results::{files, read_case};
use super::sink::{create, refuse_input};
use crate::checks;
use crate::cli::{self, ListFormat, RuleFormat};
use crate::detect::signatures::Signatures;
use crate::error::{Error, Result};
use crate::report::{self, CheckRow, Exported, RuleLanguage, export_rules};
use crate::settings;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) fn list_rules(options: &cli::RulesList) -> Result<Exit> {
    let (rows, problems) = rows(options)?;
    print(|out| {
        match options.format {
            ListFormat::Jsonl => report::check_list_jsonl(&rows, out)?,
            ListFormat::Table => report::check_list(&rows, out)?,
        }
        let skipped = problems.iter().filter(|_| options.format == ListFormat::Table);
        skipped.into_iter().try_for_each(|problem| writeln!(out, "skipped: {}", report::text::plain(&problem.message)))
    })?;
    Ok(Exit::Clean)
}

/// The checks of the kinds that are wanted, and the user's rules behind the built-in ones.
fn rows(options: &cli::RulesList) -> Result<(Vec<CheckRow>, Vec<crate::model::Problem>)> {
    let kinds: BTreeSet<&str> = checks::checks().map(|check| check.area()).collect();
    if let Some(unknown) = options.kind.iter().find(|kind| !kinds.contains(kind.as_str())) {
        let known: Vec<&str> = kinds.into_iter().collect();
        return Err(Error::Usage(format!("no check is of the kind {unknown}; there are {}", known.join(", "))));
    }
    let wanted = |kind: &str| options.kind.is_empty() || options.kind.iter().any(|wanted| wanted == kind);
    let built_in = checks::checks().filter(|check| !(options.rules.no_builtin_rules && check.area() == "signature"));
    let mut rows: Vec<CheckRow> = built_in.filter(|check| wanted(check.area())).map(CheckRow::from).collect();
    let mut problems = Vec::new();
    if wanted("signature") && !options.rules.paths.is_empty() {
        let (own, unusable) = Signatures::compile(false, &options.rules.paths)?;
        rows.extend(own.list().into_iter().map(|rule| CheckRow {
            id: format!("signature/{}", rule.name),
            kind: "signature".to_owned(),
            score: Some(rule.score),
            level: None,
            title: rule.description,
            attack: Vec::new(),
            cves: Vec::new(),
            ruleset: Some(rule.ruleset),
        }));
        problems = unusable;
    }
    Ok((rows, problems))
}

pub(super) fn check_rules(paths: &[PathBuf]) -> Result<Exit> {
    let (signatures, problems) = Signatures::compile(false, paths)?;
    print(|out| {
        problems.iter().try_for_each(|problem| writeln!(out, "{}", report::text::plain(&problem.message)))?;
        writeln!(out, "{} rules can be used, {} problems", signatures.list().len(), problems.len())
    })?;
    Ok(if problems.is_empty() { Exit::Clean } else { Exit::Faults })
}

/// Writes what earlier runs found as rules. What is left out is in the file itself, and on the screen where that is another one.
pub(super) fn export_found(options: &cli::RulesExport) -> Result<Exit> {
    let language = match options.format {
        Some(RuleFormat::Sigma) => RuleLanguage::Sigma,
        Some(RuleFormat::Yara) => RuleLanguage::Yara,
        None => language_of(&options.file.output),
    };
    let min_level = settings::level(options.min_level);
    let on_screen = settings::is_standard_output(&options.file.output);
    if !on_screen {
        refuse_input(&options.file.output, &files(&options.results)?)?;
    }
    let case = read_case(&options.results)?;
    let mut exported = Exported::default();
    if on_screen {
        print(|out| {
            exported = export_rules(&case, language, min_level, out)?;
            Ok(())
        })?;
    } else {
        let name = options.file.output.display().to_string();
        let to = |source| Error::Output { to: name.clone(), source };
        let sink = create(&options.file.output, options.file.force, false)?;
        exported = write_whole(sink, |out| export_rules(&case, language, min_level, out)).map_err(to)?;
        print(|out| {
            writeln!(out, "{}: {} exported", report::text::plain(&name), exported.values)?;
            exported.left_out.iter().try_for_each(|left_out| writeln!(out, "left out: {left_out}"))?;
            exported.unread.iter().try_for_each(|unread| writeln!(out, "not read: {unread}"))
        })?;
    }
    Ok(if exported.unread.is_empty() { Exit::Clean } else { Exit::Incomplete })
}

/// The language that a file's extension stands for.
fn language_of(file: &Path) -> RuleLanguage {
    let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
    if extension == "yml" || extension == "yaml" { RuleLanguage::Sigma } else { RuleLanguage::Yara }
}

/// Prints one check in full.
pub(super) fn explain_check(id: &str) -> Result<Exit> {
    let unknown = || Error::Usage(format!("no check has the id {id}; `shellsift rules list` prints all of them"));
    let check = checks::find(id).ok_or_else(unknown)?;
    print(|out| report::check(check, checks::attack_of(id), checks::notes_of(id), out))?;
    Ok(Exit::Clean)
}
