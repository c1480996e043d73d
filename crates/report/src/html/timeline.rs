//! The picture of the timeline: a row for each server, or for each kind of event of a single one. The positions of the first view
//! are computed here, so that it is there without a script; the script moves the same marks when it zooms.

use super::environment::bounded;
use super::facts::short;
use super::servers::Servers;
use crate::case::Case;
use crate::model::{TimelineKind, Timestamp};
use crate::record::Time;
use crate::text::plain;
use serde::Serialize;
use std::collections::BTreeMap;

/// Units of the picture: its width, and where the rows begin.
const WIDTH: f64 = 1200.0;
const LEFT: f64 = 150.0;
/// Space between the beginning of a row and its first mark, and the same at the end.
const PAD: f64 = 10.0;
/// Marks that the picture has at most; where there are more events, those that are near each other share one.
const MARKS: usize = 3_000;
/// Rows of servers.
const ROWS: usize = 300;
/// Characters of the name of a row.
const NAME: usize = 22;
/// Events in the list, and texts of one mark.
const LISTED: usize = 2_000;
const TEXTS: usize = 3;

/// The picture and its list.
#[derive(Serialize)]
pub(super) struct Timeline {
    width: f64,
    left: f64,
    height: f64,
    /// The range of the first view, and that of all events, in seconds since 1970.
    from: i64,
    to: i64,
    first: i64,
    last: i64,
    /// Whether the first view shows less than everything.
    partial: bool,
    ticks: Vec<Tick>,
    rows: Vec<Row>,
    rows_left_out: usize,
    kinds: Vec<Kind>,
    list: Vec<Listed>,
    list_left_out: usize,
    total: usize,
    /// Events that are nearer than this share a mark, in words; empty where only those of the same second do.
    merged: String,
}

#[derive(Serialize)]
struct Tick {
    x: String,
    label: String,
}

#[derive(Serialize)]
struct Row {
    name: String,
    /// The name, where it is too long to be shown; else empty.
    whole_name: String,
    y: f64,
    marks: Vec<Mark>,
}

impl Row {
    /// A name that is longer than its place would be below the marks.
    fn new(name: &str, y: f64) -> Self {
        let shown = plain(&bounded(name, NAME));
        let is_short = name.chars().nth(NAME).is_none() && shown.chars().nth(NAME).is_none();
        let (name, whole_name) = match is_short {
            true => (shown, String::new()),
            false => (shown.chars().take(NAME - 3).collect::<String>() + "...", name.to_owned()),
        };
        Self { name, whole_name, y, marks: Vec::new() }
    }
}

#[derive(Serialize)]
struct Mark {
    kind: &'static str,
    /// Its outline, about its own middle.
    shape: &'static str,
    x: String,
    y: f64,
    seconds: i64,
    /// Whether it is outside the first view.
    outside: bool,
    text: String,
}

#[derive(Serialize)]
struct Kind {
    id: &'static str,
    name: &'static str,
    count: u64,
}

/// An event of the list, once for all servers that have it.
#[derive(Serialize)]
struct Listed {
    when: String,
    seconds: i64,
    servers: String,
    kind: &'static str,
    kind_name: &'static str,
    text: String,
}

/// An event.
struct Event<'c> {
    time: Time,
    seconds: i64,
    kind: TimelineKind,
    server: usize,
    text: &'c str,
}

/// The timeline of all runs; `None` without any event.
pub(super) fn timeline(case: &Case, servers: &Servers) -> Option<Timeline> {
    let mut events: Vec<Event> = Vec::new();
    for run in &case.runs {
        let server = servers.of_run(run);
        events.extend(run.timeline.iter().map(|entry| Event {
            time: entry.head.timestamp,
            seconds: entry.head.timestamp.0.seconds(),
            kind: entry.body.kind.0,
            server,
            text: &entry.body.description,
        }));
    }
    events.sort_by_key(|event| event.time);
    let (first, last) = (events.first()?.seconds, events.last()?.seconds.max(events.first()?.seconds + 1));
    let (from, to) = first_view(&events, first, last);
    let scale = Scale { from, to };
    let several = servers.several();
    let (names, row_of) = rows(&events, servers);
    let height = if !several {
        30.0
    } else if names.len() > 40 {
        18.0
    } else {
        28.0
    };
    let (grouped, step) = groups(&events, &row_of, several);
    let mut rows: Vec<Row> =
        names.iter().enumerate().map(|(at, name)| Row::new(name, 18.0 + at as f64 * height)).collect();
    // The most urgent kind last: it is drawn over the others.
    for ((row, kind, _), group) in grouped.iter().rev() {
        let Some(row) = rows.get_mut(*row) else { continue };
        let y = row.y + if several { offset(*kind, height) } else { 0.0 };
        let seconds = group.first().map(|event| event.seconds).unwrap_or_default();
        row.marks.push(Mark {
            kind: kind.name(),
            shape: shape(*kind),
            x: scale.x(seconds),
            y,
            seconds,
            outside: !(from..=to).contains(&seconds),
            text: title(*kind, group),
        });
    }
    let kinds = TimelineKind::ALL.iter().map(|kind| Kind {
        id: kind.name(),
        name: kind.words(),
        count: events.iter().filter(|event| event.kind == *kind).count() as u64,
    });
    let (list, list_left_out) = list(&events, servers);
    Some(Timeline {
        width: WIDTH,
        left: LEFT,
        height: 18.0 + names.len() as f64 * height + 14.0,
        from,
        to,
        first,
        last,
        partial: from > first || to < last,
        ticks: ticks(from, to, scale),
        rows_left_out: row_of.len().saturating_sub(names.len()),
        rows,
        kinds: kinds.filter(|kind| kind.count > 0).collect(),
        list,
        list_left_out,
        total: events.len(),
        merged: if step > 1 { duration(step) } else { String::new() },
    })
}

/// The range that is shown first: a file with a time of 1980, which an attacker can set, would leave everything else in one point. So
/// it leaves out the first and the last fiftieth of the events, or one of fewer, where they are farther from the others than these
/// are from each other.
fn first_view(events: &[Event], first: i64, last: i64) -> (i64, i64) {
    let at = |index: usize| events.get(index).map_or(first, |event| event.seconds);
    let cut = (events.len() / 50).max(usize::from(events.len() >= 5));
    let (mut from, mut to) = (at(cut), at(events.len().saturating_sub(1 + cut)));
    let far = (to - from).max(86_400);
    if from - first <= far {
        from = first;
    }
    if last - to <= far {
        to = last;
    }
    let pad = ((to - from) / 25).max(60);
    ((from - pad).max(first - 60), (to + pad).min(last + 60))
}

/// The names of the rows, and the row of each server or kind. The server that was exploited first comes first.
fn rows(events: &[Event], servers: &Servers) -> (Vec<String>, BTreeMap<usize, usize>) {
    if !servers.several() {
        let kinds = TimelineKind::ALL.iter().filter(|kind| events.iter().any(|event| event.kind == **kind));
        let kinds: Vec<TimelineKind> = kinds.copied().collect();
        let row_of = kinds.iter().enumerate().map(|(row, kind)| (*kind as usize, row)).collect();
        return (kinds.iter().map(|kind| kind.words().to_owned()).collect(), row_of);
    }
    // Times of log lines are the server's own; those of files can be set.
    let mut begin: BTreeMap<usize, (bool, i64)> = BTreeMap::new();
    for event in events {
        let key = (event.kind != TimelineKind::Exploited, event.seconds);
        begin.entry(event.server).and_modify(|begin| *begin = (*begin).min(key)).or_insert(key);
    }
    let mut order: Vec<usize> = begin.keys().copied().collect();
    order.sort_by_key(|server| (begin.get(server).copied(), *server));
    let row_of = order.iter().enumerate().map(|(row, server)| (*server, row)).collect();
    (order.iter().take(ROWS).map(|server| servers.name(*server).to_owned()).collect(), row_of)
}

/// Events that share a mark, by row, kind and time.
type Groups<'e> = BTreeMap<(usize, TimelineKind, i64), Vec<&'e Event<'e>>>;

/// The marks, and the seconds that one stands for: as few as leave no more marks than the picture may have.
fn groups<'e>(events: &'e [Event<'e>], row_of: &BTreeMap<usize, usize>, several: bool) -> (Groups<'e>, i64) {
    let row = |event: &Event| if several { event.server } else { event.kind as usize };
    let mut step = 1;
    loop {
        let mut groups: Groups = BTreeMap::new();
        for event in events {
            let Some(row) = row_of.get(&row(event)) else { continue };
            groups.entry((*row, event.kind, event.seconds.div_euclid(step))).or_default().push(event);
        }
        // A step of all of time leaves one mark a row and kind.
        if groups.len() <= MARKS || step > 1 << 40 {
            return (groups, step);
        }
        step *= 4;
    }
}

/// Where the marks of a kind are in the row of a server, so that kinds of the same time do not hide each other.
fn offset(kind: TimelineKind, height: f64) -> f64 {
    let band = match kind {
        TimelineKind::Exploited | TimelineKind::Suspicious | TimelineKind::Attempt => -1.0,
        TimelineKind::FileCreated | TimelineKind::Accessed => 0.0,
        _ => 1.0,
    };
    band * height / 4.0
}

/// What a mark looks like: evidence of exploitation is a diamond, a file is a square, what else happened is round. So kinds differ
/// where colours do not.
fn shape(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Exploited | TimelineKind::Suspicious | TimelineKind::Attempt => "M0-6 6 0 0 6-6 0Z",
        TimelineKind::FileCreated | TimelineKind::FileDeleted | TimelineKind::PageCompiled => "M-4.5-4.5h9v9h-9Z",
        _ => "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z",
    }
}

/// What a mark says.
fn title(kind: TimelineKind, group: &[&Event]) -> String {
    let texts = group.iter().take(TEXTS).map(|event| format!("{} {}", short(Some(event.time)), event.text));
    let mut texts: Vec<String> = texts.map(|text| bounded(&text, 140).into_owned()).collect();
    if group.len() > TEXTS {
        texts.push(format!("and {} more", group.len() - TEXTS));
    }
    format!("{}: {}", kind.words(), texts.join(" | "))
}

/// The list: the same event of several servers once.
fn list(events: &[Event], servers: &Servers) -> (Vec<Listed>, usize) {
    let mut same: BTreeMap<(i64, TimelineKind, &str), (Time, Vec<usize>)> = BTreeMap::new();
    for event in events {
        let (_, on) = same.entry((event.seconds, event.kind, event.text)).or_insert((event.time, Vec::new()));
        on.push(event.server);
    }
    let left_out = same.len().saturating_sub(LISTED);
    let listed = same.into_iter().take(LISTED).map(|((seconds, kind, text), (time, mut on))| {
        on.sort_unstable();
        on.dedup();
        Listed {
            when: short(Some(time)),
            seconds,
            servers: servers.line(&on),
            kind: kind.name(),
            kind_name: kind.words(),
            text: bounded(text, 600).into_owned(),
        }
    });
    (listed.collect(), left_out)
}

/// From times to positions.
#[derive(Clone, Copy)]
struct Scale {
    from: i64,
    to: i64,
}

impl Scale {
    fn x(self, seconds: i64) -> String {
        let share = (seconds - self.from) as f64 / (self.to - self.from).max(1) as f64;
        format!("{:.1}", LEFT + PAD + share * (WIDTH - LEFT - 2.0 * PAD))
    }
}

/// Distances between ticks that a person counts in, in seconds.
const STEPS: [i64; 19] = [
    1,
    5,
    15,
    60,
    300,
    900,
    3600,
    3 * 3600,
    6 * 3600,
    12 * 3600,
    86_400,
    2 * 86_400,
    7 * 86_400,
    14 * 86_400,
    30 * 86_400,
    91 * 86_400,
    365 * 86_400,
    5 * 365 * 86_400,
    50 * 365 * 86_400,
];

/// Ticks of a range: no more than eight.
fn ticks(from: i64, to: i64, scale: Scale) -> Vec<Tick> {
    let step = STEPS.iter().copied().find(|step| (to - from) / step < 8).unwrap_or_else(|| ((to - from) / 7).max(1));
    let mut at = from.div_euclid(step) * step;
    let mut ticks = Vec::new();
    while at <= to {
        if at >= from {
            ticks.push(Tick { x: scale.x(at), label: label(at, step) });
        }
        at += step;
    }
    ticks
}

/// As much of a time as ticks of this distance differ in.
fn label(seconds: i64, step: i64) -> String {
    let text = Timestamp::new(seconds, 0).to_string();
    let range = match step {
        86_400.. => 0..10,
        60.. => 5..16,
        _ => 11..19,
    };
    text.get(range).unwrap_or_default().replace('T', " ")
}

/// A span of time in the unit that a person reads.
fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
