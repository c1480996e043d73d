//! Output of the list of checks, and of one check in full.

use super::text::{plain, wrap};
use crate::model::{CheckInfo, Level, Technique};
use serde::Serialize;
use std::io::{self, Write};

/// A row of the list: a check of the catalogue, or a rule of the user's.
#[derive(Debug, Serialize)]
pub struct CheckRow {
    /// Its id.
    pub id: String,
    /// The area of the id.
    pub kind: String,
    /// The highest score, 0 to 100; `null` for checks of logs.
    pub score: Option<u8>,
    /// The highest level of a hit; `null` for all but checks of logs.
    pub level: Option<&'static str>,
    /// One line.
    pub title: String,
    /// Techniques of MITRE ATT&CK.
    pub attack: Vec<&'static str>,
    /// Vulnerabilities.
    pub cves: Vec<&'static str>,
    /// The rule file, for rules of the user's.
    pub ruleset: Option<String>,
}

impl From<&'static CheckInfo> for CheckRow {
    fn from(check: &'static CheckInfo) -> Self {
        Self {
            id: check.id.to_owned(),
            kind: check.area().to_owned(),
            score: check.level.is_none().then_some(check.score),
            level: check.level.map(Level::name),
            title: check.title.to_owned(),
            attack: check.attack.to_vec(),
            cves: check.cves.to_vec(),
            ruleset: None,
        }
    }
}

/// The list for a person, a line a check.
pub fn check_list(rows: &[CheckRow], out: &mut dyn Write) -> io::Result<()> {
    for row in rows {
        let weight = row.level.map_or_else(|| row.score.unwrap_or_default().to_string(), str::to_owned);
        let attack = row.attack.join(",");
        write!(out, "{weight:>8}  {:<56}  {attack:<20}  {}", plain(&row.id), plain(&row.title))?;
        match &row.ruleset {
            Some(ruleset) => writeln!(out, "  [{}]", plain(ruleset))?,
            None => writeln!(out)?,
        }
    }
    writeln!(out, "{} checks", rows.len())
}

/// The list for programs, an object a line.
pub fn check_list_jsonl(rows: &[CheckRow], out: &mut dyn Write) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, row)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Characters of a line of text.
const WIDTH: usize = 100;

/// One check in full. `attack`: the techniques that it is evidence of. `notes`: those of the family of a built-in rule.
pub fn check(check: &CheckInfo, attack: &[Technique], notes: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", check.id, check.title)?;
    match check.level {
        Some(level) => writeln!(out, "level              up to {level}")?,
        None => writeln!(out, "score              up to {}", check.score)?,
    }
    for technique in attack {
        writeln!(out, "MITRE ATT&CK       {}", in_words(technique))?;
    }
    for (label, values) in [("vulnerability", check.cves), ("reference", check.references)] {
        for value in values {
            writeln!(out, "{label:<19}{value}")?;
        }
    }
    if let Some(notes) = notes {
        return writeln!(out, "\n{notes}");
    }
    let texts = [
        ("Looks for", check.looks_for),
        ("Why it matters", check.why),
        ("Benign look-alikes", check.benign_look_alikes),
    ];
    for (heading, text) in texts {
        writeln!(out, "\n{heading}")?;
        for line in wrap(text, WIDTH) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// `T1505.003 Server Software Component: Web Shell (Persistence)`
fn in_words(technique: &Technique) -> String {
    let parent = technique.parent.map_or(String::new(), |(_, name)| format!("{name}: "));
    let tactics: Vec<&str> = technique.tactics.iter().map(|tactic| tactic.name).collect();
    format!("{} {parent}{} ({})", technique.id, technique.name, tactics.join(", "))
}
