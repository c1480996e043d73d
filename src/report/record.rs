//! The wire types of the journal: what a record looks like as JSON. Kept apart from the model, so that a field of the one can
//! change without the other. docs/schema/record.schema.json is generated from these.

use crate::model::server_path::extension;
use crate::model::{
    Artefact, Compiled, FileRequests, Health, LogHit, LogProof, LogSpan, Source, SourceState, Timestamp,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A line of the journal.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Record {
    #[serde(rename = "@timestamp")]
    pub(super) timestamp: String,
    pub(super) ecs: Ecs,
    pub(super) message: String,
    pub(super) event: Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<Host>,
    pub(super) observer: Observer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Labels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<FileRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<RuleRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) threat: Option<Threat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Client>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vulnerability: Option<Vulnerability>,
    pub(super) shellsift: Own,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Ecs {
    pub(super) version: &'static str,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Event {
    pub(super) kind: &'static str,
    pub(super) category: Vec<&'static str>,
    pub(super) dataset: &'static str,
    /// Stable: the same file with the same content and reasons has it in every run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) risk_score: Option<f64>,
    /// When what a record of a log or of the story tells of began and ended, by the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Host {
    pub(super) name: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Observer {
    pub(super) product: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Labels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) examiner: Option<String>,
}

/// The file, with the times that its source vouches for, taken before it was opened.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct FileRecord {
    pub(super) path: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) extension: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drive_letter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attributes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mtime: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ctime: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accessed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<HashRecord>,
}

impl FileRecord {
    pub(super) fn named(path: &crate::model::ServerPath) -> Self {
        Self {
            path: path.to_string(),
            name: path.name().to_owned(),
            extension: extension(path.name()),
            directory: path.parent().map(|folder| folder.to_string()),
            drive_letter: path.drive_letter(),
            ..Self::default()
        }
    }
}

impl From<&Artefact> for FileRecord {
    fn from(artefact: &Artefact) -> Self {
        let times = &artefact.entry.times;
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let hashes = &artefact.hashes;
        Self {
            size: Some(artefact.entry.size),
            attributes: artefact.entry.attributes.names(),
            created: time(times.created),
            mtime: time(times.modified),
            ctime: time(times.changed),
            accessed: time(times.accessed),
            inode: artefact.entry.inode.map(|inode| inode.to_string()),
            hash: hashes.sha256.is_some().then(|| HashRecord {
                sha256: hashes.sha256.clone(),
                sha1: hashes.sha1.clone(),
                md5: hashes.md5.clone(),
            }),
            ..Self::named(&artefact.path)
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct HashRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) md5: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Url {
    /// The URL path that reaches the file.
    pub(super) path: String,
}

/// The rule behind the strongest reason that has one.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct RuleRecord {
    pub(super) name: String,
    pub(super) ruleset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Threat {
    pub(super) technique: Technique,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Technique {
    pub(super) subtechnique: Subtechnique,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Subtechnique {
    pub(super) id: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ErrorRecord {
    pub(super) message: String,
}

/// What is shellsift's own.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Own {
    pub(super) schema: &'static str,
    /// `scan_start`, `finding`, `problem`, `examined`, `coverage`, `log_hit`, `file_requests`, `log_coverage`, `health`, `moment`
    /// or `scan_end`.
    pub(super) record: &'static str,
    pub(super) scan_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f64>,
    /// `whole`, `ends`, `up_to_error` or `metadata_only`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) examined: Option<&'static str>,
    /// What the file's folder is to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<BaselineRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compiled: Option<CompiledRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reasons: Vec<ReasonRecord>,
    /// The most telling of `reachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iis: Option<ReachRecord>,
    /// Every way in which the web server reaches the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reachable: Vec<ReachRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<FileSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<ProblemRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<Run>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) coverage: Option<CoverageRecord>,
    /// In `scan_end`: whether everything could be examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<SummaryRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hit: Option<HitRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requests: Option<RequestsRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) log_coverage: Vec<SpanRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) health: Option<HealthRecord>,
    /// In `moment`: `exploited`, `suspect`, `attempt`, `dropped`, `used`, `compiled`, `deleted`, `configured` or `patched`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) moment: Option<&'static str>,
}

/// The file compared with the stock tables; absent outside Exchange installations.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct BaselineRecord {
    /// `known_good`, `known_good_elsewhere`, `changed`, `not_stock` or `no_baseline`.
    pub(super) status: &'static str,
    /// The builds that have this content here, or the one that it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) build: Option<String>,
    /// What that build has here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected_sha256: Option<String>,
    /// Where stock has this content, below the installation folder; `version` stands for a build's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stock_path: Option<String>,
}

impl From<&crate::model::Comparison> for BaselineRecord {
    fn from(comparison: &crate::model::Comparison) -> Self {
        Self {
            status: comparison.status.name(),
            build: comparison.builds.clone(),
            expected_sha256: comparison.expected_sha256.clone(),
            stock_path: comparison.stock_path.clone(),
        }
    }
}

/// One way in which the web server reaches a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ReachRecord {
    /// The URL path.
    pub(super) url: String,
    pub(super) site: String,
    /// The URL path of the application.
    pub(super) application: String,
    pub(super) pool: String,
    /// The account of the pool, where the configuration says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    /// What becomes of a request: `handler`, `sent`, `refused` or `unknown`.
    pub(super) runs: &'static str,
    /// The handler that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) handler: Option<String>,
    /// Why it is refused, or why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// The ways of authentication that are on, where the configuration says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authentication: Vec<String>,
}

impl From<&crate::model::Reach> for ReachRecord {
    fn from(reach: &crate::model::Reach) -> Self {
        use crate::model::Runs;
        let (runs, handler, why) = match &reach.runs {
            Runs::By(handler) => ("handler", Some(handler.clone()), None),
            Runs::Sent => ("sent", None, None),
            Runs::Refused(why) => ("refused", None, Some(why.clone())),
            Runs::Unknown(why) => ("unknown", None, Some(why.clone())),
        };
        Self {
            url: reach.url.clone(),
            site: reach.site.clone(),
            application: reach.application.clone(),
            pool: reach.pool.clone(),
            identity: Some(reach.identity.clone()).filter(|identity| !identity.is_empty()),
            runs,
            handler,
            why,
            authentication: reach.authentication.clone(),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ReasonRecord {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) points: u8,
    pub(super) title: String,
    pub(super) proof: Vec<ProofRecord>,
    /// The way of request data through names of the code, from where it comes in to what it reaches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) path: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<RuleRecord>,
}

impl From<&crate::model::Reason> for ReasonRecord {
    fn from(reason: &crate::model::Reason) -> Self {
        Self {
            id: reason.id.clone(),
            kind: reason.kind.name(),
            points: reason.points,
            title: reason.title.clone(),
            proof: reason
                .proof
                .iter()
                .map(|proof| ProofRecord {
                    offset: proof.offset,
                    length: proof.length,
                    trail: proof.trail.clone(),
                    line: proof.line,
                    excerpt: proof.excerpt.clone(),
                    role: proof.role.map(crate::model::ProofRole::name),
                })
                .collect(),
            path: reason.path.clone(),
            rule: reason.rule.as_ref().map(|rule| RuleRecord {
                name: rule.name.clone(),
                ruleset: rule.ruleset.clone(),
                reference: rule.reference.clone(),
            }),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ProofRecord {
    /// In the stored file, in bytes.
    pub(super) offset: u64,
    pub(super) length: u64,
    /// The decodings between stored bytes and excerpt, outermost first; `stored` for none, `name` for the path itself.
    pub(super) trail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    pub(super) excerpt: String,
    /// What this place is to a way of data through code: `source`, `step` or `sink`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct FileSource {
    pub(super) kind: String,
    pub(super) analysis_path: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ProblemRecord {
    pub(super) kind: &'static str,
    /// Whether it leaves something unexamined.
    pub(super) gap: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Run {
    pub(super) signatures: String,
    pub(super) detectors: Vec<&'static str>,
    pub(super) discovered: Vec<Discovered>,
    pub(super) sources: Vec<SourceRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Discovered {
    pub(super) what: String,
    pub(super) words: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SourceRecord {
    pub(super) analysis_path: String,
    pub(super) shown_as: String,
    pub(super) kind: String,
    pub(super) gives: Vec<&'static str>,
    pub(super) lacks: Vec<String>,
}

impl From<&Source> for SourceRecord {
    fn from(source: &Source) -> Self {
        Self {
            analysis_path: source.analysis_path.clone(),
            shown_as: source.shown_as.to_string(),
            kind: source.kind.clone(),
            gives: source.gives.clone(),
            lacks: source.lacks.clone(),
        }
    }
}

/// `surveyed` is the sum of `examined`, `known_good`, `partly`, `failed`, `not_reached` and all of `skipped`.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct CoverageRecord {
    pub(super) surveyed: u64,
    pub(super) examined: u64,
    pub(super) known_good: u64,
    pub(super) partly: u64,
    pub(super) skipped: BTreeMap<&'static str, u64>,
    pub(super) failed: u64,
    pub(super) not_reached: u64,
    /// Files in folders where web kinds alone are examined; not part of `surveyed`.
    pub(super) names_only: u64,
    pub(super) folders: u64,
    pub(super) bytes: u64,
    /// Links and devices, the first thousand of them.
    pub(super) not_followed: Vec<SkippedRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SkippedRecord {
    pub(super) path: String,
    pub(super) why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SummaryRecord {
    pub(super) complete: bool,
    pub(super) interrupted: bool,
    /// `compromised`, `suspicious`, `attempted`, `nothing_found` or `incomplete`.
    pub(super) verdict: &'static str,
    pub(super) words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gaps: Option<String>,
    /// How many at each level, those below the reported one included.
    pub(super) findings: BTreeMap<&'static str, u64>,
    /// Signs of exploitation in logs at each level; empty where no logs were read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) log_hits: BTreeMap<&'static str, u64>,
    /// What the logs cover, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logs: Option<String>,
    /// The patch level in words, one line an installation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) patch: Vec<String>,
    pub(super) problems: BTreeMap<&'static str, u64>,
    pub(super) seconds: f64,
}

/// The client of a request: its address, or whatever the log has in its place.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Client {
    pub(super) address: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Vulnerability {
    pub(super) id: Vec<String>,
}

/// A sign of exploitation: the sightings of one check at one grade by one client.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct HitRecord {
    pub(super) check: &'static str,
    /// `context`, `attempt`, `reached`, `session`, `read`, `set` or `written`.
    pub(super) grade: &'static str,
    pub(super) title: String,
    /// How many lines.
    pub(super) count: u64,
    /// The server's patch level at the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<String>,
    /// The first few lines.
    pub(super) proof: Vec<LineRecord>,
}

impl From<&LogHit> for HitRecord {
    fn from(hit: &LogHit) -> Self {
        Self {
            check: hit.check,
            grade: hit.grade.name(),
            title: hit.title.clone(),
            count: hit.count,
            patch: hit.patch.clone(),
            proof: hit.proof.iter().map(LineRecord::from).collect(),
        }
    }
}

/// A line of a log, or an event.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct LineRecord {
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member: Option<String>,
    /// From 1; the record id of an event.
    pub(super) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<String>,
    pub(super) excerpt: String,
}

impl From<&LogProof> for LineRecord {
    fn from(proof: &LogProof) -> Self {
        Self {
            path: proof.path.to_string(),
            member: proof.member.clone(),
            line: proof.line,
            time: proof.time.map(|time| time.to_string()),
            excerpt: proof.excerpt.clone(),
        }
    }
}

/// Requests for a found file. Keys beyond a bound are counted under `...`.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct RequestsRecord {
    pub(super) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_success: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_success: Option<String>,
    pub(super) methods: BTreeMap<String, u64>,
    pub(super) statuses: BTreeMap<String, u64>,
    pub(super) clients: BTreeMap<String, u64>,
    pub(super) agents: BTreeMap<String, u64>,
    /// How many of them the HttpProxy logs have as well, by request id.
    pub(super) joined: u64,
    pub(super) proof: Vec<LineRecord>,
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
            proof: requests.proof.iter().map(LineRecord::from).collect(),
        }
    }
}

/// What one kind of log covers; without `folder` where it was looked for and is missing.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SpanRecord {
    pub(super) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) folder: Option<String>,
    pub(super) files: u64,
    pub(super) bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<String>,
    /// The longest ones.
    pub(super) holes: Vec<HoleRecord>,
    pub(super) holes_count: u64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct HoleRecord {
    pub(super) from: String,
    pub(super) to: String,
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
pub(super) struct HealthRecord {
    pub(super) build: String,
    /// Where the build was read.
    pub(super) source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<PatchRecord>,
    pub(super) seen: Vec<SeenRecord>,
    pub(super) doubts: Vec<String>,
    /// Known exploited ones first.
    pub(super) open: Vec<OpenRecord>,
    pub(super) conditions: Vec<String>,
    /// Rewrite rules of Microsoft's against attacks, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mitigations: Vec<String>,
    pub(super) steps: Vec<String>,
    /// The newest release date that the tables know.
    pub(super) tables_until: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct PatchRecord {
    pub(super) product: String,
    pub(super) cu: String,
    pub(super) update: String,
    pub(super) build: String,
    pub(super) released: String,
    pub(super) end_of_support: String,
    pub(super) out_of_support: bool,
    /// Whether this is only the nearest known build.
    pub(super) nearest: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SeenRecord {
    pub(super) build: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<String>,
    pub(super) source: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct OpenRecord {
    pub(super) cve: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) nickname: String,
    /// Known to be exploited (CISA).
    pub(super) exploited: bool,
    /// The build that closes it, and the update's name; empty where this line of builds never got one.
    pub(super) fixed_in: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) fixed_by: String,
    /// Why it may be closed all the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) doubt: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) condition: String,
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
pub(super) struct CompiledRecord {
    pub(super) virtual_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) assembly: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<String>,
    /// `present`, `gone` or `unknown`.
    pub(super) source: &'static str,
    /// Where the page is, or would be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) places: Vec<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
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
