//! The objects of a STIX bundle.

use super::super::facts::{Technique, ended, md5, millis, sha1, sha256, started};
use super::super::json::set;
use super::super::uuid::{STIX_OBSERVABLES, own, v5};
use super::constants::{FIXED, TLP_AMBER};
use crate::case::{Case, Entry, Run};
use crate::record::{File, FindingBody, Time, actor};
use crate::text::plain;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// The most that the standard lets `number_observed` and `count` be.
const MOST: u64 = 999_999_999;

/// The id of the tool's identity.
pub(super) fn tool_id() -> String {
    format!("identity--{}", own(&["stix", "identity", "tool"]))
}

/// This program.
pub(super) fn tool() -> Value {
    json!({
        "type": "identity", "spec_version": "2.1", "id": tool_id(), "created": FIXED, "modified": FIXED,
        "name": "shellsift", "identity_class": "system",
        "description": "Finds webshells on Microsoft Exchange and IIS servers.",
    })
}

/// A technique of MITRE ATT&CK.
pub(super) fn attack_pattern(technique: &Technique<'_>) -> Value {
    let mut pattern = Maker::fixed().object("attack-pattern", &[technique.id]);
    set(&mut pattern, "name", Some(plain(technique.name)));
    let reference = json!([{"source_name": "mitre-attack", "external_id": technique.id, "url": technique.url()}]);
    set(&mut pattern, "external_references", Some(reference));
    pattern
}

/// Whole percent.
pub(super) fn percent(score: f64) -> u8 {
    score.round().clamp(0.0, 100.0) as u8
}

/// Something observed.
pub(super) struct Observed<'c> {
    /// Its id in the run.
    pub(super) key: &'c str,
    pub(super) first: Time,
    pub(super) last: Time,
    pub(super) count: u64,
}

/// Makes the objects of a run: their ids are of the run, their times its end.
pub(super) struct Maker {
    scan_id: String,
    time: String,
    started: String,
    version: String,
}

impl Maker {
    /// Of a run.
    pub(super) fn of(run: &Run) -> Self {
        let version = run.observer.as_ref().map(|observer| plain(&observer.version)).unwrap_or_default();
        Self { scan_id: run.scan_id.clone(), time: millis(ended(run)), started: millis(started(run)), version }
    }

    /// Of what is the same in every run.
    pub(super) fn fixed() -> Self {
        let (time, started) = (FIXED.to_owned(), FIXED.to_owned());
        Self { scan_id: String::new(), time, started, version: String::new() }
    }

    /// An object with what all have; `key` is what it is about.
    pub(super) fn object(&self, kind: &str, key: &[&str]) -> Value {
        let id = own(&[&["stix", kind, &self.scan_id], key].concat());
        json!({
            "type": kind, "spec_version": "2.1", "id": format!("{kind}--{id}"), "created": self.time,
            "modified": self.time, "created_by_ref": tool_id(), "object_marking_refs": [TLP_AMBER],
        })
    }

    /// An observation of observables.
    pub(super) fn observed(&self, observed: &Observed<'_>, refs: &[String]) -> Value {
        let mut object = self.object("observed-data", &[observed.key]);
        set(&mut object, "first_observed", Some(millis(observed.first)));
        set(&mut object, "last_observed", Some(millis(observed.last.max(observed.first))));
        set(&mut object, "number_observed", Some(observed.count.clamp(1, MOST)));
        set(&mut object, "object_refs", Some(refs));
        object
    }

    /// What this program says of a file.
    pub(super) fn analysis(&self, finding: &Entry<FindingBody>, sample: &str, result: &str) -> Value {
        let mut object = self.object("malware-analysis", &[&finding.head.event.id]);
        set(&mut object, "product", Some("shellsift"));
        set(&mut object, "version", Some(self.version.as_str()).filter(|version| !version.is_empty()));
        set(&mut object, "analysis_started", Some(self.started.as_str()));
        set(&mut object, "analysis_ended", Some(self.time.as_str()));
        set(&mut object, "result", Some(result));
        set(&mut object, "result_name", finding.body.reasons.first().map(|reason| plain(&reason.title)));
        set(&mut object, "sample_ref", Some(sample));
        object
    }

    /// A relationship.
    pub(super) fn relationship(&self, from: &str, kind: &str, to: &str, words: Option<String>) -> Value {
        let mut object = self.object("relationship", &[from, kind, to]);
        set(&mut object, "relationship_type", Some(kind));
        set(&mut object, "source_ref", Some(from));
        set(&mut object, "target_ref", Some(to));
        set(&mut object, "description", words);
        object
    }

    /// That an indicator was seen on a server.
    pub(super) fn sighting(&self, run: &Run, indicator: &str, observed: &[String], server: &str) -> Value {
        let mut object = self.object("sighting", &[indicator]);
        set(&mut object, "sighting_of_ref", Some(indicator));
        set(&mut object, "observed_data_refs", Some(observed));
        set(&mut object, "where_sighted_refs", Some(json!([server])));
        set(&mut object, "count", Some((observed.len() as u64).min(MOST)));
        set(&mut object, "first_seen", Some(millis(started(run))));
        set(&mut object, "last_seen", Some(millis(ended(run))));
        object
    }
}

/// An observable whose id is made of its contributing properties (section 2.9).
fn observable(kind: &str, contributing: &[&str], mut properties: Value) -> Value {
    let values: BTreeMap<&str, &Value> =
        contributing.iter().filter_map(|name| Some((*name, properties.get(*name)?))).collect();
    // Strings alone: for these JSON without white space, in the order of names, is the canonical form (RFC 8785).
    let canonical = serde_json::to_string(&values).unwrap_or_default();
    let id = format!("{kind}--{}", v5(STIX_OBSERVABLES, &canonical));
    set(&mut properties, "type", Some(kind));
    set(&mut properties, "spec_version", Some("2.1"));
    set(&mut properties, "id", Some(id));
    properties
}

/// A file behind its folder.
pub(super) fn file(file: &File, times: &FileTimes) -> Vec<Value> {
    let (mut observables, key) = plain_file(file);
    if let Some(object) = observables.last_mut()
        && let Some(own) = times.0.get(&key).and_then(Option::as_ref)
    {
        let [created, modified, accessed] = own;
        set(object, "ctime", created.map(millis));
        set(object, "mtime", modified.map(millis));
        set(object, "atime", accessed.map(millis));
    }
    observables
}

/// A log file behind its folder.
pub(super) fn log(path: &str) -> Vec<Value> {
    let separator = if path.starts_with('/') { '/' } else { '\\' };
    let (folder, name) = path.rsplit_once(separator).unwrap_or(("", path));
    let directory = Some(folder.to_owned()).filter(|folder| !folder.is_empty());
    plain_file(&File { path: path.to_owned(), name: name.to_owned(), directory, ..File::default() }).0
}

/// A file without its times, behind its folder, and its id.
fn plain_file(file: &File) -> (Vec<Value>, String) {
    let folder = file.directory.as_ref().filter(|folder| !folder.is_empty());
    let folder = folder.map(|folder| observable("directory", &["path"], json!({"path": folder})));
    let mut properties = json!({});
    let name = if file.name.is_empty() { &file.path } else { &file.name };
    set(&mut properties, "name", Some(name.as_str()).filter(|name| !name.is_empty()));
    let hashes: [(&str, Option<&str>); 3] =
        [("MD5", md5(Some(file))), ("SHA-1", sha1(Some(file))), ("SHA-256", sha256(Some(file)))];
    let known: BTreeMap<&str, &str> = hashes.iter().filter_map(|(name, hash)| Some((*name, (*hash)?))).collect();
    set(&mut properties, "size", file.size.and_then(|size| i64::try_from(size).ok()));
    set(&mut properties, "parent_directory_ref", folder.as_ref().and_then(|folder| folder.get("id")).cloned());
    // Of several hashes the first of this order is part of the id.
    let first = hashes.iter().find_map(|(name, hash)| Some(json!({*name: (*hash)?})));
    set(&mut properties, "hashes", first);
    let mut object = observable("file", &["hashes", "name", "parent_directory_ref"], properties);
    set(&mut object, "hashes", (!known.is_empty()).then(|| json!(known)));
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    (folder.into_iter().chain([object]).collect(), id)
}

/// An address or an account; `None` of what is neither.
pub(super) fn client(text: &str) -> Option<Value> {
    match actor(text) {
        (Some(client), _) => {
            let kind = if matches!(client.ip, IpAddr::V4(_)) { "ipv4-addr" } else { "ipv6-addr" };
            Some(observable(kind, &["value"], json!({"value": client.ip.to_string()})))
        }
        (None, Some(user)) => {
            let mut properties = json!({});
            let login = user.name.as_ref().map(|_| text.trim());
            set(&mut properties, "user_id", user.id.as_deref());
            set(&mut properties, "account_login", login);
            set(&mut properties, "account_type", user.domain.as_ref().map(|_| "windows-domain"));
            Some(observable("user-account", &["account_type", "user_id", "account_login"], properties))
        }
        (None, None) => None,
    }
}

/// When files were created, modified and accessed, by the id of the observable. A file that several servers have in the same place
/// is one observable: it has times where all of them agree.
pub(super) struct FileTimes(HashMap<String, Option<[Option<Time>; 3]>>);

impl FileTimes {
    /// Of all findings.
    pub(super) fn of(case: &Case) -> Self {
        let mut all = HashMap::new();
        let files = case.runs.iter().flat_map(|run| &run.findings).filter_map(|finding| finding.head.file.as_ref());
        for file in files {
            let own = [file.created, file.mtime, file.accessed];
            let known = all.entry(plain_file(file).1).or_insert(Some(own));
            if *known != Some(own) {
                *known = None;
            }
        }
        Self(all)
    }
}
