//! The timeline of all servers.

use super::page::{Page, short};
use crate::case::{Case, Entry, Run};
use crate::model::TimelineKind;
use crate::record::TimelineRecord;
use crate::text::{columns, grouped, plain};
use std::io;

/// Lines without `-v`, from the first and from the last events.
const FIRST: usize = 10;
const LAST: usize = 5;
/// Events in a pipe without `-v`.
const IN_A_PIPE: usize = 120;

/// An event and the server that it is of.
type Event<'c> = (&'c Run, &'c Entry<TimelineRecord>);

/// The events of all servers in time order.
fn events(case: &Case) -> Vec<Event<'_>> {
    let mut all: Vec<Event<'_>> =
        case.runs.iter().flat_map(|run| run.timeline.iter().map(move |event| (run, event))).collect();
    all.sort_by_key(|(_, event)| (event.head.timestamp, event.body.kind.0.name()));
    all
}

fn omitted(case: &Case) -> u64 {
    case.runs.iter().fold(0, |sum, run| sum.saturating_add(run.omitted.timeline))
}

/// For a terminal or a file: events of one kind that follow each other are one line, and the middle of a long timeline is left out.
pub(super) fn timeline(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let events = events(case);
    if events.is_empty() {
        return Ok(());
    }
    if page.verbose() {
        return every(case, &events, events.len(), page);
    }
    let several = case.servers().len() > 1;
    let mut rows: Vec<&[Event<'_>]> = events.chunk_by(|a, b| kind(a) == kind(b)).collect();
    let cut = rows.len().saturating_sub(FIRST + LAST);
    // One line less would be no gain.
    let cut = if cut > 1 { cut } else { 0 };
    let hidden: usize = rows.iter().skip(FIRST).take(cut).map(|row| row.len()).sum();
    if cut > 0 {
        rows.drain(FIRST..FIRST + cut);
    }
    page.line("timeline")?;
    for (at, row) in rows.iter().enumerate() {
        if at == FIRST && hidden > 0 {
            page.line(&format!("  ... {} more events: -v or -f jsonl lists them", grouped(hidden as u64)))?;
        }
        let Some((run, event)) = row.first() else { continue };
        let more = if row.len() > 1 { format!(" and {} more", row.len() - 1) } else { String::new() };
        let margin = margin(run, event, several, false);
        let room = page.room(columns(&margin) + more.len());
        let text = crate::text::shorten(&plain(&event.body.description), room);
        page.line(&format!("{margin}{text}{more}"))?;
    }
    if omitted(case) > 0 {
        page.line(&format!("  and {} more; -f jsonl lists them", grouped(omitted(case))))?;
    }
    page.line("")
}

fn kind(event: &Event<'_>) -> TimelineKind {
    event.1.body.kind.0
}

fn margin(run: &Run, event: &Entry<TimelineRecord>, several: bool, exact: bool) -> String {
    let time = event.head.timestamp;
    let time = if exact { time.to_string() } else { format!("{:<24}", short(time.0)) };
    let server = if several { format!("{}  ", plain(run.server())) } else { String::new() };
    format!("  {time}  {:<21} {server}", event.body.kind.0.words())
}

/// For a pipe.
pub(super) fn in_a_pipe(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let events = events(case);
    let shown = if page.verbose() { events.len() } else { IN_A_PIPE };
    every(case, &events, shown, page)
}

/// Each event with its exact time.
fn every(case: &Case, events: &[Event<'_>], shown: usize, page: &mut Page<'_>) -> io::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let several = case.servers().len() > 1;
    page.line("timeline")?;
    for (run, event) in events.iter().take(shown) {
        page.text(&margin(run, event, several, true), &event.body.description)?;
    }
    let hidden = (events.len().saturating_sub(shown) as u64).saturating_add(omitted(case));
    if hidden > 0 {
        page.line(&format!("  and {} more; -v or -f jsonl lists them", grouped(hidden)))?;
    }
    page.line("")
}
