//! Where requests are led.

use super::subject::{Hit, Subject, file_name};
use super::{Check, Look};
use crate::model::file_types::{self, Uses};
use crate::model::server_path::{extension, fold};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "redirect",
        title: "visitors are sent to another host",
        score: 45,
        what: "`httpRedirect` to an address of another host. Redirections within the server, as Exchange has them, say nothing.",
        why: "A logon page elsewhere that looks like this one collects passwords.",
        harmless: "Servers that moved, and those that send visitors to Exchange Online.",
        look: Look::File(redirect),
    },
    Check {
        id: "error_page",
        title: "an error runs a page in an odd place",
        score: 60,
        what: "`httpErrors` with `responseMode=\"ExecuteURL\"`, or an error page of `customErrors`, that is a page in a folder of \
               static files, below `aspnet_client`, or on another host.",
        why: "Whoever asks for something that does not exist runs it, and the log shows another address.",
        harmless: "Sites have error pages; they do not lie among pictures.",
        look: Look::File(error_page),
    },
    Check {
        id: "default_document",
        title: "an unusual page answers for a folder",
        score: 35,
        what: "`defaultDocument/files/add` of a page that is not called default, index, home, logon, iisstart or the like, or of a \
               static kind that a handler of the same file runs.",
        why: "The page then runs without its name in the address.",
        harmless: "Sites whose start page has a name of its own.",
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
            hits.push(subject.hit(at, score, format!("visitors are sent to {to}")));
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
    lies_in(address, STATIC_FOLDERS) || is_no_place(address)
}

/// Whether a page at this address lies where no page of an honest site does.
pub(super) fn is_no_place(address: &str) -> bool {
    lies_in(address, NO_PLACE)
}

/// Whether a page at this address lies below one of these folders.
fn lies_in(address: &str, folders: &[&str]) -> bool {
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
            let title = format!("the error {} runs {path}", element.attribute("statusCode"));
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
            hits.push(subject.hit(at, score, format!("the page {name} answers for a folder")));
        }
    }
    hits
}

/// Pages that stock Exchange answers with: `owa`, `exchange.asmx` and the like.
fn is_known_page(name: &str) -> bool {
    crate::catalogue::pages().folders_of(name).next().is_some()
}
