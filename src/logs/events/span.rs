//! The time that a log covers. A log is a ring: its chunks lie in no order of time, so spans are kept and joined at the end.

use crate::model::{LogSpan, Timestamp};

/// How many spans are kept apart; a log of 1 GB has 16,000 chunks. Beyond it near ones are joined.
const MOST: usize = 65_536;
/// Holes that are told one by one.
const HOLES: usize = 10;
/// Times before 1995 or after 2100 are no event's: nothing that writes this format is older (the year 2007 in truth), and a
/// clock that wrong covers nothing.
const PLAUSIBLE: std::ops::Range<i64> = 788_918_400..4_102_444_800;

/// Whether an event can have happened then.
pub(super) fn is_plausible(time: Timestamp) -> bool {
    PLAUSIBLE.contains(&time.seconds())
}

/// After how many seconds without an event something is missing; `None` for logs that are silent for days by nature. On a
/// server with Exchange the three logs of Windows have many events an hour.
pub(super) fn silence(kind: &str) -> Option<i64> {
    matches!(kind, "Application.evtx" | "Security.evtx" | "System.evtx").then_some(86_400)
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Span {
    /// From and until, in seconds; each as long as events follow each other within [`GAP`].
    parts: Vec<(Timestamp, Timestamp)>,
    /// Records whose time cannot be.
    pub(super) out_of_range: u64,
}

/// Events that lie further apart than these seconds begin a new part.
const GAP: i64 = 3_600;

impl Span {
    /// Takes the time of a record. Those of one chunk come in order, as a rule.
    pub(super) fn see(&mut self, time: Option<Timestamp>) {
        let Some(time) = time.filter(|time| is_plausible(*time)) else {
            self.out_of_range += 1;
            return;
        };
        if let Some((from, until)) = self.parts.last_mut()
            && time.seconds() >= from.seconds() - GAP
            && time.seconds() <= until.seconds() + GAP
        {
            *from = time.min(*from);
            *until = time.max(*until);
            return;
        }
        if self.parts.len() >= MOST {
            self.join(GAP);
            // Hostile times only; what is lost is that there are holes, never that there are events.
            let mut gap = GAP;
            while self.parts.len() > MOST / 2 {
                gap *= 2;
                self.join(gap);
            }
        }
        self.parts.push((time, time));
    }

    /// Joins parts that lie no more than `gap` seconds apart.
    fn join(&mut self, gap: i64) {
        self.parts.sort();
        self.parts.dedup_by(|next, last| {
            let near = next.0.seconds() <= last.1.seconds() + gap;
            if near {
                last.1 = last.1.max(next.1);
            }
            near
        });
    }

    /// Tells first and last time, the longest holes in order of time, and how many holes there are.
    pub(super) fn tell(mut self, silence: Option<i64>, log: &mut LogSpan) {
        self.join(silence.unwrap_or(i64::MAX / 2).max(GAP));
        let mut gaps: Vec<_> = self.parts.windows(2).map(|pair| (pair[0].1, pair[1].0)).collect();
        log.gaps_count = gaps.len() as u64;
        gaps.sort_by_key(|(from, until)| std::cmp::Reverse(until.seconds() - from.seconds()));
        gaps.truncate(HOLES);
        gaps.sort();
        log.gaps = gaps;
        log.first = self.parts.first().map(|part| part.0);
        log.last = self.parts.last().map(|part| part.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(span: Span, silence: Option<i64>) -> LogSpan {
        let mut log = LogSpan::default();
        span.tell(silence, &mut log);
        log
    }

    const START: i64 = 1_600_000_000;

    fn span(hours: &[i64]) -> Span {
        let mut span = Span::default();
        hours.iter().for_each(|hour| span.see(Some(Timestamp::new(START + hour * 3_600, 0))));
        span
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::new(START + hour * 3_600, 0)
    }

    #[test]
    fn holes_are_found_whatever_the_order_and_only_where_silence_is_strange() {
        let log = told(span(&[100, 101, 140, 0, 1, 30, 10]), Some(86_400));
        assert_eq!((log.first, log.last), (Some(at(0)), Some(at(140))));
        assert_eq!((log.gaps, log.gaps_count), (vec![(at(30), at(100)), (at(101), at(140))], 2));
        let covers = LogSpan { first: Some(at(0)), last: Some(at(1_000)), ..LogSpan::default() };
        assert_eq!(told(span(&[0, 1_000]), None), covers);
        assert_eq!(told(span(&[]), Some(1)), LogSpan::default());
    }

    #[test]
    fn times_that_cannot_be_cover_nothing() {
        let mut span = span(&[5]);
        span.see(Timestamp::from_filetime(1));
        span.see(Timestamp::from_filetime(u64::MAX));
        span.see(None);
        assert_eq!(span.out_of_range, 3);
        let covers = LogSpan { first: Some(at(5)), last: Some(at(5)), ..LogSpan::default() };
        assert_eq!(told(span, Some(86_400)), covers);
    }

    #[test]
    fn the_number_of_parts_is_bounded() {
        let mut span = Span::default();
        (0..3 * MOST as i64).for_each(|n| span.see(Some(Timestamp::new(START + n % 7 * 7_200 + n * 4_000, 0))));
        assert!(span.parts.len() <= MOST);
        let log = told(span, Some(86_400));
        assert_eq!(log.first, Some(at(0)));
        assert!(log.last.is_some_and(|last| last.seconds() > START + 190_000 * 4_000));
    }
}
