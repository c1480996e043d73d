//! Maps positions in a decoded text back to the containing text.

/// A stretch of the decoded text and the stretch of the outer text it came from. Between its ends positions are
/// interpolated, which is exact where every unit has the same length on either side: three bytes for four characters of
/// base64, one for six of `\u0041`. The stretch of decoded text goes up to the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    at: u32,
    from: u32,
    length: u32,
}

/// The runs of a decoded text, ascending on both sides.
#[derive(Debug, Default)]
pub(super) struct Map {
    runs: Vec<Run>,
    /// The length of the decoded text so far.
    end: u32,
}

/// Up to so many runs every change of ratio gets its own. A text that changes more often than that is mapped in steps.
const EXACT: usize = 1 << 16;
/// The smallest step, in decoded bytes.
const STEP: u32 = 64;

impl Map {
    /// Adds `length` decoded bytes that came from `from..to` of the outer text. `fresh` keeps them out of the run before.
    /// Both texts are below 4 GiB.
    pub(super) fn push(&mut self, length: usize, from: usize, to: usize, fresh: bool) {
        let (at, length, from, to) = (self.end, length as u32, from as u32, to as u32);
        if length == 0 {
            return;
        }
        self.end += length;
        let many = self.runs.len() >= EXACT;
        if let Some(last) = self.runs.last_mut()
            && !fresh
        {
            let seamless = last.from + last.length == from;
            let before = u64::from(at - last.at) * u64::from(to - from);
            let same_ratio = before == u64::from(length) * u64::from(last.length);
            if seamless && same_ratio || many && at - last.at < STEP {
                last.length = to - last.from;
                return;
            }
        }
        self.runs.push(Run { at, from, length: to - from });
    }

    /// Where what is at `at` begins in the outer text.
    pub(super) fn start(&self, at: usize) -> usize {
        let at = at.min(self.end as usize) as u32;
        let Some((run, units)) = self.run(at) else { return 0 };
        let (into, length) = (u64::from(at - run.at), u64::from(run.length));
        run.from as usize + (into * length / u64::from(units)) as usize
    }

    /// Where what lies before `at` ends in the outer text.
    pub(super) fn end(&self, at: usize) -> usize {
        let at = at.min(self.end as usize) as u32;
        let Some((run, units)) = self.run(at.saturating_sub(1)) else { return 0 };
        let (into, length) = (u64::from(at - run.at), u64::from(run.length));
        run.from as usize + (into * length).div_ceil(u64::from(units)) as usize
    }

    /// The first decoded byte that is not a copy.
    pub(super) fn first_decoded(&self) -> usize {
        let ends = self.runs.iter().skip(1).map(|run| run.at).chain([self.end]);
        let found = self.runs.iter().zip(ends).find(|(run, end)| end - run.at != run.length);
        found.map_or(0, |(run, _)| run.at as usize)
    }

    /// The run that a position lies in, and its length in decoded bytes.
    fn run(&self, at: u32) -> Option<(Run, u32)> {
        let index = self.runs.partition_point(|run| run.at <= at).checked_sub(1)?;
        let end = self.runs.get(index + 1).map_or(self.end, |next| next.at);
        let run = *self.runs.get(index)?;
        Some((run, (end - run.at).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_units_are_one_run_and_lead_back_exactly() {
        let mut map = Map::default();
        for unit in 0..1000 {
            map.push(3, 7 + unit * 4, 7 + unit * 4 + 4, false);
        }
        map.push(1, 4007, 4100, false);
        assert_eq!(map.runs.len(), 2);
        assert_eq!([0, 1, 2, 3, 300, 3000].map(|at| map.start(at)), [7, 8, 9, 11, 407, 4007]);
        assert_eq!([0, 1, 2, 3, 300, 3001, 9999].map(|at| map.end(at)), [7, 9, 10, 11, 407, 4100, 4100]);
        assert_eq!((Map::default().start(5), Map::default().end(5)), (0, 0));
    }

    #[test]
    fn a_text_of_endless_changes_is_mapped_in_steps_and_stays_in_order() {
        let mut map = Map::default();
        let mut from = 0;
        for unit in 0..4 * EXACT {
            let length = 1 + unit % 3;
            map.push(1, from, from + length, false);
            from += length;
        }
        assert!(map.runs.len() < EXACT + 4 * EXACT / STEP as usize + 2, "{}", map.runs.len());
        let starts: Vec<_> = (0..=4 * EXACT).step_by(13).map(|at| map.start(at)).collect();
        assert!(starts.is_sorted() && starts.iter().all(|at| *at <= from));
        // Two bytes from one on the average: no position is farther off than a step.
        assert!((0..4 * EXACT).step_by(7).all(|at| map.start(at).abs_diff(2 * at) <= 2 * STEP as usize));
    }

    #[test]
    fn the_first_decoded_byte_is_distinguished_from_copies() {
        let mut map = Map::default();
        map.push(10, 0, 10, false);
        map.push(1, 10, 16, false);
        assert_eq!(map.first_decoded(), 10);
    }
}
