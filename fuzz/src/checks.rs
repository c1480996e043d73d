//! What must hold of any input. The suite takes this file too, for the inputs that are kept.

#[path = "program.rs"]
mod program;

use super::code::lex::{Tokens, lex};
use super::code::reading::{Budget, Reading, read};
use super::code::structure::{BlockKind, Language, Structure};
use super::code::token::{Interner, Kind};
use super::config::Document;
use super::config::deviations::{DefaultSiteRow, DefaultSites, deviations};
use super::config::handling::runs;
use super::config::scopes::{ConfigScopes, EffectiveConfig};
use super::config::server::Server;
use std::ops::Range;

/// Names that choose each way of reading a page; the first byte of an input chooses one of them.
const NAMES: &[&str] = &[
    "a.aspx",
    "a.asp",
    "a.ashx",
    "a.cshtml",
    "a.vbhtml",
    "a.cs",
    "a.vb",
    "global.asax",
    "a.txt",
    "a.jsp",
    "a.asp;.jpg",
    "a.php",
    "a.jspx",
    "",
];

/// The first byte of an input as a choice, and what is left of it.
fn choose(data: &[u8]) -> Option<(&'static str, &[u8])> {
    let (&first, rest) = data.split_first()?;
    Some((NAMES[first as usize % NAMES.len()], rest))
}

fn inside(range: &Range<usize>, text: &[u8]) {
    assert!(range.start <= range.end && range.end <= text.len(), "{range:?} is not in a text of {}", text.len());
}

/// What a page is made of lies inside it, blocks in order.
pub fn structure(data: &[u8]) {
    let Some((name, text)) = choose(data) else { return };
    let structure = Structure::read(text, name);
    let mut behind = 0;
    for block in &structure.blocks {
        inside(&block.range, text);
        assert!(block.range.start >= behind, "blocks overlap at {:?}", block.range);
        behind = block.range.end;
    }
    for directive in &structure.directives {
        inside(&directive.range, text);
    }
    for element in &structure.elements {
        inside(&element.range, text);
        for (_, value) in &element.attributes {
            inside(value, text);
        }
    }
    for include in &structure.includes {
        inside(&include.range, text);
    }
}

/// Tokens lie inside the text and do not go back in it, and what they name exists. The last byte says how many may be read.
pub fn lexer(data: &[u8], language: Language) {
    let Some((&last, text)) = data.split_last() else { return };
    let budget = if last < 16 { usize::from(last) } else { usize::MAX };
    let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
    lex(text, 0..text.len(), language, BlockKind::Statements, &mut interner, &mut tokens, budget);
    assert!(tokens.tokens.len() <= budget);
    let mut before = 0;
    for token in &tokens.tokens {
        let (start, end) = (token.start as usize, token.end as usize);
        inside(&(start..end), text);
        assert!(start >= before, "{token:?} goes back behind {before}");
        before = start;
        match token.kind {
            Kind::Name => assert!((token.value as usize) < interner.len()),
            Kind::Literal => {
                let (start, end) = interner.literals[token.value as usize];
                inside(&(start as usize..end as usize), &interner.bytes);
            }
            _ => {}
        }
    }
    // A literal is never longer than what it was written as, so the budget on files bounds memory.
    assert!(interner.bytes.len() <= text.len() * 3);
}

/// What a page does, read with little to spend.
pub fn reading(data: &[u8]) {
    let Some((name, text)) = choose(data) else { return };
    check(text, &read(text, name, Budget { tokens: 20_000, constants: 1 << 18, steps: 20_000, visits: 200_000 }));
}

/// A small program of string functions, made from the input, and what it comes to.
pub fn fold(data: &[u8]) {
    let Some((text, name)) = program::page(data) else { return };
    check(&text, &read(&text, name, Budget { tokens: 20_000, constants: 1 << 18, steps: 20_000, visits: 200_000 }));
}

/// Whether all that was read lies inside the text, and all numbers lead somewhere.
fn check(text: &[u8], reading: &Reading) {
    let nodes = reading.tree.nodes.len();
    for placed in &reading.tree.nodes {
        inside(&(placed.start as usize..placed.end as usize), text);
        assert!((placed.function as usize) < reading.tree.functions.len());
    }
    if nodes > 0 {
        assert_eq!(reading.flow.values.len(), nodes);
    }
    for step in &reading.flow.steps {
        inside(&reading.range(step.node), text);
        assert!(step.from.is_none_or(|from| from.index() < reading.flow.steps.len()));
    }
    for event in &reading.flow.events {
        assert!((event.node as usize) < nodes);
        inside(&reading.range(event.node), text);
        let _ = reading.callee(event);
        for value in [event.main, event.second] {
            assert!(reading.data_flow(value.step).len() <= 16);
            let _ = reading.flow.texts.text(value.constant);
        }
    }
}

/// Elements of a configuration lie inside its text, each behind the one it lies in; sites, settings and departures come of it.
pub fn configuration(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let document = Document::parse(&text);
    for (at, element) in document.elements.iter().enumerate() {
        inside(&element.range, text.as_bytes());
        assert!(text.is_char_boundary(element.range.start) && text.is_char_boundary(element.range.end));
        assert!(element.parent.is_none_or(|parent| parent < at));
    }
    let server = Server::of(&document);
    let defaults = |site: &str, application: &str, physical: &str| DefaultSiteRow {
        site: site.to_owned(),
        application: application.to_owned(),
        folder: "/".to_owned(),
        pool: "P".to_owned(),
        physical: physical.to_owned(),
    };
    let site = "Default Web Site";
    let defaults = DefaultSites::new([
        defaults(site, "/", r"%SystemDrive%\inetpub\wwwroot"),
        defaults(site, "/owa", r"<ExchangeInstallPath>\FrontEnd\HttpProxy\owa"),
    ]);
    for deviation in deviations(&server, &defaults, 'C', &[]) {
        inside(&deviation.range, text.as_bytes());
        assert!(deviation.score <= 100 && !deviation.words.is_empty());
    }
    let layers = ConfigScopes::of(&document);
    let mut effective = EffectiveConfig::default();
    for (place, is_root) in [("", true), ("default web site", true), ("", false), ("s", false)] {
        effective.enter(&layers, place, true, is_root, &layers);
    }
    for url in ["/", "/x.aspx", "/bin/a.gif", "/s/ab.q", "/\u{fc}"] {
        let pool = server.pools.values().next();
        assert!(!runs(&effective, url, pool).in_words().is_empty());
    }
}
