//! Pax headers: `LENGTH KEY=VALUE\n`, one after another. Format: POSIX.1-2017, pax, "pax Extended Header".

use crate::model::{Times, Timestamp};

/// What pax headers, and GNU's long names, say of a member.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pax {
    pub(super) name: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    /// The size of a sparse file with its holes.
    pub(super) real_size: Option<u64>,
    pub(super) is_sparse: bool,
    pub(super) times: Times,
}

impl Pax {
    /// Takes a header. `false` where it is malformed; what came before that stays.
    pub(super) fn take(&mut self, mut text: &[u8]) -> bool {
        while !text.is_empty() && text.iter().any(|byte| *byte != 0) {
            let Some((record, rest)) = record(text) else { return false };
            text = rest;
            let Some(at) = memchr::memchr(b'=', record) else { return false };
            let (key, value) = (&record[..at], &record[at + 1..]);
            self.set(key, value);
        }
        true
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        let number = || std::str::from_utf8(value).ok()?.parse::<u64>().ok();
        match key {
            b"path" if self.is_sparse && self.name.is_some() => {} // GNU.sparse.name came before, and this is made up
            b"path" => self.name = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => self.size = number(),
            b"mtime" => self.times.modified = time(value),
            b"atime" => self.times.accessed = time(value),
            b"ctime" => self.times.changed = time(value),
            b"LIBARCHIVE.creationtime" => self.times.created = time(value),
            b"GNU.sparse.name" => {
                self.is_sparse = true;
                self.name = Some(value.to_vec());
            }
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
                self.is_sparse = true;
                self.real_size = number();
            }
            key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
            _ => {}
        }
    }

    /// This, and of what it does not say what holds for all.
    pub(super) fn or(self, all: &Self) -> Self {
        Self {
            name: self.name.or_else(|| all.name.clone()),
            link: self.link.or_else(|| all.link.clone()),
            size: self.size.or(all.size),
            real_size: self.real_size,
            is_sparse: self.is_sparse,
            times: Times {
                created: self.times.created.or(all.times.created),
                modified: self.times.modified.or(all.times.modified),
                changed: self.times.changed.or(all.times.changed),
                accessed: self.times.accessed.or(all.times.accessed),
            },
        }
    }
}

/// The first record, without its length and its end, and what follows it.
fn record(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = memchr::memchr(b' ', text.get(..20).unwrap_or(text))?;
    let length: usize = std::str::from_utf8(&text[..blank]).ok()?.parse().ok()?;
    let record = text.get(blank + 1..length)?;
    Some((record.strip_suffix(b"\n")?, text.get(length..)?))
}

/// Seconds since 1970 with a fraction, negative before.
fn time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanos: u32 = digits.parse().ok()?;
    match (whole.starts_with('-'), nanos) {
        (true, 1..) => Some(Timestamp::new(seconds.checked_sub(1)?, 1_000_000_000 - nanos)),
        _ => Some(Timestamp::new(seconds, nanos)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(records: &[(&str, &str)]) -> Vec<u8> {
        let record = |(key, value): &(&str, &str)| {
            let rest = format!(" {key}={value}\n");
            let length =
                (1..9).find(|digits| (rest.len() + digits).to_string().len() == *digits).expect("short") + rest.len();
            format!("{length}{rest}")
        };
        records.iter().map(record).collect::<String>().into_bytes()
    }

    #[test]
    fn records_are_read_and_malformed_ones_end_it() {
        let mut pax = Pax::default();
        assert!(pax.take(&header(&[("mtime", "1614754761.3071234567"), ("path", "a/b=c")])));
        assert_eq!(pax.name.as_deref(), Some(&b"a/b=c"[..]));
        assert_eq!(pax.times.modified, Some(Timestamp::new(1_614_754_761, 307_123_456)));
        for bad in
            [&b"99 path=x\n"[..], b"0 path=x\n", b"x", b"10 path=xyz", b"18446744073709551616 a=b\n", b"6 path\n"]
        {
            assert!(!Pax::default().take(bad), "{bad:?}");
        }
        assert!(Pax::default().take(b"") && Pax::default().take(&[0; 100]));
    }

    #[test]
    fn times_have_fractions_and_lie_before_1970_too() {
        assert_eq!(time(b"-0.5"), Some(Timestamp::new(-1, 500_000_000)));
        assert_eq!(time(b"-2"), Some(Timestamp::new(-2, 0)));
        assert_eq!(time(b"1.5"), Some(Timestamp::new(1, 500_000_000)));
        for bad in [&b""[..], b"x", b"1.x", b"1.-5", b"99999999999999999999"] {
            assert_eq!(time(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_sparse_member_has_its_own_name() {
        let mut pax = Pax::default();
        assert!(pax.take(&header(&[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.name", "w/real"),
            ("path", "made/up/1.1")
        ])));
        assert!(pax.is_sparse && pax.name.as_deref() == Some(b"w/real"));
    }
}
