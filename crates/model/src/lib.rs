//! Plain values that the crates of shellsift share: paths of a server, times, files, findings. Nothing here reads a file, a clock or
//! the network.
//!
//! ```
//! use shellsift_model::ServerPath;
//!
//! let site = ServerPath::from_windows(r"C:\inetpub\wwwroot").unwrap();
//! let page = ServerPath::drive('c').join_all(r"INETPUB\wwwroot\aspnet_client\x.aspx");
//! assert_eq!(page.below(&site), Some(r"aspnet_client\x.aspx"));
//! ```

mod action;
pub mod artefact;
pub mod baseline;
mod change;
mod check;
pub mod client;
mod compiled;
pub mod device_names;
pub mod drop_folders;
pub mod entry;
pub mod explanation;
mod file_history;
pub mod file_types;
pub mod finding;
pub mod health;
pub mod intervals;
mod level;
mod listing;
pub mod log;
mod named;
pub mod neighbours;
mod numbers;
pub mod overview;
pub mod percent;
pub mod place;
pub mod problem;
mod reach;
pub mod report;
mod scan_results;
mod server_info;
pub mod server_path;
mod shadow;
mod signed;
mod table;
mod technique;
mod timeline;
pub mod timestamp;
pub mod wide_name;
pub mod window;

pub use action::{Action, ActionItem};
pub use artefact::{Artefact, Examined, Hashes};
pub use baseline::{BaselineStatus, BuildMatch, Comparison};
pub use change::ConfigChange;
pub use check::CheckInfo;
pub use compiled::{Compiled, SourceState};
pub use entry::{Attributes, Entry, EntryKind, NamedStream, NtfsRecord, Remains, Times};
pub use file_history::{DeletedFile, FileEvent, FileHistory, FoundIn, Recycled};
pub use finding::{EXPOSURES, Finding, Location, LocationRole, Reason, ReasonKind, RuleRef};
pub use health::{Health, OpenVulnerability, PatchLevel};
pub use level::Level;
pub use listing::{CodeLine, Listing};
pub use log::{BuildSeen, FileRequests, LogHit, LogProof, LogReport, LogSpan, RequestSummary, Stage};
pub use named::Named;
pub use neighbours::{FolderStats, TimeStats};
pub use numbers::Numbers;
pub use place::{Place, Role};
pub use problem::{Problem, ProblemKind};
pub use reach::{Disposition, Endpoint};
pub use report::{
    AnalysisResults, Coverage, Discovered, Outcome, Provenance, RunInfo, Skipped, Source, Subject, Summary, Suppressed,
    SuppressedCounts,
};
pub use scan_results::ScanResults;
pub use server_info::{
    AntivirusExclusion, ExchangeSetup, ExcludedKind, ExclusionAdvice, ExclusionSource, IisSetup, InstalledProduct,
    ServerInfo, TimeZoneInfo, WindowsInfo,
};
pub use server_path::ServerPath;
pub use shadow::{InShadow, ShadowCopy, Since};
pub use signed::{Signed, SignedBy};
pub use technique::{Tactic, Technique, TechniquesOf};
pub use timeline::{TimelineEvent, TimelineKind};
pub use timestamp::Timestamp;
pub use window::Window;
