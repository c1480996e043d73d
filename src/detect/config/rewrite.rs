//! URL rewrite rules: Microsoft's mitigations, and rules that redirect requests.

use super::requests::{is_no_place, is_odd_place, leads_away};
use super::subject::{Hit, Subject, file_name};
use super::{Check, CheckInfo, Look};
use crate::catalogue::default_config;
use crate::catalogue::default_config::MitigationFact;
use crate::config::Document;
use crate::model::file_types::{self, Uses};
use crate::model::server_path::fold;
use std::collections::HashSet;

/// Beside other reasons of a file it says what the known rules are.
pub(super) const MITIGATION_RULE: CheckInfo = CheckInfo {
    id: "config/mitigation_rule",
    title: "a known Microsoft mitigation",
    score: 0,
    looks_for: "A rewrite rule with the name and condition of one that Microsoft published against an attack (EOMT, \
                Exchange Emergency Mitigation service).",
    why: "Listed with a score of 0 next to other findings in the same file, so that the rule is not taken for an \
          attacker's.",
    benign_look_alikes: "The rule itself is benign.",
    ..CheckInfo::EMPTY
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/url_rewrite",
            title: "URLs are rewritten to a page or to another host",
            score: 65,
            looks_for: "`rewrite` rules that send requests for a static file to a page, into a folder that should \
                        contain none, or to another host; outbound rules that inject script into pages. Microsoft's \
                        own mitigation rules are recognised by their patterns.",
            why: "The log then shows the URL of an image while a page executes; or a proxy on the server opens the \
                  internal network, or a logon page elsewhere collects passwords.",
            benign_look_alikes: "Sites map old URLs to new ones, and all URLs to one page; a page generates the site \
                                 map; proxies are configured on purpose. Outside Exchange these score low.",
            attack: &["T1505.003", "T1090"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(rules),
    },
    Check {
        check: CheckInfo {
            id: "config/mitigation_disabled",
            title: "a mitigation rule is removed or disabled",
            score: 65,
            looks_for: "`clear` or `remove` in the rewrite rules of a subfolder, which disables the mitigation rules \
                        of the site for it; a Microsoft mitigation rule that is disabled.",
            why: "It reopens the vulnerability that the mitigation closed, for the folder that matters.",
            benign_look_alikes: "`clear` before a site's own rules; not reported where the same list adds the \
                                 mitigation again.",
            attack: &["T1562.001"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(mitigation_off),
    },
];

/// Whether a mitigation protects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It is set as Microsoft documents it.
    Yes,
    /// It does not: why.
    No(String),
    /// Unknown whether it does: why.
    Unknown(String),
}

/// A rule of Microsoft's against an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mitigation {
    /// The vulnerability; empty where it is not known.
    pub cve: String,
    /// What sets such a rule: `EOMT`, `EEMS`.
    pub by: String,
    /// What the rule is called here. Raw.
    pub rule: String,
    /// The `location` it stands in. Raw.
    pub location: Option<String>,
    /// Whether it protects.
    pub holds: Holds,
    /// The rule, by its place in [`Document::elements`].
    pub element: usize,
}

impl Mitigation {
    /// One line for a report.
    pub fn in_words(&self) -> String {
        let against = if self.cve.is_empty() { String::new() } else { format!(" for {}", self.cve) };
        match &self.holds {
            Holds::Yes => format!("Microsoft's mitigation{against} is in force here ({}: {})", self.by, self.rule),
            Holds::No(why) => {
                format!("Microsoft's mitigation{against} is here but does not hold: {why} ({})", self.rule)
            }
            Holds::Unknown(why) => format!("a Microsoft mitigation is present, but {why} ({})", self.rule),
        }
    }
}

/// Every rewrite rule of a configuration file that Microsoft gave out against an attack, by its condition or by its name, in
/// the order of the file.
pub fn mitigations(document: &Document) -> Vec<Mitigation> {
    let facts = default_config().mitigations();
    let rules = (0..document.elements.len()).filter(|&at| document.elements[at].name == "rule");
    rules.filter_map(|at| mitigation(document, at, facts)).collect()
}

fn mitigation(document: &Document, at: usize, facts: &'static [MitigationFact]) -> Option<Mitigation> {
    let rule = &document.elements[at];
    let name = rule.attribute("name");
    let condition = |at: usize| {
        let element = &document.elements[at];
        (fold(element.attribute("input")), fold(element.attribute("pattern")), element.is_true("negate"))
    };
    let below = || document.children(at).map(|child| (child, document.elements[child].name.as_str()));
    let conditions: Vec<_> = below()
        .filter(|(_, name)| *name == "conditions")
        .flat_map(|(at, _)| document.children(at))
        .filter(|&at| document.elements[at].name == "add")
        .map(condition)
        .collect();
    let by_pattern = facts.iter().find(|fact| {
        let same = |(input, pattern, _): &(String, String, bool)| *input == fact.input && *pattern == fact.pattern;
        !fact.pattern.is_empty() && conditions.iter().any(same)
    });
    let by_name = || facts.iter().find(|fact| fact.name.eq_ignore_ascii_case(name));
    let fact = by_pattern.or_else(by_name)?;
    let child = |wanted: &str| below().find(|(_, name)| *name == wanted).map(|(at, _)| &document.elements[at]);
    let url = child("match").map_or("", |element| element.attribute("url"));
    let action = fold(child("action").map_or("", |element| element.attribute("type")));
    let no = |why: &str| Holds::No(why.to_owned());
    let holds = match () {
        () if rule.attribute("enabled").eq_ignore_ascii_case("false") => no("the rule is disabled"),
        () if fact.works.is_none() => Holds::Unknown("of unknown purpose".to_owned()),
        () if by_pattern.is_none() => no("its condition differs from Microsoft's"),
        () if fact.works == Some(false) => no("its condition is an early version that was bypassed"),
        () if conditions.iter().any(|(_, _, negate)| *negate) => no("its condition is negated"),
        () if conditions.len() > 1
            && child("conditions")
                .is_none_or(|element| !element.attribute("logicalGrouping").eq_ignore_ascii_case("MatchAny")) =>
        {
            no("it has an additional condition")
        }
        () if !matches!(url, ".*" | "(.*)" | "^.*$") => no("it does not match every URL"),
        () if child("match").is_some_and(|element| element.is_true("negate")) => no("it matches no URL"),
        () if !matches!(action.as_str(), "abortrequest" | "customresponse") => no("it does not block the request"),
        () => Holds::Yes,
    };
    Some(Mitigation {
        cve: fact.cve.clone(),
        by: fact.by.clone(),
        rule: name.to_owned(),
        location: document.location(at).map(str::to_owned),
        holds,
        element: at,
    })
}

fn mitigation_off(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let known = mitigations(subject.document);
    let facts = default_config().mitigations();
    // What is cleared is what stands before and above; a mitigation in the same list holds.
    let holding = known.iter().filter(|known| known.holds == Holds::Yes);
    let lists: HashSet<Option<usize>> = holding.map(|known| subject.element(known.element).parent).collect();
    for (at, list) in subject.at(&["rewrite", "rules", "clear"]) {
        if !lists.contains(&list.parent) {
            let score = if subject.is_of_exchange() { 55 } else { 20 };
            let title = "the site's rewrite rules, including Microsoft's mitigations, do not apply here";
            hits.push(subject.hit(at, score, title.to_owned()));
        }
    }
    for (at, element) in subject.at(&["rewrite", "rules", "remove"]) {
        let name = element.attribute("name");
        if let Some(fact) = facts.iter().find(|fact| fact.name.eq_ignore_ascii_case(name)) {
            let cve = if fact.cve.is_empty() { "an attack" } else { &fact.cve };
            hits.push(subject.hit(at, 65, format!("Microsoft's mitigation for {cve} is removed here: {name}")));
        }
    }
    for known in known {
        if known.holds == Holds::No("the rule is disabled".to_owned()) {
            hits.push(subject.hit(known.element, 45, known.in_words()));
        }
    }
    hits
}

/// Whether a rule is one of `rewrite`, also in a part of a configuration (`configSource`), whose root is the list of rules.
fn is_of_rewrite(document: &Document, at: usize) -> bool {
    let path = document.path(at);
    path.contains(&"rewrite") || matches!(path.first(), Some(&("rules" | "globalRules" | "outboundRules")))
}

/// What patterns of static files end in.
fn rules(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let exchange = subject.is_of_exchange();
    let known: HashSet<usize> = mitigations(subject.document).iter().map(|known| known.element).collect();
    for (at, rule) in subject.at(&["rule"]) {
        if !is_of_rewrite(subject.document, at) || known.contains(&at) {
            continue;
        }
        if rule.attribute("enabled").eq_ignore_ascii_case("false") {
            continue;
        }
        let child = |wanted: &str| {
            let mut children = subject.document.children(at);
            children.find(|&at| subject.element(at).name == wanted).map(|at| subject.element(at))
        };
        let Some(action) = child("action") else { continue };
        let outbound = subject.document.ends_with(at, &["outboundRules", "rule"]);
        let to = action.attribute(if outbound { "value" } else { "url" });
        let from = fold(child("match").map_or("", |element| element.attribute("url")));
        let name = rule.attribute("name");
        let rewrites = action.attribute("type").eq_ignore_ascii_case("Rewrite");
        let target = to.split(['?', '#']).next().unwrap_or(to);
        let page = file_types::is_server_code(file_name(target));
        // Patterns write the point as `\.`, and often several kinds in brackets.
        let of_static = file_types::extensions(Uses::STATIC_URL).iter().any(|kind| {
            from.match_indices(kind).any(|(at, _)| {
                let before = from.get(..at).and_then(|text| text.chars().next_back());
                let after = from.get(at + kind.len()..).and_then(|text| text.chars().next());
                matches!(before, Some('.' | '(' | '|')) && !after.is_some_and(|c| c.is_ascii_alphanumeric())
            })
        });
        let (score, what) = match () {
            () if outbound && fold(to).contains("<script") => {
                (if exchange { 65 } else { 40 }, "a rule injects script into pages")
            }
            () if outbound => continue,
            // A site map or a picture that a page draws.
            () if rewrites && page && of_static => {
                let score = if exchange || is_no_place(target) { 65 } else { 25 };
                (score, "a rule executes a page for the URL of a static file")
            }
            () if page && is_odd_place(target) => {
                let score = if exchange || is_no_place(target) { 60 } else { 40 };
                (score, "a rule leads to a page in a folder that should contain none")
            }
            () if rewrites && leads_away(to) => {
                (if exchange { 50 } else { 25 }, "a rule forwards requests to another host")
            }
            () if action.attribute("type").eq_ignore_ascii_case("Redirect") && leads_away(to) => {
                (if exchange { 40 } else { 15 }, "a rule redirects visitors to another host")
            }
            () => continue,
        };
        hits.push(subject.hit(at, score, format!("{what}: {to} ({name})")));
    }
    // What a rule looks up.
    for (at, entry) in subject.at(&["rewriteMap", "add"]) {
        let kind = |address: &str| file_types::of_name(file_name(address.split(['?', '#']).next().unwrap_or(address)));
        let (from, to) = (entry.attribute("key"), entry.attribute("value"));
        if kind(from).is(Uses::STATIC_URL) && kind(to).is(Uses::SERVER_CODE) {
            let score = if exchange || is_no_place(to) { 65 } else { 25 };
            let title = format!("a rewrite map leads from a static file to a page: {from} to {to}");
            hits.push(subject.hit(at, score, title));
        }
    }
    hits
}
