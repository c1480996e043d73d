//! ProxyToken (Sigma, web_exchange_proxytoken): the front end passes on a request without a logon since it carries a SecurityToken, and
//! the back end does not ask again. And CVE-2021-28480 (Sigma), a request that chose its back end by a cookie.

use super::{Check, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};

pub(super) const PROXYTOKEN: Check = Check {
    id: "proxytoken",
    cves: &["CVE-2021-33766"],
    about: "settings of a mailbox were asked for or changed without a logon (IIS, HttpProxy)",
};
pub(super) const CALENDAR: Check = Check {
    id: "calendar_ssrf",
    cves: &["CVE-2021-28480"],
    about: "something was posted to /owa/calendar/a, which is no calendar (IIS, HttpProxy)",
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&PROXYTOKEN, &CALENDAR],
    kinds: &[Kind::W3c, Kind::HttpProxy],
    needles: &[],
    words: &[Needle::new("securitytoken")],
    look,
};

fn look(record: &Record<'_>, _: &Known<'_>, marks: &mut Observations<'_>) {
    let address = record.address();
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let path = crate::logs::text::clean_path(path);
    let status = record.status().unwrap_or_default();
    if record.is("POST") && (path == "/owa/calendar/a" || path.starts_with("/owa/calendar/a/")) && status != 503 {
        let (stage, level, words) = match status {
            200..300 => (Stage::ReachedBackend, Level::Medium, "reached a back end through /owa/calendar/a"),
            _ => (Stage::Attempt, Level::Low, "asked for a back end through /owa/calendar/a"),
        };
        return marks.see(record, &CALENDAR, stage, level, words);
    }
    if path != "/ecp" && !path.starts_with("/ecp/") {
        return;
    }
    let rules = record.is("POST") && path.ends_with("/ruleseditor/inboxrules.svc/newobject");
    let token = query.contains("securitytoken=");
    if !rules && !token {
        return;
    }
    let stranger = record.user().is_empty();
    match status {
        // The back end understood the request and lacked the canary, which the answer carries.
        500 if stranger || token => {
            marks.see(
                record,
                &PROXYTOKEN,
                Stage::ReachedBackend,
                Level::Medium,
                "ProxyToken: passed the front end without a logon",
            );
        }
        200..300 if stranger && rules => {
            marks.see(
                record,
                &PROXYTOKEN,
                Stage::ConfigurationChanged,
                Level::High,
                "ProxyToken: made an inbox rule without a logon",
            );
        }
        200..300 if stranger => {
            marks.see(
                record,
                &PROXYTOKEN,
                Stage::DataRead,
                Level::High,
                "ProxyToken: used the control panel without a logon",
            );
        }
        _ if token || rules && stranger => {
            marks.see(
                record,
                &PROXYTOKEN,
                Stage::Attempt,
                Level::Low,
                "ProxyToken: asked without a logon and was refused",
            );
        }
        _ => {}
    }
}
