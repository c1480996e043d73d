//! How urgent something is.

use super::named::named;
use std::fmt;

/// How urgent a finding is. Ordered: `Info` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Look when there is time.
    Low,
    /// Suspicious.
    Medium,
    /// Malicious, high confidence.
    High,
    /// Malicious, near certainty.
    Critical,
}

named!(Level { Info => "info", Low => "low", Medium => "medium", High => "high", Critical => "critical" });

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
