//! Checks of single events.

use super::event::Event;
use crate::logs::checks::cmdlets::{self, Call, KnownFolders, Landing, Shown};
use crate::model::device_names::device_of;
use crate::model::drop_folders::{self, Found};
use crate::model::server_path::fold;
use crate::model::{CheckInfo, Level, Stage};

/// What events are checked with.
pub struct Context<'c> {
    /// The folders that paths are compared with.
    pub folders: KnownFolders,
    /// Whether a module of this name belongs to IIS or to Exchange.
    pub is_normal_module: &'c (dyn Fn(&str) -> bool + Sync),
}

/// An event that shows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventHit {
    pub(super) shown: Shown,
    /// Who did it, if the event records it.
    pub(super) client: String,
    /// What of the event shows it.
    pub(super) excerpt: String,
}

/// Unified Messaging read an object that was made for it (Microsoft's guidance of March 2021; CSS-Exchange,
/// Test-ProxyLogon.ps1).
const UNIFIED_MESSAGING: CheckInfo = CheckInfo {
    id: "event/unified_messaging_deserialization",
    title: "Unified Messaging deserialized a crafted object",
    level: Some(Level::High),
    looks_for: "Application log: an error of MSExchange Unified Messaging with System.InvalidCastException.",
    why: "CVE-2021-26857 leaves it; code may have run as SYSTEM.",
    benign_look_alikes: "None known.",
    attack: &["T1190"],
    cves: &["CVE-2021-26857"],
    references: &["https://www.microsoft.com/en-us/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"],
    ..CheckInfo::EMPTY
};

/// A crafted object read by Get-App (Microsoft's guidance of November 2021; CSS-Exchange).
const GET_APP: CheckInfo = CheckInfo {
    id: "event/get_app_deserialization",
    title: "Get-App deserialized a crafted object",
    level: Some(Level::High),
    looks_for: "MSExchange Management log: Get-App failed with System.InvalidCastException (events 6 and 8).",
    why: "CVE-2021-42321 leaves it; code may have run.",
    benign_look_alikes: "None known.",
    attack: &["T1190"],
    cves: &["CVE-2021-42321"],
    ..CheckInfo::EMPTY
};

/// View state in a URL of the control panel (Volexity, 2020-03-06).
const CONTROL_PANEL: CheckInfo = CheckInfo {
    id: "event/ecp_viewstate_in_url",
    title: "ECP request with ViewState in the URL",
    level: Some(Level::Low),
    looks_for: "Application log: event 4 of MSExchange Control Panel with __VIEWSTATE in the URL.",
    why: "Volexity reported such events for successful exploitation of CVE-2020-0688; a refused attempt looks the \
          same, so it counts as an attempt.",
    benign_look_alikes: "None known.",
    attack: &["T1190"],
    cves: &["CVE-2020-0688"],
    ..CheckInfo::EMPTY
};

/// View state that was signed rightly and yet could not be read (.NET Framework, WebEventCodes.InvalidViewState).
const VIEW_STATE: CheckInfo = CheckInfo {
    id: "event/viewstate_invalid",
    title: "ViewState with a valid MAC that cannot be deserialized",
    level: Some(Level::Low),
    looks_for: "Application log: ASP.NET event 1316 with code 4009 and detail 50204. Detail 50203 (invalid MAC), which \
                old sessions and scanners cause by the hundred, is not reported.",
    why: "Exploitation with a known machine key leaves it.",
    benign_look_alikes: "Truncated requests leave it as well.",
    attack: &["T1190"],
    ..CheckInfo::EMPTY
};

/// A module added to IIS while its auditing was on (Sigma, win_iis_module_added).
const MODULE: CheckInfo = CheckInfo {
    id: "event/iis_module_added",
    title: "an IIS module was added",
    level: Some(Level::Medium),
    looks_for: "IIS-Configuration/Operational log: event 29 adds a module that is not a default.",
    why: "IIS backdoors are installed this way.",
    benign_look_alikes: "Installation of a product.",
    attack: &["T1505.004"],
    references: &["https://github.com/SigmaHQ/sigma"],
    ..CheckInfo::EMPTY
};

/// A folder served that should not be.
const VIRTUAL_DIRECTORY: CheckInfo = CheckInfo {
    id: "event/iis_virtual_directory_added",
    title: "a virtual directory was pointed to a drop folder",
    level: Some(Level::High),
    looks_for: "IIS-Configuration/Operational log: event 29 sets the physical path of a virtual directory to \
                ProgramData, a reserved device name, a temporary folder or a folder of all users.",
    why: "ProxyShell attacks made webshells reachable this way.",
    benign_look_alikes: "None known.",
    attack: &["T1505.003", "T1564"],
    ..CheckInfo::EMPTY
};

/// Requests no longer logged (Sigma, win_iis_logging_http_disabled).
const LOGGING_OFF: CheckInfo = CheckInfo {
    id: "event/iis_logging_disabled",
    title: "IIS logging was disabled",
    level: Some(Level::Medium),
    looks_for: "IIS-Configuration/Operational log: event 29 disables the request log.",
    why: "Later requests leave no trace.",
    benign_look_alikes: "Administrators who save disk space.",
    attack: &["T1562.002"],
    references: &["https://github.com/SigmaHQ/sigma"],
    ..CheckInfo::EMPTY
};

/// An event log was emptied (Microsoft-Windows-Eventlog, events 104 and 1102).
const CLEARED: CheckInfo = CheckInfo {
    id: "event/log_cleared",
    title: "an event log was cleared",
    level: Some(Level::Medium),
    looks_for: "System log event 104 and Security log event 1102.",
    why: "Attackers clear logs to hide what they did.",
    benign_look_alikes: "Administrators do it too.",
    attack: &["T1070.001"],
    ..CheckInfo::EMPTY
};

/// An event was taken out of a log (Fox-IT on eventlogedit of DanderSpritz, 2017).
const EDITED: CheckInfo = CheckInfo {
    id: "event/record_removed",
    title: "an event record was removed from a log",
    level: Some(Level::High),
    looks_for: "Any event log: a record inside another one, which is how tools remove single events. The removed event \
                is read and judged all the same.",
    why: "Only attackers' tools do this (eventlogedit of DanderSpritz).",
    benign_look_alikes: "None known.",
    attack: &["T1070.001"],
    ..CheckInfo::EMPTY
};

/// An antivirus detection where pages are.
const ANTIVIRUS: CheckInfo = CheckInfo {
    id: "event/antivirus_detection",
    title: "an antivirus detection on the web server",
    level: Some(Level::Medium),
    looks_for: "Windows Defender/Operational log, events 1116 and 1117: a threat in a web folder, in server code, in \
                the web server's own folders, or in a process of the web server or Exchange.",
    why: "Antivirus often detects one of several webshells; the file may have been removed since.",
    benign_look_alikes: "False positives.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

/// All checks of this file.
pub const CHECKS: &[&CheckInfo] = &[
    &UNIFIED_MESSAGING,
    &GET_APP,
    &CONTROL_PANEL,
    &VIEW_STATE,
    &MODULE,
    &VIRTUAL_DIRECTORY,
    &LOGGING_OFF,
    &CLEARED,
    &EDITED,
    &ANTIVIRUS,
];

const INVALID_CAST: &str = "System.InvalidCastException";

/// Names of providers, elements and values of which the chunk of an event holds one exactly, since Windows writes them and no
/// attacker, for [`judge`] to say anything.
pub(super) const NAMES: &[&str] = &[
    "MSExchange CmdletLogs",
    "MSExchange Unified Messaging",
    "MSExchange Control Panel",
    "ASP.NET ",
    "Microsoft-Windows-IIS-Configuration",
    "LogFileCleared",
    "Threat Name",
];

/// Words of which the chunk of an event holds one, in its values or in its template, for [`judge`] to say anything.
pub(super) fn needles() -> impl Iterator<Item = &'static str> {
    let own = [
        INVALID_CAST,
        "__VIEWSTATE=",
        "50204",
        "/modules/add",
        "/globalModules/add",
        "physicalPath",
        "dontLog",
        "LogFileCleared",
        "Threat Name",
    ];
    cmdlets::NEEDLES.iter().copied().chain(own)
}

/// What an event shows, if anything.
pub(super) fn judge(event: &Event, context: &Context<'_>) -> Option<EventHit> {
    let mut hit = match (event.provider.as_str(), event.id) {
        ("MSExchange CmdletLogs", _) => cmdlet(event, context),
        ("MSExchange Unified Messaging", _) if event.level == 2 && event.contains_text(INVALID_CAST) => {
            let title = "Unified Messaging deserialized a crafted object (code may have run)";
            Some(hit(event, &UNIFIED_MESSAGING, Stage::ReachedBackend, Level::High, title))
        }
        ("MSExchange Control Panel", 4) if event.contains_text("__VIEWSTATE=") => {
            let title = "a request to ECP had ViewState in its URL";
            Some(hit(event, &CONTROL_PANEL, Stage::Attempt, Level::Low, title))
        }
        (provider, 1316) if provider.starts_with("ASP.NET") => view_state(event),
        ("Microsoft-Windows-IIS-Configuration", 29) => configuration(event, context),
        ("Microsoft-Windows-Eventlog", 104 | 1102) => Some(cleared(event)),
        ("Microsoft-Windows-Windows Defender", 1116 | 1117) => antivirus(event, context),
        _ => None,
    }?;
    if event.hidden {
        hit.excerpt.insert_str(0, "[removed from the log] ");
    }
    if event.recovered {
        hit.excerpt.insert_str(0, "[outside the records counted by the log] ");
    }
    Some(hit)
}

/// That an event was taken out of its log, if it was.
pub(super) fn edited(event: &Event) -> Option<EventHit> {
    let title = "an event record was removed from a log";
    let mut hit = event.hidden.then(|| hit(event, &EDITED, Stage::ConfigurationChanged, Level::High, title))?;
    hit.excerpt.insert_str(0, &format!("{} {}: ", event.provider, event.id));
    Some(hit)
}

fn hit(event: &Event, check: &'static CheckInfo, stage: Stage, level: Level, title: &str) -> EventHit {
    let shown = Shown { check, stage, level, title: title.to_owned() };
    EventHit { shown, client: event.user.clone(), excerpt: event.line() }
}

/// Event 1: done, 6: failed, with cmdlet, parameters and caller as its first values; 8: process, thread, cmdlet and exception.
fn cmdlet(event: &Event, context: &Context<'_>) -> Option<EventHit> {
    let is_get_app = event.data.iter().any(|(_, value)| value.trim().eq_ignore_ascii_case("Get-App"));
    if matches!(event.id, 6 | 8) && is_get_app && event.contains_text(INVALID_CAST) {
        let title = "Get-App deserialized a crafted object (code may have run)";
        let mut hit = hit(event, &GET_APP, Stage::SessionObtained, Level::High, title);
        if event.id == 6 {
            event.at(2).clone_into(&mut hit.client);
        }
        return Some(hit);
    }
    let success = match event.id {
        1 => true,
        6 => false,
        _ => return None,
    };
    let call = Call { cmdlet: event.at(0), parameters: event.at(1), success: Some(success), computer: &event.computer };
    let shown = cmdlets::judge(&call, &context.folders)?;
    let caller = if event.at(2).is_empty() { &event.user } else { event.at(2) };
    Some(EventHit { shown, client: caller.to_owned(), excerpt: format!("{} {}", event.at(0), event.at(1)) })
}

/// The values of a web event have no names: code, message, two times, id, sequence, occurrence, detail code, application ...
fn view_state(event: &Event) -> Option<EventHit> {
    let head = || event.data.iter().take(12).map(|(_, value)| value.trim());
    let title = "ViewState that cannot be deserialized was sent to an application of the web server";
    (head().next() == Some("4009") && head().any(|value| value == "50204"))
        .then(|| hit(event, &VIEW_STATE, Stage::Attempt, Level::Low, title))
}

fn configuration(event: &Event, context: &Context<'_>) -> Option<EventHit> {
    let (what, new) = (event.value("Configuration"), event.value("NewValue").trim());
    if new.is_empty() {
        return None; // something was removed
    }
    let folded = fold(what);
    let shown = if folded.contains("/modules/add") || folded.contains("/globalmodules/add") {
        // The name stands in the value, or in the element's key where another of its attributes was set.
        let name = key(what, "name").unwrap_or(new);
        if (context.is_normal_module)(name) {
            return None;
        }
        (&MODULE, Level::Medium, format!("a module was added to the web server: {name}"))
    } else if folded.contains("virtualdirectory") && folded.ends_with("physicalpath") {
        let landing = Landing::of(new, &event.computer, &context.folders);
        if !is_suspicious_folder(&landing, new) {
            return None;
        }
        (&VIRTUAL_DIRECTORY, Level::High, format!("a virtual directory was pointed to {new}"))
    } else if folded.ends_with("dontlog") && new.eq_ignore_ascii_case("true") {
        (&LOGGING_OFF, Level::Medium, "HTTP logging was disabled".to_owned())
    } else {
        return None;
    };
    let (check, level, title) = shown;
    Some(hit(event, check, Stage::ConfigurationChanged, level, &title))
}

/// The key of the last element of a configuration path: `x` of `/modules/add[@name="x"]/@type`.
fn key<'p>(path: &'p str, attribute: &str) -> Option<&'p str> {
    let start = path.rfind(&format!("[@{attribute}="))? + attribute.len() + 3;
    let rest = path.get(start..)?.trim_start_matches(['"', '\'']);
    rest.find(['"', '\'', ']']).map(|end| &rest[..end]).filter(|name| !name.is_empty())
}

/// Whether no web application has its files there.
fn is_suspicious_folder(landing: &Landing, text: &str) -> bool {
    let Some(path) = &landing.local else { return text.starts_with(r"\\.\") || text.starts_with(r"\\?\") };
    let names: Vec<String> = path.names().map(fold).collect();
    drop_folders::find(&names.join("\\"), Found::Event).is_some() || names.iter().any(|name| device_of(name).is_some())
}

fn cleared(event: &Event) -> EventHit {
    let channel = match event.value("Channel") {
        "" if event.id == 1102 => "Security",
        channel => channel,
    };
    let own = ["Application", "Security", "System", "MSExchange Management", "Windows PowerShell"];
    let matters = own.contains(&channel)
        || ["Microsoft-IIS-", "Microsoft-Windows-Windows Defender/", "Microsoft-Windows-PowerShell/"]
            .iter()
            .any(|start| channel.starts_with(start));
    let level = if matters { Level::Medium } else { Level::Info };
    let stage = if matters { Stage::ConfigurationChanged } else { Stage::Context };
    let mut hit = hit(event, &CLEARED, stage, level, &format!("the event log {channel} was cleared"));
    let name = event.value("SubjectUserName");
    if !name.is_empty() {
        hit.client = match event.value("SubjectDomainName") {
            "" => name.to_owned(),
            domain => format!("{domain}\\{name}"),
        };
    }
    hit
}

/// Programs that write pages when they are abused: IIS's worker, the mailbox replication (ProxyShell), Unified Messaging.
const SERVERS: &[&str] = &["w3wp.exe", "msexchangemailboxreplication.exe", "umworkerprocess.exe"];

/// Folders of programs that the web server runs.
const SERVER_FOLDERS: &[&str] = &[r"\inetsrv\", r"\temporary asp.net files\"];

fn antivirus(event: &Event, context: &Context<'_>) -> Option<EventHit> {
    let threat = event.value("Threat Name");
    // `file:_C:\a.aspx; containerfile:_C:\b.zip; process:_pid:1234`
    let places = event.value("Path").split(';').map(str::trim);
    let mut files = places.filter_map(|place| place.split_once(":_").map(|(_, path)| path));
    // `C:\a.zip->b.aspx` is a member of an archive.
    let file = files.find(|path| {
        path.split("->").any(|part| {
            let landing = Landing::of(part, &event.computer, &context.folders);
            let folded = fold(part);
            landing.web || landing.code || SERVER_FOLDERS.iter().any(|folder| folded.contains(folder))
        })
    });
    let process = event.value("Process Name");
    let name = fold(process.rsplit('\\').next().unwrap_or_default());
    let place = match file {
        Some(file) => file,
        None if SERVERS.contains(&name.as_str()) => process,
        None => return None,
    };
    let done = if event.id == 1117 { "acted on" } else { "found" };
    let title = format!("antivirus {done} {threat}: {place}");
    let mut hit = hit(event, &ANTIVIRUS, Stage::Context, Level::Medium, &title);
    event.value("Detection User").clone_into(&mut hit.client);
    Some(hit)
}
