//! The file of a finding, and its reasons.

use super::logs::RequestSummaryRecord;
use super::ntfs::NtfsRecord;
use super::suppressed::SuppressedRecord;
use super::words::{Time, Times, Word};
use crate::model::{
    Artefact, BaselineStatus, Comparison, Compiled, Disposition, Endpoint, Examined, Finding, Level, Location,
    LocationRole, Reason, ReasonKind, Role, RuleRef, Source, SourceState,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct FindingBody {
    pub(crate) level: Word<Level>,
    pub(crate) score: f64,
    /// The strongest first.
    pub(crate) reasons: Vec<ReasonRecord>,
    /// The build of the installation when the file was created, and where that is known from, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) patch_level: Option<String>,
    /// The requests for the file, by whatever URL; known only when logs are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_requests: Option<RequestSummaryRecord>,
    #[serde(flatten)]
    pub(crate) state: ExaminedBody,
    /// The first of `reachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iis: Option<EndpointRecord>,
    /// Every URL by which the web server reaches the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reachable: Vec<EndpointRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<FileSource>,
    /// Why the finding counts for nothing: the user's list has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suppressed: Option<SuppressedRecord>,
}

impl FindingBody {
    pub(crate) fn new(finding: &Finding, source: Option<&Source>, times: &mut Times) -> Self {
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
            suppressed: None,
        }
    }
}

impl FindingBody {
    /// The URL paths at which the web server executes the file.
    pub(crate) fn executes_at(&self) -> impl Iterator<Item = &str> {
        let executes = |endpoint: &&EndpointRecord| matches!(endpoint.disposition, DispositionName::Executes);
        self.reachable.iter().filter(executes).map(|endpoint| endpoint.url.as_str())
    }
}

/// What is known of an examined file beside its `file.*`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ExaminedBody {
    pub(crate) examined: Extent,
    /// What the file's folder is to the server.
    pub(crate) role: Word<Role>,
    /// The file compared with the known-good baseline; absent outside Exchange installations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<BaselineRecord>,
    /// The page that a file of Temporary ASP.NET Files was compiled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compiled: Option<CompiledRecord>,
    /// The MFT record of the file, if the source reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ntfs: Option<NtfsRecord>,
    /// Of a file in a recycle bin, what that says of it; who deleted it is in `user.id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recycle_bin: Option<RecycleBinRecord>,
}

/// What the recycle bin says of a file in it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct RecycleBinRecord {
    /// Where the file was.
    pub(crate) original_path: String,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Time>,
}

impl ExaminedBody {
    pub(crate) fn new(artefact: &Artefact, times: &mut Times) -> Self {
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
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ComparisonBody {
    pub(crate) baseline: BaselineRecord,
}

impl From<&Comparison> for ComparisonBody {
    fn from(comparison: &Comparison) -> Self {
        Self { baseline: comparison.into() }
    }
}

/// How much of a file was scanned.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Extent {
    /// All of it.
    Complete,
    /// Its first and last part; it is larger than `--max-size`.
    FirstAndLast,
    /// What comes before a read error.
    UntilError,
    /// Its name and metadata: the content could not be read.
    MetadataOnly,
}

impl Extent {
    /// As records have it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::FirstAndLast => "first_and_last",
            Self::UntilError => "until_error",
            Self::MetadataOnly => "metadata_only",
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct BaselineRecord {
    pub(crate) status: Word<BaselineStatus>,
    /// The builds that have this content here, or the one that it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) build: Option<String>,
    /// What that build has here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_sha256: Option<String>,
    /// Where the baseline has this content, below the installation folder; `version` stands for a build's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline_path: Option<String>,
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

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct CompiledRecord {
    pub(crate) virtual_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assembly: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<Time>,
    /// Whether the page still exists.
    pub(crate) page: PageState,
    /// Where the page is, or would be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) page_paths: Vec<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageState {
    Present,
    Missing,
    Unknown,
}

impl PageState {
    /// The words for a person.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Present => "the page exists",
            Self::Missing => "the page no longer exists",
            Self::Unknown => "not known whether the page exists",
        }
    }
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
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct EndpointRecord {
    /// The URL path.
    pub(crate) url: String,
    pub(crate) site: String,
    /// The URL path of the application.
    pub(crate) application: String,
    pub(crate) pool: String,
    /// The account of the application pool, where the configuration has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<String>,
    pub(crate) disposition: DispositionName,
    /// The handler that executes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handler: Option<String>,
    /// Why it is denied, or why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The authentication methods that are enabled, where the configuration has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) authentication: Vec<String>,
}

/// What the server does with a request for the file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum DispositionName {
    Executes,
    StaticFile,
    Denied,
    Unknown,
}

impl DispositionName {
    /// The words for a person.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Executes => "executes at",
            Self::StaticFile => "served as a static file",
            Self::Denied => "denied",
            Self::Unknown => "not known whether it executes",
        }
    }
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

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ReasonRecord {
    pub(crate) id: String,
    pub(crate) kind: Word<ReasonKind>,
    pub(crate) score: u8,
    pub(crate) title: String,
    pub(crate) locations: Vec<LocationRecord>,
    /// The names in the code that request input passes, from source to sink.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) data_flow: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<RuleRecord>,
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
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct RuleRecord {
    pub(crate) name: String,
    pub(crate) ruleset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
}

impl From<&RuleRef> for RuleRecord {
    fn from(rule: &RuleRef) -> Self {
        Self { name: rule.name.clone(), ruleset: rule.ruleset.clone(), reference: rule.reference.clone() }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct LocationRecord {
    /// In the stored file, in bytes.
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// The decodings between stored bytes and excerpt, outermost first; `stored` for none, `name` for the path itself.
    pub(crate) encodings: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    pub(crate) excerpt: String,
    /// Its role in a data flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<Word<LocationRole>>,
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

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct FileSource {
    pub(crate) kind: String,
    pub(crate) analysis_path: String,
}
