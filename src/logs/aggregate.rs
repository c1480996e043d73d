//! Gathers sightings into hits: one for each check, stage, client and title, bounded, and the same however many workers
//! found them in whatever order.
//!
//! A client that writes into logs must not push a hit out by less serious ones. So the place of a hit follows from what never changes
//! about it (`Group`, then client and title), the lowest one goes when there are too many, and each group keeps some whatever the
//! others have. What is kept of any set of sightings is then the same in whatever order, and in however many parts, they come: one
//! that has to go once would have to go at the end as well, and takes all its lines with it.

use crate::model::{CheckInfo, Level, LogHit, LogProof, Problem, ProblemKind, ServerPath, Stage, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Hits that are kept; a scan of the whole Internet makes some thousands.
const MOST: usize = 20_000;
/// Hits that each group keeps whatever the others have. There are fewer than a hundred groups.
const LEAST: usize = 200;
/// Lines that are kept as proof of a hit.
const PROOFS: usize = 3;
/// Characters of a line that are kept.
const EXCERPT: usize = 700;
/// Characters of an address and of a title.
const SHORT: usize = 200;

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub struct LogLocation<'s> {
    /// The log file.
    pub path: &'s ServerPath,
    /// The member of an archive, if it is one.
    pub member: Option<&'s str>,
    /// Whether the log is deleted, and was read from its record.
    pub deleted: bool,
    /// The line from 1, or the record id of an event.
    pub line: u64,
}

/// A line that shows something.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'s> {
    /// What was looked for.
    pub check: &'static CheckInfo,
    /// How far it went.
    pub stage: Stage,
    /// How serious it is.
    pub level: Level,
    /// One line for a person; sightings of different titles become different hits.
    pub title: &'s str,
    /// The client's address, or the account.
    pub client: &'s str,
    /// When.
    pub time: Option<Timestamp>,
    /// Where.
    pub location: LogLocation<'s>,
    /// The line, or what of it shows the thing.
    pub excerpt: &'s str,
}

/// What decides which hits stay: level, stage, then check. The worst comes first.
type Group = (Reverse<Level>, Reverse<Stage>, &'static str);

/// Client and title.
type Key = (String, String);

/// Hits so far.
#[derive(Debug)]
pub struct HitAggregator {
    groups: BTreeMap<Group, BTreeMap<Key, LogHit>>,
    /// How many hits there are.
    len: usize,
    /// How many there may be, and how many each group keeps.
    most: usize,
    least: usize,
    omitted: u64,
}

impl Default for HitAggregator {
    fn default() -> Self {
        Self { groups: BTreeMap::new(), len: 0, most: MOST, least: LEAST, omitted: 0 }
    }
}

impl HitAggregator {
    /// Enters a sighting.
    pub fn enter(&mut self, sighting: &Sighting<'_>) {
        let client = truncated(sighting.client, SHORT);
        let title = truncated(sighting.title, SHORT);
        let group = (Reverse(sighting.level), Reverse(sighting.stage), sighting.check.id);
        let hits = self.groups.entry(group).or_default();
        let hit = match hits.entry((client.to_owned(), title.to_owned())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                self.len += 1;
                free.insert(LogHit {
                    check: sighting.check.id,
                    cves: sighting.check.cves,
                    stage: sighting.stage,
                    level: sighting.level,
                    title: title.to_owned(),
                    client: client.to_owned(),
                    first: None,
                    last: None,
                    count: 0,
                    locations: Vec::new(),
                    patch: None,
                })
            }
        };
        hit.count += 1;
        widen(hit, sighting.time, sighting.time);
        let LogLocation { path, line, deleted, .. } = sighting.location;
        let rank = (sighting.time, path, line, deleted);
        if hit.locations.len() < PROOFS
            || hit.locations.last().is_some_and(|last| rank < (last.time, &last.path, last.line, last.deleted))
        {
            hit.locations.push(LogProof {
                path: sighting.location.path.clone(),
                member: sighting.location.member.map(str::to_owned),
                deleted: sighting.location.deleted,
                line: sighting.location.line,
                time: sighting.time,
                excerpt: truncated(sighting.excerpt, EXCERPT).to_owned(),
            });
            settle(&mut hit.locations);
        }
        self.bound();
    }

    /// The hits so far, in no order that means anything.
    pub fn hits(&self) -> impl Iterator<Item = &LogHit> {
        self.groups.values().flat_map(BTreeMap::values)
    }

    /// Takes over what another worker found.
    pub fn merge(&mut self, other: Self) {
        self.omitted += other.omitted;
        for (group, theirs) in other.groups {
            for (key, hit) in theirs {
                match self.groups.entry(group).or_default().entry(key) {
                    Entry::Occupied(mut own) => add(own.get_mut(), hit),
                    Entry::Vacant(free) => {
                        self.len += 1;
                        free.insert(hit);
                    }
                }
                self.bound();
            }
        }
    }

    /// Lets the lowest hit go where there are too many: the last one of the lowest group that has more than each may keep.
    fn bound(&mut self) {
        while self.len > self.most {
            let lowest = self.groups.values_mut().rev().find(|hits| hits.len() > self.least);
            let Some((_, gone)) = lowest.and_then(BTreeMap::pop_last) else { return };
            self.omitted += gone.count;
            self.len -= 1;
        }
    }

    /// The hits, the earliest first, and how many sightings were left out because there were too many hits.
    pub fn into_hits(self) -> (Vec<LogHit>, u64) {
        // What one client did under one title is one hit, though its lines may have different levels.
        let mut joined: BTreeMap<(&'static str, Stage, Key), LogHit> = BTreeMap::new();
        for ((_, stage, check), hits) in self.groups {
            for (key, hit) in hits {
                match joined.entry((check, stage.0, key)) {
                    Entry::Occupied(mut own) => add(own.get_mut(), hit),
                    Entry::Vacant(free) => {
                        free.insert(hit);
                    }
                }
            }
        }
        let mut hits: Vec<LogHit> = joined.into_values().collect();
        // Those without a time come last.
        hits.sort_by(|a, b| (a.first.is_none(), a.first, b.stage).cmp(&(b.first.is_none(), b.first, a.stage)));
        (hits, self.omitted)
    }
}

/// The gap that the bound of the aggregator leaves, if it omitted any line; `what` are the logs it is about.
pub(super) fn omitted_problem(what: &str, omitted: u64) -> Option<Problem> {
    let message = format!(
        "{omitted} relevant lines of {what} were omitted, because they exceed {MOST} hits: the lowest-ranked of each \
         check. Analyse the logs of that period in parts (shellsift logs, on some of the files)"
    );
    (omitted > 0).then(|| Problem::general(ProblemKind::LogResultsTruncated, message))
}

/// Adds what another worker saw of the same hit.
fn add(own: &mut LogHit, other: LogHit) {
    own.count += other.count;
    own.level = own.level.max(other.level);
    widen(own, other.first, other.last);
    own.locations.extend(other.locations);
    settle(&mut own.locations);
}

fn widen(hit: &mut LogHit, first: Option<Timestamp>, last: Option<Timestamp>) {
    hit.first = [hit.first, first].into_iter().flatten().min();
    hit.last = hit.last.max(last);
}

fn settle(locations: &mut Vec<LogProof>) {
    locations.sort_by(|a, b| (a.time, &a.path, a.line, a.deleted).cmp(&(b.time, &b.path, b.line, b.deleted)));
    locations.truncate(PROOFS);
}

/// The first characters of a text.
fn truncated(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: CheckInfo = CheckInfo { id: "x", cves: &["CVE-1"], ..CheckInfo::EMPTY };

    fn enter(aggregate: &mut HitAggregator, client: &str, stage: Stage, second: i64, line: u64) {
        let path = ServerPath::drive('C').join("a.log");
        aggregate.enter(&Sighting {
            check: &CHECK,
            stage,
            level: Level::Low,
            title: "t",
            client,
            time: Some(Timestamp::new(second, 0)),
            location: LogLocation { path: &path, member: None, deleted: false, line },
            excerpt: &"é".repeat(2 * EXCERPT),
        });
    }

    #[test]
    fn sightings_of_one_client_become_one_hit_whatever_the_order() {
        let mut one = HitAggregator::default();
        (0..9).for_each(|n| enter(&mut one, "a", Stage::Attempt, n, n as u64));
        let (mut left, mut right) = (HitAggregator::default(), HitAggregator::default());
        (0..9)
            .rev()
            .for_each(|n| enter(if n % 2 == 0 { &mut left } else { &mut right }, "a", Stage::Attempt, n, n as u64));
        left.merge(right);
        let (hits, omitted) = left.into_hits();
        assert_eq!((&hits, omitted), (&one.into_hits().0, 0));
        assert_eq!((hits.len(), hits[0].count, hits[0].locations.len()), (1, 9, PROOFS));
        assert_eq!(hits[0].locations[0].line, 0);
        assert_eq!(hits[0].locations[0].excerpt.chars().count(), EXCERPT);
    }

    #[test]
    fn clients_and_stages_are_kept_apart_and_the_number_is_bounded() {
        let mut aggregate = HitAggregator::default();
        for n in 0..MOST {
            enter(&mut aggregate, &n.to_string(), Stage::Context, 9, 1);
        }
        enter(&mut aggregate, "a", Stage::Attempt, 5, 1);
        enter(&mut aggregate, "b", Stage::Attempt, 4, 1);
        enter(&mut aggregate, "a", Stage::CodeExecutionOrFileWrite, 6, 1);
        let (hits, omitted) = aggregate.into_hits();
        assert_eq!((hits.len(), omitted), (MOST, 3));
        assert_eq!(
            (hits[0].client.as_str(), hits[1].client.as_str(), hits[2].stage),
            ("b", "a", Stage::CodeExecutionOrFileWrite)
        );
    }

    /// A sighting in few words: level, stage, check, client, second.
    type Brief = (Level, Stage, &'static CheckInfo, String, i64);

    fn small() -> HitAggregator {
        HitAggregator { most: 40, least: 4, ..HitAggregator::default() }
    }

    fn enter_brief(aggregate: &mut HitAggregator, (level, stage, check, client, second): &Brief) {
        let path = ServerPath::drive('C').join("a.log");
        aggregate.enter(&Sighting {
            check,
            stage: *stage,
            level: *level,
            title: "t",
            client,
            time: Some(Timestamp::new(*second, 0)),
            location: LogLocation { path: &path, member: None, deleted: false, line: *second as u64 },
            excerpt: "e",
        });
    }

    #[test]
    fn a_flood_of_probes_hides_no_more_serious_hit() {
        const OTHER: CheckInfo = CheckInfo { id: "y", ..CheckInfo::EMPTY };
        let mut aggregate = HitAggregator::default();
        for n in 0..25_000 {
            let probe: Brief = (Level::Low, Stage::Attempt, &CHECK, format!("2001:db8::{n:x}"), n);
            enter_brief(&mut aggregate, &probe);
        }
        enter_brief(
            &mut aggregate,
            &(Level::Critical, Stage::CodeExecutionOrFileWrite, &CHECK, "intruder".to_owned(), 30_000),
        );
        // Of the least weight, by another check: the flood does not take its place either.
        enter_brief(&mut aggregate, &(Level::Info, Stage::Context, &OTHER, "other".to_owned(), 30_001));
        let (hits, omitted) = aggregate.into_hits();
        assert_eq!((hits.len(), omitted), (MOST, 25_002 - MOST as u64));
        assert!(hits.iter().any(|hit| hit.client == "intruder" && hit.level == Level::Critical));
        assert!(hits.iter().any(|hit| hit.check == "y"));
        let gap = omitted_problem("text logs", omitted).expect("a gap");
        assert!(gap.kind.leaves_a_gap() && gap.message.starts_with("5002 relevant lines"), "{}", gap.message);
        assert!(omitted_problem("text logs", 0).is_none());
    }

    proptest::proptest! {
        #[test]
        fn what_is_kept_depends_on_no_order_and_on_no_grouping(
            rows in proptest::collection::vec((0..3usize, 0..3usize, 0..2usize, 0..60u8, 0..9i64), 0..400),
            parts in proptest::collection::vec(0..5usize, 400),
            seed in proptest::prelude::any::<u64>(),
        ) {
            const OTHER: CheckInfo = CheckInfo { id: "y", ..CheckInfo::EMPTY };
            let checks: [&'static CheckInfo; 2] = [&CHECK, &OTHER];
            let levels = [Level::Low, Level::Medium, Level::Critical];
            let stages = [Stage::Attempt, Stage::ReachedBackend, Stage::CodeExecutionOrFileWrite];
            let rows: Vec<Brief> = rows
                .into_iter()
                .map(|(l, g, c, client, second)| (levels[l], stages[g], checks[c], client.to_string(), second))
                .collect();
            let mut one = small();
            rows.iter().for_each(|row| enter_brief(&mut one, row));
            // Another order, in five parts, which are joined as a tree or as a list.
            let mut shuffled: Vec<usize> = (0..rows.len()).collect();
            shuffled.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
            let mut aggregators: Vec<HitAggregator> = (0..5).map(|_| small()).collect();
            for at in shuffled {
                enter_brief(&mut aggregators[parts[at]], &rows[at]);
            }
            if seed % 2 == 0 {
                let tail = aggregators.split_off(2);
                let mut right = small();
                tail.into_iter().rev().for_each(|aggregate| right.merge(aggregate));
                aggregators.push(right);
            }
            let mut all = small();
            aggregators.into_iter().for_each(|aggregate| all.merge(aggregate));
            let (hits, omitted) = one.into_hits();
            let (others, others_omitted) = all.into_hits();
            // Hits of one time and stage come in the order of their names.
            proptest::prop_assert_eq!(&hits, &others);
            proptest::prop_assert_eq!(omitted, others_omitted);
        }
    }
}
