//! `rules`: every check, and the user's own rules; `explain --check`: one of them.

use super::exit::Exit;
use super::outputs::print;
use crate::checks;
use crate::cli::{self, ListFormat};
use crate::detect::signatures::Signatures;
use crate::error::{Error, Result};
use crate::report::{self, CheckRow};
use std::collections::BTreeSet;
use std::path::PathBuf;

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

/// Prints one check in full.
pub(super) fn explain_check(id: &str) -> Result<Exit> {
    let unknown = || Error::Usage(format!("no check has the id {id}; `shellsift rules list` prints all of them"));
    let check = checks::find(id).ok_or_else(unknown)?;
    print(|out| report::check(check, checks::attack_of(id), checks::notes_of(id), out))?;
    Ok(Exit::Clean)
}
