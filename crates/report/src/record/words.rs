//! Values of closed sets and times, as JSON and as its schema says them.

use crate::model::{Named, Timestamp};
#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A value of a closed set, written as its stable name.
#[derive(Clone, Copy)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: Named> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

#[cfg(test)]
impl<T: Named> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        T::SET.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = T::ALL.iter().map(|value| value.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

impl<'de, T: Named> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let value = T::ALL.iter().find(|value| value.name() == name);
        value.map(|value| Self(*value)).ok_or_else(|| D::Error::custom(format!("unknown {}", T::SET)))
    }
}

impl<T: Named> std::fmt::Debug for Word<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0.name())
    }
}

/// Text that is fixed in this program, and read from the output of another run.
pub(crate) type Text = Cow<'static, str>;

/// Whether a count is left out.
#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Fixed texts.
pub(crate) fn texts(list: &[&'static str]) -> Vec<Text> {
    list.iter().map(|text| Text::from(*text)).collect()
}

/// A time from 1601 to 9999, RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) Timestamp);

impl std::fmt::Display for Time {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl Time {
    /// The time of this record.
    pub(crate) fn now() -> Self {
        Self(Timestamp::now())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().map_err(|_| D::Error::custom("not a time of RFC 3339"))?;
        let nanos = u32::try_from(time.as_nanosecond().rem_euclid(1_000_000_000)).unwrap_or_default();
        let seconds = i64::try_from(time.as_nanosecond().div_euclid(1_000_000_000)).unwrap_or_default();
        let time = Timestamp::new(seconds, nanos);
        if time.is_plausible() {
            Ok(Self(time))
        } else {
            Err(D::Error::custom("a time outside the years 1601 to 9999"))
        }
    }
}

#[cfg(test)]
impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A time that is outside the years 1601 to 9999, which a date field of Elasticsearch or of a spreadsheet refuses.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ImplausibleTime {
    /// The field that it belongs to: `file.created`.
    pub(crate) field: Text,
    /// Seconds since 1970-01-01T00:00:00Z with nine decimals, as text.
    pub(crate) unix_time: String,
}

/// Takes times of the evidence; those that no date field holds are kept apart, and no more of them than a bound.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) implausible: Vec<ImplausibleTime>,
}

/// Implausible times that are kept of one record.
const KEPT: usize = 100;

impl Times {
    /// The time for this field, unless it is implausible.
    pub(crate) fn take(&mut self, field: &'static str, time: impl Into<Option<Timestamp>>) -> Option<Time> {
        let time: Timestamp = time.into()?;
        if time.is_plausible() {
            return Some(Time(time));
        }
        if self.implausible.len() < KEPT {
            self.implausible.push(ImplausibleTime { field: field.into(), unix_time: time.unix_text() });
        }
        None
    }
}
