//! Gathers sightings into hits: one for each check, grade, client and title, bounded, and the same however many workers
//! found them in whatever order.

use crate::model::{Grade, Level, LogHit, LogProof, ServerPath, Timestamp};
use std::collections::BTreeMap;

/// Hits that are kept; a scan of the whole Internet makes some thousands.
const MOST: usize = 20_000;
/// Lines that are kept as proof of a hit.
const PROOFS: usize = 3;
/// Characters of a line that are kept.
const EXCERPT: usize = 700;
/// Characters of an address and of a title.
const SHORT: usize = 200;

/// Something that is looked for in logs.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable id.
    pub id: &'static str,
    /// The flaws it is about; may be empty.
    pub cves: &'static [&'static str],
    /// What it looks for and in which logs, one line.
    pub about: &'static str,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'s> {
    /// The log file.
    pub path: &'s ServerPath,
    /// The member of an archive, if it is one.
    pub member: Option<&'s str>,
    /// The line from 1, or the record id of an event.
    pub line: u64,
}

/// A line that shows something.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'s> {
    /// What was looked for.
    pub check: &'static Check,
    /// How far it went.
    pub grade: Grade,
    /// How much it weighs.
    pub level: Level,
    /// One line for a person; sightings of different titles become different hits.
    pub title: &'s str,
    /// The client's address, or the account.
    pub client: &'s str,
    /// When.
    pub time: Option<Timestamp>,
    /// Where.
    pub spot: Spot<'s>,
    /// The line, or what of it shows the thing.
    pub excerpt: &'s str,
}

type Key = (&'static str, Grade, String, String);

/// Hits so far.
#[derive(Debug, Default)]
pub struct Ledger {
    hits: BTreeMap<Key, LogHit>,
    beyond: u64,
}

impl Ledger {
    /// Enters a sighting.
    pub fn enter(&mut self, sighting: &Sighting<'_>) {
        let client = cut(sighting.client, SHORT);
        let title = cut(sighting.title, SHORT);
        let key = (sighting.check.id, sighting.grade, client.to_owned(), title.to_owned());
        if !self.hits.contains_key(&key) && self.hits.len() >= MOST {
            self.beyond += 1;
            return;
        }
        let hit = self.hits.entry(key).or_insert_with(|| LogHit {
            check: sighting.check.id,
            cves: sighting.check.cves,
            grade: sighting.grade,
            level: sighting.level,
            title: title.to_owned(),
            client: client.to_owned(),
            first: None,
            last: None,
            count: 0,
            proof: Vec::new(),
            patch: None,
        });
        hit.count += 1;
        hit.level = hit.level.max(sighting.level);
        widen(hit, sighting.time, sighting.time);
        let rank = (sighting.time, sighting.spot.path, sighting.spot.line);
        if hit.proof.len() < PROOFS || hit.proof.last().is_some_and(|last| rank < (last.time, &last.path, last.line)) {
            hit.proof.push(LogProof {
                path: sighting.spot.path.clone(),
                member: sighting.spot.member.map(str::to_owned),
                line: sighting.spot.line,
                time: sighting.time,
                excerpt: cut(sighting.excerpt, EXCERPT).to_owned(),
            });
            settle(&mut hit.proof);
        }
    }

    /// The hits so far, in no order that means anything.
    pub fn hits(&self) -> impl Iterator<Item = &LogHit> {
        self.hits.values()
    }

    /// Takes over what another worker found.
    pub fn merge(&mut self, other: Self) {
        self.beyond += other.beyond;
        for (key, hit) in other.hits {
            if let Some(own) = self.hits.get_mut(&key) {
                own.count += hit.count;
                own.level = own.level.max(hit.level);
                widen(own, hit.first, hit.last);
                own.proof.extend(hit.proof);
                settle(&mut own.proof);
            } else if self.hits.len() < MOST {
                self.hits.insert(key, hit);
            } else {
                self.beyond += hit.count;
            }
        }
    }

    /// The hits, the earliest first, and how many sightings were left out because there were too many hits.
    pub fn into_hits(self) -> (Vec<LogHit>, u64) {
        let mut hits: Vec<LogHit> = self.hits.into_values().collect();
        // Those without a time come last.
        hits.sort_by(|a, b| (a.first.is_none(), a.first, b.grade).cmp(&(b.first.is_none(), b.first, a.grade)));
        (hits, self.beyond)
    }
}

fn widen(hit: &mut LogHit, first: Option<Timestamp>, last: Option<Timestamp>) {
    hit.first = [hit.first, first].into_iter().flatten().min();
    hit.last = hit.last.max(last);
}

fn settle(proof: &mut Vec<LogProof>) {
    proof.sort_by(|a, b| (a.time, &a.path, a.line).cmp(&(b.time, &b.path, b.line)));
    proof.truncate(PROOFS);
}

/// The first characters of a text.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: Check = Check { id: "x", cves: &["CVE-1"], about: "test" };

    fn enter(ledger: &mut Ledger, client: &str, grade: Grade, second: i64, line: u64) {
        let path = ServerPath::drive('C').join("a.log");
        ledger.enter(&Sighting {
            check: &CHECK,
            grade,
            level: Level::Low,
            title: "t",
            client,
            time: Some(Timestamp::new(second, 0)),
            spot: Spot { path: &path, member: None, line },
            excerpt: &"é".repeat(2 * EXCERPT),
        });
    }

    #[test]
    fn sightings_of_one_client_become_one_hit_whatever_the_order() {
        let mut one = Ledger::default();
        (0..9).for_each(|n| enter(&mut one, "a", Grade::Attempt, n, n as u64));
        let (mut left, mut right) = (Ledger::default(), Ledger::default());
        (0..9)
            .rev()
            .for_each(|n| enter(if n % 2 == 0 { &mut left } else { &mut right }, "a", Grade::Attempt, n, n as u64));
        left.merge(right);
        let (hits, beyond) = left.into_hits();
        assert_eq!((&hits, beyond), (&one.into_hits().0, 0));
        assert_eq!((hits.len(), hits[0].count, hits[0].proof.len()), (1, 9, PROOFS));
        assert_eq!(hits[0].proof[0].line, 0);
        assert_eq!(hits[0].proof[0].excerpt.chars().count(), EXCERPT);
    }

    #[test]
    fn clients_and_grades_are_kept_apart_and_the_number_is_bounded() {
        let mut ledger = Ledger::default();
        enter(&mut ledger, "a", Grade::Attempt, 5, 1);
        enter(&mut ledger, "b", Grade::Attempt, 4, 1);
        enter(&mut ledger, "a", Grade::Written, 6, 1);
        for n in 0..MOST {
            enter(&mut ledger, &n.to_string(), Grade::Context, 9, 1);
        }
        let (hits, beyond) = ledger.into_hits();
        assert_eq!((hits.len(), beyond), (MOST, 3));
        assert_eq!((hits[0].client.as_str(), hits[1].client.as_str(), hits[2].grade), ("b", "a", Grade::Written));
    }
}
