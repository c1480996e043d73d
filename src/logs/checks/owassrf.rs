//! OWASSRF (CrowdStrike, December 2022; Neo23x0/signature-base, expl_proxynotshell_owassrf_dec22.yar): the OWA URL that
//! leads to remote PowerShell, the back end's log of it, and the client name logged by the front end.

use super::{CheckInfo, Field, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};
use crate::logs::text::find_folded;

pub(super) const OWASSRF: CheckInfo = CheckInfo {
    id: "log/owassrf",
    title: "OWASSRF: OWA URL that leads to remote PowerShell",
    level: Some(Level::High),
    looks_for: "IIS and HttpProxy logs: a POST to a URL below `/owa/` with `@` and `/powershell`.",
    why: "CVE-2022-41080 bypasses the ProxyNotShell mitigation.",
    benign_look_alikes: "None known.",
    attack: &["T1190", "T1059.001"],
    cves: &["CVE-2022-41080", "CVE-2022-41082"],
    ..CheckInfo::EMPTY
};
pub(super) const BACK_DOOR: CheckInfo = CheckInfo {
    id: "log/powershell_back_end",
    title: "remote PowerShell on the back end by a non-Microsoft client",
    level: Some(Level::Medium),
    looks_for: "IIS logs (port 444) and CmdletInfra Http logs: remote PowerShell by a user agent that is not \
                Microsoft's.",
    why: "OWASSRF and ProxyNotShell reach the back end this way.",
    benign_look_alikes: "Third-party management tools.",
    attack: &["T1190", "T1059.001"],
    cves: &["CVE-2022-41080", "CVE-2022-41082"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&OWASSRF, &BACK_DOOR],
    kinds: &[Kind::W3c, Kind::HttpProxy],
    // The path says all.
    needles: &[],
    words: &[],
    run,
};

pub(super) const POWERSHELL_LOG: LogCheck = LogCheck {
    checks: &[&BACK_DOOR],
    kinds: &[Kind::PowerShellHttp],
    needles: &[Needle::new("application/soap+xml")],
    words: &[],
    run: look_at_log,
};

/// The programs that open remote PowerShell on an ordinary server, by the start of their name (signature-base, the same rules).
const ORDINARY: &[&str] = &["Microsoft WinRM Client", "ClientInfo", "Exchange BackEnd Probes", "AMProbe"];

fn ordinary(agent: &str) -> bool {
    let agent = agent.replace('+', " ");
    ORDINARY.iter().any(|name| find_folded(&agent, name).is_some())
}

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    if record.is_own_probe() || !record.is("POST") || ordinary(record.get(Field::Agent)) {
        return;
    }
    let address = record.address();
    let leads = address.find("/owa/").and_then(|at| {
        let behind = &address[at..];
        let sign = behind.find('@')?;
        behind[sign..].contains("/powershell").then_some(())
    });
    if leads.is_some() && !address.contains("autodiscover") {
        let (stage, level, words) = match record.succeeded() {
            true => (Stage::SessionObtained, Level::High, "OWASSRF: used remote PowerShell"),
            false => (Stage::Attempt, Level::Low, "OWASSRF: requested remote PowerShell and was denied"),
        };
        return observations.report(record, &OWASSRF, stage, level, words);
    }
    let back_end = record.get(Field::Port) == "444" && record.class.is_some_and(|class| class.path == "/powershell");
    if back_end && record.succeeded() && !record.user().is_empty() && !record.get(Field::Agent).is_empty() {
        let words = "remote PowerShell on the back end by a non-Microsoft client";
        observations.report(record, &BACK_DOOR, Stage::ReachedBackend, Level::Medium, words);
    }
}

/// A line of the log of remote PowerShell: `/powershell,...,Kerberos,true,...,200,0,,,,`, and the content type that attackers' clients
/// send with a blank instead of a semicolon.
fn look_at_log(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let raw = record.raw;
    let all = ["/powershell,", "Kerberos,true,", ",200,0,,,,", "ContentType=application/soap+xml charset UTF-8"];
    if all.iter().all(|sign| find_folded(raw, sign).is_some())
        && !ORDINARY.iter().any(|name| find_folded(raw, name).is_some())
    {
        let words = "remote PowerShell on the back end by a non-Microsoft client";
        observations.report(record, &BACK_DOOR, Stage::ReachedBackend, Level::Medium, words);
    }
}
