//! The file of a finding, and its reasons.

use super::logs::RequestSummaryRecord;
use super::ntfs::NtfsRecord;
use super::words::{Time, Times, Word};
use crate::model::{
    Artefact, BaselineStatus, Comparison, Compiled, Disposition, Endpoint, Examined, Finding, Level, Location,
    LocationRole, Reason, ReasonKind, Role, RuleRef, Source, SourceState,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct FindingBody {
    pub(in crate::report) level: Word<Level>,
    pub(in crate::report) score: f64,
    /// The strongest first.
    pub(in crate::report) reasons: Vec<ReasonRecord>,
    /// The build of the installation when the file was created, and where that is known from, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) patch_level: Option<String>,
    /// The requests for the file, by whatever URL; known only when logs are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) file_requests: Option<RequestSummaryRecord>,
    #[serde(flatten)]
    pub(in crate::report) state: ExaminedBody,
    /// The first of `reachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) iis: Option<EndpointRecord>,
    /// Every URL by which the web server reaches the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub(in crate::report) reachable: Vec<EndpointRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) source: Option<FileSource>,
}

impl FindingBody {
    pub(in crate::report) fn new(finding: &Finding, source: Option<&Source>, times: &mut Times) -> Self {
        let artefact = &finding.artefact;
        let reach = &artefact.place.reach;
        Self {
            level: Word(finding.level),
            score: super::run::rounded(finding.score),
            reasons: finding.reasons.iter().map(ReasonRecord::from).collect(),
            patch_level: finding.patch.clone(),
            file_requests: finding.requests.as_ref().map(|requests| RequestSummaryRecord::new(requests, times)),
            state: ExaminedBody::new(artefact, times),
            iis: reach.first().map(EndpointRecord::from),
            reachable: reach.iter().map(EndpointRecord::from).collect(),
            source: source
                .map(|source| FileSource { kind: source.kind.clone(), analysis_path: source.analysis_path.clone() }),
        }
    }
}

/// What is known of an examined file beside its `file.*`.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ExaminedBody {
    pub(in crate::report) examined: Extent,
    /// What the file's folder is to the server.
    pub(in crate::report) role: Word<Role>,
    /// The file compared with the known-good baseline; absent outside Exchange installations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) baseline: Option<BaselineRecord>,
    /// The page that a file of Temporary ASP.NET Files was compiled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) compiled: Option<CompiledRecord>,
    /// The MFT record of the file, if the source reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) ntfs: Option<NtfsRecord>,
    /// Of a file in a recycle bin, what that says of it; who deleted it is in `user.id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) recycle_bin: Option<RecycleBinRecord>,
}

/// What the recycle bin says of a file in it.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct RecycleBinRecord {
    /// Where the file was.
    pub(in crate::report) original_path: String,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) deleted: Option<Time>,
}

impl ExaminedBody {
    pub(in crate::report) fn new(artefact: &Artefact, times: &mut Times) -> Self {
        Self {
            examined: match artefact.examined {
                Examined::Whole => Extent::Complete,
                Examined::Ends(_) => Extent::FirstAndLast,
                Examined::UpTo(_) => Extent::UntilError,
                Examined::MetadataOnly => Extent::MetadataOnly,
            },
            role: Word(artefact.place.role),
            baseline: artefact.comparison.as_ref().map(BaselineRecord::from),
            compiled: artefact.compiled.as_ref().map(|compiled| CompiledRecord::new(compiled, times)),
            ntfs: NtfsRecord::of(&artefact.entry, times),
            recycle_bin: artefact.recycled.as_ref().map(|recycled| RecycleBinRecord {
                original_path: recycled.original.to_string(),
                deleted: times.take("shellsift.recycle_bin.deleted", recycled.time),
            }),
        }
    }
}

/// A file of an installation that is not what the baseline has in its place.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ComparisonBody {
    baseline: BaselineRecord,
}

impl From<&Comparison> for ComparisonBody {
    fn from(comparison: &Comparison) -> Self {
        Self { baseline: comparison.into() }
    }
}

/// How much of a file was scanned.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Extent {
    /// All of it.
    Complete,
    /// Its first and last part; it is larger than `--max-size`.
    FirstAndLast,
    /// What comes before a read error.
    UntilError,
    /// Its name and metadata: the content could not be read.
    MetadataOnly,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct BaselineRecord {
    pub(in crate::report) status: Word<BaselineStatus>,
    /// The builds that have this content here, or the one that it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) build: Option<String>,
    /// What that build has here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) expected_sha256: Option<String>,
    /// Where the baseline has this content, below the installation folder; `version` stands for a build's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) baseline_path: Option<String>,
}

impl From<&Comparison> for BaselineRecord {
    fn from(comparison: &Comparison) -> Self {
        Self {
            status: Word(comparison.status),
            build: comparison.builds.clone(),
            expected_sha256: comparison.expected_sha256.clone(),
            baseline_path: comparison.baseline_path.clone(),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct CompiledRecord {
    pub(in crate::report) virtual_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) assembly: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) time: Option<Time>,
    /// Whether the page still exists.
    pub(in crate::report) page: PageState,
    /// Where the page is, or would be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub(in crate::report) page_paths: Vec<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) reason: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum PageState {
    Present,
    Missing,
    Unknown,
}

impl CompiledRecord {
    fn new(compiled: &Compiled, times: &mut Times) -> Self {
        let (page, page_paths, reason) = match &compiled.source {
            SourceState::Present(path) => (PageState::Present, vec![path.to_string()], None),
            SourceState::Gone(paths) => (PageState::Missing, paths.iter().map(ToString::to_string).collect(), None),
            SourceState::Unknown(why) => (PageState::Unknown, Vec::new(), Some(why.clone())),
        };
        Self {
            virtual_path: compiled.virtual_path.clone(),
            assembly: compiled.assembly.clone(),
            time: times.take("shellsift.compiled.time", compiled.time),
            page,
            page_paths,
            reason,
        }
    }
}

/// One URL by which the web server reaches a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct EndpointRecord {
    /// The URL path.
    pub(in crate::report) url: String,
    pub(in crate::report) site: String,
    /// The URL path of the application.
    pub(in crate::report) application: String,
    pub(in crate::report) pool: String,
    /// The account of the application pool, where the configuration has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) identity: Option<String>,
    pub(in crate::report) disposition: DispositionName,
    /// The handler that executes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) handler: Option<String>,
    /// Why it is denied, or why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) reason: Option<String>,
    /// The authentication methods that are enabled, where the configuration has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub(in crate::report) authentication: Vec<String>,
}

/// What the server does with a request for the file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum DispositionName {
    Executes,
    StaticFile,
    Denied,
    Unknown,
}

impl From<&Endpoint> for EndpointRecord {
    fn from(endpoint: &Endpoint) -> Self {
        let (disposition, handler, reason) = match &endpoint.runs {
            Disposition::By(handler) => (DispositionName::Executes, Some(handler.clone()), None),
            Disposition::Sent => (DispositionName::StaticFile, None, None),
            Disposition::Refused(why) => (DispositionName::Denied, None, Some(why.clone())),
            Disposition::Unknown(why) => (DispositionName::Unknown, None, Some(why.clone())),
        };
        Self {
            url: endpoint.url.clone(),
            site: endpoint.site.clone(),
            application: endpoint.application.clone(),
            pool: endpoint.pool.clone(),
            identity: Some(endpoint.identity.clone()).filter(|identity| !identity.is_empty()),
            disposition,
            handler,
            reason,
            authentication: endpoint.authentication.clone(),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ReasonRecord {
    pub(in crate::report) id: String,
    pub(in crate::report) kind: Word<ReasonKind>,
    pub(in crate::report) score: u8,
    pub(in crate::report) title: String,
    pub(in crate::report) locations: Vec<LocationRecord>,
    /// The names in the code that request input passes, from source to sink.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    pub(in crate::report) data_flow: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) rule: Option<RuleRecord>,
}

impl From<&Reason> for ReasonRecord {
    fn from(reason: &Reason) -> Self {
        Self {
            id: reason.id.clone(),
            kind: Word(reason.kind),
            score: reason.score,
            title: reason.title.clone(),
            locations: reason.locations.iter().map(LocationRecord::from).collect(),
            data_flow: reason.path.clone(),
            rule: reason.rule.as_ref().map(RuleRecord::from),
        }
    }
}

/// The YARA rule, hash or indicator behind a reason.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct RuleRecord {
    pub(in crate::report) name: String,
    pub(in crate::report) ruleset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) reference: Option<String>,
}

impl From<&RuleRef> for RuleRecord {
    fn from(rule: &RuleRef) -> Self {
        Self { name: rule.name.clone(), ruleset: rule.ruleset.clone(), reference: rule.reference.clone() }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct LocationRecord {
    /// In the stored file, in bytes.
    pub(in crate::report) offset: u64,
    pub(in crate::report) length: u64,
    /// The decodings between stored bytes and excerpt, outermost first; `stored` for none, `name` for the path itself.
    pub(in crate::report) encodings: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) line: Option<u64>,
    pub(in crate::report) excerpt: String,
    /// Its role in a data flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) role: Option<Word<LocationRole>>,
}

impl From<&Location> for LocationRecord {
    fn from(location: &Location) -> Self {
        Self {
            offset: location.offset,
            length: location.length,
            encodings: location.encodings.clone(),
            line: location.line,
            excerpt: location.excerpt.clone(),
            role: location.role.map(Word),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct FileSource {
    pub(in crate::report) kind: String,
    pub(in crate::report) analysis_path: String,
}
