//! Code frames: the lines around a place, with the place underlined.

use super::text::code;
use crate::model::LocationRole;
use crate::model::explanation::ContextLine;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// How many characters are shown of a line, in which control characters are spelled out.
const MAX_SHOWN: usize = 210;

/// Lines around a place, with the place underlined. Control characters are spelled out and long lines are truncated before anything is
/// drawn, so that a frame costs the same in every file.
pub(super) fn frame(lines: &[ContextLine], role: Option<LocationRole>) -> String {
    let (mut source, mut span) = (String::new(), 0..0);
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            source.push('\n');
        }
        let (text, place) = shown_with(&line.text, line.place.clone().unwrap_or_default());
        if line.place.is_some() {
            span = source.len() + place.start..source.len() + place.end;
        }
        source.push_str(&text);
    }
    let first = lines.first().map_or(1, |line| line.number as usize);
    let annotation = AnnotationKind::Primary.span(span).label(role.map(|role| role.name()));
    let snippet = Snippet::source(source).line_start(first).fold(false).annotation(annotation);
    // Lines are short enough by now; the renderer truncates none again.
    let renderer = Renderer::plain().decor_style(DecorStyle::Ascii).term_width(MAX_SHOWN * 4);
    renderer.render(&[Group::with_level(Level::INFO).element(snippet)])
}

/// A line as it may be shown.
pub(super) fn shown(line: &str) -> String {
    shown_with(line, 0..0).0
}

/// A line as it may be shown, and where the place stands in that.
fn shown_with(line: &str, place: Range<usize>) -> (String, Range<usize>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;
    use shellsift_code::decode::{Effort, context, views};

    /// The frame of the first place of a word in a text.
    fn of(text: &str, word: &str) -> Vec<String> {
        let views = views(text.as_bytes(), 0, Effort::Quick).views;
        let offset = text.find(word).expect("is in it") as u64;
        let location = Location { length: word.len() as u64, offset, ..Location::whole(0, "") };
        frame(&context(&views, &location), location.role).lines().map(str::to_owned).collect()
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
