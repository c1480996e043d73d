//! Opens the registry hives of a Windows, with their transaction logs replayed in memory, and reports what is wrong with them.

use super::plan::Plan;
use super::registry;
use super::starts::Starts;
use crate::evidence::{Evidence, Resolver, classify};
use crate::host;
use crate::model::{Problem, ProblemKind, ServerPath};
use shellsift_registry::facts::{self, Software, System};
use shellsift_registry::{Hive, Recovery};
use std::io::Read;

/// Where the hives of a Windows are, from the root of its volume.
pub(super) const FOLDER: &str = r"Windows\System32\config";
/// Bytes that are read of a transaction log. Windows keeps them far below.
const MAX_LOG: u64 = 128 << 20;
/// Problems of a hive that are reported; the rest is counted.
const PROBLEMS_SHOWN: usize = 4;

/// What the registry of a Windows says, and what it starts.
#[derive(Default)]
pub(super) struct Registry {
    /// The hives SYSTEM: one, or none.
    pub(super) system: Vec<(ServerPath, System, Starts)>,
    /// The hives SOFTWARE: one, or none.
    pub(super) software: Vec<(ServerPath, Software, Starts)>,
}

/// Reads the hives SYSTEM and SOFTWARE of a volume, each once. On a live server, where they are in use, the facts are those of its own
/// registry.
pub(super) fn read(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    live: bool,
    plan: &mut Plan,
) -> Registry {
    let own = host::system_drive().and_then(|drive| ServerPath::from_windows(&drive.to_string_lossy()));
    let is_running = live && own.as_ref() == Some(root);
    let mut of_windows = Registry::default();
    let files = Hives { evidence, resolver, live };
    for file in resolver.files_below(root, &format!(r"{FOLDER}\SYSTEM")) {
        let mut starts = Starts::default();
        let read = files.with(&file, plan, |hive| {
            starts.of_system(hive);
            facts::system(hive)
        });
        of_windows.system.extend(read.map(|facts| (file, facts, starts)));
    }
    for file in resolver.files_below(root, &format!(r"{FOLDER}\SOFTWARE")) {
        let mut starts = Starts::default();
        let read = files.with(&file, plan, |hive| {
            starts.of_software(hive);
            facts::software(hive)
        });
        of_windows.software.extend(read.map(|facts| (file, facts, starts)));
    }
    // In use, or in a folder that this user may not list.
    let hive = |name: &str| FOLDER.split('\\').chain([name]).fold(root.clone(), |path, part| path.join(part));
    if is_running && of_windows.system.is_empty() {
        of_windows.system.extend(registry::system().map(|facts| (hive("SYSTEM"), facts, Starts::default())));
    }
    if is_running && of_windows.software.is_empty() {
        of_windows.software.extend(registry::software().map(|facts| (hive("SOFTWARE"), facts, Starts::default())));
    }
    of_windows
}

/// Where hives are opened.
pub(super) struct Hives<'h, 'e> {
    pub(super) evidence: &'e dyn Evidence,
    pub(super) resolver: &'h Resolver<'e>,
    pub(super) live: bool,
}

impl Hives<'_, '_> {
    /// Opens a hive with its logs and looks into it. What cannot be read, what is damaged, and changes that no log holds are problems.
    pub(super) fn with<T>(&self, file: &ServerPath, plan: &mut Plan, look: impl FnOnce(&Hive) -> T) -> Option<T> {
        let (bytes, cut) = self.bytes(file, Hive::MAX_BYTES);
        if let Some(error) = cut {
            if self.live {
                // The system locks its hives; no other process can read these files.
                plan.report("registry", format!("{file}: in use, so services and run keys were not examined"));
                return None;
            }
            plan.problems.push(Problem::at(classify(&error), file, error.to_string()));
        }
        // A collection may hold an empty file in its place.
        if bytes.is_empty() {
            return None;
        }
        let logs = if Hive::needs_logs(&bytes) { self.logs(file, plan) } else { Vec::new() };
        let logs: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
        let hive = match Hive::new(bytes, &logs) {
            Ok(hive) => hive,
            Err(error) => {
                let message = format!("{error}: services and other autostart entries are unknown");
                plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, file, message));
                return None;
            }
        };
        let seen = look(&hive);
        if let Recovery::Replayed { entries, .. } = hive.recovery() {
            let what = if *entries == 1 { "entry" } else { "entries" };
            plan.report("registry", format!("{file}: {entries} {what} of its transaction logs replayed in memory"));
        }
        plan.problems.extend(damage(file, &hive));
        Some(seen)
    }

    /// The logs beside a hive, as far as they can be read.
    fn logs(&self, file: &ServerPath, plan: &mut Plan) -> Vec<Vec<u8>> {
        let Some(folder) = file.parent() else { return Vec::new() };
        let beside = |end: &str| self.resolver.files_below(&folder, &format!("{}{end}", file.name()));
        let mut logs = Vec::new();
        for log in Hive::LOGS.iter().flat_map(|end| beside(end)) {
            let (bytes, cut) = self.bytes(&log, MAX_LOG);
            if let Some(error) = cut {
                plan.problems.push(Problem::at(classify(&error), &log, error.to_string()));
            }
            if bytes.len() as u64 > MAX_LOG {
                let message = format!("a transaction log above {} MiB, which was not replayed", MAX_LOG >> 20);
                plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, &log, message));
                continue;
            }
            logs.push(bytes);
        }
        logs
    }

    /// The bytes of a file, one more than `most` at most, and why they end early.
    fn bytes(&self, file: &ServerPath, most: u64) -> (Vec<u8>, Option<std::io::Error>) {
        let mut bytes = Vec::new();
        let read = self.evidence.open(file).and_then(|content| content.reader.take(most + 1).read_to_end(&mut bytes));
        (bytes, read.err())
    }
}

/// What is wrong with a hive, in one problem.
fn damage(file: &ServerPath, hive: &Hive) -> Option<Problem> {
    let problems = hive.problems();
    let (shown, rest) = problems.split_at(problems.len().min(PROBLEMS_SHOWN));
    let more = if rest.is_empty() { String::new() } else { format!("; and {} more", rest.len()) };
    let message = format!("the hive was partially read: {}{more}", shown.join("; "));
    (!problems.is_empty()).then(|| Problem::at(ProblemKind::PartiallyExamined, file, message))
}

#[cfg(test)]
use shellsift_registry::marvin32;
#[cfg(test)]
#[path = "../../tests/suite/support/hive.rs"]
mod written;

#[cfg(test)]
mod tests {
    use super::written::{Written, torn};
    use super::*;
    use crate::evidence::Memory;
    use crate::model::ExclusionAdvice;
    use crate::targets::{Target, TargetKind, discover};

    const SYSTEM: &str = r"C:\Windows\System32\config\SYSTEM";
    const SOFTWARE: &str = r"C:\Windows\System32\config\SOFTWARE";
    const SETUP: &str = r"Microsoft\ExchangeServer\v15\Setup";
    const EXCLUSIONS: &str = r"Microsoft\Windows Defender\Exclusions";

    fn plan(evidence: &Memory) -> Plan {
        let root = ServerPath::drive('C');
        discover(evidence, &[Target { path: root, kind: TargetKind::Volume }], &['C'], false)
    }

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn problems(plan: &Plan) -> Vec<(&'static str, &str)> {
        plan.problems.iter().map(|problem| (problem.kind.name(), problem.message.as_str())).collect()
    }

    /// The checks that were noted for a hive, with their scores.
    fn noted(plan: &Plan, hive: &str) -> Vec<(String, u8)> {
        let reasons = plan.noted.get(&path(hive)).map_or(&[][..], Vec::as_slice);
        reasons.iter().map(|reason| (reason.id.clone(), reason.score)).collect()
    }

    #[test]
    fn what_the_registry_names_is_examined_and_told() {
        let system = Written::new("ROOT")
            .dword("Select", "Current", 1)
            .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "MAIL01")
            .text(r"ControlSet001\Control\TimeZoneInformation", "TimeZoneKeyName", "W. Europe Standard Time")
            .dword(r"ControlSet001\Control\TimeZoneInformation", "Bias", (-60_i32) as u32);
        let software = Written::new("ROOT")
            .text(SETUP, "MsiInstallPath", r"C:\a\b\c\d\V15\")
            .text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows Server 2019 Standard")
            .text(r"Microsoft\Windows NT\CurrentVersion", "CurrentBuild", "17763")
            .text(r"Microsoft\InetStp", "PathWWWRoot", r"%SystemDrive%\web");
        let evidence = Memory::new()
            .file(SYSTEM, &system.bytes())
            .file(SOFTWARE, &software.bytes())
            .folder(r"C:\a\b\c\d\V15\FrontEnd\HttpProxy")
            .folder(r"C:\web");
        let plan = plan(&evidence);
        assert_eq!(problems(&plan), []);
        assert_eq!(plan.exchange, [path(r"C:\a\b\c\d\V15")]);
        assert!(plan.areas.iter().any(|area| area.path == path(r"C:\web") && area.every_file));
        assert_eq!(plan.server.host_name.as_deref(), Some("MAIL01"));
        let words: Vec<_> = plan.discovered.iter().map(|line| (line.what, line.words.as_str())).collect();
        assert!(words.contains(&("windows", "Windows Server 2019 Standard (17763)")), "{words:?}");
        assert!(words.contains(&("time zone", "W. Europe Standard Time (UTC+01:00)")), "{words:?}");
    }

    #[test]
    fn a_policy_outweighs_the_settings_of_an_event_log() {
        let log = |name: &str| format!(r"ControlSet001\Services\EventLog\{name}");
        let system = Written::new("ROOT")
            .dword(&log("Security"), "MaxSize", 20 << 20)
            .dword(&log("Security"), "Retention", 0)
            .dword(&log("MSExchange Management"), "MaxSize", 100 << 20);
        let software = Written::new("ROOT").dword(r"Policies\Microsoft\Windows\EventLog\security", "MaxSize", 32_768);
        let plan = plan(&Memory::new().file(SYSTEM, &system.bytes()).file(SOFTWARE, &software.bytes()));
        let known = |name: &str| plan.event_logs.get(&('C', name.to_owned())).map(|log| (log.max_size, log.keeps_old));
        assert_eq!(known("security"), Some((Some(32 << 20), Some(false))));
        assert_eq!(known("msexchange management"), Some((Some(100 << 20), None)));
        assert_eq!((known("system"), plan.event_logs.len()), (None, 2));
    }

    #[test]
    fn a_folder_that_is_not_there_or_is_too_much_is_a_problem() {
        for (folder, kind) in [
            (r"C:\gone", "folder_missing"),
            (r"D:\Exchange", "volume_not_provided"),
            (r"C:\", "config_malformed"),
            (r"C:\Windows", "config_malformed"),
            ("V15", "config_malformed"),
        ] {
            let software = Written::new("ROOT").text(SETUP, "MsiInstallPath", folder);
            let plan = plan(&Memory::new().file(SOFTWARE, &software.bytes()));
            let kinds: Vec<&str> = problems(&plan).into_iter().map(|(kind, _)| kind).collect();
            assert_eq!((kinds, plan.exchange), (vec![kind], vec![]), "{folder}");
        }
    }

    /// A hive whose log has another command of a service.
    fn of_service(line: &str) -> (Vec<u8>, Vec<u8>) {
        let with =
            |line: &str| Written::new("ROOT").text(r"ControlSet001\Services\A", "ImagePath", &format!("{line:<200}"));
        torn(&with(r"C:\Windows\System32\spoolsv.exe"), &with(line))
    }

    #[test]
    fn logs_are_replayed_and_a_missing_one_is_a_problem() {
        let (hive, log) = of_service(r"cmd /c copy C:\x.txt C:\inetpub\wwwroot\x.aspx");
        let writes = ("autostart/writes_server_code".to_owned(), 75);
        for name in ["SYSTEM.LOG1", "system.log2", "SYSTEM.LOG"] {
            let beside = format!(r"C:\Windows\System32\config\{name}");
            let plan = plan(&Memory::new().file(SYSTEM, &hive).file(&beside, &log));
            assert_eq!((noted(&plan, SYSTEM), problems(&plan)), (vec![writes.clone()], vec![]), "{name}");
            assert!(plan.discovered.iter().any(|line| line.words.ends_with("replayed in memory")));
        }
        let alone = plan(&Memory::new().file(SYSTEM, &hive));
        assert_eq!(noted(&alone, SYSTEM), []);
        let [(kind, message)] = problems(&alone)[..] else { panic!("{:?}", alone.problems) };
        assert!(kind == "partially_examined" && message.contains("no transaction log continues it"), "{message}");
    }

    #[test]
    fn exclusions_of_web_content_are_noted_and_recommended_ones_are_not() {
        let paths = format!(r"{EXCLUSIONS}\Paths");
        let recommended = || {
            Written::new("ROOT")
                .dword(&paths, r"C:\Program Files\Microsoft\Exchange Server\V15\Logging", 0)
                .dword(&paths, r"%SystemRoot%\System32\inetsrv", 0)
                .dword(&paths, r"E:\Databases", 0)
                .dword(&format!(r"{EXCLUSIONS}\Processes"), "w3wp.exe", 0)
        };
        let of = |software: Written| plan(&Memory::new().file(SOFTWARE, &software.bytes()));
        let silent = of(recommended());
        assert_eq!((noted(&silent, SOFTWARE), silent.server.exclusions.len()), (vec![], 4));
        let line = silent.discovered.iter().find(|line| line.what == "defender").expect("reported");
        assert_eq!(
            line.words,
            "4 exclusions, 1 recommended by Microsoft for Exchange, 2 recommended until February 2023 \
             (%SystemRoot%\\System32\\inetsrv, w3wp.exe)"
        );
        let plan = of(recommended().dword(&paths, r"c:\inetpub\wwwroot\aspnet_client\*", 0));
        assert_eq!(noted(&plan, SOFTWARE), [("config/defender_exclusion".to_owned(), 60)]);
        assert_eq!(plan.server.exclusions[0].advice, ExclusionAdvice::Risky);
        let reason = &plan.noted[&path(SOFTWARE)][0];
        assert!(reason.title.contains(r"c:\inetpub\wwwroot\aspnet_client\*, and 2 more"), "{}", reason.title);
        assert!(plan.files.contains(&path(SOFTWARE)));
    }
}
