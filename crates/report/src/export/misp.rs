//! A MISP event (MISP core format): malicious files as objects of the template `file`, clients, URLs, vulnerabilities, and tags for
//! handling and ATT&CK. Equal files of several servers are one object, and its comment names them. Only hashes of malicious files
//! are marked for detection (`to_ids`).

use super::facts::{
    action_words, ended, gaps, is_cve, is_malicious, md5, millis, sha1, sha256, some_of, started, techniques, why,
};
use super::json::{List, object, open, set};
use super::rules::name_is_common;
use super::uuid::own;
use crate::case::{Case, Entry};
use crate::model::server_path::fold;
use crate::model::{Level, Outcome};
use crate::record::{FindingBody, Time, actor};
use crate::text::plain;
use crate::{Format, Style};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

pub(crate) const FORMAT: Format = Format {
    id: "misp",
    extension: "misp.json",
    about: "MISP event: malicious files as objects, clients, URLs, vulnerabilities, tags for TLP and ATT&CK",
    findings_only: true,
    write: Some(write),
};

/// The template of file objects, as the public list of MISP has it.
const FILE_TEMPLATE: &str = "688c46fb-5edb-40a3-8273-1af7923e2215";
const FILE_TEMPLATE_VERSION: &str = "25";
/// Inherit the distribution of the event.
const INHERIT: &str = "5";
/// Why a URL and an address are in the event.
const EXECUTES: Option<&str> = Some("executes a malicious file");
const REQUESTED: Option<&str> = Some("requested a malicious file");

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    let event = Event::of(case);
    out.write_all(b"{\"Event\":")?;
    open(&object(event.head(case)), out)?;
    let mut attributes = List::member("Attribute", out)?;
    for attribute in event.attributes(case) {
        attributes.add(&attribute)?;
    }
    attributes.end()?;
    let mut objects = List::member("Object", out)?;
    for file in event.files(case) {
        objects.add(&event.file(&file))?;
    }
    objects.end()?;
    out.write_all(b"}}\n")
}

/// What all parts of the event have in common.
struct Event {
    uuid: String,
    /// Seconds since 1970.
    timestamp: String,
    date: String,
}

/// A malicious file, wherever it was found.
struct FoundFile<'c> {
    finding: &'c Entry<FindingBody>,
    servers: Vec<&'c str>,
}

/// Where a value was seen, and by what.
#[derive(Default)]
struct Seen<'c> {
    servers: Vec<&'c str>,
    why: BTreeSet<&'c str>,
}

impl<'c> Seen<'c> {
    fn on(&mut self, server: &'c str, why: Option<&'c str>) {
        if self.servers.last() != Some(&server) {
            self.servers.push(server);
        }
        self.why.extend(why);
    }

    fn comment(&self) -> String {
        let why: Vec<&str> = self.why.iter().copied().collect();
        let on = format!("on {}", some_of(&self.servers));
        plain(&if why.is_empty() { on } else { format!("{on}: {}", some_of(&why)) })
    }
}

/// Notes that a value was seen.
fn see<'c>(to: &mut BTreeMap<String, Seen<'c>>, value: String, server: &'c str, why: Option<&'c str>) {
    to.entry(value).or_default().on(server, why);
}

impl Event {
    fn of(case: &Case) -> Self {
        let scans: Vec<&str> = case.runs.iter().map(|run| run.scan_id.as_str()).collect();
        let time = case.runs.iter().map(ended).max();
        let date = case.runs.iter().map(started).min().map(millis).unwrap_or_default();
        Self {
            uuid: own(&[&["misp", "event"], &scans[..]].concat()),
            timestamp: time.map_or(0, |time| time.0.seconds().max(0)).to_string(),
            date: date.get(..10).unwrap_or("1970-01-01").to_owned(),
        }
    }

    /// The event without attributes and objects, as the value of `Event`, which is left open.
    fn head(&self, case: &Case) -> Value {
        let servers: Vec<String> = case.servers().iter().map(|server| plain(server)).collect();
        let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
        let verdict = case.verdict();
        let found = |level| case.has_found(level);
        let threat = match () {
            () if verdict == Some(Outcome::Compromised) || found(Level::High) => "1",
            () if found(Level::Medium) => "2",
            () if found(Level::Low) => "3",
            () => "4",
        };
        let words = verdict.map_or("without a verdict", Outcome::name);
        let number = case.runs.iter().find_map(|run| run.labels.as_ref()?.case.as_deref());
        let number = number.map(|number| format!("case {}: ", plain(number))).unwrap_or_default();
        let names = if servers.is_empty() { "no server".to_owned() } else { some_of(&servers) };
        json!({
            "uuid": self.uuid, "info": format!("{number}shellsift: {names}: {words}"), "date": self.date,
            "timestamp": self.timestamp, "published": false, "analysis": "1", "threat_level_id": threat,
            "distribution": "0", "Tag": tags(case),
        })
    }

    /// The attributes that belong to no object: in order, each value once.
    fn attributes(&self, case: &Case) -> Vec<Value> {
        let mut list = Vec::new();
        let mut add = |(kind, category): (&str, &str), values: BTreeMap<String, Seen<'_>>| {
            let values = values.into_iter().filter(|(value, _)| !value.trim().is_empty());
            list.extend(values.map(|(value, seen)| self.attribute(kind, category, &value, &seen.comment())));
        };
        let mut servers: BTreeMap<String, Seen<'_>> = BTreeMap::new();
        let (mut clients, mut accounts) = (BTreeMap::new(), BTreeMap::new());
        let (mut urls, mut cves) = (BTreeMap::new(), BTreeMap::new());
        for run in &case.runs {
            let server = run.server();
            see(&mut servers, plain(server), server, None);
            let malicious: BTreeSet<&str> =
                run.findings.iter().filter(|finding| is_malicious(&finding.body)).map(Entry::path).collect();
            for finding in run.findings.iter().filter(|finding| is_malicious(&finding.body)) {
                // URLs that other servers have anyhow would relate events that have nothing to do with each other.
                if let Some(url) = finding.body.executes_at().next().filter(|_| name_is_common(finding).is_none()) {
                    see(&mut urls, plain(url), server, EXECUTES);
                }
            }
            for requests in run.requests.iter().filter(|requests| malicious.contains(requests.path())) {
                let addresses = requests.body.clients.iter().filter_map(|client| actor(&client.value).0);
                addresses.for_each(|client| see(&mut clients, client.ip.to_string(), server, REQUESTED));
            }
            for hit in run.hits.iter().filter(|hit| hit.body.level.0 >= Level::Medium) {
                let why = Some(hit.body.hit.title.as_str());
                let client = hit.body.hit.client.as_deref().unwrap_or_default();
                match actor(client) {
                    (Some(client), _) => see(&mut clients, client.ip.to_string(), server, why),
                    (None, Some(_)) => see(&mut accounts, plain(client.trim()), server, why),
                    (None, None) => {}
                }
                let known = hit.body.hit.cves.iter().filter(|cve| is_cve(cve));
                known.for_each(|cve| see(&mut cves, cve.to_string(), server, why));
            }
        }
        add(("target-machine", "Targeting data"), servers);
        add(("ip-src", "Network activity"), clients);
        add(("target-user", "Targeting data"), accounts);
        add(("uri", "Network activity"), urls);
        add(("vulnerability", "External analysis"), cves);
        list.extend(self.words(case));
        list
    }

    /// The verdicts, and what is missing, in words.
    fn words(&self, case: &Case) -> Vec<Value> {
        let mut list = Vec::new();
        let mut add = |text: &str, comment: &str| {
            if !text.trim().is_empty() {
                list.push(self.attribute("text", "Internal reference", text, comment));
            }
        };
        for run in &case.runs {
            let server = plain(run.server());
            if let Some(summary) = run.end.as_ref().and_then(|end| end.summary.as_ref()) {
                add(&plain(&format!("{server}: {}", summary.description)), "verdict");
            }
            gaps(run).iter().for_each(|gap| add(&plain(&format!("{server}: {gap}")), "not examined"));
        }
        for action in case.actions() {
            add(&format!("{}\n{}", plain(&action.title), action_words(&action)), "what to do now");
        }
        case.unread.iter().chain(&case.notes).for_each(|text| add(&plain(text), "not read of the results"));
        let left_out = "Findings below level high, log lines, timeline and excerpts are in the JSONL output alone.";
        add(left_out, "what this event leaves out");
        list
    }

    fn attribute(&self, kind: &str, category: &str, value: &str, comment: &str) -> Value {
        json!({
            "uuid": own(&["misp", &self.uuid, kind, value, comment]), "type": kind, "category": category,
            "value": value, "comment": comment, "to_ids": false, "distribution": INHERIT, "timestamp": self.timestamp,
        })
    }

    /// The malicious files of all servers, the most urgent of each first.
    fn files<'c>(&self, case: &'c Case) -> Vec<FoundFile<'c>> {
        let mut places: HashMap<(String, &str), usize> = HashMap::new();
        let mut list: Vec<FoundFile<'c>> = Vec::new();
        for run in &case.runs {
            for finding in run.findings.iter().filter(|finding| is_malicious(&finding.body)) {
                let key = (fold(finding.path()), sha256(finding.head.file.as_ref()).unwrap_or_default());
                let place = *places.entry(key).or_insert(list.len());
                match list.get_mut(place) {
                    Some(known) if known.servers.last() != Some(&run.server()) => known.servers.push(run.server()),
                    Some(_) => {}
                    None => list.push(FoundFile { finding, servers: vec![run.server()] }),
                }
            }
        }
        list
    }

    /// The object of a file.
    fn file(&self, found: &FoundFile<'_>) -> Value {
        let head = &found.finding.head;
        let file = head.file.as_ref();
        let path = plain(found.finding.path());
        let uuid = own(&["misp", &self.uuid, "file", &path, sha256(file).unwrap_or_default()]);
        let mut attributes = Vec::new();
        let mut add = |relation: &str, kind: &str, category: &str, value: Option<String>, detects: bool| {
            let Some(value) = value.filter(|value| !value.trim().is_empty()) else { return };
            attributes.push(json!({
                "uuid": own(&["misp", &uuid, relation, &value]), "object_relation": relation, "type": kind,
                "category": category, "value": value, "to_ids": detects, "distribution": INHERIT,
                "disable_correlation": !detects, "timestamp": self.timestamp, "comment": "",
            }));
        };
        let text = |hash: Option<&str>| hash.map(str::to_owned);
        let time = |time: Option<Time>| time.map(millis);
        // Without a usable SHA-256, as of an empty file, the other hashes identify nothing either.
        let detects = sha256(file).is_some();
        add("sha256", "sha256", "Payload delivery", text(sha256(file)), true);
        add("sha1", "sha1", "Payload delivery", text(sha1(file)).filter(|_| detects), true);
        add("md5", "md5", "Payload delivery", text(md5(file)).filter(|_| detects), true);
        add("filename", "filename", "Payload delivery", file.map(|file| plain(&file.name)), false);
        add("fullpath", "text", "Other", Some(path), false);
        let size = file.and_then(|file| file.size).map(|size| size.to_string());
        add("size-in-bytes", "size-in-bytes", "Other", size, false);
        add("creation-time", "datetime", "Other", time(file.and_then(|file| file.created)), false);
        add("modification-time", "datetime", "Other", time(file.and_then(|file| file.mtime)), false);
        add("state", "text", "Other", Some("Malicious".to_owned()), false);
        let [first, others @ ..] = &found.servers[..] else { return Value::Null };
        let times = if others.is_empty() { String::new() } else { format!(" (times: {first})") };
        let level = found.finding.body.level.0;
        let comment = plain(&format!("{level} on {}{times}: {}", some_of(&found.servers), why(found.finding)));
        let mut object = json!({
            "uuid": uuid, "name": "file", "meta-category": "file", "template_uuid": FILE_TEMPLATE,
            "template_version": FILE_TEMPLATE_VERSION, "description": "File object describing a file with meta-information",
            "distribution": INHERIT, "timestamp": self.timestamp, "comment": comment,
        });
        set(&mut object, "Attribute", Some(attributes));
        object
    }
}

/// How the event may be handed on, and the techniques of all malicious files and hits, by the names of MISP's galaxy.
fn tags(case: &Case) -> Vec<Value> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for run in &case.runs {
        let files = run.findings.iter().filter(|finding| is_malicious(&finding.body)).map(|finding| &finding.head);
        let hits = run.hits.iter().filter(|hit| hit.body.level.0 >= Level::Medium).map(|hit| &hit.head);
        for technique in files.chain(hits).flat_map(|head| techniques(head.threat.as_ref())) {
            // A quote would end the value of the tag.
            let name = plain(technique.name).replace('"', "'");
            names.insert(format!("misp-galaxy:mitre-attack-pattern=\"{name} - {}\"", technique.id));
        }
    }
    ["tlp:amber".to_owned()].into_iter().chain(names).map(|name| json!({"name": name})).collect()
}

#[cfg(test)]
#[path = "misp_tests.rs"]
mod tests;
