//! What is missing in a case: one list for every format that has a place for it.

use super::{Case, Omitted, Run};
use crate::record::{SpanRecord, Time};
use crate::text::grouped;

/// One thing that was not examined, that is not known, or that was too much to keep.
#[derive(Clone, Debug)]
pub(crate) struct Gap<'c> {
    /// The server; empty for what concerns an input as a whole.
    pub(crate) server: &'c str,
    /// The kind of the problem, or one of `not_complete`, `no_baseline`, `log_missing`, `log_gap`, `clock_rollback`,
    /// `deleted_log_not_read`, `not_followed`, `omitted`, `unread`, `note`.
    pub(crate) kind: &'static str,
    /// What it concerns; empty where that is in the message.
    pub(crate) path: &'c str,
    /// In words.
    pub(crate) message: String,
    /// When it was noticed, of a record.
    pub(crate) noticed: Option<Time>,
    /// The span of time that it concerns.
    pub(crate) from: Option<Time>,
    pub(crate) to: Option<Time>,
}

impl<'c> Gap<'c> {
    fn new(server: &'c str, kind: &'static str, path: &'c str, message: impl Into<String>) -> Self {
        Self { server, kind, path, message: message.into(), noticed: None, from: None, to: None }
    }
}

impl Case {
    /// Everything that is missing, server by server.
    pub(crate) fn gaps(&self) -> Vec<Gap<'_>> {
        let mut gaps: Vec<Gap> = self.runs.iter().flat_map(Run::gaps).collect();
        gaps.extend(self.gaps_of_inputs());
        gaps
    }

    /// What is missing of the inputs that runs were read from.
    pub(crate) fn gaps_of_inputs(&self) -> Vec<Gap<'_>> {
        let unread = self.unread.iter().map(|words| Gap::new("", "unread", "", words));
        unread.chain(self.notes.iter().map(|words| Gap::new("", "note", "", words))).collect()
    }
}

impl Run {
    /// Everything that is missing of this run.
    pub(crate) fn gaps(&self) -> Vec<Gap<'_>> {
        let server = self.server();
        let mut gaps = Vec::new();
        if let Some(summary) = self.end.as_ref().and_then(|end| end.summary.as_ref()) {
            gaps.extend(summary.gaps.iter().map(|words| Gap::new(server, "not_complete", "", words)));
            gaps.extend(summary.no_baseline.iter().map(|words| Gap::new(server, "no_baseline", "", words)));
        }
        for problem in &self.problems {
            let message = problem.head.error.as_ref().map_or(&problem.head.message, |error| &error.message);
            let gap = Gap::new(server, problem.body.kind.0.name(), problem.path(), message);
            gaps.push(Gap { noticed: Some(problem.head.timestamp), ..gap });
        }
        self.log_coverage.iter().flatten().for_each(|span| log_gaps(server, span, &mut gaps));
        for link in self.coverage.iter().flat_map(|coverage| &coverage.not_followed) {
            let target = link.target.as_ref().map(|target| format!(", to {target}")).unwrap_or_default();
            gaps.push(Gap::new(server, "not_followed", &link.path, format!("{} not followed{target}", link.kind)));
        }
        let Omitted { findings, problems, timeline, hits, others, highest: _ } = self.omitted;
        for (count, what) in [
            (findings, "findings"),
            (problems, "problems"),
            (timeline, "events of the timeline"),
            (others, "records of other kinds"),
        ] {
            if count > 0 {
                let message = format!("{} more {what} are in the JSONL output only", grouped(count));
                gaps.push(Gap::new(server, "omitted", "", message));
            }
        }
        if hits > 0 {
            let message = format!("{} lines of logs that match were omitted: too many to keep", grouped(hits));
            gaps.push(Gap::new(server, "omitted", "", message));
        }
        gaps
    }
}

/// What one kind of log lacks. Lists that are shorter than what they list say how much more there is.
fn log_gaps<'c>(server: &'c str, span: &'c SpanRecord, gaps: &mut Vec<Gap<'c>>) {
    let Some(folder) = span.folder.as_deref() else {
        gaps.push(Gap::new(server, "log_missing", "", format!("no {} logs", span.kind)));
        return;
    };
    let spans = [
        ("log_gap", "no line", &span.gaps, span.gaps_count),
        ("clock_rollback", "the time goes back", &span.clock_rollbacks, span.clock_rollbacks_count),
    ];
    for (kind, what, list, count) in spans {
        for one in list {
            let gap = Gap::new(server, kind, folder, format!("{} logs: {what}", span.kind));
            gaps.push(Gap { from: Some(one.from), to: Some(one.to), ..gap });
        }
        let more = count.saturating_sub(list.len() as u64);
        if more > 0 {
            let message = format!("{} logs: {} more of this kind are not listed", span.kind, grouped(more));
            gaps.push(Gap::new(server, kind, folder, message));
        }
    }
    for log in &span.deleted_not_read {
        let message = format!("deleted log, not read: {}", log.remains.0.name());
        gaps.push(Gap::new(server, "deleted_log_not_read", &log.path, message));
    }
    let more = span.deleted_not_read_count.saturating_sub(span.deleted_not_read.len() as u64);
    if more > 0 {
        let message = format!("{} more deleted {} logs were not read", grouped(more), span.kind);
        gaps.push(Gap::new(server, "deleted_log_not_read", folder, message));
    }
}
