//! What the registry hives of a server start: services of the SYSTEM hive; run keys, debuggers, classes and tasks of the SOFTWARE hive;
//! run keys of an account. It is only gathered here, within bounds; what it runs is checked when the web folders are known.

use super::autostart::MAX_TEXT;
use shellsift_registry::{Hive, Key, ValueData};
use std::collections::HashMap;

/// Commands of one hive that are checked.
const MOST: usize = 50_000;
/// Bytes of text that are kept of one hive: of an ordinary SOFTWARE, 3 MB.
const MOST_BYTES: usize = 64 << 20;
/// Characters that are kept of what names a command.
const MAX_NAME: usize = 120;
/// Bytes of the variables and parameters of a service in which servers are looked for, and of the command of one.
const MAX_PARAMETERS: usize = 65_536;
const MAX_PROGRAM: usize = 4_096;

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

/// A command that runs by itself, as it is written in a hive.
pub(super) struct Start {
    /// What runs it: `the service W3SVC`.
    pub(super) by: String,
    /// Program and arguments.
    pub(super) line: String,
    /// The folder that it runs in.
    pub(super) folder: String,
}

/// What a hive starts.
#[derive(Default)]
pub(super) struct Starts {
    /// Commands, in the order of the hive.
    pub(super) commands: Vec<Start>,
    /// Command lines, variables and parameters that may name the folders of other web servers.
    pub(super) programs: Vec<String>,
    /// The disks of imported Linux systems.
    pub(super) linux: Vec<String>,
    /// Whether there was more than is kept.
    pub(super) is_cut: bool,
    bytes: usize,
}

impl Starts {
    /// Whether there is room for a text of this length.
    fn takes(&mut self, length: usize) -> bool {
        self.bytes = self.bytes.saturating_add(length.saturating_add(64));
        self.is_cut |= self.bytes > MOST_BYTES;
        !self.is_cut
    }

    fn command(&mut self, by: String, line: &str, folder: &str) {
        if line.trim().is_empty() {
            return;
        }
        let shortened = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let (by, line) = (shortened(&by, MAX_NAME), shortened(line, MAX_TEXT as usize / 64));
        let folder = shortened(folder, MAX_TEXT as usize / 64);
        self.is_cut |= self.commands.len() >= MOST;
        if self.takes(by.len() + line.len() + folder.len()) {
            self.commands.push(Start { by, line, folder });
        }
    }

    /// Keeps what may name a server, unless it is longer than those are.
    fn program(&mut self, text: String, most: usize) {
        if !text.trim().is_empty() && text.len() < most && self.takes(text.len()) {
            self.programs.push(text);
        }
    }

    /// The services of the control sets, with what their keys name beside: the library of a shared service, what a wrapper (nssm,
    /// srvany) runs, what runs when one fails, and a profiler.
    pub(super) fn of_system(&mut self, hive: &Hive) {
        let is_set = |set: &Key<'_>| set.name().to_ascii_lowercase().starts_with("controlset");
        for set in hive.root().keys().filter(is_set).take(20) {
            for service in set.key("Services").into_iter().flat_map(Key::keys) {
                if self.is_cut {
                    return;
                }
                self.service(service);
            }
            let Some(variables) = set.at(r"Control\Session Manager\Environment") else { continue };
            for value in variables.values() {
                let (name, text) = (value.name(), value.data().to_text());
                if ["COR_PROFILER_PATH", "COR_PROFILER_PATH_64", "CORECLR_PROFILER_PATH"]
                    .iter()
                    .any(|profiler| name.eq_ignore_ascii_case(profiler))
                {
                    self.command("every program that uses .NET".to_owned(), &text, "");
                }
                self.program(format!("{name}={text}"), MAX_PROGRAM);
            }
        }
    }

    fn service(&mut self, service: Key<'_>) {
        let by = format!("the service {}", service.name().chars().take(80).collect::<String>());
        let text = |value: &str| service.text(value).unwrap_or_default();
        let parameters = service.key("Parameters");
        let of = |value: &str| parameters.and_then(|key| key.text(value)).unwrap_or_default();
        let (image, wrapped) = (text("ImagePath"), format!("{} {}", of("Application"), of("AppParameters")));
        let (variables, more, folder) = (text("Environment"), of("AppEnvironmentExtra"), of("AppDirectory"));
        let library = [text("FailureCommand"), of("ServiceDll"), text("ServiceDll")];
        for line in [&image].into_iter().chain(&library).chain([&wrapped]) {
            self.command(by.clone(), line, &folder);
        }
        for variables in [&variables, &more] {
            let profilers = variables.lines().filter(|line| line.to_ascii_uppercase().contains("PROFILER_PATH"));
            for (_, profiler) in profilers.filter_map(|line| line.split_once('=')) {
                self.command(by.clone(), profiler, &folder);
            }
        }
        // Tomcat's wrapper and others keep their bases in what they give the program.
        for text in [variables, more, folder] {
            self.program(text, MAX_PARAMETERS);
        }
        for program in [image, wrapped] {
            self.program(program, MAX_PROGRAM);
        }
    }

    /// Run keys, debuggers, the shell of a logon, classes, and the actions of tasks as the scheduler keeps them: it needs no file of a
    /// task.
    pub(super) fn of_software(&mut self, hive: &Hive) {
        self.daemons(hive);
        for key in RUN.iter().filter_map(|path| hive.at(path)) {
            self.values(key);
        }
        if let Some(key) = hive.at(r"Microsoft\Windows NT\CurrentVersion\Winlogon") {
            for value in ["Userinit", "Shell", "Taskman"] {
                for line in key.text(value).unwrap_or_default().split(',') {
                    self.command("every logon".to_owned(), line, "");
                }
            }
        }
        let debuggers = hive.at(r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options");
        for key in debuggers.into_iter().flat_map(Key::keys) {
            let Some(line) = key.text("Debugger") else { continue };
            self.command(format!("the debugger of {}", key.name()), &line, "");
        }
        let by_class = self.tasks(hive);
        self.classes(hive, &by_class);
    }

    /// The services of Apache Commons Daemon (Tomcat) have their options in SOFTWARE: `-Dcatalina.base=...`.
    fn daemons(&mut self, hive: &Hive) {
        const PATHS: [&str; 2] =
            [r"Apache Software Foundation\Procrun 2.0", r"Wow6432Node\Apache Software Foundation\Procrun 2.0"];
        for service in PATHS.iter().filter_map(|path| hive.at(path)).flat_map(|daemon| daemon.keys().take(100)) {
            for key in [r"Parameters\Java", r"Parameters\Start"].iter().filter_map(|path| service.at(path)) {
                for value in key.values() {
                    self.program(value.data().to_text(), MAX_PARAMETERS);
                }
            }
        }
    }

    /// The values of a run key.
    fn values(&mut self, key: Key<'_>) {
        for value in key.values() {
            if self.is_cut {
                return;
            }
            self.command(format!("the run key {}", value.name()), &value.data().to_text(), "");
        }
    }

    /// The tasks of the scheduler; what runs a class is given by the folded name of the class.
    fn tasks(&mut self, hive: &Hive) -> HashMap<String, String> {
        let mut by_class = HashMap::new();
        let tasks = hive.at(r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks");
        for key in tasks.into_iter().flat_map(Key::keys) {
            if self.is_cut {
                break;
            }
            let by = format!("the task {} in the registry", key.text("Path").unwrap_or_default());
            for action in actions(&key.value("Actions").map(|value| value.bytes()).unwrap_or_default()) {
                match action {
                    Action::Runs(line) => self.command(by.clone(), &line, ""),
                    Action::Class(class) if self.takes(by.len() + class.len()) => {
                        by_class.entry(class.to_ascii_lowercase()).or_insert_with(|| by.clone());
                    }
                    Action::Class(_) => {}
                }
            }
        }
        by_class
    }

    /// What a task, or anything else, loads by its class alone.
    fn classes(&mut self, hive: &Hive, by_class: &HashMap<String, String>) {
        for class in
            [r"Classes\CLSID", r"Classes\Wow6432Node\CLSID"].iter().filter_map(|path| hive.at(path)).flat_map(Key::keys)
        {
            if self.is_cut {
                return;
            }
            for server in class.keys() {
                let kind = server.name();
                if !["InprocServer32", "LocalServer32"].iter().any(|name| kind.eq_ignore_ascii_case(name)) {
                    continue;
                }
                let name = class.name();
                let by = by_class.get(&name.to_ascii_lowercase()).cloned();
                let line = server.text("").unwrap_or_default();
                self.command(by.unwrap_or_else(|| format!("the class {name}")), &line, "");
            }
        }
    }

    /// What starts with an account, and where the Linux systems that it has imported are.
    pub(super) fn of_account(&mut self, hive: &Hive) {
        for path in RUN.iter().filter(|path| path.starts_with("Microsoft")) {
            if let Some(key) = hive.at(&format!(r"Software\{path}")) {
                self.values(key);
            }
        }
        let systems = hive.at(r"Software\Microsoft\Windows\CurrentVersion\Lxss");
        for system in systems.into_iter().flat_map(Key::keys).take(100) {
            let Some(base) = system.text("BasePath").filter(|base| base.len() < MAX_PROGRAM) else { continue };
            for name in ["ext4.vhdx".to_owned(), system.text("VhdFileName").unwrap_or_default()] {
                if name.len() < MAX_PROGRAM {
                    self.linux.push(format!("{}\\{name}", base.trim_end_matches('\\')));
                }
            }
        }
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
        Some(ValueData::Bytes(text.to_vec()).to_text())
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
