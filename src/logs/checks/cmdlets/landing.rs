//! The destination of a path parameter of a cmdlet: Exchange requires a network path, so a drop on the server itself is
//! `\\127.0.0.1\C$\...`, `\\localhost\...` or uses the server's own name.

use crate::model::ServerPath;
use crate::model::place::kind;
use crate::model::server_path::{extension, fold, same_name};
use std::net::IpAddr;

/// The folders that paths are compared with.
#[derive(Clone, Debug, Default)]
pub struct KnownFolders {
    /// Folders that a web server serves according to its configuration, beside those of every Exchange server.
    pub web: Vec<ServerPath>,
    /// The roots of Exchange installations.
    pub exchange: Vec<ServerPath>,
}

/// Folders that are served on every Exchange server, as names in a row.
const ALWAYS_WEB: &[&[&str]] = &[
    &["inetpub", "wwwroot"],
    &["aspnet_client"],
    &["frontend", "httpproxy"],
    &["exchange server", "v15", "clientaccess"],
    &["exchange server", "v14", "clientaccess"],
];

/// How far away the machine is whose share a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Named without a domain, or in the domain of the server; or nothing says what that is.
    Near,
    /// By an address of a private network.
    Address,
    /// In another domain.
    OtherDomain,
    /// By a public address, or through WebDAV by the name of another domain.
    Internet,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The path on its own server, where it is known.
    pub local: Option<ServerPath>,
    /// It names the machine it is used on, as no export to a file server does.
    pub loopback: bool,
    /// How far away the other machine is that it names, if it does.
    pub share: Option<Share>,
    /// A file of that name is run by the web server.
    pub code: bool,
    /// It is in a folder that the web server serves.
    pub web: bool,
    /// It is in an Exchange installation.
    pub exchange: bool,
}

impl Landing {
    /// Reads a path as a cmdlet takes it. `computer` is the server's own name, with or without domain; may be empty.
    pub fn of(text: &str, computer: &str, folders: &KnownFolders) -> Self {
        let text = text.trim().replace('/', "\\");
        let (host, local) = match ServerPath::on_host(&text) {
            Some((host, local)) => (Some(host), local),
            None => (None, ServerPath::from_windows(&text)),
        };
        let host = host.as_deref();
        let name = local.as_ref().map_or_else(|| text.rsplit('\\').next().unwrap_or_default(), ServerPath::name);
        // A stream of a file: `x.aspx::$DATA` is x.aspx itself.
        let name = name.split(':').next().unwrap_or_default();
        let names: Vec<String> = match &local {
            Some(path) => path.names().map(fold).collect(),
            None => text.split('\\').filter(|name| !name.is_empty()).map(fold).collect(),
        };
        // A site whose folder is a whole drive does not make everything there a page.
        let below = |folders: &[ServerPath]| {
            let mut folders = folders.iter().filter(|folder| folder.parent().is_some());
            local.as_ref().is_some_and(|path| folders.any(|folder| path.below(folder).is_some()))
        };
        Self {
            loopback: host.is_some_and(|host| is_own(host, computer)),
            share: host.filter(|host| !is_own(host, computer)).map(|host| distance(host, computer)),
            // .cer is a certificate to all but classic ASP; in a web folder it counts as any file there.
            code: kind::is_server_code(name) && extension(name) != "cer",
            web: below(&folders.web)
                || ALWAYS_WEB.iter().any(|row| names.windows(row.len()).any(|window| window.iter().eq(row.iter()))),
            exchange: below(&folders.exchange)
                || names
                    .windows(2)
                    .any(|pair| pair[0] == "exchange server" && matches!(pair[1].as_str(), "v14" | "v15")),
            local,
        }
    }
}

/// Whether a host is the machine itself.
fn is_own(host: &str, computer: &str) -> bool {
    // `host@SSL` and `host@8080` go through WebDAV.
    let host = host.split('@').next().unwrap_or_default().trim_end_matches('.');
    let own = computer.split('.').next().unwrap_or_default();
    same_name(host, "localhost")
        || host.starts_with("127.")
        || matches!(host, "." | "::1" | "[::1]" | "2130706433")
        || host.eq_ignore_ascii_case("0x7f000001")
        || host.eq_ignore_ascii_case("--1.ipv6-literal.net")
        || (!own.is_empty() && (same_name(host, own) || same_name(host, computer)))
}

/// How far away a host is.
fn distance(host: &str, computer: &str) -> Share {
    let (name, web) = match host.split_once('@') {
        Some((name, _)) => (name, true),
        None => (host, false),
    };
    let name = fold(name.trim_end_matches('.'));
    let address = name
        .strip_suffix(".ipv6-literal.net")
        .map_or_else(|| name.trim_matches(['[', ']']).to_owned(), |literal| literal.replace('-', ":"));
    match address.split('s').next().unwrap_or_default().parse() {
        Ok(IpAddr::V4(v4)) if v4.is_private() || v4.is_link_local() => return Share::Address,
        // Addresses of a site, and of a link.
        Ok(IpAddr::V6(v6)) if matches!(v6.segments()[0] & 0xFE00, 0xFC00 | 0xFE00) => return Share::Address,
        Ok(_) => return Share::Internet,
        Err(_) => {}
    }
    let computer = fold(computer);
    let Some((_, own)) = computer.split_once('.') else { return Share::Near };
    let near = !name.contains('.') || name.ends_with(own) && name[..name.len() - own.len()].ends_with('.');
    match (near, web) {
        (true, _) => Share::Near,
        (false, true) => Share::Internet,
        (false, false) => Share::OtherDomain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Landing {
        let path = |p: &str| ServerPath::from_windows(p).expect("absolute");
        let folders = KnownFolders { web: vec![path(r"D:\sites\one")], exchange: vec![path(r"E:\Exchange\V15")] };
        Landing::of(text, "EX1.example.local", &folders)
    }

    #[test]
    fn every_spelling_of_a_web_folder_is_one() {
        for text in [
            r"C:\inetpub\wwwroot\a.pst",
            r"\\127.0.0.1\C$\inetpub\wwwroot\a.pst",
            r"\\localhost\c$\Windows\..\inetpub\.\wwwroot\a.pst",
            r"\\?\UNC\ex1\c$\inetpub\wwwroot\a.pst",
            r"\\?\C:\inetpub\wwwroot\a.pst",
            "//localhost/c$/inetpub/wwwroot/a.pst",
            r"\\EX2\c$\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\a.pst",
            r"\\EX1\d$\sites\one\a.pst",
            r"\\EX1\wwwroot$\inetpub\wwwroot\a.pst",
            r"\\.\GLOBALROOT\Device\HarddiskVolume2\inetpub\wwwroot\a.pst",
        ] {
            assert!(of(text).web, "{text}");
        }
        for text in [
            r"\\localhost\c$\inetpub\wwwroot\..\..\pst\a.pst",
            r"\\fs1\exports\a.pst",
            r"D:\sites\one2\a.pst",
            "",
            "a.pst",
        ] {
            assert!(!of(text).web, "{text}");
        }
    }

    #[test]
    fn the_machine_itself_and_code_are_recognised() {
        for text in
            [r"\\localhost\c$\a", r"\\127.8.8.8\x\a", r"\\ex1\x\a", r"\\EX1.EXAMPLE.LOCAL\x\a", r"\\ex1@SSL\x\a"]
        {
            assert!(of(text).loopback, "{text}");
        }
        for text in [r"\\ex10\x\a", r"\\fs1\x\a", r"C:\a", r"\\ex1.example.org\x\a"] {
            assert!(!of(text).loopback, "{text}");
        }
        for text in [r"\\fs1\x\a.ASPX", r"C:\a.aspx. ", r"C:\a.aspx::$DATA", r"C:\a.ashx:s", "x/y.asmx"] {
            assert!(of(text).code, "{text}");
        }
        for text in [r"\\fs1\x\a.pst", r"C:\a.aspx.pst", r"C:\x.aspx\a.pst", r"\\fs1\x\own.cer", ""] {
            assert!(!of(text).code, "{text}");
        }
        assert!(of(r"E:\exchange\v15\TransportRoles\agents\x.dll").exchange);
        assert!(!of(r"E:\exchange\v15\..\x.dll").exchange);
        assert!(of(r"F:\Exchange Server\V15\Bin\x.dll").exchange);
    }

    #[test]
    fn shares_are_rated_by_how_far_away_they_are() {
        for (text, share) in [
            (r"\\fs1\pst\a.pst", Some(Share::Near)),
            (r"\\fs1.example.local\pst\a.pst", Some(Share::Near)),
            (r"\\fs1.sub.example.local\pst\a.pst", Some(Share::Near)),
            (r"\\fs1@SSL\pst\a.pst", Some(Share::Near)),
            (r"\\10.0.0.9\pst\a.pst", Some(Share::Address)),
            (r"\\fd00--9.ipv6-literal.net\pst\a.pst", Some(Share::Address)),
            (r"\\fe80--9s4.ipv6-literal.net\pst\a.pst", Some(Share::Address)),
            (r"\\fs1.example.org\pst\a.pst", Some(Share::OtherDomain)),
            (r"\\badexample.local\pst\a.pst", Some(Share::OtherDomain)),
            (r"\\fs1.example.org@SSL@443\pst\a.pst", Some(Share::Internet)),
            (r"\\203.0.113.7\pst\a.pst", Some(Share::Internet)),
            (r"\\2001-db8--9.ipv6-literal.net\pst\a.pst", Some(Share::Internet)),
            (r"\\ex1\pst\a.pst", None),
            (r"C:\pst\a.pst", None),
        ] {
            assert_eq!(of(text).share, share, "{text}");
        }
        assert_eq!(Landing::of(r"\\fs1.example.org\a", "EX1", &KnownFolders::default()).share, Some(Share::Near));
    }

    #[test]
    fn a_path_without_computer_name_is_read_as_well() {
        let landing = Landing::of(r"\\ex1\c$\x.pst", "", &KnownFolders::default());
        assert!(!landing.loopback);
        assert_eq!(landing.local.map(|path| path.to_string()).as_deref(), Some(r"C:\x.pst"));
    }
}
