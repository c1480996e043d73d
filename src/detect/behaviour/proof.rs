//! The proof of a behaviour: what was reached, where the data came in, and the names it went through.

use super::facts::{CARRIED, INCLUDE, SENT};
use crate::code::reading::Reading;
use crate::code::tree::NodeId;
use crate::decode::View;
use crate::detect::piece;
use crate::model::{Location, LocationRole};

/// How much text a piece of proof shows.
const EXCERPT: usize = 160;
/// How much text a name of the way shows.
const NAME: usize = 48;
/// How many names of the way are told.
const NAMES: usize = 8;

/// The proof, the strongest sink first, and the way of data to it.
pub(super) fn of(reading: &Reading, view: &View<'_>, shown: &[usize]) -> (Vec<Location>, Vec<String>) {
    if let Some(carried) = shown.first().and_then(|at| at.checked_sub(CARRIED)) {
        let range = reading.structure.carried.get(carried).map_or(0..0, |carried| carried.range.clone());
        return (vec![piece(view, range, EXCERPT, Some(LocationRole::Sink))], Vec::new());
    }
    if let Some(sent) = shown.first().and_then(|at| at.checked_sub(SENT)) {
        let range = reading.sent.get(sent).map_or(0..0, |sent| sent.range.clone());
        return (vec![piece(view, range, EXCERPT, Some(LocationRole::Sink))], Vec::new());
    }
    if let Some(include) = shown.first().and_then(|at| at.checked_sub(INCLUDE)) {
        let range = reading.structure.includes.get(include).map_or(0..0, |include| include.range.clone());
        return (vec![piece(view, range, EXCERPT, Some(LocationRole::Sink))], Vec::new());
    }
    let events: Vec<_> = shown.iter().filter_map(|&at| reading.flow.events.get(at)).collect();
    let Some(first) = events.first() else { return (Vec::new(), Vec::new()) };
    let mut proof = vec![node(reading, view, first.node, LocationRole::Sink)];
    let mut path = Vec::new();
    let step = first.main.step.or(first.second.step);
    let way = reading.way(step);
    for (number, step) in way.iter().enumerate() {
        let role = if number == 0 { LocationRole::Source } else { LocationRole::Step };
        if proof.len() < 6 {
            let next = node(reading, view, step.node, role);
            if !proof.iter().any(|known| known.offset == next.offset && known.excerpt == next.excerpt) {
                proof.push(next);
            }
        }
        let name = match step.var {
            Some(var) => reading.tree.vars.get(var as usize).map(|var| reading.interner.name(var.symbol)),
            None => None,
        };
        let name = match name {
            Some(name) => shorten(name),
            None => text(reading, view, step.node),
        };
        if path.last() != Some(&name) && path.len() < NAMES && !name.is_empty() {
            path.push(name);
        }
    }
    if !path.is_empty() {
        let callee = reading.callee(first);
        let sink = if callee.is_empty() { text(reading, view, first.node) } else { shorten(callee) };
        if path.last() != Some(&sink) {
            path.push(sink);
        }
    }
    for event in &events[1..] {
        let next = node(reading, view, event.node, LocationRole::Sink);
        if !proof.iter().any(|known| known.offset == next.offset) {
            proof.push(next);
        }
    }
    (proof, path)
}

/// The way of data to the strongest sink and that sink, as places in the view; empty where there is no way.
pub(super) fn way(reading: &Reading, shown: &[usize]) -> Vec<usize> {
    let Some(event) = shown.first().and_then(|at| reading.flow.events.get(*at)) else { return Vec::new() };
    let step = event.main.step.or(event.second.step);
    let way = reading.way(step);
    let sink = (!way.is_empty()).then_some(event.node);
    way.iter().map(|step| step.node).chain(sink).map(|node| reading.range(node).start).collect()
}

fn node(reading: &Reading, view: &View<'_>, node: NodeId, role: LocationRole) -> Location {
    piece(view, reading.range(node), EXCERPT, Some(role))
}

/// The text of a node, blanks drawn together.
fn text(reading: &Reading, view: &View<'_>, node: NodeId) -> String {
    let range = reading.range(node);
    let bytes = view.bytes.get(range.start..range.end.min(range.start + 4 * NAME)).unwrap_or_default();
    shorten(bytes)
}

fn shorten(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * NAME)]);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(NAME) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
