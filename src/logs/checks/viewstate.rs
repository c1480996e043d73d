//! CVE-2020-0688 (Sigma, web_cve_2020_0688_msexchange): a serialized object in the query of a GET request. Exchange
//! pages send theirs in the body of a POST. The log does not show whether the object was executed: the response is an
//! error either way.

use super::{CheckInfo, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};
use crate::logs::text::parameter;

pub(super) const VIEWSTATE: CheckInfo = CheckInfo {
    id: "log/viewstate_in_query",
    title: "ViewState in the URL of a request",
    level: Some(Level::Medium),
    looks_for: "IIS and HttpProxy logs: a GET below `/ecp/` or `/owa/` with `__VIEWSTATE` in the query string.",
    why: "CVE-2020-0688: ViewState forged with the default machine key executes code.",
    benign_look_alikes: "None known for Exchange; whether the code ran cannot be seen in the log.",
    attack: &["T1190"],
    cves: &["CVE-2020-0688"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&VIEWSTATE],
    kinds: &[Kind::W3c, Kind::HttpProxy],
    needles: &[],
    words: &[Needle::new("viewstate")],
    run,
};

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
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
                "ViewState was sent to {path} by an authenticated user; whether code ran cannot be seen in the log"
            ),
        ),
        false => (Stage::Attempt, Level::Low, "sent ViewState without authentication, or was refused".to_owned()),
    };
    observations.report(record, &VIEWSTATE, stage, level, &words);
}
