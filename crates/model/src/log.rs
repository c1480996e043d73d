//! Results of log analysis: exploitation hits, requests for files found, coverage.

use super::named::named;
use super::{Level, Remains, ServerPath, Timestamp};
use std::collections::BTreeMap;

/// How far an attacker got, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Belongs to the timeline and proves nothing by itself.
    Context,
    /// Requested; refused, or not known to have worked.
    Attempt,
    /// The request reached the back end.
    ReachedBackend,
    /// A session was obtained, or a request ran as another user.
    SessionObtained,
    /// Configuration or data was read.
    DataRead,
    /// Configuration or permissions were changed.
    ConfigurationChanged,
    /// A file was written or code was executed.
    CodeExecutionOrFileWrite,
}

named!(Stage {
    Context => "context",
    Attempt => "attempt",
    ReachedBackend => "reached_backend",
    SessionObtained => "session_obtained",
    DataRead => "data_read",
    ConfigurationChanged => "configuration_changed",
    CodeExecutionOrFileWrite => "code_execution_or_file_write",
});

impl Stage {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Attempt => "attempt",
            Self::ReachedBackend => "reached the back end",
            Self::SessionObtained => "session obtained",
            Self::DataRead => "data read",
            Self::ConfigurationChanged => "configuration changed",
            Self::CodeExecutionOrFileWrite => "code execution or file write",
        }
    }
}

/// A sign of exploitation: sightings of one check at one stage by one client, in time order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHit {
    /// Stable id of the check: `proxylogon`, `proxyshell`, `mailbox_export` ...
    pub check: &'static str,
    /// The vulnerabilities it is about: `CVE-2021-26855`; empty where it is about none.
    pub cves: &'static [&'static str],
    /// How far it went.
    pub stage: Stage,
    /// How much it weighs in the verdict: high and critical mean that the server was exploited.
    pub level: Level,
    /// One line for a person; may quote the evidence, raw.
    pub title: String,
    /// The client's address, or the account where there is no address; empty where the log has neither. Raw.
    pub client: String,
    /// The first sighting; `None` where no line has a time that can be read.
    pub first: Option<Timestamp>,
    /// The last sighting.
    pub last: Option<Timestamp>,
    /// How many lines.
    pub count: u64,
    /// The first few lines.
    pub locations: Vec<LogProof>,
    /// The server's patch level at the first sighting, and whether it was vulnerable then, in words; filled in by the run.
    pub patch: Option<String>,
}

impl LogHit {
    /// What makes it this hit: the same parts in every run, and while it grows.
    pub fn key(&self) -> [&str; 4] {
        [self.check, self.stage.name(), &self.client, &self.title]
    }
}

/// A line or event that shows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The log file.
    pub path: ServerPath,
    /// The member of an archive, if the file is one.
    pub member: Option<String>,
    /// Whether the log is deleted, and was read from its record.
    pub deleted: bool,
    /// The line from 1, or the record id of an event.
    pub line: u64,
    /// The time in the line.
    pub time: Option<Timestamp>,
    /// The request or cmdlet, cut to a readable length. Raw: it may hold any character.
    pub excerpt: String,
}

/// Requests for one found file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequests {
    /// The file.
    pub path: ServerPath,
    /// The URL path that was asked for.
    pub url: String,
    /// The first request.
    pub first: Option<Timestamp>,
    /// The last request.
    pub last: Option<Timestamp>,
    /// The first request that was answered with 2xx.
    pub first_success: Option<Timestamp>,
    /// The last request that was answered with 2xx.
    pub last_success: Option<Timestamp>,
    /// How many requests.
    pub count: u64,
    /// By method. Bounded; what was omitted is counted under `...`.
    pub methods: BTreeMap<String, u64>,
    /// By status.
    pub statuses: BTreeMap<String, u64>,
    /// By client address.
    pub clients: BTreeMap<String, u64>,
    /// By user agent.
    pub agents: BTreeMap<String, u64>,
    /// How many of them were matched with the HttpProxy logs by request id.
    pub joined: u64,
    /// The first few lines.
    pub locations: Vec<LogProof>,
}

/// The requests for one file, by whatever URL they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSummary {
    /// How many.
    pub count: u64,
    /// The first one.
    pub first: Option<Timestamp>,
    /// The last one.
    pub last: Option<Timestamp>,
    /// The first one that was answered with 2xx.
    pub first_success: Option<Timestamp>,
    /// The last one that was answered with 2xx.
    pub last_success: Option<Timestamp>,
    /// How many clients, as far as they are distinguished.
    pub clients: u64,
}

/// What one kind of log covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSpan {
    /// `HttpProxy Ecp`, `IIS W3SVC1`, `Application.evtx` ...
    pub kind: String,
    /// Its folder; `None` where it was looked for and is missing.
    pub folder: Option<ServerPath>,
    /// Files read.
    pub files: u64,
    /// Bytes read, unpacked.
    pub bytes: u64,
    /// The earliest time in its lines.
    pub first: Option<Timestamp>,
    /// The latest time in its lines.
    pub last: Option<Timestamp>,
    /// Gaps: spans without a line, longer than such a log is ever silent on a server in use; the longest ones.
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// How many gaps there are.
    pub gaps_count: u64,
    /// Clock rollbacks: where the time goes back by hours from one line of a file to the next; the first ones.
    pub clock_rollbacks: Vec<(Timestamp, Timestamp)>,
    /// How many clock rollbacks there are.
    pub clock_rollbacks_count: u64,
    /// Deleted logs of which all was left and which were read with the others; the first ones.
    pub deleted: Vec<ServerPath>,
    /// How many deleted logs were read.
    pub deleted_count: u64,
    /// Deleted logs that were not read, and how much of each is left; the first ones.
    pub deleted_not_read: Vec<(ServerPath, Remains)>,
    /// How many deleted logs were not read.
    pub deleted_not_read_count: u64,
    /// When it is overwritten or goes on in a new file, in words, where the settings of the server say so.
    pub retention: Option<String>,
}

impl LogSpan {
    /// How many deleted logs are listed by their paths.
    pub const MOST_DELETED: usize = 20;

    /// Adds a deleted log that was read. The first by their paths are kept, whatever order they come in.
    pub fn add_deleted(&mut self, path: ServerPath) {
        self.deleted_count += 1;
        self.deleted.push(path);
        self.deleted.sort();
        self.deleted.truncate(Self::MOST_DELETED);
    }

    /// Adds a deleted log that was not read.
    pub fn add_not_read(&mut self, path: ServerPath, remains: Remains) {
        self.deleted_not_read_count += 1;
        self.deleted_not_read.push((path, remains));
        self.deleted_not_read.sort();
        self.deleted_not_read.truncate(Self::MOST_DELETED);
    }
}

/// A build that a source names at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildSeen {
    /// `15.2.721.2`.
    pub build: String,
    /// The first time it is seen; `None` for a file's version, which has no time.
    pub first: Option<Timestamp>,
    /// The last time it is seen; `None` where only its beginning is known: a folder that an update created.
    pub last: Option<Timestamp>,
    /// Where: `HttpProxy logs`, `bin\ExSetup.exe`.
    pub source: String,
}

/// Everything found in the logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReport {
    /// Signs of exploitation, the earliest first.
    pub hits: Vec<LogHit>,
    /// Hits that were left out because there were too many.
    pub hits_omitted: u64,
    /// Requests for found files.
    pub requests: Vec<FileRequests>,
    /// What the logs cover.
    pub spans: Vec<LogSpan>,
    /// Builds that the logs name over time.
    pub builds: Vec<BuildSeen>,
}
