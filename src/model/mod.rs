//! Plain values that every room shares. Nothing here reads a file, a clock or the network.

pub mod artefact;
pub mod baseline;
mod change;
mod compiled;
pub mod entry;
pub mod finding;
pub mod health;
mod listing;
pub mod log;
pub mod neighbours;
pub mod place;
pub mod problem;
mod reach;
pub mod report;
pub mod server_path;
mod signed;
pub mod timestamp;
pub mod window;

pub use artefact::{Artefact, Examined, Hashes};
pub use baseline::{BaselineStatus, BuildMatch, Comparison};
pub use change::ConfigChange;
pub use compiled::{Compiled, SourceState};
pub use entry::{Attributes, Entry, EntryKind, Times};
pub use finding::{Finding, Level, Location, LocationRole, Reason, ReasonKind, RuleRef};
pub use health::{Health, TimelineEvent, OpenFlaw, PatchLevel};
pub use listing::{CodeLine, Listing};
pub use log::{BuildSeen, FileRequests, Stage, LogHit, LogProof, LogReport, LogSpan};
pub use neighbours::{FolderStats, TimeStats};
pub use place::{Place, Role};
pub use problem::{Problem, ProblemKind};
pub use reach::{Disposition, Endpoint};
pub use report::{AnalysisResults, Coverage, Discovered, Outcome, RunInfo, Source, Summary};
pub use server_path::ServerPath;
pub use signed::{Signed, SignedBy};
pub use timestamp::Timestamp;
pub use window::Window;
