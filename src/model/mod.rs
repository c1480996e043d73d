//! Plain values that every room shares. Nothing here reads a file, a clock or the network.

pub mod artefact;
pub mod baseline;
pub mod entry;
pub mod finding;
mod listing;
pub mod neighbours;
pub mod place;
pub mod problem;
pub mod report;
pub mod server_path;
pub mod timestamp;
pub mod window;

pub use artefact::{Artefact, Examined, Hashes};
pub use baseline::{BaselineStatus, Comparison, Standing};
pub use entry::{Attributes, Entry, EntryKind, Times};
pub use finding::{Finding, Level, Proof, ProofRole, Reason, ReasonKind, RuleRef};
pub use listing::{CodeLine, Listing};
pub use neighbours::{Company, Neighbours};
pub use place::{Place, Role};
pub use problem::{Problem, ProblemKind};
pub use report::{Coverage, Discovered, Outcome, Report, RunInfo, Source, Summary};
pub use server_path::ServerPath;
pub use timestamp::Timestamp;
pub use window::Window;
