//! What cmdlets are checked for.

use crate::model::{CheckInfo, Level};

/// Mail written as a file of the attacker's naming: the last step of ProxyShell.
pub const MAILBOX_EXPORT: CheckInfo = CheckInfo {
    id: "cmdlet/mailbox_export",
    title: "mailbox export to a web folder, as server code or to a local drive",
    level: Some(Level::Critical),
    looks_for: "New-MailboxExportRequest into a web folder, with a page extension or to a drive of the server itself, \
                and the removal of such requests (event logs, CmdletInfra, CosmosQueue).",
    why: "The last step of ProxyShell: a mail that contains a webshell is exported as a page.",
    benign_look_alikes: "Exports to a local drive by administrators, which score lower.",
    attack: &["T1505.003", "T1114.002"],
    cves: &["CVE-2021-31207"],
    ..CheckInfo::EMPTY
};

/// Mail carried away.
pub const MAILBOX_EXPORT_SHARE: CheckInfo = CheckInfo {
    id: "cmdlet/mailbox_export_share",
    title: "mailbox export to a network share",
    level: Some(Level::Medium),
    looks_for: "New-MailboxExportRequest to a share on another host, by its distance (event logs, CmdletInfra, \
                CosmosQueue).",
    why: "Mail is exfiltrated this way.",
    benign_look_alikes: "Administrators export to shares in their domain.",
    attack: &["T1114.002", "T1048"],
    ..CheckInfo::EMPTY
};

/// Rights over all mail.
pub const ROLE_ASSIGNMENT: CheckInfo = CheckInfo {
    id: "cmdlet/export_role_assigned",
    title: "a role that exports or reads all mailboxes is assigned",
    level: Some(Level::Medium),
    looks_for: "New-ManagementRoleAssignment of the roles that read or export every mailbox (event logs, CmdletInfra, \
                CosmosQueue).",
    why: "ProxyShell attacks assign the role before the export.",
    benign_look_alikes: "Administrators do it too, before an export or for backup software.",
    attack: &["T1098", "T1114.002"],
    cves: &["CVE-2021-34523"],
    ..CheckInfo::EMPTY
};

/// A certificate request that is a page.
pub const CERTIFICATE_DROP: CheckInfo = CheckInfo {
    id: "cmdlet/certificate_file_drop",
    title: "a certificate request or export written as server code",
    level: Some(Level::Critical),
    looks_for: "New-ExchangeCertificate or Export-ExchangeCertificate whose file has a page extension or lies in a web \
                folder (event logs, CmdletInfra, CosmosQueue).",
    why: "Writes a webshell without a mailbox export.",
    benign_look_alikes: "None known.",
    attack: &["T1505.003"],
    cves: &["CVE-2021-31207"],
    ..CheckInfo::EMPTY
};

/// Script in the URL of a virtual directory.
pub const DIRECTORY_SCRIPT: CheckInfo = CheckInfo {
    id: "cmdlet/virtual_directory_script",
    title: "script in a parameter of a virtual directory",
    level: Some(Level::High),
    looks_for: "Set- or New-*VirtualDirectory with script in a parameter, in any encoding (event logs, CmdletInfra, \
                CosmosQueue).",
    why: "CVE-2021-27065: the next reset writes the code to a file.",
    benign_look_alikes: "None known.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-27065"],
    ..CheckInfo::EMPTY
};

/// A virtual directory moved to where its settings become a page.
pub const DIRECTORY_PATH: CheckInfo = CheckInfo {
    id: "cmdlet/virtual_directory_path",
    title: "a virtual directory outside Exchange, or its reset",
    level: Some(Level::Critical),
    looks_for: "New-*VirtualDirectory with a path outside Exchange, and Remove-OabVirtualDirectory: the step that \
                writes the file (event logs, CmdletInfra, CosmosQueue).",
    why: "CVE-2021-27065 writes the webshell with it.",
    benign_look_alikes: "Administrators who recreate virtual directories.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-27065"],
    ..CheckInfo::EMPTY
};

/// A program that sees all mail.
pub const TRANSPORT_AGENT: CheckInfo = CheckInfo {
    id: "cmdlet/transport_agent_installed",
    title: "a transport agent from outside Exchange is installed",
    level: Some(Level::Medium),
    looks_for: "Install-TransportAgent with an assembly outside Exchange (event logs, CmdletInfra, CosmosQueue).",
    why: "A transport agent sees every message.",
    benign_look_alikes: "Antivirus and archiving products.",
    attack: &["T1505.002"],
    ..CheckInfo::EMPTY
};

/// What records or hinders an attacker is switched off.
pub const PROTECTION_OFF: CheckInfo = CheckInfo {
    id: "cmdlet/protection_disabled",
    title: "admin audit log or mitigation service disabled",
    level: Some(Level::Medium),
    looks_for: "Cmdlets that disable the admin audit log or the Emergency Mitigation service (event logs, CmdletInfra, \
                CosmosQueue).",
    why: "It hides what follows, or reopens a vulnerability.",
    benign_look_alikes: "Administrators who test.",
    attack: &["T1562.001", "T1562.008"],
    ..CheckInfo::EMPTY
};

/// Mail of one mailbox goes elsewhere as well.
pub const MAIL_FORWARDING: CheckInfo = CheckInfo {
    id: "cmdlet/mail_forwarding",
    title: "mail is forwarded",
    level: Some(Level::Medium),
    looks_for: "Set-Mailbox, New- and Set-InboxRule that forward or redirect mail (event logs, CmdletInfra, \
                CosmosQueue).",
    why: "Attackers read along. Rules that also hide the mail, and forwarding to another domain, score higher.",
    benign_look_alikes: "Administrators and users do it too.",
    attack: &["T1114.003", "T1564.008"],
    ..CheckInfo::EMPTY
};

/// An account may read or send as another.
pub const MAILBOX_ACCESS: CheckInfo = CheckInfo {
    id: "cmdlet/mailbox_permission_added",
    title: "access to another mailbox is granted",
    level: Some(Level::Medium),
    looks_for: "Add-MailboxPermission with full access, Add-RecipientPermission and Add-ADPermission with the right to \
                send as another or to read a whole database (event logs, CmdletInfra, CosmosQueue).",
    why: "It provides lasting access to mail.",
    benign_look_alikes: "Administrators do it too.",
    attack: &["T1098.002"],
    ..CheckInfo::EMPTY
};

/// An account became an administrator.
pub const ROLE_GROUP: CheckInfo = CheckInfo {
    id: "cmdlet/role_group_member_added",
    title: "a member is added to a role group",
    level: Some(Level::Medium),
    looks_for: "Add-RoleGroupMember, Update-RoleGroupMember, New-RoleGroup (event logs, CmdletInfra, CosmosQueue).",
    why: "It makes an account an Exchange administrator.",
    benign_look_alikes: "Administrators do it too.",
    attack: &["T1098.007"],
    ..CheckInfo::EMPTY
};

/// All checks of this file.
pub const CHECKS: &[&CheckInfo] = &[
    &MAILBOX_EXPORT,
    &MAILBOX_EXPORT_SHARE,
    &ROLE_ASSIGNMENT,
    &CERTIFICATE_DROP,
    &DIRECTORY_SCRIPT,
    &DIRECTORY_PATH,
    &TRANSPORT_AGENT,
    &PROTECTION_OFF,
    &MAIL_FORWARDING,
    &MAILBOX_ACCESS,
    &ROLE_GROUP,
];
