//! The text around a place in a view, cut to what a person reads.

use super::View;
use crate::model::explanation::{ContextLine, ViewOutline};

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
    let excerpt = if view.encodings == "stored" { Vec::new() } else { lines.map(|line| window(line, 0)).collect() };
    ViewOutline {
        encodings: view.encodings.clone(),
        length: view.bytes.len() as u64,
        offset: view.stored_offset(at),
        excerpt,
    }
}

/// The line of the decoded text that an offset of the stored file lies in, and those around it, numbered as in the decoded text;
/// empty if no view has that encoding there.
pub fn context(views: &[View<'_>], encodings: &str, offset: u64) -> Vec<ContextLine> {
    let mut of_encodings =
        views.iter().filter(|view| view.encodings == encodings && view.stored_offset(0) <= offset + 2);
    let Some(view) = of_encodings.next_back() else { return Vec::new() };
    let bytes = &view.bytes[..];
    let at = view.position_of(offset).min(bytes.len());
    let line = memchr::memchr_iter(b'\n', &bytes[..at]).count();
    let into = at - memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let lines = bytes.split(|&byte| byte == b'\n').enumerate().skip(line.saturating_sub(CONTEXT));
    lines
        .take(line.min(CONTEXT) + CONTEXT + 1)
        .map(|(number, text)| {
            let marked = number == line;
            ContextLine { number: number as u64 + 1, text: window(text, if marked { into } else { 0 }), marked }
        })
        .collect()
}

/// A line no longer than is readable: its beginning, if that holds the place that matters, or what is around it.
fn window(line: &[u8], place: usize) -> String {
    let from = if place + WIDTH / 4 <= WIDTH { 0 } else { place - WIDTH / 4 };
    let to = line.len().min(from + WIDTH);
    let text = String::from_utf8_lossy(&line[from.min(to)..to]);
    let before = if from > 0 { "... " } else { "" };
    let after = if to < line.len() { " ..." } else { "" };
    format!("{before}{}{after}", text.trim_end())
}
