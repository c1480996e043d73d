//! Cmdlets that attackers run after gaining access, as logged in the same form by `MSExchange Management.evtx`, the
//! remote PowerShell logs (`CmdletInfra`) and the audit spool (`CosmosQueue`).

mod checks;
pub mod landing;
pub mod parameters;

pub use checks::*;
pub use landing::{KnownFolders, Landing, Share};

use crate::model::server_path::fold;
use crate::model::{CheckInfo, Level, Stage};
use parameters::Parameter;

/// A call of a cmdlet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call<'c> {
    /// `New-MailboxExportRequest`.
    pub cmdlet: &'c str,
    /// Its parameters as logged; see [`parameters::read`].
    pub parameters: &'c str,
    /// Whether it was carried out; `None` if the log does not record it.
    pub success: Option<bool>,
    /// The name of the server it ran on, with or without domain; may be empty.
    pub computer: &'c str,
}

/// What a call shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What was looked for.
    pub check: &'static CheckInfo,
    /// How far it went.
    pub stage: Stage,
    /// How serious it is.
    pub level: Level,
    /// One line for a person; may quote the call, raw.
    pub title: String,
}

/// Words of which a line must hold one, without case, for [`judge`] to say anything: what to search for before reading.
pub const NEEDLES: &[&str] = &[
    "MailboxExportRequest",
    "ManagementRoleAssignment",
    "ExchangeCertificate",
    "VirtualDirectory",
    "TransportAgent",
    "AdminAuditLogConfig",
    "MitigationsEnabled",
    "ForwardingSmtpAddress",
    "ForwardingAddress",
    "New-InboxRule",
    "Set-InboxRule",
    "Add-MailboxPermission",
    "Add-RecipientPermission",
    "Add-ADPermission",
    "Add-RoleGroupMember",
    "Update-RoleGroupMember",
    "New-RoleGroup",
];

/// Roles that open every mailbox (CSS-Exchange and Sigma name the first; the second is what EWS clients ask for).
const ROLES: &[&str] = &["Mailbox Import Export", "ApplicationImpersonation"];

/// What a call shows, if anything. A failed call with the arguments of an attack still proves a session that could run it.
pub fn judge(call: &Call<'_>, folders: &KnownFolders) -> Option<Shown> {
    let read = || parameters::read(call.parameters);
    let cmdlet = call.cmdlet.trim().to_ascii_lowercase();
    let (verb, noun) = cmdlet.split_once('-')?;
    let shown = match (verb, noun) {
        ("new", "mailboxexportrequest") => export(call, &read(), folders),
        ("remove", "mailboxexportrequest") => removal(&read()),
        ("new", "managementroleassignment") => role(&read()),
        ("new" | "export", "exchangecertificate") => certificate(call, &read(), folders),
        ("set" | "new", noun) if noun.ends_with("virtualdirectory") => directory(call, verb, &read(), folders),
        ("remove", "oabvirtualdirectory") => Some(Shown {
            check: &DIRECTORY_PATH,
            stage: Stage::Context,
            level: Level::Info,
            title: "the OAB virtual directory was removed".to_owned(),
        }),
        ("install", "transportagent") => agent(call, &read(), folders),
        ("set", "adminauditlogconfig") => {
            switched_off(&read(), "adminauditlogenabled", "the admin audit log was disabled")
        }
        ("set", "exchangeserver" | "organizationconfig") => {
            switched_off(&read(), "mitigationsenabled", "automatic vulnerability mitigations were disabled")
        }
        ("set", "mailbox") => forwarding(&read()),
        ("new" | "set", "inboxrule") => inbox_rule(&read()),
        ("add", "mailboxpermission" | "recipientpermission" | "adpermission") => access(noun, &read()),
        ("add" | "update", "rolegroupmember") | ("new", "rolegroup") => role_group(verb, &read()),
        _ => None,
    }?;
    Some(if call.success == Some(false) { failed(shown) } else { shown })
}

/// What is left of a sign if the call failed: nothing was changed, but a client that asks for a page to be written has a session.
fn failed(shown: Shown) -> Shown {
    let (stage, level) = match shown.stage {
        Stage::Context => (Stage::Context, Level::Info),
        _ if shown.level >= Level::High => (Stage::SessionObtained, Level::High),
        _ => (Stage::Attempt, Level::Low),
    };
    Shown { stage, level, title: format!("{} (the cmdlet failed)", shown.title), ..shown }
}

/// Every value of a parameter: a caller can write a name twice, or inside a value.
fn values<'p>(parameters: &'p [Parameter], name: &'p str) -> impl Iterator<Item = &'p str> {
    parameters.iter().filter(move |p| p.name == name).flat_map(|p| p.values.iter().map(String::as_str))
}

fn export(call: &Call<'_>, parameters: &[Parameter], folders: &KnownFolders) -> Option<Shown> {
    let paths = values(parameters, "filepath").chain(values(parameters, "filename"));
    let shown = |stage, level, what: &str, path: &str| Shown {
        check: &MAILBOX_EXPORT,
        stage,
        level,
        title: format!("a mailbox was exported {what}: {path}"),
    };
    paths
        .filter_map(|path| {
            let landing = Landing::of(path, call.computer, folders);
            Some(if landing.code {
                shown(Stage::CodeExecutionOrFileWrite, Level::Critical, "as server code", path)
            } else if landing.web {
                shown(Stage::CodeExecutionOrFileWrite, Level::High, "to a web folder", path)
            } else if landing.loopback && landing.local.is_some() {
                shown(Stage::DataRead, Level::Medium, "to a local drive", path)
            } else {
                let (stage, level, what) = match landing.share? {
                    Share::Near => (Stage::Context, Level::Info, "to a share on another machine"),
                    Share::Address => (Stage::DataRead, Level::Low, "to a share on another machine by IP address"),
                    Share::OtherDomain => (Stage::DataRead, Level::Medium, "to a share in another domain"),
                    Share::Internet => (Stage::DataRead, Level::High, "to a share on the Internet"),
                };
                Shown { check: &MAILBOX_EXPORT_SHARE, ..shown(stage, level, what, path) }
            })
        })
        .max_by_key(|shown| shown.level)
}

fn removal(parameters: &[Parameter]) -> Option<Shown> {
    values(parameters, "confirm").any(is_no).then(|| Shown {
        check: &MAILBOX_EXPORT,
        stage: Stage::Context,
        level: Level::Info,
        title: "a mailbox export request was removed without confirmation".to_owned(),
    })
}

fn forwarding(parameters: &[Parameter]) -> Option<Shown> {
    let given = |name| values(parameters, name).map(str::trim).find(|to| !to.is_empty() && !is_null(to));
    let (outside, to) = match (given("forwardingsmtpaddress"), given("forwardingaddress")) {
        (Some(to), _) => (leaves_domain(parameters, to), to),
        (None, Some(to)) => (false, to),
        (None, None) => return None,
    };
    let kept = values(parameters, "delivertomailboxandforward").any(|value| !is_no(value));
    let kept = if kept { ", and also delivered" } else { "" };
    let of = values(parameters, "identity").next().unwrap_or("a mailbox");
    Some(Shown {
        check: &MAIL_FORWARDING,
        stage: Stage::ConfigurationChanged,
        level: if outside { Level::Medium } else { Level::Low },
        title: format!("mail to {of} is forwarded to {to}{kept}"),
    })
}

fn inbox_rule(parameters: &[Parameter]) -> Option<Shown> {
    const TARGETS: &[(&str, &str)] = &[
        ("forwardto", "forwards mail to"),
        ("redirectto", "redirects mail to"),
        ("forwardasattachmentto", "forwards mail as an attachment to"),
    ];
    let (how, to) = TARGETS.iter().find_map(|(name, how)| {
        values(parameters, name).find(|to| !to.trim().is_empty() && !is_null(to)).map(|to| (how, to))
    })?;
    let hides = values(parameters, "deletemessage").any(|value| !is_no(value))
        || values(parameters, "markasread").any(|value| !is_no(value))
        || values(parameters, "movetofolder").any(|folder| !folder.trim().is_empty());
    let hidden = if hides { " and hides it" } else { "" };
    let of = values(parameters, "mailbox").next().map_or(String::new(), |mailbox| format!(" of {mailbox}"));
    Some(Shown {
        check: &MAIL_FORWARDING,
        stage: Stage::ConfigurationChanged,
        level: if hides { Level::Medium } else { Level::Low },
        title: format!("a rule{of} {how} {to}{hidden}"),
    })
}

/// Whether an address is in another domain than the mailbox that the call is about, where that is named by its address.
fn leaves_domain(parameters: &[Parameter], to: &str) -> bool {
    let domain =
        |address: &str| address.trim_matches(['"', '\'', '>', ']']).rsplit_once('@').map(|(_, domain)| fold(domain));
    let own = values(parameters, "identity").find_map(domain);
    own.is_some_and(|own| domain(to).is_some_and(|to| to != own))
}

fn access(noun: &str, parameters: &[Parameter]) -> Option<Shown> {
    let rights = ["accessrights", "extendedrights"].iter().flat_map(|name| values(parameters, name));
    let right = rights.flat_map(|rights| rights.split([',', ';'])).map(str::trim).find(|right| {
        let right = right.to_ascii_lowercase().replace('-', "");
        matches!(right.as_str(), "fullaccess" | "sendas" | "receiveas" | "genericall")
    })?;
    let to = values(parameters, "user").chain(values(parameters, "trustee")).next().unwrap_or("somebody");
    let of = values(parameters, "identity").next().unwrap_or("a mailbox");
    let name = to.rsplit('\\').next().unwrap_or_default().trim().to_ascii_lowercase();
    // To everybody, or to all that a database holds.
    let wide =
        matches!(name.as_str(), "everyone" | "default" | "anonymous" | "anonymous logon" | "authenticated users")
            || noun == "adpermission" && right.to_ascii_lowercase().replace('-', "") == "receiveas";
    Some(Shown {
        check: &MAILBOX_ACCESS,
        stage: Stage::ConfigurationChanged,
        level: if wide { Level::Medium } else { Level::Low },
        title: format!("{to} was granted {right} on {of}"),
    })
}

fn role_group(verb: &str, parameters: &[Parameter]) -> Option<Shown> {
    /// Groups whose members can do everything, or read all mail.
    const POWERFUL: &[&str] = &["organization management", "discovery management", "exchange servers"];
    let plain = |name: &str| name.rsplit(['\\', '/']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let group = values(parameters, "identity").chain(values(parameters, "name")).next().unwrap_or("a role group");
    let members: Vec<&str> = values(parameters, "member").chain(values(parameters, "members")).collect();
    let all_mail = values(parameters, "roles")
        .flat_map(|roles| roles.split([',', ';']))
        .any(|given| ROLES.iter().any(|role| plain(role) == plain(given)));
    if verb != "new" && members.is_empty() {
        return None;
    }
    let members = match members.as_slice() {
        [] => String::new(),
        members => format!(" with {}", members.join(", ")),
    };
    let title = match verb {
        "new" => format!("the role group {group} was created{members}"),
        _ => format!("members of the role group {group} were added or replaced{members}"),
    };
    let level = if all_mail || POWERFUL.contains(&plain(group).as_str()) { Level::Medium } else { Level::Low };
    Some(Shown { check: &ROLE_GROUP, stage: Stage::ConfigurationChanged, level, title })
}

fn is_null(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "$null" | "null")
}

fn role(parameters: &[Parameter]) -> Option<Shown> {
    let role = values(parameters, "role").find_map(|given| {
        // A role can be named with its container: `example.local\Mailbox Import Export`.
        let name = given.rsplit(['\\', '/']).next().unwrap_or_default().trim();
        ROLES.iter().find(|role| role.eq_ignore_ascii_case(name))
    })?;
    let to = ["user", "securitygroup", "computer", "policy"].iter().find_map(|name| values(parameters, name).next());
    Some(Shown {
        check: &ROLE_ASSIGNMENT,
        stage: Stage::ConfigurationChanged,
        level: Level::Medium,
        title: format!("the role \"{role}\" was assigned to {}", to.unwrap_or("somebody")),
    })
}

fn certificate(call: &Call<'_>, parameters: &[Parameter], folders: &KnownFolders) -> Option<Shown> {
    let paths = values(parameters, "requestfile").chain(values(parameters, "filename"));
    paths
        .filter_map(|path| {
            let landing = Landing::of(path, call.computer, folders);
            let (level, what) = match landing {
                Landing { code: true, .. } => (Level::Critical, "server code"),
                Landing { web: true, .. } => (Level::High, "a file in a web folder"),
                _ => return None,
            };
            let title = format!("a certificate was written as {what}: {path}");
            Some(Shown { check: &CERTIFICATE_DROP, stage: Stage::CodeExecutionOrFileWrite, level, title })
        })
        .max_by_key(|shown| shown.level)
}

fn directory(call: &Call<'_>, verb: &str, parameters: &[Parameter], folders: &KnownFolders) -> Option<Shown> {
    if holds_script(call.parameters) {
        return Some(Shown {
            check: &DIRECTORY_SCRIPT,
            stage: Stage::ConfigurationChanged,
            level: Level::High,
            title: format!("script was set as a virtual directory property by {}", call.cmdlet.trim()),
        });
    }
    if verb != "new" {
        return None;
    }
    values(parameters, "path")
        .filter_map(|path| {
            let landing = Landing::of(path, call.computer, folders);
            let (stage, level) = match landing {
                Landing { code: true, .. } => (Stage::CodeExecutionOrFileWrite, Level::Critical),
                Landing { exchange: true, .. } => return None,
                _ => (Stage::ConfigurationChanged, Level::Medium),
            };
            let title = format!("a virtual directory was created outside Exchange: {path}");
            Some(Shown { check: &DIRECTORY_PATH, stage, level, title })
        })
        .max_by_key(|shown| shown.level)
}

fn agent(call: &Call<'_>, parameters: &[Parameter], folders: &KnownFolders) -> Option<Shown> {
    let foreign =
        values(parameters, "assemblypath").find(|path| !Landing::of(path, call.computer, folders).exchange)?;
    Some(Shown {
        check: &TRANSPORT_AGENT,
        stage: Stage::ConfigurationChanged,
        level: Level::Medium,
        title: format!("a transport agent outside Exchange was installed: {foreign}"),
    })
}

fn switched_off(parameters: &[Parameter], name: &str, title: &str) -> Option<Shown> {
    values(parameters, name).any(is_no).then(|| Shown {
        check: &PROTECTION_OFF,
        stage: Stage::ConfigurationChanged,
        level: Level::Medium,
        title: title.to_owned(),
    })
}

fn is_no(value: &str) -> bool {
    matches!(value.trim().trim_start_matches('$').to_ascii_lowercase().as_str(), "false" | "0")
}

/// Whether a text holds the start of server code or of a script element, as it is or in one of the encodings that a URL,
/// a page or a JSON text is written in, in two layers.
pub fn holds_script(text: &str) -> bool {
    let mut text = text.to_ascii_lowercase();
    for layer in 0..3 {
        if ["<%", "<script", "<object", "<!--#", "<?php", "runat=\"server\"", "runat=server"]
            .iter()
            .any(|s| text.contains(s))
        {
            return true;
        }
        if layer == 2 || !text.contains(['%', '&', '\\']) {
            return false;
        }
        text = decoded(&text);
    }
    false
}

/// One layer of encodings undone, as far as they hide `<`, `%`, `!`, `?`, `=`, quotation marks and letters.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '&', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = escape(rest).unwrap_or_else(|| (rest.chars().next().unwrap_or_default(), 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out.to_ascii_lowercase()
}

/// The character that an escape at the start of a text stands for, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let hex = |range: std::ops::Range<usize>| u32::from_str_radix(text.get(range)?, 16).ok().and_then(char::from_u32);
    match text.as_bytes() {
        [b'%', b'u', ..] => Some((hex(2..6)?, 6)),
        [b'%', ..] => Some((hex(1..3)?, 3)),
        [b'\\', b'u', ..] => Some((hex(2..6)?, 6)),
        [b'\\', b'x', ..] => Some((hex(2..4)?, 4)),
        [b'&', b'#', ..] => {
            let end = text.bytes().take(12).position(|b| b == b';')?;
            let digits = &text[2..end];
            let code = match digits.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => digits.parse().ok()?,
            };
            Some((char::from_u32(code)?, end + 1))
        }
        [b'&', ..] => [("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&amp;", '&'), ("&percnt;", '%')]
            .iter()
            .find_map(|(name, c)| text.starts_with(name).then_some((*c, name.len()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
