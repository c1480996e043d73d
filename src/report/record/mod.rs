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
pub(super) mod schema;
mod server;
mod shadow;
mod site;
mod words;

pub(super) use attack::Threat;
pub(super) use ecs::{
    Category, Client, Ecs, ErrorMessage, Event, Host, Kind, Labels, Observer, Related, Rule, Type, Url, User,
    Vulnerability, actor,
};
pub(super) use file::File;
pub(super) use finding::{ComparisonBody, ExaminedBody, FindingBody};
pub(super) use id::Owner;
pub(super) use logs::{HealthBody, HitBody, LogCoverageBody, RequestsBody};
pub(super) use run::{CoverageBody, EndBody, StartBody};
pub(super) use server::Os;
pub(super) use shadow::ShadowCopyBody;
pub(super) use site::SiteBody;
pub(super) use words::{ImplausibleTime, Time, Times};

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

/// A line of the JSONL output.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Record {
    /// When that which the record is about happened; the time of the record where that is not known.
    #[serde(rename = "@timestamp")]
    pub(super) timestamp: Time,
    pub(super) ecs: Ecs,
    /// The record in a sentence.
    pub(super) message: String,
    pub(super) event: Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<Host>,
    pub(super) observer: Observer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Labels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) threat: Option<Threat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Client>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vulnerability: Option<Vulnerability>,
    #[serde(skip_serializing_if = "Related::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub(super) related: Related,
    pub(super) shellsift: Own,
}

/// What no other schema names.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Own {
    /// The version of this layout.
    pub(super) schema: &'static str,
    /// The run that made the record.
    pub(super) scan_id: String,
    /// Whether a later record of the same `event.id` replaces this one, in a run that comes to its end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) preliminary: bool,
    /// Times of the evidence outside the years 1601 to 9999.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub(super) implausible_times: Vec<ImplausibleTime>,
    #[serde(flatten)]
    pub(super) body: Body,
}

/// What a record is, and what it has beside.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(tag = "record", rename_all = "snake_case")]
pub(super) enum Body {
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
    pub(super) fn name(&self) -> &'static str {
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
