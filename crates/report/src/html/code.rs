//! The code of a finding: each line once, with the numbers of the reasons that it is evidence of, and the data flow marked in it.

use super::environment::bounded;
use crate::model::LocationRole;
use crate::record::{LocationRecord, ReasonRecord};
use crate::text::code;
use serde::Serialize;
use std::ops::Range;

/// The longest excerpt that is shown, in characters; the program writes shorter ones.
const LONGEST: usize = 400;

/// Names of a data flow that are shown, and looked for in the code.
const FLOW: usize = 50;

/// As much of a data flow as is shown.
pub(super) fn shown_flow(data_flow: &[String]) -> &[String] {
    data_flow.get(..FLOW).unwrap_or(data_flow)
}

/// A line of code.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    /// The numbers of the reasons.
    reasons: String,
    /// Where it is: the line, or the offset in the stored file.
    at: String,
    /// The decodings between the stored bytes and the text; empty for none.
    encodings: String,
    /// Its roles in a data flow.
    roles: String,
    parts: Vec<Part>,
}

/// A part of a line, marked or not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    text: String,
    /// `source`, `step`, `sink`; empty where it is not marked.
    mark: &'static str,
}

/// A line while it is put together.
struct Draft<'r> {
    location: &'r LocationRecord,
    text: String,
    reasons: Vec<usize>,
    roles: Vec<LocationRole>,
    marks: Vec<(Range<usize>, LocationRole)>,
}

/// The lines of these reasons in the order of the file, no more than so many, and how many there are beside.
pub(super) fn lines(reasons: &[ReasonRecord], most: usize) -> (Vec<Line>, usize) {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut left_out = 0;
    for (number, reason) in reasons.iter().enumerate() {
        for location in reason.locations.iter().filter(|location| !location.excerpt.is_empty()) {
            let at = match drafts.iter().position(|draft| draft.has(location)) {
                Some(at) => at,
                None if drafts.len() >= most => {
                    left_out += 1;
                    continue;
                }
                None => {
                    drafts.push(Draft::new(location));
                    drafts.len() - 1
                }
            };
            if let Some(draft) = drafts.get_mut(at) {
                draft.add(number + 1, location, &reason.data_flow);
            }
        }
    }
    drafts.sort_by_key(|draft| (draft.location.encodings.as_str(), draft.location.line, draft.location.offset));
    (drafts.into_iter().map(Draft::done).collect(), left_out)
}

impl<'r> Draft<'r> {
    fn new(location: &'r LocationRecord) -> Self {
        let text = code(&bounded(&location.excerpt, LONGEST));
        Self { location, text, reasons: Vec::new(), roles: Vec::new(), marks: Vec::new() }
    }

    /// Whether this excerpt is of the same line and shows what the location is about.
    fn has(&self, location: &LocationRecord) -> bool {
        let own = self.location;
        if (own.line, own.encodings.as_str()) != (location.line, location.encodings.as_str()) {
            return false;
        }
        if own.offset == location.offset || own.excerpt == location.excerpt {
            return true;
        }
        // The place is in the middle of its excerpt.
        let length = location.excerpt.len();
        let middle = location.excerpt.char_indices().map(|(at, _)| at);
        let mut middle = middle.filter(|at| (length / 3..=length.div_ceil(3) * 2).contains(at));
        let (Some(start), Some(end)) = (middle.next(), middle.next_back()) else { return false };
        own.line.is_some() && location.excerpt.get(start..end).is_some_and(|middle| own.excerpt.contains(middle))
    }

    fn add(&mut self, reason: usize, location: &LocationRecord, data_flow: &[String]) {
        if self.reasons.last() != Some(&reason) {
            self.reasons.push(reason);
        }
        let Some(role) = location.role.map(|role| role.0) else { return };
        if !self.roles.contains(&role) {
            self.roles.push(role);
        }
        if let Some(range) = place(&self.text, location, role, data_flow) {
            self.marks.push((range, role));
        }
    }

    fn done(self) -> Line {
        let numbers: Vec<String> = self.reasons.iter().map(ToString::to_string).collect();
        let roles: Vec<&str> = self.roles.iter().map(|role| role.name()).collect();
        let location = self.location;
        Line {
            reasons: numbers.join(" "),
            at: match location.line {
                Some(line) => line.to_string(),
                None if location.offset == 0 => String::new(),
                None => format!("@{}", location.offset),
            },
            encodings: if location.encodings == "stored" { String::new() } else { location.encodings.clone() },
            roles: roles.join(", "),
            parts: parts(&self.text, self.marks),
        }
    }
}

/// Where in the shown excerpt the source, the step or the sink is: records have the excerpt around a place, and the names of the
/// data flow.
fn place(text: &str, location: &LocationRecord, role: LocationRole, data_flow: &[String]) -> Option<Range<usize>> {
    let find = |name: &String| {
        // What is shown of a name is not shorter than the name.
        let name = if name.len() <= text.len() { code(name) } else { String::new() };
        (!name.is_empty()).then(|| text.find(&name)).flatten().map(|start| start..start + name.len())
    };
    let found = match role {
        LocationRole::Source => data_flow.first().and_then(find),
        LocationRole::Sink => data_flow.last().and_then(find),
        LocationRole::Step => data_flow.get(1..data_flow.len().saturating_sub(1))?.iter().take(FLOW).find_map(find),
    }?;
    // The whole call or expression, where it is on this line.
    let end = usize::try_from(location.length).ok().and_then(|length| found.start.checked_add(length))?;
    let end = if text.is_char_boundary(end.min(text.len())) { end.min(text.len()) } else { found.end };
    Some(found.start..end.max(found.end))
}

/// A text in parts: of marks that overlap, the shorter one is shown.
fn parts(text: &str, mut marks: Vec<(Range<usize>, LocationRole)>) -> Vec<Part> {
    marks.sort_by_key(|(range, _)| range.len());
    let mut cuts: Vec<usize> = marks.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut parts: Vec<Part> = Vec::new();
    for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        let Some(piece) = text.get(*start..*end) else { continue };
        let mark = marks.iter().find(|(range, _)| range.start <= *start && *end <= range.end);
        let mark = mark.map_or("", |(_, role)| role.name());
        match parts.last_mut() {
            Some(last) if last.mark == mark => last.text.push_str(piece),
            _ => parts.push(Part { text: piece.to_owned(), mark }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(offset: u64, length: u64, line: u64, role: &str, excerpt: &str) -> serde_json::Value {
        let mut location = serde_json::json!({ "offset": offset, "length": length, "encodings": "stored", "line": line, "excerpt": excerpt });
        if !role.is_empty() {
            location["role"] = role.into();
        }
        location
    }

    fn reason(locations: &[serde_json::Value], flow: &[&str]) -> ReasonRecord {
        let reason = serde_json::json!({ "id": "behaviour/x", "kind": "behaviour", "score": 90, "title": "t", "locations": locations, "data_flow": flow });
        serde_json::from_value(reason).expect("a reason")
    }

    fn part(text: &str, mark: &'static str) -> Part {
        Part { text: text.to_owned(), mark }
    }

    #[test]
    fn source_and_sink_of_one_line_are_marked_in_it() {
        let text = r#"x(); run(Form["a"], 1); y()"#;
        let flow = [r#"Form["a"]"#, "run"];
        let both = [location(5, 17, 3, "sink", text), location(9, 9, 3, "source", text)];
        let (lines, left_out) = lines(&[reason(&both, &flow), reason(&both[..1], &[])], 10);
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!((line.reasons.as_str(), line.at.as_str(), line.roles.as_str()), ("1 2", "3", "sink, source"));
        let expected = [
            part("x(); ", ""),
            part("run(", "sink"),
            part(r#"Form["a"]"#, "source"),
            part(", 1)", "sink"),
            part("; y()", ""),
        ];
        assert_eq!((line.parts.as_slice(), left_out), (&expected[..], 0));
    }

    #[test]
    fn lines_come_in_order_each_once_and_what_is_too_much_is_counted() {
        let found = [location(90, 1, 9, "", "nine"), location(10, 1, 2, "", "two"), location(11, 1, 2, "", "two")];
        let (two, left_out) = lines(&[reason(&found, &[])], 10);
        assert_eq!((two.len(), two[0].at.as_str(), two[1].at.as_str(), left_out), (2, "2", "9", 0));
        assert_eq!(lines(&[reason(&found, &[])], 1).1, 2);
    }

    #[test]
    fn two_places_of_one_long_line_are_both_shown() {
        let found = [
            location(10, 4, 1, "", "aaaaaaaaaa evil bbbbbbbbbb"),
            location(90_000, 4, 1, "", "cccccccccc evil dddddddddd"),
        ];
        assert_eq!(lines(&[reason(&found, &[])], 10).0.len(), 2);
    }

    #[test]
    fn malicious_lengths_and_texts_mark_nothing_that_is_not_there() {
        let wide = "\u{65e5}\u{672c}run(\u{202e}\u{65e5})";
        for length in [0, 1, 2, 3, 5, u64::MAX] {
            let (lines, _) = lines(&[reason(&[location(0, length, 1, "sink", wide)], &["run"])], 10);
            let text: String = lines[0].parts.iter().map(|part| part.text.as_str()).collect();
            assert_eq!(text, "\u{65e5}\u{672c}run(<U+202E>\u{65e5})");
        }
        let long = "x".repeat(1 << 20);
        let (lines, _) = lines(&[reason(&[location(0, 1, 1, "", &long)], &[])], 10);
        assert!(lines[0].parts[0].text.len() < 500 && lines[0].parts[0].text.contains("more characters are not shown"));
    }
}
