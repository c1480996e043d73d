use super::*;
use crate::model::ServerPath;

fn folders() -> KnownFolders {
    let path = |p: &str| ServerPath::from_windows(p).expect("absolute");
    KnownFolders {
        web: vec![path(r"C:\inetpub\wwwroot"), path(r"D:\sites\intranet")],
        exchange: vec![path(r"C:\Program Files\Microsoft\Exchange Server\V15")],
    }
}

fn call(cmdlet: &str, parameters: &str, success: Option<bool>) -> Option<Shown> {
    judge(&Call { cmdlet, parameters, success, computer: "EX1.example.local" }, &folders())
}

/// Check, stage and level of a call that was carried out.
fn shown(cmdlet: &str, parameters: &str) -> Option<(&'static str, Stage, Level)> {
    call(cmdlet, parameters, Some(true)).map(|shown| (shown.check.id, shown.stage, shown.level))
}

#[test]
fn exports_to_where_pages_run_are_distinguished_from_exports_of_administrators() {
    let export = |path: &str| {
        let text = format!("-Mailbox \"Administrator\" -IncludeFolders (\"#Drafts#\") -FilePath \"{path}\"");
        shown("New-MailboxExportRequest", &text).map(|(id, stage, level)| {
            assert!(id.starts_with("cmdlet/mailbox_export"));
            (stage, level)
        })
    };
    let written = Some((Stage::CodeExecutionOrFileWrite, Level::Critical));
    for path in [
        r"\\127.0.0.1\C$\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\x.aspx",
        r"\\localhost\c$\ProgramData\COM1\x.aspx",
        r"\\fs1\share\x.ASHX",
        r"\\EX2\e$\x.aspx.",
        r"\\?\UNC\localhost\c$\x.aspx::$DATA",
        r"C:\a -b\x.aspx",
    ] {
        assert_eq!(export(path), written, "{path}");
    }
    let web = Some((Stage::CodeExecutionOrFileWrite, Level::High));
    assert_eq!(export(r"\\ex1\d$\sites\intranet\mail.pst"), web);
    assert_eq!(export(r"\\localhost\C$\Windows\..\inetpub\wwwroot\aspnet_client\mail.pst"), web);
    assert_eq!(export(r"\\localhost\C$\Temp\mail.pst"), Some((Stage::DataRead, Level::Medium)));
    assert_eq!(export(r"\\EX1\c$\Temp\mail.pst"), Some((Stage::DataRead, Level::Medium)));
    // For the record alone: what administrators do.
    for path in [r"\\fs1\pst$\alice.pst", r"\\fs1.example.local\c$\pst\alice.pst"] {
        assert_eq!(export(path), Some((Stage::Context, Level::Info)), "{path}");
    }
    assert_eq!(export(r"\\10.0.0.9\pst\alice.pst"), Some((Stage::DataRead, Level::Low)));
    assert_eq!(export(r"\\fs1.example.org\pst\alice.pst"), Some((Stage::DataRead, Level::Medium)));
    assert_eq!(export(r"\\203.0.113.7\pst\alice.pst"), Some((Stage::DataRead, Level::High)));
    assert_eq!(export(r"\\files.example.org@SSL\dav\alice.pst"), Some((Stage::DataRead, Level::High)));
    let away = shown("New-MailboxExportRequest", r"-FilePath \\203.0.113.7\pst\alice.pst");
    assert_eq!(away.map(|shown| shown.0), Some("cmdlet/mailbox_export_share"));
    for path in [r"\\ex1\pst\alice.pst", r"D:\pst\alice.pst", ""] {
        assert_eq!(export(path), None, "{path}");
    }
    // The form of Exchange 2010, a second parameter of the same name, and one that pretends to be inside a value.
    let page = r"\\localhost\c$\x.aspx";
    for text in [
        format!("{{Mailbox=a, FilePath={page}}}"),
        format!("-FilePath \"\\\\fs1\\a.pst\" -FilePath \"{page}\""),
        format!("-FilePath {page}"),
        format!("-FilePath:'x' -filepath:\"{page}\""),
    ] {
        assert_eq!(
            shown("new-mailboxexportrequest", &text).map(|s| s.1),
            Some(Stage::CodeExecutionOrFileWrite),
            "{text}"
        );
    }
}

#[test]
fn removing_an_export_request_belongs_to_the_timeline_only_without_confirmation() {
    let context = Some(("cmdlet/mailbox_export", Stage::Context, Level::Info));
    assert_eq!(shown("Remove-MailboxExportRequest", r#"-Identity "a\b" -Confirm "False""#), context);
    assert_eq!(shown("Remove-MailboxExportRequest", r"-Identity a -Confirm:$false"), context);
    assert_eq!(shown("Remove-MailboxExportRequest", r#"-Identity "a\b""#), None);
}

#[test]
fn rights_over_all_mail_are_reported() {
    let set = Some(("cmdlet/export_role_assigned", Stage::ConfigurationChanged, Level::Medium));
    for role in ["Mailbox Import Export", "mailbox import export", r"example.local\Mailbox Import Export"] {
        assert_eq!(shown("New-ManagementRoleAssignment", &format!(r#"-Role "{role}" -User "x""#)), set, "{role}");
    }
    assert_eq!(shown("New-ManagementRoleAssignment", "{Role=ApplicationImpersonation, User=x}"), set);
    assert_eq!(shown("New-ManagementRoleAssignment", r#"-Role "Mail Recipients" -User "x""#), None);
    assert_eq!(shown("Get-ManagementRoleAssignment", r#"-Role "Mailbox Import Export""#), None);
}

#[test]
fn certificate_requests_that_are_pages_are_reported() {
    let new =
        |file: &str| shown("New-ExchangeCertificate", &format!(r#"-GenerateRequest "True" -RequestFile "{file}""#));
    let page = Some(("cmdlet/certificate_file_drop", Stage::CodeExecutionOrFileWrite, Level::Critical));
    assert_eq!(new(r"\\127.0.0.1\C$\ProgramData\x.aspx"), page);
    assert_eq!(
        new(r"C:\inetpub\wwwroot\aspnet_client\x.req"),
        Some(("cmdlet/certificate_file_drop", Stage::CodeExecutionOrFileWrite, Level::High))
    );
    assert_eq!(shown("Export-ExchangeCertificate", r"-FileName \\localhost\c$\x.aspx"), page);
    for ordinary in [r"\\ex1\c$\certs\mail.req", r"\\fs1\certs\mail.cer", r"C:\certs\mail.txt"] {
        assert_eq!(new(ordinary), None, "{ordinary}");
    }
}

#[test]
fn script_in_a_virtual_directory_is_reported_however_it_is_written() {
    let set = |value: &str| {
        shown("Set-OabVirtualDirectory", &format!(r#"-ExternalUrl "{value}" -Identity "EX1\OAB (Default Web Site)""#))
    };
    let reported = Some(("cmdlet/virtual_directory_script", Stage::ConfigurationChanged, Level::High));
    for value in [
        r#"http://f/<script language="JScript" runat="server">inert</script>"#,
        r#"http://f/<%@ Page Language="Jscript"%><%inert%>"#,
        "http://f/%3Cscript%3E",
        "http://f/%253Cscript%253E",
        "http://f/%3c%25",
        "http://f/&lt;ScRiPt&gt;",
        "http://f/&#60;&#x25;",
        r"http://f/\u003cscript\u003e",
        "http://f/<object id=a runat=server>",
    ] {
        assert_eq!(set(value), reported, "{value}");
        assert_eq!(shown("New-EcpVirtualDirectory", &format!("-InternalUrl \"{value}\"")), reported, "{value}");
    }
    for value in ["https://mail.example.org/OAB", "https://mail.example.org/a%20b?x=1&y=<", "$null", ""] {
        assert_eq!(set(value), None, "{value}");
    }
    assert_eq!(shown("Get-OabVirtualDirectory", "-Identity <script>"), None);
    assert_eq!(shown("Set-OwaVirtualDirectory", "{Identity=owa, ExternalUrl=http://f/<% %>}"), reported);
}

#[test]
fn virtual_directories_outside_of_exchange_are_reported() {
    let new =
        |path: &str| shown("New-OabVirtualDirectory", &format!(r#"-WebSiteName "Default Web Site" -Path "{path}""#));
    assert_eq!(
        new(r"\\127.0.0.1\C$\inetpub\wwwroot\aspnet_client\x.aspx"),
        Some(("cmdlet/virtual_directory_path", Stage::CodeExecutionOrFileWrite, Level::Critical))
    );
    assert_eq!(
        new(r"C:\ProgramData\oab"),
        Some(("cmdlet/virtual_directory_path", Stage::ConfigurationChanged, Level::Medium))
    );
    assert_eq!(
        new(r"C:\Program Files\Microsoft\Exchange Server\V15\..\..\..\..\x"),
        Some(("cmdlet/virtual_directory_path", Stage::ConfigurationChanged, Level::Medium))
    );
    assert_eq!(new(r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\OAB"), None);
    assert_eq!(shown("New-OabVirtualDirectory", r#"-Server "EX1""#), None);
    assert_eq!(
        shown("Remove-OabVirtualDirectory", r#"-Identity "EX1\OAB""#),
        Some(("cmdlet/virtual_directory_path", Stage::Context, Level::Info))
    );
    assert_eq!(shown("Remove-OwaVirtualDirectory", r#"-Identity "EX1\owa""#), None);
}

#[test]
fn foreign_transport_agents_are_reported() {
    let install = |path: &str| shown("Install-TransportAgent", &format!(r#"-Name "a" -AssemblyPath "{path}""#));
    assert_eq!(
        install(r"C:\ProgramData\a.dll"),
        Some(("cmdlet/transport_agent_installed", Stage::ConfigurationChanged, Level::Medium))
    );
    let own = r"C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\agents\Hygiene\a.dll";
    assert_eq!(install(own), None);
    assert_eq!(shown("Enable-TransportAgent", r#"-Identity "a""#), None);
}

#[test]
fn what_is_switched_off_is_reported() {
    let off = Some(("cmdlet/protection_disabled", Stage::ConfigurationChanged, Level::Medium));
    assert_eq!(shown("Set-AdminAuditLogConfig", r#"-AdminAuditLogEnabled "False""#), off);
    assert_eq!(shown("Set-AdminAuditLogConfig", r"-AdminAuditLogEnabled:$false"), off);
    assert_eq!(shown("Set-ExchangeServer", r#"-Identity "EX1" -MitigationsEnabled "False""#), off);
    assert_eq!(shown("Set-OrganizationConfig", r"-MitigationsEnabled $false"), off);
    for (cmdlet, text) in [
        ("Set-AdminAuditLogConfig", r#"-AdminAuditLogEnabled "True""#),
        ("Set-AdminAuditLogConfig", r#"-AdminAuditLogAgeLimit "90""#),
        ("Set-ExchangeServer", r#"-Identity "EX1" -MitigationsEnabled "True""#),
    ] {
        assert_eq!(shown(cmdlet, text), None, "{cmdlet} {text}");
    }
}

#[test]
fn mail_that_goes_elsewhere_is_rated_by_how_far_and_how_hidden() {
    let reported = |level| Some(("cmdlet/mail_forwarding", Stage::ConfigurationChanged, level));
    for (cmdlet, text, expected) in [
        (
            "Set-Mailbox",
            r#"-Identity "alice@example.org" -ForwardingSmtpAddress "smtp:a@example.net""#,
            reported(Level::Medium),
        ),
        (
            "Set-Mailbox",
            r#"-Identity "alice@example.org" -ForwardingSmtpAddress "bob@EXAMPLE.org""#,
            reported(Level::Low),
        ),
        (
            "Set-Mailbox",
            r#"-Identity "alice" -DeliverToMailboxAndForward "True" -ForwardingSmtpAddress "a@b.example""#,
            reported(Level::Low),
        ),
        ("Set-Mailbox", r#"-Identity "alice" -ForwardingAddress "bob""#, reported(Level::Low)),
        ("Set-Mailbox", r#"-Identity "alice" -ForwardingSmtpAddress $null"#, None),
        ("Set-Mailbox", r#"-Identity "alice" -ForwardingAddress """#, None),
        ("Set-Mailbox", r#"-Identity "alice" -DeliverToMailboxAndForward "False""#, None),
        ("Set-Mailbox", r#"-Identity "alice" -IssueWarningQuota "9 GB""#, None),
        ("Get-Mailbox", r#"-Filter "ForwardingSmtpAddress -ne $null""#, None),
        ("New-InboxRule", r#"-Name "x" -ForwardTo "bob@example.org""#, reported(Level::Low)),
        (
            "New-InboxRule",
            r#"-Mailbox "alice" -Name "." -RedirectTo "a@b.example" -DeleteMessage "True""#,
            reported(Level::Medium),
        ),
        (
            "Set-InboxRule",
            r#"-Identity "1" -ForwardAsAttachmentTo "a@b.example" -MarkAsRead $true"#,
            reported(Level::Medium),
        ),
        ("New-InboxRule", r#"-ForwardTo "a" -MoveToFolder "alice:\RSS Feeds""#, reported(Level::Medium)),
        ("New-InboxRule", r#"-Name "x" -ForwardTo "a" -DeleteMessage "False""#, reported(Level::Low)),
        ("New-InboxRule", r#"-Name "x" -MoveToFolder "alice:\Projects""#, None),
        ("Set-InboxRule", r#"-Identity "1" -ForwardTo $null"#, None),
        ("Get-InboxRule", r#"-Mailbox "alice""#, None),
    ] {
        assert_eq!(shown(cmdlet, text), expected, "{cmdlet} {text}");
    }
    let words =
        call("Set-Mailbox", r#"-Identity "alice" -DeliverToMailboxAndForward:$true -ForwardingAddress "bob""#, None);
    assert_eq!(words.expect("a hit").title, "mail to alice is forwarded to bob, and also delivered");
}

#[test]
fn access_to_the_mail_of_others_is_reported() {
    let reported = |level| Some(("cmdlet/mailbox_permission_added", Stage::ConfigurationChanged, level));
    for (cmdlet, text, expected) in [
        ("Add-MailboxPermission", r#"-Identity "alice" -User "bob" -AccessRights "FullAccess""#, reported(Level::Low)),
        (
            "Add-MailboxPermission",
            r#"-Identity "alice" -User "NT AUTHORITY\Authenticated Users" -AccessRights FullAccess"#,
            reported(Level::Medium),
        ),
        (
            "Add-MailboxPermission",
            r#"-Identity "alice" -User "bob" -AccessRights "ReadPermission","FullAccess""#,
            reported(Level::Low),
        ),
        ("Add-MailboxPermission", r#"-Identity "alice" -User "bob" -AccessRights "ReadPermission""#, None),
        ("Add-RecipientPermission", r#"-Identity "alice" -Trustee "bob" -AccessRights "SendAs""#, reported(Level::Low)),
        ("Add-ADPermission", r#"-Identity "alice" -User "bob" -ExtendedRights "Send-As""#, reported(Level::Low)),
        ("Add-ADPermission", r#"-Identity "DB1" -User "bob" -ExtendedRights "Receive-As""#, reported(Level::Medium)),
        ("Add-ADPermission", r#"-Identity "alice" -User "bob" -AccessRights "ReadProperty""#, None),
        ("Remove-MailboxPermission", r#"-Identity "alice" -User "bob" -AccessRights "FullAccess""#, None),
    ] {
        assert_eq!(shown(cmdlet, text), expected, "{cmdlet} {text}");
    }
}

#[test]
fn a_new_administrator_is_reported() {
    let reported = |level| Some(("cmdlet/role_group_member_added", Stage::ConfigurationChanged, level));
    for (cmdlet, text, expected) in [
        ("Add-RoleGroupMember", r#"-Identity "Organization Management" -Member "bob""#, reported(Level::Medium)),
        (
            "Add-RoleGroupMember",
            r#"-Identity "example.local/Microsoft Exchange Security Groups/Discovery Management" -Member "b""#,
            reported(Level::Medium),
        ),
        ("Add-RoleGroupMember", r#"-Identity "Help Desk" -Member "bob""#, reported(Level::Low)),
        ("Update-RoleGroupMember", r#"-Identity "Help Desk" -Members "alice","bob""#, reported(Level::Low)),
        (
            "New-RoleGroup",
            r#"-Name "x" -Roles "Mail Recipients","Mailbox Import Export" -Members "bob""#,
            reported(Level::Medium),
        ),
        ("New-RoleGroup", r#"-Name "x" -Roles "Mail Recipients""#, reported(Level::Low)),
        ("Update-RoleGroupMember", r#"-Identity "Help Desk" -Members $null"#, reported(Level::Low)),
        ("Remove-RoleGroupMember", r#"-Identity "Help Desk" -Member "bob""#, None),
        ("Get-RoleGroupMember", r#"-Identity "Organization Management""#, None),
    ] {
        assert_eq!(shown(cmdlet, text), expected, "{cmdlet} {text}");
    }
}

#[test]
fn a_failed_call_counts_for_the_session_that_made_it() {
    let page = r"-FilePath \\localhost\c$\x.aspx";
    let failed = call("New-MailboxExportRequest", page, Some(false)).expect("a hit");
    assert_eq!((failed.stage, failed.level), (Stage::SessionObtained, Level::High));
    assert!(failed.title.ends_with("(the cmdlet failed)"), "{}", failed.title);
    let unknown = call("New-MailboxExportRequest", page, None).expect("a hit");
    assert_eq!(unknown.stage, Stage::CodeExecutionOrFileWrite);
    let role = call("New-ManagementRoleAssignment", "-Role ApplicationImpersonation", Some(false)).expect("a hit");
    assert_eq!((role.stage, role.level), (Stage::Attempt, Level::Low));
}

#[test]
fn every_sign_holds_a_word_that_is_searched_for() {
    for (cmdlet, text) in [
        ("New-MailboxExportRequest", r"-FilePath \\localhost\c$\x.aspx"),
        ("Remove-MailboxExportRequest", "-Confirm False"),
        ("New-ManagementRoleAssignment", "-Role ApplicationImpersonation"),
        ("New-ExchangeCertificate", "-RequestFile x.aspx"),
        ("Set-EcpVirtualDirectory", "-ExternalUrl <%"),
        ("Remove-OabVirtualDirectory", ""),
        ("Install-TransportAgent", r"-AssemblyPath C:\x.dll"),
        ("Set-AdminAuditLogConfig", "-AdminAuditLogEnabled 0"),
        ("Set-ExchangeServer", "-MitigationsEnabled 0"),
        ("Set-Mailbox", "-ForwardingSmtpAddress a@b.example"),
        ("Set-Mailbox", "-ForwardingAddress b"),
        ("New-InboxRule", "-ForwardTo b"),
        ("Set-InboxRule", "-RedirectTo b"),
        ("Add-MailboxPermission", "-AccessRights FullAccess"),
        ("Add-RecipientPermission", "-AccessRights SendAs"),
        ("Add-ADPermission", "-ExtendedRights Send-As"),
        ("Add-RoleGroupMember", "-Member b"),
        ("Update-RoleGroupMember", "-Members b"),
        ("New-RoleGroup", "-Name b"),
    ] {
        assert!(shown(cmdlet, text).is_some(), "{cmdlet}");
        let line = format!("{cmdlet},{text}");
        assert!(NEEDLES.iter().any(|needle| line.contains(needle)), "{line}");
    }
}

proptest::proptest! {
    #[test]
    fn any_call_is_checked(cmdlet in "\\PC{0,30}", text in "\\PC{0,60}") {
        judge(&Call { cmdlet: &cmdlet, parameters: &text, success: None, computer: "" }, &folders());
        holds_script(&text);
    }

    #[test]
    fn any_escape_is_read(text in "[-%&#;xu\\\\0-9a-f<é]{0,40}") {
        holds_script(&text);
        judge(&Call { cmdlet: "Set-OabVirtualDirectory", parameters: &text, success: None, computer: "" }, &folders());
    }
}
