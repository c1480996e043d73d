//! The record types of the JSONL output, separate from the model so that each can change without the other.
//! docs/schema/record.schema.json is generated from these.

mod attack;
mod ecs;
mod file;
mod finding;
mod id;
mod logs;
mod ntfs;
mod run;
#[cfg(test)]
pub(crate) mod schema;
mod server;
mod shadow;
mod site;
mod suppressed;
mod words;

pub(crate) use attack::*;
pub(crate) use ecs::*;
pub(crate) use file::*;
pub(crate) use finding::*;
pub(crate) use id::*;
pub(crate) use logs::*;
pub(crate) use ntfs::*;
pub(crate) use run::*;
pub(crate) use server::*;
pub(crate) use shadow::*;
pub(crate) use site::*;
pub(crate) use suppressed::*;
pub(crate) use words::*;

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the record layout; raised when a field changes its meaning or is removed.
pub const SCHEMA: &str = "2";

/// The version of the Elastic Common Schema whose names are used: that of fixtures/ecs/fields.tsv.
pub(crate) const ECS: &str = "9.4.0";

/// A line of the JSONL output.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Record {
    /// When that which the record is about happened; the time of the record where that is not known.
    #[serde(rename = "@timestamp")]
    pub(crate) timestamp: Time,
    pub(crate) ecs: Ecs,
    /// The record in a sentence.
    pub(crate) message: String,
    pub(crate) event: Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Host>,
    pub(crate) observer: Observer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labels: Option<Labels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) threat: Option<Threat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Client>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vulnerability: Option<Vulnerability>,
    #[serde(default, skip_serializing_if = "Related::is_empty")]
    pub(crate) related: Related,
    pub(crate) shellsift: Own,
}

/// What no other schema names.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Own {
    /// The version of this layout.
    pub(crate) schema: Text,
    /// The run that made the record.
    pub(crate) scan_id: String,
    /// Whether a later record of the same `event.id` replaces this one, in a run that comes to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) preliminary: bool,
    /// Times of the evidence outside the years 1601 to 9999.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) implausible_times: Vec<ImplausibleTime>,
    #[serde(flatten)]
    pub(crate) body: Body,
    /// With `--chain`: SHA-256 over the value of the record before and this record, always the last member of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<String>,
}

/// What a record is, and what it has beside.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Body {
    ScanStart(Box<StartBody>),
    Finding(Box<FindingBody>),
    Examined(Box<ExaminedBody>),
    Problem(run::ProblemBody),
    Coverage(CoverageBody),
    LogHit(HitBody),
    FileRequests(RequestsBody),
    LogCoverage(LogCoverageBody),
    Health(Box<HealthBody>),
    TimelineEvent(logs::TimelineBody),
    ShadowCopy(ShadowCopyBody),
    Site(SiteBody),
    Comparison(ComparisonBody),
    ScanEnd(EndBody),
}

impl Body {
    /// The value of `shellsift.record`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::ScanStart(_) => "scan_start",
            Self::Finding(_) => "finding",
            Self::Examined(_) => "examined",
            Self::Problem(_) => "problem",
            Self::Coverage(_) => "coverage",
            Self::LogHit(_) => "log_hit",
            Self::FileRequests(_) => "file_requests",
            Self::LogCoverage(_) => "log_coverage",
            Self::Health(_) => "health",
            Self::TimelineEvent(_) => "timeline_event",
            Self::ShadowCopy(_) => "shadow_copy",
            Self::Site(_) => "site",
            Self::Comparison(_) => "comparison",
            Self::ScanEnd(_) => "scan_end",
        }
    }
}
