//! The text around a location in a view, truncated for display.

use super::View;
use crate::model::Location;
use crate::model::explanation::{ContextLine, ViewOutline};
use std::ops::Range;

/// Lines that are shown on either side of a place.
const CONTEXT: usize = 2;
/// How much of a line is shown, in bytes.
const WIDTH: usize = 200;
/// Lines that are shown of a decoded text, and how far they are looked for.
const EXCERPT_LINES: usize = 3;
const EXCERPT_REACH: usize = 4096;

/// What there is to say of a view: its size, and of a decoded one where it begins and its first lines.
pub fn outline(view: &View<'_>) -> ViewOutline {
    let at = view.first_decoded();
    let rest = &view.bytes[at..];
    let lines = rest[..rest.len().min(EXCERPT_REACH)].split(|&byte| byte == b'\n');
    let lines = lines.filter(|line| !line.trim_ascii().is_empty()).take(EXCERPT_LINES);
    let excerpt =
        if view.encodings == "stored" { Vec::new() } else { lines.map(|line| window(line, None).0).collect() };
    ViewOutline {
        encodings: view.encodings.clone(),
        length: view.bytes.len() as u64,
        offset: view.stored_offset(at),
        excerpt,
    }
}

/// The line of the decoded text that `location` lies in, and those around it, numbered as in the decoded text; empty if no view has
/// that encoding there.
pub fn context(views: &[View<'_>], location: &Location) -> Vec<ContextLine> {
    let (encodings, offset) = (&location.encodings, location.offset);
    let mut of_encodings =
        views.iter().filter(|view| view.encodings == *encodings && view.stored_offset(0) <= offset + 2);
    let Some(view) = of_encodings.next_back() else { return Vec::new() };
    let bytes = &view.bytes[..];
    let at = view.position_of(offset).min(bytes.len());
    let end = view.position_of(offset + location.length).clamp(at, bytes.len());
    let line = memchr::memchr_iter(b'\n', &bytes[..at]).count();
    let line_start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let first = line.saturating_sub(CONTEXT);
    let lines = bytes.split(|&byte| byte == b'\n').enumerate().skip(first).take(line - first + CONTEXT + 1);
    lines
        .map(|(number, text)| {
            let place = (number == line).then(|| at - line_start..(end - line_start).min(text.len()));
            let (text, place) = window(text, place);
            ContextLine { number: number as u64 + 1, text, place }
        })
        .collect()
}

/// A line no longer than is readable, its beginning, if that holds the place that matters, or what is around it; and where the place
/// stands in that.
fn window(line: &[u8], place: Option<Range<usize>>) -> (String, Option<Range<usize>>) {
    let at = place.as_ref().map_or(0, |place| place.start);
    let from = if at + WIDTH / 4 <= WIDTH { 0 } else { at - WIDTH / 4 };
    let to = line.len().min(from + WIDTH);
    let piece =
        |range: Range<usize>| String::from_utf8_lossy(&line[range.start.clamp(from, to)..range.end.clamp(from, to)]);
    let mut text = if from > 0 { "... ".to_owned() } else { String::new() };
    let place = place.map(|place| {
        text.push_str(&piece(from..place.start));
        let start = text.len();
        text.push_str(&piece(place.clone()));
        let shown = start..text.len();
        text.push_str(&piece(place.end..to));
        shown
    });
    if place.is_none() {
        text.push_str(&piece(from..to));
    }
    let kept = text.trim_end().len().max(place.as_ref().map_or(0, |place| place.end));
    text.truncate(kept);
    if to < line.len() {
        text.push_str(" ...");
    }
    (text, place)
}
