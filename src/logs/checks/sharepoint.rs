//! Paths of SharePoint, which the checks of requests and of ToolShell know.

/// The page that reads what it should not.
pub(super) const PAGE: &str = "/toolpane.aspx";
/// Where it is on every server with SharePoint, by version.
pub(super) const PAGES: &[&str] = &[
    "/_layouts/16/toolpane.aspx",
    "/_layouts/15/toolpane.aspx",
    "/_layouts/14/toolpane.aspx",
    "/_layouts/toolpane.aspx",
];
/// Where SharePoint's own pages are served, below each site.
pub(super) const LAYOUTS: &str = "/_layouts/";
/// Names that were dropped there (Microsoft, CISA and ESET, July 2025). `spinstall0.aspx` and `ghostfile346.aspx` have a number.
const DROPS: &[&str] = &["info3.aspx", "xxx.aspx", "debug_dev.js"];
const NUMBERED: &[&str] = &["spinstall", "ghostfile"];

/// Whether requests for a clean path are worth a check.
pub(super) fn is_of_interest(path: &str) -> bool {
    path.contains(LAYOUTS) && (path.contains(PAGE) || is_drop(path))
}

/// Whether a name of the path is one of them: what follows a page is handed to it.
fn is_drop(path: &str) -> bool {
    let numbered = |name: &str, start: &str| {
        let rest = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(".aspx"));
        rest.is_some_and(|rest| rest.len() <= 4 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    path.split('/').any(|name| DROPS.contains(&name) || NUMBERED.iter().any(|start| numbered(name, start)))
}
