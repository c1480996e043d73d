//! SARIF 2.1.0 (OASIS standard): one run per run, one result per finding and per sign of exploitation in logs. Viewers and code
//! scanning services read it.

mod parts;
#[cfg(test)]
mod tests;

use super::facts::{Technique, cve_url, ended, gaps, is_cve, md5, millis, sha1, sha256, started, techniques};
use super::json::{List, object, open, set};
use crate::case::{Case, Entry, Run};
use crate::model::{Level, ReasonKind};
use crate::record::{FindingBody, HitBody};
use crate::text::plain;
use crate::{Format, Style};
use parts::{Rules, artifact, code_flows, location, message, place};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(crate) const FORMAT: Format = Format {
    id: "sarif",
    extension: "sarif",
    about: "SARIF 2.1.0: one result per finding, with locations and data flows; gaps as notifications",
    findings_only: true,
    write: Some(write),
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const ATTACK: &str = "MITRE ATT&CK";

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    open(&object(json!({"$schema": SCHEMA, "version": "2.1.0"})), out)?;
    write!(out, ",\n\"runs\":[")?;
    let mut separator = "\n";
    for run in &case.runs {
        out.write_all(separator.as_bytes())?;
        separator = ",\n";
        write_run(run, out)?;
    }
    if !case.unread.is_empty() || !case.notes.is_empty() {
        out.write_all(separator.as_bytes())?;
        super::json::write(&unread(case), out)?;
    }
    out.write_all(b"]}\n")
}

/// A run without results, for what could not be read.
fn unread(case: &Case) -> Value {
    let of = |level: &'static str| move |text: &String| json!({"level": level, "message": {"text": message(text)}, "descriptor": {"id": "results_not_read"}});
    let texts: Vec<Value> = case.unread.iter().map(of("warning")).chain(case.notes.iter().map(of("note"))).collect();
    let invocation = json!({"executionSuccessful": case.unread.is_empty(), "toolExecutionNotifications": texts});
    json!({"tool": {"driver": {"name": "shellsift"}}, "invocations": [invocation]})
}

fn write_run(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let rules = rules(run);
    let taxa = taxa(run);
    let artifacts = artifacts(run);
    let version = run.observer.as_ref().map(|observer| plain(&observer.version));
    let mut driver = json!({"name": "shellsift", "rules": rules.list});
    set(&mut driver, "version", version.filter(|version| !version.is_empty()));
    if !taxa.is_empty() {
        set(&mut driver, "supportedTaxonomies", Some(json!([{"name": ATTACK, "index": 0}])));
    }
    let server = plain(run.server());
    let mut head = json!({
        "tool": {"driver": driver},
        "automationDetails": {"id": format!("shellsift/{server}/{}", plain(&run.scan_id))},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation(run)],
        "properties": {"server": server},
    });
    if !taxa.is_empty() {
        let taxa: Vec<Value> = taxa.values().map(parts::taxon).collect();
        let taxonomy = json!({"name": ATTACK, "organization": "MITRE", "informationUri": "https://attack.mitre.org/", "taxa": taxa});
        set(&mut head, "taxonomies", Some(json!([taxonomy])));
    }
    open(&object(head), out)?;
    let mut list = List::member("artifacts", out)?;
    for (finding, _) in artifacts.values() {
        list.add(&artifact(finding, [sha256, sha1, md5]))?;
    }
    list.end()?;
    let places: BTreeMap<&str, usize> = artifacts.iter().map(|(path, (_, at))| (*path, *at)).collect();
    let taxa: BTreeMap<&str, usize> = taxa.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let results = Results { rules, places, taxa };
    let mut list = List::member("results", out)?;
    for finding in &run.findings {
        list.add(&results.finding(finding))?;
    }
    for hit in &run.hits {
        list.add(&results.hit(hit))?;
    }
    list.end()?;
    out.write_all(b"}")
}

/// The files of findings in the order of their paths, each with its index.
type Artifacts<'c> = BTreeMap<&'c str, (&'c Entry<FindingBody>, usize)>;

fn artifacts(run: &Run) -> Artifacts<'_> {
    let mut files: Artifacts<'_> = BTreeMap::new();
    for finding in run.findings.iter().filter(|finding| !finding.path().is_empty()) {
        files.entry(finding.path()).or_insert((finding, 0));
    }
    files.values_mut().enumerate().for_each(|(index, (_, at))| *at = index);
    files
}

/// The rules of a run: the ids of all reasons and of all checks of logs.
fn rules(run: &Run) -> Rules {
    let mut rules = Rules::default();
    for reason in run.findings.iter().flat_map(|finding| &finding.body.reasons) {
        let reference = reason.rule.as_ref().and_then(|rule| rule.reference.as_deref());
        // The titles of other kinds name what was found.
        let fixed = matches!(reason.kind.0, ReasonKind::Signature | ReasonKind::Behaviour);
        rules.add(&reason.id, fixed.then_some(reason.title.as_str()), reference);
    }
    for hit in &run.hits {
        let cve = hit.body.hit.cves.iter().find(|cve| is_cve(cve)).map(|cve| cve_url(cve));
        rules.add(&hit.body.hit.check, None, cve.as_deref());
    }
    rules
}

/// The techniques of a run, by id.
fn taxa(run: &Run) -> BTreeMap<&str, Technique<'_>> {
    let findings = run.findings.iter().map(|finding| &finding.head);
    let heads = findings.chain(run.hits.iter().map(|hit| &hit.head));
    heads.flat_map(|head| techniques(head.threat.as_ref())).map(|technique| (technique.id, technique)).collect()
}

/// How the run went, with what it did not examine.
fn invocation(run: &Run) -> Value {
    let end = run.end.as_ref();
    let summary = end.and_then(|end| end.summary.as_ref());
    let interrupted = summary.is_some_and(|summary| summary.interrupted);
    let mut notifications: Vec<Value> = Vec::new();
    for problem in &run.problems {
        let error = problem.head.error.as_ref().map_or(&problem.head.message, |error| &error.message);
        let mut one = json!({
            "level": if problem.body.gap { "warning" } else { "note" },
            "message": {"text": message(error)},
            "descriptor": {"id": problem.body.kind},
            "timeUtc": millis(problem.head.event.created),
        });
        let path = Some(problem.path()).filter(|path| !path.is_empty());
        set(&mut one, "locations", path.map(|path| json!([place(path, None)])));
        notifications.push(one);
    }
    for gap in gaps(run) {
        let text = message(&format!("not complete: {gap}"));
        notifications
            .push(json!({"level": "warning", "message": {"text": text}, "descriptor": {"id": "not_complete"}}));
    }
    let left_out =
        "Timeline, requests, log coverage, patch level, sites and what to do now are in the JSONL output alone.";
    notifications.push(json!({"level": "note", "message": {"text": left_out}, "descriptor": {"id": "left_out"}}));
    let mut invocation = json!({
        "executionSuccessful": end.is_some() && !interrupted,
        "startTimeUtc": millis(started(run)),
        "toolExecutionNotifications": notifications,
    });
    set(&mut invocation, "endTimeUtc", end.map(|_| millis(ended(run))));
    set(&mut invocation, "commandLine", run.start.as_ref().map(|start| plain(&start.command_line)));
    if let Some(summary) = summary {
        let verdict = json!({"verdict": summary.verdict, "description": plain(&summary.description), "complete": end.is_some_and(|end| end.complete)});
        set(&mut invocation, "properties", Some(verdict));
    }
    invocation
}

/// What the results of a run refer to by index.
struct Results<'c> {
    rules: Rules,
    places: BTreeMap<&'c str, usize>,
    taxa: BTreeMap<&'c str, usize>,
}

impl Results<'_> {
    /// One file. The strongest reason is the rule; the others are related locations.
    fn finding(&self, finding: &Entry<FindingBody>) -> Value {
        let body = &finding.body;
        let path = finding.path();
        let index = self.places.get(path).copied();
        let best = body.reasons.first();
        let id = best.map_or("finding", |reason| reason.id.as_str());
        let title = best.map_or(finding.head.message.as_str(), |reason| reason.title.as_str());
        let more = match body.reasons.len() {
            0 | 1 => String::new(),
            2 => " (and 1 more reason)".to_owned(),
            count => format!(" (and {} more reasons)", count - 1),
        };
        let mut result = self.result(body.level.0, id, &format!("{title}{more}"), &finding.head.event.id);
        set(&mut result, "rank", Some(body.score.clamp(0.0, 100.0)));
        let places = best.map(|reason| reason.locations.as_slice()).unwrap_or_default();
        let mut locations: Vec<Value> = places.iter().map(|at| location(path, index, at, None)).collect();
        if locations.is_empty() && !path.is_empty() {
            locations.push(place(path, index));
        }
        set(&mut result, "locations", Some(locations));
        let related = body.reasons.iter().skip(1).filter_map(|reason| {
            Some(location(path, index, reason.locations.first()?, Some(&format!("{}: {}", reason.id, reason.title))))
        });
        let related: Vec<Value> = related.collect();
        set(&mut result, "relatedLocations", (!related.is_empty()).then_some(related));
        let flows: Vec<Value> = body.reasons.iter().filter_map(|reason| code_flows(path, index, reason)).collect();
        set(&mut result, "codeFlows", (!flows.is_empty()).then_some(flows));
        set(&mut result, "taxa", self.taxa_of(techniques(finding.head.threat.as_ref())));
        let urls: Vec<String> = body.executes_at().map(plain).collect();
        let reasons: Vec<&str> = body.reasons.iter().map(|reason| reason.id.as_str()).collect();
        let mut properties = json!({"level": body.level, "score": body.score, "reasons": reasons});
        set(&mut properties, "executes_at", (!urls.is_empty()).then_some(urls));
        set(&mut properties, "sha256", sha256(finding.head.file.as_ref()));
        set(&mut result, "properties", Some(properties));
        result
    }

    /// A sign of exploitation in logs, at the lines that it was seen in.
    fn hit(&self, hit: &Entry<HitBody>) -> Value {
        let record = &hit.body.hit;
        let by = record.client.as_ref().map(|client| format!(" by {client}")).unwrap_or_default();
        let times = if record.count == 1 { "once".to_owned() } else { format!("{} times", record.count) };
        let text = format!("{} ({times}{by})", record.title);
        let mut result = self.result(hit.body.level.0, &record.check, &text, &hit.head.event.id);
        let locations: Vec<Value> = record.locations.iter().map(parts::line).collect();
        set(&mut result, "locations", Some(locations));
        set(&mut result, "taxa", self.taxa_of(techniques(hit.head.threat.as_ref())));
        set(&mut result, "occurrenceCount", Some(record.count.max(1)));
        let cves: Vec<&str> = record.cves.iter().map(AsRef::as_ref).filter(|cve| is_cve(cve)).collect();
        let properties = json!({"level": hit.body.level, "stage": record.stage, "cves": cves});
        set(&mut result, "properties", Some(properties));
        result
    }

    fn result(&self, level: Level, rule: &str, text: &str, event: &str) -> Value {
        let mut result = json!({
            "ruleId": plain(rule),
            "level": match level {
                Level::Critical | Level::High => "error",
                Level::Medium => "warning",
                Level::Low | Level::Info => "note",
            },
            "message": {"text": message(text)},
            "partialFingerprints": {"shellsiftEventId/v1": event},
        });
        set(&mut result, "ruleIndex", self.rules.index(rule));
        result
    }

    fn taxa_of(&self, techniques: Vec<Technique<'_>>) -> Option<Vec<Value>> {
        let taxon = |technique: &Technique<'_>| {
            let index = self.taxa.get(technique.id)?;
            Some(json!({"id": technique.id, "index": index, "toolComponent": {"name": ATTACK, "index": 0}}))
        };
        let list: Vec<Value> = techniques.iter().filter_map(taxon).collect();
        (!list.is_empty()).then_some(list)
    }
}
