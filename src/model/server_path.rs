//! Paths as the examined server names them.

use std::ffi::{OsStr, OsString};
use std::fmt;

/// An absolute path in the examined server's own spelling: `C:\inetpub\wwwroot\x.aspx`, or `/cases/7/x.aspx` for a
/// folder that is no part of a known volume.
///
/// It is text, yet loses no name. What text cannot carry, or what would be taken for a separator, stands in angle
/// brackets, which no Windows name can contain: `<FF>` is a byte that is not UTF-8, `<D800>` a lone surrogate, `<5C>` a
/// backslash and `<3C>` an angle bracket inside a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerPath(String);

impl ServerPath {
    /// The root of a volume: `drive('c')` is `C:\`.
    pub fn drive(letter: char) -> Self {
        Self(format!("{}:\\", letter.to_ascii_uppercase()))
    }

    /// An absolute path of the analysis machine, shown as it is.
    pub fn analysis(path: &std::path::Path) -> Self {
        use std::path::Component;
        let mut text = String::new();
        let separator = std::path::MAIN_SEPARATOR;
        for component in path.components() {
            match component {
                Component::Prefix(prefix) => {
                    let prefix = prefix.as_os_str().to_string_lossy();
                    text.push_str(prefix.strip_prefix(r"\\?\").unwrap_or(&prefix));
                }
                Component::RootDir => text.push(separator),
                Component::Normal(name) => {
                    if !text.is_empty() && !text.ends_with(separator) {
                        text.push(separator);
                    }
                    text.push_str(&escape_name(name));
                }
                Component::CurDir | Component::ParentDir => {}
            }
        }
        Self(text)
    }

    /// Reads a Windows path as a configuration file writes it: either slash, `.` and `..` folded, `\\?\` taken off.
    /// `None` unless it is absolute on a drive (`C:\...`); UNC, device and relative paths name no folder of a volume.
    pub fn from_windows(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(r"\\?\").or_else(|| text.strip_prefix(r"\??\")).unwrap_or(text);
        let mut chars = text.chars();
        let letter = chars.next().filter(char::is_ascii_alphabetic)?;
        if chars.next() != Some(':') {
            return None;
        }
        let rest = chars.as_str();
        if !(rest.is_empty() || rest.starts_with(['\\', '/'])) {
            return None; // "C:folder" depends on a current folder
        }
        let mut names: Vec<&str> = Vec::new();
        for name in rest.split(['\\', '/']) {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop();
                }
                name => names.push(name),
            }
        }
        let mut path = Self::drive(letter);
        for name in names {
            path = path.join(&escape_name(OsStr::new(name)));
        }
        Some(path)
    }

    /// The path of `name`, an escaped name as [`escape_name`] or an evidence listing gives it, inside this folder.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + 1 + name.len());
        text.push_str(&self.0);
        if !text.ends_with(self.separator()) {
            text.push(self.separator());
        }
        text.push_str(name);
        Self(text)
    }

    /// Joins several names, written with backslashes: `join_all(r"inetpub\wwwroot")`.
    #[must_use]
    pub fn join_all(&self, names: &str) -> Self {
        names.split('\\').filter(|name| !name.is_empty()).fold(self.clone(), |path, name| path.join(name))
    }

    /// The separator that this path is written with.
    pub fn separator(&self) -> char {
        if self.0.starts_with('/') { '/' } else { '\\' }
    }

    /// The whole path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name; empty for a root.
    pub fn name(&self) -> &str {
        self.0.rsplit(self.separator()).next().unwrap_or_default()
    }

    /// The folder around it; `None` for a root.
    pub fn parent(&self) -> Option<Self> {
        let at = self.0.rfind(self.separator())?;
        if at + 1 == self.0.len() {
            return None;
        }
        let folder = &self.0[..at];
        // The separator belongs to a root. A folder of a Linux machine may be called `c:`.
        let is_drive = folder.len() == 2 && folder.ends_with(':');
        Some(Self(if folder.is_empty() || is_drive { self.0[..=at].to_owned() } else { folder.to_owned() }))
    }

    /// The drive letter in upper case, where the path lies on a volume.
    pub fn drive_letter(&self) -> Option<char> {
        let mut chars = self.0.chars();
        let letter = chars.next().filter(char::is_ascii_alphabetic)?;
        (chars.next() == Some(':')).then_some(letter)
    }

    /// The form in which two spellings of one Windows path are equal.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// This path below `folder`, without a leading separator, in the spelling it has; `None` if it lies elsewhere.
    /// Compared without case. The folder itself gives the empty text.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        let base = folder.0.trim_end_matches(folder.separator());
        let head = self.0.get(..base.len())?;
        if !same_name(head, base) {
            return None;
        }
        let rest = &self.0[base.len()..];
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(self.separator()) }
    }

    /// The same as Windows would spell it, whatever separates names here: backslashes, in the case it has.
    pub fn windows_below(&self, folder: &Self) -> Option<String> {
        self.below(folder).map(|rest| rest.replace('/', "\\"))
    }

    /// The same, compared to the letter.
    pub fn below_exactly(&self, folder: &Self) -> Option<&str> {
        let base = folder.0.trim_end_matches(folder.separator());
        self.0.starts_with(base).then(|| self.below(folder)).flatten()
    }

    /// The names from the root down.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let rest = match self.drive_letter() {
            Some(_) => &self.0[2..],
            None => &self.0[..],
        };
        rest.split(self.separator()).filter(|name| !name.is_empty())
    }
}

impl fmt::Display for ServerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Folds case as a Windows volume does when it compares names: character by character, never changing their number.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(fold_char).collect()
}

fn fold_char(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c, // one to many: NTFS's table has no such pair
    }
}

/// Whether two names are one name to Windows.
pub fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii()) && a.chars().map(fold_char).eq(b.chars().map(fold_char)))
}

/// The device that Windows takes a name for, whatever extension it has.
pub fn device_of(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    // The shortest have three letters, the longest four: most names end here.
    if !matches!(stem.chars().count(), 3 | 4) {
        return None;
    }
    let stem = stem.to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            matches!(rest, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "\u{b9}" | "\u{b2}" | "\u{b3}")
        })
    };
    let is = matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT");
    is.then_some(stem)
}

/// The extension of a name in lower case without its dot; empty if there is none. As IIS sees it: trailing dots and
/// spaces, which Win32 drops, do not hide it.
pub fn extension(name: &str) -> String {
    let name = name.trim_end_matches(['.', ' ']);
    match name.rfind('.') {
        Some(at) => fold(&name[at + 1..]),
        None => String::new(),
    }
}

/// The escaped form of one name; see [`ServerPath`].
pub fn escape_name(name: &OsStr) -> String {
    let bytes = name.as_encoded_bytes();
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '<' => text.push_str("<3C>"),
                '\\' => text.push_str("<5C>"),
                '/' => text.push_str("<2F>"),
                c => text.push(c),
            }
        }
        let mut rest = chunk.invalid();
        // On Windows an OsStr is WTF-8, where a lone surrogate takes three bytes. `utf8_chunks` hands those bytes out
        // one at a time, so they are put together when the name is read back.
        while let [byte, more @ ..] = rest {
            text.push_str(&format!("<{byte:02X}>"));
            rest = more;
        }
    }
    if cfg!(windows) { join_surrogates(&text) } else { text }
}

/// `<ED><A0><80>` (WTF-8) becomes `<D800>`.
fn join_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<ED><") {
        out.push_str(&rest[..at]);
        let group = rest.get(at..at + 12).unwrap_or(&rest[at..]);
        let second = group.get(5..7).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let third = group.get(9..11).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (second, third) {
            (Some(b @ 0xA0..=0xBF), Some(c @ 0x80..=0xBF)) => {
                let unit = 0xD000 | (u16::from(b) & 0x3F) << 6 | (u16::from(c) & 0x3F);
                out.push_str(&format!("<{unit:04X}>"));
                rest = &rest[at + 12..];
            }
            _ => {
                out.push_str(&rest[at..at + 4]);
                rest = &rest[at + 4..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The name as the file system has it; the inverse of [`escape_name`].
pub fn unescape_name(text: &str) -> OsString {
    let mut units: Vec<Unit> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        units.extend(rest[..at].chars().map(Unit::Char));
        let body = &rest[at + 1..];
        let hex = body
            .find('>')
            .map(|end| &body[..end])
            .filter(|hex| (hex.len() == 2 || hex.len() == 4) && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| Some((hex.len(), u16::from_str_radix(hex, 16).ok()?))) {
            Some((2, byte)) => {
                units.push(Unit::Byte(byte as u8));
                rest = &body[3..];
            }
            Some((_, unit)) => {
                units.push(Unit::Wide(unit));
                rest = &body[5..];
            }
            None => {
                units.push(Unit::Char('<'));
                rest = body;
            }
        }
    }
    units.extend(rest.chars().map(Unit::Char));
    assemble(&units)
}

enum Unit {
    Char(char),
    Byte(u8),
    Wide(u16),
}

#[cfg(unix)]
fn assemble(units: &[Unit]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = Vec::with_capacity(units.len());
    for unit in units {
        match unit {
            Unit::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => bytes.push(*byte),
            Unit::Wide(unit) => {
                // The three-byte form that ntfs-3g and WTF-8 give a lone surrogate.
                bytes.extend([0xE0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3F) as u8, 0x80 | (unit & 0x3F) as u8]);
            }
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(windows)]
fn assemble(units: &[Unit]) -> OsString {
    use std::os::windows::ffi::OsStringExt;
    let mut wide = Vec::with_capacity(units.len());
    for unit in units {
        match unit {
            Unit::Char(c) => wide.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            Unit::Byte(byte) => wide.push(u16::from(*byte)),
            Unit::Wide(unit) => wide.push(*unit),
        }
    }
    OsString::from_wide(&wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn configuration_paths_are_folded_and_relative_ones_refused() {
        let text = |path: &str| ServerPath::from_windows(path).map(|p| p.to_string());
        assert_eq!(
            text(r"c:/inetpub\\wwwroot\.\x\..\aspnet_client\").as_deref(),
            Some(r"C:\inetpub\wwwroot\aspnet_client")
        );
        assert_eq!(text(r"\\?\D:\con.aspx.").as_deref(), Some(r"D:\con.aspx."));
        assert_eq!(text(r"C:\..\..\x").as_deref(), Some(r"C:\x"));
        assert_eq!(text("C:").as_deref(), Some(r"C:\"));
        for refused in [r"\\server\share\x", r"wwwroot\x", "C:x", r"\\.\PhysicalDrive0", "", "%windir%"] {
            assert_eq!(text(refused), None, "{refused}");
        }
    }

    #[test]
    fn below_compares_without_case_and_only_at_a_separator() {
        let root = ServerPath::from_windows(r"C:\Inetpub\wwwroot").expect("absolute");
        let path = |p: &str| ServerPath::from_windows(p).expect("absolute");
        assert_eq!(path(r"c:\INETPUB\WWWROOT\a\B.aspx").below(&root), Some(r"a\B.aspx"));
        assert_eq!(path(r"C:\inetpub\wwwroot2\x").below(&root), None);
        assert_eq!(path(r"C:\x").below(&ServerPath::drive('c')), Some("x"));
        assert_eq!(root.below(&root), Some(""));
        let local = |p: &str| ServerPath::analysis(std::path::Path::new(p));
        assert_eq!(local("/case/V15/a/B.aspx").windows_below(&local("/case/V15")).as_deref(), Some(r"a\B.aspx"));
    }

    #[test]
    fn parents_end_at_the_root() {
        let path = ServerPath::from_windows(r"C:\a\b").expect("absolute");
        let parent = path.parent().expect("has one");
        assert_eq!(parent.as_str(), r"C:\a");
        assert_eq!(parent.parent().expect("has one").as_str(), r"C:\");
        assert_eq!(ServerPath::drive('C').parent(), None);
        let below_a_colon = ServerPath("/case/fs/c:/x".to_owned());
        assert_eq!(below_a_colon.parent(), Some(ServerPath("/case/fs/c:".to_owned())));
        assert_eq!(ServerPath::drive('C').name(), "");
    }

    #[test]
    fn an_extension_is_what_win32_would_open() {
        assert_eq!(extension("Shell.ASPX"), "aspx");
        assert_eq!(extension("shell.aspx. ."), "aspx");
        assert_eq!(extension("x.aspx.txt"), "txt");
        assert_eq!(extension("README"), "");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_text_survive() {
        use std::os::unix::ffi::OsStrExt;
        let name = OsStr::from_bytes(b"a\xff\\<b>\xed\xa0\x80.aspx");
        let text = escape_name(name);
        assert_eq!(text, "a<FF><5C><3C>b><ED><A0><80>.aspx");
        assert_eq!(unescape_name(&text), name);
    }

    proptest! {
        #[cfg(unix)]
        #[test]
        fn every_name_comes_back(bytes in proptest::collection::vec(1u8..=255, 1..40)) {
            use std::os::unix::ffi::OsStrExt;
            let name = OsStr::from_bytes(&bytes);
            let text = escape_name(name);
            prop_assert!(!text.contains('\\') && !text.contains('/') || bytes.contains(&b'/'));
            prop_assert_eq!(unescape_name(&text), name);
        }

        #[test]
        fn folding_keeps_the_number_of_characters(text in "\\PC{0,40}") {
            prop_assert_eq!(fold(&text).chars().count(), text.chars().count());
            prop_assert!(same_name(&text, &fold(&text)));
        }

        #[test]
        fn a_joined_path_lies_below_its_folder(names in proptest::collection::vec("[a-zA-Z0-9_. -]{1,12}", 1..6)) {
            let folder = ServerPath::drive('c');
            let path = names.iter().fold(folder.clone(), |path, name| path.join(name));
            let joined = names.join("\\");
            prop_assert_eq!(path.below(&folder), Some(joined.as_str()));
            prop_assert_eq!(path.names().count(), names.len());
            prop_assert_eq!(path.name(), names.last().expect("not empty"));
        }

        #[test]
        fn configuration_paths_never_panic_and_never_climb_out(text in "\\PC{0,60}") {
            if let Some(path) = ServerPath::from_windows(&text) {
                prop_assert!(path.names().all(|name| name != ".." && name != "."));
            }
        }
    }
}
