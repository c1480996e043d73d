//! Requests for files found: from IIS logs by URL path, and by request id from the front-end proxy logs.

use super::aggregate::LogLocation;
use super::checks::Record;
use super::format::Field;
use crate::model::{FileRequests, LogProof, ServerPath};
use std::collections::{BTreeMap, HashMap};

/// Different values of a kind that are listed, the most frequent ones; the others are counted together.
const VALUES: usize = 50;
/// Values of a kind that are counted, the first ones as texts compare: which ones these are follows from no order of lines or
/// workers. Further ones are counted together.
const COUNTED: usize = 500;
const OTHERS: &str = "...";
/// Lines that are kept as proof.
const PROOFS: usize = 3;
/// Characters of a line, and of a value.
const EXCERPT: usize = 700;
const SHORT: usize = 200;
/// Request ids that are remembered to be looked up in the proxy's logs.
pub(super) const MOST_IDS: usize = 200_000;

/// What was counted so far, by the number of the found file.
#[derive(Debug, Default)]
pub(super) struct Requests {
    by_file: BTreeMap<u32, FileRequests>,
    /// The lowest ones, so that they are the same in whatever order they come; with the least of the files.
    ids: BTreeMap<u128, u32>,
    /// Whether there were more.
    ids_truncated: bool,
}

impl Requests {
    /// Counts a request.
    pub(super) fn add(&mut self, number: u32, path: &ServerPath, record: &Record<'_>, location: LogLocation<'_>) {
        let entry = self
            .by_file
            .entry(number)
            .or_insert_with(|| empty(path, &super::text::clean_path(record.get(Field::Stem))));
        entry.count += 1;
        let time = record.time;
        entry.first = [entry.first, time].into_iter().flatten().min();
        entry.last = entry.last.max(time);
        if record.succeeded() {
            entry.first_success = [entry.first_success, time].into_iter().flatten().min();
            entry.last_success = entry.last_success.max(time);
        }
        count(&mut entry.methods, record.get(Field::Method), 1);
        count(&mut entry.statuses, record.get(Field::Status), 1);
        count(&mut entry.clients, record.get(Field::Client), 1);
        count(&mut entry.agents, record.get(Field::Agent), 1);
        let rank = (time, location.path, location.line, location.deleted);
        if entry.locations.len() < PROOFS
            || entry.locations.last().is_some_and(|last| rank < (last.time, &last.path, last.line, last.deleted))
        {
            entry.locations.push(LogProof {
                path: location.path.clone(),
                member: location.member.map(str::to_owned),
                deleted: location.deleted,
                line: location.line,
                time,
                excerpt: record.raw.chars().take(EXCERPT).collect(),
            });
            settle(&mut entry.locations);
        }
        if let Some(id) = proxy_id(record.get(Field::Query)) {
            self.remember(id, number);
        }
    }

    fn remember(&mut self, id: u128, number: u32) {
        let known = self.ids.entry(id).or_insert(number);
        *known = number.min(*known);
        if self.ids.len() > MOST_IDS {
            self.ids.pop_last();
            self.ids_truncated = true;
        }
    }

    /// A request of which the proxy's logs know the id.
    pub(super) fn joined(&mut self, number: u32, path: &ServerPath, url: &str) {
        self.by_file.entry(number).or_insert_with(|| empty(path, url)).joined += 1;
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (number, theirs) in other.by_file {
            let own = self.by_file.entry(number).or_insert_with(|| empty(&theirs.path, &theirs.url));
            own.count += theirs.count;
            own.joined += theirs.joined;
            own.url = own.url.clone().min(theirs.url);
            own.first = [own.first, theirs.first].into_iter().flatten().min();
            own.last = own.last.max(theirs.last);
            own.first_success = [own.first_success, theirs.first_success].into_iter().flatten().min();
            own.last_success = own.last_success.max(theirs.last_success);
            for (own, theirs) in [
                (&mut own.methods, theirs.methods),
                (&mut own.statuses, theirs.statuses),
                (&mut own.clients, theirs.clients),
                (&mut own.agents, theirs.agents),
            ] {
                theirs.into_iter().for_each(|(value, times)| count(own, &value, times));
            }
            own.locations.extend(theirs.locations);
            settle(&mut own.locations);
        }
        self.ids_truncated |= other.ids_truncated;
        other.ids.into_iter().for_each(|(id, number)| self.remember(id, number));
    }

    /// The ids to look up in the proxy's logs.
    pub(super) fn take_ids(&mut self) -> HashMap<u128, u32> {
        std::mem::take(&mut self.ids).into_iter().collect()
    }

    /// By the time of the first request; and whether ids were too many to be looked up.
    pub(super) fn into_list(self) -> (Vec<FileRequests>, bool) {
        let mut list: Vec<FileRequests> = self.by_file.into_values().collect();
        for one in &mut list {
            for values in [&mut one.methods, &mut one.statuses, &mut one.clients, &mut one.agents] {
                most_frequent(values);
            }
        }
        list.sort_by(|a, b| (a.first, &a.path, &a.url).cmp(&(b.first, &b.path, &b.url)));
        (list, self.ids_truncated)
    }
}

fn empty(path: &ServerPath, url: &str) -> FileRequests {
    FileRequests {
        path: path.clone(),
        url: url.to_owned(),
        first: None,
        last: None,
        first_success: None,
        last_success: None,
        count: 0,
        methods: BTreeMap::new(),
        statuses: BTreeMap::new(),
        clients: BTreeMap::new(),
        agents: BTreeMap::new(),
        joined: 0,
        locations: Vec::new(),
    }
}

fn count(values: &mut BTreeMap<String, u64>, value: &str, times: u64) {
    let value: String = value.chars().take(SHORT).collect();
    let value = if value.is_empty() { "-".to_owned() } else { value };
    *values.entry(value).or_default() += times;
    // The last one goes, and comes back only to go again: what stays has all its lines.
    if values.len() > COUNTED {
        let last = values.keys().rev().find(|value| *value != OTHERS).cloned();
        if let Some(times) = last.and_then(|last| values.remove(&last)) {
            *values.entry(OTHERS.to_owned()).or_default() += times;
        }
    }
}

/// Leaves the most frequent values; the others are counted together.
fn most_frequent(values: &mut BTreeMap<String, u64>) {
    if values.len() <= VALUES {
        return;
    }
    let mut all: Vec<(String, u64)> = std::mem::take(values).into_iter().collect();
    all.sort_by(|a, b| (a.0 == OTHERS).cmp(&(b.0 == OTHERS)).then(b.1.cmp(&a.1)).then(a.0.cmp(&b.0)));
    for (at, (value, times)) in all.into_iter().enumerate() {
        *values.entry(if at < VALUES { value } else { OTHERS.to_owned() }).or_default() += times;
    }
}

fn settle(locations: &mut Vec<LogProof>) {
    locations.sort_by(|a, b| (a.time, &a.path, a.line, a.deleted).cmp(&(b.time, &b.path, b.line, b.deleted)));
    locations.truncate(PROOFS);
}

/// The id that the front end adds to the query of a request which it hands on: `&cafeReqId=<guid>;`.
fn proxy_id(query: &str) -> Option<u128> {
    let at = super::text::find_folded(query, "cafeReqId=")?;
    guid(query.as_bytes().get(at + "cafeReqId=".len()..)?)
}

/// A GUID at the start of a text.
pub(super) fn guid(text: &[u8]) -> Option<u128> {
    let mut value = 0u128;
    for (at, &byte) in text.get(..36)?.iter().enumerate() {
        match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => {}
            (8 | 13 | 18 | 23, _) => return None,
            _ => value = value << 4 | u128::from(char::from(byte).to_digit(16)?),
        }
    }
    Some(value)
}
