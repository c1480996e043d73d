//! Code frames: the lines around a place, with the place underlined.

use super::text::code;
use crate::decode::View;
use crate::model::Location;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// How many lines are shown on either side of a place.
const CONTEXT: usize = 2;
/// How much of a line is shown, in bytes of the text.
const WIDTH: usize = 200;
/// How many characters are shown of a line, in which control characters are spelled out.
const MAX_SHOWN: usize = WIDTH + 10;

/// The line of the decoded text that a location lies in, and those around it, numbered as in the decoded text. Control characters
/// are spelled out and long lines are truncated before anything is drawn, so that a frame costs the same in every file.
pub(super) fn frame(view: &View<'_>, location: &Location) -> String {
    let bytes = &view.bytes[..];
    let at = view.position_of(location.offset).min(bytes.len());
    let end = view.position_of(location.offset + location.length).clamp(at, bytes.len());
    let line = memchr::memchr_iter(b'\n', &bytes[..at]).count();
    let line_start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let first = line.saturating_sub(CONTEXT);
    let (mut source, mut span) = (String::new(), 0..0);
    let lines = bytes.split(|&byte| byte == b'\n').enumerate().skip(first).take(line - first + CONTEXT + 1);
    for (number, text) in lines {
        if number > first {
            source.push('\n');
        }
        let own = number == line;
        let place = if own { at - line_start..(end - line_start).min(text.len()) } else { 0..0 };
        let (text, place) = shown_with(text, place);
        if own {
            span = source.len() + place.start..source.len() + place.end;
        }
        source.push_str(&text);
    }
    let annotation = AnnotationKind::Primary.span(span).label(location.role.map(|role| role.name()));
    let snippet = Snippet::source(source).line_start(first + 1).fold(false).annotation(annotation);
    // Lines are short enough by now; the renderer truncates none again.
    let renderer = Renderer::plain().decor_style(DecorStyle::Ascii).term_width(MAX_SHOWN * 4);
    renderer.render(&[Group::with_level(Level::INFO).element(snippet)])
}

/// A line as it may be shown: its beginning, or what is around the place that matters.
pub(super) fn shown(line: &[u8]) -> String {
    shown_with(line, 0..0).0
}

/// A line as it may be shown, and where the place stands in that.
fn shown_with(line: &[u8], place: Range<usize>) -> (String, Range<usize>) {
    let from = if place.start + WIDTH / 4 <= WIDTH { 0 } else { place.start - WIDTH / 4 };
    let to = line.len().min(from + WIDTH);
    let piece = |range: Range<usize>| code(&String::from_utf8_lossy(&line[range.start.min(to)..range.end.min(to)]));
    let mut text = if from > 0 { "... ".to_owned() } else { String::new() };
    text.push_str(&piece(from..place.start));
    let start = text.len();
    text.push_str(&piece(place.start..place.end));
    let end = text.len();
    let rest = line[place.end.min(to)..to].trim_ascii_end();
    text.push_str(&code(&String::from_utf8_lossy(rest)));
    let mut truncated = to < line.len();
    if let Some((at, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(at);
        truncated = true;
    }
    let place = start.min(text.len())..end.min(text.len());
    if truncated {
        text.push_str(" ...");
    }
    (text, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Effort, views};

    /// The frame of the first place of a word in a text.
    fn of(text: &str, word: &str) -> Vec<String> {
        let views = views(text.as_bytes(), 0, Effort::Quick).views;
        let offset = text.find(word).expect("is in it") as u64;
        let location = Location { length: word.len() as u64, offset, ..Location::whole(0, "") };
        frame(&views[0], &location).lines().map(str::to_owned).collect()
    }

    #[test]
    fn tabs_wide_characters_and_line_ends_leave_the_underline_where_it_belongs() {
        assert_eq!(
            of("a\r\n\tb(\u{65e5}\u{672c}, evil)\r\nc", "evil")[1..4],
            ["1 | a", "2 |     b(\u{65e5}\u{672c}, evil)", "  |             ^^^^"]
        );
        let lone = of("a\rb evil", "evil");
        assert!(lone.iter().any(|line| line.contains("a<U+000D>b evil")), "{lone:?}");
    }

    #[test]
    fn nothing_of_the_text_moves_the_cursor_and_long_lines_are_truncated() {
        let text = format!("{}\u{1b}[31m evil {}", "x".repeat(1 << 20), "y".repeat(1 << 20));
        let frame = of(&text, "evil");
        assert!(frame.iter().all(|line| line.len() < 600 && !line.contains('\u{1b}')), "{frame:?}");
        assert!(frame.iter().any(|line| line.contains("<U+001B>[31m evil")), "{frame:?}");
    }
}
