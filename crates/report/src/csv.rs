//! One row per finding, for a spreadsheet.

use super::text::cell;
use super::{Format, Style};
use crate::case::{Case, Entry, Run};
use crate::model::ProblemKind;
use crate::record::{FindingBody, Hash, Time};
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

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = ::csv::Writer::from_writer(out);
    rows.write_record(COLUMNS).map_err(io_error)?;
    for run in &case.runs {
        for finding in &run.findings {
            rows.write_record(row(run, finding).iter().map(|text| cell(text))).map_err(io_error)?;
        }
        // What is suppressed is no finding, and not clean either.
        for finding in &run.suppressed {
            rows.write_record(suppressed(run, finding).iter().map(|text| cell(text))).map_err(io_error)?;
        }
        // In this file alone, what was omitted would look like what does not exist.
        let is_omitted = |kind: &str| ["omitted", ProblemKind::LogResultsTruncated.name()].contains(&kind);
        for omitted in run.gaps().iter().filter(|gap| is_omitted(gap.kind)) {
            rows.write_record(gap(run, &omitted.message).iter().map(|text| cell(text))).map_err(io_error)?;
        }
    }
    for unread in &case.unread {
        rows.write_record(gap(&Run::default(), unread).iter().map(|text| cell(text))).map_err(io_error)?;
    }
    rows.flush()
}

/// A row for a suppressed finding: its level says that it is none.
fn suppressed(run: &Run, finding: &Entry<FindingBody>) -> [String; COLUMNS.len()] {
    let mut row = row(run, finding);
    let reason = finding.body.suppressed.as_ref().map(|what| what.reason.clone()).unwrap_or_default();
    for (column, text) in COLUMNS.iter().zip(&mut row) {
        match *column {
            "level" => *text = "suppressed".to_owned(),
            "why" => *text = format!("suppressed: {reason} | {text}"),
            _ => {}
        }
    }
    row
}

/// A row for what is missing.
fn gap(run: &Run, message: &str) -> [String; COLUMNS.len()] {
    let mut row: [String; COLUMNS.len()] = Default::default();
    for (column, text) in COLUMNS.iter().zip(&mut row) {
        *text = match *column {
            "level" => "gap".to_owned(),
            "why" => message.to_owned(),
            "host" => host(run),
            "case" => case_number(run),
            _ => String::new(),
        };
    }
    row
}

fn host(run: &Run) -> String {
    run.host.as_ref().and_then(|host| host.name.clone()).unwrap_or_default()
}

fn case_number(run: &Run) -> String {
    run.labels.as_ref().and_then(|labels| labels.case.clone()).unwrap_or_default()
}

/// The error of the output itself: a closed pipe has to be seen as one.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row(run: &Run, finding: &Entry<FindingBody>) -> [String; COLUMNS.len()] {
    let Entry { head, body } = finding;
    let file = head.file.clone().unwrap_or_default();
    let time = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
    let hash = |which: fn(&Hash) -> &Option<String>| {
        file.hash.as_ref().and_then(|hash| which(hash).clone()).unwrap_or_default()
    };
    let requests = body.file_requests.as_ref();
    let why: Vec<String> = body.reasons.iter().map(|reason| format!("{} {}", reason.score, reason.title)).collect();
    let rules: Vec<&str> = body.reasons.iter().filter_map(|reason| Some(reason.rule.as_ref()?.name.as_str())).collect();
    let executes: Vec<&str> = body.executes_at().collect();
    [
        body.level.0.to_string(),
        format!("{:.1}", body.score),
        file.path.clone(),
        file.name.clone(),
        file.size.map(|size| size.to_string()).unwrap_or_default(),
        body.state.baseline.as_ref().map(|baseline| baseline.status.0.name().to_owned()).unwrap_or_default(),
        time(file.created),
        time(file.mtime),
        time(file.accessed),
        time(file.ctime),
        hash(|hash| &hash.sha256),
        hash(|hash| &hash.sha1),
        hash(|hash| &hash.md5),
        head.url.as_ref().map(|url| url.path.clone()).unwrap_or_default(),
        why.join(" | "),
        rules.join(" "),
        file.attributes.join(" "),
        file.inode.clone().unwrap_or_default(),
        body.state.examined.name().to_owned(),
        body.patch_level.clone().unwrap_or_default(),
        executes.join(" "),
        host(run),
        case_number(run),
        requests.map(|requests| requests.count.to_string()).unwrap_or_default(),
        time(requests.and_then(|requests| requests.first)),
        time(requests.and_then(|requests| requests.last)),
        requests.map(|requests| requests.clients.to_string()).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::sample::{case, lines, run};

    #[test]
    fn what_is_omitted_has_a_row() {
        let mut case = case(&[run("A")]);
        let rows = lines(&FORMAT, &case);
        assert!(!rows.iter().any(|row| row.starts_with("gap,")), "{rows:#?}");
        case.runs[0].omitted.findings = 3;
        let rows = lines(&FORMAT, &case);
        let gap = rows.iter().find(|row| row.starts_with("gap,")).expect("a row");
        assert!(gap.contains("3 more findings are in the JSONL output only"), "{gap}");
    }
}
