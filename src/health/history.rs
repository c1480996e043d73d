//! The patch level at an earlier time.

use super::REGISTRY;
use super::rule::{FixStatus, judge};
use super::words::{date, product_words};
use crate::catalogue::builds::{Build, Tables};
use crate::model::{Health, TimelineEvent, TimelineKind, Timestamp};
use std::collections::BTreeMap;

/// What is known of an installation's build over time.
pub struct History<'t> {
    tables: &'t Tables,
    /// Builds that logs name, with the first and last time and the source.
    logged: Vec<Logged>,
    /// When folders named after builds were created, the lowest build first: each update leaves one. Empty if the times
    /// cannot be those of updates.
    folders: Vec<Folder>,
    /// The level of the files: the present one, or that of the moment when the image was taken.
    now: Option<(Build, String)>,
}

struct Logged {
    build: Build,
    first: Timestamp,
    last: Timestamp,
    source: String,
}

struct Folder {
    build: Build,
    since: Timestamp,
    source: String,
}

/// Two updates are further apart than this. On a copy all folders are created within minutes.
const APART: i64 = 3600;

/// What the build was at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The builds that it can have been, as far as sources name one: a single one where the logs of that time agree. The
    /// lowest and the highest where the time is between two sources. Empty where nothing is known.
    pub builds: Vec<Build>,
    /// Whether it can have been lower than all of `builds`, since no source is earlier.
    pub or_lower: bool,
    /// Whether it can have been higher than all of them, since no source is later.
    pub or_higher: bool,
    /// The builds and where they were read, in words; no full stop.
    pub words: String,
}

/// What is known of one vulnerability at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Then {
    Open,
    NotYetClosed,
    Closed,
    Unknown,
    Unlisted,
}

impl<'t> History<'t> {
    /// The history that an examination gives.
    pub fn new(health: &Health, tables: &'t Tables) -> Self {
        let mut logged = Vec::new();
        let mut folders = Vec::new();
        for seen in &health.seen {
            let (Some(build), Some(first)) = (Build::parse(&seen.build), seen.first) else { continue };
            let source = seen.source.clone();
            match seen.last {
                Some(last) => logged.push(Logged { build, first: first.min(last), last: last.max(first), source }),
                None => folders.push(Folder { build, since: first, source }),
            }
        }
        // The registry knows no security updates: it is no limit of what a build was.
        let now = Build::parse(&health.build).filter(|_| health.source != REGISTRY);
        let now = now.map(|build| (build, health.source.clone()));
        folders.sort_by_key(|folder| folder.build);
        let ascend =
            folders.windows(2).all(|pair| pair[1].since.seconds().saturating_sub(pair[0].since.seconds()) >= APART);
        let current = folders.last().map(|folder| folder.build) == now.as_ref().map(|(build, _)| *build);
        if !(ascend && current) {
            folders.clear();
        }
        Self { tables, logged, folders, now }
    }

    /// The build at a time: what logs of that time say, else which folder of a build was the newest then, else what the
    /// nearest sources before and after it say.
    pub fn at(&self, time: Timestamp) -> Level {
        let mut then: Vec<&Logged> =
            self.logged.iter().filter(|seen| seen.first <= time && time <= seen.last).collect();
        then.sort_by_key(|seen| seen.build);
        if !then.is_empty() {
            let mut builds: Vec<Build> = then.iter().map(|seen| seen.build).collect();
            builds.dedup();
            let mut sources: Vec<&str> = then.iter().map(|seen| seen.source.as_str()).collect();
            sources.sort_unstable();
            sources.dedup();
            let names: Vec<String> = builds.iter().map(Build::to_string).collect();
            let words = format!("{} then ({})", names.join(" or "), sources.join(", "));
            return Level { builds, or_lower: false, or_higher: false, words };
        }
        if let Some(level) = self.by_folder(time) {
            return level;
        }
        let before = self.logged.iter().filter(|seen| seen.last < time).max_by_key(|seen| seen.last);
        let before = before.map(|seen| (seen.build, format!("{} until {}", seen.source, date(seen.last))));
        let after = self.logged.iter().filter(|seen| seen.first > time).min_by_key(|seen| seen.first);
        let after = after
            .map(|seen| (seen.build, format!("{} from {} on", seen.source, date(seen.first))))
            .or_else(|| self.now.as_ref().map(|(build, source)| (*build, format!("{source} on disk"))));
        match (before, after) {
            (Some((a, before)), Some((b, after))) if a == b => Level {
                builds: vec![a],
                or_lower: false,
                or_higher: false,
                words: format!("{a} then ({before}, {after})"),
            },
            (Some((a, before)), Some((b, after))) => Level {
                builds: vec![a.min(b), a.max(b)],
                or_lower: false,
                or_higher: false,
                words: format!("between {a} ({before}) and {b} ({after}) then"),
            },
            (Some((a, before)), None) => Level {
                builds: vec![a],
                or_lower: false,
                or_higher: true,
                words: format!("{a} or later then ({before})"),
            },
            (None, Some((b, after))) => Level {
                builds: vec![b],
                or_lower: true,
                or_higher: false,
                words: format!("{b} or earlier then ({after})"),
            },
            (None, None) => {
                let words = "the build at that time is unknown".to_owned();
                Level { builds: Vec::new(), or_lower: true, or_higher: true, words }
            }
        }
    }

    /// The updates that logs and folders show, for a timeline: from the first sign of each build but the lowest. An update
    /// is at most as late as its sign.
    pub fn updates(&self) -> Vec<TimelineEvent> {
        let mut signs: BTreeMap<Build, (Timestamp, &str)> = BTreeMap::new();
        let logged = self.logged.iter().map(|seen| (seen.build, (seen.first, seen.source.as_str())));
        let folders = self.folders.iter().map(|folder| (folder.build, (folder.since, folder.source.as_str())));
        for (build, sign) in logged.chain(folders) {
            let earliest = signs.entry(build).or_insert(sign);
            *earliest = sign.min(*earliest);
        }
        let signs: Vec<(Build, (Timestamp, &str))> = signs.into_iter().collect();
        let ascending = signs.windows(2).filter(|pair| pair[0].1.0 < pair[1].1.0);
        ascending
            .map(|pair| {
                let ((old, _), (new, (time, source))) = (pair[0], pair[1]);
                TimelineEvent {
                    time,
                    what: TimelineKind::Patched,
                    words: format!("updated from {old} to {new} (first seen in {source})"),
                }
            })
            .collect()
    }

    /// The build whose folder was the newest one then, unless logs before or after show another in between.
    fn by_folder(&self, time: Timestamp) -> Option<Level> {
        let folder = self.folders.iter().rfind(|folder| folder.since <= time)?;
        let next = self.folders.iter().find(|folder| folder.since > time);
        let inside = |seen: &&Logged| seen.last >= folder.since && next.is_none_or(|next| seen.first < next.since);
        if self.logged.iter().filter(inside).any(|seen| seen.build != folder.build) {
            return None;
        }
        let next = next.map_or_else(String::new, |next| format!(", the next one on {}", date(next.since)));
        let (build, source) = (folder.build, &folder.source);
        let words = format!("{build} then ({source} created on {}{next})", date(folder.since));
        Some(Level { builds: vec![build], or_lower: false, or_higher: false, words })
    }

    /// The level at a time and how it stood to these vulnerabilities, in words: `15.2.721.2 then (HttpProxy logs): open to
    /// CVE-2021-26855`. Without any it covers all that are known to be exploited and have a number of that year or
    /// an earlier one; these are called by their names, and closed ones are left out.
    pub fn open_at(&self, time: Timestamp, cves: &[&str]) -> String {
        let level = self.at(time);
        let all = cves.is_empty();
        let day = date(time);
        let known_then =
            |cve: &str| cve.get(4..8).zip(day.get(..4)).is_none_or(|(vulnerability, now)| vulnerability <= now);
        let exploited = self
            .tables
            .vulnerabilities()
            .filter(|(cve, vulnerability)| vulnerability.exploited && known_then(cve))
            .map(|(cve, _)| cve);
        let asked: Vec<&str> = if all { exploited.collect() } else { cves.to_vec() };
        let mut answers: Vec<(Then, &str)> = asked.iter().map(|cve| (self.stood(&level, time, cve), *cve)).collect();
        answers.sort_by_key(|(then, _)| *then);
        let product = self.product(&level).map_or("this product".to_owned(), product_words);
        let mut parts = Vec::new();
        for group in answers.chunk_by(|a, b| a.0 == b.0) {
            let Some((then, _)) = group.first() else { continue };
            let names = self.names(group.iter().map(|(_, cve)| *cve), all);
            parts.push(match then {
                Then::Open => format!("vulnerable to {names}"),
                Then::NotYetClosed => {
                    let dates = group.iter().filter_map(|(_, cve)| self.tables.first_closed(cve, self.product(&level)));
                    let first = dates.min().unwrap_or_default();
                    format!("vulnerable to {names}, since no update that fixes it was released before {first}")
                }
                Then::Closed | Then::Unlisted if all => continue,
                Then::Closed => format!("{names} fixed"),
                Then::Unknown => format!("unknown for {names}"),
                Then::Unlisted => format!("{names} not listed for {product}"),
            });
        }
        if parts.is_empty() && all {
            parts.push("not vulnerable to any listed CVE known to be exploited".to_owned());
        }
        format!("{}: {}", level.words, parts.join("; "))
    }

    fn product(&self, level: &Level) -> Option<&'t str> {
        level.builds.last().and_then(|build| self.tables.product(*build))
    }

    fn stood(&self, level: &Level, time: Timestamp, cve: &str) -> Then {
        let stood: Vec<Then> = level
            .builds
            .iter()
            .map(|build| match judge(self.tables, *build, cve) {
                FixStatus::Open { .. } => Then::Open,
                FixStatus::Closed(_) => Then::Closed,
                FixStatus::Unlisted => Then::Unlisted,
            })
            .collect();
        let agreed = stood.first().copied().filter(|first| stood.iter().all(|then| then == first));
        match agreed {
            // Builds go up: what a later one lacks, an earlier one lacked, and what an earlier one had stays.
            Some(Then::Open) if !level.or_higher => Then::Open,
            Some(Then::Closed) if !level.or_lower => Then::Closed,
            Some(Then::Unlisted) => Then::Unlisted,
            _ => match self.tables.first_closed(cve, self.product(level)) {
                // A month is compared as a month: a time inside it may have been after the release.
                Some(first) if date(time).get(..first.len()).is_some_and(|day| day < first) => Then::NotYetClosed,
                Some(_) => Then::Unknown,
                None if level.builds.is_empty() => Then::Unknown,
                None => Then::Unlisted,
            },
        }
    }

    /// The vulnerabilities in one line; of many, each name once.
    fn names<'a>(&self, cves: impl Iterator<Item = &'a str>, by_name: bool) -> String {
        let mut names: Vec<&str> = Vec::new();
        for cve in cves {
            let nickname = self
                .tables
                .vulnerability(cve)
                .map(|vulnerability| vulnerability.nickname.as_str())
                .filter(|name| !name.is_empty() && by_name);
            let name = nickname.unwrap_or(cve);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }
}
