//! Values that tests of several files need.

use crate::model::{Artefact, Finding, Level, Reason, Tactic, Technique};
use std::sync::LazyLock;

/// A finding of one reason.
pub(crate) fn finding_of(artefact: Artefact, reason: Reason) -> Finding {
    let score = f64::from(reason.score);
    let level = if reason.score >= 75 { Level::High } else { Level::Low };
    Finding { artefact, reasons: vec![reason], score, level, patch: None, requests: None }
}

/// A small table of checks with the techniques that they are evidence of.
pub(crate) fn techniques_of(check: &str) -> &'static [Technique] {
    static TABLE: LazyLock<[Technique; 3]> = LazyLock::new(|| {
        let persistence = Tactic { id: "TA0003", name: "Persistence" };
        let execution = Tactic { id: "TA0002", name: "Execution" };
        let parent = Some(("T1505", "Server Software Component"));
        [
            Technique { id: "T1505.003", name: "Web Shell", parent, tactics: vec![persistence] },
            Technique { id: "T1505.004", name: "IIS Components", parent, tactics: vec![persistence] },
            Technique {
                id: "T1059",
                name: "Command and Scripting Interpreter",
                parent: None,
                tactics: vec![execution],
            },
        ]
    });
    let rows = match check {
        "behaviour/eval" | "signature/r" | "log/proxylogon" => 0..1,
        "config/module" => 1..2,
        "behaviour/command" => 0..3,
        _ => 0..0,
    };
    TABLE.get(rows).unwrap_or_default()
}
