//! Bytes of pages: blanks, runs, quotes, entities, and whether a body can be code at all. Every reader of pages uses them.

use std::ops::Range;

/// How many of each kind are kept.
pub(super) const MAX_KEPT: usize = 65_536;

/// Keeps one more, if there is room.
pub(super) fn keep<T>(list: &mut Vec<T>, one: T, truncated: &mut bool) {
    if list.len() < MAX_KEPT {
        list.push(one);
    } else {
        *truncated = true;
    }
}

/// Behind the run of bytes from `at` on that are `wanted`.
pub(super) fn run(text: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|&b| !wanted(b)).unwrap_or(rest.len())
}

/// White space of markup.
pub(super) fn blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0x0B | 0x0C)
}

/// Whether the text goes on with this at `at`, in any case.
pub(super) fn goes_on(text: &[u8], at: usize, with: &[u8]) -> bool {
    text.get(at..at.saturating_add(with.len())).is_some_and(|part| part.eq_ignore_ascii_case(with))
}

/// A stretch of the text as a string, bytes that are no UTF-8 replaced.
pub(super) fn string(text: &[u8], range: Range<usize>) -> String {
    String::from_utf8_lossy(text.get(range).unwrap_or_default()).into_owned()
}

/// The value with `&#67;` and `&#x43;` undone.
pub(super) fn without_entities(value: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        let number = behind.strip_prefix(b"#").filter(|_| first == b'&').and_then(|number| {
            let end = number.iter().take(64).position(|&b| b == b';')?;
            let digits = std::str::from_utf8(&number[..end]).ok()?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u8::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            Some((code, &number[end + 1..]))
        });
        match number {
            Some((code, behind)) => {
                plain.push(code);
                rest = behind;
            }
            None => plain.push(first),
        }
    }
    plain
}

/// Behind the end of a string whose text starts at `i`; two quotes in it are one.
pub(super) fn behind_verbatim(text: &[u8], mut i: usize) -> usize {
    while let Some(n) = text.get(i..).and_then(|rest| memchr::memchr(b'"', rest)) {
        i += n + 1;
        if text.get(i) != Some(&b'"') {
            return i;
        }
        i += 1;
    }
    text.len()
}

/// Whether the body of a block can be code at all, by its first `look` bytes: in a binary file the two bytes `<%` stand here
/// and there by chance. Code may hold control characters in its strings and comments, and text of any encoding, so a part of
/// them is let pass. A body with no letter or digit of ASCII must be `closed` and have no control characters, as `<% } %>` has
/// none.
pub(super) fn is_text(body: &[u8], look: usize, closed: bool) -> bool {
    let body = body.trim_ascii_start();
    // Encoded script is anything.
    if body.starts_with(b"#@~^") {
        return true;
    }
    let (mut odd, mut plain, mut blanks, mut words) = (0, 0, 0, 0);
    let head = &body[..body.len().min(look)];
    for &b in head {
        match b {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0C => blanks += 1,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => words += 1,
            0x00..0x20 | 0x7F => odd += 1,
            0x21..0x7F => plain += 1,
            0x80.. => {}
        }
    }
    let fits = if words == 0 {
        closed && !head.is_empty() && odd == 0
    } else {
        odd == 0 || odd * 10 <= head.len() && (plain + words + blanks) * 2 >= head.len()
    };
    fits || odd > 0 && is_padded(body, look)
}

/// How far behind its opening the text of a block is looked for that begins with something else.
const PADDING: usize = 1 << 16;

/// Whether a body is text with one or two characters of control in its blanks, as often as somebody likes: engines pass them
/// over. What is no text has many of them.
pub(crate) fn is_padded(body: &[u8], look: usize) -> bool {
    let mut controls: u32 = 0;
    let (mut plain, mut words, mut seen) = (0, 0, 0);
    for &b in body.iter().take(look.saturating_mul(PADDING / 256)) {
        match b {
            b'\t' | b'\n' | b'\r' | b' ' => continue,
            0x00..0x20 => {
                controls |= 1 << b;
                if controls.count_ones() > 2 {
                    return false;
                }
                continue;
            }
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => words += 1,
            0x21..0x7F => plain += 1,
            _ => {}
        }
        seen += 1;
        if seen >= look {
            break;
        }
    }
    words > 0 && (plain + words) * 2 >= seen
}
