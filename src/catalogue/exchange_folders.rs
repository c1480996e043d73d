//! The folders of an Exchange installation that matter, from `signatures/exchange/folders.csv`, and the URLs of its applications,
//! from `signatures/exchange/virtual_directories.csv`.

use super::{BaselineNames, baseline_names, default_sites};
use crate::model::server_path::fold;
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../signatures/exchange/folders.csv");

/// What a folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeFolder {
    /// Holds web content: examined whole, listed by the baseline.
    Web,
    /// Its folders are served by the sites.
    Served,
    /// The front end, by which an installation is known.
    FrontEnd,
    /// Reachable without a logon, with a fixed short list of pages: every name of all builds of the baseline is known.
    Logon,
    /// The offline address book, handed out to every mailbox.
    AddressBook,
    /// The one that the generator of the address book writes to.
    AddressBookStore,
    /// Logs.
    Logs,
    /// Holds no scripts of the product's own that an administrator runs.
    NoScripts,
    /// Libraries that web applications and the transport load.
    Libraries,
    /// Its folders are named after builds.
    Versioned,
}

impl ExchangeFolder {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "web" => Self::Web,
            "served" => Self::Served,
            "front_end" => Self::FrontEnd,
            "logon" => Self::Logon,
            "address_book" => Self::AddressBook,
            "address_book_store" => Self::AddressBookStore,
            "logs" => Self::Logs,
            "no_scripts" => Self::NoScripts,
            "libraries" => Self::Libraries,
            "versioned" => Self::Versioned,
            _ => return None,
        })
    }

    /// The folders, as setup writes them, below the installation folder.
    pub fn folders(self) -> impl Iterator<Item = &'static str> {
        rows().iter().filter(move |row| row.uses.contains(&self)).map(|row| row.folder)
    }

    /// The same, folded.
    pub fn folded(self) -> impl Iterator<Item = &'static str> {
        rows().iter().filter(move |row| row.uses.contains(&self)).map(|row| row.folded.as_str())
    }

    /// The first of them in the table.
    pub fn first(self) -> &'static str {
        self.folders().next().unwrap_or_default()
    }

    /// Whether a path below the installation folder, folded and with backslashes, lies in one.
    pub fn holds(self, relative: &str) -> bool {
        self.folded().any(|folder| relative.strip_prefix(folder).is_some_and(|rest| rest.starts_with('\\')))
    }
}

struct Row {
    folder: &'static str,
    folded: String,
    uses: Vec<ExchangeFolder>,
}

fn rows() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let row = |line: &'static str| {
            let mut fields = line.split(',');
            let (folder, uses) = (fields.next()?, fields.next()?);
            Some(Row { folder, folded: fold(folder), uses: uses.split('|').filter_map(ExchangeFolder::of).collect() })
        };
        TABLE.lines().skip(1).filter_map(row).collect()
    });
    &ROWS
}

/// A folder that a default Exchange serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultFolder {
    /// The site's name.
    pub site: String,
    /// The URL path of its application: `/owa`, `/`.
    pub application: String,
    /// The URL path of the virtual directory with that of its application, without a final slash: `/owa`; empty for the root.
    pub url: String,
    /// The folder below the installation folder.
    pub folder: String,
}

/// What a default Exchange serves from its installation folder, in the order of the table: the front end first.
pub fn default_folders() -> &'static [DefaultFolder] {
    static FOLDERS: LazyLock<Vec<DefaultFolder>> = LazyLock::new(|| {
        let of = |row: &crate::config::deviations::DefaultSiteRow| {
            let folder = row.physical.strip_prefix("<ExchangeInstallPath>")?.trim_matches('\\').to_owned();
            let url = format!("{}{}", row.application.trim_end_matches('/'), row.folder.trim_end_matches('/'));
            Some(DefaultFolder { site: row.site.clone(), application: row.application.clone(), url, folder })
        };
        let mut folders: Vec<DefaultFolder> = Vec::new();
        for folder in default_sites().rows().filter_map(of) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    });
    &FOLDERS
}

/// The first names of the URL paths at which a default Exchange has applications and virtual directories, folded.
pub fn exchange_applications() -> &'static BTreeSet<String> {
    static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let urls = default_sites().rows().map(|row| format!("{}{}", row.application.trim_end_matches('/'), row.folder));
        let first = urls.filter_map(|url| url.split('/').nth(1).map(fold));
        first.filter(|name| !name.is_empty()).collect()
    });
    &NAMES
}

/// The URL paths of the pages that some build of Exchange ships, folded.
pub fn baseline_urls() -> &'static HashSet<String> {
    static URLS: LazyLock<HashSet<String>> = LazyLock::new(|| urls_of(&baseline_names()));
    &URLS
}

fn urls_of(names: &BaselineNames) -> HashSet<String> {
    let folders: Vec<(String, String)> =
        default_folders().iter().map(|row| (fold(&row.folder) + "\\", fold(&row.url) + "/")).collect();
    let urls = names.iter().flat_map(|path| {
        let of = |(folder, url): &(String, String)| {
            path.strip_prefix(folder.as_str()).map(|rest| format!("{url}{}", rest.replace('\\', "/")))
        };
        folders.iter().filter_map(of)
    });
    urls.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let lines = TABLE.lines().skip(1).count();
        assert_eq!(rows().iter().filter(|row| !row.uses.is_empty()).count(), lines);
        for line in TABLE.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            assert!(fields.len() == 3 && !fields[2].is_empty(), "{line}");
            assert!(fields[1].split('|').all(|name| ExchangeFolder::of(name).is_some()), "{line}");
        }
    }

    #[test]
    fn folders_are_known_by_whole_names() {
        assert!(ExchangeFolder::Logon.holds(r"frontend\httpproxy\owa\auth\x.aspx"));
        assert!(!ExchangeFolder::Logon.holds(r"frontend\httpproxy\owa\auth2\x.aspx"));
        assert!(!ExchangeFolder::Logon.holds(r"frontend\httpproxy\owa\auth"));
        assert_eq!(ExchangeFolder::Web.folders().collect::<Vec<_>>(), ["FrontEnd", "ClientAccess"]);
    }

    #[test]
    fn default_urls_lead_to_their_folders() {
        let folders = |url: &str| -> Vec<&str> {
            default_folders()
                .iter()
                .filter(|row| row.url.eq_ignore_ascii_case(url))
                .map(|row| row.folder.as_str())
                .collect()
        };
        assert_eq!(folders("/ecp"), [r"FrontEnd\HttpProxy\ecp", r"ClientAccess\ecp"]);
        assert_eq!(folders("/ews"), [r"FrontEnd\HttpProxy\EWS", r"ClientAccess\exchweb\EWS"]);
        let urls = baseline_urls();
        assert!(urls.contains("/owa/auth/logon.aspx") && urls.contains("/ecp/default.aspx"));
        assert!(urls.contains("/api/global.asax") && !urls.contains("/httpproxy/owa/auth/logon.aspx"));
        let names = exchange_applications();
        assert!(names.contains("owa") && names.contains("api") && !names.contains("rest") && !names.contains(""));
    }
}
