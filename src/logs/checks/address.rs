//! Classification of request paths: a file found, an Exchange page, an unknown script, a static file. Computed once per
//! path, since logs repeat a few thousand paths in millions of lines.

use super::sharepoint;
use crate::catalogue::{self, VirtualHandlers};
use crate::logs::text::{clean_path, fronts};
use crate::model::file_types::{self, Uses, is_server_code};
use crate::targets::Exists;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What a path is as a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::logs) enum Page {
    /// Nothing that the server would run, and no static file.
    Other,
    /// A file that is sent as it is.
    Static,
    /// A script that is on disk, that some build of Exchange ships, or that a handler answers without a file.
    Known,
    /// A script that is none of these; what the disk says of it.
    Unknown(Exists),
}

/// What is known of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::logs) struct PathClass {
    /// The path, as [`clean_path`] gives it.
    pub(in crate::logs) path: String,
    /// The part of it that names the script.
    pub(in crate::logs) script: String,
    pub(in crate::logs) page: Page,
    /// Whether it is in a folder of Exchange or in `aspnet_client`.
    pub(in crate::logs) in_exchange_app: bool,
    /// Whether it would on a server with Exchange: right below the site, or in a folder whose name others use as well.
    pub(in crate::logs) may_be_in_exchange_app: bool,
    /// Whether it is a page that every server with Exchange has and no other: once it is answered, the log is such a server's.
    pub(in crate::logs) of_exchange: bool,
    /// Whether it is one of those of ToolShell, and the server has no SharePoint, as its disk tells.
    pub(in crate::logs) no_sharepoint: bool,
    /// Whether it is in a folder where shells are dropped.
    pub(in crate::logs) in_drop_folder: bool,
    /// The found files that it reaches, by number.
    pub(in crate::logs) found: Vec<u32>,
    /// Whether every request for it is checked.
    pub(in crate::logs) inspect_always: bool,
    /// Whether requests are checked whose query holds a word of a check, or encodes what needs no encoding.
    pub(in crate::logs) inspect_query: bool,
    /// Whether requests that send data are checked.
    pub(in crate::logs) inspect_body: bool,
}

/// Classifies paths.
pub(in crate::logs) struct PathClassifier<'p> {
    baseline_urls: &'static HashSet<String>,
    handlers: &'static VirtualHandlers,
    found: HashMap<String, Vec<u32>>,
    exists: &'p (dyn Fn(&str) -> Exists + Sync),
}

/// Applications of Exchange whose names others use as well.
const COMMON_APPLICATIONS: &[&str] = &["api", "exchange", "public", "rpc"];
const DROP_FOLDERS: &[&str] = &["/aspnet_client/", "/owa/auth/", "/ecp/auth/"];
/// Folders of SharePoint, below each of its sites.
const SHAREPOINT: &[&str] = &["/_layouts/", "/_vti_bin/", "/_vti_adm/", "/_controltemplates/", "/_login/", "/_forms/"];

impl<'p> PathClassifier<'p> {
    /// `found`: the URL paths of found files, each with the numbers of what it stands for.
    pub(in crate::logs) fn new(found: HashMap<String, Vec<u32>>, exists: &'p (dyn Fn(&str) -> Exists + Sync)) -> Self {
        static HANDLERS: LazyLock<VirtualHandlers> = LazyLock::new(catalogue::virtual_handlers);
        Self { baseline_urls: catalogue::baseline_urls(), handlers: &HANDLERS, found, exists }
    }

    /// What a path as the log has it is.
    pub(in crate::logs) fn class(&self, stem: &str) -> PathClass {
        let path = clean_path(stem);
        let found: Vec<u32> = fronts(&path).filter_map(|front| self.found.get(front)).flatten().copied().collect();
        let script = fronts(&path).find(|front| is_server_code(front.rsplit('/').next().unwrap_or_default()));
        let page = match script {
            Some(script) => self.page(script),
            None if file_types::of_name(path.rsplit('/').next().unwrap_or_default()).is(Uses::STATIC_EXCHANGE) => {
                Page::Static
            }
            None => Page::Other,
        };
        let script = script.unwrap_or_default().to_owned();
        let first = path.split('/').nth(1).unwrap_or_default();
        let common = COMMON_APPLICATIONS.contains(&first);
        let in_exchange_app = first == "aspnet_client" || catalogue::exchange_applications().contains(first) && !common;
        let may_be_in_exchange_app = common || path.matches('/').count() == 1;
        let of_exchange = in_exchange_app && first != "aspnet_client" && self.baseline_urls.contains(&script);
        let in_drop_folder = DROP_FOLDERS.iter().any(|folder| path.starts_with(folder));
        let of_toolshell = sharepoint::is_of_interest(&path);
        let no_sharepoint = of_toolshell && sharepoint::PAGES.iter().all(|page| (self.exists)(page) == Exists::No);
        let needs_inspection = path.contains("powershell")
            || path.contains("inboxrules.svc")
            || path.contains("viewstate")
            || path == "/owa/calendar/a"
            || path.starts_with("/owa/calendar/a/")
            || path.contains("autodiscover") && path.contains('@')
            || of_toolshell;
        let inspect_query = path.contains("autodiscover") || first == "ecp" || script.ends_with(".aspx");
        let inspect_always = needs_inspection || !found.is_empty() || matches!(page, Page::Unknown(_));
        PathClass {
            script,
            page,
            in_exchange_app,
            may_be_in_exchange_app,
            of_exchange,
            no_sharepoint,
            in_drop_folder,
            found,
            inspect_always,
            inspect_query,
            inspect_body: page == Page::Static,
            path,
        }
    }

    fn page(&self, script: &str) -> Page {
        if self.is_in_baseline(script) || self.handlers.answers(script) {
            return Page::Known;
        }
        match (self.exists)(script) {
            Exists::Yes => Page::Known,
            // SharePoint has hundreds of pages of its own there; without the disk nothing can be said of one.
            Exists::Unknown if SHAREPOINT.iter().any(|folder| script.contains(folder)) => Page::Known,
            no => Page::Unknown(no),
        }
    }

    /// Whether some build ships a page at this address: straight, or with what Exchange lets stand behind the application
    /// (`/owa/someone@example.org/`, `/owa/integrated/`, `/ecp/15.2.721.2/`).
    fn is_in_baseline(&self, script: &str) -> bool {
        if self.baseline_urls.contains(script) {
            return true;
        }
        let mut names = script.splitn(4, '/').skip(1);
        let (Some(application), Some(second), Some(rest)) = (names.next(), names.next(), names.next()) else {
            return false;
        };
        let extra = second.contains('@')
            || application == "owa" && ["integrated", "oma", "calendar"].contains(&second)
            || second.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let short = format!("/{application}/{rest}");
        extra && (self.baseline_urls.contains(&short) || self.handlers.answers(&short))
    }
}
