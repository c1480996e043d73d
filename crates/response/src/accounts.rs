//! Accounts and client addresses.

use super::evidence::{Index, shows_effect};
use super::item::{counted, item};
use super::results::Results;
use shellsift_model::client::{address, is_internal, is_own, is_sid};
use shellsift_model::server_path::fold;
use shellsift_model::{ActionItem, Level, Timestamp};
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

/// How many checks an item names.
const CHECKS: usize = 4;
/// Accounts and addresses that are distinguished: attackers choose both.
const MOST: usize = 10_000;

/// What is known of an account or an address.
#[derive(Default)]
struct Actor {
    name: String,
    worst: Option<Level>,
    first: Option<Timestamp>,
    checks: Vec<&'static str>,
    requests: u64,
    /// The first malicious file that it asked for, or deleted.
    file: Option<String>,
}

impl Actor {
    fn add(&mut self, level: Level, first: Option<Timestamp>) {
        self.worst = self.worst.max(Some(level));
        self.first = [self.first, first].into_iter().flatten().min();
    }

    fn in_words(&self) -> ActionItem {
        let mut parts = Vec::new();
        if !self.checks.is_empty() {
            let names: Vec<&str> = self.checks.iter().take(CHECKS).map(|check| short(check)).collect();
            let more = self.checks.len().saturating_sub(CHECKS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            parts.push(format!("{}{more}", names.join(", ")));
        }
        if self.requests > 0 {
            parts.push(format!("{} for malicious files", counted(self.requests, "request")));
        }
        if let Some(file) = self.file.as_ref().filter(|_| self.checks.is_empty() && self.requests == 0) {
            parts.push(format!("deleted {file}"));
        }
        let first = self.first.map_or(String::new(), |time| format!(", first {time}"));
        let finding = self.checks.first().map(|check| (*check).to_owned()).or_else(|| self.file.clone());
        item(format!("{}: {}{first}", self.name, parts.join("; ")), finding.unwrap_or_default())
    }
}

/// `proxylogon` of `log/proxylogon`.
fn short(check: &str) -> &str {
    check.split_once('/').map_or(check, |(_, name)| name)
}

/// The worst first, then the earliest.
fn sorted(actors: impl Iterator<Item = Actor>) -> Vec<ActionItem> {
    let mut actors: Vec<Actor> = actors.collect();
    actors.sort_by(|a, b| {
        let by_time = (a.first.is_none(), a.first).cmp(&(b.first.is_none(), b.first));
        b.worst.cmp(&a.worst).then(by_time).then_with(|| a.name.cmp(&b.name))
    });
    actors.iter().map(Actor::in_words).collect()
}

/// Accounts of Windows itself, which nobody can disable.
fn is_built_in(account: &str) -> bool {
    let account = fold(account);
    let begins = ["nt authority\\", "iis apppool\\", "nt service\\", "font driver host\\", "window manager\\"];
    begins.iter().any(|begin| account.starts_with(begin))
        || ["s-1-5-18", "s-1-5-19", "s-1-5-20", "system", "-", "unknown"].contains(&account.as_str())
}

/// Accounts that did what hits show, and those that deleted found files.
pub(crate) fn accounts(index: &Index<'_>) -> Vec<ActionItem> {
    let mut actors: BTreeMap<String, Actor> = BTreeMap::new();
    let mut of = |name: &str, add: &mut dyn FnMut(&mut Actor)| {
        let name = name.trim();
        let key = fold(name);
        if name.is_empty() || is_built_in(name) || actors.len() >= MOST && !actors.contains_key(&key) {
            return;
        }
        add(actors.entry(key).or_insert_with(|| Actor { name: name.to_owned(), ..Actor::default() }));
    };
    for hit in index.hits.iter().filter(|hit| shows_effect(hit) && address(&hit.client).is_none()) {
        of(&hit.client, &mut |actor| {
            actor.add(hit.level, hit.first);
            if !actor.checks.contains(&hit.check) {
                actor.checks.push(hit.check);
            }
        });
    }
    for finding in &index.findings {
        let Some(recycled) = &finding.artefact.recycled else { continue };
        let Some(user) = recycled.user.as_deref().filter(|user| is_sid(user)) else { continue };
        of(user, &mut |actor| {
            actor.add(finding.level, recycled.time);
            actor.file.get_or_insert_with(|| recycled.original.to_string());
        });
    }
    sorted(actors.into_values())
}

/// Client addresses of hits, and of requests for malicious files: those of own networks, or all others.
pub(crate) fn clients(results: &Results<'_>, index: &Index<'_>, internal: bool) -> Vec<ActionItem> {
    let mut actors: BTreeMap<IpAddr, Actor> = BTreeMap::new();
    let mut of = |client: &str, add: &mut dyn FnMut(&mut Actor)| {
        let Some(ip) = address(client).filter(|ip| !is_own(*ip) && is_internal(*ip) == internal) else { return };
        let ip = ip.to_canonical();
        if actors.len() < MOST || actors.contains_key(&ip) {
            add(actors.entry(ip).or_insert_with(|| Actor { name: ip.to_string(), ..Actor::default() }));
        }
    };
    for hit in &index.hits {
        of(&hit.client, &mut |actor| {
            actor.add(hit.level, hit.first);
            if !actor.checks.contains(&hit.check) {
                actor.checks.push(hit.check);
            }
        });
    }
    let malicious: HashSet<_> = index
        .findings
        .iter()
        .filter(|finding| (results.intrusion)(finding) >= Level::High)
        .map(|finding| &finding.artefact.path)
        .collect();
    for requests in results.logs.iter().flat_map(|logs| &logs.requests).filter(|one| malicious.contains(&one.path)) {
        for (client, count) in &requests.clients {
            // The time of the first request is that of all clients together, so it is none of this one's.
            of(client, &mut |actor| {
                actor.add(Level::High, None);
                actor.requests = actor.requests.saturating_add(*count);
                actor.file.get_or_insert_with(|| requests.path.to_string());
            });
        }
    }
    sorted(actors.into_values())
}
