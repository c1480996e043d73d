//! ToolShell: SharePoint's `ToolPane.aspx` requires no authentication where the Referer is the sign-out page, and
//! deserializes an object from the request (Microsoft and CISA, July 2025; log lines published by Eye Security). An
//! exploited server answered 200, or 302 when the object broke the page; a patched one answers 401 or, with forms
//! authentication, also 302. Afterwards pages were dropped among SharePoint's own.

use super::sharepoint::{LAYOUTS, PAGE, is_of_interest};
use super::{CheckInfo, Field, Kind, Known, Level, LogCheck, Observations, Record, Stage};
use crate::logs::text::decoded;

pub(super) const TOOLSHELL: CheckInfo = CheckInfo {
    id: "log/toolshell",
    title: "ToolShell: unauthenticated request to SharePoint's ToolPane.aspx",
    level: Some(Level::High),
    looks_for: "IIS and HTTPERR logs: a POST to `ToolPane.aspx` with the sign-out page as Referer, or by an \
                unauthenticated client where no Referer is logged.",
    why: "CVE-2025-53770 and its predecessors deserialize an object in the request and execute code.",
    benign_look_alikes: "None known for the Referer; refused requests are attempts.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2025-53770", "CVE-2025-53771", "CVE-2025-49704", "CVE-2025-49706"],
    references: &[
        "https://www.microsoft.com/en-us/security/blog/2025/07/22/disrupting-active-exploitation-of-on-premises-sharepoint-vulnerabilities/",
    ],
    ..CheckInfo::EMPTY
};
pub(super) const DROPPED: CheckInfo = CheckInfo {
    id: "log/toolshell_page",
    title: "ToolShell: request for a known webshell name in SharePoint's folder",
    level: Some(Level::High),
    looks_for: "IIS logs: requests below `/_layouts/` for file names that attackers used (`spinstall0.aspx` and \
                others).",
    why: "A successful answer means that the webshell existed.",
    benign_look_alikes: "None: SharePoint has no pages of these names.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2025-53770"],
    ..CheckInfo::EMPTY
};

/// Its lines are chosen by their path alone: [`is_of_interest`].
pub(super) const LOG_CHECK: LogCheck =
    LogCheck { checks: &[&TOOLSHELL, &DROPPED], kinds: &[Kind::W3c, Kind::HttpErr], needles: &[], words: &[], run };

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let Some(class) = record.class.filter(|class| is_of_interest(&class.path)) else { return };
    let path = class.path.as_str();
    // A site that answers any address with success is no SharePoint.
    let refused = record.layout.kind == Kind::HttpErr || class.no_sharepoint;
    if path.contains(PAGE) {
        let referer = decoded(record.get(Field::Referer));
        let by_sign_out = referer.contains(LAYOUTS) && referer.contains("/signout.aspx");
        let unknown = record.layout.place(Field::Referer).is_none() && record.user().is_empty();
        if !record.is("POST") || !(by_sign_out || unknown) {
            return;
        }
        let (stage, level, title) = match record.status() {
            Some(200..300) if by_sign_out && !refused => (
                Stage::SessionObtained,
                Level::High,
                "ToolShell: ToolPane.aspx answered without authentication (Referer: sign-out page); code may have run",
            ),
            Some(200..400 | 500) if !refused => (
                Stage::ReachedBackend,
                Level::Medium,
                "ToolShell: something was sent to ToolPane.aspx without authentication; whether code ran cannot be seen in the log",
            ),
            _ => (
                Stage::Attempt,
                Level::Low,
                "ToolShell: something was sent to ToolPane.aspx without authentication and refused",
            ),
        };
        return observations.report(record, &TOOLSHELL, stage, level, title);
    }
    let (stage, level, title) = match record.status() {
        Some(200..300) if !refused => (
            Stage::CodeExecutionOrFileWrite,
            Level::High,
            format!(
                "ToolShell: {path} answered with success; attackers drop pages with this name, SharePoint has none"
            ),
        ),
        _ => (Stage::Attempt, Level::Low, format!("ToolShell: requested {path}, which did not exist")),
    };
    observations.report(record, &DROPPED, stage, level, &title);
}
