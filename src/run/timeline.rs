//! The timeline, from all that was found: exploitation, files created, first requests, compiled and deleted pages, changes of
//! configuration, updates.

use crate::model::{FileRequests, Finding, Level, LogHit, LogReport, TimelineEvent, TimelineKind};
use crate::verdict::level_of_intrusion;
use std::collections::BTreeSet;

/// Moments that are kept. A person reads some dozens; the journal has what they are made of in any case.
const MOST: usize = 5_000;

/// The timeline, the earliest event first, and how many events were omitted because there were too many.
pub(super) fn build(
    findings: &[Finding],
    logs: Option<&LogReport>,
    further: Vec<TimelineEvent>,
) -> (Vec<TimelineEvent>, u64) {
    let mut events: BTreeSet<(crate::model::Timestamp, TimelineKind, String)> =
        further.into_iter().map(|event| (event.time, event.what, event.words)).collect();
    let mut add = |time: Option<crate::model::Timestamp>, what, words| {
        if let Some(time) = time {
            events.insert((time, what, words));
        }
    };
    for finding in findings {
        let artefact = &finding.artefact;
        // What is left of a compiled page has an event of its own kind.
        if artefact.compiled.is_none() && level_of_intrusion(finding) >= Level::High {
            let times = &artefact.entry.times;
            let (time, how) = match times.created {
                Some(created) => (Some(created), "created"),
                None => (times.modified, "last modified"),
            };
            // A configuration file that only says what it should not was there before, and was written anew.
            let configured = finding.reasons.iter().all(|reason| reason.kind.is_configuration());
            let what = if configured { TimelineKind::ConfigurationChanged } else { TimelineKind::FileCreated };
            add(time, what, format!("{} ({how})", artefact.path));
        }
    }
    if let Some(logs) = logs {
        let mut tried = BTreeSet::new();
        for hit in &logs.hits {
            match hit.level {
                Level::High | Level::Critical => add(hit.first, TimelineKind::Exploited, in_words(hit)),
                Level::Medium => add(hit.first, TimelineKind::Suspicious, in_words(hit)),
                // Of attempts that did not work, the first one of each kind: a server on the Internet has thousands.
                Level::Low if tried.insert(hit.check) => add(hit.first, TimelineKind::Attempt, in_words(hit)),
                Level::Low | Level::Info => {}
            }
        }
        for requests in &logs.requests {
            add(requests.first_success, TimelineKind::Accessed, format!("{}{}", requests.url, by(requests)));
            if requests.last_success.is_some() && requests.last > requests.last_success {
                let last = requests.last_success.map_or(String::new(), |time| format!(" since {time}"));
                add(
                    requests.last,
                    TimelineKind::Deleted,
                    format!("{} no longer answers with success{last}", requests.url),
                );
            }
        }
    }
    let omitted = events.len().saturating_sub(MOST) as u64;
    let mut kept: Vec<TimelineEvent> =
        events.into_iter().map(|(time, what, words)| TimelineEvent { time, what, words }).collect();
    if omitted > 0 {
        // What an intruder can make by the thousand gives way to what counts.
        let weight = |what: TimelineKind| match what {
            TimelineKind::Attempt => 2,
            TimelineKind::Suspicious | TimelineKind::Accessed | TimelineKind::Deleted => 1,
            _ => 0,
        };
        kept.sort_by_key(|event| weight(event.what));
        kept.truncate(MOST);
        kept.sort_by(|a, b| (a.time, a.what, &a.words).cmp(&(b.time, b.what, &b.words)));
    }
    (kept, omitted)
}

fn in_words(hit: &LogHit) -> String {
    let client = if hit.client.is_empty() { String::new() } else { format!(" by {}", hit.client) };
    let count = if hit.count > 1 { format!(", {} lines", hit.count) } else { String::new() };
    format!("{}{client}{count}", hit.title)
}

/// `, 12 requests by 203.0.113.9 and 2 more`
fn by(requests: &FileRequests) -> String {
    let clients = match requests.clients.iter().max_by_key(|(_, count)| **count) {
        None => String::new(),
        Some((client, _)) if requests.clients.len() == 1 => format!(" by {client}"),
        Some((client, _)) => format!(" by {client} and {} more", requests.clients.len() - 1),
    };
    format!(", {} request{}{clients}", requests.count, if requests.count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ServerPath, Stage, Timestamp};
    use std::collections::BTreeMap;

    fn time(second: i64) -> Option<Timestamp> {
        Some(Timestamp::new(second, 0))
    }

    fn hit(level: Level, title: &str, second: i64) -> LogHit {
        LogHit {
            check: "x",
            cves: &[],
            stage: Stage::Attempt,
            level,
            title: title.to_owned(),
            client: "c".to_owned(),
            first: time(second),
            last: time(second),
            count: 2,
            locations: Vec::new(),
            patch: None,
        }
    }

    #[test]
    fn events_come_in_time_order_and_attempts_once() {
        let requests = FileRequests {
            path: ServerPath::drive('C'),
            url: "/x.aspx".to_owned(),
            first: time(5),
            last: time(9),
            first_success: time(5),
            last_success: time(7),
            count: 3,
            methods: BTreeMap::new(),
            statuses: BTreeMap::new(),
            clients: [("c".to_owned(), 2), ("d".to_owned(), 1)].into(),
            agents: BTreeMap::new(),
            joined: 0,
            locations: Vec::new(),
        };
        let logs = LogReport {
            hits: vec![hit(Level::Low, "a", 1), hit(Level::Low, "b", 2), hit(Level::Critical, "written", 4)],
            requests: vec![requests],
            ..LogReport::default()
        };
        let patched = TimelineEvent {
            time: Timestamp::new(8, 0),
            what: TimelineKind::Patched,
            words: "2 instead of 1".to_owned(),
        };
        let (timeline, omitted) = build(&[], Some(&logs), vec![patched]);
        let words: Vec<String> =
            timeline.iter().map(|m| format!("{} {} {}", m.time.seconds(), m.what.name(), m.words)).collect();
        assert_eq!(
            words,
            [
                "1 attempt a by c, 2 lines",
                "4 exploited written by c, 2 lines",
                "5 accessed /x.aspx, 3 requests by c and 1 more",
                "8 patched 2 instead of 1",
                "9 deleted /x.aspx no longer answers with success since 1970-01-01T00:00:07.0000000Z",
            ]
        );
        assert_eq!(omitted, 0);
    }
}
