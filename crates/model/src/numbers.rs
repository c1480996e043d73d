//! Tables of millions of rows, by columns: what no row has costs nothing, and what fits into 32 bits costs four bytes.

/// One number of each row of a table, zero where none was set.
#[derive(Debug, Default)]
pub struct Numbers {
    low: Vec<u32>,
    /// The upper halves, up to the last one that is not zero.
    high: Vec<u32>,
}

impl Numbers {
    /// The number of a row.
    pub fn get(&self, row: u32) -> u64 {
        let half = |halves: &[u32]| halves.get(row as usize).copied().map_or(0, u64::from);
        half(&self.high) << 32 | half(&self.low)
    }

    /// Sets the number of a row.
    pub fn set(&mut self, row: u32, value: u64) {
        for (halves, value) in [(&mut self.low, value as u32), (&mut self.high, (value >> 32) as u32)] {
            let row = row as usize;
            if row >= halves.len() && value != 0 {
                halves.resize(row + 1, 0);
            }
            if let Some(half) = halves.get_mut(row) {
                *half = value;
            }
        }
    }

    /// Whether no row has one.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty() && self.high.is_empty()
    }

    /// Rearranges the rows from `first` on: the first of them becomes what the row `order[0]` was, and so on. `order` has each of them once.
    pub fn reorder(&mut self, first: u32, order: &[u32]) {
        let first = first as usize;
        for halves in [&mut self.low, &mut self.high] {
            if halves.len() <= first {
                continue;
            }
            let rearranged: Vec<u32> =
                order.iter().map(|row| halves.get(*row as usize).copied().unwrap_or(0)).collect();
            halves.truncate(first);
            halves.extend(rearranged);
        }
    }

    /// How many bytes the rows take.
    pub fn bytes(&self) -> usize {
        size_of::<u32>() * (self.low.len() + self.high.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_are_kept_and_zeros_cost_nothing() {
        let mut numbers = Numbers::default();
        for row in 0..1000 {
            numbers.set(row, 0);
        }
        assert!(numbers.is_empty());
        for (row, value) in [(3, 7), (5, u64::MAX), (6, 1 << 32), (900, u64::from(u32::MAX))] {
            numbers.set(row, value);
            assert_eq!(numbers.get(row), value);
        }
        numbers.set(5, 2);
        assert_eq!([3, 4, 5, 6, 900, 901].map(|row| numbers.get(row)), [7, 0, 2, 1 << 32, u64::from(u32::MAX), 0]);
        assert_eq!(numbers.bytes(), 4 * (901 + 7));
        assert_eq!((numbers.low.len(), numbers.high.len()), (901, 7));
    }

    #[test]
    fn rows_are_rearranged_with_both_halves_and_the_zeros_behind() {
        let mut numbers = Numbers::default();
        for (row, value) in [(0, 9), (1, 1), (2, 1 << 40), (3, 3)] {
            numbers.set(row, value);
        }
        numbers.reorder(1, &[4, 2, 1, 3]);
        assert_eq!([0, 1, 2, 3, 4].map(|row| numbers.get(row)), [9, 0, 1 << 40, 1, 3]);
        let mut none = Numbers::default();
        none.reorder(0, &[1, 0]);
        assert!(none.is_empty());
    }
}
