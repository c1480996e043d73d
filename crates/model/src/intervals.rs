//! The time that something covers, and the gaps in it, whatever the order in which times come.

use super::Timestamp;
use std::collections::BTreeMap;

/// Hours that are kept: twelve years; more is nonsense in the times.
const MOST_HOURS: usize = 105_000;

/// From the last time before a gap to the first one after it.
pub type Gap = (Timestamp, Timestamp);

/// Times, of each hour the first and the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals {
    /// The earliest ones, so that they are the same in whatever order they come.
    hours: BTreeMap<i64, (Timestamp, Timestamp)>,
    /// The latest time, that of an hour that is not kept among them.
    latest: Option<Timestamp>,
    truncated: bool,
}

impl Intervals {
    /// Adds a time.
    pub fn note(&mut self, time: Timestamp) {
        self.widen(time, time);
    }

    /// Adds all times of another.
    pub fn merge(&mut self, other: Self) {
        other.hours.into_values().for_each(|(first, last)| self.widen(first, last));
        self.latest = self.latest.max(other.latest);
        self.truncated |= other.truncated;
    }

    fn widen(&mut self, first: Timestamp, last: Timestamp) {
        let hour = first.seconds().div_euclid(3600);
        self.latest = self.latest.max(Some(last));
        let entry = self.hours.entry(hour).or_insert((first, last));
        *entry = (entry.0.min(first), entry.1.max(last));
        if self.hours.len() > MOST_HOURS {
            self.hours.pop_last();
            self.truncated = true;
        }
    }

    /// The first time.
    pub fn first(&self) -> Option<Timestamp> {
        self.hours.values().map(|(first, _)| *first).next()
    }

    /// The last time.
    pub fn last(&self) -> Option<Timestamp> {
        self.latest
    }

    /// In words, that there were too many hours, and so gaps in the latest are not known.
    pub fn truncated(&self) -> Option<String> {
        self.truncated.then(|| format!("times in more than {MOST_HOURS} hours: gaps in the latest are not reported"))
    }

    /// The gaps longer than `silence` seconds, which are an hour at least: the longest `most` of them in order of time, and how many
    /// there are.
    pub fn gaps(&self, silence: i64, most: usize) -> (Vec<Gap>, u64) {
        let length = |gap: &Gap| gap.1.seconds() - gap.0.seconds();
        let between = self.hours.values().zip(self.hours.values().skip(1)).map(|(a, b)| (a.1, b.0));
        let mut gaps: Vec<Gap> = between.filter(|gap| length(gap) > silence).collect();
        let count = gaps.len() as u64;
        gaps.sort_by_key(|gap| (std::cmp::Reverse(length(gap)), gap.0));
        gaps.truncate(most);
        gaps.sort_unstable();
        (gaps, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::new(1_600_000_000 + hour * 3_600, 0)
    }

    fn of(hours: &[i64]) -> Intervals {
        let mut times = Intervals::default();
        hours.iter().for_each(|hour| times.note(at(*hour)));
        times
    }

    #[test]
    fn gaps_are_found_whatever_the_order() {
        let mut times = of(&[100, 101, 140]);
        times.merge(of(&[0, 1, 30, 10]));
        assert_eq!((times.first(), times.last()), (Some(at(0)), Some(at(140))));
        assert_eq!(times.gaps(86_400, 10), (vec![(at(30), at(100)), (at(101), at(140))], 2));
        assert_eq!(times.gaps(86_400, 1), (vec![(at(30), at(100))], 2));
        assert_eq!(of(&[0, 1_000]).gaps(i64::MAX, 10), (vec![], 0));
    }

    #[test]
    fn the_number_of_hours_is_bounded() {
        let mut times = Intervals::default();
        (0..2 * MOST_HOURS as i64).rev().for_each(|hour| times.note(at(hour)));
        assert!(times.hours.len() <= MOST_HOURS && times.truncated().is_some());
        assert_eq!((times.first(), times.last()), (Some(at(0)), Some(at(2 * MOST_HOURS as i64 - 1))));
    }
}
