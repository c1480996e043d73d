//! Markup tags, parsed as a browser would: a superset of what ASP.NET's own parser accepts.

use super::text::{blank, run};
use std::ops::Range;

/// An attribute of a tag: where its name lies and where its value, without the quotes. A value that is not there is empty.
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

/// A tag, but for its attributes.
pub(super) struct Tag {
    /// Where its name lies.
    pub(super) name: Range<usize>,
    /// Behind its `>`.
    pub(super) end: usize,
    /// Whether it ends in `/>`.
    pub(super) empty: bool,
}

/// Reads the tag that starts at `at`, where the text has a `<`, and puts its attributes in place of what `attributes` holds.
/// At most `reach` bytes are read; the error is where reading ended.
pub(super) fn read(text: &[u8], at: usize, reach: usize, attributes: &mut Vec<Attribute>) -> Result<Tag, usize> {
    attributes.clear();
    let text = &text[..text.len().min(at.saturating_add(reach))];
    let name = at + 1..run(text, at + 1, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'-'));
    let mut i = name.end;
    loop {
        i = run(text, i, blank);
        match text.get(i) {
            None => return Err(i),
            Some(b'>') => return Ok(Tag { name, end: i + 1, empty: text[i - 1] == b'/' }),
            Some(b'<') if text.get(i + 1) == Some(&b'%') => i = behind_block(text, i)?,
            // Where a tag opens, the one before it was none.
            Some(b'<') => return Err(i),
            Some(b'/' | b'"' | b'\'' | b'=') => i += 1,
            Some(_) => {
                let name = i..run(text, i, |b| !blank(b) && !matches!(b, b'=' | b'>' | b'/' | b'<' | b'"' | b'\''));
                let equals = run(text, name.end, blank);
                let (value, next) = match text.get(equals) {
                    Some(b'=') => value(text, run(text, equals + 1, blank))?,
                    _ => (name.end..name.end, equals),
                };
                i = next;
                attributes.push(Attribute { name, value });
            }
        }
    }
}

/// The value that starts at `at`, and what follows it.
fn value(text: &[u8], at: usize) -> Result<(Range<usize>, usize), usize> {
    let mut i = at;
    match text.get(at) {
        Some(&quote @ (b'"' | b'\'')) => {
            i += 1;
            // A block in the value may hold the same quotes.
            loop {
                match memchr::memchr2(quote, b'<', &text[i..]) {
                    None => return Err(text.len()),
                    Some(n) if text[i + n] == quote => return Ok((at + 1..i + n, i + n + 1)),
                    Some(n) if text.get(i + n + 1) == Some(&b'%') => i = behind_block(text, i + n)?,
                    Some(n) => i += n + 1,
                }
            }
        }
        Some(b'<') if text.get(at + 1) == Some(&b'%') => {
            i = behind_block(text, at)?;
            Ok((at..i, i))
        }
        _ => {
            i = run(text, at, |b| !blank(b) && !matches!(b, b'>' | b'<'));
            // `x=y/>`: the slash ends the tag.
            if i > at && text[i - 1] == b'/' && text.get(i) == Some(&b'>') {
                i -= 1;
            }
            Ok((at..i, i))
        }
    }
}

/// Behind the `%>` of the block that opens at `at`.
fn behind_block(text: &[u8], at: usize) -> Result<usize, usize> {
    memchr::memmem::find(&text[at..], b"%>").map(|n| at + n + 2).ok_or(text.len())
}
