//! The compiler of the user's rules, and what it could not use.

use crate::error::{Error, Result};
use crate::model::{Problem, ProblemKind};
use shellsift_yara::{Compiler, IgnoredRuleReason};

/// Variables that public rule packs expect, as LOKI and THOR define them: the file's name, its folder, its extension with
/// the dot in lower case, its kind by content, and its owner.
pub(crate) const VARIABLES: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

/// A compiler that knows the variables and reads no other file.
pub(crate) fn compiler<'a>() -> Result<Compiler<'a>> {
    let mut compiler = Compiler::new();
    compiler.relaxed_re_syntax(true);
    // A rule file is no way to read another file of this machine.
    compiler.enable_includes(false);
    for variable in VARIABLES {
        compiler.define_global(variable, "").map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(compiler)
}

/// What could not be used of the source that was added last: its rules by name, then errors that belong to no rule, such as
/// the import of an unknown module.
pub(crate) fn unusable(
    compiler: &Compiler<'_>,
    name: &str,
    ignored_before: usize,
    errors_before: usize,
) -> Vec<Problem> {
    let problem = |text: String| Problem::general(ProblemKind::RuleInvalid, format!("{name}: {text}"));
    let mut of_rules = Vec::new();
    let mut problems = Vec::new();
    for (rule, why) in compiler.ignored_rules().skip(ignored_before) {
        if let IgnoredRuleReason::CompileError(error) = &why {
            of_rules.push(error.to_string());
        }
        problems.push(problem(format!("rule {rule} is skipped: {}", reason_ignored(&why))));
    }
    let errors = compiler.errors()[errors_before..].iter().map(ToString::to_string);
    problems.extend(errors.filter(|error| !of_rules.contains(error)).map(|error| problem(first_lines(&error))));
    problems
}

fn reason_ignored(why: &IgnoredRuleReason<'_>) -> String {
    match why {
        IgnoredRuleReason::IgnoredModule(module) => format!("it requires the module {module}"),
        IgnoredRuleReason::IgnoredRule(rule) => format!("it requires the rule {rule}, which is skipped"),
        IgnoredRuleReason::CompileError(error) => first_lines(&error.to_string()),
    }
}

/// A compiler message without its drawing: what, and where.
fn first_lines(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or_default();
    match lines.next().and_then(|line| line.strip_prefix("-->")) {
        Some(place) => format!("{what} ({})", place.trim()),
        None => what.to_owned(),
    }
}
