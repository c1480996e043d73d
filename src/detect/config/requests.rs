//! Redirects, error pages and default documents.

use super::subject::{Hit, Subject, file_name};
use super::{Check, CheckInfo, Look};
use crate::model::file_types::{self, Uses};
use crate::model::server_path::{extension, fold};

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/http_redirect",
            title: "visitors are redirected to another host",
            score: 45,
            looks_for: "`httpRedirect` to a URL on another host. Redirects within the server, which Exchange has, are \
                        not reported.",
            why: "A logon page elsewhere that looks like this one collects passwords.",
            benign_look_alikes: "Servers that moved, and those that send visitors to Exchange Online.",
            attack: &["T1056.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(redirect),
    },
    Check {
        check: CheckInfo {
            id: "config/error_page",
            title: "an error page executes an unusual page",
            score: 60,
            looks_for: "`httpErrors` with `responseMode=\"ExecuteURL\"`, or an error page in `customErrors`, that is a \
                        page in a folder of static files, below `aspnet_client`, or on another host.",
            why: "A request for anything that does not exist executes it, and the log shows another URL.",
            benign_look_alikes: "Sites have error pages; they are not stored among images.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(error_page),
    },
    Check {
        check: CheckInfo {
            id: "config/default_document",
            title: "an unusual default document",
            score: 35,
            looks_for: "`defaultDocument/files/add` of a page that is not called default, index, home, logon, iisstart \
                        or similar, or of a static file extension that a handler in the same file executes.",
            why: "The page executes without its name in the URL.",
            benign_look_alikes: "Sites with a custom start page.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(default_document),
    },
];

/// Whether an address leads to another host: with a scheme, or two separators at its start.
pub(super) fn leads_away(address: &str) -> bool {
    let address = fold(address.trim());
    let local = [
        "http://{http_host}",
        "https://{http_host}",
        "http://localhost",
        "http://127.0.0.1",
        "https://localhost",
        "https://127.0.0.1",
        "https://{server_name}",
        "http://{server_name}",
        "https://%{http_host}",
    ];
    (address.contains("://") || address.starts_with("//")) && !local.iter().any(|local| address.starts_with(local))
}

fn redirect(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in subject.named("httpRedirect") {
        let element = subject.element(at);
        let to = element.attribute("destination");
        if element.is_true("enabled") && leads_away(to) {
            let score = if subject.is_of_exchange() { 45 } else { 15 };
            hits.push(subject.hit(at, score, format!("visitors are redirected to {to}")));
        }
    }
    hits
}

/// Folders that hold no page anywhere.
const NO_PLACE: &[&str] = &["aspnet_client", "bin", "temp", "custerr"];
/// Folders of static files, where some sites have a page that draws or joins these.
const STATIC_FOLDERS: &[&str] = &["images", "img", "css", "js", "fonts", "themes", "styles"];

/// Whether a page at this address lies where few honest sites have one.
pub(super) fn is_odd_place(address: &str) -> bool {
    is_below(address, STATIC_FOLDERS) || is_no_place(address)
}

/// Whether a page at this address lies where no page of an honest site does.
pub(super) fn is_no_place(address: &str) -> bool {
    is_below(address, NO_PLACE)
}

/// Whether a page at this address lies below one of these folders.
fn is_below(address: &str, folders: &[&str]) -> bool {
    let path = fold(address.split(['?', '#']).next().unwrap_or(address)).replace('\\', "/");
    let extension = extension(file_name(&path));
    let runs = file_types::of_extension(&extension).is(Uses::SERVER_CODE);
    runs && path.split('/').rev().skip(1).any(|folder| folders.contains(&folder))
}

fn error_page(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, element) in subject.at(&["httpErrors", "error"]) {
        let path = element.attribute("path");
        let runs = element.attribute("responseMode").eq_ignore_ascii_case("ExecuteURL");
        if runs && is_odd_place(path) {
            let title = format!("the error {} executes {path}", element.attribute("statusCode"));
            let score = if subject.is_of_exchange() || is_no_place(path) { 60 } else { 40 };
            hits.push(subject.hit(at, score, title));
        } else if !runs && leads_away(path) {
            let title = format!("the error {} leads to {path}", element.attribute("statusCode"));
            hits.push(subject.hit(at, if subject.is_of_exchange() { 40 } else { 20 }, title));
        }
    }
    let errors = subject.at(&["customErrors", "error"]).map(|(at, element)| (at, element.attribute("redirect")));
    let default = subject.named("customErrors").map(|at| (at, subject.element(at).attribute("defaultRedirect")));
    for (at, to) in errors.chain(default) {
        if is_odd_place(to) || leads_away(to) {
            let score = if is_odd_place(to) { 45 } else { 20 };
            hits.push(subject.hit(at, score, format!("errors lead to {to}")));
        }
    }
    hits
}

/// The beginnings of honest start pages.
const STARTS: &[&str] =
    &["default", "index", "home", "logon", "login", "iisstart", "main", "start", "welcome", "help", "error"];

fn default_document(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, element) in subject.at(&["defaultDocument", "files", "add"]) {
        let name = fold(file_name(element.attribute("value")));
        let runs = file_types::is_server_code(&name);
        let folder = is_odd_place(element.attribute("value"));
        if folder || runs && !STARTS.iter().any(|start| name.starts_with(start)) && !is_known_page(&name) {
            let score = if folder { 35 } else { 20 };
            hits.push(subject.hit(at, score, format!("the page {name} is a default document")));
        }
    }
    hits
}

/// Pages that a default Exchange answers with: `owa`, `exchange.asmx` and the like.
fn is_known_page(name: &str) -> bool {
    crate::catalogue::pages().folders_of(name).next().is_some()
}
