//! Rows of what collectors write of the files they took: JSON lines and CSV, each row bounded, none kept.

use crate::model::Timestamp;
use std::io::{self, BufRead, Read};

/// How long a row may be.
const LONGEST: usize = 1 << 20;
/// How many fields of a row of CSV are read.
const FIELDS: usize = 256;

/// A row, by the names of its fields in lower case.
pub(super) type Row = Vec<(String, Field)>;

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    Text(String),
    Number(u64),
}

impl Field {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }

    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

/// Reads rows of JSON objects, one a line, and says how many lines are none.
pub(super) fn json(reader: impl Read, each: &mut dyn FnMut(&Row)) -> io::Result<usize> {
    let mut reader = io::BufReader::with_capacity(64 << 10, reader);
    let (mut line, mut bad) = (Vec::new(), 0);
    while read_row(&mut reader, &mut line, false)? {
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if text.is_empty() {
            continue;
        }
        match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(text) {
            Ok(object) => each(&fields(object)),
            Err(_) => bad += 1,
        }
    }
    Ok(bad)
}

fn fields(object: serde_json::Map<String, serde_json::Value>) -> Row {
    use serde_json::Value;
    let mut row = Row::new();
    for (name, value) in object {
        let field = match value {
            Value::String(text) => Field::Text(text),
            Value::Number(number) => match number.as_u64() {
                Some(number) => Field::Number(number),
                None => continue,
            },
            // What an upload says of itself (`Upload.Sha256`).
            Value::Object(inner) if name.eq_ignore_ascii_case("upload") => {
                row.extend(inner.into_iter().filter_map(|(name, value)| match value {
                    Value::String(text) => Some((name.to_lowercase(), Field::Text(text))),
                    _ => None,
                }));
                continue;
            }
            _ => continue,
        };
        row.push((name.to_lowercase(), field));
    }
    row
}

/// Reads rows of CSV (RFC 4180) by the names in its first row, and says how many are none.
pub(super) fn csv(reader: impl Read, each: &mut dyn FnMut(&Row)) -> io::Result<usize> {
    let mut reader = io::BufReader::with_capacity(64 << 10, reader);
    let (mut line, mut names, mut bad): (_, Option<Vec<String>>, _) = (Vec::new(), None, 0);
    while read_row(&mut reader, &mut line, true)? {
        let text = String::from_utf8_lossy(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line));
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            continue;
        }
        let values = split(text);
        let Some(names) = &names else {
            names = Some(values.iter().map(|name| name.trim().to_lowercase()).collect());
            continue;
        };
        if values.len() < names.len() {
            bad += 1;
            continue;
        }
        let row: Row = names.iter().cloned().zip(values.into_iter().map(Field::Text)).collect();
        each(&row);
    }
    Ok(bad)
}

/// The values of a row.
fn split(text: &str) -> Vec<String> {
    let (mut values, mut value, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                value.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => {
                values.push(std::mem::take(&mut value));
                if values.len() >= FIELDS {
                    return values;
                }
            }
            c => value.push(c),
        }
    }
    values.push(value);
    values
}

/// Reads the next row; `false` at the end. One that is too long comes cut, as none that can be read. `quotes`: a row goes on over the end
/// of a line that lies in quotes.
fn read_row(reader: &mut impl BufRead, row: &mut Vec<u8>, quotes: bool) -> io::Result<bool> {
    row.clear();
    let (mut any, mut is_open) = (false, false);
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = memchr::memchr(b'\n', piece);
        let taken = piece.get(..end.map_or(piece.len(), |end| end + 1)).unwrap_or_default();
        if row.len() < LONGEST {
            row.extend_from_slice(taken);
        }
        is_open ^= quotes && taken.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        let count = taken.len();
        reader.consume(count);
        // An open quote cannot swallow the rest of a file.
        if end.is_some() && (!is_open || row.len() >= LONGEST) {
            return Ok(true);
        }
    }
}

/// A time as collectors write it: `2021-03-03T06:59:21.3071234Z`, with an offset, or with a blank and no zone, which is UTC. `None` for
/// what is none, and for what stands for one that was not set: the first moments of the calendars of Go and NTFS.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse::<i64>().ok() } else { None }
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let bytes = text.as_bytes();
    let separators = [bytes.get(4)?, bytes.get(7)?, bytes.get(10)?, bytes.get(13)?, bytes.get(16)?];
    if !matches!(separators, [b'-', b'-', b'T' | b' ', b':', b':']) {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 || year < 1601
    {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut nanos = 0u32;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.len() - fraction.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let padded: String = fraction.get(..digits)?.chars().chain("000000000".chars()).take(9).collect();
        nanos = padded.parse().ok()?;
        rest = fraction.get(digits..)?;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset(rest.trim())?;
    let time = Timestamp::new(seconds, nanos);
    (time != Timestamp::new(-11_644_473_600, 0)).then_some(time)
}

/// Seconds east of UTC.
fn offset(text: &str) -> Option<i64> {
    let text = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let sign = match text.chars().next() {
        None | Some('Z' | 'z') if text.len() <= 1 => return Some(0),
        Some('+') => 1,
        Some('-') => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) =
        (digits.get(..2)?.parse::<i64>().ok()?, digits.get(2..4).unwrap_or("00").parse::<i64>().ok()?);
    (hours < 24 && minutes < 60 && digits.len() <= 4).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Days since 1970 of a date of the Gregorian calendar: years begin in March here, so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    of_years + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reader = fn(&[u8], &mut dyn FnMut(&Row)) -> io::Result<usize>;

    fn rows(text: &[u8], read: Reader) -> (Vec<Row>, usize) {
        let mut rows = Vec::new();
        let bad = read(text, &mut |row| rows.push(row.clone())).expect("read");
        (rows, bad)
    }

    #[test]
    fn lines_of_json_are_rows_and_others_are_counted() {
        let text =
            b"{\"SourceFile\":\"C:\\\\x\",\"Size\":7,\"More\":[1],\"Upload\":{\"sha256\":\"ab\"}}\n\n{\"a\n[1]\n7\n";
        let (rows, bad) = rows(text, |text, each| json(text, each));
        assert_eq!((rows.len(), bad), (1, 3));
        let text = |name: &str| rows[0].iter().find(|(its, _)| its == name).map(|(_, value)| value.clone());
        assert_eq!(text("sourcefile"), Some(Field::Text(r"C:\x".to_owned())));
        assert_eq!(text("size").and_then(|size| size.number()), Some(7));
        assert_eq!(text("sha256"), Some(Field::Text("ab".to_owned())));
        let deep = [b"{\"a\":".repeat(100_000), b"\n{}\n".to_vec()].concat();
        assert_eq!(super::json(deep.as_slice(), &mut |_| ()).expect("read"), 1, "no recursion without end");
    }

    #[test]
    fn csv_has_quotes_and_rows_are_bounded() {
        let text = "\u{feff}SourceFile,FileSize\r\n\"C:\\a, \"\"b\"\"\r\nc\",5\r\nshort\r\nC:\\d,6\r\n";
        let (found, bad) = rows(text.as_bytes(), |text, each| csv(text, each));
        assert_eq!((found.len(), bad), (2, 1));
        assert_eq!(found[0][0], ("sourcefile".to_owned(), Field::Text("C:\\a, \"b\"\r\nc".to_owned())));
        let open = ["a,b\n\"".to_owned(), "x\n".repeat(2 << 20), "1,2\n".to_owned()].concat();
        let (found, _) = rows(open.as_bytes(), |text, each| csv(text, each));
        assert!(found.len() < 5, "{}", found.len());
    }

    #[test]
    fn times_are_read_as_collectors_write_them() {
        let seven = Some(Timestamp::new(1_614_754_761, 307_123_400));
        for text in [
            "2021-03-03T06:59:21.3071234Z",
            "2021-03-03 06:59:21.3071234",
            "2021-03-03T08:59:21.3071234+02:00",
            "2021-03-03 01:59:21.3071234 -0500",
            "2021-03-03 06:59:21.3071234 +0000 UTC",
        ] {
            assert_eq!(time(text), seven, "{text}");
        }
        assert_eq!(time("1970-01-01T00:00:00Z"), Some(Timestamp::new(0, 0)));
        assert_eq!(time("1601-01-01T00:00:01Z"), Some(Timestamp::new(-11_644_473_599, 0)));
        assert_eq!(time("2000-02-29T12:00:00Z").map(Timestamp::seconds), Some(951_825_600));
        for text in [
            "0001-01-01T00:00:00Z",
            "1601-01-01T00:00:00Z",
            "",
            "yesterday",
            "2021-13-01T00:00:00Z",
            "2021-03-03T06:59:21X",
            "2021-03-03T06:59:21.5 é",
            "ééééééééééééééééééé",
            "2021-03-03T06:59",
            "+021-03-03T06:59:21Z",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
