//! The wire types of the journal: what a record looks like as JSON. Kept apart from the model, so that a field of the one can
//! change without the other. docs/schema/record.schema.json is generated from these.

mod site;
mod told;

pub(super) use site::SiteRecord;
pub(super) use told::{
    Client, CompiledRecord, HealthRecord, HitRecord, RequestSummaryRecord, RequestsRecord, SpanRecord, Vulnerability,
};

use crate::model::server_path::extension;
use crate::model::{Artefact, Source, Timestamp};
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
    /// The signature of a known publisher; absent where there is none that is valid, and where nothing asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code_signature: Option<SignatureRecord>,
}

/// A valid signature of a known publisher.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SignatureRecord {
    pub(super) exists: bool,
    /// It is that of the whole content.
    pub(super) valid: bool,
    /// Its key, or that of the authority behind it, is known. Nothing is known of certificates that were called back since.
    pub(super) trusted: bool,
    /// The publisher.
    pub(super) subject_name: String,
    /// Which signature it is, and whether it holds, in words.
    pub(super) status: String,
}

impl From<&crate::model::Signed> for SignatureRecord {
    fn from(signed: &crate::model::Signed) -> Self {
        Self {
            exists: true,
            valid: true,
            trusted: true,
            subject_name: signed.publisher.clone(),
            status: signed.to_string(),
        }
    }
}

impl FileRecord {
    pub(super) fn hashed(path: &crate::model::ServerPath, sha256: &str) -> Self {
        let hash = HashRecord { sha256: Some(sha256.to_owned()), sha1: None, md5: None };
        Self { hash: Some(hash), ..Self::named(path) }
    }

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
            code_signature: artefact.signed.as_ref().map(SignatureRecord::from),
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
    /// `scan_start`, `finding`, `problem`, `examined`, `coverage`, `log_hit`, `file_requests`, `log_coverage`, `health`, `moment`,
    /// `site`, `comparison` or `scan_end`.
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
    /// In a finding: the patch level of the installation when the file was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<String>,
    /// In a finding: the requests for the file. They are known only when logs are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_requests: Option<RequestSummaryRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<SiteRecord>,
    /// What the file's record in the MFT says, where the source reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ntfs: Option<NtfsRecord>,
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

impl From<&crate::model::Endpoint> for ReachRecord {
    fn from(reach: &crate::model::Endpoint) -> Self {
        use crate::model::Disposition;
        let (runs, handler, why) = match &reach.runs {
            Disposition::By(handler) => ("handler", Some(handler.clone()), None),
            Disposition::Sent => ("sent", None, None),
            Disposition::Refused(why) => ("refused", None, Some(why.clone())),
            Disposition::Unknown(why) => ("unknown", None, Some(why.clone())),
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

/// A record of the MFT: its number, how often it was used, the times of $FILE_NAME, whether it is free, and the named streams.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct NtfsRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sequence: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_changed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_accessed: Option<String>,
    pub(super) deleted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) streams: Vec<StreamRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct StreamRecord {
    pub(super) name: String,
    pub(super) size: u64,
}

impl NtfsRecord {
    pub(super) fn of(entry: &crate::model::Entry) -> Option<Self> {
        let ntfs = entry.ntfs.as_ref()?;
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Some(Self {
            entry: entry.inode,
            sequence: ntfs.sequence,
            name_created: time(ntfs.name_times.created),
            name_modified: time(ntfs.name_times.modified),
            name_changed: time(ntfs.name_times.changed),
            name_accessed: time(ntfs.name_times.accessed),
            deleted: ntfs.deleted,
            streams: ntfs
                .streams
                .iter()
                .map(|stream| StreamRecord { name: stream.name.clone(), size: stream.size })
                .collect(),
        })
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ReasonRecord {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) score: u8,
    pub(super) title: String,
    pub(super) locations: Vec<ProofRecord>,
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
            score: reason.score,
            title: reason.title.clone(),
            locations: reason
                .locations
                .iter()
                .map(|proof| ProofRecord {
                    offset: proof.offset,
                    length: proof.length,
                    encodings: proof.encodings.clone(),
                    line: proof.line,
                    excerpt: proof.excerpt.clone(),
                    role: proof.role.map(crate::model::LocationRole::name),
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
    pub(super) encodings: String,
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
    /// Archives among the files that were read, whose content was not unpacked.
    pub(super) archives: u64,
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
    /// `compromised`, `suspicious`, `exposed`, `attempted`, `nothing_found` or `incomplete`.
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
    /// The installations whose build no stock table knows, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) no_baseline: Vec<String>,
    pub(super) problems: BTreeMap<&'static str, u64>,
    pub(super) seconds: f64,
}
