//! `rules`: the signatures in use, and the user's own.

use super::exit::Exit;
use super::outputs::print;
use crate::cli;
use crate::detect::signatures::Signatures;
use crate::error::Result;
use crate::report;
use std::path::PathBuf;

pub(super) fn list_rules(options: &cli::Rules) -> Result<Exit> {
    let (signatures, problems) = Signatures::compile(!options.no_builtin_rules, &options.paths)?;
    let mut rules = signatures.list();
    rules.sort_by(|a, b| (&a.ruleset, &a.name).cmp(&(&b.ruleset, &b.name)));
    print(|out| {
        for rule in &rules {
            let plain = report::text::plain;
            writeln!(
                out,
                "{:>3}  {:<44} {}  [{}]",
                rule.score,
                plain(&rule.name),
                plain(&rule.description),
                plain(&rule.ruleset)
            )?;
        }
        writeln!(out, "{} rules", rules.len())?;
        problems.iter().try_for_each(|problem| writeln!(out, "passed over: {}", report::text::plain(&problem.message)))
    })?;
    Ok(Exit::Clean)
}

pub(super) fn check_rules(paths: &[PathBuf]) -> Result<Exit> {
    let (signatures, problems) = Signatures::compile(false, paths)?;
    print(|out| {
        problems.iter().try_for_each(|problem| writeln!(out, "{}", report::text::plain(&problem.message)))?;
        writeln!(out, "{} rules can be used, {} problems", signatures.list().len(), problems.len())
    })?;
    Ok(if problems.is_empty() { Exit::Clean } else { Exit::Faults })
}
