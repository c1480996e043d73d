//! Transaction logs of hives, and what Microsoft Defender is configured not to scan.

use super::super::{Answer, EXCHANGE, Server, Situation};
use super::{SOFTWARE, SYSTEM, with_services};
use crate::support::hive::{Written, torn};

/// A command that writes a page.
const WRITES: &str = r#"%COMSPEC% /c copy /y C:\Windows\Help\help.txt "C:\inetpub\wwwroot\aspnet_client\help.aspx""#;

/// A service that is only in the log of the hive; the hive has another one of the same length.
fn service_in_log(server: &Server, line: &str) -> Vec<u8> {
    const KEY: &str = r"ControlSet001\Services\Spooler2";
    let with = |line: &str| with_services(Written::new("ROOT").text(KEY, "ImagePath", &format!("{line:<400}")));
    let (hive, log) = torn(&with(r"%windir%\system32\spoolsv.exe"), &with(line));
    server.write(SYSTEM, hive);
    log
}

/// What Microsoft Defender does not scan on a server that follows Microsoft's list for Exchange.
fn recommended_exclusions() -> Written {
    const KEY: &str = r"Microsoft\Windows Defender\Exclusions";
    let paths = format!(r"{KEY}\Paths");
    Written::new("ROOT")
        .dword(&paths, &format!(r"{EXCHANGE}\Logging"), 0)
        .dword(&paths, r"%ExchangeInstallPath%Mailbox", 0)
        .dword(&paths, r"%SystemRoot%\System32\inetsrv", 0)
        .dword(&paths, r"E:\Databases\DB01", 0)
        .dword(&format!(r"{KEY}\Extensions"), ".edb", 0)
        .dword(&format!(r"{KEY}\Processes"), "EdgeTransport.exe", 0)
        .dword(&format!(r"{KEY}\Processes"), r"%SystemRoot%\System32\inetsrv\w3wp.exe", 0)
}

fn ordinary_exclusions(server: &Server) {
    server.write(SOFTWARE, recommended_exclusions().bytes());
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "registry/in_transaction_log",
        what: "A service exists only in the transaction log of a hive",
        plant: |server| {
            let log = service_in_log(server, WRITES);
            server.write(&format!("{SYSTEM}.LOG2"), log);
        },
        more: &[],
        answer: Answer::Finding { path: SYSTEM, reason: "autostart/writes_server_code", level: "high" },
        ordinary: Some(|server| {
            let log = service_in_log(server, r"%windir%\system32\svchost.exe -k print");
            server.write(&format!("{SYSTEM}.LOG1"), log);
            server.write(&format!("{SYSTEM}.LOG2"), [0; 1_024]);
        }),
    },
    Situation {
        id: "registry/log_removed",
        what: "The transaction log that a hive needs is deleted",
        plant: |server| drop(service_in_log(server, r"%windir%\system32\spoolsv.exe -x")),
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "no transaction log continues it" },
        ordinary: None,
    },
    Situation {
        id: "registry/web_folder_excluded",
        what: "Microsoft Defender is configured not to scan the folder of a page",
        plant: |server| {
            let key = r"Microsoft\Windows Defender\Exclusions\Paths";
            let hive = recommended_exclusions().dword(key, r"%SystemDrive%\INETPUB\wwwroot\aspnet_client\*", 0);
            server.write(SOFTWARE, hive.bytes());
        },
        more: &[],
        answer: Answer::Finding { path: SOFTWARE, reason: "config/defender_exclusion", level: "medium" },
        ordinary: Some(ordinary_exclusions),
    },
    Situation {
        id: "registry/extension_excluded",
        what: "A policy tells Microsoft Defender not to scan pages",
        plant: |server| {
            let key = r"Policies\Microsoft\Windows Defender\Exclusions\Extensions";
            server.write(SOFTWARE, recommended_exclusions().text(key, "aspx", "0").bytes());
        },
        more: &[],
        answer: Answer::Finding { path: SOFTWARE, reason: "config/defender_exclusion", level: "medium" },
        ordinary: Some(ordinary_exclusions),
    },
];
