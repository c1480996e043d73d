//! Differences as text and as JSONL.

use super::{Change, ChangeKind, Diff, State, Thing};
use crate::jsonl::line;
use crate::record::{SCHEMA, Time};
use crate::text::{grouped, plain};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Changes of one kind that are listed unless all are asked for.
const LISTED: usize = 100;
/// The same of files without a finding.
const FILES_LISTED: usize = 25;
const KINDS: [ChangeKind; 3] = [ChangeKind::New, ChangeKind::Changed, ChangeKind::Gone];

/// Differences as text, each in a block of lines, findings and hits before files; what was compared and the counts at the end.
/// `verbose`: all of them.
pub fn diff_table(diff: &Diff, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for (files, listed, what) in [(false, LISTED, ""), (true, FILES_LISTED, " files")] {
        for kind in KINDS {
            let listed = if verbose { usize::MAX } else { listed };
            diff.of(kind, files).take(listed).try_for_each(|change| block(change, out))?;
            let omitted = diff.count(kind, files).saturating_sub(listed as u64);
            if omitted > 0 {
                let kind = kind.name().to_uppercase();
                writeln!(out, "{kind:<8} {} more{what}: -v lists them, -f jsonl has them", grouped(omitted))?;
            }
        }
    }
    for note in &diff.notes {
        writeln!(out, "note     {}", plain(note))?;
    }
    for gap in &diff.gaps {
        writeln!(out, "gap      {}", plain(gap))?;
    }
    if let Some(same) = diff.files_same {
        let [new, changed, gone] = KINDS.map(|kind| grouped(diff.count(kind, true)));
        writeln!(out, "files: {new} new, {changed} changed, {gone} gone, {} the same", grouped(same))?;
    }
    let [new, changed, gone] = KINDS.map(|kind| grouped(diff.count(kind, false)));
    let raised = diff.changes.iter().filter(|change| change.is_raised()).count();
    let raised = if raised > 0 { format!(" ({raised} raised in level)") } else { String::new() };
    let gaps = if diff.has_gaps() { "; what was not examined may hide more" } else { "" };
    let same = grouped(diff.same);
    writeln!(out, "findings and log hits: {new} new, {changed} changed{raised}, {gone} gone, {same} the same{gaps}")
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
        if let Some(known) = change.without_finding {
            let is_same = known.map(hex::encode) == state.sha256;
            let content = if is_same { "the same" } else { "other" };
            let was = if change.kind == ChangeKind::New { "was there before" } else { "is still there" };
            detail(&format!("the file {was}, without a finding, with {content} content"))?;
        }
        let reasons: Vec<&str> = state.reasons.iter().map(String::as_str).collect();
        return if reasons.is_empty() { Ok(()) } else { detail(&reasons.join(", ")) };
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
        if let Some(sha256) = change.without_finding {
            set("without_finding", json!({ "sha256": sha256.map(hex::encode) }));
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
    let count = |kind| diff.count(kind, false);
    let mut own = json!({
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
    if let Some(same) = diff.files_same {
        let [new, changed, gone] = KINDS.map(|kind| diff.count(kind, true));
        own["files"] = json!({ "new": new, "changed": changed, "gone": gone, "same": same });
    }
    out.write_all(&line(&json!({ "@timestamp": now, "event": event("metric", "diff_end"), "shellsift": own }))?)?;
    out.flush()
}

fn as_json(state: &State) -> Value {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| drop((!value.is_null()).then(|| object.insert(name.to_owned(), value)));
    set("level", json!(state.level.map(|level| level.to_string().to_lowercase())));
    set("score", if state.level.is_some() && state.count == 0 { json!(state.score) } else { Value::Null });
    set("sha256", json!(state.sha256));
    set("reasons", if state.reasons.is_empty() { Value::Null } else { json!(state.reasons) });
    set("client", json!(state.client));
    set("count", if state.count > 0 { json!(state.count) } else { Value::Null });
    set("last", json!(state.last));
    Value::Object(object)
}
