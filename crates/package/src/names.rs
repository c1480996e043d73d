//! Names of members: paths of a server, which are an attacker's, as names that every system can unpack.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// The longest part of a member name, and the longest name, in bytes: with a folder around it, it stays below the 260 characters of
/// Windows.
const LONGEST_PART: usize = 100;
const LONGEST: usize = 180;
/// What Windows reads as a device, whatever the extension (Microsoft, "Naming Files, Paths, and Namespaces").
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Gives names, none of them twice.
#[derive(Debug, Default)]
pub struct Names {
    /// Given names and the folders above them, without case.
    files: HashSet<String>,
    folders: HashSet<String>,
    /// The last number that a name got: a million files of one name take a million steps, not their square.
    numbers: HashMap<String, u64>,
}

impl Names {
    /// Keeps a name for something else.
    pub fn reserve(&mut self, name: &str) {
        self.take(name);
    }

    /// A name for the file of this path: `MAIL01/C/inetpub/wwwroot/x.aspx`. `state` is a folder between server and drive for what is no
    /// file of the volume as it is (`deleted`); empty otherwise. Whatever is not a plain character of ASCII is written as `%XX`; long
    /// names are shortened and marked with a hash. Of names that differ only in case, or that would be file and folder at once, the
    /// later one gets a number.
    pub fn give(&mut self, server: &str, state: &str, path: &str) -> String {
        let mut parts = vec![part(server)];
        if !state.is_empty() {
            parts.push(part(state));
        }
        let separator = if path.starts_with('/') { '/' } else { '\\' };
        let drive = path.as_bytes().first().filter(|_| path.as_bytes().get(1) == Some(&b':'));
        let rest = match drive.filter(|letter| letter.is_ascii_alphabetic()) {
            Some(letter) => {
                parts.push(char::from(letter.to_ascii_uppercase()).to_string());
                path.get(2..).unwrap_or_default()
            }
            None => {
                parts.push("analysis".to_owned());
                path
            }
        };
        parts.extend(rest.split(separator).filter(|name| !name.is_empty()).map(part));
        let mut name = parts.join("/");
        if name.len() > LONGEST {
            let (first, last) = (parts.first().cloned().unwrap_or_default(), parts.last().cloned().unwrap_or_default());
            name = format!("{first}/long/{}/{last}", hash(path));
        }
        self.unique(name)
    }

    /// A name in a folder of the package.
    pub fn give_in(&mut self, folder: &str, name: &str) -> String {
        self.unique(format!("{}/{}", part(folder), part(name)))
    }

    fn unique(&mut self, name: String) -> String {
        let first = name.split('/').next().unwrap_or_default();
        let folded = name.to_ascii_lowercase();
        let mut number = self.numbers.get(&folded).copied().unwrap_or(1);
        let mut given = name.clone();
        while !self.is_free(&given) {
            number = number.saturating_add(1);
            given = match self.is_reachable(&name) {
                true => numbered(&name, number),
                // A file has the name of a folder above it.
                false => format!("{}~{number}/{}", first, name),
            };
        }
        if number > 1 {
            self.numbers.insert(folded, number);
        }
        self.take(&given);
        given
    }

    /// Whether nothing has the name, and no file that of a folder above it.
    fn is_free(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        !self.files.contains(&name) && !self.folders.contains(&name) && self.is_reachable(&name)
    }

    /// Whether no file has the name of a folder above it.
    fn is_reachable(&self, name: &str) -> bool {
        folders(&name.to_ascii_lowercase()).all(|folder| !self.files.contains(folder))
    }

    fn take(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        self.folders.extend(folders(&name).map(str::to_owned));
        self.files.insert(name);
    }
}

/// The folders above a name.
fn folders(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(|(at, _)| name.get(..at))
}

/// `x~2.aspx`
fn numbered(name: &str, number: u64) -> String {
    let start = name.rfind('/').map_or(0, |at| at + 1);
    match name.get(start..).and_then(|last| last.rfind('.')).filter(|at| *at > 0) {
        Some(at) => {
            let (stem, extension) = name.split_at(start + at);
            format!("{stem}~{number}{extension}")
        }
        None => format!("{name}~{number}"),
    }
}

/// Sixteen digits of a hash.
fn hash(text: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(text));
    digits.truncate(16);
    digits
}

/// One name of a path.
fn part(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-()[]{}$#@!+,;=&~^'".contains(c);
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_port = stem.strip_prefix("com").or(stem.strip_prefix("lpt")).is_some_and(|digit| {
        let mut chars = digit.chars();
        chars.next().is_some_and(char::is_numeric) && chars.next().is_none()
    });
    let is_device = is_port || DEVICES.contains(&stem.as_str());
    let last = name.chars().count().saturating_sub(1);
    let mut safe = String::new();
    for (at, c) in name.chars().enumerate() {
        // Win32 drops dots and blanks at the end of a name; `..` leads elsewhere; a dash at the start is an option of many programs.
        let is_odd = (at == last && matches!(c, '.' | ' ')) || (at == 0 && (is_device || matches!(c, ' ' | '-' | '~')));
        if is_plain(c) && !is_odd {
            safe.push(c);
        } else {
            let mut buffer = [0; 4];
            c.encode_utf8(&mut buffer).bytes().for_each(|byte| safe.push_str(&format!("%{byte:02X}")));
        }
    }
    if safe.is_empty() {
        return "%".to_owned();
    }
    if safe.len() <= LONGEST_PART {
        return safe;
    }
    let extension = safe.rfind('.').and_then(|at| safe.get(at..)).filter(|extension| extension.len() <= 12);
    format!("{}~{}{}", safe.get(..60).unwrap_or_default(), hash(name), extension.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(path: &str) -> String {
        Names::default().give("MAIL01", "", path)
    }

    #[test]
    fn plain_paths_stay_readable() {
        assert_eq!(name(r"C:\inetpub\wwwroot\x.aspx"), "MAIL01/C/inetpub/wwwroot/x.aspx");
        assert_eq!(name(r"c:\$Recycle.Bin\S-1-5\$R1.aspx"), "MAIL01/C/$Recycle.Bin/S-1-5/$R1.aspx");
        assert_eq!(name("/cases/7/x.aspx"), "MAIL01/analysis/cases/7/x.aspx");
        assert_eq!(Names::default().give("MAIL01", "deleted", r"C:\x"), "MAIL01/deleted/C/x");
    }

    #[test]
    fn malicious_names_become_harmless_ones() {
        for (path, expected) in [
            (r"C:\a\..\..\..\etc\passwd", "MAIL01/C/a/.%2E/.%2E/.%2E/etc/passwd"),
            (r"C:\x.aspx:evil.aspx", "MAIL01/C/x.aspx%3Aevil.aspx"),
            (r"C:\con.aspx", "MAIL01/C/%63on.aspx"),
            (r"C:\LPT1 .x\COM\com12", "MAIL01/C/%4CPT1 .x/COM/com12"),
            (r"C:\a. \b.", "MAIL01/C/a.%20/b%2E"),
            ("C:\\\u{202e}xpsa.x\n", "MAIL01/C/%E2%80%AExpsa.x%0A"),
            (r"C:\a/../../b", "MAIL01/C/a%2F..%2F..%2Fb"),
            (r"C:\<FF>%41*?|.aspx", "MAIL01/C/%3CFF%3E%2541%2A%3F%7C.aspx"),
            (r"C:\-rf\~x", "MAIL01/C/%2Drf/%7Ex"),
            ("", "MAIL01/analysis"),
        ] {
            assert_eq!(name(path), expected, "{path}");
        }
        assert_eq!(Names::default().give("../..", "", r"C:\x"), "..%2F.%2E/C/x");
        assert_eq!(Names::default().give("", "", r"C:\x"), "%/C/x");
    }

    #[test]
    fn twins_and_files_that_are_folders_get_names_of_their_own() {
        let mut names = Names::default();
        let mut give = |path: &str| names.give("M", "", path);
        assert_eq!(give(r"C:\a\x.aspx"), "M/C/a/x.aspx");
        assert_eq!(give(r"C:\A\X.ASPX"), "M/C/A/X~2.ASPX");
        assert_eq!(give(r"C:\a\x.aspx"), "M/C/a/x~3.aspx");
        assert_eq!(give(r"C:\a\x.aspx\y"), "M~2/M/C/a/x.aspx/y");
        assert_eq!(give(r"C:\a"), "M/C/a~2");
        assert_eq!(give(r"C:\.x"), "M/C/.x");
        assert_eq!(give(r"C:\.X"), "M/C/.X~2");
        names.reserve("MANIFEST.json");
        assert_eq!(names.give("manifest.JSON", "", r"C:\x"), "manifest.JSON~2/manifest.JSON/C/x");
    }

    #[test]
    fn many_files_of_one_name_are_quickly_named() {
        let mut names = Names::default();
        let given: HashSet<String> = (0..100_000).map(|_| names.give("M", "deleted", r"C:\x.aspx")).collect();
        assert_eq!(given.len(), 100_000);
        assert!(given.contains("M/deleted/C/x.aspx") && given.contains("M/deleted/C/x~100000.aspx"));
    }

    #[test]
    fn long_names_are_shortened_and_stay_apart() {
        let (one, other) = (format!(r"C:\{}1.aspx", "a".repeat(250)), format!(r"C:\{}2.aspx", "a".repeat(250)));
        assert!(name(&one).ends_with(".aspx") && name(&one).len() < 120 && name(&one) != name(&other));
        let deep = format!(r"C:\{}x.aspx", r"folder\".repeat(100));
        assert!(name(&deep).ends_with("/x.aspx") && name(&deep).len() <= LONGEST, "{}", name(&deep));
    }

    proptest! {
        #[test]
        fn a_name_is_always_safe(server in ".{0,20}", path in ".{0,300}") {
            let name = Names::default().give(&server, "", &path);
            prop_assert!(name.is_ascii() && name.len() <= 260, "{name}");
            let is_safe = |part: &str| !part.is_empty() && !part.ends_with(['.', ' ']);
            prop_assert!(name.split('/').all(is_safe), "{name}");
            prop_assert!(!name.contains(['\\', ':', '<', '>', '|', '?', '*', '"']) && !name.contains(char::is_control), "{name}");
        }
    }
}
