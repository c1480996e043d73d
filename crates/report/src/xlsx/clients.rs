//! The clients of all servers: what each of them did where.

use super::cell::Cell;
use crate::case::{Case, Run};
use crate::model::Level;
use crate::record::{Time, actor};
use std::collections::{BTreeMap, BTreeSet};

/// What a client did on one server.
#[derive(Default)]
struct Deeds<'c> {
    level: Option<Level>,
    stages: BTreeSet<&'c str>,
    checks: BTreeSet<&'c str>,
    lines: u64,
    files: u64,
    requests: u64,
    first: Option<Time>,
    last: Option<Time>,
}

impl Deeds<'_> {
    fn seen(&mut self, first: Option<Time>, last: Option<Time>) {
        self.first = self.first.into_iter().chain(first).min();
        self.last = self.last.into_iter().chain(last.or(first)).max();
    }
}

/// A row per client and server; those of one client are together, the client of the most urgent signs first.
pub(super) fn rows(case: &Case) -> Vec<Vec<Cell<'_>>> {
    // By the client, and by the place of the run.
    let mut all: BTreeMap<(&str, usize), Deeds> = BTreeMap::new();
    for (at, run) in case.runs.iter().enumerate() {
        collect(run, at, &mut all);
    }
    let mut servers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut worst: BTreeMap<&str, Option<Level>> = BTreeMap::new();
    for ((client, at), deeds) in &all {
        servers.entry(client).or_default().extend(case.runs.get(*at).map(Run::server));
        let level = worst.entry(client).or_default();
        *level = (*level).max(deeds.level);
    }
    let mut order: Vec<_> = all.into_iter().collect();
    order.sort_by_key(|((client, at), _)| (std::cmp::Reverse(worst.get(client).copied().flatten()), *client, *at));
    let row = |((client, at), deeds): ((&'_ str, usize), Deeds<'_>)| {
        let joined = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
        let kind = match (client, actor(client).0) {
            // Where records count what a limit omitted.
            ("...", _) => "others",
            (_, Some(_)) => "address",
            (_, None) => "account",
        };
        [
            Cell::text(client.to_owned()),
            Cell::text(kind),
            Cell::text(case.runs.get(at).map(|run| run.server().to_owned()).unwrap_or_default()),
            Cell::count(servers.get(client).map_or(0, |servers| servers.len() as u64)),
            Cell::of(deeds.level, |level| Cell::text(level.name())),
            Cell::count(deeds.lines),
            Cell::text(joined(&deeds.stages)),
            Cell::text(joined(&deeds.checks)),
            Cell::count(deeds.requests),
            Cell::count(deeds.files),
            Cell::time(deeds.first),
            Cell::time(deeds.last),
        ]
        .to_vec()
    };
    order.into_iter().map(row).collect()
}

fn collect<'c>(run: &'c Run, at: usize, all: &mut BTreeMap<(&'c str, usize), Deeds<'c>>) {
    for hit in &run.hits {
        let record = &hit.body.hit;
        let Some(client) = &record.client else { continue };
        let deeds = all.entry((client, at)).or_default();
        deeds.level = deeds.level.max(Some(hit.body.level.0));
        deeds.stages.insert(record.stage.0.words());
        deeds.checks.insert(&record.check);
        deeds.lines = deeds.lines.saturating_add(record.count);
        deeds.seen(hit.head.event.start, hit.head.event.end);
    }
    for requests in &run.requests {
        for client in &requests.body.clients {
            let deeds = all.entry((&client.value, at)).or_default();
            deeds.files += 1;
            deeds.requests = deeds.requests.saturating_add(client.count);
            // The times are those of all clients of the file: of this one only where it is the only one.
            if requests.body.clients.len() == 1 {
                deeds.seen(requests.head.event.start, requests.head.event.end);
            }
        }
    }
}
