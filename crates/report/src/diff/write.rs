//! Differences as text and as JSONL.

use super::{Change, ChangeKind, Diff, State, Thing};
use crate::jsonl::line;
use crate::record::{SCHEMA, Time};
use crate::text::{grouped, plain};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Changes of one kind that are listed unless all are asked for.
const LISTED: usize = 100;

/// Differences as text, each in a block of lines; what was compared and the counts at the end. `verbose`: all of them.
pub fn diff_table(diff: &Diff, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for kind in [ChangeKind::New, ChangeKind::Changed, ChangeKind::Gone] {
        let of_kind = diff.changes.iter().filter(|change| change.kind == kind);
        let listed = if verbose { usize::MAX } else { LISTED };
        for change in of_kind.take(listed) {
            block(change, out)?;
        }
        let omitted = diff.count(kind).saturating_sub(listed as u64);
        if omitted > 0 {
            writeln!(
                out,
                "{:<8} {} more: -v lists them, -f jsonl has them",
                kind.name().to_uppercase(),
                grouped(omitted)
            )?;
        }
    }
    for note in &diff.notes {
        writeln!(out, "note     {}", plain(note))?;
    }
    for gap in &diff.gaps {
        writeln!(out, "gap      {}", plain(gap))?;
    }
    let [new, changed, gone] =
        [ChangeKind::New, ChangeKind::Changed, ChangeKind::Gone].map(|kind| grouped(diff.count(kind)));
    let raised = diff.changes.iter().filter(|change| change.is_raised()).count();
    let raised = if raised > 0 { format!(" ({raised} raised in level)") } else { String::new() };
    let gaps = if diff.has_gaps() { "; what was not examined may hide more" } else { "" };
    writeln!(out, "{new} new, {changed} changed{raised}, {gone} gone, {} the same{gaps}", grouped(diff.same))
}

/// One change: what became of it, its level and name; then what it is, and what is different.
fn block(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let kind = match change.is_raised() {
        true => "RAISED".to_owned(),
        false => change.kind.name().to_uppercase(),
    };
    let level = change.level().map_or_else(|| "FILE".to_owned(), |level| level.to_string().to_uppercase());
    let host = if change.host.is_empty() { String::new() } else { format!("{}: ", change.host) };
    let client = state(change).client.as_ref().map(|client| format!(" by {client}")).unwrap_or_default();
    let log = if change.thing == Thing::LogHit { "log/" } else { "" };
    writeln!(out, "{kind:<8} {level:<8} {}", plain(&format!("{host}{log}{}{client}", change.name)))?;
    let mut detail = |text: &str| writeln!(out, "                  {}", plain(text));
    let state = state(change);
    if !state.title.is_empty() {
        detail(&state.title)?;
    }
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        if let Some(sha256) = &state.sha256 {
            detail(&format!("sha256 {sha256}"))?;
        }
        let reasons: Vec<&str> = state.reasons.iter().map(String::as_str).collect();
        return detail(&reasons.join(", "));
    };
    if let (Some(old), Some(new)) = (before.level, after.level)
        && old != new
    {
        detail(&format!("level {old} -> {new}"))?;
    }
    if before.sha256 != after.sha256 {
        let hash = |state: &State| state.sha256.clone().unwrap_or_else(|| "none".to_owned());
        detail(&format!("sha256 {} ->", hash(before)))?;
        detail(&format!("       {}", hash(after)))?;
    }
    for (sign, one, other) in [("+", after, before), ("-", before, after)] {
        for reason in one.reasons.difference(&other.reasons) {
            detail(&format!("{sign} {reason}"))?;
        }
    }
    if let Some(last) = after.last.filter(|last| Some(*last) > before.last) {
        detail(&format!("{} lines instead of {}, the last {last}", grouped(after.count), grouped(before.count)))?;
    }
    Ok(())
}

/// The state that describes it.
fn state(change: &Change) -> &State {
    static NONE: std::sync::LazyLock<State> = std::sync::LazyLock::new(State::default);
    change.after.as_ref().or(change.before.as_ref()).unwrap_or(&NONE)
}

/// Differences as JSONL: one object of the kind `difference` for each, and a `diff_end` with the counts. These are no records of a
/// scan, and `report` does not take them.
pub fn diff_jsonl(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let now = Time::now();
    let event = |kind: &str, dataset: &str| json!({ "kind": kind, "module": "shellsift", "dataset": format!("shellsift.{dataset}") });
    for change in &diff.changes {
        let mut own = Map::new();
        let mut set = |name: &str, value: Value| own.insert(name.to_owned(), value);
        set("schema", SCHEMA.into());
        set("record", "difference".into());
        set("change", change.kind.name().into());
        set("of", change.thing.name().into());
        set("raised", change.is_raised().into());
        for (name, state) in [("before", &change.before), ("after", &change.after)] {
            if let Some(state) = state {
                set(name, as_json(state));
            }
        }
        let mut object = json!({ "@timestamp": now, "event": event("alert", "difference"), "shellsift": own });
        if !change.host.is_empty() {
            object["host"] = json!({ "name": change.host });
        }
        match change.thing {
            Thing::LogHit => object["rule"] = json!({ "id": format!("log/{}", change.name) }),
            Thing::Finding | Thing::File => object["file"] = json!({ "path": change.name }),
        }
        out.write_all(&line(&object)?)?;
    }
    let count = |kind| diff.count(kind);
    let own = json!({
        "schema": SCHEMA,
        "record": "diff_end",
        "complete": !diff.has_gaps(),
        "new": count(ChangeKind::New),
        "changed": count(ChangeKind::Changed),
        "gone": count(ChangeKind::Gone),
        "same": diff.same,
        "notes": diff.notes,
        "gaps": diff.gaps,
    });
    out.write_all(&line(&json!({ "@timestamp": now, "event": event("metric", "diff_end"), "shellsift": own }))?)?;
    out.flush()
}

fn as_json(state: &State) -> Value {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| drop((!value.is_null()).then(|| object.insert(name.to_owned(), value)));
    set("level", json!(state.level.map(|level| level.to_string().to_lowercase())));
    set("score", if state.level.is_some() && state.count == 0 { json!(state.score) } else { Value::Null });
    set("sha256", json!(state.sha256));
    set("reasons", json!(state.reasons));
    set("client", json!(state.client));
    set("count", if state.count > 0 { json!(state.count) } else { Value::Null });
    set("last", json!(state.last));
    Value::Object(object)
}
