//! The server code of a page for people: line by line, original and folded, with the lines of each behaviour marked.

use super::facts::{Facts, Shown};
use super::{behaviours, is_logon_script, runs};
use crate::code::flow::value::Constant;
use crate::code::lex::{Tokens, lex};
use crate::code::reading::{Budget, Reading, read};
use crate::code::structure::Language;
use crate::code::token::{Interner, Kind};
use crate::code::tree::Node;
use crate::decode::View;
use crate::detect::ScanContext;
use crate::model::{Artefact, CodeLine, Listing, LocationRole};
use std::collections::BTreeMap;
use std::ops::Range;

/// A page of so many lines of code is shown whole.
const WHOLE: usize = 80;
/// How many lines are shown around a marked one of a longer page.
const AROUND: usize = 2;
/// How many lines are shown at most.
const MOST: usize = 400;
/// How much of a line is read.
const WIDTH: usize = 2000;

/// The server code of the views of a file: of those that show a behaviour, or of the first that has any.
pub fn listings(artefact: &Artefact, views: &[View<'_>]) -> Vec<Listing> {
    let context = ScanContext::new(views);
    let mut quiet = None;
    let mut found = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (at, view) in views.iter().enumerate() {
        if !runs(artefact, &context, at, view) && !is_logon_script(artefact, view) {
            continue;
        }
        let reading = read(&view.bytes, super::name_of(artefact, view), Budget::default());
        let facts = Facts { reading: &reading };
        let shown: Vec<(&str, Shown)> = behaviours()
            .filter(|behaviour| behaviour.check.score > 0)
            .map(|behaviour| (behaviour.check.name(), (behaviour.shows)(&facts)))
            .filter(|(_, shown)| !shown.is_empty())
            .collect();
        // What an outer view showed already needs no second listing.
        if shown.iter().any(|(id, _)| !seen.contains(id)) {
            seen.extend(shown.iter().map(|(id, _)| *id));
            found.push(listing(&reading, view, &shown));
        } else if quiet.is_none() && reading.code > 0 {
            quiet = Some(listing(&reading, view, &[]));
        }
    }
    if found.is_empty() { quiet.into_iter().collect() } else { found }
}

fn listing(reading: &Reading, view: &View<'_>, shown: &[(&str, Shown)]) -> Listing {
    let bytes = &view.bytes[..];
    let starts: Vec<usize> = std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|end| end + 1)).collect();
    let line_of = |at: usize| starts.partition_point(|&start| start <= at).saturating_sub(1);
    let marks = marks(reading, shown, line_of);
    let code = code_lines(reading, &marks, line_of);
    let near = |line: usize| marks.range(line.saturating_sub(AROUND)..=line + AROUND).next().is_some();
    let all = code.len() <= WHOLE;
    let kept: Vec<usize> = code.into_iter().filter(|&line| all || near(line)).take(MOST).collect();
    let reads = reads(reading, view, &starts, &kept);
    let line_text = |line: usize| {
        let start = starts[line];
        let end = starts.get(line + 1).map_or(bytes.len(), |next| next - 1);
        String::from_utf8_lossy(&bytes[start..end.min(start + WIDTH).max(start)]).trim_end().to_owned()
    };
    let lines = kept
        .iter()
        .map(|&line| CodeLine {
            number: line as u64 + 1,
            text: line_text(line),
            reads: reads.get(&line).filter(|reads| differs(reads, &line_text(line))).cloned(),
            marks: marks.get(&line).cloned().unwrap_or_default(),
        })
        .filter(|line| !line.text.trim().is_empty())
        .collect();
    Listing { encodings: view.encodings.clone(), languages: languages(reading), lines }
}

/// By line, the behaviours that it takes part in.
fn marks(reading: &Reading, shown: &[(&str, Shown)], line_of: impl Fn(usize) -> usize) -> BTreeMap<usize, Vec<String>> {
    let mut marks: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut mark = |range: Range<usize>, role: LocationRole, id: &str| {
        let text = match role {
            LocationRole::Sink => id.to_owned(),
            role => format!("{id} ({})", role.name()),
        };
        let line = marks.entry(line_of(range.start)).or_default();
        if !line.contains(&text) && line.len() < 8 {
            line.push(text);
        }
    };
    for (id, trigger) in shown.iter().flat_map(|(id, triggers)| triggers.iter().map(move |trigger| (id, trigger))) {
        if let Some(range) = trigger.range(reading) {
            mark(range, LocationRole::Sink, id);
        }
        let Some(event) = trigger.event(reading) else { continue };
        let step = event.main.step.or(event.second.step);
        for (number, step) in reading.data_flow(step).iter().enumerate() {
            let role = if number == 0 { LocationRole::Source } else { LocationRole::Step };
            mark(reading.range(step.node), role, id);
        }
    }
    marks
}

/// The lines that hold code, and those that are marked.
fn code_lines(reading: &Reading, marks: &BTreeMap<usize, Vec<String>>, line_of: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut code: Vec<usize> = Vec::new();
    for block in &reading.structure.blocks {
        let last = line_of(block.range.end.saturating_sub(1).max(block.range.start));
        let first = line_of(block.range.start).max(code.last().map_or(0, |last| last + 1));
        code.extend(first..=last);
    }
    for &line in marks.keys() {
        if let Err(at) = code.binary_search(&line) {
            code.insert(at, line);
        }
    }
    code
}

/// The languages of the code, in the order they come.
fn languages(reading: &Reading) -> Vec<&'static str> {
    let mut languages: Vec<&'static str> = Vec::new();
    for block in &reading.structure.blocks {
        let name = match block.language {
            Language::CSharp => "C#",
            Language::VisualBasic => "Visual Basic",
            Language::JScript => "JScript",
            Language::VbScript => "VBScript",
            Language::Php => "PHP",
            Language::Java => "Java",
        };
        if !languages.contains(&name) {
            languages.push(name);
        }
    }
    languages
}

/// Whether two lines say something else, blanks aside.
fn differs(reads: &str, text: &str) -> bool {
    let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    !squeeze(text).contains(&squeeze(reads))
}

/// How lines read: their tokens with one blank between them, and constants in the place of what puts them together.
fn reads(reading: &Reading, view: &View<'_>, starts: &[usize], kept: &[usize]) -> BTreeMap<usize, String> {
    let line_of = |at: usize| starts.partition_point(|&start| start <= at).saturating_sub(1);
    let mut out: BTreeMap<usize, String> = BTreeMap::new();
    let folded = folded(reading);
    let mut interner = Interner::default();
    let mut tokens = Tokens::default();
    for block in &reading.structure.blocks {
        let room = Budget::default().tokens;
        lex(&view.bytes, block.range.clone(), block.language, block.kind, &mut interner, &mut tokens, room);
    }
    let mut next = 0;
    let mut inside = 0;
    for token in &tokens.tokens {
        let at = token.start as usize;
        if matches!(token.kind, Kind::Block | Kind::Output | Kind::Binding | Kind::End) || at < inside {
            continue;
        }
        while folded.get(next).is_some_and(|(range, _)| range.end <= at) {
            next += 1;
        }
        let line = line_of(at);
        let piece = match folded.get(next) {
            Some((range, text)) if range.contains(&at) => {
                inside = range.end;
                next += 1;
                text.clone()
            }
            _ => String::from_utf8_lossy(&view.bytes[at..(token.end as usize).max(at)]).into_owned(),
        };
        if kept.binary_search(&line).is_err() {
            continue;
        }
        let reads = out.entry(line).or_default();
        if reads.len() < WIDTH {
            let tight =
                matches!(piece.as_str(), "." | "(" | ")" | "," | "[" | "]" | ";") || reads.ends_with(['.', '(', '[']);
            if !reads.is_empty() && !tight {
                reads.push(' ');
            }
            reads.push_str(&piece);
        }
    }
    out
}

/// The stretches of code that are a constant without being written as one, the outermost of each, in order.
fn folded(reading: &Reading) -> Vec<(Range<usize>, String)> {
    let nodes = reading.tree.nodes.iter().enumerate().take(reading.nested_from as usize);
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for (at, placed) in nodes {
        if !matches!(placed.node, Node::Binary(..) | Node::Call(..) | Node::Index(..) | Node::Cast(..)) {
            continue;
        }
        let Some(value) = reading.flow.values.get(at) else { continue };
        let Constant::Text(text) = value.constant else { continue };
        let bytes = reading.flow.texts.bytes(text);
        let shown = &bytes[..bytes.len().min(WIDTH / 4)];
        let more = if shown.len() < bytes.len() { "..." } else { "" };
        let text = format!("\"{}{more}\"", String::from_utf8_lossy(shown));
        found.push((placed.start as usize..placed.end as usize, text));
    }
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|(range, _)| {
        let outer = range.start >= end && range.end > range.start;
        if outer {
            end = range.end;
        }
        outer
    });
    found
}
