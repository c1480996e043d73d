//! The user's list of findings that are known and accepted: by content, path or client, with a reason and, if wanted, until a day.

use crate::model::server_path::fold;
use crate::model::{Suppressed, Timestamp};
use crate::text::plain;
use std::collections::HashMap;

/// The columns of the file, in any order.
const COLUMNS: [&str; 6] = ["sha256", "path", "client", "host", "reason", "expires"];
/// What a pattern must have of letters and digits beside a drive letter: less would hide everything.
const LEAST: usize = 3;

/// A list of what is to be suppressed.
#[derive(Debug, Default)]
pub struct Suppressions {
    rows: Vec<Row>,
    /// The rows of each content, of those that name one.
    by_hash: HashMap<String, Vec<usize>>,
    /// The rows of each path without a wildcard, of those that name no content.
    by_path: HashMap<String, Vec<usize>>,
    /// The rows with a wildcard in the path and no content.
    patterns: Vec<usize>,
    /// The rows with a client.
    clients: Vec<usize>,
    /// The rows that are not applied any more, in words.
    expired: Vec<String>,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{name}, line {line}: {why}")]
pub struct SuppressError {
    /// The file.
    pub name: String,
    /// From 1.
    pub line: u64,
    /// What is wrong.
    pub why: String,
}

#[derive(Debug)]
struct Row {
    path: Option<Pattern>,
    client: Option<Pattern>,
    /// In lower case.
    host: Option<String>,
    what: Suppressed,
}

impl Suppressions {
    /// Reads a file: CSV with a line of column names, `#` for comments. `now`: rows that expired before are not applied.
    pub fn parse(bytes: &[u8], name: &str, now: Timestamp) -> Result<Self, SuppressError> {
        let error = |line: u64, why: String| SuppressError { name: name.to_owned(), line, why };
        let text = std::str::from_utf8(bytes).map_err(|utf8| {
            let line = bytes[..utf8.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            error(line, "not UTF-8".to_owned())
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
        // As spreadsheets of some countries write it.
        let separator = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
        let mut rows = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .delimiter(separator)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let of_csv = |bad: csv::Error| {
            let line = bad.position().map_or(1, csv::Position::line);
            let why = match bad.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("has {len} fields, and the line of column names {expected_len}")
                }
                _ => bad.to_string(),
            };
            error(line, why)
        };
        let header = rows.headers().map_err(of_csv)?.clone();
        let line = header.position().map_or(1, csv::Position::line);
        let mut columns = Vec::new();
        for column in &header {
            let known = COLUMNS.iter().position(|known| column.eq_ignore_ascii_case(known));
            let known = known.filter(|known| !columns.contains(known));
            columns.push(known.ok_or_else(|| {
                let all = COLUMNS.join(", ");
                error(line, format!("the column {:?} is unknown or there twice; columns are {all}", plain(column)))
            })?);
        }
        let mut list = Self::default();
        for row in rows.records() {
            let row = row.map_err(of_csv)?;
            let line = row.position().map_or(1, csv::Position::line);
            let mut cells: [&str; COLUMNS.len()] = Default::default();
            for (column, cell) in columns.iter().zip(&row) {
                cells[*column] = cell;
            }
            list.add(cells, line, now).map_err(|why| error(line, why))?;
        }
        if list.rows.is_empty() && list.expired.is_empty() {
            return Err(error(line, "no row suppresses anything".to_owned()));
        }
        Ok(list)
    }

    fn add(&mut self, cells: [&str; COLUMNS.len()], line: u64, now: Timestamp) -> Result<(), String> {
        let [sha256, path, client, host, reason, expires] =
            cells.map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
        let reason = reason.ok_or("has no reason")?.to_owned();
        let sha256 = sha256.map(str::to_ascii_lowercase);
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(text) = sha256.as_ref().filter(|text| !is_hash(text)) {
            return Err(format!("{:?} is no SHA-256", plain(text)));
        }
        let path = path.map(Pattern::parse).transpose()?;
        let client = client.map(Pattern::parse).transpose()?;
        match (sha256.is_some() || path.is_some(), client.is_some()) {
            (false, false) => return Err("names no sha256, path or client".to_owned()),
            (true, true) => return Err("names a file and a client: use a row for each".to_owned()),
            _ => {}
        }
        if let Some(text) = expires {
            let until =
                end_of(text).ok_or_else(|| format!("expires {:?}: use a day such as 2027-01-31", plain(text)))?;
            if until < now.seconds() {
                self.expired.push(format!("line {line} expired on {text} and is not applied ({})", plain(&reason)));
                return Ok(());
            }
        }
        let at = self.rows.len();
        match (&sha256, &path, &client) {
            (Some(sha256), ..) => self.by_hash.entry(sha256.clone()).or_default().push(at),
            (_, Some(path), _) => match path.literal() {
                Some(text) => self.by_path.entry(text.to_owned()).or_default().push(at),
                None => self.patterns.push(at),
            },
            _ => self.clients.push(at),
        }
        let what = Suppressed { reason, expires: expires.map(str::to_owned) };
        self.rows.push(Row { path, client, host: host.map(str::to_lowercase), what });
        Ok(())
    }

    /// Whether a found file is suppressed, and why.
    pub fn file(&self, host: Option<&str>, path: &str, sha256: Option<&str>) -> Option<&Suppressed> {
        let path = fold(path);
        let by_hash = sha256.and_then(|sha256| self.by_hash.get(sha256)).into_iter().flatten();
        let of_hash = by_hash.filter(|at| self.rows[**at].path.as_ref().is_none_or(|pattern| pattern.fits(&path)));
        let by_path = self.by_path.get(&path).into_iter().flatten();
        let by_pattern =
            self.patterns.iter().filter(|at| self.rows[**at].path.as_ref().is_some_and(|pattern| pattern.fits(&path)));
        self.first(host, of_hash.chain(by_path).chain(by_pattern))
    }

    /// Whether the hits of a client are suppressed, and why.
    pub fn client(&self, host: Option<&str>, client: &str) -> Option<&Suppressed> {
        if self.clients.is_empty() || client.is_empty() {
            return None;
        }
        let client = fold(client);
        let fits = |at: &&usize| self.rows[**at].client.as_ref().is_some_and(|pattern| pattern.fits(&client));
        self.first(host, self.clients.iter().filter(fits))
    }

    /// The first of these rows that is of this host.
    fn first<'s>(&'s self, host: Option<&str>, mut rows: impl Iterator<Item = &'s usize>) -> Option<&'s Suppressed> {
        let host = host.map(str::to_lowercase);
        let is_of_host = |row: &Row| row.host.is_none() || row.host == host;
        rows.find(|at| is_of_host(&self.rows[**at])).map(|at| &self.rows[*at].what)
    }

    /// How many rows are applied.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that are not applied any more, in words.
    pub fn expired(&self) -> &[String] {
        &self.expired
    }
}

/// The last second of a day, or a time of RFC 3339, in seconds since 1970.
fn end_of(text: &str) -> Option<i64> {
    let day = |text: &str| format!("{text}T23:59:59Z").parse::<jiff::Timestamp>().ok();
    let time = if text.len() == 10 { day(text) } else { text.parse().ok() };
    time.map(jiff::Timestamp::as_second)
}

/// Text in which `*` stands for any text, also none, compared without case.
#[derive(Debug)]
struct Pattern(Vec<String>);

impl Pattern {
    fn parse(text: &str) -> Result<Self, String> {
        let text = fold(text);
        let own = text.split_once(':').filter(|(drive, _)| drive.len() == 1).map_or(&*text, |(_, rest)| rest);
        if text.contains('*') && own.chars().filter(|c| c.is_alphanumeric()).count() < LEAST {
            return Err(format!("{:?} would suppress nearly everything", plain(&text)));
        }
        let mut parts: Vec<String> = Vec::new();
        for part in text.split('*') {
            // One after the other is as one.
            if !part.is_empty() || parts.last().is_none_or(|last| !last.is_empty()) {
                parts.push(part.to_owned());
            }
        }
        if text.ends_with('*') && parts.last().is_some_and(|last| !last.is_empty()) {
            parts.push(String::new());
        }
        Ok(Self(parts))
    }

    /// The text itself, where nothing stands for other text.
    fn literal(&self) -> Option<&str> {
        if let [only] = &self.0[..] { Some(only) } else { None }
    }

    /// In one pass over the text: each part at its first place behind the one before, the last one at the end.
    fn fits(&self, text: &str) -> bool {
        let (Some((first, parts)), Some(mut rest)) =
            (self.0.split_first(), self.0.first().and_then(|first| text.strip_prefix(first.as_str())))
        else {
            return false;
        };
        let Some((last, between)) = parts.split_last() else { return first.len() == text.len() };
        for part in between {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HASH: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// 2026-06-15
    fn now() -> Timestamp {
        Timestamp::new(1_781_481_600, 0)
    }

    fn parse(text: &str) -> Result<Suppressions, String> {
        Suppressions::parse(text.as_bytes(), "s.csv", now()).map_err(|error| error.to_string())
    }

    #[test]
    fn files_are_suppressed_by_content_or_path_on_their_host() {
        let list = parse(&format!(
            "# known pages\nreason,sha256,path,host,expires\n\
             our page,{},,,\nmaintenance,,C:\\inetpub\\*\\maint.aspx,,2026-06-15\n\
             both,{},C:\\both.aspx,,\none host,,C:\\h.aspx,MAIL01,\n",
            HASH.to_uppercase(),
            "b".repeat(64)
        ))
        .expect("a list");
        let why = |host: Option<&str>, path: &str, hash: &str| {
            list.file(host, path, Some(&hash.repeat(64))).map(|what| what.reason.clone())
        };
        assert_eq!(why(None, r"D:\x", "a").as_deref(), Some("our page"));
        assert_eq!(why(None, r"c:\INETPUB\a\b\Maint.ASPX", "c").as_deref(), Some("maintenance"));
        assert_eq!(why(None, r"C:\inetpub\maint.aspx", "c"), None, "a folder between");
        assert_eq!(why(None, r"C:\inetpub\a\maint.aspx.bak", "c"), None);
        assert_eq!(why(None, r"C:\BOTH.aspx", "b").as_deref(), Some("both"));
        assert_eq!(why(None, r"C:\both.aspx", "c"), None, "other content at the path");
        assert_eq!(why(None, r"C:\other.aspx", "b"), None, "the content at another path");
        assert_eq!(why(Some("mail01"), r"C:\h.aspx", "c").as_deref(), Some("one host"));
        assert_eq!((why(Some("MAIL02"), r"C:\h.aspx", "c"), why(None, r"C:\h.aspx", "c")), (None, None));
        assert!(list.file(None, r"C:\h.aspx", None).is_none());
    }

    #[test]
    fn clients_are_suppressed_by_their_text() {
        let list = parse("client;reason\n192.0.2.*;our scanner\n").expect("semicolons part cells too");
        assert!(list.client(None, "192.0.2.77").is_some() && list.client(None, "192.0.20.7").is_none());
        assert!(list.client(None, "").is_none() && list.file(None, "192.0.2.1", None).is_none());
    }

    #[test]
    fn what_expired_is_not_applied_and_said() {
        let list =
            parse("path,reason,expires\nC:\\a.aspx,old,2026-06-14\nC:\\b.aspx,today,2026-06-15\n").expect("a list");
        assert!(list.file(None, r"C:\a.aspx", None).is_none() && list.file(None, r"C:\b.aspx", None).is_some());
        assert_eq!(list.expired(), ["line 2 expired on 2026-06-14 and is not applied (old)"]);
        assert_eq!(list.len(), 1);
        let time = parse("path,reason,expires\nC:\\a.aspx,old,2026-06-15T00:00:01Z\n").expect("a list");
        assert!(time.expired().is_empty());
    }

    #[test]
    fn an_error_names_its_line() {
        for (text, error) in [
            ("path,reason\nC:\\a,\n", "s.csv, line 2: has no reason"),
            ("path,reason\n\n# x\nC:\\a,r\nC:\\b\n", "s.csv, line 5: has 1 fields, and the line of column names 2"),
            ("sha256,reason\nabc,r\n", "s.csv, line 2: \"abc\" is no SHA-256"),
            ("path,reason\n,r\n", "s.csv, line 2: names no sha256, path or client"),
            ("path,reason,expires\nC:\\a,r,31.01.2027\n", "use a day such as 2027-01-31"),
            ("path,reason,expires\nC:\\a,r,2027-02-30\n", "use a day such as 2027-01-31"),
            ("path,why\nC:\\a,r\n", "s.csv, line 1: the column \"why\" is unknown"),
            ("path,path,reason\n", "line 1: the column \"path\" is unknown or there twice"),
            ("path,reason\nC:\\*,r\n", "s.csv, line 2: \"C:\\\\*\" would suppress nearly everything"),
            ("path,reason\n", "no row suppresses anything"),
            ("", "line 1"),
            ("path,client,reason\nC:\\a,192.0.2.1,r\n", "names a file and a client"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.to_lowercase().contains(&error.to_lowercase()), "{message}");
        }
        let error =
            Suppressions::parse(b"path,reason\nC:\\\xff,r\n", "s.csv", now()).expect_err("not text").to_string();
        assert_eq!(error, "s.csv, line 2: not UTF-8");
    }

    #[test]
    fn a_pattern_takes_one_pass() {
        let many = Pattern::parse(&format!("abc{}b", "*a".repeat(2000))).expect("a pattern");
        let text = format!("abc{}", "a".repeat(2_000_000));
        let begin = std::time::Instant::now();
        assert!(!many.fits(&text));
        assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
    }

    proptest! {
        #[test]
        fn patterns_fit_what_a_slow_matcher_says(pattern in "abc[ab*]{0,8}", text in "abc[ab]{0,10}") {
            fn slow(pattern: &[u8], text: &[u8]) -> bool {
                match pattern.split_first() {
                    None => text.is_empty(),
                    Some((b'*', rest)) => (0..=text.len()).any(|at| slow(rest, &text[at..])),
                    Some((first, rest)) => text.first() == Some(first) && slow(rest, &text[1..]),
                }
            }
            let expected = slow(fold(&pattern).as_bytes(), fold(&text).as_bytes());
            prop_assert_eq!(Pattern::parse(&pattern).expect("a pattern").fits(&fold(&text)), expected);
        }

        #[test]
        fn no_file_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Suppressions::parse(&bytes, "x", now());
        }
    }
}
