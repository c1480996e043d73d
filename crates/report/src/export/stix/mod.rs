//! A bundle of STIX 2.1 (OASIS standard): files, clients and what was observed of them, indicators for malicious files,
//! techniques, vulnerabilities, and a report for each run.
//!
//! Ids are the same whenever the same run is exported. Observables have the ids of section 2.9 of the standard, so that other
//! producers call the same file by the same id.

mod constants;
mod objects;
#[cfg(test)]
mod tests;

use super::facts::{action_words, cve_url, ended, gaps, is_cve, is_known_good, is_malicious, millis, sha256, started};
use super::facts::{techniques, why};
use super::json::{List, object, open, set};
use super::uuid;
use crate::case::{Case, Entry, Run};
use crate::model::{Level, Outcome};
use crate::record::{File, FindingBody, HitBody, RequestsRecord, Threat, Time, actor};
use crate::text::plain;
use crate::{Format, Style};
use constants::TLP_AMBER;
use objects::{FileTimes, Maker, Observed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{self, Write};

pub(crate) const FORMAT: Format = Format {
    id: "stix",
    extension: "stix.json",
    about: "STIX 2.1 bundle: observed files and clients, indicators for malicious files, techniques, vulnerabilities",
    findings_only: true,
    write: Some(write),
};

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    let scans: Vec<&str> = case.runs.iter().map(|run| run.scan_id.as_str()).collect();
    let id = format!("bundle--{}", uuid::own(&[&["bundle"], &scans[..]].concat()));
    open(&object(json!({"type": "bundle", "id": id})), out)?;
    let mut bundle = Bundle {
        objects: List::member("objects", out)?,
        written: HashSet::new(),
        times: FileTimes::of(case),
        indicators: HashMap::new(),
        indicates: HashSet::new(),
        servers: HashMap::new(),
        refs: BTreeSet::new(),
    };
    bundle.fixed()?;
    for run in &case.runs {
        bundle.run(run)?;
    }
    let unread: Vec<String> = case.unread.iter().chain(&case.notes).map(|text| plain(text)).collect();
    if !unread.is_empty() {
        let made = Maker::fixed();
        let of = [&["unread"], &scans[..]].concat();
        let mut note = made.object("note", &of);
        set(&mut note, "abstract", Some("What could not be read of the results"));
        set(&mut note, "content", Some(unread.join("\n")));
        set(&mut note, "object_refs", Some(json!([objects::tool_id()])));
        bundle.add(note)?;
    }
    bundle.objects.end()?;
    out.write_all(b"}\n")
}

struct Bundle<'w> {
    objects: List<'w>,
    /// The ids of all objects so far: each is written once.
    written: HashSet<String>,
    times: FileTimes,
    /// The indicator of a SHA-256.
    indicators: HashMap<String, String>,
    /// Indicators with the techniques that they indicate.
    indicates: HashSet<(String, String)>,
    /// The identity of a server, by its folded name.
    servers: HashMap<String, String>,
    /// What the report of the present run refers to.
    refs: BTreeSet<String>,
}

/// A run whose objects are being written.
struct Current<'c> {
    run: &'c Run,
    made: Maker,
    /// The identity of the server.
    server: String,
    /// The files of the findings, by path.
    files: HashMap<&'c str, &'c File>,
}

impl Bundle<'_> {
    /// Adds an object, unless it is there, and returns its id.
    fn add(&mut self, object: Value) -> io::Result<String> {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.written.insert(id.clone()) {
            self.objects.add(&object)?;
        }
        if !id.starts_with("marking-definition") {
            self.refs.insert(id.clone());
        }
        Ok(id)
    }

    /// What every bundle has: the marking and the tool.
    fn fixed(&mut self) -> io::Result<()> {
        self.add(json!({
            "type": "marking-definition", "spec_version": "2.1", "id": TLP_AMBER,
            "created": "2017-01-20T00:00:00.000Z", "definition_type": "tlp", "name": "TLP:AMBER",
            "definition": {"tlp": "amber"},
        }))?;
        let tool = self.add(objects::tool())?;
        self.refs.remove(&tool);
        Ok(())
    }

    fn run(&mut self, run: &Run) -> io::Result<()> {
        self.refs.clear();
        let made = Maker::of(run);
        let name = run.server().to_lowercase();
        let server = match self.servers.get(&name) {
            Some(known) => {
                self.refs.insert(known.clone());
                known.clone()
            }
            None => {
                let mut server = made.object("identity", &["server", &name]);
                set(&mut server, "name", Some(plain(run.server())));
                set(&mut server, "identity_class", Some("system"));
                self.add(server)?
            }
        };
        self.servers.insert(name, server.clone());
        let files = run.findings.iter().filter_map(|finding| finding.head.file.as_ref());
        let files = files.map(|file| (file.path.as_str(), file)).collect();
        let current = Current { run, made, server, files };
        self.findings(&current)?;
        for hit in &run.hits {
            self.hit(&current, hit)?;
        }
        for requests in &run.requests {
            self.requests(&current, requests)?;
        }
        self.health(&current)?;
        self.actions(&current)?;
        self.report(&current)
    }

    fn findings(&mut self, current: &Current<'_>) -> io::Result<()> {
        let mut sightings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in &current.run.findings {
            let Some(file) = &finding.head.file else { continue };
            let observables = objects::file(file, &self.times);
            let mut refs = Vec::new();
            for observable in observables {
                refs.push(self.add(observable)?);
            }
            let seen = finding.head.event.created;
            let observed = Observed { key: &finding.head.event.id, first: seen, last: seen, count: 1 };
            let observed = self.add(current.made.observed(&observed, &refs))?;
            // The file itself comes last, behind its folder.
            if let Some(sample) = refs.last() {
                self.add(current.made.analysis(finding, sample, result(&finding.body)))?;
            }
            let patterns = self.attack_patterns(finding.head.threat.as_ref())?;
            let Some(sha256) = sha256(Some(file)).filter(|_| is_malicious(&finding.body)) else { continue };
            let indicator = self.indicator(current, finding, sha256)?;
            for pattern in patterns {
                // Once in the bundle, like the indicator, and not for each server.
                if self.indicates.insert((indicator.clone(), pattern.clone())) {
                    self.add(current.made.relationship(&indicator, "indicates", &pattern, None))?;
                }
            }
            sightings.entry(indicator).or_default().push(observed);
        }
        for (indicator, observed) in sightings {
            self.add(current.made.sighting(current.run, &indicator, &observed, &current.server))?;
        }
        Ok(())
    }

    fn indicator(&mut self, current: &Current<'_>, finding: &Entry<FindingBody>, sha256: &str) -> io::Result<String> {
        if let Some(known) = self.indicators.get(sha256) {
            self.refs.insert(known.clone());
            return Ok(known.clone());
        }
        let name = finding.head.file.as_ref().map(|file| plain(&file.name)).unwrap_or_default();
        let mut indicator = current.made.object("indicator", &[sha256]);
        set(&mut indicator, "name", Some(format!("Malicious file {name}")));
        set(&mut indicator, "description", Some(why(finding)));
        set(&mut indicator, "indicator_types", Some(json!(["malicious-activity"])));
        set(&mut indicator, "pattern", Some(format!("[file:hashes.'SHA-256' = '{sha256}']")));
        set(&mut indicator, "pattern_type", Some("stix"));
        set(&mut indicator, "valid_from", Some(millis(started(current.run))));
        set(&mut indicator, "confidence", Some(objects::percent(finding.body.score)));
        let id = self.add(indicator)?;
        self.indicators.insert(sha256.to_owned(), id.clone());
        Ok(id)
    }

    /// The techniques of a record, each once in the bundle.
    fn attack_patterns(&mut self, threat: Option<&Threat>) -> io::Result<Vec<String>> {
        let of = |one| self.add(objects::attack_pattern(&one));
        techniques(threat).into_iter().map(of).collect()
    }

    fn vulnerability(&mut self, cve: &str) -> io::Result<Option<String>> {
        if !is_cve(cve) {
            return Ok(None);
        }
        let mut object = Maker::fixed().object("vulnerability", &[cve]);
        set(&mut object, "name", Some(cve));
        let reference = json!([{"source_name": "cve", "external_id": cve, "url": cve_url(cve)}]);
        set(&mut object, "external_references", Some(reference));
        self.add(object).map(Some)
    }

    /// A sign of exploitation: the lines of the log, by whom, with which technique against which vulnerability.
    fn hit(&mut self, current: &Current<'_>, hit: &Entry<HitBody>) -> io::Result<()> {
        let mut refs = Vec::new();
        let client = hit.body.hit.client.as_deref().and_then(objects::client);
        let logs: BTreeSet<&str> = hit.body.hit.locations.iter().map(|line| line.path.as_str()).collect();
        for observable in logs.into_iter().flat_map(objects::log).chain(client) {
            refs.push(self.add(observable)?);
        }
        let event = &hit.head.event;
        let first = event.start.unwrap_or(event.created);
        let last = event.end.unwrap_or(first);
        let mut about = self.attack_patterns(hit.head.threat.as_ref())?;
        for cve in &hit.body.hit.cves {
            about.extend(self.vulnerability(cve)?);
        }
        if !refs.is_empty() {
            let observed = Observed { key: &event.id, first, last, count: hit.body.hit.count };
            about.push(self.add(current.made.observed(&observed, &refs))?);
        }
        about.push(current.server.clone());
        let mut note = current.made.object("note", &["log_hit", &event.id]);
        set(&mut note, "abstract", Some(plain(&format!("{}: {}", hit.body.level.0, hit.body.hit.title))));
        let line = hit.body.hit.locations.first();
        let first = line.map(|line| plain(&line.excerpt)).filter(|text| !text.is_empty());
        set(&mut note, "content", Some(first.unwrap_or_else(|| plain(&hit.head.message))));
        set(&mut note, "object_refs", Some(about));
        self.add(note)?;
        Ok(())
    }

    /// The requests for a found file: the file and its clients.
    fn requests(&mut self, current: &Current<'_>, requests: &Entry<RequestsRecord>) -> io::Result<()> {
        let file = current.files.get(requests.path()).copied().or(requests.head.file.as_ref());
        let mut refs = Vec::new();
        for observable in file.map(|file| objects::file(file, &self.times)).unwrap_or_default() {
            refs.push(self.add(observable)?);
        }
        let addresses = requests.body.clients.iter().filter(|client| actor(&client.value).0.is_some());
        for observable in addresses.filter_map(|client| objects::client(&client.value)) {
            refs.push(self.add(observable)?);
        }
        let event = &requests.head.event;
        let first = event.start.unwrap_or(event.created);
        let last: Time = event.end.unwrap_or(first);
        if !refs.is_empty() {
            let observed = Observed { key: &event.id, first, last, count: requests.body.count };
            self.add(current.made.observed(&observed, &refs))?;
        }
        Ok(())
    }

    /// The vulnerabilities of the server's patch level that are known to be exploited.
    fn health(&mut self, current: &Current<'_>) -> io::Result<()> {
        for health in &current.run.health {
            for open in health.body.vulnerabilities.iter().filter(|open| open.known_exploited) {
                let Some(vulnerability) = self.vulnerability(&open.cve)? else { continue };
                let fixed = open.fixed_build.as_deref().map(|build| format!("fixed in {build}"));
                let fixed = fixed.as_deref().unwrap_or("no fix was released for this CU");
                let words = plain(&format!("vulnerable: build {}; {fixed}", health.body.build));
                self.add(current.made.relationship(&current.server, "related-to", &vulnerability, Some(words)))?;
            }
        }
        Ok(())
    }

    /// What to do now.
    fn actions(&mut self, current: &Current<'_>) -> io::Result<()> {
        for action in current.run.actions() {
            let mut object = current.made.object("course-of-action", &[&action.id]);
            set(&mut object, "name", Some(plain(&action.title)));
            let words = Some(action_words(action)).filter(|words| !words.is_empty());
            set(&mut object, "description", words);
            self.add(object)?;
        }
        Ok(())
    }

    /// The report of a run, with the verdict and what is missing.
    fn report(&mut self, current: &Current<'_>) -> io::Result<()> {
        let run = current.run;
        let summary = run.end.as_ref().and_then(|end| end.summary.as_ref());
        let verdict = run.verdict().map_or("without a verdict", Outcome::name);
        let mut words: Vec<String> = summary.map(|summary| plain(&summary.description)).into_iter().collect();
        words.extend(gaps(run).iter().map(|gap| format!("not complete: {}", plain(gap))));
        let levels = summary.map(|summary| summary.findings.as_slice()).unwrap_or_default();
        let listed: u64 = levels.iter().filter(|count| count.value.0 >= Level::Info).map(|count| count.count).sum();
        let here = run.findings.len() as u64;
        if listed > here {
            words.push(format!("{} findings below the reported level are not in here", listed - here));
        }
        let open = run.health.iter().flat_map(|health| &health.body.vulnerabilities);
        let others = open.filter(|open| !open.known_exploited).count();
        if others > 0 {
            words.push(format!(
                "{others} further vulnerabilities of the patch level, not known to be exploited, are not in here"
            ));
        }
        words.push("Timeline, log coverage, sites and excerpts of code are in the JSONL output alone.".to_owned());
        let refs = std::mem::take(&mut self.refs);
        let mut report = current.made.object("report", &[]);
        set(&mut report, "name", Some(plain(&format!("shellsift: {} is {verdict}", run.server()))));
        set(&mut report, "description", Some(words.join("\n")));
        set(&mut report, "report_types", Some(json!(["observed-data", "indicator"])));
        set(&mut report, "published", Some(millis(ended(run))));
        let case = run.labels.as_ref().and_then(|labels| labels.case.as_deref());
        set(&mut report, "labels", case.map(|case| json!([format!("case:{}", plain(case))])));
        set(&mut report, "object_refs", Some(refs.into_iter().collect::<Vec<_>>()));
        self.add(report)?;
        Ok(())
    }
}

/// What the analysis of a file came to, in the words of the standard.
fn result(finding: &FindingBody) -> &'static str {
    match finding.level.0 {
        _ if is_known_good(finding) => "benign",
        Level::Critical | Level::High => "malicious",
        Level::Medium => "suspicious",
        Level::Low | Level::Info => "unknown",
    }
}
