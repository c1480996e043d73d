//! ProxyLogon in front-end proxy logs (CSS-Exchange, Test-ProxyLogon.ps1; stages after the incident log that helsecert
//! published in March 2021). The URL chosen by the client is in AnchorMailbox after `ServerInfo~`, or in BackEndCookie
//! after `Server~` (CSS-Exchange issue 310). Only its path determines the stage: the host, the log folder and the entry
//! URL are the attacker's choice.

use super::{CheckInfo, Field, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage, back_end_of};
use crate::logs::text::{begins, clean_path, decoded, find_folded, parameter};

pub(super) const PROXYLOGON: CheckInfo = CheckInfo {
    id: "log/proxylogon",
    title: "ProxyLogon: requests to a back end that the client selected",
    level: Some(Level::Critical),
    looks_for: "HttpProxy logs: a back-end URL in AnchorMailbox (`ServerInfo~`) or in BackEndCookie (`Server~`); the \
                path shows the stage.",
    why: "CVE-2021-26855 gives unauthenticated access to every back-end service; with CVE-2021-27065 it writes a \
          webshell.",
    benign_look_alikes: "None: Exchange writes host names without a path there.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-26855", "CVE-2021-27065"],
    references: &["https://github.com/microsoft/CSS-Exchange/blob/main/Security/src/Test-ProxyLogon.ps1"],
    ..CheckInfo::EMPTY
};

pub(super) const BACK_END: CheckInfo = CheckInfo {
    id: "log/proxylogon_back_end",
    title: "ProxyLogon: ECP session or OAB virtual directory change",
    level: Some(Level::Critical),
    looks_for: "IIS logs: an ECP session (`proxyLogon.ecp`, status 241), or a change or reset of the OAB virtual \
                directory, by a client that is not a browser; by a browser only the reset.",
    why: "The steps of CVE-2021-26855 and CVE-2021-27065 as the back end logs them.",
    benign_look_alikes: "Administrators who reset the virtual directory with a browser: that is reported at medium \
                         level.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-26855", "CVE-2021-27065"],
    ..CheckInfo::EMPTY
};

/// The same as the web server logs it: for the back end (port 444) the front end's own requests, for the front end those of
/// somebody who has an account.
pub(super) const BACK_END_LOG_CHECK: LogCheck = LogCheck {
    checks: &[&BACK_END],
    kinds: &[Kind::W3c],
    needles: &[],
    words: &[Needle::new("proxylogon.ecp"), Needle::new("oabvirtualdirectory")],
    run: look_at_back_end,
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
    run,
};

/// The front end opens a session of the control panel for everybody who uses it (`proxyLogon.ecp`, answered 241), and an
/// administrator's browser changes the directory: what tells an attack is that no browser asked.
fn look_at_back_end(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
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
            (Stage::SessionObtained, Level::High, "ProxyLogon: obtained an ECP session (status 241)")
        }
        "oabvirtualdirectory" if sets && !browser => {
            (Stage::ConfigurationChanged, Level::High, "ProxyLogon: changed the OAB virtual directory")
        }
        "resetoabvirtualdirectory" if sets && !browser => (
            Stage::CodeExecutionOrFileWrite,
            Level::Critical,
            "ProxyLogon: wrote a file through a virtual directory reset",
        ),
        "resetoabvirtualdirectory" if sets => (
            Stage::ConfigurationChanged,
            Level::Medium,
            "the OAB virtual directory was reset, which writes its settings to a file",
        ),
        _ => return,
    };
    observations.report(record, &BACK_END, stage, level, title);
}

fn has_path(rest: &[u8]) -> bool {
    rest.iter()
        .take(4096)
        .take_while(|byte| !matches!(byte, b'~' | b',' | b'\n'))
        .any(|byte| matches!(byte, b'/' | b'\\' | b'%'))
}

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let Some(target) = target(record) else { return };
    // What follows the host: `a]@ex1.example.local:444/ecp/x.svc/SetObject?schema=...#`.
    let decoded = decoded(target);
    let Some(at) = decoded.find(['/', '\\']) else { return };
    let (path, query) = decoded[at..].split_once('?').unwrap_or((&decoded[at..], ""));
    let path = clean_path(path.trim_end_matches('#'));
    let (stage, level, title) = stage(&path, query, record.status());
    observations.report(record, &PROXYLOGON, stage, level, &title);
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
            return plain(Stage::SessionObtained, Level::High, "obtained an ECP session (status 241)");
        }
        Some(200..300) => {}
        Some(status) => {
            let words = format!("requested {}, status {status}", back_end_of(path));
            return plain(Stage::Attempt, Level::Low, &words);
        }
        None => {
            return plain(
                Stage::Attempt,
                Level::Low,
                &format!("requested {}, no status in the line", back_end_of(path)),
            );
        }
    }
    let schema = parameter(query, "schema").unwrap_or_default();
    if service("/setobject") {
        return match schema.strip_prefix("reset") {
            Some(rest) if rest.starts_with("oab") || rest.contains("virtualdirectory") => plain(
                Stage::CodeExecutionOrFileWrite,
                Level::Critical,
                "wrote a file through a virtual directory reset",
            ),
            _ => plain(Stage::ConfigurationChanged, Level::High, "changed an ECP object"),
        };
    }
    if service("/newobject") || service("/removeobjects") || service("/multiobjectexecute") {
        return plain(Stage::ConfigurationChanged, Level::High, "changed an ECP object");
    }
    if service("/getobject") || service("/getlist") || service("/getobjectfornew") {
        return plain(Stage::DataRead, Level::High, "read an ECP object");
    }
    match path {
        // What a scanner asks; a patched server answers it too.
        _ if path.starts_with("/autodiscover") => {
            plain(Stage::Attempt, Level::Low, "requested Autodiscover on the back end")
        }
        "/ecp/default.flt" => plain(Stage::Attempt, Level::Low, "probed with a static file"),
        _ if path.starts_with("/ews") => plain(Stage::DataRead, Level::High, "requested EWS"),
        _ if path.starts_with("/powershell") => plain(Stage::SessionObtained, Level::High, "opened remote PowerShell"),
        _ => plain(Stage::ReachedBackend, Level::Medium, &format!("reached {}", back_end_of(path))),
    }
}
