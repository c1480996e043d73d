//! The description of a check, the same for rules, behaviours, locations, timestamps, configuration, autostart entries,
//! logs and event logs. Reports, documents, `rules list` and `explain --check` are generated from it.

use super::Level;

/// One thing that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckInfo {
    /// Its stable id in reasons and log hits, `area/what_it_is`: `behaviour/eval_request_input`. One id means one thing.
    pub id: &'static str,
    /// One line for a person.
    pub title: &'static str,
    /// The highest score that it gives, 0 to 100: how sure it alone makes us. 0 for checks of logs, which have a level.
    pub score: u8,
    /// The highest level of its hits, for checks of logs.
    pub level: Option<Level>,
    /// What it looks for.
    pub looks_for: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What benign files, settings or people look the same.
    pub benign_look_alikes: &'static str,
    /// The techniques of MITRE ATT&CK that it is evidence of: `T1505.003`. Names and tactics are in `signatures/attack.csv`.
    pub attack: &'static [&'static str],
    /// The vulnerabilities it is about: `CVE-2021-26855`.
    pub cves: &'static [&'static str],
    /// Where to read more.
    pub references: &'static [&'static str],
}

impl CheckInfo {
    /// What most checks have nothing of; for the rest of a struct expression.
    pub const EMPTY: Self = Self {
        id: "",
        title: "",
        score: 0,
        level: None,
        looks_for: "",
        why: "",
        benign_look_alikes: "",
        attack: &[],
        cves: &[],
        references: &[],
    };

    /// The part of the id before the slash: `behaviour`, `location`, `log` ...
    pub fn area(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(area, _)| area)
    }

    /// The part of the id behind the slash: `eval_request_input`.
    pub fn name(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(_, name)| name)
    }
}
