//! One row per finding, for a spreadsheet.

use super::text::cell;
use super::{Format, Style};
use crate::model::{AnalysisResults, Disposition, Examined, Finding, ProblemKind};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "csv",
    extension: "csv",
    about: "one row per finding, columns in a stable order",
    findings_only: true,
    write: Some(write),
};

const COLUMNS: [&str; 27] = [
    "level",
    "score",
    "path",
    "name",
    "size",
    "baseline",
    "created",
    "modified",
    "accessed",
    "changed",
    "sha256",
    "sha1",
    "md5",
    "url",
    "why",
    "rules",
    "attributes",
    "inode",
    "examined",
    "patch_level",
    "executes_at",
    "host",
    "case",
    "requests",
    "first_request",
    "last_request",
    "clients",
];

fn write(report: &AnalysisResults, _: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = ::csv::Writer::from_writer(out);
    rows.write_record(COLUMNS).map_err(io_error)?;
    for finding in &report.findings {
        rows.write_record(row(report, finding).iter().map(|text| cell(text))).map_err(io_error)?;
    }
    // In this file alone, what was omitted would look like what does not exist.
    for problem in report.problems.iter().filter(|problem| problem.kind == ProblemKind::LogResultsTruncated) {
        let mut row: [String; COLUMNS.len()] = Default::default();
        for (column, text) in COLUMNS.iter().zip(&mut row) {
            *text = match *column {
                "level" => "gap".to_owned(),
                "why" => problem.message.clone(),
                "host" => report.run.host.clone().unwrap_or_default(),
                "case" => report.run.case.clone().unwrap_or_default(),
                _ => String::new(),
            };
        }
        rows.write_record(row.iter().map(|text| cell(text))).map_err(io_error)?;
    }
    rows.flush()
}

/// The error of the output itself: a closed pipe has to be seen as one.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row(report: &AnalysisResults, finding: &Finding) -> [String; 27] {
    let artefact = &finding.artefact;
    let entry = &artefact.entry;
    let time = |time: Option<crate::model::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let requests = finding.requests.as_ref();
    let why: Vec<String> = finding.reasons.iter().map(|reason| format!("{} {}", reason.score, reason.title)).collect();
    let rules: Vec<&str> =
        finding.reasons.iter().filter_map(|reason| Some(reason.rule.as_ref()?.name.as_str())).collect();
    let reach = artefact.place.reach.iter();
    let executes: Vec<&str> =
        reach.filter(|end| matches!(end.runs, Disposition::By(_))).map(|end| end.url.as_str()).collect();
    let examined = match artefact.examined {
        Examined::Whole => "complete",
        Examined::Ends(_) => "first_and_last",
        Examined::UpTo(_) => "until_error",
        Examined::MetadataOnly => "metadata_only",
    };
    [
        finding.level.to_string(),
        format!("{:.1}", finding.score),
        artefact.path.to_string(),
        entry.name.clone(),
        entry.size.to_string(),
        artefact.comparison.as_ref().map(|comparison| comparison.status.name().to_owned()).unwrap_or_default(),
        time(entry.times.created),
        time(entry.times.modified),
        time(entry.times.accessed),
        time(entry.times.changed),
        text(&artefact.hashes.sha256),
        text(&artefact.hashes.sha1),
        text(&artefact.hashes.md5),
        text(&artefact.place.url),
        why.join(" | "),
        rules.join(" "),
        entry.attributes.names().join(" "),
        entry.inode.map(|inode| inode.to_string()).unwrap_or_default(),
        examined.to_owned(),
        text(&finding.patch),
        executes.join(" "),
        text(&report.run.host),
        text(&report.run.case),
        requests.map(|requests| requests.count.to_string()).unwrap_or_default(),
        time(requests.and_then(|requests| requests.first)),
        time(requests.and_then(|requests| requests.last)),
        requests.map(|requests| requests.clients.to_string()).unwrap_or_default(),
    ]
}
