//! Which clusters more than one deleted file lists: whose content they hold is then not known.

use crate::runs::{self, Run};
use crate::segment::Attribute;
use std::ops::Range;

/// Clusters that a deleted record lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    place: u64,
    count: u32,
}

/// Runs of deleted records that are compared, 64 MiB of them.
const LIMIT: usize = 4 << 20;

#[derive(Default)]
pub(crate) struct Claims {
    /// How many clusters the volume has.
    clusters: u64,
    claims: Vec<Claim>,
    shared: Vec<Range<u64>>,
    /// There are more than are compared.
    pub(crate) left_out: bool,
    runs: Vec<Run>,
}

impl Claims {
    /// Of a volume of so many clusters.
    pub(crate) fn new(clusters: u64) -> Self {
        Self { clusters, ..Self::default() }
    }

    /// Takes what a stream of a deleted record lists.
    pub(crate) fn add(&mut self, attribute: &Attribute<'_>) {
        let Some(clusters) = attribute.clusters() else { return };
        self.runs.clear();
        // A damaged list is reported when the file is read.
        let _ = runs::decode(clusters.pairs, clusters.first, u64::MAX >> 1, &mut self.runs);
        for run in &self.runs {
            let Some(place) = run.first_cluster().filter(|place| *place < self.clusters) else { continue };
            if self.claims.len() >= LIMIT {
                self.left_out = true;
                return;
            }
            let count = u32::try_from(run.count.min(self.clusters - place)).unwrap_or(u32::MAX);
            self.claims.push(Claim { place, count });
        }
    }

    /// Compares them.
    pub(crate) fn finish(&mut self) {
        self.shared = shared(std::mem::take(&mut self.claims));
        self.runs = Vec::new();
    }

    /// Whether more than one deleted record lists one of these clusters.
    pub(crate) fn is_shared(&self, place: u64, count: u64) -> bool {
        let next = self.shared.partition_point(|range| range.end <= place);
        self.shared.get(next).is_some_and(|range| range.start < place.saturating_add(count))
    }
}

/// The clusters that more than one of these claims.
fn shared(mut claims: Vec<Claim>) -> Vec<Range<u64>> {
    claims.sort_unstable();
    let mut shared: Vec<Range<u64>> = Vec::new();
    let mut reach = 0;
    for claim in claims {
        let end = claim.place + u64::from(claim.count);
        if claim.place < reach {
            let both = claim.place..end.min(reach);
            match shared.last_mut() {
                Some(last) if both.start <= last.end => last.end = last.end.max(both.end),
                _ => shared.push(both),
            }
        }
        reach = reach.max(end);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_two_are_shared() {
        let claim = |place, count| Claim { place, count };
        let claims = vec![claim(50, 10), claim(0, 10), claim(5, 2), claim(8, 4), claim(11, 3), claim(70, 1)];
        assert_eq!(shared(claims), [5..7, 8..10, 11..12]);
        let claims = Claims { shared: vec![5..7, 8..10], ..Claims::default() };
        assert_eq!([0, 6, 7, 9].map(|place| claims.is_shared(place, 1)), [false, true, false, true]);
        assert!(claims.is_shared(0, u64::MAX) && !claims.is_shared(10, u64::MAX));
    }
}
