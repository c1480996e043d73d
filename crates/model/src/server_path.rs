//! Paths as the examined server names them.

mod case;
mod escape;

pub use case::{fold, same_name};
pub use escape::{escape_name, unescape_name};

use std::ffi::OsStr;
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

    /// Reads back what [`Display`](fmt::Display) wrote: names stay escaped as they are. `None` for text that is no such path. The text may be
    /// anybody's: it has no `.` and no `..`, yet says nothing of what exists.
    pub fn from_shown(text: &str) -> Option<Self> {
        let (root, rest) = match text.strip_prefix('/') {
            Some(rest) => (Self("/".to_owned()), rest),
            None => {
                let letter = text.chars().next().filter(char::is_ascii_alphabetic)?;
                (Self::drive(letter), text.get(1..)?.strip_prefix(":\\")?)
            }
        };
        let separator = root.separator();
        // A slash in a name is shown escaped below a drive; Windows would take it for a separator.
        let is_name = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['\0', '/']);
        match rest.is_empty() || rest.split(separator).all(is_name) {
            true => {
                Some(rest.split(separator).filter(|name| !name.is_empty()).fold(root, |path, name| path.join(name)))
            }
            false => None,
        }
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

    /// Reads a Windows path as a configuration file or a link writes it: either slash, `.` and `..` folded, and the forms that
    /// lead to a drive by another way: `\\?\`, `\\.\`, `\??\`, `GLOBALROOT`, the administrative share of this very machine
    /// (`\\localhost\c$`). `None` unless it is absolute on a drive (`C:\...`); other shares, devices and relative paths name no
    /// folder of a volume. What Windows drops from a name (dots and blanks at its end) stays: the names on disk decide.
    pub fn from_windows(text: &str) -> Option<Self> {
        let text = trimmed(text).replace('/', "\\");
        let on_a_drive = past_devices(&text)?;
        let mut chars = on_a_drive.chars();
        let letter = chars.next().filter(char::is_ascii_alphabetic)?;
        if chars.next() != Some(':') {
            return None;
        }
        let rest = chars.as_str();
        if !(rest.is_empty() || rest.starts_with('\\')) {
            return None; // "C:folder" depends on a current folder
        }
        let mut names: Vec<&str> = Vec::new();
        for name in rest.split('\\') {
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

    /// A network path (`\\\\host\\share\\x`, `\\\\?\\UNC\\host\\share\\x`): the host as it is written, and the path on that host where the share is the
    /// administrative one of a drive (`c$`) or of Windows (`admin$`, taken to lie on C). `None` for what is no network path.
    pub fn on_host(text: &str) -> Option<(String, Option<Self>)> {
        let text = trimmed(text).replace('/', "\\");
        let plain = ["\\\\?\\", "\\\\.\\", "\\??\\"].iter().find_map(|prefix| text.strip_prefix(prefix));
        let rest = match plain {
            Some(plain) if plain.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("UNC\\")) => &plain[4..],
            Some(plain) => plain.strip_prefix("\\\\")?,
            None => text.strip_prefix("\\\\")?,
        };
        let mut parts = rest.trim_start_matches('\\').splitn(3, '\\');
        let host = parts.next()?;
        let (share, below) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let local = match share.as_bytes() {
            [letter, b'$'] if letter.is_ascii_alphabetic() => format!("{}:\\{below}", char::from(*letter)),
            _ if share.eq_ignore_ascii_case("admin$") => format!("C:\\Windows\\{below}"),
            _ => return Some((host.to_owned(), None)),
        };
        Some((host.to_owned(), Self::from_windows(&local)))
    }

    /// The same as [`Self::from_windows`] for a path of a server whose Windows lies on `system`: its share `admin$`, and paths that begin at the root of
    /// the current drive (`\folder`) or in its current folder (`C:folder`), which of a service is taken for the root.
    pub fn from_configured(text: &str, system: char) -> Option<Self> {
        if let Some(path) = Self::from_windows(text) {
            return Some(path);
        }
        let text = trimmed(text).replace('/', "\\");
        if let Some((host, share, rest)) = share(&text) {
            let of_windows = is_this_machine(host) && share.eq_ignore_ascii_case("admin$");
            return of_windows.then(|| Self::from_windows(&format!("{system}:\\Windows\\{rest}"))).flatten();
        }
        let bytes = text.as_bytes();
        match bytes {
            [b'\\', b'\\' | b'?', ..] => None,
            [b'\\', ..] => Self::from_windows(&format!("{system}:{text}")),
            [letter, b':', ..] if letter.is_ascii_alphabetic() => {
                Self::from_windows(&format!("{}:\\{}", char::from(*letter), &text[2..]))
            }
            _ => None,
        }
    }

    /// Whether a configured path is spelled as people and programs spell it, so that a folder which is not there is not there:
    /// no short name, variable, stream, share or device, and nothing that Windows would drop or fold.
    pub fn is_plainly_spelled(text: &str) -> bool {
        let text = text.replace('/', "\\");
        let Some(rest) = text.get(1..).and_then(|rest| rest.strip_prefix(':')) else { return false };
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && (rest.is_empty() || rest.starts_with('\\'))
            && rest.split('\\').all(|name| {
                let ends = name.ends_with(['.', ' ']) || name.starts_with(' ');
                let short = name.find('~').is_some_and(|at| name[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
                !ends
                    && !short
                    && !name.contains([':', '%', '*', '?', '"', '<', '>', '|'])
                    && !name.contains(char::is_control)
            })
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

/// The text without what XML and people leave around it. Other blanks can belong to a name.
fn trimmed(text: &str) -> &str {
    text.trim_matches(['\t', '\r', '\n']).trim_start_matches(' ')
}

/// A path without the prefixes under which the object manager has drives: what is left begins with `X:` if it leads to one.
/// Backslashes only. `\\?\`, `\\.\` and `\??\`: Microsoft, "File path formats on Windows systems"; `GLOBALROOT` and `GLOBAL??`:
/// "Introduction to MS-DOS Device Names".
fn past_devices(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let folded = text.to_ascii_lowercase();
        let prefixes = ["\\\\?\\", "\\\\.\\", "\\??\\", "\\dosdevices\\", "\\global??\\"];
        if let Some(prefix) = prefixes.iter().find(|prefix| folded.starts_with(**prefix)) {
            let rest = text[prefix.len()..].trim_start_matches('\\');
            let inner = rest.to_ascii_lowercase();
            text = match () {
                () if inner.starts_with("unc\\") => format!("\\\\{}", &rest[4..]),
                () if inner.starts_with("globalroot\\") => rest["globalroot".len()..].to_owned(),
                () if inner.starts_with("global\\") => rest["global\\".len()..].to_owned(),
                () => rest.to_owned(),
            };
            continue;
        }
        return match share(&text) {
            Some((host, share, rest)) if is_this_machine(host) => {
                let mut letters = share.chars();
                match (letters.next(), letters.next(), letters.next()) {
                    (Some(letter), Some('$'), None) if letter.is_ascii_alphabetic() => {
                        Some(format!("{letter}:\\{rest}"))
                    }
                    _ => None,
                }
            }
            Some(_) => None,
            None => Some(text),
        };
    }
    None
}

/// The parts of a path on a share: host, share, and what lies below it.
fn share(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix("\\\\")?.trim_start_matches('\\');
    let (host, rest) = rest.split_once('\\')?;
    let rest = rest.trim_start_matches('\\');
    let (share, below) = rest.split_once('\\').unwrap_or((rest, ""));
    Some((host, share, below))
}

/// Whether the host of a share is the machine itself, whatever its name.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let host = host.split('@').next().unwrap_or_default(); // `localhost@80`: through WebDAV
    let literal = host.strip_suffix(".ipv6-literal.net").map(|address| address.replace('-', ":"));
    let address = literal.as_deref().unwrap_or(host);
    host == "localhost"
        || host == "localhost.localdomain"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| match address {
            std::net::IpAddr::V4(address) => address.is_loopback(),
            std::net::IpAddr::V6(address) => {
                address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
            }
        })
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
        for refused in [
            r"\\server\share\x",
            r"\\server\c$\x",
            r"\\localhost\share\x",
            r"wwwroot\x",
            "C:x",
            r"\x",
            r"\\.\PhysicalDrive0",
            r"\\?\Volume{0}\x",
            r"\\?\GLOBALROOT\Device\HarddiskVolume2\x",
            r"\\",
            "",
            "%windir%",
        ] {
            assert_eq!(text(refused), None, "{refused}");
        }
    }

    #[test]
    fn other_ways_to_a_drive_lead_there() {
        for spelled in [
            r"\\?\c:\a\b",
            r"\\.\C:\a\b",
            r"\??\C:\a\b",
            "/??/C:/a/b",
            r"\\?\GLOBALROOT\??\C:\a\b",
            r"\\.\GLOBALROOT\GLOBAL??\C:\a\b",
            r"\\?\GLOBALROOT\DosDevices\C:\a\b",
            r"\\localhost\c$\a\b",
            r"\\LOCALHOST.\C$\a\\b\",
            r"\\127.0.0.1\c$\a\b",
            r"\\127.8.9.1\c$\a\b",
            r"\\[::1]\c$\a\b",
            r"\\0--1.ipv6-literal.net\c$\a\b",
            r"\\?\UNC\localhost\c$\a\b",
            r"\\?\UNC\127.0.0.1\C$\x\..\a\b",
            "//localhost/c$/a/b",
        ] {
            assert_eq!(
                ServerPath::from_windows(spelled).map(|p| p.to_string()).as_deref(),
                Some(r"C:\a\b"),
                "{spelled}"
            );
        }
        let configured = |text| ServerPath::from_configured(text, 'D').map(|p| p.to_string());
        assert_eq!(configured(r"\\localhost\admin$\Temp").as_deref(), Some(r"D:\Windows\Temp"));
        assert_eq!(configured(r"\inetpub\x").as_deref(), Some(r"D:\inetpub\x"));
        assert_eq!(configured(r"C:x").as_deref(), Some(r"C:\x"));
        for none in [r"\\server\admin$\x", r"inetpub", r"\\?\Volume{0}\x", "\\\\", "\\??\\x", ":", "\u{e9}:x"] {
            assert_eq!(configured(none), None, "{none}");
        }
    }

    #[test]
    fn a_path_is_read_back_as_it_was_shown() {
        for text in [r"C:\", r"C:\a\b<5C>.aspx", r"D:\x.aspx:s", "/", "/cases/7/<FF>x"] {
            assert_eq!(ServerPath::from_shown(text).map(|path| path.to_string()).as_deref(), Some(text));
        }
        assert_eq!(ServerPath::from_shown(r"c:\X").map(|path| path.to_string()).as_deref(), Some(r"C:\X"));
        for text in
            ["", "C:", "C:x", r"C:\a\..\b", r"C:\a\\b", r"C:\.", "/a/../b", "a/b", r"\\host\c$\x", "/a\0", "\u{e9}:\\x"]
        {
            assert_eq!(ServerPath::from_shown(text), None, "{text}");
        }
    }

    #[test]
    fn odd_spellings_are_distinguished_from_plain_ones() {
        for plain in [r"C:\inetpub\wwwroot", "D:/a b/c.d", r"C:\", "c:", r"C:\a~\b", r"C:\a\\b\"] {
            assert!(ServerPath::is_plainly_spelled(plain), "{plain}");
        }
        for odd in [
            r"C:\PROGRA~1\x",
            r"C:\a.\b",
            r"C:\a \b",
            r"C:\a\..\b",
            r"C:\a::$INDEX_ALLOCATION",
            r"C:\%x%\a",
            r"C:a",
            r"\a",
            r"\\?\C:\a",
            "C:\\a\0b",
        ] {
            assert!(!ServerPath::is_plainly_spelled(odd), "{odd}");
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

    proptest! {
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
