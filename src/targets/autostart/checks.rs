//! Descriptions of the autostart checks.

use crate::model::CheckInfo;

/// All of them.
pub const CHECKS: &[&CheckInfo] = &[
    &WRITES_SERVER_CODE,
    &DOWNLOADS_AND_EXECUTES,
    &LOLBIN_REMOTE_SCRIPT,
    &CONTAINS_SERVER_CODE,
    &DECODES_PAYLOAD,
    &ENCODED_POWERSHELL,
    &WRITES_TO_WEB_FOLDER,
    &RUNS_FROM_WEB_FOLDER,
    &RUNS_FROM_DROP_FOLDER,
    &LOLBIN_DOWNLOAD,
    &PHP_EXTENSION_PATH,
    &RUNS_FROM_REMOTE_HOST,
    &PHP_AUTO_PREPEND,
    &UNSIGNED_SCRIPT,
];

pub(in crate::targets) const WRITES_SERVER_CODE: CheckInfo = CheckInfo {
    id: "autostart/writes_server_code",
    title: "an autostart command writes server code",
    score: 75,
    looks_for: "A command or script that copies, downloads or writes a page.",
    why: "It restores the webshell after it was removed.",
    benign_look_alikes: "Deployment scripts; Exchange's own signed scripts are recognised.",
    attack: &["T1053.005", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const DOWNLOADS_AND_EXECUTES: CheckInfo = CheckInfo {
    id: "autostart/downloads_and_executes",
    title: "an autostart command executes what it downloads",
    score: 75,
    looks_for: "A download and an execution of text on one line; 50 if a script does both on different lines.",
    why: "The code is stored elsewhere and can change with every run.",
    benign_look_alikes: "Installers of package managers, which do not run by themselves.",
    attack: &["T1053.005", "T1105", "T1059.001"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const LOLBIN_REMOTE_SCRIPT: CheckInfo = CheckInfo {
    id: "autostart/lolbin_remote_script",
    title: "mshta, rundll32 or regsvr32 runs a remote script",
    score: 75,
    looks_for: "`mshta`, `rundll32` or `regsvr32` with a URL, `javascript:`, `vbscript:` or `scrobj`.",
    why: "Windows executables that run scripts bypass application control.",
    benign_look_alikes: "None known in autostarts.",
    attack: &["T1218.005", "T1218.010", "T1218.011"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const CONTAINS_SERVER_CODE: CheckInfo = CheckInfo {
    id: "autostart/contains_server_code",
    title: "an autostart script contains server code",
    score: 75,
    looks_for: "Page directives, code blocks or webshell code in a task or script.",
    why: "It writes the page when it runs.",
    benign_look_alikes: "Scripts that generate pages; rare.",
    attack: &["T1053.005", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const DECODES_PAYLOAD: CheckInfo = CheckInfo {
    id: "autostart/decodes_payload",
    title: "an autostart command decodes what it executes or writes",
    score: 65,
    looks_for: "Base64 or hexadecimal decoding together with execution or writing; 50 if a script does both on \
                different lines.",
    why: "Payloads are encoded to avoid detection.",
    benign_look_alikes: "Signed scripts of Exchange are recognised.",
    attack: &["T1053.005", "T1140"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const ENCODED_POWERSHELL: CheckInfo = CheckInfo {
    id: "autostart/encoded_powershell",
    title: "PowerShell with an encoded command",
    score: 60,
    looks_for: "The parameter `-EncodedCommand`, in any abbreviation, with a value.",
    why: "The command is hidden from people who read the task.",
    benign_look_alikes: "Management products that pass scripts this way.",
    attack: &["T1059.001", "T1027.010"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const WRITES_TO_WEB_FOLDER: CheckInfo = CheckInfo {
    id: "autostart/writes_to_web_folder",
    title: "an autostart command writes to a web folder",
    score: 60,
    looks_for: "Commands that copy, unpack, link or write into a web folder. Copying from a web folder is a backup.",
    why: "It can place pages and assemblies.",
    benign_look_alikes: "Deployment and synchronisation jobs.",
    attack: &["T1053.005", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const RUNS_FROM_WEB_FOLDER: CheckInfo = CheckInfo {
    id: "autostart/runs_from_web_folder",
    title: "an autostart runs an executable from a web folder",
    score: 60,
    looks_for: "Programs, scripts and DLLs in a web folder that a task, service or run key starts; 25 for a PHP page \
                that an interpreter runs.",
    why: "Attackers can write there through the web server.",
    benign_look_alikes: "Cron jobs of PHP applications.",
    attack: &["T1053.005", "T1543.003"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const RUNS_FROM_DROP_FOLDER: CheckInfo = CheckInfo {
    id: "autostart/runs_from_drop_folder",
    title: "an autostart runs an executable from a drop folder",
    score: 60,
    looks_for: "Programs, scripts and DLLs in temporary folders, `Users\\Public`, PerfLogs, or directly in \
                ProgramData.",
    why: "No software is installed there, and everyone can write there.",
    benign_look_alikes: "Updaters that run from a temporary folder.",
    attack: &["T1053.005", "T1543.003"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const LOLBIN_DOWNLOAD: CheckInfo = CheckInfo {
    id: "autostart/lolbin_download",
    title: "an autostart downloads or decodes a file with a Windows tool",
    score: 55,
    looks_for: "`certutil`, `bitsadmin` or PowerShell cmdlets that download or decode a file.",
    why: "Attackers use tools that are present on every system.",
    benign_look_alikes: "Scripts that download certificate revocation lists or updates.",
    attack: &["T1105", "T1197", "T1140"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const PHP_EXTENSION_PATH: CheckInfo = CheckInfo {
    id: "autostart/php_extension_path",
    title: "PHP loads an extension from outside its own folder",
    score: 30,
    looks_for: "An `extension` or `zend_extension` with an absolute path far from the PHP installation.",
    why: "A native DLL runs in every PHP process.",
    benign_look_alikes: "Profilers and encoders of other vendors.",
    attack: &["T1574"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const RUNS_FROM_REMOTE_HOST: CheckInfo = CheckInfo {
    id: "autostart/runs_from_remote_host",
    title: "an autostart runs an executable from a remote host",
    score: 30,
    looks_for: "UNC paths in tasks, services, run keys and scripts.",
    why: "What runs can be changed from elsewhere and was not examined here.",
    benign_look_alikes: "Logon scripts and software distribution.",
    attack: &["T1053.005", "T1021.002"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const PHP_AUTO_PREPEND: CheckInfo = CheckInfo {
    id: "autostart/php_auto_prepend",
    title: "PHP runs a file before or after every page",
    score: 30,
    looks_for: "`auto_prepend_file` and `auto_append_file`.",
    why: "The file executes with every page and its own URL is never requested.",
    benign_look_alikes: "Web application firewalls of plug-ins, profilers.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

pub(in crate::targets) const UNSIGNED_SCRIPT: CheckInfo = CheckInfo {
    id: "autostart/unsigned_script",
    title: "an unsigned script among signed Exchange scripts",
    score: 25,
    looks_for: "A script in Exchange's script folder without a signature.",
    why: "Exchange's own scripts are signed: it is another one, or one that was changed.",
    benign_look_alikes: "Scripts of administrators.",
    attack: &["T1554"],
    ..CheckInfo::EMPTY
};
