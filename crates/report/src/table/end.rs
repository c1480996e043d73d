//! The end: what was counted and what is missing, the verdict, and where the outputs lie.

use super::page::{GAP, Page, count, short};
use crate::case::{Case, Entry, Run};
use crate::model::{Level, Outcome, Subject, TimelineKind};
use crate::record::{Counted, CoverageRecord, ProblemRecord, SummaryRecord};
use crate::text::{bytes, grouped, plain, wrap_paths};
use std::collections::{BTreeMap, HashMap};
use std::io;

/// Problems that are shown without `-v`.
const PROBLEMS: usize = 5;
/// Servers of one verdict that are named.
const NAMED: usize = 4;

/// Counts and gaps.
pub(super) fn counts_and_gaps(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    counts(case, page)?;
    let several = case.runs.len() > 1;
    if !several || page.verbose() {
        case.runs.iter().try_for_each(|run| of_run(run, several, page))?;
    } else {
        let with_gaps = case.runs.iter().filter(|run| run.end.as_ref().is_none_or(|end| !end.complete)).count();
        if with_gaps > 0 {
            let runs = count(with_gaps as u64, "run has", "runs have");
            page.fact(
                "incomplete",
                &format!("{runs} gaps: -v lists them, and the logs and patch level of each server"),
            )?;
        }
    }
    problems(case, page)?;
    for unread in &case.unread {
        page.fact("unread", unread)?;
    }
    for note in &case.notes {
        page.fact("note", note)?;
    }
    page.line("")
}

/// What became of the files, of all servers together.
fn counts(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let all: Vec<&CoverageRecord> = case.runs.iter().filter_map(|run| run.coverage.as_ref()).collect();
    if all.is_empty() {
        return Ok(());
    }
    let sum = |of: fn(&CoverageRecord) -> u64| all.iter().fold(0u64, |sum, one| sum.saturating_add(of(one)));
    let mut skipped: BTreeMap<&str, u64> = BTreeMap::new();
    for Counted { value, count } in all.iter().flat_map(|one| &one.skipped) {
        let of_kind = skipped.entry(value).or_default();
        *of_kind = of_kind.saturating_add(*count);
    }
    let kinds: Vec<String> =
        skipped.iter().map(|(why, number)| count(*number, &plain(why), &plain(&format!("{why}s")))).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let skipped = skipped.values().fold(0u64, |sum, count| sum.saturating_add(*count));
    let mut pieces = vec![
        format!("examined {}", grouped(sum(|one| one.examined))),
        format!("known good {}", grouped(sum(|one| one.known_good))),
        format!("partially {}", grouped(sum(|one| one.partially_examined))),
        format!("skipped {}{kinds}", grouped(skipped)),
        format!("failed {}", grouped(sum(|one| one.failed))),
    ];
    let not_reached = sum(|one| one.not_reached);
    if not_reached > 0 {
        pieces.push(format!("not reached {}", grouped(not_reached)));
    }
    pieces.push(format!("of {}", count(sum(|one| one.surveyed), "file", "files")));
    let seconds: f64 = case.runs.iter().filter_map(summary).map(|summary| summary.seconds).sum();
    pieces.push(format!("{seconds:.1} s, {}", bytes(sum(|one| one.bytes))));
    page.pieces("", &pieces)?;
    let names_only = sum(|one| one.names_only);
    if names_only > 0 {
        let names = grouped(names_only);
        page.text("", &format!("{names} other files are in folders where only web file types are scanned"))?;
    }
    let archives = sum(|one| one.archives);
    if archives > 0 {
        let were = if archives == 1 { "is an archive, which was" } else { "are archives, which were" };
        page.text("", &format!("{} of them {were} not unpacked", grouped(archives)))?;
    }
    Ok(())
}

pub(super) fn summary(run: &Run) -> Option<&SummaryRecord> {
    run.end.as_ref()?.summary.as_ref()
}

/// The logs, the patch level, the baseline and the gaps of a run.
fn of_run(run: &Run, several: bool, page: &mut Page<'_>) -> io::Result<()> {
    if several {
        page.text("", run.server())?;
    }
    let summary = summary(run);
    for (word, text) in summary.iter().flat_map(|summary| {
        let logs = summary.logs.iter().map(|logs| ("logs", logs));
        let patch = summary.patch_level.iter().map(|patch| ("patch", patch));
        let baseline = summary.no_baseline.iter().map(|line| ("baseline", line));
        logs.chain(patch).chain(baseline)
    }) {
        let text = page.timed(text.strip_prefix("logs ").filter(|_| word == "logs").unwrap_or(text));
        page.fact(word, &text)?;
    }
    if run.omitted.hits > 0 {
        let lines = count(run.omitted.hits, "matching line was", "matching lines were");
        page.fact("logs", &format!("{lines} omitted: too many to keep"))?;
    }
    match (summary, &run.end) {
        (_, None) => page.fact("incomplete", "the output ends before the end of the run"),
        (Some(summary), _) => match &summary.gaps {
            Some(gaps) => page.fact("incomplete", gaps),
            None => Ok(()),
        },
        (None, Some(_)) => Ok(()),
    }
}

fn problems(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let several = case.servers().len() > 1;
    // The same of several servers is reported once.
    let mut places: HashMap<(bool, &str), usize> = HashMap::new();
    let mut all: Vec<(&Run, &Entry<ProblemRecord>, usize)> = Vec::new();
    for run in &case.runs {
        for problem in &run.problems {
            let next = all.len();
            let place = *places.entry((problem.body.gap, &problem.head.message)).or_insert(next);
            match all.get_mut(place) {
                Some((.., runs)) => *runs += 1,
                None => all.push((run, problem, 1)),
            }
        }
    }
    all.sort_by_key(|(_, problem, _)| !problem.body.gap);
    let shown = if page.verbose() { all.len() } else { PROBLEMS };
    for (run, problem, times) in all.iter().take(shown) {
        let server = match (several, times) {
            (false, _) => String::new(),
            (true, 1) => format!("{}: ", run.server()),
            (true, times) => format!("{} and {} more: ", run.server(), times - 1),
        };
        let word = if problem.body.gap { "problem" } else { "note" };
        let text = format!("{server}{}", problem.head.message);
        page.fact(word, &text)?;
    }
    let omitted = case.runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.omitted.problems));
    let hidden = (all.len().saturating_sub(shown) as u64).saturating_add(omitted);
    if hidden > 0 {
        page.fact("problem", &format!("{} more; -v or -f jsonl lists them", grouped(hidden)))?;
    }
    Ok(())
}

/// The verdict in capitals, and how it is coloured. A file that was given alone is no server that could be compromised.
fn word(outcome: Outcome, subject: Subject) -> (String, Level) {
    let level = match outcome {
        Outcome::Compromised => Level::Critical,
        Outcome::Exposed => Level::High,
        Outcome::Suspicious | Outcome::Incomplete => Level::Medium,
        Outcome::Attempted => Level::Low,
        Outcome::NothingFound => Level::Info,
    };
    (outcome.words(subject).to_uppercase(), level)
}

/// What the run was about.
fn subject(run: &Run) -> Subject {
    summary(run).map(|summary| summary.subject.0).unwrap_or_default()
}

/// What the verdict of a run is called in a table.
pub(super) fn verdict_of(run: &Run) -> (String, Level) {
    run.verdict().map_or(("NO VERDICT".to_owned(), Level::Medium), |outcome| word(outcome, subject(run)))
}

/// The verdict.
pub(super) fn verdict(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let (text, (word, level)) = match &case.runs[..] {
        [run] => match summary(run) {
            Some(summary) => (summary.description.clone(), verdict_of(run)),
            None if run.end.is_some() => return Ok(()),
            None => {
                let left = count(run.findings.len() as u64, "finding is", "findings are");
                let text = format!("{left} left of an output that ends before the end of the run: there may be more");
                (text, verdict_of(run))
            }
        },
        [] => ("no run was read".to_owned(), word(Outcome::Incomplete, Subject::Server)),
        _ => {
            let outcome = case.verdict().unwrap_or(Outcome::Incomplete);
            let all_files = case.runs.iter().all(|run| subject(run) == Subject::Files);
            (of_several(case), word(outcome, if all_files { Subject::Files } else { Subject::Server }))
        }
    };
    let painted = page.paint(level, &word);
    // The margin is as wide as the word, and colour takes no columns.
    let mut lines = wrap_paths(&plain(&page.timed(&text)), page.room(word.len() + 2)).into_iter();
    page.line(&format!("{painted}  {}", lines.next().unwrap_or_default()))?;
    lines.try_for_each(|line| page.line(&format!("{:width$}{line}", "", width = word.len() + 2)))
}

/// `3 servers compromised (A, B, C), 36 nothing found; the earliest exploitation 2021-03-03T06:49:46Z on A`
fn of_several(case: &Case) -> String {
    let mut of_verdict: Vec<(String, Vec<&str>)> = Vec::new();
    let mut runs: Vec<&Run> = case.runs.iter().collect();
    runs.sort_by_key(|run| std::cmp::Reverse(urgency(run)));
    for run in runs {
        let word = verdict_of(run).0;
        match of_verdict.iter_mut().find(|(known, _)| *known == word) {
            Some((_, servers)) => servers.push(run.server()),
            None => of_verdict.push((word, vec![run.server()])),
        }
    }
    let verdicts: Vec<String> = of_verdict
        .iter()
        .map(|(word, servers)| {
            let named = servers.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let more = servers.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}: {} ({named}{more})", word.to_lowercase(), servers.len())
        })
        .collect();
    let exploited = case.runs.iter().flat_map(|run| run.timeline.iter().map(move |event| (run, event)));
    let exploited = exploited.filter(|(_, event)| event.body.kind.0 == TimelineKind::Exploited);
    let earliest = exploited.min_by_key(|(_, event)| event.head.timestamp);
    let earliest = earliest.map_or(String::new(), |(run, event)| {
        format!("; the earliest exploitation {} on {}", short(event.head.timestamp.0), run.server())
    });
    format!("of {}, {}{earliest}", count(case.runs.len() as u64, "run", "runs"), verdicts.join(", "))
}

/// How urgent the verdict of a run is; without one, as urgent as an incomplete one.
pub(super) fn urgency(run: &Run) -> u8 {
    match run.verdict() {
        Some(Outcome::Compromised) => 5,
        Some(Outcome::Suspicious) => 4,
        Some(Outcome::Exposed) => 3,
        Some(Outcome::Attempted) => 2,
        Some(Outcome::Incomplete) | None => 1,
        Some(Outcome::NothingFound) => 0,
    }
}

/// Where the outputs lie.
pub(super) fn outputs(page: &mut Page<'_>) -> io::Result<()> {
    let outputs = page.style.outputs.clone();
    match outputs.is_empty() {
        true => page.fact("outputs", &format!("this one alone{GAP}-o FILE.jsonl keeps every detail")),
        false => page.fact("outputs", &outputs.join(", ")),
    }
}
