//! Directives: `<%@ name attribute="value" %>`.

use super::Directive;
use super::text::{blank, run, string};

/// How far the end of a quoted value is looked for.
const VALUE_REACH: usize = 4096;
/// How many attributes are kept.
const MOST_ATTRIBUTES: usize = 256;
/// How many bytes may be out of place before it is no directive.
const MOST_ODD: usize = 16;

/// Reads the directive that opens at `at`; `inside` is where its text starts, behind the `@`. `None` if nothing there has a
/// name. What is read is never longer than the directive that is given.
pub(super) fn read(text: &[u8], at: usize, inside: usize, classic: bool) -> Option<Directive> {
    let mut directive = Directive { name: String::new(), attributes: Vec::new(), range: at..at };
    let mut i = inside;
    let mut odd = 0;
    loop {
        i = run(text, i, blank);
        let rest = text.get(i..).unwrap_or_default();
        if rest.starts_with(b"%>") {
            i += 2;
            break;
        }
        if rest.is_empty() || rest.starts_with(b"<%") || odd > MOST_ODD {
            break;
        }
        let end = run(text, i, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'-' | b'.'));
        if end == i {
            odd += 1;
            i += 1;
            continue;
        }
        let word = string(text, i..end).to_ascii_lowercase();
        i = end;
        let equals = run(text, i, blank);
        if text.get(equals) == Some(&b'=') {
            let (value, next) = value(text, run(text, equals + 1, blank), classic);
            i = next;
            if directive.attributes.len() < MOST_ATTRIBUTES {
                directive.attributes.push((word, value));
            }
        } else if directive.name.is_empty() && directive.attributes.is_empty() {
            directive.name = word;
        }
    }
    directive.range.end = i;
    (!directive.name.is_empty() || !directive.attributes.is_empty()).then_some(directive)
}

/// The value at `at`, and what follows it.
fn value(text: &[u8], at: usize, classic: bool) -> (String, usize) {
    if let Some(&quote @ (b'"' | b'\'')) = text.get(at) {
        let from = at + 1;
        let rest = &text[from..text.len().min(from + VALUE_REACH)];
        let close = memchr::memchr(quote, rest);
        let rest = &rest[..close.unwrap_or(rest.len())];
        match (close, memchr::memmem::find(rest, b"%>")) {
            (Some(close), None) => return (string(text, from..from + close), from + close + 1),
            // ASP.NET lets a quoted value hold `%>`; classic ASP does not. A `<` in it says that the quote was left open.
            (Some(close), Some(_)) if !classic && memchr::memchr(b'<', rest).is_none() => {
                return (string(text, from..from + close), from + close + 1);
            }
            (_, Some(stop)) => return (string(text, from..from + stop), from + stop),
            (None, None) => {
                let end = run(text, from, |b| !matches!(b, b'\r' | b'\n')).min(from + rest.len());
                return (string(text, from..end), end);
            }
        }
    }
    let mut end = run(text, at, |b| !blank(b) && !matches!(b, b'"' | b'\'' | b'<' | b'>'));
    if end > at && text[end - 1] == b'%' && text.get(end) == Some(&b'>') {
        end -= 1;
    }
    (string(text, at..end), end)
}
