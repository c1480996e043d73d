//! ProxyShell and ProxyNotShell: the Autodiscover URL that leads to another back-end resource (Sigma,
//! web_exchange_proxyshell; Microsoft's mitigation of CVE-2022-41040, which checks the decoded URL for both words). The
//! log splits path and query at the first `?`, and the client chooses the encoding, so both are joined and decoded
//! layer by layer.

use super::{CheckInfo, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage, back_end_of};

pub(super) const PROXYSHELL: CheckInfo = CheckInfo {
    id: "log/proxyshell",
    title: "ProxyShell: Autodiscover URL that leads to another back end, without authentication",
    level: Some(Level::High),
    looks_for: "IIS, HTTPERR and HttpProxy logs: a URL of Autodiscover that leads to PowerShell, MAPI, EWS or another \
                back end.",
    why: "CVE-2021-34473 gives unauthenticated access to the back end; CVE-2021-34523 and CVE-2021-31207 write a \
          webshell.",
    benign_look_alikes: "None: clients do not put other paths into an Autodiscover URL.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-34473", "CVE-2021-34523", "CVE-2021-31207"],
    ..CheckInfo::EMPTY
};
pub(super) const PROXYNOTSHELL: CheckInfo = CheckInfo {
    id: "log/proxynotshell",
    title: "ProxyNotShell: Autodiscover URL that leads to remote PowerShell, authenticated",
    level: Some(Level::High),
    looks_for: "IIS and HttpProxy logs: the same URL by an authenticated user.",
    why: "CVE-2022-41040 and CVE-2022-41082 execute code with any mailbox account.",
    benign_look_alikes: "None known.",
    attack: &["T1190", "T1059.001"],
    cves: &["CVE-2022-41040", "CVE-2022-41082"],
    ..CheckInfo::EMPTY
};

/// Whether an address goes on with `@`, as no legitimate one does.
fn at_sign_near(line: &[u8], _: usize, end: usize) -> bool {
    line.get(end..).is_some_and(|rest| memchr::memchr(b'@', rest.get(..256).unwrap_or(rest)).is_some())
}

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&PROXYSHELL, &PROXYNOTSHELL],
    kinds: &[Kind::W3c, Kind::HttpErr, Kind::HttpProxy],
    needles: &[],
    words: &[
        Needle::new("powershell"),
        Needle::new("x-rps-cat"),
        Needle::new("email=autodiscover"),
        Needle { text: "autodiscover.json", then: at_sign_near },
    ],
    run,
};

/// Folders of the back end that the address leads to.
const TARGETS: &[&str] = &["/powershell", "/mapi/nspi", "/mapi/emsmdb", "/ews", "/ecp", "/owa", "/oab", "/rpc"];

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let address = record.address();
    let Some(at) = address.find("autodiscover") else { return };
    if record.is_own_probe() {
        return;
    }
    let user = record.user();
    // A client's own request names Autodiscover and no other folder.
    let behind = &address[at..];
    let shell = address.contains("powershell") || address.contains("x-rps-cat");
    let leads = TARGETS.iter().filter_map(|target| behind.find(target).map(|at| (at, *target))).min();
    let marked = behind.contains("email=autodiscover")
        || behind.contains("autodiscover.json?@")
        || behind.contains("autodiscover.json@");
    let other = leads.is_some() && behind.contains('@');
    if !(shell || marked || other) {
        return;
    }
    let target = if shell { "/powershell" } else { leads.map_or("", |(_, target)| target) };
    let words = back_end_of(target);
    let success = record.status().is_some_and(|status| matches!(status, 200..=202 | 301 | 302));
    let sends = record.is("POST");
    if shell && !user.is_empty() && !user.ends_with('$') {
        let (stage, level, how) = match success {
            true => (Stage::SessionObtained, Level::High, "reached"),
            false => (Stage::Attempt, Level::Low, "was denied"),
        };
        return observations.report(
            record,
            &PROXYNOTSHELL,
            stage,
            level,
            &format!("ProxyNotShell: {how} {words} as {user}"),
        );
    }
    let (stage, level, title) = match (success, sends) {
        (false, _) => (Stage::Attempt, Level::Low, format!("ProxyShell: requested {words} and was denied")),
        (true, true) if shell => (Stage::SessionObtained, Level::High, format!("ProxyShell: used {words}")),
        (true, true) if target == "/ews" => (Stage::DataRead, Level::High, format!("ProxyShell: used {words}")),
        (true, _) => (Stage::ReachedBackend, Level::Medium, format!("ProxyShell: reached {words}")),
    };
    observations.report(record, &PROXYSHELL, stage, level, &title);
}
