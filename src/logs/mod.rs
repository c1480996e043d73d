//! Evidence of exploitation in logs: discovery, coverage, checks.
//!
//! [`survey`] finds the logs of a server, [`loose`] those in any folders, [`examine`] reads them. A text log is read in large blocks
//! (`reader`); a few words are searched for in the raw block (`needles`), and only lines that hold one are split into columns
//! (`format`) and checked (`checks`). Sightings are gathered into hits (`aggregate`), beside what the logs cover (`coverage`) and
//! who requested the files that were found (`requests`). Event logs are read by [`events`].

pub mod aggregate;
mod builds;
pub mod checks;
mod coverage;
mod deleted;
pub mod events;
mod examine;
mod format;
mod job;
mod lines;
mod needles;
mod reader;
mod recognise;
mod requests;
mod retention;
mod shadow;
mod sources;
mod stream;
mod survey;
#[cfg(test)]
mod tests;
mod text;
mod text_state;
mod throttle;

pub use crate::targets::Exists;
pub use aggregate::{HitAggregator, LogLocation, Sighting};
pub use builds::builds;
pub use examine::{Event, examine, examine_detached};
pub use format::Kind;
pub use job::{Counters, Job};
pub use retention::add as add_retention;
pub use shadow::{InShadowCopies, find as find_in_shadow_copies};
pub use sources::{Expected, Sources};
pub use survey::{loose, named, survey};
pub use throttle::Throttle;

/// Every check of text logs, cmdlets and event logs, each once.
pub fn all_checks() -> impl Iterator<Item = &'static crate::model::CheckInfo> {
    let others = [checks::cmdlets::CHECKS, events::CHECKS, events::wer::CHECKS];
    let mut all: Vec<&'static crate::model::CheckInfo> = Vec::new();
    for check in checks::all().chain(others.into_iter().flatten().copied()) {
        // One may look in several kinds of log.
        if !all.iter().any(|known| known.id == check.id) {
            all.push(check);
        }
    }
    all.into_iter()
}
