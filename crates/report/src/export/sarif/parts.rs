//! The parts of SARIF results: rules, artifacts, locations.

use super::super::facts::Technique;
use super::super::json::set;
use crate::case::Entry;
use crate::model::LocationRole;
use crate::record::{File, FindingBody, LineRecord, LocationRecord, ReasonRecord};
use crate::text::plain;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The rules of a run, in the order in which they first occur.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) list: Vec<Value>,
    places: HashMap<String, usize>,
}

impl Rules {
    /// Adds a rule, unless it is there. Without a title its name says what it is.
    pub(super) fn add(&mut self, id: &str, title: Option<&str>, reference: Option<&str>) {
        if self.places.contains_key(id) {
            return;
        }
        self.places.insert(id.to_owned(), self.list.len());
        let name = id.rsplit('/').next().unwrap_or(id);
        let title = title.map_or_else(|| name.replace('_', " "), str::to_owned);
        let mut rule = json!({
            "id": plain(id), "name": plain(name), "shortDescription": {"text": message(&title)},
        });
        set(&mut rule, "helpUri", reference.filter(|reference| is_web_address(reference)));
        self.list.push(rule);
    }

    /// The place of a rule.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }
}

/// Whether it is a web address in the characters that a URI has (RFC 3986).
fn is_web_address(text: &str) -> bool {
    let is_of_a_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_of_a_uri))
}

/// Text for `message.text`: neither a placeholder nor a link (sections 3.11.5 and 3.11.6 of the standard).
pub(super) fn message(text: &str) -> String {
    let mut out = plain(text).replace('{', "{{").replace('}', "}}");
    if out.contains("](") {
        out = out.replace('[', "\\[").replace(']', "\\]");
    }
    if out.trim().is_empty() { "(no text)".to_owned() } else { out }
}

/// A technique as an entry of the taxonomy.
pub(super) fn taxon(technique: &Technique<'_>) -> Value {
    json!({"id": technique.id, "name": plain(technique.name), "helpUri": technique.url()})
}

/// A path of the server as a `file:` URI (RFC 8089).
pub(super) fn uri(path: &str) -> String {
    let mut chars = path.chars();
    let drive = chars.next().filter(char::is_ascii_alphabetic).filter(|_| chars.next() == Some(':'));
    let (mut uri, rest, separator) = match drive {
        Some(letter) => (format!("file:///{letter}:/"), path.get(2..).unwrap_or_default(), '\\'),
        None if path.starts_with('/') => ("file:///".to_owned(), path, '/'),
        None => ("file:///".to_owned(), path, '\\'),
    };
    for (index, name) in rest.split(separator).filter(|name| !name.is_empty()).enumerate() {
        if index > 0 {
            uri.push('/');
        }
        for byte in name.bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
                byte => {
                    let _ = write!(uri, "%{byte:02X}");
                }
            }
        }
    }
    uri
}

/// A file.
pub(super) fn place(path: &str, index: Option<usize>) -> Value {
    let mut artifact = json!({"uri": uri(path)});
    set(&mut artifact, "index", index);
    json!({"physicalLocation": {"artifactLocation": artifact}})
}

/// A place in a file.
pub(super) fn location(path: &str, index: Option<usize>, at: &LocationRecord, text: Option<&str>) -> Value {
    let mut location = place(path, index);
    // A reason that is about the name or the metadata has no place in the content.
    if at.encodings != "name"
        && let (Ok(offset), Ok(length)) = (i64::try_from(at.offset), i64::try_from(at.length))
    {
        let mut region = json!({"byteOffset": offset, "byteLength": length});
        set(&mut region, "startLine", at.line.filter(|line| *line > 0).and_then(|line| i64::try_from(line).ok()));
        let excerpt = plain(&at.excerpt);
        set(&mut region, "snippet", (!excerpt.is_empty()).then(|| json!({"text": excerpt})));
        if !matches!(at.encodings.as_str(), "stored" | "") {
            let how = format!("after decoding: {}", at.encodings);
            set(&mut region, "message", Some(json!({"text": message(&how)})));
        }
        if let Some(physical) = location.get_mut("physicalLocation") {
            set(physical, "region", Some(region));
        }
    }
    set(&mut location, "message", text.map(|text| json!({"text": message(text)})));
    location
}

/// A line of a log; the record of an event log has no line.
pub(super) fn line(line: &LineRecord) -> Value {
    let mut location = place(&line.path, None);
    let is_event = line.is_event();
    let number = i64::try_from(line.line).ok().filter(|number| *number > 0);
    if let Some(number) = number.filter(|_| !is_event) {
        let region = json!({"startLine": number, "snippet": {"text": plain(&line.excerpt)}});
        if let Some(physical) = location.get_mut("physicalLocation") {
            set(physical, "region", Some(region));
        }
    }
    let mut words = Vec::new();
    if line.deleted {
        words.push("deleted log".to_owned());
    }
    if let Some(member) = &line.member {
        words.push(format!("in {member}"));
    }
    if is_event {
        words.push(format!("event record {}: {}", line.line, line.excerpt));
    }
    set(&mut location, "message", (!words.is_empty()).then(|| json!({"text": message(&words.join(", "))})));
    location
}

/// The way of request input from source to sink, if the reason has one.
pub(super) fn code_flows(path: &str, index: Option<usize>, reason: &ReasonRecord) -> Option<Value> {
    if reason.data_flow.is_empty() {
        return None;
    }
    let of = |role: LocationRole| {
        let has = move |at: &&LocationRecord| at.role.is_some_and(|word| word.0 == role);
        reason.locations.iter().filter(has)
    };
    let mut steps: Vec<Value> = Vec::new();
    let mut add = |at: Option<&LocationRecord>, text: &str| {
        let location = match at {
            Some(at) => location(path, index, at, Some(text)),
            None => json!({"message": {"text": message(text)}}),
        };
        steps.push(json!({"location": location}));
    };
    let (source, sink) = (reason.data_flow.first(), reason.data_flow.last());
    let name = |name: Option<&String>, role: &str| format!("{role}: {}", name.map(String::as_str).unwrap_or_default());
    for at in of(LocationRole::Source) {
        add(Some(at), &name(source, "source"));
    }
    let middle = reason.data_flow.len().saturating_sub(2);
    let mut places = of(LocationRole::Step);
    for passed in reason.data_flow.iter().skip(1).take(middle) {
        add(places.next(), &name(Some(passed), "step"));
    }
    for at in places {
        add(Some(at), "step");
    }
    for at in of(LocationRole::Sink) {
        add(Some(at), &name(sink, "sink"));
    }
    if steps.is_empty() {
        return None;
    }
    Some(json!({"message": {"text": message(&reason.title)}, "threadFlows": [{"locations": steps}]}))
}

/// Takes one hash of a file.
type HashOf = fn(Option<&File>) -> Option<&str>;

/// A file with its hashes.
pub(super) fn artifact(finding: &Entry<FindingBody>, hashes: [HashOf; 3]) -> Value {
    let file = finding.head.file.as_ref();
    let mut artifact = json!({"location": {"uri": uri(finding.path())}});
    let mut known = json!({});
    for (name, hash) in ["sha-256", "sha-1", "md5"].into_iter().zip(hashes) {
        set(&mut known, name, hash(file));
    }
    set(&mut artifact, "hashes", known.as_object().is_some_and(|known| !known.is_empty()).then_some(known));
    set(&mut artifact, "length", file.and_then(|file| file.size).and_then(|size| i64::try_from(size).ok()));
    let modified = file.and_then(|file| file.mtime).map(super::millis);
    set(&mut artifact, "lastModifiedTimeUtc", modified);
    artifact
}
