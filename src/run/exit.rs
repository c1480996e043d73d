//! How a run ended, as the exit code of the process.

use crate::model::{AnalysisResults, Health, Level, Problem, Summary};
use crate::report::Case;
use crate::verdict::COUNTS;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Complete, and nothing found.
    Clean,
    /// Something was found, at or above the level that the user asked about.
    Found,
    /// Nothing at or above that level, but not everything could be examined.
    Incomplete,
    /// Complete; something was found, all of it below that level.
    Below,
    /// Stopped from outside; what was found so far is written.
    Interrupted,
    /// The user's own input has faults that were asked for (`rules check`).
    Faults,
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Found => 1,
            Exit::Faults => 2,
            Exit::Incomplete => 3,
            Exit::Below => 4,
            Exit::Interrupted => 130,
        }
    }

    /// Of a verdict. Zero is never reported for what somebody has to look at, wherever the user draws the line.
    pub(super) fn of_verdict(results: &AnalysisResults, fail_on: Level, exit_zero: bool) -> Self {
        let Summary { by_level, hits_by_level, .. } = &results.summary;
        let found =
            |level: Level| by_level[level as usize..].iter().chain(&hits_by_level[level as usize..]).sum::<u64>() > 0;
        match () {
            () if results.summary.interrupted => Exit::Interrupted,
            () if exit_zero => Exit::Clean,
            () if found(fail_on) => Exit::Found,
            () if results.summary.gaps.is_some() => Exit::Incomplete,
            () if found(COUNTS) => Exit::Below,
            () => Exit::Clean,
        }
    }

    /// Of the results of earlier runs: as the most urgent of them would have ended.
    pub(super) fn of_case(case: &Case, fail_on: Level, exit_zero: bool) -> Self {
        match () {
            () if exit_zero => Exit::Clean,
            () if case.has_found(fail_on) || case.has_known_exploited() => Exit::Found,
            () if case.has_gaps() => Exit::Incomplete,
            () if case.has_found(COUNTS) => Exit::Below,
            () => Exit::Clean,
        }
    }

    /// Of a patch level: an open vulnerability that is known to be exploited outweighs what could not be read.
    pub(super) fn of_patch_level(all: &[Health], problems: &[Problem]) -> Self {
        match () {
            () if all.iter().any(|health| health.open.iter().any(|open| open.exploited)) => Exit::Found,
            // Without a level nothing was compared with the tables.
            () if all.iter().any(|health| health.level.is_none()) => Exit::Incomplete,
            () => Exit::of_coverage(problems),
        }
    }

    /// Of a run that shows and does not judge.
    pub(super) fn of_coverage(problems: &[Problem]) -> Self {
        if problems.iter().any(|problem| problem.kind.leaves_a_gap()) { Exit::Incomplete } else { Exit::Clean }
    }
}
