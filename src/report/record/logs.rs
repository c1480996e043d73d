//! What was found in logs, the patch level, and the timeline.

use super::run::{Counted, counted};
use super::words::{Time, Times, Word};
use crate::model::{
    BuildSeen, FileRequests, Health, Level, LogHit, LogProof, LogSpan, Remains, RequestSummary, Stage, TimelineEvent,
    TimelineKind, Timestamp,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct HitBody {
    level: Word<Level>,
    hit: HitRecord,
}

/// A sign of exploitation: the sightings of one check at one stage by one client.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct HitRecord {
    check: &'static str,
    stage: Word<Stage>,
    title: String,
    /// The vulnerabilities that the check is about.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(test, schemars(default))]
    cves: &'static [&'static str],
    /// How many lines.
    count: u64,
    /// The client or account as the log has it; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// The server's patch level at the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_level: Option<String>,
    /// The first few lines.
    locations: Vec<LineRecord>,
}

impl HitBody {
    pub(in crate::report) fn new(hit: &LogHit, times: &mut Times) -> Self {
        let record = HitRecord {
            check: hit.check,
            stage: Word(hit.stage),
            title: hit.title.clone(),
            cves: hit.cves,
            count: hit.count,
            client: Some(hit.client.clone()).filter(|client| !client.is_empty()),
            patch_level: hit.patch.clone(),
            locations: lines("shellsift.hit.locations.time", &hit.locations, times),
        };
        Self { level: Word(hit.level), hit: record }
    }
}

/// A line of a log, or an event.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct LineRecord {
    path: String,
    /// The member of an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// From 1; the record id of an event.
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Time>,
    excerpt: String,
}

fn lines(field: &'static str, locations: &[LogProof], times: &mut Times) -> Vec<LineRecord> {
    let line = |location: &LogProof| LineRecord {
        path: location.path.to_string(),
        member: location.member.clone(),
        line: location.line,
        time: times.take(field, location.time),
        excerpt: location.excerpt.clone(),
    };
    locations.iter().map(line).collect()
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct RequestsBody {
    requests: RequestsRecord,
}

/// Requests for a found file. Values omitted by a limit are counted under `...`.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct RequestsRecord {
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_success: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success: Option<Time>,
    methods: Vec<Counted>,
    statuses: Vec<Counted>,
    clients: Vec<Counted>,
    user_agents: Vec<Counted>,
    /// How many of them were matched with the HttpProxy logs by request id.
    matched_by_request_id: u64,
    locations: Vec<LineRecord>,
}

impl RequestsBody {
    pub(in crate::report) fn new(requests: &FileRequests, times: &mut Times) -> Self {
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
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct RequestSummaryRecord {
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_success: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success: Option<Time>,
    /// How many clients; those omitted by a limit count as one.
    clients: u64,
}

impl RequestSummaryRecord {
    pub(in crate::report) fn new(requests: &RequestSummary, times: &mut Times) -> Self {
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

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct LogCoverageBody {
    log_coverage: Vec<SpanRecord>,
}

/// What one kind of log covers; without `folder` where it was looked for and is missing.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SpanRecord {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    files: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Time>,
    /// Spans without a line, the longest ones.
    gaps: Vec<GapRecord>,
    gaps_count: u64,
    /// Where the time goes back by hours from one line to the next, the first ones.
    clock_rollbacks: Vec<GapRecord>,
    clock_rollbacks_count: u64,
    /// Deleted logs of which all was left and which were read with the others, the first ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    deleted: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    #[cfg_attr(test, schemars(default))]
    deleted_count: u64,
    /// Deleted logs that were not read, the first ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    deleted_not_read: Vec<DeletedLogRecord>,
    #[serde(skip_serializing_if = "is_zero")]
    #[cfg_attr(test, schemars(default))]
    deleted_not_read_count: u64,
}

/// A deleted log that was not read.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct DeletedLogRecord {
    path: String,
    /// How much of its content is left. `whole`: it is no log any more.
    remains: Word<Remains>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct GapRecord {
    from: Time,
    to: Time,
}

impl LogCoverageBody {
    pub(in crate::report) fn new(spans: &[LogSpan], times: &mut Times) -> Self {
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

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct HealthBody {
    health: HealthRecord,
}

/// The patch level of one installation.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct HealthRecord {
    /// Empty where none could be read.
    build: String,
    /// Where the build was read.
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<PatchRecord>,
    /// What other sources have.
    builds_seen: Vec<SeenRecord>,
    /// What does not fit together, in words.
    caveats: Vec<String>,
    /// Those known to be exploited first.
    vulnerabilities: Vec<VulnerabilityRecord>,
    /// Conditions that files cannot show, in words.
    conditions: Vec<String>,
    /// Microsoft's rewrite rules against attacks, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    mitigations: Vec<String>,
    /// What to install, in order, in words.
    updates_to_install: Vec<String>,
    /// The newest release date in the reference data.
    reference_data: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct PatchRecord {
    product: String,
    cumulative_update: String,
    update: String,
    build: String,
    released: String,
    end_of_support: String,
    out_of_support: bool,
    /// Whether this is only the nearest known build.
    nearest: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SeenRecord {
    build: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Time>,
    source: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct VulnerabilityRecord {
    cve: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<String>,
    /// Known to be exploited (CISA KEV).
    known_exploited: bool,
    /// The build that fixes it; absent where no fix was released for this CU.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_build: Option<String>,
    /// The update of that build.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_by: Option<String>,
    /// Why it may be fixed all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    caveat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
}

impl HealthBody {
    pub(in crate::report) fn new(health: &Health, times: &mut Times) -> Self {
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

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct TimelineBody {
    timeline_event: TimelineRecord,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct TimelineRecord {
    kind: Word<TimelineKind>,
    description: String,
}

impl From<&TimelineEvent> for TimelineBody {
    fn from(event: &TimelineEvent) -> Self {
        Self { timeline_event: TimelineRecord { kind: Word(event.what), description: event.words.clone() } }
    }
}
