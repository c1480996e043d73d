//! Lines of code as they may be shown.

use super::text::code;
use std::ops::Range;

/// How many characters are shown of a line, in which control characters are spelled out.
const MAX_SHOWN: usize = 210;

/// A line as it may be shown.
pub(super) fn shown(line: &str) -> String {
    shown_with(line, 0..0).0
}

/// A line as it may be shown, and where the place stands in that.
pub(super) fn shown_with(line: &str, place: Range<usize>) -> (String, Range<usize>) {
    let piece = |range: Range<usize>| code(line.get(range).unwrap_or_default());
    let mut text = piece(0..place.start);
    let start = text.len();
    text.push_str(&piece(place.clone()));
    let end = text.len();
    text.push_str(piece(place.end..line.len()).trim_end());
    if let Some((at, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(at);
        text.push_str(" ...");
        return (text, start.min(at)..end.min(at));
    }
    (text, start..end)
}
