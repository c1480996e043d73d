//! CVE-2021-27065 in ECP logs: server code as the URL of a virtual directory (CSS-Exchange, Test-ProxyLogon.ps1, check
//! 5). Administrators change these URLs too, but never to code.

use super::{CheckInfo, Field, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};
use crate::logs::text::{decoded, find_folded};
use crate::model::file_types::{Uses, extensions};
use crate::model::server_path::fold;

pub(super) const CODE: CheckInfo = CheckInfo {
    id: "log/virtual_directory_script_url",
    title: "server code as the URL of a virtual directory",
    level: Some(Level::High),
    looks_for: "ECP Server logs: server code in the ExternalUrl or InternalUrl of a virtual directory.",
    why: "CVE-2021-27065: the next reset writes the code to a file.",
    benign_look_alikes: "None: administrators change these URLs, but never to code.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-27065"],
    references: &["https://github.com/microsoft/CSS-Exchange/blob/main/Security/src/Test-ProxyLogon.ps1"],
    ..CheckInfo::EMPTY
};
pub(super) const FILE: CheckInfo = CheckInfo {
    id: "log/virtual_directory_page_write",
    title: "virtual directory properties are written to a page",
    level: Some(Level::Critical),
    looks_for: "ECP Server logs: a reset of a virtual directory whose FilePathName has a page extension.",
    why: "CVE-2021-27065: this step writes the webshell.",
    benign_look_alikes: "None: administrators write the settings to a text file.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-27065"],
    ..CheckInfo::EMPTY
};
pub(super) const RESET: CheckInfo = CheckInfo {
    id: "log/virtual_directory_reset",
    title: "a virtual directory is reset",
    level: Some(Level::Info),
    looks_for: "ECP Server and ECP Activity logs: a reset or removal of a virtual directory.",
    why: "Context for the other steps of CVE-2021-27065.",
    benign_look_alikes: "Administrators do it too.",
    attack: &["T1190"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&CODE, &FILE, &RESET],
    kinds: &[Kind::EcpServer, Kind::EcpActivity],
    needles: &[
        Needle::new("virtualdirectory"),
        // A line that lost its start, or was wrapped.
        Needle::new("<script"),
        Needle::new("externalurl"),
        Needle::new("internalurl"),
    ],
    words: &[],
    run,
};

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let data = match record.get(Field::EventData) {
        "" => record.raw,
        data => data,
    };
    let command = command(data);
    // As it is too, since `<%ad` begins a page and an encoded character.
    let text = plain_signs(&format!("{} {}", fold(command), decoded(command)));
    let name = cmdlet(command);
    let about_directory =
        text.contains("virtualdirectory") || text.contains("externalurl") || text.contains("internalurl");
    if about_directory && ["<%", "<script", "runat="].iter().any(|sign| text.contains(sign)) {
        let url = ["ExternalUrl", "InternalUrl"]
            .iter()
            .find(|url| find_folded(command, url).is_some())
            .unwrap_or(&"a setting");
        let title = format!("{} sets server code as {url}", name.unwrap_or("a cmdlet"));
        observations.report(record, &CODE, Stage::ConfigurationChanged, Level::High, &title);
    } else if text.contains("filepathname") && names_page(&text) {
        observations.report(
            record,
            &FILE,
            Stage::CodeExecutionOrFileWrite,
            Level::Critical,
            "virtual directory properties are written to a page",
        );
    } else if find_folded(data, "schema=Reset").is_some()
        || name.is_some_and(|name| find_folded(name, "Remove-") == Some(0))
    {
        let title = format!("{} resets a virtual directory", name.unwrap_or("ECP"));
        observations.report(record, &RESET, Stage::Context, Level::Info, &title);
    }
}

/// The value of `S:CMD=`, up to the next key; the whole where it has none.
fn command(data: &str) -> &str {
    let Some(at) = find_folded(data, "S:CMD=") else { return data };
    let rest = &data[at + "S:CMD=".len()..];
    rest.find(";S:").map_or(rest, |end| &rest[..end])
}

/// The name at the start of a command that is about a virtual directory.
fn cmdlet(command: &str) -> Option<&str> {
    let end = command.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(command.len());
    let name = &command[..end];
    (name.contains('-') && find_folded(name, "VirtualDirectory").is_some()).then_some(name)
}

/// The brackets that a page needs, written out: entities and escapes that a service or a page undoes.
fn plain_signs(text: &str) -> String {
    const SPELLINGS: &[(&str, &str)] = &[
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&#x3c;", "<"),
        ("\\u003c", "<"),
        ("\\x3c", "<"),
        ("&percnt;", "%"),
        ("&#37;", "%"),
        ("&#x25;", "%"),
    ];
    SPELLINGS.iter().fold(text.to_owned(), |text, (spelled, sign)| text.replace(spelled, sign))
}

/// Whether a text names a file that the server would run.
fn names_page(text: &str) -> bool {
    extensions(Uses::SERVER_CODE).iter().any(|extension| {
        text.match_indices(&format!(".{extension}"))
            .any(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}
