//! Parts of log lines: URLs as the web server interprets them, and times.

use crate::model::percent::{self, Escapes};
use crate::model::{Timestamp, server_path::fold};
use std::borrow::Cow;

/// Layers of percent-encoding that are undone: attackers hide words behind two, the web server undoes one and Exchange's
/// proxy another.
const LAYERS: usize = 3;

/// An address with its percent-encoding undone, layer by layer, in lower case. `%uXXXX` counts, as IIS reads it.
pub(super) fn decoded(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        match percent::decode_text(&text, Escapes::BytesAndUnits) {
            Some(once) => text = Cow::Owned(once),
            None => break,
        }
    }
    fold(&text)
}

/// The path that an address asks for, in the form in which two spellings are equal: decoded, in lower case, with single
/// slashes, `.` and `..` folded, and without the segments in which ASP.NET carries a session (`(S(...))`).
pub(super) fn clean_path(stem: &str) -> String {
    let text = decoded(stem).replace('\\', "/");
    let mut names: Vec<&str> = Vec::new();
    for name in text.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name if is_session(name) => {}
            name => names.push(name),
        }
    }
    format!("/{}", names.join("/"))
}

/// `(S(x))`, `(A(x)S(y)F(z))`: a session in the address (ASP.NET's cookieless forms).
fn is_session(name: &str) -> bool {
    let bytes = name.as_bytes();
    matches!(bytes, [b'(', kind, b'(', .., b')', b')'] if kind.is_ascii_alphabetic())
}

/// The ways in which a clean path may name a file: the whole of it, and each of its fronts that end in a name with an
/// extension, since what follows is handed to the page (`/x.aspx/more`). The shortest first.
pub(super) fn fronts(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    ends.filter_map(|end| {
        let front = path.get(..end)?;
        let name = front.rsplit('/').next().unwrap_or_default();
        (end == path.len() || name.contains('.')).then_some(front)
    })
}

/// The value of a parameter of a decoded query, up to the next `&`, `#` or `;`.
pub(super) fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let mut parts = query.split(['&', '?', '#', ';']);
    parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// Whether a text begins with these characters, whatever their case.
pub(super) fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with))
}

/// Where these ASCII characters stand in a text, whatever their case.
pub(super) fn find_folded(text: &str, what: &str) -> Option<usize> {
    let (text, what) = (text.as_bytes(), what.as_bytes());
    let (&first, _) = what.split_first()?;
    let last = text.len().checked_sub(what.len())?;
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text.get(..=last)?)
        .find(|&at| text.get(at..at + what.len()).is_some_and(|piece| piece.eq_ignore_ascii_case(what)))
}

/// The time at the start of a line: `2021-03-03T06:59:20.359Z`, `2021-03-03 06:59:20`. Exchange and IIS write UTC; the fraction
/// may be missing.
pub(super) fn time_at_start(line: &[u8]) -> Option<Timestamp> {
    let (date, clock) = (line.get(..10)?, line.get(11..)?);
    matches!(line.get(10), Some(b'T' | b' ' | b't')).then_some(())?;
    time_of(date, clock)
}

/// The time of a date `2021-03-03` and a clock `06:59:20.359`.
pub(super) fn time_of(date: &[u8], clock: &[u8]) -> Option<Timestamp> {
    let number = |text: &[u8]| {
        text.iter().try_fold(0i32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i32::from(digit - b'0')))
    };
    let ([y @ .., b'-', m1, m2, b'-', d1, d2], [h1, h2, b':', n1, n2, b':', s1, s2, rest @ ..]) = (date, clock) else {
        return None;
    };
    if y.len() != 4 {
        return None;
    }
    let two = |a: &u8, b: &u8| number(&[*a, *b]).and_then(|value| i8::try_from(value).ok());
    let day = jiff::civil::Date::new(i16::try_from(number(y)?).ok()?, two(m1, m2)?, two(d1, d2)?).ok()?;
    // A leap second is the first of the next minute.
    let second = two(s1, s2)?;
    let time = jiff::civil::Time::new(two(h1, h2)?, two(n1, n2)?, second.min(59), 0).ok()?;
    let whole = jiff::tz::TimeZone::UTC.to_timestamp(day.to_datetime(time)).ok()?.as_second();
    let mut nanos = 0;
    if let [b'.', digits @ ..] = rest {
        let mut unit = 100_000_000;
        for digit in digits.iter().take(9).take_while(|digit| digit.is_ascii_digit()) {
            nanos += u32::from(digit - b'0') * unit;
            unit /= 10;
        }
    }
    (second <= 60).then(|| Timestamp::new(whole + i64::from(second == 60), nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_server_reads_them() {
        assert_eq!(decoded("%2561%41%u0042%zz%"), "aab%zz%");
        for (stem, path) in [
            ("/OWA//auth/./x/../Y.aspx", "/owa/auth/y.aspx"),
            ("/owa/auth%2fy%2Easpx", "/owa/auth/y.aspx"),
            ("/owa/%252e%252e/y.aspx", "/y.aspx"),
            (r"/owa\auth\y.aspx", "/owa/auth/y.aspx"),
            ("/(S(abc))/owa/y.aspx", "/owa/y.aspx"),
            ("", "/"),
            ("/../..", "/"),
            ("/%FF.aspx", "/\u{fffd}.aspx"),
        ] {
            assert_eq!(clean_path(stem), path, "{stem}");
        }
        let all: Vec<&str> = fronts("/a/x.aspx/b/c").collect();
        assert_eq!(all, ["/a/x.aspx", "/a/x.aspx/b/c"]);
        assert_eq!(fronts("/").collect::<Vec<_>>(), ["/"]);
        assert_eq!(parameter("a=1&schema=oab#", "schema"), Some("oab"));
        assert_eq!(parameter("aschema=oab", "schema"), None);
        assert_eq!(
            (find_folded("abCDe", "cd"), find_folded("ab", "abc"), find_folded("aé", "É")),
            (Some(2), None, None)
        );
    }

    #[test]
    fn times_are_read_and_nonsense_is_none() {
        let show = |text: &str| time_at_start(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(show("2021-03-03T06:59:20.359Z,x").as_deref(), Some("2021-03-03T06:59:20.3590000Z"));
        assert_eq!(show("2021-03-03 06:59:20 10.0.0.5").as_deref(), Some("2021-03-03T06:59:20.0000000Z"));
        assert_eq!(show("2016-12-31 23:59:60 x").as_deref(), Some("2017-01-01T00:00:00.0000000Z"));
        for text in [
            "",
            "2021-02-30 00:00:00",
            "2021-03-03",
            "2021-03-03X00:00:00",
            "99999-1-1 00:00:00",
            "2021-03-03 25:00:00",
        ] {
            assert_eq!(show(text), None, "{text}");
        }
    }
}
