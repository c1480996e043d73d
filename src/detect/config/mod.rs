//! Configuration checks: elements that execute code, weaken protection or redirect requests, and the binaries that
//! configuration loads.
//!
//! Hashes say nothing of configuration, since Exchange's own setup and its mitigations edit it: what differs is recognised by
//! comparing elements with `signatures/exchange/modules.csv` and `web_config.csv`.

mod agents;
mod check;
mod handlers;
mod keys;
mod loads;
mod modules;
mod programs;
mod protection;
mod requests;
mod rewrite;
mod runtime;
mod schema;
mod sites;
mod subject;
#[cfg(test)]
mod tests;

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults, piece};
use crate::config::cache::ConfigCache;
use crate::config::text::Text;
use crate::config::{Document, MAX_BYTES};
use crate::decode::View;
use crate::model::server_path::fold;
use crate::model::{Artefact, CheckInfo, Location, Problem, ProblemKind, Reason, Role};
pub use check::Check;
use check::{Look, Program};
pub use rewrite::{Holds, Mitigation, mitigations};
use subject::{FileKind, Hit, Subject};

pub(super) const DETECTOR: Detector = Detector {
    id: "config",
    about: "configuration that executes code, weakens protection or redirects requests, and the modules it loads",
    build: |knowledge: &Knowledge| Box::new(Config { configs: knowledge.configs.as_deref() }),
};

/// Every check of configuration, in the order of the document.
pub fn checks() -> impl Iterator<Item = &'static CheckInfo> {
    let elements = elements().map(|check| &check.check);
    elements.chain(sites::CHECKS).chain([&rewrite::MITIGATION_RULE])
}

/// The checks of elements and of programs.
fn elements() -> impl Iterator<Item = &'static Check> {
    [
        handlers::CHECKS,
        modules::CHECKS,
        runtime::CHECKS,
        loads::CHECKS,
        keys::CHECKS,
        protection::CHECKS,
        requests::CHECKS,
        rewrite::CHECKS,
        agents::CHECKS,
        programs::CHECKS,
        schema::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// How many places a reason shows.
const MAX_LOCATIONS: usize = 8;
/// How much of an element is shown.
const EXCERPT: usize = 240;
/// How many characters a title has at most.
const LONGEST: usize = 400;
/// What the copy of a configuration can have at most: the same is reported for the file that it is a copy of.
const COPY: u8 = 20;

/// What the run has parsed, if anything.
struct Config<'k> {
    configs: Option<&'k ConfigCache>,
}

impl Detect for Config<'_> {
    fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        match FileKind::of(artefact) {
            // What was configured once is compared with what is configured now by the map of sites.
            Some(FileKind::History) => {}
            Some(kind) => file(self.configs, artefact, kind, context, results),
            None => program(artefact, context, results),
        }
    }
}

/// Looks through a configuration file.
fn file(
    configs: Option<&ConfigCache>,
    artefact: &Artefact,
    kind: FileKind,
    context: &ScanContext<'_, '_>,
    results: &mut ScanResults,
) {
    let Some((at, view)) = written(context.views) else { return };
    let text = Text::of(&view.bytes[..view.bytes.len().min(MAX_BYTES)]);
    let parse = || Document::of(&text, view.bytes.len() > MAX_BYTES);
    let (own, parsed);
    let document = match configs {
        Some(configs) => {
            parsed = configs.parse_as(&artefact.path, &view.bytes, parse);
            &parsed.document
        }
        None => {
            own = parse();
            &own
        }
    };
    let kind = kind.by_content(artefact, document);
    broken(artefact, kind, document, results);
    let subject = Subject::new(artefact, kind, document, context.server_code()[at]);
    hidden(&subject, results);
    let before = results.reasons.len();
    let by_check = elements().filter_map(|check| match check.look {
        Look::File(look) => Some((&check.check, look(&subject))),
        Look::Program(_) => None,
    });
    for (check, hits) in by_check.chain(sites::look(&subject)) {
        let hits: Vec<Hit> = hits.into_iter().filter(|hit| hit.score > 0).collect();
        let Some(strongest) = hits.iter().max_by_key(|hit| (hit.score, std::cmp::Reverse(hit.range.start))) else {
            continue;
        };
        let mut title = shortened(&strongest.title);
        match hits.len() {
            1 => {}
            2 => title.push_str(" (and one more)"),
            many => title.push_str(&format!(" (and {} more)", many - 1)),
        }
        let mut score = strongest.score.min(check.score);
        if kind == FileKind::Copy {
            score = score.min(COPY);
            title.push_str("; in the working copy of an application pool");
        }
        let shown = std::iter::once(strongest).chain(hits.iter().filter(|hit| !std::ptr::eq(*hit, strongest)));
        let locations = shown
            .take(MAX_LOCATIONS)
            .map(|hit| {
                let (from, to) = match hit.of_view {
                    true => (hit.range.start, hit.range.end),
                    false => (text.stored(hit.range.start), text.stored(hit.range.end)),
                };
                piece(view, from.min(view.bytes.len())..to.min(view.bytes.len()), EXCERPT, None)
            })
            .collect();
        results.reasons.push(Reason::new(check, score, title, locations));
    }
    // That Microsoft's own rules are there is no reason by itself; beside others it says what they are.
    if results.reasons.len() > before {
        for known in mitigations(document).into_iter().take(MAX_LOCATIONS) {
            let range = &document.elements[known.element].range;
            let range = text.stored(range.start)..text.stored(range.end);
            let locations = vec![piece(view, range, EXCERPT, None)];
            results.reasons.push(Reason::new(&rewrite::MITIGATION_RULE, 0, shortened(&known.in_words()), locations));
        }
    }
}

/// A title in which an attribute may be as long as the file.
fn shortened(title: &str) -> String {
    match title.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &title[..end]),
        None => title.to_owned(),
    }
}

/// The view that the server reads: the file as it is written. `None` for a piece from the middle of a large file.
fn written<'s, 'v>(views: &'s [View<'v>]) -> Option<(usize, &'s View<'v>)> {
    let first = views.first().filter(|view| view.stored_offset(0) == 0)?;
    // Text of that kind inside another file is no other file.
    let begins = matches!(first.bytes.get(..2), Some([0xFF, 0xFE] | [0xFE, 0xFF] | [0, _] | [_, 0]));
    let mut views = views.iter().enumerate().filter(|_| begins);
    let wide = views.find(|(_, view)| matches!(view.encodings.as_str(), "utf16le" | "utf16be"));
    Some(wide.unwrap_or((0, first)))
}

/// Says which parts that load code are encrypted. Passwords are encrypted on many servers, and load none.
fn hidden(subject: &Subject<'_>, results: &mut ScanResults) {
    if !subject.kind.is_read_by_the_server(subject.artefact) {
        return;
    }
    let hidden = loads::encrypted_sections(subject).into_iter().filter(|(_, secret)| !secret);
    let hidden = hidden.map(|(at, _)| subject.element(at).name.as_str()).filter(|name| *name != "appSettings");
    let names: Vec<&str> = hidden.take(MAX_LOCATIONS).collect();
    if !names.is_empty() {
        let message = format!(
            "encrypted sections were not read: {}; decrypt them on the server (aspnet_regiis -pd)",
            names.join(", ")
        );
        results.problems.push(Problem::at(ProblemKind::ConfigMalformed, &subject.artefact.path, message));
    }
}

/// Says where reading ended. Files that no part of the server reads may be called `.config` and hold anything: JSON, SQL, the text
/// of a mail, pieces of markup.
fn broken(artefact: &Artefact, kind: FileKind, document: &Document, results: &mut ScanResults) {
    if !kind.is_read_by_the_server(artefact) {
        return;
    }
    let entities = document
        .has_entities
        .then(|| "declares entities, which were not expanded: their content was not read".to_owned());
    let twice = document.elements.iter().find_map(|element| {
        let names = || element.attributes.iter().map(|(name, _)| name);
        names()
            .enumerate()
            .find(|(at, name)| names().take(*at).any(|other| other == *name))
            .map(|(_, name)| format!("the element {} has the attribute {name} twice, which IIS rejects", element.name))
    });
    // Where the server's own file breaks off is reported when its sites are read; the bounds on elements are this reader's own.
    let read = matches!(fold(&artefact.entry.name).as_str(), "applicationhost.config" | "redirection.config");
    let known = kind == FileKind::Server && artefact.place.role == Role::DropFolder;
    // That of the management service does not start it where it is no XML at all.
    let own = document
        .broken
        .clone()
        .filter(|words| !known || words.starts_with("more than") || !read && !words.starts_with("not an XML"));
    if let Some(message) = own.or(entities).or(document.attributes_left.clone()).or(twice) {
        let problem = Problem::at(ProblemKind::ConfigMalformed, &artefact.path, message);
        if !results.problems.contains(&problem) {
            results.problems.push(problem);
        }
    }
}

/// Looks at a program or library that configuration loads, or could load.
fn program(artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
    let Some(program) = Program::of(artefact, context) else { return };
    if let Some(broken) = program.shape.broken.as_ref().filter(|_| !artefact.loaded_as.is_empty()) {
        let message = format!("its structure is broken: {broken}");
        results.problems.push(Problem::at(ProblemKind::ExecutableMalformed, &artefact.path, message));
    }
    for check in elements() {
        let Look::Program(look) = check.look else { continue };
        if let Some((score, title)) = look(&program) {
            let excerpt = artefact.loaded_as.join("; ");
            let excerpt = if excerpt.is_empty() { program.exports() } else { excerpt };
            let locations = vec![Location::without_place("configuration", excerpt)];
            results.reasons.push(Reason::new(&check.check, score.min(check.check.score), title, locations));
        }
    }
}
