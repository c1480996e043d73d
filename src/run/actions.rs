//! What to do now, from the finished results. No evidence I/O.

use crate::catalogue;
use crate::inputs::Inputs;
use crate::model::{Action, Finding, Health, LogReport, Problem, RunInfo, Subject, Summary};
use crate::response::{self, Results};
use crate::targets::Plan;
use crate::verdict::level_of_intrusion;

/// What was found, as far as it was kept.
pub(super) struct Found<'c> {
    pub(super) findings: &'c [Finding],
    pub(super) logs: Option<&'c LogReport>,
    pub(super) health: &'c [Health],
    pub(super) problems: &'c [Problem],
    pub(super) problems_omitted: u64,
}

/// What a verdict on these targets is about: a server, where there is one, or its logs.
pub(super) fn subject(inputs: &Inputs, plan: &Plan, logs: Option<&LogReport>) -> Subject {
    let has_logs = logs.is_some_and(|logs| logs.spans.iter().any(|span| span.files > 0));
    // Where nothing could be opened, nothing says that it was a file.
    match inputs.targets.is_empty() || has_logs || inputs.are_of_a_server(plan) {
        true => Subject::Server,
        false => Subject::Files,
    }
}

/// The actions of a run, in order.
pub(super) fn of(found: &Found<'_>, run: &RunInfo, summary: &Summary, imaged: bool) -> Vec<Action> {
    let results = Results {
        summary,
        findings: found.findings,
        intrusion: level_of_intrusion,
        logs: found.logs,
        health: found.health,
        problems: found.problems,
        problems_omitted: found.problems_omitted,
        server: &run.server,
        host: run.host.as_deref(),
        imaged,
        command_line: &run.provenance.command_line,
    };
    response::actions(catalogue::response(), &results)
}

#[cfg(test)]
mod tests {
    use crate::{catalogue, checks, model::ProblemKind, response};

    /// A check of another name would leave its action silent for good.
    #[test]
    fn every_check_and_kind_of_problem_that_a_row_names_exists() {
        let tables = catalogue::response();
        let ids: Vec<&str> = checks::checks().map(|check| check.id).collect();
        let modified = response::MODIFIED.iter().map(|id| (*id).to_owned());
        let named: Vec<String> = tables.rows.iter().flat_map(|row| row.of.clone()).chain(modified).collect();
        assert!(named.len() > 80, "{}", named.len());
        for id in named.iter().filter(|id| !id.starts_with("signature/")) {
            let is_it = |name: &str| id.strip_suffix('*').map_or(name == id, |start| name.starts_with(start));
            let is_kind = ProblemKind::ALL.iter().any(|kind| is_it(kind.name()));
            assert!(is_kind || ids.iter().any(|name| is_it(name)), "{id}");
        }
    }

    /// What cannot be examined says how to close the gap.
    #[test]
    fn every_kind_of_gap_has_an_action() {
        let rows = &catalogue::response().rows;
        let gaps = || rows.iter().filter(|row| row.lists == response::Lists::Gaps);
        for kind in ProblemKind::ALL.iter().filter(|kind| kind.leaves_a_gap()) {
            assert_eq!(gaps().filter(|row| row.of.iter().any(|of| of == kind.name())).count(), 1, "{}", kind.name());
        }
    }
}
