//! Whether a file is a log: by its name, and where that says too little, by its first lines.

use super::format::Header;
use super::stream::{self, read_full};
use super::text::begins;
use crate::evidence::{Content, Evidence};
use crate::model::ServerPath;
use crate::model::place::kind::is_web;
use crate::model::server_path::extension;

/// Whether a file is a log, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is none.
    No,
    /// By its content.
    Unsure,
    Yes,
}

/// Whether a file in a folder of logs is one: whatever it is called, but pages are examined elsewhere, and for a file with the name of one
/// the content says whether it is a renamed log.
pub(super) fn in_log_folder(name: &str) -> Wanted {
    if is_web(name) || is_document(name) { Wanted::Unsure } else { Wanted::Yes }
}

/// Whether a file is a table or text of Office by its name.
pub(super) fn is_office(name: &str) -> bool {
    ["xlsx", "xlsm", "docx", "pptx"].contains(&extension(name).as_str())
}

/// Whether a file is a document by its name, as they are found among logs: a log may be called so, and then has the header of one.
fn is_document(name: &str) -> bool {
    const DOCUMENTS: &[&str] = &[
        "txt", "md", "rtf", "csv", "xls", "xlsx", "xlsm", "doc", "docx", "ppt", "pptx", "pdf", "ini", "url", "lnk",
        "ps1", "bat", "cmd", "png", "jpg", "db", "msg", "eml",
    ];
    let extension = extension(name);
    let stem = name.get(..name.len() - extension.len()).unwrap_or_default();
    DOCUMENTS.contains(&extension.as_str()) && !is_name_of_server(&format!("{stem}log"))
}

/// Whether a file in another folder of Exchange's logs is one of those that are read.
pub(super) fn elsewhere_among_logs(name: &str) -> Wanted {
    if is_web(name) || is_name_of_server(name) && extension(name) != "evtx" { Wanted::Unsure } else { Wanted::No }
}

pub(super) fn name_of_server(name: &str) -> Wanted {
    if is_name_of_server(name) { Wanted::Yes } else { Wanted::No }
}

/// Whether a file is a log of a server by a name that nothing else has: `u_ex210303.log`, `HttpProxy_2021030306-1.LOG`.
pub(super) fn is_name_of_server(name: &str) -> bool {
    let behind = |start: &str| begins(name, start).then(|| name.get(start.len()..).unwrap_or_default());
    let digits = |rest: &str, least: usize| rest.bytes().take_while(u8::is_ascii_digit).count() >= least;
    let numbered = |start: &str, least: usize| behind(start).is_some_and(|rest| digits(rest, least));
    match extension(name).as_str() {
        "evtx" => true,
        "log" => {
            ["u_ex", "u_in", "u_nc", "ex"].iter().any(|start| numbered(start, 4))
                || numbered("httperr", 1)
                || [
                    "HttpProxy_",
                    "ECPServer",
                    "ECPActivity_",
                    "OABGeneratorLog",
                    "Ews_",
                    "Rps_Cmdlet",
                    "Rps_Http",
                    "audit",
                ]
                .iter()
                .any(|start| numbered(start, 2) || behind(start).is_some_and(|rest| rest.starts_with('_')))
        }
        _ => false,
    }
}

/// Whether a file may be a log, or a rotated or packed one, by its name.
pub(super) fn is_log_name(name: &str) -> bool {
    let extension = extension(name);
    ["log", "txt", "csv", "gz", "zip", "bak", "old", "evtx", "tmp"].contains(&extension.as_str())
        || !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a file begins as a log does: packed, or with a head or a line of a format that is known among its first lines.
pub(super) fn begins_as_log(evidence: &dyn Evidence, path: &ServerPath) -> bool {
    evidence.open(path).is_ok_and(content_begins_as_log)
}

/// The same of what was opened.
pub(super) fn content_begins_as_log(content: Content) -> bool {
    let mut begins = false;
    let size = content.size;
    let _ = stream::texts(
        content.reader,
        size,
        &mut |input, _| {
            let mut head = vec![0; 16 << 10];
            let (got, _) = read_full(input, &mut head);
            let mut header = Header::default();
            for line in head.get(..got).unwrap_or_default().split(|byte| *byte == b'\n') {
                header.read(line.strip_suffix(b"\r").unwrap_or(line));
            }
            begins |= header.layout.is_some();
            Ok(false)
        },
        &mut |_| {},
    );
    begins
}
