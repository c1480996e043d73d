//! The results that actions are made from.

use shellsift_model::{Finding, Health, Level, LogReport, Problem, ServerInfo, Summary};

/// The finished results of a run.
#[derive(Clone, Copy)]
pub struct Results<'r> {
    /// The verdict.
    pub summary: &'r Summary,
    /// The findings, in any order.
    pub findings: &'r [Finding],
    /// The level of a finding as evidence of an intrusion: without what only shows that the server is exposed.
    pub intrusion: fn(&Finding) -> Level,
    /// What was found in logs, where they were read.
    pub logs: Option<&'r LogReport>,
    /// The patch level of each installation.
    pub health: &'r [Health],
    /// What could not be examined.
    pub problems: &'r [Problem],
    /// Problems beyond these that were too many to keep.
    pub problems_omitted: u64,
    /// What the registry says of the server.
    pub server: &'r ServerInfo,
    /// The name of the server, where it is known.
    pub host: Option<&'r str>,
    /// Whether the evidence is a disk image already.
    pub imaged: bool,
    /// The arguments of the run, quoted.
    pub command_line: &'r str,
}
