//! Who did what: each address and each account with its requests and log hits, in time order, over all servers.

use super::facts::{short, short_text, span};
use super::servers::Servers;
use crate::case::{Case, Run};
use crate::model::Level;
use crate::record::{Time, actor};
use crate::text::grouped;
use serde::Serialize;
use std::collections::BTreeMap;

/// Clients that are listed, and what each did.
const CLIENTS: usize = 500;
const EVENTS: usize = 200;

/// The lists of clients.
#[derive(Default, Serialize)]
pub(super) struct Clients {
    addresses: Vec<Client>,
    accounts: Vec<Client>,
    /// Clients that are too many to list.
    left_out: usize,
    total: usize,
}

/// A client.
#[derive(Serialize)]
struct Client {
    name: String,
    level: &'static str,
    summary: String,
    servers: String,
    events: Vec<Event>,
    left_out: usize,
}

/// What a client did.
#[derive(Serialize)]
struct Event {
    when: String,
    servers: String,
    level: &'static str,
    text: String,
    note: String,
    count: String,
}

/// A client while its events are put together.
#[derive(Default)]
struct Draft {
    level: Option<Level>,
    requests: u64,
    hits: u64,
    /// By time and text, so that the same on several servers is one.
    events: BTreeMap<(Option<Time>, String), Doing>,
}

#[derive(Default)]
struct Doing {
    last: Option<Time>,
    level: Option<Level>,
    note: String,
    count: u64,
    servers: Vec<usize>,
}

/// Whether it is an account, and the name by which it is known.
type Key = (bool, String);

impl Clients {
    /// How many there are.
    pub(super) fn total(&self) -> usize {
        self.total
    }
}

/// Every client of the case; those with the most urgent hits, and then those on the most servers, first.
pub(super) fn clients(case: &Case, servers: &Servers) -> Clients {
    let mut drafts: BTreeMap<Key, Draft> = BTreeMap::new();
    for run in &case.runs {
        let server = servers.of_run(run);
        of_hits(run, server, &mut drafts);
        of_requests(run, server, &mut drafts);
    }
    let mut list: Vec<(Key, Draft, Vec<usize>)> = drafts
        .into_iter()
        .map(|(key, draft)| {
            let mut on: Vec<usize> = draft.events.values().flat_map(|event| event.servers.iter().copied()).collect();
            on.sort_unstable();
            on.dedup();
            (key, draft, on)
        })
        .collect();
    let first = |draft: &Draft| draft.events.keys().find_map(|(time, _)| *time);
    list.sort_by(|(_, a, on_a), (_, b, on_b)| {
        let level = b.level.cmp(&a.level);
        level.then(on_b.len().cmp(&on_a.len())).then_with(|| first(a).cmp(&first(b)))
    });
    let mut clients = Clients { total: list.len(), left_out: list.len().saturating_sub(CLIENTS), ..Clients::default() };
    for ((account, name), draft, on) in list.into_iter().take(CLIENTS) {
        let list = if account { &mut clients.accounts } else { &mut clients.addresses };
        list.push(draft.done(name, &on, servers));
    }
    clients
}

fn key(client: &str) -> Option<Key> {
    match actor(client) {
        (Some(client), _) => Some((false, client.ip.to_string())),
        (None, Some(_)) => Some((true, client.trim().to_owned())),
        (None, None) => None,
    }
}

fn of_hits(run: &Run, server: usize, drafts: &mut BTreeMap<Key, Draft>) {
    for entry in &run.hits {
        let hit = &entry.body.hit;
        let Some(key) = hit.client.as_deref().and_then(key) else { continue };
        let draft = drafts.entry(key).or_default();
        let level = Some(entry.body.level.0);
        draft.level = draft.level.max(level);
        draft.hits = draft.hits.saturating_add(hit.count);
        let event = draft.events.entry((entry.head.event.start, hit.title.clone())).or_default();
        event.last = event.last.max(entry.head.event.end);
        event.level = event.level.max(level);
        event.note = format!("{}, {}", hit.check, hit.stage.0.words());
        event.count = event.count.saturating_add(hit.count);
        event.servers.push(server);
    }
}

fn of_requests(run: &Run, server: usize, drafts: &mut BTreeMap<Key, Draft>) {
    for entry in &run.requests {
        let url = entry.head.url.as_ref().map_or_else(|| entry.path(), |url| url.path.as_str());
        let alone = entry.body.clients.len() == 1;
        for client in &entry.body.clients {
            // `...` stands for clients that were too many to keep.
            let Some(key) = key(&client.value).filter(|_| client.value != "...") else { continue };
            let draft = drafts.entry(key).or_default();
            draft.requests = draft.requests.saturating_add(client.count);
            let event = draft.events.entry((entry.head.event.start, format!("requested {url}"))).or_default();
            event.last = event.last.max(entry.head.event.end);
            event.note = if alone {
                entry.path().to_owned()
            } else {
                format!("{}; the times are those of all clients", entry.path())
            };
            event.count = event.count.saturating_add(client.count);
            event.servers.push(server);
        }
    }
}

impl Draft {
    fn done(self, name: String, on: &[usize], servers: &Servers) -> Client {
        let first = self.events.keys().find_map(|(time, _)| *time);
        let last = self.events.values().filter_map(|event| event.last).max();
        let mut summary: Vec<String> = [
            super::logs::counted(
                self.hits,
                "line that shows exploitation or an attempt",
                "lines that show exploitation or attempts",
            ),
            super::logs::counted(self.requests, "request for a found file", "requests for found files"),
        ]
        .into_iter()
        .flatten()
        .collect();
        summary.extend(Some(span(first, last)).filter(|span| !span.is_empty()));
        let left_out = self.events.len().saturating_sub(EVENTS);
        let event = |((time, text), mut doing): ((Option<Time>, String), Doing)| {
            doing.servers.sort_unstable();
            doing.servers.dedup();
            let last = doing.last.filter(|last| time.is_none_or(|time| short(Some(time)) != short(Some(*last))));
            Event {
                when: match last {
                    Some(last) => format!("{} to {}", short(time), short_text(&last.to_string())),
                    None => short(time),
                },
                servers: servers.line(&doing.servers),
                level: doing.level.map(Level::name).unwrap_or_default(),
                text,
                note: doing.note,
                count: grouped(doing.count),
            }
        };
        Client {
            name,
            level: self.level.map(Level::name).unwrap_or_default(),
            summary: summary.join(" · "),
            servers: if servers.several() {
                format!("{} of {} servers", on.len(), servers.names.len())
            } else {
                String::new()
            },
            events: self.events.into_iter().take(EVENTS).map(event).collect(),
            left_out,
        }
    }
}
