//! ProxyLogon in the logs of the front-end proxy (CSS-Exchange, Test-ProxyLogon.ps1; stages after the incident log that
//! helsecert published in March 2021). The address that the client chose stands in AnchorMailbox behind `ServerInfo~`, or in
//! BackEndCookie behind `Server~` (CSS-Exchange issue 310). Its path alone says how far it went: the host, the folder of the log
//! and the way in are the attacker's choice.

use super::{Check, Field, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage, back_end_of};
use crate::logs::text::{begins, clean_path, decoded, find_folded, parameter};

pub(super) const PROXYLOGON: Check = Check {
    id: "proxylogon",
    cves: &["CVE-2021-26855", "CVE-2021-27065"],
    about: "requests to the back end that the client chose (HttpProxy: AnchorMailbox, BackEndCookie)",
};

pub(super) const BACK_END: Check = Check {
    id: "proxylogon_back_end",
    cves: &["CVE-2021-26855", "CVE-2021-27065"],
    about: "a session of the control panel, or a change of the offline address book's directory, by what is no browser; by a \
            browser, which administrators use, its reset alone (IIS)",
};

/// The same as the web server logs it: for the back end (port 444) the front end's own requests, for the front end those of
/// somebody who has an account.
pub(super) const BACK_END_LOG_CHECK: LogCheck = LogCheck {
    checks: &[&BACK_END],
    kinds: &[Kind::W3c],
    needles: &[],
    words: &[Needle::new("proxylogon.ecp"), Needle::new("oabvirtualdirectory")],
    look: look_at_back_end,
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&PROXYLOGON],
    kinds: &[Kind::HttpProxy],
    needles: &[
        Needle::new("serverinfo~"),
        // `Server~EX1.example.org~1941962754~time` is every second line's; one with a path in the name is none of Exchange's.
        Needle { text: "server~", then: |block, _, end| has_path(block.get(end..).unwrap_or_default()) },
    ],
    words: &[],
    look,
};

/// The front end opens a session of the control panel for everybody who uses it (`proxyLogon.ecp`, answered 241), and an
/// administrator's browser changes the directory: what tells an attack is that no browser asked.
fn look_at_back_end(record: &Record<'_>, _: &Known<'_>, marks: &mut Observations<'_>) {
    let address = record.address();
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let path = clean_path(path);
    if !path.starts_with("/ecp/") || record.is_own_probe() {
        return;
    }
    let browser = begins(record.get(Field::Agent), "Mozilla/");
    let schema = parameter(query, "schema").unwrap_or_default();
    let sets = path.contains("/ddiservice.svc/") && path.ends_with("/setobject") && record.succeeded();
    let (stage, level, title) = match schema {
        _ if path.starts_with("/ecp/proxylogon.ecp") && record.status() == Some(241) && !browser => {
            (Stage::SessionObtained, Level::High, "ProxyLogon: got a session of the control panel (status 241)")
        }
        "oabvirtualdirectory" if sets && !browser => {
            (Stage::ConfigurationChanged, Level::High, "ProxyLogon: changed the directory of the offline address book")
        }
        "resetoabvirtualdirectory" if sets && !browser => (
            Stage::CodeExecutionOrFileWrite,
            Level::Critical,
            "ProxyLogon: wrote a file by the reset of a virtual directory",
        ),
        "resetoabvirtualdirectory" if sets => (
            Stage::ConfigurationChanged,
            Level::Medium,
            "the directory of the offline address book was reset, which writes its settings to a file",
        ),
        _ => return,
    };
    marks.see(record, &BACK_END, stage, level, title);
}

fn has_path(rest: &[u8]) -> bool {
    rest.iter()
        .take(4096)
        .take_while(|byte| !matches!(byte, b'~' | b',' | b'\n'))
        .any(|byte| matches!(byte, b'/' | b'\\' | b'%'))
}

fn look(record: &Record<'_>, _: &Known<'_>, marks: &mut Observations<'_>) {
    let Some(target) = target(record) else { return };
    // What follows the host: `a]@ex1.example.local:444/ecp/x.svc/SetObject?schema=...#`.
    let decoded = decoded(target);
    let Some(at) = decoded.find(['/', '\\']) else { return };
    let (path, query) = decoded[at..].split_once('?').unwrap_or((&decoded[at..], ""));
    let path = clean_path(path.trim_end_matches('#'));
    let (stage, level, title) = stage(&path, query, record.status());
    marks.see(record, &PROXYLOGON, stage, level, &title);
}

/// The address that the client chose.
fn target<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    let behind = |text: &'r str, mark: &str| begins(text, mark).then(|| &text[mark.len()..]);
    if let Some(target) = behind(record.get(Field::Anchor), "ServerInfo~") {
        return Some(target);
    }
    if let Some(cookie) = behind(record.get(Field::BackEndCookie), "Server~")
        && let Some((target, _)) = cookie.split_once('~')
    {
        return Some(target);
    }
    // A build or a damaged head without the column: anywhere, up to the comma.
    if record.layout.place(Field::Anchor).is_some_and(|at| at < record.fields.len()) {
        return None;
    }
    let at = find_folded(record.raw, "ServerInfo~")?;
    record.raw[at + "ServerInfo~".len()..].split(',').next()
}

fn stage(path: &str, query: &str, status: Option<u16>) -> (Stage, Level, String) {
    let title = |words: &str| format!("ProxyLogon: {words}");
    let plain = |stage, level, words: &str| (stage, level, title(words));
    let service = |method: &str| path.contains("/ddiservice.svc/") && path.ends_with(method);
    match status {
        Some(241) if path.starts_with("/ecp/proxylogon.ecp") => {
            return plain(Stage::SessionObtained, Level::High, "got a session of the control panel (status 241)");
        }
        Some(200..300) => {}
        Some(status) => {
            let words = format!("asked for {}, answered {status}", back_end_of(path));
            return plain(Stage::Attempt, Level::Low, &words);
        }
        None => {
            return plain(
                Stage::Attempt,
                Level::Low,
                &format!("asked for {}, no status in the line", back_end_of(path)),
            );
        }
    }
    let schema = parameter(query, "schema").unwrap_or_default();
    if service("/setobject") {
        return match schema.strip_prefix("reset") {
            Some(rest) if rest.starts_with("oab") || rest.contains("virtualdirectory") => plain(
                Stage::CodeExecutionOrFileWrite,
                Level::Critical,
                "wrote a file by the reset of a virtual directory",
            ),
            _ => plain(Stage::ConfigurationChanged, Level::High, "changed an object of the control panel"),
        };
    }
    if service("/newobject") || service("/removeobjects") || service("/multiobjectexecute") {
        return plain(Stage::ConfigurationChanged, Level::High, "changed an object of the control panel");
    }
    if service("/getobject") || service("/getlist") || service("/getobjectfornew") {
        return plain(Stage::DataRead, Level::High, "read an object of the control panel");
    }
    match path {
        // What a scanner asks; a patched server answers it too.
        _ if path.starts_with("/autodiscover") => {
            plain(Stage::Attempt, Level::Low, "asked Autodiscover on the back end")
        }
        "/ecp/default.flt" => plain(Stage::Attempt, Level::Low, "probed with a static file"),
        _ if path.starts_with("/ews") => plain(Stage::DataRead, Level::High, "asked the mailbox service (EWS)"),
        _ if path.starts_with("/powershell") => plain(Stage::SessionObtained, Level::High, "opened remote PowerShell"),
        _ => plain(Stage::ReachedBackend, Level::Medium, &format!("reached {}", back_end_of(path))),
    }
}
