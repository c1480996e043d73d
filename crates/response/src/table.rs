//! The tables `signatures/response/actions.csv` and `log_retention.csv`. Their README describes the columns.

use shellsift_model::{Outcome, Subject};

/// What an action lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lists {
    /// Nothing: the action applies to every verdict that it names.
    Nothing,
    /// The server.
    Host,
    /// Volumes with findings, unless the evidence is a disk image already.
    Volumes,
    /// Folders of logs, with what they show and when they will be deleted.
    Logs,
    /// Malicious files to remove.
    Files,
    /// Files of the product that were changed.
    Restore,
    /// Configuration and definitions with malicious content, by the reasons that are none of the checks that the row names.
    Correct,
    /// What ASP.NET compiled.
    Compiled,
    /// Deleted files and what is left of them.
    Deleted,
    /// Files that need review.
    Review,
    /// Reasons of findings, and hits of logs, of the checks that the row names.
    Evidence,
    /// Attempts in logs whose outcome is not known, of any check.
    Attempts,
    /// Accounts behind hits of logs, and those that deleted found files.
    Accounts,
    /// Client addresses.
    Clients,
    /// Client addresses of own networks.
    InternalClients,
    /// Exclusions of the antivirus that leave out what matters.
    Exclusions,
    /// Steps to the newest update.
    Updates,
    /// Vulnerabilities of the build that are known to be exploited.
    Vulnerabilities,
    /// Products that are out of support.
    Unsupported,
    /// Problems of the kinds that the row names.
    Gaps,
    /// That the run was interrupted.
    Interrupted,
    /// Logs that are missing, deleted or have gaps.
    MissingLogs,
    /// Installations whose build is in no baseline.
    NoBaseline,
    /// The command line.
    Command,
}

impl Lists {
    /// Every one with its name in the table.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("nothing", Self::Nothing),
        ("host", Self::Host),
        ("volumes", Self::Volumes),
        ("logs", Self::Logs),
        ("files", Self::Files),
        ("restore", Self::Restore),
        ("correct", Self::Correct),
        ("compiled", Self::Compiled),
        ("deleted", Self::Deleted),
        ("review", Self::Review),
        ("evidence", Self::Evidence),
        ("attempts", Self::Attempts),
        ("accounts", Self::Accounts),
        ("clients", Self::Clients),
        ("internal_clients", Self::InternalClients),
        ("exclusions", Self::Exclusions),
        ("updates", Self::Updates),
        ("vulnerabilities", Self::Vulnerabilities),
        ("unsupported", Self::Unsupported),
        ("gaps", Self::Gaps),
        ("interrupted", Self::Interrupted),
        ("missing_logs", Self::MissingLogs),
        ("no_baseline", Self::NoBaseline),
        ("command", Self::Command),
    ];
}

/// A row: something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its stable id.
    pub id: String,
    /// Its place in the response, the first to do lowest.
    pub order: u32,
    /// The verdicts that it applies to; empty for all.
    pub verdicts: Vec<Outcome>,
    /// What the verdict has to be about; `None` for anything.
    pub about: Option<Subject>,
    /// Whether doing it changes the server, and so comes after the evidence is safe.
    pub changes: bool,
    /// What it lists.
    pub lists: Lists,
    /// Of [`Lists::Evidence`] the ids of checks, of [`Lists::Correct`] the checks that other rows list, of [`Lists::Gaps`] the kinds
    /// of problems; `*` at the end stands for anything.
    pub of: Vec<String>,
    /// What to do.
    pub title: String,
    /// Why, and how.
    pub why: String,
    /// Pages about it.
    pub references: Vec<String>,
}

/// What becomes of a kind of log on a server that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The kind, as coverage names it; `*` at the start or the end stands for anything.
    pub kind: String,
    /// When it is overwritten or deleted, in words.
    pub words: String,
}

/// Both tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// The rows of `actions.csv`.
    pub rows: Vec<Row>,
    /// The rows of `log_retention.csv`.
    pub retention: Vec<Retention>,
}

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// It is not CSV.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A cell has a value that is none of its column.
    #[error("line {line}: column {column} has \"{value}\"")]
    Cell {
        /// The line, from 1.
        line: u64,
        /// The name of the column.
        column: &'static str,
        /// What it has.
        value: String,
    },
}

impl Tables {
    /// Reads both.
    ///
    /// # Errors
    /// A table is malformed: the first thing that is wrong.
    pub fn parse(actions: &str, retention: &str) -> Result<Self, Malformed> {
        let rows = records(actions)?.iter().map(row).collect::<Result<_, _>>()?;
        let kept = |record: &csv::StringRecord| -> Result<Retention, Malformed> {
            Ok(Retention { kind: cell(record, 0, "kind")?, words: cell(record, 1, "retention")? })
        };
        Ok(Self { rows, retention: records(retention)?.iter().map(kept).collect::<Result<_, _>>()? })
    }

    /// Whether an action, by its id, is one of those that a verdict has. One that is in no row is not known, and applies.
    pub fn applies(&self, id: &str, outcome: Outcome) -> bool {
        let row = self.rows.iter().find(|row| row.id == id);
        row.is_none_or(|row| row.verdicts.is_empty() || row.verdicts.contains(&outcome))
    }

    /// What becomes of a kind of log, by the first row that matches.
    pub(crate) fn retention_of(&self, kind: &str) -> Option<&str> {
        let row = self.retention.iter().find(|row| match (row.kind.strip_prefix('*'), row.kind.strip_suffix('*')) {
            (Some(end), _) => kind.ends_with(end),
            (_, Some(start)) => kind.starts_with(start),
            _ => kind == row.kind,
        });
        row.map(|row| row.words.as_str())
    }
}

fn records(table: &str) -> Result<Vec<csv::StringRecord>, Malformed> {
    Ok(csv::Reader::from_reader(table.as_bytes()).records().collect::<Result<_, _>>()?)
}

fn bad(record: &csv::StringRecord, column: &'static str, value: &str) -> Malformed {
    let line = record.position().map_or(0, csv::Position::line);
    Malformed::Cell { line, column, value: value.to_owned() }
}

/// A cell that must not be empty.
fn cell(record: &csv::StringRecord, at: usize, column: &'static str) -> Result<String, Malformed> {
    let text = record.get(at).unwrap_or_default();
    if text.is_empty() { Err(bad(record, column, text)) } else { Ok(text.to_owned()) }
}

/// The parts of a cell between bars.
fn parts(record: &csv::StringRecord, at: usize) -> impl Iterator<Item = &str> {
    record.get(at).unwrap_or_default().split('|').filter(|part| !part.is_empty())
}

fn row(record: &csv::StringRecord) -> Result<Row, Malformed> {
    let order = cell(record, 1, "order")?;
    let verdict = |word: &str| {
        let outcome = Outcome::ALL.iter().copied().find(|outcome| outcome.name() == word);
        outcome.ok_or_else(|| bad(record, "verdicts", word))
    };
    let words = cell(record, 2, "verdicts")?;
    let verdicts = match words.as_str() {
        "any" => Vec::new(),
        words => words.split('|').map(verdict).collect::<Result<_, _>>()?,
    };
    let about = cell(record, 3, "about")?;
    let subject = || Subject::ALL.iter().copied().find(|subject| subject.name() == about);
    let changes = cell(record, 4, "changes")?;
    let lists = cell(record, 5, "lists")?;
    let known = Lists::ALL.iter().find(|(name, _)| *name == lists).map(|(_, lists)| *lists);
    Ok(Row {
        id: cell(record, 0, "id")?,
        order: order.parse().map_err(|_| bad(record, "order", &order))?,
        verdicts,
        about: if about == "any" { None } else { Some(subject().ok_or_else(|| bad(record, "about", &about))?) },
        changes: match changes.as_str() {
            "yes" => true,
            "no" => false,
            other => return Err(bad(record, "changes", other)),
        },
        lists: known.ok_or_else(|| bad(record, "lists", &lists))?,
        of: parts(record, 6).map(str::to_owned).collect(),
        title: cell(record, 7, "title")?,
        why: cell(record, 8, "why")?,
        references: parts(record, 9).map(str::to_owned).collect(),
    })
}

/// Whether an id is one of these, of which `*` at the end stands for anything.
pub(crate) fn matches(patterns: &[String], id: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => id.starts_with(start),
        None => id == pattern,
    })
}
