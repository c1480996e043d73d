//! Command lines of programs and scripts: their words, the program they start, and what they name.

use crate::model::place::kind;
use crate::model::server_path::extension;

/// Verbs that copy: what they write is the second path, or the one that is named so.
pub(super) const COPIERS: &[&str] = &[
    "copy",
    "xcopy",
    "robocopy",
    "move",
    "copy-item",
    "move-item",
    "cp",
    "mv",
    "cpi",
    "mi",
    "mklink",
    "ren",
    "rename-item",
    "esentutl",
    "expand",
    "extrac32",
    "certutil",
    "invoke-webrequest",
    "iwr",
    "curl",
    "wget",
    "bitsadmin",
];

/// Short names of PowerShell for what writes a file, and programs that write the file that they are given.
pub(super) const ALIASES: &[&str] = &["sc", "ac", "ni", "tee", "rni", "replace", "makecab", "csc", "vbc", "jsc"];

/// What unpacks, and the words by which it does.
pub(super) const UNPACKERS: &[&str] = &["tar", "7z", "7za", "7zr", "rar", "unrar", "winrar", "unzip"];
pub(super) const UNPACK: &[&str] = &["x", "e", "xf", "xvf", "xzf", "-x", "-xf", "-xvf", "-xzf", "-xvzf"];

/// Words that write a file.
pub(super) const WRITERS: &[&str] = &[
    "set-content",
    "add-content",
    "out-file",
    "tee-object",
    "new-item",
    "writealltext",
    "writeallbytes",
    "writealllines",
    "appendalltext",
    "-outfile",
    "downloadfile",
    "createtextfile",
    "savetofile",
    "opentextfile",
    "copyfile",
    "copy-item",
    "move-item",
    "file]::copy",
    "file]::move",
    "streamwriter",
    "expand-archive",
];

pub(super) fn writes(line: &str) -> bool {
    let verb = |token: &String| {
        let name = token.rsplit('\\').next().unwrap_or_default().trim_end_matches(".exe");
        COPIERS.contains(&name) || ALIASES.contains(&name) || matches!(name, "attrib" | "type" | "echo")
    };
    // `dir /s *.aspx > list.txt` writes no page: what is written stands behind the sign.
    let redirects =
        line.rsplit_once('>').is_some_and(|(_, rest)| tokens_of(rest).first().is_some_and(|token| is_page(token)));
    let copies = tokens(line).iter().any(|token| verb(token) && !matches!(token.as_str(), "type" | "echo"));
    redirects || copies || WRITERS.iter().any(|word| line.contains(word))
}

/// Whether a word is the path of server code: no address, no source text.
pub(super) fn is_page(token: &str) -> bool {
    const NO_PAGES: &[&str] = &["cs", "vb", "pl", "cer", "tag", "rem", "skin", "browser"];
    let name = token.rsplit('\\').next().unwrap_or_default();
    let extension = extension(name);
    let is_code = kind::is_server_code(name) && !NO_PAGES.contains(&extension.as_str());
    is_code && !token.contains(":\\\\") && name.len() > extension.len() + 1
}

pub(super) fn is_script(token: &str) -> bool {
    const SCRIPTS: &[&str] = &[
        "ps1", "psm1", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "py", "pl", "php", "sct", "rb",
        "sh",
    ];
    SCRIPTS.contains(&extension(token.rsplit('\\').next().unwrap_or_default()).as_str())
}

pub(super) fn is_library(token: &str) -> bool {
    matches!(extension(token.rsplit('\\').next().unwrap_or_default()).as_str(), "dll" | "exe" | "ocx" | "cpl" | "scr")
}

pub(super) fn is_absolute(token: &str) -> bool {
    token.starts_with("\\\\")
        || token.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && token.get(1..3) == Some(":\\")
}

/// The program of a command line; without quotation marks it ends where its extension does.
pub(super) fn program(line: &str) -> String {
    let line = line.trim();
    if line.starts_with(['"', '\'']) {
        return tokens(line).into_iter().next().unwrap_or_default();
    }
    normal(unquoted(line))
}

pub(super) fn unquoted(line: &str) -> &str {
    let ends = [".exe", ".bat", ".cmd", ".com", ".ps1", ".vbs", ".scr", ".sys", ".dll"].iter().filter_map(|end| {
        line.match_indices(end)
            .map(|(at, end)| at + end.len())
            .find(|at| line[*at..].chars().next().is_none_or(|c| !c.is_alphanumeric()))
    });
    let end = ends.min().unwrap_or_else(|| line.find(char::is_whitespace).unwrap_or(line.len()));
    line[..end].trim()
}

/// The words of a line: quoted ones as they are, others up to a blank or a sign that parts them.
pub(super) fn tokens(line: &str) -> Vec<String> {
    tokens_of(line)
}

pub(super) fn tokens_of(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match quote {
            Some(own) if c == own => {
                quote = None;
                words.push(std::mem::take(&mut word));
            }
            Some(_) => word.push(c),
            None if matches!(c, '"' | '\'') => {
                words.push(std::mem::take(&mut word));
                quote = Some(c);
            }
            None if c.is_whitespace()
                || matches!(c, ';' | ',' | '(' | ')' | '<' | '>' | '|' | '&' | '=' | '{' | '}') =>
            {
                words.push(std::mem::take(&mut word));
            }
            None => word.push(c),
        }
    }
    words.push(word);
    // A quoted command of a shell is a line by itself.
    let inner: Vec<String> = words
        .iter()
        .filter(|word| word.contains(char::is_whitespace))
        .flat_map(|word| word.split_whitespace())
        .map(str::to_owned)
        .collect();
    words.extend(inner);
    words.retain(|word| !word.is_empty());
    // A path that is written right behind its switch: `-oC:\site`, `/out:C:\site\x.dll`.
    let behind = words.iter().filter(|word| word.starts_with(['-', '\\'])).filter_map(|word| {
        let at = word.find(":\\").filter(|at| *at > 1 && word.as_bytes()[at - 1].is_ascii_alphabetic())?;
        word.get(at - 1..).map(str::to_owned)
    });
    let behind: Vec<String> = behind.collect();
    words.extend(behind);
    words.into_iter().map(|word| normal(&word)).collect()
}

/// A path of a drive as Win32 takes it: without doubled backslashes, `.` and `..`, blanks and dots at the ends of names, and streams.
/// Anything else is left as it is.
pub(super) fn normal(word: &str) -> String {
    let Some(rest) = word.get(3..).filter(|_| is_absolute(word) && !word.starts_with('\\')) else {
        return word.to_owned();
    };
    let mut names: Vec<&str> = Vec::new();
    for name in rest.split('\\') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => {
                let name = name.split(':').next().unwrap_or_default();
                names.push(name.trim_end_matches([' ', '.']));
            }
        }
    }
    let end = if word.ends_with('\\') && !names.is_empty() { "\\" } else { "" };
    format!("{}{}{end}", &word[..3], names.join("\\"))
}

/// Whether a switch that PowerShell takes for EncodedCommand is followed by what can be one.
pub(super) fn has_encoded(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    words.windows(2).any(|pair| {
        let switch = pair[0].trim_start_matches(['-', '\\', '\u{2013}', '\u{2014}']);
        let is_switch = switch.len() < pair[0].len()
            && (switch == "ec" || switch == "enc" || !switch.is_empty() && "encodedcommand".starts_with(switch));
        is_switch
            && pair[1].len() >= 20
            && pair[1].chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '\\' | '='))
    })
}
