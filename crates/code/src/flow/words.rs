//! Predicates on the content of constant strings.

use super::value::TaintFlags;
use crate::model::file_types::{self, Uses};

/// Extensions of what Windows runs.
const PROGRAMS: &[&[u8]] = &[
    b".exe", b".dll", b".com", b".scr", b".bat", b".cmd", b".vbs", b".vbe", b".ps1", b".hta", b".wsf", b".msi", b".cpl",
];

/// Marks of a style sheet with script.
const SHEETS: &[&[u8]] = &[b"msxsl:script", b"urn:schemas-microsoft-com:xslt"];

/// Command interpreters.
const SHELLS: &[&[u8]] = &[
    b"cmd.exe",
    b"powershell",
    b"%comspec%",
    b"command.com",
    b"/bin/sh",
    b"/bin/bash",
    b"wscript.exe",
    b"pwsh",
    b"xp_cmdshell",
    b"sp_oacreate",
];

/// Whether a text ends in the extension of a page that code drops.
fn is_page(text: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'.', text) else { return false };
    let extension = std::str::from_utf8(&text[at + 1..]).unwrap_or_default().to_ascii_lowercase();
    file_types::of_extension(&extension).is(Uses::DROPPED)
}

/// What a text says by itself. Most texts are short and say nothing, so each question begins with a byte that must be there.
pub(super) fn text_flags(text: &[u8]) -> TaintFlags {
    let mut flags = TaintFlags::empty();
    let tail = text[text.len().saturating_sub(12)..].trim_ascii_end();
    if memchr::memchr(b'.', tail).is_some() {
        let ends = |page: &[u8]| tail.len() >= page.len() && tail[tail.len() - page.len()..].eq_ignore_ascii_case(page);
        if ends(b"web.config") || is_page(tail) {
            flags |= TaintFlags::PAGE_NAME;
        } else if PROGRAMS.iter().any(|program| ends(program)) {
            flags |= TaintFlags::PROGRAM;
        }
    }
    if text.len() >= 2 && memchr::memchr_iter(b'<', text).any(|at| is_code(&text[at + 1..])) {
        flags |= TaintFlags::CODE;
    }
    if text.len() > 500 {
        flags |= TaintFlags::LONG;
        if SHEETS.iter().any(|mark| memchr::memmem::find(text, mark).is_some()) {
            flags |= TaintFlags::SHEET;
        }
    }
    if text.len() < 512 {
        if names_shell(text) {
            flags |= TaintFlags::SHELL;
        }
    } else if is_blob(text) {
        flags |= TaintFlags::BLOB;
    }
    flags
}

/// Whether what stands behind a `<` is a server code marker.
pub(super) fn is_code(behind: &[u8]) -> bool {
    match behind.first() {
        Some(b'%') => true,
        Some(b'?') => behind.get(1) == Some(&b'=') || behind.get(1..4).is_some_and(|w| w.eq_ignore_ascii_case(b"php")),
        Some(b's' | b'S') if behind.len() > 6 && behind[..6].eq_ignore_ascii_case(b"script") => {
            let tag = behind[..behind.len().min(256)].split(|&b| b == b'>').next().unwrap_or_default();
            tag.windows(5).any(|word| word.eq_ignore_ascii_case(b"runat"))
        }
        _ => false,
    }
}

/// Whether a text names a command interpreter.
pub(super) fn names_shell(text: &[u8]) -> bool {
    let trimmed = text.trim_ascii();
    if trimmed.eq_ignore_ascii_case(b"cmd") || trimmed.len() > 6 && trimmed[..6].eq_ignore_ascii_case(b"cmd /c") {
        return true;
    }
    (0..text.len().saturating_sub(3)).any(|at| {
        let rest = &text[at..];
        matches!(rest[0], b'c' | b'C' | b'p' | b'P' | b'%' | b'/' | b'w' | b'W' | b'x' | b'X' | b's' | b'S')
            && SHELLS.iter().any(|word| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word))
    })
}

/// Whether a long text is base64 or hexadecimal from end to end.
pub(super) fn is_blob(text: &[u8]) -> bool {
    let head = &text[..text.len().min(4096)];
    head.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'\r' | b'\n'))
}

/// Whether a name says that a field holds the password of a person who logs on; those of databases and mail servers, which an
/// installer asks for, are none.
pub(crate) fn names_password(name: &[u8]) -> bool {
    if name.len() < 2 || name.len() > 64 {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&name, word).is_some();
    let named = ["password", "passwd", "passwort", "pwd", "passwrd", "userpass", "senha", "contrasena"]
        .iter()
        .any(|word| has(word.as_bytes()))
        || matches!(&name[..], b"pass" | b"pw" | b"psw" | b"txtpass" | b"upass" | b"kennwort");
    let other = [
        "db", "sql", "smtp", "mail", "ftp", "conn", "server", "proxy", "database", "hint", "question", "forgot", "len",
    ]
    .iter()
    .any(|word| has(word.as_bytes()));
    named
        && !other
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$' | b':' | b'.' | b'#'))
}
