//! CVE-2020-0688 (Sigma, web_cve_2020_0688_msexchange): a serialised object in the query of a GET. Pages of Exchange send theirs in the
//! body of a POST. Whether the object was run, the log does not tell: the answer is an error either way.

use super::{Check, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};
use crate::logs::text::parameter;

pub(super) const VIEWSTATE: Check = Check {
    id: "viewstate",
    cves: &["CVE-2020-0688"],
    about: "a serialised object in the query of a request (IIS, HttpProxy)",
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&VIEWSTATE],
    kinds: &[Kind::W3c, Kind::HttpProxy],
    needles: &[],
    words: &[Needle::new("viewstate")],
    look,
};

fn look(record: &Record<'_>, _: &Known<'_>, marks: &mut Observations<'_>) {
    let address = record.address();
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    if !record.is("GET") || parameter(query, "__viewstate").is_none_or(str::is_empty) {
        return;
    }
    let path = crate::logs::text::clean_path(path);
    if !["/ecp/", "/owa/"].iter().any(|application| path.starts_with(application)) {
        return;
    }
    let processed = matches!(record.status(), Some(200..300 | 500));
    let (stage, level, words) = match processed && !record.user().is_empty() {
        true => (
            Stage::ReachedBackend,
            Level::Medium,
            format!(
                "a serialised object was sent to {path} by somebody who was logged on; whether it ran, the log does not tell"
            ),
        ),
        false => (Stage::Attempt, Level::Low, "sent a serialised object without a logon, or was refused".to_owned()),
    };
    marks.see(record, &VIEWSTATE, stage, level, &words);
}
