//! Scheduled tasks and autostart scripts: `System32\Tasks` (MS-TSCH, task XML), the older `Windows\Tasks\*.job`, group
//! policy and logon scripts, startup folders, and Exchange's own scripts in `V15\Scripts`.

use super::autostart::{self, Command, VolumeContext, is_script};
use super::plan::Plan;
use crate::catalogue::ExchangeFolder;
use crate::config::Document;
use crate::evidence::Listed;
use crate::model::server_path::{fold, same_name};
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use shellsift_registry::ValueData;

/// Files of one kind that are read, and folders that are listed for them.
const MOST: usize = 20_000;
const DEPTH: usize = 24;

/// Folders of a system volume whose scripts run by themselves: those of policies and logons, of every start menu, of the DHCP and
/// setup events of Windows.
const SCRIPTS: &[&str] = &[
    r"Windows\System32\GroupPolicy",
    r"Windows\SysWOW64\GroupPolicy",
    r"Windows\System32\GroupPolicyUsers",
    r"Windows\System32\Repl\Import\Scripts",
    r"Windows\Setup\Scripts",
    r"Windows\SYSVOL",
    r"ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp",
    r"ProgramData\Microsoft\Windows\Start Menu\Programs\Startup",
];

/// Scripts that run with every PowerShell.
const PROFILES: &[&str] = &[
    r"Windows\System32\WindowsPowerShell\v1.0\profile.ps1",
    r"Windows\System32\WindowsPowerShell\v1.0\Microsoft.PowerShell_profile.ps1",
    r"Windows\SysWOW64\WindowsPowerShell\v1.0\profile.ps1",
    r"Windows\SysWOW64\WindowsPowerShell\v1.0\Microsoft.PowerShell_profile.ps1",
    r"Program Files\PowerShell\7\profile.ps1",
    r"Program Files\PowerShell\7\Microsoft.PowerShell_profile.ps1",
];

/// Scripts that run with every PowerShell of one account, below its folder.
const OWN_PROFILES: &[&str] = &[
    r"Documents\WindowsPowerShell",
    r"Documents\PowerShell",
    r"My Documents\WindowsPowerShell",
    r"OneDrive\Documents\WindowsPowerShell",
    r"OneDrive\Documents\PowerShell",
];
const OWN_NAMES: &[&str] = &[
    "profile.ps1",
    "Microsoft.PowerShell_profile.ps1",
    "Microsoft.PowerShellISE_profile.ps1",
    "Microsoft.VSCode_profile.ps1",
];

/// Where tasks are.
const TASKS: &[&str] =
    &[r"Windows\System32\Tasks", r"Windows\SysWOW64\Tasks", r"Windows\Sysnative\Tasks", r"Windows\Tasks"];

/// Checks the tasks and scripts of a volume.
pub(super) fn add(volume: &VolumeContext<'_, '_>, root: &ServerPath, plan: &mut Plan) {
    for folder in TASKS.iter().flat_map(|names| volume.resolver.folders_below(root, names)) {
        for file in files(volume, &folder, &|_| true, plan) {
            task(volume, &file, plan);
        }
    }
    let mut folders: Vec<ServerPath> =
        SCRIPTS.iter().flat_map(|names| volume.resolver.folders_below(root, names)).collect();
    for users in volume.resolver.folders_below(root, "Users") {
        for user in volume.resolver.folders_in(&users) {
            let start = r"AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup";
            folders.extend(volume.resolver.folders_below(&user, start));
        }
    }
    folders.sort();
    folders.dedup();
    for folder in folders {
        for file in files(volume, &folder, &|_| true, plan) {
            let name = file.name().to_ascii_lowercase();
            if name == "scripts.ini" || name == "psscripts.ini" {
                list_of_scripts(volume, &file, plan);
            } else if is_script(&name) {
                volume.script(&file, "runs at start or logon, and ", plan);
            }
        }
    }
    let mut profiles: Vec<ServerPath> =
        PROFILES.iter().flat_map(|names| volume.resolver.files_below(root, names)).collect();
    for home in homes(volume, root) {
        for folder in OWN_PROFILES.iter().flat_map(|names| volume.resolver.folders_below(&home, names)) {
            profiles.extend(OWN_NAMES.iter().flat_map(|name| volume.resolver.files_below(&folder, name)));
        }
    }
    profiles.sort();
    profiles.dedup();
    for file in profiles {
        volume.script(&file, "runs with every PowerShell, and ", plan);
    }
    for installation in plan.exchange.clone() {
        scripts_of_exchange(volume, &installation, plan);
    }
}

/// The folders of accounts: those of users, and those of the system's own accounts, as which services and tasks run.
pub(super) fn homes(volume: &VolumeContext<'_, '_>, root: &ServerPath) -> Vec<ServerPath> {
    let mut homes = Vec::new();
    for users in
        ["Users", r"Windows\ServiceProfiles"].iter().flat_map(|names| volume.resolver.folders_below(root, names))
    {
        homes.extend(volume.resolver.folders_in(&users));
    }
    for names in [r"Windows\System32\config\systemprofile", r"Windows\SysWOW64\config\systemprofile"] {
        homes.extend(volume.resolver.folders_below(root, names));
    }
    homes
}

/// The command lines of tasks, folded and with variables expanded, for who looks for the servers that they start.
pub(super) fn programs(volume: &VolumeContext<'_, '_>, root: &ServerPath) -> Vec<String> {
    // What cannot be read is reported when they are checked.
    let mut ignored = Plan::default();
    let mut programs = Vec::new();
    for folder in TASKS.iter().flat_map(|names| volume.resolver.folders_below(root, names)) {
        for file in files(volume, &folder, &|_| true, &mut ignored) {
            let Some(text) = autostart::read(volume.evidence, &file, &mut ignored) else { continue };
            let lines = xml(&text).unwrap_or_default().into_iter().map(|(line, _)| line);
            programs.extend(lines.filter(|line| line.len() < 4_096).map(|line| volume.plain(&line)));
        }
    }
    programs
}

/// Exchange's own scripts, wherever they are in its installation: those of its web folders are examined as what is there is. All of
/// `Scripts`, `RemoteScripts` and `bin` are signed, so one that is not was added, or changed after setup.
fn scripts_of_exchange(volume: &VolumeContext<'_, '_>, installation: &ServerPath, plan: &mut Plan) {
    const LEAST: usize = 3;
    const SIGNED: &[&str] = &["scripts", "remotescripts", "bin"];
    // The pages of its programs are full of `.js`, which are not run as scripts.
    let runs = |name: &str| is_script(&fold(name)) && !fold(name).ends_with(".js");
    let mut scripts = Vec::new();
    for folder in volume.resolver.folders_in(installation) {
        let mut others = ExchangeFolder::Web.folders().chain(ExchangeFolder::NoScripts.folders());
        if !others.any(|name| same_name(name, folder.name())) {
            scripts.extend(files(volume, &folder, &runs, plan));
        }
    }
    scripts.retain(|file| runs(file.name()));
    let is_signed = |file: &ServerPath| {
        file.parent().is_some_and(|folder| {
            SIGNED.contains(&fold(folder.name()).as_str()) && folder.parent().as_ref() == Some(installation)
        })
    };
    let mut unsigned = Vec::new();
    let mut signed = 0;
    for file in scripts {
        let ends = autostart::read(volume.evidence, &file, &mut Plan::default())
            .is_some_and(|text| text.contains("# SIG # Begin signature block"));
        match ends {
            true => signed += 1,
            false if is_signed(&file) && fold(file.name()).ends_with(".ps1") => unsigned.push(file.clone()),
            false => {}
        }
        volume.script(&file, "one of Exchange's scripts ", plan);
    }
    if signed >= LEAST {
        for file in unsigned {
            autostart::note(plan, &file, &[autostart::CheckHit::unsigned()], "among Exchange's scripts one ", "");
        }
    }
}

/// Every file in a folder and below, walking without recursion.
fn files(
    volume: &VolumeContext<'_, '_>,
    root: &ServerPath,
    wanted: &dyn Fn(&str) -> bool,
    plan: &mut Plan,
) -> Vec<ServerPath> {
    let mut found = Vec::new();
    let mut waiting = vec![(root.clone(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        if found.len() >= MOST || depth > DEPTH {
            let message = "too many files, or too deep: not all autostart entries here were examined";
            plan.problems.push(Problem::at(ProblemKind::FolderUnreadable, &folder, message));
            break;
        }
        let mut below = Vec::new();
        let listed = volume.evidence.list(&folder, wanted, &mut |listed| {
            if let Listed::Entry(entry) = listed {
                match entry.kind {
                    EntryKind::File if wanted(&entry.name) => found.push(folder.join(&entry.name)),
                    EntryKind::Folder => below.push((folder.join(&entry.name), depth + 1)),
                    _ => {}
                }
            }
        });
        if let Err(error) = listed {
            plan.problems.push(Problem::at(ProblemKind::FolderUnreadable, &folder, error.to_string()));
        }
        waiting.extend(below);
    }
    found.sort();
    found
}

fn task(volume: &VolumeContext<'_, '_>, file: &ServerPath, plan: &mut Plan) {
    let name = file.name().to_ascii_lowercase();
    // What Windows keeps beside tasks: the key of old accounts, and the look of the folder.
    if matches!(name.as_str(), "sa.dat" | "desktop.ini") {
        return;
    }
    let Some(text) = autostart::read(volume.evidence, file, plan) else { return };
    let is_job = name.ends_with(".job");
    let commands = if is_job { job(volume, file) } else { xml(&text) };
    match commands {
        Some(commands) => {
            for (line, folder) in commands {
                volume.command(file, &Command { by: "a scheduled task", line, folder: &folder }, plan);
            }
        }
        None => {
            let message = "a scheduled task that cannot be read: what it runs is unknown";
            plan.problems.push(Problem::at(ProblemKind::ConfigMalformed, file, message));
        }
    }
}

/// The commands of a task, each with the folder it runs in; `None` if it is none that can be read.
fn xml(text: &str) -> Option<Vec<(String, String)>> {
    let document = Document::parse(text);
    if document.broken.is_some() || document.elements.first().is_none_or(|root| root.name != "Task") {
        return None;
    }
    let content = |at: usize| {
        let rest = text.get(document.elements.get(at)?.range.end..)?;
        Some(unwrapped(rest.get(..rest.find("</").unwrap_or(rest.len()))?))
    };
    let of = |action: usize, name: &str| {
        let child = document.children(action).find(|child| document.elements[*child].name == name);
        child.and_then(content).unwrap_or_default()
    };
    let actions = (0..document.elements.len()).filter(|at| document.elements[*at].name == "Exec");
    Some(
        actions
            .map(|action| {
                let (program, arguments) = (of(action, "Command"), of(action, "Arguments"));
                // A path with blanks needs no quotation marks here.
                let quoted = program.contains(' ') && !program.contains('"');
                let program = if quoted { format!("\"{}\"", program.trim()) } else { program.trim().to_owned() };
                (format!("{program} {}", arguments.trim()), of(action, "WorkingDirectory"))
            })
            .collect(),
    )
}

/// The text of an element without comments, references resolved, of which a task that was written by hand may have some.
fn unwrapped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<!") {
        plain.push_str(&unescaped(&rest[..start]));
        let part = &rest[start..];
        let (end, of) = if part.starts_with("<!--") { ("-->", 3) } else { ("]]>", 3) };
        let Some(stop) = part.find(end) else { return plain };
        plain.push_str(part[..stop].strip_prefix("<![CDATA[").unwrap_or_default());
        rest = &part[stop + of..];
    }
    plain + &unescaped(rest)
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), |text| text.into_owned())
}

/// The command of a `.job` file (MS-TSCH 2.4): behind the fixed part, program, arguments and folder, each with its length before it.
fn job(volume: &VolumeContext<'_, '_>, file: &ServerPath) -> Option<Vec<(String, String)>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    volume.evidence.open(file).ok()?.reader.take(autostart::MAX_TEXT).read_to_end(&mut bytes).ok()?;
    let short = |at: usize| Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)));
    let mut at = short(20)?;
    let mut texts = Vec::new();
    for _ in 0..3 {
        let units = short(at)?;
        texts.push(ValueData::Bytes(bytes.get(at + 2..at + 2 + 2 * units)?.to_vec()).to_text());
        at += 2 + 2 * units;
    }
    let [program, arguments, folder]: [String; 3] = texts.try_into().ok()?;
    Some(vec![(format!("\"{program}\" {arguments}"), folder)])
}

/// A list of scripts of a policy: `0CmdLine=x.bat`, `0Parameters=...`, relative to the folders beside it.
fn list_of_scripts(volume: &VolumeContext<'_, '_>, file: &ServerPath, plan: &mut Plan) {
    let Some(text) = autostart::read(volume.evidence, file, plan) else { return };
    let value = |number: &str, name: &str| {
        let key = format!("{number}{name}=");
        text.lines()
            .map(str::trim)
            .find_map(|line| Some(line.get(key.len()..)?).filter(|_| line[..key.len()].eq_ignore_ascii_case(&key)))
    };
    for line in text.lines().take(1_000) {
        let Some((key, program)) = line.trim().split_once('=') else { continue };
        let Some(number) = key.to_ascii_lowercase().strip_suffix("cmdline").map(str::to_owned) else { continue };
        let line = format!("{program} {}", value(&number, "Parameters").unwrap_or_default());
        volume.command(file, &Command { by: "a group policy script", line, folder: "" }, plan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" \
                        xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><Actions Context=\"Author\"><Exec>\
                        <Command>C:\\a b.exe</Command><Arguments>-x &quot;y &amp; z&quot;<!-- <q> --><![CDATA[ <w>]]></Arguments>\
                        <WorkingDirectory>D:\\w</WorkingDirectory></Exec><ComHandler><ClassId>{0}</ClassId></ComHandler></Actions></Task>";

    #[test]
    fn what_a_task_runs_is_read_from_its_text() {
        assert_eq!(xml(TASK), Some(vec![("\"C:\\a b.exe\" -x \"y & z\" <w>".to_owned(), "D:\\w".to_owned())]));
        assert_eq!(xml("<Tasks/>"), None);
        assert_eq!(xml(&TASK[..200]), None);
    }
}
