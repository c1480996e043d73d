//! The journal: one JSON object a line, Elastic Common Schema names, own data below `shellsift`. A record is flushed when it
//! is made, so a run that is killed loses the record in flight at most. Described in docs/output.md, with its schema in
//! docs/schema/.

use super::Format;
use super::record::{
    Client, CompiledRecord, CoverageRecord, Discovered, Ecs, ErrorRecord, Event, FileRecord, FileSource, HealthRecord,
    HitRecord, Host, Labels, NtfsRecord, Observer, Own, ProblemRecord, ReachRecord, ReasonRecord, Record,
    RequestSummaryRecord, RequestsRecord, RuleRecord, Run, SiteRecord, SkippedRecord, SourceRecord, SpanRecord,
    Subtechnique, SummaryRecord, Technique, Threat, Url, Vulnerability,
};
use crate::model::{
    Artefact, Comparison, Coverage, Examined, FileRequests, Finding, Health, Level, LogHit, LogSpan, Moment, Problem,
    RunInfo, ServerPath, Source, Summary, Timestamp, WebSite,
};
use crate::scan::Skipped;
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "jsonl",
    extension: "jsonl",
    about: "the journal: one JSON object a line, written as findings are made",
    write: None,
};

/// The version of the record layout; raised when a field changes its meaning or goes.
const SCHEMA: &str = "1";
/// The version of the Elastic Common Schema whose names are used.
const ECS: &str = "8.17";
/// Server Software Component: Web Shell (MITRE ATT&CK).
const WEB_SHELL: &str = "T1505.003";

/// Writes records.
pub struct Journal<W: Write> {
    out: W,
    run: RunInfo,
    sources: Vec<Source>,
}

impl<W: Write> Journal<W> {
    /// A journal of one run into `out`.
    pub fn new(out: W, run: RunInfo, sources: Vec<Source>) -> Self {
        Self { out, run, sources }
    }

    /// The first record: who runs what on which evidence.
    pub fn start(&mut self, discovered: &[(String, String)]) -> io::Result<()> {
        let mut record = self.record("scan_start", format!("shellsift {} begins", self.run.version));
        record.shellsift.run = Some(Run {
            signatures: self.run.signatures.clone(),
            detectors: self.run.detectors.clone(),
            discovered: discovered
                .iter()
                .map(|(what, words)| Discovered { what: what.clone(), words: words.clone() })
                .collect(),
            sources: self.sources.iter().map(SourceRecord::from).collect(),
        });
        self.write(&record)
    }

    /// A suspicious file.
    pub fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let best = finding.reasons.first().map(|reason| reason.title.as_str()).unwrap_or_default();
        let message = format!("{} {}: {best}", finding.level.name(), finding.artefact.path);
        let mut record = self.record("finding", message);
        record.event.kind = "alert";
        record.event.category = vec!["malware", "file"];
        record.event.id = Some(finding.id());
        record.event.severity = Some(severity(finding.level));
        record.event.risk_score = Some(rounded(finding.score));
        record.file = Some(FileRecord::from(&finding.artefact));
        record.url = finding.artefact.place.url.clone().map(|path| Url { path });
        record.rule = finding.reasons.iter().find_map(|reason| reason.rule.as_ref()).map(|rule| RuleRecord {
            name: rule.name.clone(),
            ruleset: rule.ruleset.clone(),
            reference: rule.reference.clone(),
        });
        record.threat = Some(Threat { technique: Technique { subtechnique: Subtechnique { id: vec![WEB_SHELL] } } });
        record.shellsift.level = Some(finding.level.name());
        record.shellsift.score = Some(rounded(finding.score));
        record.shellsift.examined = Some(examined(finding.artefact.examined));
        record.shellsift.role = Some(finding.artefact.place.role.name());
        record.shellsift.baseline = finding.artefact.comparison.as_ref().map(Into::into);
        record.shellsift.compiled = finding.artefact.compiled.as_ref().map(CompiledRecord::from);
        record.shellsift.reasons = finding.reasons.iter().map(ReasonRecord::from).collect();
        let reach = &finding.artefact.place.reach;
        record.shellsift.iis = reach.first().map(ReachRecord::from);
        record.shellsift.reachable = reach.iter().map(ReachRecord::from).collect();
        record.shellsift.source = self.source_of(&finding.artefact);
        record.shellsift.patch.clone_from(&finding.patch);
        record.shellsift.file_requests = finding.requests.as_ref().map(RequestSummaryRecord::from);
        record.shellsift.ntfs = NtfsRecord::of(&finding.artefact.entry);
        self.write(&record)
    }

    /// A site of the web server's configuration.
    pub fn site(&mut self, site: &WebSite) -> io::Result<()> {
        let mut record = self.record("site", format!("site {}: {}", site.id, site.name));
        record.event.category = vec!["configuration", "web"];
        record.shellsift.site = Some(SiteRecord::from(site));
        self.write(&record)
    }

    /// A file of an installation that is not what the baseline has in its place.
    pub fn comparison(&mut self, path: &ServerPath, sha256: &str, comparison: &Comparison) -> io::Result<()> {
        let mut record = self.record("comparison", format!("{}: {path}", comparison.status.name()));
        record.event.category = vec!["file"];
        record.file = Some(FileRecord::hashed(path, sha256));
        record.shellsift.baseline = Some(comparison.into());
        self.write(&record)
    }

    /// A file that was examined without a finding.
    pub fn clean(&mut self, artefact: &Artefact) -> io::Result<()> {
        let mut record = self.record("examined", format!("examined {}", artefact.path));
        record.event.category = vec!["file"];
        record.file = Some(FileRecord::from(artefact));
        record.shellsift.examined = Some(examined(artefact.examined));
        record.shellsift.role = Some(artefact.place.role.name());
        record.shellsift.baseline = artefact.comparison.as_ref().map(Into::into);
        self.write(&record)
    }

    /// Something that could not be examined.
    pub fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        let message = match &problem.path {
            Some(path) => format!("{path}: {}", problem.message),
            None => problem.message.clone(),
        };
        let mut record = self.record("problem", message);
        record.error = Some(ErrorRecord { message: problem.message.clone() });
        record.file = problem.path.as_ref().map(FileRecord::named);
        record.shellsift.problem = Some(ProblemRecord { kind: problem.kind.name(), gap: problem.kind.leaves_a_gap() });
        self.write(&record)
    }

    /// What was covered.
    pub fn coverage(&mut self, coverage: &Coverage, skipped: &[Skipped]) -> io::Result<()> {
        let mut record = self.record("coverage", format!("{} files surveyed", coverage.surveyed));
        record.shellsift.coverage = Some(CoverageRecord {
            surveyed: coverage.surveyed,
            examined: coverage.examined,
            known_good: coverage.known_good,
            partly: coverage.partly,
            skipped: coverage.skipped.clone(),
            failed: coverage.failed,
            not_reached: coverage.not_reached,
            names_only: coverage.names_only,
            folders: coverage.folders,
            bytes: coverage.bytes,
            archives: coverage.archives,
            not_followed: skipped
                .iter()
                .map(|skipped| SkippedRecord {
                    path: skipped.path.to_string(),
                    why: skipped.why,
                    target: skipped.target.clone(),
                })
                .collect(),
        });
        self.write(&record)
    }

    /// A sign of exploitation, as far as it is known while logs are being read (`so_far`) or as it is in the end.
    pub fn hit(&mut self, hit: &LogHit, so_far: bool) -> io::Result<()> {
        let mut record = self.record("log_hit", format!("{} {}: {}", hit.level.name(), hit.check, hit.title));
        record.event.kind = "alert";
        record.event.category = vec!["intrusion_detection", "web"];
        record.event.id = Some(hit.id());
        record.event.severity = Some(severity(hit.level));
        record.event.start = hit.first.map(|time| time.to_string());
        record.event.end = hit.last.map(|time| time.to_string());
        record.source = (!hit.client.is_empty()).then(|| Client { address: hit.client.clone() });
        record.vulnerability = (!hit.cves.is_empty())
            .then(|| Vulnerability { id: hit.cves.iter().map(|cve| (*cve).to_owned()).collect() });
        record.shellsift.level = Some(hit.level.name());
        record.shellsift.hit = Some(HitRecord { so_far, ..HitRecord::from(hit) });
        self.write(&record)
    }

    /// Requests for a found file.
    pub fn requests(&mut self, requests: &FileRequests) -> io::Result<()> {
        let message = format!("{} requests for {}", requests.count, requests.path);
        let mut record = self.record("file_requests", message);
        record.event.category = vec!["web"];
        record.event.start = requests.first.map(|time| time.to_string());
        record.event.end = requests.last.map(|time| time.to_string());
        record.file = Some(FileRecord::named(&requests.path));
        record.url = Some(Url { path: requests.url.clone() });
        record.shellsift.requests = Some(RequestsRecord::from(requests));
        self.write(&record)
    }

    /// What the logs cover.
    pub fn log_coverage(&mut self, spans: &[LogSpan]) -> io::Result<()> {
        let files: u64 = spans.iter().map(|span| span.files).sum();
        let mut record = self.record("log_coverage", format!("{files} log files read"));
        record.shellsift.log_coverage = spans.iter().map(SpanRecord::from).collect();
        self.write(&record)
    }

    /// The patch level of an installation.
    pub fn health(&mut self, health: &Health) -> io::Result<()> {
        let mut record = self.record("health", format!("Exchange build {}", health.build));
        record.file = health.root.as_ref().map(FileRecord::named);
        record.shellsift.health = Some(HealthRecord::from(health));
        self.write(&record)
    }

    /// A moment of the story.
    pub fn moment(&mut self, moment: &Moment) -> io::Result<()> {
        let mut record = self.record("moment", format!("{}: {}", moment.what, moment.words));
        record.event.start = Some(moment.time.to_string());
        record.shellsift.moment = Some(moment.what);
        self.write(&record)
    }

    /// The last record: the verdict.
    pub fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let mut record = self.record("scan_end", format!("{}: {}", summary.outcome.name(), summary.words));
        record.shellsift.summary = Some(SummaryRecord {
            complete: summary.gaps.is_none(),
            interrupted: summary.interrupted,
            verdict: summary.outcome.name(),
            words: summary.words.clone(),
            gaps: summary.gaps.clone(),
            findings: by_level(&summary.by_level),
            log_hits: if summary.logs.is_some() { by_level(&summary.hits_by_level) } else { Default::default() },
            logs: summary.logs.clone(),
            patch: summary.patch.clone(),
            no_baseline: summary.no_baseline.clone(),
            problems: summary.problems.iter().map(|(kind, count)| (kind.name(), *count)).collect(),
            seconds: rounded(summary.seconds),
        });
        record.shellsift.complete = Some(summary.gaps.is_none());
        self.write(&record)
    }

    /// The last record of a verb that shows and does not judge.
    pub fn end_without_verdict(&mut self, summary: &Summary) -> io::Result<()> {
        let message = summary.gaps.as_ref().map_or("complete".to_owned(), |gaps| format!("not complete: {gaps}"));
        let mut record = self.record("scan_end", message);
        record.shellsift.complete = Some(summary.gaps.is_none());
        self.write(&record)
    }

    fn record(&self, kind: &'static str, message: String) -> Record {
        Record {
            timestamp: Timestamp::now().to_string(),
            ecs: Ecs { version: ECS },
            message,
            event: Event { kind: "event", category: vec!["host"], dataset: "shellsift", ..Event::default() },
            host: self.run.host.clone().map(|name| Host { name }),
            observer: Observer { product: "shellsift", version: self.run.version },
            labels: (self.run.case.is_some() || self.run.examiner.is_some())
                .then(|| Labels { case: self.run.case.clone(), examiner: self.run.examiner.clone() }),
            file: None,
            url: None,
            rule: None,
            threat: None,
            error: None,
            source: None,
            vulnerability: None,
            shellsift: Own { schema: SCHEMA, record: kind, scan_id: self.run.scan_id.clone(), ..Own::default() },
        }
    }

    fn source_of(&self, artefact: &Artefact) -> Option<FileSource> {
        let of = |source: &&Source| artefact.path.below(&source.shown_as).is_some();
        let source = self.sources.iter().filter(of).max_by_key(|source| source.shown_as.as_str().len())?;
        Some(FileSource { kind: source.kind.clone(), analysis_path: source.analysis_path.clone() })
    }

    fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record).map_err(io::Error::other)?;
        line.push(b'\n');
        self.out.write_all(&line)?;
        self.out.flush()
    }
}

/// Elastic's numbers for the severities of its detection engine.
fn severity(level: Level) -> u8 {
    match level {
        Level::Info => 1,
        Level::Low => 21,
        Level::Medium => 47,
        Level::High => 73,
        Level::Critical => 99,
    }
}

fn by_level(counts: &[u64; 5]) -> std::collections::BTreeMap<&'static str, u64> {
    Level::ALL.iter().map(|level| (level.name(), counts[*level as usize])).collect()
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

fn examined(examined: Examined) -> &'static str {
    match examined {
        Examined::Whole => "whole",
        Examined::Ends(_) => "ends",
        Examined::UpTo(_) => "up_to_error",
        Examined::MetadataOnly => "metadata_only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Attributes, BuildSeen, Disposition, Endpoint, Entry, EntryKind, Grade, Hashes, Location, LogProof, OpenFlaw,
        Outcome, PatchLevel, Place, ProblemKind, Reason, ReasonKind, Role, RuleRef, Signed, SignedBy, Times,
    };

    /// Every kind of record, with every optional part once there and once not.
    fn records() -> Vec<serde_json::Value> {
        let path = ServerPath::from_windows(r"C:\w\<FF>\x\u{202e}.aspx").expect("absolute");
        let time = Some(Timestamp::new(0, 100));
        let bare = Artefact {
            comparison: None,
            compiled: None,
            loaded_as: Vec::new(),
            signed: None,
            entry: Entry {
                name: path.name().to_owned(),
                kind: EntryKind::File,
                size: 3,
                times: Times::default(),
                inode: None,
                ntfs: None,
                attributes: Attributes::default(),
            },
            place: Place {
                role: Role::WebRoot,
                relative: "x".to_owned(),
                stock_known: true,
                url: None,
                reach: Vec::new(),
            },
            path: path.clone(),
            neighbours: None,
            hashes: Hashes::default(),
            examined: Examined::MetadataOnly,
        };
        let mut full = bare.clone();
        full.entry.times = Times { created: time, modified: time, changed: time, accessed: time };
        full.entry.inode = Some(7);
        full.entry.ntfs = Some(Box::new(crate::model::NtfsRecord {
            sequence: Some(3),
            name_times: full.entry.times,
            deleted: true,
            streams: vec![crate::model::NamedStream { name: "s".to_owned(), size: 1 }],
        }));
        full.entry.attributes = Attributes(0x27);
        full.hashes = Hashes { sha256: Some("a".repeat(64)), sha1: Some("b".repeat(40)), md5: Some("c".repeat(32)) };
        full.place.url = Some("/x".to_owned());
        let reach = |runs, identity: &str| Endpoint {
            url: "/x".to_owned(),
            site: "s".to_owned(),
            application: "/".to_owned(),
            pool: "p".to_owned(),
            identity: identity.to_owned(),
            runs,
            authentication: if identity.is_empty() { Vec::new() } else { vec!["anonymous".to_owned()] },
        };
        let why = || "why".to_owned();
        full.place.reach = vec![
            reach(Disposition::By("h".to_owned()), "LocalSystem"),
            reach(Disposition::Sent, ""),
            reach(Disposition::Refused(why()), ""),
            reach(Disposition::Unknown(why()), ""),
        ];
        full.examined = Examined::Ends(5);
        full.signed =
            Some(Signed { publisher: "p".to_owned(), by: SignedBy::StrongName("0123456789abcdef".to_owned()) });
        let rule = Some(RuleRef {
            name: "r".to_owned(),
            ruleset: "f".to_owned(),
            reference: Some("u".to_owned()),
            given: false,
        });
        let proof = vec![Location {
            offset: 1,
            length: 2,
            encodings: "stored".to_owned(),
            line: Some(1),
            excerpt: "\0\n\u{7f}".to_owned(),
            role: Some(crate::model::LocationRole::Sink),
        }];
        let reason = Reason {
            id: "signature/r".to_owned(),
            kind: ReasonKind::Signature,
            score: 80,
            title: "t".to_owned(),
            locations: proof,
            rule,
            path: vec!["a".to_owned()],
        };
        let run = RunInfo {
            scan_id: "1".to_owned(),
            version: "0",
            started: Timestamp::new(0, 0),
            host: Some("h".to_owned()),
            case: Some("c".to_owned()),
            examiner: None,
            signatures: String::new(),
            detectors: vec!["signatures"],
        };
        let source = Source {
            analysis_path: "/m".to_owned(),
            shown_as: ServerPath::drive('C'),
            kind: "ntfs".to_owned(),
            gives: vec!["created"],
            lacks: vec![],
        };
        let mut out = Vec::new();
        for (run, artefact) in [(run.clone(), full), (RunInfo { host: None, case: None, ..run }, bare)] {
            let mut journal = Journal::new(&mut out, run, vec![source.clone()]);
            journal.start(&[("iis".to_owned(), "1 site".to_owned())]).expect("memory");
            let mut finding =
                crate::verdict::score_finding(artefact.clone(), vec![reason.clone()]).expect("has a reason");
            journal.finding(&finding).expect("memory");
            // Once more, with what was known only later.
            finding.patch = Some("p".to_owned());
            finding.requests = Some(crate::model::RequestSummary {
                count: 1,
                first: time,
                last: time,
                first_success: None,
                last_success: None,
                clients: 1,
            });
            journal.finding(&finding).expect("memory");
            let application = crate::model::WebApplication {
                path: "/".to_owned(),
                pool: "p".to_owned(),
                authentication: Vec::new(),
                folders: vec![crate::model::WebFolder::missing("/", "C:\\x")],
            };
            let site = WebSite {
                id: "1".to_owned(),
                name: "s".to_owned(),
                logs: String::new(),
                bindings: vec!["http *:80:".to_owned()],
                applications: vec![application],
            };
            journal.site(&site).expect("memory");
            let comparison = Comparison {
                status: crate::model::BaselineStatus::Changed,
                build_known: true,
                builds: None,
                expected_sha256: None,
                stock_path: None,
            };
            journal.comparison(&path, &"a".repeat(64), &comparison).expect("memory");
            journal.clean(&artefact).expect("memory");
            journal.problem(&Problem::at(ProblemKind::FileLocked, &path, "locked")).expect("memory");
            journal.problem(&Problem::general(ProblemKind::RuleUnusable, "rule")).expect("memory");
            let skipped = Skipped { path: path.clone(), why: "link", target: Some("t".to_owned()) };
            journal
                .coverage(&Coverage { skipped: [("link", 1)].into(), surveyed: 1, ..Coverage::default() }, &[skipped])
                .expect("memory");
            let proof = LogProof {
                path: path.clone(),
                member: Some("m".to_owned()),
                line: 1,
                time: Some(Timestamp::new(1, 0)),
                excerpt: "\u{1b}".to_owned(),
            };
            let mut hit = LogHit {
                check: "c",
                cves: &["CVE-1"],
                grade: Grade::Written,
                level: Level::Critical,
                title: "t".to_owned(),
                client: "a".to_owned(),
                first: Some(Timestamp::new(1, 0)),
                last: Some(Timestamp::new(2, 0)),
                count: 2,
                locations: vec![proof.clone()],
                patch: Some("p".to_owned()),
            };
            journal.hit(&hit, false).expect("memory");
            hit = LogHit { cves: &[], client: String::new(), first: None, last: None, patch: None, ..hit };
            journal.hit(&hit, true).expect("memory");
            let counts: std::collections::BTreeMap<String, u64> = [("k".to_owned(), 1)].into();
            let requests = FileRequests {
                path: path.clone(),
                url: "/x".to_owned(),
                first: None,
                last: Some(Timestamp::new(2, 0)),
                first_success: None,
                last_success: Some(Timestamp::new(2, 0)),
                count: 1,
                methods: counts.clone(),
                statuses: counts.clone(),
                clients: counts.clone(),
                agents: counts,
                joined: 0,
                locations: vec![proof],
            };
            journal.requests(&requests).expect("memory");
            let span = LogSpan {
                kind: "IIS".to_owned(),
                folder: Some(path.clone()),
                files: 1,
                first: Some(Timestamp::new(1, 0)),
                holes: vec![(Timestamp::new(1, 0), Timestamp::new(2, 0))],
                ..LogSpan::default()
            };
            journal.log_coverage(&[span, LogSpan::default()]).expect("memory");
            let seen = BuildSeen {
                build: "1".to_owned(),
                first: None,
                last: Some(Timestamp::new(1, 0)),
                source: "s".to_owned(),
            };
            let flaw = OpenFlaw {
                cve: "CVE-1".to_owned(),
                nickname: String::new(),
                exploited: true,
                fixed_in: String::new(),
                fixed_by: "u".to_owned(),
                doubt: String::new(),
                condition: "c".to_owned(),
            };
            let health = Health {
                root: Some(path.clone()),
                level: Some(PatchLevel::default()),
                seen: vec![seen],
                open: vec![flaw],
                ..Health::default()
            };
            journal.health(&health).expect("memory");
            journal.health(&Health::default()).expect("memory");
            let moment = Moment { time: Timestamp::new(1, 0), what: "used", words: "w".to_owned() };
            journal.moment(&moment).expect("memory");
            let summary = Summary {
                outcome: Outcome::Compromised,
                by_level: [0, 0, 0, 0, 1],
                problems: [(ProblemKind::FileLocked, 1)].into(),
                words: "w".to_owned(),
                hits_by_level: [1, 0, 0, 0, 0],
                logs: Some("l".to_owned()),
                patch: vec!["p".to_owned()],
                no_baseline: vec!["b".to_owned()],
                gaps: Some("g".to_owned()),
                interrupted: false,
                seconds: 0.5,
            };
            journal.end(&summary).expect("memory");
            journal.end_without_verdict(&summary).expect("memory");
        }
        let text = String::from_utf8(out).expect("JSON is UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("a record is one line of JSON")).collect()
    }

    #[test]
    fn every_record_validates_against_the_published_schema() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Record>();
        let generated = serde_json::to_value(schema).expect("a schema");
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/record.schema.json");
        let pretty = serde_json::to_string_pretty(&generated).expect("JSON") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &pretty).expect("written");
        }
        let published = std::fs::read_to_string(&path).expect("published").replace("\r\n", "\n");
        assert!(
            published == pretty,
            "docs/schema/record.schema.json is not what the types give; UPDATE_GOLDEN=1 writes it"
        );
        for record in records() {
            let errors = misfits(&generated, &generated, &record, "");
            assert!(errors.is_empty(), "{errors:?} in {record}");
        }
        for (pointer, wrong) in [
            ("/shellsift/scan_id", 7.into()),
            ("/event/category", "file".into()),
            ("/shellsift", serde_json::json!({})),
        ] {
            let mut record = records().remove(1);
            *record.pointer_mut(pointer).expect("there") = wrong;
            assert!(!misfits(&generated, &generated, &record, "").is_empty(), "the schema says something of {pointer}");
        }
    }

    /// Where a value does not fit a schema. Knows the keywords that the generator writes and panics at any other, so that
    /// none is passed over. A whole validator among the development crates would change the features of crates that the
    /// program itself is built with, and so build YARA-X twice.
    fn misfits(
        root: &serde_json::Value,
        schema: &serde_json::Value,
        value: &serde_json::Value,
        at: &str,
    ) -> Vec<String> {
        use serde_json::Value;
        let mut errors = Vec::new();
        let Value::Object(keywords) = schema else { return errors };
        for (keyword, rule) in keywords {
            let fits = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "format" => true,
                "$ref" => {
                    let target = rule
                        .as_str()
                        .and_then(|path| root.pointer(path.trim_start_matches('#')))
                        .expect("a definition");
                    errors.extend(misfits(root, target, value, at));
                    true
                }
                "anyOf" => {
                    rule.as_array().expect("a list").iter().any(|schema| misfits(root, schema, value, at).is_empty())
                }
                "type" => {
                    let names = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                    names.iter().any(|name| match name.as_str().expect("a name") {
                        "object" => value.is_object(),
                        "array" => value.is_array(),
                        "string" => value.is_string(),
                        "boolean" => value.is_boolean(),
                        "null" => value.is_null(),
                        "number" => value.is_number(),
                        "integer" => value.is_u64() || value.is_i64(),
                        other => panic!("type {other}"),
                    })
                }
                "required" => {
                    let names = rule.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name"));
                    let missing: Vec<&str> = names.filter(|name| value.get(name).is_none()).collect();
                    missing.is_empty()
                }
                "properties" => {
                    for (name, schema) in rule.as_object().expect("a map") {
                        if let Some(value) = value.get(name) {
                            errors.extend(misfits(root, schema, value, &format!("{at}/{name}")));
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    for (name, value) in value.as_object().into_iter().flatten() {
                        errors.extend(misfits(root, rule, value, &format!("{at}/{name}")));
                    }
                    true
                }
                "items" => {
                    for (n, value) in value.as_array().into_iter().flatten().enumerate() {
                        errors.extend(misfits(root, rule, value, &format!("{at}/{n}")));
                    }
                    true
                }
                "minimum" => value.as_f64().is_none_or(|number| rule.as_f64().is_some_and(|bound| number >= bound)),
                "maximum" => value.as_f64().is_none_or(|number| rule.as_f64().is_some_and(|bound| number <= bound)),
                "minLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap_or(0))
                }
                "maxLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap_or(0))
                }
                other => panic!("the schema has a keyword that this test does not know: {other}"),
            };
            if !fits {
                errors.push(format!("{at}: {keyword} {rule}"));
            }
        }
        errors
    }

    #[test]
    fn the_kinds_of_record_are_the_documented_ones() {
        let kinds: std::collections::BTreeSet<String> =
            records().iter().map(|record| record["shellsift"]["record"].as_str().expect("text").to_owned()).collect();
        let document = include_str!("../../docs/output.md");
        assert_eq!(kinds.len(), 13);
        for kind in kinds {
            assert!(document.contains(&format!("`{kind}`")), "{kind}");
        }
    }
}
