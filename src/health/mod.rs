//! The patch level: the build of an installation, its vulnerabilities, now and at an earlier time. See
//! `docs/health.md`.

mod advice;
mod files;
mod history;
mod rule;
mod words;

pub use history::History;
pub use rule::{FixStatus, judge};

use crate::catalogue::builds::{Build, Release, Tables};
use crate::evidence::Evidence;
use crate::model::{BuildSeen, Health, PatchLevel, Problem, ServerPath, Timestamp};
use files::{Files, SETUP};
use words::{date, ended, level_words, product_words, update_words};

/// The source of a build that only the registry has.
const REGISTRY: &str = "registry";

/// Examines the installation in `root`. `seen_in_logs` is what `#Version` lines said over time, `registered` the build that its setup
/// has entered in the registry, `today` decides whether support has ended. A program that cannot be read is a problem; one that is not there is a doubt where it matters.
pub fn examine(
    evidence: &dyn Evidence,
    root: &ServerPath,
    tables: &Tables,
    seen_in_logs: &[BuildSeen],
    registered: Option<&str>,
    today: Timestamp,
) -> (Health, Vec<Problem>) {
    let mut problems = Vec::new();
    let files = Files::read(evidence, root, &mut problems);
    let mut health = Health {
        root: Some(root.clone()),
        caveats: files.caveats.clone(),
        tables_until: tables.until().to_owned(),
        ..Health::default()
    };
    let mut logs: Vec<(Build, &BuildSeen)> = seen_in_logs
        .iter()
        .filter_map(|seen| Some((Build::parse(&seen.build)?, seen)))
        // Some kinds of log always say 15.0.0.0 (ECP, agents).
        .filter(|(build, _)| build.0[2] != 0)
        .collect();
    logs.sort_by_key(|(_, seen)| seen.last);
    health.seen = files.seen();
    health.seen.extend(logs.iter().map(|(build, seen)| BuildSeen { build: build.to_string(), ..(*seen).clone() }));

    let latest_log = logs.last();
    let chosen = match files.setup {
        Some(build) => {
            health.caveats.extend(files.mixed(build));
            health.caveats.extend(latest_log.and_then(|(log, seen)| logs_differ(build, *log, seen)));
            Some((build, SETUP.to_owned()))
        }
        None => {
            let registered = registered.and_then(Build::parse);
            health.seen.extend(registered.map(of_registry));
            let of_logs = latest_log.map(|(build, seen)| (*build, seen.source.clone()));
            let of_registry = registered.map(|build| (build, REGISTRY.to_owned()));
            // The registry has cumulative updates alone, but also one that came after the logs.
            let beside = || of_registry.into_iter().chain(of_logs).max_by_key(|(build, _)| *build);
            let next = files.next_best().or_else(beside);
            health.caveats.push(match &next {
                Some((_, source)) if source == REGISTRY => format!(
                    "{SETUP} has no build; using the registry instead, which records cumulative updates only: security updates after \
                     it are not known, and vulnerabilities that they fix are listed"
                ),
                Some((_, source)) => format!("{SETUP} has no build; using {source} instead"),
                None => format!("neither {SETUP} nor any other source has the build"),
            });
            next
        }
    };
    match chosen {
        Some((build, source)) => judge_build(build, source, tables, today, &mut health),
        None => health.caveats.extend(files.line_of_folders(tables)),
    }
    (health, problems)
}

/// The build that the registry has. It says nothing of a time: the key is changed by other things too.
fn of_registry(build: Build) -> BuildSeen {
    BuildSeen { build: build.to_string(), first: None, last: None, source: REGISTRY.to_owned() }
}

/// The programs on the disk and the last that the services said of themselves.
fn logs_differ(build: Build, log: Build, seen: &BuildSeen) -> Option<String> {
    let source = &seen.source;
    let when = seen.last.map(|last| format!(" on {}", date(last))).unwrap_or_default();
    match log.cmp(&build) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(format!(
            "{source}{when} still recorded {log}, the binaries on disk are {build}: the update came later, or the \
             services were not restarted after it"
        )),
        std::cmp::Ordering::Greater => Some(format!(
            "{source}{when} shows {log}, which is newer than {SETUP} ({build}): an update did not replace {SETUP}, or \
             the server was reverted"
        )),
    }
}

/// All that follows from the build.
fn judge_build(build: Build, source: String, tables: &Tables, today: Timestamp, health: &mut Health) {
    health.build = build.to_string();
    health.source = source;
    let known = tables.release(build);
    if known.is_none() {
        health.caveats.push(unknown(build, tables));
    }
    let (below, above) = tables.neighbours(build);
    let Some(row) = known.or(below).or(above) else { return };
    if !row.note.is_empty() {
        health.caveats.push(format!("{}: {}", row.build, row.note));
    }
    let support_ended = ended(row, today);
    health.level = Some(PatchLevel {
        product: product_words(&row.product),
        cu: row.cu.clone(),
        update: update_words(row, tables),
        build: row.build.to_string(),
        released: row.released.clone(),
        end_of_support: row.end_of_support.clone(),
        out_of_support: support_ended,
        nearest: known.is_none(),
    });
    let (open, conditions) = rule::open(tables, build);
    (health.open, health.conditions) = (open, conditions);
    health.caveats.extend(gaps_of_tables(row, tables, support_ended));
    health.steps = advice::steps(tables, build, row, today);
}

/// What an unknown build is between.
fn unknown(build: Build, tables: &Tables) -> String {
    let until = tables.until();
    let name = |row: &Release| format!("{} ({}, {})", row.build, level_words(row, tables), row.released);
    match tables.neighbours(build) {
        (Some(below), Some(above)) => {
            format!(
                "{build} is not in the reference data; the nearest known builds are {} below and {} above",
                name(below),
                name(above)
            )
        }
        (Some(below), None) => format!(
            "{build} is newer than any build of its kind in the reference data, which ends on {until}; the nearest \
             known build is {} below. Vulnerabilities published later are unknown",
            name(below)
        ),
        (None, Some(above)) => {
            format!(
                "{build} is older than any build of its kind in the reference data; the nearest known build is {} above",
                name(above)
            )
        }
        (None, None) => format!("{build} belongs to no Exchange version in the reference data, which ends on {until}"),
    }
}

/// Where the advisories of a product are few or end early.
fn gaps_of_tables(row: &Release, tables: &Tables, support_ended: bool) -> Option<String> {
    let product = product_words(&row.product);
    let confidence = tables.confidence(&row.product);
    if confidence.is_empty() {
        return Some(format!("the reference data has no vulnerabilities of {product}"));
    }
    if !confidence.contains("healthchecker") {
        return Some(format!(
            "the reference data has only a few vulnerabilities of {product}, from secondary sources: others may exist"
        ));
    }
    let newest = advice::newest(tables, &row.product)?;
    let later = tables.releases().any(|other| other.released > newest.released);
    (support_ended && later).then(|| {
        format!(
            "vulnerabilities published after {}, the last update of {product}, are not listed for it and probably exist",
            newest.released
        )
    })
}
