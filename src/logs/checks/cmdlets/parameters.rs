//! The parameters of a cmdlet as Exchange logs them: `-Name "value" -Switch -List "a","b"`, the older `{Name=value,
//! List={a, b}}` of Exchange 2010, and the JSON of the audit log. They are attacker-controlled: a value may contain
//! quotation marks, hyphens or text that looks like the next parameter.

use serde_json::Value;

/// What is read of one text: as much as of a line, so that nothing is cut here of which the log is not said to be cut. Real ones are
/// a few hundred characters long.
const MOST: usize = 256 << 10;

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name without the hyphen, in lower case.
    pub name: String,
    /// Its values without their quotation marks; more than one for a list, none for a switch.
    pub values: Vec<String>,
}

/// Reads a text. Never fails: what fits no form gives no parameter.
pub fn read(text: &str) -> Vec<Parameter> {
    let end = text.char_indices().nth(MOST).map_or(text.len(), |(end, _)| end);
    let text = text[..end].trim();
    if text.starts_with("{\"") || text.starts_with('[') {
        return json(text);
    }
    match text.strip_prefix('{') {
        Some(old) => braced(old.strip_suffix('}').unwrap_or(old)),
        None => hyphened(text),
    }
}

fn hyphened(text: &str) -> Vec<Parameter> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = next_name(rest) {
        rest = &rest[start + 1..];
        let name_end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let after = after.strip_prefix(':').unwrap_or(after);
        let value_end = value_end(after);
        found.push(Parameter { name: name.to_ascii_lowercase(), values: items(&after[..value_end]) });
        rest = &after[value_end..];
    }
    found
}

/// Where the next `-Name` begins.
fn next_name(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| begins_name(bytes, at))
}

/// Whether a hyphen stands here with a letter behind it and a blank, or nothing, before it.
fn begins_name(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'-')
        && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
        && at.checked_sub(1).is_none_or(|before| bytes[before].is_ascii_whitespace())
}

/// Where a value ends: before the next parameter that stands outside quotation marks.
fn value_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut quoted = false;
    for at in 0..bytes.len() {
        if bytes[at] == b'"' {
            // A mark inside a value is not doubled by every version. It closes only where a value can end, and opens
            // only where one can begin.
            if quoted {
                quoted = !ends_value(&bytes[at + 1..]);
            } else {
                quoted = at.checked_sub(1).is_none_or(|b| matches!(bytes[b], b' ' | b'\t' | b',' | b'(' | b'{' | b':'));
            }
        } else if !quoted && begins_name(bytes, at) {
            return at;
        }
    }
    text.len()
}

/// Whether a value can end before these bytes: at the end, before a parameter or before what closes or goes on with a list.
fn ends_value(after: &[u8]) -> bool {
    let mut rest = after;
    while let [b' ' | b'\t' | b')' | b'}', more @ ..] = rest {
        rest = more;
    }
    match rest {
        [] => true,
        [b',', more @ ..] => more.trim_ascii_start().first() == Some(&b'"'),
        [b'-', letter, ..] => letter.is_ascii_alphabetic() && rest.len() < after.len(),
        _ => false,
    }
}

/// The values of a list, or the one value.
fn items(text: &str) -> Vec<String> {
    let text = text.trim();
    let inner = ["()", "{}"].iter().find_map(|pair| text.strip_prefix(&pair[..1])?.strip_suffix(&pair[1..]));
    let text = inner.unwrap_or(text).trim();
    if text.is_empty() {
        return Vec::new();
    }
    let Some(inside) = text.strip_prefix('"') else {
        let parts = if inner.is_some() { text.split(", ").collect() } else { vec![text] };
        return parts.into_iter().map(|item| item.trim().to_owned()).collect();
    };
    let inside = inside.strip_suffix('"').unwrap_or(inside);
    inside.split("\",\"").flat_map(|item| item.split("\", \"")).map(|item| item.replace("\"\"", "\"")).collect()
}

fn braced(text: &str) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for part in text.split(", ") {
        let (name, value) = part.split_once('=').unwrap_or(("", part));
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        match found.last_mut() {
            _ if is_name => found.push(Parameter { name: name.to_ascii_lowercase(), values: items(value) }),
            // A comma inside a value.
            Some(last) => last.values.push(part.trim_end_matches('}').to_owned()),
            None => {}
        }
    }
    found
}

/// The pairs `"Name":"...","Value":"..."` of a record of the audit log, also of one that is truncated.
fn json(text: &str) -> Vec<Parameter> {
    const NAME: &str = "\"Name\":";
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(NAME) {
        rest = &rest[at + NAME.len()..];
        let Some((name, behind)) = json_value(rest) else { continue };
        rest = behind;
        let value = behind.trim_start().strip_prefix(',').and_then(|text| text.trim_start().strip_prefix("\"Value\":"));
        let Some((value, behind)) = value.and_then(json_value) else { continue };
        rest = behind;
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let values = match &value {
            Value::Null => Vec::new(),
            Value::Array(items) => items.iter().map(plain).collect(),
            value => vec![plain(value)],
        };
        found.push(Parameter { name: plain(&name).to_ascii_lowercase(), values });
    }
    found
}

/// A text of a record of the audit log, by its name.
pub fn text_of(record: &str, name: &str) -> Option<String> {
    let mark = format!("\"{name}\":");
    let (value, _) = json_value(&record[record.find(&mark)? + mark.len()..])?;
    value.as_str().map(str::to_owned)
}

/// The JSON value at the start of a text, and what comes behind it. A string that is truncated ends where the text does.
fn json_value(text: &str) -> Option<(Value, &str)> {
    let read = |text: &str| {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let value = values.next()?.ok()?;
        Some((value, values.byte_offset()))
    };
    if let Some((value, end)) = read(text) {
        return Some((value, text.get(end..)?));
    }
    let inside = text.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let closed = inside.bytes().any(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    let (value, _) = (!closed).then(|| read(&format!("\"{}\"", inside.trim_end_matches('\\'))))??;
    Some((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_pairs(text: &str) -> Vec<(String, String)> {
        read(text).into_iter().map(|p| (p.name, p.values.join("|"))).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn parameters_are_distinguished() {
        for (text, expected) in [
            (r#"-Role "Mailbox Import Export" -User "a b""#, &[("role", "Mailbox Import Export"), ("user", "a b")][..]),
            (
                r#"-Confirm:$false -Name x -IncludeFolders "a","b" -Force"#,
                &[("confirm", "$false"), ("name", "x"), ("includefolders", "a|b"), ("force", "")],
            ),
            (r##"-IncludeFolders ("#Drafts#", "x") -Name "y""##, &[("includefolders", "#Drafts#|x"), ("name", "y")]),
            // A hyphen inside a value, marks inside a value, doubled and not.
            (r#"-Filter "Subject -eq 'x'" -Name "a -b""#, &[("filter", "Subject -eq 'x'"), ("name", "a -b")]),
            (
                r#"-ExternalUrl "http://f/<s l="J" r="s">" -Identity "1""#,
                &[("externalurl", r#"http://f/<s l="J" r="s">"#), ("identity", "1")],
            ),
            (r#"-ExternalUrl "a ""b"" c" -Identity "1""#, &[("externalurl", r#"a "b" c"#), ("identity", "1")]),
            ("{MailboxServer=SCEX02, Identity=DAG1}", &[("mailboxserver", "SCEX02"), ("identity", "DAG1")]),
            ("{Role=A, B, User=c}", &[("role", "A|B"), ("user", "c")]),
            (
                r#"[{"Name":"FilePath","Value":"\\\\fs1\\c$\\a \"Name\":\"x\",.pst"}, {"Name": "Confirm", "Value": false}]"#,
                &[("filepath", r#"\\fs1\c$\a "Name":"x",.pst"#), ("confirm", "false")],
            ),
            (
                r#"{"Id":"1","Parameters":[{"Name":"Member","Value":["a","b"]},{"Name":"A"},{"Name":"B","Value":null}"#,
                &[("member", "a|b"), ("b", "")],
            ),
            (
                r#"[{"Name":"A","Value":"1"},{"Name":"FilePath","Value":"\\\\fs1\"#,
                &[("a", "1"), ("filepath", r"\\fs1")],
            ),
            (r#"[{"Name":"A","Value":1, {"Name":"B","Value":tr"#, &[("a", "1")]),
            ("[", &[]),
            ("", &[]),
            ("no parameter", &[]),
            ("-", &[]),
        ] {
            assert_eq!(read_pairs(text), pairs(expected), "{text}");
        }
    }

    #[test]
    fn no_length_is_read_in_more_than_linear_time() {
        for piece in [
            "[\"Name\":\"",
            "[\"Name\":\"\\q\"",
            "[\"Name\":1,\"Value\":[",
            "\"",
            "-a \"",
            "-a",
            " -a ",
            "\"\" ",
            "\",\"",
            "{a=",
            ", ",
        ] {
            let text = piece.repeat(400_000 / piece.len());
            let start = std::time::Instant::now();
            read(&text);
            read(&format!("-a \"{text}"));
            assert!(start.elapsed().as_secs() < 5, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[-{}(),\" =a:é]{0,60}") {
            read(&text);
        }

        #[test]
        fn quoted_values_come_back(values in proptest::collection::vec("[a-z<>:/\\\\ .$]{1,12}", 1..5)) {
            let text: Vec<String> = values.iter().map(|value| format!("-P \"{}\"", value.trim())).collect();
            let read: Vec<String> = read(&text.join(" ")).into_iter().map(|p| p.values.concat()).collect();
            let expected: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
