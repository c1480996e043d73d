//! Results of examining one file.

use super::{Problem, Reason, Signed};

/// The results of the detectors for one file.
#[derive(Debug, Default)]
pub struct ScanResults {
    /// Why it is suspicious.
    pub reasons: Vec<Reason>,
    /// What could not be finished.
    pub problems: Vec<Problem>,
    /// The known publisher that has signed it.
    pub signed: Option<Signed>,
}
