//! Cmdlets in the logs of remote PowerShell and in the audit log.

use super::checks::one;
use super::*;

#[test]
fn cmdlets_are_checked_in_the_logs_of_remote_powershell() {
    let head = "#Log-type: Rps Cmdlet Logs\r\n#Fields: DateTime,AuthenticatedUser,ClientApplication,Cmdlet,Parameters,ExecutionResult,GenericErrors";
    let line = |cmdlet: &str, parameters: &str, outcome: &str| {
        format!("2021-08-19T13:22:05.100Z,EXAMPLE\\alice,,{cmdlet},\"{parameters}\",{outcome},")
    };
    let export = line(
        "New-MailboxExportRequest",
        r#"-Mailbox ""alice"" -FilePath ""\\127.0.0.1\C$\inetpub\wwwroot\aspnet_client\x.aspx"""#,
        "Success",
    );
    let (report, problems) = read(format!("{head}\r\n{export}\r\n").as_bytes());
    assert_eq!((problems.len(), report.hits.len()), (0, 1));
    let hit = &report.hits[0];
    assert_eq!(
        (hit.check, hit.stage, hit.level, hit.client.as_str()),
        ("cmdlet/mailbox_export", Stage::CodeExecutionOrFileWrite, Level::Critical, r"EXAMPLE\alice")
    );
    for silent in [
        line("Get-MailboxExportRequest", "", "Success"),
        line("Get-InboxRule", r#"-Mailbox ""alice"""#, "Success"),
        line("Get-Mailbox", "", "Success"),
    ] {
        assert_eq!(hits(head, &[&silent]), [], "{silent}");
    }
    let reported = |line: &str| one(head, line);
    let share =
        line("New-MailboxExportRequest", r#"-Mailbox ""alice"" -FilePath ""\\files\pst\alice.pst"""#, "Success");
    assert_eq!(reported(&share), ("cmdlet/mailbox_export_share", Stage::Context, Level::Info));
    let hidden = line("New-InboxRule", r#"-RedirectTo ""a@b.example"" -DeleteMessage ""True"""#, "Success");
    assert_eq!(reported(&hidden), ("cmdlet/mail_forwarding", Stage::ConfigurationChanged, Level::Medium));
    let access = line("Add-MailboxPermission", r#"-User ""bob"" -AccessRights ""FullAccess"""#, "Success");
    assert_eq!(reported(&access), ("cmdlet/mailbox_permission_added", Stage::ConfigurationChanged, Level::Low));
    let group = line("Add-RoleGroupMember", r#"-Identity ""Discovery Management"" -Member ""bob"""#, "Success");
    assert_eq!(reported(&group), ("cmdlet/role_group_member_added", Stage::ConfigurationChanged, Level::Medium));
    // An audit spool of other columns.
    let audit = "#Log-type: audit\r\n#Fields: timestamp,data";
    let entry = r#"2021-08-19T13:22:05.100Z,"New-MailboxExportRequest -Mailbox ""alice"" -FilePath ""\\localhost\c$\inetpub\wwwroot\x.aspx""""#;
    assert_eq!(one(audit, entry).0, crate::logs::checks::cmdlets::MAILBOX_EXPORT.id);
}

/// One record of the audit log in its real columns.
fn audited(operation: &str, parameters: &str, status: &str) -> String {
    let parameters = parameters.replace('"', "\"\"");
    format!(
        "2023-01-11T15:56:33.189Z,EX1,00000000-0000-0000-0000-000000000000,ExchangeAdmin,\"{{\"\"CreationTime\"\":\"\"2023-01-11T16:56:11\"\",\"\"Operation\"\":\"\"{operation}\"\",\"\"UserId\"\":\"\"alice\"\",\"\"Parameters\"\":{parameters}}}\",EXAMPLE\\alice,1234,{operation},Exchange,{status},1,Online"
    )
}

#[test]
fn cmdlets_are_checked_in_the_audit_log() {
    const HEAD: &str = "#Software: Microsoft Exchange\r\n#Version: 15.01.2375.007\r\n#Log-type: audit\r\n#Date: 2023-01-11T15:56:33.189Z\r\n#Fields: Timestamp,Server,TenantId,RecordType,Data,UserKey,RecordId,Operation,Workload,ResultStatus,Version,Scope";
    let page =
        r#"[{"Name":"Mailbox","Value":"a"},{"Name":"FilePath","Value":"\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\x.aspx"}]"#;
    let export = audited("New-MailboxExportRequest", page, "True");
    let (report, problems) = read(format!("{HEAD}\r\n{export}\r\n").as_bytes());
    assert_eq!((problems.len(), report.hits.len()), (0, 1), "{problems:?}");
    let hit = &report.hits[0];
    assert_eq!(
        (hit.check, hit.stage, hit.client.as_str()),
        ("cmdlet/mailbox_export", Stage::CodeExecutionOrFileWrite, r"EXAMPLE\alice")
    );
    assert!(
        hit.locations[0].excerpt.starts_with("New-MailboxExportRequest \"Parameters\":["),
        "{}",
        hit.locations[0].excerpt
    );
    assert_eq!(report.builds[0].build, "15.1.2375.7");
    // The server's own name is that of its column.
    let own = r#"[{"Name":"FilePath","Value":"\\\\ex1\\c$\\temp\\a.pst"}]"#;
    assert_eq!(one(HEAD, &audited("New-MailboxExportRequest", own, "True")).1, Stage::DataRead);
    assert_eq!(one(HEAD, &audited("New-MailboxExportRequest", page, "False")).1, Stage::SessionObtained);
    let role = r#"[{"Name":"Role","Value":"Mailbox Import Export"},{"Name":"User","Value":"a"}]"#;
    assert_eq!(one(HEAD, &audited("New-ManagementRoleAssignment", role, "True")).0, "cmdlet/export_role_assigned");
    let script = r#"[{"Name":"ExternalUrl","Value":"http:\/\/f\/<script language=\"JScript\" runat=\"server\">inert<\/script>"}]"#;
    assert_eq!(
        one(HEAD, &audited("Set-OabVirtualDirectory", script, "True")),
        ("cmdlet/virtual_directory_script", Stage::ConfigurationChanged, Level::High)
    );
    let forward = r#"[{"Name":"Identity","Value":"alice@example.org"},{"Name":"ForwardingSmtpAddress","Value":"smtp:a@example.net"}]"#;
    assert_eq!(
        one(HEAD, &audited("Set-Mailbox", forward, "True")),
        ("cmdlet/mail_forwarding", Stage::ConfigurationChanged, Level::Medium)
    );
    let password =
        r#"[{"Name":"Identity","Value":"HealthMailbox"},{"Name":"Password","Value":"<Secure Information Omitted>"}]"#;
    let url = r#"[{"Name":"ExternalUrl","Value":"https:\/\/mail.example.org\/OAB"}]"#;
    for silent in [audited("Set-Mailbox", password, "True"), audited("Set-OabVirtualDirectory", url, "True")] {
        assert_eq!(hits(HEAD, &[&silent]), [], "{silent}");
    }
    // Without its header, and truncated inside of the record.
    let (report, problems) = read(export.as_bytes());
    assert_eq!((report.hits.len(), problems.len()), (1, 1), "{problems:?}");
    let (report, _) = read(format!("{HEAD}\r\n{}", &export[..export.len() - 80]).as_bytes());
    assert_eq!(report.hits.iter().map(|hit| hit.check).collect::<Vec<_>>(), ["cmdlet/mailbox_export"]);
}
