//! Autostart entries of the registry: services of the SYSTEM hive; run keys, debuggers and hidden tasks of the SOFTWARE
//! hive. On a live server both hives are locked, which is reported; tasks and scripts are still checked.

use super::autostart::{Command, MAX_TEXT, VolumeContext};
use super::hive::{self, Hive, Key};
use super::plan::Plan;
use super::{linux, tasks};
use crate::evidence::classify;
use crate::model::{Problem, ProblemKind, ServerPath};
use std::io::Read;

const FOLDER: &str = r"Windows\System32\config";
/// Characters of a host name that are kept: the most that DNS allows for a name.
const MAX_HOST_NAME: usize = 255;
/// Commands of one hive that are checked.
const MOST: usize = 50_000;

/// Keys of the hive SOFTWARE whose values are commands.
const RUN: &[&str] = &[
    r"Microsoft\Windows\CurrentVersion\Run",
    r"Microsoft\Windows\CurrentVersion\RunOnce",
    r"Microsoft\Windows\CurrentVersion\RunOnceEx",
    r"Microsoft\Windows\CurrentVersion\RunServices",
    r"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run",
    r"Wow6432Node\Microsoft\Windows\CurrentVersion\Run",
    r"Wow6432Node\Microsoft\Windows\CurrentVersion\RunOnce",
];

/// Checks what the hives of a volume start, and returns the programs of its services, folded and with variables expanded.
pub(super) fn add(volume: &VolumeContext<'_, '_>, root: &ServerPath, live: bool, plan: &mut Plan) -> Vec<String> {
    let mut programs = Vec::new();
    for file in volume.resolver.files_below(root, &format!(r"{FOLDER}\SYSTEM")) {
        with_hive(volume, &file, live, plan, |hive, plan| services(volume, &file, hive, &mut programs, plan));
    }
    for file in volume.resolver.files_below(root, &format!(r"{FOLDER}\SOFTWARE")) {
        with_hive(volume, &file, live, plan, |hive, plan| software(volume, &file, hive, &mut programs, plan));
    }
    for home in tasks::homes(volume, root) {
        for file in volume.resolver.files_below(&home, "NTUSER.DAT") {
            with_hive(volume, &file, live, plan, |hive, plan| account(volume, &file, hive, plan));
        }
    }
    for file in volume.resolver.files_below(root, &format!(r"{FOLDER}\DEFAULT")) {
        with_hive(volume, &file, live, plan, |hive, plan| account(volume, &file, hive, plan));
    }
    programs
}

/// What starts with an account, and where the Linux systems that it has imported are.
fn account(volume: &VolumeContext<'_, '_>, file: &ServerPath, hive: &Hive<'_>, plan: &mut Plan) {
    let Some(root) = hive.root() else { return };
    for path in RUN.iter().filter(|path| path.starts_with("Microsoft")) {
        let Some(key) = hive.at(root, &format!(r"Software\{path}")) else { continue };
        for (name, line) in hive.values(key) {
            let by = format!("the run key {}", name.chars().take(80).collect::<String>());
            volume.command(file, &Command { by: &by, line: truncated(line), folder: "" }, plan);
        }
    }
    let Some(systems) = hive.at(root, r"Software\Microsoft\Windows\CurrentVersion\Lxss") else { return };
    for (_, system) in hive.keys(systems).take(100) {
        let Some(base) = hive.text(system, "BasePath") else { continue };
        let base = volume.plain(&base);
        for name in ["ext4.vhdx".to_owned(), hive.text(system, "VhdFileName").unwrap_or_default()] {
            for image in volume.files(&format!("{}\\{name}", base.trim_end_matches('\\'))) {
                linux::disk_of_linux(&image, plan);
            }
        }
    }
}

fn with_hive(
    volume: &VolumeContext<'_, '_>,
    file: &ServerPath,
    live: bool,
    plan: &mut Plan,
    look: impl FnOnce(&Hive<'_>, &mut Plan),
) {
    let mut bytes = Vec::new();
    let read =
        volume.evidence.open(file).and_then(|content| content.reader.take(hive::MAX_BYTES + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        match live {
            // The system locks its hives; no other process can read these files.
            true => plan.report("registry", format!("{file}: in use, so services and run keys were not examined")),
            false => plan.problems.push(Problem::at(classify(&error), file, error.to_string())),
        }
        return;
    }
    if bytes.len() as u64 > hive::MAX_BYTES {
        let message = format!("only the first {} MiB were read for autostart entries", hive::MAX_BYTES >> 20);
        plan.problems.push(Problem::at(ProblemKind::PartlyExamined, file, message));
    }
    match Hive::new(&bytes) {
        Some(hive) => look(&hive, plan),
        // A collection may hold an empty file in its place.
        None if bytes.is_empty() => {}
        None => {
            let message = "not a readable hive: services and other autostart entries are unknown";
            plan.problems.push(Problem::at(ProblemKind::ConfigBroken, file, message));
        }
    }
}

/// The name of the computer by a hive SYSTEM: what the control set in use (`Select\Current`) has at
/// `Control\ComputerName\ComputerName`, or else the host name of its TCP/IP.
pub(super) fn host_name(hive: &Hive<'_>) -> Option<String> {
    let root = hive.root()?;
    let current = hive.at(root, "Select").and_then(|select| hive.text(select, "Current"));
    let current = current.and_then(|number| number.trim().parse::<u32>().ok()).unwrap_or(1);
    let set = format!("ControlSet{current:03}");
    let set = hive.at(root, &set).or_else(|| hive.at(root, "ControlSet001"))?;
    let value = |path: &str, name: &str| {
        let text = hive.text(hive.at(set, path)?, name)?;
        let name: String = text.trim().chars().filter(|c| !c.is_control()).take(MAX_HOST_NAME).collect();
        Some(name).filter(|name| !name.is_empty())
    };
    value(r"Control\ComputerName\ComputerName", "ComputerName")
        .or_else(|| value(r"Services\Tcpip\Parameters", "Hostname"))
}

/// The services of the control sets, with what their keys name beside: the library of a shared service, what a wrapper
/// (nssm, srvany) runs, what runs when one fails, and a profiler.
fn services(
    volume: &VolumeContext<'_, '_>,
    file: &ServerPath,
    hive: &Hive<'_>,
    programs: &mut Vec<String>,
    plan: &mut Plan,
) {
    let Some(root) = hive.root() else { return };
    plan.host_name = plan.host_name.take().or_else(|| host_name(hive));
    let sets: Vec<(String, Key)> =
        hive.keys(root).filter(|(name, _)| name.to_ascii_lowercase().starts_with("controlset")).take(20).collect();
    let mut checked = 0;
    for (_, set) in sets {
        let Some(services) = hive.at(set, "Services") else { continue };
        for (name, service) in hive.keys(services) {
            checked += 1;
            if checked > MOST {
                let message = format!("more than {MOST} services: the rest was not read");
                plan.problems.push(Problem::at(ProblemKind::PartlyExamined, file, message));
                return;
            }
            let by = format!("the service {}", name.chars().take(80).collect::<String>());
            let text = |key: Key, value: &str| hive.text(key, value).unwrap_or_default();
            let parameters = hive.at(service, "Parameters");
            let of = |value: &str| parameters.map_or(String::new(), |key| text(key, value));
            let image = text(service, "ImagePath");
            let mut lines = vec![image.clone(), text(service, "FailureCommand"), of("ServiceDll")];
            lines.push(text(service, "ServiceDll"));
            lines.push(format!("{} {}", of("Application"), of("AppParameters")));
            for value in [text(service, "Environment"), of("AppEnvironmentExtra")] {
                let profilers = value.lines().filter(|line| line.to_ascii_uppercase().contains("PROFILER_PATH"));
                lines.extend(profilers.filter_map(|line| Some(line.split_once('=')?.1.to_owned())));
            }
            let folder = of("AppDirectory");
            for line in lines.into_iter().filter(|line| !line.trim().is_empty()) {
                volume.command(file, &Command { by: &by, line: truncated(line), folder: &folder }, plan);
            }
            // Tomcat's wrapper and others keep their bases in what they give the program.
            for text in [text(service, "Environment"), of("AppEnvironmentExtra"), of("AppDirectory")] {
                if !text.is_empty() && text.len() < 65_536 {
                    programs.push(volume.plain(&text));
                }
            }
            for program in [image, format!("{} {}", of("Application"), of("AppParameters"))] {
                if !program.trim().is_empty() && program.len() < 4_096 {
                    programs.push(volume.plain(&program));
                }
            }
        }
        let variables = hive.at(set, r"Control\Session Manager\Environment");
        for (name, value) in variables.map(|key| hive.values(key).collect::<Vec<_>>()).unwrap_or_default() {
            if value.len() < 4_096 {
                programs.push(volume.plain(&format!("{name}={value}")));
            }
        }
        for value in ["COR_PROFILER_PATH", "COR_PROFILER_PATH_64", "CORECLR_PROFILER_PATH"] {
            let key = hive.at(set, r"Control\Session Manager\Environment");
            if let Some(line) = key.and_then(|key| hive.text(key, value)) {
                volume.command(
                    file,
                    &Command { by: "every program that uses .NET", line: truncated(line), folder: "" },
                    plan,
                );
            }
        }
    }
}

/// Run keys, debuggers, the shell of a logon, and the actions of tasks as the scheduler keeps them: it needs no file of a task.
fn software(
    volume: &VolumeContext<'_, '_>,
    file: &ServerPath,
    hive: &Hive<'_>,
    programs: &mut Vec<String>,
    plan: &mut Plan,
) {
    let Some(root) = hive.root() else { return };
    // The services of Apache Commons Daemon (Tomcat) have their options here: `-Dcatalina.base=...`.
    for daemon in [r"Apache Software Foundation\Procrun 2.0", r"Wow6432Node\Apache Software Foundation\Procrun 2.0"]
        .iter()
        .filter_map(|path| hive.at(root, path))
    {
        for (_, service) in hive.keys(daemon).take(100) {
            for key in [r"Parameters\Java", r"Parameters\Start"].iter().filter_map(|path| hive.at(service, path)) {
                let values = hive.values(key).map(|(_, text)| text).filter(|text| text.len() < 65_536);
                programs.extend(values.map(|text| volume.plain(&text)));
            }
        }
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    for key in RUN.iter().filter_map(|path| hive.at(root, path)) {
        lines.extend(hive.values(key).map(|(name, line)| (format!("the run key {name}"), line)));
    }
    if let Some(key) = hive.at(root, r"Microsoft\Windows NT\CurrentVersion\Winlogon") {
        for value in ["Userinit", "Shell", "Taskman"] {
            let text = hive.text(key, value).unwrap_or_default();
            lines.extend(text.split(',').map(|line| ("every logon".to_owned(), line.to_owned())));
        }
    }
    if let Some(key) = hive.at(root, r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options") {
        for (name, key) in hive.keys(key) {
            let debugger = hive.text(key, "Debugger").unwrap_or_default();
            lines.push((format!("the debugger of {name}"), debugger));
        }
    }
    if let Some(key) = hive.at(root, r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks") {
        for (_, key) in hive.keys(key) {
            let name = hive.text(key, "Path").unwrap_or_default();
            let by = format!("the task {name} in the registry");
            for action in actions(&hive.bytes_of(key, "Actions").unwrap_or_default()) {
                let line = match action {
                    Action::Runs(line) => Some(line),
                    Action::Class(class) => {
                        let key = hive.at(root, &format!(r"Classes\CLSID\{class}\InprocServer32"));
                        key.and_then(|key| hive.text(key, ""))
                    }
                };
                lines.extend(line.map(|line| (by.clone(), line)));
            }
        }
    }
    // What a task, or anything else, loads by its class alone.
    for classes in [r"Classes\CLSID", r"Classes\Wow6432Node\CLSID"].iter().filter_map(|path| hive.at(root, path)) {
        for (name, class) in hive.keys(classes) {
            for server in ["InprocServer32", "LocalServer32"].iter().filter_map(|key| hive.at(class, key)) {
                lines.push((format!("the class {name}"), hive.text(server, "").unwrap_or_default()));
            }
        }
    }
    for (by, line) in lines.into_iter().filter(|(_, line)| !line.trim().is_empty()).take(MOST) {
        let by: String = by.chars().take(120).collect();
        volume.command(file, &Command { by: &by, line: truncated(line), folder: "" }, plan);
    }
}

/// What a task does, as the scheduler keeps it.
#[derive(Debug, PartialEq, Eq)]
enum Action {
    Runs(String),
    Class(String),
}

/// The actions of a task (the layout as Cyber.WTF and others describe it): a version, the context's name, and for each action a
/// number for its kind, its id, and texts with their lengths in bytes before them.
fn actions(bytes: &[u8]) -> Vec<Action> {
    const RUNS: [u8; 2] = [0x66, 0x66];
    const CLASS: [u8; 2] = [0x77, 0x77];
    let mut found = Vec::new();
    let mut at = 2;
    let text = |at: &mut usize| {
        let size = u32::from_le_bytes(*bytes.get(*at..)?.first_chunk()?) as usize;
        let text = bytes.get(*at + 4..(*at + 4).checked_add(size)?)?;
        *at += 4 + size;
        Some(hive::wide(text))
    };
    let version = bytes.first().copied().unwrap_or_default();
    if version > 1 && text(&mut at).is_none() {
        return found;
    }
    while found.len() < 64 {
        let Some(kind) = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).copied() else { break };
        at += 2;
        if text(&mut at).is_none() {
            break;
        }
        match kind {
            RUNS => {
                let (Some(program), Some(arguments), Some(_)) = (text(&mut at), text(&mut at), text(&mut at)) else {
                    break;
                };
                found.push(Action::Runs(format!("\"{}\" {arguments}", program.trim_matches('"'))));
                at += if version > 2 { 2 } else { 0 };
            }
            CLASS => {
                let Some(id) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) else { break };
                let [a, b, c, d, e, f, g, h, last @ ..] = *id;
                let last = last.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
                found.push(Action::Class(format!(
                    "{{{:08X}-{:04X}-{:04X}-{}-{}}}",
                    u32::from_le_bytes([a, b, c, d]),
                    u16::from_le_bytes([e, f]),
                    u16::from_le_bytes([g, h]),
                    &last[..4],
                    &last[4..]
                )));
                at += 16;
                if text(&mut at).is_none() {
                    break;
                }
            }
            _ => break,
        }
    }
    found
}

fn truncated(line: String) -> String {
    line.chars().take(MAX_TEXT as usize / 64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_the_scheduler_are_read_and_no_damage_stops_it() {
        let text = |text: &str| {
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [&(wide.len() as u32).to_le_bytes()[..], &wide].concat()
        };
        let id: Vec<u8> = (1..=16).collect();
        let bytes = [
            vec![3, 0],
            text("Author"),
            vec![0x66, 0x66],
            text(""),
            text(r"C:\a b.exe"),
            text("-x"),
            text(""),
            vec![0, 0],
            vec![0x77, 0x77],
            text(""),
            id,
            text(""),
        ]
        .concat();
        let whole = actions(&bytes);
        assert_eq!(
            whole,
            [
                Action::Runs("\"C:\\a b.exe\" -x".to_owned()),
                Action::Class("{04030201-0605-0807-090A-0B0C0D0E0F10}".to_owned())
            ]
        );
        for end in 0..bytes.len() {
            let _ = actions(&bytes[..end]);
        }
    }
}
