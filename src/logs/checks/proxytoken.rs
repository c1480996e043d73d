//! ProxyToken (Sigma, web_exchange_proxytoken): the front end forwards an unauthenticated request because it has a
//! SecurityToken, and the back end does not check it. And CVE-2021-28480 (Sigma), a request that chooses its back end
//! by a cookie.

use super::{CheckInfo, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};

pub(super) const PROXYTOKEN: CheckInfo = CheckInfo {
    id: "log/proxytoken",
    title: "ProxyToken: mailbox settings requested without authentication",
    level: Some(Level::High),
    looks_for: "IIS and HttpProxy logs: requests to ECP with a SecurityToken, or new inbox rules, by an \
                unauthenticated client.",
    why: "CVE-2021-33766 lets anyone change the settings of a mailbox, such as forwarding.",
    benign_look_alikes: "None known.",
    attack: &["T1190", "T1114.003"],
    cves: &["CVE-2021-33766"],
    ..CheckInfo::EMPTY
};
pub(super) const CALENDAR: CheckInfo = CheckInfo {
    id: "log/calendar_ssrf",
    title: "SSRF through /owa/calendar/a",
    level: Some(Level::Medium),
    looks_for: "IIS and HttpProxy logs: a POST to `/owa/calendar/a`, which is not a calendar.",
    why: "CVE-2021-28480 lets the client select the back end.",
    benign_look_alikes: "None known.",
    attack: &["T1190"],
    cves: &["CVE-2021-28480"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&PROXYTOKEN, &CALENDAR],
    kinds: &[Kind::W3c, Kind::HttpProxy],
    needles: &[],
    words: &[Needle::new("securitytoken")],
    run,
};

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let address = record.address();
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let path = crate::logs::text::clean_path(path);
    let status = record.status().unwrap_or_default();
    if record.is("POST") && (path == "/owa/calendar/a" || path.starts_with("/owa/calendar/a/")) && status != 503 {
        let (stage, level, words) = match status {
            200..300 => (Stage::ReachedBackend, Level::Medium, "reached a back end through /owa/calendar/a"),
            _ => (Stage::Attempt, Level::Low, "requested a back end through /owa/calendar/a"),
        };
        return observations.report(record, &CALENDAR, stage, level, words);
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
            observations.report(
                record,
                &PROXYTOKEN,
                Stage::ReachedBackend,
                Level::Medium,
                "ProxyToken: passed the front end without authentication",
            );
        }
        200..300 if stranger && rules => {
            observations.report(
                record,
                &PROXYTOKEN,
                Stage::ConfigurationChanged,
                Level::High,
                "ProxyToken: created an inbox rule without authentication",
            );
        }
        200..300 if stranger => {
            observations.report(
                record,
                &PROXYTOKEN,
                Stage::DataRead,
                Level::High,
                "ProxyToken: used ECP without authentication",
            );
        }
        _ if token || rules && stranger => {
            observations.report(
                record,
                &PROXYTOKEN,
                Stage::Attempt,
                Level::Low,
                "ProxyToken: sent a request without authentication and was refused",
            );
        }
        _ => {}
    }
}
