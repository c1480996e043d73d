//! When logs are overwritten or go on in a new file, by the settings of the server: `logFile` in the configuration of IIS, and the registry
//! for event logs, with how full they are.

use crate::model::server_path::{extension, fold, same_name};
use crate::model::{LogSpan, ServerPath};
use crate::targets::iis::Site;
use crate::targets::{EventLog, Plan};

/// Says of each log what the server's settings say of it. `event_logs`: the files of event logs, with their sizes.
pub fn add(spans: &mut [LogSpan], plan: &Plan, event_logs: &[(ServerPath, u64)]) {
    for span in spans.iter_mut().filter(|span| span.files > 0) {
        let Some(folder) = &span.folder else { continue };
        span.retention = match extension(&span.kind) == "evtx" {
            true => {
                let file = folder.join(&span.kind);
                let size = event_logs.iter().find(|(path, _)| same_name(path.as_str(), file.as_str()));
                of_event_log(plan, &file, size.map_or(0, |(_, size)| *size))
            }
            false => of_site(plan, folder),
        };
    }
}

/// What the configuration says of a folder of IIS logs: that where a site writes to.
fn of_site(plan: &Plan, folder: &ServerPath) -> Option<String> {
    let is_here = |site: &Site, system: char| {
        let name = format!("W3SVC{}", site.id);
        let parent = match site.logs.is_empty() {
            true => ServerPath::drive(system).join_all(super::survey::DEFAULT),
            false => ServerPath::from_configured(&plan.variables(system).expand(&site.logs), system)?,
        };
        same_name(parent.join(&name).as_str(), folder.as_str()).then(|| site.log_file.in_words()).flatten()
    };
    plan.servers().find_map(|iis| iis.sites.iter().find_map(|site| is_here(site, iis.system.unwrap_or('C'))))
}

/// What the registry says of an event log, by its file. `size`: in bytes; 0 where it is not known.
fn of_event_log(plan: &Plan, file: &ServerPath, size: u64) -> Option<String> {
    // A file has the name of its log, with `%4` for a slash.
    let name = fold(file.name()).strip_suffix(".evtx")?.replace("%4", "/");
    in_words(plan.event_logs.get(&(file.drive_letter()?, name))?, size)
}

fn in_words(log: &EventLog, size: u64) -> Option<String> {
    let most = log.max_size?;
    let (keeps_old, archives) = (log.keeps_old == Some(true), log.archives == Some(true));
    let words = mib(most);
    // Windows writes whole chunks, the last of which may exceed the maximum.
    Some(match (size >= most, keeps_old, archives) {
        (true, false, _) => format!("is at its maximum of {words}: overwrites its oldest events now"),
        (true, true, false) => format!("is at its maximum of {words}: new events are lost, none is overwritten"),
        (false, true, false) => format!("takes no new events at {words}{}, none is overwritten", now(size)),
        (false, false, _) => format!("overwrites its oldest events at {words}{}", now(size)),
        (_, true, true) => format!("is archived beside itself at {words}{}, nothing is overwritten", now(size)),
    })
}

fn now(size: u64) -> String {
    if size == 0 { String::new() } else { format!(", now {}", mib(size)) }
}

/// `20 MiB`, `1.2 MiB`.
fn mib(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    match tenths % 10 {
        0 => format!("{} MiB", tenths / 10),
        tenth => format!("{}.{tenth} MiB", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::targets::{Target, TargetKind, discover};

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    /// What is said of a log of this kind in this folder.
    fn of(plan: &Plan, kind: &str, folder: &str, size: u64) -> Option<String> {
        let mut spans = [LogSpan { kind: kind.to_owned(), folder: Some(path(folder)), files: 1, ..LogSpan::default() }];
        add(&mut spans, plan, &[(path(folder).join(kind), size)]);
        spans[0].retention.take()
    }

    #[test]
    fn a_folder_of_a_site_has_the_settings_of_the_site_and_another_has_none() {
        let text = r"<c><sites><site name='a' id='1'/>
            <site name='b' id='2'><logFile directory='%SystemDrive%\l' period='Hourly'/></site>
            <siteDefaults><logFile period='MaxSize' truncateSize='104857600'/></siteDefaults></sites></c>";
        let evidence =
            Memory::new().file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", text.as_bytes());
        let volume = Target { path: ServerPath::drive('C'), kind: TargetKind::Volume };
        let plan = discover(&evidence, &[volume], &['C'], false);
        let words = |kind: &str, folder: &str| of(&plan, kind, folder, 0);
        assert_eq!(
            words("IIS W3SVC1", r"C:\inetpub\logs\LogFiles\w3svc1").as_deref(),
            Some("IIS starts a new file at 100 MiB and deletes none")
        );
        assert_eq!(
            words("IIS W3SVC2", r"C:\l\W3SVC2").as_deref(),
            Some("IIS starts a new file hourly and deletes none")
        );
        for (kind, folder) in [
            ("IIS W3SVC2", r"C:\inetpub\logs\LogFiles\W3SVC2"),
            ("IIS W3SVC1", r"D:\old\W3SVC1"),
            ("IIS W3SVC3", r"C:\l\W3SVC3"),
            ("HttpProxy Ecp", r"C:\Exchange\Logging\HttpProxy\Ecp"),
        ] {
            assert_eq!(words(kind, folder), None, "{kind} {folder}");
        }
        assert_eq!(of(&Plan::default(), "IIS W3SVC1", r"C:\inetpub\logs\LogFiles\W3SVC1", 0), None);
    }

    #[test]
    fn an_event_log_at_its_maximum_says_so_and_one_without_settings_is_silent() {
        let mut plan = Plan::default();
        let mut set = |name: &str, max_size, keeps_old, archives| {
            let log = EventLog { name: name.to_owned(), max_size, keeps_old, archives };
            plan.event_logs.insert(('C', fold(name)), log);
        };
        set("Security", Some(20 << 20), Some(false), None);
        set("System", Some(20 << 20), Some(true), Some(false));
        set("Application", Some(20 << 20), Some(true), Some(true));
        set("Microsoft-IIS-Configuration/Operational", Some(1_052_672), None, None);
        set("MSExchange Management", None, Some(false), None);
        let logs = r"C:\Windows\System32\winevt\Logs";
        let full = (20 << 20) + 4_096;
        for (kind, size, words) in [
            ("Security.evtx", full, "is at its maximum of 20 MiB: overwrites its oldest events now"),
            ("SECURITY.EVTX", 12_910_592, "overwrites its oldest events at 20 MiB, now 12.3 MiB"),
            ("Security.evtx", 0, "overwrites its oldest events at 20 MiB"),
            ("System.evtx", full, "is at its maximum of 20 MiB: new events are lost, none is overwritten"),
            ("System.evtx", 69_632, "takes no new events at 20 MiB, now 0 MiB, none is overwritten"),
            ("Application.evtx", full, "is archived beside itself at 20 MiB, now 20 MiB, nothing is overwritten"),
            (
                "Microsoft-IIS-Configuration%4Operational.evtx",
                1_052_672,
                "is at its maximum of 1 MiB: overwrites its oldest events now",
            ),
        ] {
            assert_eq!(of(&plan, kind, logs, size).as_deref(), Some(words), "{kind}");
        }
        for kind in ["MSExchange Management.evtx", "Other.evtx", ".evtx"] {
            assert_eq!(of(&plan, kind, logs, full), None, "{kind}");
        }
        assert_eq!(of(&plan, "Security.evtx", r"D:\Windows\System32\winevt\Logs", full), None, "of another Windows");
    }
}
