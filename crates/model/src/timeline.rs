//! The timeline: what happened, in time order.

use super::Timestamp;
use super::named::named;

/// What an event of the timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineKind {
    /// A sign of exploitation of level high or above.
    Exploited,
    /// A sign of exploitation of level medium.
    Suspicious,
    /// The first attempt of each kind that is not known to have worked.
    Attempt,
    /// A malicious file was created or, where its source has no creation time, last written.
    FileCreated,
    /// The first successful request for a found file.
    Accessed,
    /// ASP.NET compiled a page that no longer exists.
    PageCompiled,
    /// A found file no longer answers requests with success.
    Deleted,
    /// Server code was deleted, by the change journal of its volume or by a recycle bin.
    FileDeleted,
    /// Configuration was changed.
    ConfigurationChanged,
    /// An update was installed.
    Patched,
}

named!(TimelineKind {
    Exploited => "exploited",
    Suspicious => "suspicious",
    Attempt => "attempt",
    FileCreated => "file_created",
    Accessed => "accessed",
    PageCompiled => "page_compiled",
    Deleted => "deleted",
    FileDeleted => "file_deleted",
    ConfigurationChanged => "configuration_changed",
    Patched => "patched",
});

impl TimelineKind {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::FileCreated => "file created",
            Self::FileDeleted => "file deleted",
            Self::PageCompiled => "page compiled",
            Self::ConfigurationChanged => "configuration changed",
            other => other.name(),
        }
    }
}

/// An event of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEvent {
    /// When.
    pub time: Timestamp,
    /// What kind.
    pub what: TimelineKind,
    /// What happened, in words; may quote the evidence, raw.
    pub words: String,
}
