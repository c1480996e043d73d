//! Bounds of the page.

/// Findings that are laid out together.
pub(crate) const BLOCK: usize = 50;

/// How much of what a page has room for.
pub(crate) struct Limits {
    /// Findings.
    pub(crate) findings: usize,
    /// Findings that a browser makes nodes of while it reads the page; of the others the script does when the page is drawn.
    pub(crate) at_once: usize,
    /// Bytes of findings in full; what comes after them is not repeated where an earlier finding has the same.
    pub(crate) in_full: usize,
    /// Bytes of findings with code of their own; those after them have their reasons alone.
    pub(crate) with_code: usize,
    /// Bytes of findings with all that is known of their files; those after them have hash, times, URL and requests.
    pub(crate) with_all: usize,
    /// Rows of log hits.
    pub(crate) hits: usize,
    /// Bytes of log hits with their lines.
    pub(crate) with_lines: usize,
}

pub(crate) const LIMITS: Limits = Limits {
    findings: 20_000,
    at_once: 100,
    in_full: 1 << 20,
    with_code: 3 << 20,
    with_all: 3 << 20,
    hits: 3_000,
    with_lines: 1 << 19,
};
