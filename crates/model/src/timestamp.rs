//! A point in time as a file system gives it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds and nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Wider than any file system's range, since an attacker chooses the value: NTFS can hold the years 1601 to 60056.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// `nanos` counts forward from `seconds` and must be below 10^9; larger values are cut.
    pub fn new(seconds: i64, nanos: u32) -> Self {
        Self { seconds, nanos: nanos.min(999_999_999) }
    }

    /// From a FILETIME: units of 100 ns since 1601-01-01 (MS-DTYP 2.3.3). `None` for zero, which means "not set".
    pub fn from_filetime(ticks: u64) -> Option<Self> {
        const SECONDS_1601_TO_1970: i64 = 11_644_473_600;
        if ticks == 0 {
            return None;
        }
        let seconds = i64::try_from(ticks / 10_000_000).ok()? - SECONDS_1601_TO_1970;
        Some(Self::new(seconds, (ticks % 10_000_000) as u32 * 100))
    }

    /// As a FILETIME, to 100 ns. `None` before 1601 and beyond what it can hold.
    pub fn to_filetime(self) -> Option<u64> {
        let seconds = u64::try_from(self.seconds.checked_add(11_644_473_600)?).ok()?;
        seconds.checked_mul(10_000_000)?.checked_add(u64::from(self.nanos / 100))
    }

    /// Whether it lies in the years 1601 (where FILETIME begins) to 9999 (where RFC 3339 ends, and `jiff` a day before that): what
    /// date fields of other programs can hold.
    pub fn is_plausible(self) -> bool {
        const YEAR_1601: i64 = -11_644_473_600;
        (YEAR_1601..=jiff::Timestamp::MAX.as_second()).contains(&self.seconds)
    }

    /// This many seconds later.
    pub fn plus_seconds(self, seconds: f64) -> Self {
        let nanos = u64::from(self.nanos) + (seconds.max(0.0) * 1e9) as u64;
        Self::new(self.seconds.saturating_add((nanos / 1_000_000_000) as i64), (nanos % 1_000_000_000) as u32)
    }

    /// Seconds since 1970 with nine decimals.
    pub fn unix_text(self) -> String {
        format!("{}.{:09}", self.seconds, self.nanos)
    }

    /// The present moment of this machine's clock.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// The part below a second, in nanoseconds.
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// Whole seconds since 1970, negative before.
    pub fn seconds(self) -> i64 {
        self.seconds
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::new(i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
            Err(before) => {
                let before: Duration = before.duration();
                let seconds = -i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                match before.subsec_nanos() {
                    0 => Self::new(seconds, 0),
                    nanos => Self::new(seconds.saturating_sub(1), 1_000_000_000 - nanos),
                }
            }
        }
    }
}

/// RFC 3339 in UTC. Seven fractional digits, NTFS's precision, unless the source gave more. An implausible time is shown as it is
/// stored: `Unix time 253402300800.000000000`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_second(self.seconds).ok().filter(|_| self.is_plausible());
        let Some(time) = time else { return write!(f, "Unix time {}", self.unix_text()) };
        let civil = jiff::tz::TimeZone::UTC.to_datetime(time);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second()
        )?;
        if self.nanos.is_multiple_of(100) {
            write!(f, ".{:07}Z", self.nanos / 100)
        } else {
            write!(f, ".{:09}Z", self.nanos)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_times_come_back() {
        for ticks in [1, 132_592_283_613_071_234, u64::MAX / 2] {
            assert_eq!(Timestamp::from_filetime(ticks).and_then(Timestamp::to_filetime), Some(ticks));
        }
        assert_eq!(Timestamp::new(i64::MIN, 0).to_filetime(), None);
        assert_eq!(Timestamp::new(i64::MAX, 0).to_filetime(), None);
    }

    #[test]
    fn ntfs_times_keep_seven_digits_and_finer_sources_keep_nine() {
        assert_eq!(Timestamp::new(1_614_754_761, 307_123_400).to_string(), "2021-03-03T06:59:21.3071234Z");
        assert_eq!(Timestamp::new(0, 1).to_string(), "1970-01-01T00:00:00.000000001Z");
    }

    #[test]
    fn a_filetime_is_read_and_zero_means_not_set() {
        assert_eq!(
            Timestamp::from_filetime(132_592_283_613_071_234).map(|t| t.to_string()).as_deref(),
            Some("2021-03-03T06:59:21.3071234Z")
        );
        assert_eq!(Timestamp::from_filetime(0), None);
        assert_eq!(Timestamp::from_filetime(1).map(|t| t.to_string()).as_deref(), Some("1601-01-01T00:00:00.0000001Z"));
    }

    #[test]
    fn times_before_1970_and_past_9999_do_not_panic() {
        let early = Timestamp::from(UNIX_EPOCH - Duration::new(1, 500_000_000));
        assert_eq!(early.to_string(), "1969-12-31T23:59:58.5000000Z");
        assert!(Timestamp::from_filetime(u64::MAX).is_some_and(|t| t.to_string().starts_with("Unix time ")));
        assert_eq!(Timestamp::new(i64::MIN, u32::MAX).to_string(), "Unix time -9223372036854775808.999999999");
        let last = Timestamp::new(253_402_207_200, 999_999_999);
        assert!(last.is_plausible() && last.to_string() == "9999-12-30T22:00:00.999999999Z");
        assert_eq!(Timestamp::new(253_402_300_800, 0).to_string(), "Unix time 253402300800.000000000");
        assert!(!Timestamp::new(-11_644_473_601, 0).is_plausible());
    }
}
