//! The budget for reading an assembly, for all its methods together.

/// The least number of steps for an assembly: two an instruction, one for each place a branch leads to, and more for long
/// names.
const LEAST_STEPS: usize = 2 << 20;
/// How many steps for each byte of it. An instruction takes a byte or more, so bodies that do not overlap need less.
const STEPS_A_BYTE: usize = 8;
/// How many steps however large it is.
const MOST_STEPS: usize = 512 << 20;
/// How much text is made of one.
const MAX_TEXT: usize = 64 << 20;
/// How many rows of a table are read. A table of the largest library that was met has a hundred thousand.
pub(super) const MAX_ROWS: u32 = 2_000_000;

/// What is left of the budget, for all programs of one file together.
pub struct Work {
    steps: usize,
    text: usize,
    /// Whether a bound ended the work.
    pub(super) truncated: bool,
    /// Whether a table had more rows than are read.
    more: bool,
}

impl Work {
    /// The budget of a program of so many bytes. What it has beside metadata and code adds to it and costs nothing.
    pub fn of(length: usize) -> Self {
        let steps = length.saturating_mul(STEPS_A_BYTE).clamp(LEAST_STEPS, MOST_STEPS);
        Self { steps, text: MAX_TEXT, truncated: false, more: false }
    }

    /// Whether there was more code than is read.
    pub fn is_truncated(&self) -> bool {
        self.truncated || self.more
    }

    /// How many rows of a table are read; takes note if it has more.
    pub(super) fn rows(&mut self, rows: u32) -> u32 {
        self.more |= rows > MAX_ROWS;
        rows.min(MAX_ROWS)
    }

    pub(super) fn step(&mut self) -> bool {
        self.charge(1)
    }

    /// Takes several steps at once; `false` when there are no more.
    pub(super) fn charge(&mut self, steps: usize) -> bool {
        self.truncated |= self.steps < steps;
        self.steps = self.steps.saturating_sub(steps);
        !self.truncated
    }

    pub(super) fn room(&mut self, length: usize) -> bool {
        self.truncated |= self.text < length;
        self.text = self.text.saturating_sub(length);
        !self.truncated
    }
}
