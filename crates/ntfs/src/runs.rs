//! Where the clusters of a stream lie: pairs of a count and a distance, each as long as its header says.
//! Source: the NTFS documentation of the Linux-NTFS project and of libfsntfs ("mapping pairs", "data runs").

/// No clusters: these bytes are zeros.
pub(crate) const HOLE: u64 = u64::MAX;
/// Clusters that cannot be: before the volume, or listed nowhere.
pub(crate) const NOWHERE: u64 = u64::MAX - 1;

/// Clusters of a stream that lie in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first one, counted in the stream.
    pub(crate) first: u64,
    /// How many, never 0.
    pub(crate) count: u64,
    /// The first one, counted in the volume, or one of the constants of this module.
    pub(crate) place: u64,
}

impl Run {
    /// The first cluster of the stream behind it.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.count
    }

    /// Where its clusters lie in the volume, where they do.
    pub(crate) fn first_cluster(&self) -> Option<u64> {
        (self.place < NOWHERE).then_some(self.place)
    }
}

/// A number of as many bytes as there are, with its sign.
fn number(bytes: &[u8]) -> i64 {
    let filling = if bytes.last().is_some_and(|top| top & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().rev().fold(filling, |value, byte| value << 8 | i64::from(*byte))
}

/// Decodes pairs and adds them to `runs`, the first one at the cluster `first` of the stream. No run ends past `limit`.
///
/// # Errors
/// What is wrong with them; runs before that are added.
pub(crate) fn decode(mut pairs: &[u8], first: u64, limit: u64, runs: &mut Vec<Run>) -> Result<(), &'static str> {
    let (mut first, mut place) = (first, 0_i64);
    while let Some((&header, rest)) = pairs.split_first() {
        if header == 0 {
            return Ok(());
        }
        let (of_count, of_distance) = (usize::from(header & 15), usize::from(header >> 4));
        if of_count == 0 || of_count > 8 || of_distance > 8 {
            return Err("its list of clusters is damaged");
        }
        let Some((count, distance)) =
            rest.get(..of_count + of_distance).and_then(|both| both.split_at_checked(of_count))
        else {
            return Err("its list of clusters is truncated");
        };
        let count = u64::try_from(number(count)).unwrap_or_default();
        if count == 0 || first.checked_add(count).is_none_or(|end| end > limit) {
            return Err("its list of clusters has an impossible count");
        }
        let first_cluster = if distance.is_empty() {
            HOLE
        } else {
            place = place.wrapping_add(number(distance));
            u64::try_from(place).ok().filter(|place| *place < limit).unwrap_or(NOWHERE)
        };
        runs.push(Run { first, count, place: first_cluster });
        first += count;
        pairs = rest.get(of_count + of_distance..).unwrap_or_default();
    }
    Err("its list of clusters has no end")
}

/// The run that holds a cluster of the stream; runs ascend.
pub(crate) fn at(runs: &[Run], cluster: u64) -> Option<(usize, &Run)> {
    let index = runs.partition_point(|run| run.end() <= cluster);
    runs.get(index).filter(|run| run.first <= cluster).map(|run| (index, run))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Decoded = (Vec<(u64, u64, u64)>, Result<(), &'static str>);

    fn decoded(pairs: &[u8]) -> Decoded {
        let mut runs = Vec::new();
        let result = decode(pairs, 0, 1 << 40, &mut runs);
        (runs.iter().map(|run| (run.first, run.count, run.place)).collect(), result)
    }

    #[test]
    fn counts_and_distances_have_signs_and_holes_have_no_distance() {
        // 0x30 clusters at 0x20, a hole of 0x60, 0x10 clusters 0x10 before the first ones
        let (runs, result) = decoded(&[0x11, 0x30, 0x20, 0x01, 0x60, 0x11, 0x10, 0xF0, 0]);
        assert_eq!(runs, [(0, 0x30, 0x20), (0x30, 0x60, HOLE), (0x90, 0x10, 0x10)]);
        assert_eq!(result, Ok(()));
        assert_eq!(decoded(&[0x11, 1, 0xF0, 0]).0, [(0, 1, NOWHERE)]);
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        for pairs in [
            &[0x11, 1][..],
            &[0x10, 1, 0],
            &[0x11, 0, 5, 0],
            &[0x19, 0, 0],
            &[0x18, 0, 0, 0, 0, 0, 0, 0, 0x7F, 5, 0],
            &[0x18, 0, 0, 0, 0, 0, 0, 0, 0x80, 5, 0],
            &[0x11, 1, 5],
        ] {
            assert!(decoded(pairs).1.is_err(), "{pairs:?}");
        }
    }

    #[test]
    fn a_cluster_is_found_in_its_run() {
        let runs = [Run { first: 0, count: 2, place: 9 }, Run { first: 5, count: 1, place: 3 }];
        assert_eq!(at(&runs, 1).map(|found| found.0), Some(0));
        assert_eq!(at(&runs, 2), None);
        assert_eq!(at(&runs, 5).map(|found| found.0), Some(1));
        assert_eq!(at(&runs, 6), None);
    }
}
