//! Boundaries of lines and records, and the position of method and path in a request log line.

use super::format::Kind;

/// What is read of a line, and of a record of several lines.
pub(super) const LONG: usize = 256 << 10;
const RECORD: usize = 64 << 10;

/// The columns of method and path.
pub(super) struct ColumnIndexes {
    /// The same as `stem` where only the path is asked for.
    pub(super) method: usize,
    pub(super) stem: usize,
    /// Whether blanks separate columns, or commas.
    pub(super) blanks: bool,
    /// Whether date and time come first: twenty characters that need not be searched.
    pub(super) dated: bool,
}

/// Method and path of a line.
pub(super) enum Columns<'l> {
    Found(&'l [u8], &'l [u8]),
    /// A column before them is quoted: the line must be split.
    Quoted,
    Missing,
}

impl ColumnIndexes {
    pub(super) fn of<'l>(&self, line: &'l [u8]) -> Columns<'l> {
        let separator = if self.blanks { b' ' } else { b',' };
        let (mut method, mut stem) = (None, None);
        let skip = self.dated && line.get(19) == Some(&b' ') && line.get(10) == Some(&b' ');
        let (mut from, mut column) = if skip { (20, 2) } else { (0, 0) };
        let last = self.method.max(self.stem);
        let rest = line.get(from..).unwrap_or_default();
        let base = from;
        for end in memchr::memchr_iter(separator, rest).map(|at| base + at).chain([line.len()]) {
            let value = line.get(from..end).unwrap_or_default();
            if !self.blanks && value.first() == Some(&b'"') {
                return Columns::Quoted;
            }
            if column == self.method {
                method = Some(value);
            }
            if column == self.stem {
                stem = Some(value);
            }
            if column >= last {
                break;
            }
            column += 1;
            from = end + 1;
        }
        match (method, stem) {
            // Only IIS's log shows what was sent to a static file.
            (Some(_), Some(stem)) if !self.blanks => Columns::Found(b"", stem),
            (Some(method), Some(stem)) => Columns::Found(method, stem),
            _ => Columns::Missing,
        }
    }
}

/// Whether a line begins a record: with a date, or as a head does. A line that is too short may.
fn begins_record(line: &[u8]) -> bool {
    match line {
        [b'#', ..] => true,
        [a, b, c, d, b'-', ..] => [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()),
        _ => line.len() < 5,
    }
}

/// Where the last record of a block ends that is there as a whole.
pub(super) fn last_record(block: &[u8], kind: Option<Kind>) -> usize {
    let Some(last) = memchr::memrchr(b'\n', block) else { return 0 };
    if kind.is_some_and(|kind| !kind.is_w3c()) {
        let near = last.saturating_sub(RECORD);
        let area = block.get(near..=last).unwrap_or_default();
        let found = memchr::memrchr_iter(b'\n', area)
            .map(|at| near + at + 1)
            .find(|&at| block.get(at..).is_some_and(begins_record));
        return found.unwrap_or(last + 1);
    }
    last + 1
}

/// The record that a line is part of: from the line that begins with a date to the one before the next that does. Also the number of
/// its first line.
pub(super) fn whole_record(block: &[u8], from: usize, to: usize, number: u64) -> (usize, usize, u64) {
    let (mut start, mut end, mut number) = (from, to.min(block.len()), number);
    while start > 0 && from - start < RECORD && !block.get(start..).is_some_and(begins_record) {
        let before = block.get(..start - 1).unwrap_or_default();
        start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        number = number.saturating_sub(1);
    }
    let line_end =
        |at: usize| block.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(block.len(), |end| at + end);
    end = line_end(end.saturating_sub(1).max(from));
    while end < block.len() && end - from < RECORD {
        match block.get(end + 1..) {
            Some(rest) if !rest.is_empty() && !begins_record(rest.get(..5).unwrap_or(rest)) => end = line_end(end + 1),
            _ => break,
        }
    }
    (start, end.min(start.saturating_add(LONG)), number)
}
