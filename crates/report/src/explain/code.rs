//! The code of a file, each line once: in the margin the numbers of the reasons that point to it, below it what they point at.

use super::super::frame::shown_with;
use super::super::text::{columns, plain, truncate};
use super::page::Page;
use crate::frame::shown;
use crate::model::explanation::{ContextLine, Explanation};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;

/// Columns of the numbers in the margin.
const MARGIN: usize = 12;
/// Columns in front of the code, and the least that code has beside them.
const CODE: usize = MARGIN + 9;
const LEAST: usize = 30;
/// Columns that are shown before the first place of a line that is too long.
const BEFORE: usize = 24;
/// Columns of a mark for what is left out.
const DOTS: usize = 4;
/// Places of a line that are underlined.
const PLACES: usize = 20;

/// The lines of one view, by their number.
#[derive(Default)]
struct View<'e> {
    languages: Vec<&'static str>,
    lines: BTreeMap<u64, Line<'e>>,
}

/// A line: its text, how it reads, what it shows, and the reasons that point to it.
#[derive(Default)]
struct Line<'e> {
    text: &'e str,
    reads: Option<&'e str>,
    marks: &'e [String],
    /// Counted from 1.
    reasons: BTreeSet<usize>,
    /// What they point at, in `text`.
    places: BTreeSet<(usize, usize)>,
}

/// The views that have code or a place that a reason points to, in the order in which they are named first.
fn views(file: &Explanation) -> Vec<(&str, View<'_>)> {
    let mut views: Vec<(&str, View<'_>)> = Vec::new();
    for listing in &file.listings {
        let view = view_of(&mut views, &listing.encodings);
        view.languages.clone_from(&listing.languages);
        for line in &listing.lines {
            let (text, reads, marks) = (line.text.as_str(), line.reads.as_deref(), line.marks.as_slice());
            view.lines.insert(line.number, Line { text, reads, marks, ..Line::default() });
        }
    }
    let reasons = file.finding.iter().flat_map(|finding| &finding.reasons);
    for (at, (reason, contexts)) in reasons.zip(&file.contexts).enumerate() {
        for (location, lines) in reason.locations.iter().zip(contexts) {
            if location.line.is_some() {
                let view = view_of(&mut views, &location.encodings);
                lines.iter().for_each(|line| add(view, line, at + 1));
            }
        }
    }
    views.retain(|(_, view)| !view.lines.is_empty());
    views
}

fn view_of<'v, 'e>(views: &'v mut Vec<(&'e str, View<'e>)>, encodings: &'e str) -> &'v mut View<'e> {
    let at = views.iter().position(|(known, _)| *known == encodings).unwrap_or_else(|| {
        views.push((encodings, View::default()));
        views.len() - 1
    });
    &mut views[at].1
}

/// Adds a line around a place; the line that has the place itself is marked with the reason.
fn add<'e>(view: &mut View<'e>, context: &'e ContextLine, reason: usize) {
    let line = view.lines.entry(context.number).or_insert_with(|| Line { text: &context.text, ..Line::default() });
    let Some(place) = &context.place else { return };
    line.reasons.insert(reason);
    // Of a long line, each place has its own part around it; a place of another part is not underlined here.
    if line.text == context.text && line.places.len() < PLACES && place.start < place.end {
        line.places.insert((place.start, place.end));
    }
}

/// All code.
pub(super) fn code(file: &Explanation, page: &mut Page<'_>) -> io::Result<()> {
    for (encodings, view) in views(file) {
        let languages =
            if view.languages.is_empty() { String::new() } else { format!(" ({})", view.languages.join(", ")) };
        page.line(&format!("\ncode   {}{languages}", plain(encodings)))?;
        let mut before = None;
        for (number, line) in &view.lines {
            if before.is_some_and(|before| *number > before + 1) {
                page.line(&format!("{:MARGIN$}   ...", ""))?;
            }
            before = Some(*number);
            one(*number, line, page)?;
        }
    }
    Ok(())
}

fn one(number: u64, line: &Line<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let (text, _) = shown_with(line.text, 0..0);
    let under = underlined(line);
    let room = page.style.width.map_or(usize::MAX, |width| width.saturating_sub(CODE).max(LEAST));
    // Of a line that is too long for the terminal, the part around the first place.
    let first = under.find('^').unwrap_or(0);
    let from = if columns(&text) > room && first + BEFORE > room { first.saturating_sub(BEFORE) } else { 0 };
    let (text, under) = (cut(&text, from, room, true), cut(&under, from, room, false));
    let numbers = numbers(&line.reasons);
    let blank = " ".repeat(MARGIN.saturating_sub(numbers.len()));
    let numbers = page.mark(&numbers);
    page.line(&format!("{blank}{numbers} {number:>5} | {text}"))?;
    if !under.trim().is_empty() {
        let under = page.warn(&under);
        page.line(&format!("{:MARGIN$}       | {under}", ""))?;
    }
    if let Some(reads) = line.reads {
        page.line(&format!("{:MARGIN$}       = {}", "", truncate(&shown(reads), room)))?;
    }
    line.marks.iter().try_for_each(|mark| page.line(&format!("{:MARGIN$}       ^ {}", "", plain(mark))))
}

/// So many columns of a text from a column on. `marked`: whether what is left out is marked, in the place of the text beside it.
fn cut(text: &str, from: usize, room: usize, marked: bool) -> String {
    let end = from.saturating_add(room);
    let (first, last) = match columns(text) {
        all if from == 0 && all <= end => return text.to_owned(),
        all if all <= end => (from + DOTS, end),
        _ if from == 0 => (0, end - DOTS),
        _ => (from + DOTS, end - DOTS),
    };
    let mut out = String::new();
    let mut at = 0;
    for c in text.chars() {
        let next = at + columns(c.encode_utf8(&mut [0; 4]));
        if at >= first && next <= last {
            out.push(c);
        } else if next > first && at < last {
            // Half of a wide character.
            out.push(' ');
        }
        at = next;
    }
    let (before, behind) = if marked { ("... ", " ...") } else { ("    ", "") };
    format!("{}{out}{}", if from > 0 { before } else { "" }, if at > end { behind } else { "" })
}

/// `1 2 5`, as many as the margin holds.
fn numbers(reasons: &BTreeSet<usize>) -> String {
    let mut text = String::new();
    for reason in reasons {
        let next = reason.to_string();
        if text.len() + 1 + next.len() > MARGIN - 2 {
            text.push_str(" +");
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&next);
    }
    text
}

/// Blanks and `^` below what the places cover.
fn underlined(line: &Line<'_>) -> String {
    let mut marks: Vec<Range<usize>> = Vec::new();
    for (start, end) in &line.places {
        let (text, place) = shown_with(line.text, *start..*end);
        let (Some(before), Some(inside)) = (text.get(..place.start), text.get(place)) else { continue };
        let from = columns(before);
        marks.push(from..from + columns(inside).max(1));
    }
    let end = marks.iter().map(|mark| mark.end).max().unwrap_or(0);
    (0..end).map(|at| if marks.iter().any(|mark| mark.contains(&at)) { '^' } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;
    use shellsift_code::decode::{Effort, context, views};

    /// The line of the first place of a word in a text, and what is below it.
    fn of(text: &str, word: &str) -> (String, String) {
        let views = views(text.as_bytes(), 0, Effort::Quick).views;
        let offset = text.find(word).expect("is in it") as u64;
        let location = Location { length: word.len() as u64, offset, ..Location::whole(0, "") };
        let lines = context(&views, &location);
        let mut view = View::default();
        lines.iter().for_each(|line| add(&mut view, line, 1));
        let line = view.lines.values().find(|line| !line.places.is_empty()).expect("a place");
        (shown(line.text), underlined(line))
    }

    #[test]
    fn tabs_wide_characters_and_line_ends_leave_the_underline_where_it_belongs() {
        let (line, under) = of("a\r\n\tb(\u{65e5}\u{672c}, evil)\r\nc", "evil");
        assert_eq!((line.as_str(), under.as_str()), ("    b(\u{65e5}\u{672c}, evil)", "            ^^^^"));
        assert_eq!(of("a\rb evil", "evil").0, "a<U+000D>b evil");
    }

    #[test]
    fn nothing_of_the_text_moves_the_cursor_and_long_lines_are_truncated() {
        let text = format!("{}\u{1b}[31m evil {}", "x".repeat(1 << 20), "y".repeat(1 << 20));
        let (line, under) = of(&text, "evil");
        assert!(line.len() < 600 && under.len() < 600 && !line.contains('\u{1b}'), "{line}");
        assert!(line.contains("<U+001B>[31m evil") && under.ends_with("^^^^"), "{line}\n{under}");
    }

    #[test]
    fn a_line_that_is_too_long_for_the_terminal_is_cut_around_its_first_place() {
        let text = format!("{}evil{}", "x".repeat(60), "y".repeat(60));
        let under = format!("{}^^^^", " ".repeat(60));
        let (line, marks) = (cut(&text, 36, 50, true), cut(&under, 36, 50, false));
        assert_eq!(line, format!("... {}evil{} ...", "x".repeat(20), "y".repeat(18)));
        assert_eq!(line.find("evil"), marks.find("^^^^"), "{line}\n{marks}");
        assert_eq!((columns(&line), cut(&text, 0, 200, true)), (50, text.clone()));
        assert_eq!(cut(&text, 0, 50, true), format!("{} ...", "x".repeat(46)));
        // A wide character that is cut in two leaves the others in their place.
        let wide = format!("{}evil", "\u{65e5}".repeat(30));
        let line = cut(&wide, 37, 40, true);
        assert_eq!((columns(&line), line.ends_with("evil")), (27, true), "{line}");
    }

    #[test]
    fn the_margin_holds_its_numbers() {
        assert_eq!(numbers(&(1..4).collect()), "1 2 3");
        assert!(numbers(&(1..100).collect()).len() <= MARGIN, "{}", numbers(&(1..100).collect()));
    }
}
