//! Values of closed sets and times, as JSON and as its schema says them.

use crate::model::{Named, Timestamp};
use serde::{Serialize, Serializer};
#[cfg(test)]
use {
    schemars::{JsonSchema, Schema, SchemaGenerator, json_schema},
    std::borrow::Cow,
};

/// A value of a closed set, written as its stable name.
#[derive(Clone, Copy)]
pub(in crate::report) struct Word<T>(pub(in crate::report) T);

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

/// A time from 1601 to 9999, RFC 3339 in UTC.
#[derive(Clone)]
pub(in crate::report) struct Time(String);

impl Time {
    /// The time of this record.
    pub(in crate::report) fn now() -> Self {
        Self(Timestamp::now().to_string())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
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
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ImplausibleTime {
    /// The field that it belongs to: `file.created`.
    pub(in crate::report) field: &'static str,
    /// Seconds since 1970-01-01T00:00:00Z with nine decimals, as text.
    pub(in crate::report) unix_time: String,
}

/// Takes times of the evidence; those that no date field holds are kept apart, and no more of them than a bound.
#[derive(Default)]
pub(in crate::report) struct Times {
    pub(in crate::report) implausible: Vec<ImplausibleTime>,
}

/// Implausible times that are kept of one record.
const KEPT: usize = 100;

impl Times {
    /// The time for this field, unless it is implausible.
    pub(in crate::report) fn take(&mut self, field: &'static str, time: impl Into<Option<Timestamp>>) -> Option<Time> {
        let time: Timestamp = time.into()?;
        if time.is_plausible() {
            return Some(Time(time.to_string()));
        }
        if self.implausible.len() < KEPT {
            self.implausible.push(ImplausibleTime { field, unix_time: time.unix_text() });
        }
        None
    }
}
