//! What was found in logs, the patch level, and the timeline.

use super::run::{Counted, counted};
use super::suppressed::SuppressedRecord;
use super::words::{Text, Time, Times, Word, is_zero, texts};
use crate::model::{
    BuildSeen, FileRequests, Health, Level, LogHit, LogProof, LogSpan, Remains, RequestSummary, Stage, TimelineEvent,
    TimelineKind, Timestamp,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct HitBody {
    pub(crate) level: Word<Level>,
    pub(crate) hit: HitRecord,
    /// Why the hit counts for nothing: the user's list has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suppressed: Option<SuppressedRecord>,
}

/// A sign of exploitation: the sightings of one check at one stage by one client.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct HitRecord {
    pub(crate) check: Text,
    pub(crate) stage: Word<Stage>,
    pub(crate) title: String,
    /// The vulnerabilities that the check is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cves: Vec<Text>,
    /// How many lines.
    pub(crate) count: u64,
    /// The client or account as the log has it; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// The server's patch level at the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) patch_level: Option<String>,
    /// The first few lines.
    pub(crate) locations: Vec<LineRecord>,
}

impl HitBody {
    pub(crate) fn new(hit: &LogHit, times: &mut Times) -> Self {
        let record = HitRecord {
            check: hit.check.into(),
            stage: Word(hit.stage),
            title: hit.title.clone(),
            cves: texts(hit.cves),
            count: hit.count,
            client: Some(hit.client.clone()).filter(|client| !client.is_empty()),
            patch_level: hit.patch.clone(),
            locations: lines("shellsift.hit.locations.time", &hit.locations, times),
        };
        Self { level: Word(hit.level), hit: record, suppressed: None }
    }
}

/// A line of a log, or an event.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct LineRecord {
    pub(crate) path: String,
    /// The member of an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// Whether the log is deleted, and was read from its record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
    /// From 1; the record id of an event.
    pub(crate) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<Time>,
    pub(crate) excerpt: String,
}

impl LineRecord {
    /// Whether it is the record of an event log, which has no lines.
    pub(crate) fn is_event(&self) -> bool {
        let extension = self.path.rsplit('.').next().unwrap_or_default();
        extension.eq_ignore_ascii_case("evtx") || extension.eq_ignore_ascii_case("evt")
    }

    /// `line 7`, `record 7`
    pub(crate) fn number(&self) -> String {
        format!("{} {}", if self.is_event() { "record" } else { "line" }, self.line)
    }

    /// What is said behind the name of a log that is deleted.
    pub(crate) fn if_deleted(&self) -> &'static str {
        if self.deleted { " (deleted log)" } else { "" }
    }
}

fn lines(field: &'static str, locations: &[LogProof], times: &mut Times) -> Vec<LineRecord> {
    let line = |location: &LogProof| LineRecord {
        path: location.path.to_string(),
        member: location.member.clone(),
        deleted: location.deleted,
        line: location.line,
        time: times.take(field, location.time),
        excerpt: location.excerpt.clone(),
    };
    locations.iter().map(line).collect()
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct RequestsBody {
    pub(crate) requests: RequestsRecord,
}

/// Requests for a found file. Values omitted by a limit are counted under `...`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct RequestsRecord {
    pub(crate) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_success: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_success: Option<Time>,
    pub(crate) methods: Vec<Counted>,
    pub(crate) statuses: Vec<Counted>,
    pub(crate) clients: Vec<Counted>,
    pub(crate) user_agents: Vec<Counted>,
    /// How many of them were matched with the HttpProxy logs by request id.
    pub(crate) matched_by_request_id: u64,
    pub(crate) locations: Vec<LineRecord>,
}

impl RequestsBody {
    pub(crate) fn new(requests: &FileRequests, times: &mut Times) -> Self {
        let list = |map: &BTreeMap<String, u64>| counted(map.iter().map(|(value, count)| (value.as_str(), *count)));
        let record = RequestsRecord {
            count: requests.count,
            first_success: times.take("shellsift.requests.first_success", requests.first_success),
            last_success: times.take("shellsift.requests.last_success", requests.last_success),
            methods: list(&requests.methods),
            statuses: list(&requests.statuses),
            clients: list(&requests.clients),
            user_agents: list(&requests.agents),
            matched_by_request_id: requests.joined,
            locations: lines("shellsift.requests.locations.time", &requests.locations, times),
        };
        Self { requests: record }
    }
}

/// The requests for a file, by whatever URL they came.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct RequestSummaryRecord {
    pub(crate) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_success: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_success: Option<Time>,
    /// How many clients; those omitted by a limit count as one.
    pub(crate) clients: u64,
}

impl RequestSummaryRecord {
    pub(crate) fn new(requests: &RequestSummary, times: &mut Times) -> Self {
        Self {
            count: requests.count,
            first: times.take("shellsift.file_requests.first", requests.first),
            last: times.take("shellsift.file_requests.last", requests.last),
            first_success: times.take("shellsift.file_requests.first_success", requests.first_success),
            last_success: times.take("shellsift.file_requests.last_success", requests.last_success),
            clients: requests.clients,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct LogCoverageBody {
    pub(crate) log_coverage: Vec<SpanRecord>,
}

/// What one kind of log covers; without `folder` where it was looked for and is missing.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SpanRecord {
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) folder: Option<String>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Time>,
    /// Spans without a line, the longest ones.
    pub(crate) gaps: Vec<GapRecord>,
    pub(crate) gaps_count: u64,
    /// Where the time goes back by hours from one line to the next, the first ones.
    pub(crate) clock_rollbacks: Vec<GapRecord>,
    pub(crate) clock_rollbacks_count: u64,
    /// Deleted logs of which all was left and which were read with the others, the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) deleted: Vec<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) deleted_count: u64,
    /// Deleted logs that were not read, the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) deleted_not_read: Vec<DeletedLogRecord>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) deleted_not_read_count: u64,
}

/// A deleted log that was not read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct DeletedLogRecord {
    pub(crate) path: String,
    /// How much of its content is left. `whole`: it is no log any more.
    pub(crate) remains: Word<Remains>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct GapRecord {
    pub(crate) from: Time,
    pub(crate) to: Time,
}

impl LogCoverageBody {
    pub(crate) fn new(spans: &[LogSpan], times: &mut Times) -> Self {
        let gaps = |field, list: &[(Timestamp, Timestamp)], times: &mut Times| -> Vec<GapRecord> {
            let gap = |(from, to): &(Timestamp, Timestamp)| {
                Some(GapRecord { from: times.take(field, *from)?, to: times.take(field, *to)? })
            };
            list.iter().filter_map(gap).collect()
        };
        let span = |span: &LogSpan| SpanRecord {
            kind: span.kind.clone(),
            folder: span.folder.as_ref().map(ToString::to_string),
            files: span.files,
            bytes: span.bytes,
            first: times.take("shellsift.log_coverage.first", span.first),
            last: times.take("shellsift.log_coverage.last", span.last),
            gaps: gaps("shellsift.log_coverage.gaps", &span.gaps, times),
            gaps_count: span.gaps_count,
            clock_rollbacks: gaps("shellsift.log_coverage.clock_rollbacks", &span.clock_rollbacks, times),
            clock_rollbacks_count: span.clock_rollbacks_count,
            deleted: span.deleted.iter().map(ToString::to_string).collect(),
            deleted_count: span.deleted_count,
            deleted_not_read: span
                .deleted_not_read
                .iter()
                .map(|(path, remains)| DeletedLogRecord { path: path.to_string(), remains: Word(*remains) })
                .collect(),
            deleted_not_read_count: span.deleted_not_read_count,
        };
        Self { log_coverage: spans.iter().map(span).collect() }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct HealthBody {
    pub(crate) health: HealthRecord,
}

/// The patch level of one installation.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct HealthRecord {
    /// Empty where none could be read.
    pub(crate) build: String,
    /// Where the build was read.
    pub(crate) source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<PatchRecord>,
    /// What other sources have.
    pub(crate) builds_seen: Vec<SeenRecord>,
    /// What does not fit together, in words.
    pub(crate) caveats: Vec<String>,
    /// Those known to be exploited first.
    pub(crate) vulnerabilities: Vec<VulnerabilityRecord>,
    /// Conditions that files cannot show, in words.
    pub(crate) conditions: Vec<String>,
    /// Microsoft's rewrite rules against attacks, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) mitigations: Vec<String>,
    /// What to install, in order, in words.
    pub(crate) updates_to_install: Vec<String>,
    /// The newest release date in the reference data.
    pub(crate) reference_data: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct PatchRecord {
    pub(crate) product: String,
    pub(crate) cumulative_update: String,
    pub(crate) update: String,
    pub(crate) build: String,
    pub(crate) released: String,
    pub(crate) end_of_support: String,
    pub(crate) out_of_support: bool,
    /// Whether this is only the nearest known build.
    pub(crate) nearest: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct SeenRecord {
    pub(crate) build: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Time>,
    pub(crate) source: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct VulnerabilityRecord {
    pub(crate) cve: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nickname: Option<String>,
    /// Known to be exploited (CISA KEV).
    pub(crate) known_exploited: bool,
    /// The build that fixes it; absent where no fix was released for this CU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fixed_build: Option<String>,
    /// The update of that build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fixed_by: Option<String>,
    /// Why it may be fixed all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caveat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<String>,
}

impl HealthBody {
    pub(crate) fn new(health: &Health, times: &mut Times) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let seen = |seen: &BuildSeen| SeenRecord {
            build: seen.build.clone(),
            first: times.take("shellsift.health.builds_seen.first", seen.first),
            last: times.take("shellsift.health.builds_seen.last", seen.last),
            source: seen.source.clone(),
        };
        let builds_seen = health.seen.iter().map(seen).collect();
        let health = HealthRecord {
            build: health.build.clone(),
            source: health.source.clone(),
            level: health.level.as_ref().map(|level| PatchRecord {
                product: level.product.clone(),
                cumulative_update: level.cu.clone(),
                update: level.update.clone(),
                build: level.build.clone(),
                released: level.released.clone(),
                end_of_support: level.end_of_support.clone(),
                out_of_support: level.out_of_support,
                nearest: level.nearest,
            }),
            builds_seen,
            caveats: health.caveats.clone(),
            vulnerabilities: health
                .open
                .iter()
                .map(|open| VulnerabilityRecord {
                    cve: open.cve.clone(),
                    nickname: text(&open.nickname),
                    known_exploited: open.exploited,
                    fixed_build: text(&open.fixed_in),
                    fixed_by: text(&open.fixed_by),
                    caveat: text(&open.caveat),
                    condition: text(&open.condition),
                })
                .collect(),
            conditions: health.conditions.clone(),
            mitigations: health.mitigations.clone(),
            updates_to_install: health.steps.clone(),
            reference_data: health.tables_until.clone(),
        };
        Self { health }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct TimelineBody {
    pub(crate) timeline_event: TimelineRecord,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct TimelineRecord {
    pub(crate) kind: Word<TimelineKind>,
    pub(crate) description: String,
}

impl From<&TimelineEvent> for TimelineBody {
    fn from(event: &TimelineEvent) -> Self {
        Self { timeline_event: TimelineRecord { kind: Word(event.what), description: event.words.clone() } }
    }
}
