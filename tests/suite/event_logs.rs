//! The event logs of the fixture servers: how they are generated, and what is found in them.
//!
//! `UPDATE_GOLDEN=1 cargo test --locked event_logs` writes the stored files anew.

use crate::support::evtx::{Data, Record, log};
use crate::support::fixture;
use base64::Engine;
use shellsift::logs::HitAggregator;
use shellsift::logs::checks::cmdlets::KnownFolders;
use shellsift::logs::events::{self, Context, wer};
use shellsift::model::{Level, LogHit, LogSpan, Problem, ServerPath, Stage};
use std::io::Write;

const COMPUTER: &str = "EX1.example.local";
const ADMINISTRATOR: &str = "example.local/Users/Administrator";
const SYSTEM: &str = "S-1-5-18";

/// A call of a cmdlet as Exchange 2019 writes it.
fn cmdlet<'r>(time: &'r str, values: &'r [&'r str; 10]) -> Record<'r> {
    Record {
        provider: "MSExchange CmdletLogs",
        id: 1,
        level: 4,
        channel: "MSExchange Management",
        user: SYSTEM,
        time,
        data: Data::List(values),
    }
}

/// The values of such a call: cmdlet, parameters, caller, the caller's SID twice, host, process, thread, duration, scope.
fn call<'r>(cmdlet: &'r str, parameters: &'r str) -> [&'r str; 10] {
    let sid = "S-1-5-21-1004336348-1177238915-682003330-500";
    let host = "Remote-PowerShell-Unknown";
    let scope = "View Entire Forest: 'False', Configuration Domain Controller: 'DC1.example.local'";
    [
        cmdlet,
        parameters,
        ADMINISTRATOR,
        sid,
        sid,
        host,
        "9896 w3wp#MSExchangePowerShellAppPool",
        "62",
        "00:00:00.8750000",
        scope,
    ]
}

fn management(calls: &[(&str, &str, &str)]) -> Vec<u8> {
    let values: Vec<_> = calls.iter().map(|(_, cmdlet, parameters)| call(cmdlet, parameters)).collect();
    let records: Vec<_> = calls.iter().zip(&values).map(|((time, ..), values)| cmdlet(time, values)).collect();
    log(COMPUTER, &records)
}

fn management_compromised() -> Vec<u8> {
    let web = r"C$\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\9c1f04ab7d.aspx";
    let script = "<script language=\"JScript\" runat=\"server\">/* shellsift inert stand-in */ @@inert@@</script>";
    let set = format!(r#"-ExternalUrl "http://f/{script}" -Identity "7d6b0e9c-5f2a-4a51-9d39-6b2f0c1e8a44""#);
    let export = format!(
        r##"-Name "9c1f04ab7d" -Mailbox "Administrator" -IncludeFolders ("#Drafts#") -ContentFilter "(Subject -eq '9c1f04ab7d')" -ExcludeDumpster "True" -FilePath "\\127.0.0.1\{web}""##
    );
    management(&[
        ("2021-02-24T09:12:40.118Z", "Enable-Mailbox", r#"-Identity "example.local/Users/Carol" -Alias "carol""#),
        (
            "2021-03-01T14:03:11.402Z",
            "Set-Mailbox",
            r#"-Identity "alice" -IssueWarningQuota "9 GB (9,663,676,416 bytes)""#,
        ),
        ("2021-03-03T06:59:17.960Z", "Set-OabVirtualDirectory", &set),
        (
            "2021-03-03T06:59:20.871Z",
            "Remove-OabVirtualDirectory",
            r#"-Identity "7d6b0e9c-5f2a-4a51-9d39-6b2f0c1e8a44" -Force "True""#,
        ),
        ("2021-03-03T06:59:21.204Z", "New-OabVirtualDirectory", r#"-WebSiteName "Default Web Site" -Server "EX1""#),
        ("2021-03-04T08:30:02.511Z", "Set-Mailbox", r#"-Identity "bob" -HiddenFromAddressListsEnabled "False""#),
        ("2021-06-15T10:20:31.007Z", "New-DistributionGroup", r#"-Name "Works council" -Alias "works""#),
        (
            "2021-08-19T13:20:10.333Z",
            "New-ManagementRoleAssignment",
            r#"-Role "Mailbox Import Export" -User "Administrator@example.local""#,
        ),
        ("2021-08-19T13:22:05.142Z", "New-MailboxExportRequest", &export),
        (
            "2021-08-19T13:23:10.690Z",
            "Remove-MailboxExportRequest",
            r#"-Identity "Administrator\9c1f04ab7d" -Confirm "False""#,
        ),
        (
            "2021-08-20T07:45:00.250Z",
            "Set-Mailbox",
            r#"-Identity "alice" -ProhibitSendQuota "10 GB (10,737,418,240 bytes)""#,
        ),
    ])
}

/// What administrators do with the same cmdlets.
fn management_clean() -> Vec<u8> {
    management(&[
        ("2020-12-09T09:12:40.118Z", "Enable-Mailbox", r#"-Identity "example.local/Users/Carol" -Alias "carol""#),
        (
            "2020-12-09T09:40:00.000Z",
            "Set-OabVirtualDirectory",
            r#"-ExternalUrl "https://mail.example.org/OAB" -Identity "EX1\OAB (Default Web Site)""#,
        ),
        (
            "2020-12-09T10:02:51.733Z",
            "New-ExchangeCertificate",
            r#"-GenerateRequest "True" -SubjectName "CN=mail.example.org" -RequestFile "\\EX1\c$\certs\mail.req""#,
        ),
        (
            "2020-12-10T15:21:08.040Z",
            "New-ManagementRoleAssignment",
            r#"-Role "Mail Recipients" -SecurityGroup "Helpdesk""#,
        ),
        ("2020-12-11T08:00:17.125Z", "New-MailboxExportRequest", r#"-Mailbox "dave" -FilePath "\\fs1\pst$\dave.pst""#),
        ("2020-12-14T08:30:02.511Z", "Remove-MailboxExportRequest", r#"-Identity "dave\MailboxExport""#),
    ])
}

/// Ordinary events, one every twenty hours, so that a day without one is a hole.
fn application(start: &str, count: u64, extra: &[Record<'_>]) -> Vec<u8> {
    let start: jiff::Timestamp = start.parse().unwrap();
    let times: Vec<String> =
        (0..count).map(|n| (start + std::time::Duration::from_secs(n * 72_000)).to_string()).collect();
    let kinds = [
        ("ESENT", 102, ["svchost", "1312,P,98", ""]),
        ("MSExchangeIS", 10_027, ["DB1", "EX1", "0"]),
        ("MSExchange Web Services", 6_004, ["w3wp", "4412", ""]),
    ];
    let mut records: Vec<Record<'_>> = times
        .iter()
        .zip(kinds.iter().cycle())
        .map(|(time, (provider, id, values))| Record {
            provider,
            id: *id,
            level: 4,
            channel: "Application",
            user: SYSTEM,
            time,
            data: Data::List(values),
        })
        .collect();
    records.extend(extra);
    records.sort_by_key(|record| record.time.parse::<jiff::Timestamp>().unwrap());
    log(COMPUTER, &records)
}

fn application_compromised() -> Vec<u8> {
    let watson =
        ["9896", "E12IIS", "c-RTL-AMD64", "15.02.0721.013", "w3wp#MSExchangeECPAppPool", "System.ArgumentException"];
    let crash = Record {
        provider: "MSExchange Common",
        id: 4_999,
        level: 2,
        channel: "Application",
        user: SYSTEM,
        time: "2021-03-14T03:12:09.501Z",
        data: Data::List(&watson),
    };
    application("2021-02-20T04:00:00.125Z", 217, &[crash])
}

fn configuration(changes: &[(&str, &str, &str)]) -> Vec<u8> {
    let values: Vec<_> = changes
        .iter()
        .map(|(_, what, new)| {
            [
                ("EditOperationType", "1"),
                ("PhysicalPath", r"\\?\C:\Windows\system32\inetsrv\config\applicationHost.config"),
                ("ConfigPath", "MACHINE/WEBROOT/APPHOST"),
                ("Configuration", *what),
                ("OldValue", ""),
                ("NewValue", *new),
            ]
        })
        .collect();
    let records: Vec<_> = changes
        .iter()
        .zip(&values)
        .map(|((time, ..), values)| Record {
            provider: "Microsoft-Windows-IIS-Configuration",
            id: 29,
            level: 4,
            channel: "Microsoft-IIS-Configuration/Operational",
            user: SYSTEM,
            time,
            data: Data::Named(values),
        })
        .collect();
    log(COMPUTER, &records)
}

const BINDING: &str =
    r#"/system.applicationHost/sites/site[@name="Default Web Site"]/bindings/binding[@protocol="https"]/@sslFlags"#;
const FOLDER: &str = r#"/system.applicationHost/sites/site[@name="Default Web Site"]/application[@path="/"]/virtualDirectory[@path="/help"]/@physicalPath"#;

/// A log of the recipe: server, where it lies, how it is stored, its bytes.
fn recipe() -> Vec<(&'static str, &'static str, &'static str, Vec<u8>)> {
    let (dirty, clean) = ("compromised_2019", "clean_2019");
    let management = "Windows/System32/winevt/Logs/MSExchange Management.evtx";
    let application_ = "Windows/System32/winevt/Logs/Application.evtx";
    let iis = "Windows/System32/winevt/Logs/Microsoft-IIS-Configuration%4Operational.evtx";
    vec![
        (dirty, management, "MSExchange_Management.evtx.gz.b64", management_compromised()),
        (dirty, application_, "Application.evtx.gz.b64", application_compromised()),
        (
            dirty,
            iis,
            "IIS-Configuration.evtx.gz.b64",
            configuration(&[
                ("2021-03-12T01:40:12.337Z", BINDING, "0"),
                ("2021-08-19T13:20:44.025Z", FOLDER, r"C:\ProgramData\COM1"),
            ]),
        ),
        (clean, management, "MSExchange_Management.evtx.gz.b64", management_clean()),
        (clean, application_, "Application.evtx.gz.b64", application("2020-12-01T04:00:00.125Z", 18, &[])),
        (
            clean,
            iis,
            "IIS-Configuration.evtx.gz.b64",
            configuration(&[
                ("2020-12-02T10:40:12.337Z", BINDING, "0"),
                ("2020-12-02T10:41:02.100Z", "/system.webServer/modules/add", "StaticFileModule"),
                ("2020-12-02T10:44:51.450Z", FOLDER, r"C:\inetpub\wwwroot\help"),
            ]),
        ),
    ]
}

#[test]
fn the_stored_logs_are_those_of_the_recipe() {
    let file = |server: &str, stored: &str| fixture::server(server).join("files").join(stored);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        for (server, _, stored, bytes) in recipe() {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(&bytes).unwrap();
            let text = base64::engine::general_purpose::STANDARD.encode(packed.finish().unwrap());
            let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
            std::fs::write(file(server, stored), format!("{}\n", lines.join("\n"))).unwrap();
        }
    }
    for (server, path, stored, bytes) in recipe() {
        let file = file(server, stored);
        let text = std::fs::read(&file).unwrap();
        assert!(fixture::unzip(&fixture::decode(&text)) == bytes, "{} differs from its recipe", file.display());
        let planted =
            fixture::read(&fixture::server(server)).into_iter().find(|item| item.path == path).map(|item| item.content);
        assert!(matches!(planted, Some(fixture::Content::File(planted)) if planted == bytes), "{path} is in the tree");
    }
}

/// All that the event logs and crash reports of a server tell.
fn read(server: &str) -> (Vec<LogHit>, Vec<LogSpan>, Vec<Problem>) {
    let evidence = fixture::in_memory(&fixture::server(server));
    let path = |text: &str| ServerPath::from_windows(text).unwrap();
    let context = Context {
        folders: KnownFolders {
            web: vec![path(r"C:\inetpub\wwwroot")],
            exchange: vec![path(r"C:\Program Files\Microsoft\Exchange Server\V15")],
        },
        is_normal_module: &|name| name == "StaticFileModule",
    };
    let (mut aggregate, mut problems) = (HitAggregator::default(), Vec::new());
    let survey = events::survey(&evidence, &ServerPath::drive('C'), &mut problems);
    let spans = survey
        .logs
        .iter()
        .map(|(file, _)| events::examine(&evidence, file, &context, &mut aggregate, &mut problems))
        .collect();
    for (report, _) in &survey.reports {
        wer::examine(&evidence, report, &mut aggregate, &mut problems);
    }
    (aggregate.into_hits().0, spans, problems)
}

#[test]
fn the_timeline_is_reported_in_order() {
    let (hits, spans, problems) = read("compromised_2019");
    assert_eq!(problems, []);
    let reported: Vec<_> = hits
        .iter()
        .map(|hit| (hit.first.unwrap().to_string()[..19].to_owned(), hit.check, hit.stage, hit.level))
        .collect();
    let at = |time: &str, check, stage, level| (time.to_owned(), check, stage, level);
    assert_eq!(
        reported,
        [
            at("2021-03-03T06:59:17", "cmdlet/virtual_directory_script", Stage::ConfigurationChanged, Level::High),
            at("2021-03-03T06:59:20", "cmdlet/virtual_directory_path", Stage::Context, Level::Info),
            at("2021-03-14T03:12:09", "event/ecp_worker_crash", Stage::Attempt, Level::Low),
            at("2021-08-19T13:20:10", "cmdlet/export_role_assigned", Stage::ConfigurationChanged, Level::Medium),
            at("2021-08-19T13:20:44", "event/iis_virtual_directory_added", Stage::ConfigurationChanged, Level::High),
            at("2021-08-19T13:22:05", "cmdlet/mailbox_export", Stage::CodeExecutionOrFileWrite, Level::Critical),
            at("2021-08-19T13:23:10", "cmdlet/mailbox_export", Stage::Context, Level::Info),
        ]
    );
    let export = &hits[5];
    assert_eq!(export.client, ADMINISTRATOR);
    assert!(export.title.contains(r"\owa\auth\9c1f04ab7d.aspx"), "{}", export.title);
    assert_eq!(export.locations[0].line, 9);
    let kinds: Vec<(&str, u64)> = spans.iter().map(|span| (span.kind.as_str(), span.gaps_count)).collect();
    assert_eq!(
        kinds,
        [
            ("Application.evtx", 0),
            ("MSExchange Management.evtx", 0),
            ("Microsoft-IIS-Configuration%4Operational.evtx", 0)
        ]
    );
    assert_eq!(spans[0].first.unwrap().to_string(), "2021-02-20T04:00:00.1250000Z");
    assert_eq!(spans[1].last.unwrap().to_string(), "2021-08-20T07:45:00.2500000Z");
}

#[test]
fn ordinary_administration_is_silent() {
    let (hits, spans, problems) = read("clean_2019");
    // An export to a share of the domain's is for the record.
    let reported: Vec<_> = hits.iter().map(|hit| (hit.check, hit.level)).collect();
    assert_eq!((reported, problems), (vec![("cmdlet/mailbox_export_share", Level::Info)], vec![]));
    assert_eq!(spans.len(), 3);
    assert!(spans.iter().all(|span| span.first.is_some() && span.gaps_count == 0));
}
