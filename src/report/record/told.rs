//! The records of what logs, patch level and compiled leftovers tell.

use crate::model::{Compiled, FileRequests, Health, LogHit, LogProof, LogSpan, RequestSummary, SourceState};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The client of a request: its address, or whatever the log has in its place.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Client {
    pub(in crate::report) address: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Vulnerability {
    pub(in crate::report) id: Vec<String>,
}

/// A sign of exploitation: the sightings of one check at one grade by one client.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct HitRecord {
    pub(in crate::report) check: &'static str,
    /// `context`, `attempt`, `reached`, `session`, `read`, `set` or `written`.
    pub(in crate::report) grade: &'static str,
    pub(in crate::report) title: String,
    /// How many lines.
    pub(in crate::report) count: u64,
    /// Whether logs are still being read: a later record of the same `event.id` says what became of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::report) so_far: bool,
    /// The server's patch level at the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) patch: Option<String>,
    /// The first few lines.
    pub(in crate::report) locations: Vec<LineRecord>,
}

impl From<&LogHit> for HitRecord {
    fn from(hit: &LogHit) -> Self {
        Self {
            check: hit.check,
            grade: hit.grade.name(),
            title: hit.title.clone(),
            count: hit.count,
            so_far: false,
            patch: hit.patch.clone(),
            locations: hit.locations.iter().map(LineRecord::from).collect(),
        }
    }
}

/// A line of a log, or an event.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct LineRecord {
    pub(in crate::report) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) member: Option<String>,
    /// From 1; the record id of an event.
    pub(in crate::report) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) time: Option<String>,
    pub(in crate::report) excerpt: String,
}

impl From<&LogProof> for LineRecord {
    fn from(locations: &LogProof) -> Self {
        Self {
            path: locations.path.to_string(),
            member: locations.member.clone(),
            line: locations.line,
            time: locations.time.map(|time| time.to_string()),
            excerpt: locations.excerpt.clone(),
        }
    }
}

/// Requests for a found file. Keys beyond a bound are counted under `...`.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct RequestsRecord {
    pub(in crate::report) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) first_success: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) last_success: Option<String>,
    pub(in crate::report) methods: BTreeMap<String, u64>,
    pub(in crate::report) statuses: BTreeMap<String, u64>,
    pub(in crate::report) clients: BTreeMap<String, u64>,
    pub(in crate::report) agents: BTreeMap<String, u64>,
    /// How many of them the HttpProxy logs have as well, by request id.
    pub(in crate::report) joined: u64,
    pub(in crate::report) locations: Vec<LineRecord>,
}

impl From<&FileRequests> for RequestsRecord {
    fn from(requests: &FileRequests) -> Self {
        Self {
            count: requests.count,
            first_success: requests.first_success.map(|time| time.to_string()),
            last_success: requests.last_success.map(|time| time.to_string()),
            methods: requests.methods.clone(),
            statuses: requests.statuses.clone(),
            clients: requests.clients.clone(),
            agents: requests.agents.clone(),
            joined: requests.joined,
            locations: requests.locations.iter().map(LineRecord::from).collect(),
        }
    }
}

/// The requests for a file, by whatever URL they came.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct RequestSummaryRecord {
    pub(in crate::report) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) last: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) first_success: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) last_success: Option<String>,
    /// How many clients, as far as they are told apart.
    pub(in crate::report) clients: u64,
}

impl From<&RequestSummary> for RequestSummaryRecord {
    fn from(requests: &RequestSummary) -> Self {
        let time = |time: Option<crate::model::Timestamp>| time.map(|time| time.to_string());
        Self {
            count: requests.count,
            first: time(requests.first),
            last: time(requests.last),
            first_success: time(requests.first_success),
            last_success: time(requests.last_success),
            clients: requests.clients,
        }
    }
}

/// What one kind of log covers; without `folder` where it was looked for and is missing.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct SpanRecord {
    pub(in crate::report) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) folder: Option<String>,
    pub(in crate::report) files: u64,
    pub(in crate::report) bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) last: Option<String>,
    /// The longest ones.
    pub(in crate::report) holes: Vec<HoleRecord>,
    pub(in crate::report) holes_count: u64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct HoleRecord {
    pub(in crate::report) from: String,
    pub(in crate::report) to: String,
}

impl From<&LogSpan> for SpanRecord {
    fn from(span: &LogSpan) -> Self {
        Self {
            kind: span.kind.clone(),
            folder: span.folder.as_ref().map(ToString::to_string),
            files: span.files,
            bytes: span.bytes,
            first: span.first.map(|time| time.to_string()),
            last: span.last.map(|time| time.to_string()),
            holes: span
                .holes
                .iter()
                .map(|(from, to)| HoleRecord { from: from.to_string(), to: to.to_string() })
                .collect(),
            holes_count: span.holes_count,
        }
    }
}

/// The patch level of one installation.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct HealthRecord {
    pub(in crate::report) build: String,
    /// Where the build was read.
    pub(in crate::report) source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) level: Option<PatchRecord>,
    pub(in crate::report) seen: Vec<SeenRecord>,
    pub(in crate::report) doubts: Vec<String>,
    /// Known exploited ones first.
    pub(in crate::report) open: Vec<OpenRecord>,
    pub(in crate::report) conditions: Vec<String>,
    /// Rewrite rules of Microsoft's against attacks, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) mitigations: Vec<String>,
    pub(in crate::report) steps: Vec<String>,
    /// The newest release date that the tables know.
    pub(in crate::report) tables_until: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct PatchRecord {
    pub(in crate::report) product: String,
    pub(in crate::report) cu: String,
    pub(in crate::report) update: String,
    pub(in crate::report) build: String,
    pub(in crate::report) released: String,
    pub(in crate::report) end_of_support: String,
    pub(in crate::report) out_of_support: bool,
    /// Whether this is only the nearest known build.
    pub(in crate::report) nearest: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct SeenRecord {
    pub(in crate::report) build: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) last: Option<String>,
    pub(in crate::report) source: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct OpenRecord {
    pub(in crate::report) cve: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::report) nickname: String,
    /// Known to be exploited (CISA).
    pub(in crate::report) exploited: bool,
    /// The build that closes it, and the update's name; empty where this line of builds never got one.
    pub(in crate::report) fixed_in: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::report) fixed_by: String,
    /// Why it may be closed all the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::report) doubt: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::report) condition: String,
}

impl From<&Health> for HealthRecord {
    fn from(health: &Health) -> Self {
        Self {
            build: health.build.clone(),
            source: health.source.clone(),
            level: health.level.as_ref().map(|level| PatchRecord {
                product: level.product.clone(),
                cu: level.cu.clone(),
                update: level.update.clone(),
                build: level.build.clone(),
                released: level.released.clone(),
                end_of_support: level.end_of_support.clone(),
                out_of_support: level.out_of_support,
                nearest: level.nearest,
            }),
            seen: health
                .seen
                .iter()
                .map(|seen| SeenRecord {
                    build: seen.build.clone(),
                    first: seen.first.map(|time| time.to_string()),
                    last: seen.last.map(|time| time.to_string()),
                    source: seen.source.clone(),
                })
                .collect(),
            doubts: health.doubts.clone(),
            open: health
                .open
                .iter()
                .map(|flaw| OpenRecord {
                    cve: flaw.cve.clone(),
                    nickname: flaw.nickname.clone(),
                    exploited: flaw.exploited,
                    fixed_in: flaw.fixed_in.clone(),
                    fixed_by: flaw.fixed_by.clone(),
                    doubt: flaw.doubt.clone(),
                    condition: flaw.condition.clone(),
                })
                .collect(),
            conditions: health.conditions.clone(),
            mitigations: health.mitigations.clone(),
            steps: health.steps.clone(),
            tables_until: health.tables_until.clone(),
        }
    }
}

/// The page that a file of Temporary ASP.NET Files was compiled from.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct CompiledRecord {
    pub(in crate::report) virtual_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) assembly: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) time: Option<String>,
    /// `present`, `gone` or `unknown`.
    pub(in crate::report) source: &'static str,
    /// Where the page is, or would be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) places: Vec<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) why: Option<String>,
}

impl From<&Compiled> for CompiledRecord {
    fn from(compiled: &Compiled) -> Self {
        let (source, places, why) = match &compiled.source {
            SourceState::Present(path) => ("present", vec![path.to_string()], None),
            SourceState::Gone(paths) => ("gone", paths.iter().map(ToString::to_string).collect(), None),
            SourceState::Unknown(why) => ("unknown", Vec::new(), Some(why.clone())),
        };
        Self {
            virtual_path: compiled.virtual_path.clone(),
            assembly: compiled.assembly.clone(),
            time: compiled.time.map(|time| time.to_string()),
            source,
            places,
            why,
        }
    }
}
