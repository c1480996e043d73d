//! The server itself: its name, its protection, its patch level, and what was not examined of it.

use super::evidence::Index;
use super::item::{Found, item};
use super::results::Results;
use super::table::matches;
use shellsift_model::{ActionItem, ExclusionAdvice, Health, OpenVulnerability, ServerPath};
use std::cmp::Reverse;

/// The server, with the most urgent finding.
pub(crate) fn host(results: &Results<'_>, index: &Index<'_>) -> Vec<ActionItem> {
    let name = results.host.or(results.server.host_name.as_deref()).unwrap_or("the server");
    let windows = results.server.windows.as_ref().map_or(String::new(), |windows| format!(", {}", windows.in_words()));
    let finding = index.findings.first().map(|finding| finding.artefact.path.to_string());
    let hit = || index.hits.first().map(|hit| hit.check.to_owned());
    vec![item(format!("{name}{windows}"), finding.or_else(hit).unwrap_or_default())]
}

/// Exclusions that leave out what matters, the strongest first.
pub(crate) fn exclusions(results: &Results<'_>) -> Vec<ActionItem> {
    let is_wanted = |advice| matches!(advice, ExclusionAdvice::Risky | ExclusionAdvice::FormerlyRecommended);
    let mut found: Vec<_> = results.server.exclusions.iter().filter(|one| is_wanted(one.advice)).collect();
    found.sort_by(|a, b| {
        (Reverse(a.score), a.kind, &a.value, a.source).cmp(&(Reverse(b.score), b.kind, &b.value, b.source))
    });
    let text = |one: &shellsift_model::AntivirusExclusion| {
        let withdrawn = match one.advice {
            ExclusionAdvice::FormerlyRecommended => ", which Microsoft recommended until 2023",
            _ => "",
        };
        let changed = one.changed.map_or(String::new(), |time| format!(", list last changed {time}"));
        let source = one.source.name().replace('_', " ");
        item(format!("{} {}{withdrawn} ({source}{changed})", one.kind.name(), one.value), "config/defender_exclusion")
    };
    found.into_iter().map(text).collect()
}

fn root(health: &Health) -> String {
    health.root.as_ref().map_or(String::new(), ServerPath::to_string)
}

/// With several installations, which one an item is about.
fn of_installation(results: &Results<'_>, health: &Health, text: &str) -> ActionItem {
    let root = root(health);
    let text = if results.health.len() > 1 { format!("{root}: {text}") } else { text.to_owned() };
    item(text, root)
}

/// The steps to the newest update, in order.
pub(crate) fn updates(results: &Results<'_>) -> Vec<ActionItem> {
    let all = results.health.iter().flat_map(|health| health.steps.iter().map(move |step| (health, step)));
    all.map(|(health, step)| of_installation(results, health, step)).collect()
}

/// Vulnerabilities that are known to be exploited.
pub(crate) fn vulnerabilities(results: &Results<'_>) -> Vec<ActionItem> {
    let exploited = |health: &'_ Health| health.open.iter().filter(|one| one.exploited).cloned().collect::<Vec<_>>();
    let text = |one: &OpenVulnerability| {
        let name = if one.nickname.is_empty() { String::new() } else { format!(" {}", one.nickname) };
        let fix = match (one.fixed_by.as_str(), one.fixed_in.as_str()) {
            (_, "") => ": no fix was released for this CU".to_owned(),
            ("", build) => format!(": fixed in {build}"),
            (update, build) => format!(": fixed by {update} ({build})"),
        };
        let condition = if one.condition.is_empty() { String::new() } else { format!("; {}", one.condition) };
        format!("{}{name}{fix}{condition}", one.cve)
    };
    let all = results.health.iter().flat_map(|health| exploited(health).into_iter().map(move |one| (health, one)));
    all.map(|(health, one)| of_installation(results, health, &text(&one))).collect()
}

/// Products that are out of support.
pub(crate) fn unsupported(results: &Results<'_>) -> Vec<ActionItem> {
    let text = |health: &Health| {
        let level = health.level.as_ref().filter(|level| level.out_of_support)?;
        let end =
            if level.end_of_support.is_empty() { String::new() } else { format!(" since {}", level.end_of_support) };
        Some(of_installation(results, health, &format!("{} is out of support{end}", level.product)))
    };
    results.health.iter().filter_map(text).collect()
}

/// Problems of these kinds, each once.
pub(crate) fn gaps(results: &Results<'_>, kinds: &[String]) -> Found {
    let wanted = || results.problems.iter().filter(|problem| matches(kinds, problem.kind.name()));
    let mut found: Vec<_> = wanted().collect();
    found.sort_by(|a, b| (a.kind, &a.path, &a.message).cmp(&(b.kind, &b.path, &b.message)));
    found.dedup();
    let text = |problem: &shellsift_model::Problem| match &problem.path {
        Some(path) => item(format!("{path}: {}", problem.message), path.to_string()),
        None => item(problem.message.clone(), problem.kind.name()),
    };
    // Of problems that were not kept only the numbers by kind are known.
    let counted: u64 = results
        .summary
        .problems
        .iter()
        .filter(|(kind, _)| matches(kinds, kind.name()))
        .map(|(_, count)| *count)
        .fold(0, u64::saturating_add);
    let omitted = if results.problems_omitted > 0 { counted.saturating_sub(wanted().count() as u64) } else { 0 };
    Found { items: found.into_iter().map(text).collect(), omitted }
}

/// That the run was interrupted.
pub(crate) fn interrupted(results: &Results<'_>) -> Vec<ActionItem> {
    let words = results.summary.gaps.as_deref().unwrap_or("interrupted");
    if results.summary.interrupted { vec![item(words, "")] } else { Vec::new() }
}

/// Installations whose build is in no baseline.
pub(crate) fn no_baseline(results: &Results<'_>) -> Vec<ActionItem> {
    let found = |line: &String| item(line.as_str(), line.split_once(": ").map_or("", |(root, _)| root));
    results.summary.no_baseline.iter().map(found).collect()
}

/// The command line.
pub(crate) fn command(results: &Results<'_>) -> Vec<ActionItem> {
    if results.command_line.is_empty() { Vec::new() } else { vec![item(results.command_line, "")] }
}
