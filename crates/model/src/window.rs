//! A time window of interest to the examiner.

use super::Timestamp;
use std::fmt;

/// From a moment, included, to another one, not included; either end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first moment inside.
    pub from: Option<Timestamp>,
    /// The first moment behind it.
    pub to: Option<Timestamp>,
}

impl Window {
    /// Whether a moment lies inside.
    pub fn holds(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }

    /// Reads `A..B`: each end a date (`2021-02-26`, the whole day in UTC, so that an end date is included), an RFC 3339
    /// time, or nothing. Errors say what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").ok_or("use A..B, each a date, an RFC 3339 time, or empty")?;
        let end = |text: &str| match text.trim() {
            "" => Ok(None),
            text => moment(text).map(Some),
        };
        let window = Self { from: end(from)?.map(|(first, _)| first), to: end(to)?.map(|(_, behind)| behind) };
        match (window.from, window.to) {
            (None, None) => Err("both ends are open".to_owned()),
            (Some(from), Some(to)) if from >= to => Err("it ends before it begins".to_owned()),
            _ => Ok(window),
        }
    }
}

/// The first moment that a text names, and the first one behind what it names.
fn moment(text: &str) -> Result<(Timestamp, Timestamp), String> {
    let stamp = |time: jiff::Timestamp| Timestamp::new(time.as_second(), 0);
    let midnight = |date: jiff::civil::Date| jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0));
    if text.len() == "2021-02-26".len()
        && let Ok(date) = text.parse::<jiff::civil::Date>()
        && let (Ok(first), Ok(next)) = (midnight(date), date.tomorrow().and_then(midnight))
    {
        return Ok((stamp(first), stamp(next)));
    }
    let time: jiff::Timestamp =
        text.parse().map_err(|_| format!("\"{text}\" is neither a date like 2021-02-26 nor an RFC 3339 time"))?;
    let nanos = time.subsec_nanosecond();
    // Before 1970 the fraction counts backward; ours counts forward.
    let (seconds, nanos) = match u32::try_from(nanos) {
        Ok(nanos) => (time.as_second(), nanos),
        Err(_) => (time.as_second() - 1, (1_000_000_000 + nanos).unsigned_abs()),
    };
    // An end that is a moment is included, like an end that is a day.
    let behind = if nanos == 999_999_999 { Timestamp::new(seconds + 1, 0) } else { Timestamp::new(seconds, nanos + 1) };
    Ok((Timestamp::new(seconds, nanos), behind))
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, "from {from} to before {to}"),
            (Some(from), None) => write!(f, "from {from} on"),
            (None, Some(to)) => write!(f, "before {to}"),
            (None, None) => f.write_str("at any time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        moment(text).expect("a time").0
    }

    #[test]
    fn both_ends_are_included_and_either_may_be_open() {
        for (window, inside, outside) in [
            ("2021-02-26..2021-03-10", "2021-03-10T23:59:59.9999999Z", "2021-03-11T00:00:00Z"),
            ("2021-02-26..", "2021-02-26T00:00:00Z", "2021-02-25T23:59:59.9999999Z"),
            ("..2021-03-10T12:00:00Z", "2021-03-10T12:00:00Z", "2021-03-10T12:00:00.0000001Z"),
            ("2021-03-03T06:00:00+02:00..2021-03-03", "2021-03-03T04:00:00Z", "2021-03-03T03:59:59Z"),
            (" 2021-03-03 .. 2021-03-03 ", "2021-03-03T00:00:00Z", "2021-03-04T00:00:00Z"),
            ("1969-12-31T23:59:59.5Z..1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.6Z"),
        ] {
            let parsed = Window::parse(window).expect(window);
            assert!(parsed.holds(time(inside)) && !parsed.holds(time(outside)), "{window}: {parsed}");
        }
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for text in [
            "",
            "..",
            "2021-02-26",
            "2021-03-10..2021-02-26",
            "yesterday..",
            "2021-02-30..",
            "2021-03-03T06:00..",
            "2021-02-26...2021-03-01",
            "99999-01-01..",
            "2021-02-26..2021-02-27..2021-02-28",
        ] {
            assert!(Window::parse(text).is_err(), "{text}");
        }
    }
}
