//! Request filtering, logging, authentication and related protection settings.

use super::subject::{FileKind, Hit, Subject};
use super::{Check, CheckInfo, Look};
use crate::code::page::Mark;
use crate::model::server_path::fold;
use std::collections::HashSet;

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/server_code_in_config",
            title: "server code in a configuration file",
            score: 75,
            looks_for: "A page directive, a code block or a server-side script anywhere in the file, including \
                        comments. What the code does is reported separately.",
            why: "With two lines that map `.config` to a script engine the file is a page and can be requested as one.",
            benign_look_alikes: "None known. Installer templates contain `<% %>`, but do not have the extension \
                                 `.config`.",
            attack: &["T1505.003", "T1036.008"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(server_code),
    },
    Check {
        check: CheckInfo {
            id: "config/request_filtering_weakened",
            title: "IIS serves files that it blocks by default",
            score: 80,
            looks_for: "Request filtering (`hiddenSegments`, `fileExtensions`) with all entries removed, or those for \
                        `web.config`, `bin`, `App_Code`, code or configuration; `add` with `allowed=\"true\"` for such \
                        an extension.",
            why: "A `web.config` that is a page cannot be requested without this change.",
            benign_look_alikes: "Sites that serve a file type they need, rarely one of these.",
            attack: &["T1562.001", "T1505.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(request_filter),
    },
    Check {
        check: CheckInfo {
            id: "config/http_logging_disabled",
            title: "HTTP logging is disabled",
            score: 55,
            looks_for: "`httpLogging dontLog=\"true\"`, `logFile enabled=\"false\"`, or logging of failed requests \
                        only.",
            why: "Requests leave no trace.",
            benign_look_alikes: "Health checks of load balancers are sometimes not logged, and busy sites save disk \
                                 space: it scores less where no Exchange is known.",
            attack: &["T1562.002"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(logging),
    },
    Check {
        check: CheckInfo {
            id: "config/anonymous_access",
            title: "anonymous access to an Exchange path",
            score: 55,
            looks_for: "`anonymousAuthentication enabled=\"true\"` in applicationHost.config for an Exchange path \
                        where it is off on every captured server: PowerShell, mapi, OAB, ActiveSync, Rpc, owa of the \
                        front end, and their back ends.",
            why: "The application behind it then receives unauthenticated requests; some attacks set this on purpose.",
            benign_look_alikes: "Certificate-based clients, and repair attempts that were never reverted.",
            attack: &["T1562", "T1556"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(anonymous),
    },
    Check {
        check: CheckInfo {
            id: "config/dtd",
            title: "a configuration file declares a DTD",
            score: 45,
            looks_for: "`<!DOCTYPE`. Its entities are not expanded.",
            why: "Entities hide text from people who read the file, or include other files; IIS never writes one.",
            benign_look_alikes: "None known.",
            attack: &["T1027"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(document_type),
    },
];

fn server_code(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(code) = subject.code.filter(|code| code.mark > Mark::Template) else { return Vec::new() };
    let title = format!("a configuration file that contains server code: {}", code.mark.name());
    vec![Hit { range: code.start..code.end, of_view: true, score: 75, title }]
}

/// Segments that IIS hides by default, by how much it says that one is not any more.
const HIDDEN: &[(&str, u8)] = &[
    ("web.config", 80),
    // Packages for browsers have folders of this name.
    ("bin", 40),
    ("app_code", 45),
    ("app_globalresources", 25),
    ("app_localresources", 25),
    ("app_webreferences", 25),
    ("app_data", 35),
    ("app_browsers", 25),
];
/// Extensions that IIS gives to nobody by default, and that hold code or configuration.
const FORBIDDEN: &[&str] = &[
    "config",
    "cs",
    "csproj",
    "vb",
    "vbproj",
    "asax",
    "ascx",
    "master",
    "skin",
    "browser",
    "sitemap",
    "resx",
    "resources",
    "licx",
    "webinfo",
    "ldb",
    "mdb",
    "mdf",
    "java",
    "jsl",
];

fn request_filter(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, element) in subject.at(&["hiddenSegments", "remove"]) {
        let segment = fold(element.attribute("segment"));
        if let Some((_, score)) = HIDDEN.iter().find(|(known, _)| *known == segment) {
            // In Exchange a step more.
            let score = if subject.is_of_exchange() { score + 10 } else { *score };
            hits.push(subject.hit(at, score.min(80), format!("IIS no longer hides {segment}")));
        }
    }
    for (path, what) in [
        (["hiddenSegments", "clear"], "hidden folders and files"),
        (["fileExtensions", "clear"], "denied file extensions"),
    ] {
        // The server's own file begins its lists anew before it fills them. Several in one list say no more than one.
        let mut seen = HashSet::new();
        let filled = |at: usize| {
            let list = subject.element(at).parent;
            list.is_some_and(|list| {
                let name = |at: usize| fold(subject.element(at).attribute("segment").trim_start_matches('.'));
                let kind = |at: usize| fold(subject.element(at).attribute("fileExtension").trim_start_matches('.'));
                subject.document.children(list).any(|at| name(at) == "web.config" || kind(at) == "config")
            })
        };
        let first = |at: &usize| seen.insert(subject.element(*at).parent);
        let lists: Vec<usize> = subject.at(&path).map(|(at, _)| at).filter(first).collect();
        for at in lists.into_iter().filter(|at| !filled(*at)) {
            // Galleries and file managers do so; a file of a kind without a type of content is still not sent.
            let score = if subject.is_of_exchange() { 60 } else { 45 };
            hits.push(subject.hit(at, score, format!("IIS request filtering is cleared: all {what}")));
        }
    }
    for (at, element) in subject.at(&["fileExtensions", "remove"]) {
        let kind = fold(element.attribute("fileExtension").trim_start_matches('.'));
        if FORBIDDEN.contains(&kind.as_str()) {
            let score = if kind == "config" { 75 } else { 45 };
            hits.push(subject.hit(at, score, format!("IIS no longer blocks .{kind} files")));
        }
    }
    for (at, element) in subject.at(&["fileExtensions", "add"]).filter(|(_, element)| element.is_true("allowed")) {
        let kind = fold(element.attribute("fileExtension").trim_start_matches('.'));
        if FORBIDDEN.contains(&kind.as_str()) {
            let score = if kind == "config" { 80 } else { 45 };
            hits.push(subject.hit(at, score, format!("IIS serves .{kind} files")));
        }
    }
    hits
}

fn logging(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    // On an Exchange server everything is logged.
    let score = if subject.exchange.is_some() { 55 } else { 40 };
    let place = |at| match subject.document.location(at) {
        Some("") | None => String::new(),
        Some(location) => format!(" at {location}"),
    };
    for at in subject.named("httpLogging") {
        let element = subject.element(at);
        if element.is_true("dontLog") {
            hits.push(subject.hit(at, score, format!("requests are not logged{}", place(at))));
        } else if fold(element.attribute("selectiveLogging")) == "logerror" {
            hits.push(subject.hit(at, score - 10, format!("only failed requests are logged{}", place(at))));
        }
    }
    if matches!(subject.kind, FileKind::Server | FileKind::Copy) {
        for at in subject
            .named("logFile")
            .filter(|&at| subject.element(at).attribute("enabled").eq_ignore_ascii_case("false"))
        {
            let site = subject.element(at).parent.map_or("", |parent| subject.element(parent).attribute("name"));
            let site = if site.is_empty() { "every site".to_owned() } else { format!("the site {site}") };
            hits.push(subject.hit(at, score, format!("requests of {site} are not logged")));
        }
    }
    hits
}

fn anonymous(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    if !matches!(subject.kind, FileKind::Server | FileKind::Copy) {
        return hits;
    }
    for at in subject.named("anonymousAuthentication").filter(|&at| subject.element(at).is_true("enabled")) {
        let Some(place) = subject.document.location(at).filter(|place| subject.defaults.asks_for_a_name(place)) else {
            continue;
        };
        let score = if fold(place).contains("powershell") { 55 } else { 35 };
        hits.push(subject.hit(at, score, format!("anonymous access to {place}")));
    }
    hits
}

fn document_type(subject: &Subject<'_>) -> Vec<Hit> {
    if !subject.document.has_document_type {
        return Vec::new();
    }
    let end = subject.document.elements.first().map_or(0, |element| element.range.start);
    vec![Hit { range: 0..end, of_view: false, score: 45, title: "a configuration file that declares a DTD".to_owned() }]
}
